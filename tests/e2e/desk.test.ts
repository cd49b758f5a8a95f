/** An official's desk: what in the villages' records deserves a look, as time passes in the demo. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { launch, ready } from "./browser.ts";
import { Person, words } from "./people.ts";
import { type Demo, startDemo } from "./server.ts";
import { looksRight } from "./tellers.ts";
import { Walk } from "./walk.ts";

let browser: Browser;
let demo: Demo;
let village = "";

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "3");
  const { office, village: first } = await Walk.begin(browser, demo.origin);
  village = first;
  // Half a year in which nobody does anything.
  for (let halves = 0; halves < 12; halves++) await office.pass(360);
});
afterAll(async () => {
  await browser.close();
  await demo.stop();
});

describe("an official's desk", () => {
  it("is reached from the tasks, and shows the gravest first with the entries behind it", async () => {
    const official = await Person.at(browser, demo.origin, { width: 360 });
    const { page } = official;
    await official.take(village, "township_approver");
    await page.goto("/tasks");
    await page.locator('main a[href="/desk"]').click();
    await ready(page);
    await looksRight({ person: official }, "desk-360");
    const rows = page.locator("main .rows > li");
    expect(await rows.count()).toBeGreaterThan(0);
    const grades = await rows.locator(".row-where > .state:first-child").allInnerTexts();
    const order = ["grave", "serious", "notice"].map((grade) => words("zh-CN", `grade-${grade}`));
    expect(grades).toEqual([...grades].sort((one, other) => order.indexOf(one) - order.indexOf(other)));
    const entry = (await rows.first().locator(".desk-entries a").first().getAttribute("href")) ?? "";
    await page.goto(entry);
    expect(await page.locator(new URL(entry, demo.origin).hash).count()).toBe(1);
    expect(official.window.faults).toEqual([]);
  });

  it("shows one kind alone, in English and large print, too", async () => {
    const official = await Person.at(browser, demo.origin, { width: 768, elder: true, lang: "en" });
    const { page } = official;
    await official.take(village, "township_approver");
    await page.goto("/desk?rule=session_missing");
    await ready(page);
    await looksRight({ person: official }, "desk-768-elder-en", 60);
    const titles = await page.locator("main .rows .row-title").allInnerTexts();
    expect(titles.length).toBeGreaterThan(0);
    expect([...new Set(titles)]).toEqual([words("en", "warning-session-missing")]);
    await page.locator("main .rows a.row-link").first().click();
    await ready(page);
    expect(await page.locator("h1").count()).toBe(1);
    expect(official.window.faults).toEqual([]);
  });

  it("renews itself when a village has changed, and leaves alone what is being typed and where one reads", async () => {
    const official = await Person.at(browser, demo.origin, { width: 768 });
    const { page } = official;
    await official.take(village, "township_approver");
    await page.goto("/desk");
    await ready(page);
    const line = page.locator("[data-warning]").last();
    await line.locator("summary").click();
    await line.locator("textarea").pressSequentially("已经约谈");
    await page.locator("[data-desk-part=head]").evaluate((head) => head.firstElementChild?.setAttribute("data-old", ""));
    const before = await line.evaluate((one) => one.getBoundingClientRect().top);
    // A villager without a key suggests something.
    const other = await Person.at(browser, demo.origin, { width: 360 });
    await other.page.goto(`/v/${village}/suggest`);
    await other.page.locator("textarea[name=text]").fill("村口装一盏路灯");
    await other.page.locator("form button.button").last().click();
    await page.waitForFunction(() => document.querySelector("[data-desk-part=head] [data-old]") === null);
    expect(await line.locator("textarea").inputValue()).toBe("已经约谈");
    expect(await line.locator("textarea").evaluate((field) => field === document.activeElement)).toBe(true);
    expect(Math.abs((await line.evaluate((one) => one.getBoundingClientRect().top)) - before)).toBeLessThan(2);
    await page.keyboard.type("，月底开工");
    expect(await line.locator("textarea").inputValue()).toBe("已经约谈，月底开工");
    expect(official.window.faults).toEqual([]);
  });
});

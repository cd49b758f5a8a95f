/** The hall between sessions: said by a phone, seen at once by who reads along, taken down by two with a reason that stays. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { launch, open, ready, type Window } from "./browser.ts";
import { Person, words } from "./people.ts";
import { type Demo, startDemo } from "./server.ts";
import { looksRight } from "./tellers.ts";
import { Walk } from "./walk.ts";

const SAID = "周末清理水沟，每户来一个人。";
let browser: Browser;
let demo: Demo;
let village = "";
/** A villager without a key, who has the page open all the while. */
let reader: Window;

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "1");
  village = (await Walk.begin(browser, demo.origin)).village;
  reader = await open(browser, demo.origin, { width: 360 });
  await reader.page.goto(`/v/${village}`);
  await reader.page.locator(`main a[href="/v/${village}/talk"]`).click();
  await ready(reader.page);
});
afterAll(async () => {
  await browser.close();
  await demo.stop();
});

describe("the hall between sessions", () => {
  it("shows at once what a representative says", async () => {
    expect(await reader.page.locator("#posts").innerText()).not.toContain(SAID);
    const person = await Person.at(browser, demo.origin, { width: 360, elder: true });
    await person.take(village, "representative");
    await person.page.goto(`/v/${village}/talk`);
    await person.page.locator('main a[href*="/do/hall.posted"]').click();
    await ready(person.page);
    await person.fill({ text: SAID });
    await person.sign();
    await person.page.locator(`main a[href="/v/${village}/talk"]`).first().click();
    await ready(person.page);
    await looksRight({ person }, "talk-360-elder", 60);
    // Nobody has touched this page since.
    await reader.page.locator("#posts", { hasText: SAID }).waitFor();
    await looksRight({ person: { page: reader.page } as Person }, "talk-360");
    expect([...person.window.faults, ...reader.faults]).toEqual([]);
  });

  it("keeps the reason where two took words down", async () => {
    const office = await Person.at(browser, demo.origin, { width: 1440, lang: "en" });
    await office.take(village, "clerk");
    await office.page.goto(`/v/${village}/talk`);
    await office.page.locator(".talk", { hasText: SAID }).locator('a[href*="/do/document.withdrawn"]').click();
    await ready(office.page);
    await office.fill({ reason: "conduct" });
    const held = words("en", "role-supervision-committee");
    const second = await office.page.locator('[name="second.0"] option', { hasText: ` · ${held}` }).first().innerText();
    await office.fill({ "second.0": second });
    await office.sign();
    await office.takeNamed(village, "supervision_committee", second.split(" · ")[0] ?? "");
    await office.signSecond();
    await reader.page.locator("#posts", { hasText: words("zh-CN", "withdraw-conduct") }).waitFor();
    expect(await reader.page.locator("#posts").innerText()).not.toContain(SAID);
    await office.page.goto(`/v/${village}/talk`);
    await ready(office.page);
    await looksRight({ person: office }, "talk-1440-en");
    expect([...office.window.faults, ...reader.faults]).toEqual([]);
  });
});

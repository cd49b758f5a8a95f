/** A computer without a key: a phone lets it in, and signs what is drafted there, one by one and several at one go. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { axe, launch, open, picture, ready, smallTargets, tooWide, type Window } from "./browser.ts";
import { Person, words } from "./people.ts";
import { readQr } from "./phone.ts";
import { type Demo, startDemo } from "./server.ts";

let browser: Browser;
let demo: Demo;
let village = "", clerk = "";
/** The clerk's phone, which holds a key, and a computer at the office, which doesn't. */
let phone: Window, computer: Window;

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "1");
  [phone, computer] = [await open(browser, demo.origin, { width: 360 }), await open(browser, demo.origin)];
  await enrolPhone();
});
afterAll(async () => {
  await browser.close();
  await demo.stop();
});

/** The clerk's phone is enrolled as any phone is, with a slip; then it logs in. */
async function enrolPhone(): Promise<void> {
  const office = await Person.at(browser, demo.origin);
  await office.page.goto("/demo");
  village = ((await office.page.locator("button.person").first().getAttribute("value")) ?? "").split("/")[0] ?? "";
  clerk = await office.take(village, "clerk");
  await office.page.goto(`/v/${village}/slips`);
  await ready(office.page);
  await office.page.selectOption("[name=person]", { label: clerk });
  await office.page.selectOption("[name=role]", "clerk");
  await office.page.click("[data-make-slip]");
  await phone.page.goto(readQr(await office.page.locator(".slip svg").screenshot()));
  await ready(phone.page);
  await phone.page.click("form[data-enrol-device] button");
  await office.page.waitForSelector(".slip-state[data-tone=good]");
  await office.page.click("[data-needs-enrolment]");
  await office.signDraft();
  await office.take(village, "supervision_committee");
  await office.signSecond();
  await office.close();
  await phone.page.goto("/login");
  await ready(phone.page);
  await phone.page.click("form[data-login] button");
  await phone.page.waitForURL("**/tasks");
}

/** The QR code that the computer shows, read from its screen. */
async function scanned(): Promise<string> {
  await computer.page.waitForSelector("[data-code] svg");
  return readQr(await computer.page.locator("[data-code] svg").screenshot());
}

/** The clerk fills in the form of a suggestion from the box, on the computer, up to the draft. */
async function draft(text: string): Promise<void> {
  const { page } = computer;
  await page.goto("/tasks");
  await page.locator('main a[href*="/do/suggestion.entered?"]').first().click();
  await ready(page);
  await page.check('main form.form [name=source][value="paper_box"]');
  await page.fill('main form.form [name="text"]', text);
  await page.click("main form.form button[name=go][value=sign]");
  await page.waitForSelector("[data-elsewhere]:not([hidden])");
}

/** What every page is held to. */
async function sound(page: Page, target: number): Promise<void> {
  expect([await tooWide(page), await smallTargets(page, target), await axe(page)]).toEqual([[], [], []]);
}

describe("a computer without a key", () => {
  it("is let in by a phone that reads its code, and by none that types another", async () => {
    const { page } = computer;
    await page.goto("/login");
    await ready(page);
    await page.click("[data-computer] [data-ask]");
    const link = await scanned();
    await picture(page, "computer-code-1440");
    await sound(page, 44);
    await phone.page.goto("/login/computer");
    await ready(phone.page);
    await phone.page.fill("[name=code]", "000 000 000");
    await phone.page.click("form[data-let-in] button");
    await phone.page.waitForSelector("[data-let-in] [data-tone=bad]");
    await phone.page.goto("about:blank");
    await phone.page.goto(link);
    await ready(phone.page);
    expect(phone.page.url()).toBe(`${demo.origin}/login/computer`);
    await phone.page.waitForSelector("[data-let-in] [data-outcome]:not([hidden])");
    expect(await phone.page.innerText("[data-let-in] [data-outcome]")).toContain("Chrome · Linux");
    expect(await phone.page.inputValue("[name=code]")).toBe(await page.innerText(".elsewhere-digits"));
    await picture(phone.page, "let-in-360");
    await sound(phone.page, 44);
    await phone.page.click("form[data-let-in] button");
    await phone.page.waitForSelector("[data-let-in] [data-tone=good]");
    await picture(phone.page, "let-in-done-360");
    await page.waitForURL("**/tasks");
    expect(await page.innerText("main")).toContain(clerk);
  });

  it("keeps a draft that the phone shows, signs, and takes off its list", async () => {
    await draft("水渠漏水，请修一修。");
    expect(await computer.page.locator("form[data-sign] .button-sign").isVisible()).toBe(false);
    await computer.page.click("[data-show-code]");
    const link = await scanned();
    await picture(computer.page, "elsewhere-code-1440");
    await sound(computer.page, 44);
    await phone.page.goto(link);
    await ready(phone.page);
    expect(await phone.page.innerText("form[data-sign]")).toContain("水渠漏水");
    await picture(phone.page, "elsewhere-draft-360");
    await phone.page.click("form[data-sign] .button-sign");
    await phone.page.waitForURL("**/done/**");
    await computer.page.waitForURL("**/done/**");
    expect(await computer.page.innerText("h1")).toBe(words("zh-CN", "done-title"));
    await phone.page.goto("/sign");
    expect(await phone.page.innerText("main")).toContain(words("zh-CN", "sign-none"));
  });

  it("leaves several drafts that the phone shows in full and signs at one go", async () => {
    const texts = ["村口路灯坏了三盏。", "老年活动室漏雨。", "不签的一件。"];
    for (const text of texts) {
      await draft(text);
      await computer.page.click("[data-show-code]");
      await scanned();
    }
    await phone.page.goto("/tasks");
    await phone.page.click('main a[href="/sign"]');
    await ready(phone.page);
    const items = phone.page.locator("[data-signing]");
    expect(await items.count()).toBe(3);
    await phone.page.click("form[data-sign-several] .button-sign");
    await phone.page.waitForSelector("form[data-sign-several] > [data-tone=bad]");
    for (const text of texts.slice(0, 2)) {
      const item = items.filter({ hasText: text });
      expect(await item.locator(".act-text").innerText()).toBe(text);
      await item.locator("input[type=checkbox]").first().check();
    }
    await picture(phone.page, "sign-several-360");
    await sound(phone.page, 44);
    await phone.page.click("form[data-sign-several] .button-sign");
    await phone.page.waitForSelector("form[data-sign-several] > [data-tone=good]");
    expect(await phone.page.locator("[data-signing][data-signed]").count()).toBe(2);
    await picture(phone.page, "sign-several-done-360");
    // The computer, which shows the third, still waits; on the phone it is thrown away.
    await phone.page.goto(await scanned());
    await phone.page.locator("details", { hasText: words("zh-CN", "elsewhere-drop") }).locator("summary").click();
    await phone.page.click(`text=${words("zh-CN", "tasks-draft-drop-now")}`);
    await phone.page.waitForURL("**/tasks");
    await computer.page.waitForSelector("form[data-sign] [data-tone=bad]");
    await computer.page.goto(`/v/${village}/record`);
    const record = await computer.page.innerText("main");
    expect(texts.map((text) => record.includes(text))).toEqual([true, true, false]);
    expect([...phone.faults, ...computer.faults]).toEqual([]);
  });
});

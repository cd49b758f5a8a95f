/** The inspector's part of a refused ballot: what a witness listed stands in the form in words, the device compares it with what it signs, and it comes on record. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { fromBase64 } from "../../web/src/bytes.ts";
import { parseObject } from "../../web/src/ijson.ts";
import { differences, type Shown } from "../../web/src/shown.ts";
import { launch, picture, ready, tooWide } from "./browser.ts";
import { Person, words } from "./people.ts";
import { BEGIN, type Demo, startDemo } from "./server.ts";

let browser: Browser;
let demo: Demo;
let inspector: Person;
let village = "";

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "1");
  inspector = await Person.at(browser, demo.origin, { width: 360 });
  await inspector.page.goto("/demo");
  village = ((await inspector.page.locator("button.person").first().getAttribute("value")) ?? "").split("/")[0] ?? "";
});
afterAll(async () => {
  await browser.close();
  await demo.stop();
});

/** What the draft on the page shows, with its payload. */
async function draft(): Promise<{ payload: ReturnType<typeof parseObject>; shown: Shown[] }> {
  const { payload, shown } = await inspector.page.locator("form[data-sign]").evaluate((form: HTMLFormElement) => ({
    payload: new FormData(form).get("payload") as string,
    shown: [...form.querySelectorAll<HTMLElement>("[data-field]")].map(({ dataset, textContent }) => ({
      field: dataset["field"] ?? "",
      value: dataset["value"] ?? "",
      text: textContent ?? "",
    })),
  }));
  return { payload: parseObject(fromBase64(payload)), shown };
}

describe("an inspector", () => {
  it("finds the votes under way, and puts a witness's list on record with the device's own comparison", async () => {
    const { page, faults } = inspector.window;
    await inspector.take(village, "discipline_inspector");
    await inspector.task("ballot.vouched");
    const form = page.url();
    const ballot = (digit: string, voter: number): string => `${digit.repeat(64)} ${voter} 1 ${BEGIN}`;
    await page.goto(`${form}&ballots=${[ballot("9", 2), ballot("3", 1), "cut"].join("%0A").replace(/ /g, "+")}`);
    await ready(page);
    await page.click("main form.form button[name=go][value=sign]");
    expect(await page.innerText(".field-error")).toBe(`${words("zh-CN", "invalid-vouched-line")} cut`);
    await page.goto(`${form}&ballots=${[ballot("9", 2), ballot("3", 1)].join("%0A").replace(/ /g, "+")}`);
    await ready(page);
    const rows = await page.locator("main form.form .points li").allInnerTexts();
    expect(rows.map((row) => /^名册号(\d+) .*票号(\w+)$/.exec(row)?.slice(1))).toEqual([["1", "33333333"], ["2", "99999999"]]);
    await picture(page, "vouch-form-360");
    expect(await tooWide(page)).toEqual([]);

    await page.click("main form.form button[name=go][value=sign]");
    await page.waitForSelector("form[data-sign]");
    await picture(page, "vouch-draft-360");
    expect(await tooWide(page)).toEqual([]);
    const { payload, shown } = await draft();
    for (const field of ["statement", "voter", "revision", "received_at"].map((name) => `ballots.1.${name}`)) {
      const lied = shown.map((one) => (one.field === field ? { ...one, text: one.text.replace(/\d/, "7") } : one));
      expect(differences(payload, lied, "").wrong).toEqual([field]);
      expect(differences(payload, shown.filter((one) => one.field !== field), "").hidden).toEqual([field]);
    }
    await inspector.signDraft();
    expect(await page.locator('main a[href*="/record"], main a[href*="/receipt/"]').count()).toBeGreaterThan(0);
    expect(faults).toEqual([]);
  });
});

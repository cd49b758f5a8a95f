/** The district's own page that checks a village's record, on a phone, against the program: first visit, a later one, every look, and no script. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { axe, launch, open, picture, type Reader, ready, smallTargets, smallText, tooWide } from "./browser.ts";
import { Person, words } from "./people.ts";
import { type Demo, startDemo } from "./server.ts";

let browser: Browser;
let demo: Demo;
let office: Person;
let village = "";

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "1");
  office = await Person.at(browser, demo.origin);
  await office.page.goto("/demo");
  village = ((await office.page.locator("button.person").first().getAttribute("value")) ?? "").split("/")[0] ?? "";
});
afterAll(async () => {
  await browser.close();
  await demo.stop();
});

/** Entries of the published record. */
async function published(): Promise<number> {
  const note = await (await fetch(`${demo.origin}/log/v/${village}/checkpoint`)).text();
  return Number(note.split("\n")[1]);
}

describe("a villager's phone", () => {
  it("checks the record with one press, the next day only what is new, and asks nobody for a verdict", async () => {
    const size = await published();
    const { page, faults, context } = await open(browser, demo.origin, { width: 360 });
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    const visit = async (): Promise<string> => {
      await page.goto(`/check?village=${village}`);
      await ready(page);
      asked.length = 0;
      await page.click(`button:text-is("${words("zh-CN", "check-visit-go")}")`);
      await page.waitForSelector("form[data-visit] [data-tone=good]");
      return page.innerText("form[data-visit] [data-outcome]");
    };
    const first = await visit();
    expect(first).toMatch(/^记录完整/);
    expect(first).toContain("这是本机第一次查这个村");
    const served = `/log/v/${village}/`;
    const bundles = Array.from({ length: Math.ceil(size / 256) }, (_, i) => (size >= 256 * (i + 1) ? `00${i}` : `00${i}.p/${size % 256}`));
    expect(asked.filter((path) => !path.startsWith("/assets/") && !path.startsWith("/log/d/"))).toEqual([`${served}checkpoint`, ...bundles.map((bundle) => `${served}tile/entries/${bundle}`)]);

    await office.take(village, "clerk");
    await office.act("suggestion.entered", "", { source: "paper_box", text: "水渠漏水，请修一修。" });
    await expect.poll(published, { timeout: 30_000 }).toBe(size + 1);
    const second = await visit();
    expect(second).toMatch(/^记录完整/);
    expect(second).toContain(`之后新增 1 条，接着您当时看到的 ${size.toLocaleString("en")} 条`);
    expect(asked.filter((path) => path.startsWith(`${served}tile/`))).toEqual([`${served}tile/entries/${String(Math.floor(size / 256)).padStart(3, "0")}${(size + 1) % 256 === 0 ? "" : `.p/${(size + 1) % 256}`}`]);
    expect(faults).toEqual([]);
    await context.close();
  });

  it.each<Reader>([{ width: 360 }, { width: 360, lang: "en" }, { width: 360, elder: true }, { width: 360, dark: true, lang: "en" }, { width: 1440 }])("can be read and pressed: %o", async (reader) => {
    const { page, faults, context } = await open(browser, demo.origin, reader);
    await page.goto(`/check?village=${village}`);
    await ready(page);
    await page.click("form[data-visit] summary");
    await page.click("form[data-visit] button");
    await page.waitForSelector("form[data-visit] [data-tone=good]");
    await picture(page, `check-visit-${Object.values(reader).join("-")}`);
    expect([await tooWide(page), await smallTargets(page, reader.elder ? 60 : 44), await axe(page)]).toEqual([[], [], []]);
    if (reader.elder) expect(await smallText(page, 18)).toEqual([]);
    expect(faults).toEqual([]);
    await context.close();
  });

  it("says what to do instead where no script runs", async () => {
    const { page, context } = await open(browser, demo.origin, { width: 360, script: false });
    await page.goto(`/check?village=${village}`);
    expect(await page.locator("form[data-visit]").isVisible()).toBe(false);
    expect(await page.locator(".notice-box").first().innerText()).toBe(words("zh-CN", "check-visit-script"));
    await context.close();
  });
});

/** An inspector's witness in the browser: its page, and the same check of a village's record against its own copy. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { axe, launch, open, picture, type Reader, ready, smallTargets, smallText, tooWide } from "./browser.ts";
import { type Inspector, startInspector } from "./inspector.ts";
import { words } from "./people.ts";
import { type Demo, startDemo } from "./server.ts";

let browser: Browser;
let demo: Demo;
let inspector: Inspector;
let village = "";

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "1");
  village = /\/v\/(\d{12})/.exec(await (await fetch(`${demo.origin}/`)).text())?.[1] ?? "";
  if (village === "") village = /value="(\d{12})\//.exec(await (await fetch(`${demo.origin}/demo`)).text())?.[1] ?? "";
  inspector = await startInspector(demo, village);
});
afterAll(async () => {
  await browser.close();
  await inspector.stop();
  await demo.stop();
});

describe("a witness's own host", () => {
  it("shows each village, and checks its record in the reader's browser by the witness's copy alone", async () => {
    const { page, faults, context } = await open(browser, inspector.origin, { width: 360 });
    await page.goto("/");
    await page.click(`a[href="/check?village=${village}"]`);
    await ready(page);
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.click(`button:text-is("${words("zh-CN", "check-visit-go")}")`);
    await page.waitForSelector("form[data-visit] [data-tone=good]");
    expect(await page.innerText("form[data-visit] [data-outcome]")).toMatch(/^记录完整/);
    await page.waitForSelector("[data-gossip]:not([aria-busy])", { state: "attached" });
    expect(asked.filter((url) => !url.startsWith(inspector.origin))).toEqual([]);
    expect(asked.filter((url) => url.includes("/log/v/")).length).toBeGreaterThan(1);
    // No server asked this witness to cosign: it says so, and has taken what the page was shown.
    expect(await page.innerText("[data-gossip]")).toBe("见证人 inspector.liandu.example 还没有确认过任何内容。");
    await page.reload();
    await ready(page);
    await page.click(`button:text-is("${words("zh-CN", "check-visit-go")}")`);
    await page.waitForSelector("form[data-visit] [data-tone=good]");
    expect(await page.innerText("form[data-visit] [data-outcome]")).toContain("没有新增");
    expect(faults).toEqual([]);
    await context.close();
  });

  it("leads nowhere that it does not have", async () => {
    const { page, faults, context } = await open(browser, inspector.origin, { lang: "en" });
    for (const path of ["/", "/check", `/check?village=${village}`]) {
      await page.goto(path);
      await ready(page);
      const links = await page.evaluate(() => [...document.querySelectorAll<HTMLAnchorElement>("a[href]")].map((link) => link.href));
      for (const link of new Set(links.filter((one) => one.startsWith(inspector.origin)))) expect([link, (await fetch(link)).status]).toEqual([link, 200]);
    }
    expect((await fetch(`${inspector.origin}/check?village=331102999999`)).status).toBe(404);
    expect(faults).toEqual([]);
    await context.close();
  });

  it.each<Reader>([{ width: 360 }, { width: 360, lang: "en" }, { width: 360, elder: true }, { width: 1440 }, { width: 1440, lang: "en" }])("can be read and pressed: %o", async (reader) => {
    const { page, faults, context } = await open(browser, inspector.origin, reader);
    for (const [name, path] of [["status", "/"], ["which", "/check"], ["visit", `/check?village=${village}`]] as const) {
      await page.goto(path);
      await ready(page);
      if (name === "visit") {
        await page.click("form[data-visit] button");
        await page.waitForSelector("form[data-visit] [data-tone=good]");
        await page.waitForSelector("[data-gossip]:not([aria-busy])", { state: "attached" });
        for (const one of await page.locator("form[data-visit] summary").all()) await one.click();
      }
      await picture(page, `witness-${name}-${Object.values(reader).join("-")}`);
      expect([await tooWide(page), await smallTargets(page, reader.elder ? 60 : 44), await axe(page)]).toEqual([[], [], []]);
      if (reader.elder) expect(await smallText(page, 18)).toEqual([]);
    }
    expect(faults).toEqual([]);
    await context.close();
  });
});

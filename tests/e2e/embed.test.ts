/** The publicity window on other sites: shown where the settings say so and refused elsewhere, without cookie or script, its links beside. */
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";

import type { Browser, Frame, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { axe, launch, open, picture, type Reader, smallTargets, smallText, tooWide } from "./browser.ts";
import { words } from "./people.ts";
import { type Demo, startDemo } from "./server.ts";

/** A site of somebody else that frames what its address asks for. */
class Site {
  private constructor(private readonly server: Server) {}

  static async start(): Promise<Site> {
    const server = createServer((request, response) => {
      const framed = new URL(request.url ?? "/", "http://site").searchParams.get("frame") ?? "";
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end(`<!doctype html><html lang="zh-CN"><title>别的网站</title><h1>别的网站</h1><iframe src="${framed}" title="公示窗" width="340" height="640"></iframe>`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Site(server);
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  framing(address: string): string {
    return `${this.origin}/?frame=${encodeURIComponent(address)}`;
  }

  stop(): Promise<unknown> {
    return new Promise((resolve) => this.server.close(resolve));
  }
}

let browser: Browser;
let demo: Demo;
let named: Site, other: Site;
/** A village, and a matter of it that was decided. */
let village = "", matter = "";

beforeAll(async () => {
  browser = await launch();
  [named, other] = await Promise.all([Site.start(), Site.start()]);
  demo = await startDemo("--villages", "3", "--embed-in", named.origin);
  const { page, context } = await open(browser, demo.origin);
  await page.goto("/demo");
  village = ((await page.locator("button.person").first().getAttribute("value")) ?? "").split("/")[0] ?? "";
  await page.goto(`/v/${village}`);
  matter = await page.locator("#ended .row-link:has(.mark-sealed)").first().evaluate((link) => (link as HTMLAnchorElement).pathname);
  await context.close();
});
afterAll(async () => {
  await browser.close();
  await Promise.all([demo.stop(), named.stop(), other.stop()]);
});

/** What stands in the page's one frame. */
function framed(page: Page): Frame {
  const frame = page.frames()[1];
  if (frame === undefined) throw new Error("the page has no frame");
  return frame;
}

describe("the window on another site", () => {
  it("is shown where the settings name the site, and its links open the full page beside it", async () => {
    const context = await browser.newContext({ locale: "zh-CN", timezoneId: "Asia/Shanghai", viewport: { width: 768, height: 900 } });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on("console", (message) => message.type() === "error" && !message.text().includes("favicon") && faults.push(message.text()));
    for (const path of ["/embed", `/embed/v/${village}`, `/embed${matter}`]) {
      await page.goto(named.framing(`${demo.origin}${path}`));
      expect(await framed(page).locator("h1").innerText()).not.toBe("");
      expect(await framed(page).locator(".embed-steps li").count()).toBeGreaterThan(0);
    }
    await picture(page, "embed-in-a-site");
    await page.goto(named.framing(`${demo.origin}/embed/v/${village}?lang=en&size=elder`));
    expect(await context.cookies(demo.origin)).toEqual([]);
    const [full] = await Promise.all([context.waitForEvent("page"), framed(page).locator(".rows .row-link").first().click()]);
    await full.waitForSelector("header.top");
    expect(new URL(full.url()).origin).toBe(demo.origin);
    expect(new URL(full.url()).pathname).toMatch(new RegExp(`^/v/${village}/m/`));
    expect(page.url()).toContain(named.origin);
    expect(faults.filter((fault) => !fault.includes("404"))).toEqual([]);
    await context.close();
  });

  it("is refused on a site that nobody named, and no other page is framed anywhere", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    for (const [site, path] of [[other, `/embed/v/${village}`], [named, `/v/${village}`], [named, "/"], [named, matter]] as const) {
      const refused: string[] = [];
      const hear = (message: { text(): string }): void => void (message.text().includes("frame-ancestors") && refused.push(message.text()));
      page.on("console", hear);
      await page.goto(site.framing(`${demo.origin}${path}`));
      expect(framed(page).url()).toBe("chrome-error://chromewebdata/");
      expect(refused.length).toBeGreaterThan(0);
      page.off("console", hear);
    }
    await context.close();
  });
});

describe("the window by itself", () => {
  const looks: [Reader, string, string][] = [
    [{ width: 360 }, "", "360-zh"],
    [{ width: 360, lang: "en" }, "?theme=dark", "360-en-dark"],
    [{ width: 360 }, "?size=elder", "360-elder"],
    [{ width: 768, lang: "en" }, "?theme=light", "768-en"],
    [{ width: 768, dark: true }, "", "768-zh-night"],
    [{ width: 768, dark: true }, "?theme=light&lang=en&size=elder", "768-en-light-at-night-elder"],
  ];
  it.each(looks)("is fit for %o at an address with '%s'", async (reader, query, name) => {
    const { page, faults, context } = await open(browser, demo.origin, reader);
    for (const [path, what] of [["/embed", "all"], [`/embed/v/${village}`, "village"], [`/embed${matter}`, "matter"]]) {
      await page.goto(`${path}${query}`);
      await picture(page, `embed-${what}-${name}`);
      expect(await tooWide(page)).toEqual([]);
      expect(await smallTargets(page, query.includes("elder") ? 60 : 44)).toEqual([]);
      expect(await smallText(page, query.includes("elder") ? 18 : 16)).toEqual([]);
      expect(await axe(page)).toEqual([]);
      const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const dark = query.includes("theme=dark") || (reader.dark === true && !query.includes("theme=light"));
      expect(paper).toBe(dark ? "rgb(21, 23, 27)" : "rgb(252, 251, 248)");
      const lang = query.includes("lang=en") || reader.lang === "en" ? "en" : "zh-CN";
      expect(await page.locator(".embed-more a").innerText()).toBe(words(lang, "embed-more"));
    }
    expect(faults).toEqual([]);
    await context.close();
  });
});

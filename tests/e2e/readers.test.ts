/** The demo district as its readers meet it: at a phone, in elder mode, at night, on paper, without a script, in two languages. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { axe, launch, open, picture, ready, type Reader, smallText, smallTargets, tooWide, transferred, type Window } from "./browser.ts";
import { crawl, kindOf } from "./crawl.ts";
import { Person } from "./people.ts";
import { type Demo, startDemo } from "./server.ts";

/** Most bytes that a public matter page may cost with everything it loads (issue 2). */
const MOST_BYTES = 100_000;

let browser: Browser;
let demo: Demo;
/** The village with a vote open now, one of its matters that is finished, with photos, and one page of each public kind. */
let village = "", finished = "";
let pages: string[] = [];

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "3");
  await reading({}, async ({ page }) => {
    await page.goto("/demo");
    village = ((await page.locator("button.person").first().getAttribute("value")) ?? "").split("/")[0] ?? "";
    await page.goto(`/v/${village}`);
    const ended = await page.locator("#ended .row-link:has(.mark-sealed)").evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).pathname));
    for (const path of ended) {
      await page.goto(path);
      if ((await page.locator(".photo").count()) > 0) finished = path;
    }
    const found = new Map<string, string>();
    await page.goto("/");
    const start = ["/", `/v/${village}`, finished, `/check?village=${village}`];
    const visit = (kind: string): Promise<void> => {
      const { pathname, search } = new URL(page.url());
      found.set(kind, pathname + search);
      return Promise.resolve();
    };
    await crawl(page, start, visit, new Set(["/demo"]));
    pages = [...found.values()];
  });
  expect(finished).not.toBe("");
  expect(pages.map((path) => kindOf(demo.origin + path))).toEqual(expect.arrayContaining(["/", "/t/{township}", "/v/{village}", "/v/{village}/m/{id}", "/v/{village}/s/{id}", "/v/{village}/d/{hash}", "/v/{village}/record", "/v/{village}/notices/{n}", "/check", "/login"]));
});
afterAll(async () => {
  await browser.close();
  await demo.stop();
});

/** Reads as this kind of reader; no page may have faults. */
async function reading(reader: Reader, look: (window: Window) => Promise<void>): Promise<void> {
  const window = await open(browser, demo.origin, reader);
  await look(window);
  expect(window.faults).toEqual([]);
  await window.context.close();
}

/** What is wrong with each public page, by page. */
async function faultsOf(reader: Reader, judge: (page: Page) => Promise<string[]>): Promise<string[]> {
  const all: string[] = [];
  await reading(reader, async ({ page }) => {
    for (const path of pages) {
      await page.goto(path);
      if (reader.script !== false) await ready(page);
      all.push(...(await judge(page)).map((fault) => `${path}: ${fault}`));
    }
  });
  return all;
}

const axeWords = async (page: Page): Promise<string[]> => (await axe(page)).map((one) => `${one.id}: ${one.where.join(" | ")}`);

describe("a representative at a phone of 360 px", () => {
  it.each([false, true])("votes in four taps after log-in, and keeps a receipt; elder mode: %s", async (elder) => {
    const one = await Person.at(browser, demo.origin, { width: 360, elder });
    await one.page.goto(`/demo?village=${village}`);
    // Each voter votes once: another one in elder mode.
    const name = await one.page.locator("button.person", { hasText: "村民代表" }).nth(elder ? 1 : 2).locator(".person-name").innerText();
    await one.takeNamed(village, "representative", name);
    await one.page.goto("/tasks");
    let taps = 0;
    for (const next of ['main a[href*="/vote/"]', 'main a[href$="/choose"]', 'button[name=choice][value="for"]', "form[data-vote] .button-sign"]) {
      await one.page.locator(next).first().tap();
      taps++;
      await one.page.waitForLoadState();
      await ready(one.page);
      expect([...(await tooWide(one.page)), ...(await smallTargets(one.page, elder ? 60 : 44)), ...(await axeWords(one.page))]).toEqual([]);
      await picture(one.page, `vote-${taps}${elder ? "-elder" : ""}`);
    }
    await one.page.waitForURL("**/receipt/**");
    await one.page.waitForSelector("[data-receipt] [data-tone=good]");
    expect(taps).toBeLessThanOrEqual(4);
    expect(one.window.faults).toEqual([]);
    await one.close();
  });
});

describe("public pages", () => {
  it("in elder mode: text of 18 px and more, targets of 60 px, nothing to scroll sideways, contrast", async () => {
    const faults = await faultsOf({ width: 360, elder: true }, async (page) => [
      ...(await smallText(page, 18)),
      ...(await smallTargets(page, 60)),
      ...(await tooWide(page)),
      ...(await axeWords(page)),
    ]);
    expect(faults).toEqual([]);
  });

  it("at night", async () => {
    expect(await faultsOf({ width: 360, dark: true }, axeWords)).toEqual([]);
  });

  it("on paper: no navigation; a notice carries its QR code and address", async () => {
    const faults = await faultsOf({}, async (page) => {
      await page.emulateMedia({ media: "print" });
      const shown = await page.locator(".top, .menu, .crumbs, .foot, .actions, .no-print").evaluateAll((all) => all.filter((one) => one.checkVisibility()).map((one) => one.className));
      // Its words for the loudspeaker are read aloud, not put up.
      const notice = kindOf(page.url()).endsWith("/notices/{n}");
      const said = notice && (await page.locator(".sheet-qr .qr svg").isVisible()) && (await page.locator(".sheet-qr figcaption").innerText()).includes(demo.origin);
      await page.emulateMedia({ media: null });
      return [...shown.map((what) => `printed: ${what}`), ...(notice && !said ? ["no QR code or address"] : [])];
    });
    expect(faults).toEqual([]);
    expect(pages.some((path) => path.includes("/notices/"))).toBe(true);
  });

  it("fold what is over on a phone, and show every step on a wide page and on paper", async () => {
    const steps = (page: Page): Promise<boolean[]> => page.locator(".step-body").evaluateAll((all) => all.map((one) => one.checkVisibility({ contentVisibilityAuto: true })));
    await reading({ width: 360, script: false }, async ({ page }) => {
      await page.goto(finished);
      expect(await steps(page)).toEqual([false, false, false, false, false, true]);
      await page.locator(".step-head").first().click();
      expect((await steps(page))[0]).toBe(true);
      await page.goto(`${finished}#step-5`);
      expect((await steps(page))[4], "a link unfolds what it leads to").toBe(true);
      await page.goto(finished);
      await page.emulateMedia({ media: "print" });
      expect(await steps(page)).toEqual([true, true, true, true, true, true]);
    });
    await reading({ width: 1440, script: false }, async ({ page }) => {
      await page.goto(finished);
      expect(await steps(page)).toEqual([true, true, true, true, true, true]);
    });
  });

  it("are read without a script, from the district down to one paper, and the switches work", async () => {
    await reading({ script: false }, async ({ page }) => {
      const follow = async (selector: string): Promise<void> => {
        await page.locator(`main ${selector}`).first().click();
        await page.waitForLoadState();
        expect((await page.locator("h1").innerText()).length).toBeGreaterThan(0);
      };
      await page.goto("/");
      await follow('a[href^="/t/"]');
      await follow(`a[href^="/v/"]`);
      await page.goto(`/v/${village}`);
      await follow('a[href*="/s/"]');
      await page.goto(`/v/${village}`);
      await follow('a[href$="/notices"]');
      await page.goto(finished);
      expect(await page.locator(".step").count()).toBe(6);
      await follow('a[href*="/d/"]');
      await page.goto(finished);
      await follow('a[href$="/record"]');
      await follow('a[href^="/check"]');
      expect(await page.locator(".verdict-word").innerText()).toBe("记录完整");
      expect(await page.locator("noscript").first().isVisible()).toBe(true);
      await page.locator("a.switch").click();
      expect(await page.locator("html").getAttribute("lang")).toBe("en");
      await page.locator("form .switch").click();
      expect(await page.locator("html").getAttribute("class")).toContain("elder");
    });
  });

  it("have no word of the other language in what is ours to say", async () => {
    const faults = await faultsOf({ lang: "en" }, (page) =>
      page.locator("h2, dt, summary, button, label, legend, nav a, .state, .button, .lead, caption, th").evaluateAll((all) =>
        all
          // Titles, names, places, and the switch to the other language are Chinese in any language.
          .filter((one) => one.checkVisibility() && !one.matches(":lang(zh-CN)") && one.closest(".crumbs, .people, .session-item, .sheet, .tile, .verdict-where, .brand, .screen-question") === null)
          .map((one) => [...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent ?? "").join("").replace(/[“”"‘’《》（）]?[\p{Script=Han}]{2,}(街道|镇|乡|村)/gu, ""))
          .filter((text) => /\p{Script=Han}/u.test(text)),
      ),
    );
    expect(faults).toEqual([]);
  });

  it("weigh little: a finished matter with its photos, and no script is needed to read it", async () => {
    await reading({ width: 360 }, async ({ page }) => {
      const bytes = await transferred(page, finished);
      console.log(`a public matter page with ${await page.locator(".photo").count()} photos: ${bytes} bytes transferred`);
      expect(bytes).toBeGreaterThan(5_000);
      expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
    });
  });
});

describe("every page", () => {
  const ROLES = ["", "clerk", "chair", "township_drafter", "representative", "supervision_committee", "discipline_inspector"];
  /** Kinds of page that are the same for everyone, once the public has seen them. */
  const SAME = /^\/(check|help|login|enrol|demo|search|t\/|$)|\/(notices|record|d|receipt)(\/|$)/;
  const common = { "zh-CN": new Set<string>(), en: new Set<string>() };

  it.each(ROLES.flatMap((role) => (["zh-CN", "en"] as const).map((lang) => [role, lang] as const)))("is accessible and fits a phone: %s, %s", async (role, lang) => {
    const one = await Person.at(browser, demo.origin, { width: 360, lang });
    if (role === "") await one.page.goto("/");
    else await one.take(village, role);
    const found: string[] = [];
    const start = role === "" ? ["/", `/v/${village}`, "/check", "/login", "/enrol"] : ["/tasks", `/v/${village}`];
    const kinds = await crawl(
      one.page,
      start,
      async (kind) => {
        for (const fault of [...(await axeWords(one.page)), ...(await tooWide(one.page)), ...(await smallTargets(one.page, 44))]) found.push(`${kind}: ${fault}`);
        await picture(one.page, `${role || "public"}-${lang}-${kind.replace(/\W+/g, "_")}`);
      },
      common[lang],
    );
    for (const kind of kinds) if (SAME.test(kind)) common[lang].add(kind);
    expect([...found, ...one.window.faults]).toEqual([]);
    expect(kinds).toEqual(expect.arrayContaining(role === "" ? ["/", "/check"] : ["/tasks", "/v/{village}", "/v/{village}/m/{id}"]));
    await one.close();
  });
});

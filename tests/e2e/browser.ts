/** Chromium for the tests: contexts for each kind of reader, and what every page is held to. */
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** Folder for pictures of pages; none are taken when `SCREENSHOTS` is not set. */
const PICTURES = process.env["SCREENSHOTS"];

/** Starts Chromium, with more arguments where a test needs them; `CHROMIUM` names another one than Debian's. The profile is a fresh one each time. */
export function launch(...more: string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    // As root, and in containers with a small /dev/shm, Chromium starts only so.
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", ...more],
  });
}

/** Widths that pages are looked at: phone, tablet, desktop. */
export const WIDTHS = [360, 768, 1440] as const;

/** A kind of reader. */
export interface Reader {
  width?: (typeof WIDTHS)[number];
  lang?: "zh-CN" | "en";
  /** Elder mode at its first size. */
  elder?: boolean;
  dark?: boolean;
  script?: boolean;
}

/** A browser window of a reader at a server; faults on its pages are collected in `faults`. */
export interface Window {
  context: BrowserContext;
  page: Page;
  /** Script errors, missing assets, policy violations and answers of 500 and above, as they happened. */
  faults: string[];
}

/** Opens a window with its own cookies and store. */
export async function open(browser: Browser, origin: string, reader: Reader = {}): Promise<Window> {
  const { width = 1440, lang = "zh-CN", elder = false, dark = false, script = true } = reader;
  const options: BrowserContextOptions = {
    baseURL: origin,
    viewport: { width, height: width === 360 ? 740 : 900 },
    hasTouch: width === 360,
    isMobile: width === 360,
    locale: lang,
    timezoneId: "Asia/Shanghai",
    colorScheme: dark ? "dark" : "light",
    reducedMotion: "reduce",
    javaScriptEnabled: script,
  };
  const context = await browser.newContext(options);
  await context.addCookies([{ name: "lang", value: lang, url: origin }, ...(elder ? [{ name: "elder", value: "1", url: origin }] : [])]);
  const page = await context.newPage();
  // Pages come from this machine: what takes longer hangs, and the test says where.
  page.setDefaultTimeout(30_000);
  const faults: string[] = [];
  watch(page, origin, faults);
  return { context, page, faults };
}

function watch(page: Page, origin: string, faults: string[]): void {
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("console", (message) => {
    // A refused form answers 4xx, which Chromium also logs as an error; that is judged by the test that sent it.
    if (message.type() === "error" && !message.text().includes("the server responded with a status of 4")) faults.push(message.text());
  });
  page.on("response", (response) => {
    const missing = response.status() === 404 && response.url().includes("/assets/");
    if (response.status() >= 500 || missing) faults.push(`${response.status()} ${response.url()}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith("blob:") && !url.startsWith("data:")) faults.push(`outside: ${url}`);
  });
}

/** Waits until every part of the page that a script makes work does so. */
export async function ready(page: Page): Promise<void> {
  await page.waitForSelector("html[data-ready]", { state: "attached" });
}

/** A finding of axe-core that must not be there. */
export interface Finding {
  id: string;
  impact: string;
  where: string[];
}

/** Serious and critical findings of axe-core (WCAG 2.2 A and AA) on the page as it stands. */
export async function axe(page: Page): Promise<Finding[]> {
  // Through the debugging protocol, so that the page's own security policy stays in force.
  await page.evaluate(AXE);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const run = `axe.run(document, { runOnly: ${JSON.stringify(tags)}, resultTypes: ["violations"] })`;
  const results = (await page.evaluate(run)) as { violations: { id: string; impact: string; nodes: { target: string[]; html: string }[] }[] };
  return results.violations
    .filter((one) => one.impact === "serious" || one.impact === "critical")
    .map((one) => ({ id: one.id, impact: one.impact, where: one.nodes.map((node) => `${node.target.join(" ")} ${node.html.slice(0, 120)}`) }));
}

/** What makes the page wider than its window; empty when nobody has to scroll sideways. */
export function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const excess = document.documentElement.scrollWidth - width;
    if (excess <= 0) return [];
    const out = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > width + 1 && one.checkVisibility());
    const inner = out.filter((one) => !out.some((other) => other !== one && one.contains(other)));
    // What stands in ::before and ::after has no element of its own: the page is too wide all the same.
    if (inner.length === 0) return [`${excess} px too wide at ${width}: something that is no element, such as ::before or ::after`];
    return inner.slice(0, 3).map((one) => `${excess} px too wide at ${width}: ${one.parentElement?.className} > ${one.outerHTML.slice(0, 90)}`);
  });
}

/** Links and buttons whose touch target is smaller than `size` CSS pixels; links inside running text are left out, as in WCAG 2.5.8. */
export function smallTargets(page: Page, size: number): Promise<string[]> {
  return page.evaluate((least) => {
    const all = [...document.querySelectorAll<HTMLElement>("button, select, input:not([type=hidden]), textarea, summary, a[href]")];
    const inText = (element: HTMLElement): boolean => element.tagName === "A" && getComputedStyle(element).display === "inline";
    return all
      .filter((element) => element.checkVisibility() && !inText(element) && element.closest("label") === null)
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ element, box }) => box.width > 1 && box.bottom > 0 && !element.matches(".skip") && Math.min(box.width, box.height) < least - 0.5)
      .map(({ element, box }) => `${element.outerHTML.slice(0, 80)} ${Math.round(box.width)}×${Math.round(box.height)}`);
  }, size);
}

/** Texts that are shown smaller than `least` CSS pixels. */
export function smallText(page: Page, least: number): Promise<string[]> {
  return page.evaluate((size) => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const small: string[] = [];
    while (texts.nextNode()) {
      const [words, parent] = [texts.currentNode.textContent?.trim() ?? "", texts.currentNode.parentElement];
      if (words === "" || parent === null || parent.closest("script, style, noscript, .vh, .skip") !== null || !parent.checkVisibility()) continue;
      const shown = Number.parseFloat(getComputedStyle(parent).fontSize);
      if (shown < size - 0.1) small.push(`${shown} px: ${words.slice(0, 40)}`);
    }
    return small;
  }, least);
}

/** Bytes that come over the network, compressed, for a page seen for the first time and read to its end. */
export async function transferred(page: Page, path: string): Promise<number> {
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  await network.send("Network.setCacheDisabled", { cacheDisabled: true });
  let bytes = 0;
  network.on("Network.loadingFinished", (event) => {
    bytes += event.encodedDataLength;
  });
  await page.goto(path);
  await ready(page);
  for (const image of await page.locator("main img").all()) await image.scrollIntoViewIfNeeded();
  await page.waitForLoadState("networkidle");
  return bytes;
}

/** Takes a picture of the whole page for looking at, where a folder was named. */
export async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
}

/** Every template, rendered from its sample, in a real browser: accessible, readable without a script, never wider than the phone. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { axe, launch, open, picture, ready, smallTargets, tooWide, WIDTHS, type Window } from "./browser.ts";
import { type Sample, samples, serveGallery } from "./gallery.ts";

/** Smallest side of what is pressed, in CSS pixels: plain, and in elder mode (DOMAIN, "What people expect on screen"). */
const TARGET = { plain: 44, elder: 60 };

/** Pages of a session by card. A browser that has nothing of the card ends it at once, as it should: these are looked at without a script. */
const BY_CARD = new Set(["card-again", "number", "reach-card", "ready-member"]);
/** Pages in which a script shows what the server told it last; the gallery's server tells nothing. */
const TOLD = new Set(["door", "sign", "terminal"]);

let browser: Browser;
let gallery: Awaited<ReturnType<typeof serveGallery>>;
/** Readers by day, at night, and with scripts switched off; each sees many pages one after the other. */
let day: Window, night: Window, plain: Window;
const all = samples();
const of = (size: string): Sample[] => all.filter((sample) => sample.size === size);

beforeAll(async () => {
  browser = await launch();
  gallery = await serveGallery();
  day = await open(browser, gallery.origin, { width: 360 });
  night = await open(browser, gallery.origin, { width: 360, dark: true });
  plain = await open(browser, gallery.origin, { width: 360, script: false });
});
afterAll(async () => {
  await browser.close();
  await gallery.stop();
});

/** What is wrong with one page for one reader, at every width. */
async function faultsOf(sample: Sample, reader: Window): Promise<string[]> {
  const { page, faults } = BY_CARD.has(sample.name) ? plain : reader;
  const [elder, dark] = [sample.size !== "0", reader === night];
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(sample.path);
  const scripted = page !== plain.page;
  if (scripted) await ready(page);
  // Structure and colours are the same in both languages; widths are not. Axe is a script of its own.
  if (scripted && sample.lang === "zh-CN") for (const finding of await axe(page)) faults.push(`${finding.id}: ${finding.where.join(" | ")}`);
  faults.push(...(await smallTargets(page, elder ? TARGET.elder : TARGET.plain)).map((one) => `small: ${one}`));
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    faults.push(...(await tooWide(page)));
    await picture(page, `${sample.name}-${sample.lang}-${elder ? "elder" : dark ? "dark" : "plain"}-${width}`);
  }
  return faults.splice(0).map((fault) => `${sample.name} (${sample.lang}): ${fault}`);
}

/** Words that are there to be read; what a script adds or takes over is left out. */
async function wordsOf(sample: Sample, reader: Window): Promise<string> {
  await reader.page.goto(sample.path);
  if (reader !== plain) await ready(reader.page);
  return reader.page.locator("main").evaluate((main) => {
    const parts = [...main.querySelectorAll("h1, h2, h3, dt, dd, td, th, li, article p")].filter((one) => one.closest("form, [data-outcome], [data-slips], [data-keys]") === null);
    return parts.map((one) => one.textContent?.replace(/\s+/g, " ").trim()).join("\n");
  });
}

const named = (list: Sample[]): [string, Sample][] => list.map((sample) => [sample.name, sample]);
const chinese = of("0").filter((sample) => sample.lang === "zh-CN");

describe("every page", () => {
  it.each(named(chinese))("%s in Chinese", async (_, sample) => expect(await faultsOf(sample, day)).toEqual([]));
  it.each(named(of("0").filter((sample) => sample.lang === "en")))("%s in English", async (_, sample) => expect(await faultsOf(sample, day)).toEqual([]));
  it.each(named(chinese))("%s at night", async (_, sample) => expect(await faultsOf(sample, night)).toEqual([]));
  it.each(named(of("3")))("%s in elder mode", async (_, sample) => expect(await faultsOf(sample, day)).toEqual([]));
  it.each(named(chinese.filter(({ name }) => !BY_CARD.has(name) && !TOLD.has(name))))("%s without a script", async (_, sample) => {
    const words = await wordsOf(sample, plain);
    expect(words.length).toBeGreaterThan(0);
    expect(words).toBe(await wordsOf(sample, day));
  });
});

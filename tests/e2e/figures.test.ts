/** Figures: from the front page to a number, from there to the matters behind it, and back with another choice. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { launch, ready } from "./browser.ts";
import { Person, words } from "./people.ts";
import { type Demo, startDemo } from "./server.ts";
import { looksRight } from "./tellers.ts";

let browser: Browser;
let demo: Demo;

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "6");
});
afterAll(async () => {
  await browser.close();
  await demo.stop();
});

describe("figures", () => {
  it("lead from each number to the matters behind it, on a phone", async () => {
    const reader = await Person.at(browser, demo.origin, { width: 360 });
    const { page } = reader;
    await page.goto("/");
    await page.locator('main a[href="/figures"]').click();
    await ready(page);
    await looksRight({ person: reader }, "figures-360");
    const opened = page.locator("main .figures a.fig-num").first();
    const many = Number((await opened.innerText()).replace(",", ""));
    expect(many).toBeGreaterThan(25);
    await opened.click();
    await ready(page);
    await looksRight({ person: reader }, "figures-list-360");
    let listed = await page.locator("main .rows > li").count();
    for (let next = page.locator('main a[rel="next"]'); (await next.count()) > 0; next = page.locator('main a[rel="next"]')) {
      await next.click();
      await ready(page);
      listed += await page.locator("main .rows > li").count();
    }
    expect(listed).toBe(many);
    await page.locator("main .rows a.row-link").first().click();
    await ready(page);
    expect(new URL(page.url()).pathname).toMatch(/^\/v\/\d{12}\/m\//);
    expect(reader.window.faults).toEqual([]);
  });

  it("are chosen by a form whose choice stands in the address, in English and large print", async () => {
    const reader = await Person.at(browser, demo.origin, { width: 768, elder: true, lang: "en" });
    const { page } = reader;
    await page.goto("/figures");
    await page.locator(".fig-choose > summary").click();
    await page.locator("#category").selectOption("M02");
    await page.locator(".fig-form button").click();
    await ready(page);
    expect(new URL(page.url()).searchParams.get("category")).toBe("M02");
    expect(await page.locator("#category").inputValue()).toBe("M02");
    await looksRight({ person: reader }, "figures-768-elder-en", 60);
    const categories = await page.locator(".fig-table").filter({ hasText: words("en", "outcome-completed") }).locator("tbody th").allInnerTexts();
    expect(categories.map((text) => text.trim())).toEqual([words("en", "category-short-m02")]);
    const file = await page.request.get((await page.locator('a[download][href*="/csv/"]').getAttribute("href")) ?? "");
    expect([file.status(), file.headers()["content-type"]]).toEqual([200, "text/csv; charset=utf-8"]);
    await page.locator(".fig-tiles a").first().click();
    await ready(page);
    expect(new URL(page.url()).searchParams.get("category")).toBe("M02");
    expect(reader.window.faults).toEqual([]);
  });
});

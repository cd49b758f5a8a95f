/** What pages are held to finds what it is there to find. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";

import { launch, tooWide } from "./browser.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const shown = async (style: string): Promise<string[]> => {
  const page = await browser.newPage({ viewport: { width: 360, height: 740 } });
  await page.setContent(`<!doctype html><style>p { position: relative } ${style}</style><body><p>x</p>`);
  return tooWide(page);
};

it("a page is too wide by an element, and by what stands before or after one", async () => {
  expect(await shown("")).toEqual([]);
  expect((await shown("p { width: 500px }")).join()).toContain("<p>");
  expect((await shown('p::after { content: "x"; position: absolute; left: 500px }')).join()).toContain("::after");
});

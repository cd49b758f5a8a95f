/** A phone of 360 px at a small district, for suites that show it pages of their own. */
import { execFileSync } from "node:child_process";

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";

import { launch, open, ready, type Window } from "./browser.ts";
import { District } from "./district.ts";

/** The suite's browser. */
export let browser: Browser;
/** The district of the running test. */
export let district: District;
/** The phone of the running test. */
export let phone: Window;

/** Opens the phone before each test of the suite, and sees after each that no page had a fault. */
export function onPhone(): void {
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    district = new District();
    await district.start();
    phone = await open(browser, district.origin, { width: 360, lang: "en" });
  });
  afterEach(async () => {
    expect(phone.faults).toEqual([]);
    await phone.context.close();
    await district.stop();
  });
}

/** Shows a page with this body and waits until its parts work. */
export async function show(page: Page, path: string, body: string): Promise<void> {
  district.pages.set(path, body);
  await page.goto(path);
  await ready(page);
}

/** Reads a picture of a QR code with zbar, as a phone's camera would. */
export function readQr(picture: Buffer): string {
  return execFileSync("zbarimg", ["--quiet", "--raw", "--nodbus", "png:-"], { input: picture, encoding: "utf8", stdio: ["pipe", "pipe", "ignore"] }).trim();
}

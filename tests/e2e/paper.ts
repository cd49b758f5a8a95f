/** Printed cards as they come out of the printer, cut out of their sheets, and held before a camera. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { BrowserContext, Page } from "playwright-core";

/** So long is each sight held before the camera: the fake camera shows 20 pictures a second or more, and the door looks every 150 ms. */
const FRAMES = 50;

/** Prints the cards that a page shows as PDF, and cuts them out: eight a sheet of A4, 86 × 65 mm, after 18 and 17 mm of margin. The pictures' files. */
export async function printedCards(page: Page, folder: string): Promise<string[]> {
  const pdf = join(folder, "door-cards.pdf");
  const count = await page.locator(".paper-card").count();
  await page.pdf({ path: pdf, preferCSSPageSize: true, printBackground: true });
  const mm = (length: number): string => String(Math.round((length * 200) / 25.4));
  return Array.from({ length: count }, (_, nth) => {
    const [sheet, column, row] = [String(1 + Math.floor(nth / 8)), nth % 2, Math.floor((nth % 8) / 2)];
    const place = ["-x", mm(18 + 86 * column), "-y", mm(17 + 65 * row), "-W", mm(86), "-H", mm(65)];
    const file = join(folder, `door-card-${nth}`);
    execFileSync("pdftoppm", ["-r", "200", "-png", "-f", sheet, "-l", sheet, ...place, "-singlefile", pdf, file], { stdio: "ignore" });
    return `${file}.png`;
  });
}

/** A film of what is held before the camera, one sight after another, for `--use-file-for-fake-video-capture`. */
export async function film(context: BrowserContext, file: string, sights: (Buffer | undefined)[]): Promise<void> {
  const page = await context.newPage();
  await page.setViewportSize({ width: 640, height: 480 });
  const frames: Buffer[] = [];
  for (const sight of sights) {
    const shown = sight === undefined ? "" : `<img style="max-width:560px;max-height:430px" src="data:image/png;base64,${sight.toString("base64")}">`;
    await page.setContent(`<body style="margin:20px;background:#888">${shown}`);
    const frame = await page.screenshot({ type: "jpeg", quality: 90 });
    for (let i = 0; i < FRAMES; i++) frames.push(frame);
  }
  writeFileSync(file, Buffer.concat(frames));
  await page.close();
}

/** Printed cards: the sheets as they come out of the printer, one card cut out of them, and a camera that sees it. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { BrowserContext, Page } from "playwright-core";

/** Dots an inch at which printed sheets are looked at. */
const DOTS = 200;

/** Prints the page as a PDF. */
export async function printSheets(page: Page, pdf: string): Promise<void> {
  await page.pdf({ path: pdf, preferCSSPageSize: true, printBackground: true });
}

/** A card cut out of the printed sheets: 86 × 65 mm, two beside each other and four below each other on A4, after 18 and 17 mm of margin. */
export function cutOut(pdf: string, nth: number, folder: string): string {
  const mm = (length: number): string => String(Math.round((length * DOTS) / 25.4));
  const [page, column, row] = [String(1 + Math.floor(nth / 8)), nth % 2, Math.floor((nth % 8) / 2)];
  const place = ["-x", mm(18 + 86 * column), "-y", mm(17 + 65 * row), "-W", mm(86), "-H", mm(65)];
  // Fonts of the interface come as shapes, of which poppler says that their boxes are empty.
  execFileSync("pdftoppm", ["-r", String(DOTS), "-png", "-f", page, "-l", page, ...place, "-singlefile", pdf, join(folder, `card-${nth}`)], { stdio: "ignore" });
  return join(folder, `card-${nth}.png`);
}

/** A film for Chromium's fake camera, on which a picture is held before it. */
export async function film(context: BrowserContext, picture: string, file: string): Promise<string> {
  const shot = await context.newPage();
  await shot.setViewportSize({ width: 640, height: 480 });
  await shot.setContent(`<body style="margin:40px"><img width="560" src="data:image/png;base64,${readFileSync(picture).toString("base64")}">`);
  const frame = await shot.screenshot({ type: "jpeg", quality: 92 });
  writeFileSync(file, Buffer.concat([frame, frame, frame]));
  await shot.close();
  return file;
}

/** What Chromium is started with to see a film. */
export const cameraOf = (path: string): string[] => ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${path}`];

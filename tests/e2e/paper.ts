/** Printed cards as they come out of the printer, cut out of their sheets, and held before a camera. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { BrowserContext, Page } from "playwright-core";

/** Dots an inch at which printed sheets are looked at. */
const DOTS = 200;
/** So long is each sight held before the camera: the fake camera shows 20 pictures a second or more, and the door looks every 150 ms. */
const FRAMES = 50;

/** Prints the page as a PDF. */
export async function printSheets(page: Page, pdf: string): Promise<void> {
  await page.pdf({ path: pdf, preferCSSPageSize: true, printBackground: true });
}

/** A card cut out of the printed sheets: 86 × 65 mm, two beside each other and four below each other on A4, after 18 and 17 mm of margin. The picture's file. */
export function cutOut(pdf: string, nth: number, folder: string): string {
  const mm = (length: number): string => String(Math.round((length * DOTS) / 25.4));
  const [page, column, row] = [String(1 + Math.floor(nth / 8)), nth % 2, Math.floor((nth % 8) / 2)];
  const place = ["-x", mm(18 + 86 * column), "-y", mm(17 + 65 * row), "-W", mm(86), "-H", mm(65)];
  // Fonts of the interface come as shapes, of which poppler says that their boxes are empty.
  execFileSync("pdftoppm", ["-r", String(DOTS), "-png", "-f", page, "-l", page, ...place, "-singlefile", pdf, join(folder, `card-${nth}`)], { stdio: "ignore" });
  return join(folder, `card-${nth}.png`);
}

/** The part of a card with its QR code, as when the card is held near: its picture's file. */
export function cutOutCode(pdf: string, nth: number, folder: string): string {
  const mm = (length: number): string => String(Math.round((length * 300) / 25.4));
  const [page, column, row] = [String(1 + Math.floor(nth / 8)), nth % 2, Math.floor((nth % 8) / 2)];
  const place = ["-x", mm(18 + 86 * column + 48), "-y", mm(17 + 65 * row + 5), "-W", mm(38), "-H", mm(40)];
  execFileSync("pdftoppm", ["-r", "300", "-png", "-f", page, "-l", page, ...place, "-singlefile", pdf, join(folder, `code-${nth}`)], { stdio: "ignore" });
  return join(folder, `code-${nth}.png`);
}

/** A film of what is held before the camera, one sight after another. The film's file. */
export async function film(context: BrowserContext, file: string, sights: (Buffer | undefined)[]): Promise<string> {
  const page = await context.newPage();
  await page.setViewportSize({ width: 640, height: 480 });
  const frames: Buffer[] = [];
  for (const sight of sights) {
    const shown = sight === undefined ? "" : `<img style="max-width:560px;max-height:430px" src="data:image/png;base64,${sight.toString("base64")}">`;
    await page.setContent(`<body style="margin:20px;background:#888">${shown}`);
    const frame = await page.screenshot({ type: "jpeg", quality: 92 });
    for (let i = 0; i < FRAMES; i++) frames.push(frame);
  }
  writeFileSync(file, Buffer.concat(frames));
  await page.close();
  return file;
}

/** What Chromium is started with to see a film. */
export const cameraOf = (path: string): string[] => ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${path}`];

/** Photographs of several filled papers: the code on each is read here, and leads to its form. No picture leaves this device. */
import { find, make } from "./page.ts";

/** Longest edge of a picture in the list, in pixels. */
const SMALL = 160;
/** What a paper's code says after the origin: the papers that `src/http/act/filled.rs` knows. */
const PAPER = /^\/v\/\d{12}\/paper\/(?:notice|visits|resolution|sign-in|minutes)\/[0-9A-HJKMNP-TV-Z]{26}$/;

/** The path of the form that a code leads to; undefined for a code of anything else, or of another site. */
export function paperPath(text: string | undefined, origin: string): string | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const own = url.origin === origin && url.search === "" && url.hash === "";
  return own && PAPER.test(url.pathname) ? url.pathname : undefined;
}

/** Makes `[data-filled]` read the photographs that are chosen there. */
export function enhanceFilled(place: HTMLElement): void {
  const input = find(place, "input[type=file]", HTMLInputElement);
  const list = find(place, "[data-filled-list]", HTMLElement);
  if (input === undefined || list === undefined) return;
  find(place, "[data-filled-on]", HTMLElement)?.removeAttribute("hidden");
  find(place, "[data-filled-off]", HTMLElement)?.remove();
  input.addEventListener("change", () => {
    const chosen = [...(input.files ?? [])];
    input.value = "";
    void readAll(chosen, place, list);
  });
}

async function readAll(files: readonly File[], place: HTMLElement, list: HTMLElement): Promise<void> {
  const { readPhoto } = await import("./scan.ts");
  // One after the other: a phone has memory for one large picture.
  for (const file of files) {
    const row = make("li");
    const said = make("span", place.dataset["reading"] ?? "");
    row.append(await picture(file), make("span", file.name), said);
    list.append(row);
    const path = paperPath(await readPhoto(file), location.origin);
    if (path === undefined) {
      said.textContent = place.dataset["none"] ?? "";
      continue;
    }
    const link = make("a", place.dataset["open"] ?? "", "button");
    // The page stays, with the other papers on it.
    Object.assign(link, { href: path, target: "_blank", rel: "noopener" });
    said.replaceWith(link);
  }
}

/** A photograph made small; nothing where this browser can't read it. */
async function picture(file: File): Promise<Node> {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => undefined);
  if (bitmap === undefined) return make("span");
  const scale = Math.min(1, SMALL / Math.max(bitmap.width, bitmap.height));
  const canvas = make("canvas");
  Object.assign(canvas, { width: Math.max(1, Math.round(bitmap.width * scale)), height: Math.max(1, Math.round(bitmap.height * scale)) });
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas;
}

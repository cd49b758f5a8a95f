/**
 * Photographs of papers while they are counted. Each is looked at by its teller, who taps what it is; marks are read to suggest, never
 * to count. They stay on this device until all are decided, and leave it shuffled: nothing says in which order papers came out of the box.
 */
import { postForm } from "./api.ts";
import type { Line } from "./count-page.ts";
import { type Gray, type Layout, type Reading, readBallot } from "./marks.ts";
import { find, make, tell, value } from "./page.ts";
import type { Texts } from "./texts.ts";

/** Longest edge of a photograph, in pixels: a mark and what is written stay readable. */
const MAX_EDGE = 1400;
const QUALITY = 0.8;
/** Most photographs in one document, and the most that they weigh together: the server takes 50, and 20 MB. */
const IN_ALBUM = 50;
const ALBUM_BYTES = 15 << 20;

/** A photograph that waits for its teller, or was decided. */
interface Photo {
  canvas: HTMLCanvasElement;
  file: Blob;
  reading: Reading | undefined;
}

/** Offers photographs in a form of the count, whose lines are what a paper can be. */
export function enhancePhotos(form: HTMLFormElement, lines: readonly Line[], add: (line: Line, more: 1 | -1) => void, t: Texts): void {
  const part = find(form, "[data-count-photos]", HTMLElement);
  const stage = find(form, "[data-photo-stage]", HTMLElement);
  const files = find(form, "[data-photo-files]", HTMLInputElement);
  const field = find(form, "input[name=photos]", HTMLInputElement);
  if (part === undefined || stage === undefined || files === undefined || field === undefined) return;
  const layouts = JSON.parse(part.dataset["layouts"] ?? "[]") as Layout[];
  const waiting: Photo[] = [];
  const decided: { photo: Photo; line: Line }[] = [];

  const show = (): void => {
    const [first] = waiting;
    const left = make("p", waiting.length + decided.length === 0 ? "" : t("client-photo-left", { n: waiting.length, done: decided.length }));
    left.setAttribute("role", "status");
    const back = button(t("client-photo-back"), () => {
      const last = decided.pop();
      if (last === undefined) return;
      waiting.unshift(last.photo);
      add(last.line, -1);
      show();
    });
    const sheet = first === undefined ? [] : sheetOf(first);
    stage.replaceChildren(left, ...sheet, ...(decided.length === 0 ? [] : [back]));
  };
  const decide = (photo: Photo, line: Line | undefined): void => {
    waiting.splice(waiting.indexOf(photo), 1);
    if (line !== undefined) {
      decided.push({ photo, line });
      add(line, 1);
    }
    show();
  };
  const sheetOf = (photo: Photo): HTMLElement[] => {
    photo.canvas.className = "photo-sheet";
    const suggested = photo.reading?.suggests === undefined ? undefined : lines[photo.reading.suggests];
    const say = photo.reading === undefined ? t("client-photo-none") : suggested === undefined ? t("client-photo-unsure") : t("client-photo-suggests", { choice: suggested.words });
    const choices = make("div", "", "photo-choices");
    for (const line of lines) {
      const choice = button(line.words, () => decide(photo, line));
      choice.toggleAttribute("data-suggested", line === suggested);
      choices.append(choice);
    }
    choices.append(button(t("client-photo-drop"), () => decide(photo, undefined)));
    return [photo.canvas, make("p", say, "photo-say"), choices];
  };
  const take = async (pictures: readonly ImageBitmapSource[]): Promise<void> => {
    let unread = 0;
    // One after the other: a phone has memory for one large picture.
    for (const picture of pictures) {
      const photo = await photographed(picture, layouts);
      if (photo === undefined) unread++;
      else waiting.push(photo);
    }
    if (unread > 0) tell(form, "bad", t("client-photo-unread", { n: unread }));
    show();
  };

  files.addEventListener("change", () => {
    const chosen = [...(files.files ?? [])];
    // What is chosen is no field of the form.
    files.value = "";
    void take(chosen);
  });
  find(part, "[data-photo-camera]", HTMLButtonElement)?.addEventListener("click", () => void film(stage, take, show, t));
  form.addEventListener("submit", (event) => {
    if (waiting.length === 0 && (decided.length === 0 || field.value !== "")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (waiting.length > 0) return void tell(form, "bad", t("client-photo-waiting"));
    tell(form, "busy", t("client-photo-sending", { n: decided.length }));
    const photos = shuffled(decided.map(({ photo }) => photo.file), randomBelow);
    albums(photos, part.dataset["photosApi"] ?? "", form).then(
      (docs) => {
        field.value = JSON.stringify(docs);
        form.requestSubmit();
      },
      () => tell(form, "bad", t("client-error-unreachable")),
    );
  }, { capture: true });
  part.hidden = false;
}

function button(words: string, press: () => void): HTMLButtonElement {
  const made = make("button", words, "button button-quiet");
  made.type = "button";
  made.onclick = press;
  return made;
}

/** A picture as it is kept: drawn anew, so that it carries nothing but itself, and its marks read; undefined for what is no picture. */
async function photographed(picture: ImageBitmapSource, layouts: readonly Layout[]): Promise<Photo | undefined> {
  const bitmap = await createImageBitmap(picture, { imageOrientation: "from-image" }).catch(() => undefined);
  if (bitmap === undefined) return undefined;
  const scale = Math.min(1, MAX_EDGE / Math.max(bitmap.width, bitmap.height));
  const canvas = make("canvas");
  Object.assign(canvas, { width: Math.max(1, Math.round(bitmap.width * scale)), height: Math.max(1, Math.round(bitmap.height * scale)) });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const file = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  if (context === null || file === null) return undefined;
  return { canvas, file, reading: readBallot(gray(context.getImageData(0, 0, canvas.width, canvas.height)), layouts) };
}

/** Brightness of a picture's pixels (ITU-R BT.601). */
export function gray({ width, height, data }: Pick<ImageData, "width" | "height" | "data">): Gray {
  const bright = new Uint8Array(width * height);
  for (let i = 0; i < bright.length; i++) bright[i] = ((data[4 * i] ?? 0) * 77 + (data[4 * i + 1] ?? 0) * 150 + (data[4 * i + 2] ?? 0) * 29) >> 8;
  return { width, height, data: bright };
}

/** The camera's picture, and a button that takes it, until its teller has enough. */
async function film(stage: HTMLElement, take: (pictures: ImageBitmapSource[]) => Promise<void>, show: () => void, t: Texts): Promise<void> {
  // With the reader of QR codes, which only who uses a camera needs.
  const stream = await (await import("./scan.ts")).camera();
  if (stream === undefined) return void stage.replaceChildren(make("p", t("client-photo-no-camera"), "photo-say"));
  const video = make("video", "", "photo-sheet");
  Object.assign(video, { srcObject: stream, muted: true, playsInline: true });
  const end = (): void => {
    for (const track of stream.getTracks()) track.stop();
    show();
  };
  const shoot = button(t("client-photo-take"), () => {
    void createImageBitmap(video).then((picture) => {
      end();
      return take([picture]);
    });
  });
  stage.replaceChildren(video, shoot, button(t("client-photo-camera-end"), end));
  await video.play();
}

/** Sends photographs as documents of several each; what the server calls them. */
async function albums(photos: readonly Blob[], address: string, form: HTMLFormElement): Promise<unknown[]> {
  const docs: unknown[] = [];
  for (const album of batches(photos)) {
    const body = new FormData();
    for (const photo of album) body.append("photo", photo, "photo.jpg");
    docs.push((await postForm(address, body, value(form, "csrf"))).body);
  }
  return docs;
}

/** Photographs in the order given, as many together as one document takes. */
export function batches<T extends { size: number }>(photos: readonly T[]): T[][] {
  const all: T[][] = [];
  let bytes = 0;
  for (const photo of photos) {
    const last = all.at(-1);
    if (last === undefined || last.length === IN_ALBUM || bytes + photo.size > ALBUM_BYTES) {
      all.push([photo]);
      bytes = photo.size;
    } else {
      last.push(photo);
      bytes += photo.size;
    }
  }
  return all;
}

/** The same in an order drawn at random (Fisher and Yates). `below` draws a number below another. */
export function shuffled<T>(all: readonly T[], below: (most: number) => number): T[] {
  const order = [...all];
  for (let i = order.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  return order;
}

/** A number below `most`, each as likely as the others. */
function randomBelow(most: number): number {
  const bound = Math.floor(2 ** 32 / most) * most;
  for (;;) {
    const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1));
    if (drawn < bound) return drawn % most;
  }
}

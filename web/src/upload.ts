/** Photos from a phone: several at once, turned the right way up, without place and camera data, smaller, with progress. */
import { find, make, tell } from "./page.ts";
import type { Texts } from "./texts.ts";

/** Longest edge of a photo that is sent, in pixels: a page of print stays readable. */
const MAX_EDGE = 2560;
const QUALITY = 0.85;
/** Formats that canvases read; what a canvas writes carries no EXIF. */
const PHOTO = /^image\/(jpeg|png|webp|heic|heif|avif)$/;

/** Takes over a form with `input[type=file][data-upload]`: photos are converted when chosen, progress is shown when the form is sent. */
export function enhanceUpload(form: HTMLFormElement, t: Texts): void {
  for (const input of form.querySelectorAll<HTMLInputElement>("input[type=file][data-upload]")) {
    input.addEventListener("change", () => void prepare(form, input, t));
  }
  form.addEventListener("submit", (event) => {
    // A form that signs is sent by its own module; one without a file needs no progress.
    if (event.defaultPrevented || !hasFile(form)) return;
    event.preventDefault();
    send(form, event.submitter, t);
  });
}

async function prepare(form: HTMLFormElement, input: HTMLInputElement, t: Texts): Promise<void> {
  const chosen = [...(input.files ?? [])];
  if (chosen.length === 0) return;
  tell(form, "busy", t("client-upload-preparing", { count: chosen.length }));
  const ready = new DataTransfer();
  const asTheyAre: string[] = [];
  // One after the other: a phone has memory for one decoded photo.
  for (const file of chosen) {
    const converted = await convert(file);
    if (converted === undefined && isPhoto(file)) asTheyAre.push(file.name);
    ready.items.add(converted ?? file);
  }
  input.files = ready.files;
  const size = chosen.length === 0 ? 0 : Math.ceil([...ready.files].reduce((sum, file) => sum + file.size, 0) / 1024);
  const kept = asTheyAre.length === 0 ? "" : t("client-upload-kept", { names: asTheyAre.join(", ") });
  tell(form, "good", t("client-upload-ready", { count: chosen.length, size }), kept);
}

function isPhoto(file: File): boolean {
  return PHOTO.test(file.type) || /\.(hei[cf])$/i.test(file.name);
}

/** The photo drawn anew as JPEG; undefined when it is none or this browser cannot read it (HEIC, mostly): then the server converts it. */
export async function convert(file: File): Promise<File | undefined> {
  if (!isPhoto(file)) return undefined;
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return undefined;
  }
  const { width, height } = fitted(bitmap.width, bitmap.height);
  const canvas = make("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null) return undefined;
  // JPEG has no transparency: paper shows through a scan, not black.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  if (blob === null) return undefined;
  return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg", lastModified: file.lastModified });
}

/** Size of a picture within {@link MAX_EDGE}; never enlarged. */
export function fitted(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, MAX_EDGE / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

function hasFile(form: HTMLFormElement): boolean {
  return [...form.querySelectorAll<HTMLInputElement>("input[type=file]")].some((input) => (input.files?.length ?? 0) > 0);
}

function send(form: HTMLFormElement, submitter: HTMLElement | null, t: Texts): void {
  const bar = make("progress");
  bar.max = 1;
  bar.setAttribute("aria-label", t("client-upload-progress"));
  tell(form, "busy", t("client-upload-sending"));
  find(form, "[data-outcome]", HTMLElement)?.append(bar);
  // fetch tells nothing about how much was sent; XMLHttpRequest does.
  const request = new XMLHttpRequest();
  request.upload.onprogress = (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total;
  };
  request.onload = () => show(form, request);
  request.onerror = request.ontimeout = () => tell(form, "bad", t("client-error-unreachable"));
  request.open("POST", form.action);
  request.setRequestHeader("accept", "text/html");
  request.responseType = "document";
  request.send(new FormData(form, submitter));
}

/** After a redirect the new page is opened; an answer in place (the draft to sign, the form with its errors) takes the place of this page's content. */
function show(form: HTMLFormElement, request: XMLHttpRequest): void {
  if (request.responseURL !== new URL(form.action, location.href).href.split("#")[0]) return location.assign(request.responseURL);
  const [now, next] = [document.querySelector("main"), request.responseXML?.querySelector("main")];
  if (now === null || next === null || next === undefined) return location.reload();
  now.replaceWith(next);
  document.title = request.responseXML?.title ?? document.title;
  document.dispatchEvent(new Event("sunvote:content"));
  scrollTo(0, 0);
  next.focus();
}

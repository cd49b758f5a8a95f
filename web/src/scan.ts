/** QR codes from the camera or a photo, read in the browser: pictures leave this device nowhere. */
import decodeQR from "qr/decode.js";

import { make, Told } from "./page.ts";
import type { Texts } from "./texts.ts";

/** Longest edge of a picture that is looked at, in pixels. */
const EDGES = [1600, 900, 500] as const;
/** How often a camera's picture is looked at, in milliseconds. */
export const LOOK_EVERY = 150;
/** Time for one photo, in milliseconds: it is looked at once, and phones are slow. */
const PATIENCE = 2_000;

/** The text of the QR code on a photo; undefined when there is none that can be read. */
export async function readPhoto(file: File): Promise<string | undefined> {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => undefined);
  if (bitmap === undefined) return undefined;
  try {
    for (const edge of EDGES) {
      const text = decode(bitmap, bitmap.width, bitmap.height, edge, PATIENCE);
      if (text !== undefined) return text;
    }
    return undefined;
  } finally {
    bitmap.close();
  }
}

/** The text of the QR code on a picture, looked at with this longest edge; undefined when there is none that can be read. */
export function decode(picture: CanvasImageSource, wide: number, high: number, edge: number, timeLimit?: number): string | undefined {
  const scale = Math.min(1, edge / Math.max(wide, high, 1));
  const [width, height] = [Math.round(wide * scale), Math.round(high * scale)];
  const canvas = make("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null || width === 0 || height === 0) return undefined;
  context.drawImage(picture, 0, 0, width, height);
  try {
    const { data } = context.getImageData(0, 0, width, height);
    return decodeQR({ width, height, data }, timeLimit === undefined ? {} : { timeLimit, effort: 3 });
  } catch {
    return undefined;
  }
}

/** The QR code in a camera's picture as it is now; undefined when there is none. */
export function readVideo(video: HTMLVideoElement): string | undefined {
  return decode(video, video.videoWidth, video.videoHeight, EDGES[1]);
}

/** The camera's picture, looked at again and again; `undefined` without a camera. */
export function camera(): Promise<MediaStream | undefined> {
  const wanted = { video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false };
  return navigator.mediaDevices?.getUserMedia(wanted).catch(() => undefined) ?? Promise.resolve(undefined);
}

/** Shows the camera's picture until a QR code is read; "" when the window is closed. Throws `Told` without a camera. */
export async function scan(t: Texts): Promise<string> {
  const stream = await camera();
  if (stream === undefined) throw new Told(t("client-card-camera"));
  const dialog = make("dialog", "", "scan-window");
  const [video, cancel] = [make("video"), make("button", t("client-cancel"), "button button-quiet")];
  Object.assign(video, { srcObject: stream, muted: true, playsInline: true });
  cancel.onclick = () => dialog.close();
  dialog.append(make("p", t("client-card-scan-title")), video, cancel);
  document.body.append(dialog);
  dialog.showModal();
  try {
    await video.play();
    return await look(video, dialog);
  } finally {
    for (const track of stream.getTracks()) track.stop();
    dialog.remove();
  }
}

function look(video: HTMLVideoElement, dialog: HTMLDialogElement): Promise<string> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const text = readVideo(video);
      if (text !== undefined) done(text);
    }, LOOK_EVERY);
    const done = (text: string): void => {
      clearInterval(timer);
      resolve(text);
      dialog.close();
    };
    dialog.onclose = () => done("");
  });
}

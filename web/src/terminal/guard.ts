/** What keeps a terminal in its mode: full screen, the way back closed, and an end to what somebody left standing. */
import { make } from "../page.ts";
import { button } from "./stage.ts";
import { t } from "./words.ts";

/** After so long without a touch whoever stood there is taken to have left, in milliseconds; the last part is counted down on the screen. */
export const IDLE = 60_000;
const COUNTED = 10_000;
/** How often that is looked at. */
const LOOK_EVERY = 250;

/** What is guarded. */
export interface Guarded {
  /** Whether the mode is on. */
  on(): boolean;
  /** Whether somebody is in the middle of something. */
  busy(): boolean;
  /** Ends it, and shows nothing of it. */
  leave(): void;
}

/** Guards for as long as the page is open. */
export function guard(root: HTMLElement, guarded: Guarded): void {
  countIdle(root, guarded);
  closeWays(guarded);
  fillScreen(root, guarded);
}

function countIdle(root: HTMLElement, guarded: Guarded): void {
  let touched = performance.now();
  const touch = (): void => void (touched = performance.now());
  for (const kind of ["pointerdown", "keydown", "touchstart", "input"]) addEventListener(kind, touch, { passive: true, capture: true });
  const [cover, left] = [make("div", "", "t-cover"), make("p", "", "t-left")];
  cover.setAttribute("role", "alertdialog");
  cover.setAttribute("aria-live", "assertive");
  const title = make("p", "", "t-cover-title");
  const go = button("", touch);
  cover.append(title, left, go);
  setInterval(() => {
    const idle = performance.now() - touched;
    if (!guarded.busy()) {
      touch();
      cover.remove();
    } else if (idle >= IDLE) {
      cover.remove();
      guarded.leave();
      touch();
    } else if (idle >= IDLE - COUNTED) {
      [title.textContent, go.textContent] = [t("client-terminal-still"), t("client-terminal-still-here")];
      left.textContent = String(Math.ceil((IDLE - idle) / 1_000));
      cover.setAttribute("aria-label", t("client-terminal-still"));
      if (!cover.isConnected) root.append(cover);
    } else cover.remove();
  }, LOOK_EVERY);
}

function closeWays(guarded: Guarded): void {
  history.replaceState(null, "", location.pathname);
  history.pushState(null, "", location.pathname);
  addEventListener("popstate", () => {
    history.pushState(null, "", location.pathname);
    if (guarded.on()) guarded.leave();
  });
  addEventListener("beforeunload", (event) => {
    if (guarded.on()) event.preventDefault();
  });
  // Another window is before it, or the device goes to sleep: what somebody left standing is gone when it comes back.
  document.addEventListener("visibilitychange", () => document.hidden && guarded.on() && guarded.busy() && guarded.leave());
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
  document.addEventListener("contextmenu", (event) => guarded.on() && event.preventDefault());
}

const isFull = (): boolean => document.fullscreenElement !== null || matchMedia("(display-mode: fullscreen)").matches || !document.fullscreenEnabled;

/** Asks for the full screen; browsers grant it only at a touch. */
export async function fill(): Promise<void> {
  if (!isFull()) await document.documentElement.requestFullscreen({ navigationUI: "hide" }).catch(() => undefined);
}

function fillScreen(root: HTMLElement, guarded: Guarded): void {
  const cover = make("div", "", "t-cover t-fill");
  const go = button("", () => void fill());
  cover.append(go);
  const look = (): void => {
    if (guarded.on() && !isFull()) {
      go.textContent = t("client-terminal-fill");
      if (!cover.isConnected) root.append(cover);
    } else cover.remove();
  };
  document.addEventListener("fullscreenchange", look);
  setInterval(look, LOOK_EVERY);
  const awake = (): void => {
    if (document.visibilityState === "visible") void navigator.wakeLock?.request("screen").catch(() => undefined);
  };
  document.addEventListener("visibilitychange", awake);
  awake();
}

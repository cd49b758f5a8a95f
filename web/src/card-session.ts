/** A card's session in a browser that others use, too: it ends at the press of a button, after some idle minutes, and with the tab. */
import { cardInUse, forgetCard } from "./card-in-use.ts";
import { forgetDoors } from "./leave.ts";
import { value } from "./page.ts";

/** After so long without a touch the session ends, in milliseconds. */
const IDLE = 5 * 60_000;
/** How often that is looked at. */
const LOOK_EVERY = 5_000;

/** Takes over `form[data-card-session]`, which is on every page of a session that a card began. */
export function enhanceCardSession(form: HTMLFormElement): Promise<void> {
  // The tab in which the card was read is gone, but its session is not: whoever opens the page now is not let on.
  if (cardInUse() === undefined) return end(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void end(form);
  });
  for (const other of document.querySelectorAll<HTMLFormElement>('form[action="/logout"]')) other.addEventListener("submit", forgetCard);
  let touched = Date.now();
  for (const kind of ["pointerdown", "keydown", "scroll", "touchstart"]) addEventListener(kind, () => (touched = Date.now()), { passive: true });
  const look = (): void => {
    if (Date.now() - touched > IDLE || cardInUse() === undefined) void end(form);
  };
  setInterval(look, LOOK_EVERY);
  // A phone that slept did not count: it looks when somebody takes it up again.
  document.addEventListener("visibilitychange", () => document.hidden || look());
  return Promise.resolve();
}

async function end(form: HTMLFormElement): Promise<void> {
  forgetCard();
  await forgetDoors().catch(() => undefined);
  const body = new URLSearchParams({ csrf: value(form, "csrf") });
  // Where the server can't be reached its session ends by itself; nothing on this device can sign any more.
  await fetch(form.action, { method: "POST", body, credentials: "same-origin", redirect: "manual", keepalive: true }).catch(() => undefined);
  location.replace("/card");
}

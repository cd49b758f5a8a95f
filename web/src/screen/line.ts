/** The line to the server: its events, and that it broke. A line on which nothing is heard for long is broken, too. */

/** The server gives a sign of life every 10 seconds. */
const SILENT_MS = 25_000;
/** When to try again where the browser doesn't by itself: the server refused, or nothing was heard. */
const AGAIN_MS = 4_000;

/** What is heard. */
export interface Heard {
  /** The line stands. */
  open(): void;
  /** It still does: what is shown is of this moment. */
  alive(): void;
  /** The record has so many entries; undefined: look again though it hasn't grown. */
  news(size: string | undefined): void;
  /** The line broke; it is being tried again. */
  lost(): void;
}

/** Listens at an address for as long as the page is open. */
export function listen(address: string, heard: Heard): void {
  const source = new EventSource(address);
  let silent = window.setTimeout(again, SILENT_MS);

  function alive(): void {
    window.clearTimeout(silent);
    silent = window.setTimeout(again, SILENT_MS);
    heard.alive();
  }
  function again(): void {
    window.clearTimeout(silent);
    source.close();
    heard.lost();
    window.setTimeout(() => listen(address, heard), AGAIN_MS);
  }

  source.addEventListener("open", () => {
    alive();
    heard.open();
  });
  source.addEventListener("alive", alive);
  source.addEventListener("grown", (event) => {
    alive();
    heard.news((event as MessageEvent<string>).data);
  });
  source.addEventListener("again", () => {
    alive();
    heard.news(undefined);
  });
  source.addEventListener("error", () => {
    // A browser tries again by itself where the line broke, not where it was refused.
    if (source.readyState === EventSource.CLOSED) again();
    else heard.lost();
  });
}

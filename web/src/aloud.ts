/** Reading aloud: a part `[data-read-aloud]` gets a button before it; a button `[data-read-aloud="#id"]` speaks the part it names. */
import { make } from "./page.ts";
import type { Texts } from "./texts.ts";

/** How fast a text is read; a little slower than usual, for older ears. */
const RATE = 0.9;

/** Makes the button work where the browser can speak. */
export function enhanceAloud(marked: HTMLElement, t: Texts): void {
  if (!("speechSynthesis" in window)) return;
  const own = marked instanceof HTMLButtonElement;
  const part = own ? document.querySelector<HTMLElement>(marked.dataset["readAloud"] || "main") : marked;
  if (part === null) return;
  const button = own ? marked : make("button", t("client-read-aloud"), "button button-quiet aloud");
  button.type = "button";
  button.hidden = false;
  if (!own) part.before(button);
  button.setAttribute("aria-pressed", "false");
  let run = 0;
  button.addEventListener("click", () => {
    const speaking = button.getAttribute("aria-pressed") === "true";
    // Cancelled speech reports its end late; a report of an earlier run must not end this one.
    const mine = ++run;
    speechSynthesis.cancel();
    button.setAttribute("aria-pressed", String(!speaking && speak(part, () => mine === run && button.setAttribute("aria-pressed", "false"))));
  });
  // Speech goes on after the page is left in some browsers.
  addEventListener("pagehide", () => speechSynthesis.cancel());
}

/** Starts to speak; false when there is nothing to say. */
function speak(part: HTMLElement, ended: () => void): boolean {
  const words = sentences(part.innerText);
  words.forEach((text, index) => {
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.lang = part.closest("[lang]")?.getAttribute("lang") ?? "zh-CN";
    utterance.rate = RATE;
    if (index === words.length - 1) utterance.onend = utterance.onerror = ended;
    speechSynthesis.speak(utterance);
  });
  return words.length > 0;
}

/** A text in pieces that speech engines read whole; some stop after about 200 characters. */
export function sentences(text: string): string[] {
  const pieces = text.split(/(?<=[。!?;!?;])|\n+/).flatMap((piece) => piece.match(/.{1,180}/gsu) ?? []);
  return pieces.map((piece) => piece.trim()).filter(Boolean);
}

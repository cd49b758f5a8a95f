/** What a terminal asks people for: a card, a PIN, a number, one of several things. */
import { hex } from "../bytes.ts";
import { type Card, cardId, parseCard, parseCardCode } from "../card.ts";
import { make } from "../page.ts";
import { readPhoto } from "../scan.ts";
import { Eye } from "./eye.ts";
import { button, say, type Screen, type Stage } from "./stage.ts";
import { t } from "./words.ts";

/** Digits of a card's PIN. */
const PIN_LENGTH = 6;
/** How many looks in a row must not find a card that was used, before it is taken again. */
const AWAY = 8;

/** What the camera needs to know. */
export interface Looking {
  village: string;
  facing: () => "user" | "environment";
}

/** The card that was used last: while it lies before the camera it isn't taken again. Looks are counted and not time: a slow device looks seldom. */
export class LastCard {
  private id = "";
  private missed = 0;

  /** Whether a card that the camera sees is another one, or came back. */
  isNew(card: Card): boolean {
    this.missed = 0;
    return hex(cardId(card)) !== this.id;
  }

  /** The camera sees no card. */
  none(): void {
    this.missed += 1;
    if (this.missed >= AWAY) this.id = "";
  }

  used(card: Card): void {
    [this.id, this.missed] = [hex(cardId(card)), 0];
  }
}

/** A picture of the camera that looks for cards of the village; without a camera it says so. The screen ends it. */
export function cardEye(stage: Stage, looking: Looking, last: LastCard, got: (card: Card) => void): HTMLElement {
  const place = make("div", "", "t-eye");
  const [video, note] = [make("video"), say("", "t-note")];
  video.setAttribute("aria-label", t("client-terminal-camera"));
  const eye = new Eye();
  stage.whenLeft(() => eye.stop());
  place.append(video, note);
  let done = false;
  const seen = (text: string): void => {
    if (done) return;
    if (text === "") return last.none();
    const card = parseCard(text);
    if (card === undefined || card.village !== looking.village) {
      note.textContent = t("client-terminal-no-card");
      return;
    }
    if (!last.isNew(card)) {
      note.textContent = t("client-terminal-take-card");
      return;
    }
    done = true;
    got(card);
  };
  void eye.start(video, looking.facing(), seen).then((there) => {
    if (there) return;
    video.remove();
    note.textContent = t("client-terminal-no-camera");
  });
  return place;
}

/** The two ways beside the camera: a photo, and the code in letters. */
export function otherWays(looking: Looking, got: (card: Card) => void, typed: () => void): HTMLElement {
  const place = make("div", "", "t-ways");
  const [label, input] = [make("label", t("client-terminal-photo"), "t-button t-quiet"), make("input")];
  Object.assign(input, { type: "file", accept: "image/*", className: "t-file" });
  input.dataset["photo"] = "";
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file === undefined) return;
    void readPhoto(file).then((text) => {
      const card = text === undefined ? undefined : parseCard(text);
      input.value = "";
      if (card !== undefined && card.village === looking.village) got(card);
      else place.querySelector(".t-note")?.replaceChildren(t("client-card-scan-none"));
    });
  });
  label.append(input);
  place.append(label, button(t("client-terminal-type"), typed, "quiet"), say("", "t-note"));
  return place;
}

/** Asks for the code on a card; undefined for back. */
export function askCode(stage: Stage, village: string): Promise<Card | undefined> {
  return stage.ask((answer) => {
    const form = make("form", "", "t-form");
    const [label, input, note] = [make("label", t("client-terminal-code")), make("input"), say("", "t-note t-bad")];
    Object.assign(input, { type: "text", name: "code", autocomplete: "off", autocapitalize: "characters", spellcheck: false, required: true });
    label.append(input);
    note.setAttribute("role", "alert");
    form.append(label, note);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      try {
        answer({ village, secret: parseCardCode(input.value) });
      } catch {
        note.textContent = t("client-card-code");
      }
    });
    const go = button(t("client-terminal-next"), () => form.requestSubmit());
    return { name: "code", title: t("client-terminal-code-title"), parts: [form], foot: [button(t("client-terminal-back"), () => answer(undefined), "quiet"), go] };
  });
}

/** Asks somebody to hold a card before the camera; undefined for back. */
export async function askCard(stage: Stage, looking: Looking, last: LastCard, title: string, words: string): Promise<Card | undefined> {
  for (;;) {
    const got = await stage.ask<Card | "type" | undefined>((answer) => {
      const eye = cardEye(stage, looking, last, answer);
      const ways = otherWays(looking, answer, () => answer("type"));
      return { name: "card", title, parts: [say(words), eye, ways], foot: [button(t("client-terminal-back"), () => answer(undefined), "quiet")] };
    });
    if (got !== "type") return got;
    const typed = await askCode(stage, looking.village);
    if (typed !== undefined) return typed;
  }
}

/** The keypad: digits on the screen, and those of a keyboard. `shown` says what stands above it. */
function keypad(stage: Stage, least: number, most: number, shown: (digits: string) => string, done: (digits: string) => void): HTMLElement[] {
  let digits = "";
  const display = make("output", shown(""), "t-display");
  const press = (digit: string): void => {
    if (digits.length < most) digits += digit;
    display.value = shown(digits);
  };
  const erase = (): void => {
    digits = digits.slice(0, -1);
    display.value = shown(digits);
  };
  const enter = (): void => {
    if (digits.length < least) return;
    const typed = digits;
    digits = "";
    display.value = shown("");
    done(typed);
  };
  const pad = make("div", "", "t-pad");
  const key = (words: string, act: () => void): HTMLButtonElement => {
    const one = make("button", words, "t-key");
    one.type = "button";
    one.addEventListener("click", act);
    return one;
  };
  for (const digit of "123456789") pad.append(key(digit, () => press(digit)));
  const back = key("⌫", erase);
  back.setAttribute("aria-label", t("client-terminal-erase"));
  const go = key(t("client-terminal-enter"), enter);
  go.classList.add("t-enter");
  pad.append(back, key("0", () => press("0")), go);
  const typed = (event: KeyboardEvent): void => {
    if (/^\d$/.test(event.key)) press(event.key);
    else if (event.key === "Backspace") erase();
    else if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement)) enter();
  };
  document.addEventListener("keydown", typed);
  stage.whenLeft(() => {
    digits = "";
    document.removeEventListener("keydown", typed);
  });
  return [display, pad];
}

/** Asks for a PIN, shown as dots; undefined for back. `wrong` says what was wrong with the last one. */
export function askPin(stage: Stage, who: string, wrong = ""): Promise<string | undefined> {
  return stage.ask((answer) => {
    const dots = (digits: string): string => "●".repeat(digits.length) + "○".repeat(PIN_LENGTH - digits.length);
    const note = say(wrong, "t-note t-bad");
    note.setAttribute("role", "alert");
    const parts = [say(who), note, ...keypad(stage, PIN_LENGTH, PIN_LENGTH, dots, answer)];
    return { name: "pin", title: t("client-terminal-pin"), parts, foot: [button(t("client-terminal-back"), () => answer(undefined), "quiet")] };
  });
}

/** Asks for a number of one to `most` digits; undefined for back. */
export async function askNumber(stage: Stage, title: string, words: string, most: number): Promise<number | undefined> {
  const typed = await stage.ask<string | undefined>((answer) => {
    const parts = [say(words), ...keypad(stage, 1, most, (digits) => digits || "–", answer)];
    return { name: "number", title, parts, foot: [button(t("client-terminal-back"), () => answer(undefined), "quiet")] };
  });
  return typed === undefined ? undefined : Number(typed);
}

/** Says something until somebody presses the button. */
export function tellAll(stage: Stage, name: string, title: string, ...words: string[]): Promise<void> {
  return stage.ask<void>((answer) => screenOf(name, title, words, () => answer()));
}

function screenOf(name: string, title: string, words: string[], done: () => void): Screen {
  return { name, title, parts: words.filter(Boolean).map((one) => say(one, "t-say")), foot: [button(t("client-terminal-ok"), done)] };
}

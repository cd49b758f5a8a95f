/** What is noted beside the record: calls, spoiled papers, scribes, observers; each person for themselves. */
import { post } from "../api.ts";
import { hex } from "../bytes.ts";
import { busy, explain, find, make } from "../page.ts";
import type { Texts } from "../texts.ts";
import { type Line as Renewed, renew } from "./list.ts";
import type { Live, Noted, NoteLine } from "./state.ts";

/** What this part needs of the page. */
export interface Beside {
  place: HTMLElement;
  api: string;
  csrf: string;
  /** A member in words: number and name. */
  who(no: number): string;
  /** Looks again. */
  again(): Promise<void>;
}

/** One line: what it is about, who noted it, and what the reader can do. */
interface Line {
  words: string;
  note: NoteLine | undefined;
  noted: Noted;
  /** Two people are needed. */
  two: boolean;
  /** What the button says that notes it. */
  tick: string;
}

/** Makes the forms work. */
export function enhanceBeside(beside: Beside, t: Texts): void {
  for (const form of beside.place.querySelectorAll<HTMLFormElement>("form[data-add]")) {
    form.onsubmit = (event) => {
      event.preventDefault();
      const field = form.elements.namedItem("value") as HTMLInputElement;
      const scribe = form.dataset["add"] === "scribe";
      const noted: Noted = scribe ? { kind: "scribe", no: Number(field.value) } : { kind: "observer", id: drawn() };
      void busy(form, t, async () => {
        find(form, "[data-outcome]", HTMLElement)?.remove();
        await send(beside, noted, true, scribe ? undefined : field.value.trim());
        field.value = "";
      });
    };
  }
}

/** Shows what is noted now. */
export function showBeside(beside: Beside, live: Live, t: Texts): void {
  const of = <K extends Noted["kind"]>(kind: K): Extract<NoteLine, { kind: K }>[] => live.notes.filter((note): note is Extract<NoteLine, { kind: K }> => note.kind === kind);
  const calls = live.there.filter(({ online }) => online).sort((a, b) => a.since - b.since);
  const called = of("called");
  fill(beside, "[data-calls]", calls.map(({ no, since }) => ({ words: beside.who(no), note: called.find((one) => one.no === no && one.since === since), noted: { kind: "called", no, since }, two: true, tick: t("client-door-call") })), t);
  fill(beside, "[data-scribes]", of("scribe").map((note) => ({ words: beside.who(note.no), note, noted: { kind: "scribe", no: note.no }, two: false, tick: "" })), t);
  fill(beside, "[data-observers]", of("observer").map((note) => ({ words: note.words ?? "", note, noted: { kind: "observer", id: note.id }, two: false, tick: "" })), t);
  spoiled(beside, live, of("spoiled"), t);
}

/** Spoiled papers, question by question; a new one is noted by a button of its own. */
function spoiled(beside: Beside, live: Live, notes: Extract<NoteLine, { kind: "spoiled" }>[], t: Texts): void {
  const part = find(beside.place, "[data-spoiled]", HTMLElement);
  const votes = live.votes.filter(({ issued }) => issued.length > 0);
  if (part === undefined) return;
  part.hidden = votes.length === 0 && notes.length === 0;
  const seen = notes.map((note, nth): Line => ({ words: t("client-door-spoiled-nth", { n: nth + 1 }), note, noted: { kind: "spoiled", matter: note.matter, question: note.question, id: note.id }, two: true, tick: t("client-door-spoiled-seen") }));
  const more = votes.map(({ matter, question, words }): Renewed => ({
    key: `${matter}/${question}`,
    now: words,
    make: () => {
      const [item, button] = [make("li"), make("button", t("client-door-spoiled-new", { question: words }), "button button-quiet")];
      button.type = "button";
      // Each press is another paper.
      press(beside, button, () => ({ kind: "spoiled", matter, question, id: drawn() }), true, t);
      item.append(button);
      return item;
    },
  }));
  fill(beside, "[data-spoiled]", seen, t, more);
}

function fill(beside: Beside, selector: string, lines: Line[], t: Texts, more: Renewed[] = []): void {
  const renewed = lines.map((line): Renewed => ({ key: JSON.stringify(line.noted), now: JSON.stringify([line.words, line.note]), make: () => item(beside, line, t) }));
  renew(find(beside.place, `${selector} .door-lines`, HTMLElement), [...renewed, ...more]);
}

function item(beside: Beside, { words, note, noted, two, tick }: Line, t: Texts): HTMLElement {
  const line = make("li");
  const names = (note?.by ?? []).join(t("client-door-and"));
  const state = two ? (note?.two ? t("client-door-two", { names }) : names === "" ? "" : t("client-door-one", { names })) : "";
  const said = make("span", state, "door-note");
  if (note?.two) said.dataset["tone"] = "good";
  line.append(make("b", words), said);
  const mine = note?.mine ?? false;
  if (mine || tick !== "") {
    const button = make("button", mine ? t("client-door-take-back") : tick, mine ? "button button-quiet" : "button");
    button.type = "button";
    button.setAttribute("aria-label", `${button.textContent} ${words}`);
    press(beside, button, () => noted, !mine, t);
    line.append(button);
  }
  return line;
}

function press(beside: Beside, button: HTMLButtonElement, noted: () => Noted, on: boolean, t: Texts): void {
  button.onclick = () => {
    button.disabled = true;
    button.parentElement?.querySelector(".door-fault")?.remove();
    void send(beside, noted(), on)
      .catch((error: unknown) => button.after(make("span", explain(error, t).join(" "), "door-fault")))
      .finally(() => (button.disabled = false));
  };
}

async function send(beside: Beside, note: Noted, on: boolean, words?: string): Promise<void> {
  await post(beside.api, { note, on, ...(words === undefined ? {} : { words }) }, beside.csrf);
  await beside.again();
}

/** What tells one observer, or one spoiled paper, from another. */
function drawn(): string {
  return hex(crypto.getRandomValues(new Uint8Array(32)));
}

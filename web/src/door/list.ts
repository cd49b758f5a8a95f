/** The roster as it stands on the door's page: rows found by number or name, each with its state and mark. */
import type { Texts } from "../texts.ts";
import { listOf, type Live, type Marks, type Mode, rowState } from "./state.ts";

/** A row of the page. */
export interface Row {
  no: number;
  name: string;
  button: HTMLButtonElement;
}

/** The rows that the server has made, by number. */
export function rowsOf(place: HTMLElement): Map<number, Row> {
  const buttons = [...place.querySelectorAll<HTMLButtonElement>(".door-row")];
  return new Map(buttons.map((button) => {
    const no = Number(button.dataset["no"]);
    return [no, { no, name: button.dataset["name"] ?? "", button }];
  }));
}

/** Roster numbers by card id. */
export function cardsOf(rows: ReadonlyMap<number, Row>): Map<string, number> {
  return new Map([...rows.values()].flatMap(({ no, button }) => (button.dataset["cards"] ?? "").split(" ").filter(Boolean).map((id): [string, number] => [id, no])));
}

/** Shows each row's state and whether it is marked. Only what changed is touched: a roster may have a thousand rows. */
export function showRows(rows: ReadonlyMap<number, Row>, live: Live, marks: Marks, mode: Mode, t: Texts): void {
  const marked = new Set(listOf(marks, mode));
  for (const { no, button } of rows.values()) {
    const [state, on] = [rowState(live, no), marked.has(no)];
    if (button.dataset["is"] !== state) {
      button.dataset["is"] = state;
      button.querySelector("[data-state]")?.replaceChildren(t(`client-door-row-${state}`));
    }
    if (button.getAttribute("aria-pressed") !== String(on)) button.setAttribute("aria-pressed", String(on));
  }
}

/** Leaves the rows that fit what was typed: the number as it begins, or part of the name. Whether there are any. */
export function findRows(rows: ReadonlyMap<number, Row>, typed: string): boolean {
  const wanted = typed.normalize("NFKC").trim().toLowerCase();
  let any = false;
  for (const { no, name, button } of rows.values()) {
    const fits = wanted === "" || (/^\d+$/.test(wanted) ? String(no).startsWith(wanted) : name.toLowerCase().includes(wanted));
    any ||= fits;
    const item = button.parentElement;
    if (item !== null && item.hidden === fits) item.hidden = !fits;
  }
  return any;
}

/** A line of a list: `key` tells it from the others, `now` what it shows. */
export interface Line {
  key: string;
  now: string;
  make(): HTMLElement;
}

/** Brings a list up to date. A line that shows the same stays as it is: whoever is about to press its button must not lose it. */
export function renew(place: Element | undefined, lines: Line[]): void {
  if (place === undefined) return;
  const there = [...place.children].filter((one): one is HTMLElement => one instanceof HTMLElement);
  const kept = new Map(there.map((one) => [one.dataset["key"], one]));
  const next = lines.map(({ key, now, make }) => {
    const old = kept.get(key);
    if (old?.dataset["now"] === now) return old;
    const made = make();
    Object.assign(made.dataset, { key, now });
    return made;
  });
  const same = there.length === next.length && lines.every(({ key }, nth) => there[nth]?.dataset["key"] === key);
  if (!same) return place.replaceChildren(...next);
  for (const [nth, one] of next.entries()) if (there[nth] !== one) there[nth]?.replaceWith(one);
}

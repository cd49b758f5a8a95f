/** The window in which lists are signed: who is on them, and who signs beside the reader, on the own phone or with a card here. */
import { Unreachable } from "../api.ts";
import { hex } from "../bytes.ts";
import type { Card } from "../card.ts";
import type { Signing as HeldKey } from "../hall/ready.ts";
import { busy, make, pinWindow, Told } from "../page.ts";
import { fingerprint } from "../shown.ts";
import type { Texts } from "../texts.ts";
import { askCard, proved, readyKey } from "./cards.ts";
import { type Desk, type DoorOutcome, holderOf, type Other, phoneKey, type Sheet, seconds, signSheet, type Signing } from "./signing.ts";

/** One list in words. */
export interface Part {
  title: string;
  people: string[];
}

/** What the window needs to know. */
export interface Asked {
  sheets: Sheet[];
  parts: Part[];
  signing: Signing;
  desk: Desk;
  /** The server's time now, ISO 8601. */
  now(): string;
}

/** Asks and signs; undefined when the window is closed before. */
export function signWindow(asked: Asked, t: Texts): Promise<DoorOutcome | undefined> {
  return new Promise((resolve) => {
    const dialog = make("dialog", "", "door-window");
    const form = make("form");
    const others = seconds(asked.sheets, asked.signing);
    const who = make("select");
    who.name = "other";
    for (const other of others) who.append(new Option(`${other.name} · ${other.role_name}`, other.person));
    const [phone, card, cancel] = [make("button", t("client-door-on-phone"), "button button-wide"), make("button", t("client-door-with-card"), "button button-wide button-quiet"), make("button", t("client-cancel"), "button button-wide button-quiet")];
    for (const button of [card, cancel]) button.type = "button";
    let outcome: DoorOutcome | undefined;
    const finish = (one: DoorOutcome): void => {
      outcome = one;
      dialog.close();
    };
    form.onsubmit = (event) => {
      event.preventDefault();
      void busy(form, t, async () => finish(await onPhone(asked, pick(others, who.value), t)));
    };
    card.onclick = () => void cardForm(form, asked, t, finish);
    cancel.onclick = () => dialog.close();
    const label = make("label", t("client-door-second"));
    label.append(who);
    form.append(make("h2", t("client-door-sign-title")), ...asked.parts.map(list), ...(asked.sheets.some(({ watched }) => watched) ? [make("p", t("client-door-watched"), "notice-box")] : []));
    if (others.length === 0) form.append(make("p", t("client-door-nobody-second"), "notice-box"), cancel);
    else form.append(label, phone, card, cancel);
    dialog.append(form);
    dialog.onclose = () => {
      dialog.remove();
      resolve(outcome);
    };
    document.body.append(dialog);
    dialog.showModal();
  });
}

function list({ title, people }: Part): HTMLElement {
  const part = make("div", "", "door-part");
  const lines = make("ul", "", "door-names");
  lines.append(...people.map((one) => make("li", one)));
  part.append(make("h3", title), lines);
  return part;
}

const pick = (others: Other[], person: string): Other | undefined => others.find((other) => other.person === person);

/** The second person signs on the own phone: the lists wait for that. */
async function onPhone(asked: Asked, other: Other | undefined, t: Texts): Promise<DoorOutcome> {
  const key = other === undefined ? undefined : phoneKey(other);
  if (other === undefined || key === undefined) throw new Told(t("client-door-no-phone-key"));
  return signAll(asked, other.person, key, undefined, t);
}

/** Signs every list, the reader first. */
async function signAll(asked: Asked, person: string, key: string, card: HeldKey | undefined, t: Texts): Promise<DoorOutcome> {
  let outcome: DoorOutcome = card === undefined ? "waiting" : "recorded";
  for (const sheet of asked.sheets) {
    const mine = asked.signing[sheet.kind];
    const other = mine?.others.find((one) => one.person === person);
    if (mine === undefined || other === undefined) throw new Told(t("client-door-nobody-second"));
    outcome = await signSheet(sheet, mine, { person, role: other.role, key }, card, asked.desk, asked.now(), pinWindow(t), t);
  }
  return outcome;
}

/** The second person's card, here: scanned or typed, with the PIN. */
function cardForm(form: HTMLFormElement, asked: Asked, t: Texts, finish: (outcome: DoorOutcome) => void): void {
  const others = seconds(asked.sheets, asked.signing);
  const heading = [make("h2", t("client-door-card-title")), ...asked.parts.map(list)];
  askCard(form, asked.desk.village, heading, t("client-door-card-sign"), t, async (card, pin) => finish(await withCard(asked, others, card, pin, t)));
}

async function withCard(asked: Asked, others: Other[], card: Card, pin: string, t: Texts): Promise<DoorOutcome> {
  const key = await proved(card, pin, t).catch((error: unknown) => {
    if (error instanceof Unreachable) return readyKey(card, pin, asked.desk.session, t);
    throw error;
  });
  try {
    const publicKey = hex(key.public);
    const holder = holderOf(others, publicKey);
    if (holder?.person === undefined) throw new Told(t("client-door-card-other", { fingerprint: fingerprint(publicKey) }));
    return await signAll(asked, holder.person, publicKey, key, t);
  } finally {
    key.forget();
  }
}

/** The window in which lists are signed: who is on them, and who signs beside the reader, on the own phone or with a card here. */
import { Refused } from "../api.ts";
import { parseCard, parseCardCode, type Card } from "../card.ts";
import { type CardKey, cardApi, digits, OtherServer, restore, signChallenge } from "../card-key.ts";
import { post } from "../api.ts";
import { busy, make, pinInput, pinWindow, tell, Told } from "../page.ts";
import { WrongPin } from "../pin.ts";
import { scan } from "../scan.ts";
import { fingerprint } from "../shown.ts";
import type { Texts } from "../texts.ts";
import { type Desk, holderOf, type Other, phoneKey, type Sheet, seconds, signSheet, type Signing } from "./signing.ts";

/** One list in words. */
export interface Part {
  title: string;
  people: string[];
}

/** What became of the lists: on record, or waiting for the second person: `client-door-signed-<outcome>`. */
export type DoorOutcome = "recorded" | "waiting";

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
  await signAll(asked, other.person, key, undefined, t);
  return "waiting";
}

/** Signs every list, the reader first. */
async function signAll(asked: Asked, person: string, key: string, card: CardKey | undefined, t: Texts): Promise<void> {
  for (const sheet of asked.sheets) {
    const mine = asked.signing[sheet.kind];
    const other = mine?.others.find((one) => one.person === person);
    if (mine === undefined || other === undefined) throw new Told(t("client-door-nobody-second"));
    await signSheet(sheet, mine, { person, role: other.role, key }, card, asked.desk, asked.now(), pinWindow(t), t);
  }
}

/** The second person's card, here: scanned or typed, with the PIN. */
function cardForm(form: HTMLFormElement, asked: Asked, t: Texts, finish: (outcome: DoorOutcome) => void): void {
  const others = seconds(asked.sheets, asked.signing);
  const [code, pin, go, eye] = [make("input"), pinInput("current-password"), make("button", t("client-door-card-sign"), "button button-wide"), make("button", t("client-door-card-scan"), "button button-wide button-quiet")];
  Object.assign(code, { name: "code", required: true, autocomplete: "off", autocapitalize: "characters", spellcheck: false });
  Object.assign(pin, { type: "text", className: "pin-masked", autocomplete: "off" });
  const [codeLabel, pinLabel] = [make("label", t("client-door-card-code")), make("label", t("client-door-card-pin"))];
  codeLabel.append(code);
  pinLabel.append(pin);
  eye.type = "button";
  let scanned: Card | undefined;
  eye.onclick = () =>
    void busy(form, t, async () => {
      const text = await scan(t);
      if (text === "") return;
      scanned = parseCard(text);
      if (scanned === undefined) throw new Told(t("client-card-scan-none"));
      // It is read: nothing of it needs to stand on the screen.
      code.required = false;
      codeLabel.replaceChildren(make("b", t("client-door-card-read")));
      eye.remove();
    });
  const cancel = make("button", t("client-cancel"), "button button-wide button-quiet");
  cancel.type = "button";
  cancel.onclick = () => form.closest("dialog")?.close();
  form.replaceChildren(make("h2", t("client-door-card-title")), ...asked.parts.map(list), eye, codeLabel, pinLabel, go, cancel);
  form.onsubmit = (event) => {
    event.preventDefault();
    void busy(form, t, async () => {
      const card = scanned ?? { village: asked.desk.village, secret: typed(code.value, t) };
      const digitsOfPin = digits(pin.value);
      pin.value = "";
      tell(form, "busy", t("client-card-working"));
      finish(await withCard(asked, others, card, digitsOfPin, t));
    });
  };
}

function typed(code: string, t: Texts): Card["secret"] {
  try {
    return parseCardCode(code);
  } catch {
    throw new Told(t("client-card-code"));
  }
}

async function withCard(asked: Asked, others: Other[], card: Card, pin: string, t: Texts): Promise<DoorOutcome> {
  if (!/^\d{6}$/.test(pin)) throw new Told(t("client-card-pin-six"));
  const key = await restore(card, pin).catch((error: unknown) => {
    throw error instanceof OtherServer ? new Told(t("client-card-server")) : error;
  });
  try {
    const publicKey = [...key.public].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const holder = holderOf(others, publicKey);
    // The right PIN begins the count of tries anew; a wrong one gave a key that is nobody's.
    const proved = await post(cardApi(card, "proof"), { envelope: signChallenge(key) }, asked.desk.csrf).then(() => true, (error: unknown) => {
      if (error instanceof Refused && error.status === 404) return false;
      throw error;
    });
    if (!proved) throw new WrongPin();
    if (holder?.person === undefined) throw new Told(t("client-door-card-other", { fingerprint: fingerprint(publicKey) }));
    await signAll(asked, holder.person, publicKey, key, t);
    return "recorded";
  } finally {
    key.forget();
  }
}

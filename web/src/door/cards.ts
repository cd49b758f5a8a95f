/** Cards at the door: the second person's for a signature, and cards made ready for when the network is away. */
import { post, Refused } from "../api.ts";
import { hex } from "../bytes.ts";
import { type Card, parseCard, parseCardCode } from "../card.ts";
import { cardApi, type CardKey, digits, OtherServer, restore, signChallenge } from "../card-key.ts";
import { LockedHere, makeReady, NotReady, openReady, type Signing as HeldKey } from "../hall/ready.ts";
import { busy, csrf, make, pinInput, tell, Told } from "../page.ts";
import { WrongPin } from "../pin.ts";
import { scan } from "../scan.ts";
import type { Texts } from "../texts.ts";

/** Asks for a card, scanned or typed, and its PIN; `use` is done with both, and may be tried again. */
export function askCard(form: HTMLFormElement, village: string, heading: HTMLElement[], action: string, t: Texts, use: (card: Card, pin: string) => Promise<void>): void {
  const [code, pin] = [make("input"), pinInput("current-password")];
  const [go, eye, cancel] = [make("button", action, "button button-wide"), make("button", t("client-door-card-scan"), "button button-wide button-quiet"), make("button", t("client-cancel"), "button button-wide button-quiet")];
  Object.assign(code, { name: "code", required: true, autocomplete: "off", autocapitalize: "characters", spellcheck: false });
  Object.assign(pin, { type: "text", className: "pin-masked", autocomplete: "off" });
  const [codeLabel, pinLabel] = [make("label", t("client-door-card-code")), make("label", t("client-door-card-pin"))];
  codeLabel.append(code);
  pinLabel.append(pin);
  for (const button of [eye, cancel]) button.type = "button";
  cancel.onclick = () => form.closest("dialog")?.close();
  let scanned: Card | undefined;
  eye.onclick = () =>
    void busy(form, t, async () => {
      const text = await scan(t);
      if (text === "") return;
      scanned = parseCard(text);
      if (scanned === undefined) throw new Told(t("client-card-scan-none"));
      // It is read: nothing of it needs to stand on the screen.
      codeLabel.replaceChildren(make("b", t("client-door-card-read")));
      eye.remove();
    });
  form.replaceChildren(...heading, eye, codeLabel, pinLabel, go, cancel);
  form.onsubmit = (event) => {
    event.preventDefault();
    void busy(form, t, async () => {
      const card = scanned ?? { village, secret: typed(code.value, t) };
      const typedPin = digits(pin.value);
      pin.value = "";
      if (!/^\d{6}$/.test(typedPin)) throw new Told(t("client-card-pin-six"));
      tell(form, "busy", t("client-card-working"));
      await use(card, typedPin);
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

/** The key of card and PIN; that the PIN was right is shown to the server, whose count of tries begins anew. Throws `WrongPin` or `Told`. */
export async function proved(card: Card, pin: string, t: Texts): Promise<CardKey> {
  const key = await restore(card, pin).catch((error: unknown) => {
    throw error instanceof OtherServer ? new Told(t("client-card-server")) : error;
  });
  await post(cardApi(card, "proof"), { envelope: signChallenge(key) }, csrf()).catch((error: unknown) => {
    key.forget();
    throw error instanceof Refused && error.status === 404 ? new WrongPin() : error;
  });
  return key;
}

/** The key of a card that was made ready here, since the server is out of reach. */
export async function readyKey(card: Card, pin: string, session: string, t: Texts): Promise<HeldKey> {
  return openReady(card, pin, session, Date.now()).catch((error: unknown) => {
    if (error instanceof NotReady) throw new Told(t("client-door-not-ready"));
    if (error instanceof LockedHere) throw new Told(t("client-door-locked-here"));
    throw error;
  });
}

/** The window in which a card is made ready; its public key, or undefined when it is closed before. */
export function readyWindow(village: string, session: string, t: Texts): Promise<string | undefined> {
  return new Promise((resolve) => {
    const [dialog, form] = [make("dialog", "", "door-window"), make("form")];
    let made: string | undefined;
    dialog.append(form);
    askCard(form, village, [make("h2", t("client-door-ready-title")), make("p", t("client-door-ready-say"))], t("client-door-ready-go"), t, async (card, pin) => {
      const key = await proved(card, pin, t);
      try {
        await makeReady(card, pin, key, session, Date.now());
        made = hex(key.public);
      } finally {
        key.forget();
      }
      dialog.close();
    });
    dialog.onclose = () => {
      dialog.remove();
      resolve(made);
    };
    document.body.append(dialog);
    dialog.showModal();
  });
}

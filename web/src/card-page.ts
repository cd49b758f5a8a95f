/** The page of who holds a printed card: reads it, chooses its PIN once, or logs in with it. */
import { post, Refused } from "./api.ts";
import { type Bytes, FormatError, hex } from "./bytes.ts";
import { answerKey, type Card, cardAnswer, cardId, formatCardCode, parseCard, parseCardCode, weakness } from "./card.ts";
import { useCard } from "./card-in-use.ts";
import { cardApi, type CardKey, digits, OtherServer, restore, signChallenge } from "./card-key.ts";
import { busy, csrf, find, make, need, tell, Told, value } from "./page.ts";
import { fingerprint } from "./shown.ts";
import { cardTexts, type Texts } from "./texts.ts";

/** Takes over `form[data-card]`. */
export async function enhanceCard(form: HTMLFormElement): Promise<void> {
  const t = await cardTexts();
  takeLink(form);
  // A second card scanned by the phone's own camera changes only the fragment of a page that is already there.
  addEventListener("hashchange", () => takeLink(form));
  takePicture(form, t);
  const change = (): void => {
    for (const part of form.querySelectorAll<HTMLElement>("[data-again]")) part.hidden = value(form, "use") !== "first";
  };
  form.addEventListener("change", change);
  change();
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void busy(form, t, () => use(form, t).finally(() => clear(form, "pin", "again")));
  });
}

/** The card that was read, with what its QR code says of the server's key. */
const cards = new WeakMap<HTMLFormElement, Card>();

/** Takes the card out of the address: the secret is of use to who looks over the shoulder, or at the browser's history. */
function takeLink(form: HTMLFormElement): void {
  const card = parseCard(location.hash);
  if (card === undefined) return;
  history.replaceState(null, "", location.pathname + location.search);
  read(form, card);
}

function read(form: HTMLFormElement, card: Card | undefined): void {
  form.classList.remove("card-done");
  if (card === undefined) cards.delete(form);
  else cards.set(form, card);
  for (const name of ["[data-scan-part]", "[data-code-part]"]) for (const part of form.querySelectorAll<HTMLElement>(name)) part.hidden = card !== undefined;
  for (const field of form.querySelectorAll<HTMLInputElement>("[name=code], [name=village]")) field.required = card === undefined;
  const said = find(form, "[data-card-read]", HTMLElement);
  if (said !== undefined) said.hidden = card === undefined;
  clear(form, "code", "pin", "again");
}

function clear(form: HTMLFormElement, ...names: string[]): void {
  for (const field of form.querySelectorAll<HTMLInputElement>("input")) if (names.includes(field.name)) field.value = "";
}

function takePicture(form: HTMLFormElement, t: Texts): void {
  const seen = (text: string | undefined): void => {
    const card = text === undefined ? undefined : parseCard(text);
    if (card === undefined) throw new Told(t("client-card-scan-none"));
    read(form, card);
    find(form, "[data-outcome]", HTMLElement)?.remove();
  };
  const other = find(form, "[data-other-card]", HTMLButtonElement);
  if (other !== undefined) other.onclick = () => read(form, undefined);
  const camera = find(form, "[data-scan]", HTMLButtonElement);
  if (camera !== undefined)
    camera.onclick = () =>
      void busy(form, t, async () => {
        const text = await (await import("./scan.ts")).scan(t);
        if (text !== "") seen(text);
      });
  const photo = find(form, "[data-scan-photo]", HTMLInputElement);
  photo?.addEventListener("change", () => {
    const file = photo.files?.[0];
    if (file !== undefined) void busy(form, t, async () => seen(await (await import("./scan.ts")).readPhoto(file)));
  });
}

/** The card on the form: the one that was read, else the typed one. Throws `Told` for a typing error. */
function cardOn(form: HTMLFormElement, t: Texts): Card {
  const card = cards.get(form);
  if (card !== undefined) return card;
  const village = value(form, "village").trim();
  if (!/^\d{12}$/.test(village)) throw new Told(t("client-card-village-bad"));
  return { village, secret: typed(value(form, "code"), t) };
}

function typed(code: string, t: Texts): Bytes {
  try {
    return parseCardCode(code);
  } catch (error) {
    if (error instanceof FormatError) throw new Told(t("client-card-code"));
    throw error;
  }
}

async function use(form: HTMLFormElement, t: Texts): Promise<void> {
  const [card, pin] = [cardOn(form, t), digits(value(form, "pin"))];
  if (!/^\d{6}$/.test(pin)) throw new Told(t("client-card-pin-six"));
  const first = value(form, "use") === "first";
  if (first) checkNew(pin, digits(value(form, "again")), t);
  tell(form, "busy", t("client-card-working"));
  const key = await restore(card, pin).catch((error: unknown) => {
    throw error instanceof OtherServer ? new Told(t("client-card-server")) : error;
  });
  try {
    await (first ? begin(form, card, key, t) : logIn(form, card, key, t));
  } finally {
    key.forget();
  }
}

/** A PIN that somebody would try first is refused before it is ever used. */
function checkNew(pin: string, again: string, t: Texts): void {
  const weak = weakness(pin);
  if (weak !== undefined) throw new Told(t(`client-card-pin-${weak}`));
  if (pin !== again) throw new Told(t("client-card-pin-differs"));
}

async function begin(form: HTMLFormElement, card: Card, key: CardKey, t: Texts): Promise<void> {
  const mac = cardAnswer(answerKey(card), card.village, cardId(card), key.public);
  await post(cardApi(card, "answer"), { key: hex(key.public), mac: hex(mac) }, csrf());
  read(form, undefined);
  tell(form, "good", t("client-card-made"), t("client-card-next"));
  find(form, "[data-outcome] p", HTMLElement)?.after(make("p", fingerprint(hex(key.public)), "card-mark"));
  form.classList.add("card-done");
}

async function logIn(form: HTMLFormElement, card: Card, key: CardKey, t: Texts): Promise<void> {
  await post(need(form, "loginApi"), { envelope: signChallenge(key) }, csrf()).catch((error: unknown) => {
    // The server knows no such key: another PIN gives another key.
    throw error instanceof Refused && error.status === 422 ? new Told(t("client-card-wrong")) : error;
  });
  const [code, mark] = [formatCardCode(card.secret), hex(card.mark ?? new Uint8Array())];
  useCard({ village: card.village, code, mark, public: hex(key.public), label: t("client-card-name"), since: new Date().toISOString() });
  location.replace(need(form, "next"));
}

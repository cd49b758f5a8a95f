/** The clerk's side of printed cards: makes and prints them, and checks the keys that their holders answer. */
import { rememberAnswered } from "./answered.ts";
import { fetchJson, post } from "./api.ts";
import { type Bytes, fromHex, hex } from "./bytes.ts";
import { answerKey, type Card, cardId, cardLink, checkCardAnswer, formatCardCode, oprfMark } from "./card.ts";
import { mayEnrol } from "./curve.ts";
import { busy, find, make, need, Told, value } from "./page.ts";
import { qrPicture } from "./qr-picture.ts";
import { fingerprint } from "./shown.ts";
import { newSecret } from "./slip.ts";
import { list, put, remove } from "./storage.ts";
import { cardTexts, type Texts } from "./texts.ts";

/** How often the page asks for answers, in milliseconds. */
const ASK_EVERY = 4_000;

/** What is kept of a card until it is enrolled. Its secret is not: that is on paper, and on the screen until the page is left. */
interface OpenCard {
  /** The card's id, hex. */
  id: string;
  village: string;
  person: string;
  answerKey: Bytes;
}

interface Answer {
  card: string;
  person: string;
  key: string | null;
  mac: string | null;
}

/** Somebody ticked. */
interface Chosen {
  person: string;
  name: string;
  no: string;
}

/** Takes over `form[data-cards]`. Each answer that fits a card becomes a hidden field `enrolment` = `person:card:key`. */
export async function enhanceCards(form: HTMLFormElement): Promise<void> {
  const t = await cardTexts();
  const button = find(form, "[data-make-cards]", HTMLButtonElement);
  const printer = find(form, "[data-print]", HTMLButtonElement);
  if (button === undefined || printer === undefined) throw new Told("data-make-cards");
  button.onclick = () => void busy(form, t, () => makeCards(form, t));
  printer.onclick = () => print();
  const ask = (): void => void askForAnswers(form, t).finally(() => setTimeout(ask, ASK_EVERY));
  ask();
}

function chosen(form: HTMLFormElement): Chosen[] {
  const boxes = [...form.querySelectorAll<HTMLInputElement>("input[name=person]:checked:enabled")];
  return boxes.map((box) => ({ person: box.value, name: box.dataset["name"] ?? "", no: box.dataset["no"] ?? "" }));
}

async function makeCards(form: HTMLFormElement, t: Texts): Promise<void> {
  const village = need(form, "village");
  const made = chosen(form).map((who) => ({ who, card: { village, secret: newSecret() } as Card }));
  if (made.length === 0) throw new Told(t("client-card-choose"));
  const rows = made.map(({ who, card }) => ({ card: hex(cardId(card)), person: who.person }));
  const { body } = await post(need(form, "api"), { cards: rows }, value(form, "csrf"));
  const keys = (body["cards"] as { oprf_key: string }[]).map((row) => fromHex(row.oprf_key, 32));
  const sheet = find(form, "[data-card-sheet]", HTMLElement);
  for (const [at, { who, card }] of made.entries()) {
    card.mark = oprfMark(keys[at] as Bytes);
    await keepOpen({ id: hex(cardId(card)), village, person: who.person, answerKey: answerKey(card) });
    sheet?.append(paper(card, who, need(form, "villageName"), t));
    mark(form, who.person, "", t("client-card-waiting"));
  }
  for (const box of form.querySelectorAll<HTMLInputElement>("input[name=person]")) box.checked = false;
  const part = find(form, "[data-card-print]", HTMLElement);
  if (part === undefined) return;
  part.hidden = false;
  part.scrollIntoView();
}

/** A person's earlier cards that were never enrolled are of no use from now on: an answer to one of them is not accepted. */
async function keepOpen(card: OpenCard): Promise<void> {
  for (const old of await openCards(card.village)) if (old.person === card.person) await remove("cards", old.id);
  await put("cards", card);
}

async function openCards(village: string): Promise<OpenCard[]> {
  return (await list<OpenCard>("cards")).filter((card) => card.village === village);
}

/** A card as it is printed. */
function paper(card: Card, who: Chosen, village: string, t: Texts): HTMLElement {
  const figure = make("figure", "", "paper-card");
  const [head, side, words] = [make("header"), make("div", "", "paper-card-qr"), make("div", "", "paper-card-words")];
  head.append(make("b", t("client-card-name")), make("span", village));
  side.append(qrPicture(cardLink(location.origin, card), t("client-card-qr", { who: who.name })));
  const name = make("p", who.name, "paper-card-name");
  if (who.no !== "") name.append(" ", make("small", t("client-card-no", { no: who.no })));
  const code = make("code");
  for (const group of formatCardCode(card.secret).split("-")) code.append(make("span", group), " ");
  words.append(name, code, make("p", t("client-card-village", { village: card.village }), "paper-card-village"));
  words.append(make("p", t("client-card-mark"), "paper-card-mark"));
  const says = make("ul");
  const lines = [t("client-card-scan", { address: `${location.host}/card` }), t("client-card-use"), t("client-card-keep"), t("client-card-lost")];
  says.append(...lines.map((line) => make("li", line)));
  figure.append(head, words, side, says);
  return figure;
}

async function askForAnswers(form: HTMLFormElement, t: Texts): Promise<void> {
  const open = await openCards(need(form, "village"));
  if (open.length === 0 || document.hidden) return;
  // A failed question is asked again in a moment; the page needs no word about it.
  const body = await fetchJson(need(form, "api")).then(
    (got) => got.body,
    () => undefined,
  );
  if (!Array.isArray(body?.["answers"])) return;
  const answers = body["answers"] as Answer[];
  for (const card of open) {
    const mine = answers.find((one) => one.card === card.id);
    // What is no longer among them is on record.
    if (mine === undefined) await remove("cards", card.id);
    else if (typeof mine.key !== "string") mark(form, card.person, "", t("client-card-waiting"));
    else if (fits(card, mine)) await accept(form, card, mine.key, t);
    else mark(form, card.person, "bad", t("client-card-bad"));
  }
}

function fits(card: OpenCard, one: Answer): boolean {
  try {
    const key = fromHex(one.key ?? "", 32);
    return one.person === card.person && checkCardAnswer(card.answerKey, card.village, fromHex(card.id), key, fromHex(one.mac ?? "", 32)) && mayEnrol(key);
  } catch {
    return false;
  }
}

async function accept(form: HTMLFormElement, card: OpenCard, key: string, t: Texts): Promise<void> {
  await rememberAnswered(card.village, card.person, key);
  mark(form, card.person, "good", t("client-card-answered", { fingerprint: fingerprint(key) }));
  const field = `${card.person}:${card.id}:${key}`;
  if ([...form.querySelectorAll<HTMLInputElement>("input[name=enrolment]")].some((input) => input.value === field)) return;
  const input = make("input");
  Object.assign(input, { type: "hidden", name: "enrolment", value: field });
  form.append(input);
  for (const button of form.querySelectorAll<HTMLButtonElement>("[data-needs-enrolment]")) button.disabled = false;
}

function mark(form: HTMLFormElement, person: string, tone: string, words: string): void {
  const state = find(form, `[data-card-person="${CSS.escape(person)}"] .card-held`, HTMLElement);
  if (state === undefined || state.textContent === words) return;
  state.textContent = words;
  state.dataset["tone"] = tone;
}

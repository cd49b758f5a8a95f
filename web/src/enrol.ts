/** Enrolment on both sides: the clerk's page makes slips and checks the answers, the new device makes its key and answers. */
import { rememberAnswered } from "./answered.ts";
import { fetchJson, post } from "./api.ts";
import { type Bytes, FormatError, fromHex, hex } from "./bytes.ts";
import { mayEnrol } from "./curve.ts";
import { create, needsPin } from "./keys.ts";
import { busy, find, make, need, pinInput, tell, Told, value } from "./page.ts";
import { qrPicture } from "./qr-picture.ts";
import { fingerprint } from "./shown.ts";
import { answer, checkAnswer, formatCode, newSecret, parseCode, parseSlip, type Slip, slipLink } from "./slip.ts";
import { list, put, remove } from "./storage.ts";
import type { Texts } from "./texts.ts";
import { shanghaiTime } from "./time.ts";

/** How often the clerk's page asks for answers, in milliseconds. */
const ASK_EVERY = 4_000;
/** How long a slip can be answered, in milliseconds: a day. */
const SLIP_LIFE = 86_400_000;

interface OpenSlip extends Slip {
  /** `village person role`: one open slip each. */
  id: string;
  /** Person and role in the clerk's words. */
  shown: string;
  made: number;
}

interface Answer {
  person: string;
  role: string;
  key: string;
  mac: string;
  /** That its holder said elsewhere who they are. */
  checked: { by: string; at: string };
}

/**
 * Takes over `form[data-enrol-slips]`, the clerk's page. `[data-make-slip]` makes a slip for the chosen person and role; each answer that
 * fits a slip becomes a hidden field `enrolment` = `person:role:key` of the form, from which the server drafts `keys.enrolled`.
 */
export async function enhanceSlips(form: HTMLFormElement, t: Texts): Promise<void> {
  const village = need(form, "village");
  const button = find(form, "[data-make-slip]", HTMLButtonElement);
  if (button === undefined) throw new Told("data-make-slip");
  button.onclick = () => void busy(form, t, () => makeSlip(form, village, t));
  await showSlips(form, village, t);
  const ask = (): void => void askForAnswers(form, village, t).finally(() => setTimeout(ask, ASK_EVERY));
  ask();
}

async function makeSlip(form: HTMLFormElement, village: string, t: Texts): Promise<void> {
  const [person, role] = [value(form, "person"), value(form, "role")];
  if (person === "" || role === "") throw new Told(t("client-slip-choose"));
  const shown = [...form.querySelectorAll("select")].map((select) => select.selectedOptions[0]?.text ?? "").join(" · ");
  const slip: OpenSlip = { id: `${village} ${person} ${role}`, village, person, role, secret: newSecret(), shown, made: Date.now() };
  await put("slips", slip);
  await showSlips(form, village, t);
}

async function openSlips(village: string): Promise<OpenSlip[]> {
  const all = await list<OpenSlip>("slips");
  const old = all.filter((slip) => slip.made + SLIP_LIFE < Date.now());
  await Promise.all(old.map((slip) => remove("slips", slip.id)));
  return all.filter((slip) => slip.village === village && !old.includes(slip)).sort((a, b) => b.made - a.made);
}

async function showSlips(form: HTMLFormElement, village: string, t: Texts): Promise<void> {
  const place = find(form, "[data-slips]", HTMLElement);
  if (place === undefined) throw new Told("data-slips");
  place.replaceChildren(...(await openSlips(village)).map((slip) => slipFigure(slip, t)));
}

function slipFigure(slip: OpenSlip, t: Texts): HTMLElement {
  const figure = make("figure", "", "slip");
  figure.dataset["slip"] = `${slip.person}:${slip.role}`;
  const link = slipLink(location.origin, slip);
  const caption = make("figcaption");
  const state = make("p", t("client-slip-waiting"), "slip-state");
  state.setAttribute("role", "status");
  caption.append(make("b", slip.shown), make("p", t("client-slip-how")), make("code", formatCode(slip.secret)), state);
  figure.append(qrPicture(link, t("client-slip-qr", { who: slip.shown })), caption);
  return figure;
}

async function askForAnswers(form: HTMLFormElement, village: string, t: Texts): Promise<void> {
  const slips = await openSlips(village);
  if (slips.length === 0 || document.hidden) return;
  // A failed question is asked again in a moment; the page needs no word about it.
  const body = await fetchJson(need(form, "api")).then(
    (got) => got.body,
    () => ({ answers: [] }),
  );
  const answers = Array.isArray(body["answers"]) ? (body["answers"] as Partial<Answer>[]) : [];
  for (const slip of slips) {
    const mine = answers.filter((one) => one.person === slip.person && one.role === slip.role);
    const good = mine.find((one) => fits(slip, one));
    if (good?.key !== undefined) await accept(form, slip, good.key, good.checked, t);
    else if (mine.length > 0) mark(form, slip, "bad", t("client-slip-bad"));
  }
}

function fits(slip: Slip, one: Partial<Answer>): boolean {
  try {
    const key = fromHex(one.key ?? "", 32);
    return checkAnswer(slip, key, fromHex(one.mac ?? "", 32)) && mayEnrol(key);
  } catch {
    return false;
  }
}

async function accept(form: HTMLFormElement, slip: OpenSlip, key: string, checked: Answer["checked"] | undefined, t: Texts): Promise<void> {
  const answered = t("client-slip-answered", { fingerprint: fingerprint(key) });
  if (checked === undefined && form.dataset["check"] === "required") {
    mark(form, slip, "wait", `${answered} ${t("client-slip-unchecked")}`);
    return;
  }
  await rememberAnswered(slip.village, slip.person, key);
  const field = `${slip.person}:${slip.role}:${key}`;
  const known = [...form.querySelectorAll<HTMLInputElement>("input[name=enrolment]")].some((input) => input.value === field);
  mark(form, slip, "good", checked === undefined ? answered : `${answered} ${t("client-slip-checked", { by: checked.by, when: shanghaiTime(checked.at) })}`);
  if (known) return;
  const input = make("input");
  input.type = "hidden";
  input.name = "enrolment";
  input.value = field;
  form.append(input);
  for (const button of form.querySelectorAll<HTMLButtonElement>("[data-needs-enrolment]")) button.disabled = false;
}

function mark(form: HTMLFormElement, slip: OpenSlip, tone: string, words: string): void {
  const state = find(form, `[data-slip="${CSS.escape(`${slip.person}:${slip.role}`)}"] .slip-state`, HTMLElement);
  if (state === undefined || state.textContent === words) return;
  state.textContent = words;
  state.dataset["tone"] = tone;
}

/** Takes over `form[data-enrol-device]`, the new device's page: from the slip's link or typed code to a key and its answer. */
export async function enhanceDevice(form: HTMLFormElement, t: Texts): Promise<void> {
  takeSlip(form);
  // A second link opened on the page that is already there changes only the fragment.
  addEventListener("hashchange", () => takeSlip(form));
  if (await needsPin()) addPin(form, t);
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void busy(form, t, () => enrolDevice(form, t));
  });
}

/** Fills the form from the link's fragment and takes it out of address bar and history: the secret is of use to who looks over the shoulder. */
function takeSlip(form: HTMLFormElement): void {
  const slip = parseSlip(location.hash);
  if (slip === undefined) return;
  history.replaceState(null, "", location.pathname + location.search);
  const { village, person, role } = slip;
  for (const [name, text] of Object.entries({ village, person, role, code: formatCode(slip.secret) })) fill(form, name, text);
}

function fill(form: HTMLFormElement, name: string, text: string): void {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLSelectElement && ![...field.options].some((option) => option.value === text)) field.add(new Option(text, text));
  if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = text;
}

function addPin(form: HTMLFormElement, t: Texts): void {
  const label = make("label", t("client-pin-choose"));
  label.append(pinInput("new-password"));
  const last = form.querySelector("button[type=submit], button:not([type])");
  form.insertBefore(label, last?.parentElement === form ? last : null);
}

async function enrolDevice(form: HTMLFormElement, t: Texts): Promise<void> {
  const [village, person, role] = [value(form, "village"), value(form, "person"), value(form, "role")];
  const slip = { village, person, role, secret: readCode(value(form, "code"), t) };
  const label = value(form, "label").trim() || t("client-key-this-device");
  const key = await create({ label, village, person, role }, value(form, "pin"));
  const mac = hex(answer(slip, fromHex(key.public)));
  const body = { person, role, key: key.public, mac };
  await post(need(form, "api").replace("{village}", village), body, value(form, "csrf"));
  for (const name of ["code", "pin"]) fill(form, name, "");
  tell(form, "good", t("client-enrol-sent", { fingerprint: fingerprint(key.public) }), t("client-enrol-next"));
  offerCheck(form, `${village}~${person}~${key.public}`, t);
}

/** Leads to the provider at which the holder says who they are, where the district asks for that. */
function offerCheck(form: HTMLFormElement, who: string, t: Texts): void {
  const { check, checkBy = "" } = form.dataset;
  if (check === undefined) return;
  const link = make("a", t("client-enrol-check", { by: checkBy }), "button button-wide");
  link.href = check + encodeURIComponent(who);
  find(form, "[data-outcome]", HTMLElement)?.append(link);
}

function readCode(text: string, t: Texts): Bytes {
  try {
    return parseCode(text);
  } catch (error) {
    if (error instanceof FormatError) throw new Told(t("client-slip-code"));
    throw error;
  }
}

/**
 * Takes over `form[data-first-key]`: first officers and officials have no slip, since the district's roots enrol them. Their device makes
 * a key, and `[data-made]` shows it to be handed over.
 */
export async function enhanceFirst(form: HTMLFormElement, t: Texts): Promise<void> {
  if (await needsPin()) addPin(form, t);
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void busy(form, t, () => makeFirst(form, t));
  });
}

/** A number in groups of four for reading aloud; what is copied is the number without gaps. */
function inFours(number: string): HTMLElement {
  const code = make("code", "", "fours");
  for (const four of number.match(/.{1,4}/g) ?? []) code.append(make("span", four), make("wbr"));
  return code;
}

async function makeFirst(form: HTMLFormElement, t: Texts): Promise<void> {
  const place = find(form, "[data-made]", HTMLElement);
  if (place === undefined) throw new Told("data-made");
  const key = await create({ label: value(form, "label").trim() || t("client-key-this-device") }, value(form, "pin"));
  fill(form, "pin", "");
  place.replaceChildren(inFours(key.public), qrPicture(key.public, t("client-first-qr")));
  tell(form, "good", t("client-first-made", { fingerprint: fingerprint(key.public) }), t("client-first-next"));
}

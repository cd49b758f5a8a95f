/** Signing on a draft page: what is shown is compared with the exact payload, signed on this device, and sent. */
import { unansweredKeys } from "./answered.ts";
import { post, recorded } from "./api.ts";
import { base64, type Bytes, fromBase64, fromHex, fromUtf8, hex } from "./bytes.ts";
import { type Envelope, envelope, LOGIN_TYPE, pae, type Signer, signers, STATEMENT_TYPE, statementId } from "./dsse.ts";
import { type JsonObject, parseObject } from "./ijson.ts";
import { type AskPin, keys, NoKey, signWith } from "./keys.ts";
import { busy, find, letSign, need, pinWindow, tell, Told, value } from "./page.ts";
import { checkAnswer, keep, keepAnswer, type Kept, pin } from "./receipts.ts";
import { differences, fingerprint, type Shown } from "./shown.ts";
import type { Texts } from "./texts.ts";

/** Takes over `form[data-sign]`; see web/README.md for what the form carries. */
export function enhanceSigning(form: HTMLFormElement, t: Texts): void {
  showExact(form);
  form.addEventListener("submit", (event) => {
    // Demo people's keys are with the demo server: that button posts the form as it stands.
    if (event.submitter?.hasAttribute("data-server-signs")) return;
    event.preventDefault();
    void busy(form, t, () => signDraft(form, t));
  });
  letSign(form);
  void import("./elsewhere.ts").then((elsewhere) => elsewhere.offerElsewhere(form, t));
}

async function signDraft(form: HTMLFormElement, t: Texts): Promise<void> {
  await signShown(form, t, pinWindow(t));
  location.assign(form.dataset["done"] ?? location.href);
}

/** Signs what a form shows, sends it and checks the answer. Throws `Told` when what it shows is not what would be signed. */
export async function signShown(form: HTMLFormElement, t: Texts, askPin: AskPin): Promise<void> {
  const bytes = fromBase64(value(form, "payload"));
  const { payload, mine } = await checkedPayload(form, bytes, t);
  // The second signer, who has no slips, compares each key with its device.
  if (mine.role === "clerk") await refuseUnanswered(payload, t);
  tell(form, "busy", t("client-signing"));
  const signed = await signStatement(bytes, mine, askPin);
  const kept = keptOf(payload, bytes);
  await keep(kept);
  const second = form.dataset["pending"] !== undefined;
  const body = second ? signed.signatures[0] : { envelope: signed };
  const answer = await post(need(form, "api"), body, value(form, "csrf"));
  if (answer.status === 202) {
    tell(form, "good", t("client-waits-for-second"));
  } else {
    await acceptAnswer(form, kept, answer.body, t);
  }
}

/** What is signed, and by which key of this device. */
export interface Checked {
  payload: JsonObject;
  mine: Signer;
}

/** The form's payload, after the comparison with what the form shows; `silent` fields are filled in later. Throws `Told` when they differ. */
export async function checkedPayload(form: HTMLFormElement, bytes: Uint8Array, t: Texts, silent: string[] = []): Promise<Checked> {
  const payload = parseObject(bytes);
  const mine = await ownSigner(payload);
  const { wrong, hidden } = differences(payload, shownIn(form), mine.key, silent);
  if (payload["village"] !== need(form, "village")) wrong.push("village");
  if (wrong.length > 0) throw new Told(t("client-error-shown", { fields: wrong.join(", ") }));
  if (hidden.length > 0) throw new Told(t("client-error-hidden", { fields: hidden.join(", ") }));
  return { payload, mine };
}

/** A fact with parts of its own says nothing: one of them could be out of sight. */
function shownIn(form: HTMLFormElement): Shown[] {
  return [...form.querySelectorAll<HTMLElement>("[data-field]")].map((element) => ({
    field: element.dataset["field"] ?? "",
    value: element.dataset["value"] ?? "",
    text: element.childElementCount === 0 ? (element.textContent ?? "") : "",
    salt: element.dataset["salt"],
  }));
}

async function refuseUnanswered(payload: JsonObject, t: Texts): Promise<void> {
  const unanswered = await unansweredKeys(payload);
  if (unanswered.length > 0) throw new Told(t("client-error-unanswered", { keys: unanswered.map(fingerprint).join(", ") }));
}

/** The exact bytes, for who wants to read them; every value stands there as it will be signed. */
function showExact(form: HTMLFormElement): void {
  const place = find(form, "[data-exact]", HTMLElement);
  if (place === undefined) return;
  try {
    place.textContent = fromUtf8(fromBase64(value(form, "payload")));
  } catch {
    place.textContent = "";
  }
}

/** Which of the payload's signers this device holds the key of; throws `NoKey`. */
export async function ownSigner(payload: JsonObject): Promise<Signer> {
  const held = new Set((await keys()).map((key) => key.public));
  const mine = signers(payload).find((signer) => held.has(signer.key));
  if (mine === undefined) throw new NoKey();
  return mine;
}

/** A statement's envelope with the signature of one key of this device. */
export function signStatement(payload: Bytes, signer: Signer, askPin: AskPin): Promise<Envelope> {
  return signAs(STATEMENT_TYPE, payload, signer.key, askPin);
}

/** A log-in's envelope. */
export function signLogin(payload: Bytes, key: string, askPin: AskPin): Promise<Envelope> {
  return signAs(LOGIN_TYPE, payload, key, askPin);
}

async function signAs(type: string, payload: Bytes, key: string, askPin: AskPin): Promise<Envelope> {
  const signature = await signWith(key, pae(type, payload), askPin);
  return envelope(type, payload, fromHex(key), signature);
}

/** What is kept of a statement about to be sent. */
export function keptOf(payload: JsonObject, bytes: Uint8Array): Kept {
  return {
    id: hex(statementId(bytes)),
    village: String(payload["village"]),
    kind: String(payload["kind"]),
    payload: base64(bytes),
    signed: new Date().toISOString(),
  };
}

/** Checks and keeps the log's answer. The answer is kept even when it is bad: then it is evidence. Throws `Told`. */
export async function acceptAnswer(form: HTMLFormElement, kept: Kept, body: Record<string, unknown>, t: Texts): Promise<void> {
  const answer = recorded(body);
  await keepAnswer(kept, answer);
  const pinned = await pin(kept.village, need(form, "logKey"));
  const verdict = await checkAnswer(answer, kept.payload, pinned.logKey);
  if (pinned.changed) throw new Told(t("client-error-log-key"));
  if (verdict.fault !== undefined) throw new Told(t("client-error-receipt", { fault: t(`client-fault-${verdict.fault}`) }));
  tell(form, "good", t("client-recorded", { seq: answer.seq }));
}

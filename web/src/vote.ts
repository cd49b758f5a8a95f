/** The voter's last step: the choice becomes a commitment, is signed here, sent with its opening, and the receipt checked. */
import { post } from "./api.ts";
import { type Bytes, fromBase64, fromHex, hex, utf8 } from "./bytes.ts";
import { choiceCommitment } from "./commit.ts";
import { confirmBallot } from "./confirm.ts";
import { type JsonObject, parseObject } from "./ijson.ts";
import { NoKey } from "./keys.ts";
import { busy, find, letSign, need, pinWindow, tell, Told, value } from "./page.ts";
import { isAsked } from "./question.ts";
import { keep, keptFor, type Opening } from "./receipts.ts";
import { acceptAnswer, checkedPayload, keptOf, signStatement } from "./sign.ts";
import type { Texts } from "./texts.ts";
import { isUntaken, notTaken } from "./vouch.ts";

/** What a ballot's draft leaves open. */
const OPEN = ["commitment"];
/** Most letters of a choice (PROTOCOL 2, short codes). */
const LONGEST_CHOICE = 16;

/** Takes over `form[data-vote]`: a `ballot.cast` draft whose commitment is still zeros, and the chosen option. */
export function enhanceVoting(form: HTMLFormElement, t: Texts): void {
  // Demo people's keys are with the demo server: that button posts the form as it stands.
  if (find(form, "[data-server-signs]", HTMLButtonElement) !== undefined) return;
  const loaded = performance.now();
  const ask = (): void =>
    void busy(form, t, () =>
      askAndCast(form, t, loaded).catch(async (error: unknown) => {
        if (!(error instanceof NoKey)) throw error;
        await (await import("./elsewhere.ts")).voteElsewhere(form, t);
      }),
    );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  letSign(form);
  // The page's own button would be one press more; it is for who closed the window.
  ask();
}

/** The window says what is signed in this program's words: the page's are the server's. */
async function askAndCast(form: HTMLFormElement, t: Texts, loaded: number): Promise<void> {
  const choice = value(form, "choice");
  const { payload: draft, mine } = await checkedPayload(form, fromBase64(value(form, "payload")), t, OPEN);
  const { label: words, labelSalt, questionSalt = "" } = form.dataset;
  const label = words === undefined || labelSalt === undefined ? undefined : { words, salt: labelSalt };
  const asked = { opened: need(form, "opened"), question: need(form, "question"), salt: questionSalt, label };
  if (!isAsked(draft, choice, asked)) throw new Told(t("client-error-question"));
  if (!(await confirmBallot({ question: asked.question, choice, label: label?.words }, t))) return;
  const nonce = crypto.getRandomValues(new Uint8Array(32));
  const { payload, opening } = fillBallot(draft, choice, nonce, serverTime(form, loaded));
  tell(form, "busy", t("client-signing"));
  const envelope = await signStatement(payload, mine, pinWindow(t));
  const kept = { ...keptOf(draft, payload), opening, about: asked.question };
  await keep(kept);
  const body = { envelope, opening: { nonce: opening.nonce, choice } };
  // All ballots of a vote are of one length on their way, or whoever sees encrypted bytes pass could tell "for" from "against".
  const room = LONGEST_CHOICE - choice.length;
  const answer = await post(need(form, "api"), body, value(form, "csrf"), room).catch((error: unknown) => {
    if (isUntaken(error)) return error;
    throw error;
  });
  if (isUntaken(answer)) return notTaken(form, { kept, envelope, body }, answer, t);
  await acceptAnswer(form, kept, answer.body, t);
  location.assign(`/receipt/${kept.village}/${String(answer.body["seq"])}`);
}

/** The server's time as the page knew it, moved on by how long the page has been open: a phone's wrong clock does no harm. */
function serverTime(form: HTMLFormElement, loaded: number): string {
  const shown = Date.parse(form.dataset["now"] ?? "");
  const now = Number.isNaN(shown) ? Date.now() : shown + performance.now() - loaded;
  return new Date(now).toISOString();
}

/** A ballot ready to sign: the draft with commitment and time filled in, and what opens it. Throws `Told` for any other draft. */
export function fillBallot(draft: JsonObject, choice: string, nonce: Bytes, at: string): { payload: Bytes; opening: Opening } {
  const { kind, session, question, basis, voter, revision, commitment } = draft;
  if (kind !== "ballot.cast" || commitment !== "0".repeat(64)) throw new Told("ballot.cast");
  if (typeof session !== "string" || typeof question !== "string" || typeof basis !== "string") throw new Told("ballot.cast");
  if (typeof voter !== "number" || typeof revision !== "number") throw new Told("ballot.cast");
  const made = choiceCommitment({ basis: fromHex(basis, 32), voter, revision, nonce, choice });
  const payload = utf8(JSON.stringify({ ...draft, commitment: hex(made), at }));
  return { payload, opening: { session, question, basis, voter, revision, nonce: hex(nonce), choice } };
}

/**
 * Takes over `form[data-publish]`: a `ballot.opened` draft whose nonce is zeros and whose choice is empty. The voter publishes the opening
 * of an own ballot that the server did not publish. The form is shown only when this device keeps a fitting opening.
 */
export async function enhancePublishing(form: HTMLFormElement, t: Texts): Promise<void> {
  const draft = parseObject(fromBase64(value(form, "payload")));
  const kept = (await keptFor(need(form, "village"))).find((one) => one.opening !== undefined && fits(one.opening, draft));
  if (kept?.opening === undefined) return;
  const { nonce, choice } = kept.opening;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void busy(form, t, async () => {
      const checked = await checkedPayload(form, fromBase64(value(form, "payload")), t, ["nonce", "choice"]);
      const bytes = utf8(JSON.stringify({ ...checked.payload, nonce, choice }));
      const envelope = await signStatement(bytes, checked.mine, pinWindow(t));
      const sent = keptOf(draft, bytes);
      await keep(sent);
      const answer = await post(need(form, "api"), { envelope }, value(form, "csrf"));
      await acceptAnswer(form, sent, answer.body, t);
    });
  });
}

function fits(opening: Opening, draft: JsonObject): boolean {
  const { session, question, voter, revision } = draft;
  return opening.session === session && opening.question === question && opening.voter === voter && opening.revision === revision;
}

/** A ballot that the server did not take: its refusal is kept, and the ballot offered to the inspector's witness, without what opens it. */
import { post, Refused, Unreachable } from "./api.ts";
import type { Envelope } from "./dsse.ts";
import { explain, find, make, need, tell, value } from "./page.ts";
import { keepRefusal, keepVouch, type Kept, pin } from "./receipts.ts";
import { vouchedAt } from "./refusal.ts";
import { acceptAnswer } from "./sign.ts";
import type { Texts } from "./texts.ts";

/** How often a ballot that a witness vouches for is sent again, in milliseconds, and how many times. */
const AGAIN = 20_000;
const TIMES = 90;
/** Longest note of a witness that is kept, characters. */
const MAX_NOTE = 65_536;

/** A signed ballot on its way. */
export interface Unsent {
  kept: Kept;
  envelope: Envelope;
  /** What the server takes: the envelope with its opening. */
  body: object;
}

/** Whether nothing is known to be on record after this error. */
export function isUntaken(error: unknown): error is Refused | Unreachable {
  return error instanceof Refused || error instanceof Unreachable;
}

/** Keeps what the server said, tells it, and offers what to do now. */
export async function notTaken(form: HTMLFormElement, ballot: Unsent, error: Refused | Unreachable, t: Texts): Promise<void> {
  await pin(ballot.kept.village, need(form, "logKey"));
  if (error instanceof Refused && error.refusal !== "") await keepRefusal(ballot.kept.id, error.refusal, error.detail || error.message);
  tell(form, "bad", ...explain(error, t));
  const place = find(form, "[data-outcome]", HTMLElement);
  const link = make("a", t("client-dispute-link"), "tap");
  link.href = "/dispute";
  place?.append(link);
  const addresses = (form.dataset["vouching"] ?? "").split(" ").filter(Boolean);
  if (place === undefined || addresses.length === 0) return;
  const button = make("button", t("client-vouch-go"), "button button-wide");
  button.type = "button";
  button.onclick = () => {
    button.disabled = true;
    void handOver(form, ballot, addresses, t).finally(() => (button.disabled = false));
  };
  place.append(make("p", t("client-vouch-offer")), button);
}

async function handOver(form: HTMLFormElement, ballot: Unsent, addresses: string[], t: Texts): Promise<void> {
  const notes = (await Promise.all(addresses.map((address) => vouch(address, ballot)))).filter((note) => note !== undefined);
  if (notes.length === 0) return tell(form, "bad", t("client-vouch-failed"));
  for (const note of notes) await keepVouch(ballot.kept.id, note);
  tell(form, "good", t("client-vouch-done"));
  sendAgain(form, ballot, t, TIMES);
}

/** The witness's signed note that it received the ballot; undefined where it gave none. Plain text: a browser asks nobody before it sends that. */
async function vouch(address: string, { kept, envelope }: Unsent): Promise<string | undefined> {
  try {
    const init: RequestInit = { method: "POST", body: JSON.stringify(envelope), credentials: "omit", redirect: "error", cache: "no-store" };
    const answer = await fetch(address, { ...init, headers: { "content-type": "text/plain" } });
    const note = answer.ok ? await answer.text() : "";
    return note.length <= MAX_NOTE && vouchedAt(note, kept.id) !== undefined ? note : undefined;
  } catch {
    return undefined;
  }
}

/** Sends the ballot to the server again and again: once the inspector has vouched for it, it is taken until ballots are opened. */
function sendAgain(form: HTMLFormElement, ballot: Unsent, t: Texts, times: number): void {
  if (times === 0) return;
  setTimeout(() => {
    void post(need(form, "api"), ballot.body, value(form, "csrf"))
      .then(async (answer) => {
        await acceptAnswer(form, ballot.kept, answer.body, t);
        location.assign(`/receipt/${ballot.kept.village}/${String(answer.body["seq"])}`);
      })
      .catch((error: unknown) => {
        if (isUntaken(error)) sendAgain(form, ballot, t, times - 1);
        else tell(form, "bad", ...explain(error, t));
      });
  }, AGAIN);
}

/** Calls to the JSON API of the same origin; errors come as problem+json (RFC 9457). */
import { FormatError } from "./bytes.ts";

/** The server's refusal, in the reader's language. */
export class Refused extends Error {
  override name = "Refused";
  constructor(
    readonly status: number,
    title: string,
    readonly detail: string,
    /** The log's signed note that it refused a statement; "" where it gave none. */
    readonly refusal = "",
    /** The rule that refused it, by its stable name; "" where it was none. */
    readonly rule = "",
  ) {
    super(title);
  }
}

/** The server could not be reached; nothing is known about what became of the request. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

/** An answer: status and JSON body. */
export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

/** What an accepted statement is answered with. */
export interface Recorded {
  seq: number;
  leaf: string;
  time: string;
  /** A tlog-proof file with the entry in `extra`. */
  receipt: string;
}

/** Posts JSON; throws {@link Refused} or {@link Unreachable}. `csrf` is the session's token from the page's form; `room` spaces follow. */
export async function post(url: string, body: unknown, csrf = "", room = 0): Promise<Answer> {
  const headers = { "content-type": "application/json", accept: "application/json", "x-csrf": csrf };
  return call(url, { method: "POST", headers, body: JSON.stringify(body) + " ".repeat(room) });
}

/** Posts a form with files; throws {@link Refused} or {@link Unreachable}. */
export function postForm(url: string, body: FormData, csrf: string): Promise<Answer> {
  return call(url, { method: "POST", headers: { accept: "application/json", "x-csrf": csrf }, body });
}

/** Gets JSON; throws {@link Refused} or {@link Unreachable}. */
export function fetchJson(url: string): Promise<Answer> {
  return call(url, { headers: { accept: "application/json" } });
}

async function call(url: string, init: RequestInit): Promise<Answer> {
  const answer = await fetch(url, { ...init, credentials: "same-origin", redirect: "error", cache: "no-store" }).catch(() => {
    throw new Unreachable(url);
  });
  const body = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  if (!answer.ok) {
    const more = [text(body["detail"]), text(body["what_to_do"])].filter(Boolean).join(" ");
    throw new Refused(answer.status, text(body["title"]) || String(answer.status), more, text(body["refusal"]), text(body["rule"]));
  }
  return { status: answer.status, body };
}

/** Reads the body of a 201; throws `FormatError` when it is not one. */
export function recorded(body: Record<string, unknown>): Recorded {
  const { seq, leaf, time, receipt } = body;
  if (typeof seq !== "number" || typeof leaf !== "string" || typeof time !== "string" || typeof receipt !== "string") {
    throw new FormatError("expected a receipt");
  }
  return { seq, leaf, time, receipt };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** What is left in hand when a server does not take a statement: its signed refusal, and a witness's signed note (PROTOCOL 6). */
import { FormatError } from "./bytes.ts";
import { parseNote, parseVerifierKey, verifyNote } from "./note.ts";

/** What a refusal says. */
export interface Refusal {
  /** Origin of the village's log. */
  origin: string;
  /** Statement id, hex. */
  statement: string;
  /** When it was refused, ISO 8601. */
  time: string;
  /** Code of the rule, or of what else stands against it. */
  why: string;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const ID = /^[0-9a-f]{64}$/;

/** Reads a refusal's text; throws `FormatError`. */
export function parseRefusal(text: string): Refusal {
  const [head, origin = "", statement = "", time = "", why = "", end, ...more] = text.split("\n");
  const whole = head === "sunvote/refusal/v1" && origin !== "" && end === "" && more.length === 0;
  if (!whole || !ID.test(statement) || !TIME.test(time) || !/^[a-z0-9._-]{1,64}$/.test(why)) throw new FormatError("expected a refusal");
  return { origin, statement, time, why };
}

/** The refusal of this statement that the log signed; undefined where it is of another log or statement, or not signed by it. */
export async function checkRefusal(note: string, statement: string, logKey: string): Promise<Refusal | undefined> {
  try {
    const [read, key] = [parseNote(note), parseVerifierKey(logKey)];
    const refusal = parseRefusal(read.text);
    const signed = (await verifyNote(read, [key])).length > 0;
    return signed && refusal.origin === key.name && refusal.statement === statement ? refusal : undefined;
  } catch {
    return undefined;
  }
}

/** When a witness received this statement, by the text of its note; undefined for any other note. Whose key signed it is for the inspector to say. */
export function vouchedAt(note: string, statement: string): string | undefined {
  try {
    const [head, , , id, time = ""] = parseNote(note).text.split("\n");
    return head === "sunvote/vouch/v1" && id === statement && TIME.test(time) ? time : undefined;
  } catch {
    return undefined;
  }
}

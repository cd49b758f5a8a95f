/** One line of a village's record (PROTOCOL 2). */
import { decimal, FormatError, fromUtf8 } from "./bytes.ts";
import { type Envelope, parseEnvelope } from "./dsse.ts";
import { isObject, parse } from "./ijson.ts";

/** Longest entry, in bytes. */
export const MAX_ENTRY = 65_535;

/** An entry taken apart. */
export interface Entry {
  seq: number;
  /** Leaf hash of the entry before, hex. */
  prev: string;
  /** When the log took it in, `YYYY-MM-DDTHH:MM:SS.mmmZ`. */
  time: string;
  statement: Envelope;
}

/** Reads an entry and demands that its bytes are the one spelling of what they say; throws `FormatError`. */
export function parseEntry(bytes: Uint8Array): Entry {
  if (bytes.length > MAX_ENTRY) throw new FormatError("the entry is too long");
  const text = fromUtf8(bytes);
  const value = parse(bytes);
  if (!isObject(value)) throw new FormatError("expected an entry");
  const { seq, prev, time } = value;
  if (typeof seq !== "number" || typeof prev !== "string" || typeof time !== "string") throw new FormatError("expected an entry");
  if (!/^[0-9a-f]{64}$/.test(prev) || !isTime(time)) throw new FormatError("expected an entry");
  const entry = { seq: decimal(String(seq)), prev, time, statement: parseEnvelope(value["statement"]) };
  if (formatEntry(entry) !== text) throw new FormatError("the entry is not in its one spelling");
  return entry;
}

/** The exact line of an entry, without a newline. */
export function formatEntry(entry: Entry): string {
  const { payloadType, payload, signatures } = entry.statement;
  const signed = signatures.map(({ keyid, sig }) => ({ keyid, sig }));
  const statement = { payloadType, payload, signatures: signed };
  return JSON.stringify({ seq: entry.seq, prev: entry.prev, time: entry.time, statement });
}

/** Whether a text is an instant in the record's one spelling, UTC with milliseconds, years 1970 to 9999. */
export function isTime(text: string): boolean {
  if (!/^(?:19[7-9]|[2-9]\d\d)\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text)) return false;
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text;
}

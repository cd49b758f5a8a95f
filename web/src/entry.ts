/** One line of a village's record (PROTOCOL 2). */
import { decimal, FormatError, fromBase64 } from "./bytes.ts";
import type { Envelope, EnvelopeSignature } from "./dsse.ts";
import { parseTime } from "./law/clock.ts";

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

/** The template: every byte but those of the values is fixed, and every value has one spelling. */
const TEMPLATE =
  /^\{"seq":(\d+),"prev":"([0-9a-f]{64})","time":"([^"]{24})","statement":\{"payloadType":"([!#-[\]-~]{1,128})","payload":"([^"]*)","signatures":\[\{([^\]]*)\}\]\}\}$/;
const SIGNATURE = /^"keyid":"([0-9a-f]{64})","sig":"([A-Za-z0-9+/]{85}[AQgw]==)"$/;

const latin1 = new TextDecoder("latin1");

/** Reads an entry by the template; throws `FormatError` where it departs from it. */
export function parseEntry(bytes: Uint8Array): Entry {
  if (bytes.length > MAX_ENTRY) throw new FormatError("the entry is too long");
  // Every byte of an entry is ASCII; one that is not becomes a character that the template does not have.
  const [, seq, prev, time, payloadType, payload, signatures] = (TEMPLATE.exec(latin1.decode(bytes)) ?? []) as Partial<string[]>;
  if (seq === undefined || prev === undefined || time === undefined || payloadType === undefined || payload === undefined || signatures === undefined) {
    throw new FormatError("expected an entry");
  }
  if (parseTime(time) === undefined) throw new FormatError("expected the time in its one spelling");
  fromBase64(payload);
  return { seq: decimal(seq), prev, time, statement: { payloadType, payload, signatures: signatures.split("},{").map(parseSignature) } };
}

function parseSignature(text: string): EnvelopeSignature {
  const [, keyid, sig] = SIGNATURE.exec(text) ?? [];
  if (keyid === undefined || sig === undefined) throw new FormatError("expected a signature");
  return { keyid, sig };
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
  return parseTime(text) !== undefined;
}

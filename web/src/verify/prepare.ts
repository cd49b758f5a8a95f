/** What an entry shows by itself: spelling, leaf hash, strict JSON, fields, signatures. Entries of a chunk are prepared side by side. */
import { sha256 } from "@noble/hashes/sha2.js";

import { type Bytes, FormatError, fromBase64, hex } from "../bytes.ts";
import { isNewerType, pae, STATEMENT_TYPE } from "../dsse.ts";
import { type Entry, parseEntry } from "../entry.ts";
import { type Json, parse } from "../ijson.ts";
import { parseTime } from "../law/clock.ts";
import { Refused } from "../law/rules.ts";
import { readStatement, type Statement } from "../law/statement.ts";
import { leafHash } from "../tree.ts";
import type { Keyring } from "./keyring.ts";
import { type Finding, weightOf } from "./report.ts";

/** An entry with all that it shows by itself. */
export interface Prepared {
  /** Place in the file. */
  seq: number;
  leaf: Bytes;
  /** Nothing if the line is no entry. */
  head: { seq: number; prev: string; time: number; timeText: string } | undefined;
  statement: { id: string; read: Statement } | undefined;
  /** Why the statement could not be read. */
  refusal: Finding | undefined;
  /** What is wrong with line and signatures by themselves. */
  faults: Finding[];
  signatures: number;
}

/** Prepares entries of a file, the first of which is at place `first`. */
export function prepare(lines: readonly Uint8Array[], first: number, keys: Keyring): Promise<Prepared[]> {
  return Promise.all(lines.map((line, i) => prepareOne(line, first + i, keys)));
}

async function prepareOne(line: Uint8Array, seq: number, keys: Keyring): Promise<Prepared> {
  const prepared: Prepared = { seq, leaf: leafHash(line), head: undefined, statement: undefined, refusal: undefined, faults: [], signatures: 0 };
  let entry: Entry;
  try {
    entry = parseEntry(line);
  } catch (error) {
    prepared.faults.push(altered(seq, "entry.format", "the entry template", messageOf(error)));
    return prepared;
  }
  const { payloadType, payload, signatures } = entry.statement;
  prepared.head = { seq: entry.seq, prev: entry.prev, time: parseTime(entry.time) ?? 0, timeText: entry.time };
  prepared.signatures = signatures.length;
  const bytes = fromBase64(payload);
  if (payloadType !== STATEMENT_TYPE) {
    // A later version comes after rules that announce it, or from the founding on; elsewhere one such line would hide all that follows.
    const weight = seq === 0 && isNewerType(payloadType) ? "unknown" : "altered";
    prepared.refusal = { entry: seq, class: weight, rule: "statement.form", expected: STATEMENT_TYPE, found: payloadType };
    return prepared;
  }
  try {
    const read = readStatement(parsed(bytes));
    const message = pae(payloadType, bytes);
    prepared.statement = { id: hex(sha256(message)), read };
    prepared.faults.push(...(await checkSignatures(seq, read, entry, message, keys)));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    prepared.refusal = refusal(seq, error);
  }
  return prepared;
}

function parsed(bytes: Uint8Array): Json {
  try {
    return parse(bytes);
  } catch (error) {
    throw new Refused("statement.form", "strict I-JSON", messageOf(error));
  }
}

/** One signature for each signer in the same order, each by its key. */
async function checkSignatures(seq: number, { by }: Statement, { statement }: Entry, message: Bytes, keys: Keyring): Promise<Finding[]> {
  const { signatures } = statement;
  const faults: Finding[] = [];
  const odd = by.findIndex((signer, i) => signatures[i] !== undefined && signatures[i].keyid !== keys.idOf(signer.key));
  if (by.length !== signatures.length) faults.push(altered(seq, "signer.count", `${by.length} signatures`, String(signatures.length)));
  else if (odd >= 0) faults.push(altered(seq, "statement.signature", "the id of the signer's key", signatures[odd]?.keyid ?? ""));
  const pairs = by.slice(0, signatures.length);
  const good = await Promise.all(pairs.map(({ key }, i) => keys.verify(key, message, fromBase64(signatures[i]?.sig ?? ""))));
  good.forEach((holds, i) => {
    if (!holds) faults.push(altered(seq, "statement.signature", `a signature by ${by[i]?.key}`, "one that does not fit"));
  });
  return faults;
}

/** A refusal as a finding. */
export function refusal(seq: number, { rule, expected, found }: Refused): Finding {
  return { entry: seq, class: weightOf(rule), rule, expected: String(expected), found: String(found) };
}

/** A finding that something was altered. */
export function altered(entry: number | null, rule: Finding["rule"], expected: string, found: string): Finding {
  return { entry, class: "altered", rule, expected, found };
}

/** What an unfit input is said to be; anything else is a fault of this program. */
export function messageOf(error: unknown): string {
  if (error instanceof FormatError) return error.message;
  throw error;
}

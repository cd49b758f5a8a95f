/**
 * The inputs of tests/vectors/fuzz, which the Rust code answers to as well: the same are accepted, and whatever is refused is refused with a
 * `FormatError` (a statement by the law's `Refused`). With SUNVOTE_FUZZ_INPUTS the file that `make evidence` gathers from the fuzzers is taken instead.
 */
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { type Bytes, concat, equal, FormatError, fromHex, fromUtf8, utf8 } from "../src/bytes.ts";
import { parseCheckpoint } from "../src/checkpoint.ts";
import { mayEnrol } from "../src/curve.ts";
import { parseEnvelope } from "../src/dsse.ts";
import { formatEntry, MAX_ENTRY, parseEntry } from "../src/entry.ts";
import { judgeEvidence, parseEvidence } from "../src/evidence.ts";
import { parse } from "../src/ijson.ts";
import { Refused } from "../src/law/rules.ts";
import { readStatement } from "../src/law/statement.ts";
import { formatNote, formatVerifierKey, parseNote, parseVerifierKey, verifyNote } from "../src/note.ts";
import { parsePolicy } from "../src/policy.ts";
import { parseProof, verifyReceipt } from "../src/proof.ts";
import { parseBundle, parseTile, tilePath } from "../src/visit/served.ts";
import { wanted } from "./serving.ts";

interface Input {
  text?: string;
  hex?: string;
  accept: boolean;
}

const KEY = parseVerifierKey("log.example/v1+5a662682+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4");
const gathered = process.env["SUNVOTE_FUZZ_INPUTS"];

function inputs(format: string): Input[] {
  if (gathered !== undefined) return (JSON.parse(readFileSync(gathered, "utf8")) as Record<string, Input[]>)[format] ?? [];
  return JSON.parse(readFileSync(new URL(`../../tests/vectors/fuzz/${format}.json`, import.meta.url), "utf8")) as Input[];
}

/** Reads an input, and does with it what is done with whatever was read; throws `FormatError` for one that is not of the format. */
type Reader = (bytes: Uint8Array, text: () => string) => unknown;

const readers: Record<string, Reader> = {
  // The page knows how many entries and hashes it asked for; here it asks for as many as these bytes could hold.
  bundle: (bytes) => readAnyBundle(Uint8Array.from(bytes)),
  checkpoint: (_, text) => parseCheckpoint(text()),
  entry: (bytes, text) => expect(formatEntry(parseEntry(bytes))).toBe(text()),
  evidence: (_, text) => judgeEvidence(parseEvidence(text()), KEY),
  ijson: (bytes) => parse(bytes),
  note: (_, text) => {
    const note = parseNote(text());
    expect(formatNote(note)).toBe(text());
    return verifyNote(note, [KEY]);
  },
  policy: (bytes) => parsePolicy(bytes),
  proof: async (_, text) => {
    parseProof(text());
    await verifyReceipt(text(), { logKey: formatVerifierKey(KEY) });
  },
  statement: (bytes) => {
    if (bytes.length > MAX_ENTRY) throw new FormatError("longer than any entry");
    readStatement(parse(bytes));
  },
  tile: (bytes) => parseTile(Uint8Array.from(bytes), Math.floor(bytes.length / 32)),
  vkey: (_, text) => {
    const key = parseVerifierKey(text());
    expect(formatVerifierKey(key)).toBe(text());
    // The program refuses it when it is read, the browser when it is used.
    if (!mayEnrol(key.key)) throw new FormatError("a key that does not count");
  },
};

function readAnyBundle(bytes: Bytes): void {
  let count = 0;
  for (let at = 0; at < bytes.length; count++) at += 2 + 256 * (bytes[at] ?? 0) + (bytes[at + 1] ?? 0);
  const whole = concat(...parseBundle(bytes, count).flatMap((line) => [Uint8Array.of(line.length >> 8, line.length & 255), line]));
  expect(equal(whole, bytes)).toBe(true);
}

async function accepts(read: Reader, { text, hex }: Input): Promise<boolean> {
  const bytes = text === undefined ? fromHex(hex ?? "") : utf8(text);
  try {
    await read(bytes, () => fromUtf8(bytes));
    return true;
  } catch (error) {
    if (error instanceof FormatError || error instanceof Refused) return false;
    // A signature that doesn't fit is found after the text was read.
    if (error instanceof Error && error.name === "BadSignature") return true;
    throw error;
  }
}

describe.each(Object.keys(readers))("%s", (format) => {
  it("is accepted and refused as by the program", async () => {
    const all = inputs(format);
    expect(all.length).toBeGreaterThan(0);
    const wrong: Input[] = [];
    for (const input of all) if ((await accepts(readers[format] as Reader, input)) !== input.accept) wrong.push(input);
    expect(wrong).toEqual([]);
  }, 600_000);
});

/** Envelopes as a client sends them may be written more freely than those of an entry, which the browser reads. */
it("envelopes that the browser accepts, the program accepts", async () => {
  for (const input of inputs("envelope")) if (await accepts((bytes) => parseEnvelope(parse(bytes)), input)) expect(input.accept).toBe(true);
});

/** The browser reads no tile paths: it writes them, in the one spelling that the program reads. */
it("tile paths that the program reads, the browser writes", () => {
  const all = inputs("tile_path").filter(({ accept }) => accept).map(({ text = "" }) => text);
  const read = all.flatMap((text) => [wanted(text)].map((at) => ({ text, at }))).filter(({ at }) => at !== undefined && Number.isSafeInteger(at.index));
  expect(read.length).toBeGreaterThan(10);
  for (const { text, at } of read) expect(tilePath(at?.index ?? 0, at?.width ?? 0)).toBe(text);
});

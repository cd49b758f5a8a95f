/**
 * Checks a village's whole record in the browser: that nothing was changed, left out or put in, that every signature holds and is by a key
 * that may give it, and that the ballots add up to the announced results. The order of stages, presence, disputes, quorum and thresholds are judged by `sunvote verify`.
 */
import { sha256 } from "@noble/hashes/sha2.js";

import { equal, FormatError, fromBase64, fromUtf8, hex, utf8 } from "./bytes.ts";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { isNewerType, statementId, verifyStatement } from "./dsse.ts";
import { type Entry, MAX_ENTRY, parseEntry } from "./entry.ts";
import { type JsonObject, parseObject } from "./ijson.ts";
import { Law } from "./law.ts";
import { parseNote, parseVerifierKey, verifyNote } from "./note.ts";
import { type Place, Recount } from "./recount.ts";
import { leafHash, nodeHash } from "./tree.ts";

const FIRST_LINE = "sunvote/record/v1";
/** Longest checkpoint note that is read, in bytes. */
const MAX_NOTE = 65_536;

/** What an entry or the file as a whole breaks. */
export type RecordFault =
  | "file" | "version" | "spelling" | "order" | "chain" | "time" | "village" | "replay" | "signature" | "ballot" | "count" | "root" | "other-log" | "not-signed" | "bad-signature" | "kind" | "fields" | "signers" | "key" | "window" | "basis" | "level" | "roots" | "founding-place" | "voter-unknown" | "ballot-late" | "roster-wrong" | "ballot-paper" | "ballot-revision" | "ballot-unopened" | "paper-count" | "vote-order";

/** One finding; without `seq` it is about the whole file. */
export interface Finding {
  seq?: number;
  fault: RecordFault;
}

/** What a check found. Good when `findings` is empty. */
export interface RecordVerdict {
  findings: Finding[];
  entries: number;
  ballots: number;
  /** Questions whose announced result was counted again. */
  results: number;
  /** Whether the reader named the district's root keys, and whether those founded the record. */
  roots: "named" | "not_named" | "other";
  /** Whether the first entry is a founding by the roots above; what it says of them means nothing otherwise. */
  founded: boolean;
  /** Root keys that the reader named, each once. */
  named: readonly string[];
  /** Keys that founded the record, if the reader did not name them all: then what the entries say was not judged. */
  strangers: readonly string[];
  checkpoint?: Checkpoint;
}

/** How a record is checked. */
export interface Options {
  /** The district's root keys as printed, lower-case hex; without any the record's own are taken. */
  roots?: readonly string[];
  /** Hears how many bytes were read. */
  progress?(bytes: number): void;
}

/** Checks a record as it is read. Throws `FormatError` for a bad `logKey` only. */
export async function verifyRecord(file: AsyncIterable<Uint8Array>, logKey: string, options: Options = {}): Promise<RecordVerdict> {
  const { roots = [], progress = () => {} } = options;
  const check = new RecordCheck(parseVerifierKey(logKey).name, roots);
  try {
    const note = await readRecord(file, check, progress);
    await check.finish(note, logKey);
  } catch (error) {
    check.found(error instanceof Broken ? error.fault : "file");
  }
  return check.verdict();
}

class Broken extends Error {
  constructor(readonly fault: RecordFault) {
    super(fault);
  }
}

/** Hands each entry line to the check and returns the note at the end. */
async function readRecord(file: AsyncIterable<Uint8Array>, check: RecordCheck, progress: (bytes: number) => void): Promise<string> {
  let rest: Uint8Array = new Uint8Array();
  let state: "first" | "entries" | "note" = "first";
  let read = 0;
  for await (const piece of file) {
    progress((read += piece.length));
    rest = joined(rest, piece);
    let start = 0;
    for (let end = rest.indexOf(10); end >= 0 && state !== "note"; end = rest.indexOf(10, start)) {
      const line = rest.subarray(start, end);
      start = end + 1;
      if (state === "first") {
        firstLine(line);
        state = "entries";
      } else if (line.length === 0) state = "note";
      else await check.entry(line);
    }
    rest = rest.slice(start);
    if (rest.length > (state === "note" ? MAX_NOTE : MAX_ENTRY)) throw new Broken("file");
  }
  if (state !== "note") throw new Broken("file");
  return fromUtf8(rest);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

function firstLine(line: Uint8Array): void {
  const text = fromUtf8(line);
  if (text !== FIRST_LINE) throw new Broken(text.startsWith("sunvote/record/v") ? "version" : "file");
}

class RecordCheck {
  private readonly findings: Finding[] = [];
  private readonly ids = new Set<string>();
  private readonly recount = new Recount();
  private readonly law: Law;
  /** Roots of the full subtrees so far, largest first, with their sizes. */
  private readonly peaks: { size: number; hash: Uint8Array }[] = [];
  private size = 0;
  private last: string;
  private time = "";
  private checkpoint: Checkpoint | undefined;
  /** Whether an entry was made by a newer version: from there on bytes and signatures are checked, and what entries say is not (PROTOCOL 13). */
  private newer = false;

  constructor(
    private readonly origin: string,
    private readonly roots: readonly string[],
  ) {
    this.law = new Law(roots);
    this.last = hex(sha256(utf8(origin)));
  }

  found(fault: RecordFault, seq?: number): void {
    this.findings.push(seq === undefined ? { fault } : { seq, fault });
  }

  async entry(line: Uint8Array): Promise<void> {
    const seq = this.size++;
    const leaf = leafHash(line);
    const prev = this.last;
    this.last = hex(leaf);
    this.push(leaf);
    let entry: Entry;
    try {
      entry = parseEntry(line);
    } catch {
      return this.found("spelling", seq);
    }
    if (entry.seq !== seq) this.found("order", seq);
    if (entry.prev !== prev) this.found("chain", seq);
    // Times have one spelling, so their order is that of their texts.
    if (entry.time < this.time) this.found("time", seq);
    this.time = entry.time;
    await this.statement(entry, seq, this.last);
  }

  private async statement(entry: Entry, seq: number, leaf: string): Promise<void> {
    // Anywhere else than at the start or after later rules it is altered: one such line would hide all that follows.
    if (isNewerType(entry.statement.payloadType) && (seq === 0 || this.newer)) return this.endJudging(seq);
    try {
      const bytes = fromBase64(entry.statement.payload);
      const payload = parseObject(bytes);
      const id = hex(statementId(bytes));
      if (this.ids.has(id)) this.found("replay", seq);
      this.ids.add(id);
      if (!this.origin.endsWith(`/${String(payload["village"])}`)) this.found("village", seq);
      const signed = await verifyStatement(entry.statement);
      if (!signed) this.found("signature", seq);
      if (!this.newer) this.judge(payload, seq, { id, leaf, time: entry.time }, signed);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.found("spelling", seq);
    }
  }

  private judge(payload: JsonObject, seq: number, at: Place, signed: boolean): void {
    for (const fault of this.law.add(payload, seq, at)) {
      if (fault !== "version") this.found(fault, seq);
      else if (signed) this.endJudging(seq);
    }
    if (this.newer || this.law.strangers.length > 0) return;
    const fault = this.recount.add(payload, at);
    if (fault !== undefined) this.found(fault, seq);
  }

  /** One finding says it, at the first entry that is newer. */
  private endJudging(seq: number): void {
    if (!this.newer) this.found("version", seq);
    this.newer = true;
  }

  private push(leaf: Uint8Array): void {
    let node = { size: 1, hash: leaf };
    for (let left = this.peaks.at(-1); left?.size === node.size; left = this.peaks.at(-1)) {
      this.peaks.pop();
      node = { size: 2 * node.size, hash: nodeHash(left.hash, node.hash) };
    }
    this.peaks.push(node);
  }

  async finish(text: string, logKey: string): Promise<void> {
    const note = parseNote(text);
    const checkpoint = (this.checkpoint = parseCheckpoint(note.text));
    if (checkpoint.origin !== this.origin) return this.found("other-log");
    const signed = await verifyNote(note, [parseVerifierKey(logKey)]).catch(() => undefined);
    if (signed === undefined) this.found("bad-signature");
    else if (signed.length === 0) this.found("not-signed");
    const root = this.peaks.map((peak) => peak.hash).reduceRight((right, left) => nodeHash(left, right));
    if (checkpoint.size !== this.size || !equal(root, checkpoint.root)) this.found("root");
  }

  verdict(): RecordVerdict {
    const { ballots, results } = this.recount;
    const { founded, strangers } = this.law;
    const named = [...new Set(this.roots)];
    const roots = named.length === 0 ? "not_named" : strangers.length === 0 ? "named" : "other";
    const verdict = { findings: this.findings, entries: this.size, ballots, results, roots, founded, named, strangers } as const;
    return this.checkpoint === undefined ? verdict : { ...verdict, checkpoint: this.checkpoint };
  }
}

/**
 * Checks a village's whole record: bytes, hash chain, tree, signatures, the law from the founding on, and the checkpoint. Written from
 * docs/PROTOCOL.md, apart from the Rust verifier; both give the same findings. What it knows can be kept and taken up again later.
 */
import { sha256 } from "@noble/hashes/sha2.js";

import { equal, fromHex, fromUtf8, hex, utf8 } from "../bytes.ts";
import { type Checkpoint, parseCheckpoint } from "../checkpoint.ts";
import { judge } from "../law/judge.ts";
import { Refused } from "../law/rules.ts";
import type { State } from "../law/state.ts";
import { ALG_ED25519, formatVerifierKey, type Note, parseNote, verifierKey, verifyNote } from "../note.ts";
import { type Chain, lastLink, link, newChain, rootOf } from "./chain.ts";
import { type Ending, readRecord } from "./file.ts";
import { Keyring } from "./keyring.ts";
import { altered, messageOf, prepare, type Prepared, refusal } from "./prepare.ts";
import { add, type Finding, newReport, type Report, type Verdict, verdictOf } from "./report.ts";

/** What the reader brings along. */
export interface Options {
  /** The district's root keys as printed, hex; where they are not given the record's own are taken. */
  roots?: readonly string[];
  /** Checkpoints of this log that the reader holds: the record must extend them. */
  known?: readonly Pick<Checkpoint, "size" | "root">[];
  /** The log's verifier key as printed: the record's own must be the same. */
  logKey?: string;
  /** Hears how many bytes were read. */
  progress?(bytes: number): void;
}

/** What was found, and whose record it is. */
export interface Checked extends Report {
  verdict: Verdict;
  /** Whether the founding is by root keys that the reader named. */
  roots: "named" | "not_named" | "other" | "not_checked";
  /** Root keys that the reader named, each once, sorted. */
  named: readonly string[];
  /** Keys that founded the record, if the reader did not name them all. */
  strangers: readonly string[];
  /** Whether the law was judged to the end. */
  judged: boolean;
  /** Whether the checkpoint is the log's own, of these entries, and extends what the reader holds. However many findings there are. */
  fits: boolean;
}

/** Everything that goes on from entry to entry. Plain data: it survives structured cloning, and `write` and `read` of saved.ts. */
export interface Progress {
  chain: Chain;
  report: Report;
  law: State | undefined;
  strangers: readonly string[];
  /** The law can't be judged from some entry on: under unknown rules, or without a founding. */
  blind: boolean;
  named: readonly string[] | undefined;
}

/** Checks a record as it is read. */
export async function verifyRecord(file: AsyncIterable<Uint8Array>, options: Options = {}): Promise<Checked> {
  const verifier = new Verifier(options);
  const ending = await readRecord(file, async (lines, bytes) => {
    await verifier.take(lines);
    options.progress?.(bytes);
  });
  return verifier.finish(ending);
}

export class Verifier {
  private readonly keys = new Keyring();
  private fits = true;

  /** Begins anew, or goes on from `progress`, which then is this verifier's own. */
  constructor(
    private readonly options: Options = {},
    readonly progress: Progress = begin(options.roots),
  ) {}

  /** Takes in the next entries, in order. */
  async take(lines: readonly Uint8Array[]): Promise<void> {
    for (const entry of await prepare(lines, this.progress.chain.size, this.keys)) this.takeOne(entry);
  }

  private takeOne(entry: Prepared): void {
    const { progress } = this;
    progress.report.entries++;
    progress.report.signatures += entry.signatures;
    for (const fault of entry.faults) this.add(fault);
    for (const fault of link(progress.chain, entry)) this.add(fault);
    // Once the law can't be judged, what an entry says is no finding.
    if (!progress.blind) this.consult(entry);
    progress.blind ||= progress.law === undefined;
    this.compareKnown();
  }

  private consult({ seq, leaf, head, statement, refusal: unread }: Prepared): void {
    const { progress } = this;
    if (unread !== undefined) return this.refuse(unread);
    if (head === undefined || statement === undefined) return;
    try {
      const judged = judge(progress.law, statement.read, statement.id, { seq, time: head.time, leaf: hex(leaf) }, progress.named);
      progress.law = judged.state;
      for (const rule of judged.remarks) this.add({ entry: seq, class: "remark", rule, expected: "", found: "" });
      if (statement.read.kind === "ballot.cast") progress.report.ballots++;
      if (statement.read.kind === "result.announced") progress.report.results++;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.rule === "founding.other_roots") progress.strangers = statement.read.by.map((signer) => signer.key);
      this.refuse(refusal(seq, error));
    }
  }

  private refuse(finding: Finding): void {
    this.progress.blind ||= finding.class === "unknown";
    this.add(finding);
  }

  private add(finding: Finding): void {
    if (finding.rule.startsWith("checkpoint.")) this.fits = false;
    add(this.progress.report, finding);
  }

  private compareKnown(): void {
    const { chain } = this.progress;
    for (const known of this.options.known ?? []) {
      if (known.size !== chain.size) continue;
      const root = rootOf(chain);
      if (!equal(root, known.root)) this.add(altered(chain.size - 1, "checkpoint.known", hex(known.root), hex(root)));
    }
  }

  /** Ends with how the file ends. After it the verifier takes no more; keep `progress` before, to go on another time. */
  async finish(ending: Ending): Promise<Checked> {
    const { report, chain } = this.progress;
    if ("unreadable" in ending) {
      report.unreadable = ending.unreadable;
      return this.checked();
    }
    for (const fault of lastLink(chain)) this.add(fault);
    if ("note" in ending) await this.checkCheckpoint(ending.note);
    else this.add(endOfFile(ending.fault, chain.size));
    for (const { size } of this.options.known ?? []) {
      if (size > chain.size) this.add(altered(null, "checkpoint.known", `at least ${size} entries`, String(chain.size)));
    }
    return this.checked();
  }

  private async checkCheckpoint(bytes: Uint8Array): Promise<void> {
    const { report, chain, law, blind } = this.progress;
    let note: Note;
    let checkpoint: Checkpoint;
    try {
      note = parseNote(fromUtf8(bytes));
      checkpoint = parseCheckpoint(note.text);
    } catch (error) {
      // An entry that was emptied ends the entries early; what follows then shows where.
      const early = bytes[0] === 0x7b || bytes[0] === 0x0a ? chain.size : null;
      return this.add(altered(early, "checkpoint.format", "a signed checkpoint", messageOf(error)));
    }
    const origin = law?.origin ?? checkpoint.origin;
    const genesis = hex(sha256(utf8(origin)));
    if (chain.firstPrev !== undefined && chain.firstPrev !== genesis) this.add(altered(0, "entry.prev", `${genesis}, of ${origin}`, chain.firstPrev));
    // Without a founding there is no key to trust; its finding says why.
    if (law !== undefined) await this.checkSigned(note, checkpoint, law);
    else if (!blind) this.add({ entry: null, class: "unknown", rule: "checkpoint.key", expected: "a founded log", found: "none" });
    const root = rootOf(chain);
    if (checkpoint.size !== chain.size) this.add(altered(null, "checkpoint.size", String(checkpoint.size), String(chain.size)));
    else if (!equal(checkpoint.root, root)) {
      // The chain binds every entry but the last, so with an unbroken chain the last is where to look.
      const last = chain.size > 0 && report.findings.every((finding) => finding.class !== "altered") ? chain.size - 1 : null;
      this.add(altered(last, "checkpoint.root", hex(checkpoint.root), hex(root)));
    }
    report.checkpoint = checkpoint;
  }

  private async checkSigned(note: Note, checkpoint: Checkpoint, { origin, logKey }: State): Promise<void> {
    if (checkpoint.origin !== origin) return this.add(altered(null, "checkpoint.origin", origin, checkpoint.origin));
    const log = verifierKey(origin, ALG_ED25519, fromHex(logKey));
    const { logKey: printed = formatVerifierKey(log) } = this.options;
    if (printed !== formatVerifierKey(log)) this.add(altered(null, "checkpoint.key", printed, formatVerifierKey(log)));
    const good = await verifyNote(note, [log]).catch(() => []);
    if (good.length === 0) this.add(altered(null, "checkpoint.signature", `a signature by ${logKey}`, "none that fits"));
  }

  private checked(): Checked {
    const { report, named, strangers, law, blind } = this.progress;
    const roots = named === undefined ? "not_named" : strangers.length > 0 ? "other" : law === undefined ? "not_checked" : "named";
    // What could not be read was not judged either.
    return { ...report, verdict: verdictOf(report), roots, named: named ?? [], strangers, judged: !blind && report.unreadable === undefined, fits: this.fits };
  }
}

function begin(roots: readonly string[] | undefined): Progress {
  return { chain: newChain(), report: newReport(), law: undefined, strangers: [], blind: false, named: roots && [...new Set(roots)].sort() };
}

function endOfFile(fault: "long line" | "cut off" | "long note", size: number): Finding {
  if (fault === "long line") return altered(size, "entry.format", "at most 65,535 bytes", "a longer line");
  const [expected, found] = fault === "cut off" ? ["an empty line and a checkpoint", "the end of the file"] : ["a checkpoint after the last entry", "more than that"];
  return altered(size, "record.end", expected, found);
}

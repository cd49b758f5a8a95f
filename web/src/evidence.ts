/** Fraud evidence (PROTOCOL 6): a file that proves that a log signed two histories, judged with nothing but the log's key. */
import { sha256 } from "@noble/hashes/sha2.js";

import { type Bytes, equal, FormatError, fromBase64, utf8 } from "./bytes.ts";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { type Note, parseNote, type VerifierKey, verifyNote } from "./note.ts";
import { prefixRoots } from "./prefix.ts";

const HEADER = "sunvote/evidence/v1";
/** Most hashes that rebuild a root. */
const MAX_HASHES = 64;
/** Longest file, in bytes. */
const MAX_BYTES = 1 << 18;

/** The file is of a version that this program cannot read. */
export class NewerEvidence extends FormatError {
  override name = "NewerEvidence";
}

/** One signed state of the log. */
interface Signed {
  note: Note;
  checkpoint: Checkpoint;
}

/** A file taken apart; nothing is checked yet. */
export interface Evidence {
  /** What rebuilds both roots; none when the sizes are equal or the smaller is 0. */
  hashes: Bytes[];
  smaller: Signed;
  larger: Signed;
}

/** What a file shows: fraud of one of the two forms, or why it proves nothing. */
export type Judgement = "fork" | "rewritten" | "not_the_logs" | "same" | "length" | "unrelated" | "consistent";

/** Whether a judgement says that the log committed fraud. */
export function provesFraud(judgement: Judgement): boolean {
  return judgement === "fork" || judgement === "rewritten";
}

/** Reads a file; throws `FormatError`, and {@link NewerEvidence} for a file of a later version. */
export function parseEvidence(text: string): Evidence {
  if (utf8(text).length > MAX_BYTES) throw new FormatError("the evidence is too long");
  const [head = "", body, signatures, ...rest] = text.split("\n\n");
  const [first = "", ...lines] = head.split("\n");
  if (/^sunvote\/evidence\/v(?:[2-9]|[1-9][0-9]{1,8})$/.test(first)) throw new NewerEvidence("evidence of a newer version");
  if (first !== HEADER || body === undefined || signatures === undefined || rest.length !== 2) throw new FormatError("expected evidence");
  if (lines.length > MAX_HASHES) throw new FormatError("too many hashes");
  const hashes = lines.map(fromBase64);
  if (hashes.some((hash) => hash.length !== 32)) throw new FormatError("expected hashes of 32 bytes");
  const smaller = signed(`${body}\n\n${signatures}\n`);
  const larger = signed(rest.join("\n\n"));
  if (smaller.checkpoint.origin !== larger.checkpoint.origin) throw new FormatError("checkpoints of two logs");
  if (smaller.checkpoint.size > larger.checkpoint.size) throw new FormatError("the larger checkpoint stands first");
  return { hashes, smaller, larger };
}

function signed(text: string): Signed {
  const note = parseNote(text);
  return { note, checkpoint: parseCheckpoint(note.text) };
}

/** What the evidence proves against the log whose verifier key this is. */
export async function judgeEvidence(evidence: Evidence, log: VerifierKey): Promise<Judgement> {
  for (const one of [evidence.smaller, evidence.larger]) if (!(await isSigned(one, log))) return "not_the_logs";
  const { hashes } = evidence;
  const [old, now] = [evidence.smaller.checkpoint, evidence.larger.checkpoint];
  if (old.size === now.size) {
    if (hashes.length > 0) return "length";
    return equal(old.root, now.root) ? "same" : "fork";
  }
  if (old.size === 0) {
    if (hashes.length > 0) return "length";
    return equal(old.root, sha256(new Uint8Array())) ? "consistent" : "rewritten";
  }
  const roots = prefixRoots(old.size, now.size, hashes);
  if (roots === undefined) return "length";
  if (!equal(roots.now, now.root)) return "unrelated";
  return equal(roots.old, old.root) ? "consistent" : "rewritten";
}

async function isSigned({ note, checkpoint }: Signed, log: VerifierKey): Promise<boolean> {
  if (checkpoint.origin !== log.name) return false;
  const good = await verifyNote(note, [log]).catch(() => []);
  return good.length > 0;
}

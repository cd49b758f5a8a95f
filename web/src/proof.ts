/** Receipts: C2SP tlog-proof files, checked off line (PROTOCOL 7). */
import { type Bytes, decimal, equal, FormatError, fromBase64, hex, utf8 } from "./bytes.ts";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { type Envelope, isNewerType, verifyStatement } from "./dsse.ts";
import { type Entry, parseEntry } from "./entry.ts";
import { type GoodSignature, type Note, parseNote, parseVerifierKey, type VerifierKey, verifyNote } from "./note.ts";
import { leafHash, verifyInclusion } from "./tree.ts";

const HEADER = "c2sp.org/tlog-proof@v1";
/** Longest file, in bytes. */
const MAX_BYTES = 1 << 20;

/** A proof file taken apart; nothing is checked yet. */
export interface Proof {
  /** What the file carries along: in a receipt, the entry itself. */
  extra?: Bytes;
  index: number;
  hashes: Bytes[];
  note: Note;
}

/** Reads a proof file; throws `FormatError`. */
export function parseProof(text: string): Proof {
  if (text.length > MAX_BYTES || utf8(text).length > MAX_BYTES) throw new FormatError("the proof is too long");
  const split = text.indexOf("\n\n");
  if (split < 0) throw new FormatError("expected a proof file");
  const lines = text.slice(0, split).split("\n");
  if (lines.shift() !== HEADER) throw new FormatError("expected a proof file");
  const extra = lines[0]?.startsWith("extra ") ? fromBase64((lines.shift() as string).slice(6)) : undefined;
  const index = lines.shift() ?? "";
  if (!index.startsWith("index ") || lines.length > 63) throw new FormatError("expected a proof file");
  const hashes = lines.map((line) => fromBase64(line));
  if (hashes.some((hash) => hash.length !== 32)) throw new FormatError("expected hashes of 32 bytes");
  const rest = { index: decimal(index.slice(6)), hashes, note: parseNote(text.slice(split + 2)) };
  return extra === undefined ? rest : { extra, ...rest };
}

/** Why a receipt proves nothing; `newer` says nothing about whether it is good. */
export type ReceiptFault = "malformed" | "other-log" | "not-signed" | "bad-signature" | "not-in-tree" | "bad-statement" | "not-mine" | "newer";

/** What a check found; `fault` is absent only when every step held. */
export interface ReceiptVerdict {
  fault?: ReceiptFault | undefined;
  checkpoint?: Checkpoint;
  entry?: Entry;
  /** Leaf hash of the entry, hex. */
  leaf?: string;
}

/** What the holder knows besides the receipt. */
export interface Expected {
  /** The log's verifier key as the holder pinned it. */
  logKey: string;
  /** Payload the holder signed, base64; absent when checking somebody else's receipt. */
  payload?: string;
}

/** Whether a proof's leaf lies under a checkpoint that `known` signed. Throws `FormatError` and `BadSignature`. */
export async function verifyProof(proof: Proof, leaf: Uint8Array, known: VerifierKey[]): Promise<GoodSignature[]> {
  const good = await verifyNote(proof.note, known);
  const { size, root } = parseCheckpoint(proof.note.text);
  return verifyInclusion(leaf, proof.index, size, proof.hashes, root) ? good : [];
}

/** Checks a receipt without any network: entry in one spelling, its signatures, its place in the tree, the log's signature over the tree. */
export async function verifyReceipt(text: string, expected: Expected): Promise<ReceiptVerdict> {
  const verdict: ReceiptVerdict = {};
  try {
    verdict.fault = await judge(text, expected, verdict);
  } catch {
    verdict.fault = "malformed";
  }
  return verdict;
}

async function judge(text: string, expected: Expected, verdict: ReceiptVerdict): Promise<ReceiptFault | undefined> {
  const proof = parseProof(text);
  const logKey = parseVerifierKey(expected.logKey);
  if (proof.extra === undefined) return "malformed";
  const checkpoint = (verdict.checkpoint = parseCheckpoint(proof.note.text));
  const entry = (verdict.entry = parseEntry(proof.extra));
  const leaf = leafHash(proof.extra);
  verdict.leaf = hex(leaf);
  if (checkpoint.origin !== logKey.name) return "other-log";
  const signed = await verifyNote(proof.note, [logKey]).catch(() => undefined);
  if (signed === undefined) return "bad-signature";
  if (signed.length === 0) return "not-signed";
  if (entry.seq !== proof.index) return "not-in-tree";
  if (!verifyInclusion(leaf, proof.index, checkpoint.size, proof.hashes, checkpoint.root)) return "not-in-tree";
  if (isNewerType(entry.statement.payloadType)) return isMine(entry, expected) ? "newer" : "not-mine";
  if (!(await isSigned(entry.statement))) return "bad-statement";
  return isMine(entry, expected) ? undefined : "not-mine";
}

/** Whether a statement is signed by those it names; one that names nobody isn't. */
async function isSigned(statement: Envelope): Promise<boolean> {
  try {
    return await verifyStatement(statement);
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

function isMine(entry: Entry, { payload }: Expected): boolean {
  return payload === undefined || equal(fromBase64(payload), fromBase64(entry.statement.payload));
}

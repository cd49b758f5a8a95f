/** A pair of receipts checked off line (PROTOCOL 7): the entry in its village's log, and that log's checkpoint in the district's, with its witnesses. */
import { FormatError, utf8 } from "./bytes.ts";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { BadSignature, formatNote, type GoodSignature, type Note, parseVerifierKey, type VerifierKey, verifyNote } from "./note.ts";
import { isMet, NO_WITNESSES, type Policy } from "./policy.ts";
import { type Expected, parseProof, type Proof, type ReceiptFault, type ReceiptVerdict, verifyReceipt } from "./proof.ts";
import { leafHash, verifyInclusion } from "./tree.ts";

/** Why a pair proves nothing. */
export type PairFault = ReceiptFault | "other-district" | "district-not-signed" | "district-bad-signature" | "not-in-district" | "not-witnessed";

/** What the holder knows besides the two files. */
export interface PairExpected extends Expected {
  /** The district log's verifier key; without it the policy's logs are taken. */
  districtKey?: string;
  /** Which witnesses, and how many; without it nobody is asked. */
  policy?: Policy;
}

/** What a check found; `fault` is absent only when every step held. */
export interface PairVerdict extends Omit<ReceiptVerdict, "fault"> {
  fault?: PairFault | undefined;
  district?: Checkpoint;
  /** Who of the policy cosigned, and when. */
  cosigned?: GoodSignature[];
}

/** Checks both files without any network. */
export async function verifyPair(first: string, second: string, expected: PairExpected): Promise<PairVerdict> {
  let above: { proof: Proof; checkpoint: Checkpoint };
  try {
    const proof = parseProof(second);
    above = { proof, checkpoint: parseCheckpoint(proof.note.text) };
  } catch (error) {
    if (error instanceof FormatError) return { fault: "malformed" };
    throw error;
  }
  const alone = await verifyReceipt(first, expected);
  // What can't be read is said before what doesn't hold.
  if (alone.fault === "malformed" || above.proof.extra !== undefined) return { ...alone, fault: "malformed" };
  if (alone.fault !== undefined) return alone;
  const { fault, cosigned } = await judgeAbove(above.proof, above.checkpoint, parseProof(first).note, { ...expected, logKey: parseVerifierKey(expected.logKey) });
  const verdict: PairVerdict = { ...alone, fault, district: above.checkpoint };
  return cosigned === undefined ? verdict : { ...verdict, cosigned };
}

/** Whether a village's note is a leaf of the district's log under a checkpoint, and who of the policy cosigned that. */
export async function judgeAbove(
  proof: Proof,
  checkpoint: Checkpoint,
  village: Note,
  expected: Pick<PairExpected, "districtKey" | "policy"> & { logKey: VerifierKey },
): Promise<{ fault?: PairFault; cosigned?: GoodSignature[] }> {
  const policy = expected.policy ?? NO_WITNESSES;
  const logs = expected.districtKey === undefined ? policy.logs : [parseVerifierKey(expected.districtKey)];
  const known = logs.filter((log) => log.name === checkpoint.origin);
  if (known.length === 0) return { fault: "other-district" };
  const found = await signatures(proof.note, known, policy.witnesses);
  if (typeof found === "string") return { fault: found };
  const leaf = leafHash(utf8(leafOf(village, expected.logKey)));
  if (!verifyInclusion(leaf, proof.index, checkpoint.size, proof.hashes, checkpoint.root)) return { fault: "not-in-district" };
  const places = new Set(found.map(({ key }) => policy.witnesses.indexOf(key)));
  return isMet(policy.quorum, places) ? { cosigned: found } : { fault: "not-witnessed", cosigned: found };
}

/** Who of the witnesses cosigned, once one of the logs did. */
async function signatures(note: Note, logs: VerifierKey[], witnesses: VerifierKey[]): Promise<GoodSignature[] | PairFault> {
  try {
    if ((await verifyNote(note, logs)).length === 0) return "district-not-signed";
    return await verifyNote(note, witnesses);
  } catch (error) {
    if (error instanceof BadSignature) return "district-bad-signature";
    throw error;
  }
}

/** The district log's leaf: the note as the village's log alone signed it. Others may have cosigned the copy in the first file. */
function leafOf(note: Note, key: VerifierKey): string {
  const own = note.signatures.find((line) => line.name === key.name && line.id.every((byte, i) => byte === key.id[i]));
  return formatNote({ text: note.text, signatures: own === undefined ? [] : [own] });
}

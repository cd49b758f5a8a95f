/** The district's checkpoints that this device was shown, held against each other: whether they are one history (PROTOCOL 7, 9). */
import { equal, FormatError } from "../bytes.ts";
import { type Checkpoint, parseCheckpoint } from "../checkpoint.ts";
import { BadSignature, type Note, parseNote, type VerifierKey, verifyNote } from "../note.ts";
import { prefixRoots } from "../prefix.ts";
import { evidence, prefixHashes } from "../visit/history.ts";
import { NotServed, Served } from "../visit/served.ts";

/** A checkpoint that the log signed. */
export interface Signed {
  text: string;
  note: Note;
  checkpoint: Checkpoint;
}

/** Opens a note; nothing where it is not a checkpoint that the log of this key signed. */
export async function open(text: string, log: VerifierKey): Promise<Signed | undefined> {
  try {
    const note = parseNote(text);
    const checkpoint = parseCheckpoint(note.text);
    if (checkpoint.origin !== log.name || (await verifyNote(note, [log])).length === 0) return undefined;
    return { text, note, checkpoint };
  } catch (error) {
    if (error instanceof FormatError || error instanceof BadSignature) return undefined;
    throw error;
  }
}

/** How two checkpoints of one log stand to each other; the evidence where they contradict each other. */
export type Together =
  | { state: "fits" }
  | { state: "contradicts"; evidence: string }
  /** No place serves the hashes that would show it, or what one serves (`unrelated`) does not lead to what was signed. */
  | { state: "unknown"; unrelated: boolean };

/** Compares two checkpoints by the hashes that are served at these places, of which none is believed: a hash counts where it leads to a signed root. */
export async function compare(one: Signed, other: Signed, log: VerifierKey, places: readonly string[]): Promise<Together> {
  const [old, now] = one.checkpoint.size <= other.checkpoint.size ? [one, other] : [other, one];
  const { size, root } = old.checkpoint;
  const sameSize = size === now.checkpoint.size;
  let unrelated = false;
  if (sameSize && equal(root, now.checkpoint.root)) return { state: "fits" };
  for (const place of places) {
    const served = new Served(place);
    const range = (from: number, to: number): ReturnType<Served["range"]> => served.range(from, to, now.checkpoint.size);
    try {
      if (!sameSize && size > 0) {
        const roots = prefixRoots(size, now.checkpoint.size, await prefixHashes(size, now.checkpoint.size, range));
        unrelated = roots === undefined || !equal(roots.now, now.checkpoint.root);
        if (unrelated || roots === undefined) continue;
        if (equal(roots.old, root)) return { state: "fits" };
      }
    } catch (error) {
      if (error instanceof NotServed || error instanceof FormatError) continue;
      throw error;
    }
    const file = await evidence(old.text, now.text, log, range);
    if (file !== undefined) return { state: "contradicts", evidence: file };
    if (size === 0) return { state: "fits" };
  }
  return { state: "unknown", unrelated };
}

/** What came of holding what is shown now against what was shown before. */
export type Seen =
  | { state: "fits"; newest: Signed }
  /** The log signed two histories. */
  | { state: "contradicts"; evidence: string; newest: Signed; other: Signed }
  /** What is shown is older than what was, and does not show that it goes with it. */
  | { state: "older"; newest: Signed; other: Signed }
  /** The hashes that would show it are not served. */
  | { state: "unknown"; newest: Signed; other: Signed };

/** Holds checkpoints that are shown now against the newest one of before, and gives the newest; nothing where there is none. */
export async function holdAgainst(before: Signed | undefined, now: readonly Signed[], log: VerifierKey, place: string): Promise<Seen | undefined> {
  let newest = before;
  for (const one of now) {
    if (newest === undefined) {
      newest = one;
      continue;
    }
    const together = await compare(newest, one, log, [place]);
    if (together.state === "contradicts") return { ...together, newest, other: one };
    if (together.state === "unknown") return { state: one.checkpoint.size < newest.checkpoint.size ? "older" : "unknown", newest, other: one };
    if (one.checkpoint.size > newest.checkpoint.size) newest = one;
  }
  return newest && { state: "fits", newest };
}

/** Two signed states of one log: whether the later extends the earlier, and if not, the file that proves it (PROTOCOL 6). */
import { base64, type Bytes, FormatError } from "../bytes.ts";
import { judgeEvidence, parseEvidence, provesFraud } from "../evidence.ts";
import { parseCheckpoint } from "../checkpoint.ts";
import { parseNote, type VerifierKey } from "../note.ts";
import { prefixRoots, root } from "../prefix.ts";
import { NotServed } from "./served.ts";

/** Root over the leaves from one place to before another. */
export type Range = (from: number, to: number) => Promise<Bytes>;

/** Ranges of leaf hashes that lie one after another. */
export function rangesOf(leaves: Bytes): Range {
  return async (from, to) => root(Array.from({ length: to - from }, (_, i) => leaves.subarray(32 * (from + i), 32 * (from + i + 1))));
}

/** Hashes that lead to the roots of the first `size` leaves and of all `total`, for 0 < `size` < `total`; what `prefixRoots` takes. */
export function prefixHashes(size: number, total: number, range: Range): Promise<Bytes[]> {
  const from = async (start: number, end: number): Promise<Bytes[]> => {
    if (end === size) return [await range(start, end)];
    let half = 1;
    while (2 * half < end - start) half *= 2;
    const middle = start + half;
    return size > middle ? [...(await from(middle, end)), await range(start, middle)] : [...(await from(start, middle)), await range(middle, end)];
  };
  return from(0, total);
}

/** Whether the later of two checkpoints extends the earlier, by hashes that the server gives. */
export async function extendsEarlier(old: { size: number; root: Bytes }, now: { size: number; root: Bytes }, range: Range): Promise<boolean> {
  const same = (a: Bytes, b: Uint8Array): boolean => base64(a) === base64(b);
  if (old.size >= now.size) return old.size === now.size && same(old.root, now.root);
  if (old.size === 0) return true;
  const roots = prefixRoots(old.size, now.size, await prefixHashes(old.size, now.size, range));
  return roots !== undefined && same(old.root, roots.old) && same(now.root, roots.now);
}

/**
 * The evidence file against the log of this key, or nothing where these notes and hashes prove nothing. `range` is of the larger log.
 * The file is given out only after it was judged as anyone will judge it.
 */
export async function evidence(one: string, other: string, log: VerifierKey, range: Range): Promise<string | undefined> {
  const sizeOf = (note: string): number => parseCheckpoint(parseNote(note).text).size;
  try {
    const [smaller, larger] = sizeOf(one) <= sizeOf(other) ? [one, other] : [other, one];
    const [old, now] = [sizeOf(smaller), sizeOf(larger)];
    const hashes = old === 0 || old === now ? [] : await prefixHashes(old, now, range);
    const file = `sunvote/evidence/v1\n${hashes.map((hash) => `${base64(hash)}\n`).join("")}\n${smaller}\n${larger}`;
    return provesFraud(await judgeEvidence(parseEvidence(file), log)) ? file : undefined;
  } catch (error) {
    if (error instanceof FormatError || error instanceof NotServed) return undefined;
    throw error;
  }
}

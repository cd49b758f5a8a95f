/** RFC 6962 Merkle tree: roots, and whether one size of a tree is the beginning of another. Apart from tree.ts, since signing needs none of it. */
import { sha256 } from "@noble/hashes/sha2.js";

import { type Bytes, equal } from "./bytes.ts";
import { nodeHash } from "./tree.ts";

/** Root of the tree over these leaf hashes; SHA-256 of nothing when there are none. */
export function root(leaves: Uint8Array[]): Bytes {
  if (leaves.length === 0) return sha256(new Uint8Array()) as Bytes;
  if (leaves.length === 1) return Uint8Array.from(leaves[0] as Uint8Array);
  let split = 1;
  while (2 * split < leaves.length) split *= 2;
  return nodeHash(root(leaves.slice(0, split)), root(leaves.slice(split)));
}

/** Whether `proof` shows that the tree of `newSize` leaves extends that of `oldSize` (RFC 9162 section 2.1.4.2). */
export function verifyConsistency(
  oldSize: number,
  oldRoot: Uint8Array,
  newSize: number,
  newRoot: Uint8Array,
  proof: Uint8Array[],
): boolean {
  if (!Number.isSafeInteger(oldSize) || !Number.isSafeInteger(newSize) || oldSize < 1 || oldSize > newSize) return false;
  if (oldSize === newSize) return proof.length === 0 && equal(oldRoot, newRoot);
  // When the old tree is full, its root itself is where the proof starts.
  const roots = prefixRoots(oldSize, newSize, isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof);
  return roots !== undefined && equal(roots.old, oldRoot) && equal(roots.now, newRoot);
}

function isPowerOfTwo(size: number): boolean {
  let rest = size;
  while (rest % 2 === 0) rest /= 2;
  return rest === 1;
}

/**
 * The roots of the first `oldSize` leaves and of all `newSize` that hashes lead to, for 0 < oldSize < newSize: the root of the old tree's
 * last whole subtree, then what is beside it on the way up. `undefined` when there are too few or too many.
 */
export function prefixRoots(oldSize: number, newSize: number, hashes: Uint8Array[]): { old: Uint8Array; now: Uint8Array } | undefined {
  const [start, ...rest] = hashes;
  if (start === undefined) return undefined;
  let node = oldSize - 1;
  let last = newSize - 1;
  while (node % 2 === 1) {
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  let old = start;
  let now = start;
  for (const sibling of rest) {
    if (last === 0) return undefined;
    if (node % 2 === 1 || node === last) {
      old = nodeHash(sibling, old);
      now = nodeHash(sibling, now);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      now = nodeHash(now, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? { old, now } : undefined;
}

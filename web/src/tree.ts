/** RFC 6962 Merkle tree: leaf and node hashes, and checking inclusion proofs. */
import { sha256 } from "@noble/hashes/sha2.js";

import { type Bytes, concat, equal } from "./bytes.ts";

const LEAF = Uint8Array.of(0);

/** SHA-256(0x00 ‖ entry). */
export function leafHash(entry: Uint8Array): Bytes {
  return sha256.create().update(LEAF).update(entry).digest() as Bytes;
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Bytes {
  return sha256(concat(Uint8Array.of(1), left, right)) as Bytes;
}

/** Whether `proof` shows `leaf` at `index` of the tree with `size` leaves and this root (RFC 9162 section 2.1.3.2). */
export function verifyInclusion(leaf: Uint8Array, index: number, size: number, proof: Uint8Array[], rootHash: Uint8Array): boolean {
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(index) || index < 0 || index >= size) return false;
  let node = index;
  let last = size - 1;
  let hash: Uint8Array = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equal(hash, rootHash);
}

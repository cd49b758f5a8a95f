/** Ed25519 without WebCrypto. A module of its own, so that a browser which has WebCrypto's never loads it. */
import { ed25519 } from "@noble/curves/ed25519.js";

import { type Bytes, fromHex } from "./bytes.ts";

/** Judges a signature by 8(SB − R − kA) = 0 after the canonical checks; see PROTOCOL 9. */
export function verifyByEquation(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return ed25519.verify(signature, message, key, { zip215: false });
}

/** Whether a public key may be enrolled: canonical, not of small order, and in the prime-order group. */
export function mayEnrol(key: Uint8Array): boolean {
  try {
    const point = ed25519.Point.fromBytes(key, false);
    return !point.isSmallOrder() && point.isTorsionFree();
  } catch {
    return false;
  }
}

/** Keys in hex that were judged before; bounded, and a key that is judged again is judged alike. */
const judged = new Map<string, boolean>();
const MOST_JUDGED = 100_000;

/** `mayEnrol` of a key in hex, worked out once: it costs as much as several signatures. */
export function isSoundKey(key: string): boolean {
  let sound = judged.get(key);
  if (sound === undefined) {
    sound = mayEnrol(fromHex(key));
    if (judged.size >= MOST_JUDGED) judged.clear();
    judged.set(key, sound);
  }
  return sound;
}

/** Public key of a 32-byte seed. */
export function publicKey(seed: Uint8Array): Bytes {
  return ed25519.getPublicKey(seed) as Bytes;
}

/** Signs with a 32-byte seed. */
export function sign(seed: Uint8Array, message: Uint8Array): Bytes {
  return ed25519.sign(message, seed) as Bytes;
}

/** Ed25519 without WebCrypto. A module of its own, so that a browser which has WebCrypto's never loads it. */
import { ed25519 } from "@noble/curves/ed25519.js";

import type { Bytes } from "./bytes.ts";

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

/** Public key of a 32-byte seed. */
export function publicKey(seed: Uint8Array): Bytes {
  return ed25519.getPublicKey(seed) as Bytes;
}

/** Signs with a 32-byte seed. */
export function sign(seed: Uint8Array, message: Uint8Array): Bytes {
  return ed25519.sign(message, seed) as Bytes;
}

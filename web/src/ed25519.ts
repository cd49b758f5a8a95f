/**
 * Ed25519 signatures (RFC 8032) with the one acceptance rule of PROTOCOL 9: canonical encodings, no small-order key,
 * S below the group order, and 8(SB − R − kA) = 0. WebCrypto is about seven times faster but differs between browsers for
 * hand-crafted signatures, so it may only say yes; its no is judged again by the equation.
 */
import { type Bytes, fromHex, hex } from "./bytes.ts";

/** A public key or a seed, in bytes. */
export const KEY_LENGTH = 32;
/** A signature, in bytes. */
export const SIGNATURE_LENGTH = 64;

/** 2^255 − 19, little endian. */
const FIELD = fromHex("ed" + "ff".repeat(30) + "7f");
/** y coordinates of the eight points of small order, little endian. */
const SMALL_ORDER = new Set([
  "00".repeat(32),
  "01" + "00".repeat(31),
  "ec" + "ff".repeat(30) + "7f",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]);

let native: Promise<boolean> | undefined;

/** Whether this browser's WebCrypto makes and checks Ed25519 signatures. Tried once with a real signature, then remembered. */
export function hasNative(): Promise<boolean> {
  native ??= (async () => {
    try {
      const pair = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
      const message = new Uint8Array(1);
      const signature = await crypto.subtle.sign("Ed25519", pair.privateKey, message);
      return await crypto.subtle.verify("Ed25519", pair.publicKey, signature, message);
    } catch {
      return false;
    }
  })();
  return native;
}

/** Whether a public key's encoding is canonical and its point not of small order. Cheap; says nothing about being on the curve. */
export function isCanonicalKey(key: Uint8Array): boolean {
  if (key.length !== KEY_LENGTH) return false;
  const y = Uint8Array.from(key);
  y[31] = (y[31] as number) & 0x7f;
  return below(y, FIELD) && !SMALL_ORDER.has(hex(y));
}

function below(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = a.length - 1; i >= 0; i--) {
    if (a[i] !== b[i]) return (a[i] as number) < (b[i] as number);
  }
  return false;
}

/** Whether `signature` is the key's over `message`, by the rule above. Never throws for bad input. */
export async function verify(key: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
  if (!isCanonicalKey(key) || signature.length !== SIGNATURE_LENGTH) return false;
  if ((await hasNative()) && (await verifyNative(key, message, signature))) return true;
  const { verifyByEquation } = await import("./curve.ts");
  return verifyByEquation(key, message, signature);
}

async function verifyNative(key: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
  try {
    const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", imported, signature, message);
  } catch {
    return false;
  }
}

/**
 * Ed25519 signatures (RFC 8032) with the one acceptance rule of PROTOCOL 9: keys canonical, not of small order and free of
 * torsion; R canonical, S below the group order, and 8(SB − R − kA) = 0. WebCrypto is about seven times faster but differs
 * between browsers for hand-crafted signatures, so it is asked after the encodings were looked at, and may only say yes; its
 * no is judged again by the equation.
 */
import { type Bytes, fromHex, hex } from "./bytes.ts";

/** A public key or a seed, in bytes. */
export const KEY_LENGTH = 32;
/** A signature, in bytes. */
export const SIGNATURE_LENGTH = 64;

/** 2^255 − 19, little endian. */
const FIELD = fromHex("ed" + "ff".repeat(30) + "7f");
/** The group order q, little endian. */
const ORDER = fromHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
/** y = 1 and y = −1, little endian: the points whose x is 0. */
const X_IS_ZERO = new Set(["01" + "00".repeat(31), "ec" + "ff".repeat(30) + "7f"]);
/** y coordinates of the eight points of small order, little endian. */
const SMALL_ORDER = new Set([
  ...X_IS_ZERO,
  "00".repeat(32),
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

/** Whether R and S are in their one spelling: R's y below the field's size and no sign on x = 0, S below the order. */
function isCanonicalSignature(signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_LENGTH || !below(signature.subarray(KEY_LENGTH), ORDER)) return false;
  const y = signature.slice(0, KEY_LENGTH);
  const sign = (y[KEY_LENGTH - 1] as number) & 0x80;
  y[KEY_LENGTH - 1] = (y[KEY_LENGTH - 1] as number) & 0x7f;
  return below(y, FIELD) && !(sign !== 0 && X_IS_ZERO.has(hex(y)));
}

/** Most keys remembered. A village has some hundreds. */
const MOST_KEYS = 20_000;
const sound = new Map<string, boolean>();

/** Whether a key passes the key check. It costs milliseconds, so each key is judged once. */
async function isSoundKey(key: Uint8Array): Promise<boolean> {
  if (!isCanonicalKey(key)) return false;
  const name = hex(key);
  const known = sound.get(name);
  if (known !== undefined) return known;
  const { mayEnrol } = await import("./curve.ts");
  const verdict = mayEnrol(key);
  if (sound.size >= MOST_KEYS) sound.clear();
  sound.set(name, verdict);
  return verdict;
}

/** Whether `signature` is the key's over `message`, by the rule above. Never throws for bad input. */
export async function verify(key: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
  if (!isCanonicalSignature(signature) || !(await isSoundKey(key))) return false;
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

/** A seed sealed under a PIN, for browsers whose WebCrypto has no Ed25519: PBKDF2-HMAC-SHA-256, then AES-256-GCM. */
import { type Bytes, utf8 } from "./bytes.ts";

/** Rounds of PBKDF2; OWASP's figure of 2023 for HMAC-SHA-256. About a second on a slow phone. */
const ITERATIONS = 600_000;
/** Shortest PIN. A PIN slows down who copies the browser's files; it does not stop them, so the page says to choose a long one. */
export const MIN_PIN = 6;

/** A sealed seed; useless without the PIN. */
export interface Sealed {
  iterations: number;
  salt: Bytes;
  iv: Bytes;
  data: Bytes;
}

/** The PIN was not the one the seed was sealed under. */
export class WrongPin extends Error {
  override name = "WrongPin";
}

/** Seals a 32-byte seed; `publicKey` is bound in, so sealed seeds cannot be swapped between keys. */
export async function seal(seed: Bytes, publicKey: Bytes, pin: string): Promise<Sealed> {
  if (pin.length < MIN_PIN) throw new WrongPin(`a PIN has at least ${MIN_PIN} characters`);
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const key = await stretch(pin, salt, ITERATIONS);
  const data = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: publicKey }, key, seed));
  return { iterations: ITERATIONS, salt, iv, data };
}

/** Opens a sealed seed; throws {@link WrongPin}. The caller wipes the seed after use. */
export async function unseal(sealed: Sealed, publicKey: Bytes, pin: string): Promise<Bytes> {
  const key = await stretch(pin, sealed.salt, sealed.iterations);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv, additionalData: publicKey }, key, sealed.data));
  } catch {
    throw new WrongPin("wrong PIN");
  }
}

async function stretch(pin: string, salt: Bytes, iterations: number): Promise<CryptoKey> {
  // Full-width digits, which Chinese keyboards offer, count as digits.
  const base = await crypto.subtle.importKey("raw", utf8(pin.normalize("NFKC")), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

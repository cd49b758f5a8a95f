/** Byte strings and their two text forms. Decoding takes one spelling only, so that equal bytes always mean equal text. */

/** Bytes in a plain (never shared) buffer, which WebCrypto asks for. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/** Input that has not the form it must have; `message` says what was expected. */
export class FormatError extends Error {
  override name = "FormatError";
}

/** UTF-8 bytes of a text. */
export function utf8(text: string): Bytes {
  return encoder.encode(text) as Bytes;
}

/** Text of UTF-8 bytes; throws {@link FormatError} when they are not UTF-8. A byte order mark is kept, so that it is seen. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FormatError("not UTF-8");
  }
}

/** All parts one after the other. */
export function concat(...parts: Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Whether both hold the same bytes. Compares every byte, so the time tells nothing about where they differ. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lower-case hex. */
export function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}

/** Bytes of lower-case hex, `length` of them where given; throws {@link FormatError}. */
export function fromHex(text: string, length?: number): Bytes {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new FormatError("expected lower-case hex");
  if (length !== undefined && text.length !== 2 * length) throw new FormatError(`expected ${length} bytes of hex`);
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Standard padded base64 (RFC 4648 section 4). */
export function base64(bytes: Uint8Array): string {
  let text = "";
  // In pieces: one call takes only some ten thousand arguments.
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

/** Whole groups, then at most one padded group whose unused bits are zero. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;

/** Bytes of standard, padded, canonical base64; anything else throws {@link FormatError}. */
export function fromBase64(text: string): Bytes {
  if (!BASE64.test(text)) throw new FormatError("expected base64");
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Unsigned 32-bit number, big endian; throws {@link FormatError} outside 0 to 2^32 − 1. */
export function u32be(value: number): Bytes {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) throw new FormatError("expected an unsigned 32-bit number");
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** Unsigned 64-bit number, big endian, from a safe non-negative integer. */
export function u64be(value: number): Bytes {
  if (!Number.isSafeInteger(value) || value < 0) throw new FormatError("expected an unsigned number");
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** A decimal number without sign or leading zeros, up to 2^53 − 1; throws {@link FormatError}. */
export function decimal(text: string): number {
  const value = /^(?:0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) throw new FormatError("expected a decimal number");
  return value;
}

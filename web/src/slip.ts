/**
 * The enrolment slip: a secret that goes from the clerk's screen to the new device by eye or camera, never over the network.
 * Who answers with HMAC-SHA-256(secret, village ‖ person ‖ role ‖ key) held the slip, so the server cannot slip in a key of its own.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { type Bytes, concat, equal, FormatError, utf8 } from "./bytes.ts";

/** Crockford's base 32: no I, L, O, U. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** Bytes of a slip's secret. */
const SECRET_LENGTH = 16;
/** 26 characters of secret and two that catch slips of the finger. */
const CODE_LENGTH = 28;

/** For whom a slip is, and its secret. */
export interface Slip {
  /** 12 digits. */
  village: string;
  /** ULID. */
  person: string;
  role: string;
  secret: Bytes;
}

/** Draws a secret of 128 bits. */
export function newSecret(): Bytes {
  return crypto.getRandomValues(new Uint8Array(SECRET_LENGTH));
}

/** What a typed code is for: the check letters of one sort of code fit no other. */
export const SLIP = "sunvote/slip/v1\n";

/** The secret as people type it: seven groups of four. */
export function formatCode(secret: Uint8Array, purpose = SLIP): string {
  const bits = [...secret].map((byte) => byte.toString(2).padStart(8, "0")).join("") + "00" + checkBits(secret, purpose);
  const letters = (bits.match(/.{5}/g) ?? []).map((five) => ALPHABET[parseInt(five, 2)]).join("");
  return (letters.match(/.{4}/g) ?? []).join("-");
}

/** The secret of a typed code. Case, spaces and dashes do not matter, O is 0, I and L are 1. Throws `FormatError` for a typing error. */
export function parseCode(text: string, purpose = SLIP): Bytes {
  const letters = text.normalize("NFKC").toUpperCase().replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  const values = [...letters].map((letter) => ALPHABET.indexOf(letter));
  if (values.length !== CODE_LENGTH || values.includes(-1)) throw new FormatError("the code is not complete");
  const bits = values.map((value) => value.toString(2).padStart(5, "0")).join("");
  const secret = Uint8Array.from({ length: SECRET_LENGTH }, (_, i) => parseInt(bits.slice(8 * i, 8 * i + 8), 2));
  if (bits.slice(8 * SECRET_LENGTH) !== "00" + checkBits(secret, purpose)) throw new FormatError("the code has a typing error");
  return secret;
}

function checkBits(secret: Uint8Array, purpose: string): string {
  const [first = 0, second = 0] = sha256(concat(utf8(purpose), secret));
  return (256 * first + second).toString(2).padStart(16, "0").slice(0, 10);
}

/** The link in the slip's QR code. The secret stands after #, which browsers never send. */
export function slipLink(origin: string, slip: Slip): string {
  const parts = new URLSearchParams({ v: slip.village, p: slip.person, r: slip.role, s: formatCode(slip.secret) });
  return `${origin}/enrol#${parts}`;
}

/** Reads the part of a slip's link after #; undefined when it is none. */
export function parseSlip(fragment: string): Slip | undefined {
  const parts = new URLSearchParams(fragment.replace(/^#/, ""));
  const [village, person, role, code] = ["v", "p", "r", "s"].map((name) => parts.get(name));
  if (!village || !person || !role || !code) return undefined;
  try {
    return { village, person, role, secret: parseCode(code) };
  } catch {
    return undefined;
  }
}

/** What the new device answers for its public key. */
export function answer(slip: Slip, publicKey: Uint8Array): Bytes {
  if (!/^\d{12}$/.test(slip.village) || !/^[0-9A-Z]{26}$/.test(slip.person) || publicKey.length !== 32) {
    // Fixed lengths on both sides of the role are what makes the joined text unambiguous.
    throw new FormatError("not a slip");
  }
  return hmac(sha256, slip.secret, concat(utf8(slip.village), utf8(slip.person), utf8(slip.role), publicKey)) as Bytes;
}

/** Whether an answer comes from who held the slip. */
export function checkAnswer(slip: Slip, publicKey: Uint8Array, mac: Uint8Array): boolean {
  return equal(answer(slip, publicKey), mac);
}

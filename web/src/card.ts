/**
 * Printed cards with a PIN (PROTOCOL 14): what stands on a card, and what its secret gives. A card's key needs three things: the secret on
 * the card, the PIN, and the server's answer to it, which the server counts.
 */
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { type Bytes, concat, equal, FormatError, fromHex, hex, utf8 } from "./bytes.ts";
import { formatCode, parseCode } from "./slip.ts";

/** What the check letters of a card's code are for. */
const CODE = "sunvote/card/v1\n";
/** Bytes of a card's id, and of what its QR code says of the server's key. */
const SHORT = 16;

/** What stands on a card. */
export interface Card {
  /** 12 digits. */
  village: string;
  /** 16 bytes. */
  secret: Bytes;
  /** What the QR code says of the server's key; undefined where the code was typed. */
  mark?: Bytes | undefined;
}

/** The secret as people type it. */
export function formatCardCode(secret: Uint8Array): string {
  return formatCode(secret, CODE);
}

/** The secret of a typed code; throws `FormatError` for a typing error, and for the code of an enrolment slip. */
export function parseCardCode(text: string): Bytes {
  return parseCode(text, CODE);
}

/** The link in the card's QR code. The secret stands after #, which browsers never send. */
export function cardLink(origin: string, card: Card): string {
  const parts = new URLSearchParams({ v: card.village, s: formatCardCode(card.secret).replaceAll("-", ""), k: hex(card.mark ?? new Uint8Array()) });
  return `${origin}/card#${parts}`;
}

/** Reads a card's link, or the part of it after #; undefined when it is none. */
export function parseCard(text: string): Card | undefined {
  const parts = new URLSearchParams(text.slice(text.indexOf("#") + 1));
  const [village, code, mark] = ["v", "s", "k"].map((name) => parts.get(name) ?? "");
  try {
    if (village === undefined || !/^\d{12}$/.test(village)) return undefined;
    return { village, secret: parseCardCode(code ?? ""), mark: fromHex(mark ?? "", SHORT) };
  } catch {
    return undefined;
  }
}

/** HKDF-SHA-256 (RFC 5869) with the village as salt: what is made of one village's card is of no use in another. */
function derive(secret: Uint8Array, village: string, info: Uint8Array, length: number): Bytes {
  if (!/^\d{12}$/.test(village)) throw new FormatError("expected a village's code");
  return hkdf(sha256, secret, utf8(village), info, length) as Bytes;
}

/** The card's id: what the server knows it by. */
export function cardId(card: Card): Bytes {
  return derive(card.secret, card.village, utf8("sunvote/card/id/v1"), SHORT);
}

/** The key under which the card's holder answers the clerk. It says nothing of the secret, so the clerk's browser may keep it. */
export function answerKey(card: Card): Bytes {
  return derive(card.secret, card.village, utf8("sunvote/card/answer/v1"), 32);
}

/** What the holder answers for the key that card and PIN gave. */
export function cardAnswer(key: Uint8Array, village: string, id: Uint8Array, publicKey: Uint8Array): Bytes {
  if (!/^\d{12}$/.test(village) || id.length !== SHORT || publicKey.length !== 32) throw new FormatError("not a card");
  return hmac(sha256, key, concat(utf8(village), id, publicKey)) as Bytes;
}

/** Whether an answer comes from who held the card. */
export function checkCardAnswer(key: Uint8Array, village: string, id: Uint8Array, publicKey: Uint8Array, mac: Uint8Array): boolean {
  return equal(cardAnswer(key, village, id, publicKey), mac);
}

/** What the server's function is asked about: the PIN of this card. */
export function oprfInput(card: Card, pin: string): Bytes {
  return concat(utf8("sunvote/card/pin/v1\n"), utf8(card.village), cardId(card), utf8(pin));
}

/** What the QR code says of the server's key. */
export function oprfMark(oprfKey: Uint8Array): Bytes {
  return sha256(concat(utf8("sunvote/card/oprf-key/v1\n"), oprfKey)).slice(0, SHORT) as Bytes;
}

/** The Ed25519 seed of the card's key, from the function's output and the card's secret. */
export function keySeed(card: Card, output: Uint8Array): Bytes {
  return derive(concat(output, card.secret), card.village, concat(utf8("sunvote/card/key/v1\n"), cardId(card)), 32);
}

/** Why a PIN is refused: one part repeated, digits in a row, a date. */
export type Weakness = "same" | "row" | "date";

/** Why a PIN of six digits is too easily guessed; undefined for one that is not. */
export function weakness(pin: string): Weakness | undefined {
  if (/^(\d{1,3})\1+$/.test(pin) || /^(\d)\1(\d)\2(\d)\3$/.test(pin) || /^(\d)\1\1(\d)\2\2$/.test(pin)) return "same";
  const steps = [...pin].slice(1).map((digit, i) => (Number(digit) - Number(pin[i]) + 10) % 10);
  if (steps.every((step) => step === 1) || steps.every((step) => step === 9)) return "row";
  const [a, b, c] = [pin.slice(0, 2), pin.slice(2, 4), pin.slice(4)].map(Number) as [number, number, number];
  const day = (month: number, date: number): boolean => month >= 1 && month <= 12 && date >= 1 && date <= 31;
  const year = Number(pin.slice(0, 4));
  // Year, month, day; day, month, year; year and month, from the birth years of the living on.
  if (day(b, c) || day(b, a) || (year >= 1920 && year <= 2040 && day(c, 1))) return "date";
  return undefined;
}

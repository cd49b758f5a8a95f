/** A card's key, restored for a moment from card, PIN and the server's answer (RFC 9497, VOPRF, ristretto255-SHA512). */
import { ristretto255_oprf } from "@noble/curves/ed25519.js";

import { post } from "./api.ts";
import { type Bytes, equal, FormatError, fromHex, hex, utf8 } from "./bytes.ts";
import { type Card, cardId, keySeed, oprfInput, oprfMark, parseCardCode } from "./card.ts";
import type { CardInUse } from "./card-in-use.ts";
import { publicKey, sign } from "./curve.ts";
import { envelope, type Envelope, LOGIN_TYPE, pae } from "./dsse.ts";
import { csrf } from "./page.ts";
import { WrongPin } from "./pin.ts";

const { voprf } = ristretto255_oprf;

/** The server's answer does not fit the key that the card names, or proves nothing. */
export class OtherServer extends Error {
  override name = "OtherServer";
}

/** A restored key; `forget` wipes it. */
export interface CardKey {
  public: Bytes;
  /** To be signed for the log-in, or as proof that the PIN was right. */
  challenge: string;
  sign(message: Uint8Array): Bytes;
  /** Lends the seed to what seals it. */
  lent<T>(use: (seed: Bytes) => T): T;
  forget(): void;
}

/** Address of what the server does with a card. */
export function cardApi(card: Card, what: "evaluate" | "proof" | "answer"): string {
  return `/api/v1/villages/${card.village}/cards/${hex(cardId(card))}/${what}`;
}

/** The function's output for a card and PIN, and the challenge that came with it; one try. Throws {@link OtherServer} or `Refused`. */
async function evaluate(card: Card, pin: string): Promise<{ output: Bytes; challenge: string }> {
  const input = oprfInput(card, pin);
  const { blind, blinded } = voprf.blind(input);
  const { body } = await post(cardApi(card, "evaluate"), { blinded: hex(blinded) }, csrf());
  const { evaluated, proof, oprf_key: key, challenge } = body;
  if ([evaluated, proof, key, challenge].some((part) => typeof part !== "string")) throw new FormatError("expected an evaluation");
  try {
    const oprfKey = fromHex(String(key), 32);
    // A typed code says nothing of the key: then a wrong one shows as a wrong PIN.
    if (card.mark !== undefined && !equal(oprfMark(oprfKey), card.mark)) throw new OtherServer();
    const output = voprf.finalize(input, blind, fromHex(String(evaluated), 32), blinded, oprfKey, fromHex(String(proof), 64));
    return { output: output as Bytes, challenge: String(challenge) };
  } catch {
    throw new OtherServer();
  } finally {
    blind.fill(0);
  }
}

/** A PIN as it is meant: full-width digits, which Chinese keyboards offer, count as digits. */
export function digits(pin: string): string {
  return pin.normalize("NFKC").trim();
}

/** Restores the key of a card and PIN. Another PIN gives another key: only who knows the public key, or logs in, finds out. */
export async function restore(card: Card, pin: string): Promise<CardKey> {
  const { output, challenge } = await evaluate(card, pin);
  const seed = keySeed(card, output);
  output.fill(0);
  return { public: publicKey(seed), challenge, sign: (message) => sign(seed, message), lent: (use) => use(seed), forget: () => void seed.fill(0) };
}

/** The signed challenge, for the log-in or as proof. */
export function signChallenge(key: CardKey): Envelope {
  const text = { origin: location.origin, challenge: key.challenge, key: hex(key.public), at: new Date().toISOString() };
  const payload = utf8(JSON.stringify(text));
  return envelope(LOGIN_TYPE, payload, key.public, key.sign(pae(LOGIN_TYPE, payload)));
}

/** The card of which the rest is kept while it is in use. */
export function cardOf(kept: CardInUse): Card {
  return { village: kept.village, secret: parseCardCode(kept.code), mark: kept.mark === "" ? undefined : fromHex(kept.mark) };
}

/** One signature with the card in use: the PIN is proved right, so that the server's count of tries begins anew. Throws `WrongPin`. */
export async function signAgain(kept: CardInUse, pin: string, message: Bytes): Promise<Bytes> {
  const card = cardOf(kept);
  const key = await restore(card, digits(pin));
  try {
    if (hex(key.public) !== kept.public) throw new WrongPin();
    await post(cardApi(card, "proof"), { envelope: signChallenge(key) }, csrf());
    return key.sign(message);
  } finally {
    key.forget();
  }
}

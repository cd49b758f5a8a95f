/**
 * Keys of this device. Where WebCrypto has Ed25519 the private key is made non-extractable: no script, not even ours, can read it.
 * Elsewhere the seed is sealed under a PIN and in the clear only while one signature is made.
 */
import { type Bytes, fromHex, hex } from "./bytes.ts";
import { type CardInUse, cardInUse } from "./card-in-use.ts";
import { hasNative } from "./ed25519.ts";
import { type Sealed, seal, unseal } from "./pin.ts";
import { get, list, put, remove } from "./storage.ts";

/** What a page may show of a key. */
export interface KeyInfo {
  /** Public key, lower-case hex. */
  public: string;
  /** The owner's name for it, such as "my phone". */
  label: string;
  /** Where it is enrolled, as told at enrolment. */
  village?: string;
  person?: string;
  role?: string;
  /** When it was made, ISO 8601. */
  created: string;
  /** Whether each signature asks for the PIN. */
  needsPin: boolean;
  /** Whether it is a printed card's, whose PIN no browser is asked to remember. */
  card?: boolean;
}

interface StoredKey extends KeyInfo {
  native?: CryptoKey | undefined;
  sealed?: Sealed | undefined;
}

/** Asks the owner for the PIN of a key; undefined when they cancel. */
export type AskPin = (key: KeyInfo) => Promise<string | undefined>;

/** This device has no such key. */
export class NoKey extends Error {
  override name = "NoKey";
}

/** The owner closed the PIN window. */
export class Cancelled extends Error {
  override name = "Cancelled";
}

/** Whether a new key needs a PIN in this browser. */
export async function needsPin(): Promise<boolean> {
  return !(await hasNative());
}

/** Makes a key and keeps it. `pin` is used only where {@link needsPin}. Throws `WrongPin` for a PIN that is too short. */
export async function create(about: Omit<KeyInfo, "public" | "created" | "needsPin">, pin = ""): Promise<KeyInfo> {
  const made = (await hasNative()) ? await createNative() : await createSealed(pin);
  const key: StoredKey = { ...about, ...made, created: new Date().toISOString(), needsPin: made.sealed !== undefined };
  await put("keys", key);
  // Ask that the browser does not clear the store when space is short; a refusal changes nothing.
  await navigator.storage?.persist?.().catch(() => false);
  return info(key);
}

async function createNative(): Promise<{ public: string; native: CryptoKey; sealed?: undefined }> {
  const pair = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { public: hex(raw), native: pair.privateKey };
}

async function createSealed(pin: string): Promise<{ public: string; sealed: Sealed }> {
  const { publicKey } = await import("./curve.ts");
  const seed = crypto.getRandomValues(new Uint8Array(32));
  try {
    const raw = publicKey(seed);
    return { public: hex(raw), sealed: await seal(seed, raw, pin) };
  } finally {
    seed.fill(0);
  }
}

/** The keys that can sign here: a printed card's while one is in use, else this device's own, newest first. */
export async function keys(): Promise<KeyInfo[]> {
  const card = cardInUse();
  return card === undefined ? deviceKeys() : [infoOfCard(card)];
}

function infoOfCard(card: CardInUse): KeyInfo {
  return { public: card.public, label: card.label, village: card.village, created: card.since, needsPin: true, card: true };
}

/** All keys of this device, newest first. */
export async function deviceKeys(): Promise<KeyInfo[]> {
  const all = await list<StoredKey>("keys");
  return all.map(info).sort((a, b) => b.created.localeCompare(a.created));
}

/** Gives a key another label. */
export async function rename(publicKey: string, label: string): Promise<void> {
  const key = await get<StoredKey>("keys", publicKey);
  if (key === undefined) throw new NoKey(publicKey);
  await put("keys", { ...key, label });
}

/** Deletes a key from this device, for ever. On the record it stays valid until it is revoked. */
export async function forget(publicKey: string): Promise<void> {
  await remove("keys", publicKey);
}

/** Signs with a key of this device or of the card in use; throws {@link NoKey}, {@link Cancelled} or `WrongPin`. */
export async function signWith(publicKey: string, message: Bytes, askPin: AskPin): Promise<Bytes> {
  const card = cardInUse();
  if (card !== undefined) return signWithCard(card, publicKey, message, askPin);
  const key = await get<StoredKey>("keys", publicKey);
  if (key?.native !== undefined) return new Uint8Array(await crypto.subtle.sign("Ed25519", key.native, message));
  if (key?.sealed === undefined) throw new NoKey(publicKey);
  const pin = await askPin(info(key));
  if (pin === undefined) throw new Cancelled();
  const seed = await unseal(key.sealed, fromHex(publicKey), pin);
  try {
    const { sign } = await import("./curve.ts");
    return sign(seed, message);
  } finally {
    seed.fill(0);
  }
}

/** A card's key is restored for one signature, from the card and the PIN, and then forgotten. */
async function signWithCard(card: CardInUse, publicKey: string, message: Bytes, askPin: AskPin): Promise<Bytes> {
  if (card.public !== publicKey) throw new NoKey(publicKey);
  const pin = await askPin(infoOfCard(card));
  if (pin === undefined) throw new Cancelled();
  const { signAgain } = await import("./card-key.ts");
  return signAgain(card, pin, message);
}

function info(key: StoredKey): KeyInfo {
  const { native: _native, sealed: _sealed, ...shown } = key;
  return shown;
}

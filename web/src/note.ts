/** C2SP signed notes (PROTOCOL 5): text with signature lines, and the verifier keys that check them. */
import { sha256 } from "@noble/hashes/sha2.js";

import { base64, type Bytes, concat, equal, FormatError, fromBase64, fromHex, hex, utf8 } from "./bytes.ts";
import { KEY_LENGTH, SIGNATURE_LENGTH, verify } from "./ed25519.ts";

/** Algorithm byte of a plain note signature. */
export const ALG_ED25519 = 0x01;
/** Algorithm byte of cosignature/v1. */
export const ALG_COSIGNATURE = 0x04;

/** Longest note, in bytes. */
export const MAX_NOTE = 1 << 20;
/** Most signature lines. */
const MAX_SIGNATURES = 100;
/** Latest time of a cosignature, seconds. */
const MAX_TIME = 2n ** 63n - 1n;

/** A key that checks notes, as printed: `name+hex8(keyid4)+base64(alg ‖ public key)`. */
export interface VerifierKey {
  name: string;
  id: Bytes;
  alg: number;
  key: Bytes;
}

/** One signature line. */
export interface NoteSignature {
  name: string;
  id: Bytes;
  /** What follows the four bytes of key id. */
  value: Bytes;
}

/** A note taken apart; nothing is checked yet. */
export interface Note {
  /** Signed text, with its final newline. */
  text: string;
  signatures: NoteSignature[];
}

/** SHA-256(name ‖ 0x0A ‖ alg ‖ key), first four bytes. */
export function noteKeyId(name: string, alg: number, key: Uint8Array): Bytes {
  return sha256(concat(utf8(`${name}\n`), Uint8Array.of(alg), key)).slice(0, 4) as Bytes;
}

/** A verifier key from its parts. */
export function verifierKey(name: string, alg: number, key: Bytes): VerifierKey {
  return { name, id: noteKeyId(name, alg, key), alg, key };
}

/** Reads a verifier key; throws `FormatError`. Only the two Ed25519 algorithms are known. Whether the key itself counts shows when it is used. */
export function parseVerifierKey(text: string): VerifierKey {
  const first = text.indexOf("+");
  const second = text.indexOf("+", first + 1);
  if (first < 1 || second < 0) throw new FormatError("expected a verifier key");
  const name = text.slice(0, first);
  const id = fromHex(text.slice(first + 1, second), 4);
  const data = fromBase64(text.slice(second + 1));
  const alg = data[0] ?? 0;
  const key = data.slice(1);
  if (!isName(name) || (alg !== ALG_ED25519 && alg !== ALG_COSIGNATURE) || key.length !== KEY_LENGTH) {
    throw new FormatError("expected a verifier key");
  }
  if (!equal(id, noteKeyId(name, alg, key))) throw new FormatError("the verifier key's id does not fit");
  return { name, id, alg, key };
}

/** The printed form of a verifier key. */
export function formatVerifierKey(vkey: VerifierKey): string {
  return `${vkey.name}+${hex(vkey.id)}+${base64(concat(Uint8Array.of(vkey.alg), vkey.key))}`;
}

function isName(name: string): boolean {
  return name !== "" && !/[\p{White_Space}+\u0000-\u001f]/u.test(name);
}

/** Whether a text can be a note's: it ends with a newline and holds no other control character below U+0020. */
export function isNoteText(text: string): boolean {
  return text.endsWith("\n") && !/[\u0000-\u0009\u000b-\u001f]/.test(text);
}

/** Takes a note apart; throws `FormatError`. */
export function parseNote(note: string): Note {
  if (note.length > MAX_NOTE || utf8(note).length > MAX_NOTE) throw new FormatError("the note is too long");
  if (!isNoteText(note)) throw new FormatError("control character in a note, or no newline at its end");
  const split = note.lastIndexOf("\n\n");
  if (split < 0 || split + 2 >= note.length) throw new FormatError("expected a signed note");
  const lines = note.slice(split + 2, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) throw new FormatError("too many signatures");
  return { text: note.slice(0, split + 1), signatures: lines.map(parseLine) };
}

/** The exact text of a note. */
export function formatNote(note: Note): string {
  const lines = note.signatures.map(({ name, id, value }) => `\u2014 ${name} ${base64(concat(id, value))}\n`);
  return `${note.text}\n${lines.join("")}`;
}

function parseLine(line: string): NoteSignature {
  const [dash, name = "", ...rest] = line.split(" ");
  if (dash !== "\u2014" || !isName(name) || rest.length !== 1) throw new FormatError("expected a signature line");
  const data = fromBase64(rest[0] as string);
  if (data.length < 5) throw new FormatError("expected a signature line");
  return { name, id: data.slice(0, 4), value: data.slice(4) };
}

/** A key that signed a note, with the time where it is a cosignature. */
export interface GoodSignature {
  key: VerifierKey;
  /** Unix seconds, for a cosignature; beyond 2^53 not exact. */
  time?: number;
}

/** A known key stands on the note with a signature that is not its own. */
export class BadSignature extends Error {
  override name = "BadSignature";
  constructor(readonly signer: string) {
    super(`bad signature of ${signer}`);
  }
}

/** Which of `known` signed the note. Unknown keys are passed over; a known key's bad signature throws {@link BadSignature}. */
export async function verifyNote(note: Note, known: VerifierKey[]): Promise<GoodSignature[]> {
  const good: GoodSignature[] = [];
  for (const line of note.signatures) {
    const [key, another] = known.filter((one) => one.name === line.name && equal(one.id, line.id));
    if (key === undefined) continue;
    // Two known keys of one name and id can't be told apart.
    if (another !== undefined) throw new BadSignature(key.name);
    const signature = await verifyLine(note.text, line, key);
    if (!good.some((one) => one.key === key)) good.push(signature);
  }
  return good;
}

async function verifyLine(text: string, line: NoteSignature, key: VerifierKey): Promise<GoodSignature> {
  if (key.alg === ALG_ED25519) {
    if (line.value.length === SIGNATURE_LENGTH && (await verify(key.key, utf8(text), line.value))) return { key };
    throw new BadSignature(key.name);
  }
  if (line.value.length !== 8 + SIGNATURE_LENGTH) throw new BadSignature(key.name);
  const time = new DataView(line.value.buffer, line.value.byteOffset, 8).getBigUint64(0);
  if (time > MAX_TIME) throw new BadSignature(key.name);
  const message = utf8(`cosignature/v1\ntime ${time}\n${text}`);
  if (!(await verify(key.key, message, line.value.slice(8)))) throw new BadSignature(key.name);
  return { key, time: Number(time) };
}

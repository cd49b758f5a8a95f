/** A district's log made for tests, its key and a witness's: checkpoints that either signed. */
import { base64, type Bytes, concat, u64be, utf8 } from "../src/bytes.ts";
import { publicKey, sign } from "../src/curve.ts";
import { ALG_COSIGNATURE, ALG_ED25519, verifierKey } from "../src/note.ts";
import { root } from "../src/prefix.ts";
import { leafHash } from "../src/tree.ts";

export const DISTRICT = "liandu.example/log/d/331102";
/** Where a server shows it. */
export const LOG = "/log/d/331102";
export const seeds = { district: new Uint8Array(32).fill(7), witness: new Uint8Array(32).fill(8), stranger: new Uint8Array(32).fill(9) };
/** The log's key. */
export const log = verifierKey(DISTRICT, ALG_ED25519, publicKey(seeds.district));
/** The witness's key. */
export const key = verifierKey("inspector.example/consistency", ALG_COSIGNATURE, publicKey(seeds.witness));

/** Leaves of which one may be another than usual. */
export const leaves = (count: number, odd = -1): Bytes[] => Array.from({ length: count }, (_, i) => utf8(i === odd ? "another leaf" : `leaf ${i}`));

const bodyOf = (lines: Bytes[]): string => `${DISTRICT}\n${lines.length}\n${base64(root(lines.map((line) => leafHash(line))))}\n`;

/** The checkpoint over these leaves. */
export function noteOf(lines: Bytes[], seed = seeds.district): string {
  const text = bodyOf(lines);
  return `${text}\n— ${DISTRICT} ${base64(concat(log.id, sign(seed, utf8(text))))}\n`;
}

/** The same with the witness's cosignature at a time in Unix seconds. */
export function cosigned(lines: Bytes[], seconds: number, seed = seeds.witness): string {
  const signature = sign(seed, utf8(`cosignature/v1\ntime ${seconds}\n${bodyOf(lines)}`));
  return `${noteOf(lines)}— ${key.name} ${base64(concat(key.id, u64be(seconds), signature))}\n`;
}

/**
 * What a terminal is at, on the device: its key, its number, how far it has counted in each vote, and what it last heard of the session. A ballot,
 * the count that it moves and its place in the queue are one write: whenever the power fails, all of it is there or nothing.
 */
import { type Bytes, hex } from "../bytes.ts";
import { publicKey, sign } from "../curve.ts";
import { hasNative } from "../ed25519.ts";
import { enqueueIn, type Queued, type Thing } from "../hall/queue.ts";
import { get, list, put, together } from "../storage.ts";
import type { Hall } from "./hall.ts";

/** How far a terminal has counted in one vote. */
export interface Count {
  counter: number;
  /** Statement id of the last ballot; the leaf hash of the vote's opening where there is none. */
  last: string;
  /** The highest revision that each voter cast here, by roster number. */
  revisions: Record<string, number>;
  /** When it stopped: from then on it takes nothing in this vote. */
  stopped?: string;
  /** Statement id of its seal, once two people have signed. */
  seal?: string;
}

/** Where the key doesn't come from WebCrypto, its seed is kept under a key of WebCrypto's that no script can read. */
interface Wrapped {
  key: CryptoKey;
  iv: Bytes;
  data: Bytes;
}

/** One terminal: this browser in one session. */
export interface Kept {
  session: string;
  village: string;
  no: number;
  /** Its key, hex. */
  public: string;
  native?: CryptoKey;
  wrapped?: Wrapped;
  /** Whether it takes ballots: then it comes back to that after any break. */
  mode: "setup" | "voting";
  /** Which camera looks at cards. */
  camera: "user" | "environment";
  hall: Hall;
  /** How far the server's clock is ahead of this device's, in milliseconds, and when that was found. */
  ahead: number;
  heard: number;
  /** By the leaf hash of the vote's opening. */
  counts: Record<string, Count>;
}

/** The count has moved, or the vote was stopped, since the ballot was made: nothing was written. */
export class Moved extends Error {
  override name = "Moved";
}

/** The terminal that this browser is in a session. */
export const keptTerminal = (session: string): Promise<Kept | undefined> => get<Kept>("terminals", session);

/** Makes the terminal's key and keeps it. */
export async function makeTerminal(about: Omit<Kept, "public" | "native" | "wrapped" | "counts" | "mode">): Promise<Kept> {
  const kept: Kept = { ...about, ...((await hasNative()) ? await native() : await wrapped()), mode: "setup", counts: {} };
  await put("terminals", kept);
  return kept;
}

async function native(): Promise<{ public: string; native: CryptoKey }> {
  const pair = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
  return { public: hex(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))), native: pair.privateKey };
}

async function wrapped(): Promise<{ public: string; wrapped: Wrapped }> {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const [seed, iv] = [crypto.getRandomValues(new Uint8Array(32)), crypto.getRandomValues(new Uint8Array(12))];
  const data = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, seed));
  const own = hex(publicKey(seed));
  seed.fill(0);
  return { public: own, wrapped: { key, iv, data } };
}

/** Signs as the terminal. */
export async function signAsTerminal(kept: Kept, message: Bytes): Promise<Bytes> {
  if (kept.native !== undefined) return new Uint8Array(await crypto.subtle.sign("Ed25519", kept.native, message));
  if (kept.wrapped === undefined) throw new Error("no key");
  const { key, iv, data } = kept.wrapped;
  const seed = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, data));
  try {
    return sign(seed, message);
  } finally {
    seed.fill(0);
  }
}

/** Changes what is kept of the terminal, in one transaction. */
export function change(session: string, act: (kept: Kept) => Kept): Promise<Kept> {
  return together(["terminals"], async (rows) => {
    const kept = await rows.get<Kept>("terminals", session);
    if (kept === undefined) throw new Moved();
    const changed = act(kept);
    rows.put("terminals", changed);
    return changed;
  });
}

/** How far it has counted in the vote of this opening. */
export const countOf = (kept: Kept, basis: string): Count => kept.counts[basis] ?? { counter: 0, last: basis, revisions: {} };

/** A ballot as it goes into the count. */
export interface Taken {
  basis: string;
  counter: number;
  prev: string;
  voter: number;
  revision: number;
}

/** The queue's line of a vote: its ballots and its seal. */
export const lineOf = (basis: string): string => `terminal/${basis}`;

/** Takes a ballot: it is counted and queued when this resolves, or neither. Throws {@link Moved}. */
export function take(session: string, taken: Taken, thing: Thing): Promise<Kept> {
  return together(["terminals", "queue"], async (rows) => {
    const kept = await rows.get<Kept>("terminals", session);
    const count = kept === undefined ? undefined : countOf(kept, taken.basis);
    if (kept === undefined || count === undefined) throw new Moved();
    if (count.stopped !== undefined || count.counter + 1 !== taken.counter || count.last !== taken.prev) throw new Moved();
    const revisions = { ...count.revisions, [taken.voter]: taken.revision };
    const moved = { ...kept, counts: { ...kept.counts, [taken.basis]: { counter: taken.counter, last: thing.id, revisions } } };
    await enqueueIn(rows, thing);
    rows.put("terminals", moved);
    return moved;
  });
}

/** Takes no more in a vote from a time on. */
export function stop(session: string, basis: string, at: string): Promise<Kept> {
  return change(session, (kept) => {
    const count = countOf(kept, basis);
    return count.stopped === undefined ? { ...kept, counts: { ...kept.counts, [basis]: { ...count, stopped: at } } } : kept;
  });
}

/** Notes the seal, and queues it before the ballots that wait: what comes after the closing is taken only from a sealed terminal. */
export function seal(session: string, basis: string, made: { counter: number; last: string }, thing: Thing): Promise<Kept> {
  return together(["terminals", "queue"], async (rows) => {
    const kept = await rows.get<Kept>("terminals", session);
    const count = kept?.counts[basis];
    if (kept === undefined || count?.stopped === undefined || count.counter !== made.counter || count.last !== made.last) throw new Moved();
    // A seal that a rule refused gives way to one that is made anew.
    const old = count.seal === undefined ? undefined : await rows.get<Queued>("queue", count.seal);
    if (old !== undefined && old.state !== "refused") throw new Moved();
    if (old !== undefined) rows.remove("queue", old.id);
    await enqueueIn(rows, thing, true);
    const moved = { ...kept, counts: { ...kept.counts, [basis]: { ...count, seal: thing.id } } };
    rows.put("terminals", moved);
    return moved;
  });
}

/** Lets go what was refused and can't be taken any more, in lines that are over: nothing is left that says how somebody voted. Gives the queue as it is then. */
export async function forgetRefused(all: Queued[], over: string[]): Promise<Queued[]> {
  const now = all.map((one) => (one.state === "refused" && over.includes(one.line) ? { ...one, body: undefined } : one));
  for (const [nth, one] of now.entries()) if (one.body !== all[nth]?.body) await put("queue", one);
  return now;
}

/** What is in the queue of a session, in order. */
export async function queueOf(session: string): Promise<Queued[]> {
  return (await list<Queued>("queue")).filter((one) => one.session === session).sort((a, b) => a.order - b.order);
}

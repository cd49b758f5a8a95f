/** What this device signed and what the log answered; ballots keep their opening here too. */
import { type Recorded } from "./api.ts";
import { verifyReceipt, type ReceiptVerdict } from "./proof.ts";
import { get, list, put } from "./storage.ts";
import type { Held } from "./visit/goes-on.ts";

/** What opens a ballot; see `commit.ts`. */
export interface Opening {
  session: string;
  question: string;
  /** Leaf hash of `voting.opened`, hex. */
  basis: string;
  voter: number;
  revision: number;
  /** 32 bytes, hex. */
  nonce: string;
  choice: string;
}

/** One signed statement. */
export interface Kept {
  /** Statement id, hex. */
  id: string;
  village: string;
  kind: string;
  /** Exact payload that was signed, base64. */
  payload: string;
  /** When it was signed, ISO 8601. */
  signed: string;
  opening?: Opening;
  /** What a ballot is about: the question's words as the page showed them. */
  about?: string;
  /** The log's answer; absent while none came. */
  recorded?: Recorded;
  /** The server's signed refusal, as a note, and its reason in words. */
  refusal?: { note: string; words: string };
  /** Notes of witnesses that received it. */
  vouches?: string[];
}

/** Keeps a statement before it is sent, so that an opening is never lost with the connection. */
export function keep(kept: Kept): Promise<void> {
  return put("receipts", kept);
}

/** Adds the log's answer. */
export async function keepAnswer(kept: Kept, recorded: Recorded): Promise<void> {
  const now = await get<Kept>("receipts", kept.id);
  await put("receipts", { ...kept, ...now, recorded });
}

/** Adds the server's signed refusal; a later one takes the place of an earlier one. */
export async function keepRefusal(id: string, note: string, words: string): Promise<void> {
  const kept = await get<Kept>("receipts", id);
  if (kept !== undefined) await put("receipts", { ...kept, refusal: { note, words } });
}

/** Adds a witness's note. */
export async function keepVouch(id: string, note: string): Promise<void> {
  const kept = await get<Kept>("receipts", id);
  if (kept !== undefined) await put("receipts", { ...kept, vouches: [...new Set([...(kept.vouches ?? []), note])] });
}

/** Every ballot that this device cast or tried to, newest first. */
export async function ballots(): Promise<Kept[]> {
  const all = await list<Kept>("receipts");
  return all.filter((one) => one.kind === "ballot.cast").sort((a, b) => b.signed.localeCompare(a.signed));
}

/** The log key that this device knows for a village. */
export async function pinned(village: string): Promise<string | undefined> {
  return (await get<Pin>("pins", village))?.logKey;
}

/** Everything kept for a village, newest first. */
export async function keptFor(village: string): Promise<Kept[]> {
  const all = await list<Kept>("receipts");
  return all.filter((one) => one.village === village).sort((a, b) => b.signed.localeCompare(a.signed));
}

/** The log key this device saw first for a village, and the newest checkpoint by it that was found to go on from all before. */
export interface Pin {
  village: string;
  logKey: string;
  since: string;
  seen?: Held;
}

/** What became of comparing a page's log key with the pinned one. */
export interface Pinning {
  /** The key to check with: the pinned one. */
  logKey: string;
  /** Whether it was pinned just now. */
  fresh: boolean;
  /** Whether the page named another key. */
  changed: boolean;
}

/** Pins a village's log key on first sight; later a page's other key is reported, never believed. */
export async function pin(village: string, logKey: string): Promise<Pinning> {
  const known = await get<Pin>("pins", village);
  if (known === undefined) {
    await put("pins", { village, logKey, since: new Date().toISOString() } satisfies Pin);
    return { logKey, fresh: true, changed: false };
  }
  return { logKey: known.logKey, fresh: false, changed: known.logKey !== logKey };
}

/** Replaces the pinned key, after the reader compared the new one with the printed notice. */
export async function repin(village: string, logKey: string): Promise<void> {
  await put("pins", { village, logKey, since: new Date().toISOString() } satisfies Pin);
}

/** Checks the log's answer to a statement of our own: the receipt, and that answer and receipt agree. */
export async function checkAnswer(answer: Recorded, payload: string, logKey: string): Promise<ReceiptVerdict> {
  const verdict = await verifyReceipt(answer.receipt, { logKey, payload });
  if (verdict.fault !== undefined) return verdict;
  const same = verdict.entry?.seq === answer.seq && verdict.entry.time === answer.time && verdict.leaf === answer.leaf;
  return same ? verdict : { ...verdict, fault: "malformed" };
}


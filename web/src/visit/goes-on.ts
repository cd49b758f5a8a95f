/** Whether a village's record as it is shown now goes on from every state of it that this device holds: receipts, visits, earlier looks (PROTOCOL 9). */
import { FormatError } from "../bytes.ts";
import type { VerifierKey } from "../note.ts";
import { compare, open, type Signed } from "../gossip/shown.ts";
import type { Place } from "./above.ts";
import { NotServed, Served } from "./served.ts";

/** How long an acknowledged entry may wait until the record that is shown has it, in milliseconds. */
const PUBLISHED_WITHIN = 600_000;

/** A state that this device holds. */
export interface Held {
  /** The log's signed checkpoint. */
  note: string;
  /** When this device got it, ISO 8601. */
  at: string;
}

/** What was found. */
export type GoesOn =
  | { state: "extends"; newest: Signed }
  /** What is shown does not go on from what is held, or is shorter. */
  | { state: "changed" | "shorter"; newest: Signed; held: Signed; at: string; evidence?: string }
  /** What is shown is not signed by the key that this device knows. */
  | { state: "unsigned" }
  /** The hashes that would show it are not served. */
  | { state: "hidden" }
  | { state: "not_served" };

/** Compares what is held with what is shown. Hashes that the server gives count only where they lead to signed roots. `now` in Unix milliseconds. */
export async function goesOn({ server, village }: Place, log: VerifierKey, held: readonly Held[], now: number): Promise<GoesOn> {
  const place = `${server}/log/v/${village}`;
  const newest = await shown(place, log);
  if (newest === "not_served" || newest === undefined) return { state: newest ?? "unsigned" };
  const size = newest.checkpoint.size;
  for (const { note, at } of distinct(held)) {
    const before = await open(note, log);
    if (before === undefined) continue;
    if (before.checkpoint.size > size) {
      // What was acknowledged a moment ago is published in the next.
      if (now - Date.parse(at) > PUBLISHED_WITHIN) return { state: "shorter", newest, held: before, at };
      continue;
    }
    const together = await compare(before, newest, log, [place]);
    if (together.state === "contradicts") return { state: "changed", newest, held: before, at, evidence: together.evidence };
    if (together.state === "unknown") return together.unrelated ? { state: "changed", newest, held: before, at } : { state: "hidden" };
  }
  return { state: "extends", newest };
}

async function shown(place: string, log: VerifierKey): Promise<Signed | undefined | "not_served"> {
  try {
    return await open(await new Served(place).checkpoint(), log);
  } catch (error) {
    if (error instanceof NotServed) return "not_served";
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** Each text once, since many receipts may share a checkpoint; the earliest time of it counts. */
function distinct(held: readonly Held[]): Held[] {
  const byNote = new Map<string, Held>();
  for (const one of held) if (one.at < (byNote.get(one.note)?.at ?? "~")) byNote.set(one.note, one);
  return [...byNote.values()];
}

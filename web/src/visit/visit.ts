/**
 * A visit to a village's record: what is new is fetched and judged here, from the state that the visit before left behind. The tree's edge in
 * that state and the new entries must give the newly signed root, so the record extends what was seen. The server is never asked for a verdict.
 */
import { type Bytes, concat, FormatError, fromHex, utf8 } from "../bytes.ts";
import { type Checkpoint, parseCheckpoint } from "../checkpoint.ts";
import { ALG_ED25519, formatVerifierKey, parseNote, parseVerifierKey, type VerifierKey, verifierKey } from "../note.ts";
import { leafHash } from "../tree.ts";
import { read, write } from "../verify/saved.ts";
import { type Checked, type Progress, Verifier } from "../verify/verifier.ts";
import { type Above, lookAbove, type Place } from "./above.ts";
import { evidence, rangesOf } from "./history.ts";
import { compareWithPaper, type OnPaper, type Paper } from "./paper.ts";
import { Served } from "./served.ts";

/** What a visit leaves behind for the next one. */
export interface Kept {
  village: string;
  /** The log's verifier key as the record had it; believed from the first visit on. */
  logKey: string;
  /** The checkpoint's note. */
  note: string;
  /** Leaf hashes one after another: a shorter record can then be shown to be another one. */
  leaves: Bytes;
  /** The verifier's state after the last entry, as saved.ts writes it. */
  progress: string;
  /** The district's checkpoint note, where the reader's policy could judge it. */
  district?: string;
  /** When, ISO 8601. */
  at: string;
}

/** What the reader wants. */
export interface Asked extends Place {
  /** The district's root keys as printed; none: the record's own. */
  roots: readonly string[];
  /** The reader's tlog-policy. */
  policy?: string;
  /** What a printed notice says. */
  paper?: Paper;
}

/** How far the visit is, in entries. */
export interface Step {
  done: number;
  of: number;
}

/** What was there at the visit before. */
export interface Seen {
  size: number;
  at: string;
}

/** How a visit ended. */
export type Visited = {
  /** What the kept state and the new entries amount to. */
  checked: Checked;
  /** Entries that were fetched and judged. */
  fresh: number;
  seen?: Seen;
  above: Above;
  /** How the record stands to the printed notice. */
  paper?: OnPaper;
  keep?: Kept;
} | {
  /** Not the record that was seen before: it is shorter, or what was seen is not its beginning. What was kept stays. */
  other: "shorter" | "changed";
  seen: Seen;
  size: number;
  /** Proof that the log signed both, where it did. */
  evidence?: string;
  /** The note seen before. */
  note: string;
};

/** A record that is not the village's. */
export class OtherVillage extends Error {
  override name = "OtherVillage";
}

/** Visits a village's record. `now` is the time of the visit, ISO 8601. Throws `NotServed`, `FormatError` and {@link OtherVillage}. */
export async function visit(asked: Asked, kept: Kept | undefined, now: string, say: (step: Step) => void): Promise<Visited> {
  const { server, village, roots } = asked;
  const served = new Served(`${server}/log/v/${village}`);
  const note = await served.checkpoint();
  const checkpoint = parseCheckpoint(parseNote(note).text);
  if (!checkpoint.origin.endsWith(`/log/v/${village}`)) throw new OtherVillage(checkpoint.origin);
  const before = kept && { ...parseCheckpoint(parseNote(kept.note).text), kept };
  const seen = before && { size: before.size, at: before.kept.at };
  if (before !== undefined && checkpoint.size < before.size) return otherRecord("shorter", before, note, checkpoint, served);
  const progress = kept && takeUp(kept, roots);
  const verifier = new Verifier({ ...(roots.length > 0 && { roots }), ...(before && { known: [before] }) }, progress);
  const begin = verifier.progress.chain.size;
  const leaves: Bytes[] = progress === undefined || kept === undefined ? [] : [kept.leaves];
  for await (const lines of served.entries(begin, checkpoint.size)) {
    say({ done: verifier.progress.chain.size - begin, of: checkpoint.size - begin });
    await verifier.take(lines);
    leaves.push(...lines.map((line) => leafHash(line)));
  }
  const state = write(verifier.progress);
  const logKey = keyOf(verifier.progress);
  const checked = await verifier.finish({ note: utf8(note) });
  if (before !== undefined && !checked.fits) return otherRecord("changed", before, note, checkpoint, served);
  const all = concat(...leaves);
  const paper = asked.paper && (await compareWithPaper(asked.paper, checkpoint.size, rangesOf(all)));
  const visited = { checked, fresh: checkpoint.size - begin, ...(seen && { seen }), ...(paper && { paper }) };
  if (!checked.fits || logKey === undefined || checked.roots === "other") return { ...visited, above: { state: "unasked", by: [] } };
  const above = await lookAbove(asked, note, logKey, asked.policy, kept?.district);
  const district = above.note ?? kept?.district;
  const keep = { village, logKey: formatVerifierKey(logKey), note, leaves: all, progress: state, ...(district && { district }), at: now };
  return { ...visited, above, keep };
}

/** The kept state, if it is of this program's version and of the same root keys; else everything is checked anew. */
function takeUp(kept: Kept, roots: readonly string[]): Progress | undefined {
  try {
    const progress = read(kept.progress);
    const wanted = roots.length > 0 ? [...new Set(roots)].sort() : [];
    return wanted.join() === (progress.named ?? []).join() ? progress : undefined;
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function keyOf({ law }: Progress): VerifierKey | undefined {
  return law && verifierKey(law.origin, ALG_ED25519, fromHex(law.logKey));
}

async function otherRecord(other: "shorter" | "changed", before: Checkpoint & { kept: Kept }, note: string, now: Checkpoint, served: Served): Promise<Visited> {
  const { kept, size } = before;
  const range = size > now.size ? rangesOf(kept.leaves) : (from: number, to: number): Promise<Bytes> => served.range(from, to, now.size);
  const file = await evidence(kept.note, note, parseVerifierKey(kept.logKey), range);
  return { other, seen: { size, at: kept.at }, size: now.size, note: kept.note, ...(file !== undefined && { evidence: file }) };
}

/** What stands above a village's record: the district's log, in which its checkpoint lies, and witnesses who cosigned that (PROTOCOL 4, 6, 7). */
import { FormatError, fromUtf8, utf8 } from "../bytes.ts";
import { type Checkpoint, parseCheckpoint } from "../checkpoint.ts";
import { formatNote, parseNote, type VerifierKey } from "../note.ts";
import { judgeAbove, type PairFault } from "../pair.ts";
import { parsePolicy, type Policy } from "../policy.ts";
import { parseProof } from "../proof.ts";
import { evidence, extendsEarlier, type Range } from "./history.ts";
import { NotServed, read, Served } from "./served.ts";

/** Longest proof file, in bytes. */
const MAX_PROOF = 1 << 20;

/** A witness that cosigned, and when, Unix seconds. */
export interface Cosigned {
  name: string;
  time: number;
}

/**
 * What was found. Without a policy nothing is asked of witnesses; `not_there` when the server shows no proof, `not_extended` when it does not
 * show that the district's log goes on from what was seen of it.
 */
export interface Above {
  state: "witnessed" | "unasked" | "not_there" | "other_history" | "not_extended" | PairFault;
  by: Cosigned[];
  /** The district's checkpoint, to be kept until the next visit; only where it extends the one kept before. */
  note?: string;
  /** The district's checkpoint as it was shown, signed by the log. */
  shown?: string;
  /** Proof that the district's log signed two histories. */
  evidence?: string;
}

/** Where to look. */
export interface Place {
  /** Address of the server, without a slash at its end. */
  server: string;
  village: string;
}

/** Looks for a village's checkpoint in the district's log, by the reader's own policy. `seen` is the district's note kept before. */
export async function lookAbove(place: Place, note: string, key: VerifierKey, policy: string | undefined, seen: string | undefined): Promise<Above> {
  if (policy === undefined) return { state: "unasked", by: [] };
  try {
    return await look(place, note, key, parsePolicy(utf8(policy)), seen);
  } catch (error) {
    if (error instanceof NotServed) return { state: "not_there", by: [] };
    if (error instanceof FormatError) return { state: "malformed", by: [] };
    throw error;
  }
}

async function look({ server, village }: Place, note: string, key: VerifierKey, policy: Policy, seen: string | undefined): Promise<Above> {
  const parsed = parseNote(note);
  const last = parseCheckpoint(parsed.text).size - 1;
  const proof = parseProof(fromUtf8(await read(`${server}/receipt/${village}/${last}/district`, MAX_PROOF)));
  const district = parseCheckpoint(proof.note.text);
  const { fault, cosigned = [] } = await judgeAbove(proof, district, parsed, { logKey: key, policy });
  const by = cosigned.map(({ key: { name }, time = 0 }) => ({ name, time }));
  const isLogs = fault === undefined || fault === "not-witnessed";
  if (!isLogs) return { state: fault, by };
  const now = formatNote(proof.note);
  const other = seen === undefined ? undefined : await otherHistory(seen, now, district, policy, server, village);
  if (other !== undefined) return { ...other, by, shown: now };
  return { state: fault ?? (by.length > 0 ? "witnessed" : "unasked"), by, note: now, shown: now };
}

/** Whether the district's log is another than the one seen before. */
async function otherHistory(seen: string, now: string, district: Checkpoint, policy: Policy, server: string, village: string): Promise<Above | undefined> {
  const before = parseCheckpoint(parseNote(seen).text);
  const log = policy.logs.find(({ name }) => name === district.origin);
  if (before.origin !== district.origin || log === undefined) return undefined;
  const served = new Served(`${server}/log/d/${village.slice(0, 6)}`);
  // A witnessed checkpoint may be older than one that was seen without its witnesses.
  const [old, later] = before.size <= district.size ? [before, district] : [district, before];
  const range: Range = (from, to) => served.range(from, to, later.size);
  const extended = await extendsEarlier(old, later, range).catch((error: unknown) => {
    if (error instanceof NotServed) return undefined;
    throw error;
  });
  // Hiding a few hashes would else be enough to hide another history.
  if (extended === undefined) return { state: "not_extended", by: [] };
  if (extended) return undefined;
  const file = await evidence(seen, now, log, range);
  return { state: "other_history", by: [], ...(file !== undefined && { evidence: file }) };
}

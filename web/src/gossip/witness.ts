/** Hands a witness what this device was shown, and compares what the witness answers (PROTOCOL 6, `seen`). A witness never holds up a check. */
import { FormatError, fromUtf8 } from "../bytes.ts";
import { MAX_NOTE, parseVerifierKey, type VerifierKey, verifyNote } from "../note.ts";
import { NotServed, read } from "../visit/served.ts";
import type { Witness } from "./known.ts";
import { compare, open, type Signed } from "./shown.ts";

/** Longest wait for a witness, in milliseconds. */
const PATIENCE = 10_000;
/** How far a witness may be ahead of what readers are shown, in milliseconds: a checkpoint is cosigned before it is served. */
const AHEAD = 120_000;

/** What a witness had to say. */
export type Heard = { witness: Witness } & (
  /** It knows the same history; `time` (Unix seconds) is when it confirmed its newest state. */
  | { state: "same"; time: number }
  /** It confirmed a newer state long ago, and this device is shown an older one. */
  | { state: "ahead"; time: number; note: string }
  /** The log signed two histories: one is shown here, the other to the witness. */
  | { state: "other"; evidence: string }
  /** What it confirmed could not be compared: the hashes for it are not served. */
  | { state: "unknown"; note: string }
  /** It has confirmed nothing yet. */
  | { state: "nothing" }
  /** Its answer is not a checkpoint that log and witness signed. */
  | { state: "odd" }
  | { state: "silent" }
);

/** What is needed to judge an answer. */
export interface Ground {
  log: VerifierKey;
  /** Where the server shows the district's log. */
  place: string;
  /** The newest checkpoint that this device was shown. */
  newest: Signed;
  /** Another one that does not go with it, to be handed in too. */
  other?: Signed;
  /** The present, Unix milliseconds. */
  now: number;
}

/** Hands in what was shown and judges the answer. Never throws for what a witness or server does. */
export async function ask(witness: Witness, ground: Ground): Promise<Heard> {
  try {
    let answer = await handIn(witness, ground.newest.text);
    if (ground.other !== undefined) answer = await handIn(witness, ground.other.text);
    return { witness, ...(await judge(answer, witness, ground)) } as Heard;
  } catch (error) {
    if (error instanceof NotServed) return { witness, state: "silent" };
    if (error instanceof FormatError) return { witness, state: "odd" };
    throw error;
  }
}

async function handIn({ url }: Witness, note: string): Promise<string> {
  // Plain text: a browser asks nobody before it sends that.
  const init: RequestInit = { method: "POST", body: note, headers: { "content-type": "text/plain" }, redirect: "error", cache: "no-store" };
  return fromUtf8(await read(`${url}/seen`, MAX_NOTE, { ...init, signal: AbortSignal.timeout(PATIENCE) }));
}

type Judged = Heard extends infer H ? (H extends unknown ? Omit<H, "witness"> : never) : never;

async function judge(answer: string, witness: Witness, { log, place, newest, other, now }: Ground): Promise<Judged> {
  if (answer === "") return { state: "nothing" };
  const theirs = await open(answer, log);
  const [cosigned] = theirs === undefined ? [] : await verifyNote(theirs.note, [parseVerifierKey(witness.key)]).catch(() => []);
  if (theirs === undefined || cosigned?.time === undefined) return { state: "odd" };
  // A witness of ours shows its own copy of the log; the server may not show all of what it signed.
  const places = [place, `${new URL(witness.url).origin}/log/d/${log.name.slice(-6)}`];
  for (const one of other === undefined ? [newest] : [newest, other]) {
    const together = await compare(one, theirs, log, places);
    if (together.state === "contradicts") return { state: "other", evidence: together.evidence };
    if (together.state === "unknown") return { state: "unknown", note: answer };
  }
  const { time } = cosigned;
  if (theirs.checkpoint.size <= newest.checkpoint.size || now - 1000 * time <= AHEAD) return { state: "same", time };
  const shown = await open(fromUtf8(await read(`${place}/checkpoint`, MAX_NOTE, { cache: "no-store" }).catch(() => new Uint8Array())), log);
  return shown !== undefined && shown.checkpoint.size >= theirs.checkpoint.size ? { state: "same", time } : { state: "ahead", time, note: answer };
}

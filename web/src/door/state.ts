/** Who is where at a session's door, what is marked to be signed, and what a mark would mean. Pure: no page, no clock. */

/** A member who is there. */
export interface There {
  no: number;
  /** By phone, not in the hall. */
  online: boolean;
  /** Index of the entry that says so. */
  since: number;
}

/** A vote that is open and takes paper. */
export interface Vote {
  matter: string;
  question: string;
  words: string;
  /** Whether its papers bear names. */
  named_papers: boolean;
  basis: string;
  closes_at: string;
  may: number[];
  issued: number[];
  voted: number[];
  /** A ballot may have been cast that is not on record: for each paper somebody who watches signs. */
  watched: boolean;
}

/** A statement that waits for its second signature. */
export interface Waiting {
  statement: string;
  kind: "attendance.recorded" | "paper.issued";
  present: number[];
  left: number[];
  voters: number[];
  matter: string | null;
  question: string | null;
  for_names: string[];
  mine: boolean;
  /** Signed by both on this device and not sent yet; `refused` says why it can't be. */
  queued?: { refused?: string };
}

/** What is noted beside the record. */
export type Noted =
  | { kind: "called"; no: number; since: number }
  | { kind: "scribe"; no: number }
  | { kind: "observer"; id: string }
  | { kind: "spoiled"; matter: string; question: string; id: string };

/** A note, and who made it. */
export type NoteLine = Noted & { by: string[]; mine: boolean; two: boolean; words?: string };

/** What changes while the page is open, as the server tells it. */
export interface Live {
  size: number;
  now: string;
  open: boolean;
  opens: string;
  eligible: number;
  present: number;
  quorum: number | null;
  there: There[];
  left: number[];
  recused: number[];
  votes: Vote[];
  waiting: Waiting[];
  notes: NoteLine[];
}

/** What is done now: people come, go, or are handed a paper for a question. */
export type Mode = "arrive" | "leave" | { matter: string; question: string };

/** Whom a person at the door has marked, to be signed by two. */
export interface Marks {
  arrive: number[];
  leave: number[];
  /** By matter and question, joined by a slash. */
  papers: Record<string, number[]>;
}

/** Why a member can't be marked, or that they can. `vote`: has voted otherwise, and may change to paper. */
export type Verdict = "can" | "vote" | "marked" | "waiting" | "there" | "away" | "issued" | "recused" | "late" | "unknown" | "full";

/** What is said of a mark: `client-door-is-<code>`. */
export type MarkSaid = "arrive" | "leave" | "paper" | "vote" | "marked" | "waiting" | "there" | "away" | "issued" | "recused" | "late" | "shut" | "unknown" | "full";

/** How a member stands: `client-door-row-<state>`, the most telling first. */
export type RowState = "paper" | "voted" | "hall" | "online" | "left" | "away";

/** The most voters that one statement names. */
const MOST_PAPERS = 200;
/** The most members of one list. */
const MOST = 2_000;

/** Nobody marked. */
export function noMarks(): Marks {
  return { arrive: [], leave: [], papers: {} };
}

/** The list that a mode marks on. */
export function listOf(marks: Marks, mode: Mode): number[] {
  if (mode === "arrive") return marks.arrive;
  if (mode === "leave") return marks.leave;
  return marks.papers[keyOf(mode)] ?? [];
}

/** How marks name a question. */
export function keyOf(vote: { matter: string | null; question: string | null }): string {
  return `${vote.matter}/${vote.question}`;
}

function withList(marks: Marks, mode: Mode, list: number[]): Marks {
  const sorted = [...new Set(list)].sort((a, b) => a - b);
  if (mode === "arrive") return { ...marks, arrive: sorted };
  if (mode === "leave") return { ...marks, leave: sorted };
  return { ...marks, papers: { ...marks.papers, [keyOf(mode)]: sorted } };
}

/** What marking a member in this mode would come to. `known`: all numbers of the roster. */
export function verdict(live: Live, marks: Marks, mode: Mode, no: number, known: (no: number) => boolean): Verdict {
  if (!known(no)) return "unknown";
  const list = listOf(marks, mode);
  if (list.includes(no)) return "marked";
  const there = live.there.find((one) => one.no === no);
  if (mode === "arrive" || mode === "leave") {
    const waits = live.waiting.some((one) => (mode === "arrive" ? one.present : one.left).includes(no));
    if (waits) return "waiting";
    if (list.length >= MOST) return "full";
    if (mode === "leave") return there === undefined ? "away" : "can";
    return there !== undefined && !there.online ? "there" : "can";
  }
  const vote = live.votes.find((one) => keyOf(one) === keyOf(mode));
  if (vote === undefined) return "late";
  if (vote.issued.includes(no)) return "issued";
  if (live.waiting.some((one) => keyOf(one) === keyOf(mode) && one.voters.includes(no))) return "waiting";
  if (!vote.may.includes(no)) return live.recused.includes(no) ? "recused" : "late";
  if (list.length >= MOST_PAPERS) return "full";
  return vote.voted.includes(no) ? "vote" : "can";
}

/** Marks a member. Whoever comes is not leaving, and the other way round. */
export function mark(marks: Marks, mode: Mode, no: number): Marks {
  const other = mode === "arrive" ? "leave" : mode === "leave" ? "arrive" : undefined;
  const without = other === undefined ? marks : withList(marks, other, listOf(marks, other).filter((one) => one !== no));
  return withList(without, mode, [...listOf(without, mode), no]);
}

/** Takes a mark back. */
export function unmark(marks: Marks, mode: Mode, no: number): Marks {
  return withList(marks, mode, listOf(marks, mode).filter((one) => one !== no));
}

/** The marks that still mean something, once others have signed or votes have ended. */
export function pruned(live: Live, marks: Marks, known: (no: number) => boolean): Marks {
  const still = (mode: Mode): number[] => {
    const rest = listOf(marks, mode);
    return rest.filter((no) => ["can", "vote"].includes(verdict(live, unmark(marks, mode, no), mode, no, known)));
  };
  const papers = Object.fromEntries(live.votes.map((vote) => [keyOf(vote), still(vote)]));
  return { arrive: still("arrive"), leave: still("leave"), papers };
}

/** How many people are marked, each counted once a list. */
export function count(marks: Marks): number {
  return marks.arrive.length + marks.leave.length + Object.values(marks.papers).reduce((sum, list) => sum + list.length, 0);
}

/** What is said of a verdict in this mode. */
export function said(verdict: Verdict, mode: Mode): MarkSaid {
  if (verdict === "can") return typeof mode === "string" ? mode : "paper";
  return verdict;
}

/** How a member stands. */
export function rowState(live: Live, no: number): RowState {
  if (live.votes.some((vote) => vote.issued.includes(no))) return "paper";
  if (live.votes.some((vote) => vote.voted.includes(no))) return "voted";
  const there = live.there.find((one) => one.no === no);
  if (there !== undefined) return there.online ? "online" : "hall";
  return live.left.includes(no) ? "left" : "away";
}

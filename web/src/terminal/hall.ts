/** What a terminal knows of its session: fetched while there is a network, kept on the device, and held against what the record commits to. */
import { fetchJson } from "../api.ts";
import { fromBase64, fromHex, hex, utf8 } from "../bytes.ts";
import { documentCommitment } from "../commit.ts";
import { parseEntry } from "../entry.ts";
import { parseObject } from "../ijson.ts";
import { isAsked } from "../question.ts";

/** Words that the record commits to. */
export interface Words {
  text: string;
  salt: string;
}

/** The vote on a question. */
export interface Vote {
  status: "open" | "closed" | "over";
  mode: string;
  channels: string[];
  /** The opening's entry, base64, and its leaf hash: what ballots rest on. */
  entry: string;
  basis: string;
  opened_at: string;
  closes_at: string;
  closed_at: string | null;
  grace_minutes: number;
  /** Who may vote, keys of these that are too new, who was handed a paper, whose ballot came by phone. */
  may: number[];
  too_new: string[];
  paper: number[];
  online: number[];
  /** Roster number and revision of ballots from terminals. */
  kiosk: [number, number][];
  terminals: { no: number; counter: number; last: string; sealed: boolean }[];
}

/** A question of the agenda. */
export interface Question {
  matter: string;
  question: string;
  title: string;
  words: Words | null;
  plan: Words | null;
  amount_fen: number;
  options: { code: string; label: Words | null }[];
  vote: Vote | null;
}

/** A question whose vote was opened. */
export type Opened = Question & { vote: Vote };

/** Somebody who may sign beside a terminal. */
export interface Beside {
  person: string;
  name: string | null;
  roles: string[];
  keys: string[];
}

/** A member on the roster. */
export interface Member {
  no: number;
  person: string;
  keys: string[];
}

/** The session, as the server told it. */
export interface Hall {
  now: string;
  village_name: string;
  starts_at: string;
  live: boolean;
  kiosk: boolean;
  roster: string | null;
  log_key: string;
  terminals: { no: number; key: string }[];
  people: Beside[];
  members: Member[];
  questions: Question[];
}

/** Asks the server. Throws `Refused` or `Unreachable`. */
export async function askHall(address: string): Promise<Hall> {
  const { body } = await fetchJson(address);
  return body as unknown as Hall;
}

/** Whether a question can be put here: its vote takes ballots of terminals, and every word of it is what the vote's opening commits to. */
export function canBePut(village: string, session: string, one: Question): one is Opened & { words: Words; plan: Words } {
  const { vote, words, plan } = one;
  if (vote === null || words === null || plan === null) return false;
  if (vote.mode !== "named" || !vote.channels.includes("kiosk")) return false;
  const draft = { village, matter: one.matter, session, question: one.question, basis: vote.basis };
  const asked = { opened: vote.entry, question: words.text, salt: words.salt };
  const fits = ({ code, label }: Question["options"][number]): boolean => isAsked(draft, code, { ...asked, label: label === null ? undefined : { words: label.text, salt: label.salt } });
  return one.options.length > 0 && one.options.every(fits) && isPlan(vote.entry, plan) && closing(vote.entry) === vote.closes_at;
}

const opening = (entry: string): Record<string, unknown> => parseObject(fromBase64(parseEntry(fromBase64(entry)).statement.payload));
const isPlan = (entry: string, plan: Words): boolean => opening(entry)["plan"] === hex(documentCommitment(fromHex(plan.salt, 32), utf8(plan.text)));
const closing = (entry: string): unknown => opening(entry)["closes_at"];

/** Whether papers of a vote bear names, as its opening on record says. */
export const hasNamedPapers = ({ entry }: Vote): boolean => opening(entry)["named_papers"] === true;

/** Until when a vote takes ballots, as far as it is known here, in milliseconds since 1970. */
export function endOf(vote: Vote): number {
  return Math.min(Date.parse(vote.closes_at), vote.closed_at === null ? Infinity : Date.parse(vote.closed_at));
}

/** The member who has this key. */
export const memberOf = (hall: Hall, key: string): Member | undefined => hall.members.find(({ keys }) => keys.includes(key));
/** Who may sign beside the terminal with this key. */
export const besideOf = (hall: Hall, key: string): Beside | undefined => hall.people.find(({ keys }) => keys.includes(key));

/** Why a member can't vote on a question here. */
export type Bar = "absent" | "paper" | "new-key";

/** What stands against a member's ballot here; the record would refuse it, and with it all that the terminal took after it. */
export function barOf(vote: Vote, no: number, key: string): Bar | undefined {
  if (!vote.may.includes(no)) return "absent";
  if (vote.too_new.includes(key)) return "new-key";
  return vote.paper.includes(no) ? "paper" : undefined;
}

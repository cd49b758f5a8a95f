/**
 * What a village's record amounts to after its entries so far. Plain data (maps and sets of texts and numbers), so that it can be cloned,
 * written down and taken up again.
 */
import type { Acts, AgendaItem, Catalogue, OptionCount, Profile, RequiredBallot } from "./acts.ts";
import type { Calendar } from "./calendar.ts";
import type { Addressee, Body, Category, Channel, Outcome, Role, Stage } from "./codes.ts";
import type { Kind } from "./table.ts";

/** Where an entry stands. */
export interface Position {
  seq: number;
  time: number;
  leaf: string;
}

/** An entry that others may rest on. */
export interface Paper {
  at: Position;
  documents: readonly string[];
  signers: readonly string[];
}
/** Papers in force, the latest of each kind. */
export type Papers = Map<Kind, Paper>;

/** What waits for an answer. */
export interface Point {
  kind: Kind;
  at: Position;
  /** How many answers it needs. */
  answers: number;
  /** Who is asked, where it is an interpellation or complaint. */
  to: Addressee | undefined;
}

/** A public notice and the first instant after its period. */
export interface Notice {
  at: Position;
  ends: number;
}

/** A contract: its price, what was paid under it, and which of its milestones were reached. */
export interface Contract {
  leaf: string;
  fen: number;
  paid: number;
  reached: boolean[];
}

export interface Matter {
  /** The stage, while it is under way. */
  stage: Stage | undefined;
  /** How it ended. */
  outcome: Outcome | undefined;
  /** Rises with each step back. */
  round: number;
  opened: Position;
  updated: Position;
  suggestions: Position[];
  proposal: { category: Category; fen: number } | undefined;
  settled: { plan: string; fen: number; ballots: readonly RequiredBallot[] } | undefined;
  planNotice: Notice | undefined;
  resolutionNotice: Notice | undefined;
  /** First instant after the township's time to review. */
  filingDue: number | undefined;
  papers: Papers;
  open: Map<string, Point>;
  /** What villagers asked or said beside the steps and what waits for an answer: it holds nothing up. */
  asked: Map<string, Point>;
  /** Announced results of all rounds. */
  results: { at: Position; round: number; ballot: number; question: string; passed: boolean }[];
  /** Required ballots that this round's minutes decided: whether they passed. */
  decided: Map<number, boolean>;
  percent: number;
  paid: number;
  /** In order, of all rounds: a change undoes none. */
  contracts: Contract[];
  /** The minutes that voted the budget which a disclosure uses up. */
  budget: string | undefined;
}

export interface Attendance {
  there: boolean;
  /** The entry that last checked the member in at the hall. */
  hall: number | undefined;
}

export interface Session {
  status: "convened" | "roster" | "cancelled" | "failed" | "ended";
  body: Body;
  group: number | undefined;
  startsAt: number;
  agenda: readonly AgendaItem[];
  channels: readonly Channel[];
  roster: Map<number, string>;
  /** Keys of the terminals in the hall, by number. */
  terminals: Map<number, string>;
  attendance: Map<number, Attendance>;
  recused: { matter: string; no: number }[];
  tellers: Acts["tellers.named"] | undefined;
  mobileBox: Acts["mobile_box.named"] | undefined;
  papers: Papers;
  /** The latest vote on each question, by `questionKey`. */
  votings: Map<string, Voting>;
}

/** A ballot that an inspector vouched for: when a witness received it, and the entry that says so. */
export interface Vouched {
  voter: number;
  revision: number;
  receivedAt: number;
  entry: string;
}

export interface Ballot {
  revision: number;
  commitment: string;
}

/** A place among the ballots that a terminal took in one vote: their number so far, and the statement id of the last. */
export interface Place {
  counter: number;
  last: string;
}

/** What came from a terminal in one vote, and what it said it had taken when it sealed itself. */
export interface FromTerminal extends Place {
  sealed: Place | undefined;
}

export interface Voting {
  status: "open" | "closed" | "delivered" | "opened" | "announced" | "voided";
  matter: string;
  opened: Position;
  opening: Acts["voting.opened"];
  /** Members who were there at the opening, recused ones included. */
  present: Set<number>;
  /** Recused members among them. */
  recused: Set<number>;
  /** Members who were not there at the opening and may vote at the mobile box. */
  home: Set<number>;
  closedAt: number | undefined;
  papers: Papers;
  /** Disputes, and lists of vouched ballots; which of them wait for an answer, voting.ts says. */
  open: Map<string, Point>;
  /** Ballots that an inspector vouched for, by statement id. */
  vouched: Map<string, Vouched>;
  /** Each voter's latest ballot by phone. */
  ballots: Map<number, Ballot>;
  /** Each voter's latest ballot at a terminal, which counts before one by phone. */
  kiosk: Map<number, Ballot>;
  /** What came from each terminal, by its number. */
  terminals: Map<number, FromTerminal>;
  issued: Set<number>;
  count: { inBox: number; counts: readonly OptionCount[]; invalid: number } | undefined;
  choices: Map<number, string>;
}

/** A role held from a first to a last day, none while it is open. */
export interface Held {
  role: Role;
  from: number;
  until: number | undefined;
}

export interface People {
  persons: Map<string, { group: number | undefined; roles: Held[] }>;
  keys: Map<string, { person: string; enrolled: Position; revoked: boolean }>;
  /** Declared kin by `kinKey`, with the entry that declared them. */
  kin: Map<string, Position>;
  covers: { holder: string; role: Role; person: string; from: number; until: number }[];
  term: number;
  /** Asked for in the supervision committee's place; `back` are members who signed since, all with kin on record. */
  substitute: { cause: Acts["substitute.requested"]["cause"]; asked: number; back: Set<string> } | undefined;
}

/** A list that is arriving in parts. */
export interface Arriving {
  got: number;
  of: number;
  /** What all parts say alike. */
  head: string;
  rows: unknown[];
}

export interface State {
  village: string;
  origin: string;
  logKey: string;
  roots: string[];
  /** The last lawful entry. */
  last: Position;
  /** The last time anchor. */
  anchor: { time: number; size: number; root: string; cosignedAt: number } | undefined;
  merged: boolean;
  rules: number;
  /** In order of adoption, each named by the leaf hash of its adoption. */
  profiles: { leaf: string; profile: Profile }[];
  /** In order of adoption, which is that of their versions. */
  catalogues: Catalogue[];
  calendar: Calendar;
  delegations: { entry: string; to: Body; categories: readonly Category[]; until: number }[];
  people: People;
  matters: Map<string, Matter>;
  sessions: Map<string, Session>;
  arriving: Map<string, Arriving>;
  /** Until when a copy of each recent statement would still be in time, by statement id. */
  recent: Map<string, number>;
}

/** A vote's key in its session. */
export const questionKey = (matter: string, question: string): string => `${matter}/${question}`;

/** A matter that begins. */
export function newMatter(at: Position, stage: Stage | undefined, outcome?: Outcome): Matter {
  return {
    stage, outcome, round: 1, opened: at, updated: at, suggestions: [], proposal: undefined, settled: undefined, planNotice: undefined,
    resolutionNotice: undefined, filingDue: undefined, papers: new Map(), open: new Map(), results: [], decided: new Map(), percent: 0, paid: 0, budget: undefined,
    asked: new Map(), contracts: [],
  };
}

/** Whether a leaf hash is that of a paper in force of one of these kinds. */
export function isInForce(papers: Papers, leaf: string, kinds: readonly Kind[]): boolean {
  return kinds.some((kind) => papers.get(kind)?.at.leaf === leaf);
}

/** Whether a session is still to be held or under way. */
export const isLive = ({ status }: Session): boolean => status === "convened" || status === "roster";

/** Whether a vote of a matter was opened in a session that is not over, and not declared void. */
export function isVotedOn(session: Session, matter: string): boolean {
  return isLive(session) && [...session.votings.values()].some((voting) => voting.matter === matter && voting.status !== "voided");
}

/** Whether a vote was opened and has neither result nor end. */
export const isUnderWay = ({ status }: Voting): boolean => status !== "announced" && status !== "voided";

/** Whether what was signed in time may still come: the vote is open, or closed and deliveries go on. */
export const takesDeliveries = ({ status }: Voting): boolean => status === "open" || status === "closed";

/** Whether a vote had not closed by a time, be it on time or early. */
export const hadNotClosedAt = ({ opening, closedAt }: Voting, time: number): boolean => time < opening.closes_at && time <= (closedAt ?? Infinity);

/** Whether a ballot of a voter and revision, a later one, or one that goes before it is on record. */
export function hasBallot({ ballots, kiosk }: Voting, { voter, revision }: Pick<Vouched, "voter" | "revision">): boolean {
  return kiosk.has(voter) || (ballots.get(voter)?.revision ?? -1) >= revision;
}

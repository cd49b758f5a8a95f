/**
 * One vote, counted again (PROTOCOL 8): a ballot comes while the vote is open, or until deliveries end if an inspector vouched for it, with a higher revision than the voter's last, and not from
 * who was handed a paper; papers are counted once, before the ballots are opened; each ballot that counts is opened, by what was cast,
 * before the result; and these give the result. Presence, recusals, disputes, closing early and thresholds are judged by `sunvote verify`.
 */
import { fromHex, hex } from "./bytes.ts";
import { choiceCommitment } from "./commit.ts";
import { isObject, type Json, type JsonObject } from "./ijson.ts";
import { Parts } from "./parts.ts";

/** What does not fit. */
export type CountingFault = "ballot" | "ballot-late" | "ballot-paper" | "ballot-revision" | "ballot-unopened" | "count" | "paper-count" | "vote-order";

/** How far a vote is. */
type Status = "open" | "closed" | "ended" | "opened" | "announced" | "void";

/** The papers found in the box. */
interface Box {
  papers: number;
  invalid: number;
  counts: number[];
}

export class Counting {
  private status: Status = "open";
  /** Codes of the options, in the order of `voting.opened`. */
  private readonly options: string[];
  private readonly channels: string[];
  /** When it closes, in milliseconds; NaN if it does not say. */
  private readonly closesAt: number;
  /** Each voter's last ballot, counting or not. */
  private readonly last = new Map<number, { revision: number; commitment: string }>();
  /** Voters who were handed a paper: no ballot of theirs counts. */
  private readonly paper = new Set<number>();
  /** Ballots that an inspector vouched for: statement id to voter and revision. */
  private readonly vouched = new Map<string, { voter: number; revision: number }>();
  private readonly parts = new Parts();
  private readonly choices = new Map<number, string>();
  private box: Box | undefined;
  private choicesKnown = false;

  /** `leaf` is the leaf hash of `voting.opened`, hex. */
  constructor(
    opening: JsonObject,
    private readonly leaf: string,
  ) {
    this.options = texts(opening["options"]);
    // Where the vote is secret, all ballots are paper.
    this.channels = texts(opening["channels"]).filter((channel) => channel === "paper" || opening["mode"] === "named");
    this.closesAt = Date.parse(String(opening["closes_at"]));
  }

  get isVoid(): boolean {
    return this.status === "void";
  }

  /** Moves on from one state to the next. */
  step(from: Status, to: Status): "vote-order" | undefined {
    if (this.status !== from) return "vote-order";
    this.status = to;
    return undefined;
  }

  cast(ballot: JsonObject, time: string, id: string): CountingFault | undefined {
    const { voter, revision, basis, channel, commitment } = ballot;
    if (typeof voter !== "number" || typeof revision !== "number" || typeof commitment !== "string") return "ballot";
    // `kiosk` is reserved and refused.
    if (basis !== this.leaf || channel !== "online" || !this.channels.includes(channel)) return "ballot";
    if (!this.isOpenAt(time) && !this.isVouched(id, voter, revision)) return "ballot-late";
    if (this.paper.has(voter)) return "ballot-paper";
    if (!(revision > (this.last.get(voter)?.revision ?? 0))) return "ballot-revision";
    this.last.set(voter, { revision, commitment });
    return undefined;
  }

  /** Which ballots an inspector's witness received in time. When that was is judged by `sunvote verify`. */
  vouch(payload: JsonObject): "vote-order" | undefined {
    if (this.status !== "open" && this.status !== "closed") return "vote-order";
    const rows = Array.isArray(payload["ballots"]) ? payload["ballots"].filter(isObject) : [];
    for (const row of rows) this.vouched.set(String(row["statement"]), { voter: Number(row["voter"]), revision: Number(row["revision"]) });
    return undefined;
  }

  private isVouched(id: string, voter: number, revision: number): boolean {
    const row = this.vouched.get(id);
    return (this.status === "open" || this.status === "closed") && row?.voter === voter && row.revision === revision;
  }

  private isOpenAt(time: string): boolean {
    return this.status === "open" && Date.parse(time) < this.closesAt;
  }

  /** Papers handed to these voters; `mayReplace` says whether one who has cast a ballot may get one. */
  issue(voters: number[], time: string, mayReplace: (voter: number) => boolean): CountingFault | undefined {
    if (!this.isOpenAt(time)) return "ballot-late";
    const sorted = voters.every((voter, i) => i === 0 || voter > Number(voters[i - 1]));
    if (!sorted || !this.channels.includes("paper")) return "ballot-paper";
    if (voters.some((voter) => this.paper.has(voter) || (this.last.has(voter) && !mayReplace(voter)))) return "ballot-paper";
    for (const voter of voters) this.paper.add(voter);
    return undefined;
  }

  countPaper(payload: JsonObject): CountingFault | undefined {
    if (this.status !== "ended" || this.box !== undefined) return "vote-order";
    const counts = this.listed(payload["counts"]);
    const [papers, invalid] = [Number(payload["in_box"]), Number(payload["invalid"])];
    if (counts === undefined || this.paper.size === 0 || sum(counts) + invalid !== papers) return "paper-count";
    this.box = { papers, invalid, counts };
    this.choicesKnown = true;
    return undefined;
  }

  /** The log's openings. Papers are counted before, so that nobody counts with the rest in mind. */
  openAll(payload: JsonObject): CountingFault | undefined {
    if (this.status !== "ended" || (this.paper.size > 0 && this.box === undefined)) return "vote-order";
    const rows = this.parts.add("rows", payload);
    if (rows === "order") return "vote-order";
    if (rows === "arriving") {
      this.choicesKnown = true;
      return undefined;
    }
    const openings = rows.map((row) => this.choiceOf(row));
    const sorted = openings.every((one, i) => one !== undefined && (i === 0 || one.voter > Number(openings[i - 1]?.voter)));
    if (!sorted) return "ballot";
    for (const one of openings) if (one !== undefined) this.choices.set(one.voter, one.choice);
    this.choicesKnown = true;
    this.status = "opened";
    return undefined;
  }

  /** An opening that the log left out and its voter publishes. */
  openOwn(payload: JsonObject): CountingFault | undefined {
    if (this.status !== "opened") return "vote-order";
    const one = this.choiceOf(payload);
    if (one === undefined || this.choices.has(one.voter)) return "ballot";
    this.choices.set(one.voter, one.choice);
    return undefined;
  }

  /** The choice of an opening that fits its voter's ballot that counts. */
  private choiceOf(row: Json): { voter: number; choice: string } | undefined {
    if (!isObject(row)) return undefined;
    const { voter, revision, nonce, choice } = row;
    if (typeof voter !== "number" || typeof nonce !== "string" || typeof choice !== "string") return undefined;
    const ballot = this.paper.has(voter) ? undefined : this.last.get(voter);
    if (ballot === undefined || ballot.revision !== revision || !this.options.includes(choice)) return undefined;
    const made = choiceCommitment({ basis: fromHex(this.leaf, 32), voter, revision, nonce: fromHex(nonce, 32), choice });
    return hex(made) === ballot.commitment ? { voter, choice } : undefined;
  }

  private get allOpened(): boolean {
    return [...this.last.keys()].every((voter) => this.paper.has(voter) || this.choices.has(voter));
  }

  private get tooManyPapers(): boolean {
    return (this.box?.papers ?? 0) > this.paper.size;
  }

  /** The announced counts are those counted here, for every option of the vote in its order, and for nothing else. */
  announce(said: Json | undefined, invalid: Json | undefined, voted: Json | undefined): CountingFault | undefined {
    // Where nobody voted by phone there is nothing to open.
    const ready = this.status === "opened" || (this.status === "ended" && this.last.size === 0);
    if (!ready || (this.paper.size > 0 && this.box === undefined)) return "vote-order";
    if (this.tooManyPapers) return "paper-count";
    if (!this.allOpened) return "ballot-unopened";
    const choices = [...this.choices.values()];
    const own = this.options.map((option, i) => choices.filter((one) => one === option).length + (this.box?.counts[i] ?? 0));
    const counts = this.listed(said);
    const same = counts !== undefined && own.every((count, i) => count === counts[i]);
    if (!same || invalid !== (this.box?.invalid ?? 0) || voted !== choices.length + (this.box?.papers ?? 0)) return "count";
    this.status = "announced";
    return undefined;
  }

  /** Once choices are known, nobody may void a vote because of how it went. */
  declareVoid(reason: Json | undefined): CountingFault | undefined {
    if (this.status === "announced" || this.status === "void") return "vote-order";
    const missing = this.status === "opened" && !this.allOpened;
    const grounds = reason === "opening_missing" ? missing : reason === "too_many_papers" ? this.tooManyPapers : !this.choicesKnown;
    if (!grounds) return "vote-order";
    this.status = "void";
    return undefined;
  }

  /** Counts of every option of the vote in its order; nothing if they are of others. */
  private listed(value: Json | undefined): number[] | undefined {
    const rows = Array.isArray(value) ? value : [];
    const whole = rows.length === this.options.length && rows.every((row, i) => isObject(row) && row["option"] === this.options[i]);
    return whole ? rows.map((row) => (isObject(row) ? Number(row["count"]) : NaN)) : undefined;
  }
}

function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function sum(counts: number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}

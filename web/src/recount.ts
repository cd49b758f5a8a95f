/**
 * Counts votes again from the record: every ballot must be the signer's own and come while the vote is open, every opening must fit its
 * ballot's commitment, and the openings and paper counts must give the result.
 */
import { fromHex, hex } from "./bytes.ts";
import { choiceCommitment } from "./commit.ts";
import { isObject, type Json, type JsonObject } from "./ijson.ts";
import { Rosters } from "./roster.ts";

/** What does not fit; the last three as the rules of these names (PROTOCOL 12). */
export type RecountFault = "ballot" | "count" | "roster-wrong" | "voter-unknown" | "ballot-late";

/** One vote on one question. */
interface Vote {
  /** Leaf hash of `voting.opened`, hex. */
  leaf: string;
  /** Codes of the options, in the order of `voting.opened`. */
  options: string[];
  /** When it closes, in milliseconds; NaN if it does not say. */
  closesAt: number;
  /** Neither closed nor declared void yet. */
  open: boolean;
  /** Each voter's ballot that counts: a kiosk's before one cast online, then the highest revision (PROTOCOL 8). */
  cast: Map<number, { channel: string; revision: number; commitment: string }>;
  /** Voters whose opening was counted. */
  opened: Set<number>;
  counts: Map<string, number>;
}

/** Follows the votes of a record, entry by entry. */
export class Recount {
  ballots = 0;
  results = 0;
  private readonly votes = new Map<string, Vote>();
  private readonly rosters = new Rosters();

  /** Takes in one statement; names what does not fit. `leaf` is its entry's leaf hash, hex; `time` the entry's time. */
  add(payload: JsonObject, leaf: string, time: string): RecountFault | undefined {
    const place = `${String(payload["session"])}/${String(payload["matter"])}/${String(payload["question"])}`;
    if (payload["kind"] === "roster.fixed") return this.rosters.add(payload) ? undefined : "roster-wrong";
    // Whatever names a voter: ballots, openings, attendance, recusals. A helper does not sign.
    if (payload["voter"] !== undefined && !this.rosters.isVoter(payload)) return "voter-unknown";
    if (payload["kind"] === "voting.opened") {
      this.votes.set(place, opening(payload, leaf));
      return undefined;
    }
    const vote = this.votes.get(place);
    if (vote === undefined) return undefined;
    switch (payload["kind"]) {
      case "ballot.cast":
        return this.cast(vote, payload, time);
      case "voting.closed":
      case "voting.voided":
        vote.open = false;
        return undefined;
      case "ballots.opened":
        return rows(payload["rows"]).every((row) => open(vote, row)) ? undefined : "ballot";
      case "ballot.opened":
        return open(vote, payload) ? undefined : "ballot";
      case "paper.counted":
        for (const { option, count } of rows(payload["counts"])) add(vote, option, Number(count));
        return undefined;
      case "result.announced":
        this.results++;
        return announced(vote, payload["counts"]) ? undefined : "count";
      default:
        return undefined;
    }
  }

  private cast(vote: Vote, ballot: JsonObject, time: string): "ballot" | "ballot-late" | undefined {
    const { voter, revision, basis, channel, commitment } = ballot;
    if (typeof voter !== "number" || typeof revision !== "number" || typeof channel !== "string" || typeof commitment !== "string") return "ballot";
    if (basis !== vote.leaf) return "ballot";
    // The grace of `voting.opened` delays the openings only: no ballot is entered in it.
    if (!vote.open || !(Date.parse(time) < vote.closesAt)) return "ballot-late";
    this.ballots++;
    const before = vote.cast.get(voter);
    if (before === undefined || rank(channel, revision) > rank(before.channel, before.revision)) vote.cast.set(voter, { channel, revision, commitment });
    return undefined;
  }
}

function opening(payload: JsonObject, leaf: string): Vote {
  const options = Array.isArray(payload["options"]) ? payload["options"].map(String) : [];
  const closesAt = Date.parse(String(payload["closes_at"]));
  return { leaf, options, closesAt, open: true, cast: new Map(), opened: new Set(), counts: new Map() };
}

/** Which of two ballots of one voter counts: the one of higher rank. Revisions are below 2^32. */
function rank(channel: string, revision: number): number {
  return (channel === "kiosk" ? 2 ** 32 : 0) + revision;
}

function rows(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter((row) => isObject(row)) : [];
}

/** Counts an opening that fits a ballot of a voter who is not counted yet. */
function open(vote: Vote, row: JsonObject): boolean {
  const { voter, revision, nonce, choice } = row;
  if (typeof voter !== "number" || typeof revision !== "number") return false;
  const ballot = vote.cast.get(voter);
  if (ballot?.revision !== revision) return false;
  if (typeof nonce !== "string" || typeof choice !== "string" || vote.opened.has(voter)) return false;
  const made = choiceCommitment({ basis: fromHex(vote.leaf, 32), voter, revision, nonce: fromHex(nonce, 32), choice });
  if (hex(made) !== ballot.commitment) return false;
  vote.opened.add(voter);
  add(vote, choice, 1);
  return true;
}

function add(vote: Vote, option: Json | undefined, count: number): void {
  vote.counts.set(String(option), (vote.counts.get(String(option)) ?? 0) + count);
}

/** Whether the announced counts are those counted here, for every option of the vote in its order, and for nothing else. */
function announced(vote: Vote, counts: Json | undefined): boolean {
  const said = rows(counts);
  const total = [...vote.counts.values()].reduce((sum, count) => sum + count, 0);
  const saidTotal = said.reduce((sum, row) => sum + Number(row["count"]), 0);
  const listed = said.length === vote.options.length && new Set(vote.options).size === said.length;
  const same = said.every(({ option, count }, i) => option === vote.options[i] && count === (vote.counts.get(String(option)) ?? 0));
  return listed && same && total === saidTotal;
}

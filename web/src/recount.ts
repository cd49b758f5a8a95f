/** Counts votes again from the record: every opening must fit its ballot's commitment, and the openings and paper counts must give the result. */
import { fromHex, hex } from "./bytes.ts";
import { choiceCommitment } from "./commit.ts";
import { isObject, type Json, type JsonObject } from "./ijson.ts";

/** One vote on one question. */
interface Vote {
  /** Leaf hash of `voting.opened`, hex. */
  leaf: string;
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

  /** Takes in one statement; names what does not fit. `leaf` is its entry's leaf hash, hex. */
  add(payload: JsonObject, leaf: string): "ballot" | "count" | undefined {
    const place = `${String(payload["session"])}/${String(payload["matter"])}/${String(payload["question"])}`;
    if (payload["kind"] === "voting.opened") {
      this.votes.set(place, { leaf, cast: new Map(), opened: new Set(), counts: new Map() });
      return undefined;
    }
    const vote = this.votes.get(place);
    if (vote === undefined) return undefined;
    switch (payload["kind"]) {
      case "ballot.cast":
        return this.cast(vote, payload);
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

  private cast(vote: Vote, ballot: JsonObject): "ballot" | undefined {
    const { voter, revision, basis, channel, commitment } = ballot;
    if (typeof voter !== "number" || typeof revision !== "number" || typeof channel !== "string" || typeof commitment !== "string") return "ballot";
    if (basis !== vote.leaf) return "ballot";
    this.ballots++;
    const before = vote.cast.get(voter);
    if (before === undefined || rank(channel, revision) > rank(before.channel, before.revision)) vote.cast.set(voter, { channel, revision, commitment });
    return undefined;
  }
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

/** Whether the announced counts are those counted here, for every option. */
function announced(vote: Vote, counts: Json | undefined): boolean {
  const said = rows(counts);
  const total = [...vote.counts.values()].reduce((sum, count) => sum + count, 0);
  const saidTotal = said.reduce((sum, row) => sum + Number(row["count"]), 0);
  return total === saidTotal && said.every((row) => row["count"] === (vote.counts.get(String(row["option"])) ?? 0));
}

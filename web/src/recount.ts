/** Counts the votes of a record again: who stands on which roster, which vote each ballot, opening and count belongs to. */
import { Counting, type CountingFault } from "./counting.ts";
import { signers } from "./dsse.ts";
import type { JsonObject } from "./ijson.ts";
import { Rosters } from "./roster.ts";

/** What does not fit; the last two as the rules of these names (PROTOCOL 12). */
export type RecountFault = CountingFault | "roster-wrong" | "voter-unknown";

/** Where a statement stands: its id and its entry's leaf hash, hex, and the entry's time. */
export interface Place {
  id: string;
  leaf: string;
  time: string;
}

/** Follows the votes of a record, entry by entry. What is refused changes nothing. */
export class Recount {
  ballots = 0;
  results = 0;
  private readonly votes = new Map<string, Counting>();
  private readonly rosters = new Rosters();

  /** Takes in one statement; names what does not fit. */
  add(payload: JsonObject, at: Place): RecountFault | undefined {
    if (payload["kind"] === "roster.fixed") return this.rosters.add(payload) ? undefined : "roster-wrong";
    // Whatever names a voter: ballots, openings, attendance, recusals. A helper does not sign.
    if (payload["voter"] !== undefined && !this.rosters.isVoter(payload)) return "voter-unknown";
    const place = `${String(payload["session"])}/${String(payload["matter"])}/${String(payload["question"])}`;
    const vote = this.votes.get(place);
    if (payload["kind"] === "voting.opened") {
      if (vote !== undefined && !vote.isVoid) return "vote-order";
      this.votes.set(place, new Counting(payload, at.leaf));
      return undefined;
    }
    return vote && this.count(vote, payload, at);
  }

  private count(vote: Counting, payload: JsonObject, { id, time }: Place): RecountFault | undefined {
    switch (payload["kind"]) {
      case "ballot.cast": {
        const fault = vote.cast(payload, time, id);
        if (fault === undefined) this.ballots++;
        return fault;
      }
      case "ballot.vouched":
        return vote.vouch(payload);
      case "voting.closed":
        return vote.step("open", "closed");
      case "deliveries.ended":
        return vote.step("closed", "ended");
      case "paper.issued":
        return this.issue(vote, payload, time);
      case "paper.counted":
        return vote.countPaper(payload);
      case "ballots.opened":
        return vote.openAll(payload);
      case "ballot.opened":
        return vote.openOwn(payload);
      case "result.announced":
        this.results++;
        return vote.announce(payload["counts"], payload["invalid"], payload["voted"]);
      case "voting.voided":
        return vote.declareVoid(payload["reason"]);
      default:
        return undefined;
    }
  }

  /** Who has voted by phone is handed a paper only if that voter or the supervision committee signs too. */
  private issue(vote: Counting, payload: JsonObject, time: string): RecountFault | undefined {
    const voters = Array.isArray(payload["voters"]) ? payload["voters"].map(Number) : [];
    if (voters.length === 0 || !this.rosters.areVoters(payload, voters)) return "voter-unknown";
    const by = signers(payload);
    const watched = by.some(({ role }) => role === "supervision_committee" || role === "township_discipline_officer");
    const own = (voter: number): boolean => by.some(({ person }) => person === this.rosters.person(payload, voter));
    return vote.issue(voters, time, (voter) => watched || own(voter));
  }
}

/** The rosters of a record's sessions: which number stands for which person (PROTOCOL 11, `roster.fixed`). */
import { signers } from "./dsse.ts";
import { isObject, type Json, type JsonObject } from "./ijson.ts";
import { Parts } from "./parts.ts";

/** Follows the rosters of a record. */
export class Rosters {
  private readonly parts = new Parts();
  /** Person of each number, by session. A roster counts once its last part is there, and is fixed from then on. */
  private readonly fixed = new Map<string, Map<number, string>>();

  /** Takes in one `roster.fixed`; false for one that is wrong, which changes nothing: out of order, not numbered, or fixed before. */
  add(payload: JsonObject): boolean {
    const session = String(payload["session"]);
    if (this.fixed.has(session)) return false;
    const rows = this.parts.add(session, payload);
    if (typeof rows === "string") return rows === "arriving";
    const people = numbered(rows);
    if (people === undefined) return false;
    this.fixed.set(session, people);
    return true;
  }

  /** Who has this number on the roster of a statement's session. */
  person(payload: JsonObject, no: Json | undefined): string | undefined {
    return this.fixed.get(String(payload["session"]))?.get(Number(no));
  }

  /** Whether the `voter` named stands on the session's roster, and is whoever signs as a voter. Throws `FormatError` without signers. */
  isVoter(payload: JsonObject): boolean {
    return this.areVoters(payload, [payload["voter"]]);
  }

  /** Whether these numbers stand on the session's roster, and whoever signs as a voter is the only one of them. */
  areVoters(payload: JsonObject, voters: readonly (Json | undefined)[]): boolean {
    const people = voters.map((no) => this.person(payload, no));
    const own = (person: string | undefined): boolean => people.length === 1 && people[0] === person;
    return people.every((person) => person !== undefined) && signers(payload).every(({ role, person }) => role !== "voter" || own(person));
  }
}

/** The people by number; nothing unless they are numbered from 1 without gaps and each is listed once. */
function numbered(rows: Json[]): Map<number, string> | undefined {
  const people = new Map<number, string>();
  for (const [i, row] of rows.entries()) {
    if (!isObject(row) || row["no"] !== i + 1 || typeof row["person"] !== "string") return undefined;
    people.set(i + 1, row["person"]);
  }
  return new Set(people.values()).size === rows.length ? people : undefined;
}

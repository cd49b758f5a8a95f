/** The rosters of a record's sessions: which number stands for which person (PROTOCOL 11, `roster.fixed`). */
import { signers } from "./dsse.ts";
import { isObject, type Json, type JsonObject } from "./ijson.ts";

/** A roster that is not whole yet. */
interface Arriving {
  got: number;
  of: number;
  rows: Json[];
}

/** Follows the rosters of a record. */
export class Rosters {
  private readonly arriving = new Map<string, Arriving>();
  /** Person of each number, by session. A roster counts once its last part is there, and is fixed from then on. */
  private readonly fixed = new Map<string, Map<number, string>>();

  /** Takes in one `roster.fixed`; false for one that is wrong, which changes nothing: out of order, not numbered, or fixed before. */
  add(payload: JsonObject): boolean {
    const session = String(payload["session"]);
    const [part, of] = [Number(payload["part"]), Number(payload["of"])];
    if (this.fixed.has(session)) return false;
    const before = this.arriving.get(session);
    // Part 1 always begins anew.
    if (!(part <= of) || (part !== 1 && !(before?.got === part - 1 && before.of === of))) return false;
    const rows = [...(part === 1 ? [] : (before?.rows ?? [])), ...(Array.isArray(payload["rows"]) ? payload["rows"] : [])];
    if (part < of) {
      this.arriving.set(session, { got: part, of, rows });
      return true;
    }
    const people = numbered(rows);
    if (people === undefined) return false;
    this.fixed.set(session, people);
    return true;
  }

  /** Whether the `voter` named stands on the session's roster, and is whoever signs as a voter. Throws `FormatError` without signers. */
  isVoter(payload: JsonObject): boolean {
    const person = this.fixed.get(String(payload["session"]))?.get(Number(payload["voter"]));
    return person !== undefined && signers(payload).every((signer) => signer.role !== "voter" || signer.person === person);
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

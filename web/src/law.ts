/**
 * What `law.json` says of each kind, interpreted a second time: header fields, who signs, how long a signature may travel, which kind of
 * entry it rests on, and that every key was enrolled before. Stages, quorum and thresholds are judged by `sunvote verify` only.
 */
import table from "../../src/core/law.json";

import { type Signer, signers } from "./dsse.ts";
import { isObject, type Json, type JsonObject } from "./ijson.ts";

/** One kind's row; what this check does not use is left out. */
interface Row {
  scope: string[];
  signers: string[][][];
  window: "instant" | "signing" | "offline";
  basis?: { kinds: string[] };
  public?: string[];
}

/** What a statement breaks. */
export type LawFault = "version" | "founding-place" | "kind" | "fields" | "signers" | "key" | "window" | "basis" | "level" | "roots";

const ROWS: Record<string, Row> = table.kinds as Record<string, Row>;
const MINUTE = 60_000;
/** How far a signer's clock may run ahead of the entry's, in milliseconds (PROTOCOL 1). */
const AHEAD = 2 * MINUTE;
const FIELDS = ["matter", "session", "question", "basis", "held_on", "part"];
/** Header fields that place a statement; those of a basis must be the same. */
const PLACE = ["matter", "session", "question"];

interface Known {
  kind: string;
  place: (Json | undefined)[];
}

/** Follows the keys and entries of one record. */
export class Law {
  private roots = new Set<string>();
  private logKey = "";
  private readonly owners = new Map<string, string>();
  private readonly revoked = new Set<string>();
  private readonly entries = new Map<string, Known>();
  /** When a witness received a ballot that an inspector vouched for, by statement id. */
  private readonly received = new Map<string, string>();
  /** Whether the record began with a founding that was judged by the keys the reader trusts. */
  founded = false;
  /** The keys that signed the founding, if the reader did not name them all. Then nothing after it is judged: one fault says it. */
  strangers: readonly string[] = [];

  /** `trusted` are the district's root keys that the reader has from paper; without any the record's own are taken. */
  constructor(private readonly trusted: readonly string[] = []) {}

  /** Judges a statement and takes it in. `seq` is its line's place, `id` its id, `leaf` its entry's leaf hash, both hex; `time` the entry's time. */
  add(payload: JsonObject, seq: number, { id, leaf, time }: { id: string; leaf: string; time: string }): LawFault[] {
    if (this.strangers.length > 0) return [];
    const kind = String(payload["kind"]);
    const founding = kind === "village.founded";
    // Anywhere but at the start it says nothing about whose record this is: it founds nothing and takes no keys.
    if (founding !== (seq === 0)) return ["founding-place"];
    const row = ROWS[kind];
    if (row === undefined) return ["kind"];
    const by = signers(payload);
    if (founding && this.trusted.length > 0 && !by.every((signer) => this.trusted.includes(signer.key))) {
      this.strangers = by.map((signer) => signer.key);
      return ["roots"];
    }
    if (founding && payload["rules"] !== table.version) return [unknownRules(payload)];
    // The founding brings the keys that sign it.
    if (founding) this.founded = this.takeKeys(payload, kind);
    const faults: LawFault[] = [];
    if (!hasScope(row, payload)) faults.push("fields");
    if (!row.signers.some((alternative) => serve(by, alternative))) faults.push("signers");
    if (!by.every((signer) => this.holds(signer, payload)) || new Set(by.map((signer) => signer.person ?? signer.key)).size < by.length) faults.push("key");
    const received = kind === "ballot.cast" ? this.received.get(id) : undefined;
    const times = received === undefined ? [time] : [time, received];
    if (!times.some((one) => inWindow(row, String(payload["at"]), one))) faults.push("window");
    if (!this.rests(row, payload)) faults.push("basis");
    if (!allPublic(payload, row.public ?? [])) faults.push("level");
    if (!this.takeKeys(payload, kind)) faults.push("key");
    if (kind === "ballot.vouched" && faults.length === 0) this.vouch(payload["ballots"]);
    // Only by those who may: otherwise anybody could end the judging.
    if (kind === "rules.adopted" && faults.length === 0) faults.push(unknownRules(payload));
    this.entries.set(leaf, { kind, place: PLACE.map((name) => payload[name]) });
    return faults;
  }

  private vouch(rows: Json | undefined): void {
    for (const row of Array.isArray(rows) ? rows : []) {
      if (isObject(row)) this.received.set(String(row["statement"]), String(row["received_at"]));
    }
  }

  private holds(signer: Signer, payload: JsonObject): boolean {
    const { person, role, key } = signer;
    if (role === "root") return person === undefined && this.roots.has(key);
    if (role === "log") return person === undefined && this.logKey === key;
    if (person === undefined || this.owners.get(key) !== person || this.revoked.has(key)) return false;
    return role !== "holder" || this.owners.get(String(payload["key"])) === person;
  }

  private rests(row: Row, payload: JsonObject): boolean {
    if (row.basis === undefined) return true;
    const basis = this.entries.get(String(payload["basis"]));
    if (basis === undefined || !row.basis.kinds.includes(basis.kind)) return false;
    return PLACE.every((name, i) => basis.place[i] === undefined || payload[name] === undefined || basis.place[i] === payload[name]);
  }

  /** Takes in what a statement says about keys; false when a key would get a second owner. */
  private takeKeys(payload: JsonObject, kind: string): boolean {
    switch (kind) {
      case "village.founded":
        this.roots = new Set(texts(payload["roots"]));
        this.logKey = String(payload["log_key"]);
        return this.own(payload["people"]);
      case "roots.changed":
        this.roots = new Set(texts(payload["roots"]));
        return true;
      case "log_key.rotated":
        this.logKey = String(payload["log_key"]);
        return true;
      case "officials.enrolled":
        return this.own(payload["officials"]);
      case "keys.enrolled":
        return this.own(payload["keys"]);
      case "key.revoked":
        this.revoked.add(String(payload["key"]));
        return true;
      case "entry.annulled":
        for (const key of texts(payload["keys"])) this.revoked.add(key);
        return true;
      default:
        return true;
    }
  }

  private own(rows: Json | undefined): boolean {
    let good = true;
    for (const row of Array.isArray(rows) ? rows : []) {
      if (!isObject(row)) continue;
      const [person, key] = [String(row["person"]), String(row["key"])];
      good &&= (this.owners.get(key) ?? person) === person;
      if (!this.owners.has(key)) this.owners.set(key, person);
    }
    return good;
  }
}

/** Rules of another version cannot be judged here; what is no version at all is a field gone wrong. */
function unknownRules(payload: JsonObject): LawFault {
  return Number.isInteger(payload["rules"]) ? "version" : "fields";
}

function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function hasScope(row: Row, payload: JsonObject): boolean {
  return FIELDS.every((name) => {
    const there = payload[name] !== undefined && (name !== "part" || payload["of"] !== undefined);
    return row.scope.includes(name) ? there : row.scope.includes(`${name}?`) || payload[name] === undefined;
  });
}

/** Whether the signers' roles are those of one alternative, in order. The township's discipline officer may stand in for the supervision committee. */
function serve(by: Signer[], alternative: string[][]): boolean {
  const fits = (role: string, roles: string[]): boolean =>
    roles.includes(role) || (role === "township_discipline_officer" && roles.includes("supervision_committee"));
  return by.length === alternative.length && by.every((signer, i) => fits(signer.role, alternative[i] as string[]));
}

/** Whether each document in a member of these names, at any depth, is open to everyone. */
function allPublic(value: Json, names: string[]): boolean {
  if (Array.isArray(value)) return value.every((item) => allPublic(item, names));
  if (!isObject(value)) return true;
  return Object.entries(value).every(([name, member]) => {
    return !(names.includes(name) && isHidden(member)) && allPublic(member, names);
  });
}

/** Whether this is a document that not everyone may read, or a list with one. */
function isHidden(value: Json): boolean {
  if (Array.isArray(value)) return value.some(isHidden);
  return isObject(value) && typeof value["level"] === "string" && value["level"] !== "public";
}

function inWindow(row: Row, signed: string, entered: string): boolean {
  const [at, time] = [Date.parse(signed), Date.parse(entered)];
  return at <= time + AHEAD && time <= at + table.windows[row.window] * MINUTE;
}

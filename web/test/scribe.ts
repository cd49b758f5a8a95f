/** Makes a village's record for tests: lawful step by step, signed with invented keys, chained and closed with a checkpoint. */
import { createPrivateKey, type KeyObject, sign } from "node:crypto";

import { base64, type Bytes, concat, fromHex, hex, utf8 } from "../src/bytes.ts";
import { choiceCommitment } from "../src/commit.ts";
import { publicKey } from "../src/curve.ts";
import { keyId, pae, STATEMENT_TYPE } from "../src/dsse.ts";
import { formatEntry } from "../src/entry.ts";
import { DAY } from "../src/law/clock.ts";
import { row } from "../src/law/table.ts";
import type { Kind } from "../src/law/table.ts";
import { ALG_ED25519, formatVerifierKey, noteKeyId, verifierKey } from "../src/note.ts";
import { root } from "../src/prefix.ts";
import { leafHash } from "../src/tree.ts";
import { sha256 } from "@noble/hashes/sha2.js";

const VILLAGE = "331102001206";
export const ORIGIN = `liandu.example/log/v/${VILLAGE}`;
export const MATTER = "01J0000000000000000000000M";
export const SESSION = "01J0000000000000000000000S";
const PKCS8 = fromHex("302e020100300506032b657004220420");
const CLERK_START = Date.parse("2026-03-02T01:00:00.000Z");

/** A signer: the capacity, and the number that person and key go by. */
export interface Hand {
  role: string;
  n: number;
}
export const ROOTS: Hand[] = [{ role: "root", n: 201 }, { role: "root", n: 202 }];
export const LOG: Hand = { role: "log", n: 200 };
export const CLERK: Hand = { role: "clerk", n: 1 };
export const WATCH: Hand = { role: "supervision_committee", n: 2 };
export const CHAIR: Hand = { role: "chair", n: 5 };
export const SECRETARY: Hand = { role: "branch_secretary", n: 6 };
export const DRAFTER: Hand = { role: "township_drafter", n: 7 };
export const APPROVER: Hand = { role: "township_approver", n: 8 };
const [CALLER, COUNTER, SCRUTINEER] = [10, 11, 12];
/** First of the representatives; the chair stands on the roster too. */
const FIRST = 20;

export const personId = (n: number): string => `01J000000000000000000${String(n).padStart(5, "0")}`;
const seedOf = (n: number): Bytes => sha256(utf8(`key ${n}`)) as Bytes;
const keys = new Map<number, { secret: KeyObject; key: string }>();
function keyOf(n: number): { secret: KeyObject; key: string } {
  let own = keys.get(n);
  if (own === undefined) {
    const seed = seedOf(n);
    const secret = createPrivateKey({ key: Buffer.from(concat(PKCS8, seed)), format: "der", type: "pkcs8" });
    keys.set(n, (own = { secret, key: hex(publicKey(seed)) }));
  }
  return own;
}
export const key = (n: number): string => keyOf(n).key;
export const doc = (text: string, level = "public"): object => ({ sha256: hex(sha256(utf8(text))), size: text.length, media: "text/plain", level });
const nonce = (voter: number, revision: number): Bytes => sha256(utf8(`nonce ${voter} ${revision}`)) as Bytes;

export const PROFILE = {
  code: "assembly", version: 1, body: "representative_assembly", categories: ["M01", "M02"], from_fen: 0, citation: "art. 26", effective: "2021-01-01", confirmed: true,
  session_notice: { days: 3, working: false }, plan_notice: { days: 5, working: false }, resolution_notice: { days: 7, working: false },
  filing: { days: 5, working: true }, answer: { days: 5, working: false }, quorum: { num: 2, den: 3, more_than: false, base: "all" },
  threshold: { num: 1, den: 2, more_than: true, base: "present" }, abstain_in_base: true, recusal: { allowed: true, in_quorum: true, in_base: false }, remote: true, mobile_box: true,
  needs_delegation: false, mode: "named",
};
export const QUESTION = { code: "q1", title: doc("Shall the road be built?"), options: ["for", "against", "abstain"], required: true };

/** Writes entries as a server does; what is written need not be lawful. */
export class Scribe {
  readonly lines: Bytes[] = [];
  /** Payload of each entry, as a text. */
  readonly payloads: string[] = [];
  readonly leaves: string[] = [];
  /** Latest entry of each kind, by its leaf hash. */
  readonly last: Partial<Record<Kind, string>> = {};
  now = CLERK_START;
  readonly members: number[];

  constructor(readonly representatives = 5) {
    this.members = [CHAIR.n, ...Array.from({ length: representatives }, (_, i) => FIRST + i)];
  }

  get roots(): string[] {
    return ROOTS.map(({ n }) => key(n));
  }

  get logKey(): string {
    return formatVerifierKey(verifierKey(ORIGIN, ALG_ED25519, fromHex(key(LOG.n))));
  }

  wait(ms: number): this {
    this.now += ms;
    return this;
  }

  /** Appends a statement, a second after the last, and gives its leaf hash. Header fields that its kind needs and that `act` lacks are filled in. */
  add(kind: Kind, by: Hand[], act: object = {}): string {
    const at = new Date((this.now += 1000)).toISOString();
    const signers = by.map(({ role, n }) => (role === "root" || role === "log" ? { role, key: key(n) } : { person: personId(n), role, key: key(n) }));
    const payload = JSON.stringify({ ...this.header(kind), kind, village: VILLAGE, by: signers, at, ...act });
    return this.append(payload, by, at);
  }

  private header(kind: Kind): object {
    const { scope, basis } = row(kind);
    const leaves = (basis?.kinds ?? []).flatMap((one) => this.last[one] ?? []);
    const all: Record<string, unknown> = {
      matter: MATTER, session: SESSION, question: "q1", basis: leaves.sort((a, b) => this.leaves.indexOf(b) - this.leaves.indexOf(a))[0],
      held_on: new Date(this.now + 8 * 3_600_000).toISOString().slice(0, 10),
    };
    return { ...Object.fromEntries(scope.filter((name) => name in all).map((name) => [name, all[name]])), ...(scope.includes("part") && { part: 1, of: 1 }) };
  }

  /** Appends these payload bytes, signed by these. */
  append(payload: string, by: Hand[], time: string): string {
    const bytes = utf8(payload);
    const message = pae(STATEMENT_TYPE, bytes);
    const signatures = by.map(({ n }) => ({ keyid: keyId(fromHex(key(n))), sig: sign(null, message, keyOf(n).secret).toString("base64") }));
    const prev = this.leaves.at(-1) ?? hex(sha256(utf8(ORIGIN)));
    const line = utf8(formatEntry({ seq: this.lines.length, prev, time, statement: { payloadType: STATEMENT_TYPE, payload: base64(bytes), signatures } }));
    const leaf = hex(leafHash(line));
    this.lines.push(line);
    this.payloads.push(payload);
    this.leaves.push(leaf);
    this.last[(JSON.parse(payload) as { kind: Kind }).kind] = leaf;
    return leaf;
  }

  /** Founding, profile, officials, term and keys. */
  settle(): this {
    const person = (n: number, role: string): object => ({ person: personId(n), name: "00".repeat(32), role, key: key(n), key_kind: "device" });
    const people = [person(CLERK.n, "clerk"), person(WATCH.n, "supervision_committee")];
    this.add("village.founded", ROOTS, { origin: ORIGIN, district: "331102", rules: 1, log_key: key(LOG.n), roots: this.roots, people });
    this.add("profile.adopted", ROOTS, { profile: PROFILE });
    this.add("officials.enrolled", ROOTS, { officials: [person(DRAFTER.n, "township_drafter"), person(APPROVER.n, "township_approver")] });
    const roles: Record<number, string[]> = { [CLERK.n]: ["clerk"], [WATCH.n]: [WATCH.role], 3: [WATCH.role], 4: [WATCH.role], [CHAIR.n]: ["chair"], [SECRETARY.n]: ["branch_secretary"] };
    for (const n of [CALLER, COUNTER, SCRUTINEER]) roles[n] = ["villager"];
    for (const n of this.members.slice(1)) roles[n] = ["representative"];
    const rows = Object.entries(roles).map(([n, held]) => ({ person: personId(Number(n)), name: "00".repeat(32), roles: held }));
    this.add("term.opened", [CLERK, WATCH], { term: 1, from: "2026-03-02", until: "2031-03-01", people: rows, result: doc("elected") });
    const holders = [3, 4, CHAIR.n, SECRETARY.n, CALLER, COUNTER, SCRUTINEER, ...this.members.slice(1)];
    this.add("keys.enrolled", [CLERK, WATCH], { keys: holders.map((n) => ({ person: personId(n), key: key(n), key_kind: "device" })) });
    return this;
  }

  /** A matter from its suggestion to the settled plan. */
  bringToPlan(): this {
    this.add("suggestion.entered", [{ role: "representative", n: FIRST }], { text: doc("a road"), source: "online" });
    this.add("matter.proposed", [SECRETARY], { category: "M02", title: doc("road"), plan: doc("draft"), amount_fen: 100, answers: [this.last["suggestion.entered"]] });
    const attendees = [personId(CLERK.n), personId(SECRETARY.n)];
    this.add("enlarged_meeting.recorded", [CLERK], { attendees, nonvoting: 0, minutes: doc("m1") });
    this.add("visits.recorded", [CLERK], { households: 3, opinions: [doc("too dear")] });
    this.add("opinions.answered", [CLERK], { answers: [doc("cheaper")] });
    this.add("joint_meeting.recorded", [CLERK], { attendees, minutes: doc("m2") });
    this.add("plan.settled", [CLERK], { plan: doc("plan"), amount_fen: 100, ballots: [{ body: "representative_assembly", profile: this.last["profile.adopted"], questions: [QUESTION] }] });
    return this;
  }

  /** A matter from its suggestion to the ballot. */
  bringToBallot(): this {
    this.bringToPlan().add("plan.posted", [CLERK], { notice: doc("notice"), places: ["board"] });
    this.wait(9 * DAY).add("filing.submitted", [CLERK], { materials: [] });
    this.add("filing.reviewed", [DRAFTER], { opinion: doc("fine"), advice: "file" });
    this.add("filing.filed", [APPROVER], { text: doc("filed") });
    return this;
  }

  /** A session with everyone there, up to the opening of its vote. */
  openVote(channels = ["online", "paper"]): this {
    const starts = new Date(this.now + 9 * DAY).toISOString();
    this.add("session.convened", [CHAIR], {
      body: "representative_assembly", starts_at: starts, agenda: [{ matter: MATTER, ballot: 0, filing: this.last["filing.filed"] }], notice: doc("come"), channels: ["online", "paper"],
    });
    this.add("roster.fixed", [CLERK, WATCH], { rows: this.members.map((n, i) => ({ no: i + 1, person: personId(n) })) });
    this.add("tellers.named", [CHAIR], { caller: personId(CALLER), counter: personId(COUNTER), scrutineer: personId(SCRUTINEER) });
    this.wait(9 * DAY).add("attendance.recorded", [CLERK, WATCH], { present: this.members.map((_, i) => i + 1), left: [] });
    this.add("voting.opened", [CHAIR], {
      profile: this.last["profile.adopted"], mode: "named", title: (QUESTION.title as { sha256: string }).sha256, plan: (doc("plan") as { sha256: string }).sha256,
      options: QUESTION.options, channels, closes_at: new Date(this.now + 13 * DAY).toISOString(), grace_minutes: 0,
      eligible: this.members.length, present: this.members.length,
    });
    return this;
  }

  /** A ballot of a voter by roster number. */
  cast(voter: number, choice: string, revision = 1): string {
    const basis = fromHex(this.last["voting.opened"] ?? "");
    const commitment = hex(choiceCommitment({ basis, voter, revision, nonce: nonce(voter, revision), choice }));
    return this.add("ballot.cast", [{ role: "voter", n: this.members[voter - 1] ?? 0 }], { voter, revision, channel: "online", commitment });
  }

  /** Closes the vote, opens these ballots and announces what they give. */
  conclude(ballots: { choice: string; revision?: number }[]): this {
    this.add("voting.closed", [CHAIR, { role: "scrutineer", n: SCRUTINEER }]);
    this.add("deliveries.ended", [LOG]);
    this.add("ballots.opened", [LOG], {
      rows: ballots.map(({ choice, revision = 1 }, i) => ({ voter: i + 1, revision, nonce: hex(nonce(i + 1, revision)), choice })),
    });
    const count = (option: string): number => ballots.filter(({ choice }) => choice === option).length;
    const base = this.members.length;
    const needed = Math.floor(base / 2) + 1;
    const passed = count("for") >= needed;
    this.add("result.announced", [CHAIR, { role: "scrutineer", n: SCRUTINEER }], {
      eligible: base, present: base, recused: 0, voted: ballots.length, counts: QUESTION.options.map((option) => ({ option, count: count(option) })),
      invalid: 0, base, needed, ...(passed && { winner: "for" }), passed,
    });
    this.add("minutes.signed", [CHAIR, CLERK], { minutes: doc("m3") });
    return this;
  }

  /** The whole of it, with one ballot of each member. */
  whole(): this {
    this.settle().bringToBallot().openVote();
    const choices = this.members.map((_, i) => ({ choice: i === 1 ? "against" : "for" }));
    choices.forEach(({ choice }, i) => this.cast(i + 1, choice));
    return this.conclude(choices);
  }

  /** The checkpoint over some lines, signed by the log. */
  note(lines = this.lines, size = lines.length): string {
    const text = `${ORIGIN}\n${size}\n${base64(root(lines.map((line) => leafHash(line))))}\n`;
    const id = noteKeyId(ORIGIN, ALG_ED25519, fromHex(key(LOG.n)));
    return `${text}\n— ${ORIGIN} ${base64(concat(id, sign(null, utf8(text), keyOf(LOG.n).secret)))}\n`;
  }

  /** The export file. */
  file(lines = this.lines, note = this.note(lines)): Bytes {
    const newline = utf8("\n");
    return concat(utf8("sunvote/record/v1\n"), ...lines.flatMap((line) => [line, newline]), newline, utf8(note));
  }
}

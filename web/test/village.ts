/** A village made for tests: its log, its people's keys, and one vote, signed and counted as PROTOCOL says. */
import { sha256 } from "@noble/hashes/sha2.js";

import { base64, type Bytes, concat, fromHex, hex, utf8 } from "../src/bytes.ts";
import { choiceCommitment } from "../src/commit.ts";
import { publicKey, sign } from "../src/curve.ts";
import { envelope, pae, STATEMENT_TYPE, statementId } from "../src/dsse.ts";
import { formatEntry, parseEntry } from "../src/entry.ts";
import { ALG_ED25519, formatVerifierKey, noteKeyId } from "../src/note.ts";
import { leafHash, root } from "../src/tree.ts";

const VILLAGE = "331102001200";
export const ORIGIN = `liandu.example/log/v/${VILLAGE}`;
export const PLACE = { session: "01J0000000000000000000000S", matter: "01J0000000000000000000000M", question: "main" };
const seed = (n: number): Bytes => new Uint8Array(32).fill(n);
const keyOf = (n: number): string => hex(publicKey(seed(n)));
const personId = (n: number): string => `01J000000000000000000000${String(n).padStart(2, "0")}`;

/** Who signs: the capacity, and the number of the key and person. */
export interface Signer {
  role: string;
  n: number;
}

export const ROOT_A = { role: "root", n: 201 };
export const ROOT_B = { role: "root", n: 202 };
const LOG = { role: "log", n: 200 };
export const CLERK = { role: "clerk", n: 1 };
export const WATCH = { role: "supervision_committee", n: 2 };
export const CHAIR = { role: "chair", n: 3 };
const INSPECTOR = { role: "discipline_inspector", n: 4 };
const OPTIONS = ["for", "against"];
/** Members on the roster who have no key. */
const KEYLESS = 3;
// Tellers are people of the village with a duty in the session.
export const COUNTER = { role: "counter", n: 11 };
export const SCRUTINEER = { role: "scrutineer", n: 12 };

/** What a dishonest server does at a vote. */
interface Change {
  /** Announces these counts. */
  counts?: Record<string, number>;
  /** Opens every ballot as this choice. */
  choice?: string;
  /** Opens this revision. */
  revision?: number;
  /** Opens every ballot this often. */
  times?: number;
  /** Lets ballots rest on this entry. */
  basis?: string;
  /** Closes the vote this many milliseconds after its opening. */
  lasts?: number;
  /** Opens the vote with these options. */
  options?: string[];
  /** Opens it in this mode, and for ballots that come so. */
  mode?: string;
  channels?: string[];
  /** Hands papers to the members on the roster who have no key, counts this many in the box, and none if zero; three unless told. */
  papers?: number;
  /** Counts the papers this often. */
  counted?: number;
  /** Leaves out the openings of the voters after this one. */
  opens?: number;
  /** Announces that this many voted. */
  voted?: number;
  /** Announces these counts as they stand, whatever is named twice. */
  rows?: object[];
  /** Appends more before the vote is closed; hears the opening's leaf hash. */
  before?(opened: string): void;
  /** Appends more after it was closed. */
  after?(opened: string): void;
  /** Appends more after deliveries ended; hears the leaf hashes of the opening and of that end. */
  ended?(opened: string, ended: string): void;
  /** Appends more before the result is announced; hears the same. */
  last?(opened: string, ended: string): void;
}

/** Writes entries as a server does. */
export class Village {
  readonly lines: Bytes[] = [];
  private voters = 0;
  private roster = "";
  private clock = Date.parse("2026-11-21T10:00:00.000Z");

  get logKey(): string {
    const key = publicKey(seed(LOG.n));
    return formatVerifierKey({ name: ORIGIN, id: noteKeyId(ORIGIN, ALG_ED25519, key), alg: ALG_ED25519, key });
  }

  /** Appends a statement signed by these; gives its leaf hash, hex. */
  append(signers: Signer[], act: Record<string, unknown>): string {
    const payload = this.payload(signers, act);
    const [first, ...rest] = signers.map(({ n }) => envelope(STATEMENT_TYPE, payload, publicKey(seed(n)), sign(seed(n), pae(STATEMENT_TYPE, payload))));
    if (first === undefined) throw new Error("nobody signs");
    const statement = { ...first, signatures: [...first.signatures, ...rest.flatMap((one) => one.signatures)] };
    const last = this.lines.at(-1);
    const prev = hex(last === undefined ? sha256(utf8(ORIGIN)) : leafHash(last));
    const line = utf8(formatEntry({ seq: this.lines.length, prev, time: new Date(this.clock++).toISOString(), statement }));
    this.lines.push(line);
    return hex(leafHash(line));
  }

  private payload(signers: Signer[], act: Record<string, unknown>): Bytes {
    const by = signers.map(({ role, n }) => ({ ...(role !== "root" && role !== "log" && { person: personId(n) }), role, key: keyOf(n) }));
    return utf8(JSON.stringify({ at: new Date(this.clock).toISOString(), by, village: VILLAGE, ...act }));
  }

  /** Public key of the person of this number, hex. */
  key(n: number): string {
    return keyOf(n);
  }

  /** Id of the person of this number. */
  person(n: number): string {
    return personId(n);
  }

  /** Fixes the session's roster, after convening it, at the first call; gives the leaf hash of the roster's last part, hex. */
  convenedRoster(parts: object[][] = [this.members()], convened = ""): string {
    if (this.roster !== "") return this.roster;
    const basis = convened || this.append([CHAIR], { kind: "session.convened", session: PLACE.session });
    parts.forEach((rows, i) => (this.roster = this.fixed(basis, rows, i + 1, parts.length)));
    return this.roster;
  }

  /** Appends one part of the roster. */
  fixed(basis: string, rows: object[], part = 1, of = 1): string {
    return this.append([CLERK, WATCH], { kind: "roster.fixed", session: PLACE.session, basis, part, of, rows });
  }

  /** The members as rows of a roster: voters first, then those without a key. */
  members(): { no: number; person: string }[] {
    return Array.from({ length: this.voters + KEYLESS }, (_, i) => ({ no: i + 1, person: personId(i + 11) }));
  }

  /** The district's root keys, as printed. */
  readonly roots = [keyOf(ROOT_A.n), keyOf(ROOT_B.n)];

  /** Founds the village once more, by the roots of these numbers and with a log key that nobody has. */
  foundAgain(by: [number, number]): void {
    const signers = by.map((n) => ({ role: "root", n }));
    this.append(signers, { kind: "village.founded", origin: ORIGIN, log_key: keyOf(199), roots: [keyOf(151), keyOf(152)], people: [] });
  }

  /** Founds the village and enrols the voters' keys. */
  found(voters: number, rules: unknown = 1): void {
    this.voters = voters;
    const officials = [CLERK, WATCH, CHAIR, INSPECTOR].map(({ role, n }) => ({ person: personId(n), role, key: keyOf(n), key_kind: "device" }));
    this.append([ROOT_A, ROOT_B], { kind: "village.founded", rules, origin: ORIGIN, log_key: keyOf(LOG.n), roots: this.roots, people: officials });
    const keys = Array.from({ length: voters }, (_, i) => ({ person: personId(i + 11), key: keyOf(i + 11), key_kind: "device" }));
    this.append([CLERK, WATCH], { kind: "keys.enrolled", keys });
  }

  /** Opens the vote; gives its leaf hash, hex. */
  open(change: Change = {}): string {
    const basis = this.convenedRoster();
    const closes_at = new Date(this.clock + (change.lasts ?? 3_600_000)).toISOString();
    const { options = OPTIONS, mode = "named", channels = ["online", "paper"] } = change;
    return this.append([CHAIR], { kind: "voting.opened", ...PLACE, basis, mode, channels, options, closes_at });
  }

  /** Declares the vote void. */
  declareVoid(basis: string, reason = "failure"): void {
    this.append([CHAIR, WATCH], { kind: "voting.voided", ...PLACE, basis, reason });
  }

  /** A vote in which each voter makes these choices one after the other; `change` alters what is opened or announced. */
  vote(choices: string[][], change: Change = {}): string {
    const opened = this.open(change);
    const rows = choices.map((one, i) => {
      one.forEach((choice, n) => this.ballot(change.basis ?? opened, i + 1, n + 1, choice));
      const revision = change.revision ?? one.length;
      return { voter: i + 1, revision, nonce: hex(seed(revision)), choice: change.choice ?? (one[revision - 1] as string) };
    });
    const papers = change.papers ?? 3;
    if (papers > 0) this.issue(opened, Array.from({ length: KEYLESS }, (_, i) => this.voters + i + 1));
    change.before?.(opened);
    const closed = this.append([LOG], { kind: "voting.closed", ...PLACE, basis: opened });
    change.after?.(opened);
    const basis = this.append([LOG], { kind: "deliveries.ended", ...PLACE, basis: closed });
    change.ended?.(opened, basis);
    const box = (change.options ?? OPTIONS).map((option, i) => ({ option, count: [papers - 1, 1][i] ?? 0 }));
    for (let n = 0; papers > 0 && n < (change.counted ?? 1); n++) this.countPaper(basis, { in_box: papers, counts: box });
    const opens = rows.slice(0, change.opens).flatMap((row) => Array<typeof row>(change.times ?? 1).fill(row));
    this.append([LOG], { kind: "ballots.opened", ...PLACE, basis, part: 1, of: 1, rows: opens });
    change.last?.(opened, basis);
    const count = (option: string, paper: number): number => choices.filter((one) => one.at(-1) === option).length + paper;
    const counts = change.counts ?? { for: count("for", Math.max(papers - 1, 0)), against: count("against", Math.min(papers, 1)) };
    const said = change.rows ?? Object.entries(counts).map(([option, n]) => ({ option, count: n }));
    this.append([CHAIR, SCRUTINEER], { kind: "result.announced", ...PLACE, basis, invalid: 0, voted: change.voted ?? choices.length + papers, counts: said });
    return opened;
  }

  /** Appends the statement of entry `seq` once more. */
  again(seq: number): void {
    const entry = parseEntry(this.lines[seq] as Bytes);
    const prev = hex(leafHash(this.lines.at(-1) as Bytes));
    this.lines.push(utf8(formatEntry({ ...entry, seq: this.lines.length, prev, time: new Date(this.clock++).toISOString() })));
  }

  /** Appends that these numbers are handed a paper. */
  issue(basis: string, voters: number[], signers = [CLERK, WATCH]): void {
    this.append(signers, { kind: "paper.issued", ...PLACE, basis, voters });
  }

  /** Appends a count of the papers: three of them, two for and one against, unless told. */
  countPaper(basis: string, act: object = {}): void {
    const counts = [{ option: "for", count: 2 }, { option: "against", count: 1 }];
    this.append([COUNTER, SCRUTINEER], { kind: "paper.counted", ...PLACE, basis, in_box: 3, invalid: 0, counts, ...act });
  }

  /** Appends the opening of this voter's first ballot, by the voter. */
  openOwn(basis: string, voter: number, choice: string): void {
    this.append([{ role: "voter", n: voter + 10 }], { kind: "ballot.opened", ...PLACE, basis, voter, revision: 1, nonce: hex(seed(1)), choice });
  }

  /** Appends a ballot of this voter, signed by the key of number `n`. */
  ballot(basis: string, voter: number, revision: number, choice: string, n = voter + 10, act: object = {}): void {
    const commitment = hex(choiceCommitment({ basis: fromHex(basis), voter, revision, nonce: seed(revision), choice }));
    this.append([{ role: "voter", n }], { kind: "ballot.cast", ...PLACE, basis, voter, revision, channel: "online", commitment, ...act });
  }

  /** Appends that an inspector vouches for a voter's first ballot, as `row` says, received an hour ago when it was signed; then the ballot. */
  vouched(basis: string, voter: number, choice: string, row: object = {}): void {
    const [by, at] = [[{ role: "voter", n: voter + 10 }], new Date(this.clock - 3_600_000).toISOString()];
    const commitment = hex(choiceCommitment({ basis: fromHex(basis), voter, revision: 1, nonce: seed(1), choice }));
    const ballot = { kind: "ballot.cast", ...PLACE, basis, voter, revision: 1, channel: "online", commitment, at };
    const statement = hex(statementId(this.payload(by, ballot)));
    const ballots = [{ statement, voter, revision: 1, received_at: at, ...row }];
    this.append([INSPECTOR], { kind: "ballot.vouched", ...PLACE, basis, ballots });
    this.append(by, ballot);
  }

  /** The checkpoint over these lines. */
  note(lines: Bytes[] = this.lines, size = lines.length): string {
    const body = `${ORIGIN}\n${size}\n${base64(root(lines.map((line) => leafHash(line))))}\n`;
    return `${body}\n— ${ORIGIN} ${base64(concat(noteKeyId(ORIGIN, ALG_ED25519, publicKey(seed(LOG.n))), sign(seed(LOG.n), utf8(body))))}\n`;
  }

  /** The export file of these lines. */
  file(lines: Bytes[] = this.lines, note = this.note()): Bytes {
    return concat(utf8("sunvote/record/v1\n"), ...lines.flatMap((line) => [line, utf8("\n")]), utf8("\n"), utf8(note));
  }
}

/** A file in pieces of `size` bytes, as a stream gives them. */
export async function* pieces(file: Bytes, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
}

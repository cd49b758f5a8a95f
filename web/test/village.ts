/** A village made for tests: its log, its people's keys, and one vote, signed and counted as PROTOCOL says. */
import { sha256 } from "@noble/hashes/sha2.js";

import { base64, type Bytes, concat, hex, utf8 } from "../src/bytes.ts";
import { choiceCommitment } from "../src/commit.ts";
import { publicKey, sign } from "../src/curve.ts";
import { envelope, pae, STATEMENT_TYPE } from "../src/dsse.ts";
import { formatEntry } from "../src/entry.ts";
import { ALG_ED25519, formatVerifierKey, noteKeyId } from "../src/note.ts";
import { leafHash, root } from "../src/tree.ts";

const VILLAGE = "331102001200";
export const ORIGIN = `liandu.example/log/v/${VILLAGE}`;
const PLACE = { session: "01J0000000000000000000000S", matter: "01J0000000000000000000000M", question: "main" };
const seed = (n: number): Bytes => new Uint8Array(32).fill(n);
const LOG = seed(200);

/** Writes entries as a server does. */
export class Village {
  readonly lines: Bytes[] = [];
  private clock = Date.parse("2026-11-21T10:00:00.000Z");

  get logKey(): string {
    const key = publicKey(LOG);
    return formatVerifierKey({ name: ORIGIN, id: noteKeyId(ORIGIN, ALG_ED25519, key), alg: ALG_ED25519, key });
  }

  /** Appends a statement by the person of this number; gives its leaf hash. */
  append(person: number, act: Record<string, unknown>): Bytes {
    const key = publicKey(seed(person));
    const by = [{ person: `01J000000000000000000000${String(person).padStart(2, "0")}`, role: "representative", key: hex(key) }];
    const payload = utf8(JSON.stringify({ at: new Date(this.clock).toISOString(), by, village: VILLAGE, ...act }));
    const statement = envelope(STATEMENT_TYPE, payload, key, sign(seed(person), pae(STATEMENT_TYPE, payload)));
    const last = this.lines.at(-1);
    const prev = hex(last === undefined ? sha256(utf8(ORIGIN)) : leafHash(last));
    const line = utf8(formatEntry({ seq: this.lines.length, prev, time: new Date(this.clock++).toISOString(), statement }));
    this.lines.push(line);
    return leafHash(line);
  }

  /** A vote in which each voter makes these choices one after the other; `change` alters what is announced. */
  vote(choices: string[][], change: { counts?: Record<string, number>; choice?: string } = {}): void {
    const opened = this.append(1, { kind: "voting.opened", ...PLACE, options: ["for", "against"] });
    const rows = choices.map((one, i) => {
      one.forEach((choice, n) => this.ballot(opened, i + 1, n + 1, choice));
      return { voter: i + 1, revision: one.length, nonce: hex(seed(one.length)), choice: change.choice ?? (one.at(-1) as string) };
    });
    this.append(1, { kind: "ballots.opened", ...PLACE, rows });
    this.append(1, { kind: "paper.counted", ...PLACE, in_box: 3, invalid: 0, counts: [{ option: "for", count: 2 }, { option: "against", count: 1 }] });
    const count = (option: string, paper: number): number => choices.filter((one) => one.at(-1) === option).length + paper;
    const counts = change.counts ?? { for: count("for", 2), against: count("against", 1) };
    this.append(1, { kind: "result.announced", ...PLACE, counts: Object.entries(counts).map(([option, n]) => ({ option, count: n })) });
  }

  private ballot(basis: Bytes, voter: number, revision: number, choice: string): void {
    const commitment = hex(choiceCommitment({ basis, voter, revision, nonce: seed(revision), choice }));
    this.append(voter, { kind: "ballot.cast", ...PLACE, basis: hex(basis), voter, revision, channel: "online", commitment });
  }

  /** The checkpoint over these lines. */
  note(lines: Bytes[] = this.lines): string {
    const body = `${ORIGIN}\n${lines.length}\n${base64(root(lines.map((line) => leafHash(line))))}\n`;
    return `${body}\n— ${ORIGIN} ${base64(concat(noteKeyId(ORIGIN, ALG_ED25519, publicKey(LOG)), sign(LOG, utf8(body))))}\n`;
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

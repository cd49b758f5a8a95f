/** A terminal in the hall: what it puts to voters, what it signs, and which card it takes. */
import { describe, expect, it } from "vitest";

import { base64, type Bytes, fromBase64, fromHex, hex, utf8 } from "../src/bytes.ts";
import type { Card } from "../src/card.ts";
import { choiceCommitment, documentCommitment } from "../src/commit.ts";
import { publicKey, sign } from "../src/curve.ts";
import { envelope, STATEMENT_TYPE, statementId, verifyStatement } from "../src/dsse.ts";
import { formatEntry } from "../src/entry.ts";
import { parseObject } from "../src/ijson.ts";
import { LastCard } from "../src/terminal/ask.ts";
import { Bell } from "../src/terminal/bell.ts";
import { barOf, canBePut, endOf, type Hall, hasNamedPapers, type Opened, type Question } from "../src/terminal/hall.ts";
import type { Kept } from "../src/terminal/kept.ts";
import { ballot, registration, sealing } from "../src/terminal/statements.ts";
import { leafHash } from "../src/tree.ts";

const [VILLAGE, SESSION] = ["331102206201", "01M30SA5AW6S8EA8RHKBJ82AJZ"];
const SALT = "05".repeat(32);
const words = (text: string): { text: string; salt: string } => ({ text, salt: SALT });
const committed = (text: string): string => hex(documentCommitment(fromHex(SALT), utf8(text)));
const CLOSES = "2026-11-21T11:00:00.000Z";

/** A question whose vote was opened, and what is changed of its entry and of what the server tells beside it. */
function opened(entry: object = {}, told: Partial<Question> = {}, vote: Partial<Opened["vote"]> = {}): Opened {
  const payload = {
    kind: "voting.opened",
    village: VILLAGE,
    matter: "01M",
    session: SESSION,
    question: "q1",
    title: committed("先装哪一处？"),
    plan: committed("装两盏灯。"),
    options: ["a", "b", "abstain"],
    labels: [committed("村口"), committed("桥头")],
    closes_at: CLOSES,
    ...entry,
  };
  const statement = envelope(STATEMENT_TYPE, utf8(JSON.stringify(payload)), new Uint8Array(32), new Uint8Array(64));
  const bytes = utf8(formatEntry({ seq: 3, prev: "00".repeat(32), time: "2026-11-21T10:00:00.000Z", statement }));
  const options = [
    { code: "a", label: words("村口") },
    { code: "b", label: words("桥头") },
    { code: "abstain", label: null },
  ];
  const open = { status: "open" as const, mode: "named", channels: ["online", "kiosk"], entry: base64(bytes), basis: hex(leafHash(bytes)), opened_at: "2026-11-21T10:00:00.000Z", closes_at: CLOSES, closed_at: null, grace_minutes: 30 };
  const who = { may: [4, 5, 6], too_new: ["0f"], paper: [5], online: [], kiosk: [], terminals: [] };
  return { matter: "01M", question: "q1", title: "路灯", words: words("先装哪一处？"), plan: words("装两盏灯。"), amount_fen: 0, options, ...told, vote: { ...open, ...who, ...vote } };
}

const put = (question: Question): boolean => canBePut(VILLAGE, SESSION, question);

describe("a question at a terminal", () => {
  it("is put when every word of it is what the vote's opening commits to", () => {
    expect(put(opened())).toBe(true);
  });

  it.each([
    ["before its vote is opened", { ...opened(), vote: null }],
    ["on paper", opened({}, {}, { mode: "paper_secret" })],
    ["by phone only", opened({}, {}, { channels: ["online"] })],
    ["with other words", opened({}, { words: words("先装哪两处？") })],
    ["without its words", opened({}, { words: null })],
    ["with another plan", opened({}, { plan: words("装三盏灯。") })],
    ["with options that changed places", opened({}, { options: [{ code: "a", label: words("桥头") }, { code: "b", label: words("村口") }, { code: "abstain", label: null }] })],
    ["with an option that is not offered", opened({}, { options: [{ code: "c", label: null }] })],
    ["with no options", opened({}, { options: [] })],
    ["with another closing time", opened({}, {}, { closes_at: "2026-11-21T12:00:00.000Z" })],
    ["of another session", opened({ session: "01M30SA5AW6S8EA8RHKBJ82AJY" })],
  ])("is not put %s", (_, question) => {
    expect(put(question)).toBe(false);
  });

  it("tells whether papers bear names by the opening on record, whatever the server says", () => {
    expect(hasNamedPapers(opened({ named_papers: true }).vote)).toBe(true);
    expect(hasNamedPapers({ ...opened().vote, named_papers: true } as Opened["vote"])).toBe(false);
  });

  it("is for those who were there, with a key from before, and no paper in the hand", () => {
    const { vote } = opened();
    expect(barOf(vote, 4, "aa")).toBeUndefined();
    expect(barOf(vote, 7, "aa")).toBe("absent");
    expect(barOf(vote, 5, "aa")).toBe("paper");
    expect(barOf(vote, 4, "0f")).toBe("new-key");
  });

  it("ends at its time, or when the chair closed it before", () => {
    expect(endOf(opened().vote)).toBe(Date.parse(CLOSES));
    expect(endOf(opened({}, {}, { closed_at: "2026-11-21T10:30:00.000Z" }).vote)).toBe(Date.parse("2026-11-21T10:30:00.000Z"));
  });
});

/** The key of a seed of one byte over and over. */
const key = (byte: number): { seed: Bytes; public: string } => {
  const seed = new Uint8Array(32).fill(byte) as Bytes;
  return { seed, public: hex(publicKey(seed)) };
};
const person = (byte: number, role: string) => ({ person: `01M30SA5AW6S8EA8RHKBJ82A0${byte}`, role, key: key(byte).public, sign: (message: Bytes): Bytes => sign(key(byte).seed, message) });

async function terminal(): Promise<Kept> {
  const { seed, public: own } = key(9);
  const wrapping = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const iv = new Uint8Array(12);
  const data = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, wrapping, seed));
  const hall = { roster: "ab".repeat(32) } as Hall;
  return { session: SESSION, village: VILLAGE, no: 1, public: own, wrapped: { key: wrapping, iv, data }, mode: "voting", camera: "user", hall, ahead: 0, heard: 0, counts: {} };
}

describe("what a terminal signs", () => {
  it("is a ballot of the voter's and its own, in its place, which its opening fits", async () => {
    const [kept, question, nonce] = [await terminal(), opened(), new Uint8Array(32).fill(3) as Bytes];
    const count = { counter: 4, last: "cd".repeat(32), revisions: {} };
    const decided = { voter: 4, revision: 2, choice: "b", nonce, at: "2026-11-21T10:30:00.000Z" };
    const thing = await ballot(kept, question, count, decided, person(1, "voter"), "/deliveries");
    const { envelope: made, opening } = thing.body as { envelope: Parameters<typeof verifyStatement>[0]; opening: object };
    expect(await verifyStatement(made)).toBe(true);
    const payload = parseObject(fromBase64(made.payload));
    expect(thing.id).toBe(hex(statementId(fromBase64(made.payload))));
    const commitment = hex(choiceCommitment({ basis: fromHex(question.vote.basis), voter: 4, revision: 2, nonce, choice: "b" }));
    expect(payload).toMatchObject({ kind: "ballot.cast", channel: "kiosk", voter: 4, revision: 2, terminal: { counter: 5, prev: count.last }, basis: question.vote.basis, commitment });
    expect((payload["by"] as { role: string }[]).map(({ role }) => role)).toEqual(["voter", "terminal"]);
    expect("helper" in payload).toBe(false);
    expect(opening).toEqual({ nonce: hex(nonce), choice: "b" });
    // Nobody can tell a choice from how long what passes is.
    const other = await ballot(kept, question, count, { ...decided, choice: "abstain" }, person(1, "voter"), "/deliveries");
    expect(JSON.stringify(thing.body).length + (thing.room ?? 0)).toBe(JSON.stringify(other.body).length + (other.room ?? 0));
    expect(thing.holds).toContain("terminal.seal");
  });

  it("is its seal and its registration, with two people beside it, the second one perhaps later", async () => {
    const [kept, question] = [await terminal(), opened()];
    const count = { counter: 4, last: "cd".repeat(32), revisions: {} };
    const two = [person(1, "clerk"), person(2, "scrutineer")] as const;
    const thing = await sealing(kept, question, count, [...two], CLOSES, "/deliveries");
    const { envelope: made } = thing.body as { envelope: Parameters<typeof verifyStatement>[0] };
    expect(await verifyStatement(made)).toBe(true);
    expect(parseObject(fromBase64(made.payload))).toMatchObject({ kind: "terminal.sealed", counter: 4, last: count.last, at: CLOSES });
    expect(thing.holds).not.toContain("terminal.seal");
    const later = { ...person(2, "supervision_committee"), sign: undefined };
    const registered = await registration(kept, [person(1, "clerk"), later], CLOSES);
    expect(registered.envelope.signatures).toHaveLength(2);
    const whole = await registration(kept, [person(1, "clerk"), person(2, "supervision_committee")], CLOSES);
    expect(await verifyStatement(whole.envelope)).toBe(true);
    expect(parseObject(fromBase64(whole.envelope.payload))).toMatchObject({ kind: "terminal.registered", terminal: 1, basis: "ab".repeat(32) });
  });
});

describe("a change", () => {
  it("is told once to a screen that is drawn anew by it and listens anew", () => {
    const bell = new Bell();
    let drawn = 0;
    let off = (): void => undefined;
    const draw = (): void => {
      if (++drawn > 5) return;
      off();
      off = bell.on(draw);
    };
    draw();
    bell.ring();
    expect(drawn).toBe(2);
    off();
    bell.ring();
    expect(drawn).toBe(2);
  });
});

describe("a card before the camera", () => {
  it("is not taken again until it was away", () => {
    const [last, card, other] = [new LastCard(), cardOf(1), cardOf(2)];
    expect(last.isNew(card)).toBe(true);
    last.used(card);
    // It lies there for long; now and then it can't be read.
    for (let looks = 0; looks < 300; looks++) {
      if (looks % 5 === 0) last.none();
      else expect(last.isNew(card)).toBe(false);
    }
    expect(last.isNew(other)).toBe(true);
    expect(last.isNew(card)).toBe(false);
    for (let looks = 0; looks < 8; looks++) last.none();
    expect(last.isNew(card)).toBe(true);
  });
});

const cardOf = (byte: number): Card => ({ village: VILLAGE, secret: new Uint8Array(16).fill(byte) as Bytes });

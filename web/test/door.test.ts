/** The door of a session: what a mark means, whose code is held up, which statements come of it. */
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { fromHex, hex } from "../src/bytes.ts";
import { cardId, cardLink } from "../src/card.ts";
import { doorMark, readCode, Sight } from "../src/door/codes.ts";
import { type CanSign, holderOf, phoneKey, seconds, sheets, statementOf } from "../src/door/signing.ts";
import { count, type Live, listOf, mark, type Mode, noMarks, pruned, rowState, unmark, verdict, type Vote, type Waiting } from "../src/door/state.ts";

const VOTE: Vote = { matter: "M", question: "q1", words: "路灯", named_papers: false, basis: "b".repeat(64), closes_at: "2026-11-21T12:00:00.000Z", may: [1, 2, 3], issued: [3], voted: [2], watched: false };
const LIVE: Live = {
  size: 9, now: "2026-11-21T11:00:00.000Z", open: true, opens: "2026-11-21T09:30:00.000Z", eligible: 6, present: 4, quorum: 4,
  there: [{ no: 1, online: false, since: 4 }, { no: 2, online: true, since: 5 }, { no: 3, online: false, since: 4 }, { no: 6, online: false, since: 4 }],
  left: [5], recused: [6], votes: [VOTE], waiting: [], notes: [],
};
const known = (no: number): boolean => no >= 1 && no <= 6;
const PAPER: Mode = { matter: "M", question: "q1" };
const says = (mode: Mode, no: number, live: Live = LIVE, marks = noMarks()): string => verdict(live, marks, mode, no, known);
const waiting = (more: Partial<Waiting>): Live => ({ ...LIVE, waiting: [{ statement: "", kind: "attendance.recorded", present: [], left: [], voters: [], matter: null, question: null, for_names: ["蓝"], mine: false, ...more }] });

describe("a mark at the door", () => {
  it("says who can be signed in, and why another can't", () => {
    expect([1, 2, 3, 4, 5, 7].map((no) => says("arrive", no))).toEqual(["there", "can", "there", "can", "can", "unknown"]);
    expect([1, 2, 4, 5].map((no) => says("leave", no))).toEqual(["can", "can", "away", "away"]);
    expect(says("arrive", 4, waiting({ present: [4] }))).toBe("waiting");
    expect(says("leave", 4, waiting({ present: [4] }))).toBe("away");
    expect(says("leave", 1, waiting({ left: [1] }))).toBe("waiting");
    expect(says("arrive", 4, LIVE, mark(noMarks(), "arrive", 4))).toBe("marked");
  });

  it("hands a paper to who was there when the vote opened, once, and says where another ballot is replaced", () => {
    expect([1, 2, 3, 4, 6].map((no) => says(PAPER, no))).toEqual(["can", "vote", "issued", "late", "recused"]);
    expect(says({ matter: "M", question: "q2" }, 1)).toBe("late");
    expect(says(PAPER, 1, waiting({ kind: "paper.issued", voters: [1], matter: "M", question: "q1" }))).toBe("waiting");
    expect(says(PAPER, 1, waiting({ kind: "paper.issued", voters: [1], matter: "M", question: "q2" }))).toBe("can");
    const many = { ...LIVE, votes: [{ ...VOTE, may: Array.from({ length: 300 }, (_, i) => i + 1), issued: [], voted: [] }] };
    const full = Array.from({ length: 200 }, (_, i) => i + 1).reduce((marks, no) => mark(marks, PAPER, no), noMarks());
    expect(verdict(many, full, PAPER, 201, () => true)).toBe("full");
  });

  it("is kept sorted, once, on one list at a time, and can be taken back", () => {
    let marks = [5, 4, 5].reduce((all, no) => mark(all, "arrive", no), noMarks());
    expect(marks.arrive).toEqual([4, 5]);
    marks = mark(mark(marks, "leave", 4), PAPER, 1);
    expect([marks.arrive, marks.leave, listOf(marks, PAPER), count(marks)]).toEqual([[5], [4], [1], 3]);
    expect(listOf(unmark(marks, PAPER, 1), PAPER)).toEqual([]);
  });

  it("falls away once others have signed it, or the vote has ended", () => {
    let marks = [1, 4, 5].reduce((all, no) => mark(all, "arrive", no), noMarks());
    marks = [1, 2, 3].reduce((all, no) => mark(all, PAPER, no), mark(marks, "leave", 6));
    expect(pruned(LIVE, marks, known)).toEqual({ arrive: [4, 5], leave: [6], papers: { "M/q1": [1, 2] } });
    expect(pruned({ ...waiting({ present: [4] }), votes: [] }, marks, known)).toEqual({ arrive: [5], leave: [6], papers: {} });
  });

  it("leaves each member in one state, the most telling first", () => {
    expect([1, 2, 3, 4, 5].map((no) => rowState(LIVE, no))).toEqual(["hall", "voted", "paper", "away", "left"]);
    expect(rowState({ ...LIVE, votes: [] }, 2)).toBe("online");
  });
});

describe("a code before the camera", () => {
  const village = "331102206201", session = "01M30SA5AW6S8EA8RHKBJ82AJZ";
  const card = (n: number, of = village): { link: string; id: string } => {
    const secret = new Uint8Array(16).fill(n);
    const held = { village: of, secret, mark: new Uint8Array(16) };
    return { id: hex(cardId(held)), link: cardLink("https://vote.example", held) };
  };
  const here = { village, session, cards: new Map([[doorMark(card(1).id, session), 12]]) };

  it("is a card of this roster, or says why it isn't", () => {
    expect(readCode(card(1).link, here)).toEqual({ no: 12 });
    expect(readCode(card(2).link, here)).toEqual({ fault: "card" });
    expect(readCode(card(1, "331102206202").link, here)).toEqual({ fault: "village" });
    expect(readCode(card(1).link, { ...here, cards: new Map() })).toEqual({ fault: "card" });
  });

  it("is the id that the shared vectors give", () => {
    const { cards } = JSON.parse(readFileSync(new URL("../../tests/vectors/cards.json", import.meta.url), "utf8")) as { cards: { village: string; secret: string; card: string }[] };
    expect(cards.length).toBeGreaterThan(0);
    for (const one of cards) {
      const link = cardLink("https://vote.example", { village: one.village, secret: fromHex(one.secret), mark: new Uint8Array(16) });
      expect(readCode(link, { village: one.village, session, cards: new Map([[doorMark(one.card, session), 3]]) })).toEqual({ no: 3 });
    }
  });

  it("is a member's number for this session", () => {
    const number = (v: string, s: string, no: string): string => `https://vote.example/v/${v}/s/${s}/number#no=${no}`;
    expect(readCode(number(village, session, "45"), here)).toEqual({ no: 45 });
    expect(readCode(number("331102206202", session, "45"), here)).toEqual({ fault: "village" });
    expect(readCode(number(village, session.replace("Z", "Y"), "45"), here)).toEqual({ fault: "session" });
    for (const bad of [number(village, session, "0"), number(village, session, "1x"), "https://vote.example/", "hello", ""]) expect(readCode(bad, here)).toEqual({ fault: "other" });
  });

  it("counts once while it is held up, and again when it comes back", () => {
    const sight = new Sight();
    expect([sight.isNew("a", 0), sight.isNew("a", 150), sight.isNew("a", 1_600), sight.isNew("b", 1_700), sight.isNew("a", 1_800), sight.isNew("a", 3_400)]).toEqual([true, false, false, true, true, true]);
  });
});

describe("a list that two people sign", () => {
  const watch = { person: "W", name: "蓝", role: "supervision_committee", role_name: "监督委员会", watches: true, keys: [{ key: "c".repeat(64), card: true }, { key: "d".repeat(64), card: false }] };
  const scrutineer = { ...watch, person: "S", role: "scrutineer", watches: false, keys: [{ key: "e".repeat(64), card: true }] };
  const mine: CanSign = { person: "C", role: "clerk", key: "f".repeat(64), place: 0, basis: "a".repeat(64), others: [watch] };
  const signing = { "attendance.recorded": mine, "paper.issued": { ...mine, basis: null, others: [scrutineer, watch] } };
  const marked = (...voters: number[]): ReturnType<typeof noMarks> => voters.reduce((all, no) => mark(all, PAPER, no), noMarks());

  it("is one statement for who came and went, and one for each question's papers", () => {
    const marks = mark(mark(marked(1), "arrive", 4), "leave", 6);
    const all = sheets(LIVE, marks, signing, "S1");
    expect(all.map(({ kind, fields, basis }) => ({ kind, fields, basis }))).toEqual([
      { kind: "attendance.recorded", basis: "a".repeat(64), fields: { session: "S1", present: [4], left: [6] } },
      { kind: "paper.issued", basis: VOTE.basis, fields: { session: "S1", matter: "M", question: "q1", voters: [1] } },
    ]);
    expect(sheets(LIVE, noMarks(), signing, "S1")).toEqual([]);
    expect(sheets(LIVE, marks, { "paper.issued": mine }, "S1").map(({ kind }) => kind)).toEqual(["paper.issued"]);
  });

  it("names its signers in the law's order, whoever begins", () => {
    const [sheet] = sheets(LIVE, mark(noMarks(), "arrive", 4), signing, "S1");
    if (sheet === undefined) throw new Error("a list");
    const other = { person: "W", role: "supervision_committee", key: "d".repeat(64) };
    const by = (place: number): unknown => statementOf(sheet, { ...mine, place }, other, "331102206201", "T")["by"];
    expect(by(0)).toEqual([{ person: "C", role: "clerk", key: mine.key }, other]);
    expect(by(1)).toEqual([other, { person: "C", role: "clerk", key: mine.key }]);
  });

  it("asks for the supervision committee where a voter has voted otherwise, and for one who can sign all of it", () => {
    const who = (...args: Parameters<typeof seconds>): string[] => seconds(...args).map(({ person }) => person);
    expect(who(sheets(LIVE, marked(1), signing, "S1"), signing)).toEqual(["S", "W"]);
    expect(who(sheets(LIVE, marked(1, 2), signing, "S1"), signing)).toEqual(["W"]);
    expect(who(sheets(LIVE, mark(marked(1), "arrive", 4), signing, "S1"), signing)).toEqual(["W"]);
    // A ballot that nobody sees may wait in a terminal, or come from elsewhere while the network is away here.
    const terminals = { ...LIVE, votes: [{ ...VOTE, watched: true }] };
    expect(who(sheets(terminals, marked(1), signing, "S1"), signing)).toEqual(["W"]);
    expect(who(sheets(LIVE, marked(1), signing, "S1", true), signing)).toEqual(["W"]);
    // Where the reader is of the committee, anyone may be the other.
    const own = { "paper.issued": { ...mine, role: "supervision_committee", place: 1, others: [scrutineer] } };
    expect(who(sheets(LIVE, marked(2), own, "S1"), own)).toEqual(["S"]);
  });

  it("knows a card's holder by its key, and who has a phone", () => {
    expect(holderOf([scrutineer, watch], "c".repeat(64))).toEqual({ person: "W", role: "supervision_committee", key: "c".repeat(64) });
    expect(holderOf([scrutineer], "c".repeat(64))).toBeUndefined();
    expect([phoneKey(watch), phoneKey(scrutineer)]).toEqual(["d".repeat(64), undefined]);
  });
});

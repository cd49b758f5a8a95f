import { readFileSync } from "node:fs";

import { beforeAll, describe, expect, it } from "vitest";

import { base64, type Bytes, fromUtf8, utf8 } from "../src/bytes.ts";
import { recordLines } from "../src/receipt-page.ts";
import { type Finding, verifyRecord } from "../src/record.ts";
import { parseRoots } from "../src/roots.ts";
import { bundleOf } from "../src/texts.ts";
import { CHAIR, CLERK, ORIGIN, pieces, PLACE, ROOT_A, ROOT_B, Village, WATCH } from "./village.ts";

const english = bundleOf("en", readFileSync(new URL("../locales/client/record/en.ftl", import.meta.url), "utf8"));
const village = new Village();
const CHOICES = [["for"], ["against"], ["against", "for"], ["for", "against", "for"]];

beforeAll(() => {
  village.found(4);
  village.vote(CHOICES);
});

const findings = async (file: Bytes, size?: number): Promise<Finding[]> => (await verifyRecord(pieces(file, size), village.logKey)).findings;

/** The record with one line changed in its text, signed anew by the log: what a dishonest server could do. */
function changed(seq: number, change: (line: string) => string): Bytes {
  const lines = village.lines.map((line, i) => (i === seq ? utf8(change(fromUtf8(line))) : line));
  return village.file(lines, village.note(lines));
}

describe("a whole record", () => {
  it("is good as written, whatever the pieces it is read in", async () => {
    for (const size of [1, 7, 64, 100_000]) {
      const verdict = await verifyRecord(pieces(village.file(), size), village.logKey);
      expect(verdict).toMatchObject({ findings: [], entries: village.lines.length, ballots: 7, results: 1 });
    }
  });

  it("shows each entry that was changed, taken out, doubled or moved", async () => {
    for (let seq = 0; seq < village.lines.length; seq++) {
      const { lines } = village;
      const cases: Bytes[][] = [lines.toSpliced(seq, 1), lines.toSpliced(seq, 0, lines[seq] as Bytes)];
      if (seq + 1 < lines.length) cases.push(lines.toSpliced(seq, 2, lines[seq + 1] as Bytes, lines[seq] as Bytes));
      for (const altered of cases) {
        // With the old checkpoint, and with one that a dishonest log signs for the altered record. Only cutting off the end is then lawful.
        expect(await findings(village.file(altered))).toContainEqual({ fault: "root" });
        const cut = altered.length === seq && altered.length < lines.length;
        expect((await findings(village.file(altered, village.note(altered)))).length > 0).toBe(!cut);
      }
    }
  });

  it("shows each changed byte class of an entry, though the log signs the change", async () => {
    const seq = 6;
    const fault = async (change: (line: string) => string): Promise<string | undefined> => (await findings(changed(seq, change)))[0]?.fault;
    expect(await fault((line) => line.replace('"seq":6', '"seq":7'))).toBe("order");
    expect(await fault((line) => line.replace(/"prev":"../, '"prev":"00'))).toBe("chain");
    expect(await fault((line) => line.replace("2026", "2025"))).toBe("time");
    expect(await fault((line) => line.replace(/"keyid":"../, '"keyid":"00'))).toBe("signature");
    expect(await fault((line) => line.replace(/"sig":"..../, '"sig":"AAAA'))).toBe("signature");
    expect(await fault((line) => line.replace(/"payload":"([^"]*)"/, (_, text: string) => `"payload":"${base64(utf8(atob(text).replace('"revision":1', '"revision":2')))}"`))).toBe("signature");
    expect(await fault((line) => line.replace("statement.v1", "statement.v01"))).toBe("signature");
    expect(await fault((line) => ` ${line}`)).toBe("spelling");
    expect(await fault((line) => line.replace('"seq":6,', ""))).toBe("spelling");
  });

  it("is founded by the printed roots, or says that its roots are its own", async () => {
    const founded = async (roots: string[]): Promise<object> => verifyRecord(pieces(village.file()), village.logKey, { roots });
    expect(await founded([])).toMatchObject({ findings: [], roots: "not_named" });
    expect(await founded(village.roots.toReversed())).toMatchObject({ findings: [], roots: "named", strangers: [] });
    expect(parseRoots(` ${village.roots.map((key) => key.toUpperCase().replace(/(.{4})/g, "$1 ")).join("\r\n\n")}\n`)).toEqual(village.roots);
    for (const text of ["ab", "g".repeat(64), "a".repeat(63), "a".repeat(65)]) expect(parseRoots(text)).toBeUndefined();
  });

  it("that begins with roots the reader did not name has that one finding, and nothing after it is judged", async () => {
    const [first, second] = village.roots as [string, string];
    const odd = village.key(99);
    for (const roots of [[first], [second, second], [first, odd], [odd]]) {
      const verdict = await verifyRecord(pieces(village.file()), village.logKey, { roots });
      expect(verdict).toMatchObject({ findings: [{ seq: 0, fault: "roots" }], roots: "other", named: [...new Set(roots)], strangers: village.roots, ballots: 0 });
    }
    const { findings: both } = await verifyRecord(pieces(changed(6, (line) => line.replace(/"prev":"../, '"prev":"00'))), village.logKey, { roots: [odd] });
    expect(both).toEqual([{ seq: 0, fault: "roots" }, { seq: 6, fault: "chain" }, { seq: 7, fault: "chain" }]);
  });

  it("is founded once, by its first entry: a second founding is a fault that hides nothing and changes no roots", async () => {
    for (const by of [[151, 152], [ROOT_A.n, ROOT_B.n]] as [number, number][]) {
      const made = new Village();
      made.found(4);
      const before = made.lines.length;
      made.foundAgain(by);
      made.vote(CHOICES, { counts: { for: 4, against: 3 } });
      made.append([{ role: "root", n: 151 }, { role: "root", n: 152 }], { kind: "roots.changed", roots: [] });
      const last = made.lines.length - 1;
      for (const roots of [[], made.roots]) {
        const verdict = await verifyRecord(pieces(made.file()), made.logKey, { roots });
        // The result that is wrong is the entry before the last.
        expect(verdict.findings).toEqual([{ seq: before, fault: "founding-place" }, { seq: last - 1, fault: "count" }, { seq: last, fault: "key" }]);
        expect(verdict).toMatchObject({ roots: roots.length === 0 ? "not_named" : "named", founded: true, strangers: [], ballots: 7, results: 1 });
        expect(recordLines(verdict, english)).toContain(`Entry ${before}: ${english("client-record-fault-founding-place")}`);
      }
    }
  });

  it("that does not begin with its founding is founded by nobody", async () => {
    const made = new Village();
    made.append([CLERK, WATCH], { kind: "keys.enrolled", keys: [] });
    made.foundAgain([ROOT_A.n, ROOT_B.n]);
    const verdict = await verifyRecord(pieces(made.file()), made.logKey, { roots: made.roots });
    expect(verdict).toMatchObject({ founded: false, findings: [{ seq: 0, fault: "founding-place" }, { seq: 1, fault: "founding-place" }] });
    expect(recordLines(verdict, english)).not.toContain(english("client-record-roots-printed"));
  });

  it("is not another village's, nor signed by another log", async () => {
    const other = village.logKey.replace("+", "x+");
    expect((await verifyRecord(pieces(village.file()), village.logKey)).findings).toEqual([]);
    await expect(verifyRecord(pieces(village.file()), other)).rejects.toThrow();
    expect(await findings(village.file(village.lines, village.note().replace(/— .*\n$/u, "— x AAAAAAA=\n")))).toEqual([{ fault: "not-signed" }]);
    expect(await findings(village.file(village.lines, village.note().replace(ORIGIN, "liandu.example/log/v/331102001201")))).toContainEqual({ fault: "other-log" });
    expect(await findings(village.file(village.lines, village.note().replace(/\n\d+\n/, "\n99\n")))).toContainEqual({ fault: "bad-signature" });
    expect(await findings(village.file(village.lines, village.note(village.lines, 99)))).toEqual([{ fault: "root" }]);
  });

  it("must be whole and of a known version", async () => {
    const text = fromUtf8(village.file());
    expect(await findings(utf8(""))).toEqual([{ fault: "file" }]);
    expect(await findings(utf8(text.slice(0, text.lastIndexOf("\n\n"))))).toContainEqual({ fault: "file" });
    expect(await findings(utf8(text.replace("record/v1", "record/v2")))).toEqual([{ fault: "version" }]);
    expect(await findings(utf8("x".repeat(70_000)))).toEqual([{ fault: "file" }]);
  });
});

/** What a record made so breaks, though its log signs it. */
async function faults(make: (village: Village) => unknown, voters = 4): Promise<string[]> {
  const made = new Village();
  made.found(voters);
  make(made);
  return (await verifyRecord(pieces(made.file()), made.logKey)).findings.map((one) => one.fault);
}

describe("what a newer version made", () => {
  const ROOTS = [ROOT_A, ROOT_B];
  const wrong = (one: Village): unknown => one.vote(CHOICES, { counts: { for: 4, against: 3 } });

  it("ends the judging with one finding, and is neither good nor bad", async () => {
    const cases: [number, (one: Village) => void][] = [
      [0, (one) => one.found(4, 2)],
      [2, (one) => (one.found(4), one.append(ROOTS, { kind: "rules.adopted", rules: 2 }), one.append(ROOTS, { kind: "rules.adopted", rules: 3 }))],
    ];
    for (const [seq, make] of cases) {
      const made = new Village();
      make(made);
      wrong(made);
      made.append([CLERK], { kind: "document.burnt" });
      const verdict = await verifyRecord(pieces(made.file()), made.logKey);
      expect(verdict.findings).toEqual([{ seq, fault: "version" }]);
      const told = recordLines(verdict, english);
      expect(told[0]).toBe(english("client-record-newer"));
      expect(told).not.toContain(english("client-record-good"));
    }
    const type = (line: string): string => line.replace("statement.v1", "statement.v2");
    const last = village.lines.length - 1;
    expect((await findings(changed(0, type))).filter(({ fault }) => fault !== "chain")).toEqual([{ seq: 0, fault: "version" }]);
    expect(await findings(changed(last, type))).toEqual([{ seq: last, fault: "signature" }]);
  });

  it("hides neither who founded the record nor, after later rules, its own next statements", async () => {
    const made = new Village();
    made.found(4, 2);
    expect((await verifyRecord(pieces(made.file()), made.logKey, { roots: [made.key(99)] })).findings).toEqual([{ seq: 0, fault: "roots" }]);
    made.lines[1] = utf8(fromUtf8(made.lines[1] as Bytes).replace("statement.v1", "statement.v2"));
    expect((await verifyRecord(pieces(made.file()), made.logKey)).findings).toEqual([{ seq: 0, fault: "version" }]);
  });

  it("does not hide changed bytes or signatures, which outweigh it", async () => {
    const made = new Village();
    made.found(4);
    made.append(ROOTS, { kind: "rules.adopted", rules: 2 });
    wrong(made);
    made.lines[8] = utf8(fromUtf8(made.lines[8] as Bytes).replace(/"sig":"..../, '"sig":"AAAA'));
    const verdict = await verifyRecord(pieces(made.file()), made.logKey);
    expect(verdict.findings).toEqual([{ seq: 2, fault: "version" }, { seq: 8, fault: "signature" }, { seq: 9, fault: "chain" }]);
    expect(recordLines(verdict, english)[0]).toBe(english("client-record-bad", { count: 3 }));
  });

  it("counts only from those who may adopt rules: nobody else ends the judging", async () => {
    expect(await faults((one) => (one.append([CLERK, WATCH], { kind: "rules.adopted", rules: 2 }), wrong(one)))).toEqual(["signers", "count"]);
    expect(await faults((one) => (one.append([ROOT_A, { role: "root", n: 203 }], { kind: "rules.adopted", rules: 2 }), wrong(one)))).toEqual(["key", "count"]);
    expect(await faults((one) => (one.append(ROOTS, { kind: "rules.adopted", rules: "2" }), wrong(one)))).toEqual(["fields", "count"]);
    const forged = await faults((one) => {
      one.append(ROOTS, { kind: "rules.adopted", rules: 2 });
      one.lines[2] = utf8(fromUtf8(one.lines[2] as Bytes).replace(/"sig":"..../, '"sig":"AAAA'));
      wrong(one);
    });
    expect(forged).toEqual(["signature", "count"]);
  });
});

describe("counting again", () => {
  it("finds a result that the ballots do not give", async () => {
    expect(await faults((one) => one.vote(CHOICES, { counts: { for: 4, against: 3 } }))).toEqual(["count"]);
    expect(await faults((one) => one.vote(CHOICES, { counts: { for: 5 } }))).toEqual(["count"]);
    expect(await faults((one) => one.vote(CHOICES, { counts: { for: 5, against: 2 } }))).toEqual([]);
  });

  it("finds an opening that is not what was cast, or of a ballot that was replaced", async () => {
    expect(await faults((one) => one.vote([["against"], ["for"]], { choice: "for" }))).toEqual(["ballot", "vote-order"]);
    expect(await faults((one) => one.vote([["against", "for"], ["for", "for"]], { revision: 1 }))).toEqual(["ballot", "vote-order"]);
    expect(await faults((one) => one.vote([["for"]], { times: 2 }))).toEqual(["ballot", "vote-order"]);
    expect(await faults((one) => one.vote([["both"]], { counts: { for: 2, against: 1 } }))).toEqual(["ballot", "vote-order"]);
  });

  it("finds ballots carried over from an earlier vote on the same question", async () => {
    const carried = await faults((one) => {
      const first = one.open();
      one.ballot(first, 1, 1, "for");
      one.declareVoid(first);
      one.vote([["for"]], { basis: first });
    });
    expect(carried).toEqual(["ballot", "ballot", "count"]);
  });
});

describe("who votes, and when", () => {
  it("a ballot is its signer's own, whoever helped", async () => {
    expect(await faults((one) => one.vote([["for"]], { before: (opened) => one.ballot(opened, 1, 2, "against", 12) }))).toEqual(["voter-unknown"]);
    expect(await faults((one) => one.vote([["for"]], { before: (opened) => one.ballot(opened, 5, 1, "against", 12) }))).toEqual(["voter-unknown"]);
    expect(await faults((one) => one.vote(CHOICES, { before: (opened) => one.ballot(opened, 9, 1, "for", 11) }))).toEqual(["voter-unknown"]);
    // One person with the numbers of all: what is opened then fits no ballot that counts.
    const stuffed = await faults((one) => {
      one.vote([["for"]], { counts: { for: 5, against: 1 }, before: (opened) => [2, 3].forEach((voter) => one.ballot(opened, voter, 1, "for", 11)) });
    });
    expect(stuffed).toEqual(["voter-unknown", "voter-unknown", "count"]);
    const person = new Village().person(2);
    expect(await faults((one) => one.vote([["against"]], { revision: 2, choice: "for", counts: { for: 3, against: 1 }, before: (opened) => one.ballot(opened, 1, 2, "for", 11, { helper: person }) }))).toEqual([]);
  });

  it("a ballot comes while the vote is open", async () => {
    expect(await faults((one) => one.vote([["for"]], { after: (opened) => one.ballot(opened, 1, 2, "for") }))).toEqual(["ballot-late"]);
    // Entries are a millisecond apart: the opening, two ballots in time, and one at the closing time.
    expect(await faults((one) => one.vote([["for"], ["for"], ["for"]], { lasts: 3, papers: 0 }))).toEqual(["ballot-late", "ballot", "vote-order"]);
    expect(await faults((one) => one.vote([["for"], ["for"], ["for"]], { lasts: 4, papers: 0 }))).toEqual([]);
    expect(await faults((one) => one.vote([["for"]], { lasts: -1, papers: 0 }))).toEqual(["ballot-late", "ballot", "count"]);
  });

  it("a roster may come in parts, and counts once it is whole", async () => {
    const rows = (one: Village): [object[], object[]] => [one.members().slice(0, 3), one.members().slice(3)];
    expect(await faults((one) => (one.convenedRoster(rows(one)), one.vote(CHOICES)))).toEqual([]);
    const half = await faults((one) => {
      const basis = one.append([CHAIR], { kind: "session.convened", session: PLACE.session });
      const roster = one.fixed(basis, rows(one)[0], 1, 2);
      one.append([{ role: "voter", n: 11 }], { kind: "attendance.checked_in", session: PLACE.session, basis: roster, voter: 1, channel: "online" });
    });
    expect(half).toEqual(["voter-unknown"]);
    // Who began and did not finish begins anew; a part that does not follow changes nothing.
    const anew = await faults((one) => {
      const basis = one.append([CHAIR], { kind: "session.convened", session: PLACE.session });
      const [first, second] = rows(one);
      one.fixed(basis, first, 1, 3);
      one.fixed(basis, first, 1, 2);
      one.fixed(basis, second, 2, 3);
      one.convenedRoster(rows(one), basis);
      one.vote(CHOICES);
    });
    expect(anew).toEqual(["roster-wrong"]);
  });

  it("a roster has each number and person once, and is fixed once", async () => {
    const swapped = (one: Village): object[] => one.members().map((row, i, all) => ({ ...row, person: all[all.length - 1 - i]?.person }));
    const again = await faults((one) => {
      const basis = one.append([CHAIR], { kind: "session.convened", session: PLACE.session });
      one.convenedRoster([one.members()], basis);
      one.fixed(basis, swapped(one));
      one.vote(CHOICES);
    });
    expect(again).toEqual(["roster-wrong"]);
    const twice = (one: Village): object[] => [...one.members(), { no: one.members().length + 1, person: one.members()[0]?.person }];
    expect(await faults((one) => one.convenedRoster([twice(one)]))).toEqual(["roster-wrong"]);
    expect(await faults((one) => one.convenedRoster([one.members().slice(1)]))).toEqual(["roster-wrong"]);
  });

  it("a result names each option of the vote once, in order", async () => {
    const said = (...rows: [string, number][]): Promise<string[]> =>
      faults((one) => one.vote(CHOICES, { rows: rows.map(([option, count]) => ({ option, count })) }));
    expect(await said(["for", 5], ["against", 2])).toEqual([]);
    expect(await said(["against", 2], ["for", 5])).toEqual(["count"]);
    expect(await said(["for", 5], ["against", 2], ["abstain", 0])).toEqual(["count"]);
    expect(await said(["for", 5], ["for", 5])).toEqual(["count"]);
    // Where the doubled option makes up for the one left out, or the one left out has no votes, the sum is right.
    expect(await faults((one) => one.vote([["for"], ["against"], ["against"]], { rows: [{ option: "for", count: 3 }, { option: "for", count: 3 }] }))).toEqual(["count"]);
    expect(await faults((one) => one.vote(CHOICES, { options: ["for", "against", "abstain"] }))).toEqual(["count"]);
    expect(await faults((one) => one.vote(CHOICES, { options: ["for", "against", "abstain"], counts: { for: 5, against: 2, abstain: 0 } }))).toEqual([]);
  });
});

describe("the table of kinds", () => {
  const paper = { kind: "document.withdrawn", document: "00".repeat(32), reason: "error" };

  it.each<[string, string[], (village: Village) => unknown]>([
    ["passes what is lawful", [], (one) => one.append([CLERK, WATCH], paper)],
    ["knows every kind by name", ["kind"], (one) => one.append([CLERK, WATCH], { ...paper, kind: "document.burnt" })],
    ["wants two people where two must sign", ["signers"], (one) => one.append([CLERK], paper)],
    ["wants the roles in order", ["signers"], (one) => one.append([WATCH, CLERK], paper)],
    ["wants two different people", ["key"], (one) => one.append([CLERK, { role: "supervision_committee", n: CLERK.n }], paper)],
    ["wants enrolled keys", ["key"], (one) => one.append([CLERK, { role: "supervision_committee", n: 99 }], paper)],
    ["refuses header fields that the kind has not", ["fields"], (one) => one.append([CLERK, WATCH], { ...paper, matter: "01J0000000000000000000000M" })],
    ["wants those that it has", ["fields", "basis"], (one) => one.append([CHAIR, WATCH], { kind: "session.failed", session: "01J0000000000000000000000S" })],
    ["refuses a signature that travelled too long", ["window"], (one) => one.append([CLERK, WATCH], { ...paper, at: "2026-11-01T00:00:00.000Z" })],
    ["refuses a signature from the future", ["window"], (one) => one.append([CLERK, WATCH], { ...paper, at: "2026-11-21T11:00:00.000Z" })],
    ["refuses the same statement twice", ["replay"], (one) => one.again(1)],
    ["refuses another village's statement", ["village"], (one) => one.append([CLERK, WATCH], { ...paper, village: "331102001201" })],
    ["refuses a basis of another session", ["basis"], (one) => one.append([CHAIR], { kind: "tellers.named", session: "01J0000000000000000000000X", basis: one.convenedRoster() })],
    ["lets a holder revoke only an own key", ["key"], (one) => one.append([{ role: "holder", n: 11 }], { kind: "key.revoked", key: one.key(12), reason: "lost" })],
    ["lets a holder revoke an own key", [], (one) => one.append([{ role: "holder", n: 11 }], { kind: "key.revoked", key: one.key(11), reason: "lost" })],
    ["refuses a notice that villagers can't read", ["level"], (one) => one.append([CHAIR], { kind: "session.convened", session: "01J0000000000000000000000Y", notice: { sha256: "00".repeat(32), size: 1, media: "text/plain", level: "officials" } })],
    ["refuses another root", ["key"], (one) => one.append([ROOT_A, { role: "root", n: 203 }], { kind: "roots.changed", roots: [] })],
    ["refuses a key after its revocation", ["key"], (one) => {
      one.append([CLERK, WATCH], { kind: "key.revoked", key: one.key(11), reason: "lost" });
      one.append([{ role: "voter", n: 11 }], { kind: "attendance.checked_in", session: PLACE.session, basis: one.convenedRoster(), voter: 1, channel: "online" });
    }],
    ["refuses a key that has an owner", ["key"], (one) => one.append([CLERK, WATCH], { kind: "keys.enrolled", keys: [{ person: "01J00000000000000000000098", key: one.key(11), key_kind: "device" }] })],
  ])("%s", async (_, expected, make) => {
    expect(await faults(make)).toEqual(expected);
  });
});

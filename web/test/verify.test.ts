/** A whole record: what a dishonest server could do to it is found, and what is lawful is not. */
import { readFileSync } from "node:fs";

import { beforeAll, describe, expect, it } from "vitest";

import { type Bytes, concat, fromUtf8, utf8 } from "../src/bytes.ts";
import { parseCheckpoint } from "../src/checkpoint.ts";
import type { Kind } from "../src/law/table.ts";
import { recordLines, textId } from "../src/record-words.ts";
import { parseRoots } from "../src/roots.ts";
import { bundleOf } from "../src/texts.ts";
import { readRecord } from "../src/verify/file.ts";
import { exitCode, type Finding } from "../src/verify/report.ts";
import { read, write } from "../src/verify/saved.ts";
import { type Checked, type Options, type Progress, Verifier, verifyRecord } from "../src/verify/verifier.ts";
import { CHAIR, CLERK, doc, type Hand, key, LOG, MATTER, ORIGIN, personId, ROOTS, Scribe, SECRETARY, SESSION, WATCH } from "./scribe.ts";

const village = new Scribe();
beforeAll(() => void village.whole());

async function* pieces(file: Bytes, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
}

const check = (file: Bytes, options: Options = {}): Promise<Checked> => verifyRecord(pieces(file), options);
const said = (findings: readonly Finding[]): string[] => findings.map(({ entry, rule }) => `${entry ?? "-"} ${rule}`);
const found = async (file: Bytes, options: Options = {}): Promise<string[]> => said((await check(file, options)).findings);

/** The record with one line changed in its text, closed anew by the log. */
function changed(seq: number, change: (line: string) => string): Bytes {
  return village.file(village.lines.with(seq, utf8(change(fromUtf8(village.lines[seq] as Bytes)))));
}

describe("a lawful record", () => {
  it("is lawful whatever the pieces it is read in", async () => {
    for (const size of [1, 7, 64, 100_000]) {
      const checked = await verifyRecord(pieces(village.file(), size));
      expect(checked).toMatchObject({ verdict: "lawful", findings: [], entries: village.lines.length, ballots: 6, results: 1, judged: true, roots: "not_named" });
    }
  });

  it("says how far it was read", async () => {
    const heard: number[] = [];
    await check(village.file(), { progress: (bytes) => heard.push(bytes) });
    expect(heard.at(-1)).toBeGreaterThan(village.file().length / 2);
  });

  it("can be taken up again after any entry, cloned or written down", async () => {
    const whole = await check(village.file());
    for (const keep of [0, 1, 5, 17, 24, 28, village.lines.length]) {
      const ways: ((progress: Progress) => Progress)[] = [(progress) => structuredClone(progress), (progress) => read(write(progress))];
      for (const copy of ways) {
        const first = new Verifier();
        await first.take(village.lines.slice(0, keep));
        const kept = copy(first.progress);
        // What goes on after that does not reach into what was kept.
        await first.take(village.lines.slice(keep));
        const second = new Verifier({}, kept);
        await second.take(village.lines.slice(keep));
        expect(await second.finish({ note: utf8(village.note()) })).toEqual(whole);
      }
    }
    expect(() => read(write(new Verifier().progress).replace("progress/v1", "progress/v0"))).toThrow();
  });
});

describe("bytes", () => {
  it("that are changed, taken out, doubled or moved are found, though the log signs the change", async () => {
    for (let seq = 0; seq < village.lines.length; seq++) {
      const { lines } = village;
      const cases: Bytes[][] = [lines.toSpliced(seq, 1), lines.toSpliced(seq, 0, lines[seq] as Bytes)];
      if (seq + 1 < lines.length) cases.push(lines.toSpliced(seq, 2, lines[seq + 1] as Bytes, lines[seq] as Bytes));
      for (const altered of cases) {
        const cut = altered.length === seq && altered.length < lines.length;
        expect((await check(village.file(altered))).verdict, `${seq}`).toBe(cut ? "lawful" : "altered");
        expect((await check(village.file(altered, village.note()))).verdict).toBe("altered");
      }
    }
  });

  it("break the rule that they are about", async () => {
    const seq = 22;
    const rule = async (change: (line: string) => string): Promise<string[]> => found(changed(seq, change));
    expect(await rule((line) => line.replace('"seq":22', '"seq":23'))).toEqual(["22 entry.seq", "23 entry.seq", "22 entry.prev"]);
    expect(await rule((line) => line.replace(/"prev":"../, '"prev":"00'))).toEqual(["22 entry.prev"]);
    expect(await rule((line) => line.replace("2026-03", "2026-01"))).toContain("22 entry.time");
    expect(await rule((line) => line.replace(/"keyid":"../, '"keyid":"00'))).toContain("22 statement.signature");
    expect(await rule((line) => line.replace(/"sig":"..../, '"sig":"AAAA'))).toContain("22 statement.signature");
    expect(await rule((line) => line.replace("statement.v1", "statement.v2"))).toContain("22 statement.form");
    expect(await rule((line) => line.replace(/"payload":"[^"]*"/, '"payload":"AA=="'))).toContain("22 statement.form");
    expect(await rule((line) => line.replace(/"payload":"[^"]*"/, '"payload":"e30="'))).toContain("22 statement.fields");
    for (const bad of [" ", '{"seq":22,"prev":"']) expect(await rule((line) => line.replace('{"seq":22,', bad))).toContain("22 entry.format");
  });

  it("of the file must be whole, of a known version, and end in the log's checkpoint", async () => {
    const text = fromUtf8(village.file());
    const size = village.lines.length;
    expect(await check(utf8(""))).toMatchObject({ verdict: "could_not_check", findings: [], unreadable: "not a record file", judged: false });
    expect(await check(utf8(text.replace("record/v1", "record/v2")))).toMatchObject({ verdict: "could_not_check", unreadable: "a record of a version that this program does not know" });
    expect(await check(utf8("x".repeat(70_000)))).toMatchObject({ verdict: "could_not_check" });
    expect(await found(utf8(text.slice(0, text.lastIndexOf("\n\n"))))).toEqual(["- checkpoint.format"]);
    expect(await found(utf8(text.slice(0, text.indexOf("\n\n"))))).toEqual([`${size - 1} record.end`]);
    expect(await found(utf8(text.slice(0, text.indexOf("\n\n") + 2)))).toEqual([`${size} record.end`]);
    expect(await found(utf8(text.replace("\n\n", `\n${"y".repeat(65_536)}\n\n`)))).toEqual([`${size} entry.format`]);
    expect(await found(concat(utf8(text), new Uint8Array((1 << 20) + 1).fill(65)))).toEqual([`${size} record.end`]);
    expect(await found(village.file(village.lines, village.note().replace(ORIGIN, "liandu.example/log/v/331102001207")))).toContain("- checkpoint.origin");
    expect(await found(village.file(village.lines, village.note(village.lines, 99)))).toEqual(["- checkpoint.size"]);
    expect(await found(village.file(village.lines, village.note().replace(/— (.*) .*\n$/u, "— $1 AAAAAAA=\n")))).toEqual(["- checkpoint.signature"]);
    expect(await found(village.file(village.lines, village.note(village.lines.toSpliced(3, 1), size)))).toEqual([`${size - 1} checkpoint.root`]);
  });

  it("extend every checkpoint that the reader holds", async () => {
    const known = (lines: Bytes[]): Options => ({ known: [parseCheckpoint(`${village.note(lines).split("\n\n")[0]}\n`)] });
    for (let size = 1; size <= village.lines.length; size++) expect(await found(village.file(), known(village.lines.slice(0, size)))).toEqual([]);
    expect(await found(village.file(), known(village.lines.slice(1, 6)))).toEqual(["4 checkpoint.known"]);
    expect(await found(village.file(village.lines.slice(0, -1)), known(village.lines))).toEqual(["- checkpoint.known"]);
  });

  it("are handed on line by line", async () => {
    const lines: string[] = [];
    const ending = await readRecord(pieces(utf8("sunvote/record/v1\na\nbc\n\nnote\n"), 3), async (some) => void lines.push(...some.map(fromUtf8)));
    expect([lines, ending]).toEqual([["a", "bc"], { note: utf8("note\n") }]);
  });
});

describe("root keys", () => {
  it("are those that the reader names, or it is said that they are not", async () => {
    expect(await check(village.file(), { roots: village.roots.toReversed() })).toMatchObject({ verdict: "lawful", roots: "named", strangers: [] });
    const [first, second] = village.roots as [string, string];
    for (const roots of [[first], [second, second], [first, key(99)], []]) {
      const checked = await check(village.file(), { roots });
      expect(checked).toMatchObject({ verdict: "other_roots", roots: "other", named: [...new Set(roots)].sort(), strangers: village.roots, ballots: 0, judged: false });
      expect(said(checked.findings)).toEqual(["0 founding.other_roots"]);
    }
    // What is certain outweighs.
    expect(await check(changed(6, (line) => line.replace(/"prev":"../, '"prev":"00')), { roots: [] })).toMatchObject({ verdict: "altered", roots: "other" });
    expect(await check(village.file(village.lines.slice(1)), { roots: village.roots })).toMatchObject({ roots: "not_checked" });
  });

  it("are read as printed", () => {
    expect(parseRoots(` ${village.roots.map((root) => root.toUpperCase().replace(/(.{4})/g, "$1 ")).join("\r\n\n")}\n`)).toEqual(village.roots);
    for (const text of ["ab", "g".repeat(64), "a".repeat(63), "a".repeat(65)]) expect(parseRoots(text)).toBeUndefined();
  });

  it("come with the log's key, where that is printed too", async () => {
    expect(await found(village.file(), { logKey: village.logKey })).toEqual([]);
    expect(await found(village.file(), { logKey: `${village.logKey}x` })).toEqual(["- checkpoint.key"]);
  });
});

/** A record to a point of the way, one statement, and the rule that it breaks; what is refused changes nothing, so that the rest is lawful. */
type Case = [rule: string, way: (one: Scribe) => unknown, add: (one: Scribe) => unknown];
const settled = (one: Scribe): Scribe => one.settle();
const suggested = (one: Scribe): string => one.settle().add("suggestion.entered", [{ role: "representative", n: 20 }], { text: doc("a road"), source: "online" });
const atBallot = (one: Scribe): Scribe => one.settle().bringToBallot();
const open = (one: Scribe, channels?: string[]): Scribe => atBallot(one).openVote(channels);
/** What a statement before said, said anew. */
const again = (one: Scribe, kind?: Kind): object => {
  const payload = kind === undefined ? one.payloads.at(-1) : one.payloads.find((text) => text.includes(`"kind":"${kind}"`));
  return { ...(JSON.parse(payload ?? "") as object), at: new Date(one.now + 1000).toISOString() };
};
const peopleOf = (one: Scribe): { person: string; roles: string[] }[] => (again(one, "term.opened") as { people: { person: string; roles: string[] }[] }).people;
const toPlan = (one: Scribe): Scribe => one.settle().bringToPlan();
const other = { matter: MATTER.replace("M", "N") };
const voter = (n: number): Hand[] => [{ role: "voter", n }];
const withdrawal = { document: "00".repeat(32), reason: "error" };

const CASES: Case[] = [
  ["founding.place", settled, (one) => one.append(one.payloads[0]?.replace(/"at":"[^"]*"/, `"at":"${new Date((one.now += 1000)).toISOString()}"`) ?? "", ROOTS, new Date(one.now).toISOString())],
  ["statement.village", settled, (one) => one.add("document.withdrawn", [CLERK, WATCH], { ...withdrawal, village: "331102001207" })],
  ["statement.fields", settled, (one) => one.add("document.withdrawn", [CLERK, WATCH], { ...withdrawal, matter: MATTER })],
  ["statement.time", settled, (one) => one.add("document.withdrawn", [CLERK, WATCH], { ...withdrawal, at: "2026-02-01T00:00:00.000Z" })],
  ["statement.replayed", suggested, (one) => one.append(one.payloads.at(-1) ?? "", [{ role: "representative", n: 20 }], new Date((one.now += 1000)).toISOString())],
  ["rules.unknown", settled, (one) => one.add("rules.adopted", ROOTS, { rules: 2 })],
  ["signer.count", settled, (one) => one.add("document.withdrawn", [CLERK], withdrawal)],
  ["signer.role", settled, (one) => one.add("document.withdrawn", [WATCH, CLERK], withdrawal)],
  ["signer.key", settled, (one) => one.add("document.withdrawn", [CLERK, { ...WATCH, n: 99 }], withdrawal)],
  ["signer.same", settled, (one) => one.add("roots.changed", [ROOTS[0] as Hand, ROOTS[0] as Hand], { roots: one.roots })],
  ["key.unfit", settled, (one) => one.add("keys.enrolled", [CLERK, WATCH], { keys: [{ person: personId(3), key: key(20), key_kind: "device" }] })],
  ["person.unknown", settled, (one) => one.add("keys.enrolled", [CLERK, WATCH], { keys: [{ person: personId(77), key: key(77), key_kind: "device" }] })],
  ["role.conflict", settled, (one) => one.add("roles.granted", [CLERK, WATCH], { people: [{ person: personId(3), name: "00".repeat(32), roles: ["committee_member"] }], reason: "appointment", text: doc("x") })],
  ["list.form", settled, (one) => one.add("keys.enrolled", [CLERK, WATCH], { keys: [] })],
  ["value.range", settled, (one) => one.add("village.merged", ROOTS, { into: "331102001206", order: doc("x") })],
  ["annulment.idle", settled, (one) => one.add("entry.annulled", ROOTS, { entry: one.leaves[0], keys: [], reason: doc("x"), matter: undefined })],
  ["matter.unknown", settled, (one) => one.add("concern.raised", [WATCH], { text: doc("x") })],
  ["stage.wrong", suggested, (one) => one.add("visits.recorded", [CLERK], { households: 1, opinions: [], basis: one.leaves.at(-1) })],
  ["basis.stale", suggested, (one) => one.add("matter.proposed", [SECRETARY], { category: "M02", title: doc("t"), plan: doc("p"), amount_fen: 1, answers: [one.leaves.at(-1)], basis: one.leaves[0] })],
  ["document.level", suggested, (one) => one.add("matter.proposed", [SECRETARY], { category: "M02", title: doc("t", "officials"), plan: doc("p"), amount_fen: 1, answers: [one.leaves.at(-1)] })],
  ["held_on.future", atBallot, (one) => one.add("emergency.decided", [SECRETARY, CHAIR, { role: "township_approver", n: 8 }], { ...other, category: "M02", title: doc("t"), plan: doc("p"), amount_fen: 1, reason: doc("r"), ballots: [], held_on: "2027-01-01" })],
  ["disclosure.not_enough", atBallot, (one) => one.add("disclosure.posted", [CLERK, WATCH], { ...other, category: "M02", title: doc("t"), text: doc("p"), amount_fen: 1 })],
  ["session.unknown", atBallot, (one) => one.add("session.cancelled", [CHAIR], { reason: doc("r"), basis: one.leaves[0] })],
  ["notice.early", atBallot, (one) => one.add("session.convened", [CHAIR], { body: "representative_assembly", starts_at: new Date(one.now + 86_400_000).toISOString(), agenda: [{ matter: MATTER, ballot: 0, filing: one.last["filing.filed"] }], notice: doc("n"), channels: ["online"], session: SESSION.replace("S", "T") })],
  ["session.state", open, (one) => one.add("roster.fixed", [CLERK, WATCH], { rows: [{ no: 1, person: personId(20) }] })],
  ["voting.underway", open, (one) => one.add("matter.withdrawn", [SECRETARY], { reason: doc("r") })],
  ["voting.state", open, (one) => one.add("voting.opened", [CHAIR], again(one))],
  ["voter.unknown", open, (one) => one.add("ballot.cast", voter(20), { voter: 3, revision: 1, channel: "online", commitment: "00".repeat(32) })],
  ["ballot.channel", open, (one) => one.add("ballot.cast", voter(20), { voter: 2, revision: 1, channel: "kiosk", commitment: "00".repeat(32) })],
  ["ballot.revision", (one) => open(one).cast(2, "for", 4), (one) => one.cast(2, "for", 4)],
  ["ballot.paper", (one) => open(one).add("paper.issued", [CLERK, WATCH], { voters: [2] }), (one) => one.cast(2, "for")],
  ["close.early", (one) => open(one).cast(2, "for"), (one) => one.add("voting.closed", [LOG])],
  ["list.form", (one) => toPlan(one), (one) => one.add("plan.posted", [CLERK], { notice: doc("n"), places: [], basis: one.last["plan.settled"] })],
  ["role.conflict", settled, (one) => one.add("officials.ended", ROOTS, { rows: [{ person: personId(1), role: "clerk" }], reason: "office" })],
  ["role.conflict", settled, (one) => one.add("roles.ended", [CLERK, WATCH], { rows: [{ person: personId(7), role: "township_drafter" }], reason: "office" })],
  ["list.form", settled, (one) => one.add("roles.ended", [CLERK, WATCH], { rows: [], reason: "office" })],
  ["role.conflict", settled, (one) => one.add("term.opened", [CLERK, WATCH], { ...again(one, "term.opened"), term: 2, people: peopleOf(one).filter(({ roles }) => !roles.includes("clerk")) })],
  ["role.conflict", settled, (one) => one.add("term.opened", [CLERK, WATCH], { ...again(one, "term.opened"), term: 2, people: peopleOf(one).filter(({ person }) => person !== personId(3)) })],
  ["value.range", settled, (one) => one.add("term.opened", [CLERK, WATCH], again(one, "term.opened"))],
  ["person.unknown", settled, (one) => one.add("role.covered", [CHAIR, WATCH], { holder: personId(20), role: "clerk", person: personId(21), from: "2026-03-02", until: "2026-03-09", reason: doc("r") })],
  ["list.form", settled, (one) => one.add("entry.annulled", ROOTS, { entry: one.leaves[0], keys: Array<string>(201).fill(key(1)), reason: doc("x"), matter: undefined })],
  ["ballot.channel", (one) => open(one, ["online"]), (one) => one.add("paper.issued", [CLERK, WATCH], { voters: [2] })],
  ["voter.absent", (one) => open(one).add("attendance.checked_out", voter(20), { voter: 2 }), (one) => one.add("attendance.checked_out", voter(20), { voter: 2 })],
];

describe("the law", () => {
  it.each(CASES)("refuses under %s, and goes on without it", async (rule, way, add) => {
    const one = new Scribe();
    way(one);
    const seq = one.lines.length;
    add(one);
    // Nothing has changed: the next lawful step is taken as if it had not been tried.
    one.add("document.withdrawn", [CLERK, WATCH], withdrawal);
    const findings = await found(one.file());
    expect(findings).toEqual([`${seq} ${rule}`]);
  });

  it("counts again what was announced", async () => {
    const one = open(new Scribe());
    one.members.forEach((_, i) => one.cast(i + 1, "for"));
    one.conclude(one.members.map((_, i) => ({ choice: i === 0 ? "against" : "for" })));
    const findings = await found(one.file());
    expect(findings[0]).toMatch(/opening\.wrong$/);
    expect(findings.slice(1).every((finding) => /voting\.state|basis\.stale/.test(finding))).toBe(true);
  });
});

describe("what people are told", () => {
  const english = bundleOf("en", ...["client/en.ftl", "client/record/en.ftl", "en.ftl"].map((name) => readFileSync(new URL(`../locales/${name}`, import.meta.url), "utf8")));

  it("says the verdict first, then each finding in words", async () => {
    const lawful = await check(village.file(), { roots: village.roots });
    expect(recordLines(lawful, english)).toEqual([
      english("client-record-lawful"), english("client-record-roots-printed"),
      english("client-record-facts", { entries: 32, ballots: 6, results: 1 }), english("client-record-limit"),
    ]);
    const altered = await check(changed(22, (line) => line.replace(/"prev":"../, '"prev":"00')));
    expect(recordLines(altered, english).slice(0, 3)).toEqual([
      english("client-record-altered", { count: 1 }), english("client-record-finding", { seq: 22, what: english("rule-entry-prev") }), english("client-record-roots-own"),
    ]);
    const one = new Scribe();
    one.settle().add("document.withdrawn", [WATCH, CLERK], withdrawal);
    const late = recordLines(await check(one.file()), english);
    expect(late.slice(0, 2)).toEqual([english("client-record-procedure", { count: 1 }), english("client-record-finding", { seq: 5, what: english(textId("rule", "signer.role")) })]);
    const strangers = recordLines(await check(village.file(), { roots: [village.roots[0] as string] }), english);
    expect(strangers[0]).toBe(english("client-record-roots-other", { given: 1, founders: 2, same: 1 }));
    expect(recordLines(await check(utf8("no")), english)[0]).toBe(english("client-record-unreadable"));
    expect(recordLines(await check(utf8("sunvote/record/v7\n")), english)[0]).toBe(english("client-record-newer"));
  });

  it("ends a program with 0 only where the record is lawful", () => {
    expect((["lawful", "procedure", "other_roots", "altered", "could_not_check"] as const).map(exitCode)).toEqual([0, 1, 1, 1, 2]);
  });
});

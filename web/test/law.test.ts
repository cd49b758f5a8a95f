/** The law's modules, each by itself, and against the protocol page. */
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { utf8 } from "../src/bytes.ts";
import { parse, type Json } from "../src/ijson.ts";
import { ACTS, type Profile, type Share } from "../src/law/acts.ts";
import { type Calendar, endOf, isLateEntry, lastDay } from "../src/law/calendar.ts";
import { dayOf, formatDay, formatTime, isWeekend, lastDayBefore, parseDay, parseTime, startOf } from "../src/law/clock.ts";
import { countUp } from "../src/law/count.ts";
import { areKin, endAbsence, grantRows, holders, holds, holdsOwn, kinKey, nobody, substituteMaySign } from "../src/law/people.ts";
import { isReached, isSane, neededOf } from "../src/law/profile.ts";
import { Refused, REMARKS, RULES, sorted } from "../src/law/rules.ts";
import type { Voting } from "../src/law/state.ts";
import { readStatement } from "../src/law/statement.ts";
import { isUndoneBy, KINDS, row, travel } from "../src/law/table.ts";
import { BYTE_RULES } from "../src/verify/report.ts";
import { PROFILE } from "./scribe.ts";

const page = readFileSync(new URL("../../docs/PROTOCOL.md", import.meta.url), "utf8");
const day = (text: string): number => parseDay(text) ?? NaN;
const time = (text: string): number => parseTime(text) ?? NaN;

function ruleOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return error.rule;
    throw error;
  }
}

describe("the protocol page", () => {
  const sections = new Map(page.split("\n#### `").slice(1).map((part) => part.split("`\n", 2) as [string, string]));
  const exampleOf = (kind: string): string => sections.get(kind)?.split("\n").find((line) => line.startsWith("{")) ?? "";

  it("has a section for each kind of the table, and no other", () => {
    expect([...sections.keys()].sort()).toEqual([...KINDS].sort());
    expect(Object.keys(ACTS).sort()).toEqual([...KINDS].sort());
  });

  it.each(KINDS)("has an example of %s that is read, and each of its fields is told", (kind) => {
    const payload = parse(utf8(exampleOf(kind))) as Record<string, Json>;
    const statement = readStatement(payload);
    expect(statement.kind).toBe(kind);
    for (const field of Object.keys(statement.act)) expect(sections.get(kind)).toContain(`\n| \`${field}\` |`);
    // Whatever is more, less or of another type is refused.
    const own = Object.keys(payload);
    expect(ruleOf(() => readStatement({ ...payload, more: 1 }))).toBe("statement.fields");
    for (const field of own) {
      if (field !== "kind") expect(ruleOf(() => readStatement({ ...payload, [field]: null })), field).toBe("statement.fields");
    }
    for (const field of ["village", "by", "at"]) {
      expect(ruleOf(() => readStatement(Object.fromEntries(Object.entries(payload).filter(([name]) => name !== field)))), field).toBe("statement.fields");
    }
    expect(ruleOf(() => readStatement({ ...payload, kind: "cow.sold" }))).toBe("statement.kind");
  });

  it("knows no list of an object's values in its place", () => {
    const payload = parse(utf8(exampleOf("concern.raised"))) as Record<string, Json>;
    expect(ruleOf(() => readStatement({ ...payload, text: Object.values(payload["text"] as object) as Json }))).toBe("statement.fields");
    expect(ruleOf(() => readStatement({ ...payload, by: [Object.values((payload["by"] as Json[])[0] as object) as Json] }))).toBe("statement.fields");
  });

  it("lists the rules with the marks of their weight", () => {
    const marks = { altered: " †", unknown: " ‡", other_roots: " ⁂", procedure: "" };
    const listed = [...(page.split("## 12. Rules")[1] ?? "").split("## 13")[0]?.matchAll(/^\| (`[^|]*) \|/gm) ?? []].map((match) => match[1]);
    expect(listed.sort()).toEqual(Object.entries(RULES).map(([code, weight]) => `\`${code}\`${marks[weight]}`).sort());
    for (const code of [...REMARKS, ...BYTE_RULES]) expect(page).toContain(`\`${code}\``);
  });
});

describe("texts for people", () => {
  it.each(["en", "zh-CN"])("say each rule and remark in %s", (language) => {
    const source = readFileSync(new URL(`../locales/${language}.ftl`, import.meta.url), "utf8");
    const ids = [...[...Object.keys(RULES), ...BYTE_RULES].map((code) => `rule-${code}`), ...REMARKS.map((code) => `remark-${code}`)];
    for (const id of ids) expect(source).toMatch(new RegExp(`^${id.replace(/[._]/g, "-")} = .`, "m"));
  });
});

describe("the table", () => {
  it("gives each kind a row of known words", () => {
    for (const kind of KINDS) {
      const { scope, signers, basis, stages = [] } = row(kind);
      for (const field of scope) expect(field).toMatch(/^(?:matter|session|question|basis|held_on|part)\??$/);
      expect(signers.length, kind).toBeGreaterThan(0);
      if (basis !== undefined) expect(scope).toContain("basis");
      if (stages.length > 0) expect(scope).toContain("matter");
      expect(travel(kind)).toBeGreaterThan(0);
    }
  });

  it("says which papers a step back undoes", () => {
    expect(isUndoneBy("visits.recorded", "proposal")).toBe(true);
    expect(isUndoneBy("visits.recorded", "consultation")).toBe(false);
    expect(isUndoneBy("joint_meeting.recorded", "consultation")).toBe(true);
    expect(isUndoneBy("filing.reviewed", "consultation")).toBe(true);
    expect(isUndoneBy("emergency.decided", "suggestion")).toBe(false);
  });
});

describe("times and days", () => {
  it("have one spelling", () => {
    for (const text of ["1970-01-01T00:00:00.000Z", "2026-11-21T16:00:00.001Z", "9999-12-31T23:59:59.999Z"]) expect(formatTime(time(text))).toBe(text);
    for (const bad of ["1969-12-31T23:59:59.999Z", "2026-02-30T00:00:00.000Z", "2026-11-21T24:00:00.000Z", "2026-11-21T16:00:00Z", "2026-11-21t16:00:00.000Z"]) {
      expect(parseTime(bad), bad).toBeUndefined();
    }
    for (const bad of ["1969-12-31", "2026-02-29", "2026-13-01", "2026-1-1", "0099-01-01"]) expect(parseDay(bad), bad).toBeUndefined();
  });

  it("begin at sixteen o'clock UTC in Liandu", () => {
    expect(formatDay(dayOf(time("2026-11-21T16:00:00.000Z")))).toBe("2026-11-22");
    expect(startOf(day("2026-11-22"))).toBe(time("2026-11-21T16:00:00.000Z"));
    expect(formatDay(lastDayBefore(time("2026-11-21T16:00:00.000Z")))).toBe("2026-11-21");
    expect(["2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"].map((text) => isWeekend(day(text)))).toEqual([false, true, true, false]);
    expect(formatDay(dayOf(time("9999-12-31T23:59:59.999Z")))).toBe("9999-12-31");
  });
});

describe("periods", () => {
  const holidays = Array.from({ length: 7 }, (_, i) => day(`2026-10-0${i + 1}`));
  const calendar: Calendar = { holidays: new Set(holidays), workdays: new Set([day("2026-10-10")]) };
  const last = (from: string, days: number, working = false): string => formatDay(lastDay(calendar, day(from), { days, working }));

  it("do not count the day of posting and end at midnight", () => {
    expect(endOf(calendar, time("2026-11-10T01:00:00.000Z"), { days: 3, working: false })).toBe(startOf(day("2026-11-14")));
    expect(last("2026-11-15", 0)).toBe("2026-11-15");
  });

  it("do not end on a rest day", () => {
    expect(last("2026-09-28", 5)).toBe("2026-10-08");
    expect(last("2026-11-12", 3)).toBe("2026-11-16");
  });

  it("of working days count exchanged Saturdays and nothing else of rest", () => {
    expect(last("2026-09-30", 3, true)).toBe("2026-10-10");
    expect(isLateEntry(calendar, day("2026-09-30"), day("2026-10-10"))).toBe(false);
    expect(isLateEntry(calendar, day("2026-09-30"), day("2026-10-11"))).toBe(true);
  });

  it("end even where a calendar has no working day", () => {
    const idle: Calendar = { holidays: new Set(Array.from({ length: 2000 }, (_, i) => day("2026-01-01") + i)), workdays: new Set() };
    expect(lastDay(idle, day("2026-01-01"), { days: 3, working: false })).toBe(day("2026-01-01") + 3 + 366);
    expect(lastDay(idle, day("2026-01-01"), { days: 3, working: true })).toBe(day("2026-01-01") + 6 + 366);
  });
});

describe("shares", () => {
  const half: Share = { num: 1, den: 2, more_than: true, base: "present" };
  const thirds: Share = { num: 2, den: 3, more_than: false, base: "all" };

  it("are reached exactly where the law says", () => {
    expect([29, 30].map((count) => isReached(thirds, count, 45))).toEqual([false, true]);
    expect([15, 16].map((count) => isReached(half, count, 30))).toEqual([false, true]);
    expect([neededOf(thirds, 45), neededOf(half, 30), neededOf(thirds, 0), neededOf(half, 0)]).toEqual([30, 16, 1, 1]);
    expect(isReached(thirds, 0, 0)).toBe(false);
  });

  it("of a profile must make sense", () => {
    const profile = { ...PROFILE, effective: 0 } as unknown as Profile;
    expect(isSane(profile)).toBe(true);
    const odd: Partial<Profile>[] = [
      { quorum: { ...thirds, num: 4 } }, { threshold: { ...half, den: 0 } }, { quorum: { ...thirds, base: "present" } }, { categories: [] },
      { below_fen: 0 }, { filing: { days: 367, working: true } }, { citation: "" }, { citation: "文".repeat(301) },
    ];
    for (const change of odd) expect(isSane({ ...profile, ...change }), JSON.stringify(change)).toBe(false);
    expect(isSane({ ...profile, citation: "文".repeat(300) })).toBe(true);
  });
});

describe("a count", () => {
  const options = ["for", "against", "abstain"];
  const vote = (choices: string[], more: Partial<Voting> = {}, opening: object = {}): Voting =>
    ({ opening: { options, eligible: 45, ...opening }, present: new Set(Array(30).keys()), recused: new Set(), home: new Set(), issued: new Set(), count: undefined, choices: new Map(choices.entries()), ...more }) as unknown as Voting;
  const profile = { ...PROFILE, recusal: { allowed: true, in_quorum: false, in_base: false } } as unknown as Profile;
  const times = (choice: string, n: number): string[] => Array<string>(n).fill(choice);

  it("takes those who are there and did not vote as against", () => {
    expect(countUp(profile, vote(times("for", 15)))).toMatchObject({ base: 30, needed: 16, passed: false, winner: undefined, voted: 15 });
    expect(countUp(profile, vote(times("for", 16)))).toMatchObject({ passed: true, winner: "for" });
  });

  it("takes whom the mobile box was with as there, and nobody else at home", () => {
    const box = { home: new Set([40, 41, 42]), issued: new Set([1, 40, 41]) };
    expect(countUp(profile, vote(times("for", 16), box))).toMatchObject({ base: 32, present: 32, needed: 17, passed: false });
  });

  it("leaves the recused out of base and presence, and abstentions only where the profile says", () => {
    const recused = { recused: new Set([28, 29]) };
    expect(countUp(profile, vote(times("for", 15), recused))).toMatchObject({ base: 28, present: 28, recused: 2, needed: 15, passed: true });
    expect(countUp({ ...profile, recusal: { allowed: true, in_quorum: true, in_base: true } }, vote([], recused))).toMatchObject({ base: 30, present: 30 });
    const choices = [...times("for", 14), ...times("abstain", 4)];
    expect(countUp({ ...profile, abstain_in_base: false }, vote(choices))).toMatchObject({ base: 26, needed: 14, passed: true });
    expect(countUp(profile, vote(choices))).toMatchObject({ base: 30, passed: false });
    expect(countUp({ ...profile, threshold: { num: 2, den: 3, more_than: false, base: "all" } }, vote(times("for", 29)))).toMatchObject({ base: 45, needed: 30, passed: false });
  });

  it("adds paper, and has no winner in a tie", () => {
    const own = ["x", "y", "abstain"];
    const count = { inBox: 10, counts: own.map((option, i) => ({ option, count: [3, 5, 1][i] ?? 0 })), invalid: 1 };
    const all = [...times("x", 15), ...times("y", 13)];
    expect(countUp(profile, vote(all, { count }, { options: own }))).toMatchObject({ voted: 38, invalid: 1, passed: false, counts: [{ option: "x", count: 18 }, { option: "y", count: 18 }, { option: "abstain", count: 1 }] });
    expect(countUp(profile, vote([...all, "x"], { count }, { options: own }))).toMatchObject({ winner: "x", passed: true });
  });
});

describe("people", () => {
  const settled = (): ReturnType<typeof nobody> => {
    const people = nobody();
    grantRows(people, [{ person: "A", name: "", roles: ["chair"], group: undefined }, { person: "B", name: "", roles: ["supervision_committee"], group: 3 }], 100, 200);
    return people;
  };

  it("hold roles from a first to a last day, and cover them for others who do", () => {
    const people = settled();
    expect([99, 100, 200, 201].map((today) => holdsOwn(people, "A", "chair", today))).toEqual([false, true, true, false]);
    people.covers.push({ holder: "A", role: "chair", person: "B", from: 150, until: 250 });
    expect([149, 150, 200, 201].map((today) => holds(people, "B", "chair", today))).toEqual([false, true, true, false]);
    expect(holders(people, "chair", 150)).toEqual(["A"]);
  });

  it("are kin in either order, from the entry that says so", () => {
    const people = settled();
    people.kin.set(kinKey("B", "A"), { seq: 7, time: 0, leaf: "" });
    expect([areKin(people, "A", "B"), areKin(people, "B", "A", 8), areKin(people, "B", "A", 7), areKin(people, "A", "C")]).toEqual([true, true, false, false]);
  });

  it("are stood in for two to thirty-two days after it was asked for, or while nobody holds the role", () => {
    const people = settled();
    const hour = 3_600_000;
    expect(substituteMaySign(people, 0)).toBe(false);
    people.substitute = { cause: "absent", asked: 0, back: new Set() };
    expect([47, 48, 768, 769].map((h) => substituteMaySign(people, h * hour))).toEqual([false, true, true, false]);
    people.substitute.cause = "vacant";
    expect([150, 201].map((today) => substituteMaySign(people, startOf(today)))).toEqual([false, true]);
  });

  it("who sign are not absent, unless kin keeps them from it", () => {
    const people = settled();
    people.kin.set(kinKey("B", "A"), { seq: 7, time: 0, leaf: "" });
    people.substitute = { cause: "absent", asked: 0, back: new Set() };
    endAbsence(people, ["B"]);
    expect(people.substitute.back).toEqual(new Set(["B"]));
    endAbsence(people, ["B", "C"]);
    expect(people.substitute).toBeUndefined();
  });

  it("stand in lists in order, each once", () => {
    const rule = (list: number[], most = 3): string | undefined => ruleOf(() => sorted(list, most, (n) => n));
    expect([rule([1, 2, 3]), rule([1, 1]), rule([2, 1]), rule([1, 2, 3, 4])]).toEqual([undefined, "list.form", "list.form", "list.form"]);
  });
});

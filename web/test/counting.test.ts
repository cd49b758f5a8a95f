/** Votes of a whole record that break PROTOCOL 8, though their log signs them: each is found here as the Rust law refuses it. */
import { describe, expect, it } from "vitest";

import { verifyRecord } from "../src/record.ts";
import { CLERK, COUNTER, pieces, SCRUTINEER, Village } from "./village.ts";

const FOR = [["for"], ["for"]];

/** What a record with four voters breaks. */
async function faults(make: (village: Village) => unknown): Promise<string[]> {
  const made = new Village();
  made.found(4);
  make(made);
  return (await verifyRecord(pieces(made.file()), made.logKey)).findings.map((one) => one.fault);
}

describe("who was handed a paper", () => {
  const instead = (one: Village, opened: string): void => one.issue(opened, [2]);

  it("has no ballot by phone that counts", async () => {
    // Voter 2 changed to paper and the fourth paper is not in the box: the ballot cast before is no vote.
    expect(await faults((one) => one.vote(FOR, { before: (opened) => instead(one, opened), opens: 1, counts: { for: 3, against: 1 }, voted: 4 }))).toEqual([]);
    expect(await faults((one) => one.vote(FOR, { before: (opened) => instead(one, opened) }))).toEqual(["ballot", "vote-order"]);
    expect(await faults((one) => one.vote(FOR, { before: (opened) => instead(one, opened), opens: 1 }))).toEqual(["count"]);
  });

  it("casts none afterwards", async () => {
    const later = (opened: string, one: Village): void => (one.issue(opened, [3]), one.ballot(opened, 3, 1, "against"));
    expect(await faults((one) => one.vote(FOR, { before: (opened) => later(opened, one) }))).toEqual(["ballot-paper"]);
  });

  it("gets one only, in an open vote that has papers, and is on the roster", async () => {
    expect(await faults((one) => one.vote(FOR, { before: (opened) => one.issue(opened, [3, 5]) }))).toEqual(["ballot-paper"]);
    expect(await faults((one) => one.vote(FOR, { before: (opened) => one.issue(opened, [4, 3]) }))).toEqual(["ballot-paper"]);
    expect(await faults((one) => one.vote(FOR, { after: (opened) => one.issue(opened, [3]) }))).toEqual(["ballot-late"]);
    expect(await faults((one) => one.vote(FOR, { before: (opened) => one.issue(opened, [9]) }))).toEqual(["voter-unknown"]);
    expect(await faults((one) => one.vote(FOR, { papers: 0, channels: ["online"], before: (opened) => one.issue(opened, [3]) }))).toEqual(["ballot-paper"]);
  });

  it("had a ballot replaced by the own signature or the supervision committee's", async () => {
    const by = (voters: number[], role: string, n: number): Promise<string[]> =>
      faults((one) => one.vote(FOR, { opens: 1, counts: { for: 3, against: 1 }, voted: 4, before: (opened) => one.issue(opened, voters, [CLERK, { role, n }]) }));
    expect(await by([2], "voter", 12)).toEqual([]);
    expect(await by([2], "township_discipline_officer", 2)).toEqual([]);
    expect((await by([2], "scrutineer", 13))[0]).toBe("ballot-paper");
    // A voter's own signature serves only where that voter is named alone.
    expect((await by([2], "voter", 13))[0]).toBe("voter-unknown");
    expect((await by([2, 3], "voter", 12))[0]).toBe("voter-unknown");
    // Who has cast none needs nobody's leave.
    expect(await faults((one) => one.vote(FOR, { before: (opened) => one.issue(opened, [3], [COUNTER, SCRUTINEER]) }))).toEqual([]);
  });
});

describe("ballots by phone", () => {
  it("have rising revisions, and the last one counts", async () => {
    const older = (revision: number) => (one: Village) => one.vote([["against", "for"]], { before: (opened) => one.ballot(opened, 1, revision, "against") });
    expect(await faults(older(2))).toEqual(["ballot-revision"]);
    expect(await faults(older(1))).toEqual(["ballot-revision"]);
    expect(await faults((one) => one.vote([["against"]], { revision: 9, choice: "for", counts: { for: 3, against: 1 }, before: (opened) => one.ballot(opened, 1, 9, "for") }))).toEqual([]);
  });

  it("come after closing only if an inspector vouched for that voter's ballot, and until deliveries end", async () => {
    const told = { counts: { for: 5, against: 1 }, voted: 6 };
    const own = (one: Village) => (_: string, ended: string) => one.openOwn(ended, 3, "for");
    expect(await faults((one) => one.vote(FOR, { ...told, after: (opened) => one.vouched(opened, 3, "for"), last: own(one) }))).toEqual([]);
    expect(await faults((one) => one.vote(FOR, { after: (opened) => one.ballot(opened, 3, 1, "for") }))).toEqual(["ballot-late"]);
    const row = (act: object): Promise<string[]> => faults((one) => one.vote(FOR, { after: (opened) => one.vouched(opened, 3, "for", act) }));
    expect(await row({ voter: 4 })).toEqual(["ballot-late"]);
    expect(await row({ revision: 2 })).toEqual(["ballot-late"]);
    expect(await row({ statement: "00".repeat(32) })).toEqual(["window", "ballot-late"]);
    // Signed long after it is said to have been received.
    expect((await row({ received_at: "2026-11-21T08:00:00.000Z" }))[0]).toBe("window");
    expect(await faults((one) => one.vote(FOR, { ended: (opened) => one.vouched(opened, 3, "for") }))).toEqual(["vote-order", "ballot-late"]);
  });

  it("come by a channel of a named vote", async () => {
    const refused = ["ballot", "ballot", "ballot", "count"];
    expect(await faults((one) => one.vote(FOR, { channels: ["paper"] }))).toEqual(refused);
    expect(await faults((one) => one.vote(FOR, { mode: "paper_secret" }))).toEqual(refused);
    const kiosk = (opened: string, one: Village): void => one.ballot(opened, 1, 2, "for", 11, { channel: "kiosk" });
    expect(await faults((one) => one.vote(FOR, { channels: ["kiosk", "online", "paper"], before: (opened) => kiosk(opened, one) }))).toEqual(["ballot"]);
  });

  it("are each opened before the result, by the log or their voter", async () => {
    expect(await faults((one) => one.vote(FOR, { opens: 1 }))).toEqual(["ballot-unopened"]);
    expect(await faults((one) => one.vote(FOR, { opens: 1, counts: { for: 3, against: 1 }, voted: 4 }))).toEqual(["ballot-unopened"]);
    const own = (one: Village, voter: number, choice = "for") => (_: string, ended: string) => one.openOwn(ended, voter, choice);
    expect(await faults((one) => one.vote(FOR, { opens: 1, last: own(one, 2) }))).toEqual([]);
    expect(await faults((one) => one.vote(FOR, { last: own(one, 2) }))).toEqual(["ballot"]);
    expect(await faults((one) => one.vote(FOR, { opens: 1, last: own(one, 2, "against") }))).toEqual(["ballot", "ballot-unopened"]);
    expect(await faults((one) => one.vote(FOR, { opens: 1, ended: own(one, 2) }))).toEqual(["vote-order", "ballot-unopened"]);
  });
});

describe("the papers in the box", () => {
  it("are counted once, after deliveries ended and before ballots are opened", async () => {
    expect(await faults((one) => one.vote(FOR, { counted: 2 }))).toEqual(["vote-order"]);
    expect(await faults((one) => one.vote(FOR, { counted: 2, counts: { for: 6, against: 2 } }))).toEqual(["vote-order", "count"]);
    expect(await faults((one) => one.vote(FOR, { counted: 0 }))).toEqual(["vote-order", "vote-order"]);
    expect(await faults((one) => one.vote(FOR, { counted: 0, after: (opened) => one.countPaper(opened) }))).toEqual(["basis", "vote-order", "vote-order", "vote-order"]);
    expect(await faults((one) => one.vote(FOR, { counted: 0, last: (_, ended) => one.countPaper(ended) }))).toEqual(["vote-order", "vote-order"]);
  });

  it("add up, are not more than were handed out, and are none where none were", async () => {
    const counted = (act: object): Promise<string[]> => faults((one) => one.vote(FOR, { counted: 0, ended: (_, ended) => one.countPaper(ended, act) }));
    expect(await counted({})).toEqual([]);
    expect(await counted({ in_box: 4 })).toEqual(["paper-count", "vote-order", "vote-order"]);
    expect(await counted({ counts: [{ option: "against", count: 1 }, { option: "for", count: 2 }] })).toEqual(["paper-count", "vote-order", "vote-order"]);
    // Lawful to count, and then only good for declaring the vote void.
    expect(await counted({ in_box: 4, invalid: 1 })).toEqual(["paper-count"]);
    const none = { in_box: 0, counts: [{ option: "for", count: 0 }, { option: "against", count: 0 }] };
    expect(await faults((one) => one.vote(FOR, { papers: 0, ended: (_, ended) => one.countPaper(ended, none) }))).toEqual(["paper-count"]);
  });

  it("count as voted, the invalid ones too", async () => {
    expect(await faults((one) => one.vote(FOR, { voted: 2 }))).toEqual(["count"]);
    const invalid = { in_box: 3, invalid: 1, counts: [{ option: "for", count: 2 }, { option: "against", count: 0 }] };
    expect(await faults((one) => one.vote(FOR, { counted: 0, counts: { for: 4, against: 0 }, ended: (_, ended) => one.countPaper(ended, invalid) }))).toEqual(["count"]);
  });
});

describe("the steps of a vote", () => {
  it("is opened again only after it was declared void, on grounds that do not depend on the choices", async () => {
    expect(await faults((one) => (one.vote(FOR), one.open()))).toEqual(["vote-order"]);
    expect(await faults((one) => (one.declareVoid(one.open()), one.vote(FOR)))).toEqual([]);
    expect(await faults((one) => one.declareVoid(one.vote(FOR)))).toEqual(["vote-order"]);
    // Refused, so the vote stands: it cannot be opened again either, and its result is good.
    const again = (one: Village, opened: string, reason: string): void => (one.declareVoid(opened, reason), void one.open());
    for (const reason of ["failure", "dispute", "too_many_papers", "opening_missing"]) {
      expect(await faults((one) => one.vote(FOR, { last: (opened) => again(one, opened, reason) })), reason).toEqual(["vote-order", "vote-order"]);
    }
    expect(await faults((one) => one.vote(FOR, { papers: 0, last: (opened) => again(one, opened, "failure") }))).toEqual(["vote-order", "vote-order"]);
    const counted = (one: Village, opened: string, ended: string): void => (one.countPaper(ended), again(one, opened, "failure"));
    expect(await faults((one) => one.vote(FOR, { counted: 0, ended: (opened, ended) => counted(one, opened, ended) }))).toEqual(["vote-order", "vote-order"]);
    const missing = await faults((one) => one.vote(FOR, { opens: 1, last: (opened) => (one.declareVoid(opened, "opening_missing"), one.open()) }));
    // The vote that is open in its place has no result yet.
    expect(missing).toEqual(["vote-order"]);
  });
});

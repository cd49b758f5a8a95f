/** What a phone was shown of the district's record, and the witnesses it tells: first and later checks, in a real browser. */
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { judgeEvidence, parseEvidence } from "../../web/src/evidence.ts";
import { publicKey } from "../../web/src/curve.ts";
import { ALG_ED25519, formatVerifierKey, verifierKey } from "../../web/src/note.ts";
import { hex } from "../../web/src/bytes.ts";
import { root } from "../../web/src/prefix.ts";
import { leafHash } from "../../web/src/tree.ts";
import { cosigned, DISTRICT, key, leaves, LOG, log, noteOf, seeds } from "../../web/test/directory.ts";
import { Scribe } from "../../web/test/scribe.ts";
import { axe } from "./browser.ts";
import { district, onPhone, phone, show } from "./phone.ts";

onPhone();

const VILLAGE = "331102001206";
const OTHER_KEY = formatVerifierKey(verifierKey(DISTRICT, ALG_ED25519, publicKey(seeds.stranger)));
const village = new Scribe(44).whole();

/** The page as the server makes it, with other keys or witnesses where a test says so. */
function page(keys = formatVerifierKey(log), witnesses = `${formatVerifierKey(key)} ${district.origin}/witness`): string {
  const fields = '<input name="paper_size" aria-label="number"><input name="paper_root" aria-label="row"><textarea name="roots" aria-label="roots"></textarea><textarea name="policy" aria-label="policy"></textarea>';
  return `<h1>Check</h1><form data-visit="${VILLAGE}" data-phone="0578-1234567" data-district-keys="${keys}" data-witnesses="${witnesses}" hidden class="form"><button>Check this record</button>${fields}</form>`;
}

function serve(count: number, odd = -1): void {
  district.served.logs.set(`/log/v/${VILLAGE}`, { lines: village.lines, note: village.note() });
  district.served.logs.set(LOG, { lines: leaves(count, odd), note: noteOf(leaves(count, odd)) });
}

const seconds = (): number => Math.floor(Date.now() / 1000);

/** Presses the button; gives what is said of the district and its witnesses. */
async function told(body = page()): Promise<string> {
  district.seen.splice(0);
  await show(phone.page, "/check", body);
  await phone.page.click("text=Check this record");
  await phone.page.waitForSelector("[data-outcome][data-tone=good]");
  await phone.page.waitForSelector("[data-gossip]:not([aria-busy])", { state: "attached" });
  return phone.page.innerText("[data-gossip]");
}

async function saved(button: string): Promise<string> {
  const [download] = await Promise.all([phone.page.waitForEvent("download"), phone.page.click(`button:text-is("${button}")`)]);
  return readFileSync(await download.path(), "utf8");
}

describe("witnesses that a phone tells what it was shown", () => {
  it("say that they were shown the same", async () => {
    serve(4);
    district.witness = cosigned(leaves(4), seconds());
    expect(await told()).toMatch(/^Witness inspector\.example was shown the same record/);
    expect(district.seen).toEqual([noteOf(leaves(4))]);
    serve(6);
    expect(await told()).toMatch(/^Witness inspector\.example was shown the same record/);
    expect(district.seen).toEqual([noteOf(leaves(6))]);
    expect(await axe(phone.page)).toEqual([]);
  });

  it("says that the witness was shown another record, and gives out the proof", async () => {
    serve(4);
    district.witness = cosigned(leaves(4, 2), seconds());
    expect(await told()).toMatch(/was shown another record of the district than this device[^]*prove it[^]*0578-1234567/);
    expect(await judgeEvidence(parseEvidence(await saved("Save the proof")), log)).toBe("fork");
    expect(await axe(phone.page)).toEqual([]);
  });

  it("are told of what was kept from an earlier visit, when the server shows something else now", async () => {
    serve(4);
    district.witness = cosigned(leaves(4), seconds());
    await told();
    serve(5, 1);
    const said = await told();
    expect(said).toMatch(/^The district’s record is not the one that you saw before/);
    expect(district.seen).toEqual([noteOf(leaves(4)), noteOf(leaves(5, 1))]);
    expect(await judgeEvidence(parseEvidence(await saved("Save the proof")), log)).toBe("rewritten");
    // What was seen first stays.
    serve(6);
    expect(await told()).toMatch(/^Witness inspector\.example was shown the same record/);
  });

  it("are known for good: one that the page names no more is told all the same, and its own page is named", async () => {
    serve(4);
    district.witness = cosigned(leaves(4), seconds());
    await told();
    const said = await told(page(undefined, ""));
    expect(said).toMatch(/was shown the same record[^]*no longer names witness inspector\.example/);
    expect(district.seen).toEqual([noteOf(leaves(4))]);
    expect(await phone.page.getAttribute("[data-gossip] a", "href")).toBe(district.origin);
  });

  it("that are silent hold up nothing and are named", async () => {
    serve(4);
    expect(await told()).toMatch(/^Witness inspector\.example did not answer/);
    expect(await phone.page.innerText("[data-outcome]")).toMatch(/^Complete and lawful/);
  });

  it("are told when this device holds more than the server shows", async () => {
    serve(6);
    district.witness = cosigned(leaves(6), seconds());
    await told();
    serve(4);
    expect(await told()).toMatch(/shorter than the one this device saw: 6 then, 4 now[^]*0578-1234567/);
    expect(await saved("Save what you saw before")).toBe(noteOf(leaves(6)));
  });
});

describe("the key of the district's record", () => {
  it("is believed at the first check; another one is shown, and taken only when the reader says so", async () => {
    serve(4);
    district.witness = cosigned(leaves(4), seconds());
    await told();
    const said = await told(page(OTHER_KEY));
    expect(said).toMatch(/names another key of the district’s record than your device saw/);
    for (const part of [formatVerifierKey(log), OTHER_KEY, "0578-1234567", "was shown the same record"]) expect(said).toContain(part);
    await Promise.all([phone.page.waitForNavigation(), phone.page.click("text=I have compared it")]);
    const lines = leaves(4);
    district.served.logs.set(LOG, { lines, note: noteOf(lines, seeds.stranger) });
    expect(await told(page(OTHER_KEY))).not.toContain("another key");
    expect(await told()).toContain("names another key");
  });

  it("must have signed what the server shows", async () => {
    serve(4);
    district.served.logs.set(LOG, { lines: leaves(4), note: noteOf(leaves(4), seeds.stranger) });
    expect(await told()).toBe("What the server shows as the district’s record is not signed with the key that this device knows.");
  });
});

describe("a printed notice", () => {
  it("is the same as the record, or not on it", async () => {
    serve(4);
    await show(phone.page, "/check", page());
    const compare = async (size: number, row: string, tone: "good" | "bad"): Promise<string> => {
      await phone.page.evaluate(() => document.querySelector("[data-outcome]")?.remove());
      await phone.page.fill("[name=paper_size]", String(size));
      await phone.page.fill("[name=paper_root]", row);
      await phone.page.click("text=Check this record");
      await phone.page.waitForSelector(`[data-outcome][data-tone=${tone}]`);
      return phone.page.innerText("[data-outcome]");
    };
    const row = hex(root(village.lines.slice(0, 7).map((line) => leafHash(line))));
    expect(await compare(7, row, "good")).toMatch(/^Complete and lawful[^]*What the notice says is the same as this record: its first 7 entries/);
    expect(await compare(7, row.slice(0, 12), "good")).toContain("12 of 64 characters");
    expect(await compare(8, row, "bad")).toMatch(/What the notice says is not on this record\. Compare[^]*0578-1234567/);
    expect(await compare(9_999, row, "bad")).toContain("tells of 9,999 entries");
    expect(await compare(7, "beef", "bad")).toMatch(/^From the notice, type the number/);
  });
});

/** The button that checks a village's record, in a real browser: first and later visits, and servers that changed what was seen. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { judgeEvidence, parseEvidence } from "../../web/src/evidence.ts";
import { parseVerifierKey } from "../../web/src/note.ts";
import { Scribe } from "../../web/test/scribe.ts";
import { district, onPhone, phone, show } from "./phone.ts";
import { PROGRAM } from "./server.ts";

onPhone();

const VILLAGE = "331102001206";
const LOG = `/log/v/${VILLAGE}`;
const PAGE = `<form data-visit="${VILLAGE}" data-phone="0578-1234567" hidden class="form"><button>Check this record</button><textarea name="roots"></textarea><textarea name="policy"></textarea></form>`;

function serve(scribe: Scribe, size = scribe.lines.length): void {
  const lines = scribe.lines.slice(0, size);
  district.served.logs.set(LOG, { lines, note: scribe.note(lines) });
}

/** Presses the button; gives what is said at the end, and what the server was asked for meanwhile. */
async function told(tone: "good" | "bad"): Promise<{ said: string; asked: string[] }> {
  district.served.heard();
  await phone.page.evaluate(() => document.querySelector("[data-outcome]")?.remove());
  await phone.page.click("text=Check this record");
  await phone.page.waitForSelector(`[data-tone=${tone}]`);
  const said = await phone.page.innerText("[data-outcome]");
  expect(phone.page.workers()).toEqual([]);
  return { said, asked: district.served.heard().map((path) => path.slice(LOG.length + 1)) };
}

/** Presses a button that saves a file, and reads it. */
async function saved(button: string): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([phone.page.waitForEvent("download"), phone.page.click(`button:text-is("${button}")`)]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
}

/** A record under way, with another ballot in it where `odd`. */
function long(odd = false): Scribe {
  const scribe = new Scribe(44);
  scribe.settle().bringToBallot().openVote();
  for (let i = 0; i < 300; i++) scribe.cast(1 + (i % 45), odd && i === 250 ? "against" : "for", 1 + Math.floor(i / 45));
  return scribe;
}

describe("the button that checks a village's record", () => {
  it("checks all of it at first, and then only what is new, also after the page was closed", async () => {
    const village = long();
    serve(village, 280);
    await show(phone.page, "/check", PAGE);
    const first = await told("good");
    expect(first.said).toMatch(/^Complete and lawful[^]*This was the first visit from this device[^]*Unwitnessed, may be truncated[^]*280 entries/);
    expect(first.asked).toEqual(["checkpoint", "tile/entries/000", "tile/entries/001.p/24"]);
    serve(village);
    await phone.page.close();
    phone.page = await phone.context.newPage();
    await show(phone.page, "/check", PAGE);
    const size = village.lines.length;
    const second = await told("good");
    expect(second.said).toMatch(new RegExp(`^Complete and lawful[^]*${size - 280} new entries since your visit[^]*from the 280 that you saw[^]*${size} entries`));
    expect(second.asked).toEqual(["checkpoint", `tile/entries/001.p/${size - 256}`]);
    const third = await told("good");
    expect(third.said).toContain(`the same ${size} entries`);
    expect(third.asked).toEqual(["checkpoint"]);
  });

  it("says plainly that a rewritten record is not the one seen before, and gives out a proof", async () => {
    const village = long();
    serve(village, 290);
    await show(phone.page, "/check", PAGE);
    await told("good");
    serve(long(true));
    const { said } = await told("bad");
    expect(said).toMatch(/^This is not the record you saw before[^]*290 entries[^]*The two signatures prove it[^]*0578-1234567/);
    const { name, text } = await saved("Save the proof");
    expect(name).toBe(`${VILLAGE}.evidence`);
    expect(await judgeEvidence(parseEvidence(text), parseVerifierKey(village.logKey))).toBe("rewritten");
    const folder = mkdtempSync(join(tmpdir(), "sunvote-e2e-"));
    writeFileSync(join(folder, name), text);
    // Exit code 0: proven, to the inspector's program too.
    expect(execFileSync(PROGRAM, ["evidence", "check", join(folder, name), "--key", village.logKey], { encoding: "utf8" })).not.toBe("");
    rmSync(folder, { recursive: true });
    // What was seen stays: the honest record goes on from it.
    serve(village);
    expect((await told("good")).said).toContain("from the 290 that you saw");
  });

  it("says plainly that a shorter record is not the one seen before, and gives out what was", async () => {
    const village = long();
    serve(village);
    await show(phone.page, "/check", PAGE);
    await told("good");
    serve(village, 200);
    const { said, asked } = await told("bad");
    expect(said).toMatch(new RegExp(`^This is not the record you saw before[^]*it had ${village.lines.length} entries; now the server shows only 200[^]*0578-1234567`));
    expect(asked).toEqual(["checkpoint"]);
    expect((await saved("Save what you saw before")).text).toBe(village.note());
  });

  it("names other root keys, keeps the printed ones, and says what it can't tell", async () => {
    const village = new Scribe().whole();
    serve(village);
    await show(phone.page, "/check", PAGE);
    await phone.page.fill("[name=roots]", [village.roots[0], "ab".repeat(32)].join("\n"));
    expect((await told("bad")).said).toMatch(/^This record begins with root keys that you did not name/);
    await phone.page.fill("[name=roots]", village.roots.join("\n"));
    expect((await told("good")).said).toContain("Root keys: the printed ones");
    await show(phone.page, "/check", PAGE);
    expect(await phone.page.inputValue("[name=roots]")).toBe(village.roots.join("\n"));
    await phone.page.fill("[name=policy]", "nobody");
    expect((await told("bad")).said).toMatch(/^This is not a list of witnesses/);
    await phone.page.fill("[name=policy]", "");
    district.served.logs.clear();
    expect((await told("bad")).said).toMatch(/^The record could not be fetched\. This says nothing/);
  });

  it("can be stopped, and then keeps nothing", async () => {
    serve(long());
    await show(phone.page, "/check", PAGE);
    // The checkpoint comes, the entries do not: the check can't end by itself.
    await phone.page.route("**/tile/entries/**", () => undefined);
    await phone.page.click("text=Check this record");
    await phone.page.click("text=Cancel");
    expect(await phone.page.innerText("[data-outcome]")).toMatch(/^Stopped\. Nothing was kept/);
    await phone.page.unroute("**/tile/entries/**");
    expect((await told("good")).said).toContain("This was the first visit");
  });
});

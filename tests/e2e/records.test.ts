/** The page where anyone checks a record, in a real browser: the verdict in words, from a thread of its own. */
import { describe, expect, it } from "vitest";

import type { Bytes } from "../../web/src/bytes.ts";
import { fromUtf8, utf8 } from "../../web/src/bytes.ts";
import { CLERK, Scribe, WATCH } from "../../web/test/scribe.ts";
import { onPhone, phone, show } from "./phone.ts";

onPhone();

const CHECK = `<form data-check-record hidden><input type="file"><input name="log_key"><textarea name="roots"></textarea><button>Check</button></form>`;
/** Ballots of the long record. */
const BALLOTS = 10_000;

async function told(file: Bytes, tone: "good" | "bad"): Promise<string> {
  await phone.page.setInputFiles("input[type=file]", { name: "r.sunvote", mimeType: "application/octet-stream", buffer: Buffer.from(file) });
  // What the check before said must not be taken for what this one says.
  await phone.page.evaluate(() => document.querySelector("[data-outcome]")?.remove());
  await phone.page.click("text=Check");
  await phone.page.waitForSelector(`[data-tone=${tone}]`);
  return phone.page.innerText("[data-outcome]");
}

describe("the page that checks a record", () => {
  it("says in words whether it is lawful, and which rule is broken where", async () => {
    const lawful = new Scribe().whole();
    await show(phone.page, "/check", CHECK);
    expect(await told(lawful.file(), "good")).toMatch(/^Complete and lawful[^]*32 entries, 6 device ballots/);
    const late = new Scribe().settle();
    late.add("document.withdrawn", [WATCH, CLERK], { document: "00".repeat(32), reason: "error" });
    expect(await told(late.file(), "bad")).toMatch(/^A step is missing or late: 1 findings[^]*Entry 5: The signer does not hold the role/);
    const altered = lawful.file(lawful.lines.with(9, utf8(fromUtf8(lawful.lines[9] as Bytes).replace(/"prev":"../, '"prev":"00'))));
    expect(await told(altered, "bad")).toMatch(/^The record was altered: 1 findings[^]*Entry 9: /);
    expect(await told(utf8("nothing"), "bad")).toMatch(/^Could not be checked: the file is not a record/);
    await phone.page.fill("[name=roots]", lawful.roots.join("\n"));
    expect(await told(lawful.file(), "good")).toContain("Root keys: the printed ones");
  });

  it("checks a long one in a thread of its own", async () => {
    const long = new Scribe(44);
    long.settle().bringToBallot().openVote();
    for (let i = 0; i < BALLOTS; i++) long.cast(1 + (i % 45), "for", 1 + Math.floor(i / 45));
    const revision = (voter: number): number => Math.ceil((BALLOTS - voter + 1) / 45);
    long.conclude(long.members.map((_, i) => ({ choice: "for", revision: revision(i + 1) })));
    await show(phone.page, "/check", CHECK);
    await phone.page.setInputFiles("input[type=file]", { name: "r.sunvote", mimeType: "application/octet-stream", buffer: Buffer.from(long.file()) });
    await phone.page.evaluate(() => {
      const stalls: number[] = ((window as unknown as { stalls: number[] }).stalls = [0]);
      let last = performance.now();
      setInterval(() => {
        stalls.push(performance.now() - last);
        last = performance.now();
      }, 10);
    });
    const begun = Date.now();
    const [worker] = await Promise.all([phone.page.waitForEvent("worker"), phone.page.click("text=Check")]);
    expect(worker.url()).toMatch(/\/assets\/worker\.[\w-]+\.js$/);
    await phone.page.waitForSelector("[data-tone=good]", { timeout: 100_000 });
    const took = Date.now() - begun;
    const stall = Math.max(...(await phone.page.evaluate(() => (window as unknown as { stalls: number[] }).stalls)));
    // How long both take is for docs/PERFORMANCE.md: a test must not hang on how busy the machine is.
    console.log(`${BALLOTS} ballots: ${took} ms; the page stood still for ${Math.round(stall)} ms at most`);
    expect(await phone.page.innerText("[data-outcome]")).toContain(`${BALLOTS.toLocaleString("en")} device ballots`);
    expect(phone.page.workers()).toEqual([]);
  });
});

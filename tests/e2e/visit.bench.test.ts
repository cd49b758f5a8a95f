/** How long a visit to a long record takes on this machine, first and later, and how long the page stands still meanwhile. `npm run bench:visit`. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, it } from "vitest";

import { Scribe } from "../../web/test/scribe.ts";
import { district, onPhone, phone, show } from "./phone.ts";
import { PROGRAM } from "./server.ts";

onPhone();

const VILLAGE = "331102001206";
/** Entries of the first visit, and those that the second finds new. */
const ENTRIES = 10_000;
const NEW = 45;
/** Runs of each; the fastest counts, since other work on the machine only slows. */
const RUNS = 3;
const PAGE = `<form data-visit="${VILLAGE}" hidden class="form"><button>Check this record</button><textarea name="roots"></textarea></form>`;

/** 45 voters change their ballots until the record is so long. Both are lawful; the program agrees. */
function record(entries: number): Scribe {
  const scribe = new Scribe(44);
  scribe.settle().bringToBallot().openVote();
  for (let i = 0; scribe.lines.length < entries; i++) scribe.cast(1 + (i % 45), "for", 1 + Math.floor(i / 45));
  return scribe;
}

/** The program's own verdict. */
function agrees(scribe: Scribe): void {
  const folder = mkdtempSync(join(tmpdir(), "sunvote-bench-"));
  const file = join(folder, "r.sunvote");
  writeFileSync(file, scribe.file());
  const roots = scribe.roots.flatMap((root) => ["--root", root]);
  expect(JSON.parse(execFileSync(PROGRAM, ["verify", ...roots, "--json", file], { encoding: "utf8" }))).toMatchObject({ verdict: "lawful" });
  rmSync(folder, { recursive: true });
}

interface Took {
  ms: number;
  /** Longest task of the page's own thread, as the browser reports it (at least 50 ms), 0 for none. */
  task: number;
  /** Longest time in which a timer of 5 ms did not come. */
  still: number;
}

async function visit(said: string): Promise<Took> {
  await phone.page.evaluate(() => {
    const page = window as unknown as { tasks: number[]; stills: number[] };
    document.querySelector("[data-outcome]")?.remove();
    [page.tasks, page.stills] = [[0], [0]];
    new PerformanceObserver((list) => page.tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ entryTypes: ["longtask"] });
    let last = performance.now();
    setInterval(() => {
      page.stills.push(performance.now() - last - 5);
      last = performance.now();
    }, 5);
  });
  const ms = await phone.page.evaluate(async (words) => {
    const begun = performance.now();
    document.querySelector<HTMLButtonElement>("form[data-visit] button")?.click();
    await new Promise<void>((resolve) => {
      const look = (): void => (document.querySelector("[data-tone=good]")?.textContent?.includes(words) ? resolve() : void requestAnimationFrame(look));
      look();
    });
    return performance.now() - begun;
  }, said);
  const [task, still] = await phone.page.evaluate(() => {
    const page = window as unknown as { tasks: number[]; stills: number[] };
    return [Math.max(...page.tasks), Math.max(...page.stills)] as const;
  });
  return { ms, task, still };
}

it(`measures visits to a record of ${ENTRIES} entries`, async () => {
  const scribe = record(ENTRIES + NEW);
  agrees(scribe);
  const best: Record<"first" | "later" | "same", Took[]> = { first: [], later: [], same: [] };
  const serve = (size: number): void => void district.served.logs.set(`/log/v/${VILLAGE}`, { lines: scribe.lines.slice(0, size), note: scribe.note(scribe.lines.slice(0, size)) });
  for (let run = 0; run < RUNS; run++) {
    serve(ENTRIES);
    await show(phone.page, "/check", PAGE);
    await phone.page.evaluate(() => new Promise((resolve) => (indexedDB.deleteDatabase("sunvote").onsuccess = resolve)));
    await show(phone.page, "/check", PAGE);
    best.first.push(await visit("This was the first visit"));
    serve(ENTRIES + NEW);
    await show(phone.page, "/check", PAGE);
    best.later.push(await visit(`${NEW} new entries`));
    best.same.push(await visit("Nothing is new"));
  }
  for (const [name, runs] of Object.entries(best)) {
    const { ms } = runs.reduce((a, b) => (b.ms < a.ms ? b : a));
    const [task, still] = [Math.max(...runs.map((run) => run.task)), Math.max(...runs.map((run) => run.still))];
    console.log(`${name.padEnd(5)} visit: ${Math.round(ms)} ms; longest task of the page ${Math.round(task)} ms, it stood still for ${Math.round(still)} ms at most`);
  }
});

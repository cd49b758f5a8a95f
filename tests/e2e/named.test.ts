/** Papers that bear names: who votes is told so, the count is number by number on two devices, and the result lists them. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { launch, picture, ready } from "./browser.ts";
import { type Person, words } from "./people.ts";
import { type Demo, PROGRAM, startDemo } from "./server.ts";
import { BallotBox, looksRight, type Teller } from "./tellers.ts";
import { Walk } from "./walk.ts";

/** Who takes a paper, and what stands on it; nothing where no paper of theirs is in the box. */
const SCRIPT: Record<string, string> = { "2": "for", "3": "against", "5": "for", "8": "abstain", "11": "" };

let browser: Browser;
let demo: Demo;
let office: Person;
let walk: Walk;
let box: BallotBox;
let village = "";
let counter: Teller;
let scrutineer: Teller;

/** Marks papers at their numbers, and sends them with one that has no name. */
async function marks({ person: { page } }: Teller, papers: Record<string, string>): Promise<void> {
  await page.fill('[name="in_box"]', "5");
  for (const [no, choice] of Object.entries(papers)) await page.locator(`main form.count [name="row.${no}"][value="${choice}"]`).check();
  const typing = page.locator("[data-count-way]").first();
  if (await typing.isVisible()) await typing.click();
  await page.fill('[name="invalid.unnamed"]', "1");
}

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "1");
  walk = await Walk.begin(browser, demo.origin);
  ({ office, village } = walk);
});
afterAll(async () => {
  await browser.close();
  await demo.stop();
});

describe("papers that bear names", () => {
  it("belong to a session that was called for a matter", async () => {
    expect(await walk.toTheVote()).toBe(true);
  });

  it("are what the chair says at the opening, and who votes by phone is told before choosing", async () => {
    box = new BallotBox(walk, browser, demo.origin);
    await box.hands(Object.keys(SCRIPT), { named_papers: "papers_named" });
    await office.take(village, "representative");
    await office.page.goto(`/v/${village}/vote/${walk.session}/${walk.matter}/q1`);
    await ready(office.page);
    await picture(office.page, "named-told");
    expect(await office.page.innerText("main")).toContain(words("zh-CN", "vote-papers-named"));
    await office.letOthers(village);
    await box.closes();
    [counter, scrutineer] = await box.tellers({ width: 360 }, { width: 768, elder: true });
  });

  it("are counted at each number, found by number or name", async () => {
    await counter.opens();
    const { page } = counter.person;
    await page.fill("#find", "11");
    expect(await page.locator("[data-count-paper]:visible").count()).toBe(1);
    await page.fill("#find", "");
    await marks(counter, SCRIPT);
    expect(await page.innerText("[data-count-counted]")).toBe("5");
    // A reload in the middle takes nothing away.
    await page.reload();
    await ready(page);
    expect(await page.innerText("[data-count-counted]")).toBe("5");
    await looksRight(counter, "named-count-360");
    await counter.sends();
    await scrutineer.opens();
    await looksRight(scrutineer, "named-count-768-elder", 60);
    await marks(scrutineer, { ...SCRIPT, "3": "for", "2": "against" });
    await scrutineer.sends();
  });

  it("are shown by number where the two differ, though the sums are the same, and settled", async () => {
    const { page } = scrutineer.person;
    expect(await page.locator("tr.count-differs").allInnerTexts()).toHaveLength(2);
    await looksRight(scrutineer, "named-differs-768-elder", 60);
    await counter.opens();
    await looksRight(counter, "named-differs-360");
    await marks(scrutineer, SCRIPT);
    await scrutineer.sends();
    expect(await page.innerText("main")).toContain(words("zh-CN", "count-agrees"));
    await looksRight(scrutineer, "named-agrees-768-elder", 60);
    await scrutineer.signs();
    await counter.signsToo();
  });

  it("stand by number in the result, beside those by phone, in a record that both verifiers find lawful", async () => {
    // The log opens the ballots by phone once the papers are counted.
    await walk.comesDue("chair", "result.announced");
    await walk.actOfTwo("chair", "result.announced", "supervision_committee");
    const { page } = office;
    await page.goto(`/v/${village}/s/${walk.session}`);
    await page.locator("details:has(table.choices) summary").click();
    await picture(page, "named-result");
    const rows = await page.locator("table.choices tbody tr").evaluateAll((lines) => lines.map((line) => [...line.children].map((cell) => cell.textContent)));
    const paper = rows.filter(([, , , channel]) => channel === words("zh-CN", "channel-paper")).map(([no, , choice]) => [no, choice]);
    const option = (code: string): string => words("zh-CN", `option-${code}`);
    expect(paper).toEqual(Object.entries(SCRIPT).filter(([, choice]) => choice !== "").map(([no, choice]) => [no, option(choice)]));
    expect(rows.length).toBeGreaterThan(paper.length);
    expect(rows.map(([no]) => Number(no))).toEqual(rows.map(([no]) => Number(no)).sort((a, b) => a - b));
    const record = join(demo.data, "village.sunvote");
    writeFileSync(record, await (await page.context().request.get(`/v/${village}/record/file`)).body());
    execFileSync(PROGRAM, ["verify", record]);
    execFileSync("node", [new URL("../../web/verifier/verify.js", import.meta.url).pathname, record]);
    expect([office, counter.person, scrutineer.person].flatMap(({ window }) => window.faults)).toEqual([]);
  });
});

/** A mobile box: named before the vote, carried by three to members at home, counted with the papers of the hall. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { launch, type Reader, ready } from "./browser.ts";
import { Person, words } from "./people.ts";
import { type Demo, PROGRAM, startDemo } from "./server.ts";
import { BallotBox, looksRight, type Teller } from "./tellers.ts";
import { Walk } from "./walk.ts";

/** Who is at home, and who of them is visited. */
const HOME = ["3", "4"];
const VISITED = ["3"];
/** What the three who carry the box read on. */
const PHONES: Reader[] = [{ width: 360 }, { width: 360, elder: true }, { width: 360, lang: "en" }];

let browser: Browser;
let demo: Demo;
let office: Person;
let walk: Walk;
let box: BallotBox;
let village = "";
let carrying: string[] = [];
const phones: Person[] = [];

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

describe("a mobile box", () => {
  it("belongs to a session that was called for a matter", async () => {
    expect(await walk.toTheVote()).toBe(true);
  });

  it("is sent out by the chair and the supervision committee, to numbers that everybody sees", async () => {
    const { page } = office;
    await office.take(village, "chair");
    await page.goto(`/v/${village}/s/${walk.session}`);
    await page.goto((await page.locator('main a[href*="/do/mobile_box.named?"]').first().getAttribute("href")) ?? "");
    await ready(page);
    const boxes = page.locator('main form.form [name="scrutineers"]');
    for (let nth = 0; nth < 3; nth++) await boxes.nth((await boxes.count()) - 1 - nth).check();
    await office.fill({ voters: HOME });
    await looksRight({ person: office }, "box-naming");
    const label = await page.locator('[name="second.0"] option', { hasText: words("zh-CN", "role-supervision-committee") }).first().innerText();
    await office.fill({ "second.0": label });
    await office.sign();
    await office.takeNamed(village, "supervision_committee", label.split(" · ")[0] ?? "");
    await office.signSecond();
    await page.goto(`/v/${village}/s/${walk.session}`);
    const role = page.locator(".offices > div", { has: page.getByText(words("zh-CN", "role-box-scrutineer"), { exact: true }) });
    carrying = await role.locator("dd").allInnerTexts();
    expect(carrying).toHaveLength(3);
    expect(await page.innerText("main")).toContain(words("zh-CN", "act-box-named").replace("{ $numbers }", HOME.join("、")));
    await looksRight({ person: office }, "box-named");
    // Whoever is on the list reads at home that they need not come.
    const cells = await page.locator("details:has(th) tbody tr").evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? "")));
    const member = await Person.at(browser, demo.origin, { width: 360, elder: true });
    await new BallotBox(walk, browser, demo.origin).become(member, cells.find(([no]) => no === HOME[0])?.[1] ?? "");
    for (const where of ["/tasks", `/v/${village}/s/${walk.session}`, `/v/${village}/s/${walk.session}/ready`]) {
      await member.page.goto(where);
      expect(await member.page.innerText("main")).toContain(words("zh-CN", "session-home"));
    }
    await looksRight({ person: member }, "box-home-360-elder", 60);
    phones.push(member);
  });

  it("is carried to members at home while the others vote, and all three sign for it", async () => {
    const { page } = office;
    box = new BallotBox(walk, browser, demo.origin);
    await box.hands(["1", "2", "5", "6"], {}, HOME);
    // Each at the own phone.
    const carriers: Person[] = [];
    for (const reader of PHONES) carriers.push(await Person.at(browser, demo.origin, reader));
    for (const [nth, phone] of carriers.entries()) await box.become(phone, carrying[nth] ?? "");
    phones.push(...carriers);
    const [first, ...others] = carriers as [Person, Person, Person];
    await first.task("mobile_box.visited", walk.session);
    const form = first.page.locator("main form.form");
    const listed = await form.locator('[name="voters"]').evaluateAll((boxes) => boxes.map((one) => (one as HTMLInputElement).value));
    expect(listed).toEqual(HOME);
    // The other two are chosen already.
    const chosen = await form.locator('[name^="second."] option:checked').allInnerTexts();
    expect(chosen.map((label) => label.split(" · ")[0]).sort()).toEqual(carrying.slice(1).sort());
    await first.fill({ voters: VISITED });
    await looksRight({ person: first }, "box-visit-360");
    await first.sign();
    for (const [nth, other] of others.entries()) {
      await other.page.goto("/tasks");
      await other.page.locator('main a[href*="/pending/"]').first().click();
      await ready(other.page);
      await looksRight({ person: other }, `box-signing-360-${nth}`, nth === 0 ? 60 : 44);
      await other.signSecond();
    }
    await page.goto(`/v/${village}/s/${walk.session}`);
    expect(await page.innerText("main")).toContain(words("zh-CN", "act-box-visited").replace("{ $numbers }", VISITED.join("、")));
  });

  it("is counted with the box of the hall, and the result says how many papers were handed out at home", async () => {
    await box.closes();
    const [counter, scrutineer]: [Teller, Teller] = await box.tellers({ width: 768 }, { width: 768 });
    for (const teller of [counter, scrutineer]) {
      await teller.opens();
      await teller.types([5, 3, 2, 0, 0]);
    }
    await scrutineer.signs();
    await counter.signsToo();
    await walk.actOfTwo("chair", "result.announced", "supervision_committee");
    const { page } = office;
    await page.goto(`/v/${village}/s/${walk.session}`);
    const said = await page.innerText("main");
    const carried = words("zh-CN", "votes-box").replace("{ $n }", String(VISITED.length));
    expect(said).toMatch(new RegExp(carried.replace("{ $base }", "\\d+")));
    expect(said).toContain(words("zh-CN", "votes-missed").replace("{ $n }", String(HOME.length - VISITED.length)));
    await looksRight({ person: office }, "box-result");
    // The minutes say who carried it, at whose homes it was, and have a line for each of the three.
    const file = join(demo.data, "minutes.pdf");
    writeFileSync(file, await (await page.context().request.get(`/v/${village}/s/${walk.session}/minutes/file`)).body());
    const minutes = execFileSync("pdftotext", ["-raw", file, "-"], { encoding: "utf8" }).replaceAll(/\s/g, "");
    expect(minutes.split(words("zh-CN", "role-box-scrutineer"))).toHaveLength(1 + 1 + 3);
    for (const no of VISITED) expect(minutes).toContain(`${no}✓${words("zh-CN", "channel-mobile-box")}`);
    const record = join(demo.data, "village.sunvote");
    writeFileSync(record, await (await page.context().request.get(`/v/${village}/record/file`)).body());
    execFileSync(PROGRAM, ["verify", record]);
    execFileSync("node", [new URL("../../web/verifier/verify.js", import.meta.url).pathname, record]);
    expect([office, ...phones, counter.person, scrutineer.person].flatMap(({ window }) => window.faults)).toEqual([]);
  });
});

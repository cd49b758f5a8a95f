/** A mobile box: named before the vote, carried by three to members at home, counted with the papers of the hall. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { axe, launch, picture, ready, tooWide } from "./browser.ts";
import { type Person, words } from "./people.ts";
import { type Demo, PROGRAM, startDemo } from "./server.ts";
import { BallotBox, type Teller } from "./tellers.ts";
import { Walk } from "./walk.ts";

/** Who is at home, and who of them is visited. */
const HOME = ["3", "4"];
const VISITED = ["3"];

let browser: Browser;
let demo: Demo;
let office: Person;
let walk: Walk;
let box: BallotBox;
let village = "";
let carrying: string[] = [];

/** What a page is held to where it is looked at. */
async function looksRight(name: string): Promise<void> {
  await picture(office.page, name);
  expect(await tooWide(office.page)).toEqual([]);
  expect(await axe(office.page)).toEqual([]);
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

describe("a mobile box", () => {
  it("belongs to a session that was called for a matter", async () => {
    await walk.propose();
    await walk.consult();
    await walk.file();
    expect(await walk.call()).toBe(true);
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
    await looksRight("box-naming");
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
    await looksRight("box-named");
  });

  it("is carried to members at home while the others vote, and all three sign for it", async () => {
    const { page } = office;
    box = new BallotBox(walk, browser, demo.origin);
    await box.hands(["1", "2", "5", "6"], {}, HOME);
    await box.become(office, carrying[0] ?? "");
    await office.task("mobile_box.visited", walk.session);
    const listed = await page.locator('main form.form [name="voters"]').evaluateAll((boxes) => boxes.map((one) => (one as HTMLInputElement).value));
    expect(listed).toEqual(HOME);
    // The other two are chosen already.
    const chosen = await page.locator('main form.form [name^="second."] option:checked').allInnerTexts();
    expect(chosen.map((label) => label.split(" · ")[0]).sort()).toEqual(carrying.slice(1).sort());
    await office.fill({ voters: VISITED });
    await looksRight("box-visit");
    await office.sign();
    for (const name of carrying.slice(1)) {
      await box.become(office, name);
      await office.signSecond();
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
    expect(said).toContain(words("zh-CN", "votes-box").replace("{ $n }", String(VISITED.length)));
    await looksRight("box-result");
    const record = join(demo.data, "village.sunvote");
    writeFileSync(record, await (await page.context().request.get(`/v/${village}/record/file`)).body());
    execFileSync(PROGRAM, ["verify", record]);
    execFileSync("node", [new URL("../../web/verifier/verify.js", import.meta.url).pathname, record]);
    expect([office, counter.person, scrutineer.person].flatMap(({ window }) => window.faults)).toEqual([]);
  });
});

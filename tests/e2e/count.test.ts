/** Paper ballots counted by two people on two devices: they differ, settle it and sign; then the count is disputed and done again. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { axe, launch, picture, ready, type Reader, smallTargets, tooWide } from "./browser.ts";
import { Person, words } from "./people.ts";
import { type Demo, PROGRAM, startDemo } from "./server.ts";
import { Walk } from "./walk.ts";

/** Voters who take a paper. */
const PAPERS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];

let browser: Browser;
let demo: Demo;
let office: Person;
let walk: Walk;
let village = "", count = "";
let counter: Teller;
let scrutineer: Teller;

/** Somebody who counts, at a device of their own. */
class Teller {
  constructor(
    readonly person: Person,
    readonly name: string,
  ) {}

  static async at(name: string, reader: Reader): Promise<Teller> {
    const person = await Person.at(browser, demo.origin, reader);
    await become(person, name);
    return new Teller(person, name);
  }

  async opens(): Promise<void> {
    await this.person.page.goto(count);
    await ready(this.person.page);
  }

  /** Types what was found: the box, for, against, abstained, blank. */
  async types(figures: [number, number, number, number, number]): Promise<void> {
    const { page } = this.person;
    const typing = page.locator("[data-count-way]").first();
    if (await typing.isVisible()) await typing.click();
    const fields = ["in_box", "counts.for", "counts.against", "counts.abstain", "invalid.blank"];
    for (const [i, field] of fields.entries()) await page.locator(`main form.count [name="${field}"]`).fill(String(figures[i]));
    await this.sends();
  }

  async sends(): Promise<void> {
    await this.person.page.locator("main form.count button.button-wide").click();
    await this.person.page.waitForLoadState();
    await ready(this.person.page);
  }
}

/** Whom the demo's page lists under a name, also where it shows only some of its people. */
async function become(person: Person, name: string): Promise<void> {
  await person.page.goto(`/demo?village=${village}&q=${encodeURIComponent(name)}`);
  await person.page.locator("button.person", { hasText: name }).first().click();
  await person.page.waitForURL((url) => url.pathname !== "/demo");
}

/** Opens what may be begun about the session without anybody waiting for it. */
async function begin(kind: string): Promise<void> {
  await office.page.goto(`/v/${village}/s/${walk.session}`);
  const form = await office.page.locator(`main a[href*="/do/${kind}?"]`).first().getAttribute("href");
  await office.page.goto(form ?? "");
  await ready(office.page);
}

/** What every page is held to, at this width. */
async function looksRight(teller: Teller, name: string, target = 44): Promise<void> {
  const { page } = teller.person;
  await picture(page, name);
  expect(await tooWide(page)).toEqual([]);
  expect(await smallTargets(page, target)).toEqual([]);
  expect(await axe(page)).toEqual([]);
}

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "1");
  office = await Person.at(browser, demo.origin);
  await office.page.goto("/demo");
  village = ((await office.page.locator("button.person").first().getAttribute("value")) ?? "").split("/")[0] ?? "";
  walk = new Walk(office, village);
});
afterAll(async () => {
  await browser.close();
  await demo.stop();
});

describe("papers counted by two", () => {
  it("belong to a matter that was proposed and consulted on", async () => {
    await walk.propose();
    await walk.consult();
  });

  it("belong to a session that was called for it", async () => {
    await walk.file();
    expect(await walk.call()).toBe(true);
  });

  it("are handed out in the hall, while others vote by phone", async () => {
    await office.take(village, "clerk");
    await office.form(village, "attendance.recorded", { session: walk.session });
    await office.fill({ present: "*" });
    const second = office.page.locator('[name="second.0"] option', { hasText: words("zh-CN", "role-supervision-committee") }).first();
    const label = await second.innerText();
    await office.fill({ "second.0": label });
    await office.sign();
    await office.takeNamed(village, "supervision_committee", label.split(" · ")[0] ?? "");
    await office.signSecond();
    await walk.act("chair", "voting.opened", {}, walk.session);
    await office.take(village, "clerk");
    await office.form(village, "paper.issued", { session: walk.session, matter: walk.matter, question: "q1" });
    await office.fill({ voters: PAPERS, "second.0": label });
    await office.sign();
    await office.takeNamed(village, "supervision_committee", label.split(" · ")[0] ?? "");
    await office.signSecond();
    await office.letOthers(village);
    // The vote closes, and nothing more can come.
    await office.pass(3);
    await office.pass(3);
    count = `/v/${village}/s/${walk.session}/count/${walk.matter}/q1`;
    await office.page.goto(`/v/${village}/s/${walk.session}`);
    const named = (role: string): Promise<string> =>
      office.page.locator(".offices > div", { has: office.page.getByText(words("zh-CN", `role-${role}`), { exact: true }) }).locator("dd").innerText();
    const [counts, watches] = [await named("counter"), await named("scrutineer")];
    counter = await Teller.at(counts, { width: 360 });
    scrutineer = await Teller.at(watches, { width: 768, elder: true });
  });

  it("are tapped one by one on a phone, with the last tap taken back, and nothing but sums is kept", async () => {
    const { page } = counter.person;
    await page.goto("/tasks");
    await page.locator(`main a[href="${count}"]`).first().tap();
    await ready(page);
    await page.fill('[name="in_box"]', "12");
    const tap = async (row: string, times: number): Promise<void> => {
      for (let n = 0; n < times; n++) await page.locator(`[data-count-row]:has([name="${row}"]) .count-tap`).tap();
    };
    await tap("counts.for", 7);
    await tap("counts.against", 5);
    await tap("counts.against", 1);
    await page.locator("[data-count-undo]").tap();
    await page.locator("[data-count-undo]").tap();
    expect(await page.inputValue('[name="counts.against"]')).toBe("4");
    const marks = page.locator('[data-count-row]:has([name="counts.for"]) .zheng path');
    const strokes = await marks.evaluateAll((paths) => paths.reduce((sum, path) => sum + (path.getAttribute("d")?.match(/M/g)?.length ?? 0), 0));
    expect(strokes).toBe(7);
    await looksRight(counter, "count-tapping-360");
    // A reload in the middle takes nothing away, and what is kept meanwhile is numbers.
    await page.reload();
    await ready(page);
    expect(await page.innerText("[data-count-counted]")).toBe("11");
    const kept = await page.evaluate(() => Object.entries(sessionStorage).filter(([key]) => key.startsWith("count ")));
    expect(kept.map(([, value]) => JSON.parse(value))).toEqual([["12", "7", "4", "", "", "", "", ""]]);
    await counter.sends();
    expect(await page.innerText("#errors")).toContain(words("zh-CN", "count-does-not-add-up"));
    await looksRight(counter, "count-wrong-360");
    await page.locator("[data-count-way]:visible").tap();
    await tap("invalid.blank", 1);
    await counter.sends();
    expect(await page.innerText("main")).toContain(words("zh-CN", "count-waits"));
    await looksRight(counter, "count-sent-360");
  });

  it("are not seen by the other before both have counted; figures that differ stand side by side", async () => {
    const { page } = scrutineer.person;
    await scrutineer.opens();
    expect(await page.locator(".count-table").count()).toBe(0);
    expect(await page.inputValue('[name="counts.for"]')).toBe("");
    await looksRight(scrutineer, "count-enter-768-elder", 60);
    await scrutineer.types([12, 8, 3, 0, 1]);
    expect(await page.locator(".count-differs").count()).toBe(2);
    await looksRight(scrutineer, "count-differs-768-elder", 60);
    await counter.opens();
    expect(await counter.person.page.locator(".count-differs").count()).toBe(2);
    await looksRight(counter, "count-differs-360");
  });

  it("are settled and signed by both", async () => {
    await scrutineer.types([12, 7, 4, 0, 1]);
    const { page } = scrutineer.person;
    expect(await page.innerText("main")).toContain(words("zh-CN", "count-agrees"));
    await looksRight(scrutineer, "count-agrees-768-elder", 60);
    await page.locator('main form[action$="/draft"] button').click();
    await page.waitForSelector("form[data-sign]");
    await scrutineer.person.signDraft();
    await counter.opens();
    await counter.person.page.locator('main a[href*="/pending/"]').click();
    await ready(counter.person.page);
    await counter.person.signDraft();
    await counter.opens();
    expect(await counter.person.page.innerText("main")).toContain(words("zh-CN", "count-shut-counted"));
    await looksRight(counter, "count-done-360");
  });

  it("are counted again when somebody disputes the count, by three signatures", async () => {
    await office.take(village, "representative");
    await begin("ballot.disputed");
    await office.fill({ text: "唱票时看见有一张赞成票被记成了反对。" });
    await office.sign();
    for (const teller of [counter, scrutineer]) {
      await teller.opens();
      expect(await teller.person.page.innerText("main")).toContain(words("zh-CN", "count-again-say"));
      await teller.types([12, 8, 3, 0, 1]);
    }
    const { page } = scrutineer.person;
    await looksRight(scrutineer, "count-again-768-elder", 60);
    const third = page.locator("#third option").nth(1);
    const name = await third.innerText();
    await page.selectOption("#third", { index: 1 });
    await page.locator('main form[action$="/draft"] button').click();
    await page.waitForSelector("form[data-sign]");
    await scrutineer.person.signDraft();
    await counter.opens();
    await counter.person.page.locator('main a[href*="/pending/"]').click();
    await ready(counter.person.page);
    await counter.person.signDraft();
    await office.takeNamed(village, "supervision_committee", name);
    await office.signSecond();
    await counter.opens();
    expect(await counter.person.page.innerText("main")).toContain(words("zh-CN", "count-shut-counted"));
  });

  it("stand in the minutes with both counts and the reason of the invalid one, in a record that is lawful", async () => {
    await walk.actOfTwo("chair", "result.announced", "supervision_committee");
    const { page } = office;
    const file = join(demo.data, "minutes.pdf");
    const minutes = await page.context().request.get(`/v/${village}/s/${walk.session}/minutes/file`);
    writeFileSync(file, await minutes.body());
    const text = execFileSync("pdftotext", ["-raw", file, "-"], { encoding: "utf8" }).replaceAll(/\s/g, "");
    expect(text).toContain("第一次计票：票箱里12张，赞成7张、反对4张、弃权0张，无效1");
    expect(text).toContain("重新计票（以此为准）：票箱里12张，赞成8张、反对3张、弃权0张，无效1");
    expect(text).toContain("无效原因：空白，什么也没选1张");
    const record = join(demo.data, "village.sunvote");
    writeFileSync(record, await (await page.context().request.get(`/v/${village}/record/file`)).body());
    // Throws unless the program ends with 0: lawful.
    const told = execFileSync(PROGRAM, ["verify", record], { encoding: "utf8" });
    expect(told).toContain("recounted (1)");
    expect([office, counter.person, scrutineer.person].flatMap(({ window }) => window.faults)).toEqual([]);
  });
});

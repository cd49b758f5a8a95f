/**
 * Land compensation (M08), which only the members' assembly of the cooperative can decide: everything that can happen to a matter, clicked and typed by its
 * people. Suggested on paper, objected to twice, returned by the township, asked about, voted on, contracted, changed, voted on again, paid, rated, signed off.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { axe, launch, open, picture, ready, tooWide, type Window } from "./browser.ts";
import { type Person, words } from "./people.ts";
import { type Demo, PROGRAM, startDemo } from "./server.ts";
import { Walk } from "./walk.ts";

const PLAN = "征地补偿费一百二十万元，按在册成员人均分配，留百分之十修水渠。";

let browser: Browser;
let demo: Demo;
let office: Person;
let walk: Walk;
/** Somebody of the village without a key, at a phone of 360 px. */
let neighbour: Window;
let village = "";

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "1");
  walk = await Walk.begin(browser, demo.origin);
  ({ office, village } = walk);
  neighbour = await open(browser, demo.origin, { width: 360 });
});
afterAll(async () => {
  await browser.close();
  await demo.stop();
});

/** What the neighbour writes on a public form about the matter; gives the address to come back to. */
async function write(form: "object" | "ask" | "rate", text: string, choice?: string): Promise<string> {
  const { page } = neighbour;
  await page.goto(`/v/${village}/m/${walk.matter}`);
  await page.locator(`main a[href$="/m/${walk.matter}/${form}"]`).first().tap();
  await ready(page);
  if (choice !== undefined) await page.locator(`input[name=choice][value="${choice}"]`).check();
  await page.fill("textarea[name=text]", text);
  expect(await tooWide(page)).toEqual([]);
  await picture(page, `compensation-${form}-360`);
  await page.locator("main form button.button-wide").tap();
  await page.waitForURL("**/received/**");
  return page.url();
}

/** One act that waits for nobody: begun on the matter's page; signed by a second person of this role, where it takes two. */
async function begin(role: string, kind: string, fill: Parameters<Person["act"]>[2], second?: string): Promise<void> {
  const { page } = office;
  await office.take(village, role);
  await page.goto(`/v/${village}/m/${walk.matter}`);
  await ready(page);
  await page.locator(`main a[href*="/do/${kind}?role=${role}"]`).first().evaluate((link: HTMLAnchorElement) => link.click());
  await page.waitForURL(`**/do/${kind}?**`);
  await ready(page);
  await office.fill(fill);
  if (second === undefined) return office.sign();
  const held = words("zh-CN", `role-${second.replace(/_/g, "-")}`);
  const label = await page.locator('[name="second.0"] option', { hasText: ` · ${held}` }).first().innerText();
  await office.fill({ "second.0": label });
  await office.sign();
  await office.takeNamed(village, second, label.split(" · ")[0] ?? "");
  await office.signSecond();
}

/** A member's vote is called, its notice of ten days passes, and everybody votes; the result is announced and the minutes signed. */
async function decide(): Promise<void> {
  await walk.act("chair", "session.convened", { agenda: walk.matter });
  walk.session = await office.about("s");
  await walk.actOfTwo("clerk", "roster.fixed", "supervision_committee");
  await walk.act("chair", "tellers.named", { caller: 0, counter: 1, scrutineer: 2 }, walk.session);
  for (let days = 0; days < 10; days++) await office.pass(24);
  for (let quarters = 0; quarters < 40 && !(await walk.begun()); quarters++) await office.pass(3);
  expect(await walk.begun()).toBe(true);
  await office.letOthers(village);
  await walk.act("chair", "voting.opened", {}, walk.session);
  await office.letOthers(village);
  await office.pass(3);
  await office.pass(3);
  await walk.comesDue("chair", "result.announced");
  await walk.actOfTwo("chair", "result.announced", "supervision_committee");
  await walk.actOfTwo("chair", "minutes.signed", "clerk");
}

/** From the joint meeting to the township's filing, the plan being settled as it stands or for another amount. */
async function settle(amount?: string): Promise<void> {
  await walk.act("clerk", "joint_meeting.recorded", { attendees: "*", minutes: "商议同意方案。" });
  await walk.act("clerk", "plan.settled", amount === undefined ? {} : { amount_fen: amount });
  await walk.act("clerk", "plan.posted");
}

async function shown(page: Page, name: string): Promise<void> {
  await page.goto(`/v/${village}/m/${walk.matter}`);
  await ready(page);
  expect(await tooWide(page)).toEqual([]);
  expect(await axe(page)).toEqual([]);
  await picture(page, name);
}

describe("land compensation", () => {
  it("1 suggested on paper, 2 proposed", async () => {
    await walk.act("clerk", "suggestion.entered", { source: "paper_box", text: "征地的钱已经到账，请早点定怎么分。" }, "");
    walk.matter = await office.about("m");
    await walk.act("branch_secretary", "matter.proposed", { category: "M08", title: "征地补偿费使用和分配", plan: PLAN, amount_fen: "1200000" });
    await walk.act("clerk", "enlarged_meeting.recorded", { attendees: "*", nonvoting: "3", opinions: "列席人员同意。", minutes: "会议同意提议。" });
  });

  it("3 consulted on; two object, one with a phone and one on paper, and are answered", async () => {
    await walk.act("clerk", "visits.recorded", { households: "30", opinions: "外嫁女也要算" });
    await walk.act("clerk", "opinions.answered", { "answers.0": "按成员名册。" });
    await settle();
    const kept = await write("object", "水渠留得太少，至少两成。");
    await begin("grid_worker", "objection.entered", { source: "paper_box", text: "新生儿没有算进去。" });
    // Which of the two stands first among the tasks, their hashes decide.
    for (let nth = 0; nth < 2; nth++) await walk.act("clerk", "objection.answered", { text: "水渠另有县里补助；名册已补上。" });
    await neighbour.page.goto(kept);
    expect(await neighbour.page.innerText("main")).toContain("水渠另有县里补助；名册已补上。");
    await office.pass(360);
  });

  it("4 returned by the township, settled anew, filed", async () => {
    await walk.act("clerk", "filing.submitted");
    await walk.act("township_drafter", "filing.reviewed", { advice: "return", opinion: "成员名册没有附上。" });
    await begin("township_approver", "filing.returned", { to: "consultation", reason: "请附上成员名册，重新公示。" });
    await settle();
    await office.pass(360);
    await walk.file();
  });

  it("asked about by somebody without a key, answered by name, while nothing waits for it", async () => {
    const kept = await write("ask", "水渠的一成钱由谁管？", "interpellation");
    await walk.act("chair", "inquiry.answered", { text: "由合作社专账管，每季公开。" });
    await neighbour.page.goto(kept);
    expect(await neighbour.page.innerText("main")).toContain("由合作社专账管，每季公开。");
    await picture(neighbour.page, "compensation-answered-360");
  });

  it("5 decided by two thirds of all members", async () => {
    await decide();
    await shown(office.page, "compensation-decided");
    expect(await office.page.innerText("main")).toContain("成员大会");
  }, 240_000);

  it("6 contracted; then a change is asked for, and the plan goes the whole way again", async () => {
    await walk.act("clerk", "resolution.posted");
    const milestones = "2027-06-30 渠身完工 60000\n2027-12-31 验收 60000";
    const contract = { title: "水渠修建合同", party: "丽水某水利工程公司", amount_fen: "120000", milestones, text: "合同全文见附件。" };
    await begin("clerk", "contract.recorded", contract, "supervision_committee");
    await begin("chair", "change.requested", { reason: "县里补助到账，水渠只留半成。" }, "supervision_committee");
    await settle("1300000");
    await office.pass(360);
    await walk.file();
    await decide();
  }, 480_000);

  it("6 paid under the contract, its quality witnessed, rated by villagers and answered", async () => {
    await walk.act("clerk", "resolution.posted");
    const report = async (what: string, percent: string, paid: string, contract: number, more: Record<string, string | number> = {}): Promise<void> =>
      walk.act("grid_worker", "progress.recorded", { what, percent, paid_fen: paid, contract, text: "按合同进行。", ...more });
    await report("payment", "50", "60000", 1);
    await report("quality", "80", "0", 0, { witnesses: 0 });
    await report("payment", "100", "1240000", 1);
    const kept = await write("rate", "钱到账了，渠也通了水，就是慢了点。", "score_4");
    await walk.act("clerk", "rating.answered", { text: "雨季停了半个月，谢谢体谅。" });
    await neighbour.page.goto(kept);
    expect(await neighbour.page.innerText("main")).toContain("雨季停了半个月，谢谢体谅。");
  });

  it("6 signed off after its notice, and visited again", async () => {
    await office.pass(120);
    await office.pass(120);
    await walk.act("supervision_committee", "implementation.signed_off", { report: "票据齐全，已分到户，同意办结。" });
    await begin("supervision_committee", "return_visit.recorded", { households: "10", satisfied: "9", text: "九户满意，一户嫌慢。" });
    await shown(office.page, "compensation-finished");
    await shown(neighbour.page, "compensation-finished-360");
    const text = await neighbour.page.innerText("main");
    for (const words of ["平均4.0分，1人评价", "水渠修建合同", "渠身完工", "质量见证：", "回访10户，9户满意"]) expect(text).toContain(words);
  });

  it("leaves a lawful record in which the payments beyond the contract are remarked", async () => {
    await office.page.goto(`/v/${village}/record`);
    const [download] = await Promise.all([office.page.waitForEvent("download"), office.page.locator("main a[download]").click()]);
    const file = join(demo.data, "village.sunvote");
    await download.saveAs(file);
    // Throws unless the program ends with 0: lawful.
    const told = execFileSync(PROGRAM, ["verify", file], { stdio: "pipe" }).toString();
    expect(told).toContain("contract_overpaid (1)");
    expect([...office.window.faults, ...neighbour.faults]).toEqual([]);
  });
});

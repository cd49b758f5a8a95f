/** The demo district as people use it: a matter through its procedures by role, a voter at a phone, a key of one's own, the record checked. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { verifyRecord } from "../../web/src/record.ts";
import { axe, launch, open, picture, ready, tooWide } from "./browser.ts";
import { crawl } from "./crawl.ts";
import { Person } from "./people.ts";
import { type Demo, PROGRAM, startDemo } from "./server.ts";

let browser: Browser;
let demo: Demo;
/** The village where something waits on every desk, and the one with a vote open now. */
let desks: string, showcase: string;
let person: Person | undefined;

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "3");
  const { context, page } = await open(browser, demo.origin);
  await page.goto("/demo");
  const shown = await page.locator("button.person").first().getAttribute("value");
  showcase = (shown ?? "").split("/")[0] ?? "";
  await page.goto("/search?q=村");
  const codes = await page.locator('main a[href^="/v/"]').evaluateAll((links) => links.map((link) => /\/v\/(\d{12})/.exec((link as HTMLAnchorElement).href)?.[1] ?? ""));
  desks = [...new Set(codes)].sort()[1] ?? "";
  await context.close();
}, 240_000);
afterAll(async () => {
  await browser.close();
  await demo.stop();
});
afterEach(async () => {
  const faults = person?.window.faults ?? [];
  await person?.close();
  person = undefined;
  expect(faults).toEqual([]);
});

async function at(reader: Parameters<typeof Person.at>[2] = {}): Promise<Person> {
  person = await Person.at(browser, demo.origin, reader);
  return person;
}

describe("the six procedures", () => {
  it("1 to 3: a suggestion becomes a proposal, is consulted on, settled and posted", async () => {
    const one = await at();
    await one.take(desks, "clerk");
    await one.act("suggestion.entered", { text: "村口老桥栏杆松动,建议修缮。" });
    const matter = await one.matter();
    expect(matter).toMatch(/^[0-9A-Z]{26}$/);
    await one.take(desks, "branch_secretary");
    await one.act("matter.proposed", { title: "修缮村口老桥", plan: "更换栏杆,加固桥面。", amount_fen: "36000", category: "M02" }, matter);
    await one.take(desks, "clerk");
    await one.act("enlarged_meeting.recorded", { minutes: "同意提议。", nonvoting: "3", opinions: "桥面要防滑。" }, matter);
    await one.act("visits.recorded", { households: "12", opinions: "桥面也要防滑。" }, matter);
    await one.act("joint_meeting.recorded", { minutes: "同意方案。" }, matter);
    await one.act("opinions.answered", {}, matter);
    await one.act("plan.settled", { plan: "更换栏杆,加固桥面,桥面防滑。" }, matter);
    await one.act("plan.posted", {}, matter);
    await one.page.goto(`/v/${desks}/m/${matter}`);
    expect(await one.page.locator("main").innerText()).toContain("修缮村口老桥");
    await picture(one.page, "walk-matter");
  }, 240_000);

  it("4: the township reviews and files", async () => {
    const one = await at();
    await one.take(desks, "township_drafter");
    await one.act("filing.reviewed");
    await one.take(desks, "township_approver");
    await one.act("filing.filed");
  }, 240_000);

  it("5: a session is called for a filed matter, and minutes are signed by two", async () => {
    const one = await at();
    await one.take(desks, "chair");
    await one.act("session.convened");
    await one.actWithSecond(desks, "minutes.signed");
  }, 240_000);

  it("6: progress is reported and reaches the supervision committee", async () => {
    const one = await at();
    await one.take(desks, "clerk");
    await one.act("progress.recorded", { text: "已完成一半。", percent: "50", paid_fen: "1000" });
    await one.take(desks, "supervision_committee");
    await one.page.goto("/tasks");
    expect(await one.page.locator("main").innerText()).not.toBe("");
  }, 240_000);
});

describe("a representative at a phone of 360 px", () => {
  it("votes in four taps after taking the role, and keeps a receipt", async () => {
    const one = await at({ width: 360 });
    await one.take(showcase, "representative");
    let taps = 0;
    const tap = async (selector: string): Promise<void> => {
      taps++;
      await one.page.locator(selector).first().click();
      await one.page.waitForLoadState();
    };
    await one.page.goto("/tasks");
    const vote = await one.page.locator('main a[href*="/vote/"]').first().getAttribute("href");
    await one.page.goto(vote ?? "");
    await tap('main a[href*="/vote/"]');
    await tap('main a[href$="/choose"]');
    await tap('button[name=choice][value="for"]');
    await tap("form[data-vote] .button-sign");
    await one.page.waitForURL("**/receipt/**");
    await ready(one.page);
    await one.page.waitForSelector("[data-receipt] [data-tone=good]");
    expect(await tooWide(one.page)).toEqual([]);
    await picture(one.page, "receipt-360");
    expect(taps).toBeLessThanOrEqual(4);
  }, 240_000);
});

describe("a key of one's own", () => {
  it("is enrolled from a slip by clerk and supervision committee, and logs in", async () => {
    const clerk = await at();
    await clerk.take(showcase, "clerk");
    await clerk.page.goto(`/v/${showcase}/slips`);
    await ready(clerk.page);
    await clerk.page.selectOption("select[name=person]", { index: 3 });
    await clerk.page.selectOption("select[name=role]", "representative");
    await clerk.page.click("[data-make-slip]");
    const code = await clerk.page.innerText(".slip code");
    const chosen = await clerk.page.inputValue("select[name=person]");
    const phone = await open(browser, demo.origin, { width: 360 });
    await phone.page.goto(`/enrol#v=${showcase}&p=${chosen}&r=representative&s=${code}`);
    await ready(phone.page);
    await phone.page.click("form[data-enrol-device] button.button");
    await phone.page.waitForSelector("form[data-enrol-device] [data-tone=good]");
    await clerk.page.waitForSelector(".slip-state[data-tone=good]");
    await clerk.page.click("[data-needs-enrolment]");
    await clerk.signDraft();
    await clerk.take(showcase, "supervision_committee");
    await clerk.page.goto("/tasks");
    await clerk.page.locator('main a[href*="/pending/"]').first().click();
    await clerk.signDraft();
    await phone.page.goto("/login");
    await ready(phone.page);
    await phone.page.click("form[data-login] button.button");
    await phone.page.waitForURL("**/tasks");
    expect(phone.faults).toEqual([]);
    await phone.context.close();
  }, 240_000);
});

describe("every page of the demo", () => {
  const ROLES = ["", "clerk", "chair"];

  it.each(ROLES)("is accessible and fits a phone: %s", async (role) => {
    const one = await at({ width: 360 });
    if (role === "") await one.page.goto("/");
    else await one.take(desks, role);
    const found: string[] = [];
    const kinds = await crawl(one.page, role === "" ? ["/", `/v/${showcase}`, "/check", "/help", "/login", "/enrol", "/demo"] : ["/tasks"], async (kind) => {
      for (const finding of await axe(one.page)) found.push(`${kind}: ${finding.id} ${finding.where.join(" | ")}`);
      for (const wide of await tooWide(one.page)) found.push(`${kind}: ${wide}`);
      await picture(one.page, `demo-${role || "public"}-${kind.replace(/\W+/g, "_")}`);
    }, 1, 40);
    expect(found).toEqual([]);
    expect(kinds.length).toBeGreaterThan(5);
  }, 240_000);
});

describe("the record of the village", () => {
  it("is lawful for `sunvote verify` and unaltered for the browser", async () => {
    const one = await at();
    await one.page.goto(`/v/${desks}/record`);
    const answer = await one.page.request.get(`/v/${desks}/record/file`);
    const bytes = await answer.body();
    const file = join(demo.data, "record.sunvote");
    writeFileSync(file, bytes);
    const logKey = /[\w.:/-]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{44}/.exec((await one.page.locator("main").textContent()) ?? "")?.[0] ?? "";
    const pieces = (async function* () {
      yield Uint8Array.from(bytes);
    })();
    const verdict = await verifyRecord(pieces, logKey);
    expect(verdict.findings).toEqual([]);
    expect(verdict.entries).toBeGreaterThan(50);
    // Throws unless the program ends with 0: lawful.
    execFileSync(PROGRAM, ["verify", file], { stdio: "pipe" });
  }, 240_000);
});

/** One matter through all six procedures, clicked and typed by its people; one of them votes with a phone and a key of her own. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { launch, open, picture, ready, tooWide, type Window } from "./browser.ts";
import type { Person } from "./people.ts";
import { type Demo, PROGRAM, startDemo } from "./server.ts";
import { Walk } from "./walk.ts";

let browser: Browser;
let demo: Demo;
/** Everyone but the voter shares the PC of the village office. */
let office: Person;
let walk: Walk;
let phone: Window;
let village = "", voter = "", matter = "", session = "";
/** What the voter taps: signing in once, then voting. */
const taps = { checkIn: 0, vote: 0 };

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "1");
  walk = await Walk.begin(browser, demo.origin);
  ({ office, village } = walk);
  phone = await open(browser, demo.origin, { width: 360 });
});
afterAll(async () => {
  await browser.close();
  await demo.stop();
});

async function tap(selector: string, count: "checkIn" | "vote"): Promise<void> {
  taps[count]++;
  await phone.page.locator(selector).first().tap().catch(async () => {
    throw new Error(`no ${selector}: ${await phone.page.locator("main").innerText()}`);
  });
  await phone.page.waitForLoadState();
}

async function logIn(): Promise<void> {
  await phone.page.goto("/login");
  await ready(phone.page);
  await phone.page.locator("form[data-login] button.button").tap();
  await phone.page.waitForURL("**/tasks");
}

describe("a matter through the six procedures", () => {
  it("enrols a representative's phone through a slip that two sign", async () => {
    voter = await office.take(village, "representative");
    await office.take(village, "clerk");
    await office.page.goto(`/v/${village}/slips`);
    await ready(office.page);
    await office.page.selectOption("select[name=person]", { label: voter });
    await office.page.selectOption("select[name=role]", "representative");
    await office.page.click("[data-make-slip]");
    const code = await office.page.innerText(".slip code");
    const person = await office.page.inputValue("select[name=person]");
    await phone.page.goto(`/enrol#v=${village}&p=${person}&r=representative&s=${code}`);
    await ready(phone.page);
    await phone.page.locator("form[data-enrol-device] button.button").tap();
    await phone.page.waitForSelector("form[data-enrol-device] [data-tone=good]");
    await office.page.waitForSelector(".slip-state[data-tone=good]");
    await office.page.click("[data-needs-enrolment]");
    await office.signDraft();
    await office.take(village, "supervision_committee");
    await office.signSecond();
    // An enrolment serves for years of matters: it is not a cost of this one.
    office.costs.clear();
  });

  it("1 suggestion, 2 proposal", () => walk.propose());

  it("3 consultation: visits, replies, joint meeting, the settled plan posted, time to object", () => walk.consult());

  it("4 filing by the township", () => walk.file());

  it("5 ballot: the session is called, and its notice period passes", async () => {
    expect(await walk.call()).toBe(true);
    ({ matter, session } = walk);
  });

  it("5 ballot: a draft can't be sent unsigned before the phone's script is ready to sign it", async () => {
    await logIn();
    const still = await open(browser, demo.origin, { width: 360, script: false });
    await still.context.addCookies(await phone.context.cookies());
    await still.page.goto("/tasks");
    await still.page.locator(`main a[href*="attendance.checked_in"][href*="${session}"]`).tap();
    await still.page.locator("main form.form button[value=sign]").tap();
    expect(await still.page.locator("form[data-sign] .button-sign").isDisabled()).toBe(true);
    expect(await still.page.locator("form[data-sign] noscript").isVisible()).toBe(true);
    await still.context.close();
  });

  it("5 ballot: checked in and voted on a phone of 360 px with a key of its own", async () => {
    await logIn();
    // Others of the village's meetings may have begun to let people in at this hour.
    await tap(`main a[href*="attendance.checked_in"][href*="${session}"]`, "checkIn");
    await tap("main form.form button[value=sign]", "checkIn");
    await tap("form[data-sign] .button-sign", "checkIn");
    await phone.page.waitForURL("**/done/**");
    await office.letOthers(village);
    await walk.act("chair", "voting.opened", {}, session);
    await phone.page.goto("/tasks");
    await tap(`main a[href*="/vote/${session}"]`, "vote");
    await tap('main a[href$="/choose"]', "vote");
    await tap('button[name=choice][value="for"]', "vote");
    await ready(phone.page);
    // Addresses stay in histories and logs; and the last question stands in the program's own window.
    expect(new URL(phone.page.url()).search).toBe("");
    expect(await phone.page.innerText("dialog .choice")).toBe("赞成");
    await picture(phone.page, "six-confirm-360");
    await tap("dialog .cast", "vote");
    await phone.page.waitForURL("**/receipt/**");
    await phone.page.waitForSelector("[data-receipt] [data-tone=good]");
    expect(await tooWide(phone.page)).toEqual([]);
    await picture(phone.page, "six-receipt-360");
  });

  it("5 ballot: the others vote, the result is announced, the minutes are signed by two", async () => {
    await office.letOthers(village);
    await office.pass(3);
    // After the closing there are five minutes for ballots that the inspector vouched for.
    await office.pass(3);
    await walk.actOfTwo("chair", "result.announced", "supervision_committee");
    await walk.actOfTwo("chair", "minutes.signed", "clerk");
    await office.page.goto(`/v/${village}/m/${matter}`);
    await picture(office.page, "six-matter");
  });

  it("6 supervision: the resolution, a photo of the works, the committee's signature", async () => {
    await walk.act("clerk", "resolution.posted");
    const photo = join(demo.data, "lamps.jpg");
    await office.page.screenshot({ path: photo, type: "jpeg" });
    await walk.act("clerk", "progress.recorded", { what: "delivery", percent: "100", paid_fen: "6000", text: "三盏路灯装好了,晚上亮了。", papers: photo });
    await office.pass(120);
    await office.pass(120);
    await walk.act("supervision_committee", "implementation.signed_off", { report: "查看了现场,付款票据齐全,同意办结。" });
    await office.page.goto(`/v/${village}/m/${matter}`);
    expect(await office.page.locator(".six-sealed, .six-done").count()).toBe(6);
    // Photos load when they come into view.
    await office.page.locator(".photo img").scrollIntoViewIfNeeded();
    await office.page.waitForFunction(() => document.querySelector<HTMLImageElement>(".photo img")?.naturalWidth);
    await picture(office.page, "six-finished");
  });

  it("leaves a record that the program and the browser both find in order", async () => {
    await office.page.goto(`/v/${village}/record`);
    const [download] = await Promise.all([office.page.waitForEvent("download"), office.page.locator("main a[download]").click()]);
    const file = join(demo.data, "village.sunvote");
    await download.saveAs(file);
    // Throws unless the program ends with 0: lawful.
    execFileSync(PROGRAM, ["verify", file], { stdio: "pipe" });
    await office.page.goto(`/check?village=${village}`);
    await ready(office.page);
    await office.page.setInputFiles("form[data-check-record] input[type=file]", file);
    await office.page.click("form[data-check-record] button");
    await office.page.waitForSelector("form[data-check-record] [data-tone=good]");
    expect(await office.page.innerText("form[data-check-record] [data-outcome]")).toContain("根密钥：没有核对");
    // The founding's roots stand for the printed ones, and the device remembers them.
    const founded = JSON.parse(readFileSync(file, "utf8").split("\n")[1] ?? "").statement.payload;
    const roots = (JSON.parse(Buffer.from(founded, "base64").toString()).roots as string[]).join("\n");
    await office.page.fill("form[data-check-record] [name=roots]", roots.split("\n")[0] ?? "");
    await office.page.click("form[data-check-record] button");
    await office.page.waitForSelector("form[data-check-record] [data-tone=bad] >> text=其中您填了 1 把");
    await office.page.fill("form[data-check-record] [name=roots]", roots);
    await office.page.click("form[data-check-record] button");
    await office.page.waitForSelector("form[data-check-record] [data-tone=good] >> text=您填写的");
    await office.page.reload();
    await ready(office.page);
    expect(await office.page.inputValue("form[data-check-record] [name=roots]")).toBe(roots);
    expect(readFileSync(file, "utf8").split("\n").length).toBeGreaterThan(100);
    await picture(office.page, "six-check");
  });

  it("costs no more than was aimed for", () => {
    const { clerk, township_drafter: drafter, township_approver: approver } = Object.fromEntries(office.costs);
    console.log("fields and signatures by role:", Object.fromEntries(office.costs), "the voter's taps:", taps);
    expect(clerk?.fields).toBeLessThanOrEqual(40);
    expect(clerk?.signatures).toBeLessThanOrEqual(12);
    expect((drafter?.signatures ?? 0) + (approver?.signatures ?? 0)).toBeLessThanOrEqual(3);
    expect(taps.vote).toBeLessThanOrEqual(4);
    expect([...office.window.faults, ...phone.faults]).toEqual([]);
  });
});

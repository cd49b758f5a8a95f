/**
 * A session of forty-five as a village holds it: twenty vote on paper, fifteen at two terminals with printed cards, ten by phone from another
 * city. Everyone is signed in at the door or called by name, the network goes, the power fails in a terminal and in the server, papers are
 * counted twice, the result is announced on the screen, minutes are signed, the notice is printed. The record is lawful and its totals by
 * channel are the script's.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { axe, launch, open, picture, ready, type Window } from "./browser.ts";
import { Hall, PIN, Terminal } from "./hall.ts";
import { cameraOf, film } from "./paper.ts";
import { readQr } from "./phone.ts";
import { type Demo, PROGRAM, startDemo } from "./server.ts";
import { BallotBox } from "./tellers.ts";

/** The script: what comes out, by channel. */
const PAPER = { for: 12, against: 6, abstain: 1, blank: 1 };
const TERMINAL = { for: 10, against: 3, abstain: 2 };
const PHONE = { for: 6, against: 3, abstain: 1 };
/** Whose cards are made ready for when the network is away: the last who come to the first terminal. */
const READY = 5;

/** One choice for each voter of a channel, the most frequent first. */
const choices = (script: Record<string, number>): string[] => Object.entries(script).flatMap(([choice, n]) => Array.from({ length: n }, () => choice));

let browser: Browser, eye: Browser;
let demo: Demo;
let hall: Hall;
/** The clerk's phone at the door, and the screen at the wall. */
let door: Window, wall: Window;
let one: Terminal, two: Terminal;
const [profileOne, profileTwo] = ["one", "two"].map((name) => mkdtempSync(`/tmp/sunvote-hall-${name}-`)) as [string, string];
/** The forty-five, by how they vote. */
let byPaper: string[] = [], byCard: string[] = [], byPhone: string[] = [];
let clerk = "", watch = "", second = "";
const phones = new Map<string, Window>();
const faults: string[] = [];

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "1");
  hall = await Hall.start(browser, demo);
});
afterAll(async () => {
  for (const terminal of [one, two]) await terminal?.device.kill().catch(() => undefined);
  await browser.close();
  await eye?.close();
  await demo.stop();
});

const row = (name: string): ReturnType<Page["locator"]> => door.page.locator(`.door-row[data-name="${name}"]`);

/** The clerk signs the lists at the door, and a member of the supervision committee beside them, both with their cards. */
async function signAtDoor(): Promise<void> {
  const { page } = door;
  await page.click("[data-sign]");
  await page.waitForSelector("dialog.door-window");
  await page.getByRole("button", { name: "他用签名卡在这里签" }).click();
  await page.fill("dialog.door-window [name=code]", hall.code(watch));
  await page.fill("dialog.door-window [name=pin]", PIN);
  await page.click("dialog.door-window button:not([type])");
  await page.fill("dialog.pin-window input", PIN);
  await page.click("dialog.pin-window button >> nth=0");
  await page.waitForSelector("[data-line][data-tone=good]").catch(async () => {
    throw new Error(`not signed: ${await page.locator("dialog, [data-line]").allInnerTexts()}`);
  });
}

/** Somebody votes on the own phone. */
async function voteByPhone(name: string, choice: string): Promise<void> {
  const { page } = phones.get(name) as Window;
  await page.goto("/tasks");
  await page.locator(`main a[href*="/vote/${hall.walk.session}"]`).first().tap();
  await page.locator('main a[href$="/choose"]').first().tap();
  await page.locator(`button[name=choice][value="${choice}"]`).tap();
  await page.click("dialog .cast");
  await page.waitForURL("**/receipt/**");
}

/** Numbers in the table on the screen, row by row. */
async function tally(): Promise<number[][]> {
  await wall.page.waitForSelector(".screen-tally");
  const rows = await wall.page.locator(".screen-tally tbody tr").evaluateAll((all) => all.map((one) => [...one.querySelectorAll("td b")].map((cell) => Number(cell.textContent))));
  return rows;
}

describe("a session of forty-five", () => {
  it("is called to the hall, to terminals and to phones", async () => {
    clerk = (await hall.holders("clerk"))[0] ?? "";
    const committee = await hall.holders("supervision_committee");
    [second, watch] = [committee[0] ?? "", committee.at(-1) ?? ""];
    expect(watch).not.toBe(second);
    const busy = new Set([clerk, ...committee, ...(await hall.holders("chair")), ...(await hall.holders("branch_secretary"))]);
    const { walk } = hall;
    await walk.propose();
    await walk.consult();
    await walk.file();
    expect(await walk.call("online", "kiosk", "paper")).toBe(true);
    await hall.office.take(hall.village, "clerk");
    await hall.office.page.goto(`/v/${hall.village}/s/${walk.session}/door`);
    const members = await hall.office.page.locator(".door-row").evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset["name"] ?? ""));
    expect(members).toHaveLength(45);
    const free = members.filter((name) => !busy.has(name));
    [byPhone, byCard] = [free.slice(0, 10), free.slice(10, 25)];
    byPaper = members.filter((name) => !byPhone.includes(name) && !byCard.includes(name));
    expect(byPaper).toHaveLength(20);
  });

  it("has cards printed for those who come to the terminals", () => hall.handOutCards([clerk, watch, ...byCard, ...byPhone.slice(0, 2)]));

  it("has phones enrolled for those who are far away", async () => {
    for (const [name, phone] of await hall.enrolPhones(byPhone)) phones.set(name, phone);
  });

  it("signs in thirty-five at the door, fifteen of them by their cards before the clerk's phone", async () => {
    const file = join(demo.data, "door.mjpeg");
    await film(hall.office.page.context(), file, [undefined, ...byCard.map((name) => hall.paper(name)), undefined, hall.paper(byCard[0] ?? "")]);
    eye = await launch(...cameraOf(file));
    door = await open(eye, demo.origin, { width: 360 });
    await door.context.grantPermissions(["camera"]);
    wall = await open(browser, demo.origin);
    await wall.page.setViewportSize({ width: 1920, height: 1080 });
    await wall.page.goto(`/v/${hall.village}/s/${hall.walk.session}/screen`);
    await ready(wall.page);
    const { page } = door;
    await hall.logInByCard(page, clerk);
    await page.goto(`/v/${hall.village}/s/${hall.walk.session}/door`);
    await ready(page);
    await page.click("[data-scan]");
    // The film may be anywhere when the camera is switched on; it begins anew within forty seconds.
    for (const name of byCard) await row(name).and(page.locator("[aria-pressed=true]")).waitFor({ timeout: 60_000 }).catch(async () => {
      throw new Error(`${name} was not seen: ${await page.locator("[data-marked], .door-seen").allInnerTexts()} ${await page.locator(".door-row[aria-pressed=true]").allInnerTexts()}`);
    });
    await page.getByRole("button", { name: "不扫了" }).click();
    for (const name of byPaper) await row(name).tap();
    expect(await page.locator("[data-marked]").innerText()).toContain("35");
    await signAtDoor();
    await page.waitForFunction(() => document.querySelector("[data-there]")?.textContent === "35");
    await wall.page.waitForFunction(() => [...document.querySelectorAll(".screen-there dd")].some((one) => one.textContent === "35"));
    await picture(wall.page, "session-wall-checking-in");
  });

  it("has ten check in from their phones, called by name and seen by two", async () => {
    for (const name of byPhone) {
      const { page } = phones.get(name) as Window;
      await page.goto("/tasks");
      await page.locator(`main a[href*="attendance.checked_in"][href*="${hall.walk.session}"]`).first().tap();
      await page.locator("main form.form button[value=sign]").tap();
      await ready(page);
      await page.locator("form[data-sign] .button-sign").tap();
      await page.waitForURL("**/done/**");
    }
    await door.page.waitForFunction(() => document.querySelector("[data-there]")?.textContent === "45");
    await hall.office.takeNamed(hall.village, "supervision_committee", second);
    await hall.office.page.goto(`/v/${hall.village}/s/${hall.walk.session}/door`);
    await ready(hall.office.page);
    for (const { page } of [door, hall.office.window]) {
      const calls = page.locator("[data-calls] li");
      await expect.poll(() => calls.count()).toBe(10);
      for (let nth = 0; nth < 10; nth++) {
        await calls.nth(nth).getByRole("button").click();
        // Two know it only once the second has noted it; the first sees that another is still wanted.
        await calls.nth(nth).locator(".door-note:not(:empty)").waitFor();
      }
    }
    await expect.poll(() => hall.office.page.locator("[data-calls] li .door-note[data-tone=good]").count()).toBe(10);
  });

  it("has two terminals, set up by two with their cards; some cards are made ready", async () => {
    one = await Terminal.start(hall, profileOne);
    two = await Terminal.start(hall, profileTwo);
    await one.setUp(1, [clerk, watch]);
    await two.setUp(2, [clerk, watch]);
    for (const name of [clerk, watch, ...byCard.slice(-READY)]) await one.makeReady(name);
  });

  it("votes: twenty papers are handed out, terminals and phones take ballots, and the screen says nothing of a count", async () => {
    await hall.walk.act("chair", "voting.opened", { closes_at: "60" }, hall.walk.session);
    await wall.page.locator(".screen-say, [data-until]").first().waitFor();
    const { page } = door;
    await page.getByRole("button", { name: /^领票/ }).first().tap();
    for (const name of byPaper) await row(name).tap();
    await signAtDoor();
    for (const name of byPaper) await row(name).and(page.locator('[data-is="paper"]')).waitFor();
    const pressed = choices(TERMINAL);
    for (const [nth, name] of byCard.slice(0, -READY).entries()) await (nth < 5 ? one : two).vote(name, pressed[nth] ?? "");
    const tapped = choices(PHONE);
    for (const [nth, name] of byPhone.slice(0, 5).entries()) await voteByPhone(name, tapped[nth] ?? "");
    expect(await wall.page.locator(".screen-tally").count()).toBe(0);
  });

  it("goes on when the network is away and the power fails, in a terminal and in the server", async () => {
    const [pressed, last] = [choices(TERMINAL).slice(-READY), byCard.slice(-READY)];
    await one.device.offline(true);
    for (const [nth, name] of last.slice(0, -1).entries()) await one.vote(name, pressed[nth] ?? "");
    await demo.kill();
    faults.push(...one.device.faults);
    await one.device.kill();
    // Nobody serves the page: it comes from the device.
    one = await Terminal.start(hall, profileOne);
    await one.comesBack(1);
    expect(await one.queued("waiting")).toBe(READY - 1);
    await one.vote(last.at(-1) ?? "", pressed.at(-1) ?? "");
    await demo.start();
    await one.allDelivered();
    expect(await one.queued("refused")).toBe(0);
    const tapped = choices(PHONE).slice(5);
    for (const [nth, name] of byPhone.slice(5).entries()) await voteByPhone(name, tapped[nth] ?? "");
  });

  it("closes when all have voted; terminals are sealed, papers counted by two who first differ", async () => {
    const { walk, office } = hall;
    await walk.actOfTwo("chair", "voting.closed", "supervision_committee");
    for (const terminal of [one, two]) await terminal.seal([clerk, watch]);
    await office.pass(3);
    const box = new BallotBox(walk, browser, demo.origin);
    const [counter, scrutineer] = await box.tellers({ width: 360 }, { width: 768 });
    await counter.opens();
    await counter.types([20, 12, 6, 1, 1]);
    await scrutineer.opens();
    await scrutineer.types([20, 11, 7, 1, 1]);
    expect(await scrutineer.person.page.locator(".count-differs").count()).toBe(2);
    await scrutineer.types([20, 12, 6, 1, 1]);
    await scrutineer.signs();
    await counter.signsToo();
    for (const { person } of [counter, scrutineer]) faults.push(...person.window.faults);
  });

  it("announces the result: on the screen by channel, with strokes, as the script has it", async () => {
    const { walk } = hall;
    // Within a second the log opens the ballots of terminals and phones.
    await walk.comesDue("chair", "result.announced");
    await walk.actOfTwo("chair", "result.announced", "supervision_committee");
    const script = (["for", "against", "abstain"] as const).map((option) => [PAPER[option], TERMINAL[option], PHONE[option], PAPER[option] + TERMINAL[option] + PHONE[option]]);
    expect(await tally()).toEqual([...script, [PAPER.blank, 0, 0, PAPER.blank]]);
    await picture(wall.page, "session-wall-announced");
    expect(await axe(wall.page)).toEqual([]);
    await walk.actOfTwo("chair", "minutes.signed", "supervision_committee");
  });

  it("prints minutes and a notice whose code leads to the result, and leaves a lawful record", async () => {
    const { office, village, walk } = hall;
    const file = async (path: string, name: string): Promise<string> => {
      const got = await office.page.context().request.get(path);
      expect(got.status()).toBe(200);
      writeFileSync(join(demo.data, name), await got.body());
      return join(demo.data, name);
    };
    const minutes = await file(`/v/${village}/s/${walk.session}/minutes/file`, "minutes.pdf");
    const text = execFileSync("pdftotext", ["-raw", minutes, "-"], { encoding: "utf8" }).replaceAll(/\s/g, "");
    expect(text).toContain("手机投票10，投票终端15，纸质票20");
    await walk.act("clerk", "resolution.posted", { notice: "村口路灯修复方案已通过。", places: ["board"] });
    await office.page.goto(`/v/${village}/m/${walk.matter}`);
    const notice = await office.page.locator('main a[href*="/notices/"]').first().getAttribute("href");
    const pdf = await file(`${notice}/file`, "notice.pdf");
    execFileSync("pdftoppm", ["-r", "150", "-png", "-singlefile", pdf, join(demo.data, "notice")], { stdio: "ignore" });
    expect(readQr(readFileSync(join(demo.data, "notice.png")))).toContain(`${demo.origin}/v/${village}/`);
    const record = await file(`/v/${village}/record/file`, "village.sunvote");
    // Throws unless the program ends with 0: lawful.
    execFileSync(PROGRAM, ["verify", record], { stdio: "pipe" });
    const payloads = readFileSync(record, "utf8").split("\n").flatMap((line) => /"payload":"([^"]+)"/.exec(line)?.[1] ?? []);
    const all = payloads.map((one) => JSON.parse(Buffer.from(one, "base64").toString()) as Record<string, unknown>).filter((one) => one["session"] === walk.session);
    const of = (kind: string): Record<string, unknown>[] => all.filter((one) => one["kind"] === kind);
    expect(of("ballot.cast").filter((one) => one["channel"] === "kiosk")).toHaveLength(15);
    expect(of("ballot.cast").filter((one) => one["channel"] === "online")).toHaveLength(10);
    expect(of("paper.issued").flatMap((one) => one["voters"] as number[])).toHaveLength(20);
    expect(of("terminal.sealed")).toHaveLength(2);
    const opened = of("ballots.opened").flatMap((one) => one["rows"] as { voter: number }[]);
    expect(new Set(opened.map(({ voter }) => voter)).size).toBe(25);
    const away = /ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING/;
    const all_faults = [...faults, ...one.device.faults, ...two.device.faults, ...door.faults, ...wall.faults, ...[...phones.values()].flatMap((phone) => phone.faults)];
    expect(all_faults.filter((fault) => !away.test(fault))).toEqual([]);
  });
});

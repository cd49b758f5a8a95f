/**
 * Two terminals in a hall: registered, cards from paper, votes with the network and without it, the plug pulled on a terminal and on the server,
 * sealed, delivered late. At the end the record is lawful, and the count by channel is what people pressed.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { axe, launch, open, picture, ready, smallTargets, smallText, tooWide, type Window } from "./browser.ts";
import { Device } from "./device.ts";
import { cameraOf, cutOut, film, printSheets } from "./paper.ts";
import { type Person, words } from "./people.ts";
import { type Demo, PROGRAM, startDemo } from "./server.ts";
import { Walk } from "./walk.ts";

const PIN = "730264";
const WRONG = "905817";
/** Members who vote with a card at a terminal. */
const VOTERS = 6;
const SECOND = { title: "两处先装哪一处？", options: "村口\n桥头" };

let browser: Browser;
let demo: Demo;
let office: Person;
let walk: Walk;
/** A PC on which people choose their PIN. */
let desk: Window;
let village = "", address = "";
let clerk = "", supervisor = "", otherSupervisor = "";
/** Name, typed code and place on the printed sheets of each card. */
const cards = new Map<string, { code: string; nth: number }>();
const voters: string[] = [];
const numbers = new Map<string, number>();
const [profileOne, profileTwo] = ["one", "two"].map((name) => mkdtempSync(`/tmp/sunvote-terminal-${name}-`)) as [string, string];
let one: Device, two: Device;
/** What the voters pressed, by roster number and question: the last of each counts. */
const pressed = new Map<string, string>();
const faults: string[] = [];

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "1");
  walk = await Walk.begin(browser, demo.origin);
  ({ office, village } = walk);
  desk = await open(browser, demo.origin);
});
afterAll(async () => {
  for (const device of [one, two]) await device?.kill().catch(() => undefined);
  await browser.close();
  await demo.stop();
});

const sheets = (): string => join(process.env["SCREENSHOTS"] ?? demo.data, "terminal-cards.pdf");

/** People of the demo who hold this role, by name. */
async function holding(role: string): Promise<string[]> {
  await office.page.goto(`/demo?village=${village}&q=${encodeURIComponent(words("zh-CN", `role-${role}`))}`);
  const held = office.page.locator("button.person", { has: office.page.locator(".person-role", { hasText: words("zh-CN", `role-${role}`) }) });
  return held.locator(".person-name").allInnerTexts();
}

/** Cards for these people: printed, PIN chosen, enrolled by two. */
async function handOutCards(names: string[]): Promise<void> {
  await office.take(village, "clerk");
  await office.page.goto(`/v/${village}/cards`);
  await ready(office.page);
  for (const name of names) await office.page.locator(`input[data-name="${name}"]`).check();
  await office.page.click("[data-make-cards]");
  await office.page.waitForSelector(".paper-card");
  const printed = await office.page.locator(".paper-card").evaluateAll((all) => all.map((card) => ({ name: card.querySelector(".paper-card-name")?.textContent ?? "", code: card.querySelector("code")?.textContent ?? "" })));
  for (const name of names) {
    const nth = printed.findIndex((card) => card.name.includes(name));
    cards.set(name, { nth, code: printed[nth]?.code ?? "" });
  }
  await printSheets(office.page, sheets());
  for (const name of names) await choosePin(name);
  await office.page.waitForFunction((n) => document.querySelectorAll(".card-held[data-tone=good]").length === n, names.length);
  await office.page.click("[data-needs-enrolment]");
  await office.signDraft();
  await office.take(village, "supervision_committee");
  await office.signSecond();
}

async function choosePin(name: string): Promise<void> {
  const { page } = desk;
  await page.goto("/card");
  await ready(page);
  await page.fill("[name=code]", cards.get(name)?.code ?? "");
  await page.fill("[name=village]", village);
  await page.check("input[name=use][value=first]");
  await page.fill("[name=pin]", PIN);
  await page.fill("[name=again]", PIN);
  await page.click("form[data-card] button:not([type])");
  await page.locator("form[data-card] [data-outcome][data-tone=good]").waitFor();
}

/** Waits until the terminal shows this screen. */
async function shows(page: Page, name: string): Promise<void> {
  await page.waitForSelector(`.t-body[data-name="${name}"]`).catch(async () => {
    throw new Error(`no ${name}: ${await page.locator("main").innerText()}`);
  });
}

/** What every screen of a terminal is held to. */
async function holds(page: Page, name: string): Promise<void> {
  await picture(page, `terminal-${name}`);
  expect(await tooWide(page)).toEqual([]);
  expect(await smallTargets(page, 60)).toEqual([]);
  expect(await smallText(page, 24)).toEqual([]);
  expect(await page.locator("a:visible").count()).toBe(0);
  expect(await axe(page)).toEqual([]);
}

const press = (page: Page, text: string): Promise<void> => page.locator(".terminal button:visible", { hasText: text }).first().click();

async function keys(page: Page, digits: string): Promise<void> {
  for (const digit of digits) await page.locator(".t-key", { hasText: digit }).click();
  await page.click(".t-enter");
}

/** Types a card's code, from a screen that asks for a card. */
async function typeCard(page: Page, name: string): Promise<void> {
  await press(page, "输入卡上的码");
  await shows(page, "code");
  await page.fill("[name=code]", cards.get(name)?.code ?? "");
  await press(page, "下一步");
  await shows(page, "pin");
}

/** Card and PIN of somebody at the idle screen. */
async function come(page: Page, name: string, pin = PIN): Promise<void> {
  await shows(page, "idle");
  await typeCard(page, name);
  await keys(page, pin);
}

/** Votes on each open question, from the first plan to the receipt; the choices are codes. */
async function vote(page: Page, name: string, choices: string[], look = ""): Promise<void> {
  for (const [nth, choice] of choices.entries()) {
    await shows(page, "plan");
    expect(await page.locator(".t-told").innerText()).toContain(`${numbers.get(name)}号`);
    if (look !== "") await holds(page, `plan-${look}-${nth}`);
    await press(page, "下一步");
    await shows(page, "choose");
    if (look !== "") await holds(page, `choose-${look}-${nth}`);
    await page.locator(`.t-option[value="${choice}"]`).click();
    await shows(page, "confirm");
    if (look !== "") await holds(page, `confirm-${look}-${nth}`);
    await press(page, "签名并投票");
    pressed.set(`q${nth + 1} ${numbers.get(name)}`, choice);
  }
  await shows(page, "receipt");
  if (look !== "") await holds(page, `receipt-${look}`);
  await press(page, "好了");
  await shows(page, "idle");
}

/** Everything that this browser keeps or shows. */
function kept(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const db = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open("sunvote");
      request.onsuccess = () => resolve(request.result);
    });
    const all: unknown[] = [Object.entries(sessionStorage), Object.entries(localStorage), location.href, history.state, document.documentElement.outerHTML];
    for (const store of db.objectStoreNames) {
      const rows = await new Promise<unknown[]>((resolve) => {
        const request = db.transaction(store).objectStore(store).getAll();
        request.onsuccess = () => resolve(request.result);
      });
      all.push([store, rows]);
    }
    return JSON.stringify(all, (_, value: unknown) => (value instanceof Uint8Array ? [...value].map((byte) => byte.toString(16).padStart(2, "0")).join("") : value));
  });
}

/** How many of these the queue holds in a state. */
const queued = (page: Page, state: string): Promise<number> =>
  page.evaluate(async (wanted) => {
    const db = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open("sunvote");
      request.onsuccess = () => resolve(request.result);
    });
    return new Promise<number>((resolve) => {
      const request = db.transaction("queue").objectStore("queue").getAll();
      request.onsuccess = () => resolve(request.result.filter((row: { state: string }) => row.state === wanted).length);
    });
  }, state);

async function allDelivered(page: Page): Promise<void> {
  await expect.poll(() => queued(page, "waiting"), { timeout: 60_000 }).toBe(0);
}

/** After a break browsers give the full screen only at a touch. */
async function full(page: Page): Promise<void> {
  await page.waitForSelector("html[data-ready]", { state: "attached" });
  await page.locator(".t-fill button").click();
  await page.waitForSelector(".t-fill", { state: "detached" });
}

/** Pulls the plug and switches it on again, with this film before its camera: it is what it was. */
async function again(device: Device, profile: string, seen?: string): Promise<Device> {
  faults.push(...device.faults);
  await device.kill();
  const fresh = await Device.start(profile, ...(seen === undefined ? [] : cameraOf(seen)));
  await fresh.page.goto(address);
  await full(fresh.page);
  return fresh;
}

// Each step is what several people do one after the other at three browsers.
describe("terminals in the hall", { timeout: 400_000 }, () => {
  it("are for people with cards, which are handed out", async () => {
    [clerk = ""] = await holding("clerk");
    const committee = await holding("supervision-committee");
    [otherSupervisor = "", supervisor = ""] = [committee[0], committee.at(-1)];
    expect(supervisor).not.toBe(otherSupervisor);
    await office.take(village, "clerk");
    await office.page.goto(`/v/${village}/cards`);
    const listed = await office.page.locator("input[name=person][data-no]").evaluateAll((all) => all.map((box) => (box as HTMLElement).dataset["name"] ?? ""));
    const busy = new Set([clerk, ...committee, ...(await holding("chair")), ...(await holding("branch-secretary"))]);
    voters.push(...listed.filter((name) => !busy.has(name)).slice(-VOTERS));
    await handOutCards([clerk, supervisor, ...voters]);
  });

  it("are among the ways to take part that the call names", async () => {
    await walk.propose();
    await walk.consult(SECOND);
    await walk.file();
    expect(await walk.call("online", "kiosk")).toBe(true);
    address = `${demo.origin}/v/${village}/s/${walk.session}/terminal`;
  });

  it("are set up by two people: both with their cards, or one of them on an own device", async () => {
    const context = office.window.context;
    const [clerkCard, voterCard] = [clerk, voters[3] ?? ""].map((name) => cutOut(sheets(), cards.get(name)?.nth ?? 0, demo.data)) as [string, string];
    one = await Device.start(profileOne, ...cameraOf(await film(context, join(demo.data, "clerk.mjpeg"), [readFileSync(clerkCard)])));
    await one.page.goto(address);
    await shows(one.page, "first");
    await holds(one.page, "first");
    await press(one.page, "English");
    await picture(one.page, "terminal-first-en");
    await press(one.page, "中文");
    await press(one.page, "开始设置");
    await shows(one.page, "number");
    await holds(one.page, "number");
    await keys(one.page, "1");
    await shows(one.page, "register");
    await press(one.page, "现在签名");
    // The camera sees the clerk's card as it came out of the printer.
    await shows(one.page, "pin");
    await holds(one.page, "pin");
    await keys(one.page, PIN);
    await shows(one.page, "signer");
    await one.page.locator(".t-eye .t-note", { hasText: "请把卡拿开" }).waitFor();
    await holds(one.page, "signer");
    await typeCard(one.page, supervisor);
    await keys(one.page, PIN);
    await shows(one.page, "checks");
    await one.page.locator("li", { hasText: "断网、断电以后能自己回来" }).waitFor();
    await holds(one.page, "checks");
    await press(one.page, "开始收票");
    await shows(one.page, "idle");
    one = await again(one, profileOne);

    two = await Device.start(profileTwo);
    await two.page.goto(address);
    await press(two.page, "开始设置");
    await keys(two.page, "1");
    await shows(two.page, "no");
    await press(two.page, "知道了");
    await keys(two.page, "2");
    await press(two.page, "现在签名");
    await shows(two.page, "signer");
    await typeCard(two.page, clerk);
    await keys(two.page, PIN);
    await shows(two.page, "signer");
    await press(two.page, otherSupervisor);
    await shows(two.page, "register");
    await office.takeNamed(village, "supervision_committee", otherSupervisor);
    await office.signSecond();
    await shows(two.page, "checks");
    await press(two.page, "开始收票");
    await shows(two.page, "idle");
    await film(context, join(demo.data, "voter.mjpeg"), [readFileSync(voterCard)]);
  });

  it("make cards ready before the vote, for when there is no network", async () => {
    await office.take(village, "clerk");
    await office.form(village, "attendance.recorded", { session: walk.session });
    for (const name of voters) {
      const box = office.page.locator("main form.form label", { hasText: name }).locator("input[name=present]");
      await box.check();
      numbers.set(name, Number(/\d+/.exec(await box.locator("xpath=ancestor::label").innerText())?.[0]));
    }
    await office.fill({ "second.0": `${otherSupervisor} · ${words("zh-CN", "role-supervision-committee")}` });
    await office.sign();
    await office.takeNamed(village, "supervision_committee", otherSupervisor);
    await office.signSecond();
    await office.letOthers(village);
    for (const name of [clerk, supervisor, ...voters.slice(0, 3)]) {
      await come(one.page, name);
      await one.page.waitForSelector('.t-body[data-name="ready"], .t-body[data-name="no"]');
      if (name === voters[0]) await holds(one.page, "ready");
      await press(one.page, "知道了");
    }
    await shows(one.page, "idle");
    const [said, codes] = [await kept(one.page), [...cards.values()].map(({ code }) => code.replace(/\s/g, ""))];
    for (const secret of [PIN, ...codes]) expect(said).not.toContain(secret);
  });

  it("take ballots with the network, from a card before the camera, and leave nothing behind", async () => {
    await walk.act("chair", "voting.opened", { closes_at: "60" }, walk.session);
    await walk.act("chair", "voting.opened", { closes_at: "60" }, walk.session);
    for (const { page } of [one, two]) await page.waitForFunction(() => document.querySelectorAll(".t-voting").length === 2);
    await holds(one.page, "idle-voting");
    const name = voters[3] ?? "";
    // Now its camera sees a voter's card, as it came out of the printer.
    two = await again(two, profileTwo, join(demo.data, "voter.mjpeg"));
    await shows(two.page, "pin");
    await keys(two.page, WRONG);
    await two.page.locator(".t-bad", { hasText: "密码不对" }).waitFor();
    await keys(two.page, PIN);
    await vote(two.page, name, ["against", "o1"], "zh");
    await allDelivered(two.page);
    const said = await kept(two.page);
    for (const trace of ["反对", '"choice"', '"nonce"', PIN, (cards.get(name)?.code ?? "").replace(/\s/g, "")]) expect(said).not.toContain(trace);
    // The card still lies there, and is not taken again.
    await two.page.locator(".t-eye .t-note", { hasText: "请把卡拿开" }).waitFor();
    await shows(two.page, "idle");
    two = await again(two, profileTwo);
    await press(two.page, "English");
    await holds(two.page, "idle-en");
    await press(two.page, "中文");
  });

  it("go back to the beginning when somebody walks away, and can't be left", async () => {
    const { page } = two;
    await page.clock.install();
    await come(page, voters[4] ?? "");
    await press(page, "下一步");
    await page.locator('.t-option[value="against"]').click();
    await shows(page, "confirm");
    await page.clock.fastForward(51_000);
    await page.locator(".t-left").waitFor();
    expect(Number(await page.locator(".t-left").innerText())).toBeLessThanOrEqual(10);
    await holds(page, "still");
    await page.clock.fastForward(10_000);
    await shows(page, "idle");
    for (const trace of ["反对", '"choice"']) expect(await kept(page)).not.toContain(trace);
    await page.clock.resume();
    await come(page, voters[4] ?? "");
    await shows(page, "plan");
    await page.goBack().catch(() => undefined);
    await shows(page, "idle");
    expect(page.url()).toBe(address);
    // Staff only: a voter's card does not open what staff may do.
    await press(page, "工作人员");
    await shows(page, "card");
    await typeCard(page, voters[4] ?? "");
    await keys(page, PIN);
    await shows(page, "no");
    await press(page, "知道了");
    await shows(page, "idle");
  });

  it("go on without the network, with cards that were made ready", async () => {
    const { page } = one;
    await one.offline(true);
    await page.locator('.t-net[data-online="false"]').waitFor();
    await come(page, voters[0] ?? "", WRONG);
    await page.locator(".t-bad", { hasText: "密码不对" }).waitFor();
    await keys(page, PIN);
    await vote(page, voters[0] ?? "", ["for", "o2"]);
    expect(await queued(page, "waiting")).toBe(2);
    await holds(page, "idle-offline");
    await come(page, voters[5] ?? "");
    await shows(page, "no");
    await holds(page, "not-ready");
    await press(page, "知道了");
    await come(page, voters[1] ?? "");
    await vote(page, voters[1] ?? "", ["abstain", "o1"]);
    await come(two.page, voters[4] ?? "");
    await vote(two.page, voters[4] ?? "", ["for", "o2"]);
  });

  it("lose nothing and count nothing twice when the power fails, in the terminal and in the server", async () => {
    await allDelivered(two.page);
    await demo.kill();
    // There is no server: the page comes from the device.
    one = await again(one, profileOne);
    await shows(one.page, "idle");
    expect(await one.page.innerText(".t-who")).toContain("1号终端");
    expect(await queued(one.page, "waiting")).toBe(4);
    await come(one.page, voters[2] ?? "");
    await vote(one.page, voters[2] ?? "", ["against", "o1"]);
    expect(await queued(one.page, "waiting")).toBe(6);
    await demo.start();
    await allDelivered(one.page);
    expect(await queued(one.page, "refused")).toBe(0);
    await one.page.locator('.t-net[data-online="true"]').waitFor();
  });

  it("take a second ballot in place of the first, are sealed without the network, and deliver after the closing", async () => {
    const { page } = one;
    await office.letOthers(village);
    await one.offline(true);
    await page.locator('.t-net[data-online="false"]').waitFor();
    await come(page, voters[0] ?? "");
    await shows(page, "plan");
    expect(await page.innerText(".t-content")).toContain("以后面这次为准");
    await vote(page, voters[0] ?? "", ["against", "o1"]);
    await press(page, "工作人员");
    await shows(page, "card");
    await typeCard(page, clerk);
    await keys(page, PIN);
    await shows(page, "menu");
    await holds(page, "menu");
    for (let votes = 0; votes < 2; votes++) {
      await press(page, "封存");
      await sealedBy(page, clerk, supervisor);
      await shows(page, "menu");
    }
    await press(page, "返回");
    await shows(page, "idle");
    await come(page, voters[1] ?? "");
    // It takes no more, though the hour has not come.
    await shows(page, "ready");
    await press(page, "知道了");
    expect(await queued(page, "waiting")).toBe(4);

    // The last one who votes in time, at the other terminal; then the hour comes.
    await come(two.page, voters[5] ?? "");
    await vote(two.page, voters[5] ?? "", ["for", "o2"]);
    await allDelivered(two.page);
    await office.pass(3);
    await one.offline(false);
    await allDelivered(page);
    expect(await queued(page, "refused")).toBe(0);
    for (let votes = 0; votes < 2; votes++) {
      await two.page.locator(".t-due").waitFor();
      if (votes === 0) await holds(two.page, "seal-due");
      await press(two.page, "封存");
      await sealedBy(two.page, clerk, supervisor);
      await shows(two.page, "idle");
    }
    await allDelivered(two.page);
    await two.page.locator(".t-status", { hasText: "都已记入本村记录" }).waitFor();
    await holds(two.page, "all-there");
  });

  it("forget every card once all is over, and end only with the clerk's card", async () => {
    await office.pass(3);
    await expect.poll(async () => /\["ready",\[\]\]/.test(await kept(one.page)), { timeout: 60_000 }).toBe(true);
    for (const trace of ['"choice"', '"nonce"']) expect(await kept(one.page)).not.toContain(trace);
    await press(one.page, "工作人员");
    await typeCard(one.page, clerk);
    await keys(one.page, PIN);
    await press(one.page, "结束终端模式");
    await shows(one.page, "checks");
  });

  it("leave a lawful record, in which the count by channel is what people pressed", async () => {
    for (let questions = 0; questions < 2; questions++) await walk.actOfTwo("chair", "result.announced", "supervision_committee");
    await office.page.goto(`/v/${village}/record`);
    const [download] = await Promise.all([office.page.waitForEvent("download"), office.page.locator("main a[download]").click()]);
    const file = join(demo.data, "village.sunvote");
    await download.saveAs(file);
    // Throws unless the program ends with 0: lawful.
    execFileSync(PROGRAM, ["verify", file], { stdio: "pipe" });
    const payloads = readFileSync(file, "utf8").split("\n").flatMap((line) => /"payload":"([^"]+)"/.exec(line)?.[1] ?? []);
    const statements = payloads.map((text) => JSON.parse(Buffer.from(text, "base64").toString()) as Record<string, unknown>).filter((one) => one["session"] === walk.session);
    const of = (kind: string): Record<string, unknown>[] => statements.filter((one) => one["kind"] === kind);
    expect(of("terminal.registered")).toHaveLength(2);
    expect(of("terminal.sealed")).toHaveLength(4);
    for (const question of ["q1", "q2"]) {
      const cast = of("ballot.cast").filter((one) => one["question"] === question);
      const kiosk = cast.filter((one) => one["channel"] === "kiosk");
      // Six voters, one of them twice; each terminal's count without a gap.
      expect(kiosk.map((one) => `${one["voter"]} ${one["revision"]}`).sort()).toEqual([...voters.map((name) => `${numbers.get(name)} 1`), `${numbers.get(voters[0] ?? "")} 2`].sort());
      const online = new Set(cast.filter((one) => one["channel"] === "online").map((one) => one["voter"]));
      const opened = of("ballots.opened").filter((one) => one["question"] === question).flatMap((one) => one["rows"] as { voter: number; choice: string }[]);
      expect(opened).toHaveLength(VOTERS + online.size);
      for (const name of voters) {
        const no = numbers.get(name) as number;
        expect(opened.find((one) => one.voter === no)?.choice, `${question} ${no}`).toBe(pressed.get(`${question} ${no}`));
      }
      const result = of("result.announced").find((one) => one["question"] === question) as { voted: number } | undefined;
      expect(result?.voted).toBe(VOTERS + online.size);
    }
    await office.page.goto(`/v/${village}/m/${walk.matter}`);
    expect(await office.page.innerText("main")).toMatch(new RegExp(`投票终端${VOTERS}`));
    expect([...faults, ...one.faults, ...two.faults]).toEqual([]);
  });
});

/** Two people seal the vote whose button was pressed. */
async function sealedBy(page: Page, first: string, second: string): Promise<void> {
  for (const name of [first, second]) {
    await shows(page, "signer");
    await typeCard(page, name);
    await keys(page, PIN);
  }
  await shows(page, "sealed");
  await holds(page, "sealed");
  await press(page, "知道了");
}

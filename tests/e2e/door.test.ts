/** The door of a session: a clerk's phone that scans printed cards, a second person's card and phone, the hall's screen, members by phone, papers. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { axe, launch, open, picture, ready, smallTargets, smallText, tooWide, type Window } from "./browser.ts";
import { cameraOf, cutOut, film, printSheets } from "./paper.ts";
import { type Person, words } from "./people.ts";
import { readQr } from "./phone.ts";
import { type Demo, PROGRAM, startDemo } from "./server.ts";
import { Walk } from "./walk.ts";

const PIN = "730264";

let browser: Browser, eye: Browser;
let demo: Demo;
let office: Person;
let walk: Walk;
let village = "";
/** Names of the clerk, of the committee member who signs with a card, of one who signs on a phone, and of two voters with cards. */
let clerk = "", watch = "", second = "";
let voters: string[] = [];
/** Links of the cards, and pictures of them cut out of the printed sheet, by name. */
const links = new Map<string, string>(), papers = new Map<string, Buffer>();
/** The third voter's number, as the phone shows it. */
let number: Buffer;
/** The clerk's phone and the hall's screen. */
let phone: Window, wall: Window;
const faults: string[] = [];

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "1");
  walk = await Walk.begin(browser, demo.origin);
  ({ office, village } = walk);
});
afterAll(async () => {
  await browser.close();
  await eye?.close();
  await demo.stop();
});

/** Names of those who hold a role in the demo. */
async function holders(role: string): Promise<string[]> {
  await office.page.goto(`/demo?village=${village}`);
  const held = office.page.locator("button.person", { has: office.page.locator(".person-role", { hasText: words("zh-CN", `role-${role.replace(/_/g, "-")}`) }) });
  return held.locator(".person-name").allInnerTexts();
}

async function goTo(page: Page, address: string): Promise<void> {
  await page.goto("about:blank");
  await page.goto(address);
  await ready(page);
}

/** Cards for some people: made, printed, their PINs chosen, enrolled by two. */
async function makeCards(names: string[]): Promise<void> {
  await office.take(village, "clerk");
  await office.page.goto(`/v/${village}/cards`);
  await ready(office.page);
  for (const name of names) await office.page.locator(`input[data-name="${name}"]`).check();
  await office.page.click("[data-make-cards]");
  await office.page.waitForSelector(".paper-card");
  const printed = await office.page.locator(".paper-card-name").allInnerTexts();
  const sheets = join(demo.data, "door-cards.pdf");
  await printSheets(office.page, sheets);
  for (const [nth, said] of printed.entries()) {
    const file = cutOut(sheets, nth, demo.data);
    const name = names.find((one) => said.includes(one)) ?? "";
    papers.set(name, readFileSync(file));
    links.set(name, readQr(readFileSync(file)));
  }
  expect([...links.keys()].sort()).toEqual([...names].sort());
  const shared = await open(browser, demo.origin, { width: 360 });
  for (const link of links.values()) {
    await goTo(shared.page, link);
    await shared.page.check("input[name=use][value=first]");
    await shared.page.fill("[name=pin]", PIN);
    await shared.page.fill("[name=again]", PIN);
    await shared.page.click("form[data-card] button:not([type])");
    await shared.page.waitForSelector("form[data-card] [data-outcome][data-tone=good]");
  }
  await shared.context.close();
  for (const name of names) await office.page.locator("li", { has: office.page.locator(`input[data-name="${name}"]`) }).locator(".card-held[data-tone=good]").waitFor();
  await office.page.click("[data-needs-enrolment]");
  const other = await office.page.locator("form[data-sign]").innerText();
  await office.signDraft();
  await office.takeNamed(village, "supervision_committee", (await holders("supervision_committee")).find((name) => other.includes(name)) ?? "");
  await office.signSecond();
}

/** Logs in with a card at a phone. */
async function withCard(page: Page, name: string): Promise<void> {
  await goTo(page, links.get(name) ?? "");
  await page.check("input[name=use][value=login]");
  await page.fill("[name=pin]", PIN);
  await page.click("form[data-card] button:not([type])");
  await page.waitForURL("**/tasks");
}

const door = (): string => `/v/${village}/s/${walk.session}/door`;
const row = (page: Page, name: string): ReturnType<Page["locator"]> => page.locator(`.door-row[data-name="${name}"]`);
const there = (page: Page): Promise<number> => page.locator("[data-there]").innerText().then(Number);

/** The clerk signs the lists with the own card; the second person with theirs, at the same phone. */
async function signHere(page: Page, code: string): Promise<void> {
  await page.click("[data-sign]");
  await page.waitForSelector("dialog.door-window");
  await page.getByRole("button", { name: "他用签名卡在这里签" }).click();
  await page.fill("dialog.door-window [name=code]", code);
  await page.fill("dialog.door-window [name=pin]", PIN);
  await picture(page, "door-card-360");
  await page.click("dialog.door-window button:not([type])");
  await page.fill("dialog.pin-window input", PIN);
  await page.click("dialog.pin-window button >> nth=0");
  await page.waitForSelector("[data-line][data-tone=good]").catch(async () => {
    throw new Error(`not signed: ${await page.locator("dialog, [data-line]").allInnerTexts()}`);
  });
}

const codeOf = (name: string): string => /s=([0-9A-Z]+)/.exec(links.get(name) ?? "")?.[1] ?? "";

/** What every page is held to, at the phone's width. */
async function heldTo(page: Page): Promise<void> {
  // What lies half under the part that stays in place is no target then: people scroll.
  await page.evaluate(() => scrollTo(0, 0));
  expect(await tooWide(page)).toEqual([]);
  expect(await smallTargets(page, 44)).toEqual([]);
  expect(await smallText(page, 16)).toEqual([]);
  expect(await axe(page)).toEqual([]);
}

describe("the door", () => {
  it("is that of a session which was called", async () => {
    clerk = await office.take(village, "clerk");
    const committee = await holders("supervision_committee");
    [second, watch] = [committee[0] ?? "", committee.at(-1) ?? ""];
    await walk.propose();
    await walk.consult();
    await walk.file();
    expect(await walk.call()).toBe(true);
  });

  it("knows printed cards, whose PINs their holders chose, and numbers on phones", async () => {
    await office.take(village, "clerk");
    await office.page.goto(door());
    const names = await office.page.locator(".door-row").evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset["name"] ?? ""));
    voters = names.filter((name) => ![clerk, watch, second].includes(name)).slice(0, 3);
    await makeCards([clerk, watch, ...voters.slice(0, 2)]);
    // The third voter has no card but a phone that shows a number.
    await office.takeNamed(village, "representative", voters[2] ?? "");
    await office.page.goto(`/v/${village}/s/${walk.session}`);
    await office.page.locator('main a[href$="/number"]').click();
    expect(await office.page.locator(".number-name").innerText()).toBe(voters[2]);
    await picture(office.page, "number-1440");
    number = await office.page.locator(".qr").screenshot();
    expect(readQr(number)).toMatch(new RegExp(`/v/${village}/s/${walk.session}/number#no=\\d+$`));
  });

  it("opens on the clerk's phone", async () => {
    const at = (name: string | undefined): Buffer | undefined => papers.get(name ?? "");
    const file = join(demo.data, "door.mjpeg");
    await film(office.page.context(), file, [undefined, at(voters[0]), undefined, at(voters[0]), undefined, at(voters[1]), undefined, number, undefined]);
    eye = await launch(...cameraOf(file));
    phone = await open(eye, demo.origin, { width: 360 });
    await phone.context.grantPermissions(["camera"]);
    wall = await open(browser, demo.origin, {});
    await wall.page.goto(`/v/${village}/s/${walk.session}/screen`);
    await ready(wall.page);
    await withCard(phone.page, clerk);
    await phone.page.locator(`main a[href="${door()}"]`).first().tap();
    await ready(phone.page);
    expect(await there(phone.page)).toBe(0);
    await heldTo(phone.page);
    await picture(phone.page, "door-360");
  });

  it("signs in whose card or phone is held up, and says when the same is held up again", async () => {
    const { page } = phone;
    await page.click("[data-scan]");
    await page.waitForSelector(".door-seen[data-tone=good] b");
    await page.waitForFunction((name) => document.querySelector(".door-seen[data-tone=good] b")?.textContent?.includes(name), voters[0] ?? "");
    await picture(page, "door-scan-360");
    await page.waitForSelector(".door-seen[data-tone=twice]");
    expect(await page.locator(".door-seen").innerText()).toContain(voters[0]);
    for (const name of voters) await row(page, name).and(page.locator("[aria-pressed=true]")).waitFor();
    await heldTo(page);
    await page.getByRole("button", { name: "不扫了" }).click();
    expect(await page.locator("[data-marked]").innerText()).toContain("3");
  });

  it("finds people by name and number, and takes a mark back", async () => {
    const { page } = phone;
    await page.fill("[data-find]", (voters[2] ?? "").slice(0, 2));
    expect(await row(page, voters[2] ?? "").isVisible()).toBe(true);
    const shown = await page.locator(".door-row:visible").count();
    await page.fill("[data-find]", "没有这个人");
    expect(await page.locator("[data-nobody]").isVisible()).toBe(true);
    await page.fill("[data-find]", "");
    expect(await page.locator(".door-row:visible").count()).toBeGreaterThan(shown);
    const other = page.locator(".door-row[aria-pressed=false]").last();
    await other.tap();
    expect(await page.locator("[data-marked]").innerText()).toContain("4");
    // What is marked outlives the page: a phone may be put away.
    await page.reload();
    await ready(page);
    expect(await page.locator("[data-marked]").innerText()).toContain("4");
    await page.locator(".door-row[aria-pressed=true]").last().tap();
    expect(await page.locator("[data-marked]").innerText()).toContain("3");
  });

  it("puts the list on record with both signatures, and the screen shows it at once", async () => {
    const { page } = phone;
    await page.click("[data-sign]");
    await page.waitForSelector("dialog.door-window");
    await picture(page, "door-sign-360");
    await heldTo(page);
    await page.locator("dialog.door-window").getByRole("button", { name: "取消" }).click();
    await signHere(page, codeOf(watch));
    await page.waitForFunction(() => document.querySelector("[data-there]")?.textContent === "3");
    expect(await page.locator("[data-sign-bar]").isVisible()).toBe(false);
    await wall.page.waitForFunction(() => [...document.querySelectorAll(".screen-there dd")].some((one) => one.textContent === "3"));
    await picture(page, "door-signed-360");
  });

  it("lets a second person sign on the own phone: late arrivals, and who leaves", async () => {
    const { page } = phone;
    const late = page.locator('.door-row[data-is="away"]').last();
    const name = (await late.getAttribute("data-name")) ?? "";
    await late.tap();
    await page.getByRole("button", { name: "离场" }).tap();
    await row(page, voters[1] ?? "").tap();
    await page.click("[data-sign]");
    await page.selectOption("dialog.door-window select", { label: `${second} · ${words("zh-CN", "role-supervision-committee")}` });
    await page.getByRole("button", { name: "我先签，他在自己手机上签" }).click();
    await page.fill("dialog.pin-window input", PIN);
    await page.click("dialog.pin-window button >> nth=0");
    await page.waitForSelector("[data-waiting]:not([hidden])");
    expect(await page.locator("[data-waiting]").innerText()).toContain(second);
    await picture(page, "door-waiting-360");
    await office.takeNamed(village, "supervision_committee", second);
    await office.page.goto(door());
    await ready(office.page);
    expect(await office.page.locator("[data-waiting]").innerText()).toContain(name);
    await office.page.locator("[data-waiting] a").click();
    await ready(office.page);
    await office.signDraft();
    await page.waitForSelector("[data-waiting][hidden]", { state: "attached" });
    await row(page, name).and(page.locator('[data-is="hall"]')).waitFor();
    await row(page, voters[1] ?? "").and(page.locator('[data-is="left"]')).waitFor();
    // Back again, with a card.
    await page.getByRole("button", { name: "签到", exact: true }).tap();
    await row(page, voters[1] ?? "").tap();
    await signHere(page, codeOf(watch));
    await row(page, voters[1] ?? "").and(page.locator('[data-is="hall"]')).waitFor();
  });

  it("calls the members by phone, and two people say that they saw them", async () => {
    const { page } = phone;
    await office.letOthers(village);
    await page.waitForFunction(() => Number(document.querySelector("[data-there]")?.textContent) > 30);
    await page.fill("[name=link]", "https://meeting.example/j/481");
    await Promise.all([page.waitForEvent("load"), page.locator('form[action$="/door/meeting"] button').click()]);
    await ready(page);
    expect(await page.inputValue("[name=link]")).toBe("https://meeting.example/j/481");
    const call = (of: Page): ReturnType<Page["locator"]> => of.locator("[data-calls] li").first();
    await call(page).getByRole("button").scrollIntoViewIfNeeded();
    const called = await call(page).locator("b").innerText();
    await call(page).getByRole("button").tap();
    await page.waitForFunction(() => document.querySelector("[data-calls] li .door-note")?.textContent?.includes("还要一个人")).catch(async () => {
      throw new Error(`not noted: ${await page.locator("[data-calls]").innerText()} ${await page.locator("[data-line]").innerText()}`);
    });
    await office.takeNamed(village, "supervision_committee", second);
    await office.page.goto(door());
    await ready(office.page);
    expect(await call(office.page).locator("b").innerText()).toBe(called);
    await call(office.page).getByRole("button").click();
    await page.waitForSelector("[data-calls] li .door-note[data-tone=good]");
    await page.fill("#observer-who", "驻村干部 潘小青");
    await page.locator("[data-add=observer] button").tap();
    await page.locator("[data-observers] li b").waitFor();
    await page.fill("#scribe-no", "3");
    await page.locator("[data-add=scribe] button").tap();
    await page.locator("[data-scribes] li b").waitFor();
    await heldTo(page);
    await picture(page, "door-calls-360");
    // A member sees the link, and nobody else.
    await office.takeNamed(village, "representative", voters[2] ?? "");
    await office.page.goto(`/v/${village}/s/${walk.session}`);
    expect(await office.page.locator('a[href="https://meeting.example/j/481"]').count()).toBe(1);
    const stranger = await open(browser, demo.origin);
    await stranger.page.goto(`/v/${village}/s/${walk.session}`);
    expect(await stranger.page.content()).not.toContain("meeting.example");
    await stranger.context.close();
  });

  it("goes on without the network with cards that were made ready, and delivers once it is back", async () => {
    const { page, context } = phone;
    for (const name of [clerk, watch]) {
      await page.click("[data-make-ready]");
      await page.fill("dialog.door-window [name=code]", codeOf(name));
      await page.fill("dialog.door-window [name=pin]", PIN);
      await page.click("dialog.door-window button:not([type])");
      await page.waitForSelector("dialog.door-window", { state: "detached" });
    }
    expect(await page.locator("[data-ready-cards] li").allInnerTexts()).toEqual(expect.arrayContaining([`✓ ${watch}`]));
    expect(await page.locator("[data-ready-cards] li").count()).toBe(2);
    await context.setOffline(true);
    await page.getByRole("button", { name: "离场" }).tap();
    await row(page, voters[1] ?? "").tap();
    await signHere(page, codeOf(watch));
    expect(await page.locator("[data-line]").innerText()).toContain("有了网络自动送出去");
    const waits = page.locator("[data-waiting] li");
    expect(await waits.innerText()).toContain("两人已签，等网络");
    await row(page, voters[1] ?? "").tap();
    expect(await page.locator("[data-line]").innerText()).toContain("等第二个人签");
    // The phone is switched off and on: the page comes back without the network, and so does what waits.
    await page.reload();
    await ready(page);
    expect(await waits.innerText()).toContain(voters[1]);
    await heldTo(page);
    await picture(page, "door-offline-360");
    await context.setOffline(false);
    await page.waitForSelector("[data-waiting][hidden]", { state: "attached" });
    await row(page, voters[1] ?? "").and(page.locator('[data-is="left"]')).waitFor();
  });

  it("hands papers to people, with the committee's signature where a ballot is replaced", async () => {
    const { page } = phone;
    await walk.act("chair", "voting.opened", {}, walk.session);
    // The third voter votes by phone, then wants a paper.
    await office.takeNamed(village, "representative", voters[2] ?? "");
    await office.page.goto("/tasks");
    await office.page.locator(`main a[href*="/vote/${walk.session}"]`).first().click();
    await office.page.locator('main a[href$="/choose"]').first().click();
    await office.page.locator('button[name=choice][value="for"]').click();
    await office.page.locator("form[data-vote] button:not([type]), form[data-vote] .button-sign").first().click();
    await office.page.waitForURL("**/receipt/**");
    await row(page, voters[2] ?? "").and(page.locator('[data-is="voted"]')).waitFor();
    await page.getByRole("button", { name: /^领票/ }).first().tap();
    await row(page, voters[0] ?? "").tap();
    await row(page, voters[2] ?? "").tap();
    await page.click("[data-sign]");
    expect(await page.locator("dialog.door-window .notice-box").innerText()).toContain("监督委员会");
    await picture(page, "door-paper-360");
    await page.locator("dialog.door-window").getByRole("button", { name: "取消" }).click();
    await signHere(page, codeOf(watch));
    for (const name of [voters[0], voters[2]]) await row(page, name ?? "").and(page.locator('[data-is="paper"]')).waitFor();
    // One each: a spoiled one is replaced, and two people saw it.
    await row(page, voters[0] ?? "").tap();
    expect(await page.locator("[data-line]").innerText()).toContain("已经领过票");
    await page.locator("[data-spoiled] button").first().tap();
    await page.locator("[data-spoiled] li b").first().waitFor();
    await office.takeNamed(village, "supervision_committee", second);
    await office.page.goto(door());
    await ready(office.page);
    await office.page.getByRole("button", { name: /^我也看到了/ }).click();
    await page.waitForSelector("[data-spoiled] li .door-note[data-tone=good]");
    await heldTo(page);
    await picture(page, "door-papers-360");
  });

  it("is looked at in every size and language, and reads without a script", async () => {
    for (const reader of [{ width: 360, elder: true }, { width: 768 }, { width: 360, lang: "en" }, { width: 768, dark: true }, { width: 1440 }] as const) {
      const one = await open(browser, demo.origin, reader);
      await one.context.addCookies(await office.page.context().cookies().then((all) => all.filter(({ name }) => name === "sunvote")));
      await one.page.goto(door());
      await ready(one.page);
      await heldTo(one.page);
      await picture(one.page, `door-${Object.values(reader).join("-")}`);
      faults.push(...one.faults);
      await one.context.close();
    }
    const still = await open(browser, demo.origin, { script: false });
    await still.context.addCookies(await office.page.context().cookies().then((all) => all.filter(({ name }) => name === "sunvote")));
    await still.page.goto(door());
    expect(await row(still.page, voters[0] ?? "").innerText()).toContain(words("zh-CN", "door-row-hall"));
    await still.context.close();
  });

  it("leaves a lawful record, and nothing of a card in the clerk's browser but the own one in use", async () => {
    const kept = await phone.page.evaluate(async () => {
      const db = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open("sunvote");
        request.onsuccess = () => resolve(request.result);
      });
      const all: unknown[] = [Object.entries(sessionStorage), Object.entries(localStorage)];
      for (const store of db.objectStoreNames) {
        all.push(await new Promise((resolve) => {
          const request = db.transaction(store).objectStore(store).getAll();
          request.onsuccess = () => resolve([store, request.result]);
        }));
      }
      return JSON.stringify(all);
    });
    for (const name of [watch, ...voters.slice(0, 2)]) expect(kept.replaceAll("-", "")).not.toContain(codeOf(name));
    expect(kept).not.toContain(PIN);
    await office.page.goto(`/v/${village}/record`);
    const [download] = await Promise.all([office.page.waitForEvent("download"), office.page.locator("main a[download]").click()]);
    const file = join(demo.data, "village.sunvote");
    await download.saveAs(file);
    execFileSync(PROGRAM, ["verify", file], { stdio: "pipe" });
    const said = readFileSync(file, "utf8").split("\n").flatMap((line) => /"payload":"([^"]+)"/.exec(line)?.[1] ?? []).map((text) => Buffer.from(text, "base64").toString());
    const of = (kind: string): string[] => said.filter((text) => text.includes(`"kind":"${kind}"`) && text.includes(walk.session));
    expect([of("attendance.recorded").length, of("paper.issued").length]).toEqual([4, 1]);
    for (const text of said) expect(text).not.toContain("meeting.example");
    // While the network was away nothing else went wrong.
    const away = phone.faults.filter((fault) => !fault.includes("ERR_INTERNET_DISCONNECTED"));
    expect([...faults, ...away, ...wall.faults, ...office.window.faults]).toEqual([]);
  });
});

/** Printed cards with a PIN: made, printed, scanned from paper, used in browsers that know nothing of them, lost, and made anew. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { formatCardCode, parseCard } from "../../web/src/card.ts";
import { axe, launch, open, picture, ready, smallTargets, tooWide, type Window } from "./browser.ts";
import { cameraOf, cutOut, film, printSheets } from "./paper.ts";
import { type Person, words } from "./people.ts";
import { readQr } from "./phone.ts";
import { type Demo, PROGRAM, startDemo } from "./server.ts";
import { Walk } from "./walk.ts";

const PIN = "730264";

let browser: Browser;
let demo: Demo;
let office: Person;
let walk: Walk;
/** A phone that everybody in the hall uses, one after the other. */
let shared: Window;
let village = "", voter = "";
/** The picture of the voter's card on the printed sheet, and what its QR code says. */
let paper = "", link = "", code = "";
const faults: string[] = [];

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "1");
  walk = await Walk.begin(browser, demo.origin);
  ({ office, village } = walk);
  voter = await office.take(village, "representative");
  shared = await open(browser, demo.origin, { width: 360 });
});
afterAll(async () => {
  await browser.close();
  await demo.stop();
});

/** Ticks the voter, and so many others, and makes their cards. */
async function makeCards(others: number): Promise<void> {
  await office.take(village, "clerk");
  await office.page.goto(`/v/${village}/cards`);
  await ready(office.page);
  await office.page.locator(`input[data-name="${voter}"]`).check();
  const boxes = await office.page.locator("input[name=person]:enabled:not(:checked)").all();
  for (const box of boxes.slice(0, others)) await box.check();
  await office.page.click("[data-make-cards]");
  await office.page.waitForSelector(".paper-card");
}

/** Where the printed sheets are: beside the pictures, where these are taken. */
const sheets = (): string => join(process.env["SCREENSHOTS"] ?? demo.data, "cards.pdf");

/** The sheets as they come out of the printer, one picture a page; finds the voter's card on them and reads its QR code. */
async function print(): Promise<string[]> {
  const [pdf, pages] = [sheets(), join(demo.data, "cards")];
  await printSheets(office.page, pdf);
  await office.page.emulateMedia({ media: "print" });
  const cut = await office.page.locator(".paper-card").evaluateAll((cards) => cards.filter((card) => card.scrollHeight > card.clientHeight + 1).length);
  expect(cut).toBe(0);
  await office.page.emulateMedia({ media: null });
  const text = execFileSync("pdftotext", ["-layout", pdf, "-"], { encoding: "utf8" });
  expect(text).toContain(voter);
  // Fonts of the interface come as shapes, of which poppler says that their boxes are empty.
  execFileSync("pdftoppm", ["-r", "200", "-png", pdf, pages], { stdio: "ignore" });
  const found = execFileSync("sh", ["-c", `for page in "${pages}"-*.png; do zbarimg --quiet --raw --nodbus "$page"; done`], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return found.trim().split("\n");
}

/** Opens a card's page in a browser that knows nothing of it, chooses what to do there, and types the PIN. */
async function withCard(page: Page, use: "login" | "first", pin: string, again = pin): Promise<void> {
  await page.check(`input[name=use][value=${use}]`);
  await page.fill("[name=pin]", pin);
  if (use === "first") await page.fill("[name=again]", again);
  await page.click("form[data-card] button:not([type])");
}

/** What the card's page says then. */
async function told(page: Page, tone: "good" | "bad"): Promise<string> {
  const outcome = page.locator(`form[data-card] [data-outcome][data-tone=${tone}]`);
  await outcome.waitFor().catch(async () => {
    throw new Error(`nothing ${tone}: ${await page.locator("main").innerText()}`);
  });
  return outcome.innerText();
}

async function goTo(page: Page, address: string): Promise<void> {
  // A new fragment alone would not load the page anew.
  await page.goto("about:blank");
  await page.goto(address);
  await ready(page);
}

/** What a browser keeps in its stores. */
function kept(page: Page): Promise<string> {
  return page.evaluate(async () => {
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
}

/** Clerk and supervision committee enrol what answered. */
async function enrol(fingerprint: string): Promise<void> {
  const line = office.page.locator("li", { has: office.page.locator(`input[data-name="${voter}"]`) });
  await line.locator(".card-held[data-tone=good]").waitFor();
  expect(await line.innerText()).toContain(fingerprint);
  await picture(office.page, "cards-answered");
  await office.page.click("[data-needs-enrolment]");
  expect(await office.page.locator("form[data-sign]").innerText()).toContain(fingerprint);
  await office.signDraft();
  await office.take(village, "supervision_committee");
  await office.signSecond();
}

describe("printed cards", () => {
  it("are printed eight a sheet, and each QR code is read from paper", async () => {
    await makeCards(9);
    expect(await tooWide(office.page)).toEqual([]);
    expect(await axe(office.page)).toEqual([]);
    await picture(office.page, "cards-made");
    const codes = await office.page.locator(".paper-card code").allInnerTexts();
    const read = await print();
    const spelled = (text: string): string => text.trim().replace(/\s+/g, "-");
    const scanned = read.map((one) => {
      const card = parseCard(one);
      expect([one.startsWith(`${demo.origin}/card#`), card?.village]).toEqual([true, village]);
      return formatCardCode(card?.secret ?? new Uint8Array());
    });
    expect(scanned.sort()).toEqual(codes.map(spelled).sort());
    expect(codes).toHaveLength(10);
    const names = await office.page.locator(".paper-card-name").allInnerTexts();
    const nth = names.findIndex((name) => name.includes(voter));
    code = spelled(codes[nth] ?? "");
    paper = cutOut(sheets(), nth, demo.data);
    link = readQr(readFileSync(paper));
    expect(formatCardCode(parseCard(link)?.secret ?? new Uint8Array())).toBe(code);
    // The browser in which they were made keeps what it needs to know an answer by, and no secret.
    const said = await kept(office.page);
    expect(said).not.toContain(code);
    expect(said).toContain('"cards"');
  });

  it("get a PIN from their holders, who are told which are too easily guessed", async () => {
    await goTo(shared.page, link);
    expect(await shared.page.evaluate(() => location.href + JSON.stringify(history.state))).not.toContain(code.replaceAll("-", ""));
    for (const [pin, words] of [["123456", "连着"], ["000000", "重复"], ["560312", "生日"]] as const) {
      await withCard(shared.page, "first", pin);
      expect(await told(shared.page, "bad")).toContain(words);
    }
    await withCard(shared.page, "first", PIN, "730265");
    expect(await told(shared.page, "bad")).toContain("不一样");
    expect(await tooWide(shared.page)).toEqual([]);
    expect(await smallTargets(shared.page, 44)).toEqual([]);
    expect(await axe(shared.page)).toEqual([]);
    await picture(shared.page, "card-first-360");
    await withCard(shared.page, "first", PIN);
    const fingerprint = /([0-9a-f]{4} ){3}[0-9a-f]{4}/.exec(await told(shared.page, "good"))?.[0] ?? "";
    await picture(shared.page, "card-made-360");
    // Who finds the card later can't choose another PIN for it.
    await goTo(shared.page, link);
    await withCard(shared.page, "first", "418390");
    expect(await told(shared.page, "bad")).toContain("已经有人选过密码");
    await goTo(shared.page, link);
    await withCard(shared.page, "login", PIN);
    expect(await told(shared.page, "bad")).toContain("没登记好");
    await enrol(fingerprint);
  });

  it("log in by photo, by typed code and by camera, each in a browser of its own", async () => {
    const typed = await open(browser, demo.origin, { width: 360, elder: true });
    await goTo(typed.page, "/card");
    await typed.page.fill("[name=code]", code.toLowerCase().replaceAll("-", " "));
    await typed.page.fill("[name=village]", village);
    expect(await tooWide(typed.page)).toEqual([]);
    await picture(typed.page, "card-elder-360");
    await withCard(typed.page, "login", PIN);
    await typed.page.waitForURL("**/tasks");
    expect(await typed.page.innerText(".card-bar")).toContain(voter);
    await picture(typed.page, "card-bar-elder-360");
    const photo = await open(browser, demo.origin, { width: 1440 });
    await goTo(photo.page, "/card");
    await photo.page.setInputFiles("[data-scan-photo]", paper);
    await photo.page.waitForSelector("[data-card-read]:not([hidden])");
    await picture(photo.page, "card-read-1440");
    await withCard(photo.page, "login", PIN);
    await photo.page.waitForURL("**/tasks");
    const eye = await launch(...cameraOf(await film(photo.context, join(demo.data, "camera.mjpeg"), [readFileSync(paper)])));
    const camera = await open(eye, demo.origin, { width: 360 });
    await camera.context.grantPermissions(["camera"]);
    await goTo(camera.page, "/card");
    await camera.page.click("[data-scan]");
    await camera.page.waitForSelector("[data-card-read]:not([hidden])");
    await withCard(camera.page, "login", PIN);
    await camera.page.waitForURL("**/tasks");
    faults.push(...typed.faults, ...photo.faults, ...camera.faults);
    await eye.close();
    for (const one of [typed, photo]) await one.context.close();
  });

  it("leave a shared phone with nothing when their holders are done, idle, or have closed the page", async () => {
    const { page, context } = shared;
    const end = async (how: () => Promise<void>): Promise<void> => {
      await goTo(page, link);
      await withCard(page, "login", PIN);
      await page.waitForURL("**/tasks");
      await ready(page);
      await how();
      await page.waitForURL("**/card");
      const left = await kept(page);
      for (const secret of [code, code.replaceAll("-", ""), PIN]) expect(left).not.toContain(secret);
      expect((await context.cookies()).map(({ name }) => name)).not.toContain("sunvote");
      expect(await page.locator(".card-bar").count()).toBe(0);
    };
    await end(() => page.click(".card-bar button"));
    await end(async () => {
      await page.evaluate(() => sessionStorage.clear());
      await page.reload();
    });
    await page.clock.install();
    await end(() => page.clock.fastForward(5 * 60_000 + 10_000));
    await page.clock.resume();
  });

  it("cast a ballot, PIN typed for each signature, and the choice stays in no store", async () => {
    await walk.propose();
    await walk.consult();
    await walk.file();
    expect(await walk.call()).toBe(true);
    const { page } = shared;
    await goTo(page, link);
    await withCard(page, "login", PIN);
    await page.waitForURL("**/tasks");
    const sign = async (pin: string): Promise<void> => {
      await page.fill("dialog.pin-window input", pin);
      await picture(page, "card-pin-360");
      await page.click("dialog.pin-window button >> nth=0");
    };
    await page.locator(`main a[href*="attendance.checked_in"][href*="${walk.session}"]`).tap();
    await page.locator("main form.form button[value=sign]").tap();
    await ready(page);
    await page.locator("form[data-sign] .button-sign").tap();
    await sign("730265");
    await page.waitForSelector("form[data-sign] [data-tone=bad]");
    await page.locator("form[data-sign] .button-sign").tap();
    await sign(PIN);
    await page.waitForURL("**/done/**");
    await office.letOthers(village);
    await walk.act("chair", "voting.opened", {}, walk.session);
    await page.goto("/tasks");
    await page.locator(`main a[href*="/vote/${walk.session}"]`).first().tap();
    await page.locator('main a[href$="/choose"]').first().tap();
    await page.locator('button[name=choice][value="against"]').tap();
    await page.click("dialog .cast");
    await sign(PIN);
    await page.waitForURL("**/receipt/**");
    await page.waitForSelector("[data-receipt] [data-tone=good]");
    expect(await tooWide(page)).toEqual([]);
    await picture(page, "card-receipt-360");
    await page.click(".card-bar button");
    await page.waitForURL("**/card");
    await goTo(page, "/my-ballots");
    expect(await page.locator("[data-ballot]").count()).toBe(0);
    expect(await kept(page)).not.toContain("against");
  });

  it("are locked after wrong PINs, revoked and made anew by two, on record", async () => {
    const { page } = shared;
    await goTo(page, link);
    for (let tries = 0; tries < 5; tries++) {
      await withCard(page, "login", "905817");
      expect(await told(page, "bad")).toContain("密码不对");
      await page.evaluate(() => document.querySelector("form[data-card] [data-outcome]")?.remove());
    }
    await withCard(page, "login", PIN);
    expect(await told(page, "bad")).toContain("试得太多");
    await picture(page, "card-locked-360");
    await office.pass(3);
    await withCard(page, "login", PIN);
    await page.waitForURL("**/tasks");
    await ready(page);
    await page.click(".card-bar button");
    await page.waitForURL("**/card");

    await office.take(village, "clerk");
    await office.page.goto(`/v/${village}/cards`);
    const line = office.page.locator("li", { has: office.page.locator(`input[data-name="${voter}"]`) });
    await line.locator("a[href*='key.revoked']").click();
    await ready(office.page);
    expect(await office.page.locator('[name="key"] option:checked').innerText()).toContain(`${voter} · ${words("zh-CN", "key-kind-card")}`);
    const second = await office.page.locator('[name="second.0"] option', { hasText: ` · ${words("zh-CN", "role-supervision-committee")}` }).first().innerText();
    await office.fill({ "second.0": second });
    await picture(office.page, "cards-revoke");
    await office.sign();
    await office.takeNamed(village, "supervision_committee", second.split(" · ")[0] ?? "");
    await office.signSecond();
    await goTo(page, link);
    await withCard(page, "login", PIN);
    expect(await told(page, "bad")).toContain("已经作废");
    await makeCards(0);
    link = (await print())[0] ?? "";
    await goTo(page, link);
    await withCard(page, "first", "905817");
    const fingerprint = /([0-9a-f]{4} ){3}[0-9a-f]{4}/.exec(await told(page, "good"))?.[0] ?? "";
    await enrol(fingerprint);
    await goTo(page, link);
    await withCard(page, "login", "905817");
    await page.waitForURL("**/tasks");
  });

  it("leave a record that is lawful, with cards and a revocation in it", async () => {
    await office.page.goto(`/v/${village}/record`);
    const [download] = await Promise.all([office.page.waitForEvent("download"), office.page.locator("main a[download]").click()]);
    const file = join(demo.data, "village.sunvote");
    await download.saveAs(file);
    // Throws unless the program ends with 0: lawful.
    execFileSync(PROGRAM, ["verify", file], { stdio: "pipe" });
    const payloads = readFileSync(file, "utf8").split("\n").flatMap((line) => /"payload":"([^"]+)"/.exec(line)?.[1] ?? []);
    const said = payloads.map((text) => Buffer.from(text, "base64").toString());
    expect(said.filter((text) => text.includes('"key_kind":"card"'))).toHaveLength(2);
    expect(said.filter((text) => text.includes('"kind":"key.revoked"'))).toHaveLength(1);
    expect([...faults, ...office.window.faults, ...shared.faults]).toEqual([]);
  });
});

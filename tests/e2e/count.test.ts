/** Paper ballots counted by two people on two devices: they differ, settle it and sign; then the count is disputed and done again. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Gray, type Layout, readBallot } from "../../web/src/marks.ts";
import { launch, picture, ready } from "./browser.ts";
import { cameraOf } from "./paper.ts";
import { type Person, words } from "./people.ts";
import { drawn, film, marked, type Pen, photographed, png, printed, type View } from "./photographs.ts";
import { type Demo, PROGRAM, startDemo } from "./server.ts";
import { BallotBox, looksRight, type Teller } from "./tellers.ts";
import { Walk } from "./walk.ts";

/** What scripts of the count say. */
const clientWords = (key: string): string => new RegExp(`^${key} = (.*)$`, "m").exec(readFileSync(new URL("../../web/locales/client/count/zh-CN.ftl", import.meta.url), "utf8"))?.[1] ?? key;
/** Voters who take a paper. */
const PAPERS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];

let browser: Browser;
let demo: Demo;
let office: Person;
let walk: Walk;
let village = "";
let hall: BallotBox;
/** The printed ballot without its stub, in Chinese and with English, and where its boxes are. */
const blanks: Gray[] = [];
const layouts: Layout[] = [];
let counter: Teller;
let scrutineer: Teller;

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
    hall = new BallotBox(walk, browser, demo.origin);
    await hall.hands(PAPERS);
    await office.letOthers(village);
    await hall.closes();
    [counter, scrutineer] = await hall.tellers({ width: 360 }, { width: 768, elder: true });
  });

  it("are tapped one by one on a phone, with the last tap taken back, and nothing but sums is kept", async () => {
    const { page } = counter.person;
    await page.goto("/tasks");
    await page.locator(`main a[href="${hall.count}"]`).first().tap();
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
    await scrutineer.signs();
    await counter.signsToo();
    await counter.opens();
    expect(await counter.person.page.innerText("main")).toContain(words("zh-CN", "count-shut-counted"));
    await looksRight(counter, "count-done-360");
  });

  it("are disputed", async () => {
    await office.take(village, "representative");
    await hall.begin("ballot.disputed");
    await office.fill({ text: "唱票时看见有一张赞成票被记成了反对。" });
    await office.sign();
    await office.take(village, "clerk");
    for (const english of [false, true]) {
      const file = await office.page.context().request.get(`/v/${village}/s/${walk.session}/ballots/${walk.matter}/q1/file?count=1${english ? "&english=1" : ""}`);
      const path = join(demo.data, `ballot-${english}.pdf`);
      writeFileSync(path, await file.body());
      blanks.push(printed(path));
    }
    await counter.opens();
    layouts.push(...(JSON.parse((await counter.person.page.getAttribute("[data-count-photos]", "data-layouts")) ?? "[]") as Layout[]));
    expect(layouts.map(({ boxes }) => boxes.length)).toEqual([3, 3]);
  });

  it("are read from photographs of the printed ballots: what is clear is read right or left to people, never wrong", () => {
    const random = drawn(20261128);
    const pens = ["tick", "cross", "circle"] as const;
    const told = { right: 0, unsure: 0, wrong: 0, unfound: 0 };
    for (let nth = 0; nth < 60; nth++) {
      const [kind, option, pen] = [nth % 2, nth % 3, pens[Math.floor(nth / 3) % 3] as Pen];
      const box = (layouts[kind] as Layout).boxes[option] as Layout["boxes"][number];
      const view = { turn: (random() - 0.5) * 24 + (nth % 10 === 9 ? 180 : 0), aslant: 0.16, light: 0.45 + 0.55 * random(), blur: nth % 3, noise: 10 };
      const reading = readBallot(photographed(marked(blanks[kind] as Gray, box, pen, random), view, random), layouts);
      told[reading === undefined ? "unfound" : reading.suggests === undefined ? "unsure" : reading.suggests === option ? "right" : "wrong"]++;
    }
    console.info("clear marks", told);
    expect(told.wrong).toBe(0);
    expect(told.right).toBeGreaterThanOrEqual(57);
  });

  it("are left to people where nothing stands out: blank, marked twice, or hardly marked", () => {
    const random = drawn(7);
    const told = { unsure: 0, suggested: 0 };
    for (let nth = 0; nth < 30; nth++) {
      const [blank, { boxes }] = [blanks[nth % 2] as Gray, layouts[nth % 2] as Layout];
      const [one, other] = [boxes[nth % 3] as Layout["boxes"][number], boxes[(nth + 1) % 3] as Layout["boxes"][number]];
      const twice = (): Gray => marked(marked(blank, one, "tick", random), other, "cross", random);
      const sheet = nth < 10 ? blank : nth < 20 ? twice() : marked(blank, one, "dot", random, 205);
      const view = { turn: (random() - 0.5) * 20, aslant: 0.14, light: 0.5 + 0.5 * random(), blur: nth % 3, noise: 10 };
      told[readBallot(photographed(sheet, view, random), layouts)?.suggests === undefined ? "unsure" : "suggested"]++;
    }
    console.info("unclear papers", told);
    expect(told).toEqual({ unsure: 30, suggested: 0 });
  });

  it("are photographed with the camera of a tablet, too", async () => {
    const random = drawn(5);
    const view = { turn: 6, aslant: 0.1, light: 0.8, blur: 1, noise: 6 };
    const path = join(demo.data, "camera.y4m");
    writeFileSync(path, film(photographed(marked(blanks[0] as Gray, layouts[0]?.boxes[1] as Layout["boxes"][number], "tick", random), view, random)));
    const tablet = await launch(...cameraOf(path));
    const teller = await hall.teller("counter", { width: 768, elder: true }, tablet);
    const { page, context } = teller.person.window;
    await context.grantPermissions(["camera"]);
    await teller.opens();
    await page.locator("[data-count-photos] summary").click();
    await page.locator("[data-photo-camera]").click();
    await page.waitForFunction(() => (document.querySelector<HTMLVideoElement>("video.photo-sheet")?.videoWidth ?? 0) > 0);
    await page.getByRole("button", { name: clientWords("client-photo-take") }).click();
    await page.locator(".photo-choices").waitFor();
    expect(await page.locator(".photo-choices [data-suggested]").innerText()).toBe(words("zh-CN", "option-against"));
    await looksRight(teller, "count-camera-768-elder", 60);
    await page.locator(".photo-choices [data-suggested]").click();
    expect(await page.inputValue('[name="counts.against"]')).toBe("1");
    await page.getByRole("button", { name: clientWords("client-photo-back") }).click();
    expect(await page.inputValue('[name="counts.against"]')).toBe("0");
    expect(teller.person.window.faults).toEqual([]);
    await tablet.close();
  });

  it("are counted again when somebody disputes the count, from photographs that a person decides, by three signatures", async () => {
    await scrutineer.opens();
    expect(await scrutineer.person.page.innerText("main")).toContain(words("zh-CN", "count-again-say"));
    await scrutineer.types([12, 8, 3, 0, 1]);
    await counter.opens();
    const random = drawn(12);
    const script = [0, 1, 0, 0, undefined, 1, 0, 0, 0, 1, 0, 0];
    const view = (): View => ({ turn: (random() - 0.5) * 16, aslant: 0.1, light: 0.7, blur: 1, noise: 6 });
    const files = script.map((option, nth) => {
      const box = option === undefined ? undefined : layouts[0]?.boxes[option];
      const sheet = box === undefined ? (blanks[0] as Gray) : marked(blanks[0] as Gray, box, "tick", random);
      return { name: `IMG_${nth}.png`, mimeType: "image/png", buffer: png(photographed(sheet, view(), random)) };
    });
    const { page: tablet } = counter.person;
    await tablet.fill('[name="in_box"]', "12");
    await tablet.locator("[data-count-photos] summary").click();
    await tablet.locator("[data-photo-files]").setInputFiles(files);
    for (const option of script) {
      const suggested = tablet.locator(".photo-choices [data-suggested]");
      await tablet.locator(".photo-choices").waitFor();
      if (option === undefined) {
        expect(await suggested.count()).toBe(0);
        await looksRight(counter, "count-photo-unsure-360");
        await tablet.locator(".photo-choices button", { hasText: words("zh-CN", "count-invalid-blank") }).tap();
      } else {
        expect(await suggested.innerText()).toBe(words("zh-CN", option === 0 ? "option-for" : "option-against"));
        if (script.indexOf(option) === 0) await picture(tablet, "count-photo-360");
        await suggested.tap();
      }
    }
    expect(await tablet.innerText("[data-count-counted]")).toBe("12");
    await tablet.locator("main form.count button.button-wide").click();
    await tablet.waitForSelector('main form[action$="/draft"]');
    await ready(tablet);
    const { page } = scrutineer.person;
    await scrutineer.opens();
    await looksRight(scrutineer, "count-again-768-elder", 60);
    const third = page.locator("#third option").nth(1);
    const name = await third.innerText();
    await page.selectOption("#third", { index: 1 });
    await scrutineer.signs();
    await counter.signsToo();
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
    // What was photographed is one document, of whom it concerns; who is nobody here may not open it.
    await office.take(village, "supervision_committee");
    await page.goto(`/v/${village}/s/${walk.session}`);
    const album = await page.locator(`main a[href*="/v/${village}/d/"]`, { hasText: words("zh-CN", "doc-photos") }).first().getAttribute("href");
    const photos = join(demo.data, "photos.pdf");
    const answer = await page.context().request.get(`${album}/file`);
    expect(answer.status()).toBe(200);
    writeFileSync(photos, await answer.body());
    const pages = execFileSync("pdfinfo", [photos], { encoding: "utf8" });
    expect(pages).toMatch(/Pages:\s+12\n/);
    expect(pages).not.toMatch(/Date|Author|Producer/);
    const stranger = await browser.newContext({ baseURL: demo.origin });
    expect((await stranger.request.get(`${album}/file`)).status()).toBeGreaterThanOrEqual(400);
    await stranger.close();
    expect([office, counter.person, scrutineer.person].flatMap(({ window }) => window.faults)).toEqual([]);
  });
});

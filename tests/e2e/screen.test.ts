/** The hall's screen, open on the wall from the call to the result: it follows the session without being touched, also when the power fails. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { axe, launch, open, picture, ready, type Window } from "./browser.ts";
import { Person, words } from "./people.ts";
import { type Demo, startDemo } from "./server.ts";

let browser: Browser;
let demo: Demo;
let office: Person;
/** The projector's browser. */
let wall: Window;
let village = "", matter = "", session = "";

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "1");
  office = await Person.at(browser, demo.origin);
  await office.page.goto("/demo");
  village = ((await office.page.locator("button.person").first().getAttribute("value")) ?? "").split("/")[0] ?? "";
  wall = await open(browser, demo.origin, { dark: true });
  await wall.page.setViewportSize({ width: 1920, height: 1080 });
});
afterAll(async () => {
  await browser.close();
  await demo.stop();
});

async function act(role: string, kind: string, fill: Parameters<Person["act"]>[2] = {}, about = matter): Promise<void> {
  await office.take(village, role);
  await office.act(kind, about, fill);
}

/** As `act`, with a second person to sign: the first of this role whom the form offers. */
async function actOfTwo(role: string, kind: string, other: string): Promise<void> {
  await office.take(village, role);
  await office.task(kind, session);
  const held = words("zh-CN", `role-${other.replace(/_/g, "-")}`);
  const label = await office.page.locator('[name="second.0"] option', { hasText: ` · ${held}` }).first().innerText();
  await office.fill({ "second.0": label });
  await office.sign();
  await office.takeNamed(village, other, label.split(" · ")[0] ?? "");
  await office.signSecond();
}

/** Waits until the wall shows this, and holds it to what every screen is held to: nothing to scroll, accessible. */
async function shows(scene: string): Promise<void> {
  await wall.page.waitForSelector(`#screen[data-scene="${scene}"]`).catch(async () => {
    throw new Error(`no ${scene}: ${await wall.page.locator("#screen").innerText()}`);
  });
  await picture(wall.page, `screen-${scene}`);
  const { high, wide } = await wall.page.evaluate(() => ({ high: document.documentElement.scrollHeight, wide: document.documentElement.scrollWidth }));
  expect({ high, wide }).toEqual({ high: 1080, wide: 1920 });
  const cut = await wall.page.evaluate(() => [...document.querySelectorAll("[data-fit]:not(.screen-turning)")].filter((one) => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1).length);
  expect(cut, `parts of ${scene} that don't fit`).toBe(0);
  expect(await axe(wall.page)).toEqual([]);
}

describe("the hall's screen", () => {
  it("is reached from the page of a session that was called", async () => {
    await act("clerk", "suggestion.entered", { source: "paper_box", text: "村口路灯坏了三盏,晚上老人走路不方便,建议修一修。" }, "");
    matter = await office.about("m");
    await act("branch_secretary", "matter.proposed", { category: "M02", title: "修复村口路灯", plan: "更换三盏太阳能路灯,每盏两千元。", amount_fen: "6000" });
    await act("clerk", "enlarged_meeting.recorded", { attendees: "*", nonvoting: "3", opinions: "列席人员都同意。", minutes: "会议同意提议。" });
    await act("clerk", "visits.recorded", { households: "20", opinions: "希望灯亮一点" });
    await act("clerk", "opinions.answered", { "answers.0": "会选亮的灯。" });
    await act("clerk", "joint_meeting.recorded", { attendees: "*", minutes: "商议同意方案。" });
    await act("clerk", "plan.settled");
    await act("clerk", "plan.posted");
    await office.pass(360);
    await act("clerk", "filing.submitted");
    await act("township_drafter", "filing.reviewed", { advice: "file", opinion: "材料齐全，建议备案。" });
    await act("township_approver", "filing.filed");
    await act("chair", "session.convened", { agenda: matter });
    session = await office.about("s");
    await wall.page.goto(`/v/${village}/s/${session}`);
    await wall.page.locator(`a[href$="/s/${session}/screen"]`).click();
    await ready(wall.page);
    await shows("ahead");
    // Whatever comes now, the page is not loaded again.
    await wall.page.evaluate(() => Object.assign(window, { untouched: true }));
  });

  it("shows who is there when the door opens, and what is voted on when enough are", async () => {
    await actOfTwo("clerk", "roster.fixed", "supervision_committee");
    await act("chair", "tellers.named", { caller: 0, counter: 1, scrutineer: 2 }, session);
    for (let days = 0; days < 4; days++) await office.pass(24);
    // Time passes without an entry: the wall hears of that, too.
    const sceneNow = async (): Promise<string | null> => {
      await office.page.goto(`/v/${village}/s/${session}/screen`);
      return office.page.locator("#screen").getAttribute("data-scene");
    };
    for (let quarters = 0; quarters < 24 && (await sceneNow()) === "ahead"; quarters++) await office.pass(3);
    await shows("checking-in");
    expect(await wall.page.locator(".screen-there dd").first().innerText()).toBe("0");
    await office.letOthers(village);
    await office.pass(3);
    await shows("reading");
    expect(await wall.page.locator("#screen").innerText()).toContain("更换三盏太阳能路灯");
  });

  it("counts down while people vote, says that the line broke when the power fails, and comes back by itself", async () => {
    await act("chair", "voting.opened", {}, session);
    await shows("voting");
    const left = await wall.page.locator(".screen-left").innerText();
    expect(left).toMatch(/^\d+:\d\d(:\d\d)?$/);
    await wall.page.waitForFunction((before) => document.querySelector(".screen-left")?.textContent !== before, left);
    await demo.kill();
    await wall.page.waitForSelector("[data-lost]:not([hidden])");
    expect(await wall.page.innerText("[data-lost]")).toMatch(/连接断了，正在重试。现在显示的情况截至 ?\d\d:\d\d:\d\d/);
    await picture(wall.page, "screen-lost");
    expect(await axe(wall.page)).toEqual([]);
    await demo.start();
    await wall.page.waitForSelector("[data-lost][hidden]", { state: "attached" });
    await shows("voting");
  });

  it("says what is awaited, then shows the count in strokes", async () => {
    await office.letOthers(village);
    await office.pass(3);
    await office.pass(3);
    await shows("waiting");
    expect(await wall.page.innerText(".screen-awaits")).toBe(words("zh-CN", "screen-awaits-result"));
    await actOfTwo("chair", "result.announced", "supervision_committee");
    await shows("announced");
    const rows = await wall.page.locator(".screen-tally tbody tr").evaluateAll((all) =>
      all.map((row) => ({
        strokes: [...row.querySelectorAll(".zheng path")].reduce((sum, path) => sum + (path.getAttribute("d")?.match(/M/g)?.length ?? 0), 0),
        said: Number(row.querySelector(".tally-all")?.textContent),
      })),
    );
    expect(rows.length).toBeGreaterThanOrEqual(3);
    for (const row of rows) expect(row.strokes).toBe(row.said);
    expect(rows.reduce((sum, row) => sum + row.said, 0)).toBeGreaterThanOrEqual(30);
    expect(await wall.page.locator(".screen-qr svg").count()).toBe(1);
    expect(await wall.page.evaluate(() => (window as { untouched?: boolean }).untouched)).toBe(true);
    // What broke with the power is the only thing that went wrong.
    expect(wall.faults.filter((fault) => !/ERR_(CONNECTION|INCOMPLETE|EMPTY|SOCKET)/.test(fault))).toEqual([]);
  });

  it("turns a text that is too long by pages, and shows the state without a script", async () => {
    const still = await open(browser, demo.origin, { script: false });
    await still.page.goto(`/v/${village}/s/${session}/screen`);
    expect(await still.page.innerText("#screen")).toContain(words("zh-CN", "question-passed"));
    expect(await still.page.locator("meta[http-equiv=refresh]").count()).toBe(1);
    await still.context.close();
    const text = "灯杆不要正对人家窗户，先装老樟树下和桥头两段。".repeat(90);
    await wall.page.evaluate((long) => {
      const part = document.querySelector("[data-fit]");
      part?.replaceChildren(Object.assign(document.createElement("div"), { className: "screen-text", textContent: long }));
      part?.firstElementChild?.setAttribute("data-turned", "");
      window.dispatchEvent(new Event("resize"));
    }, text);
    const page = wall.page.locator("[data-turn-page]");
    expect(await page.innerText()).toMatch(/^1 \/ [2-9]$/);
    await wall.page.keyboard.press("PageDown");
    expect(await page.innerText()).toMatch(/^2 \//);
    expect(await wall.page.locator("[data-turned]").evaluate((one) => one.scrollLeft)).toBeGreaterThan(500);
    await wall.page.locator('[data-turn="-1"]').click();
    expect(await page.innerText()).toMatch(/^1 \//);
  });
});

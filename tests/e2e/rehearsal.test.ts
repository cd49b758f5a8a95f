/** A session rehearsed days before: the clerk makes the rehearsal, people come in with their phones, one votes, the screen announces; and the real village knows nothing of it. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { axe, launch, open, picture, type Reader, ready, smallTargets, tooWide, type Window } from "./browser.ts";
import { Person, words } from "./people.ts";
import { type Demo, startDemo } from "./server.ts";
import { Walk } from "./walk.ts";

const zh = (key: string): string => words("zh-CN", key);

let browser: Browser;
let demo: Demo;
let office: Person;
let village = "", session = "";
/** At the rehearsal's address. */
let address = "", link = "", code = "", rehearsed = "";
let clerk: Person, chair: Person, voter: Person;
let wall: Window;
let before: [string, string];

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "1");
  const walk = await Walk.begin(browser, demo.origin);
  ({ office, village } = walk);
  await walk.propose();
  await walk.consult();
  await walk.file();
  await walk.act("chair", "session.convened", { agenda: walk.matter, channels: ["kiosk"] });
  session = await office.about("s");
});
afterAll(async () => {
  await browser.close();
  await demo.stop();
});

/** The real record, and what its page of the session says to everybody. */
async function real(): Promise<[string, string]> {
  const reader = await open(browser, demo.origin);
  const record = await (await reader.page.request.get(`/v/${village}/record/file`)).text();
  await reader.page.goto(`/v/${village}/s/${session}`);
  const said = await reader.page.innerText("main");
  await reader.context.close();
  return [record, said];
}

/** Comes in with a phone: scans the code, and is asked for nothing else. */
async function comeIn(reader: Reader = {}): Promise<Person> {
  const phone = await Person.at(browser, address, reader);
  await phone.page.goto(link);
  await phone.page.locator('form[action="/enter"] button').click();
  await phone.page.waitForURL("**/demo");
  return phone;
}

/** Looks at a page as it is on phone, tablet and computer, in both languages, large, dark and on paper. */
async function lookAt(origin: string, { context }: Window, path: string, name: string): Promise<void> {
  const kept = (await context.cookies()).filter((one) => !["lang", "elder"].includes(one.name));
  const looks: [Reader, number][] = [[{ lang: "zh-CN" }, 360], [{ lang: "en", elder: true }, 360], [{ lang: "en", dark: true }, 768], [{ lang: "zh-CN" }, 1440]];
  for (const [reader, width] of looks) {
    const look = await open(browser, origin, reader);
    await look.context.addCookies(kept);
    await look.page.setViewportSize({ width, height: 900 });
    await look.page.goto(path);
    await ready(look.page);
    expect(await tooWide(look.page), `${name} ${width}`).toEqual([]);
    expect(await axe(look.page), `${name} ${width}`).toEqual([]);
    expect(await smallTargets(look.page, 44), `${name} ${width}`).toEqual([]);
    await picture(look.page, `${name}-${width}${reader.elder === true ? "-elder" : ""}`);
    await look.page.emulateMedia({ media: "print" });
    await look.page.setViewportSize({ width: 794, height: 1123 });
    if (width === 1440) await picture(look.page, `${name}-print`);
    await look.context.close();
  }
}

describe("a rehearsal", () => {
  it("is made from the page of a session that was called", async () => {
    before = await real();
    await office.take(village, "clerk");
    await office.page.goto(`/v/${village}/s/${session}`);
    await office.page.getByRole("link", { name: zh("rehearsal-go") }).click();
    await lookAt(demo.origin, office.window, `/v/${village}/s/${session}/rehearsal`, "rehearsal-ready");
    await office.page.waitForURL("**/rehearsal");
    await ready(office.page);
    const make = office.page.getByRole("button", { name: zh("rehearsal-make") });
    // Not sent yet: what is said of the wait would be gone with the answer.
    await office.page.evaluate(() => document.querySelector("form[data-busy]")?.addEventListener("submit", (event) => event.preventDefault()));
    await make.click();
    expect(await office.page.innerText("[data-outcome]")).toBe(zh("rehearsal-making"));
    expect(await make.isDisabled()).toBe(true);
    await office.page.reload();
    await make.click();
    await office.page.waitForSelector(".rehearsal-code");
    code = await office.page.innerText(".rehearsal-code");
    link = (await office.page.locator(".rehearsal-in .button").first().getAttribute("href")) ?? "";
    address = new URL(link).origin;
    expect(address).not.toBe(demo.origin);
    expect(code).toMatch(/^[2-9A-Z]{4}-[2-9A-Z]{4}$/);
    await ready(office.page);
    expect(await office.page.locator("[data-print-page]").isVisible()).toBe(true);
    await lookAt(demo.origin, office.window, `/v/${village}/s/${session}/rehearsal`, "rehearsal");
  });

  it("lets nobody in without its code, and everybody with it", async () => {
    const stranger = await open(browser, address);
    await stranger.page.goto("/demo");
    expect(new URL(stranger.page.url()).pathname).toBe("/enter");
    await stranger.page.fill("#code", "WRNG-CDE2");
    await stranger.page.locator('form[action="/enter"] button').click();
    expect(await stranger.page.innerText("[role=alert]")).toBe(zh("enter-wrong"));
    await lookAt(address, stranger, `/enter?code=${code}`, "enter");
    await stranger.context.close();
    clerk = await comeIn();
    await lookAt(address, clerk.window, "/demo", "rehearsal-parts");
    await clerk.take(village, "clerk");
    rehearsed = new URL(clerk.page.url()).pathname;
    expect(rehearsed).toMatch(new RegExp(`^/v/${village}/s/`));
    expect(rehearsed).not.toContain(session);
    await lookAt(address, clerk.window, "/demo", "rehearsal-leads");
    chair = await comeIn();
    await chair.take(village, "chair");
    voter = await comeIn({ elder: true });
    await voter.take(village, "representative");
  });

  it("has the real question, and a ribbon on every page, screen, terminal and card", async () => {
    wall = (await comeIn({ dark: true })).window;
    await wall.page.setViewportSize({ width: 1920, height: 1080 });
    await wall.page.goto(`${rehearsed}/screen`);
    await ready(wall.page);
    for (const path of ["/", rehearsed, `${rehearsed}/screen`, `${rehearsed}/terminal`, `/v/${village}/cards`, "/check", "/tasks", "/no-such-page"]) {
      await clerk.page.goto(path);
      expect(await clerk.page.locator(".rehearsal-bar").isVisible(), path).toBe(true);
      expect(await clerk.page.innerText(".rehearsal-bar b"), path).toBe(zh("rehearsal-banner"));
    }
    await clerk.page.goto(rehearsed);
    expect(await clerk.page.innerText("main")).toContain("修复村口路灯");
    await lookAt(address, clerk.window, rehearsed, "rehearsal-session");
    const terminal = await open(browser, address);
    await terminal.context.addCookies(await clerk.window.context.cookies());
    await terminal.page.setViewportSize({ width: 1280, height: 800 });
    await terminal.page.goto(`${rehearsed}/terminal`);
    await ready(terminal.page);
    const { high, wide } = await terminal.page.evaluate(() => ({ high: document.documentElement.scrollHeight, wide: document.documentElement.scrollWidth }));
    expect({ high, wide }).toEqual({ high: 800, wide: 1280 });
    await picture(terminal.page, "rehearsal-terminal");
    await terminal.context.close();
  });

  it("prints cards that nobody takes for real ones", async () => {
    await clerk.page.goto(`/v/${village}/cards`);
    await ready(clerk.page);
    for (const box of (await clerk.page.locator('[name="person"]').all()).slice(0, 3)) await box.check();
    await clerk.page.locator("[data-make-cards]").click();
    await clerk.page.waitForSelector(".paper-card");
    expect(await clerk.page.locator(".paper-card").first().evaluate((card) => getComputedStyle(card, "::after").content)).toContain("演练");
    await clerk.page.emulateMedia({ media: "print" });
    await picture(clerk.page, "rehearsal-cards-print");
    await clerk.page.emulateMedia({ media: null });
  });

  it("is gone through to a result on the screen", async () => {
    const lead = async (name: string, value: string): Promise<void> => {
      await clerk.page.goto("/demo");
      await clerk.page.locator(`button[name=${name}][value="${value}"]`).click();
      await clerk.page.waitForLoadState();
    };
    const others = async (): Promise<void> => {
      await clerk.page.goto("/demo");
      await clerk.page.locator('form[action="/demo/others"] button').click();
      await clerk.page.waitForURL(`**${rehearsed}`);
    };
    const id = rehearsed.split("/").at(-1) ?? "";
    await chair.act("tellers.named", id, { caller: 0, counter: 1, scrutineer: 2 });
    await others();
    await lead("hours", "1");
    await wall.page.waitForSelector('#screen[data-scene="reading"]');
    await chair.act("voting.opened", id);
    await wall.page.waitForSelector('#screen[data-scene="voting"]');
    await picture(wall.page, "rehearsal-screen-voting");
    const { high, wide } = await wall.page.evaluate(() => ({ high: document.documentElement.scrollHeight, wide: document.documentElement.scrollWidth }));
    expect({ high, wide }).toEqual({ high: 1080, wide: 1920 });
    await voter.page.goto(`/v/${village}/vote/${id}`);
    await voter.page.locator(`main a[href*="/vote/${id}/"]`).first().click();
    await voter.page.locator("main a[href$=\"/choose\"]").click();
    await voter.page.locator('button[name=choice][value="for"]').click();
    await ready(voter.page);
    await voter.page.locator(".button-sign").click();
    await voter.page.waitForURL("**/receipt/**");
    expect(await voter.page.innerText(".rehearsal-bar b")).toBe(zh("rehearsal-banner"));
    await picture(voter.page, "rehearsal-receipt-elder");
    await others();
    await lead("hours", "3");
    await lead("hours", "3");
    await wall.page.waitForSelector('#screen[data-scene="waiting"]');
    await chair.task("result.announced", id);
    const held = zh("role-supervision-committee");
    const second = (await chair.page.locator('[name="second.0"] option', { hasText: ` · ${held}` }).first().innerText()).trim();
    await chair.fill({ "second.0": second });
    await chair.sign();
    const supervisor = await comeIn();
    await supervisor.takeNamed(village, "supervision_committee", second.split(" · ")[0] ?? "");
    await supervisor.signSecond();
    await wall.page.waitForSelector('#screen[data-scene="announced"]');
    expect(await wall.page.innerText(".rehearsal-bar b")).toBe(zh("rehearsal-banner"));
    await picture(wall.page, "rehearsal-screen-announced");
  });

  it("tells what was tried, and leaves the real village as it was", async () => {
    await office.page.goto(`/v/${village}/s/${session}/rehearsal`);
    const tried = await office.page.locator(".rehearsal-tried li.yes > :nth-child(2)").allInnerTexts();
    expect(tried).toEqual(["phone", "vote", "phone-ballot", "result"].map((part) => zh(`rehearsal-part-${part}`)));
    expect(await real()).toEqual(before);
  });

  it("is over when it is ended, and says so in plain words", async () => {
    await office.page.locator("summary", { hasText: zh("rehearsal-end") }).click();
    await office.page.getByRole("button", { name: zh("rehearsal-end-sure") }).click();
    await office.page.waitForSelector(`form[action$="/rehearsal"] button`);
    await voter.page.goto(rehearsed);
    expect(await voter.page.innerText("h1")).toBe(zh("enter-over"));
    expect(await voter.page.innerText("main")).toContain(zh("enter-over-say"));
    await lookAt(address, voter.window, "/enter", "enter-over");
    const folder = join(demo.data, "rehearsal");
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
    expect(await real()).toEqual(before);
    const faults = [office, clerk, chair, voter].flatMap((person) => person.window.faults);
    expect(faults).toEqual([]);
  });
});

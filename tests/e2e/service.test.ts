/** Before a session: the clerk notes who was told, a member says "I know" and tries the own phone; too few come, and the session is called again. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { axe, launch, open, picture, ready, type Reader, smallTargets, tooWide, type Window } from "./browser.ts";
import type { Person } from "./people.ts";
import { type Demo, PROGRAM, startDemo } from "./server.ts";
import { Walk } from "./walk.ts";

/** Readers who look at each page: every width, both languages, elder mode and dark. */
const READERS: [string, Reader][] = [
  ["360", { width: 360 }],
  ["360-elder", { width: 360, elder: true }],
  ["768-en", { width: 768, lang: "en" }],
  ["1440-dark", { width: 1440, dark: true }],
];

let browser: Browser;
let demo: Demo;
let office: Person;
let walk: Walk;
let phone: Window;
let village = "", voter = "", first = "", second = "";

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

/** The page as other readers have it who are logged in as this one. */
async function looked(page: Page, name: string): Promise<void> {
  const path = new URL(page.url()).pathname + new URL(page.url()).search;
  for (const [reader, how] of READERS) {
    const window = await open(browser, demo.origin, how);
    const own = (await page.context().cookies()).filter((cookie) => !["lang", "elder"].includes(cookie.name));
    await window.context.addCookies(own);
    await window.page.goto(path);
    await ready(window.page);
    await picture(window.page, `${name}-${reader}`);
    expect(await tooWide(window.page), `${name} ${reader}`).toEqual([]);
    expect(await axe(window.page), `${name} ${reader}`).toEqual([]);
    expect(await smallTargets(window.page, how.elder === true ? 60 : 44), `${name} ${reader}`).toEqual([]);
    expect(window.faults).toEqual([]);
    await window.context.close();
  }
}

/** Reads the register's numbers: told, due. */
async function told(): Promise<number[]> {
  await office.page.goto(`/v/${village}/s/${first}/service`);
  return (await office.page.innerText(".told-number")).split("/").map(Number);
}

describe("before a session", () => {
  it("a representative has a phone of her own, and the session is called", async () => {
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
    await walk.propose();
    await walk.consult();
    await walk.file();
    await walk.act("chair", "session.convened", { agenda: walk.matter });
    first = await office.about("s");
    walk.session = first;
  });

  it("the clerk finds the register on the session's page, notes a group at once and takes one of them back", async () => {
    await office.take(village, "clerk");
    await office.page.goto(`/v/${village}/s/${first}`);
    await looked(office.page, "service-session");
    await office.page.locator(`main a[href$="/s/${first}/service"]`).click();
    await ready(office.page);
    const due = (await told())[1] as number;
    await office.page.locator("fieldset:has(.told-people) [data-tick-all]").first().click();
    const ticked = await office.page.locator(".told-people input:checked").count();
    expect(ticked).toBeGreaterThan(1);
    await office.page.locator("input[name=how][value=visit]").check();
    await office.page.locator(".told-form button.button-wide").click();
    await office.page.waitForSelector("#noted");
    expect(await office.page.innerText("#noted")).toContain(String(ticked));
    expect(await told()).toEqual([ticked, due]);
    await office.page.locator(".told-batches summary").first().click();
    await looked(office.page, "service-register");
    await office.page.locator(".told-undo button").first().click();
    await office.page.waitForURL("**/service");
    expect(await told()).toEqual([ticked - 1, due]);
  });

  it("a member scans the notice's code, logs in with her phone, is told that it works, and says that she knows", async () => {
    await phone.page.goto(`/v/${village}/s/${first}/ready`);
    await ready(phone.page);
    await looked(phone.page, "service-ready-try");
    await phone.page.locator("form[data-login] button.button").tap();
    await phone.page.waitForSelector(".ready-say.yes");
    expect(await phone.page.innerText("main")).toContain("您可以用手机投票");
    await phone.page.locator(`form[action$="/ready"] button`).tap();
    await phone.page.waitForLoadState();
    await phone.page.waitForFunction(() => document.querySelector(`form[action$="/ready"]`) === null);
    await looked(phone.page, "service-ready-known");
    await office.page.goto(`/v/${village}/s/${first}/service`);
    const row = office.page.locator(".told-people li", { hasText: voter });
    expect(await row.first().innerText()).toMatch(/本人点了“我知道了”[\s\S]*钥匙能用/);
  });

  it("lists are there to print, and the slips' code leads to that page", async () => {
    const links = await office.page.locator('a[href*="/lists/"]').evaluateAll((all) => all.map((one) => one.getAttribute("href") ?? ""));
    expect(links).toHaveLength(6);
    for (const href of links) {
      const answer = await office.page.request.get(href);
      expect([answer.status(), answer.headers()["content-type"]]).toEqual([200, "application/pdf"]);
      if (process.env["SCREENSHOTS"] !== undefined) writeFileSync(join(process.env["SCREENSHOTS"], `list-${href.split("/").at(-2)}.pdf`), await answer.body());
    }
  });
});

describe("a session without quorum", () => {
  it("is recorded by two, and its notice hangs on the board", async () => {
    await walk.actOfTwo("clerk", "roster.fixed", "supervision_committee");
    for (let days = 0; days < 4; days++) await office.pass(24);
    for (let quarters = 0; quarters < 24 && !(await walk.begun()); quarters++) await office.pass(3);
    expect(await walk.begun()).toBe(true);
    await office.take(village, "chair");
    await office.page.goto(`/v/${village}/s/${first}`);
    await office.page.locator(`main details:has(a[href*="/do/session.failed?"]) summary`).click();
    await office.page.locator(`main a[href*="/do/session.failed?"]`).click();
    await ready(office.page);
    const label = await office.page.locator('[name="second.0"] option', { hasText: "监督委员会" }).first().innerText();
    await office.fill({ "second.0": label });
    await office.sign();
    await office.takeNamed(village, "supervision_committee", label.split(" · ")[0] ?? "");
    await office.signSecond();
    await office.page.goto(`/v/${village}/notices`);
    await office.page.locator("main a", { hasText: "流会公告" }).first().waitFor();
    await office.page.goto(`/v/${village}/s/${first}/screen`);
    expect(await office.page.innerText("#screen")).toContain("到会人数不够，会议没有开成");
  });

  it("is called again by the chair with the agenda and the reason filled in", async () => {
    await office.take(village, "chair");
    await office.page.goto(`/v/${village}/s/${first}`);
    await picture(office.page, "service-failed");
    await office.page.locator(`main a[href*="again=${first}"]`).click();
    await ready(office.page);
    expect(await office.page.inputValue("[name=notice]")).toContain("没有达到法定人数");
    expect(await office.page.locator(`input[name=agenda][value="${walk.matter}"]`).isChecked()).toBe(true);
    await picture(office.page, "service-again-form");
    await office.sign();
    second = await office.about("s");
    expect(second).not.toBe(first);
    await office.page.goto(`/v/${village}/s/${second}`);
    expect(await office.page.innerText("main")).toContain("这是再次召集");
    await looked(office.page, "service-again");
  });

  it("is packed for the archive, and the program finds the package lawful", async () => {
    const answer = await office.page.request.get(`/v/${village}/s/${first}/package/file`);
    expect([answer.status(), answer.headers()["content-type"]]).toEqual([200, "application/zip"]);
    const file = join(demo.data, "package.zip");
    writeFileSync(file, await answer.body());
    execFileSync("unzip", ["-q", file, "-d", join(demo.data, "package")]);
    const found = JSON.parse(execFileSync(PROGRAM, ["verify", "--json", join(demo.data, "package")], { encoding: "utf8" })) as { verdict: string; documents: number };
    expect(found.verdict).toBe("lawful");
    expect(found.documents).toBeGreaterThan(5);
    expect([...office.window.faults, ...phone.faults]).toEqual([]);
  });
});

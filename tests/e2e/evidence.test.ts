/** An inspector takes evidence of a matter along, and opens it on a computer without any network. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { axe, launch, picture, ready, smallTargets, tooWide, WIDTHS } from "./browser.ts";
import { Person, words } from "./people.ts";
import { type Demo, startDemo } from "./server.ts";

const folder = mkdtempSync(join(tmpdir(), "evidence-"));
let browser: Browser;
let demo: Demo;
let html = "";

beforeAll(async () => {
  browser = await launch();
  demo = await startDemo("--villages", "3");
});
afterAll(async () => {
  await browser.close();
  await demo.stop();
  rmSync(folder, { recursive: true });
});

/** Opens a page of a package by its file, in a browser that is off line; gives what it says in the end. */
async function opened(file: string, look: (page: Page, faults: string[]) => Promise<void>, width = 1440, dark = false): Promise<void> {
  const viewport = { width, height: width === 360 ? 740 : 900 };
  const context = await browser.newContext({ offline: true, viewport, isMobile: width === 360, hasTouch: width === 360, colorScheme: dark ? "dark" : "light" });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector("[data-tone=good], [data-tone=bad]");
  await look(page, faults);
  await context.close();
}

/** What a page with this change in it says. */
async function changed(change: (html: string) => string): Promise<string> {
  const file = join(folder, "changed.html");
  const other = change(html);
  expect(other).not.toBe(html);
  writeFileSync(file, other);
  let said = "";
  await opened(file, async (page) => {
    said = await page.innerText("main");
    expect(await page.locator("[data-outcome]").getAttribute("data-tone")).toBe("bad");
  });
  return said;
}

/** One carried file's lines of Base64, replaced by those of other bytes; the list is told so where it shall not notice. */
function replaced(path: RegExp, bytes: (old: Buffer) => Buffer, listed: boolean): (html: string) => string {
  return (html) => {
    const block = [...html.matchAll(/<script type="text\/plain" data-path="([^"]*)">\n([^<]*)<\/script>/g)].find(([, name]) => path.test(name ?? ""));
    if (block?.[1] === undefined || block[2] === undefined) throw new Error(`no ${path}`);
    const old = Buffer.concat(block[2].split("\n").map((line) => Buffer.from(line, "base64")));
    const sum = (of: Buffer): string => execFileSync("sha256sum", { input: of }).toString().slice(0, 64);
    const other = bytes(old);
    const out = html.replace(block[2], `${other.toString("base64")}\n`);
    return listed ? out.replace(sum(old), sum(other)) : out;
  };
}

const flipped = (old: Buffer): Buffer => Buffer.from(old.map((byte, at) => (at === 40 ? byte ^ 1 : byte)));

describe("an inspector's evidence", () => {
  it("is fetched from the matter's page, which leaves a line in the list of who read what", async () => {
    const person = await Person.at(browser, demo.origin);
    const { page } = person;
    await page.goto("/demo");
    const [village = ""] = ((await page.locator("button.person").first().getAttribute("value")) ?? "").split("/");
    await person.take(village, "discipline_inspector");
    await page.goto(`/v/${village}`);
    await page.locator("a.row-link", { hasText: words("zh-CN", "outcome-passed") }).first().click();
    await ready(page);
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByText(words("zh-CN", "print-evidence")).click()]);
    const zip = join(folder, "evidence.zip");
    await download.saveAs(zip);
    execFileSync("unzip", ["-q", zip, "-d", folder]);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(["check.html", "documents", "manifest.json", "receipts", "record.sunvote", "verification.txt"]));
    html = readFileSync(join(folder, "check.html"), "utf8");
    await page.goto(`/v/${village}`);
    await page.getByText(words("zh-CN", "accesses-go")).click();
    await ready(page);
    expect(await page.locator(".row-title").allInnerTexts()).toContain(words("zh-CN", "access-evidence"));
    await picture(page, "accesses-1440");
    expect(await axe(page)).toEqual([]);
    expect(person.window.faults).toEqual([]);
  });

  it("checks itself when it is opened, without network, in both languages and at every width", async () => {
    for (const width of WIDTHS) {
      await opened(join(folder, "check.html"), async (page, faults) => {
        expect(await page.locator("[data-outcome]").getAttribute("data-tone")).toBe("good");
        expect(await page.innerText("[data-outcome]")).toContain("记录完整");
        const states = await page.locator(".row .state").allTextContents();
        expect(states.filter((state) => /与第 \d+ 条所指一致/.test(state)).length).toBeGreaterThan(1);
        expect(states.filter((state) => /与第 \d+ 条相符/.test(state)).length).toBeGreaterThan(5);
        await picture(page, `evidence-${width}`);
        expect(await tooWide(page)).toEqual([]);
        expect(await smallTargets(page, 44)).toEqual([]);
        await page.getByText("English", { exact: true }).click();
        expect(await page.innerText("[data-outcome]")).toContain("Complete and lawful");
        await picture(page, `evidence-${width}-en`);
        expect(await axe(page)).toEqual([]);
        expect(faults).toEqual([]);
      }, width, width === 768);
    }
  });

  it("opens its files, and takes the district's printed root keys", async () => {
    await opened(join(folder, "check.html"), async (page) => {
      const [paper] = await Promise.all([page.context().waitForEvent("page"), page.locator("a.row-title[target]").last().click()]);
      expect(paper.url()).toMatch(/^blob:/);
      await page.locator("summary").first().click();
      await page.locator("textarea").fill("ab".repeat(32));
      await page.locator("form button").click();
      await page.waitForSelector("[data-tone=bad]");
      expect(await page.innerText("[data-outcome]")).toContain("与您填写的不符");
    });
  });

  it("finds what was changed in it, and where", async () => {
    const [document, receipt, record] = [/^documents\/.*\.txt$/, /^receipts\/\d+\.tlog-proof$/, /^record\.sunvote$/];
    expect(await changed(replaced(document, flipped, false))).toContain("被改动：与清单不符");
    expect(await changed(replaced(document, flipped, true))).toContain("不是记录所指的材料");
    expect(await changed(replaced(receipt, flipped, true))).toContain("与记录不符");
    expect(await changed(replaced(record, (old) => Buffer.from(old.toString("latin1").replace(/"time":"2/, '"time":"1'), "latin1"), true))).toContain("被改动");
    expect(await changed((html) => html.replace(/<script type="text\/plain" data-path="record.sunvote">[^<]*<\/script>/, ""))).toContain("无法核验");
  });
});

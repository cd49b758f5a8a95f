/** Log-in by an account elsewhere, at a real provider: linked once with the key, then in and out at an office computer. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { axe, launch, open, picture, tooWide, type Window } from "./browser.ts";
import { words } from "./people.ts";
import { BEGIN, type Demo, startDemo } from "./server.ts";
import { Walk } from "./walk.ts";

const NAME = "浙政钉";
const SCRIPT = fileURLToPath(new URL("../../web/test/provider.mjs", import.meta.url));

let browser: Browser;
let demo: Demo;
let provider: ChildProcess;
let issuer = "";
let settings = "";
let walk: Walk;
let computer: Window;

/** Fills in the provider's own form. */
async function logInThere(page: Page, account: string): Promise<void> {
  await page.fill('[name="login"]', account);
  await page.fill('[name="password"]', "any");
  await page.locator('button[type="submit"]').click();
}

/** Faults of our own pages: that a browser goes to the provider is what it shall do, and the provider's pages want a font. */
function ours(faults: string[]): string[] {
  const theirs = [`outside: ${issuer}/`, "outside: https://fonts.googleapis.com/"];
  return faults.filter((fault) => !theirs.some((start) => fault.startsWith(start)));
}

/** What every page is held to. */
async function held(page: Page, name: string): Promise<void> {
  await picture(page, name);
  expect(await axe(page)).toEqual([]);
  expect(await tooWide(page)).toEqual([]);
}

/** The interface's words with the provider's name in them. */
function text(key: string): string {
  return words("zh-CN", key).replaceAll("{ $provider }", NAME);
}

beforeAll(async () => {
  browser = await launch();
  provider = spawn("node", [SCRIPT, BEGIN], { stdio: ["pipe", "pipe", "ignore"] });
  const said = createInterface(provider.stdout!)[Symbol.asyncIterator]();
  issuer = String((await said.next()).value);
  settings = mkdtempSync(join(tmpdir(), "sunvote-provider-"));
  const secret = join(settings, "secret");
  const file = join(settings, "config.toml");
  writeFileSync(secret, "a secret of the tests that is long enough\n");
  writeFileSync(file, `public_origin = "http://127.0.0.1"\n[oidc]\nissuer = "${issuer}"\nclient_id = "sunvote"\nclient_secret_file = "${secret}"\n`);
  demo = await startDemo("--villages", "1", "--log-in-by", file);
  provider.stdin!.write(`${demo.origin}/login/provider/back\n`);
  await said.next();
  walk = await Walk.begin(browser, demo.origin);
  computer = await open(browser, demo.origin);
  for (const { context } of [computer, walk.office.window]) {
    await context.route("https://fonts.googleapis.com/**", (route) => route.fulfill({ contentType: "text/css", body: "" }));
  }
});
afterAll(async () => {
  await browser.close();
  await demo.stop();
  provider.kill();
  rmSync(settings, { recursive: true, force: true });
});

describe("an account elsewhere", () => {
  it("logs nobody in before it is linked", async () => {
    const { page } = computer;
    await page.goto("/login?next=%2Ftasks");
    await picture(page, "provider-login");
    await page.click(`text=${text("provider-login-go")}`);
    await logInThere(page, "clerk");
    await page.waitForURL(`${demo.origin}/login/provider/back?*`);
    expect(await page.innerText("h1")).toBe(text("provider-title-not-linked"));
    await held(page, "provider-not-linked");
  });

  it("is linked by the clerk, who has shown the key and sees whose account it is", async () => {
    const { page } = walk.office;
    await walk.office.take(walk.village, "clerk");
    await page.goto("/tasks");
    await page.click(`text=${text("provider-mine")}`);
    await page.click(`text=${text("provider-link")}`);
    await logInThere(page, "clerk");
    await page.waitForURL(`${demo.origin}/account`);
    expect(await page.innerText("main")).toContain("钟丽华");
    await held(page, "provider-offered");
    await page.click(`text=${text("provider-link-now")}`);
    await page.locator('form[action="/account/unlink"]').waitFor();
    await held(page, "provider-linked");
  });

  it("then logs the clerk in at another computer, to the page that was wanted", async () => {
    const { page } = computer;
    const desk = `/v/${walk.village}/slips`;
    await page.goto(desk);
    await page.click(`text=${text("provider-login-go")}`);
    // The provider knows this browser by now.
    await page.waitForURL(demo.origin + desk);
    await page.goto("/account");
    expect(await page.innerText("main")).toContain(text("provider-by-account"));
    expect(await page.locator('form[action="/account/unlink"]').count()).toBe(0);
  });

  it("is broken off without harm, and logs out here and there", async () => {
    const { page } = computer;
    await page.click(".foot-links button");
    await page.waitForURL(`${demo.origin}/login/provider/out`);
    expect(await page.innerText("h1")).toBe(text("provider-title-out"));
    await held(page, "provider-out");
    await page.click(`text=${text("provider-go-out")}`);
    await page.click('button[value="yes"]');
    await page.waitForURL(`${demo.origin}/`);
    await page.goto("/login/provider");
    await page.click("text=Cancel");
    await page.waitForURL(`${demo.origin}/login/provider/back?*`);
    expect(await page.innerText("h1")).toBe(text("provider-title-cancelled"));
    expect(ours([...computer.faults, ...walk.office.window.faults])).toEqual([]);
  });
});

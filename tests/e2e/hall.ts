/** A hall on the day: printed cards, enrolled phones, terminals, for walks in which many people take part. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";

import { open, ready, type Window } from "./browser.ts";
import { Device } from "./device.ts";
import { cutOutCode, printSheets } from "./paper.ts";
import { type Person, words } from "./people.ts";
import type { Demo } from "./server.ts";
import { Walk } from "./walk.ts";

/** The PIN that everybody chooses. */
export const PIN = "730264";

/** A village of the demo, its office, and the cards that it handed out. */
export class Hall {
  private readonly cards = new Map<string, { code: string; paper: Buffer }>();

  private constructor(
    readonly browser: Browser,
    readonly demo: Demo,
    readonly office: Person,
    readonly village: string,
    readonly walk: Walk,
  ) {}

  static async start(browser: Browser, demo: Demo): Promise<Hall> {
    const walk = await Walk.begin(browser, demo.origin);
    return new Hall(browser, demo, walk.office, walk.village, walk);
  }

  /** A card's typed code. */
  code(name: string): string {
    return this.cards.get(name)?.code ?? "";
  }

  /** A card's QR code, cut out of the printed sheets. */
  paper(name: string): Buffer | undefined {
    return this.cards.get(name)?.paper;
  }

  /** People of the demo who hold a role, by name. */
  async holders(role: string): Promise<string[]> {
    const called = words("zh-CN", `role-${role.replace(/_/g, "-")}`);
    const { page } = this.office;
    await page.goto(`/demo?village=${this.village}&q=${encodeURIComponent(called)}`);
    return page.locator("button.person", { has: page.locator(".person-role", { hasText: called }) }).locator(".person-name").allInnerTexts();
  }

  /** Cards for these people: made, printed, cut out, their PINs chosen, enrolled by two. */
  async handOutCards(names: string[]): Promise<void> {
    const { office, village } = this;
    await office.take(village, "clerk");
    await office.page.goto(`/v/${village}/cards`);
    await ready(office.page);
    for (const name of names) await office.page.locator(`input[data-name="${name}"]`).check();
    await office.page.click("[data-make-cards]");
    await office.page.waitForSelector(".paper-card");
    const printed = await office.page.locator(".paper-card").evaluateAll((all) => all.map((card) => ({ name: card.querySelector(".paper-card-name")?.textContent ?? "", code: card.querySelector("code")?.textContent ?? "" })));
    const sheets = join(this.demo.data, "hall-cards.pdf");
    await printSheets(office.page, sheets);
    for (const name of names) {
      const nth = printed.findIndex((card) => card.name.includes(name));
      this.cards.set(name, { code: printed[nth]?.code ?? "", paper: readFileSync(cutOutCode(sheets, nth, this.demo.data)) });
    }
    await this.choosePins(names);
    await office.page.waitForFunction((n) => document.querySelectorAll(".card-held[data-tone=good]").length === n, names.length);
    await office.page.click("[data-needs-enrolment]");
    await this.signedByTwo();
  }

  private async choosePins(names: string[]): Promise<void> {
    const desk = await open(this.browser, this.demo.origin);
    for (const name of names) {
      await desk.page.goto("/card");
      await ready(desk.page);
      await this.typeCard(desk.page, name, "first");
      await desk.page.fill("[name=again]", PIN);
      await desk.page.click("form[data-card] button:not([type])");
      await desk.page.locator("form[data-card] [data-outcome][data-tone=good]").waitFor();
    }
    await desk.context.close();
  }

  private async typeCard(page: Page, name: string, use: "first" | "login"): Promise<void> {
    await page.fill("[name=code]", this.code(name));
    await page.fill("[name=village]", this.village);
    await page.check(`input[name=use][value=${use}]`);
    await page.fill("[name=pin]", PIN);
  }

  /** Logs in with a card. */
  async logInByCard(page: Page, name: string): Promise<void> {
    await page.goto("/card");
    await ready(page);
    await this.typeCard(page, name, "login");
    await page.click("form[data-card] button:not([type])");
    await page.waitForURL("**/tasks");
  }

  /** Phones for these people, each with a key of its own by a slip, on one list signed by two; logged in. */
  async enrolPhones(names: string[]): Promise<Map<string, Window>> {
    const { office, village } = this;
    const phones = new Map<string, Window>();
    await office.take(village, "clerk");
    await office.page.goto(`/v/${village}/slips`);
    await ready(office.page);
    for (const [nth, name] of names.entries()) {
      await office.page.selectOption("select[name=person]", { label: name });
      await office.page.selectOption("select[name=role]", "representative");
      await office.page.click("[data-make-slip]");
      const slip = office.page.locator(".slip", { hasText: name });
      const [code, person] = [await slip.locator("code").innerText(), await office.page.inputValue("select[name=person]")];
      const phone = await open(this.browser, this.demo.origin, { width: 360 });
      await phone.page.goto(`/enrol#v=${village}&p=${person}&r=representative&s=${code}`);
      await ready(phone.page);
      await phone.page.locator("form[data-enrol-device] button.button").tap();
      await phone.page.waitForSelector("form[data-enrol-device] [data-tone=good]");
      await office.page.waitForFunction((n) => document.querySelectorAll(".slip-state[data-tone=good]").length === n, nth + 1);
      phones.set(name, phone);
    }
    await office.page.click("[data-needs-enrolment]");
    await this.signedByTwo();
    for (const { page } of phones.values()) {
      await page.goto("/login");
      await ready(page);
      await page.locator("form[data-login] button.button").tap();
      await page.waitForURL("**/tasks");
    }
    return phones;
  }

  /** The draft on the office's page is signed by the clerk and by whom it names beside. */
  private async signedByTwo(): Promise<void> {
    const { office, village } = this;
    await ready(office.page);
    const said = await office.page.locator("form[data-sign]").innerText();
    await office.signDraft();
    const other = (await this.holders("supervision_committee")).find((name) => said.includes(name));
    await office.takeNamed(village, "supervision_committee", other ?? "");
    await office.signSecond();
  }
}

/** A terminal in the hall. */
export class Terminal {
  private constructor(
    private readonly hall: Hall,
    readonly device: Device,
  ) {}

  static async start(hall: Hall, profile: string, ...more: string[]): Promise<Terminal> {
    const terminal = new Terminal(hall, await Device.start(profile, ...more));
    await terminal.page.goto(`${hall.demo.origin}/v/${hall.village}/s/${hall.walk.session}/terminal`);
    return terminal;
  }

  get page(): Page {
    return this.device.page;
  }

  /** Waits until it shows this screen. */
  async shows(name: string): Promise<void> {
    await this.page.waitForSelector(`.t-body[data-name="${name}"]`).catch(async () => {
      throw new Error(`no ${name}: ${await this.page.locator("main").innerText()}`);
    });
  }

  press(text: string): Promise<void> {
    return this.page.locator(".terminal button:visible", { hasText: text }).first().click();
  }

  async keys(digits: string): Promise<void> {
    for (const digit of digits) await this.page.locator(".t-key", { hasText: digit }).click();
    await this.page.click(".t-enter");
  }

  /** Types a card's code, from a screen that asks for a card, and the PIN. */
  async card(name: string): Promise<void> {
    await this.press("输入卡上的码");
    await this.shows("code");
    await this.page.fill("[name=code]", this.hall.code(name));
    await this.press("下一步");
    await this.shows("pin");
    await this.keys(PIN);
  }

  /** Set up with a number by two people with their cards. */
  async setUp(no: number, [first, second]: [string, string]): Promise<void> {
    await this.press("开始设置");
    await this.shows("number");
    await this.keys(String(no));
    await this.press("现在签名");
    for (const name of [first, second]) {
      await this.shows("signer");
      await this.card(name);
    }
    await this.shows("checks");
    await this.press("开始收票");
    await this.shows("idle");
  }

  /** A card that will open without the network. */
  async makeReady(name: string): Promise<void> {
    await this.shows("idle");
    await this.card(name);
    await this.page.waitForSelector('.t-body[data-name="ready"], .t-body[data-name="no"]');
    await this.press("知道了");
    await this.shows("idle");
  }

  /** Somebody votes on the one open question. */
  async vote(name: string, choice: string): Promise<void> {
    await this.shows("idle");
    await this.card(name);
    await this.shows("plan");
    await this.press("下一步");
    await this.shows("choose");
    await this.page.locator(`.t-option[value="${choice}"]`).click();
    await this.shows("confirm");
    await this.press("签名并投票");
    await this.shows("receipt");
    await this.press("好了");
    await this.shows("idle");
  }

  /** After the plug was pulled: at the idle screen, with its number. */
  async comesBack(no: number): Promise<void> {
    await this.page.waitForSelector("html[data-ready]", { state: "attached" });
    await this.shows("idle");
    // Browsers give the full screen only at a touch.
    await this.page.locator(".t-fill button").click({ timeout: 5_000 }).catch(() => undefined);
    expect(await this.page.innerText(".t-who")).toContain(`${no}号终端`);
  }

  /** How many signed things its browser holds in a state. */
  queued(state: string): Promise<number> {
    return this.page.evaluate(async (wanted) => {
      const db = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open("sunvote");
        request.onsuccess = () => resolve(request.result);
      });
      return new Promise<number>((resolve) => {
        const request = db.transaction("queue").objectStore("queue").getAll();
        request.onsuccess = () => resolve(request.result.filter((row: { state: string }) => row.state === wanted).length);
      });
    }, state);
  }

  async allDelivered(): Promise<void> {
    await expect.poll(() => this.queued("waiting"), { timeout: 60_000 }).toBe(0);
  }

  /** After the closing: sealed by two. */
  async seal(names: string[]): Promise<void> {
    await this.page.locator(".t-due").waitFor();
    await this.press("封存");
    for (const name of names) {
      await this.shows("signer");
      await this.card(name);
    }
    await this.shows("sealed");
    await this.press("知道了");
    await this.allDelivered();
  }
}

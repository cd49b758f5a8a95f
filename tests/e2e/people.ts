/** People of the demo at their browsers: they take a role, find what waits for them, fill in forms and sign. Counts what it costs them. */
import { readFileSync } from "node:fs";

import type { Browser, Locator, Page } from "playwright-core";
import { expect } from "vitest";

import { fromBase64 } from "../../web/src/bytes.ts";
import { parseObject } from "../../web/src/ijson.ts";
import { differences } from "../../web/src/shown.ts";
import { open, type Reader, ready, type Window } from "./browser.ts";

/** The interface's words for a key. */
export function words(lang: "zh-CN" | "en", key: string): string {
  const source = readFileSync(new URL(`../../web/locales/${lang}.ftl`, import.meta.url), "utf8");
  const found = new RegExp(`^${key} = (.*)$`, "m").exec(source)?.[1];
  if (found === undefined) throw new Error(`no text ${key} in ${lang}`);
  return found;
}

/** What is typed or chosen for a field: a text; a number picks that option of a list, the first being 0; "*" ticks every box. */
export type Fill = Record<string, string | number | string[]>;

/** What a person had to do. */
export interface Cost {
  /** Fields typed or chosen; what the form had filled in already is not counted. */
  fields: number;
  signatures: number;
}

/** One person at a browser. */
export class Person {
  /** Costs by the role in which they arose. */
  readonly costs = new Map<string, Cost>();
  private role = "";

  private constructor(
    readonly window: Window,
    private readonly lang: "zh-CN" | "en",
  ) {}

  static async at(browser: Browser, origin: string, reader: Reader = {}): Promise<Person> {
    return new Person(await open(browser, origin, reader), reader.lang ?? "zh-CN");
  }

  get page(): Page {
    return this.window.page;
  }

  /** Takes a role of the demo in a village: the first person who holds it. Gives the person's name. */
  take(village: string, role: string): Promise<string> {
    const held = this.page.locator(".person-role", { hasText: words(this.lang, `role-${role.replace(/_/g, "-")}`) });
    return this.become(village, role, held);
  }

  /** Becomes the demo person of this name, who acts in this role. */
  takeNamed(village: string, role: string, name: string): Promise<string> {
    return this.become(village, role, this.page.locator(".person-name", { hasText: name }));
  }

  private async become(village: string, role: string, who: Locator): Promise<string> {
    await this.page.goto(`/demo?village=${village}`);
    const button = this.page.locator("button.person", { has: who }).first();
    const name = await button.locator(".person-name").innerText();
    await button.click();
    await this.page.waitForURL((url) => url.pathname !== "/demo");
    this.role = role;
    return name;
  }

  /** Opens a task of this kind, about this matter or session where one is given, from the list of what waits or may be begun. */
  async task(kind: string, about = ""): Promise<void> {
    await this.page.goto("/tasks");
    // An empty part would match nothing, by the rules of CSS.
    const same = about === "" ? "" : `[href*="${about}"]`;
    await this.page.locator(`main a[href*="/do/${kind}?"]${same}`).first().click();
    await ready(this.page);
  }

  /** Opens a form to which no task leads: the door's page has taken its place. */
  async form(village: string, kind: string, about: Record<string, string>): Promise<void> {
    await this.page.goto(`/v/${village}/do/${kind}?${new URLSearchParams({ role: "clerk", ...about })}`);
    await ready(this.page);
  }

  /** Types or chooses what is named. */
  async fill(fill: Fill = {}): Promise<void> {
    for (const [name, value] of Object.entries(fill)) {
      await this.fillOne(this.page.locator(`main form.form [name="${name}"]`), value);
      this.cost().fields++;
    }
  }

  private async fillOne(field: Locator, value: string | number | string[]): Promise<void> {
    const [tag, type] = await field.first().evaluate((one: HTMLInputElement) => [one.tagName, one.type]);
    if (tag === "SELECT") await (typeof value === "number" ? field.selectOption({ index: value + 1 }) : field.selectOption(value));
    else if (type === "file") await field.first().setInputFiles(value as string | string[]);
    else if (type !== "radio" && type !== "checkbox") await field.fill(String(value));
    else if (typeof value === "number") await field.nth(value).check();
    else if (value === "*") for (const box of await field.all()) await box.check();
    else for (const one of [value].flat()) await field.and(this.page.locator(`[value="${one}"]`)).check();
  }

  /** Sends the form and signs the draft that it becomes. */
  async sign(): Promise<void> {
    await this.page.locator("main form.form button[name=go][value=sign]").click();
    await this.page.waitForSelector("form[data-sign]").catch(async () => {
      throw new Error(`no draft: ${await this.page.locator("main").innerText()}`);
    });
    await this.signDraft();
  }

  /** Signs the draft on this page, after a device's own comparison: the demo server would sign without one. */
  async signDraft(): Promise<void> {
    const { payload, shown } = await this.page.locator("form[data-sign]").evaluate((form: HTMLFormElement) => ({
      payload: new FormData(form).get("payload") as string,
      shown: [...form.querySelectorAll<HTMLElement>("[data-field]")].map(({ dataset, textContent, childElementCount }) => ({
        field: dataset["field"] ?? "",
        value: dataset["value"] ?? "",
        text: childElementCount === 0 ? (textContent ?? "") : "",
        salt: dataset["salt"],
      })),
    }));
    expect(differences(parseObject(fromBase64(payload)), shown, "")).toEqual({ wrong: [], hidden: [] });
    await this.page.locator("form[data-sign] .button-sign").click();
    await this.page.waitForURL("**/done/**").catch(async () => {
      throw new Error(`not signed: ${await this.page.locator("main").innerText()}`);
    });
    this.cost().signatures++;
  }

  /** One act from task to signature. */
  async act(kind: string, about = "", fill: Fill = {}): Promise<void> {
    await this.task(kind, about);
    await this.fill(fill);
    await this.sign();
  }

  /** Signs, as second signer, what somebody else has signed. */
  async signSecond(): Promise<void> {
    await this.page.goto("/tasks");
    await this.page.locator('main a[href*="/pending/"]').first().click();
    await ready(this.page);
    await this.signDraft();
  }

  /** What the page just shown is about: the identifier in its first link to a matter or session. */
  async about(what: "m" | "s"): Promise<string> {
    const href = await this.page.locator(`main a[href*="/${what}/"]`).first().getAttribute("href");
    return /\/[ms]\/([0-9A-Z]{26})/.exec(href ?? "")?.[1] ?? "";
  }

  /** Lets hours pass in the demo: its page offers 3, 24, 120 and 360. */
  async pass(hours: 3 | 24 | 120 | 360): Promise<void> {
    await this.page.goto("/demo");
    await this.page.locator(`button[name=hours][value="${hours}"]`).click();
    await this.page.waitForLoadState();
  }

  /** Lets the others of a village check in and vote. */
  async letOthers(village: string): Promise<void> {
    await this.page.goto(`/demo?village=${village}`);
    await this.page.locator('form[action="/demo/others"] button').click();
    await this.page.waitForURL(`**/v/${village}`);
  }

  private cost(): Cost {
    const cost = this.costs.get(this.role) ?? { fields: 0, signatures: 0 };
    this.costs.set(this.role, cost);
    return cost;
  }

  close(): Promise<void> {
    return this.window.context.close();
  }
}

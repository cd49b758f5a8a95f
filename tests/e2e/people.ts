/** People of the demo at their browsers: they take a role, find what waits for them, fill in forms and sign. */
import { readFileSync } from "node:fs";

import type { Browser, Page } from "playwright-core";

import { open, type Reader, ready, type Window } from "./browser.ts";

/** The interface's words for a key. */
export function words(lang: "zh-CN" | "en", key: string): string {
  const source = readFileSync(new URL(`../../web/locales/${lang}.ftl`, import.meta.url), "utf8");
  const found = new RegExp(`^${key} = (.*)$`, "m").exec(source)?.[1];
  if (found === undefined) throw new Error(`no text ${key} in ${lang}`);
  return found;
}

/** What is typed or chosen for a field, by its name. */
export type Fill = Record<string, string | string[]>;

/** One person at a browser. */
export class Person {
  private constructor(
    readonly window: Window,
    private readonly origin: string,
    private readonly lang: "zh-CN" | "en",
  ) {}

  static async at(browser: Browser, origin: string, reader: Reader = {}): Promise<Person> {
    return new Person(await open(browser, origin, reader), origin, reader.lang ?? "zh-CN");
  }

  get page(): Page {
    return this.window.page;
  }

  /** Takes a role of the demo in a village: the first person who holds it. Gives the person's name. */
  async take(village: string, role: string): Promise<string> {
    await this.page.goto(`${this.origin}/demo?village=${village}`);
    return this.become(this.page.locator("button.person", { has: this.page.locator(".person-role", { hasText: words(this.lang, `role-${role.replace(/_/g, "-")}`) }) }).first());
  }

  /** Becomes the demo person of this name. */
  async takeNamed(village: string, name: string): Promise<string> {
    await this.page.goto(`${this.origin}/demo?village=${village}`);
    return this.become(this.page.locator("button.person", { has: this.page.locator(".person-name", { hasText: name }) }).first());
  }

  private async become(button: ReturnType<Page["locator"]>): Promise<string> {
    const name = await button.locator(".person-name").innerText();
    await button.click();
    await this.page.waitForURL((url) => url.pathname !== "/demo");
    return name;
  }

  /** Opens a task of this kind, about this matter where one is given; from the list of what waits or may be begun. */
  async task(kind: string, matter = ""): Promise<void> {
    await this.page.goto(`${this.origin}/tasks`);
    const place = kind === "ballot.cast" ? "/vote/" : `/do/${kind}`;
    // An empty part would match nothing, by the rules of CSS.
    const about = matter === "" ? "" : `[href*="${matter}"]`;
    await this.page.locator(`main a[href*="${place}"]${about}`).first().click();
    await ready(this.page);
  }

  /** Fills what is named, then whatever else is required and still empty. */
  async fill(fill: Fill = {}): Promise<void> {
    for (const [name, value] of Object.entries(fill)) {
      const field = this.page.locator(`[name="${name}"]`);
      const type = await field.first().getAttribute("type");
      if (type === "radio" || type === "checkbox") {
        for (const one of [value].flat()) await this.page.locator(`[name="${name}"][value="${one}"]`).check();
      } else if ((await field.first().evaluate((one) => one.tagName)) === "SELECT") await field.selectOption(value);
      else await field.fill(String(value));
    }
    await this.page.locator("main form.form").first().evaluate((form: HTMLFormElement) => {
      const fields = [...form.elements].filter((one) => one instanceof HTMLInputElement || one instanceof HTMLSelectElement || one instanceof HTMLTextAreaElement);
      const groups = new Set<string>();
      for (const field of fields) {
        if (field.type === "hidden" || field.type === "file") continue;
        if (field.type === "radio" || field.type === "checkbox") {
          // One of each group, where nothing is chosen yet; the law says which groups may stay empty.
          const group = fields.filter((one) => one.name === field.name) as HTMLInputElement[];
          if (!groups.has(field.name) && !group.some((one) => one.checked)) (field as HTMLInputElement).checked = true;
          groups.add(field.name);
        } else if (field.value === "" && (field.required || field.name.startsWith("second."))) {
          if (field instanceof HTMLSelectElement) field.selectedIndex = [...field.options].findIndex((option) => option.value !== "");
          else if (field.type === "number") field.value = (field as HTMLInputElement).min || "1";
          else if (field.type === "date") field.value = (field as HTMLInputElement).max || new Date().toISOString().slice(0, 10);
          else field.value = "按村民意见办理,账目公开。";
        }
      }
    });
  }

  /** Sends the form and signs the draft that it becomes. */
  async sign(): Promise<void> {
    await this.page.locator("main form.form button[name=go][value=sign]").click();
    await this.page.waitForSelector("form[data-sign]").catch(async () => {
      throw new Error(`no draft: ${await this.page.locator("main").innerText()}`);
    });
    await this.signDraft();
  }

  /** Signs the draft on this page. */
  async signDraft(): Promise<void> {
    await this.page.locator("form[data-sign] .button-sign").click();
    await this.page.waitForURL("**/done/**").catch(async () => {
      throw new Error(`not signed: ${await this.page.locator("main").innerText()}`);
    });
  }

  /** One act from task to signature. */
  async act(kind: string, fill: Fill = {}, matter = ""): Promise<void> {
    await this.task(kind, matter);
    await this.fill(fill);
    await this.sign();
  }

  /** An act that a second person signs too: whom the form names, at the same browser. */
  async actWithSecond(village: string, kind: string, fill: Fill = {}, matter = ""): Promise<void> {
    await this.task(kind, matter);
    await this.fill(fill);
    const second = this.page.locator('select[name="second.0"]');
    const name = await second.evaluate((one: HTMLSelectElement) => one.selectedOptions[0]?.text ?? "");
    await this.sign();
    await this.takeNamed(village, name.split(/[\s·((]/)[0] ?? name);
    await this.page.goto(`${this.origin}/tasks`);
    await this.page.locator('main a[href*="/pending/"]').first().click();
    await this.signDraft();
  }

  /** The matter that the page just shown is about. */
  async matter(): Promise<string> {
    const href = await this.page.locator('main a[href*="/m/"]').first().getAttribute("href");
    return /\/m\/([0-9A-Z]{26})/.exec(href ?? "")?.[1] ?? "";
  }

  close(): Promise<void> {
    return this.window.context.close();
  }
}

/** A ballot box in the hall, and the two who count what is in it, each at a device of their own. */
import type { Browser } from "playwright-core";
import { expect } from "vitest";

import { axe, picture, ready, type Reader, smallTargets, tooWide } from "./browser.ts";
import { type Fill, Person, words } from "./people.ts";
import type { Walk } from "./walk.ts";

/** Somebody who counts. */
export class Teller {
  constructor(
    readonly person: Person,
    private readonly count: string,
  ) {}

  async opens(): Promise<void> {
    await this.person.page.goto(this.count);
    await ready(this.person.page);
  }

  /** Types what was found: the box, for, against, abstained, blank. */
  async types(figures: [number, number, number, number, number]): Promise<void> {
    const { page } = this.person;
    const typing = page.locator("[data-count-way]").first();
    if (await typing.isVisible()) await typing.click();
    const fields = ["in_box", "counts.for", "counts.against", "counts.abstain", "invalid.blank"];
    for (const [i, field] of fields.entries()) await page.locator(`main form.count [name="${field}"]`).fill(String(figures[i]));
    await this.sends();
  }

  async sends(): Promise<void> {
    await this.person.page.locator("main form.count button.button-wide").click();
    await this.person.page.waitForLoadState();
    await ready(this.person.page);
  }

  /** Signs the figures that agree, as the first of the two. */
  async signs(): Promise<void> {
    const { page } = this.person;
    await page.locator('main form[action$="/draft"] button').click();
    await page.waitForSelector("form[data-sign]");
    await this.person.signDraft();
  }

  /** Signs what the other has signed. */
  async signsToo(): Promise<void> {
    await this.opens();
    await this.person.page.locator('main a[href*="/pending/"]').click();
    await ready(this.person.page);
    await this.person.signDraft();
  }
}

/** The box of one question of a session. */
export class BallotBox {
  constructor(
    private readonly walk: Walk,
    private readonly browser: Browser,
    private readonly origin: string,
  ) {}

  /** The page of its count. */
  get count(): string {
    return `/v/${this.walk.village}/s/${this.walk.session}/count/${this.walk.matter}/q1`;
  }

  /** All are signed in at the door but who is at home, the vote is opened so, and these get a paper. */
  async hands(papers: string[], opening: Fill = {}, home: string[] = []): Promise<void> {
    const { office, village, session, matter } = this.walk;
    await office.take(village, "clerk");
    await office.form(village, "attendance.recorded", { session });
    const all = await office.page.locator('main form.form [name="present"]').evaluateAll((boxes) => boxes.map((box) => (box as HTMLInputElement).value));
    await office.fill({ present: all.filter((no) => !home.includes(no)) });
    const second = office.page.locator('[name="second.0"] option', { hasText: words("zh-CN", "role-supervision-committee") }).first();
    const label = await second.innerText();
    const together = async (fill: Fill): Promise<void> => {
      await office.fill({ ...fill, "second.0": label });
      await office.sign();
      await office.takeNamed(village, "supervision_committee", label.split(" · ")[0] ?? "");
      await office.signSecond();
    };
    await together({});
    await this.walk.act("chair", "voting.opened", opening, session);
    await office.take(village, "clerk");
    await office.form(village, "paper.issued", { session, matter, question: "q1" });
    await together({ voters: papers });
  }

  /** The vote closes, and nothing more can come. */
  async closes(): Promise<void> {
    await this.walk.office.pass(3);
    await this.walk.office.pass(3);
  }

  /** Counter and scrutineer at their devices. */
  async tellers(counter: Reader, scrutineer: Reader): Promise<[Teller, Teller]> {
    return [await this.teller("counter", counter), await this.teller("scrutineer", scrutineer)];
  }

  /** One of them at a device. */
  async teller(role: "counter" | "scrutineer", reader: Reader, browser = this.browser): Promise<Teller> {
    const { office, village, session } = this.walk;
    await office.page.goto(`/v/${village}/s/${session}`);
    const name = office.page.locator(".offices > div", { has: office.page.getByText(words("zh-CN", `role-${role}`), { exact: true }) }).locator("dd");
    const person = await Person.at(browser, this.origin, reader);
    await this.become(person, await name.innerText());
    return new Teller(person, this.count);
  }

  /** Whom the demo's page lists under a name, also where it shows only some of its people. */
  async become(person: Person, name: string): Promise<void> {
    await person.page.goto(`/demo?village=${this.walk.village}&q=${encodeURIComponent(name)}`);
    await person.page.locator("button.person", { hasText: name }).first().click();
    await person.page.waitForURL((url) => url.pathname !== "/demo");
  }

  /** Opens what may be begun about the session without anybody waiting for it. */
  async begin(kind: string): Promise<void> {
    const { office, village, session } = this.walk;
    await office.page.goto(`/v/${village}/s/${session}`);
    const form = await office.page.locator(`main a[href*="/do/${kind}?"]`).first().getAttribute("href");
    await office.page.goto(form ?? "");
    await ready(office.page);
  }
}

/** What every page is held to, at this width. */
export async function looksRight({ person: { page } }: Pick<Teller, "person">, name: string, target = 44): Promise<void> {
  await picture(page, name);
  expect(await tooWide(page)).toEqual([]);
  expect(await smallTargets(page, target)).toEqual([]);
  expect(await axe(page)).toEqual([]);
}

/** A matter on its way to the vote, by the people of the village office at one PC. */
import type { Browser } from "playwright-core";
import { expect } from "vitest";

import { Person, words } from "./people.ts";

/** One matter of a village, and what its people do about it. */
export class Walk {
  matter = "";
  session = "";

  constructor(
    /** Everyone of the village shares this PC. */
    readonly office: Person,
    readonly village: string,
  ) {}

  /** At the demo's first village, whose office has just opened its PC. */
  static async begin(browser: Browser, origin: string): Promise<Walk> {
    const office = await Person.at(browser, origin);
    await office.page.goto("/demo");
    const [village = ""] = ((await office.page.locator("button.person").first().getAttribute("value")) ?? "").split("/");
    return new Walk(office, village);
  }

  /** Takes a role and does one act of it about the matter. */
  async act(role: string, kind: string, fill: Parameters<Person["act"]>[2] = {}, about = this.matter): Promise<void> {
    await this.office.take(this.village, role);
    await this.office.act(kind, about, fill);
  }

  /** As `act`, with a second person to sign: the first of this role whom the form offers. */
  async actOfTwo(role: string, kind: string, other: string): Promise<void> {
    const { office, village } = this;
    await office.take(village, role);
    await office.task(kind, this.session);
    const held = words("zh-CN", `role-${other.replace(/_/g, "-")}`);
    const label = await office.page.locator('[name="second.0"] option', { hasText: ` · ${held}` }).first().innerText();
    await office.fill({ "second.0": label });
    await office.sign();
    await office.takeNamed(village, other, label.split(" · ")[0] ?? "");
    await office.signSecond();
  }

  /** The demo's time and the session's, as its pages say them. */
  async begun(): Promise<boolean> {
    const { page } = this.office;
    await page.goto(`/v/${this.village}/s/${this.session}`);
    const starts = (await page.locator("h1").innerText()).match(/\d+/g)?.map(Number) ?? [];
    await page.goto("/demo");
    const now = ((await page.locator('form[action="/demo/time"]').locator("xpath=preceding-sibling::p[1]").innerText()).match(/\d+/g) ?? []).map(Number);
    const differs = starts.findIndex((part, at) => part !== now[at]);
    return differs < 0 || (now[differs] as number) > (starts[differs] as number);
  }

  /** Steps 1 and 2. */
  async propose(): Promise<void> {
    await this.act("clerk", "suggestion.entered", { source: "paper_box", text: "村口路灯坏了三盏,晚上老人走路不方便,建议修一修。" }, "");
    this.matter = await this.office.about("m");
    await this.act("branch_secretary", "matter.proposed", { category: "M02", title: "修复村口路灯", plan: "更换三盏太阳能路灯,每盏两千元。", amount_fen: "6000" });
    await this.act("clerk", "enlarged_meeting.recorded", { attendees: "*", nonvoting: "3", opinions: "列席人员都同意。", minutes: "会议同意提议。" });
  }

  /** Step 3, until the time to object has passed; with a second question, where it has words: its title and its own options. */
  async consult(second?: { title: string; options: string }): Promise<void> {
    await this.act("clerk", "visits.recorded", { households: "20", opinions: "希望灯亮一点\n希望早点装" });
    await this.act("clerk", "opinions.answered", { "answers.0": "会选亮的灯。", "answers.1": "票决后马上装。" });
    await this.act("clerk", "joint_meeting.recorded", { attendees: "*", minutes: "商议同意方案。" });
    await this.office.take(this.village, "clerk");
    await this.office.task("plan.settled", this.matter);
    if (second !== undefined) {
      await this.office.page.locator('main form.form button[name=add][value="questions"]').click();
      await this.office.fill({ "questions.1.title": second.title, "questions.1.options": second.options });
    }
    await this.office.sign();
    await this.act("clerk", "plan.posted");
    await this.office.pass(360);
  }

  /** Step 4. */
  async file(): Promise<void> {
    await this.act("clerk", "filing.submitted");
    await this.act("township_drafter", "filing.reviewed", { advice: "file", opinion: "材料齐全，建议备案。" });
    await this.act("township_approver", "filing.filed");
  }

  /** Step 5, until the hour of the session, with more ways to take part than forms propose; whether that hour has come. */
  async call(...channels: string[]): Promise<boolean> {
    await this.act("chair", "session.convened", { agenda: this.matter, ...(channels.length > 0 ? { channels } : {}) });
    this.session = await this.office.about("s");
    await this.actOfTwo("clerk", "roster.fixed", "supervision_committee");
    await this.act("chair", "tellers.named", { caller: 0, counter: 1, scrutineer: 2 }, this.session);
    for (let days = 0; days < 4; days++) await this.office.pass(24);
    for (let quarters = 0; quarters < 24 && !(await this.begun()); quarters++) await this.office.pass(3);
    return this.begun();
  }

  /** Waits until one who acts in this role has the task of this kind about the session. */
  async comesDue(role: string, kind: string): Promise<void> {
    const { page } = this.office;
    await this.office.take(this.village, role);
    const tasks = async (): Promise<number> => {
      await page.goto("/tasks");
      return page.locator(`main a[href*="/do/${kind}?"][href*="${this.session}"]`).count();
    };
    await expect.poll(tasks, { timeout: 20_000 }).toBeGreaterThan(0);
  }

  /** Steps 1 to 5, until the hour of the session; whether that hour has come. */
  async toTheVote(): Promise<boolean> {
    await this.propose();
    await this.consult();
    await this.file();
    return this.call();
  }
}

/** The page of a terminal in the hall. An entry of its own: it loads all that it needs at once, since it must go on without a network. */
import type { Card } from "../card.ts";
import { keepOffline } from "../hall/offline.ts";
import { startDelivery } from "../hall/queue.ts";
import { forgetOld, forgetReady } from "../hall/ready.ts";
import { make } from "../page.ts";
import { pin } from "../receipts.ts";
import { listen } from "../screen/line.ts";
import { askCard, askCode, cardEye, LastCard, type Looking, otherWays, tellAll } from "./ask.ts";
import { fill, guard } from "./guard.ts";
import { askHall, type Hall } from "./hall.ts";
import { change, countOf, type Kept, keptTerminal, makeTerminal } from "./kept.ts";
import { askTerminalNumber, checks, letIn, menu, notYet, type Office, register, sealVote, testSlip } from "./office.ts";
import { button, Left, say, Stage } from "./stage.ts";
import { Terminal } from "./terminal.ts";
import { stopDue, visit } from "./visit.ts";
import { clock, t } from "./words.ts";

/** How often the time is looked at, and how often the server is asked without being told of news, in milliseconds. */
const TICK = 1_000;
const ASK_EVERY = 15_000;

const need = (root: HTMLElement, name: string): string => root.dataset[name] ?? "";

class Page {
  private at: Terminal | undefined;
  private readonly stage: Stage;
  private readonly last = new LastCard();
  private readonly looking: Looking;
  private readonly office: Office;
  private offline = false;
  private lasting = false;
  private readonly village: string;
  private readonly session: string;

  constructor(private readonly root: HTMLElement) {
    [this.village, this.session] = [need(root, "village"), need(root, "session")];
    this.stage = new Stage(root, () => this.top());
    this.looking = { village: this.village, facing: () => this.at?.kept.camera ?? "user" };
    this.office = { stage: this.stage, looking: this.looking, last: this.last };
  }

  /** Runs for as long as the page is open: whatever goes wrong, and whoever leaves, it comes back to where it begins. */
  async run(): Promise<void> {
    const on = (): boolean => this.at?.kept.mode === "voting";
    const busy = (): boolean => on() && !["idle", "working", "wait"].includes(this.stage.name);
    guard(this.root, { on, busy, leave: () => this.stage.leave() });
    await forgetOld(Date.now());
    const kept = await keptTerminal(this.session);
    if (kept !== undefined) await this.begin(kept);
    document.documentElement.dataset["ready"] = "";
    for (;;) {
      try {
        if (this.at?.kept.mode === "voting") await this.round(this.at);
        else await this.setUp();
      } catch (error) {
        if (!(error instanceof Left)) await this.failed(error);
      }
    }
  }

  private async failed(error: unknown): Promise<void> {
    const words = error instanceof Error ? error.message : "";
    await tellAll(this.stage, "no", t("client-terminal-no"), t("client-error-page"), words).catch(() => undefined);
  }

  private top(): Node[] {
    const who = make("p", "", "t-who");
    who.append(make("b", need(this.root, "villageName")), this.at === undefined ? "" : ` · ${t("client-terminal-is", { no: this.at.kept.no })}`);
    const net = make("p", this.at === undefined ? "" : this.at.online ? t("client-terminal-online") : t("client-terminal-offline"), "t-net");
    net.dataset["online"] = String(this.at?.online ?? "");
    net.setAttribute("role", "status");
    return [who, net];
  }

  /** This browser is a terminal of the session: it delivers, listens, and looks at the time. */
  private async begin(kept: Kept): Promise<void> {
    await pin(this.village, kept.hall.log_key);
    const at = new Terminal(kept, { hall: need(this.root, "hall"), deliveries: need(this.root, "deliveries") }, startDelivery());
    this.at = at;
    let online: boolean | undefined;
    at.onChange(() => {
      if (online !== at.online) this.stage.redrawTop();
      online = at.online;
      if (at.finished && at.ready > 0) void forgetReady(this.session).then(() => at.lookAround());
    });
    await stopDue(at);
    void at.refresh();
    void this.keep();
    listen(`${need(this.root, "sessionPage")}/events`, { open: () => at.news(), alive: () => undefined, news: () => at.news(), lost: () => at.news() });
    setInterval(() => void at.refresh(), ASK_EVERY);
    setInterval(() => void stopDue(at).then(() => at.lookAround()), TICK);
    addEventListener("offline", () => void at.refresh());
  }

  private async keep(): Promise<void> {
    this.offline = await keepOffline();
    this.lasting = (await navigator.storage?.persist?.().catch(() => false)) ?? false;
    if (this.stage.name === "checks") this.stage.redraw();
  }

  /** Setting up: a number, two people's signatures, and what is ready. */
  private async setUp(): Promise<void> {
    const { stage, at } = this;
    if (at === undefined) return this.first();
    if (at.registered) return this.ready(at);
    const next = await stage.ask<"register" | "look">((answer) => {
      stage.whenLeft(at.onChange(() => at.registered && answer("look")));
      const parts = [say(t("client-terminal-register-say"), "t-say"), checks(at, this.offline, this.lasting)];
      return { name: "register", title: t("client-terminal-register", { no: at.kept.no }), parts, foot: [button(t("client-terminal-look"), () => void at.refresh(), "quiet"), button(t("client-terminal-sign"), () => answer("register"))] };
    });
    if (next === "register") await register(this.office, at);
  }

  /** What a device is told before it is a terminal; where the session takes none, that comes before all else. */
  private async first(): Promise<void> {
    const { stage } = this;
    if ((await this.allowed()) === undefined) return;
    await stage.ask<void>((answer) => ({
      name: "first",
      title: t("client-terminal-first"),
      parts: [say(t("client-terminal-first-say"), "t-say"), say(t("client-terminal-first-need"), "t-say")],
      foot: [this.back(), button(t("client-terminal-begin"), () => answer())],
    }));
    const allowed = await this.allowed();
    const no = allowed === undefined ? undefined : await askTerminalNumber(stage, allowed.hall);
    if (allowed === undefined || no === undefined) return;
    const { hall, heard } = allowed;
    await this.begin(await makeTerminal({ session: this.session, village: this.village, no, camera: "user", hall, ahead: Date.parse(hall.now) - heard, heard }));
  }

  /** The session as the server has it, and when that was heard; undefined where it can't have a terminal now, after saying why and what to do. */
  private async allowed(): Promise<{ hall: Hall; heard: number } | undefined> {
    const hall = await askHall(need(this.root, "hall")).catch(() => undefined);
    const heard = Date.now();
    const why = (): string[] => (hall === undefined ? [t("client-error-unreachable")] : notYet(hall));
    if (hall !== undefined && why().length === 0) return { hall, heard };
    await this.stage.ask<void>((answer) => ({
      name: "bar",
      title: t("client-terminal-no"),
      parts: why().map((words) => say(words, "t-say")),
      foot: [this.back(), button(t("client-terminal-again-look"), () => answer())],
    }));
    return undefined;
  }

  private back(): HTMLButtonElement {
    return button(t("client-terminal-back"), () => location.assign(need(this.root, "sessionPage")), "quiet");
  }

  private async ready(at: Terminal): Promise<void> {
    const { stage } = this;
    const next = await stage.ask<"begin" | "menu">((answer) => {
      stage.whenLeft(at.onChange(() => stage.name === "checks" && refill()));
      const list = make("div");
      const refill = (): void => list.replaceChildren(checks(at, this.offline, this.lasting));
      refill();
      const foot = [button(t("client-terminal-menu", { no: at.kept.no }), () => answer("menu"), "quiet"), button(t("client-terminal-test-print"), () => stage.print(testSlip(at)), "quiet"), button(t("client-terminal-start"), () => answer("begin"))];
      return { name: "checks", title: t("client-terminal-checks"), parts: [list, say(t("client-terminal-checks-say"), "t-note")], foot };
    });
    if (next === "menu") return void (await menu(this.office, at));
    await fill();
    at.kept = await change(at.kept.session, (kept) => ({ ...kept, mode: "voting" }));
  }

  /** The idle screen, and what somebody does from there. */
  private async round(at: Terminal): Promise<void> {
    const { stage, office } = this;
    const came = await stage.ask<{ card: Card } | "type" | "office" | "seal">((answer) => {
      const status = make("div", "", "t-status");
      status.setAttribute("role", "status");
      const refill = (): void => status.replaceChildren(...this.status(at, () => answer("seal")));
      stage.whenLeft(at.onChange(refill));
      refill();
      const got = (card: Card): void => answer({ card });
      const parts = [status, cardEye(stage, this.looking, this.last, got), otherWays(this.looking, got, () => answer("type"))];
      return { name: "idle", title: t("client-terminal-idle"), parts, foot: [button(t("client-terminal-office"), () => answer("office"), "quiet")] };
    });
    if (came === "seal") {
      const due = at.votes().find((one) => at.awaitsSeal(one));
      if (due !== undefined) await sealVote(office, at, due);
      return;
    }
    if (came === "office") {
      const card = await askCard(stage, this.looking, this.last, t("client-terminal-menu", { no: at.kept.no }), t("client-terminal-clerk-say"));
      if (card !== undefined && (await letIn(office, at, card)) && (await menu(office, at))) await this.ended();
      return;
    }
    const card = came === "type" ? await askCode(stage, this.village) : came.card;
    if (card === undefined) return;
    try {
      await visit(stage, at, card);
    } finally {
      this.last.used(card);
    }
  }

  private status(at: Terminal, seal: () => void): Node[] {
    const open = at.open();
    const parts: Node[] = [];
    for (const one of open) parts.push(say(t("client-terminal-voting", { question: one.words.text, clock: clock(at.end(one.vote)) }), "t-voting"));
    const due = at.votes().filter((one) => at.awaitsSeal(one));
    if (due.length > 0) parts.push(say(t("client-terminal-seal-due"), "t-due"), button(t("client-terminal-seal"), seal));
    else if (open.length === 0) parts.push(say(this.quiet(at)));
    const waits = at.queue.filter(({ state }) => state === "waiting").length;
    if (waits > 0) parts.push(say(t("client-terminal-waiting", { n: waits }), "t-note"));
    if (at.queue.some(({ state }) => state === "refused")) parts.push(say(t("client-terminal-refusals"), "t-note t-bad"));
    return parts;
  }

  /** What is said while nothing can be voted on. */
  private quiet(at: Terminal): string {
    const taken = at.votes().reduce((sum, one) => sum + countOf(at.kept, one.vote.basis).counter, 0);
    const there = at.queue.filter(({ state }) => state === "done").length;
    if (taken > 0 && at.queue.every(({ state }) => state === "done" || state === "sent")) return t("client-terminal-all-there", { n: there });
    return taken > 0 ? t("client-terminal-closed") : t("client-terminal-before");
  }

  private async ended(): Promise<void> {
    if (document.fullscreenElement !== null) await document.exitFullscreen().catch(() => undefined);
  }
}

async function start(root: HTMLElement): Promise<void> {
  // One tab is the terminal: two would count against each other.
  await navigator.locks.request(`sunvote-terminal ${need(root, "session")}`, { ifAvailable: true }, async (lock) => {
    if (lock !== null) return new Page(root).run();
    const stage = new Stage(root, () => []);
    await stage.ask<void>(() => ({ name: "twice", title: t("client-terminal-twice"), parts: [say(t("client-terminal-twice-say"), "t-say")] }));
  });
}

const root = document.querySelector<HTMLElement>("[data-terminal]");
if (root !== null) void start(root);

/** The hall's screen kept up to date: told by the server that the record has grown, it fetches its page again and puts the new main part in place of the old. An entry of its own: no other page loads it. */
import { countdown, ServerClock } from "./clock.ts";
import { fetchPage } from "./fetch.ts";
import { Fitted } from "./fit.ts";
import { listen } from "./line.ts";

/** How often a countdown moves. */
const TICK_MS = 250;
/** How long a text that is turned by pages stays, until somebody turns it by hand. */
const PAGE_MS = 20_000;
/** When a page that did not come is asked for again. */
const AGAIN_MS = 3_000;
/** Longest timer that browsers keep. */
const LONGEST_MS = 2_000_000_000;

/** Keys that turn: those of presenters' remote controls. */
const TURNS: Record<string, number> = { PageDown: 1, ArrowRight: 1, PageUp: -1, ArrowLeft: -1 };

const part = (root: ParentNode, selector: string): HTMLElement | null => root.querySelector<HTMLElement>(selector);
const said = (element: HTMLElement, name: string): string => element.dataset[name] ?? "";

class Screen {
  private clock: ServerClock;
  private fitted: Fitted;
  /** What was heard of and is not shown yet. */
  private stale = false;
  private fetching = false;
  /** Whether the line stands, and when that was known last, by the server's clock. */
  private listening = false;
  private heardAt: number;
  private next = 0;
  private turning = 0;

  constructor(
    private readonly root: HTMLElement,
    private shown: HTMLElement,
  ) {
    this.clock = new ServerClock(said(shown, "now"), () => performance.now());
    this.heardAt = this.clock.now();
    this.fitted = this.fittedTo(shown);
  }

  start(): void {
    document.documentElement.classList.add("screen-live");
    this.settle();
    window.setInterval(() => this.tick(), TICK_MS);
    window.addEventListener("resize", () => this.fitted.fit());
    void document.fonts.ready.then(() => this.fitted.fit());
    this.letTurn();
    letFill(this.root);
    keepAwake();
    listen(said(this.root, "events"), {
      open: () => this.opened(),
      alive: () => (this.heardAt = this.clock.now()),
      news: (size) => size !== this.shown.dataset["size"] && void this.refresh(),
      lost: () => {
        this.listening = false;
        this.lost();
      },
    });
  }

  /** After a break anything may have happened, also what no entry tells: a clock that was set, an upgrade. */
  private opened(): void {
    this.listening = true;
    if (this.lostPart()?.hidden === false) void this.refresh();
  }

  /** Fetches the page and shows it; what is heard meanwhile is fetched after it. */
  private async refresh(): Promise<void> {
    this.stale = true;
    if (this.fetching) return;
    this.fetching = true;
    while (this.stale) {
      this.stale = false;
      await fetchPage(location.href).then(
        (page) => this.show(page),
        () => this.failed(),
      );
    }
    this.fetching = false;
  }

  private failed(): void {
    this.lost();
    window.setTimeout(() => void this.refresh(), AGAIN_MS);
  }

  private show(page: Document): void {
    const fresh = page.getElementById("screen");
    if (fresh === null) return this.failed();
    const before = headline(this.shown);
    const shown = document.importNode(fresh, true);
    this.shown.replaceWith(shown);
    this.shown = shown;
    this.clock = new ServerClock(said(shown, "now"), () => performance.now());
    // Somebody who votes or comes in turns no page back.
    this.fitted = this.fittedTo(shown, headline(shown) === before ? this.fitted.page : 0);
    this.settle();
    const say = part(this.root, "[data-say]");
    // Said once for each thing that is shown, not for each person who checks in.
    if (say !== null && headline(shown) !== before) say.textContent = headline(shown);
    const lost = this.lostPart();
    if (lost !== null && this.listening) lost.hidden = true;
  }

  /** What says that the line broke. */
  private lostPart(): HTMLElement | null {
    return part(this.root, "[data-lost]");
  }

  private lost(): void {
    const lost = this.lostPart();
    if (lost === null || !lost.hidden) return;
    const language = document.documentElement.lang || "zh-CN";
    const time = new Intl.DateTimeFormat(language, { timeZone: "Asia/Shanghai", timeStyle: "medium" }).format(this.heardAt);
    const heard = part(lost, "[data-heard]");
    if (heard !== null) heard.textContent = time;
    lost.hidden = false;
  }

  private settle(): void {
    this.tick();
    this.fitted.fit();
    window.clearTimeout(this.next);
    const next = this.shown.dataset["next"];
    // A moment later than the time itself: by then it has come for the server, too.
    if (next !== undefined) this.next = window.setTimeout(() => void this.refresh(), Math.min(LONGEST_MS, this.clock.until(next) + TICK_MS));
  }

  private tick(): void {
    for (const left of this.shown.querySelectorAll<HTMLElement>("[data-until]")) {
      const ms = this.clock.until(said(left, "until"));
      left.textContent = countdown(ms);
      left.hidden = ms <= 0;
      const over = left.nextElementSibling;
      if (over instanceof HTMLElement && over.dataset["over"] !== undefined) over.hidden = ms > 0;
    }
  }

  private fittedTo(shown: HTMLElement, page = 0): Fitted {
    const turns = part(this.root, "[data-turns]");
    const told = (at: number, pages: number): void => {
      if (turns === null) return;
      turns.hidden = pages < 2;
      const words = part(turns, "[data-turn-page]");
      if (words !== null) words.textContent = `${at} / ${pages}`;
    };
    return new Fitted(shown, told, page);
  }

  /** A long text turns by itself until somebody turns it. */
  private letTurn(): void {
    this.turning = window.setInterval(() => this.fitted.turn(1), PAGE_MS);
    const turn = (by: number): void => {
      window.clearInterval(this.turning);
      this.fitted.turn(by);
    };
    for (const button of this.root.querySelectorAll<HTMLElement>("[data-turn]")) button.addEventListener("click", () => turn(Number(said(button, "turn"))));
    document.addEventListener("keydown", (event) => {
      const by = TURNS[event.key];
      if (by !== undefined && part(this.root, "[data-turns]")?.hidden === false) {
        event.preventDefault();
        turn(by);
      }
    });
  }
}

/** What is said of what is shown: the state, then the question. */
function headline(shown: HTMLElement): string {
  return [...shown.querySelectorAll(".screen-state, .screen-awaits, .seal, h2.screen-question")].map((one) => one.textContent?.trim()).join(" ");
}

function letFill(root: HTMLElement): void {
  const button = part(root, "[data-fullscreen]");
  if (button === null || !document.fullscreenEnabled) return;
  button.addEventListener("click", () => void document.documentElement.requestFullscreen());
  const shown = (): void => {
    button.hidden = document.fullscreenElement !== null;
  };
  document.addEventListener("fullscreenchange", shown);
  shown();
}

/** Keeps the device from going to sleep where it lets us. */
function keepAwake(): void {
  const ask = (): void => {
    if (document.visibilityState === "visible") void navigator.wakeLock?.request("screen").catch(() => undefined);
  };
  // A browser ends it when the page is hidden.
  document.addEventListener("visibilitychange", ask);
  ask();
}

const root = part(document, "[data-screen]");
const shown = root === null ? null : part(root, "#screen");
if (root !== null && shown !== null) new Screen(root, shown).start();

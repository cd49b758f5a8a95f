/** The door's page: who is there, live; marks by scan or tap; lists signed by two. */
import { fetchJson, Unreachable } from "../api.ts";
import { keepOffline } from "../hall/offline.ts";
import { type Delivery, type Queued, startDelivery } from "../hall/queue.ts";
import { forgetOld, forgetReady, here as readyCards } from "../hall/ready.ts";
import { csrf, explain, find, make, need } from "../page.ts";
import { listen } from "../screen/line.ts";
import { fingerprint } from "../shown.ts";
import { pin } from "../receipts.ts";
import { get, list, put } from "../storage.ts";
import { doorTexts, type Texts } from "../texts.ts";
import { type Beside, enhanceBeside, showBeside } from "./beside.ts";
import { readyWindow } from "./cards.ts";
import { readCode } from "./codes.ts";
import { look, type Shown } from "./eye.ts";
import { cardsOf, findRows, renew, type Row, rowsOf, showRows } from "./list.ts";
import { queuedLists } from "./queued.ts";
import { type Part, signWindow } from "./sign-window.ts";
import { type Desk, lineOf, sheets, type Signing } from "./signing.ts";
import { count, keyOf, type Live, listOf, type Marks, type Mode, mark, type MarkSaid, noMarks, pruned, said, unmark, verdict, type Vote, type Waiting } from "./state.ts";

/** Takes over `[data-door]`. */
export async function enhanceDoor(place: HTMLElement): Promise<void> {
  await new Door(place, await doorTexts()).open();
}

/** What the device keeps of a door: a phone may be put away, or lose the network. */
interface KeptDoor {
  marks: Marks;
  live: Live;
  ahead: number;
}

class Door {
  private readonly rows: Map<number, Row>;
  private readonly signing: Signing;
  private readonly desk: Desk;
  private live: Live;
  private marks: Marks = noMarks();
  private mode: Mode = "arrive";
  /** The server's clock against this one, in milliseconds. */
  private ahead = 0;
  private looking: Promise<void> | undefined;
  private behind = false;
  private beside: Beside;
  private eye: (() => void) | undefined;
  /** Signed here, and not with the server yet. */
  private queued: Waiting[] = [];
  private delivery: Delivery | undefined;
  private readonly net = Object.assign(make("p", "", "notice-box"), { role: "status", hidden: true });

  constructor(
    private readonly place: HTMLElement,
    private readonly t: Texts,
  ) {
    this.rows = rowsOf(place);
    this.signing = JSON.parse(need(place, "signing")) as Signing;
    const { village, session, api, logKey } = { village: need(place, "village"), session: need(place, "session"), api: need(place, "api"), logKey: need(place, "logKey") };
    this.desk = { village, session, api, logKey, csrf: csrf(), serverSigns: place.dataset["serverSigns"] };
    this.live = JSON.parse(need(place, "live")) as Live;
    this.ahead = Date.parse(this.live.now) - Date.now();
    this.beside = { place, api: `${api}/sessions/${session}/door/notes`, csrf: this.desk.csrf, who: (no) => this.who(no), again: () => this.again() };
  }

  async open(): Promise<void> {
    const kept = await get<KeptDoor>("settings", this.name());
    if (kept !== undefined) {
      // A page that comes back without the network is older than what the device has heard since.
      if (kept.live.size > this.live.size) this.live = kept.live;
      this.ahead = kept.ahead;
      this.marks = kept.marks;
    }
    await pin(this.desk.village, this.desk.logKey);
    await forgetOld(Date.now());
    this.delivery = startDelivery();
    this.delivery.onChange(() => void this.delivered());
    this.queued = await this.inQueue();
    if (this.signing["attendance.recorded"] === undefined) this.mode = this.live.votes[0] ?? "arrive";
    for (const { no, button } of this.rows.values()) {
      button.disabled = false;
      button.onclick = () => void this.tap(no);
    }
    enhanceBeside(this.beside, this.t);
    this.find("[data-scan]", HTMLButtonElement).onclick = () => void this.scan();
    this.find("[data-sign]", HTMLButtonElement).onclick = () => void this.sign();
    const search = this.find("[data-find]", HTMLInputElement);
    search.oninput = () => {
      this.find("[data-nobody]", HTMLElement).hidden = findRows(this.rows, search.value);
    };
    for (const name of ["[data-tools]", "[data-beside]"]) this.find(name, HTMLElement).hidden = false;
    this.find("[data-line]", HTMLElement).before(this.net);
    this.find("[data-make-ready]", HTMLButtonElement).onclick = () => void this.makeReady();
    this.take(this.live);
    await this.showReady();
    void this.again();
    void keepOffline();
    listen(need(this.place, "events"), {
      open: () => this.away(false),
      alive: () => undefined,
      news: () => void this.again(),
      lost: () => this.away(true),
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") void this.again();
    });
  }

  private find<T extends Element>(selector: string, kind: new () => T): T {
    const found = find(this.place, selector, kind);
    if (found === undefined) throw new Error(selector);
    return found;
  }

  private name(): string {
    return `door/${this.desk.village}/${this.desk.session}`;
  }

  private who(no: number): string {
    return this.t("client-door-who", { no: String(no), name: this.rows.get(no)?.name ?? "" }).trim();
  }

  private readonly known = (no: number): boolean => this.rows.has(no);

  /** Looks again; once more where something happened meanwhile. */
  private again(): Promise<void> {
    this.behind = true;
    this.looking ??= this.lookAgain().finally(() => (this.looking = undefined));
    return this.looking;
  }

  private async lookAgain(): Promise<void> {
    while (this.behind) {
      this.behind = false;
      const answer = await fetchJson(`${this.desk.api}/sessions/${this.desk.session}/door`).catch((error: unknown) => {
        if (error instanceof Unreachable) this.away(true);
        else this.say(explain(error, this.t).join(" "));
      });
      if (answer === undefined) return;
      this.away(false);
      const live = answer.body as unknown as Live;
      this.ahead = Date.parse(live.now) - Date.now();
      this.take(live);
    }
  }

  private take(live: Live): void {
    this.live = { ...live, waiting: [...live.waiting.filter(({ queued }) => queued === undefined), ...this.queued] };
    if (typeof this.mode === "object" && !live.votes.some((vote) => keyOf(vote) === keyOf(this.mode as Vote))) this.mode = "arrive";
    this.keep(pruned(live, this.marks, this.known));
  }

  private keep(marks: Marks): void {
    this.marks = marks;
    void put("settings", { name: this.name(), marks, live: this.live, ahead: this.ahead });
    this.show();
  }

  private async inQueue(): Promise<Waiting[]> {
    return queuedLists(await list<Queued>("queue"), lineOf(this.desk));
  }

  /** Something of the queue was delivered, or refused. */
  private async delivered(): Promise<void> {
    this.queued = await this.inQueue();
    this.take(this.live);
    await this.again();
  }

  private async makeReady(): Promise<void> {
    await readyWindow(this.desk.village, this.desk.session, this.t);
    await this.showReady();
  }

  /** Whose cards are ready here for when the network is away; none once the session is over. */
  private async showReady(): Promise<void> {
    const over = !this.live.open && Date.parse(this.live.now) > Date.parse(this.live.opens);
    if (over) await forgetReady(this.desk.session);
    const cards = (await readyCards.list()).filter(({ session }) => session === this.desk.session);
    const names = cards.map((card) => this.holder(card.public));
    find(this.find("[data-ready-cards]", HTMLElement), ".door-lines", HTMLElement)?.replaceChildren(...names.map((name) => make("li", `✓ ${name}`)));
  }

  /** Whose key it is, as far as this page knows. */
  private holder(key: string): string {
    const all = Object.values(this.signing);
    const other = all.flatMap(({ others }) => others).find(({ keys }) => keys.some((one) => one.key === key));
    return other?.name ?? (all.some((mine) => mine.key === key) ? this.t("client-door-myself") : fingerprint(key));
  }

  private show(): void {
    const { live, t } = this;
    this.find("[data-due]", HTMLElement).textContent = String(live.eligible);
    this.find("[data-there]", HTMLElement).textContent = String(live.present);
    const missing = (live.quorum ?? 0) - live.present;
    const say = this.find("[data-quorum-say]", HTMLElement);
    const words = !live.open ? t("client-door-shut", { when: this.clock(live.opens) }) : live.quorum === null ? "" : missing > 0 ? t("client-door-quorum-no", { n: missing }) : t("client-door-quorum-yes");
    if (say.textContent !== words) say.textContent = words;
    say.dataset["tone"] = live.open && missing <= 0 ? "good" : "bad";
    this.showModes();
    showRows(this.rows, live, this.marks, this.mode, t);
    this.showMarked();
    this.showWaiting();
    showBeside(this.beside, live, t);
  }

  private showModes(): void {
    const attendance: [Mode, string][] = this.signing["attendance.recorded"] === undefined ? [] : [["arrive", this.t("client-door-arrive")], ["leave", this.t("client-door-leave")]];
    const papers: [Mode, string][] = this.signing["paper.issued"] === undefined ? [] : this.live.votes.map((vote) => [vote, vote.named_papers ? this.t("client-door-paper-named", { question: vote.words }) : this.t("client-door-paper", { question: vote.words })]);
    const buttons = [...attendance, ...papers].map(([mode, words]) => {
      const button = make("button", words, "door-mode");
      button.type = "button";
      button.setAttribute("aria-pressed", String(sameMode(mode, this.mode)));
      button.onclick = () => {
        this.mode = mode;
        this.show();
      };
      return button;
    });
    const place = this.find("[data-modes]", HTMLElement);
    const before = [...place.children].map((one) => one.textContent + String(one.getAttribute("aria-pressed")));
    const now = buttons.map((one) => one.textContent + String(one.getAttribute("aria-pressed")));
    if (before.join() !== now.join()) place.replaceChildren(...buttons);
  }

  private showMarked(): void {
    const n = count(this.marks);
    this.find("[data-sign-bar]", HTMLElement).hidden = n === 0;
    const words = n === 0 ? "" : this.t("client-door-marked", { n });
    const said = this.find("[data-marked]", HTMLElement);
    if (said.textContent !== words) said.textContent = words;
  }

  private showWaiting(): void {
    const section = this.find("[data-waiting]", HTMLElement);
    section.hidden = this.live.waiting.length === 0;
    const lines = this.live.waiting.map((one) => ({ key: one.statement, now: JSON.stringify(one), make: () => this.waitingLine(one) }));
    renew(find(section, ".door-lines", HTMLElement), lines);
  }

  private waitingLine(one: Waiting): HTMLElement {
    const line = make("li");
    const people = (list: number[]): string => list.map((no) => this.who(no)).join(this.t("client-door-comma"));
    const { t } = this;
    const some = (list: number[], words: (about: { n: number; people: string }) => string): string => (list.length === 0 ? "" : words({ n: list.length, people: people(list) }));
    const words = [some(one.present, (about) => t("client-door-come", about)), some(one.left, (about) => t("client-door-gone", about)), some(one.voters, (about) => t("client-door-handed", about))];
    line.append(make("span", words.filter(Boolean).join(" ")), make("span", this.standing(one), one.queued?.refused === undefined ? "door-note" : "door-fault"));
    if (one.mine) {
      const link = make("a", this.t("client-door-sign-this"), "button");
      link.href = `/v/${this.desk.village}/pending/${one.statement}`;
      line.append(link);
    }
    return line;
  }

  private standing({ queued, for_names }: Waiting): string {
    if (queued === undefined) return this.t("client-door-waits", { names: for_names.join(this.t("client-door-comma")) });
    return queued.refused === undefined ? this.t("client-door-queued") : this.t("client-door-refused", { words: queued.refused });
  }

  /** A tap marks, or takes the mark back. */
  private tap(no: number): void {
    if (listOf(this.marks, this.mode).includes(no)) {
      this.keep(unmark(this.marks, this.mode, no));
      return this.say();
    }
    const shown = this.put(no);
    this.say(shown.tone === "good" ? undefined : `${shown.who} ${shown.words}`);
  }

  /** Marks a member where that is possible, and says what came of it. */
  private put(no: number): Shown {
    const found = verdict(this.live, this.marks, this.mode, no, this.known);
    const shut = !this.live.open && typeof this.mode === "string";
    const good = !shut && (found === "can" || found === "vote");
    if (good) this.keep(mark(this.marks, this.mode, no));
    const code: MarkSaid = shut ? "shut" : said(found, this.mode);
    const words = this.t(`client-door-is-${code}`, { when: this.clock(this.live.opens) });
    return { tone: good ? "good" : found === "marked" ? "twice" : "bad", who: this.who(no), words };
  }

  private async scan(): Promise<void> {
    if (this.eye !== undefined) return this.endScan();
    const here = { village: this.desk.village, session: this.desk.session, cards: cardsOf(this.rows) };
    const seen = (text: string): Shown => {
      const code = readCode(text, here);
      return "no" in code ? this.put(code.no) : { tone: "bad", who: "", words: this.t(`client-door-code-${code.fault}`) };
    };
    const place = this.find("[data-eye]", HTMLElement);
    this.eye = await look(place, this.t, seen).catch((error: unknown) => {
      this.say(explain(error, this.t).join(" "));
      return undefined;
    });
    find(place, "button", HTMLButtonElement)?.addEventListener("click", () => this.endScan());
  }

  private endScan(): void {
    this.eye?.();
    this.eye = undefined;
  }

  private async sign(): Promise<void> {
    this.endScan();
    const all = sheets(this.live, this.marks, this.signing, this.desk.session, !this.net.hidden);
    const outcome = await signWindow({ sheets: all, parts: this.parts(), signing: this.signing, desk: this.desk, now: () => new Date(Date.now() + this.ahead).toISOString() }, this.t);
    this.queued = await this.inQueue();
    this.take(this.live);
    if (outcome === "queued") void this.delivery?.now();
    else await this.again();
    if (outcome !== undefined) this.say(this.t(`client-door-signed-${outcome}`), "good");
  }

  /** The lists in words. */
  private parts(): Part[] {
    const part = (title: string, list: number[]): Part => ({ title: `${title} (${list.length})`, people: list.map((no) => this.who(no)) });
    const papers = this.live.votes.map((vote) => part(this.t("client-door-paper", { question: vote.words }), this.marks.papers[keyOf(vote)] ?? []));
    return [part(this.t("client-door-arrive"), this.marks.arrive), part(this.t("client-door-leave"), this.marks.leave), ...papers].filter(({ people }) => people.length > 0);
  }

  /** Whether the network is away: said apart from what came of the last press. */
  private away(is: boolean): void {
    if (this.net.hidden === !is) return;
    this.net.hidden = !is;
    this.net.textContent = is ? this.t("client-door-lost") : "";
  }

  private say(words?: string, tone: "good" | "bad" = "bad"): void {
    const line = this.find("[data-line]", HTMLElement);
    line.replaceChildren(...(words === undefined ? [] : [make("p", words, "notice-box")]));
    line.dataset["tone"] = tone;
  }

  private clock(time: string): string {
    return new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: "Asia/Shanghai", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(Date.parse(time));
  }
}

function sameMode(one: Mode, other: Mode): boolean {
  return typeof one === "string" || typeof other === "string" ? one === other : keyOf(one) === keyOf(other);
}

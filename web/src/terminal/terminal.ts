/** The terminal as it works: what it is at, what time it is in the hall, what can be voted on, and what waits to be delivered. */
import type { Delivery, Queued } from "../hall/queue.ts";
import { here } from "../hall/ready.ts";
import { pin } from "../receipts.ts";
import { Bell } from "./bell.ts";
import type { Place } from "./card.ts";
import { askHall, besideOf, canBePut, endOf, memberOf, type Question, type Vote } from "./hall.ts";
import { change, countOf, forgetRefused, type Kept, keptTerminal, lineOf, queueOf } from "./kept.ts";
import type { Put } from "./visit.ts";

/** The server is asked at most so often, however much is put on record, in milliseconds. */
const ASKED_EVERY = 3_000;

/** Addresses of the server. */
export interface Addresses {
  hall: string;
  deliveries: string;
}

/** One terminal at work. */
export class Terminal {
  /** Whether the server answered last time. */
  online = false;
  /** The server names another log key than this device knows: nothing that it says is believed. */
  strange = false;
  queue: Queued[] = [];
  /** How many cards are ready for when there is no network. */
  ready = 0;
  private asked = -Infinity;
  private soon: ReturnType<typeof setTimeout> | undefined;
  /** What screens were told last. */
  private told = "";
  private readonly puttable = new WeakMap<Question, boolean>();
  private readonly bell = new Bell();

  constructor(
    public kept: Kept,
    private readonly addresses: Addresses,
    private readonly delivery: Delivery,
  ) {
    delivery.onChange(() => void this.lookAround());
  }

  get deliveries(): string {
    return this.addresses.deliveries;
  }

  /** Calls back when anything has changed that a screen may show, until what it gives is called. */
  onChange(act: () => void): () => void {
    return this.bell.on(act);
  }

  /** The time in the hall, by the server's clock, in milliseconds since 1970. */
  now(): number {
    return Date.now() + this.kept.ahead;
  }

  /** The time for a statement: not before what it rests on. */
  time(notBefore: string): string {
    return new Date(Math.max(this.now(), Date.parse(notBefore))).toISOString();
  }

  /** When a vote ends, as far as it is known here. */
  end(vote: Vote): number {
    return endOf(vote);
  }

  /** Whether a question is one that this terminal puts, with every word checked. */
  puts(question: Question): question is Put {
    const known = this.puttable.get(question);
    if (known !== undefined) return known;
    const can = canBePut(this.kept.village, this.kept.session, question);
    this.puttable.set(question, can);
    return can;
  }

  /** Whether a ballot on a question is taken now. */
  takes(question: Question): question is Put {
    if (!this.puts(question) || question.vote.status !== "open") return false;
    return countOf(this.kept, question.vote.basis).stopped === undefined && this.now() < this.end(question.vote);
  }

  /** What can be voted on now. */
  open(): Put[] {
    return this.kept.hall.questions.filter((one) => this.takes(one)).map((one) => one as Put);
  }

  /** Votes of terminals, with what came of them here. */
  votes(): Put[] {
    return this.kept.hall.questions.filter((one) => this.puts(one)).map((one) => one as Put);
  }

  /** The revision of a member's next ballot here. */
  revision(question: Put, no: number): number {
    const there = question.vote.kiosk.find(([voter]) => voter === no)?.[1] ?? 0;
    return Math.max(there, countOf(this.kept, question.vote.basis).revisions[no] ?? 0) + 1;
  }

  /** Whether its own registration is on record. */
  get registered(): boolean {
    return this.kept.hall.terminals.some(({ key }) => key === this.kept.public);
  }

  /** Whether a vote's seal is on record. */
  isSealed(vote: Vote): boolean {
    return vote.terminals.some(({ no, sealed }) => no === this.kept.no && sealed);
  }

  /** Whether a vote has ended here with ballots, and two people have not signed its seal. */
  awaitsSeal(question: Put): boolean {
    const { stopped, seal, counter } = countOf(this.kept, question.vote.basis);
    const refused = this.queue.some(({ id, state }) => id === seal && state === "refused");
    return stopped !== undefined && counter > 0 && (seal === undefined || refused) && !this.isSealed(question.vote) && question.vote.status !== "over";
  }

  /** Whether there is something to vote on still, so that cards are of use. */
  private goesOn(): boolean {
    const { live, questions } = this.kept.hall;
    return live && questions.some(({ vote }) => vote === null || (vote.channels.includes("kiosk") && vote.status === "open") || vote.terminals.some(({ no }) => no === this.kept.no && this.unsealed(vote)));
  }

  private unsealed(vote: Vote): boolean {
    return vote.status !== "over" && countOf(this.kept, vote.basis).counter > 0 && !this.isSealed(vote);
  }

  /** Whether this key's card is kept ready for when there is no network. */
  keeps(key: string): boolean {
    return this.goesOn() && (memberOf(this.kept.hall, key) !== undefined || besideOf(this.kept.hall, key) !== undefined);
  }

  /** Whether everything is over: nothing to vote on, nothing to seal, nothing to deliver. */
  get finished(): boolean {
    return !this.goesOn() && this.queue.every(({ state, body }) => state === "done" || state === "sent" || (state === "refused" && body === undefined));
  }

  /** What a card needs to know of the place. */
  place(): Place {
    const isKnown = (key: string): boolean => memberOf(this.kept.hall, key) !== undefined || besideOf(this.kept.hall, key) !== undefined;
    return { session: this.kept.session, now: Date.now(), isKnown, keeps: (key) => this.keeps(key) };
  }

  /** What is kept, read again. */
  async reload(): Promise<void> {
    this.kept = (await keptTerminal(this.kept.session)) ?? this.kept;
  }

  /** Something was put on record: the server is asked now, or a little later where it was asked a moment ago. */
  news(): void {
    if (this.soon !== undefined) return;
    const wait = Math.max(0, this.asked + ASKED_EVERY - performance.now());
    this.soon = setTimeout(() => {
      this.soon = undefined;
      void this.refresh();
    }, wait);
  }

  /** Asks the server how the session stands, and keeps the answer. */
  async refresh(): Promise<void> {
    this.asked = performance.now();
    const before = this.online;
    try {
      const hall = await askHall(this.addresses.hall);
      this.strange = (await pin(this.kept.village, hall.log_key)).changed;
      this.online = true;
      const heard = Date.now();
      if (!this.strange) this.kept = await change(this.kept.session, (kept) => ({ ...kept, hall, ahead: Date.parse(hall.now) - heard, heard }));
    } catch {
      this.online = false;
    }
    // A browser doesn't always notice that the network is back.
    if (this.online && !before) void this.delivery.now();
    await this.lookAround();
  }

  /** A ballot or seal was put into the queue: it goes now if it can. */
  taken(): void {
    void this.lookAround();
    void this.delivery.now();
  }

  /** Tries once more what a rule refused. */
  retry(id: string): Promise<void> {
    return this.delivery.retry(id);
  }

  /** Looks at what waits and what is ready, and tells the screens what has changed: what is drawn anew can't be pressed at that moment. */
  async lookAround(): Promise<void> {
    const over = this.kept.hall.questions.flatMap(({ vote }) => (vote?.status === "over" ? [lineOf(vote.basis)] : []));
    this.queue = await forgetRefused(await queueOf(this.kept.session), over);
    this.ready = (await here.list()).filter(({ session }) => session === this.kept.session).length;
    const { hall, counts, no } = this.kept;
    const votes = hall.questions.map(({ vote }) => [vote?.status, vote?.closed_at, vote?.terminals]);
    const queue = this.queue.map(({ id, state, problem }) => [id, state, problem]);
    const now = JSON.stringify([no, this.online, this.strange, this.ready, this.registered, hall.live, votes, counts, queue, this.open().length]);
    if (now === this.told) return;
    this.told = now;
    this.bell.ring();
  }
}

/**
 * What was signed in a hall and is not on record yet. It is on disk before anybody is told that it is done, and is sent in the order in which
 * it was signed until the server has it: again and again after a break, by one tab at a time, never twice on record (the server knows a
 * statement by its id). What a rule refuses is kept for people to see.
 */
import { type Answer, post, recorded, Refused, Unreachable } from "../api.ts";
import { csrf } from "../page.ts";
import type { Envelope } from "../dsse.ts";
import { checkAnswer, pinned } from "../receipts.ts";
import { list, put, type Rows, together } from "../storage.ts";

/** A signed thing to be delivered. */
export interface Thing {
  /** Statement id, hex. */
  id: string;
  village: string;
  session: string;
  /** Where it is posted. */
  api: string;
  /** What is posted: the envelope, and what opens a ballot. */
  body: object;
  /** Spaces after it, so that nobody can tell a choice from the length of what passes. */
  room?: number;
  /** When it was signed, ISO 8601. */
  signed: string;
  /** Things of one line go one after the other; another line doesn't wait for them. */
  line: string;
  /** Rules that refuse it only for now: it waits, and all of its line behind it. */
  holds?: string[];
  /** Others may have to sign it, too: then the server's word that it keeps it for them is enough. */
  waits?: true;
}

/** What is known of why something didn't go. */
export interface Problem {
  /** The rule's stable name; "" where none refused it. */
  rule: string;
  /** In words; "" where the server could not be reached. */
  words: string;
}

/** One thing on disk. What was posted goes with its delivery: of a ballot nothing is left that says how somebody voted. */
export interface Queued extends Omit<Thing, "body"> {
  body?: object | undefined;
  /** Its place in its line. */
  order: number;
  /** `sent`: the server keeps it until others have signed, too. */
  state: "waiting" | "done" | "sent" | "refused";
  /** Entry of the record, once it is there. */
  seq?: number | undefined;
  problem?: Problem | undefined;
}

/** What became of one attempt. */
export type Outcome = { is: "done"; seq: number } | { is: "sent" } | { is: "later"; problem: Problem } | { is: "refused"; problem: Problem };

/** Where the queue is kept, and what it needs of the world. */
export interface Around {
  list(): Promise<Queued[]>;
  put(one: Queued): Promise<void>;
  send(one: Queued): Promise<Outcome>;
  /** Runs `act` while nobody else does, in any tab. */
  alone(act: () => Promise<void>): Promise<void>;
  /** Calls back once after so many milliseconds; what it gives calls that off. */
  after(ms: number, act: () => void): () => void;
}

/** First and longest wait after a break, in milliseconds. */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

/** A thing as it is put on disk, at the end of its line or, where that must come before what waits, at its head. */
export function queued(thing: Thing, all: Queued[], first = false): Queued {
  const orders = all.filter(({ line, state }) => line === thing.line && (!first || state === "waiting")).map(({ order }) => order);
  const order = orders.length === 0 ? nextOrder(all) : first ? Math.min(...orders) - 1 : Math.max(...orders) + 1;
  return { ...thing, order, state: "waiting" };
}

const nextOrder = (all: Queued[]): number => Math.max(0, ...all.map(({ order }) => order)) + 1;

/** Puts a thing into the queue within a transaction over the store `queue`; one that is there already stays as it is. */
export async function enqueueIn(rows: Rows, thing: Thing, first = false): Promise<void> {
  if ((await rows.get<Queued>("queue", thing.id)) !== undefined) return;
  rows.put("queue", queued(thing, await rows.list<Queued>("queue"), first));
}

/** Puts a thing into the queue; resolves when it is on disk. */
export async function enqueue(thing: Thing, first = false): Promise<void> {
  await together(["queue"], (rows) => enqueueIn(rows, thing, first));
}

/** What waits of a line, in order. */
export function waiting(all: Queued[], line?: string): Queued[] {
  return all.filter((one) => one.state === "waiting" && (line === undefined || one.line === line)).sort((a, b) => a.order - b.order);
}

/** What an answer or a fault means for one thing. A ballot is whole: a server that says it waits for others lies, and gets nothing let go. */
export function outcomeOf(answer: Answer | Error, { holds = [], waits = false }: { holds?: string[] | undefined; waits?: boolean | undefined } = {}): Outcome {
  if (!(answer instanceof Error)) {
    const { seq, pending } = answer.body;
    if (answer.status === 201 && typeof seq === "number") return { is: "done", seq };
    if (answer.status === 202 && typeof pending === "string" && waits) return { is: "sent" };
    // Somebody else answers in the server's place: the log-in page of a network that lets nobody through yet.
    return { is: "later", problem: { rule: "", words: "" } };
  }
  if (answer instanceof Unreachable) return { is: "later", problem: { rule: "", words: "" } };
  if (!(answer instanceof Refused)) throw answer;
  const problem = { rule: answer.rule, words: [answer.message, answer.detail].filter(Boolean).join(" ") };
  // Only a rule has judged it. Any other answer, such as a limit or a log-in that ended, is not the last word.
  const judged = answer.status === 422 && answer.rule !== "" && !holds.includes(answer.rule);
  return { is: judged ? "refused" : "later", problem };
}

/** Delivers what is in the queue, for as long as the page is open. */
export class Delivery {
  private wait = FIRST_WAIT;
  private cancel: (() => void) | undefined;
  private readonly heard = new Set<() => void>();

  constructor(private readonly around: Around) {}

  /** Calls back after each change. */
  onChange(act: () => void): void {
    this.heard.add(act);
  }

  /** Sends what waits, line by line, until all of it is with the server or something stands against it. */
  async deliver(): Promise<void> {
    this.cancel?.();
    this.cancel = undefined;
    let broken = false;
    await this.around.alone(async () => {
      const lines = new Set(waiting(await this.around.list()).map(({ line }) => line));
      for (const line of lines) broken = !(await this.deliverLine(line)) || broken;
    });
    if (!broken) this.wait = FIRST_WAIT;
    else this.again();
  }

  /** Once more from the beginning of the waits: the network is back, or something new is there. */
  now(): Promise<void> {
    this.wait = FIRST_WAIT;
    return this.deliver();
  }

  /** Lets a refused thing be tried again. */
  async retry(id: string): Promise<void> {
    const one = (await this.around.list()).find((each) => each.id === id && each.state === "refused");
    if (one !== undefined) await this.put({ ...one, state: "waiting", problem: undefined });
    await this.now();
  }

  private async deliverLine(line: string): Promise<boolean> {
    for (;;) {
      const next = waiting(await this.around.list(), line)[0];
      if (next === undefined) return true;
      const outcome = await this.around.send(next);
      switch (outcome.is) {
        case "done":
          await this.put({ ...next, body: undefined, problem: undefined, state: "done", seq: outcome.seq });
          break;
        case "sent":
          await this.put({ ...next, body: undefined, problem: undefined, state: "sent" });
          break;
        case "refused":
          await this.put({ ...next, state: "refused", problem: outcome.problem });
          break;
        case "later":
          await this.put({ ...next, problem: outcome.problem });
          return false;
      }
    }
  }

  private async put(one: Queued): Promise<void> {
    await this.around.put(one);
    for (const act of this.heard) act();
  }

  private again(): void {
    this.cancel?.();
    this.cancel = this.around.after(this.wait, () => void this.deliver());
    this.wait = Math.min(LONGEST_WAIT, 2 * this.wait);
  }
}

/** Posts one thing. What the server says is on record must be shown by a receipt, before what was signed is let go. */
async function send(one: Queued): Promise<Outcome> {
  const answer = await post(one.api, one.body, csrf(), one.room).catch((error: Error) => error);
  const outcome = outcomeOf(answer, one);
  if (outcome.is !== "done" || answer instanceof Error) return outcome;
  const [key, { envelope }] = [await pinned(one.village), one.body as { envelope: Envelope }];
  const { fault } = await checkAnswer(recorded(answer.body), envelope.payload, key ?? "");
  return fault === undefined ? outcome : { is: "later", problem: { rule: `receipt.${fault}`, words: "" } };
}

/** The queue of this browser, which delivers from now on: at once, when the network comes back, and after a while. The log's key must be pinned. */
export function startDelivery(): Delivery {
  const after = (ms: number, act: () => void): (() => void) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  };
  const alone = (act: () => Promise<void>): Promise<void> => navigator.locks.request("sunvote-queue", act);
  const delivery = new Delivery({ list: () => list<Queued>("queue"), put: (one) => put("queue", one), send, alone, after });
  addEventListener("online", () => void delivery.now());
  void delivery.deliver();
  return delivery;
}

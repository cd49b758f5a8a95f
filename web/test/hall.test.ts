/** What a hall signs while the network is away: the queue's order and faults, and cards made ready. */
import { describe, expect, it } from "vitest";

import { Refused, Unreachable } from "../src/api.ts";
import { type Bytes, hex } from "../src/bytes.ts";
import { type Card, formatCardCode } from "../src/card.ts";
import type { CardKey } from "../src/card-key.ts";
import { publicKey, sign } from "../src/curve.ts";
import { Delivery, type Outcome, outcomeOf, type Queued, queued, type Thing, waiting } from "../src/hall/queue.ts";
import { type Cards, forgetOld, forgetReady, LockedHere, makeReady, MOST_WRONG, NotReady, openReady, type Ready } from "../src/hall/ready.ts";
import { WrongPin } from "../src/pin.ts";

const thing = (id: string, line = "a"): Thing => ({ id, village: "331102206201", session: "S", api: "/api", body: { opening: id }, signed: "2026-11-16T01:00:00.000Z", line });

/** A queue whose world is told what happens next; the power may fail before or after any answer. */
class World {
  disk: Queued[] = [];
  sent: string[] = [];
  timers: { ms: number; act: () => void }[] = [];
  answers: Record<string, Outcome | "power"> = {};
  private busy: Promise<void> = Promise.resolve();

  add(one: Thing, first = false): void {
    this.disk.push(queued(one, this.disk, first));
  }

  /** A page that starts with what is on disk. */
  page(failsToWrite = false): Delivery {
    return new Delivery({
      list: () => Promise.resolve(structuredClone(this.disk)),
      put: (one) => {
        if (failsToWrite) return Promise.reject(new Error("power"));
        this.disk = this.disk.map((each) => (each.id === one.id ? structuredClone(one) : each));
        return Promise.resolve();
      },
      send: (one) => {
        this.sent.push(one.id);
        const answer = this.answers[one.id] ?? { is: "done", seq: this.sent.length };
        return answer === "power" ? Promise.reject(new Error("power")) : Promise.resolve(answer);
      },
      alone: (act) => {
        const mine = this.busy.then(act);
        this.busy = mine.catch(() => undefined);
        return mine;
      },
      after: (ms, act) => {
        const timer = { ms, act };
        this.timers.push(timer);
        return () => void this.timers.splice(this.timers.indexOf(timer), 1);
      },
    });
  }

  states(): string[] {
    return this.disk.map(({ id, state }) => `${id} ${state}`);
  }
}

const later: Outcome = { is: "later", problem: { rule: "", words: "" } };

describe("the queue", () => {
  it("sends in the order of signing, and keeps nothing of what was sent but its place", async () => {
    const world = new World();
    for (const id of ["1", "2", "3"]) world.add(thing(id));
    await world.page().deliver();
    expect(world.sent).toEqual(["1", "2", "3"]);
    expect(world.disk.map(({ seq, body, state }) => [seq, body, state])).toEqual([1, 2, 3].map((seq) => [seq, undefined, "done"]));
  });

  it("puts what must come first before all that waits of its line, and after what is delivered", async () => {
    const world = new World();
    world.add(thing("1"));
    await world.page().deliver();
    for (const id of ["2", "3"]) world.add(thing(id));
    world.add(thing("seal"), true);
    world.add(thing("4"));
    expect(waiting(world.disk).map(({ id }) => id)).toEqual(["seal", "2", "3", "4"]);
  });

  it("stops at the first that doesn't go, tries again after growing waits, and lets other lines pass", async () => {
    const world = new World();
    for (const one of [thing("1"), thing("2"), thing("b", "other")]) world.add(one);
    world.answers = { "1": later };
    const page = world.page();
    await page.deliver();
    expect(world.sent).toEqual(["1", "b"]);
    for (const ms of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      expect(world.timers.map((timer) => timer.ms)).toEqual([ms]);
      await page.deliver();
    }
    world.answers = {};
    await page.now();
    expect(world.states()).toEqual(["1 done", "2 done", "b done"]);
    expect(world.timers).toEqual([]);
  });

  it("keeps what a rule refused, with the rule and what was signed, and goes on", async () => {
    const world = new World();
    for (const id of ["1", "2"]) world.add(thing(id));
    world.answers = { "1": { is: "refused", problem: { rule: "voter.absent", words: "not there" } } };
    const page = world.page();
    let changes = 0;
    page.onChange(() => changes++);
    await page.deliver();
    expect(world.states()).toEqual(["1 refused", "2 done"]);
    expect(world.disk[0]).toMatchObject({ body: { opening: "1" }, problem: { rule: "voter.absent" } });
    expect(changes).toBe(2);
    world.answers = {};
    await page.retry("1");
    expect(world.states()).toEqual(["1 done", "2 done"]);
  });

  it("loses nothing and skips nothing when the power fails before or after any answer", async () => {
    for (const [cut, failsToWrite] of [["1", false], ["2", false], ["3", false], ["1", true], ["2", true]] as const) {
      const world = new World();
      for (const id of ["1", "2", "3"]) world.add(thing(id));
      // The server may have it although no answer came: the same is sent again, and it knows it by its id.
      if (!failsToWrite) world.answers = { [cut]: "power" };
      await expect(world.page(failsToWrite).deliver()).rejects.toThrow("power");
      world.answers = {};
      await world.page().deliver();
      expect(world.states()).toEqual(["1 done", "2 done", "3 done"]);
      const firsts = [...new Set(world.sent)];
      expect(firsts).toEqual(["1", "2", "3"]);
    }
  });

  it("is sent by one tab at a time", async () => {
    const world = new World();
    for (const id of ["1", "2", "3"]) world.add(thing(id));
    await Promise.all([world.page().deliver(), world.page().deliver(), world.page().deliver()]);
    expect(world.sent).toEqual(["1", "2", "3"]);
  });

  it("takes a receipt for delivered, a rule's word for refused, and everything else for a break", () => {
    const refused = (status: number, rule: string): Outcome => outcomeOf(new Refused(status, "no", "", "", rule), { holds: ["terminal.seal"] });
    expect(outcomeOf({ status: 201, body: { seq: 4 } })).toEqual({ is: "done", seq: 4 });
    expect(outcomeOf({ status: 202, body: { pending: "00" } }, { waits: true })).toEqual({ is: "sent" });
    // Nobody else has to sign a ballot: an answer that says so is a lie, and what was signed is not let go.
    expect(outcomeOf({ status: 202, body: { pending: "00" } }).is).toBe("later");
    // The log-in page of a network answers 200 to everything.
    for (const body of [{}, { seq: 4 }]) expect(outcomeOf({ status: 200, body }).is).toBe("later");
    expect(outcomeOf({ status: 201, body: {} }).is).toBe("later");
    expect(outcomeOf(new Unreachable("/api")).is).toBe("later");
    expect(refused(422, "voter.absent").is).toBe("refused");
    for (const [status, rule] of [[422, "terminal.seal"], [422, ""], [401, ""], [403, ""], [404, ""], [409, ""], [429, ""], [503, ""]] as const) expect(refused(status, rule).is).toBe("later");
    expect(() => outcomeOf(new Error("a fault of the program"))).toThrow("a fault of the program");
  });
});

/** Cards on a disk that the test can look at. */
class Drawer implements Cards {
  kept = new Map<string, Ready>();

  change<T>(card: string, act: (kept: Ready | undefined) => { keep?: Ready; drop?: true; give: T }): Promise<T> {
    return new Promise((resolve) => {
      const { keep, drop, give } = act(this.kept.get(card));
      if (keep !== undefined) this.kept.set(card, keep);
      if (drop === true) this.kept.delete(card);
      resolve(give);
    });
  }

  list(): Promise<Ready[]> {
    return Promise.resolve([...this.kept.values()]);
  }
}

describe("a card made ready", () => {
  const village = "331102206201";
  const card: Card = { village, secret: new Uint8Array(16).fill(7) };
  const seed = new Uint8Array(32).fill(9) as Bytes;
  const key: CardKey = { public: publicKey(seed), challenge: "", sign: (message) => sign(seed, message), lent: (use) => use(seed), forget: () => undefined };
  const begun = Date.parse("2026-11-16T01:00:00.000Z");
  const ready = async (): Promise<Drawer> => {
    const drawer = new Drawer();
    await makeReady(card, "730264", key, "S", begun, drawer);
    return drawer;
  };

  it("gives its key for card and PIN, and keeps neither of them in the clear", async () => {
    const drawer = await ready();
    const opened = await openReady(card, "７３０２６４", "S", begun, drawer);
    const message = new Uint8Array([1, 2, 3]);
    expect(hex(opened.sign(message))).toBe(hex(sign(seed, message)));
    opened.forget();
    const kept = JSON.stringify([...drawer.kept.values()], (_, value: unknown) => (value instanceof Uint8Array ? hex(value) : value));
    for (const secret of [hex(seed), hex(card.secret), formatCardCode(card.secret), "730264"]) expect(kept).not.toContain(secret);
  });

  it("is opened neither by the PIN without the card nor in another session or village", async () => {
    const drawer = await ready();
    await expect(openReady({ village, secret: new Uint8Array(16).fill(8) }, "730264", "S", begun, drawer)).rejects.toThrow(NotReady);
    await expect(openReady({ ...card, village: "331102206202" }, "730264", "S", begun, drawer)).rejects.toThrow(NotReady);
    // Who copied the browser's files and knows the PIN still lacks the card.
    const [kept] = [...drawer.kept.values()];
    const other: Card = { village, secret: new Uint8Array(16).fill(8) };
    const { cardId } = await import("../src/card.ts");
    drawer.kept.set(hex(cardId(other)), { ...(kept as Ready), card: hex(cardId(other)) });
    await expect(openReady(other, "730264", "S", begun, drawer)).rejects.toThrow(WrongPin);
    await expect(openReady(card, "730264", "T", begun, drawer)).rejects.toThrow(NotReady);
  });

  it("counts wrong tries on disk before each, and is locked after five in a row", async () => {
    const drawer = await ready();
    const tries = async (): Promise<number | undefined> => [...drawer.kept.values()][0]?.wrong;
    await expect(openReady(card, "111111", "S", begun, drawer)).rejects.toThrow(WrongPin);
    expect(await tries()).toBe(1);
    await openReady(card, "730264", "S", begun, drawer);
    expect(await tries()).toBe(0);
    for (let n = 1; n <= MOST_WRONG; n++) {
      const attempt = openReady(card, "111111", "S", begun, drawer);
      // Before the slow part has ended: pulling the plug gives no try for nothing.
      expect(await tries()).toBe(n);
      await expect(attempt).rejects.toThrow(WrongPin);
    }
    await expect(openReady(card, "730264", "S", begun, drawer)).rejects.toThrow(LockedHere);
    // With the network the server counts; then it is made ready anew.
    await makeReady(card, "730264", key, "S", begun, drawer);
    await openReady(card, "730264", "S", begun, drawer);
  });

  it("is gone with its session, and after a day", async () => {
    const drawer = await ready();
    const day = 24 * 60 * 60_000;
    await openReady(card, "730264", "S", begun + day, drawer);
    await expect(openReady(card, "730264", "S", begun + day + 1, drawer)).rejects.toThrow(NotReady);
    expect(drawer.kept.size).toBe(0);
    await makeReady(card, "730264", key, "S", begun, drawer);
    await forgetReady("T", drawer);
    await forgetOld(begun + day, drawer);
    expect(drawer.kept.size).toBe(1);
    await forgetReady("S", drawer);
    expect(drawer.kept.size).toBe(0);
    await makeReady(card, "730264", key, "S", begun, drawer);
    await forgetOld(begun + day + 1, drawer);
    expect(drawer.kept.size).toBe(0);
  });
});

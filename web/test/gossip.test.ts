/** What a device knows of a district and hands to witnesses, over real HTTP: what is kept, what each answer means, and what is proven. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Bytes } from "../src/bytes.ts";
import { publicKey } from "../src/curve.ts";
import { judgeEvidence, parseEvidence } from "../src/evidence.ts";
import { keyOf, type Known, meet, nameOf, ofPolicy, readWitnesses } from "../src/gossip/known.ts";
import { compare, holdAgainst, open, type Signed } from "../src/gossip/shown.ts";
import { ask, type Ground, type Heard } from "../src/gossip/witness.ts";
import { ALG_ED25519, formatVerifierKey, verifierKey } from "../src/note.ts";
import { goesOn } from "../src/visit/goes-on.ts";
import { cosigned as cosignedAt, DISTRICT, key, leaves, LOG, log, noteOf, seeds } from "./directory.ts";
import { Serving } from "./serving.ts";

/** Unix seconds. */
const NOW = 1_795_333_333;

const cosigned = (lines: Bytes[], seconds = NOW, seed = seeds.witness): string => cosignedAt(lines, seconds, seed);

let server: Serving;
let inspector: Serving;
beforeEach(async () => {
  [server, inspector] = await Promise.all([new Serving().start(), new Serving().start()]);
});
afterEach(() => Promise.all([server.stop(), inspector.stop()]));

async function signed(lines: Bytes[]): Promise<Signed> {
  const opened = await open(noteOf(lines), log);
  if (opened === undefined) throw new Error("not signed");
  return opened;
}

const show = (where: Serving, lines: Bytes[]): void => void where.logs.set(LOG, { lines, note: noteOf(lines) });
const place = (): string => `${server.address}${LOG}`;
const witness = (): { key: string; url: string } => ({ key: formatVerifierKey(key), url: `${inspector.address}/witness` });

/** What is heard of a witness that answers so, by a device that was shown these leaves. */
async function heard(shown: Bytes[], answer: string | undefined, more: Partial<Ground> = {}): Promise<Heard> {
  if (answer !== undefined) inspector.answers.set("/witness/seen", answer);
  return ask(witness(), { log, place: place(), newest: await signed(shown), now: 1000 * NOW, ...more });
}

const proves = async (heardOf: { evidence?: string } | object): Promise<string> => judgeEvidence(parseEvidence((heardOf as { evidence: string }).evidence), log);

describe("a witness's answer", () => {
  it("that is the same, smaller or larger of one history is good", async () => {
    for (const [shown, theirs] of [[5, 5], [5, 3], [300, 256], [3, 5], [256, 300], [5, 0], [1, 2]] as const) {
      show(server, leaves(Math.max(shown, theirs)));
      expect(await heard(leaves(shown), cosigned(leaves(theirs)))).toMatchObject({ state: "same", time: NOW });
    }
    expect(inspector.sent[0]).toEqual({ path: "/witness/seen", body: noteOf(leaves(5)) });
  });

  it("says when this device is shown an old state", async () => {
    show(server, leaves(3));
    show(inspector, leaves(5));
    const answer = cosigned(leaves(5), NOW - 121);
    expect(await heard(leaves(3), answer)).toMatchObject({ state: "ahead", time: NOW - 121, note: answer });
    // Cosigned a moment ago, it will be served in the next.
    expect(await heard(leaves(3), cosigned(leaves(5), NOW - 119))).toMatchObject({ state: "same" });
    // And it may have been served meanwhile.
    show(server, leaves(6));
    expect(await heard(leaves(3), answer)).toMatchObject({ state: "same" });
  });

  it("proves a split view from either side, by the hashes of whoever shows the larger", async () => {
    for (const [shown, theirs] of [[5, 5], [4, 6], [6, 4], [300, 257], [257, 300]] as const) {
      show(server, leaves(shown));
      show(inspector, leaves(theirs, 2));
      const found = await heard(leaves(shown), cosigned(leaves(theirs, 2)));
      expect(found.state).toBe("other");
      expect(await proves(found)).toBe(shown === theirs ? "fork" : "rewritten");
    }
  });

  it("that can't be compared is told as such, and so is none at all", async () => {
    const answer = cosigned(leaves(6, 2));
    expect(await heard(leaves(4), answer)).toMatchObject({ state: "unknown", note: answer });
    // Hashes that don't lead to what was signed say nothing.
    show(server, leaves(6, 3));
    expect(await heard(leaves(4), answer)).toMatchObject({ state: "unknown" });
    expect(await heard(leaves(4), "")).toMatchObject({ state: "nothing" });
    const bad = ["no note", noteOf(leaves(4)), noteOf(leaves(4), seeds.stranger), cosigned(leaves(4), NOW, seeds.stranger), cosigned(leaves(4)).replaceAll("331102", "331103")];
    for (const one of bad) expect(await heard(leaves(4), one)).toMatchObject({ state: "odd" });
    inspector.answers.clear();
    expect(await heard(leaves(4), undefined)).toMatchObject({ state: "silent" });
    await inspector.stop();
    expect(await heard(leaves(4), undefined)).toMatchObject({ state: "silent" });
  });

  it("is asked for with both states, where this device was shown two", async () => {
    const other = await signed(leaves(4, 1));
    const found = await heard(leaves(4), cosigned(leaves(4)), { other });
    expect(inspector.sent.map(({ body }) => body)).toEqual([noteOf(leaves(4)), noteOf(leaves(4, 1))]);
    expect(found.state).toBe("other");
    expect(await proves(found)).toBe("fork");
  });
});

describe("what is shown now", () => {
  it("must go on from what was shown before; the newest is kept", async () => {
    show(server, leaves(9));
    const [three, nine] = [await signed(leaves(3)), await signed(leaves(9))];
    expect(await holdAgainst(undefined, [], log, place())).toBeUndefined();
    expect(await holdAgainst(undefined, [three], log, place())).toEqual({ state: "fits", newest: three });
    expect(await holdAgainst(three, [nine, three], log, place())).toEqual({ state: "fits", newest: nine });
    expect(await holdAgainst(nine, [], log, place())).toEqual({ state: "fits", newest: nine });
  });

  it("is proven to be another history, or told to be older, or not comparable", async () => {
    const [three, nine, lie] = [await signed(leaves(3)), await signed(leaves(9)), await signed(leaves(9, 1))];
    show(server, leaves(9, 1));
    const found = await holdAgainst(three, [lie], log, place());
    expect(found).toMatchObject({ state: "contradicts", newest: three, other: lie });
    expect(await proves(found ?? {})).toBe("rewritten");
    show(server, leaves(3));
    expect(await holdAgainst(nine, [three], log, place())).toEqual({ state: "older", newest: nine, other: three });
    expect(await holdAgainst(three, [nine], log, place())).toEqual({ state: "unknown", newest: three, other: nine });
    expect(await compare(await signed([]), three, log, [place()])).toEqual({ state: "fits" });
  });

  it("counts only with the log's signature", async () => {
    expect(await open(noteOf(leaves(2), seeds.stranger), log)).toBeUndefined();
    expect(await open(noteOf(leaves(2)).replace("331102\n", "331103\n"), log)).toBeUndefined();
    expect(await open("nothing", log)).toBeUndefined();
  });
});

describe("what is known of a district", () => {
  const other = formatVerifierKey(verifierKey(DISTRICT, ALG_ED25519, publicKey(seeds.stranger)));
  const one = { key: formatVerifierKey(key), url: "https://inspector.example/witness" };
  const two = { key: formatVerifierKey(key), url: "https://university.example/witness" };
  const named = { logKey: formatVerifierKey(log), witnesses: [one] };

  it("is the key that was named first, and every witness that ever was", () => {
    const first = meet(undefined, "331102", named, [], "2026-11-22T08:00:00.000Z");
    expect(first).toEqual({ known: { district: "331102", since: "2026-11-22T08:00:00.000Z", logKey: named.logKey, witnesses: [one] }, unnamed: [] });
    const before: Known = { ...(first?.known as Known), note: "kept" };
    const later = meet(before, "331102", { logKey: other, witnesses: [two] }, [], "2026-11-23T08:00:00.000Z");
    expect(later).toEqual({ known: { ...before, witnesses: [one, two] }, unnamed: [one], otherKey: other });
    expect(meet(before, "331102", { witnesses: [] }, [one], "")).toEqual({ known: before, unnamed: [] });
    expect(meet(undefined, "331102", { witnesses: [one] }, [], "")).toBeUndefined();
    const otherKeyed = { ...one, key: formatVerifierKey(verifierKey(key.name, key.alg, publicKey(seeds.stranger))) };
    expect(meet(before, "331102", { ...named, witnesses: [otherKeyed] }, [], "")?.known.witnesses).toEqual([one]);
    expect(meet(before, "331102", named, [otherKeyed], "")?.known.witnesses).toEqual([otherKeyed]);
    const flood = Array.from({ length: 99 }, (_, i) => ({ ...one, url: `https://w${i}.example` }));
    expect(meet(before, "331102", { ...named, witnesses: flood }, [], "")?.known.witnesses).toHaveLength(32);
  });

  it("is read from the page and the reader's own list", () => {
    expect(readWitnesses(`${one.key} ${one.url}/\nnonsense\n${one.key} http://plain.example\n${one.key} javascript:alert(1)\n${one.key} http://127.0.0.1:7/witness`)).toEqual([
      one,
      { ...one, url: "http://127.0.0.1:7/witness" },
    ]);
    expect(ofPolicy(`log ${named.logKey}\nwitness a ${one.key} ${one.url}\nwitness b ${two.key}\nquorum a\n`)).toEqual([one]);
    expect(keyOf("331102", `x\n${named.logKey}\n`)).toBe(named.logKey);
    expect(keyOf("331103", named.logKey)).toBeUndefined();
    expect(nameOf(one)).toBe("inspector.example");
  });
});

describe("a village's record beside all that is held of it", () => {
  const VILLAGE = "331102001206";
  const at = "2026-11-22T08:00:00.000Z";
  const now = Date.parse(at) + 3_600_000;
  const found = (held: Bytes[][], when = now): ReturnType<typeof goesOn> => goesOn({ server: server.address, village: VILLAGE }, log, held.map((lines) => ({ note: noteOf(lines), at })), when);
  // Any log will do: the key is what counts.
  const serve = (lines: Bytes[], note = noteOf(lines)): void => void server.logs.set(`/log/v/${VILLAGE}`, { lines, note });

  it("goes on from every receipt, or is proven not to", async () => {
    serve(leaves(300));
    expect(await found([leaves(3), leaves(256), leaves(300)])).toMatchObject({ state: "extends", newest: { checkpoint: { size: 300 } } });
    const changed = await found([leaves(3), leaves(256, 100)]);
    expect(changed).toMatchObject({ state: "changed", at, held: { checkpoint: { size: 256 } } });
    expect(await proves(changed)).toBe("rewritten");
    expect(await proves(await found([leaves(300, 100)]))).toBe("fork");
  });

  it("may lack what was acknowledged a moment ago, and no more", async () => {
    serve(leaves(5));
    expect(await found([leaves(7)], Date.parse(at) + 600_000)).toMatchObject({ state: "extends" });
    expect(await found([leaves(7)], Date.parse(at) + 600_001)).toMatchObject({ state: "shorter", held: { checkpoint: { size: 7 } } });
  });

  it("is not called changed where it can't be fetched, and is where its hashes are not those that were signed", async () => {
    expect(await found([leaves(3)])).toEqual({ state: "not_served" });
    serve([], noteOf(leaves(5)));
    expect(await found([leaves(3)])).toEqual({ state: "hidden" });
    serve(leaves(5, 4), noteOf(leaves(5)));
    expect(await found([leaves(3)])).toMatchObject({ state: "changed" });
    serve(leaves(5), noteOf(leaves(5), seeds.stranger));
    expect(await found([leaves(3)])).toEqual({ state: "unsigned" });
  });
});

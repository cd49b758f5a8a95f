/** Visits to a record that a real server serves on this machine: what is asked for, what is believed, and what is proven where it does not fit. */
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { base64, type Bytes, concat, FormatError, hex, utf8 } from "../src/bytes.ts";
import { publicKey, sign } from "../src/curve.ts";
import { judgeEvidence, parseEvidence } from "../src/evidence.ts";
import { ALG_COSIGNATURE, ALG_ED25519, formatVerifierKey, parseVerifierKey, verifierKey } from "../src/note.ts";
import { leafHash } from "../src/tree.ts";
import { NotServed, parseBundle, Served, tilePath } from "../src/visit/served.ts";
import { prefixHashes, rangesOf } from "../src/visit/history.ts";
import { readPaper } from "../src/visit/paper.ts";
import { readPolicy } from "../src/visit/pinned.ts";
import { aboveLines, isGood } from "../src/visit/words.ts";
import { type Asked, type Kept, OtherVillage, visit, type Visited } from "../src/visit/visit.ts";
import { prefixRoots, root } from "../src/prefix.ts";
import { ORIGIN, Scribe } from "./scribe.ts";
import { Serving } from "./serving.ts";

const VILLAGE = "331102001206";
const LOG = `/log/v/${VILLAGE}`;
const DISTRICT = "liandu.example/log/d/331102";
const THEN = "2026-11-22T08:00:00.000Z";
const LATER = "2026-11-23T08:00:00.000Z";

const village = new Scribe(44);
/** As long as `village`, but another ballot stands in it. */
const forged = new Scribe(44);
const LONG = 530;

function fill(scribe: Scribe, choice: (i: number) => string): void {
  scribe.settle().bringToBallot().openVote();
  for (let i = 0; scribe.lines.length < LONG; i++) scribe.cast(1 + (i % 45), choice(i), 1 + Math.floor(i / 45));
}

beforeAll(() => {
  fill(village, () => "for");
  fill(forged, (i) => (i === 300 ? "against" : "for"));
});

let server: Serving;
beforeEach(async () => {
  server = await new Serving().start();
});
afterEach(() => server.stop());

function serve(scribe: Scribe, size: number): void {
  const lines = scribe.lines.slice(0, size);
  server.logs.set(LOG, { lines, note: scribe.note(lines) });
}

const visited = (kept?: Kept, more: Partial<Asked> = {}): Promise<Visited> =>
  visit({ server: server.address, village: VILLAGE, roots: village.roots, ...more }, kept, kept === undefined ? THEN : LATER, () => undefined);

const firsts = new Map<number, Kept>();
/** What a first visit keeps of so many entries. */
async function first(size: number): Promise<Kept> {
  const known = firsts.get(size);
  if (known !== undefined) return known;
  serve(village, size);
  const found = await visited();
  if ("other" in found || found.keep === undefined) throw new Error("nothing was kept");
  server.heard();
  firsts.set(size, found.keep);
  return found.keep;
}

describe("a first visit", () => {
  it("judges the whole record by what is served, in bundles, and says how far it is", async () => {
    serve(village, LONG);
    const steps: number[] = [];
    const asked = { server: server.address, village: VILLAGE, roots: village.roots };
    const found = await visit(asked, undefined, THEN, ({ done, of }) => steps.push(done, of));
    expect(found).toMatchObject({ fresh: LONG, checked: { verdict: "lawful", roots: "named", entries: LONG, findings: [] }, above: { state: "unasked" } });
    expect(found).toMatchObject({ keep: { village: VILLAGE, at: THEN, logKey: village.logKey, note: village.note() } });
    expect(steps).toEqual([0, LONG, 256, LONG, 512, LONG]);
    expect(server.heard()).toEqual([`${LOG}/checkpoint`, `${LOG}/tile/entries/000`, `${LOG}/tile/entries/001`, `${LOG}/tile/entries/002.p/18`]);
  });

  it("keeps nothing of what the log's key did not sign, nor of a record by other root keys", async () => {
    server.logs.set(LOG, { lines: village.lines.slice(0, 300), note: forged.note() });
    await expect(visited()).rejects.toThrow(NotServed);
    server.logs.set(LOG, { lines: village.lines, note: forged.note() });
    const wrong = await visited();
    expect(wrong).toMatchObject({ checked: { verdict: "altered" } });
    expect(wrong).not.toHaveProperty("keep");
    serve(village, LONG);
    const others = await visited(undefined, { roots: ["ab".repeat(32), "cd".repeat(32)] });
    expect(others).toMatchObject({ checked: { verdict: "other_roots" } });
    expect(others).not.toHaveProperty("keep");
  });

  it("takes no other village's record, and no bundle that is not one", async () => {
    server.logs.set("/log/v/331102001299", { lines: village.lines, note: village.note() });
    await expect(visit({ server: server.address, village: "331102001299", roots: [] }, undefined, THEN, () => undefined)).rejects.toThrow(OtherVillage);
    serve(village, LONG);
    server.files.set(`${LOG}/tile/entries/001`, "a line that is too short");
    await expect(visited()).rejects.toThrow(FormatError);
  });
});

describe("a later visit", () => {
  it("asks for nothing but the checkpoint when nothing is new", async () => {
    const kept = await first(LONG);
    serve(village, LONG);
    expect(await visited(kept)).toMatchObject({ fresh: 0, seen: { size: LONG, at: THEN }, checked: { verdict: "lawful", entries: LONG } });
    expect(server.heard()).toEqual([`${LOG}/checkpoint`]);
  });

  it.each([[300, 400, ["001.p/144"]], [512, 530, ["002.p/18"]], [200, 520, ["000", "001", "002.p/8"]]])("fetches only the bundles of what is new, from %i to %i", async (from, to, bundles) => {
    const kept = await first(from);
    serve(village, to);
    const found = await visited(kept);
    expect(server.heard()).toEqual([`${LOG}/checkpoint`, ...bundles.map((bundle) => `${LOG}/tile/entries/${bundle}`)]);
    const anew = await visited();
    expect(found).toMatchObject({ fresh: to - from, seen: { size: from } });
    // What is kept is the same as after one visit that saw it all.
    expect(found).toEqual({ ...anew, fresh: to - from, seen: { size: from, at: THEN }, keep: { ...("keep" in anew ? anew.keep : {}), at: LATER } });
  });

  it("judges all of it anew by another program version or other root keys, and still holds it to what was seen", async () => {
    const kept = await first(400);
    serve(village, LONG);
    const older = { ...kept, progress: kept.progress.replace("sunvote/progress/", "sunvote/before/") };
    expect(await visited(older)).toMatchObject({ fresh: LONG, seen: { size: 400 }, checked: { verdict: "lawful" }, keep: { leaves: { length: 32 * LONG } } });
    expect(await visited(kept, { roots: [] })).toMatchObject({ fresh: LONG, checked: { verdict: "lawful", roots: "not_named" } });
    serve(forged, LONG);
    expect(await visited({ ...older, ...{ note: village.note(village.lines.slice(0, 400)) } })).toMatchObject({ other: "changed" });
  });
});

describe("a record that is not the one seen before", () => {
  const judged = async (found: Visited): Promise<string> => {
    const file = "other" in found ? found.evidence : undefined;
    return file === undefined ? "nothing" : judgeEvidence(parseEvidence(file), parseVerifierKey(village.logKey));
  };

  // 512 is a power of two: there the proof's first hash is the old root itself.
  it.each([[400, LONG], [512, LONG], [529, LONG], [350, 351]])("is proven to be rewritten from %i to %i", async (from, to) => {
    const kept = await first(from);
    serve(forged, to);
    const found = await visited(kept);
    expect(found).toMatchObject({ other: "changed", seen: { size: from, at: THEN }, size: to, note: kept.note });
    expect(await judged(found)).toBe("rewritten");
  });

  it("is proven to be a fork at the same size", async () => {
    const kept = await first(LONG);
    serve(forged, LONG);
    const found = await visited(kept);
    expect(found).toMatchObject({ other: "changed" });
    expect(await judged(found)).toBe("fork");
  });

  it("is told when it is shorter; that is proof only if it is no beginning of what was seen", async () => {
    const kept = await first(LONG);
    serve(village, 500);
    const cut = await visited(kept);
    expect(cut).toMatchObject({ other: "shorter", seen: { size: LONG }, size: 500, note: village.note() });
    expect(await judged(cut)).toBe("nothing");
    serve(forged, 500);
    expect(await judged(await visited(kept))).toBe("rewritten");
    expect(server.heard()).not.toContain(`${LOG}/tile/entries/000`);
  });

  it("is told however many faults it has besides", async () => {
    const kept = await first(400);
    const broken = village.lines.slice(0, 400).concat(Array.from({ length: 1100 }, (_, i) => utf8(`no entry ${i}`)));
    server.logs.set(LOG, { lines: broken, note: village.note().replace(`\n${LONG}\n`, "\n1500\n") });
    expect(await visited(kept)).toMatchObject({ other: "changed", note: kept.note });
  });

  it("is not proven where the log's key did not sign, or the server hides the hashes", async () => {
    const kept = await first(LONG - 1);
    const unsigned = village.note().replace(/ [^ ]+\n$/, ` ${base64(new Uint8Array(68))}\n`);
    server.logs.set(LOG, { lines: village.lines, note: unsigned });
    const found = await visited(kept);
    expect(found).toMatchObject({ other: "changed" });
    expect(await judged(found)).toBe("nothing");
    serve(forged, LONG);
    for (const path of ["0/002.p/18", "1/000.p/2"]) server.files.set(`${LOG}/tile/${path}`, "hidden");
    expect(await judged(await visited(kept))).toBe("nothing");
  });
});

describe("the district's log above it", () => {
  const seeds = { district: new Uint8Array(32).fill(7), witness: new Uint8Array(32).fill(8), stranger: new Uint8Array(32).fill(9) };
  const log = verifierKey(DISTRICT, ALG_ED25519, publicKey(seeds.district));
  const witness = verifierKey("inspector.example/seen", ALG_COSIGNATURE, publicKey(seeds.witness));
  const stranger = verifierKey("stranger.example/seen", ALG_COSIGNATURE, publicKey(seeds.stranger));
  const policy = (quorum: string): string =>
    `log ${formatVerifierKey(log)}\nwitness a ${formatVerifierKey(witness)}\nwitness b ${formatVerifierKey(stranger)}\ngroup both all a b\nquorum ${quorum}\n`;

  /** Serves a district's log of these notes, the last of which is cosigned by the witness at a time. */
  function district(notes: string[], seconds = 1_795_333_333): void {
    const lines = notes.map((note) => utf8(note));
    const text = `${DISTRICT}\n${lines.length}\n${base64(root(lines.map((line) => leafHash(line))))}\n`;
    const own = base64(concat(log.id, sign(seeds.district, utf8(text))));
    const time = new Uint8Array(8);
    new DataView(time.buffer).setBigUint64(0, BigInt(seconds));
    const co = base64(concat(witness.id, time, sign(seeds.witness, utf8(`cosignature/v1\ntime ${seconds}\n${text}`))));
    const note = `${text}\n— ${DISTRICT} ${own}\n— ${witness.name} ${co}\n`;
    server.logs.set("/log/d/331102", { lines, note });
    const place = lines.length - 1;
    const path: Bytes[] = [];
    for (let [rest, at] = [lines.map((line) => leafHash(line)), place]; rest.length > 1; ) {
      let half = 1;
      while (2 * half < rest.length) half *= 2;
      const [left, right] = [rest.slice(0, half), rest.slice(half)];
      path.unshift(root(at < half ? right : left));
      [rest, at] = at < half ? [left, at] : [right, at - half];
    }
    const size = Number(notes[place]?.split("\n")[1]);
    server.files.set(`/receipt/${VILLAGE}/${size - 1}/district`, `c2sp.org/tlog-proof@v1\nindex ${place}\n${path.map((hash) => `${base64(hash)}\n`).join("")}\n${note}`);
  }
  const note = (size: number): string => village.note(village.lines.slice(0, size));
  const other = (n: number): string => `${ORIGIN}x\n${n}\n${base64(new Uint8Array(32))}\n\n— ${ORIGIN}x ${base64(new Uint8Array(68))}\n`;

  it("is asked only by a reader who names witnesses, and then says who saw it, and when", async () => {
    serve(village, LONG);
    district([other(1), other(2), note(LONG)]);
    expect(await visited()).toMatchObject({ above: { state: "unasked" } });
    expect(server.heard().filter((path) => !path.startsWith(LOG))).toEqual([]);
    const seen = { by: [{ name: witness.name, time: 1_795_333_333 }] };
    expect(await visited(undefined, { policy: policy("a") })).toMatchObject({ above: { state: "witnessed", ...seen } });
    expect(await visited(undefined, { policy: policy("both") })).toMatchObject({ above: { state: "not-witnessed", ...seen } });
    expect(await visited(undefined, { policy: policy("a").replace(formatVerifierKey(log), formatVerifierKey(verifierKey("x.example/d", ALG_ED25519, log.key))) })).toMatchObject({ above: { state: "other-district" } });
  });

  it("is told by whom it was seen whatever time a witness claims", () => {
    const t = (id: string, facts?: object): string => `${id} ${JSON.stringify(facts ?? {})}`;
    const lines = aboveLines({ state: "witnessed", by: [{ name: "w", time: 2 ** 62 }] }, "", t as never);
    expect(lines[1]).toBe(`client-visit-witness {"name":"w","time":"${2 ** 62}"}`);
  });

  it("says so when it does not hold this checkpoint, or shows nothing", async () => {
    serve(village, LONG);
    expect(await visited(undefined, { policy: policy("a") })).toMatchObject({ above: { state: "not_there" } });
    district([other(1), note(520)]);
    server.files.set(`/receipt/${VILLAGE}/${LONG - 1}/district`, server.files.get(`/receipt/${VILLAGE}/519/district`) as string);
    expect(await visited(undefined, { policy: policy("a") })).toMatchObject({ above: { state: "not-in-district" } });
  });

  it("must extend what was seen of it; if it does not, that too is proven", async () => {
    serve(village, 400);
    district([other(1), other(2), note(400)]);
    const before = await visited(undefined, { policy: policy("a") });
    const kept = "keep" in before ? before.keep : undefined;
    expect(kept?.district).toContain(`${DISTRICT}\n3\n`);
    serve(village, LONG);
    district([other(1), other(2), note(400), other(3), note(LONG)]);
    expect(await visited(kept, { policy: policy("a") })).toMatchObject({ above: { state: "witnessed" }, keep: { district: expect.stringContaining(`${DISTRICT}\n5\n`) as string } });
    district([other(1), other(4), note(400), other(3), note(LONG)]);
    const after = await visited(kept, { policy: policy("a") });
    expect(after).toMatchObject({ above: { state: "other_history" }, keep: { district: kept?.district } });
    const file = "above" in after ? after.above.evidence : undefined;
    expect(await judgeEvidence(parseEvidence(file ?? ""), log)).toBe("rewritten");
  });

  it("is not taken for the one seen before because the server hides the hashes that would tell", async () => {
    serve(village, 400);
    district([other(1), other(2), note(400)]);
    const before = await visited(undefined, { policy: policy("a") });
    const kept = "keep" in before ? before.keep : undefined;
    serve(village, LONG);
    district([other(1), other(4), note(400), other(3), note(LONG)]);
    server.missing.add("/log/d/331102/tile/0/000.p/5");
    const after = await visited(kept, { policy: policy("a") });
    expect(after).toMatchObject({ above: { state: "not_extended" }, keep: { district: kept?.district } });
    expect("checked" in after && isGood(after)).toBe(false);
  });

  it("is judged by a list that is one", () => {
    expect(readPolicy(" \n")).toBe("");
    expect(readPolicy(`\n${policy("a")}\n`)).toBe(policy("a"));
    for (const bad of ["witnesses please", "quorum nobody", policy("c")]) expect(readPolicy(bad)).toBeUndefined();
  });
});

describe("a printed notice", () => {
  const hexRoot = (size: number): string => hex(root(village.lines.slice(0, size).map((line) => leafHash(line))));

  it("is read as people type it", () => {
    const full = "ab".repeat(32);
    expect(readPaper("", " ")).toBe("");
    expect(readPaper("1,214", `${full.slice(0, 32)} ${full.slice(32).toUpperCase()}\n`)).toEqual({ size: 1214, root: full });
    expect(readPaper("１２", "ａｂａｂａｂａｂ")).toEqual({ size: 12, root: "abababab" });
    expect(readPaper("", `liandu.example/log/v/${VILLAGE} · 7 · ${full}`)).toEqual({ size: 7, root: full });
    for (const [size, text] of [["", full], ["7", ""], ["0", full], ["7", "abababa"], ["7", `${full}a`], ["7", "not hex"], ["1e9", full]] as const) expect(readPaper(size, text)).toBeUndefined();
  });

  it("is the same, begins the same, is not on the record, or tells of more, at first and later visits", async () => {
    const kept = await first(400);
    serve(village, LONG);
    for (const before of [undefined, kept]) {
      const onPaper = async (size: number, text: string): Promise<unknown> => ((await visited(before, { paper: { size, root: text } })) as { paper?: unknown }).paper;
      for (const size of [1, 256, 399, 400, 401, LONG]) expect(await onPaper(size, hexRoot(size))).toBe("same");
      expect(await onPaper(400, hexRoot(400).slice(0, 8))).toBe("begins");
      expect(await onPaper(400, hexRoot(399))).toBe("other");
      expect(await onPaper(LONG + 1, hexRoot(LONG))).toBe("longer");
    }
  });
});

describe("tiles and bundles", () => {
  it("have one path each", () => {
    expect([tilePath(0, 256), tilePath(7, 3), tilePath(1_234_067, 255), tilePath(1000, 256)]).toEqual(["000", "007.p/3", "x001/x234/067.p/255", "x001/000"]);
  });

  it("are taken whole or not at all", () => {
    const whole = Uint8Array.of(0, 1, 65, 0, 0, 0, 2, 66, 67);
    expect(parseBundle(whole, 3).map((line) => line.length)).toEqual([1, 0, 2]);
    for (const [bytes, count] of [[whole, 2], [whole, 4], [whole.slice(0, -1), 3], [whole.slice(0, 6), 2]] as const) expect(() => parseBundle(bytes, count)).toThrow(FormatError);
  });

  it("give the hashes that lead to both roots, for every pair of sizes", async () => {
    const lines = village.lines;
    for (const total of [2, 3, 7, 8, 255, 256, 257, 512, 513, 530]) {
      server.logs.set(LOG, { lines: lines.slice(0, total), note: "" });
      const served = new Served(`${server.address}${LOG}`);
      const leaves = lines.slice(0, total).map((line) => leafHash(line));
      for (const size of [1, 2, 5, 6, 8, 200, 256, 300, 512, 520].filter((one) => one < total)) {
        const roots = { old: root(leaves.slice(0, size)), now: root(leaves) };
        expect(prefixRoots(size, total, await prefixHashes(size, total, (from, to) => served.range(from, to, total)))).toEqual(roots);
        expect(prefixRoots(size, total, await prefixHashes(size, total, rangesOf(concat(...leaves))))).toEqual(roots);
      }
    }
  });
});

import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { base64, concat, fromBase64, fromHex, hex, utf8 } from "../src/bytes.ts";
import { parseCheckpoint } from "../src/checkpoint.ts";
import { publicKey, sign } from "../src/curve.ts";
import { ALG_ED25519, BadSignature, formatVerifierKey, noteKeyId, parseNote, parseVerifierKey, verifyNote } from "../src/note.ts";
import { verdictLines } from "../src/receipt-page.ts";
import { bundleOf } from "../src/texts.ts";
import { parseProof, verifyProof, verifyReceipt } from "../src/proof.ts";
import { root, verifyConsistency } from "../src/prefix.ts";
import { leafHash, nodeHash, verifyInclusion } from "../src/tree.ts";
import { envelope, pae, STATEMENT_TYPE } from "../src/dsse.ts";
import { formatEntry } from "../src/entry.ts";

const PROOF = `c2sp.org/tlog-proof@v1
index 1
Aippeebat6pa5MPl5F9+l3ESp+Y1k4INvsHsc4ok+Tw=
WX/LMSgtNGVMIA00GPylcFxkjr8ybsc9jd7xGEH4dtg=

log.example/v1
3
NmQuc8JUCrEh46a/lUWwokmCzYMOsT080Z3jzmwCHsE=

— log.example/v1 WmYmgqXk+Oz5Nfbi/iCz6mfqbjVbaaduDPg2X+S0L8MEOWN80bETY5KLGeZUbVaJuura8Uurz632s7NMXsctlocpQQ4=
— witness.example/w1 IDJKvgAAAABlU/EASC+k+jY7JjrEns0MBmFUPKN1AhtzCf4XBj/i98amBdbAawIWevVDML8T+k0WWGxIfBf4nz2S8cDLNUAf8TmvDA==
`;
const LOG_KEY = "log.example/v1+5a662682+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
const WITNESS_KEY = "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";

const LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"].map((text) => leafHash(fromHex(text)));

/** Inclusion proof by the definition of RFC 6962 section 2.1.1; an oracle for the iterative checker. */
function path(index: number, leaves: Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  let split = 1;
  while (2 * split < leaves.length) split *= 2;
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split ? [...path(index, left), root(right)] : [...path(index - split, right), root(left)];
}

/** Consistency proof by the definition of RFC 6962 section 2.1.2. */
function consistency(old: number, leaves: Uint8Array[], whole = true): Uint8Array[] {
  if (old === leaves.length) return whole ? [] : [root(leaves)];
  let split = 1;
  while (2 * split < leaves.length) split *= 2;
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return old <= split ? [...consistency(old, left, whole), root(right)] : [...consistency(old - split, right, false), root(left)];
}

describe("the tree", () => {
  it("has the published roots", () => {
    expect(hex(root(LEAVES.slice(0, 1)))).toBe("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    expect(hex(root(LEAVES))).toBe("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
  });

  it("takes each true inclusion proof and no other", () => {
    for (let size = 1; size <= LEAVES.length; size++) {
      const leaves = LEAVES.slice(0, size);
      for (let index = 0; index < size; index++) {
        const proof = path(index, leaves);
        const check = (at: number, of: number, hashes: Uint8Array[]): boolean => verifyInclusion(leaves[index] as Uint8Array, at, of, hashes, root(leaves));
        expect(check(index, size, proof)).toBe(true);
        expect(check(index, size, [...proof, new Uint8Array(32)])).toBe(false);
        if (proof.length > 0) expect(check(index, size, proof.slice(1))).toBe(false);
        for (let other = 0; other < size; other++) if (other !== index) expect(check(other, size, proof)).toBe(false);
        expect(verifyInclusion(nodeHash(leaves[index] as Uint8Array, new Uint8Array(32)), index, size, proof, root(leaves))).toBe(false);
      }
    }
  });

  it("takes each true consistency proof and no other", () => {
    for (let size = 1; size <= LEAVES.length; size++) {
      const leaves = LEAVES.slice(0, size);
      for (let old = 1; old <= size; old++) {
        const proof = consistency(old, leaves);
        const check = (hashes: Uint8Array[], oldRoot = root(leaves.slice(0, old))): boolean => verifyConsistency(old, oldRoot, size, root(leaves), hashes);
        expect(check(proof), `${old} in ${size}`).toBe(true);
        expect(check(proof, new Uint8Array(32))).toBe(false);
        expect(check([...proof, new Uint8Array(32)])).toBe(false);
        proof.forEach((_, i) => expect(check(proof.with(i, new Uint8Array(32)))).toBe(false));
      }
    }
  });
});

describe("signed notes", () => {
  const key = parseVerifierKey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
  const text = "This is an example message.\n";
  const line = "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

  it("verify as published", async () => {
    expect(await verifyNote(parseNote(`${text}\n${line}`), [key])).toEqual([{ key }]);
    expect(formatVerifierKey(key)).toBe("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
  });

  it("reject a known key's bad signature and pass over unknown keys and algorithms", async () => {
    await expect(verifyNote(parseNote(`Another message.\n\n${line}`), [key])).rejects.toThrow(BadSignature);
    expect(await verifyNote(parseNote(`${text}\n${line}`), [])).toEqual([]);
    const otherId = `— example.com/foo ${base64(Uint8Array.of(1, 2, 3, 4, ...new Uint8Array(64)))}\n`;
    expect(await verifyNote(parseNote(`${text}\n${otherId}${line}`), [key])).toHaveLength(1);
    const unknown = `— example.com/mldsa ${base64(Uint8Array.of(9, 9, 9, 9, ...new Uint8Array(80)))}\n`;
    expect(await verifyNote(parseNote(`${text}\n${unknown}${line}`), [key])).toHaveLength(1);
  });

  it.each(["a", "a\n", "a\n\n", "a\n\nb\n", "a\u0000\n\n" + "— x AAAAAAA=\n", "a\n\n— x AAAA\n", "a\n\n— x+y AAAAAAA=\n"])("must be well formed: %j is not", (note) => {
    expect(() => parseNote(note)).toThrow();
  });

  it.each(["x", "x+y", "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"])(
    "need a fitting verifier key: %j is not",
    (text) => {
      expect(() => parseVerifierKey(text)).toThrow();
    },
  );
});

describe("the published proof", () => {
  const keys = [parseVerifierKey(LOG_KEY), parseVerifierKey(WITNESS_KEY)];

  it("shows entry b under log and witness", async () => {
    const good = await verifyProof(parseProof(PROOF), leafHash(utf8("b")), keys);
    expect(good.map((one) => [one.key.name, one.time])).toEqual([["log.example/v1", undefined], ["witness.example/w1", 1_700_000_000]]);
  });

  it("shows nothing else", async () => {
    expect(await verifyProof(parseProof(PROOF), leafHash(utf8("c")), keys)).toEqual([]);
    expect(await verifyProof(parseProof(PROOF.replace("index 1", "index 2")), leafHash(utf8("b")), keys)).toEqual([]);
    await expect(verifyProof(parseProof(PROOF.replace("\n3\n", "\n4\n")), leafHash(utf8("b")), keys)).rejects.toThrow(BadSignature);
  });

  it("has checkpoint lines in order", () => {
    expect(parseCheckpoint(parseProof(PROOF).note.text)).toMatchObject({ origin: "log.example/v1", size: 3 });
    for (const bad of ["o\n1\n", "o\n01\nAAAA\n", "\n1\n" + "A".repeat(43) + "=\n", "o\n1\n" + "A".repeat(43) + "="]) {
      expect(() => parseCheckpoint(bad), bad).toThrow();
    }
  });
});

/** A one-village log of three entries, with a receipt for the one in the middle. */
function makeReceipt(change: { seq?: number; seed?: number; origin?: string; type?: string } = {}): { text: string; logKey: string; payload: string } {
  const [voterSeed, logSeed] = [new Uint8Array(32).fill(change.seed ?? 7), new Uint8Array(32).fill(9)];
  const voter = publicKey(new Uint8Array(32).fill(7));
  const origin = "liandu.example/log/v/331102001200";
  const payload = utf8(JSON.stringify({ kind: "ballot.cast", by: [{ person: "01J00000000000000000000000", role: "representative", key: hex(voter) }] }));
  const type = change.type ?? STATEMENT_TYPE;
  const statement = envelope(type, payload, voter, sign(voterSeed, pae(type, payload)));
  const entry = utf8(formatEntry({ seq: change.seq ?? 1, prev: "00".repeat(32), time: "2026-11-21T10:00:00.000Z", statement }));
  const leaves = [leafHash(utf8("a")), leafHash(entry), leafHash(utf8("c"))];
  const body = `${change.origin ?? origin}\n3\n${base64(root(leaves))}\n`;
  const key = publicKey(logSeed);
  const id = noteKeyId(change.origin ?? origin, ALG_ED25519, key);
  const note = `${body}\n— ${change.origin ?? origin} ${base64(concat(id, sign(logSeed, utf8(body))))}\n`;
  const hashes = path(1, leaves).map((hash) => base64(hash)).join("\n");
  const logKey = formatVerifierKey({ name: origin, id: noteKeyId(origin, ALG_ED25519, key), alg: ALG_ED25519, key });
  return { text: `c2sp.org/tlog-proof@v1\nextra ${base64(entry)}\nindex 1\n${hashes}\n\n${note}`, logKey, payload: base64(payload) };
}

describe("a receipt", () => {
  it("is checked from entry to signature without a network", async () => {
    const { text, logKey, payload } = makeReceipt();
    const verdict = await verifyReceipt(text, { logKey, payload });
    expect(verdict.fault).toBeUndefined();
    expect(verdict.entry?.seq).toBe(1);
    expect(verdict.checkpoint?.size).toBe(3);
  });

  it("names what is wrong", async () => {
    const { text, logKey, payload } = makeReceipt();
    const fault = async (altered: string, expected = { logKey, payload }): Promise<string | undefined> => (await verifyReceipt(altered, expected)).fault;
    expect(await fault("hello")).toBe("malformed");
    expect(await fault(PROOF)).toBe("malformed");
    expect(await fault(makeReceipt({ origin: "other.example/log" }).text)).toBe("other-log");
    expect(await fault(makeReceipt({ seq: 2 }).text)).toBe("not-in-tree");
    expect(await fault(makeReceipt({ seed: 8 }).text)).toBe("bad-statement");
    expect(await fault(text.replace("\n3\n", "\n4\n"))).toBe("bad-signature");
    expect(await fault(text.replace(/— .*\n$/u, `— someone.example/w ${base64(new Uint8Array(68))}\n`))).toBe("not-signed");
    expect(await fault(text, { logKey, payload: base64(utf8("{}")) })).toBe("not-mine");
    const proof = parseProof(text);
    const swapped = text.replace(base64(proof.hashes[0] as Uint8Array), base64(new Uint8Array(32)));
    expect(await fault(swapped)).toBe("not-in-tree");
  });

  it("of a statement by a newer version says so, and what to do, in both languages", async () => {
    const newer = "application/vnd.sunvote.statement.v2+json";
    const { text, logKey, payload } = makeReceipt({ type: newer });
    const verdict = await verifyReceipt(text, { logKey, payload });
    expect(verdict.fault).toBe("newer");
    for (const [language, words] of [["en", /newer version.*Reload the page/], ["zh-CN", /更新的程序版本.*刷新页面/]] as const) {
      const t = bundleOf(language, readFileSync(new URL(`../locales/client/${language}.ftl`, import.meta.url), "utf8"));
      const told = verdictLines(verdict, t);
      expect(told[0]).toBe(t("client-receipt-newer"));
      expect(told.join(" ")).toMatch(words);
      expect(told).not.toContain(t("client-receipt-bad"));
    }
    // Only what the log signed for is newer, and what this device signed is what it says.
    const fault = async (altered: string, expected = {}): Promise<string | undefined> => (await verifyReceipt(altered, { logKey, ...expected })).fault;
    expect(await fault(makeReceipt({ type: newer, seq: 2 }).text)).toBe("not-in-tree");
    expect(await fault(text.replace("\n3\n", "\n4\n"))).toBe("bad-signature");
    expect(await fault(text, { payload: base64(utf8("{}")) })).toBe("not-mine");
    for (const odd of ["v01", "v0", "v1x", "vtwo"]) expect(await fault(makeReceipt({ type: STATEMENT_TYPE.replace("v1", odd) }).text)).toBe("bad-statement");
  });

  it("fails for each flipped bit of the entry", async () => {
    const { text, logKey } = makeReceipt();
    const entry = parseProof(text).extra as Uint8Array;
    for (let at = 0; at < entry.length; at += 7) {
      const altered = Uint8Array.from(entry);
      altered[at] = (altered[at] as number) ^ 1;
      const verdict = await verifyReceipt(text.replace(base64(entry), base64(altered)), { logKey });
      expect(verdict.fault, `byte ${at}`).toBeDefined();
    }
    expect(fromBase64(base64(entry))).toEqual(entry);
  });
});

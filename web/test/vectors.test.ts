/** The vectors in tests/vectors, which the Rust code is tested with too: the two implementations must not differ on one of them. */
import { readFileSync } from "node:fs";

import { describe, expect, it, vi } from "vitest";

import { FormatError, fromHex, u32be, utf8 } from "../src/bytes.ts";
import { mayEnrol, verifyByEquation } from "../src/curve.ts";
import { verify } from "../src/ed25519.ts";
import { judgeEvidence, NewerEvidence, parseEvidence } from "../src/evidence.ts";
import { parse } from "../src/ijson.ts";
import { parseVerifierKey } from "../src/note.ts";
import { type PairExpected, verifyPair } from "../src/pair.ts";
import { parsePolicy } from "../src/policy.ts";
import { verifyReceipt } from "../src/proof.ts";

/** Reads a vector file. */
function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../tests/vectors/${name}.json`, import.meta.url), "utf8")) as T;
}

describe("ijson.json", () => {
  const { cases } = vectors<{ cases: { name: string; text?: string; hex?: string; fault: string | null }[] }>("ijson");

  it.each(cases)("$name", ({ text, hex, fault }) => {
    const read = (): unknown => parse(text === undefined ? fromHex(hex ?? "") : utf8(text));
    if (fault === null) expect(read).not.toThrow();
    else expect(read).toThrow();
  });
});

interface Ed25519Vectors {
  keys: { key: string; name: string; verdict: string }[];
  signatures: { key: string; message: string; signature: string; name: string; verdict: string }[];
}

describe("ed25519.json", () => {
  const { keys, signatures } = vectors<Ed25519Vectors>("ed25519");

  it.each(keys)("key: $name", ({ key, verdict }) => {
    expect(mayEnrol(fromHex(key))).toBe(verdict === "ok");
  });

  it.each(signatures)("signature: $name", async ({ key, message, signature, verdict }) => {
    const [k, m, s] = [fromHex(key), fromHex(message), fromHex(signature)];
    expect(await verify(k, m, s)).toBe(verdict === "accept");
    expect(verifyByEquation(k, m, s)).toBe(verdict === "accept");
  });
});

interface PublishedVectors {
  cases: { key: string; message: string; signature: string; name: string; verdict: string }[];
}

describe.each(["ed25519-speccheck", "ed25519-wycheproof"])("%s.json", (file) => {
  it.each(vectors<PublishedVectors>(file).cases)("$name", async ({ key, message, signature, verdict }) => {
    const [k, m, s] = [fromHex(key), fromHex(message), fromHex(signature)];
    expect(mayEnrol(k)).toBe(verdict !== "key");
    expect(await verify(k, m, s)).toBe(verdict === "accept");
    expect(await slowly(() => verify(k, m, s))).toBe(verdict === "accept");
  });
});

/** Runs with a WebCrypto that refuses everything, so that the equation judges alone. */
async function slowly<T>(run: () => Promise<T>): Promise<T> {
  const refusing = vi.spyOn(crypto.subtle, "verify").mockResolvedValue(false);
  try {
    return await run();
  } finally {
    refusing.mockRestore();
  }
}

describe("ed25519-torsion.json", () => {
  const { key, signatures } = vectors<{ key: string; signatures: string[] }>("ed25519-torsion");

  it("holds 400 signatures whose R a torsion point moved: all count, and not over another message", async () => {
    expect(signatures).toHaveLength(400);
    const k = fromHex(key);
    for (const [i, text] of signatures.entries()) {
      expect(await verify(k, u32be(i), fromHex(text)), `${i}`).toBe(true);
      if (i % 9 === 0) expect(await verify(k, u32be(i + 1), fromHex(text)), `${i}`).toBe(false);
    }
  }, 60_000);
});

describe("evidence.json", () => {
  const { cases } = vectors<{ cases: { name: string; key: string; file: string; verdict: string }[] }>("evidence");

  /** What this program says of a file; anything but a `FormatError` passes through. */
  async function judge(file: string, key: string): Promise<string> {
    try {
      return await judgeEvidence(parseEvidence(file), parseVerifierKey(key));
    } catch (error) {
      if (error instanceof NewerEvidence) return "newer";
      if (error instanceof FormatError) return "malformed";
      throw error;
    }
  }

  it.each(cases)("$name", async ({ key, file, verdict }) => {
    expect(await judge(file, key)).toBe(verdict);
  });
});

describe("receipts.json", () => {
  interface Case {
    name: string;
    first: string;
    second?: string;
    village: string;
    district?: string;
    policy?: string;
    payload?: string;
    verdict: string;
  }
  const { cases } = vectors<{ cases: Case[] }>("receipts");

  it.each(cases)("$name", async ({ first, second, village, district, policy, payload, verdict }) => {
    const expected: PairExpected = { logKey: village };
    if (payload !== undefined) expected.payload = payload;
    if (district !== undefined) expected.districtKey = district;
    if (policy !== undefined) expected.policy = parsePolicy(utf8(policy));
    const { fault } = second === undefined ? await verifyReceipt(first, expected) : await verifyPair(first, second, expected);
    expect(fault ?? "good").toBe(verdict);
  });
});

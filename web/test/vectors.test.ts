/** The vectors in tests/vectors, which the Rust code is tested with too: the two implementations must not differ on one of them. */
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { FormatError, fromHex, utf8 } from "../src/bytes.ts";
import { mayEnrol, verifyByEquation } from "../src/curve.ts";
import { verify } from "../src/ed25519.ts";
import { judgeEvidence, NewerEvidence, parseEvidence } from "../src/evidence.ts";
import { parse } from "../src/ijson.ts";
import { parseVerifierKey } from "../src/note.ts";

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

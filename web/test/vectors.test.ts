/** The vectors in tests/vectors, which the Rust code is tested with too: the two implementations must not differ on one of them. */
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { fromHex, utf8 } from "../src/bytes.ts";
import { mayEnrol, verifyByEquation } from "../src/curve.ts";
import { verify } from "../src/ed25519.ts";
import { parse } from "../src/ijson.ts";

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

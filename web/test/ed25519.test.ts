import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE, numberToBytesLE } from "@noble/curves/utils.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { describe, expect, it, vi } from "vitest";

import { type Bytes, concat, fromHex, hex, utf8 } from "../src/bytes.ts";
import { mayEnrol, publicKey, sign, verifyByEquation } from "../src/curve.ts";
import { hasNative, isCanonicalKey, verify } from "../src/ed25519.ts";

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;
/** A point of order eight. */
const TORSION = Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
const SEED = new Uint8Array(32).fill(3);
const KEY = publicKey(SEED);
const MESSAGE = utf8("sunvote") as Bytes;

/** Signs so that R carries the torsion point: plain verifiers refuse it, the cofactored equation takes it. */
function torsionSignature(multiple: number): Bytes {
  const { head, prefix } = { head: ed25519.utils.getExtendedPublicKey(SEED).scalar, prefix: ed25519.utils.getExtendedPublicKey(SEED).prefix };
  const r = bytesToNumberLE(sha512(concat(prefix, MESSAGE))) % ORDER;
  const moved = Point.BASE.multiply(r).add(TORSION.multiplyUnsafe(BigInt(multiple))).toBytes();
  const k = bytesToNumberLE(sha512(concat(moved, KEY, MESSAGE))) % ORDER;
  return concat(moved, numberToBytesLE((r + k * head) % ORDER, 32));
}

describe("the signature set", () => {
  it("takes the first vector of RFC 8032, by either way", async () => {
    const key = fromHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    const signature = fromHex(
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    );
    expect(await verify(key, new Uint8Array(), signature)).toBe(true);
    expect(verifyByEquation(key, new Uint8Array(), signature)).toBe(true);
    expect(await hasNative()).toBe(true);
  });

  it("takes a signature whose R a torsion point has moved, though WebCrypto refuses it", async () => {
    for (let multiple = 1; multiple < 8; multiple++) {
      const signature = torsionSignature(multiple);
      const imported = await crypto.subtle.importKey("raw", KEY, "Ed25519", false, ["verify"]);
      expect(await crypto.subtle.verify("Ed25519", imported, signature, MESSAGE)).toBe(false);
      expect(await verify(KEY, MESSAGE, signature)).toBe(true);
    }
  });

  it("refuses S not below the order, another message, another key, a short signature", async () => {
    const signature = sign(SEED, MESSAGE);
    const s = bytesToNumberLE(signature.slice(32)) + ORDER;
    expect(await verify(KEY, MESSAGE, signature)).toBe(true);
    expect(await verify(KEY, MESSAGE, concat(signature.slice(0, 32), numberToBytesLE(s, 32)))).toBe(false);
    expect(await verify(KEY, utf8("other") as Bytes, signature)).toBe(false);
    expect(await verify(publicKey(new Uint8Array(32)), MESSAGE, signature)).toBe(false);
    expect(await verify(KEY, MESSAGE, signature.slice(1) as Bytes)).toBe(false);
  });

  it("refuses keys of small order and keys that are not canonical, whatever the signature", async () => {
    const small = Array.from({ length: 8 }, (_, i) => TORSION.multiplyUnsafe(BigInt(i)).toBytes() as Bytes);
    expect(new Set(small.map(hex)).size).toBe(8);
    // R = identity, S = 0 satisfies the equation for every small-order key.
    const trivial = concat(Point.ZERO.toBytes(), new Uint8Array(32));
    for (const key of small) {
      expect(isCanonicalKey(key)).toBe(false);
      expect(mayEnrol(key)).toBe(false);
      expect(await verify(key, MESSAGE, trivial)).toBe(false);
    }
    for (const y of ["ed" + "ff".repeat(30) + "7f", "f0" + "ff".repeat(30) + "ff", "ff".repeat(32)]) expect(isCanonicalKey(fromHex(y))).toBe(false);
  });

  it("never asks a lax WebCrypto about encodings and keys that don't count", async () => {
    const signature = sign(SEED, MESSAGE);
    const s = signature.slice(32);
    const lax = vi.spyOn(crypto.subtle, "verify").mockResolvedValue(true);
    try {
      const neverCount = {
        "S + q": concat(signature.slice(0, 32), numberToBytesLE(bytesToNumberLE(s) + ORDER, 32)),
        "S = q": concat(signature.slice(0, 32), numberToBytesLE(ORDER, 32)),
        "R = p": concat(fromHex("ed" + "ff".repeat(30) + "7f"), s),
        "R = p + 1, sign bit": concat(fromHex("ee" + "ff".repeat(31)), s),
        "R = 1, sign bit": concat(fromHex("01" + "00".repeat(30) + "80"), s),
        "R = -1, sign bit": concat(fromHex("ec" + "ff".repeat(31)), s),
      };
      for (const [name, one] of Object.entries(neverCount)) expect(await verify(KEY, MESSAGE, one), name).toBe(false);
      const mixed = Point.fromBytes(KEY).add(TORSION).toBytes() as Bytes;
      expect(await verify(mixed, MESSAGE, signature)).toBe(false);
      expect(lax).not.toHaveBeenCalled();
      expect(await verify(KEY, MESSAGE, concat(signature.slice(0, 32), numberToBytesLE(ORDER - 1n, 32)))).toBe(true);
    } finally {
      lax.mockRestore();
    }
  });

  it("enrols only keys of the prime-order group", () => {
    expect(mayEnrol(KEY)).toBe(true);
    const mixed = Point.fromBytes(KEY).add(TORSION).toBytes();
    expect(isCanonicalKey(mixed)).toBe(true);
    expect(mayEnrol(mixed)).toBe(false);
    expect(mayEnrol(new Uint8Array(31))).toBe(false);
  });
});

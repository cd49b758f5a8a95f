import { describe, expect, it } from "vitest";

import { base64, concat, decimal, fromBase64, fromHex, fromUtf8, hex, u32be, u64be, utf8 } from "../src/bytes.ts";
import { choiceCommitment, documentCommitment } from "../src/commit.ts";
import { envelope, keyId, pae, parseEnvelope, signers, STATEMENT_TYPE, statementId } from "../src/dsse.ts";
import { formatEntry, isTime, parseEntry } from "../src/entry.ts";
import { parse, parseObject } from "../src/ijson.ts";
import { sha256 } from "@noble/hashes/sha2.js";

describe("text forms of bytes", () => {
  it("come back as they went", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(fromHex(hex(bytes))).toEqual(bytes);
    expect(fromBase64(base64(bytes))).toEqual(bytes);
    expect(hex(concat(u32be(0x01020304), u64be(5)))).toBe("010203040000000000000005");
  });

  it.each(["AA", "AB==", "A===", "AAA", "AA==\n", " AAAA", "AA-_", "AAB="])("refuse %j as base64", (text) => {
    expect(() => fromBase64(text)).toThrow();
  });

  it.each(["0", "AB", "0g", " 00"])("refuse %j as hex", (text) => {
    expect(() => fromHex(text)).toThrow();
  });

  it.each(["", "01", "-1", "1.0", "9007199254740992", "1e3", "+1"])("refuse %j as a decimal", (text) => {
    expect(() => decimal(text)).toThrow();
  });

  it("refuse bytes that are not UTF-8", () => {
    expect(() => fromUtf8(Uint8Array.of(0xff))).toThrow();
    expect(() => fromUtf8(Uint8Array.of(0xed, 0xa0, 0x80))).toThrow();
  });
});

describe("I-JSON", () => {
  it("reads what JSON.parse reads", () => {
    const text = '{"a":[1,-2,0,9007199254740991,true,false,null],"b":{"":"\\u00e9\\n\\ud83d\\ude00\\/"}, "c" : [ ] }';
    expect(JSON.stringify(parse(utf8(text)))).toBe(JSON.stringify(JSON.parse(text)));
  });

  it.each([
    "1.0", "1e3", "-0", "01", "9007199254740992", "-9007199254740992", "+1", "NaN", '"\\ud800"', '"\\udc00x"', '"\\u12"', '"\\x"', '"\u0001"',
    '"a', "[1,]", "[1", '{"a":1,}', '{"a":1,"a":2}', '{"a":1,"\\u0061":2}', "{a:1}", "", "1 2", "\ufeff1", "tru", "[[[[[[[[[]]]]]]]]]", "\u00a01", '"\ufdd0"', '"\ud83f\udffe"', '"\\uffff"',
  ])("refuses %j", (text) => {
    expect(() => parse(utf8(text))).toThrow();
  });

  it("takes eight levels, and names such as __proto__ as plain names", () => {
    expect(parse(utf8("[[[[[[[[]]]]]]]]"))).toBeDefined();
    expect(parseObject(utf8('{"__proto__":1,"constructor":2}'))["__proto__"]).toBe(1);
  });
});

describe("DSSE", () => {
  it("signs the bytes of the published example", () => {
    expect(fromUtf8(pae("http://example.com/HelloWorld", utf8("hello world")))).toBe(
      "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
    );
  });

  it("names a statement by the hash of what was signed, a key by the hash of alg and key", () => {
    const payload = utf8('{"kind":"x.y"}');
    expect(hex(statementId(payload))).toBe(hex(sha256(pae(STATEMENT_TYPE, payload))));
    expect(keyId(new Uint8Array(32))).toBe(hex(sha256(concat(Uint8Array.of(1), new Uint8Array(32)))));
  });

  it("refuses envelopes with unknown fields or short signatures", () => {
    const good = envelope(STATEMENT_TYPE, utf8("{}"), new Uint8Array(32), new Uint8Array(64));
    expect(parseEnvelope(parse(utf8(JSON.stringify(good))))).toEqual(good);
    for (const bad of [{ ...good, more: 1 }, { ...good, signatures: [{ keyid: "", sig: "AAAA" }] }, { ...good, payload: "A" }, []]) {
      expect(() => parseEnvelope(parse(utf8(JSON.stringify(bad))))).toThrow();
    }
  });

  it("demands signers with keys in lower-case hex", () => {
    expect(() => signers(parseObject(utf8('{"by":[]}')))).toThrow();
    expect(() => signers(parseObject(utf8(`{"by":[{"role":"log","key":"${"AB".repeat(32)}"}]}`)))).toThrow();
  });
});

describe("entries", () => {
  const entry = { seq: 3, prev: "ab".repeat(32), time: "2026-11-21T10:00:00.000Z", statement: envelope(STATEMENT_TYPE, utf8("{}"), new Uint8Array(32), new Uint8Array(64)) };

  it("have one spelling", () => {
    const line = formatEntry(entry);
    expect(line.startsWith('{"seq":3,"prev":"abab')).toBe(true);
    expect(parseEntry(utf8(line))).toEqual(entry);
    for (const [from, to] of [[":3,", ": 3,"], ["}", "}\n"], ['"seq":3,', ""], ["abab", "ABab"], ["10:00:00.000", "25:00:00.000"], ["prev", "prew"]]) {
      const bad = line.replace(from as string, to as string);
      expect(bad).not.toBe(line);
      expect(() => parseEntry(utf8(bad)), bad).toThrow();
    }
  });

  it("take only instants that exist", () => {
    expect(isTime("2026-02-30T00:00:00.000Z")).toBe(false);
    expect(isTime("2024-02-29T23:59:59.999Z")).toBe(true);
  });
});

describe("commitments", () => {
  const ballot = { basis: new Uint8Array(32).fill(1), voter: 7, revision: 1, nonce: new Uint8Array(32).fill(2), choice: "for" };

  it("are the hash of prefix, place, nonce and choice", () => {
    const bytes = concat(utf8("sunvote/choice/v1\n"), ballot.basis, Uint8Array.of(0, 0, 0, 7, 0, 0, 0, 1), ballot.nonce, utf8("for"));
    expect(hex(choiceCommitment(ballot))).toBe(hex(sha256(bytes)));
  });

  it("change with every part", () => {
    const other = [{ basis: new Uint8Array(32) }, { voter: 8 }, { revision: 2 }, { nonce: new Uint8Array(32) }, { choice: "against" }];
    const all = [ballot, ...other.map((change) => ({ ...ballot, ...change }))].map((one) => hex(choiceCommitment(one)));
    expect(new Set(all).size).toBe(all.length);
  });

  it("refuse a short nonce or salt", () => {
    expect(() => choiceCommitment({ ...ballot, nonce: new Uint8Array(31) })).toThrow();
    expect(() => documentCommitment(new Uint8Array(16), new Uint8Array())).toThrow();
  });
});

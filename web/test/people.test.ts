import { describe, expect, it } from "vitest";

import { fromHex, hex, utf8 } from "../src/bytes.ts";
import { publicKey } from "../src/curve.ts";
import { parseObject } from "../src/ijson.ts";
import { seal, unseal, WrongPin } from "../src/pin.ts";
import { differences, type Shown } from "../src/shown.ts";
import { answer, checkAnswer, formatCode, newSecret, parseCode, parseSlip, slipLink } from "../src/slip.ts";

const SLIP = { village: "331102001200", person: "01J00000000000000000000000", role: "representative", secret: fromHex("000102030405060708090a0b0c0d0e0f") };
const KEY = publicKey(new Uint8Array(32).fill(1));

describe("the enrolment slip", () => {
  it("can be typed, with the usual slips of the eye", () => {
    for (let i = 0; i < 50; i++) {
      const secret = newSecret();
      const code = formatCode(secret);
      expect(code).toMatch(/^([0-9A-Z]{4}-){6}[0-9A-Z]{4}$/);
      expect(parseCode(code)).toEqual(secret);
      expect(parseCode(` ${code.toLowerCase().replace(/-/g, " ").replace(/0/g, "o").replace(/1/g, "l")}`)).toEqual(secret);
    }
  });

  it("notices each single wrong letter", () => {
    const code = formatCode(SLIP.secret).replace(/-/g, "");
    let unnoticed = 0;
    for (let at = 0; at < code.length; at++) {
      for (const letter of "0123456789ABCDEFGHJKMNPQRSTVWXYZ") {
        if (letter === code[at]) continue;
        try {
          parseCode(code.slice(0, at) + letter + code.slice(at + 1));
          unnoticed++;
        } catch {
          // noticed
        }
      }
    }
    // Ten check bits let about one in a thousand through; of these 868 it is none.
    expect(unnoticed).toBe(0);
    expect(() => parseCode(code.slice(1))).toThrow();
  });

  it("travels in the part of a link that browsers do not send", () => {
    const link = new URL(slipLink("https://liandu.example", SLIP));
    expect(link.pathname + link.search).toBe("/enrol");
    expect(parseSlip(link.hash)).toEqual(SLIP);
    expect(parseSlip("")).toBeUndefined();
    expect(parseSlip(link.hash.replace("r=representative", "r="))).toBeUndefined();
  });

  it("is answered for one village, person, role and key", () => {
    const mac = answer(SLIP, KEY);
    // Computed with Python's hmac module.
    expect(hex(mac)).toBe(MAC);
    expect(checkAnswer(SLIP, KEY, mac)).toBe(true);
    const others = [{ village: "331102001201" }, { person: "01J00000000000000000000001" }, { role: "clerk" }, { secret: new Uint8Array(16) }];
    for (const other of others) expect(checkAnswer({ ...SLIP, ...other }, KEY, mac)).toBe(false);
    expect(checkAnswer(SLIP, publicKey(new Uint8Array(32)), mac)).toBe(false);
    expect(() => answer({ ...SLIP, village: "33110200120" }, KEY)).toThrow();
  });
});
const MAC = "70279081ede73c38df428cd1774c5ae83890f1f3b516714e59a7343287d1625a";

describe("a seed under a PIN", () => {
  it("opens with the PIN only, and only for its key", async () => {
    const seed = new Uint8Array(32).fill(1);
    const sealed = await seal(seed, KEY, "135790");
    expect(sealed.iterations).toBeGreaterThanOrEqual(600_000);
    expect(hex(sealed.data)).not.toContain(hex(seed));
    expect(await unseal(sealed, KEY, "135790")).toEqual(seed);
    expect(await unseal(sealed, KEY, "１３５７９０")).toEqual(seed);
    await expect(unseal(sealed, KEY, "135791")).rejects.toThrow(WrongPin);
    await expect(unseal(sealed, publicKey(new Uint8Array(32)), "135790")).rejects.toThrow(WrongPin);
    await expect(seal(seed, KEY, "12345")).rejects.toThrow(WrongPin);
  });
});

describe("what a draft page shows", () => {
  const payload = parseObject(utf8('{"kind":"matter.proposed","matter":"01J0","amount":1234550,"closes_at":"2026-11-21T16:30:00.000Z","days":5,"questions":[{"code":"a","amount":700}]}'));
  const honest: Shown[] = [
    { field: "kind", value: "matter.proposed", text: "提议" },
    { field: "matter", value: "01J0", text: "修路" },
    { field: "amount", value: "1234550", format: "fen", text: "12,345.50 元" },
    { field: "closes_at", value: "2026-11-21T16:30:00.000Z", format: "time", text: "2026年11月22日 00:30" },
    { field: "days", value: "5", format: "number", text: "5 天" },
    { field: "questions.0.amount", value: "700", format: "fen", text: "¥7.00" },
  ];

  it("agrees with the payload", () => {
    expect(differences(payload, honest)).toEqual([]);
  });

  it.each([
    ["another amount in words", 2, { text: "1,234.55 元" }],
    ["another amount in the value", 2, { value: "123455", text: "1,234.55 元" }],
    ["another matter", 1, { value: "01J1" }],
    ["another day", 3, { text: "2026年11月21日 16:30" }],
    ["another number", 4, { text: "15 天" }],
    ["a field that the payload has not", 4, { field: "weeks" }],
    ["an unknown format", 4, { format: "roman" }],
  ])("differs by %s", (_, index, change) => {
    expect(differences(payload, honest.with(index, { ...(honest[index] as Shown), ...change })).length).toBeGreaterThan(0);
  });

  it("must show kind, matter and every amount", () => {
    for (const index of [0, 1, 2, 5]) expect(differences(payload, honest.toSpliced(index, 1))).toEqual([honest[index]?.field]);
    expect(differences(payload, honest.toSpliced(4, 1))).toEqual([]);
  });
});

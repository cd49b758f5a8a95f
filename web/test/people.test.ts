import { describe, expect, it } from "vitest";

import { fromHex, hex, utf8 } from "../src/bytes.ts";
import { documentCommitment, personCommitment } from "../src/commit.ts";
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
  const MINE = "aa".repeat(32);
  const OTHER = "bb".repeat(32);
  const SALT = "07".repeat(32);
  const doc = (text: string): object => ({ sha256: hex(documentCommitment(fromHex(SALT), utf8(text))), size: text.length, media: "text/plain", level: "village" });
  const by = [{ person: "01A", role: "clerk", key: MINE }, { person: "01B", role: "chair", key: OTHER }];
  const payload = parseObject(utf8(JSON.stringify({
    kind: "plan.settled", village: "331102001200", at: "2026-11-21T10:00:00.000Z", by, basis: "cc".repeat(32), part: 1, of: 1,
    matter: "01J0", amount_fen: 1234550, closes_at: "2026-11-21T16:30:00.000Z", held_on: "2026-11-20", days: 5, plan: doc("修路\n两段"),
    ballots: [{ group: 3, required: true }], agenda: [{ ballot: 0 }], counts: [{ option: "for", count: 12 }], present: [1, 2, 12], places: ["board", "hall"], recused: [],
    keys: [{ person: "01C", key: "0123456789abcdef".repeat(4), name: hex(personCommitment(fromHex(SALT), "吴欣")) }], filing: "dd".repeat(32),
  })));
  const plan = payload["plan"] as Record<string, string>;
  const [row] = payload["keys"] as Record<string, string>[];
  const honest: Shown[] = [
    { field: "kind", value: "plan.settled", text: "方案定稿" },
    { field: "matter", value: "01J0", text: "修路" },
    { field: "amount_fen", value: "1234550", text: "12,345.50 元" },
    { field: "closes_at", value: "2026-11-21T16:30:00.000Z", text: "2026年11月22日 00:30" },
    { field: "held_on", value: "2026-11-20", text: "20 November 2026" },
    { field: "days", value: "5", text: "5 天" },
    { field: "by.1.person", value: "01B", text: "雷建明" },
    { field: "by.1.role", value: "chair", text: "村委会主任" },
    { field: "plan.sha256", value: String(plan["sha256"]), text: "修路\n两段", salt: SALT },
    { field: "plan.level", value: "village", text: "本村" },
    { field: "ballots.0.group", value: "3", text: "3" },
    { field: "ballots.0.required", value: "true", text: "是" },
    { field: "agenda.0.ballot", value: "0", text: "1" },
    { field: "counts.0", value: '{"option":"for","count":12}', text: "赞成 12" },
    { field: "present", value: "[1,2,12]", text: "1 毛小满、2 吴欣、12 钟小燕" },
    { field: "places", value: '["board","hall"]', text: "公示栏、会场" },
    { field: "recused", value: "[]", text: "无" },
    { field: "keys.0.person", value: "01C", text: "吴欣" },
    { field: "keys.0.key", value: String(row?.["key"]), text: "0123 4567 89ab cdef" },
    { field: "keys.0.name", value: String(row?.["name"]), text: "吴欣", salt: SALT },
    { field: "filing", value: "dd".repeat(32), text: "dddddddd" },
  ];
  const nth = (field: string): number => honest.findIndex((one) => one.field === field);

  it("agrees with the payload", () => {
    expect(differences(payload, honest, MINE)).toEqual({ wrong: [], hidden: [] });
  });

  it.each(honest.map((one) => [one.field]))("must show %s", (field) => {
    const hidden = field === "counts.0" ? ["counts.0.option", "counts.0.count"] : [field];
    expect(differences(payload, honest.toSpliced(nth(field), 1), MINE)).toEqual({ wrong: [], hidden });
  });

  it.each([
    ["another amount in words", "amount_fen", { text: "1,234.55 元" }],
    ["another amount in the value", "amount_fen", { value: "123455", text: "1,234.55 元" }],
    ["another matter", "matter", { value: "01J1" }],
    ["another day", "closes_at", { text: "2026年11月21日 00:30" }],
    ["another month", "held_on", { text: "20 October 2026" }],
    ["another hour", "closes_at", { text: "2026年11月22日 16:30" }],
    ["a ballot counted from 0", "agenda.0.ballot", { text: "0" }],
    ["another number", "days", { text: "15 天" }],
    ["one more who was there", "present", { text: "1、2、3、12" }],
    ["one fewer", "present", { text: "1、12" }],
    ["another text", "plan.sha256", { text: "修路\n三段" }],
    ["another salt", "plan.sha256", { salt: "08".repeat(32) }],
    ["no text", "plan.sha256", { text: "", salt: undefined }],
    ["only the text's commitment", "plan.sha256", { text: String(plan["sha256"]), salt: undefined }],
    ["another name", "keys.0.name", { text: "吴心" }],
    ["another key", "keys.0.key", { text: "0123 4567 89ab cdee" }],
    ["words in place of a hash", "filing", { text: "修路" }],
    ["another count in a row", "counts.0", { text: "赞成 21" }],
    ["nothing", "matter", { text: "" }],
    ["a field that the payload has not", "days", { field: "weeks" }],
  ])("differs by %s", (_, field, change) => {
    const index = nth(field);
    expect(differences(payload, honest.with(index, { ...(honest[index] as Shown), ...change }), MINE).wrong).not.toEqual([]);
  });

  it("takes a text with the other line ends for what it is", () => {
    const other = { ...payload, plan: doc("修路\r\n两段") } as typeof payload;
    const shown = { ...(honest[nth("plan.sha256")] as Shown), value: String((other["plan"] as Record<string, string>)["sha256"]) };
    expect(differences(other, honest.with(nth("plan.sha256"), shown), MINE).wrong).toEqual([]);
  });

  it("must show a field that no program knows yet, and what is put right", () => {
    const more = { ...payload, of: "plan.posted", surprise: { inner: "x" } } as typeof payload;
    expect(differences(more, honest, MINE).hidden).toEqual(["of", "surprise.inner"]);
    expect(differences(more, honest, MINE, ["of", "surprise.inner"]).hidden).toEqual([]);
  });

  it("must show every signer but the one who reads", () => {
    expect(differences(payload, honest, OTHER).hidden).toEqual(["by.0.person", "by.0.role"]);
  });
});

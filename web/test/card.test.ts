/** Printed cards: the vectors that the Rust code is tested with too, and what holds for every card and PIN. */
import { readFileSync } from "node:fs";

import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import { describe, expect, it, vi } from "vitest";

import { type Bytes, fromHex, hex, utf8, concat } from "../src/bytes.ts";
import { answerKey, type Card, cardAnswer, cardId, cardLink, checkCardAnswer, formatCardCode, keySeed, oprfInput, oprfMark, parseCard, parseCardCode, weakness } from "../src/card.ts";
import { OtherServer, restore } from "../src/card-key.ts";
import { publicKey } from "../src/curve.ts";
import { formatCode, newSecret, parseCode } from "../src/slip.ts";

const { voprf } = ristretto255_oprf;

interface Oprf {
  seed: string;
  key_info: string;
  secret_key: string;
  public_key: string;
  vectors: Record<"input" | "blind" | "blinded" | "evaluated" | "proof" | "proof_random" | "output", string>[];
}

interface CardVector {
  village: string;
  secret: string;
  pin: string;
  village_seed: string;
  blind: string;
  code: string;
  card: string;
  answer_key: string;
  oprf_info: string;
  oprf_key: string;
  mark: string;
  link: string;
  input: string;
  blinded: string;
  evaluated: string;
  output: string;
  seed: string;
  key: string;
  answer: string;
}

/** Reads a vector file. */
function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../tests/vectors/${name}.json`, import.meta.url), "utf8")) as T;
}

/** Randomness that reads as this scalar: the library takes a number, little endian, and adds one, so that no scalar is zero. */
const drawn = (scalar: string) => (length = 32): Bytes => {
  const bytes = concat(fromHex(scalar), new Uint8Array(length - 32));
  bytes[0] = (bytes[0] as number) - 1;
  return bytes;
};

describe("oprf.json", () => {
  const { seed, key_info, secret_key, public_key, vectors: all } = vectors<Oprf>("oprf");

  it("derives the key pair", () => {
    const pair = voprf.deriveKeyPair(fromHex(seed), fromHex(key_info));
    expect([hex(pair.secretKey), hex(pair.publicKey)]).toEqual([secret_key, public_key]);
  });

  it.each(all)("input $input", (one) => {
    const input = fromHex(one.input);
    const { blind, blinded } = voprf.blind(input, drawn(one.blind));
    expect([hex(blind), hex(blinded)]).toEqual([one.blind, one.blinded]);
    const answer = voprf.blindEvaluate(fromHex(secret_key), fromHex(public_key), blinded, drawn(one.proof_random));
    expect([hex(answer.evaluated), hex(answer.proof)]).toEqual([one.evaluated, one.proof]);
    const output = voprf.finalize(input, blind, fromHex(one.evaluated), blinded, fromHex(public_key), fromHex(one.proof));
    expect(hex(output)).toBe(one.output);
    const bent = fromHex(one.proof);
    bent[0] = (bent[0] as number) ^ 1;
    expect(() => voprf.finalize(input, blind, fromHex(one.evaluated), blinded, fromHex(public_key), bent)).toThrow();
  });
});

/** The server's half, for what is tested here alone. */
function serverKey(villageSeed: Uint8Array, card: Card): { secretKey: Uint8Array; publicKey: Uint8Array } {
  return voprf.deriveKeyPair(villageSeed, concat(utf8("sunvote/card/oprf/v1\n"), utf8(card.village), cardId(card)));
}

/** The key that card and PIN give. */
function keyOf(villageSeed: Uint8Array, card: Card, pin: string): string {
  const [server, input] = [serverKey(villageSeed, card), oprfInput(card, pin)];
  const { blind, blinded } = voprf.blind(input);
  const { evaluated, proof } = voprf.blindEvaluate(server.secretKey, server.publicKey, blinded);
  return hex(publicKey(keySeed(card, voprf.finalize(input, blind, evaluated, blinded, server.publicKey, proof))));
}

describe("cards.json", () => {
  const all = vectors<{ cards: CardVector[] }>("cards").cards;

  it.each(all)("$card", (one) => {
    const card: Card = { village: one.village, secret: fromHex(one.secret), mark: oprfMark(fromHex(one.oprf_key)) };
    const server = serverKey(fromHex(one.village_seed), card);
    const input = oprfInput(card, one.pin);
    const { blind, blinded } = voprf.blind(input, drawn(one.blind));
    const { evaluated } = voprf.blindEvaluate(server.secretKey, server.publicKey, blinded);
    const output = ristretto255_oprf.voprf.finalize(input, blind, evaluated, blinded, server.publicKey, voprf.blindEvaluate(server.secretKey, server.publicKey, blinded).proof);
    const seed = keySeed(card, output);
    const made = {
      ...one,
      code: formatCardCode(card.secret),
      card: hex(cardId(card)),
      answer_key: hex(answerKey(card)),
      oprf_info: hex(concat(utf8("sunvote/card/oprf/v1\n"), utf8(card.village), cardId(card))),
      oprf_key: hex(server.publicKey),
      mark: hex(card.mark ?? new Uint8Array()),
      link: cardLink("https://vote.example", card),
      input: hex(input),
      blinded: hex(blinded),
      evaluated: hex(evaluated),
      output: hex(output),
      seed: hex(seed),
      key: hex(publicKey(seed)),
      answer: hex(cardAnswer(answerKey(card), card.village, cardId(card), publicKey(seed))),
    };
    expect(made).toEqual(one);
  });
});

describe("a card", () => {
  const card = (): Card => ({ village: "331102206201", secret: newSecret(), mark: newSecret() });
  const villageSeed = new Uint8Array(32).fill(7);

  it("and PIN give the same key each time, and another PIN, card, village or server another", () => {
    for (let round = 0; round < 20; round++) {
      const [one, pin] = [card(), String(Math.floor(Math.random() * 1e6)).padStart(6, "0")];
      const key = keyOf(villageSeed, one, pin);
      expect(keyOf(villageSeed, one, pin)).toBe(key);
      const other = String((Number(pin) + 1) % 1e6).padStart(6, "0");
      const others = [
        keyOf(villageSeed, one, other),
        keyOf(villageSeed, { ...one, secret: newSecret() }, pin),
        keyOf(villageSeed, { ...one, village: "331102206202" }, pin),
        keyOf(new Uint8Array(32).fill(8), one, pin),
      ];
      expect(new Set([key, ...others]).size).toBe(5);
    }
  });

  it("is read back from its link and its code, however it is typed, and no slip is taken for it", () => {
    const one = card();
    expect(parseCard(cardLink("https://vote.example", one))).toEqual(one);
    const code = formatCardCode(one.secret);
    expect(code).toMatch(/^([0-9A-Z]{4}-){6}[0-9A-Z]{4}$/);
    expect(parseCardCode(` ${code.toLowerCase().replaceAll("-", " ").replaceAll("0", "o").replaceAll("1", "l")}`)).toEqual(one.secret);
    expect(() => parseCode(code)).toThrow();
    expect(() => parseCardCode(formatCode(one.secret))).toThrow();
    for (const bad of ["", "#v=1", cardLink("https://vote.example", one).slice(0, -1), `https://vote.example/card#v=331102206201&s=${code}&k=`]) expect(parseCard(bad)).toBeUndefined();
  });

  it("says nothing of its secret by its id or by the key that the clerk's browser keeps", () => {
    const one = card();
    const shown = [hex(cardId(one)), hex(answerKey(one))];
    expect(new Set([...shown, hex(one.secret)]).size).toBe(3);
    expect(shown[1]).not.toContain(shown[0]);
    expect(shown.join("")).not.toContain(hex(one.secret).slice(0, 8));
  });

  it("is not restored by a server with another key or without a proof", async () => {
    const one: Card = { ...card(), mark: undefined };
    const honest = serverKey(villageSeed, one);
    one.mark = oprfMark(honest.publicKey);
    const serve = (server: typeof honest, bend: (answer: Record<string, string>) => object = (answer) => answer): void => {
      vi.stubGlobal("document", { querySelector: () => null });
      vi.stubGlobal("fetch", (_: string, init: { body: string }) => {
        const { blinded } = JSON.parse(init.body) as { blinded: string };
        const { evaluated, proof } = voprf.blindEvaluate(server.secretKey, server.publicKey, fromHex(blinded));
        const answer = { evaluated: hex(evaluated), proof: hex(proof), oprf_key: hex(server.publicKey), challenge: "00".repeat(32) };
        return Promise.resolve(new Response(JSON.stringify(bend(answer))));
      });
    };
    serve(honest);
    const key = hex((await restore(one, "730264")).public);
    expect(key).toBe(keyOf(villageSeed, one, "730264"));
    const other = voprf.deriveKeyPair(villageSeed, utf8("another"));
    serve(other);
    await expect(restore(one, "730264")).rejects.toThrow(OtherServer);
    serve(other, (answer) => ({ ...answer, oprf_key: hex(honest.publicKey) }));
    await expect(restore(one, "730264")).rejects.toThrow(OtherServer);
    serve(honest, (answer) => ({ ...answer, proof: "00".repeat(64) }));
    await expect(restore(one, "730264")).rejects.toThrow(OtherServer);
    // A typed code does not name the key: the proof still has to be one, and another key gives another signer.
    serve(other);
    expect(hex((await restore({ ...one, mark: undefined }, "730264")).public)).not.toBe(key);
    serve(other, (answer) => ({ ...answer, proof: "00".repeat(64) }));
    await expect(restore({ ...one, mark: undefined }, "730264")).rejects.toThrow(OtherServer);
    vi.unstubAllGlobals();
  });

  it("answers for one key only", () => {
    const one = card();
    const [key, id] = [answerKey(one), cardId(one)];
    const [mine, theirs] = [publicKey(new Uint8Array(32).fill(1)), publicKey(new Uint8Array(32).fill(2))] as [Bytes, Bytes];
    const mac = cardAnswer(key, one.village, id, mine);
    expect(checkCardAnswer(key, one.village, id, mine, mac)).toBe(true);
    expect(checkCardAnswer(key, one.village, id, theirs, mac)).toBe(false);
    expect(checkCardAnswer(key, "331102206202", id, mine, mac)).toBe(false);
    expect(checkCardAnswer(answerKey(card()), one.village, id, mine, mac)).toBe(false);
  });
});

describe("a PIN", () => {
  it.each([
    ["same", ["000000", "777777", "121212", "123123", "112233", "111222"]],
    ["row", ["123456", "654321", "789012", "210987"]],
    ["date", ["560312", "120356", "199003", "011299"]],
  ])("is refused as %s", (why, pins) => {
    for (const pin of pins) expect(weakness(pin), pin).toBe(why);
  });

  it("may be most others", () => {
    for (const pin of ["730264", "905817", "418390"]) expect(weakness(pin), pin).toBeUndefined();
    let left = 0;
    for (let n = 0; n < 1e6; n++) left += weakness(String(n).padStart(6, "0")) === undefined ? 1 : 0;
    expect(left).toBeGreaterThan(900_000);
  });
});

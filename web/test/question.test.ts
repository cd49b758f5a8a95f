import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { base64, type Bytes, fromHex, hex, utf8 } from "../src/bytes.ts";
import { documentCommitment } from "../src/commit.ts";
import { optionWords } from "../src/confirm.ts";
import { envelope, STATEMENT_TYPE } from "../src/dsse.ts";
import { formatEntry } from "../src/entry.ts";
import { type JsonObject, parseObject } from "../src/ijson.ts";
import { type Asked, isAsked } from "../src/question.ts";
import { bundleOf } from "../src/texts.ts";
import { leafHash } from "../src/tree.ts";

const SALT = "05".repeat(32);
const QUESTION = "同意修桥方案吗?";
const PLACE = { village: "331102001200", matter: "01M", session: "01S", question: "main" };

function entryOf(change: object, type = STATEMENT_TYPE): Bytes {
  const title = hex(documentCommitment(fromHex(SALT), utf8(QUESTION)));
  const payload = utf8(JSON.stringify({ kind: "voting.opened", ...PLACE, title, options: ["for", "against", "plan_a"], ...change }));
  const statement = envelope(type, payload, new Uint8Array(32), new Uint8Array(64));
  return utf8(formatEntry({ seq: 3, prev: "00".repeat(32), time: "2026-11-21T10:00:00.000Z", statement }));
}

function ask(entry: Bytes, choice = "for", change: Partial<Asked> = {}, draft: object = {}): boolean {
  const ballot = parseObject(utf8(JSON.stringify({ kind: "ballot.cast", ...PLACE, basis: hex(leafHash(entry)), ...draft }))) as JsonObject;
  return isAsked(ballot, choice, { opened: base64(entry), question: QUESTION, salt: SALT, ...change });
}

describe("the question of a vote", () => {
  it("is the one that was opened, with its options", () => {
    for (const choice of ["for", "against", "plan_a"]) expect(ask(entryOf({}), choice)).toBe(true);
  });

  it("has options in the words committed to", () => {
    const labels = ["先修桥", "先修路"].map((words) => hex(documentCommitment(fromHex(SALT), utf8(words))));
    const entry = entryOf({ options: ["bridge", "abstain", "road"], labels });
    expect(ask(entry, "road", { label: { words: "先修路", salt: SALT } })).toBe(true);
    expect(ask(entry, "abstain")).toBe(true);
    expect(ask(entry, "road", { label: { words: "先修桥", salt: SALT } })).toBe(false);
    expect(ask(entry, "road")).toBe(false);
    expect(ask(entryOf({}), "plan_a", { label: { words: "先修桥", salt: SALT } })).toBe(false);
  });

  it.each([
    ["an option that is not offered", () => ask(entryOf({}), "abstain")],
    ["other words", () => ask(entryOf({}), "for", { question: "反对修桥方案吗?" })],
    ["another salt", () => ask(entryOf({}), "for", { salt: "06".repeat(32) })],
    ["no salt", () => ask(entryOf({}), "for", { salt: "" })],
    ["another opening than the ballot rests on", () => ask(entryOf({}), "for", {}, { basis: "00".repeat(32) })],
    ["the opening of another question", () => ask(entryOf({ question: "second" }))],
    ["the opening of another matter", () => ask(entryOf({ matter: "01N" }))],
    ["an opening that names no matter", () => ask(entryOf({ matter: undefined }), "for", {}, { matter: undefined })],
    ["an entry of another kind", () => ask(entryOf({ kind: "plan.settled" }))],
    ["an envelope of another type", () => ask(entryOf({}, "application/json"))],
    ["no entry", () => ask(entryOf({}), "for", { opened: "e30=" })],
  ])("is not believed with %s", (_, asked) => {
    expect(asked()).toBe(false);
  });
});

describe("the words of a choice", () => {
  it("are this program's own, in both languages", () => {
    const words = (locale: string): string[] => {
      const t = bundleOf(locale, readFileSync(new URL(`../locales/client/${locale}.ftl`, import.meta.url), "utf8"));
      return ["for", "against", "abstain", "plan_a"].map((choice) => optionWords(choice, t));
    };
    expect(words("zh-CN")).toEqual(["赞成", "反对", "弃权", "plan_a"]);
    expect(words("en")).toEqual(["For", "Against", "Abstain", "plan_a"]);
  });
});

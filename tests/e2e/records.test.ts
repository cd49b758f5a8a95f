/** Records that the Rust law calls lawful (tests/law/oracle.rs), judged a second time in TypeScript, whole and altered. */
import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { base64, concat, fromBase64, fromUtf8, hex, utf8 } from "../../web/src/bytes.ts";
import { statementId } from "../../web/src/dsse.ts";
import { parseEntry } from "../../web/src/entry.ts";
import { isObject, type JsonObject, parseObject } from "../../web/src/ijson.ts";
import { verifyRecord } from "../../web/src/record.ts";
import { Recount } from "../../web/src/recount.ts";
import { leafHash } from "../../web/src/tree.ts";

const TARGET = process.env["CARGO_TARGET_DIR"] ?? fileURLToPath(new URL("../../target", import.meta.url));
const FOLDER = join(TARGET, "tmp", "records");
const names = existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.endsWith(".sunvote")) : [];

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

describe("lawful records", () => {
  it("have been written by the Rust suite `law`", () => {
    expect(names.sort()).toEqual(["no-quorum.sunvote", "paper.sunvote", "six-procedures.sunvote"]);
  });

  it.each(names)("%s is good here too", async (name) => {
    const key = readFileSync(join(FOLDER, name.replace(".sunvote", ".key")), "utf8");
    const verdict = await verifyRecord(createReadStream(join(FOLDER, name)), key);
    expect(verdict.findings).toEqual([]);
    expect(verdict.checkpoint?.size).toBe(verdict.entries);
    if (name === "six-procedures.sunvote") expect(verdict).toMatchObject({ ballots: 30, results: 1 });
    if (name === "paper.sunvote") expect(verdict).toMatchObject({ ballots: 26, results: 1 });
  });

  it.each(names)("%s is not good with any one entry's payload changed", async (name) => {
    const key = readFileSync(join(FOLDER, name.replace(".sunvote", ".key")), "utf8");
    const lines = fromUtf8(readFileSync(join(FOLDER, name))).split("\n");
    const entries = lines.indexOf("", 1) - 1;
    for (let seq = 0; seq < entries; seq += 5) {
      const line = lines[seq + 1] as string;
      const altered = line.replace(/"payload":"([^"]*)"/, (_, text: string) => `"payload":"${base64(utf8(atob(text).replace(/"village":"../, '"village":"99')))}"`);
      expect(altered).not.toBe(line);
      const { findings } = await verifyRecord(once(concat(utf8(lines.with(seq + 1, altered).join("\n")))), key);
      expect(findings.filter((one) => one.seq === seq).map((one) => one.fault)).toEqual(expect.arrayContaining(["village", "signature"]));
      expect(findings).toContainEqual({ fault: "root" });
    }
  });
});

/** A statement of a record, with its entry's leaf hash and time. */
interface Told {
  payload: JsonObject;
  id: string;
  leaf: string;
  time: string;
}

describe("the vote with second thoughts and paper, counted again", () => {
  const told = (): Told[] => {
    const lines = fromUtf8(readFileSync(join(FOLDER, "paper.sunvote"))).split("\n");
    return lines.slice(1, lines.indexOf("", 1)).map((line) => {
      const { statement, time } = parseEntry(utf8(line));
      const bytes = fromBase64(statement.payload);
      return { payload: parseObject(bytes), id: hex(statementId(bytes)), leaf: hex(leafHash(utf8(line))), time };
    });
  };
  const faults = (all: Told[]): (string | undefined)[] => {
    const recount = new Recount();
    return all.map(({ payload, ...at }) => recount.add(payload, at)).filter((fault) => fault !== undefined);
  };
  const place = (all: Told[], kind: string): number => all.findIndex(({ payload }) => payload["kind"] === kind);
  const altered = (kind: string, change: (payload: JsonObject) => JsonObject): Told[] => told().map((one) => (one.payload["kind"] === kind ? { ...one, payload: change(one.payload) } : one));
  const list = (payload: JsonObject, name: string): JsonObject[] => (Array.isArray(payload[name]) ? payload[name].filter((row) => isObject(row)) : []);

  it("is good as it is", () => {
    expect(faults(told())).toEqual([]);
  });

  it("shows a ballot cast by who was handed a paper", () => {
    // Voter 2 cast one and then changed to paper.
    const all = told();
    const cast = all.findIndex(({ payload }) => payload["kind"] === "ballot.cast" && payload["voter"] === 2);
    expect(faults(all.toSpliced(place(all, "paper.issued") + 1, 0, all[cast] as Told))).toEqual(["ballot-paper"]);
  });

  it("shows papers that are not handed out, and a ballot that counts all the same", () => {
    const all = told();
    expect(faults(all.toSpliced(place(all, "paper.issued"), 1))).toEqual(["paper-count", "ballot-unopened"]);
  });

  it("shows an earlier ballot put after the last", () => {
    const all = told();
    const first = all.findIndex(({ payload }) => payload["kind"] === "ballot.cast" && payload["voter"] === 1);
    expect(faults(all.toSpliced(place(all, "voting.closed"), 0, all[first] as Told))).toEqual(["ballot-revision"]);
  });

  it("shows a ballot that stays closed, and papers counted twice or too many", () => {
    expect(faults(altered("ballots.opened", (one) => ({ ...one, rows: list(one, "rows").slice(1) })))).toEqual(["ballot-unopened"]);
    const all = told();
    const counted = place(all, "paper.counted");
    expect(faults(all.toSpliced(counted, 0, all[counted] as Told))).toEqual(["vote-order"]);
    const more = (one: JsonObject): JsonObject => ({ ...one, in_box: Number(one["in_box"]) + 1, invalid: Number(one["invalid"]) + 1 });
    expect(faults(altered("paper.counted", more))).toEqual(["paper-count"]);
  });
});

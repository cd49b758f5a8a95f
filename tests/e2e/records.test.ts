/** Records that the Rust law calls lawful (tests/law/oracle.rs), judged a second time in TypeScript, whole and altered. */
import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { base64, concat, fromUtf8, utf8 } from "../../web/src/bytes.ts";
import { verifyRecord } from "../../web/src/record.ts";

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

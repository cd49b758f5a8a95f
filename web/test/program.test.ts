/** The verifier as a program for Node, built as it is shipped. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build, type Rolldown } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";

import { CLERK, Scribe, WATCH } from "./scribe.ts";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "verify-"));
  const built = (await build({ configFile: fileURLToPath(new URL("../vite.verify.config.ts", import.meta.url)), logLevel: "silent", build: { write: false } })) as Rolldown.RolldownOutput;
  expect(built.output.map((file) => file.fileName)).toEqual(["verify.js"]);
  await writeFile(join(folder, "verify.mjs"), built.output[0].code);
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

/** Runs the program on a record's bytes. */
async function run(file: Uint8Array | undefined, ...options: string[]): Promise<{ code: number; out: string; err: string }> {
  if (file !== undefined) await writeFile(join(folder, "r.sunvote"), file);
  return new Promise((resolve) => {
    execFile(process.execPath, [join(folder, "verify.mjs"), ...options, join(folder, file === undefined ? "none" : "r.sunvote")], (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}

it("ends with 0, 1 or 2 and says the same in words and in JSON", async () => {
  const village = new Scribe().whole();
  const lawful = await run(village.file(), "--json", ...village.roots.flatMap((root) => ["--root", root]), "--key", village.logKey);
  expect(lawful.code).toBe(0);
  expect(JSON.parse(lawful.out)).toMatchObject({ verdict: "lawful", roots: "named", entries: 32, findings: [], remarks: [], unreadable: null, checkpoint: { size: 32 } });
  expect(await run(village.file())).toMatchObject({ code: 0, out: expect.stringMatching(/^verdict +complete and lawful[^]*NOT CHECKED: you named none/) });
  expect(await run(village.file(), "--root", "ab".repeat(32))).toMatchObject({ code: 1, out: expect.stringContaining("founded by root keys that you did not name") });
  const late = new Scribe().settle();
  late.add("document.withdrawn", [WATCH, CLERK], { document: "00".repeat(32), reason: "error" });
  expect(await run(late.file())).toMatchObject({ code: 1, out: expect.stringContaining("procedure   entry 5: signer.role: expected") });
  expect(await run(Buffer.from("no record"))).toMatchObject({ code: 2 });
  for (const options of [["--root", "xy"], ["--key", "xy"], ["--odd"]]) expect((await run(village.file(), ...options)).code).toBe(2);
  expect(await run(undefined)).toMatchObject({ code: 2, out: "", err: expect.stringContaining("ENOENT") });
});

/** An inspector's witness beside a demo: `sunvote witness run` with keys and a folder of its own, on a free port. */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { fromBase64, fromUtf8 } from "../../web/src/bytes.ts";
import { type Demo, PROGRAM } from "./server.ts";

/** A running witness. */
export interface Inspector {
  origin: string;
  /** The verifier key of its cosigner of consistent checkpoints. */
  key: string;
  stop(): Promise<void>;
}

/** A port that nothing listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The district's root keys, as the founding of a village names them: on paper, in a real district. */
async function rootsOf(demo: Demo, village: string): Promise<string[]> {
  const record = await (await fetch(`${demo.origin}/v/${village}/record/file`)).text();
  const entry = JSON.parse(record.split("\n")[1] ?? "") as { statement: { payload: string } };
  const founding = JSON.parse(fromUtf8(fromBase64(entry.statement.payload))) as { by: { key: string }[] };
  return founding.by.map(({ key }) => key);
}

/** The verifier key of the district's log, from the page that explains the record. */
export async function districtKey(demo: Demo, village: string): Promise<string> {
  const page = await (await fetch(`${demo.origin}/v/${village}/record`)).text();
  const key = /[^<>\s]+\/log\/d\/\d{6}\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+/.exec(page.replaceAll("&#43;", "+"))?.[0];
  if (key === undefined) throw new Error("the record's page names no key of the district's log");
  return key;
}

/** Starts a witness of the demo and waits until it has read a village. Rejects with its output when it ends before. */
export async function startInspector(demo: Demo, village: string): Promise<Inspector> {
  const data = mkdtempSync(join(tmpdir(), "sunvote-e2e-"));
  const config = join(data, "witness.toml");
  const origin = `http://127.0.0.1:${await freePort()}`;
  const roots = (await rootsOf(demo, village)).map((root) => `"${root}"`).join(", ");
  writeFileSync(
    config,
    `name = "inspector.liandu.example"\nlog = "${await districtKey(demo, village)}"\nserver = "${demo.origin}"\nroots = [${roots}]\npoll_seconds = 1\n` +
      `[serve]\npublic_origin = "${origin}"\nlisten = "${origin.slice("http://".length)}"\ndata_dir = "${join(data, "witness")}"\ndistrict_name = "丽水市莲都区"\ninspector_phone = "0578-0000000"\n`,
  );
  const told = execFileSync(PROGRAM, ["witness", "init", "--config", config], { encoding: "utf8" });
  const child = spawn(PROGRAM, ["witness", "run", "--config", config], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  const lawful = async (): Promise<boolean> => fetch(`${origin}/log/v/${village}/checkpoint`).then(({ ok }) => ok, () => false);
  while (!(await lawful())) {
    if (child.exitCode !== null) throw new Error(`the witness ended with ${child.exitCode}:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { origin, key: /\S+\/consistency\+\S+/.exec(told)?.[0] ?? "", stop };
}

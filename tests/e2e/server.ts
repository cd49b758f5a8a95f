/** The demo district as a newcomer gets it: `sunvote demo` with a folder of its own, on a port the system chooses. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const TARGET = process.env["CARGO_TARGET_DIR"] ?? fileURLToPath(new URL("../../target", import.meta.url));
/** The program under test; `SUNVOTE` names another one than the debug build. */
export const PROGRAM = process.env["SUNVOTE"] ?? join(TARGET, "debug", "sunvote");

/** When the demo begins: always the same Monday morning, so that no walk depends on the day. `SUNVOTE_BEGIN` names another. */
export const BEGIN = process.env["SUNVOTE_BEGIN"] ?? "2026-11-16T01:00:00.000Z";

/** A running demo server. */
export interface Demo {
  origin: string;
  /** Folder with its database and documents. */
  data: string;
  stop(): Promise<void>;
  /** Cuts the server off, as when the power fails; `start` starts it again on the same port and data. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Starts the demo and waits for the line that names its address. Rejects with its output when it ends before. */
export async function startDemo(...more: string[]): Promise<Demo> {
  const data = mkdtempSync(join(tmpdir(), "sunvote-e2e-"));
  let { child, origin } = await spawnDemo("127.0.0.1:0", data, more);
  return {
    origin,
    data,
    stop: () => stop(child, data),
    kill: () => ended(child, "SIGKILL"),
    start: async () => {
      ({ child, origin } = await spawnDemo(new URL(origin).host, data, more));
    },
  };
}

function spawnDemo(listen: string, data: string, more: string[]): Promise<{ child: ChildProcess; origin: string }> {
  const child = spawn(PROGRAM, ["demo", "--listen", listen, "--data", data, "--begin", BEGIN, ...more], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  return new Promise((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      output += chunk.toString();
      const origin = /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(output)?.[0];
      if (origin !== undefined) resolve({ child, origin });
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`the demo ended with ${code}:\n${output}`)));
  });
}

/** Ends the server as an operator would, and waits until it has. */
async function stop(child: ChildProcess, data: string): Promise<void> {
  await ended(child, "SIGTERM");
  rmSync(data, { recursive: true, force: true });
}

async function ended(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await exit;
}

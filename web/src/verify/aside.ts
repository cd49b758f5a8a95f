/** The verifier beside the page, in a thread of its own: the page stays quick while a long record is checked. */
import type { Checked, Options } from "./verifier.ts";
import address from "./worker.ts?worker&url";

/** What the page asks for. */
export type Ask = { file: Blob; options: Pick<Options, "roots" | "logKey"> };
/** What the worker says: how far it is, and at last what it found or why it could not go on. */
export type Said = { bytes: number } | { checked: Checked } | { failed: string };

/** Checks a file in a worker. Rejects only where the worker itself fails. */
export function checkAside(file: Blob, options: Ask["options"], progress: (bytes: number) => void): Promise<Checked> {
  const worker = new Worker(trusted(address), { type: "module" });
  return new Promise<Checked>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Said>) => {
      if ("bytes" in data) progress(data.bytes);
      else if ("checked" in data) resolve(data.checked);
      else reject(new Error(data.failed));
    };
    worker.onerror = (event) => reject(new Error(event.message || "the check could not start"));
    worker.postMessage({ file, options } satisfies Ask);
  }).finally(() => worker.terminate());
}

/** The one address that this page starts a worker from, as browsers want it that guard such addresses (Trusted Types). */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: { createPolicy(name: string, rules: object): { createScriptURL(url: string): string } } };
  policy ??= trustedTypes?.createPolicy("sunvote-verifier", { createScriptURL: (wanted: string) => (wanted === address ? wanted : "") });
  return policy?.createScriptURL(url) ?? url;
}

let policy: { createScriptURL(url: string): string } | undefined;

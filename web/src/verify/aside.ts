/** The verifier beside the page, in a thread of its own: the page stays quick while a long record is checked. */
import type { Asked, Step, Visited } from "../visit/visit.ts";
import type { Checked, Options } from "./verifier.ts";
import address from "./worker.ts?worker&url";

/** What a page asks for: to check a file, or to visit a village's record. */
export type Ask = { file: Blob; options: Pick<Options, "roots" | "logKey"> } | { visit: Asked };
/** What a visit found, without what the worker kept. */
export type Told = Visited extends infer V ? (V extends unknown ? Omit<V, "keep"> : never) : never;
/** What the worker says: how far it is, and at last what it found or why it could not go on. */
export type Said = { bytes: number } | { step: Step } | { checked: Checked } | { visited: Told } | { failed: string; name: string };

/** What went wrong in the worker; `name` is that of the error there. */
export class Failed extends Error {
  constructor(override readonly name: string, message: string) {
    super(message);
  }
}

/** Checks a file in a worker. Rejects only where the worker itself fails. */
export function checkAside(file: Blob, options: Pick<Options, "roots" | "logKey">, progress: (bytes: number) => void): Promise<Checked> {
  return aside({ file, options }, (said) => {
    if ("bytes" in said) progress(said.bytes);
    return "checked" in said ? said.checked : undefined;
  });
}

/** Visits a record in a worker, which keeps what it learnt; a visit that is broken off by `signal` keeps nothing. */
export function visitAside(asked: Asked, progress: (step: Step) => void, signal: AbortSignal): Promise<Told> {
  const take = (said: Said): Told | undefined => {
    if ("step" in said) progress(said.step);
    return "visited" in said ? said.visited : undefined;
  };
  return aside({ visit: asked }, take, signal);
}

function aside<T>(ask: Ask, take: (said: Said) => T | undefined, signal?: AbortSignal): Promise<T> {
  const worker = new Worker(trusted(address), { type: "module" });
  return new Promise<T>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Said>) => {
      if ("failed" in data) return reject(new Failed(data.name, data.failed));
      const answer = take(data);
      if (answer !== undefined) resolve(answer);
    };
    worker.onerror = (event) => reject(new Error(event.message || "the check could not start"));
    signal?.addEventListener("abort", () => reject(new Failed("AbortError", "broken off")));
    worker.postMessage(ask);
  }).finally(() => worker.terminate());
}

/** The one address that this page starts a worker from, as browsers want it that guard such addresses (Trusted Types). */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: { createPolicy(name: string, rules: object): { createScriptURL(url: string): string } } };
  policy ??= trustedTypes?.createPolicy("sunvote-verifier", { createScriptURL: (wanted: string) => (wanted === address ? wanted : "") });
  return policy?.createScriptURL(url) ?? url;
}

let policy: { createScriptURL(url: string): string } | undefined;

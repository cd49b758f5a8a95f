/** The worker's side of aside.ts: one file or one visit, checked once. */
import { get, put } from "../storage.ts";
import { type Asked, type Kept, visit } from "../visit/visit.ts";
import type { Ask, Said, Told } from "./aside.ts";
import { verifyRecord } from "./verifier.ts";

/** A stream's pieces; Safari's streams cannot be iterated. */
async function* pieces(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value;
}

const say = (said: Said): void => postMessage(said);

/** Visits a record and keeps what that leaves behind, here: the page need not copy megabytes. */
async function visitAndKeep(asked: Asked): Promise<Told> {
  const visited = await visit(asked, await get<Kept>("visits", asked.village), new Date().toISOString(), (step) => say({ step }));
  if (!("keep" in visited)) return visited;
  const { keep, ...told } = visited;
  if (keep !== undefined) await put("visits", keep);
  return told;
}

async function answer(ask: Ask): Promise<Said> {
  if ("visit" in ask) return { visited: await visitAndKeep(ask.visit) };
  return { checked: await verifyRecord(pieces(ask.file.stream()), { ...ask.options, progress: (bytes) => say({ bytes }) }) };
}

addEventListener("message", ({ data }: MessageEvent<Ask>) => {
  answer(data).then(say, (error: unknown) => say({ failed: String(error), name: error instanceof Error ? error.name : "" }));
});

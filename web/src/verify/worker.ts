/** The worker's side of aside.ts: one file, checked once. */
import type { Ask, Said } from "./aside.ts";
import { verifyRecord } from "./verifier.ts";

/** A stream's pieces; Safari's streams cannot be iterated. */
async function* pieces(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value;
}

const say = (said: Said): void => postMessage(said);

addEventListener("message", ({ data: { file, options } }: MessageEvent<Ask>) => {
  verifyRecord(pieces(file.stream()), { ...options, progress: (bytes) => say({ bytes }) }).then(
    (checked) => say({ checked }),
    (error: unknown) => say({ failed: String(error) }),
  );
});

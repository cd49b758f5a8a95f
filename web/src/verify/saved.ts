/** A verifier's progress as a text, and back: what a later visit goes on from. Holds maps, sets and bytes as they are. */
import { base64, fromBase64, FormatError } from "../bytes.ts";
import { RULES_VERSION } from "../law/table.ts";
import type { Progress } from "./verifier.ts";

/** Rises with each change of what is kept; what an older program kept is not taken up. */
const FORMAT = `sunvote/progress/v1/${RULES_VERSION}`;

/** Writes progress down. */
export function write(progress: Progress): string {
  return JSON.stringify({ format: FORMAT, progress }, (_, value: unknown) => {
    if (value instanceof Map) return { $map: [...value] };
    if (value instanceof Set) return { $set: [...value] };
    if (value instanceof Uint8Array) return { $bytes: base64(value) };
    return value;
  });
}

/** Reads what `write` wrote, from a place that only this program writes to; throws `FormatError` for what another version wrote. */
export function read(text: string): Progress {
  const kept = JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== "object" || value === null) return value;
    if ("$map" in value) return new Map(value.$map as [unknown, unknown][]);
    if ("$set" in value) return new Set(value.$set as unknown[]);
    return "$bytes" in value ? fromBase64(String(value.$bytes)) : value;
  }) as { format: string; progress: Progress };
  if (kept.format !== FORMAT) throw new FormatError("kept by another version");
  return kept.progress;
}

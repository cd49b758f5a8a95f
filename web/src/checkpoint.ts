/** C2SP tlog-checkpoint: the three lines a log signs (PROTOCOL 3). */
import { type Bytes, FormatError, fromBase64 } from "./bytes.ts";
import { isNoteText } from "./note.ts";

/** State of a log. */
export interface Checkpoint {
  origin: string;
  /** Number of entries; beyond 2^53 only roughly, which no record that is read comes near. */
  size: number;
  root: Bytes;
}

/** Reads a checkpoint body; extension lines are tolerated. Throws `FormatError`. */
export function parseCheckpoint(text: string): Checkpoint {
  if (!isNoteText(text)) throw new FormatError("expected a checkpoint");
  const [origin, size, rootText, ...extensions] = text.slice(0, -1).split("\n");
  if (!origin || size === undefined || rootText === undefined || extensions.includes("")) throw new FormatError("expected a checkpoint");
  const root = fromBase64(rootText);
  if (root.length !== 32) throw new FormatError("expected a root of 32 bytes");
  return { origin, size: treeSize(size), root };
}

/** A decimal number without sign or leading zeros, up to 2^63 − 1. */
function treeSize(text: string): number {
  if (!/^(?:0|[1-9]\d{0,18})$/.test(text) || BigInt(text) >= 2n ** 63n) throw new FormatError("expected a size");
  return Number(text);
}

/** C2SP tlog-checkpoint: the three lines a log signs (PROTOCOL 3). */
import { type Bytes, decimal, FormatError, fromBase64 } from "./bytes.ts";
import { isNoteText } from "./note.ts";

/** State of a log. */
export interface Checkpoint {
  origin: string;
  /** Number of entries. */
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
  return { origin, size: decimal(size), root };
}

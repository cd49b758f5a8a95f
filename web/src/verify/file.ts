/** The export file of a village, read piece by piece in bounded memory (PROTOCOL 3). */
import { MAX_ENTRY } from "../entry.ts";
import { MAX_NOTE } from "../note.ts";
import type { Unreadable } from "./report.ts";

const FIRST_LINE = "sunvote/record/v1";
const ANY_VERSION = /^sunvote\/record\/v[1-9]\d*$/;
/** Longest first line of any version that is recognised as such, in bytes. */
const MAX_FIRST = FIRST_LINE.length + 8;
/** Most entries, and most bytes of them, that are handed on together. */
const CHUNK = 256;
const CHUNK_BYTES = 4 << 20;

/** How the entries end: with a checkpoint note, or in some other way. */
export type Ending = { note: Uint8Array } | { fault: "long line" | "cut off" | "long note" } | { unreadable: Unreadable };

/** Reads a record: hands on its entry lines, some at a time, and answers with how it ends. */
export async function readRecord(file: AsyncIterable<Uint8Array>, take: (lines: Uint8Array[], bytes: number) => Promise<void>): Promise<Ending> {
  const pieces = file[Symbol.asyncIterator]();
  const reader = new LineReader(pieces);
  try {
    const first = await reader.line(MAX_FIRST);
    const text = typeof first === "string" ? "" : new TextDecoder().decode(first);
    if (text !== FIRST_LINE) return { unreadable: ANY_VERSION.test(text) ? "a record of a version that this program does not know" : "not a record file" };
    const fault = await readEntries(reader, take);
    if (fault !== undefined) return { fault };
    const note = await reader.rest(MAX_NOTE);
    return note === undefined ? { fault: "long note" } : note.length === 0 ? { fault: "cut off" } : { note };
  } finally {
    await pieces.return?.();
  }
}

async function readEntries(reader: LineReader, take: (lines: Uint8Array[], bytes: number) => Promise<void>): Promise<"long line" | "cut off" | undefined> {
  let lines: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const line = await reader.line(MAX_ENTRY);
    const ended = typeof line === "string" || line.length === 0;
    if (!ended) {
      lines.push(line);
      size += line.length;
    }
    if (lines.length > 0 && (ended || lines.length >= CHUNK || size >= CHUNK_BYTES)) {
      await take(lines, reader.read);
      [lines, size] = [[], 0];
    }
    if (ended) return typeof line === "string" ? line : undefined;
  }
}

class LineReader {
  /** Bytes read from the file so far. */
  read = 0;
  private buffer: Uint8Array = new Uint8Array();
  private at = 0;

  constructor(private readonly pieces: AsyncIterator<Uint8Array>) {}

  /** The next line without its end, which must have at most `most` bytes. */
  async line(most: number): Promise<Uint8Array | "long line" | "cut off"> {
    for (let searched = this.at; ; ) {
      const end = this.buffer.indexOf(10, searched);
      if (end >= 0 && end - this.at <= most) {
        const line = this.buffer.subarray(this.at, end);
        this.at = end + 1;
        return line;
      }
      if (end >= 0 || this.buffer.length - this.at > most) return "long line";
      const left = this.buffer.length - this.at;
      if (!(await this.more())) return "cut off";
      searched = left;
    }
  }

  /** All that follows; undefined if it is longer than `most`. */
  async rest(most: number): Promise<Uint8Array | undefined> {
    while (this.buffer.length - this.at <= most && (await this.more()));
    const rest = this.buffer.subarray(this.at);
    return rest.length <= most ? rest : undefined;
  }

  /** Adds the next piece of the file to what is left. The lines handed out before stay as they are. */
  private async more(): Promise<boolean> {
    const { value, done } = await this.pieces.next();
    if (done === true) return false;
    const left = this.buffer.subarray(this.at);
    const joined = new Uint8Array(left.length + value.length);
    joined.set(left);
    joined.set(value, left.length);
    this.buffer = joined;
    this.at = 0;
    this.read += value.length;
    return true;
  }
}

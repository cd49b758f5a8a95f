/** A log as a server serves it (PROTOCOL 3, tlog-tiles): its checkpoint, entries in bundles, hashes in tiles. Nothing here is believed yet. */
import { type Bytes, FormatError, fromUtf8 } from "../bytes.ts";
import { MAX_ENTRY } from "../entry.ts";
import { MAX_NOTE } from "../note.ts";
import { root } from "../prefix.ts";
import { nodeHash } from "../tree.ts";

/** Entries in a full bundle, and hashes in a full tile. */
export const FULL = 256;
const HASH = 32;
/** Bundles that are asked for before the one in hand is checked: the line is busy while the processor is. */
const AHEAD = 4;

/** The server can't be reached, or doesn't have what it should have. */
export class NotServed extends Error {
  override name = "NotServed";
  /** `status` is 0 where no answer came. */
  constructor(readonly path: string, readonly status: number) {
    super(`${path}: ${status || "no answer"}`);
  }
}

/** The last part of a tile's or bundle's path: its number in groups of three digits, and its width where it is not full. */
export function tilePath(index: number, width: number): string {
  const groups = [String(index % 1000).padStart(3, "0")];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) groups.unshift(`x${String(rest % 1000).padStart(3, "0")}`);
  return groups.join("/") + (width === FULL ? "" : `.p/${width}`);
}

/** The `count` entries of a bundle; throws `FormatError` for any other number. */
export function parseBundle(bytes: Bytes, count: number): Bytes[] {
  const lines = entriesOf(bytes);
  if (lines.length !== count) throw new FormatError(`expected a bundle of ${count} entries`);
  return lines;
}

/** The hashes of a tile, one after another as they come; throws `FormatError` for any number but `width`. */
export function parseTile(bytes: Bytes, width: number): Bytes {
  if (width < 1 || width > FULL || bytes.length !== width * HASH) throw new FormatError(`expected ${width} hashes`);
  return bytes;
}

function entriesOf(bytes: Bytes): Bytes[] {
  const lines: Bytes[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 2 + ((bytes[at] as number) << 8) + (bytes[at + 1] ?? 0);
    if (end > bytes.length || at + 2 > bytes.length) throw new FormatError("a bundle that is cut off");
    lines.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return lines;
}

/** The answer at an address, of at most `most` bytes. Throws {@link NotServed}, and `FormatError` where it is longer. */
export async function read(url: string, most: number, more: RequestInit = {}): Promise<Bytes> {
  // Without cookies: the server is not to know who asks.
  const answer = await fetch(url, { ...more, credentials: "omit" }).catch(() => undefined);
  if (answer?.ok !== true) throw new NotServed(url, answer?.status ?? 0);
  if (answer.body === null) return new Uint8Array();
  const reader = answer.body.getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (let piece = await next(reader, url); !piece.done; piece = await next(reader, url)) {
    length += piece.value.length;
    if (length > most) {
      await reader.cancel();
      throw new FormatError(`${url} is too long`);
    }
    pieces.push(piece.value);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function next(reader: ReadableStreamDefaultReader<Uint8Array>, url: string): Promise<ReadableStreamReadResult<Uint8Array>> {
  return reader.read().catch(() => Promise.reject(new NotServed(url, 0)));
}

/** One log below its address, as `https://host/log/v/331102206201`. */
export class Served {
  private readonly tiles = new Map<string, Promise<Bytes>>();

  constructor(private readonly base: string) {}

  /** The newest checkpoint's note. */
  async checkpoint(): Promise<string> {
    return fromUtf8(await read(`${this.base}/checkpoint`, MAX_NOTE));
  }

  /** Entries from place `first` on of a log with `size` of them, bundle by bundle. */
  async *entries(first: number, size: number): AsyncGenerator<Bytes[]> {
    const wanted: Promise<Bytes[]>[] = [];
    let bundle = Math.floor(first / FULL);
    for (let at = first; at < size; ) {
      for (; wanted.length < AHEAD && bundle * FULL < size; bundle++) wanted.push(this.bundle(bundle, Math.min(FULL, size - bundle * FULL)));
      const lines = await (wanted.shift() as Promise<Bytes[]>);
      yield lines.slice(at % FULL);
      at += lines.length - (at % FULL);
    }
  }

  private bundle(index: number, width: number): Promise<Bytes[]> {
    const got = read(`${this.base}/tile/entries/${tilePath(index, width)}`, width * (2 + MAX_ENTRY)).then((bytes) => parseBundle(bytes, width));
    // One that fails is heard of when its turn comes.
    got.catch(() => undefined);
    return got;
  }

  /** Root over the leaves from `from` to before `to`, as the tiles of a log of `size` have it; a subtree of RFC 6962's tree. */
  async range(from: number, to: number, size: number): Promise<Bytes> {
    const length = to - from;
    let half = 1;
    while (2 * half < length) half *= 2;
    if (length !== 1 && 2 * half !== length) return nodeHash(await this.range(from, from + half, size), await this.range(from + half, to, size));
    let level = 0;
    let [index, hashes] = [from, length];
    for (; hashes >= FULL; hashes /= FULL, index = Math.floor(index / FULL)) level++;
    const known = Math.floor(size / FULL ** level);
    const number = Math.floor(index / FULL);
    const tile = await this.tile(level, number, Math.min(FULL, known - number * FULL));
    const at = index % FULL;
    return root(Array.from({ length: hashes }, (_, i) => tile.subarray((at + i) * HASH, (at + i + 1) * HASH)));
  }

  private tile(level: number, index: number, width: number): Promise<Bytes> {
    const path = `${level}/${tilePath(index, width)}`;
    let tile = this.tiles.get(path);
    if (tile === undefined) {
      tile = read(`${this.base}/tile/${path}`, width * HASH).then((bytes) => parseTile(bytes, width));
      this.tiles.set(path, tile);
    }
    return tile;
  }
}

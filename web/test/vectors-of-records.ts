/** The shared vectors of whole records (tests/vectors/README.md), read and made into files. */
import { readFileSync } from "node:fs";

import { type Bytes, concat, fromHex, utf8 } from "../src/bytes.ts";
import { type Checkpoint, parseCheckpoint } from "../src/checkpoint.ts";

const FILES = ["good", "bytes", "statements", "people", "matters", "sessions", "votes", "attacks"];
const FOLDER = new URL("../../tests/vectors/records/", import.meta.url);

type Piece = string | { hex: string } | { repeat: string; times: number };
type Line = string | Piece[];

interface Told {
  name: string;
  about: string;
  base?: string;
  keep?: number;
  lines?: Line[];
  tail?: number;
  first?: string;
  end?: Line;
  key?: string;
  roots?: string[];
  known?: string[];
  verdict: string;
  findings: string[];
  remarks?: string[];
}

/** A vector with the record that it describes. */
export interface Vector {
  name: string;
  first: string;
  lines: Bytes[];
  end: Bytes;
  key: string;
  roots: string[] | undefined;
  known: Checkpoint[];
  verdict: string;
  findings: string[];
  remarks: string[] | undefined;
}

/** The file of a vector. */
export function fileOf({ first, lines, end }: Pick<Vector, "first" | "lines" | "end">): Bytes {
  const newline = utf8("\n");
  return concat(utf8(`${first}\n`), ...lines.flatMap((line) => [line, newline]), end);
}

/** Every vector, in order. */
export function readVectors(): Map<string, Vector> {
  const all = new Map<string, Vector>();
  for (const file of FILES) {
    const { vectors } = JSON.parse(readFileSync(new URL(`${file}.json`, FOLDER), "utf8")) as { vectors: Told[] };
    for (const told of vectors) {
      const base = told.base === undefined ? undefined : all.get(told.base);
      if ((base === undefined) !== (told.base === undefined) || all.has(told.name)) throw new Error(`${told.name}: no base, or a second of the name`);
      all.set(told.name, vector(told, base));
    }
  }
  return all;
}

function vector(told: Told, base: Vector | undefined): Vector {
  const shared = base?.lines ?? [];
  const { keep = 0, lines = [], tail = 0, known = [] } = told;
  return {
    name: told.name,
    first: told.first ?? "sunvote/record/v1",
    lines: [...shared.slice(0, keep), ...lines.map(bytes), ...shared.slice(shared.length - tail)],
    end: told.end === undefined ? given(base).end : bytes(told.end),
    key: told.key ?? given(base).key,
    roots: told.roots,
    known: known.map(parseCheckpoint),
    verdict: told.verdict,
    findings: told.findings,
    remarks: told.remarks,
  };
}

function given(base: Vector | undefined): Vector {
  if (base === undefined) throw new Error("a vector without a base tells all of its record");
  return base;
}

function bytes(line: Line): Bytes {
  const pieces = typeof line === "string" ? [line] : line;
  return concat(...pieces.map((piece) => {
    if (typeof piece === "string") return utf8(piece);
    return "hex" in piece ? fromHex(piece.hex) : utf8(piece.repeat.repeat(piece.times));
  }));
}

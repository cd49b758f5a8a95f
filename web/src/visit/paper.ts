/** The short form of a checkpoint on a printed notice, typed in by whoever stands before the board (PROTOCOL 7). */
import { hex } from "../bytes.ts";
import { type Range } from "./history.ts";

/** What was typed. */
export interface Paper {
  /** Number of entries. */
  size: number;
  /** The root in hex, or its beginning. */
  root: string;
}

/** Fewest characters of a root that are worth comparing. */
const FEWEST = 8;

/** How paper and record stand to each other: the same, the same as far as it was typed, not on this record, or of a longer one. */
export type OnPaper = "same" | "begins" | "other" | "longer";

/** Reads what was typed; "" for nothing, undefined where it can't be what a notice says. The whole short form may stand in one field. */
export function readPaper(size: string, root: string): Paper | "" | undefined {
  const plain = (text: string): string => text.normalize("NFKC").toLowerCase();
  const parts = plain(root).split("·").map((part) => part.replace(/\s/g, ""));
  const typed = parts.at(-1) ?? "";
  const count = (plain(size).trim() || (parts.length === 3 ? (parts[1] ?? "") : "")).replace(/[\s,]/g, "");
  if (typed === "" && count === "") return "";
  if (!/^[1-9][0-9]{0,14}$/.test(count) || !/^[0-9a-f]{1,64}$/.test(typed) || typed.length < FEWEST) return undefined;
  return { size: Number(count), root: typed };
}

/** Compares paper with a record of so many entries. */
export async function compareWithPaper({ size, root }: Paper, entries: number, range: Range): Promise<OnPaper> {
  if (size > entries) return "longer";
  const here = hex(await range(0, size));
  if (!here.startsWith(root)) return "other";
  return root.length === here.length ? "same" : "begins";
}

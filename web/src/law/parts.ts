/** Lists that come in parts (PROTOCOL 10, "Parts"). */
import type { Case, Effect } from "./case.ts";
import { need } from "./rules.ts";

/** A part taken in: all rows once the last one is there, and how the state remembers the part. */
export interface Assembled<T> {
  rows: T[] | undefined;
  keep: Effect;
}

/** Adds a part's rows to those before it. `head` is what all parts must say alike. */
export function assemble<T>(one: Case, head: unknown, rows: readonly T[]): Assembled<T> {
  const { kind, part, session = "", matter = "", question = "" } = one.statement;
  if (part === undefined) return { rows: [...rows], keep: () => {} };
  const { arriving } = one.state;
  const key = [kind, session, matter, question].join("/");
  const said = JSON.stringify(head);
  const before = arriving.get(key);
  const follows = before !== undefined && before.got + 1 === part.part && before.of === part.of && before.head === said;
  // Part 1 begins anew: a list that nobody finished is no bar to a second attempt.
  need(part.part === 1 || follows, "part.order", "the next part", `part ${part.part} of ${part.of}`);
  const all = part.part === 1 ? [...rows] : [...((before?.rows ?? []) as T[]), ...rows];
  if (part.part === part.of) return { rows: all, keep: () => void arriving.delete(key) };
  return { rows: undefined, keep: () => void arriving.set(key, { got: part.part, of: part.of, head: said, rows: all }) };
}

/** The table of kinds, `law.json`, as the data it is (PROTOCOL 10). */
import law from "../../../src/core/law.json";

import { MINUTE } from "./clock.ts";
import { reaches, type Role, type Stage } from "./codes.ts";

/** Every kind of statement: what `law.json` has a row for. */
export type Kind = keyof typeof law.kinds;

/** What the table says of one kind. */
export interface Row {
  scope: readonly string[];
  signers: readonly (readonly (readonly Role[])[])[];
  window: keyof typeof law.windows;
  stages?: readonly Stage[];
  moves?: Stage;
  belongs?: Stage;
  papers?: readonly Kind[];
  basis?: { in: "matter" | "session" | "question" | "open"; kinds: readonly Kind[] };
  clear?: boolean;
  opens?: boolean;
  ended?: boolean;
  rejected?: boolean;
  public?: readonly string[];
}

/** The rules version that this program judges by. */
export const RULES_VERSION: number = law.version;

const ROWS = law.kinds as Record<Kind, Row>;
export const KINDS = Object.keys(ROWS) as Kind[];

/** Whether a text names a kind. */
export function isKind(text: string): text is Kind {
  return Object.hasOwn(ROWS, text);
}

/** The row of a kind. */
export function row(kind: Kind): Row {
  return ROWS[kind];
}

/** How long a signature on a statement of this kind may travel, in milliseconds. */
export function travel(kind: Kind): number {
  return law.windows[ROWS[kind].window] * MINUTE;
}

/** Whether a header field must, may or must not be there. */
export function scopeOf(kind: Kind, field: string): "required" | "optional" | "absent" {
  const { scope } = ROWS[kind];
  return scope.includes(field) ? "required" : scope.includes(`${field}?`) ? "optional" : "absent";
}

/** Whether a step back to `stage` takes papers of this kind out of force. */
export function isUndoneBy(kind: Kind, stage: Stage): boolean {
  const { belongs, moves, stages } = ROWS[kind];
  const own = belongs ?? moves ?? stages?.at(-1);
  return own !== undefined && reaches(own, stage);
}

/** Whether no point may wait for an answer when this happens at `stage`. */
export function needsClear({ clear, moves }: Row, stage: Stage): boolean {
  return clear === true || (moves !== undefined && moves !== stage);
}

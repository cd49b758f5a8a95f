/** Entry 0: the village's record begins (PROTOCOL 11, `village.founded`). */
import { isSoundKey } from "../curve.ts";
import type { Acts } from "./acts.ts";
import { dayOf, formatTime, later } from "./clock.ts";
import { checkRoots, enrol, holders, keepApart, nobody } from "./people.ts";
import { length, need, Refused } from "./rules.ts";
import type { People, Position, State } from "./state.ts";
import type { Statement } from "./statement.ts";
import { RULES_VERSION, travel } from "./table.ts";
import { AHEAD } from "./tabled.ts";

/** Judges the founding and makes the first state. `named` are the roots that the reader names; without them the record's own are taken. */
export function found(statement: Statement, id: string, at: Position, named: readonly string[] | undefined): State {
  if (statement.kind !== "village.founded") throw new Refused("founding.place", "village.founded", statement.kind);
  const act = statement.act as Acts["village.founded"];
  const { by, village } = statement;
  const stranger = by.find((signer) => named?.includes(signer.key) === false);
  need(stranger === undefined, "founding.other_roots", "roots that you named", stranger?.key ?? "");
  need(act.rules === RULES_VERSION, "rules.unknown", RULES_VERSION, act.rules);
  const suffix = `/log/v/${village}`;
  need(act.origin.endsWith(suffix) && /^[!-*,-~]{1,200}$/.test(act.origin), "value.range", suffix, act.origin.slice(0, 200));
  need(village.startsWith(act.district), "value.range", "the village's district", "another");
  checkRoots(act.roots);
  const bothRoots = by.length === 2 && by[0]?.key !== by[1]?.key && by.every((one) => one.role === "root" && one.person === undefined && act.roots.includes(one.key));
  need(bothRoots, "founding.roots", "two roots of the district", "other signers");
  need(isSoundKey(act.log_key), "key.unfit", "a sound key", act.log_key);
  const until = later(statement.at, travel("village.founded"));
  need(statement.at - at.time <= AHEAD && at.time <= until, "statement.time", formatTime(at.time), formatTime(statement.at));
  const people = firstPeople(act, at);
  keepApart(people, act.roots, act.log_key);
  return {
    village, origin: act.origin, logKey: act.log_key, roots: act.roots, last: at, anchor: undefined, merged: false, rules: act.rules, profiles: [], catalogues: [],
    calendar: { holidays: new Set(), workdays: new Set() }, delegations: [], people, matters: new Map(), sessions: new Map(), arriving: new Map(),
    recent: new Map([[id, until]]),
  };
}

function firstPeople(act: Acts["village.founded"], at: Position): People {
  length(act.people, 2, 20);
  const people = nobody();
  for (const row of act.people) {
    need(row.role === "clerk" || row.role === "supervision_committee", "role.conflict", "clerk or supervision_committee", row.role);
    enrol(people, row, at);
  }
  for (const role of ["clerk", "supervision_committee"] as const) {
    need(holders(people, role, dayOf(at.time)).length > 0, "role.conflict", role, "none");
  }
  return people;
}

/** People, the roles they hold, their kin and keys (PROTOCOL 10, "Roles"). */
import { isSoundKey } from "../curve.ts";
import type { Founder, TermRow } from "./acts.ts";
import { DAY, daysLater, dayOf } from "./clock.ts";
import { isOfficial, isVillage, type Role, ROLES, VILLAGE_ROLES } from "./codes.ts";
import { length, need, sorted } from "./rules.ts";
import type { People, Position } from "./state.ts";
import { MOST_PARTS } from "./statement.ts";

/** Most rows that a list in one entry may have. */
export const MOST_ROWS = 200;
/** When after the request a substitute may sign. */
const SUBSTITUTE_FROM = 2 * DAY;
const SUBSTITUTE_UNTIL = 32 * DAY;

/** Nobody yet. */
export function nobody(): People {
  return { persons: new Map(), keys: new Map(), kin: new Map(), covers: [], term: 0, substitute: undefined };
}

/** Whether a person holds a role on a day in the own name. */
export function holdsOwn(people: People, person: string, role: Role, day: number): boolean {
  const roles = people.persons.get(person)?.roles ?? [];
  return roles.some((held) => held.role === role && held.from <= day && (held.until === undefined || day <= held.until));
}

/** Whether a person holds a role on a day, in the own name or by covering for its holder. */
export function holds(people: People, person: string, role: Role, day: number): boolean {
  const covers = people.covers.some((one) =>
    one.person === person && one.role === role && one.from <= day && day <= one.until && holdsOwn(people, one.holder, role, day));
  return covers || holdsOwn(people, person, role, day);
}

/** Everyone who holds a role on a day in the own name. */
export function holders(people: People, role: Role, day: number): string[] {
  return [...people.persons.keys()].filter((person) => holdsOwn(people, person, role, day));
}

/** Whether a person ever held an office that the roots grant. */
export function wasOfficial(people: People, person: string): boolean {
  return people.persons.get(person)?.roles.some((held) => isOfficial(held.role)) ?? false;
}

/** The key of a pair of people, in either order. */
export const kinKey = (a: string, b: string): string => (a < b ? `${a}/${b}` : `${b}/${a}`);

/** Whether two people are declared near kin; with `before`, by an entry before that one. */
export function areKin(people: People, a: string, b: string, before = Infinity): boolean {
  return (people.kin.get(kinKey(a, b))?.seq ?? Infinity) < before;
}

/** Whether the township's discipline officer may sign at all, at this time, for the supervision committee. */
export function substituteMaySign(people: People, time: number): boolean {
  const { substitute } = people;
  if (substitute === undefined) return false;
  if (substitute.cause === "vacant") return holders(people, "supervision_committee", dayOf(time)).length === 0;
  const since = time - substitute.asked;
  return since >= SUBSTITUTE_FROM && since <= SUBSTITUTE_UNTIL;
}

/** Takes in that these members of the supervision committee signed, though it was said that none could. */
export function endAbsence(people: People, members: readonly string[]): void {
  const related = new Set([...people.kin.keys()].flatMap((pair) => pair.split("/")));
  // Beside someone who must not sign with kin, the others are as absent as before.
  if (members.every((member) => related.has(member))) members.forEach((member) => people.substitute?.back.add(member));
  else people.substitute = undefined;
}

/** Ends a role the day before `day`. */
export function endRole(people: People, person: string, role: Role, day: number): void {
  for (const held of people.persons.get(person)?.roles ?? []) {
    if (held.role === role) held.until = Math.min(held.until ?? Infinity, daysLater(day, -1));
  }
}

/** Puts the people of a list on the record, with their roles. */
export function grantRows(people: People, rows: readonly TermRow[], from: number, until: number | undefined): void {
  for (const row of rows) {
    const person = people.persons.get(row.person) ?? { group: undefined, roles: [] };
    person.group = row.group ?? person.group;
    for (const role of row.roles) person.roles.push({ role, from, until });
    people.persons.set(row.person, person);
  }
}

/** Ends every role of the village, for a new term. */
export function endTerm(people: People, day: number): void {
  for (const person of people.persons.keys()) for (const role of VILLAGE_ROLES) endRole(people, person, role, day);
  people.covers = [];
  people.substitute = undefined;
}

/** Puts a person with a role and a key on the record. */
export function enrol(people: People, row: Founder, at: Position): void {
  addKey(people, row.person, row.key, at);
  const person = people.persons.get(row.person) ?? { group: undefined, roles: [] };
  people.persons.set(row.person, person);
  const day = dayOf(at.time);
  if (!holdsOwn(people, row.person, row.role, day)) person.roles.push({ role: row.role, from: day, until: undefined });
}

/** Adds a key. One that its holder has already, not revoked, changes nothing. */
export function addKey(people: People, person: string, key: string, at: Position): void {
  need(isSoundKey(key), "key.unfit", "a sound key", key);
  const known = people.keys.get(key);
  need(known === undefined || (known.person === person && !known.revoked), "key.unfit", "a key of nobody else, never revoked", key);
  if (known === undefined) people.keys.set(key, { person, enrolled: at, revoked: false });
}

/** No root key, and not the log's, is a person's too, and the log's is not a root's. */
export function keepApart(people: People, roots: readonly string[], logKey: string): void {
  const shared = [...roots, logKey].some((key) => people.keys.has(key)) || roots.includes(logKey);
  need(!shared, "key.unfit", "keys of one holder each", "a shared key");
}

/** Two to nine sound root keys, each once. */
export function checkRoots(roots: readonly string[]): void {
  length(roots, 2, 9);
  need(new Set(roots).size === roots.length && roots.every(isSoundKey), "key.unfit", "2 to 9 sound keys", "other keys");
}

/** The supervision committee has no members of the village committee and none of their near kin; looks only at people for whom `named`. */
export function checkCommittees(people: People, day: number, named: (person: string) => boolean): void {
  const committee = new Set([...holders(people, "chair", day), ...holders(people, "committee_member", day)]);
  for (const supervisor of holders(people, "supervision_committee", day)) {
    for (const member of committee) {
      const clash = member === supervisor || areKin(people, member, supervisor);
      const fine = !clash || !(named(member) || named(supervisor));
      need(fine, "role.conflict", "a supervision committee apart from the village committee", "a member or kin");
    }
  }
}

/** Rows of people of the village, sorted, each with roles of the village, sorted; none was ever an official. */
export function checkRows(people: People, rows: readonly TermRow[]): void {
  sorted(rows, MOST_ROWS * MOST_PARTS, (row) => row.person);
  for (const { roles } of rows) {
    sorted(roles, 10, (role) => ROLES.indexOf(role));
    need(roles.every(isVillage), "role.conflict", "village roles", "another role");
  }
  need(!rows.some((row) => wasOfficial(people, row.person)), "role.conflict", "people of the village", "an official");
}

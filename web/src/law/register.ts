/** People's terms, roles, covers, kin and keys. */
import type { Acts } from "./acts.ts";
import type { Case, Effect, Judge } from "./case.ts";
import { daysLater, formatDay } from "./clock.ts";
import { COVERABLE, isOfficial, isVillage } from "./codes.ts";
import { assemble } from "./parts.ts";
import {
  addKey, areKin, checkCommittees, checkRows, endRole, endTerm, enrol, grantRows, holders, holdsOwn, keepApart, kinKey, MOST_ROWS, wasOfficial,
} from "./people.ts";
import { length, need, sorted } from "./rules.ts";

/** A term lasts five years; a little longer where an election is late. */
const LONGEST_TERM = 2_200;
const LONGEST_COVER = 90;

/** Whether something lasts from a first to a last day, and at most so many days longer. */
const lasts = (from: number, until: number, most: number): boolean => from <= until && until <= daysLater(from, most);

export const officialsEnrolled: Judge<"officials.enrolled"> = ({ state, at }, { officials }) => {
  length(officials, 1, MOST_ROWS);
  need(officials.every(({ role }) => isOfficial(role)), "role.conflict", "officials' roles", "another role");
  const people = structuredClone(state.people);
  for (const row of officials) {
    const ofVillage = people.persons.has(row.person) && !wasOfficial(people, row.person);
    need(!ofVillage, "role.conflict", "an official apart from the village's people", "someone with a place in the village");
    enrol(people, row, at);
  }
  keepApart(people, state.roots, state.logKey);
  return () => void (state.people = people);
};

export const officialsEnded: Judge<"officials.ended"> = (one, act) => {
  need(act.rows.every(({ role }) => isOfficial(role)), "role.conflict", "officials' roles", "another role");
  return endRows(one, act);
};

export const rolesEnded: Judge<"roles.ended"> = (one, act) => {
  need(act.rows.every(({ role }) => isVillage(role)), "role.conflict", "village roles", "another role");
  return endRows(one, act);
};

function endRows({ state, day }: Case, { rows }: Acts["roles.ended"]): Effect {
  length(rows, 1, MOST_ROWS);
  need(rows.every(({ person, role }) => holdsOwn(state.people, person, role, day)), "person.unknown", "roles that are held", "another role");
  return () => rows.forEach(({ person, role }) => endRole(state.people, person, role, day));
}

export const termOpened: Judge<"term.opened"> = (one, act) => {
  const { state, day } = one;
  length(act.people, 1, MOST_ROWS);
  const { rows, keep } = assemble(one, [act.term, act.from, act.until, act.result], act.people);
  if (rows === undefined) return keep;
  checkRows(state.people, rows);
  need(act.term > state.people.term, "value.range", "a rising term number", act.term);
  need(lasts(act.from, act.until, LONGEST_TERM) && act.from <= day, "value.range", "a term that has begun, of five years", formatDay(act.until));
  const people = structuredClone(state.people);
  endTerm(people, day);
  grantRows(people, rows, day, act.until);
  people.term = act.term;
  const supervisors = holders(people, "supervision_committee", day).length;
  need(supervisors >= 3 && supervisors <= 5, "role.conflict", "3 to 5 on the supervision committee", supervisors);
  need(holders(people, "clerk", day).length > 0, "role.conflict", "a clerk", "none");
  checkCommittees(people, day, () => true);
  return () => {
    keep();
    state.people = people;
  };
};

export const rolesGranted: Judge<"roles.granted"> = ({ state, day }, { people: rows }) => {
  length(rows, 1, MOST_ROWS);
  checkRows(state.people, rows);
  for (const { person, roles } of rows) {
    const held = roles.find((role) => holdsOwn(state.people, person, role, day));
    need(held === undefined, "role.conflict", "a role not held yet", held ?? "");
  }
  const people = structuredClone(state.people);
  grantRows(people, rows, day, undefined);
  const named = new Set(rows.map((row) => row.person));
  checkCommittees(people, day, (person) => named.has(person));
  return () => void (state.people = people);
};

export const roleCovered: Judge<"role.covered"> = ({ state, day }, { holder, role, person, from, until }) => {
  const { people } = state;
  need(COVERABLE.includes(role), "role.conflict", "a role that can be covered", role);
  need(holdsOwn(people, holder, role, day), "person.unknown", "the holder", "someone else");
  need(people.persons.has(person) && person !== holder, "person.unknown", "another person on record", "no such person");
  need(wasOfficial(people, person) === wasOfficial(people, holder), "role.conflict", "village and township apart", "an official for a villager, or the reverse");
  need(!holdsOwn(people, person, "supervision_committee", day), "role.conflict", "nobody of the supervision committee", "a member");
  need(day <= until && lasts(from, until, LONGEST_COVER), "value.range", "at most 90 days, not over", formatDay(until));
  return () => {
    people.covers = people.covers.filter((cover) => cover.until >= day);
    people.covers.push({ holder, role, person, from: Math.max(from, day), until });
  };
};

export const kinDeclared: Judge<"kin.declared"> = ({ state, by, at }, { persons }) => {
  const { people } = state;
  length(persons, 2, 2);
  sorted(persons, 2, (person) => person);
  const [a, b] = persons as [string, string];
  need(people.persons.has(a) && people.persons.has(b), "person.unknown", "two persons on record", "another person");
  need(by.length > 1 || persons.includes(by[0]?.person ?? ""), "signer.role", "one of the two", "someone else");
  return () => {
    if (!areKin(people, a, b)) people.kin.set(kinKey(a, b), at);
  };
};

export const keysEnrolled: Judge<"keys.enrolled"> = ({ state, at }, { keys }) => {
  length(keys, 1, MOST_ROWS);
  const people = { ...state.people, keys: new Map(state.people.keys) };
  for (const { person, key } of keys) {
    need(people.persons.has(person), "person.unknown", "a person on record", "no such person");
    // Else clerk and supervision committee could make themselves a key of the township's and file their own matters.
    need(!wasOfficial(people, person), "role.conflict", "officials' keys from the roots only", "an official");
    need(!people.keys.has(key) && !state.roots.includes(key) && state.logKey !== key, "key.unfit", "a new key", key);
    addKey(people, person, key, at);
  }
  return () => void (state.people = people);
};

export const keyRevoked: Judge<"key.revoked"> = ({ state, by }, { key }) => {
  const known = state.people.keys.get(key);
  need(known !== undefined && !known.revoked, "signer.key_revoked", "a key in use", key);
  need(by.length === 1 || !wasOfficial(state.people, known.person), "role.conflict", "officials' keys by the official or the roots", "an official's key");
  return () => void (known.revoked = true);
};

export const substituteRequested: Judge<"substitute.requested"> = ({ state, at }, { cause }) => () => {
  state.people.substitute = { cause, asked: at.time, back: new Set() };
};

/** Who may sign a statement (PROTOCOL 1 and 10). */
import type { Case } from "./case.ts";
import type { Role } from "./codes.ts";
import { areKin, holders, holds, substituteMaySign, wasOfficial } from "./people.ts";
import { given, need, Refused } from "./rules.ts";
import { isUnderWay } from "./state.ts";
import type { Signer } from "./statement.ts";

const SUPERVISION: Role = "supervision_committee";
const SUBSTITUTE: Role = "township_discipline_officer";

/** The number of signers, their roles, then each signer's key and role and that no two are one or kin. */
export function checkSigners(one: Case): void {
  const { by, row } = one;
  const expected = (): string => row.signers.map((signers) => signers.map((roles) => roles.join("/")).join(" + ")).join(", or ");
  need(row.signers.some((signers) => signers.length === by.length), "signer.count", expected, by.length);
  const alternative = row.signers.find((signers) => signers.length === by.length && signers.every((roles, i) => serves(one, (by[i] as Signer).role, roles)));
  const fitting = given(alternative, "signer.role", expected, () => by.map((signer) => signer.role).join(" + "));
  by.forEach((signer, i) => {
    checkSigner(one, signer);
    for (const other of by.slice(0, i)) checkPair(one, signer, other);
  });
  if (fitting.some((roles, i) => !roles.includes((by[i] as Signer).role))) one.remark("substituted");
}

/** Whether a role serves where one of `roles` is asked for. */
function serves(one: Case, role: Role, roles: readonly Role[]): boolean {
  if (roles.includes(role)) return true;
  return role === SUBSTITUTE && roles.includes(SUPERVISION) && substituteMaySign(one.state.people, one.at.time) && noMemberCan(one);
}

/** Whether no member of the supervision committee who is there may sign beside the others. */
function noMemberCan(one: Case): boolean {
  const { people } = one.state;
  const { cause, back } = people.substitute ?? {};
  const members = holders(people, SUPERVISION, one.day);
  const there = cause === "near_kin" ? members : cause === "absent" ? members.filter((member) => back?.has(member)) : [];
  const others = one.by.flatMap((signer) => (signer.role === SUBSTITUTE ? [] : (signer.person ?? [])));
  return there.every((member) => others.some((other) => other === member || areKin(people, other, member)));
}

function checkSigner(one: Case, { role, person, key }: Signer): void {
  const special = role === "root" || role === "log" || role === "terminal";
  if (special !== (person === undefined)) throw new Refused("statement.fields", "a person for people's roles only", role);
  if (person === undefined) {
    need(isOwn(one, role, key), "signer.key", role, key);
    return;
  }
  const known = one.state.people.keys.get(key);
  need(known !== undefined && known.person === person, "signer.key", "a key of the signer", "another key");
  // A terminal's ballot keeps its place among the terminal's, also where it has no effect any more.
  const placed = one.kind === "ballot.cast" && one.statement.payload["terminal"] !== undefined;
  need(!known.revoked || placed, "signer.key_revoked", "a key in use", "a revoked key");
  need(serveAs(one, person, role), "signer.role", role, "a person without this role");
}

/** Whether a key is a root's, the log's, or a terminal's of the session: one that is registered, or is being registered. */
function isOwn({ state, statement, kind }: Case, role: Role, key: string): boolean {
  if (role === "root") return state.roots.includes(key);
  if (role === "log") return state.logKey === key;
  const session = statement.session === undefined ? undefined : state.sessions.get(statement.session);
  return kind === "terminal.registered" || [...(session?.terminals.values() ?? [])].includes(key);
}

/** Whether a person may sign in this capacity, here and now. */
function serveAs(one: Case, person: string, role: Role): boolean {
  const { people, sessions } = one.state;
  const session = one.statement.session === undefined ? undefined : sessions.get(one.statement.session);
  switch (role) {
    case "root":
    case "log":
    case "terminal":
      return false;
    case "voter":
      return session !== undefined && [...session.roster.values()].includes(person);
    case "holder":
      return one.kind === "key.revoked" && people.keys.get(String(one.statement.payload["key"]))?.person === person;
    case "caller":
    case "counter":
    case "scrutineer":
      return session?.tellers?.[role] === person;
    case "box_scrutineer":
      return session?.mobileBox?.scrutineers.includes(person) === true;
    case "villager":
      // An official is on the record and not of the village, and yet has kin.
      return people.persons.has(person) && (one.kind === "kin.declared" || !wasOfficial(people, person));
    default:
      return holds(people, person, role, one.day);
  }
}

function checkPair(one: Case, a: Signer, b: Signer): void {
  need(a.key !== b.key && (a.person === undefined || a.person !== b.person), "signer.same", "different persons", "one person twice");
  if (a.person === undefined || b.person === undefined) return;
  // For a vote under way counts what was known when it was opened: its count can't be stopped by declaring the tellers to be kin.
  const voting = one.votingIfAny;
  const before = voting !== undefined && isUnderWay(voting) ? voting.opened.seq : Infinity;
  need(!areKin(one.state.people, a.person, b.person, before), "signer.kin", "no near kin", "near kin");
}

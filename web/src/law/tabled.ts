/** What the table decides for every kind, in the order of PROTOCOL 9. */
import { isObject, type Json } from "../ijson.ts";
import type { Acts } from "./acts.ts";
import { isLateEntry } from "./calendar.ts";
import type { Case } from "./case.ts";
import { formatDay, formatTime, later, MINUTE } from "./clock.ts";
import { given, need } from "./rules.ts";
import { checkSigners } from "./signing.ts";
import { hadNotClosedAt, hasBallot, isInForce, isLive, takesDeliveries } from "./state.ts";
import { needsClear, travel } from "./table.ts";

/** How far a signer's clock may run ahead of the entry's. */
export const AHEAD = 2 * MINUTE;

/** Judges a statement by the table. */
export function checkTable(one: Case): void {
  need(one.statement.village === one.state.village, "statement.village", one.state.village, one.statement.village);
  need(!one.state.merged, "founding.place", "a village of its own", "a merged village");
  checkTime(one);
  checkSigners(one);
  checkPublic(one);
  checkMatter(one);
  checkSession(one);
  checkBasis(one);
}

/** Whether the statement was signed shortly before a time. */
export function isFresh(one: Case, time: number): boolean {
  return one.statement.at <= later(time, AHEAD) && time <= knownUntil(one);
}

/** When a witness received this ballot, if an inspector vouched for it, deliveries go on, and neither it nor a later one is on record. */
export function receivedAt(one: Case): number | undefined {
  const voting = one.kind === "ballot.cast" ? one.votingIfAny : undefined;
  const row = voting?.vouched.get(one.id);
  if (voting === undefined || row === undefined || !takesDeliveries(voting)) return undefined;
  const { voter, revision } = one.statement.act as Acts["ballot.cast"];
  return row.voter === voter && row.revision === revision && !hasBallot(voting, row) ? row.receivedAt : undefined;
}

/**
 * Whether this is a ballot that a terminal took while the vote was open, and delivers now. It needs no window: the terminal's count says
 * where it belongs.
 */
export function isDelivered(one: Case): boolean {
  const { kind, statement, at } = one;
  const voting = kind === "ballot.cast" && (statement.act as Acts["ballot.cast"]).terminal !== undefined ? one.votingIfAny : undefined;
  if (voting === undefined || !takesDeliveries(voting)) return false;
  return statement.at >= voting.opened.time && hadNotClosedAt(voting, statement.at) && statement.at <= later(at.time, AHEAD);
}

/** Until when a copy of the statement would still be in time. */
export function knownUntil({ statement }: Case): number {
  return later(statement.at, travel(statement.kind));
}

function checkTime(one: Case): void {
  const { state, statement, at } = one;
  need(at.time >= state.last.time, "statement.time", () => formatTime(state.last.time), () => formatTime(at.time));
  const received = receivedAt(one);
  const inWindow = isFresh(one, at.time) || (received !== undefined && isFresh(one, received));
  need(inWindow || isDelivered(one), "statement.time", () => `signed shortly before ${formatTime(at.time)}`, () => formatTime(statement.at));
  // After the window: a copy that comes too late is too late, however much of the past a reader remembers. What needs no window is known by
  // its place in a terminal's count instead.
  need(!inWindow || !state.recent.has(one.id), "statement.replayed", "a new statement", "one on record");
  if (statement.heldOn === undefined) return;
  need(statement.heldOn <= one.day, "held_on.future", formatDay(one.day), formatDay(statement.heldOn));
  if (isLateEntry(state.calendar, statement.heldOn, one.day)) one.remark("late_entry");
}

function checkPublic({ row, statement }: Case): void {
  const names = row.public ?? [];
  need(names.length === 0 || allPublic(statement.payload, names), "document.level", "public", "another level");
}

/** Whether every document in a member of these names, at any depth, is open to everyone. */
function allPublic(value: Json, names: readonly string[]): boolean {
  if (Array.isArray(value)) return value.every((item) => allPublic(item, names));
  if (!isObject(value)) return true;
  return Object.entries(value).every(([name, member]) => !(names.includes(name) && isHidden(member)) && allPublic(member, names));
}

function isHidden(member: Json): boolean {
  if (Array.isArray(member)) return member.some(isHidden);
  return isObject(member) && member["level"] !== undefined && member["level"] !== "public";
}

function checkMatter({ state, statement, row }: Case): void {
  if (statement.matter === undefined) return;
  const matter = state.matters.get(statement.matter);
  if (matter === undefined) return need(row.opens === true, "matter.unknown", "a matter on record", statement.matter);
  const { stage, outcome, open, papers } = matter;
  if (stage === undefined) {
    need(row.ended === true || (outcome === "rejected" && row.rejected === true), "matter.ended", "a matter under way", outcome ?? "ended");
  } else {
    const lawful = row.stages === undefined ? row.opens !== true : row.stages.includes(stage);
    need(lawful, "stage.wrong", (row.stages ?? []).join(", "), stage);
    const waiting = needsClear(row, stage) ? [...open.values()][0] : undefined;
    need(waiting === undefined, "open.point", "every point answered", waiting?.kind ?? "");
  }
  const missing = row.papers?.find((kind) => !papers.has(kind));
  need(missing === undefined, "paper.missing", missing ?? "", "nothing");
}

function checkSession({ state, statement, row }: Case): void {
  if (statement.session === undefined) return;
  const session = state.sessions.get(statement.session);
  need((session === undefined) === (row.opens === true), "session.unknown", row.opens === true ? "a new session" : "a session on record", statement.session);
  // What was decided stays as it is; only a slip of the pen may be put right afterwards.
  const open = session === undefined || isLive(session) || statement.kind === "clerical.corrected";
  need(open, "session.state", "a session under way", "one that has ended");
}

function checkBasis(one: Case): void {
  const { state, statement, row } = one;
  if (row.basis === undefined) return;
  const { kinds } = row.basis;
  const basis = given(statement.basis, "basis.stale", () => `${kinds.join(" or ")} in force`, "nothing");
  const matter = statement.matter === undefined ? undefined : state.matters.get(statement.matter);
  const session = statement.session === undefined ? undefined : state.sessions.get(statement.session);
  const places = { matter, session, question: one.votingIfAny };
  let fits: boolean;
  if (row.basis.in === "open") {
    const points = [matter?.open.get(basis), matter?.asked.get(basis), one.votingIfAny?.open.get(basis)];
    fits = points.some((point) => point !== undefined && kinds.includes(point.kind));
  } else {
    const place = places[row.basis.in];
    fits = place !== undefined && isInForce(place.papers, basis, kinds);
  }
  need(fits, "basis.stale", () => `${kinds.join(" or ")} in force`, "another entry");
}

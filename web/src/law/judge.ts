/** The law: judges one statement after another. A kind of the table without a rule here does not compile. */
import { Case, type Judge } from "./case.ts";
import * as count from "./count.ts";
import * as filing from "./filing.ts";
import { found } from "./founding.ts";
import * as inquiry from "./inquiry.ts";
import * as matter from "./matter.ts";
import { endAbsence } from "./people.ts";
import * as plan from "./plan.ts";
import * as register from "./register.ts";
import type { Remark } from "./rules.ts";
import * as session from "./session.ts";
import type { Position, State } from "./state.ts";
import type { Statement } from "./statement.ts";
import type { Kind } from "./table.ts";
import { checkTable, knownUntil } from "./tabled.ts";
import * as terminal from "./terminal.ts";
import * as village from "./village.ts";
import * as voting from "./voting.ts";
import * as witness from "./witness.ts";
import * as works from "./works.ts";

const JUDGES: { [K in Kind]: Judge<K> } = {
  "village.founded": village.foundedAgain,
  "roots.changed": village.rootsChanged,
  "log_key.rotated": village.logKeyRotated,
  "rules.adopted": village.rulesAdopted,
  "profile.adopted": village.profileAdopted,
  "catalogue.adopted": village.catalogueAdopted,
  "calendar.adopted": village.calendarAdopted,
  "officials.enrolled": register.officialsEnrolled,
  "officials.ended": register.officialsEnded,
  "village.renamed": () => () => {},
  "village.merged": village.merged,
  "entry.annulled": village.entryAnnulled,
  "term.opened": register.termOpened,
  "roles.granted": register.rolesGranted,
  "roles.ended": register.rolesEnded,
  "role.covered": register.roleCovered,
  "kin.declared": register.kinDeclared,
  "keys.enrolled": register.keysEnrolled,
  "key.revoked": register.keyRevoked,
  "substitute.requested": register.substituteRequested,
  "delegation.recorded": village.delegationRecorded,
  "affairs.disclosed": village.affairsDisclosed,
  "hall.posted": inquiry.posted,
  "document.withdrawn": matter.documentWithdrawn,
  "clerical.corrected": village.clericalCorrected,
  "suggestion.received": matter.suggestionReceived,
  "suggestion.entered": matter.suggestionEntered,
  "suggestion.declined": matter.suggestionDeclined,
  "matter.proposed": matter.matterProposed,
  "enlarged_meeting.recorded": matter.enlargedMeeting,
  "visits.recorded": matter.visits,
  "opinions.answered": matter.opinionsAnswered,
  "joint_meeting.recorded": matter.jointMeeting,
  "plan.settled": plan.planSettled,
  "plan.posted": plan.planPosted,
  "objection.received": plan.objectionReceived,
  "objection.entered": plan.objectionEntered,
  "objection.answered": plan.answered,
  "concern.raised": plan.concernRaised,
  "concern.answered": plan.answered,
  "inquiry.received": inquiry.received,
  "inquiry.entered": inquiry.entered,
  "inquiry.answered": inquiry.answered,
  "filing.submitted": filing.filingSubmitted,
  "supplement.requested": filing.supplementRequested,
  "supplement.provided": filing.supplementProvided,
  "filing.reviewed": (one) => one.step(),
  "filing.filed": filing.filingFiled,
  "filing.returned": filing.filingReturned,
  "deadline.passed": filing.deadlinePassed,
  "matter.withdrawn": matter.withdrawn,
  "change.requested": matter.changeRequested,
  "matter.annulled": matter.annulled,
  "emergency.decided": plan.emergency,
  "disclosure.posted": plan.disclosure,
  "resolution.posted": plan.resolutionPosted,
  "contract.recorded": works.contract,
  "progress.recorded": works.progress,
  "implementation.signed_off": works.signedOff,
  "rating.received": inquiry.ratingReceived,
  "rating.entered": inquiry.ratingEntered,
  "rating.answered": inquiry.close,
  "return_visit.recorded": inquiry.returnVisit,
  "session.convened": session.convened,
  "session.cancelled": session.cancelled,
  "roster.fixed": session.rosterFixed,
  "terminal.registered": terminal.registered,
  "recusal.declared": session.recusal,
  "tellers.named": session.tellersNamed,
  "mobile_box.named": session.mobileBoxNamed,
  "attendance.checked_in": session.checkedIn,
  "attendance.checked_out": session.checkedOut,
  "attendance.recorded": session.attendanceRecorded,
  "session.failed": session.failed,
  "minutes.signed": session.minutesSigned,
  "voting.opened": voting.votingOpened,
  "ballot.cast": voting.ballotCast,
  "ballot.vouched": witness.ballotVouched,
  "time.anchored": witness.timeAnchored,
  "terminal.sealed": terminal.sealed,
  "voting.closed": voting.votingClosed,
  "deliveries.ended": voting.deliveriesEnded,
  "paper.issued": voting.paperIssued,
  "mobile_box.visited": voting.mobileBoxVisited,
  "paper.counted": count.paperCounted,
  "paper.recounted": count.paperRecounted,
  "ballot.disputed": count.ballotDisputed,
  "dispute.answered": count.disputeAnswered,
  "ballots.opened": count.ballotsOpened,
  "ballot.opened": count.ballotOpened,
  "result.announced": count.resultAnnounced,
  "voting.voided": count.votingVoided,
};

/** How many remembered statement ids make it worth while to forget the old ones. */
const MANY = 4_096;

/**
 * Judges a statement against the state before it and applies it. `state` is undefined before the founding; `named` are the root keys that the
 * reader names. Signatures are judged elsewhere: here the keys in `by` count as having signed. Throws `Refused`, and then nothing has changed.
 */
export function judge(state: State | undefined, statement: Statement, id: string, at: Position, named?: readonly string[]): { state: State; remarks: Remark[] } {
  if (state === undefined) return { state: found(statement, id, at, named), remarks: [] };
  const one = new Case(state, statement, id, at);
  checkTable(one);
  const effect = (JUDGES[statement.kind] as Judge<Kind>)(one, statement.act);
  const back = cameBack(one);
  effect();
  if (back.length > 0) endAbsence(state.people, back);
  state.recent.set(id, knownUntil(one));
  state.last = at;
  if (state.recent.size > MANY) forget(state);
  return { state, remarks: one.remarks };
}

/** Members of the supervision committee who sign this although it was said that they are away. */
function cameBack({ state, statement }: Case): string[] {
  const { substitute } = state.people;
  if (substitute?.cause !== "absent" || statement.at <= substitute.asked) return [];
  return statement.by.flatMap(({ role, person }) => (role === "supervision_committee" ? (person ?? []) : []));
}

/** Forgets statements whose copies would come too late by now. */
function forget(state: State): void {
  for (const [id, until] of [...state.recent]) if (until < state.last.time) state.recent.delete(id);
}

/** A matter's beginning, proposal, consultation and end. */
import type { Acts } from "./acts.ts";
import type { Case, Effect, Judge } from "./case.ts";
import type { Outcome, Stage } from "./codes.ts";
import { reaches } from "./codes.ts";
import { given, length, need, sorted } from "./rules.ts";
import { isVotedOn, type Matter, newMatter } from "./state.ts";
import { isUndoneBy, type Kind } from "./table.ts";

/** Points that people asked about; they wait for their answer whatever becomes of the papers. */
const ASKED: readonly Kind[] = ["concern.raised", "objection.entered", "objection.received"];

/** Ends a matter. */
export function end(matter: Matter, outcome: Outcome): void {
  matter.stage = undefined;
  matter.outcome = outcome;
}

/** Takes a matter back to a stage: papers of it and of later ones are out of force. */
export function stepBack(matter: Matter, stage: Stage): void {
  matter.stage = stage;
  matter.outcome = undefined;
  matter.round++;
  for (const kind of [...matter.papers.keys()]) if (isUndoneBy(kind, stage)) matter.papers.delete(kind);
  for (const [leaf, point] of [...matter.open]) if (!ASKED.includes(point.kind)) matter.open.delete(leaf);
  matter.settled = matter.planNotice = matter.resolutionNotice = matter.filingDue = undefined;
  matter.decided.clear();
}

/** Who holds an office enters what came off line; who speaks for themselves enters it on line. */
export function checkSource({ by }: Case, source: Acts["suggestion.entered"]["source"]): void {
  const own = by.every(({ role }) => role === "villager" || role === "representative");
  need(own === (source === "online"), "value.range", "the channel it came through", source);
}

function suggest(one: Case): Effect {
  const { state, at, kind, matterId } = one;
  length(state.matters.get(matterId)?.suggestions ?? [], 0, 999);
  return () => {
    const matter = state.matters.get(matterId) ?? newMatter(at, "suggestion");
    matter.suggestions.push(at);
    matter.updated = at;
    matter.papers.set(kind, one.paper());
    state.matters.set(matterId, matter);
  };
}

export const suggestionReceived: Judge<"suggestion.received"> = (one) => suggest(one);

export const suggestionEntered: Judge<"suggestion.entered"> = (one, { source }) => {
  checkSource(one, source);
  return suggest(one);
};

export const suggestionDeclined: Judge<"suggestion.declined"> = (one) => one.step((matter) => end(matter, "declined"));

export const matterProposed: Judge<"matter.proposed"> = (one, { category, amount_fen: fen, answers }) => {
  const { matter: own, matterId, state } = one;
  need(!own.papers.has("matter.proposed"), "stage.wrong", "no proposal in force", "one in force");
  length(answers, 1, 200);
  need(new Set(answers).size === answers.length, "list.form", "each suggestion once", "one twice");
  const others = new Set<Matter>();
  for (const leaf of answers) {
    const candidates = [...state.matters].filter(([id, matter]) => id === matterId || matter.stage === "suggestion").map(([, matter]) => matter);
    const owner = candidates.find((matter) => matter.suggestions.some((suggestion) => suggestion.leaf === leaf));
    if (given(owner, "basis.stale", "a suggestion that waits for an answer", leaf) !== own) others.add(owner as Matter);
  }
  // A concern is answered where it was raised; a suggestion goes along with the others of its matter.
  for (const { open } of others) need(open.size === 0, "open.point", "every point answered", open.size);
  const step = one.step((matter) => {
    matter.proposal = { category, fen };
    for (const other of others) {
      matter.suggestions.push(...other.suggestions);
      end(other, "merged");
      other.updated = one.at;
    }
  });
  return step;
};

function checkAttendees({ state }: Case, attendees: readonly string[]): void {
  sorted(attendees, 200, (person) => person);
  const known = attendees.length > 0 && attendees.every((person) => state.people.persons.has(person));
  need(known, "person.unknown", "people on record", "nobody, or someone else");
}

export const enlargedMeeting: Judge<"enlarged_meeting.recorded"> = (one, { attendees, nonvoting, opinions }) => {
  checkAttendees(one, attendees);
  need(nonvoting === 0 || opinions !== undefined, "paper.missing", "opinions of those who attended without a vote", "nothing");
  return one.step();
};

export const visits: Judge<"visits.recorded"> = (one, { households, opinions }) => {
  need(households > 0, "value.range", "at least one household", households);
  length(opinions, 0, 200);
  return one.step((matter) => {
    if (opinions.length > 0) matter.open.set(one.at.leaf, one.point(opinions.length));
  });
};

export const opinionsAnswered: Judge<"opinions.answered"> = (one, { answers }) => {
  const basis = one.statement.basis ?? "";
  const needed = one.matter.open.get(basis)?.answers ?? 0;
  need(answers.length === needed, "open.point", needed, answers.length);
  return one.step((matter) => void matter.open.delete(basis));
};

export const jointMeeting: Judge<"joint_meeting.recorded"> = (one, { attendees }) => {
  checkAttendees(one, attendees);
  return one.step();
};

/** What is cast is counted: a matter can't be taken away while people vote on it. */
function checkNoVote({ state }: Case, matter: string): void {
  const voting = [...state.sessions.values()].some((session) => isVotedOn(session, matter));
  need(!voting, "voting.underway", "no vote under way", "a vote under way");
}

export const documentWithdrawn: Judge<"document.withdrawn"> = (one, { document }) => {
  const names = ({ papers }: Matter): boolean => (["plan.settled", "plan.posted"] as const).some((kind) => papers.get(kind)?.documents.includes(document));
  const undecided = [...one.state.matters].filter(([, matter]) => matter.stage !== undefined && reaches("ballot", matter.stage) && names(matter));
  for (const [id] of undecided) checkNoVote(one, id);
  return () => {
    for (const [, matter] of undecided) {
      stepBack(matter, "consultation");
      matter.updated = one.at;
    }
  };
};

export const withdrawn: Judge<"matter.withdrawn"> = (one) => {
  checkNoVote(one, one.matterId);
  return one.step((matter) => end(matter, "withdrawn"));
};

export const changeRequested: Judge<"change.requested"> = (one) => {
  checkNoVote(one, one.matterId);
  // What was decided in an emergency has neither suggestion nor proposal yet: it begins at the beginning.
  const stage = one.matter.papers.has("matter.proposed") ? "consultation" : "suggestion";
  return one.step((matter) => stepBack(matter, stage));
};

export const annulled: Judge<"matter.annulled"> = (one) => {
  one.remark("annulled");
  return one.step((matter) => end(matter, "annulled"));
};

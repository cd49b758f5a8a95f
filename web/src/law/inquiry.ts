/** What villagers ask and say beside the six steps, and its answers. */
import type { Acts } from "./acts.ts";
import type { Case, Effect, Judge } from "./case.ts";
import type { Addressee, Role } from "./codes.ts";
import { checkSource } from "./matter.ts";
import { length, need } from "./rules.ts";
import type { Point } from "./state.ts";

/** Who answers for whom is asked. */
const ANSWERING: Record<Addressee, readonly Role[]> = {
  village: ["clerk", "chair", "branch_secretary"],
  supervision_committee: ["supervision_committee"],
  township: ["township_drafter", "township_approver"],
  discipline: ["township_discipline_officer", "discipline_inspector"],
};
/** The best score of a rating. */
const BEST = 5;
/** Most papers beside what is said in the hall. */
const MOST_POSTED = 10;

/** Something waits for an answer and holds nothing up; at most a thousand points of a matter do. */
function wait(one: Case, point: Point): Effect {
  need(one.matter.asked.size <= 999, "list.form", "0 to 999", one.matter.asked.size);
  return one.step((matter) => {
    if (point.answers > 0) matter.asked.set(one.at.leaf, point);
  });
}

function ask(one: Case, { what, to, text }: Pick<Acts["inquiry.entered"], "what" | "to" | "text">): Effect {
  need(to === "village" || what === "complaint", "value.range", "the village, where it is to explain itself", to);
  // Who turns to somebody outside the village need not fear that the village reads it.
  const level = to === "discipline" ? "discipline" : "officials";
  need(to === "village" || text.level === level, "document.level", level, text.level);
  return wait(one, one.point(1, to));
}

export const received: Judge<"inquiry.received"> = ask;

export const entered: Judge<"inquiry.entered"> = (one, act) => {
  checkSource(one, act.source);
  return ask(one, act);
};

export const answered: Judge<"inquiry.answered"> = (one) => {
  const to = one.matter.asked.get(one.statement.basis ?? "")?.to ?? "village";
  need(one.by.every(({ role }) => ANSWERING[to].includes(role)), "signer.role", to, "somebody who was not asked");
  return close(one);
};

/** The point in `basis` waits no longer. */
export const close = (one: Case): Effect => one.step((matter) => void matter.asked.delete(one.statement.basis ?? ""));

/** What is carried out, or was, can be rated. */
function checkCarriedOut({ matter: { stage, outcome } }: Case): void {
  need(stage === "supervision" || outcome === "finished", "matter.ended", "a matter that is carried out", "another");
}

function rate(one: Case, { score, text }: Pick<Acts["rating.entered"], "score" | "text">): Effect {
  checkCarriedOut(one);
  need(score >= 1 && score <= BEST, "value.range", "1 to 5", score);
  return wait(one, one.point(text === undefined ? 0 : 1));
}

export const ratingReceived: Judge<"rating.received"> = rate;

export const ratingEntered: Judge<"rating.entered"> = (one, act) => {
  checkSource(one, act.source);
  return rate(one, act);
};

export const returnVisit: Judge<"return_visit.recorded"> = (one, { households, satisfied }) => {
  checkCarriedOut(one);
  need(households > 0 && satisfied <= households, "value.range", "at most the households visited", satisfied);
  return one.step();
};

/** What is said in the hall is for everybody to read, and changes nothing. */
export const posted: Judge<"hall.posted"> = (_one, { text, papers }) => {
  length(papers, 0, MOST_POSTED);
  const hidden = [text, ...papers].find(({ level }) => level === "officials" || level === "discipline");
  need(hidden === undefined, "document.level", "public", hidden?.level ?? "public");
  return () => {};
};

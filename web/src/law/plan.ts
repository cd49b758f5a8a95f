/** The settled plan, its notice and the objections to it; emergencies and disclosures. */
import type { Question, RequiredBallot } from "./acts.ts";
import type { Case, Effect, Judge } from "./case.ts";
import { isBelowCatalogue } from "./catalogue.ts";
import { formatTime } from "./clock.ts";
import { ABSTAIN, AGAINST, BODIES, type Category, FOR } from "./codes.ts";
import { checkSource } from "./matter.ts";
import { inForce, longest } from "./profile.ts";
import { given, length, need } from "./rules.ts";
import { isInForce, newMatter } from "./state.ts";

export const planSettled: Judge<"plan.settled"> = (one, { plan, amount_fen: fen, ballots }) => {
  const { category } = given(one.matter.proposal, "paper.missing", "a proposal", "nothing");
  checkBallots(one, category, fen, ballots);
  return one.step((matter) => {
    matter.settled = { plan: plan.sha256, fen, ballots };
    // A plan settled anew must be posted anew.
    matter.planNotice = undefined;
    matter.papers.delete("plan.posted");
  });
};

/** Each ballot by the body, and under the profile, that is in force for this category and amount. */
function checkBallots({ state, day }: Case, category: Category, fen: number, ballots: readonly RequiredBallot[]): void {
  length(ballots, 1, 5);
  const codes = new Set<string>();
  for (const { body, profile, group, questions } of ballots) {
    const lawful = given(inForce(state, body, category, fen, day), "profile.wrong", "a body that may decide this", body);
    need(profile === lawful.leaf, "profile.wrong", lawful.leaf, profile);
    need((group !== undefined) === (body === "group_meeting"), "value.range", "a group for a group meeting only", "otherwise");
    const delegated = state.delegations.some((one) => one.to === body && one.categories.includes(category) && one.until >= day);
    need(delegated || !lawful.profile.needs_delegation, "delegation.missing", "a delegation in force", body);
    length(questions, 1, 30);
    for (const question of questions) {
      checkQuestion(question);
      need(!codes.has(question.code), "list.form", "each question code once", question.code);
      codes.add(question.code);
    }
  }
}

/** `for`, `against`, `abstain`; or two to twenty options of its own and `abstain`. */
function checkQuestion({ options, labels }: Question): void {
  const plain = options.join() === [FOR, AGAINST, ABSTAIN].join();
  const own = options.length >= 3 && options.length <= 21 && new Set(options).size === options.length && options.at(-1) === ABSTAIN
    // No room for a number that belongs to a person.
    && options.every((option) => option !== FOR && option !== AGAINST && option.replace(/\D/g, "").length <= 3);
  need(plain || own, "question.wrong", "for, against, abstain; or own options and abstain", options.join());
  need(labels.length === 0 || (own && labels.length + 1 === options.length), "question.wrong", "words for each own option", labels.length);
}

export const planPosted: Judge<"plan.posted"> = (one, { places }) => {
  length(places, 1, 9);
  const ends = longest(one.state, one.matter, one.at.time, (profile) => profile.plan_notice);
  return one.step((matter) => void (matter.planNotice = { at: one.at, ends }));
};

export const resolutionPosted: Judge<"resolution.posted"> = (one, { places }) => {
  length(places, 1, 9);
  const ends = longest(one.state, one.matter, one.at.time, (profile) => profile.resolution_notice);
  return one.step((matter) => void (matter.resolutionNotice = { at: one.at, ends }));
};

/** The statement waits for an answer; at most a thousand points of a matter do. */
function waitForAnswer(one: Case): Effect {
  need(one.matter.open.size <= 999, "list.form", "0 to 999", one.matter.open.size);
  return one.step((matter) => void matter.open.set(one.at.leaf, one.point()));
}

function object(one: Case): Effect {
  const { planNotice, resolutionNotice } = one.matter;
  const notice = [planNotice, resolutionNotice].find((posted) => posted?.at.leaf === one.statement.basis);
  const open = notice !== undefined && one.at.time < notice.ends;
  need(open, "notice.over", notice === undefined ? "a notice" : formatTime(notice.ends), formatTime(one.at.time));
  return waitForAnswer(one);
}

export const objectionReceived: Judge<"objection.received"> = (one) => object(one);

export const objectionEntered: Judge<"objection.entered"> = (one, { source }) => {
  checkSource(one, source);
  return object(one);
};

export const concernRaised: Judge<"concern.raised"> = (one) => waitForAnswer(one);

/** The point in `basis` waits no longer. */
export const answered = (one: Case): Effect => one.step((matter) => void matter.open.delete(one.statement.basis ?? ""));

export const emergency: Judge<"emergency.decided"> = (one, { category, amount_fen: fen, plan, ballots }) => {
  checkNew(one);
  checkBallots(one, category, fen, ballots);
  one.remark("emergency");
  const matter = { ...newMatter(one.at, "ballot"), proposal: { category, fen }, settled: { plan: plan.sha256, fen, ballots } };
  return begin(one, matter);
};

function checkNew({ state, matterId }: Case): void {
  need(!state.matters.has(matterId), "matter.unknown", "a new matter", matterId);
}

function begin(one: Case, matter: ReturnType<typeof newMatter>): Effect {
  return () => {
    matter.papers.set(one.kind, one.paper());
    one.state.matters.set(one.matterId, matter);
  };
}

export const disclosure: Judge<"disclosure.posted"> = (one, { category, amount_fen: fen, budget }) => {
  checkNew(one);
  const { state, day } = one;
  const applies = (sum: number): boolean => BODIES.some((body) => inForce(state, body, category, sum, day) !== undefined);
  // Without any profile for the category there is no threshold to be below: then it must go to a ballot.
  const below = (!applies(fen) && state.profiles.some(({ profile }) => profile.from_fen > fen && applies(profile.from_fen)))
    || isBelowCatalogue(state, category, fen, day);
  need(below || isBudgeted(one, budget, fen), "disclosure.not_enough", "below the threshold, or in a voted budget", "neither");
  // What is below the threshold by itself uses up no budget.
  return begin(one, { ...newMatter(one.at, undefined, "disclosed"), proposal: { category, fen }, budget: below ? undefined : budget });
};

/** Whether a sum, with all that was disclosed under the same minutes before, lies in the annual plan that they voted. */
function isBudgeted({ state }: Case, budget: string | undefined, fen: number): boolean {
  if (budget === undefined) return false;
  const matters = [...state.matters.values()];
  const spent = matters.reduce((sum, matter) => sum + (matter.budget === budget ? (matter.proposal?.fen ?? 0) : 0), fen);
  return matters.some(({ proposal, stage, outcome, settled, papers }) =>
    proposal?.category === "M01" && (stage === "supervision" || outcome === "finished") && settled !== undefined && spent <= settled.fen
    && isInForce(papers, budget, ["minutes.signed"]));
}

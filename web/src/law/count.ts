/** Counting papers, opening ballots, disputes, results and void votes (PROTOCOL 8 and 9). */
import { fromHex, hex } from "../bytes.ts";
import { choiceCommitment } from "../commit.ts";
import type { Acts, Opening, Profile, Result } from "./acts.ts";
import type { Judge } from "./case.ts";
import { ABSTAIN, FOR } from "./codes.ts";
import { assemble } from "./parts.ts";
import { isReached, neededOf, profileOfItem } from "./profile.ts";
import { given, length, need } from "./rules.ts";
import { itemOf, voterOf } from "./session.ts";
import { isUnderWay, type Voting } from "./state.ts";
import { countingBallot, countingVoters, missing, waiting } from "./voting.ts";

/** With fewer secret paper ballots than this the choices can be inferred. */
const FEW_PAPERS = 5;

/** Most documents with photographs of one count. */
const MOST_ALBUMS = 20;

/** Disputes, and vouched ballots that never came, are settled before anyone knows the choices. */
function checkUndisputed(voting: Voting): void {
  const left = waiting(voting).length;
  need(left === 0, "open.point", "every dispute and missing ballot answered", left);
}

/** Paper is counted before devices' ballots are opened, so that nobody counts with the rest in mind. */
function checkCounted({ issued, count }: Voting): void {
  need(issued.size === 0 || count !== undefined, "count.missing", "a count of the paper ballots", "none");
}

/** Whether more ballots were in the box than were issued: then the vote can only be declared void. */
const hasExcess = ({ count, issued }: Voting): boolean => (count?.inBox ?? 0) > issued.size;
/** Whether anyone could know choices by now. */
const areChoicesKnown = ({ count, papers }: Voting): boolean => count !== undefined || papers.has("ballots.opened");
/** Whether a ballot that counts is not open. */
const someClosed = (voting: Voting): boolean => countingVoters(voting).some((no) => !voting.choices.has(no));

/** A count has every option in its order and adds up to what is in the box. */
function checkSums({ opening, issued }: Voting, { in_box: inBox, counts, invalid }: Acts["paper.counted"]): void {
  need(issued.size > 0, "count.wrong", "paper ballots issued", "none");
  need(counts.map((row) => row.option).join() === opening.options.join(), "count.wrong", "every option, in order", "others");
  const sum = counts.reduce((all, row) => all + row.count, invalid);
  need(sum === inBox, "count.wrong", inBox, sum);
}

/** Each valid paper by its voter where papers are named, and none by anybody where they are secret. */
function checkRows({ opening, issued }: Voting, { counts, rows }: Acts["paper.counted"]): void {
  if (opening.named_papers === undefined) {
    need(rows.length === 0, "count.rows", "no paper by its voter", rows.length);
    return;
  }
  const chosen = new Map(opening.options.map((option) => [option, 0]));
  let last = -1;
  for (const { voter, choice } of rows) {
    need(voter > last, "count.rows", "sorted by voter, each once", voter);
    need(issued.has(voter), "count.rows", "a voter who was handed a paper", voter);
    chosen.set(choice, 1 + given(chosen.get(choice), "count.rows", "one of the options", choice));
    last = voter;
  }
  for (const { option, count } of counts) need(chosen.get(option) === count, "count.rows", count, chosen.get(option) ?? 0);
}

/** Photographs show handwriting: for officials only, and in no order that could be that of casting. */
function checkPhotos({ photos }: Acts["paper.counted"]): void {
  need(photos.length <= MOST_ALBUMS, "count.photos", `at most ${MOST_ALBUMS} documents`, photos.length);
  const inOrder = photos.every(({ sha256 }, i) => i === 0 || (photos[i - 1]?.sha256 ?? "") < sha256);
  need(inOrder, "count.photos", "sorted by commitment, each once", "another list");
  need(photos.every(({ media, level }) => media === "application/pdf" && level === "officials"), "count.photos", "PDF for officials", "other documents");
}

export const paperCounted: Judge<"paper.counted"> = (one, act) => {
  const { voting } = one;
  need(voting.status === "delivered", "voting.state", "deliveries ended", voting.status);
  need(voting.count === undefined, "voting.state", "no count yet", "a count");
  checkSums(voting, act);
  checkRows(voting, act);
  checkPhotos(act);
  checkUndisputed(voting);
  if (act.in_box > voting.issued.size) one.remark("paper_excess");
  if (voting.opening.named_papers === undefined && voting.issued.size < FEW_PAPERS) one.remark("few_papers");
  return one.stepVoting((it) => void (it.count = countOf(act)));
};

const countOf = ({ in_box: inBox, counts, invalid }: Acts["paper.counted"]): Voting["count"] => ({ inBox, counts, invalid });

/** The papers are counted again because the count was disputed: once, and before the result. */
export const paperRecounted: Judge<"paper.recounted"> = (one, act) => {
  const { voting } = one;
  need(voting.status === "delivered" || voting.status === "opened", "voting.state", "deliveries ended, and no result", voting.status);
  need(!voting.papers.has("paper.recounted"), "voting.state", "no recount yet", "a recount");
  const first = given(voting.count, "count.missing", "a count of the paper ballots", "none");
  checkSums(voting, act);
  checkRows(voting, act);
  checkPhotos(act);
  // A vote whose box was in order can't be made void by a paper that is found in it later.
  const most = Math.max(first.inBox, voting.issued.size);
  need(act.in_box <= most, "count.excess", `at most ${most}`, act.in_box);
  one.remark("recounted");
  if (act.in_box > voting.issued.size) one.remark("paper_excess");
  const basis = one.statement.basis ?? "";
  return one.stepVoting((it) => {
    it.count = countOf(act);
    it.open.delete(basis);
  });
};

export const ballotsOpened: Judge<"ballots.opened"> = (one, act) => {
  const { voting } = one;
  need(voting.status === "delivered", "voting.state", "deliveries ended", voting.status);
  checkCounted(voting);
  // The first part makes choices known, and what comes after it is no ground for anything.
  if (!areChoicesKnown(voting)) checkUndisputed(voting);
  length(act.rows, 0, 200);
  const { rows, keep } = assemble(one, null, act.rows);
  if (rows !== undefined) {
    need(rows.every((row, i) => i === 0 || (rows[i - 1] as Opening).voter < row.voter), "list.form", "sorted by voter, each once", "another list");
    for (const row of rows) checkOpening(voting, row);
  }
  const step = one.stepVoting((it) => {
    if (rows === undefined) return;
    it.status = "opened";
    for (const { voter, choice } of rows) it.choices.set(voter, choice);
  });
  return () => (keep(), step());
};

function checkOpening(voting: Voting, { voter, revision, nonce, choice }: Opening): void {
  const ballot = countingBallot(voting, voter);
  need(ballot !== undefined && ballot.revision === revision, "opening.wrong", "the ballot that counts", voter);
  const commitment = hex(choiceCommitment({ basis: fromHex(voting.opened.leaf), voter, revision, nonce: fromHex(nonce), choice }));
  need(commitment === ballot.commitment, "opening.wrong", ballot.commitment, commitment);
  need(voting.opening.options.includes(choice), "opening.wrong", "one of the options", choice);
}

/** A voter publishes an opening that the log failed to. */
export const ballotOpened: Judge<"ballot.opened"> = (one, act) => {
  voterOf(one, act.voter);
  const { voting } = one;
  need(voting.status === "opened", "voting.state", "ballots opened", voting.status);
  need(!voting.choices.has(act.voter), "opening.wrong", "a ballot not opened yet", act.voter);
  checkOpening(voting, act);
  return one.stepVoting(({ choices }) => void choices.set(act.voter, act.choice));
};

export const ballotDisputed: Judge<"ballot.disputed"> = (one) => {
  need(isUnderWay(one.voting), "voting.state", "before the result", "after it");
  return one.stepVoting(({ open }) => void open.set(one.at.leaf, one.point()));
};

export const disputeAnswered: Judge<"dispute.answered"> = (one) => {
  const { voting } = one;
  const basis = one.statement.basis ?? "";
  // Until deliveries end a vouched ballot is on its way, and nobody may answer it away.
  const ripe = voting.open.get(basis)?.kind !== "ballot.vouched" || voting.status === "delivered";
  need(ripe, "voting.state", "deliveries ended", voting.status);
  return one.stepVoting(({ open }) => void open.delete(basis));
};

export const resultAnnounced: Judge<"result.announced"> = (one, act) => {
  const { voting, matter, matterId, session, state, at } = one;
  // Where nobody voted by a device there is nothing to open.
  const opened = voting.status === "opened" || (voting.status === "delivered" && voting.ballots.size + voting.kiosk.size === 0);
  need(opened, "voting.state", "ballots opened", voting.status);
  checkCounted(voting);
  need(!hasExcess(voting), "count.excess", `at most ${voting.issued.size}`, voting.count?.inBox ?? 0);
  checkUndisputed(voting);
  need(!someClosed(voting), "opening.missing", "every ballot opened", countingVoters(voting).length - voting.choices.size);
  if (missing(voting).length > 0) one.remark("vouched_missing");
  const item = given(itemOf(session, matterId), "question.wrong", "a matter on the agenda", matterId);
  const profile = given(profileOfItem(state, item), "profile.wrong", "a profile", "none");
  const result = countUp(profile, voting);
  need(isSame(result, act), "result.wrong", JSON.stringify(result), JSON.stringify(act));
  const question = one.statement.question ?? "";
  return one.stepVoting((it) => {
    it.status = "announced";
    it.ballots.clear();
    it.kiosk.clear();
    it.vouched.clear();
    matter.results.push({ at, round: matter.round, ballot: item.ballot, question, passed: act.passed });
    matter.updated = at;
  });
};

/** The result that a vote gives under a profile, once all its choices are open. */
export function countUp(profile: Profile, { opening, present, recused, home, issued, choices, count }: Voting): Result {
  const chosen = [...choices.values()];
  const counts = opening.options.map((option) => {
    const onPaper = count?.counts.find((row) => row.option === option)?.count ?? 0;
    return { option, count: chosen.filter((choice) => choice === option).length + onPaper };
  });
  const votesFor = (option: string): number => counts.find((row) => row.option === option)?.count ?? 0;
  // Whom the mobile box was with takes part as whoever was there at the opening.
  const there = present.size + [...home].filter((no) => issued.has(no)).length;
  const whole = profile.threshold.base === "all" ? opening.eligible : there;
  const away = (profile.recusal.in_base ? 0 : recused.size) + (profile.abstain_in_base ? 0 : votesFor(ABSTAIN));
  const base = Math.max(0, whole - away);
  const leader = leading(counts);
  const winner = leader !== undefined && isReached(profile.threshold, leader.count, base) ? leader.option : undefined;
  return {
    eligible: opening.eligible, present: there - (profile.recusal.in_quorum ? 0 : recused.size), recused: recused.size,
    voted: choices.size + (count?.inBox ?? 0), counts, invalid: count?.invalid ?? 0, base, needed: neededOf(profile.threshold, base), winner,
    passed: winner !== undefined,
  };
}

/** The option that could pass: `for`, or the one of the question's own that alone has the most votes. */
function leading(counts: Result["counts"]): Result["counts"][number] | undefined {
  const plain = counts.find((row) => row.option === FOR);
  if (plain !== undefined) return plain;
  const own = counts.filter((row) => row.option !== ABSTAIN);
  const most = Math.max(...own.map((row) => row.count));
  const leaders = own.filter((row) => row.count === most);
  return leaders.length === 1 ? leaders[0] : undefined;
}

function isSame(a: Result, b: Result): boolean {
  const rows = ({ counts }: Result): string => counts.map((row) => `${row.option}:${row.count}`).join();
  const names = ["eligible", "present", "recused", "voted", "invalid", "base", "needed", "winner", "passed"] as const;
  return rows(a) === rows(b) && names.every((name) => a[name] === b[name]);
}

export const votingVoided: Judge<"voting.voided"> = (one, { reason }) => {
  const { voting } = one;
  need(isUnderWay(voting), "voting.state", "before the result", "after it");
  const known = areChoicesKnown(voting);
  // Once choices are known, nobody may void a vote because of how it went.
  const grounds: Record<Acts["voting.voided"]["reason"], boolean> = {
    opening_missing: voting.status === "opened" && someClosed(voting),
    too_many_papers: hasExcess(voting),
    dispute: !known && waiting(voting).length > 0,
    failure: !known,
  };
  need(grounds[reason], "voting.state", "grounds on record", "none");
  one.remark("voided");
  return one.stepVoting((it) => void (it.status = "voided"));
};

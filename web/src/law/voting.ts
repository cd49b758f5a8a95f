/** Opening a vote, casting, closing, and paper ballots handed out (PROTOCOL 8). */
import type { Acts, AgendaItem, Profile } from "./acts.ts";
import type { Case, Judge } from "./case.ts";
import { formatTime, later, MINUTE } from "./clock.ts";
import { CHANNELS } from "./codes.ts";
import { holders } from "./people.ts";
import { profileOf } from "./profile.ts";
import { given, length, need, sorted } from "./rules.ts";
import { BOX_OPEN, checkCarriers, checkFit, hasQuorum, isFiledBy, isRecused, itemOf, LONGEST_VOTE, opensUntil, resultOf, SHORTEST_VOTE, thereIn, three, voterOf } from "./session.ts";
import { type Ballot, hadNotClosedAt, hasBallot, type Point, takesDeliveries, type Voting, type Vouched } from "./state.ts";
import { isDelivered, isFresh, receivedAt } from "./tabled.ts";
import { delivery, terminalOf } from "./terminal.ts";

/** Longest that deliveries may take, in minutes, and the least where ballots come by phone and an inspector could vouch for one. */
const MOST_GRACE = 120;
const LEAST_GRACE = 5;
/** The least where the mobile box goes out: it comes back, and the three who carry it sign. */
const BOX_GRACE = 30;
/** Most named papers of one vote: their count lists each in one entry. */
const MOST_NAMED = 1_000;

export const votingOpened: Judge<"voting.opened"> = (one, act) => {
  const { session, matter, matterId, state, at } = one;
  const question = one.statement.question ?? "";
  need(session.status === "roster", "session.state", "a fixed roster", "none");
  one.notBefore(session.startsAt, "notice.early");
  // The notice named a time: a vote that opens days later would be a vote that nobody was told of.
  need(at.time < opensUntil(session), "session.state", `opened before ${formatTime(opensUntil(session))}`, formatTime(at.time));
  need((session.votings.get(one.questionKey)?.status ?? "voided") === "voided", "voting.state", "a question not voted on", "a vote that stands");
  const item = given(itemOf(session, matterId), "question.wrong", "a matter on the agenda", matterId);
  need(isFiledBy(matter, item.filing), "basis.stale", "the filing that the notice named", "a later one");
  need(resultOf(matter, item.ballot, question) === undefined, "voting.state", "a question not decided in this round", "a decided one");
  const profile = checkQuestion(one, act, item);
  const home = atHome(one, profile);
  checkChannels(one, act, profile);
  checkGrace(one, act, home.length > 0);
  checkTellers(one);
  if (home.length > 0) checkWay(one, act);
  const there = thereIn(session);
  const recused = there.filter((no) => isRecused(session, matterId, no));
  const present = there.length - (profile.recusal.in_quorum ? 0 : recused.length);
  const told = act.eligible === session.roster.size && act.present === present;
  need(told, "attendance.wrong", `${present} of ${session.roster.size}`, `${act.present} of ${act.eligible}`);
  need(hasQuorum(state, session, item), "quorum.missing", "enough members", present);
  if (!profile.confirmed) one.remark("profile_unconfirmed");
  const voting: Voting = {
    status: "open", matter: matterId, opened: at, opening: act, present: new Set(there), recused: new Set(recused), home: new Set(home), closedAt: undefined,
    papers: new Map([[one.kind, one.paper()]]), open: new Map(), vouched: new Map(), ballots: new Map(), kiosk: new Map(), terminals: new Map(), issued: new Set(), count: undefined, choices: new Map(),
  };
  return () => void session.votings.set(one.questionKey, voting);
};

/** The question, its options and words, plan and profile are the settled ones. */
function checkQuestion({ matter, state, statement }: Case, act: Acts["voting.opened"], item: AgendaItem): Profile {
  const { settled } = matter;
  const ballot = settled?.ballots[item.ballot];
  const question = ballot?.questions.find(({ code }) => code === statement.question);
  need(settled !== undefined && ballot !== undefined && question !== undefined, "question.wrong", "the settled question", "another");
  need(question.title.sha256 === act.title, "question.wrong", question.title.sha256, act.title);
  need(settled.plan === act.plan, "question.wrong", settled.plan, act.plan);
  need(question.options.join() === act.options.join(), "question.wrong", "the settled options", "others");
  need(question.labels.map((doc) => doc.sha256).join() === act.labels.join(), "question.wrong", "the settled options' words", "others");
  need(ballot.profile === act.profile, "profile.wrong", ballot.profile, act.profile);
  return given(profileOf(state, ballot.profile), "question.wrong", "the settled question", "no profile");
}

/** Whoever waits at home for the box can be reached: there are papers, there is time, and the three can sign for it. */
function checkWay({ session, state, matterId, at }: Case, { channels, closes_at }: Acts["voting.opened"]): void {
  need(channels.includes("paper"), "ballot.channel", "papers, for members who wait at home for the box", "none");
  need(closes_at >= later(at.time, BOX_OPEN), "value.range", "a closing time 30 minutes ahead", formatTime(closes_at));
  checkCarriers(state, session, session.mobileBox?.scrutineers ?? [], matterId);
}

/** Members who are not there and wait for the mobile box. */
function atHome({ session, matterId }: Case, profile: Profile): number[] {
  const listed = profile.mobile_box ? (session.mobileBox?.voters ?? []) : [];
  return listed.filter((no) => session.attendance.get(no)?.there !== true && !isRecused(session, matterId, no));
}

function checkChannels({ session, at }: Case, act: Acts["voting.opened"], { mode }: Profile): void {
  sorted(act.channels, 3, (channel) => CHANNELS.indexOf(channel));
  length(act.channels, 1, 3);
  need(act.channels.every((channel) => session.channels.includes(channel)), "ballot.channel", "channels of the session", "others");
  need(act.mode === mode, "profile.wrong", mode, act.mode);
  need(act.mode === "named" || act.channels.join() === "paper", "ballot.channel", "paper only, where the vote is secret", "others");
  const mayBeNamed = act.mode === "named" && act.channels.includes("paper");
  need(act.named_papers === undefined || mayBeNamed, "paper.named", "a vote by name with paper ballots", "another vote");
  const span = act.closes_at >= later(at.time, SHORTEST_VOTE) && act.closes_at <= later(at.time, LONGEST_VOTE);
  need(span, "value.range", "a closing time 5 minutes to 14 days ahead", formatTime(act.closes_at));
}

function checkGrace({ state, day }: Case, act: Acts["voting.opened"], boxGoes: boolean): void {
  // Where somebody can vouch for a ballot that was refused at the last moment, it has the time to come.
  const inspected = holders(state.people, "discipline_inspector", day).length > 0;
  const least = boxGoes ? BOX_GRACE : inspected && act.channels.includes("online") ? LEAST_GRACE : 0;
  need(act.grace_minutes >= least && act.grace_minutes <= MOST_GRACE, "value.range", `${least} to ${MOST_GRACE} minutes`, act.grace_minutes);
}

/** Kin may have been declared since the tellers were named, and two who are kin could not sign the count. */
function checkTellers({ session, state, matterId }: Case): void {
  checkFit(state, session, three(given(session.tellers, "tellers.unfit", "tellers", "none")), matterId);
}

const isInTime = ({ at }: Case, { status, opening }: Voting): boolean => status === "open" && at.time < opening.closes_at;

/** Whether a voter was there when voting opened and is not recused. */
export function checkMayVote({ present, recused }: Voting, no: number): void {
  need(present.has(no), "voter.absent", "a member who was there at the opening", no);
  need(!recused.has(no), "voter.recused", "a member who is not recused", no);
}

export const ballotCast: Judge<"ballot.cast"> = (one, { voter, revision, channel, helper, terminal: place, commitment }) => {
  const person = voterOf(one, voter);
  const { voting, state } = one;
  const vouched = receivedAt(one) !== undefined;
  need(vouched || isDelivered(one) || isInTime(one, voting), "ballot.late", () => formatTime(voting.opening.closes_at), () => formatTime(one.at.time));
  if (vouched && (!isInTime(one, voting) || !isFresh(one, one.at.time))) one.remark("vouched");
  need(voting.opening.mode === "named", "ballot.channel", "a paper ballot", channel);
  const terminal = terminalOf(one);
  // A ballot of a terminal has the terminal's signature and a place in its count; a phone's has neither.
  const own = (terminal !== undefined) === (channel === "kiosk") && (place !== undefined) === (channel === "kiosk");
  need(own && channel !== "paper" && voting.opening.channels.includes(channel), "ballot.channel", "a channel of the vote", channel);
  checkMayVote(voting, voter);
  const known = helper === undefined || (helper !== person && state.people.persons.has(helper));
  need(known, "person.unknown", "another person on record as helper", helper ?? "");
  // A terminal's ballot keeps its place also where a paper overtook it, and counts no more.
  need(terminal !== undefined || !voting.issued.has(voter), "ballot.paper", "no paper ballot issued", "one issued");
  checkKeyAge(one, voting, voter, person);
  const before = channel === "kiosk" ? voting.kiosk : voting.ballots;
  const last = before.get(voter)?.revision ?? 0;
  need(revision > last || terminal !== undefined, "ballot.revision", () => `more than ${last}`, revision);
  if (terminal === undefined || place === undefined) return () => void before.set(voter, { revision, commitment });
  const deliver = delivery(one, terminal, place, isInTime(one, voting));
  const overtaken = revision <= last || one.by.some(({ key }) => state.people.keys.get(key)?.revoked === true);
  if (overtaken || voting.issued.has(voter)) one.remark("ballot_overtaken");
  return () => {
    deliver();
    if (!overtaken) before.set(voter, { revision, commitment });
  };
};

/** A key enrolled after the opening votes only after its holder was signed in at the hall. */
function checkKeyAge({ by, state, session }: Case, voting: Voting, voter: number, person: string): void {
  const hall = session.attendance.get(voter)?.hall ?? -1;
  const old = by.every((signer) => {
    const enrolled = state.people.keys.get(signer.key)?.enrolled.seq ?? Infinity;
    return signer.person !== person || enrolled < voting.opened.seq || hall > enrolled;
  });
  need(old, "voter.key_new", "a key from before the opening, or a check-in at the hall", "a new key");
}

/** The ballot of a voter that counts: none where the voter was handed a paper, and a terminal's before a phone's. */
export function countingBallot({ issued, ballots, kiosk }: Voting, no: number): Ballot | undefined {
  return issued.has(no) ? undefined : (kiosk.get(no) ?? ballots.get(no));
}

/** Vouched ballots that could still count and are not on record. */
export function missing(voting: Voting): Vouched[] {
  return [...voting.vouched.values()].filter((row) => !voting.issued.has(row.voter) && !hasBallot(voting, row));
}

/** What waits for an answer: disputes, and lists of vouched ballots of which one is missing. */
export function waiting(voting: Voting): Point[] {
  const lacking = new Set(missing(voting).map(({ entry }) => entry));
  return [...voting.open.values()].filter(({ kind, at }) => kind !== "ballot.vouched" || lacking.has(at.leaf));
}

/** Members who may vote: those who were there at the opening and are not recused, and those whom the mobile box goes to. */
const entitled = ({ present, recused, home }: Voting): number[] => [...[...present].filter((no) => !recused.has(no)), ...home];

/** Voters with a ballot that counts, other than on paper. */
export function countingVoters({ issued, ballots, kiosk }: Voting): number[] {
  return [...new Set([...ballots.keys(), ...kiosk.keys()])].filter((no) => !issued.has(no));
}

export const votingClosed: Judge<"voting.closed"> = (one) => {
  const { voting, at, by } = one;
  need(voting.status === "open", "voting.state", "an open vote", "a closed one");
  const due = at.time >= voting.opening.closes_at;
  const allVoted = entitled(voting).every((no) => voting.issued.has(no) || countingBallot(voting, no) !== undefined);
  const early = allVoted && !by.some(({ role }) => role === "log");
  need(due || early, "close.early", formatTime(voting.opening.closes_at), formatTime(at.time));
  return one.stepVoting((it) => {
    it.status = "closed";
    it.closedAt = at.time;
  });
};

/** Whether a paper could have been handed out that is not on record. */
function mayPapersCome(voting: Voting): boolean {
  return voting.opening.channels.includes("paper") && entitled(voting).some((no) => !voting.issued.has(no));
}

export const deliveriesEnded: Judge<"deliveries.ended"> = (one) => {
  const { voting } = one;
  need(voting.status === "closed", "voting.state", "a closed vote", voting.status);
  const { closedAt = one.at.time, opening } = voting;
  // Where it closed early everyone had voted: nobody waits, unless a terminal's ballot, a vouched one or a paper could still come.
  const atOnce = closedAt < opening.closes_at && !opening.channels.includes("kiosk") && missing(voting).length === 0 && !mayPapersCome(voting);
  one.notBefore(later(closedAt, atOnce ? 0 : opening.grace_minutes * MINUTE), "close.early");
  if ([...voting.terminals.values()].some(({ sealed, counter }) => sealed !== undefined && sealed.counter > counter)) one.remark("deliveries_missing");
  return one.stepVoting((it) => void (it.status = "delivered"));
};

/** Whether the vote is still open for papers that are entered now. A hall that was cut off, and a box that comes back, enter afterwards what was handed out before. */
function handedInTime(one: Case): boolean {
  const { voting } = one;
  const inTime = isInTime(one, voting);
  const delivered = takesDeliveries(voting) && hadNotClosedAt(voting, one.statement.at);
  need(inTime || delivered, "ballot.late", () => formatTime(voting.opening.closes_at), () => formatTime(one.at.time));
  if (!inTime) one.remark("paper_delivered_late");
  return inTime;
}

function checkNumberOfNamed({ opening, issued }: Voting, more: number): void {
  const most = opening.named_papers === undefined ? Infinity : MOST_NAMED;
  need(issued.size + more <= most, "paper.named", `at most ${most}`, issued.size + more);
}

/** The mobile box was with members who were not there at the opening: they can have no ballot besides. */
export const mobileBoxVisited: Judge<"mobile_box.visited"> = (one, { voters }) => {
  length(voters, 1, 200);
  sorted(voters, 200, (no) => no);
  const { voting } = one;
  handedInTime(one);
  for (const no of voters) {
    need(voting.home.has(no), "box.voter", "a member whom the box goes to", no);
    need(!voting.issued.has(no), "ballot.paper", "no paper ballot yet", no);
  }
  checkNumberOfNamed(voting, voters.length);
  return one.stepVoting(({ issued }) => voters.forEach((no) => issued.add(no)));
};

export const paperIssued: Judge<"paper.issued"> = (one, { voters }) => {
  length(voters, 1, 200);
  sorted(voters, 200, (no) => no);
  const { voting, session, by } = one;
  const inTime = handedInTime(one);
  need(voting.opening.channels.includes("paper"), "ballot.channel", "a vote with paper ballots", "one without");
  const watched = by.some(({ role }) => role === "supervision_committee" || role === "township_discipline_officer");
  // A ballot that is not on record may have been cast: vouched for, waiting in a terminal, or, of what is entered after the closing, any.
  const unseen = !inTime || voting.opening.channels.includes("kiosk");
  const vouched = new Set(missing(voting).map(({ voter }) => voter));
  for (const no of voters) {
    const person = given(session.roster.get(no), "voter.unknown", "a number on the roster", no);
    checkMayVote(voting, no);
    need(session.attendance.get(no)?.hall !== undefined, "voter.absent", "a member checked in at the hall", no);
    need(!voting.issued.has(no), "ballot.paper", "no paper ballot yet", no);
    const cast = unseen || vouched.has(no) || countingBallot(voting, no) !== undefined;
    const safe = !cast || watched || by.some((signer) => signer.person === person);
    need(safe, "signer.role", "the voter or the supervision committee", "others");
  }
  checkNumberOfNamed(voting, voters.length);
  // A voter's own signature serves only where that voter is named alone.
  const [first] = voters;
  const own = by.every(({ role, person }) => role !== "voter" || (voters.length === 1 && session.roster.get(first ?? 0) === person));
  need(own, "voter.unknown", "the voter's own signature", "another person's");
  return one.stepVoting(({ issued }) => voters.forEach((no) => issued.add(no)));
};

/** Calling a session, its roster, tellers, attendance, failure and minutes. */
import type { AgendaItem, Acts, RequiredBallot } from "./acts.ts";
import { endOf } from "./calendar.ts";
import type { Case, Effect, Judge } from "./case.ts";
import { DAY, daysLater, dayOf, formatTime, later, MINUTE, startOf } from "./clock.ts";
import { CHANNELS, MEMBERS } from "./codes.ts";
import { end } from "./matter.ts";
import { assemble } from "./parts.ts";
import { areKin, holdsOwn, wasOfficial } from "./people.ts";
import { isReached, profileOfItem } from "./profile.ts";
import { given, length, need, sorted } from "./rules.ts";
import { isInForce, isLive, isUnderWay, isVotedOn, type Matter, questionKey, type Session, type State } from "./state.ts";

/** The door opens two hours before the session. */
const DOOR = 120 * MINUTE;

/** The first instant at which no first vote of a session can be opened any more: after the next day. */
export const opensUntil = ({ startsAt }: Session): number => startOf(daysLater(dayOf(startsAt), 2));
/** The agenda item of a matter. */
export const itemOf = (session: Session, matter: string): AgendaItem | undefined => session.agenda.find((item) => item.matter === matter);
/** Members who are there. */
export const thereIn = ({ attendance }: Session): number[] => [...attendance].filter(([, { there }]) => there).map(([no]) => no);
/** Whether a member is recused in a matter. */
export const isRecused = ({ recused }: Session, matter: string, no: number): boolean => recused.some((one) => one.matter === matter && one.no === no);
/** Whether a leaf hash is that of the filing, or emergency decision, in force. */
export const isFiledBy = ({ papers }: Matter, leaf: string): boolean => isInForce(papers, leaf, ["filing.filed", "emergency.decided"]);

export const convened: Judge<"session.convened"> = (one, act) => {
  const { state, at } = one;
  length(act.agenda, 1, 50);
  need(new Set(act.agenda.map((item) => item.matter)).size === act.agenda.length, "list.form", "each matter once", "one twice");
  sorted(act.channels, 3, (channel) => CHANNELS.indexOf(channel));
  length(act.channels, 1, 3);
  need((act.group !== undefined) === (act.body === "group_meeting"), "value.range", "a group for a group meeting only", "otherwise");
  for (const item of act.agenda) checkItem(one, act, item);
  const profiles = act.agenda.flatMap((item) => profileOfItem(state, item) ?? []);
  const earliest = profiles.reduce((time, profile) => Math.max(time, endOf(state.calendar, at.time, profile.session_notice)), at.time);
  need(act.starts_at >= earliest, "notice.early", formatTime(earliest), formatTime(act.starts_at));
  const session: Session = {
    status: "convened", body: act.body, group: act.group, startsAt: act.starts_at, agenda: act.agenda, channels: act.channels, roster: new Map(),
    attendance: new Map(), terminals: new Map(), recused: [], tellers: undefined, mobileBox: undefined, papers: new Map([[one.kind, one.paper()]]), votings: new Map(),
  };
  return () => void state.sessions.set(one.statement.session ?? "", session);
};

function checkItem({ state }: Case, act: Acts["session.convened"], item: AgendaItem): void {
  const matter = given(state.matters.get(item.matter), "matter.unknown", "a matter on record", item.matter);
  need(matter.stage === "ballot", "stage.wrong", "ballot", matter.stage ?? "ended");
  need(isFiledBy(matter, item.filing), "basis.stale", "the filing in force", item.filing);
  const ballot = matter.settled?.ballots[item.ballot];
  need(ballot !== undefined && ballot.body === act.body && ballot.group === act.group, "profile.wrong", "a ballot of this body", item.ballot);
  need(!matter.decided.has(item.ballot), "voting.state", "a ballot not decided yet", "a decided one");
  const elsewhere = [...state.sessions.values()].some((session) => isLive(session) && itemOf(session, item.matter) !== undefined);
  need(!elsewhere, "voting.underway", "on no other agenda", "on another agenda");
  const remote = profileOfItem(state, item)?.remote === true || !act.channels.includes("online");
  need(remote, "ballot.channel", "a profile that allows taking part from elsewhere", "online");
}

export const cancelled: Judge<"session.cancelled"> = (one) => {
  const { session } = one;
  need(!session.agenda.some(({ matter }) => isVotedOn(session, matter)), "voting.underway", "no vote opened", "a vote under way");
  return one.stepSession((it) => void (it.status = "cancelled"));
};

export const rosterFixed: Judge<"roster.fixed"> = (one, act) => {
  const { session, state, day } = one;
  need(session.status === "convened", "session.state", "a roster not fixed yet", "a fixed one");
  length(act.rows, 1, 200);
  const { rows, keep } = assemble(one, null, act.rows);
  if (rows === undefined) return keep;
  need(rows.every((row, i) => row.no === i + 1), "roster.wrong", "numbers from 1 without gaps", "other numbers");
  const listed = new Set(rows.map((row) => row.person));
  const members = [...state.people.persons].filter(([id, { group }]) =>
    (session.group === undefined || group === session.group) && MEMBERS[session.body].some((role) => holdsOwn(state.people, id, role, day)));
  const same = listed.size === rows.length && listed.size === members.length && members.every(([id]) => listed.has(id));
  need(same, "roster.wrong", `the ${members.length} members of the body`, listed.size);
  const step = one.stepSession((it) => {
    it.roster = new Map(rows.map(({ no, person }) => [no, person]));
    it.status = "roster";
  });
  return () => (keep(), step());
};

/** The person of a roster number; whoever signs as a voter must be that person. */
export function voterOf(one: Case, no: number): string {
  const person = given(one.session.roster.get(no), "voter.unknown", "a number on the roster", no);
  const own = one.by.every((signer) => signer.role !== "voter" || signer.person === person);
  need(own, "voter.unknown", "the voter's own signature", "another person's");
  return person;
}

export const recusal: Judge<"recusal.declared"> = (one, { voter }) => {
  voterOf(one, voter);
  const { session, matterId: matter } = one;
  const item = given(itemOf(session, matter), "question.wrong", "a matter on the agenda", matter);
  need(profileOfItem(one.state, item)?.recusal.allowed === true, "voter.recused", "a profile with recusal", "one without");
  need(!isVotedOn(session, matter), "voting.underway", "before voting opens", "afterwards");
  return one.stepSession((it) => {
    if (!isRecused(it, matter, voter)) it.recused.push({ matter, no: voter });
  });
};

/** Caller, counter and scrutineer. */
export const three = ({ caller, counter, scrutineer }: Acts["tellers.named"]): string[] => [caller, counter, scrutineer];

/** Three people who watch ballots: no two of them near kin, on record, and none recused, or near kin of somebody who is: in one matter, or in any. */
export function checkFit({ people }: State, session: Session, watching: readonly string[], matter?: string): void {
  const clash = watching.some((one, i) => watching.slice(i + 1).some((other) => one === other || areKin(people, one, other)));
  need(!clash, "tellers.unfit", "three people, no near kin", "otherwise");
  const recused = session.recused.filter((one) => matter === undefined || one.matter === matter).flatMap(({ no }) => session.roster.get(no) ?? []);
  for (const one of watching) {
    need(people.persons.has(one), "person.unknown", "people on record", one);
    const interested = recused.some((person) => person === one || areKin(people, person, one));
    need(!interested, "tellers.unfit", "nobody with an interest", "a recused member or kin");
  }
}

export const tellersNamed: Judge<"tellers.named"> = (one, act) => {
  const { session, state } = one;
  // Whoever counts was named before anybody voted.
  need(![...session.votings.values()].some(isUnderWay), "voting.underway", "no vote under way", "a vote under way");
  checkNewer(one);
  checkFit(state, session, three(act));
  return one.stepSession((it) => void (it.tellers = act));
};

/** What takes another's place was made when that was on record: one that was held back can't undo what was agreed on since. */
function checkNewer({ session, statement, kind }: Case): void {
  const since = session.papers.get(kind)?.at.time ?? -Infinity;
  need(statement.at >= since, "basis.stale", () => formatTime(since), () => formatTime(statement.at));
}

/** Three who may carry the mobile box: as any who watch ballots together, villagers, and each able to sign for it. */
export function checkCarriers(state: State, session: Session, carrying: readonly string[], matter?: string): void {
  checkFit(state, session, carrying, matter);
  const { people } = state;
  const keys = [...people.keys.values()].filter(({ revoked }) => !revoked);
  const able = carrying.every((person) => people.persons.has(person) && !wasOfficial(people, person) && keys.some((key) => key.person === person));
  need(able, "tellers.unfit", "villagers with a key", "an official, or somebody without");
}

/** A box that is carried to members who can't come: told before anybody votes, where some vote of the session allows it. */
export const mobileBoxNamed: Judge<"mobile_box.named"> = (one, act) => {
  const { session, state } = one;
  const { scrutineers, voters } = act;
  need(![...session.votings.values()].some(isUnderWay), "voting.underway", "no vote under way", "a vote under way");
  const allowed = session.channels.includes("paper") && session.agenda.some((item) => profileOfItem(state, item)?.mobile_box === true);
  need(allowed, "box.forbidden", "papers, and a profile with a mobile box", "otherwise");
  checkNewer(one);
  length(voters, 1, 200);
  sorted(voters, 200, (no) => no);
  sorted(scrutineers, 3, (person) => person);
  length(scrutineers, 3, 3);
  // Once choices may be known, nobody picks who else is to vote.
  const same = session.mobileBox?.voters.join() === voters.join();
  need(same || session.votings.size === 0, "box.forbidden", "the numbers from before the first vote", "others");
  checkCarriers(state, session, scrutineers);
  need(one.by.every(({ person }) => person === undefined || !scrutineers.includes(person)), "tellers.unfit", "nobody who sends the box out", "a signer");
  for (const no of voters) {
    const person = given(session.roster.get(no), "voter.unknown", "a number on the roster", no);
    need(!scrutineers.includes(person), "tellers.unfit", "nobody who votes at the box", no);
  }
  return one.stepSession((it) => void (it.mobileBox = act));
};

function checkDoor(one: Case): void {
  one.notBefore(later(one.session.startsAt, -DOOR), "notice.early");
}

export const checkedIn: Judge<"attendance.checked_in"> = (one, { voter, channel }) => {
  voterOf(one, voter);
  checkDoor(one);
  need(channel === "online" && one.session.channels.includes(channel), "ballot.channel", "a channel of the session for the own phone", channel);
  return one.stepSession(({ attendance }) => void attendance.set(voter, { there: true, hall: attendance.get(voter)?.hall }));
};

export const checkedOut: Judge<"attendance.checked_out"> = (one, { voter }) => {
  voterOf(one, voter);
  need(one.session.attendance.get(voter)?.there === true, "voter.absent", "a member who is there", voter);
  return one.stepSession((it) => leave(it, voter));
};

function leave({ attendance }: Session, no: number): void {
  attendance.set(no, { there: false, hall: attendance.get(no)?.hall });
}

export const attendanceRecorded: Judge<"attendance.recorded"> = (one, { present, left }) => {
  checkDoor(one);
  for (const list of [present, left]) sorted(list, 2_000, (no) => no);
  const { roster, attendance } = one.session;
  const known = present.length + left.length > 0 && [...present, ...left].every((no) => roster.has(no));
  need(known, "voter.unknown", "numbers on the roster", "others, or none");
  const wasThere = left.every((no) => attendance.get(no)?.there === true && !present.includes(no));
  need(wasThere, "attendance.wrong", "only who was there can leave", "someone else");
  return one.stepSession((it) => {
    for (const no of present) it.attendance.set(no, { there: true, hall: one.at.seq });
    for (const no of left) leave(it, no);
  });
};

/** How many are there for a matter, as its profile counts the recused: enough, or too few. */
export function hasQuorum(state: State, session: Session, item: AgendaItem): boolean {
  const profile = profileOfItem(state, item);
  if (profile === undefined) return false;
  const there = thereIn(session);
  const counted = profile.recusal.in_quorum ? there : there.filter((no) => !isRecused(session, item.matter, no));
  return isReached(profile.quorum, counted.length, session.roster.size);
}

export const failed: Judge<"session.failed"> = (one, { eligible, present }) => {
  const { session, state, at } = one;
  need(session.status === "roster", "session.state", "a fixed roster", "none");
  one.notBefore(session.startsAt, "notice.early");
  const there = thereIn(session).length;
  need(eligible === session.roster.size && present === there, "attendance.wrong", `${there} of ${session.roster.size}`, `${present} of ${eligible}`);
  need(session.votings.size === 0, "voting.underway", "no vote opened", "a vote");
  need(!session.agenda.some((item) => hasQuorum(state, session, item)), "quorum.reached", "too few members", there);
  const matters = session.agenda.flatMap((item) => {
    const matter = state.matters.get(item.matter);
    return matter?.stage === "ballot" && isFiledBy(matter, item.filing) ? [matter] : [];
  });
  const step = one.stepSession((it) => void (it.status = "failed"));
  return () => {
    for (const matter of matters) matter.updated = at;
    step();
  };
};

export const minutesSigned: Judge<"minutes.signed"> = (one) => {
  const { session, state } = one;
  one.notBefore(session.startsAt, "notice.early");
  need(session.votings.size > 0, "voting.state", "a vote held", "none");
  const effects: Effect[] = [];
  for (const item of session.agenda) {
    const matter = state.matters.get(item.matter);
    const ballot = matter?.stage === "ballot" ? matter.settled?.ballots[item.ballot] : undefined;
    if (matter === undefined || ballot === undefined) continue;
    const passed = outcomeOf(session, matter, item, ballot);
    if (passed === undefined) continue;
    need(matter.open.size === 0, "open.point", "every point answered", [...matter.open.values()][0]?.kind ?? "");
    effects.push(() => {
      matter.papers.set(one.kind, one.paper());
      matter.updated = one.at;
      matter.decided.set(item.ballot, passed);
      conclude(matter);
    });
  }
  const step = one.stepSession((it) => {
    it.status = "ended";
    // The choices stand in the record; later judgements need no more.
    for (const voting of it.votings.values()) voting.choices.clear();
  });
  return () => [...effects, step].forEach((effect) => effect());
};

/** Whether a required ballot passed; undefined while none of its questions was opened here, or a vote on one is void. */
function outcomeOf(session: Session, matter: Matter, item: AgendaItem, { questions }: RequiredBallot): boolean | undefined {
  const voting = (code: string): string | undefined => session.votings.get(questionKey(item.matter, code))?.status;
  if (!questions.some(({ code }) => voting(code) !== undefined)) return undefined;
  const results = questions.map(({ code, required }) => {
    const result = resultOf(matter, item.ballot, code);
    if (result !== undefined) return { required, passed: result.passed };
    const status = voting(code);
    need(status === "voided", "voting.state", status === undefined ? "every question voted on" : "every result announced", code);
    return undefined;
  });
  if (results.includes(undefined)) return undefined;
  const counting = results.some((one) => one?.required) ? results.filter((one) => one?.required) : undefined;
  return counting === undefined ? results.some((one) => one?.passed) : counting.every((one) => one?.passed);
}

/** The announced result of a question in this round. */
export function resultOf({ results, round }: Matter, ballot: number, question: string): Matter["results"][number] | undefined {
  return results.find((one) => one.round === round && one.ballot === ballot && one.question === question);
}

/** Where a matter goes as its ballots are decided: all must pass. */
function conclude(matter: Matter): void {
  const decided = [...matter.decided.values()];
  if (decided.includes(false)) end(matter, "rejected");
  else if (decided.length === matter.settled?.ballots.length) matter.stage = "supervision";
}

/** Longest that a vote stays open, and shortest that it is announced to. */
export const LONGEST_VOTE = 14 * DAY;
export const SHORTEST_VOTE = 5 * MINUTE;
/** The same where the mobile box goes out: nobody at home is surprised out of the vote. */
export const BOX_OPEN = 30 * MINUTE;

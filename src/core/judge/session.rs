//! Calling a session, its roster, attendance, quorum and minutes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::core::act::Kind;
use crate::core::act::session::{
    AgendaItem, AttendanceRecorded, CheckedIn, CheckedOut, Convened, MobileBoxNamed, RecusalDeclared, RosterFixed,
    RosterRow, SessionFailed, TellersNamed,
};
use crate::core::clock::Time;
use crate::core::ids::{MatterId, PersonId};
use crate::core::judge::Part;
use crate::core::judge::case::{Case, length, sorted};
use crate::core::model::{Body, Channel, Outcome, Role, Stage};
use crate::core::reject::{Rejection, Rule, ensure};
use crate::core::rules::Profile;
use crate::core::state::matter::{Matter, Standing};
use crate::core::state::people::People;
use crate::core::state::session::{Attendance, Session, SessionStatus};
use crate::core::state::voting::VotingStatus;
use crate::core::state::{Papers, State};
use crate::core::tally;

/// The rule profile of an agenda item.
#[must_use]
pub fn profile_of<'a>(state: &'a State, item: &AgendaItem) -> Option<&'a Profile> {
    let settled = state.matter(item.matter)?.settled.as_ref()?;
    state.law.profile(settled.ballots.get(usize::from(item.ballot))?.profile)
}

/// The earliest lawful start of a session that is called at `now` with these items.
#[must_use]
pub fn earliest_start(state: &State, agenda: &[AgendaItem], now: Time) -> Time {
    let profiles = agenda.iter().filter_map(|item| profile_of(state, item));
    profiles.map(|profile| state.law.calendar.end_of(now, profile.session_notice)).max().unwrap_or(now)
}

pub(crate) fn convened(case: &mut Case<'_>, act: &Convened) -> Result<(), Rejection> {
    length(&act.agenda, 1, 50)?;
    let matters: BTreeSet<MatterId> = act.agenda.iter().map(|item| item.matter).collect();
    ensure(matters.len() == act.agenda.len(), Rule::ListForm, "each matter once", "one twice")?;
    sorted(&act.channels, 3)?;
    length(&act.channels, 1, 3)?;
    let group = act.group.is_some() == (act.body == Body::GroupMeeting);
    ensure(group, Rule::ValueRange, "a group for a group meeting only", "otherwise")?;
    for item in &act.agenda {
        check_item(case, act, item)?;
    }
    let earliest = earliest_start(case.state, &act.agenda, case.at.time);
    ensure(act.starts_at >= earliest, Rule::NoticeEarly, earliest, act.starts_at)?;
    let mut papers = Papers::default();
    papers.put(case.statement.kind(), case.paper());
    let session = Session {
        status: SessionStatus::Convened,
        convened: case.at,
        body: act.body,
        group: act.group,
        starts_at: act.starts_at,
        agenda: act.agenda.clone(),
        channels: act.channels.clone(),
        roster: BTreeMap::new(),
        attendance: BTreeMap::new(),
        terminals: BTreeMap::new(),
        recused: BTreeSet::new(),
        tellers: None,
        mobile_box: None,
        papers,
        corrected: Vec::new(),
        votings: BTreeMap::new(),
    };
    case.put(Part::Session(case.session_id()?, Arc::new(session)));
    Ok(())
}

fn check_item(case: &Case<'_>, act: &Convened, item: &AgendaItem) -> Result<(), Rejection> {
    let matter = case.state.matter(item.matter);
    let matter = matter.ok_or_else(|| Rejection::new(Rule::MatterUnknown, "a matter on record", item.matter))?;
    let stage = matter.stage().map_or("ended", Stage::code);
    ensure(matter.stage() == Some(Stage::Ballot), Rule::StageWrong, "ballot", stage)?;
    let filed = matter.is_filed_by(item.filing);
    ensure(filed, Rule::BasisStale, "the filing in force", item.filing)?;
    let ballots = matter.settled.as_ref().map_or(&[][..], |settled| &settled.ballots);
    let ballot = ballots.get(usize::from(item.ballot));
    let fits = ballot.is_some_and(|ballot| ballot.body == act.body && ballot.group == act.group);
    ensure(fits, Rule::ProfileWrong, "a ballot of this body", item.ballot)?;
    let decided = matter.ballots_decided.contains_key(&item.ballot);
    ensure(!decided, Rule::VotingState, "a ballot not decided yet", "a decided one")?;
    let elsewhere = case.state.sessions.values().any(|s| s.is_live() && s.item(item.matter).is_some());
    ensure(!elsewhere, Rule::VotingUnderway, "on no other agenda", "on another agenda")?;
    let remote = profile_of(case.state, item).is_some_and(|profile| profile.remote);
    let online = act.channels.contains(&Channel::Online);
    ensure(remote || !online, Rule::BallotChannel, "a profile that allows taking part from elsewhere", "online")
}

pub(crate) fn cancelled(case: &mut Case<'_>) -> Result<(), Rejection> {
    let session = case.session()?;
    let voting = session.agenda.iter().any(|item| session.is_voting_on(item.matter));
    ensure(!voting, Rule::VotingUnderway, "no vote opened", "a vote under way")?;
    case.step_session(|session| session.status = SessionStatus::Cancelled)
}

pub(crate) fn roster_fixed(case: &mut Case<'_>, act: &RosterFixed) -> Result<(), Rejection> {
    let session = case.session()?;
    let state = session.status == SessionStatus::Convened;
    ensure(state, Rule::SessionState, "a roster not fixed yet", "a fixed one")?;
    length(&act.rows, 1, 200)?;
    let Some(rows) = case.assemble(serde_json::Value::Null, &act.rows)? else { return Ok(()) };
    let numbered = rows.iter().zip(1..).all(|(row, no)| row.no == no);
    ensure(numbered, Rule::RosterWrong, "numbers from 1 without gaps", "other numbers")?;
    let listed: BTreeSet<PersonId> = rows.iter().map(|row: &RosterRow| row.person).collect();
    let members = case.state.body_members(session.body, session.group, case.date);
    let same = listed == members && listed.len() == rows.len();
    ensure(same, Rule::RosterWrong, format_args!("the {} members of the body", members.len()), listed.len())?;
    case.step_session(|session| {
        session.roster = rows.iter().map(|row| (row.no, row.person)).collect();
        session.status = SessionStatus::RosterFixed;
    })
}

/// The signer, where alone and as voter, must be the voter named.
pub(crate) fn check_voter(case: &Case<'_>, voter: u32) -> Result<PersonId, Rejection> {
    let person = case.session()?.roster.get(&voter).copied();
    let person = person.ok_or_else(|| Rejection::new(Rule::VoterUnknown, "a number on the roster", voter))?;
    let mut signers = case.statement.by.iter().filter(|signer| signer.role == Role::Voter);
    let own = signers.all(|signer| signer.person == Some(person));
    ensure(own, Rule::VoterUnknown, "the voter's own signature", "another person's")?;
    Ok(person)
}

pub(crate) fn recusal(case: &mut Case<'_>, act: &RecusalDeclared) -> Result<(), Rejection> {
    check_voter(case, act.voter)?;
    let (session, matter) = (case.session()?, case.matter_id()?);
    let item = session.item(matter);
    let item = item.ok_or_else(|| Rejection::new(Rule::QuestionWrong, "a matter on the agenda", matter))?;
    let allowed = profile_of(case.state, item).is_some_and(|profile| profile.recusal.allowed);
    ensure(allowed, Rule::VoterRecused, "a profile with recusal", "one without")?;
    ensure(!session.is_voting_on(matter), Rule::VotingUnderway, "before voting opens", "afterwards")?;
    case.step_session(|session| {
        session.recused.insert((matter, act.voter));
    })
}

pub(crate) fn tellers(case: &mut Case<'_>, act: &TellersNamed) -> Result<(), Rejection> {
    let (people, session) = (&case.state.people, case.session()?);
    // Whoever counts was named before anybody voted.
    let counting = session.votings.values().any(|voting| voting.is_under_way());
    ensure(!counting, Rule::VotingUnderway, "no vote under way", "a vote under way")?;
    check_newer(case)?;
    let three = [act.caller, act.counter, act.scrutineer];
    check_fit(people, session, &three, None)?;
    case.step_session(|session| session.tellers = Some(act.clone()))
}

/// What takes another's place was made when that was on record: one that was held back can't undo what was agreed on since.
fn check_newer(case: &Case<'_>) -> Result<(), Rejection> {
    let before = case.session()?.papers.paper(case.statement.kind());
    let since = before.map(|paper| paper.at.time).filter(|since| *since > case.statement.at);
    since.map_or(Ok(()), |since| Err(Rejection::new(Rule::BasisStale, since, case.statement.at)))
}

/// Whether a box may be carried to members in some vote of the session.
#[must_use]
pub fn may_have_box(state: &State, session: &Session) -> bool {
    let allows = |item: &AgendaItem| profile_of(state, item).is_some_and(|profile| profile.mobile_box);
    session.channels.contains(&Channel::Paper) && session.agenda.iter().any(allows)
}

/// A box is carried to members who can't come, where some vote of the session allows it. Told before anybody votes, so that everybody
/// knows by then to whom it goes.
pub(crate) fn mobile_box(case: &mut Case<'_>, act: &MobileBoxNamed) -> Result<(), Rejection> {
    let (people, session) = (&case.state.people, case.session()?);
    let counting = session.votings.values().any(|voting| voting.is_under_way());
    ensure(!counting, Rule::VotingUnderway, "no vote under way", "a vote under way")?;
    let allowed = may_have_box(case.state, session);
    ensure(allowed, Rule::BoxForbidden, "papers, and a profile with a mobile box", "otherwise")?;
    check_newer(case)?;
    length(&act.voters, 1, 200)?;
    sorted(&act.voters, 200)?;
    sorted(&act.scrutineers, 3)?;
    length(&act.scrutineers, 3, 3)?;
    // Once choices may be known, nobody picks who else is to vote.
    let same = session.mobile_box.as_ref().is_some_and(|named| named.voters == act.voters);
    ensure(same || session.votings.is_empty(), Rule::BoxForbidden, "the numbers from before the first vote", "others")?;
    check_carriers(people, session, &act.scrutineers, None)?;
    let mut by = case.statement.by.iter().filter_map(|signer| signer.person);
    let apart = by.all(|person| !act.scrutineers.contains(&person));
    ensure(apart, Rule::TellersUnfit, "nobody who sends the box out", "a signer")?;
    for no in &act.voters {
        let person = session.roster.get(no);
        let person = person.ok_or_else(|| Rejection::new(Rule::VoterUnknown, "a number on the roster", no))?;
        ensure(!act.scrutineers.contains(person), Rule::TellersUnfit, "nobody who votes at the box", no)?;
    }
    case.step_session(|session| session.mobile_box = Some(act.clone()))
}

/// Whether three may carry the mobile box: as any who watch ballots together, villagers, and each able to sign for it.
pub(crate) fn check_carriers(
    people: &People,
    session: &Session,
    three: &[PersonId],
    matter: Option<MatterId>,
) -> Result<(), Rejection> {
    check_fit(people, session, three, matter)?;
    let can_sign = |person: &PersonId| people.keys.values().any(|key| key.person == *person && !key.revoked);
    let able = three.iter().all(|person| people.is_villager(*person) && can_sign(person));
    ensure(able, Rule::TellersUnfit, "villagers with a key", "an official, or somebody without")
}

/// Whether people may watch ballots together: on record, no two of them one or near kin, and nobody with an interest in the matter (in any
/// of the session's, where none is named), nor near kin of one who has.
pub(crate) fn check_fit(
    people: &People,
    session: &Session,
    watching: &[PersonId],
    matter: Option<MatterId>,
) -> Result<(), Rejection> {
    let one_or_kin = |(at, one): (usize, &PersonId)| {
        watching[at + 1..].iter().any(|other| one == other || people.are_kin(*one, *other))
    };
    let clash = watching.iter().enumerate().any(one_or_kin);
    ensure(!clash, Rule::TellersUnfit, "three people, no near kin", "otherwise")?;
    let recused = session.recused.iter().filter(|(id, _)| matter.is_none_or(|matter| *id == matter));
    let interested: Vec<PersonId> = recused.filter_map(|(_, no)| session.roster.get(no).copied()).collect();
    for person in watching {
        ensure(people.persons.contains_key(person), Rule::PersonUnknown, "people on record", person)?;
        let clash = interested.iter().any(|other| other == person || people.are_kin(*other, *person));
        ensure(!clash, Rule::TellersUnfit, "nobody with an interest", "a recused member or kin")?;
    }
    Ok(())
}

fn check_door(case: &Case<'_>) -> Result<(), Rejection> {
    let opens = case.session()?.door();
    ensure(case.at.time >= opens, Rule::NoticeEarly, opens, case.at.time)
}

pub(crate) fn checked_in(case: &mut Case<'_>, act: &CheckedIn) -> Result<(), Rejection> {
    check_voter(case, act.voter)?;
    check_door(case)?;
    let open = act.channel == Channel::Online && case.session()?.channels.contains(&act.channel);
    ensure(open, Rule::BallotChannel, "a channel of the session for the own phone", act.channel)?;
    let seq = case.at.seq;
    case.step_session(|session| arrive(session, act.voter, act.channel, seq, false))
}

fn arrive(session: &mut Session, voter: u32, channel: Channel, seq: u64, hall: bool) {
    let before = session.attendance.get(&voter).and_then(|attendance| attendance.hall);
    let hall = if hall { Some(seq) } else { before };
    session.attendance.insert(voter, Attendance { channel, since: seq, hall, there: true });
}

pub(crate) fn checked_out(case: &mut Case<'_>, act: &CheckedOut) -> Result<(), Rejection> {
    check_voter(case, act.voter)?;
    let there = case.session()?.there().contains(&act.voter);
    ensure(there, Rule::VoterAbsent, "a member who is there", act.voter)?;
    case.step_session(|session| leave(session, act.voter))
}

fn leave(session: &mut Session, voter: u32) {
    session.attendance.entry(voter).and_modify(|attendance| attendance.there = false);
}

pub(crate) fn attendance(case: &mut Case<'_>, act: &AttendanceRecorded) -> Result<(), Rejection> {
    check_door(case)?;
    sorted(&act.present, 2_000)?;
    sorted(&act.left, 2_000)?;
    let session = case.session()?;
    let listed = |no: &u32| session.roster.contains_key(no);
    let known = act.present.iter().chain(&act.left).all(listed) && !(act.present.is_empty() && act.left.is_empty());
    ensure(known, Rule::VoterUnknown, "numbers on the roster", "others, or none")?;
    let there = session.there();
    let left = act.left.iter().all(|no| there.contains(no) && !act.present.contains(no));
    ensure(left, Rule::AttendanceWrong, "only who was there can leave", "someone else")?;
    let seq = case.at.seq;
    case.step_session(|session| {
        for no in &act.present {
            arrive(session, *no, Channel::Paper, seq, true);
        }
        for no in &act.left {
            leave(session, *no);
        }
    })
}

pub(crate) fn failed(case: &mut Case<'_>, act: &SessionFailed) -> Result<(), Rejection> {
    let session = case.session()?;
    ensure(session.status == SessionStatus::RosterFixed, Rule::SessionState, "a fixed roster", "none")?;
    ensure(case.at.time >= session.starts_at, Rule::NoticeEarly, session.starts_at, case.at.time)?;
    let there = session.there();
    let count = u32::try_from(there.len()).unwrap_or(u32::MAX);
    let told = (act.eligible, act.present) == (session.eligible(), count);
    ensure(told, Rule::AttendanceWrong, format_args!("{} of {}", count, session.eligible()), act.present)?;
    ensure(session.votings.is_empty(), Rule::VotingUnderway, "no vote opened", "a vote")?;
    let mut reached = session.agenda.iter().filter(|item| has_quorum(case.state, session, item));
    ensure(reached.next().is_none(), Rule::QuorumReached, "too few members", count)?;
    let live = |item: &&AgendaItem| {
        let matter = case.state.matter(item.matter);
        matter.is_some_and(|matter| matter.stage() == Some(Stage::Ballot) && matter.is_filed_by(item.filing))
    };
    for item in session.agenda.iter().filter(live) {
        if let Some(matter) = case.state.matter(item.matter) {
            let mut matter = matter.clone();
            matter.without_quorum += 1;
            matter.updated = case.at;
            case.put(Part::Matter(item.matter, Arc::new(matter)));
        }
    }
    case.step_session(|session| session.status = SessionStatus::Failed)
}

/// Whether enough members are there for an agenda item.
#[must_use]
pub fn has_quorum(state: &State, session: &Session, item: &AgendaItem) -> bool {
    let there = session.there();
    let recused = there.iter().filter(|no| session.recused.contains(&(item.matter, **no))).count();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    profile_of(state, item).is_some_and(|profile| {
        let present = tally::present(profile, count(there.len()), count(recused));
        profile.quorum.is_reached(present, session.eligible())
    })
}

pub(crate) fn minutes(case: &mut Case<'_>) -> Result<(), Rejection> {
    let session = case.session()?;
    ensure(case.at.time >= session.starts_at, Rule::NoticeEarly, session.starts_at, case.at.time)?;
    ensure(!session.votings.is_empty(), Rule::VotingState, "a vote held", "none")?;
    for item in &session.agenda {
        let Some(matter) = case.state.matter(item.matter) else { continue };
        if matter.stage() != Some(Stage::Ballot) {
            continue;
        }
        if let Some(passed) = item_decided(session, matter, item)? {
            let point = matter.open.values().next();
            ensure(point.is_none(), Rule::OpenPoint, "every point answered", point.map_or("", |p| p.kind.code()))?;
            let mut matter = matter.clone();
            matter.papers.put(Kind::MinutesSigned, case.paper());
            matter.updated = case.at;
            matter.ballots_decided.insert(item.ballot, passed);
            conclude(&mut matter);
            case.put(Part::Matter(item.matter, Arc::new(matter)));
        }
    }
    case.step_session(|session| {
        session.status = SessionStatus::Ended;
        // The choices stand in the record; the state keeps only what later judgements need.
        for voting in session.votings.values_mut() {
            Arc::make_mut(voting).choices.clear();
        }
    })
}

/// Whether a required ballot is decided now, and how: nothing while none of its questions was opened here, or one is void.
/// A question whose vote was void is voted on again later; results announced in this round stand.
fn item_decided(session: &Session, matter: &Matter, item: &AgendaItem) -> Result<Option<bool>, Rejection> {
    let ballots = matter.settled.as_ref().map_or(&[][..], |settled| &settled.ballots);
    let Some(ballot) = ballots.get(usize::from(item.ballot)) else { return Ok(None) };
    if !ballot.questions.iter().any(|question| session.voting_of(item.matter, &question.code).is_some()) {
        return Ok(None);
    }
    let (mut any, mut all_required, mut some_required, mut void) = (false, true, false, false);
    for question in &ballot.questions {
        let here = session.voting_of(item.matter, &question.code).map(|voting| voting.status);
        let passed = match (matter.decided(item.ballot, &question.code), here) {
            (Some(decided), _) => decided.result.passed,
            (None, Some(VotingStatus::Voided)) => {
                void = true;
                false
            }
            (None, None) => return Err(Rejection::new(Rule::VotingState, "every question voted on", &question.code)),
            (
                None,
                Some(
                    VotingStatus::Open
                    | VotingStatus::Closed
                    | VotingStatus::DeliveriesEnded
                    | VotingStatus::BallotsOpened
                    | VotingStatus::Announced,
                ),
            ) => return Err(Rejection::new(Rule::VotingState, "every result announced", &question.code)),
        };
        any |= passed;
        some_required |= question.required;
        all_required &= passed || !question.required;
    }
    Ok((!void).then_some(if some_required { all_required } else { any }))
}

/// Where the matter goes once its ballots are decided: all must pass.
fn conclude(matter: &mut Matter) {
    let needed = matter.settled.as_ref().map_or(0, |settled| settled.ballots.len());
    if matter.ballots_decided.values().any(|passed| !passed) {
        matter.standing = Standing::Ended(Outcome::Rejected);
    } else if matter.ballots_decided.len() == needed {
        matter.standing = Standing::At(Stage::Supervision);
    }
}

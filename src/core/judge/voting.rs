//! Opening a vote, casting, closing, paper ballots handed out.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::core::act::session::AgendaItem;
use crate::core::act::voting::{BallotCast, MobileBoxVisited, PaperIssued, VotingOpened};
use crate::core::clock::{DAY_MS, Date, MINUTE_MS};
use crate::core::ids::{MatterId, PersonId, PublicKey};
use crate::core::judge::case::{Case, length, sorted};
use crate::core::judge::session::{check_carriers, check_fit, check_voter, has_quorum, profile_of};
use crate::core::judge::{Part, Remark, terminal};
use crate::core::model::{Channel, Mode, Role};
use crate::core::reject::{Rejection, Rule, ensure};
use crate::core::rules::Profile;
use crate::core::state::State;
use crate::core::state::session::{Session, SessionStatus};
use crate::core::state::voting::{Cast, Voting, VotingStatus};
use crate::core::tally;

/// The shortest that a vote is announced to stay open: nobody is surprised out of it. It may close earlier once all have voted.
const SHORTEST_MS: i64 = 5 * MINUTE_MS;
/// The longest a vote stays open.
const LONGEST_MS: i64 = 14 * DAY_MS;
/// The longest that deliveries may take, in minutes.
const MAX_GRACE: u16 = 120;
/// The least, in minutes, for a vote by phone where the district has an inspector: a ballot that was refused at the last
/// moment has the time to be vouched for and sent again. It is waited for only where somebody has not voted.
pub const LEAST_GRACE: u16 = 5;
/// The least, in minutes, where the mobile box goes out: it comes back, and the three who carry it sign. Its papers would else be more than
/// the record knows of.
pub const BOX_GRACE: u16 = 30;
/// The shortest that a vote is announced to stay open where the mobile box goes out: nobody at home is surprised out of it.
pub const BOX_OPEN_MINUTES: u32 = 30;
/// With fewer secret paper ballots than this the choices can be inferred.
const FEW_PAPERS: usize = 5;
/// Most named papers of one vote: their count lists each, and fits into one entry with options of any length.
pub const MOST_NAMED: usize = 1_000;

pub(crate) fn opened(case: &mut Case<'_>, act: &VotingOpened) -> Result<(), Rejection> {
    let session = case.session()?;
    ensure(session.status == SessionStatus::RosterFixed, Rule::SessionState, "a fixed roster", "none")?;
    ensure(case.at.time >= session.starts_at, Rule::NoticeEarly, session.starts_at, case.at.time)?;
    // The notice named a time: a vote that opens days later would be a vote that nobody was told of.
    let latest = session.opens_until();
    ensure(case.at.time < latest, Rule::SessionState, format_args!("opened before {latest}"), case.at.time)?;
    let key = case.question_key()?;
    let repeatable = session.votings.get(&key).is_none_or(|voting| voting.can_be_repeated());
    ensure(repeatable, Rule::VotingState, "a question not voted on", "a vote that stands")?;
    let item = session.item(key.0);
    let item = item.ok_or_else(|| Rejection::new(Rule::QuestionWrong, "a matter on the agenda", key.0))?;
    // A matter that was changed and filed anew since the notice went out needs a notice of its own.
    let same = case.matter()?.is_filed_by(item.filing);
    ensure(same, Rule::BasisStale, "the filing that the notice named", "a later one")?;
    let decided = case.matter()?.decided(item.ballot, &key.1).is_some();
    ensure(!decided, Rule::VotingState, "a question not decided in this round", "a decided one")?;
    let profile = check_question(case, act, item)?;
    let home = at_home(session, key.0, profile);
    check_channels(case, act, session, profile)?;
    check_grace(case, act, !home.is_empty())?;
    check_tellers(case, session)?;
    if let Some(named) = session.mobile_box.as_ref().filter(|_| !home.is_empty()) {
        check_way(case, act, &named.scrutineers)?;
    }
    let present = session.there();
    let recused: BTreeSet<u32> = present.iter().copied().filter(|no| session.recused.contains(&(key.0, *no))).collect();
    let count = |set: &BTreeSet<u32>| u32::try_from(set.len()).unwrap_or(u32::MAX);
    let told = (session.eligible(), tally::present(profile, count(&present), count(&recused)));
    let expected = format_args!("{} of {}", told.1, told.0);
    let found = format_args!("{} of {}", act.present, act.eligible);
    ensure((act.eligible, act.present) == told, Rule::AttendanceWrong, expected, found)?;
    let needed = profile.quorum.needed(told.0);
    ensure(has_quorum(case.state, session, item), Rule::QuorumMissing, needed, told.1)?;
    if !profile.confirmed {
        case.remark(Remark::ProfileUnconfirmed);
    }
    let mut voting = Voting::new(case.at, act.clone(), present, recused, home);
    voting.papers.put(case.statement.kind(), case.paper());
    voting.voided = session.votings.get(&key).map_or_else(Vec::new, |before| before.voided_so_far());
    case.put(Part::Voting(case.session_id()?, key, Arc::new(voting)));
    Ok(())
}

/// The question, its options, plan and profile are the settled ones.
fn check_question<'a>(case: &Case<'a>, act: &VotingOpened, item: &AgendaItem) -> Result<&'a Profile, Rejection> {
    let (matter, (_, code)) = (case.matter()?, case.question_key()?);
    let wrong = |found: &str| Rejection::new(Rule::QuestionWrong, "the settled question", found);
    let settled = matter.settled.as_ref().ok_or_else(|| wrong("no plan"))?;
    let question = matter.question(item.ballot, &code).ok_or_else(|| wrong(code.as_str()))?;
    ensure(question.title.sha256 == act.title, Rule::QuestionWrong, question.title.sha256, act.title)?;
    ensure(settled.plan.sha256 == act.plan, Rule::QuestionWrong, settled.plan.sha256, act.plan)?;
    ensure(question.options == act.options, Rule::QuestionWrong, "the settled options", "others")?;
    let labelled = question.labels.iter().map(|doc| doc.sha256).eq(act.labels.iter().copied());
    ensure(labelled, Rule::QuestionWrong, "the settled options' words", "others")?;
    let ballot = settled.ballots.get(usize::from(item.ballot)).ok_or_else(|| wrong("no ballot"))?;
    ensure(ballot.profile == act.profile, Rule::ProfileWrong, ballot.profile, act.profile)?;
    profile_of(case.state, item).ok_or_else(|| wrong("no profile"))
}

fn check_channels(case: &Case<'_>, act: &VotingOpened, session: &Session, profile: &Profile) -> Result<(), Rejection> {
    sorted(&act.channels, 3)?;
    length(&act.channels, 1, 3)?;
    let allowed = act.channels.iter().all(|channel| session.channels.contains(channel));
    ensure(allowed, Rule::BallotChannel, "channels of the session", "others")?;
    ensure(act.mode == profile.mode, Rule::ProfileWrong, profile.mode, act.mode)?;
    let paper_only = act.mode == Mode::Named || act.channels == [Channel::Paper];
    ensure(paper_only, Rule::BallotChannel, "paper only, where the vote is secret", "others")?;
    let may_be_named = act.mode == Mode::Named && act.channels.contains(&Channel::Paper);
    ensure(!act.named_papers || may_be_named, Rule::PaperNamed, "a vote by name with paper ballots", "another vote")?;
    let latest = case.at.time.plus_ms(LONGEST_MS);
    let soonest = case.at.time.plus_ms(SHORTEST_MS);
    let span = act.closes_at >= soonest && act.closes_at <= latest;
    ensure(span, Rule::ValueRange, "a closing time 5 minutes to 14 days ahead", act.closes_at)
}

fn check_grace(case: &Case<'_>, act: &VotingOpened, box_goes: bool) -> Result<(), Rejection> {
    let least = least_grace(case.state, &act.channels, box_goes, case.date);
    let expected = format_args!("{least} to {MAX_GRACE} minutes");
    ensure((least..=MAX_GRACE).contains(&act.grace_minutes), Rule::ValueRange, expected, act.grace_minutes)
}

/// The least grace of a vote by these channels, in minutes: time for a box that is carried to come back and be signed for, and for a ballot
/// that somebody vouches for; none where neither can be.
#[must_use]
pub fn least_grace(state: &State, channels: &[Channel], box_goes: bool, date: Date) -> u16 {
    let inspected = state.people.holders(Role::DisciplineInspector, date).next().is_some();
    match (box_goes, inspected && channels.contains(&Channel::Online)) {
        (true, _) => BOX_GRACE,
        (false, true) => LEAST_GRACE,
        (false, false) => 0,
    }
}

fn check_tellers(case: &Case<'_>, session: &Session) -> Result<(), Rejection> {
    let none = || Rejection::new(Rule::TellersUnfit, "tellers", "none");
    let tellers = session.tellers.as_ref().ok_or_else(none)?;
    // Kin may have been declared since they were named, and two who are kin could not sign the count.
    let three = [tellers.caller, tellers.counter, tellers.scrutineer];
    check_fit(&case.state.people, session, &three, Some(case.matter_id()?))
}

/// Whoever waits at home for the box can be reached: there are papers, there is time, and the three can sign for it and have no interest
/// when the vote opens.
fn check_way(case: &Case<'_>, act: &VotingOpened, three: &[PersonId]) -> Result<(), Rejection> {
    let paper = act.channels.contains(&Channel::Paper);
    ensure(paper, Rule::BallotChannel, "papers, for members who wait at home for the box", "none")?;
    let soonest = case.at.time.plus_ms(i64::from(BOX_OPEN_MINUTES) * MINUTE_MS);
    ensure(act.closes_at >= soonest, Rule::ValueRange, "a closing time 30 minutes ahead", act.closes_at)?;
    check_carriers(&case.state.people, case.session()?, three, Some(case.matter_id()?))
}

/// Members who are not there and wait for the mobile box, if a vote on the matter opened now.
#[must_use]
pub fn at_home(session: &Session, matter: MatterId, profile: &Profile) -> BTreeSet<u32> {
    let there = session.there();
    let listed = session.mobile_box.iter().filter(|_| profile.mobile_box).flat_map(|named| &named.voters).copied();
    listed.filter(|no| !there.contains(no) && !session.recused.contains(&(matter, *no))).collect()
}

pub(crate) fn cast(case: &mut Case<'_>, act: &BallotCast) -> Result<(), Rejection> {
    let person = check_voter(case, act.voter)?;
    let voting = case.voting()?;
    let in_time = voting.status == VotingStatus::Open && case.at.time < voting.opening.closes_at;
    let (vouched, delivered) = (case.received_at().is_some(), case.is_delivered());
    ensure(in_time || vouched || delivered, Rule::BallotLate, voting.opening.closes_at, case.at.time)?;
    if vouched && !(in_time && case.is_fresh()) {
        case.remark(Remark::Vouched);
    }
    ensure(voting.opening.mode == Mode::Named, Rule::BallotChannel, "a paper ballot", act.channel)?;
    let terminal = case.terminal()?;
    let own = match act.channel {
        Channel::Online => terminal.is_none() && act.terminal.is_none(),
        Channel::Kiosk => terminal.is_some() && act.terminal.is_some(),
        Channel::Paper => false,
    };
    let channel = own && voting.opening.channels.contains(&act.channel);
    ensure(channel, Rule::BallotChannel, "a channel of the vote", act.channel)?;
    check_may_vote(voting, act.voter)?;
    if let Some(helper) = act.helper {
        let known = helper != person && case.state.people.persons.contains_key(&helper);
        ensure(known, Rule::PersonUnknown, "another person on record as helper", helper)?;
    }
    // A terminal's ballot has its place in the terminal's count, also where it was overtaken by a paper and counts no more.
    let paper = act.channel != Channel::Kiosk && voting.paper_issued.contains(&act.voter);
    ensure(!paper, Rule::BallotPaper, "no paper ballot issued", "one issued")?;
    check_key_age(case, voting, act.voter, person)?;
    let last = voting.ballots.get(&(act.voter, act.channel)).map_or(0, |cast| cast.revision);
    let later = act.revision > last;
    ensure(later || terminal.is_some(), Rule::BallotRevision, format_args!("more than {last}"), act.revision)?;
    if let (Some(no), Some(place)) = (terminal, act.terminal) {
        terminal::deliver(case, no, place, in_time)?;
        if !later || has_revoked_key(case) {
            case.remark(Remark::BallotOvertaken);
            return Ok(());
        }
        if case.voting()?.paper_issued.contains(&act.voter) {
            case.remark(Remark::BallotOvertaken);
        }
    }
    let cast = Cast { revision: act.revision, commitment: act.commitment, seq: case.at.seq, time: case.at.time };
    case.put(Part::Ballot(case.session_id()?, case.question_key()?, (act.voter, act.channel), cast));
    Ok(())
}

/// Whether the voter's key was revoked between the signature and the delivery.
fn has_revoked_key(case: &Case<'_>) -> bool {
    let keys = &case.state.people.keys;
    case.statement.by.iter().any(|signer| keys.get(&signer.key).is_some_and(|key| key.revoked))
}

pub(crate) fn check_may_vote(voting: &Voting, voter: u32) -> Result<(), Rejection> {
    ensure(voting.present.contains(&voter), Rule::VoterAbsent, "a member who was there at the opening", voter)?;
    ensure(!voting.recused.contains(&voter), Rule::VoterRecused, "a member who is not recused", voter)
}

/// A key enrolled after the opening votes only after its holder checked in at the hall (PROTOCOL 3).
fn check_key_age(
    case: &Case<'_>,
    voting: &Voting,
    voter: u32,
    person: crate::core::ids::PersonId,
) -> Result<(), Rejection> {
    let mut keys = case.statement.by.iter().filter(|signer| signer.person == Some(person));
    let session = case.session()?;
    let old = keys.all(|signer| key_is_old(case.state, session, voting, voter, &signer.key));
    ensure(old, Rule::VoterKeyNew, "a key from before the opening, or a check-in at the hall", "a new key")
}

/// Whether a voter's key serves in a vote: it was enrolled before the opening, or its holder signed in at the hall after that.
#[must_use]
pub fn key_is_old(state: &State, session: &Session, voting: &Voting, voter: u32, key: &PublicKey) -> bool {
    let seq = state.people.keys.get(key).map_or(u64::MAX, |key| key.enrolled);
    let hall = session.attendance.get(&voter).and_then(|attendance| attendance.hall);
    seq < voting.opened.seq || hall.is_some_and(|hall| hall > seq)
}

pub(crate) fn closed(case: &mut Case<'_>) -> Result<(), Rejection> {
    let voting = case.voting()?;
    ensure(voting.status == VotingStatus::Open, Rule::VotingState, "an open vote", "a closed one")?;
    let due = case.at.time >= voting.opening.closes_at;
    let by_log = case.statement.by.iter().any(|signer| signer.role == Role::Log);
    let early = !by_log && voting.all_have_voted();
    ensure(due || early, Rule::CloseEarly, voting.opening.closes_at, case.at.time)?;
    let time = case.at.time;
    case.step_voting(|voting| {
        voting.status = VotingStatus::Closed;
        voting.closed_at = Some(time);
    })
}

pub(crate) fn deliveries_ended(case: &mut Case<'_>) -> Result<(), Rejection> {
    let voting = case.voting()?;
    ensure(voting.status == VotingStatus::Closed, Rule::VotingState, "a closed vote", "another state")?;
    let ends = voting.deliveries_until().unwrap_or(case.at.time);
    ensure(case.at.time >= ends, Rule::CloseEarly, ends, case.at.time)?;
    if voting.lacks_deliveries() {
        case.remark(Remark::DeliveriesMissing);
    }
    case.step_voting(|voting| voting.status = VotingStatus::DeliveriesEnded)
}

pub(crate) fn paper_issued(case: &mut Case<'_>, act: &PaperIssued) -> Result<(), Rejection> {
    length(&act.voters, 1, 200)?;
    sorted(&act.voters, 200)?;
    let in_time = handed_in_time(case)?;
    let (voting, session) = (case.voting()?, case.session()?);
    let paper = voting.opening.channels.contains(&Channel::Paper);
    ensure(paper, Rule::BallotChannel, "a vote with paper ballots", "one without")?;
    // A ballot that is not on record may have been cast: one that an inspector vouches for, one that waits in a terminal, and of what is
    // entered after the closing any. Then it takes the same people as over one that is.
    let unseen = !in_time || voting.opening.channels.contains(&Channel::Kiosk);
    let vouched: BTreeSet<u32> = voting.missing().map(|row| row.voter).collect();
    for voter in &act.voters {
        let person = session.roster.get(voter).copied();
        let person = person.ok_or_else(|| Rejection::new(Rule::VoterUnknown, "a number on the roster", voter))?;
        check_may_vote(voting, *voter)?;
        let hall = session.attendance.get(voter).is_some_and(|attendance| attendance.hall.is_some());
        ensure(hall, Rule::VoterAbsent, "a member checked in at the hall", voter)?;
        ensure(!voting.paper_issued.contains(voter), Rule::BallotPaper, "no paper ballot yet", voter)?;
        // Where a ballot was cast already, or may have been, the voter or the supervision committee must have signed.
        let watched = |role| role == Role::SupervisionCommittee || role == Role::TownshipDisciplineOfficer;
        let mut by = case.statement.by.iter();
        let cast = unseen || vouched.contains(voter) || voting.counting_ballot(*voter).is_some();
        let safe = !cast || by.any(|s| s.person == Some(person) || watched(s.role));
        ensure(safe, Rule::SignerRole, "the voter or the supervision committee", "others")?;
    }
    check_number_of_named(voting, act.voters.len())?;
    let voters = case.statement.by.iter().filter(|signer| signer.role == Role::Voter);
    let own = |person| act.voters.len() == 1 && session.roster.get(&act.voters[0]) == Some(&person);
    let fits = voters.filter_map(|signer| signer.person).all(own);
    ensure(fits, Rule::VoterUnknown, "the voter's own signature", "another person's")?;
    case.step_voting(|voting| voting.paper_issued.extend(&act.voters))?;
    Ok(())
}

/// Whether papers that are entered now were handed out while the vote was open, and whether it still is. A hall that was cut off across
/// the closing, and a box that comes back after it, enter what was handed out before it: those papers are in the box.
fn handed_in_time(case: &mut Case<'_>) -> Result<bool, Rejection> {
    let voting = case.voting()?;
    let in_time = voting.status == VotingStatus::Open && case.at.time < voting.opening.closes_at;
    let delivered = voting.takes_deliveries() && voting.had_not_closed_at(case.statement.at);
    ensure(in_time || delivered, Rule::BallotLate, voting.opening.closes_at, case.at.time)?;
    if !in_time {
        case.remark(Remark::PaperDeliveredLate);
    }
    Ok(in_time)
}

fn check_number_of_named(voting: &Voting, more: usize) -> Result<(), Rejection> {
    let most = if voting.opening.named_papers { MOST_NAMED } else { usize::MAX };
    let all = voting.paper_issued.len() + more;
    ensure(all <= most, Rule::PaperNamed, format_args!("at most {most}"), all)
}

/// The mobile box was with members who were not there at the opening: they can have no ballot besides, and are there from now on.
pub(crate) fn box_visited(case: &mut Case<'_>, act: &MobileBoxVisited) -> Result<(), Rejection> {
    length(&act.voters, 1, 200)?;
    sorted(&act.voters, 200)?;
    handed_in_time(case)?;
    let voting = case.voting()?;
    for voter in &act.voters {
        ensure(voting.home.contains(voter), Rule::BoxVoter, "a member whom the box goes to", voter)?;
        ensure(!voting.paper_issued.contains(voter), Rule::BallotPaper, "no paper ballot yet", voter)?;
    }
    check_number_of_named(voting, act.voters.len())?;
    case.step_voting(|voting| voting.paper_issued.extend(&act.voters))
}

/// Notes a secret paper vote so small that choices can be inferred.
pub(crate) fn warn_of_few(case: &mut Case<'_>, voting: &Voting) {
    if !voting.opening.named_papers && (1..FEW_PAPERS).contains(&voting.paper_issued.len()) {
        case.remark(Remark::FewPapers);
    }
}

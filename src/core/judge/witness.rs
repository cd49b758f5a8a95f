//! What witnesses bring into a record: ballots received in time from voters whom the server refused, and the time of their
//! cosignatures (PROTOCOL 6).

use std::fmt::Display;

use crate::core::act::voting::{BallotVouched, TimeAnchored, VouchedBallot};
use crate::core::clock::{MINUTE_MS, Time};
use crate::core::judge::Part;
use crate::core::judge::case::{Case, length};
use crate::core::judge::voting::check_may_vote;
use crate::core::model::{Channel, Mode};
use crate::core::reject::{Rejection, Rule, ensure};
use crate::core::state::session::Session;
use crate::core::state::voting::{Voting, VotingStatus, Vouched};
use crate::core::state::{Anchor, State};

/// Most ballots that one statement vouches for.
pub const MAX_VOUCHED: usize = 200;
/// The least time between two anchors of a village, in minutes: they are evidence of when, not a clock.
const ANCHOR_MINUTES: i64 = 10;
/// The longest that a cosignature may be under way, in minutes.
const ANCHOR_AGE_MINUTES: i64 = 20;
/// How far a witness's clock may run ahead of the entry's, in minutes.
const AHEAD_MINUTES: i64 = 2;

pub(crate) fn vouched(case: &mut Case<'_>, act: &BallotVouched) -> Result<(), Rejection> {
    length(&act.ballots, 1, MAX_VOUCHED)?;
    let in_order = act.ballots.windows(2).all(|pair| pair[0].statement < pair[1].statement);
    ensure(in_order, Rule::ListForm, "sorted by statement, each once", "another list")?;
    let (session, voting) = (case.session()?, case.voting()?);
    check_vote(voting)?;
    for row in &act.ballots {
        check_row(session, voting, row, case.at.time)?;
    }
    let point = case.point(1);
    case.step_voting(|voting| {
        let entry = point.at.leaf;
        voting.vouched.extend(act.ballots.iter().map(|row| (row.statement, Vouched::of(row, entry))));
        voting.open.insert(entry, point);
    })
}

/// Whether an inspector may vouch for a ballot at `now`.
///
/// # Errors
/// The rule that stands against it.
pub fn may_vouch(session: &Session, voting: &Voting, row: &VouchedBallot, now: Time) -> Result<(), Rejection> {
    check_vote(voting)?;
    check_row(session, voting, row, now)
}

/// Whether ballots of a vote may be vouched for now: it has ballots by phone, and deliveries go on.
#[must_use]
pub fn takes_vouched(voting: &Voting) -> bool {
    check_vote(voting).is_ok()
}

fn check_vote(voting: &Voting) -> Result<(), Rejection> {
    let comes = matches!(voting.status, VotingStatus::Open | VotingStatus::Closed);
    ensure(comes, Rule::BallotLate, "before deliveries end", "after that")?;
    let online = voting.opening.mode == Mode::Named && voting.opening.channels.contains(&Channel::Online);
    ensure(online, Rule::BallotChannel, "a vote with ballots by phone", "one without")
}

/// A witness can be wrong, or lie: what it says is bounded by the vote's own times, and said once.
fn check_row(session: &Session, voting: &Voting, row: &VouchedBallot, now: Time) -> Result<(), Rejection> {
    ensure(!voting.vouched.contains_key(&row.statement), Rule::ListForm, "each ballot vouched once", row.statement)?;
    let known = session.roster.contains_key(&row.voter);
    ensure(known, Rule::VoterUnknown, "a number on the roster", row.voter)?;
    check_may_vote(voting, row.voter)?;
    let opened = voting.opened.time;
    let since = (opened..=now).contains(&row.received_at);
    ensure(since, Rule::ValueRange, format_args!("received between {opened} and {now}"), row.received_at)?;
    let closes = voting.opening.closes_at;
    let in_time = row.received_at < closes && voting.closed_at.is_none_or(|closed| row.received_at <= closed);
    ensure(in_time, Rule::BallotLate, voting.closed_at.unwrap_or(closes), row.received_at)
}

pub(crate) fn anchored(case: &mut Case<'_>, act: &TimeAnchored) -> Result<(), Rejection> {
    may_anchor(case.state, act, case.at.time)?;
    let TimeAnchored { size, root, cosigned_at, .. } = *act;
    case.put(Part::Anchor(Anchor { time: case.at.time, size, root, cosigned_at }));
    Ok(())
}

/// Whether a time anchor may come now. Its signature is checked where that can be done: the law knows no cryptography.
///
/// # Errors
/// `voting.state` or `anchor.wrong`.
pub fn may_anchor(state: &State, act: &TimeAnchored, now: Time) -> Result<(), Rejection> {
    let mut votes = state.sessions.values().flat_map(|session| session.votings.values());
    let open = votes.any(|voting| voting.status == VotingStatus::Open);
    ensure(open, Rule::VotingState, "an open vote", "none")?;
    let wrong =
        |holds: bool, expected: &dyn Display, found: &dyn Display| ensure(holds, Rule::AnchorWrong, expected, found);
    let cosigned = act.cosigned_at;
    wrong(cosigned.ms() % 1_000 == 0, &"whole seconds", &cosigned)?;
    wrong(act.size > 0, &"a log with entries", &act.size)?;
    let (oldest, newest) = (now.plus_ms(-ANCHOR_AGE_MINUTES * MINUTE_MS), now.plus_ms(AHEAD_MINUTES * MINUTE_MS));
    wrong((oldest..=newest).contains(&cosigned), &format_args!("from {oldest} to {newest}"), &cosigned)?;
    let Some(last) = &state.anchor else { return Ok(()) };
    let due = last.time.plus_ms(ANCHOR_MINUTES * MINUTE_MS);
    wrong(now >= due, &format_args!("not before {due}"), &now)?;
    wrong(cosigned > last.cosigned_at, &format_args!("later than {}", last.cosigned_at), &cosigned)?;
    let grown = act.size > last.size || (act.size == last.size && act.root == last.root);
    wrong(grown, &format_args!("the log of size {}, or grown", last.size), &act.size)
}

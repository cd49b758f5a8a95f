//! How far a session is, as everyone is told it: from the call to the minutes.

use sunvote::core::clock::Time;
use sunvote::core::ids::SessionId;
use sunvote::core::model::Category;
use sunvote::core::state::phase::Phase;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::{Asked, Draft};
use sunvote::log::scribe::voting::Vote;

use crate::support::{ASSEMBLY, at_ballot, delivered, gathered, village, voting};

fn at(scribe: &Scribe, session: SessionId, time: Time) -> Phase {
    let state = scribe.state();
    state.phase(state.session(session).unwrap(), time)
}

fn now(scribe: &Scribe, session: SessionId) -> Phase {
    at(scribe, session, scribe.now())
}

#[test]
fn a_call_is_to_come_as_long_as_a_vote_may_open_and_missed_after_it() {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.convene(ASSEMBLY, &[matter]).unwrap();
    let starts_at = scribe.state().session(session).unwrap().starts_at;
    assert_eq!(now(&scribe, session), Phase::Called);
    assert_eq!(at(&scribe, session, starts_at.plus_ms(-1)), Phase::Called);
    let last = starts_at.date().plus_days(2).start();
    assert_eq!(at(&scribe, session, last.plus_ms(-1)), Phase::Called, "it may still open on the next day");
    assert_eq!(at(&scribe, session, last), Phase::Missed);
    scribe.fix_roster(session).unwrap();
    assert_eq!(at(&scribe, session, starts_at.plus_ms(-7_200_001)), Phase::Called, "the door is shut");
    assert_eq!(at(&scribe, session, starts_at.plus_ms(-7_200_000)), Phase::CheckingIn);
    assert_eq!(at(&scribe, session, last.plus_ms(-1)), Phase::CheckingIn);
    assert_eq!(at(&scribe, session, last), Phase::Missed);
}

#[test]
fn an_announced_vote_waits_for_its_minutes_and_is_not_to_come() {
    let (scribe, vote) = voting(45);
    assert_eq!(now(&scribe, vote.session), Phase::Voting);
    let (mut scribe, vote) = delivered(45, &[("for", 45)]);
    assert_eq!(now(&scribe, vote.session), Phase::Sitting, "counting");
    scribe.open_ballots(&vote).unwrap();
    scribe.announce(&vote).unwrap();
    assert_eq!(now(&scribe, vote.session), Phase::Voted);
    assert!(!Phase::Voted.is_ahead());
    let item = scribe.state().session(vote.session).unwrap().item(vote.matter).unwrap();
    assert!(scribe.state().is_decided(scribe.state().session(vote.session).unwrap(), item));
    scribe.sign_minutes(vote.session).unwrap();
    assert_eq!(now(&scribe, vote.session), Phase::Over);
}

#[test]
fn a_session_sits_until_its_last_question_is_announced() {
    let mut scribe = village();
    let asked = ["q1", "q2"].map(|code| Asked::plain(code, "是否同意该方案")).to_vec();
    let draft = Draft { ballots: vec![(ASSEMBLY, asked)], ..Draft::of(Category::M02) };
    let matter = scribe.bring_to_ballot(&draft).unwrap();
    let session = scribe.gather(ASSEMBLY, &[matter], 45).unwrap();
    scribe.hold(&Vote::on(session, matter, "q1").unwrap(), &[("for", 45)]).unwrap();
    assert_eq!(now(&scribe, session), Phase::Sitting);
    scribe.hold(&Vote::on(session, matter, "q2").unwrap(), &[("for", 45)]).unwrap();
    assert_eq!(now(&scribe, session), Phase::Voted);
}

#[test]
fn members_gathered_before_the_vote_are_checking_in() {
    let (scribe, vote) = gathered(45);
    assert_eq!(now(&scribe, vote.session), Phase::CheckingIn);
}

//! One statement that breaks each rule of sessions and votes; [`crate::rules`] names them.

use sunvote::core::act::session::{RosterFixed, RosterRow};
use sunvote::core::act::{Act, Kind};
use sunvote::core::ids::{Digest, SessionId};
use sunvote::core::model::{Channel, Doc, Level, OptionCode, Role};
use sunvote::core::reject::Rejection;
use sunvote::core::statement::{Header, Part};
use sunvote::core::tally;
use sunvote::log::ledger::Appended;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Hand, Scribe};

use crate::rules::rejected;
use crate::support::{ASSEMBLY, at_ballot, delivered, enrol, gathered, gathered_under, key, on_vote, public, voting};

fn convened() -> (Scribe, SessionId) {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.convene(ASSEMBLY, &[matter]).unwrap();
    (scribe, session)
}

fn fix(scribe: &mut Scribe, session: SessionId, rows: Vec<RosterRow>, part: Part) -> Result<Appended, Rejection> {
    let header = Header::at(session).on(scribe.session_paper(session, Kind::SessionConvened));
    let header = Header { part: Some(part), ..header };
    scribe.act(&scribe.two(), header, Act::RosterFixed(RosterFixed { rows }))
}

fn rows(scribe: &Scribe) -> Vec<RosterRow> {
    let members = scribe.state().body_members(ASSEMBLY, None, scribe.now().date());
    (1..).zip(members).map(|(no, person)| RosterRow { no, person }).collect()
}

pub fn a_second_part_without_a_first() -> Rejection {
    let (mut scribe, session) = convened();
    let rows = rows(&scribe);
    rejected(fix(&mut scribe, session, rows, Part { part: 2, of: 2 }))
}

pub fn tellers_of_no_session() -> Rejection {
    let (mut scribe, _) = at_ballot();
    let session = scribe.new_session();
    rejected(scribe.name_tellers(session))
}

pub fn a_roster_after_cancelling() -> Rejection {
    let (mut scribe, session) = convened();
    let reason = scribe.text("台风");
    let header = Header::at(session).on(scribe.session_paper(session, Kind::SessionConvened));
    let act = Act::SessionCancelled(sunvote::core::act::matter::Reason { reason });
    scribe.act(&[scribe.hand(Role::Chair)], header, act).unwrap();
    rejected(scribe.fix_roster(session))
}

pub fn a_roster_without_its_last_member() -> Rejection {
    let (mut scribe, session) = convened();
    let mut rows = rows(&scribe);
    rows.pop();
    rejected(fix(&mut scribe, session, rows, Part { part: 1, of: 1 }))
}

pub fn a_ballot_in_another_voters_name() -> Rejection {
    let (mut scribe, vote) = voting(30);
    let (ballot, _) = scribe.ballot(&vote, 2, "for").unwrap();
    let header = on_vote(&vote, scribe.vote_paper(&vote, Kind::VotingOpened));
    let first = Hand::Person(scribe.voter(vote.session, 1), Role::Voter);
    rejected(scribe.act(&[first], header, Act::BallotCast(ballot)))
}

pub fn a_ballot_of_who_is_not_there() -> Rejection {
    let (mut scribe, vote) = voting(30);
    scribe.check_in(vote.session, 31).unwrap();
    rejected(scribe.cast(&vote, 31, "for"))
}

pub fn a_ballot_of_a_recused_member() -> Rejection {
    let (mut scribe, vote) = gathered_under(30, |profile| profile.recusal.allowed = true);
    scribe.recuse(vote.session, vote.matter, 3).unwrap();
    scribe.open_vote(&vote).unwrap();
    rejected(scribe.cast(&vote, 3, "for"))
}

pub fn a_ballot_by_a_key_from_after_the_opening() -> Rejection {
    let (mut scribe, vote) = voting(30);
    let person = scribe.voter(vote.session, 1);
    enrol(&mut scribe, person, public(&key(9))).unwrap();
    scribe.use_key(person, key(9));
    rejected(scribe.cast(&vote, 1, "for"))
}

pub fn an_opening_with_29_of_45() -> Rejection {
    let (mut scribe, vote) = gathered(29);
    rejected(scribe.open_vote(&vote))
}

pub fn a_failure_with_30_of_45() -> Rejection {
    let (mut scribe, vote) = gathered(30);
    rejected(scribe.fail(vote.session))
}

fn open(scribe: &mut Scribe, vote: &Vote, act: sunvote::core::act::voting::VotingOpened) -> Rejection {
    let header = on_vote(vote, scribe.roster(vote.session));
    rejected(scribe.act(&[scribe.hand(Role::Chair)], header, Act::VotingOpened(act)))
}

pub fn an_opening_that_counts_one_too_many() -> Rejection {
    let (mut scribe, vote) = gathered(30);
    let mut act = scribe.opening_of(&vote).unwrap();
    act.present += 1;
    open(&mut scribe, &vote, act)
}

pub fn one_person_calls_and_counts() -> Rejection {
    let (mut scribe, vote) = gathered(30);
    let (one, two) = (scribe.representative(0), scribe.representative(1));
    rejected(scribe.name_tellers_as(vote.session, [one, one, two]))
}

pub fn an_opening_with_another_plan() -> Rejection {
    let (mut scribe, vote) = gathered(30);
    let mut act = scribe.opening_of(&vote).unwrap();
    act.plan = Digest([7; 32]);
    open(&mut scribe, &vote, act)
}

pub fn an_opening_with_named_papers_and_no_paper() -> Rejection {
    let (mut scribe, vote) = gathered(30);
    let mut act = scribe.opening_of(&vote).unwrap();
    (act.channels, act.named_papers) = (vec![Channel::Online], true);
    open(&mut scribe, &vote, act)
}

pub fn a_secret_paper_by_its_voter() -> Rejection {
    let (mut scribe, vote) = voting(30);
    scribe.issue_paper(&vote, &[1]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    rejected(scribe.count_named(&vote, &[(1, "for")], 0))
}

pub fn photographs_for_everyone() -> Rejection {
    let (mut scribe, vote) = voting(30);
    scribe.issue_paper(&vote, &[1]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    let photos = Doc { level: Level::Public, ..scribe.album(1) };
    rejected(scribe.count_with_photos(&vote, &[1, 0, 0], &[photos]))
}

pub fn a_second_opening() -> Rejection {
    let (mut scribe, vote) = voting(30);
    rejected(scribe.open_vote(&vote))
}

pub fn a_withdrawal_during_the_vote() -> Rejection {
    let (mut scribe, vote) = voting(30);
    rejected(scribe.withdraw(vote.matter, "撤回"))
}

pub fn a_ballot_after_closing() -> Rejection {
    let (mut scribe, vote) = voting(30);
    scribe.close_on_time(&vote).unwrap();
    rejected(scribe.cast(&vote, 1, "for"))
}

pub fn an_older_revision() -> Rejection {
    let (mut scribe, vote) = voting(30);
    let (first, _) = scribe.ballot(&vote, 1, "for").unwrap();
    scribe.cast(&vote, 1, "against").unwrap();
    let header = on_vote(&vote, scribe.vote_paper(&vote, Kind::VotingOpened));
    let by = Hand::Person(scribe.voter(vote.session, 1), Role::Voter);
    rejected(scribe.act(&[by], header, Act::BallotCast(first)))
}

pub fn a_ballot_by_a_closed_channel() -> Rejection {
    let (mut scribe, vote) = voting(30);
    let (mut ballot, _) = scribe.ballot(&vote, 1, "for").unwrap();
    ballot.channel = Channel::Kiosk;
    let header = on_vote(&vote, scribe.vote_paper(&vote, Kind::VotingOpened));
    let by = Hand::Person(scribe.voter(vote.session, 1), Role::Voter);
    rejected(scribe.act(&[by], header, Act::BallotCast(ballot)))
}

pub fn a_ballot_beside_paper() -> Rejection {
    let (mut scribe, vote) = voting(30);
    scribe.issue_paper(&vote, &[1]).unwrap();
    rejected(scribe.cast(&vote, 1, "for"))
}

pub fn closing_before_all_have_voted() -> Rejection {
    let (mut scribe, vote) = voting(30);
    scribe.cast_all(&vote, &[("for", 29)]).unwrap();
    rejected(scribe.close(&vote))
}

pub fn another_choice_than_was_cast() -> Rejection {
    let (mut scribe, vote) = delivered(30, &[("against", 30)]);
    let mut openings = scribe.counting_openings(&vote);
    openings[0].choice = OptionCode::FOR.parse().unwrap();
    rejected(scribe.open_ballots_with(&vote, &openings))
}

pub fn a_result_without_every_opening() -> Rejection {
    let (mut scribe, vote) = delivered(30, &[("for", 30)]);
    let openings = scribe.counting_openings(&vote);
    scribe.open_ballots_with(&vote, &openings[1..]).unwrap();
    rejected(scribe.announce(&vote))
}

pub fn openings_before_the_paper_count() -> Rejection {
    let (mut scribe, vote) = voting(30);
    scribe.issue_paper(&vote, &[1]).unwrap();
    scribe.cast_all(&vote, &[("for", 29)]).unwrap();
    scribe.close(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    rejected(scribe.open_ballots(&vote))
}

pub fn a_count_without_every_option() -> Rejection {
    let (mut scribe, vote) = voting(30);
    scribe.issue_paper(&vote, &[1]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    rejected(scribe.count_paper(&vote, &[1, 0], 0))
}

pub fn a_result_with_more_paper_than_issued() -> Rejection {
    let (mut scribe, vote) = voting(30);
    scribe.issue_paper(&vote, &[1]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    scribe.count_paper(&vote, &[2, 0, 0], 0).unwrap();
    rejected(scribe.announce(&vote))
}

pub fn a_result_that_is_not_the_ballots() -> Rejection {
    let (mut scribe, vote) = delivered(30, &[("for", 15), ("against", 15)]);
    scribe.open_ballots(&vote).unwrap();
    let session = scribe.state().session(vote.session).unwrap();
    let item = session.item(vote.matter).unwrap();
    let profile = sunvote::core::judge::session::profile_of(scribe.state(), item).unwrap();
    let mut result = tally::result(profile, &tally::gather(scribe.voting(&vote).unwrap()));
    result.passed = true;
    let header = on_vote(&vote, scribe.vote_paper(&vote, Kind::DeliveriesEnded));
    let by = [scribe.hand(Role::Chair), scribe.hand(Role::SupervisionCommittee)];
    rejected(scribe.act(&by, header, Act::ResultAnnounced(result)))
}

//! What witnesses bring: ballots they received from voters whom the server refused, and times they signed.

use sunvote::core::act::voting::{PaperIssued, TimeAnchored, VoidReason, VouchedBallot};
use sunvote::core::act::{Act, Kind};
use sunvote::core::clock::{MINUTE_MS, Time};
use sunvote::core::ids::Digest;
use sunvote::core::judge::Remark;
use sunvote::core::judge::voting::LEAST_GRACE;
use sunvote::core::model::{Category, Channel, Role};
use sunvote::core::reject::{Rejection, Rule};
use sunvote::core::state::voting::VotingStatus;
use sunvote::core::statement::Header;
use sunvote::log::ledger::Appended;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::witness::Refused;
use sunvote::log::scribe::{Hand, Scribe};
use sunvote::log::verify::law::Law;
use sunvote::log::verify::{Options, Verdict, verify};

use crate::support::{ASSEMBLY, counts, key, on_vote, refused, result_of, village};

/// An open vote of thirty who are there, in a village whose district has an inspector.
pub fn inspected() -> (Scribe, Vote) {
    inspected_by(&[Channel::Online, Channel::Paper])
}

/// The same, by these ways.
fn inspected_by(channels: &[Channel]) -> (Scribe, Vote) {
    let mut scribe = village();
    scribe.enrol_inspector().unwrap();
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    let session = scribe.gather_by(ASSEMBLY, &[matter], 30, channels).unwrap();
    let vote = Vote::on(session, matter, "q1").unwrap();
    scribe.open_vote(&vote).unwrap();
    scribe.wait_minutes(1);
    (scribe, vote)
}

fn closes_at(scribe: &Scribe, vote: &Vote) -> Time {
    scribe.voting(vote).unwrap().opening.closes_at
}

/// A minute before closing a voter's ballot is refused, and a witness receives it at once. Fifteen others have voted.
fn refused_at_the_end() -> (Scribe, Vote, Refused, Time) {
    let (mut scribe, vote) = inspected();
    scribe.cast_all(&vote, &[("for", 15)]).unwrap();
    let received = closes_at(&scribe, &vote).plus_ms(-MINUTE_MS);
    let ballot = scribe.at(received).sign_ballot(&vote, 20, "for").unwrap();
    (scribe, vote, ballot, received)
}

/// As [`refused_at_the_end`], closed and vouched for in the grace.
fn vouched() -> (Scribe, Vote, Refused) {
    let (mut scribe, vote, ballot, received) = refused_at_the_end();
    scribe.close_on_time(&vote).unwrap();
    scribe.wait_minutes(1).vouch(&vote, vec![ballot.received(received)]).unwrap();
    (scribe, vote, ballot)
}

fn verdict(scribe: &Scribe) -> Verdict {
    verify(scribe.export().unwrap().as_slice(), &mut Law::new(None), &Options::default(), |_| {}).verdict()
}

#[test]
fn a_ballot_that_a_witness_received_in_time_counts_after_closing_and_decides() {
    let (mut scribe, vote, ballot) = vouched();
    let cast = scribe.wait_minutes(3).append(&ballot.signed).unwrap();
    assert_eq!(cast.remarks, [Remark::Vouched]);
    scribe.end_deliveries(&vote).unwrap();
    scribe.open_ballots(&vote).unwrap();
    assert_eq!(scribe.announce(&vote).unwrap().remarks, []);
    assert_eq!(counts(&result_of(&scribe, vote.matter)), [16, 0, 0]);
    assert!(result_of(&scribe, vote.matter).passed);
    assert_eq!(verdict(&scribe), Verdict::Lawful);
}

#[test]
fn without_the_inspectors_word_the_same_ballot_is_late() {
    let (mut scribe, vote, ballot, _) = refused_at_the_end();
    scribe.close_on_time(&vote).unwrap();
    refused(scribe.wait_minutes(1).append(&ballot.signed), Rule::BallotLate);
}

#[test]
fn a_vouched_ballot_is_admitted_until_deliveries_end_and_not_after() {
    let (mut scribe, vote, ballot) = vouched();
    scribe.end_deliveries(&vote).unwrap();
    refused(scribe.append(&ballot.signed), Rule::BallotLate);
}

#[test]
fn two_who_count_hand_out_no_paper_over_a_vouched_ballot_that_has_not_come() {
    let (mut scribe, vote) = inspected();
    let ballot = scribe.sign_ballot(&vote, 1, "for").unwrap();
    let received = scribe.now();
    scribe.wait_minutes(1).vouch(&vote, vec![ballot.received(received)]).unwrap();
    let tellers = scribe.state().session(vote.session).unwrap().tellers.clone().unwrap();
    let by = [Hand::Person(tellers.counter, Role::Counter), Hand::Person(tellers.scrutineer, Role::Scrutineer)];
    let header = on_vote(&vote, scribe.vote_paper(&vote, Kind::VotingOpened));
    let paper = |scribe: &Scribe, voter| {
        let act = Act::PaperIssued(PaperIssued { voters: vec![voter] });
        scribe.sign(&by, &scribe.draft(&by, header.clone(), act).unwrap()).unwrap()
    };
    refused(scribe.append(&paper(&scribe, 1)), Rule::SignerRole);
    scribe.append(&paper(&scribe, 2)).unwrap();
    scribe.append(&ballot.signed).unwrap();
}

#[test]
fn while_the_vote_is_open_a_vouched_ballot_may_be_older_than_ten_minutes() {
    let (mut scribe, vote) = inspected();
    let ballot = scribe.sign_ballot(&vote, 1, "for").unwrap();
    let received = scribe.now().plus_ms(MINUTE_MS);
    refused(scribe.wait_minutes(12).append(&ballot.signed), Rule::StatementTime);
    scribe.vouch(&vote, vec![ballot.received(received)]).unwrap();
    assert_eq!(scribe.append(&ballot.signed).unwrap().remarks, [Remark::Vouched]);
    refused(scribe.wait_minutes(1).append(&ballot.signed), Rule::StatementTime);
}

#[test]
fn a_ballot_signed_long_before_it_was_received_is_not_admitted() {
    let (mut scribe, vote) = inspected();
    let ballot = scribe.sign_ballot(&vote, 1, "for").unwrap();
    let received = scribe.wait_minutes(11).now();
    scribe.vouch(&vote, vec![ballot.received(received)]).unwrap();
    refused(scribe.append(&ballot.signed), Rule::StatementTime);
}

#[test]
fn a_vouched_ballot_that_comes_as_usual_needs_no_remark() {
    let (mut scribe, vote) = inspected();
    let (ballot, now) = (scribe.sign_ballot(&vote, 1, "for").unwrap(), scribe.now());
    scribe.vouch(&vote, vec![ballot.received(now)]).unwrap();
    assert_eq!(scribe.append(&ballot.signed).unwrap().remarks, []);
    // It is on record: a copy is refused as any other.
    refused(scribe.append(&ballot.signed), Rule::StatementReplayed);
}

/// Vouches for a ballot of voter 20 as changed by `with`, in the grace.
fn vouch_changed(with: impl FnOnce(&mut VouchedBallot, &Scribe, &Vote)) -> Result<Appended, Rejection> {
    let (mut scribe, vote, ballot, received) = refused_at_the_end();
    scribe.close_on_time(&vote).unwrap();
    let mut row = ballot.received(received);
    with(&mut row, scribe.wait_minutes(1), &vote);
    scribe.vouch(&vote, vec![row])
}

#[test]
fn an_inspector_can_not_vouch_beyond_the_votes_own_times() {
    let opened = |scribe: &Scribe, vote: &Vote| scribe.voting(vote).unwrap().opened.time;
    let before = vouch_changed(|row, scribe, vote| row.received_at = opened(scribe, vote).plus_ms(-1));
    refused(before, Rule::ValueRange);
    vouch_changed(|row, scribe, vote| row.received_at = opened(scribe, vote)).unwrap();
    refused(vouch_changed(|row, scribe, _| row.received_at = scribe.now().plus_ms(1)), Rule::ValueRange);
    refused(vouch_changed(|row, scribe, vote| row.received_at = closes_at(scribe, vote)), Rule::BallotLate);
    vouch_changed(|row, scribe, vote| row.received_at = closes_at(scribe, vote).plus_ms(-1)).unwrap();
}

#[test]
fn an_inspector_can_not_vouch_past_an_early_closing() {
    let (mut scribe, vote) = inspected();
    scribe.cast_all(&vote, &[("for", 30)]).unwrap();
    let ballot = scribe.sign_ballot(&vote, 1, "against").unwrap();
    let closed = scribe.close(&vote).unwrap().at.time;
    refused(scribe.wait_ms(1).vouch(&vote, vec![ballot.received(closed.plus_ms(1))]), Rule::BallotLate);
    scribe.vouch(&vote, vec![ballot.received(closed)]).unwrap();
    scribe.append(&ballot.signed).unwrap();
}

#[test]
fn an_inspector_vouches_for_voters_of_this_vote_only() {
    refused(vouch_changed(|row, _, _| row.voter = 46), Rule::VoterUnknown);
    refused(vouch_changed(|row, _, _| row.voter = 31), Rule::VoterAbsent);
    let (mut scribe, vote, ballot) = vouched();
    refused(
        scribe.end_deliveries(&vote).and_then(|_| scribe.vouch(&vote, vec![ballot.received(scribe.now())])),
        Rule::BallotLate,
    );
}

#[test]
fn what_is_vouched_for_is_said_once_and_not_changed() {
    let (mut scribe, vote, ballot) = vouched();
    let earlier = ballot.received(closes_at(&scribe, &vote).plus_ms(-5 * MINUTE_MS));
    refused(scribe.vouch(&vote, vec![earlier]), Rule::ListForm);
    let one = VouchedBallot { statement: Digest([7; 32]), ..earlier };
    refused(scribe.vouch(&vote, vec![one, one]), Rule::ListForm);
    refused(scribe.vouch(&vote, Vec::new()), Rule::ListForm);
}

#[test]
fn nobody_but_an_inspector_vouches() {
    let (mut scribe, vote, ballot, received) = refused_at_the_end();
    let rows = || sunvote::core::act::voting::BallotVouched { ballots: vec![ballot.received(received)] };
    let header = on_vote(&vote, scribe.vote_paper(&vote, Kind::VotingOpened));
    for role in [Role::TownshipDisciplineOfficer, Role::SupervisionCommittee, Role::Chair] {
        let by = [scribe.hand(role)];
        refused(scribe.act(&by, header.clone(), Act::BallotVouched(rows())), Rule::SignerRole);
    }
    refused(scribe.act(&[Hand::Log], header, Act::BallotVouched(rows())), Rule::SignerRole);
}

#[test]
fn a_vouched_ballot_is_judged_as_any_other() {
    let (mut scribe, vote, ballot, received) = refused_at_the_end();
    scribe.issue_paper(&vote, &[20]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.vouch(&vote, vec![ballot.received(received)]).unwrap();
    refused(scribe.append(&ballot.signed), Rule::BallotPaper);
}

#[test]
fn a_row_of_another_voter_or_revision_admits_nothing() {
    for wrong in [(21, 1), (20, 2)] {
        let (mut scribe, vote, ballot, received) = refused_at_the_end();
        let row = VouchedBallot { voter: wrong.0, revision: wrong.1, ..ballot.received(received) };
        scribe.close_on_time(&vote).unwrap();
        scribe.vouch(&vote, vec![row]).unwrap();
        refused(scribe.append(&ballot.signed), Rule::BallotLate);
    }
}

#[test]
fn nothing_is_counted_or_opened_while_a_vouched_ballot_is_missing() {
    let (mut scribe, vote, _) = vouched();
    let answered = |scribe: &mut Scribe| scribe.answer_dispute(&vote, "本人未再送来选票");
    // Still on its way: nobody answers it away.
    refused(answered(&mut scribe), Rule::VotingState);
    scribe.end_deliveries(&vote).unwrap();
    refused(scribe.open_ballots(&vote), Rule::OpenPoint);
    answered(&mut scribe).unwrap();
    scribe.open_ballots(&vote).unwrap();
    let result = scribe.announce(&vote).unwrap();
    assert_eq!(result.remarks, [Remark::VouchedMissing]);
    assert!(!result_of(&scribe, vote.matter).passed);
    assert_eq!(verdict(&scribe), Verdict::Lawful);
}

#[test]
fn papers_are_not_counted_while_a_vouched_ballot_is_missing() {
    let (mut scribe, vote, ballot, received) = refused_at_the_end();
    scribe.issue_paper(&vote, &[25]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.vouch(&vote, vec![ballot.received(received)]).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    refused(scribe.count_paper(&vote, &[1, 0, 0], 0), Rule::OpenPoint);
    scribe.answer_dispute(&vote, "本人未再送来选票").unwrap();
    scribe.count_paper(&vote, &[1, 0, 0], 0).unwrap();
}

#[test]
fn a_vote_that_lacks_a_vouched_ballot_can_be_voided_and_held_again() {
    let (mut scribe, vote, _) = vouched();
    scribe.end_deliveries(&vote).unwrap();
    scribe.void_vote(&vote, VoidReason::Dispute).unwrap();
    scribe.hold(&vote, &[("for", 30)]).unwrap();
    assert!(result_of(&scribe, vote.matter).passed);
}

#[test]
fn a_newer_ballot_or_a_paper_makes_a_vouched_one_needless() {
    let (mut scribe, vote) = inspected();
    let (first, second) = (scribe.sign_ballot(&vote, 1, "for").unwrap(), scribe.sign_ballot(&vote, 2, "for").unwrap());
    let now = scribe.now();
    scribe.vouch(&vote, vec![first.received(now), second.received(now)]).unwrap();
    let waiting = |scribe: &Scribe| scribe.voting(&vote).unwrap().waiting().count();
    assert_eq!((waiting(&scribe), scribe.voting(&vote).unwrap().missing().count()), (1, 2));
    scribe.cast(&vote, 1, "against").unwrap();
    assert_eq!((waiting(&scribe), scribe.voting(&vote).unwrap().missing().count()), (1, 1));
    scribe.issue_paper(&vote, &[2]).unwrap();
    assert_eq!(waiting(&scribe), 0);
    // The older of one voter's two ballots admits itself no more.
    refused(scribe.wait_minutes(1).append(&first.signed), Rule::BallotRevision);
}

#[test]
fn where_an_inspector_is_there_to_vouch_a_vote_by_phone_has_a_grace() {
    let (mut scribe, vote) = inspected();
    assert_eq!(scribe.voting(&vote).unwrap().opening.grace_minutes, LEAST_GRACE);
    scribe.void_vote(&vote, VoidReason::Failure).unwrap();
    let mut opening = scribe.opening_of(&vote).unwrap();
    for (grace, lawful) in [(LEAST_GRACE - 1, false), (121, false), (120, true)] {
        opening.grace_minutes = grace;
        let header = on_vote(&vote, scribe.roster(vote.session));
        let chair = scribe.hand(Role::Chair);
        let opened = scribe.act(&[chair], header, Act::VotingOpened(opening.clone()));
        if lawful { opened.map(|_| ()).unwrap() } else { refused(opened, Rule::ValueRange) }
    }
}

#[test]
fn deliveries_end_only_after_the_grace_where_somebody_has_not_voted() {
    let (mut scribe, vote) = inspected();
    let closed = scribe.close_on_time(&vote).unwrap().at.time;
    let header = on_vote(&vote, scribe.vote_paper(&vote, Kind::VotingClosed));
    let end = Act::DeliveriesEnded(sunvote::core::act::voting::Nothing {});
    let ends = closed.plus_ms(i64::from(LEAST_GRACE) * MINUTE_MS);
    refused(scribe.at(ends.plus_ms(-1)).act(&[Hand::Log], header.clone(), end.clone()), Rule::CloseEarly);
    scribe.at(ends).act(&[Hand::Log], header, end).unwrap();
}

#[test]
fn where_all_have_voted_and_nothing_is_to_come_nobody_waits() {
    let (mut scribe, vote) = inspected_by(&[Channel::Online]);
    scribe.cast_all(&vote, &[("for", 30)]).unwrap();
    let closed = scribe.close(&vote).unwrap().at.time;
    assert_eq!(scribe.end_deliveries(&vote).unwrap().at.time, closed);
    // With a later ballot of one of them vouched for, the grace is waited for after all.
    let (mut scribe, vote) = inspected_by(&[Channel::Online]);
    scribe.cast_all(&vote, &[("for", 30)]).unwrap();
    let (ballot, now) = (scribe.sign_ballot(&vote, 1, "against").unwrap(), scribe.now());
    scribe.vouch(&vote, vec![ballot.received(now)]).unwrap();
    let closed = scribe.close(&vote).unwrap().at.time;
    let ended = scribe.end_deliveries(&vote).unwrap().at.time;
    assert_eq!(ended, closed.plus_ms(i64::from(LEAST_GRACE) * MINUTE_MS));
}

#[test]
fn who_has_only_a_vouched_ballot_has_not_voted_yet() {
    let (mut scribe, vote) = inspected();
    scribe.cast_all(&vote, &[("for", 29)]).unwrap();
    let (ballot, now) = (scribe.sign_ballot(&vote, 30, "for").unwrap(), scribe.now());
    scribe.vouch(&vote, vec![ballot.received(now)]).unwrap();
    refused(scribe.close(&vote), Rule::CloseEarly);
    scribe.append(&ballot.signed).unwrap();
    scribe.close(&vote).unwrap();
    assert_eq!(scribe.voting(&vote).unwrap().status, VotingStatus::Closed);
}

/// An anchor of this size, cosigned so long ago.
pub fn anchor(scribe: &Scribe, size: u64, age_ms: i64) -> TimeAnchored {
    scribe.anchor_of(&key(70), size, Digest([9; 32]), scribe.now().plus_ms(-age_ms)).unwrap()
}

#[test]
fn a_cosigned_checkpoint_of_the_district_is_recorded_while_people_vote() {
    let (mut scribe, vote) = inspected();
    scribe.anchor(anchor(&scribe, 400, 5_000)).unwrap();
    scribe.wait_minutes(10);
    scribe.anchor(anchor(&scribe, 400, 5_000)).unwrap();
    scribe.close_on_time(&vote).unwrap();
    refused(scribe.anchor(anchor(&scribe, 500, 5_000)), Rule::VotingState);
    assert_eq!(verdict(&scribe), Verdict::Lawful);
    assert_eq!(scribe.state().district_origin(), "liandu.example/log/d/331102");
}

#[test]
fn an_anchor_comes_at_most_every_ten_minutes() {
    let (mut scribe, _) = inspected();
    scribe.anchor(anchor(&scribe, 400, 5_000)).unwrap();
    scribe.wait_ms(10 * MINUTE_MS - 1);
    refused(scribe.anchor(anchor(&scribe, 401, 5_000)), Rule::AnchorWrong);
    scribe.wait_ms(1);
    scribe.anchor(anchor(&scribe, 401, 5_000)).unwrap();
}

#[test]
fn an_anchor_is_cosigned_about_when_it_is_made() {
    for (age, lawful) in [(20 * MINUTE_MS, true), (20 * MINUTE_MS + 1_000, false), (-2 * MINUTE_MS, true)] {
        let (mut scribe, _) = inspected();
        let made = scribe.anchor(anchor(&scribe, 400, age));
        if lawful { made.map(|_| ()).unwrap() } else { refused(made, Rule::AnchorWrong) }
    }
    let (mut scribe, _) = inspected();
    refused(scribe.anchor(anchor(&scribe, 400, -2 * MINUTE_MS - 1_000)), Rule::AnchorWrong);
}

#[test]
fn anchors_follow_the_districts_log_as_it_grows() {
    let (mut scribe, _) = inspected();
    refused(scribe.anchor(anchor(&scribe, 0, 0)), Rule::AnchorWrong);
    scribe.anchor(anchor(&scribe, 400, 0)).unwrap();
    scribe.wait_minutes(10);
    let other = scribe.anchor_of(&key(70), 400, Digest([8; 32]), scribe.now()).unwrap();
    refused(scribe.anchor(other), Rule::AnchorWrong);
    refused(scribe.anchor(anchor(&scribe, 399, 0)), Rule::AnchorWrong);
    refused(scribe.anchor(anchor(&scribe, 401, 10 * MINUTE_MS)), Rule::AnchorWrong);
    scribe.anchor(anchor(&scribe, 401, 0)).unwrap();
}

#[test]
fn an_anchor_whose_cosignature_does_not_fit_is_refused() {
    let changes: [fn(&mut TimeAnchored); 5] = [
        |act| act.size += 1,
        |act| act.root = Digest([1; 32]),
        |act| act.cosigned_at = act.cosigned_at.plus_ms(-1_000),
        |act| act.signature.0[0] ^= 1,
        |act| act.witness.0 = [0; 32],
    ];
    for change in changes {
        let (mut scribe, _) = inspected();
        let mut made = anchor(&scribe, 400, 0);
        change(&mut made);
        refused(scribe.anchor(made), Rule::StatementSignature);
    }
    let (mut scribe, _) = inspected();
    let mut made = anchor(&scribe, 400, 0);
    made.cosigned_at = made.cosigned_at.plus_ms(1);
    refused(scribe.anchor(made), Rule::AnchorWrong);
}

#[test]
fn only_the_log_anchors() {
    let (mut scribe, _) = inspected();
    let act = Act::TimeAnchored(anchor(&scribe, 400, 0));
    refused(scribe.act(&[scribe.hand(Role::DisciplineInspector)], Header::default(), act), Rule::SignerRole);
}

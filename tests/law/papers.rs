//! Papers in the box: entered after the closing where the hall was cut off, and counted a second time where a count is disputed.

use sunvote::core::act::voting::{PaperIssued, VoidReason};
use sunvote::core::act::{Act, Kind};
use sunvote::core::judge::Remark;
use sunvote::core::model::{Channel, Doc, Level, Media, Role};
use sunvote::core::reject::Rule;
use sunvote::core::state::voting::VotingStatus;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Hand, Scribe};
use sunvote::log::signed::Signed;

use crate::support::{counts, gathered, hand, on_vote, refused, result_of};
use crate::terminals;

/// Thirty are there; the vote goes by these ways, with so many minutes of grace.
fn open(channels: &[Channel], grace: u16) -> (Scribe, Vote) {
    let (mut scribe, vote) = gathered(30);
    let mut act = scribe.opening_of(&vote).unwrap();
    (act.channels, act.grace_minutes) = (channels.to_vec(), grace);
    let header = on_vote(&vote, scribe.roster(vote.session));
    scribe.act(&[scribe.hand(Role::Chair)], header, Act::VotingOpened(act)).unwrap();
    scribe.wait_minutes(1);
    (scribe, vote)
}

const MIXED: [Channel; 2] = [Channel::Online, Channel::Paper];

fn tellers(scribe: &Scribe, vote: &Vote) -> [Hand; 2] {
    let tellers = scribe.state().session(vote.session).unwrap().tellers.clone().unwrap();
    [hand(tellers.counter, Role::Counter), hand(tellers.scrutineer, Role::Scrutineer)]
}

#[test]
fn what_a_hall_handed_out_before_the_closing_is_entered_until_deliveries_end() {
    let (mut scribe, vote) = open(&[Channel::Paper], 30);
    let early = scribe.sign_papers(&vote, &[1, 2]).unwrap();
    let closes_at = scribe.voting(&vote).unwrap().opening.closes_at;
    let last = scribe.at(closes_at.plus_ms(-1)).sign_papers(&vote, &[3]).unwrap();
    let late = scribe.at(closes_at).sign_papers(&vote, &[4]).unwrap();
    // Nobody has closed the vote yet, and its time has come.
    assert_eq!(scribe.append(&early).unwrap().remarks, [Remark::PaperDeliveredLate]);
    refused(scribe.append(&late), Rule::BallotLate);
    scribe.close_on_time(&vote).unwrap();
    refused(scribe.append(&late), Rule::BallotLate);
    let mut over = scribe.clone();
    over.end_deliveries(&vote).unwrap();
    refused(over.append(&last), Rule::BallotLate);
    assert_eq!(scribe.wait_minutes(29).append(&last).unwrap().remarks, [Remark::PaperDeliveredLate]);
    scribe.end_deliveries(&vote).unwrap();
    assert_eq!(scribe.count_paper(&vote, &[3, 0, 0], 0).unwrap().remarks, [Remark::FewPapers]);
    scribe.announce(&vote).unwrap();
    assert_eq!(counts(&result_of(&scribe, vote.matter)), [3, 0, 0]);
}

#[test]
fn a_late_paper_takes_a_phones_ballot_away_only_with_the_voter_or_the_committee() {
    let (mut scribe, vote) = open(&MIXED, 30);
    let [_, scrutineer] = tellers(&scribe, &vote);
    let header = on_vote(&vote, scribe.vote_paper(&vote, Kind::VotingOpened));
    let by = [scribe.hand(Role::Clerk), scrutineer];
    let act = Act::PaperIssued(PaperIssued { voters: vec![1] });
    let signed = scribe.sign(&by, &scribe.draft(&by, header, act).unwrap()).unwrap();
    let seen = scribe.sign_papers(&vote, &[1]).unwrap();
    scribe.wait_minutes(1).cast(&vote, 1, "against").unwrap();
    scribe.close_on_time(&vote).unwrap();
    refused(scribe.append(&signed), Rule::SignerRole);
    scribe.append(&seen).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    scribe.count_paper(&vote, &[1, 0, 0], 0).unwrap();
    scribe.open_ballots(&vote).unwrap();
    scribe.announce(&vote).unwrap();
    assert_eq!(counts(&result_of(&scribe, vote.matter)), [1, 0, 0]);
}

/// A paper for a voter, signed now by the two who count.
fn by_tellers(scribe: &Scribe, vote: &Vote, voter: u32) -> Signed {
    let by = tellers(scribe, vote);
    let header = on_vote(vote, scribe.vote_paper(vote, Kind::VotingOpened));
    let act = Act::PaperIssued(PaperIssued { voters: vec![voter] });
    scribe.sign(&by, &scribe.draft(&by, header, act).unwrap()).unwrap()
}

#[test]
fn who_counts_takes_no_effect_from_a_ballot_that_waits_in_a_terminal() {
    let (mut scribe, vote, mut terminal) = terminals::hall();
    let ballot = scribe.take_at(&vote, &mut terminal, (1, 1), "for").unwrap();
    let paper = by_tellers(&scribe, &vote, 1);
    refused(scribe.append(&paper), Rule::SignerRole);
    let mut seen = scribe.clone();
    seen.append(&scribe.sign_papers(&vote, &[1]).unwrap()).unwrap();
    assert_eq!(
        seen.append(&ballot).unwrap().remarks,
        [Remark::BallotOvertaken],
        "the committee saw it, and it is told"
    );
    scribe.append(&ballot).unwrap();
    refused(scribe.append(&paper), Rule::SignerRole);
}

#[test]
fn who_counts_enters_no_paper_after_the_closing() {
    let (mut scribe, vote) = open(&MIXED, 30);
    let (in_time, late) = (by_tellers(&scribe, &vote, 1), by_tellers(&scribe, &vote, 2));
    scribe.append(&in_time).unwrap();
    scribe.close_on_time(&vote).unwrap();
    refused(scribe.append(&late), Rule::SignerRole);
}

#[test]
fn a_vote_closed_early_waits_for_papers_that_could_have_been_handed_out() {
    let (mut scribe, vote) = open(&MIXED, 30);
    let handed = scribe.sign_papers(&vote, &[1]).unwrap();
    scribe.cast_all(&vote, &[("against", 29)]).unwrap();
    scribe.wait_minutes(1).issue_paper(&vote, &[30]).unwrap();
    scribe.close(&vote).unwrap();
    let closed = scribe.now();
    let after = scribe.wait_ms(1).sign_papers(&vote, &[2]).unwrap();
    assert_eq!(scribe.voting(&vote).unwrap().deliveries_until(), Some(closed.plus_ms(30 * 60_000)));
    refused(scribe.append(&after), Rule::BallotLate);
    scribe.append(&handed).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    assert!(scribe.now() >= closed.plus_ms(30 * 60_000));
    scribe.count_paper(&vote, &[2, 0, 0], 0).unwrap();
    scribe.open_ballots(&vote).unwrap();
    scribe.announce(&vote).unwrap();
    assert_eq!(counts(&result_of(&scribe, vote.matter)), [2, 28, 0]);
}

#[test]
fn a_vote_closed_early_waits_for_nobody_where_all_hold_papers_or_nobody_can() {
    let (mut scribe, vote) = open(&[Channel::Paper], 30);
    scribe.issue_paper(&vote, &(1..=30).collect::<Vec<_>>()).unwrap();
    scribe.close(&vote).unwrap();
    assert_eq!(scribe.voting(&vote).unwrap().deliveries_until(), Some(scribe.now()));
    let (mut scribe, vote) = open(&[Channel::Online], 30);
    scribe.cast_all(&vote, &[("for", 30)]).unwrap();
    scribe.close(&vote).unwrap();
    assert_eq!(scribe.voting(&vote).unwrap().deliveries_until(), Some(scribe.now()));
}

/// Five papers: counted, and the count has been read out. `opened`: the phones' ballots are open, too.
fn counted(opened: bool) -> (Scribe, Vote) {
    let (mut scribe, vote) = open(&MIXED, 0);
    scribe.issue_paper(&vote, &[1, 2, 3, 4, 5]).unwrap();
    scribe.cast_all(&vote, &[("for", 13), ("against", 12)]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    scribe.count_paper(&vote, &[2, 2, 0], 0).unwrap();
    if opened {
        scribe.open_ballots(&vote).unwrap();
    }
    scribe.wait_minutes(1);
    (scribe, vote)
}

#[test]
fn a_disputed_count_is_done_again_once_and_both_stay() {
    for opened in [false, true] {
        let (mut scribe, vote) = counted(opened);
        scribe.dispute(&vote, 9, "唱票时看见少计一张").unwrap();
        let waits = if opened { Rule::OpenPoint } else { Rule::VotingState };
        refused(scribe.announce(&vote), waits);
        let again = scribe.recount_paper(&vote, &[3, 2, 0], 0).unwrap();
        assert_eq!(again.remarks, [Remark::Recounted]);
        let voting = scribe.voting(&vote).unwrap();
        assert_eq!(voting.count_replaced.as_ref().map(|first| first.in_box), Some(4));
        assert!(voting.papers.paper(Kind::PaperCounted).is_some(), "the first count stays on record");
        assert_eq!(voting.waiting().count(), 0, "the recount is the answer");
        scribe.wait_minutes(1).dispute(&vote, 10, "再点一次").unwrap();
        refused(scribe.recount_paper(&vote, &[2, 3, 0], 0), Rule::VotingState);
        scribe.answer_dispute(&vote, "只能重新计票一次").unwrap();
        if !opened {
            scribe.open_ballots(&vote).unwrap();
        }
        scribe.announce(&vote).unwrap();
        let result = result_of(&scribe, vote.matter);
        assert_eq!((counts(&result), result.voted), (vec![16, 14, 0], 30));
        refused(scribe.recount_paper(&vote, &[3, 2, 0], 0), Rule::BasisStale);
    }
}

#[test]
fn nobody_counts_again_without_a_dispute_of_the_count_and_a_third_signature() {
    let (mut scribe, vote) = counted(false);
    refused(scribe.recount_paper(&vote, &[3, 2, 0], 0), Rule::BasisStale);
    // As a first count, on the end of deliveries: there is one.
    refused(scribe.count_paper(&vote, &[3, 2, 0], 0), Rule::VotingState);
    scribe.dispute(&vote, 9, "少计一张").unwrap();
    let before = scribe.clone();
    scribe.recount_paper(&vote, &[3, 2, 0], 0).unwrap();
    let signed = scribe.entries.last().unwrap().bytes.clone();
    let entry = sunvote::log::entry::Entry::parse(&signed).unwrap();
    let mut statement = sunvote::core::statement::Statement::parse(&entry.statement.payload).unwrap();
    statement.by.pop();
    let mut two = before;
    refused(two.submit(&tellers(&two, &vote), &statement), Rule::SignerCount);
    // What is disputed before any count is answered; there is nothing to count again.
    let (mut scribe, vote) = open(&MIXED, 0);
    scribe.issue_paper(&vote, &[1]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    scribe.dispute(&vote, 1, "我没有领纸票").unwrap();
    refused(scribe.recount_paper(&vote, &[1, 0, 0], 0), Rule::CountMissing);
    refused(scribe.count_paper(&vote, &[1, 0, 0], 0), Rule::OpenPoint);
}

#[test]
fn a_recount_adds_up_and_finds_no_more_than_were_issued() {
    let (mut scribe, vote) = counted(true);
    scribe.dispute(&vote, 9, "少计一张").unwrap();
    refused(scribe.recount_paper(&vote, &[3, 2], 0), Rule::CountWrong);
    refused(scribe.recount_paper(&vote, &[3, 2, 0], 1), Rule::CountExcess);
    assert_eq!(scribe.voting(&vote).unwrap().status, VotingStatus::BallotsOpened);
    scribe.recount_paper(&vote, &[3, 1, 0], 1).unwrap();
}

#[test]
fn a_recount_may_find_that_there_were_not_too_many() {
    let (mut scribe, vote) = open(&[Channel::Paper], 0);
    scribe.issue_paper(&vote, &[1, 2, 3, 4, 5]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    assert_eq!(scribe.count_paper(&vote, &[6, 0, 0], 0).unwrap().remarks, [Remark::PaperExcess]);
    scribe.dispute(&vote, 1, "两张粘在一起被多算").unwrap();
    let mut still = scribe.clone();
    let again = still.recount_paper(&vote, &[5, 1, 0], 0).unwrap();
    assert_eq!(again.remarks, [Remark::Recounted, Remark::PaperExcess]);
    refused(still.announce(&vote), Rule::CountExcess);
    still.void_vote(&vote, VoidReason::TooManyPapers).unwrap();
    refused(scribe.recount_paper(&vote, &[7, 0, 0], 0), Rule::CountExcess);
    scribe.recount_paper(&vote, &[5, 0, 0], 0).unwrap();
    scribe.announce(&vote).unwrap();
}

#[test]
fn photographs_are_a_sorted_list_of_documents_for_officials() {
    let (mut scribe, vote) = open(&[Channel::Paper], 0);
    scribe.issue_paper(&vote, &[1, 2, 3, 4, 5]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    let [one, two] = [1, 2].map(|nth| scribe.album(nth));
    let wrong = [
        vec![two.clone(), one.clone()],
        vec![one.clone(), one.clone()],
        vec![Doc { level: Level::Village, ..one.clone() }],
        vec![Doc { media: Media::Jpeg, ..one.clone() }],
        (1..=21).map(|nth| scribe.album(nth)).collect(),
    ];
    for photos in &wrong {
        refused(scribe.clone().count_with_photos(&vote, &[5, 0, 0], photos), Rule::CountPhotos);
    }
    let most: Vec<Doc> = (1..=20).map(|nth| scribe.album(nth)).collect();
    scribe.clone().count_with_photos(&vote, &[5, 0, 0], &most).unwrap();
    scribe.count_with_photos(&vote, &[5, 0, 0], &[one, two]).unwrap();
    scribe.announce(&vote).unwrap();
}

//! Named papers: each bears its voter's name, and the count lists it by number; each rule broken.

use sunvote::core::act::voting::{OptionCount, PaperCounted, VotingOpened};
use sunvote::core::act::{Act, Kind};
use sunvote::core::defaults::profiles;
use sunvote::core::judge::Remark;
use sunvote::core::model::{Category, Mode, Role};
use sunvote::core::reject::Rule;
use sunvote::core::statement::Statement;
use sunvote::log::entry::{Entry, MAX_ENTRY_BYTES};
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;

use crate::support::{ASSEMBLY, counts, gathered, hand, on_vote, refused, result_of, village, village_of};

/// Thirty are there; the first five have a named paper, and nothing more comes.
fn delivered() -> (Scribe, Vote) {
    let (mut scribe, vote) = gathered(30);
    scribe.open_named(&vote).unwrap();
    scribe.wait_minutes(1).issue_paper(&vote, &[1, 2, 3, 4, 5]).unwrap();
    scribe.cast_all(&vote, &[("for", 12), ("against", 13)]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    (scribe, vote)
}

const FOUR: [(u32, &str); 4] = [(1, "for"), (2, "against"), (4, "for"), (5, "for")];

#[test]
fn named_papers_count_by_number_beside_ballots_by_phone() {
    let (mut scribe, vote) = delivered();
    scribe.count_named(&vote, &FOUR, 1).unwrap();
    scribe.open_ballots(&vote).unwrap();
    scribe.announce(&vote).unwrap();
    let result = result_of(&scribe, vote.matter);
    assert_eq!((counts(&result), result.voted, result.invalid), (vec![15, 14, 0], 30, 1));
    let count = scribe.voting(&vote).unwrap().paper_count.clone().unwrap();
    assert_eq!(count.rows.iter().map(|row| row.voter).collect::<Vec<_>>(), [1, 2, 4, 5]);
}

#[test]
fn rows_are_of_those_who_were_handed_a_paper_each_once_and_as_many_as_counted() {
    let (scribe, vote) = delivered();
    for papers in [
        &[(1, "for"), (6, "for")][..],
        &[(0, "for")],
        &[(1, "for"), (1, "for")],
        &[(2, "for"), (1, "for")],
        &[(1, "for"), (2, "yes")],
    ] {
        refused(scribe.clone().count_named(&vote, papers, 0), Rule::CountRows);
    }
    // Sums without rows, fewer rows than counted, and rows for other options than the sums say.
    refused(scribe.clone().count_paper(&vote, &[3, 1, 0], 1), Rule::CountRows);
    for sums in [[4, 1, 0], [2, 1, 0], [2, 2, 0], [3, 0, 1]] {
        let mut apart = scribe.clone();
        apart.count_named(&vote, &FOUR, 0).unwrap();
        let entry = Entry::parse(&apart.entries.last().unwrap().bytes).unwrap();
        let mut statement = Statement::parse(&entry.statement.payload).unwrap();
        let Act::PaperCounted(count) = &mut statement.act else { panic!("{:?}", statement.act) };
        let options: Vec<_> = count.counts.iter().map(|row| row.option.clone()).collect();
        count.counts = options.into_iter().zip(sums).map(|(option, count)| OptionCount { option, count }).collect();
        count.in_box = sums.iter().sum();
        let tellers = scribe.state().session(vote.session).unwrap().tellers.clone().unwrap();
        let by = [hand(tellers.counter, Role::Counter), hand(tellers.scrutineer, Role::Scrutineer)];
        refused(scribe.clone().submit(&by, &statement), Rule::CountRows);
    }
}

#[test]
fn a_box_of_invalid_named_papers_has_no_rows() {
    let (mut scribe, vote) = delivered();
    scribe.count_named(&vote, &[], 5).unwrap();
}

#[test]
fn a_recount_has_rows_of_its_own() {
    let (mut scribe, vote) = delivered();
    scribe.count_named(&vote, &FOUR, 1).unwrap();
    scribe.open_ballots(&vote).unwrap();
    scribe.wait_minutes(1).dispute(&vote, 3, "我的票被判无效，姓名看得清").unwrap();
    refused(scribe.recount_paper(&vote, &[4, 1, 0], 0), Rule::CountRows);
    refused(scribe.recount_named(&vote, &[(3, "for"), (3, "against")], 0), Rule::CountRows);
    let all = [(1, "for"), (2, "against"), (3, "abstain"), (4, "for"), (5, "for")];
    assert_eq!(scribe.recount_named(&vote, &all, 0).unwrap().remarks, [Remark::Recounted]);
    scribe.announce(&vote).unwrap();
    assert_eq!(counts(&result_of(&scribe, vote.matter)), [15, 14, 1]);
}

#[test]
fn few_named_papers_are_no_secret_to_warn_of() {
    let (mut scribe, vote) = gathered(30);
    scribe.open_named(&vote).unwrap();
    scribe.wait_minutes(1).issue_paper(&vote, &[1, 2]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    assert_eq!(scribe.count_named(&vote, &[(1, "for"), (2, "for")], 0).unwrap().remarks, []);
}

#[test]
fn papers_of_a_secret_vote_bear_no_names() {
    let mut scribe = village();
    let mut profile = profiles().into_iter().find(|profile| profile.body == ASSEMBLY).unwrap();
    (profile.version, profile.mode) = (profile.version + 1, Mode::PaperSecret);
    scribe.adopt(profile).unwrap();
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    let session = scribe.gather(ASSEMBLY, &[matter], 30).unwrap();
    let vote = Vote::on(session, matter, "q1").unwrap();
    refused(scribe.open_named(&vote), Rule::PaperNamed);
}

#[test]
fn a_thousand_named_papers_are_handed_out_and_no_more_so_that_one_entry_holds_them() {
    let mut scribe = village_of(&Term { representatives: 1_001, ..Term::default() });
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    let session = scribe.gather(ASSEMBLY, &[matter], 1_001).unwrap();
    let vote = Vote::on(session, matter, "q1").unwrap();
    scribe.open_named(&vote).unwrap();
    for first in [1, 201, 401, 601, 801] {
        scribe.wait_minutes(1).issue_paper(&vote, &(first..first + 200).collect::<Vec<_>>()).unwrap();
    }
    refused(scribe.wait_minutes(1).issue_paper(&vote, &[1_001]), Rule::PaperNamed);
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    let papers: Vec<(u32, &str)> = (1..=1_000).map(|no| (no, "against")).collect();
    scribe.count_named(&vote, &papers, 0).unwrap();
    // Codes may have sixteen letters, and twenty albums may be named besides, all in base64.
    let more = (1_000 * (16 - "against".len()) + 20 * 150) * 4 / 3;
    let entry = scribe.entries.last().unwrap().bytes.len();
    assert!(entry + more <= MAX_ENTRY_BYTES, "{entry} and {more}");
}

/// Whoever writes the member where it does not hold, or rows that are no rows, is not understood.
#[test]
fn the_member_is_written_only_where_papers_are_named() {
    let (scribe, vote) = gathered(30);
    let mut opening = serde_json::to_value(scribe.opening_of(&vote).unwrap()).unwrap();
    assert!(opening.get("named_papers").is_none(), "a record without it stays byte for byte what it was");
    for (value, known) in [("true", true), ("false", false), ("null", false), ("1", false)] {
        opening["named_papers"] = serde_json::from_str(value).unwrap();
        assert_eq!(serde_json::from_value::<VotingOpened>(opening.clone()).is_ok(), known, "{value}");
    }
    let secret = PaperCounted { in_box: 0, counts: Vec::new(), invalid: 0, rows: Vec::new(), photos: Vec::new() };
    assert!(serde_json::to_value(secret).unwrap().get("rows").is_none());
    assert_eq!(on_vote(&vote, scribe.vote_paper(&vote, Kind::VotingOpened)).matter, Some(vote.matter));
}

//! How well warnings tell what to look at: 66 irregularities planted among 2,040 lawful matters of a generated district, and every line of
//! every village's list held against what was planted.

use std::collections::BTreeMap;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use sunvote::core::act::inquiry::{Addressee, Asked};
use sunvote::core::act::matter::Advice;
use sunvote::core::act::village::ClericalCorrected;
use sunvote::core::act::voting::VoidReason;
use sunvote::core::act::works::{Progress, Work};
use sunvote::core::act::{Act, Kind};
use sunvote::core::catalogue::Rhythm;
use sunvote::core::clock::DAY_MS;
use sunvote::core::ids::MatterId;
use sunvote::core::model::{Category, Role, Stage};
use sunvote::core::statement::Header;
use sunvote::core::tasks::{next_disclosure, tasks};
use sunvote::core::warnings::{Rule, warnings};
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;

use crate::support::{ASSEMBLY, catalogue, enrol, key, public, village_of};

/// Irregularities of each rule.
const OF_EACH: usize = 3;
/// Villages, of which every second one has an irregularity.
const VILLAGES: usize = 120;
/// Lawful matters of a village: what fits into a term of office, one after the other.
const LAWFUL: usize = 17;
/// Members who come, of fifteen.
const COME: u32 = 12;

const TERM: Term = Term {
    representatives: 12,
    committee: 3,
    supervisors: 3,
    one_leader: false,
    member_representatives: 3,
    members: 0,
    households: 3,
};

/// Whether something happens that happens to one of so many.
fn one_in(rng: &mut ChaCha20Rng, many: u32) -> bool {
    rng.next_u32().is_multiple_of(many)
}

fn days(rng: &mut ChaCha20Rng, least: i64, most: u32) -> i64 {
    least + i64::from(rng.next_u32() % most)
}

/// A matter up to its filing, with what happens to lawful ones: objections answered in time, questions, a return, a supplement, a slip put
/// right early.
fn to_the_ballot(scribe: &mut Scribe, rng: &mut ChaCha20Rng) -> MatterId {
    let draft = Draft { amount_fen: 20_000_000, ..Draft::of(Category::M02) };
    let matter = scribe.wait_days(1).bring_to_proposal(&draft).unwrap();
    if one_in(rng, 6) {
        scribe.raise_concern(matter, "预算从何而来").unwrap();
        scribe.wait_days(days(rng, 1, 3)).answer_concern(matter, "集体收入").unwrap();
    }
    scribe.consult(matter, &draft).unwrap();
    for _ in 0..rng.next_u32() % 3 {
        scribe.wait_minutes(30).object(matter, "离我家太近").unwrap();
    }
    if one_in(rng, 5) {
        scribe.wait_minutes(30).inquire(matter, Asked::Interpellation, Addressee::Village, "为何选这里").unwrap();
    }
    scribe.wait_days(days(rng, 1, 3));
    while scribe.open_point(matter, &[Kind::ObjectionEntered]).0 != [0; 32] {
        scribe.wait_minutes(5).answer_objection(matter, "按标准").unwrap();
    }
    while scribe.open_point(matter, &[Kind::InquiryEntered]).0 != [0; 32] {
        scribe.wait_days(days(rng, 1, 8)).answer_inquiry(matter, Role::Clerk, "地势高").unwrap();
    }
    let ends = scribe.plan_notice_ends(matter).max(scribe.now());
    scribe.at(ends).wait_minutes(600).submit_filing(matter).unwrap();
    if one_in(rng, 8) {
        scribe.request_supplement(matter, "缺概算").unwrap();
        scribe.wait_days(2).provide_supplement(matter, "概算").unwrap();
    }
    if one_in(rng, 12) {
        scribe.wait_days(1).review(matter, Advice::Return).unwrap();
        scribe.return_to(matter, Stage::Consultation, "重新公示").unwrap();
        scribe.wait_days(1).settle_and_post(matter, &draft).unwrap();
        scribe.submit_after_notice(matter).unwrap();
    }
    scribe.review_and_file(matter).unwrap();
    if one_in(rng, 10) {
        correct(scribe, matter);
    }
    matter
}

fn correct(scribe: &mut Scribe, matter: MatterId) {
    let paper = scribe.state().matter(matter).unwrap().papers.paper(Kind::PlanPosted).unwrap().clone();
    let act = ClericalCorrected { of: Kind::PlanPosted, old: paper.documents[0], new: scribe.text("更正") };
    scribe.act(&scribe.two(), Header::of(matter).on(paper.at.leaf), Act::ClericalCorrected(act)).unwrap();
}

/// A session on it, now and then a second one because too few came to the first, papers over one or two ballots.
fn decided(scribe: &mut Scribe, matter: MatterId, rng: &mut ChaCha20Rng) {
    if one_in(rng, 12) {
        let session = scribe.gather(ASSEMBLY, &[matter], 9).unwrap();
        scribe.fail(session).unwrap();
        scribe.wait_days(1);
    }
    let session = scribe.gather(ASSEMBLY, &[matter], COME).unwrap();
    let vote = Vote::on(session, matter, "q1").unwrap();
    scribe.open_vote(&vote).unwrap();
    scribe.wait_minutes(1).cast_all(&vote, &[("for", 9), ("against", 1)]).unwrap();
    let over: Vec<u32> = (1..=rng.next_u32() % 3).collect();
    if !over.is_empty() {
        scribe.wait_minutes(1).issue_paper(&vote, &over).unwrap();
    }
    finish(scribe, &vote, u32::try_from(over.len()).unwrap());
}

/// Closing, count, result and minutes of a vote for which so many papers were handed out.
fn finish(scribe: &mut Scribe, vote: &Vote, papers: u32) {
    scribe.close_on_time(vote).unwrap();
    scribe.end_deliveries(vote).unwrap();
    if papers > 0 {
        scribe.count_paper(vote, &[papers, 0, 0], 0).unwrap();
    }
    scribe.open_ballots(vote).unwrap();
    scribe.wait_minutes(1).announce(vote).unwrap();
    scribe.wait_minutes(10).sign_minutes(vote.session).unwrap();
}

/// Carried out in time and within the money, rated, complained about and answered.
fn carried_out(scribe: &mut Scribe, matter: MatterId, rng: &mut ChaCha20Rng) {
    scribe.wait_days(1).post_resolution(matter).unwrap();
    let ends = scribe.resolution_notice_ends(matter);
    scribe.at(ends);
    let leaf = one_in(rng, 2).then(|| {
        let due = scribe.now().date().plus_days(20);
        scribe.contract(matter, 18_000_000, &[(due, 9_000_000)]).unwrap();
        scribe.state().matter(matter).unwrap().contracts[0].at.leaf
    });
    let papers = vec![scribe.text("施工照片")];
    let act =
        Progress { contract: leaf, milestone: leaf.map(|_| 1), ..Progress::of(Work::Payment, 60, 9_000_000, papers) };
    scribe.wait_days(days(rng, 2, 17)).report(matter, act).unwrap();
    for _ in 0..rng.next_u32() % 3 {
        let score = u8::try_from(rng.next_u32() % 5).unwrap() + 1;
        scribe.wait_minutes(7).rate(matter, score, None).unwrap();
    }
    if one_in(rng, 8) {
        scribe.wait_minutes(7).inquire(matter, Asked::Complaint, Addressee::Township, "噪音大").unwrap();
        scribe.wait_days(days(rng, 1, 15)).answer_inquiry(matter, Role::TownshipDrafter, "已处理").unwrap();
    }
    scribe.wait_days(days(rng, 2, 9)).progress(matter, Work::Delivery, 100, 9_000_000).unwrap();
    scribe.wait_days(1).sign_off(matter).unwrap();
}

/// A whole lawful matter.
fn lawful(scribe: &mut Scribe, rng: &mut ChaCha20Rng) {
    let matter = to_the_ballot(scribe, rng);
    decided(scribe, matter, rng);
    carried_out(scribe, matter, rng);
    while let Some(next) = next_disclosure(scribe.state()).filter(|next| next.until <= scribe.now().date()) {
        scribe.wait_minutes(1).disclose(next.subject, next.from, next.until).unwrap();
    }
}

/// Resolved and posted, with a first report.
fn under_way(scribe: &mut Scribe, rng: &mut ChaCha20Rng) -> MatterId {
    let matter = to_the_ballot(scribe, rng);
    decided(scribe, matter, rng);
    scribe.wait_days(1).post_resolution(matter).unwrap();
    let ends = scribe.resolution_notice_ends(matter);
    scribe.at(ends).progress(matter, Work::Works, 30, 0).unwrap();
    matter
}

fn paid(scribe: &mut Scribe, matter: MatterId, fen: u64, under: bool) {
    let contract = under.then(|| scribe.state().matter(matter).unwrap().contracts[0].at.leaf);
    let papers = vec![scribe.text("付款凭证")];
    let act = Progress { contract, ..Progress::of(Work::Payment, 60, fen, papers) };
    scribe.wait_minutes(1).report(matter, act).unwrap();
}

/// The vote of a session in which `before` happens between the call and the opening.
fn vote(scribe: &mut Scribe, rng: &mut ChaCha20Rng, before: impl FnOnce(&mut Scribe, &Vote)) -> Vote {
    let matter = to_the_ballot(scribe, rng);
    let session = scribe.gather(ASSEMBLY, &[matter], COME).unwrap();
    let vote = Vote::on(session, matter, "q1").unwrap();
    before(scribe, &vote);
    scribe.open_vote(&vote).unwrap();
    vote
}

/// A session in which votes come, and so many papers are handed out to who voted.
fn voted(scribe: &mut Scribe, vote: &Vote, papers: u32) {
    scribe.wait_minutes(1).cast_all(vote, &[("for", 10)]).unwrap();
    if papers > 0 {
        let over: Vec<u32> = (1..=papers).collect();
        scribe.wait_minutes(1).issue_paper(vote, &over).unwrap();
    }
    finish(scribe, vote, papers);
}

fn too_few(scribe: &mut Scribe, matter: MatterId) {
    let session = scribe.gather(ASSEMBLY, &[matter], 9).unwrap();
    scribe.fail(session).unwrap();
    scribe.wait_days(1);
}

/// One irregularity of this rule, as the last matter of a village.
#[expect(clippy::too_many_lines, reason = "an arm for each rule")]
fn plant(scribe: &mut Scribe, rule: Rule, rng: &mut ChaCha20Rng) {
    let draft = Draft { amount_fen: 20_000_000, ..Draft::of(Category::M02) };
    match rule {
        Rule::FilingLate => {
            let matter = scribe.bring_to_filing(&draft).unwrap();
            let due = scribe.state().matter(matter).unwrap().filing_due.unwrap();
            scribe.at(due.plus_ms(days(rng, 1, 20) * DAY_MS));
        }
        Rule::AnswerLate => {
            let matter = scribe.bring_to_proposal(&draft).unwrap();
            scribe.inquire(matter, Asked::Interpellation, Addressee::Village, "为何不办").unwrap();
            scribe.wait_days(days(rng, 22, 20));
        }
        Rule::ComplaintLate => {
            let matter = scribe.suggest("修桥").unwrap();
            scribe.inquire(matter, Asked::Complaint, Addressee::Discipline, "虚报").unwrap();
            scribe.wait_days(days(rng, 30, 20));
        }
        Rule::EmergencyOpen => {
            let by = crate::matters::both_committees_and_township(scribe);
            crate::matters::emergency(scribe, &by).unwrap();
            scribe.wait_days(days(rng, 30, 20));
        }
        Rule::Stalled => {
            under_way(scribe, rng);
            scribe.wait_days(days(rng, 61, 10));
        }
        Rule::Overpaid => {
            let matter = under_way(scribe, rng);
            paid(scribe, matter, 20_000_001, false);
        }
        Rule::OverContracted => {
            let matter = under_way(scribe, rng);
            scribe.contract(matter, 20_000_001, &[]).unwrap();
        }
        Rule::ContractOverpaid => {
            let matter = under_way(scribe, rng);
            scribe.contract(matter, 10_000_000, &[]).unwrap();
            paid(scribe, matter, 10_000_001, true);
        }
        Rule::MilestoneLate => {
            let matter = under_way(scribe, rng);
            let due = scribe.now().date().plus_days(10);
            scribe.contract(matter, 10_000_000, &[(due, 1)]).unwrap();
            scribe.wait_days(days(rng, 12, 20));
        }
        Rule::RatedBadly => {
            let matter = under_way(scribe, rng);
            for score in [1, 2, 1, 2, 2] {
                rate(scribe, matter, score);
            }
        }
        Rule::NoQuorum => {
            let matter = to_the_ballot(scribe, rng);
            too_few(scribe, matter);
            too_few(scribe, matter);
        }
        Rule::ReturnedAgain => {
            let matter = scribe.bring_to_filing(&draft).unwrap();
            for _ in 0..2 {
                scribe.wait_days(1).review(matter, Advice::Return).unwrap();
                scribe.return_to(matter, Stage::Consultation, "重新公示").unwrap();
                scribe.wait_days(1).settle_and_post(matter, &draft).unwrap();
                scribe.submit_after_notice(matter).unwrap();
            }
        }
        Rule::SessionMissing => {
            scribe.wait_days(days(rng, 93, 20));
        }
        Rule::AffairsLate | Rule::FinancesLate => {
            let (affairs_months, finances_months) = if rule == Rule::AffairsLate { (1, 12) } else { (12, 1) };
            let rhythm = Some(Rhythm { affairs_months, finances_months, within_days: 15 });
            scribe.adopt_catalogue(catalogue(|catalogue| catalogue.rhythm = rhythm)).unwrap();
            scribe.wait_days(days(rng, 47, 5));
        }
        Rule::MinutesLate => {
            let vote = vote(scribe, rng, |_, _| {});
            scribe.wait_minutes(1).cast_all(&vote, &[("for", 10)]).unwrap();
            scribe.close_on_time(&vote).unwrap();
            scribe.end_deliveries(&vote).unwrap();
            scribe.open_ballots(&vote).unwrap();
            scribe.wait_minutes(1).announce(&vote).unwrap();
            scribe.wait_days(days(rng, 4, 20));
        }
        Rule::VoteVoid => {
            let vote = vote(scribe, rng, |_, _| {});
            scribe.wait_minutes(1).void_vote(&vote, VoidReason::Failure).unwrap();
            scribe.wait_minutes(1).open_vote(&vote).unwrap();
            voted(scribe, &vote, 0);
        }
        Rule::Recounted => {
            let vote = vote(scribe, rng, |_, _| {});
            scribe.wait_minutes(1).cast_all(&vote, &[("for", 9)]).unwrap();
            scribe.issue_paper(&vote, &[10, 11]).unwrap();
            scribe.close_on_time(&vote).unwrap();
            scribe.end_deliveries(&vote).unwrap();
            scribe.count_paper(&vote, &[2, 0, 0], 0).unwrap();
            scribe.dispute(&vote, 10, "票数不对").unwrap();
            scribe.recount_paper(&vote, &[1, 1, 0], 0).unwrap();
            scribe.open_ballots(&vote).unwrap();
            scribe.wait_minutes(1).announce(&vote).unwrap();
            scribe.wait_minutes(10).sign_minutes(vote.session).unwrap();
        }
        Rule::CorrectedBeforeVote => {
            let vote = vote(scribe, rng, |scribe, vote| correct(scribe, vote.matter));
            voted(scribe, &vote, 0);
        }
        Rule::BallotsAtOnce => {
            let vote = vote(scribe, rng, |_, _| {});
            for voter in 1..=8 {
                scribe.wait_ms(500).cast(&vote, voter, "for").unwrap();
            }
            finish(scribe, &vote, 0);
        }
        Rule::PapersOverBallots => {
            let vote = vote(scribe, rng, |_, _| {});
            voted(scribe, &vote, 3);
        }
        Rule::KeysRenewed => {
            let vote = vote(scribe, rng, |scribe, vote| {
                for no in 1..=3 {
                    let person = scribe.voter(vote.session, no);
                    enrol(scribe, person, public(&key(u8::try_from(no).unwrap() + 200))).unwrap();
                }
            });
            // Who has a new key votes with the old one's papers: nothing else is out of order.
            voted(scribe, &vote, 0);
        }
        Rule::PictureAgain => {}
    }
}

fn rate(scribe: &mut Scribe, matter: MatterId, score: u8) {
    use sunvote::core::act::inquiry::RatingReceived;
    let receipt = sunvote::core::ids::Digest(scribe.draw());
    let act = Act::RatingReceived(RatingReceived { score, text: None, receipt });
    scribe.wait_minutes(1).act(&[sunvote::log::scribe::Hand::Log], Header::of(matter), act).unwrap();
}

/// What stands in a village after each of its lawful matters, and once an irregularity of `rule` was planted behind them.
fn found(rule: Option<Rule>, seed: u64) -> Vec<Rule> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut scribe = village_of(&TERM);
    if rule.is_none() {
        let rhythm = Some(Rhythm { affairs_months: 3, finances_months: 1, within_days: 60 });
        scribe.adopt_catalogue(catalogue(|catalogue| catalogue.rhythm = rhythm)).unwrap();
    }
    let mut found = Vec::new();
    for _ in 0..LAWFUL {
        lawful(&mut scribe, &mut rng);
        found.extend(standing(&scribe));
    }
    if let Some(rule) = rule {
        plant(&mut scribe, rule, &mut rng);
        found.extend(standing(&scribe));
    }
    found
}

fn standing(scribe: &Scribe) -> Vec<Rule> {
    let all = warnings(scribe.state(), &tasks(scribe.state()));
    all.into_iter().filter(|warning| warning.from <= scribe.now()).map(|warning| warning.rule).collect()
}

#[test]
fn what_was_planted_among_lawful_matters_is_found_and_nothing_else() {
    // Pictures are held against those of other villages: `tests/app/alike.rs`.
    let of_a_state = || Rule::ALL.iter().copied().filter(|rule| *rule != Rule::PictureAgain);
    let rules = of_a_state().flat_map(|rule| [rule; OF_EACH]).map(Some);
    let cases: Vec<(Option<Rule>, u64)> = rules.chain([None; VILLAGES]).take(VILLAGES).zip(0..).collect();
    assert_eq!(cases.iter().filter(|(rule, _)| rule.is_some()).count(), 66);
    const { assert!(VILLAGES * LAWFUL >= 2_000) };
    let told: Vec<(Option<Rule>, Vec<Rule>)> =
        cases.into_par_iter().map(|(rule, seed)| (rule, found(rule, seed))).collect();
    let mut table: BTreeMap<Rule, [usize; 3]> = BTreeMap::new();
    for (planted, found) in &told {
        if let Some(planted) = planted {
            table.entry(*planted).or_default()[usize::from(!found.contains(planted))] += 1;
        }
        for other in found.iter().filter(|rule| Some(**rule) != *planted) {
            table.entry(*other).or_default()[2] += 1;
        }
    }
    let expected: BTreeMap<Rule, [usize; 3]> = of_a_state().map(|rule| (rule, [3, 0, 0])).collect();
    assert_eq!(table, expected, "found, missed, false for each rule");
}

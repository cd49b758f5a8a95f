//! Carrying out what was decided, and what villagers ask and say of it: it has its terms, holds nothing up, and is answered by whom it is for.

use sunvote::core::act::inquiry::{Addressee, Asked, InquiryEntered, InquiryReceived, RatingReceived, ReturnVisit};
use sunvote::core::act::matter::Text;
use sunvote::core::act::works::{Contract, Milestone, Progress, Work};
use sunvote::core::act::{Act, Kind};
use sunvote::core::clock::{DAY_MS, Date, Time};
use sunvote::core::commit;
use sunvote::core::ids::{Digest, MatterId};
use sunvote::core::judge::Remark;
use sunvote::core::model::{Level, Media, Role, Source};
use sunvote::core::offers;
use sunvote::core::reject::Rule;
use sunvote::core::statement::Header;
use sunvote::core::tasks::{Task, tasks};
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::{Hand, Scribe};

use crate::support::{ASSEMBLY, at_ballot, matter_of, refused, village};
use sunvote::core::model::Category;

/// A resolution for which 200,000 yuan were approved, posted and past its window.
fn resolved() -> (Scribe, MatterId) {
    let mut scribe = village();
    let draft = Draft { amount_fen: 20_000_000, ..Draft::of(Category::M02) };
    let matter = scribe.bring_to_ballot(&draft).unwrap();
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 30)]).unwrap();
    scribe.wait_days(1).post_resolution(matter).unwrap();
    let ends = scribe.resolution_notice_ends(matter);
    scribe.at(ends);
    (scribe, matter)
}

fn day(scribe: &Scribe, days: i32) -> Date {
    scribe.now().date().plus_days(days)
}

fn leaf_of(scribe: &Scribe, matter: MatterId) -> Digest {
    matter_of(scribe, matter).contracts.last().unwrap().at.leaf
}

fn report(scribe: &mut Scribe, what: Work, paid_fen: u64) -> Progress {
    let papers = vec![scribe.text("施工照片")];
    Progress::of(what, 50, paid_fen, papers)
}

/// What waits for an answer about a matter: who may give it, and until when.
fn waiting(scribe: &Scribe, matter: MatterId, kind: Kind) -> Option<Task> {
    tasks(scribe.state()).into_iter().find(|task| task.matter == Some(matter) && task.kind == kind)
}

#[test]
fn contracts_are_kept_with_what_was_paid_and_reached_under_them() {
    let (mut scribe, matter) = resolved();
    let (first, second) = (day(&scribe, 10), day(&scribe, 40));
    scribe.contract(matter, 15_000_000, &[(first, 5_000_000), (second, 10_000_000)]).unwrap();
    let leaf = leaf_of(&scribe, matter);
    let act = Progress { contract: Some(leaf), milestone: Some(1), ..report(&mut scribe, Work::Payment, 5_000_000) };
    assert_eq!(scribe.report(matter, act.clone()).unwrap().remarks, []);
    // The same milestone again, one that is not there, one of no contract.
    for (contract, milestone, rule) in [
        (Some(leaf), Some(1), Rule::ValueRange),
        (Some(leaf), Some(0), Rule::ValueRange),
        (Some(leaf), Some(3), Rule::ValueRange),
        (None, Some(2), Rule::ValueRange),
        (Some(Digest([7; 32])), None, Rule::BasisStale),
    ] {
        refused(scribe.wait_minutes(1).report(matter, Progress { contract, milestone, ..act.clone() }), rule);
    }
    let kept = &matter_of(&scribe, matter).contracts[0];
    assert_eq!((kept.amount_fen, kept.paid_fen), (15_000_000, 5_000_000));
    assert_eq!(kept.milestones.iter().map(|milestone| milestone.at.is_some()).collect::<Vec<_>>(), [true, false]);
    assert_eq!(kept.milestones[1].due, second);
}

#[test]
fn what_goes_beyond_plan_or_contract_is_on_record_and_shown() {
    let (mut scribe, matter) = resolved();
    assert_eq!(scribe.contract(matter, 15_000_000, &[]).unwrap().remarks, []);
    let first = leaf_of(&scribe, matter);
    assert_eq!(scribe.wait_minutes(1).contract(matter, 5_000_000, &[]).unwrap().remarks, []);
    assert_eq!(scribe.wait_minutes(1).contract(matter, 1, &[]).unwrap().remarks, [Remark::OverContracted]);
    let act = Progress { contract: Some(first), ..report(&mut scribe, Work::Payment, 15_000_000) };
    assert_eq!(scribe.wait_minutes(1).report(matter, act).unwrap().remarks, []);
    let act = Progress { contract: Some(first), ..report(&mut scribe, Work::Payment, 1) };
    assert_eq!(scribe.wait_minutes(1).report(matter, act).unwrap().remarks, [Remark::ContractOverpaid]);
    let act = report(&mut scribe, Work::Payment, 5_000_000);
    assert_eq!(scribe.wait_minutes(1).report(matter, act).unwrap().remarks, [Remark::Overpaid]);
}

#[test]
fn a_contract_is_whole_in_itself_and_signed_by_two() {
    let (mut scribe, matter) = resolved();
    let (early, late) = (day(&scribe, 10), day(&scribe, 40));
    let mut most = scribe.clone();
    most.contract(matter, (1 << 53) - 1, &[]).unwrap();
    refused(most.wait_minutes(1).contract(matter, 1, &[]), Rule::ValueRange);
    refused(scribe.contract(matter, 100, &[(late, 0), (early, 0)]), Rule::ListForm);
    refused(scribe.contract(matter, 100, &[(early, 60), (late, 41)]), Rule::ValueRange);
    refused(scribe.contract(matter, 100, &[(early, 1); 21]), Rule::ListForm);
    let (title, party) = (scribe.text("合同"), scribe.text("某公司"));
    let mut act = Contract { title, party, amount_fen: 100, milestones: Vec::new(), papers: Vec::new() };
    let header = Header::of(matter).on(scribe.paper(matter, Kind::ResolutionPosted)).held(scribe.now().date());
    refused(scribe.act(&scribe.two(), header.clone(), Act::ContractRecorded(act.clone())), Rule::ListForm);
    act.papers = vec![scribe.text("合同文本")];
    refused(
        scribe.act(&[scribe.hand(Role::Clerk)], header.clone(), Act::ContractRecorded(act.clone())),
        Rule::SignerCount,
    );
    // What everybody may know of it is what it is about, not with whom.
    act.party = scribe.document(Level::Village, Media::Text, b"a firm".to_vec());
    act.milestones.push(Milestone {
        title: scribe.document(Level::Village, Media::Text, b"x".to_vec()),
        due: early,
        amount_fen: 0,
    });
    refused(scribe.act(&scribe.two(), header.clone(), Act::ContractRecorded(act.clone())), Rule::DocumentLevel);
    act.milestones.clear();
    scribe.act(&scribe.two(), header, Act::ContractRecorded(act)).unwrap();
}

#[test]
fn a_change_undoes_no_contract_and_no_question() {
    let (mut scribe, matter) = resolved();
    scribe.contract(matter, 15_000_000, &[]).unwrap();
    scribe.inquire(matter, Asked::Interpellation, Addressee::Village, "为何超期").unwrap();
    scribe.wait_days(1).request_change(matter, "增加一段").unwrap();
    assert_eq!(matter_of(&scribe, matter).contracts.len(), 1);
    scribe.answer_inquiry(matter, Role::Chair, "雨季停工").unwrap();
    assert!(matter_of(&scribe, matter).asked.is_empty());
}

#[test]
fn quality_has_witnesses_who_are_not_who_reports() {
    let (mut scribe, matter) = resolved();
    let act = report(&mut scribe, Work::Quality, 0);
    refused(scribe.report(matter, act.clone()), Rule::PaperMissing);
    let Hand::Person(own, _) = scribe.hand(Role::GridWorker) else { panic!("a person") };
    refused(scribe.report(matter, Progress { witnesses: vec![own], ..act.clone() }), Rule::SignerSame);
    let stranger = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
    refused(scribe.report(matter, Progress { witnesses: vec![stranger], ..act.clone() }), Rule::PersonUnknown);
    let twice = vec![scribe.supervisor(0); 2];
    refused(scribe.report(matter, Progress { witnesses: twice, ..act.clone() }), Rule::ListForm);
    scribe.report(matter, Progress { witnesses: vec![scribe.supervisor(0)], ..act }).unwrap();
}

#[test]
fn an_interpellation_waits_fifteen_days_for_the_village_and_holds_nothing_up() {
    let mut scribe = village();
    let draft = Draft::of(Category::M02);
    let matter = scribe.bring_to_proposal(&draft).unwrap();
    scribe.inquire(matter, Asked::Interpellation, Addressee::Village, "预算从何而来").unwrap();
    let asked = scribe.now();
    let task = waiting(&scribe, matter, Kind::InquiryAnswered).unwrap();
    assert_eq!(task.roles, Addressee::Village.roles());
    let due = task.due.unwrap();
    assert!(due > asked.plus_ms(15 * DAY_MS) && due <= asked.plus_ms(19 * DAY_MS), "{due}");
    scribe.consult(matter, &draft).unwrap();
    scribe.submit_after_notice(matter).unwrap();
    refused(scribe.answer_inquiry(matter, Role::SupervisionCommittee, "已核"), Rule::SignerRole);
    scribe.answer_inquiry(matter, Role::BranchSecretary, "来自集体收入").unwrap();
    assert_eq!(waiting(&scribe, matter, Kind::InquiryAnswered), None);
    let basis = sunvote::core::ids::Digest([0; 32]);
    let act = Act::InquiryAnswered(Text { text: scribe.text("再答") });
    refused(scribe.act(&[scribe.hand(Role::Clerk)], Header::of(matter).on(basis), act), Rule::BasisStale);
}

#[test]
fn a_complaint_is_for_whom_it_is_made_to_and_read_by_nobody_else() {
    let (mut scribe, matter) = resolved();
    scribe.enrol_inspector().unwrap();
    for (to, role, other) in [
        (Addressee::SupervisionCommittee, Role::SupervisionCommittee, Role::Clerk),
        (Addressee::Township, Role::TownshipDrafter, Role::SupervisionCommittee),
        (Addressee::Discipline, Role::DisciplineInspector, Role::TownshipApprover),
    ] {
        scribe.wait_minutes(1).inquire(matter, Asked::Complaint, to, "工程质量差").unwrap();
        let asked = scribe.now();
        let task = waiting(&scribe, matter, Kind::InquiryAnswered).unwrap();
        assert_eq!(task.roles, to.roles());
        assert!(task.due.unwrap() > asked.plus_ms(20 * DAY_MS), "{:?}", task.due);
        refused(scribe.wait_minutes(1).answer_inquiry(matter, other, "已核"), Rule::SignerRole);
        scribe.wait_minutes(1).answer_inquiry(matter, role, "已核查").unwrap();
        // What isn't for the village is not written for the village to read.
        let (text, source) = (scribe.text("公开的投诉"), Source::PaperBox);
        let act = Act::InquiryEntered(InquiryEntered { what: Asked::Complaint, to, text, source });
        refused(scribe.act(&[scribe.hand(Role::GridWorker)], Header::of(matter), act), Rule::DocumentLevel);
    }
    refused(scribe.inquire(matter, Asked::Interpellation, Addressee::Township, "请说明"), Rule::ValueRange);
}

#[test]
fn who_has_no_key_is_heard_through_the_log_and_who_has_one_speaks_on_line() {
    let (mut scribe, matter) = resolved();
    let (what, to) = (Asked::Interpellation, Addressee::Village);
    let act = InquiryReceived { what, to, text: scribe.text("何时完工"), receipt: commit::plain(b"code") };
    scribe.act(&[Hand::Log], Header::of(matter), Act::InquiryReceived(act)).unwrap();
    let text = scribe.text("何时完工");
    let act = Act::InquiryEntered(InquiryEntered { what, to, text, source: Source::PaperBox });
    refused(scribe.act(&[scribe.hand(Role::Villager)], Header::of(matter), act), Rule::ValueRange);
}

#[test]
fn a_matter_that_has_ended_can_still_be_asked_about_and_rated() {
    let (mut scribe, matter) = resolved();
    refused(scribe.rate(matter, 5, None), Rule::PaperMissing);
    scribe.progress(matter, Work::Delivery, 100, 1).unwrap();
    scribe.wait_days(1).sign_off(matter).unwrap();
    scribe.inquire(matter, Asked::Complaint, Addressee::Village, "路面开裂").unwrap();
    assert!(waiting(&scribe, matter, Kind::InquiryAnswered).is_some());
    scribe.rate(matter, 2, Some("路面开裂")).unwrap();
    assert_eq!(waiting(&scribe, matter, Kind::RatingAnswered).unwrap().roles, Addressee::Village.roles());
    scribe.answer_rating(matter, "已安排返修").unwrap();
    assert_eq!(waiting(&scribe, matter, Kind::RatingAnswered), None);
    scribe.return_visit(matter, 10, 8).unwrap();
    refused(scribe.wait_minutes(1).return_visit(matter, 10, 11), Rule::ValueRange);
    refused(scribe.wait_minutes(1).return_visit(matter, 0, 0), Rule::ValueRange);
}

#[test]
fn a_person_has_one_rating_the_last_and_a_score_needs_no_words() {
    let (mut scribe, matter) = resolved();
    scribe.progress(matter, Work::Works, 50, 1).unwrap();
    scribe.rate(matter, 1, None).unwrap();
    assert_eq!(waiting(&scribe, matter, Kind::RatingAnswered), None);
    scribe.wait_minutes(1).rate(matter, 4, None).unwrap();
    for code in [b"one", b"two"] {
        let act = RatingReceived { score: 5, text: None, receipt: commit::plain(code) };
        scribe.act(&[Hand::Log], Header::of(matter), Act::RatingReceived(act)).unwrap();
    }
    assert_eq!(matter_of(&scribe, matter).ratings.scores(), [0, 0, 0, 1, 2]);
    for score in [0, 6] {
        refused(scribe.wait_minutes(1).rate(matter, score, None), Rule::ValueRange);
    }
}

#[test]
fn what_came_to_nothing_is_not_rated() {
    let (mut scribe, matter) = at_ballot();
    let offered = |scribe: &Scribe| {
        let offers = offers::of_matter(scribe.state(), matter, scribe.now());
        offers.iter().any(|offer| matches!(offer.kind, Kind::RatingEntered | Kind::ReturnVisitRecorded))
    };
    refused(scribe.rate(matter, 5, None), Rule::StageWrong);
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 30)]).unwrap();
    scribe.wait_days(1).post_resolution(matter).unwrap();
    let ends = scribe.resolution_notice_ends(matter);
    scribe.at(ends).progress(matter, Work::Works, 10, 0).unwrap();
    assert!(offered(&scribe));
    scribe.request_change(matter, "改线").unwrap();
    assert!(!offered(&scribe));
    refused(scribe.rate(matter, 5, None), Rule::StageWrong);
    let act = sunvote::core::act::matter::Annulled {
        authority: sunvote::core::act::matter::Authority::Court,
        reason: scribe.text("判决"),
    };
    let by = [scribe.hand(Role::TownshipApprover), scribe.hand(Role::TownshipDisciplineOfficer)];
    scribe.act(&by, Header::of(matter), Act::MatterAnnulled(act)).unwrap();
    let act = ReturnVisit { households: 1, satisfied: 1, text: scribe.text("回访") };
    let header = Header::of(matter).held(scribe.now().date());
    refused(scribe.act(&[scribe.hand(Role::Clerk)], header, Act::ReturnVisitRecorded(act)), Rule::PaperMissing);
}

/// Not a rule, a promise: whoever asks has an answer due, whatever stands in the profiles of before.
#[test]
fn a_profile_without_a_term_of_its_own_answers_as_soon_as_an_objection() {
    let mut scribe = village();
    for profile in sunvote::core::defaults::profiles() {
        let plain = sunvote::core::rules::Profile { version: 2, interpellation: None, complaint: None, ..profile };
        scribe.adopt(plain).unwrap();
    }
    let matter = scribe.bring_to_proposal(&Draft::of(Category::M02)).unwrap();
    scribe.inquire(matter, Asked::Complaint, Addressee::Village, "无人回应").unwrap();
    let asked: Time = scribe.now();
    let due = waiting(&scribe, matter, Kind::InquiryAnswered).unwrap().due.unwrap();
    assert!(due <= asked.plus_ms(9 * DAY_MS), "{due}");
}

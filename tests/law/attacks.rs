//! What people with keys might try against their village, each step signed as the table asks: refused, or without effect.

use sunvote::core::act::matter::{Disclosure, Place, PlanSettled, Posted};
use sunvote::core::act::village::{DocumentWithdrawn, GrantReason, KinDeclared, RoleCovered, WithdrawReason};
use sunvote::core::act::voting::VoidReason;
use sunvote::core::act::works::Work;
use sunvote::core::act::{Act, Kind};
use sunvote::core::ids::{Digest, MatterId};
use sunvote::core::judge::Remark;
use sunvote::core::model::{Category, Level, Media, Role, Stage};
use sunvote::core::reject::{Rejection, Rule};
use sunvote::core::state::matter::Standing;
use sunvote::core::state::voting::VotingStatus;
use sunvote::core::statement::Header;
use sunvote::log::ledger::Appended;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::{Asked, Draft};

use crate::support::{ASSEMBLY, delivered, hand, matter_of, refused, standing, village, village_of, voting};

/// A matter before its plan is settled.
fn consulted() -> (Scribe, MatterId, Draft) {
    let (mut scribe, draft) = (village(), Draft::of(Category::M02));
    let matter = scribe.bring_to_proposal(&draft).unwrap();
    scribe.consult(matter, &draft).unwrap();
    (scribe, matter, draft)
}

fn settle(
    scribe: &mut Scribe,
    matter: MatterId,
    draft: &Draft,
    change: impl FnOnce(&mut PlanSettled),
) -> Result<Appended, Rejection> {
    let (body, asked) = &draft.ballots[0];
    let ballot = scribe.required_ballot(*body, draft.category, draft.amount_fen, asked).unwrap();
    let mut act = PlanSettled { plan: scribe.text(&draft.plan), amount_fen: draft.amount_fen, ballots: vec![ballot] };
    change(&mut act);
    let header = Header::of(matter).on(scribe.paper(matter, Kind::JointMeetingRecorded));
    scribe.act(&[scribe.hand(Role::Clerk)], header, Act::PlanSettled(act))
}

#[test]
fn a_plan_or_question_that_villagers_can_not_read_is_not_settled() {
    let (mut scribe, matter, draft) = consulted();
    let hidden = scribe.document(Level::Officials, Media::Text, b"plan".to_vec());
    refused(settle(&mut scribe, matter, &draft, |act| act.plan = hidden.clone()), Rule::DocumentLevel);
    refused(
        settle(&mut scribe, matter, &draft, |act| act.ballots[0].questions[0].title.level = Level::Village),
        Rule::DocumentLevel,
    );
    let label = scribe.document(Level::Village, Media::Text, "甲".into());
    refused(
        settle(&mut scribe, matter, &draft, |act| act.ballots[0].questions[0].labels = vec![label]),
        Rule::DocumentLevel,
    );
    settle(&mut scribe, matter, &draft, |_| ()).unwrap();
}

#[test]
fn a_notice_is_public_and_posted_somewhere() {
    let (mut scribe, matter, draft) = consulted();
    scribe.settle_plan(matter, &draft).unwrap();
    let post = |scribe: &mut Scribe, level, places: &[Place]| {
        let notice = scribe.document(level, Media::Text, "方案公示".into());
        let act = Act::PlanPosted(Posted { notice, places: places.to_vec() });
        let header = Header::of(matter).on(scribe.paper(matter, Kind::PlanSettled));
        scribe.act(&[scribe.hand(Role::Clerk)], header, act)
    };
    refused(post(&mut scribe, Level::Officials, &[Place::Board]), Rule::DocumentLevel);
    refused(post(&mut scribe, Level::Public, &[]), Rule::ListForm);
    post(&mut scribe, Level::Public, &[Place::Board]).unwrap();
}

fn withdraw(scribe: &mut Scribe, document: Digest) -> Result<Appended, Rejection> {
    let act = DocumentWithdrawn { document, reason: WithdrawReason::PersonalData, replacement: None };
    scribe.act(&scribe.two(), Header::default(), Act::DocumentWithdrawn(act))
}

#[test]
fn a_plan_withdrawn_after_posting_is_settled_and_posted_anew() {
    let (mut scribe, draft) = (village(), Draft::of(Category::M02));
    let matter = scribe.bring_to_ballot(&draft).unwrap();
    let plan = matter_of(&scribe, matter).settled.as_ref().unwrap().plan.sha256;
    withdraw(&mut scribe, plan).unwrap();
    assert_eq!(standing(&scribe, matter), Standing::At(Stage::Consultation));
    assert!(matter_of(&scribe, matter).plan_notice.is_none());
    refused(scribe.submit_filing(matter), Rule::PaperMissing);
}

#[test]
fn no_plan_is_withdrawn_while_people_vote_on_it() {
    let (mut scribe, vote) = voting(30);
    let plan = matter_of(&scribe, vote.matter).settled.as_ref().unwrap().plan.sha256;
    refused(withdraw(&mut scribe, plan), Rule::VotingUnderway);
}

#[test]
fn an_option_has_no_room_for_a_telephone_number() {
    let (mut scribe, matter, mut draft) = consulted();
    draft.ballots[0].1 = vec![Asked::choice("q1", "选哪一家", &["lisi-13900000000", "zhang"])];
    refused(scribe.settle_plan(matter, &draft), Rule::QuestionWrong);
    draft.ballots[0].1 = vec![Asked::choice("q1", "选哪一家", &["plan-1", "plan-2"])];
    scribe.settle_plan(matter, &draft).unwrap();
}

#[test]
fn choices_are_not_looked_at_while_a_dispute_could_void_the_vote() {
    let (mut scribe, vote) = delivered(30, &[("against", 30)]);
    scribe.dispute(&vote, 1, "不是我投的").unwrap();
    refused(scribe.open_ballots(&vote), Rule::OpenPoint);
    scribe.answer_dispute(&vote, "已核实").unwrap();
    scribe.open_ballots(&vote).unwrap();
    scribe.dispute(&vote, 2, "不是我投的").unwrap();
    refused(scribe.void_vote(&vote, VoidReason::Dispute), Rule::VotingState);
}

#[test]
fn the_first_part_of_the_openings_ends_the_time_for_pretexts() {
    let mut scribe = village_of(&sunvote::log::scribe::people::Term { representatives: 240, ..Default::default() });
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    let session = scribe.gather(ASSEMBLY, &[matter], 210).unwrap();
    let vote = sunvote::log::scribe::voting::Vote::on(session, matter, "q1").unwrap();
    scribe.open_vote(&vote).unwrap();
    scribe.cast_all(&vote, &[("against", 210)]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    let openings = scribe.counting_openings(&vote);
    let first = sunvote::core::act::voting::BallotsOpened { rows: openings[..200].to_vec() };
    let header = crate::support::on_vote(&vote, scribe.vote_paper(&vote, Kind::DeliveriesEnded));
    let header = Header { part: Some(sunvote::core::statement::Part { part: 1, of: 2 }), ..header };
    scribe.act(&[sunvote::log::scribe::Hand::Log], header, Act::BallotsOpened(first)).unwrap();
    scribe.dispute(&vote, 1, "不是我投的").unwrap();
    for reason in [VoidReason::Failure, VoidReason::Dispute] {
        refused(scribe.void_vote(&vote, reason), Rule::VotingState);
    }
    scribe.wait_ms(1).open_ballots(&vote).unwrap();
    scribe.answer_dispute(&vote, "已核实").unwrap();
    scribe.announce(&vote).unwrap();
    assert_eq!(scribe.voting(&vote).unwrap().status, VotingStatus::Announced);
}

#[test]
fn who_files_for_the_township_holds_no_office_in_the_village() {
    let mut scribe = village();
    let approver = scribe.approver();
    refused(scribe.grant(approver, &[Role::BranchSecretary], GrantReason::Appointment), Rule::RoleConflict);
    let today = scribe.now().date();
    let act = RoleCovered {
        holder: scribe.chair(),
        role: Role::Chair,
        person: approver,
        from: today,
        until: today.plus_days(7),
        reason: scribe.text("出差"),
    };
    let by = [scribe.hand(Role::BranchSecretary), scribe.hand(Role::SupervisionCommittee)];
    refused(scribe.act(&by, Header::default(), Act::RoleCovered(act)), Rule::RoleConflict);
}

#[test]
fn kin_declared_between_two_is_no_bar_to_a_third_persons_role() {
    let mut scribe = village();
    let (chair, supervisor) = (scribe.chair(), scribe.supervisor(2));
    let mut persons = vec![chair, supervisor];
    persons.sort_unstable();
    let declared = Act::KinDeclared(KinDeclared { persons });
    scribe.act(&[hand(supervisor, Role::Villager)], Header::default(), declared).unwrap();
    let newcomer = scribe.invent();
    scribe.grant(newcomer, &[Role::GridWorker], GrantReason::Appointment).unwrap();
}

#[test]
fn a_budget_is_spent_once() {
    let mut scribe = village();
    let plan = Draft { amount_fen: 10_000_000, ..Draft::of(Category::M01) };
    let budget = scribe.bring_to_ballot(&plan).unwrap();
    let session = scribe.gather(ASSEMBLY, &[budget], 30).unwrap();
    let vote = sunvote::log::scribe::voting::Vote::on(session, budget, "q1").unwrap();
    scribe.hold(&vote, &[("for", 30)]).unwrap();
    scribe.sign_minutes(session).unwrap();
    let paper = scribe.paper(budget, Kind::MinutesSigned);
    let spend = |scribe: &mut Scribe, amount_fen| {
        let (title, text) = (scribe.text("桥面修补"), scribe.text("按预算"));
        let act = Disclosure { category: Category::M02, title, text, amount_fen, budget: Some(paper) };
        let header = Header::of(scribe.new_matter());
        scribe.act(&scribe.two(), header, Act::DisclosurePosted(act))
    };
    spend(&mut scribe, 6_000_000).unwrap();
    refused(spend(&mut scribe, 6_000_000), Rule::DisclosureNotEnough);
    spend(&mut scribe, 4_000_000).unwrap();
}

#[test]
fn one_fen_more_paid_than_was_settled_is_on_record_and_shown_to_who_signs_off() {
    let mut scribe = village();
    let draft = Draft { amount_fen: 5_000_000, ..Draft::of(Category::M02) };
    let matter = scribe.bring_to_ballot(&draft).unwrap();
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 30)]).unwrap();
    scribe.wait_days(1).post_resolution(matter).unwrap();
    let ends = scribe.resolution_notice_ends(matter);
    assert_eq!(scribe.at(ends).progress(matter, Work::Works, 50, 3_000_000).unwrap().remarks, []);
    assert_eq!(scribe.wait_days(1).progress(matter, Work::Payment, 100, 2_000_000).unwrap().remarks, []);
    assert_eq!(scribe.wait_days(1).progress(matter, Work::Payment, 100, 1).unwrap().remarks, [Remark::Overpaid]);
    assert_eq!(matter_of(&scribe, matter).paid_fen, 5_000_001);
    assert_eq!(scribe.sign_off(matter).unwrap().remarks, [Remark::Overpaid]);
}

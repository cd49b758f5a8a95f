//! A matter's stages: periods, answers, returns, emergencies, disclosures, corrections and ends.

use sunvote::core::act::matter::{Advice, Annulled, Authority, Disclosure, Emergency, Proposed};
use sunvote::core::act::village::{CalendarAdopted, ClericalCorrected, DelegationRecorded};
use sunvote::core::act::works::Work;
use sunvote::core::act::{Act, Kind};
use sunvote::core::calendar::Period;
use sunvote::core::ids::{Digest, MatterId};
use sunvote::core::judge::Remark;
use sunvote::core::model::{Body, Category, Outcome, Role, Stage};
use sunvote::core::reject::{Rejection, Rule};
use sunvote::core::state::matter::Standing;
use sunvote::core::statement::Header;
use sunvote::log::ledger::Appended;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::{Hand, Scribe};

use crate::support::{
    ASSEMBLY, at_ballot, founded, gathered, hand, local_profile, matter_of, refused, standing, village,
};

const ROOTS: &[Hand] = &[Hand::Root(0), Hand::Root(1)];

fn proposed() -> (Scribe, MatterId, Draft) {
    let mut scribe = village();
    let draft = Draft::of(Category::M02);
    let matter = scribe.bring_to_proposal(&draft).unwrap();
    (scribe, matter, draft)
}

fn filed() -> (Scribe, MatterId) {
    let mut scribe = village();
    let matter = scribe.bring_to_filing(&Draft::of(Category::M02)).unwrap();
    (scribe, matter)
}

fn day(text: &str) -> sunvote::core::clock::Time {
    text.parse::<sunvote::core::clock::Date>().unwrap().start()
}

#[test]
fn no_stage_is_skipped_whatever_is_tried() {
    let (mut scribe, matter, draft) = proposed();
    refused(scribe.settle_plan(matter, &draft), Rule::StageWrong);
    refused(scribe.submit_filing(matter), Rule::StageWrong);
    refused(scribe.file(matter), Rule::StageWrong);
    refused(scribe.convene(ASSEMBLY, &[matter]), Rule::StageWrong);
    refused(scribe.post_resolution(matter), Rule::StageWrong);
    refused(scribe.sign_off(matter), Rule::StageWrong);
    scribe.enlarged_meeting(matter).unwrap();
    scribe.joint_meeting(matter).unwrap();
    // Visits are missing: R2.
    refused(scribe.settle_plan(matter, &draft), Rule::PaperMissing);
    refused(scribe.submit_filing(matter), Rule::PaperMissing);
}

#[test]
fn every_opinion_is_answered_before_the_plan_is_settled() {
    let (mut scribe, matter, draft) = proposed();
    scribe.enlarged_meeting(matter).unwrap();
    scribe.visit(matter, &["一".to_owned(), "二".to_owned()]).unwrap();
    scribe.joint_meeting(matter).unwrap();
    refused(scribe.settle_plan(matter, &draft), Rule::OpenPoint);
    scribe.answer_opinions(matter, "采纳").unwrap();
    scribe.settle_plan(matter, &draft).unwrap();
}

#[test]
fn an_objection_is_answered_before_filing_and_a_plan_settled_anew_is_posted_anew() {
    let (mut scribe, matter, draft) = proposed();
    scribe.consult(matter, &draft).unwrap();
    scribe.object(matter, "占了我家菜地").unwrap();
    refused(scribe.submit_after_notice(matter), Rule::OpenPoint);
    refused(scribe.settle_plan(matter, &draft), Rule::OpenPoint);
    scribe.answer_objection(matter, "改走东侧").unwrap();
    scribe.settle_plan(matter, &draft).unwrap();
    refused(scribe.submit_filing(matter), Rule::PaperMissing);
    scribe.post_plan(matter).unwrap();
    refused(scribe.submit_filing(matter), Rule::NoticeEarly);
    scribe.submit_after_notice(matter).unwrap();
}

#[test]
fn an_objection_is_not_lost_when_a_change_is_asked_for() {
    let (mut scribe, matter) = at_ballot();
    let draft = Draft::of(Category::M02);
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 30)]).unwrap();
    scribe.post_resolution(matter).unwrap();
    scribe.object(matter, "施工影响灌溉").unwrap();
    scribe.request_change(matter, "调整工期").unwrap();
    scribe.joint_meeting(matter).unwrap();
    refused(scribe.settle_plan(matter, &draft), Rule::OpenPoint);
    scribe.answer_objection(matter, "避开灌溉期").unwrap();
    scribe.settle_plan(matter, &draft).unwrap();
}

#[test]
fn a_concern_holds_up_every_stage_until_it_is_answered() {
    let (mut scribe, matter) = filed();
    scribe.raise_concern(matter, "材料不全").unwrap();
    refused(scribe.review(matter, Advice::File), Rule::OpenPoint);
    scribe.answer_concern(matter, "已补齐").unwrap();
    scribe.review_and_file(matter).unwrap();
    let session = scribe.gather(ASSEMBLY, &[matter], 30).unwrap();
    scribe.raise_concern(matter, "代表名单有误").unwrap();
    let vote = sunvote::log::scribe::voting::Vote::on(session, matter, "q1").unwrap();
    refused(scribe.open_vote(&vote), Rule::OpenPoint);
    scribe.answer_concern(matter, "名单无误").unwrap();
    scribe.hold(&vote, &[("for", 30)]).unwrap();
    scribe.sign_minutes(session).unwrap();
    scribe.post_resolution(matter).unwrap();
    scribe.progress(matter, Work::Delivery, 100, 0).unwrap();
    scribe.raise_concern(matter, "质量见证缺失").unwrap();
    let ends = scribe.resolution_notice_ends(matter);
    refused(scribe.at(ends).sign_off(matter), Rule::OpenPoint);
}

#[test]
fn sign_off_waits_for_the_notice_and_for_the_work_to_be_done() {
    let (mut scribe, matter) = at_ballot();
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 30)]).unwrap();
    scribe.post_resolution(matter).unwrap();
    let ends = scribe.resolution_notice_ends(matter);
    scribe.progress(matter, Work::Works, 99, 0).unwrap();
    refused(scribe.at(ends).sign_off(matter), Rule::PaperMissing);
    scribe.progress(matter, Work::Delivery, 100, 5).unwrap();
    assert_eq!(matter_of(&scribe, matter).paid_fen, 5);
    scribe.sign_off(matter).unwrap();
    assert_eq!(standing(&scribe, matter), Standing::Ended(Outcome::Finished));
}

#[test]
fn a_supplement_stops_the_townships_clock_until_it_is_provided() {
    let (mut scribe, matter) = filed();
    let due = matter_of(&scribe, matter).filing_due.unwrap();
    scribe.wait_days(1).request_supplement(matter, "缺概算").unwrap();
    refused(scribe.request_supplement(matter, "还缺图纸"), Rule::OpenPoint);
    refused(scribe.review(matter, Advice::File), Rule::OpenPoint);
    // While the township waits, its deadline can't pass.
    refused(scribe.at(due).note_deadline(matter), Rule::ValueRange);
    let asked = scribe.state().matter(matter).unwrap().open.values().next().unwrap().at.time;
    scribe.provide_supplement(matter, "概算表").unwrap();
    let moved = matter_of(&scribe, matter).filing_due.unwrap();
    assert_eq!(moved.ms() - due.ms(), scribe.now().ms() - asked.ms());
    scribe.review_and_file(matter).unwrap();
}

#[test]
fn the_log_notes_an_overdue_review_once_and_not_a_moment_early() {
    let (mut scribe, matter) = filed();
    let due = matter_of(&scribe, matter).filing_due.unwrap();
    refused(scribe.at(due.plus_ms(-1)).note_deadline(matter), Rule::ValueRange);
    assert_eq!(scribe.at(due).note_deadline(matter).unwrap().remarks, [Remark::ReviewOverdue]);
    refused(scribe.wait_days(1).note_deadline(matter), Rule::ValueRange);
    scribe.review_and_file(matter).unwrap();
}

#[test]
fn who_reviewed_does_not_approve() {
    let (mut scribe, matter) = filed();
    let approver = scribe.approver();
    scribe.enrol_officials(&[(approver, Role::TownshipDrafter)]).unwrap();
    scribe.prefer(Role::TownshipDrafter, approver);
    scribe.review(matter, Advice::File).unwrap();
    refused(scribe.file(matter), Rule::SignerSame);
}

#[test]
fn a_notice_that_would_end_in_the_national_day_week_ends_after_it() {
    let (mut scribe, matter, draft) = proposed();
    // Five days from Sunday 27 September end on Friday 2 October; the next working day is Thursday the 8th.
    scribe.at(day("2026-09-23")).consult(matter, &draft).unwrap();
    let posted = matter_of(&scribe, matter).plan_notice.unwrap().at.time;
    assert_eq!(posted.date().to_string(), "2026-09-27");
    assert_eq!(scribe.plan_notice_ends(matter), day("2026-10-09"));
    refused(scribe.at(day("2026-10-09").plus_ms(-1)).submit_filing(matter), Rule::NoticeEarly);
    scribe.at(day("2026-10-09")).submit_filing(matter).unwrap();
    // Five working days from Friday the 9th: Saturday the 10th is worked in exchange, so the last is Thursday the 15th.
    assert_eq!(matter_of(&scribe, matter).filing_due, Some(day("2026-10-16")));
}

#[test]
fn a_session_is_called_with_three_days_notice_that_end_on_a_working_day() {
    let (mut scribe, matter) = at_ballot();
    // Wednesday: the third day is Saturday, so the notice ends on Monday and the earliest day is Tuesday.
    scribe.at(day("2026-03-18"));
    let item = scribe.item(matter, 0);
    let earliest = day("2026-03-24");
    refused(scribe.convene_at(ASSEMBLY, vec![item.clone()], earliest.plus_ms(-1)), Rule::NoticeEarly);
    scribe.convene_at(ASSEMBLY, vec![item], earliest).unwrap();
}

#[test]
fn three_working_days_are_in_time_and_the_fourth_is_late() {
    let (mut scribe, matter, _) = proposed();
    // Held on Friday 6 March: Wednesday the 11th is in time, Thursday the 12th is late.
    let held_on = "2026-03-06".parse().unwrap();
    let record = |scribe: &mut Scribe| -> Result<Appended, Rejection> {
        let minutes = scribe.text("会议记录");
        let attendees = vec![scribe.clerk()];
        let act = sunvote::core::act::matter::EnlargedMeeting { attendees, nonvoting: 0, opinions: None, minutes };
        let header = Header::of(matter).on(scribe.paper(matter, Kind::MatterProposed)).held(held_on);
        scribe.act(&[scribe.hand(Role::Clerk)], header, Act::EnlargedMeetingRecorded(act))
    };
    assert_eq!(record(scribe.at(day("2026-03-12").plus_ms(-1))).unwrap().remarks, []);
    assert_eq!(record(scribe.at(day("2026-03-12"))).unwrap().remarks, [Remark::LateEntry]);
}

#[test]
fn a_calendar_can_not_hold_up_its_reader() {
    let mut scribe = village();
    for month in 1..=12 {
        let holidays = (1..=28).map(|day| format!("2027-{month:02}-{day:02}").parse().unwrap()).collect();
        let act = CalendarAdopted { year: 2027, holidays, workdays: Vec::new() };
        scribe.act(ROOTS, Header::default(), Act::CalendarAdopted(act)).unwrap();
    }
    let profile = local_profile(|profile| profile.filing = Period { days: 367, working: true });
    refused(scribe.adopt(profile), Rule::ValueRange);
    scribe.adopt(local_profile(|profile| profile.filing = Period { days: 366, working: true })).unwrap();
    scribe.bring_to_filing(&Draft::of(Category::M02)).unwrap();
}

pub fn emergency(scribe: &mut Scribe, by: &[Hand]) -> Result<MatterId, Rejection> {
    let draft = Draft::of(Category::M02);
    let ballots = vec![scribe.required_ballot(ASSEMBLY, Category::M02, 500_000, &draft.ballots[0].1)?];
    let (title, plan, reason) = (scribe.text("抢修便桥"), scribe.text("抢修方案"), scribe.text("台风"));
    let act = Emergency { category: Category::M02, title, plan, amount_fen: 500_000, reason, ballots };
    let matter = scribe.new_matter();
    let header = Header::of(matter).held(scribe.now().date());
    scribe.act(by, header, Act::EmergencyDecided(act)).map(|_| matter)
}

pub fn both_committees_and_township(scribe: &Scribe) -> [Hand; 3] {
    let member = hand(scribe.committee_member(0), Role::CommitteeMember);
    [scribe.hand(Role::BranchSecretary), member, scribe.hand(Role::TownshipApprover)]
}

#[test]
fn an_emergency_is_decided_by_both_committees_and_the_township_and_then_ratified() {
    let mut scribe = village();
    let by = both_committees_and_township(&scribe);
    refused(emergency(&mut scribe, &by[..2]), Rule::SignerCount);
    let clerk = scribe.hand(Role::Clerk);
    refused(emergency(&mut scribe, &[by[0], by[1], clerk]), Rule::SignerRole);
    let matter = emergency(&mut scribe, &by).unwrap();
    assert!(matter_of(&scribe, matter).emergency);
    refused(scribe.post_resolution(matter), Rule::StageWrong);
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 16)]).unwrap();
    assert_eq!(standing(&scribe, matter), Standing::At(Stage::Supervision));
}

#[test]
fn an_emergency_that_is_not_ratified_is_rejected_and_changed_only_from_a_suggestion_on() {
    let mut scribe = village();
    let by = both_committees_and_township(&scribe);
    let matter = emergency(&mut scribe, &by).unwrap();
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 15)]).unwrap();
    assert_eq!(standing(&scribe, matter), Standing::Ended(Outcome::Rejected));
    scribe.request_change(matter, "改用预制桥").unwrap();
    assert_eq!(standing(&scribe, matter), Standing::At(Stage::Suggestion));
    refused(scribe.propose(matter, &Draft::of(Category::M02)), Rule::BasisStale);
    scribe.suggest_to(matter, "建预制桥").unwrap();
    scribe.propose(matter, &Draft::of(Category::M02)).unwrap();
}

fn disclose(scribe: &mut Scribe, amount_fen: u64, budget: Option<Digest>) -> Result<Appended, Rejection> {
    let (title, text, matter) = (scribe.text("购置农具"), scribe.text("明细"), scribe.new_matter());
    let act = Disclosure { category: Category::M02, title, text, amount_fen, budget };
    scribe.act(&scribe.two(), Header::of(matter), Act::DisclosurePosted(act))
}

#[test]
fn below_every_threshold_disclosure_is_enough_and_at_it_a_ballot_is_needed() {
    let mut scribe = founded();
    scribe.adopt(local_profile(|profile| profile.from_fen = 500_000)).unwrap();
    scribe.enrol_township().unwrap();
    scribe.open_term(&sunvote::log::scribe::people::Term::default()).unwrap();
    disclose(&mut scribe, 499_999, None).unwrap();
    refused(disclose(&mut scribe, 500_000, None), Rule::DisclosureNotEnough);
}

#[test]
fn where_no_profile_knows_the_category_nothing_is_below_a_threshold() {
    let mut scribe = founded();
    scribe.enrol_township().unwrap();
    scribe.open_term(&sunvote::log::scribe::people::Term::default()).unwrap();
    refused(disclose(&mut scribe, 1, None), Rule::DisclosureNotEnough);
}

#[test]
fn inside_a_voted_annual_budget_disclosure_is_enough_and_beyond_it_is_not() {
    let mut scribe = village();
    let draft = Draft::of(Category::M01);
    let budget = scribe.bring_to_ballot(&draft).unwrap();
    scribe.decide(ASSEMBLY, budget, 30, &[("for", 30)]).unwrap();
    let minutes = scribe.paper(budget, Kind::MinutesSigned);
    disclose(&mut scribe, draft.amount_fen, Some(minutes)).unwrap();
    refused(disclose(&mut scribe, draft.amount_fen + 1, Some(minutes)), Rule::DisclosureNotEnough);
    let plan = scribe.paper(budget, Kind::PlanSettled);
    refused(disclose(&mut scribe, 1, Some(plan)), Rule::DisclosureNotEnough);
    let other = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    scribe.decide(ASSEMBLY, other, 30, &[("for", 30)]).unwrap();
    let minutes = scribe.paper(other, Kind::MinutesSigned);
    refused(disclose(&mut scribe, 1, Some(minutes)), Rule::DisclosureNotEnough);
}

#[test]
fn each_assembly_delegates_to_its_own_representatives() {
    let mut scribe = village();
    let delegate = |scribe: &mut Scribe, from, to| {
        let (until, text) = (scribe.now().date().plus_days(9), scribe.text("授权决定"));
        let act = DelegationRecorded { from, to, categories: vec![Category::M02], until, text };
        scribe.act(&scribe.two(), Header::default(), Act::DelegationRecorded(act))
    };
    refused(delegate(&mut scribe, Body::VillagersAssembly, Body::MembersRepresentatives), Rule::ValueRange);
    refused(delegate(&mut scribe, Body::MembersAssembly, Body::RepresentativeAssembly), Rule::ValueRange);
    refused(delegate(&mut scribe, Body::RepresentativeAssembly, Body::RepresentativeAssembly), Rule::ValueRange);
    delegate(&mut scribe, Body::MembersAssembly, Body::MembersRepresentatives).unwrap();
}

#[test]
fn a_proposal_takes_along_every_suggestion_of_the_matter_it_merges() {
    let mut scribe = village();
    let other = scribe.suggest("建议装路灯").unwrap();
    let answered = scribe.paper(other, Kind::SuggestionEntered);
    scribe.suggest_to(other, "路灯要太阳能的").unwrap();
    let own = scribe.suggest("建议修路").unwrap();
    let propose = |scribe: &mut Scribe| {
        let answers = vec![scribe.paper(own, Kind::SuggestionEntered), answered];
        let (title, plan) = (scribe.text("修路并装路灯"), scribe.text("方案"));
        let act = Proposed { category: Category::M02, title, plan, amount_fen: 1, answers };
        let header = Header::of(own).on(scribe.paper(own, Kind::SuggestionEntered));
        scribe.act(&[scribe.hand(Role::BranchSecretary)], header, Act::MatterProposed(act))
    };
    scribe.raise_concern(other, "与上级项目重复").unwrap();
    refused(propose(&mut scribe), Rule::OpenPoint);
    scribe.answer_concern(other, "不重复").unwrap();
    propose(&mut scribe).unwrap();
    assert_eq!(standing(&scribe, other), Standing::Ended(Outcome::Merged));
    assert_eq!(matter_of(&scribe, own).suggestions.len(), 3);
    refused(scribe.suggest_to(other, "再提一条"), Rule::MatterEnded);
}

#[test]
fn a_typing_error_is_put_right_beside_the_original_and_never_in_what_was_decided() {
    let (mut scribe, matter) = at_ballot();
    let correct = |scribe: &mut Scribe, of: Kind, old: Option<Digest>| {
        let paper = scribe.state().matter(matter).unwrap().papers.paper(of).unwrap().clone();
        let new = scribe.text("更正后的文字");
        let act = ClericalCorrected { of, old: old.unwrap_or(paper.documents[0]), new };
        let header = Header::of(matter).on(paper.at.leaf);
        scribe.act(&scribe.two(), header, Act::ClericalCorrected(act))
    };
    correct(&mut scribe, Kind::PlanPosted, None).unwrap();
    for decided in [Kind::MatterProposed, Kind::PlanSettled] {
        refused(correct(&mut scribe, decided, None), Rule::CorrectionForbidden);
    }
    refused(correct(&mut scribe, Kind::FilingFiled, Some(Digest([9; 32]))), Rule::BasisStale);
}

#[test]
fn a_matter_is_annulled_at_any_time_by_the_township_and_its_discipline_officer() {
    for finished in [false, true] {
        let (mut scribe, matter) = at_ballot();
        if finished {
            scribe.decide(ASSEMBLY, matter, 30, &[("for", 30)]).unwrap();
            scribe.carry_out(matter, 1).unwrap();
        }
        let act = Act::MatterAnnulled(Annulled { authority: Authority::Court, reason: scribe.text("判决") });
        let (approver, officer) = (scribe.hand(Role::TownshipApprover), scribe.hand(Role::TownshipDisciplineOfficer));
        refused(scribe.act(&[approver], Header::of(matter), act.clone()), Rule::SignerCount);
        let appended = scribe.act(&[approver, officer], Header::of(matter), act).unwrap();
        assert_eq!(appended.remarks, [Remark::Annulled]);
        assert_eq!(standing(&scribe, matter), Standing::Ended(Outcome::Annulled));
    }
}

#[test]
fn an_ended_matter_takes_nothing_more_but_a_rejected_one_may_be_changed() {
    let (mut scribe, matter) = at_ballot();
    scribe.withdraw(matter, "暂缓").unwrap();
    refused(scribe.request_change(matter, "再议"), Rule::MatterEnded);
    refused(scribe.raise_concern(matter, "疑问"), Rule::MatterEnded);
    let (mut scribe, matter) = at_ballot();
    scribe.decide(ASSEMBLY, matter, 30, &[("against", 30)]).unwrap();
    refused(scribe.post_resolution(matter), Rule::MatterEnded);
    scribe.request_change(matter, "缩小规模").unwrap();
    assert_eq!(standing(&scribe, matter), Standing::At(Stage::Consultation));
}

#[test]
fn a_profile_changed_after_settling_does_not_change_the_vote() {
    let (mut scribe, matter) = at_ballot();
    scribe.adopt(local_profile(|profile| (profile.threshold.num, profile.threshold.den) = (1, 30))).unwrap();
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 15)]).unwrap();
    assert_eq!(standing(&scribe, matter), Standing::Ended(Outcome::Rejected));
}

#[test]
fn in_the_hall_a_plan_is_not_changed_but_goes_back_to_consultation() {
    let (mut scribe, vote) = gathered(45);
    let (matter, draft) = (vote.matter, Draft::of(Category::M02));
    let settled = matter_of(&scribe, matter).settled.clone();
    let dearer = Draft { amount_fen: draft.amount_fen * 2, ..draft.clone() };
    for (tried, rule) in [
        (scribe.clone().settle_plan(matter, &dearer).map(|_| ()), Rule::StageWrong),
        (scribe.clone().propose(matter, &dearer).map(|_| ()), Rule::StageWrong),
        (scribe.clone().post_plan(matter).map(|_| ()), Rule::StageWrong),
    ] {
        refused(tried, rule);
    }
    for of in [Kind::PlanSettled, Kind::MatterProposed] {
        let paper = matter_of(&scribe, matter).papers.paper(of).expect("a paper").clone();
        let new = scribe.text("改后的方案");
        let act = Act::ClericalCorrected(ClericalCorrected { of, old: paper.documents[0], new });
        let by = scribe.two();
        refused(scribe.act(&by, Header::of(matter).on(paper.at.leaf), act), Rule::CorrectionForbidden);
    }
    assert_eq!(matter_of(&scribe, matter).settled, settled, "the plan is as it was filed");
    scribe.request_change(matter, "会上要求增加金额").unwrap();
    assert_eq!(matter_of(&scribe, matter).stage(), Some(Stage::Consultation));
    refused(scribe.open_vote(&vote), Rule::VotingState);
}

//! What deserves a look: each rule stands when it should, names its entries, and goes when there is nothing to look at any more.

use sunvote::core::act::Act;
use sunvote::core::act::Kind;
use sunvote::core::act::inquiry::{Addressee, Asked, RatingReceived};
use sunvote::core::act::village::{ClericalCorrected, GrantReason, RolesGranted};
use sunvote::core::act::voting::VoidReason;
use sunvote::core::act::works::{Progress, Work};
use sunvote::core::clock::{DAY_MS, Time};
use sunvote::core::ids::{Digest, MatterId, SessionId};
use sunvote::core::model::{Body, Category, Channel, Role, Stage};
use sunvote::core::statement::Header;
use sunvote::core::tasks::tasks;
use sunvote::core::warnings::{Rule, Warning, warnings};
use sunvote::log::entry::Entry;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Hand, Scribe};
use sunvote::log::signed::Signed;

use crate::support::{ASSEMBLY, at_ballot, enrol, gathered, key, matter_of, public, village, voting};
use crate::terminals::hall;

/// What stands now.
fn standing(scribe: &Scribe) -> Vec<Warning> {
    let all = warnings(scribe.state(), &tasks(scribe.state()));
    all.into_iter().filter(|warning| warning.from <= scribe.now()).collect()
}

fn rules(scribe: &Scribe) -> Vec<Rule> {
    standing(scribe).into_iter().map(|warning| warning.rule).collect()
}

/// The one that stands by this rule.
#[track_caller]
fn the(scribe: &Scribe, rule: Rule) -> Warning {
    let mut all = standing(scribe).into_iter().filter(|warning| warning.rule == rule);
    let found = all.next().unwrap_or_else(|| panic!("{rule} does not stand: {:?}", rules(scribe)));
    assert_eq!(all.next(), None);
    found
}

/// Kinds of the entries that a warning names.
fn kinds(scribe: &Scribe, warning: &Warning) -> Vec<Kind> {
    let at = |seq: &u64| {
        let entry = Entry::parse(&scribe.entries[usize::try_from(*seq).unwrap()].bytes).unwrap();
        Signed::read(entry.statement).unwrap().statement.kind()
    };
    warning.entries.iter().map(at).collect()
}

/// A resolution that waits to be carried out.
fn resolved() -> (Scribe, MatterId, SessionId) {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.decide(ASSEMBLY, matter, 30, &[("for", 30)]).unwrap();
    scribe.wait_days(1).post_resolution(matter).unwrap();
    (scribe, matter, session)
}

#[test]
fn a_matter_that_goes_its_way_in_time_is_not_pointed_at() {
    let mut scribe = village();
    let draft = Draft::of(Category::M02);
    let matter = scribe.bring_to_ballot(&draft).unwrap();
    assert_eq!(rules(&scribe), []);
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 20), ("against", 10)]).unwrap();
    assert_eq!(rules(&scribe), []);
    scribe.carry_out(matter, draft.amount_fen).unwrap();
    assert_eq!(rules(&scribe), []);
}

#[test]
fn a_filing_is_late_once_its_days_are_over_and_not_while_papers_are_awaited() {
    let mut scribe = village();
    let matter = scribe.bring_to_filing(&Draft::of(Category::M02)).unwrap();
    let due = matter_of(&scribe, matter).filing_due.unwrap();
    scribe.at(due.plus_ms(-1));
    assert_eq!(rules(&scribe), []);
    scribe.at(due);
    let found = the(&scribe, Rule::FilingLate);
    assert_eq!((found.matter, found.from), (Some(matter), due));
    assert_eq!(kinds(&scribe, &found), [Kind::FilingSubmitted]);
    scribe.request_supplement(matter, "请补会议照片").unwrap();
    assert_eq!(rules(&scribe), []);
}

#[test]
fn an_objection_waits_for_its_answer_as_long_as_the_profile_says() {
    let mut scribe = village();
    let draft = Draft::of(Category::M02);
    let matter = scribe.bring_to_proposal(&draft).unwrap();
    scribe.consult(matter, &draft).unwrap();
    scribe.wait_days(1).object(matter, "灯杆太密").unwrap();
    scribe.wait_days(1).object(matter, "太贵").unwrap();
    let first = scribe.now();
    scribe.wait_days(4);
    assert_eq!(rules(&scribe), [], "until {}", scribe.now());
    scribe.wait_days(3);
    // Of both the one that has waited longer.
    let found = the(&scribe, Rule::AnswerLate);
    assert!(found.from <= first.plus_ms(5 * DAY_MS) && found.from > first, "{}", found.from);
    assert_eq!(kinds(&scribe, &found), [Kind::ObjectionEntered]);
    scribe.answer_objection(matter, "按方案").unwrap();
    scribe.answer_objection(matter, "比过三家").unwrap();
    assert_eq!(rules(&scribe), []);
}

#[test]
fn a_resolution_stands_still_after_sixty_days_without_progress() {
    let (mut scribe, matter, _) = resolved();
    // What nobody has decided yet waits for other reasons.
    scribe.suggest("修桥").unwrap();
    scribe.wait_days(59);
    assert_eq!(rules(&scribe), []);
    scribe.wait_days(2);
    assert_eq!(the(&scribe, Rule::Stalled).matter, Some(matter));
    scribe.progress(matter, Work::Works, 40, 0).unwrap();
    assert_eq!(rules(&scribe), []);
}

#[test]
fn a_payment_above_what_was_approved_is_pointed_at_and_stays_so_after_the_sign_off() {
    let (mut scribe, matter, _) = resolved();
    let allowed = matter_of(&scribe, matter).settled.as_ref().unwrap().amount_fen;
    let ends = scribe.resolution_notice_ends(matter);
    scribe.at(ends).progress(matter, Work::Payment, 50, allowed).unwrap();
    assert_eq!(rules(&scribe), []);
    scribe.progress(matter, Work::Payment, 100, 1).unwrap();
    let found = the(&scribe, Rule::Overpaid);
    assert_eq!((found.number, found.of), (allowed + 1, allowed));
    assert_eq!(kinds(&scribe, &found), [Kind::PlanSettled, Kind::ProgressRecorded]);
    scribe.wait_days(1).sign_off(matter).unwrap();
    assert_eq!(standing(&scribe), [found]);
    // Years later it is history.
    scribe.wait_days(401).suggest("修桥").unwrap();
    assert_eq!(rules(&scribe), [Rule::SessionMissing]);
}

#[test]
fn contracts_and_payments_under_them_are_held_against_what_was_agreed() {
    let (mut scribe, matter, _) = resolved();
    let allowed = matter_of(&scribe, matter).settled.as_ref().unwrap().amount_fen;
    scribe.contract(matter, allowed, &[]).unwrap();
    let leaf = matter_of(&scribe, matter).contracts[0].at.leaf;
    let papers = vec![scribe.text("付款凭证")];
    let act = Progress { contract: Some(leaf), ..Progress::of(Work::Payment, 50, allowed, papers.clone()) };
    scribe.report(matter, act).unwrap();
    assert_eq!(rules(&scribe), []);
    scribe.wait_minutes(1).contract(matter, 1, &[]).unwrap();
    let found = the(&scribe, Rule::OverContracted);
    assert_eq!((found.number, found.of), (allowed + 1, allowed));
    assert_eq!(kinds(&scribe, &found), [Kind::ContractRecorded, Kind::ContractRecorded]);
    let act = Progress { contract: Some(leaf), ..Progress::of(Work::Payment, 50, 1, papers) };
    scribe.wait_minutes(1).report(matter, act).unwrap();
    let found = the(&scribe, Rule::ContractOverpaid);
    assert_eq!((found.number, found.of), (allowed + 1, allowed));
    assert_eq!(kinds(&scribe, &found), [Kind::ContractRecorded, Kind::ProgressRecorded]);
}

#[test]
fn a_milestone_is_late_the_day_after_its_day_until_it_is_reached() {
    let (mut scribe, matter, _) = resolved();
    let due = scribe.now().date().plus_days(10);
    scribe.contract(matter, 9, &[(due, 1), (due.plus_days(20), 1)]).unwrap();
    scribe.at(due.plus_days(1).start().plus_ms(-1));
    assert_eq!(rules(&scribe), []);
    scribe.at(due.plus_days(1).start());
    let found = the(&scribe, Rule::MilestoneLate);
    assert_eq!((found.matter, kinds(&scribe, &found)), (Some(matter), vec![Kind::ContractRecorded]));
    let (leaf, papers) = (matter_of(&scribe, matter).contracts[0].at.leaf, vec![scribe.text("照片")]);
    let act = Progress { contract: Some(leaf), milestone: Some(1), ..Progress::of(Work::Works, 50, 0, papers) };
    scribe.report(matter, act).unwrap();
    assert_eq!(rules(&scribe), []);
}

#[test]
fn what_people_say_moves_no_resolution_on() {
    let (mut scribe, matter, _) = resolved();
    scribe.wait_days(50).inquire(matter, Asked::Interpellation, Addressee::Village, "为何不动工").unwrap();
    scribe.wait_days(5).answer_inquiry(matter, Role::Chair, "等图纸").unwrap();
    scribe.wait_days(6);
    assert_eq!(the(&scribe, Rule::Stalled).matter, Some(matter));
}

#[test]
fn five_bad_ratings_are_pointed_at_while_there_are_more_of_them_than_good_ones() {
    let (mut scribe, matter, _) = resolved();
    let ends = scribe.resolution_notice_ends(matter);
    scribe.at(ends).progress(matter, Work::Works, 40, 0).unwrap();
    let rate = |scribe: &mut Scribe, score: u8, times: usize| {
        for _ in 0..times {
            let receipt = Digest(scribe.draw());
            let act = Act::RatingReceived(RatingReceived { score, text: None, receipt });
            scribe.wait_minutes(1).act(&[Hand::Log], Header::of(matter), act).unwrap();
        }
    };
    rate(&mut scribe, 2, 4);
    assert_eq!(rules(&scribe), []);
    rate(&mut scribe, 1, 1);
    let found = the(&scribe, Rule::RatedBadly);
    assert_eq!((found.number, found.of, kinds(&scribe, &found)), (5, 5, vec![Kind::RatingReceived]));
    rate(&mut scribe, 3, 9);
    rate(&mut scribe, 4, 4);
    assert_eq!(the(&scribe, Rule::RatedBadly).of, 18);
    rate(&mut scribe, 5, 1);
    assert_eq!(rules(&scribe), []);
}

#[test]
fn a_complaint_that_was_not_made_to_the_village_is_not_the_villages_to_answer() {
    let mut scribe = village();
    let matter = scribe.suggest("修桥").unwrap();
    scribe.inquire(matter, Asked::Complaint, Addressee::Township, "压着不办").unwrap();
    let asked = scribe.now();
    scribe.wait_days(20);
    assert_eq!(rules(&scribe), []);
    scribe.wait_days(9);
    let found = the(&scribe, Rule::ComplaintLate);
    assert_eq!(kinds(&scribe, &found), [Kind::InquiryEntered]);
    assert!(found.from > asked.plus_ms(20 * DAY_MS), "{}", found.from);
    scribe.answer_inquiry(matter, Role::TownshipDrafter, "已约谈").unwrap();
    scribe.inquire(matter, Asked::Complaint, Addressee::SupervisionCommittee, "压着不办").unwrap();
    scribe.wait_days(30);
    assert_eq!(rules(&scribe), [Rule::AnswerLate]);
}

#[test]
fn a_slip_put_right_within_a_day_before_the_vote_is_pointed_at() {
    for (hours, pointed) in [(25, false), (23, true)] {
        let (mut scribe, vote) = gathered(30);
        let matter = vote.matter;
        let opens = scribe.now();
        let mut early = scribe.clone();
        let paper = early.state().matter(matter).unwrap().papers.paper(Kind::PlanPosted).unwrap().clone();
        let act = ClericalCorrected { of: Kind::PlanPosted, old: paper.documents[0], new: early.text("更正") };
        let header = Header::of(matter).on(paper.at.leaf);
        early.act(&early.two(), header, Act::ClericalCorrected(act)).unwrap();
        early.at(opens.plus_ms(hours * 3_600_000)).open_vote(&vote).unwrap();
        scribe.at(opens.plus_ms(hours * 3_600_000)).open_vote(&vote).unwrap();
        assert_eq!(rules(&scribe), []);
        let expected = if pointed { vec![Rule::CorrectedBeforeVote] } else { vec![] };
        assert_eq!(rules(&early), expected, "{hours}");
        if pointed {
            let found = the(&early, Rule::CorrectedBeforeVote);
            assert_eq!((found.question.is_some(), found.number), (true, 1));
            assert_eq!(kinds(&early, &found), [Kind::ClericalCorrected, Kind::VotingOpened]);
        }
    }
}

#[test]
fn eight_ballots_by_phone_within_five_seconds_are_pointed_at_once_no_more_come() {
    for (apart, pointed) in [(714, true), (715, false)] {
        let (mut scribe, vote) = voting(30);
        for voter in 1..=8 {
            scribe.wait_ms(apart).cast(&vote, voter, "for").unwrap();
        }
        assert_eq!(rules(&scribe), []);
        scribe.close_on_time(&vote).unwrap();
        scribe.end_deliveries(&vote).unwrap();
        let found: Vec<Warning> = standing(&scribe).into_iter().filter(|one| one.rule == Rule::BallotsAtOnce).collect();
        assert_eq!(found.len(), usize::from(pointed), "{apart}");
        if let [found] = &found[..] {
            assert_eq!((found.number, found.of), (8, 8));
            assert_eq!(kinds(&scribe, found), vec![Kind::BallotCast; 8]);
        }
    }
}

#[test]
fn a_second_session_without_quorum_is_pointed_at_and_so_is_a_second_return() {
    let (mut scribe, matter) = at_ballot();
    for times in 1..=2 {
        let session = scribe.gather(ASSEMBLY, &[matter], 29).unwrap();
        scribe.wait_minutes(1).fail(session).unwrap();
        assert_eq!(rules(&scribe).contains(&Rule::NoQuorum), times == 2);
    }
    let found = the(&scribe, Rule::NoQuorum);
    assert_eq!((found.number, found.from, kinds(&scribe, &found)), (2, scribe.now(), vec![Kind::SessionFailed; 2]));
    // Who asks about it makes it neither younger nor resting on something else.
    scribe.wait_days(1).inquire(matter, Asked::Interpellation, Addressee::Village, "为何凑不齐人").unwrap();
    assert_eq!(the(&scribe, Rule::NoQuorum), found);
    let mut scribe = village();
    let draft = Draft::of(Category::M02);
    let matter = scribe.bring_to_filing(&draft).unwrap();
    scribe.return_to(matter, Stage::Proposal, "方案不清楚").unwrap();
    assert_eq!(rules(&scribe), []);
    scribe.propose(matter, &draft).unwrap();
    scribe.consult(matter, &draft).unwrap();
    scribe.submit_after_notice(matter).unwrap();
    scribe.return_to(matter, Stage::Consultation, "还是不清楚").unwrap();
    let found = the(&scribe, Rule::ReturnedAgain);
    assert_eq!((found.number, found.from, kinds(&scribe, &found)), (2, scribe.now(), vec![Kind::FilingReturned; 2]));
    scribe.wait_days(1).inquire(matter, Asked::Interpellation, Addressee::Village, "为何又退回").unwrap();
    assert_eq!(the(&scribe, Rule::ReturnedAgain), found);
}

#[test]
fn an_emergency_is_to_be_ratified_within_a_month() {
    let mut scribe = village();
    let by = crate::matters::both_committees_and_township(&scribe);
    let matter = crate::matters::emergency(&mut scribe, &by).unwrap();
    scribe.wait_days(29);
    assert_eq!(rules(&scribe), []);
    scribe.wait_days(1);
    let found = the(&scribe, Rule::EmergencyOpen);
    assert_eq!((found.matter, kinds(&scribe, &found)), (Some(matter), vec![Kind::EmergencyDecided]));
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 30)]).unwrap();
    assert_eq!(rules(&scribe), []);
}

#[test]
fn representatives_meet_each_quarter() {
    let (mut scribe, matter, session) = resolved();
    let starts: Time = scribe.state().session(session).unwrap().starts_at;
    let ends = scribe.resolution_notice_ends(matter);
    scribe.at(ends).progress(matter, Work::Works, 40, 0).unwrap();
    scribe.at(starts).wait_days(40).progress(matter, Work::Works, 50, 0).unwrap();
    scribe.at(starts).wait_days(91);
    assert_eq!(rules(&scribe), []);
    scribe.wait_days(1);
    assert_eq!(rules(&scribe), [Rule::SessionMissing]);
    let next = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    scribe.decide(ASSEMBLY, next, 30, &[("for", 30)]).unwrap();
    assert!(!rules(&scribe).contains(&Rule::SessionMissing));
    assert_eq!(ASSEMBLY, Body::RepresentativeAssembly);
}

#[test]
fn minutes_are_signed_within_three_days() {
    let (mut scribe, vote) = gathered(30);
    scribe.hold(&vote, &[("for", 30)]).unwrap();
    let starts = scribe.state().session(vote.session).unwrap().starts_at;
    scribe.at(starts).wait_days(3).wait_ms(-1);
    assert_eq!(rules(&scribe), []);
    scribe.wait_ms(1);
    let found = the(&scribe, Rule::MinutesLate);
    assert_eq!((found.session, kinds(&scribe, &found)), (Some(vote.session), vec![Kind::VotingOpened]));
    scribe.sign_minutes(vote.session).unwrap();
    assert_eq!(rules(&scribe), []);
}

#[test]
fn a_void_vote_and_a_recount_are_pointed_at() {
    let (mut scribe, vote) = voting(30);
    scribe.void_vote(&vote, VoidReason::Failure).unwrap();
    let found = the(&scribe, Rule::VoteVoid);
    assert_eq!(kinds(&scribe, &found), [Kind::VotingOpened, Kind::VotingVoided]);
    assert_eq!((found.matter, found.question.as_ref()), (Some(vote.matter), Some(&vote.question)));
    // Held again in the same session: that it was void stays.
    scribe.wait_minutes(1).open_vote(&vote).unwrap();
    assert_eq!(the(&scribe, Rule::VoteVoid), found);
    scribe.wait_minutes(1).void_vote(&vote, VoidReason::Failure).unwrap();
    scribe.wait_minutes(1).open_vote(&vote).unwrap();
    assert_eq!(the(&scribe, Rule::VoteVoid), found, "the first of two");
    let (mut scribe, vote) = voting(30);
    scribe.issue_paper(&vote, &[1, 2, 3, 4, 5]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    scribe.count_paper(&vote, &[3, 2, 0], 0).unwrap();
    scribe.dispute(&vote, 1, "票数不对").unwrap();
    assert_eq!(rules(&scribe), []);
    scribe.recount_paper(&vote, &[2, 3, 0], 0).unwrap();
    assert_eq!(kinds(&scribe, &the(&scribe, Rule::Recounted)), [Kind::VotingOpened, Kind::PaperRecounted]);
}

#[test]
fn papers_handed_out_over_three_ballots_are_pointed_at_also_once_the_result_is_out() {
    let (mut scribe, vote) = voting(30);
    for voter in 1..=3 {
        scribe.cast(&vote, voter, "against").unwrap();
    }
    scribe.issue_paper(&vote, &[1, 2, 9, 10]).unwrap();
    let mut two = scribe.clone();
    two.close_on_time(&vote).unwrap();
    two.end_deliveries(&vote).unwrap();
    assert_eq!(rules(&two), [], "two of them");
    scribe.wait_minutes(1).issue_paper(&vote, &[3]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    assert_eq!(rules(&scribe), [], "ballots may still come");
    scribe.end_deliveries(&vote).unwrap();
    let found = the(&scribe, Rule::PapersOverBallots);
    assert_eq!((found.number, found.of, kinds(&scribe, &found)), (3, 5, vec![Kind::VotingOpened]));
    scribe.count_paper(&vote, &[5, 0, 0], 0).unwrap();
    scribe.open_ballots(&vote).unwrap();
    scribe.wait_minutes(1).announce(&vote).unwrap();
    assert_eq!(the(&scribe, Rule::PapersOverBallots).number, 3);
}

/// Tables are not made anew for ballots, so what they hold must not depend on one.
#[test]
fn a_ballot_changes_no_warning_not_even_one_that_a_paper_overtook() {
    let (mut scribe, vote, mut terminal) = hall();
    let taken: Vec<_> = (1..=3).map(|voter| scribe.take_at(&vote, &mut terminal, (voter, 1), "for").unwrap()).collect();
    let all = |scribe: &Scribe| warnings(scribe.state(), &tasks(scribe.state()));
    scribe.wait_minutes(1).issue_paper(&vote, &[1, 2, 3]).unwrap();
    let before = all(&scribe);
    for ballot in &taken {
        scribe.append(ballot).unwrap();
        assert_eq!(all(&scribe), before);
    }
    assert_eq!(scribe.voting(&vote).unwrap().papers_over_ballots().len(), 3);
    scribe.close_on_time(&vote).unwrap();
    scribe.seal_terminal(&vote, &terminal).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    assert_eq!(the(&scribe, Rule::PapersOverBallots).number, 3);
}

#[test]
fn three_new_keys_between_the_call_and_the_vote_are_pointed_at() {
    let renewed = |count: u8| {
        let (mut scribe, matter) = at_ballot();
        let session = scribe.gather_by(ASSEMBLY, &[matter], 30, &[Channel::Online, Channel::Paper]).unwrap();
        for nth in 1..=count {
            let person = scribe.voter(session, u32::from(nth));
            enrol(&mut scribe, person, public(&key(100 + nth))).unwrap();
        }
        let vote = Vote::on(session, matter, "q1").unwrap();
        scribe.open_vote(&vote).unwrap();
        (scribe, session)
    };
    assert_eq!(rules(&renewed(2).0), []);
    let (scribe, session) = renewed(3);
    let found = the(&scribe, Rule::KeysRenewed);
    assert_eq!((found.number, found.of, found.session), (3, 45, Some(session)));
    assert_eq!(kinds(&scribe, &found), [Kind::KeysEnrolled; 3]);
}

#[test]
fn first_keys_of_members_who_came_by_a_by_election_are_no_new_ones() {
    let (mut scribe, matter) = at_ballot();
    let mut newcomers = [scribe.invent(), scribe.invent(), scribe.invent()];
    newcomers.sort_unstable();
    let people = newcomers.map(|person| scribe.term_row(person, &[Role::Representative], None)).to_vec();
    let act = RolesGranted { people, reason: GrantReason::ByElection, text: scribe.text("补选结果") };
    scribe.act(&scribe.two(), Header::default(), Act::RolesGranted(act)).unwrap();
    let session = scribe.gather_by(ASSEMBLY, &[matter], 33, &[Channel::Online, Channel::Paper]).unwrap();
    for (nth, person) in (120..).zip(newcomers) {
        enrol(&mut scribe, person, public(&key(nth))).unwrap();
    }
    scribe.open_vote(&Vote::on(session, matter, "q1").unwrap()).unwrap();
    assert_eq!(rules(&scribe), []);
}

#[test]
fn names_tell_warnings_apart_and_stay() {
    let (mut scribe, vote) = voting(30);
    scribe.void_vote(&vote, VoidReason::Failure).unwrap();
    let names = |scribe: &Scribe| standing(scribe).iter().map(Warning::name).collect::<Vec<_>>();
    let before = names(&scribe);
    assert_eq!(before, [format!("vote_void/{}/{}/q1", vote.matter, vote.session)]);
    scribe.wait_days(1).suggest("修桥").unwrap();
    assert_eq!(names(&scribe), before);
}

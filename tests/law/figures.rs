//! What a matter adds to the figures: each thing once, dated by its entry, and nothing of a vote before its result.

use sunvote::core::act::works::Work;
use sunvote::core::clock::Time;
use sunvote::core::figures::{Fact, Measure, days_between, facts};
use sunvote::core::ids::MatterId;
use sunvote::core::model::{Body, Category, Stage};
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;

use crate::support::{ASSEMBLY, at_ballot, gathered, matter_of, village, voting};

fn of(scribe: &Scribe, matter: MatterId) -> Vec<Fact> {
    facts(scribe.state(), matter, matter_of(scribe, matter))
}

/// Codes and numbers of one measure, in order.
fn told(scribe: &Scribe, matter: MatterId, measure: Measure) -> Vec<(&'static str, u64)> {
    of(scribe, matter).iter().filter(|fact| fact.measure == measure).map(|fact| (fact.code, fact.number)).collect()
}

fn stages(scribe: &Scribe, matter: MatterId) -> Vec<&'static str> {
    told(scribe, matter, Measure::Left).into_iter().map(|(stage, _)| stage).collect()
}

#[test]
fn days_are_calendar_days_in_shanghai() {
    let time = |text: &str| text.parse::<Time>().unwrap();
    // 16:00 UTC is midnight there.
    let (evening, midnight) = (time("2026-03-02T15:59:59.999Z"), time("2026-03-02T16:00:00.000Z"));
    assert_eq!((days_between(evening, evening), days_between(evening, midnight)), (0, 1));
    assert_eq!(days_between(midnight, time("2026-03-12T15:59:59.999Z")), 9);
}

#[test]
fn a_matter_that_goes_its_way_counts_each_step_its_outcome_and_its_money() {
    let mut scribe = village();
    let draft = Draft::of(Category::M02);
    let matter = scribe.suggest("路灯太暗").unwrap();
    scribe.wait_days(3).propose(matter, &draft).unwrap();
    assert_eq!(told(&scribe, matter, Measure::Opened), [("proposal", 1)]);
    assert_eq!(told(&scribe, matter, Measure::Left), [("suggestion", 3)]);
    scribe.consult(matter, &draft).unwrap();
    scribe.submit_after_notice(matter).unwrap();
    scribe.review_and_file(matter).unwrap();
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 20), ("against", 10)]).unwrap();
    assert_eq!(told(&scribe, matter, Measure::Decided), [("", draft.amount_fen)]);
    assert_eq!(told(&scribe, matter, Measure::Ended), []);
    scribe.carry_out(matter, draft.amount_fen).unwrap();

    assert_eq!(stages(&scribe, matter), ["suggestion", "proposal", "consultation", "filing", "ballot", "supervision"]);
    assert_eq!(told(&scribe, matter, Measure::Opened), [("ended", 1)]);
    assert_eq!(told(&scribe, matter, Measure::Ended), [("finished", draft.amount_fen)]);
    assert_eq!(told(&scribe, matter, Measure::Paid), [("", draft.amount_fen)]);
    let all = of(&scribe, matter);
    assert!(all.iter().all(|fact| fact.category == Some(Category::M02)));
    assert!(all.iter().all(|fact| fact.body == Some(Body::RepresentativeAssembly)));
    let opened = matter_of(&scribe, matter).opened;
    assert_eq!((all[0].seq, all[0].time), (opened.seq, opened.time), "dated by the entry that opened it");
    let days: u64 = told(&scribe, matter, Measure::Left).iter().map(|(_, days)| days).sum();
    assert_eq!(days, days_between(opened.time, scribe.now()), "no day is lost between two steps");
}

#[test]
fn a_return_counts_and_so_does_each_stage_that_is_gone_through_again() {
    let mut scribe = village();
    let draft = Draft::of(Category::M04);
    let matter = scribe.bring_to_filing(&draft).unwrap();
    scribe.wait_days(2).return_to(matter, Stage::Consultation, "再商议").unwrap();
    assert_eq!(told(&scribe, matter, Measure::Returned), [("", 1)]);
    assert_eq!(told(&scribe, matter, Measure::Opened), [("consultation", 1)]);
    assert_eq!(of(&scribe, matter)[0].body, None, "its plan is out of force");
    scribe.wait_days(1).withdraw(matter, "另有安排").unwrap();
    assert_eq!(stages(&scribe, matter), ["suggestion", "proposal", "consultation", "filing", "consultation"]);
    assert_eq!(told(&scribe, matter, Measure::Ended), [("withdrawn", draft.amount_fen)]);
    assert_eq!(told(&scribe, matter, Measure::Left).last(), Some(&("consultation", 1)));
}

#[test]
fn nothing_of_a_vote_is_counted_before_its_result() {
    let (mut scribe, vote) = voting(30);
    scribe.cast_all(&vote, &[("for", 12), ("against", 3)]).unwrap();
    scribe.wait_minutes(1).issue_paper(&vote, &[16, 17, 18, 19, 20]).unwrap();
    assert_eq!(told(&scribe, vote.matter, Measure::Vote), []);
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    scribe.wait_minutes(5).count_paper(&vote, &[5, 0, 0], 0).unwrap();
    scribe.open_ballots(&vote).unwrap();
    assert_eq!(told(&scribe, vote.matter, Measure::Vote), []);
    scribe.announce(&vote).unwrap();
    let due = u64::from(scribe.state().session(vote.session).unwrap().eligible());
    let expected = [("due", due), ("present", 30), ("voted", 20), ("passed", 1), ("online", 15), ("paper", 5)];
    assert_eq!(told(&scribe, vote.matter, Measure::Vote), expected);
    // The minutes throw the choices away: what is counted stays.
    scribe.sign_minutes(vote.session).unwrap();
    assert_eq!(told(&scribe, vote.matter, Measure::Vote), expected);
    let fact = of(&scribe, vote.matter).into_iter().find(|fact| fact.measure == Measure::Vote).unwrap();
    assert_eq!((fact.session, fact.body), (Some(vote.session), Some(ASSEMBLY)));
}

#[test]
fn a_matter_that_fails_counts_as_rejected_and_again_when_it_is_voted_on_again() {
    let (mut scribe, matter) = at_ballot();
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 15), ("against", 15)]).unwrap();
    let amount = Draft::of(Category::M02).amount_fen;
    assert_eq!(told(&scribe, matter, Measure::Ended), [("rejected", amount)]);
    assert_eq!(told(&scribe, matter, Measure::Decided), []);
    scribe.wait_days(1).request_change(matter, "降低金额").unwrap();
    assert_eq!(told(&scribe, matter, Measure::Opened), [("consultation", 1)]);
    let draft = Draft { amount_fen: amount / 2, ..Draft::of(Category::M02) };
    scribe.wait_days(1).settle_and_post(matter, &draft).unwrap();
    scribe.submit_after_notice(matter).unwrap();
    scribe.review_and_file(matter).unwrap();
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 30)]).unwrap();
    assert_eq!(told(&scribe, matter, Measure::Decided), [("", amount / 2)]);
    assert_eq!(told(&scribe, matter, Measure::Ended), [("rejected", amount)], "what it was about then");
    assert_eq!(stages(&scribe, matter).iter().filter(|stage| **stage == "ballot").count(), 2);
}

#[test]
fn payments_count_as_they_come_and_reports_without_one_do_not() {
    let (mut scribe, vote) = gathered(30);
    scribe.hold(&vote, &[("for", 30)]).unwrap();
    scribe.wait_minutes(10).sign_minutes(vote.session).unwrap();
    let matter = vote.matter;
    scribe.wait_days(1).post_resolution(matter).unwrap();
    let ends = scribe.resolution_notice_ends(matter);
    scribe.at(ends).progress(matter, Work::Works, 10, 0).unwrap();
    scribe.wait_days(1).progress(matter, Work::Payment, 40, 70_005).unwrap();
    scribe.wait_days(1).progress(matter, Work::Payment, 60, 1).unwrap();
    assert_eq!(told(&scribe, matter, Measure::Paid), [("", 70_005), ("", 1)]);
}

//! The district's catalogue: what is only disclosed, which papers a filing needs, when the village discloses.

use sunvote::core::act::matter::{Disclosure, Filing};
use sunvote::core::act::{Act, Kind};
use sunvote::core::catalogue::{Catalogue, Subject};
use sunvote::core::clock::Date;
use sunvote::core::ids::MatterId;
use sunvote::core::model::{Category, PaperCode, Role};
use sunvote::core::reject::{Rejection, Rule};
use sunvote::core::statement::Header;
use sunvote::core::tasks::{disclosures, next_disclosure, tasks};
use sunvote::core::warnings::{Rule as Warned, warnings};
use sunvote::log::ledger::Appended;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::{Hand, Scribe};

use crate::support::{catalogue, hand, refused, village};

fn disclose(scribe: &mut Scribe, category: Category, amount_fen: u64) -> Result<Appended, Rejection> {
    let (title, text, matter) = (scribe.text("购置农具"), scribe.text("明细"), scribe.new_matter());
    let act = Disclosure { category, title, text, amount_fen, budget: None };
    scribe.act(&scribe.two(), Header::of(matter), Act::DisclosurePosted(act))
}

#[test]
fn below_its_threshold_disclosure_is_enough_from_the_day_it_is_in_force() {
    let mut scribe = village();
    let tomorrow = scribe.now().date().plus_days(1);
    refused(disclose(&mut scribe, Category::M02, 499_999), Rule::DisclosureNotEnough);
    scribe.adopt_catalogue(catalogue(|catalogue| catalogue.effective = tomorrow)).unwrap();
    refused(disclose(&mut scribe, Category::M02, 499_999), Rule::DisclosureNotEnough);
    scribe.at(tomorrow.start());
    disclose(&mut scribe, Category::M02, 499_999).unwrap();
    refused(disclose(&mut scribe, Category::M02, 500_000), Rule::DisclosureNotEnough);
    // Another category, without a threshold.
    refused(disclose(&mut scribe, Category::M06, 1), Rule::DisclosureNotEnough);
    // The next version takes its place, even where it says nothing of the category.
    let version = |catalogue: &mut Catalogue| {
        catalogue.version = 2;
        catalogue.entries.retain(|entry| entry.category == Category::M06);
    };
    scribe.adopt_catalogue(catalogue(version)).unwrap();
    refused(disclose(&mut scribe, Category::M02, 1), Rule::DisclosureNotEnough);
}

#[test]
fn a_catalogue_has_a_rising_version_and_makes_sense() {
    let mut scribe = village();
    refused(scribe.adopt_catalogue(catalogue(|catalogue| catalogue.entries.clear())), Rule::ValueRange);
    refused(scribe.adopt_catalogue(catalogue(|catalogue| catalogue.version = 0)), Rule::ValueRange);
    scribe.adopt_catalogue(catalogue(|catalogue| catalogue.version = 2)).unwrap();
    for version in [1, 2] {
        let again = |catalogue: &mut Catalogue| (catalogue.version, catalogue.citation) = (version, "again".to_owned());
        refused(scribe.adopt_catalogue(catalogue(again)), Rule::ValueRange);
    }
    let never = |catalogue: &mut Catalogue| {
        catalogue.version = 3;
        let land = catalogue.entries.iter_mut().find(|entry| entry.category == Category::M08);
        land.unwrap().disclose_below_fen = Some(1);
    };
    refused(scribe.adopt_catalogue(catalogue(never)), Rule::ValueRange);
}

#[test]
fn the_roots_adopt_it_and_nobody_else() {
    let mut scribe = village();
    let act = || Act::CatalogueAdopted(sunvote::core::act::village::CatalogueAdopted { catalogue: catalogue(|_| {}) });
    refused(scribe.act(&scribe.two(), Header::default(), act()), Rule::SignerRole);
    refused(scribe.act(&[Hand::Root(0), Hand::Root(0)], Header::default(), act()), Rule::SignerSame);
}

/// A matter whose plan was posted long enough.
fn posted(scribe: &mut Scribe, category: Category) -> MatterId {
    let draft = Draft::of(category);
    let matter = scribe.bring_to_proposal(&draft).unwrap();
    scribe.consult(matter, &draft).unwrap();
    let ends = scribe.plan_notice_ends(matter);
    scribe.at(ends);
    matter
}

fn submit(scribe: &mut Scribe, matter: MatterId, papers: &[&str], count: usize) -> Result<Appended, Rejection> {
    let papers: Vec<PaperCode> = papers.iter().map(|code| code.parse().unwrap()).collect();
    let materials = (0..count).map(|nth| scribe.text(&format!("材料{nth}"))).collect();
    let header = Header::of(matter).on(scribe.paper(matter, Kind::PlanSettled));
    scribe.act(&[scribe.hand(Role::Clerk)], header, Act::FilingSubmitted(Filing { papers, materials }))
}

#[test]
fn a_filing_has_the_papers_that_the_catalogue_asks_for_in_its_order() {
    let mut scribe = village();
    let matter = posted(&mut scribe, Category::M02);
    refused(submit(&mut scribe, matter, &["budget"], 1), Rule::PaperMissing);
    scribe.adopt_catalogue(catalogue(|_| {})).unwrap();
    for (papers, count) in [
        (&[][..], 2),
        (&["budget"], 2),
        (&["funds", "budget"], 2),
        (&["budget", "funds", "funds"], 3),
        (&["budget", "funds"], 1),
    ] {
        refused(submit(&mut scribe, matter, papers, count), Rule::PaperMissing);
    }
    submit(&mut scribe, matter, &["budget", "funds"], 3).unwrap();
    // A category for which it asks for none.
    let other = posted(&mut scribe, Category::M04);
    refused(submit(&mut scribe, other, &["budget"], 1), Rule::PaperMissing);
    submit(&mut scribe, other, &[], 0).unwrap();
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn affairs_are_disclosed_by_two_of_a_time_that_is_over() {
    let mut scribe = village();
    let today = scribe.now().date();
    refused(scribe.disclose(Subject::Affairs, today, today.plus_days(1)), Rule::ValueRange);
    refused(scribe.disclose(Subject::Affairs, today, today.plus_days(-1)), Rule::ValueRange);
    scribe.disclose(Subject::Affairs, today, today).unwrap();
    let act = |scribe: &mut Scribe, places, papers: usize| {
        let text = scribe.text("公开内容");
        let papers = vec![text.clone(); papers];
        let (from, until) = (today, today);
        let subject = Subject::Finances;
        Act::AffairsDisclosed(sunvote::core::act::village::AffairsDisclosed {
            subject,
            from,
            until,
            text,
            papers,
            places,
        })
    };
    let nowhere = act(&mut scribe, Vec::new(), 0);
    refused(scribe.act(&scribe.two(), Header::default(), nowhere), Rule::ListForm);
    let many = act(&mut scribe, vec![sunvote::core::act::matter::Place::Board], 51);
    refused(scribe.act(&scribe.two(), Header::default(), many), Rule::ListForm);
    let alone = act(&mut scribe, vec![sunvote::core::act::matter::Place::Board], 0);
    let clerk = scribe.hand(Role::Clerk);
    refused(scribe.act(&[clerk], Header::default(), alone.clone()), Rule::SignerCount);
    let chair = hand(scribe.chair(), Role::Chair);
    refused(scribe.act(&[clerk, chair], Header::default(), alone), Rule::SignerRole);
}

#[test]
fn a_version_that_is_not_in_force_yet_suspends_no_terms() {
    let mut scribe = village();
    scribe.at(day("2026-09-01").start());
    scribe.adopt_catalogue(catalogue(|_| {})).unwrap();
    let later = |catalogue: &mut Catalogue| {
        (catalogue.version, catalogue.effective, catalogue.rhythm) = (2, day("2027-01-01"), None);
    };
    scribe.adopt_catalogue(catalogue(later)).unwrap();
    assert_eq!(next_disclosure(scribe.state()).unwrap().until, day("2026-09-30"));
    scribe.at(day("2027-01-01").start()).suggest("修桥").unwrap();
    assert_eq!(next_disclosure(scribe.state()), None);
}

#[test]
fn the_clerk_is_told_what_to_disclose_and_by_when() {
    let mut scribe = village();
    scribe.at(day("2026-09-01").start());
    assert_eq!(next_disclosure(scribe.state()), None, "without a catalogue nothing is due");
    scribe.adopt_catalogue(catalogue(|_| {})).unwrap();
    let next = |scribe: &Scribe| {
        let next = next_disclosure(scribe.state()).unwrap();
        (next.subject, next.from, next.until, next.task.from.unwrap().date(), next.task.due.unwrap().last_day())
    };
    let september = (day("2026-09-01"), day("2026-09-30"), day("2026-10-01"), day("2026-10-15"));
    let told = |subject, (from, until, can, due)| (subject, from, until, can, due);
    assert_eq!(next(&scribe), told(Subject::Finances, september));
    let waiting = tasks(scribe.state());
    assert_eq!(waiting.iter().filter(|task| task.kind == Kind::AffairsDisclosed).count(), 1);
    // What was of long ago takes nothing back.
    scribe.at(day("2026-10-02").start());
    scribe.disclose(Subject::Finances, day("2026-09-01"), day("2026-09-30")).unwrap();
    scribe.wait_minutes(1).disclose(Subject::Finances, day("2026-03-01"), day("2026-03-31")).unwrap();
    assert_eq!(next(&scribe).1, day("2026-10-01"));
    for (from, until) in [("2026-10-01", "2026-10-31"), ("2026-11-01", "2026-11-30")] {
        scribe.at(day(until).plus_days(1).start());
        scribe.disclose(Subject::Finances, day(from), day(until)).unwrap();
    }
    // Those of the quarter come next.
    let quarter = (day("2026-09-01"), day("2026-11-30"), day("2026-12-01"), day("2026-12-15"));
    assert_eq!(next(&scribe), told(Subject::Affairs, quarter));
    let standing = |scribe: &Scribe| {
        let all = warnings(scribe.state(), &tasks(scribe.state()));
        let due = all.into_iter().filter(|warning| warning.from <= scribe.now()).map(|warning| warning.rule);
        due.filter(|rule| matches!(rule, Warned::AffairsLate | Warned::FinancesLate)).collect::<Vec<_>>()
    };
    scribe.at(day("2026-12-16").start().plus_ms(-1));
    assert_eq!(standing(&scribe), []);
    scribe.at(day("2026-12-16").start());
    assert_eq!(standing(&scribe), [Warned::AffairsLate]);
}

#[test]
fn days_that_are_left_out_stay_due() {
    let mut scribe = village();
    scribe.at(day("2026-09-01").start());
    scribe.adopt_catalogue(catalogue(|_| {})).unwrap();
    let begins = |scribe: &Scribe| {
        disclosures(scribe.state()).into_iter().find(|next| next.subject == Subject::Finances).map(|next| next.from)
    };
    scribe.at(day("2026-11-05").start());
    scribe.disclose(Subject::Finances, day("2026-09-30"), day("2026-09-30")).unwrap();
    assert_eq!(begins(&scribe), Some(day("2026-09-01")), "one day is no month");
    scribe.wait_minutes(1).disclose(Subject::Finances, day("2026-08-15"), day("2026-09-30")).unwrap();
    assert_eq!(begins(&scribe), Some(day("2026-10-01")));
    scribe.wait_minutes(1).disclose(Subject::Finances, day("2026-10-02"), day("2026-10-31")).unwrap();
    assert_eq!(begins(&scribe), Some(day("2026-10-01")), "nor is a month without its first day");
    scribe.wait_minutes(1).disclose(Subject::Finances, day("2026-10-01"), day("2026-10-31")).unwrap();
    assert_eq!(begins(&scribe), Some(day("2026-11-01")));
}

//! The district's catalogue and what rests on it: thresholds, a filing's papers, disclosures.

use sunvote::core::act::Act;
use sunvote::core::act::Kind;
use sunvote::core::act::matter::{Filing, Place};
use sunvote::core::act::village::{AffairsDisclosed, CatalogueAdopted};
use sunvote::core::catalogue::{Catalogue, Entry, PaperKind, Rhythm, Subject};
use sunvote::core::ids::MatterId;
use sunvote::core::model::{Category, Role};
use sunvote::core::reject::Rule;
use sunvote::core::statement::Header;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;

use crate::forge::{Forge, ROOTS, Set};
use crate::matters::disclose;
use crate::stages::Stages;

fn entry(category: Category) -> Entry {
    Entry { category, disclose_below_fen: None, papers: Vec::new(), topics: Vec::new() }
}

fn paper(code: &str, title: &str) -> PaperKind {
    PaperKind { code: code.parse().unwrap(), title: title.to_owned() }
}

/// A catalogue of two categories, changed by `with`.
fn catalogue(with: impl FnOnce(&mut Catalogue)) -> Catalogue {
    let mut catalogue = Catalogue {
        version: 1,
        citation: "district 2026 no. 1".to_owned(),
        effective: "2026-01-01".parse().unwrap(),
        rhythm: Some(Rhythm { affairs_months: 3, finances_months: 1, within_days: 15 }),
        entries: vec![
            Entry {
                disclose_below_fen: Some(500_000),
                papers: vec![paper("budget", "工程预算"), paper("funds", "资金来源")],
                ..entry(Category::M02)
            },
            Entry { topics: vec!["光伏".to_owned(), "𠮷".repeat(30)], ..entry(Category::M06) },
        ],
    };
    with(&mut catalogue);
    catalogue
}

/// A catalogue in use: disclosed below its threshold, filed with its papers, accounts disclosed, and a second version.
pub fn in_use(stages: &Stages) -> Scribe {
    let mut scribe = stages.village.clone();
    scribe.adopt_catalogue(catalogue(|_| {})).unwrap();
    disclose(&mut scribe, 499_999, None).unwrap();
    scribe.bring_to_filing(&Draft::of(Category::M02)).unwrap();
    let today = scribe.now().date();
    scribe.disclose(Subject::Finances, today.plus_days(-30), today).unwrap();
    let later = scribe.now().date().plus_days(2);
    let next = |catalogue: &mut Catalogue| {
        (catalogue.version, catalogue.effective, catalogue.rhythm) = (2, later, None);
        catalogue.entries[0].disclose_below_fen = None;
    };
    scribe.adopt_catalogue(catalogue(next)).unwrap();
    scribe.wait_days(1);
    disclose(&mut scribe, 499_998, None).unwrap();
    scribe
}

pub fn add(set: &mut Set, stages: &Stages) {
    sane(set, stages);
    thresholds(set, stages);
    papers(set, stages);
    disclosures(set, stages);
}

fn sane(set: &mut Set, stages: &Stages) {
    let mut bad = |name: &str, about: &str, with: &dyn Fn(&mut Catalogue)| {
        set.bad(&stages.village, name, about, |f| {
            let act = Act::CatalogueAdopted(CatalogueAdopted { catalogue: catalogue(with) });
            f.unlawful(Rule::ValueRange, ROOTS, Header::default(), act).then(|s| s.wait_minutes(1).suggest("建议"));
        });
    };
    bad("catalogue-of-nothing", "No category at all.", &|c| c.entries.clear());
    bad("catalogue-without-citation", "It cites nothing.", &|c| c.citation.clear());
    bad("catalogue-citation-301", "A citation of 301 characters.", &|c| c.citation = "𠮷".repeat(301));
    bad("catalogue-not-sorted", "Categories in the wrong order.", &|c| c.entries.reverse());
    bad("catalogue-category-twice", "A category twice.", &|c| c.entries[1].category = Category::M02);
    bad("catalogue-below-nothing", "Disclosure below an amount of 0.", &|c| c.entries[0].disclose_below_fen = Some(0));
    for (name, category) in [("m05", Category::M05), ("m07", Category::M07), ("m08", Category::M08)] {
        bad(&format!("catalogue-discloses-{name}"), "What members must decide is only disclosed.", &|c| {
            c.entries = vec![Entry { disclose_below_fen: Some(1), ..entry(category) }];
        });
    }
    bad("catalogue-paper-twice", "A paper's code twice.", &|c| c.entries[0].papers[1] = paper("budget", "另一份"));
    bad("catalogue-13-papers", "Thirteen papers.", &|c| {
        c.entries[0].papers = (0..13).map(|nth| paper(&format!("p{nth}"), "材料")).collect();
    });
    bad("catalogue-paper-without-title", "A paper without a title.", &|c| c.entries[0].papers[0] = paper("budget", ""));
    bad("catalogue-topic-of-31", "A topic of 31 characters.", &|c| c.entries[1].topics[1] = "题".repeat(31));
    bad("catalogue-topic-twice", "A topic twice.", &|c| "光伏".clone_into(&mut c.entries[1].topics[1]));
    bad("catalogue-21-topics", "Twenty-one topics.", &|c| {
        c.entries[1].topics = (0..21).map(|nth| format!("题目{nth}")).collect();
    });
    for (name, months) in [("0", 0), ("13", 13)] {
        bad(&format!("catalogue-accounts-of-{name}-months"), "A period of no fit length.", &|c| {
            c.rhythm = Some(Rhythm { affairs_months: 3, finances_months: months, within_days: 15 });
        });
        bad(&format!("catalogue-affairs-of-{name}-months"), "A period of no fit length.", &|c| {
            c.rhythm = Some(Rhythm { affairs_months: months, finances_months: 1, within_days: 15 });
        });
    }
    bad("catalogue-within-93-days", "A quarter and a day to disclose in.", &|c| {
        c.rhythm = Some(Rhythm { affairs_months: 3, finances_months: 1, within_days: 93 });
    });
    set.bad(&stages.village, "catalogue-version-again", "A version that doesn't rise.", |f| {
        f.then(|s| s.adopt_catalogue(catalogue(|c| c.version = 2)));
        for version in [1, 2] {
            let again = |c: &mut Catalogue| (c.version, c.citation) = (version, "again".to_owned());
            f.wait_minutes(1).refused(Rule::ValueRange, |s| s.adopt_catalogue(catalogue(again)));
        }
    });
}

fn thresholds(set: &mut Set, stages: &Stages) {
    set.bad(
        &stages.village,
        "catalogue-threshold",
        "Disclosed at the catalogue's threshold, before it is in force, and once the next version has none.",
        |f| {
            let begins = f.now().date().plus_days(1);
            f.then(|s| s.adopt_catalogue(catalogue(|c| c.effective = begins)));
            f.wait_minutes(1).refused(Rule::DisclosureNotEnough, |s| disclose(s, 499_999, None));
            f.at(begins.start()).then(|s| disclose(s, 499_999, None));
            f.wait_minutes(1).refused(Rule::DisclosureNotEnough, |s| disclose(s, 500_000, None));
            let none = |c: &mut Catalogue| {
                c.version = 2;
                c.entries.remove(0);
            };
            f.wait_minutes(1).then(|s| s.adopt_catalogue(catalogue(none)));
            f.wait_minutes(1).refused(Rule::DisclosureNotEnough, |s| disclose(s, 1, None));
        },
    );
}

fn submit(f: &mut Forge, matter: MatterId, rule: Rule, codes: &[&str], count: usize) {
    let papers = codes.iter().map(|code| code.parse().unwrap()).collect();
    let materials = (0..count).map(|nth| f.text(&format!("材料{nth}"))).collect();
    let (by, header) = ([f.hand(Role::Clerk)], Header::of(matter).on(f.paper(matter, Kind::PlanSettled)));
    f.wait_minutes(1).unlawful(rule, &by, header, Act::FilingSubmitted(Filing { papers, materials }));
}

fn papers(set: &mut Set, stages: &Stages) {
    let matter = stages.matter;
    set.bad(&stages.posted, "filed-without-its-papers", "Papers that the catalogue asks for, in its order.", |f| {
        let ends = f.plan_notice_ends(matter);
        f.at(ends);
        submit(f, matter, Rule::PaperMissing, &["budget"], 1);
        f.wait_minutes(1).then(|s| s.adopt_catalogue(catalogue(|_| {})));
        let wrong: [(&[&str], usize); 5] = [
            (&[], 2),
            (&["budget"], 2),
            (&["funds", "budget"], 2),
            (&["budget", "funds", "funds"], 3),
            (&["budget", "funds"], 1),
        ];
        for (codes, count) in wrong {
            submit(f, matter, Rule::PaperMissing, codes, count);
        }
        f.wait_minutes(1).then(|s| s.submit_filing(matter));
    });
}

fn disclosures(set: &mut Set, stages: &Stages) {
    let mut bad = |name: &str, about: &str, rule: Rule, with: &dyn Fn(&mut AffairsDisclosed)| {
        set.bad(&stages.village, name, about, |f| {
            let (today, text) = (f.now().date(), f.text("收支明细"));
            let (subject, places) = (Subject::Finances, vec![Place::Board]);
            let mut act = AffairsDisclosed { subject, from: today, until: today, text, papers: Vec::new(), places };
            with(&mut act);
            let by = f.two();
            f.unlawful(rule, &by, Header::default(), Act::AffairsDisclosed(act));
            f.wait_minutes(1).then(|s| s.disclose(subject, today, today));
        });
    };
    bad("disclosed-until-tomorrow", "A time that is not over.", Rule::ValueRange, &|a| a.until = a.until.plus_days(1));
    bad("disclosed-backwards", "The last day before the first.", Rule::ValueRange, &|a| {
        a.until = a.until.plus_days(-1);
    });
    bad("disclosed-nowhere", "Posted at no place.", Rule::ListForm, &|a| a.places.clear());
    bad("disclosed-with-51-papers", "Fifty papers are the most.", Rule::ListForm, &|a| {
        a.papers = vec![a.text.clone(); 51];
    });
}

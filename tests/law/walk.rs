//! The ordinary way of a matter through all six procedures.

use sunvote::core::model::{Category, Outcome, Stage};
use sunvote::core::reject::Rule;
use sunvote::log::scribe::matter::Draft;

use crate::support::{ASSEMBLY, at_ballot, refused, village};

#[test]
fn a_matter_goes_through_all_six_procedures() {
    let mut scribe = village();
    let draft = Draft::of(Category::M02);
    let matter = scribe.bring_to_ballot(&draft).unwrap();
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 16), ("against", 10), ("abstain", 4)]).unwrap();
    assert_eq!(scribe.state().matter(matter).unwrap().stage(), Some(Stage::Supervision));
    scribe.carry_out(matter, draft.amount_fen).unwrap();
    assert_eq!(scribe.state().matter(matter).unwrap().outcome(), Some(Outcome::Finished));
}

#[test]
fn the_same_seed_writes_the_same_record() {
    let (one, two) = (at_ballot().0, at_ballot().0);
    assert_eq!(one.export().unwrap(), two.export().unwrap());
}

#[test]
fn filing_can_not_be_skipped() {
    let mut scribe = village();
    let matter = scribe.bring_to_filing(&Draft::of(Category::M02)).unwrap();
    refused(scribe.convene(ASSEMBLY, &[matter]), Rule::StageWrong);
}

//! Records for the second verifier, in TypeScript: what this one calls lawful, that one must too (tests/e2e/records.test.ts).

use std::fs;
use std::path::Path;

use sunvote::core::model::{Category, Outcome};
use sunvote::log::note::{Algorithm, VerifierKey};
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;

use crate::support::{ASSEMBLY, village, village_of};

/// Writes a record and the log's verifier key to where the browser suite looks for them.
fn write(name: &str, scribe: &Scribe) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("records");
    fs::create_dir_all(&folder).unwrap();
    let note = scribe.checkpoint();
    let origin = note.text.lines().next().unwrap();
    let key = VerifierKey::new(origin, Algorithm::Ed25519, &scribe.state().log_key).unwrap();
    fs::write(folder.join(format!("{name}.sunvote")), scribe.export().unwrap()).unwrap();
    fs::write(folder.join(format!("{name}.key")), key.to_string()).unwrap();
}

#[test]
fn one_matter_through_all_six_procedures() {
    let mut scribe = village();
    let draft = Draft::of(Category::M02);
    let matter = scribe.bring_to_ballot(&draft).unwrap();
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 16), ("against", 10), ("abstain", 4)]).unwrap();
    scribe.carry_out(matter, draft.amount_fen).unwrap();
    assert_eq!(scribe.state().matter(matter).unwrap().outcome(), Some(Outcome::Finished));
    write("six-procedures", &scribe);
}

#[test]
fn a_vote_with_second_thoughts_and_paper() {
    let mut scribe = village_of(&Term { one_leader: true, ..Term::default() });
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M06)).unwrap();
    let session = scribe.gather(ASSEMBLY, &[matter], 32).unwrap();
    let vote = Vote::on(session, matter, "q1").unwrap();
    scribe.open_vote(&vote).unwrap();
    scribe.wait_minutes(2).cast_all(&vote, &[("for", 20), ("against", 5)]).unwrap();
    scribe.wait_minutes(1).cast(&vote, 1, "against").unwrap();
    scribe.wait_minutes(1).issue_paper(&vote, &[2, 30, 31]).unwrap();
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    scribe.wait_minutes(5).count_paper(&vote, &[1, 1, 0], 1).unwrap();
    scribe.open_ballots(&vote).unwrap();
    scribe.announce(&vote).unwrap();
    scribe.wait_minutes(10).sign_minutes(session).unwrap();
    write("paper", &scribe);
}

#[test]
fn a_session_without_quorum() {
    let mut scribe = village();
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    let session = scribe.gather(ASSEMBLY, &[matter], 29).unwrap();
    scribe.fail(session).unwrap();
    write("no-quorum", &scribe);
}

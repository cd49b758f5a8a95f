//! `sunvote evidence check`: 0 proves fraud, 1 doesn't, 2 could not be read. Every case is a shared vector.

use std::path::Path;

use serde_json::Value;
use sunvote::core::model::Category;
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::proof::ProofFile;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::{Founding, Scribe};
use sunvote::log::tree::{leaf_hash, prove_inclusion, root};

use crate::sunvote;

/// Exit code and output of checking a file.
fn check(file: &str, key: &str, options: &[&str]) -> (i32, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("evidence.txt");
    std::fs::write(&path, file).expect("written");
    let mut command = sunvote();
    command.args(["evidence", "check", "--key", key]).args(options).arg(path);
    let output = command.output().expect("it runs");
    (output.status.code().expect("not killed"), String::from_utf8(output.stdout).expect("text"))
}

fn cases() -> Vec<Value> {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/evidence.json")).expect("JSON");
    vectors["cases"].as_array().expect("cases").clone()
}

#[test]
fn the_exit_code_says_whether_fraud_is_proven() {
    for case in cases() {
        let [file, key, verdict, name] =
            ["file", "key", "verdict", "name"].map(|field| case[field].as_str().expect("text"));
        let (code, text) = check(file, key, &["--json"]);
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        let (expected_code, expected) = match verdict {
            "fork" | "rewritten" => (0, verdict),
            "malformed" | "newer" => (2, "could_not_check"),
            _ => (1, "unproven"),
        };
        assert_eq!((code, answer["verdict"].as_str()), (expected_code, Some(expected)), "{name}: {text}");
        assert!(expected != "unproven" || answer["reason"] == verdict, "{name}: {text}");
    }
}

#[test]
fn people_are_told_in_words() {
    let words =
        [("fork", "FRAUD PROVEN"), ("rewritten", "FRAUD PROVEN"), ("consistent", "proves nothing against this log")];
    for (verdict, words) in words {
        let case = cases().into_iter().find(|case| case["verdict"] == verdict).expect("a case");
        let (_, text) = check(case["file"].as_str().expect("text"), case["key"].as_str().expect("text"), &[]);
        assert!(text.contains(words) && text.contains("localhost/log/v/331102001206"), "{text}");
    }
}

#[test]
fn a_key_that_cannot_be_read_ends_with_2() {
    let case = &cases()[0];
    assert_eq!(check(case["file"].as_str().expect("text"), "no key", &[]), (2, String::new()));
}

/// A village; two of different seeds have nothing but the origin in common, or with `more` one extends the other.
fn village(seed: u64, more: bool) -> Scribe {
    let time = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let village = "331102001206".parse().expect("a village code");
    let mut scribe = Scribe::found(Founding::invented(village, "liandu.example", time, seed)).expect("founded");
    scribe.settle(&Term::default()).expect("settled");
    if more {
        scribe.bring_to_ballot(&Draft::of(Category::M02)).expect("filed");
    }
    scribe
}

/// A receipt of entry 2, as the log of `key` gives it over the whole record.
fn receipt(scribe: &Scribe, key: &Scribe) -> String {
    let leaves: Vec<_> = scribe.entries.iter().map(|entry| leaf_hash(&entry.bytes)).collect();
    let path = prove_inclusion(&mut leaves.as_slice(), 2, leaves.len() as u64).expect("a path");
    let note = Checkpoint::new(&scribe.state().origin, leaves.len() as u64, root(&leaves)).sign(key.log_key());
    ProofFile::receipt(scribe.entries[2].bytes.clone(), 2, path, note).to_string()
}

/// Exit code and output of making evidence from a held text and a record.
fn make(folder: &Path, held: &str, record: &Scribe) -> (i32, String) {
    let (kept, file) = (folder.join("held"), folder.join("record.sunvote"));
    std::fs::write(&kept, held).expect("written");
    std::fs::write(&file, record.export().expect("a file")).expect("written");
    let mut command = sunvote();
    let output = command.args(["evidence", "make", "--out"]).arg(folder.join("fraud")).arg(kept).arg(file).output();
    let output = output.expect("it runs");
    (output.status.code().expect("not killed"), String::from_utf8(output.stdout).expect("text"))
}

/// A log rewrote its record after it had given a receipt.
#[test]
fn a_receipt_and_a_rewritten_record_make_evidence_that_convicts_the_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let (truth, rewritten) = (village(7, false), village(8, true));
    let (code, text) = make(folder.path(), &receipt(&truth, &rewritten), &rewritten);
    assert_eq!(code, 0, "{text}");
    let key = sunvote::log::note::VerifierKey::new(
        &rewritten.state().origin,
        sunvote::log::note::Algorithm::Ed25519,
        &rewritten.state().log_key,
    );
    let fraud = std::fs::read_to_string(folder.path().join("fraud")).expect("written");
    let (code, text) = check(&fraud, &key.expect("a key").to_string(), &[]);
    assert!(code == 0 && text.contains("changed what it had signed before"), "{text}");
}

#[test]
fn an_honest_record_makes_no_evidence() {
    let folder = tempfile::tempdir().expect("a folder");
    let (short, long) = (village(7, false), village(7, true));
    let (code, text) = make(folder.path(), &receipt(&short, &short), &long);
    assert!(code == 1 && text.contains("extends what you hold"), "{text}");
    let (code, text) = make(folder.path(), &receipt(&long, &long), &short);
    assert!(code == 1 && text.contains("cut short"), "{text}");
    assert_eq!(make(folder.path(), "neither", &short).0, 2);
    assert!(!folder.path().join("fraud").exists());
}

//! `sunvote receipt check`: 0 good, 1 not, 2 could not be read. Every case is a shared vector.

use serde_json::Value;
use sunvote::log::dsse::{STATEMENT_TYPE, pae, statement_id};
use sunvote::log::text::from_base64;

use crate::sunvote;

fn cases() -> Vec<Value> {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/receipts.json")).expect("JSON");
    vectors["cases"].as_array().expect("cases").clone()
}

/// Exit code and output of checking a case.
fn check(case: &Value, options: &[&str]) -> (i32, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let written = |name: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, case[name].as_str().expect("text")).expect("written");
        path
    };
    let mut command = sunvote();
    command.args(["receipt", "check", "--key", case["village"].as_str().expect("a key")]).args(options);
    command.arg(written("first"));
    if case["second"].is_string() {
        command.arg(written("second"));
        if let Some(key) = case["district"].as_str() {
            command.args(["--district-key", key]);
        }
        if case["policy"].is_string() {
            command.arg("--policy").arg(written("policy"));
        }
    }
    if let Some(payload) = case["payload"].as_str() {
        let id = statement_id(&pae(STATEMENT_TYPE, &from_base64(payload.as_bytes()).expect("base64")));
        command.args(["--statement", &id.to_string()]);
    }
    let output = command.output().expect("it runs");
    (output.status.code().expect("not killed"), String::from_utf8(output.stdout).expect("text"))
}

#[test]
fn the_exit_code_says_whether_a_receipt_is_good() {
    for case in cases() {
        let name = case["name"].as_str().expect("a name");
        let (code, text) = check(&case, &["--json"]);
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        // Without a key of the district the command asks for one.
        if name == "no key of the district known" {
            assert_eq!(code, 2, "{text}");
            continue;
        }
        let (expected, verdict) = match case["verdict"].as_str().expect("a verdict") {
            "good" => (0, "good"),
            "malformed" | "newer" => (2, "could_not_check"),
            _ => (1, "bad"),
        };
        assert_eq!((code, answer["verdict"].as_str()), (expected, Some(verdict)), "{name}: {text}");
        assert!(verdict == "good" || answer["reason"] == case["verdict"], "{name}: {text}");
    }
}

#[test]
fn people_are_told_in_words_what_was_checked_and_what_not() {
    let all = cases();
    let of = |name: &str| all.iter().find(|case| case["name"] == name).expect("a case");
    let (_, text) = check(of("a pair with two of three witnesses"), &[]);
    assert!(text.contains("good: the entry is on record") && text.contains("witness     a cosigned 2026-"), "{text}");
    assert!(text.contains("witness     c did not cosign") && !text.contains("NOT CHECKED"), "{text}");
    let (_, text) = check(of("the first file alone"), &[]);
    assert!(text.contains("district    NOT CHECKED"), "{text}");
    let (_, text) = check(of("no witness asked for"), &[]);
    assert!(text.contains("witnesses   NOT CHECKED"), "{text}");
    let (_, text) = check(of("another's receipt passed off as mine"), &[]);
    assert!(text.contains("NOT GOOD") && text.contains("a receipt for another statement"), "{text}");
}

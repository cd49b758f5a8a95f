//! `sunvote evidence check`: 0 proves fraud, 1 doesn't, 2 could not be read. Every case is a shared vector.

use serde_json::Value;

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

//! The inputs that the fuzzers began with and what they found worth keeping, through the same judges as there: each is
//! accepted or refused as `tests/vectors/fuzz` says. The browser's code answers to the same files.

#[path = "../../fuzz/judges.rs"]
mod judges;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use judges::{JUDGES, judge};

fn file(format: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/fuzz").join(format!("{format}.json"))
}

fn inputs(format: &str) -> Vec<Value> {
    let text = std::fs::read(file(format)).unwrap_or_else(|error| panic!("{format}: {error}"));
    serde_json::from_slice(&text).unwrap()
}

fn bytes(input: &Value) -> Vec<u8> {
    match input["text"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => hex::decode(input["hex"].as_str().unwrap()).unwrap(),
    }
}

/// `SUNVOTE_WRITE_VECTORS=1` writes the answers of today: look at the diff.
#[expect(clippy::disallowed_methods, reason = "a switch for whoever regenerates vectors, not a setting")]
fn rewritten(format: &str, inputs: &[Value]) -> bool {
    let wanted = std::env::var_os("SUNVOTE_WRITE_VECTORS").is_some();
    if wanted {
        let line = |input: &Value| {
            let (kind, value) =
                if input["text"].is_string() { ("text", &input["text"]) } else { ("hex", &input["hex"]) };
            format!("{{\"{kind}\":{value},\"accept\":{}}}", judge(format, &bytes(input)))
        };
        let lines: Vec<String> = inputs.iter().map(line).collect();
        std::fs::write(file(format), format!("[\n{}\n]\n", lines.join(",\n"))).unwrap();
    }
    wanted
}

#[test]
fn every_kept_input_is_accepted_or_refused_as_its_file_says() {
    for (format, _) in JUDGES {
        let inputs = inputs(format);
        if rewritten(format, &inputs) {
            continue;
        }
        for input in &inputs {
            assert_eq!(json!(judge(format, &bytes(input))), input["accept"], "{format}: {input}");
        }
    }
}

/// A file of refusals only would say little.
#[test]
fn every_format_has_inputs_of_both_kinds() {
    for (format, _) in JUDGES {
        let accepted = inputs(format).iter().filter(|input| input["accept"] == true).count();
        assert!(accepted >= 2 && inputs(format).len() >= accepted + 2, "{format}: {accepted} accepted");
    }
}

/// Whatever one byte is changed to, cut off or put in: an answer, and never a panic.
#[test]
fn the_neighbours_of_accepted_inputs_are_judged_without_a_panic() {
    for (format, _) in JUDGES {
        let accepted = inputs(format).into_iter().filter(|input| input["accept"] == true);
        for good in accepted.map(|input| bytes(&input)).filter(|bytes| bytes.len() <= 300).take(3) {
            for at in 0..good.len() {
                for byte in [0, b'\n', b' ', b'0', b'9', b'+', b'"', 0x7F, 0x80, 0xFF] {
                    let mut other = good.clone();
                    other[at] = byte;
                    judge(format, &other);
                    other.insert(at, good[at]);
                    judge(format, &other);
                }
                judge(format, &good[..at]);
            }
        }
    }
}

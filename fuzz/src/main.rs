//! Keeps inputs: `seed` writes those of tests/vectors/fuzz where the fuzzers look for them; `gather FILE` writes what the
//! fuzzers found, with the answers, as one JSON file that `web/test/fuzz.test.ts` is held against; `add` puts the shortest
//! of them that are new into tests/vectors/fuzz.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sunvote_fuzz::{JUDGES, judge};

/// Most inputs that are kept of what a fuzzer found, and the longest, in bytes.
const MOST: usize = 60;
const LONGEST: usize = 700;

/// One input, and whether it is accepted.
#[derive(Serialize, Deserialize, Clone, PartialEq)]
struct Input {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hex: Option<String>,
    accept: bool,
}

impl Input {
    fn of(format: &str, bytes: &[u8]) -> Self {
        let text = String::from_utf8(bytes.to_vec()).ok();
        let hex = text.is_none().then(|| hex::encode(bytes));
        Self { text, hex, accept: judge(format, bytes) }
    }

    fn bytes(&self) -> Vec<u8> {
        match (&self.text, &self.hex) {
            (Some(text), _) => text.clone().into_bytes(),
            (None, hex) => hex::decode(hex.as_deref().unwrap_or_default()).expect("hex"),
        }
    }
}

fn kept(format: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/fuzz").join(format!("{format}.json"))
}

fn read(format: &str) -> Vec<Input> {
    fs::read(kept(format)).map(|bytes| serde_json::from_slice(&bytes).expect("inputs")).unwrap_or_default()
}

/// One input a line, so that a change can be read.
fn write(path: &Path, inputs: &[Input]) {
    let lines: Vec<String> = inputs.iter().map(|input| serde_json::to_string(input).expect("JSON")).collect();
    fs::write(path, format!("[\n{}\n]\n", lines.join(",\n"))).expect("written");
}

fn folder(format: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(format)
}

/// What the fuzzer of a format found, shortest first.
fn found(format: &str) -> Vec<Vec<u8>> {
    let files = fs::read_dir(folder(format)).map(|files| files.flatten().map(|file| file.path()).collect());
    let mut all: Vec<Vec<u8>> = files.unwrap_or_else(|_| Vec::new()).iter().flat_map(fs::read).collect();
    all.sort_by_key(|bytes| (bytes.len(), bytes.clone()));
    all
}

fn seed(format: &str) {
    fs::create_dir_all(folder(format)).expect("a folder");
    for (number, input) in read(format).iter().enumerate() {
        fs::write(folder(format).join(format!("kept-{number:03}")), input.bytes()).expect("written");
    }
}

fn add(format: &str) {
    let mut inputs = read(format);
    for accept in [true, false] {
        let new: Vec<Input> =
            found(format).iter().filter(|bytes| bytes.len() <= LONGEST).map(|bytes| Input::of(format, bytes)).collect();
        let new: Vec<Input> =
            new.into_iter().filter(|input| input.accept == accept && !inputs.contains(input)).collect();
        // Spread over all lengths.
        let step = new.len().div_ceil(MOST / 2).max(1);
        inputs.extend(new.into_iter().step_by(step));
    }
    write(&kept(format), &inputs);
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let formats = JUDGES.iter().map(|(format, _)| *format);
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["seed"] => formats.for_each(seed),
        ["add"] => formats.for_each(add),
        ["gather", file] => {
            let gathered: BTreeMap<&str, Vec<Input>> = formats
                .map(|format| (format, found(format).iter().map(|bytes| Input::of(format, bytes)).collect()))
                .collect();
            fs::write(file, serde_json::to_vec(&gathered).expect("JSON")).expect("written");
        }
        _ => panic!("seed, add or gather FILE"),
    }
}

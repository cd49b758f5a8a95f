//! A vector as it stands in `tests/vectors/records/`, and the record that it describes (tests/vectors/README.md).

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The file of each group, in the order in which they are made: the bases of the others come first.
pub const FILES: &[&str] = &["good", "bytes", "statements", "people", "matters", "sessions", "votes", "attacks"];

/// The first line of a record of this version.
pub const FIRST: &str = "sunvote/record/v1";

/// One file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// What its vectors have in common.
    pub about: String,
    /// The vectors.
    pub vectors: Vec<Vector>,
}

/// A record, told by what it shares with another, and what a verifier must say of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    /// Names it among all files.
    pub name: String,
    /// What it shows.
    pub about: String,
    /// The vector whose record this one begins like; none for one that stands alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// How many of the base's entries come first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub keep: usize,
    /// The entries after these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    /// How many of the base's last entries come after these.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tail: usize,
    /// The first line, where it is not `sunvote/record/v1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// What follows the last entry's line to the end of the file, where it is not what follows the base's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Line>,
    /// Verifier key of the log as the record last has it, where it is not the base's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The root keys that the reader names; none where the reader names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roots: Option<Vec<String>>,
    /// Texts of checkpoints that the reader holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<String>,
    /// The verdict's code.
    pub verdict: String,
    /// Every finding once: entry (`-` for the whole record) and rule. A verifier may find them in another order.
    pub findings: Vec<String>,
    /// Every remark once, where they are told at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remarks: Option<Vec<String>>,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Bytes: a text, or pieces one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Line {
    /// A text.
    Text(String),
    /// Pieces.
    Pieces(Vec<Piece>),
}

/// Part of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Piece {
    /// A text.
    Text(String),
    /// Bytes that are no text.
    Hex {
        /// In hex.
        hex: String,
    },
    /// A text many times over.
    Repeated {
        /// The text.
        repeat: String,
        /// How often.
        times: usize,
    },
}

/// A whole file in pieces: what a vector describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The first line, without its end.
    pub first: String,
    /// The entries, without line ends.
    pub lines: Vec<Vec<u8>>,
    /// What follows the last entry's line end.
    pub end: Vec<u8>,
}

impl Record {
    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = [self.first.as_bytes(), b"\n"].concat();
        for line in &self.lines {
            bytes.extend_from_slice(line);
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(&self.end);
        bytes
    }
}

impl Line {
    /// The bytes meant.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Pieces(pieces) => pieces.iter().flat_map(Piece::bytes).collect(),
        }
    }
}

impl Piece {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Hex { hex } => hex::decode(hex).unwrap(),
            Self::Repeated { repeat, times } => repeat.repeat(*times).into_bytes(),
        }
    }
}

/// A vector with its record and what it takes from its base.
#[derive(Debug, Clone)]
pub struct Expanded {
    /// The vector as it stands in its file.
    pub vector: Vector,
    /// Its record.
    pub record: Record,
    /// The log's verifier key.
    pub key: String,
}

/// Where the files are.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/records")
}

/// The text of a file that is kept.
pub fn kept(file: &str) -> String {
    std::fs::read_to_string(folder().join(format!("{file}.json"))).unwrap_or_default()
}

/// Every vector of every file, in their order, with its record.
pub fn all() -> Vec<Expanded> {
    let mut expanded: Vec<Expanded> = Vec::new();
    let mut named = BTreeMap::new();
    for file in FILES {
        let file: File = serde_json::from_str(&kept(file)).unwrap();
        for vector in file.vectors {
            let made = expand(vector, |name| named.get(name).map(|place: &usize| &expanded[*place]));
            assert!(named.insert(made.vector.name.clone(), expanded.len()).is_none(), "two are {}", made.vector.name);
            expanded.push(made);
        }
    }
    expanded
}

fn expand<'a>(vector: Vector, named: impl Fn(&str) -> Option<&'a Expanded>) -> Expanded {
    let base = vector.base.as_ref().map(|base| named(base).unwrap_or_else(|| panic!("no base {base}")));
    let entries = base.map_or(&[][..], |base| &base.record.lines);
    let mut lines = entries[..vector.keep].to_vec();
    lines.extend(vector.lines.iter().map(Line::bytes));
    lines.extend_from_slice(&entries[entries.len() - vector.tail..]);
    let first = vector.first.clone().unwrap_or_else(|| FIRST.to_owned());
    let end = vector.end.as_ref().map(Line::bytes).or_else(|| base.map(|base| base.record.end.clone()));
    let key = vector.key.clone().or_else(|| base.map(|base| base.key.clone()));
    let record = Record { first, lines, end: end.expect("an end, or a base with one") };
    Expanded { record, key: key.expect("a key, or a base with one"), vector }
}

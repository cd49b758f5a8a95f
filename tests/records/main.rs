//! The vectors of whole records that both verifiers are held to (tests/vectors/README.md): made here from seeds alone, kept
//! in `tests/vectors/records/`, and judged by the Rust verifier.

mod agree;
mod attacks;
mod boxes;
mod bytes;
mod catalogue;
mod counts;
mod forge;
mod foundings;
mod good;
mod law;
mod matters;
mod offices;
mod papers;
mod people;
mod raw;
mod sessions;
mod signed;
mod signers;
mod stages;
mod statements;
mod steps;
mod terminals;
mod times;
mod vector;
mod votes;
mod witnesses;
mod works;
mod write;

use crate::forge::Made;
use crate::stages::Stages;
use crate::vector::{FILES, folder, kept};

/// What each file's vectors have in common, and the vectors.
fn groups() -> Vec<(&'static str, &'static str, Vec<Made>)> {
    let stages = Stages::new();
    let all = [
        good::all(&stages),
        bytes::all(&stages),
        statements::all(&stages),
        people::all(&stages),
        matters::all(&stages),
        sessions::all(&stages),
        votes::all(&stages),
        attacks::all(&stages),
    ];
    FILES.iter().zip(all).map(|(file, (about, made))| (*file, about, made)).collect()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a switch for whoever regenerates vectors, not a setting")]
fn the_vectors_kept_are_those_that_their_generator_makes() {
    let write = std::env::var_os("SUNVOTE_WRITE_VECTORS").is_some();
    let mut differ = Vec::new();
    for (file, text) in write::files(&groups()) {
        if write {
            std::fs::write(folder().join(format!("{file}.json")), &text).unwrap();
        }
        if kept(&file) != text {
            differ.push(file);
        }
    }
    assert!(differ.is_empty(), "{differ:?} differ: run `make vectors`, and look at the diff before you commit it");
}

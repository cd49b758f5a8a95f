//! Checkpoints: one spelling of our own, and those of others.

use sunvote::core::ids::{Digest, PublicKey};
use sunvote::log::checkpoint::{Checkpoint, CheckpointError};
use sunvote::log::note::{Algorithm, Note, NoteError, VerifierKey};

use crate::support::{digest, key};

const ORIGIN: &str = "localhost/log/v/331102001206";

fn log_key(number: u8) -> VerifierKey {
    VerifierKey::new(ORIGIN, Algorithm::Ed25519, &PublicKey(key(number).verifying_key().to_bytes())).unwrap()
}

#[test]
fn a_checkpoint_survives_and_is_opened_with_the_logs_key_only() {
    let checkpoint = Checkpoint::new(ORIGIN, 20_852_163, digest(5));
    let note = checkpoint.sign(&key(1));
    assert_eq!(note.text, format!("{ORIGIN}\n20852163\nBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=\n"));
    assert_eq!(Checkpoint::open(&note, &log_key(1)).unwrap(), checkpoint);
    assert_eq!(Checkpoint::open(&note, &log_key(2)), Err(CheckpointError::Note(NoteError::Unsigned)));
    let mut forged = note.clone();
    forged.text = forged.text.replace("20852163", "20852164");
    let bad = CheckpointError::Note(NoteError::BadSignature(ORIGIN.into()));
    assert_eq!(Checkpoint::open(&forged, &log_key(1)), Err(bad));
}

#[test]
fn another_logs_checkpoint_is_refused_even_if_the_key_signed_it() {
    let text = Checkpoint::new("localhost/log/v/331102001207", 1, digest(5)).to_string();
    let line = sunvote::log::note::NoteSignature::sign(&text, ORIGIN, &key(1));
    let note = Note { text, signatures: vec![line] };
    let expected = CheckpointError::Origin("localhost/log/v/331102001207".into());
    assert_eq!(Checkpoint::open(&note, &log_key(1)), Err(expected));
}

#[test]
fn extension_lines_are_tolerated_and_kept() {
    let text = format!("{}ext one\next two\n", Checkpoint::new(ORIGIN, 0, Digest([0; 32])));
    let checkpoint = Checkpoint::parse(&text).unwrap();
    assert_eq!(checkpoint.extensions, ["ext one", "ext two"]);
    assert_eq!(checkpoint.to_string(), text);
}

#[test]
fn malformed_checkpoints_are_refused() {
    let good = Checkpoint::new(ORIGIN, 17, digest(5)).to_string();
    let root = good.lines().nth(2).unwrap();
    let cases = [
        (String::new(), "text"),
        (good.trim_end().to_owned(), "text"),
        (good.replace("17", "1\t7"), "text"),
        (format!("\n{good}"), "origin"),
        (good.replace("\n17\n", "\n017\n"), "size"),
        (good.replace("\n17\n", "\n+17\n"), "size"),
        (good.replace("\n17\n", "\n\n"), "size"),
        (good.replace("\n17\n", "\n9007199254740992\n"), "size"),
        (good.replace("U=\n", "V=\n"), "root"),
        (good.replace("U=\n", "U\n"), "root"),
        (good.replace(root, "AAAA"), "root"),
        (good.replace(&format!("{root}\n"), ""), "root"),
        (format!("{good}\n"), "extension lines"),
        (format!("{good}\nx\n"), "extension lines"),
    ];
    for (text, part) in cases {
        assert_eq!(Checkpoint::parse(&text), Err(CheckpointError::Malformed(part)), "{text:?}");
    }
}

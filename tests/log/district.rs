//! The district log's leaves: what belongs there, and what a verifier refuses.

use ed25519_dalek::SigningKey;
use sunvote::core::ids::{Digest, PublicKey};
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::district::{self, Directory, Files, LeafError, Says};
use sunvote::log::note::{Algorithm, Note, NoteSignature, VerifierKey};

const ORIGIN: &str = "vote.example/log/d/331102";
const VILLAGE: &str = "vote.example/log/v/331102001206";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn public(key: &SigningKey) -> PublicKey {
    PublicKey(key.verifying_key().to_bytes())
}

fn vkey(name: &str, key: &SigningKey) -> VerifierKey {
    VerifierKey::new(name, Algorithm::Ed25519, &public(key)).unwrap()
}

fn directory() -> Directory {
    let roots: Vec<PublicKey> = (1..4).map(|seed| public(&key(seed))).collect();
    Directory::new(ORIGIN, &roots, Some(vkey("release.example", &key(9)))).unwrap()
}

fn key_leaf(origin: &str, log: &SigningKey, roots: &[u8]) -> Vec<u8> {
    let text = district::key_text(&vkey(origin, log));
    let signatures = roots.iter().map(|seed| district::sign_key(ORIGIN, &text, &key(*seed))).collect();
    Note { text, signatures }.to_string().into_bytes()
}

fn checkpoint_leaf(origin: &str, size: u64, log: &SigningKey) -> Vec<u8> {
    Checkpoint::new(origin, size, Digest([7; 32])).sign(log).to_string().into_bytes()
}

fn listed() -> Directory {
    let mut directory = directory();
    directory.take(&key_leaf(VILLAGE, &key(5), &[1, 2])).unwrap();
    directory
}

#[test]
fn a_directory_follows_keys_and_checkpoints() {
    let mut directory = listed();
    assert!(matches!(directory.take(&checkpoint_leaf(VILLAGE, 3, &key(5))), Ok(Says::Checkpoint(_))));
    directory.take(&checkpoint_leaf(VILLAGE, 4, &key(5))).unwrap();
    // A new key of the same log: the old one no longer serves.
    directory.take(&key_leaf(VILLAGE, &key(6), &[2, 3])).unwrap();
    assert!(matches!(directory.take(&checkpoint_leaf(VILLAGE, 5, &key(5))), Err(LeafError::Checkpoint(_))));
    directory.take(&checkpoint_leaf(VILLAGE, 5, &key(6))).unwrap();
    let log = &directory.logs()[&"331102001206".parse().unwrap()];
    assert_eq!((log.newest, log.key.public()), (Some((5, Digest([7; 32]))), &public(&key(6))));
}

#[test]
fn a_village_key_swapped_in_the_directory_is_refused() {
    let roots = |leaf: Vec<u8>| matches!(listed().take(&leaf), Err(LeafError::Roots(_)));
    assert!(roots(key_leaf(VILLAGE, &key(8), &[1])), "one root");
    assert!(roots(key_leaf(VILLAGE, &key(8), &[1, 1])), "one root twice");
    assert!(roots(key_leaf(VILLAGE, &key(8), &[1, 4])), "a root and a stranger");
    assert!(roots(key_leaf(VILLAGE, &key(8), &[5, 8])), "the log's own keys");
    assert!(roots(key_leaf(VILLAGE, &key(8), &[1, 2, 3])), "a third signature");
    let mut signed = key_leaf(VILLAGE, &key(8), &[1, 2]);
    let at = signed.len() - 20;
    signed[at] = if signed[at] == b'A' { b'B' } else { b'A' };
    assert!(roots(signed), "a signature of another text");
}

/// An old leaf still has its good signatures: by entering it again the log's holder would go back to a key or to a client
/// that was replaced for a reason.
#[test]
fn a_key_or_release_that_was_replaced_never_comes_back() {
    let release = |version: &str| {
        let text = district::release_text(version, &Files::from([("/assets/app.js".to_owned(), Digest([1; 32]))]));
        let signatures = vec![NoteSignature::sign(&text, "release.example", &key(9))];
        Note { text, signatures }.to_string().into_bytes()
    };
    let mut directory = listed();
    directory.take(&key_leaf(VILLAGE, &key(6), &[2, 3])).unwrap();
    directory.take(&release("0.3.0")).unwrap();
    directory.take(&release("0.3.1")).unwrap();
    let stood = [key_leaf(VILLAGE, &key(5), &[1, 2]), key_leaf(VILLAGE, &key(6), &[2, 3]), release("0.3.0")];
    let mut resumed = self::directory();
    let logs = directory.logs().clone();
    resumed.resume(logs, directory.release().cloned(), stood.iter().map(Vec::as_slice));
    for mut directory in [directory, resumed] {
        // The same bytes, the other order of signatures, and other roots: it says the same.
        for roots in [[1, 2], [2, 1], [1, 3]] {
            assert_eq!(directory.take(&key_leaf(VILLAGE, &key(5), &roots)), Err(LeafError::Repeated), "{roots:?}");
        }
        assert_eq!(directory.take(&release("0.3.0")), Err(LeafError::Repeated));
        let log = &directory.logs()[&"331102001206".parse().unwrap()];
        assert_eq!(log.key.public(), &public(&key(6)));
        assert_eq!(directory.release().map(|(version, _)| version.as_str()), Some("0.3.1"));
        directory.take(&key_leaf(VILLAGE, &key(7), &[1, 2])).expect("a new key may come");
    }
}

#[test]
fn checkpoints_of_strangers_and_of_the_past_are_refused() {
    let mut directory = listed();
    directory.take(&checkpoint_leaf(VILLAGE, 3, &key(5))).unwrap();
    for size in [0, 2, 3] {
        assert!(matches!(directory.take(&checkpoint_leaf(VILLAGE, size, &key(5))), Err(LeafError::Size { .. })));
    }
    let others =
        ["vote.example/log/v/331102001207", "vote.example/log/v/331103001206", "other.example/log/v/331102001206"];
    assert!(matches!(directory.take(&checkpoint_leaf(others[0], 4, &key(5))), Err(LeafError::Unlisted(_))));
    for other in &others[1..] {
        assert!(matches!(directory.take(&checkpoint_leaf(other, 4, &key(5))), Err(LeafError::Foreign(_))), "{other}");
        assert!(matches!(directory.take(&key_leaf(other, &key(5), &[1, 2])), Err(LeafError::Foreign(_))), "{other}");
    }
    let mut two = Checkpoint::new(VILLAGE, 4, Digest([7; 32])).sign(&key(5));
    two.signatures.push(NoteSignature::cosign(&two.text, "witness.example", &key(7), 1_790_000_000));
    assert_eq!(directory.take(two.to_string().as_bytes()), Err(LeafError::Signatures));
    assert!(directory.take(b"").is_err() && directory.take(b"sunvote/key/v1\n").is_err());
}

#[test]
fn only_the_release_key_releases() {
    let files = Files::from([
        ("/assets/app.js".to_owned(), Digest([1; 32])),
        ("/assets/style.css".to_owned(), Digest([2; 32])),
    ]);
    let text = district::release_text("0.3.0", &files);
    let leaf = |name: &str, seed| {
        let signatures = vec![NoteSignature::sign(&text, name, &key(seed))];
        Note { text: text.clone(), signatures }.to_string().into_bytes()
    };
    let mut directory = directory();
    assert!(directory.take(&leaf("release.example", 8)).is_err() && directory.release().is_none());
    directory.take(&leaf("release.example", 9)).unwrap();
    assert_eq!(directory.release(), Some(&("0.3.0".to_owned(), files)));
    let (before, after) = text.split_at(text.find('\n').unwrap() + 1);
    for bad in [before.to_owned(), format!("{before}1\n"), format!("{after}{before}"), text.replace(' ', "  ")] {
        let note = Note { signatures: vec![NoteSignature::sign(&bad, "release.example", &key(9))], text: bad };
        assert!(directory.take(note.to_string().as_bytes()).is_err());
    }
}

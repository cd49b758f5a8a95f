//! Proof files: the full vector of PROTOCOL section 7, and receipts.

use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use sunvote::core::clock::Time;
use sunvote::core::ids::{Digest, PublicKey};
use sunvote::log::checkpoint::{Checkpoint, CheckpointError};
use sunvote::log::dsse::{Envelope, STATEMENT_TYPE};
use sunvote::log::entry::{self, Entry};
use sunvote::log::note::{Algorithm, NoteError, NoteSignature, VerifierKey};
use sunvote::log::proof::{ProofFile, ProofFileError};
use sunvote::log::tree::{self, ProofError};

use crate::support::key;

/// PROTOCOL section 7: log seed bytes 00..1f, witness seed 20..3f, T = 1700000000, entries "a", "b", "c", proof of "b".
const VECTOR: &str = "c2sp.org/tlog-proof@v1
index 1
Aippeebat6pa5MPl5F9+l3ESp+Y1k4INvsHsc4ok+Tw=
WX/LMSgtNGVMIA00GPylcFxkjr8ybsc9jd7xGEH4dtg=

log.example/v1
3
NmQuc8JUCrEh46a/lUWwokmCzYMOsT080Z3jzmwCHsE=

— log.example/v1 WmYmgqXk+Oz5Nfbi/iCz6mfqbjVbaaduDPg2X+S0L8MEOWN80bETY5KLGeZUbVaJuura8Uurz632s7NMXsctlocpQQ4=
— witness.example/w1 IDJKvgAAAABlU/EASC+k+jY7JjrEns0MBmFUPKN1AhtzCf4XBj/i98amBdbAawIWevVDML8T+k0WWGxIfBf4nz2S8cDLNUAf8TmvDA==
";
const LOG_KEY: &str = "log.example/v1+5a662682+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
const WITNESS_KEY: &str = "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";

fn seeded(first: u8) -> SigningKey {
    SigningKey::from_bytes(&std::array::from_fn(|i| first + u8::try_from(i).unwrap()))
}

#[test]
fn the_protocols_vector_is_made_byte_for_byte() {
    let leaves: Vec<Digest> = ["a", "b", "c"].iter().map(|entry| tree::leaf_hash(entry.as_bytes())).collect();
    let mut checkpoint = Checkpoint::new("log.example/v1", 3, tree::root(&leaves)).sign(&seeded(0));
    checkpoint.signatures.push(NoteSignature::cosign(
        &checkpoint.text,
        "witness.example/w1",
        &seeded(0x20),
        1_700_000_000,
    ));
    let path = tree::prove_inclusion(&mut leaves.as_slice(), 1, 3).unwrap();
    let proof = ProofFile { extra: None, index: 1, path, checkpoint };
    assert_eq!(proof.to_string(), VECTOR);
    assert_eq!(ProofFile::parse(VECTOR.as_bytes()).unwrap(), proof);
}

#[test]
fn the_protocols_vector_verifies() {
    let proof = ProofFile::parse(VECTOR.as_bytes()).unwrap();
    let log = VerifierKey::parse(LOG_KEY).unwrap();
    let witnesses = [VerifierKey::parse(WITNESS_KEY).unwrap()];
    let leaf = tree::leaf_hash(b"b");
    let (checkpoint, cosigned) = proof.verify(&leaf, &log, &witnesses).unwrap();
    assert_eq!((checkpoint.size, cosigned.len(), cosigned[0].time), (3, 1, Some(1_700_000_000)));
    assert!(proof.verify(&leaf, &log, &[]).unwrap().1.is_empty());
    let other = tree::leaf_hash(b"a");
    assert_eq!(proof.verify(&other, &log, &witnesses), Err(ProofFileError::Path(ProofError::Root)));
    let mut moved = proof.clone();
    moved.index = 0;
    assert_eq!(moved.verify(&leaf, &log, &witnesses), Err(ProofFileError::Path(ProofError::Root)));
    let mut forged = proof;
    forged.checkpoint.signatures[1].bytes[20] ^= 1;
    let bad = NoteError::BadSignature("witness.example/w1".into());
    let bad = Err(ProofFileError::Checkpoint(CheckpointError::Note(bad)));
    assert_eq!(forged.verify(&leaf, &log, &witnesses), bad);
}

const ORIGIN: &str = "localhost/log/v/331102001206";

/// A log of five entries and the receipt of the fourth.
fn receipt() -> (ProofFile, VerifierKey) {
    let mut prev = entry::genesis(ORIGIN);
    let mut lines = Vec::new();
    let mut leaves = Vec::new();
    for seq in 0..5 {
        let statement = Envelope::sign(STATEMENT_TYPE, format!("{{\"n\":{seq}}}").into_bytes(), &[&key(4)]);
        let time = Time::from_ms(1_795_000_000_000).unwrap();
        let line = Entry { seq, prev, time, statement }.encode().unwrap();
        prev = entry::leaf_hash(&line);
        leaves.push(prev);
        lines.push(line);
    }
    let checkpoint = Checkpoint::new(ORIGIN, 5, tree::root(&leaves)).sign(&key(1));
    let path = tree::prove_inclusion(&mut leaves.as_slice(), 3, 5).unwrap();
    let log = VerifierKey::new(ORIGIN, Algorithm::Ed25519, &PublicKey(key(1).verifying_key().to_bytes())).unwrap();
    (ProofFile::receipt(lines.swap_remove(3), 3, path, checkpoint), log)
}

#[test]
fn a_receipt_shows_its_entry_without_any_network() {
    let (receipt, log) = receipt();
    let read = ProofFile::parse(receipt.to_string().as_bytes()).unwrap();
    assert_eq!(read, receipt);
    let (entry, checkpoint) = read.verify_receipt(&log).unwrap();
    assert_eq!((entry.seq, entry.statement.payload.as_slice(), checkpoint.size), (3, b"{\"n\":3}".as_slice(), 5));
}

#[test]
fn a_receipt_passed_off_as_anothers_fails() {
    let (receipt, log) = receipt();
    let mut other = receipt.clone();
    other.extra = None;
    assert_eq!(other.verify_receipt(&log), Err(ProofFileError::Malformed("extra")));
    let mut other = receipt.clone();
    let entry = other.extra.as_mut().unwrap();
    let at = entry.len() - 10;
    entry[at] ^= 1;
    assert_eq!(other.verify_receipt(&log), Err(ProofFileError::Path(ProofError::Root)));
    let mut other = receipt;
    other.index = 2;
    assert_eq!(other.verify_receipt(&log), Err(ProofFileError::Path(ProofError::Root)));
}

#[test]
fn malformed_proof_files_are_refused() {
    let (receipt, _) = receipt();
    let good = receipt.to_string();
    let cases = [
        (good.replace("@v1", "@v2"), "first line"),
        (good.replace("index 3", "index 03"), "index"),
        (good.replace("index 3", "index -3"), "index"),
        (good.replace("index 3", "Index 3"), "index"),
        (good.replace("extra ", "extra  "), "extra"),
        (good.replace("extra ", "EXTRA "), "index"),
        (good.replace("\n\n", "\n"), "no empty line"),
        (good.replace("index 3\n", "index 3\nAAAA\n"), "hashes"),
        (
            good.replace(
                "index 3\n",
                &("index 3\n".to_owned() + &"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n".repeat(63)),
            ),
            "hashes",
        ),
    ];
    for (text, part) in cases {
        assert_ne!(text, good);
        assert_eq!(ProofFile::parse(text.as_bytes()), Err(ProofFileError::Malformed(part)), "{part}");
    }
}

proptest! {
    /// A receipt with any one byte changed is refused, or verifies to the very same entry and checkpoint.
    #[test]
    fn a_changed_receipt_never_shows_something_else(at in any::<prop::sample::Index>(), byte: u8) {
        let (receipt, log) = receipt();
        let shown = receipt.verify_receipt(&log).unwrap();
        let mut text = receipt.to_string().into_bytes();
        let at = at.index(text.len());
        prop_assume!(text[at] != byte);
        text[at] = byte;
        if let Ok(other) = ProofFile::parse(&text).and_then(|proof| proof.verify_receipt(&log)) {
            prop_assert_eq!(other, shown);
        }
    }
}

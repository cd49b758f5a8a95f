//! Fraud evidence: what proves a second history, what doesn't, and that an honest log can't be accused. The cases are
//! the vectors of every other implementation.

use proptest::prelude::*;
use serde_json::{Value, json};
use sunvote::core::ids::{Digest, PublicKey};
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::evidence::{Evidence, EvidenceError, Fraud, MAX_EVIDENCE_BYTES, Unproven};
use sunvote::log::note::{Algorithm, Note, NoteSignature, VerifierKey};
use sunvote::log::text::to_base64;
use sunvote::log::tree::{leaf_hash, prove_prefix, root};

use crate::support::{assert_vector_file, digest, key};

const ORIGIN: &str = "localhost/log/v/331102001206";
const ABOUT: &str = "Fraud evidence (PROTOCOL section 6): files with the verifier key to judge them by. verdict: fork or \
    rewritten (they prove it), not_the_logs, same, length, unrelated or consistent (they prove nothing), malformed or \
    newer (they can't be read).";

fn log_key() -> VerifierKey {
    VerifierKey::new(ORIGIN, Algorithm::Ed25519, &PublicKey(key(1).verifying_key().to_bytes())).unwrap()
}

/// The leaves of an invented log; `fork` is the first that differs from the true history.
fn leaves(size: u64, fork: u64) -> Vec<Digest> {
    let entry = |seq| if seq < fork { format!("entry {seq}") } else { format!("another entry {seq}") };
    (0..size).map(|seq| leaf_hash(entry(seq).as_bytes())).collect()
}

fn note(leaves: &[Digest]) -> Note {
    Checkpoint::new(ORIGIN, leaves.len() as u64, root(leaves)).sign(&key(1))
}

/// The history of `old` leaves that is true to its end, and one of `new` leaves that departs from it at `fork`.
fn evidence(old: u64, new: u64, fork: u64) -> Evidence {
    let (truth, other) = (leaves(old, u64::MAX), leaves(new, fork));
    let hashes = prove_prefix(&mut other.as_slice(), old.min(new), new.max(old)).unwrap();
    Evidence::new(note(&truth), note(&other), hashes).unwrap()
}

struct Case {
    name: &'static str,
    file: String,
    key: VerifierKey,
    verdict: &'static str,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut case = |name, file: String, verdict| cases.push(Case { name, file, key: log_key(), verdict });
    let fork = evidence(7, 7, 3).to_string();
    let rewritten = evidence(5, 11, 3).to_string();
    case("two histories of seven entries", fork.clone(), "fork");
    case(
        "two histories of nothing",
        two(&Checkpoint::new(ORIGIN, 0, digest(1)), &Checkpoint::new(ORIGIN, 0, digest(2)), vec![]),
        "fork",
    );
    case("five entries, then eleven that begin otherwise", rewritten.clone(), "rewritten");
    case("the last of eight entries changed", evidence(8, 9, 7).to_string(), "rewritten");
    case("the first of 64 entries changed", evidence(64, 65, 0).to_string(), "rewritten");
    case("one entry changed by the second", evidence(1, 2, 0).to_string(), "rewritten");
    case(
        "a signed root of nothing that is not",
        two(&Checkpoint::new(ORIGIN, 0, digest(1)), &Checkpoint::new(ORIGIN, 3, digest(2)), vec![]),
        "rewritten",
    );
    case("cosignatures beside the log's signature", cosigned(), "rewritten");
    case("a log that only grew", evidence(5, 11, 5).to_string(), "consistent");
    case("a log that grew from a whole subtree", evidence(8, 11, 8).to_string(), "consistent");
    case("a log that grew from nothing", evidence(0, 11, 0).to_string(), "consistent");
    case("the same checkpoint twice", evidence(7, 7, 7).to_string(), "same");
    unproven(&mut case, &fork, &rewritten);
    malformed(&mut case, &fork, &rewritten);
    let other = VerifierKey::new(ORIGIN, Algorithm::Ed25519, &PublicKey(key(2).verifying_key().to_bytes())).unwrap();
    cases.push(Case { name: "by another log's key", file: fork.clone(), key: other, verdict: "not_the_logs" });
    let named = VerifierKey::new("localhost/log/v/331102001207", Algorithm::Ed25519, log_key().public()).unwrap();
    cases.push(Case { name: "by the same key under another name", file: fork, key: named, verdict: "not_the_logs" });
    cases
}

fn two(one: &Checkpoint, other: &Checkpoint, hashes: Vec<Digest>) -> String {
    Evidence::new(one.sign(&key(1)), other.sign(&key(1)), hashes).unwrap().to_string()
}

fn cosigned() -> String {
    let (truth, other) = (leaves(5, u64::MAX), leaves(11, 3));
    let hashes = prove_prefix(&mut other.as_slice(), 5, 11).unwrap();
    let mut later = note(&other);
    let seen = NoteSignature::cosign(&later.text, "witness.example/w1", &key(9), 1_700_000_000);
    later.signatures.insert(0, seen);
    Evidence::new(later, note(&truth), hashes).unwrap().to_string()
}

fn unproven(case: &mut impl FnMut(&'static str, String, &'static str), fork: &str, rewritten: &str) {
    let lines: Vec<&str> = rewritten.lines().collect();
    let without = |number: usize| {
        let kept = lines.iter().enumerate().filter(|(i, _)| *i != number);
        kept.flat_map(|(_, line)| [line, "\n"]).collect::<String>()
    };
    let hash = to_base64(&digest(8).0);
    case("a hash too few", without(1), "length");
    case("a hash too many", rewritten.replacen('\n', &format!("\n{hash}\n"), 1), "length");
    case("no hashes", two_notes(rewritten), "length");
    case("a hash in a fork", fork.replacen('\n', &format!("\n{hash}\n"), 1), "length");
    case(
        "a hash beside nothing",
        {
            let (nothing, three) = (Checkpoint::new(ORIGIN, 0, digest(1)), Checkpoint::new(ORIGIN, 3, digest(2)));
            two(&nothing, &three, vec![digest(8)])
        },
        "length",
    );
    case("another hash", rewritten.replacen(lines[1], &hash, 1), "unrelated");
    case("another hash at the end", rewritten.replacen(lines[4], &hash, 1), "unrelated");
    case(
        "hashes of another tree",
        {
            let (truth, other) = (leaves(5, u64::MAX), leaves(11, 3));
            let hashes = prove_prefix(&mut leaves(11, 4).as_slice(), 5, 11).unwrap();
            Evidence::new(note(&truth), note(&other), hashes).unwrap().to_string()
        },
        "unrelated",
    );
    let root = root(&leaves(7, u64::MAX));
    case("a root that nobody signed", fork.replacen(&to_base64(&root.0), &hash, 1), "not_the_logs");
    case("a size that nobody signed", fork.replacen("\n7\n", "\n6\n", 1), "not_the_logs");
    let witness = |note: &Note| {
        let line = NoteSignature::cosign(&note.text, "witness.example/w1", &key(9), 1_700_000_000);
        Note { text: note.text.clone(), signatures: vec![line] }
    };
    let (one, other) = (note(&leaves(7, u64::MAX)), note(&leaves(7, 3)));
    let unsigned = Evidence::new(one.clone(), witness(&other), vec![]).unwrap();
    case("cosigned, but not by the log", unsigned.to_string(), "not_the_logs");
    let mut both = other;
    both.signatures.push(NoteSignature { bytes: one.signatures[0].bytes.clone(), ..both.signatures[0].clone() });
    let spoilt = Evidence::new(one, both, vec![]).unwrap();
    case("a good and a bad signature of the log on one checkpoint", spoilt.to_string(), "not_the_logs");
}

/// The same file without its hashes.
fn two_notes(file: &str) -> String {
    format!("sunvote/evidence/v1\n\n{}", file.split_once("\n\n").unwrap().1)
}

fn malformed(case: &mut impl FnMut(&'static str, String, &'static str), fork: &str, rewritten: &str) {
    let hash = rewritten.lines().nth(1).unwrap();
    let blocks: Vec<&str> = fork.trim_end().split("\n\n").collect();
    let [first, second] = [blocks[1..3].join("\n\n"), blocks[3..].join("\n\n")];
    case("nothing", String::new(), "malformed");
    case("another file", "c2sp.org/tlog-proof@v1\nindex 1\n".to_owned(), "malformed");
    case("of a newer version", fork.replacen("v1", "v2", 1), "newer");
    case("of a version that is no number", fork.replacen("v1", "v1.1", 1), "malformed");
    case("of version 01", fork.replacen("v1", "v01", 1), "malformed");
    case("one checkpoint", format!("sunvote/evidence/v1\n\n{first}\n"), "malformed");
    case("three checkpoints", format!("{fork}\n{second}\n"), "malformed");
    case("an empty line at the end", format!("{fork}\n"), "malformed");
    case("no newline at the end", fork.trim_end().to_owned(), "malformed");
    case("carriage returns", fork.replace('\n', "\r\n"), "malformed");
    case("two empty lines", fork.replacen("\n\n", "\n\n\n", 1), "malformed");
    case(
        "the larger checkpoint first",
        {
            let blocks: Vec<&str> = rewritten.trim_end().split("\n\n").collect();
            [blocks[0], blocks[3], blocks[4], blocks[1], blocks[2]].join("\n\n") + "\n"
        },
        "malformed",
    );
    case("a hash of 31 bytes", rewritten.replacen(hash, &to_base64(&[7; 31]), 1), "malformed");
    case("a hash in another spelling", rewritten.replacen(hash, hash.trim_end_matches('='), 1), "malformed");
    case("65 hashes", fork.replacen('\n', &format!("\n{}", format!("{hash}\n").repeat(65)), 1), "malformed");
    let elsewhere = Checkpoint::new("localhost/log/v/331102001207", 7, digest(5)).sign(&key(1));
    case("checkpoints of two logs", format!("sunvote/evidence/v1\n\n{first}\n\n{elsewhere}"), "malformed");
    case("no checkpoint", format!("sunvote/evidence/v1\n\n{first}\n\nhello\n\n{}\n", blocks[2]), "malformed");
}

/// What this program says of a file.
fn verdict(file: &str, key: &VerifierKey) -> &'static str {
    match Evidence::parse(file.as_bytes()).map(|evidence| evidence.judge(key)) {
        Ok(Ok(Fraud::Fork { .. })) => "fork",
        Ok(Ok(Fraud::Rewritten { .. })) => "rewritten",
        Ok(Err(unproven)) => unproven.code(),
        Err(EvidenceError::Newer) => "newer",
        Err(EvidenceError::Malformed(_) | EvidenceError::Checkpoint(_)) => "malformed",
    }
}

#[test]
fn evidence_is_judged_as_the_vectors_say() {
    for Case { name, file, key, verdict: expected } in cases() {
        assert_eq!(verdict(&file, &key), expected, "{name}");
    }
}

#[test]
fn the_vector_file_is_what_the_cases_make() {
    let cases: Vec<Value> = cases()
        .iter()
        .map(|Case { name, file, key, verdict }| json!({"name": name, "key": key.to_string(), "file": file, "verdict": verdict}))
        .collect();
    assert_vector_file("evidence.json", &json!({"about": ABOUT, "cases": cases}));
}

#[test]
fn the_finding_names_sizes_and_roots() {
    let (truth, other) = (root(&leaves(7, u64::MAX)), root(&leaves(7, 3)));
    assert_eq!(evidence(7, 7, 3).judge(&log_key()), Ok(Fraud::Fork { size: 7, roots: [truth, other] }));
    let rebuilt = root(&leaves(11, 3)[..5]);
    let fraud = Fraud::Rewritten { old: 5, new: 11, signed: root(&leaves(5, u64::MAX)), rebuilt };
    assert_eq!(evidence(5, 11, 3).judge(&log_key()), Ok(fraud));
}

#[test]
fn the_order_of_the_notes_does_not_matter() {
    let (old, new) = (leaves(5, u64::MAX), leaves(11, 3));
    let hashes = prove_prefix(&mut new.as_slice(), 5, 11).unwrap();
    let one = Evidence::new(note(&old), note(&new), hashes.clone()).unwrap();
    assert_eq!(Evidence::new(note(&new), note(&old), hashes).unwrap(), one);
    assert_eq!(one.origin(), ORIGIN);
}

#[test]
fn a_file_beyond_bounds_is_not_read() {
    let file = evidence(7, 7, 3).to_string() + &"x".repeat(MAX_EVIDENCE_BYTES);
    assert_eq!(Evidence::parse(file.as_bytes()), Err(EvidenceError::Malformed("too long")));
    let mut long = note(&leaves(7, 3));
    long.signatures.push(NoteSignature { name: "x".into(), id: [0; 4], bytes: vec![1; MAX_EVIDENCE_BYTES] });
    let refused = Evidence::new(long, note(&leaves(7, 4)), vec![]);
    assert_eq!(refused, Err(EvidenceError::Malformed("too long")));
}

/// Every pair of sizes up to 20, with the fork at every place.
#[test]
fn every_rewriting_is_proven_and_no_growth_is() {
    for new in 1..=20 {
        for old in 0..new {
            for fork in 0..=old {
                let evidence = evidence(old, new, fork);
                assert_eq!(Evidence::parse(evidence.to_string().as_bytes()).unwrap(), evidence);
                let (signed, rebuilt) =
                    (root(&leaves(old, u64::MAX)), root(&leaves(new, fork)[..usize::try_from(old).unwrap()]));
                let expected = if fork == old {
                    Err(Unproven::Consistent)
                } else {
                    Ok(Fraud::Rewritten { old, new, signed, rebuilt })
                };
                assert_eq!(evidence.judge(&log_key()), expected, "{old} {new} {fork}");
            }
        }
    }
}

proptest! {
    /// Whatever hashes an accuser brings, a log that only grew is not convicted.
    #[test]
    fn an_honest_log_cant_be_accused(
        old in 0_u64..70,
        more in 0_u64..70,
        taken in prop::collection::vec((0_usize..140, any::<bool>()), 0..9),
        true_ones in any::<bool>(),
    ) {
        let all = leaves(old + more, u64::MAX);
        let (before, after) = (note(&all[..usize::try_from(old).unwrap()]), note(&all));
        // Hashes of the tree itself are what comes nearest to misleading.
        let mut hashes = if true_ones { prove_prefix(&mut all.as_slice(), old, old + more).unwrap() } else { Vec::new() };
        for (place, from_tree) in taken {
            let hash = if from_tree && !all.is_empty() { all[place % all.len()] } else { digest(u8::try_from(place).unwrap()) };
            let end = hashes.len();
            if place % 2 == 0 && end > 0 { hashes[place % end] = hash } else { hashes.insert(place % (end + 1), hash) }
        }
        prop_assume!(hashes.len() <= 64);
        let evidence = Evidence::new(before, after, hashes).unwrap();
        prop_assert!(evidence.judge(&log_key()).is_err());
    }
}

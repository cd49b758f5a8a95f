//! What the fuzzers and the ordinary tests do with an input: read it, and check what must hold of whatever was accepted.
//!
//! Each judge says whether the bytes were accepted. It panics when an invariant is broken. The browser's code is held
//! against the same answers (`web/test/fuzz.test.ts`).

use sunvote::core::ids::PublicKey;
use sunvote::core::statement::Statement;
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::district;
use sunvote::log::dsse::Envelope;
use sunvote::log::entry::{Entry, MAX_ENTRY_BYTES};
use sunvote::log::evidence::Evidence;
use sunvote::log::ijson;
use sunvote::log::note::{Algorithm, Note, NoteSignature, VerifierKey};
use sunvote::log::policy::Policy;
use sunvote::log::proof::ProofFile;
use sunvote::log::tile::{TilePath, bundle_bytes, bundle_entries, tile_bytes, tile_hashes};
use sunvote::log::witness::{Answer, Request};

/// Reads bytes and says whether they were accepted.
pub type Judge = fn(&[u8]) -> bool;

/// Every format by its name, which is also the fuzz target's and that of the file of inputs in `tests/vectors/fuzz`.
pub const JUDGES: &[(&str, Judge)] = &[
    ("answer", answer),
    ("bundle", bundle),
    ("checkpoint", checkpoint),
    ("entry", entry),
    ("envelope", envelope),
    ("evidence", evidence),
    ("ijson", ijson),
    ("leaf", leaf),
    ("note", note),
    ("policy", policy),
    ("proof", proof),
    ("request", request),
    ("statement", statement),
    ("tile", tile),
    ("tile_path", tile_path),
    ("vkey", vkey),
];

/// Runs the judge of a format.
pub fn judge(format: &str, bytes: &[u8]) -> bool {
    let found = JUDGES.iter().find(|(name, _)| *name == format);
    found.unwrap_or_else(|| panic!("no format {format}")).1(bytes)
}

/// A key that anyone can have: the formats are read before any signature is looked at.
fn key(algorithm: Algorithm) -> VerifierKey {
    let public = ed25519_dalek::SigningKey::from_bytes(&[1; 32]).verifying_key().to_bytes();
    VerifierKey::new("localhost/log/v/331102001206", algorithm, &PublicKey(public)).expect("a sound key")
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// Written again it is the same text, so two readers can't take it for two things.
fn same(printed: &impl ToString, bytes: &[u8]) -> bool {
    assert_eq!(printed.to_string().as_bytes(), bytes, "printed otherwise than it was read");
    true
}

fn note(bytes: &[u8]) -> bool {
    let Ok(note) = Note::parse(bytes) else { return false };
    let known = [key(Algorithm::Ed25519), key(Algorithm::Cosignature)];
    // Whatever the outcome, it is one.
    let _ = note.verify(&known);
    same(&note, bytes)
}

fn checkpoint(bytes: &[u8]) -> bool {
    let Some(Ok(checkpoint)) = text(bytes).map(Checkpoint::parse) else { return false };
    same(&checkpoint, bytes)
}

fn vkey(bytes: &[u8]) -> bool {
    let Some(Ok(key)) = text(bytes).map(VerifierKey::parse) else { return false };
    same(&key, bytes)
}

fn tile_path(bytes: &[u8]) -> bool {
    let Some(Some(path)) = text(bytes).map(TilePath::parse) else { return false };
    assert!((1..=256).contains(&path.width), "a width outside 1 to 256");
    same(&path, bytes)
}

fn tile(bytes: &[u8]) -> bool {
    let Some(hashes) = tile_hashes(bytes) else { return false };
    assert_eq!(tile_bytes(&hashes), bytes);
    true
}

fn bundle(bytes: &[u8]) -> bool {
    let Some(entries) = bundle_entries(bytes) else { return false };
    assert_eq!(bundle_bytes(entries).expect("its entries were short enough"), bytes);
    true
}

fn proof(bytes: &[u8]) -> bool {
    let Ok(file) = ProofFile::parse(bytes) else { return false };
    let log = key(Algorithm::Ed25519);
    assert!(file.path.len() <= 63, "a path longer than any tree is high");
    let _ = file.verify_receipt(&log);
    same(&file, bytes)
}

fn evidence(bytes: &[u8]) -> bool {
    let Ok(evidence) = Evidence::parse(bytes) else { return false };
    let [first, second] = evidence.checkpoints();
    assert!(first.size <= second.size && first.origin == second.origin, "not as the format says");
    let _ = evidence.judge(&key(Algorithm::Ed25519));
    same(&evidence, bytes)
}

fn ijson(bytes: &[u8]) -> bool {
    if ijson::check(bytes, MAX_ENTRY_BYTES).is_err() {
        return false;
    }
    // What the strict reader takes, a usual one takes too.
    serde_json::from_slice::<serde_json::Value>(bytes).expect("strict JSON is JSON");
    true
}

fn statement(bytes: &[u8]) -> bool {
    if ijson::check(bytes, MAX_ENTRY_BYTES).is_err() {
        return false;
    }
    let Ok(statement) = Statement::parse(bytes) else { return false };
    let again = statement.to_payload().expect("what was read can be written");
    ijson::check(&again, usize::MAX).expect("what is written is strict JSON");
    assert_eq!(Statement::parse(&again).expect("what is written can be read"), statement);
    true
}

fn envelope(bytes: &[u8]) -> bool {
    let Ok(envelope) = Envelope::from_json(bytes) else { return false };
    assert_eq!(Envelope::from_json(&envelope.to_json()).expect("what is written can be read"), envelope);
    true
}

fn entry(bytes: &[u8]) -> bool {
    let Ok(entry) = Entry::parse(bytes) else { return false };
    assert_eq!(entry.encode().expect("what was read can be written"), bytes);
    ijson::check(bytes, MAX_ENTRY_BYTES).expect("an entry is strict JSON");
    true
}

fn policy(bytes: &[u8]) -> bool {
    let Ok(policy) = Policy::parse(bytes) else { return false };
    let all = policy.is_met(&|_| true);
    let none = policy.is_met(&|_| false);
    assert!(all, "a policy that nobody can meet");
    assert_eq!(none, policy.asks_nobody(), "met by nobody though somebody is asked");
    true
}

fn request(bytes: &[u8]) -> bool {
    let Ok(request) = Request::parse(bytes) else { return false };
    let printed = same(&request, bytes);
    let _ = request.open(&[key(Algorithm::Ed25519)]);
    printed
}

/// The first byte chooses the status.
fn answer(bytes: &[u8]) -> bool {
    let Some((first, body)) = bytes.split_first() else { return false };
    let (status, media) = if first % 2 == 0 { (200, None) } else { (409, Some("text/x.tlog.size")) };
    let note = Note {
        text: "localhost/log/v/331102001206\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n".into(),
        signatures: vec![],
    };
    let Ok(read) = Answer::read(status, media, body, &note, &key(Algorithm::Cosignature)) else { return false };
    if let Answer::Cosigned(lines) = read {
        let again = |line: &NoteSignature| NoteSignature::parse(&line.to_string()).as_ref() == Ok(line);
        assert!(!lines.is_empty() && lines.iter().all(again), "lines that don't come back");
    }
    true
}

fn leaf(bytes: &[u8]) -> bool {
    let Ok((_, note)) = district::read(bytes) else { return false };
    same(&note, bytes)
}

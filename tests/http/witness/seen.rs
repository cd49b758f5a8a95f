//! What readers hand in: each outcome over HTTP, and a split view that nothing else would show.

use std::process::Command;

use rstest::rstest;
use sunvote::core::ids::Digest;
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::evidence::Evidence;
use sunvote::log::note::{Algorithm, Note, VerifierKey};
use sunvote::log::proof::ProofFile;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::people::Term;
use sunvote::log::tree::{leaf_hash, prove_inclusion};
use sunvote::log::witness::{Request, monitoring_path};
use sunvote::store::db::Options;
use sunvote::store::error::StoreError;
use sunvote::witness::alarm::Kind;
use sunvote::witness::seen::PER_MINUTE;

use super::forger::{DISTRICT, Forger, entries, founded, signed};
use super::rig::{Rig, keys, settings};

/// A witness that has copied a district's log of two leaves: a village's key and its first checkpoint.
async fn copied() -> (Scribe, Forger, Rig) {
    let mut scribe = founded("331102001206");
    scribe.settle(&Term::default()).unwrap();
    let forger = Forger::start().await;
    forger.publish(&scribe, entries(&scribe));
    let rig = Rig::of(&forger, scribe.now()).await;
    assert_eq!((rig.round().await.alarms, leaves(&forger).len()), (0, 2));
    (scribe, forger, rig)
}

fn leaves(forger: &Forger) -> Vec<Vec<u8>> {
    forger.shown("d/331102").entries
}

/// A checkpoint of the district's log over these leaves.
fn of(forger: &Forger, leaves: &[Vec<u8>]) -> Note {
    signed(DISTRICT, leaves, &forger.key)
}

/// A history that the log signed too: the same leaves but for one.
fn other(leaves: &[Vec<u8>], place: usize) -> Vec<Vec<u8>> {
    let mut other = leaves.to_vec();
    other[place] = b"another leaf".to_vec();
    other
}

async fn hand_in(base: &str, note: impl ToString) -> reqwest::Response {
    let send = reqwest::Client::new().post(format!("{base}/witness/seen")).header("content-type", "text/plain");
    send.body(note.to_string()).send().await.unwrap()
}

async fn cosign(rig: &Rig, note: &Note) {
    rig.witness.desk().ask(Request { old: 0, proof: vec![], note: note.clone() }.to_string().as_bytes()).await.unwrap();
}

async fn waiting(rig: &Rig) -> Vec<u64> {
    let rows = rig.witness.db().read("seen", |tx| Box::pin(tx.seen(DISTRICT))).await;
    rows.map_err(|error: StoreError| error).unwrap().iter().map(|row| row.size).collect()
}

/// The one alarm is that of two histories, and a stranger who has the log's key sees it proven.
async fn proven_fork(rig: &Rig, log: &VerifierKey) {
    let (alarm, evidence) = rig.only_alarm(Kind::Fork).await;
    assert_eq!(alarm.origin, DISTRICT);
    Evidence::parse(&evidence.expect("evidence")).expect("an evidence file").judge(log).expect("two histories");
}

#[tokio::test]
async fn every_answer_to_what_a_reader_hands_in() {
    let (_, forger, rig) = copied().await;
    let base = rig.serve();
    let own = of(&forger, &leaves(&forger));
    assert_eq!(hand_in(&base, &own).await.status(), 204, "nothing cosigned yet");
    cosign(&rig, &own).await;
    let answer = hand_in(&base, &own).await;
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["access-control-allow-origin"].as_bytes()),
        (200, b"*".as_slice())
    );
    let cosigned = answer.text().await.unwrap();
    let shown =
        reqwest::get(format!("{base}/witness/{}", monitoring_path(DISTRICT))).await.unwrap().text().await.unwrap();
    assert_eq!(cosigned, shown);
    let note = Note::parse(cosigned.as_bytes()).unwrap();
    note.verify(&[keys().consistency().clone()]).expect("the witness's own cosignature");
    assert_eq!(hand_in(&base, &note).await.status(), 200, "with cosignatures, as readers keep it");

    let size = |size, key| Checkpoint::new(DISTRICT, size, Digest([5; 32])).sign(key);
    let stranger = ed25519_dalek::SigningKey::from_bytes(&[8; 32]);
    let mut unsigned = own.clone();
    unsigned.signatures.clear();
    unsigned.signatures.extend(Checkpoint::new("liandu.example/other", 1, Digest([5; 32])).sign(&stranger).signatures);
    let mut tampered = own.clone();
    tampered.text = size(2, &forger.key).text;
    let village = Checkpoint::new("liandu.example/log/v/331102001206", 1, Digest([5; 32])).sign(&forger.key);
    let cases = [
        (400, "no note".to_owned()),
        (403, size(3, &stranger).to_string()),
        (403, unsigned.to_string()),
        (403, tampered.to_string()),
        (404, village.to_string()),
        (413, " ".repeat(1 << 17)),
    ];
    for (expected, body) in cases {
        assert_eq!(hand_in(&base, &body).await.status(), expected, "{body}");
    }
    assert_eq!((rig.alarms().await, waiting(&rig).await), (vec![], vec![]), "nobody is accused of what nobody signed");
}

#[tokio::test]
async fn a_page_of_the_district_may_hand_in_and_a_strangers_may_not() {
    let (_, forger, rig) = copied().await;
    let base = rig.serve();
    let own = of(&forger, &leaves(&forger)).to_string();
    for (origin, expected) in [(forger.base.as_str(), 204), ("https://elsewhere.example", 403)] {
        let send = reqwest::Client::new().post(format!("{base}/witness/seen")).header("origin", origin);
        let answer = send.header("sec-fetch-site", "cross-site").body(own.clone()).send().await.unwrap();
        assert_eq!(answer.status(), expected, "{origin}");
    }
}

#[tokio::test]
async fn one_address_hands_in_only_so_often() {
    let (_, forger, rig) = copied().await;
    let base = rig.serve();
    let own = of(&forger, &leaves(&forger));
    for _ in 0..PER_MINUTE {
        assert_eq!(hand_in(&base, &own).await.status(), 204);
    }
    let late = hand_in(&base, &own).await;
    assert_eq!((late.status().as_u16(), late.headers()["retry-after"].as_bytes()), (429, b"1".as_slice()));
    rig.set(rig.witness.now().plus_ms(1_000));
    assert_eq!(hand_in(&base, &own).await.status(), 204);
}

/// What two readers were shown does not go together, wherever the two sizes lie.
#[rstest]
#[case::as_large_as_the_copy(2)]
#[case::smaller_than_the_copy(1)]
#[case::larger_and_judged_when_the_log_has_grown(3)]
#[tokio::test]
async fn another_history_is_a_fork(#[case] size: usize) {
    let (mut scribe, forger, rig) = copied().await;
    let base = rig.serve();
    let mut lie = other(&leaves(&forger), 0);
    lie.resize(size, b"one more".to_vec());
    assert_eq!(hand_in(&base, of(&forger, &lie)).await.status(), 204);
    if size > 2 {
        assert_eq!((rig.alarms().await, waiting(&rig).await), (vec![], vec![3]));
        assert_eq!(rig.round().await.alarms, 0, "the log has not shown so much yet");
        for word in ["修路", "修渠"] {
            scribe.suggest(word).unwrap();
            forger.publish(&scribe, entries(&scribe));
        }
        rig.set(scribe.now());
        assert_eq!(rig.round().await.alarms, 1);
        assert!(waiting(&rig).await.is_empty(), "judged");
    }
    proven_fork(&rig, &forger.verifier()).await;
    hand_in(&base, of(&forger, &lie)).await;
    proven_fork(&rig, &forger.verifier()).await;
}

#[tokio::test]
async fn another_history_than_was_cosigned_is_a_fork_before_it_is_copied() {
    let (_, forger, rig) = copied().await;
    let base = rig.serve();
    let mut grown = leaves(&forger);
    grown.push(b"one".to_vec());
    cosign(&rig, &of(&forger, &grown)).await;
    assert_eq!(hand_in(&base, of(&forger, &other(&grown, 2))).await.status(), 200);
    proven_fork(&rig, &forger.verifier()).await;
}

#[tokio::test]
async fn two_readers_ahead_of_the_witness_meet_here() {
    let (_, forger, rig) = copied().await;
    let base = rig.serve();
    let mut grown = leaves(&forger);
    grown.push(b"one".to_vec());
    hand_in(&base, of(&forger, &grown)).await;
    assert_eq!(rig.alarms().await, []);
    hand_in(&base, of(&forger, &other(&grown, 2))).await;
    proven_fork(&rig, &forger.verifier()).await;
}

#[tokio::test]
async fn what_the_log_shows_a_moment_later_is_no_alarm() {
    let (mut scribe, forger, rig) = copied().await;
    let base = rig.serve();
    scribe.suggest("修路").unwrap();
    forger.publish(&scribe, entries(&scribe));
    hand_in(&base, of(&forger, &leaves(&forger))).await;
    assert_eq!(waiting(&rig).await, [3]);
    rig.set(scribe.now());
    assert_eq!((rig.round().await.alarms, waiting(&rig).await), (0, vec![]));
}

#[tokio::test]
async fn what_readers_are_shown_and_the_witness_is_not_is_told() {
    let (scribe, forger, rig) = copied().await;
    let base = rig.serve();
    let mut grown = leaves(&forger);
    grown.push(b"hidden from the witness".to_vec());
    let note = of(&forger, &grown);
    hand_in(&base, &note).await;
    rig.set(scribe.now().plus_ms(120_000));
    assert_eq!(rig.round().await.alarms, 0);
    rig.set(scribe.now().plus_ms(120_001));
    assert_eq!(rig.round().await.alarms, 1);
    let (alarm, evidence) = rig.only_alarm(Kind::Stale).await;
    assert_eq!((alarm.found.as_str(), evidence), ("fewer than 3 leaves", Some(note.to_string().into_bytes())));
    rig.set(scribe.now().plus_ms(240_000));
    rig.round().await;
    rig.only_alarm(Kind::Stale).await;
}

#[tokio::test]
async fn few_wait_and_those_that_came_first_stand() {
    let (_, forger, mut rig) = copied().await;
    let base = rig.serve();
    let mut grown = leaves(&forger);
    for _ in 0..4 {
        grown.push(b"one".to_vec());
        hand_in(&base, of(&forger, &grown)).await;
        hand_in(&base, of(&forger, &grown)).await;
    }
    assert_eq!(waiting(&rig).await, [3, 4]);
    rig.reopen(Options::default()).await;
    assert_eq!(waiting(&rig).await, [3, 4], "on disk");
}

/// PROTOCOL 10, "two histories to two readers": the server shows the witness one history, at every address and for ever, and
/// one villager another. The villager's phone hands in what it was shown; nothing else ever meets. Both sides hold the proof.
#[tokio::test]
async fn a_split_view_is_proven_by_one_reader_who_hands_in_what_it_was_shown() {
    let (mut scribe, forger, rig) = copied().await;
    let base = rig.serve();
    let mut lie = scribe.clone();
    scribe.suggest("修路").unwrap();
    lie.suggest("修桥").unwrap();
    let before = leaves(&forger);
    forger.publish(&scribe, entries(&scribe));
    cosign(&rig, &of(&forger, &leaves(&forger))).await;
    rig.set(scribe.now());
    let round = rig.round().await;
    assert_eq!((round.alarms, round.cosigned), (0, 1), "what the witness is shown is lawful");
    let mut hidden = before;
    hidden.push(signed(&lie.state().origin, &entries(&lie), lie.log_key()).to_string().into_bytes());
    let shown = of(&forger, &hidden);
    let answer = hand_in(&base, &shown).await.text().await.unwrap();
    proven_fork(&rig, &forger.verifier()).await;
    let answered = Note::parse(answer.as_bytes()).unwrap();
    let evidence = Evidence::new(shown, answered, Vec::new()).unwrap();
    evidence.judge(&forger.verifier()).expect("the reader holds the proof too");

    // The same with nothing but a receipt of that history, and the program.
    let leaf_hashes = |entries: &[Vec<u8>]| -> Vec<Digest> { entries.iter().map(|entry| leaf_hash(entry)).collect() };
    let own = entries(&lie);
    let path = prove_inclusion(&mut leaf_hashes(&own).as_slice(), 1, own.len() as u64).unwrap();
    let note = signed(&lie.state().origin, &own, lie.log_key());
    let first = ProofFile::receipt(own[1].clone(), 1, path, note);
    let path = prove_inclusion(&mut leaf_hashes(&hidden).as_slice(), 2, hidden.len() as u64).unwrap();
    let second = ProofFile { extra: None, index: 2, path, checkpoint: of(&forger, &hidden) };
    let policy = format!("witness w {} {base}/witness\nquorum none\n", keys().consistency());
    let folder = tempfile::tempdir().unwrap();
    let files = [("first", first.to_string()), ("second", second.to_string()), ("policy", policy)];
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let key = VerifierKey::new(&lie.state().origin, Algorithm::Ed25519, &lie.state().log_key).unwrap().to_string();
    let district = forger.verifier().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sunvote"));
    command.current_dir(folder.path()).args(["receipt", "check", "first", "second", "--key", &key]);
    command.args(["--district-key", &district, "--policy", "policy", "--ask-witnesses"]);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("asked       w WAS SHOWN ANOTHER HISTORY"), "{told}");
    let evidence = Evidence::parse(&std::fs::read(folder.path().join("district.evidence")).unwrap()).unwrap();
    evidence.judge(&forger.verifier()).expect("and so does the file that was written");
}

/// The server shows one witness one lawful history, and another witness another. All that they share is each other's address.
#[tokio::test]
async fn two_witnesses_that_are_shown_two_histories_both_hold_the_proof() {
    let (mut scribe, forger, rig) = copied().await;
    let base = rig.serve();
    let liar = Forger::start().await;
    liar.publish(&scribe, entries(&scribe));
    let mut lie = scribe.clone();
    scribe.suggest("修路").unwrap();
    lie.suggest("修桥").unwrap();
    forger.publish(&scribe, entries(&scribe));
    liar.publish(&lie, entries(&lie));
    rig.set(scribe.now());
    assert_eq!(rig.round().await.alarms, 0);
    let others = format!("others = [\"{base}/witness/\"]");
    let settings = settings(&liar.base, &liar.verifier().to_string(), &others);
    let second = Rig::with(settings, lie.now(), Options::default()).await;
    second.round().await;
    proven_fork(&rig, &forger.verifier()).await;
    assert_eq!(second.alarms().await, [], "the first witness has cosigned nothing to answer with");
    cosign(&rig, &of(&forger, &leaves(&forger))).await;
    second.round().await;
    assert_eq!(second.alarms().await, [], "asked once a minute");
    second.set(lie.now().plus_ms(60_000));
    second.round().await;
    proven_fork(&second, &forger.verifier()).await;
}

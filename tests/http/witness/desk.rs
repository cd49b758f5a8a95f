//! The witness protocol over HTTP: every status, and that nothing that happens at the same time rolls a log back.

use ed25519_dalek::SigningKey;
use sunvote::core::clock::Time;
use sunvote::core::ids::Digest;
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::evidence::Evidence;
use sunvote::log::note::{Algorithm, Note, VerifierKey};
use sunvote::log::tree;
use sunvote::log::witness::{Answer, Request, monitoring_path};
use sunvote::store::db::Options;
use sunvote::witness::alarm::Kind;

use super::forger::{DISTRICT, public};
use super::rig::{Rig, keys, settings};

pub fn log_key() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

fn leaves(count: u64) -> Vec<Digest> {
    (0..count).map(|n| tree::leaf_hash(&n.to_be_bytes())).collect()
}

fn request(old: u64, new: u64) -> Request {
    let leaves = leaves(new);
    let proof = tree::prove_consistency(&mut leaves.as_slice(), old, new).unwrap();
    Request { old, proof, note: Checkpoint::new(DISTRICT, new, tree::root(&leaves)).sign(&log_key()) }
}

pub async fn rig(options: Options) -> Rig {
    let now: Time = "2026-03-02T01:00:00.000Z".parse().unwrap();
    let log = VerifierKey::new(DISTRICT, Algorithm::Ed25519, &public(&log_key())).unwrap();
    Rig::with(settings("http://127.0.0.1:1", &log.to_string(), ""), now, options).await
}

async fn ask(base: &str, body: String) -> (u16, Option<String>, Vec<u8>) {
    let answer = reqwest::Client::new().post(format!("{base}/witness/add-checkpoint")).body(body).send().await.unwrap();
    let media = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    (answer.status().as_u16(), media, answer.bytes().await.unwrap().to_vec())
}

async fn shown(base: &str) -> (u16, Vec<u8>) {
    let answer = reqwest::get(format!("{base}/witness/{}", monitoring_path(DISTRICT))).await.unwrap();
    (answer.status().as_u16(), answer.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn every_status_of_the_protocol() {
    let rig = rig(Options::default()).await;
    let base = rig.serve();
    assert_eq!(shown(&base).await.0, 404, "nothing cosigned yet");
    let first = request(0, 5);
    let (status, media, body) = ask(&base, first.to_string()).await;
    let read = Answer::read(status, media.as_deref(), &body, &first.note, keys().consistency());
    let Ok(Answer::Cosigned(lines)) = read else { panic!("{status} {read:?}") };
    let mut whole = first.note.clone();
    whole.signatures.extend(lines);
    assert_eq!(shown(&base).await, (200, whole.to_string().into_bytes()), "the checkpoint with both signatures");

    let stranger = Checkpoint::new(DISTRICT, 6, tree::root(&leaves(6))).sign(&SigningKey::from_bytes(&[8; 32]));
    let unknown = Checkpoint::new("liandu.example/log/d/331103", 6, tree::root(&leaves(6))).sign(&log_key());
    let forked = Checkpoint::new(DISTRICT, 5, Digest([5; 32])).sign(&log_key());
    let mut bad_proof = request(5, 9);
    bad_proof.proof.pop();
    let cases = [
        (400, "no request".to_owned()),
        (400, Request { old: 7, ..request(5, 6) }.to_string()),
        (403, Request { note: stranger, ..request(5, 6) }.to_string()),
        (404, Request { note: unknown, ..request(5, 6) }.to_string()),
        (409, request(4, 6).to_string()),
        (409, request(0, 5).to_string()),
        (422, bad_proof.to_string()),
        (422, Request { note: forked.clone(), ..request(5, 5) }.to_string()),
        (200, request(5, 5).to_string()),
        (200, request(5, 9).to_string()),
        (413, " ".repeat(1 << 20)),
    ];
    for (expected, body) in cases {
        let (status, media, answer) = ask(&base, body.clone()).await;
        assert_eq!(status, expected, "{body}");
        if status == 409 {
            assert_eq!((media.as_deref(), answer.as_slice()), (Some("text/x.tlog.size"), b"5\n".as_slice()));
        }
    }
    // Two roots for one size, both signed: kept as evidence that anyone can judge.
    let (_, evidence) = rig.only_alarm(Kind::Fork).await;
    let evidence = Evidence::parse(&evidence.unwrap()).unwrap();
    evidence.judge(&rig.witness.settings().log).unwrap();
}

/// tlog-witness, "add-checkpoint": a request of size N that is decided beside one of size N + K must not roll back K leaves.
#[tokio::test]
async fn requests_at_the_same_time_never_roll_a_log_back() {
    let rig = rig(Options::default()).await;
    let desk = rig.witness.desk();
    let asked: Vec<_> = (1..=200).map(|new| request(0, new).to_string()).collect();
    let asked = asked.iter().map(|body| desk.ask(body.as_bytes()));
    let cosigned = futures_util::future::join_all(asked).await.into_iter().flatten().count();
    assert_eq!(cosigned, 1, "one from nothing; the others find another size on record");
    let mut size = 0;
    for _ in 0..5 {
        let read = rig.witness.db().read("witnessed", |tx| Box::pin(tx.witnessed(DISTRICT))).await;
        let row = read.map_err(|error: sunvote::store::error::StoreError| error).unwrap().unwrap();
        assert!(row.size > size || size == 0);
        size = row.size;
        let note = Note::parse(&row.note).unwrap();
        assert_eq!(Checkpoint::parse(&note.text).unwrap().size, size);
        let asked: Vec<_> = (0..40).map(|more| request(size, size + 40 - more).to_string()).collect();
        let asked = asked.iter().map(|body| desk.ask(body.as_bytes()));
        let cosigned = futures_util::future::join_all(asked).await.into_iter().flatten().count();
        assert_eq!(cosigned, 1);
    }
}

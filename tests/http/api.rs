//! The read part of the JSON API: the same facts as the pages', with the bytes that were signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rstest::rstest;
use serde_json::Value;
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::entry;
use sunvote::log::note::{Algorithm, Note, VerifierKey};
use sunvote::log::proof::ProofFile;

use crate::harness::{Running, TestServer, VILLAGE, header};
use crate::reading::scribe;
use crate::village::{NAME_SHOWN, TOWNSHIP_SHOWN};

async fn json(server: &Running, path: &str) -> Value {
    let answer = server.get(&format!("/api/v1{path}")).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.expect("JSON")
}

#[tokio::test]
async fn townships_and_villages_are_listed_found_and_read() {
    let server = TestServer::new().with_village(scribe().0).start().await;
    let townships = json(&server, "/townships").await;
    assert_eq!(townships[0]["code"], "331102001");
    assert_eq!(townships[0]["name"], TOWNSHIP_SHOWN);
    assert_eq!(townships[0]["finished"], 2);
    for path in ["/townships/331102001/villages", "/villages", "/villages?q=%E6%B3%A5%E5%A2%A9"] {
        let found = json(&server, path).await;
        let rows = found.get("items").unwrap_or(&found);
        assert_eq!(rows[0]["name"], NAME_SHOWN, "{path}");
    }
    let village = json(&server, &format!("/villages/{VILLAGE}")).await;
    assert_eq!(village["size"], scribe().0.entries.len());
    assert_eq!(json(&server, "/villages?after=331102001206").await["items"], serde_json::json!([]));
}

#[tokio::test]
async fn matters_come_in_pages_and_each_with_its_results() {
    let (scribe, [finished, ..]) = scribe();
    let server = TestServer::new().with_village(scribe).start().await;
    let base = format!("/villages/{VILLAGE}/matters");
    let first = json(&server, &format!("{base}?limit=3")).await;
    let next = first["next"].as_str().expect("a next page");
    let second = json(&server, &format!("{base}?limit=3&before={next}")).await;
    assert_eq!(first["items"].as_array().map(Vec::len), Some(3));
    assert_eq!(second["items"].as_array().map(Vec::len), Some(1));
    assert!(second.get("next").is_none());
    let one = json(&server, &format!("{base}/{finished}")).await;
    assert_eq!((&one["outcome"], &one["stage"]), (&"finished".into(), &6.into()));
    let result = &one["results"][0];
    assert_eq!((&result["base"], &result["needed"], &result["passed"]), (&30.into(), &16.into(), &true.into()));
    let session = result["session"].as_str().expect("a session");
    let session = json(&server, &format!("/villages/{VILLAGE}/sessions/{session}")).await;
    assert_eq!((&session["status"], &session["eligible"]), (&"ended".into(), &45.into()));
    let sessions = json(&server, &format!("/villages/{VILLAGE}/sessions")).await;
    assert_eq!(sessions["items"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn entries_checkpoint_and_receipt_hold_together() {
    let (scribe, _) = scribe();
    let (size, state) = (scribe.entries.len() as u64, scribe.state().clone());
    let server = TestServer::new().with_village(scribe).start().await;
    let base = format!("/villages/{VILLAGE}");
    let page = json(&server, &format!("{base}/entries?from=3&limit=2")).await;
    assert_eq!(page["next"], "5");
    let row = &page["items"][0];
    let bytes = STANDARD.decode(row["bytes"].as_str().expect("bytes")).expect("base64");
    assert_eq!(entry::leaf_hash(&bytes).to_string(), row["at"]["leaf"]);
    assert_eq!(row["statement"]["village"], VILLAGE);
    let last = json(&server, &format!("{base}/entries?from={}", size - 1)).await;
    assert!(last["items"].as_array().map(Vec::len) == Some(1) && last.get("next").is_none());
    let note = server.get(&format!("/api/v1{base}/checkpoint")).await.bytes().await.expect("a note");
    let key = VerifierKey::new(&state.origin, Algorithm::Ed25519, &state.log_key).expect("a key");
    let checkpoint = Checkpoint::open(&Note::parse(&note).expect("a note"), &key).expect("a checkpoint");
    assert_eq!(checkpoint.size, size);
    let proof = server.get(&format!("/api/v1{base}/receipts/3")).await.bytes().await.expect("a proof");
    let (entry, proven) = ProofFile::parse(&proof).expect("a proof").verify_receipt(&key).expect("a good proof");
    assert_eq!((entry.seq, proven), (3, checkpoint));
}

#[rstest]
#[case("/villages/331102001999")]
#[case("/villages/abc")]
#[case("/townships/331102099/villages")]
#[case("/villages/331102001206/matters/01ARZ3NDEKTSV4RRFFQ69G5FAV")]
#[case("/villages/331102001206/sessions/01ARZ3NDEKTSV4RRFFQ69G5FAV")]
#[case("/villages/331102001206/receipts/99999")]
#[case("/villages/331102001999/entries")]
#[tokio::test]
async fn what_does_not_exist_is_a_problem_document(#[case] path: &str) {
    let server = TestServer::new().with_village(scribe().0).start().await;
    let answer = server.get(&format!("/api/v1{path}")).await;
    assert_eq!(
        (answer.status().as_u16(), header(&answer, "content-type")),
        (404, "application/problem+json"),
        "{path}"
    );
}

//! Who is refused holds the server's signature in hand, and learns where else the ballot can go.

use serde_json::Value;
use sunvote::core::clock::MINUTE_MS;
use sunvote::log::dsse::Envelope;
use sunvote::log::note::{Algorithm, Note, VerifierKey};
use sunvote::log::policy::Policy;
use sunvote::log::refusal::Refusal;

use crate::harness::{Running, TestServer, VILLAGE, header};
use crate::trouble::{cast, voting};

/// The refusal in an answer, opened with the key of the village's log.
async fn refusal(server: &Running, ballot: &Value) -> Refusal {
    let answer = cast(server, ballot).await;
    assert_eq!(answer.status(), 422);
    let body: Value = answer.json().await.expect("JSON");
    let note = Note::parse(body["refusal"].as_str().expect("a refusal").as_bytes()).expect("a note");
    let live = server.app.lives().live(VILLAGE.parse().expect("a code")).await.expect("a village");
    let key = VerifierKey::new(&live.state().origin, Algorithm::Ed25519, &live.state().log_key).expect("a key");
    let read = Refusal::open(&note, &key).expect("signed by the log");
    assert_eq!(body["rule"], read.why);
    read
}

#[tokio::test]
async fn a_ballot_that_is_refused_is_answered_with_the_logs_signature_and_the_reason() {
    let (scribe, ballots) = voting();
    let late = scribe.now().plus_ms(11 * MINUTE_MS);
    let server = TestServer::new().at(late).with_village(scribe).start().await;
    let envelope = serde_json::to_vec(&ballots[0]["envelope"]).expect("JSON");
    let id = Envelope::from_json(&envelope).expect("an envelope").id();
    let read = refusal(&server, &ballots[0]).await;
    assert_eq!((read.statement, read.time, read.why.as_str()), (id, late, "statement.time"));
}

#[tokio::test]
async fn what_is_wrong_beside_the_law_is_signed_too() {
    let (scribe, mut ballots) = voting();
    let server = TestServer::new().at(scribe.now()).with_village(scribe).start().await;
    ballots[0].as_object_mut().expect("an object").remove("opening");
    assert_eq!(refusal(&server, &ballots[0]).await.why, "missing");
}

#[tokio::test]
async fn who_was_refused_learns_what_to_do_and_may_reach_the_witness() {
    let server = TestServer::new().start().await;
    let none = server.get("/dispute").await;
    assert!(!header(&none, "content-security-policy").contains("inspector.example"));
    let key = "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";
    let policy = format!("witness one {key} https://inspector.example/witness/\nquorum one\n");
    server.app.name_lawful(Policy::parse(policy.as_bytes()).expect("a policy"));
    let page = server.get("/dispute").await;
    let allowed = header(&page, "content-security-policy").to_owned();
    assert!(allowed.contains("connect-src 'self' https://inspector.example;"), "{allowed}");
    let words = page.text().await.expect("a text");
    assert!(words.contains("https://inspector.example/witness/vouch"));
    for path in ["/check", "/my-ballots"] {
        let linking = server.get(path).await.text().await.expect("a text");
        assert!(linking.contains("href=\"/dispute\""), "{path}");
    }
}

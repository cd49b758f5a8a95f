//! A real server and a real witness over loopback: the server publishes, the witness cosigns, reads and hands back.

use std::process::Command;
use std::time::Duration;

use sunvote::app::fetch::Client;
use sunvote::app::publish::key_leaf;
use sunvote::log::note::{Algorithm, Note, VerifierKey};
use sunvote::log::policy::Policy;
use sunvote::log::scribe::people::Term;
use sunvote::store::db::Options;
use sunvote::store::error::StoreError;

use super::forger::{DISTRICT, founded, roots};
use super::rig::{Rig, keys, settings};
use crate::harness::{Running, TestServer, header};

#[tokio::test]
async fn a_server_and_its_witness_agree_about_a_lawful_record() {
    let mut scribe = founded("331102001206");
    scribe.settle(&Term::default()).unwrap();
    let server = TestServer::new().at(scribe.now()).with_village(scribe.clone()).start().await;
    let log = VerifierKey::new(&scribe.state().origin, Algorithm::Ed25519, &scribe.state().log_key).unwrap();
    // As the sequencer signs it beside each append.
    let (village, size, note) = (scribe.state().village, scribe.state().size(), scribe.checkpoint().to_string());
    let note = note.as_bytes();
    let signed = server.app.db().write("checkpoint", |tx| Box::pin(tx.put_checkpoint(village, size, note))).await;
    signed.map_err(|error: StoreError| error).unwrap();
    server.app.list_keys(vec![key_leaf(&log, &roots()).unwrap()]).await.unwrap();
    let district = server.app.district_verifier("331102".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(district.name(), DISTRICT);
    let rig = Rig::with(settings(&server.base, &district.to_string(), ""), scribe.now(), Options::default()).await;
    let base = rig.serve();
    let policy_file = format!(
        "log {district}\nwitness w {} {base}/witness\nwitness l {}\nquorum w\n",
        keys().consistency(),
        keys().lawful()
    );
    let policy = Policy::parse(policy_file.as_bytes()).unwrap();
    server.app.name_witnesses(policy, Client::new(Duration::from_secs(10)));
    server.app.publish_due().await.unwrap();
    let asked = server.app.witnesses().asked().unwrap();
    let party = asked.policy.witnesses()[0].clone();
    assert!(server.app.ask_witness(&asked, &party, "331102".parse().unwrap(), false).await.unwrap());
    let served = server.get("/log/d/331102/checkpoint").await.text().await.unwrap();
    let served = Note::parse(served.as_bytes()).unwrap();
    served.verify(&[keys().consistency().clone()]).expect("the witness's cosignature");
    let round = rig.round().await;
    assert_eq!((round.leaves, round.villages, round.cosigned, round.alarms), (2, 1, 1, 0), "{:?}", rig.alarms().await);
    assert_eq!(round.entries, scribe.entries.len() as u64);
    whoever_holds_a_receipt_asks(&server, &policy_file, &log).await;
    the_pages_name_key_and_witness(&server, &district, &base).await;
}

/// `sunvote receipt check --ask-witnesses`, with the pair that this server gave out.
async fn whoever_holds_a_receipt_asks(server: &Running, policy: &str, log: &VerifierKey) {
    let village = "331102001206".parse().unwrap();
    let entry = server.app.published_receipt(village, 1).await.unwrap();
    let above = server.app.district_receipt(village, 1).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("mine"), entry).unwrap();
    std::fs::write(path("above"), above.unwrap()).unwrap();
    std::fs::write(path("policy"), policy).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sunvote"));
    command.current_dir(folder.path()).args(["receipt", "check", "mine", "above", "--policy", "policy"]);
    command.args(["--ask-witnesses", "--json", "--key", &log.to_string()]);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &told["verdict"]), (Some(0), &"good".into()), "{told}");
    assert_eq!(told["asked"], serde_json::json!([{ "name": "w", "heard": "same" }]), "the other one has no address");
}

/// What readers' devices pin, and whom they may speak to.
async fn the_pages_name_key_and_witness(server: &Running, district: &VerifierKey, base: &str) {
    for path in ["/check", "/check?village=331102001206", "/my-ballots", "/v/331102001206/record"] {
        let page = server.get(path).await;
        let allowed = header(&page, "content-security-policy").to_owned();
        assert!(allowed.contains(&format!("connect-src 'self' {base};")), "{path}: {allowed}");
        let words = page.text().await.unwrap();
        assert!(words.contains(&district.to_string()), "{path}");
        let tells = ["/check?village=331102001206", "/my-ballots"].contains(&path);
        assert_eq!(words.contains(&format!("{base}/witness")), tells, "{path}");
    }
}

//! How many checkpoints a witness cosigns in a second, over HTTP and each on disk before it is answered.
//!
//! `cargo bench --bench witness`. Two measures: many logs that ask beside each other, each for its own next checkpoint; and the
//! raw limit beside it, the same number of requests decided and signed without store and network. Prints plain numbers.

use std::sync::Arc;

use ed25519_dalek::SigningKey;
use reqwest::Client;
use sunvote::app::{App, Parts};
use sunvote::core::clock::{Clock, Time};
use sunvote::core::ids::{Digest, PublicKey};
use sunvote::http::server::Server;
use sunvote::http::state::AppState;
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::note::{Algorithm, VerifierKey};
use sunvote::log::tree;
use sunvote::log::witness::{Held, Request};
use sunvote::store::db::{Db, Options};
use sunvote::store::objects::Objects;
use sunvote::store::vault::Vault;
use sunvote::witness::Witness;
use sunvote::witness::keys::Keys;
use sunvote::witness::serve;
use sunvote::witness::settings::Settings;

use crate::figures::now;

#[path = "figures/mod.rs"]
#[expect(dead_code, reason = "here the clock alone")]
mod figures;

/// Logs that ask at the same time.
const LOGS: u64 = 64;
/// Checkpoints of each.
const STEPS: u64 = 100;

struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Time {
        Time::from_ms(1_800_000_000_000).expect("a time in range")
    }
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

fn origin(log: u64) -> String {
    format!("bench.example/log/d/{:06}", 331_102 + log)
}

fn verifier(log: u64) -> VerifierKey {
    let public = |key: &SigningKey| PublicKey(key.verifying_key().to_bytes());
    // A log has a key of its own: two logs of one key would be one log.
    VerifierKey::new(&origin(log), Algorithm::Ed25519, &public(&own_key(log))).expect("a key")
}

fn own_key(log: u64) -> SigningKey {
    let mut seed = key().to_bytes();
    seed[..8].copy_from_slice(&log.to_be_bytes());
    SigningKey::from_bytes(&seed)
}

/// The requests of one log, each one leaf further.
fn requests(log: u64) -> Vec<Request> {
    let leaves: Vec<Digest> = (0..=STEPS).map(|n| tree::leaf_hash(&n.to_be_bytes())).collect();
    let request = |old: u64| {
        let upto = usize::try_from(old + 1).expect("a small size");
        let proof = tree::prove_consistency(&mut &leaves[..upto], old, old + 1).expect("a proof");
        let note = Checkpoint::new(&origin(log), old + 1, tree::root(&leaves[..upto])).sign(&own_key(log));
        Request { old, proof, note }
    };
    (0..STEPS).map(request).collect()
}

async fn witness(folder: &std::path::Path) -> (Witness, String) {
    let name = "bench.example";
    let keys = Keys::parse(&Keys::text(name, &[1; 32], &[2; 32]), name).expect("keys");
    let others: Vec<String> = (1..LOGS).map(|log| format!("\"{}\"", verifier(log))).collect();
    let text = format!(
        "name = \"{name}\"\nlog = \"{}\"\nserver = \"http://127.0.0.1:1\"\nroots = [\"{a}\", \"{b}\"]\n\
         also_cosign = [{}]\n[serve]\npublic_origin = \"http://127.0.0.1:1\"\nlisten = \"127.0.0.1:0\"\n",
        verifier(0),
        others.join(", "),
        a = "00".repeat(32),
        b = "11".repeat(32),
    );
    let settings = Settings::parse(&text, std::iter::empty()).expect("settings");
    let config = settings.serve.clone();
    let parts = Parts {
        db: Db::open_file(&folder.join("witness.sqlite"), Options::default()).await.expect("a database"),
        vault: Vault::new(keys.seed()),
        objects: Objects::folder(&folder.join("documents")).expect("a folder"),
        clock: Arc::new(FixedClock),
        seed: [3; 32],
    };
    let witness = Witness::start(App::start(parts), settings, keys);
    let server = Server::bind(config.listen).expect("a free port");
    let base = format!("http://{}", server.address());
    let state = AppState::new(config, witness.app().clone());
    let router = serve::router(witness.clone(), state.clone());
    tokio::spawn(async move { server.run_router(router, &state).await });
    (witness, base)
}

#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn rate(count: u64, seconds: f64) -> f64 {
    count as f64 / seconds
}

fn raw() {
    let all: Vec<String> = requests(0).iter().map(ToString::to_string).collect();
    let logs: Vec<VerifierKey> = (0..LOGS).map(verifier).collect();
    let keys = Keys::parse(&Keys::text("b.example", &[1; 32], &[2; 32]), "b.example").expect("keys");
    let begun = now();
    let mut held = Held::default();
    for body in &all {
        let opened = Request::parse(body.as_bytes()).and_then(|request| request.open(&logs)).expect("signed");
        opened.decide(&held).expect("consistent");
        held = opened.held();
        let _ = keys.cosign_consistent(&opened.note.text, 1_700_000_000);
    }
    println!("checked, decided and signed, one core: {:.0}/s", rate(STEPS, begun.elapsed().as_secs_f64()));
}

async fn over_http() {
    let folder = tempfile::tempdir().expect("a folder");
    let (witness, base) = witness(folder.path()).await;
    let bodies: Vec<Vec<String>> =
        (0..LOGS).map(|log| requests(log).iter().map(ToString::to_string).collect()).collect();
    let client = Client::builder().build().expect("a client");
    let begun = now();
    let tasks: Vec<_> = bodies
        .into_iter()
        .map(|bodies| {
            let (client, url) = (client.clone(), format!("{base}/witness/add-checkpoint"));
            tokio::spawn(async move {
                for body in bodies {
                    let answer = client.post(&url).body(body).send().await.expect("an answer");
                    assert_eq!(answer.status(), 200);
                    answer.bytes().await.expect("a body");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("ended");
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!("{} checkpoints of {LOGS} logs over HTTP: {:.0} cosigned/s", LOGS * STEPS, rate(LOGS * STEPS, seconds));
    let commits = witness.db().counters().get("cosign").map_or(0, |counter| counter.count);
    println!("in {commits} commits");
}

fn main() {
    raw();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(over_http());
}

//! Time anchors: what witnesses cosigned goes on record while people vote, and not otherwise.

use std::time::Duration;

use ed25519_dalek::SigningKey;
use sunvote::app::App;
use sunvote::app::fetch::Client;
use sunvote::app::publish::key_leaf;
use sunvote::core::clock::{MINUTE_MS, Time};
use sunvote::core::ids::{DistrictCode, PublicKey};
use sunvote::core::state::Anchor;
use sunvote::log::note::{Algorithm, Note, NoteSignature, VerifierKey};
use sunvote::log::policy::Policy;
use sunvote::log::scribe::Scribe;
use sunvote::store::district::Cosignature;

use crate::bed::{open, open_vote};
use crate::village::load;

const NAME: &str = "witness.example/one";

fn district(scribe: &Scribe) -> DistrictCode {
    scribe.state().village.district()
}

fn witness() -> (SigningKey, VerifierKey) {
    let key = SigningKey::from_bytes(&[9; 32]);
    let public = PublicKey(key.verifying_key().to_bytes());
    let verifier = VerifierKey::new(NAME, Algorithm::Cosignature, &public).expect("a key");
    (key, verifier)
}

/// The application at this time, with one witness named.
async fn at(folder: &std::path::Path, now: Time) -> App {
    let app = open(folder, now).await;
    let policy = format!("witness one {}\nquorum one\n", witness().1);
    app.name_witnesses(Policy::parse(policy.as_bytes()).expect("a policy"), Client::new(Duration::from_secs(1)));
    app
}

/// Enters the village's key in the directory, so that the district's log begins.
async fn list(app: &App, scribe: &Scribe) {
    let log = VerifierKey::new(&scribe.state().origin, Algorithm::Ed25519, &scribe.state().log_key).expect("a key");
    let leaf = key_leaf(&log, scribe.roots()).expect("two roots");
    assert_eq!(app.list_keys(vec![leaf]).await.expect("listed"), 1);
}

/// The witness cosigns the district's newest checkpoint at this time.
async fn cosign(app: &App, district: DistrictCode, at: Time) {
    let newest = app.db().read("newest", |tx| Box::pin(tx.newest_district_checkpoint(district))).await;
    let newest = newest.expect("read").expect("a checkpoint");
    let note = Note::parse(&newest.note).expect("a note");
    let (key, verifier) = witness();
    let line = NoteSignature::cosign(&note.text, NAME, &key, at.ms().unsigned_abs() / 1_000).to_string();
    let origin = note.text.lines().next().expect("an origin").to_owned();
    let row = &Cosignature { origin, size: newest.size, key: verifier.to_string(), time: at, line };
    let put = app.db().write("cosign", |tx| Box::pin(tx.put_cosignatures(std::slice::from_ref(row))));
    put.await.expect("kept");
}

async fn anchor(app: &App, scribe: &Scribe) -> Option<Anchor> {
    app.lives().live(scribe.state().village).await.expect("a village").state().anchor
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_witness_cosigned_goes_on_record_while_people_vote_every_ten_minutes() {
    let (scribe, ..) = open_vote(20);
    let (folder, began) = (tempfile::tempdir().expect("a folder"), scribe.now());
    let app = at(folder.path(), began).await;
    load(&app, &scribe).await;
    list(&app, &scribe).await;
    assert_eq!(app.anchor_votes().await.expect("a round"), 0, "nobody cosigned anything");
    cosign(&app, district(&scribe), began.plus_ms(-5_000)).await;
    assert_eq!(app.anchor_votes().await.expect("a round"), 1);
    let first = anchor(&app, &scribe).await.expect("an anchor");
    assert_eq!((first.size, first.time, first.cosigned_at), (1, began, began.plus_ms(-5_000)));
    cosign(&app, district(&scribe), began).await;
    assert_eq!(app.anchor_votes().await.expect("a round"), 0, "one is there");
    app.stop().await;
    app.db().close().await;
    let app = at(folder.path(), began.plus_ms(10 * MINUTE_MS)).await;
    assert_eq!(app.anchor_votes().await.expect("a round"), 1);
    assert_eq!(anchor(&app, &scribe).await.map(|anchor| anchor.cosigned_at), Some(began));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn once_the_vote_is_closed_nothing_is_anchored() {
    let (mut scribe, vote, present) = open_vote(20);
    scribe.cast_all(&vote, &[("for", usize::try_from(present).expect("a count"))]).expect("cast");
    scribe.close(&vote).expect("closed");
    let folder = tempfile::tempdir().expect("a folder");
    let app = at(folder.path(), scribe.now()).await;
    load(&app, &scribe).await;
    list(&app, &scribe).await;
    cosign(&app, district(&scribe), scribe.now()).await;
    assert_eq!(app.anchor_votes().await.expect("a round"), 0);
    assert_eq!(anchor(&app, &scribe).await, None);
    app.stop().await;
}

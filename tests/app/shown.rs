//! What readers are shown of the district's log: never less than before, and never long after it was due.

use std::path::Path;
use std::time::Duration;

use sunvote::app::App;
use sunvote::app::error::AppError;
use sunvote::app::fetch::Client;
use sunvote::app::submit::BallotOpening;
use sunvote::core::clock::Time;
use sunvote::log::note::{Algorithm, VerifierKey};
use sunvote::log::policy::Policy;
use sunvote::store::district::LogOf;
use sunvote::store::error::StoreError;

use crate::bed::{ballots, open, open_vote};
use crate::publish::{cast, district, leaf};
use crate::village::load;

/// The server at a time, with one witness that it can't reach.
async fn at(folder: &Path, now: Time) -> App {
    let app = open(folder, now).await;
    let key = ed25519_dalek::SigningKey::from_bytes(&[5; 32]).verifying_key().to_bytes();
    let key = VerifierKey::new("w.example", Algorithm::Cosignature, &sunvote::core::ids::PublicKey(key));
    let policy = format!("witness w {}\nquorum w\n", key.expect("a key"));
    app.name_witnesses(Policy::parse(policy.as_bytes()).expect("a policy"), Client::new(Duration::from_secs(1)));
    app
}

async fn close(app: App) {
    app.stop().await;
    app.db().close().await;
}

/// Sizes of the district's and of the village's log as they are shown.
async fn shown(app: &App, village: sunvote::core::ids::VillageCode) -> (u64, u64) {
    let mut sizes = Vec::new();
    for log in [LogOf::District(district()), LogOf::Village(village)] {
        let note = String::from_utf8(app.served_checkpoint(log).await.expect("a checkpoint")).expect("text");
        sizes.push(note.lines().nth(1).expect("a size").parse().expect("a number"));
    }
    (sizes[0], sizes[1])
}

async fn newest(app: &App) -> u64 {
    let head = app.db().read("district", |tx| Box::pin(tx.district(district()))).await;
    head.map_err(|error: StoreError| error).expect("read").expect("a log").size
}

async fn witnessed(app: &App, size: u64) {
    let now = app.now();
    let marked = app.db().write("mark", |tx| Box::pin(tx.mark_witnessed(district(), size, now))).await;
    marked.map_err(|error: StoreError| error).expect("marked");
}

#[tokio::test(flavor = "multi_thread")]
async fn cosignatures_that_come_late_never_make_a_shown_log_shorter() {
    let (mut scribe, vote, _) = open_vote(15);
    let (village, begins) = (scribe.state().village, scribe.now());
    let ballots = ballots(&mut scribe, &vote, 15);
    let folder = tempfile::tempdir().expect("a folder");
    let app = at(folder.path(), begins).await;
    load(&app, &scribe).await;
    app.list_keys(vec![leaf(&scribe)]).await.expect("listed");
    app.publish_due().await.expect("a round");
    witnessed(&app, newest(&app).await).await;
    close(app).await;
    // A ballot each second; the witness answers seven seconds late.
    let mut last = (0, 0);
    let mut sizes = Vec::new();
    for second in 1..=14_u64 {
        let now = begins.plus_ms(i64::try_from(second).expect("few") * 1_000);
        let app = at(folder.path(), now).await;
        cast(&app, village, &ballots[usize::try_from(second).expect("few")]).await;
        app.publish_due().await.expect("a round");
        sizes.push(newest(&app).await);
        let before = shown(&app, village).await;
        assert!(before.0 >= last.0 && before.1 >= last.1, "second {second}: {last:?}, then {before:?}");
        assert!(before.0 < newest(&app).await, "second {second}: what nobody has cosigned yet is not shown at once");
        if let Some(late) = sizes.len().checked_sub(7) {
            witnessed(&app, sizes[late]).await;
        }
        last = shown(&app, village).await;
        assert!(last.0 >= before.0 && last.1 >= before.1, "second {second}: {before:?}, then {last:?}");
        close(app).await;
    }
    let end = at(folder.path(), begins.plus_ms(60_000)).await;
    assert_eq!(shown(&end, village).await.0, *sizes.last().expect("published"), "in the end all of it");
    close(end).await;
}

/// A backup may lack what people hold receipts for: no entry is acknowledged before witnesses were asked.
#[tokio::test(flavor = "multi_thread")]
async fn a_restored_server_takes_nothing_before_its_witnesses_have_said_what_they_hold() {
    let (mut scribe, vote, _) = open_vote(15);
    let village = scribe.state().village;
    let ballots = ballots(&mut scribe, &vote, 15);
    let folder = tempfile::tempdir().expect("a folder");
    let app = at(folder.path(), scribe.now()).await;
    load(&app, &scribe).await;
    app.list_keys(vec![leaf(&scribe)]).await.expect("listed");
    let marked = app.db().write("restored", |tx| Box::pin(tx.mark_restored(district(), true))).await;
    marked.map_err(|error: StoreError| error).expect("marked");
    app.doubt_restored().await.expect("read");
    let (envelope, nonce, choice) = &ballots[0];
    let opening = BallotOpening { nonce: nonce.parse().expect("32 bytes"), choice: choice.parse().expect("a code") };
    let refused = app.submit(village, envelope.clone(), Some(opening)).await;
    assert!(matches!(refused, Err(AppError::InDoubt(_))), "{refused:?}");
    assert_eq!(app.publish_due().await.expect("a round").villages, 0, "nor is anything published");
    close(app).await;
}

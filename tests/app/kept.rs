//! States that the store keeps: a village's first use rests on them, and never on one that isn't the record's.

use std::path::Path;

use sqlx::Connection as _;
use sunvote::app::live::Lives;
use sunvote::app::projection;
use sunvote::app::snapshot::{due, encode};
use sunvote::app::submit::{BallotOpening, Submitted};
use sunvote::app::{App, error::AppError};
use sunvote::core::ids::VillageCode;
use sunvote::core::state::State;
use sunvote::log::entry::Entry;
use sunvote::log::ledger::replay;
use sunvote::log::scribe::Scribe;
use sunvote::log::signed::Signed;
use sunvote::store::error::StoreError;

use crate::bed::{ballots, derived, open, open_vote, open_vote_in};
use crate::village::load;

/// A first use, as after a start of the server.
async fn first_use(app: &App, village: VillageCode) -> Result<State, AppError> {
    let lives = Lives::new(app.db().clone(), app.vault().clone());
    lives.live(village).await.map(|live| live.state().clone())
}

async fn kept(app: &App, village: VillageCode) -> Option<(u64, Vec<u8>)> {
    let kept: Result<_, StoreError> = app.db().read("state", |tx| Box::pin(tx.state(village))).await;
    kept.expect("read")
}

async fn keep(app: &App, village: VillageCode, size: u64, bytes: &[u8]) {
    let kept: Result<(), StoreError> = app.db().write("state", |tx| Box::pin(tx.put_state(village, size, bytes))).await;
    kept.expect("kept");
}

/// Runs a statement behind the server's back.
async fn tamper(folder: &Path, sql: &'static str) {
    let url = format!("sqlite:{}", folder.join("test.sqlite").display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("the database");
    let done = sqlx::query(sql).execute(&mut connection).await.expect("done");
    assert!(done.rows_affected() > 0, "{sql}");
    connection.close().await.expect("closed");
}

/// The state after a record's first `size` entries.
fn state_at(scribe: &Scribe, size: u64) -> State {
    let mut state = None;
    for entry in scribe.entries.iter().take(usize::try_from(size).expect("a count")) {
        let signed = Signed::read(Entry::parse(&entry.bytes).expect("an entry").statement).expect("a statement");
        replay(&mut state, &signed.statement, signed.id, entry.at, None).expect("lawful");
    }
    state.expect("entries")
}

/// A village in which 120 have voted.
fn voted(village: &str) -> Scribe {
    let (mut scribe, vote, _) = open_vote_in(village.parse().expect("a code"), 120);
    scribe.cast_all(&vote, &[("for", 120)]).expect("cast");
    scribe
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_while_a_record_grows_by_many_at_once_is_what_a_rebuild_keeps() {
    let (mut scribe, vote, present) = open_vote(160);
    let (village, before) = (scribe.state().village, scribe.ledger().frontier.size());
    let ballots = ballots(&mut scribe, &vote, present);
    let folder = tempfile::tempdir().expect("a folder");
    let app = open(folder.path(), scribe.now()).await;
    load(&app, &scribe).await;
    let all_at_once = ballots.into_iter().map(|(envelope, nonce, choice)| {
        let app = app.clone();
        tokio::spawn(async move {
            let opening =
                BallotOpening { nonce: nonce.parse().expect("32 bytes"), choice: choice.parse().expect("a code") };
            let submitted = app.submit(village, envelope, Some(opening)).await.expect("taken");
            assert!(matches!(submitted, Submitted::Recorded(_)));
        })
    });
    for cast in all_at_once.collect::<Vec<_>>() {
        cast.await.expect("cast");
    }
    // Waits until everything taken is projected.
    app.stop().await;
    let size = before + u64::from(present);
    assert!(due(size) > due(before) + 64, "the ballots pass two sizes at which a state is kept: {before} to {size}");
    assert_eq!(kept(&app, village).await.map(|(size, _)| size), Some(due(size)));
    let grown = derived(&app).await;
    projection::rebuild(app.db(), app.vault(), app.lives(), village).await.expect("made anew");
    let anew = derived(&app).await;
    for (table, rows) in &grown {
        assert!(*rows == anew[table], "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_use_reads_nothing_that_lies_before_the_kept_state() {
    let scribe = voted("331102206201");
    let village = scribe.state().village;
    let folder = tempfile::tempdir().expect("a folder");
    let app = open(folder.path(), scribe.now()).await;
    load(&app, &scribe).await;
    assert_eq!(kept(&app, village).await.expect("kept").0, due(scribe.state().size()));
    tamper(folder.path(), "UPDATE entries SET bytes = x'00' WHERE seq < (SELECT size FROM village_state)").await;
    assert_eq!(first_use(&app, village).await.expect("the state"), *scribe.state());
    tamper(folder.path(), "DELETE FROM village_state").await;
    let error = first_use(&app, village).await.expect_err("the whole record is read, and it is damaged");
    assert!(matches!(error, AppError::Store(StoreError::Damaged(_))), "{error:?}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_state_that_is_not_the_records_is_passed_over_and_made_anew() {
    let scribe = voted("331102206201");
    let (village, size) = (scribe.state().village, scribe.state().size());
    let folder = tempfile::tempdir().expect("a folder");
    let app = open(folder.path(), scribe.now()).await;
    load(&app, &scribe).await;
    let (kept_size, bytes) = kept(&app, village).await.expect("kept");
    assert!(kept_size > 64 && kept_size < size, "{kept_size} of {size}");

    let damaged = [&bytes[..bytes.len() - 1], b"!"].concat();
    let other_program = [b"sunvote/state/v0".as_slice(), &bytes[16..]].concat();
    let foreign = encode(&state_at(&voted("331102206202"), kept_size)).expect("bytes");
    let mut forked = state_at(&scribe, kept_size);
    forked.last.leaf.0[0] ^= 1;
    let forked = encode(&forked).expect("bytes");
    let mut beyond = scribe.state().clone();
    beyond.last.seq = size;
    let beyond = encode(&beyond).expect("bytes");
    let older = encode(&state_at(&scribe, 64)).expect("bytes");
    for (what, put_size, put) in [
        ("damaged", kept_size, damaged),
        ("cut off", kept_size, Vec::new()),
        ("of another program", kept_size, other_program),
        ("of another village", kept_size, foreign),
        ("of a forked record", kept_size, forked),
        ("of a size that the record has not", size + 1, beyond),
        ("filed under another size", kept_size - 1, bytes.clone()),
        ("without entries", 0, bytes.clone()),
        ("older", 64, older),
    ] {
        keep(&app, village, put_size, &put).await;
        assert!(first_use(&app, village).await.expect("the state") == *scribe.state(), "{what}");
        assert!(kept(&app, village).await == Some((kept_size, bytes.clone())), "{what}: made anew");
    }
    app.stop().await;
}

//! What is lost while a server runs: an answer, with a fault of the program; entries, with a database that takes back what it
//! acknowledged.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::{ConnectOptions as _, Row as _};
use sunvote::app::error::AppError;
use sunvote::app::publish::history::Fault;
use sunvote::app::submit::{BallotOpening, Submitted};
use sunvote::app::{App, Parts};
use sunvote::core::clock::{Clock, Time};
use sunvote::store::db::{Db, Options};
use sunvote::store::objects::Objects;
use sunvote::store::vault::Vault;
use zeroize::Zeroizing;

use crate::bed::{Ballot, ballots, open, open_vote};
use crate::village::load;

const VILLAGE: &str = "331102206201";

/// A clock that stands, and panics when it is looked at next: which judging does.
struct Broken(Time, AtomicBool);

impl Clock for Broken {
    fn now(&self) -> Time {
        assert!(!self.1.swap(false, Ordering::Relaxed), "planned");
        self.0
    }
}

async fn submit(app: &App, ballot: &Ballot) -> Result<Submitted, AppError> {
    let opening =
        BallotOpening { nonce: ballot.1.parse().expect("32 bytes"), choice: ballot.2.parse().expect("a code") };
    app.submit(VILLAGE.parse().expect("a code"), ballot.0.clone(), Some(opening)).await
}

#[tokio::test]
async fn a_fault_of_the_program_costs_an_answer_and_not_the_lane() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut scribe, vote, _) = open_vote(15);
    let cast = ballots(&mut scribe, &vote, 2);
    let clock = Arc::new(Broken(scribe.now(), AtomicBool::new(false)));
    let app = App::start(Parts {
        db: Db::open_file(&folder.path().join("store.sqlite"), Options::default()).await.expect("a database"),
        vault: Vault::new(&Zeroizing::new([1; 32])),
        objects: Objects::folder(&folder.path().join("documents")).expect("a folder"),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        seed: [2; 32],
    });
    load(&app, &scribe).await;
    clock.1.store(true, Ordering::Relaxed);
    let lost = submit(&app, &cast[0]).await;
    assert!(matches!(lost, Err(AppError::Unsure)), "{lost:?}");
    for ballot in &cast {
        assert!(matches!(submit(&app, ballot).await, Ok(Submitted::Recorded(_))));
    }
    app.stop().await;
}

/// As a standby that was behind, and became the primary, would have it.
async fn take_back(folder: &Path, head: &sqlx::sqlite::SqliteRow) {
    let file = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.join("test.sqlite")).foreign_keys(false);
    let mut operator = file.connect().await.expect("the file");
    let size: i64 = head.get("size");
    let back = sqlx::query("UPDATE villages SET size = ?, frontier = ?, last_time = ?, last_leaf = ?").bind(size);
    let back = back.bind(head.get::<Vec<u8>, _>("frontier")).bind(head.get::<i64, _>("last_time"));
    back.bind(head.get::<Vec<u8>, _>("last_leaf")).execute(&mut operator).await.expect("an earlier head");
    let gone = sqlx::query("DELETE FROM entries WHERE seq >= ?").bind(size);
    assert_eq!(gone.execute(&mut operator).await.expect("fewer entries").rows_affected(), 1);
}

#[tokio::test]
async fn nothing_is_signed_on_a_database_that_took_back_what_it_acknowledged() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut scribe, vote, _) = open_vote(15);
    let cast = ballots(&mut scribe, &vote, 3);
    let app = open(folder.path(), scribe.now()).await;
    load(&app, &scribe).await;
    let file = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("test.sqlite"));
    let mut reader = file.connect().await.expect("the file");
    let head = sqlx::query("SELECT * FROM villages").fetch_one(&mut reader).await.expect("the village");
    assert!(matches!(submit(&app, &cast[0]).await, Ok(Submitted::Recorded(_))));
    assert!(app.history().doubt().is_none());
    take_back(folder.path(), &head).await;
    for ballot in &cast[1..] {
        let refused = submit(&app, ballot).await;
        assert!(
            matches!(&refused, Err(AppError::InDoubt(doubt)) if matches!(doubt.fault, Fault::Shorter { .. })),
            "{refused:?}"
        );
    }
    app.stop().await;
}

//! Who uses a database beside whom, and what becomes of that when the session which held it is cut off.

use std::time::Duration;

use rstest::rstest;
use sqlx::Connection as _;
use sunvote::store::db::{Db, Options};
use sunvote::store::error::StoreError;
use sunvote::store::presence::Use;

use crate::bed::{Bed, Engine, founding, patient};
use crate::postgres::Server;

async fn taken(bed: &Bed, how: Use) -> Db {
    bed.open_with(Options { how, ..patient() }).await
}

/// In vain, so it need not wait long.
async fn tried(bed: &Bed, how: Use) -> Result<Db, StoreError> {
    Db::open(&bed.url, Options { how, lock_wait: Duration::from_millis(50), ..Options::default() }).await
}

/// Says something to the database as its operator would.
async fn operator(bed: &Bed, sql: &'static str) {
    let mut connection = sqlx::PgConnection::connect(&bed.url).await.unwrap();
    sqlx::query(sql).execute(&mut connection).await.unwrap();
}

/// A server of the test's own, whose sessions are cut and settings changed without harm to other tests.
async fn own() -> (Server, Bed) {
    let server = Server::start();
    let bed = Bed { url: server.database().await, folder: tempfile::tempdir().unwrap() };
    (server, bed)
}

/// Ends every other session of the database, as a failover does.
async fn cut(bed: &Bed) {
    let others = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    operator(bed, others).await;
}

#[rstest]
#[tokio::test]
async fn who_uses_a_database_alone_has_it_alone(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let (one, other) = (taken(&bed, Use::Shared).await, taken(&bed, Use::Shared).await);
    one.close().await;
    assert!(matches!(tried(&bed, Use::Alone).await, Err(StoreError::InUse)), "the other is still there");
    other.close().await;
    let alone = taken(&bed, Use::Alone).await;
    for how in [Use::Shared, Use::ServingAlone, Use::ServingAmong, Use::Alone] {
        assert!(matches!(tried(&bed, how).await, Err(StoreError::InUse)), "{how:?}");
    }
    alone.was_held().await.unwrap();
    alone.hold_again().await.unwrap();
    // Dropped without a word, as by a process that dies.
    drop(alone);
    taken(&bed, Use::Alone).await.close().await;
}

#[tokio::test]
async fn postgres_servers_that_do_not_know_of_each_other_are_refused() {
    let bed = Bed::new(Engine::Postgres).await;
    let alone = taken(&bed, Use::ServingAlone).await;
    for how in [Use::ServingAlone, Use::ServingAmong] {
        assert!(matches!(tried(&bed, how).await, Err(StoreError::Served)), "{how:?}");
    }
    taken(&bed, Use::Shared).await.close().await;
    alone.close().await;
    let _several = (taken(&bed, Use::ServingAmong).await, taken(&bed, Use::ServingAmong).await);
    assert!(matches!(tried(&bed, Use::ServingAlone).await, Err(StoreError::Served)));
}

#[tokio::test]
async fn what_a_cut_postgres_session_held_is_held_again_unless_others_came() {
    let (_server, bed) = own().await;
    let db =
        bed.open_with(Options { how: Use::Alone, lock_wait: Duration::from_millis(50), ..Options::default() }).await;
    cut(&bed).await;
    assert!(matches!(db.was_held().await, Err(StoreError::Unavailable { .. })), "others could have come in");
    db.hold_again().await.unwrap();
    db.was_held().await.unwrap();
    assert!(matches!(tried(&bed, Use::Shared).await, Err(StoreError::InUse)), "it is held");
    cut(&bed).await;
    let _other = taken(&bed, Use::Shared).await;
    assert!(matches!(db.hold_again().await, Err(StoreError::InUse)));
}

/// Its settings may be changed while it is used, and the server that takes over may have others.
#[tokio::test]
async fn a_postgres_that_no_longer_keeps_what_it_acknowledges_is_found_out() {
    let (_server, bed) = own().await;
    let options = Options { how: Use::Shared, queue_wait: Duration::from_millis(500), ..patient() };
    let db = bed.open_with(options).await;
    db.ping().await.unwrap();
    operator(&bed, "ALTER ROLE sunvote SET synchronous_commit = off").await;
    cut(&bed).await;
    let held = db.hold_again().await;
    assert!(matches!(&held, Err(StoreError::Address(why)) if why.contains("synchronous_commit")), "{held:?}");
    let written: Result<(), StoreError> =
        db.write("late", |tx| Box::pin(async { tx.found_village(&founding(0)).await })).await;
    assert!(matches!(written, Err(StoreError::Unavailable { may_be_written: false, .. })), "{written:?}");
}

//! Crashes, full disks, locks and planned failures: nothing half-written, nothing acknowledged lost.

use std::time::Duration;

use rstest::rstest;
use sqlx::Connection as _;
use sunvote::store::db::{Db, Options};
use sunvote::store::error::StoreError;
use sunvote::store::fault::{Fault, FaultPlan};

use crate::append::write_batch;
use crate::bed::{Bed, Engine, append, found, patient, village};
use crate::postgres::Server;

/// The size of village 0's record, after checking that head and entries agree.
async fn whole_size(db: &Db, n: u64) -> u64 {
    db.read("check", |tx| {
        Box::pin(async move {
            let head = tx.head(village(n)).await?.unwrap();
            let entries = tx.entries(village(n), 0, 256).await?;
            assert_eq!(entries.len() as u64, head.size, "head and entries agree");
            if let Some(last) = entries.last() {
                assert_eq!(last.leaf, head.last_leaf);
            }
            Ok::<_, StoreError>(head.size)
        })
    })
    .await
    .unwrap()
}

#[rstest]
#[tokio::test]
async fn what_was_acknowledged_is_there_after_reopening(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 1).await;
    write_batch(&db, &[append(0, 0, &[1, 2, 3])]).await.unwrap();
    db.close().await;
    assert!(matches!(write_batch(&db, &[append(0, 3, &[4])]).await, Err(StoreError::Unavailable { .. })));
    assert_eq!(whole_size(&bed.open().await, 0).await, 3);
}

#[tokio::test]
async fn sqlite_keeps_what_was_acknowledged_when_the_process_is_killed() {
    let bed = Bed::new(Engine::Sqlite).await;
    let db = bed.open().await;
    found(&db, 1).await;
    for seq in 0..20 {
        write_batch(&db, &[append(0, seq, &[seq])]).await.unwrap();
    }
    // What a killed process leaves is its files as they are now, the log not yet folded in.
    let after = Bed::new(Engine::Sqlite).await;
    for file in std::fs::read_dir(bed.folder.path()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), after.folder.path().join(file.file_name())).unwrap();
    }
    assert!(after.folder.path().join("store.sqlite-wal").exists());
    assert_eq!(whole_size(&after.open().await, 0).await, 20);
}

#[tokio::test]
async fn postgres_keeps_what_was_acknowledged_when_the_server_crashes() {
    let server = Server::start();
    let url = server.database().await;
    let db = Db::open(&url, Options::default()).await.unwrap();
    found(&db, 1).await;
    for seq in 0..20 {
        write_batch(&db, &[append(0, seq, &[seq])]).await.unwrap();
    }
    server.crash();
    let again = Db::open(&url, Options::default()).await.unwrap();
    assert_eq!(whole_size(&again, 0).await, 20);
    // The pool that lived through the crash finds its way back.
    write_batch(&db, &[append(0, 20, &[20])]).await.unwrap();
    again.close().await;
    db.close().await;
}

#[tokio::test]
async fn a_full_disk_is_unavailable_and_leaves_nothing_half_written() {
    let bed = Bed::new(Engine::Sqlite).await;
    let db = bed.open_with(Options { sqlite_pages: Some(300), ..Options::default() }).await;
    found(&db, 1).await;
    let mut size = 0;
    let error = loop {
        let mut next = append(0, size, &[size * 2, size * 2 + 1]);
        next.entries[0].bytes = vec![b'x'; 60_000];
        match write_batch(&db, &[next]).await {
            Ok(()) => size += 2,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert!(size > 0, "some fitted before the disk was full");
    assert_eq!(whole_size(&db, 0).await, size);
    db.close().await;
    // With room again, the same record goes on.
    let db = bed.open().await;
    write_batch(&db, &[append(0, size, &[9_999])]).await.unwrap();
    assert_eq!(whole_size(&db, 0).await, size + 1);
}

#[rstest]
#[tokio::test]
async fn a_locked_database_is_unavailable(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open_with(Options { lock_wait: Duration::from_millis(10), ..Options::default() }).await;
    found(&db, 1).await;
    let result = match engine {
        Engine::Sqlite => {
            let mut other = sqlx::SqliteConnection::connect(&bed.url).await.unwrap();
            let lock = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
            let result = write_batch(&db, &[append(0, 0, &[1])]).await;
            lock.rollback().await.unwrap();
            result
        }
        Engine::Postgres => {
            let mut other = sqlx::PgConnection::connect(&bed.url).await.unwrap();
            let mut lock = other.begin().await.unwrap();
            sqlx::raw_sql("LOCK TABLE entries IN ACCESS EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
            let result = write_batch(&db, &[append(0, 0, &[1])]).await;
            lock.rollback().await.unwrap();
            result
        }
    };
    assert!(matches!(result, Err(StoreError::Unavailable { may_be_written: false, .. })), "{result:?}");
    assert_eq!(db.counters()["append"].retries, 4, "tried five times, then given up");
    write_batch(&db, &[append(0, 0, &[1])]).await.unwrap();
    assert_eq!(whole_size(&db, 0).await, 1);
}

#[rstest]
#[tokio::test]
async fn a_failure_at_any_step_leaves_all_or_nothing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(Fault::NotWritten, Fault::ButWritten)] fault: Fault,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 2).await;
    let counting = FaultPlan::default();
    let db = bed.open_with(Options { faults: counting.clone(), ..patient() }).await;
    write_batch(&db, &[append(0, 0, &[0, 1, 2]), append(1, 0, &[0])]).await.unwrap();
    let steps = counting.steps();
    assert!(steps >= 3, "heads, entries and a commit");
    let (mut first, mut second) = (3, 1);
    for step in 1..=steps {
        let db = bed.open_with(Options { faults: FaultPlan::at(step, fault), ..patient() }).await;
        let batch = [append(0, first, &[first, first + 1, first + 2]), append(1, second, &[second])];
        let error = write_batch(&db, &batch).await.unwrap_err();
        let StoreError::Unavailable { may_be_written, .. } = error else { panic!("{error:?}") };
        assert_eq!(may_be_written, step == steps, "only a failing commit leaves a doubt");
        if fault == Fault::ButWritten && step == steps {
            (first, second) = (first + 3, second + 1);
        }
        assert_eq!((whole_size(&db, 0).await, whole_size(&db, 1).await), (first, second), "step {step} of {steps}");
        // The caller reads where the record ends and goes on.
        write_batch(&db, &[append(0, first, &[first, first + 1, first + 2]), append(1, second, &[second])])
            .await
            .unwrap();
        (first, second) = (first + 3, second + 1);
        db.close().await;
    }
}

#[rstest]
#[tokio::test]
async fn what_the_caller_refuses_is_not_written(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    #[derive(Debug)]
    enum Refusal {
        Ours,
        Store,
    }
    impl From<StoreError> for Refusal {
        fn from(_: StoreError) -> Self {
            Self::Store
        }
    }
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 1).await;
    let result: Result<(), Refusal> = db
        .write("refused", |tx| {
            Box::pin(async move {
                tx.append_batch(&[append(0, 0, &[1])], &[]).await?;
                Err(Refusal::Ours)
            })
        })
        .await;
    assert!(matches!(result, Err(Refusal::Ours)));
    assert_eq!(whole_size(&db, 0).await, 0);
    let counter = db.counters()["refused"];
    assert_eq!((counter.count, counter.failures, counter.retries), (1, 1, 0));
}

#[tokio::test]
async fn a_postgres_that_acknowledges_before_the_disk_is_refused() {
    let bed = Bed::new(Engine::Postgres).await;
    let url = format!("{}&options=-csynchronous_commit%3Doff", bed.url);
    let result = Db::open(&url, Options::default()).await;
    assert!(matches!(&result, Err(StoreError::Address(why)) if why.contains("synchronous_commit")), "{result:?}");
}

#[tokio::test]
async fn an_unusable_address_is_named() {
    for url in ["mysql://x", "store.sqlite", "sqlite://", "sqlite::memory:"] {
        let result = Db::open(url, Options::default()).await;
        assert!(matches!(result, Err(StoreError::Address(_))), "{url}: {result:?}");
    }
    let result = Db::open("sqlite:///no/such/folder/store.sqlite", Options::default()).await;
    assert!(matches!(result, Err(StoreError::Unavailable { .. })), "{result:?}");
}

#[rstest]
#[tokio::test]
async fn what_was_committed_is_copied_into_the_file(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 1).await;
    write_batch(&db, &[append(0, 0, &[1])]).await.unwrap();
    let held = async || {
        // Without the write-ahead log that lies beside it.
        let alone = bed.folder.path().join("alone.sqlite");
        tokio::fs::copy(bed.folder.path().join("store.sqlite"), &alone).await.unwrap();
        let mut file = sqlx::SqliteConnection::connect(&alone.display().to_string()).await.unwrap();
        let tables: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'entries'")
            .fetch_one(&mut file)
            .await
            .unwrap();
        match tables {
            0 => 0,
            _ => sqlx::query_scalar("SELECT COUNT(*) FROM entries").fetch_one(&mut file).await.unwrap(),
        }
    };
    if engine == Engine::Sqlite {
        assert_eq!(held().await, 0_i64, "in the log only");
    }
    db.tidy().await.unwrap();
    if engine == Engine::Sqlite {
        assert_eq!(held().await, 1);
    }
    assert_eq!(whole_size(&db, 0).await, 1);
}

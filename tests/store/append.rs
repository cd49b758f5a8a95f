//! Appending to the record and reading it back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::TryStreamExt as _;
use rstest::rstest;
use sqlx::Connection as _;
use sunvote::store::db::Db;
use sunvote::store::district::LogOf;
use sunvote::store::error::StoreError;
use sunvote::store::record::{Tile, VaultRow, VillageAppend};
use tokio::sync::{Barrier, Notify};

use crate::bed::{Bed, Engine, append, digest, entry, found, founding, village};

pub async fn write_batch(db: &Db, batch: &[VillageAppend]) -> Result<(), StoreError> {
    write_with(db, batch, &[]).await
}

async fn write_with(db: &Db, batch: &[VillageAppend], tiles: &[Vec<Tile>]) -> Result<(), StoreError> {
    db.write("append", |tx| Box::pin(tx.append_batch(batch, tiles))).await
}

#[rstest]
#[tokio::test]
async fn what_is_appended_reads_back(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 2).await;
    let mut whole = append(0, 0, &[10, 11, 12]);
    whole.checkpoint = Some(b"note of three".to_vec());
    whole.vault = vec![VaultRow {
        kind: "opening".to_owned(),
        village: village(0),
        name: "12".to_owned(),
        ciphertext: vec![1, 2, 3],
    }];
    let tiles = [vec![], vec![Tile { level: 0, n: 0, hashes: vec![7; 8192] }]];
    write_with(&db, &[append(1, 0, &[10]), whole.clone()], &tiles).await.unwrap();

    db.read("check", |tx| {
        Box::pin(async move {
            assert_eq!(tx.head(village(0)).await?.unwrap(), whole.head);
            assert_eq!(tx.head(village(1)).await?.unwrap().size, 1);
            assert_eq!(tx.head(village(9)).await?, None);
            assert_eq!(tx.heads(None, 10).await?.len(), 2);
            let mut sizes = tx.sizes(&[village(9), village(1), village(0)]).await?;
            sizes.sort_unstable();
            assert_eq!(sizes, [(village(0), 3), (village(1), 1)], "in any order, none for an unknown village");
            assert_eq!(tx.heads(Some(village(0)), 10).await?[0].village, village(1));
            assert_eq!(tx.entries(village(0), 1, 10).await?, [entry(1, 11), entry(2, 12)]);
            assert_eq!(tx.entries(village(0), 0, 1).await?, [entry(0, 10)]);
            assert_eq!(tx.entry(village(0), 2).await?, Some(entry(2, 12)));
            assert_eq!(tx.entry(village(0), 3).await?, None);
            assert_eq!(tx.by_statement_id(village(0), digest(2, 11)).await?, Some(entry(1, 11)));
            assert_eq!(tx.by_statement_id(village(1), digest(2, 11)).await?, None);
            assert_eq!(tx.log_leaves(LogOf::Village(village(0)), 1, 5).await?, [digest(1, 1), digest(1, 2)]);
            let tiles = tx.log_tiles(LogOf::Village(village(0)), &[(0, 1), (0, 0)]).await?;
            assert_eq!(tiles, [Tile { level: 0, n: 0, hashes: vec![7; 8192] }], "what isn't there is left out");
            assert_eq!(tx.log_tiles(LogOf::Village(village(0)), &[]).await?, []);
            assert_eq!(tx.log_tiles(LogOf::Village(village(1)), &[(0, 0)]).await?, [], "another village's");
            assert_eq!(tx.newest_checkpoint(village(0)).await?, Some((3, b"note of three".to_vec())));
            assert_eq!(tx.checkpoint(village(0), 2).await?, None);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn what_came_later_takes_the_place_of_the_former(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 1).await;
    write_batch(&db, &[append(0, 0, &[10])]).await.unwrap();
    let row = |secret: u8| VaultRow {
        kind: "opening".to_owned(),
        village: village(0),
        name: "12".to_owned(),
        ciphertext: vec![secret; 40],
    };
    db.write("replace", |tx| {
        Box::pin(async move {
            for note in [b"signed", b"signe2"] {
                tx.put_checkpoint(village(0), 1, note).await?;
                assert_eq!(tx.checkpoint(village(0), 1).await?, Some(note.to_vec()));
            }
            // Twice in one statement: the last counts, on both engines.
            tx.insert_vault(&[&row(1), &row(2)]).await?;
            tx.insert_vault(&[&row(3)]).await
        })
    })
    .await
    .unwrap();
    let folder = bed.folder.path().join("backup");
    let objects = sunvote::store::objects::Objects::folder(&bed.folder.path().join("objects")).unwrap();
    db.backup(&objects, &folder).await.unwrap();
    let vault = std::fs::read(folder.join("vault.sqlite")).unwrap();
    let holds = |secret: u8| vault.windows(40).any(|window| window == [secret; 40]);
    assert_eq!([holds(1), holds(2), holds(3)], [false, false, true]);
}

#[rstest]
#[tokio::test]
async fn a_long_record_streams_in_bounded_pages(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 1).await;
    let statements: Vec<u64> = (0..1_000).collect();
    write_batch(&db, &[append(0, 0, &statements)]).await.unwrap();
    let pages: Vec<_> = db.entry_pages(village(0), 3, 1_000).try_collect().await.unwrap();
    assert!(pages.iter().all(|page| page.len() <= 256));
    let sequence: Vec<u64> = pages.iter().flatten().map(|entry| entry.seq).collect();
    assert_eq!(sequence, (3..1_000).collect::<Vec<u64>>());
    let beyond: Result<Vec<_>, _> = db.entry_pages(village(0), 990, 1_001).try_collect().await;
    assert!(matches!(beyond, Err(StoreError::Damaged(_))), "a missing entry is never passed over");
}

#[rstest]
#[tokio::test]
async fn a_database_holds_villages_once_one_is_founded(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    assert!(!Db::holds_villages(&bed.url).await.unwrap(), "not even tables");
    let db = bed.open().await;
    assert!(!Db::holds_villages(&bed.url).await.unwrap(), "tables, and none in them");
    found(&db, 1).await;
    assert!(Db::holds_villages(&bed.url).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn an_append_for_another_size_is_a_conflict(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 2).await;
    write_batch(&db, &[append(0, 0, &[1])]).await.unwrap();
    let error = write_batch(&db, &[append(1, 0, &[5]), append(0, 0, &[2])]).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict { village: v } if v == village(0)), "{error:?}");
    db.read("check", |tx| {
        Box::pin(async move {
            assert_eq!(tx.head(village(0)).await?.unwrap().size, 1);
            assert_eq!(tx.head(village(1)).await?.unwrap().size, 0, "the whole batch is rejected");
            assert_eq!(tx.entries(village(1), 0, 9).await?, []);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
    let unknown = write_batch(&db, &[append(7, 0, &[2])]).await.unwrap_err();
    assert!(matches!(unknown, StoreError::Conflict { .. }), "{unknown:?}");
}

#[rstest]
#[tokio::test]
async fn a_statement_is_recorded_once_in_a_village(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 2).await;
    write_batch(&db, &[append(0, 0, &[1, 2])]).await.unwrap();
    for replay in [append(0, 2, &[3, 2]), append(0, 2, &[4, 4])] {
        let wanted = replay.entries[1].statement;
        let error = write_batch(&db, &[append(1, 0, &[1]), replay]).await.unwrap_err();
        let named = matches!(&error, StoreError::Replayed { village: v, statement } if *v == village(0) && *statement == wanted);
        assert!(named, "{error:?}");
    }
    let sizes = db
        .read("check", |tx| {
            Box::pin(async move {
                Ok::<_, StoreError>([
                    tx.head(village(0)).await?.unwrap().size,
                    tx.head(village(1)).await?.unwrap().size,
                ])
            })
        })
        .await
        .unwrap();
    assert_eq!(sizes, [2, 0]);
    // The same statement id in another village is another statement.
    write_batch(&db, &[append(1, 0, &[1])]).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_village_and_its_origin_are_founded_once(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 1).await;
    let mut other = founding(1);
    other.origin = founding(0).origin;
    for head in [founding(0), other] {
        let error = db.write("found", |tx| Box::pin(tx.found_village(&head))).await.unwrap_err();
        assert!(matches!(error, StoreError::Exists), "{error:?}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn forty_who_read_and_append_at_once_all_succeed_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 1).await;
    let tasks: Vec<_> = (0..40)
        .map(|statement| {
            let db = db.clone();
            tokio::spawn(async move {
                db.write("append", |tx| {
                    Box::pin(async move {
                        let size = tx.lock_head(village(0)).await?.unwrap().size;
                        tx.append_batch(&[append(0, size, &[statement])], &[]).await?;
                        Ok::<_, StoreError>(size)
                    })
                })
                .await
            })
        })
        .collect();
    let mut sizes = Vec::new();
    for task in tasks {
        sizes.push(task.await.unwrap().unwrap());
    }
    sizes.sort_unstable();
    assert_eq!(sizes, (0..40).collect::<Vec<u64>>(), "each found another size");
    let counter = db.counters()["append"];
    assert_eq!((counter.count, counter.failures, counter.retries), (40, 0, 0));
    let entries = db.read("check", |tx| Box::pin(tx.entries(village(0), 0, 99))).await.unwrap();
    assert_eq!(entries.len(), 40);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_those_who_append_for_one_size_one_succeeds(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 1).await;
    let tasks: Vec<_> = (0..10)
        .map(|statement| {
            let db = db.clone();
            tokio::spawn(async move { write_batch(&db, &[append(0, 0, &[statement])]).await })
        })
        .collect();
    let mut succeeded = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => succeeded += 1,
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(succeeded, 1);
}

/// As when the server and the command line work at once. A plain BEGIN would let most of these fail: between the read and
/// the write the other process writes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_that_read_and_append_to_one_sqlite_file_take_turns() {
    let bed = Bed::new(Engine::Sqlite).await;
    let both = [bed.open().await, bed.open().await];
    found(&both[0], 1).await;
    let tasks: Vec<_> = (0..20)
        .map(|statement| {
            let db = both[usize::from(statement % 2 == 0)].clone();
            tokio::spawn(async move {
                db.write("append", |tx| {
                    Box::pin(async move {
                        let size = tx.head(village(0)).await?.unwrap().size;
                        tx.append_batch(&[append(0, size, &[statement])], &[]).await
                    })
                })
                .await
            })
        })
        .collect();
    for task in tasks {
        let result: Result<(), StoreError> = task.await.unwrap();
        result.unwrap();
    }
    let size = both[0].read("head", |tx| Box::pin(tx.head(village(0)))).await.unwrap().unwrap().size;
    assert_eq!(size, 20);
    assert_eq!(both.iter().map(|db| db.counters()["append"].retries).sum::<u64>(), 0, "nobody had to try again");
}

#[rstest]
#[tokio::test]
async fn a_batch_takes_one_append_of_a_village(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 1).await;
    for second in [append(0, 2, &[3]), append(0, 0, &[3])] {
        let error = write_batch(&db, &[append(0, 0, &[1, 2]), second]).await.unwrap_err();
        assert!(matches!(error, StoreError::Conflict { .. }), "{error:?}");
    }
    let (head, entries) = db
        .read("check", |tx| {
            Box::pin(async { Ok::<_, StoreError>((tx.head(village(0)).await?, tx.entries(village(0), 0, 9).await?)) })
        })
        .await
        .unwrap();
    assert_eq!((head.unwrap().size, entries), (0, Vec::new()));
}

#[rstest]
#[tokio::test]
async fn an_append_for_another_record_of_the_same_size_is_a_conflict(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 1).await;
    write_batch(&db, &[append(0, 0, &[1, 2])]).await.unwrap();
    let fork = VillageAppend { old_frontier: vec![9; 32], ..append(0, 2, &[3]) };
    let error = write_batch(&db, &[fork]).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict { village: v } if v == village(0)), "{error:?}");
    write_batch(&db, &[append(0, 2, &[3])]).await.unwrap();
}

/// A batch takes its villages in order of their codes, as publication does, however it lists them: else the two would wait for each
/// other, one would be ended by the database, and under load none would ever pass.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_append_and_a_publication_do_not_wait_for_each_other() {
    let bed = Bed::new(Engine::Postgres).await;
    let (db, other) = (bed.open().await, bed.open().await);
    // Rows in the reverse order of codes, so that no plan finds them in order by chance.
    for n in [2, 1, 0] {
        let head = founding(n);
        db.write("found", |tx| Box::pin(tx.found_village(&head))).await.unwrap();
    }
    let (held, watched, blocked) = (&Notify::new(), &Notify::new(), &Notify::new());
    let publishing = async {
        let write = other.write("publishing", |tx| {
            Box::pin(async move {
                tx.lock_head(village(0)).await?;
                held.notify_one();
                watched.notify_one();
                blocked.notified().await;
                tx.lock_head(village(2)).await.map(|_| ())
            })
        });
        write.await.map_err(|error: StoreError| error).unwrap();
    };
    let appending = async {
        held.notified().await;
        let batch = [append(2, 0, &[1]), append(1, 0, &[1]), append(0, 0, &[1])];
        write_batch(&db, &batch).await.unwrap();
    };
    let watching = async {
        watched.notified().await;
        let mut admin = sqlx::PgConnection::connect(&bed.url).await.unwrap();
        let sql = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND pid IN \
                   (SELECT pid FROM pg_stat_activity WHERE datname = current_database())";
        while sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut admin).await.unwrap() == 0 {}
        blocked.notify_one();
    };
    tokio::join!(publishing, appending, watching);
    assert_eq!((db.counters()["append"].retries, other.counters()["publishing"].retries), (0, 0));
}

/// Two transactions that lock two villages in opposite order wait for each other. The database ends one, which is tried again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn transactions_that_wait_for_each_other_both_pass_in_the_end() {
    let bed = Bed::new(Engine::Postgres).await;
    let dbs = [bed.open().await, bed.open().await];
    found(&dbs[0], 2).await;
    let both = Arc::new(Barrier::new(2));
    let tasks = [(0, 1), (1, 0)].map(|(first, second)| {
        let (db, both) = (dbs[usize::from(first == 1)].clone(), Arc::clone(&both));
        tokio::spawn(async move {
            let tries = &AtomicU32::new(0);
            let both = &both;
            let write = db.write("crossed", |tx| {
                Box::pin(async move {
                    tx.lock_head(village(first)).await?;
                    if tries.fetch_add(1, Ordering::SeqCst) == 0 {
                        both.wait().await;
                    }
                    tx.lock_head(village(second)).await.map(|_| ())
                })
            });
            write.await.map_err(|error: StoreError| error).unwrap();
        })
    });
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(dbs.iter().map(|db| db.counters()["crossed"].retries).sum::<u64>(), 1);
}

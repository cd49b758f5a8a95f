//! The district's log in tables: what waits to be published is found, what is published stays, on both engines.

use rstest::rstest;
use sunvote::core::ids::DistrictCode;
use sunvote::store::db::Db;
use sunvote::store::district::{Cosignature, DistrictAppend, DistrictCheckpoint, DistrictHead, DistrictLeaf, LogOf};
use sunvote::store::error::StoreError;
use sunvote::store::record::Tile;

use crate::append::write_batch;
use crate::bed::{Bed, Engine, append, digest, found, time, village};

fn district() -> DistrictCode {
    "331102".parse().unwrap()
}

fn head(size: u64) -> DistrictHead {
    let origin = "vote.example/log/d/331102".to_owned();
    DistrictHead { district: district(), origin, size, frontier: vec![7; 32], restored: false }
}

fn leaf(seq: u64, n: u64, size: Option<u64>) -> DistrictLeaf {
    let (district, village) = (district(), Some(village(n)));
    DistrictLeaf { district, seq, time: time(0), village, size, leaf: digest(3, seq), bytes: vec![1; 9] }
}

fn publication(old_size: u64, leaves: Vec<DistrictLeaf>) -> DistrictAppend {
    let size = old_size + leaves.len() as u64;
    let (note, witnessed) = (format!("note of {size}").into_bytes(), None);
    let checkpoint = DistrictCheckpoint { district: district(), size, time: time(5), note, witnessed };
    let tiles = vec![Tile { level: 1, n: 0, hashes: vec![2; 32] }];
    DistrictAppend { old_size, head: head(size), leaves, tiles, checkpoint }
}

async fn publish(db: &Db, append: DistrictAppend) -> Result<(), StoreError> {
    db.write("publish", |tx| {
        let append = append.clone();
        Box::pin(async move {
            tx.lock_district(district()).await?;
            tx.append_district(&append).await
        })
    })
    .await
}

async fn waiting(db: &Db) -> Vec<(u64, u64)> {
    let read = db.read("unpublished", |tx| Box::pin(tx.unpublished(district(), 10))).await;
    let number = |code: String| code[9..].parse().unwrap();
    read.unwrap().into_iter().map(|one| (number(one.village.to_string()), one.size)).collect()
}

/// Appends with a checkpoint, as a sequencer does.
async fn grow(db: &Db, n: u64, old_size: u64, statements: &[u64]) {
    let append = append(n, old_size, statements);
    let checkpoint = Some(format!("checkpoint {n} {}", append.head.size).into_bytes());
    write_batch(db, &[sunvote::store::record::VillageAppend { checkpoint, ..append }]).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn what_waits_is_found_and_what_is_published_waits_no_more(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 3).await;
    let begin = || db.write("begin", |tx| Box::pin(async { tx.begin_district(&head(0)).await }));
    begin().await.unwrap();
    assert!(matches!(begin().await, Err(StoreError::Exists)), "a log begins once");
    for n in 0..3 {
        grow(&db, n, 0, &[n]).await;
    }
    assert_eq!(waiting(&db).await, [], "no key is listed yet");
    let unlisted = db.read("unlisted", |tx| Box::pin(tx.unlisted(10))).await.unwrap();
    assert_eq!(unlisted, [village(0), village(1), village(2)]);
    publish(&db, publication(0, vec![leaf(0, 0, None), leaf(1, 2, None)])).await.unwrap();
    assert_eq!(waiting(&db).await, [(0, 1), (2, 1)]);
    let next = |after| db.read("next", move |tx| Box::pin(tx.next_unpublished(after)));
    assert_eq!(next(Some(village(0))).await.unwrap(), Some(village(2)));
    assert_eq!(next(Some(village(2))).await.unwrap(), None);
    publish(&db, publication(2, vec![leaf(2, 0, Some(1))])).await.unwrap();
    assert_eq!(waiting(&db).await, [(2, 1)]);
    grow(&db, 0, 1, &[7, 8]).await;
    assert_eq!(waiting(&db).await, [(0, 3), (2, 1)]);
    // A key that is entered anew does not make published entries wait again.
    publish(&db, publication(3, vec![leaf(3, 0, None), leaf(4, 0, Some(3))])).await.unwrap();
    publish(&db, publication(5, vec![leaf(5, 0, None)])).await.unwrap();
    assert_eq!(waiting(&db).await, [(2, 1)]);
    let stale = publish(&db, publication(5, vec![leaf(6, 0, Some(9))])).await;
    assert!(matches!(stale, Err(StoreError::Damaged(_))), "made for a log that has moved on: {stale:?}");
}

#[rstest]
#[tokio::test]
async fn a_log_is_read_back_as_it_was_written(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 1).await;
    grow(&db, 0, 0, &[1, 2]).await;
    let (log, record) = (LogOf::District(district()), LogOf::Village(village(0)));
    db.write("begin", |tx| Box::pin(async { tx.begin_district(&head(0)).await })).await.unwrap();
    publish(&db, publication(0, vec![leaf(0, 0, None), leaf(1, 0, Some(2))])).await.unwrap();
    db.read("read back", |tx| {
        Box::pin(async move {
            assert_eq!(tx.district(district()).await?, Some(head(2)));
            assert_eq!(tx.log_leaves(log, 1, 9).await?, [digest(3, 1)]);
            assert_eq!(tx.log_leaves(record, 0, 9).await?, [digest(1, 0), digest(1, 1)]);
            assert_eq!(tx.log_bytes(log, 0, 1).await?, [vec![1; 9]]);
            let tiles = tx.log_tiles(log, &[(1, 0)]).await?;
            assert_eq!(tiles, [Tile { level: 1, n: 0, hashes: vec![2; 32] }]);
            assert_eq!((tx.published(log).await?, tx.published(record).await?), (Some(2), Some(2)));
            assert_eq!(tx.published_from(village(0), 2).await?, Some(leaf(1, 0, Some(2))));
            assert_eq!(tx.published_from(village(0), 3).await?, None);
            assert_eq!(tx.newest_published_within(village(0), 2).await?, Some(leaf(1, 0, Some(2))));
            assert_eq!(tx.newest_published_within(village(0), 1).await?, None);
            assert_eq!(tx.keys_and_releases(district()).await?, [vec![1; 9]], "a key, and no checkpoint");
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_newer_cosignature_takes_the_place_of_the_former(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 1).await;
    db.write("begin", |tx| Box::pin(async { tx.begin_district(&head(0)).await })).await.unwrap();
    for seq in 0..3 {
        publish(&db, publication(seq, vec![leaf(seq, 0, (seq > 0).then_some(seq))])).await.unwrap();
    }
    let row = |size, key: &str, ms| Cosignature {
        origin: head(0).origin,
        size,
        key: key.to_owned(),
        time: time(ms),
        line: format!("{key} {ms}"),
    };
    let (first, again, other) = (row(1, "a", 1), row(1, "a", 2), row(2, "a", 3));
    let kept = [row(1, "b", 1), again.clone()];
    db.write("keep", |tx| {
        let rows = [vec![first.clone()], kept.to_vec(), vec![other.clone()], vec![first.clone()]];
        Box::pin(async move {
            for rows in &rows {
                tx.put_cosignatures(rows).await?;
            }
            tx.mark_witnessed(district(), 1, time(9)).await?;
            tx.mark_witnessed(district(), 1, time(10)).await
        })
    })
    .await
    .unwrap();
    db.read("read back", |tx| {
        let (again, other) = (again.clone(), other.clone());
        Box::pin(async move {
            let origin = head(0).origin;
            assert_eq!(tx.cosignatures(&origin, 1).await?, [again, row(1, "b", 1)]);
            assert_eq!(tx.newest_cosignature(&origin, "a").await?, Some(other));
            let witnessed = tx.witnessed_from(district(), 1).await?.unwrap();
            assert_eq!((witnessed.size, witnessed.witnessed), (1, Some(time(9))), "the first time stands");
            assert_eq!(tx.witnessed_from(district(), 2).await?, None);
            assert_eq!(
                tx.newest_ripe(district(), time(4)).await?.map(|one| one.size),
                Some(1),
                "it has its cosignatures"
            );
            assert_eq!(tx.newest_ripe(district(), time(5)).await?.map(|one| one.size), Some(3), "all are old enough");
            assert_eq!(tx.district_checkpoint_after(district(), 1).await?.map(|one| one.size), Some(2));
            assert_eq!(tx.newest_district_checkpoint(district()).await?.map(|one| one.size), Some(3));
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

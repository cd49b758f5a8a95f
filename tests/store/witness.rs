//! What a witness cosigned, in tables: a size takes the place of the one that it was made after, and of no other.

use rstest::rstest;
use sunvote::core::ids::DistrictCode;
use sunvote::store::db::Db;
use sunvote::store::district::{DistrictAppend, DistrictCheckpoint, DistrictHead, DistrictLeaf, LogOf};
use sunvote::store::error::StoreError;
use sunvote::store::witness::{AlarmRow, Followed, FollowedDistrict, MOST_ALARMS, Seen, Vouched, Witnessed};

use crate::bed::{Bed, Engine, digest, found, time, village};

const ORIGIN: &str = "vote.example/log/d/331102";

fn cosigned(size: u64) -> Witnessed {
    let note = format!("note of {size}").into_bytes();
    Witnessed { origin: ORIGIN.to_owned(), hash: digest(1, 0), size, root: digest(2, size), time: time(5), note }
}

async fn put(db: &Db, old: u64, new: u64) -> bool {
    let row = cosigned(new);
    let row = &row;
    db.write("cosign", |tx| Box::pin(tx.put_witnessed(old, row))).await.unwrap()
}

async fn held(db: &Db) -> Option<Witnessed> {
    db.read("witnessed", |tx| Box::pin(tx.witnessed(ORIGIN))).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn what_was_cosigned_moves_on_from_the_size_it_was_read_at(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    assert!(!put(&db, 3, 5).await, "nothing is on record that 5 could follow");
    assert_eq!(held(&db).await, None);
    assert!(put(&db, 0, 0).await, "a log that is empty");
    assert!(put(&db, 0, 3).await);
    assert!(!put(&db, 0, 4).await, "another process has moved on to 3");
    assert!(!put(&db, 2, 4).await);
    assert_eq!(held(&db).await, Some(cosigned(3)));
    assert!(put(&db, 3, 3).await, "the same size cosigned anew");
    assert!(put(&db, 3, 5).await);
    assert_eq!(held(&db).await, Some(cosigned(5)));
}

fn followed(n: u64, listed: u64) -> Followed {
    Followed {
        village: village(n),
        key: format!("key {n}"),
        listed,
        root: digest(5, listed),
        since: Some(time(1)),
        until: time(2),
        lawful: 1,
        pushed: 0,
        stopped: None,
    }
}

#[rstest]
#[tokio::test]
async fn what_the_directory_says_of_a_village_leaves_alone_how_far_it_is_read(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    db.write("followed", |tx| {
        Box::pin(async move {
            assert!(tx.witnessed_by_hash(digest(1, 0)).await?.is_none());
            assert!(tx.put_witnessed(0, &cosigned(3)).await?);
            assert_eq!(tx.witnessed_by_hash(digest(1, 0)).await?, Some(cosigned(3)));

            let district: DistrictCode = "331102".parse().unwrap();
            assert_eq!(tx.followed_district(district).await?, None);
            for client in [None, Some(time(4))] {
                let row = FollowedDistrict { district, fetched: time(3), client };
                tx.put_followed_district(&row).await?;
                assert_eq!(tx.followed_district(district).await?, Some(row));
            }

            tx.put_followed(&[followed(1, 5), followed(0, 4)]).await?;
            assert_eq!(tx.all_followed().await?, [followed(0, 4), followed(1, 5)]);
            tx.stop_village(village(1), "an alarm").await?;
            tx.mark_lawful(village(1), 5).await?;
            tx.mark_pushed(village(1), 5).await?;
            tx.mark_pushed(village(1), 4).await?;
            tx.put_listed(&[Followed { key: "another".to_owned(), ..followed(1, 9) }]).await?;
            let (key, stopped) = ("another".to_owned(), Some("an alarm".to_owned()));
            let kept = Followed { key, stopped, lawful: 5, pushed: 5, ..followed(1, 9) };
            assert_eq!(tx.followed(village(1)).await?, Some(kept.clone()), "never pushed back");

            tx.vouch(&vouched(1)).await?;
            assert_eq!(tx.vouched_in(village(1), 9).await?, [vouched(1)]);
            assert!(tx.resume_village(village(1), time(8)).await?);
            assert_eq!(tx.vouched_in(village(1), 9).await?, []);
            assert_eq!(tx.followed(village(1)).await?, Some(Followed { stopped: None, since: None, ..kept }));
            assert!(!tx.resume_village(village(7), time(8)).await?, "no such village");
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

fn vouched(n: u64) -> Vouched {
    let (statement, basis, envelope) = (digest(6, n), digest(7, n), b"{}".to_vec());
    Vouched { village: village(n), statement, basis, voter: 3, revision: 1, time: time(4), envelope, settled: None }
}

fn alarm(n: u64, next: i64) -> AlarmRow {
    AlarmRow {
        alarm: digest(8, n),
        kind: "fork".to_owned(),
        origin: ORIGIN.to_owned(),
        time: time(i64::try_from(n).unwrap()),
        body: "{}".to_owned(),
        evidence: (n == 1).then(|| vec![1]),
        tries: 0,
        next: time(next),
        told: None,
    }
}

#[rstest]
#[tokio::test]
async fn an_alarm_is_raised_once_and_told_until_it_is_heard(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    db.write("alarms", |tx| {
        Box::pin(async move {
            assert!(tx.raise_alarm(&alarm(1, 20)).await?);
            assert!(!tx.raise_alarm(&alarm(1, 10)).await?, "the same");
            assert!(tx.raise_alarm(&alarm(2, 10)).await?);
            assert_eq!(tx.alarms(9).await?, [alarm(2, 10), alarm(1, 20)]);
            assert_eq!(tx.alarms(1).await?, [alarm(2, 10)]);
            assert_eq!(tx.alarm(digest(8, 1)).await?, Some(alarm(1, 20)));
            assert_eq!(tx.alarm(digest(8, 9)).await?, None);
            assert_eq!(tx.untold(time(9)).await?, []);
            assert_eq!(tx.untold(time(20)).await?, [alarm(2, 10), alarm(1, 20)]);
            tx.tried(digest(8, 2), time(30), None).await?;
            assert_eq!(tx.untold(time(30)).await?, [alarm(1, 20), AlarmRow { tries: 1, ..alarm(2, 30) }]);
            tx.tried(digest(8, 1), time(20), Some(time(21))).await?;
            assert_eq!(tx.untold(time(30)).await?, [AlarmRow { tries: 1, ..alarm(2, 30) }]);
            for n in 3..=MOST_ALARMS {
                assert!(tx.raise_alarm(&alarm(n, 90)).await?);
            }
            assert!(!tx.raise_alarm(&alarm(MOST_ALARMS + 1, 90)).await?, "a log at odds with itself fills no disk");
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn what_readers_were_shown_stands_until_it_is_judged(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    let row = |size: u64, root: u64| Seen {
        origin: ORIGIN.to_owned(),
        size,
        root: digest(9, root),
        time: time(1),
        note: vec![1],
    };
    db.write("seen", |tx| {
        Box::pin(async move {
            for (size, root) in [(5, 1), (3, 2), (3, 1), (3, 1), (9, 9)] {
                tx.keep_seen(&row(size, root), 3).await?;
            }
            assert_eq!(tx.seen(ORIGIN).await?, [row(3, 1), row(3, 2), row(5, 1)], "three, each once");
            tx.drop_seen(&row(3, 2)).await?;
            assert_eq!(tx.seen(ORIGIN).await?, [row(3, 1), row(5, 1)]);
            assert_eq!(tx.seen("another").await?, []);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_copied_directory_lists_and_shows_no_more_than_was_read(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 1).await;
    let district: DistrictCode = "331102".parse().unwrap();
    let head = |size| {
        let origin = ORIGIN.to_owned();
        DistrictHead { district, origin, size, frontier: vec![1; 32], restored: false }
    };
    let leaf = |seq: u64, of: Option<u64>, size: Option<u64>| DistrictLeaf {
        district,
        seq,
        time: time(0),
        village: of.map(village),
        size,
        leaf: digest(3, seq),
        bytes: vec![1],
    };
    let append = |old_size: u64, leaves: Vec<DistrictLeaf>| {
        let size = old_size + leaves.len() as u64;
        let checkpoint = DistrictCheckpoint { district, size, time: time(0), note: vec![2], witnessed: None };
        DistrictAppend { old_size, head: head(size), leaves, tiles: vec![], checkpoint }
    };
    db.write("copy", |tx| {
        Box::pin(async move {
            tx.begin_district(&head(0)).await?;
            let first = append(0, vec![leaf(0, Some(0), None), leaf(1, Some(0), Some(3)), leaf(2, Some(0), Some(5))]);
            tx.copy_district(&first, false).await?;
            assert!(tx.newest_district_checkpoint(district).await?.is_none(), "the copy is not whole yet");
            let second = append(3, vec![leaf(3, None, None), leaf(4, None, None)]);
            tx.copy_district(&second, true).await?;
            assert_eq!(tx.newest_district_checkpoint(district).await?.map(|one| one.size), Some(5));
            assert_eq!(tx.listed_after(village(0), 3).await?, [leaf(2, Some(0), Some(5))]);
            assert_eq!(tx.newest_release(district).await?, Some(leaf(4, None, None)));
            assert_eq!(tx.published(LogOf::Village(village(0))).await?, None, "nothing of it is read");
            tx.show_copied(village(0), 3).await?;
            assert_eq!(tx.published(LogOf::Village(village(0))).await?, Some(3));
            tx.mark_restored(district, true).await?;
            assert!(tx.district(district).await?.unwrap().restored);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

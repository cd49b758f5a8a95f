//! What is no beginning of the source is never written to, and what is not whole is not called so.

use ed25519_dalek::SigningKey;
use rstest::rstest;
use sunvote::log::checkpoint::Checkpoint;
use sunvote::store::copy::CopyError;
use sunvote::store::db::Options;
use sunvote::store::fault::{Fault, FaultPlan};
use tokio::runtime::Handle;

use crate::bed::{Bed, Engine, founding, patient, village};
use crate::copy::empty;
use crate::copy::sample::{copied, directory, district, filled, grow, lasting, origin, run, villages};

/// A database with two records and a directory.
async fn small(engine: Engine, kind: &str, sizes: &[u64], leaves: u64) -> (Bed, sunvote::store::db::Db) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    villages(&db, kind, sizes).await;
    directory(&db, kind, leaves).await;
    (bed, db)
}

/// A copy that was interrupted when heads and some entries were there.
async fn half(engine: Engine, from: &sunvote::store::db::Db) -> Bed {
    let target = Bed::new(engine).await;
    let to = target.open_with(Options { faults: FaultPlan::at(8, Fault::NotWritten), ..patient() }).await;
    copied(from, &to).await.unwrap_err();
    to.close().await;
    target
}

#[rstest]
#[tokio::test]
async fn another_or_a_longer_record_is_left_alone(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(false, true)] unfinished: bool,
) {
    let (_here, from) = small(Engine::Sqlite, "here", &[3, 5], 4).await;
    let refused = async |kind: &str, sizes: &[u64], leaves: u64| {
        let (bed, db) = small(engine, kind, sizes, leaves).await;
        if unfinished {
            run(&bed, engine, &["INSERT INTO copying VALUES (1, 0)".to_owned()]).await;
        }
        let before = lasting(&bed, engine).await;
        let error = copied(&from, &db).await.unwrap_err();
        assert_eq!(lasting(&bed, engine).await, before, "nothing was written");
        db.close().await;
        error
    };
    let longer = refused("here", &[3, 6], 4).await;
    assert!(matches!(&longer, CopyError::Longer { log, here: 5, there: 6 } if *log == origin(1)), "{longer:?}");
    let longer = refused("here", &[3, 5], 5).await;
    assert!(matches!(&longer, CopyError::Longer { here: 4, there: 5, .. }), "{longer:?}");
    let unknown = refused("here", &[3, 5, 1], 4).await;
    assert!(matches!(&unknown, CopyError::Other { log } if *log == origin(2)), "{unknown:?}");
    for (sizes, leaves) in [([3, 5], 4), ([2, 5], 4), ([3, 4], 4)] {
        let other = refused("other", &sizes, leaves).await;
        assert!(matches!(&other, CopyError::Other { log } if *log == origin(0)), "{other:?}");
    }
    // The records agree, what the district published does not: of the same length and shorter.
    for leaves in [4, 3] {
        let bed = Bed::new(engine).await;
        let db = bed.open().await;
        villages(&db, "here", &[3, 5]).await;
        directory(&db, "other", leaves).await;
        let other = copied(&from, &db).await.unwrap_err();
        assert!(matches!(&other, CopyError::Other { log } if log.ends_with(&district().to_string())), "{other:?}");
    }
}

#[rstest]
#[tokio::test]
async fn a_database_in_service_is_no_target(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (_here, from) = small(Engine::Sqlite, "here", &[3, 5], 4).await;
    // A beginning of the same record, and people's drafts, which a copy would take away.
    let (bed, db) = small(engine, "here", &[3, 4], 4).await;
    let error = copied(&from, &db).await.unwrap_err();
    assert!(matches!(error, CopyError::NotEmpty), "{error:?}");
    let empty = Bed::new(engine).await;
    let to = empty.open().await;
    run(&empty, engine, &[format!("INSERT INTO drafts VALUES ('d', '{}', 'p', 'k', 'b', 1)", village(0))]).await;
    let error = copied(&from, &to).await.unwrap_err();
    assert!(matches!(error, CopyError::NotEmpty), "{error:?}");
    assert_eq!(lasting(&bed, engine).await["entries"].len(), 7);
}

#[rstest]
#[tokio::test]
async fn an_unfinished_copy_is_no_source(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let source = Bed::new(Engine::Sqlite).await;
    let from = filled(&source, Engine::Sqlite).await;
    let (half, third) = (half(engine, &from).await, Bed::new(engine).await);
    let error = copied(&half.open().await, &third.open().await).await.unwrap_err();
    assert!(matches!(error, CopyError::Unfinished), "{error:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_is_written_to_meanwhile_is_noticed(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (source, from) = small(engine, "here", &[3, 5], 4).await;
    let (target, other) = (Bed::new(Engine::Sqlite).await, source.open().await);
    let to = target.open().await;
    let mut written = false;
    let copy = from
        .copy_to(&to, &mut |progress| {
            if progress.step == "entries" && !written {
                written = true;
                tokio::task::block_in_place(|| Handle::current().block_on(grow(&other, "here", 0, 3, 4)));
            }
        })
        .await;
    assert!(matches!(copy, Err(CopyError::MovedOn)), "{copy:?}");
    assert!(to.unfinished_copy().await.unwrap());
    copied(&from, &to).await.unwrap();
    assert_eq!(lasting(&target, Engine::Sqlite).await, lasting(&source, engine).await);
}

#[rstest]
#[tokio::test]
async fn a_log_that_is_not_whole_is_named(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bytes = |text: &str| format!("x'{}'", hex::encode(text));
    let note = |size: u64| {
        let other = Checkpoint::new(&origin(1), size, founding(1).last_leaf);
        bytes(&other.sign(&SigningKey::from_bytes(&[9; 32])).to_string())
    };
    let of = |n: u64| format!("village = '{}'", village(n));
    let faults = [
        (format!("UPDATE entries SET bytes = {} WHERE {} AND seq = 2", bytes("{}"), of(1)), "entry 2 does not have"),
        (format!("DELETE FROM entries WHERE {} AND seq = 2", of(1)), "entry 2 is missing"),
        (format!("DELETE FROM entries WHERE {} AND seq = 4", of(1)), "4 entries lead to another root"),
        (format!("UPDATE villages SET frontier = {} WHERE {}", bytes("x"), of(1)), "5 entries lead to another root"),
        (format!("UPDATE villages SET last_leaf = {} WHERE {}", bytes(&"x".repeat(32)), of(1)), "its last entry"),
        (format!("UPDATE checkpoints SET note = {} WHERE {}", note(5), of(1)), "has another root"),
        (format!("UPDATE checkpoints SET note = {} WHERE {}", note(6), of(1)), "has another root"),
        (format!("UPDATE checkpoints SET note = {} WHERE {}", bytes("x"), of(1)), "its newest checkpoint"),
        (format!("UPDATE district_leaves SET bytes = {} WHERE seq = 1", bytes("x")), "entry 1 does not have"),
        ("DELETE FROM district_leaves WHERE seq = 3".to_owned(), "3 entries lead to another root"),
    ];
    let (whole, db) = small(Engine::Sqlite, "here", &[3, 5], 4).await;
    db.close().await;
    let target = Bed::new(engine).await;
    let to = target.open().await;
    for (fault, expected) in faults {
        let source = Bed::new(Engine::Sqlite).await;
        std::fs::copy(whole.folder.path().join("store.sqlite"), source.folder.path().join("store.sqlite")).unwrap();
        run(&source, Engine::Sqlite, std::slice::from_ref(&fault)).await;
        let error = copied(&source.open().await, &to).await.unwrap_err();
        let named = matches!(&error, CopyError::NotWhole { reason, .. } if reason.contains(expected));
        assert!(named, "{fault}: {error:?}");
        assert!(to.unfinished_copy().await.unwrap(), "no server starts on it");
        empty(&target, engine).await;
    }
}

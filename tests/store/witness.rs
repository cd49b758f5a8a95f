//! What a witness cosigned, in tables: a size takes the place of the one that it was made after, and of no other.

use rstest::rstest;
use sunvote::store::db::Db;
use sunvote::store::witness::Witnessed;

use crate::bed::{Bed, Engine, digest, time};

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

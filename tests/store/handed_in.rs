//! Ballots handed in to a witness: the newest of each vote leads to the others, and a vote that ended is left alone.

use rstest::rstest;
use sunvote::core::ids::Digest;
use sunvote::store::db::Db;
use sunvote::store::error::StoreError;
use sunvote::store::witness::Vouched;

use crate::bed::{Bed, Engine, digest, time, village};

/// Ballot `n` of a vote, received at `at`.
fn ballot(in_village: u64, vote: u64, n: u64, at: i64) -> Vouched {
    let (statement, basis) = (digest(1, n), digest(2, vote));
    let (village, time, envelope) = (village(in_village), time(at), vec![7; 9]);
    Vouched { village, statement, basis, voter: n, revision: 1, time, envelope, settled: None }
}

async fn newest(db: &Db, limit: u64) -> Vec<Digest> {
    let read: Result<Vec<Vouched>, StoreError> = db.read("votes", |tx| Box::pin(tx.votes_handed_in(limit))).await;
    read.unwrap().into_iter().map(|one| one.statement).collect()
}

#[rstest]
#[tokio::test]
async fn of_each_vote_the_newest_is_found_until_it_ends(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    let rows = [
        ballot(1, 1, 1, 10),
        ballot(1, 1, 2, 30),
        ballot(1, 1, 3, 20),
        // Two of one vote at the same time, and the same vote's digest in another village.
        ballot(1, 2, 4, 40),
        ballot(1, 2, 5, 40),
        ballot(2, 1, 6, 5),
    ];
    for row in &rows {
        let kept: Result<Vouched, StoreError> = db.write("vouch", |tx| Box::pin(tx.vouch(row))).await;
        assert_eq!(kept.unwrap().statement, row.statement);
    }
    let [four, five] = [digest(1, 4), digest(1, 5)];
    assert_eq!(newest(&db, 9).await, [four.max(five), digest(1, 2), digest(1, 6)]);
    assert_eq!(newest(&db, 1).await.len(), 1);
    let handed_in = async |limit| -> Vec<u64> {
        let read: Result<Vec<Vouched>, StoreError> =
            db.read("ballots", |tx| Box::pin(tx.handed_in(village(1), digest(2, 1), limit))).await;
        read.unwrap().into_iter().map(|one| one.voter).collect()
    };
    assert_eq!((handed_in(9).await, handed_in(2).await), (vec![1, 3, 2], vec![1, 3]));
    let settled: Result<(), StoreError> =
        db.write("settle", |tx| Box::pin(tx.settle_vote(village(1), digest(2, 1), time(50)))).await;
    settled.unwrap();
    assert_eq!(newest(&db, 9).await, [four.max(five), digest(1, 6)]);
    assert!(handed_in(9).await.is_empty());
}

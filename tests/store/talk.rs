//! What is talked about in a hall: counted by matter, listed by what was said last.

use rstest::rstest;
use sunvote::core::ids::MatterId;
use sunvote::store::board::TimelineRow;
use sunvote::store::error::StoreError;
use sunvote::store::record::StoredEntry;
use sunvote::store::talk::TalkRow;

use crate::append::write_batch;
use crate::bed::{Engine, append, time, village};
use crate::derived::db;

fn matter() -> MatterId {
    MatterId::from_bytes([1; 16])
}

#[rstest]
#[tokio::test]
async fn talks_are_counted_and_the_last_one_comes_first(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (_bed, db) = db(engine).await;
    let said = |of: u64, matter, seq| TalkRow::of(village(of), matter, seq, time(i64::try_from(seq).unwrap()));
    db.write("talks", |tx| {
        Box::pin(async move {
            tx.add_posts(&[said(0, Some(matter()), 3), said(0, None, 4), said(0, Some(matter()), 5)]).await?;
            tx.add_posts(&[said(1, None, 2), said(0, Some(matter()), 9)]).await?;
            let rows = tx.talks(village(0), None, 9).await?;
            let counted: Vec<_> = rows.iter().map(|row| (row.matter.as_str(), row.posts, row.last_seq)).collect();
            assert_eq!(counted, [(matter().to_string().as_str(), 3, 9), ("", 1, 4)]);
            assert_eq!(tx.talks(village(0), Some(9), 9).await?, rows[1..]);
            assert_eq!(tx.talks(village(0), None, 1).await?, rows[..1]);
            assert_eq!(tx.talk(village(0), Some(matter())).await?.map(|row| row.posts), Some(3));
            assert_eq!(tx.talk(village(1), Some(matter())).await?, None);
            tx.clear_derived(village(0)).await?;
            assert_eq!(tx.talks(village(0), None, 9).await?, []);
            assert_eq!(tx.talks(village(1), None, 9).await?.len(), 1);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn the_entries_of_a_talk_are_those_of_its_matter(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (_bed, db) = db(engine).await;
    let line = |seq: u64, kind: &str, matter| TimelineRow {
        village: village(0),
        seq,
        time: time(0),
        kind: kind.to_owned(),
        matter,
        session: None,
        persons: "[]".to_owned(),
    };
    let lines = [
        line(1, "hall.posted", Some(matter())),
        line(2, "matter.filed", Some(matter())),
        line(3, "hall.posted", None),
        line(4, "hall.posted", Some(matter())),
        line(5, "hall.posted", Some(matter())),
        line(6, "affairs.disclosed", None),
    ];
    write_batch(&db, &[append(0, 0, &[1, 2, 3, 4, 5, 6, 7])]).await.unwrap();
    db.write("entries_of_talk", |tx| {
        let lines = &lines;
        Box::pin(async move {
            tx.put_timeline(lines).await?;
            let seqs = |rows: Vec<StoredEntry>| rows.iter().map(|e| e.seq).collect::<Vec<_>>();
            let (of, about) = (village(0), Some(matter()));
            assert_eq!(seqs(tx.entries_of_talk(of, about, None, 2).await?), [5, 4]);
            assert_eq!(seqs(tx.entries_of_talk(of, about, Some(4), 2).await?), [1]);
            assert_eq!(seqs(tx.entries_of_talk(of, None, None, 9).await?), [3]);
            assert!(tx.entries_of_talk(village(1), about, None, 9).await?.is_empty());
            let told = tx.entries_of_matter(of, matter(), 9).await?;
            assert_eq!(seqs(told), [2], "a matter's own page is not crowded by talk");
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

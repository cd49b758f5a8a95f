//! Steps that everyone may follow: newest first, of everything, of a village, of a matter, page by page.

use rstest::rstest;
use sunvote::core::ids::MatterId;
use sunvote::store::error::StoreError;
use sunvote::store::steps::{Before, MatterStepRow, StepRow};

use crate::bed::{Engine, time, village};
use crate::derived::db;

fn matter(n: u8) -> MatterId {
    MatterId::from_bytes([n; 16])
}

/// A step of a village at a time; a matter of its own, if any.
pub fn step(of: u64, seq: u64, at: i64, own: Option<u8>) -> StepRow {
    let kind = "plan.posted".to_owned();
    StepRow { village: village(of), seq, time: time(at), kind, matter: own.map(matter), session: None }
}

/// That a step is about a matter.
pub fn about(of: u64, seq: u64, n: u8) -> MatterStepRow {
    MatterStepRow { village: village(of), matter: matter(n), seq }
}

#[rstest]
#[tokio::test]
async fn steps_are_listed_newest_first_and_go_on_where_a_page_ended(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_bed, db) = db(engine).await;
    // Of two at the same time, the later village and entry come first.
    let all = [
        step(0, 1, 5, Some(1)),
        step(0, 4, 7, None),
        step(1, 2, 7, Some(2)),
        step(1, 9, 8, Some(2)),
        step(0, 6, 9, Some(1)),
    ];
    let matters = [about(0, 1, 1), about(0, 4, 1), about(0, 4, 3), about(0, 6, 1), about(1, 2, 2), about(1, 9, 2)];
    let newest: Vec<StepRow> = [4, 3, 2, 1, 0].map(|n: usize| all[n].clone()).into();
    db.write("steps", |tx| {
        let (all, matters, newest) = (&all, &matters, &newest);
        Box::pin(async move {
            tx.put_steps(all, matters).await?;
            assert_eq!(&tx.steps(None, 9).await?, newest);
            let (mut before, mut seen) = (None, Vec::new());
            loop {
                let page = tx.steps(before, 2).await?;
                let Some(last) = page.last() else { break };
                before = Some(Before::from(last));
                seen.extend(page);
            }
            assert_eq!(&seen, newest, "none twice, none left out");
            let seqs = |rows: Vec<StepRow>| rows.iter().map(|row| row.seq).collect::<Vec<_>>();
            assert_eq!(seqs(tx.steps_of_village(village(0), None, 2).await?), [6, 4]);
            assert_eq!(seqs(tx.steps_of_village(village(0), Some(4), 2).await?), [1]);
            assert_eq!(seqs(tx.steps_of_matter(village(0), matter(1), None, 2).await?), [6, 4], "a session's, too");
            assert_eq!(seqs(tx.steps_of_matter(village(0), matter(1), Some(4), 2).await?), [1]);
            assert_eq!(seqs(tx.steps_of_matter(village(0), matter(3), None, 2).await?), [4]);
            assert!(tx.steps_of_matter(village(1), matter(1), None, 2).await?.is_empty());
            assert_eq!(seqs(tx.steps_between(village(0), (1, 6), 9).await?), [1, 4]);
            assert_eq!(seqs(tx.steps_between(village(0), (2, 9), 1).await?), [4]);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

//! What tellers counted: added row by row, never changed, read in the order in which it came in.

use rstest::rstest;
use sunvote::core::ids::{MatterId, PersonId, SessionId};
use sunvote::store::counts::Counted;
use sunvote::store::error::StoreError;

use crate::bed::{Bed, Engine, time, village};

fn counted(person: u8, nth: u64, entered: i64) -> Counted {
    Counted {
        village: village(0),
        session: SessionId::from_bytes([1; 16]),
        matter: MatterId::from_bytes([2; 16]),
        question: "q1".to_owned(),
        round: 1,
        person: PersonId::from_bytes([person; 16]),
        nth,
        body: format!("{{\"in_box\":{nth}}}"),
        entered: time(entered),
    }
}

#[rstest]
#[tokio::test]
async fn what_a_teller_counted_stays_as_it_was_said(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    db.write("counts", |tx| {
        Box::pin(async move {
            let session = counted(1, 1, 0).session;
            for row in [counted(2, 1, 20), counted(1, 1, 10), counted(1, 2, 30)] {
                assert!(tx.add_counted(&row).await?);
            }
            let changed = Counted { body: "{}".to_owned(), ..counted(1, 1, 40) };
            assert!(!tx.add_counted(&changed).await?, "said already");
            let all = [counted(1, 1, 10), counted(2, 1, 20), counted(1, 2, 30)];
            assert_eq!(tx.counted(village(0), session, 9).await?, all);
            assert_eq!(tx.counted(village(0), session, 2).await?, all[..2]);
            assert_eq!(tx.counted(village(1), session, 9).await?, []);
            assert_eq!(tx.counted(village(0), SessionId::from_bytes([9; 16]), 9).await?, []);
            let again = Counted { round: 2, ..counted(1, 1, 50) };
            assert!(tx.add_counted(&again).await?, "of another round");
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

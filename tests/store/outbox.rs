//! The outbox: filled from a mark on, each message once; one server at a time tries it; listed, sent again, swept.

use rstest::rstest;
use sunvote::core::ids::MatterId;
use sunvote::store::error::StoreError;
use sunvote::store::outbox::{Last, Mark, Outgoing};

use crate::bed::{Engine, time, village};
use crate::derived::db;

fn message(of: u64, seq: u64, made: i64, destination: &str) -> Outgoing {
    Outgoing {
        channel: "webhook".to_owned(),
        destination: destination.to_owned(),
        village: village(of),
        seq,
        kind: "plan.posted".to_owned(),
        matter: Some(MatterId::from_bytes([7; 16])),
        made: time(made),
        next_at: Some(time(made)),
        attempts: 0,
        done: None,
        outcome: None,
    }
}

#[rstest]
#[tokio::test]
async fn a_mark_moves_on_once_and_what_is_made_anew_is_not_queued_again(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_bed, db) = db(engine).await;
    db.write("marks", |tx| {
        Box::pin(async move {
            let mark = |of, queued, known| Mark { village: village(of), queued, known, heard: 0 };
            tx.steps_known(village(0), 4).await?;
            tx.steps_known(village(1), 9).await?;
            assert_eq!(tx.marks_behind(None, 9).await?, [mark(0, 0, 4), mark(1, 0, 9)]);
            assert_eq!(tx.marks_behind(None, 1).await?, [mark(0, 0, 4)]);
            assert_eq!(tx.marks_behind(Some(village(0)), 9).await?, [mark(1, 0, 9)]);
            assert!(tx.move_mark(village(0), 0, 3).await?);
            assert!(!tx.move_mark(village(0), 0, 4).await?, "another was first");
            assert_eq!(tx.marks_behind(None, 1).await?, [mark(0, 3, 4)]);
            assert_eq!(tx.pass_marks().await?, 2);
            tx.steps_known(village(1), 2).await?;
            assert_eq!(tx.marks_behind(None, 9).await?, [], "tables made anew begin before the mark");
            tx.steps_known(village(1), 10).await?;
            assert_eq!(tx.marks_behind(None, 9).await?, [mark(1, 9, 10)]);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_message_is_there_once_tried_by_one_and_sent_again_when_it_is_over(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_bed, db) = db(engine).await;
    db.write("outbox", |tx| {
        Box::pin(async move {
            let (one, two, far) = (message(0, 1, 5, "a"), message(0, 2, 4, "a"), message(0, 1, 5, "b"));
            assert_eq!(tx.queue(&[one.clone(), two.clone(), far.clone()]).await?, 3);
            assert_eq!(tx.queue(&[Outgoing { attempts: 3, ..one.clone() }]).await?, 0);
            assert_eq!(tx.outgoing("webhook", "a", time(3), 9).await?, []);
            assert_eq!(tx.outgoing("webhook", "a", time(5), 9).await?, [two.clone(), one.clone()], "longest due first");
            assert_eq!(tx.outgoing("webhook", "a", time(5), 1).await?, std::slice::from_ref(&two));
            assert_eq!(tx.outgoing("mail", "a", time(5), 9).await?, []);

            // Two servers see the same message: one has it.
            assert!(tx.claim(&one, time(60)).await?);
            assert!(!tx.claim(&one, time(61)).await?);
            assert_eq!(tx.outgoing("webhook", "a", time(59), 9).await?, std::slice::from_ref(&two));
            assert!(!tx.settle(one.which(), time(61), (None, Some(time(70))), "503").await?, "it is not theirs");
            assert!(tx.settle(one.which(), time(60), (None, Some(time(70))), "503").await?);
            let tried = tx.outgoing("webhook", "a", time(70), 9).await?.pop().expect("the message");
            assert_eq!((tried.attempts, tried.next_at, tried.outcome.as_deref()), (1, Some(time(70)), Some("503")));
            assert!(!tx.send_again(one.which(), time(71)).await?, "it is under way");
            assert!(tx.claim(&tried, time(130)).await?);
            assert!(tx.settle(one.which(), time(130), (Some(time(72)), None), "200").await?);
            assert_eq!(tx.outgoing("webhook", "a", time(999), 9).await?, std::slice::from_ref(&two));
            assert!(tx.send_again(one.which(), time(80)).await?);
            let again = tx.outgoing("webhook", "a", time(80), 9).await?;
            assert_eq!(again, [two, Outgoing { next_at: Some(time(80)), outcome: Some("200".to_owned()), ..one }]);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn messages_of_a_district_are_listed_newest_first_and_swept_when_they_are_old_and_over(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_bed, db) = db(engine).await;
    db.write("outbox", |tx| {
        Box::pin(async move {
            let elsewhere = Outgoing { village: "330106001200".parse().expect("a code"), ..message(0, 1, 9, "a") };
            let over = Outgoing { next_at: None, done: Some(time(6)), ..message(0, 1, 5, "b") };
            let all = [message(1, 4, 7, "a"), over.clone(), message(0, 1, 5, "a"), message(0, 2, 3, "a")];
            tx.queue(&all).await?;
            tx.queue(&[elsewhere]).await?;
            let district = village(0).district();
            assert_eq!(tx.messages(district, None, 9).await?, all);
            let first = tx.messages(district, None, 2).await?;
            assert_eq!(first, all[..2]);
            let Outgoing { made, village, seq, channel, destination, .. } = over;
            let last = Last { made, village, seq, channel, destination };
            assert_eq!(tx.messages(district, Some(&last), 9).await?, all[2..]);
            assert_eq!(tx.sweep_outbox(time(5)).await?, 0);
            assert_eq!(tx.sweep_outbox(time(6)).await?, 1, "what is under way stays, however old");
            assert_eq!(tx.messages(district, None, 9).await?.len(), 3);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

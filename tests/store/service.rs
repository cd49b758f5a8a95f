//! The register of service: notes, what was taken back, keys that were tried, duties.

use rstest::rstest;
use sunvote::core::ids::{PersonId, PublicKey, SessionId};
use sunvote::store::error::StoreError;
use sunvote::store::service::{Duty, KeyTest, ServiceNote};
use ulid::Ulid;

use crate::bed::{Bed, Engine, time, village};

fn person(n: u8) -> PersonId {
    PersonId::from_bytes([n; 16])
}

fn session(n: u8) -> SessionId {
    SessionId::from_bytes([n; 16])
}

fn note(batch: u128, told: u8, noted: i64) -> ServiceNote {
    ServiceNote {
        village: village(0),
        session: session(1),
        batch: Ulid(batch),
        person: person(told),
        how: "phone".to_owned(),
        confirmed: batch == 2,
        told: time(noted - 60),
        noted_by: person(9),
        noted: time(noted),
        undone: None,
        undone_by: None,
    }
}

#[rstest]
#[tokio::test]
async fn notes_of_service_are_taken_back_once_and_never_removed(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    db.write("service", |tx| {
        Box::pin(async move {
            let first = [note(1, 1, 100), note(1, 2, 100)];
            assert_eq!(tx.add_service_notes(&first).await?, 2);
            assert_eq!(tx.add_service_notes(&first).await?, 0, "sent twice, noted once");
            assert_eq!(tx.add_service_notes(&[note(2, 1, 200)]).await?, 1);
            let all = [note(1, 1, 100), note(1, 2, 100), note(2, 1, 200)];
            assert_eq!(tx.service_notes(village(0), session(1), 9).await?, all);
            assert_eq!(tx.service_notes(village(0), session(1), 1).await?, all[..1]);
            assert_eq!(tx.service_notes(village(0), session(2), 9).await?, []);
            assert_eq!(tx.service_notes(village(1), session(1), 9).await?, []);
            let of = |batch| (village(0), session(1), Ulid(batch));
            assert_eq!(tx.undo_service_notes(of(1), Some(person(3)), (person(8), time(300))).await?, 0);
            assert_eq!(tx.undo_service_notes(of(1), Some(person(2)), (person(8), time(300))).await?, 1);
            assert_eq!(tx.undo_service_notes(of(1), None, (person(7), time(400))).await?, 1, "the one that stood");
            assert_eq!(tx.undo_service_notes(of(1), None, (person(7), time(500))).await?, 0);
            let undone =
                |note: ServiceNote, at, by| ServiceNote { undone: Some(time(at)), undone_by: Some(person(by)), ..note };
            let now = [undone(note(1, 1, 100), 400, 7), undone(note(1, 2, 100), 300, 8), note(2, 1, 200)];
            assert_eq!(tx.service_notes(village(0), session(1), 9).await?, now);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn of_a_keys_tests_and_of_a_duty_the_last_stays(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    let test = |key: u8, of: u8, at: i64| KeyTest {
        village: village(0),
        session: session(of),
        public_key: PublicKey([key; 32]),
        tested: time(at),
    };
    let duty = |name: &str, who: &str, at: i64| Duty {
        village: village(0),
        session: session(1),
        duty: name.to_owned(),
        who: who.to_owned(),
        noted_by: person(9),
        noted: time(at),
    };
    db.write("tests", |tx| {
        let (test, duty) = (test, duty);
        Box::pin(async move {
            tx.put_key_tests(&[test(2, 1, 10), test(1, 1, 10), test(1, 2, 10)]).await?;
            tx.put_key_tests(&[test(1, 1, 20)]).await?;
            assert_eq!(tx.key_tests(village(0), session(1)).await?, [test(1, 1, 20), test(2, 1, 10)]);
            assert_eq!(tx.key_tests(village(0), session(2)).await?, [test(1, 2, 10)]);
            assert_eq!(tx.key_tests(village(1), session(1)).await?, []);
            tx.put_duties(&[duty("door", "甲", 10), duty("mobile_box", "乙", 10)]).await?;
            tx.put_duties(&[duty("door", "丙", 20)]).await?;
            let all = [duty("door", "丙", 20), duty("mobile_box", "乙", 10)];
            assert_eq!(tx.duties(village(0), session(1)).await?, all);
            assert_eq!(tx.duties(village(0), session(2)).await?, []);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

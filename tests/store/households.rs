//! Linked households: whose they are, whom was asked and told, and that a name is erased when its household is gone.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use rstest::rstest;
use sunvote::core::ids::{MatterId, PersonId};
use sunvote::store::error::StoreError;
use sunvote::store::households::{Household, LABEL, Talk, label_name};
use sunvote::store::vault::Place;
use ulid::Ulid;

use crate::bed::{Bed, Engine, time, village};
use crate::vault::vault;

fn person(n: u8) -> PersonId {
    PersonId::from_bytes([n; 16])
}

fn matter(n: u8) -> MatterId {
    MatterId::from_bytes([n; 16])
}

fn home(id: u128, of: u8, added: i64) -> Household {
    let part = (id % 2 == 1).then_some(3);
    Household { village: village(0), household: Ulid(id), person: person(of), part, added: time(added), gone: None }
}

fn talk(about: (u8, u64), what: &str, household: u128) -> Talk {
    Talk {
        village: village(0),
        matter: matter(about.0),
        round: about.1,
        what: what.to_owned(),
        household: Ulid(household),
        held_on: "2026-11-20".parse().expect("a date"),
        noted: time(500),
    }
}

#[rstest]
#[tokio::test]
async fn a_household_that_is_gone_has_no_name_and_still_counts_for_what_was_before(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    let vault = vault(1);
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let secret = |of: u8, id: u128, rng: &mut ChaCha20Rng| {
        let name = label_name(person(of), Ulid(id));
        vault.row(&Place { kind: LABEL, village: village(0), name: &name }, b"a house", rng).expect("sealed")
    };
    let sealed = [secret(1, 1, &mut rng), secret(1, 2, &mut rng), secret(2, 3, &mut rng)];
    let vault = &vault;
    db.write("households", |tx| {
        let sealed = sealed.clone();
        Box::pin(async move {
            tx.insert_vault(&sealed.iter().collect::<Vec<_>>()).await?;
            tx.put_households(&[home(1, 1, 100), home(2, 1, 200), home(3, 2, 200)]).await?;
            let first = (matter(1), 1);
            let asked = [talk((1, 1), "asked", 1), talk((1, 1), "asked", 2), talk((1, 2), "asked", 1)];
            assert_eq!(tx.add_talks(&asked).await?, 3);
            let again = Talk { noted: time(900), ..talk((1, 1), "asked", 1) };
            assert_eq!(tx.add_talks(&[again]).await?, 0, "noted once");
            assert_eq!(tx.talks_of(village(0), person(1), first).await?, asked[..2]);
            assert_eq!(tx.talks_of(village(0), person(2), first).await?, [], "nobody else's");
            // Names are read by their owner's prefix alone.
            let names = async |tx: &mut sunvote::store::tx::Tx<'_>, of: u8| {
                tx.secrets(vault, LABEL, village(0), &format!("{}/", person(of))).await.map(|found| found.len())
            };
            assert_eq!((names(tx, 1).await?, names(tx, 2).await?), (2, 1));
            // Another's household is not theirs to end.
            assert_eq!(tx.end_households(village(0), person(2), Some(Ulid(1)), time(600)).await?, 0);
            assert_eq!(tx.end_households(village(0), person(1), Some(Ulid(1)), time(600)).await?, 1);
            assert_eq!(tx.end_households(village(0), person(1), Some(Ulid(1)), time(700)).await?, 0, "once");
            assert_eq!((names(tx, 1).await?, names(tx, 2).await?), (1, 1), "its name is erased");
            let kept = tx.households_of(village(0), person(1), 9).await?;
            assert_eq!(kept, [Household { gone: Some(time(600)), ..home(1, 1, 100) }, home(2, 1, 200)]);
            let count = async |tx: &mut sunvote::store::tx::Tx<'_>, added, gone| {
                tx.count_households(village(0), time(added), time(gone)).await
            };
            assert_eq!(count(tx, 150, 599).await?, [(person(1), 1)], "added by then");
            assert_eq!(count(tx, 200, 599).await?, [(person(1), 2), (person(2), 1)]);
            assert_eq!(count(tx, 200, 600).await?, [(person(1), 1), (person(2), 1)], "gone by then");
            assert_eq!(tx.count_talks(village(0), first, "asked", (time(200), time(599))).await?, [(person(1), 2)]);
            assert_eq!(tx.count_talks(village(0), first, "asked", (time(200), time(600))).await?, [(person(1), 1)]);
            assert_eq!(tx.count_talks(village(0), first, "told", (time(200), time(599))).await?, []);
            assert_eq!(tx.household_keepers(None, 9).await?, [(village(0), person(1)), (village(0), person(2))]);
            assert_eq!(
                tx.household_keepers(Some((village(0), person(1))), 9).await?,
                [(village(0), person(2))],
                "goes on after one"
            );
            assert_eq!(tx.end_households(village(0), person(1), None, time(800)).await?, 1, "all that is left");
            assert_eq!((names(tx, 1).await?, names(tx, 2).await?), (0, 1));
            assert_eq!(tx.household_keepers(None, 9).await?, [(village(0), person(2))]);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_note_is_taken_back_and_a_group_changed(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    db.write("households", |tx| {
        Box::pin(async move {
            tx.put_households(&[home(1, 1, 100)]).await?;
            tx.put_households(&[Household { part: None, ..home(1, 1, 100) }]).await?;
            assert_eq!(
                tx.households_of(village(0), person(1), 9).await?,
                [Household { part: None, ..home(1, 1, 100) }]
            );
            assert_eq!(tx.households_of(village(1), person(1), 9).await?, []);
            tx.add_talks(&[talk((1, 1), "told", 1)]).await?;
            assert!(!tx.drop_talk(&talk((1, 1), "asked", 1)).await?);
            assert!(tx.drop_talk(&talk((1, 1), "told", 1)).await?);
            assert!(!tx.drop_talk(&talk((1, 1), "told", 1)).await?, "once");
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

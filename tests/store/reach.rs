//! How people are told things: contacts and their codes, wishes, marks, tasks told, what is due to whom.

use rstest::rstest;
use sunvote::core::ids::{PersonId, PublicKey};
use sunvote::store::error::StoreError;
use sunvote::store::outbox::{Mark, Outgoing};
use sunvote::store::people::{KeyRow, TaskRow};
use sunvote::store::reach::{ADDRESS, Contact, Listener, ToldTask, Wishes};
use sunvote::store::record::VaultRow;

use crate::bed::{Engine, time, village};
use crate::derived::db;

fn key(n: u8) -> PublicKey {
    PublicKey([n; 32])
}

fn contact(name: &str, of: u8, channel: &str) -> Contact {
    Contact {
        contact: name.to_owned(),
        public_key: key(of),
        village: village(0),
        channel: channel.to_owned(),
        lang: "zh-CN".to_owned(),
        made: time(i64::from(of)),
        code_until: Some(time(600)),
        tries: 0,
        confirmed: None,
        told: None,
    }
}

fn wishes(of: u8) -> Wishes {
    let (tasks, ballots, steps) = (true, true, false);
    let (quiet_from, quiet_until, codes, codes_since) = (1_260, 420, 1, time(0));
    Wishes { public_key: key(of), tasks, ballots, steps, quiet_from, quiet_until, codes, codes_since }
}

fn message(to: &str, seq: u64, kind: &str, next: i64) -> Outgoing {
    Outgoing {
        channel: "sms".to_owned(),
        destination: to.to_owned(),
        village: village(0),
        seq,
        kind: kind.to_owned(),
        matter: None,
        made: time(next),
        next_at: Some(time(next)),
        attempts: 0,
        done: None,
        outcome: None,
    }
}

fn task(name: &str, role: &str, due: i64) -> TaskRow {
    TaskRow {
        village: village(0),
        task: name.to_owned(),
        kind: "filing.reviewed".to_owned(),
        role: Some(role.to_owned()),
        person: None,
        matter: None,
        session: None,
        due: Some(time(due)),
        since_seq: 3,
    }
}

#[rstest]
#[tokio::test]
async fn a_contact_counts_once_its_code_was_right_and_goes_with_all_that_is_known_of_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_bed, db) = db(engine).await;
    db.write("contacts", |tx| {
        Box::pin(async move {
            let (one, two) = (contact("a", 1, "sms"), contact("b", 1, "email"));
            let sealed =
                VaultRow { kind: ADDRESS.to_owned(), village: village(0), name: "a".to_owned(), ciphertext: vec![1] };
            tx.insert_vault(&[&sealed]).await?;
            tx.add_contact(&one).await?;
            tx.add_contact(&two).await?;
            assert_eq!(tx.contact("a").await?, Some(one.clone()));
            assert_eq!(tx.contact("x").await?, None);
            assert_eq!(tx.contacts_of(key(1)).await?, [one.clone(), two.clone()]);
            assert_eq!(tx.contacts_of(key(2)).await?, []);

            assert!(tx.try_code("a", 2, time(599)).await?);
            assert!(!tx.try_code("a", 2, time(600)).await?, "too late");
            assert!(tx.try_code("a", 2, time(599)).await?);
            assert!(!tx.try_code("a", 2, time(599)).await?, "too often");
            assert_eq!(tx.stale_contacts(time(599), 9).await?, []);
            assert_eq!(tx.stale_contacts(time(600), 1).await?.len(), 1);
            assert!(tx.confirm_contact("a", time(5)).await?);
            assert!(!tx.confirm_contact("a", time(6)).await?, "once");
            assert!(!tx.try_code("a", 9, time(5)).await?, "it counts");
            assert_eq!(tx.stale_contacts(time(600), 9).await?, std::slice::from_ref(&two));
            tx.told_contact("a", time(7)).await?;
            let known = tx.contact("a").await?.expect("it is there");
            assert_eq!((known.confirmed, known.code_until, known.told), (Some(time(5)), None, Some(time(7))));

            assert_eq!(tx.keyless_contacts("", 9).await?.len(), 2);
            assert_eq!(tx.keyless_contacts("a", 9).await?, std::slice::from_ref(&two));
            let row = KeyRow { village: village(0), public_key: key(1), person: PersonId::from_bytes([1; 16]) };
            tx.replace_keys(village(0), &[row]).await?;
            assert_eq!(tx.keyless_contacts("", 9).await?, []);
            assert!(tx.key_is_in(village(0), key(1)).await?);
            assert!(!tx.key_is_in(village(1), key(1)).await? && !tx.key_is_in(village(0), key(2)).await?);

            tx.queue(&[message("a", 1, "plan.posted", 5), message("b", 1, "plan.posted", 5)]).await?;
            assert!(tx.remove_contact(&known).await?);
            assert!(!tx.remove_contact(&known).await?);
            let vault = "a place of the vault";
            assert!(tx.add_secret(&sealed).await?, "{vault} is free again");
            assert_eq!(tx.outgoing("sms", "a", time(9), 9).await?, []);
            assert_eq!(tx.outgoing("sms", "b", time(9), 9).await?.len(), 1);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn who_listens_in_a_village_is_found_by_key_and_what_they_chose(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_bed, db) = db(engine).await;
    db.write("listeners", |tx| {
        Box::pin(async move {
            assert_eq!(tx.wishes(key(1)).await?, None);
            tx.put_wishes(&wishes(1)).await?;
            let other = Wishes { steps: true, quiet_from: 0, ..wishes(1) };
            tx.put_wishes(&Wishes { codes: 2, ..other.clone() }).await?;
            assert_eq!(tx.wishes(key(1)).await?, Some(other));
            tx.put_wishes(&wishes(2)).await?;
            for of in [1, 2, 3] {
                tx.add_contact(&contact(&format!("c{of}"), of, "sms")).await?;
            }
            let person = |n| PersonId::from_bytes([n; 16]);
            let row = |n| KeyRow { village: village(0), public_key: key(n), person: person(n) };
            tx.replace_keys(village(0), &[row(1), row(3)]).await?;
            assert_eq!(tx.listeners(village(0)).await?, [], "none counts yet");
            for of in [1, 2, 3] {
                tx.confirm_contact(&format!("c{of}"), time(1)).await?;
            }
            let (contact, channel) = ("c1".to_owned(), "sms".to_owned());
            let listener = Listener { contact, channel, person: person(1), tasks: true, ballots: true, steps: true };
            assert_eq!(tx.listeners(village(0)).await?, [listener]);
            assert_eq!(tx.listeners(village(1)).await?, []);
            let codes = |tx: &Wishes| (tx.codes, tx.codes_since);
            assert!(tx.count_code(key(1), time(3), time(-1), 3).await?);
            assert_eq!(tx.wishes(key(1)).await?.as_ref().map(codes), Some((2, time(0))));
            tx.put_wishes(&wishes(1)).await?;
            assert_eq!(
                tx.wishes(key(1)).await?.as_ref().map(codes),
                Some((2, time(0))),
                "what is chosen counts nothing back"
            );
            assert!(tx.count_code(key(1), time(4), time(-1), 3).await?);
            assert!(!tx.count_code(key(1), time(5), time(-1), 3).await?, "no more than that");
            tx.forget_wishes(key(1), time(-1)).await?;
            assert!(tx.wishes(key(1)).await?.is_some(), "codes of today are counted on");
            assert!(tx.count_code(key(1), time(9), time(0), 3).await?, "a new day");
            assert_eq!(tx.wishes(key(1)).await?.as_ref().map(codes), Some((1, time(9))));
            assert!(!tx.count_code(key(7), time(9), time(0), 3).await?, "of nobody");
            tx.forget_wishes(key(1), time(9)).await?;
            assert_eq!(tx.wishes(key(1)).await?, None);
            assert_eq!(tx.listeners(village(0)).await?, []);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn people_are_told_of_steps_from_a_mark_on_and_of_tasks_and_dates_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_bed, db) = db(engine).await;
    db.write("heard", |tx| {
        Box::pin(async move {
            tx.steps_known(village(0), 4).await?;
            tx.steps_known(village(1), 9).await?;
            let mark = |of, known, heard| Mark { village: village(of), queued: 0, known, heard };
            assert_eq!(tx.unheard(None, 9).await?, [mark(0, 4, 0), mark(1, 9, 0)]);
            assert_eq!(tx.unheard(Some(village(0)), 9).await?, [mark(1, 9, 0)]);
            assert!(tx.move_heard(village(0), 0, 3).await?);
            assert!(!tx.move_heard(village(0), 0, 4).await?, "another was first");
            assert_eq!(tx.unheard(None, 1).await?, [mark(0, 4, 3)]);
            assert_eq!(tx.pass_heard().await?, 2);
            assert_eq!(tx.unheard(None, 9).await?, []);

            let told = |name: &str, reminded: Option<i64>| ToldTask {
                village: village(0),
                task: name.to_owned(),
                reminded: reminded.map(time),
            };
            tx.replace_tasks(village(0), &[task("a", "clerk", 50), task("b", "log", 50), task("c", "chair", 90)])
                .await?;
            assert_eq!(tx.tasks_near(time(10), time(60), 9).await?, [], "nobody listens");
            tx.add_contact(&contact("c1", 1, "sms")).await?;
            tx.confirm_contact("c1", time(1)).await?;
            let row = KeyRow { village: village(0), public_key: key(1), person: PersonId::from_bytes([1; 16]) };
            tx.replace_keys(village(0), &[row]).await?;
            assert_eq!(tx.tasks_near(time(10), time(60), 9).await?, [task("a", "clerk", 50)]);
            assert_eq!(tx.tasks_near(time(50), time(60), 9).await?, [], "its time is over");
            assert_eq!(tx.put_told_tasks(&[told("a", None), told("x", None)]).await?, 2);
            assert_eq!(tx.tasks_near(time(10), time(60), 9).await?.len(), 1, "told, but not that it is near");
            assert_eq!(tx.put_told_tasks(&[told("a", Some(50))]).await?, 1);
            assert_eq!(tx.put_told_tasks(&[told("a", Some(50))]).await?, 0, "another was first");
            assert_eq!(tx.tasks_near(time(10), time(60), 9).await?, []);
            tx.replace_tasks(village(0), &[task("a", "clerk", 55)]).await?;
            assert_eq!(tx.tasks_near(time(10), time(60), 9).await?.len(), 1, "another date");
            assert_eq!(tx.told_tasks(village(0)).await?, [told("a", Some(50)), told("x", None)]);
            assert_eq!(tx.forget_done_tasks(village(0)).await?, 1);
            assert_eq!(tx.told_tasks(village(0)).await?, [told("a", Some(50))]);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn what_is_due_to_people_is_put_off_said_instead_or_taken_back(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_bed, db) = db(engine).await;
    db.write("due", |tx| {
        Box::pin(async move {
            let webhook = Outgoing { channel: "webhook".to_owned(), ..message("a", 1, "plan.posted", 1) };
            let first = message("a", 1, "task/filing.reviewed", 2);
            tx.queue(&[webhook, first.clone(), message("a", 2, "plan.posted", 3), message("b", 1, "plan.posted", 1)])
                .await?;
            let to = |name: &str| ("sms".to_owned(), name.to_owned());
            assert_eq!(tx.due_to_people(time(0), 9).await?, []);
            assert_eq!(tx.due_to_people(time(3), 9).await?, [to("b"), to("a")], "each once, the longest due first");
            assert_eq!(tx.put_off(("sms", "a"), time(2), time(70)).await?, 1);
            assert_eq!(tx.put_off(("sms", "a"), time(3), time(70)).await?, 1);
            assert_eq!(tx.due_to_people(time(69), 9).await?, [to("b")]);

            let held = tx.outgoing("sms", "a", time(70), 9).await?;
            assert!(tx.claim(&held[0], time(80)).await?);
            assert!(tx.settle(first.which(), time(80), (Some(time(75)), None), "204").await?);
            let near = message("a", 1, "near/filing.reviewed", 90);
            assert_eq!(tx.queue_instead(std::slice::from_ref(&near)).await?, 1);
            let due = tx.outgoing("sms", "a", time(90), 9).await?;
            assert_eq!(due, [Outgoing { next_at: Some(time(70)), ..message("a", 2, "plan.posted", 3) }, near.clone()]);
            tx.take_back(&Outgoing { next_at: Some(time(89)), ..near.clone() }).await?;
            assert_eq!(tx.outgoing("sms", "a", time(90), 9).await?.len(), 2, "it has been put off meanwhile");
            tx.take_back(&near).await?;
            assert_eq!(tx.outgoing("sms", "a", time(90), 9).await?.len(), 1);
            assert_eq!(tx.take_all_back("sms", "a").await?, 1);
            assert_eq!(tx.due_to_people(time(99), 9).await?, [to("b")]);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

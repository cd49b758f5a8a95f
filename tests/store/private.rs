//! Drafts, half-signed statements, login sessions, challenges, computers let in, accounts elsewhere, enrolments, cards and access log.

use rstest::rstest;
use sunvote::core::clock::Time;
use sunvote::core::ids::{CardId, PersonId, PublicKey, SessionId};
use sunvote::store::cards::Card;
use sunvote::store::door::DoorNote;
use sunvote::store::drafts::Draft;
use sunvote::store::error::StoreError;
use sunvote::store::half_signed::HalfSigned;
use sunvote::store::identities::{IdentityCheck, LinkedAccount, OfferedAccount, ProviderAsk};
use sunvote::store::journal::Access;
use sunvote::store::pairings::Pairing;
use sunvote::store::sessions::{Enrolment, LoginSession};
use ulid::Ulid;

use crate::bed::{Bed, Engine, digest, time, village};

fn person(n: u8) -> PersonId {
    PersonId::from_bytes([n; 16])
}

fn id(n: u8) -> Ulid {
    Ulid::from_bytes([n; 16])
}

fn draft(n: u8, owner: u8, updated: i64) -> Draft {
    Draft {
        draft: id(n),
        village: village(0),
        person: person(owner),
        kind: "matter.proposed".to_owned(),
        body: format!("{{\"title\":\"{n}\"}}"),
        updated: time(updated),
    }
}

#[rstest]
#[tokio::test]
async fn a_draft_belongs_to_its_owner(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    db.write("drafts", |tx| {
        Box::pin(async move {
            assert!(tx.put_draft(&draft(1, 1, 10)).await?);
            assert!(tx.put_draft(&draft(2, 1, 20)).await?);
            assert!(tx.put_draft(&draft(3, 2, 30)).await?);
            assert!(!tx.put_draft(&draft(1, 2, 99)).await?, "another's draft is never overwritten");
            assert_eq!(tx.draft(id(1), person(1)).await?, Some(draft(1, 1, 10)));
            assert_eq!(tx.draft(id(1), person(2)).await?, None);
            assert_eq!(tx.drafts(village(0), person(1), 10).await?, [draft(2, 1, 20), draft(1, 1, 10)]);
            assert!(tx.put_draft(&draft(1, 1, 30)).await?);
            assert_eq!(tx.drafts(village(0), person(1), 1).await?, [draft(1, 1, 30)]);
            assert!(!tx.drop_draft(village(0), id(1), person(2)).await?);
            assert!(tx.drop_draft(village(0), id(1), person(1)).await?);
            assert_eq!(tx.draft(id(1), person(1)).await?, None);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_half_signed_statement_waits_for_its_people_until_it_expires(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    let waiting = HalfSigned {
        village: village(0),
        statement: digest(2, 7),
        kind: "count.recorded".to_owned(),
        payload: b"{\"kind\":\"count.recorded\"}".to_vec(),
        signatures: "[1]".to_owned(),
        side: Some(vec![1, 2]),
        waits_for: vec![person(1), person(2)],
        signed_by: vec![person(4)],
        created: time(0),
        expires: time(100),
    };
    let later =
        HalfSigned { signatures: "[1,2]".to_owned(), waits_for: vec![person(3)], side: None, ..waiting.clone() };
    db.write("half_signed", |tx| {
        let (waiting, later) = (waiting.clone(), later.clone());
        Box::pin(async move {
            tx.put_half_signed(&waiting).await?;
            let all = [waiting];
            assert_eq!(tx.half_signed_for(village(0), person(2), time(99), 9).await?, all);
            assert_eq!(tx.half_signed_for(village(0), person(3), time(99), 9).await?, []);
            assert_eq!(tx.half_signed_for(village(0), person(4), time(99), 9).await?, [], "who has signed");
            assert_eq!(tx.half_signed_of(village(0), person(4), time(99), 9).await?, all);
            assert_eq!(tx.half_signed_of(village(0), person(2), time(99), 9).await?, all);
            assert_eq!(tx.half_signed_of(village(0), person(3), time(99), 9).await?, []);
            assert_eq!(tx.half_signed_by(village(0), person(4), time(99)).await?, 1);
            assert_eq!(tx.half_signed_by(village(0), person(4), time(100)).await?, 0, "expired");
            assert_eq!(tx.half_signed_by(village(0), person(2), time(99)).await?, 0);
            assert_eq!(tx.half_signed_for(village(1), person(2), time(99), 9).await?, []);
            assert_eq!(tx.half_signed_in(village(0), time(99), 9).await?, all);
            assert_eq!(tx.half_signed(village(0), digest(2, 7), time(99)).await?.as_ref(), all.first());
            assert_eq!(tx.half_signed(village(0), digest(2, 7), time(100)).await?, None, "expired");
            tx.put_half_signed(&later).await?;
            assert_eq!(tx.half_signed_for(village(0), person(1), time(99), 9).await?, []);
            assert_eq!(tx.half_signed_for(village(0), person(3), time(99), 9).await?, [later]);
            assert!(tx.drop_half_signed(village(0), digest(2, 7)).await?);
            assert!(!tx.drop_half_signed(village(0), digest(2, 7)).await?);
            assert_eq!(tx.half_signed_for(village(0), person(3), time(99), 9).await?, []);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

fn session(token: u64, key: u8) -> LoginSession {
    LoginSession {
        token_hash: digest(4, token),
        village: (token != 3).then(|| village(0)),
        person: person(1),
        public_key: PublicKey([key; 32]),
        csrf: [5; 32],
        created: time(0),
        expires: time(100),
        account: None,
        paired: false,
    }
}

#[rstest]
#[tokio::test]
async fn a_login_session_counts_until_it_expires_or_ends(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    db.write("sessions", |tx| {
        Box::pin(async move {
            for (token, key) in [(1, 1), (2, 2), (3, 2)] {
                tx.add_session(&session(token, key)).await?;
            }
            assert_eq!(tx.session(digest(4, 1), time(99)).await?, Some(session(1, 1)));
            assert_eq!(tx.session(digest(4, 3), time(99)).await?, Some(session(3, 2)), "of an official: no village");
            assert_eq!(tx.session(digest(4, 1), time(100)).await?, None, "expired");
            assert_eq!(tx.session(digest(4, 9), time(0)).await?, None, "unknown");
            let mut some = tx.sessions(&[digest(4, 3), digest(4, 9), digest(4, 1)], time(99)).await?;
            some.sort_by_key(|session| session.token_hash);
            assert_eq!(some, [session(1, 1), session(3, 2)], "those that are there, each once");
            assert_eq!(tx.sessions(&[digest(4, 1)], time(100)).await?, [], "expired");
            assert_eq!(tx.sessions(&[], time(0)).await?, []);
            tx.add_sessions(&(10..310).map(|token| session(token, 7)).collect::<Vec<_>>()).await?;
            let many: Vec<_> = (10..310).map(|token| digest(4, token)).collect();
            assert_eq!(tx.sessions(&many, time(99)).await?.len(), 300);
            assert_eq!(tx.end_sessions_of_key(PublicKey([7; 32])).await?, 300);
            assert!(tx.end_session(digest(4, 1)).await?);
            assert!(!tx.end_session(digest(4, 1)).await?);
            assert_eq!(tx.end_sessions_of_key(PublicKey([2; 32])).await?, 2);
            assert_eq!(tx.session(digest(4, 2), time(99)).await?, None);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_challenge_counts_once(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    db.write("challenge", |tx| {
        Box::pin(async move {
            tx.add_challenge([1; 32], time(100)).await?;
            tx.add_challenge([2; 32], time(100)).await
        })
    })
    .await
    .unwrap();
    let late = db.write("take", |tx| Box::pin(tx.take_challenge([2; 32], time(100)))).await.unwrap();
    assert!(!late, "expired");
    let takers: Vec<_> = (0..8)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { db.write("take", |tx| Box::pin(tx.take_challenge([1; 32], time(99)))).await })
        })
        .collect();
    let mut taken = 0;
    for taker in takers {
        taken += u32::from(taker.await.unwrap().unwrap());
    }
    assert_eq!(taken, 1, "of eight who send the same answer one is let in");
}

fn pairing(code: &str, created: i64) -> Pairing {
    Pairing {
        code: code.to_owned(),
        secret: digest(6, 1),
        challenge: digest(6, 2),
        agent: "Firefox".to_owned(),
        public_key: None,
        created: time(created),
        expires: time(created + 100),
    }
}

#[rstest]
#[tokio::test]
async fn a_computer_is_let_in_once_by_one_key(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    db.write("pairings", |tx| {
        Box::pin(async move {
            let (key, code) = (PublicKey([7; 32]), "012345678");
            assert!(tx.add_pairing(&pairing(code, 0)).await?);
            assert!(!tx.add_pairing(&Pairing { secret: digest(6, 9), ..pairing(code, 1) }).await?, "the code is taken");
            assert_eq!(tx.pairing(code, time(99)).await?, Some(pairing(code, 0)));
            assert_eq!(tx.pairing(code, time(100)).await?, None, "expired");
            assert_eq!(tx.pairing("012345679", time(1)).await?, None);
            assert!(!tx.answer_pairing(code, key, time(100)).await?, "too late");
            assert!(tx.answer_pairing(code, key, time(99)).await?);
            assert!(!tx.answer_pairing(code, PublicKey([8; 32]), time(99)).await?, "another key comes too late");
            assert_eq!(tx.pairing(code, time(99)).await?.and_then(|kept| kept.public_key), Some(key));
            assert!(tx.drop_pairing(code).await?);
            assert!(!tx.drop_pairing(code).await?);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn of_a_persons_enrolments_the_newest_are_kept(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    let enrolment = |n: u8, who: u8, key: u8| Enrolment {
        enrolment: id(n),
        village: village(0),
        person: person(who),
        public_key: PublicKey([key; 32]),
        body: format!("{{\"nth\":{n}}}"),
        created: time(i64::from(n)),
        expires: time(100),
    };
    let all = [enrolment(1, 1, 1), enrolment(2, 1, 2), enrolment(3, 2, 3), enrolment(4, 1, 1), enrolment(5, 1, 4)];
    db.write("enrolments", |tx| {
        let all = all.clone();
        Box::pin(async move {
            for enrolment in &all {
                tx.put_enrolment(enrolment, 2).await?;
            }
            let [_, _, other, again, newest] = all;
            let open = [newest.clone(), again, other];
            assert_eq!(tx.enrolments(village(0), time(99), 9).await?, open, "a key's later answer takes its place");
            assert_eq!(tx.enrolments(village(0), time(99), 1).await?, open[..1]);
            assert_eq!(tx.enrolments(village(0), time(100), 9).await?, [], "expired");
            assert_eq!(tx.end_enrolments(village(0), person(2), newest.public_key).await?, 0, "somebody else's");
            assert_eq!(tx.end_enrolments(village(0), person(1), newest.public_key).await?, 1);
            assert_eq!(tx.enrolments(village(0), time(99), 9).await?, open[1..]);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn the_sweep_takes_what_expired_and_nothing_else(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    let swept = |now: Time| {
        let db = db.clone();
        async move { db.write("sweep", |tx| Box::pin(tx.sweep_expired(now))).await.unwrap() }
    };
    db.write("fill", |tx| {
        Box::pin(async move {
            tx.add_session(&session(1, 1)).await?;
            tx.add_challenge([1; 32], time(200)).await?;
            tx.add_pairing(&pairing("111111111", 0)).await?;
            tx.put_half_signed(&HalfSigned {
                village: village(0),
                statement: digest(2, 7),
                kind: "count.recorded".to_owned(),
                payload: Vec::new(),
                signatures: "[]".to_owned(),
                side: None,
                waits_for: vec![person(1)],
                signed_by: vec![person(2)],
                created: time(0),
                expires: time(100),
            })
            .await
        })
    })
    .await
    .unwrap();
    assert_eq!(swept(time(99)).await, 0);
    assert_eq!(swept(time(100)).await, 3);
    assert_eq!(swept(time(200)).await, 1);
}

#[rstest]
#[tokio::test]
async fn accesses_are_listed_newest_first(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    let access = |n: u8, by: Option<u8>| Access {
        id: id(n),
        time: time(i64::from(n)),
        village: village(0),
        person: by.map(person),
        action: "document.read".to_owned(),
        subject: "minutes".to_owned(),
    };
    let all = [access(1, Some(1)), access(2, None), access(3, Some(2))];
    db.write("note", |tx| Box::pin(tx.add_access(&all))).await.unwrap();
    let newest = db.read("list", |tx| Box::pin(tx.accesses(village(0), None, 2))).await.unwrap();
    assert_eq!(newest, [all[2].clone(), all[1].clone()]);
    let older = db.read("list", |tx| Box::pin(tx.accesses(village(0), Some(id(2)), 2))).await.unwrap();
    assert_eq!(older, [all[0].clone()]);
    assert_eq!(db.read("list", |tx| Box::pin(tx.accesses(village(1), None, 2))).await.unwrap(), []);
}

fn card(n: u8, whose: Option<u8>) -> Card {
    Card {
        village: village(0),
        card: CardId([n; 16]),
        person: whose.map(person),
        public_key: None,
        mac: None,
        tries: 0,
        misses: 0,
        locked_until: None,
        made: time(i64::from(n)),
        expires: whose.is_none().then(|| time(100)),
    }
}

#[rstest]
#[tokio::test]
async fn a_cards_tries_are_counted_one_by_one_and_settled_by_the_right_pin(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    db.write("cards", |tx| {
        Box::pin(async move {
            let made = card(1, Some(1));
            assert_eq!(tx.add_cards(&[made.clone(), card(2, None)]).await?, 2);
            assert_eq!(tx.add_cards(&[card(1, None), card(3, Some(2))]).await?, 1, "what is there stays");
            assert_eq!(tx.card(village(0), made.card).await?.as_ref(), Some(&made));
            assert_eq!(tx.card(village(1), made.card).await?, None, "another village's");
            assert_eq!(tx.cards(village(0), 9).await?, [card(3, Some(2)), made.clone()], "those that were made");
            assert_eq!(tx.cards(village(0), 1).await?, [card(3, Some(2))]);
            assert!(!tx.settle_tries(village(0), made.card).await?, "nothing was tried");
            assert!(tx.count_try(&made, None).await?);
            assert!(!tx.count_try(&made, None).await?, "counted from what another one has read");
            let once = Card { tries: 1, ..made.clone() };
            assert!(tx.count_try(&once, Some(time(50))).await?);
            let twice = Card { tries: 2, locked_until: Some(time(50)), ..made.clone() };
            assert_eq!(tx.card(village(0), made.card).await?, Some(twice));
            assert!(tx.settle_tries(village(0), made.card).await?);
            let settled = Card { misses: 1, ..made.clone() };
            assert_eq!(tx.card(village(0), made.card).await?.as_ref(), Some(&settled));
            assert!(!tx.count_try(&Card { misses: 0, ..settled.clone() }, None).await?, "settled meanwhile");
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn the_first_key_that_answers_for_a_card_stays(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    let (key, other) = (PublicKey([1; 32]), PublicKey([2; 32]));
    db.write("cards", |tx| {
        Box::pin(async move {
            let made = card(1, Some(1));
            assert!(!tx.answer_card(village(0), made.card, key, digest(1, 1)).await?, "no such card");
            tx.add_cards(&[made.clone(), card(2, None)]).await?;
            assert!(tx.answer_card(village(0), made.card, key, digest(1, 1)).await?);
            assert!(!tx.answer_card(village(0), made.card, other, digest(1, 2)).await?);
            assert!(tx.answer_card(village(0), made.card, key, digest(1, 3)).await?, "the same key again");
            let answered = Card { public_key: Some(key), mac: Some(digest(1, 3)), ..made };
            assert_eq!(tx.card_of_key(village(0), key).await?, Some(answered));
            assert_eq!(tx.card_of_key(village(0), other).await?, None);
            assert_eq!(tx.card_of_key(village(1), key).await?, None);
            assert_eq!(tx.sweep_expired(time(99)).await?, 0);
            assert_eq!(tx.sweep_expired(time(100)).await?, 1, "the one that was never made");
            assert_eq!(tx.card(village(0), CardId([2; 16])).await?, None);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

/// Somebody's note about something in a session.
fn door_note(session: u8, kind: &str, about: &str, who: u8, at: i64) -> DoorNote {
    let session = SessionId::from_bytes([session; 16]);
    DoorNote {
        village: village(0),
        session,
        kind: kind.to_owned(),
        about: about.to_owned(),
        person: person(who),
        at: time(at),
    }
}

#[rstest]
#[tokio::test]
async fn each_person_notes_at_the_door_for_itself(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    db.write("door_notes", |tx| {
        Box::pin(async move {
            let (one, two) = (door_note(1, "called", "3/120", 1, 20), door_note(1, "called", "3/120", 2, 10));
            let (scribe, elsewhere) = (door_note(1, "scribe", "3", 1, 30), door_note(2, "scribe", "3", 1, 5));
            for note in [&one, &two, &scribe, &elsewhere] {
                assert!(tx.put_door_note(note).await?);
            }
            assert!(!tx.put_door_note(&door_note(1, "called", "3/120", 1, 99)).await?, "the first time stays");
            let all = [two.clone(), one.clone(), scribe.clone()];
            assert_eq!(tx.door_notes(village(0), one.session, 9).await?, all, "the oldest first");
            assert_eq!(tx.door_notes(village(0), one.session, 1).await?, all[..1]);
            assert_eq!(tx.door_notes(village(1), one.session, 9).await?, [], "another village's");
            assert_eq!(tx.door_notes(village(0), elsewhere.session, 9).await?, [elsewhere]);
            assert!(tx.drop_door_note(&door_note(1, "called", "3/120", 1, 0)).await?);
            assert!(!tx.drop_door_note(&one).await?, "taken back once");
            assert_eq!(tx.door_notes(village(0), one.session, 9).await?, [two, scribe], "the other's stays");
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn an_ask_at_the_provider_is_answered_once_and_in_time(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    let ask = |n: u64| ProviderAsk { ask: digest(7, n), purpose: "{\"log-in\":\"/\"}".to_owned(), expires: time(100) };
    let offered = |session: u64, account: u64| OfferedAccount {
        token_hash: digest(4, session),
        account: digest(8, account),
        label: "钟丽华".to_owned(),
        expires: time(100),
    };
    db.write("asks", |tx| {
        Box::pin(async move {
            for n in [1, 2, 3] {
                tx.add_provider_ask(&ask(n)).await?;
            }
            assert_eq!(tx.take_provider_ask(digest(7, 1), time(99)).await?, Some(ask(1)));
            assert_eq!(tx.take_provider_ask(digest(7, 1), time(99)).await?, None, "once");
            assert_eq!(tx.take_provider_ask(digest(7, 2), time(100)).await?, None, "expired");
            tx.offer_account(&offered(1, 1)).await?;
            tx.offer_account(&offered(1, 2)).await?;
            assert_eq!(tx.offered_account(digest(4, 1), time(99)).await?, Some(offered(1, 2)), "the later one");
            assert_eq!(tx.offered_account(digest(4, 1), time(100)).await?, None, "expired");
            assert_eq!(tx.offered_account(digest(4, 2), time(99)).await?, None, "another session");
            assert!(tx.drop_offer(digest(4, 1)).await?);
            assert!(!tx.drop_offer(digest(4, 1)).await?);
            tx.offer_account(&offered(1, 1)).await?;
            assert_eq!(tx.sweep_expired(time(99)).await?, 0);
            assert_eq!(tx.sweep_expired(time(100)).await?, 2, "an ask and an account");
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn an_account_is_linked_to_one_key_and_a_key_to_one_account(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    let linked = |account: u64, key: u8| LinkedAccount {
        account: digest(8, account),
        issuer: "https://id.zj.example".to_owned(),
        village: village(0),
        person: person(key),
        public_key: PublicKey([key; 32]),
        linked: time(1),
    };
    db.write("identities", |tx| {
        Box::pin(async move {
            let began = |token, account| LoginSession { account: Some(digest(8, account)), ..session(token, 1) };
            tx.link_identity(&linked(1, 1)).await?;
            tx.link_identity(&linked(2, 2)).await?;
            tx.add_sessions(&[began(1, 1), began(2, 2), session(3, 1)]).await?;
            assert_eq!(tx.identity(digest(8, 1)).await?, Some(linked(1, 1)));
            assert_eq!(tx.identity_of_key(PublicKey([2; 32])).await?, Some(linked(2, 2)));
            // The second key takes the first account.
            tx.link_identity(&linked(1, 2)).await?;
            assert_eq!(tx.identity(digest(8, 1)).await?, Some(linked(1, 2)));
            assert_eq!(tx.identity(digest(8, 2)).await?, None);
            assert_eq!(tx.identity_of_key(PublicKey([1; 32])).await?, None);
            assert_eq!(tx.session(digest(4, 1), time(9)).await?, None, "began by what it stood for before");
            assert_eq!(tx.session(digest(4, 2), time(9)).await?, None);
            assert_eq!(tx.session(digest(4, 3), time(9)).await?, Some(session(3, 1)), "by the key");
            tx.add_session(&began(1, 1)).await?;
            assert!(tx.unlink_identity(PublicKey([2; 32])).await?);
            assert!(!tx.unlink_identity(PublicKey([2; 32])).await?);
            assert_eq!(tx.identity(digest(8, 1)).await?, None);
            assert_eq!(tx.session(digest(4, 1), time(9)).await?, None, "ended with the link");
            tx.add_session(&began(1, 1)).await?;
            assert_eq!(tx.end_sessions_of_account(digest(8, 1)).await?, 1);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_check_of_who_somebody_is_belongs_to_one_person_and_key(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    let check = |n: i64| IdentityCheck {
        village: village(0),
        person: person(1),
        public_key: PublicKey([1; 32]),
        issuer: "https://id.zj.example".to_owned(),
        checked: time(n),
    };
    db.write("checks", |tx| {
        Box::pin(async move {
            tx.put_identity_check(&check(1)).await?;
            tx.put_identity_check(&check(2)).await?;
            assert_eq!(
                tx.identity_check(village(0), person(1), PublicKey([1; 32])).await?,
                Some(check(2)),
                "the later"
            );
            assert_eq!(tx.identity_check(village(1), person(1), PublicKey([1; 32])).await?, None);
            assert_eq!(tx.identity_check(village(0), person(2), PublicKey([1; 32])).await?, None);
            assert_eq!(tx.identity_check(village(0), person(1), PublicKey([2; 32])).await?, None);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

//! What servers on one database say to each other.

use rstest::rstest;
use sunvote::core::clock::Time;
use sunvote::store::db::Db;
use sunvote::store::error::StoreError;
use sunvote::store::leases::{Holder, Lease};

use crate::bed::{Bed, Engine, time};

fn holder(name: &str) -> Holder {
    Holder { id: name.to_owned(), address: format!("http://{name}.example") }
}

async fn take(db: &Db, who: &str, now: i64, ends: i64) -> bool {
    let holder = &holder(who);
    let take =
        db.write("take", |tx| Box::pin(async move { tx.take_lease("lane/03", holder, time(now), time(ends)).await }));
    take.await.map_err(|error: StoreError| error).unwrap()
}

async fn renew(db: &Db, who: &str, now: i64, ends: i64) -> u64 {
    let holder = &holder(who);
    let renew = db.write("renew", |tx| Box::pin(async move { tx.renew_leases(holder, time(now), time(ends)).await }));
    renew.await.map_err(|error: StoreError| error).unwrap()
}

async fn leases(db: &Db) -> Vec<Lease> {
    db.read("leases", |tx| Box::pin(tx.leases())).await.map_err(|error: StoreError| error).unwrap()
}

#[rstest]
#[tokio::test]
async fn a_lease_has_one_holder_until_it_ends(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    assert!(take(&db, "one", 0, 50).await, "nobody had it");
    assert!(!take(&db, "two", 49, 99).await, "it is held");
    assert!(!take(&db, "one", 49, 99).await, "it is held, also by oneself");
    assert_eq!(renew(&db, "two", 40, 90).await, 0, "only the holder renews");
    assert_eq!(renew(&db, "one", 40, 90).await, 1);
    assert!(!take(&db, "two", 89, 150).await, "renewed");
    assert_eq!(renew(&db, "one", 90, 140).await, 0, "what has ended is taken, not renewed");
    assert!(take(&db, "two", 90, 140).await);
    let held = Lease {
        name: "lane/03".to_owned(),
        holder: "two".to_owned(),
        address: "http://two.example".to_owned(),
        term: 2,
        ends: time(140),
    };
    assert_eq!(leases(&db).await, [held]);
}

#[rstest]
#[tokio::test]
async fn what_is_given_up_is_free_at_once(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    assert!(take(&db, "one", 0, 50).await);
    let (one, two) = (&holder("one"), &holder("two"));
    let given = db.write("give_up", |tx| {
        Box::pin(async move {
            let other = tx.give_up_lease("lane/03", two, time(10)).await?;
            let own = tx.give_up_lease("lane/03", one, time(10)).await?;
            let server = tx.take_lease("server/one", one, time(10), time(60)).await?;
            let all = tx.give_up_leases(one, time(11)).await?;
            Ok::<_, StoreError>((other, own, server, all))
        })
    });
    assert_eq!(given.await.unwrap(), (false, true, true, 1));
    assert!(leases(&db).await.iter().all(|lease| !lease.is_held(time(11))));
    assert!(take(&db, "two", 11, 61).await);
    let swept = db.write("sweep", |tx| Box::pin(async move { tx.sweep_leases("server/", time(100)).await }));
    assert_eq!(swept.await.map_err(|error: StoreError| error).unwrap(), 1);
    assert_eq!(leases(&db).await.len(), 1, "the lane's stays");
}

#[rstest]
#[tokio::test]
async fn a_server_that_was_started_anew_ends_what_its_last_run_had(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    assert!(take(&db, "one", 0, 50).await);
    let again = &Holder { id: "one again".to_owned(), ..holder("one") };
    let (one, two) = (&holder("one"), &holder("two"));
    let ended = db.write("end", |tx| {
        Box::pin(async move {
            let by_others = tx.end_leases_before(two, time(10)).await? + tx.end_leases_before(one, time(10)).await?;
            Ok::<_, StoreError>((by_others, tx.end_leases_before(again, time(10)).await?))
        })
    });
    assert_eq!(ended.await.unwrap(), (0, 1));
    assert!(take(&db, "two", 10, 60).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_take_a_lease_at_once_one_has_it(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    for round in 0..5 {
        let tasks: Vec<_> = (0..8)
            .map(|n| {
                let db = db.clone();
                tokio::spawn(async move { take(&db, &format!("s{n}"), round * 10, round * 10 + 10).await })
            })
            .collect();
        let mut had = 0;
        for task in tasks {
            had += usize::from(task.await.unwrap());
        }
        assert_eq!(had, 1, "round {round}");
    }
    assert_eq!(leases(&db).await[0].term, 5);
}

#[rstest]
#[tokio::test]
async fn the_first_says_what_holds_for_all(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    for value in ["16", "32"] {
        let agreed = db.write("agree", |tx| Box::pin(async move { tx.agree("lanes", value).await }));
        assert_eq!(agreed.await.map_err(|error: StoreError| error).unwrap(), "16");
    }
}

#[rstest]
#[tokio::test]
async fn the_database_tells_the_present_and_does_not_go_back(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    let ask = || async {
        let now = db.read("now", |tx| Box::pin(async { tx.database_time().await })).await;
        now.map_err(|error: StoreError| error).unwrap()
    };
    let times: [Time; 3] = [ask().await, ask().await, ask().await];
    assert!(times.is_sorted(), "{times:?}");
    let present = std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_millis();
    let apart = i128::from(times[2].ms()) - i128::try_from(present).unwrap();
    assert!(apart.abs() < 10_000, "{apart} ms apart");
}

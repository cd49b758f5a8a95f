//! Derived tables: what is projected reads back, and all of it can be emptied and made again.

use rstest::rstest;
use sunvote::core::clock::DAY_MS;
use sunvote::core::ids::{MatterId, PersonId, PublicKey, SessionId};
use sunvote::core::looks::Looks;
use sunvote::store::alike::PictureRow;
use sunvote::store::board::{MatterRow, NoticeRow, SessionRow, TimelineRow};
use sunvote::store::db::Db;
use sunvote::store::error::StoreError;
use sunvote::store::figures::{Asked, FigureRow, Listed, Sum};
use sunvote::store::naming::NamingRow;
use sunvote::store::people::{KeyRow, RoleRow, TaskRow};
use sunvote::store::projection::VillageSummary;
use sunvote::store::schema::{Class, TABLES};
use sunvote::store::talk::TalkRow;
use sunvote::store::tx::Tx;
use sunvote::store::warnings::{After, WarningNote, WarningRow};

use crate::append::write_batch;
use crate::bed::{Bed, Engine, append, digest, entry, found, time, village};
use crate::steps::{about, step};

fn matter_id(n: u8) -> MatterId {
    MatterId::from_bytes([n; 16])
}

fn session_id(n: u8) -> SessionId {
    SessionId::from_bytes([n; 16])
}

fn person(n: u8) -> PersonId {
    PersonId::from_bytes([n; 16])
}

fn matter(n: u8, updated_seq: u64, due: Option<i64>) -> MatterRow {
    MatterRow {
        village: village(0),
        matter: matter_id(n),
        category: "M07".to_owned(),
        stage: "filing".to_owned(),
        outcome: None,
        amount: Some(9_007_199_254_740_991),
        title: digest(9, u64::from(n)),
        opened_seq: 1,
        opened: time(1),
        updated_seq,
        updated: time(2),
        due: due.map(time),
    }
}

fn line(seq: u64, matter: Option<u8>, session: Option<u8>) -> TimelineRow {
    TimelineRow {
        village: village(0),
        seq,
        time: time(0),
        kind: "matter.filed".to_owned(),
        matter: matter.map(matter_id),
        session: session.map(session_id),
        persons: "[]".to_owned(),
    }
}

pub fn summary(n: u64, name: &str) -> VillageSummary {
    VillageSummary {
        village: village(n),
        township: village(n).township(),
        township_name: "黄村乡".to_owned(),
        name: name.to_owned(),
        suggestion: 1,
        proposal: 2,
        consultation: 3,
        filing: 4,
        ballot: n,
        supervision: 6,
        finished: 7,
        warnings: 1,
        newest: time(0),
        size: 10,
    }
}

fn notice(seq: u64, from: i64, until: Option<i64>) -> NoticeRow {
    NoticeRow {
        village: village(0),
        seq,
        kind: "plan".to_owned(),
        matter: Some(matter_id(1)),
        session: None,
        posted_from: time(from),
        posted_until: until.map(time),
    }
}

fn session(n: u8, starts: i64) -> SessionRow {
    SessionRow {
        village: village(0),
        session: session_id(n),
        body: "representative_assembly".to_owned(),
        starts_at: time(starts),
        status: "convened".to_owned(),
        updated_seq: 3,
    }
}

fn task(name: &str, role: Option<&str>, by: Option<u8>, due: Option<i64>) -> TaskRow {
    TaskRow {
        village: village(0),
        task: name.to_owned(),
        kind: "file".to_owned(),
        role: role.map(str::to_owned),
        person: by.map(person),
        matter: Some(matter_id(1)),
        session: None,
        due: due.map(time),
        since_seq: 4,
    }
}

fn role(n: u8, name: &str, from: i64, until: Option<i64>) -> RoleRow {
    RoleRow {
        village: village(0),
        person: person(n),
        role: name.to_owned(),
        since_seq: 0,
        valid_from: time(from),
        valid_until: until.map(time),
    }
}

/// One row in every derived table.
async fn project(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.set_projected(village(0), 3).await?;
    tx.put_state(village(0), 3, b"state").await?;
    tx.put_summary(&summary(0, "黄泥墩村")).await?;
    tx.put_matters(&[matter(1, 2, Some(5))]).await?;
    tx.put_timeline(&[line(0, None, None), line(1, Some(1), Some(1))]).await?;
    tx.put_board(&[session(1, 50)]).await?;
    tx.put_notices(&[notice(1, 0, None)]).await?;
    tx.replace_warnings(village(0), &[warning(0, "stalled/a", 3, 5, false)]).await?;
    for n in 1..=2 {
        let (at, looks) = ((u64::from(n), time(0)), Looks::from([1, 2, 3, 4, 5, 6, 7, 8]));
        tx.put_picture(&PictureRow::new(village(0), matter_id(n), digest(9, 3), at, looks)).await?;
    }
    tx.put_steps(&[step(0, 1, 1, Some(1))], &[about(0, 1, 1)]).await?;
    tx.add_posts(&[TalkRow::of(village(0), None, 2, time(2))]).await?;
    tx.put_figures(village(0), &[matter_id(1)], &[figure(0, 1, 3, "opened", "filing", 0)]).await?;
    tx.put_naming(&[NamingRow::new(village(0), digest(9, 1), 1, &[person(1)])]).await?;
    tx.replace_tasks(village(0), &[task("a", Some("clerk"), None, None)]).await?;
    tx.replace_keys(village(0), &[KeyRow { village: village(0), public_key: PublicKey([7; 32]), person: person(1) }])
        .await?;
    tx.replace_people(village(0), &[role(1, "clerk", 0, None)]).await
}

pub async fn db(engine: Engine) -> (Bed, Db) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    found(&db, 2).await;
    (bed, db)
}

#[rstest]
#[tokio::test]
async fn derived_tables_are_emptied_and_made_again_the_same(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_bed, db) = db(engine).await;
    write_batch(&db, &[append(0, 0, &[1, 2, 3])]).await.unwrap();
    let rows = || async { db.read("rows", |tx| Box::pin(tx.derived_rows())).await.unwrap() };
    db.write("project", |tx| Box::pin(project(tx))).await.unwrap();
    let before = rows().await;
    assert!(before.values().all(|rows| !rows.is_empty()), "each table has a row: {before:?}");
    let names: Vec<&str> = before.keys().copied().collect();
    let mut derived: Vec<&str> =
        TABLES.iter().filter(|table| table.class == Class::Derived).map(|table| table.name).collect();
    derived.sort_unstable();
    assert_eq!(names, derived);

    db.write("clear", |tx| Box::pin(tx.clear_derived(village(1)))).await.unwrap();
    assert_eq!(rows().await, before, "another village's rows are not touched");
    db.write("clear", |tx| Box::pin(tx.clear_derived(village(0)))).await.unwrap();
    assert!(rows().await.values().all(Vec::is_empty));
    db.write("project", |tx| Box::pin(project(tx))).await.unwrap();
    assert_eq!(rows().await, before);
    db.write("clear", |tx| Box::pin(tx.clear_all_derived())).await.unwrap();
    assert!(rows().await.values().all(Vec::is_empty));
    let size = db.read("head", |tx| Box::pin(tx.head(village(0)))).await.unwrap().unwrap().size;
    assert_eq!(size, 3, "the record stays");
}

#[rstest]
#[tokio::test]
async fn projection_knows_what_it_has_not_read_yet(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (_bed, db) = db(engine).await;
    write_batch(&db, &[append(0, 0, &[1, 2, 3]), append(1, 0, &[1])]).await.unwrap();
    db.write("project", |tx| {
        Box::pin(async move {
            assert_eq!(tx.projected(village(0)).await?, 0);
            assert_eq!(tx.lock_projected(village(0)).await?, 0, "held before there was anything");
            assert_eq!(tx.unprojected(None, 9).await?, [village(0), village(1)]);
            assert_eq!(tx.unprojected(Some(village(0)), 9).await?, [village(1)]);
            tx.set_projected(village(0), 2).await?;
            tx.set_projected(village(1), 1).await?;
            assert_eq!(tx.unprojected(None, 9).await?, [village(0)]);
            tx.set_projected(village(0), 3).await?;
            assert_eq!((tx.projected(village(0)).await?, tx.lock_projected(village(0)).await?), (3, 3));
            assert_eq!(tx.unprojected(None, 9).await?, []);
            let mut sizes = tx.projected_sizes(&[village(0), village(1), village(7)]).await?;
            sizes.sort_unstable();
            assert_eq!(sizes, [(village(0), 3), (village(1), 1)]);
            assert_eq!(tx.projected_sizes(&[]).await?, []);
            let row = |n, key| KeyRow { village: village(n), public_key: PublicKey([key; 32]), person: person(key) };
            tx.replace_keys(village(0), &[row(0, 1), row(0, 2)]).await?;
            tx.replace_keys(village(1), &[row(1, 1)]).await?;
            let mut sums = Vec::new();
            for key in 1..=3 {
                sums.push(tx.projected_of(PublicKey([key; 32])).await?);
            }
            assert_eq!(sums, [4, 3, 0], "all villages in which it is enrolled");
            assert_eq!((tx.state(village(0)).await?, tx.state_size(village(0)).await?), (None, None));
            tx.put_state(village(0), 2, b"two").await?;
            tx.put_state(village(0), 3, b"three").await?;
            assert_eq!(tx.state(village(0)).await?, Some((3, b"three".to_vec())));
            assert_eq!(tx.state_size(village(0)).await?, Some(3));
            tx.put_state(village(0), 2, b"two").await?;
            assert_eq!(tx.state(village(0)).await?, Some((2, b"two".to_vec())), "the last one put, whatever its size");
            assert_eq!(tx.state(village(1)).await?, None);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn what_many_villages_gained_is_noted_at_once(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (_bed, db) = db(engine).await;
    db.write("grown", |tx| {
        Box::pin(async move {
            for n in 0..2 {
                tx.set_projected(village(n), 5).await?;
                tx.put_summary(&summary(n, "黄泥墩村")).await?;
            }
            assert!(tx.move_projected(&[(village(0), 5, 7), (village(1), 5, 6)]).await?);
            assert_eq!((tx.projected(village(0)).await?, tx.projected(village(1)).await?), (7, 6));
            tx.grow_summaries(&[(village(1), time(3), 11)]).await?;
            let grown = VillageSummary { newest: time(3), size: 11, ..summary(1, "黄泥墩村") };
            assert_eq!(tx.summary(village(1)).await?, Some(grown));
            assert_eq!(tx.summary(village(0)).await?, Some(summary(0, "黄泥墩村")));
            assert!(!tx.move_projected(&[(village(0), 7, 8), (village(1), 5, 8)]).await?, "one was further");
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn matters_and_their_timeline_are_listed_in_pages(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (_bed, db) = db(engine).await;
    db.write("matters", |tx| {
        Box::pin(async move {
            // The same matter twice in one batch: the last counts, on both engines.
            tx.put_matters(&[matter(1, 2, Some(9)), matter(1, 7, Some(5)), matter(2, 5, None)]).await?;
            assert_eq!(tx.matter(village(0), matter_id(1)).await?, Some(matter(1, 7, Some(5))));
            assert_eq!(tx.matter(village(1), matter_id(1)).await?, None);
            assert_eq!(tx.matters(village(0), None, 1).await?, [matter(1, 7, Some(5))]);
            assert_eq!(tx.matters(village(0), Some(7), 9).await?, [matter(2, 5, None)]);
            assert_eq!(tx.matters_due(time(4), 9).await?, []);
            assert_eq!(tx.matters_due(time(5), 9).await?, [matter(1, 7, Some(5))]);

            let lines =
                [line(0, None, None), line(1, Some(1), None), line(2, Some(1), Some(1)), line(3, None, Some(1))];
            tx.put_timeline(&lines).await?;
            assert_eq!(tx.timeline(village(0), None, 2).await?, [lines[3].clone(), lines[2].clone()]);
            assert_eq!(tx.timeline(village(0), Some(2), 9).await?, [lines[1].clone(), lines[0].clone()]);
            assert_eq!(tx.timeline_of_matter(village(0), matter_id(1), 0, 9).await?, lines[1..3]);
            assert_eq!(tx.timeline_of_session(village(0), session_id(1), 3, 9).await?, lines[3..]);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn the_board_shows_sessions_and_notices_of_the_day(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (_bed, db) = db(engine).await;
    db.write("board", |tx| {
        Box::pin(async move {
            tx.put_board(&[session(1, 50), session(2, 60)]).await?;
            assert_eq!(tx.board(village(0), 9).await?, [session(2, 60), session(1, 50)]);
            let between = (time(50), time(60));
            for district in [None, Some(village(0).district())] {
                assert_eq!(tx.sessions_between(district, "convened", between, 9).await?, [session(1, 50)]);
                assert_eq!(tx.sessions_between(district, "ended", between, 9).await?, []);
                assert_eq!(tx.sessions_before(district, "convened", time(61), 1).await?, [session(2, 60)]);
                assert_eq!(tx.sessions_before(district, "convened", time(60), 9).await?, [session(1, 50)]);
            }
            let other = "331103".parse().ok();
            assert_eq!(tx.sessions_between(other, "convened", between, 9).await?, [], "of another district");
            assert_eq!(tx.sessions_before(other, "convened", time(61), 9).await?, []);

            let (open, closed) = (notice(1, 10, None), notice(2, 10, Some(20)));
            tx.put_notices(&[open.clone(), closed.clone()]).await?;
            assert_eq!(tx.notices(village(0), Some(time(9)), 9).await?, []);
            assert_eq!(tx.notices(village(0), Some(time(19)), 9).await?, [closed.clone(), open.clone()]);
            assert_eq!(tx.notices(village(0), Some(time(20)), 9).await?, std::slice::from_ref(&open));
            assert_eq!(tx.notices(village(0), None, 9).await?, [closed, open]);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn tasks_go_to_a_person_or_to_whoever_has_the_role(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (_bed, db) = db(engine).await;
    db.write("tasks", |tx| {
        Box::pin(async move {
            let all = [
                task("a", Some("clerk"), None, None),
                task("b", Some("clerk"), None, Some(9)),
                task("c", Some("clerk"), Some(1), Some(5)),
            ];
            tx.replace_tasks(village(0), &all).await?;
            let soonest = [all[2].clone(), all[1].clone(), all[0].clone()];
            assert_eq!(tx.tasks(village(0), 9).await?, soonest, "without a date last");
            assert_eq!(tx.tasks_for(village(0), Some(person(1)), "clerk", 9).await?, soonest);
            assert_eq!(tx.tasks_for(village(0), Some(person(2)), "clerk", 9).await?, soonest[1..]);
            assert_eq!(tx.tasks_for(village(0), Some(person(1)), "chair", 9).await?, soonest[..1]);
            assert_eq!(tx.tasks_for(village(0), None, "chair", 9).await?, []);
            assert_eq!(tx.villages_due("clerk", time(4), None, 9).await?, []);
            assert_eq!(tx.villages_due("clerk", time(9), None, 9).await?, [village(0)], "once for two tasks");
            assert_eq!(tx.villages_due("clerk", time(9), Some(village(0)), 9).await?, []);
            tx.replace_tasks(village(0), &all[..1]).await?;
            assert_eq!(tx.tasks(village(0), 9).await?, all[..1]);

            let roles = [role(1, "chair", 0, Some(10)), role(1, "clerk", 5, None), role(2, "clerk", 0, None)];
            tx.replace_people(village(0), &roles).await?;
            assert_eq!(tx.people(village(0)).await?, roles);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn entries_are_found_by_what_they_are_about(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (_bed, db) = db(engine).await;
    write_batch(&db, &[append(0, 0, &[10, 11, 12, 13])]).await.unwrap();
    db.write("about", |tx| {
        Box::pin(async move {
            let cast = TimelineRow { kind: "ballot.cast".to_owned(), ..line(2, Some(1), Some(1)) };
            tx.put_timeline(&[line(0, None, None), line(1, Some(1), None), cast, line(3, Some(1), Some(1))]).await?;
            let (matter, session) = (matter_id(1), session_id(1));
            assert_eq!(tx.count_of_matter(village(0), matter).await?, 3);
            assert_eq!(tx.count_of_matter(village(1), matter).await?, 0);
            assert_eq!(tx.entries_of_matter(village(0), matter, 9).await?, [entry(1, 11), entry(3, 13)], "no ballots");
            assert_eq!(tx.entries_of_matter(village(0), matter, 1).await?, [entry(1, 11)]);
            assert_eq!(tx.entries_of_session(village(0), session, 9).await?, [entry(3, 13)]);
            assert_eq!(tx.entries_of_kind(village(0), "ballot.cast", 9).await?, [entry(2, 12)]);
            assert_eq!(tx.entries_of_kind(village(0), "matter.filed", 1).await?, [entry(3, 13)], "the newest first");

            tx.put_board(&[session_row(1, 50, "voting"), session_row(2, 60, "voting"), session_row(3, 70, "open")])
                .await?;
            let (one, two) = (session_row(1, 50, "voting"), session_row(2, 60, "voting"));
            assert_eq!(tx.sessions_before(None, "voting", time(99), 9).await?, [two.clone(), one.clone()]);
            assert_eq!(tx.sessions_before(None, "voting", time(99), 1).await?, [two]);
            assert_eq!(tx.sessions_before(None, "voting", time(60), 9).await?, [one]);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

fn session_row(n: u8, starts: i64, status: &str) -> SessionRow {
    SessionRow { status: status.to_owned(), ..session(n, starts) }
}

#[rstest]
#[tokio::test]
async fn what_is_looked_for_in_all_villages_comes_in_order_of_code(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_bed, db) = db(engine).await;
    db.ping().await.unwrap();
    db.write("across", |tx| {
        Box::pin(async move {
            let key = |n: u64| KeyRow { village: village(n), public_key: PublicKey([7; 32]), person: person(1) };
            for n in [1, 0] {
                tx.replace_keys(village(n), &[key(n)]).await?;
                tx.put_summary(&summary(n, "丽阳村")).await?;
                let due = [TaskRow { village: village(n), ..task("a", None, None, Some(9)) }];
                tx.replace_tasks(village(n), &due).await?;
            }
            assert_eq!(tx.keys_of(PublicKey([7; 32]), 9).await?, [key(0), key(1)]);
            assert_eq!(tx.keys_of(PublicKey([7; 32]), 1).await?, [key(0)]);
            assert_eq!(tx.keys_of(PublicKey([8; 32]), 9).await?, []);
            assert_eq!(tx.summaries_after(None, 9).await?.len(), 2);
            assert_eq!(tx.summaries_after(Some(village(0)), 9).await?, [summary(1, "丽阳村")]);
            assert_eq!(tx.villages_to_do("file", time(8), None, 9).await?, [village(0), village(1)]);
            assert_eq!(tx.villages_to_do("file", time(8), Some(village(0)), 9).await?, [village(1)]);
            assert_eq!(tx.villages_to_do("file", time(9), None, 9).await?, []);
            let first = NamingRow::new(village(0), digest(9, 1), 1, &[person(1)]);
            tx.put_naming(std::slice::from_ref(&first)).await?;
            tx.put_naming(&[NamingRow::new(village(0), digest(9, 1), 2, &[person(2)])]).await?;
            assert_eq!(tx.naming(village(0), digest(9, 1)).await?, Some(first), "who named it first");
            assert_eq!(tx.naming(village(1), digest(9, 1)).await?, None);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

/// What is counted at an entry, so many days after the first.
pub fn figure(n: u64, matter: u8, seq: u64, measure: &str, code: &str, days: i64) -> FigureRow {
    FigureRow {
        village: village(n),
        matter: matter_id(matter),
        seq,
        measure: measure.to_owned(),
        code: code.to_owned(),
        time: time(days * DAY_MS),
        session: (measure == "vote").then(|| session_id(1)),
        category: if matter == 2 { "M04" } else { "M02" }.to_owned(),
        body: "representative_assembly".to_owned(),
        number: seq,
    }
}

/// Everything, or what begins with `place`, in a year and a month.
pub fn asked(place: &str, periods: &[&str]) -> Asked {
    Asked {
        place: place.to_owned(),
        periods: periods.iter().map(|&period| period.to_owned()).collect(),
        time: (time(-1), time(400 * DAY_MS)),
        category: String::new(),
        body: String::new(),
    }
}

async fn counted(db: &Db, span: u64, asked: &Asked) -> String {
    let read = db.read("figures", |tx| Box::pin(tx.figures_by_place(span, asked))).await.unwrap();
    let one = |sum: &Sum| format!("{}/{}/{}:{}:{}", sum.group, sum.measure, sum.code, sum.many, sum.number);
    read.iter().map(one).collect::<Vec<_>>().join(" ")
}

async fn put_figures(db: &Db, n: u64, matters: &[u8], rows: &[FigureRow]) {
    let matters: Vec<MatterId> = matters.iter().map(|matter| matter_id(*matter)).collect();
    let matters = &matters;
    db.write("figures", |tx| Box::pin(tx.put_figures(village(n), matters, rows))).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn figures_are_summed_by_place_and_period_and_follow_their_matters(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_bed, db) = db(engine).await;
    // The first is of September 2026, the other one of the next year.
    let first = [figure(0, 1, 3, "opened", "filing", 0), figure(0, 1, 9, "left", "proposal", 0)];
    put_figures(&db, 0, &[1], &first).await;
    put_figures(&db, 0, &[2], &[figure(0, 2, 5, "opened", "ended", 200)]).await;
    put_figures(&db, 1, &[1], &[figure(1, 1, 7, "opened", "filing", 0), figure(1, 1, 9, "left", "proposal", 0)]).await;
    let all = asked("", &["2026", "2027"]);
    let district = "331102/left/proposal:2:18 331102/opened/ended:1:5 331102/opened/filing:2:10";
    assert_eq!(counted(&db, 6, &all).await, district);
    assert_eq!(counted(&db, 9, &all).await, district.replace("331102/", "331102001/"));
    assert_eq!(
        counted(&db, 12, &asked("331102001001", &["2026"])).await,
        "331102001001/left/proposal:1:9 331102001001/opened/filing:1:7"
    );
    assert_eq!(counted(&db, 6, &asked("", &["2026-09", "2027-04"])).await, district);
    assert_eq!(counted(&db, 6, &asked("", &["2026-10", "2025"])).await, "");
    assert_eq!(counted(&db, 6, &asked("3312", &["2026"])).await, "");
    assert_eq!(counted(&db, 6, &asked("", &[])).await, "");
    let of = Asked { category: "M04".to_owned(), ..all.clone() };
    assert_eq!(counted(&db, 6, &of).await, "331102/opened/ended:1:5");
    let of = Asked { body: "members_assembly".to_owned(), ..all.clone() };
    assert_eq!(counted(&db, 6, &of).await, "");
    let categories = db.read("figures", |tx| Box::pin(tx.figures_by_category(6, &all))).await.unwrap();
    let days: Vec<(&str, u64, u64)> = categories
        .iter()
        .filter(|sum| sum.measure == "left")
        .map(|sum| (sum.group.as_str(), sum.days, sum.many))
        .collect();
    assert_eq!(days, [("M02", 9, 2)]);

    // The matter moves on: what it counted as before is gone, also from its period. The same again changes nothing.
    let moved = [figure(0, 1, 3, "opened", "ballot", 0), figure(0, 1, 9, "left", "proposal", 0)];
    for _ in 0..2 {
        put_figures(&db, 0, &[1], &moved).await;
        let now = "331102/left/proposal:2:18 331102/opened/ballot:1:3 331102/opened/ended:1:5 331102/opened/filing:1:7";
        assert_eq!(counted(&db, 6, &all).await, now);
    }
    put_figures(&db, 0, &[1, 2], &[]).await;
    assert_eq!(counted(&db, 6, &all).await, "331102/left/proposal:1:9 331102/opened/filing:1:7");
    db.write("clear", |tx| Box::pin(tx.clear_derived(village(1)))).await.unwrap();
    let rows = db.read("rows", |tx| Box::pin(tx.derived_rows())).await.unwrap();
    assert!(rows["figures"].is_empty() && rows["figure_sums"].is_empty(), "{:?}", rows["figure_sums"]);
}

#[rstest]
#[tokio::test]
async fn the_matters_behind_a_figure_are_listed_in_pages(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (_bed, db) = db(engine).await;
    let rows = [
        figure(0, 1, 3, "opened", "filing", 0),
        figure(0, 2, 3, "opened", "ended", 0),
        figure(0, 1, 9, "left", "proposal", 0),
        figure(0, 2, 8, "left", "proposal", 50),
    ];
    put_figures(&db, 0, &[1, 2], &rows).await;
    let other = figure(1, 1, 9, "left", "proposal", 0);
    put_figures(&db, 1, &[1], std::slice::from_ref(&other)).await;
    db.read("listed", |tx| {
        let (rows, other) = (rows.clone(), other.clone());
        Box::pin(async move {
            let all = asked("", &["2026"]);
            let left = ("left", "proposal");
            let [of_one, of_two] = [rows[2].clone(), rows[3].clone()];
            let whole = [of_two.clone(), of_one.clone(), other.clone()];
            assert_eq!(tx.figures_listed(&all, left, None, 9).await?, whole, "by village and entry");
            let (mut after, mut paged) = (None, Vec::new());
            while let Some(row) = tx.figures_listed(&all, left, after.as_ref(), 1).await?.pop() {
                after = Some(Listed { village: row.village, seq: row.seq, matter: row.matter });
                paged.push(row);
            }
            assert_eq!(paged, whole);
            let early = Asked { time: (time(0), time(DAY_MS)), ..all.clone() };
            assert_eq!(tx.figures_listed(&early, left, None, 9).await?, [of_one.clone(), other.clone()]);
            let of = Asked { category: "M04".to_owned(), ..all.clone() };
            assert_eq!(tx.figures_listed(&of, left, None, 9).await?, std::slice::from_ref(&of_two));
            assert_eq!(
                tx.figures_listed(&asked("331102001001", &[]), left, None, 9).await?,
                std::slice::from_ref(&other)
            );
            assert_eq!(tx.figures_listed(&all, ("left", "filing"), None, 9).await?, []);
            assert_eq!(tx.figures_listed(&all, ("opened", ""), None, 9).await?, rows[..2], "of any code");
            assert_eq!(tx.figures_listed(&all, ("opened", "underway"), None, 9).await?, rows[..1]);
            assert_eq!(tx.figure_of_days(&all, "proposal", 9).await?, Some(of_one));
            assert_eq!(tx.figure_of_days(&asked("331102001001", &[]), "proposal", 9).await?, Some(other));
            assert_eq!(tx.figure_of_days(&early, "proposal", 8).await?, None);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

fn warning(n: u64, name: &str, rank: u64, from: i64, personal: bool) -> WarningRow {
    WarningRow {
        village: village(n),
        warning: name.to_owned(),
        rule: name.split('/').next().unwrap_or_default().to_owned(),
        rank,
        personal,
        matter: Some(matter_id(1)),
        session: None,
        question: Some("q1".to_owned()),
        stands_from: time(from),
        entries: "[3,4]".to_owned(),
        number: 3,
        whole: 45,
    }
}

/// An inspector serves in villages 0 and 1, a township official in 0, a clerk in 0; village 2 has another inspector.
async fn watched(db: &Db) {
    let official = |n: u64, who: u8, name: &str| RoleRow { village: village(n), ..role(who, name, 0, Some(100)) };
    let holds = |n: u64, who: u8| KeyRow { village: village(n), public_key: PublicKey([who; 32]), person: person(who) };
    let roles = [
        vec![official(0, 1, "discipline_inspector"), official(0, 2, "township_approver"), official(0, 3, "clerk")],
        vec![official(1, 1, "discipline_inspector")],
        vec![official(2, 4, "discipline_inspector")],
    ];
    let keys = [vec![holds(0, 1), holds(0, 2), holds(0, 3)], vec![holds(1, 1)], vec![holds(2, 4)]];
    let warnings = [
        vec![
            warning(0, "stalled/a", 3, 5, false),
            warning(0, "overpaid/b", 1, 9, false),
            warning(0, "keys_renewed/c", 2, 1, true),
        ],
        vec![warning(1, "stalled/a", 3, 4, false), warning(1, "stalled/d", 3, 50, false)],
        vec![warning(2, "overpaid/b", 1, 1, false)],
    ];
    db.write("watched", |tx| {
        let (roles, keys, warnings) = (roles.clone(), keys.clone(), warnings.clone());
        Box::pin(async move {
            for (n, ((roles, keys), warnings)) in (0..).zip(roles.iter().zip(&keys).zip(&warnings)) {
                tx.replace_people(village(n), roles).await?;
                tx.replace_keys(village(n), keys).await?;
                tx.replace_warnings(village(n), warnings).await?;
            }
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_place_has_its_warnings_in_order_and_none_about_persons(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    watched(&db).await;
    db.read("warnings_in", |tx| {
        Box::pin(async move {
            let names = |rows: Vec<WarningRow>| {
                rows.into_iter().map(|row| format!("{} {}", row.village, row.warning)).collect::<Vec<_>>()
            };
            let [first, second, third] = [village(0), village(1), village(2)].map(|code| code.to_string());
            let (one, own) = (first.as_str(), [format!("{first} overpaid/b"), format!("{first} stalled/a")]);
            assert_eq!(names(tx.warnings_in(one, time(10), None, 9).await?), own, "not what is about persons");
            assert_eq!(names(tx.warnings_in(one, time(8), None, 9).await?), own[1..], "not what doesn't stand yet");
            let all = [&own[..], &[format!("{second} stalled/a"), format!("{third} overpaid/b")]].concat();
            assert_eq!(names(tx.warnings_in(&one[..6], time(10), None, 9).await?), all);
            let after = Some((village(0), "stalled/a"));
            assert_eq!(names(tx.warnings_in(&one[..6], time(10), after, 1).await?), all[2..3]);
            assert!(tx.warnings_in("999999", time(10), None, 9).await?.is_empty());
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn warnings_are_seen_by_who_watches_a_village_and_those_about_persons_by_inspectors(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    watched(&db).await;
    db.read("warnings", |tx| {
        Box::pin(async move {
            let key = |who: u8| PublicKey([who; 32]);
            let mut seen = Vec::new();
            for (who, now) in [(1, 10), (2, 10), (3, 10), (4, 10), (1, 4), (1, 100)] {
                let rows = tx.warnings_for(key(who), time(now), None, None, 9).await?;
                let rows = rows.into_iter().map(|row| (row.village == village(0), row.warning)).collect::<Vec<_>>();
                seen.push(
                    rows.iter()
                        .map(|(first, name)| format!("{}{name}", u8::from(!first)))
                        .collect::<Vec<_>>()
                        .join(" "),
                );
            }
            assert_eq!(
                seen,
                [
                    "0overpaid/b 0keys_renewed/c 1stalled/a 0stalled/a",
                    "0overpaid/b 0stalled/a",
                    "",
                    "1overpaid/b",
                    "0keys_renewed/c 1stalled/a",
                    "",
                ]
            );
            let one = tx.warnings_for(key(1), time(10), Some("stalled"), None, 9).await?;
            assert_eq!(
                one.iter().map(|row| row.village).collect::<Vec<_>>(),
                [village(1), village(0)],
                "the oldest first"
            );
            assert_eq!(one[1], warning(0, "stalled/a", 3, 5, false));
            let counted = tx.warnings_counted(key(1), time(10)).await?;
            let counted: Vec<(&str, u64)> = counted.iter().map(|(rule, many)| (rule.as_str(), *many)).collect();
            assert_eq!(counted, [("keys_renewed", 1), ("overpaid", 1), ("stalled", 2)]);
            // Page by page the same rows, each once.
            let (mut after, mut paged) = (None, Vec::new());
            loop {
                let page = tx.warnings_for(key(1), time(10), None, after.as_ref(), 1).await?;
                let Some(row) = page.into_iter().next() else { break };
                after = Some(After {
                    rank: row.rank,
                    from: row.stands_from,
                    village: row.village,
                    warning: row.warning.clone(),
                });
                paged.push(row);
            }
            assert_eq!(paged, tx.warnings_for(key(1), time(10), None, None, 9).await?);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_villages_warnings_are_replaced_by_those_that_stand(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    watched(&db).await;
    db.write("replace", |tx| {
        Box::pin(async move {
            tx.replace_warnings(village(0), &[warning(0, "stalled/a", 3, 6, false)]).await?;
            let rows = tx.warnings_for(PublicKey([1; 32]), time(10), None, None, 9).await?;
            let rows: Vec<_> = rows.iter().map(|row| (row.village, row.stands_from)).collect();
            assert_eq!(rows, [(village(1), time(4)), (village(0), time(6))]);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[rstest]
#[tokio::test]
async fn what_officials_note_about_a_warning_is_added_and_the_last_holds(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let bed = Bed::new(engine).await;
    let db = bed.open().await;
    watched(&db).await;
    db.write("notes", |tx| {
        Box::pin(async move {
            let note = |who: u8, noted: i64, words: &str| WarningNote {
                village: village(0),
                warning: "stalled/a".to_owned(),
                noted: time(noted),
                person: person(who),
                role: "township_approver".to_owned(),
                words: words.to_owned(),
            };
            assert_eq!(tx.warning_note(village(0), "stalled/a").await?, None);
            assert!(tx.add_warning_note(&note(2, 6, "已约谈")).await?);
            assert!(tx.add_warning_note(&note(1, 8, "已开工")).await?);
            assert!(!tx.add_warning_note(&note(1, 8, "别的")).await?, "nothing is written over");
            assert_eq!(tx.warning_note(village(0), "stalled/a").await?, Some(note(1, 8, "已开工")));
            assert_eq!(tx.warning_note(village(1), "stalled/a").await?, None);
            let key = |who: u8| PublicKey([who; 32]);
            for (who, now, name, sees) in [
                (1, 10, "stalled/a", true),
                (2, 10, "stalled/a", true),
                (2, 4, "stalled/a", false),
                (2, 10, "keys_renewed/c", false),
                (1, 10, "keys_renewed/c", true),
                (3, 10, "stalled/a", false),
                (4, 10, "stalled/a", false),
            ] {
                assert_eq!(
                    tx.seen_warning(key(who), time(now), village(0), name).await?.is_some(),
                    sees,
                    "{who} {now} {name}"
                );
            }
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
}

//! Lists and search over all villages: right, and with a plan that reads what it shows and not every village.

use rstest::rstest;
use sqlx::Connection as _;
use sunvote::core::ids::{MatterId, VillageCode};
use sunvote::store::db::{Db, Options};
use sunvote::store::error::StoreError;
use sunvote::store::outbox::Last;
use sunvote::store::places::{Found, Sums};
use sunvote::store::plans::{Planned, Plans};
use sunvote::store::projection::VillageSummary;
use sunvote::store::steps::Before;
use sunvote::store::tx::Tx;

use crate::bed::{Bed, Engine, patient, time, village};
use crate::derived::{asked, db, summary};

fn at(code: &str, name: &str) -> VillageSummary {
    let village: VillageCode = code.parse().unwrap();
    VillageSummary { village, township: village.township(), ..summary(1, name) }
}

async fn put(db: &Db, summaries: Vec<VillageSummary>) {
    let summaries = &summaries;
    let put: Result<(), StoreError> = db
        .write("summaries", |tx| {
            Box::pin(async move {
                for summary in summaries {
                    tx.put_summary(summary).await?;
                }
                Ok(())
            })
        })
        .await;
    put.unwrap();
}

async fn found(db: &Db, part: &str) -> String {
    let villages = db.read("search", |tx| Box::pin(tx.search(part, None, 10))).await.unwrap();
    villages.into_iter().map(|(_, village)| village.name).collect::<Vec<_>>().join(" ")
}

#[rstest]
#[tokio::test]
async fn villages_are_found_by_any_part_of_their_name(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (_bed, db) = db(engine).await;
    put(&db, vec![summary(0, "黄泥墩村"), summary(1, "黄泥村"), summary(2, "下黄村")]).await;
    assert_eq!(found(&db, "黄泥").await, "黄泥墩村 黄泥村");
    assert_eq!(found(&db, "黄").await, "下黄村 黄泥墩村 黄泥村", "by what follows");
    assert_eq!(found(&db, "墩").await, "黄泥墩村");
    assert_eq!(found(&db, "村").await, "黄泥墩村 黄泥村 下黄村");
    assert_eq!(found(&db, "泥黄").await, "");
    assert_eq!(found(&db, "%").await, "", "no character means another");
    assert_eq!(found(&db, "").await, "");
    put(&db, vec![summary(2, "丽阳村")]).await;
    assert_eq!(found(&db, "下黄").await, "", "a former name is not found");
    assert_eq!(found(&db, "丽阳").await, "丽阳村");
}

#[rstest]
#[tokio::test]
async fn a_search_goes_on_where_its_page_ended(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (_bed, db) = db(engine).await;
    put(&db, (0..7).map(|n| summary(n, if n == 3 { "新田村" } else { "上新村" })).collect()).await;
    let (mut after, mut pages): (Option<Found>, Vec<Vec<VillageCode>>) = (None, Vec::new());
    loop {
        let from = after.as_ref();
        let page = db.read("search", |tx| Box::pin(tx.search("新", from, 3))).await.unwrap();
        let Some((last, _)) = page.last() else { break };
        after = Some(last.clone());
        pages.push(page.into_iter().map(|(found, _)| found.village).collect());
    }
    let villages = |numbers: &[u64]| numbers.iter().map(|n| village(*n)).collect::<Vec<_>>();
    assert_eq!(pages, [villages(&[0, 1, 2]), villages(&[4, 5, 6]), villages(&[3])]);
}

#[rstest]
#[tokio::test]
async fn places_sum_up_their_villages(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (_bed, db) = db(engine).await;
    let all = ["161201101200", "161201101201", "161201102200", "161302101200", "170101101200"];
    put(&db, all.iter().map(|code| at(code, "甲村")).collect()).await;
    let names = [("16", "例甲省"), ("1612", "例乙市")].map(|(code, name)| (code.to_owned(), name.to_owned()));
    db.write("places", |tx| Box::pin(tx.put_places(&names))).await.unwrap();
    let listed = |place: &'static str| {
        let db = db.clone();
        async move {
            let rows = db.read("places", |tx| Box::pin(tx.places_in(place))).await.unwrap();
            rows.into_iter().map(|row| (row.code, row.name, row.sums.villages)).collect::<Vec<_>>()
        }
    };
    let row = |code: &str, name: Option<&str>, villages| (code.to_owned(), name.map(str::to_owned), villages);
    assert_eq!(listed("").await, [row("16", Some("例甲省"), 4), row("17", None, 1)]);
    assert_eq!(listed("16").await, [row("1612", Some("例乙市"), 3), row("1613", None, 1)]);
    assert_eq!(listed("1612").await, [row("161201", None, 3)]);
    assert_eq!(listed("18").await, []);
    db.read("check", |tx| {
        Box::pin(async move {
            let townships = tx.townships("161201", None, 9).await?;
            let one = Sums { villages: 1, open: 17, ballot: 1, finished: 7, warnings: 1 };
            let two = Sums { villages: 2, open: 34, ballot: 2, finished: 14, warnings: 2 };
            assert_eq!([townships[0].sums, townships[1].sums], [two, one]);
            assert_eq!((townships.len(), townships[0].code.as_str()), (2, "161201101"));
            assert_eq!(townships[0].name.as_deref(), Some("黄村乡"));
            let after = tx.townships("", "161201101".parse().ok(), 1).await?;
            assert_eq!(after[0].code, "161201102");
            assert_eq!(tx.summaries("161201101".parse().unwrap()).await?.len(), 2);
            let district = tx.summaries_of("161201".parse().unwrap(), 2).await?;
            assert_eq!(district.last().map(|summary| summary.village), "161201101201".parse().ok());
            let names = tx.place_names(&["1612".to_owned(), "99".to_owned()]).await?;
            assert_eq!(names.into_iter().collect::<Vec<_>>(), [("1612".to_owned(), "例乙市".to_owned())]);
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();

    // What changes is taken out and put in; what is emptied is gone.
    let changed = VillageSummary { ballot: 5, finished: 9, ..at("161201101200", "甲村") };
    put(&db, vec![changed.clone(), changed]).await;
    let sums = db.read("places", |tx| Box::pin(tx.places_in("1612"))).await.unwrap()[0].sums;
    assert_eq!(sums, Sums { villages: 3, open: 17 * 3 + 4, ballot: 7, finished: 23, warnings: 3 });
    for code in &all[..3] {
        let village = code.parse().unwrap();
        db.write("clear", |tx| Box::pin(tx.clear_derived(village))).await.unwrap();
    }
    assert_eq!(listed("16").await, [row("1613", None, 1)]);
}

/// Rows in every table that grows with the villages, put there as they are: only plans are looked at.
const FILL: [&str; 15] = [
    "INSERT INTO villages (village, origin, size, frontier, last_time, last_leaf, published) \
     SELECT CAST(i AS TEXT), 'o/' || CAST(i AS TEXT), 1, EMPTY, 0, EMPTY, 1 FROM n",
    "INSERT INTO village_summary (village, township, name, suggestion, proposal, consultation, filing, ballot, supervision, \
     finished, warnings, newest, size) \
     SELECT CAST(i AS TEXT), substr(CAST(i AS TEXT), 1, 9), '新村', 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 FROM n",
    "INSERT INTO search_names (ending, village) \
     SELECT '新村', CAST(i AS TEXT) FROM n UNION ALL SELECT '村', CAST(i AS TEXT) FROM n",
    "INSERT INTO tasks (village, task, kind, role, due, since_seq) \
     SELECT CAST(i AS TEXT), 't', 'k' || CAST(i % 40 AS TEXT), 'r' || CAST(i % 20 AS TEXT), i, 0 FROM n",
    "INSERT INTO sessions_board (village, session, body, starts_at, status, updated_seq) \
     SELECT CAST(i AS TEXT), 's', 'b', i, 's' || CAST(i % 5 AS TEXT), 0 FROM n",
    "INSERT INTO checkpoints (village, size, note) SELECT CAST(i AS TEXT), 1, EMPTY FROM n",
    "INSERT INTO people (village, person, role, since_seq, valid_from) \
     SELECT CAST(i AS TEXT), '01ARZ3NDEKTSV4RRFFQ69G5FAV', 'clerk', 0, 0 FROM n",
    "INSERT INTO districts (district, origin, size, frontier, restored) \
     SELECT DISTINCT substr(CAST(i AS TEXT), 1, 6), 'o', 0, EMPTY, 0 FROM n",
    "INSERT INTO district_leaves (district, seq, time, village, size, leaf, bytes) \
     SELECT substr(CAST(i AS TEXT), 1, 6), i, 0, CAST(i AS TEXT), CASE WHEN i % 1000000 = 101200 THEN NULL ELSE 1 END, EMPTY, \
     EMPTY FROM n",
    "INSERT INTO steps (village, seq, time, kind, matter) SELECT CAST(i AS TEXT), 1, i, 'k', NULL FROM n",
    "INSERT INTO matter_steps (village, matter, seq) SELECT CAST(i AS TEXT), '01ARZ3NDEKTSV4RRFFQ69G5FAV', 1 FROM n",
    "INSERT INTO outbox (channel, destination, village, seq, kind, made, next_at, attempts) \
     SELECT 'webhook', 'd' || CAST(i % 20 AS TEXT), CAST(i AS TEXT), 1, 'k', i, CASE WHEN i % 1000000 = 101200 THEN i ELSE NULL END, 0 FROM n",
    "INSERT INTO outbox_marks (village, queued, known) \
     SELECT CAST(i AS TEXT), 1, CASE WHEN i % 1000000 = 101200 THEN 2 ELSE 1 END FROM n",
    "INSERT INTO figures (village, matter, seq, measure, code, time, category, body, number) \
     SELECT CAST(i AS TEXT), 'm', 1, 'left', 's' || CAST(i % 6 AS TEXT), i, 'M02', 'b', i % 90 FROM n",
    "INSERT INTO figure_sums (span, period, place, measure, code, category, body, days, many, number) \
     SELECT 12, '2026', CAST(i AS TEXT), 'left', 's1', 'M02', 'b', 1, 1, 1 FROM n UNION ALL \
     SELECT 12, '2025', CAST(i AS TEXT), 'left', 's1', 'M02', 'b', 1, 1, 1 FROM n",
];

async fn fill(bed: &Bed, engine: Engine) {
    for sql in FILL {
        let numbers = "WITH RECURSIVE n (i) AS \
                       (SELECT 161201101200 UNION ALL SELECT i + 50000 FROM n WHERE i < 162201101200)";
        let empty = if engine == Engine::Sqlite { "zeroblob(32)" } else { "decode(repeat('00', 32), 'hex')" };
        let sql = format!("{numbers} {}", sql.replace("EMPTY", empty));
        execute(bed, engine, sql).await;
    }
    if engine == Engine::Postgres {
        execute(bed, engine, "ANALYZE".to_owned()).await;
    }
}

async fn execute(bed: &Bed, engine: Engine, sql: String) {
    let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(sql));
    match engine {
        Engine::Sqlite => {
            let mut connection = sqlx::SqliteConnection::connect(&bed.url).await.unwrap();
            sql.execute(&mut connection).await.unwrap();
        }
        Engine::Postgres => {
            let mut connection = sqlx::PgConnection::connect(&bed.url).await.unwrap();
            sql.execute(&mut connection).await.unwrap();
        }
    }
}

/// Lines of a plan that read a whole table or index. What grows with the districts alone may be read, and an index of
/// nothing but villages not yet listed.
fn whole_reads(engine: Engine, planned: &Planned) -> Vec<String> {
    let small = [
        "district_sums",
        "places",
        "districts",
        "s\n",
        "villages USING INDEX villages_unlisted",
        "villages_unlisted on villages",
    ];
    let mut whole = Vec::new();
    for (at, line) in planned.plan.iter().enumerate() {
        let (reads, bounded) = match engine {
            Engine::Sqlite => (line.starts_with("SCAN "), false),
            Engine::Postgres => {
                let next = planned.plan.get(at + 1).is_some_and(|next| next.contains("Index Cond"));
                (line.contains(" Scan on ") || line.contains(" Scan using "), next)
            }
        };
        let is_small = small.iter().any(|table| format!("{line}\n").contains(&format!(" {table}")));
        if reads && !bounded && !is_small && !line.contains("Bitmap Heap Scan") && !line.contains("Subquery Scan") {
            whole.push(format!("{} -- {line}", planned.sql));
        }
    }
    whole
}

async fn look_at_everything(db: &Db) {
    let village: VillageCode = "161201101250".parse().unwrap();
    let (district, township) = (village.district(), village.township());
    let looked: Result<(), StoreError> = db
        .read("lists", |tx| {
            Box::pin(async move {
                let found = Found { ending: "村".to_owned(), village };
                tx.search("村", None, 60).await?;
                tx.search("村", Some(&found), 60).await?;
                tx.townships("161201", None, 500).await?;
                tx.townships("", Some(township), 500).await?;
                tx.places_in("").await?;
                tx.summaries(township).await?;
                tx.summaries_of(district, 2_000).await?;
                tx.summaries_after(Some(village), 200).await?;
                for district in [None, Some(district)] {
                    tx.sessions_before(district, "s1", time(0), 40).await?;
                    tx.sessions_between(district, "s1", (time(-9), time(9)), 40).await?;
                }
                tx.villages_due("r1", time(0), Some(village), 500).await?;
                tx.villages_to_do("k1", time(0), Some(village), 500).await?;
                tx.next_unpublished(Some(village)).await?;
                tx.unpublished(district, 2_000).await?;
                tx.unlisted(200).await?;
                tx.heads(Some(village), 200).await?;
                tx.keys_and_releases(district).await?;
                tx.some_districts(33).await?;
                tx.newest_published_within(village, 9).await?;
                tx.people(village).await?;
                look_at_steps(tx, village).await?;
                for place in ["161201", "161201101250"] {
                    let asked = asked(place, &["2025", "2026-11"]);
                    tx.figures_by_place(12, &asked).await?;
                    tx.figures_by_category(12, &asked).await?;
                    tx.figures_listed(&asked, ("left", "s1"), None, 25).await?;
                    tx.figures_listed(&asked, ("left", ""), None, 25).await?;
                    tx.figure_of_days(&asked, "s1", 89).await?;
                }
                tx.summary(village).await.map(|_| ())
            })
        })
        .await;
    looked.unwrap();
}

/// What feeds read, and what is looked for every second to be sent.
async fn look_at_steps(tx: &mut Tx<'_>, village: VillageCode) -> Result<(), StoreError> {
    let before = Before { time: time(0), village, seq: 1 };
    let last = Last { made: time(0), village, seq: 1, channel: String::new(), destination: String::new() };
    for (before, last) in [(None, None), (Some(before), Some(last))] {
        tx.steps(before, 51).await?;
        tx.steps_of_village(village, before.map(|before| before.seq), 51).await?;
        tx.steps_of_matter(village, MatterId::from_bytes([1; 16]), before.map(|before| before.seq), 51).await?;
        tx.messages(village.district(), last.as_ref(), 26).await?;
    }
    tx.steps_between(village, (0, 9), 500).await?;
    tx.outgoing("webhook", "d1", time(0), 20).await?;
    tx.marks_behind(Some(village), 200).await.map(|_| ())
}

/// Parts of queries that other indexes serve as well, by reading on and on, and the index that ends where the answer does.
const INDEXES: [(&str, &str); 13] = [
    ("FROM tasks WHERE role", "tasks_role_due"),
    ("FROM tasks WHERE kind", "tasks_kind_due"),
    ("WHERE substr(village, 1, 6)", "sessions_board_district"),
    ("FROM sessions_board WHERE status", "sessions_board_status"),
    ("FROM village_summary WHERE township >", "village_summary_township"),
    ("FROM district_leaves WHERE district = $1 AND size IS NULL", "district_leaves_keys"),
    ("FROM villages v JOIN checkpoints", "villages_unpublished"),
    ("FROM villages WHERE size > published", "villages_unpublished"),
    ("FROM steps WHERE (time, village, seq) <", "steps_time"),
    ("FROM outbox WHERE channel", "outbox_next"),
    ("FROM outbox WHERE substr(village, 1, 6)", "outbox_district"),
    ("FROM outbox_marks WHERE known > queued", "outbox_marks_behind"),
    ("FROM figures WHERE measure = $1 AND code = $2", "figures_listed"),
];

/// What is run for lists and search, for the jobs of every second, and for the publication: with so many rows that a plan
/// matters, none of it reads a whole table.
#[rstest]
#[tokio::test]
async fn no_list_reads_every_village(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let bed = Bed::new(engine).await;
    bed.open().await.close().await;
    fill(&bed, engine).await;
    let plans = Plans::noting();
    let db = bed.open_with(Options { plans: plans.clone(), ..patient() }).await;
    look_at_everything(&db).await;
    let noted = plans.noted();
    assert!(noted.len() > 20, "{}", noted.len());
    for (part, index) in INDEXES {
        let used =
            |planned: &&Planned| planned.sql.contains(part) && planned.plan.iter().any(|line| line.contains(index));
        assert!(noted.iter().any(|planned| used(&planned)), "{part} does not use {index}: {noted:#?}");
    }
    let whole: Vec<String> = noted.iter().flat_map(|planned| whole_reads(engine, planned)).collect();
    assert!(whole.is_empty(), "{}", whole.join("\n"));
}

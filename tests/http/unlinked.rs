//! After a secret vote on paper, held through the real server, database, files and photographs together lead from no voter to a paper: nothing
//! kept says which paper somebody had, when a paper came out of the box, or what stood on it (PROTOCOL 8).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use reqwest::Method;
use serde_json::Value;
use sqlx::{Connection as _, SqliteConnection};
use sunvote::app::album::album as make_album;
use sunvote::app::forms::draft::{Drafted, newest_key};
use sunvote::app::forms::{About, Actor, Values};
use sunvote::app::projection::catch_up;
use sunvote::core::act::Kind;
use sunvote::core::clock::MINUTE_MS;
use sunvote::core::defaults::profiles;
use sunvote::core::ids::VillageCode;
use sunvote::core::model::{Category, Doc, Level, Mode, Role};
use sunvote::log::entry::Entry;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::voting::Vote;
use sunvote::store::schema::TABLES;

use crate::count::{Hall, encoded, photo};
use crate::harness::{TestServer, VILLAGE};
use crate::told::{ASSEMBLY, village};

/// The first number on the stubs: four digits that nothing else has.
const FIRST_STUB: u32 = 7_301;
/// Who is handed a paper, each at a minute of its own.
const VOTERS: u32 = 12;

/// Every table's rows, each as the texts of its columns.
type Rows = BTreeMap<String, BTreeSet<String>>;

/// Thirty in a hall who vote in secret; the vote is open.
fn secret() -> (Scribe, Vote) {
    let (mut scribe, vote) = to_be_secret();
    scribe.open_vote(&vote).expect("open");
    (scribe, vote)
}

/// The same, before the vote is opened.
pub fn to_be_secret() -> (Scribe, Vote) {
    let mut scribe = village();
    let mut profile = profiles().into_iter().find(|profile| profile.body == ASSEMBLY).expect("a profile");
    (profile.version, profile.mode) = (profile.version + 1, Mode::PaperSecret);
    scribe.adopt(profile).expect("a profile in force");
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).expect("a ballot");
    let session = scribe.gather(ASSEMBLY, &[matter], 30).expect("a session");
    let vote = Vote::on(session, matter, "q1").expect("a question");
    (scribe, vote)
}

async fn texts(database: &mut SqliteConnection, sql: &str) -> Vec<String> {
    let rows: Vec<(Vec<u8>,)> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql.to_owned())).fetch_all(database).await.expect(sql);
    rows.into_iter().map(|(text,)| String::from_utf8_lossy(&text).into_owned()).collect()
}

/// All that a database holds, whatever the tables are called.
async fn all_rows(url: &str) -> Rows {
    let mut database = SqliteConnection::connect(url).await.expect("the database");
    let tables = texts(&mut database, "SELECT CAST(name AS BLOB) FROM sqlite_schema WHERE type = 'table'").await;
    let mut rows = Rows::new();
    for table in tables {
        let columns =
            texts(&mut database, &format!("SELECT CAST(name AS BLOB) FROM pragma_table_info('{table}')")).await;
        let columns = columns.iter().map(|name| format!("hex(CAST(COALESCE(\"{name}\", '') AS BLOB))"));
        let sql = format!("SELECT CAST({} AS BLOB) FROM \"{table}\"", columns.collect::<Vec<_>>().join(" || ',' || "));
        let found = texts(&mut database, &sql).await;
        rows.insert(table, found.iter().map(|row| readable(row)).collect());
    }
    database.close().await.expect("closed");
    rows
}

/// Columns in hex as the text that their bytes are.
fn readable(row: &str) -> String {
    let column = |hex_text: &str| String::from_utf8_lossy(&hex::decode(hex_text).expect("hex")).into_owned();
    row.split(',').map(column).collect::<Vec<_>>().join("\u{1f}")
}

/// What a later state holds that an earlier one didn't.
fn added(before: &Rows, after: &Rows) -> Vec<(String, String)> {
    let none = BTreeSet::new();
    let new = after.iter().flat_map(|(table, rows)| {
        let old = before.get(table).unwrap_or(&none);
        rows.difference(old).map(|row| (table.clone(), row.clone()))
    });
    new.collect()
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), std::fs::read(&path).expect("a file"));
        }
    }
    found
}

/// The statements of the village, as values.
async fn statements(hall: &Hall) -> Vec<Value> {
    let village = VILLAGE.parse().expect("a code");
    let read = hall.server.app.db().read("entries", |tx| Box::pin(tx.entries(village, 0, 10_000))).await;
    let payload = |bytes: &[u8]| Entry::parse(bytes).expect("an entry").statement.payload;
    let stored = read.expect("entries");
    stored.iter().map(|entry| serde_json::from_slice(&payload(&entry.bytes)).expect("JSON")).collect()
}

/// Whether a value names single voters: a member `voter` or `voters` somewhere in it.
fn names_voters(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(name, inner)| name.starts_with("voter") || names_voters(inner)),
        Value::Array(items) => items.iter().any(names_voters),
        _ => false,
    }
}

/// Whether a value says how many or who chose an option.
fn names_choices(value: &Value) -> bool {
    ["choice", "counts", "winner", "in_box"].iter().any(|name| value.get(name).is_some())
}

#[tokio::test]
async fn nothing_that_is_kept_leads_from_a_voter_to_a_paper() {
    let (mut scribe, vote) = secret();
    let server = TestServer::new().with_real_people().at(scribe.now()).with_village(scribe.clone());
    let url = server.database();
    let folder = Path::new(url.trim_start_matches("sqlite:")).parent().expect("a folder").to_owned();
    let hall = Hall::on(server.start().await, scribe.clone(), vote.clone()).await;

    // Stubs are printed, and each voter draws a paper, at a minute that is known.
    let clerk = hall.enter(scribe.clerk()).await;
    let run = format!("/v/{VILLAGE}/s/{}/ballots/{}/q1/file?count=15&first={FIRST_STUB}", vote.session, vote.matter);
    let printed = hall.server.request(Method::GET, &run).header("cookie", &clerk.cookie).send().await;
    assert_eq!(printed.expect("an answer").status(), 200);
    for voter in 1..=VOTERS {
        scribe.wait_minutes(1);
        hall.server.clock.set(scribe.now());
        let issued = scribe.sign_papers(&vote, &[voter]).expect("signed");
        hall.server.app.submit(VILLAGE.parse().expect("a code"), issued.envelope, None).await.expect("handed out");
    }
    let closes_at = scribe.voting(&vote).expect("the vote").opening.closes_at;
    hall.server.clock.set(closes_at.plus_ms(MINUTE_MS));
    while hall.server.app.run_due().await.expect("a round") > 0 {}
    // What the record has been is in the tables, so that what comes from here on is the counting's.
    let app = &hall.server.app;
    catch_up(app.db(), app.vault(), app.lives()).await.expect("caught up");
    let (closed, kept) = (all_rows(&url).await, files(&folder));

    // The box is opened: both say what they found, differ, and settle it. Each paper is photographed.
    let photos: Vec<Vec<u8>> = (0..12).map(|nth| photo(nth * 20)).collect();
    let (status, album) = hall.photographs(&hall.counter, &photos).await;
    assert_eq!(status, 201, "{album}");
    hall.says(&hall.counter, [12, 7, 4, 0, 1]).await;
    hall.says(&hall.scrutineer, [12, 8, 3, 0, 1]).await;
    let figures = "in_box=12&counts.for=8&counts.against=3&counts.abstain=0&invalid.several=1";
    hall.sends(&hall.counter, &hall.path(), &format!("{figures}&photos={}", encoded(&format!("[{album}]")))).await;
    let told = all_rows(&url).await;
    let new: Vec<_> = added(&closed, &told).into_iter().filter(|(table, _)| table != "sessions").collect();
    let tables: Vec<&str> = new.iter().map(|(table, _)| table.as_str()).collect();
    let rows = "a row each time somebody says what was found, one for all photographs, none for a paper";
    assert_eq!(tables, ["documents", "paper_counts", "paper_counts", "paper_counts"], "{rows}: {new:?}");
    for (_, row) in &new[1..] {
        let figures = row.split('\u{1f}').find(|column| column.starts_with('{')).expect("figures");
        let figures: Value = serde_json::from_str(figures).expect("JSON");
        let members: Vec<&String> = figures.as_object().expect("an object").keys().collect();
        let told: Vec<&String> = members.into_iter().filter(|member| *member != "photos").collect();
        assert_eq!(told, ["counts", "in_box", "invalid"], "sums and nothing else");
        let named = |no: &u32| row.contains(&scribe.voter(vote.session, *no).to_string());
        let tellers = [hall.counter.person, hall.scrutineer.person];
        let named: Vec<u32> = (1..=30).filter(named).collect();
        assert!(named.iter().all(|no| tellers.contains(&scribe.voter(vote.session, *no))), "{named:?}");
    }

    // Signed, announced, and everything looked at again.
    let payload = Hall::payload(&hall.sends(&hall.counter, &format!("{}/draft", hall.path()), "").await);
    hall.signs(hall.counter.person, payload.clone()).await;
    hall.signs(hall.scrutineer.person, payload).await;
    announce(&hall, &scribe).await;
    for statement in statements(&hall).await {
        let voters_and_choices = names_voters(&statement) && names_choices(&statement);
        assert!(!voters_and_choices, "{statement}");
        if statement["kind"] == "paper.issued" {
            let members: Vec<&String> = statement.as_object().expect("an object").keys().collect();
            let only = ["at", "basis", "by", "kind", "matter", "question", "session", "village", "voters"];
            assert_eq!(members, only);
        }
    }
    let voting = hall.voting().await;
    assert!(voting.choices.is_empty() && voting.ballots.is_empty(), "nobody's choice is known one by one");
    assert_eq!(voting.paper_issued.iter().copied().collect::<Vec<_>>(), (1..=VOTERS).collect::<Vec<_>>());

    let whole = all_rows(&url).await;
    let listed: BTreeSet<&str> = TABLES.iter().map(|table| table.name).collect();
    let unlisted: Vec<&String> = whole.keys().filter(|table| !listed.contains(table.as_str())).collect();
    assert!(unlisted.iter().all(|table| table.starts_with("_sqlx") || table.starts_with("sqlite")), "{unlisted:?}");
    let openings = whole["vault"].iter().filter(|row| row.contains("opening"));
    assert_eq!(openings.count(), 0, "a paper has no opening");
    let stubs: Vec<String> = (0..15).map(|n| (FIRST_STUB + n).to_string()).collect();
    for (table, row) in whole.iter().flat_map(|(table, rows)| rows.iter().map(move |row| (table, row))) {
        let columns: Vec<&str> = row.split('\u{1f}').collect();
        assert!(!stubs.iter().any(|stub| columns.contains(&stub.as_str())), "{table} has a stub's number: {row}");
    }
    let new_files = files(&folder).into_keys().filter(|path| !kept.contains_key(path)).collect::<Vec<_>>();
    let journals = |path: &PathBuf| path.to_string_lossy().contains(".sqlite");
    let others: Vec<&PathBuf> = new_files.iter().filter(|path| !journals(path)).collect();
    assert_eq!(others.len(), 1, "counting leaves no file but the album: {new_files:?}");
    is_in_no_order(&hall, &album, &photos).await;
}

fn hall_village() -> VillageCode {
    VILLAGE.parse().expect("a code")
}

/// The album that is kept says of its photographs neither when nor in which order they were taken: had they come in any other order, it
/// would be the very same file, and nothing that the camera wrote is in it.
async fn is_in_no_order(hall: &Hall, album: &str, photos: &[Vec<u8>]) {
    let doc: Doc = serde_json::from_str(album).expect("a document");
    let kept = hall.server.app.document(hall_village(), doc.sha256).await.expect("on hand");
    let bytes = kept.1.expect("its content").bytes;
    let mut turned = photos.to_vec();
    turned.reverse();
    let again = hall.server.app.keep_file(
        hall_village(),
        hall.counter.person,
        Level::Officials,
        make_album(&turned).expect("an album"),
    );
    let again = again.await.expect("kept").sha256;
    let again = hall.server.app.document(hall_village(), again).await.expect("on hand").1.expect("its content").bytes;
    assert!(bytes == again, "the same file in whatever order");
    for written in [&b"2026"[..], b"20:41", b"IMG_0007", b"Exif"] {
        assert!(!bytes.windows(written.len()).any(|part| part == written), "{}", String::from_utf8_lossy(written));
    }
    let statement = statements(hall).await.into_iter().find(|one| one["kind"] == "paper.counted").expect("a count");
    assert_eq!(statement["photos"].as_array().map(Vec::len), Some(1), "by its commitment alone: {statement}");
}

/// Chair and supervision committee announce the result.
async fn announce(hall: &Hall, scribe: &Scribe) {
    let (chair, second) = (scribe.chair(), scribe.supervisor(0));
    let key = newest_key(scribe.state(), chair).expect("a key");
    let about = About {
        session: Some(hall.vote.session),
        matter: Some(hall.vote.matter),
        question: Some(hall.vote.question.clone()),
        ..About::new(VILLAGE.parse().expect("a code"), Kind::ResultAnnounced)
    };
    let actor = Actor { person: chair, role: Role::Chair, key };
    let drafted = hall.server.app.draft(about, &actor, &[second], &Values::default()).await.expect("a draft");
    let Drafted::Ready { payload, .. } = drafted else { panic!("{drafted:?}") };
    hall.signs(chair, payload.clone()).await;
    hall.signs(second, payload).await;
}

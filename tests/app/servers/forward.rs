//! Two servers in one process, one of which writes: what comes in at the other goes there, and nobody else can send anything.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use futures_util::FutureExt as _;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use rstest::rstest;
use sunvote::app::cluster::is_served;
use sunvote::app::cluster::plan::Job;
use sunvote::app::cluster::wire::{Ask, Head, MAX_BYTES, Outcome};
use sunvote::app::error::AppError;
use sunvote::app::projection::project;
use sunvote::app::submit::{BallotOpening, Submitted};
use sunvote::app::{App, Member, Parts};
use sunvote::config::Config;
use sunvote::core::clock::{Clock, MINUTE_MS, Time};
use sunvote::core::reject::Rule;
use sunvote::http::server::Server;
use sunvote::http::state::AppState;
use sunvote::log::signed::Signed;
use sunvote::store::db::{Db, Options};
use sunvote::store::error::StoreError;
use sunvote::store::objects::Objects;
use sunvote::store::vault::Vault;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use zeroize::Zeroizing;

use super::hall::{Hall, present};
use super::{Present, beside};
use crate::bed::derived;
use crate::postgres;

async fn parts(folder: &Path, database: &str, key: u8) -> Parts {
    Parts {
        db: Db::open(database, Options::default()).await.expect("a database"),
        vault: Vault::new(&Zeroizing::new([key; 32])),
        objects: Objects::folder(&folder.join("documents")).expect("a folder"),
        clock: Arc::new(Present),
        seed: [key; 32],
    }
}

/// A server that nobody reaches.
async fn unreached(database: &str, sharded: bool) -> Member {
    let leases = Db::open(database, Options { connections: 1, ..Options::default() }).await.expect("a database");
    let (address, origin) = ("http://127.0.0.1:9".to_owned(), "http://vote.example".to_owned());
    Member { leases, address, origin, sharded }
}

/// A server that answers, and has not taken anything yet.
async fn server(folder: &Path, database: &str, seed: u8) -> (App, String) {
    let config = Config::local(([127, 0, 0, 1], 0).into(), folder.to_owned());
    let server = Server::bind(config.listen).expect("a free port");
    let address = format!("http://{}", server.address());
    let member = Member { address: address.clone(), ..unreached(database, false).await };
    let parts = Parts { seed: [seed; 32], ..parts(folder, database, 1).await };
    let app = App::start_among(parts, member).await.expect("it joins");
    tokio::spawn(server.run(AppState::new(config, app.clone())));
    tokio::spawn({
        let app = app.clone();
        async move { app.keep_leases().await }
    });
    (app, address)
}

/// Two servers on one file, of which the first writes all, and a village whose vote is open.
async fn two(folder: &Path) -> ((App, String), (App, String), Hall) {
    let database = format!("sqlite:{}", folder.join("test.sqlite").display());
    let hall = one_hall(folder, &database).await;
    let (first, second) = (server(folder, &database, 1).await, server(folder, &database, 2).await);
    first.0.enter_cluster().await;
    (first, second, hall)
}

async fn one_hall(folder: &Path, database: &str) -> Hall {
    let app = beside(folder, database).await;
    let hall = Hall::open_all(&app, 1, 10).await.remove(0);
    app.stop().await;
    app.db().close().await;
    hall
}

async fn submit(app: &App, hall: &Hall, voter: u32) -> Result<u64, AppError> {
    hand_in(app, hall, &hall.sign(voter).body).await
}

/// Hands in what a voter signed.
async fn hand_in(app: &App, hall: &Hall, body: &str) -> Result<u64, AppError> {
    let ballot: serde_json::Value = serde_json::from_str(body).expect("JSON");
    let envelope = sunvote::log::dsse::Envelope::from_json(ballot["envelope"].to_string().as_bytes());
    let opening: BallotOpening = serde_json::from_value(ballot["opening"].clone()).expect("an opening");
    match app.submit(hall.village, envelope.expect("an envelope"), Some(opening)).await? {
        Submitted::Recorded(accepted) => Ok(accepted.at.seq),
        Submitted::Waiting { .. } => panic!("a ballot has one signer"),
    }
}

/// The size of the village's record, as a server sees it.
async fn size(app: &App, hall: &Hall) -> u64 {
    app.lives().live(hall.village).await.expect("the village").ledger.frontier.size()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_elsewhere_is_answered_as_by_the_server_that_writes() {
    let folder = tempfile::tempdir().expect("a folder");
    let ((first, _), (second, _), hall) = two(folder.path()).await;
    assert!(first.writes(hall.village) && !second.writes(hall.village));
    let before = size(&second, &hall).await;
    assert_eq!(submit(&second, &hall, 1).await.expect("taken"), before);
    assert_eq!(submit(&first, &hall, 2).await.expect("taken"), before + 1);
    // Each sees what the other brought, and the record refuses alike at both.
    assert_eq!((size(&first, &hall).await, size(&second, &hall).await), (before + 2, before + 2));
    let [one, two] = [submit(&first, &hall, 1).await, submit(&second, &hall, 1).await].map(|refused| match refused {
        Err(AppError::Rejected(refusal)) => refusal,
        other => panic!("a second ballot of the same revision: {other:?}"),
    });
    assert_eq!((&one, one.rule), (&two, Rule::BallotRevision));
    let counters = second.db().counters();
    assert!(!counters.contains_key("append"), "the second wrote nothing itself: {:?}", counters.keys());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_watches_a_record_at_one_server_is_told_what_another_one_wrote() {
    let folder = tempfile::tempdir().expect("a folder");
    let ((first, _), (second, _), hall) = two(folder.path()).await;
    let before = size(&second, &hall).await;
    let asked = || second.db().counters().get("watched").map_or(0, |counter| counter.count);
    second.look_at_others().await.expect("a look");
    assert_eq!(asked(), 0, "nobody watches: nothing is asked");
    let (mut here, mut there) = (first.growth().watch(hall.village), second.growth().watch(hall.village));
    second.growth().grown(hall.village, before);
    assert_eq!(there.next(0).await, Some(before));
    submit(&first, &hall, 1).await.expect("taken");
    assert_eq!(here.next(before).await, Some(before + 1), "its own visitors are told by the lane");
    assert_eq!(there.next(before).now_or_never(), None, "the other server has not looked yet");
    second.look_at_others().await.expect("a look");
    assert_eq!(there.next(before).await, Some(before + 1));
    assert_eq!(asked(), 1, "one statement for all that is watched");
}

#[tokio::test(flavor = "multi_thread")]
async fn lanes_go_over_to_another_server_and_statements_wait_for_that() {
    let folder = tempfile::tempdir().expect("a folder");
    let ((first, _), (second, _), hall) = two(folder.path()).await;
    let before = size(&first, &hall).await;
    assert_eq!(submit(&first, &hall, 1).await.expect("taken"), before);
    // Nobody writes now: what comes in waits until somebody does.
    first.leave_cluster().await;
    let waiting = async { tokio::join!(submit(&first, &hall, 2), submit(&second, &hall, 3)) };
    let ((), (two, three)) = tokio::join!(second.enter_cluster(), waiting);
    let mut seqs = [two.expect("taken"), three.expect("taken")];
    seqs.sort_unstable();
    assert_eq!(seqs, [before + 1, before + 2]);
    assert!(second.writes(hall.village) && !first.writes(hall.village));
    // A server that would not hear of them is not to start beside them.
    assert!(is_served(first.db()).await.expect("read"));
    second.leave_cluster().await;
    assert!(!is_served(first.db()).await.expect("read"));
}

/// What a server answers to whoever says that so many bytes are to come, and sends none: it need not read them to refuse them, and a
/// client that still sends may see its connection broken rather than the answer.
async fn announce(address: &str, bytes: usize) -> String {
    let host = address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.expect("a connection");
    let head = format!(
        "POST /cluster/append HTTP/1.1\r\nhost: {host}\r\ncontent-length: {bytes}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_server_of_the_district_can_send_statements() {
    let folder = tempfile::tempdir().expect("a folder");
    let ((first, address), _, hall) = two(folder.path()).await;
    let before = size(&first, &hall).await;
    let ballot: serde_json::Value = serde_json::from_str(&hall.sign(1).body).expect("JSON");
    let envelope = sunvote::log::dsse::Envelope::from_json(ballot["envelope"].to_string().as_bytes());
    let signed = Signed::read(envelope.expect("an envelope")).expect("a statement");
    let mut rng = ChaCha20Rng::from_seed([9; 32]);
    let [own, other] = [1, 2].map(|key| Vault::new(&Zeroizing::new([key; 32])));
    let mut message = |vault: &Vault, at: i64, many: usize| {
        let asks: Vec<Ask> = (0..many).map(|_| Ask::new(&signed, &[], false)).collect();
        let head = Head::new(present().plus_ms(at), &mut rng);
        (head, head.ask(vault, &asks, &mut rng).expect("sealed"))
    };
    let send = async |body: Vec<u8>| {
        let sent = reqwest::Client::new().post(format!("{address}/cluster/append")).body(body).send().await;
        let answer = sent.expect("an answer");
        (answer.status().as_u16(), answer.bytes().await.expect("a body").to_vec())
    };
    let (head, good) = message(&own, 0, 1);
    let mut bad = vec![
        Vec::new(),
        b"{}".to_vec(),
        vec![0; 24],
        vec![7; 100_000],
        message(&other, 0, 1).1,
        message(&own, -3 * MINUTE_MS, 1).1,
        message(&own, 3 * MINUTE_MS, 1).1,
        message(&own, 0, 257).1,
        good[..good.len() - 1].to_vec(),
        [&good[..], &[0]].concat(),
    ];
    for at in (0..good.len()).step_by(17) {
        let mut changed = good.clone();
        changed[at] ^= 1;
        bad.push(changed);
    }
    for body in bad {
        let length = body.len();
        assert_eq!(send(body).await.0, 403, "{length} bytes");
    }
    assert!(announce(&address, MAX_BYTES + 1).await.starts_with("HTTP/1.1 413 "));
    assert_eq!(size(&first, &hall).await, before, "nothing was done");
    // The same message unchanged is taken, sent twice it is on record once, and nobody else can read the answer.
    let (status, answer) = send(good.clone()).await;
    assert_eq!(status, 200);
    let outcomes = head.open_answer(&own, &answer).expect("an answer to this message");
    assert!(matches!(&outcomes[..], [Outcome::Accepted { seq, .. }] if *seq == before), "{outcomes:?}");
    assert!(head.open_answer(&other, &answer).is_err() && message(&own, 0, 1).0.open_answer(&own, &answer).is_err());
    let (_, again) = send(good).await;
    let outcomes = head.open_answer(&own, &again).expect("an answer to this message");
    assert!(matches!(&outcomes[..], [Outcome::Rejected { rule: Rule::StatementReplayed, .. }]), "{outcomes:?}");
    assert_eq!(size(&first, &hall).await, before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_are_set_up_differently_do_not_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite:{}", folder.path().join("test.sqlite").display());
    let join = async |key: u8, origin: &str| {
        let member = Member { origin: origin.to_owned(), ..unreached(&database, false).await };
        let joined = App::start_among(parts(folder.path(), &database, key).await, member).await;
        joined.map(|_| ())
    };
    join(1, "http://vote.example").await.expect("the first says what holds");
    assert!(matches!(join(2, "http://vote.example").await, Err(AppError::Disagrees { on: "vault key" })));
    assert!(matches!(join(1, "http://else.example").await, Err(AppError::Disagrees { on: "public_origin" })));
    join(1, "http://vote.example").await.expect("alike");
}

/// A clock that is off by so many milliseconds.
struct Off(AtomicI64);

impl Clock for Off {
    fn now(&self) -> Time {
        present().plus_ms(self.0.load(Ordering::SeqCst))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_clock_is_off_writes_nothing_until_it_is_right() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite:{}", folder.path().join("test.sqlite").display());
    let hall = one_hall(folder.path(), &database).await;
    let clock = Arc::new(Off(AtomicI64::new(10_000)));
    let parts = Parts { clock: Arc::clone(&clock) as Arc<dyn Clock>, ..parts(folder.path(), &database, 1).await };
    let member = unreached(&database, false).await;
    let app = App::start_among(parts, member).await.expect("it joins");
    let roles = |app: &App| (app.writes(hall.village), app.does(Job::Publication), app.does(Job::Sweep));
    for (off, fit) in [(10_000, false), (-10_000, false), (0, true), (10_000, false)] {
        clock.0.store(off, Ordering::SeqCst);
        app.enter_cluster().await;
        assert_eq!(roles(&app), (fit, fit, fit), "{off} ms");
    }
}

/// Which database two writers share.
#[derive(Clone, Copy, Debug)]
enum Engine {
    Sqlite,
    Postgres,
}

async fn database(engine: Engine, folder: &Path) -> String {
    match engine {
        Engine::Sqlite => format!("sqlite:{}", folder.join("test.sqlite").display()),
        Engine::Postgres => postgres::shared().database().await,
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_meets_another_writer_is_judged_again(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let folder = tempfile::tempdir().expect("a folder");
    let database = database(engine, folder.path()).await;
    let hall = one_hall(folder.path(), &database).await;
    // Neither knows of the other: both take their states to be the newest.
    let (one, two) = (beside(folder.path(), &database).await, beside(folder.path(), &database).await);
    let before = (size(&one, &hall).await, size(&two, &hall).await).0;
    for (nth, app) in [&one, &two, &one, &two].into_iter().enumerate() {
        let voter = u32::try_from(nth).expect("small") + 1;
        assert_eq!(submit(app, &hall, voter).await.expect("taken"), before + nth as u64);
    }
    let at_once = tokio::join!(submit(&one, &hall, 5), submit(&two, &hall, 5));
    let at_once = [at_once.0, at_once.1];
    let refusals = at_once.iter().filter_map(|done| match done {
        Err(AppError::Rejected(refusal)) => Some(refusal.rule),
        _ => None,
    });
    assert_eq!(refusals.collect::<Vec<_>>(), [Rule::BallotRevision], "the other is on record: {at_once:?}");
    let two_again = beside(folder.path(), &database).await;
    assert_eq!(size(&two_again, &hall).await, before + 5);
}

/// The second copy is judged in the same batch as the first, before that is on record: nobody may be refused by what is not.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_ballot_handed_in_twice_at_once_gets_its_place_twice(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let folder = tempfile::tempdir().expect("a folder");
    let database = database(engine, folder.path()).await;
    let hall = one_hall(folder.path(), &database).await;
    let app = beside(folder.path(), &database).await;
    let bodies: Vec<String> = (1..=10).map(|voter| hall.sign(voter).body).collect();
    let twice = bodies.iter().flat_map(|body| [body, body]).map(|body| hand_in(&app, &hall, body));
    let places: Vec<u64> = futures_util::future::try_join_all(twice).await.expect("all are taken");
    assert!(places.chunks(2).all(|pair| pair[0] == pair[1]), "{places:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_that_project_one_village_at_once_leave_what_one_leaves(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let folder = tempfile::tempdir().expect("a folder");
    let database = database(engine, folder.path()).await;
    let hall = one_hall(folder.path(), &database).await;
    let (one, two) = (beside(folder.path(), &database).await, beside(folder.path(), &database).await);
    let by_one = derived(&one).await;
    for _ in 0..5 {
        let cleared = one.db().write("clear", |tx| Box::pin(tx.clear_all_derived())).await;
        cleared.map_err(|error: StoreError| error).expect("emptied");
        let village = hall.village;
        let projected = |app: App| async move { project(app.db(), app.vault(), app.lives(), village).await };
        let both = tokio::join!(tokio::spawn(projected(one.clone())), tokio::spawn(projected(two.clone())));
        both.0.expect("it ends").expect("projected");
        both.1.expect("it ends").expect("projected");
        assert_eq!(derived(&one).await, by_one);
    }
}

/// A row of PostgreSQL says which transaction wrote it.
#[tokio::test(flavor = "multi_thread")]
async fn in_a_sharded_database_no_transaction_holds_two_villages() {
    const VILLAGES: usize = 12;
    let folder = tempfile::tempdir().expect("a folder");
    let database = postgres::shared().database().await;
    let halls = {
        let app = beside(folder.path(), &database).await;
        let halls = Hall::open_all(&app, VILLAGES, 10).await;
        app.stop().await;
        app.db().close().await;
        halls
    };
    let member = unreached(&database, true).await;
    let app = App::start_among(parts(folder.path(), &database, 1).await, member).await.expect("it joins");
    app.enter_cluster().await;
    let all = halls.iter().flat_map(|hall| [(hall, 1), (hall, 2)]).map(|(hall, voter)| submit(&app, hall, voter));
    for taken in futures_util::future::join_all(all).await {
        taken.expect("taken");
    }
    let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&database).await.expect("a connection");
    for table in ["entries", "checkpoints", "vault"] {
        let sql = format!(
            "SELECT COUNT(*) FROM (SELECT xmin::text FROM {table} WHERE xmin::text::bigint >= \
             (SELECT MIN(xmin::text::bigint) FROM villages) \
             GROUP BY xmin::text HAVING COUNT(DISTINCT village) > 1) shared"
        );
        let shared: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut connection).await.expect("a count");
        assert_eq!(shared, 0, "{table}");
    }
    let written: i64 = sqlx::query_scalar("SELECT COUNT(DISTINCT xmin::text) FROM villages")
        .fetch_one(&mut connection)
        .await
        .expect("a count");
    assert_eq!(usize::try_from(written).expect("small"), VILLAGES, "each head was moved by itself");
    app.stop().await;
}

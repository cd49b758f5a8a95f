//! How fast a server on SQLite takes ballots in, and how fast it gives pages out. Prints plain numbers.
//!
//! `cargo bench --bench serve`. Ballots: every voter of some villages casts at once; each is checked, judged and on disk
//! before it is acknowledged. Pages: the demo district of 211 villages, asked over HTTP one request after another.

use std::time::Instant;

use sunvote::app::demo::{District, load};
use sunvote::app::live::Lives;
use sunvote::app::submit::{BallotOpening, Submitted};
use sunvote::app::{App, import, projection};
use sunvote::config::Config;
use sunvote::core::clock::Time;
use sunvote::core::ids::VillageCode;
use sunvote::core::state::State;
use sunvote::http::server::Server;
use sunvote::http::state::AppState;
use tokio::runtime::Runtime;

#[path = "../tests/app/bed.rs"]
#[expect(dead_code, reason = "shared with the tests of the application")]
mod bed;
#[path = "../tests/http/village.rs"]
mod village;

/// Villages that vote at the same time.
const VILLAGES: u32 = 20;
/// Voters in each.
const VOTERS: u32 = 200;
/// Requests for each page.
const REQUESTS: usize = 500;
/// Runs of what is done once.
const RUNS: usize = 21;

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn now() -> Instant {
    Instant::now()
}

/// The value below which `share` of the sorted times lie, in milliseconds.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small counts"
)]
fn quantile(sorted: &[f64], share: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * share).round() as usize] * 1_000.0
}

fn report(what: &str, mut seconds: Vec<f64>) {
    seconds.sort_by(f64::total_cmp);
    let [half, most] = [0.5, 0.99].map(|share| quantile(&seconds, share));
    println!("{what}: median {half:.2} ms, 99 % within {most:.2} ms");
}

async fn appends() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut casts = Vec::new();
    let mut app = None;
    for number in 0..VILLAGES {
        let code: VillageCode = format!("3311020012{:02}", number + 10).parse().expect("a code");
        let (mut scribe, vote, present) = bed::open_vote_in(code, VOTERS as usize);
        let ballots = bed::ballots(&mut scribe, &vote, present);
        if app.is_none() {
            app = Some(bed::open(folder.path(), scribe.now()).await);
        }
        let app = app.as_ref().expect("opened");
        village::load(app, &scribe).await;
        casts.extend(ballots.into_iter().map(|ballot| (code, ballot)));
    }
    let app: App = app.expect("opened");
    let count = casts.len();
    let begun = now();
    let tasks: Vec<_> = casts
        .into_iter()
        .map(|(code, (envelope, nonce, choice))| {
            let app = app.clone();
            let opening =
                BallotOpening { nonce: nonce.parse().expect("32 bytes"), choice: choice.parse().expect("a code") };
            tokio::spawn(async move {
                let submitted = app.submit(code, envelope, Some(opening)).await.expect("taken");
                assert!(matches!(submitted, Submitted::Recorded(_)));
                begun.elapsed().as_secs_f64()
            })
        })
        .collect();
    let mut seconds = Vec::with_capacity(count);
    for task in tasks {
        seconds.push(task.await.expect("ended"));
    }
    let acknowledged = begun.elapsed().as_secs_f64();
    app.stop().await;
    let projected = begun.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    let rate = |seconds: f64| count as f64 / seconds;
    println!("{count} ballots of {VILLAGES} villages at once: {:.0} acknowledged/s", rate(acknowledged));
    println!("the same with all tables up to date: {:.0}/s", rate(projected));
    report("time to acknowledgement", seconds);
}

/// The matter with most steps behind it, and its session.
fn fullest(code: VillageCode, state: &State) -> [(&'static str, String); 2] {
    let matters = state.matters.iter().filter(|(_, matter)| matter.stage().is_none());
    let (matter, _) = matters.max_by_key(|(_, matter)| matter.papers.iter().count()).expect("a matter that ended");
    let (session, _) = state.sessions.iter().next().expect("a session");
    [("matter", format!("/v/{code}/m/{matter}")), ("session", format!("/v/{code}/s/{session}"))]
}

/// What the first use of a village after a start costs: its record is read and judged again.
async fn cold(app: &App, code: VillageCode) {
    let mut seconds = Vec::with_capacity(RUNS);
    let mut entries = 0;
    for _ in 0..RUNS {
        let lives = Lives::new(app.db().clone(), app.vault().clone());
        let begun = now();
        entries = lives.live(code).await.expect("its state").state().size();
        seconds.push(begun.elapsed().as_secs_f64());
    }
    report(&format!("first use of a village of {entries} entries"), seconds);
}

async fn pages() {
    let folder = tempfile::tempdir().expect("a folder");
    let time: Time = "2026-11-21T12:00:00.000Z".parse().expect("a time");
    let app = bed::open(folder.path(), time).await;
    let villages = import::villages(include_bytes!("../demo/liandu_villages.csv")).expect("villages");
    let server = Server::bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    let address = server.address();
    let district = District::new(1, &address.to_string(), time);
    let begun = now();
    let loaded = load::load(app.db(), app.vault(), app.objects(), app.lives(), &district, &villages, [5; 32]).await;
    let loaded = loaded.expect("the demo district");
    projection::catch_up(app.db(), app.vault(), app.lives()).await.expect("projected");
    let seconds = begun.elapsed().as_secs_f64();
    println!("demo district of {} villages, {} entries made in {seconds:.1} s", loaded.villages, loaded.entries);

    let config = Config::local(address, folder.path().to_owned());
    let state = AppState::new(config, app.clone());
    let stopper = server.stopper(&state);
    let serving = tokio::spawn(server.run(state));
    let show = villages.iter().find(|village| village.name == "黄泥墩村").expect("the showcase");
    let (code, township) = (show.code, show.township);
    let live = app.lives().live(code).await.expect("its state");
    let [matter, session] = fullest(code, live.state());
    let paths = [
        ("district", "/".to_owned()),
        ("township", format!("/t/{township}")),
        ("village", format!("/v/{code}")),
        matter,
        session,
        ("notices", format!("/v/{code}/notices")),
        ("record", format!("/v/{code}/record")),
        ("receipt of entry 0", format!("/receipt/{code}/0")),
        ("search", "/search?q=村".to_owned()),
    ];
    let client = reqwest::Client::new();
    for (name, path) in paths {
        let mut seconds = Vec::with_capacity(REQUESTS);
        for _ in 0..REQUESTS {
            let begun = now();
            let answer = client.get(format!("http://{address}{path}")).send().await.expect("an answer");
            assert!(answer.status().is_success(), "{path}: {}", answer.status());
            answer.bytes().await.expect("a body");
            seconds.push(begun.elapsed().as_secs_f64());
        }
        report(&format!("page {name}"), seconds);
    }
    stopper.stop();
    serving.await.expect("ended").expect("served");
    cold(&app, code).await;
}

fn main() {
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(appends());
    runtime.block_on(pages());
}

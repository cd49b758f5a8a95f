//! How fast a server on SQLite takes ballots in, how fast it gives pages out, and what the first use of a village costs.
//! Prints plain numbers.
//!
//! `cargo bench --bench serve`, and `-- appends`, `-- pages` or `-- first` after it for one of the three. Ballots: every
//! voter of some villages casts at once; each is checked, judged and on disk before it is acknowledged. Pages: the demo
//! district of 211 villages, asked over HTTP one request after another.

use sunvote::app::demo::{District, load};
use sunvote::app::live::Lives;
use sunvote::app::submit::{BallotOpening, Submitted};
use sunvote::app::{App, import, projection};
use sunvote::config::Config;
use sunvote::core::clock::{DAY_MS, Time};
use sunvote::core::ids::VillageCode;
use sunvote::core::model::{Body, Category, Role};
use sunvote::core::state::State;
use sunvote::http::server::Server;
use sunvote::http::state::AppState;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::{Founding, Scribe};
use sunvote::store::error::StoreError;
use tokio::runtime::Runtime;

use crate::figures::now;

#[path = "../tests/app/bed.rs"]
#[expect(dead_code, reason = "shared with the tests of the application")]
mod bed;
#[path = "figures/mod.rs"]
mod figures;
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
    figures::report("time to acknowledgement", seconds);
}

/// The matter with most steps behind it, and its session.
fn fullest(code: VillageCode, state: &State) -> [(&'static str, String); 2] {
    let matters = state.matters.iter().filter(|(_, matter)| matter.stage().is_none());
    let (matter, _) = matters.max_by_key(|(_, matter)| matter.papers.iter().count()).expect("a matter that ended");
    let (session, _) = state.sessions.iter().next().expect("a session");
    [("matter", format!("/v/{code}/m/{matter}")), ("session", format!("/v/{code}/s/{session}"))]
}

/// The next term, with the same people in the same roles.
fn renew(scribe: &mut Scribe) {
    let people = &scribe.state().people;
    let rows = people.persons.iter().filter_map(|(id, person)| {
        let mut roles: Vec<Role> = person.roles.iter().map(|held| held.role).filter(|role| role.is_village()).collect();
        roles.sort();
        roles.dedup();
        (!roles.is_empty()).then(|| scribe.term_row(*id, &roles, person.group))
    });
    let (term, rows) = (people.term + 1, rows.collect());
    scribe.open_term_with(term, scribe.now().date(), rows).expect("a new term");
    // What an assembly delegated ends with the term.
    scribe.record_delegations().expect("delegated anew");
}

/// A record of at least so many entries: one matter after another goes through all six procedures, for many years.
fn long_record(code: VillageCode, entries: usize) -> Scribe {
    let begins = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let mut scribe = Scribe::found(Founding::invented(code, "vote.example", begins, 7)).expect("founded");
    scribe.settle(&Term::default()).expect("settled");
    let (draft, mut since) = (Draft::of(Category::M02), scribe.now());
    while scribe.entries.len() < entries {
        if scribe.now() > since.plus_ms(4 * 365 * DAY_MS) {
            since = scribe.now();
            renew(&mut scribe);
        }
        let matter = scribe.bring_to_ballot(&draft).expect("filed");
        let choices = [("for", 30), ("against", 6), ("abstain", 4)];
        scribe.decide(Body::RepresentativeAssembly, matter, 40, &choices).expect("decided");
        scribe.carry_out(matter, draft.amount_fen).expect("carried out");
    }
    scribe
}

/// What the first use of a village after a start costs: from the state that the store keeps and the entries after it, and
/// from the record alone (which also keeps the state anew).
async fn first_uses() {
    for (number, entries) in [500, 5_000, 20_000].into_iter().enumerate() {
        let folder = tempfile::tempdir().expect("a folder");
        let code: VillageCode = format!("3311020012{:02}", number + 10).parse().expect("a code");
        let scribe = long_record(code, entries);
        let app = bed::open(folder.path(), scribe.now()).await;
        village::load(&app, &scribe).await;
        let size = scribe.state().size();
        let (kept, bytes) = app.db().read("state", |tx| Box::pin(tx.state(code))).await.expect("read").expect("kept");
        println!("village of {size} entries: the state after {kept} is kept, {} bytes", bytes.len());
        for alone in [false, true] {
            let mut seconds = Vec::with_capacity(RUNS);
            for _ in 0..RUNS {
                if alone {
                    let emptied: Result<(), StoreError> =
                        app.db().write("state", |tx| Box::pin(tx.put_state(code, 0, b""))).await;
                    emptied.expect("emptied");
                }
                let lives = Lives::new(app.db().clone(), app.vault().clone());
                let begun = now();
                let live = lives.live(code).await.expect("its state");
                seconds.push(begun.elapsed().as_secs_f64());
                assert_eq!(live.state(), scribe.state());
            }
            figures::report(if alone { "first use, from the record alone" } else { "first use" }, seconds);
        }
        app.stop().await;
    }
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
        figures::report(&format!("page {name}"), seconds);
    }
    stopper.stop();
    serving.await.expect("ended").expect("served");
}

fn main() {
    let runtime = Runtime::new().expect("a runtime");
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only == name);
    if wanted("appends") {
        runtime.block_on(appends());
    }
    if wanted("pages") {
        runtime.block_on(pages());
    }
    if wanted("first") {
        runtime.block_on(first_uses());
    }
}

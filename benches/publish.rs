//! How fast entries of a long record are proven over HTTP, and how soon an entry is cosigned by three witnesses.
//! Prints plain numbers.
//!
//! `cargo bench --bench publish`, and `-- proofs` or `-- cosigned` after it for one of the two. Proofs: a village of 100,000
//! entries, asked for receipts of entries spread over it, one request after another. Cosigned: ballots at a steady rate, a
//! publication every second and every tenth of one, three witnesses with databases of their own on the same machine; the
//! time from handing in to the district's checkpoint with all three cosignatures.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sunvote::app::fetch::Client;
use sunvote::app::publish::key_leaf;
use sunvote::app::submit::{BallotOpening, Submitted};
use sunvote::app::{App, Parts};
use sunvote::config::Config;
use sunvote::core::clock::Time;
use sunvote::core::ids::{DistrictCode, VillageCode};
use sunvote::core::model::{Body, Category};
use sunvote::http::server::Server;
use sunvote::http::state::AppState;
use sunvote::log::note::{Algorithm, VerifierKey};
use sunvote::log::policy::Policy;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Founding, Scribe};
use sunvote::store::db::{Db, Options};
use sunvote::store::error::StoreError;
use sunvote::store::objects::Objects;
use sunvote::store::vault::Vault;
use sunvote::witness::Witness;
use sunvote::witness::keys::Keys;
use sunvote::witness::serve;
use sunvote::witness::settings::Settings;
use tokio::runtime::Runtime;
use tokio::time::interval;

use crate::figures::now;

#[path = "../tests/app/bed.rs"]
#[expect(dead_code, reason = "shared with the tests of the application")]
mod bed;
#[path = "figures/mod.rs"]
mod figures;
#[path = "../tests/http/village.rs"]
mod village;

/// Ballots in the long record.
const BALLOTS: u32 = 100_000;
const ROSTER: u32 = 45;
/// Receipts asked for.
const PROOFS: u64 = 5_000;
/// Ballots handed in, and how many in a second.
const CASTS: u32 = 600;
const PER_SECOND: u32 = 30;

fn district() -> DistrictCode {
    "331102".parse().expect("a district")
}

fn leaf(scribe: &Scribe) -> Vec<u8> {
    let key = VerifierKey::new(&scribe.state().origin, Algorithm::Ed25519, &scribe.state().log_key);
    key_leaf(&key.expect("the log's key"), scribe.roots()).expect("two roots")
}

/// A village whose 45 voters revise their ballots until there are so many.
fn long_record() -> Scribe {
    let begins = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let founding = Founding::invented("331102001206".parse().expect("a code"), "vote.example", begins, 7);
    let mut scribe = Scribe::found(founding).expect("founded");
    scribe.settle(&Term::default()).expect("settled");
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).expect("filed");
    let session = scribe.gather(Body::RepresentativeAssembly, &[matter], ROSTER).expect("gathered");
    let vote = Vote::on(session, matter, "q1").expect("a vote");
    scribe.open_vote(&vote).expect("opened");
    for ballot in 0..BALLOTS {
        scribe.cast(&vote, 1 + ballot % ROSTER, "for").expect("cast");
    }
    scribe
}

async fn proofs() {
    let folder = tempfile::tempdir().expect("a folder");
    let scribe = long_record();
    let app = bed::open(folder.path(), scribe.now()).await;
    village::load(&app, &scribe).await;
    app.list_keys(vec![leaf(&scribe)]).await.expect("listed");
    app.publish_due().await.expect("published");
    let server = Server::bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    let address = server.address();
    let state = AppState::new(Config::local(address, folder.path().to_owned()), app.clone());
    let stopper = server.stopper(&state);
    let serving = tokio::spawn(server.run(state));
    let (code, size) = (scribe.state().village, scribe.state().size());
    let client = reqwest::Client::new();
    for (what, end) in [("under the village's checkpoint", "file"), ("under the district's", "district")] {
        let mut seconds = Vec::new();
        for step in 0..PROOFS {
            // A step that shares no factor with the size visits places all over the record.
            let seq = step * 7_919 % size;
            let begun = now();
            let answer = client.get(format!("http://{address}/receipt/{code}/{seq}/{end}")).send().await;
            let answer = answer.expect("an answer");
            assert!(answer.status().is_success());
            answer.bytes().await.expect("a body");
            seconds.push(begun.elapsed().as_secs_f64());
        }
        figures::report(&format!("proof of one of {size} entries, {what}"), seconds);
    }
    stopper.stop();
    serving.await.expect("ended").expect("served");
    app.stop().await;
}

/// A witness on a port of its own; the line of a policy that names it.
async fn witness(folder: &std::path::Path, name: &str, seed: u8, log: &VerifierKey, scribe: &Scribe) -> String {
    let keys = Keys::parse(&Keys::text(name, &[seed; 32], &[seed + 1; 32]), name).expect("keys");
    let roots: Vec<String> = scribe.state().roots.iter().take(2).map(|root| format!("\"{root}\"")).collect();
    let text = format!(
        "name = \"{name}\"\nlog = \"{log}\"\nserver = \"http://127.0.0.1:1\"\nroots = [{}]\n\
         [serve]\npublic_origin = \"http://127.0.0.1:1\"\nlisten = \"127.0.0.1:0\"\n",
        roots.join(", "),
    );
    let settings = Settings::parse(&text, std::iter::empty()).expect("settings");
    let config = settings.serve.clone();
    let cosigner = keys.consistency().to_string();
    let parts = Parts {
        db: Db::open_file(&folder.join("witness.sqlite"), Options::default()).await.expect("a database"),
        vault: Vault::new(keys.seed()),
        objects: Objects::folder(&folder.join("documents")).expect("a folder"),
        clock: Arc::new(bed::Standing(scribe.now())),
        seed: [3; 32],
    };
    let witness = Witness::start(App::start(parts), settings, keys);
    let server = Server::bind(config.listen).expect("a free port");
    let address = server.address();
    let state = AppState::new(config, witness.app().clone());
    let router = serve::router(witness.clone(), state.clone());
    tokio::spawn(async move { server.run_router(router, &state).await });
    format!("witness {name} {cosigner} http://{address}/witness\n")
}

/// Size of the village's record that three witnesses have cosigned.
async fn cosigned_size(app: &App, code: VillageCode) -> u64 {
    let read = app.db().read("cosigned", |tx| {
        Box::pin(async move {
            // Nothing has waited since 1970: only what is cosigned counts.
            let long_ago = Time::from_ms(0).expect("a time");
            let Some(witnessed) = tx.newest_ripe(district(), long_ago).await? else { return Ok::<_, StoreError>(0) };
            let leaf = tx.newest_published_within(code, witnessed.size).await?;
            Ok(leaf.and_then(|leaf| leaf.size).unwrap_or(0))
        })
    });
    read.await.expect("read")
}

async fn cosigned(every: Duration) {
    let folders: Vec<_> = (0..4).map(|_| tempfile::tempdir().expect("a folder")).collect();
    let (mut scribe, vote, present) = bed::open_vote(CASTS as usize);
    let ballots = bed::ballots(&mut scribe, &vote, present);
    let code = scribe.state().village;
    let app = bed::open(folders[0].path(), scribe.now()).await;
    village::load(&app, &scribe).await;
    app.list_keys(vec![leaf(&scribe)]).await.expect("listed");
    let log = app.district_verifier(district()).await.expect("read").expect("a log");
    let mut policy = format!("log {log}\n");
    for (number, folder) in (0..).zip(&folders[1..]) {
        policy += &witness(folder.path(), &format!("w{number}.example"), 10 * number + 1, &log, &scribe).await;
    }
    policy += "group all all w0.example w1.example w2.example\nquorum all\n";
    app.name_witnesses(Policy::parse(policy.as_bytes()).expect("a policy"), Client::new(Duration::from_secs(5)));
    let asking = app.ask_witnesses();
    let publishing = tokio::spawn({
        let app = app.clone();
        async move { app.keep_publishing(every, |round| assert!(round.is_ok(), "{round:?}")).await }
    });
    let (sender, mut handed_in) = tokio::sync::mpsc::unbounded_channel::<(u64, Instant)>();
    let casting = tokio::spawn({
        let app = app.clone();
        async move {
            let mut pace = interval(Duration::from_secs(1) / PER_SECOND);
            for (envelope, nonce, choice) in ballots {
                pace.tick().await;
                let opening =
                    BallotOpening { nonce: nonce.parse().expect("bytes"), choice: choice.parse().expect("a code") };
                let begun = now();
                let submitted = app.submit(code, envelope, Some(opening)).await.expect("taken");
                let Submitted::Recorded(accepted) = submitted else { panic!("{submitted:?}") };
                sender.send((accepted.at.seq, begun)).expect("heard");
            }
        }
    });
    let mut seconds = Vec::new();
    let mut look = interval(Duration::from_millis(4));
    while let Some((seq, begun)) = handed_in.recv().await {
        while cosigned_size(&app, code).await <= seq {
            look.tick().await;
        }
        seconds.push(begun.elapsed().as_secs_f64());
    }
    casting.await.expect("cast");
    figures::report(
        &format!("{} ballots, published every {every:?}, cosigned by three witnesses", seconds.len()),
        seconds,
    );
    publishing.abort();
    asking.iter().for_each(tokio::task::JoinHandle::abort);
    app.stop().await;
}

fn main() {
    let runtime = Runtime::new().expect("a runtime");
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only == name);
    if wanted("proofs") {
        runtime.block_on(proofs());
    }
    if wanted("cosigned") {
        runtime.block_on(cosigned(Duration::from_secs(1)));
        runtime.block_on(cosigned(Duration::from_millis(100)));
    }
}

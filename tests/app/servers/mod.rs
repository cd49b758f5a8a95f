//! Three servers on one PostgreSQL, killed at random while a hundred villages vote: nothing acknowledged is lost, nothing is
//! on record twice, and every record verifies.

mod forward;
mod hall;
mod process;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::TryStreamExt as _;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use reqwest::Client;
use sunvote::app::{App, Parts, projection};
use sunvote::core::clock::{Clock, Time};
use sunvote::core::ids::{Digest, VillageCode};
use sunvote::log::note::{Algorithm, VerifierKey};
use sunvote::log::proof::ProofFile;
use sunvote::log::verify::law::Law;
use sunvote::log::verify::{Options as Verifying, Verdict, verify};
use sunvote::store::db::{Db, Options};
use sunvote::store::error::StoreError;
use sunvote::store::objects::Objects;
use sunvote::store::vault::Vault;
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::bed::derived;
use crate::{postgres, publish};
use hall::{Hall, in_some_order, present};
use process::Server;

const SERVERS: usize = 3;
const VILLAGES: usize = 100;
const VOTERS: usize = 10;
/// People who cast at the same time.
const CASTERS: usize = 24;
/// Most servers that one ballot is brought to, one after another.
const TRIES: usize = 400;
const SEED: u64 = 20_261_122;

/// How often a server is killed: three times, or as often as `SUNVOTE_KILLS` says.
#[expect(clippy::disallowed_methods, reason = "what make evidence asks for")]
fn kills() -> usize {
    std::env::var("SUNVOTE_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(3)
}

struct Present;

impl Clock for Present {
    fn now(&self) -> Time {
        present()
    }
}

/// The application on the servers' database, beside them.
async fn beside(folder: &Path, database: &str) -> App {
    App::start(Parts {
        db: Db::open(database, Options::default()).await.expect("a database"),
        vault: Vault::new(&Zeroizing::new([1; 32])),
        objects: Objects::folder(&folder.join("documents")).expect("a folder"),
        clock: Arc::new(Present),
        seed: [2; 32],
    })
}

/// A ballot that a server acknowledged.
struct Acknowledged {
    village: VillageCode,
    statement: Digest,
    seq: u64,
    leaf: Digest,
    receipt: String,
}

/// Brings one ballot to servers in turn until one of them acknowledges it.
async fn cast(client: &Client, bases: &[String], first: usize, hall: &Hall, voter: u32) -> Acknowledged {
    let signed = hall.sign(voter);
    let (token, csrf) = &hall.sessions[voter as usize - 1];
    let mut told = String::new();
    for try_ in 0..TRIES {
        let base = &bases[(first + try_) % bases.len()];
        let request = client
            .post(format!("{base}/api/v1/villages/{}/statements", hall.village))
            .header("cookie", format!("sunvote={token}"))
            .header("x-csrf", csrf)
            .header("content-type", "application/json")
            .body(signed.body.clone());
        let Ok(answer) = request.send().await else { continue };
        let status = answer.status().as_u16();
        let Ok(text) = answer.text().await else { continue };
        match status {
            201 => {
                let said: serde_json::Value = serde_json::from_str(&text).expect("JSON");
                return Acknowledged {
                    village: hall.village,
                    statement: signed.statement,
                    seq: said["seq"].as_u64().expect("a number"),
                    leaf: said["leaf"].as_str().expect("a hash").parse().expect("a hash"),
                    receipt: said["receipt"].as_str().expect("a receipt").to_owned(),
                };
            }
            503 => told = text,
            _ => panic!("a lawful ballot was answered {status}: {text}"),
        }
    }
    panic!("nobody took a ballot; the last that was said: {told}");
}

/// Kills a server each time so many ballots have been acknowledged, sometimes while another one is still down. Some are started
/// again at once, some only after further ballots, whose villages another server must have taken over by then. One always
/// runs. How many processes were killed.
fn kill_now_and_then(mut servers: Vec<Server>, mut acks: mpsc::Receiver<()>, ballots: usize) -> (Vec<Server>, usize) {
    let mut rng = ChaCha20Rng::seed_from_u64(SEED);
    let (mut heard, mut killed) = (0, 0);
    let mut down: Vec<usize> = Vec::new();
    for kill in 0..kills() {
        let after = ballots * (kill + 1) / (kills() + 1);
        while heard < after && acks.blocking_recv().is_some() {
            heard += 1;
        }
        let victim = usize::try_from(rng.next_u64() % SERVERS as u64).expect("small");
        if down.len() == SERVERS - 1 || down.contains(&victim) {
            down.drain(..).for_each(|server| servers[server].restart());
        }
        servers[victim].kill();
        killed += 1;
        down.push(victim);
        if rng.next_u64().is_multiple_of(2) {
            down.drain(..).for_each(|server| servers[server].restart());
        }
    }
    while acks.blocking_recv().is_some() {}
    down.drain(..).for_each(|server| servers[server].restart());
    (servers, killed)
}

/// Casts everyone's ballot, at any server, while servers are killed.
async fn vote(servers: Vec<Server>, halls: Arc<Vec<Hall>>) -> (Vec<Server>, usize, Vec<Acknowledged>) {
    let bases: Arc<Vec<String>> = Arc::new(servers.iter().map(|server| server.base.clone()).collect());
    let list = Arc::new(in_some_order(halls.len(), VOTERS, SEED));
    let (heard, acks) = mpsc::channel(list.len());
    let ballots = list.len();
    let killing = tokio::task::spawn_blocking(move || kill_now_and_then(servers, acks, ballots));
    let (next, client) = (Arc::new(AtomicUsize::new(0)), Client::builder().timeout(Duration::from_secs(30)).build());
    let client = client.expect("a client");
    let casters: Vec<_> = (0..CASTERS)
        .map(|_| {
            let (bases, list, halls) = (Arc::clone(&bases), Arc::clone(&list), Arc::clone(&halls));
            let (next, client, heard) = (Arc::clone(&next), client.clone(), heard.clone());
            tokio::spawn(async move {
                let mut done = Vec::new();
                while let Some((nth, (hall, voter))) = {
                    let nth = next.fetch_add(1, Ordering::SeqCst);
                    list.get(nth).map(|one| (nth, *one))
                } {
                    done.push(cast(&client, &bases, nth, &halls[hall], voter).await);
                    heard.send(()).await.expect("somebody counts");
                }
                done
            })
        })
        .collect();
    drop(heard);
    let mut all = Vec::new();
    for caster in casters {
        all.extend(caster.await.expect("every ballot was taken"));
    }
    let (servers, killed) = killing.await.expect("killed");
    (servers, killed, all)
}

/// The whole record of a village, verified as a stranger does, and the statements in it.
async fn record(app: &App, village: VillageCode) -> Vec<(u64, Digest, Digest)> {
    let file: Vec<u8> = app.export(village).await.expect("a record").try_concat().await.expect("read");
    let report = verify(file.as_slice(), &mut Law::new(None), &Verifying::default(), |_| {});
    assert_eq!(report.verdict(), Verdict::Lawful, "{village}: {:?}", report.findings);
    let (mut all, mut from) = (Vec::new(), 0);
    loop {
        let page = app.db().read("entries", |tx| Box::pin(tx.entries(village, from, 256))).await;
        let page = page.map_err(|error: StoreError| error).expect("read");
        let Some(last) = page.last() else { return all };
        from = last.seq + 1;
        all.extend(page.into_iter().map(|entry| (entry.seq, entry.leaf, entry.statement)));
    }
}

/// Every acknowledged ballot is on record where it was said to be, and once; every record verifies.
async fn check(app: &App, halls: &[Hall], acknowledged: &[Acknowledged]) {
    let mut by_village: BTreeMap<VillageCode, Vec<&Acknowledged>> = BTreeMap::new();
    for ack in acknowledged {
        by_village.entry(ack.village).or_default().push(ack);
    }
    for hall in halls {
        let entries = record(app, hall.village).await;
        let statements: BTreeSet<Digest> = entries.iter().map(|(_, _, statement)| *statement).collect();
        assert_eq!(statements.len(), entries.len(), "no statement is on record twice");
        let acks = &by_village[&hall.village];
        assert_eq!(entries.len(), hall.scribe().entries.len() + acks.len(), "and nothing else is there");
        let state = hall.scribe().state().clone();
        let log = VerifierKey::new(&state.origin, Algorithm::Ed25519, &state.log_key).expect("the log's key");
        for ack in acks {
            assert!(entries.contains(&(ack.seq, ack.leaf, ack.statement)), "{}: {} is lost", hall.village, ack.seq);
            let receipt = ProofFile::parse(ack.receipt.as_bytes()).expect("a receipt");
            assert_eq!(receipt.verify_receipt(&log).expect("a good receipt").0.seq, ack.seq);
        }
    }
}

/// Tables are what a rebuild makes of the records, and the district's log is what they say.
async fn check_derived(app: &App, halls: &[Hall]) {
    projection::catch_up(app.db(), app.vault(), app.lives()).await.expect("caught up");
    let kept = |mut rows: BTreeMap<&'static str, Vec<String>>| {
        // Kept states may be of an earlier size: they only shorten the way.
        rows.remove("village_state");
        rows
    };
    let left = kept(derived(app).await);
    for hall in halls {
        projection::rebuild(app.db(), app.vault(), app.lives(), hall.village).await.expect("rebuilt");
    }
    assert_eq!(left, kept(derived(app).await), "what the servers left is what rebuild makes");
    app.publish_due().await.expect("a round");
    publish::verified(app, &halls[0].scribe()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_ballot_is_lost_when_servers_are_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = postgres::shared().database().await;
    let app = beside(folder.path(), &database).await;
    let halls = Arc::new(Hall::open_all(&app, VILLAGES, VOTERS).await);
    app.stop().await;
    app.db().close().await;
    let servers = (0..SERVERS).map(|number| Server::start(folder.path(), number, &database)).collect();
    let (mut servers, killed, acknowledged) = vote(servers, Arc::clone(&halls)).await;
    servers.iter_mut().for_each(Server::stop);
    assert_eq!(acknowledged.len(), VILLAGES * VOTERS);
    let app = beside(folder.path(), &database).await;
    check(&app, &halls, &acknowledged).await;
    check_derived(&app, &halls).await;
    println!("{killed} kills, {} ballots acknowledged, 0 lost, {} records verified", acknowledged.len(), halls.len());
    app.stop().await;
    app.db().close().await;
}

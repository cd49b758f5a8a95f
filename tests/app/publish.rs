//! Publication: what is in the district's log is what the villages' records say, whatever fails on the way.

use std::path::Path;
use std::time::Duration;

use sunvote::app::App;
use sunvote::app::publish::key_leaf;
use sunvote::app::submit::BallotOpening;
use sunvote::core::ids::{Digest, DistrictCode, PublicKey, VillageCode};
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::district::{Directory, Says, village_of};
use sunvote::log::note::{Algorithm, Note, VerifierKey};
use sunvote::log::proof::ProofFile;
use sunvote::log::scribe::Scribe;
use sunvote::log::tree::{self, leaf_hash};
use sunvote::store::db::Options;
use sunvote::store::district::LogOf;
use sunvote::store::error::StoreError;
use sunvote::store::fault::{Fault, FaultPlan};

use crate::bed::{Ballot, ballots, open, open_vote, open_with};
use crate::village::load;

/// Name of the store in its folder.
pub const STORE: &str = "test.sqlite";
const VOTERS: u32 = 15;

pub fn district() -> DistrictCode {
    "331102".parse().expect("a district")
}

fn log_key(scribe: &Scribe) -> VerifierKey {
    VerifierKey::new(&scribe.state().origin, Algorithm::Ed25519, &scribe.state().log_key).expect("the log's key")
}

/// The leaf that enters the village's key in the directory.
pub fn leaf(scribe: &Scribe) -> Vec<u8> {
    key_leaf(&log_key(scribe), scribe.roots()).expect("two roots")
}

async fn bytes_of(app: &App, log: LogOf, size: u64) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    while (all.len() as u64) < size {
        let from = all.len() as u64;
        let page: Result<_, StoreError> =
            app.db().read("log_bytes", |tx| Box::pin(tx.log_bytes(log, from, size - from))).await;
        all.extend(page.expect("a page"));
    }
    all
}

fn root_of(leaves: &[Vec<u8>]) -> Digest {
    tree::root(&leaves.iter().map(|leaf| leaf_hash(leaf)).collect::<Vec<_>>())
}

/// The same, and everything that the village's record has is published. Returns how many leaves there are.
pub async fn verified(app: &App, scribe: &Scribe) -> u64 {
    let (leaves, published) = published_so_far(app, scribe).await;
    let live = app.lives().live(scribe.state().village).await.expect("the village");
    assert_eq!(published, live.ledger.frontier.size(), "everything is published");
    leaves
}

/// Verifies the district's log from its first leaf on, against its checkpoint and the village's own entries. Returns how many
/// leaves it has, and how many entries are published.
pub async fn published_so_far(app: &App, scribe: &Scribe) -> (u64, u64) {
    let key = app.district_verifier(district()).await.expect("read").expect("a log");
    let note = app.served_checkpoint(LogOf::District(district())).await.expect("a checkpoint");
    let checkpoint = Checkpoint::open(&Note::parse(&note).expect("a note"), &key).expect("signed");
    let leaves = bytes_of(app, LogOf::District(district()), checkpoint.size).await;
    assert_eq!((leaves.len() as u64, root_of(&leaves)), (checkpoint.size, checkpoint.root));
    let known: Vec<PublicKey> = scribe.roots().iter().map(|root| PublicKey(root.verifying_key().to_bytes())).collect();
    let mut directory = Directory::new(key.name(), &known, None).expect("sound roots");
    let mut published = 0;
    for leaf in &leaves {
        if let Says::Checkpoint(shown) = directory.take(leaf).expect("a leaf that belongs there") {
            let (_, village) = village_of(&shown.origin).expect("a village's log");
            let entries = bytes_of(app, LogOf::Village(village), shown.size).await;
            assert_eq!(shown.root, root_of(&entries), "the first {} entries of {village}", shown.size);
            if village == scribe.state().village {
                published = shown.size;
            }
        }
    }
    (checkpoint.size, published)
}

pub async fn cast(app: &App, village: VillageCode, (envelope, nonce, choice): &Ballot) {
    let opening = BallotOpening { nonce: nonce.parse().expect("32 bytes"), choice: choice.parse().expect("a code") };
    app.submit(village, envelope.clone(), Some(opening)).await.expect("taken");
}

async fn started(folder: &Path, scribe: &Scribe) -> App {
    let app = open(folder, scribe.now()).await;
    load(&app, scribe).await;
    app
}

/// A village whose key is in the directory and whose record is published so far, with ballots to cast.
async fn published(folder: &Path) -> (App, Scribe, Vec<Ballot>) {
    let (mut scribe, vote, _) = open_vote(VOTERS as usize);
    let ballots = ballots(&mut scribe, &vote, VOTERS);
    let app = started(folder, &scribe).await;
    app.list_keys(vec![leaf(&scribe)]).await.expect("listed");
    app.publish_due().await.expect("a round");
    (app, scribe, ballots)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_record_gains_is_published_once() {
    let (mut scribe, vote, _) = open_vote(VOTERS as usize);
    let village = scribe.state().village;
    let ballots = ballots(&mut scribe, &vote, VOTERS);
    let folder = tempfile::tempdir().expect("a folder");
    let app = started(folder.path(), &scribe).await;
    assert_eq!(app.publish_due().await.expect("a round").villages, 0, "a village without its key in the directory");
    assert!(app.served_checkpoint(LogOf::Village(village)).await.is_err());
    assert_eq!(app.list_keys(vec![leaf(&scribe)]).await.expect("listed"), 1);
    assert_eq!(app.list_keys(vec![leaf(&scribe)]).await.expect("known"), 0, "a key that is there already");
    assert_eq!(app.publish_due().await.expect("a round").villages, 1);
    assert_eq!(verified(&app, &scribe).await, 2);
    assert_eq!(app.publish_due().await.expect("a round").villages, 0, "nothing new");
    for ballot in &ballots[..5] {
        cast(&app, village, ballot).await;
    }
    assert_eq!(app.publish_due().await.expect("a round").villages, 1);
    assert_eq!(verified(&app, &scribe).await, 3, "five ballots, one leaf");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_grows_is_published_at_once_but_not_twice_within_the_pace() {
    let folder = tempfile::tempdir().expect("a folder");
    let (app, scribe, ballots) = published(folder.path()).await;
    let village = scribe.state().village;
    let (told, mut rounds) = tokio::sync::mpsc::unbounded_channel();
    let publishing = tokio::spawn({
        let app = app.clone();
        let hour = Duration::from_hours(1);
        async move { app.keep_publishing(hour, |round| told.send(round.expect("a round").villages).expect("heard")).await }
    });
    assert_eq!(rounds.recv().await, Some(0), "nothing to publish at the start");
    cast(&app, village, &ballots[0]).await;
    // What was appended before the loop began may have rung once more.
    let published = async { while rounds.recv().await != Some(1) {} };
    tokio::time::timeout(Duration::from_mins(1), published).await.expect("published long before the hour is over");
    cast(&app, village, &ballots[1]).await;
    assert_eq!(app.publish_due().await.expect("a round").villages, 1, "the second waits for the hour to pass");
    publishing.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_two_files_of_a_receipt_prove_an_entry_under_the_districts_checkpoint() {
    let folder = tempfile::tempdir().expect("a folder");
    let (app, scribe, ballots) = published(folder.path()).await;
    let village = scribe.state().village;
    let seq = scribe.state().size();
    cast(&app, village, &ballots[0]).await;
    assert_eq!(app.district_receipt(village, seq).await.expect("read"), None, "not published yet");
    app.publish_due().await.expect("a round");
    let before = app.published_receipt(village, seq).await.expect("a receipt");
    cast(&app, village, &ballots[1]).await;
    app.publish_due().await.expect("a round");
    let entry = app.published_receipt(village, seq).await.expect("a receipt");
    assert_eq!(before, entry, "what follows changes nothing in the first file");
    let first = ProofFile::parse(&entry).expect("a proof file");
    let (stated, _) = first.verify_receipt(&log_key(&scribe)).expect("under the village's checkpoint");
    assert_eq!(stated.statement, ballots[0].0);
    let above = app.district_receipt(village, seq).await.expect("read");
    let second = ProofFile::parse(&above.expect("published")).expect("a proof file");
    let key = app.district_verifier(district()).await.expect("read").expect("a log");
    let note = first.checkpoint.to_string();
    second.verify(&leaf_hash(note.as_bytes()), &key, &[]).expect("under the district's checkpoint");
    assert!(second.verify(&leaf_hash(&entry), &key, &[]).is_err(), "of another leaf it proves nothing");
    assert!(app.published_receipt(village, seq + 2).await.is_err(), "no such entry");
}

/// Lists the key, publishes, takes a ballot and publishes again, as far as it comes.
async fn whole(app: &App, scribe: &Scribe, ballot: &Ballot) -> bool {
    if app.list_keys(vec![leaf(scribe)]).await.is_err() || app.publish_due().await.is_err() {
        return false;
    }
    let opening = BallotOpening { nonce: ballot.1.parse().expect("bytes"), choice: ballot.2.parse().expect("a code") };
    let taken = app.submit(scribe.state().village, ballot.0.clone(), Some(opening)).await;
    taken.is_ok() && app.publish_due().await.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_at_any_step_leaves_a_log_that_goes_on() {
    let (mut scribe, vote, _) = open_vote(VOTERS as usize);
    let ballots = ballots(&mut scribe, &vote, VOTERS);
    let beginning = tempfile::tempdir().expect("a folder");
    let app = started(beginning.path(), &scribe).await;
    app.stop().await;
    app.db().close().await;
    let (mut steps, mut failed) = (u64::MAX, 0);
    let mut step = 0;
    while step <= steps {
        for fault in [Fault::NotWritten, Fault::ButWritten] {
            let folder = tempfile::tempdir().expect("a folder");
            let copied = std::fs::copy(beginning.path().join(STORE), folder.path().join(STORE));
            copied.expect("a copy of the store");
            let plan = if step == 0 { FaultPlan::default() } else { FaultPlan::at(step, fault) };
            let app =
                open_with(folder.path(), scribe.now(), Options { faults: plan.clone(), ..Options::default() }).await;
            let through = whole(&app, &scribe, &ballots[0]).await;
            app.stop().await;
            app.db().close().await;
            if step == 0 {
                assert!(through, "without a failure");
                steps = plan.steps();
            }
            failed += usize::from(!through);
            // The next process does what is left.
            let app = open(folder.path(), scribe.now()).await;
            app.list_keys(vec![leaf(&scribe)]).await.expect("listed");
            app.publish_due().await.expect("a round");
            let leaves = verified(&app, &scribe).await;
            assert!((2..=3).contains(&leaves), "step {step}, {fault:?}: {leaves} leaves");
            app.stop().await;
        }
        step += 1;
    }
    println!("{steps} steps, each failed in two ways; {failed} runs were cut short");
    assert!(failed > 20, "failures were met: {failed} of {steps} steps");
}

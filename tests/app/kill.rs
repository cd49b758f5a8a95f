//! Killed in the middle of 200 concurrent casts, the application has every ballot that it acknowledged.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sunvote::app::projection;
use sunvote::core::ids::{Digest, VillageCode};
use sunvote::log::note::{Algorithm, VerifierKey};
use sunvote::log::proof::ProofFile;
use sunvote::log::record::RecordWriter;
use sunvote::log::verify::law::Law;
use sunvote::log::verify::{Options, Verdict, verify};

use crate::bed::{ballots, derived, open, open_vote};
use crate::publish;
use crate::village::load;

const VOTERS: u32 = 200;

/// Acknowledgements after which the process is killed: three kills, or as many as `SUNVOTE_KILLS` says, spread evenly.
#[expect(clippy::disallowed_methods, reason = "what make evidence asks for")]
fn heard() -> Vec<usize> {
    let kills = std::env::var("SUNVOTE_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(3);
    (0..kills).map(|kill| 1 + kill * 180 / kills).collect()
}

/// The program that casts, built beside the tests.
fn caster() -> PathBuf {
    let own = std::env::current_exe().expect("this test's path");
    let profile = own.parent().and_then(Path::parent).expect("the folder of the build");
    profile.join("examples").join("casts")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_ballot_is_lost_when_the_server_is_killed() {
    let (mut scribe, vote, present) = open_vote(VOTERS as usize);
    let village = scribe.state().village;
    let ballots = ballots(&mut scribe, &vote, present);
    let (kills, mut acknowledged) = (heard(), 0);
    for &heard in &kills {
        let folder = tempfile::tempdir().expect("a folder");
        let app = open(folder.path(), scribe.now()).await;
        load(&app, &scribe).await;
        app.list_keys(vec![publish::leaf(&scribe)]).await.expect("listed");
        app.stop().await;
        app.db().close().await;
        let list = folder.path().join("ballots");
        let mut file = std::fs::File::create(&list).expect("a file");
        for (envelope, nonce, choice) in &ballots {
            let envelope = String::from_utf8(envelope.to_json()).expect("JSON");
            writeln!(file, "{envelope}\t{nonce}\t{choice}").expect("written");
        }
        let mut child = Command::new(caster())
            .args([folder.path(), &list])
            .args([scribe.now().to_string(), village.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the caster runs");
        let out = BufReader::new(child.stdout.take().expect("its output"));
        let mut acks: Vec<(u64, Digest)> = Vec::new();
        for line in out.lines() {
            let line = line.expect("a line");
            // The last line may have been cut off by the kill.
            let Some((seq, leaf)) = line.split_once(' ') else { continue };
            if let (Ok(seq), Ok(leaf)) = (seq.parse(), leaf.parse()) {
                acks.push((seq, leaf));
            }
            if acks.len() == heard {
                child.kill().expect("killed");
            }
        }
        child.wait().expect("ended");
        assert!(acks.len() >= heard, "{} acknowledgements came", acks.len());
        check(folder.path(), &scribe, village, &acks).await;
        acknowledged += acks.len();
    }
    println!("{} kills, {acknowledged} ballots acknowledged, 0 lost", kills.len());
}

/// Opens the folder again: every acknowledged entry is there, and the whole record is lawful.
async fn check(folder: &Path, scribe: &sunvote::log::scribe::Scribe, village: VillageCode, acks: &[(u64, Digest)]) {
    let app = open(folder, scribe.now()).await;
    for (seq, leaf) in acks {
        let seq = *seq;
        let entry = app.db().read("entry", |tx| Box::pin(tx.entry(village, seq))).await.expect("read");
        assert_eq!(entry.expect("the acknowledged entry").leaf, *leaf);
    }
    let live = app.lives().live(village).await.expect("the village");
    let log = VerifierKey::new(&live.state().origin, Algorithm::Ed25519, &live.state().log_key).expect("the log's key");
    for seq in 0..live.ledger.frontier.size() {
        let receipt = ProofFile::parse(&app.receipt(village, seq).await.expect("a receipt")).expect("a proof file");
        let (entry, _) = receipt.verify_receipt(&log).expect("a proof of the entry");
        assert_eq!(entry.seq, seq);
    }
    projection::catch_up(app.db(), app.vault(), app.lives()).await.expect("caught up");
    let caught_up = derived(&app).await;
    projection::rebuild(app.db(), app.vault(), app.lives(), village).await.expect("rebuilt");
    assert_eq!(caught_up, derived(&app).await, "what the projector left is what rebuild makes");
    let mut writer = RecordWriter::new(Vec::new()).expect("a record");
    let mut from = 0;
    while from < live.ledger.frontier.size() {
        let page = app.db().read("entries", |tx| Box::pin(tx.entries(village, from, 256))).await.expect("read");
        for entry in &page {
            writer.entry(&entry.bytes).expect("written");
        }
        from += page.len() as u64;
    }
    let record = writer.finish(&live.ledger.checkpoint(&live.key)).expect("finished");
    let report = verify(record.as_slice(), &mut Law::new(None), &Options::default(), |_| {});
    assert_eq!(report.verdict(), Verdict::Lawful, "{:?}", report.findings);
    publish::published_so_far(&app, scribe).await;
    app.publish_due().await.expect("a round");
    publish::verified(&app, scribe).await;
    app.stop().await;
}

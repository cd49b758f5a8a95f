//! A following witness against a server that skips the judge: attacks of PROTOCOL 10, each with its alarm and evidence.

use rstest::rstest;
use sunvote::core::model::{Body, Category};
use sunvote::core::statement::Statement;
use sunvote::log::checkpoint::Checkpoint;
use sunvote::log::district::{Files, release_text};
use sunvote::log::dsse::Envelope;
use sunvote::log::entry::Entry;
use sunvote::log::evidence::Evidence;
use sunvote::log::note::{Algorithm, Note, NoteSignature, VerifierKey};
use sunvote::log::proof::ProofFile;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Hand, Scribe};
use sunvote::log::text::sha256;
use sunvote::log::tree::leaf_hash;
use sunvote::store::db::Options;
use sunvote::witness::alarm::Kind;
use sunvote::witness::follower::Round;

use super::forger::{DISTRICT, Forger, entries, founded, public, roots, signed, unjudged};
use super::rig::{Rig, keys, settings};

const ONE: &str = "331102001206";
const OTHER: &str = "331102001207";

/// A village with people and keys.
fn settled(village: &str) -> Scribe {
    let mut scribe = founded(village);
    scribe.settle(&Term::default()).unwrap();
    scribe
}

/// A forger that published one lawful village so far, and a witness that has read it.
async fn watched(scribe: &Scribe) -> (Forger, Rig) {
    let forger = Forger::start().await;
    forger.publish(scribe, entries(scribe));
    let rig = Rig::of(&forger, scribe.now()).await;
    let round = rig.round().await;
    assert_eq!(
        (round.villages, round.cosigned, round.alarms, round.hindered),
        (1, 1, 0, 0),
        "{:?}",
        rig.alarms().await
    );
    (forger, rig)
}

/// Judges evidence as a stranger would, from its bytes.
fn proves_two_histories(evidence: Option<Vec<u8>>, log: &VerifierKey) {
    let evidence = Evidence::parse(&evidence.expect("evidence")).expect("an evidence file");
    evidence.judge(log).expect("it proves two histories");
}

fn log_of(scribe: &Scribe) -> VerifierKey {
    VerifierKey::new(&scribe.state().origin, Algorithm::Ed25519, &scribe.state().log_key).unwrap()
}

#[tokio::test]
async fn lawful_records_are_copied_cosigned_and_handed_back() {
    let (one, other) = (settled(ONE), founded(OTHER));
    let (forger, rig) = watched(&one).await;
    forger.publish(&other, entries(&other));
    let round = rig.round().await;
    assert_eq!((round.leaves, round.villages, round.entries, round.cosigned, round.pushed), (2, 1, 1, 1, 1));
    let lawful = keys().lawful().clone();
    for (note, scribe) in forger.taken().iter().zip([&one, &other]) {
        assert_eq!(Checkpoint::open(note, &log_of(scribe)).unwrap().size, scribe.entries.len() as u64);
        note.verify(std::slice::from_ref(&lawful)).expect("the lawful cosigner's signature");
    }
    assert_eq!(rig.round().await, Round::default(), "an idle round does nothing");
    // What it copied, it shows: the same bytes.
    let base = rig.serve();
    for path in ["log/d/331102/tile/entries/000.p/4", "log/v/331102001207/tile/0/000.p/1", "log/d/331102/checkpoint"] {
        let get = |base: &str| reqwest::get(format!("{base}/{path}"));
        let (ours, theirs) = (get(&base).await.unwrap(), get(&forger.base).await.unwrap());
        assert_eq!(ours.status(), 200, "{path}");
        assert_eq!(ours.bytes().await.unwrap(), theirs.bytes().await.unwrap(), "{path}");
    }
    let shown = reqwest::get(format!("{base}/log/v/{ONE}/checkpoint")).await.unwrap().text().await.unwrap();
    assert_eq!(shown, forger.taken()[0].to_string(), "as it was handed back");
    let page = reqwest::get(&base).await.unwrap().text().await.unwrap();
    assert!(page.contains(ONE) && page.contains(OTHER), "{page}");
}

#[tokio::test]
async fn a_witness_that_ran_before_reads_only_what_is_new() {
    let mut scribe = settled(ONE);
    let (forger, mut rig) = watched(&scribe).await;
    scribe.suggest("修路").unwrap();
    forger.publish(&scribe, entries(&scribe));
    rig.reopen(Options::default()).await;
    let round = rig.round().await;
    assert_eq!((round.entries, round.cosigned, round.alarms), (1, 1, 0), "{:?}", rig.alarms().await);
}

#[tokio::test]
async fn a_truncated_record_is_a_rollback() {
    let scribe = settled(ONE);
    let (forger, rig) = watched(&scribe).await;
    let leaves = forger.shown("d/331102").entries;
    let shorter = leaves[..leaves.len() - 1].to_vec();
    let note = signed(DISTRICT, &shorter, &forger.key);
    forger.show("d/331102", shorter, &note);
    assert_eq!(rig.round().await.alarms, 1);
    let (alarm, evidence) = rig.only_alarm(Kind::Rollback).await;
    assert_eq!((alarm.origin.as_str(), alarm.found.as_str()), (DISTRICT, "1"));
    assert_eq!(evidence, Some(note.to_string().into_bytes()));
}

/// The same size, another leaf; and a longer history that does not begin with what was shown.
#[rstest]
#[case::equal_sizes(0)]
#[case::a_longer_one(3)]
#[tokio::test]
async fn two_histories_of_the_district_to_two_readers(#[case] more: usize) {
    let scribe = settled(ONE);
    let (forger, rig) = watched(&scribe).await;
    let mut leaves = forger.shown("d/331102").entries;
    let other = founded(OTHER);
    leaves[1] = signed(&other.state().origin, &entries(&other), other.log_key()).to_string().into_bytes();
    leaves.extend(vec![leaves[0].clone(); more]);
    let note = signed(DISTRICT, &leaves, &forger.key);
    forger.show("d/331102", leaves, &note);
    assert_eq!(rig.round().await.alarms, 1);
    let (_, evidence) = rig.only_alarm(Kind::Fork).await;
    proves_two_histories(evidence, &forger.verifier());
}

#[tokio::test]
async fn two_histories_of_a_village_to_two_readers() {
    let mut scribe = settled(ONE);
    let mut lie = scribe.clone();
    scribe.suggest("修路").unwrap();
    let (forger, rig) = watched(&scribe).await;
    lie.suggest("修桥").unwrap();
    lie.suggest("修渠").unwrap();
    forger.publish(&lie, entries(&lie));
    assert_eq!(rig.round().await.alarms, 1);
    let (_, evidence) = rig.only_alarm(Kind::Fork).await;
    proves_two_histories(evidence, &log_of(&scribe));
}

#[tokio::test]
async fn a_checkpoint_of_the_directory_beside_the_villages_tree_is_a_fork() {
    let mut scribe = settled(ONE);
    let (forger, rig) = watched(&scribe).await;
    let mut lie = scribe.clone();
    lie.suggest("修桥").unwrap();
    scribe.suggest("修路").unwrap();
    forger.add(signed(&lie.state().origin, &entries(&lie), lie.log_key()).to_string().into_bytes());
    scribe.suggest("修渠").unwrap();
    forger.publish(&scribe, entries(&scribe));
    let round = rig.round().await;
    assert_eq!((round.alarms, round.cosigned), (1, 0), "what lies beside the tree is not cosigned");
    let (_, evidence) = rig.only_alarm(Kind::Fork).await;
    proves_two_histories(evidence, &log_of(&scribe));
}

#[tokio::test]
async fn a_stale_village_view_is_told() {
    let mut scribe = settled(ONE);
    let before = scribe.clone();
    let (forger, rig) = watched(&scribe).await;
    scribe.suggest("修路").unwrap();
    forger.publish(&scribe, entries(&scribe));
    let stale = signed(&before.state().origin, &entries(&before), before.log_key());
    forger.show(&format!("v/{ONE}"), entries(&scribe), &stale);
    assert_eq!(rig.round().await.alarms, 1);
    let (alarm, evidence) = rig.only_alarm(Kind::Stale).await;
    assert_eq!(alarm.origin, scribe.state().origin);
    assert_eq!(evidence, Some(stale.to_string().into_bytes()));
}

#[tokio::test]
async fn an_old_backup_restored_shows_less_than_was_cosigned() {
    let scribe = settled(ONE);
    let (forger, rig) = watched(&scribe).await;
    // The log had one more leaf cosigned at the desk; from the backup it shows readers only what was before.
    let mut leaves = forger.shown("d/331102").entries;
    leaves.push(b"lost".to_vec());
    let body = format!("old 0\n\n{}", signed(DISTRICT, &leaves, &forger.key));
    rig.witness.desk().ask(body.as_bytes()).await.expect("cosigned");
    assert_eq!(rig.round().await.alarms, 0, "what was cosigned this moment may not be shown yet");
    rig.set(scribe.now().plus_ms(121_000));
    assert_eq!(rig.round().await.alarms, 1);
    rig.only_alarm(Kind::Stale).await;
}

#[rstest]
#[case::one_root(&[0])]
#[case::the_same_root_twice(&[0, 0])]
#[tokio::test]
async fn a_village_key_swapped_in_the_directory_is_told(#[case] by: &[usize]) {
    let scribe = settled(ONE);
    let (forger, rig) = watched(&scribe).await;
    let own = sunvote::log::note::VerifierKey::new(&scribe.state().origin, Algorithm::Ed25519, &public(&forger.key));
    let signers: Vec<_> = by.iter().map(|root| roots()[*root].clone()).collect();
    forger.list(&own.unwrap(), &signers);
    assert_eq!(rig.round().await.alarms, 1);
    let (alarm, evidence) = rig.only_alarm(Kind::Directory).await;
    assert_eq!(alarm.entry, Some(2));
    // The evidence is the leaf with its path to the signed checkpoint.
    let proof = ProofFile::parse(&evidence.expect("evidence")).unwrap();
    let leaf = leaf_hash(proof.extra.as_deref().unwrap());
    proof.verify(&leaf, &forger.verifier(), &[]).unwrap();
}

/// How a server that skips the judge alters the newest entry.
#[derive(Debug, Clone, Copy)]
enum Altered {
    Replayed,
    Changed,
    Reordered,
    Unchained,
    Unsigned,
}

#[rstest]
#[case::a_statement_replayed(Altered::Replayed, "statement.replayed")]
#[case::an_entry_changed(Altered::Changed, "statement.signature")]
#[case::an_entry_reordered(Altered::Reordered, "entry.seq")]
#[case::an_entry_inserted(Altered::Unchained, "entry.prev")]
#[case::a_statement_by_nobody(Altered::Unsigned, "signer.key")]
#[tokio::test]
async fn an_unlawful_entry_stops_its_village_only(#[case] how: Altered, #[case] rule: &str) {
    let (mut one, mut other) = (settled(ONE), founded(OTHER));
    let (forger, rig) = watched(&one).await;
    forger.publish(&other, entries(&other));
    rig.round().await;
    one.suggest("修路").unwrap();
    let lawful = entries(&one);
    let (last, before) = lawful.split_last().unwrap();
    let entry = Entry::parse(last).unwrap();
    let make = |statement| unjudged(&one.state().origin, &lawful, entry.time, statement);
    let bad = match how {
        Altered::Replayed => make(entry.statement.clone()),
        Altered::Changed => {
            let mut statement = entry.statement.clone();
            statement.signatures[0].sig[40] ^= 1;
            unjudged(&one.state().origin, before, entry.time, statement)
        }
        Altered::Reordered => Entry { seq: entry.seq + 1, ..entry.clone() }.encode().unwrap(),
        Altered::Unchained => Entry { prev: leaf_hash(b"x"), ..entry.clone() }.encode().unwrap(),
        Altered::Unsigned => {
            let stranger = ed25519_dalek::SigningKey::from_bytes(&[77; 32]);
            let mut statement = Statement::parse(&entry.statement.payload).unwrap();
            let hands = statement.by.iter().skip(1).map(|signer| Hand::Person(signer.person.unwrap(), signer.role));
            let others: Vec<_> = hands.map(|hand| one.key_of(hand).unwrap()).collect();
            statement.by[0].key = public(&stranger);
            let keys: Vec<_> = std::iter::once(&stranger).chain(others).collect();
            let kind = &entry.statement.payload_type;
            let statement = Envelope::sign(kind, statement.to_payload().unwrap(), &keys);
            unjudged(&one.state().origin, before, entry.time, statement)
        }
    };
    let mut shown = if matches!(how, Altered::Replayed) { lawful.clone() } else { before.to_vec() };
    let at = shown.len() as u64;
    shown.push(bad.clone());
    forger.publish(&one, shown);
    other.wait_minutes(1);
    rig.set(other.now().max(one.now()));
    let round = rig.round().await;
    assert_eq!((round.alarms, round.cosigned), (1, 0), "{:?}", rig.alarms().await);
    let (alarm, evidence) = rig.only_alarm(Kind::Unlawful).await;
    assert_eq!((alarm.entry, alarm.rule.as_deref()), (Some(at), Some(rule)));
    // Whoever has the log's key can see that it is there.
    let proof = ProofFile::parse(&evidence.expect("evidence")).unwrap();
    assert_eq!(proof.extra.as_deref(), Some(bad.as_slice()));
    proof.verify(&leaf_hash(&bad), &log_of(&one), &[]).unwrap();
    // The neighbour's record goes on being read and cosigned.
    other.settle(&Term::default()).unwrap();
    rig.set(other.now());
    forger.publish(&other, entries(&other));
    let round = rig.round().await;
    assert_eq!((round.cosigned, round.alarms), (1, 0), "{:?}", rig.alarms().await);
}

#[tokio::test]
async fn entries_other_than_the_signed_ones_are_told() {
    let mut scribe = settled(ONE);
    let (forger, rig) = watched(&scribe).await;
    scribe.suggest("修路").unwrap();
    forger.publish(&scribe, entries(&scribe));
    let shown = forger.shown(&format!("v/{ONE}"));
    let mut altered = shown.entries.clone();
    altered.last_mut().unwrap()[20] ^= 1;
    forger.show(&format!("v/{ONE}"), altered, &Note::parse(&shown.checkpoint).unwrap());
    assert_eq!(rig.round().await.alarms, 1);
    rig.only_alarm(Kind::Withheld).await;
}

/// Entry times that were not the present: of the future, or of before the witness looked last.
#[rstest]
#[case::ahead(10)]
#[case::back(-10)]
#[tokio::test]
async fn a_clock_jump_is_told(#[case] minutes: i64) {
    let mut scribe = settled(ONE);
    scribe.wait_days(1);
    let (forger, rig) = watched(&scribe).await;
    let now = scribe.now();
    scribe.wait_minutes(minutes);
    scribe.suggest("修路").unwrap();
    forger.publish(&scribe, entries(&scribe));
    rig.set(now.plus_ms(5_000));
    assert_eq!(rig.round().await.alarms, 1);
    let (alarm, _) = rig.only_alarm(Kind::Clock).await;
    assert_eq!(alarm.entry, Some(scribe.entries.len() as u64 - 1));
    // The inspector has looked into it: the witness reads on.
    let village = scribe.state().village;
    let resumed = rig.witness.db().write("resume", |tx| Box::pin(tx.resume_village(village, now))).await;
    assert!(resumed.map_err(|error: sunvote::store::error::StoreError| error).unwrap());
    let round = rig.round().await;
    assert_eq!(round.cosigned, usize::from(minutes < 0), "what is ahead still is");
}

#[tokio::test]
async fn altered_client_code_is_told() {
    let scribe = settled(ONE);
    let forger = Forger::start().await;
    forger.publish(&scribe, entries(&scribe));
    let release = ed25519_dalek::SigningKey::from_bytes(&[88; 32]);
    let releaser = VerifierKey::new("release.example", Algorithm::Ed25519, &public(&release)).unwrap();
    let files = Files::from([("/assets/app.js".to_owned(), sha256(&[b"honest"]))]);
    let text = release_text("1.0.0", &files);
    let line = NoteSignature::sign(&text, "release.example", &release);
    forger.add(Note { text, signatures: vec![line] }.to_string().into_bytes());
    forger.file("/assets/app.js", b"honest");
    let more = format!("releaser = \"{releaser}\"");
    let settings = settings(&forger.base, &forger.verifier().to_string(), &more);
    let rig = Rig::with(settings, scribe.now(), Options::default()).await;
    assert_eq!(rig.round().await.alarms, 0, "{:?}", rig.alarms().await);
    forger.file("/assets/app.js", b"altered");
    rig.set(scribe.now().plus_ms(3_600_000));
    assert_eq!(rig.round().await.alarms, 1);
    let (alarm, _) = rig.only_alarm(Kind::Client).await;
    assert!(alarm.found.starts_with("/assets/app.js: "), "{}", alarm.found);
}

#[tokio::test]
async fn silence_is_told_until_the_webhook_takes_it_across_restarts() {
    let scribe = settled(ONE);
    let (forger, mut rig) = watched(&scribe).await;
    forger.fall_silent();
    forger.refuse(2);
    rig.set(scribe.now().plus_ms(9 * 60_000));
    rig.round().await;
    assert_eq!(rig.alarms().await, []);
    rig.set(scribe.now().plus_ms(11 * 60_000));
    rig.round().await;
    let (alarm, _) = rig.only_alarm(Kind::Silence).await;
    assert_eq!(forger.hooked().len(), 0, "refused once");
    rig.reopen(Options::default()).await;
    assert_eq!(rig.witness.tell().await.unwrap(), 0, "not before its time");
    rig.set(scribe.now().plus_ms(11 * 60_000 + 5_000));
    assert_eq!(rig.witness.tell().await.unwrap(), 0, "refused twice");
    rig.set(scribe.now().plus_ms(12 * 60_000));
    assert_eq!(rig.witness.tell().await.unwrap(), 1);
    let hooked = forger.hooked();
    assert_eq!((hooked.len(), hooked[0]["kind"].as_str()), (1, Some("silence")));
    assert_eq!(hooked[0]["alarm"].as_str(), Some(alarm.id().to_string().as_str()));
    rig.set(scribe.now().plus_ms(30 * 60_000));
    assert_eq!(rig.witness.tell().await.unwrap(), 0, "told once");
}

/// The server refuses a voter, who hands the ballot to the witness: a result without it gets no lawful cosignature.
#[tokio::test]
async fn a_refused_ballot_is_vouched_for_and_must_be_in_the_result() {
    let mut scribe = settled(ONE);
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    let session = scribe.gather(Body::RepresentativeAssembly, &[matter], 43).unwrap();
    let vote = Vote::on(session, matter, "q1").unwrap();
    scribe.open_vote(&vote).unwrap();
    scribe.wait_minutes(1);
    let (forger, rig) = watched(&scribe).await;
    let base = rig.serve();
    let mut refused = scribe.clone();
    let cast = refused.cast(&vote, 5, "for").unwrap();
    let envelope = Entry::parse(&cast.bytes).unwrap().statement.to_json();
    let send = |body: Vec<u8>| reqwest::Client::new().post(format!("{base}/witness/vouch")).body(body).send();
    let answer = send(envelope.clone()).await.unwrap();
    assert_eq!(answer.status(), 200);
    let first = answer.text().await.unwrap();
    let note = Note::parse(first.as_bytes()).unwrap();
    note.verify(&[keys().vouching()]).unwrap();
    assert!(note.text.contains(&cast.id.to_string()), "{}", note.text);
    rig.set(scribe.now().plus_ms(1_000));
    assert_eq!(send(envelope).await.unwrap().text().await.unwrap(), first, "the first time stands");
    // Not a ballot, or not by a key on record: refused by the rule.
    let other = Entry::parse(&scribe.entries[1].bytes).unwrap().statement.to_json();
    assert_eq!(send(other).await.unwrap().status(), 422);
    assert_eq!(send(b"{}".to_vec()).await.unwrap().status(), 400);
    // The result is announced without voter 5, who stays away from the server's record.
    let mut with = refused.clone();
    for scribe in [&mut scribe, &mut with] {
        for voter in 1..=43 {
            if voter != 5 && scribe.voting(&vote).unwrap().present.contains(&voter) {
                scribe.cast(&vote, voter, "for").unwrap();
            }
        }
        scribe.close_on_time(&vote).unwrap();
        scribe.end_deliveries(&vote).unwrap();
        scribe.open_ballots(&vote).unwrap();
        scribe.announce(&vote).unwrap();
    }
    rig.set(scribe.now());
    forger.publish(&scribe, entries(&scribe));
    let round = rig.round().await;
    assert_eq!((round.alarms, round.cosigned), (1, 0), "{:?}", rig.alarms().await);
    let (alarm, _) = rig.only_alarm(Kind::Vouched).await;
    assert_eq!(alarm.entry, Some(scribe.entries.len() as u64 - 1));
    assert!(alarm.expected.contains(&cast.id.to_string()), "{}", alarm.expected);
    // The inspector found out that the voter had not sent it; the law has remarked it.
    let (village, now) = (scribe.state().village, scribe.now());
    let resumed = rig.witness.db().write("resume", |tx| Box::pin(tx.resume_village(village, now))).await;
    assert!(resumed.map_err(|error: sunvote::store::error::StoreError| error).unwrap());
    assert_eq!(rig.round().await.cosigned, 1);
}

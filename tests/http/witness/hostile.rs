//! What somebody tries who wants a witness to look away, to raise false alarms, or to stop.

use ed25519_dalek::SigningKey;
use sunvote::core::model::{Body, Category};
use sunvote::log::district::{key_text, sign_key};
use sunvote::log::entry::Entry;
use sunvote::log::evidence::Evidence;
use sunvote::log::note::{Algorithm, Note, VerifierKey};
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::store::db::Options;
use sunvote::store::error::StoreError;
use sunvote::store::witness::MOST_ALARMS;
use sunvote::witness::alarm::{Alarm, Kind};
use sunvote::witness::follower::Round;

use super::desk;
use super::forger::{DISTRICT, Forger, entries, founded, public, roots, signed};
use super::rig::Rig;

const ONE: &str = "331102001206";

/// Whoever repeats the log's own signature line in a request fills up the note that the witness keeps, until nobody can
/// read it any more and a second history goes unnoticed.
#[tokio::test]
async fn a_request_full_of_copies_of_one_signature_does_not_blind_the_witness() {
    let rig = desk::rig(Options::default()).await;
    let mut note = signed(DISTRICT, &[vec![1]], &desk::log_key());
    note.signatures = vec![note.signatures[0].clone(); 100];
    let body = format!("old 0\n\n{note}");
    rig.witness.desk().ask(body.as_bytes()).await.expect("cosigned");
    let read = rig.witness.db().read("witnessed", |tx| Box::pin(tx.witnessed(DISTRICT))).await;
    let kept = read.map_err(|error: StoreError| error).unwrap().expect("kept");
    let kept = Note::parse(&kept.note).expect("a note that can be read again");
    assert_eq!(kept.signatures.len(), 2, "the log's and the witness's");
    let other = signed(DISTRICT, &[vec![2]], &desk::log_key());
    let other = format!("old 1\n\n{other}");
    rig.witness.desk().ask(other.as_bytes()).await.expect_err("another history");
    // The evidence is kept before the next request is decided.
    rig.witness.desk().ask(other.as_bytes()).await.expect_err("another history");
    let (_, evidence) = rig.only_alarm(Kind::Fork).await;
    Evidence::parse(&evidence.unwrap()).unwrap().judge(&rig.witness.settings().log).expect("two histories");
}

/// A vote closes as soon as all have voted; the witness reads that a little later. A ballot that a voter hands in meanwhile can't
/// count by the law, and its absence must not hold up the village's result.
#[tokio::test]
async fn a_ballot_handed_in_after_an_early_close_stops_no_village() {
    let mut scribe = founded(ONE);
    scribe.settle(&Term::default()).unwrap();
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    let session = scribe.gather(Body::RepresentativeAssembly, &[matter], 43).unwrap();
    let vote = Vote::on(session, matter, "q1").unwrap();
    scribe.open_vote(&vote).unwrap();
    scribe.wait_minutes(1);
    let present: Vec<u32> = scribe.voting(&vote).unwrap().present.iter().copied().collect();
    for voter in present {
        scribe.cast(&vote, voter, "for").unwrap();
    }
    let forger = Forger::start().await;
    forger.publish(&scribe, entries(&scribe));
    let rig = Rig::of(&forger, scribe.now()).await;
    assert_eq!(rig.round().await.alarms, 0, "{:?}", rig.alarms().await);
    let mut late = scribe.clone();
    scribe.close(&vote).unwrap();
    late.wait_ms(scribe.now().ms() - late.now().ms() + 3_000);
    let again = late.cast(&vote, 5, "against").unwrap();
    rig.set(late.now());
    let ballot = Entry::parse(&again.bytes).unwrap().statement.to_json();
    let ballot = rig.witness.read_ballot(&ballot).await.expect("a ballot, by what is on record here");
    rig.witness.vouch(&ballot).await.expect("vouched for");
    scribe.end_deliveries(&vote).unwrap();
    scribe.open_ballots(&vote).unwrap();
    scribe.announce(&vote).unwrap();
    rig.set(scribe.now());
    forger.publish(&scribe, entries(&scribe));
    let round = rig.round().await;
    assert_eq!((round.alarms, round.cosigned), (0, 1), "{:?}", rig.alarms().await);
}

/// A village that grew once since the witness read it, and the same village as it would be after another entry in that place.
async fn grown_in_two_ways() -> (Forger, Rig, [Scribe; 2], VerifierKey) {
    let mut scribe = founded(ONE);
    scribe.settle(&Term::default()).unwrap();
    let forger = Forger::start().await;
    forger.publish(&scribe, entries(&scribe));
    let rig = Rig::of(&forger, scribe.now()).await;
    assert_eq!(rig.round().await.alarms, 0);
    let mut lie = scribe.clone();
    scribe.suggest("修路").unwrap();
    lie.suggest("修桥").unwrap();
    forger.publish(&scribe, entries(&scribe));
    let log = VerifierKey::new(&scribe.state().origin, Algorithm::Ed25519, &scribe.state().log_key).unwrap();
    (forger, rig, [scribe, lie], log)
}

/// Readers are shown what the village's own address shows, not what the directory lists.
#[tokio::test]
async fn another_history_at_the_villages_own_address_is_a_fork() {
    let (forger, rig, [scribe, lie], log) = grown_in_two_ways().await;
    forger.show(&format!("v/{ONE}"), entries(&scribe), &signed(log.name(), &entries(&lie), lie.log_key()));
    let round = rig.round().await;
    assert_eq!((round.alarms, round.cosigned), (1, 0), "{:?}", rig.alarms().await);
    let (_, evidence) = rig.only_alarm(Kind::Fork).await;
    Evidence::parse(&evidence.unwrap()).unwrap().judge(&log).expect("two histories");
}

#[tokio::test]
async fn a_village_that_has_grown_since_the_directory_was_read_is_no_fork() {
    let (forger, rig, [mut scribe, _], log) = grown_in_two_ways().await;
    scribe.suggest("修渠").unwrap();
    forger.show(&format!("v/{ONE}"), entries(&scribe), &signed(log.name(), &entries(&scribe), scribe.log_key()));
    let round = rig.round().await;
    assert_eq!((round.alarms, round.cosigned), (0, 1), "{:?}", rig.alarms().await);
}

/// While a server withholds some entries, the window for those after them must not grow to before they were listed.
#[tokio::test]
async fn entries_are_not_dated_back_while_others_are_withheld() {
    let mut scribe = founded(ONE);
    scribe.settle(&Term::default()).unwrap();
    let forger = Forger::start().await;
    forger.publish(&scribe, entries(&scribe));
    let rig = Rig::of(&forger, scribe.now()).await;
    assert_eq!(rig.round().await.alarms, 0);
    let begins = scribe.now();
    scribe.suggest("修路").unwrap();
    let name = format!("v/{ONE}");
    let before = forger.shown(&name);
    forger.publish(&scribe, entries(&scribe));
    forger.show(&name, before.entries, &Note::parse(&before.checkpoint).unwrap());
    rig.set(begins.plus_ms(5 * 60_000));
    assert_eq!(rig.round().await.hindered, 1, "{:?}", rig.alarms().await);
    // Four minutes later another entry is listed, and says that it is of the first minute.
    scribe.wait_minutes(1);
    scribe.suggest("修渠").unwrap();
    let seq = scribe.entries.len() as u64 - 1;
    forger.publish(&scribe, entries(&scribe));
    rig.set(begins.plus_ms(9 * 60_000));
    assert_eq!(rig.round().await.alarms, 1);
    let (alarm, _) = rig.only_alarm(Kind::Clock).await;
    assert_eq!(alarm.entry, Some(seq));
}

/// Two roots can enter a key in the directory; a record says itself by which key its checkpoints are signed. A checkpoint that
/// every verifier of the record refuses is not called lawful.
#[tokio::test]
async fn a_checkpoint_by_a_key_that_the_record_does_not_name_is_not_lawful() {
    let mut scribe = founded(ONE);
    scribe.settle(&Term::default()).unwrap();
    let forger = Forger::start().await;
    forger.publish(&scribe, entries(&scribe));
    let rig = Rig::of(&forger, scribe.now()).await;
    assert_eq!(rig.round().await.cosigned, 1);
    let other = SigningKey::from_bytes(&[77; 32]);
    let key = VerifierKey::new(&scribe.state().origin, Algorithm::Ed25519, &public(&other)).unwrap();
    forger.list(&key, &roots()[..2]);
    scribe.suggest("修路").unwrap();
    let note = signed(key.name(), &entries(&scribe), &other);
    forger.show(&format!("v/{ONE}"), entries(&scribe), &note);
    forger.add(note.to_string().into_bytes());
    let round = rig.round().await;
    assert_eq!((round.alarms, round.cosigned), (1, 0), "{:?}", rig.alarms().await);
    let (alarm, evidence) = rig.only_alarm(Kind::Unlawful).await;
    assert_eq!(alarm.rule.as_deref(), Some("checkpoint.signature"));
    assert_eq!(evidence, Some(note.to_string().into_bytes()));
}

/// An old leaf is signed by two roots for ever.
#[tokio::test]
async fn a_key_that_was_replaced_does_not_come_back_into_the_directory() {
    let scribe = founded(ONE);
    let forger = Forger::start().await;
    forger.publish(&scribe, entries(&scribe));
    let key = VerifierKey::new(&scribe.state().origin, Algorithm::Ed25519, &public(&SigningKey::from_bytes(&[77; 32])));
    forger.list(&key.unwrap(), &roots()[..2]);
    let rig = Rig::of(&forger, scribe.now()).await;
    assert_eq!(rig.round().await.alarms, 0, "{:?}", rig.alarms().await);
    let before = VerifierKey::new(&scribe.state().origin, Algorithm::Ed25519, &scribe.state().log_key).unwrap();
    let text = key_text(&before);
    let signatures = roots()[..2].iter().rev().map(|root| sign_key(DISTRICT, &text, root)).collect();
    forger.add(Note { text, signatures }.to_string().into_bytes());
    assert_eq!(rig.round().await.alarms, 1);
    rig.only_alarm(Kind::Directory).await;
}

/// What one leaf lacks is no reason to leave all villages of the district unwatched: the leaves after it are judged without it.
#[tokio::test]
async fn a_leaf_that_does_not_belong_there_is_told_once_and_passed_over() {
    let mut scribe = founded(ONE);
    scribe.settle(&Term::default()).unwrap();
    let forger = Forger::start().await;
    forger.publish(&scribe, entries(&scribe));
    let rig = Rig::of(&forger, scribe.now()).await;
    assert_eq!(rig.round().await.alarms, 0);
    let key = VerifierKey::new(&scribe.state().origin, Algorithm::Ed25519, &public(&SigningKey::from_bytes(&[77; 32])));
    let key = key.unwrap();
    forger.list(&key, &roots()[..1]);
    forger.add(b"no leaf at all".to_vec());
    scribe.suggest("修路").unwrap();
    forger.publish(&scribe, entries(&scribe));
    let round = rig.round().await;
    assert_eq!((round.leaves, round.alarms, round.cosigned), (3, 2, 1), "{:?}", rig.alarms().await);
    let told: Vec<_> = rig.alarms().await.into_iter().map(|(alarm, _)| (alarm.kind, alarm.entry)).collect();
    assert!(told.contains(&(Kind::Directory, Some(2))) && told.contains(&(Kind::Directory, Some(3))), "{told:?}");
    assert_eq!(rig.round().await, Round::default(), "told once");
    // What one root could not enter, two can.
    forger.list(&key, &roots()[..2]);
    assert_eq!(rig.round().await.alarms, 0, "{:?}", rig.alarms().await);
}

#[tokio::test]
async fn a_log_at_odds_with_itself_does_not_fill_the_witnesss_disk() {
    let rig = desk::rig(Options::default()).await;
    let mut raised = 0;
    for size in 0..MOST_ALARMS + 20 {
        let alarm = Alarm::new(Kind::Fork, DISTRICT, "one history", format!("two histories, of {size} entries"));
        let row = alarm.row(rig.witness.now(), None);
        let row = &row;
        let new = rig.witness.db().write("alarm", |tx| Box::pin(tx.raise_alarm(row))).await;
        raised += u64::from(new.map_err(|error: StoreError| error).unwrap());
    }
    assert_eq!(raised, MOST_ALARMS);
    let other = Alarm::new(Kind::Silence, DISTRICT, "an answer", "none").row(rig.witness.now(), None);
    let other = &other;
    let new = rig.witness.db().write("alarm", |tx| Box::pin(tx.raise_alarm(other))).await;
    assert!(new.map_err(|error: StoreError| error).unwrap(), "alarms of another kind are raised all the same");
}

/// A file of the client that is no longer served tells as much as one that was altered.
#[tokio::test]
async fn a_released_file_that_is_not_served_is_told() {
    let scribe = founded(ONE);
    let forger = Forger::start().await;
    forger.publish(&scribe, entries(&scribe));
    let release = SigningKey::from_bytes(&[88; 32]);
    let releaser = VerifierKey::new("release.example", Algorithm::Ed25519, &public(&release)).unwrap();
    let files = [("/assets/app.js".to_owned(), sunvote::log::text::sha256(&[b"honest"]))].into_iter().collect();
    let text = sunvote::log::district::release_text("1.0.0", &files);
    let line = sunvote::log::note::NoteSignature::sign(&text, "release.example", &release);
    forger.add(Note { text, signatures: vec![line] }.to_string().into_bytes());
    let more = format!("releaser = \"{releaser}\"");
    let settings = super::rig::settings(&forger.base, &forger.verifier().to_string(), &more);
    let rig = Rig::with(settings, scribe.now(), Options::default()).await;
    assert_eq!(rig.round().await.alarms, 1);
    let (alarm, _) = rig.only_alarm(Kind::Client).await;
    assert_eq!(alarm.found, "/assets/app.js: not served");
}

/// A server that takes a request and never answers must not keep the witness from saying that it is silent.
#[tokio::test]
async fn a_server_that_never_answers_is_silent() {
    let scribe = founded(ONE);
    let forger = Forger::start().await;
    forger.publish(&scribe, entries(&scribe));
    let settings = super::rig::settings(&forger.base, &forger.verifier().to_string(), "patience_seconds = 3600");
    let rig = Rig::with(settings, scribe.now(), Options::default()).await;
    assert_eq!(rig.round().await.alarms, 0);
    forger.hang();
    rig.set(scribe.now().plus_ms(11 * 60_000));
    let running = tokio::spawn(rig.run());
    let told = async {
        while rig.alarms().await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_mins(1), told).await.expect("an alarm");
    rig.only_alarm(Kind::Silence).await;
    running.abort();
}

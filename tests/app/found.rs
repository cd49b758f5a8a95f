//! A village from its files: founded under two roots, its term drafted from people.csv and signed by its first officers.

use ed25519_dalek::SigningKey;

use sunvote::app::App;
use sunvote::app::found::founding::{Adoption, Plan};
use sunvote::app::found::people::TermPlan;
use sunvote::app::import::officers::officers;
use sunvote::app::import::{people, villages};
use sunvote::app::submit::Submitted;
use sunvote::core::act::Kind;
use sunvote::core::catalogue::Catalogue;
use sunvote::core::defaults;
use sunvote::core::ids::{PublicKey, VillageCode};
use sunvote::core::model::Role;
use sunvote::log::ceremony::words;
use sunvote::log::dsse::{Envelope, STATEMENT_TYPE};

use crate::bed::open;

const PEOPLE: &str = "village,name,roles,group\n331102206201,吴桂香,clerk,\n331102206201,季永福,supervision_committee,\n\
                      331102206201,王春,supervision_committee,\n331102206201,李秋,supervision_committee,\n\
                      331102206201,张明,chair;branch_secretary,\n331102206201,刘华,representative,1\n";

fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

fn public(n: u8) -> PublicKey {
    PublicKey(key(n).verifying_key().to_bytes())
}

/// A village founded by keys 8 and 9, with clerk 1 and supervision committee member 2.
async fn founded(folder: &tempfile::TempDir) -> (App, VillageCode) {
    let app = open(folder.path(), "2026-03-02T01:00:00.000Z".parse().expect("a time")).await;
    let rows = villages("code,name,township_code,township\n331102206201,黄泥墩村委会,331102206,黄村乡\n".as_bytes());
    let first = format!(
        "place,name,role,key\n331102206201,吴桂香,clerk,{}\n331102206201,季永福,supervision_committee,{}\n",
        public(1),
        public(2)
    );
    let plan = Plan {
        host: "vote.example".to_owned(),
        roots: vec![public(8), public(9)],
        law: Adoption { profiles: defaults::profiles(), calendars: defaults::calendars(), catalogue: None },
    };
    let rows = rows.expect("a good file");
    let mut items =
        app.prepare_founding(&rows, &officers(first.as_bytes()).expect("a good file"), &plan).await.expect("prepared");
    for item in &mut items {
        for root in [9, 8] {
            item.sign(&key(root));
        }
    }
    let count = items.len();
    assert_eq!(app.accept(items).await.expect("accepted").recorded, count);
    assert_eq!(
        app.publish_due().await.expect("a round").villages,
        1,
        "its key is in the directory, its record published"
    );
    (app, rows[0].code)
}

#[tokio::test]
async fn a_term_from_a_file_waits_for_two_and_is_on_record_when_both_have_signed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (app, village) = founded(&folder).await;
    let rows = people(PEOPLE.as_bytes(), &[village].into()).expect("a good file");
    let plan = TermPlan { from: None, until: None, result: "选举结果".as_bytes().to_vec() };
    app.prepare_terms(&rows, &plan).await.expect("drafted");
    // The same file again takes the place of what nobody signed, with the names of people who never came on record.
    app.prepare_terms(&rows, &plan).await.expect("drafted again");
    assert_eq!(app.names(village).await.expect("names").len(), 6);

    let now = app.now();
    let waiting = app.db().read("waiting", |tx| Box::pin(tx.half_signed_in(village, now, 10))).await;
    let waiting = waiting.expect("read");
    assert_eq!((waiting.len(), waiting[0].kind.as_str()), (1, Kind::TermOpened.code()));
    let signed = |n| Envelope::sign(STATEMENT_TYPE, waiting[0].payload.clone(), &[&key(n)]);
    let half = app.submit(village, signed(2), None).await.expect("taken");
    assert!(matches!(half, Submitted::Waiting { ref waits_for, .. } if waits_for.len() == 1), "{half:?}");
    let whole = app.submit(village, signed(1), None).await.expect("taken");
    assert!(matches!(whole, Submitted::Recorded(_)), "{whole:?}");

    let live = app.lives().live(village).await.expect("a village");
    let (state, date) = (live.state(), now.date());
    assert_eq!((state.people.term, state.people.holders(Role::SupervisionCommittee, date).count()), (1, 3));
    let clerk = state.people.holders(Role::Clerk, date).next().expect("a clerk");
    assert_eq!(state.people.keys[&public(1)].person, clerk, "the first clerk is the same person, with the same key");
    app.stop().await;
}

#[tokio::test]
async fn a_founding_sent_by_anyone_else_begins_no_record() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (app, village) = founded(&folder).await;
    let entry = app.db().read("entry", |tx| Box::pin(tx.entry(village, 0))).await.expect("read").expect("the founding");
    let envelope = sunvote::log::entry::Entry::parse(&entry.bytes).expect("an entry").statement;
    app.stop().await;
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let other = open(elsewhere.path(), "2026-03-02T01:00:00.000Z".parse().expect("a time")).await;
    assert!(other.submit(village, envelope.clone(), None).await.is_err(), "not over the network");
    let item = sunvote::log::ceremony::Item::unsigned(envelope.payload, String::new(), Vec::new()).expect("read");
    let mut signed = sunvote::log::ceremony::Item {
        envelope: Envelope { signatures: envelope.signatures, ..item.envelope.clone() },
        ..item
    };
    for root in [8, 9] {
        signed.sign(&key(root));
    }
    assert!(other.accept(vec![signed]).await.is_err(), "not from a file that was not prepared here");
    assert!(other.villages().await.expect("read").is_empty());
    other.stop().await;
}

#[tokio::test]
async fn a_catalogue_is_in_force_once_both_roots_have_signed_what_they_were_shown() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (app, village) = founded(&folder).await;
    let catalogue = include_str!("../../docs/catalogue.example.json").replace("2027-01-01", "2026-01-01");
    let catalogue: Catalogue = serde_json::from_str(&catalogue).expect("a catalogue");
    let law = Adoption { catalogue: Some(catalogue.clone()), ..Adoption::default() };
    let mut items = app.prepare_law(&[village], &[], &law).await.expect("prepared");
    let shown = words::summary(&items);
    for line in [
        "catalogue, version 1, in 331102206201",
        "disclosed  affairs of 3 months, accounts of 1, within 15 days",
        "M02        disclosed below 5000.00 yuan; filing needs 工程预算, 资金来源说明",
        "M05        always to a ballot; filing needs 地块图",
        "topics 光伏, 民宿",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    items[0].sign(&key(8));
    app.accept(items.clone()).await.expect_err("one root is not enough");
    items[0].sign(&key(9));
    assert_eq!(app.accept(items).await.expect("accepted").recorded, 1);
    let live = app.lives().live(village).await.expect("the village");
    let (_, in_force) = live.state().law.catalogue(app.now().date()).expect("in force");
    assert_eq!(*in_force, catalogue);
    // The same version once more changes nothing, and is not even prepared.
    app.prepare_law(&[village], &[], &law).await.expect_err("the version must rise");
    app.stop().await;
}

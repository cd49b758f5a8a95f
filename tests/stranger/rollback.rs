//! A server that was put back to an old copy of its database signs nothing that would contradict what a witness holds:
//! here a witness that others wrote.

use std::path::Path;

use sunvote::app::App;
use sunvote::app::fetch::Client;
use sunvote::app::publish::history::Fault;
use sunvote::app::publish::key_leaf;
use sunvote::app::submit::BallotOpening;
use sunvote::core::ids::VillageCode;
use sunvote::log::dsse::Envelope;
use sunvote::log::note::{Algorithm, VerifierKey};
use sunvote::store::district::LogOf;

use crate::bed::{ballots, open, open_vote};
use crate::served::code;
use crate::village::load;
use crate::witness::{PATIENCE, Witness};

async fn cast(app: &App, village: VillageCode, (envelope, nonce, choice): &(Envelope, String, String)) -> bool {
    let opening = BallotOpening { nonce: nonce.parse().expect("32 bytes"), choice: choice.parse().expect("a code") };
    app.submit(village, envelope.clone(), Some(opening)).await.is_ok()
}

async fn close(app: App) {
    app.stop().await;
    app.db().close().await;
}

fn copy(from: &Path, to: &Path) {
    for file in std::fs::read_dir(from).expect("a folder").map(|file| file.expect("a file").path()) {
        if file.is_file() {
            std::fs::copy(&file, to.join(file.file_name().expect("a name"))).expect("copied");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_put_back_to_an_old_copy_signs_nothing_against_its_witness() {
    let [here, old, desk] = std::array::from_fn(|_| tempfile::tempdir().expect("a folder"));
    let (mut scribe, vote, _) = open_vote(15);
    let (village, now, ballots) = (scribe.state().village, scribe.now(), ballots(&mut scribe, &vote, 15));
    let app = open(here.path(), now).await;
    load(&app, &scribe).await;
    let key = VerifierKey::new(&scribe.state().origin, Algorithm::Ed25519, &scribe.state().log_key).expect("a key");
    app.list_keys(vec![key_leaf(&key, scribe.roots()).expect("two roots")]).await.expect("listed");
    app.publish_due().await.expect("published");
    let log = app.district_verifier(code()).await.expect("read").expect("a log");
    close(app).await;
    copy(here.path(), old.path());

    let witness = Witness::start(desk.path(), &log);
    let app = open(here.path(), now).await;
    app.name_witnesses(witness.policy(&log), Client::new(PATIENCE));
    assert!(cast(&app, village, &ballots[0]).await);
    assert_eq!(app.publish_due().await.expect("published").villages, 1);
    let asked = app.witnesses().asked().expect("a policy");
    let party = asked.policy.witnesses()[0].clone();
    assert!(app.ask_witness(&asked, &party, code(), false).await.expect("the store"), "cosigned");
    assert_eq!(app.confirm_history().await.expect("asked"), None, "the witness holds this history");
    close(app).await;

    let app = open(old.path(), now).await;
    app.name_witnesses(witness.policy(&log), Client::new(PATIENCE));
    let before = app.served_checkpoint(LogOf::District(code())).await.expect("a checkpoint");
    let doubt = app.confirm_history().await.expect("asked").expect("a doubt");
    assert_eq!((doubt.fault, doubt.witness.as_str()), (Fault::Behind, "stranger"));
    assert!(doubt.ours < doubt.theirs, "{doubt}");
    cast(&app, village, &ballots[1]).await;
    assert_eq!(app.publish_due().await.expect("no fault").villages, 0, "nothing is published");
    assert_eq!(app.served_checkpoint(LogOf::District(code())).await.expect("a checkpoint"), before);
    close(app).await;
}

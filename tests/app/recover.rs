//! What an old backup lacks comes back from a copy that somebody else serves; what contradicts it does not.

use std::path::Path;
use std::time::Duration;

use sunvote::app::App;
use sunvote::app::fetch::Client;
use sunvote::app::publish::recover::{RecoverError, Recovered};
use sunvote::config::Config;
use sunvote::core::ids::VillageCode;
use sunvote::http::server::{Server, Stopper};
use sunvote::http::state::AppState;

use crate::bed::{ballots, open, open_vote};
use crate::publish::{STORE, cast, district, leaf, verified};
use crate::village::load;

/// Serves an application's logs; the address of the copy, and what ends it.
fn serve(app: &App, folder: &Path) -> (String, Stopper) {
    let server = Server::bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    let address = server.address();
    let state = AppState::new(Config::local(address, folder.to_owned()), app.clone());
    let stopper = server.stopper(&state);
    tokio::spawn(server.run(state));
    (format!("http://{address}/log"), stopper)
}

/// Both files of an entry's receipt.
async fn receipt(app: &App, village: VillageCode, seq: u64) -> (Vec<u8>, Option<Vec<u8>>) {
    let entry = app.published_receipt(village, seq).await.expect("a receipt");
    (entry, app.district_receipt(village, seq).await.expect("read"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_backup_is_brought_up_from_a_copy_and_another_history_is_not() {
    let [here, old, other] = std::array::from_fn(|_| tempfile::tempdir().expect("a folder"));
    let (mut scribe, vote, _) = open_vote(15);
    let (village, now, ballots) = (scribe.state().village, scribe.now(), ballots(&mut scribe, &vote, 15));
    let app = open(here.path(), now).await;
    load(&app, &scribe).await;
    app.list_keys(vec![leaf(&scribe)]).await.expect("listed");
    app.publish_due().await.expect("published");
    app.stop().await;
    app.db().close().await;
    for folder in [&old, &other] {
        std::fs::copy(here.path().join(STORE), folder.path().join(STORE)).expect("a backup");
    }

    let app = open(here.path(), now).await;
    for ballot in &ballots[..3] {
        cast(&app, village, ballot).await;
    }
    app.publish_due().await.expect("published");
    let (copy, stopper) = serve(&app, here.path());
    let client = Client::new(Duration::from_secs(20));

    let back = open(old.path(), now).await;
    let recovered = back.recover(&client, &copy, district()).await.expect("brought back");
    assert_eq!(recovered, Recovered { leaves: 1, entries: 3 });
    assert_eq!(back.recover(&client, &copy, district()).await.expect("nothing left"), Recovered::default());
    assert_eq!(back.publish_due().await.expect("a round").villages, 0, "all of it is published already");
    assert_eq!(verified(&back, &scribe).await, 3);
    for seq in 0..scribe.state().size() + 3 {
        assert_eq!(receipt(&back, village, seq).await, receipt(&app, village, seq).await, "entry {seq}");
    }
    cast(&back, village, &ballots[3]).await;
    back.publish_due().await.expect("a round");
    assert_eq!(verified(&back, &scribe).await, 4, "it goes on from there");
    back.stop().await;

    // This one went on by itself after the backup.
    let astray = open(other.path(), now).await;
    cast(&astray, village, &ballots[5]).await;
    let refused = astray.recover(&client, &copy, district()).await;
    assert!(matches!(refused, Err(RecoverError::Other(_))), "{refused:?}");
    astray.publish_due().await.expect("a round");
    cast(&app, village, &ballots[4]).await;
    app.publish_due().await.expect("a round");
    let refused = astray.recover(&client, &copy, district()).await;
    assert!(matches!(refused, Err(RecoverError::Other(_))), "{refused:?}");
    astray.stop().await;
    stopper.stop();
    app.stop().await;
}

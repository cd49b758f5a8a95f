//! Tables that grew with the record are the same as tables made from it anew.

use sunvote::app::projection;
use sunvote::app::submit::{BallotOpening, Submitted};

use crate::bed::{ballots, derived, open, open_vote};
use crate::village::load;

#[tokio::test(flavor = "multi_thread")]
async fn tables_made_anew_are_the_same_table_by_table() {
    let (mut scribe, vote, present) = open_vote(40);
    let village = scribe.state().village;
    let ballots = ballots(&mut scribe, &vote, present);
    let folder = tempfile::tempdir().expect("a folder");
    let app = open(folder.path(), scribe.now()).await;
    load(&app, &scribe).await;
    for (envelope, nonce, choice) in ballots {
        let opening =
            BallotOpening { nonce: nonce.parse().expect("32 bytes"), choice: choice.parse().expect("a code") };
        let submitted = app.submit(village, envelope, Some(opening)).await.expect("taken");
        assert!(matches!(submitted, Submitted::Recorded(_)));
    }
    // Waits until everything taken is projected.
    app.stop().await;
    let grown = derived(&app).await;
    assert!(grown["timeline"].len() as u64 > scribe.ledger().frontier.size());
    projection::rebuild(app.db(), app.vault(), app.lives(), village).await.expect("made anew");
    let anew = derived(&app).await;
    for (table, before) in &grown {
        assert_eq!(*before, anew[table], "{table}");
    }
}

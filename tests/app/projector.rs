//! The derived tables on a voting day: ballots are projected without the record being read again.

use futures_util::FutureExt as _;
use sunvote::app::App;
use sunvote::app::projection;
use sunvote::app::submit::{BallotOpening, Submitted};

use crate::bed::{ballots, derived, open, open_vote};
use crate::village::load;

fn counted(app: &App, name: &str) -> u64 {
    app.db().counters().get(name).map_or(0, |counter| counter.count)
}

#[tokio::test(flavor = "multi_thread")]
async fn ballots_are_projected_without_their_record_from_the_first_on() {
    let (mut scribe, vote, present) = open_vote(160);
    let village = scribe.state().village;
    // The last one lets the chair close, which is something else to do.
    let ballots = ballots(&mut scribe, &vote, present).into_iter().take(present as usize - 1);
    let folder = tempfile::tempdir().expect("a folder");
    let app = open(folder.path(), scribe.now()).await;
    load(&app, &scribe).await;
    let before = counted(&app, "project");
    let clerk = scribe.someone(scribe.clerk()).expect("a clerk").public();
    let desk = app.watch_desk(clerk).await.expect("a desk");
    assert_eq!(app.desks().villages(), [village]);
    for (envelope, nonce, choice) in ballots {
        let opening =
            BallotOpening { nonce: nonce.parse().expect("32 bytes"), choice: choice.parse().expect("a code") };
        let submitted = app.submit(village, envelope, Some(opening)).await.expect("taken");
        assert!(matches!(submitted, Submitted::Recorded(_)));
    }
    // Waits until everything taken is projected.
    app.stop().await;
    assert_eq!(counted(&app, "project"), before, "nothing was read from the record");
    assert!(counted(&app, "project_ballots") > 0);
    assert_eq!(desk.next().now_or_never(), None, "no desk is told of ballots");
    let grown = derived(&app).await;
    projection::rebuild(app.db(), app.vault(), app.lives(), village).await.expect("made anew");
    let anew = derived(&app).await;
    for (table, rows) in &grown {
        assert!(*rows == anew[table], "{table}");
    }
}

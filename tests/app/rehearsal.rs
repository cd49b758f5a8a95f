//! Whatever session a village of the demo district has before it can be rehearsed: all categories, two bodies, one question or several.

use std::collections::BTreeSet;

use sunvote::app::demo::{District, LIANDU, load};
use sunvote::app::import;
use sunvote::app::rehearsal::script::write;
use sunvote::core::clock::Time;
use sunvote::core::state::session::SessionStatus;

use crate::bed::open;

#[tokio::test(flavor = "multi_thread")]
async fn every_session_that_the_demo_has_before_it_can_be_rehearsed() {
    let folder = tempfile::tempdir().expect("a folder");
    let now: Time = "2026-11-21T12:00:00.000Z".parse().expect("a time");
    let app = open(folder.path(), now).await;
    let mut chosen = import::villages(LIANDU).expect("the list");
    chosen.truncate(70);
    let district = District::new(331_102, "127.0.0.1:8080", now);
    load::load(app.db(), app.vault(), app.objects(), app.lives(), &district, &chosen, [7; 32]).await.expect("loaded");
    let (mut bodies, mut sessions) = (BTreeSet::new(), 0);
    for village in &chosen {
        let live = app.lives().live(village.code).await.expect("the village");
        for id in live.state().sessions.iter().filter(|(_, session)| session.is_live()).map(|(id, _)| *id) {
            // A matter whose votes are over waits for the minutes of its session alone.
            let Ok(original) = app.original(village.code, id).await else { continue };
            let written = write(&original, "127.0.0.1:8081", now, &mut app.rng());
            let written = written.unwrap_or_else(|refused| panic!("{} {id}: {refused}", village.name));
            let state = written.scribe.state();
            let session = state.session(written.session).expect("the session");
            assert_eq!((session.status, session.body), (SessionStatus::RosterFixed, original.session().body));
            assert_eq!(session.agenda.len(), original.session().agenda.len());
            assert!(session.door() <= now && session.starts_at > now);
            bodies.insert(session.body.code());
            sessions += 1;
        }
    }
    assert!(sessions >= 10 && bodies.len() == 2, "{sessions} sessions, {bodies:?}");
    app.stop().await;
}

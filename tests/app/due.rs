//! What is due in many villages: one that is damaged holds no other up; a village is loaded once, however many ask.

use sqlx::Connection as _;
use sunvote::app::projection;
use sunvote::core::clock::DAY_MS;
use sunvote::core::state::voting::VotingStatus;
use sunvote::log::scribe::Scribe;

use crate::bed::{derived, open, open_vote_in};
use crate::village::load;

fn two() -> [Scribe; 2] {
    ["331102206201", "331102206202"].map(|code| open_vote_in(code.parse().expect("a code"), 20).0)
}

/// Takes the log's key of a village away, as when a part of the disk is lost.
async fn damage(folder: &std::path::Path, village: &str) {
    let url = format!("sqlite:{}", folder.join("test.sqlite").display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("the database");
    let delete = sqlx::query("DELETE FROM vault WHERE kind = 'log-key' AND village = ?").bind(village);
    assert_eq!(delete.execute(&mut connection).await.expect("deleted").rows_affected(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_village_holds_up_no_other() {
    let [damaged, sound] = two();
    let folder = tempfile::tempdir().expect("a folder");
    let later = sound.now().plus_ms(DAY_MS);
    {
        let app = open(folder.path(), sound.now()).await;
        load(&app, &damaged).await;
        load(&app, &sound).await;
        app.stop().await;
        app.db().close().await;
    }
    damage(folder.path(), "331102206201").await;
    let app = open(folder.path(), later).await;
    assert!(app.run_due().await.expect("a round") > 0);
    let live = app.lives().live(sound.state().village).await.expect("a village");
    let mut votings = live.state().sessions.values().flat_map(|session| session.votings.values());
    assert!(votings.all(|voting| voting.status != VotingStatus::Open), "its vote is closed");
    assert!(app.lives().live(damaged.state().village).await.is_err());
    // The damaged one waits meanwhile: the next round at the same moment doesn't try it again.
    let tries = app.db().counters()["load_village"].count;
    assert_eq!(app.run_due().await.expect("a round"), 0);
    assert_eq!(app.db().counters()["load_village"].count, tries);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_other_villages_are_brought_up_to_date_past_a_damaged_one() {
    let [damaged, sound] = two();
    let folder = tempfile::tempdir().expect("a folder");
    let app = open(folder.path(), sound.now()).await;
    load(&app, &damaged).await;
    load(&app, &sound).await;
    let whole = derived(&app).await["village_summary"].len();
    app.db().write("clear", |tx| Box::pin(tx.clear_all_derived())).await.expect("emptied");
    app.stop().await;
    app.db().close().await;
    damage(folder.path(), "331102206201").await;
    let app = open(folder.path(), sound.now()).await;
    projection::catch_up(app.db(), app.vault(), app.lives()).await.expect("caught up");
    assert_eq!(derived(&app).await["village_summary"].len(), whole - 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_village_asked_for_by_many_at_once_is_loaded_once() {
    let [scribe, _] = two();
    let village = scribe.state().village;
    let folder = tempfile::tempdir().expect("a folder");
    let app = open(folder.path(), scribe.now()).await;
    load(&app, &scribe).await;
    app.stop().await;
    let app = open(folder.path(), scribe.now()).await;
    let asked = (0..20).map(|_| {
        let lives = app.lives().clone();
        tokio::spawn(async move { lives.live(village).await.expect("a village").state().size() })
    });
    for task in asked.collect::<Vec<_>>() {
        assert_eq!(task.await.expect("an answer"), scribe.state().size());
    }
    assert_eq!(app.db().counters()["load_village"].count, 1);
}

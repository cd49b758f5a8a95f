//! Tables that grew with the record are the same as tables made from it anew.

use sunvote::app::projection;
use sunvote::app::submit::{BallotOpening, Submitted};
use sunvote::core::act::Act;
use sunvote::core::act::village::{DocumentWithdrawn, WithdrawReason};
use sunvote::core::model::{Body, Category};
use sunvote::core::statement::Header;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Founding, Scribe};

use crate::bed::{ballots, derived, open};
use crate::village::load;

/// Entries that are projected together.
const PAGE: u64 = 256;
const VOTERS: u32 = 240;

/// A village in which a matter was withdrawn and a session failed, before a vote that is open.
fn with_a_past() -> (Scribe, Vote) {
    let village = "331102206201".parse().expect("a code");
    let begins = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let mut scribe = Scribe::found(Founding::invented(village, "vote.example", begins, 7)).expect("founded");
    scribe.settle(&Term { representatives: VOTERS as usize, ..Term::default() }).expect("settled");
    let given_up = scribe.bring_to_proposal(&Draft::of(Category::M01)).expect("proposed");
    scribe.withdraw(given_up, "另有安排").expect("withdrawn");
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).expect("filed");
    let nobody = scribe.gather(Body::RepresentativeAssembly, &[matter], 2).expect("gathered");
    scribe.fail(nobody).expect("without a quorum");
    let session = scribe.gather(Body::RepresentativeAssembly, &[matter], VOTERS).expect("gathered");
    let vote = Vote::on(session, matter, "q1").expect("a vote");
    scribe.open_vote(&vote).expect("opened");
    (scribe, vote)
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_made_anew_are_the_same_table_by_table() {
    let (mut scribe, vote) = with_a_past();
    let village = scribe.state().village;
    let ballots = ballots(&mut scribe, &vote, VOTERS);
    let (before, after) = (scribe.state().size(), scribe.state().size() + u64::from(VOTERS));
    assert!(before < PAGE && after > PAGE, "what has ended lies in an earlier page than the newest entry");
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
    assert_eq!((grown["matters"].len(), grown["sessions_board"].len()), (2, 2));
    assert!(grown["timeline"].len() as u64 > scribe.ledger().frontier.size());
    projection::rebuild(app.db(), app.vault(), app.lives(), village).await.expect("made anew");
    let anew = derived(&app).await;
    for (table, before) in &grown {
        assert_eq!(*before, anew[table], "{table}");
    }
}

/// Withdrawn is what the record says is withdrawn, also where the server stopped before it had done the rest.
#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_the_record_withdraws_is_withdrawn() {
    let (mut scribe, _) = with_a_past();
    let village = scribe.state().village;
    let document = scribe.documents.first().expect("a paper").doc.sha256;
    let act = DocumentWithdrawn { document, reason: WithdrawReason::PersonalData, replacement: None };
    scribe.act(&scribe.two(), Header::default(), Act::DocumentWithdrawn(act)).expect("withdrawn");
    let folder = tempfile::tempdir().expect("a folder");
    let app = open(folder.path(), scribe.now()).await;
    load(&app, &scribe).await;
    let kept = app.db().read("document", |tx| Box::pin(tx.document(village, document))).await.expect("read");
    assert!(kept.expect("the row").withdrawn.is_some());
}

//! Ballots of terminals in the hall: what opens the one that counts is kept, and no other.

use std::path::Path;

use sunvote::app::App;
use sunvote::app::submit::{BallotOpening, Submitted};
use sunvote::core::act::Act;
use sunvote::core::clock::{MINUTE_MS, Time};
use sunvote::core::ids::VillageCode;
use sunvote::core::model::{Body, Category, Channel, Role};
use sunvote::core::state::voting::{Voting, VotingStatus};
use sunvote::core::statement::Header;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Founding, Scribe};
use sunvote::log::signed::Signed;

use crate::bed::open;
use crate::village::load;

const GRACE_MS: i64 = 30 * MINUTE_MS;

/// Seven in a hall with two terminals and phones; the vote is open.
fn hall(village: VillageCode) -> (Scribe, Vote) {
    let begins = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let mut scribe = Scribe::found(Founding::invented(village, "vote.example", begins, 7)).expect("founded");
    scribe.settle(&Term { representatives: 4, committee: 3, ..Term::default() }).expect("settled");
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).expect("filed");
    let ways = [Channel::Online, Channel::Kiosk];
    let session = scribe.gather_by(Body::RepresentativeAssembly, &[matter], 7, &ways).expect("gathered");
    for no in [1, 2] {
        scribe.register_terminal(session, no).expect("registered");
    }
    let vote = Vote::on(session, matter, "q1").expect("a vote");
    let mut act = scribe.opening_of(&vote).expect("an opening");
    act.grace_minutes = 30;
    let question = Some(vote.question.clone());
    let header = Header { session: Some(session), question, ..Header::of(matter) }.on(scribe.roster(session));
    scribe.act(&[scribe.hand(Role::Chair)], header, Act::VotingOpened(act)).expect("opened");
    scribe.wait_minutes(1);
    (scribe, vote)
}

async fn submit(app: &App, scribe: &Scribe, signed: Signed) -> Submitted {
    let Act::BallotCast(cast) = &signed.statement.act else { panic!("a ballot") };
    let opening = &scribe.openings[&cast.commitment];
    let opening = BallotOpening { nonce: opening.nonce, choice: opening.choice.clone() };
    app.submit(scribe.state().village, signed.envelope, Some(opening)).await.expect("taken")
}

/// What the log states when this time has come; the vote afterwards.
async fn due(folder: &Path, scribe: &Scribe, vote: &Vote, now: Time) -> Voting {
    let app = open(folder, now).await;
    app.run_due().await.expect("a round");
    let live = app.lives().live(scribe.state().village).await.expect("a village");
    let session = live.state().session(vote.session).expect("a session");
    let voting = session.voting_of(vote.matter, &vote.question).expect("a vote").as_ref().clone();
    app.stop().await;
    app.db().close().await;
    voting
}

#[tokio::test]
async fn a_ballot_that_was_overtaken_leaves_the_opening_of_the_one_that_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut scribe, vote) = hall("331102206201".parse().expect("a code"));
    let (mut one, mut other) = (scribe.at_hall(&vote, 1), scribe.at_hall(&vote, 2));
    let counts = scribe.take_at(&vote, &mut one, (1, 2), "for").expect("taken");
    let overtaken = scribe.take_at(&vote, &mut other, (1, 1), "against").expect("taken");
    let next = scribe.take_at(&vote, &mut other, (2, 1), "abstain").expect("taken");
    let app = open(folder.path(), scribe.now()).await;
    load(&app, &scribe).await;
    for ballot in [counts, overtaken, next] {
        assert!(matches!(submit(&app, &scribe, ballot).await, Submitted::Recorded(_)));
    }
    app.stop().await;
    app.db().close().await;

    let closes_at = scribe.voting(&vote).expect("a vote").opening.closes_at;
    assert_eq!(due(folder.path(), &scribe, &vote, closes_at).await.status, VotingStatus::Closed);
    due(folder.path(), &scribe, &vote, closes_at.plus_ms(GRACE_MS)).await;
    let voting = due(folder.path(), &scribe, &vote, closes_at.plus_ms(GRACE_MS + MINUTE_MS)).await;
    assert_eq!(voting.status, VotingStatus::BallotsOpened);
    let choices: Vec<(u32, &str)> = voting.choices.iter().map(|(voter, choice)| (*voter, choice.as_str())).collect();
    assert_eq!(choices, [(1, "for"), (2, "abstain")]);
    assert_eq!(voting.counted_at_terminals(), [1, 2].into());
}

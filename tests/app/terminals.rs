//! Ballots of terminals in the hall: what opens the one that counts is kept, and no other.

use std::path::Path;

use sunvote::core::act::Act;
use sunvote::core::clock::{MINUTE_MS, Time};
use sunvote::core::model::{Body, Category, Channel, Role};
use sunvote::core::state::voting::{Voting, VotingStatus};
use sunvote::core::statement::Header;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Founding, Scribe};
use sunvote::log::signed::Signed;
use sunvote::store::fault::{Fault, FaultPlan};
use tokio::sync::watch;

use crate::bed::Ballot;
use crate::flight::{Beginning, crossed, open_at, recorded, submit};

const VILLAGE: &str = "331102206201";
const GRACE_MS: i64 = 30 * MINUTE_MS;

/// Seven in a hall with two terminals and phones; the vote is open.
fn hall() -> (Scribe, Vote) {
    let village = VILLAGE.parse().expect("a code");
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

/// A ballot with what opens it.
fn with_opening(scribe: &Scribe, signed: Signed) -> Ballot {
    let Act::BallotCast(cast) = &signed.statement.act else { panic!("a ballot") };
    let opening = &scribe.openings[&cast.commitment];
    (signed.envelope, opening.nonce.to_string(), opening.choice.to_string())
}

/// One voter's ballots at two terminals, the later one first, and another voter's after the earlier one.
fn three(scribe: &mut Scribe, vote: &Vote) -> Vec<Ballot> {
    let (mut one, mut other) = (scribe.at_hall(vote, 1), scribe.at_hall(vote, 2));
    let counts = scribe.take_at(vote, &mut one, (1, 2), "for").expect("taken");
    let overtaken = scribe.take_at(vote, &mut other, (1, 1), "against").expect("taken");
    let next = scribe.take_at(vote, &mut other, (2, 1), "abstain").expect("taken");
    [counts, overtaken, next].map(|signed| with_opening(scribe, signed)).into()
}

/// What the log states until the ballots are opened; the vote afterwards.
async fn opened(folder: &Path, vote: &Vote, closes_at: Time) -> Voting {
    let mut voting = None;
    for now in [closes_at, closes_at.plus_ms(GRACE_MS), closes_at.plus_ms(GRACE_MS + MINUTE_MS)] {
        let app = open_at(now, folder, FaultPlan::default(), watch::Sender::new(0)).await;
        app.run_due().await.expect("a round");
        let live = app.lives().live(VILLAGE.parse().expect("a code")).await.expect("a village");
        let session = live.state().session(vote.session).expect("a session");
        voting = session.voting_of(vote.matter, &vote.question).map(|voting| voting.as_ref().clone());
        app.stop().await;
        app.db().close().await;
    }
    voting.expect("a vote")
}

/// The choices that were opened, by voter.
fn choices(voting: &Voting) -> Vec<(u32, &str)> {
    voting.choices.iter().map(|(voter, choice)| (*voter, choice.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ballot_that_was_overtaken_leaves_the_opening_of_the_one_that_counts() {
    let (mut scribe, vote) = hall();
    let ballots = three(&mut scribe, &vote);
    let closes_at = scribe.voting(&vote).expect("a vote").opening.closes_at;
    let beginning = Beginning::of(&scribe, ballots).await;
    let folder = beginning.copied();
    let app = beginning.open(folder.path(), FaultPlan::default(), watch::Sender::new(0)).await;
    for ballot in beginning.ballots.clone() {
        assert!(recorded(&submit(app.clone(), ballot).await));
    }
    app.stop().await;
    app.db().close().await;
    let voting = opened(folder.path(), &vote, closes_at).await;
    assert_eq!(voting.status, VotingStatus::BallotsOpened);
    assert_eq!(choices(&voting), [(1, "for"), (2, "abstain")]);
    assert_eq!(voting.counted_at_terminals(), [1, 2].into());
}

/// Judged ahead, it was overtaken by a ballot that then did not come on record; judged again, it counts.
#[tokio::test(flavor = "multi_thread")]
async fn a_ballot_that_is_overtaken_no_more_comes_with_what_opens_it() {
    let (mut scribe, vote) = hall();
    let ballots = three(&mut scribe, &vote);
    let closes_at = scribe.voting(&vote).expect("a vote").opening.closes_at;
    let beginning = Beginning::of(&scribe, ballots).await;
    let (mut steps, mut step, mut alone) = (0, 0, 0);
    while step <= steps {
        let folder = beginning.copied();
        let plan = if step == 0 { FaultPlan::default() } else { FaultPlan::at(step, Fault::NotWritten) };
        let looked = watch::Sender::new(0);
        let app = beginning.open(folder.path(), plan.clone(), looked.clone()).await;
        let (answers, _) = crossed(&app, &beginning.ballots, looked.subscribe()).await;
        app.stop().await;
        app.db().close().await;
        if step == 0 {
            assert!(answers.iter().all(recorded));
            steps = plan.steps();
        }
        let voting = opened(folder.path(), &vote, closes_at).await;
        let taken: Vec<bool> = answers.iter().map(recorded).collect();
        let all = [(1, if taken[0] { "for" } else { "against" }), (2, "abstain")];
        let voted = [taken[0] || taken[1], taken[2]];
        let expected: Vec<_> = all.into_iter().zip(voted).filter(|(_, voted)| *voted).map(|(row, _)| row).collect();
        assert_eq!(choices(&voting), expected, "step {step}: {taken:?}");
        alone += usize::from(!taken[0] && taken[1]);
        step += 1;
    }
    assert!(alone > 0, "the first failed, and the second was judged again");
}

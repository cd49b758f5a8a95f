//! Many ballots at once: bounded queues, shares for every village, one bad signature among good ones.

use futures_util::future::join_all;
use sqlx::Connection as _;
use sunvote::app::App;
use sunvote::app::error::AppError;
use sunvote::app::submit::{BallotOpening, Submitted};
use sunvote::core::ids::VillageCode;
use sunvote::log::dsse::Envelope;

use crate::bed::{Ballot, ballots, open, open_vote_in};
use crate::village::load;

/// Statements of one village that wait to be checked at the most; `app::checking` has the number.
const SHARE: usize = 1_024;

fn opening(ballot: &Ballot) -> BallotOpening {
    BallotOpening { nonce: ballot.1.parse().expect("32 bytes"), choice: ballot.2.parse().expect("a code") }
}

async fn submit(app: &App, village: VillageCode, envelope: Envelope, ballot: &Ballot) -> Result<Submitted, AppError> {
    app.submit(village, envelope, Some(opening(ballot))).await
}

/// A runtime of one thread: all of them are handed in before the first batch is taken.
#[tokio::test]
async fn a_flood_of_one_village_is_refused_beyond_its_share_and_another_village_votes() {
    let folder = tempfile::tempdir().expect("a folder");
    let [flooded, quiet]: [VillageCode; 2] = ["331102206201", "331102206202"].map(|code| code.parse().expect("a code"));
    let (mut scribe, vote, present) = open_vote_in(flooded, 20);
    let flood = ballots(&mut scribe, &vote, present);
    let app = open(folder.path(), scribe.now()).await;
    load(&app, &scribe).await;
    let (mut scribe, vote, _) = open_vote_in(quiet, 20);
    let few = ballots(&mut scribe, &vote, 3);
    load(&app, &scribe).await;

    // The same 20 ballots again and again: whoever sends one anew gets the answer that the first got.
    let many = (0..SHARE + 76).map(|n| (flooded, &flood[n % flood.len()]));
    let all = many.chain(few.iter().map(|ballot| (quiet, ballot)));
    let answers = join_all(all.map(|(village, ballot)| submit(&app, village, ballot.0.clone(), ballot))).await;
    let recorded = |answer: &Result<Submitted, AppError>| matches!(answer, Ok(Submitted::Recorded(_)));
    let (flood, few) = answers.split_at(SHARE + 76);
    assert_eq!(flood.iter().filter(|answer| recorded(answer)).count(), SHARE);
    assert!(flood[SHARE..].iter().all(|answer| matches!(answer, Err(AppError::Overloaded))));
    assert!(few.iter().all(recorded), "{few:?}");
    app.stop().await;
}

#[tokio::test]
async fn a_bad_signature_refuses_itself_and_no_other_ballot() {
    let folder = tempfile::tempdir().expect("a folder");
    let village: VillageCode = "331102206201".parse().expect("a code");
    let (mut scribe, vote, present) = open_vote_in(village, 20);
    let mut ballots = ballots(&mut scribe, &vote, present);
    let app = open(folder.path(), scribe.now()).await;
    load(&app, &scribe).await;
    ballots[7].0.signatures[0].sig[0] ^= 1;
    let answers = join_all(ballots.iter().map(|ballot| submit(&app, village, ballot.0.clone(), ballot))).await;
    for (place, answer) in answers.iter().enumerate() {
        match answer {
            Ok(Submitted::Recorded(_)) => assert_ne!(place, 7),
            Err(AppError::Rejected(rejection)) => {
                assert_eq!((place, rejection.rule.code()), (7, "statement.signature"));
            }
            other => panic!("{place}: {other:?}"),
        }
    }
    app.stop().await;
}

/// What is projected from ballots alone ends in the rows that a rebuild from the record makes.
#[tokio::test]
async fn tables_after_many_ballots_are_those_of_a_rebuild() {
    let folder = tempfile::tempdir().expect("a folder");
    let village: VillageCode = "331102206201".parse().expect("a code");
    let (mut scribe, vote, present) = open_vote_in(village, 30);
    let ballots = ballots(&mut scribe, &vote, present);
    let app = open(folder.path(), scribe.now()).await;
    load(&app, &scribe).await;
    // One after another first, so that ballots are projected after ballots; the rest together, to the last voter.
    for ballot in &ballots[..10] {
        submit(&app, village, ballot.0.clone(), ballot).await.expect("taken");
    }
    let rest = &ballots[10..];
    for answer in join_all(rest.iter().map(|ballot| submit(&app, village, ballot.0.clone(), ballot))).await {
        answer.expect("taken");
    }
    app.stop().await;
    let app = open(folder.path(), scribe.now()).await;
    let shown = crate::bed::derived(&app).await;
    sunvote::app::projection::rebuild(app.db(), app.vault(), app.lives(), village).await.expect("rebuilt");
    assert_eq!(crate::bed::derived(&app).await, shown);
    app.stop().await;
}

/// What comes during the first commit is one batch, of both villages.
#[tokio::test]
async fn a_village_whose_rows_are_damaged_is_refused_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let codes: [VillageCode; 2] = ["331102206201", "331102206202"].map(|code| code.parse().expect("a code"));
    let (mut cast, mut opened) = (Vec::new(), None);
    for village in codes {
        let (mut scribe, vote, _) = open_vote_in(village, 15);
        cast.push(ballots(&mut scribe, &vote, 15));
        let app = open(folder.path(), scribe.now()).await;
        load(&app, &scribe).await;
        opened = Some((app, scribe.state().size()));
    }
    let (app, size) = opened.expect("two");
    let file = format!("sqlite:{}", folder.path().join("test.sqlite").display());
    let mut admin = sqlx::SqliteConnection::connect(&file).await.expect("the file");
    let stray =
        "INSERT INTO entries (village, seq, time, leaf, statement, bytes) VALUES (?, ?, 0, x'00', x'00', x'00')";
    let stray = sqlx::query(stray).bind(codes[1].to_string()).bind(i64::try_from(size).expect("small"));
    stray.execute(&mut admin).await.expect("a row where the next entry belongs");
    let [good, bad] = [0, 1].map(|place| cast[place].iter().map(move |ballot| (codes[place], ballot)));
    let in_turn = good.zip(bad).flat_map(|(good, bad)| [good, bad]);
    let submitted = in_turn.map(|(village, ballot)| submit(&app, village, ballot.0.clone(), ballot));
    for pair in join_all(submitted).await.chunks(2) {
        assert!(matches!(pair[0], Ok(Submitted::Recorded(_))), "{:?}", pair[0]);
        assert!(matches!(pair[1], Err(AppError::Store(_))), "{:?}", pair[1]);
    }
    app.stop().await;
}

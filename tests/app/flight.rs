//! What is judged while the commit before it is under way: nobody hears of it before that commit has ended, and where it fails,
//! it is judged again.

use std::path::Path;
use std::sync::Arc;

use rstest::rstest;
use sunvote::app::error::AppError;
use sunvote::app::submit::{BallotOpening, Submitted};
use sunvote::app::{App, Parts};
use sunvote::core::clock::{Clock, Time};
use sunvote::core::ids::Digest;
use sunvote::log::scribe::Scribe;
use sunvote::log::verify::Verdict;
use sunvote::store::db::{Db, Options};
use sunvote::store::error::StoreError;
use sunvote::store::fault::{Fault, FaultPlan};
use sunvote::store::objects::Objects;
use sunvote::store::vault::Vault;
use tokio::sync::{Notify, watch};
use zeroize::Zeroizing;

use crate::bed::{Ballot, ballots, open_vote};
use crate::village::load;

/// A clock that stands, and tells how often it was looked at: judging looks once.
struct Watched(Time, watch::Sender<u64>);

impl Clock for Watched {
    fn now(&self) -> Time {
        self.1.send_modify(|looked| *looked += 1);
        self.0
    }
}

type Answer = Result<Submitted, AppError>;

const VILLAGE: &str = "331102206201";

fn statement_of(ballot: &Ballot) -> Digest {
    ballot.0.id()
}

pub async fn submit(app: App, ballot: Ballot) -> Answer {
    let opening =
        BallotOpening { nonce: ballot.1.parse().expect("32 bytes"), choice: ballot.2.parse().expect("a code") };
    app.submit(VILLAGE.parse().expect("a code"), ballot.0, Some(opening)).await
}

pub fn recorded(answer: &Answer) -> bool {
    matches!(answer, Ok(Submitted::Recorded(_)))
}

async fn on_record(app: &App, statement: Digest) -> bool {
    let village = VILLAGE.parse().expect("a code");
    let read = app.db().read("found", |tx| Box::pin(tx.by_statement_id(village, statement)));
    let found: Result<_, StoreError> = read.await;
    found.expect("read").is_some()
}

/// Ballots to be cast, and a folder in which all that came before has happened.
pub struct Beginning {
    now: Time,
    pub ballots: Vec<Ballot>,
    folder: tempfile::TempDir,
}

impl Beginning {
    /// One voter's two ballots and another's.
    async fn new() -> Self {
        let (mut scribe, vote, _) = open_vote(15);
        let (mut first, mut second) = (ballots(&mut scribe, &vote, 2), ballots(&mut scribe, &vote, 1));
        let (other, one, again) = (first.remove(1), first.remove(0), second.remove(0));
        Self::of(&scribe, vec![one, again, other]).await
    }

    /// These ballots, where all that the scribe wrote is on record.
    pub async fn of(scribe: &Scribe, ballots: Vec<Ballot>) -> Self {
        let beginning = Self { now: scribe.now(), ballots, folder: tempfile::tempdir().expect("a folder") };
        let app = beginning.open(beginning.folder.path(), FaultPlan::default(), watch::Sender::new(0)).await;
        load(&app, scribe).await;
        app.stop().await;
        app.db().close().await;
        beginning
    }

    /// A copy of that folder.
    pub fn copied(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::copy(self.folder.path().join("store.sqlite"), folder.path().join("store.sqlite")).expect("a copy");
        folder
    }

    pub async fn open(&self, folder: &Path, faults: FaultPlan, looked: watch::Sender<u64>) -> App {
        open_at(self.now, folder, faults, looked).await
    }
}

/// The application on a folder, at a time that stands.
pub async fn open_at(now: Time, folder: &Path, faults: FaultPlan, looked: watch::Sender<u64>) -> App {
    let url = format!("sqlite:{}", folder.join("store.sqlite").display());
    App::start(Parts {
        db: Db::open(&url, Options { faults, ..Options::default() }).await.expect("a database"),
        vault: Vault::new(&Zeroizing::new([1; 32])),
        objects: Objects::folder(&folder.join("documents")).expect("a folder"),
        clock: Arc::new(Watched(now, looked)),
        seed: [2; 32],
    })
}

/// Casts a ballot whose commit has to wait, and meanwhile the others, in turn: they are judged while it waits. What each was
/// answered, and whether the first was on record when the second was refused.
pub async fn crossed(app: &App, ballots: &[Ballot], mut looked: watch::Receiver<u64>) -> (Vec<Answer>, Option<bool>) {
    let first = statement_of(&ballots[0]);
    // Loading may keep a state, which would wait for the writer, too.
    app.lives().live(VILLAGE.parse().expect("a code")).await.expect("loaded");
    let (held, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (holds, goes, db) = (Arc::clone(&held), Arc::clone(&go), app.db().clone());
    let holding = tokio::spawn(async move {
        let kept: Result<(), StoreError> = db
            .write("held", |_| {
                let (holds, goes) = (Arc::clone(&holds), Arc::clone(&goes));
                Box::pin(async move {
                    holds.notify_one();
                    goes.notified().await;
                    Err(StoreError::Exists)
                })
            })
            .await;
        kept
    });
    held.notified().await;
    let mut cast = Vec::new();
    for ballot in ballots.iter().cloned() {
        let judged = *looked.borrow_and_update() + 1;
        cast.push(tokio::spawn(submit(app.clone(), ballot)));
        looked.wait_for(|looked| *looked >= judged).await.expect("a clock");
    }
    go.notify_one();
    assert!(holding.await.expect("no panic").is_err(), "nothing was written by who held the writer");
    let mut answers = Vec::new();
    for cast in cast.drain(1..) {
        answers.push(cast.await.expect("no panic"));
    }
    let refused = match answers[0] {
        Err(AppError::Rejected(_)) => Some(on_record(app, first).await),
        _ => None,
    };
    answers.insert(0, cast.remove(0).await.expect("no panic"));
    (answers, refused)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_judged_on_a_commit_that_fails_is_judged_again(
    #[values(Fault::NotWritten, Fault::ButWritten)] fault: Fault,
    // The voter's two ballots alone, or with another voter's.
    #[values(2, 3)] cast: usize,
) {
    let beginning = Beginning::new().await;
    let (mut steps, mut step, mut second_instead) = (0, 0, 0);
    while step <= steps {
        let folder = beginning.copied();
        let plan = if step == 0 { FaultPlan::default() } else { FaultPlan::at(step, fault) };
        let looked = watch::Sender::new(0);
        let app = beginning.open(folder.path(), plan.clone(), looked.clone()).await;
        let (answers, refused) = crossed(&app, &beginning.ballots[..cast], looked.subscribe()).await;
        app.stop().await;
        app.db().close().await;
        assert_ne!(refused, Some(false), "step {step}: refused for a ballot that is not on record");
        if step == 0 {
            let taken: Vec<bool> = answers.iter().map(recorded).collect();
            assert_eq!((&taken[..], refused), (&[true, false, true][..cast], Some(true)));
            steps = plan.steps();
        }

        let app = beginning.open(folder.path(), FaultPlan::default(), looked).await;
        let mut there = [false; 3];
        for (place, ballot) in beginning.ballots[..cast].iter().enumerate() {
            there[place] = on_record(&app, statement_of(ballot)).await;
            assert!(there[place] || !recorded(&answers[place]), "step {step}: ballot {place} was acknowledged");
        }
        assert!(!(there[0] && there[1]), "step {step}: one voter, one ballot");
        second_instead += usize::from(there[1]);
        let report = app.verify_copied(VILLAGE.parse().expect("a code")).await.expect("a record");
        assert_eq!(report.verdict(), Verdict::Lawful, "step {step}: {:?}", report.findings);
        app.stop().await;
        app.db().close().await;
        step += 1;
    }
    println!("{fault:?}: {steps} steps, each failed once; {second_instead} times the second ballot was taken instead");
    assert!(second_instead > 0, "the first failed, and the second was judged again");
}

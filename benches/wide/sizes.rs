//! What one append costs in a log of 10², of 10⁴ and of 10⁶ entries.
//!
//! Three villages in one database, each with
//! a vote of two weeks in which its 64 voters revise their ballots: every ballot goes the real way, from its signature to
//! the disk. Then one ballot after another and 64 at once are appended to each village in turn, so that whatever else the
//! machine does falls on all three alike.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use sunvote::app::submit::{BallotOpening, Submitted};
use sunvote::app::{App, Parts};
use sunvote::core::act::{Act, Kind};
use sunvote::core::clock::{Clock, DAY_MS, Time};
use sunvote::core::ids::VillageCode;
use sunvote::core::model::{Body, Category, Role};
use sunvote::core::statement::Header;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Founding, Hand, Scribe};
use sunvote::store::db::{Db, Options};
use sunvote::store::objects::Objects;
use sunvote::store::vault::Vault;
use zeroize::Zeroizing;

use crate::figures::now;
use crate::{figures, village};

/// Voters of each village, and so the most ballots in one commit.
const VOTERS: usize = 64;
/// Time between two ballots: a million of them take less than two weeks.
const STEP_MS: i64 = 1_000;
/// Appends measured in each village.
const ROUNDS: usize = 300;

/// A clock that goes with the ballots.
struct Pushed(AtomicI64);

impl Clock for Pushed {
    fn now(&self) -> Time {
        Time::from_ms(self.0.load(Ordering::SeqCst)).expect("a time in range")
    }
}

/// A village that votes, and whose turn it is.
struct Voting {
    scribe: Scribe,
    vote: Vote,
    turn: usize,
}

impl Voting {
    fn open(number: usize) -> Self {
        let code: VillageCode = format!("1612011012{number:02}").parse().expect("a code");
        let begins = "2026-03-02T01:00:00.000Z".parse().expect("a time");
        let mut scribe = Scribe::found(Founding::invented(code, "vote.example", begins, 7)).expect("founded");
        scribe.settle(&Term { representatives: VOTERS, ..Term::default() }).expect("settled");
        let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).expect("filed");
        let present = u32::try_from(VOTERS).expect("a count");
        let session = scribe.gather(Body::RepresentativeAssembly, &[matter], present).expect("gathered");
        let vote = Vote::on(session, matter, "q1").expect("a vote");
        let mut opening = scribe.opening_of(&vote).expect("an opening");
        opening.closes_at = scribe.now().plus_ms(14 * DAY_MS - 60_000);
        let header = Header {
            session: Some(session),
            question: Some(vote.question.clone()),
            ..Header::of(matter).on(scribe.roster(session))
        };
        let chair = Hand::Person(scribe.chair(), Role::Chair);
        scribe.act(&[chair], header, Act::VotingOpened(opening)).expect("opened");
        Self { scribe, vote, turn: 0 }
    }

    fn size(&self) -> usize {
        usize::try_from(self.scribe.state().size()).expect("fits")
    }

    /// The next voter's next ballot.
    fn ballot(&mut self) -> (sunvote::log::dsse::Envelope, BallotOpening) {
        let (scribe, vote) = (&mut self.scribe, &self.vote);
        let voter = u32::try_from(self.turn % VOTERS + 1).expect("a number");
        self.turn += 1;
        scribe.wait_ms(STEP_MS);
        let (ballot, opening) = scribe.ballot(vote, voter, "for").expect("a ballot");
        let hand = Hand::Person(scribe.voter(vote.session, voter), Role::Voter);
        let header = Header {
            question: Some(vote.question.clone()),
            session: Some(vote.session),
            ..Header::of(vote.matter).on(scribe.vote_paper(vote, Kind::VotingOpened))
        };
        let statement = scribe.draft(&[hand], header, Act::BallotCast(ballot)).expect("a statement");
        let signed = scribe.sign(&[hand], &statement).expect("signed");
        scribe.append(&signed).expect("lawful");
        // What is on record there need not be kept here too.
        scribe.entries.clear();
        scribe.openings.clear();
        (signed.envelope, BallotOpening { nonce: opening.nonce, choice: opening.choice })
    }

    /// Appends so many ballots at once, each of another voter; gives the seconds until all are acknowledged.
    async fn append(&mut self, app: &App, clock: &Pushed, count: usize) -> f64 {
        let ballots: Vec<_> = (0..count).map(|_| self.ballot()).collect();
        clock.0.fetch_max(self.scribe.now().ms(), Ordering::SeqCst);
        let code = self.scribe.state().village;
        let begun = now();
        let tasks: Vec<_> = ballots
            .into_iter()
            .map(|(envelope, opening)| {
                let app = app.clone();
                tokio::spawn(async move { app.submit(code, envelope, Some(opening)).await })
            })
            .collect();
        for task in tasks {
            let submitted = task.await.expect("ended").expect("taken");
            assert!(matches!(submitted, Submitted::Recorded(_)));
        }
        begun.elapsed().as_secs_f64()
    }
}

/// Measures it, up to a log of `largest` entries.
pub async fn run(largest: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("sizes.sqlite").display());
    let mut villages: Vec<Voting> = (1..=3).map(Voting::open).collect();
    let clock = Arc::new(Pushed(AtomicI64::new(villages[0].scribe.now().ms())));
    let app = App::start(Parts {
        db: Db::open(&url, Options::default()).await.expect("a database"),
        vault: Vault::new(&Zeroizing::new([1; 32])),
        objects: Objects::folder(&folder.path().join("documents")).expect("a folder"),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        seed: [2; 32],
    });
    for village in &villages {
        village::load(&app, &village.scribe).await;
    }
    println!("a village begins with {} entries", villages[0].size());
    // The largest first: the clock goes with it, and the others' ballots must not be older than ten minutes.
    for (village, wanted) in villages.iter_mut().rev().zip([largest, 10_000, 100]) {
        let begun = now();
        let first = village.size();
        village.scribe.at(clock.now().max(village.scribe.now()));
        while village.size() < wanted {
            village.append(&app, &clock, VOTERS.min(wanted - village.size())).await;
        }
        let seconds = begun.elapsed().as_secs_f64();
        println!("{} entries, {} of them appended in {seconds:.0} s", village.size(), village.size() - first);
    }
    for count in [1, VOTERS] {
        let mut seconds = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            for (village, seconds) in villages.iter_mut().zip(&mut seconds) {
                village.scribe.at(clock.now());
                seconds.push(village.append(&app, &clock, count).await);
            }
        }
        let medians = villages.iter().zip(seconds).map(|(village, seconds)| {
            figures::report(&format!("{count} at once, log of {} entries", village.size()), seconds)
        });
        let medians: Vec<f64> = medians.collect();
        println!(
            "{count} at once: medians in ratio 1 : {:.2} : {:.2}",
            medians[1] / medians[0],
            medians[2] / medians[0]
        );
    }
    app.stop().await;
}

//! A village with a vote open, on SQLite in a folder of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use sunvote::app::{App, Parts};
use sunvote::core::act::{Act, Kind};
use sunvote::core::clock::{Clock, Time};
use sunvote::core::ids::VillageCode;
use sunvote::core::model::{Body, Category, Role};
use sunvote::core::statement::Header;
use sunvote::log::dsse::Envelope;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Founding, Hand, Scribe};
use sunvote::store::db::{Db, Options};
use sunvote::store::error::StoreError;
use sunvote::store::objects::Objects;
use sunvote::store::vault::Vault;
use zeroize::Zeroizing;

/// A clock that stands.
pub struct Standing(pub Time);

impl Clock for Standing {
    fn now(&self) -> Time {
        self.0
    }
}

/// The village, its open vote, and how many are there.
pub fn open_vote(representatives: usize) -> (Scribe, Vote, u32) {
    open_vote_in("331102206201".parse().expect("a code"), representatives)
}

/// The same in a village of one's choice.
pub fn open_vote_in(village: VillageCode, representatives: usize) -> (Scribe, Vote, u32) {
    let begins = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let mut scribe = Scribe::found(Founding::invented(village, "vote.example", begins, 7)).expect("founded");
    let term = Term { representatives, ..Term::default() };
    scribe.settle(&term).expect("settled");
    let draft = Draft::of(Category::M02);
    let matter = scribe.bring_to_ballot(&draft).expect("filed");
    let present = u32::try_from(representatives).expect("a count");
    let session = scribe.gather(Body::RepresentativeAssembly, &[matter], present).expect("gathered");
    let vote = Vote::on(session, matter, "q1").expect("a vote");
    scribe.open_vote(&vote).expect("opened");
    (scribe, vote, present)
}

/// A signed ballot, the nonce of its commitment and its choice.
pub type Ballot = (Envelope, String, String);

/// Everyone's signed ballot with what opens it, as `envelope JSON <tab> nonce <tab> choice`.
pub fn ballots(scribe: &mut Scribe, vote: &Vote, voters: u32) -> Vec<Ballot> {
    let mut all = Vec::new();
    for voter in 1..=voters {
        let (ballot, opening) = scribe.ballot(vote, voter, "for").expect("a ballot");
        let hand = Hand::Person(scribe.voter(vote.session, voter), Role::Voter);
        let header = Header {
            question: Some(vote.question.clone()),
            session: Some(vote.session),
            ..Header::of(vote.matter).on(scribe.vote_paper(vote, Kind::VotingOpened))
        };
        let statement = scribe.draft(&[hand], header, Act::BallotCast(ballot)).expect("a statement");
        let signed = scribe.sign(&[hand], &statement).expect("signed");
        all.push((signed.envelope, opening.nonce.to_string(), opening.choice.to_string()));
    }
    all
}

/// Opens the application on a folder, at a time that stands.
pub async fn open(folder: &Path, now: Time) -> App {
    open_with(folder, now, Options::default()).await
}

/// The same with a store that is opened in another way.
pub async fn open_with(folder: &Path, now: Time, options: Options) -> App {
    let url = format!("sqlite:{}", folder.join("test.sqlite").display());
    let db = Db::open(&url, options).await.expect("a database");
    App::start(Parts {
        db,
        vault: Vault::new(&Zeroizing::new([1; 32])),
        objects: Objects::folder(&folder.join("documents")).expect("a folder"),
        clock: Arc::new(Standing(now)),
        seed: [2; 32],
    })
}

/// Every row of the derived tables, table by table.
pub async fn derived(app: &App) -> BTreeMap<&'static str, Vec<String>> {
    let rows: Result<_, StoreError> = app.db().read("derived_rows", |tx| Box::pin(tx.derived_rows())).await;
    rows.expect("every derived row")
}

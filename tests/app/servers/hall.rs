//! Villages in which people vote at this moment, and everyone's ballots.

use std::sync::Mutex;
use std::time::UNIX_EPOCH;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use sunvote::app::App;
use sunvote::app::login::Began;
use sunvote::core::act::{Act, Kind};
use sunvote::core::clock::{DAY_MS, MINUTE_MS, Time};
use sunvote::core::ids::{Digest, PublicKey, VillageCode};
use sunvote::core::model::{Body, Category, Role};
use sunvote::core::statement::Header;
use sunvote::log::dsse::Envelope;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Founding, Hand, Scribe};
use sunvote::store::error::StoreError;

use crate::publish;
use crate::village::load;

/// The clock of the programs under test.
#[expect(clippy::disallowed_methods, reason = "the programs that are killed have no other clock")]
pub fn present() -> Time {
    let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    Time::from_ms(i64::try_from(since.as_millis()).expect("in range")).expect("a time")
}

/// A village with an open vote.
pub struct Hall {
    pub village: VillageCode,
    vote: Vote,
    scribe: Mutex<Scribe>,
    /// Session token and form token of each voter, by roster number from 1 on.
    pub sessions: Vec<(String, String)>,
}

/// A ballot, signed a moment ago.
pub struct Signed {
    pub statement: Digest,
    pub body: String,
}

impl Hall {
    /// The village at `n`, whose vote opens now, with so many voters, all of them there.
    fn write(n: usize, voters: usize, now: Time) -> Self {
        let village: VillageCode = format!("331102206{:03}", 200 + n).parse().expect("a code");
        let seed = 1_000 + u64::try_from(n).expect("small");
        let founding = Founding::invented(village, "vote.example", now.plus_ms(-90 * DAY_MS), seed);
        let roots = Founding::invented(village, "vote.example", now, 7).roots;
        let mut scribe = Scribe::found(Founding { roots, ..founding }).expect("founded");
        scribe.settle(&Term { representatives: voters, ..Term::default() }).expect("settled");
        let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).expect("filed");
        let starts_at = now.plus_ms(-5 * MINUTE_MS);
        let agenda = vec![scribe.item(matter, 0)];
        let called = scribe.now().max(now.plus_ms(-20 * DAY_MS));
        let session = scribe.at(called).convene_at(Body::RepresentativeAssembly, agenda, starts_at).expect("called");
        scribe.at(starts_at).wait_minutes(-120).fix_roster(session).expect("a roster");
        let present: Vec<u32> = (1..=u32::try_from(voters).expect("a count")).collect();
        scribe.wait_minutes(60).sign_in(session, &present, &[]).expect("signed in");
        scribe.at(starts_at).name_tellers(session).expect("named");
        let vote = Vote::on(session, matter, "q1").expect("a vote");
        let mut opening = scribe.at(now).opening_of(&vote).expect("an opening");
        opening.closes_at = now.plus_ms(DAY_MS);
        let question = Some(vote.question.clone());
        let header = Header { session: Some(session), question, ..Header::of(matter) }.on(scribe.roster(session));
        let chair = [scribe.hand(Role::Chair)];
        scribe.act(&chair, header, Act::VotingOpened(opening)).expect("opened");
        Self { village, vote, scribe: Mutex::new(scribe), sessions: Vec::new() }
    }

    /// So many villages with so many voters each, in the store, their keys in the directory and everyone logged in.
    pub async fn open_all(app: &App, villages: usize, voters: usize) -> Vec<Self> {
        let mut halls = Vec::new();
        let now = app.now();
        for n in 0..villages {
            let mut hall = Self::write(n, voters, now);
            let scribe = hall.scribe();
            load(app, &scribe).await;
            app.list_keys(vec![publish::leaf(&scribe)]).await.expect("listed");
            for number in 1..=u32::try_from(voters).expect("a count") {
                let person = scribe.voter(hall.vote.session, number);
                let key = PublicKey(scribe.someone(person).expect("a voter").key.verifying_key().to_bytes());
                let token =
                    app.begin_session(Some(hall.village), person, key, DAY_MS, Began::Key).await.expect("logged in");
                let hash = sunvote::core::commit::plain(token.as_bytes());
                let session = app.db().read("session", |tx| Box::pin(tx.session(hash, now))).await;
                let session = session.map_err(|error: StoreError| error).expect("read").expect("a session");
                hall.sessions.push((token, hex::encode(session.csrf)));
            }
            halls.push(hall);
        }
        halls
    }

    /// The scribe as it was when the vote opened: it hears nothing of what is cast since.
    pub fn scribe(&self) -> Scribe {
        self.scribe.lock().expect("whole").clone()
    }

    /// A voter's ballot, signed now.
    pub fn sign(&self, voter: u32) -> Signed {
        let mut scribe = self.scribe.lock().expect("whole");
        scribe.at(present());
        let (ballot, opening) = scribe.ballot(&self.vote, voter, "for").expect("a ballot");
        let hand = Hand::Person(scribe.voter(self.vote.session, voter), Role::Voter);
        let header = Header {
            question: Some(self.vote.question.clone()),
            session: Some(self.vote.session),
            ..Header::of(self.vote.matter).on(scribe.vote_paper(&self.vote, Kind::VotingOpened))
        };
        let statement = scribe.draft(&[hand], header, Act::BallotCast(ballot)).expect("a statement");
        let envelope: Envelope = scribe.sign(&[hand], &statement).expect("signed").envelope;
        let json = String::from_utf8(envelope.to_json()).expect("JSON");
        let body = format!(
            "{{\"envelope\":{json},\"opening\":{{\"nonce\":\"{}\",\"choice\":\"{}\"}}}}",
            opening.nonce, opening.choice
        );
        Signed { statement: envelope.id(), body }
    }
}

/// Every village's voters in an order that the seed fixes.
pub fn in_some_order(villages: usize, voters: usize, seed: u64) -> Vec<(usize, u32)> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let voters = u32::try_from(voters).expect("a count");
    let mut all: Vec<(usize, u32)> = (0..villages).flat_map(|v| (1..=voters).map(move |voter| (v, voter))).collect();
    for last in (1..all.len()).rev() {
        let other = rng.next_u64() % (last as u64 + 1);
        all.swap(last, usize::try_from(other).expect("small"));
    }
    all
}

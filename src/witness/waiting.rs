//! Ballots that were handed in here and are not on record: what an inspector can put on record, and until when.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::app::error::AppError;
use crate::core::act::voting::VouchedBallot;
use crate::core::clock::Time;
use crate::core::ids::{Digest, MatterId, SessionId, VillageCode};
use crate::core::judge::witness::may_vouch;
use crate::core::model::QuestionCode;
use crate::core::state::State;
use crate::core::state::session::Session;
use crate::core::state::voting::{Voting, VotingStatus};
use crate::store::error::StoreError;
use crate::store::witness::Vouched;
use crate::witness::Witness;
use crate::witness::village::is_settled;

/// Most votes looked at, those with the newest ballots first.
const MOST_VOTES: u64 = 100;
/// Most ballots of a vote looked at, oldest first.
const MOST_BALLOTS: u64 = 2_000;

/// The ballots of one vote that were handed in here and are not on record, as far as the record was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The village.
    pub village: VillageCode,
    /// The session.
    pub session: SessionId,
    /// When the session begins.
    pub starts_at: Time,
    /// The matter.
    pub matter: MatterId,
    /// The question.
    pub question: QuestionCode,
    /// Those that can be vouched for now, sorted by statement.
    pub ballots: Vec<VouchedBallot>,
    /// How many are vouched for and have not come from their voters' devices.
    pub coming: usize,
    /// How many nobody vouched for before deliveries ended.
    pub late: usize,
    /// When deliveries end at the latest.
    pub until: Time,
}

/// What is sent to the webhook.
#[derive(Debug, Serialize)]
struct Told<'a> {
    kind: &'static str,
    witness: &'a str,
    village: VillageCode,
    session: SessionId,
    question: &'a QuestionCode,
    ballots: usize,
    until: Time,
    page: &'a str,
}

impl Waiting {
    fn is_any(&self) -> bool {
        self.coming + self.late + self.ballots.len() > 0
    }
}

impl Witness {
    /// Every vote of which ballots wait.
    ///
    /// # Errors
    /// The store's.
    pub async fn waiting(&self) -> Result<Vec<Waiting>, AppError> {
        Ok(self.votes().await?.into_iter().filter_map(|(_, waiting)| waiting.filter(Waiting::is_any)).collect())
    }

    /// Says of ballots that came since this was last asked that they wait for an inspector: in the log, and to the webhook until
    /// that takes it. No other result can come of a vote that has ended: its ballots are settled.
    ///
    /// # Errors
    /// The store's.
    pub async fn tell_waiting(&self) -> Result<(), AppError> {
        let (before, mut told) = (self.told_of(), BTreeSet::new());
        for (newest, waiting) in self.votes().await? {
            let Some(waiting) = waiting else {
                let (village, basis, now) = (newest.village, newest.basis, self.now());
                let write = self.db().write("settle_vote", |tx| Box::pin(tx.settle_vote(village, basis, now)));
                write.await.map_err(|error: StoreError| error)?;
                continue;
            };
            let statements: BTreeSet<Digest> = waiting.ballots.iter().map(|row| row.statement).collect();
            if statements.is_subset(&before) || self.tell_of(&waiting).await {
                told.extend(statements);
            }
        }
        self.keep_told(told);
        Ok(())
    }

    /// The newest ballot of each vote that isn't settled, with what waits; `None` where the vote has ended.
    async fn votes(&self) -> Result<Vec<(Vouched, Option<Waiting>)>, AppError> {
        let newest: Vec<Vouched> =
            self.db().read("votes_handed_in", |tx| Box::pin(tx.votes_handed_in(MOST_VOTES))).await?;
        let mut votes = Vec::with_capacity(newest.len());
        for newest in newest {
            let (village, basis) = (newest.village, newest.basis);
            let Some((state, _)) = self.app().lives().recorded(village).await? else { continue };
            let handed_in: Result<Vec<Vouched>, StoreError> =
                self.db().read("handed_in", |tx| Box::pin(tx.handed_in(village, basis, MOST_BALLOTS))).await;
            let vote = vote(&state, basis).filter(Vote::is_under_way);
            let handed_in = handed_in?;
            votes.push((newest, vote.map(|vote| vote.waiting(village, &handed_in, self.now()))));
        }
        Ok(votes)
    }

    /// Whether it was taken.
    async fn tell_of(&self, one: &Waiting) -> bool {
        let (village, until, ballots) = (one.village, one.until, one.ballots.len());
        tracing::warn!(%village, %until, ballots, "WAITING: ballots that an inspector can vouch for");
        let Some(webhook) = &self.settings().webhook else { return true };
        let told = Told {
            kind: "waiting",
            witness: &self.settings().name,
            village,
            session: one.session,
            question: &one.question,
            ballots,
            until,
            page: self.settings().serve.public_origin.as_str(),
        };
        let body = serde_json::to_vec(&told).unwrap_or_default();
        match self.client().post(webhook.clone(), "application/json", body).await {
            Ok(answer) => (200..300).contains(&answer.status),
            Err(error) => {
                tracing::warn!(%error, "the webhook can't be reached");
                false
            }
        }
    }
}

/// A vote with where it belongs.
struct Vote<'a> {
    id: SessionId,
    session: &'a Session,
    matter: MatterId,
    question: QuestionCode,
    voting: &'a Voting,
}

/// The vote that this entry opened; `None` where it was void and another one took its place.
fn vote(state: &State, opened: Digest) -> Option<Vote<'_>> {
    state.sessions.iter().find_map(|(id, session)| {
        let ((matter, question), voting) = session.votings.iter().find(|(_, one)| one.opened.leaf == opened)?;
        Some(Vote { id: *id, session, matter: *matter, question: question.clone(), voting })
    })
}

impl Vote<'_> {
    fn is_under_way(&self) -> bool {
        self.voting.is_under_way()
    }

    fn waiting(self, village: VillageCode, handed_in: &[Vouched], now: Time) -> Waiting {
        let Self { id, session, matter, question, voting } = self;
        let rows = handed_in.iter().filter(|one| !is_settled(voting, one)).filter_map(row);
        let (known, unknown): (Vec<_>, Vec<_>) = rows.partition(|row| voting.vouched.contains_key(&row.statement));
        let ended = [VotingStatus::DeliveriesEnded, VotingStatus::BallotsOpened].contains(&voting.status);
        let late = if ended { unknown.len() } else { 0 };
        let mut ballots = unknown;
        ballots.retain(|row| may_vouch(session, voting, row, now).is_ok());
        ballots.sort_unstable_by_key(|row| row.statement);
        let (starts_at, until) = (session.starts_at, voting.deliveries_end());
        Waiting { village, session: id, starts_at, matter, question, ballots, coming: known.len(), late, until }
    }
}

fn row(one: &Vouched) -> Option<VouchedBallot> {
    let (voter, revision) = (one.voter.try_into().ok()?, one.revision.try_into().ok()?);
    Some(VouchedBallot { statement: one.statement, voter, revision, received_at: one.time })
}

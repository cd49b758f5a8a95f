//! What the log itself states when the time has come: a vote closes, deliveries end, ballots are opened, a review is
//! overdue. Each is recomputable by everyone; the judge refuses any that comes too early.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::app::App;
use crate::app::error::AppError;
use crate::app::live::Live;
use crate::app::sequencer::Accepted;
use crate::app::submit::{KeptOpening, OPENING, opening_name};
use crate::core::act::matter::DeadlinePassed;
use crate::core::act::voting::{BallotsOpened, Nothing, Opening};
use crate::core::act::{Act, Kind};
use crate::core::clock::Time;
use crate::core::commit;
use crate::core::ids::{Digest, PublicKey, VillageCode};
use crate::core::model::{Channel, Role};
use crate::core::state::voting::Voting;
use crate::core::statement::{Header, Part, Signer, Statement};
use crate::core::tasks::{self, Task};
use crate::log::dsse::{Envelope, STATEMENT_TYPE};
use crate::log::signed::Signed;
use crate::store::vault::Place;

/// Rows of openings in one entry.
const ROWS: usize = 200;
/// Villages read at a time.
const ROUND: u64 = 500;
/// How long a village in which something failed waits first, in milliseconds; then twice as long each time.
const FIRST_WAIT_MS: i64 = 1_000;
/// The longest that it waits.
const LONGEST_WAIT_MS: i64 = 5 * 60_000;

/// Villages that wait because something failed there: until when, and how long they waited last.
#[derive(Debug, Default)]
pub struct Backoff(Mutex<HashMap<VillageCode, (Time, i64)>>);

impl Backoff {
    fn is_waiting(&self, village: VillageCode, now: Time) -> bool {
        self.lock().get(&village).is_some_and(|(until, _)| now < *until)
    }

    fn failed(&self, village: VillageCode, now: Time) {
        let mut waiting = self.lock();
        let wait = waiting.get(&village).map_or(FIRST_WAIT_MS, |(_, last)| (last * 2).min(LONGEST_WAIT_MS));
        waiting.insert(village, (now.plus_ms(wait), wait));
    }

    fn done(&self, village: VillageCode) {
        self.lock().remove(&village);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<VillageCode, (Time, i64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// Does what is due in all villages that this server writes. Returns how many entries it made. Called once a second. A
    /// village in which it fails, or from which nothing can be made though something is due, waits longer from time to time
    /// and holds no other up.
    ///
    /// # Errors
    /// The store's, where it can't say which villages have something due; what is left is done in the next round.
    pub async fn run_due(&self) -> Result<usize, AppError> {
        let (mut made, mut after) = (0, None);
        loop {
            let (now, role) = (self.now(), Role::Log.code());
            let due = self.db().read("villages_due", |tx| Box::pin(tx.villages_due(role, now, after, ROUND))).await?;
            let Some(last) = due.last() else { return Ok(made) };
            after = Some(*last);
            for village in due {
                // Where several servers are at work, each does what is due where it writes.
                if !self.writes(village) || self.backoff().is_waiting(village, now) {
                    continue;
                }
                match self.run_due_in(village).await {
                    Ok(0) => self.backoff().failed(village, now),
                    Ok(some) => {
                        made += some;
                        self.backoff().done(village);
                    }
                    Err(error) => {
                        tracing::warn!(%village, %error, "what is due in a village could not be done");
                        self.backoff().failed(village, now);
                    }
                }
            }
        }
    }

    /// Does what is due in one village, step after step.
    ///
    /// # Errors
    /// The store's.
    pub async fn run_due_in(&self, village: VillageCode) -> Result<usize, AppError> {
        let mut made = 0;
        loop {
            let live = self.lives().live(village).await?;
            let now = self.now();
            let ready = |task: &Task| task.roles == [Role::Log] && task.from.is_none_or(|from| from <= now);
            let Some(task) = tasks::tasks(live.state()).into_iter().find(ready) else { return Ok(made) };
            let acts = self.acts_of(&live, &task).await?;
            if acts.is_empty() {
                return Ok(made);
            }
            for (part, act) in acts {
                match self.state_as_log(&live, header(&live, &task, part, act.kind()), act).await {
                    Ok(_) => made += 1,
                    // Someone else was first: a signer, or another round. What is left is seen in the next round.
                    Err(AppError::Rejected(_)) => return Ok(made),
                    Err(error) => return Err(error),
                }
            }
        }
    }

    async fn acts_of(&self, live: &Live, task: &Task) -> Result<Vec<(Option<Part>, Act)>, AppError> {
        match task.kind {
            Kind::VotingClosed => Ok(vec![(None, Act::VotingClosed(Nothing {}))]),
            Kind::DeliveriesEnded => Ok(vec![(None, Act::DeliveriesEnded(Nothing {}))]),
            Kind::DeadlinePassed => {
                let matter = task.matter.and_then(|id| live.state().matter(id));
                let due = matter.and_then(|matter| matter.filing_due).map(Time::last_day);
                Ok(due.map(|due| (None, Act::DeadlinePassed(DeadlinePassed { due }))).into_iter().collect())
            }
            Kind::BallotsOpened => {
                let Some(voting) = voting_of(live, task) else { return Ok(Vec::new()) };
                let rows = self.openings(live.state().village, voting).await?;
                let chunks: Vec<Vec<Opening>> =
                    if rows.is_empty() { vec![vec![]] } else { rows.chunks(ROWS).map(<[_]>::to_vec).collect() };
                let of = u16::try_from(chunks.len()).unwrap_or(u16::MAX);
                let part = |(rows, part)| (Some(Part { part, of }), Act::BallotsOpened(BallotsOpened { rows }));
                Ok(chunks.into_iter().zip(1..).map(part).collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The openings of the ballots that count. One that is missing is left out: then its voter can publish it.
    async fn openings(&self, village: VillageCode, voting: &Voting) -> Result<Vec<Opening>, AppError> {
        let basis = voting.opened.leaf;
        let mut rows = Vec::new();
        for voter in voting.counting_voters() {
            let Some(cast) = voting.counting_ballot(voter) else { continue };
            for channel in [Channel::Kiosk, Channel::Online] {
                let name = opening_name(basis, voter, channel.code());
                let place = Place { kind: OPENING, village, name: &name };
                let secret = self
                    .db()
                    .read("opening", |tx| Box::pin(async move { tx.secret(self.vault(), &place).await }))
                    .await?;
                let kept = secret.and_then(|secret| serde_json::from_slice::<KeptOpening>(secret.expose()).ok());
                let opens = |kept: &KeptOpening| {
                    commit::choice(&basis, voter, kept.revision, &kept.nonce, &kept.choice) == cast.commitment
                };
                if let Some(kept) = kept.filter(opens) {
                    rows.push(Opening { voter, revision: kept.revision, nonce: kept.nonce, choice: kept.choice });
                    break;
                }
            }
        }
        Ok(rows)
    }

    /// Signs a statement with the log's own key and puts it on record.
    ///
    /// # Errors
    /// What the judge refuses; the store's.
    pub(in crate::app) async fn state_as_log(
        &self,
        live: &Live,
        header: Header,
        act: Act,
    ) -> Result<Accepted, AppError> {
        let village = live.state().village;
        let key = PublicKey(live.key.verifying_key().to_bytes());
        let statement = Statement::new(
            village,
            vec![Signer { person: None, role: Role::Log, key }],
            self.now().max(live.state().last.time),
            header,
            act,
        );
        let payload = statement.to_payload().map_err(|_| AppError::Invalid { field: "payload", reason: "json" })?;
        let signed = Signed::read(Envelope::sign(STATEMENT_TYPE, payload, &[&live.key]))?;
        self.append(signed, Vec::new()).await
    }
}

fn header(live: &Live, task: &Task, part: Option<Part>, kind: Kind) -> Header {
    Header {
        matter: task.matter,
        session: task.session,
        question: task.question.clone(),
        basis: basis_of(live, task, kind),
        part,
        ..Header::default()
    }
}

fn voting_of<'a>(live: &'a Live, task: &Task) -> Option<&'a Voting> {
    let session = live.state().session(task.session?)?;
    session.voting_of(task.matter?, task.question.as_ref()?).map(AsRef::as_ref)
}

fn basis_of(live: &Live, task: &Task, kind: Kind) -> Option<Digest> {
    let papers = match kind {
        Kind::DeadlinePassed => &live.state().matter(task.matter?)?.papers,
        _ => &voting_of(live, task)?.papers,
    };
    let paper = match kind {
        Kind::VotingClosed => Kind::VotingOpened,
        Kind::DeliveriesEnded => Kind::VotingClosed,
        Kind::DeadlinePassed => Kind::FilingSubmitted,
        _ => Kind::DeliveriesEnded,
    };
    papers.paper(paper).map(|paper| paper.at.leaf)
}

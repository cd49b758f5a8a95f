//! The lane in which every append happens: one task, one durable commit for all that queued during the commit before.
//! Nothing is acknowledged before it is on disk; a receipt goes out with the acknowledgement.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;

use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::app::error::AppError;
use crate::app::live::{Live, Lives, head_of};
use crate::app::projection::Projector;
use crate::app::publish::history::History;
use crate::app::snapshot;
use crate::app::tiles;
use crate::core::act::Act;
use crate::core::clock::Clock;
use crate::core::ids::{Digest, VillageCode};
use crate::core::judge::Remark;
use crate::core::reject::{Rule, ensure};
use crate::core::state::{Position, State};
use crate::log::entry;
use crate::log::ledger::{Appended, Ledger, Tail};
use crate::log::signed::Signed;
use crate::log::tree::{Frontier, ProofError};
use crate::store::db::Db;
use crate::store::district::LogOf;
use crate::store::error::StoreError;
use crate::store::record::{Head, StoredEntry, VaultRow, VillageAppend};
use crate::store::vault::Vault;

/// Most statements that wait; more are refused with "try again".
const QUEUE: usize = 4_096;
/// Most statements in one commit.
const BATCH: usize = 1_024;

/// What became of a statement.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// Where its entry stands.
    pub at: Position,
    /// The receipt: a C2SP tlog-proof file with the entry (PROTOCOL 7a).
    pub receipt: Vec<u8>,
    /// What is worth showing.
    pub remarks: Vec<Remark>,
}

struct Job {
    signed: Signed,
    secrets: Vec<VaultRow>,
    /// Whether it may begin a record.
    founds: bool,
    reply: oneshot::Sender<Result<Accepted, AppError>>,
}

/// The way into the lane.
pub struct Lane {
    history: History,
    jobs: tokio::sync::Mutex<Option<mpsc::Sender<Job>>>,
    sender: mpsc::WeakSender<Job>,
    grown: Arc<Notify>,
    task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Lane {
    /// Starts the lane and the projector behind it.
    #[must_use]
    pub fn start(db: Db, vault: Vault, lives: Lives, clock: Arc<dyn Clock>, history: History) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let projector = Projector::start(db.clone(), vault, lives.clone());
        let sender = jobs.downgrade();
        let grown = Arc::new(Notify::new());
        let sequencer = Sequencer { db, lives, clock, projector, grown: Arc::clone(&grown) };
        let task = tokio::sync::Mutex::new(Some(tokio::spawn(run(queue, sequencer))));
        Self { history, jobs: tokio::sync::Mutex::new(Some(jobs)), sender, grown, task }
    }

    /// Waits until a record has grown since the last call ended. For one caller.
    pub async fn grown(&self) {
        self.grown.notified().await;
    }

    /// Appends a statement whose signatures have been checked, with the secrets that must be as durable as it.
    ///
    /// # Errors
    /// `Rejected` by the law; `Overloaded` when the queue is full; `Stopping`; the store's errors, after which nothing is
    /// acknowledged.
    pub async fn append(&self, signed: Signed, secrets: Vec<VaultRow>) -> Result<Accepted, AppError> {
        self.send(signed, secrets, false).await
    }

    /// Begins a village's record with its founding, whose signatures have been checked and whose log key is in the vault.
    ///
    /// # Errors
    /// As [`Lane::append`].
    pub async fn found(&self, signed: Signed) -> Result<Accepted, AppError> {
        self.send(signed, Vec::new(), true).await
    }

    async fn send(&self, signed: Signed, secrets: Vec<VaultRow>, founds: bool) -> Result<Accepted, AppError> {
        if let Some(doubt) = self.history.doubt() {
            return Err(AppError::InDoubt(doubt));
        }
        let (reply, answer) = oneshot::channel();
        let jobs = self.sender.upgrade().ok_or(AppError::Stopping)?;
        jobs.try_send(Job { signed, secrets, founds, reply }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => AppError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => AppError::Stopping,
        })?;
        drop(jobs);
        answer.await.map_err(|_| AppError::Stopping)?
    }

    /// Takes no more and waits until everything taken is done.
    pub async fn stop(&self) {
        self.jobs.lock().await.take();
        if let Some(task) = self.task.lock().await.take() {
            // An error here is a panic in the lane, which has been reported where it happened.
            let _ = task.await;
        }
    }
}

struct Sequencer {
    db: Db,
    lives: Lives,
    clock: Arc<dyn Clock>,
    projector: Projector,
    grown: Arc<Notify>,
}

/// What one village gains in this batch.
struct Gain {
    /// The empty record, where it begins with this batch.
    founded: Option<Head>,
    live: Live,
    before: Frontier,
    /// The state at the newest size at which it is to be kept.
    due: Option<State>,
    appended: Vec<Appended>,
    secrets: Vec<VaultRow>,
    replies: Vec<oneshot::Sender<Result<Accepted, AppError>>>,
}

async fn run(mut queue: mpsc::Receiver<Job>, sequencer: Sequencer) {
    let mut jobs = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut jobs, BATCH).await > 0 {
        sequencer.batch(mem::take(&mut jobs)).await;
    }
    sequencer.projector.stop().await;
}

impl Sequencer {
    async fn batch(&self, jobs: Vec<Job>) {
        let mut gains: BTreeMap<VillageCode, Gain> = BTreeMap::new();
        for job in jobs {
            if let Err((reply, error)) = self.judge(&mut gains, job).await {
                // Whoever asked has gone; there is nobody to tell.
                let _ = reply.send(Err(error));
            }
        }
        gains.retain(|_, gain| !gain.appended.is_empty());
        match self.commit(&gains).await {
            Ok(notes) => self.publish(gains, notes),
            Err(StoreError::Conflict { village } | StoreError::Replayed { village, .. }) if gains.len() > 1 => {
                // Another writer was at one village: the others do not pay for it.
                self.lives.forget(village);
                let (one, rest): (BTreeMap<_, _>, BTreeMap<_, _>) = gains.into_iter().partition(|(v, _)| *v == village);
                refuse(one, &StoreError::Conflict { village });
                match self.commit(&rest).await {
                    Ok(notes) => self.publish(rest, notes),
                    Err(error) => self.give_up(rest, &error),
                }
            }
            Err(error) => self.give_up(gains, &error),
        }
    }

    async fn judge(
        &self,
        gains: &mut BTreeMap<VillageCode, Gain>,
        job: Job,
    ) -> Result<(), (oneshot::Sender<Result<Accepted, AppError>>, AppError)> {
        let Job { signed, secrets, founds, reply } = job;
        let village = signed.statement.village;
        if let std::collections::btree_map::Entry::Vacant(slot) = gains.entry(village) {
            match self.lives.live(village).await {
                Ok(live) => {
                    let live = live.as_ref().clone();
                    let before = live.ledger.frontier.clone();
                    slot.insert(Gain {
                        founded: None,
                        live,
                        before,
                        due: None,
                        appended: vec![],
                        secrets: vec![],
                        replies: vec![],
                    });
                }
                Err(AppError::NotFound { .. }) if founds => {
                    return match self.found(&signed).await {
                        Ok(mut gain) => {
                            gain.replies.push(reply);
                            slot.insert(gain);
                            Ok(())
                        }
                        Err(error) => Err((reply, error)),
                    };
                }
                Err(error) => return Err((reply, error)),
            }
        }
        let Some(gain) = gains.get_mut(&village) else { return Err((reply, AppError::Stopping)) };
        match gain.live.ledger.append(&signed, self.clock.now()) {
            Ok((appended, _)) => {
                let state = gain.live.state();
                if snapshot::due(state.size()) == state.size() {
                    gain.due = Some(state.clone());
                }
                gain.appended.push(appended);
                gain.secrets.extend(secrets);
                gain.replies.push(reply);
                Ok(())
            }
            Err(rejection) => Err((reply, rejection.into())),
        }
    }

    /// A record that begins.
    async fn found(&self, signed: &Signed) -> Result<Gain, AppError> {
        let Act::VillageFounded(act) = &signed.statement.act else { return Err(AppError::not_found("village")) };
        let (key, now) = (self.lives.log_key(signed.statement.village).await?, self.clock.now());
        let fits = act.log_key.0 == key.verifying_key().to_bytes();
        ensure(fits, Rule::KeyUnfit, "the log key that was prepared", act.log_key)?;
        let (ledger, first) = Ledger::found(signed, &act.origin, now)?;
        let founded =
            Head { size: 0, frontier: Vec::new(), last_leaf: entry::genesis(&act.origin), ..head_of(&ledger) };
        let live = Live { ledger, key };
        let before = Frontier::default();
        Ok(Gain {
            founded: Some(founded),
            live,
            before,
            due: None,
            appended: vec![first],
            secrets: vec![],
            replies: vec![],
        })
    }

    async fn commit(&self, gains: &BTreeMap<VillageCode, Gain>) -> Result<Vec<Vec<u8>>, StoreError> {
        if gains.is_empty() {
            return Ok(Vec::new());
        }
        let notes: Vec<Vec<u8>> =
            gains.values().map(|gain| gain.live.ledger.checkpoint(&gain.live.key).to_string().into_bytes()).collect();
        let appends: Vec<VillageAppend> =
            gains.values().zip(&notes).map(|(gain, note)| append_of(gain, note)).collect();
        let founded: Vec<&Head> = gains.values().filter_map(|gain| gain.founded.as_ref()).collect();
        self.db
            .write("append", |tx| {
                let (mut appends, founded) = (appends.clone(), &founded);
                Box::pin(async move {
                    for head in founded {
                        tx.found_village(head).await?;
                    }
                    for append in &mut appends {
                        let leaves: Vec<Digest> = append.entries.iter().map(|entry| entry.leaf).collect();
                        let log = LogOf::Village(append.head.village);
                        append.tiles = tiles::grown(tx, log, append.old_size, &leaves).await?;
                    }
                    tx.append_batch(&appends).await
                })
            })
            .await?;
        Ok(notes)
    }

    fn publish(&self, gains: BTreeMap<VillageCode, Gain>, notes: Vec<Vec<u8>>) {
        if !gains.is_empty() {
            self.grown.notify_one();
        }
        for ((village, gain), note) in gains.into_iter().zip(notes) {
            self.lives.keep(village, &Arc::new(gain.live));
            gain.due.into_iter().for_each(|state| self.lives.hand_over(state));
            self.projector.wake(village);
            let leaves: Vec<Digest> = gain.appended.iter().map(|appended| appended.at.leaf).collect();
            let mut tail = Tail::new(gain.before, leaves);
            for (appended, reply) in gain.appended.iter().zip(gain.replies) {
                let answer = receipt(&mut tail, appended, &note);
                // Whoever asked has gone: the entry stands, and asking again gives the same answer.
                let _ = reply.send(answer.map(|receipt| Accepted {
                    at: appended.at,
                    receipt,
                    remarks: appended.remarks.clone(),
                }));
            }
        }
    }

    fn give_up(&self, gains: BTreeMap<VillageCode, Gain>, error: &StoreError) {
        for village in gains.keys() {
            self.lives.forget(*village);
        }
        refuse(gains, error);
    }
}

fn refuse(gains: BTreeMap<VillageCode, Gain>, error: &StoreError) {
    for reply in gains.into_values().flat_map(|gain| gain.replies) {
        let _ = reply.send(Err(AppError::Store(StoreError::Unavailable {
            may_be_written: matches!(error, StoreError::Unavailable { may_be_written: true, .. }),
            reason: error.to_string(),
        })));
    }
}

fn receipt(tail: &mut Tail, appended: &Appended, note: &[u8]) -> Result<Vec<u8>, AppError> {
    let fault = |error: &dyn std::fmt::Display| StoreError::Damaged(format!("a receipt can't be made: {error}"));
    let note = crate::log::note::Note::parse(note).map_err(|error| fault(&error))?;
    let proof = tail.receipt(appended, note).map_err(|error: ProofError| fault(&error))?;
    Ok(proof.to_string().into_bytes())
}

fn append_of(gain: &Gain, note: &[u8]) -> VillageAppend {
    VillageAppend {
        old_size: gain.before.size(),
        head: head_of(&gain.live.ledger),
        entries: gain.appended.iter().map(stored).collect(),
        tiles: Vec::new(),
        checkpoint: Some(note.to_vec()),
        vault: gain.secrets.clone(),
    }
}

/// An appended entry as the store keeps it.
#[must_use]
pub fn stored(appended: &Appended) -> StoredEntry {
    StoredEntry {
        seq: appended.at.seq,
        time: appended.at.time,
        leaf: appended.at.leaf,
        statement: appended.id,
        bytes: appended.bytes.clone(),
    }
}

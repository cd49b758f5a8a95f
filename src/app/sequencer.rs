//! The lane in which every append happens: one durable commit for all that queued during the commit before. It has as many
//! tasks as the database has use for, each for its own villages. Nothing is acknowledged before it is on disk; a receipt goes
//! out with the acknowledgement.

use std::collections::{BTreeMap, BTreeSet, btree_map};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::mem;
use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use crate::app::cluster::Cluster;
use crate::app::cluster::view::Place;
use crate::app::error::AppError;
use crate::app::fair::{self, Refused};
use crate::app::live::{Live, Lives, head_of};
use crate::app::projector::{Projector, Seen};
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
use crate::log::note::{Note, NoteError};
use crate::log::signed::Signed;
use crate::log::tree::{Frontier, ProofError};
use crate::store::db::Db;
use crate::store::error::StoreError;
use crate::store::record::{Head, StoredEntry, VaultRow, VillageAppend};
use crate::store::vault::Vault;

/// Most statements that wait for one of them; more are refused with "try again".
const QUEUE: usize = 4_096;
/// Most of them that are one village's.
const QUEUE_EACH: usize = QUEUE / 4;
/// Most statements in one commit.
const BATCH: usize = 1_024;
/// How often a statement is judged that meets another writer at its village each time.
const TRIES: usize = 4;

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

/// What appends need.
pub struct Writing {
    /// The database.
    pub db: Db,
    /// The villages' states.
    pub lives: Lives,
    /// The present time, which entries bear.
    pub clock: Arc<dyn Clock>,
    /// The other servers; `None` where this one writes all records.
    pub cluster: Option<Cluster>,
    /// Whether villages lie in different databases behind one address: then no transaction holds two of them.
    pub sharded: bool,
}

/// The way into the lane of what this server writes.
pub struct Lane {
    history: History,
    tasks: Vec<Task>,
    projector: Arc<Projector>,
    grown: Arc<Notify>,
}

/// The way to one of the tasks.
struct Task {
    jobs: tokio::sync::Mutex<Option<fair::Sender<Job>>>,
    sender: fair::WeakSender<Job>,
    running: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Lane {
    /// Starts the lane and the projector behind it.
    #[must_use]
    pub fn start(writing: Writing, vault: Vault, history: History) -> Self {
        let Writing { db, lives, clock, cluster, sharded } = writing;
        let projector = Arc::new(Projector::start(db.clone(), vault, lives.clone()));
        let grown = Arc::new(Notify::new());
        let (behind, told) = (Arc::clone(&projector), Arc::clone(&grown));
        let writers = db.writers();
        let sequencer = Arc::new(Sequencer { db, lives, clock, projector: behind, grown: told, cluster, sharded });
        let tasks = (0..writers).map(|_| Task::start(&sequencer)).collect();
        Self { history, tasks, projector, grown }
    }

    /// Waits until a record has grown since the last call ended. For one caller.
    pub async fn grown(&self) {
        self.grown.notified().await;
    }

    /// Appends a statement whose signatures have been checked, with the secrets that must be as durable as it.
    ///
    /// # Errors
    /// `Rejected` by the law; `Overloaded` when the queue is full; `Elsewhere` when another server writes the record;
    /// `Stopping`; the store's errors, after which nothing is acknowledged.
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
        let village = signed.statement.village;
        let jobs = self.task_of(village).and_then(|task| task.sender.upgrade()).ok_or(AppError::Stopping)?;
        jobs.try_send(village, Job { signed, secrets, founds, reply }).map_err(|refused| match refused {
            Refused::Full(_) => AppError::Overloaded,
            Refused::Closed(_) => AppError::Stopping,
        })?;
        drop(jobs);
        answer.await.map_err(|_| AppError::Stopping)?
    }

    /// The task that appends to a village's record, always the same.
    fn task_of(&self, village: VillageCode) -> Option<&Task> {
        let mut hasher = DefaultHasher::new();
        village.hash(&mut hasher);
        let tasks = self.tasks.len().max(1) as u64;
        self.tasks.get(usize::try_from(hasher.finish() % tasks).unwrap_or(0))
    }

    /// Takes no more and waits until everything taken is done.
    pub async fn stop(&self) {
        for task in &self.tasks {
            task.jobs.lock().await.take();
        }
        for task in &self.tasks {
            if let Some(running) = task.running.lock().await.take() {
                // An error here is a panic in the task, which has been reported where it happened.
                let _ = running.await;
            }
        }
        self.projector.stop().await;
    }
}

impl Task {
    fn start(sequencer: &Arc<Sequencer>) -> Self {
        let (jobs, queue) = fair::channel(QUEUE, QUEUE_EACH);
        let sender = jobs.downgrade();
        let running = tokio::spawn(run(queue, Arc::clone(sequencer)));
        Self { jobs: tokio::sync::Mutex::new(Some(jobs)), sender, running: tokio::sync::Mutex::new(Some(running)) }
    }
}

struct Sequencer {
    db: Db,
    lives: Lives,
    clock: Arc<dyn Clock>,
    projector: Arc<Projector>,
    grown: Arc<Notify>,
    cluster: Option<Cluster>,
    sharded: bool,
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
    /// What was appended, in the same order.
    jobs: Vec<Job>,
    /// What was refused by a state that is not on record yet: answered when it is.
    refused: Vec<(Job, AppError)>,
}

type Gains = BTreeMap<VillageCode, Gain>;

async fn run(mut queue: fair::Receiver<Job>, sequencer: Arc<Sequencer>) {
    let mut jobs = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut jobs, BATCH).await > 0 {
        sequencer.batch(mem::take(&mut jobs)).await;
    }
}

impl Sequencer {
    /// Judges and commits. What met another writer is judged again, against the record as that one left it.
    async fn batch(&self, mut jobs: Vec<Job>) {
        for _ in 0..TRIES {
            let gains = self.judge_all(jobs).await;
            let committed = join_all(self.transactions(gains).into_iter().map(|gains| self.commit_all(gains))).await;
            jobs = committed.into_iter().flatten().collect();
            if jobs.is_empty() {
                return;
            }
        }
        for job in jobs {
            // Whoever asked has gone; there is nobody to tell.
            let _ = job.reply.send(Err(AppError::Overloaded));
        }
    }

    /// What goes into one transaction each: all of it, or in a sharded database one village.
    fn transactions(&self, gains: Gains) -> Vec<Gains> {
        if self.sharded { gains.into_iter().map(|gain| BTreeMap::from([gain])).collect() } else { vec![gains] }
    }

    async fn judge_all(&self, jobs: Vec<Job>) -> Gains {
        let villages: BTreeSet<VillageCode> = jobs.iter().map(|job| job.signed.statement.village).collect();
        if let Err(error) = self.lives.bring_up(&villages).await {
            refuse(jobs, &error);
            return Gains::new();
        }
        let mut gains = Gains::new();
        for job in jobs {
            if let Err((job, error)) = self.judge(&mut gains, job).await {
                let _ = job.reply.send(Err(error));
            }
        }
        gains.retain(|_, gain| !gain.appended.is_empty());
        gains
    }

    /// Commits; what is to be judged again comes back.
    async fn commit_all(&self, mut gains: Gains) -> Vec<Job> {
        let mut again = Vec::new();
        while !gains.is_empty() {
            match self.commit(&gains).await {
                Ok(notes) => {
                    self.publish(gains, notes);
                    return again;
                }
                Err(StoreError::Conflict { village } | StoreError::Replayed { village, .. }) => {
                    // Another writer was at one village: the others do not pay for it.
                    self.lives.forget(village);
                    again.extend(gains.remove(&village).into_iter().flat_map(Gain::into_jobs));
                }
                Err(StoreError::Exists) if gains.values().any(|gain| gain.founded.is_some()) => {
                    // Another writer has founded one of them meanwhile.
                    let (founded, rest) = gains.into_iter().partition(|(_, gain)| gain.founded.is_some());
                    let founded: Gains = founded;
                    again.extend(founded.into_values().flat_map(Gain::into_jobs));
                    gains = rest;
                }
                Err(error) => {
                    for village in gains.keys() {
                        self.lives.forget(*village);
                    }
                    refuse(gains.into_values().flat_map(Gain::into_jobs), &error);
                    return again;
                }
            }
        }
        again
    }

    async fn judge(&self, gains: &mut Gains, job: Job) -> Result<(), (Job, AppError)> {
        let village = job.signed.statement.village;
        if self.cluster.as_ref().is_some_and(|cluster| cluster.place(village) != Place::Here) {
            return Err((job, AppError::Elsewhere));
        }
        if let btree_map::Entry::Vacant(slot) = gains.entry(village) {
            match self.lives.known(village).await {
                Ok(live) => {
                    slot.insert(Gain::from(live.as_ref().clone()));
                }
                Err(AppError::NotFound { .. }) if job.founds => {
                    return match self.found(&job.signed).await {
                        Ok(gain) => {
                            slot.insert(Gain { jobs: vec![job], ..gain });
                            Ok(())
                        }
                        Err(error) => Err((job, error)),
                    };
                }
                Err(error) => return Err((job, error)),
            }
        }
        let Some(gain) = gains.get_mut(&village) else { return Err((job, AppError::Stopping)) };
        match gain.live.ledger.append(&job.signed, self.clock.now()) {
            Ok((appended, _)) => {
                let state = gain.live.state();
                if snapshot::due(state.size()) == state.size() {
                    gain.due = Some(state.clone());
                }
                gain.appended.push(appended);
                gain.jobs.push(job);
                Ok(())
            }
            Err(rejection) if gain.appended.is_empty() => Err((job, rejection.into())),
            Err(rejection) => {
                gain.refused.push((job, rejection.into()));
                Ok(())
            }
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
        let gain = Gain::from(Live { ledger, key });
        Ok(Gain { founded: Some(founded), before: Frontier::default(), appended: vec![first], ..gain })
    }

    async fn commit(&self, gains: &Gains) -> Result<Vec<Vec<u8>>, StoreError> {
        let notes: Vec<Vec<u8>> =
            gains.values().map(|gain| gain.live.ledger.checkpoint(&gain.live.key).to_string().into_bytes()).collect();
        let appends: Vec<VillageAppend> =
            gains.values().zip(&notes).map(|(gain, note)| append_of(gain, note)).collect();
        let founded: Vec<&Head> = gains.values().filter_map(|gain| gain.founded.as_ref()).collect();
        self.db
            .write("append", |tx| {
                let (appends, founded) = (&appends, &founded);
                Box::pin(async move {
                    for head in founded {
                        tx.found_village(head).await?;
                    }
                    tiles::append(tx, appends).await
                })
            })
            .await?;
        Ok(notes)
    }

    /// Lets the next batch go on from what is on record now, and answers beside it.
    fn publish(&self, gains: Gains, notes: Vec<Vec<u8>>) {
        self.grown.notify_one();
        let mut answers = Vec::with_capacity(gains.len());
        for ((village, gain), note) in gains.into_iter().zip(notes) {
            let Gain { live, before, due, appended, jobs, refused, .. } = gain;
            self.lives.keep(village, &Arc::new(live));
            if let Some(state) = due {
                self.lives.hand_over(state);
            }
            let (mut seen, mut replies) = (Vec::with_capacity(jobs.len()), Vec::with_capacity(jobs.len()));
            for (appended, job) in appended.iter().zip(jobs) {
                seen.push(Seen { at: appended.at, statement: job.signed.statement });
                replies.push(job.reply);
            }
            self.projector.grown(village, seen);
            answers.push(Answers { before, note, appended, replies, refused });
        }
        tokio::spawn(async move { answers.into_iter().for_each(Answers::give) });
    }
}

/// What is answered to those whose statements a batch held of one village.
struct Answers {
    before: Frontier,
    note: Vec<u8>,
    appended: Vec<Appended>,
    replies: Vec<oneshot::Sender<Result<Accepted, AppError>>>,
    refused: Vec<(Job, AppError)>,
}

impl Answers {
    /// Whoever asked may have gone: the entry stands, and asking again gives the same answer.
    fn give(self) {
        let leaves: Vec<Digest> = self.appended.iter().map(|appended| appended.at.leaf).collect();
        let (mut tail, note) = (Tail::new(self.before, leaves), Note::parse(&self.note));
        for (appended, reply) in self.appended.into_iter().zip(self.replies) {
            let answer = receipt(&mut tail, &appended, note.clone());
            let Appended { at, remarks, .. } = appended;
            let _ = reply.send(answer.map(|receipt| Accepted { at, receipt, remarks }));
        }
        for (job, error) in self.refused {
            let _ = job.reply.send(Err(error));
        }
    }
}

impl From<Live> for Gain {
    fn from(live: Live) -> Self {
        let before = live.ledger.frontier.clone();
        Self { founded: None, live, before, due: None, appended: vec![], jobs: vec![], refused: vec![] }
    }
}

impl Gain {
    /// Everything that was judged.
    fn into_jobs(self) -> impl Iterator<Item = Job> {
        self.jobs.into_iter().chain(self.refused.into_iter().map(|(job, _)| job))
    }
}

fn refuse(jobs: impl IntoIterator<Item = Job>, error: &StoreError) {
    for job in jobs {
        let _ = job.reply.send(Err(AppError::Store(StoreError::Unavailable {
            may_be_written: matches!(error, StoreError::Unavailable { may_be_written: true, .. }),
            reason: error.to_string(),
        })));
    }
}

fn receipt(tail: &mut Tail, appended: &Appended, note: Result<Note, NoteError>) -> Result<Vec<u8>, AppError> {
    let fault = |error: &dyn std::fmt::Display| StoreError::Damaged(format!("a receipt can't be made: {error}"));
    let note = note.map_err(|error| fault(&error))?;
    let proof = tail.receipt(appended, note).map_err(|error: ProofError| fault(&error))?;
    Ok(proof.to_string().into_bytes())
}

fn append_of(gain: &Gain, note: &[u8]) -> VillageAppend {
    VillageAppend {
        old_size: gain.before.size(),
        head: head_of(&gain.live.ledger),
        entries: gain.appended.iter().map(stored).collect(),
        checkpoint: Some(note.to_vec()),
        vault: gain.jobs.iter().flat_map(|job| job.secrets.clone()).collect(),
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

//! The lane in which every append happens: one durable commit for all that queued during the commit before. It has as many
//! tasks as the database has use for, each for its own villages. Nothing is acknowledged before it is on disk; a receipt goes
//! out with the acknowledgement.

mod gain;
mod rounds;
mod writer;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use crate::app::cluster::Cluster;
use crate::app::desks::Desks;
use crate::app::error::AppError;
use crate::app::fair::{self, Refused};
use crate::app::growth::Growth;
use crate::app::live::Lives;
use crate::app::projector::Projector;
use crate::app::publish::history::History;
pub use crate::app::sequencer::gain::stored;
use crate::app::sequencer::rounds::run;
use crate::app::sequencer::writer::Writer;
use crate::core::clock::Clock;
use crate::core::ids::VillageCode;
use crate::core::judge::Remark;
use crate::core::state::Position;
use crate::log::signed::Signed;
use crate::store::db::Db;
use crate::store::record::VaultRow;
use crate::store::vault::Vault;

/// Most statements that wait for one of them; more are refused with "try again".
const QUEUE: usize = 4_096;
/// Most of them that are one village's.
const QUEUE_EACH: usize = QUEUE / 4;

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
    /// Who waits for records to grow.
    pub growth: Growth,
    /// Who waits for tables to be written.
    pub desks: Desks,
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
        let Writing { db, lives, clock, growth, desks, cluster, sharded } = writing;
        let projector = Arc::new(Projector::start(db.clone(), vault, lives.clone(), desks));
        let grown = Arc::new(Notify::new());
        let told = Arc::clone(&grown);
        let writers = db.writers();
        let (projector_too, history_too) = (Arc::clone(&projector), history.clone());
        let writer = Writer {
            db,
            lives,
            clock,
            growth,
            projector: projector_too,
            grown: told,
            cluster,
            sharded,
            history: history_too,
        };
        let writer = Arc::new(writer);
        let tasks = (0..writers).map(|_| Task::start(&writer)).collect();
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
    /// `Stopping`; `Unsure`; the store's errors, after which nothing is acknowledged.
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
        // Lost with a panic, before or after the commit.
        answer.await.map_err(|_| AppError::Unsure)?
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

/// Takes statements until no more can come. One that makes the program panic costs those judged with it an answer, and nobody else
/// the lane.
async fn keep_running(queue: fair::Receiver<Job>, writer: Arc<Writer>) {
    let queue = Arc::new(tokio::sync::Mutex::new(queue));
    while let Err(error) = tokio::spawn(run(Arc::clone(&queue), Arc::clone(&writer))).await
        && error.is_panic()
    {
        tracing::error!("judging or writing statements came to a fault of the program; it goes on with the next");
    }
}

impl Task {
    fn start(writer: &Arc<Writer>) -> Self {
        let (jobs, queue) = fair::channel(QUEUE, QUEUE_EACH);
        let sender = jobs.downgrade();
        let running = tokio::spawn(keep_running(queue, Arc::clone(writer)));
        Self { jobs: tokio::sync::Mutex::new(Some(jobs)), sender, running: tokio::sync::Mutex::new(Some(running)) }
    }
}

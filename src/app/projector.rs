//! Keeps the derived tables behind the record, one task. What was appended while it wrote is its next round. A village
//! that gained nothing but ballots, as on a voting day every village does, is not projected from the record anew: what a
//! ballot adds to the tables follows from the ballot alone, and many villages' are one transaction.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::app::desks::Desks;
use crate::app::kept::Kept;
use crate::app::live::{Live, Lives};
use crate::app::projection::{TOGETHER, projected_or_told, task_rows, timeline_row};
use crate::app::snapshot;
use crate::core::act::Kind;
use crate::core::ids::VillageCode;
use crate::core::state::Position;
use crate::core::state::people::People;
use crate::core::statement::Statement;
use crate::core::tasks::{self, Task};
use crate::store::board::TimelineRow;
use crate::store::db::Db;
use crate::store::error::StoreError;
use crate::store::vault::Vault;

/// Most appended entries that wait in memory; what else was appended is read from the record.
const MOST_WAITING: usize = 32_768;
/// Most villages of which it is remembered what was written.
const MOST_WRITTEN: u64 = 8_192;
/// Most tasks of a village that are looked at.
const MOST_TASKS: u64 = 10_000;
/// A round of so many entries is a busy one.
const BUSY: usize = 8;
/// When a round after a busy one begins, counted from that one's beginning: the more a round gathers, the less each entry costs.
const BUSY_ROUND: Duration = Duration::from_secs(1);

/// After so many rows a transaction ends, so that appends do not wait long for it.
const SHORT: usize = 1_024;

/// An entry that was just appended.
#[derive(Debug)]
pub(in crate::app) struct Seen {
    /// Where it stands.
    pub at: Position,
    /// What it says.
    pub statement: Statement,
}

/// Keeps the derived tables behind the record.
#[derive(Debug)]
pub struct Projector {
    shared: Arc<Shared>,
    task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    notify: Notify,
    /// Rung when no more comes: nobody waits for a busy round's end then.
    stopped: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    /// What each village gained, in order; empty where it is to be read from the record.
    villages: BTreeMap<VillageCode, Vec<Seen>>,
    /// Entries in them.
    count: usize,
    stopping: bool,
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self) {
        self.waiting().stopping = true;
        self.notify.notify_one();
        self.stopped.notify_one();
    }
}

impl Drop for Projector {
    /// Nobody appends any more: what waits is projected, and the task ends.
    fn drop(&mut self) {
        self.shared.stop();
    }
}

impl Projector {
    /// Starts the projector.
    #[must_use]
    pub fn start(db: Db, vault: Vault, lives: Lives, desks: Desks) -> Self {
        let shared = Arc::new(Shared::default());
        let rounds = Rounds { db, vault, lives, desks, written: Kept::new(MOST_WRITTEN) };
        let task = tokio::spawn(run(Arc::clone(&shared), rounds));
        Self { shared, task: tokio::sync::Mutex::new(Some(task)) }
    }

    /// Says that a village's record has grown, and by what, if the caller knows.
    pub(in crate::app) fn grown(&self, village: VillageCode, seen: Vec<Seen>) {
        self.shared.waiting().add(village, seen);
        self.shared.notify.notify_one();
    }

    /// Waits until everything that has been appended is projected, and ends.
    pub async fn stop(&self) {
        self.shared.stop();
        if let Some(task) = self.task.lock().await.take() {
            let _ = task.await;
        }
    }
}

impl Waiting {
    fn add(&mut self, village: VillageCode, seen: Vec<Seen>) {
        let room = !seen.is_empty() && self.count + seen.len() <= MOST_WAITING;
        match self.villages.get_mut(&village) {
            Some(before) if room && !before.is_empty() => {
                self.count += seen.len();
                before.extend(seen);
            }
            // What waits to be read from the record is read whole.
            Some(before) => {
                self.count -= before.len();
                before.clear();
            }
            None if room => {
                self.count += seen.len();
                self.villages.insert(village, seen);
            }
            None => {
                self.villages.insert(village, Vec::new());
            }
        }
    }
}

async fn run(shared: Arc<Shared>, mut rounds: Rounds) {
    loop {
        let (Waiting { villages, count, .. }, stopping) = {
            let mut waiting = shared.waiting();
            let stopping = waiting.stopping;
            (std::mem::replace(&mut *waiting, Waiting { stopping, ..Waiting::default() }), stopping)
        };
        if villages.is_empty() {
            if stopping {
                return;
            }
            shared.notify.notified().await;
            continue;
        }
        let begun = now();
        rounds.round(villages).await;
        if count >= BUSY && !stopping {
            if let Err(error) = rounds.db.tidy().await {
                tracing::debug!(%error, "the log of the database is copied later");
            }
            tokio::select! {
                () = tokio::time::sleep_until(begun + BUSY_ROUND) => {}
                () = shared.stopped.notified() => {}
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "paces the work under load; decides nothing")]
fn now() -> Instant {
    Instant::now()
}

/// What the tables hold of a village, as this process wrote them last.
#[derive(Debug)]
struct Written {
    /// Up to which entry.
    size: u64,
    people: Arc<People>,
    tasks: Vec<Task>,
}

/// Ballots of a village that go on from what is written.
#[derive(Debug)]
struct Ballots {
    village: VillageCode,
    from: u64,
    last: Position,
    rows: Vec<TimelineRow>,
    /// The state that is to be kept from now on: its size and bytes.
    keep: Option<(u64, Vec<u8>)>,
}

struct Rounds {
    db: Db,
    vault: Vault,
    lives: Lives,
    desks: Desks,
    written: Kept<Written>,
}

impl Rounds {
    async fn round(&mut self, villages: BTreeMap<VillageCode, Vec<Seen>>) {
        let (mut ballots, mut others) = (Vec::new(), Vec::new());
        for (village, mut seen) in villages {
            let Some(last) = seen.last().map(|seen| seen.at.seq) else {
                others.push(village);
                continue;
            };
            let size = self.written_of(village).await;
            // What was appended while its village was read from the record has been written with the rest.
            if last < size {
                continue;
            }
            seen.retain(|seen| seen.at.seq >= size);
            match self.ballots(village, &seen).await {
                Some(more) => ballots.push(more),
                None => others.push(village),
            }
        }
        for some in ballots.chunk_by(short()) {
            if let Err(error) = self.write(some).await {
                tracing::debug!(%error, "ballots are projected from the record");
                others.extend(some.iter().map(|more| more.village));
            }
        }
        for some in others.chunks(TOGETHER) {
            self.project(some).await;
        }
    }

    /// How far a village is projected, as far as it is known what its tables hold. Asks the tables themselves about a village
    /// that was not written since the start: the first ballots after it would else all be read from the record.
    async fn written_of(&mut self, village: VillageCode) -> u64 {
        if self.written.get(village).is_none()
            && let Some(written) = self.found(village).await
        {
            self.written.insert(village, written, 1);
        }
        self.written.get(village).map_or(0, |written| written.size)
    }

    /// What the tables hold of a village, where its tasks are those of its state. People and keys don't follow from ballots: if
    /// nothing else came after what is projected, they are those of the state, too.
    async fn found(&self, village: VillageCode) -> Option<Written> {
        let live = self.lives.known(village).await.ok()?;
        let read = self.db.read("written", |tx| {
            Box::pin(async move {
                Ok::<_, StoreError>((tx.projected(village).await?, tx.tasks(village, MOST_TASKS).await?))
            })
        });
        let (size, mut rows) = read.await.ok()?;
        let written = Written::of(&live);
        let mut due = task_rows(live.state(), written.tasks.clone());
        rows.sort_by(|a, b| a.task.cmp(&b.task));
        due.sort_by(|a, b| a.task.cmp(&b.task));
        (rows == due).then_some(Written { size, ..written })
    }

    /// What a village gained, if it is ballots and they change nothing in the tables but their own rows.
    async fn ballots(&mut self, village: VillageCode, seen: &[Seen]) -> Option<Ballots> {
        let (first, last) = (seen.first()?, seen.last()?);
        let written = self.written.get(village).filter(|written| written.size == first.at.seq)?;
        let alike = seen.iter().all(|seen| seen.statement.kind() == Kind::BallotCast);
        let next = last.at.seq + 1;
        if !alike || seen.len() as u64 != next - written.size {
            return None;
        }
        let live = self.lives.known(village).await.ok()?;
        let state = live.state();
        // The last ballot may let the chair close.
        if !Arc::ptr_eq(&state.people, &written.people) || tasks::tasks(state) != written.tasks {
            return None;
        }
        let (due, from) = (snapshot::due(next), written.size);
        let keep = if due > snapshot::due(from) {
            let state = self.lives.handed_over(village, due)?;
            Some((due, snapshot::encode(&state)?))
        } else {
            None
        };
        let rows = seen.iter().map(|seen| timeline_row(&seen.statement, seen.at.seq, seen.at.time)).collect();
        Some(Ballots { village, from, last: last.at, rows, keep })
    }

    /// Writes the ballots of some villages in one transaction.
    async fn write(&mut self, ballots: &[Ballots]) -> Result<(), StoreError> {
        let Some(first) = ballots.first() else { return Ok(()) };
        let moves: Vec<_> = ballots.iter().map(|more| (more.village, more.from, more.last.seq + 1)).collect();
        let grown: Vec<_> = ballots.iter().map(|more| (more.village, more.last.time, more.last.seq + 1)).collect();
        let rows: Vec<TimelineRow> = ballots.iter().flat_map(|more| more.rows.iter().cloned()).collect();
        let (moves, grown, rows, village) = (&moves, &grown, &rows, first.village);
        let states: Vec<_> = ballots.iter().filter_map(|more| Some((more.village, more.keep.as_ref()?))).collect();
        let states = &states;
        let write = self.db.write("project_ballots", |tx| {
            Box::pin(async move {
                if !tx.move_projected(moves).await? {
                    // Somebody else has projected one of them; the transaction is given up.
                    return Err(StoreError::Conflict { village });
                }
                tx.put_timeline(rows).await?;
                for (village, (size, state)) in states {
                    tx.put_state(*village, *size, state).await?;
                }
                tx.grow_summaries(grown).await
            })
        });
        write.await?;
        for (village, _, size) in moves {
            if let Some(written) = self.written.get_mut(*village) {
                written.size = *size;
            }
        }
        Ok(())
    }

    async fn project(&mut self, villages: &[VillageCode]) {
        for village in villages {
            self.written.remove(*village);
        }
        for live in projected_or_told(&self.db, &self.vault, &self.lives, villages).await {
            self.desks.grown(live.state().village, live.state().size());
            self.written.insert(live.state().village, Written::of(&live), 1);
        }
    }
}

/// Cuts ballots into parts of some [`SHORT`] rows.
fn short() -> impl FnMut(&Ballots, &Ballots) -> bool {
    let mut rows = 0;
    move |more, _| {
        rows += more.rows.len();
        let goes_on = rows < SHORT;
        if !goes_on {
            rows = 0;
        }
        goes_on
    }
}

impl Written {
    fn of(live: &Live) -> Self {
        let state = live.state();
        Self { size: state.size(), people: Arc::clone(&state.people), tasks: tasks::tasks(state) }
    }
}

//! When what is judged and committed: while one batch is being made durable, the next is judged on the states that the first
//! will leave, so that the database never waits for the law. Nothing of it is written, and nobody hears of it, before the
//! first is on record; if that fails, the next is judged again.

use std::mem;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::task::{JoinError, JoinHandle};

use crate::app::fair::Receiver;
use crate::app::sequencer::Job;
use crate::app::sequencer::gain::{Gain, Gains};
use crate::app::sequencer::writer::{Ahead, Writer};

/// Most statements in one commit.
const BATCH: usize = 1_024;

/// What one task is at.
struct Rounds {
    writer: Arc<Writer>,
    /// What was judged and waits for its commit.
    gains: Gains,
    /// How many statements these are.
    judged: usize,
    /// States as the commit under way leaves them.
    ahead: Ahead,
    /// The commit under way: whether everything of it is on record as it was judged.
    flight: Option<JoinHandle<bool>>,
}

/// Takes statements until no more can come, and ends when the last is answered.
pub(in crate::app::sequencer) async fn run(queue: Arc<Mutex<Receiver<Job>>>, writer: Arc<Writer>) {
    let mut queue = queue.lock().await;
    let mut rounds = Rounds { writer, gains: Gains::new(), judged: 0, ahead: Ahead::new(), flight: None };
    let (mut jobs, mut open) = (Vec::with_capacity(BATCH), true);
    while open || rounds.flight.is_some() {
        let room = rounds.room();
        tokio::select! {
            biased;
            landed = landed(&mut rounds.flight), if rounds.flight.is_some() => rounds.land(landed).await,
            taken = queue.recv_many(&mut jobs, room), if open && room > 0 => {
                open = taken > 0;
                rounds.judge(mem::take(&mut jobs)).await;
            }
        }
        rounds.depart();
    }
}

async fn landed(flight: &mut Option<JoinHandle<bool>>) -> Result<bool, JoinError> {
    match flight {
        Some(flight) => flight.await,
        None => std::future::pending().await,
    }
}

impl Rounds {
    /// How many more may be judged now. Where others append, too, nothing is judged on what is not on record yet.
    fn room(&self) -> usize {
        if self.flight.is_some() && self.writer.lives.are_shared() { 0 } else { BATCH.saturating_sub(self.judged) }
    }

    async fn judge(&mut self, jobs: Vec<Job>) {
        self.judged += jobs.len();
        self.writer.judge_all(&mut self.gains, &self.ahead, jobs).await;
    }

    /// A commit has ended: what was judged on it goes on, or is judged again.
    async fn land(&mut self, landed: Result<bool, JoinError>) {
        (self.flight, self.ahead) = (None, Ahead::new());
        // An error is a panic in the commit, which has been reported where it happened.
        if landed.unwrap_or(false) {
            self.gains = mem::take(&mut self.gains)
                .into_iter()
                .filter_map(|(village, gain)| Some((village, gain.go_on()?)))
                .collect();
        } else {
            let gains = mem::take(&mut self.gains);
            self.judged = 0;
            self.writer.batch(gains.into_values().flat_map(Gain::into_jobs).collect()).await;
        }
    }

    /// Begins the next commit, if nothing is under way and something waits for it.
    fn depart(&mut self) {
        if self.flight.is_some() {
            return;
        }
        self.judged = 0;
        if self.gains.is_empty() {
            return;
        }
        let gains = mem::take(&mut self.gains);
        self.ahead = gains.iter().map(|(village, gain)| (*village, Arc::clone(&gain.live))).collect();
        let writer = Arc::clone(&self.writer);
        self.flight = Some(tokio::spawn(async move { writer.commit_first(gains).await }));
    }
}

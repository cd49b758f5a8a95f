//! The way to other servers: what waits for one of them while messages to it are under way goes along in the next. One that
//! is slow or away holds up nothing that is meant for another.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::app::cluster::wire::{Ask, FULL_BYTES, Head, MAX_ANSWER_BYTES, MOST, Outcome};
use crate::app::error::AppError;
use crate::app::fetch::Client;
use crate::core::clock::Time;
use crate::store::vault::Vault;

/// Where messages go on a server's own address.
pub const PATH: &str = "/cluster/append";
/// Media type of a message.
pub const MEDIA: &str = "application/octet-stream";
/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Messages to one server at the same time.
const UNDER_WAY: usize = 4;
/// Most statements that wait for one server.
const QUEUE: usize = 4_096;

/// Why there is no answer. What was asked may have been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// The server can't be reached, or said nothing that counts.
    Unreached,
    /// Too much waits for it.
    Full,
}

/// The other servers, by address.
#[derive(Debug)]
pub struct Peers {
    vault: Vault,
    client: Client,
    queues: Mutex<HashMap<Arc<str>, mpsc::Sender<Item>>>,
}

#[derive(Debug)]
struct Item {
    ask: Ask,
    reply: oneshot::Sender<Result<Outcome, Failed>>,
}

/// One message on its way.
struct Message {
    address: Arc<str>,
    vault: Vault,
    client: Client,
    items: Vec<Item>,
    now: Time,
    seed: [u8; 32],
}

/// Tells the database's time, and random bytes for a message.
pub type Draw = Arc<dyn Fn() -> (Time, [u8; 32]) + Send + Sync>;

impl Peers {
    /// None known yet.
    #[must_use]
    pub fn new(vault: Vault) -> Self {
        Self { vault, client: Client::new(PATIENCE), queues: Mutex::default() }
    }

    /// Asks the server at `address` to append a statement.
    ///
    /// # Errors
    /// [`Failed`]; the statement may be on record all the same.
    pub async fn ask(&self, address: &Arc<str>, ask: Ask, draw: &Draw) -> Result<Outcome, Failed> {
        let (reply, answer) = oneshot::channel();
        let queue = self.queue(address, draw);
        queue.try_send(Item { ask, reply }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Failed::Full,
            mpsc::error::TrySendError::Closed(_) => Failed::Unreached,
        })?;
        answer.await.unwrap_or(Err(Failed::Unreached))
    }

    fn queue(&self, address: &Arc<str>, draw: &Draw) -> mpsc::Sender<Item> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = || {
            let (sender, queue) = mpsc::channel(QUEUE);
            let (vault, client) = (self.vault.clone(), self.client.clone());
            tokio::spawn(carry(queue, Arc::clone(address), vault, client, Arc::clone(draw)));
            sender
        };
        queues.entry(Arc::clone(address)).or_insert_with(begin).clone()
    }
}

/// Takes what waits for one server to it, until nobody can ask any more.
async fn carry(mut queue: mpsc::Receiver<Item>, address: Arc<str>, vault: Vault, client: Client, draw: Draw) {
    let turns = Arc::new(Semaphore::new(UNDER_WAY));
    let mut items = Vec::new();
    while let Some(first) = queue.recv().await {
        let Ok(turn) = Arc::clone(&turns).acquire_owned().await else { return };
        let mut bytes = first.ask.bytes();
        items.push(first);
        while items.len() < MOST
            && bytes < FULL_BYTES
            && let Ok(item) = queue.try_recv()
        {
            bytes += item.ask.bytes();
            items.push(item);
        }
        let ((now, seed), items) = (draw(), std::mem::take(&mut items));
        let (address, vault, client) = (Arc::clone(&address), vault.clone(), client.clone());
        let message = Message { address, vault, client, items, now, seed };
        tokio::spawn(async move {
            message.deliver().await;
            drop(turn);
        });
    }
}

impl Message {
    async fn deliver(self) {
        let Self { address, vault, client, items, now, seed } = self;
        let (asks, replies): (Vec<Ask>, Vec<_>) = items.into_iter().map(|item| (item.ask, item.reply)).unzip();
        let mut rng = ChaCha20Rng::from_seed(seed);
        let head = Head::new(now, &mut rng);
        let outcomes = match head.ask(&vault, &asks, &mut rng) {
            Ok(body) => told(&client, &address, &head, &vault, body).await,
            Err(error) => {
                tracing::error!(%error, "a message to another server could not be made");
                None
            }
        };
        let outcomes = outcomes.filter(|outcomes| outcomes.len() == replies.len()).unwrap_or_default();
        let outcomes = outcomes.into_iter().map(Ok).chain(std::iter::repeat_with(|| Err(Failed::Unreached)));
        for (reply, outcome) in replies.into_iter().zip(outcomes) {
            // Whoever asked has gone; asking again gives the same answer.
            let _ = reply.send(outcome);
        }
    }
}

/// What a server answers; `None` where that is nothing that counts.
async fn told(client: &Client, address: &str, head: &Head, vault: &Vault, body: Vec<u8>) -> Option<Vec<Outcome>> {
    let url = format!("{address}{PATH}");
    match client.post_for(url, MEDIA, body, MAX_ANSWER_BYTES).await {
        Ok(answer) if answer.status == 200 => {
            let outcomes = head.open_answer(vault, &answer.body);
            if outcomes.is_err() {
                tracing::warn!(address, "a server's answer is not sealed with this district's vault key");
            }
            outcomes.ok()
        }
        Ok(answer) => {
            tracing::warn!(address, status = answer.status, "a server does not take what is for its lanes");
            None
        }
        Err(error) => {
            tracing::info!(address, %error, "a server can't be reached");
            None
        }
    }
}

impl From<Failed> for AppError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Unreached => Self::Elsewhere,
            Failed::Full => Self::Overloaded,
        }
    }
}

//! Log-ins looked up together: what was asked while the last answer was read is one statement. Each request asks,
//! and each gets what the database says now: a session that was ended counts nowhere any more.

use std::collections::HashMap;

use tokio::sync::{mpsc, oneshot};

use crate::app::checking::pause;
use crate::app::error::AppError;
use crate::core::clock::Time;
use crate::core::ids::Digest;
use crate::store::db::Db;
use crate::store::error::StoreError;
use crate::store::sessions::LoginSession;

/// Most that wait; more are refused with "try again".
const QUEUE: usize = 4_096;
/// Most in one statement.
const BATCH: usize = 256;

type Answer = Result<Option<LoginSession>, AppError>;

#[derive(Debug)]
struct Asked {
    token_hash: Digest,
    now: Time,
    reply: oneshot::Sender<Answer>,
}

/// The way to the database for who asks for log-ins.
#[derive(Debug)]
pub struct LogIns(mpsc::Sender<Asked>);

impl LogIns {
    /// Starts answering. Must be called within a Tokio runtime.
    #[must_use]
    pub fn start(db: Db) -> Self {
        let (sender, queue) = mpsc::channel(QUEUE);
        tokio::spawn(run(queue, db));
        Self(sender)
    }

    /// The log-in of a token, unless it has expired by `now`.
    ///
    /// # Errors
    /// The store's; `Overloaded` when too many ask.
    pub async fn find(&self, token_hash: Digest, now: Time) -> Answer {
        let (reply, answer) = oneshot::channel();
        self.0.try_send(Asked { token_hash, now, reply }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => AppError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => AppError::Stopping,
        })?;
        answer.await.map_err(|_| AppError::Stopping)?
    }
}

async fn run(mut queue: mpsc::Receiver<Asked>, db: Db) {
    let mut asked = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut asked, BATCH).await > 0 {
        let hashes: Vec<Digest> = asked.iter().map(|one| one.token_hash).collect();
        // What had expired by the earliest of them has expired for all; the others are looked at one by one below.
        let earliest = asked.iter().map(|one| one.now).min();
        let (hashes, earliest) = (&hashes, &earliest);
        let read = db.read("session", |tx| {
            Box::pin(async move {
                match earliest {
                    Some(now) => tx.sessions(hashes, *now).await,
                    None => Ok(Vec::new()),
                }
            })
        });
        match read.await {
            Ok(found) => {
                let found: HashMap<Digest, LoginSession> =
                    found.into_iter().map(|session| (session.token_hash, session)).collect();
                for Asked { token_hash, now, reply } in asked.drain(..) {
                    let session = found.get(&token_hash).filter(|session| session.expires > now).cloned();
                    // Whoever asked has gone; there is nobody to tell.
                    let _ = reply.send(Ok(session));
                }
            }
            Err(error) => refuse(asked.drain(..), &error),
        }
        // Who asks alone is answered at once; under load the next batch gathers.
        pause().await;
    }
}

/// Tells everyone in a batch what the store said.
fn refuse(asked: impl Iterator<Item = Asked>, error: &StoreError) {
    for Asked { reply, .. } in asked {
        let told = StoreError::Unavailable { may_be_written: false, reason: error.to_string() };
        let _ = reply.send(Err(AppError::Store(told)));
    }
}

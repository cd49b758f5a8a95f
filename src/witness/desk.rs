//! Where logs ask for cosignatures. What came in during the last commit is one transaction: each request is decided against
//! what is on record with those before it, and answered only when the commit is on disk.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::app::App;
use crate::core::clock::Time;
use crate::log::checkpoint::Checkpoint;
use crate::log::note::{Note, NoteSignature, VerifierKey};
use crate::log::text::sha256;
use crate::log::witness::{Held, Opened, Refusal, Request};
use crate::store::error::StoreError;
use crate::store::tx::Tx;
use crate::store::witness::Witnessed;
use crate::witness::alarm::{self, Alarm, Kind};
use crate::witness::keys::Keys;
use crate::witness::seconds;

/// Most requests that wait; beyond, a log is told to come back.
const QUEUE: usize = 1_024;
/// Most requests of one commit.
const BATCH: usize = 256;

/// Why a request got no decision.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// It was decided against.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It can't be decided now.
    #[error("too many requests, or the store is away")]
    Unavailable,
}

struct Asked {
    opened: Opened,
    answer: oneshot::Sender<Result<NoteSignature, DeskError>>,
}

/// The desk. Cheap to clone; its task ends with the last clone.
#[derive(Clone)]
pub struct Desk {
    logs: Arc<Vec<VerifierKey>>,
    queue: mpsc::Sender<Asked>,
}

impl Desk {
    /// Opens it for these logs.
    #[must_use]
    pub fn start(app: App, logs: Vec<VerifierKey>, keys: Arc<Keys>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let logs = Arc::new(logs);
        tokio::spawn(work(app, Arc::clone(&logs), keys, waiting));
        Self { logs, queue }
    }

    /// Answers one request with the witness's signature line, when that is on disk.
    ///
    /// # Errors
    /// Why it is refused, or that it can't be decided now.
    pub async fn ask(&self, body: &[u8]) -> Result<NoteSignature, DeskError> {
        let opened = Request::parse(body)?.open(&self.logs)?;
        let (answer, decided) = oneshot::channel();
        self.queue.try_send(Asked { opened, answer }).map_err(|_| DeskError::Unavailable)?;
        decided.await.map_err(|_| DeskError::Unavailable)?
    }
}

async fn work(app: App, logs: Arc<Vec<VerifierKey>>, keys: Arc<Keys>, mut waiting: mpsc::Receiver<Asked>) {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        let now = app.now();
        let (asked, signer) = (&batch, &*keys);
        let decided = app.db().write("cosign", |tx| Box::pin(decide(tx, asked, signer, now))).await;
        match decided {
            Ok(Decided { verdicts, contradictions }) => {
                for (asked, verdict) in batch.drain(..).zip(verdicts) {
                    // Who no longer waits has gone; the checkpoint is cosigned all the same.
                    let _ = asked.answer.send(verdict.map_err(DeskError::from));
                }
                accuse(&app, &logs, contradictions).await;
            }
            Err(error) => {
                // The commit may have become durable or not: nobody is told anything, and the next request finds out.
                tracing::error!(%error, "cosignatures could not be kept");
                batch.drain(..).for_each(|asked| drop(asked.answer.send(Err(DeskError::Unavailable))));
            }
        }
    }
}

/// What became of a batch.
struct Decided {
    verdicts: Vec<Result<NoteSignature, Refusal>>,
    /// What was held, and a signed checkpoint that does not go with it.
    contradictions: Vec<(Note, Opened)>,
}

async fn decide(tx: &mut Tx<'_>, asked: &[Asked], keys: &Keys, now: Time) -> Result<Decided, StoreError> {
    let mut on_record: HashMap<&str, (Held, Option<Witnessed>)> = HashMap::new();
    let mut sizes: HashMap<&str, u64> = HashMap::new();
    let mut changed: HashSet<&str> = HashSet::new();
    let (mut verdicts, mut contradictions) = (Vec::with_capacity(asked.len()), Vec::new());
    for Asked { opened, .. } in asked {
        let origin = opened.checkpoint.origin.as_str();
        if !on_record.contains_key(origin) {
            let row = tx.witnessed(origin).await?;
            let held = row.as_ref().map_or_else(Held::default, |row| Held { size: row.size, root: row.root });
            sizes.insert(origin, held.size);
            on_record.insert(origin, (held, row));
        }
        let Some((held, row)) = on_record.get_mut(origin) else { continue };
        if let Err(refusal) = opened.decide(held) {
            let known = row.as_ref().and_then(|row| Note::parse(&row.note).ok());
            let odd = matches!(refusal, Refusal::Inconsistent(_)) || opened.checkpoint.size == held.size;
            if let Some(note) = known.filter(|_| odd && opened.held() != *held) {
                contradictions.push((note, opened.clone()));
            }
            verdicts.push(Err(refusal));
            continue;
        }
        let line = keys.cosign_consistent(&opened.note.text, seconds(now));
        let mut note = opened.note.clone();
        note.signatures.push(line.clone());
        let note = note.to_string().into_bytes();
        *held = opened.held();
        let hash = sha256(&[origin.as_bytes()]);
        *row = Some(Witnessed { origin: origin.to_owned(), hash, size: held.size, root: held.root, time: now, note });
        changed.insert(origin);
        verdicts.push(Ok(line));
    }
    for (origin, (_, row)) in &on_record {
        // What no request changed stays as it is.
        let Some(row) = row.as_ref().filter(|_| changed.contains(*origin)) else { continue };
        if !tx.put_witnessed(sizes[origin], row).await? {
            return Err(StoreError::Unavailable {
                may_be_written: false,
                reason: "another process cosigned meanwhile".to_owned(),
            });
        }
    }
    Ok(Decided { verdicts, contradictions })
}

/// Keeps evidence of a log that signed two histories. A proof that is merely wrong accuses nobody.
async fn accuse(app: &App, logs: &[VerifierKey], contradictions: Vec<(Note, Opened)>) {
    for (held, opened) in contradictions {
        // A consistency proof holds what evidence needs, except from a power of two, where it leaves out the old root; there
        // the follower finds the evidence in the log's tiles.
        let equal = Checkpoint::parse(&held.text).is_ok_and(|held| held.size == opened.checkpoint.size);
        let hashes = if equal { Vec::new() } else { opened.proof().to_vec() };
        let origin = &opened.checkpoint.origin;
        let mut logs = logs.iter().filter(|log| log.name() == origin);
        let Some(evidence) = logs.find_map(|log| alarm::fork(&held, &opened.note, hashes.clone(), log)) else {
            continue;
        };
        let found = format!("two histories, of {} entries", opened.checkpoint.size);
        let alarm = Alarm::new(Kind::Fork, origin, "one history", found);
        let row = alarm.row(app.now(), Some(evidence));
        let kept = &row;
        let raised: Result<bool, StoreError> = app.db().write("alarm", |tx| Box::pin(tx.raise_alarm(kept))).await;
        match raised {
            Ok(true) => alarm::log_line(&alarm, row.alarm),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "evidence of two histories could not be kept"),
        }
    }
}

//! What readers were shown (PROTOCOL 6): each hands in the newest checkpoint of the district's log that it holds, so that two
//! readers who were shown two histories meet here, though neither knows of the other.

use std::sync::atomic::Ordering;

use crate::core::ids::Digest;
use crate::log::checkpoint::{Checkpoint, CheckpointError};
use crate::log::note::Note;
use crate::store::district::LogOf;
use crate::store::error::StoreError;
use crate::store::witness::Seen;
use crate::witness::Witness;
use crate::witness::alarm::{Alarm, Kind};
use crate::witness::district::{Copied, FollowError, SKEW_MS};

/// Longest note taken in, bytes: a checkpoint with the cosignatures of a hundred witnesses fits in many times over.
pub const MAX_SEEN_BYTES: usize = 1 << 16;
/// How often one network address may hand something in, a minute. Villagers share addresses, and each check hands in two notes at most.
pub const PER_MINUTE: u32 = 60;
/// From one question to the other witnesses to the next, where nothing is new, in milliseconds.
const OTHERS_EVERY_MS: i64 = 60_000;
/// Most checkpoints of a log that wait until the log has shown as much.
const MOST_WAITING: usize = 2;

/// Why nothing came of what a reader handed in.
#[derive(Debug, thiserror::Error)]
pub enum SeenError {
    /// Not a checkpoint of the log that is followed.
    #[error(transparent)]
    Refused(#[from] CheckpointError),
    /// It can't be judged now.
    #[error(transparent)]
    Follow(#[from] FollowError),
}

impl From<StoreError> for SeenError {
    fn from(error: StoreError) -> Self {
        Self::Follow(error.into())
    }
}

/// A checkpoint that the log signed and a reader was shown.
struct Handed {
    note: Note,
    size: u64,
    root: Digest,
}

/// How a checkpoint stands to what is known here.
enum Standing {
    /// It lies on the history that is known.
    Fits,
    /// The log signed this other one too, and these hashes show that they contradict each other.
    Contradicts(Note, Vec<Digest>),
    /// The log has not shown so much yet.
    Ahead,
}

impl Witness {
    /// Takes the checkpoint that a reader holds. The answer is the newest that this witness cosigned, for the reader to compare in
    /// turn; `None` before the first. What contradicts the known history raises an alarm with the evidence.
    ///
    /// # Errors
    /// Not a checkpoint that the followed log signed; the store's.
    pub async fn take_seen(&self, bytes: &[u8]) -> Result<Option<Vec<u8>>, SeenError> {
        let handed = self.open_handed(bytes)?;
        let origin = self.settings().log.name();
        let read = self.db().read("seen", |tx| {
            Box::pin(async move { Ok::<_, StoreError>((tx.witnessed(origin).await?, tx.seen(origin).await?)) })
        });
        let (cosigned, waiting) = read.await?;
        // Equal sizes with different roots need no hashes, whoever brought the other one.
        let others = cosigned.iter().map(|row| (row.size, row.root, &row.note));
        let others = others.chain(waiting.iter().map(|row| (row.size, row.root, &row.note)));
        let mut odd = others.filter(|(size, root, _)| *size == handed.size && *root != handed.root);
        let standing = match odd.find_map(|(_, _, note)| Note::parse(note).ok()) {
            Some(note) => Standing::Contradicts(note, Vec::new()),
            None => self.standing(&self.copied().await?, &handed).await?,
        };
        match standing {
            Standing::Fits => {}
            Standing::Contradicts(own, hashes) => {
                self.accuse(&self.settings().log, &own, &handed.note, hashes).await?;
            }
            Standing::Ahead => self.let_wait(&handed).await?,
        }
        Ok(cosigned.map(|row| row.note))
    }

    /// Judges what waited, by the copy of the log; to be called after each look. What the log does not show for too long is an
    /// alarm: readers are shown more than its witness.
    ///
    /// # Errors
    /// `Alarmed` for the last of those that were raised; the store's.
    pub(in crate::witness) async fn judge_seen(&self) -> Result<(), FollowError> {
        let origin = self.settings().log.name();
        let waiting = self.db().read("seen", |tx| Box::pin(tx.seen(origin))).await.map_err(FollowError::Store)?;
        let mut told = Ok(());
        for row in waiting {
            let Ok(note) = Note::parse(&row.note) else { continue };
            let handed = Handed { note, size: row.size, root: row.root };
            match self.standing(&self.copied().await?, &handed).await? {
                Standing::Fits => {}
                Standing::Contradicts(own, hashes) => {
                    told = Err(self.accuse(&self.settings().log, &own, &handed.note, hashes).await?);
                }
                Standing::Ahead => {
                    if self.now().ms() - row.time.ms() > SKEW_MS {
                        told = Err(self.hidden_from_here(&row).await?);
                    }
                    continue;
                }
            }
            let row = &row;
            self.db().write("drop_seen", |tx| Box::pin(tx.drop_seen(row))).await.map_err(FollowError::Store)?;
        }
        told
    }

    /// Tells the other witnesses what this one was shown, and judges what they answer as if it had been handed in: when it was
    /// shown something new, and every minute, since a server that shows it nothing new may show others something.
    ///
    /// # Errors
    /// The store's; a witness that does not answer is passed over.
    pub async fn ask_others(&self, new: bool) -> Result<(), SeenError> {
        let others = &self.settings().others;
        if others.is_empty() || !(self.is_time_to_ask() || new) {
            return Ok(());
        }
        let Some(own) = self.copied().await?.whole().map(|(note, _)| note.to_string().into_bytes()) else {
            return Ok(());
        };
        for url in others {
            let url = format!("{url}/seen");
            let answer = match self.client().post(url.clone(), "text/plain", own.clone()).await {
                Ok(answer) => answer,
                Err(error) => {
                    tracing::warn!(%error, "another witness can't be reached");
                    continue;
                }
            };
            if answer.status != 200 {
                // 204: it has cosigned nothing yet.
                tracing::debug!(url, status = answer.status, "another witness had nothing to say");
                continue;
            }
            match self.take_seen(&answer.body).await {
                Err(SeenError::Refused(error)) => {
                    tracing::warn!(url, %error, "another witness answered with no checkpoint");
                }
                taken => drop(taken?),
            }
        }
        Ok(())
    }

    fn is_time_to_ask(&self) -> bool {
        let (now, last) = (self.now().ms(), self.asked_others());
        let due = now - last.load(Ordering::Relaxed) >= OTHERS_EVERY_MS;
        if due {
            last.store(now, Ordering::Relaxed);
        }
        due
    }

    /// Reads what must be a checkpoint that the followed log signed; of its signatures only that one is kept.
    fn open_handed(&self, bytes: &[u8]) -> Result<Handed, CheckpointError> {
        let (log, mut note) = (&self.settings().log, Note::parse(bytes)?);
        let checkpoint = Checkpoint::open(&note, log)?;
        note.signatures.retain(|line| line.name == log.name() && line.id == log.id());
        note.signatures.truncate(1);
        Ok(Handed { note, size: checkpoint.size, root: checkpoint.root })
    }

    async fn standing(&self, copied: &Copied, handed: &Handed) -> Result<Standing, FollowError> {
        let Some((own, held)) = copied.whole() else { return Ok(Standing::Ahead) };
        if handed.size > held.size {
            return Ok(Standing::Ahead);
        }
        let (log, size) = (LogOf::District(self.district()), handed.size);
        let root = self.root_at(log, size).await?;
        if root == handed.root {
            return Ok(Standing::Fits);
        }
        let hashes = if size == held.size { Vec::new() } else { self.own_prefix(log, size, held.size).await? };
        Ok(Standing::Contradicts(own.clone(), hashes))
    }

    async fn let_wait(&self, handed: &Handed) -> Result<(), StoreError> {
        let row = Seen {
            origin: self.settings().log.name().to_owned(),
            size: handed.size,
            root: handed.root,
            time: self.now(),
            note: handed.note.to_string().into_bytes(),
        };
        let row = &row;
        self.db().write("keep_seen", |tx| Box::pin(tx.keep_seen(row, MOST_WAITING))).await
    }

    async fn hidden_from_here(&self, row: &Seen) -> Result<FollowError, StoreError> {
        let expected = format!("{} leaves, as a reader was shown by {}", row.size, row.time);
        let alarm = Alarm::new(Kind::Stale, &row.origin, expected, format!("fewer than {} leaves", row.size));
        self.alarmed(&alarm, Some(row.note.clone())).await
    }
}

//! Villages' states in memory: each caught up from the record when asked for, kept while it is used, never what is
//! believed. At most a fixed number is kept, so memory does not grow with the number of villages.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ed25519_dalek::SigningKey;

use crate::app::error::AppError;
use crate::core::ids::{Digest, VillageCode};
use crate::core::state::{Position, State};
use crate::log::entry::Entry;
use crate::log::ledger::{self, Ledger};
use crate::log::signed::Signed;
use crate::log::tree::Frontier;
use crate::store::db::{Db, Tx};
use crate::store::error::StoreError;
use crate::store::record::{Head, PAGE, StoredEntry};
use crate::store::vault::{Place, Vault};

/// How many villages are kept. A village with two years of records takes about 300 kB.
const KEPT: usize = 256;
/// Kind of vault row that holds a log's signing key.
pub const LOG_KEY: &str = "log-key";

/// A village's state with what is needed to append to its record.
#[derive(Debug, Clone)]
pub struct Live {
    /// State and right edge of the tree.
    pub ledger: Ledger,
    /// The log's own key.
    pub key: SigningKey,
}

impl Live {
    /// The state.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.ledger.state
    }
}

#[derive(Debug, Default)]
struct Kept {
    villages: HashMap<VillageCode, (Arc<Live>, u64)>,
    uses: u64,
}

/// The villages' states. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Lives {
    db: Db,
    vault: Vault,
    kept: Arc<Mutex<Kept>>,
    /// Villages being loaded: who comes second waits for the first.
    loading: Arc<Mutex<HashMap<VillageCode, Arc<tokio::sync::Mutex<()>>>>>,
}

impl Lives {
    /// None kept yet.
    #[must_use]
    pub fn new(db: Db, vault: Vault) -> Self {
        Self { db, vault, kept: Arc::default(), loading: Arc::default() }
    }

    /// A village's state as it is now.
    ///
    /// # Errors
    /// `NotFound` for a village without a record; the store's errors.
    pub async fn live(&self, village: VillageCode) -> Result<Arc<Live>, AppError> {
        if let Some(live) = self.kept(village) {
            return Ok(live);
        }
        let turn = Arc::clone(self.loading().entry(village).or_default());
        let loaded = {
            let _turn = turn.lock().await;
            match self.kept(village) {
                // Another request has loaded it meanwhile.
                Some(live) => Ok(live),
                None => self.load(village).await.map(Arc::new).inspect(|live| self.keep(village, live)),
            }
        };
        drop(turn);
        self.loading().retain(|_, turn| Arc::strong_count(turn) > 1);
        loaded
    }

    fn loading(&self) -> MutexGuard<'_, HashMap<VillageCode, Arc<tokio::sync::Mutex<()>>>> {
        self.loading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept(&self, village: VillageCode) -> Option<Arc<Live>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.uses += 1;
        let uses = kept.uses;
        kept.villages.get_mut(&village).map(|(live, used)| {
            *used = uses;
            Arc::clone(live)
        })
    }

    /// Keeps a state, unless a newer one is kept.
    pub(in crate::app) fn keep(&self, village: VillageCode, live: &Arc<Live>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.uses += 1;
        let uses = kept.uses;
        let newer = |(old, _): &(Arc<Live>, u64)| old.ledger.frontier.size() > live.ledger.frontier.size();
        if kept.villages.get(&village).is_some_and(newer) {
            return;
        }
        kept.villages.insert(village, (Arc::clone(live), uses));
        if kept.villages.len() > KEPT {
            let oldest = kept.villages.iter().min_by_key(|(_, (_, used))| *used).map(|(village, _)| *village);
            oldest.map(|village| kept.villages.remove(&village));
        }
    }

    /// Forgets a village: the next use reads the record again.
    pub(in crate::app) fn forget(&self, village: VillageCode) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).villages.remove(&village);
    }

    /// The signing key of a village's log, also before its founding.
    pub(in crate::app) async fn log_key(&self, village: VillageCode) -> Result<SigningKey, AppError> {
        self.db.read("log_key", |tx| Box::pin(async move { read_log_key(tx, &self.vault, village).await })).await
    }

    async fn load(&self, village: VillageCode) -> Result<Live, AppError> {
        let (head, entries, key) = self
            .db
            .read("load_village", |tx| Box::pin(async move { read_record(tx, &self.vault, village).await }))
            .await?;
        let mut state = None;
        for stored in &entries {
            replay(&mut state, stored)?;
        }
        let state = state.ok_or(AppError::NotFound { what: "village" })?;
        let frontier = frontier_of(&head)?;
        Ok(Live { ledger: Ledger { state, frontier }, key })
    }
}

async fn read_record(
    tx: &mut Tx<'_>,
    vault: &Vault,
    village: VillageCode,
) -> Result<(Head, Vec<StoredEntry>, SigningKey), AppError> {
    let head = tx.head(village).await?.ok_or(AppError::NotFound { what: "village" })?;
    let mut entries: Vec<StoredEntry> = Vec::new();
    while (entries.len() as u64) < head.size {
        let page = tx.entries(village, entries.len() as u64, PAGE).await?;
        if page.is_empty() {
            return Err(damaged("a record is shorter than its head says").into());
        }
        entries.extend(page);
    }
    Ok((head, entries, read_log_key(tx, vault, village).await?))
}

async fn read_log_key(tx: &mut Tx<'_>, vault: &Vault, village: VillageCode) -> Result<SigningKey, AppError> {
    let secret = tx.secret(vault, &Place { kind: LOG_KEY, village, name: "current" }).await?;
    let secret = secret.ok_or_else(|| damaged("a log's key is missing from the vault"))?;
    let seed: [u8; 32] = secret.expose().try_into().map_err(|_| damaged("a log's key has another length"))?;
    Ok(SigningKey::from_bytes(&seed))
}

/// Applies an entry of the own record. It was judged when it came in; that it no longer passes means that the record or
/// the program has been changed.
pub(in crate::app) fn replay(state: &mut Option<State>, stored: &StoredEntry) -> Result<Signed, AppError> {
    let entry = Entry::parse(&stored.bytes).map_err(|error| damaged(&error.to_string()))?;
    let signed = Signed::read(entry.statement)?;
    let at = Position { seq: stored.seq, time: stored.time, leaf: stored.leaf };
    ledger::replay(state, &signed.statement, signed.id, at, None)?;
    Ok(signed)
}

fn damaged(reason: &str) -> StoreError {
    StoreError::Damaged(reason.to_owned())
}

/// The right edge of the tree as a head row keeps it: the peaks, one after another.
pub(in crate::app) fn frontier_of(head: &Head) -> Result<Frontier, StoreError> {
    let (chunks, rest) = head.frontier.as_chunks::<32>();
    let peaks = chunks.iter().map(|peak| Digest(*peak)).collect();
    let frontier = Frontier::from_parts(head.size, peaks).filter(|_| rest.is_empty());
    frontier.ok_or_else(|| damaged("a head's tree edge doesn't fit its size"))
}

/// The head row of a ledger.
#[must_use]
pub fn head_of(ledger: &Ledger) -> Head {
    Head {
        village: ledger.state.village,
        origin: ledger.state.origin.clone(),
        size: ledger.frontier.size(),
        frontier: ledger.frontier.peaks().iter().flat_map(|peak| peak.0).collect(),
        last_time: ledger.state.last.time,
        last_leaf: ledger.state.last.leaf,
    }
}

//! Villages' states in memory: each brought up from the state that the store keeps and the entries after it when asked
//! for, kept while it is used, never what is believed. States of at most so many entries are kept, so memory does not grow
//! with the number of villages.
//!
//! Where several servers append, the record's size is asked for at each use, and what others have added is applied to the
//! state that is kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ed25519_dalek::SigningKey;
use futures_util::TryStreamExt as _;

use crate::app::error::AppError;
use crate::app::kept::Kept;
use crate::app::snapshot::{self, Unusable};
use crate::core::ids::VillageCode;
use crate::core::reject::Rejection;
use crate::core::state::{Position, State};
use crate::log::entry::Entry;
use crate::log::ledger::{self, Ledger};
use crate::log::signed::Signed;
use crate::log::tree::Frontier;
use crate::store::db::Db;
use crate::store::error::StoreError;
use crate::store::record::{Head, StoredEntry};
use crate::store::tx::Tx;
use crate::store::vault::{Place, Vault};

/// Entries behind the states that are kept, together. Villages just prepared for a ballot, which count as the least, take
/// about 80 kB each (the server's memory with 2,000 of them open less that with 200), so these take some 0.65 GB.
const MOST_ENTRIES: u64 = 1 << 20;
/// A state counts as of so many entries at least: its people and rules, which are there from the founding on.
const LEAST_ENTRIES: u64 = 128;
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

/// The villages' states. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Lives {
    db: Db,
    vault: Vault,
    /// Whether others append, too.
    shared: bool,
    kept: Arc<Mutex<Kept<Arc<Live>>>>,
    /// Villages being loaded: who comes second waits for the first.
    loading: Arc<Mutex<HashMap<VillageCode, Arc<tokio::sync::Mutex<()>>>>>,
    /// States at sizes at which they are to be kept, until the projector comes for them.
    due: Arc<Mutex<HashMap<VillageCode, State>>>,
}

impl Lives {
    /// None kept yet, where nobody else appends.
    #[must_use]
    pub fn new(db: Db, vault: Vault) -> Self {
        let kept = Arc::new(Mutex::new(Kept::new(MOST_ENTRIES)));
        Self { db, vault, shared: false, kept, loading: Arc::default(), due: Arc::default() }
    }

    /// The same where others append, too.
    #[must_use]
    pub fn shared(self) -> Self {
        Self { shared: true, ..self }
    }

    /// Whether others append, too.
    pub(in crate::app) fn are_shared(&self) -> bool {
        self.shared
    }

    /// A village's state as it is now.
    ///
    /// # Errors
    /// `NotFound` for a village without a record; the store's errors.
    pub async fn live(&self, village: VillageCode) -> Result<Arc<Live>, AppError> {
        if self.shared {
            self.bring_up(&BTreeSet::from([village])).await?;
        }
        self.known(village).await
    }

    /// A village's state as it was when this server looked last, or added to it.
    ///
    /// # Errors
    /// As [`Lives::live`].
    pub(in crate::app) async fn known(&self, village: VillageCode) -> Result<Arc<Live>, AppError> {
        match self.kept(village) {
            Some(live) => Ok(live),
            None => self.load_once(village, 0).await,
        }
    }

    /// Where others append, too: applies what they have added to states of these villages that are kept. One statement where
    /// nothing was added.
    ///
    /// # Errors
    /// The store's, where it can't say how large the records are. A village that can't be brought up is forgotten: the next
    /// use says why.
    pub(in crate::app) async fn bring_up(&self, villages: &BTreeSet<VillageCode>) -> Result<(), StoreError> {
        if !self.shared {
            return Ok(());
        }
        let sizes: BTreeMap<VillageCode, u64> = villages
            .iter()
            .filter_map(|village| Some((*village, self.kept(*village)?.ledger.frontier.size())))
            .collect();
        if sizes.is_empty() {
            return Ok(());
        }
        let kept: Vec<VillageCode> = sizes.keys().copied().collect();
        let now = self.db.read("sizes", |tx| Box::pin(async { tx.sizes(&kept).await })).await?;
        for (village, size) in now.into_iter().filter(|(village, size)| sizes.get(village) != Some(size)) {
            if self.load_once(village, size).await.is_err() {
                self.forget(village);
            }
        }
        Ok(())
    }

    /// Loads a village unless a state of at least `size` entries is kept. Who comes second waits for the first.
    async fn load_once(&self, village: VillageCode, size: u64) -> Result<Arc<Live>, AppError> {
        let turn = Arc::clone(self.loading().entry(village).or_default());
        let loaded = {
            let _turn = turn.lock().await;
            match self.kept(village) {
                // Another request has loaded it meanwhile.
                Some(live) if live.ledger.frontier.size() >= size => Ok(live),
                Some(live) => self.caught_up(&live).await.map(Arc::new).inspect(|live| self.keep(village, live)),
                None => self.load(village).await.map(Arc::new).inspect(|live| self.keep(village, live)),
            }
        };
        drop(turn);
        self.loading().retain(|_, turn| Arc::strong_count(turn) > 1);
        loaded
    }

    /// The state with the entries that came after it.
    async fn caught_up(&self, live: &Live) -> Result<Live, AppError> {
        let village = live.state().village;
        let head = self.db.read("head", |tx| Box::pin(tx.head(village))).await.map_err(AppError::Store)?;
        let head = head.ok_or(AppError::NotFound { what: "village" })?;
        let state = self.replayed(village, Some(live.state().clone()), head.size).await?;
        let state = state.ok_or(AppError::NotFound { what: "village" })?;
        Ok(Live { ledger: Ledger { state, frontier: frontier_of(&head)? }, key: live.key.clone() })
    }

    /// State and right edge of the tree of a record that this program only keeps a copy of: its log's key is elsewhere. `None`
    /// for a village without a record.
    ///
    /// # Errors
    /// The store's.
    pub async fn recorded(&self, village: VillageCode) -> Result<Option<(State, Frontier)>, AppError> {
        let start = self.db.read("recorded", |tx| {
            Box::pin(async move { Ok::<_, AppError>((tx.head(village).await?, read_kept(tx, village).await?)) })
        });
        let (Some(head), kept) = start.await? else { return Ok(None) };
        let state = self.replayed(village, kept, head.size).await?;
        Ok(state.map(|state| frontier_of(&head).map(|frontier| (state, frontier))).transpose()?)
    }

    fn loading(&self) -> MutexGuard<'_, HashMap<VillageCode, Arc<tokio::sync::Mutex<()>>>> {
        self.loading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn all_kept(&self) -> MutexGuard<'_, Kept<Arc<Live>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept(&self, village: VillageCode) -> Option<Arc<Live>> {
        self.all_kept().get(village).map(Arc::clone)
    }

    /// Keeps a state, unless a newer one is kept.
    pub(in crate::app) fn keep(&self, village: VillageCode, live: &Arc<Live>) {
        let mut kept = self.all_kept();
        let size = live.ledger.frontier.size();
        if kept.get(village).is_none_or(|old| old.ledger.frontier.size() <= size) {
            kept.insert(village, Arc::clone(live), size.max(LEAST_ENTRIES));
        }
    }

    /// Forgets a village: the next use reads the record again.
    pub(in crate::app) fn forget(&self, village: VillageCode) {
        self.all_kept().remove(village);
    }

    /// The signing key of a village's log, also before its founding.
    pub(in crate::app) async fn log_key(&self, village: VillageCode) -> Result<SigningKey, AppError> {
        self.db.read("log_key", |tx| Box::pin(async move { read_log_key(tx, &self.vault, village).await })).await
    }

    /// Hands over a state of a size at which states are kept, so that nobody has to make it again.
    pub(in crate::app) fn hand_over(&self, state: State) {
        self.due.lock().unwrap_or_else(PoisonError::into_inner).insert(state.village, state);
    }

    /// The state that was handed over for a village, if it is of `size` entries.
    pub(in crate::app) fn handed_over(&self, village: VillageCode, size: u64) -> Option<State> {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        if due.get(&village).is_some_and(|state| state.size() == size) { due.remove(&village) } else { None }
    }

    /// What the store should keep of a record of `size` entries and doesn't yet: a size and the state's bytes.
    pub(in crate::app) async fn due(
        &self,
        village: VillageCode,
        size: u64,
    ) -> Result<Option<(u64, Vec<u8>)>, AppError> {
        let handed = self.due.lock().unwrap_or_else(PoisonError::into_inner).remove(&village);
        let due = snapshot::due(size);
        let kept = self.db.read("kept_size", |tx| Box::pin(tx.state_size(village))).await.map_err(AppError::Store)?;
        if due <= kept.unwrap_or(0) {
            return Ok(None);
        }
        let mut state = handed.filter(|state| state.size() == due);
        if state.is_none() {
            let kept = self.db.read("kept_state", |tx| Box::pin(read_kept(tx, village))).await?;
            state = self.replayed(village, kept, due).await?;
        }
        Ok(state.and_then(|state| snapshot::encode(&state)).map(|bytes| (due, bytes)))
    }

    async fn load(&self, village: VillageCode) -> Result<Live, AppError> {
        let (head, kept, key) = self
            .db
            .read("load_village", |tx| Box::pin(async move { read_start(tx, &self.vault, village).await }))
            .await?;
        let due = snapshot::due(head.size);
        let behind = kept.as_ref().map_or(0, State::size) < due;
        let mut state = kept;
        if behind {
            state = self.replayed(village, state, due).await?;
            self.keep_state(state.as_ref()).await;
        }
        let state = self.replayed(village, state, head.size).await?.ok_or(AppError::NotFound { what: "village" })?;
        Ok(Live { ledger: Ledger { state, frontier: frontier_of(&head)? }, key })
    }

    /// The state after `size` entries, from an earlier one on.
    async fn replayed(
        &self,
        village: VillageCode,
        mut state: Option<State>,
        size: u64,
    ) -> Result<Option<State>, AppError> {
        let mut pages = pin!(self.db.entry_pages(village, state.as_ref().map_or(0, State::size), size));
        while let Some(page) = pages.try_next().await? {
            for stored in &page {
                replay(&mut state, stored)?;
            }
        }
        Ok(state)
    }

    /// Keeps a state in the store. Without it the next use only takes longer, so nobody who reads is told of a failure.
    async fn keep_state(&self, state: Option<&State>) {
        let Some((state, bytes)) = state.and_then(|state| Some((state, snapshot::encode(state)?))) else { return };
        let (village, size) = (state.village, state.size());
        let kept = self.db.write("keep_state", |tx| Box::pin(tx.put_state(village, size, &bytes))).await;
        if let Err(error) = kept {
            let error: StoreError = error;
            tracing::warn!(%village, %error, "a village's state could not be kept");
        }
    }
}

async fn read_start(
    tx: &mut Tx<'_>,
    vault: &Vault,
    village: VillageCode,
) -> Result<(Head, Option<State>, SigningKey), AppError> {
    let head = tx.head(village).await?.ok_or(AppError::NotFound { what: "village" })?;
    Ok((head, read_kept(tx, village).await?, read_log_key(tx, vault, village).await?))
}

/// The state that the store keeps, if it is of this record and program.
async fn read_kept(tx: &mut Tx<'_>, village: VillageCode) -> Result<Option<State>, AppError> {
    let Some((size, bytes)) = tx.state(village).await? else { return Ok(None) };
    let last = match size.checked_sub(1) {
        Some(seq) => tx.entry(village, seq).await?.map(|entry| position(&entry)),
        None => None,
    };
    match snapshot::decode(&bytes, last) {
        Ok(state) => return Ok(Some(state)),
        // As expected after the program was replaced.
        Err(reason @ Unusable::Program) => tracing::info!(%village, %reason, "a kept state is passed over"),
        Err(reason) => tracing::warn!(%village, %reason, "a kept state is passed over, the record is read"),
    }
    Ok(None)
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
    let refused = |rejection: Rejection| damaged(&format!("entry {} of the own record: {rejection}", stored.seq));
    let signed = Signed::read(entry.statement).map_err(refused)?;
    ledger::replay(state, &signed.statement, signed.id, position(stored), None).map_err(refused)?;
    Ok(signed)
}

fn position(stored: &StoredEntry) -> Position {
    Position { seq: stored.seq, time: stored.time, leaf: stored.leaf }
}

fn damaged(reason: &str) -> StoreError {
    StoreError::Damaged(reason.to_owned())
}

/// The right edge of the tree as a head row keeps it: the peaks, one after another.
pub(in crate::app) fn frontier_of(head: &Head) -> Result<Frontier, StoreError> {
    frontier_at(head.size, &head.frontier)
}

/// The same from its parts.
pub(in crate::app) fn frontier_at(size: u64, peaks: &[u8]) -> Result<Frontier, StoreError> {
    Frontier::from_bytes(size, peaks).ok_or_else(|| damaged("a head's tree edge doesn't fit its size"))
}

/// The head row of a ledger.
#[must_use]
pub fn head_of(ledger: &Ledger) -> Head {
    Head {
        village: ledger.state.village,
        origin: ledger.state.origin.clone(),
        size: ledger.frontier.size(),
        frontier: ledger.frontier.to_bytes(),
        last_time: ledger.state.last.time,
        last_leaf: ledger.state.last.leaf,
    }
}

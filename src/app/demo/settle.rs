//! Puts a nation of villages into the store: records, secrets, tables and the districts' directories, many villages in one
//! transaction. Founding, signing and sealing go on on all cores while the store writes.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use rayon::prelude::*;
use tokio::sync::mpsc;

use crate::app::App;
use crate::app::demo::GenerateError;
use crate::app::demo::load::{LoadError, founded_of, usual_secrets};
use crate::app::demo::nation::{Nation, OF_DISTRICT, Settled, places, village};
use crate::app::error::AppError;
use crate::app::live::head_of;
use crate::app::projection::project_in;
use crate::app::publish::key_leaf;
use crate::app::sequencer::stored;
use crate::app::tiles;
use crate::core::state::State;
use crate::log::note::{Algorithm, VerifierKey};
use crate::store::error::StoreError;
use crate::store::record::{Head, VillageAppend};
use crate::store::vault::Vault;

/// Villages in one transaction: three districts.
const BATCH: usize = 3 * OF_DISTRICT;
/// Batches that wait for the store: bounds memory.
const AHEAD: usize = 2;

/// One village, sealed and ready to be written.
struct Ready {
    founded: Head,
    append: VillageAppend,
    state: State,
    key_leaf: Vec<u8>,
}

impl App {
    /// Founds the first `count` villages of a nation in an empty store and publishes them; `told` hears how many are there.
    /// Interrupted, it leaves a store that must be thrown away.
    ///
    /// # Errors
    /// `Exists` where villages are on record; the store's.
    pub async fn settle_nation(
        &self,
        nation: &Nation,
        count: usize,
        mut told: impl FnMut(usize),
    ) -> Result<(), LoadError> {
        let there = self.db().read("heads", |tx| Box::pin(tx.heads(None, 1))).await?;
        if !there.is_empty() {
            return Err(StoreError::Exists.into());
        }
        let (sender, mut ready) = mpsc::channel(AHEAD);
        let (nation, vault, seed) = (nation.clone(), self.vault().clone(), self.random::<32>());
        let work = tokio::task::spawn_blocking(move || {
            for first in (0..count).step_by(BATCH) {
                let indexes = first..count.min(first + BATCH);
                let batch: Result<Vec<Ready>, LoadError> =
                    indexes.into_par_iter().map(|index| make(&nation, &vault, seed, index)).collect();
                let failed = batch.is_err();
                // A closed channel: the store has failed and says so itself.
                if sender.blocking_send(batch).is_err() || failed {
                    return;
                }
            }
        });
        let places: Vec<(String, String)> = places(count).collect();
        let places = &places;
        self.db().write("places", |tx| Box::pin(tx.put_places(places))).await?;
        let mut done = 0;
        while let Some(batch) = ready.recv().await {
            let batch = batch?;
            done += batch.len();
            self.write_batch(&batch).await?;
            self.list_keys(batch.into_iter().map(|ready| ready.key_leaf).collect()).await?;
            self.publish_due().await?;
            told(done);
        }
        work.await.map_err(|panicked| StoreError::Damaged(panicked.to_string()))?;
        Ok(())
    }

    async fn write_batch(&self, batch: &[Ready]) -> Result<(), AppError> {
        let vault = self.vault();
        let appends: Vec<VillageAppend> = batch.iter().map(|ready| ready.append.clone()).collect();
        let appends = &appends;
        let write = self.db().write("settle", |tx| {
            Box::pin(async move {
                for ready in batch {
                    tx.found_village(&ready.founded).await?;
                }
                tiles::append(tx, appends).await?;
                for ready in batch {
                    project_in(tx, vault, &ready.state, 0).await?;
                }
                Ok::<(), AppError>(())
            })
        });
        write.await
    }
}

fn make(nation: &Nation, vault: &Vault, seed: [u8; 32], index: usize) -> Result<Ready, LoadError> {
    let settled = nation.settle(index).map_err(|rejection| {
        let (village, step) = (village(index).code, "founding".to_owned());
        GenerateError { village, step, rejection }
    })?;
    let mut rng = ChaCha20Rng::from_seed(seed);
    // Each village draws from a stream of its own, so no nonce occurs twice.
    rng.set_stream(index as u64 + 1);
    let Settled { village, scribe } = &settled;
    let head = head_of(scribe.ledger());
    let log = VerifierKey::new(&head.origin, Algorithm::Ed25519, &scribe.state().log_key);
    let key_leaf = log.ok().and_then(|log| key_leaf(&log, nation.roots()));
    let key_leaf = key_leaf.ok_or_else(|| StoreError::Damaged(format!("{} is no log's origin", head.origin)))?;
    Ok(Ready {
        founded: founded_of(&head, scribe),
        append: VillageAppend {
            old_size: 0,
            old_frontier: Vec::new(),
            head,
            entries: scribe.entries.iter().map(stored).collect(),
            checkpoint: Some(scribe.checkpoint().to_string().into_bytes()),
            vault: usual_secrets(village, scribe, vault, &mut rng)?,
        },
        state: scribe.state().clone(),
        key_leaf,
    })
}

//! What of the logs is served to everyone (c2sp.org/tlog-tiles), and the two files of a receipt (PROTOCOL 7).

use crate::app::App;
use crate::app::error::AppError;
use crate::app::tiles;
use crate::core::clock::Time;
use crate::core::ids::{DistrictCode, VillageCode};
use crate::log::district;
use crate::log::note::{Note, NoteSignature};
use crate::log::policy::{Party, Policy};
use crate::log::proof::ProofFile;
use crate::log::tile::{self, TILE_WIDTH, TileId, TilePath};
use crate::store::district::{DistrictCheckpoint, DistrictLeaf, LogOf};
use crate::store::error::StoreError;
use crate::store::tx::Tx;

/// How long a district's checkpoint waits for its cosignatures before it is served without them, in milliseconds.
const PATIENCE_MS: i64 = 5_000;

/// What a witness has confirmed of a village's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its name in the policy.
    pub name: String,
    /// Whether it replays the record by the law, or only keeps watch that nobody is shown another one.
    pub lawful: bool,
    /// When it last confirmed something of this record or its district; `None` for never.
    pub at: Option<Time>,
    /// Whether that covers what is published.
    pub current: bool,
}

impl App {
    /// What each witness has confirmed of a village's record; empty where none is named.
    ///
    /// # Errors
    /// The store's.
    pub async fn standings(&self, village: VillageCode) -> Result<Vec<Standing>, AppError> {
        let (asked, lawful) = (self.witnesses().asked(), self.witnesses().lawful());
        let watching = asked.iter().flat_map(|asked| asked.policy.witnesses()).map(|party| (party, false));
        let replaying = lawful.into_iter().flat_map(Policy::witnesses).map(|party| (party, true));
        let parties: Vec<(&Party, bool)> = watching.chain(replaying).collect();
        let parties = &parties;
        let read = self.db().read("standings", |tx| {
            Box::pin(async move {
                let leaf = tx.newest_published_within(village, u64::MAX >> 1).await?;
                let origins = leaf.as_ref().and_then(origins_of);
                let mut standings = Vec::with_capacity(parties.len());
                for (party, lawful) in parties {
                    let name = party.name.clone();
                    let (Some(leaf), Some((of_village, of_district))) = (&leaf, &origins) else {
                        standings.push(Standing { name, lawful: *lawful, at: None, current: false });
                        continue;
                    };
                    let origin = if *lawful { of_village } else { of_district };
                    let newest = tx.newest_cosignature(origin, &party.key.to_string()).await?;
                    let needed = if *lawful { leaf.size.unwrap_or(0) } else { leaf.seq + 1 };
                    let current = newest.as_ref().is_some_and(|newest| newest.size >= needed);
                    standings.push(Standing { name, lawful: *lawful, at: newest.map(|newest| newest.time), current });
                }
                Ok::<_, StoreError>(standings)
            })
        });
        Ok(read.await?)
    }

    /// A log's newest checkpoint as it is served: the district's with the cosignatures so far, a village's as it stands in
    /// the district's log.
    ///
    /// # Errors
    /// `NotFound` where nothing is published; the store's.
    pub async fn served_checkpoint(&self, log: LogOf) -> Result<Vec<u8>, AppError> {
        let (waits, now) = (self.witnesses().are_asked(), self.now());
        let read = self.db().read("served_checkpoint", |tx| {
            Box::pin(async move {
                let district = match log {
                    LogOf::Village(village) => village.district(),
                    LogOf::District(district) => district,
                };
                let Some(newest) = served(tx, district, waits, now).await? else { return Ok(None) };
                match log {
                    LogOf::District(_) => cosigned(tx, &newest).await.map(|note| Some(note.to_string().into_bytes())),
                    LogOf::Village(village) => {
                        let leaf = tx.newest_published_within(village, newest.size).await?;
                        Ok(leaf.map(|leaf| leaf.bytes))
                    }
                }
            })
        });
        read.await.map_err(|error: StoreError| AppError::Store(error))?.ok_or_else(|| AppError::not_found("log"))
    }

    /// The bytes of a tile of hashes, as far as it is published. `None` for one that isn't there at this width.
    ///
    /// # Errors
    /// The store's.
    pub async fn served_tile(&self, log: LogOf, level: u8, path: TilePath) -> Result<Option<Vec<u8>>, AppError> {
        let id = TileId { level, index: path.index };
        let read = self.db().read("served_tile", |tx| {
            Box::pin(async move {
                let size = tx.published(log).await?.unwrap_or(0);
                if id.width(size) < path.width {
                    return Ok::<_, StoreError>(None);
                }
                let mut hashes = tiles::tile(tx, log, id, size).await?;
                hashes.truncate(usize::try_from(path.width).unwrap_or(0));
                Ok(Some(tile::tile_bytes(&hashes)))
            })
        });
        Ok(read.await?)
    }

    /// The bytes of an entry bundle, as far as it is published. `None` for one that isn't there at this width.
    ///
    /// # Errors
    /// The store's.
    pub async fn served_bundle(&self, log: LogOf, path: TilePath) -> Result<Option<Vec<u8>>, AppError> {
        let read = self.db().read("served_bundle", |tx| {
            Box::pin(async move {
                let size = tx.published(log).await?.unwrap_or(0);
                if (TileId { level: 0, index: path.index }).width(size) < path.width {
                    return Ok::<_, StoreError>(None);
                }
                let entries = tx.log_bytes(log, path.index * TILE_WIDTH, path.width).await?;
                Ok(tile::bundle_bytes(entries.iter().map(Vec::as_slice)))
            })
        });
        Ok(read.await?)
    }

    /// The first file of an entry's receipt: under the first published checkpoint of the village that covers it, and so the
    /// same for ever; under the newest signed one until it is published.
    ///
    /// # Errors
    /// `NotFound` for an entry that isn't there; the store's.
    pub async fn published_receipt(&self, village: VillageCode, seq: u64) -> Result<Vec<u8>, AppError> {
        let read = self.db().read("published_receipt", |tx| Box::pin(async move { receipt(tx, village, seq).await }));
        match read.await? {
            Some(file) => Ok(file),
            None => self.receipt(village, seq).await,
        }
    }

    /// The second: that the checkpoint of the first is under the first checkpoint of the district that was witnessed enough,
    /// or the newest. `None` until it is published.
    ///
    /// # Errors
    /// The store's.
    pub async fn district_receipt(&self, village: VillageCode, seq: u64) -> Result<Option<Vec<u8>>, AppError> {
        self.db().read("district_receipt", |tx| Box::pin(async move { above(tx, village, seq).await })).await
    }
}

/// The district's newest checkpoint; while its cosignatures are on their way, the newest that has them or has waited for
/// them long enough. Cosignatures may come late and in any order: what has been shown once must not be followed by less,
/// which readers would take for a log that was cut.
async fn served(
    tx: &mut Tx<'_>,
    district: DistrictCode,
    waits: bool,
    now: Time,
) -> Result<Option<DistrictCheckpoint>, StoreError> {
    if !waits {
        return tx.newest_district_checkpoint(district).await;
    }
    match tx.newest_ripe(district, now.plus_ms(-PATIENCE_MS)).await? {
        Some(ripe) => Ok(Some(ripe)),
        None => tx.district_checkpoint_after(district, 0).await,
    }
}

/// A district's checkpoint with the cosignatures that are kept.
pub(in crate::app) async fn cosigned(tx: &mut Tx<'_>, checkpoint: &DistrictCheckpoint) -> Result<Note, StoreError> {
    let damaged = |error: &dyn ToString| StoreError::Damaged(error.to_string());
    let mut note = Note::parse(&checkpoint.note).map_err(|error| damaged(&error))?;
    let origin = note.text.lines().next().unwrap_or_default().to_owned();
    for row in tx.cosignatures(&origin, checkpoint.size).await? {
        note.signatures.push(NoteSignature::parse(&row.line).map_err(|error| damaged(&error))?);
    }
    Ok(note)
}

async fn receipt(tx: &mut Tx<'_>, village: VillageCode, seq: u64) -> Result<Option<Vec<u8>>, AppError> {
    let Some(leaf) = tx.published_from(village, seq.saturating_add(1)).await? else { return Ok(None) };
    let (Some(entry), Some(size)) = (tx.entry(village, seq).await?, leaf.size) else {
        return Err(AppError::not_found("entry"));
    };
    let path = tiles::path(tx, LogOf::Village(village), seq, size).await?.ok_or_else(missing)?;
    let note = Note::parse(&leaf.bytes).map_err(|error| StoreError::Damaged(error.to_string()))?;
    Ok(Some(ProofFile::receipt(entry.bytes, seq, path, note).to_string().into_bytes()))
}

async fn above(tx: &mut Tx<'_>, village: VillageCode, seq: u64) -> Result<Option<Vec<u8>>, AppError> {
    let Some(leaf) = tx.published_from(village, seq.saturating_add(1)).await? else { return Ok(None) };
    let over = match tx.witnessed_from(leaf.district, leaf.seq + 1).await? {
        Some(witnessed) => Some(witnessed),
        None => tx.newest_district_checkpoint(leaf.district).await?,
    };
    let file = under_district(tx, &leaf, &over.ok_or_else(missing)?).await?;
    Ok(Some(file.to_string().into_bytes()))
}

/// That a leaf of the district's log is under one of its checkpoints.
async fn under_district(
    tx: &mut Tx<'_>,
    leaf: &DistrictLeaf,
    over: &DistrictCheckpoint,
) -> Result<ProofFile, AppError> {
    let log = LogOf::District(leaf.district);
    let path = tiles::path(tx, log, leaf.seq, over.size).await?.ok_or_else(missing)?;
    Ok(ProofFile { extra: None, index: leaf.seq, path, checkpoint: cosigned(tx, over).await? })
}

/// Origins of a published village's log and of its district's.
fn origins_of(leaf: &DistrictLeaf) -> Option<(String, String)> {
    let note = Note::parse(&leaf.bytes).ok()?;
    let village = note.text.lines().next()?.to_owned();
    let district = district_origin(&village)?;
    Some((village, district))
}

fn missing() -> AppError {
    StoreError::Damaged("a published checkpoint has no leaf or tile".to_owned()).into()
}

/// Origin of the district log to which a village's log belongs; `None` for an origin of another shape.
#[must_use]
pub fn district_origin(village_origin: &str) -> Option<String> {
    let (host, village) = district::village_of(village_origin)?;
    Some(district::origin(host, village.district()))
}

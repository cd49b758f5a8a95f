//! Brings back what an old backup lacks from a witness's copy: the district log's leaves and the villages' entries, byte for
//! byte. Openings of ballots and other secrets are in nobody's copy; what of them was lost is told by the record itself.

use std::collections::BTreeMap;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::fetch::{Client, FetchError};
use crate::app::live::frontier_at;
use crate::app::remote::Remote;
use crate::app::tiles;
use crate::core::ids::{Digest, DistrictCode, VillageCode};
use crate::log::checkpoint::Checkpoint;
use crate::log::district::{self, Says};
use crate::log::entry::{Entry, EntryError};
use crate::log::note::Note;
use crate::log::tile::TILE_WIDTH;
use crate::log::tree::{Frontier, leaf_hash};
use crate::store::district::{DistrictAppend, DistrictCheckpoint, DistrictHead, DistrictLeaf, LogOf};
use crate::store::error::StoreError;
use crate::store::record::{Head, StoredEntry, VillageAppend};

/// What was brought back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Leaves of the district's log.
    pub leaves: u64,
    /// Entries of villages.
    pub entries: u64,
}

/// Why nothing, or not all, was brought back.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The copy can't be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// What is served is not as logs are.
    #[error("{0}")]
    Copy(String),
    /// The copy isn't of this log, or doesn't go on from what is here.
    #[error("{0} in the copy does not go on from the one here: these are two histories, see docs/OPERATIONS.md")]
    Other(String),
    /// An entry of the copy that is none.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The application.
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<StoreError> for RecoverError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

/// The entries that a copy has from `from` up to `to`.
async fn entries(remote: &Remote<'_>, from: u64, to: u64) -> Result<Vec<Vec<u8>>, RecoverError> {
    let mut all = Vec::new();
    for index in from / TILE_WIDTH..to.div_ceil(TILE_WIDTH) {
        all.extend(remote.bundle(index, to).await?.map_err(|bad| RecoverError::Copy(bad.0))?);
    }
    let known = usize::try_from(from % TILE_WIDTH).unwrap_or(usize::MAX);
    Ok(all.split_off(known.min(all.len())))
}

impl App {
    /// Takes over from the copy at `prefix` (such as `https://witness.example/log`) what the district's and the villages' logs
    /// here lack. Everything is compared with the trees that this district's own key has signed; whatever doesn't go on from
    /// what is here is refused. No server may run on the database.
    ///
    /// # Errors
    /// See [`RecoverError`]; what was taken over before stays, and another run goes on from there.
    pub async fn recover(
        &self,
        client: &Client,
        prefix: &str,
        district: DistrictCode,
    ) -> Result<Recovered, RecoverError> {
        let copy = Remote::new(client, prefix, LogOf::District(district));
        let head = self.db().read("district", |tx| Box::pin(tx.district(district))).await?;
        let head = head.ok_or_else(|| AppError::not_found("district"))?;
        let log = self.district_verifier(district).await?.ok_or_else(|| AppError::not_found("district"))?;
        let other = || RecoverError::Other(log.name().to_owned());
        let mut note = Note::parse(&copy.checkpoint().await?).map_err(|_| other())?;
        let checkpoint = Checkpoint::open(&note, &log).map_err(|_| other())?;
        note.signatures.retain(|line| line.name == log.name() && line.id == log.id());
        if checkpoint.size <= head.size {
            return Ok(Recovered::default());
        }
        let leaves = entries(&copy, head.size, checkpoint.size).await?;
        let mut frontier = frontier_at(head.size, &head.frontier)?;
        for leaf in &leaves {
            frontier.append(leaf_hash(leaf));
        }
        if frontier.root() != checkpoint.root {
            return Err(other());
        }
        let mut recovered = Recovered { leaves: leaves.len() as u64, entries: 0 };
        for (village, (bytes, size)) in newest(&leaves) {
            let copy = Remote::new(client, prefix, LogOf::Village(village));
            recovered.entries += self.recover_village(&copy, village, bytes, size).await?;
        }
        self.recover_leaves(&head, &leaves, &frontier, note).await?;
        Ok(recovered)
    }

    async fn recover_village(
        &self,
        copy: &Remote<'_>,
        village: VillageCode,
        note: &[u8],
        checkpoint: Checkpoint,
    ) -> Result<u64, RecoverError> {
        let head = self.db().read("head", |tx| Box::pin(tx.head(village))).await?;
        let head = head.ok_or_else(|| AppError::not_found("village"))?;
        if checkpoint.size <= head.size {
            return Ok(0);
        }
        let entries = entries(copy, head.size, checkpoint.size).await?;
        let mut frontier = frontier_at(head.size, &head.frontier)?;
        for entry in &entries {
            frontier.append(leaf_hash(entry));
        }
        if frontier.root() != checkpoint.root {
            return Err(RecoverError::Other(checkpoint.origin));
        }
        let stored = (head.size..).zip(&entries).map(|(seq, bytes)| stored(seq, bytes));
        let stored = stored.collect::<Result<Vec<StoredEntry>, _>>()?;
        let (time, leaf) = stored.last().map_or((head.last_time, head.last_leaf), |last| (last.time, last.leaf));
        let after = Head {
            size: checkpoint.size,
            frontier: frontier.to_bytes(),
            last_time: time,
            last_leaf: leaf,
            ..head.clone()
        };
        let append = VillageAppend {
            old_size: head.size,
            old_frontier: head.frontier.clone(),
            head: after,
            entries: stored,
            checkpoint: Some(note.to_vec()),
            vault: Vec::new(),
        };
        let gained = append.entries.len() as u64;
        let append = &[append];
        self.db().write("recover_village", |tx| Box::pin(tiles::append(tx, append))).await?;
        self.lives().forget(village);
        Ok(gained)
    }

    async fn recover_leaves(
        &self,
        head: &DistrictHead,
        leaves: &[Vec<u8>],
        frontier: &Frontier,
        note: Note,
    ) -> Result<(), RecoverError> {
        let (district, time) = (head.district, self.now());
        let rows = (head.size..).zip(leaves).map(|(seq, bytes)| {
            let (village, size) = match district::read(bytes).map(|(says, _)| says) {
                Ok(Says::Key(key)) => (district::village_of(key.name()).map(|(_, village)| village), None),
                Ok(Says::Checkpoint(one)) => {
                    (district::village_of(&one.origin).map(|(_, village)| village), Some(one.size))
                }
                Ok(Says::Release { .. }) => (None, None),
                // It is in the log for ever, and counts for nothing.
                Err(_) => (None, Some(0)),
            };
            DistrictLeaf { district, seq, time, village, size, leaf: leaf_hash(bytes), bytes: bytes.clone() }
        });
        let rows = rows.collect();
        let (size, note) = (frontier.size(), note.to_string().into_bytes());
        let append = DistrictAppend {
            old_size: head.size,
            head: DistrictHead { size, frontier: frontier.to_bytes(), ..head.clone() },
            leaves: rows,
            tiles: Vec::new(),
            checkpoint: DistrictCheckpoint { district, size, time, note, witnessed: None },
        };
        let append = &append;
        let done = self.db().write("recover_district", |tx| {
            Box::pin(async move {
                tx.lock_district(district).await?;
                let leaves: Vec<Digest> = append.leaves.iter().map(|leaf| leaf.leaf).collect();
                let tiles = tiles::grown(tx, LogOf::District(district), append.old_size, &leaves).await?;
                tx.append_district(&DistrictAppend { tiles, ..append.clone() }).await
            })
        });
        Ok(done.await?)
    }
}

/// The newest checkpoint of each village among leaves: its note and what it says.
fn newest(leaves: &[Vec<u8>]) -> BTreeMap<VillageCode, (&[u8], Checkpoint)> {
    let mut newest = BTreeMap::new();
    for bytes in leaves {
        if let Ok((Says::Checkpoint(checkpoint), _)) = district::read(bytes)
            && let Some((_, village)) = district::village_of(&checkpoint.origin)
        {
            newest.insert(village, (bytes.as_slice(), checkpoint));
        }
    }
    newest
}

fn stored(seq: u64, bytes: &[u8]) -> Result<StoredEntry, EntryError> {
    let entry = Entry::parse(bytes)?;
    let (statement, leaf) = (entry.statement.id(), leaf_hash(bytes));
    Ok(StoredEntry { seq, time: entry.time, leaf, statement, bytes: bytes.to_vec() })
}

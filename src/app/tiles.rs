//! The hashes of a log's tree as the store keeps them: tiles grow with each append, and a proof reads a few of them.

use std::collections::BTreeMap;

use crate::core::ids::Digest;
use crate::log::tile::{self, TILE_WIDTH, TileId, TileTree};
use crate::log::tree::{self, ProofError};
use crate::store::district::LogOf;
use crate::store::error::StoreError;
use crate::store::record::{Tile, VillageAppend};
use crate::store::tx::Tx;

/// Appends to villages' records, with the tiles that their trees gain.
///
/// # Errors
/// As [`Tx::append_batch`]; `Damaged` where a tile is missing.
pub async fn append(tx: &mut Tx<'_>, batch: &[VillageAppend]) -> Result<(), StoreError> {
    let mut tiles = Vec::with_capacity(batch.len());
    for append in batch {
        let leaves: Vec<Digest> = append.entries.iter().map(|entry| entry.leaf).collect();
        tiles.push(grown(tx, LogOf::Village(append.head.village), append.old_size, &leaves).await?);
    }
    tx.append_batch(batch, &tiles).await
}

/// The tiles that adding `leaves` to a log of `old` leaves changes. Reads nothing but once in 256 leaves.
///
/// # Errors
/// The store's; `Damaged` where a tile is missing.
pub async fn grown(tx: &mut Tx<'_>, log: LogOf, old: u64, leaves: &[Digest]) -> Result<Vec<Tile>, StoreError> {
    let edges = tile::edge_tiles(old, old + leaves.len() as u64);
    let edges = load(tx, log, &edges, old).await?;
    let grown = tile::grow(old, leaves, &edges).ok_or_else(missing)?;
    let row = |(id, hashes): (TileId, Vec<Digest>)| Tile {
        level: u64::from(id.level),
        n: id.index,
        hashes: tile::tile_bytes(&hashes),
    };
    Ok(grown.into_iter().map(row).collect())
}

/// The audit path of leaf `index` in a log of `size` leaves (RFC 6962 section 2.1.1). `None` if there is no such leaf.
/// Reads two tiles for each factor of 256 in the size.
///
/// # Errors
/// The store's; `Damaged` where a tile is missing.
pub async fn path(tx: &mut Tx<'_>, log: LogOf, index: u64, size: u64) -> Result<Option<Vec<Digest>>, StoreError> {
    let Ok(wanted) = tile::path_tiles(index, size) else { return Ok(None) };
    let loaded = load(tx, log, &wanted, size).await?;
    let mut tree = TileTree::new(|id| loaded.get(&id).cloned().ok_or(ProofError::Range));
    tree::prove_inclusion(&mut tree, index, size).map(Some).map_err(|_| missing())
}

/// The proof that a log of `new` leaves goes on from its first `old` ones (RFC 6962 section 2.1.2). `None` if it can't.
///
/// # Errors
/// The store's; `Damaged` where a tile is missing.
pub async fn consistency(tx: &mut Tx<'_>, log: LogOf, old: u64, new: u64) -> Result<Option<Vec<Digest>>, StoreError> {
    if old == 0 || old == new {
        return Ok((old <= new).then(Vec::new));
    }
    let Ok(wanted) = tile::consistency_tiles(old, new) else { return Ok(None) };
    let loaded = load(tx, log, &wanted, new).await?;
    let mut tree = TileTree::new(|id| loaded.get(&id).cloned().ok_or(ProofError::Range));
    tree::prove_consistency(&mut tree, old, new).map(Some).map_err(|_| missing())
}

/// The root of a log as it was with `size` leaves.
///
/// # Errors
/// The store's; `Damaged` where a tile is missing.
pub async fn root(tx: &mut Tx<'_>, log: LogOf, size: u64) -> Result<Digest, StoreError> {
    let loaded = load(tx, log, &tile::root_tiles(size), size).await?;
    let mut tree = TileTree::new(|id| loaded.get(&id).cloned().ok_or(ProofError::Range));
    tree::read_root(&mut tree, size).map_err(|_| missing())
}

/// The hashes that show both roots of a log of `new` leaves and of its first `old` ones, see [`tree::prove_prefix`]. `None` if
/// it can't.
///
/// # Errors
/// The store's; `Damaged` where a tile is missing.
pub async fn prefix(tx: &mut Tx<'_>, log: LogOf, old: u64, new: u64) -> Result<Option<Vec<Digest>>, StoreError> {
    let Ok(mut wanted) = tile::consistency_tiles(old, new) else { return Ok(None) };
    wanted.extend(tile::root_tiles(old));
    let loaded = load(tx, log, &wanted, new).await?;
    let mut tree = TileTree::new(|id| loaded.get(&id).cloned().ok_or(ProofError::Range));
    tree::prove_prefix(&mut tree, old, new).map(Some).map_err(|_| missing())
}

/// One tile as it is in a log of `size` leaves.
///
/// # Errors
/// The store's; `Damaged` where it is missing.
pub async fn tile(tx: &mut Tx<'_>, log: LogOf, id: TileId, size: u64) -> Result<Vec<Digest>, StoreError> {
    let mut loaded = load(tx, log, &[id], size).await?;
    let mut hashes = loaded.remove(&id).ok_or_else(missing)?;
    hashes.truncate(usize::try_from(id.width(size)).unwrap_or(usize::MAX));
    Ok(hashes)
}

/// The hashes that tiles have in a log of at least `size` leaves.
async fn load(
    tx: &mut Tx<'_>,
    log: LogOf,
    wanted: &[TileId],
    size: u64,
) -> Result<BTreeMap<TileId, Vec<Digest>>, StoreError> {
    let mut loaded = BTreeMap::new();
    // Leaf hashes of a tile that isn't full stand with their entries alone.
    let (begun, kept): (Vec<TileId>, Vec<TileId>) =
        wanted.iter().partition(|id| id.level == 0 && id.width(size) < TILE_WIDTH);
    for id in begun {
        loaded.insert(id, tx.log_leaves(log, id.index * TILE_WIDTH, id.width(size)).await?);
    }
    let places: Vec<(u64, u64)> = kept.iter().map(|id| (u64::from(id.level), id.index)).collect();
    let rows = tx.log_tiles(log, &places).await?;
    for id in kept {
        let row = rows.iter().find(|row| row.level == u64::from(id.level) && row.n == id.index);
        let hashes = row.and_then(|row| tile::tile_hashes(&row.hashes)).ok_or_else(missing)?;
        loaded.insert(id, hashes);
    }
    Ok(loaded)
}

fn missing() -> StoreError {
    StoreError::Damaged("a tile of the tree is missing".to_owned())
}

//! The hashes of a record's tree as the store keeps them: tiles grow with each append, and a proof reads a few of them.

use std::collections::BTreeMap;

use crate::core::ids::{Digest, VillageCode};
use crate::log::tile::{self, TILE_WIDTH, TileId, TileTree};
use crate::log::tree::{self, ProofError};
use crate::store::db::Tx;
use crate::store::error::StoreError;
use crate::store::record::{Tile, VillageAppend};

/// The tiles that this append changes. Reads nothing but once in 256 entries.
///
/// # Errors
/// The store's; `Damaged` where a tile is missing.
pub async fn grown(tx: &mut Tx<'_>, append: &VillageAppend) -> Result<Vec<Tile>, StoreError> {
    let (village, old) = (append.head.village, append.old_size);
    let edges = tile::edge_tiles(old, append.head.size);
    let edges = load(tx, village, &edges, old).await?;
    let leaves: Vec<Digest> = append.entries.iter().map(|entry| entry.leaf).collect();
    stored(old, &leaves, &edges)
}

/// The tiles of leaves added to a tree of `old` leaves as rows; see [`tile::grow`].
///
/// # Errors
/// `Damaged` where an edge is missing.
pub fn stored(old: u64, leaves: &[Digest], edges: &BTreeMap<TileId, Vec<Digest>>) -> Result<Vec<Tile>, StoreError> {
    let grown = tile::grow(old, leaves, edges).ok_or_else(missing)?;
    let row = |(id, hashes): (TileId, Vec<Digest>)| Tile {
        level: u64::from(id.level),
        n: id.index,
        hashes: tile::tile_bytes(&hashes),
    };
    Ok(grown.into_iter().map(row).collect())
}

/// The audit path of entry `index` in a record of `size` entries (RFC 6962 section 2.1.1). `None` if there is no such
/// entry. Reads two tiles for each factor of 256 in the size.
///
/// # Errors
/// The store's; `Damaged` where a tile is missing.
pub async fn path(
    tx: &mut Tx<'_>,
    village: VillageCode,
    index: u64,
    size: u64,
) -> Result<Option<Vec<Digest>>, StoreError> {
    let Ok(wanted) = tile::path_tiles(index, size) else { return Ok(None) };
    let loaded = load(tx, village, &wanted, size).await?;
    let mut tree = TileTree::new(|id| loaded.get(&id).cloned().ok_or(ProofError::Range));
    tree::prove_inclusion(&mut tree, index, size).map(Some).map_err(|_| missing())
}

/// The hashes that tiles have in a record of at least `size` entries.
async fn load(
    tx: &mut Tx<'_>,
    village: VillageCode,
    wanted: &[TileId],
    size: u64,
) -> Result<BTreeMap<TileId, Vec<Digest>>, StoreError> {
    let mut loaded = BTreeMap::new();
    for id in wanted {
        let width = id.width(size);
        // Leaf hashes of a tile that isn't full stand with their entries alone.
        let hashes = if id.level == 0 && width < TILE_WIDTH {
            tx.leaves(village, id.index * TILE_WIDTH, width).await?
        } else {
            let bytes = tx.tile(village, u64::from(id.level), id.index).await?;
            bytes.and_then(|bytes| tile::tile_hashes(&bytes)).ok_or_else(missing)?
        };
        loaded.insert(*id, hashes);
    }
    Ok(loaded)
}

fn missing() -> StoreError {
    StoreError::Damaged("a tile of the tree is missing".to_owned())
}

//! Tiles (c2sp.org/tlog-tiles): how a tree's hashes are kept and served, 256 to a tile.
//!
//! The hash at place `i` of tile `n` of level `l` is the root over the leaves
//! `(n·256 + i)·256^l .. (n·256 + i + 1)·256^l`; so level 0 holds leaf hashes, and each full tile gives one hash above.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use crate::core::ids::Digest;
use crate::log::text::{MAX_SAFE_INTEGER, decimal};
use crate::log::tree::{self, Subtrees};

/// Hashes in a full tile.
pub const TILE_WIDTH: u64 = 256;
/// Tree levels in a tile.
const TILE_HEIGHT: u32 = 8;
/// Highest level of any tile: beyond it no index of 64 bits reaches.
const MAX_LEVEL: u8 = 63;

/// Which tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// 0 for leaf hashes; each level above covers 256 times as many leaves.
    pub level: u8,
    /// Its number within the level, from 0.
    pub index: u64,
}

/// How many hashes level `level` of a tree of `size` leaves has.
#[must_use]
pub fn level_size(size: u64, level: u8) -> u64 {
    size.checked_shr(TILE_HEIGHT * u32::from(level)).unwrap_or(0)
}

impl TileId {
    /// How many hashes this tile has in a tree of `size` leaves, 0 to 256.
    #[must_use]
    pub fn width(self, size: u64) -> u64 {
        level_size(size, self.level).saturating_sub(self.index.saturating_mul(TILE_WIDTH)).min(TILE_WIDTH)
    }

    /// The path below the log's prefix, for a tile that has `width` hashes in the tree asked for:
    /// `tile/<L>/<N>`, with `.p/<W>` if it is not full.
    #[must_use]
    pub fn path(self, width: u64) -> String {
        format!("tile/{}/{}", self.level, TilePath { index: self.index, width })
    }
}

/// The last part of a tile's or an entry bundle's path: index in groups of three digits, and the width if it is partial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TilePath {
    /// Number of the tile or bundle.
    pub index: u64,
    /// 1 to 256.
    pub width: u64,
}

impl TilePath {
    /// Reads `<N>` or `<N>.p/<W>`, such as `x001/x234/067.p/8`; `None` for any other spelling.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let (number, width) = match path.split_once(".p/") {
            None => (path, TILE_WIDTH),
            Some((number, width)) => (number, decimal(width.as_bytes(), TILE_WIDTH - 1).filter(|width| *width != 0)?),
        };
        let mut digits = String::with_capacity(18);
        let mut groups = number.split('/').peekable();
        while let Some(group) = groups.next() {
            let group = if groups.peek().is_some() { group.strip_prefix('x')? } else { group };
            if group.len() != 3 || digits.len() > 15 {
                return None;
            }
            digits.push_str(group);
        }
        let short = digits.trim_start_matches('0');
        let index = decimal(if short.is_empty() { "0" } else { short }.as_bytes(), MAX_SAFE_INTEGER)?;
        let parsed = Self { index, width };
        // Leading groups of x000 would be a second spelling.
        (parsed.to_string() == path).then_some(parsed)
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut groups = vec![self.index % 1_000];
        let mut rest = self.index / 1_000;
        while rest > 0 {
            groups.push(rest % 1_000);
            rest /= 1_000;
        }
        for group in groups[1..].iter().rev() {
            write!(f, "x{group:03}/")?;
        }
        write!(f, "{:03}", groups[0])?;
        if self.width < TILE_WIDTH { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

/// The tiles at the right edge of a tree of `old` leaves whose hashes are needed to grow it to `new` leaves: none as long
/// as no tile of leaf hashes becomes full.
#[must_use]
pub fn edge_tiles(old: u64, new: u64) -> Vec<TileId> {
    let grows = |level: u8| level_size(old, level + 1) < level_size(new, level + 1);
    // Above the leaves, a level gains a hash exactly if the one below fills a tile.
    let levels = (0..MAX_LEVEL).take_while(|level| grows(level.saturating_sub(1)));
    let edges = levels.map(|level| TileId { level, index: level_size(old, level) / TILE_WIDTH });
    edges.filter(|edge| edge.width(old) > 0).collect()
}

/// The tiles that change when `leaves` are added to a tree of `old` leaves, as they are then: those of leaf hashes once
/// they are full, those above with each hash they gain, since a hash above is costly to make again. `edges` are the
/// hashes so far of [`edge_tiles`]; `None` if one is missing or has too few hashes.
#[must_use]
pub fn grow(
    old: u64,
    leaves: &[Digest],
    edges: &BTreeMap<TileId, Vec<Digest>>,
) -> Option<BTreeMap<TileId, Vec<Digest>>> {
    let mut kept = BTreeMap::new();
    let mut gained = leaves.to_vec();
    let filled = level_size(old + leaves.len() as u64, 1) - level_size(old, 1);
    for level in (0..MAX_LEVEL).take_while(|_| filled > 0) {
        let size = level_size(old, level);
        let edge = TileId { level, index: size / TILE_WIDTH };
        let mut hashes = match usize::try_from(edge.width(old)).ok()? {
            0 => Vec::new(),
            width => edges.get(&edge)?.get(..width)?.to_vec(),
        };
        hashes.append(&mut gained);
        for (index, tile) in (edge.index..).zip(hashes.chunks(256)) {
            let full = tile.len() == 256;
            if full || level > 0 {
                kept.insert(TileId { level, index }, tile.to_vec());
            }
            gained.extend(full.then(|| tile_root(tile)));
        }
        if gained.is_empty() {
            break;
        }
    }
    Some(kept)
}

/// The tiles that the audit path of leaf `index` in a tree of `size` leaves is made from: some for each level of tiles.
///
/// # Errors
/// `Range` if the leaf isn't in the tree.
pub fn path_tiles(index: u64, size: u64) -> Result<Vec<TileId>, tree::ProofError> {
    let mut wanted = Vec::new();
    let mut dry = TileTree::new(|id| {
        wanted.push(id);
        Ok::<_, tree::ProofError>(vec![tree::empty_root(); 256])
    });
    tree::prove_inclusion(&mut dry, index, size)?;
    Ok(wanted)
}

/// The tiles that the proof from `old` to `new` leaves is made from.
///
/// # Errors
/// `Range` if `old` is 0 or above `new`.
pub fn consistency_tiles(old: u64, new: u64) -> Result<Vec<TileId>, tree::ProofError> {
    let mut wanted = Vec::new();
    let mut dry = TileTree::new(|id| {
        wanted.push(id);
        Ok::<_, tree::ProofError>(vec![tree::empty_root(); 256])
    });
    tree::prove_consistency(&mut dry, old, new)?;
    Ok(wanted)
}

/// The tiles that the root over `size` leaves is made from.
#[must_use]
pub fn root_tiles(size: u64) -> Vec<TileId> {
    let mut wanted = Vec::new();
    let mut dry = TileTree::new(|id| {
        wanted.push(id);
        Ok::<_, tree::ProofError>(vec![tree::empty_root(); 256])
    });
    // Every tile is given: nothing can be missing.
    let _ = tree::read_root(&mut dry, size);
    wanted
}

/// The tiles that are partly filled in a tree of `size` leaves, with their widths, lowest level first.
#[must_use]
pub fn partial_tiles(size: u64) -> Vec<(TileId, u64)> {
    let levels = (0..MAX_LEVEL).take_while(|level| level_size(size, *level) > 0);
    let last = levels.map(|level| (level, level_size(size, level)));
    last.filter(|(_, hashes)| hashes % TILE_WIDTH != 0)
        .map(|(level, hashes)| (TileId { level, index: hashes / TILE_WIDTH }, hashes % TILE_WIDTH))
        .collect()
}

/// The hash that a full tile gives to the level above. Also right for any whole subtree of hashes of one level.
#[must_use]
pub fn tile_root(hashes: &[Digest]) -> Digest {
    tree::root(hashes)
}

/// A tile's bytes, as served: its hashes one after the other.
#[must_use]
pub fn tile_bytes(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The hashes in a tile's bytes; `None` if they are not 1 to 256 whole hashes.
#[must_use]
pub fn tile_hashes(bytes: &[u8]) -> Option<Vec<Digest>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    let fits = rest.is_empty() && (1..=256).contains(&hashes.len());
    fits.then(|| hashes.iter().map(|hash| Digest(*hash)).collect())
}

/// An entry bundle's bytes: each entry after its length as a big-endian 16-bit number. Entries hold at most 65,535 bytes;
/// `None` if one is longer.
#[must_use]
pub fn bundle_bytes<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for entry in entries {
        bytes.extend_from_slice(&u16::try_from(entry.len()).ok()?.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Some(bytes)
}

/// The entries of a bundle; `None` if a length runs beyond the end.
#[must_use]
pub fn bundle_entries(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry);
        bytes = rest;
    }
    Some(entries)
}

/// Reads subtrees from tiles, each tile once, for the provers of [`tree`]. `read` gives at least the hashes that a tile
/// has in the tree asked about.
#[derive(Debug)]
pub struct TileTree<F> {
    read: F,
    kept: HashMap<TileId, Vec<Digest>>,
}

impl<F> TileTree<F> {
    /// Reads tiles with `read`.
    pub fn new(read: F) -> Self {
        Self { read, kept: HashMap::new() }
    }
}

impl<F, E> Subtrees for TileTree<F>
where
    F: FnMut(TileId) -> Result<Vec<Digest>, E>,
    E: From<tree::ProofError>,
{
    type Error = E;

    fn subtree(&mut self, level: u32, index: u64) -> Result<Digest, E> {
        let missing = || E::from(tree::ProofError::Range);
        let above = level % TILE_HEIGHT;
        let first = index.checked_shl(above).ok_or_else(missing)?;
        let tile_level = u8::try_from(level / TILE_HEIGHT).map_err(|_| missing())?;
        let tile = TileId { level: tile_level, index: first / TILE_WIDTH };
        let hashes = match self.kept.entry(tile) {
            std::collections::hash_map::Entry::Occupied(kept) => kept.into_mut(),
            std::collections::hash_map::Entry::Vacant(free) => free.insert((self.read)(tile)?),
        };
        let start = usize::try_from(first % TILE_WIDTH).map_err(|_| missing())?;
        hashes.get(start..start + (1 << above)).map(tree::root).ok_or_else(missing)
    }
}

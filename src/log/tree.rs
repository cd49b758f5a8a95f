//! The Merkle tree of RFC 6962 section 2.1: hashes, the frontier that appends, inclusion and consistency proofs.
//!
//! leaf = SHA-256(0x00 ‖ entry), node = SHA-256(0x01 ‖ left ‖ right), split at the largest power of two below n, empty
//! tree = SHA-256(""). Proofs read the tree through a function from (level, index) to the hash of a whole subtree of
//! 2^level leaves, so that it may lie in memory, tiles or tables.

use crate::core::ids::Digest;
use crate::log::text::sha256;

/// Why a proof does not hold or can't be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The index lies outside the tree, or the old size above the new.
    #[error("index or size outside the tree")]
    Range,
    /// The proof has too few or too many hashes.
    #[error("proof of the wrong length")]
    Length,
    /// The hashes lead to another root.
    #[error("the proof leads to another root")]
    Root,
}

/// SHA-256(0x00 ‖ entry).
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Digest {
    sha256(&[&[0x00], entry])
}

/// SHA-256(0x01 ‖ left ‖ right).
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    sha256(&[&[0x01], &left.0, &right.0])
}

/// Root of the tree without leaves: SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Digest {
    sha256(&[])
}

/// Root over leaf hashes held in memory.
#[must_use]
pub fn root(leaves: &[Digest]) -> Digest {
    let mut frontier = Frontier::default();
    for leaf in leaves {
        frontier.append(*leaf);
    }
    frontier.root()
}

/// What is needed to append to a tree and to know its root: the roots of its whole subtrees, largest first, one per set
/// bit of the size. Appending and the root cost O(log n).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Digest>,
}

impl Frontier {
    /// From a size and the subtree roots that [`peaks`](Self::peaks) gave; `None` if their number doesn't fit.
    #[must_use]
    pub fn from_parts(size: u64, peaks: Vec<Digest>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// The subtree roots one after the other, as a table keeps them.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks.iter().flat_map(|peak| peak.0).collect()
    }

    /// From a size and the bytes that [`to_bytes`](Self::to_bytes) gave; `None` if their length doesn't fit.
    #[must_use]
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (peaks, rest) = bytes.as_chunks::<32>();
        let peaks = peaks.iter().map(|peak| Digest(*peak)).collect();
        Self::from_parts(size, peaks).filter(|_| rest.is_empty())
    }

    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Roots of the whole subtrees, largest first.
    #[must_use]
    pub fn peaks(&self) -> &[Digest] {
        &self.peaks
    }

    /// Adds a leaf hash.
    pub fn append(&mut self, leaf: Digest) {
        // A carry per trailing one bit of the old size, as in binary addition; there is one peak per set bit.
        let kept = self.peaks.len() - self.size.trailing_ones() as usize;
        let node = self.peaks.drain(kept..).rev().fold(leaf, |node, left| node_hash(&left, &node));
        self.peaks.push(node);
        self.size += 1;
    }

    /// Root of the tree so far.
    #[must_use]
    pub fn root(&self) -> Digest {
        let folded = self.peaks.iter().rev().copied().reduce(|right, left| node_hash(&left, &right));
        folded.unwrap_or_else(empty_root)
    }
}

/// Reads whole subtrees: level and index to the root over leaves `index << level .. (index + 1) << level`.
/// The errors of where the tree is kept pass through.
pub trait Subtrees {
    /// Why reading failed.
    type Error;

    /// Root of one whole subtree.
    ///
    /// # Errors
    /// What reading it met.
    fn subtree(&mut self, level: u32, index: u64) -> Result<Digest, Self::Error>;
}

/// Leaf hashes in memory.
impl Subtrees for &[Digest] {
    type Error = ProofError;

    fn subtree(&mut self, level: u32, index: u64) -> Result<Digest, ProofError> {
        let range = || {
            let start = usize::try_from(index.checked_shl(level)?).ok()?;
            self.get(start..start.checked_add(1_usize.checked_shl(level)?)?)
        };
        range().map(root).ok_or(ProofError::Range)
    }
}

/// The root of a tree of `size` leaves.
///
/// # Errors
/// What reading met.
pub fn read_root<S: Subtrees>(tree: &mut S, size: u64) -> Result<Digest, S::Error> {
    Ok(read_frontier(tree, size)?.root())
}

/// The frontier of a tree of `size` leaves.
///
/// # Errors
/// What reading met.
pub fn read_frontier<S: Subtrees>(tree: &mut S, size: u64) -> Result<Frontier, S::Error> {
    let mut peaks = Vec::with_capacity(size.count_ones() as usize);
    for (level, index) in cover(0, size) {
        peaks.push(tree.subtree(level, index)?);
    }
    Ok(Frontier { size, peaks })
}

/// The whole subtrees, largest first, that make up `start..end`. `start` must be a multiple of the largest of them.
fn cover(start: u64, end: u64) -> Vec<(u32, u64)> {
    let mut parts = Vec::new();
    let mut at = start;
    while at < end {
        let level = (end - at).ilog2();
        parts.push((level, at >> level));
        at += 1 << level;
    }
    parts
}

/// Root over the leaves `start..end`, where the range is one that RFC 6962 splits off.
fn range_root<S: Subtrees>(tree: &mut S, start: u64, end: u64) -> Result<Digest, S::Error> {
    let mut hashes = Vec::new();
    for (level, index) in cover(start, end) {
        hashes.push(tree.subtree(level, index)?);
    }
    Ok(hashes.into_iter().rev().reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(empty_root))
}

/// The largest power of two below `n`, for n ≥ 2.
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// The audit path of leaf `index` in the tree of `size` leaves, from the leaf's sibling up (RFC 6962 section 2.1.1).
///
/// # Errors
/// `Range` (turned into the tree's error) if the leaf isn't in the tree, or what reading met.
pub fn prove_inclusion<S>(tree: &mut S, index: u64, size: u64) -> Result<Vec<Digest>, S::Error>
where
    S: Subtrees,
    S::Error: From<ProofError>,
{
    if index >= size {
        return Err(ProofError::Range.into());
    }
    let (mut start, mut end) = (0, size);
    let mut path = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            path.push(range_root(tree, middle, end)?);
            end = middle;
        } else {
            path.push(range_root(tree, start, middle)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// Checks an audit path: that `leaf` is number `index` in the tree of `size` leaves with this root
/// (RFC 9162 section 2.1.3.2).
///
/// # Errors
/// Why it doesn't hold.
pub fn check_inclusion(leaf: &Digest, index: u64, size: u64, path: &[Digest], root: &Digest) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Range);
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in path {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // At the right edge, levels at which the last node has no sibling are skipped.
            let skip = if node & 1 == 1 { 0 } else { node.trailing_zeros() };
            (node, last) = (node >> skip, last >> skip);
        } else {
            hash = node_hash(&hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if hash == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// The proof that the tree of `old` leaves is a prefix of that of `new` leaves (RFC 6962 section 2.1.2).
/// Empty if the sizes are equal or `old` is 0.
///
/// # Errors
/// `Range` (turned into the tree's error) if `old` is above `new`, or what reading met.
pub fn prove_consistency<S>(tree: &mut S, old: u64, new: u64) -> Result<Vec<Digest>, S::Error>
where
    S: Subtrees,
    S::Error: From<ProofError>,
{
    if old > new {
        return Err(ProofError::Range.into());
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let (mut start, mut end) = (0, new);
    let mut path = Vec::new();
    while end != old {
        let middle = start + split(end - start);
        if old <= middle {
            path.push(range_root(tree, middle, end)?);
            end = middle;
        } else {
            path.push(range_root(tree, start, middle)?);
            start = middle;
        }
    }
    // The old tree's own part is left out where it is a subtree from leaf 0: the reader has it as the old root.
    if start != 0 {
        path.push(range_root(tree, start, end)?);
    }
    path.reverse();
    Ok(path)
}

/// Checks a consistency proof between two roots (RFC 9162 section 2.1.4.2).
///
/// # Errors
/// Why it doesn't hold.
pub fn check_consistency(
    old: u64,
    old_root: &Digest,
    new: u64,
    new_root: &Digest,
    path: &[Digest],
) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::Range);
    }
    if old == new || old == 0 {
        let expected = if old == 0 { empty_root() } else { *new_root };
        return match (path.is_empty(), *old_root == expected) {
            (false, _) => Err(ProofError::Length),
            (true, false) => Err(ProofError::Root),
            (true, true) => Ok(()),
        };
    }
    // Where the old tree is one whole subtree, the proof begins with its root, which the reader has.
    let (old_hash, new_hash) = if old.is_power_of_two() {
        prefix_roots(old, new, old_root, path)?
    } else {
        let (first, rest) = path.split_first().ok_or(ProofError::Length)?;
        prefix_roots(old, new, first, rest)?
    };
    if old_hash == *old_root && new_hash == *new_root { Ok(()) } else { Err(ProofError::Root) }
}

/// The hashes from which both roots of a tree of `new` leaves and of its first `old` leaves follow: the consistency proof,
/// and before it the old root where [`prove_consistency`] leaves that to the reader. Empty if the sizes
/// are equal or `old` is 0.
///
/// # Errors
/// `Range` (turned into the tree's error) if `old` is above `new`, or what reading met.
pub fn prove_prefix<S>(tree: &mut S, old: u64, new: u64) -> Result<Vec<Digest>, S::Error>
where
    S: Subtrees,
    S::Error: From<ProofError>,
{
    let mut path = prove_consistency(tree, old, new)?;
    if old.is_power_of_two() && old < new {
        path.insert(0, range_root(tree, 0, old)?);
    }
    Ok(path)
}

/// The roots over the first `old` and over all `new` leaves that hashes made like those of [`prove_prefix`] lead to, for
/// 0 < `old` < `new`: `first` is the root of the last whole subtree of the old tree, the others go up from there. Whoever
/// signed the new root signed the old one with it: no other hashes lead to the same new root.
///
/// # Errors
/// `Length` if there are too few or too many hashes, `Range` for other sizes.
pub fn prefix_roots(old: u64, new: u64, first: &Digest, path: &[Digest]) -> Result<(Digest, Digest), ProofError> {
    if old == 0 || old >= new {
        return Err(ProofError::Range);
    }
    let skip = (old - 1).trailing_ones();
    let (mut node, mut last) = ((old - 1) >> skip, (new - 1) >> skip);
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in path {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            let skip = if node & 1 == 1 { 0 } else { node.trailing_zeros() };
            (node, last) = (node >> skip, last >> skip);
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last == 0 { Ok((old_hash, new_hash)) } else { Err(ProofError::Length) }
}

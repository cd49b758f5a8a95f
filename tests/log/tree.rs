//! The tree: published roots, and the `tlog_tiles` crate as a second opinion on every proof.

use proptest::prelude::*;
use sunvote::core::ids::Digest;
use sunvote::log::tree::{self, Frontier, ProofError};
use tlog_tiles::tlog::{self, Hash, HashReader};

/// Leaves of the tree vector of PROTOCOL section 7; they come from the certificate-transparency test data.
const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

fn leaves(count: usize) -> Vec<Digest> {
    (0..count as u64).map(|i| tree::leaf_hash(&i.to_be_bytes())).collect()
}

#[test]
fn the_published_roots_hold() {
    let hashes: Vec<_> = LEAVES.iter().map(|leaf| tree::leaf_hash(&hex::decode(leaf).unwrap())).collect();
    let root = |n: usize| tree::root(&hashes[..n]).to_string();
    assert_eq!(root(0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(root(1), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    assert_eq!(root(8), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

#[test]
fn a_frontier_is_rebuilt_from_its_parts_or_from_the_tree() {
    let leaves = leaves(300);
    let mut frontier = Frontier::default();
    for (n, leaf) in leaves.iter().enumerate() {
        assert_eq!(tree::read_frontier(&mut leaves.as_slice(), n as u64).unwrap(), frontier);
        assert_eq!(Frontier::from_parts(n as u64, frontier.peaks().to_vec()).as_ref(), Some(&frontier));
        assert_eq!(Frontier::from_bytes(n as u64, &frontier.to_bytes()).as_ref(), Some(&frontier));
        frontier.append(*leaf);
    }
    assert_eq!(Frontier::from_bytes(1, &[0; 33]), None);
    assert_eq!(Frontier::from_parts(3, vec![leaves[0]]), None);
}

#[test]
fn proofs_outside_the_tree_are_refused() {
    let leaves = leaves(5);
    let mut all = leaves.as_slice();
    assert_eq!(tree::prove_inclusion(&mut all, 5, 5), Err(ProofError::Range));
    assert_eq!(tree::prove_inclusion(&mut all, 0, 6), Err(ProofError::Range));
    assert_eq!(tree::prove_consistency(&mut all, 6, 5), Err(ProofError::Range));
    let root = tree::root(&leaves);
    assert_eq!(tree::check_inclusion(&leaves[0], 5, 5, &[], &root), Err(ProofError::Range));
    assert_eq!(tree::check_inclusion(&leaves[0], 0, 0, &[], &root), Err(ProofError::Range));
    assert_eq!(tree::check_consistency(6, &root, 5, &root, &[]), Err(ProofError::Range));
    assert_eq!(tree::check_consistency(5, &root, 5, &leaves[0], &[]), Err(ProofError::Root));
    assert_eq!(tree::check_consistency(0, &root, 5, &root, &[]), Err(ProofError::Root));
}

/// Hashes in the order of `tlog_tiles`, for its own provers.
struct Stored(Vec<Hash>);

impl Stored {
    fn of(count: usize) -> Self {
        let mut stored = Self(Vec::new());
        for i in 0..count as u64 {
            let more = tlog::stored_hashes(i, &i.to_be_bytes(), &stored).unwrap();
            stored.0.extend(more);
        }
        stored
    }
}

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog::Error> {
        Ok(indexes.iter().map(|&i| self.0[usize::try_from(i).unwrap()]).collect())
    }
}

fn theirs(path: &[Digest]) -> Vec<Hash> {
    path.iter().map(|digest| Hash(digest.0)).collect()
}

proptest! {
    #[test]
    fn roots_and_proofs_agree_with_tlog_tiles(size in 1_usize..600, a: usize, b: usize) {
        let (index, old) = (a % size, 1 + b % size);
        let leaves = leaves(size);
        let stored = Stored::of(size);
        let root = tree::root(&leaves);
        prop_assert_eq!(Hash(root.0), tlog::tree_hash(size as u64, &stored).unwrap());

        let path = tree::prove_inclusion(&mut leaves.as_slice(), index as u64, size as u64).unwrap();
        prop_assert_eq!(theirs(&path), tlog::prove_record(size as u64, index as u64, &stored).unwrap());
        prop_assert_eq!(tree::check_inclusion(&leaves[index], index as u64, size as u64, &path, &root), Ok(()));

        let old_root = tree::root(&leaves[..old]);
        let path = tree::prove_consistency(&mut leaves.as_slice(), old as u64, size as u64).unwrap();
        prop_assert_eq!(theirs(&path), tlog::prove_tree(size as u64, old as u64, &stored).unwrap());
        prop_assert_eq!(tree::check_consistency(old as u64, &old_root, size as u64, &root, &path), Ok(()));
    }

    /// A proof for anything but its own leaf, place, size and root fails, as does one that was changed.
    #[test]
    fn a_twisted_proof_fails(size in 2_usize..300, a: usize, b: usize, twist in 0..7) {
        let (index, old) = (a % size, 1 + b % (size - 1));
        let leaves = leaves(size);
        let (root, old_root) = (tree::root(&leaves), tree::root(&leaves[..old]));
        let mut inclusion = tree::prove_inclusion(&mut leaves.as_slice(), index as u64, size as u64).unwrap();
        let mut consistency = tree::prove_consistency(&mut leaves.as_slice(), old as u64, size as u64).unwrap();
        let (mut leaf, mut place, mut shown_root, mut shown_old) = (leaves[index], index, root, old_root);
        match twist {
            0 => { leaf.0[0] ^= 1; shown_old.0[0] ^= 1; }
            1 => { place = (index + 1) % size; shown_old = tree::root(&leaves[..old - 1]); }
            2 => { shown_root.0[31] ^= 0x80; }
            3 => { inclusion.pop(); consistency.pop(); }
            4 => { inclusion.push(leaf); consistency.push(leaf); }
            5 => { inclusion[0].0[5] ^= 4; consistency[0].0[5] ^= 4; }
            _ => { inclusion.insert(0, leaf); consistency.insert(0, leaf); }
        }
        prop_assert!(tree::check_inclusion(&leaf, place as u64, size as u64, &inclusion, &shown_root).is_err());
        prop_assert!(tree::check_consistency(old as u64, &shown_old, size as u64, &shown_root, &consistency).is_err());
    }

    #[test]
    fn any_proof_is_judged_without_panic(index: u64, old: u64, size: u64, length in 0_usize..70) {
        let path = vec![Digest([7; 32]); length];
        let root = Digest([9; 32]);
        prop_assert!(tree::check_inclusion(&root, index, size, &path, &root).is_err() || size == 1);
        let _ = tree::check_consistency(old, &root, size, &root, &path);
    }
}

//! Tiles: the numbers of c2sp.org/tlog-tiles, and `tlog_tiles` as a second opinion on paths and hashes.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use sunvote::core::ids::Digest;
use sunvote::log::tile::{self, TileId, TilePath, TileTree};
use sunvote::log::tree::{self, Frontier, ProofError};
use tlog_tiles::tile::Tile;

fn leaves(count: usize) -> Vec<Digest> {
    (0..count as u64).map(|i| tree::leaf_hash(&i.to_be_bytes())).collect()
}

#[test]
fn a_tree_of_70000_has_the_tiles_the_specification_names() {
    let kept = tile::grow(0, &leaves(70_000), &BTreeMap::new()).unwrap();
    let widths = |level| kept.iter().filter(move |(tile, _)| tile.level == level).map(|(_, hashes)| hashes.len());
    assert!(widths(0).eq([256; 273]));
    assert!(widths(1).eq([256, 17]));
    assert!(widths(2).eq([1]));
    assert_eq!(widths(3).count(), 0);
    let partial = tile::partial_tiles(70_000);
    let named = [(0, 273, 112), (1, 1, 17), (2, 0, 1)];
    assert_eq!(partial, named.map(|(level, index, width)| (TileId { level, index }, width)));
    assert_eq!(tile::partial_tiles(256), [(TileId { level: 1, index: 0 }, 1)]);
    assert!(tile::partial_tiles(0).is_empty());
    assert_eq!(TileId { level: 0, index: 273 }.width(70_000), 112);
    assert_eq!(TileId { level: 0, index: 272 }.width(70_000), 256);
    assert_eq!(TileId { level: 0, index: 274 }.width(70_000), 0);
    assert_eq!(TileId { level: 9, index: 0 }.width(u64::MAX), 0);
}

#[test]
fn paths_have_one_spelling() {
    let path = |index, width| TilePath { index, width };
    for (text, parsed) in [
        ("000", path(0, 256)),
        ("x001/x234/067", path(1_234_067, 256)),
        ("x001/x234/067.p/8", path(1_234_067, 8)),
        ("999.p/255", path(999, 255)),
    ] {
        assert_eq!(TilePath::parse(text), Some(parsed));
        assert_eq!(parsed.to_string(), text);
    }
    for bad in [
        "",
        "0",
        "00",
        "0000",
        "x000/001",
        "001/002",
        "x001",
        "x001/",
        "/001",
        "x01/002",
        "x001/0x2",
        "000.p/0",
        "000.p/256",
        "000.p/01",
        "000.p/",
        "000.p/8.p/8",
        "000.p",
        "+01",
        "x001/x234/067 ",
        "x999/x999/x999/x999/x999/x999/999",
    ] {
        assert_eq!(TilePath::parse(bad), None, "{bad}");
    }
    assert_eq!(TileId { level: 1, index: 1_234_067 }.path(8), "tile/1/x001/x234/067.p/8");
}

#[test]
fn bundles_survive_and_cut_ones_are_refused() {
    let entries: [&[u8]; 3] = [b"one", b"", b"three"];
    let bytes = tile::bundle_bytes(entries).unwrap();
    assert_eq!(bytes, b"\0\x03one\0\0\0\x05three");
    assert_eq!(tile::bundle_entries(&bytes).unwrap(), entries);
    assert_eq!(tile::bundle_entries(&bytes[..bytes.len() - 1]), None);
    assert_eq!(tile::bundle_entries(b"\0"), None);
    assert_eq!(tile::bundle_bytes([vec![0; 65_536].as_slice()]), None);
}

/// Keeps tiles as the tree grows, the way a store does: leaf hashes that fill no tile stand by themselves.
struct Store {
    leaves: Vec<Digest>,
    kept: BTreeMap<TileId, Vec<Digest>>,
}

impl Store {
    fn grow(sizes: &[usize]) -> Self {
        let mut store = Self { leaves: Vec::new(), kept: BTreeMap::new() };
        let all = leaves(*sizes.iter().max().unwrap_or(&0));
        for &size in sizes {
            let old = store.leaves.len() as u64;
            let new = &all[store.leaves.len()..size.max(store.leaves.len())];
            let edges = tile::edge_tiles(old, old + new.len() as u64);
            let edges = edges.into_iter().map(|id| (id, store.hashes(id))).collect();
            for (id, hashes) in tile::grow(old, new, &edges).unwrap() {
                assert_eq!(tile::tile_hashes(&tile::tile_bytes(&hashes)).unwrap(), hashes);
                store.kept.insert(id, hashes);
            }
            store.leaves.extend_from_slice(new);
        }
        store
    }

    fn hashes(&self, id: TileId) -> Vec<Digest> {
        if let Some(kept) = self.kept.get(&id) {
            return kept.clone();
        }
        assert_eq!(id.level, 0, "{id:?} is missing");
        self.leaves[usize::try_from(id.index * 256).unwrap()..].to_vec()
    }
}

/// Mostly a few tiles; now and then enough for the third level.
fn tree_size() -> impl Strategy<Value = usize> {
    prop_oneof![15 => 1_usize..2_000, 1 => 65_500_usize..65_600]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn proofs_from_tiles_are_those_from_leaves(a in tree_size(), b in tree_size(), pick: usize) {
        let (old, size) = (a.min(b), a.max(b));
        let store = Store::grow(&[old, size]);
        let all = &store.leaves;
        let mut tiles = TileTree::new(|id| Ok::<_, ProofError>(store.hashes(id)));
        let (index, old, size) = ((pick % size) as u64, old as u64, size as u64);
        let mut memory = all.as_slice();
        prop_assert_eq!(tree::read_root(&mut tiles, size).unwrap(), tree::root(all));
        prop_assert_eq!(tree::prove_inclusion(&mut tiles, index, size), tree::prove_inclusion(&mut memory, index, size));
        let named: BTreeSet<TileId> = tile::path_tiles(index, size).unwrap().into_iter().collect();
        let mut few = TileTree::new(|id| if named.contains(&id) { Ok(store.hashes(id)) } else { Err(ProofError::Range) });
        prop_assert_eq!(tree::prove_inclusion(&mut few, index, size), tree::prove_inclusion(&mut memory, index, size));
        prop_assert!(named.len() <= 2 * 3, "two for each level of tiles");
        prop_assert_eq!(tree::prove_consistency(&mut tiles, old, size), tree::prove_consistency(&mut memory, old, size));
        let mut frontier = Frontier::default();
        for leaf in all {
            frontier.append(*leaf);
        }
        prop_assert_eq!(tree::read_frontier(&mut tiles, size).unwrap(), frontier);
    }

    #[test]
    fn paths_agree_with_tlog_tiles(level in 0_u8..63, index in 0_u64..1 << 50, width in 1_u32..=256) {
        let path = TileId { level, index }.path(u64::from(width));
        let theirs = Tile::new(8, level, index, width, false).path();
        // Theirs names the tile height, as Go's checksum database does.
        prop_assert_eq!(&path, &theirs.replacen("tile/8/", "tile/", 1));
        let own = path.splitn(3, '/').nth(2).unwrap();
        prop_assert_eq!(TilePath::parse(own), Some(TilePath { index, width: u64::from(width) }));
    }

    #[test]
    fn any_path_is_judged_without_panic(path in "[x0-9/.p]{0,30}", bytes: Vec<u8>) {
        if let Some(parsed) = TilePath::parse(&path) {
            prop_assert_eq!(parsed.to_string(), path);
        }
        let _ = tile::bundle_entries(&bytes);
    }
}

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use proptest::prelude::*;

use super::*;
use crate::merkle::{
    Frontier, Nodes, consistency_proof, inclusion_proof, leaf_hash, root, verify_consistency,
    verify_inclusion,
};

/// A store in memory, shared between the test and the tree.
#[derive(Debug, Default, Clone)]
struct Store {
    tiles: Rc<RefCell<BTreeMap<(u8, u64), Tile>>>,
    reads: Rc<Cell<usize>>,
}

impl TileStore for Store {
    type Error = std::convert::Infallible;

    fn tile(&self, level: u8, index: u64) -> Result<Option<Tile>, Self::Error> {
        self.reads.set(self.reads.get() + 1);
        Ok(self.tiles.borrow().get(&(level, index)).cloned())
    }
}

fn leaf(index: u64) -> Digest {
    leaf_hash(format!("invented entry {index}").as_bytes())
}

fn empty() -> TileTree<Store> {
    TileTree::open(Store::default(), 0, &[]).unwrap()
}

/// A tree whose full tiles are stored as they complete.
fn grown(size: u64) -> TileTree<Store> {
    let mut tree = empty();
    grow(&mut tree, size);
    tree
}

fn grow(tree: &mut TileTree<Store>, size: u64) {
    for index in tree.size()..size {
        for completed in tree.append(leaf(index)) {
            let place = (completed.level, completed.index);
            tree.store().tiles.borrow_mut().insert(place, completed.tile.clone());
            tree.stored(&completed);
        }
    }
}

fn tail(size: u64) -> Vec<Digest> {
    (size - size % 256..size).map(leaf).collect()
}

/// Roots of all sizes up to this one.
fn roots(size: u64) -> Vec<Digest> {
    let mut frontier = Frontier::new();
    let mut roots = vec![frontier.root()];
    for index in 0..size {
        frontier.append(leaf(index));
        roots.push(frontier.root());
    }
    roots
}

#[test]
fn a_tile_is_256_hashes() {
    let tile = Tile::new(vec![Digest([7; 32]); 256]).unwrap();
    assert_eq!(tile.to_bytes().len(), TILE_LEN);
    assert_eq!(Tile::from_bytes(&tile.to_bytes()), Some(tile.clone()));
    assert_eq!(Tile::from_bytes(&tile.to_bytes()[32..]), None);
    assert_eq!(Tile::new(vec![Digest::ZERO; 255]), None);
    assert_eq!(tile.hashes().len(), 256);
}

/// The example in the specification, section Partial Tiles.
#[test]
fn geometry_is_tlog_tiles() {
    let tree = grown(70_000);
    let full = |level| tree.store().tiles.borrow().keys().filter(|key| key.0 == level).count();
    assert_eq!((full(0), full(1), full(2)), (273, 1, 0));
    let partial = |tree: &TileTree<_>, level| tree.partial(level).len();
    let widths: Vec<_> = (0..=u8::MAX).map(|level| partial(&tree, level)).collect();
    assert_eq!((widths[0], widths[1], widths[2]), (112, 17, 1));
    assert!(widths[3..].iter().all(|width| *width == 0));
    let tree = grown(256);
    assert_eq!((partial(&tree, 0), partial(&tree, 1), partial(&tree, 2)), (0, 1, 0));
    // A tile's hash is the root of the full tile below it.
    let tree = grown(512);
    assert_eq!(tree.partial(1)[0], roots(256)[256]);
}

#[test]
fn tiles_complete_once_each_and_in_order() {
    let mut tree = empty();
    let mut seen = Vec::new();
    for index in 0..65_536 {
        for completed in tree.append(leaf(index)) {
            seen.push((completed.level, completed.index));
        }
    }
    let mut expected: Vec<_> = (0..256).map(|index| (0, index)).collect();
    expected.push((1, 0));
    assert_eq!(seen, expected);
}

#[test]
fn every_proof_verifies_against_every_size() {
    let tree = grown(300);
    let roots = roots(300);
    for size in 1..=300_u64 {
        let end = &roots[size as usize];
        assert_eq!(root(&tree, size).unwrap(), *end);
        for index in 0..size {
            let proof = inclusion_proof(&tree, index, size).unwrap();
            verify_inclusion(&leaf(index), index, size, &proof, end).unwrap();
            let proof = consistency_proof(&tree, index, size).unwrap();
            verify_consistency(index, size, &proof, &roots[index as usize], end).unwrap();
        }
    }
}

#[test]
fn proofs_verify_around_the_second_tile_level() {
    let tree = grown(66_000);
    let roots = roots(66_000);
    let sizes = [1, 255, 256, 257, 40_000, 65_279, 65_280, 65_535, 65_536, 65_537, 65_793, 66_000];
    for size in sizes {
        let end = &roots[size as usize];
        assert_eq!(root(&tree, size).unwrap(), *end);
        for index in sizes.into_iter().map(|at| at - 1).filter(|index| *index < size) {
            let proof = inclusion_proof(&tree, index, size).unwrap();
            verify_inclusion(&leaf(index), index, size, &proof, end).unwrap();
            let from = index + 1;
            let proof = consistency_proof(&tree, from, size).unwrap();
            verify_consistency(from, size, &proof, &roots[from as usize], end).unwrap();
        }
    }
}

#[test]
fn opened_again_it_is_the_same_tree() {
    for size in [0, 1, 255, 256, 257, 1_000, 65_535, 65_536, 66_000] {
        let tree = grown(size);
        let store = tree.store().clone();
        let mut again = TileTree::open(store, size, &tail(size)).unwrap();
        for level in 0..8 {
            assert_eq!(again.partial(level), tree.partial(level), "{size}");
        }
        assert_eq!(root(&again, size).unwrap(), root(&tree, size).unwrap());
        grow(&mut again, size + 300);
        assert_eq!(root(&again, size + 300).unwrap(), roots(size + 300)[size as usize + 300]);
    }
}

#[test]
fn what_is_missing_is_named() {
    let store = grown(1_000).store().clone();
    let wrong = TileTree::open(store.clone(), 1_000, &[]).unwrap_err();
    assert_eq!(wrong, TreeError::TailLength { expected: 232, found: 0 });
    let tree = TileTree::open(store.clone(), 1_000, &tail(1_000)).unwrap();
    store.tiles.borrow_mut().remove(&(0, 2));
    let missing = TreeError::Missing { level: 0, index: 2 };
    assert_eq!(TileTree::open(store, 1_000, &tail(1_000)).unwrap_err(), missing);
    assert_eq!(tree.node(3, 70), Err(missing));
    for (level, index) in [(0, 1_000), (0, 1_029), (1, 500), (9, 1), (10, 0), (64, 0), (255, 0)] {
        let beyond = TreeError::Beyond { level, index, size: 1_000 };
        assert_eq!(tree.node(level, index), Err(beyond));
    }
}

#[test]
fn full_tiles_are_kept_until_they_are_stored() {
    let mut tree = empty();
    let mut completed = Vec::new();
    let size = 200 * 256 + 5;
    for index in 0..size {
        completed.extend(tree.append(leaf(index)));
    }
    let end = roots(size)[size as usize];
    let proves_all = |tree: &TileTree<Store>| {
        for index in (0..size).step_by(250) {
            let proof = inclusion_proof(tree, index, size).unwrap();
            verify_inclusion(&leaf(index), index, size, &proof, &end).unwrap();
        }
    };
    proves_all(&tree);
    assert_eq!(tree.store().reads.get(), 0);
    for done in completed {
        let place = (done.level, done.index);
        tree.store().tiles.borrow_mut().insert(place, done.tile.clone());
        tree.stored(&done);
    }
    inclusion_proof(&tree, 199 * 256, size).unwrap();
    assert_eq!(tree.store().reads.get(), 0, "the last ones stay at hand");
    proves_all(&tree);
    assert_eq!(tree.store().reads.get(), 200, "64 are at hand, and pushed out from the first on");
}

#[test]
fn a_tree_can_be_read_by_many_at_once() {
    fn shared<T: Send + Sync>() {}
    struct Nowhere;
    impl TileStore for Nowhere {
        type Error = std::convert::Infallible;
        fn tile(&self, _: u8, _: u64) -> Result<Option<Tile>, Self::Error> {
            Ok(None)
        }
    }
    shared::<TileTree<Nowhere>>();
}

#[test]
fn a_proof_reads_few_tiles_and_the_second_time_none() {
    let size = 70_000;
    let store = grown(size).store().clone();
    let tree = TileTree::open(store.clone(), size, &tail(size)).unwrap();
    let reads_of = |index| {
        let before = store.reads.get();
        inclusion_proof(&tree, index, size).unwrap();
        store.reads.get() - before
    };
    assert_eq!(reads_of(5), 2, "its leaf tile and the one above");
    assert_eq!(reads_of(6), 0);
    assert_eq!(reads_of(300), 1);
    assert_eq!(reads_of(size - 1), 0, "the right edge is in memory");
    for index in (0..100).map(|tile| tile * 256) {
        reads_of(index);
    }
    assert_eq!(reads_of(5), 1, "no more than 64 tiles are kept");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn proofs_of_random_trees_verify(
        (end, size) in (1_u64..2_000).prop_flat_map(|end| (Just(end), 1..=end)),
        stored: bool,
    ) {
        let mut tree = empty();
        if stored {
            grow(&mut tree, end);
        } else {
            (0..end).for_each(|index| { tree.append(leaf(index)); });
        }
        let roots = roots(size);
        let end = &roots[size as usize];
        for index in 0..size {
            let proof = inclusion_proof(&tree, index, size).unwrap();
            prop_assert_eq!(verify_inclusion(&leaf(index), index, size, &proof, end), Ok(()));
            let proof = consistency_proof(&tree, index, size).unwrap();
            let from = &roots[index as usize];
            prop_assert_eq!(verify_consistency(index, size, &proof, from, end), Ok(()));
        }
    }
}

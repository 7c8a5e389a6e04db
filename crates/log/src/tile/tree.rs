//! A growing tree: full tiles in a store, the right edge in memory.

use std::collections::BTreeMap;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use letopis_types::Digest;

use super::rows::{Cache, Place, Rows};
use super::{TILE_HEIGHT, TILE_WIDTH, Tile, TileStore};
use crate::merkle::Nodes;

/// Tile levels that a tree of less than 2^64 leaves can have.
const TILE_LEVELS: usize = 64 / TILE_HEIGHT as usize;

/// A tree that grows by leaf hashes and answers its [`Nodes`], so that proofs can be computed
/// against any size up to the present one.
///
/// The partial tiles of the right edge are kept with every complete subtree within them, so that a
/// proof for a new leaf hashes next to nothing. A full tile is kept until it is said to be
/// [`stored`](Self::stored), then for as long as it is among the 64 used last (1 MiB).
///
/// INVARIANT: every complete subtree of the tree is in the edge, in a full tile that is not yet
/// stored, or in one that the store was said to have.
#[derive(Debug)]
pub struct TileTree<S> {
    store: S,
    size: u64,
    /// By tile level.
    edge: [Rows; TILE_LEVELS],
    unstored: BTreeMap<Place, Arc<Rows>>,
    /// Locked for the look-up only, never while the store is read or anything is hashed.
    cache: Mutex<Cache>,
}

/// A tile that the last leaf made full. It never changes again; whoever appends puts it into the
/// store and then says [`TileTree::stored`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completed {
    /// Its tile level; 0 holds leaf hashes.
    pub level: u8,
    /// Its index in that level.
    pub index: u64,
    /// What is to be stored.
    pub tile: Tile,
}

/// Why a tree can't be opened, or a node not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TreeError<E> {
    /// A tree of this size is opened with the hashes of its last `size mod 256` leaves.
    #[error("opening the tree takes its last {expected} leaf hashes, and {found} were given")]
    TailLength {
        /// How many are needed.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// The subtree is not complete at the tree's size.
    #[error("subtree {index} of level {level} is not complete in a tree of {size} leaves")]
    Beyond {
        /// The subtree's level.
        level: u8,
        /// Its index.
        index: u64,
        /// The tree's size.
        size: u64,
    },
    /// The store does not have a tile that it should; the tiles have to be made again.
    #[error("the tile at level {level}, index {index} is not in the store")]
    Missing {
        /// The tile's level.
        level: u8,
        /// Its index.
        index: u64,
    },
    /// The store could not be read.
    #[error("the store of tiles could not be read")]
    Store(#[source] E),
}

impl<S: TileStore> TileTree<S> {
    /// The tree of `size` leaves, of which the store has every full tile, and `tail` is the hashes
    /// of the last `size mod 256` leaves. Reads at most 255 tiles of each tile level.
    ///
    /// # Errors
    /// [`TreeError::TailLength`], [`TreeError::Missing`] or [`TreeError::Store`].
    pub fn open(store: S, size: u64, tail: &[Digest]) -> Result<Self, TreeError<S::Error>> {
        let expected = (size % TILE_WIDTH as u64) as usize;
        if tail.len() != expected {
            return Err(TreeError::TailLength { expected, found: tail.len() });
        }
        let mut edge: [Rows; TILE_LEVELS] = Default::default();
        let [leaves, upper @ ..] = &mut edge;
        for hash in tail {
            leaves.push(*hash);
        }
        for (below, rows) in (0..).zip(upper) {
            let end = full_tiles(size, below);
            for index in end - end % TILE_WIDTH as u64..end {
                let tile = read(&store, (below, index))?;
                let mut full = Rows::default();
                // The last hash of a full tile answers its root.
                for root in tile.hashes().iter().filter_map(|hash| full.push(*hash)) {
                    rows.push(root);
                }
            }
        }
        Ok(Self { store, size, edge, unstored: BTreeMap::new(), cache: Mutex::default() })
    }

    /// Appends a leaf, given by its hash, and answers the tiles that it made full: none for most,
    /// one for each 256th, two for each 65,536th, and so on.
    pub fn append(&mut self, leaf_hash: Digest) -> Vec<Completed> {
        let mut completed = Vec::new();
        let mut hash = leaf_hash;
        for (level, rows) in (0..).zip(&mut self.edge) {
            let Some(root) = rows.push(hash) else { break };
            let index = full_tiles(self.size, level);
            let full = Arc::new(mem::take(rows));
            completed.push(Completed { level, index, tile: Tile(full.hashes().to_vec()) });
            self.unstored.insert((level, index), full);
            hash = root;
        }
        self.size += 1;
        completed
    }

    /// Says that the store has this tile now, so that it need not be kept here.
    pub fn stored(&mut self, completed: &Completed) {
        let place = (completed.level, completed.index);
        if let Some(rows) = self.unstored.remove(&place) {
            self.cache.get_mut().unwrap_or_else(PoisonError::into_inner).put(place, rows);
        }
    }

    /// How many leaves it has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The partial tile at this tile level: at most 255 hashes, none where the level ends with a
    /// full tile.
    #[must_use]
    pub fn partial(&self, level: u8) -> &[Digest] {
        self.edge.get(usize::from(level)).map_or(&[], Rows::hashes)
    }

    /// The store.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// A full tile of this tree.
    fn full(&self, place: Place) -> Result<Arc<Rows>, TreeError<S::Error>> {
        if let Some(rows) = self.unstored.get(&place) {
            return Ok(Arc::clone(rows));
        }
        let cache = || self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rows) = cache().get(place) {
            return Ok(rows);
        }
        let rows = Arc::new(Rows::of(&read(&self.store, place)?));
        cache().put(place, Arc::clone(&rows));
        Ok(rows)
    }
}

impl<S: TileStore> Nodes for TileTree<S> {
    type Error = TreeError<S::Error>;

    fn node(&self, level: u8, index: u64) -> Result<Digest, Self::Error> {
        let beyond = TreeError::Beyond { level, index, size: self.size };
        if index >= self.size.checked_shr(level.into()).unwrap_or(0) {
            return Err(beyond);
        }
        let (tile_level, height) = (level / TILE_HEIGHT, level % TILE_HEIGHT);
        let tile = index >> (TILE_HEIGHT - height);
        let within = index - (tile << (TILE_HEIGHT - height));
        let hash = if tile < full_tiles(self.size, tile_level) {
            self.full((tile_level, tile))?.get(height, within)
        } else {
            self.edge.get(usize::from(tile_level)).and_then(|rows| rows.get(height, within))
        };
        hash.ok_or(beyond)
    }
}

/// How many full tiles a tree has at a tile level; also the index of the partial one after them.
fn full_tiles(size: u64, level: u8) -> u64 {
    size.checked_shr(u32::from(TILE_HEIGHT) * (u32::from(level) + 1)).unwrap_or(0)
}

fn read<S: TileStore>(store: &S, (level, index): Place) -> Result<Tile, TreeError<S::Error>> {
    store.tile(level, index).map_err(TreeError::Store)?.ok_or(TreeError::Missing { level, index })
}

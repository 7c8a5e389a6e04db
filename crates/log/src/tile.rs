//! The tree in tiles, as C2SP `tlog-tiles` cuts it: 256 hashes wide, 8 levels high.
//!
//! The tile at tile level L and index N holds the hashes of the subtrees of 256^L leaves from
//! N · 256 on. What lies between two tile levels is not stored, but hashed again from the tile
//! below. A full tile never changes; at the right edge of each level lies a partial one, which a
//! [`TileTree`] keeps in memory.

mod rows;
mod tree;

pub use tree::{Completed, TileTree, TreeError};

use letopis_types::Digest;

/// Levels of the tree in a tile.
pub const TILE_HEIGHT: u8 = 8;

/// Hashes in a full tile.
pub const TILE_WIDTH: usize = 1 << TILE_HEIGHT;

/// Bytes of a full tile.
pub const TILE_LEN: usize = TILE_WIDTH * Digest::LEN;

/// A full tile: 256 hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile(Vec<Digest>);

impl Tile {
    /// Of these hashes, if they are 256.
    #[must_use]
    pub fn new(hashes: Vec<Digest>) -> Option<Self> {
        (hashes.len() == TILE_WIDTH).then_some(Self(hashes))
    }

    /// From its bytes, if they are 8,192.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != TILE_LEN {
            return None;
        }
        bytes.chunks(Digest::LEN).map(Digest::from_slice).collect::<Option<_>>().map(Self)
    }

    /// Its bytes: the hashes one after the other.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|hash| hash.0).collect()
    }

    /// Its hashes, 256.
    #[must_use]
    pub fn hashes(&self) -> &[Digest] {
        &self.0
    }
}

/// Where full tiles lie.
///
/// TRUST: what it answers is believed. Whoever opens a tree over it compares the tree's root with
/// one that is known to be right.
pub trait TileStore {
    /// Why it can't be read.
    type Error;

    /// The full tile at this tile level (0: of leaf hashes) and index, if it is there.
    ///
    /// # Errors
    /// The store's own.
    fn tile(&self, level: u8, index: u64) -> Result<Option<Tile>, Self::Error>;
}

#[cfg(test)]
mod tests;

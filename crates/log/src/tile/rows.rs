//! A tile with the levels above its hashes worked out, and a few of them at hand.

use std::collections::VecDeque;
use std::sync::Arc;

use letopis_types::Digest;

use super::{TILE_HEIGHT, Tile};
use crate::merkle::node_hash;

/// Where a tile stands: its tile level and its index there.
pub(super) type Place = (u8, u64);

/// A tile, full or partial, and every complete subtree within it.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Row h holds the hashes of the subtrees of 2^h of the tile's hashes.
    /// INVARIANT: as many as are complete: the length of row 0, shifted right by h.
    rows: [Vec<Digest>; TILE_HEIGHT as usize],
}

impl Rows {
    /// Appends a hash. The 256th gives the root of the tile, which is full then.
    pub(super) fn push(&mut self, hash: Digest) -> Option<Digest> {
        let mut hash = hash;
        for row in &mut self.rows {
            row.push(hash);
            hash = match row.as_slice() {
                [.., left, right] if row.len() % 2 == 0 => node_hash(left, right),
                _ => return None,
            };
        }
        Some(hash)
    }

    /// Of a full tile.
    pub(super) fn of(tile: &Tile) -> Self {
        let mut rows = Self::default();
        for hash in tile.hashes() {
            rows.push(*hash);
        }
        rows
    }

    /// The hash at this height within the tile, if that subtree is complete.
    pub(super) fn get(&self, height: u8, index: u64) -> Option<Digest> {
        let row = self.rows.get(usize::from(height))?;
        row.get(usize::try_from(index).ok()?).copied()
    }

    /// The tile's own hashes.
    pub(super) fn hashes(&self) -> &[Digest] {
        let [hashes, ..] = &self.rows;
        hashes
    }
}

/// Full tiles used of late, the last used first.
#[derive(Debug, Default)]
pub(super) struct Cache(VecDeque<(Place, Arc<Rows>)>);

/// How many tiles a tree keeps at hand; 16 KiB each.
pub(super) const CACHED_TILES: usize = 64;

impl Cache {
    pub(super) fn get(&mut self, place: Place) -> Option<Arc<Rows>> {
        let at = self.0.iter().position(|(cached, _)| *cached == place)?;
        let entry = self.0.remove(at)?;
        let rows = Arc::clone(&entry.1);
        self.0.push_front(entry);
        Some(rows)
    }

    pub(super) fn put(&mut self, place: Place, rows: Arc<Rows>) {
        self.0.push_front((place, rows));
        self.0.truncate(CACHED_TILES);
    }
}

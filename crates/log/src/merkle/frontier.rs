//! The least of a tree that has to be kept in order to append to it.

use letopis_types::Digest;

use super::{Nodes, empty_root, node_hash};

/// The complete subtrees that a tree is made of, one per bit of its size: enough to append and to
/// know the root. Cloning copies at most 64 hashes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    /// From the largest (left) to the smallest (right).
    /// INVARIANT: as many as `size` has bits that are 1.
    peaks: Vec<Digest>,
}

impl Frontier {
    /// The empty tree.
    #[must_use]
    pub const fn new() -> Self {
        Self { size: 0, peaks: Vec::new() }
    }

    /// That of a tree's first `size` leaves.
    ///
    /// # Errors
    /// What the nodes' keeper says.
    pub fn of<N: Nodes + ?Sized>(nodes: &N, size: u64) -> Result<Self, N::Error> {
        let peaks = (0..64)
            .rev()
            .filter(|level| (size >> level) & 1 == 1)
            // The last subtree of a level that size has room for is the one that its bit stands for.
            .map(|level| nodes.node(level, (size >> level) - 1))
            .collect::<Result<_, _>>()?;
        Ok(Self { size, peaks })
    }

    /// Appends a leaf, given by its hash.
    pub fn append(&mut self, leaf_hash: Digest) {
        let mut hash = leaf_hash;
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// How many leaves it has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The tree's root.
    #[must_use]
    pub fn root(&self) -> Digest {
        let peaks = self.peaks.iter().rev().copied();
        peaks.reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(empty_root)
    }
}

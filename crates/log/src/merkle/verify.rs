//! The verifier's part of the tree: hashes, inclusion, consistency. It depends on nothing else.

use letopis_types::Digest;
use sha2::{Digest as _, Sha256};

/// The hash of a leaf: `SHA-256(00 ‖ entry)`.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Digest {
    Digest(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
}

/// The hash of an inner node: `SHA-256(01 ‖ left ‖ right)`.
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Digest(Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into())
}

/// The root of the tree without leaves: SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Digest {
    Digest(Sha256::digest([]).into())
}

/// Why an inclusion proof does not show what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InclusionError {
    /// The tree has no such leaf.
    #[error("leaf {index} is not in a tree of {size} leaves")]
    OutOfRange {
        /// The leaf asked for.
        index: u64,
        /// The tree's size.
        size: u64,
    },
    /// A proof for this leaf in this tree has another number of hashes.
    #[error("the inclusion proof has {found} hashes where {expected} are needed")]
    Length {
        /// How many it must have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// It leads to another root: leaf, index, size, proof or root is not the right one.
    #[error("the inclusion proof leads to another root than the tree's")]
    Root,
}

/// Why a consistency proof does not show what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConsistencyError {
    /// The earlier tree is the larger one.
    #[error("a tree of {from} leaves does not come before one of {to}")]
    OutOfOrder {
        /// The earlier tree's size.
        from: u64,
        /// The later tree's size.
        to: u64,
    },
    /// A proof between trees of these sizes has another number of hashes.
    #[error("the consistency proof has {found} hashes where {expected} are needed")]
    Length {
        /// How many it must have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// It does not lead to the earlier root. Of 2^n leaves that root is where a proof begins, and
    /// a wrong one shows as [`Self::LaterRoot`].
    #[error("the consistency proof does not lead to the earlier root")]
    EarlierRoot,
    /// It leads to the earlier root, and not to the later one.
    #[error("the consistency proof does not lead to the later root")]
    LaterRoot,
}

/// Checks that the leaf with this hash stands at `index` in the tree of `size` leaves and this
/// root (RFC 6962, section 2.1.1). The proof's hashes go from the leaf up.
///
/// # Errors
/// What is wrong, see [`InclusionError`].
pub fn verify_inclusion(
    leaf_hash: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), InclusionError> {
    if index >= size {
        return Err(InclusionError::OutOfRange { index, size });
    }
    let path = Path::new(index, size);
    let expected = path.len();
    if proof.len() != expected {
        return Err(InclusionError::Length { expected, found: proof.len() });
    }
    let computed = path.siblings(proof).fold(*leaf_hash, |hash, (side, sibling)| match side {
        Side::Left => node_hash(sibling, &hash),
        Side::Right => node_hash(&hash, sibling),
    });
    if computed == *root { Ok(()) } else { Err(InclusionError::Root) }
}

/// Checks that the tree of `from` leaves is the beginning of the tree of `to` leaves (RFC 6962,
/// section 2.1.2).
///
/// Between trees of one size the proof is empty and the roots are equal. From the empty tree, of
/// which every tree is a continuation, the proof is empty and `from_root` is [`empty_root`];
/// `to_root` can't be wrong then, and it is not looked at unless `to` is 0 as well.
///
/// # Errors
/// What is wrong, see [`ConsistencyError`].
pub fn verify_consistency(
    from: u64,
    to: u64,
    proof: &[Digest],
    from_root: &Digest,
    to_root: &Digest,
) -> Result<(), ConsistencyError> {
    if from > to {
        return Err(ConsistencyError::OutOfOrder { from, to });
    }
    if from == 0 && *from_root != empty_root() {
        return Err(ConsistencyError::EarlierRoot);
    }
    if from == 0 || from == to {
        return match proof.len() {
            0 if from != to || from_root == to_root => Ok(()),
            0 => Err(ConsistencyError::LaterRoot),
            found => Err(ConsistencyError::Length { expected: 0, found }),
        };
    }
    // The proof is the later tree's path from the largest complete subtree that ends where the
    // earlier tree does. That subtree's hash comes first, unless it is the earlier tree itself.
    let level = from.trailing_zeros();
    let path = Path::new(from - 1, to).above(level);
    let expected = path.len() + usize::from(!from.is_power_of_two());
    if proof.len() != expected {
        return Err(ConsistencyError::Length { expected, found: proof.len() });
    }
    let (start, siblings) = match proof.split_first() {
        Some((first, rest)) if !from.is_power_of_two() => (first, rest),
        _ => (from_root, proof),
    };
    let (mut earlier, mut later) = (*start, *start);
    for (side, sibling) in path.siblings(siblings) {
        match side {
            Side::Left => {
                earlier = node_hash(sibling, &earlier);
                later = node_hash(sibling, &later);
            }
            // What lies to the right came after the earlier tree.
            Side::Right => later = node_hash(&later, sibling),
        }
    }
    if earlier != *from_root {
        return Err(ConsistencyError::EarlierRoot);
    }
    if later == *to_root { Ok(()) } else { Err(ConsistencyError::LaterRoot) }
}

/// On which side of the path a sibling lies.
enum Side {
    Left,
    Right,
}

/// Where the siblings lie on the way from a leaf to the root.
///
/// Up to the level at which the way joins that of the tree's last leaf, there is one on each level,
/// on the side that the index's bit says. From there on the way runs along the tree's right edge,
/// where nothing lies to the right, and has a sibling only where the bit is 1.
struct Path {
    index: u64,
    /// Levels before the edge, from the leaf up.
    inner: u32,
}

impl Path {
    /// INVARIANT: index < size, by the callers.
    fn new(index: u64, size: u64) -> Self {
        Self { index, inner: u64::BITS - (index ^ (size - 1)).leading_zeros() }
    }

    /// The part of the way that begins `levels` above the leaf. INVARIANT: not above `inner`, since
    /// the earlier tree's last leaf and a later leaf part above the subtree that ends between them.
    fn above(self, levels: u32) -> Self {
        Self { index: self.index >> levels, inner: self.inner - levels }
    }

    fn len(&self) -> usize {
        let edge = self.index.checked_shr(self.inner).unwrap_or(0);
        (self.inner + edge.count_ones()) as usize
    }

    fn siblings<'a>(&self, hashes: &'a [Digest]) -> impl Iterator<Item = (Side, &'a Digest)> {
        let (index, inner) = (self.index, self.inner);
        hashes.iter().zip(0..).map(move |(hash, level): (_, u32)| {
            let right = level < inner && (index >> level) & 1 == 0;
            (if right { Side::Right } else { Side::Left }, hash)
        })
    }
}

//! Computing roots and proofs from a tree's nodes.

use letopis_types::Digest;

use super::{empty_root, node_hash};

/// Whoever keeps a tree: answers the hashes of its complete subtrees, stored or computed.
pub trait Nodes {
    /// Why it can't.
    type Error;

    /// The hash of the `index`-th subtree of 2^`level` leaves: of the leaves from
    /// `index · 2^level` up to `(index + 1) · 2^level`. Asked only for what lies within the size
    /// given to the functions here.
    ///
    /// # Errors
    /// The keeper's own.
    fn node(&self, level: u8, index: u64) -> Result<Digest, Self::Error>;
}

/// Why a proof could not be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProveError<E> {
    /// The tree has no such leaf.
    #[error("leaf {index} is not in a tree of {size} leaves")]
    OutOfRange {
        /// The leaf asked for.
        index: u64,
        /// The tree's size.
        size: u64,
    },
    /// The earlier tree is the larger one.
    #[error("a tree of {from} leaves does not come before one of {to}")]
    OutOfOrder {
        /// The earlier tree's size.
        from: u64,
        /// The later tree's size.
        to: u64,
    },
    /// A hash could not be had.
    #[error("a node of the tree could not be had")]
    Nodes(#[source] E),
}

/// The root of a tree's first `size` leaves.
///
/// # Errors
/// What the nodes' keeper says.
pub fn root<N: Nodes + ?Sized>(nodes: &N, size: u64) -> Result<Digest, N::Error> {
    range_root(nodes, 0, size)
}

/// The proof that a leaf is among a tree's first `size` (RFC 6962, section 2.1.1), from the leaf up.
///
/// # Errors
/// [`ProveError::OutOfRange`], or [`ProveError::Nodes`].
pub fn inclusion_proof<N: Nodes + ?Sized>(
    nodes: &N,
    index: u64,
    size: u64,
) -> Result<Vec<Digest>, ProveError<N::Error>> {
    if index >= size {
        return Err(ProveError::OutOfRange { index, size });
    }
    // From the root down: each time the half without the leaf.
    let mut proof = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = middle(start, end);
        let (from, to) = if index < middle { (middle, end) } else { (start, middle) };
        proof.push(range_root(nodes, from, to).map_err(ProveError::Nodes)?);
        if index < middle { end = middle } else { start = middle }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that a tree's first `from` leaves are the beginning of its first `to` (RFC 6962,
/// section 2.1.2). Empty where `from` is 0 or `to`.
///
/// # Errors
/// [`ProveError::OutOfOrder`], or [`ProveError::Nodes`].
pub fn consistency_proof<N: Nodes + ?Sized>(
    nodes: &N,
    from: u64,
    to: u64,
) -> Result<Vec<Digest>, ProveError<N::Error>> {
    if from > to {
        return Err(ProveError::OutOfOrder { from, to });
    }
    let mut proof = Vec::new();
    if from == 0 {
        return Ok(proof);
    }
    // From the root down, until a subtree ends where the earlier tree does.
    let (mut start, mut end) = (0, to);
    while end != from {
        let middle = middle(start, end);
        let (left, right) = if from <= middle { (middle, end) } else { (start, middle) };
        proof.push(range_root(nodes, left, right).map_err(ProveError::Nodes)?);
        if from <= middle { end = middle } else { start = middle }
    }
    if start != 0 {
        proof.push(range_root(nodes, start, end).map_err(ProveError::Nodes)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Where a subtree of two leaves or more parts: after the largest power of two less than its size.
fn middle(start: u64, end: u64) -> u64 {
    start + (1 << (u64::BITS - 1 - (end - start - 1).leading_zeros()))
}

/// The root over the leaves from `start` to `end`.
///
/// INVARIANT: `start` is a multiple of a power of two that is not less than `end − start`, as it is
/// for everything that [`middle`] parts. So the complete subtrees within are those of the length's
/// bits.
fn range_root<N: Nodes + ?Sized>(nodes: &N, start: u64, end: u64) -> Result<Digest, N::Error> {
    let mut root = None;
    let mut rest = end - start;
    while rest > 0 {
        let level = rest.trailing_zeros();
        rest &= rest - 1;
        // Fits: a level is below 64.
        let left = nodes.node(level as u8, (start + rest) >> level)?;
        root = Some(root.map_or(left, |right| node_hash(&left, &right)));
    }
    Ok(root.unwrap_or_else(empty_root))
}

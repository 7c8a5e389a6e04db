//! The Merkle tree of RFC 6962, section 2.1, with SHA-256.
//!
//! `verify` is what a client needs; `prove` computes what it is given, over whatever keeps
//! the tree's [`Nodes`]; [`Frontier`] is the least that has to be kept in order to append.
//!
//! Sizes and indices are plain numbers here: leaves of a tree, whatever they stand for.

mod frontier;
mod prove;
mod verify;

pub use frontier::Frontier;
pub use prove::{Nodes, ProveError, consistency_proof, inclusion_proof, root};
pub use verify::{
    ConsistencyError, InclusionError, empty_root, leaf_hash, node_hash, verify_consistency,
    verify_inclusion,
};

#[cfg(test)]
mod tests;

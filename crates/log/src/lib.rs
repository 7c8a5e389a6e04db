//! Links, Merkle tree, notes, checkpoints, proofs, receipts: the log as outsiders check it.

pub mod link;

pub use link::Link;

//! Links, Merkle tree, notes, checkpoints, proofs, receipts: the log as outsiders check it.
//!
//! In scope, one module per specification: the [`link`]; RFC 6962's tree ([`merkle`]) and how it is
//! kept in tiles ([`tile`]); signed notes ([`note`]), [`checkpoint`]s, [`proof`]s and [`receipt`]s
//! as text. Out of scope: IO, clocks, randomness and secret keys (who signs passes a closure); what
//! a statement says; cosignatures, which are carried in notes and not judged.
//!
//! Invariants: a text that is accepted is written again byte for byte; nothing is taken from a note
//! whose signature was not verified; every proof computed here verifies here.
//!
//! Whoever audits a verifier reads `merkle/verify.rs`, `note.rs`, `checkpoint.rs`, `proof.rs` and
//! `receipt.rs`, and the two that they lean on, `link.rs` and `text.rs`. The rest makes what these
//! check.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        clippy::expect_used,
        clippy::panic,
        reason = "tests may panic"
    )
)]

pub mod checkpoint;
pub mod link;
pub mod merkle;
pub mod note;
pub mod proof;
pub mod receipt;
mod text;
pub mod tile;

pub use checkpoint::{Checkpoint, Origin};
pub use link::Link;
pub use note::{Note, VerifierKey};
pub use proof::TlogProof;
pub use receipt::Receipt;
pub use tile::TileTree;

//! Contexts, canonical statements, strict signatures, commitments, sealing.
//!
//! In scope: every byte string that Letopis hashes, signs or seals (proto/README.md), as pure
//! functions. Out of scope: IO, clocks and randomness (nonces and salts are arguments), where keys
//! are kept, and what a statement may say.
//!
//! Invariants: a signature is accepted only by [`verify`]'s strict rule; a statement only if
//! it is canonical, see [`canonical`]; every digest has one purpose.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic"))]

pub mod canonical;
pub mod hash;
pub mod section;
pub mod sign;

//! A case for professional discussion: de-identified, its remaining risk stated, signed by its author and
//! by somebody else who looked it through.
//!
//! In scope: what of a case's facts is told ([`told`]), the document that tells it ([`make`]), the risk that
//! remains ([`Risk`]), and the file with both signatures ([`Signed`], proto/README.md). Out of scope: reading
//! the case, drawing the random number by which its days are moved, keeping keys, words for people to read.
//! Pure: no IO, no clock, no randomness.
//!
//! Invariants: what is told is on a list, of kinds and of their fields, and nothing else is; a document holds
//! codes, numbers and moved days alone, and one text, which its author wrote for it; no day of the case is a
//! day of the document; a document that says anything else, or of its risk anything else than follows from it,
//! is not read. It is never anonymous: whoever knows the family may recognise it, and it says so.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "tests may panic"
    )
)]

mod document;
mod error;
mod file;
mod make;
mod plain;
mod reveals;
mod risk;
mod source;
#[cfg(test)]
mod tests;
pub mod told;

pub use document::{Clock, Code, Document, Grain, Label, Notice, STEPS_MAX, Step};
pub use error::{DocumentError, FileError, MakeError};
pub use file::{FILE_BYTES_MAX, Review, Signature, Signed};
pub use make::{Wishes, make, shared};
pub use plain::TEXT_BYTES_MAX;
pub use risk::Risk;
pub use source::Past;

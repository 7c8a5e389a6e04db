//! sled: folded streams, positions; mark, rebuild, digest.
//!
//! In scope: a small ordered key-value [`Store`] that follows the record: its mark, when its files
//! are trusted, setting aside and beginning anew, snapshots, digests; two of them compared row by row.
//! This crate alone knows sled.
//! Out of scope: what the entries mean, and the record itself: whoever opens a store says whether
//! the record has the link that the mark names, and feeds it again from there.
//!
//! Invariants:
//! - the state is never the truth: it may be deleted at any time and has the same digest when rebuilt;
//! - the mark and what it covers are written together: [`Store::mark`] is `n` exactly when the
//!   entries are those of the first `n` events, whatever crashed before;
//! - files are trusted only after a clean stop, or after a crash of the process within the same boot,
//!   and only if their mark is one of this ledger, schema and record; anything else is set aside;
//! - damage, a panic or a hang inside sled is an error or a rebuild, never a dead or stuck server;
//! - where room is kept ([`Options::room_bytes`]), a disk that others have filled does not stop it before
//!   that is used up.
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

mod cases;
mod coded;
mod compare;
mod copy;
mod counters;
mod engine;
mod error;
mod files;
mod guard;
mod mark;
mod opening;
mod owed;
mod place;
mod report;
mod room;
mod signed;
mod snapshot;
mod store;
pub mod streams;
mod sum;
mod trust;
mod waiting;

#[cfg(test)]
mod tests;

pub use compare::{Compared, How, RowKey};
pub use copy::Found;
pub use error::StateError;
pub use mark::Mark;
pub use opening::{Opening, Options};
pub use report::{Distrust, Origin, Report, SetAside};
pub use store::{BATCH_ENTRIES_MAX, Change, KEY_BYTES_MAX, Scan, Store, VALUE_BYTES_MAX};

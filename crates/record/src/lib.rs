//! The record: the events as they are kept for ever, and the only truth there is.
//!
//! In scope: the port that the ledger writes and reads through ([`Record`]); the journal, which
//! keeps the record in segment files ([`Journal`]); the data directory's marker and lock
//! ([`DataDir`]); reading a directory offline, for verifiers ([`scan`]); and, behind the feature
//! `testing`, a record in memory and the suite that every record must pass.
//!
//! Out of scope: what an event means. Statements, signatures and sealed sections are bytes here;
//! of a link only its place is looked at. Checkpoints are text, which the caller signs and reads.
//! Blocking IO only, on `std::fs`; no async, no clock, no randomness.
//!
//! Invariants it keeps (proto/README.md, "Record: how it lies on disk"):
//! - an event is read only once it is durable, and what is durable stays in its place;
//! - every link continues the one before it, in sequence, hash and time;
//! - one process writes a data directory, and while it does nobody else reads it;
//! - what does not check is never served: a torn tail is set aside and reported, anything else
//!   refuses to open, and refusing touches nothing;
//! - after a failed sync nothing more is promised by that process.
//!
//! Limits: a file system that loses what was synced, or a renamed file whose directory was
//! synced, loses events; the head file and whoever holds a checkpoint notice it.
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

mod data_dir;
mod disk;
mod fault;
#[cfg(test)]
mod fixture;
pub mod frame;
mod journal;
mod names;
mod port;
pub mod scan;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use data_dir::{DataDir, DataDirError, Exclusive, ReadOnlyDataDir, Shared};
pub use fault::{Fault, Structure, What};
pub use journal::{Journal, OpenError, Opened, Options, TornTail, read_head};
pub use port::{GroupError, LinkError, Record, RecordError, StoredEvent, Tip};

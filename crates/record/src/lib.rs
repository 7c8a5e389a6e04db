//! The record: the events as they are kept for ever, and the only truth there is.
//!
//! In scope: the port that the ledger writes and reads through ([`Record`]); the journal, which
//! keeps the record in segment files ([`Journal`]), with the frames in memory that are asked for
//! again, and a reserve on the disk for the day on which it is full ([`Reserve`]); the data
//! directory's marker and lock ([`DataDir`]); reading a directory offline, for verifiers ([`scan`]);
//! taking the sealed bytes of erased sections out of it ([`compact`]); and, behind the feature
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
//! - after a failed sync nothing more is promised by that process;
//! - compaction changes nothing but the sealed bytes that it takes out.
//!
//! **A full disk.** What was admitted must be written, or the ledger stops; so whoever admits asks
//! [`Record::space`] first. The file `record/reserve` has blocks for all that may be in flight
//! ([`Reserve::in_flight_bytes`]) and for what readings, denials, erasures and suspensions get
//! besides ([`Reserve::bytes`]); the two together are its length.
//! - [`Space::Plenty`]: the reserve is whole. Whatever is in flight can be written, though the disk
//!   be found full at the first of it.
//! - [`Space::Reserved`]: the disk was found full. What is left of the reserve, with the space that
//!   is written ahead, holds all that may be in flight of what is admitted now
//!   ([`Reserve::in_flight_reserved_bytes`]).
//! - [`Space::Gone`]: less than that is left.
//!
//! On a full disk a frame, the head file, and the copy that opening makes of the last segment get
//! blocks that the reserve gives back: it is cut by as much, and they are taken at once. Others may
//! be faster; then it gives more. Segments grow beyond their bound rather than that one is closed,
//! which would give up what is written ahead. [`Record::restore_space`] notices room that is there
//! again, and there is plenty only when the reserve is whole and some room is left to others.
//!
//! The other half of the promise is the caller's: no more in flight than it said, of anything.
//! State and vault on the same disk have to look after themselves. Where a file system packs zeros
//! or copies on each write, blocks are not really kept, and a full disk may come without warning:
//! then appending fails, and nothing that was acknowledged is lost.
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
pub use journal::{
    CompactError, CompactReport, Journal, OpenError, Opened, Options, Reserve, TornTail, compact,
    read_head,
};
pub use port::{GroupError, LinkError, Record, RecordError, Space, StoredEvent, Tip};

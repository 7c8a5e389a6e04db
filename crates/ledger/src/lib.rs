//! The pipeline: verify, admit, sequence, chain, seal, commit; follow; recover.
//!
//! In scope: everything between a submission and its receipt. A submission is checked in parallel
//! ([`submission`]), and its sections are read by the schemas of their types; one sequencer admits it
//! under registry, file, policy, references, position, what its sections hold and the rules of procedure,
//! in this order, gives it its place and seals its sections; one committer writes groups to the record,
//! and only what is durable gets into the tree, a checkpoint and a receipt; one applier feeds the state.
//! What is not on the record in time the ledger says itself, and how often it refused what; a refusal by a
//! rule of procedure is handed out signed. Reading goes past all of them: the record for events, the state
//! for where they are and for files as they are; as they were, they are folded anew from the events of
//! then. [`verify`] trusts none of it. Out of scope: gRPC, files of keys, who runs it, when
//! deadlines are looked at.
//!
//! Invariants:
//! - one door: every change of the record is a signed statement that went through the sequencer,
//!   the ledger's own included;
//! - but in a trial, nothing that the procedure has rules for is admitted before a profile of it is
//!   adopted;
//! - while the clock has leapt and nobody has confirmed it, no deadline is recorded as missed;
//! - a receipt, a checkpoint and a follower know only of what is durable;
//! - recovery and verifying fold the record with the same functions as the pipeline;
//! - whatever fails in writing stops the ledger: opening it again finds out what is durable.
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

mod access;
mod applier;
mod background;
mod batch;
mod clock;
mod coded;
mod committer;
mod contents;
mod counters;
mod create;
mod deadlines;
mod decoded;
mod disclosure;
mod erasure;
mod error;
mod figures;
mod finality;
mod fold;
mod given;
mod history;
mod ledger;
mod lists;
mod marks;
mod open;
mod own;
pub mod page_token;
mod read;
mod readings;
mod rebuild;
mod refusals;
mod rows;
mod sections;
mod sequencer;
pub mod submission;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
pub mod token;
mod unseal;
pub mod verify;

pub use access::{Asking, Item, Ruling, SectionAt};
pub use clock::Clock;
pub use create::{CheckedGenesis, CreateError, create, genesis_statement};
pub use disclosure::{AccessEntry, Explained, ReadingEntry};
pub use error::{AccessError, LedgerError, NotFound, Rejected, Unavailable};
pub use figures::{Column, FigureLayout, FigureTable};
pub use given::{AllGiven, Given, GivenOf};
pub use history::{PastEvent, View, signals};
pub use ledger::{Ledger, LedgerKeys, Limits, Receipt};
pub use letopis_record::StoredEvent;
pub use letopis_state::streams::{CaseRow, OwedRow, Place, SignedRow, WaitingRow};
pub use marks::Mark;
pub use open::{OpenError, OpenReport, Parts, open};
pub use read::{EventRef, Follower, PAGE_MAX, Page, StreamAsOf, StreamSummary};
pub use rebuild::Rebuilding;
pub use sections::{OpenedSection, Release, Sifted, Wanted, Withheld};
pub use submission::Submission;

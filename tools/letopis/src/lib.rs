//! The command line for operators, auditors and trials.
//!
//! In scope: reading arguments, calling the crates that know how, and telling a person what came of
//! it, in Bulgarian and English; case histories of older systems in IEEE XES ([`xes`]). Out of
//! scope: every rule of the ledger.
//!
//! Invariants: what a server says is verified before it is shown; a fault is exit code 1; nothing
//! of a section is printed that was not read on the record.
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

pub mod act;
pub mod caseload;
pub mod cli;
pub mod cmd;
pub mod connect;
pub mod failure;
pub mod form;
pub mod holder;
pub mod message_json;
pub mod out;
pub mod packed;
pub mod secret_file;
pub mod section_words;
pub mod terminal;
pub mod unfinished;
pub mod words;
pub mod xes;
pub mod yaml;

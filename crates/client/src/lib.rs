//! The SDK: build, sign, submit, stream, retry, verify receipts.
//!
//! In scope: everything between agency software and `LedgerService`. A [`Draft`] becomes
//! [`Unsigned`], is signed at one place or several, and is sent by a [`LedgerClient`], which sends
//! the same again where that is safe, and believes nothing that it has not verified: receipts,
//! events, histories, sections, and every checkpoint against the last one that it knew
//! ([`KnownLedger`]). Out of scope: deciding. A statement that was refused because its `seen` is
//! stale goes back to its author; it is never signed anew here. TLS comes later: plain text goes to
//! loopback addresses only.
//!
//! Invariants:
//! - what is sent again is byte for byte what was sent before;
//! - a checkpoint is believed and stored only after a proof of consistency with the one before; a
//!   fork, a roll-back or a failing proof is an error of its own, and both checkpoints are kept;
//! - salts and nonces are always random; secrets are zeroed, and have no `Debug` form;
//! - errors are split by what the caller does about them, see [`ClientError`].
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

mod append;
mod belief;
mod client;
mod convert;
pub mod draft;
pub mod error;
mod event;
mod fault;
mod files;
pub mod genesis;
pub mod identity;
mod key_file;
mod log_reader;
mod read;
mod receipt;
mod retry;
mod sections;
mod signed;
pub mod token;
pub mod trust;

pub use append::{Answer, AppendStream};
pub use client::{LedgerClient, Options};
pub use draft::{Draft, DraftError};
pub use error::{ClientError, Distrust, Refused, Usage};
pub use event::Event;
pub use genesis::KnownGenesis;
pub use identity::{Identity, StatementSigner};
pub use key_file::KeyFileError;
pub use log_reader::{LogPosition, LogReader};
pub use read::{EventRef, History, ListedStream, StreamList};
pub use receipt::Recorded;
pub use retry::Retry;
pub use sections::{OpenedSection, SectionReader};
pub use signed::{CollectedSignature, SignedStatement, StatementError, Unsigned};
pub use trust::{Evidence, KnownLedger, KnownLedgers, SignedCheckpoint};

pub use letopis_domain::statement::{Instant, OccurredAt, Reference, Seen, Signer};

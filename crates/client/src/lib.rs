//! The SDK: build, sign, submit, stream, retry, verify receipts.
//!
//! In scope: everything between agency software and `LedgerService`. A [`Draft`] becomes
//! [`Unsigned`], is signed at one place or several, and is sent by a [`LedgerClient`], which sends
//! the same again where that is safe, and believes nothing that it has not verified: receipts,
//! events, histories, sections, and every checkpoint against the last one that it knew
//! ([`KnownLedger`]). Each call carries a token by its caller ([`ActingAs`]), over TLS 1.3 ([`Tls`])
//! or, on this machine only, in plain text. Keys are held in files ([`KeyFile`]), open or under a
//! passphrase ([`Locker`]), by a process of their own ([`agent`]), or in a PKCS#11 token (`pkcs11`,
//! behind the feature of that name); a person sees an act in plain words ([`words`]) before it is
//! signed. Out of scope: deciding. A statement that was refused because its `seen` is stale goes
//! back to its author; it is never signed anew here. Asking a person is the program's part: it
//! brings [`locker::AskPassphrase`] and [`agent::Confirm`].
//!
//! Invariants:
//! - what is sent again is byte for byte what was sent before, with a new token: one is used once;
//! - a checkpoint is believed and stored only after a proof of consistency with the one before; a
//!   fork, a roll-back or a failing proof is an error of its own, and both checkpoints are kept;
//! - salts and nonces are always random; secrets are zeroed, and have no `Debug` form;
//! - a key under a passphrase is in memory for 5 minutes after it was unlocked, and no longer;
//! - what somebody else signed for us (agent, token) is verified before it is used;
//! - errors are split by what the caller does about them, see [`ClientError`].
//!
//! ```no_run
//! use std::path::Path;
//! use std::sync::Arc;
//!
//! use letopis_client::{ActingAs, Identity, KnownLedgers, LedgerClient, Options, Tls};
//! use letopis_proto::statement::v1::Purpose;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let identity = Arc::new(Identity::read(Path::new("worker.key"))?);
//! let options = Options {
//!     acting_as: Some(ActingAs::new(identity, Purpose::CaseWork)),
//!     tls: Some(Arc::new(Tls::with_authority_file(Path::new("authority.pem"))?)),
//!     ..Options::default()
//! };
//! let known = KnownLedgers::new(Path::new("trust"));
//! let url = "https://ledger.example:7420";
//! let (client, genesis) = LedgerClient::trust_on_first_use(url, &known, options).await?;
//! println!("{} has {} events", genesis.ledger, client.checkpoint().await?.size());
//! # Ok(())
//! # }
//! ```
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

pub mod accountability;
pub mod agent;
mod append;
mod belief;
mod caller;
mod client;
pub mod confidentiality;
mod convert;
pub mod draft;
mod endpoint;
pub mod error;
mod event;
mod fault;
mod files;
pub mod genesis;
pub mod identity;
mod key_file;
pub mod locker;
mod log_reader;
mod options;
mod pages;
#[cfg(feature = "pkcs11")]
pub mod pkcs11;
mod read;
mod receipt;
mod retry;
mod sections;
mod signed;
mod timed;
pub mod tls;
pub mod token;
pub mod trust;
pub mod words;

pub use append::{Answer, AppendStream};
pub use client::LedgerClient;
pub use draft::{Draft, DraftError};
pub use error::{ClientError, Distrust, Refused, Usage};
pub use event::Event;
pub use genesis::KnownGenesis;
pub use identity::{Identity, SignerError, StatementSigner, TokenSigner};
pub use key_file::{KeyFile, KeyFileError, LockedIdentity, Passphrase, PassphraseError};
pub use locker::Locker;
pub use log_reader::{LogPosition, LogReader};
pub use options::{ActingAs, Options, TokenClock};
pub use read::{EventRef, History, ListedStream, StreamList};
pub use receipt::Recorded;
pub use retry::Retry;
pub use sections::{OpenedSection, SectionReader};
pub use signed::{CollectedSignature, SignedStatement, StatementError, Unsigned};
pub use tls::{Tls, TlsError};
pub use trust::{Evidence, KnownLedger, KnownLedgers, SignedCheckpoint};

pub use letopis_domain::statement::{Instant, OccurredAt, Reference, Seen, Signer};

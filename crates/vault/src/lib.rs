//! Data keys: make ahead, wrap, destroy (proto/README.md, Vault; Keys and Erasure under Sections).
//!
//! In scope: the files under `vault/` and the key-encryption key's file; handing out data keys that
//! are already durable; opening them again by id; destroying them. Out of scope: which stream and
//! class a key is for (that stands only in the sealed bytes), sealing itself, when something must be
//! erased, and the lock on the data directory: one process at a time uses a vault for writing.
//!
//! Invariants:
//! - no key is handed out before its block is on the disk, file and directory synced;
//! - no key is handed out twice by one opening, and none below the slots that the caller says are
//!   used;
//! - a block is never written over; a slot is, once, with zeros;
//! - when [`Vault::destroy`] has returned, the slot is zeros on the disk and nothing in this crate
//!   holds the key or hands it out again;
//! - what is neither there nor destroyed (a missing block, a damaged slot) is an error, never `None`;
//! - keys lie in memory that is zeroed when it is let go, and are never shown: [`DataKey`] and
//!   [`Kek`] have no `Debug`.
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

mod block;
mod cache;
mod error;
mod files;
mod kek;
mod key_file;
mod keys;
mod vault;

pub use error::VaultError;
pub use kek::Kek;
pub use keys::{DataKey, KeyId};
pub use vault::Vault;

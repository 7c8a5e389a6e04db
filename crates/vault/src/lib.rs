//! Data keys: make ahead, wrap, destroy (proto/README.md, Vault; Keys and Erasure under Sections).
//!
//! In scope: the files under `vault/`, the key-encryption key in a file or a token; handing out data
//! keys that are already durable, one for each section; opening them again by id; destroying them,
//! and remembering up to which erasure that was done; keeping sealed what the caller must know of what
//! was erased; exchanging the vault key. Out of scope: which
//! section a key is for (that stands only in the sealed bytes), sealing itself, when something must
//! be erased, backups, and the lock on the data directory: one process at a time uses a vault for
//! writing.
//!
//! Invariants:
//! - no key is handed out before its block is on the disk, file and directory synced;
//! - no key is handed out twice by one opening, and none below the slots that the caller says are
//!   used;
//! - a block is never written over; a slot is, once, with zeros;
//! - when [`Vault::destroy_all`] has returned, the slots are zeros on the disk and nothing in this
//!   crate holds the keys or hands them out again; media that keep what is written over (flash, file
//!   systems that copy on write) forget them with the next rotation;
//! - what is neither there nor destroyed (a missing block, a damaged slot) is an error, never `None`;
//! - the last erasure applied never goes back;
//! - the residue is replaced as a whole, and taken along by a rotation;
//! - wherever a rotation stops, what is there is one vault: the old one or the new one, opened by the
//!   one key-encryption key or the other; what was destroyed is in neither, and no wrapped key of the
//!   one that is given up outlives the next opening for writing;
//! - a key-encryption key in a token never leaves it, and no PIN is in an error;
//! - keys, PINs and wrapped slots lie in memory that is zeroed when it is let go, keys in one place
//!   that does not move; they are never shown: [`DataKey`], [`Kek`] and [`Pin`] have no `Debug`.
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
mod erasure;
mod error;
mod files;
mod issue;
mod kek;
mod key_file;
mod keys;
mod marks;
mod pin;
mod residue;
mod rotation;
mod token;
mod vault;

pub use error::VaultError;
pub use kek::Kek;
pub use keys::{DataKey, KeyId};
pub use marks::{Rotation, last_erasure};
pub use pin::{Pin, PinError, PinSource};
pub use rotation::rotate;
pub use token::{TokenError, TokenKek};
pub use vault::Vault;

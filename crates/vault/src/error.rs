//! What can be wrong with a vault, and what to do about it.

use std::io;
use std::path::PathBuf;

use letopis_types::LedgerId;

/// Why the vault can't do what was asked. None of these is a reason to treat a key as destroyed.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The operating system refused; after a failed sync the process must stop.
    #[error("could not {doing} {}: {source}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The operating system gave no randomness.
    #[error("no randomness from the operating system: {source}")]
    Random {
        /// What it says.
        source: getrandom::Error,
    },
    /// Others than its owner may read the key-encryption key.
    #[error(
        "the key-encryption key {} has mode {mode:04o}: others may read it; run chmod 600 on it, \
         and rotate it if anyone did", path.display()
    )]
    KekExposed {
        /// Its file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file of the key-encryption key is not 64 hex digits and a line feed.
    #[error(
        "{} is not a key-encryption key (64 hex digits and a line feed); put the right file there, \
         or restore it from where it is kept safe", path.display()
    )]
    KekMalformed {
        /// The file.
        path: PathBuf,
    },
    /// Something that would be written is there already, and is never written over.
    #[error("{} is there already and is not written over; move it away if it is not needed", path.display())]
    AlreadyThere {
        /// What is there.
        path: PathBuf,
    },
    /// There is no vault in this directory.
    #[error("there is no vault: {} is missing; restore the vault from a backup", path.display())]
    NoVault {
        /// Its key file.
        path: PathBuf,
    },
    /// The vault's key file is not of the right length or form.
    #[error("the vault's key file {} is damaged; restore it from a backup", path.display())]
    KeyFileDamaged {
        /// The key file.
        path: PathBuf,
    },
    /// The file belongs to the vault of another ledger.
    #[error(
        "{} belongs to ledger {found}, not to {expected}; put this ledger's vault there", path.display()
    )]
    ForeignLedger {
        /// The file.
        path: PathBuf,
        /// The ledger that it names.
        found: LedgerId,
        /// The ledger that was opened.
        expected: LedgerId,
    },
    /// The vault key does not open under this key-encryption key.
    #[error(
        "the key-encryption key does not open {}: use the one that this vault was made with; if it \
         is that one, the file is damaged: restore it from a backup", path.display()
    )]
    WrongKek {
        /// The vault's key file.
        path: PathBuf,
    },
    /// A block that must exist is not there.
    #[error("the block {} is missing, and keys in it are in use; restore it from a backup", path.display())]
    BlockMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// A block's header or length is wrong.
    #[error("the block {} is damaged ({what}); restore it from a backup", path.display())]
    BlockDamaged {
        /// The block.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The key in this slot does not open: it, its id or its nonce was changed.
    #[error("slot {slot} of {} is damaged; restore the block from a backup", path.display())]
    SlotDamaged {
        /// The block.
        path: PathBuf,
        /// The slot's number.
        slot: u64,
    },
    /// A slot holds what belongs into another.
    #[error(
        "slot {slot} of {} holds the key of slot {found}: slots were moved; restore the block from a \
         backup", path.display()
    )]
    SlotMoved {
        /// The block.
        path: PathBuf,
        /// The slot's number.
        slot: u64,
        /// The number in the id that it holds.
        found: u64,
    },
    /// The slot to destroy holds another key than the one named.
    #[error(
        "slot {slot} of {} holds another key than the one to destroy: the vault is not the one that \
         the record was written with; put that one there", path.display()
    )]
    OtherKey {
        /// The block.
        path: PathBuf,
        /// The slot's number.
        slot: u64,
    },
    /// The vault was opened for reading only.
    #[error("the vault was opened for reading only")]
    ReadOnly,
}

impl VaultError {
    /// For `map_err`: what was being done to which file.
    pub(crate) fn io(
        doing: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { doing, path, source }
    }
}

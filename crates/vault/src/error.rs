//! What can be wrong with a vault, and what to do about it.

use std::io;
use std::path::PathBuf;

use letopis_types::{Digest, LedgerId, Sequence};

use crate::TokenError;

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
        "the key-encryption key does not open {}: use the one that this vault was made with, or last \
         rotated to; if it is that one, the file is damaged: restore it from a backup", path.display()
    )]
    WrongKek {
        /// The vault's key file.
        path: PathBuf,
    },
    /// The vault key is wrapped by a key-encryption key of the other kind.
    #[error("{} is wrapped by another kind of key-encryption key: {needs}; name that one", path.display())]
    OtherKindOfKek {
        /// The vault's key file.
        path: PathBuf,
        /// Which kind it is wrapped by.
        needs: &'static str,
    },
    /// A token that holds the key-encryption key does not do what was asked.
    #[error(transparent)]
    Token(#[from] TokenError),
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
    /// `vault/erased` or `vault/rotated` is damaged.
    #[error("{} is damaged: {help}", path.display())]
    MarkDamaged {
        /// The file.
        path: PathBuf,
        /// What to do.
        help: &'static str,
    },
    /// An erasure was to be remembered that comes before the last one, or instead of it.
    #[error(
        "the vault has applied erasures up to sequence {last} and does not go back to {given}: the \
         record is not the one that this vault belongs to; stop, and verify it"
    )]
    ErasureGoesBack {
        /// The last one applied.
        last: Sequence,
        /// The one that was to be remembered.
        given: Sequence,
    },
    /// The vault has applied an erasure that its record does not have.
    #[error(
        "the vault {} has applied the erasure at sequence {sequence} (link {expected}), and the \
         record has {} there: the record was rolled back, or is another one; put back the newest, \
         and verify it", path.display(), found.map_or("nothing".to_owned(), |hash| hash.to_string())
    )]
    AheadOfRecord {
        /// The vault.
        path: PathBuf,
        /// The last erasure that it applied.
        sequence: Sequence,
        /// The link hash that it remembers.
        expected: Digest,
        /// The one on the record, if there is a link at this sequence.
        found: Option<Digest>,
    },
    /// The names that a rotation leaves do not tell which is the vault.
    #[error(
        "beside {0} lie names that a rotation never leaves together ({0}.next, {0}.old): find out \
         which of the directories opens and holds the newest keys, give it the name {0}, and move \
         the others away", path.display()
    )]
    RotationUnclear {
        /// The vault.
        path: PathBuf,
    },
    /// A file in the vault's directory that a rotation would destroy with it.
    #[error(
        "{} is no part of the vault, and rotating would destroy it: move it away; if it is a copy of \
         something in the vault, destroy it", path.display()
    )]
    NotOfTheVault {
        /// The file.
        path: PathBuf,
    },
    /// The vault was opened for reading only.
    #[error("the vault was opened for reading only")]
    ReadOnly,
}

impl VaultError {
    /// True where the disk, or what this user may take of it, is full: it may pass.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        let full = [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded];
        matches!(self, Self::Io { source, .. } if full.contains(&source.kind()))
    }

    /// For `map_err`: what was being done to which file.
    pub(crate) fn io(
        doing: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { doing, path, source }
    }
}

//! Key files: an [`Identity`] as JSON text that only its owner can read.
//!
//! Format `key 1` holds the seeds as they are, for services and trials. Format `key 2` holds them
//! encrypted under a passphrase ([`LockedIdentity`]); everything else in it is readable without.

mod sealed;
mod text;

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::files;
use crate::identity::Identity;
pub use sealed::{LockedIdentity, Passphrase, PassphraseError};

/// The only mode that a key file may have.
const MODE: u32 = 0o600;

/// The longest key file, in bytes; one has some 400 to 900.
const BYTES_MAX: usize = 4096;

/// What is wrong with a key file. Never says what is in it.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It can't be read or written. A file that exists already is not written over.
    #[error("the key file {} can't be read or written", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others than its owner may have access to it.
    #[error("the key file {} has mode {mode:04o}: make new keys if others could read it, \
             else set 0600", path.display())]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It is not JSON with just the fields that a key file has.
    #[error("the key file {} is not a letopis key file: {what}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is not as it must be.
        what: &'static str,
    },
    /// Its keys are protected by a passphrase.
    #[error("the keys in {} are locked: unlock them with their passphrase", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
}

/// A key file as it was read.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there are few of them, for a short time")]
pub enum KeyFile {
    /// `key 1`: the keys lie open in it.
    Open(Identity),
    /// `key 2`: they are protected by a passphrase.
    Locked(LockedIdentity),
}

impl KeyFile {
    /// Reads a key file of either format. Its mode must be 0600.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let io = |source| KeyFileError::Io { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(io)?;
        // Of the open file, so that it can't be exchanged in between.
        let mode = file.metadata().map_err(io)?.permissions().mode() & 0o7777;
        if mode != MODE {
            return Err(KeyFileError::Mode { path: path.to_owned(), mode });
        }
        // Does not grow, so that no copy is left behind.
        let mut buffer = Zeroizing::new([0; BYTES_MAX]);
        let mut length = 0;
        while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
            match file.read(rest).map_err(io)? {
                0 => break,
                read => length += read,
            }
        }
        let format = |what| KeyFileError::Format { path: path.to_owned(), what };
        let bytes = buffer.get(..length).filter(|_| length < BYTES_MAX);
        text::parse(bytes.ok_or_else(|| format("it is too long"))?).map_err(format)
    }
}

impl Identity {
    /// Reads a key file of format `key 1`. Its mode must be 0600.
    ///
    /// # Errors
    /// What is wrong with it; [`KeyFileError::Locked`] where its keys are protected
    /// ([`KeyFile::read`] reads those).
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        match KeyFile::read(path)? {
            KeyFile::Open(identity) => Ok(identity),
            KeyFile::Locked(_) => Err(KeyFileError::Locked { path: path.to_owned() }),
        }
    }

    /// Writes it to a key file of format `key 1` that must not exist yet, with mode 0600.
    ///
    /// # Errors
    /// [`KeyFileError::Io`].
    pub fn write(&self, path: &Path) -> Result<(), KeyFileError> {
        create(path, &text::of_open(self))
    }

    /// Writes it into the place of a key file that may be there: its grant has changed, say.
    ///
    /// # Errors
    /// [`KeyFileError::Io`]; the file that was there is then still there.
    pub fn replace(&self, path: &Path) -> Result<(), KeyFileError> {
        replace(path, &text::of_open(self))
    }
}

impl LockedIdentity {
    /// Writes it to a key file of format `key 2` that must not exist yet, with mode 0600.
    ///
    /// # Errors
    /// [`KeyFileError::Io`].
    pub fn write(&self, path: &Path) -> Result<(), KeyFileError> {
        create(path, &text::of_locked(self))
    }

    /// Writes it into the place of a key file that may be there, of either format: the passphrase
    /// was changed, the grant has changed, or the keys lay open so far.
    ///
    /// What lay in the file before may still be found on the disk by whoever reads that below its
    /// file system; keys that lay open where that matters are better revoked.
    ///
    /// # Errors
    /// [`KeyFileError::Io`]; the file that was there is then still there.
    pub fn replace(&self, path: &Path) -> Result<(), KeyFileError> {
        replace(path, &text::of_locked(self))
    }
}

fn create(path: &Path, text: &[u8]) -> Result<(), KeyFileError> {
    files::create(path, text, MODE)
        .map_err(|source| KeyFileError::Io { path: path.to_owned(), source })
}

fn replace(path: &Path, text: &[u8]) -> Result<(), KeyFileError> {
    files::replace(path, text, MODE)
        .map_err(|source| KeyFileError::Io { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests;

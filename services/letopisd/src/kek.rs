//! The files of the key-encryption key, while one is exchanged for another.
//!
//! The next one is written beside, then the vault is rotated to it, then it takes the name of the present
//! one, which is destroyed.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use letopis_types::LedgerId;
use letopis_vault::{Kek, Vault, VaultError};

use crate::data::KEK_FILE;

/// Why an exchange could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The vault, or one of the keys.
    #[error("the vault: {0}")]
    Vault(#[from] VaultError),
    /// The system refused.
    #[error("could not {action} {}: {source}", path.display())]
    Io {
        /// What failed.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Where the key-encryption key lies, and what an exchange of it leaves beside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KekFiles {
    /// The key.
    pub present: PathBuf,
    /// The one that is to take its place.
    pub next: PathBuf,
    /// The one whose place was taken, until it is destroyed.
    pub old: PathBuf,
}

impl KekFiles {
    /// Those in a directory of keys.
    #[must_use]
    pub fn of(keys: &Path) -> Self {
        let file = |suffix: &str| keys.join(format!("{KEK_FILE}{suffix}"));
        Self { present: file(""), next: file(".next"), old: file(".old") }
    }

    /// Gives the next key the present one's name, and destroys the present one. To be called once the
    /// next one opens the vault.
    ///
    /// CRASH: the present key keeps its name until the next one takes it, so that under one of the two
    /// names there always is a key that opens the vault. A link to it that is left is destroyed by the
    /// next run, or when the server starts.
    ///
    /// # Errors
    /// [`ExchangeError`]; what is not done yet is done by the next call.
    pub fn put_in_place(&self) -> Result<(), ExchangeError> {
        let Self { present, next, old } = self;
        // CRASH: an earlier run may have made the link already.
        if !self.old_is_present()? {
            Kek::destroy_file(old)?;
            if present.exists() {
                fs::hard_link(present, old).map_err(io("link", old))?;
            }
        }
        fs::rename(next, present).map_err(io("rename", next))?;
        let keys = present.parent().unwrap_or(present);
        File::open(keys).and_then(|dir| dir.sync_all()).map_err(io("sync", keys))?;
        Ok(Kek::destroy_file(old)?)
    }

    /// Finishes an exchange that was stopped half-way: the vault tells which key is the right one.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) fn finish_exchange(
        &self,
        vault: &Path,
        ledger: LedgerId,
    ) -> Result<(), ExchangeError> {
        let Self { present, next, old } = self;
        if next.exists() {
            if Vault::opens_with(vault, ledger, &Kek::read_file(next)?)? {
                return self.put_in_place();
            }
            Kek::destroy_file(next)?;
        }
        // TRUST: no key is destroyed while another one does not open the vault.
        if !old.exists() || !Vault::opens_with(vault, ledger, &Kek::read_file(present)?)? {
            return Ok(());
        }
        if self.old_is_present()? {
            return fs::remove_file(old).map_err(io("remove", old));
        }
        Ok(Kek::destroy_file(old)?)
    }

    /// Are both names of one file? Zeros over one of them would be over the other.
    fn old_is_present(&self) -> Result<bool, ExchangeError> {
        let inode = |path: &Path| match fs::metadata(path) {
            Ok(metadata) => Ok(Some((metadata.dev(), metadata.ino()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(io("look at", path)(source)),
        };
        let (old, present) = (inode(&self.old)?, inode(&self.present)?);
        Ok(old.is_some() && old == present)
    }
}

fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ExchangeError {
    let path = path.to_path_buf();
    move |source| ExchangeError::Io { action, path, source }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may panic")]

    use super::*;

    const LEDGER: LedgerId = LedgerId([0x1e; 32]);

    struct Place {
        _dir: tempfile::TempDir,
        vault: PathBuf,
        files: KekFiles,
    }

    impl Place {
        /// A vault and its key.
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let (vault, files) = (dir.path().join("vault"), KekFiles::of(dir.path()));
            Vault::create(&vault, LEDGER, &Kek::create_file(&files.present).unwrap()).unwrap();
            Self { _dir: dir, vault, files }
        }

        /// Rotated to the next key, whose file is not in its place yet.
        fn rotated(&self) {
            let present = Kek::read_file(&self.files.present).unwrap();
            let next = Kek::create_file(&self.files.next).unwrap();
            letopis_vault::rotate(&self.vault, LEDGER, &present, &next, 1_800_000_000).unwrap();
        }

        /// Finishes; then the key opens the vault, and nothing else is left.
        fn finished(&self) {
            self.files.finish_exchange(&self.vault, LEDGER).unwrap();
            let kek = Kek::read_file(&self.files.present).unwrap();
            assert!(Vault::opens_with(&self.vault, LEDGER, &kek).unwrap());
            assert!(!self.files.next.exists() && !self.files.old.exists());
        }
    }

    #[test]
    fn wherever_it_was_stopped_it_is_finished() {
        let place = Place::new();
        place.finished();
        // Before the vault was rotated.
        Kek::create_file(&place.files.next).unwrap();
        place.finished();
        // After it.
        place.rotated();
        place.finished();
        // After the link was made.
        place.rotated();
        fs::hard_link(&place.files.present, &place.files.old).unwrap();
        place.finished();
        // After the rename.
        let held = place.files.present.with_extension("held");
        place.rotated();
        fs::hard_link(&place.files.present, &place.files.old).unwrap();
        fs::hard_link(&place.files.present, &held).unwrap();
        fs::rename(&place.files.next, &place.files.present).unwrap();
        place.finished();
        assert!(fs::read(&held).unwrap().iter().all(|byte| *byte == 0), "it was written over");
    }

    #[test]
    fn the_key_that_opens_the_vault_is_never_destroyed() {
        let place = Place::new();
        fs::hard_link(&place.files.present, &place.files.old).unwrap();
        place.finished();
        // Where somebody brought an older vault back, the old key is the one that opens it.
        fs::rename(&place.files.present, &place.files.old).unwrap();
        Kek::create_file(&place.files.present).unwrap();
        place.files.finish_exchange(&place.vault, LEDGER).unwrap();
        let old = Kek::read_file(&place.files.old).unwrap();
        assert!(Vault::opens_with(&place.vault, LEDGER, &old).unwrap());
    }
}

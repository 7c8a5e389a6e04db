//! The vault itself: made, opened, asked for keys.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use letopis_types::{Digest, LedgerId, Sequence};

use crate::block::{self, SLOTS};
use crate::cache::Cache;
use crate::issue::Issue;
use crate::keys::Secret;
use crate::marks::{self, Rotation};
use crate::residue::RESIDUE;
use crate::rotation::Step;
use crate::{DataKey, Kek, KeyId, VaultError, files, key_file, rotation};

/// How many opened keys are kept, twice this at most.
const CACHE_HALF: usize = 2048;

/// The data keys of one ledger. Used from many threads at once.
pub struct Vault {
    pub(crate) shared: Arc<Shared>,
}

/// What the thread that makes a block ahead also needs.
pub(crate) struct Shared {
    pub(crate) dir: PathBuf,
    pub(crate) ledger: LedgerId,
    pub(crate) vault_key: Secret,
    writable: bool,
    /// Keys that are being destroyed, and are as good as destroyed. Held for reading while a key is
    /// on its way from the disk to a caller. Taken before the others; of those `issue` before
    /// `cache`.
    pub(crate) dying: RwLock<HashSet<KeyId>>,
    pub(crate) issue: Mutex<Issue>,
    pub(crate) cache: Mutex<Cache>,
    /// The last erasure applied.
    pub(crate) erased: Mutex<Option<(Sequence, Digest)>>,
    rotated: Option<Rotation>,
}

// INVARIANT: nothing panics while it holds one of the locks half-way through a change, so what a
// poisoned one guards is whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Vault {
    /// Makes the vault of a new ledger: the directory, the vault key and the first block, all
    /// synced. The directory may be there, but no vault in it, nor one beside it from a rotation.
    ///
    /// # Errors
    /// [`VaultError::AlreadyThere`], [`VaultError::Token`], [`VaultError::Io`],
    /// [`VaultError::Random`].
    pub fn create(dir: &Path, ledger: LedgerId, kek: &Kek) -> Result<Self, VaultError> {
        rotation::nothing_beside(dir)?;
        files::create_dir(dir)?;
        if block::count(dir)? > 0 {
            return Err(VaultError::AlreadyThere { path: block::path(dir, 0) });
        }
        for path in [marks::ERASED, marks::ROTATED, RESIDUE].map(|name| dir.join(name)) {
            if files::is_there(&path)? {
                return Err(VaultError::AlreadyThere { path });
            }
        }
        // CRASH: with a key and no block this is a vault without keys, which `open` accepts.
        let (_, content) = key_file::make(dir, &ledger, kek)?;
        files::write_new(&key_file::path(dir), &content)?;
        let vault = Self::load(dir, ledger, kek, 0, true)?;
        let mut issue = lock(&vault.shared.issue);
        vault.shared.next_block(&mut issue)?;
        drop(issue);
        Ok(vault)
    }

    /// Opens it for handing out keys. All slots below `first_unused` are used, as the caller knows
    /// from its state; [`Self::mark_used`] adds those that the state does not cover. Makes no block
    /// before one is needed soon. Finishes or undoes a rotation that was stopped half-way.
    ///
    /// # Errors
    /// [`VaultError::NoVault`], [`VaultError::KeyFileDamaged`], [`VaultError::ForeignLedger`],
    /// [`VaultError::WrongKek`], [`VaultError::OtherKindOfKek`], [`VaultError::Token`],
    /// [`VaultError::BlockMissing`] (also if `first_unused` is beyond the last block),
    /// [`VaultError::BlockDamaged`], [`VaultError::MarkDamaged`], [`VaultError::RotationUnclear`],
    /// [`VaultError::Io`].
    pub fn open(
        dir: &Path,
        ledger: LedgerId,
        kek: &Kek,
        first_unused: u64,
    ) -> Result<Self, VaultError> {
        Self::open_in_steps(dir, ledger, kek, first_unused, &mut || Ok(()))
    }

    pub(crate) fn open_in_steps(
        dir: &Path,
        ledger: LedgerId,
        kek: &Kek,
        first_unused: u64,
        step: Step<'_>,
    ) -> Result<Self, VaultError> {
        rotation::settle(dir, step)?;
        let vault = Self::load(dir, ledger, kek, first_unused, true)?;
        // CRASH: a file may have its name since before a crash that came before the directory was
        // synced. Its content was synced before it got the name.
        files::sync_dir(dir)?;
        rotation::finish(dir, step)?;
        Ok(vault)
    }

    /// Opens it for finding keys only, as a verifier does; writes nothing.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_read_only(dir: &Path, ledger: LedgerId, kek: &Kek) -> Result<Self, VaultError> {
        Self::load(&rotation::present(dir)?, ledger, kek, 0, false)
    }

    /// Whether this key-encryption key opens the vault. After a rotation to another one that was
    /// stopped half-way this tells which of the two is the right one; writes nothing.
    ///
    /// # Errors
    /// [`VaultError::NoVault`], [`VaultError::KeyFileDamaged`], [`VaultError::ForeignLedger`],
    /// [`VaultError::Token`], [`VaultError::RotationUnclear`], [`VaultError::Io`].
    pub fn opens_with(dir: &Path, ledger: LedgerId, kek: &Kek) -> Result<bool, VaultError> {
        key_file::opens(&rotation::present(dir)?, &ledger, kek)
    }

    pub(crate) fn load(
        dir: &Path,
        ledger: LedgerId,
        kek: &Kek,
        first_unused: u64,
        writable: bool,
    ) -> Result<Self, VaultError> {
        let vault_key = key_file::open(dir, &ledger, kek)?;
        let blocks = block::count(dir)?;
        for number in 0..blocks {
            block::check(dir, number, &ledger)?;
        }
        if first_unused > blocks.saturating_mul(SLOTS) {
            return Err(VaultError::BlockMissing { path: block::path(dir, blocks) });
        }
        let erased = marks::read_erased(dir, &ledger)?;
        let shared = Shared {
            dir: dir.to_path_buf(),
            ledger,
            vault_key,
            writable,
            dying: RwLock::default(),
            issue: Mutex::new(Issue::new(first_unused, blocks)),
            cache: Mutex::new(Cache::new(CACHE_HALF)),
            erased: Mutex::new(erased.map(|erased| (erased.sequence, erased.link_hash))),
            rotated: marks::read_rotated(dir, &ledger)?,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// When the vault key was last exchanged; `None` if it never was.
    #[must_use]
    pub fn last_rotation(&self) -> Option<Rotation> {
        self.shared.rotated
    }

    /// The key of this id; `None` if it was destroyed, is being destroyed, or is none that this vault
    /// made. The caller knows from the record which it must be: a key that is not there though
    /// nothing was erased is a fault.
    ///
    /// # Errors
    /// [`VaultError::BlockMissing`], [`VaultError::BlockDamaged`], [`VaultError::SlotDamaged`],
    /// [`VaultError::SlotMoved`], [`VaultError::Io`].
    pub fn key(&self, id: &KeyId) -> Result<Option<DataKey>, VaultError> {
        let shared = &self.shared;
        let dying = shared.dying.read().unwrap_or_else(PoisonError::into_inner);
        if dying.contains(id) {
            return Ok(None);
        }
        if let Some(key) = lock(&shared.cache).get(id) {
            return Ok(Some(key));
        }
        let slot = id.slot();
        if slot / SLOTS >= lock(&shared.issue).blocks {
            return Ok(None);
        }
        let opened = block::with_slot(&shared.dir, slot, |there| {
            there.open(&shared.ledger, &shared.vault_key)
        })?;
        match opened {
            Some((found, key)) if found == *id => {
                lock(&shared.cache).insert(*id, key.clone());
                Ok(Some(key))
            }
            _ => Ok(None),
        }
    }
}

impl Shared {
    pub(crate) fn check_writable(&self) -> Result<(), VaultError> {
        if self.writable { Ok(()) } else { Err(VaultError::ReadOnly) }
    }
}

impl Drop for Vault {
    /// Waits for a block that is being made: the next opening must not find it half-way.
    fn drop(&mut self) {
        let ahead = lock(&self.shared.issue).ahead.take();
        if let Some(ahead) = ahead {
            let _ = ahead.join();
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

//! The vault itself: hands keys out, finds them again, destroys them.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::{self, JoinHandle};

use letopis_types::LedgerId;
use zeroize::Zeroizing;

use crate::block::{self, SLOTS, Slot};
use crate::cache::Cache;
use crate::{DataKey, Kek, KeyId, VaultError, files, key_file};

/// How many opened keys are kept, twice this at most.
const CACHE_HALF: usize = 2048;

/// With so many keys left in the last block the next one is made.
const MAKE_AHEAD_AT: u64 = SLOTS / 2;

/// The data keys of one ledger. Used from many threads at once.
pub struct Vault {
    shared: Arc<Shared>,
}

/// What the thread that makes a block ahead also needs.
struct Shared {
    dir: PathBuf,
    ledger: LedgerId,
    vault_key: Zeroizing<[u8; 32]>,
    writable: bool,
    /// Held for reading while a key is on its way from the disk to a caller, for writing while one
    /// is destroyed. Taken before the others; of those `issue` before `cache`.
    gate: RwLock<()>,
    issue: Mutex<Issue>,
    cache: Mutex<Cache>,
}

/// Which keys were handed out.
struct Issue {
    /// INVARIANT: at most `blocks` × 1,024; all slots below are used.
    next: u64,
    /// Blocks that are durable.
    blocks: u64,
    /// The open block that `next` was last in.
    open: Option<(u64, File)>,
    /// Makes block number `blocks`.
    ahead: Option<JoinHandle<Result<(), VaultError>>>,
}

// INVARIANT: nothing panics while it holds one of the locks half-way through a change, so what a
// poisoned one guards is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Vault {
    /// Makes the vault of a new ledger: the directory, the vault key and the first block, all
    /// synced. The directory may be there, but no vault in it.
    ///
    /// # Errors
    /// [`VaultError::AlreadyThere`], [`VaultError::Io`], [`VaultError::Random`].
    pub fn create(dir: &Path, ledger: LedgerId, kek: &Kek) -> Result<Self, VaultError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .map_err(VaultError::io("create the directory", dir))?;
        files::sync_dir(&files::parent(dir))?;
        if block::count(dir)? > 0 {
            return Err(VaultError::AlreadyThere { path: block::path(dir, 0) });
        }
        // CRASH: with a key and no block this is a vault without keys, which `open` accepts.
        key_file::create(dir, &ledger, kek)?;
        let vault = Self::load(dir, ledger, kek, 0, true)?;
        let mut issue = lock(&vault.shared.issue);
        vault.shared.next_block(&mut issue)?;
        drop(issue);
        Ok(vault)
    }

    /// Opens it for handing out keys. All slots below `first_unused` are used, as the caller knows
    /// from its state; [`Self::mark_used`] adds those that the state does not cover. Makes no block
    /// before one is needed soon.
    ///
    /// # Errors
    /// [`VaultError::NoVault`], [`VaultError::KeyFileDamaged`], [`VaultError::ForeignLedger`],
    /// [`VaultError::WrongKek`], [`VaultError::BlockMissing`] (also if `first_unused` is beyond the
    /// last block), [`VaultError::BlockDamaged`], [`VaultError::Io`].
    pub fn open(
        dir: &Path,
        ledger: LedgerId,
        kek: &Kek,
        first_unused: u64,
    ) -> Result<Self, VaultError> {
        let vault = Self::load(dir, ledger, kek, first_unused, true)?;
        // CRASH: a block may have its name since before a crash that came before the directory was
        // synced. Its content was synced before it got the name.
        files::sync_dir(dir)?;
        Ok(vault)
    }

    /// Opens it for finding keys only, as a verifier does; writes nothing.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_read_only(dir: &Path, ledger: LedgerId, kek: &Kek) -> Result<Self, VaultError> {
        Self::load(dir, ledger, kek, 0, false)
    }

    fn load(
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
        let issue = Issue { next: first_unused, blocks, open: None, ahead: None };
        let shared = Shared {
            dir: dir.to_path_buf(),
            ledger,
            vault_key,
            writable,
            gate: RwLock::new(()),
            issue: Mutex::new(issue),
            cache: Mutex::new(Cache::new(CACHE_HALF)),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Hands out the next unused key, whose block is durable. When half of the last block is used,
    /// the next one is made in a thread of its own, so that this seldom waits for a disk.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`]; [`VaultError::SlotDamaged`] and [`VaultError::SlotMoved`] if the
    /// next slot does not hold its key ([`Self::mark_used`] passes over it);
    /// [`VaultError::BlockMissing`], [`VaultError::Io`], [`VaultError::Random`].
    pub fn fresh(&self) -> Result<(KeyId, DataKey), VaultError> {
        let shared = &self.shared;
        if !shared.writable {
            return Err(VaultError::ReadOnly);
        }
        let _gate = shared.gate.read().unwrap_or_else(PoisonError::into_inner);
        let mut issue = lock(&shared.issue);
        loop {
            let slot = issue.next;
            if slot / SLOTS >= issue.blocks {
                shared.next_block(&mut issue)?;
            }
            let opened = shared.open_slot_in(&mut issue, slot)?;
            issue.next = slot.saturating_add(1);
            // A slot that was destroyed unused is passed over.
            if let Some((id, key)) = opened {
                self.make_ahead(&mut issue);
                drop(issue);
                lock(&shared.cache).insert(id, key.clone());
                return Ok((id, key));
            }
        }
    }

    /// The key of this id; `None` if it was destroyed, or is none that this vault made. The caller
    /// knows from the record which it must be: a key that is not there though nothing was erased is
    /// a fault.
    ///
    /// # Errors
    /// [`VaultError::BlockMissing`], [`VaultError::BlockDamaged`], [`VaultError::SlotDamaged`],
    /// [`VaultError::SlotMoved`], [`VaultError::Io`].
    pub fn key(&self, id: &KeyId) -> Result<Option<DataKey>, VaultError> {
        let shared = &self.shared;
        let _gate = shared.gate.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = lock(&shared.cache).get(id) {
            return Ok(Some(key));
        }
        let slot = id.slot();
        if slot / SLOTS >= lock(&shared.issue).blocks {
            return Ok(None);
        }
        let path = block::path(&shared.dir, slot / SLOTS);
        let opened = block::read_slot(&block::open(&path)?, &path, slot)?.open(
            &path,
            slot,
            &shared.ledger,
            &shared.vault_key,
        )?;
        match opened {
            Some((found, key)) if found == *id => {
                lock(&shared.cache).insert(*id, key.clone());
                Ok(Some(key))
            }
            _ => Ok(None),
        }
    }

    /// All slots below this number are used. The caller keeps it in its state.
    #[must_use]
    pub fn next_unused(&self) -> u64 {
        lock(&self.shared.issue).next
    }

    /// For recovery: the record holds a section under this key, so it is not handed out again.
    ///
    /// # Errors
    /// [`VaultError::BlockMissing`] if the vault ends before it: the vault was rolled back.
    pub fn mark_used(&self, id: &KeyId) -> Result<(), VaultError> {
        let mut issue = lock(&self.shared.issue);
        let slot = id.slot();
        if slot / SLOTS >= issue.blocks {
            let path = block::path(&self.shared.dir, slot / SLOTS);
            return Err(VaultError::BlockMissing { path });
        }
        issue.next = issue.next.max(slot + 1);
        Ok(())
    }

    /// Destroys a key: its slot is zeros on the disk, and nothing here hands it out any more, when
    /// this returns. May be repeated; after an error it must be. What callers still hold of it is
    /// theirs to drop before.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`]; [`VaultError::OtherKey`] if its slot holds another key, which is
    /// left alone; [`VaultError::BlockMissing`], [`VaultError::BlockDamaged`], [`VaultError::Io`].
    pub fn destroy(&self, id: &KeyId) -> Result<(), VaultError> {
        let shared = &self.shared;
        if !shared.writable {
            return Err(VaultError::ReadOnly);
        }
        let slot = id.slot();
        let path = block::path(&shared.dir, slot / SLOTS);
        let _gate = shared.gate.write().unwrap_or_else(PoisonError::into_inner);
        match block::read_slot(&block::open(&path)?, &path, slot)? {
            Slot::Wrapped { id: found, .. } if found != *id => {
                Err(VaultError::OtherKey { path, slot })
            }
            _ => {
                lock(&shared.cache).remove(id);
                block::destroy_slot(&path, slot)
            }
        }
    }

    /// Begins to make the next block once half of the last one is used.
    fn make_ahead(&self, issue: &mut Issue) {
        let left = issue.blocks.saturating_mul(SLOTS).saturating_sub(issue.next);
        if left > MAKE_AHEAD_AT || issue.ahead.is_some() {
            return;
        }
        let (shared, number) = (Arc::clone(&self.shared), issue.blocks);
        // Where no thread can be had, `next_block` makes it when it is needed.
        issue.ahead = thread::Builder::new()
            .name("vault".to_owned())
            .spawn(move || shared.make_block(number))
            .ok();
    }
}

impl Shared {
    fn make_block(&self, number: u64) -> Result<(), VaultError> {
        block::make(&self.dir, number, &self.ledger, &self.vault_key)
    }

    /// Returns when one block more is durable: the one made ahead, or else one made now.
    fn next_block(&self, issue: &mut Issue) -> Result<(), VaultError> {
        let ahead = issue.ahead.take().map(JoinHandle::join);
        // What went wrong in the thread goes wrong here again, or was mended: a block is written
        // anew from the start.
        if !matches!(ahead, Some(Ok(Ok(())))) {
            self.make_block(issue.blocks)?;
        }
        issue.blocks = issue.blocks.saturating_add(1);
        Ok(())
    }

    fn open_slot_in(
        &self,
        issue: &mut Issue,
        slot: u64,
    ) -> Result<Option<(KeyId, DataKey)>, VaultError> {
        let number = slot / SLOTS;
        let path = block::path(&self.dir, number);
        let (_, file) = match issue.open.take() {
            Some((open, file)) if open == number => issue.open.insert((open, file)),
            _ => issue.open.insert((number, block::open(&path)?)),
        };
        block::read_slot(file, &path, slot)?.open(&path, slot, &self.ledger, &self.vault_key)
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

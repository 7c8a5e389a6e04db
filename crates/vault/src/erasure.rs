//! Destroying keys, and remembering up to where that was done.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use letopis_types::{Digest, Sequence};

use crate::block::{self, SLOTS};
use crate::marks::{self, Erased};
use crate::vault::{Shared, Vault, lock};
use crate::{KeyId, VaultError};

impl Vault {
    /// Destroys keys: when this returns, their slots are zeros on the disk, with one sync for each
    /// block, and nothing here holds the keys or hands them out any more. May be repeated; after an
    /// error it must be: until then the keys are not handed out, but may still be on the disk. What
    /// callers hold of them is theirs to drop before.
    ///
    /// # Errors
    /// With nothing destroyed: [`VaultError::ReadOnly`]; those of [`Self::check_destroyable`].
    /// Half-way: [`VaultError::Io`].
    pub fn destroy_all(&self, ids: &[KeyId]) -> Result<(), VaultError> {
        let shared = &self.shared;
        shared.check_writable()?;
        let mut blocks: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        self.check_destroyable(ids)?;
        for id in ids {
            blocks.entry(id.slot() / SLOTS).or_default().push(id.slot());
        }

        // Whoever is fetching one of them now has it before this goes on, and nobody after.
        let mut dying = shared.dying.write().unwrap_or_else(PoisonError::into_inner);
        dying.extend(ids);
        let mut cache = lock(&shared.cache);
        ids.iter().for_each(|id| cache.remove(id));
        drop((cache, dying));

        for (number, slots) in &blocks {
            block::destroy_slots(&shared.dir, *number, slots.iter().copied())?;
        }
        let mut issue = lock(&shared.issue);
        if issue.loaded.as_ref().is_some_and(|block| blocks.contains_key(&block.number)) {
            issue.loaded = None;
        }
        drop(issue);
        let mut dying = shared.dying.write().unwrap_or_else(PoisonError::into_inner);
        ids.iter().for_each(|id| {
            dying.remove(id);
        });
        Ok(())
    }

    /// Destroys one key, as [`Self::destroy_all`] does.
    ///
    /// # Errors
    /// As there.
    pub fn destroy(&self, id: &KeyId) -> Result<(), VaultError> {
        self.destroy_all(&[*id])
    }

    /// Whether these are keys that [`Self::destroy_all`] would destroy: what has to be kept of them
    /// before is kept only then. A slot that does not open holds no other's key: it is theirs, damaged.
    ///
    /// # Errors
    /// [`VaultError::OtherKey`] if a slot holds another key; [`VaultError::BlockMissing`],
    /// [`VaultError::BlockDamaged`], [`VaultError::Io`].
    pub fn check_destroyable(&self, ids: &[KeyId]) -> Result<(), VaultError> {
        let Shared { dir, ledger, vault_key, .. } = &*self.shared;
        let check = |id: &KeyId| {
            let slot = id.slot();
            block::with_slot(dir, slot, |there| match there.id() {
                Some(found) if found != *id => match there.open(ledger, vault_key) {
                    Err(VaultError::SlotDamaged { .. }) => Ok(()),
                    _ => Err(VaultError::OtherKey { path: block::path(dir, slot / SLOTS), slot }),
                },
                _ => Ok(()),
            })
        };
        ids.iter().try_for_each(check)
    }

    /// The last erasure that was applied here, as [`Self::remember_erasure`] was told: the sequence
    /// of the SectionsErased and its link hash. `None` if there was none.
    #[must_use]
    pub fn last_erasure(&self) -> Option<(Sequence, Digest)> {
        *lock(&self.shared.erased)
    }

    /// Remembers that every erasure up to this one was applied: durable when this returns. To be
    /// called after [`Self::destroy_all`] for each of them, in the record's order.
    ///
    /// # Errors
    /// [`VaultError::ErasureGoesBack`] if it comes before the one that is remembered, or is
    /// another at its place; [`VaultError::ReadOnly`], [`VaultError::Io`].
    pub fn remember_erasure(
        &self,
        sequence: Sequence,
        link_hash: Digest,
    ) -> Result<(), VaultError> {
        let shared = &self.shared;
        shared.check_writable()?;
        let mut erased = lock(&shared.erased);
        match *erased {
            Some((last, last_hash)) if (sequence, link_hash) == (last, last_hash) => return Ok(()),
            Some((last, _)) if sequence <= last => {
                return Err(VaultError::ErasureGoesBack { last, given: sequence });
            }
            _ => {}
        }
        // CRASH: before it is durable the erasure is applied again at the next start, which changes
        // nothing.
        marks::write_erased(&shared.dir, &shared.ledger, &Erased { sequence, link_hash })?;
        *erased = Some((sequence, link_hash));
        Ok(())
    }

    /// Asks the record for the link hash at the sequence of the last erasure applied, and refuses a
    /// vault that is ahead of its record.
    ///
    /// # Errors
    /// [`VaultError::AheadOfRecord`] if the record has no link there, or another one.
    pub fn check_erasure(
        &self,
        link_hash_at: impl FnOnce(Sequence) -> Option<Digest>,
    ) -> Result<(), VaultError> {
        let Some((sequence, expected)) = self.last_erasure() else { return Ok(()) };
        match link_hash_at(sequence) {
            Some(found) if found == expected => Ok(()),
            found => Err(VaultError::AheadOfRecord {
                path: self.shared.dir.clone(),
                sequence,
                expected,
                found,
            }),
        }
    }
}

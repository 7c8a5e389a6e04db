//! Handing out keys, and making blocks before they are needed.

use std::sync::{Arc, PoisonError};
use std::thread::{self, JoinHandle};

use crate::block::{self, Block, SLOTS};
use crate::vault::{Shared, Vault, lock};
use crate::{DataKey, KeyId, VaultError};

/// With fewer keys left than this a block is made. Two blocks: while one is used up the next is
/// there, and a disk that is busy for long does not keep anyone waiting.
const AHEAD: u64 = 2 * SLOTS;

/// Which keys were handed out.
pub(crate) struct Issue {
    /// INVARIANT: at most `blocks` × 1,024; all slots below are used.
    pub(crate) next: u64,
    /// Blocks that are durable.
    pub(crate) blocks: u64,
    /// The block that `next` was last in, as it was read.
    pub(crate) loaded: Option<Block>,
    /// Makes block number `blocks`.
    pub(crate) ahead: Option<JoinHandle<Result<(), VaultError>>>,
    /// The last block could not be made ahead: a full disk is not asked again for every key, but
    /// only when the block is needed.
    failed: bool,
}

impl Issue {
    pub(crate) fn new(next: u64, blocks: u64) -> Self {
        Self { next, blocks, loaded: None, ahead: None, failed: false }
    }

    fn left(&self) -> u64 {
        self.blocks.saturating_mul(SLOTS).saturating_sub(self.next)
    }
}

impl Vault {
    /// Hands out the next unused key, whose block is durable. Blocks are made ahead in a thread of
    /// their own, so that this seldom waits for a disk. The key is not kept here.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`]; [`VaultError::SlotDamaged`] and [`VaultError::SlotMoved`] if the
    /// next slot does not hold its key ([`Self::mark_used`] passes over it);
    /// [`VaultError::BlockMissing`], [`VaultError::BlockDamaged`], [`VaultError::Io`],
    /// [`VaultError::Random`].
    pub fn fresh(&self) -> Result<(KeyId, DataKey), VaultError> {
        let shared = &self.shared;
        shared.check_writable()?;
        let dying = shared.dying.read().unwrap_or_else(PoisonError::into_inner);
        let mut issue = lock(&shared.issue);
        loop {
            let slot = issue.next;
            if slot / SLOTS >= issue.blocks {
                shared.next_block(&mut issue)?;
            }
            let opened = shared.open_slot_in(&mut issue, slot)?;
            issue.next = slot.saturating_add(1);
            Shared::make_ahead(shared, &mut issue);
            // A slot that was destroyed unused is passed over.
            if let Some((id, key)) = opened
                && !dying.contains(&id)
            {
                return Ok((id, key));
            }
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
}

impl Shared {
    fn make_block(&self, number: u64) -> Result<(), VaultError> {
        block::make(&self.dir, number, &self.ledger, &self.vault_key)
    }

    /// Begins to make the next block when few keys are left.
    fn make_ahead(this: &Arc<Self>, issue: &mut Issue) {
        if issue.left() >= AHEAD {
            return;
        }
        match issue.ahead.take() {
            Some(running) if !running.is_finished() => {
                issue.ahead = Some(running);
                return;
            }
            Some(done) => match done.join() {
                Ok(Ok(())) => issue.blocks = issue.blocks.saturating_add(1),
                _ => issue.failed = true,
            },
            None => {}
        }
        if issue.failed || issue.left() >= AHEAD {
            return;
        }
        let (shared, number) = (Arc::clone(this), issue.blocks);
        let thread = thread::Builder::new().name("vault".to_owned());
        issue.ahead = thread.spawn(move || shared.make_block(number)).ok();
        issue.failed = issue.ahead.is_none();
    }

    /// Returns when one block more is durable: the one made ahead, or else one made now.
    pub(crate) fn next_block(&self, issue: &mut Issue) -> Result<(), VaultError> {
        let ahead = issue.ahead.take().map(JoinHandle::join);
        // What went wrong in the thread goes wrong here again, or was mended: a block is written
        // anew from the start.
        if !matches!(ahead, Some(Ok(Ok(())))) {
            self.make_block(issue.blocks)?;
        }
        issue.blocks = issue.blocks.saturating_add(1);
        issue.failed = false;
        Ok(())
    }

    fn open_slot_in(
        &self,
        issue: &mut Issue,
        slot: u64,
    ) -> Result<Option<(KeyId, DataKey)>, VaultError> {
        let number = slot / SLOTS;
        let block = match issue.loaded.take() {
            Some(block) if block.number == number => issue.loaded.insert(block),
            _ => issue.loaded.insert(Block::read(&self.dir, number)?),
        };
        block.slot(slot)?.open(&self.ledger, &self.vault_key)
    }
}

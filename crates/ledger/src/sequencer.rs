//! The sequencer: one thread that admits statements one after the other, gives each its place, and
//! seals its sections.
//!
//! It works ahead of the disk: while one group syncs, the next is admitted against the state plus
//! the overlay of everything sequenced. What it hands over in order is what will be in the record;
//! if a group can't be written, the ledger stops, and the overlay goes with it.

use std::sync::mpsc::SyncSender;
use std::sync::{Arc, RwLock};

use letopis_crypto::section::{SealKey, SealScope, seal};
use letopis_domain::position::{self, PositionError};
use letopis_domain::registry::{Placed, Registry};
use letopis_log::Link;
use letopis_record::{Record, StoredEvent, Tip};
use letopis_state::StateError;
use letopis_types::{LedgerId, Sequence, Timestamp};
use letopis_vault::{KeyId, Vault, VaultError};
use tokio::sync::mpsc::Receiver;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::clock::Clock;
use crate::committer::{Group, Reply};
use crate::error::{LedgerError, Rejected, Unavailable};
use crate::fold::{Found, Streams, class_index};
use crate::ledger::{Limits, Receipt};
use crate::submission::Prepared;

/// A submission that waits to be sequenced.
pub(crate) struct Work {
    pub(crate) prepared: Prepared,
    pub(crate) reply: oneshot::Sender<Result<Receipt, LedgerError>>,
    /// Its share of the memory that waiting submissions may take.
    pub(crate) permit: OwnedSemaphorePermit,
}

pub(crate) struct Sequencer {
    pub(crate) id: LedgerId,
    pub(crate) registry: Arc<RwLock<Registry>>,
    pub(crate) streams: Streams,
    pub(crate) record: Arc<dyn Record>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) clock: Clock,
    pub(crate) tip: Tip,
    pub(crate) limits: Limits,
}

/// The ids of the data keys of a stream, by class.
type Keys = [Option<[u8; 16]>; 3];

/// What became of a statement.
enum Admitted {
    /// It is in the group.
    New(Box<StoredEvent>, crate::fold::Effect),
    /// The record has it already, or an earlier group does.
    Repeat(Found),
}

impl From<StateError> for LedgerError {
    fn from(error: StateError) -> Self {
        Self::record(error)
    }
}

impl From<VaultError> for LedgerError {
    fn from(error: VaultError) -> Self {
        Self::record(error)
    }
}

impl From<PositionError> for LedgerError {
    fn from(error: PositionError) -> Self {
        Self::Rejected(error.into())
    }
}

impl Sequencer {
    /// Works until nobody submits any more.
    pub(crate) fn run(mut self, mut queue: Receiver<Work>, groups: &SyncSender<Group>) {
        let mut waiting = Vec::new();
        while queue.blocking_recv_many(&mut waiting, self.limits.group_events) > 0 {
            let mut group = Group::default();
            let mut bytes = 0;
            for work in waiting.drain(..) {
                bytes += work.prepared.bytes.len()
                    + work
                        .prepared
                        .sections
                        .iter()
                        .map(|(_, content)| content.len())
                        .sum::<usize>();
                self.take(work, &mut group);
                if bytes > self.limits.group_bytes {
                    bytes = 0;
                    self.hand_over(&mut group, groups);
                }
            }
            self.hand_over(&mut group, groups);
        }
    }

    fn hand_over(&self, group: &mut Group, groups: &SyncSender<Group>) {
        let mut group = std::mem::take(group);
        if group.is_empty() {
            return;
        }
        group.next_key_slot = self.vault.next_unused();
        if let Err(unsent) = groups.send(group) {
            // The committer ends before this only when it failed: what it did not take is not in
            // the record.
            unsent.0.refuse(&Unavailable::record("writing has failed before").into());
        }
    }

    fn take(&mut self, work: Work, group: &mut Group) {
        let Work { prepared, reply, permit } = work;
        match self.admit(prepared) {
            Ok(Admitted::New(event, effect)) => {
                let (sequence, version) = (event.link.sequence, effect.row.version);
                group.events.push(*event);
                group.effects.push(effect);
                let already_recorded = false;
                group.replies.push(Reply { sequence, version, already_recorded, reply, permit });
            }
            Ok(Admitted::Repeat(Found { sequence, version, .. })) => {
                let already_recorded = true;
                group.replies.push(Reply { sequence, version, already_recorded, reply, permit });
            }
            Err(error) => {
                // A caller who has gone away has no use for the answer.
                let _ = reply.send(Err(error));
            }
        }
    }

    /// Idempotency, `seen`, key and grant in force, references; then the event's place and its seals.
    fn admit(&mut self, prepared: Prepared) -> Result<Admitted, LedgerError> {
        if let Some(found) = self.find_repeat(&prepared)? {
            return Ok(Admitted::Repeat(found));
        }
        let statement = &prepared.statement;
        let recorded_at = self.clock.now().max(self.tip.last_recorded_at);
        let placed = Placed { statement, statement_hash: prepared.statement_hash, recorded_at };
        read(&self.registry).decide(&placed, &self.id).map_err(Rejected::from)?;

        let present = self.streams.head(&statement.stream)?;
        position::decide(statement.kind().exclusive, statement.seen, present, |version| {
            self.streams.head_at(&statement.stream, version).map_err(LedgerError::from)
        })?;
        if let Some(index) = self.streams.first_unknown(&statement.references)? {
            return Err(Rejected::ReferenceUnknown { index }.into());
        }

        let (keys, sealed) = self.seal(&prepared)?;
        self.place(prepared, recorded_at, keys, sealed)
    }

    fn find_repeat(&mut self, prepared: &Prepared) -> Result<Option<Found>, LedgerError> {
        let Prepared { statement, .. } = prepared;
        let Some(found) = self.streams.find_event(&statement.stream, &statement.event_id)? else {
            return Ok(None);
        };
        let hashes = match found.hashes {
            Some(hashes) => hashes,
            None => self.recorded_hashes(found.sequence)?,
        };
        if hashes == (prepared.statement_hash, prepared.signatures_hash) {
            return Ok(Some(found));
        }
        Err(Rejected::EventIdTaken { event_id: statement.event_id }.into())
    }

    fn recorded_hashes(
        &self,
        sequence: Sequence,
    ) -> Result<(letopis_types::Digest, letopis_types::Digest), LedgerError> {
        let events = self.record.read(sequence, 1, 1).map_err(LedgerError::record)?;
        let event = events.first().ok_or_else(|| LedgerError::record("an event is missing"))?;
        Ok((event.link.statement_hash, event.link.signatures_hash))
    }

    /// Seals the sections under the stream's keys, taking new ones for classes that have none.
    fn seal(&mut self, prepared: &Prepared) -> Result<(Keys, Vec<Vec<u8>>), LedgerError> {
        let statement = &prepared.statement;
        let row = self.streams.row(&statement.stream)?;
        let mut keys = row.map_or([None; 3], |row| row.keys);
        let mut sealed = Vec::with_capacity(statement.sections.len());
        for (index, (section, (salt, content))) in
            statement.sections.iter().zip(&prepared.sections).enumerate()
        {
            let place = keys
                .get_mut(class_index(section.class))
                .ok_or_else(|| LedgerError::record("a class without a place"))?;
            let (key_id, key) = match *place {
                Some(id) => match self.vault.key(&KeyId(id))? {
                    Some(key) => (KeyId(id), key),
                    // Nothing erases in this version: the vault is not the one of this record.
                    None => return Err(LedgerError::record("a data key is not in the vault")),
                },
                None => self.vault.fresh()?,
            };
            *place = Some(key_id.0);
            let mut nonce = [0; 24];
            getrandom::fill(&mut nonce).map_err(LedgerError::record)?;
            let scope = SealScope {
                ledger: &self.id,
                stream: &statement.stream,
                class: section.class,
                statement_hash: &prepared.statement_hash,
                // INVARIANT: at most 32 sections.
                index: index as u32,
            };
            let key = SealKey { id: &key_id.0, key: key.as_bytes() };
            sealed.push(seal(key, &nonce, &scope, salt, content).map_err(LedgerError::record)?);
        }
        Ok((keys, sealed))
    }

    /// From here on the statement has its place: nothing may fail between the changes.
    fn place(
        &mut self,
        prepared: Prepared,
        recorded_at: Timestamp,
        keys: Keys,
        sealed: Vec<Vec<u8>>,
    ) -> Result<Admitted, LedgerError> {
        let link = Link {
            sequence: self.tip.size,
            recorded_at,
            previous: self.tip.last_link,
            statement_hash: prepared.statement_hash,
            signatures_hash: prepared.signatures_hash,
        };
        let tip = self.tip.after(&link).map_err(LedgerError::record)?;
        let effect = self.streams.push(&prepared.statement, &link, keys)?;
        self.tip = tip;
        let placed = Placed {
            statement: &prepared.statement,
            statement_hash: prepared.statement_hash,
            recorded_at,
        };
        evolve(&self.registry, &placed, &self.id);
        let event = StoredEvent {
            link,
            statement: prepared.bytes,
            signatures: prepared.signatures,
            sealed,
        };
        Ok(Admitted::New(Box::new(event), effect))
    }
}

/// Only the kinds that stand in root and actor streams change the registry.
pub(crate) fn evolve(registry: &RwLock<Registry>, placed: &Placed<'_>, id: &LedgerId) {
    use letopis_types::StreamKind::{Actor, Root};
    if matches!(placed.statement.stream.kind, Root | Actor) {
        registry.write().unwrap_or_else(std::sync::PoisonError::into_inner).evolve(placed, id);
    }
}

/// Reads the registry. Nothing panics while it changes, so a poisoned lock guards a whole one.
pub(crate) fn read(registry: &RwLock<Registry>) -> std::sync::RwLockReadGuard<'_, Registry> {
    registry.read().unwrap_or_else(std::sync::PoisonError::into_inner)
}

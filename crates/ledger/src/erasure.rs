//! Erasure: what a SectionsErased names is destroyed before anybody is told that it was recorded
//! (proto/README.md, Erasure).

use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, PoisonError, RwLock};

use letopis_crypto::section::sealed_key_id;
use letopis_domain::file::{Erased, Erasure};
use letopis_domain::{Fact, fact};
use letopis_record::Record;
use letopis_state::Store;
use letopis_types::{Sequence, StreamKey, Version};
use letopis_vault::{KeyId, Vault};
use tokio::sync::{oneshot, watch};

use crate::committer::Health;
use crate::error::LedgerError;
use crate::ledger::Receipt;
use crate::submission::parse;

/// A recorded erasure whose author waits.
pub(crate) struct Pending {
    pub(crate) sequence: Sequence,
    pub(crate) receipt: Receipt,
    pub(crate) reply: oneshot::Sender<Result<Receipt, LedgerError>>,
}

/// Applies erasures, in log order.
pub(crate) struct Eraser {
    pub(crate) record: Arc<dyn Record>,
    pub(crate) state: Arc<Store>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) openings: Arc<RwLock<()>>,
}

impl Eraser {
    /// Works until the committer is done. An erasure that can't be applied stops the ledger: it is
    /// applied at the next start, before anything is served.
    pub(crate) fn run(
        &self,
        pending: &Receiver<Pending>,
        mut applied: watch::Receiver<u64>,
        health: &watch::Sender<Health>,
    ) {
        while let Ok(Pending { sequence, receipt, reply }) = pending.recv() {
            let stop = health.subscribe();
            // The state finds the sections; it is some milliseconds behind.
            while *applied.borrow_and_update() <= sequence.0 {
                if *stop.borrow() != Health::Serving {
                    return;
                }
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            let answer = self.apply_at(sequence);
            if let Err(error) = &answer {
                health.send_replace(Health::Failed(error.to_string()));
            }
            // A caller who has gone away has no use for the answer.
            let _ = reply.send(answer.map(|()| receipt));
        }
    }

    /// Applies all that the vault does not remember; refuses a vault that is ahead of its record.
    pub(crate) fn catch_up(&self) -> Result<(), LedgerError> {
        self.vault.check_erasure(|sequence| {
            let events = self.record.read(sequence, 1, 1).ok()?;
            events.first().map(|event| event.link.hash())
        })?;
        let from = self.vault.last_erasure().map_or(Sequence::ZERO, |(last, _)| last.next());
        for erasure in self.state.erasures(from) {
            self.apply_at(erasure?.0)?;
        }
        Ok(())
    }

    fn apply_at(&self, sequence: Sequence) -> Result<(), LedgerError> {
        if self.vault.last_erasure().is_some_and(|(last, _)| sequence <= last) {
            return Ok(());
        }
        let events = self.record.read(sequence, 1, 1).map_err(LedgerError::record)?;
        let event = events.first().ok_or_else(|| LedgerError::record("an event is missing"))?;
        let statement = parse(&event.statement)?;
        let Fact::SectionsErased(fact) = &statement.fact else {
            return Err(LedgerError::record("an erasure is not where the state says"));
        };
        let version = self
            .state
            .version_of(&statement.stream, &statement.event_id)?
            .ok_or_else(|| LedgerError::record("an erasure is not in its stream"))?;
        let keys = self.keys(&statement.stream, version, fact)?;
        // From here on nobody holds an opened key of these: whoever comes later finds the file
        // changed, and then the slot empty.
        let _drained = self.openings.write().unwrap_or_else(PoisonError::into_inner);
        // CRASH: after a part of it, or before it is remembered, all of it is done again at the next
        // start, before anything is served; that changes nothing where it was done.
        self.vault.destroy_all(&keys)?;
        self.vault.remember_erasure(sequence, event.link.hash())?;
        Ok(())
    }

    /// The keys of the sections that it names.
    fn keys(
        &self,
        stream: &StreamKey,
        version: Version,
        fact: &fact::SectionsErased,
    ) -> Result<Vec<KeyId>, LedgerError> {
        let (from, what) = match *fact {
            fact::SectionsErased::Class(class) => (Version::ZERO, Erased::Class(class)),
            fact::SectionsErased::Section { version, index } => {
                (version, Erased::Section(version, index))
            }
        };
        let named = Erasure { hash: letopis_types::Digest::ZERO, kind: stream.kind, version, what };
        let mut keys = Vec::new();
        for position in self.state.positions(stream, from) {
            let (at, position) = position?;
            if at >= version || matches!(what, Erased::Section(of, _) if at > of) {
                break;
            }
            let events = self.record.read(position.sequence, 1, 1).map_err(LedgerError::record)?;
            let event = events.first().ok_or_else(|| LedgerError::record("an event is missing"))?;
            let statement = parse(&event.statement)?;
            for (index, (section, sealed)) in
                (0..).zip(statement.sections.iter().zip(&event.sealed))
            {
                if named.covers(stream.kind, at, index, section.class) {
                    keys.extend(sealed_key_id(sealed).map(KeyId));
                }
            }
        }
        Ok(keys)
    }
}

/// Where the committer hands recorded erasures on.
pub(crate) type Erasures = Sender<Pending>;

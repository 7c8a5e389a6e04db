//! Erasure: what a SectionsErased names is destroyed before anybody is told that it was recorded
//! (proto/README.md, Erasure).

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use letopis_crypto::section::sealed_key_id;
use letopis_domain::file::{Erased, Erasure};
use letopis_domain::{Fact, fact};
use letopis_record::Record;
use letopis_state::Store;
use letopis_types::{Digest, Sequence, StreamKey, Version};
use letopis_vault::{KeyId, Vault};
use tokio::sync::{oneshot, watch};

use crate::coded::{Cell, Coded};
use crate::committer::Health;
use crate::error::LedgerError;
use crate::ledger::Receipt;
use crate::submission::parse;

/// How long what found no room on the disk waits until it is tried again.
const LATE_EVERY: Duration = Duration::from_secs(1);

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
    pub(crate) coded: Arc<Coded>,
    /// The last erasure that was applied, where the vault had no room to remember it.
    pub(crate) late: Mutex<Option<(Sequence, Digest)>>,
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
        loop {
            let Pending { sequence, receipt, reply } = match pending.recv_timeout(LATE_EVERY) {
                Ok(next) => next,
                Err(RecvTimeoutError::Timeout) => {
                    self.remember_late(health);
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return self.remember_late(health),
            };
            let stop = health.subscribe();
            // The state finds the sections; it is some milliseconds behind.
            while *applied.borrow_and_update() <= sequence.0 {
                if *stop.borrow() != Health::Serving {
                    return;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            let answer = loop {
                match self.apply_at(sequence) {
                    // Until there is room its author waits. It is applied at the next start if the ledger ends.
                    Ok(false)
                        if applied.has_changed().is_ok() && *stop.borrow() == Health::Serving =>
                    {
                        std::thread::sleep(LATE_EVERY);
                    }
                    Ok(false) => return,
                    answer => break answer.map(drop),
                }
            };
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
            if !self.apply_at(erasure?.0)? {
                return Err(LedgerError::record(
                    "an erasure is due, and there is no room for vault/residue: make room on the disk of vault/, \
                     and start again",
                ));
            }
        }
        Ok(())
    }

    /// False: the disk has no room for what has to be kept of the sections, and they are still there.
    fn apply_at(&self, sequence: Sequence) -> Result<bool, LedgerError> {
        if self.vault.last_erasure().is_some_and(|(last, _)| sequence <= last) {
            return Ok(true);
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
        let mut kept = self.coded.lock();
        let Doomed { keys, cells } = self.doomed(&statement.stream, version, fact)?;
        // The residue is added to once: not before all of them can go.
        self.vault.check_destroyable(&keys)?;
        // CRASH: the residue says that it holds of this erasure, and is not added to a second time.
        if !self.coded.keep(&mut kept, sequence, &cells)? {
            return Ok(false);
        }
        // From here on nobody holds an opened key of these: whoever comes later finds the file
        // changed, and then the slot empty.
        let _drained = self.openings.write().unwrap_or_else(PoisonError::into_inner);
        // CRASH: after a part of it, or before it is remembered, all of it is done again at the next
        // start, before anything is served; that changes nothing where it was done.
        self.vault.destroy_all(&keys)?;
        self.remember(sequence, event.link.hash())?;
        Ok(true)
    }

    /// A full disk takes no new file. What is destroyed stays destroyed, so that nobody waits for it:
    /// it is remembered with the next one, or when there is room.
    fn remember(&self, sequence: Sequence, link_hash: Digest) -> Result<(), LedgerError> {
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        *late = match self.vault.remember_erasure(sequence, link_hash) {
            // CRASH: until then it is applied again at each start, which changes nothing.
            Err(error) if error.is_disk_full() => {
                if late.is_none() {
                    tracing::warn!(%error, "an erasure was applied, and is remembered later");
                }
                Some((sequence, link_hash))
            }
            remembered => remembered.map(|()| None)?,
        };
        Ok(())
    }

    fn remember_late(&self, health: &watch::Sender<Health>) {
        let late = *self.late.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((sequence, link_hash)) = late
            && let Err(error) = self.remember(sequence, link_hash)
        {
            health.send_replace(Health::Failed(error.to_string()));
        }
    }

    /// The sections that it names.
    fn doomed(
        &self,
        stream: &StreamKey,
        version: Version,
        fact: &fact::SectionsErased,
    ) -> Result<Doomed, LedgerError> {
        let (from, what) = match *fact {
            fact::SectionsErased::Class(class) => (Version::ZERO, Erased::Class(class)),
            fact::SectionsErased::Section { version, index } => {
                (version, Erased::Section(version, index))
            }
        };
        let named = Erasure { hash: Digest::ZERO, kind: stream.kind, version, what };
        let mut doomed = Doomed::default();
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
                    doomed.keys.extend(sealed_key_id(sealed).map(KeyId));
                    doomed.cells.extend(self.coded.cell(event, &statement, index)?);
                }
            }
        }
        Ok(doomed)
    }
}

/// What goes with an erasure.
#[derive(Default)]
struct Doomed {
    keys: Vec<KeyId>,
    /// Where what they say in codes is counted from then on.
    cells: Vec<Cell>,
}

/// Where the committer hands recorded erasures on.
pub(crate) type Erasures = Sender<Pending>;

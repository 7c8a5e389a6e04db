//! A record in memory.

use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use letopis_types::{LedgerId, Sequence};

use crate::frame;
use crate::port::{GroupError, Record, RecordError, Space, StoredEvent, Tip};

/// What the next append does instead of succeeding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Says that there is no room; nothing is written.
    NoRoom,
    /// Fails for good, with the group lost.
    FatalAndLost,
    /// Fails for good, with the group found again by [`MemoryRecord::reopen`].
    FatalAndKept,
}

/// A record in memory, as the port describes it. Durable for as long as there is a clone of it.
#[derive(Debug, Clone)]
pub struct MemoryRecord {
    ledger: LedgerId,
    stored: Arc<RwLock<Stored>>,
    /// Of this opening of it.
    opening: Arc<RwLock<Opening>>,
}

#[derive(Debug, Default)]
struct Stored {
    events: Vec<StoredEvent>,
    head: Option<String>,
}

#[derive(Debug)]
struct Opening {
    tip: Tip,
    stopped: Option<RecordError>,
    failure: Option<Failure>,
    space: Space,
}

impl MemoryRecord {
    /// An empty record.
    #[must_use]
    pub fn new(ledger: LedgerId) -> Self {
        Self { ledger, stored: Arc::default(), opening: Opening::new(Tip::EMPTY) }
    }

    /// The same record, opened again.
    #[must_use]
    pub fn reopen(&self) -> Self {
        let stored = self.stored.read().unwrap_or_else(PoisonError::into_inner);
        let tip = stored.events.last().map_or(Tip::EMPTY, |event| Tip {
            size: event.link.sequence.next(),
            last_link: event.link.hash(),
            last_recorded_at: event.link.recorded_at,
        });
        let opening = Opening::new(tip);
        Self { ledger: self.ledger, stored: Arc::clone(&self.stored), opening }
    }

    /// Lets the next append fail.
    pub fn fail_next(&self, failure: Failure) {
        self.opening.write().unwrap_or_else(PoisonError::into_inner).failure = Some(failure);
    }

    /// Says from now on that so much may be admitted. Appending is as before.
    pub fn set_space(&self, space: Space) {
        self.opening.write().unwrap_or_else(PoisonError::into_inner).space = space;
    }

    /// Changes what is stored of an event, as whoever holds the storage could.
    pub fn change(&self, sequence: Sequence, change: impl FnOnce(&mut StoredEvent)) {
        let mut stored = self.stored.write().unwrap_or_else(PoisonError::into_inner);
        let at = usize::try_from(sequence.0).unwrap_or(usize::MAX);
        stored.events.get_mut(at).map(change);
    }

    fn alive(&self) -> Result<(), RecordError> {
        let opening = self.opening.read().unwrap_or_else(PoisonError::into_inner);
        opening.stopped.clone().map_or(Ok(()), Err)
    }
}

impl Opening {
    fn new(tip: Tip) -> Arc<RwLock<Self>> {
        Arc::new(RwLock::new(Self { tip, stopped: None, failure: None, space: Space::Plenty }))
    }
}

impl Record for MemoryRecord {
    fn ledger(&self) -> LedgerId {
        self.ledger
    }

    fn tip(&self) -> Tip {
        self.opening.read().unwrap_or_else(PoisonError::into_inner).tip
    }

    fn append(&self, group: &[StoredEvent]) -> Result<(), RecordError> {
        let mut opening = self.opening.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = &opening.stopped {
            return Err(error.clone());
        }
        let tip = group
            .iter()
            .try_fold(opening.tip, |tip, event| tip.after(&event.link))
            .map_err(GroupError::from)?;
        frame::body_len(group)?;
        let failure = opening.failure.take();
        if failure == Some(Failure::NoRoom) {
            let source = Arc::new(io::ErrorKind::StorageFull.into());
            return Err(RecordError::NoRoom { action: "write a group", source });
        }
        if failure != Some(Failure::FatalAndLost) {
            let mut stored = self.stored.write().unwrap_or_else(PoisonError::into_inner);
            stored.events.extend_from_slice(group);
        }
        if failure.is_some() {
            let error = RecordError::fatal("sync a group")(io::ErrorKind::Other.into());
            opening.stopped = Some(error.clone());
            return Err(error);
        }
        opening.tip = tip;
        Ok(())
    }

    fn read(
        &self,
        from: Sequence,
        max_events: usize,
        max_bytes: usize,
    ) -> Result<Vec<StoredEvent>, RecordError> {
        // Kept until the end: an append shows what it wrote, and the new tip, at once.
        let opening = self.opening.read().unwrap_or_else(PoisonError::into_inner);
        opening.stopped.clone().map_or(Ok(()), Err)?;
        let stored = self.stored.read().unwrap_or_else(PoisonError::into_inner);
        let from = usize::try_from(from.0).unwrap_or(usize::MAX);
        let mut bytes: u64 = 0;
        let within = |event: &&StoredEvent| {
            let reached = bytes > 0 && bytes >= max_bytes as u64;
            bytes += frame::event_len(event).unwrap_or(u64::MAX);
            !reached
        };
        let events = stored.events.iter().skip(from).take(max_events.max(1));
        Ok(events.take_while(within).cloned().collect())
    }

    fn space(&self) -> Space {
        self.opening.read().unwrap_or_else(PoisonError::into_inner).space
    }

    fn head(&self) -> Result<Option<String>, RecordError> {
        self.alive()?;
        Ok(self.stored.read().unwrap_or_else(PoisonError::into_inner).head.clone())
    }

    fn write_head(&self, checkpoint: &str) -> Result<(), RecordError> {
        self.alive()?;
        let mut stored = self.stored.write().unwrap_or_else(PoisonError::into_inner);
        stored.head = Some(checkpoint.to_owned());
        Ok(())
    }

    fn close(&self) -> Result<(), RecordError> {
        let mut opening = self.opening.write().unwrap_or_else(PoisonError::into_inner);
        match &opening.stopped {
            None | Some(RecordError::Closed) => {
                opening.stopped = Some(RecordError::Closed);
                Ok(())
            }
            Some(error) => Err(error.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{contract, events};

    const LEDGER: LedgerId = LedgerId([7; 32]);

    #[test]
    fn passes_the_contract() {
        contract::run(|| {
            let record = MemoryRecord::new(LEDGER);
            move || record.reopen()
        });
    }

    #[test]
    fn says_what_it_is_told_of_its_space() {
        let record = MemoryRecord::new(LEDGER);
        for space in [Space::Reserved, Space::Gone, Space::Plenty] {
            record.set_space(space);
            assert_eq!((record.space(), record.restore_space()), (space, space));
            assert_eq!(record.clone().space(), space);
        }
        record.set_space(Space::Gone);
        assert_eq!(record.reopen().space(), Space::Plenty);
    }

    #[test]
    fn fails_as_it_is_told() {
        for (failure, fatal, kept) in [
            (Failure::NoRoom, false, 0),
            (Failure::FatalAndLost, true, 0),
            (Failure::FatalAndKept, true, 1),
        ] {
            let record = MemoryRecord::new(LEDGER);
            let group = events(&Tip::EMPTY, &[10]);
            record.fail_next(failure);
            assert_eq!(record.append(&group).unwrap_err().is_fatal(), fatal);
            assert_eq!(record.tip(), Tip::EMPTY);
            assert_eq!(record.append(&group).is_err(), fatal);
            assert_eq!(record.read(Sequence::ZERO, 9, 9).is_err(), fatal);
            if fatal {
                assert_eq!(record.reopen().tip().size, Sequence(kept));
            }
        }
    }
}

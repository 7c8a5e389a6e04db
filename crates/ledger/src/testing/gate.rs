//! A record that can be held up, and that counts.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use letopis_record::{Record, RecordError, Space, StoredEvent, Tip};
use letopis_types::{LedgerId, Sequence};

/// A record whose appends wait while it is shut, and which counts what is asked of it.
pub struct Gated {
    inner: Arc<dyn Record>,
    state: Mutex<State>,
    opened: Condvar,
}

#[derive(Default)]
struct State {
    shut: bool,
    groups: Vec<usize>,
    reads: usize,
}

impl std::fmt::Debug for Gated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gated").field("ledger", &self.ledger()).finish_non_exhaustive()
    }
}

impl Gated {
    /// Over another record; open.
    #[must_use]
    pub fn new(inner: Arc<dyn Record>) -> Arc<Self> {
        Arc::new(Self { inner, state: Mutex::default(), opened: Condvar::new() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends wait from now on.
    pub fn shut(&self) {
        self.state().shut = true;
    }

    /// They go on.
    pub fn open(&self) {
        self.state().shut = false;
        self.opened.notify_all();
    }

    /// The sizes of the groups that were written.
    #[must_use]
    pub fn groups(&self) -> Vec<usize> {
        self.state().groups.clone()
    }

    /// How often it was read.
    #[must_use]
    pub fn reads(&self) -> usize {
        self.state().reads
    }
}

impl Record for Gated {
    fn ledger(&self) -> LedgerId {
        self.inner.ledger()
    }

    fn tip(&self) -> Tip {
        self.inner.tip()
    }

    fn append(&self, group: &[StoredEvent]) -> Result<(), RecordError> {
        let waited = self.opened.wait_while(self.state(), |state| state.shut);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
        self.inner.append(group)?;
        self.state().groups.push(group.len());
        Ok(())
    }

    fn space(&self) -> Space {
        self.inner.space()
    }

    fn restore_space(&self) -> Space {
        self.inner.restore_space()
    }

    fn scrub(&self, from: Sequence, max_bytes: usize) -> Result<Sequence, RecordError> {
        self.inner.scrub(from, max_bytes)
    }

    fn read(
        &self,
        from: Sequence,
        max_events: usize,
        max_bytes: usize,
    ) -> Result<Vec<StoredEvent>, RecordError> {
        self.state().reads += 1;
        self.inner.read(from, max_events, max_bytes)
    }

    fn head(&self) -> Result<Option<String>, RecordError> {
        self.inner.head()
    }

    fn write_head(&self, checkpoint: &str) -> Result<(), RecordError> {
        self.inner.write_head(checkpoint)
    }

    fn close(&self) -> Result<(), RecordError> {
        self.inner.close()
    }
}

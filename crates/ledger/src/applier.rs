//! The applier: one thread that feeds the state with what is durable, in order.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};
use std::time::Duration;

use letopis_state::streams::{SCHEMA, tile_entry};
use letopis_state::{Mark, StateError, Store};
use letopis_types::LedgerId;
use tokio::sync::watch;

use crate::access::Access;
use crate::batch::{Batch, End};
use crate::committer::{Durable, Health, Tree};

/// Events that one batch of the state covers, but for a larger group: some writes each, so that the batch,
/// which is there after a crash or is not, is seldom split.
pub(crate) const BATCH_EVENTS: usize = 128;

/// How many events a synced snapshot of the state may be behind.
pub(crate) const SNAPSHOT_EVENTS: u64 = 100_000;

/// How long the state may be behind while nobody waits for it: each batch costs far more than what
/// is in it, and whoever reads or records something that the state need not know of goes on meanwhile.
const LINGER: Duration = Duration::from_millis(10);

/// How many events somebody waits to find in the state.
#[derive(Debug, Default)]
pub(crate) struct Demand {
    events: Mutex<u64>,
    raised: Condvar,
}

impl Demand {
    /// Somebody waits until the state knows of so many.
    pub(crate) fn raise(&self, events: u64) {
        let mut wanted = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        if *wanted < events {
            *wanted = events;
            self.raised.notify_one();
        }
    }

    /// Waits until somebody wants more than so many, but not too long.
    fn beyond(&self, events: u64) {
        let wanted = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        // Poisoned or not, what it guards is a number.
        let _ = self.raised.wait_timeout_while(wanted, LINGER, |wanted| *wanted <= events);
    }
}

pub(crate) struct Applier {
    pub(crate) id: LedgerId,
    pub(crate) state: Arc<Store>,
    /// Where the rules are.
    pub(crate) access: Arc<Access>,
    pub(crate) tree: Arc<RwLock<Tree>>,
    /// How many events the state has taken in: for the sequencer's overlay.
    pub(crate) applied: Arc<AtomicU64>,
    /// The same, for readers who wait for it.
    pub(crate) followed: watch::Sender<u64>,
    /// How many somebody waits for.
    pub(crate) demand: Arc<Demand>,
    pub(crate) health: Arc<watch::Sender<Health>>,
    /// How many events the last snapshot covers; `None`: none are written.
    pub(crate) last_snapshot: Option<u64>,
}

impl Applier {
    /// Works until the committer is done, or the state fails.
    pub(crate) fn run(mut self, durable: &Receiver<Durable>) {
        let mut early = None;
        while let Some(first) = early.take().or_else(|| self.lingering(durable)) {
            let mut batch = Batch::default();
            batch.add(first);
            while let Ok(next) = durable.try_recv() {
                if batch.events() + next.effects.len() > BATCH_EVENTS {
                    early = Some(next);
                    break;
                }
                batch.add(next);
            }
            if let Err(error) = self.apply(batch) {
                // The record has everything; the next start rebuilds the state from it.
                self.health.send_replace(Health::Failed(error.to_string()));
                return;
            }
            self.snapshot_when_due();
        }
    }

    /// The next group, once it is wanted or more may have come.
    fn lingering(&self, durable: &Receiver<Durable>) -> Option<Durable> {
        let next = durable.recv().ok()?;
        self.demand.beyond(self.applied.load(Ordering::Acquire));
        Some(next)
    }

    /// Has the state take in a batch.
    pub(crate) fn apply(&self, mut batch: Batch) -> Result<(), StateError> {
        let Some(End { size, last_link, next_key_slot }) = batch.end() else { return Ok(()) };
        let mark = Mark { ledger: self.id, size, last_link, schema: SCHEMA, next_key_slot };
        let tiles = std::mem::take(&mut batch.tiles);
        let files: Vec<_> = batch.files().copied().collect();
        let mut entries = batch.entries(&self.access.rules().profiles);
        entries.extend(tiles.iter().map(|done| tile_entry(done.level, done.index, &done.tile)));
        self.state.apply(&entries, &mark)?;
        if !tiles.is_empty() {
            let mut tree = self.tree.write().unwrap_or_else(PoisonError::into_inner);
            tiles.iter().for_each(|tile| tree.stored(tile));
        }
        self.access.taken_in(size, files.iter());
        self.applied.store(mark.size.0, Ordering::Release);
        self.followed.send_replace(mark.size.0);
        Ok(())
    }

    /// Writes a snapshot of the state if the last one is far behind.
    pub(crate) fn snapshot_when_due(&mut self) {
        let size = self.applied.load(Ordering::Acquire);
        if self.last_snapshot.is_some_and(|last| size >= last + SNAPSHOT_EVENTS) {
            // Without it a rebuild takes longer, and nothing else: it is tried again later.
            if let Err(error) = self.state.snapshot() {
                tracing::error!(%error, "no snapshot of the state was written");
            }
            self.last_snapshot = Some(size);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn who_waits_for_the_state_is_not_kept_waiting() {
        let demand = Arc::new(Demand::default());
        let began = Instant::now();
        demand.beyond(0);
        assert!(began.elapsed() >= LINGER, "nobody wants anything");

        demand.raise(7);
        let began = Instant::now();
        (0..100).for_each(|_| demand.beyond(6));
        assert!(began.elapsed() < 100 * LINGER, "the seventh event is wanted");
        let began = Instant::now();
        demand.raise(3);
        demand.beyond(7);
        assert!(began.elapsed() >= LINGER, "no more than seven are");
    }
}

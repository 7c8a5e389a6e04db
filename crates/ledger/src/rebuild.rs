//! The state that a record gives: events, folded with the functions of the pipeline. For opening, which
//! goes on from there, and for whoever compares a state with what it should be.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, PoisonError, RwLock};

use letopis_domain::registry::{Placed, Registry};
use letopis_log::merkle::leaf_hash;
use letopis_record::StoredEvent;
use letopis_state::Store;
use letopis_state::streams::Tiles;
use letopis_types::{Digest, LedgerId, Sequence};
use tokio::sync::watch;

use crate::access::Access;
use crate::applier::{Applier, BATCH_EVENTS};
use crate::committer::{Durable, Health, Tree};
use crate::counters::Counters;
use crate::error::LedgerError;
use crate::fold::{Streams, others};
use crate::marks;
use crate::open::OpenError;
use crate::sequencer::{evolve, read};
use crate::submission::parse;

/// The folded ledger, being brought up to a record's end.
pub(crate) struct Folding {
    pub(crate) registry: Arc<RwLock<Registry>>,
    pub(crate) applier: Applier,
    pub(crate) applied: Arc<AtomicU64>,
    pub(crate) followed: watch::Receiver<u64>,
    pub(crate) streams: Streams,
    pub(crate) counters: Counters,
    pub(crate) access: Arc<Access>,
}

impl Folding {
    /// From a state as far as its mark goes, and the tree of so many links. Snapshots of the state are
    /// written where it is said how many events the last one covers.
    pub(crate) fn new(
        ledger: LedgerId,
        state: Arc<Store>,
        tree: Tree,
        last_snapshot: Option<u64>,
    ) -> Self {
        let size = state.mark().map_or(0, |mark| mark.size.0);
        let applied = Arc::new(AtomicU64::new(size));
        let (followed_sender, followed) = watch::channel(size);
        let applier = Applier {
            id: ledger,
            state: Arc::clone(&state),
            tree: Arc::new(RwLock::new(tree)),
            applied: Arc::clone(&applied),
            followed: followed_sender,
            demand: Arc::default(),
            health: Arc::new(watch::channel(Health::Serving).0),
            last_snapshot,
        };
        Self {
            registry: Arc::new(RwLock::new(Registry::default())),
            applier,
            access: Arc::new(Access::new(Arc::clone(&state), Arc::clone(&applied))),
            counters: Counters::new(Arc::clone(&state)),
            streams: Streams::new(state, Arc::clone(&applied)),
            applied,
            followed,
        }
    }

    /// Takes in the events that come next, at most [`BATCH_EVENTS`]; the vault's next unused slot is
    /// that after them.
    pub(crate) fn take(
        &mut self,
        batch: &[StoredEvent],
        next_key_slot: u64,
    ) -> Result<(), OpenError> {
        let mut durable = Durable {
            effects: Vec::with_capacity(batch.len()),
            tiles: Vec::new(),
            size: Sequence::ZERO,
            last_link: Digest::ZERO,
            next_key_slot,
        };
        for event in batch {
            self.take_event(event, &mut durable)?;
        }
        Ok(self.applier.apply(vec![durable])?)
    }

    fn take_event(&mut self, event: &StoredEvent, durable: &mut Durable) -> Result<(), OpenError> {
        let (link, ledger) = (&event.link, self.applier.id);
        let statement = parse(&event.statement)
            .map_err(|source| OpenError::Statement { sequence: link.sequence, source })?;
        let placed = Placed {
            statement: &statement,
            statement_hash: link.statement_hash,
            sequence: link.sequence,
            recorded_at: link.recorded_at,
        };
        let version = self.streams.head(&statement.stream)?.version.next();
        let registry = read(&self.registry);
        let taken = marks::of(&placed, &ledger, &*self.access, &registry)?;
        let changed = self.access.evolve(&placed, version, &registry, taken)?;
        drop(registry);
        let rules = self.access.rules();
        let others =
            others(&placed, version, &changed, taken, &rules.profiles, &mut self.counters)?;
        durable.effects.push(self.streams.push(&statement, link, others)?);
        evolve(&self.registry, &placed, &ledger);
        let mut tree = self.applier.tree.write().unwrap_or_else(PoisonError::into_inner);
        durable.tiles.extend(tree.append(leaf_hash(&link.to_bytes())));
        (durable.size, durable.last_link) = (link.sequence.next(), link.hash());
        Ok(())
    }
}

/// A state that is made anew from a record alone. It trusts the record: verify that first.
pub struct Rebuilding(Folding);

impl std::fmt::Debug for Rebuilding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rebuilding").finish_non_exhaustive()
    }
}

impl Rebuilding {
    /// Into this store, which must be empty.
    ///
    /// # Errors
    /// The store's.
    pub fn begin(ledger: LedgerId, state: Arc<Store>) -> Result<Self, OpenError> {
        let tree = Tree::open(Tiles(Arc::clone(&state)), 0, &[]).map_err(LedgerError::record)?;
        Ok(Self(Folding::new(ledger, state, tree, None)))
    }

    /// Takes in the events that come next.
    ///
    /// # Errors
    /// [`OpenError::Statement`], or the store's.
    pub fn take(&mut self, events: &[StoredEvent]) -> Result<(), OpenError> {
        // Where the vault goes on is no part of what the state says.
        events.chunks(BATCH_EVENTS).try_for_each(|batch| self.0.take(batch, 0))
    }
}

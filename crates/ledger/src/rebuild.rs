//! The state that a record gives: events, folded with the functions of the pipeline. For opening, which
//! goes on from there, and for whoever compares a state with what it should be.

use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::{self, JoinHandle};

use letopis_domain::registry::{Placed, Registry};
use letopis_log::merkle::leaf_hash;
use letopis_record::StoredEvent;
use letopis_state::streams::Tiles;
use letopis_state::{StateError, Store};
use letopis_types::LedgerId;
use tokio::sync::watch;

use crate::access::Access;
use crate::applier::Applier;
use crate::batch::{Batch, End};
use crate::committer::{Durable, Health, Tree};
use crate::counters::Counters;
use crate::error::LedgerError;
use crate::fold::Streams;
use crate::marks;
use crate::open::OpenError;
use crate::rows;
use crate::sequencer::{evolve, read};
use crate::submission::parse;

/// Events that are folded before the state takes them in. What they change again and again, above all a file, is
/// written once; and what is written comes in the order of the keys, many to a page.
const WINDOW_EVENTS: usize = 16_384;

/// The folded ledger, being brought up to a record's end: here events are folded, while another thread has the
/// state take in those before them.
pub(crate) struct Folding {
    ledger: LedgerId,
    pub(crate) registry: Arc<RwLock<Registry>>,
    pub(crate) access: Arc<Access>,
    streams: Streams,
    counters: Counters,
    pub(crate) tree: Arc<RwLock<Tree>>,
    pub(crate) applied: Arc<AtomicU64>,
    followed: watch::Receiver<u64>,
    window: Batch,
    pub(crate) window_events: usize,
    applying: Applying,
}

/// The folded ledger, and what feeds the state from now on.
pub(crate) struct Folded {
    pub(crate) registry: Arc<RwLock<Registry>>,
    pub(crate) applier: Applier,
    pub(crate) followed: watch::Receiver<u64>,
    pub(crate) streams: Streams,
    pub(crate) counters: Counters,
    pub(crate) access: Arc<Access>,
}

impl Folding {
    /// From a state as far as its mark goes, and the tree of so many links. At the end a snapshot of the state
    /// is written if it is due, where it is said how many events the last one covers.
    pub(crate) fn new(
        ledger: LedgerId,
        state: Arc<Store>,
        tree: Tree,
        last_snapshot: Option<u64>,
    ) -> Result<Self, OpenError> {
        let size = state.mark().map_or(0, |mark| mark.size.0);
        let applied = Arc::new(AtomicU64::new(size));
        let (followed_sender, followed) = watch::channel(size);
        let access = Arc::new(Access::new(Arc::clone(&state), Arc::clone(&applied)));
        let tree = Arc::new(RwLock::new(tree));
        let applier = Applier {
            id: ledger,
            state: Arc::clone(&state),
            access: Arc::clone(&access),
            tree: Arc::clone(&tree),
            applied: Arc::clone(&applied),
            followed: followed_sender,
            demand: Arc::default(),
            health: Arc::new(watch::channel(Health::Serving).0),
            last_snapshot,
        };
        Ok(Self {
            ledger,
            registry: Arc::new(RwLock::new(Registry::default())),
            access,
            counters: Counters::new(Arc::clone(&state)),
            streams: Streams::new(state, Arc::clone(&applied)),
            tree,
            applied,
            followed,
            window: Batch::default(),
            window_events: WINDOW_EVENTS,
            applying: Applying::start(applier)?,
        })
    }

    /// Takes in the event that comes next; the vault's next unused slot is that after it.
    pub(crate) fn take(
        &mut self,
        event: &StoredEvent,
        next_key_slot: u64,
    ) -> Result<(), OpenError> {
        let durable = self.fold(event, next_key_slot)?;
        self.window.add(durable);
        if self.window.events() >= self.window_events {
            self.applying.hand_over(std::mem::take(&mut self.window))?;
        }
        Ok(())
    }

    fn fold(&mut self, event: &StoredEvent, next_key_slot: u64) -> Result<Durable, OpenError> {
        let link = &event.link;
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
        let taken = marks::of(&placed, &self.ledger, &*self.access, &registry)?;
        let changed = self.access.evolve(&placed, version, &registry, taken)?;
        drop(registry);
        let others = rows::of_event(&placed, version, &changed, taken, &mut self.counters)?;
        let effect = self.streams.push(&statement, link, changed, others)?;
        evolve(&self.registry, &placed, &self.ledger);
        let mut tree = self.tree.write().unwrap_or_else(PoisonError::into_inner);
        let tiles = tree.append(leaf_hash(&link.to_bytes()));
        let end = End { size: link.sequence.next(), last_link: link.hash(), next_key_slot };
        Ok(Durable { effects: vec![effect], tiles, end })
    }

    /// Waits until the state has taken in everything.
    pub(crate) fn finish(mut self) -> Result<Folded, OpenError> {
        self.applying.hand_over(self.window)?;
        let mut applier = self.applying.finish()?;
        applier.snapshot_when_due();
        let Self { registry, followed, streams, counters, access, .. } = self;
        Ok(Folded { registry, applier, followed, streams, counters, access })
    }
}

/// The applier, at work in a thread of its own.
struct Applying {
    /// Of no capacity: one window is taken in while the next is folded, and no third waits in memory.
    windows: Option<SyncSender<Batch>>,
    thread: Option<JoinHandle<Result<Applier, StateError>>>,
}

impl Applying {
    fn start(applier: Applier) -> Result<Self, std::io::Error> {
        let (windows, handed_over) = sync_channel(0);
        let work = move || {
            handed_over.iter().try_for_each(|window| applier.apply(window))?;
            Ok(applier)
        };
        let thread = thread::Builder::new().name("rebuild".to_owned()).spawn(work)?;
        Ok(Self { windows: Some(windows), thread: Some(thread) })
    }

    /// Waits until the window before this one is taken in.
    fn hand_over(&mut self, window: Batch) -> Result<(), OpenError> {
        let windows = self.windows.as_ref();
        if windows.is_some_and(|windows| windows.send(window).is_ok()) {
            return Ok(());
        }
        // It has ended before its time, and says why.
        self.finish().map(|_| ())
    }

    fn finish(&mut self) -> Result<Applier, OpenError> {
        drop(self.windows.take());
        let ended = self.thread.take().map(JoinHandle::join);
        let panicked = || std::io::Error::other("the thread that rebuilds the state panicked");
        Ok(ended.and_then(Result::ok).ok_or_else(panicked)??)
    }
}

impl Drop for Applying {
    /// Nobody writes to the state any more when this is gone.
    fn drop(&mut self) {
        drop(self.windows.take());
        drop(self.thread.take().map(JoinHandle::join));
    }
}

/// A state that is made anew from a record alone. It trusts the record: verify that first.
pub struct Rebuilding(pub(crate) Folding);

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
        Ok(Self(Folding::new(ledger, state, tree, None)?))
    }

    /// Takes in the event that comes next. The store has it when [`Self::finish`] says so.
    ///
    /// # Errors
    /// [`OpenError::Statement`], or the store's.
    pub fn take(&mut self, event: &StoredEvent) -> Result<(), OpenError> {
        // Where the vault goes on is no part of what the state says.
        self.0.take(event, 0)
    }

    /// Waits until the store has everything.
    ///
    /// # Errors
    /// The store's.
    pub fn finish(self) -> Result<(), OpenError> {
        self.0.finish().map(drop)
    }
}

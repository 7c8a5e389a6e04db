//! Starting what opening has made ready: the pipeline's threads, and what goes on beside them.

use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread;

use letopis_crypto::hash::statement_hash;
use letopis_domain::Fact;
use letopis_record::Record;
use letopis_types::{Sequence, Timestamp};
use tokio::sync::{Semaphore, mpsc, watch};

use super::{OpenError, Parts, READ_BYTES, READ_EVENTS, Recovered};
use crate::applier::Applier;
use crate::background::Background;
use crate::coded::Coded;
use crate::committer::{Committer, Health, Published, sign_checkpoint};
use crate::erasure::{Eraser, Pending};
use crate::ledger::{Inner, Ledger};
use crate::readings::{Denials, Named};
use crate::rebuild::Folded;
use crate::refusals::Refusals;
use crate::sequencer::{Sequencer, Work};
use crate::submission::parse;
use crate::token::{REMEMBERED_SECONDS, UsedTokens};

/// Starts sequencer, committer, applier, and what goes on beside them.
pub(super) fn start(parts: Parts, recovered: Recovered) -> Result<Ledger, OpenError> {
    let Parts { record, vault, state, keys, clock, limits } = parts;
    let Recovered { genesis_event, genesis, origin, folded, frontier, tip } = recovered;
    let Folded { registry, applier, followed, streams, counters, access } = folded;
    let (keys, vault) = (Arc::new(keys), Arc::new(vault));
    let id = record.ledger();
    clock.rested_since(tip.last_recorded_at);
    let openings = Arc::new(RwLock::new(()));
    let coded = Arc::new(Coded::open(
        id,
        Arc::clone(&record),
        Arc::clone(&state),
        Arc::clone(&vault),
        Arc::clone(&access),
        Arc::clone(&openings),
    )?);
    let eraser = Eraser {
        record: Arc::clone(&record),
        state: Arc::clone(&state),
        vault: Arc::clone(&vault),
        openings: Arc::clone(&openings),
        coded: Arc::clone(&coded),
        late: Mutex::default(),
    };
    eraser.catch_up()?;
    let checkpoint = sign_checkpoint(&origin, tip.size, frontier.root(), &keys);
    let (published_sender, published) = watch::channel(Published { size: tip.size, checkpoint });
    let health = Arc::clone(&applier.health);
    let tree = Arc::clone(&applier.tree);
    let demand = Arc::clone(&applier.demand);

    let (erasures, pending) = std::sync::mpsc::channel();
    let sequencer = Sequencer {
        id,
        trial: genesis.trial,
        access: Arc::clone(&access),
        registry: Arc::clone(&registry),
        streams,
        counters,
        record: Arc::clone(&record),
        vault: Arc::clone(&vault),
        clock: clock.clone(),
        tip,
        limits,
    };
    let committer = Committer {
        record: Arc::clone(&record),
        tree: Arc::clone(&tree),
        frontier,
        origin: origin.clone(),
        keys: Arc::clone(&keys),
        published: published_sender,
        health: Arc::clone(&health),
        erasures,
    };
    let followed_by_eraser = followed.clone();
    let stages = Stages { sequencer, committer, applier, eraser, pending, followed_by_eraser };
    let (queue, threads) = stages.start(limits.queue_events, &health)?;
    let tokens = UsedTokens::since(clock.now());
    remember_tokens(&*record, &tokens, clock.now())?;
    let inner = Inner {
        id,
        origin,
        genesis_hash: statement_hash(&genesis_event.statement),
        genesis: genesis_event.statement.into(),
        trial: genesis.trial,
        limits,
        clock,
        keys,
        registry,
        access,
        named: Named::default(),
        denials: Denials::default(),
        refusals: Refusals::default(),
        openings,
        coded,
        record,
        vault,
        state,
        tree,
        tokens,
        published,
        applied: followed,
        demand,
        health: health.subscribe(),
        queue: RwLock::new(Some(queue)),
        memory: Arc::new(Semaphore::new(limits.queue_bytes as usize)),
        threads: Mutex::new(threads),
        background: Mutex::new(None),
    };
    let ledger = Ledger(Arc::new(inner));
    let background = Background::start(&ledger, health)?;
    *ledger.0.background.lock().unwrap_or_else(PoisonError::into_inner) = Some(background);
    Ok(ledger)
}

/// The stages of the pipeline, each of which gets a thread.
struct Stages {
    sequencer: Sequencer,
    committer: Committer,
    applier: Applier,
    eraser: Eraser,
    pending: std::sync::mpsc::Receiver<Pending>,
    followed_by_eraser: watch::Receiver<u64>,
}

impl Stages {
    /// Starts them all. Returns the queue into the first.
    fn start(
        self,
        queue_events: usize,
        health: &Arc<watch::Sender<Health>>,
    ) -> Result<(mpsc::Sender<Work>, Vec<thread::JoinHandle<()>>), std::io::Error> {
        let Self { sequencer, committer, applier, eraser, pending, followed_by_eraser } = self;
        let (queue, waiting) = mpsc::channel(queue_events);
        // One group waits while one syncs: the next is prepared, but not written before.
        let (group_sender, groups) = sync_channel(1);
        let (durable_sender, durable) = sync_channel(64);
        let health_of_eraser = Arc::clone(health);
        let threads = vec![
            spawn("sequencer", health, move || sequencer.run(waiting, &group_sender))?,
            spawn("committer", health, move || committer.run(&groups, &durable_sender))?,
            spawn("applier", health, move || applier.run(&durable))?,
            spawn("eraser", health, move || {
                eraser.run(&pending, followed_by_eraser, &health_of_eraser);
            })?,
        ];
        Ok((queue, threads))
    }
}

/// Starts a thread of the pipeline. If it should panic, the ledger has failed.
fn spawn(
    name: &str,
    health: &Arc<watch::Sender<Health>>,
    work: impl FnOnce() + Send + 'static,
) -> Result<thread::JoinHandle<()>, std::io::Error> {
    struct Watched(Arc<watch::Sender<Health>>);

    impl Drop for Watched {
        fn drop(&mut self) {
            if thread::panicking() {
                self.0.send_replace(Health::Failed("a thread of the ledger panicked".to_owned()));
            }
        }
    }

    let watched = Watched(Arc::clone(health));
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        let _watched = watched;
        work();
    })
}

/// Tokens that were used just before this process started and would still be taken: those of the
/// readings of the last seconds. All older ones are refused by their age.
fn remember_tokens(
    record: &dyn Record,
    tokens: &UsedTokens,
    now: Timestamp,
) -> Result<(), OpenError> {
    let since = now.seconds() - REMEMBERED_SECONDS;
    let mut end = record.tip().size;
    while end > Sequence::ZERO {
        let from = Sequence(end.0.saturating_sub(READ_EVENTS as u64));
        let mut next = from;
        while next < end {
            let events = record.read(next, (end.0 - next.0) as usize, READ_BYTES)?;
            for event in &events {
                let token = match parse(&event.statement).map(|statement| statement.fact) {
                    Ok(Fact::SectionsRead(read)) => read.token,
                    Ok(Fact::FactsRead(read)) => read.token,
                    Ok(Fact::AccessDenied(denied)) => denied.token,
                    _ => continue,
                };
                tokens.remember_read(&token, now);
            }
            next = events.last().map_or(end, |event| event.link.sequence.next());
        }
        let first = record.read(from, 1, 1)?;
        if first.first().is_none_or(|event| event.link.recorded_at.seconds() < since) {
            return Ok(());
        }
        end = from;
    }
    Ok(())
}

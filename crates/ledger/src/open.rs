//! Opening a ledger: what the record holds is folded into what the state does not cover yet, with
//! the functions of the pipeline; then the threads start.

mod start;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use letopis_crypto::hash::ledger_id;
use letopis_crypto::section::sealed_key_id;
use letopis_domain::Fact;
use letopis_domain::fact::Genesis;
use letopis_domain::registry::{Placed, Registry};
use letopis_log::checkpoint::{Checkpoint, CheckpointError, Origin, OriginError};
use letopis_log::merkle::{Frontier, leaf_hash, root};
use letopis_record::{Record, RecordError, StoredEvent, Tip};
use letopis_state::streams::Tiles;
use letopis_state::{StateError, Store};
use letopis_types::{PublicKey, Sequence, StreamKind, Version};
use letopis_vault::{KeyId, Vault, VaultError};

use crate::access::Access;
use crate::clock::Clock;
use crate::committer::Tree;
use crate::error::{LedgerError, Rejected};
use crate::ledger::{Ledger, LedgerKeys, Limits};
use crate::rebuild::{Folded, Folding};
use crate::sequencer::evolve;
use crate::submission::parse;

/// Events that are read at once while recovering.
const READ_EVENTS: usize = 1024;

/// Bytes that are read at once while recovering.
const READ_BYTES: usize = 8 << 20;

/// What a ledger is made of.
pub struct Parts {
    /// Its record, open.
    pub record: Arc<dyn Record>,
    /// Its vault, open.
    pub vault: Vault,
    /// Its state, open; trusted as far as its mark says.
    pub state: Arc<Store>,
    /// Its own keys.
    pub keys: LedgerKeys,
    /// Its clock.
    pub clock: Clock,
    /// Its bounds.
    pub limits: Limits,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("record", &self.record.ledger()).finish_non_exhaustive()
    }
}

/// What opening found and did.
#[derive(Debug, Clone, Copy)]
pub struct OpenReport {
    /// Events in the record.
    pub events: u64,
    /// Events that the state did not cover and took in now.
    pub replayed: u64,
    /// How long it took.
    pub elapsed: Duration,
}

/// Why a ledger can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The record has no genesis, or it is not one.
    #[error("the record does not begin with the genesis of ledger {ledger}")]
    Genesis {
        /// Whose it should be.
        ledger: letopis_types::LedgerId,
    },
    /// The keys given are not the ledger's.
    #[error("the ledger's keys are not those of its genesis: give the right key files")]
    OtherKeys,
    /// The name in the genesis can't be one.
    #[error(transparent)]
    Name(#[from] OriginError),

    /// The head file's checkpoint is not the ledger's.
    #[error("the head file is not a checkpoint of this ledger: {0}")]
    Head(#[from] CheckpointError),
    /// There is no head file.
    #[error(
        "the record has {events} events and no head file, so that nothing says whether it was \
         rolled back: bring back its head file"
    )]
    HeadMissing {
        /// What is there.
        events: Sequence,
    },
    /// The record is shorter than the head file says.
    #[error(
        "the record has {events} events, and the head file was signed over {signed}: it was \
         rolled back and is not continued; bring back the newer record"
    )]
    RolledBack {
        /// What is there.
        events: Sequence,
        /// What was signed.
        signed: Sequence,
    },
    /// The record is not the one that the head file was signed over.
    #[error("the first {signed} events are not those that the head file was signed over")]
    Forked {
        /// Over how many it was signed.
        signed: Sequence,
    },
    /// The state covers more than there is.
    #[error(
        "the state covers {covered} events, and the record has {events}: set the state aside and \
         open again"
    )]
    StateAhead {
        /// What is there.
        events: Sequence,
        /// What the state covers.
        covered: Sequence,
    },
    /// A statement in the record is not one.
    #[error("sequence {sequence}: {source}; verify the record")]
    Statement {
        /// Where.
        sequence: Sequence,
        /// What is wrong with it.
        source: Rejected,
    },
    /// Something else in the record, vault or state.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The record can't be read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The state can't be read or written: set it aside and open again.
    #[error(transparent)]
    State(#[from] StateError),
    /// The vault does not fit the record.
    #[error("the vault does not fit the record: {0}")]
    Vault(#[from] VaultError),
    /// A thread could not be started.
    #[error("could not start a thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// Opens a ledger and starts its threads. Blocks; call it outside of an async context.
///
/// # Errors
/// What does not fit together. Nothing was changed but the state.
pub fn open(parts: Parts) -> Result<(Ledger, OpenReport), OpenError> {
    let started = Instant::now();
    let recovery = Recovery::new(&parts)?;
    let (replayed, recovered) = recovery.replay(&parts)?;
    let events = parts.record.tip().size.0;
    let ledger = start::start(parts, recovered)?;
    Ok((ledger, OpenReport { events, replayed, elapsed: started.elapsed() }))
}

/// The folded ledger, being brought up to the record's end.
struct Recovery {
    genesis_event: StoredEvent,
    genesis: Genesis,
    origin: Origin,
    folding: Folding,
}

/// What [`start`] goes on with.
struct Recovered {
    genesis_event: StoredEvent,
    genesis: Genesis,
    origin: Origin,
    folded: Folded,
    frontier: Frontier,
    tip: Tip,
}

impl Recovery {
    /// As far as the state's mark goes.
    fn new(parts: &Parts) -> Result<Self, OpenError> {
        let ledger = parts.record.ledger();
        let missing = || OpenError::Genesis { ledger };
        let genesis_event =
            parts.record.read(Sequence::ZERO, 1, 1)?.into_iter().next().ok_or_else(missing)?;
        let parsed = parse(&genesis_event.statement).map_err(|_| missing())?;
        let Fact::Genesis(genesis) = parsed.fact else { return Err(missing()) };
        if ledger_id(&genesis_event.statement) != ledger {
            return Err(missing());
        }
        let keys = (parts.keys.statement.public(), parts.keys.checkpoint.public());
        if keys != (genesis.statement_key, genesis.checkpoint_key) {
            return Err(OpenError::OtherKeys);
        }
        let origin = Origin::new(&genesis.name, ledger)?;

        let state = Arc::clone(&parts.state);
        let size = parts.state.mark().map_or(Sequence::ZERO, |mark| mark.size);
        let events = parts.record.tip().size;
        if size > events {
            return Err(OpenError::StateAhead { events, covered: size });
        }
        let tree = open_tree(&*parts.record, Arc::clone(&state), size)?;
        let folding = Folding::new(ledger, state, tree, Some(parts.state.snapshot_size().0))?;
        let Folding { registry, access, .. } = &folding;
        load_registry(&*parts.record, &parts.state, registry, access, size)?;
        Ok(Self { genesis_event, genesis, origin, folding })
    }

    /// From the mark to the record's end, and compared with the head file.
    fn replay(self, parts: &Parts) -> Result<(u64, Recovered), OpenError> {
        let Self { genesis_event, genesis, origin, mut folding } = self;
        let tip = parts.record.tip();
        let from = folding.applied.load(std::sync::atomic::Ordering::Acquire);
        let mut next = Sequence(from);
        while next < tip.size {
            let events = parts.record.read(next, READ_EVENTS, READ_BYTES)?;
            for event in &events {
                for id in event.sealed.iter().filter_map(|sealed| sealed_key_id(sealed)) {
                    parts.vault.mark_used(&KeyId(id))?;
                }
                folding.take(event, parts.vault.next_unused())?;
            }
            next = events.last().map_or(tip.size, |event| event.link.sequence.next());
        }
        let folded = folding.finish()?;
        let frontier = {
            let tree = folded.applier.tree.read().unwrap_or_else(PoisonError::into_inner);
            check_head(&*parts.record, &tree, tip, &origin, genesis.checkpoint_key)?;
            Frontier::of(&*tree, tip.size.0).map_err(LedgerError::record)?
        };
        let recovered = Recovered { genesis_event, genesis, origin, folded, frontier, tip };
        Ok((tip.size.0 - from, recovered))
    }
}

/// The head file's checkpoint is the ledger's own, over the record's beginning.
fn check_head(
    record: &dyn Record,
    tree: &Tree,
    tip: Tip,
    origin: &Origin,
    key: PublicKey,
) -> Result<(), OpenError> {
    let Some(text) = record.head()? else {
        // It is written with the genesis; without it a roll-back would go unseen.
        // CRASH: between the two there is the genesis alone.
        let alone = tip.size == Sequence(1);
        return if alone { Ok(()) } else { Err(OpenError::HeadMissing { events: tip.size }) };
    };
    let key = origin.verifier_key(key);
    let signed = Checkpoint::open(&text, &key)?;
    if signed.size > tip.size {
        return Err(OpenError::RolledBack { events: tip.size, signed: signed.size });
    }
    if root(tree, signed.size.0).map_err(LedgerError::record)? != signed.root {
        return Err(OpenError::Forked { signed: signed.size });
    }
    Ok(())
}

/// The tree of the first `size` links: full tiles from the state, the rest from the record.
fn open_tree(record: &dyn Record, state: Arc<Store>, size: Sequence) -> Result<Tree, OpenError> {
    let tail = size.0 % letopis_log::tile::TILE_WIDTH as u64;
    let mut leaves = Vec::new();
    let mut next = Sequence(size.0 - tail);
    while next < size {
        let events = record.read(next, (size.0 - next.0) as usize, READ_BYTES)?;
        leaves.extend(events.iter().map(|event| leaf_hash(&event.link.to_bytes())));
        next = events.last().map_or(size, |event| event.link.sequence.next());
    }
    Ok(Tree::open(Tiles(state), size.0, &leaves).map_err(LedgerError::record)?)
}

/// The registry and the rules as of `size`: their events, which the state finds, folded in log order.
fn load_registry(
    record: &dyn Record,
    state: &Store,
    registry: &RwLock<Registry>,
    access: &Access,
    size: Sequence,
) -> Result<(), OpenError> {
    let mut sequences = Vec::new();
    for kind in [StreamKind::Root, StreamKind::Actor] {
        for stream in state.streams(kind, None) {
            let (stream, _) = stream?;
            for position in state.positions(&stream, Version::ZERO) {
                sequences.push(position?.1.sequence);
            }
        }
    }
    sequences.sort_unstable();
    let ledger = record.ledger();
    for sequence in sequences.into_iter().filter(|sequence| *sequence < size) {
        for event in record.read(sequence, 1, 1)? {
            let statement = parse(&event.statement)
                .map_err(|source| OpenError::Statement { sequence, source })?;
            let placed = Placed {
                statement: &statement,
                statement_hash: event.link.statement_hash,
                sequence: event.link.sequence,
                recorded_at: event.link.recorded_at,
            };
            evolve(registry, &placed, &ledger);
            access.evolve_rules(&placed);
        }
    }
    Ok(())
}

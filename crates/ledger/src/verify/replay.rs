//! What follows from what came before: time, keys and grants, positions, references, the tree.

use std::collections::{HashMap, HashSet};

use letopis_crypto::hash::{ledger_id, next_head};
use letopis_domain::fact::Genesis;
use letopis_domain::position::{self, PositionError, StreamHead};
use letopis_domain::registry::{Placed, Registry};
use letopis_log::merkle::Frontier;
use letopis_types::{Digest, EventId, LedgerId, Sequence, StreamKey, Timestamp, Version};

use super::access::Access;
use super::check::{CheckedEvent, CheckedFrame};
use super::onlooker::{Ended, Onlooker, Replayed};
use super::{Fault, Marked};

/// The record as far as it was replayed. Keeps some 150 bytes per event.
pub(super) struct Replay {
    pub(super) ledger: LedgerId,
    pub(super) sections_opened: u64,
    pub(super) sections_closed: u64,
    /// Sizes whose roots are wanted, and those that were met.
    sizes: [Option<Sequence>; 2],
    roots: HashMap<Sequence, Digest>,
    last_recorded_at: Timestamp,
    registry: Registry,
    pub(super) access: Access,
    pub(super) marked: Marked,
    /// The keys of all sections.
    keys: HashSet<[u8; 16]>,
    /// The last erasure that the vault remembers, and what the record has at its place.
    last_erasure: Option<(Sequence, Digest)>,
    erasure_found: Option<Digest>,
    streams: HashMap<StreamKey, Stream>,
    tree: Frontier,
}

#[derive(Default)]
struct Stream {
    /// The head after each version.
    heads: Vec<Digest>,
    event_ids: HashSet<EventId>,
    statements: HashSet<Digest>,
}

impl Stream {
    fn head(&self) -> StreamHead {
        self.heads.last().map_or(StreamHead::NONE, |head| StreamHead {
            version: Version(self.heads.len() as u64),
            head: *head,
        })
    }

    fn head_at(&self, version: Version) -> Option<Digest> {
        let index = usize::try_from(version.0.checked_sub(1)?).ok()?;
        self.heads.get(index).copied()
    }
}

impl Replay {
    pub(super) fn new(
        ledger: LedgerId,
        sizes: [Option<Sequence>; 2],
        last_erasure: Option<(Sequence, Digest)>,
    ) -> Self {
        let empty = (Sequence::ZERO, Frontier::new().root());
        Self {
            ledger,
            sections_opened: 0,
            sections_closed: 0,
            sizes,
            roots: HashMap::from([empty]),
            last_recorded_at: Timestamp(0),
            registry: Registry::default(),
            access: Access::with_applied(last_erasure.map(|(sequence, _)| sequence)),
            marked: Marked::default(),
            keys: HashSet::new(),
            last_erasure,
            erasure_found: None,
            streams: HashMap::new(),
            tree: Frontier::new(),
        }
    }

    pub(super) fn events(&self) -> u64 {
        self.tree.size()
    }

    pub(super) fn streams(&self) -> u64 {
        self.streams.len() as u64
    }

    pub(super) fn root(&self) -> Digest {
        self.tree.root()
    }

    /// The root over the first `size` events, if that is one of the sizes asked for.
    pub(super) fn root_at(&self, size: Option<Sequence>) -> Option<Digest> {
        self.roots.get(&size?).copied()
    }

    pub(super) fn genesis(&self) -> Option<&Genesis> {
        self.registry.ledger().map(|ledger| &ledger.genesis)
    }

    pub(super) fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Does the vault remember an erasure that the record does not have?
    pub(super) fn vault_is_ahead(&self) -> bool {
        self.last_erasure.is_some_and(|(_, expected)| self.erasure_found != Some(expected))
    }

    /// What the record came to.
    pub(super) fn into_ended(self) -> Ended {
        let (files, profiles) = self.access.into_files();
        Ended { registry: self.registry, files, profiles, at: self.last_recorded_at }
    }

    pub(super) fn take(
        &mut self,
        frame: CheckedFrame,
        onlooker: &mut dyn Onlooker,
    ) -> Result<(), Fault> {
        for event in frame.events {
            let (offset, sequence) = (event.offset, event.link.sequence);
            self.take_event(event, &frame.segment, onlooker).map_err(|what| {
                let segment = frame.segment.clone();
                Fault { segment, offset, sequence, what }
            })?;
        }
        Ok(())
    }

    fn take_event(
        &mut self,
        event: CheckedEvent,
        segment: &str,
        onlooker: &mut dyn Onlooker,
    ) -> Result<(), String> {
        let CheckedEvent { link, statement, .. } = &event;
        if link.recorded_at < self.last_recorded_at {
            return Err("recorded before the event before it".to_owned());
        }
        if event.genesis.as_deref().is_some_and(|bytes| ledger_id(bytes) != self.ledger) {
            return Err("the genesis is not that of this ledger".to_owned());
        }
        let placed = Placed {
            statement,
            statement_hash: link.statement_hash,
            sequence: link.sequence,
            recorded_at: link.recorded_at,
        };
        let by_signers =
            self.registry.decide(&placed, &self.ledger).map_err(|error| error.to_string())?;
        let present = self.take_place(&placed)?;
        let (taken, read) = self.access.take(&placed, present, &self.registry, by_signers)?;
        let is_without_holder = self.registry.is_without_holder(statement);
        for (count, is_marked) in [
            (&mut self.marked.without_the_holder, is_without_holder),
            (&mut self.marked.on_expired_qualification, taken.on_expired_qualification),
            (&mut self.marked.under_recusal, taken.under_recusal),
            (&mut self.marked.under_delegation, taken.under_delegation),
        ] {
            *count += u64::from(is_marked);
        }
        // Whoever erased one of them would erase the other.
        if event.keys.iter().any(|key| !self.keys.insert(*key)) {
            return Err("a section is sealed under the key of another one".to_owned());
        }
        for index in &event.missing {
            let place = (segment, event.offset, link.sequence);
            self.access.miss(statement, present.next(), *index, place);
        }
        if self.last_erasure.is_some_and(|(wanted, _)| wanted == link.sequence) {
            self.erasure_found = Some(link.hash());
        }
        self.registry.evolve(&placed, &self.ledger);
        let (registry, access) = (&self.registry, &self.access);
        onlooker.event(&Replayed { placed, taken, read: &read, registry, access });
        self.last_recorded_at = link.recorded_at;
        self.tree.append(event.leaf);
        let size = Sequence(self.tree.size());
        if self.sizes.contains(&Some(size)) {
            self.roots.insert(size, self.tree.root());
        }
        self.sections_opened += event.opened;
        self.sections_closed += event.closed;
        Ok(())
    }

    /// Its references name what is there, and it follows in its stream: whose version before it is told.
    fn take_place(&mut self, placed: &Placed<'_>) -> Result<Version, String> {
        let statement = placed.statement;
        for (index, reference) in statement.references.iter().enumerate() {
            let stream = self.streams.get(&reference.stream);
            if !stream.is_some_and(|stream| stream.statements.contains(&reference.statement_hash)) {
                return Err(format!("reference {index} names what is not in the record before it"));
            }
        }
        let stream = self.streams.entry(statement.stream).or_default();
        let present = stream.head().version;
        let exclusive = statement.kind().exclusive;
        position::decide::<PositionError>(exclusive, statement.seen, stream.head(), |version| {
            Ok(stream.head_at(version))
        })
        .map_err(|error| error.to_string())?;
        if !stream.event_ids.insert(statement.event_id) {
            return Err("the stream has another event under this id".to_owned());
        }
        stream.statements.insert(placed.statement_hash);
        stream.heads.push(next_head(&stream.head().head, &placed.statement_hash));
        Ok(present)
    }
}

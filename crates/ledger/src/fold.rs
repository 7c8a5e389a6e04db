//! Folding events into streams: the one function for live work and for recovery, and the overlay
//! of what is sequenced but not yet in the state.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use letopis_crypto::hash::next_head;
use letopis_domain::Statement;
use letopis_domain::position::StreamHead;
use letopis_domain::statement::Reference;
use letopis_log::Link;
use letopis_state::streams::StreamRow;
use letopis_state::{Change, StateError, Store};
use letopis_types::{Digest, EventId, Sequence, StreamKey, Version};

use crate::access::Changed;

/// How many streams are kept in memory beyond those that must be.
const STREAMS_MAX: usize = 32_768;

/// What an event changes.
pub(crate) struct Effect {
    pub(crate) stream: StreamKey,
    pub(crate) event_id: EventId,
    /// The stream's folded state after the event.
    pub(crate) row: StreamRow,
    /// The files that it changed.
    pub(crate) files: Changed,
    /// What else the state keeps of it.
    pub(crate) others: Vec<Change>,
}

/// An event of a stream that is sequenced and perhaps not in the state yet.
struct Pending {
    event_id: EventId,
    sequence: Sequence,
    version: Version,
    head: Digest,
    statement_hash: Digest,
    signatures_hash: Digest,
}

/// An event found by its id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) sequence: Sequence,
    pub(crate) version: Version,
    /// Statement hash and signatures hash, where they are at hand without the record.
    pub(crate) hashes: Option<(Digest, Digest)>,
}

struct Active {
    row: Option<StreamRow>,
    pending: VecDeque<Pending>,
}

/// The streams as they are after everything sequenced: the state plus what it has not taken in yet.
pub(crate) struct Streams {
    state: Arc<Store>,
    /// How many events the state has taken in.
    applied: Arc<AtomicU64>,
    active: HashMap<StreamKey, Active>,
    /// What the state had taken in when room was made last.
    swept: u64,
}

impl Streams {
    pub(crate) fn new(state: Arc<Store>, applied: Arc<AtomicU64>) -> Self {
        Self { state, applied, active: HashMap::new(), swept: 0 }
    }

    fn active(&mut self, stream: &StreamKey) -> Result<&mut Active, StateError> {
        let applied = self.applied.load(Ordering::Acquire);
        // Nothing more can go before the state has taken in more.
        if self.active.len() > STREAMS_MAX && self.swept != applied {
            self.swept = applied;
            // INVARIANT: what the state has not taken in yet stays here.
            self.active.retain(|_, active| active.last_sequence() >= Some(Sequence(applied)));
        }
        let active = match self.active.entry(*stream) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                let row = self.state.stream(stream)?;
                entry.insert(Active { row, pending: VecDeque::new() })
            }
        };
        while active.pending.front().is_some_and(|pending| pending.sequence.0 < applied) {
            active.pending.pop_front();
        }
        Ok(active)
    }

    pub(crate) fn row(&mut self, stream: &StreamKey) -> Result<Option<StreamRow>, StateError> {
        Ok(self.active(stream)?.row)
    }

    pub(crate) fn head(&mut self, stream: &StreamKey) -> Result<StreamHead, StateError> {
        Ok(self
            .row(stream)?
            .map_or(StreamHead::NONE, |row| StreamHead { version: row.version, head: row.head }))
    }

    /// The head that a stream had at a version.
    pub(crate) fn head_at(
        &mut self,
        stream: &StreamKey,
        version: Version,
    ) -> Result<Option<Digest>, StateError> {
        let pending = &self.active(stream)?.pending;
        if let Some(found) = pending.iter().find(|pending| pending.version == version) {
            return Ok(Some(found.head));
        }
        Ok(self.state.position(stream, version)?.map(|row| row.head))
    }

    pub(crate) fn find_event(
        &mut self,
        stream: &StreamKey,
        event_id: &EventId,
    ) -> Result<Option<Found>, StateError> {
        let pending = &self.active(stream)?.pending;
        if let Some(found) = pending.iter().find(|pending| pending.event_id == *event_id) {
            return Ok(Some(Found {
                sequence: found.sequence,
                version: found.version,
                hashes: Some((found.statement_hash, found.signatures_hash)),
            }));
        }
        let Some(version) = self.state.version_of(stream, event_id)? else { return Ok(None) };
        let position = self.state.position(stream, version)?;
        Ok(position.map(|row| Found { sequence: row.sequence, version, hashes: None }))
    }

    /// The first of these references that names what its stream does not hold. A stream's rolling
    /// heads tell: one of them follows from the one before and the statement's hash. Each stream is
    /// gone through once, however many references name it.
    pub(crate) fn first_unknown(
        &mut self,
        references: &[Reference],
    ) -> Result<Option<usize>, StateError> {
        let mut wanted: BTreeMap<StreamKey, BTreeSet<Digest>> = BTreeMap::new();
        for reference in references {
            wanted.entry(reference.stream).or_default().insert(reference.statement_hash);
        }
        for (stream, hashes) in &mut wanted {
            for pending in &self.active(stream)?.pending {
                hashes.remove(&pending.statement_hash);
            }
            let mut head = Digest::ZERO;
            for position in self.state.positions(stream, Version::ZERO) {
                if hashes.is_empty() {
                    break;
                }
                let (_, row) = position?;
                hashes.retain(|hash| next_head(&head, hash) != row.head);
                head = row.head;
            }
        }
        Ok(references.iter().position(|reference| {
            wanted
                .get(&reference.stream)
                .is_some_and(|missing| missing.contains(&reference.statement_hash))
        }))
    }

    /// Takes in an admitted event.
    pub(crate) fn push(
        &mut self,
        statement: &Statement,
        link: &Link,
        files: Changed,
        others: Vec<Change>,
    ) -> Result<Effect, StateError> {
        let active = self.active(&statement.stream)?;
        let before = active.row;
        let version = before.map_or(Version::ZERO, |row| row.version).next();
        let head = before.map_or(Digest::ZERO, |row| row.head);
        let row = StreamRow {
            version,
            head: next_head(&head, &link.statement_hash),
            first: before.map_or(link.sequence, |row| row.first),
            last: link.sequence,
        };
        active.row = Some(row);
        active.pending.push_back(Pending {
            event_id: statement.event_id,
            sequence: link.sequence,
            version,
            head: row.head,
            statement_hash: link.statement_hash,
            signatures_hash: link.signatures_hash,
        });
        Ok(Effect { stream: statement.stream, event_id: statement.event_id, row, files, others })
    }
}

impl Active {
    fn last_sequence(&self) -> Option<Sequence> {
        self.row.map(|row| row.last)
    }
}

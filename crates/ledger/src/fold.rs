//! Folding events into streams: the one function for live work and for recovery, and the overlay
//! of what is sequenced but not yet in the state.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use letopis_crypto::hash::next_head;
use letopis_domain::clocks::{Clock, Profiles};
use letopis_domain::file::{FileState, file_of};
use letopis_domain::position::StreamHead;
use letopis_domain::procedure::{Debtor, Taken, debtors};
use letopis_domain::registry::Placed;
use letopis_domain::statement::Reference;
use letopis_domain::{Fact, Statement};
use letopis_log::Link;
use letopis_state::streams::{
    CaseRow, DebtorKey, OwedRow, PositionRow, SignedRow, StreamRow, WaitingRow, due_entry,
    erasure_entry, file_entry, marks_entry, reading_entry,
};
use letopis_state::{Change, StateError, Store};
use letopis_types::{Digest, EventId, Sequence, StreamKey, StreamKind, Version};

use crate::access::{Changed, ChangedFile, to_row};
use crate::counters::Counters;
use crate::marks;

/// How many streams are kept in memory beyond those that must be.
const STREAMS_MAX: usize = 32_768;

/// What an event changes.
#[derive(Debug, Clone)]
pub(crate) struct Effect {
    pub(crate) stream: StreamKey,
    pub(crate) event_id: EventId,
    /// The stream's folded state after the event.
    pub(crate) row: StreamRow,
    /// What else the state keeps of it: the files that it changed, which file it is a reading of,
    /// that it erases.
    pub(crate) others: Vec<Change>,
}

impl Effect {
    /// The writes of a batch of effects; what they write twice is written once.
    pub(crate) fn entries(effects: &[Self]) -> Vec<Change> {
        let mut last: HashMap<StreamKey, &StreamRow> = HashMap::with_capacity(effects.len());
        let mut others: HashMap<&[u8], &Change> = HashMap::new();
        let mut entries = Vec::with_capacity(3 * effects.len());
        for Self { stream, event_id, row, others: more } in effects {
            let position = PositionRow { sequence: row.last, head: row.head };
            entries.extend(position.entries(stream, row.version, event_id));
            last.insert(*stream, row);
            others.extend(more.iter().map(|change| (&change.0[..], change)));
        }
        entries.extend(last.into_iter().map(|(stream, row)| row.entry(&stream)));
        entries.extend(others.into_values().cloned());
        entries
    }
}

/// What the state keeps of an event beside its place.
pub(crate) fn others(
    placed: &Placed<'_>,
    version: Version,
    changed: &Changed,
    taken: Taken,
    profiles: &Profiles,
    counters: &mut Counters,
) -> Result<Vec<Change>, StateError> {
    let Placed { statement, sequence, .. } = *placed;
    let mut rows = counters.take(placed, changed)?;
    rows.extend(signed(statement, sequence, version).map(|row| row.entry()));
    for ChangedFile { key, file, before } in changed {
        rows.push(file_entry(key, to_row(file)));
        let next_due = |file: &FileState| file.procedure.clocks().next_due();
        let (was_due, is_due) = (next_due(before), next_due(file));
        if is_due != was_due {
            rows.extend(was_due.map(|due| due_entry(due, key, false)));
            rows.extend(is_due.map(|due| due_entry(due, key, true)));
        }
        let (was, is) = (in_short(key, before), in_short(key, file));
        if was != is {
            // What stands under another agency is taken away first.
            rows.extend(was.iter().flat_map(|row| row.entries(false)));
            rows.extend(is.iter().flat_map(|row| row.entries(true)));
        }
        let (were, are) = (waiting(key, before), waiting(key, file));
        rows.extend(were.difference(&are).flat_map(|row| row.entries(false)));
        rows.extend(are.difference(&were).flat_map(|row| row.entries(true)));
        let (were, are) = (owed(key, before, profiles), owed(key, file, profiles));
        rows.extend(were.difference(&are).map(|row| row.entry(false)));
        rows.extend(are.difference(&were).map(|row| row.entry(true)));
    }
    let marks = marks::stored(taken).map(|marks| marks_entry(&statement.stream, version, marks));
    rows.extend(marks);
    let of = |stream: &StreamKey| file_of(stream).map(|file| reading_entry(&file, sequence));
    match &statement.fact {
        Fact::SectionsRead(read) => {
            rows.extend(of(&StreamKey { kind: read.kind, id: statement.stream.id }));
        }
        Fact::FactsRead(read) => rows.extend(read.files.iter().filter_map(of)),
        Fact::AccessDenied(denied) => rows.extend(of(&denied.file)),
        Fact::SectionsErased(_) => rows.push(erasure_entry(sequence, &statement.stream)),
        _ => {}
    }
    Ok(rows)
}

/// A case in short, once there is one.
fn in_short(key: &StreamKey, file: &FileState) -> Option<CaseRow> {
    let is_case = key.kind == StreamKind::Case && *file != FileState::default();
    is_case.then(|| CaseRow {
        id: key.id,
        holder: file.holder,
        lead: file.lead,
        stage: file.procedure.stage() as u8,
        // INVARIANT: tracks are few.
        track: u8::try_from(i32::from(file.procedure.track())).unwrap_or_default(),
    })
}

/// The clocks of a case or signal that have not ended, as rows.
fn waiting(key: &StreamKey, file: &FileState) -> BTreeSet<WaitingRow> {
    if !matches!(key.kind, StreamKind::Case | StreamKind::Signal) {
        return BTreeSet::new();
    }
    file.procedure.clocks().open().map(|clock| waiting_row(key, file, &clock)).collect()
}

fn waiting_row(key: &StreamKey, file: &FileState, clock: &Clock) -> WaitingRow {
    WaitingRow {
        due: clock.due,
        file: *key,
        clock: clock.id.0,
        holder: file.holder,
        lead: file.lead,
        protected: clock.protected,
    }
}

/// The clocks of any file that have not ended, once for each of those who owe what is due.
fn owed(key: &StreamKey, file: &FileState, profiles: &Profiles) -> BTreeSet<OwedRow> {
    let mut rows = BTreeSet::new();
    for clock in file.procedure.clocks().open() {
        let waiting = waiting_row(key, file, &clock);
        rows.extend(debtors(key, file, &clock, profiles).into_iter().map(|debtor| OwedRow {
            waiting,
            debtor: debtor_key(debtor),
            stands_in: matches!(debtor, Debtor::StandIn(..)),
        }));
    }
    rows
}

/// Under which key the state keeps what somebody owes.
pub(crate) fn debtor_key(debtor: Debtor) -> DebtorKey {
    match debtor {
        Debtor::Party(id) => (id, 0),
        Debtor::Office(agency, role) => (agency.map_or([0; 16], |agency| agency.0), role as u8),
        Debtor::StandIn(agency, role) => (agency.0, role as u8),
    }
}

/// A statement under each of its signers; history that was imported was decided elsewhere, and what the
/// ledger says itself nobody decided.
fn signed(
    statement: &Statement,
    sequence: Sequence,
    version: Version,
) -> impl Iterator<Item = SignedRow> {
    let imported = matches!(statement.fact, Fact::HistoryImported(_));
    let signers =
        statement.signers.iter().filter(move |signer| !imported && signer.grant.is_some());
    signers.map(move |signer| SignedRow {
        actor: signer.actor,
        sequence,
        stream: statement.stream,
        version,
        kind: statement.kind().number,
    })
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
}

impl Streams {
    pub(crate) fn new(state: Arc<Store>, applied: Arc<AtomicU64>) -> Self {
        Self { state, applied, active: HashMap::new() }
    }

    fn active(&mut self, stream: &StreamKey) -> Result<&mut Active, StateError> {
        let applied = self.applied.load(Ordering::Acquire);
        if self.active.len() > STREAMS_MAX {
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
        Ok(Effect { stream: statement.stream, event_id: statement.event_id, row, others })
    }
}

impl Active {
    fn last_sequence(&self) -> Option<Sequence> {
        self.row.map(|row| row.last)
    }
}

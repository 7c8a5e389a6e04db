//! Files as they are and as they were, folded from what is durable: for those who account for them.

use std::collections::HashMap;
use std::sync::Arc;

use letopis_domain::clocks::Profiles;
use letopis_domain::file::{FileState, own_file, tied, touched};
use letopis_domain::procedure::{Around, Taken, lead_in_force};
use letopis_domain::registry::{Placed, Registry, RoleInForce};
use letopis_domain::statement::Signer;
use letopis_domain::{Fact, Statement};
use letopis_proto::statement::v1::Relation;
use letopis_record::StoredEvent;
use letopis_types::{Sequence, StreamKey, StreamKind, Timestamp, Version};

use crate::error::{LedgerError, NotFound, Unavailable};
use crate::ledger::Ledger;
use crate::marks;
use crate::sequencer::read;

/// How often a row is read again where the state went on meanwhile, before the caller is told to try again.
const ATTEMPTS: usize = 64;

/// A file at a moment.
#[derive(Debug, Clone)]
pub struct View {
    /// The file.
    pub file: Arc<FileState>,
    /// The profiles that were adopted by then.
    pub profiles: Profiles,
    /// How many events the log had.
    pub as_of: Sequence,
    /// The time at which its clocks are to be read.
    pub at: Timestamp,
}

/// An event of the past, with its place in its stream.
#[derive(Debug, Clone)]
pub struct PastEvent {
    /// The event.
    pub event: StoredEvent,
    /// Its statement.
    pub statement: Statement,
    /// Its version in its stream.
    pub version: Version,
}

impl PastEvent {
    fn placed(&self) -> Placed<'_> {
        Placed {
            statement: &self.statement,
            statement_hash: self.event.link.statement_hash,
            sequence: self.event.link.sequence,
            recorded_at: self.event.link.recorded_at,
        }
    }
}

impl Ledger {
    /// Waits until what is asked of the state holds of at least so many events.
    ///
    /// # Errors
    /// [`NotFound::Sequence`] where the log has not so many; [`Unavailable`].
    pub async fn holds(&self, at_least: Sequence) -> Result<(), LedgerError> {
        let size = self.size();
        if at_least > size {
            return Err(NotFound::Sequence { size }.into());
        }
        Ok(self.caught_up().await?)
    }

    /// How many events the state holds of.
    #[must_use]
    pub fn state_size(&self) -> Sequence {
        self.0.state.mark().map_or(Sequence::ZERO, |mark| mark.size)
    }

    /// A file as it is now, of what is durable. Blocks.
    ///
    /// # Errors
    /// The state's.
    pub fn present(&self, file: &StreamKey) -> Result<View, LedgerError> {
        for _ in 0..ATTEMPTS {
            let as_of = self.state_size();
            let file = self.0.access.stored(file)?;
            // A row is written together with the mark: of the same mark before and after it is as of that.
            if self.state_size() == as_of {
                return Ok(View { file, profiles: self.profiles(as_of), as_of, at: self.now() });
            }
        }
        Err(Unavailable::Overloaded.into())
    }

    /// A case as the log had it when it had so many events, and its events of then in log order, those of
    /// its protected stream among them. Its clocks are to be read when the last event of then was recorded.
    /// Blocks.
    ///
    /// # Errors
    /// [`NotFound::Sequence`] before the genesis and beyond the log; the state's and the record's.
    pub fn past(
        &self,
        case: &StreamKey,
        size: Sequence,
    ) -> Result<(View, Vec<PastEvent>), LedgerError> {
        let head = self.size();
        if size == Sequence::ZERO || size > head {
            return Err(NotFound::Sequence { size: head }.into());
        }
        let mut events = Vec::new();
        for kind in [StreamKind::Case, StreamKind::Protected, StreamKind::Clocks] {
            self.events_before(&StreamKey { kind, id: case.id }, size, &mut events)?;
        }
        let own = events.len();
        for signal in signals(&events) {
            for kind in [StreamKind::Signal, StreamKind::Clocks] {
                self.events_before(&StreamKey { kind, id: signal.id }, size, &mut events)?;
            }
        }
        let mut taken = Vec::with_capacity(events.len());
        for past in &events {
            taken.push(marks::kept(self.0.state.marks(&past.statement.stream, past.version)?));
        }
        let mut order: Vec<usize> = (0..events.len()).collect();
        order.sort_unstable_by_key(|at| events.get(*at).map(|past| past.event.link.sequence));
        let profiles = self.profiles(size);
        let mut folded = Folded { files: HashMap::new(), profiles: &profiles };
        {
            let registry = read(&self.0.registry);
            for at in order {
                if let (Some(past), Some(taken)) = (events.get(at), taken.get(at)) {
                    folded.take(past, *taken, &registry);
                }
            }
        }
        let file = Arc::new(folded.files.remove(case).unwrap_or_default());
        events.truncate(own);
        events.retain(|past| past.statement.stream.kind != StreamKind::Clocks);
        events.sort_unstable_by_key(|past| past.event.link.sequence);
        // INVARIANT: a size above zero has a last event.
        let (last, _) = self.parsed(Sequence(size.0 - 1))?;
        let at = last.link.recorded_at;
        Ok((View { file, profiles, as_of: size, at }, events))
    }

    /// How many of a stream's events are among the first `size` of the log. Blocks.
    ///
    /// # Errors
    /// The state's.
    pub fn version_before(
        &self,
        stream: &StreamKey,
        size: Sequence,
    ) -> Result<Version, LedgerError> {
        match self.0.state.stream(stream)? {
            None => Ok(Version::ZERO),
            // Of the present it is at hand.
            Some(row) if row.last < size => Ok(row.version),
            Some(_) => {
                let positions = self.positions(stream, Version(1), usize::MAX)?;
                let before = positions.into_iter().take_while(|(_, at)| *at < size);
                Ok(before.last().map_or(Version::ZERO, |(version, _)| version))
            }
        }
    }

    /// How many events the log had at a time: those that were recorded by then. Blocks.
    ///
    /// # Errors
    /// The record's.
    pub fn size_at(&self, time: Timestamp) -> Result<Sequence, LedgerError> {
        // INVARIANT: times of recording never go back.
        let (mut low, mut high) = (0, self.size().0);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.parsed(Sequence(middle))?.0.link.recorded_at <= time {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(Sequence(low))
    }

    /// Is the lead of a case in force, as the view has it? Where not, the head acts as lead.
    #[must_use]
    pub fn lead_in_force(&self, view: &View) -> bool {
        lead_in_force(&view.file, &read(&self.0.registry), view.as_of, view.at)
    }

    /// The role in which somebody signed.
    #[must_use]
    pub fn role_of(&self, signer: &Signer) -> Option<RoleInForce> {
        read(&self.0.registry).role_of(signer)
    }

    /// What the ledger's clock shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The profiles that were adopted when the log had so many events.
    fn profiles(&self, size: Sequence) -> Profiles {
        let rules = self.0.access.rules();
        let adopted = rules.adoptions.iter().take_while(|adopted| **adopted < size);
        rules.profiles.first(adopted.count())
    }

    /// An event with its version in its stream. Blocks.
    ///
    /// # Errors
    /// [`NotFound::Event`]; the record's.
    pub fn past_event(
        &self,
        sequence: Sequence,
        version: Version,
    ) -> Result<PastEvent, LedgerError> {
        let (event, statement) = self.parsed(sequence)?;
        Ok(PastEvent { event, statement, version })
    }

    /// The event at a place in the log. Blocks.
    ///
    /// # Errors
    /// [`NotFound::Event`]; the state's and the record's.
    pub fn past_event_at(&self, sequence: Sequence) -> Result<PastEvent, LedgerError> {
        let (event, statement) = self.parsed(sequence)?;
        let version = self.0.state.version_of(&statement.stream, &statement.event_id)?;
        Ok(PastEvent { event, statement, version: version.ok_or(NotFound::Event)? })
    }

    /// Adds the events of a stream among the first `size` of the log. Blocks.
    ///
    /// # Errors
    /// The state's and the record's.
    pub fn events_before(
        &self,
        stream: &StreamKey,
        size: Sequence,
        into: &mut Vec<PastEvent>,
    ) -> Result<(), LedgerError> {
        for position in self.0.state.positions(stream, Version(1)) {
            let (version, position) = position?;
            if position.sequence >= size {
                break;
            }
            into.push(self.past_event(position.sequence, version)?);
        }
        Ok(())
    }
}

/// The signals that a case comes of, as its events say.
#[must_use]
pub fn signals(events: &[PastEvent]) -> Vec<StreamKey> {
    let opened = events.iter().filter(|past| matches!(past.statement.fact, Fact::CaseOpened(_)));
    let references = opened.flat_map(|past| &past.statement.references);
    let of_signals = references
        .filter(|to| to.relation == Relation::BasedOn && to.stream.kind == StreamKind::Signal);
    let mut signals: Vec<StreamKey> = of_signals.map(|to| to.stream).collect();
    signals.sort_unstable();
    signals.dedup();
    signals
}

/// A case and what it comes of, folded anew.
struct Folded<'a> {
    files: HashMap<StreamKey, FileState>,
    profiles: &'a Profiles,
}

impl Folded<'_> {
    /// INVARIANT: what a file becomes hangs on the roles in which it was signed alone, and a grant names its
    /// role for ever: so the registry of now does for the past.
    fn take(&mut self, past: &PastEvent, taken: Taken, registry: &Registry) {
        let statement = &past.statement;
        let Some(own) = own_file(statement) else { return };
        let file = |key: &StreamKey| Arc::new(self.files.get(key).cloned().unwrap_or_default());
        let others: Vec<(StreamKey, Arc<FileState>)> =
            tied(statement).into_iter().map(|key| (key, file(&key))).collect();
        let around = Around { registry, profiles: self.profiles, others: &others };
        let keys = touched(statement, self.files.entry(own).or_default());
        for key in keys {
            let file = self.files.entry(key).or_default();
            file.evolve(&key, &past.placed(), past.version, &around, taken);
        }
    }
}

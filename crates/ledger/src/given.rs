//! What an actor had been given of a case by a moment, as the readings on the record say.

use std::collections::{BTreeMap, BTreeSet};

use letopis_domain::{Fact, Statement};
use letopis_record::StoredEvent;
use letopis_types::{ActorId, Sequence, StreamKey, StreamKind, Timestamp, Version};

use crate::error::LedgerError;
use crate::history::PastEvent;
use crate::ledger::Ledger;
use crate::readings::civil_day;

/// What an actor had been given of an event's facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// Nothing.
    Nothing,
    /// It signed the event.
    Signed,
    /// A reading of the case's facts after the event, or of a section of it, is on the record.
    Facts,
    /// A reading of that civil day is on the record, or one that does not say whether the protected stream
    /// was shown: it may have been.
    Perhaps,
}

/// What an actor had been given of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenOf {
    /// Of its facts.
    pub facts: Given,
    /// The sections, by index, ascending.
    pub sections: Vec<u32>,
}

/// What an actor had been given of a case.
#[derive(Debug, Clone)]
pub struct AllGiven {
    actor: ActorId,
    /// When facts were read: place in the log, and time.
    facts: Vec<(Sequence, Timestamp)>,
    sections: BTreeMap<(StreamKey, Version), BTreeSet<u32>>,
}

impl AllGiven {
    /// To whom.
    #[must_use]
    pub const fn actor(&self) -> ActorId {
        self.actor
    }

    /// Of this event, which was on the record by then.
    #[must_use]
    pub fn of(&self, past: &PastEvent) -> GivenOf {
        let statement = &past.statement;
        let sections = self.sections.get(&(statement.stream, past.version));
        let sections: Vec<u32> = sections.into_iter().flatten().copied().collect();
        let (at, recorded) = (past.event.link.sequence, past.event.link.recorded_at);
        let later = self.facts.iter().any(|(read, _)| *read > at);
        let that_day = self.facts.iter().any(|(_, time)| civil_day(*time) == civil_day(recorded));
        let facts = if statement.signers.iter().any(|signer| signer.actor == self.actor) {
            Given::Signed
        } else if !sections.is_empty() || later && statement.stream.kind != StreamKind::Protected {
            Given::Facts
        } else if later || that_day {
            Given::Perhaps
        } else {
            Given::Nothing
        };
        GivenOf { facts, sections }
    }

    fn take(&mut self, event: &StoredEvent, statement: &Statement) {
        let Fact::SectionsRead(fact) = &statement.fact else {
            return self.facts.push((event.link.sequence, event.link.recorded_at));
        };
        let stream = StreamKey { kind: fact.kind, id: statement.stream.id };
        for released in &fact.released {
            let of = self.sections.entry((stream, released.version)).or_default();
            of.extend(&released.sections);
        }
    }

    /// When facts were given last.
    #[must_use]
    pub fn facts_read_at(&self) -> Option<Timestamp> {
        self.facts.iter().map(|(_, time)| *time).max()
    }

    /// The sections that were given, by stream and version.
    pub fn sections(&self) -> impl Iterator<Item = (StreamKey, Version, Vec<u32>)> {
        let sections = self.sections.iter();
        sections.map(|((stream, version), of)| (*stream, *version, of.iter().copied().collect()))
    }
}

impl Ledger {
    /// What actors had been given of a case when the log had so many events, one for each. Blocks.
    ///
    /// # Errors
    /// The state's and the record's.
    pub fn given(
        &self,
        actors: &[ActorId],
        case: &StreamKey,
        size: Sequence,
    ) -> Result<Vec<AllGiven>, LedgerError> {
        let none = |actor: &ActorId| AllGiven {
            actor: *actor,
            facts: Vec::new(),
            sections: BTreeMap::new(),
        };
        let mut all: Vec<AllGiven> = actors.iter().map(none).collect();
        if all.is_empty() {
            return Ok(all);
        }
        for sequence in self.0.state.readings(case, size) {
            let (event, statement) = self.parsed(sequence?)?;
            let reader = match &statement.fact {
                Fact::FactsRead(fact) => fact.reader,
                Fact::SectionsRead(fact) => fact.reader,
                _ => continue,
            };
            for given in all.iter_mut().filter(|given| given.actor == reader) {
                given.take(&event, &statement);
            }
        }
        Ok(all)
    }
}

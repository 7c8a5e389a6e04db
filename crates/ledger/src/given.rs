//! What an actor had been given of a case by a moment, as the readings on the record say.

use std::collections::{BTreeMap, BTreeSet};

use letopis_domain::Fact;
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
    /// What an actor had been given of a case when the log had so many events. Blocks.
    ///
    /// # Errors
    /// The state's and the record's.
    pub fn given(
        &self,
        actor: &ActorId,
        case: &StreamKey,
        size: Sequence,
    ) -> Result<AllGiven, LedgerError> {
        let mut given = AllGiven { actor: *actor, facts: Vec::new(), sections: BTreeMap::new() };
        for sequence in self.0.state.readings(case, size) {
            let (event, statement) = self.parsed(sequence?)?;
            match &statement.fact {
                Fact::FactsRead(fact) if fact.reader == *actor => {
                    given.facts.push((event.link.sequence, event.link.recorded_at));
                }
                Fact::SectionsRead(fact) if fact.reader == *actor => {
                    let stream = StreamKey { kind: fact.kind, id: statement.stream.id };
                    for released in &fact.released {
                        let of = given.sections.entry((stream, released.version)).or_default();
                        of.extend(&released.sections);
                    }
                }
                _ => {}
            }
        }
        Ok(given)
    }
}

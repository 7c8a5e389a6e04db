//! Who was given what of a file, and who may be: for those who look after it.

use letopis_domain::fact::Released;
use letopis_domain::file::{Emergency, file_of};
use letopis_domain::registry::RoleInForce;
use letopis_domain::{Fact, Statement};
use letopis_policy::{Action, Lang, RuleId};
use letopis_proto::statement::v1::Purpose;
use letopis_record::StoredEvent;
use letopis_types::{ActorId, Class, Sequence, StreamKey, StreamKind, Timestamp};

use crate::access::{Asking, Files as _, Item, Ruling, SectionAt};
use crate::error::{LedgerError, NotFound};
use crate::ledger::Ledger;
use crate::sequencer::read;
use letopis_types::Version;

/// One reading, or one denial.
#[derive(Debug, Clone)]
pub struct ReadingEntry {
    /// Its place in the log.
    pub sequence: Sequence,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// What was read.
    pub file: StreamKey,
    /// Who read.
    pub reader: ActorId,
    /// In which roles the reader could act then.
    pub roles: Vec<RoleInForce>,
    /// What for.
    pub purpose: Purpose,
    /// The sections that were given; none: facts only.
    pub released: Vec<Released>,
    /// Nothing was given.
    pub denied: bool,
}

/// What somebody may read for one purpose, in one role.
#[derive(Debug, Clone)]
pub struct AccessEntry {
    /// Who.
    pub actor: ActorId,
    /// In which role.
    pub role: RoleInForce,
    /// What for.
    pub purpose: Purpose,
    /// Which classes, of at least some sections; none: facts only.
    pub classes: Vec<Class>,
    /// By which rules.
    pub rules: Vec<RuleId>,
}

/// A ruling on a section, by its index and class; or on the facts.
pub type Explained = (Option<(u32, Class)>, Ruling);

/// The purposes that anybody may claim.
const PURPOSES: [Purpose; 10] = [
    Purpose::CaseWork,
    Purpose::Supervision,
    Purpose::ComplaintReview,
    Purpose::Inspection,
    Purpose::Court,
    Purpose::DataProtection,
    Purpose::PartyAccess,
    Purpose::Emergency,
    Purpose::Research,
    Purpose::Migration,
];

impl Ledger {
    /// The readings and denials of a file before a sequence, the latest first. Blocks.
    ///
    /// # Errors
    /// The state's and the record's.
    pub fn readings_of(
        &self,
        file: &StreamKey,
        before: Sequence,
        max: usize,
    ) -> Result<Vec<ReadingEntry>, LedgerError> {
        let mut entries = Vec::new();
        for sequence in self.0.state.readings(file, before).take(max) {
            let (event, statement) = self.parsed(sequence?)?;
            let of_event = self.readings_in(&event, &statement);
            entries.extend(of_event.into_iter().filter(|it| it.file == *file));
        }
        Ok(entries)
    }

    /// What an event says of readings: one entry per file; none where it is not a reading.
    #[must_use]
    pub fn readings_in(&self, event: &StoredEvent, statement: &Statement) -> Vec<ReadingEntry> {
        let (reader, purpose, files, released, denied) = match &statement.fact {
            Fact::SectionsRead(fact) => {
                let of = StreamKey { kind: fact.kind, id: statement.stream.id };
                (fact.reader, fact.purpose, vec![of], fact.released.clone(), false)
            }
            Fact::FactsRead(fact) => {
                (fact.reader, fact.purpose, fact.files.clone(), Vec::new(), false)
            }
            Fact::AccessDenied(fact) => {
                (fact.reader, fact.purpose, vec![fact.file], Vec::new(), true)
            }
            _ => return Vec::new(),
        };
        let (sequence, recorded_at) = (event.link.sequence, event.link.recorded_at);
        let roles: Vec<RoleInForce> =
            read(&self.0.registry).roles_at(&reader, sequence, recorded_at).collect();
        let files = files.iter().filter_map(file_of);
        files
            .map(|file| ReadingEntry {
                sequence,
                recorded_at,
                file,
                reader,
                roles: roles.clone(),
                purpose,
                released: released.clone(),
                denied,
            })
            .collect()
    }

    /// Emergency access to a file, as it stands now, oldest first. Blocks.
    ///
    /// # Errors
    /// The state's.
    pub fn emergencies_of(&self, file: &StreamKey) -> Result<Vec<Emergency>, LedgerError> {
        Ok(self.0.access.file(file)?.emergencies.clone())
    }

    /// The emergency access that an event opens, closes or reviews, as it stands now, and its file.
    /// Blocks.
    ///
    /// # Errors
    /// The state's.
    pub fn emergency_in(
        &self,
        event: &StoredEvent,
        statement: &Statement,
    ) -> Result<Option<(StreamKey, Emergency)>, LedgerError> {
        let opened = match &statement.fact {
            Fact::BreakGlassOpened(_) => event.link.statement_hash,
            Fact::BreakGlassClosed(fact) => fact.opened,
            Fact::BreakGlassReviewed(fact) => fact.opened,
            _ => return Ok(None),
        };
        let Some(file) = file_of(&statement.stream) else { return Ok(None) };
        let found = self.emergencies_of(&file)?.into_iter().find(|it| it.hash == opened);
        Ok(found.map(|emergency| (file, emergency)))
    }

    /// Who may read of a case now, by actor; from an actor on, looking at most at `max` of them.
    /// Also where to go on. Blocks.
    ///
    /// # Errors
    /// The state's.
    pub fn access_to(
        &self,
        case: &StreamKey,
        from: Option<ActorId>,
        max: usize,
    ) -> Result<(Vec<AccessEntry>, Option<ActorId>), LedgerError> {
        let now = self.0.clock.now();
        let mut actors: Vec<(ActorId, Vec<RoleInForce>)> = {
            let registry = read(&self.0.registry);
            let in_force = |actor: &ActorId| registry.roles_in_force(actor, now).collect();
            registry.actors().map(|actor| (*actor, in_force(actor))).collect()
        };
        actors.sort_unstable_by_key(|(actor, _)| *actor);
        let mut entries = Vec::new();
        let mut looked_at = 0;
        for (actor, roles) in actors {
            if from.is_some_and(|from| actor < from) {
                continue;
            }
            if looked_at == max {
                return Ok((entries, Some(actor)));
            }
            looked_at += 1;
            for role in roles {
                for purpose in PURPOSES {
                    let asking = Asking { actor, purpose, now, roles: vec![role] };
                    entries.extend(self.access_for(case, &asking, role)?);
                }
            }
        }
        Ok((entries, None))
    }

    fn access_for(
        &self,
        case: &StreamKey,
        asking: &Asking,
        role: RoleInForce,
    ) -> Result<Option<AccessEntry>, LedgerError> {
        let facts = self.rule_on(asking, Action::ReadFacts, &Item::facts(*case, true))?;
        let mut rules: Vec<RuleId> =
            facts.allowed.then_some(facts.rule).flatten().into_iter().collect();
        let mut classes = Vec::new();
        for class in Class::ALL {
            let mut item = Item::facts(*case, true);
            item.section = Some(SectionAt { version: Version::ZERO, index: 0, class });
            let ruling = self.rule_on(asking, Action::ReadSection, &item)?;
            if ruling.allowed {
                classes.push(class);
                rules.extend(ruling.rule.filter(|rule| !rules.contains(rule)));
            }
        }
        let (actor, purpose) = (asking.actor, asking.purpose);
        let any = facts.allowed || !classes.is_empty();
        Ok(any.then_some(AccessEntry { actor, role, purpose, classes, rules }))
    }

    /// What the rules say to whether an actor may read the sections of an event now, or with no
    /// version the facts of its stream: with the section's index and class. Blocks.
    ///
    /// # Errors
    /// [`NotFound::Event`].
    pub fn explain(
        &self,
        actor: ActorId,
        purpose: Purpose,
        stream: StreamKey,
        version: Option<Version>,
    ) -> Result<Vec<Explained>, LedgerError> {
        let now = self.0.clock.now();
        let roles = read(&self.0.registry).roles_in_force(&actor, now).collect();
        let asking = Asking { actor, purpose, now, roles };
        let Some(version) = version else {
            let item = self.facts_of(stream)?;
            return Ok(vec![(None, self.rule_on(&asking, Action::ReadFacts, &item)?)]);
        };
        let position = self.0.state.position(&stream, version)?.ok_or(NotFound::Event)?;
        let (_, statement) = self.parsed(position.sequence)?;
        (0..)
            .zip(&statement.sections)
            .map(|(index, section)| {
                let class = section.class;
                let item =
                    Item::section_of(&statement, section, SectionAt { version, index, class });
                Ok((Some((index, class)), self.rule_on(&asking, Action::ReadSection, &item)?))
            })
            .collect()
    }

    /// A rule of the adopted policy in words.
    #[must_use]
    pub fn words(&self, rule: &RuleId, lang: Lang) -> String {
        match &self.0.access.rules().policy {
            Some(policy) => policy.set().words(rule, lang).to_owned(),
            None => String::new(),
        }
    }

    /// The streams of a case whose events make its file.
    #[must_use]
    pub fn streams_of_case(case: letopis_types::StreamId) -> [StreamKey; 2] {
        [StreamKind::Case, StreamKind::Protected].map(|kind| StreamKey { kind, id: case })
    }

    /// The positions of a stream's events from a version on, at most `max`: version and sequence.
    /// Blocks.
    ///
    /// # Errors
    /// The state's.
    pub fn positions(
        &self,
        stream: &StreamKey,
        from: Version,
        max: usize,
    ) -> Result<Vec<(Version, Sequence)>, LedgerError> {
        let positions = self.0.state.positions(stream, from).take(max);
        positions
            .map(|found| found.map(|(at, row)| (at, row.sequence)).map_err(Into::into))
            .collect()
    }
}

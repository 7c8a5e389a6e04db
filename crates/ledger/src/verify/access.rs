//! Files and rules, replayed: was every reading permitted at its own place in the log, and is every
//! section that is gone named by an erasure?

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use letopis_domain::clocks::Profiles;
use letopis_domain::file::{Emergency, FileMarks, FileState, file_of, own_file};
use letopis_domain::procedure::{Around, Taken};
use letopis_domain::registry::{Marks, Placed, Registry};
use letopis_domain::{Fact, Statement, fact};
use letopis_policy::Action;
use letopis_state::StateError;
use letopis_types::{ActorId, Class, Digest, Sequence, StreamKey, Version};

use super::{Fault, Permitted};
use crate::access::{Asking, Files, Item, Rules, Ruling, SectionAt, concerns_files};
use crate::marks::taken;
use crate::sequencer::{append_ruling, is_asked};

/// What gives facts of a file: the fact does not say which it was.
const GIVING_FACTS: [Action; 5] = [
    Action::ReadFacts,
    Action::ReadLog,
    Action::ListReadings,
    Action::ListAccess,
    Action::ExplainAccess,
];

/// The folded files, the rules, and what readings may name.
#[derive(Default)]
pub(super) struct Access {
    files: Folded,
    rules: Rules,
    trial: bool,
    /// What the events of each stream are, by version.
    events: HashMap<StreamKey, Vec<Arc<Meta>>>,
    /// Most events are like others.
    metas: HashSet<Arc<Meta>>,
    missing: Vec<Missing>,
    /// The same by event and index.
    gone: HashSet<(StreamKey, Version, u32)>,
    /// The last erasure that the vault says it has applied; `None` where no vault was given.
    applied: Option<Sequence>,
    pub(super) readings: u64,
}

#[derive(Default)]
struct Folded(HashMap<StreamKey, Arc<FileState>>);

impl Files for Folded {
    fn file(&self, file: &StreamKey) -> Result<Arc<FileState>, StateError> {
        Ok(self.0.get(file).cloned().unwrap_or_default())
    }
}

/// What a policy sees of an event and its sections.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Meta {
    event: &'static str,
    authors: Vec<ActorId>,
    sections: Vec<(Class, String)>,
}

/// A section whose content is gone.
struct Missing {
    stream: StreamKey,
    version: Version,
    index: u32,
    class: Class,
    fault: Fault,
}

impl Access {
    /// With a vault that says that it has applied the erasures up to this one.
    pub(super) fn with_applied(applied: Option<Sequence>) -> Self {
        Self { applied, ..Self::default() }
    }

    /// Checks what files and policy say to an event that the registry has let through, and takes it
    /// in. `present` is its stream's version before it.
    pub(super) fn take(
        &mut self,
        placed: &Placed<'_>,
        present: Version,
        registry: &Registry,
        by_signers: Marks,
    ) -> Result<(Taken, Vec<Permitted>), String> {
        let statement = placed.statement;
        match &statement.fact {
            Fact::Genesis(genesis) => self.trial = genesis.trial,
            Fact::SectionsErased(erased) if self.applied >= Some(placed.sequence) => {
                self.check_destroyed(&statement.stream, erased)?;
            }
            _ => {}
        }
        let others = self.files.tied(statement).map_err(|error| error.to_string())?;
        let marks = self.check(placed, present, registry, &others)?;
        let read = self.check_reading(placed, registry)?;
        let taken = taken(by_signers, marks);
        if Rules::are_changed_by(&statement.fact) {
            self.rules.evolve(placed);
        }
        if concerns_files(&statement.fact) {
            let around = Around { registry, profiles: &self.rules.profiles, others: &others };
            for key in self.files.touched(statement).map_err(|error| error.to_string())? {
                let file = self.files.0.entry(key).or_default();
                Arc::make_mut(file).evolve(&key, placed, present.next(), &around, taken);
            }
        }
        let meta = self.meta(statement);
        self.events.entry(statement.stream).or_default().push(meta);
        Ok((taken, read))
    }

    /// Of what the vault says is erased the keys are gone.
    fn check_destroyed(
        &self,
        stream: &StreamKey,
        erased: &fact::SectionsErased,
    ) -> Result<(), String> {
        use fact::SectionsErased as Erased;
        let events = self.events.get(stream).map_or(&[][..], Vec::as_slice);
        for (version, meta) in (1..).map(Version).zip(events) {
            for (index, (class, _)) in (0..).zip(&meta.sections) {
                let named = match erased {
                    Erased::Class(named) => named == class,
                    Erased::Section { version: of, index: named } => {
                        (*of, *named) == (version, index)
                    }
                };
                if named && !self.gone.contains(&(*stream, version, index)) {
                    return Err(format!(
                        "the vault says that this erasure was applied, and has the key of section \
                         {index} of version {version} still"
                    ));
                }
            }
        }
        Ok(())
    }

    fn check(
        &self,
        placed: &Placed<'_>,
        present: Version,
        registry: &Registry,
        others: &[(StreamKey, Arc<FileState>)],
    ) -> Result<FileMarks, String> {
        let statement = placed.statement;
        let mut marks = FileMarks::default();
        if let Some(key) = own_file(statement) {
            if !self.rules.has_profile(self.trial, &statement.fact) {
                return Err("no profile of the procedure was adopted before it".to_owned());
            }
            let file = self.files.0.get(&key).cloned().unwrap_or_default();
            let around = Around { registry, profiles: &self.rules.profiles, others };
            marks = file.decide(placed, present, &around).map_err(|error| error.to_string())?;
            file.check_procedure(placed, &around).map_err(|error| error.to_string())?;
        }
        if self.rules.is_adopted() && is_asked(statement) {
            let ruling = append_ruling(&self.files, &self.rules, placed, registry, present)
                .map_err(|error| error.to_string())?;
            if !ruling.allowed {
                return Err("the policy in force did not let its authors record it".to_owned());
            }
        }
        Ok(marks)
    }

    /// What was given out was permitted: of which files, and how the reader stood to them.
    fn check_reading(
        &mut self,
        placed: &Placed<'_>,
        registry: &Registry,
    ) -> Result<Vec<Permitted>, String> {
        let (reader, purpose, items) = match &placed.statement.fact {
            Fact::SectionsRead(read) => {
                (read.reader, read.purpose, self.sections_of(placed.statement, read)?)
            }
            Fact::FactsRead(read) => {
                let facts = |file: &StreamKey| Item::facts(*file, true);
                (read.reader, read.purpose, read.files.iter().map(facts).collect())
            }
            _ => return Ok(Vec::new()),
        };
        self.readings += 1;
        let now = placed.recorded_at;
        let roles = registry.roles_in_force(&reader, now).collect();
        let asking = Asking { actor: reader, purpose, now, roles };
        let mut permitted: Vec<Permitted> = Vec::new();
        for item in &items {
            let ruling = self.ruling(&asking, item)?;
            let ruling = ruling.filter(|ruling| ruling.allowed);
            let ruling = ruling.ok_or("a reading that the policy in force did not permit")?;
            let Some(file) = file_of(&item.stream) else { continue };
            let (role, relation) = (ruling.role, ruling.relation);
            match permitted.last_mut().filter(|last| last.file == file) {
                Some(last) => last.relation |= relation,
                None => permitted.push(Permitted { file, role, relation, rule: ruling.rule }),
            }
        }
        Ok(permitted)
    }

    /// What the policy in force says to giving this out. Of facts the first of what gives them that lets
    /// them be given.
    fn ruling(&self, asking: &Asking, item: &Item) -> Result<Option<Ruling>, String> {
        let decide = |action| {
            let ruling = self.rules.decide(&self.files, asking, action, item, self.trial);
            ruling.map_err(|error| error.to_string())
        };
        let Some(at) = item.section else {
            // Of the root stream there are figures alone.
            if item.stream == StreamKey::ROOT {
                return decide(Action::ReadIndicators).map(Some);
            }
            for action in GIVING_FACTS {
                let ruling = decide(action)?;
                if ruling.allowed {
                    return Ok(Some(ruling));
                }
            }
            return Ok(None);
        };
        let gone = self.is_erased(&item.stream, at);
        if gone { Ok(None) } else { decide(Action::ReadSection).map(Some) }
    }

    fn is_erased(&self, stream: &StreamKey, at: SectionAt) -> bool {
        let file = file_of(stream).and_then(|file| self.files.0.get(&file));
        let kind = stream.kind;
        file.is_some_and(|file| file.is_erased(kind, at.version, at.index, at.class))
    }

    fn sections_of(
        &self,
        statement: &Statement,
        read: &fact::SectionsRead,
    ) -> Result<Vec<Item>, String> {
        let stream = StreamKey { kind: read.kind, id: statement.stream.id };
        let events = self.events.get(&stream).map_or(&[][..], Vec::as_slice);
        let unknown = || "a reading of what was not there".to_owned();
        let mut items = Vec::new();
        for released in &read.released {
            let at = released.version.0.checked_sub(1).and_then(|at| usize::try_from(at).ok());
            let meta = at.and_then(|at| events.get(at)).ok_or_else(unknown)?;
            for index in &released.sections {
                let (class, payload_type) =
                    meta.sections.get(*index as usize).ok_or_else(unknown)?;
                let (version, index, class) = (released.version, *index, *class);
                let at = SectionAt { version, index, class };
                let authors = meta.authors.clone();
                items.push(Item::section(stream, meta.event, authors, at, payload_type));
            }
        }
        Ok(items)
    }

    fn meta(&mut self, statement: &Statement) -> Arc<Meta> {
        let sections = statement.sections.iter();
        let meta = Meta {
            event: statement.fact.name(),
            authors: statement.signers.iter().map(|signer| signer.actor).collect(),
            sections: sections
                .map(|section| (section.class, section.payload_type.clone()))
                .collect(),
        };
        if let Some(known) = self.metas.get(&meta) {
            return Arc::clone(known);
        }
        let meta = Arc::new(meta);
        self.metas.insert(Arc::clone(&meta));
        meta
    }

    /// Remembers that a section's content is gone.
    pub(super) fn miss(
        &mut self,
        statement: &Statement,
        version: Version,
        index: u32,
        (segment, offset, sequence): (&str, u64, Sequence),
    ) {
        let Some(section) = statement.sections.get(index as usize) else { return };
        let what = format!("section {index} is gone, and no erasure on the record names it");
        let fault = Fault { segment: segment.to_owned(), offset, sequence, what };
        let (stream, class) = (statement.stream, section.class);
        self.gone.insert((stream, version, index));
        self.missing.push(Missing { stream, version, index, class, fault });
    }

    /// The first section that is gone and that nothing on the record erased.
    pub(super) fn unexplained(&self) -> Option<&Fault> {
        let unexplained = |missing: &&Missing| {
            let Missing { stream, version, index, class, .. } = **missing;
            !self.is_erased(&stream, SectionAt { version, index, class })
        };
        self.missing.iter().find(unexplained).map(|missing| &missing.fault)
    }

    /// Has anybody who did not sign it endorsed it?
    pub(super) fn is_endorsed(&self, statement: &Statement, hash: &Digest) -> bool {
        let file = file_of(&statement.stream).and_then(|key| self.files.0.get(&key));
        file.is_some_and(|file| file.is_endorsed(statement, hash))
    }

    /// How often emergency access was opened, and that which nobody has reviewed, oldest first.
    pub(super) fn emergencies(&self) -> (u64, Vec<(StreamKey, Emergency)>) {
        let (mut count, mut unreviewed) = (0, Vec::new());
        for (key, file) in &self.files.0 {
            count += file.emergencies.len() as u64;
            let open = file.emergencies.iter().filter(|emergency| !emergency.reviewed);
            unreviewed.extend(open.map(|emergency| (*key, emergency.clone())));
        }
        unreviewed.sort_by_key(|(key, emergency)| (emergency.opened_at, *key, emergency.hash));
        (count, unreviewed)
    }

    /// A file as it is by now.
    pub(super) fn file(&self, key: &StreamKey) -> Option<&FileState> {
        self.files.0.get(key).map(|file| &**file)
    }

    /// Every file, and the profiles that were adopted.
    pub(super) fn into_files(self) -> (HashMap<StreamKey, Arc<FileState>>, Profiles) {
        (self.files.0, self.rules.profiles)
    }

    /// How many sections are gone.
    pub(super) fn erased(&self) -> u64 {
        self.missing.len() as u64
    }
}

//! The sequencer: one thread that admits statements one after the other, gives each its place, and
//! seals its sections.
//!
//! It works ahead of the disk: while one group syncs, the next is admitted against the state plus
//! the overlay of everything sequenced. What it hands over in order is what will be in the record;
//! if a group can't be written, the ledger stops, and the overlay goes with it.

use std::sync::mpsc::SyncSender;
use std::sync::{Arc, RwLock};

use letopis_crypto::section::{SealKey, SealScope, seal};
use letopis_domain::fact::Needs;
use letopis_domain::file::{FileMarks, file_of, own_file};
use letopis_domain::position::{self, PositionError};
use letopis_domain::procedure::{Around, Taken};
use letopis_domain::profile::Profile;
use letopis_domain::registry::{Placed, Registry};
use letopis_domain::{Fact, Statement};
use letopis_log::Link;
use letopis_policy::{Action, PolicySet, Relation};
use letopis_proto::statement::v1::Purpose;
use letopis_record::{Record, Space, StoredEvent, Tip};
use letopis_state::StateError;
use letopis_types::{ActorId, LedgerId, Sequence, StreamKey, Timestamp, Version};
use letopis_vault::{Vault, VaultError};
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::Receiver;

use crate::access::{Access, Asking, Files, Item, Rules, Ruling, SectionAt};
use crate::clock::Clock;
use crate::committer::{Group, Reply, Waiting};
use crate::contents;
use crate::counters::Counters;
use crate::error::{AccessError, LedgerError, Rejected, Unavailable};
use crate::fold::{Found, Streams};
use crate::ledger::Limits;
use crate::marks;
use crate::rows;
use crate::submission::Prepared;

/// The most that the sections of a statement may hold on a full disk, in bytes; the reserve counts on
/// it.
const RESERVED_CONTENT_MAX: usize = 1 << 20;

/// The first number of the kinds that the policy is asked about.
const FIRST_ASKED: u32 = 40;

/// A submission that waits to be sequenced.
pub(crate) struct Work {
    pub(crate) prepared: Prepared,
    /// What it gives out, where it is a reading of the ledger's own.
    pub(crate) reading: Option<Reading>,
    pub(crate) waiting: Waiting,
    /// Its share of the memory that waiting submissions may take.
    pub(crate) permit: OwnedSemaphorePermit,
}

/// What a reading gives out, to be permitted at its own place in the log.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub(crate) actor: ActorId,
    pub(crate) purpose: Purpose,
    pub(crate) items: Vec<(Action, Item)>,
}

pub(crate) struct Sequencer {
    pub(crate) id: LedgerId,
    pub(crate) trial: bool,
    pub(crate) access: Arc<Access>,
    pub(crate) registry: Arc<RwLock<Registry>>,
    pub(crate) streams: Streams,
    pub(crate) counters: Counters,
    pub(crate) record: Arc<dyn Record>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) clock: Clock,
    pub(crate) tip: Tip,
    pub(crate) limits: Limits,
}

/// What became of a statement.
enum Admitted {
    /// It is in the group.
    New(Box<StoredEvent>, crate::fold::Effect),
    /// The record has it already, or an earlier group does.
    Repeat(Found),
}

impl From<StateError> for LedgerError {
    fn from(error: StateError) -> Self {
        Self::record(error)
    }
}

impl From<VaultError> for LedgerError {
    fn from(error: VaultError) -> Self {
        Self::record(error)
    }
}

impl From<PositionError> for LedgerError {
    fn from(error: PositionError) -> Self {
        Self::Rejected(error.into())
    }
}

impl Sequencer {
    /// Works until nobody submits any more.
    pub(crate) fn run(mut self, mut queue: Receiver<Work>, groups: &SyncSender<Group>) {
        let mut waiting = Vec::new();
        while queue.blocking_recv_many(&mut waiting, self.limits.group_events) > 0 {
            let mut group = Group::default();
            let mut bytes = 0;
            for work in waiting.drain(..) {
                bytes += work.prepared.bytes.len()
                    + work
                        .prepared
                        .sections
                        .iter()
                        .map(|(_, content)| content.len())
                        .sum::<usize>();
                self.take(work, &mut group);
                if bytes > self.limits.group_bytes {
                    bytes = 0;
                    self.hand_over(&mut group, groups);
                }
            }
            self.hand_over(&mut group, groups);
        }
    }

    fn hand_over(&self, group: &mut Group, groups: &SyncSender<Group>) {
        let mut group = std::mem::take(group);
        if group.is_empty() {
            return;
        }
        group.next_key_slot = self.vault.next_unused();
        if let Err(unsent) = groups.send(group) {
            // The committer ends before this only when it failed: what it did not take is not in
            // the record.
            unsent.0.refuse(&Unavailable::record("writing has failed before").into());
        }
    }

    fn take(&mut self, work: Work, group: &mut Group) {
        let Work { prepared, reading, waiting, permit } = work;
        let erases = matches!(prepared.statement.fact, Fact::SectionsErased(_));
        let (sequence, version, already_recorded) = match self.admit(prepared, reading.as_ref()) {
            Ok(Admitted::New(event, effect)) => {
                let at = (event.link.sequence, effect.row.version);
                group.events.push(*event);
                group.effects.push(effect);
                (at.0, at.1, false)
            }
            Ok(Admitted::Repeat(Found { sequence, version, .. })) => (sequence, version, true),
            Err(error) => {
                waiting.refuse(error);
                return;
            }
        };
        group.replies.push(Reply { sequence, version, already_recorded, erases, waiting, permit });
    }

    /// Idempotency, room, key and grant in force, file, policy, references, `seen`, what sections hold,
    /// procedure; then the event's place and its seals.
    fn admit(
        &mut self,
        mut prepared: Prepared,
        reading: Option<&Reading>,
    ) -> Result<Admitted, LedgerError> {
        if let Some(found) = self.find_repeat(&prepared)? {
            return Ok(Admitted::Repeat(found));
        }
        let contents = std::mem::replace(&mut prepared.contents, Ok(Vec::new()));
        let statement = &prepared.statement;
        self.check_space(&prepared)?;
        let recorded_at = self.clock.now().max(self.tip.last_recorded_at);
        if let Some(reading) = reading {
            self.check_reading(reading, recorded_at)?;
        }
        let statement_hash = prepared.statement_hash;
        let placed = Placed { statement, statement_hash, sequence: self.tip.size, recorded_at };
        let present = self.streams.head(&statement.stream)?;
        let taken = {
            let registry = read(&self.registry);
            let by_signers = registry.decide(&placed, &self.id).map_err(Rejected::from)?;
            let by_file = self.check_file(&placed, &registry, present.version)?;
            self.check_policy(&placed, &registry, present.version)?;
            // TRUST: what a file's rules say tells of what is in it. Who may not record here, or names what
            // is not there, is not told.
            if let Some(index) = self.streams.first_unknown(&statement.references)? {
                return Err(Rejected::ReferenceUnknown { index }.into());
            }
            position::decide(statement.kind().exclusive, statement.seen, present, |version| {
                self.streams.head_at(&statement.stream, version).map_err(LedgerError::from)
            })?;
            contents::check(statement, contents, &self.access.rules())?;
            self.check_procedure(&placed, &registry)?;
            marks::taken(by_signers, by_file)
        };
        let sealed = self.seal(&prepared)?;
        self.place(prepared, recorded_at, sealed, taken)
    }

    /// Does the file take it? What is adopted has to be readable.
    fn check_file(
        &self,
        placed: &Placed<'_>,
        registry: &Registry,
        present: Version,
    ) -> Result<FileMarks, LedgerError> {
        let statement = placed.statement;
        match &statement.fact {
            Fact::PolicyAdopted(adopted) => {
                PolicySet::parse(&adopted.text).map_err(Rejected::from)?;
            }
            Fact::ProfileAdopted(adopted) => {
                Profile::parse(&adopted.text).map_err(Rejected::from)?;
            }
            _ => {}
        }
        match own_file(statement) {
            Some(key) => self.check_own(&key, placed, registry, present),
            None => Ok(FileMarks::default()),
        }
    }

    fn check_own(
        &self,
        key: &StreamKey,
        placed: &Placed<'_>,
        registry: &Registry,
        present: Version,
    ) -> Result<FileMarks, LedgerError> {
        let rules = self.access.rules();
        let around = Around { registry, profiles: &rules.profiles, others: &[] };
        let file = self.access.hold(key)?;
        Ok(file.decide(placed, present, &around).map_err(Rejected::from)?)
    }

    /// Do the rules of procedure let it be recorded?
    fn check_procedure(&self, placed: &Placed<'_>, registry: &Registry) -> Result<(), LedgerError> {
        let statement = placed.statement;
        let Some(key) = own_file(statement) else { return Ok(()) };
        let (rules, others) = (self.access.rules(), self.access.tied(statement)?);
        if !rules.has_profile(self.trial, &statement.fact) {
            return Err(Rejected::ProfileMissing.into());
        }
        let around = Around { registry, profiles: &rules.profiles, others: &others };
        let file = self.access.hold(&key)?;
        Ok(file.check_procedure(placed, &around).map_err(Rejected::from)?)
    }

    /// One of the authors must be let. What is urgent, the registry's own kinds and what the ledger
    /// signs itself are not asked.
    fn check_policy(
        &self,
        placed: &Placed<'_>,
        registry: &Registry,
        present: Version,
    ) -> Result<(), LedgerError> {
        let (statement, rules) = (placed.statement, self.access.rules());
        if !rules.is_adopted() || !is_asked(statement) {
            return Ok(());
        }
        match append_ruling(&*self.access, &rules, placed, registry, present)? {
            ruling if ruling.allowed => Ok(()),
            ruling => Err(Rejected::Policy {
                kind: statement.fact.name(),
                rule: ruling.rule.map_or_else(String::new, |rule| rule.to_string()),
            }
            .into()),
        }
    }

    /// What a reading gives out is permitted at its own place in the log, and not erased before it.
    fn check_reading(&self, reading: &Reading, now: Timestamp) -> Result<(), LedgerError> {
        let roles = read(&self.registry).roles_in_force(&reading.actor, now).collect();
        let asking = Asking { actor: reading.actor, purpose: reading.purpose, now, roles };
        let rules = self.access.rules();
        for (action, item) in &reading.items {
            let ruling = rules.decide(&*self.access, &asking, *action, item, self.trial)?;
            if !ruling.allowed || self.is_erased(item)? {
                return Err(AccessError::Denied.into());
            }
        }
        Ok(())
    }

    /// Is the section erased by what was sequenced, whether or not its key is destroyed yet?
    fn is_erased(&self, item: &Item) -> Result<bool, LedgerError> {
        let Some((file, section)) = file_of(&item.stream).zip(item.section) else {
            return Ok(false);
        };
        let file = self.access.file(&file)?;
        let SectionAt { version, index, class } = section;
        Ok(file.is_erased(item.stream.kind, version, index, class))
    }

    /// On a full disk the reserve is for what must go on.
    fn check_space(&self, prepared: &Prepared) -> Result<(), LedgerError> {
        let content: usize = prepared.sections.iter().map(|(_, content)| content.len()).sum();
        match self.record.space() {
            Space::Plenty => Ok(()),
            Space::Reserved
                if goes_on_when_full(&prepared.statement.fact)
                    && content <= RESERVED_CONTENT_MAX =>
            {
                Ok(())
            }
            Space::Reserved | Space::Gone => Err(Unavailable::DiskFull.into()),
        }
    }

    fn find_repeat(&mut self, prepared: &Prepared) -> Result<Option<Found>, LedgerError> {
        let Prepared { statement, .. } = prepared;
        let Some(found) = self.streams.find_event(&statement.stream, &statement.event_id)? else {
            return Ok(None);
        };
        let hashes = match found.hashes {
            Some(hashes) => hashes,
            None => self.recorded_hashes(found.sequence)?,
        };
        if hashes == (prepared.statement_hash, prepared.signatures_hash) {
            return Ok(Some(found));
        }
        Err(Rejected::EventIdTaken { event_id: statement.event_id }.into())
    }

    fn recorded_hashes(
        &self,
        sequence: Sequence,
    ) -> Result<(letopis_types::Digest, letopis_types::Digest), LedgerError> {
        let events = self.record.read(sequence, 1, 1).map_err(LedgerError::record)?;
        let event = events.first().ok_or_else(|| LedgerError::record("an event is missing"))?;
        Ok((event.link.statement_hash, event.link.signatures_hash))
    }

    /// Seals each section under a key of its own.
    fn seal(&self, prepared: &Prepared) -> Result<Vec<Vec<u8>>, LedgerError> {
        let statement = &prepared.statement;
        let mut sealed = Vec::with_capacity(statement.sections.len());
        for (index, (section, (salt, content))) in
            statement.sections.iter().zip(&prepared.sections).enumerate()
        {
            let (key_id, key) = self.vault.fresh()?;
            let mut nonce = [0; 24];
            getrandom::fill(&mut nonce).map_err(LedgerError::record)?;
            let scope = SealScope {
                ledger: &self.id,
                stream: &statement.stream,
                class: section.class,
                statement_hash: &prepared.statement_hash,
                // INVARIANT: at most 32 sections.
                index: index as u32,
            };
            let key = SealKey { id: &key_id.0, key: key.as_bytes() };
            sealed.push(seal(key, &nonce, &scope, salt, content).map_err(LedgerError::record)?);
        }
        Ok(sealed)
    }

    /// From here on the statement has its place: nothing may fail between the changes.
    fn place(
        &mut self,
        prepared: Prepared,
        recorded_at: Timestamp,
        sealed: Vec<Vec<u8>>,
        taken: Taken,
    ) -> Result<Admitted, LedgerError> {
        let link = Link {
            sequence: self.tip.size,
            recorded_at,
            previous: self.tip.last_link,
            statement_hash: prepared.statement_hash,
            signatures_hash: prepared.signatures_hash,
        };
        let tip = self.tip.after(&link).map_err(LedgerError::record)?;
        let placed = Placed {
            statement: &prepared.statement,
            statement_hash: prepared.statement_hash,
            sequence: link.sequence,
            recorded_at,
        };
        let statement = &prepared.statement;
        let version = self.streams.head(&statement.stream)?.version.next();
        let changed = self.access.evolve(&placed, version, &read(&self.registry), taken)?;
        let others = rows::of_event(&placed, version, &changed, taken, &mut self.counters)?;
        let effect = self.streams.push(statement, &link, changed, others)?;
        self.tip = tip;
        evolve(&self.registry, &placed, &self.id);
        let event = StoredEvent {
            link,
            statement: prepared.bytes,
            signatures: prepared.signatures,
            sealed,
        };
        Ok(Admitted::New(Box::new(event), effect))
    }
}

/// Is the policy asked whether it may be recorded? What is urgent never waits for it; emergency access
/// is urgent and gives something, so that it does.
pub(crate) fn is_asked(statement: &Statement) -> bool {
    let kind = statement.kind();
    let waits = !kind.urgent || matches!(statement.fact, Fact::BreakGlassOpened(_));
    kind.number >= FIRST_ASKED && waits && statement.fact.needs() != Needs::Ledger
}

/// What the policy says to a statement. Where two have to agree to something that can't be undone, or
/// that opens something, each of them must be let: the ruling of the first who is not. Otherwise one
/// suffices: the ruling of the first who is.
pub(crate) fn append_ruling(
    files: &impl Files,
    rules: &Rules,
    placed: &Placed<'_>,
    registry: &Registry,
    present: Version,
) -> Result<Ruling, StateError> {
    let statement = placed.statement;
    let mut item = Item::facts(statement.stream, present > Version::ZERO);
    item.event = statement.fact.name();
    item.urgent = statement.kind().urgent;
    let all = matches!(statement.fact.needs(), Needs::BothOf(..))
        || matches!(statement.fact, Fact::AccessGranted(_));
    let (mut denied, mut allowed) = (None, None);
    for signer in &statement.signers {
        let Some(role) = registry.role_of(signer) else { continue };
        let asking = Asking {
            actor: signer.actor,
            purpose: Purpose::CaseWork,
            now: placed.recorded_at,
            roles: vec![role],
        };
        let ruling = rules.decide(files, &asking, Action::Append, &item, false)?;
        if ruling.allowed {
            allowed.get_or_insert(ruling);
        } else {
            denied.get_or_insert(ruling);
        }
    }
    let (first, second) = if all { (denied, allowed) } else { (allowed, denied) };
    let nobody = Ruling { allowed: false, rule: None, role: None, relation: Relation::NONE };
    Ok(first.or(second).unwrap_or(nobody))
}

/// What is recorded also on a full disk: readings and denials, erasures, and what narrows power.
fn goes_on_when_full(fact: &Fact) -> bool {
    matches!(fact.needs(), Needs::Ledger | Needs::RegistrarOrSelf)
        || matches!(fact, Fact::SectionsErased(_) | Fact::AccessRevoked(_))
}

/// Only the kinds that stand in root and actor streams change the registry.
pub(crate) fn evolve(registry: &RwLock<Registry>, placed: &Placed<'_>, id: &LedgerId) {
    use letopis_types::StreamKind::{Actor, Root};
    if matches!(placed.statement.stream.kind, Root | Actor) {
        registry.write().unwrap_or_else(std::sync::PoisonError::into_inner).evolve(placed, id);
    }
}

/// Reads the registry. Nothing panics while it changes, so a poisoned lock guards a whole one.
pub(crate) fn read(registry: &RwLock<Registry>) -> std::sync::RwLockReadGuard<'_, Registry> {
    registry.read().unwrap_or_else(std::sync::PoisonError::into_inner)
}

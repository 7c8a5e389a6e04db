//! How a file changes.

use letopis_proto::statement::v1::Relation;
use letopis_types::{AgencyId, Digest, StreamId, StreamKey, StreamKind, Version};

use super::{Emergency, Erased, Erasure, FileState, Grant, Share, own_file};
use crate::fact::{Fact, ReceiverId, Released, SectionsErased};
use crate::procedure::{self, Around, Taken};
use crate::registry::{Placed, Registry};

impl FileState {
    /// Takes in an admitted statement that touches the file `file`, at `version` of its own stream.
    /// The registry is that before it. Says whether anything changed.
    pub fn evolve(
        &mut self,
        file: &StreamKey,
        placed: &Placed<'_>,
        version: Version,
        around: &Around<'_>,
        taken: Taken,
    ) -> bool {
        if own_file(placed.statement) == Some(*file) {
            let changed = self.evolve_own(placed, version, around.registry);
            procedure::evolve(self, placed, around, taken) || changed
        } else {
            self.evolve_other(file, placed, around)
        }
    }

    /// A statement of another file that is tied to this one.
    fn evolve_other(&mut self, file: &StreamKey, placed: &Placed<'_>, around: &Around<'_>) -> bool {
        let id = placed.statement.stream.id;
        match &placed.statement.fact {
            Fact::CaseOpened(_) => {
                if procedure::comes_of(placed.statement, file) {
                    let at = placed.statement.occurred_at.instant.seconds;
                    procedure::opened_case(self, placed.statement_hash, at, around.profiles);
                }
                push_once(&mut self.cases, id);
                true
            }
            Fact::ComplaintLodged(_) => push_once(&mut self.complaints, id),
            Fact::EventCorrected(fact) => fact.occurred_at.is_some_and(|time| {
                procedure::correct_inherited(self, &fact.event, time.seconds, around.profiles)
            }),
            _ => false,
        }
    }

    fn evolve_own(&mut self, placed: &Placed<'_>, version: Version, registry: &Registry) -> bool {
        let (statement, hash) = (placed.statement, placed.statement_hash);
        let signers = || statement.signers.iter().map(|signer| signer.actor);
        match &statement.fact {
            Fact::CaseOpened(fact) => {
                self.holder = Some(fact.holder);
                self.lead = Some(fact.lead);
                self.region = of_signers(placed, registry).1;
            }
            Fact::SignalReceived(_) => {
                let (agency, region) = of_signers(placed, registry);
                self.holder = self.holder.or(agency);
                self.region = self.region.or(region);
                for actor in signers() {
                    push_once(&mut self.intake, actor);
                }
            }
            Fact::PersonRecorded(_) => {
                let (agency, region) = of_signers(placed, registry);
                self.holder = self.holder.or(agency);
                self.region = self.region.or(region);
            }
            Fact::ComplaintLodged(_) => {
                self.holder = self.holder.or(of_signers(placed, registry).0);
                for case in complained_of(placed) {
                    push_once(&mut self.cases, case);
                }
            }
            Fact::HandlerAssigned(fact) => self.handler = Some(fact.handler),
            Fact::SignalAssigned(fact) => {
                push_once(&mut self.intake, fact.worker);
            }
            // Whoever was given something by mistake is given nothing from here on.
            Fact::EventMisfiled(fact) => {
                self.shares.retain(|share| share.hash != fact.event);
                if self.procedure.is_team_convened_by(&fact.event) {
                    self.team.clear();
                }
            }
            Fact::TeamConvened(fact) => self.team.clone_from(&fact.members),
            Fact::TransferProposed(fact) => self.proposed.push((hash, fact.to)),
            Fact::TransferRejected(fact) => {
                self.proposed.retain(|(proposed, _)| *proposed != fact.proposed);
            }
            Fact::TransferAccepted(fact) => {
                let to = self.proposed.iter().find(|(proposed, _)| *proposed == fact.proposed);
                let Some((_, to)) = to.copied() else { return false };
                self.hold(to);
                self.region = of_signers(placed, registry).1;
            }
            Fact::CompetenceDecided(fact) => self.hold(fact.holder),
            Fact::ConflictDeclared(_) => {
                for actor in signers() {
                    push_once(&mut self.conflicts, actor);
                }
            }
            Fact::Endorsed(_) => {
                for target in endorsed(placed) {
                    self.endorsements.extend(signers().map(|actor| (target, actor)));
                }
            }
            Fact::InformationShared(fact) => {
                self.share(placed, fact.receiver, &fact.shared, fact.until_seconds);
            }
            Fact::ServiceReferred(fact) => self.share(placed, fact.provider, &fact.shared, None),
            fact => return self.evolve_access(fact, placed, version),
        }
        true
    }

    /// Grants, emergencies, holds, erasures.
    fn evolve_access(&mut self, fact: &Fact, placed: &Placed<'_>, version: Version) -> bool {
        let (statement, hash) = (placed.statement, placed.statement_hash);
        match fact {
            Fact::AccessGranted(fact) => self.grants.push(Grant {
                hash,
                kind: statement.stream.kind,
                reader: fact.reader,
                classes: fact.classes.clone(),
                purpose: fact.purpose.into(),
                until_seconds: fact.until_seconds,
                complaint: fact.complaint,
            }),
            Fact::AccessRevoked(fact) => self.grants.retain(|grant| grant.hash != fact.granted),
            Fact::BreakGlassOpened(fact) => {
                let Some(signer) = statement.signers.first() else { return false };
                self.emergencies.push(Emergency {
                    hash,
                    reader: signer.actor,
                    classes: fact.classes.clone(),
                    opened_at: placed.recorded_at,
                    until_seconds: fact.until_seconds,
                    closed: false,
                    reviewed: false,
                });
            }
            Fact::BreakGlassClosed(fact) => {
                let opened = self.emergencies.iter_mut();
                opened.filter(|found| found.hash == fact.opened).for_each(|it| it.closed = true);
            }
            Fact::BreakGlassReviewed(fact) => {
                let opened = self.emergencies.iter_mut();
                opened.filter(|found| found.hash == fact.opened).for_each(|it| it.reviewed = true);
            }
            Fact::LegalHoldSet(_) => self.holds.push((hash, statement.stream.kind)),
            Fact::LegalHoldLifted(fact) => self.holds.retain(|(hold, _)| *hold != fact.set),
            Fact::SectionsErased(fact) => {
                let what = match *fact {
                    SectionsErased::Class(class) => Erased::Class(class),
                    SectionsErased::Section { version, index } => Erased::Section(version, index),
                };
                self.erasures.push(Erasure { hash, kind: statement.stream.kind, version, what });
            }
            _ => return false,
        }
        true
    }

    /// Another agency holds it from here on.
    fn hold(&mut self, holder: AgencyId) {
        self.proposed.clear();
        if self.holder == Some(holder) {
            return;
        }
        self.former.extend(self.holder.filter(|held| !self.former.contains(held)));
        self.holder = Some(holder);
        self.lead = None;
        self.team.clear();
    }

    fn share(
        &mut self,
        placed: &Placed<'_>,
        receiver: ReceiverId,
        shared: &[Released],
        until_seconds: Option<i64>,
    ) {
        self.shares.push(Share {
            hash: placed.statement_hash,
            receiver,
            shared: shared.to_vec(),
            kind: placed.statement.stream.kind,
            until_seconds,
            referral: matches!(placed.statement.fact, Fact::ServiceReferred(_)),
        });
    }
}

/// Agency and region of the grants that the statement is signed under: the first that names any.
fn of_signers(placed: &Placed<'_>, registry: &Registry) -> (Option<AgencyId>, Option<u32>) {
    let mut held = placed.held(registry);
    let agency = held.find_map(|(_, held)| held.agency);
    (agency, placed.held(registry).find_map(|(_, held)| held.region))
}

fn complained_of(placed: &Placed<'_>) -> impl Iterator<Item = StreamId> {
    placed
        .statement
        .references
        .iter()
        .filter(|to| to.relation == Relation::ComplainsOf && to.stream.kind == StreamKind::Case)
        .map(|to| to.stream.id)
}

/// What a statement endorses in its own stream.
pub(super) fn endorsed(placed: &Placed<'_>) -> impl Iterator<Item = Digest> {
    let stream = placed.statement.stream;
    placed
        .statement
        .references
        .iter()
        .filter(move |to| to.relation == Relation::Endorses && to.stream == stream)
        .map(|to| to.statement_hash)
}

fn push_once<T: PartialEq>(list: &mut Vec<T>, item: T) -> bool {
    let new = !list.contains(&item);
    if new {
        list.push(item);
    }
    new
}

//! Does a file take this statement?

use letopis_proto::statement::v1::Role;
use letopis_types::{ActorId, AgencyId, Digest, Version};

use super::evolve::endorsed;
use super::{FileError, FileState, Grant};
use crate::fact::{
    AccessGranted, BreakGlassOpened, DisclosureReceived, Fact, Released, SectionsErased,
};
use crate::procedure::{self, Around};
use crate::registry::{Placed, Registry};

/// What has to be known with a statement that a file took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FileMarks {
    /// A signer had declared a conflict of interests; the kind is an urgent one.
    pub under_recusal: bool,
}

impl FileState {
    /// Does the file take this statement now? `present` is the version of the statement's stream
    /// before it. The registry has decided on it before.
    ///
    /// # Errors
    /// What keeps it from being so.
    pub fn decide(
        &self,
        placed: &Placed<'_>,
        present: Version,
        around: &Around<'_>,
    ) -> Result<FileMarks, FileError> {
        let marks = self.check_conflict(placed)?;
        let registry = around.registry;
        let statement = placed.statement;
        let kind = statement.fact.name();
        // What is named stands in the same stream; a file has several.
        let kind_of_stream = statement.stream.kind;
        match &statement.fact {
            Fact::AccessGranted(fact) => check_grant(fact, placed, registry)?,
            Fact::AccessRevoked(fact) => {
                let named =
                    |grant: &Grant| (grant.hash, grant.kind) == (fact.granted, kind_of_stream);
                in_force(self.grants.iter().any(named), "granted")?;
            }
            Fact::BreakGlassOpened(fact) => check_opening(fact, placed)?,
            Fact::BreakGlassClosed(fact) => {
                let opened = self.emergencies.iter().find(|found| found.hash == fact.opened);
                let opened = opened.filter(|found| !found.closed);
                let opened = opened.ok_or(FileError::NotInForce { field: "opened" })?;
                let may = placed.is_signed_by(&opened.reader)
                    || has_role(placed, registry, Role::DataProtectionOfficer)
                    || has_role(placed, registry, Role::HeadOfDepartment);
                let needs = "who opened it, the data protection officer or the head";
                may.then_some(()).ok_or(FileError::RoleWrong { kind, needs })?;
            }
            Fact::BreakGlassReviewed(fact) => {
                let opened = self.emergencies.iter().find(|found| found.hash == fact.opened);
                let opened = opened.filter(|found| !found.reviewed);
                let opened = opened.ok_or(FileError::NotInForce { field: "opened" })?;
                not_in_own_cause(!placed.is_signed_by(&opened.reader), kind)?;
            }
            Fact::InformationShared(fact) => {
                check_events(&fact.shared, present)?;
                if let Some(until) = fact.until_seconds {
                    check_term(placed, until, i64::MAX, "later than now")?;
                }
            }
            Fact::ServiceReferred(fact) => check_events(&fact.shared, present)?,
            Fact::DisclosureReceived(fact) => self.check_receipt(fact, placed, registry)?,
            Fact::SectionsErased(fact) => self.check_erasure(fact, present)?,
            Fact::LegalHoldLifted(fact) => {
                in_force(self.holds.contains(&(fact.set, kind_of_stream)), "set")?;
            }
            Fact::TransferProposed(fact) => {
                in_force(self.holder.is_some() && self.holder != Some(fact.to), "to")?;
            }
            Fact::TransferAccepted(fact) => self.check_proposed(&fact.proposed)?,
            Fact::TransferRejected(fact) => self.check_proposed(&fact.proposed)?,
            Fact::Endorsed(_) if endorsed(placed).count() != 1 => {
                return Err(FileError::EndorsesNothing);
            }
            _ => {}
        }
        Ok(marks)
    }

    /// Do the rules of procedure let it be recorded? They tell of what is in the file: whoever may not record
    /// in it is not asked so far.
    ///
    /// # Errors
    /// [`FileError::Rule`].
    pub fn check_procedure(
        &self,
        placed: &Placed<'_>,
        around: &Around<'_>,
    ) -> Result<(), FileError> {
        Ok(procedure::decide(self, placed, around)?)
    }

    /// What has to be known with a statement that was taken.
    #[must_use]
    pub fn marks(&self, placed: &Placed<'_>) -> FileMarks {
        self.check_conflict(placed).unwrap_or_default()
    }

    /// Whoever declared a conflict signs nothing more here but what is urgent.
    fn check_conflict(&self, placed: &Placed<'_>) -> Result<FileMarks, FileError> {
        let conflicted =
            placed.statement.signers.iter().find(|signer| self.conflicts.contains(&signer.actor));
        match conflicted {
            Some(signer) if !placed.statement.kind().urgent => {
                Err(FileError::Conflict { actor: signer.actor })
            }
            found => Ok(FileMarks { under_recusal: found.is_some() }),
        }
    }

    /// Whoever was given something says that it came.
    fn check_receipt(
        &self,
        fact: &DisclosureReceived,
        placed: &Placed<'_>,
        registry: &Registry,
    ) -> Result<(), FileError> {
        let share = self.shares.iter().find(|share| share.hash == fact.shared);
        let share = share.filter(|share| !share.referral);
        let share = share.ok_or(FileError::NotInForce { field: "shared" })?;
        let for_receiver =
            |agency: Option<AgencyId>| agency.is_some_and(|agency| agency.0 == share.receiver);
        let receives = placed.is_signed_by(&ActorId(share.receiver))
            || placed.held(registry).any(|(_, held)| for_receiver(held.agency));
        let kind = placed.statement.fact.name();
        receives.then_some(()).ok_or(FileError::RoleWrong { kind, needs: "the receiver" })
    }

    fn check_erasure(&self, fact: &SectionsErased, present: Version) -> Result<(), FileError> {
        if !self.holds.is_empty() {
            return Err(FileError::LegalHold);
        }
        match *fact {
            SectionsErased::Section { version, .. } if version > present => {
                Err(FileError::EventUnknown { field: "section" })
            }
            _ => Ok(()),
        }
    }

    fn check_proposed(&self, proposed: &Digest) -> Result<(), FileError> {
        in_force(self.proposed.iter().any(|(hash, _)| hash == proposed), "proposed")
    }
}

/// Nobody grants access to themselves; a reporter's identity takes two.
fn check_grant(
    fact: &AccessGranted,
    placed: &Placed<'_>,
    registry: &Registry,
) -> Result<(), FileError> {
    let kind = placed.statement.fact.name();
    not_in_own_cause(!placed.is_signed_by(&fact.reader), kind)?;
    check_term(placed, fact.until_seconds, i64::MAX, "later than now")?;
    let has = |role| has_role(placed, registry, role);
    if fact.complaint.is_none() {
        let needs = "the head of department";
        return has(Role::HeadOfDepartment)
            .then_some(())
            .ok_or(FileError::RoleWrong { kind, needs });
    }
    let officer = actors_with(placed, registry, Role::DataProtectionOfficer);
    let superior = actors_with(placed, registry, Role::Superior);
    let both = officer.iter().any(|one| superior.iter().any(|other| one != other));
    let needs = "the data protection officer and a superior";
    both.then_some(()).ok_or(FileError::RoleWrong { kind, needs })
}

fn check_opening(fact: &BreakGlassOpened, placed: &Placed<'_>) -> Result<(), FileError> {
    let statement = placed.statement;
    let stated = statement
        .sections
        .iter()
        .any(|section| section.payload_type.starts_with(BreakGlassOpened::DANGER));
    if !stated {
        return Err(FileError::DangerMissing);
    }
    if statement.signers.len() != 1 {
        let kind = statement.fact.name();
        return Err(FileError::RoleWrong { kind, needs: "the reader alone" });
    }
    check_term(
        placed,
        fact.until_seconds,
        BreakGlassOpened::SECONDS_MAX,
        "later than now, at most 24 hours",
    )
}

/// Later than now, and at most so many seconds later.
fn check_term(
    placed: &Placed<'_>,
    until: i64,
    max: i64,
    allowed: &'static str,
) -> Result<(), FileError> {
    let now = placed.recorded_at.seconds();
    let within = now < until && until.saturating_sub(now) <= max;
    within.then_some(()).ok_or(FileError::Term { allowed })
}

fn check_events(listed: &[Released], present: Version) -> Result<(), FileError> {
    let known = listed.last().is_none_or(|last| last.version <= present);
    known.then_some(()).ok_or(FileError::EventUnknown { field: "shared" })
}

fn in_force(found: bool, field: &'static str) -> Result<(), FileError> {
    found.then_some(()).ok_or(FileError::NotInForce { field })
}

fn not_in_own_cause(ok: bool, kind: &'static str) -> Result<(), FileError> {
    ok.then_some(()).ok_or(FileError::OwnCause { kind })
}

fn actors_with(placed: &Placed<'_>, registry: &Registry, role: Role) -> Vec<ActorId> {
    let held = placed.held(registry).filter(|(_, held)| held.role == role);
    held.map(|(actor, _)| actor).collect()
}

fn has_role(placed: &Placed<'_>, registry: &Registry, role: Role) -> bool {
    !actors_with(placed, registry, role).is_empty()
}

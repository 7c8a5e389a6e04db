//! What a part of the procedure is asked with, and what it answers to.

use std::sync::Arc;

use letopis_proto::statement::v1::{Relation, Role};
use letopis_types::{ActorId, AgencyId, Digest, StreamKey, StreamKind};

use crate::clocks::Profiles;
use crate::clocks::occasion::{Name, Occasion};
use crate::fact::{Day, Fact};
use crate::file::FileState;
use crate::profile::Profile;
use crate::registry::{Placed, Registry, RoleInForce};
use crate::statement::Statement;

use super::Procedure;

/// What lies around a file when it is asked or changed.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// Who may sign.
    pub registry: &'a Registry,
    /// The procedure's profiles.
    pub profiles: &'a Profiles,
    /// The other files that the statement is tied to ([`crate::file::tied`]), as they are before it.
    pub others: &'a [(StreamKey, Arc<FileState>)],
}

/// Under which exceptions a statement was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// A signer stood in for the role's holder.
    pub under_delegation: bool,
    /// A signer had declared a conflict of interests.
    pub under_recusal: bool,
    /// A signer's qualification had expired.
    pub on_expired_qualification: bool,
}

/// A statement that asks to be taken in by a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) placed: &'a Placed<'a>,
    pub(crate) file: &'a FileState,
    pub(crate) around: &'a Around<'a>,
    pub(crate) profile: &'a Profile,
}

impl<'a> Asked<'a> {
    pub(crate) const fn statement(&self) -> &'a Statement {
        self.placed.statement
    }

    pub(crate) const fn fact(&self) -> &'a Fact {
        &self.placed.statement.fact
    }

    pub(crate) const fn procedure(&self) -> &'a Procedure {
        &self.file.procedure
    }

    /// When it happened, as its author states it; seconds since 1970 UTC.
    pub(crate) const fn at(&self) -> i64 {
        self.placed.statement.occurred_at.instant.seconds
    }

    /// When it is recorded; seconds since 1970 UTC.
    pub(crate) fn now(&self) -> i64 {
        self.placed.recorded_at.seconds()
    }

    pub(crate) fn signers(&self) -> impl Iterator<Item = ActorId> + 'a {
        self.placed.statement.signers.iter().map(|signer| signer.actor)
    }

    pub(crate) fn is_signed_by(&self, actor: &ActorId) -> bool {
        self.signers().any(|signer| signer == *actor)
    }

    /// Does anybody sign in this role?
    pub(crate) fn has_role(&self, role: Role) -> bool {
        self.roles().any(|(_, signing)| signing == role)
    }

    /// Who signs in which role.
    pub(crate) fn roles(&self) -> impl Iterator<Item = (ActorId, Role)> + 'a {
        self.held().map(|(actor, held)| (actor, held.role))
    }

    /// The same, with what the grant says of it.
    pub(crate) fn held(&self) -> impl Iterator<Item = (ActorId, RoleInForce)> + 'a {
        self.placed.held(self.around.registry)
    }

    /// Does anybody sign for this agency?
    pub(crate) fn is_for(&self, agency: AgencyId) -> bool {
        self.held().any(|(_, held)| held.agency == Some(agency))
    }

    /// Does anybody sign in this role for this agency?
    pub(crate) fn is_by(&self, wanted: Role, agency: AgencyId) -> bool {
        self.held().any(|(_, held)| held.role == wanted && held.agency == Some(agency))
    }

    /// The first second after a civil day.
    pub(crate) fn end_of(&self, day: Day) -> i64 {
        end_of(Some(self.profile), day)
    }

    /// Is there a section whose payload type has this name?
    pub(crate) fn has_section(&self, name: &str) -> bool {
        let mut sections = self.placed.statement.sections.iter();
        sections.any(|section| section.name() == name)
    }

    /// Has this actor the role in force, for this agency?
    pub(crate) fn may_act(&self, actor: &ActorId, role: Role, agency: Option<AgencyId>) -> bool {
        self.around
            .registry
            .roles_in_force(actor, self.placed.recorded_at)
            .any(|found| found.role == role && (agency.is_none() || found.agency == agency))
    }

    /// What it refers to by this relation in its own stream.
    pub(crate) fn referred(&self, relation: Relation) -> Option<Digest> {
        let own = self.placed.statement.stream;
        let mut found = self.placed.statement.references.iter();
        found.find(|to| to.relation == relation && to.stream == own).map(|to| to.statement_hash)
    }

    /// The other files of this kind that it refers to by this relation.
    pub(crate) fn others(
        &self,
        relation: Relation,
        kind: StreamKind,
    ) -> impl Iterator<Item = (StreamKey, &'a FileState)> {
        let references = &self.placed.statement.references;
        self.around.others.iter().filter_map(move |(key, file)| {
            let is_named = references.iter().any(|to| to.relation == relation && to.stream == *key);
            (is_named && key.kind == kind).then_some((*key, &**file))
        })
    }
}

/// Something that takes effect: a statement at once, or an act that was confirmed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deed<'a> {
    pub(crate) fact: &'a Fact,
    /// The statement's hash.
    pub(crate) hash: Digest,
    /// When it happened; seconds since 1970 UTC.
    pub(crate) at: i64,
    /// When it was recorded, or the signature that lets it take effect; seconds since 1970 UTC.
    pub(crate) recorded_at: i64,
    /// What of its own stream it answers (responds to).
    pub(crate) answers: &'a [Digest],
    pub(crate) protected: bool,
}

impl Deed<'_> {
    /// An occasion that this deed is.
    pub(crate) const fn is(&self, name: Name) -> Occasion {
        let occasion = Occasion::new(name, self.at, self.hash);
        if self.protected { occasion.protected() } else { occasion }
    }
}

/// What follows for the clocks.
#[derive(Debug)]
pub(crate) struct Happened<'a> {
    pub(crate) profile: Option<&'a Profile>,
    pub(crate) occasions: Vec<Occasion>,
}

impl Happened<'_> {
    pub(crate) fn push(&mut self, occasion: Occasion) {
        self.occasions.push(occasion);
    }

    /// The first second after a civil day. Without a profile there are no clocks, and any will do.
    pub(crate) fn end_of(&self, day: Day) -> i64 {
        end_of(self.profile, day)
    }
}

fn end_of(profile: Option<&Profile>, day: Day) -> i64 {
    let utc = (i64::from(day) + 1) * 86_400;
    profile.map_or(utc, |profile| profile.end_of_day(day))
}

//! Who may sign: actors, their keys, role grants and qualifications, folded from the genesis and the
//! actor streams in log order (proto/README.md, Who may sign).

mod decide;
mod error;
mod evolve;

use std::collections::{BTreeSet, HashMap};

use letopis_proto::statement::v1::{KeyUse, Role};
use letopis_types::{ActorId, AgencyId, Digest, LedgerId, PublicKey, Sequence, Timestamp};

pub use error::AuthorityError;

use crate::fact::Genesis;
use crate::form::Term;
use crate::statement::{Signer, Statement};

/// A statement as the registry looks at it: with its hash and its place in the log.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'a> {
    /// The statement.
    pub statement: &'a Statement,
    /// Its hash.
    pub statement_hash: Digest,
    /// Its place in the log.
    pub sequence: Sequence,
    /// When the ledger records it.
    pub recorded_at: Timestamp,
}

impl<'a> Placed<'a> {
    /// Who signs in which role: those whose signature names a grant of one.
    pub(crate) fn held(
        &self,
        registry: &'a Registry,
    ) -> impl Iterator<Item = (ActorId, RoleInForce)> + 'a {
        let signers = self.statement.signers.iter();
        signers.filter_map(|signer| Some((signer.actor, registry.role_of(signer)?)))
    }

    /// Does this actor sign?
    pub(crate) fn is_signed_by(&self, actor: &ActorId) -> bool {
        self.statement.signers.iter().any(|signer| signer.actor == *actor)
    }
}

/// The folded state: everything about who may sign.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    ledger: Option<Ledger>,
    actors: HashMap<ActorId, Actor>,
    keys: HashMap<PublicKey, Key>,
    compromised: bool,
}

/// What the genesis says for ever.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// The ledger's id.
    pub id: LedgerId,
    /// The genesis's statement hash: the grant of its registrars and of actor zero.
    pub genesis_hash: Digest,
    /// The genesis.
    pub genesis: Genesis,
}

/// How a statement's signers carry it, where that has to be known with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// A signer's qualification had expired; the kind is an urgent one.
    pub expired_qualification: bool,
    /// A signer stood in for the role's holder.
    pub under_delegation: bool,
}

/// A role that an actor may act in now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleInForce {
    /// The grant's statement hash.
    pub grant: Digest,
    /// The role.
    pub role: Role,
    /// For which agency.
    pub agency: Option<AgencyId>,
    /// In which region; `None`: everywhere.
    pub region: Option<u32>,
    /// The actor stands in for the role's holder.
    pub delegated: bool,
}

#[derive(Debug, Clone, Default)]
struct Actor {
    grants: Vec<Grant>,
    qualifications: Vec<Qualification>,
}

#[derive(Debug, Clone)]
struct Grant {
    hash: Digest,
    standing: Standing,
    agency: Option<AgencyId>,
    region: Option<u32>,
    /// In force while one of them holds.
    terms: Vec<Term>,
    /// By which event.
    granted: Sequence,
    /// By which event it ended, whatever its terms.
    ended: Option<Sequence>,
    delegation: Option<Delegation>,
}

/// Whose grant it hands on, and for which kinds.
#[derive(Debug, Clone)]
struct Delegation {
    holder: ActorId,
    grant: Digest,
    kinds: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Qualification {
    hash: Digest,
    until_seconds: i64,
    ended: bool,
}

/// In which quality a signer signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Under a role.
    Role(Role),
    /// As the ledger itself.
    Ledger,
    /// Without a role, where an actor narrows its own power.
    Owner,
}

#[derive(Debug, Clone)]
struct Key {
    actor: ActorId,
    key_use: KeyUse,
    /// In force from then on; compared with all its nanoseconds, unlike the term of a grant.
    from: Timestamp,
    /// How it stands since which event, in log order; the first is its enrolment.
    statuses: Vec<(Sequence, KeyStatus)>,
    compromised: Option<Compromise>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyStatus {
    Enrolled,
    Suspended,
    Ended,
}

/// What a compromised key signed from `since` until before `at` is disputed.
#[derive(Debug, Clone, Copy)]
struct Compromise {
    since: Sequence,
    at: Sequence,
}

impl Grant {
    fn role(&self) -> Option<RoleInForce> {
        let Standing::Role(role) = self.standing else { return None };
        let (grant, agency, region) = (self.hash, self.agency, self.region);
        Some(RoleInForce { grant, role, agency, region, delegated: self.delegation.is_some() })
    }
}

impl Key {
    /// How it stands now.
    fn status(&self) -> KeyStatus {
        // INVARIANT: it stands so since its enrolment at least.
        self.statuses.last().map_or(KeyStatus::Ended, |(_, status)| *status)
    }

    fn in_force(&self, now: Timestamp) -> bool {
        self.in_force_at(LATEST, now)
    }

    /// Was it in force at a place in the log, whose event was recorded then?
    fn in_force_at(&self, at: Sequence, then: Timestamp) -> bool {
        let status = self.statuses.iter().rfind(|(since, _)| *since < at);
        status.is_some_and(|(_, status)| *status == KeyStatus::Enrolled) && self.from <= then
    }
}

/// After everything on the record.
pub const LATEST: Sequence = Sequence(u64::MAX);

/// Always.
const ALWAYS: Term = Term { from_seconds: i64::MIN, until_seconds: i64::MAX };

impl Registry {
    /// What the genesis says; `None` before it.
    #[must_use]
    pub fn ledger(&self) -> Option<&Ledger> {
        self.ledger.as_ref()
    }

    /// Does this key of this use belong to this actor, and is it in force?
    #[must_use]
    pub fn key_in_force(
        &self,
        key: &PublicKey,
        actor: &ActorId,
        key_use: KeyUse,
        now: Timestamp,
    ) -> bool {
        self.keys
            .get(key)
            .is_some_and(|key| key.actor == *actor && key.key_use == key_use && key.in_force(now))
    }

    /// Had this actor a statement key in force at a place in the log, whose event was recorded then?
    #[must_use]
    pub fn may_sign_at(&self, actor: &ActorId, at: Sequence, then: Timestamp) -> bool {
        self.keys.values().any(|key| {
            let is_its = key.actor == *actor && key.key_use == KeyUse::Statement;
            is_its && key.in_force_at(at, then)
        })
    }

    /// Has anybody this role in force for this agency?
    #[must_use]
    pub fn has_anybody(&self, role: Role, agency: AgencyId, now: Timestamp) -> bool {
        self.actors().any(|actor| {
            let mut roles = self.roles_in_force(actor, now);
            roles.any(|found| found.role == role && found.agency == Some(agency))
        })
    }

    /// Does this key of this use belong to this actor, and is it suspended, and nothing worse?
    #[must_use]
    pub fn key_suspended(&self, key: &PublicKey, actor: &ActorId, key_use: KeyUse) -> bool {
        self.keys.get(key).is_some_and(|key| {
            let is_its = key.actor == *actor && key.key_use == key_use;
            is_its && key.status() == KeyStatus::Suspended
        })
    }

    /// Has the actor any role in force?
    #[must_use]
    pub fn has_role_in_force(&self, actor: &ActorId, now: Timestamp) -> bool {
        self.roles_in_force(actor, now).next().is_some()
    }

    /// The roles in which an actor may act now, in the order in which they were granted.
    pub fn roles_in_force(
        &self,
        actor: &ActorId,
        now: Timestamp,
    ) -> impl Iterator<Item = RoleInForce> {
        self.roles_at(actor, LATEST, now)
    }

    /// The roles in which an actor could act at a place in the log, whose event was recorded then:
    /// what was granted later does not count, and what ended later does.
    pub fn roles_at(
        &self,
        actor: &ActorId,
        at: Sequence,
        then: Timestamp,
    ) -> impl Iterator<Item = RoleInForce> {
        let grants = self.actors.get(actor).map_or(&[][..], |actor| &actor.grants);
        grants
            .iter()
            .filter(move |grant| self.grant_stands(grant, at, then))
            .filter_map(Grant::role)
    }

    /// The role that a signer acts in, as far as it names one of its actor's grants.
    #[must_use]
    pub fn role_of(&self, signer: &Signer) -> Option<RoleInForce> {
        self.grant(&signer.actor, signer.grant.as_ref()?)?.role()
    }

    /// Every region that a role was ever granted for.
    #[must_use]
    pub fn regions(&self) -> BTreeSet<u32> {
        let grants = self.actors.values().flat_map(|actor| &actor.grants);
        grants.filter_map(|grant| grant.region).collect()
    }

    /// Everybody who was ever enrolled, in no order.
    pub fn actors(&self) -> impl Iterator<Item = &ActorId> {
        self.actors.keys()
    }

    /// Was what these signers signed at that place in the log signed with a key that was compromised
    /// by then? It is disputed until another competent signer endorses it.
    #[must_use]
    pub fn is_disputed(&self, signers: &[Signer], sequence: Sequence) -> bool {
        self.was_disputed(signers, sequence, LATEST)
    }

    /// Was it so at a later place in the log, by the compromises of before that?
    #[must_use]
    pub fn was_disputed(&self, signers: &[Signer], sequence: Sequence, at: Sequence) -> bool {
        self.compromised
            && signers.iter().any(|signer| {
                let key = self.keys.get(&signer.key).and_then(|key| key.compromised);
                let known = key.filter(|key| key.at < at);
                known.is_some_and(|key| key.since <= sequence && sequence < key.at)
            })
    }

    /// Was any key ever compromised?
    #[must_use]
    pub fn has_compromised_keys(&self) -> bool {
        self.compromised
    }

    fn grant_in_force(&self, grant: &Grant, now: Timestamp) -> bool {
        self.grant_stands(grant, LATEST, now)
    }

    /// What ended is told by its place in the log and not by the time: a clock that was set back
    /// must not bring it to life again.
    fn grant_stands(&self, grant: &Grant, at: Sequence, then: Timestamp) -> bool {
        let own = grant.granted < at
            && grant.ended.is_none_or(|ended| at <= ended)
            && grant.terms.iter().any(|term| term.holds(then.seconds()));
        own && grant.delegation.as_ref().is_none_or(|from| {
            // INVARIANT: a delegated grant is never delegated on, so that this ends.
            let held = self.grant(&from.holder, &from.grant);
            held.is_some_and(|held| self.grant_stands(held, at, then))
        })
    }

    /// Is one of the actor's qualifications in force? Where none was ever verified, none can expire.
    fn is_qualified(&self, actor: &ActorId, now: Timestamp) -> bool {
        self.actors.get(actor).is_some_and(|actor| {
            actor.qualifications.is_empty()
                || actor
                    .qualifications
                    .iter()
                    .any(|held| !held.ended && now.seconds() < held.until_seconds)
        })
    }

    fn is_registrar_grant(&self, actor: &ActorId, grant: &Digest) -> bool {
        self.grant(actor, grant).is_some_and(|grant| is_registrar(grant.standing))
    }

    /// Has the actor a registrar's grant that was not ended, whatever its term?
    fn is_registrar_now(&self, actor: &ActorId) -> bool {
        self.actors.get(actor).is_some_and(|actor| {
            actor.grants.iter().any(|grant| is_registrar(grant.standing) && grant.ended.is_none())
        })
    }

    fn grant(&self, actor: &ActorId, hash: &Digest) -> Option<&Grant> {
        self.actors.get(actor)?.grants.iter().find(|grant| grant.hash == *hash)
    }
}

fn is_registrar(standing: Standing) -> bool {
    standing == Standing::Role(Role::Registrar)
}

#[cfg(test)]
mod tests;

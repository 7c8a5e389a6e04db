//! How the registry changes.

use letopis_proto::statement::v1::{KeyUse, Role};
use letopis_types::{ActorId, Digest, LedgerId, PublicKey, Sequence, Timestamp};

use super::{
    ALWAYS, Actor, Compromise, Delegation, Grant, Key, KeyStatus, Ledger, Placed, Qualification,
    Registry, Standing,
};
use crate::fact::{EnrolledKey, Fact, Genesis, RoleGranted};
use crate::form::Term;
use crate::statement::{Signer, Statement};

/// How long a key waits that was enrolled without a signature of its holder.
const WITHOUT_HOLDER: Timestamp = Timestamp::from_seconds(72 * 3600);

impl Registry {
    /// Takes in an admitted statement.
    pub fn evolve(&mut self, placed: &Placed<'_>, id: &LedgerId) {
        let actor = ActorId(placed.statement.stream.id.0);
        match &placed.statement.fact {
            Fact::Genesis(genesis) => self.begin(placed.statement_hash, *id, genesis),
            Fact::ActorEnrolled(fact) => {
                self.actors.entry(actor).or_default();
                self.enrol(actor, fact.key, Timestamp::default(), placed.sequence);
            }
            Fact::KeyEnrolled(fact) => {
                let from = self.in_force_from(placed);
                self.enrol(actor, fact.key, from, placed.sequence);
            }
            Fact::KeyRotated(fact) => {
                let from = self.in_force_from(placed);
                self.enrol(actor, fact.key, from, placed.sequence);
                self.set_status(&fact.replaces, KeyStatus::Ended, placed.sequence);
            }
            Fact::KeyRevoked(fact) => {
                self.set_status(&fact.public_key, KeyStatus::Ended, placed.sequence)
            }
            Fact::KeySuspended(fact) => {
                self.set_status(&fact.public_key, KeyStatus::Suspended, placed.sequence)
            }
            Fact::KeyReinstated(fact) => {
                self.set_status(&fact.public_key, KeyStatus::Enrolled, placed.sequence)
            }
            Fact::KeyCompromised(fact) => {
                self.set_status(&fact.public_key, KeyStatus::Ended, placed.sequence);
                self.compromised = true;
                if let Some(key) = self.keys.get_mut(&fact.public_key) {
                    key.compromised = Some(Compromise { since: fact.since, at: placed.sequence });
                }
            }
            Fact::QualificationVerified(fact) => {
                let until_seconds = fact.until_seconds.unwrap_or(i64::MAX);
                let held =
                    Qualification { hash: placed.statement_hash, until_seconds, ended: false };
                self.actors.entry(actor).or_default().qualifications.push(held);
            }
            Fact::QualificationExpired(fact) => {
                let held = self.actors.entry(actor).or_default().qualifications.iter_mut();
                for held in held.filter(|held| held.hash == fact.verified) {
                    held.ended = true;
                }
            }
            Fact::RoleGranted(fact) => self.grant_role(actor, placed, fact),
            Fact::RoleDelegated(fact) => {
                self.hand_on(placed, vec![fact.term], &fact.kinds, None);
            }
            Fact::DutyRosterSet(fact) => {
                let role = Some(Role::DutyOfficer);
                self.hand_on(placed, fact.shifts.clone(), &fact.kinds, role);
            }
            Fact::RoleEnded(fact) => {
                let grants = self.actors.entry(actor).or_default().grants.iter_mut();
                for grant in grants.filter(|grant| grant.hash == fact.grant) {
                    grant.ended = Some(placed.sequence);
                }
            }
            _ => {}
        }
    }

    fn begin(&mut self, genesis_hash: Digest, id: LedgerId, genesis: &Genesis) {
        let mut found = |actor, public_key, key_use, standing| {
            let always = Grant {
                hash: genesis_hash,
                standing,
                agency: None,
                region: None,
                terms: vec![ALWAYS],
                granted: Sequence::ZERO,
                ended: None,
                delegation: None,
            };
            self.actors.insert(actor, Actor { grants: vec![always], qualifications: Vec::new() });
            let key = EnrolledKey { public_key, key_use };
            self.enrol(actor, key, Timestamp::default(), Sequence::ZERO);
        };
        for registrar in &genesis.registrars {
            let standing = Standing::Role(Role::Registrar);
            found(registrar.actor, registrar.statement_key, KeyUse::Statement, standing);
        }
        found(ActorId::LEDGER, genesis.statement_key, KeyUse::Statement, Standing::Ledger);
        found(ActorId::LEDGER, genesis.checkpoint_key, KeyUse::Checkpoint, Standing::Ledger);
        self.ledger = Some(Ledger { id, genesis_hash, genesis: genesis.clone() });
    }

    fn enrol(&mut self, actor: ActorId, key: EnrolledKey, from: Timestamp, by: Sequence) {
        let statuses = vec![(by, KeyStatus::Enrolled)];
        let entry = Key { actor, key_use: key.key_use, from, statuses, compromised: None };
        self.keys.insert(key.public_key, entry);
    }

    fn set_status(&mut self, key: &PublicKey, status: KeyStatus, by: Sequence) {
        if let Some(key) = self.keys.get_mut(key) {
            key.statuses.push((by, status));
        }
    }

    /// Does it enrol a further key of an actor without a statement key that the actor had? To be asked
    /// before it is taken in.
    #[must_use]
    pub fn is_without_holder(&self, statement: &Statement) -> bool {
        let actor = ActorId(statement.stream.id.0);
        let had = |signer: &Signer| signer.actor == actor && self.keys.contains_key(&signer.key);
        matches!(statement.fact, Fact::KeyEnrolled(_) | Fact::KeyRotated(_))
            && !statement.signers.iter().any(had)
    }

    /// At once with a statement key of the actor among the signers; otherwise 72 hours later.
    fn in_force_from(&self, placed: &Placed<'_>) -> Timestamp {
        if !self.is_without_holder(placed.statement) {
            return Timestamp::default();
        }
        Timestamp(placed.recorded_at.0.saturating_add(WITHOUT_HOLDER.0))
    }

    fn grant_role(&mut self, actor: ActorId, placed: &Placed<'_>, fact: &RoleGranted) {
        let term = Term {
            from_seconds: fact.from_seconds.unwrap_or(i64::MIN),
            until_seconds: fact.until_seconds.unwrap_or(i64::MAX),
        };
        self.actors.entry(actor).or_default().grants.push(Grant {
            hash: placed.statement_hash,
            standing: Standing::Role(fact.role),
            agency: fact.agency,
            region: fact.region,
            terms: vec![term],
            granted: placed.sequence,
            ended: None,
            delegation: None,
        });
    }

    /// The one signer's grant, for the stream's actor; in another role where one is given.
    fn hand_on(
        &mut self,
        placed: &Placed<'_>,
        terms: Vec<Term>,
        kinds: &[u32],
        role: Option<Role>,
    ) {
        let Some(held) = placed.statement.signers.first().and_then(|holder| {
            let grant = self.grant(&holder.actor, holder.grant.as_ref()?)?;
            Some((holder.actor, grant.clone()))
        }) else {
            return;
        };
        let (holder, grant) = held;
        let actor = ActorId(placed.statement.stream.id.0);
        self.actors.entry(actor).or_default().grants.push(Grant {
            hash: placed.statement_hash,
            standing: role.map_or(grant.standing, Standing::Role),
            agency: grant.agency,
            region: grant.region,
            terms,
            granted: placed.sequence,
            ended: None,
            delegation: Some(Delegation { holder, grant: grant.hash, kinds: kinds.to_vec() }),
        });
    }
}

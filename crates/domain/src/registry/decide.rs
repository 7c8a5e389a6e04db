//! May these signers say this, now?

use letopis_proto::statement::v1::{KeyUse, Role};
use letopis_types::{ActorId, LedgerId, PublicKey, StreamKind};

use super::{AuthorityError, Key, KeyStatus, Marks, Placed, Registry, Standing, is_registrar};
use crate::fact::{EnrolledKey, Fact, Genesis, Needs};
use crate::statement::{Signer, Statement};

/// The roles in which an act takes a qualification in force, where one was ever verified.
const QUALIFIED: [Role; 4] =
    [Role::SocialWorker, Role::HeadOfDepartment, Role::DutyOfficer, Role::Supervisor];

impl Registry {
    /// May these signers say this, now? For the kinds that change the registry: can it be so?
    ///
    /// # Errors
    /// The first signer or rule that keeps it from being so.
    pub fn decide(&self, placed: &Placed<'_>, id: &LedgerId) -> Result<Marks, AuthorityError> {
        let statement = placed.statement;
        let ledger = match (&self.ledger, &statement.fact) {
            (None, Fact::Genesis(genesis)) => {
                return decide_genesis(statement, genesis).map(|()| Marks::default());
            }
            (Some(ledger), fact) if !matches!(fact, Fact::Genesis(_)) => ledger,
            _ => return Err(AuthorityError::AnotherLedger),
        };
        if statement.ledger != Some(*id) || ledger.id != *id {
            return Err(AuthorityError::AnotherLedger);
        }
        let mut marks = Marks::default();
        let signing = self.signers_in_force(placed, &mut marks)?;
        self.check_needs(statement, &signing)?;
        self.check_change(placed)?;
        Ok(marks)
    }

    /// Every signer's key and grant in force; with the quality in which each signs.
    fn signers_in_force(
        &self,
        placed: &Placed<'_>,
        marks: &mut Marks,
    ) -> Result<Vec<(ActorId, Standing)>, AuthorityError> {
        let enrolled = enrolled_key(&placed.statement.fact).map(|key| key.public_key);
        let mut signing = Vec::with_capacity(placed.statement.signers.len());
        for signer in &placed.statement.signers {
            if enrolled == Some(signer.key) {
                self.check_new_key(signer, placed.statement)?;
            } else {
                signing.push((signer.actor, self.standing(signer, placed, marks)?));
            }
        }
        Ok(signing)
    }

    /// The key that a statement enrols signs it: as the stream's actor, without a grant.
    fn check_new_key(&self, signer: &Signer, statement: &Statement) -> Result<(), AuthorityError> {
        let key = signer.key;
        if self.keys.contains_key(&key) {
            return Err(AuthorityError::KeyAlreadyEnrolled { key });
        }
        if signer.grant.is_some() || signer.actor.0 != statement.stream.id.0 {
            return Err(AuthorityError::HolderMissing { key });
        }
        Ok(())
    }

    fn standing(
        &self,
        signer: &Signer,
        placed: &Placed<'_>,
        marks: &mut Marks,
    ) -> Result<Standing, AuthorityError> {
        let (statement, now) = (placed.statement, placed.recorded_at);
        let &Signer { actor, key, grant } = signer;
        if !self.actors.contains_key(&actor) {
            return Err(AuthorityError::ActorUnknown { actor });
        }
        let found = self
            .keys
            .get(&key)
            .filter(|found| found.actor == actor && found.key_use == KeyUse::Statement)
            .ok_or(AuthorityError::KeyUnknown { actor, key })?;
        if !found.in_force(now) {
            return Err(AuthorityError::KeyNotInForce { actor, key });
        }
        let narrows_own = narrows(&statement.fact) && actor.0 == statement.stream.id.0;
        let Some(grant) = grant else {
            // Whoever has no role left can still give up a key.
            return if narrows_own {
                Ok(Standing::Owner)
            } else {
                Err(AuthorityError::GrantMissing { actor })
            };
        };
        let found =
            self.grant(&actor, &grant).ok_or(AuthorityError::GrantUnknown { actor, grant })?;
        if !self.grant_in_force(found, now) {
            return Err(AuthorityError::GrantNotInForce { actor, grant });
        }
        let kind = statement.kind();
        if let Some(delegation) = &found.delegation {
            if !delegation.kinds.is_empty() && !delegation.kinds.contains(&kind.number) {
                return Err(AuthorityError::NotDelegated { actor, grant, kind: kind.name });
            }
            marks.under_delegation = true;
        }
        let qualified = QUALIFIED.iter().all(|role| found.standing != Standing::Role(*role))
            || self.is_qualified(&actor, now);
        if !qualified && !narrows_own {
            if !kind.urgent {
                return Err(AuthorityError::QualificationExpired { actor });
            }
            marks.expired_qualification = true;
        }
        Ok(found.standing)
    }

    fn check_needs(
        &self,
        statement: &Statement,
        signing: &[(ActorId, Standing)],
    ) -> Result<(), AuthorityError> {
        let concerned = ActorId(statement.stream.id.0);
        let kind = statement.fact.name();
        let some = |ok: bool, needs: String| {
            if ok { Ok(()) } else { Err(AuthorityError::RoleWrong { kind, needs }) }
        };
        let has = |roles: &[Role]| signing.iter().any(|(_, standing)| in_one_of(*standing, roles));
        match statement.fact.needs() {
            Needs::GenesisKeys => Err(AuthorityError::AnotherLedger),
            Needs::RegistrarsAndKey => {
                two_registrars(kind, concerned, signing)?;
                let key = enrolled_key(&statement.fact).map(|key| key.public_key);
                match key.filter(|key| statement.signers.iter().all(|s| s.key != *key)) {
                    Some(key) => Err(AuthorityError::HolderMissing { key }),
                    None => Ok(()),
                }
            }
            Needs::Registrars => two_registrars(kind, concerned, signing),
            Needs::RegistrarsAnd(role) => {
                two_registrars(kind, concerned, signing)?;
                some(has(&[role]), role.as_str_name().to_owned())
            }
            Needs::RegistrarOrSelf => self.check_narrowing(statement, signing),
            Needs::RoleHolderAlone(roles) => self.check_holder_alone(statement, signing, roles),
            Needs::Ledger => {
                let alone = matches!(signing, [(ActorId::LEDGER, Standing::Ledger)]);
                if alone { Ok(()) } else { Err(AuthorityError::LedgerKind { kind }) }
            }
            Needs::OneOf(roles) => some(has(roles), names(roles)),
            Needs::BothOf(some_roles, other_roles) => {
                let both = signing.iter().any(|(one, standing)| {
                    in_one_of(*standing, some_roles)
                        && signing.iter().any(|(other, standing)| {
                            one != other && in_one_of(*standing, other_roles)
                        })
                });
                some(both, format!("{} and {}", names(some_roles), names(other_roles)))
            }
            Needs::AnyRole => some(
                signing.iter().any(|(_, standing)| matches!(standing, Standing::Role(_))),
                "anyone with a role".to_owned(),
            ),
        }
    }

    /// What narrows power takes one registrar, or whom it concerns, or who delegated what is ended.
    fn check_narrowing(
        &self,
        statement: &Statement,
        signing: &[(ActorId, Standing)],
    ) -> Result<(), AuthorityError> {
        let concerned = ActorId(statement.stream.id.0);
        let kind = statement.fact.name();
        let by = |actor: ActorId| signing.iter().any(|(signer, _)| *signer == actor);
        match &statement.fact {
            Fact::RoleEnded(ended) if self.is_registrar_grant(&concerned, &ended.grant) => {
                return two_registrars(kind, concerned, signing);
            }
            Fact::RoleEnded(ended) => {
                let grant = self.grant(&concerned, &ended.grant);
                let holder = grant.and_then(|grant| grant.delegation.as_ref());
                if holder.is_some_and(|delegation| by(delegation.holder)) {
                    return Ok(());
                }
            }
            // Otherwise one registrar could leave the ledger without two.
            Fact::KeyRevoked(_) | Fact::KeySuspended(_) | Fact::KeyCompromised(_)
                if self.is_registrar_now(&concerned) && !by(concerned) =>
            {
                return two_registrars(kind, concerned, signing);
            }
            _ => {}
        }
        if by(concerned) || signing.iter().any(|(_, standing)| is_registrar(*standing)) {
            return Ok(());
        }
        Err(AuthorityError::RoleWrong { kind, needs: "a registrar or the actor".to_owned() })
    }

    /// One signer, other than whom it concerns, under a grant of its own in one of these roles.
    fn check_holder_alone(
        &self,
        statement: &Statement,
        signing: &[(ActorId, Standing)],
        roles: &[Role],
    ) -> Result<(), AuthorityError> {
        let kind = statement.fact.name();
        let &[(holder, standing)] = signing else {
            return Err(AuthorityError::HolderAlone { kind });
        };
        if !in_one_of(standing, roles) {
            return Err(AuthorityError::RoleWrong { kind, needs: names(roles) });
        }
        let held = statement.signers.first().and_then(|signer| signer.grant);
        let own = held
            .and_then(|grant| self.grant(&holder, &grant))
            .is_some_and(|grant| grant.delegation.is_none());
        if own && holder.0 != statement.stream.id.0 {
            Ok(())
        } else {
            Err(AuthorityError::HolderAlone { kind })
        }
    }

    /// Can the registry change as the statement says?
    fn check_change(&self, placed: &Placed<'_>) -> Result<(), AuthorityError> {
        let statement = placed.statement;
        if statement.stream.kind != StreamKind::Actor {
            return Ok(());
        }
        let actor = ActorId(statement.stream.id.0);
        let enrolled = self.actors.contains_key(&actor);
        match &statement.fact {
            Fact::ActorEnrolled(_) if enrolled => {
                Err(AuthorityError::ActorAlreadyEnrolled { actor })
            }
            Fact::ActorEnrolled(_) => Ok(()),
            _ if !enrolled => Err(AuthorityError::ActorUnknown { actor }),
            Fact::KeyRevoked(fact) => {
                let key = self.own_key(&actor, &fact.public_key)?;
                not_ended(&actor, &fact.public_key, key.status() != KeyStatus::Ended)
            }
            Fact::KeyRotated(fact) => {
                let key = self.own_key(&actor, &fact.replaces)?;
                let may = key.status() != KeyStatus::Ended && key.key_use == fact.key.key_use;
                not_ended(&actor, &fact.replaces, may)
            }
            Fact::KeySuspended(fact) => {
                let key = self.own_key(&actor, &fact.public_key)?;
                in_state(key.status() == KeyStatus::Enrolled, "public_key")
            }
            Fact::KeyReinstated(fact) => {
                let key = self.own_key(&actor, &fact.public_key)?;
                in_state(key.status() == KeyStatus::Suspended, "public_key")
            }
            Fact::KeyCompromised(fact) => {
                in_state(fact.since <= placed.sequence, "since_sequence")?;
                let key = self.own_key(&actor, &fact.public_key)?;
                in_state(key.compromised.is_none(), "public_key")
            }
            Fact::QualificationExpired(fact) => {
                let held = self.actors.get(&actor).is_some_and(|actor| {
                    let mut held = actor.qualifications.iter();
                    held.any(|held| held.hash == fact.verified && !held.ended)
                });
                in_state(held, "verified")
            }
            Fact::RoleEnded(ended) => match self.grant(&actor, &ended.grant) {
                Some(grant) if grant.ended.is_none() => Ok(()),
                Some(_) => Err(AuthorityError::GrantNotInForce { actor, grant: ended.grant }),
                None => Err(AuthorityError::GrantUnknown { actor, grant: ended.grant }),
            },
            _ => Ok(()),
        }
    }

    /// The key, if it is the actor's.
    fn own_key(&self, actor: &ActorId, key: &PublicKey) -> Result<&Key, AuthorityError> {
        let found = self.keys.get(key).filter(|found| found.actor == *actor);
        found.ok_or(AuthorityError::KeyUnknown { actor: *actor, key: *key })
    }
}

fn not_ended(actor: &ActorId, key: &PublicKey, ok: bool) -> Result<(), AuthorityError> {
    ok.then_some(()).ok_or(AuthorityError::KeyNotInForce { actor: *actor, key: *key })
}

fn in_state(ok: bool, field: &'static str) -> Result<(), AuthorityError> {
    ok.then_some(()).ok_or(AuthorityError::NotInForce { field })
}

/// The kinds by which an actor gives up power of its own.
fn narrows(fact: &Fact) -> bool {
    matches!(fact.needs(), Needs::RegistrarOrSelf)
}

fn two_registrars(
    kind: &'static str,
    concerned: ActorId,
    signing: &[(ActorId, Standing)],
) -> Result<(), AuthorityError> {
    let mut registrars: Vec<_> = signing
        .iter()
        .filter(|(actor, standing)| is_registrar(*standing) && *actor != concerned)
        .map(|(actor, _)| *actor)
        .collect();
    registrars.sort_unstable();
    registrars.dedup();
    if registrars.len() < 2 {
        return Err(AuthorityError::RegistrarsMissing { kind, found: registrars.len() });
    }
    Ok(())
}

fn in_one_of(standing: Standing, roles: &[Role]) -> bool {
    roles.iter().any(|role| standing == Standing::Role(*role))
}

fn names(roles: &[Role]) -> String {
    roles.iter().map(Role::as_str_name).collect::<Vec<_>>().join(" or ")
}

/// The genesis is signed by just the keys that it names, each for its actor, without grants.
fn decide_genesis(statement: &Statement, genesis: &Genesis) -> Result<(), AuthorityError> {
    let named = genesis.signers();
    let signing: Vec<_> = statement.signers.iter().map(|s| (s.key, s.actor)).collect();
    let without_grants = statement.signers.iter().all(|signer| signer.grant.is_none());
    if named != signing || !without_grants {
        return Err(AuthorityError::GenesisSigners);
    }
    Ok(())
}

fn enrolled_key(fact: &Fact) -> Option<EnrolledKey> {
    match fact {
        Fact::ActorEnrolled(fact) => Some(fact.key),
        Fact::KeyEnrolled(fact) => Some(fact.key),
        Fact::KeyRotated(fact) => Some(fact.key),
        _ => None,
    }
}

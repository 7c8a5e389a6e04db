//! Who may sign: actors, their keys and role grants, folded from the genesis and the actor streams
//! in log order (proto/README.md, Who may sign).

mod error;

use std::collections::HashMap;

use letopis_proto::statement::v1::{KeyUse, Role};
use letopis_types::{ActorId, Digest, LedgerId, PublicKey, StreamKind, Timestamp};

pub use error::AuthorityError;

use crate::fact::{EnrolledKey, Fact, Genesis, Needs, RoleGranted};
use crate::statement::{Signer, Statement};

/// How long a key waits that was enrolled without a signature of its holder.
const WITHOUT_HOLDER: Timestamp = Timestamp::from_seconds(72 * 3600);

/// A statement as the registry looks at it: with its hash and its place in time.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'a> {
    /// The statement.
    pub statement: &'a Statement,
    /// Its hash.
    pub statement_hash: Digest,
    /// When the ledger records it.
    pub recorded_at: Timestamp,
}

/// The folded state: everything about who may sign.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    ledger: Option<Ledger>,
    actors: HashMap<ActorId, Actor>,
    keys: HashMap<PublicKey, Key>,
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

#[derive(Debug, Clone, Default)]
struct Actor {
    grants: Vec<Grant>,
}

#[derive(Debug, Clone, Copy)]
struct Grant {
    hash: Digest,
    standing: Standing,
    from_seconds: i64,
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
}

#[derive(Debug, Clone, Copy)]
struct Key {
    actor: ActorId,
    key_use: KeyUse,
    /// In force from then on; compared with all its nanoseconds, unlike the term of a grant.
    from: Timestamp,
    revoked: bool,
}

impl Grant {
    fn in_force(&self, now: i64) -> bool {
        !self.ended && self.from_seconds <= now && now < self.until_seconds
    }
}

impl Key {
    fn in_force(&self, now: Timestamp) -> bool {
        !self.revoked && self.from <= now
    }
}

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

    /// Has the actor any role in force?
    #[must_use]
    pub fn has_role_in_force(&self, actor: &ActorId, now: Timestamp) -> bool {
        self.actors.get(actor).is_some_and(|actor| {
            actor.grants.iter().any(|grant| {
                matches!(grant.standing, Standing::Role(_)) && grant.in_force(now.seconds())
            })
        })
    }

    /// May these signers say this, now? For the kinds that change the registry: can it be so?
    ///
    /// # Errors
    /// The first signer or rule that keeps it from being so.
    pub fn decide(&self, placed: &Placed<'_>, id: &LedgerId) -> Result<(), AuthorityError> {
        let statement = placed.statement;
        let ledger = match (&self.ledger, &statement.fact) {
            (None, Fact::Genesis(genesis)) => return decide_genesis(statement, genesis),
            (Some(ledger), fact) if !matches!(fact, Fact::Genesis(_)) => ledger,
            _ => return Err(AuthorityError::AnotherLedger),
        };
        if statement.ledger != Some(*id) || ledger.id != *id {
            return Err(AuthorityError::AnotherLedger);
        }
        let signing = self.signers_in_force(placed)?;
        self.check_needs(statement, &signing)?;
        self.check_change(statement)
    }

    /// Every signer's key and grant in force; with the quality in which each signs.
    fn signers_in_force(
        &self,
        placed: &Placed<'_>,
    ) -> Result<Vec<(ActorId, Standing)>, AuthorityError> {
        let now = placed.recorded_at;
        let enrolled = enrolled_key(&placed.statement.fact).map(|key| key.public_key);
        let mut signing = Vec::with_capacity(placed.statement.signers.len());
        for signer in &placed.statement.signers {
            if enrolled == Some(signer.key) {
                self.check_new_key(signer, placed.statement)?;
            } else {
                signing.push((signer.actor, self.standing(signer, now)?));
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

    fn standing(&self, signer: &Signer, now: Timestamp) -> Result<Standing, AuthorityError> {
        let &Signer { actor, key, grant } = signer;
        let known = self.actors.get(&actor).ok_or(AuthorityError::ActorUnknown { actor })?;
        let found = self
            .keys
            .get(&key)
            .filter(|found| found.actor == actor && found.key_use == KeyUse::Statement)
            .ok_or(AuthorityError::KeyUnknown { actor, key })?;
        if !found.in_force(now) {
            return Err(AuthorityError::KeyNotInForce { actor, key });
        }
        let grant = grant.ok_or(AuthorityError::GrantMissing { actor })?;
        let found = known
            .grants
            .iter()
            .find(|found| found.hash == grant)
            .ok_or(AuthorityError::GrantUnknown { actor, grant })?;
        if !found.in_force(now.seconds()) {
            return Err(AuthorityError::GrantNotInForce { actor, grant });
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
        let two_registrars = || {
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
        };
        let some = |ok: bool, needs: String| {
            if ok { Ok(()) } else { Err(AuthorityError::RoleWrong { kind, needs }) }
        };
        match statement.fact.needs() {
            Needs::GenesisKeys => Err(AuthorityError::AnotherLedger),
            Needs::RegistrarsAndKey => {
                two_registrars()?;
                let key = enrolled_key(&statement.fact).map(|key| key.public_key);
                match key.filter(|key| statement.signers.iter().all(|s| s.key != *key)) {
                    Some(key) => Err(AuthorityError::HolderMissing { key }),
                    None => Ok(()),
                }
            }
            Needs::Registrars => two_registrars(),
            Needs::RegistrarOrSelf => match &statement.fact {
                Fact::RoleEnded(ended) if self.is_registrar_grant(&concerned, &ended.grant) => {
                    two_registrars()
                }
                // Otherwise one registrar could leave the ledger without two.
                Fact::KeyRevoked(_)
                    if self.is_registrar_now(&concerned)
                        && signing.iter().all(|(actor, _)| *actor != concerned) =>
                {
                    two_registrars()
                }
                _ => some(
                    signing
                        .iter()
                        .any(|(actor, standing)| is_registrar(*standing) || *actor == concerned),
                    "a registrar or the actor".to_owned(),
                ),
            },
            Needs::Ledger => {
                let alone = matches!(signing, [(ActorId::LEDGER, Standing::Ledger)]);
                if alone { Ok(()) } else { Err(AuthorityError::LedgerKind { kind }) }
            }
            Needs::OneOf(roles) => some(
                signing.iter().any(|(_, standing)| {
                    roles.iter().any(|role| *standing == Standing::Role(*role))
                }),
                roles.iter().map(Role::as_str_name).collect::<Vec<_>>().join(" or "),
            ),
            Needs::AnyRole => some(
                signing.iter().any(|(_, standing)| matches!(standing, Standing::Role(_))),
                "anyone with a role".to_owned(),
            ),
        }
    }

    fn is_registrar_grant(&self, actor: &ActorId, grant: &Digest) -> bool {
        self.grant(actor, grant).is_some_and(|grant| is_registrar(grant.standing))
    }

    /// Has the actor a registrar's grant that was not ended, whatever its term?
    fn is_registrar_now(&self, actor: &ActorId) -> bool {
        self.actors.get(actor).is_some_and(|actor| {
            actor.grants.iter().any(|grant| is_registrar(grant.standing) && !grant.ended)
        })
    }

    fn grant(&self, actor: &ActorId, hash: &Digest) -> Option<&Grant> {
        self.actors.get(actor)?.grants.iter().find(|grant| grant.hash == *hash)
    }

    /// Can the registry change as the statement says?
    fn check_change(&self, statement: &Statement) -> Result<(), AuthorityError> {
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
            Fact::KeyRevoked(revoked) => match self.keys.get(&revoked.public_key) {
                Some(key) if key.actor == actor && !key.revoked => Ok(()),
                Some(key) if key.actor == actor => {
                    Err(AuthorityError::KeyNotInForce { actor, key: revoked.public_key })
                }
                _ => Err(AuthorityError::KeyUnknown { actor, key: revoked.public_key }),
            },
            Fact::RoleEnded(ended) => match self.grant(&actor, &ended.grant) {
                Some(grant) if !grant.ended => Ok(()),
                Some(_) => Err(AuthorityError::GrantNotInForce { actor, grant: ended.grant }),
                None => Err(AuthorityError::GrantUnknown { actor, grant: ended.grant }),
            },
            _ => Ok(()),
        }
    }

    /// Takes in an admitted statement.
    pub fn evolve(&mut self, placed: &Placed<'_>, id: &LedgerId) {
        let actor = ActorId(placed.statement.stream.id.0);
        match &placed.statement.fact {
            Fact::Genesis(genesis) => self.begin(placed.statement_hash, *id, genesis),
            Fact::ActorEnrolled(fact) => {
                self.actors.entry(actor).or_default();
                self.enrol(actor, fact.key, Timestamp::default());
            }
            Fact::KeyEnrolled(fact) => {
                let from = self.in_force_from(placed, actor);
                self.enrol(actor, fact.key, from);
            }
            Fact::KeyRevoked(fact) => {
                if let Some(key) = self.keys.get_mut(&fact.public_key) {
                    key.revoked = true;
                }
            }
            Fact::RoleGranted(fact) => self.grant_role(actor, placed.statement_hash, fact),
            Fact::RoleEnded(fact) => {
                let grants = self.actors.entry(actor).or_default().grants.iter_mut();
                for grant in grants.filter(|grant| grant.hash == fact.grant) {
                    grant.ended = true;
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
                from_seconds: i64::MIN,
                until_seconds: i64::MAX,
                ended: false,
            };
            self.actors.insert(actor, Actor { grants: vec![always] });
            self.enrol(actor, EnrolledKey { public_key, key_use }, Timestamp::default());
        };
        for registrar in &genesis.registrars {
            let standing = Standing::Role(Role::Registrar);
            found(registrar.actor, registrar.statement_key, KeyUse::Statement, standing);
        }
        found(ActorId::LEDGER, genesis.statement_key, KeyUse::Statement, Standing::Ledger);
        found(ActorId::LEDGER, genesis.checkpoint_key, KeyUse::Checkpoint, Standing::Ledger);
        self.ledger = Some(Ledger { id, genesis_hash, genesis: genesis.clone() });
    }

    fn enrol(&mut self, actor: ActorId, key: EnrolledKey, from: Timestamp) {
        let entry = Key { actor, key_use: key.key_use, from, revoked: false };
        self.keys.insert(key.public_key, entry);
    }

    /// At once with a statement key of the actor among the signers; otherwise 72 hours later.
    fn in_force_from(&self, placed: &Placed<'_>, actor: ActorId) -> Timestamp {
        let with_holder = placed
            .statement
            .signers
            .iter()
            .any(|signer| signer.actor == actor && self.keys.contains_key(&signer.key));
        if with_holder {
            return Timestamp::default();
        }
        Timestamp(placed.recorded_at.0.saturating_add(WITHOUT_HOLDER.0))
    }

    fn grant_role(&mut self, actor: ActorId, hash: Digest, fact: &RoleGranted) {
        self.actors.entry(actor).or_default().grants.push(Grant {
            hash,
            standing: Standing::Role(fact.role),
            from_seconds: fact.from_seconds.unwrap_or(i64::MIN),
            until_seconds: fact.until_seconds.unwrap_or(i64::MAX),
            ended: false,
        });
    }
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
        _ => None,
    }
}

fn is_registrar(standing: Standing) -> bool {
    standing == Standing::Role(Role::Registrar)
}

#[cfg(test)]
mod tests;

//! Facts about the ledger itself and about who may sign.

use letopis_proto::statement::v1::{self as proto, ActorKind, KeyUse, Role};
use letopis_types::{ActorId, AgencyId, Digest, LedgerId, PublicKey};

use super::FromProto;
use crate::form::{FormError, at_most, fixed, in_range, optional_fixed, required};

/// The fewest registrars of a genesis.
pub(crate) const REGISTRARS_MIN: usize = 3;

/// The most registrars of a genesis: with the ledger's two keys they are 16 signers.
const REGISTRARS_MAX: usize = 14;

/// Начало: the ledger begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Genesis {
    /// DNS-like name.
    pub name: String,
    /// Code of the procedure.
    pub procedure: String,
    /// The server made the registrars' keys itself.
    pub trial: bool,
    /// The first registrars.
    pub registrars: Vec<Registrar>,
    /// With it the ledger signs statements of its own.
    pub statement_key: PublicKey,
    /// With it the ledger signs checkpoints.
    pub checkpoint_key: PublicKey,
    /// The ledger that this one goes on from after a loss.
    pub previous_ledger: Option<LedgerId>,
}

/// A registrar of the genesis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registrar {
    /// The actor.
    pub actor: ActorId,
    /// Its statement key.
    pub statement_key: PublicKey,
}

impl Genesis {
    /// Every key that it names, which are its signers: with their actors, ascending by key.
    #[must_use]
    pub fn signers(&self) -> Vec<(PublicKey, ActorId)> {
        let mut signers: Vec<_> = self
            .registrars
            .iter()
            .map(|registrar| (registrar.statement_key, registrar.actor))
            .chain([(self.statement_key, ActorId::LEDGER), (self.checkpoint_key, ActorId::LEDGER)])
            .collect();
        signers.sort_unstable();
        signers
    }

    pub(super) fn keys(&self) -> Vec<PublicKey> {
        self.signers().into_iter().map(|(key, _)| key).collect()
    }
}

impl FromProto for Genesis {
    type Message = proto::Genesis;

    fn from_proto(message: &proto::Genesis) -> Result<Self, FormError> {
        let name = &message.name;
        let name_char = |c: u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
        in_range(
            (1..=200).contains(&name.len()) && name.bytes().all(name_char),
            "genesis.name",
            "1 to 200 of lower-case letters, digits, hyphens, dots",
        )?;
        let procedure = &message.procedure;
        let procedure_char = |c: u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-');
        in_range(
            (2..=16).contains(&procedure.len()) && procedure.bytes().all(procedure_char),
            "genesis.procedure",
            "2 to 16 of [a-z0-9-]",
        )?;
        at_most(message.registrars.len(), REGISTRARS_MAX, "genesis.registrars")?;
        let registrars: Vec<_> = message
            .registrars
            .iter()
            .map(|registrar| {
                Ok(Registrar {
                    actor: ActorId(fixed(&registrar.actor, "genesis.registrars.actor")?),
                    statement_key: PublicKey(fixed(
                        &registrar.statement_key,
                        "genesis.registrars.statement_key",
                    )?),
                })
            })
            .collect::<Result<_, FormError>>()?;
        let genesis = Self {
            name: name.clone(),
            procedure: procedure.clone(),
            trial: message.trial,
            registrars,
            statement_key: PublicKey(fixed(&message.statement_key, "genesis.statement_key")?),
            checkpoint_key: PublicKey(fixed(&message.checkpoint_key, "genesis.checkpoint_key")?),
            previous_ledger: optional_fixed(&message.previous_ledger, "genesis.previous_ledger")?
                .map(LedgerId),
        };
        genesis.check_distinct()?;
        Ok(genesis)
    }
}

impl Genesis {
    /// At least three registrars, all actors distinct and none the ledger, all keys distinct.
    fn check_distinct(&self) -> Result<(), FormError> {
        let mut actors: Vec<_> = self.registrars.iter().map(|registrar| registrar.actor).collect();
        actors.push(ActorId::LEDGER);
        actors.sort_unstable();
        actors.dedup();
        in_range(
            actors.len() > REGISTRARS_MIN && actors.len() == self.registrars.len() + 1,
            "genesis.registrars",
            "3 to 14 different actors",
        )?;
        in_range(
            self.keys().is_sorted_by(|a, b| a < b),
            "genesis.registrars.statement_key",
            "every key once",
        )
    }
}

/// A key and what it may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnrolledKey {
    /// The key.
    pub public_key: PublicKey,
    /// Its one use.
    pub key_use: KeyUse,
}

impl EnrolledKey {
    pub(super) fn from_proto(message: Option<&proto::EnrolledKey>) -> Result<Self, FormError> {
        let message = required(message, "key")?;
        let key_use = KeyUse::try_from(message.r#use)
            .map_err(|_| FormError::Range { field: "key.use", allowed: "a known use" })?;
        Ok(Self { public_key: PublicKey(fixed(&message.public_key, "key.public_key")?), key_use })
    }
}

/// Вписване на участник: an actor and its first key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActorEnrolled {
    /// A person or a program.
    pub kind: ActorKind,
    /// Its first key; signs statements.
    pub key: EnrolledKey,
}

impl FromProto for ActorEnrolled {
    type Message = proto::ActorEnrolled;

    fn from_proto(message: &proto::ActorEnrolled) -> Result<Self, FormError> {
        let kind = ActorKind::try_from(message.kind)
            .map_err(|_| FormError::Range { field: "kind", allowed: "a known kind" })?;
        let key = EnrolledKey::from_proto(message.key.as_ref())?;
        in_range(key.key_use == KeyUse::Statement, "key.use", "statement, for a first key")?;
        Ok(Self { kind, key })
    }
}

/// Нов ключ: a further key of an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyEnrolled {
    /// The new key.
    pub key: EnrolledKey,
}

impl FromProto for KeyEnrolled {
    type Message = proto::KeyEnrolled;

    fn from_proto(message: &proto::KeyEnrolled) -> Result<Self, FormError> {
        Ok(Self { key: EnrolledKey::from_proto(message.key.as_ref())? })
    }
}

/// Отменен ключ: no longer in force from here on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRevoked {
    /// The key.
    pub public_key: PublicKey,
}

impl FromProto for KeyRevoked {
    type Message = proto::KeyRevoked;

    fn from_proto(message: &proto::KeyRevoked) -> Result<Self, FormError> {
        Ok(Self { public_key: PublicKey(fixed(&message.public_key, "public_key")?) })
    }
}

/// Роля: an actor may act in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleGranted {
    /// The role.
    pub role: Role,
    /// For which agency.
    pub agency: Option<AgencyId>,
    /// In which region.
    pub region: Option<u32>,
    /// In force from this time, seconds since 1970 UTC.
    pub from_seconds: Option<i64>,
    /// In force before this time.
    pub until_seconds: Option<i64>,
}

impl FromProto for RoleGranted {
    type Message = proto::RoleGranted;

    fn from_proto(message: &proto::RoleGranted) -> Result<Self, FormError> {
        let role = Role::try_from(message.role)
            .map_err(|_| FormError::Range { field: "role", allowed: "a known role" })?;
        if let (Some(from), Some(until)) = (message.from_seconds, message.until_seconds) {
            in_range(from < until, "until_seconds", "after from_seconds")?;
        }
        Ok(Self {
            role,
            agency: optional_fixed(&message.agency, "agency")?.map(AgencyId),
            region: message.region,
            from_seconds: message.from_seconds,
            until_seconds: message.until_seconds,
        })
    }
}

/// Край на роля.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleEnded {
    /// The statement hash of the grant.
    pub grant: Digest,
}

impl FromProto for RoleEnded {
    type Message = proto::RoleEnded;

    fn from_proto(message: &proto::RoleEnded) -> Result<Self, FormError> {
        Ok(Self { grant: Digest(fixed(&message.grant, "grant")?) })
    }
}

//! Why a statement's signers do not carry it.

use letopis_proto::error::v1::Reason;
use letopis_types::{ActorId, Digest, PublicKey};

use crate::refusal::Refusal;

/// Why a statement's signers do not carry it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// Signed for another ledger, or a second genesis.
    #[error("the statement is for another ledger: ask for this one's genesis, sign for its id")]
    AnotherLedger,
    /// The genesis is not signed by just the keys that it names.
    #[error("a genesis is signed by each key that it names, for its actor, without grants")]
    GenesisSigners,
    /// An actor that was never enrolled.
    #[error("actor {actor} is not enrolled here: have two registrars enrol it")]
    ActorUnknown {
        /// Which actor.
        actor: ActorId,
    },
    /// A key that is not a statement key of that actor.
    #[error("the key is not a statement key of actor {actor}: sign with an enrolled one")]
    KeyUnknown {
        /// Which actor.
        actor: ActorId,
        /// Which key.
        key: PublicKey,
    },
    /// A key that is revoked, or not in force yet.
    #[error("the key of actor {actor} is revoked or not in force yet: sign with another")]
    KeyNotInForce {
        /// Which actor.
        actor: ActorId,
        /// Which key.
        key: PublicKey,
    },
    /// A key that was enrolled before.
    #[error("the key was enrolled before: make a new one, for one actor and one use")]
    KeyAlreadyEnrolled {
        /// Which key.
        key: PublicKey,
    },
    /// An actor that was enrolled before.
    #[error("actor {actor} is enrolled already: enrol a further key with KeyEnrolled")]
    ActorAlreadyEnrolled {
        /// Which actor.
        actor: ActorId,
    },
    /// A signer without a grant.
    #[error("actor {actor} names no role grant: name the one that is acted under")]
    GrantMissing {
        /// Which actor.
        actor: ActorId,
    },
    /// A grant that is not one of that actor's.
    #[error("the grant is not one of actor {actor}'s: name the hash of its RoleGranted")]
    GrantUnknown {
        /// Which actor.
        actor: ActorId,
        /// Which grant.
        grant: Digest,
    },
    /// A grant that has ended, or whose term has not begun or is over.
    #[error("the grant of actor {actor} is not in force: have the role granted again")]
    GrantNotInForce {
        /// Which actor.
        actor: ActorId,
        /// Which grant.
        grant: Digest,
    },
    /// None of the signers has the right role.
    #[error("{kind} is signed by {needs}: let the right one sign")]
    RoleWrong {
        /// The kind of fact.
        kind: &'static str,
        /// Who may.
        needs: String,
    },
    /// Fewer than two registrars other than whom it concerns.
    #[error(
        "{kind} takes two registrars other than whom it concerns, {found} signed: let another sign"
    )]
    RegistrarsMissing {
        /// The kind of fact.
        kind: &'static str,
        /// How many such registrars signed.
        found: usize,
    },
    /// The enrolled key does not sign as the stream's actor without a grant.
    #[error("an enrolled key signs its own enrolment, as the stream's actor, without a grant")]
    HolderMissing {
        /// Which key.
        key: PublicKey,
    },
    /// A signer whose qualification has expired, in a role that takes one.
    #[error(
        "the qualification of actor {actor} has expired: have it verified, or let another sign"
    )]
    QualificationExpired {
        /// Which actor.
        actor: ActorId,
    },
    /// A delegated grant that does not cover this kind.
    #[error("actor {actor} stands in for another, but not for {kind}: let the role's holder sign")]
    NotDelegated {
        /// Which actor.
        actor: ActorId,
        /// Which grant.
        grant: Digest,
        /// The kind of fact.
        kind: &'static str,
    },
    /// What a role's holder signs alone, for another, under a grant of its own.
    #[error("{kind} is signed by the role's holder alone, for another, under a grant of its own")]
    HolderAlone {
        /// The kind of fact.
        kind: &'static str,
    },
    /// What is named is not there in the state that is asked for.
    #[error("{field} names what is not there, or no longer in force: read the stream again")]
    NotInForce {
        /// Which field.
        field: &'static str,
    },
    /// A kind that only the ledger signs.
    #[error("{kind} is signed by the ledger alone: it can't be submitted")]
    LedgerKind {
        /// The kind of fact.
        kind: &'static str,
    },
}

impl Refusal for AuthorityError {
    fn reason(&self) -> Reason {
        match self {
            Self::AnotherLedger => Reason::LedgerWrong,
            Self::GenesisSigners | Self::RoleWrong { .. } => Reason::RoleWrong,
            Self::ActorUnknown { .. } => Reason::ActorUnknown,
            Self::KeyUnknown { .. } => Reason::KeyUnknown,
            Self::KeyNotInForce { .. } => Reason::KeyNotInForce,
            Self::KeyAlreadyEnrolled { .. } => Reason::KeyAlreadyEnrolled,
            Self::ActorAlreadyEnrolled { .. } => Reason::ActorAlreadyEnrolled,
            Self::GrantMissing { .. } => Reason::GrantMissing,
            Self::GrantUnknown { .. } => Reason::GrantUnknown,
            Self::GrantNotInForce { .. } => Reason::GrantNotInForce,
            Self::RegistrarsMissing { .. } => Reason::RegistrarsMissing,
            Self::HolderMissing { .. } => Reason::HolderMissing,
            Self::LedgerKind { .. } => Reason::LedgerKind,
            Self::QualificationExpired { .. } => Reason::QualificationExpired,
            Self::NotDelegated { .. } => Reason::NotDelegated,
            Self::HolderAlone { .. } => Reason::HolderAlone,
            Self::NotInForce { .. } => Reason::NotInForce,
        }
    }

    fn particulars(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::ActorUnknown { actor }
            | Self::QualificationExpired { actor }
            | Self::ActorAlreadyEnrolled { actor }
            | Self::GrantMissing { actor } => vec![("actor", actor.to_string())],
            Self::KeyUnknown { actor, key } | Self::KeyNotInForce { actor, key } => {
                vec![("actor", actor.to_string()), ("key", key.to_string())]
            }
            Self::GrantUnknown { actor, grant }
            | Self::GrantNotInForce { actor, grant }
            | Self::NotDelegated { actor, grant, .. } => {
                vec![("actor", actor.to_string()), ("grant", grant.to_string())]
            }
            Self::KeyAlreadyEnrolled { key } | Self::HolderMissing { key } => {
                vec![("key", key.to_string())]
            }
            Self::RoleWrong { kind, needs } => {
                vec![("kind", (*kind).to_owned()), ("needs", needs.clone())]
            }
            Self::RegistrarsMissing { kind, .. }
            | Self::LedgerKind { kind }
            | Self::HolderAlone { kind } => {
                vec![("kind", (*kind).to_owned())]
            }
            Self::GenesisSigners => {
                vec![("needs", "every key that it names, and no other".to_owned())]
            }
            Self::NotInForce { field } => vec![("field", (*field).to_owned())],
            Self::AnotherLedger => Vec::new(),
        }
    }
}

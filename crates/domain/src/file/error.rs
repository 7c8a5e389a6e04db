//! Why a file does not take a statement.

use letopis_proto::error::v1::Reason;
use letopis_types::ActorId;

use crate::procedure::RuleError;
use crate::refusal::Refusal;

/// Why a file does not take a statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// A signer declared a conflict of interests in this case.
    #[error("actor {actor} declared a conflict of interests in this case: let another sign")]
    Conflict {
        /// Which actor.
        actor: ActorId,
    },
    /// What is named is not there, or no longer in force.
    #[error("{field} names what is not there, or no longer in force: read the stream again")]
    NotInForce {
        /// Which field.
        field: &'static str,
    },
    /// Not signed by whom it takes.
    #[error("{kind} is signed by {needs}: let the right one sign")]
    RoleWrong {
        /// The kind of fact.
        kind: &'static str,
        /// Who may.
        needs: &'static str,
    },
    /// Emergency access without a stated danger.
    #[error("emergency access states the danger in a section of type danger/…: add it")]
    DangerMissing,
    /// A term that is over, or longer than it may be.
    #[error("until_seconds is over, or later than it may be: {allowed}")]
    Term {
        /// What is allowed, in words.
        allowed: &'static str,
    },
    /// Whoever it concerns decides on it.
    #[error("{kind} is not signed by whom it concerns: let others sign")]
    OwnCause {
        /// The kind of fact.
        kind: &'static str,
    },
    /// An event that is listed and is not there.
    #[error("{field} lists an event that the stream does not have: correct it")]
    EventUnknown {
        /// Which field.
        field: &'static str,
    },
    /// A legal hold is set.
    #[error("a legal hold bars erasure: have it lifted first")]
    LegalHold,
    /// A rule of procedure.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// An endorsement that does not say of what.
    #[error("an endorsement has one reference \"endorses\", to its own stream: correct it")]
    EndorsesNothing,
}

impl Refusal for FileError {
    fn reason(&self) -> Reason {
        match self {
            Self::Conflict { .. } => Reason::ConflictDeclared,
            Self::NotInForce { .. } => Reason::NotInForce,
            Self::RoleWrong { .. } => Reason::RoleWrong,
            Self::DangerMissing => Reason::DangerMissing,
            Self::Term { .. } => Reason::TermInvalid,
            Self::OwnCause { .. } => Reason::SelfReview,
            Self::EventUnknown { .. } => Reason::SectionUnknown,
            Self::LegalHold => Reason::LegalHold,
            Self::EndorsesNothing => Reason::FieldMissing,
            Self::Rule(error) => error.reason(),
        }
    }

    fn particulars(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Conflict { actor } => vec![("actor", actor.to_string())],
            Self::NotInForce { field } | Self::EventUnknown { field } => {
                vec![("field", (*field).to_owned())]
            }
            Self::RoleWrong { kind, needs } => {
                vec![("kind", (*kind).to_owned()), ("needs", (*needs).to_owned())]
            }
            Self::OwnCause { kind } => vec![("kind", (*kind).to_owned())],
            Self::Term { .. } => vec![("field", "until_seconds".to_owned())],
            Self::EndorsesNothing => vec![("field", "references".to_owned())],
            Self::Rule(error) => error.particulars(),
            Self::DangerMissing | Self::LegalHold => Vec::new(),
        }
    }
}

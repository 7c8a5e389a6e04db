//! What the ledger says when it does not do what it was asked, by what the caller does about it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use letopis_crypto::canonical::{Breach, BreachKind};
use letopis_crypto::sign::SignatureError;
use letopis_domain::file::FileError;
use letopis_domain::position::PositionError;
use letopis_domain::procedure::RuleError;
use letopis_domain::profile::ProfileError;
use letopis_domain::registry::AuthorityError;
use letopis_domain::{FormError, Refusal};
use letopis_policy::PolicyError;
use letopis_proto::error::v1::Reason;
use letopis_sections::SectionError;

use crate::refusals::SignedRefusal;
use letopis_types::{EventId, Sequence, StreamKey};

use crate::token::TokenError;

/// Why a call was not done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LedgerError {
    /// The statement is wrong: nothing of it is in the record, and the same will not be accepted.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// Not now: the same may be sent again.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// What was asked for is not there.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// The token does not carry the call.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The caller may not.
    #[error(transparent)]
    Access(#[from] AccessError),
}

impl Refusal for LedgerError {
    fn reason(&self) -> Reason {
        match self {
            Self::Rejected(inner) => inner.reason(),
            Self::Unavailable(inner) => inner.reason(),
            Self::NotFound(inner) => inner.reason(),
            Self::Token(inner) => inner.reason(),
            Self::Access(inner) => inner.reason(),
        }
    }

    fn particulars(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Rejected(inner) => inner.particulars(),
            Self::Unavailable(_) | Self::Token(_) | Self::Access(_) => Vec::new(),
            Self::NotFound(inner) => inner.particulars(),
        }
    }
}

/// Why the caller may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// There is no such file, or it is not for this caller and purpose: the same answer for both.
    #[error(
        "no such file, or not for this caller and purpose: ask the head of department or the data \
         protection officer"
    )]
    Denied,
    /// The purpose is not one of the role's.
    #[error("the caller's role may not claim this purpose: name the true one")]
    Purpose,
    /// No policy was adopted.
    #[error("no policy was adopted: nothing is given out until one is")]
    NoPolicy,
    /// The caller's authority changed since its token was checked.
    #[error("the caller's authority changed: begin again")]
    Changed,
}

impl Refusal for AccessError {
    fn reason(&self) -> Reason {
        match self {
            Self::Denied => Reason::AccessDenied,
            Self::Purpose => Reason::PurposeNotOfRole,
            Self::NoPolicy => Reason::PolicyMissing,
            Self::Changed => Reason::AuthorityChanged,
        }
    }
}

/// Why a statement was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// Its bytes are not canonical.
    #[error("the statement is not canonical: {0}; encode it as proto/README.md says")]
    Breach(#[from] Breach),
    /// A field is not as it must be.
    #[error(transparent)]
    Form(#[from] FormError),
    /// Fewer or more signatures than signers.
    #[error("{found} signatures for {expected} signers: one for each, in their order")]
    SignatureCount {
        /// How many signers.
        expected: usize,
        /// How many signatures.
        found: usize,
    },
    /// A signature that is not 64 bytes long.
    #[error("signature {index} has {length} bytes, not 64")]
    SignatureLength {
        /// Which one, from 0.
        index: usize,
        /// How long it is.
        length: usize,
    },
    /// A signature or key that does not hold.
    #[error("signature {index}: {source}; sign exactly the bytes that are sent with a proper key")]
    Signature {
        /// Which one, from 0.
        index: usize,
        /// What is wrong with it.
        source: SignatureError,
    },
    /// A key that may not be enrolled.
    #[error("the key to be enrolled can't be: {source}; make a proper key pair")]
    EnrolledKey {
        /// What is wrong with it.
        source: SignatureError,
    },
    /// Fewer or more contents than sections.
    #[error("{found} contents for {expected} sections: one for each, in their order")]
    SectionCount {
        /// How many sections.
        expected: usize,
        /// How many contents.
        found: usize,
    },
    /// A salt that is not 32 bytes long.
    #[error("the salt of section {index} has {length} bytes, not 32")]
    SaltLength {
        /// Which section.
        index: usize,
        /// How long it is.
        length: usize,
    },
    /// Content of more than 1 MiB.
    #[error("the content of section {index} is longer than 1 MiB: split it")]
    SectionTooLarge {
        /// Which section.
        index: usize,
    },
    /// Salt and content are not what was committed to.
    #[error("salt and content of section {index} do not open its commitment")]
    Commitment {
        /// Which section.
        index: usize,
    },
    /// The signers do not carry it.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// A rule of procedure does not let it be recorded; the refusal is signed.
    #[error("{rule}")]
    Rule {
        /// The rule, its article, and what would be needed.
        rule: RuleError,
        /// The refusal, to show to others.
        signed: Box<SignedRefusal>,
    },
    /// Its file does not take it.
    #[error(transparent)]
    File(#[from] FileError),
    /// The text that it adopts is no policy.
    #[error("the policy can't be adopted: {0}")]
    PolicyText(#[from] PolicyError),
    /// The text that it adopts is no profile.
    #[error("the profile can't be adopted: {0}")]
    ProfileText(#[from] ProfileError),
    /// There are no rules of procedure yet.
    #[error("no profile of the procedure was adopted: adopt one, then record what is about cases")]
    ProfileMissing,
    /// What a section holds is not what its payload type asks for.
    #[error("section {index}: {source}")]
    SectionContent {
        /// Which section, from 0.
        index: usize,
        /// What is wrong with it, without what it says.
        source: SectionError,
    },
    /// A section names a measure or a ground that the law does not know, or not on that day.
    #[error(
        "section {index} names a measure or a ground that the law did not know on that day: correct the code, or the date"
    )]
    Code {
        /// Which section, from 0.
        index: usize,
    },
    /// The adopted policy does not let its authors record it here.
    #[error("the adopted policy does not let {kind} be recorded here by its authors ({rule})")]
    Policy {
        /// The kind of fact.
        kind: &'static str,
        /// The rule's id.
        rule: String,
    },
    /// It has no place in its stream.
    #[error(transparent)]
    Position(#[from] PositionError),
    /// A reference names what the record does not hold.
    #[error("reference {index} names a statement that is not in the record: correct it")]
    ReferenceUnknown {
        /// Which reference, from 0.
        index: usize,
    },
    /// Another statement stands under this event id.
    #[error("the stream holds another statement under event id {event_id}: make a new id")]
    EventIdTaken {
        /// Which id.
        event_id: EventId,
    },
}

impl Refusal for Rejected {
    fn reason(&self) -> Reason {
        match self {
            Self::Breach(breach) => breach_reason(breach.kind),
            Self::Form(inner) => inner.reason(),
            Self::SignatureCount { expected, found } if found < expected => {
                Reason::SignatureMissing
            }
            Self::SignatureCount { .. } => Reason::SignatureExtra,
            Self::SignatureLength { .. } | Self::SaltLength { .. } => Reason::LengthWrong,
            Self::Signature { source, .. } | Self::EnrolledKey { source } => match source {
                SignatureError::WeakKey | SignatureError::WeakR => Reason::KeyWeak,
                SignatureError::Invalid => Reason::SignatureInvalid,
                SignatureError::Torsioned => Reason::KeyTorsioned,
            },
            Self::SectionCount { expected, found } if found < expected => Reason::SectionMissing,
            Self::SectionCount { .. } => Reason::SectionExtra,
            Self::SectionTooLarge { .. } => Reason::SectionTooLarge,
            Self::Commitment { .. } => Reason::CommitmentMismatch,
            Self::Authority(inner) => inner.reason(),
            Self::Rule { rule, .. } => rule.reason(),
            Self::File(inner) => inner.reason(),
            Self::PolicyText(_) => Reason::PolicyInvalid,
            Self::ProfileText(_) => Reason::ProfileInvalid,
            Self::ProfileMissing => Reason::ProfileMissing,
            Self::SectionContent { .. } | Self::Code { .. } => Reason::SectionInvalid,
            Self::Policy { .. } => Reason::PolicyRefuses,
            Self::Position(inner) => inner.reason(),
            Self::ReferenceUnknown { .. } => Reason::ReferenceUnknown,
            Self::EventIdTaken { .. } => Reason::EventIdTaken,
        }
    }

    fn particulars(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Breach(breach) => vec![
                ("offset", breach.offset.to_string()),
                ("field", format!("{}.{}", breach.message, breach.field)),
            ],
            Self::Form(inner) => inner.particulars(),
            Self::Authority(inner) => inner.particulars(),
            Self::Rule { rule, signed } => {
                let mut particulars = rule.particulars();
                particulars.push(("refusal", STANDARD.encode(&signed.refusal)));
                particulars.push(("refusal_signature", STANDARD.encode(signed.signature)));
                particulars
            }
            Self::File(inner) => inner.particulars(),
            Self::Policy { kind, rule } => {
                vec![("kind", (*kind).to_owned()), ("rule", rule.clone())]
            }
            Self::Position(inner) => inner.particulars(),
            Self::SignatureLength { index, .. } => {
                vec![("field", "signatures".to_owned()), ("index", index.to_string())]
            }
            Self::SaltLength { index, .. } => {
                vec![("field", "sections.salt".to_owned()), ("index", index.to_string())]
            }
            Self::Signature { index, .. }
            | Self::SectionTooLarge { index }
            | Self::Commitment { index }
            | Self::SectionContent { index, .. }
            | Self::Code { index }
            | Self::ReferenceUnknown { index } => vec![("index", index.to_string())],
            Self::EventIdTaken { event_id } => vec![("event_id", event_id.to_string())],
            Self::SignatureCount { .. }
            | Self::SectionCount { .. }
            | Self::EnrolledKey { .. }
            | Self::PolicyText(_)
            | Self::ProfileText(_)
            | Self::ProfileMissing => Vec::new(),
        }
    }
}

const fn breach_reason(kind: BreachKind) -> Reason {
    match kind {
        BreachKind::TooLarge => Reason::StatementTooLarge,
        BreachKind::Truncated => Reason::Truncated,
        BreachKind::WireType => Reason::WireTypeWrong,
        BreachKind::UnknownField => Reason::FieldUnknown,
        BreachKind::Order => Reason::FieldOrder,
        BreachKind::Repeated => Reason::FieldRepeated,
        BreachKind::NotMinimal => Reason::VarintNotMinimal,
        BreachKind::OutOfRange => Reason::VarintOutOfRange,
        BreachKind::DefaultWritten => Reason::DefaultWritten,
        BreachKind::NotPacked => Reason::NotPacked,
        BreachKind::EnumUnknown => Reason::EnumUnknown,
        BreachKind::EnumUnspecified => Reason::EnumUnspecified,
        BreachKind::Utf8 => Reason::Utf8Invalid,
    }
}

/// Why not now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// More is waiting than the ledger holds.
    #[error("more is waiting than the ledger holds: send the same again a little later")]
    Overloaded,
    /// The disk is full.
    #[error("the disk is full: the operator must make room; send the same again later")]
    DiskFull,
    /// The ledger is being stopped.
    #[error("the ledger is being stopped: send the same again once it is back")]
    ShuttingDown,
    /// The record, the vault or the state can't be written or read.
    #[error("the record can't be written or read: the operator must look at it; {what}")]
    Record {
        /// What failed, for the operator; no content and no names.
        what: String,
    },
}

impl Refusal for Unavailable {
    fn reason(&self) -> Reason {
        match self {
            Self::Overloaded => Reason::Overloaded,
            Self::DiskFull => Reason::DiskFull,
            Self::ShuttingDown => Reason::ShuttingDown,
            Self::Record { .. } => Reason::RecordUnavailable,
        }
    }
}

impl Unavailable {
    pub(crate) fn record(error: impl std::fmt::Display) -> Self {
        Self::Record { what: error.to_string() }
    }
}

impl LedgerError {
    pub(crate) fn record(error: impl std::fmt::Display) -> Self {
        Self::Unavailable(Unavailable::record(error))
    }
}

/// What is not there, or not in the log's bounds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// No such event.
    #[error("no such event: check stream, id or sequence")]
    Event,
    /// No such stream.
    #[error("no stream {stream}: check its kind and id")]
    Stream {
        /// Which stream.
        stream: StreamKey,
    },
    /// Beyond the log, or sizes in the wrong order.
    #[error("the log has {size} events: ask for sizes and sequences within, in ascending order")]
    Sequence {
        /// How many events it has.
        size: Sequence,
    },
    /// A page token that is not one of this list's.
    #[error("the page token is not one of this list's: begin again without one")]
    PageToken,
}

impl Refusal for NotFound {
    fn reason(&self) -> Reason {
        match self {
            Self::Event => Reason::EventNotFound,
            Self::Stream { .. } => Reason::StreamNotFound,
            Self::Sequence { .. } => Reason::SequenceOutOfRange,
            Self::PageToken => Reason::PageTokenInvalid,
        }
    }

    fn particulars(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Sequence { size } => vec![("size", size.to_string())],
            Self::Stream { stream } => vec![("stream", stream.to_string())],
            Self::Event | Self::PageToken => Vec::new(),
        }
    }
}

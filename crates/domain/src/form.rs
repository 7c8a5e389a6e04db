//! Form: lengths and bounds of a statement's fields, beyond its canonical encoding.

use letopis_proto::error::v1::Reason;
use letopis_types::{ActorId, AgencyId, Class, Digest, StreamId, StreamKey, StreamKind};

use crate::refusal::Refusal;

/// A field that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// It is not there.
    #[error("{field} is missing: fill it in")]
    Missing {
        /// Which field.
        field: &'static str,
    },
    /// It has another length than it must have.
    #[error("{field} has {length} bytes, but must have {expected}")]
    Length {
        /// Which field.
        field: &'static str,
        /// How long it is, in bytes.
        length: usize,
        /// How long it must be, in words.
        expected: &'static str,
    },
    /// It is outside of its bounds.
    #[error("{field} is out of range: {allowed}")]
    Range {
        /// Which field.
        field: &'static str,
        /// What is allowed, in words.
        allowed: &'static str,
    },
    /// There are too many.
    #[error("{count} {field}, but at most {max}: split the act into several events")]
    TooMany {
        /// Of what.
        field: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        max: usize,
    },
    /// Signers not strictly ascending by public key.
    #[error("signers are not strictly ascending by public key: sort them, each key once")]
    SignersNotSorted,
    /// A payload type that is not one.
    #[error("the payload type of section {index} is not 1 to 64 bytes of [a-z0-9./+-]")]
    PayloadType {
        /// Which section.
        index: usize,
    },
    /// An event id that is not a UUID of version 7 or 8.
    #[error("the event id is not a UUID of version 7 or 8: make one")]
    EventId,
    /// A kind of fact that does not stand in this stream.
    #[error("{kind} does not stand in this stream: use a stream of the right kind and id")]
    Stream {
        /// The kind of fact.
        kind: &'static str,
    },
    /// A stream whose id is not what its kind asks for.
    #[error("the id of {field} is not what it must be: zero for the root stream, for no other")]
    StreamId {
        /// Which field.
        field: &'static str,
    },
}

impl Refusal for FormError {
    fn reason(&self) -> Reason {
        match self {
            Self::Missing { .. } => Reason::FieldMissing,
            Self::Length { .. } => Reason::LengthWrong,
            Self::Range { .. } => Reason::ValueOutOfRange,
            Self::TooMany { .. } => Reason::TooMany,
            Self::SignersNotSorted => Reason::SignersNotSorted,
            Self::PayloadType { .. } => Reason::PayloadTypeInvalid,
            Self::EventId => Reason::EventIdInvalid,
            Self::Stream { .. } | Self::StreamId { .. } => Reason::StreamKindWrong,
        }
    }

    fn particulars(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Missing { field }
            | Self::Length { field, .. }
            | Self::Range { field, .. }
            | Self::TooMany { field, .. }
            | Self::StreamId { field } => vec![("field", (*field).to_owned())],
            Self::PayloadType { index } => vec![("index", index.to_string())],
            Self::Stream { kind } => vec![("kind", (*kind).to_owned())],
            Self::SignersNotSorted | Self::EventId => Vec::new(),
        }
    }
}

/// A required message field.
pub(crate) fn required<T>(value: Option<T>, field: &'static str) -> Result<T, FormError> {
    value.ok_or(FormError::Missing { field })
}

/// Bytes of a fixed length that must be there.
pub(crate) fn fixed<const N: usize>(
    bytes: &[u8],
    field: &'static str,
) -> Result<[u8; N], FormError> {
    optional_fixed(bytes, field)?.ok_or(FormError::Missing { field })
}

/// Bytes of a fixed length, or none.
pub(crate) fn optional_fixed<const N: usize>(
    bytes: &[u8],
    field: &'static str,
) -> Result<Option<[u8; N]>, FormError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let expected = match N {
        16 => "16",
        32 => "32",
        _ => "another length",
    };
    bytes.try_into().map(Some).map_err(|_| FormError::Length {
        field,
        length: bytes.len(),
        expected,
    })
}

/// Checks a bound.
pub(crate) fn in_range(
    ok: bool,
    field: &'static str,
    allowed: &'static str,
) -> Result<(), FormError> {
    if ok { Ok(()) } else { Err(FormError::Range { field, allowed }) }
}

/// Checks a number of entries.
pub(crate) fn at_most(count: usize, max: usize, field: &'static str) -> Result<(), FormError> {
    if count <= max { Ok(()) } else { Err(FormError::TooMany { field, count, max }) }
}

/// A stream of a statement or a reference. The root stream's id is zero, no other's is.
pub(crate) fn stream(
    stream: &letopis_proto::statement::v1::Stream,
    field: &'static str,
) -> Result<StreamKey, FormError> {
    let (kind, id) = (stream_kind(stream.kind, field)?, StreamId(fixed(&stream.id, field)?));
    if (id == StreamId::ZERO) == (kind == StreamKind::Root) {
        Ok(StreamKey { kind, id })
    } else {
        Err(FormError::StreamId { field })
    }
}

/// A stream's kind by its number.
pub(crate) fn stream_kind(number: i32, field: &'static str) -> Result<StreamKind, FormError> {
    StreamKind::from_number(number.into())
        .ok_or(FormError::Range { field, allowed: "a known kind" })
}

/// A section's class by its number.
pub(crate) fn class(number: i32) -> Result<Class, FormError> {
    Class::from_number(number.into())
        .ok_or(FormError::Range { field: "sections.class", allowed: "a known class" })
}

/// An actor's id.
pub(crate) fn actor(bytes: &[u8], field: &'static str) -> Result<ActorId, FormError> {
    fixed(bytes, field).map(ActorId)
}

/// An agency's id.
pub(crate) fn agency(bytes: &[u8], field: &'static str) -> Result<AgencyId, FormError> {
    fixed(bytes, field).map(AgencyId)
}

/// A statement's hash.
pub(crate) fn digest(bytes: &[u8], field: &'static str) -> Result<Digest, FormError> {
    fixed(bytes, field).map(Digest)
}

/// Ids of 16 bytes, strictly ascending.
pub(crate) fn ascending_ids<T: Ord>(
    messages: &[Vec<u8>],
    (min, max): (usize, usize),
    field: &'static str,
    id: fn([u8; 16]) -> T,
) -> Result<Vec<T>, FormError> {
    at_most(messages.len(), max, field)?;
    if messages.len() < min {
        return Err(FormError::Missing { field });
    }
    let ids: Vec<T> =
        messages.iter().map(|bytes| fixed(bytes, field).map(id)).collect::<Result<_, _>>()?;
    in_range(ids.is_sorted_by(|a, b| a < b), field, "strictly ascending")?;
    Ok(ids)
}

/// Classes, strictly ascending.
pub(crate) fn classes(
    numbers: &[i32],
    min: usize,
    field: &'static str,
) -> Result<Vec<Class>, FormError> {
    if numbers.len() < min {
        return Err(FormError::Missing { field });
    }
    let classes: Vec<Class> =
        numbers.iter().map(|number| class(*number)).collect::<Result<_, _>>()?;
    in_range(classes.is_sorted_by(|a, b| a < b), field, "strictly ascending")?;
    Ok(classes)
}

/// A term: from before until.
pub(crate) fn term(
    from_seconds: i64,
    until_seconds: i64,
    field: &'static str,
) -> Result<Term, FormError> {
    in_range(from_seconds < until_seconds, field, "until after from")?;
    Ok(Term { from_seconds, until_seconds })
}

/// From one time on, before another; seconds since 1970 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// From this second on.
    pub from_seconds: i64,
    /// Before this second.
    pub until_seconds: i64,
}

impl Term {
    /// Does it hold at this second?
    #[must_use]
    pub const fn holds(&self, seconds: i64) -> bool {
        self.from_seconds <= seconds && seconds < self.until_seconds
    }
}

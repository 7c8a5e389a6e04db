//! Facts about keys and qualifications after an actor's enrolment, and about who stands in.

use letopis_proto::statement::v1 as proto;
use letopis_types::{Digest, PublicKey, Sequence};

use super::{EnrolledKey, FromProto};
use crate::form::{FormError, Term, at_most, digest, fixed, in_range, term};

/// The most shifts of a roster, and the most kinds of a delegation.
const LIST_MAX: usize = 64;

/// Смяна на ключ: a key takes the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRotated {
    /// The new key.
    pub key: EnrolledKey,
    /// The one that it replaces.
    pub replaces: PublicKey,
}

impl FromProto for KeyRotated {
    type Message = proto::KeyRotated;

    fn from_proto(message: &proto::KeyRotated) -> Result<Self, FormError> {
        let key = EnrolledKey::from_proto(message.key.as_ref())?;
        let replaces = PublicKey(fixed(&message.replaces, "replaces")?);
        in_range(key.public_key != replaces, "replaces", "another key")?;
        Ok(Self { key, replaces })
    }
}

/// Спрян ключ: not in force for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySuspended {
    /// The key.
    pub public_key: PublicKey,
}

impl FromProto for KeySuspended {
    type Message = proto::KeySuspended;

    fn from_proto(message: &proto::KeySuspended) -> Result<Self, FormError> {
        Ok(Self { public_key: PublicKey(fixed(&message.public_key, "public_key")?) })
    }
}

/// Възстановен ключ: in force again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyReinstated {
    /// The key.
    pub public_key: PublicKey,
}

impl FromProto for KeyReinstated {
    type Message = proto::KeyReinstated;

    fn from_proto(message: &proto::KeyReinstated) -> Result<Self, FormError> {
        Ok(Self { public_key: PublicKey(fixed(&message.public_key, "public_key")?) })
    }
}

/// Компрометиран ключ: no longer in force, and what it signed since a sequence is disputed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyCompromised {
    /// The key.
    pub public_key: PublicKey,
    /// The first sequence that is disputed.
    pub since: Sequence,
}

impl FromProto for KeyCompromised {
    type Message = proto::KeyCompromised;

    fn from_proto(message: &proto::KeyCompromised) -> Result<Self, FormError> {
        Ok(Self {
            public_key: PublicKey(fixed(&message.public_key, "public_key")?),
            since: Sequence(message.since_sequence),
        })
    }
}

/// Квалификация.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QualificationVerified {
    /// In force before this second since 1970 UTC.
    pub until_seconds: Option<i64>,
}

impl FromProto for QualificationVerified {
    type Message = proto::QualificationVerified;

    fn from_proto(message: &proto::QualificationVerified) -> Result<Self, FormError> {
        Ok(Self { until_seconds: message.until_seconds })
    }
}

/// Изтекла квалификация.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QualificationExpired {
    /// The statement hash of what verified it.
    pub verified: Digest,
}

impl FromProto for QualificationExpired {
    type Message = proto::QualificationExpired;

    fn from_proto(message: &proto::QualificationExpired) -> Result<Self, FormError> {
        Ok(Self { verified: digest(&message.verified, "verified")? })
    }
}

/// Заместване: the stream's actor stands in for the signer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleDelegated {
    /// When.
    pub term: Term,
    /// For which kinds of fact, by number; none: all.
    pub kinds: Vec<u32>,
}

impl FromProto for RoleDelegated {
    type Message = proto::RoleDelegated;

    fn from_proto(message: &proto::RoleDelegated) -> Result<Self, FormError> {
        Ok(Self {
            term: term(message.from_seconds, message.until_seconds, "until_seconds")?,
            kinds: kinds(&message.kinds)?,
        })
    }
}

/// Дежурства: the stream's actor is on duty during the shifts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DutyRosterSet {
    /// When, ascending, without overlap; at least one.
    pub shifts: Vec<Term>,
    /// For which kinds of fact, by number; none: all.
    pub kinds: Vec<u32>,
}

impl FromProto for DutyRosterSet {
    type Message = proto::DutyRosterSet;

    fn from_proto(message: &proto::DutyRosterSet) -> Result<Self, FormError> {
        at_most(message.shifts.len(), LIST_MAX, "shifts")?;
        if message.shifts.is_empty() {
            return Err(FormError::Missing { field: "shifts" });
        }
        let shifts: Vec<Term> = message
            .shifts
            .iter()
            .map(|shift| term(shift.from_seconds, shift.until_seconds, "shifts"))
            .collect::<Result<_, _>>()?;
        in_range(
            shifts.is_sorted_by(|a, b| a.until_seconds <= b.from_seconds),
            "shifts",
            "ascending, without overlap",
        )?;
        Ok(Self { shifts, kinds: kinds(&message.kinds)? })
    }
}

/// Numbers of kinds, ascending. One that this version does not know is of no effect.
fn kinds(numbers: &[u32]) -> Result<Vec<u32>, FormError> {
    at_most(numbers.len(), LIST_MAX, "kinds")?;
    in_range(
        numbers.is_sorted_by(|a, b| a < b) && numbers.first() != Some(&0),
        "kinds",
        "from 1, strictly ascending",
    )?;
    Ok(numbers.to_vec())
}

/// Политика за достъп.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyAdopted {
    /// Its full text.
    pub text: String,
}

impl PolicyAdopted {
    /// The longest text, in bytes.
    pub const TEXT_BYTES_MAX: usize = 48 * 1024;
}

impl FromProto for PolicyAdopted {
    type Message = proto::PolicyAdopted;

    fn from_proto(message: &proto::PolicyAdopted) -> Result<Self, FormError> {
        in_range(
            (1..=Self::TEXT_BYTES_MAX).contains(&message.text.len()),
            "text",
            "1 to 49152 bytes",
        )?;
        Ok(Self { text: message.text.clone() })
    }
}

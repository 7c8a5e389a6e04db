//! Streams, and places in them and in the log.

use std::fmt;

use crate::StreamId;

/// What a stream is about. The numbers are the proto's.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[repr(u8)]
pub enum StreamKind {
    /// The ledger itself.
    Root = 1,
    /// An actor.
    Actor = 2,
    /// A case.
    Case = 3,
    /// What of a case must not even be known to exist.
    Protected = 4,
    /// Readings, denials, exports.
    Access = 5,
    /// Clocks that ran out.
    Clocks = 6,
    /// A signal about a child at risk.
    Signal = 7,
    /// A person.
    Person = 8,
    /// A complaint.
    Complaint = 9,
}

impl StreamKind {
    /// Every kind, by number.
    pub const ALL: [Self; 9] = [
        Self::Root,
        Self::Actor,
        Self::Case,
        Self::Protected,
        Self::Access,
        Self::Clocks,
        Self::Signal,
        Self::Person,
        Self::Complaint,
    ];

    /// The proto's number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// The kind of that number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| i64::from(kind.number()) == number)
    }

    /// The word for it in text forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Actor => "actor",
            Self::Case => "case",
            Self::Protected => "protected",
            Self::Access => "access",
            Self::Clocks => "clocks",
            Self::Signal => "signal",
            Self::Person => "person",
            Self::Complaint => "complaint",
        }
    }
}

/// How closely a section is guarded. The numbers are the proto's.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[repr(u8)]
pub enum Class {
    /// Normal.
    Normal = 1,
    /// Restricted.
    Restricted = 2,
    /// Very restricted.
    VeryRestricted = 3,
}

impl Class {
    /// Every class, by number.
    pub const ALL: [Self; 3] = [Self::Normal, Self::Restricted, Self::VeryRestricted];

    /// The proto's number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// The class of that number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|class| i64::from(class.number()) == number)
    }
}

/// Which stream: its kind and id.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct StreamKey {
    /// What it is about.
    pub kind: StreamKind,
    /// Its id.
    pub id: StreamId,
}

impl StreamKey {
    /// The root stream, in which the genesis stands.
    pub const ROOT: Self = Self { kind: StreamKind::Root, id: StreamId::ZERO };

    /// Length of [`Self::to_bytes`].
    pub const LEN: usize = 17;

    /// The kind's number in one byte, then the id: sorts by kind and id.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut out = [0; Self::LEN];
        let (kind, id) = out.split_at_mut(1);
        kind.fill(self.kind as u8);
        id.copy_from_slice(&self.id.0);
        out
    }

    /// The other way.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (kind, id) = bytes.split_first()?;
        Some(Self {
            kind: StreamKind::from_number(i64::from(*kind))?,
            id: StreamId::from_slice(id)?,
        })
    }
}

impl fmt::Display for StreamKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.name(), self.id)
    }
}

/// A place in the log, from 0. As a size: how many links come before.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Sequence(pub u64);

impl Sequence {
    /// The first.
    pub const ZERO: Self = Self(0);

    /// The one after. Saturates, at more events than any disk holds.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How many statements a stream holds; as a place in it, from 1. 0: the stream does not exist.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Version(pub u64);

impl Version {
    /// Before the first statement.
    pub const ZERO: Self = Self(0);

    /// The one after. Saturates, at more events than any disk holds.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_keys_round_trip() {
        for kind in StreamKind::ALL {
            assert_eq!(StreamKind::from_number(i64::from(kind.number())), Some(kind));
            let key = StreamKey { kind, id: StreamId([9; 16]) };
            assert_eq!(StreamKey::from_bytes(&key.to_bytes()), Some(key));
        }
        for class in Class::ALL {
            assert_eq!(Class::from_number(i64::from(class.number())), Some(class));
        }
        for number in [-1, 0, 10, 1 << 40] {
            assert_eq!(StreamKind::from_number(number), None);
        }
        assert_eq!(StreamKey::from_bytes(&[3; 16]), None);
        assert_eq!(StreamKey::from_bytes(&[0; 17]), None);
    }
}

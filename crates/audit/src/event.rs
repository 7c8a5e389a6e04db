//! How findings name things: events, ids, times; and lists that end somewhere.

use std::fmt;

use letopis_domain::registry::{Placed, Registry};
use letopis_proto::statement::v1::Role;
use letopis_types::{ActorId, AgencyId, Digest, Sequence, StreamKey};
use serde::{Serialize, Serializer};

/// Something that is serialized as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shown<T>(pub T);

impl<T: fmt::Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<T: fmt::Display> fmt::Display for Shown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A moment: seconds since 1970 UTC. Serialized by RFC 3339, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub i64);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match jiff::Timestamp::from_second(self.0) {
            Ok(at) => serializer.collect_str(&at),
            Err(_) => serializer.serialize_i64(self.0),
        }
    }
}

/// A role by its name in lower case, such as `social_worker`; null: without a role, or as the ledger.
pub(crate) fn role<S: Serializer>(role: &Option<Role>, serializer: S) -> Result<S::Ok, S::Error> {
    role.map(|role| code(role.as_str_name(), "ROLE_")).serialize(serializer)
}

/// A code's name in lower case, without its prefix.
pub(crate) fn code(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_ascii_lowercase()
}

/// Who signed, in which role, for which agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignerRef {
    /// The actor.
    pub actor: Shown<ActorId>,
    /// The role of the grant that the signature names.
    #[serde(serialize_with = "role")]
    pub role: Option<Role>,
    /// The agency of that grant.
    pub agency: Option<Shown<AgencyId>>,
}

/// An event, without anything that it says of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventRef {
    /// Its place in the log.
    pub sequence: u64,
    /// The stream in which it stands.
    pub stream: Shown<StreamKey>,
    /// Its kind, by the name of its message.
    pub kind: &'static str,
    /// Who signed it.
    pub signers: Vec<SignerRef>,
    /// When it happened, as it states.
    pub happened_at: Time,
    /// When it was recorded.
    pub recorded_at: Time,
}

impl EventRef {
    pub(crate) fn of(placed: &Placed<'_>, registry: &Registry) -> Self {
        let Placed { statement, sequence: Sequence(sequence), recorded_at, .. } = *placed;
        let signers = statement.signers.iter().map(|signer| {
            let role = registry.role_of(signer);
            SignerRef {
                actor: Shown(signer.actor),
                role: role.map(|role| role.role),
                agency: role.and_then(|role| role.agency).map(Shown),
            }
        });
        Self {
            sequence,
            stream: Shown(statement.stream),
            kind: statement.fact.name(),
            signers: signers.collect(),
            happened_at: Time(statement.occurred_at.instant.seconds),
            recorded_at: Time(recorded_at.seconds()),
        }
    }
}

/// An event that a finding names: by the hash of its statement, with what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// The hash of its statement, as references name it.
    pub hash: Shown<Digest>,
    /// What it is; absent where the record does not have it.
    #[serde(flatten)]
    pub event: Option<EventRef>,
}

impl Named {
    /// To be looked up.
    pub(crate) const fn hash(hash: Digest) -> Self {
        Self { hash: Shown(hash), event: None }
    }

    pub(crate) fn of(placed: &Placed<'_>, registry: &Registry) -> Self {
        let event = Some(EventRef::of(placed, registry));
        Self { hash: Shown(placed.statement_hash), event }
    }
}

/// A list of findings: at most [`Listed::MAX`] of them, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed<T> {
    /// How many there are.
    pub count: u64,
    /// How many of them are left out here.
    pub omitted: u64,
    /// The others.
    pub items: Vec<T>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { count: 0, omitted: 0, items: Vec::new() }
    }
}

impl<T> Listed<T> {
    /// The most that are listed; whoever wants the others asks for a shorter time or one agency.
    pub const MAX: usize = 10_000;

    pub(crate) fn push(&mut self, item: impl FnOnce() -> T) {
        self.count += 1;
        if self.items.len() < Self::MAX {
            self.items.push(item());
        } else {
            self.omitted += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_list_leaves_out_it_counts() {
        let mut list = Listed::default();
        (0..Listed::<u64>::MAX as u64 + 7).for_each(|number| list.push(|| number));
        assert_eq!((list.count, list.omitted), (10_007, 7));
        assert_eq!((list.items.len(), list.items.last()), (10_000, Some(&9_999)));
    }
}

//! Who looks on while a record is verified, and what they are shown: so that whatever is told of a record
//! is told of what was verified, by the same pass over it.

use std::collections::HashMap;
use std::sync::Arc;

use letopis_domain::clocks::Profiles;
use letopis_domain::file::FileState;
use letopis_domain::procedure::Taken;
use letopis_domain::registry::{Placed, Registry};
use letopis_policy::{Relation, RuleId};
use letopis_proto::statement::v1::Role;
use letopis_types::{StreamKey, Timestamp};

use super::access::Access;

/// Somebody who looks on.
pub trait Onlooker {
    /// An event holds, by everything before it.
    fn event(&mut self, event: &Replayed<'_>);

    /// At the end: an event is disputed, and nobody else has endorsed it.
    fn disputed(&mut self, event: &Replayed<'_>);
}

/// Nobody.
impl Onlooker for () {
    fn event(&mut self, _: &Replayed<'_>) {}

    fn disputed(&mut self, _: &Replayed<'_>) {}
}

/// A reading that the policy in force permitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permitted {
    /// Of which file.
    pub file: StreamKey,
    /// In which role.
    pub role: Option<Role>,
    /// How the reader stood to it, to any of what was read.
    pub relation: Relation,
    /// By which rule, of the first of it. `None`: no policy was adopted yet.
    pub rule: Option<RuleId>,
}

/// An event as it was replayed, and what everything had come to with it.
pub struct Replayed<'a> {
    /// The statement and its place.
    pub placed: Placed<'a>,
    /// Under which exceptions it was taken; of one that is told as disputed, none are told.
    pub taken: Taken,
    /// Of a reading: what was read of, in the statement's order.
    pub read: &'a [Permitted],
    /// Who may sign, with this event.
    pub registry: &'a Registry,
    pub(super) access: &'a Access,
}

impl Replayed<'_> {
    /// A file, with this event; `None` where nothing was folded into it.
    #[must_use]
    pub fn file(&self, key: &StreamKey) -> Option<&FileState> {
        self.access.file(key)
    }
}

/// What a record came to.
#[derive(Debug)]
pub struct Ended {
    /// Who may sign.
    pub registry: Registry,
    /// Every file.
    pub files: HashMap<StreamKey, Arc<FileState>>,
    /// The profiles of the procedure that were adopted.
    pub profiles: Profiles,
    /// When the last event was recorded.
    pub at: Timestamp,
}

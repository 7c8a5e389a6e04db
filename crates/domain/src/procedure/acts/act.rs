//! An act whose signature or review is due, and how it stands.

use letopis_proto::statement::v1::Role;
use letopis_types::{ActorId, Digest};
use serde::{Deserialize, Serialize};

use super::REVIEWERS;
use super::pended::Pended;
use crate::fact::CaseClosed;

/// How an act stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Not in force: a confirming signature is due.
    Pending,
    /// In force at once; a confirming signature is due.
    Unconfirmed,
    /// In force.
    InForce,
    /// A confirming signature was refused.
    Refused,
    /// A confirming signature did not come in time.
    Lapsed,
    /// Another act took its place, or the matter ended or went to another agency.
    Superseded,
    /// It was entered in the wrong file.
    Misfiled,
}

/// An act whose signature or review is or was due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// The statement's hash.
    pub hash: Digest,
    /// The number of its kind.
    pub kind: u32,
    /// Who signed it.
    pub signers: Vec<ActorId>,
    /// How it stands.
    pub status: Status,
    /// Whose signatures are still due; the numbers of roles, one of each group.
    pub(super) due: Vec<Due>,
    pub(super) at: i64,
    /// What it answers.
    pub(super) answers: Vec<Digest>,
    /// Of a study: the placement that it is about. Each has its own.
    pub(super) about: Option<Digest>,
    pub(super) protected: bool,
    /// What takes effect when it is confirmed.
    pub(super) pended: Option<Pended>,
}

/// A signature that is due under an act, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DueSignature {
    /// It confirms: by one of these roles.
    Confirmation(Vec<Role>),
    /// The new lead accepts.
    Acceptance(ActorId),
    /// It reviews what is in force: by one of these roles.
    Review(&'static [Role]),
}

/// A signature that is due, as the state keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Due {
    /// By one of these roles, to confirm; the numbers.
    Confirmation(Vec<i32>),
    /// By the new lead, to accept.
    Acceptance(ActorId),
    /// By one of those who review.
    Review,
}

impl Act {
    /// Is a signature or review still due?
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !self.due.is_empty()
    }

    /// It stands in a protected stream.
    #[must_use]
    pub const fn is_protected(&self) -> bool {
        self.protected
    }

    /// When it happened; seconds since 1970 UTC.
    #[must_use]
    pub const fn happened_at(&self) -> i64 {
        self.at
    }

    /// What is still due under it.
    pub fn due(&self) -> impl Iterator<Item = DueSignature> {
        self.due.iter().map(|due| match due {
            Due::Confirmation(roles) => DueSignature::Confirmation(
                roles.iter().filter_map(|role| Role::try_from(*role).ok()).collect(),
            ),
            Due::Acceptance(lead) => DueSignature::Acceptance(*lead),
            Due::Review => DueSignature::Review(REVIEWERS),
        })
    }

    pub(super) const fn ended(&self) -> bool {
        !matches!(self.status, Status::Pending | Status::Unconfirmed | Status::InForce)
    }
}

/// The acts of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Acts(pub(super) Vec<Act>);

impl Acts {
    pub(crate) fn all(&self) -> &[Act] {
        &self.0
    }

    pub(crate) fn find(&self, hash: &Digest) -> Option<&Act> {
        self.0.iter().find(|act| act.hash == *hash)
    }

    /// The acts that wait for a signature.
    pub(crate) fn pending(&self) -> impl Iterator<Item = &Act> {
        self.0.iter().filter(|act| act.status == Status::Pending)
    }

    /// Does this act wait for a signature?
    pub(crate) fn is_pending(&self, hash: &Digest) -> bool {
        self.pending().any(|act| act.hash == *hash)
    }

    /// The closing of the case that waits for a signature under this hash, and when it happened.
    pub(crate) fn waiting_closing(&self, hash: &Digest) -> Option<(&CaseClosed, i64)> {
        let act = self.pending().find(|act| act.hash == *hash)?;
        match &act.pended {
            Some(Pended::CaseClosed(fact)) => Some((fact, act.at)),
            _ => None,
        }
    }

    /// An act happened at another time than it stated: what follows, follows from then.
    pub(crate) fn correct(&mut self, hash: &Digest, at: i64) {
        for act in self.0.iter_mut().filter(|act| act.hash == *hash) {
            act.at = at;
        }
    }

    pub(crate) fn misfiled(&mut self, hash: &Digest) {
        for act in self.0.iter_mut().filter(|act| act.hash == *hash) {
            act.status = Status::Misfiled;
            act.due.clear();
            act.pended = None;
        }
    }
}

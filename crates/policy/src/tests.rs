//! The schema agrees with the protos; the Bulgarian set says what its table says; what must never be
//! allowed never is; a text that is not a set is refused.

use letopis_proto::statement::v1::{Purpose, Role};
use letopis_types::{Class, StreamKind};

use crate::vocabulary::{lower, values};
use crate::{Action, Question, Relation};

mod bg;
mod cache;
mod invariants;
mod refused;
mod schema;

/// The roles, with their names in the schema.
fn roles() -> Vec<(Role, String)> {
    values().map(|role: Role| (role, lower(role.as_str_name(), "ROLE_"))).collect()
}

/// The purposes, with their names in the schema.
fn purposes() -> Vec<(Purpose, String)> {
    values().map(|one: Purpose| (one, lower(one.as_str_name(), "PURPOSE_"))).collect()
}

/// A question that nothing permits: no tie, to a case.
fn nothing() -> Question<'static> {
    Question {
        action: Action::ReadSection,
        purpose: Purpose::CaseWork,
        role: Role::SocialWorker,
        delegated: false,
        stream: StreamKind::Case,
        event: "VisitRecorded",
        class: Some(Class::Normal),
        payload_type: "note/1",
        relation: Relation::EXISTS,
    }
}

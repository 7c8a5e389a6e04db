//! What is asked, and all that a policy can see of it.

use letopis_proto::statement::v1::{Purpose, Role};
use letopis_types::{Class, StreamKind};

use crate::Relation;

/// What the caller wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Read a section.
    ReadSection,
    /// Read facts: what the statements of a stream say in codes, dates and random ids.
    ReadFacts,
    /// Read the log.
    ReadLog,
    /// List who read.
    ListReadings,
    /// List who may read.
    ListAccess,
    /// Be told why somebody may, or may not, read.
    ExplainAccess,
    /// Record a statement.
    Append,
    /// Be given figures about all files together, which name nobody; asked of the root stream.
    ReadIndicators,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 8] = [
        Self::ReadSection,
        Self::ReadFacts,
        Self::ReadLog,
        Self::ListReadings,
        Self::ListAccess,
        Self::ExplainAccess,
        Self::Append,
        Self::ReadIndicators,
    ];

    /// Its name in the schema.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadSection => "ReadSection",
            Self::ReadFacts => "ReadFacts",
            Self::ReadLog => "ReadLog",
            Self::ListReadings => "ListReadings",
            Self::ListAccess => "ListAccess",
            Self::ExplainAccess => "ExplainAccess",
            Self::Append => "Append",
            Self::ReadIndicators => "ReadIndicators",
        }
    }
}

/// What a section holds, by its payload type up to the first `/`. The names are the schema's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Content {
    /// `reporter`: who gave a signal.
    Reporter,
    /// `third-person`: who is neither the child nor the person that asks for its own file.
    ThirdPerson,
    /// `place`: where a protected child is.
    Place,
    /// `child-words`: the child's own words.
    ChildWords,
    /// `supervision`: the personal part of a supervision.
    Supervision,
    /// `danger`: the danger for which emergency access was opened.
    Danger,
    /// None of these.
    Other,
}

impl Content {
    /// Every content.
    pub const ALL: [Self; 7] = [
        Self::Reporter,
        Self::ThirdPerson,
        Self::Place,
        Self::ChildWords,
        Self::Supervision,
        Self::Danger,
        Self::Other,
    ];

    /// Its name in the schema, with which its payload types begin.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reporter => "reporter",
            Self::ThirdPerson => "third-person",
            Self::Place => "place",
            Self::ChildWords => "child-words",
            Self::Supervision => "supervision",
            Self::Danger => "danger",
            Self::Other => "other",
        }
    }

    /// What a section of this payload type holds. A type without a `/` counts as its own beginning.
    #[must_use]
    pub fn of(payload_type: &str) -> Self {
        let beginning = payload_type.split('/').next().unwrap_or(payload_type);
        Self::ALL.into_iter().find(|content| content.name() == beginning).unwrap_or(Self::Other)
    }
}

/// A question to a policy set: everything that a policy can see, and no ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question<'a> {
    /// What the caller wants to do.
    pub action: Action,
    /// What for, as the caller's token says. No policy sees it where the action is
    /// [`Action::Append`].
    pub purpose: Purpose,
    /// The role of the grant under which the caller acts. Unspecified: everything is denied.
    pub role: Role,
    /// The grant was delegated.
    pub delegated: bool,
    /// What the stream is about.
    pub stream: StreamKind,
    /// The kind of the event that is read or appended, as the protos name its message, such as
    /// `CaseOpened`; empty where no single event is asked about. Kinds that the schema does not name
    /// are all alike to a policy.
    pub event: &'a str,
    /// The section's class; `None` where no section is asked about. Where the action is
    /// [`Action::ReadSection`], `None` is denied; elsewhere no policy sees it.
    pub class: Option<Class>,
    /// The section's payload type; empty where no section is asked about, and seen by policies only
    /// where the action is [`Action::ReadSection`].
    pub payload_type: &'a str,
    /// What ties the caller to the stream.
    pub relation: Relation,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_type_tells_the_content_by_its_beginning() {
        for (payload_type, content) in [
            ("reporter/1", Content::Reporter),
            ("reporter/name/2", Content::Reporter),
            ("reporter", Content::Reporter),
            ("child-words/1", Content::ChildWords),
            ("reporters/1", Content::Other),
            ("note/reporter/1", Content::Other),
            ("", Content::Other),
        ] {
            assert_eq!(Content::of(payload_type), content, "{payload_type}");
        }
    }
}

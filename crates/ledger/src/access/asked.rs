//! A question to the rules in force, and what they say.

use letopis_domain::Statement;
use letopis_domain::registry::RoleInForce;
use letopis_domain::statement::Section;
use letopis_policy::{Action, Question, Relation, RuleId};
use letopis_proto::statement::v1::{Purpose, Role};
use letopis_state::StateError;
use letopis_types::{ActorId, StreamKey, Timestamp};

use super::relation::{SectionAt, Subject, relation};
use super::{Files, Rules};

/// Who asks, what for, when, and in which roles they may act then.
#[derive(Debug, Clone)]
pub struct Asking {
    /// The actor.
    pub actor: ActorId,
    /// What for.
    pub purpose: Purpose,
    /// When.
    pub now: Timestamp,
    /// The roles that are in force then.
    pub roles: Vec<RoleInForce>,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Item {
    /// Which stream.
    pub stream: StreamKey,
    /// Does it exist?
    pub exists: bool,
    /// The kind of the event, by its message's name; empty where none is asked about.
    pub event: &'static str,
    /// Which section; `None`: the facts.
    pub section: Option<SectionAt>,
    /// The section's payload type; empty where none is asked about.
    pub payload_type: String,
    /// Who signed the event.
    pub authors: Vec<ActorId>,
    /// The kind of the event is an urgent one.
    pub urgent: bool,
}

impl Item {
    /// The facts of a stream.
    #[must_use]
    pub fn facts(stream: StreamKey, exists: bool) -> Self {
        Self {
            stream,
            exists,
            event: "",
            section: None,
            payload_type: String::new(),
            authors: Vec::new(),
            urgent: false,
        }
    }

    /// A section of an event of this kind, that they signed.
    pub(crate) fn section(
        stream: StreamKey,
        event: &'static str,
        authors: Vec<ActorId>,
        section: SectionAt,
        payload_type: &str,
    ) -> Self {
        let payload_type = payload_type.to_owned();
        let section = Some(section);
        Self { stream, exists: true, event, section, payload_type, authors, urgent: false }
    }

    /// A section of a statement.
    pub(crate) fn section_of(statement: &Statement, section: &Section, at: SectionAt) -> Self {
        let authors = statement.signers.iter().map(|signer| signer.actor).collect();
        let event = statement.fact.name();
        Self::section(statement.stream, event, authors, at, &section.payload_type)
    }
}

/// What the rules say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// May it be done?
    pub allowed: bool,
    /// By which rule. `None`: no policy was adopted yet.
    pub rule: Option<RuleId>,
    /// In which role.
    pub role: Option<Role>,
    /// How the actor stands to it.
    pub relation: Relation,
}

impl Rules {
    /// May it be done? Any one role that permits it suffices; what a rule forbids in that role, it
    /// does not permit.
    pub(crate) fn decide(
        &self,
        files: &impl Files,
        asking: &Asking,
        action: Action,
        item: &Item,
        trial: bool,
    ) -> Result<Ruling, StateError> {
        let mut denied =
            Ruling { allowed: false, rule: None, role: None, relation: Relation::NONE };
        for role in &asking.roles {
            let ruling = self.decide_in_role(files, asking, role, action, item, trial)?;
            if ruling.allowed {
                return Ok(ruling);
            }
            // Of several denials one that says more than that nothing permits it.
            let says_more =
                |of: &Ruling| of.rule.as_ref().is_some_and(|rule| rule.as_str() != RuleId::NO_RULE);
            if denied.role.is_none() || !says_more(&denied) && says_more(&ruling) {
                denied = ruling;
            }
        }
        Ok(denied)
    }

    /// The same, in one role.
    pub(crate) fn decide_in_role(
        &self,
        files: &impl Files,
        asking: &Asking,
        role: &RoleInForce,
        action: Action,
        item: &Item,
        trial: bool,
    ) -> Result<Ruling, StateError> {
        let subject =
            Subject { actor: &asking.actor, role, purpose: asking.purpose, now: asking.now };
        let relation = relation(files, self, subject, &item.stream, item.section)?
            | Relation::EXISTS.when(item.exists)
            | Relation::URGENT.when(item.urgent)
            | Relation::AUTHOR.when(item.authors.contains(&asking.actor));
        let Some(policy) = &self.policy else {
            // Before a policy is adopted a trial is open, and nothing else is.
            let allowed = !self.unreadable && (trial || action == Action::Append);
            return Ok(Ruling { allowed, rule: None, role: Some(role.role), relation });
        };
        let verdict = policy.decide(&Question {
            action,
            purpose: asking.purpose,
            role: role.role,
            delegated: role.delegated,
            stream: item.stream.kind,
            event: item.event,
            class: item.section.map(|section| section.class),
            payload_type: &item.payload_type,
            relation,
        });
        Ok(Ruling {
            allowed: verdict.allowed,
            rule: Some(verdict.rule),
            role: Some(role.role),
            relation,
        })
    }
}

//! The names of the schema as Cedar's values, made once for each set.

use std::str::FromStr;

use cedar_policy::{
    Context, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression, Schema,
    SchemaFragment,
};
use letopis_proto::statement::v1::{Purpose, Role};
use letopis_types::StreamKind;

use crate::{Action, Content, PolicyError, Question, Relation, SCHEMA};

/// The classes as policies see them; see the schema. 0 where no section is asked about.
const NO_CLASS: u8 = 0;

/// All that a verdict depends on: what is asked, with everything left out that no policy can see.
/// INVARIANT: [`Vocabulary::request`] takes nothing but this, so it is what verdicts are kept under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Asked<'a> {
    pub(crate) action: Action,
    purpose: Purpose,
    role: Role,
    delegated: bool,
    stream: StreamKind,
    kind: u16,
    class: u8,
    relation: Relation,
    pub(crate) payload_type: &'a str,
}

impl Asked<'_> {
    /// The same without the payload type.
    pub(crate) fn rest(&self) -> Asked<'static> {
        Asked { payload_type: "", ..*self }
    }

    /// The role's place among [`Vocabulary::roles`].
    pub(crate) fn role_index(&self) -> Option<usize> {
        usize::try_from(self.role as i32).ok()?.checked_sub(1)
    }

    fn stream_index(&self) -> Option<usize> {
        usize::try_from(self.stream.number()).ok()?.checked_sub(1)
    }
}

/// Makes Cedar's requests out of questions.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    /// In the order of their numbers, from 1.
    roles: Vec<EntityUid>,
    /// In the order of their numbers, from 0.
    purposes: Vec<RestrictedExpression>,
    /// In the order of their numbers, from 1.
    streams: Vec<EntityUid>,
    /// In the order of [`Action::ALL`], as the other two.
    actions: Vec<EntityUid>,
    contents: Vec<RestrictedExpression>,
    /// The classes from [`NO_CLASS`] up.
    classes: Vec<RestrictedExpression>,
    /// The kinds of events, in order of their names.
    kinds: Vec<(String, RestrictedExpression)>,
    no: RestrictedExpression,
    yes: RestrictedExpression,
}

/// The schema, and the names of its kinds of events.
pub(crate) fn schema() -> Result<(Schema, Vec<String>), PolicyError> {
    let fault = |error: &dyn std::error::Error| PolicyError::Schema { message: error.to_string() };
    let (fragment, _) = SchemaFragment::from_cedarschema_str(SCHEMA).map_err(|e| fault(&e))?;
    let json = fragment.clone().to_json_value().map_err(|e| fault(&e))?;
    let kinds = json.pointer("//entityTypes/Kind/enum").and_then(|kinds| kinds.as_array());
    let kinds: Option<Vec<_>> =
        kinds.and_then(|kinds| kinds.iter().map(|kind| kind.as_str().map(str::to_owned)).collect());
    let mut kinds =
        kinds.ok_or_else(|| PolicyError::Schema { message: "no enumeration Kind".into() })?;
    kinds.sort_unstable();
    Ok((Schema::from_schema_fragments([fragment]).map_err(|e| fault(&e))?, kinds))
}

/// The name of a proto's value without its enum's, in lower case: the schema's for it.
pub(crate) fn lower(value: &str, prefix: &str) -> String {
    value.strip_prefix(prefix).unwrap_or(value).to_ascii_lowercase()
}

/// The values of a proto's enum from 1 up, which have no gaps.
pub(crate) fn values<T: TryFrom<i32>>() -> impl Iterator<Item = T> {
    (1..).map_while(|number| T::try_from(number).ok())
}

impl Vocabulary {
    pub(crate) fn new(kinds: Vec<String>) -> Result<Self, PolicyError> {
        let entity = |type_name: &str| {
            let type_name = EntityTypeName::from_str(type_name)
                .map_err(|error| PolicyError::Schema { message: error.to_string() })?;
            Ok(move |id: &str| {
                EntityUid::from_type_name_and_id(type_name.clone(), EntityId::new(id))
            })
        };
        let value = |uid| RestrictedExpression::new_entity_uid(uid);
        let (role, purpose, stream) = (entity("Role")?, entity("Purpose")?, entity("Stream")?);
        let (action, content, kind) = (entity("Action")?, entity("Content")?, entity("Kind")?);
        Ok(Self {
            roles: values().map(|r: Role| role(&lower(r.as_str_name(), "ROLE_"))).collect(),
            purposes: std::iter::once("none".to_owned())
                .chain(values().map(|p: Purpose| lower(p.as_str_name(), "PURPOSE_")))
                .map(|name| value(purpose(&name)))
                .collect(),
            streams: StreamKind::ALL.iter().map(|kind| stream(kind.name())).collect(),
            actions: Action::ALL.iter().map(|one| action(one.name())).collect(),
            contents: Content::ALL.iter().map(|one| value(content(one.name()))).collect(),
            classes: (0..=3).map(RestrictedExpression::new_long).collect(),
            kinds: kinds
                .into_iter()
                .map(|name| {
                    let uid = value(kind(&name));
                    (name, uid)
                })
                .collect(),
            no: RestrictedExpression::new_bool(false),
            yes: RestrictedExpression::new_bool(true),
        })
    }

    /// The roles, in the order of their numbers.
    pub(crate) fn roles(&self) -> &[EntityUid] {
        &self.roles
    }

    /// The actions, in the order of [`Action::ALL`].
    pub(crate) fn actions(&self) -> &[EntityUid] {
        &self.actions
    }

    /// What of a question decides. `None` where it is denied whatever the rules are: a caller
    /// without a role, or a section without a class.
    pub(crate) fn asked<'a>(&self, question: &Question<'a>) -> Option<Asked<'a>> {
        let of_section = question.action == Action::ReadSection;
        if question.role == Role::Unspecified || (of_section && question.class.is_none()) {
            return None;
        }
        let of_append = question.action == Action::Append;
        let class = question.class.filter(|_| of_section).map_or(NO_CLASS, |class| class as u8);
        Some(Asked {
            action: question.action,
            purpose: if of_append { Purpose::Unspecified } else { question.purpose },
            role: question.role,
            delegated: question.delegated,
            stream: question.stream,
            kind: self.kind(question.event)?,
            class,
            relation: question.relation,
            payload_type: if of_section { question.payload_type } else { "" },
        })
    }

    /// The place of an event's kind among the schema's.
    fn kind(&self, event: &str) -> Option<u16> {
        let find = |name: &str| self.kinds.binary_search_by(|(kind, _)| kind.as_str().cmp(name));
        let name = if event.is_empty() { "none" } else { event };
        find(name).or_else(|_| find("unknown")).ok().and_then(|at| at.try_into().ok())
    }

    /// The request to Cedar; `None` where one can't be made, which is denied.
    pub(crate) fn request(&self, asked: &Asked<'_>) -> Option<Request> {
        let context = Context::from_pairs(self.context(asked)?).ok()?;
        let role = self.roles.get(asked.role_index()?)?;
        let stream = self.streams.get(asked.stream_index()?)?;
        let action = self.actions.get(asked.action as usize)?;
        Request::new(role.clone(), action.clone(), stream.clone(), context, None).ok()
    }

    fn context(&self, asked: &Asked<'_>) -> Option<Vec<(String, RestrictedExpression)>> {
        let flags = Relation::ALL
            .iter()
            .map(|(flag, name)| ((*name).to_owned(), self.bool(asked.relation.contains(*flag))));
        let mut pairs = vec![
            ("delegated".to_owned(), self.bool(asked.delegated)),
            ("event".to_owned(), self.kinds.get(usize::from(asked.kind))?.1.clone()),
            ("relation".to_owned(), RestrictedExpression::new_record(flags).ok()?),
        ];
        if asked.action != Action::Append {
            let purpose = self.purposes.get(usize::try_from(asked.purpose as i32).ok()?)?;
            pairs.push(("purpose".to_owned(), purpose.clone()));
        }
        if asked.action == Action::ReadSection {
            let content = Content::of(asked.payload_type);
            let payload = RestrictedExpression::new_string(asked.payload_type.to_owned());
            pairs.extend([
                ("class".to_owned(), self.classes.get(usize::from(asked.class))?.clone()),
                ("holds".to_owned(), self.contents.get(content as usize)?.clone()),
                ("payload".to_owned(), payload),
            ]);
        }
        Some(pairs)
    }

    fn bool(&self, value: bool) -> RestrictedExpression {
        if value { self.yes.clone() } else { self.no.clone() }
    }
}

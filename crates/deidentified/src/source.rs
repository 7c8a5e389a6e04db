//! What is known of a case: events as the record has them, and what became of them.

use letopis_crypto::hash::statement_hash;
use letopis_domain::Statement;
use letopis_proto::accountability::v1 as pb;
use letopis_proto::statement::v1 as proto;
use letopis_types::{ActorId, Digest, StreamKind};
use prost::Message as _;
use prost_reflect::{DynamicMessage, Value};

use crate::error::MakeError;
use crate::told;

/// An event of the case, and what became of it, as AccountabilityService says.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// The statement's bytes.
    pub statement: Vec<u8>,
    /// How it stands.
    pub status: pb::ActStatus,
    /// It does not belong in this case.
    pub misfiled: bool,
    /// When it happened by the last correction that says so; seconds since 1970 UTC.
    pub corrected_at: Option<i64>,
    /// What corrects it, the last one last.
    pub corrected_by: Vec<Digest>,
    /// Who signed it, each with the number of the role in which they did.
    pub authors: Vec<(ActorId, u32)>,
    /// The clocks that it started or ended.
    pub clocks: Vec<pb::Clock>,
}

/// The same as far as it is of use.
pub(crate) struct Event<'a> {
    pub(crate) past: &'a Past,
    pub(crate) hash: Digest,
    pub(crate) statement: Statement,
    /// The whole of it, whatever it holds.
    pub(crate) message: DynamicMessage,
}

impl<'a> Event<'a> {
    /// All of them, in their order, but for those of kinds that are not known here: these are not told.
    pub(crate) fn all(past: &'a [Past]) -> Result<Vec<Self>, MakeError> {
        past.iter().filter_map(|one| Self::of(one).transpose()).collect()
    }

    /// `None`: of a kind that is not known here.
    pub(crate) fn of(past: &'a Past) -> Result<Option<Self>, MakeError> {
        let bytes = &*past.statement;
        let typed = proto::Statement::decode(bytes).map_err(|_| MakeError::Unreadable)?;
        let Ok(statement) = Statement::from_proto(&typed) else { return Ok(None) };
        let schema = told::statement().ok_or(MakeError::Unreadable)?;
        let message = DynamicMessage::decode(schema, bytes).map_err(|_| MakeError::Unreadable)?;
        Ok(Some(Self { past, hash: statement_hash(bytes), statement, message }))
    }

    pub(crate) fn kind(&self) -> &'static str {
        self.statement.fact.name()
    }

    /// It stands in the case's own stream, and belongs there. Of the protected one nothing is told, not even
    /// that there is any.
    pub(crate) fn is_of_case(&self) -> bool {
        self.statement.stream.kind == StreamKind::Case && !self.past.misfiled
    }

    /// When it happened, by what is known now: the civil day where its author was, in days since 1970-01-01.
    pub(crate) fn day(&self) -> i64 {
        self.civil_day(self.past.corrected_at.unwrap_or(self.statement.occurred_at.instant.seconds))
    }

    /// When it was first said to have happened, likewise.
    pub(crate) fn stated_day(&self) -> i64 {
        self.civil_day(self.statement.occurred_at.instant.seconds)
    }

    fn civil_day(&self, seconds: i64) -> i64 {
        let offset = i64::from(self.statement.occurred_at.instant.offset_minutes) * 60;
        (seconds + offset).div_euclid(86_400)
    }

    /// The fact of its kind.
    pub(crate) fn fact(&self) -> Option<DynamicMessage> {
        of_kind(self.message.get_field_by_name("fact")?.as_message()?)
    }

    /// The fact that it says another should have had.
    pub(crate) fn corrected_fact(&self) -> Option<DynamicMessage> {
        let correction = self.fact()?;
        let fact = correction.get_field_by_name("fact")?;
        of_kind(fact.as_message()?)
    }

    /// Every id and hash in it.
    pub(crate) fn ids(&self) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        collect_ids(&Value::Message(self.message.clone()), &mut found);
        found.push(self.hash.0.to_vec());
        found
    }
}

/// The one member of a `Fact` that is there.
fn of_kind(fact: &DynamicMessage) -> Option<DynamicMessage> {
    fact.fields().next().and_then(|(_, kind)| kind.as_message().cloned())
}

fn collect_ids(value: &Value, found: &mut Vec<Vec<u8>>) {
    match value {
        Value::Bytes(bytes) if bytes.len() >= 16 && bytes.iter().any(|byte| *byte != 0) => {
            found.push(bytes.to_vec());
        }
        Value::List(values) => values.iter().for_each(|value| collect_ids(value, found)),
        Value::Message(message) => {
            message.fields().for_each(|(_, value)| collect_ids(value, found));
        }
        _ => {}
    }
}

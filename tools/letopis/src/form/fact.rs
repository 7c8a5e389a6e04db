//! The fact of a form, field by field as the descriptors have it.

use letopis_proto::statement::v1::{self as proto, fact};
use letopis_proto::{KINDS, KindInfo};
use letopis_types::Digest;
use prost::Message as _;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage as _, Value,
};
use uuid::Uuid;

use super::read::Filling;
use super::{FormError, codes, time};
use crate::cli::DayArg;
use crate::yaml::{Node, Value as Yaml};

/// The fact of this kind.
pub(super) fn fact(
    filling: &mut Filling<'_>,
    kind: &KindInfo,
    node: Option<&Node>,
    line: usize,
) -> Result<fact::Kind, FormError> {
    let unknown = || wrong(line, "fact", "this build does not know the kind");
    let (whole, member) = codes::fact().zip(codes::member(kind)).ok_or_else(unknown)?;
    let message = codes::message(kind).ok_or_else(unknown)?;
    let inner = match node {
        Some(node) if !node.is_empty() => filling.message(&message, node, "fact")?,
        _ => DynamicMessage::new(message),
    };
    let mut fact = DynamicMessage::new(whole.clone());
    fact.set_field(&member, Value::Message(inner));
    let fact = proto::Fact::decode(&*fact.encode_to_vec()).ok();
    fact.and_then(|fact| fact.kind).ok_or_else(unknown)
}

pub(super) fn wrong(line: usize, path: &str, what: impl Into<String>) -> FormError {
    FormError { line, path: path.to_owned(), what: what.into() }
}

impl Filling<'_> {
    fn message(
        &mut self,
        descriptor: &MessageDescriptor,
        node: &Node,
        path: &str,
    ) -> Result<DynamicMessage, FormError> {
        let mut message = DynamicMessage::new(descriptor.clone());
        let Yaml::Map(entries) = &node.value else {
            return Err(wrong(node.line, path, known_fields(descriptor)));
        };
        for entry in entries {
            let field = descriptor.get_field_by_name(&entry.key);
            let field = field.ok_or_else(|| wrong(entry.line, path, known_fields(descriptor)))?;
            let path = format!("{path}.{}", field.name());
            let other = field.containing_oneof().is_some_and(|oneof| {
                oneof.fields().any(|one| one != field && message.has_field(&one))
            });
            if other {
                return Err(wrong(entry.line, &path, "only one of these: keep one"));
            }
            let value = self.field(&field, &entry.node, &path)?;
            message.set_field(&field, value);
        }
        Ok(message)
    }

    fn field(
        &mut self,
        field: &FieldDescriptor,
        node: &Node,
        path: &str,
    ) -> Result<Value, FormError> {
        if !field.is_list() {
            return self.single(field, node, path);
        }
        let Yaml::List(items) = &node.value else {
            return Err(wrong(node.line, path, "write a list: each on a line of its own after -"));
        };
        let one = |(at, item)| self.single(field, item, &format!("{path}.{at}"));
        let mut values = items.iter().enumerate().map(one).collect::<Result<Vec<_>, _>>()?;
        // The format wants ids ascending, and a person need not know.
        match field.kind() {
            Kind::Bytes => values.sort_by(|a, b| a.as_bytes().cmp(&b.as_bytes())),
            Kind::Message(_) => values.sort_by_key(first_id),
            Kind::Enum(_) => values.sort_by_key(Value::as_enum_number),
            _ => {}
        }
        Ok(Value::List(values))
    }

    fn single(
        &mut self,
        field: &FieldDescriptor,
        node: &Node,
        path: &str,
    ) -> Result<Value, FormError> {
        match field.kind() {
            Kind::Message(inner) if inner.name() == "Fact" => self.inner_fact(&inner, node, path),
            Kind::Message(inner) if inner.name() == "Instant" => {
                let (at, _) = time_of(node, path)?;
                let at = proto::Instant {
                    seconds: at.seconds,
                    nanos: at.nanos,
                    offset_minutes: at.offset_minutes,
                };
                let at = DynamicMessage::decode(inner, &*at.encode_to_vec());
                at.map(Value::Message).map_err(|_| wrong(node.line, path, time::FORMS))
            }
            Kind::Message(inner) => Ok(Value::Message(self.message(&inner, node, path)?)),
            Kind::Bytes => Ok(Value::Bytes(self.bytes(field, node, path)?.into())),
            _ => scalar(field, node, path),
        }
    }

    /// A fact within a fact: its kind, and under it the fields.
    fn inner_fact(
        &mut self,
        whole: &MessageDescriptor,
        node: &Node,
        path: &str,
    ) -> Result<Value, FormError> {
        let named = "write the kind, and under it the fields: VisitRecorded: {…}";
        let Yaml::Map(entries) = &node.value else { return Err(wrong(node.line, path, named)) };
        let [entry] = entries.as_slice() else { return Err(wrong(node.line, path, named)) };
        let kind = codes::kind(&entry.key).ok_or_else(|| wrong(entry.line, path, named))?;
        let member = whole.get_field(kind.number);
        let message = member.zip(codes::message(kind));
        let (member, message) = message.ok_or_else(|| wrong(entry.line, path, named))?;
        let inner = if entry.node.is_empty() {
            DynamicMessage::new(message)
        } else {
            self.message(&message, &entry.node, &format!("{path}.{}", kind.name))?
        };
        let mut fact = DynamicMessage::new(whole.clone());
        fact.set_field(&member, Value::Message(inner));
        Ok(Value::Message(fact))
    }

    /// An id, a hash or a key; of a statement also by where it stands.
    fn bytes(
        &mut self,
        field: &FieldDescriptor,
        node: &Node,
        path: &str,
    ) -> Result<Vec<u8>, FormError> {
        if is_id(field) {
            let what = "write an id (a UUID), or new";
            let text = node.text().ok_or_else(|| wrong(node.line, path, what))?;
            if text == "new" {
                return self.make_id(path).map(|id| id.into_bytes().to_vec());
            }
            let id = Uuid::try_parse(text).map_err(|_| wrong(node.line, path, what))?;
            return Ok(id.into_bytes().to_vec());
        }
        if let Yaml::Map(_) = node.value {
            return Ok(self.pointed(node, path)?.1.0.to_vec());
        }
        let what = "write 64 hex digits, or where the statement stands: {version: 3}, \
                    {stream: case/ID, version: 3} or {sequence: 17}";
        let hash = node.text().and_then(|text| text.to_lowercase().parse::<Digest>().ok());
        hash.map(|hash| hash.0.to_vec()).ok_or_else(|| wrong(node.line, path, what))
    }
}

/// Ids have 16 bytes, hashes and keys 32: so the protos say of each.
pub(super) fn is_id(field: &FieldDescriptor) -> bool {
    !codes::comment(field).contains("32 bytes")
}

fn first_id(value: &Value) -> Option<Vec<u8>> {
    let message = value.as_message()?;
    let first = message.descriptor().fields().find(|field| field.kind() == Kind::Bytes)?;
    message.get_field(&first).as_bytes().map(|bytes| bytes.to_vec())
}

fn known_fields(descriptor: &MessageDescriptor) -> String {
    let names: Vec<_> = descriptor.fields().map(|field| field.name().to_owned()).collect();
    if names.is_empty() {
        return "there is nothing to fill in: leave it out".to_owned();
    }
    format!("what may stand here is: {}", names.join(", "))
}

pub(super) fn time_of(
    node: &Node,
    path: &str,
) -> Result<(letopis_domain::statement::Instant, proto::Precision), FormError> {
    node.text().and_then(time::parse).ok_or_else(|| wrong(node.line, path, time::FORMS))
}

fn scalar(field: &FieldDescriptor, node: &Node, path: &str) -> Result<Value, FormError> {
    let name = field.name();
    let text = node.text().ok_or_else(|| wrong(node.line, path, "write one value"))?;
    let number = || wrong(node.line, path, "write a whole number");
    match field.kind() {
        Kind::Bool => match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(wrong(node.line, path, "write true or false")),
        },
        Kind::Enum(list) => {
            let values = codes::values(&list);
            let found = values.iter().find(|(_, _, short)| short == text);
            let found = found.map(|(number, _, _)| Value::EnumNumber(*number));
            found.ok_or_else(|| {
                let all: Vec<_> = values.iter().map(|(_, _, short)| short.as_str()).collect();
                wrong(node.line, path, format!("write one of: {}", all.join(", ")))
            })
        }
        Kind::String => Ok(Value::String(text.to_owned())),
        Kind::Sint64 if name.ends_with("seconds") => Ok(Value::I64(time_of(node, path)?.0.seconds)),
        Kind::Sint32 if name == "day" || name.ends_with("_day") => {
            let day: Result<DayArg, _> = text.parse();
            day.map(|day| Value::I32(day.0)).map_err(|what| wrong(node.line, path, what))
        }
        Kind::Uint32 if name == "kinds" => {
            let kind = KINDS.iter().find(|kind| kind.name == text);
            kind.map(|kind| Value::U32(kind.number))
                .ok_or_else(|| wrong(node.line, path, "write a kind, such as VisitRecorded"))
        }
        Kind::Sint64 => text.parse().map(Value::I64).map_err(|_| number()),
        Kind::Sint32 => text.parse().map(Value::I32).map_err(|_| number()),
        Kind::Uint32 => text.parse().map(Value::U32).map_err(|_| number()),
        Kind::Uint64 => text.parse().map(Value::U64).map_err(|_| number()),
        // The format has no others.
        _ => Err(wrong(node.line, path, "this field can't be filled in here")),
    }
}

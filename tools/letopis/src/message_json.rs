//! Messages as JSON: every field under its name in the protos, whatever the value.
//!
//! Enums by their names, streams as `case/ID`, ids and hashes as they are written everywhere else; null
//! is what is not there.

use letopis_types::{ActorId, Digest, StreamId, StreamKey, StreamKind};
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, ReflectMessage as _, Value as Field,
};
use serde_json::{Map, Value};

/// The kind of message that is told as one text.
const STREAM: &str = "letopis.statement.v1.Stream";

/// A message, by its full name in the protos; null where there is none of that name.
#[must_use]
pub fn of(name: &str, message: &impl prost::Message) -> Value {
    let pool = DescriptorPool::decode(letopis_proto::DESCRIPTORS).ok();
    let descriptor = pool.and_then(|pool| pool.get_message_by_name(name));
    let bytes = message.encode_to_vec();
    descriptor
        .and_then(|descriptor| DynamicMessage::decode(descriptor, &*bytes).ok())
        .map_or(Value::Null, |message| object(&message))
}

fn object(message: &DynamicMessage) -> Value {
    let descriptor = message.descriptor();
    if descriptor.full_name() == STREAM {
        return stream(message).map_or(Value::Null, |stream| stream.to_string().into());
    }
    let fields = descriptor.fields().map(|field| {
        let is_there = !field.supports_presence() || message.has_field(&field);
        let told = is_there.then(|| value(&field, &message.get_field(&field)));
        (field.name().to_owned(), told.unwrap_or_default())
    });
    Value::Object(fields.collect::<Map<_, _>>())
}

fn value(field: &FieldDescriptor, told: &Field) -> Value {
    match told {
        Field::Bool(it) => (*it).into(),
        Field::I32(it) => (*it).into(),
        Field::I64(it) => (*it).into(),
        Field::U32(it) => (*it).into(),
        Field::U64(it) => (*it).into(),
        Field::String(it) => it.as_str().into(),
        Field::Bytes(it) => bytes(it),
        Field::EnumNumber(number) => enum_name(field, *number),
        Field::Message(it) => object(it),
        Field::List(items) => items.iter().map(|item| value(field, item)).collect(),
        // Of these there are none in what is told here.
        Field::F32(_) | Field::F64(_) | Field::Map(_) => Value::Null,
    }
}

fn enum_name(field: &FieldDescriptor, number: i32) -> Value {
    let Kind::Enum(list) = field.kind() else { return number.into() };
    list.get_value(number).map_or_else(|| number.into(), |value| value.name().into())
}

fn bytes(bytes: &[u8]) -> Value {
    let hash = || Digest::from_slice(bytes).map(|hash| hash.to_string());
    let id = ActorId::from_slice(bytes).map(|id| id.to_string());
    id.or_else(hash).map_or(Value::Null, Value::from)
}

fn stream(message: &DynamicMessage) -> Option<StreamKey> {
    let kind = message.get_field_by_name("kind")?.as_enum_number()?;
    let id = message.get_field_by_name("id")?;
    let id = StreamId::from_slice(id.as_bytes()?)?;
    Some(StreamKey { kind: StreamKind::from_number(kind.into())?, id })
}

#[cfg(test)]
mod tests {
    use letopis_proto::accountability::v1 as pb;
    use letopis_proto::statement::v1::Stream;
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_have_the_protos_names_and_are_all_there() {
        let file = Stream { kind: StreamKind::Case as i32, id: vec![5; 16] };
        let clock = pb::Clock {
            file: Some(file),
            reading: pb::ClockReading::Overdue.into(),
            subject: vec![7; 32].into(),
            due: -1,
            ..Default::default()
        };
        let told = of("letopis.accountability.v1.Clock", &clock);
        assert_eq!(told["file"], format!("case/{}", StreamId([5; 16])));
        assert_eq!(told["reading"], "CLOCK_READING_OVERDUE");
        assert_eq!(told["subject"], Digest([7; 32]).to_string());
        assert_eq!((&told["due"], &told["term"]), (&json!(-1), &json!(false)));
        assert_eq!(told.as_object().unwrap().len(), 21);
        for absent in ["missed_at", "words", "ended_by"] {
            assert_eq!(told[absent], Value::Null, "{absent}");
        }
        assert_eq!(of("letopis.accountability.v1.None", &clock), Value::Null);
    }
}

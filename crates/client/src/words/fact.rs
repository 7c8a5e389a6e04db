//! A fact's fields in words, of whatever kind it is: taken from the descriptors, so that a new kind
//! is told in full from its first day.

use std::sync::LazyLock;

use letopis_types::{ActorId, Digest};
use letopis_words::say;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage as _,
    Value,
};

use super::{Lang, code_name, field_name, text, utc};

/// The most entries of a list that are shown.
const LIST_MAX: usize = 32;

static STATEMENT: LazyLock<Option<MessageDescriptor>> = LazyLock::new(|| {
    let pool = DescriptorPool::decode(letopis_proto::DESCRIPTORS).ok()?;
    pool.get_message_by_name("letopis.statement.v1.Statement")
});

/// What the fact of a statement says, a line for each field.
pub(super) fn lines(statement: &[u8], lang: Lang) -> Vec<String> {
    let fact = STATEMENT
        .clone()
        .and_then(|message| DynamicMessage::decode(message, statement).ok())
        .and_then(|message| message.get_field_by_name("fact").map(|fact| fact.into_owned()));
    let Some(Value::Message(fact)) = fact else { return Vec::new() };
    let Some((_, Value::Message(fact))) = fact.fields().next() else { return Vec::new() };
    let mut out = Vec::new();
    for field in fact.descriptor().fields().filter(|field| is_said(fact, field)) {
        let name = field_name(fact.descriptor().name(), field.name(), lang);
        let value = fact.get_field(&field);
        match &*value {
            // A text as long as a policy gets lines of its own.
            Value::String(long) if long.contains('\n') || long.len() > 80 => {
                out.push(format!("{name}:"));
                out.extend(text::quoted(long.as_bytes(), lang));
            }
            value => out.push(format!("{name}: {}", shown(&field, value, lang))),
        }
    }
    out
}

/// Whatever is there; and what is signed without being written: a "no", a zero.
fn is_said(message: &DynamicMessage, field: &FieldDescriptor) -> bool {
    let has_default = matches!(
        field.kind(),
        Kind::Bool
            | Kind::Int32
            | Kind::Int64
            | Kind::Uint32
            | Kind::Uint64
            | Kind::Sint32
            | Kind::Sint64
    );
    has_default && !field.is_list() && !field.supports_presence() || message.has_field(field)
}

fn shown(field: &FieldDescriptor, value: &Value, lang: Lang) -> String {
    match value {
        Value::List(values) => {
            let few = values.iter().take(LIST_MAX).map(|value| shown(field, value, lang));
            let mut text = few.collect::<Vec<_>>().join("; ");
            if let Some(more) = values.len().checked_sub(LIST_MAX).filter(|more| *more > 0) {
                text += &format!("; … {}", say!(lang, "statement-more", n = more));
            }
            text
        }
        Value::Message(message) => {
            let descriptor = message.descriptor();
            let name_of = |part: &FieldDescriptor| match part.kind() {
                // A fact within a fact is told by its kind.
                Kind::Message(kind) if descriptor.name() == "Fact" => {
                    super::kind_name(kind.name(), lang).unwrap_or_else(|| kind.name().to_owned())
                }
                _ => field_name(descriptor.name(), part.name(), lang),
            };
            let parts = descriptor.fields().filter(|part| is_said(message, part)).map(|part| {
                let value = shown(&part, &message.get_field(&part), lang);
                format!("{} {value}", name_of(&part))
            });
            format!("({})", parts.collect::<Vec<_>>().join(", "))
        }
        Value::Bool(yes) => {
            if *yes { say!(lang, "common-yes") } else { say!(lang, "common-no") }.to_owned()
        }
        Value::EnumNumber(number) => enum_word(field, *number, lang),
        Value::Bytes(bytes) => match (ActorId::from_slice(bytes), Digest::from_slice(bytes)) {
            (Some(id), _) => id.to_string(),
            (_, Some(digest)) => digest.to_string(),
            _ => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        },
        Value::String(value) => format!("„{}“", text::plain(value)),
        Value::I64(seconds) if field.name().ends_with("seconds") => utc(*seconds),
        Value::I32(days) if field.name() == "day" || field.name().ends_with("_day") => {
            text::day(*days)
        }
        Value::I32(number) => number.to_string(),
        Value::I64(number) => number.to_string(),
        // The numbers of kinds.
        Value::U32(number) if field.name() == "kinds" => kind_word(*number, lang),
        Value::U32(number) => number.to_string(),
        Value::U64(number) => number.to_string(),
        // The format has no others.
        other => format!("{other:?}"),
    }
}

fn kind_word(number: u32, lang: Lang) -> String {
    let kind = letopis_proto::KindInfo::find(number);
    let name = kind.and_then(|kind| super::kind_name(kind.name, lang));
    name.unwrap_or_else(|| number.to_string())
}

fn enum_word(field: &FieldDescriptor, number: i32, lang: Lang) -> String {
    let Kind::Enum(descriptor) = field.kind() else { return number.to_string() };
    let Some(value) = descriptor.get_value(number) else { return number.to_string() };
    // Every value's name begins with that of 0, which is of the form PREFIX_UNSPECIFIED.
    let zero = descriptor.default_value();
    let prefix = zero.name().strip_suffix("UNSPECIFIED").unwrap_or_default();
    code_name(prefix, value.name(), lang)
}

/// Every name that a table should have a word for: fields of facts, as `Message-name`; values of enums, why
/// something is refused.
#[cfg(test)]
pub(super) fn names() -> (Vec<String>, Vec<String>) {
    let pool = DescriptorPool::decode(letopis_proto::DESCRIPTORS).unwrap();
    let (mut fields, mut values) = (Vec::new(), Vec::new());
    let mut pending = vec![pool.get_message_by_name("letopis.statement.v1.Fact").unwrap()];
    let mut seen: Vec<String> = Vec::new();
    while let Some(message) = pending.pop() {
        if seen.iter().any(|name| name == message.full_name()) {
            continue;
        }
        seen.push(message.full_name().to_owned());
        for field in message.fields() {
            if message.name() != "Fact" {
                fields.push(format!("{}-{}", message.name(), field.name()));
            }
            match field.kind() {
                Kind::Message(inner) => pending.push(inner),
                Kind::Enum(inner) => values.extend(value_names(&inner)),
                _ => {}
            }
        }
    }
    let others = ["StreamKind", "Class", "Precision", "Knowledge", "Relation", "Purpose"];
    let others = others.map(|name| format!("letopis.statement.v1.{name}"));
    for name in others.iter().map(String::as_str).chain(["letopis.error.v1.Reason"]) {
        values.extend(value_names(&pool.get_enum_by_name(name).unwrap()));
    }
    for names in [&mut fields, &mut values] {
        names.sort();
        names.dedup();
    }
    (fields, values)
}

/// Those that may be used: 0 is none of them.
#[cfg(test)]
fn value_names(of: &prost_reflect::EnumDescriptor) -> Vec<String> {
    let used = of.values().filter(|value| value.number() != 0);
    used.map(|value| value.name().to_owned()).collect()
}

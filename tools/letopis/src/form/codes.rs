//! The descriptors of statements, and the short names of enum values.

use std::sync::LazyLock;

use letopis_proto::{KINDS, KindInfo};
use prost_reflect::{DescriptorPool, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};

static FACT: LazyLock<Option<MessageDescriptor>> = LazyLock::new(|| {
    let pool = DescriptorPool::decode(letopis_proto::DESCRIPTORS).ok()?;
    pool.get_message_by_name("letopis.statement.v1.Fact")
});

/// The message in which a fact stands; `None` never, in a build that was tested.
pub(super) fn fact() -> Option<&'static MessageDescriptor> {
    FACT.as_ref()
}

/// The member of `Fact` that holds this kind.
pub(super) fn member(kind: &KindInfo) -> Option<FieldDescriptor> {
    fact()?.get_field(kind.number)
}

/// The message of this kind.
pub(super) fn message(kind: &KindInfo) -> Option<MessageDescriptor> {
    match member(kind)?.kind() {
        Kind::Message(message) => Some(message),
        _ => None,
    }
}

/// The kind of this name.
pub(super) fn kind(name: &str) -> Option<&'static KindInfo> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// What all values of an enum begin with: that of 0 is `PREFIX_UNSPECIFIED`.
pub(super) fn prefix(list: &EnumDescriptor) -> String {
    let zero = list.default_value();
    zero.name().strip_suffix("UNSPECIFIED").unwrap_or_default().to_owned()
}

/// The values of an enum: number, name in the protos, short name. Without that of 0.
pub(super) fn values(list: &EnumDescriptor) -> Vec<(i32, String, String)> {
    let prefix = prefix(list);
    let of = |value: prost_reflect::EnumValueDescriptor| {
        let name = value.name().to_owned();
        let short = name.strip_prefix(&prefix).unwrap_or(&name).to_lowercase();
        (value.number(), name, short)
    };
    list.values().filter(|value| value.number() != 0).map(of).collect()
}

/// What the protos say of a field.
pub(super) fn comment(field: &FieldDescriptor) -> &'static str {
    let name = format!("{}.{}", field.parent_message().name(), field.name());
    letopis_proto::comment(&name).unwrap_or_default()
}

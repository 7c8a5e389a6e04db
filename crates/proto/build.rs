//! Compiles the protos with protox (nothing to install) and writes down, from the options on the
//! members of `Fact` and from the descriptors, what the canonical check and the ledger have to know.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use prost_reflect::prost_types::FileDescriptorProto;
use prost_reflect::{Cardinality, DescriptorPool, FieldDescriptor, Kind, MessageDescriptor, Value};

const FILES: [&str; 5] = [
    "letopis/accountability/v1/accountability.proto",
    "letopis/confidentiality/v1/confidentiality.proto",
    "letopis/error/v1/error.proto",
    "letopis/ledger/v1/ledger.proto",
    "letopis/statement/v1/statement.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    let protos = Path::new("../../proto");
    println!("cargo::rerun-if-changed=../../proto/letopis");
    let mut compiler = protox::Compiler::new([protos])?;
    compiler.include_imports(true).include_source_info(true).open_files(FILES)?;
    let pool = compiler.descriptor_pool();
    let out = std::env::var("OUT_DIR")?;
    let out = Path::new(&out);

    let set = compiler.file_descriptor_set();
    // Encoded by the compiler, which keeps our own options; the message set does not.
    compiler.include_source_info(false);
    std::fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    tonic_prost_build::configure()
        .bytes(".letopis.ledger.v1")
        .bytes(".letopis.confidentiality.v1")
        .bytes(".letopis.accountability.v1")
        .compile_fds(set)?;

    let statement = pool
        .get_message_by_name("letopis.statement.v1.Statement")
        .ok_or("no Statement in the protos")?;
    std::fs::write(out.join("schema.rs"), schema(&statement)?)?;
    let fact =
        pool.get_message_by_name("letopis.statement.v1.Fact").ok_or("no Fact in the protos")?;
    std::fs::write(out.join("kinds.rs"), kinds(&fact)?)?;
    std::fs::write(out.join("comments.rs"), comments(&pool)?)?;
    Ok(())
}

/// The messages reachable from `Statement`, as a table for the canonical check.
fn schema(statement: &MessageDescriptor) -> Result<String, Box<dyn Error>> {
    let mut messages = vec![statement.clone()];
    let mut next = 0;
    while let Some(message) = messages.get(next).cloned() {
        for field in message.fields() {
            if let Kind::Message(inner) = field.kind()
                && !messages.contains(&inner)
            {
                messages.push(inner);
            }
        }
        next += 1;
    }
    let mut out = String::from("&[\n");
    for message in &messages {
        writeln!(out, "    MessageSchema {{ name: {:?}, fields: &[", message.name())?;
        let mut fields: Vec<_> = message.fields().collect();
        fields.sort_by_key(FieldDescriptor::number);
        for field in fields {
            let ty = match field.kind() {
                Kind::Bytes => "FieldType::Bytes".to_owned(),
                Kind::String => "FieldType::String".to_owned(),
                Kind::Bool => "FieldType::Bool".to_owned(),
                Kind::Uint32 => "FieldType::Uint32".to_owned(),
                Kind::Uint64 => "FieldType::Uint64".to_owned(),
                Kind::Sint32 => "FieldType::Sint32".to_owned(),
                Kind::Sint64 => "FieldType::Sint64".to_owned(),
                Kind::Enum(inner) => {
                    let numbers: Vec<_> = inner.values().map(|value| value.number()).collect();
                    format!("FieldType::Enum(&{numbers:?})")
                }
                Kind::Message(inner) => {
                    let at = messages.iter().position(|message| *message == inner);
                    format!("FieldType::Message({})", at.ok_or("message not in the table")?)
                }
                other => {
                    return Err(
                        format!("{}: {other:?} is not in the format", field.full_name()).into()
                    );
                }
            };
            let presence = match (field.cardinality(), field.containing_oneof()) {
                (Cardinality::Repeated, _) => "Presence::Repeated",
                (_, Some(oneof)) if field.field_descriptor_proto().proto3_optional.is_none() => {
                    let _ = oneof;
                    "Presence::OneofMember"
                }
                _ if field.supports_presence() => "Presence::Explicit",
                _ => "Presence::Implicit",
            };
            writeln!(
                out,
                "        FieldSchema {{ number: {}, name: {:?}, ty: {ty}, presence: {presence} }},",
                field.number(),
                field.name(),
            )?;
        }
        out.push_str("    ] },\n");
    }
    out.push(']');
    Ok(out)
}

/// What the protos say of each message, field, enum and value that statements are made of, by its full
/// name without the package; in one line each.
fn comments(pool: &DescriptorPool) -> Result<String, Box<dyn Error>> {
    let mut found = BTreeMap::new();
    for file in pool.files().filter(|file| file.package_name() == "letopis.statement.v1") {
        let file = file.file_descriptor_proto();
        let locations = file.source_code_info.iter().flat_map(|info| &info.location);
        for location in locations {
            if let (Some(name), Some(text)) =
                (named(file, &location.path), &location.leading_comments)
            {
                let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
                found.insert(name, line);
            }
        }
    }
    let mut out = String::from("&[\n");
    for (name, text) in found {
        writeln!(out, "    ({name:?}, {text:?}),")?;
    }
    out.push(']');
    Ok(out)
}

/// What stands at a path of field numbers and indices in a file's descriptor, as
/// google/protobuf/descriptor.proto numbers them.
fn named(file: &FileDescriptorProto, path: &[i32]) -> Option<String> {
    let at = |index: i32| usize::try_from(index).ok();
    match *path {
        [4, message] => Some(file.message_type.get(at(message)?)?.name().to_owned()),
        [4, message, 2, field] => {
            let message = file.message_type.get(at(message)?)?;
            Some(format!("{}.{}", message.name(), message.field.get(at(field)?)?.name()))
        }
        [5, list] => Some(file.enum_type.get(at(list)?)?.name().to_owned()),
        [5, list, 2, value] => {
            let list = file.enum_type.get(at(list)?)?;
            Some(format!("{}.{}", list.name(), list.value.get(at(value)?)?.name()))
        }
        _ => None,
    }
}

/// The members of `Fact` with their option.
fn kinds(fact: &MessageDescriptor) -> Result<String, Box<dyn Error>> {
    let option = fact
        .parent_pool()
        .get_extension_by_name("letopis.statement.v1.kind")
        .ok_or("no option `kind` in the protos")?;
    let mut out = String::from("&[\n");
    let mut fields: Vec<_> = fact.fields().collect();
    fields.sort_by_key(FieldDescriptor::number);
    for field in fields {
        let options = field.options();
        let Value::Message(kind) = &*options.get_extension(&option) else {
            return Err(format!("{} has no option `kind`", field.name()).into());
        };
        let exclusive = match kind.get_field_by_name("position").as_deref() {
            Some(Value::EnumNumber(1)) => true,
            Some(Value::EnumNumber(2)) => false,
            _ => return Err(format!("{} has no position", field.name()).into()),
        };
        let streams: Vec<u32> = match kind.get_field_by_name("streams").as_deref() {
            Some(Value::List(list)) => list.iter().filter_map(Value::as_u32).collect(),
            _ => Vec::new(),
        };
        let flag =
            |name| matches!(kind.get_field_by_name(name).as_deref(), Some(Value::Bool(true)));
        let (unstable, urgent) = (flag("unstable"), flag("urgent"));
        let Kind::Message(message) = field.kind() else {
            return Err(format!("{} is not a message", field.name()).into());
        };
        writeln!(
            out,
            "    KindInfo {{ number: {}, name: {:?}, exclusive: {exclusive}, streams: &{streams:?}, unstable: {unstable}, urgent: {urgent} }},",
            field.number(),
            message.name(),
        )?;
    }
    out.push(']');
    Ok(out)
}

//! What facts may hold: codes, dates, counts and random ids, and nothing that says who anyone is or
//! what happened to a child. Read from the descriptors of the protos, so that a new field or code is
//! looked at by somebody before it is released.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::{DescriptorPool, EnumDescriptor, Kind, MessageDescriptor, Value};

/// Fields that can hold bytes or a text, each with why it may: `Message.field  why`.
const REVIEWED: &str = include_str!("facts/reviewed.txt");

const PACKAGE: &str = "letopis.statement.v1";

fn pool() -> DescriptorPool {
    DescriptorPool::decode(letopis_proto::DESCRIPTORS).expect("the descriptors can be read")
}

/// Every message that a fact may hold, by full name.
fn messages(pool: &DescriptorPool) -> BTreeMap<String, MessageDescriptor> {
    let mut found = BTreeMap::new();
    let fact = pool.get_message_by_name(&format!("{PACKAGE}.Fact")).expect("the protos have Fact");
    let mut pending = vec![fact];
    while let Some(message) = pending.pop() {
        let is_new = found.insert(message.full_name().to_owned(), message.clone()).is_none();
        if !is_new {
            continue;
        }
        for field in message.fields() {
            if let Kind::Message(inner) = field.kind() {
                pending.push(inner);
            }
        }
    }
    found
}

/// Every enum that a fact may hold, by full name.
fn enums(pool: &DescriptorPool) -> BTreeMap<String, EnumDescriptor> {
    let mut found = BTreeMap::new();
    for message in messages(pool).values() {
        for field in message.fields() {
            if let Kind::Enum(inner) = field.kind() {
                found.insert(inner.full_name().to_owned(), inner);
            }
        }
    }
    found
}

/// The reviewed fields with their reasons.
fn reviewed() -> BTreeMap<&'static str, &'static str> {
    let lines = REVIEWED.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut found = BTreeMap::new();
    for line in lines {
        let (field, why) = line.split_once("  ").unwrap_or((line, ""));
        assert!(!why.trim().is_empty(), "{field}: say why it may be there");
        assert!(found.insert(field, why.trim()).is_none(), "{field} is listed twice");
    }
    found
}

#[test]
fn a_fact_holds_no_text_and_no_bytes_but_those_that_were_reviewed() {
    let mut holds = BTreeSet::new();
    for message in messages(&pool()).values() {
        for field in message.fields() {
            if matches!(field.kind(), Kind::String | Kind::Bytes) {
                holds.insert(format!("{}.{}", message.name(), field.name()));
            }
        }
    }
    let reviewed = reviewed();
    let unreviewed: Vec<_> =
        holds.iter().filter(|field| !reviewed.contains_key(field.as_str())).collect();
    assert!(
        unreviewed.is_empty(),
        "{unreviewed:#?}\nWhoever these are about must not be known by them. What can be a code, a date or a \
         count is one; what says more belongs in a section. A random id or a hash is listed in \
         tests/tests/facts/reviewed.txt, with the reason."
    );
    let gone: Vec<_> = reviewed.keys().filter(|field| !holds.contains(**field)).collect();
    assert!(gone.is_empty(), "{gone:#?}\nNo fact holds these: take them out of reviewed.txt.");
}

#[test]
fn every_code_of_a_fact_was_found_harmless() {
    let pool = pool();
    let harmless = pool
        .get_extension_by_name(&format!("{PACKAGE}.harmless"))
        .expect("the protos have the option `harmless`");
    let mut looked_at = 0;
    let mut unmarked = Vec::new();
    for (name, codes) in enums(&pool) {
        for code in codes.values().filter(|code| code.number() != 0) {
            looked_at += 1;
            let options = code.options();
            if !matches!(&*options.get_extension(&harmless), Value::Bool(true)) {
                unmarked.push(format!("{name}: {}", code.name()));
            }
        }
    }
    assert!(looked_at > 50, "only {looked_at} codes were found: is the walk still right?");
    assert!(
        unmarked.is_empty(),
        "{unmarked:#?}\nMark a value `[(harmless) = true]` once somebody has seen that it tells nothing of what \
         happened to a child or of what anyone is, nor a measure, service, recipient or place that would. \
         Otherwise it is a code in a section."
    );
}

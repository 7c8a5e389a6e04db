//! A document in PROV-JSON, and the forms of its values.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// The prefixes of names. `prov` and `xsd` every reader knows.
const PREFIXES: [&str; 9] =
    ["act", "clock", "facts", "letopis", "reading", "section", "statement", "stream", "trace"];

/// The records, by their kinds and ids.
#[derive(Default)]
pub(super) struct Document {
    records: BTreeMap<&'static str, Map<String, Value>>,
    relations: u32,
}

impl Document {
    pub(super) fn into_json(self) -> Value {
        let urn = |prefix: &&str| ((*prefix).to_owned(), format!("urn:letopis:{prefix}:").into());
        let mut prefixes: Map<String, Value> = PREFIXES.iter().map(urn).collect();
        prefixes.insert("uuid".to_owned(), "urn:uuid:".into());
        let records = self.records.into_iter();
        let mut document: Map<String, Value> =
            records.map(|(kind, all)| (kind.to_owned(), Value::Object(all))).collect();
        document.insert("prefix".to_owned(), Value::Object(prefixes));
        Value::Object(document)
    }

    /// Adds a record, or puts it in the place of the one of that name.
    pub(super) fn add(&mut self, kind: &'static str, id: String, record: Value) {
        self.records.entry(kind).or_default().insert(id, record);
    }

    /// Adds a relation. It needs no name, and gets one that stands for none.
    pub(super) fn relate(&mut self, kind: &'static str, record: Value) {
        self.relations += 1;
        self.add(kind, format!("_:r{}", self.relations), record);
    }
}

/// Says more of a record.
pub(super) fn set(record: &mut Value, key: &str, value: Value) {
    if let Value::Object(fields) = record {
        fields.insert(key.to_owned(), value);
    }
}

/// A name as a value.
pub(super) fn name(name: &str) -> Value {
    typed(name.to_owned(), "xsd:QName")
}

pub(super) fn typed(value: String, of: &str) -> Value {
    json!({"$": value, "type": of})
}

/// An enum's name as a code: `in_force` of `ACT_STATUS_IN_FORCE`; nothing where it is unspecified.
pub(super) fn code(prefix: &str, name: &str) -> String {
    let name = name.strip_prefix(prefix).unwrap_or(name);
    if name == "UNSPECIFIED" { String::new() } else { name.to_ascii_lowercase() }
}

/// An `xs:dateTime` in UTC.
pub(super) fn time(seconds: i64, nanos: u32) -> String {
    // INVARIANT: a statement's times, and the log's, are of the years 1 to 9999.
    jiff::Timestamp::new(seconds, nanos as i32).unwrap_or_default().to_string()
}

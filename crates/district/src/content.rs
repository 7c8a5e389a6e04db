//! What sections say: the examples of the schemas, which are invented, with a few words of this year's.

use serde_json::Value;

use crate::random::Random;

/// Why children might be abandoned, some causes more often than others.
const CAUSES: [&str; 8] =
    ["poverty", "poverty", "alone", "alone", "young", "housing", "pressure", "disability"];

/// What helps children to take part: most need nothing more than somebody who listens.
const SUPPORT: [&str; 10] = [
    "unneeded",
    "unneeded",
    "unneeded",
    "unneeded",
    "trusted",
    "trusted",
    "communication",
    "interpreter",
    "lacking",
    "several",
];

/// The content of a section of this type, about this child, on that civil day. `None` for a type without a
/// schema.
pub(crate) fn content(payload_type: &str, child: &str, day: &str) -> Option<String> {
    let example = letopis_sections::example(payload_type)?;
    let change: fn(&mut Value, &str, &str) = match payload_type {
        "abandonment/1" => |value, child, day| set(value, "code", one_of(&CAUSES, child, day)),
        "participation/1" => |value, child, day| set(value, "code", one_of(&SUPPORT, child, day)),
        "identity/1" => |value, child, _| set(value, "name", child),
        "note/1" => |value, child, _| add(value, "text", child),
        "story/1" => |value, child, _| add(value, "told", child),
        "visit/1" => |value, child, day| {
            add(value, "observations", child);
            set(value, "date", day);
        },
        _ => return Some(example.to_owned()),
    };
    let mut value: Value = serde_json::from_str(example).ok()?;
    change(&mut value, child, day);
    Some(value.to_string())
}

/// One of these codes, always the same for this child and day.
fn one_of(codes: &[&'static str], child: &str, day: &str) -> &'static str {
    let number = child
        .bytes()
        .chain(day.bytes())
        .fold(0, |sum: u64, byte| sum * 31 % 10_007 + u64::from(byte));
    Random::of(number, "code", 0).pick(codes).copied().unwrap_or_default()
}

fn set(value: &mut Value, field: &str, text: &str) {
    if let Some(field) = value.get_mut(field) {
        *field = text.into();
    }
}

/// Whom the text is about.
fn add(value: &mut Value, field: &str, child: &str) {
    if let Some(Value::String(text)) = value.get_mut(field) {
        text.push_str(&format!(" ({child}.)"));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may panic")]

    use super::*;

    #[test]
    fn what_is_changed_is_still_as_its_schema_asks() {
        for known in letopis_sections::section_types() {
            let text = content(known.payload_type, "Дете Примерово 17", "2025-03-03").unwrap();
            let checked = letopis_sections::check(known.payload_type, known.class, text.as_bytes());
            assert!(checked.is_ok(), "{}: {checked:?}", known.payload_type);
        }
        assert!(
            content("visit/1", "Дете Примерово 17", "2025-03-03").unwrap().contains("Примерово 17")
        );
        assert_eq!(content("text/plain", "", ""), None);
    }
}

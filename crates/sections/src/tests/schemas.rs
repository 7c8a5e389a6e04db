//! What every schema keeps: valid, closed and bounded at every level, in both languages.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::schema;
use crate::section_types;

/// Words of JSON Schema that are used, beside the words of our own. No other: the crate header and
/// the errors rely on it (no `$ref`, no names by pattern, no alternatives whose errors are vague).
/// At the top also what makes a property required: `if` with `then`, `dependentRequired`.
const WORDS: [&str; 25] = [
    "$schema",
    "$id",
    "title",
    "description",
    "x-bg",
    "x-class",
    "x-source",
    "x-bg-values",
    "x-code",
    "type",
    "additionalProperties",
    "required",
    "properties",
    "minProperties",
    "maxProperties",
    "items",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "enum",
    "minimum",
    "maximum",
];

fn text<'a>(at: &str, schema: &'a Map<String, Value>, word: &str) -> &'a str {
    let text = schema.get(word).and_then(Value::as_str);
    text.filter(|text| !text.trim().is_empty()).unwrap_or_else(|| panic!("{at}: no {word}"))
}

fn number(at: &str, schema: &Map<String, Value>, word: &str) -> u64 {
    schema.get(word).and_then(Value::as_u64).unwrap_or_else(|| panic!("{at}: no {word}"))
}

fn is_cyrillic(text: &str) -> bool {
    text.chars().any(|c| matches!(c, 'А'..='я'))
}

/// In English; the Bulgarian names of things may stand in it.
fn is_latin(text: &str) -> bool {
    text.chars().filter(char::is_ascii_alphabetic).count() * 2 > text.len() / 2
}

fn judge(at: &str, schema: &Value) {
    let schema = schema.as_object().unwrap();
    for word in schema.keys() {
        assert!(WORDS.contains(&word.as_str()), "{at}: {word} is not used here");
    }
    match text(at, schema, "type") {
        "object" => object(at, schema),
        "array" => {
            let (least, most) = (number(at, schema, "minItems"), number(at, schema, "maxItems"));
            assert!(least <= most && most <= 128, "{at}");
            judge(&format!("{at}/*"), &schema["items"]);
        }
        "string" => string(at, schema),
        "integer" => {
            let least = schema["minimum"].as_i64().unwrap();
            assert!(least <= schema["maximum"].as_i64().unwrap(), "{at}");
        }
        "boolean" => (),
        other => panic!("{at}: {other}"),
    }
}

fn object(at: &str, schema: &Map<String, Value>) {
    assert_eq!(schema.get("additionalProperties"), Some(&Value::Bool(false)), "{at}: not closed");
    let properties = schema["properties"].as_object().unwrap();
    let names: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
    if let Some(required) = schema.get("required") {
        for name in required.as_array().unwrap() {
            assert!(names.contains(name.as_str().unwrap()), "{at}: {name} is required and unknown");
        }
    } else {
        assert_eq!(
            (number(at, schema, "minProperties"), number(at, schema, "maxProperties")),
            (1, 1)
        );
    }
    for (name, property) in properties {
        let at = format!("{at}/{name}");
        let words = property.as_object().unwrap();
        assert!(is_latin(text(&at, words, "description")), "{at}");
        assert!(is_cyrillic(text(&at, words, "x-bg")), "{at}");
        judge(&at, property);
    }
}

fn string(at: &str, schema: &Map<String, Value>) {
    if let Some(codes) = schema.get("enum") {
        let codes: BTreeSet<&str> =
            codes.as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let in_words = schema["x-bg-values"].as_object().unwrap();
        assert_eq!(codes, in_words.keys().map(String::as_str).collect(), "{at}");
        assert!(in_words.values().all(|word| !word.as_str().unwrap().trim().is_empty()), "{at}");
        assert!(
            codes.iter().all(|code| code
                .bytes()
                .all(|b| b" _-/.".contains(&b) || b.is_ascii_alphanumeric()))
        );
        return;
    }
    let pattern = text(at, schema, "pattern");
    if schema.get("format").is_some_and(|format| format == "date") {
        assert!(pattern.starts_with("^(19|20)[0-9]{2}-"), "{at}: dates are checked by pattern too");
    } else if schema.contains_key("minLength") {
        assert_eq!((number(at, schema, "minLength"), pattern), (1, "\\S"), "{at}");
        assert!(number(at, schema, "maxLength") <= 40_000, "{at}");
    } else {
        let bounded = !pattern.contains(['*', '+']) || schema.contains_key("maxLength");
        assert!(pattern.starts_with('^') && pattern.ends_with('$') && bounded, "{at}");
    }
}

/// The schema without the words that only make a property required.
fn judged_condition(at: &str, schema: &Value) -> Value {
    let mut schema = schema.clone();
    let words = schema.as_object_mut().unwrap();
    assert_eq!(words.contains_key("if"), words.contains_key("then"), "{at}");
    let condition = words.remove("if").unwrap_or_default();
    let depends = words.remove("dependentRequired").unwrap_or_default();
    let then = words.remove("then").unwrap_or_default();
    assert!(then.as_object().is_none_or(|then| then.keys().eq(["required"])), "{at}");
    let named: Vec<&Value> = [&condition, &condition["not"], &then]
        .iter()
        .filter_map(|part| part.get("required")?.as_array())
        .flatten()
        .chain(
            depends
                .as_object()
                .into_iter()
                .flat_map(|d| d.values())
                .flat_map(|d| d.as_array().unwrap()),
        )
        .collect();
    for name in named {
        assert!(words["properties"].get(name.as_str().unwrap()).is_some(), "{at}: {name}");
    }
    let conditions = condition["properties"].as_object();
    for (name, right) in conditions.into_iter().flatten() {
        let known = &words["properties"][name];
        let listed =
            right["enum"].as_array().cloned().unwrap_or_else(|| vec![right["const"].clone()]);
        for value in listed {
            let codes = known.get("enum").and_then(Value::as_array);
            assert!(
                codes.map_or(value.is_boolean(), |codes| codes.contains(&value)),
                "{at}: {value}"
            );
        }
    }
    schema
}

#[test]
fn every_schema_is_closed_bounded_and_in_both_languages() {
    for section in section_types() {
        let schema = schema(section);
        let at = section.payload_type;
        assert!(jsonschema::draft202012::meta::is_valid(&schema), "{at}");
        let words = schema.as_object().unwrap();
        assert_eq!(text(at, words, "$schema"), "https://json-schema.org/draft/2020-12/schema");
        for word in ["title", "description", "x-source"] {
            text(at, words, word);
        }
        assert!(is_cyrillic(text(at, words, "x-bg")), "{at}");
        assert_eq!(words["type"], "object", "{at}");
        judge(at, &judged_condition(at, &schema));
    }
}

#[test]
fn every_schema_compiles() {
    for section in section_types() {
        assert!(section.validator().is_some(), "{}", section.payload_type);
    }
}

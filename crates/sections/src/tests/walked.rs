//! Every rule of every schema, broken once: the error names the place and the rule.

use letopis_types::Class;
use serde_json::{Map, Value, json};

use super::samples::samples;
use super::schema;
use crate::{Rule, SectionError, SectionType, check, section_types};

/// What is checked of one content: where it stands, and how it may be broken there.
struct Broken {
    pointer: String,
    with: Value,
    rule: Rule,
}

fn breaks(schema: &Value, value: &Value, pointer: &str, out: &mut Vec<Broken>) {
    let mut to =
        |with: Value, rule: Rule| out.push(Broken { pointer: pointer.to_owned(), with, rule });
    let kind = schema["type"].as_str().unwrap();
    to(Value::Null, Rule::Type { expected: kind.to_owned() });
    match (kind, value) {
        ("object", Value::Object(members)) => {
            object(schema, members, &mut to);
            for (name, member) in members {
                breaks(&schema["properties"][name], member, &format!("{pointer}/{name}"), out);
            }
        }
        ("array", Value::Array(items)) => {
            let (least, most) =
                (schema["minItems"].as_u64().unwrap(), schema["maxItems"].as_u64().unwrap());
            if least > 0 {
                to(json!([]), Rule::TooFewItems { least });
            }
            let over = usize::try_from(most).unwrap() + 1;
            to(Value::Array(vec![items[0].clone(); over]), Rule::TooManyItems { most });
            breaks(&schema["items"], &items[0], &format!("{pointer}/0"), out);
        }
        ("integer", _) => {
            let (least, most) =
                (schema["minimum"].as_i64().unwrap(), schema["maximum"].as_i64().unwrap());
            to(json!(least - 1), Rule::TooSmall { least: least.to_string() });
            to(json!(most + 1), Rule::TooLarge { most: most.to_string() });
            to(json!(0.5), Rule::Type { expected: "integer".into() });
        }
        ("string", _) => string(schema, &mut to),
        _ => (),
    }
}

fn object(schema: &Value, members: &Map<String, Value>, to: &mut impl FnMut(Value, Rule)) {
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        let name = name.as_str().unwrap();
        let mut without = members.clone();
        without.remove(name);
        to(Value::Object(without), Rule::Missing { property: name.to_owned() });
    }
    if schema.get("maxProperties").is_some() {
        to(json!({}), Rule::TooFewProperties { least: 1 });
        return;
    }
    let mut more = members.clone();
    more.insert("непознато".into(), json!("нещо"));
    to(Value::Object(more), Rule::UnknownProperty);
}

fn string(schema: &Value, to: &mut impl FnMut(Value, Rule)) {
    if let Some(codes) = schema.get("enum") {
        return to(json!("няма такъв"), Rule::NotListed { codes: codes.to_string() });
    }
    let pattern = schema["pattern"].as_str().unwrap().to_owned();
    if schema.get("format").is_some() {
        to(json!("2027-02-29"), Rule::Format { format: "date".into() });
    }
    if schema.get("minLength").is_some() {
        to(json!(""), Rule::TooShort { least: 1 });
        to(json!(" \t\u{a0}"), Rule::Blank);
        let most = schema["maxLength"].as_u64().unwrap();
        let over = "Ж".repeat(usize::try_from(most).unwrap() + 1);
        to(json!(over), Rule::TooLong { most });
    } else if schema.get("format").is_none() {
        to(json!("—"), Rule::Pattern { pattern });
    }
}

fn answer(section: &SectionType, content: &Value) -> Result<(), SectionError> {
    check(section.payload_type, Class::VeryRestricted, content.to_string().as_bytes()).map(drop)
}

#[test]
fn whatever_a_schema_lists_can_be_filled_in() {
    for section in section_types() {
        for sample in samples(&schema(section)) {
            assert_eq!(answer(section, &sample), Ok(()), "{sample}");
        }
    }
}

#[test]
fn every_rule_of_every_schema_is_kept() {
    let mut broken = 0;
    for section in section_types() {
        let payload_type = section.payload_type;
        let schema = schema(section);
        let short = |sample: &&Value| sample.to_string().len() < 50_000;
        for sample in samples(&schema).iter().filter(short).take(12) {
            let mut all = Vec::new();
            breaks(&schema, sample, "", &mut all);
            for Broken { pointer, with, rule } in all {
                let mut content = sample.clone();
                *content.pointer_mut(&pointer).unwrap() = with;
                let expected = SectionError::Broken { payload_type, pointer, rule };
                let found = answer(section, &content).expect_err(payload_type);
                assert_eq!(found, expected, "{found}");
                broken += 1;
            }
        }
    }
    assert!(broken > 3_000, "{broken}");
}

#[test]
fn alternatives_exclude_each_other() {
    let mut seen = 0;
    for section in section_types().iter().filter(|s| schema(s).get("maxProperties").is_some()) {
        let mut both = Map::new();
        for sample in samples(&schema(section)) {
            both.extend(sample.as_object().unwrap().clone());
        }
        let (payload_type, pointer) = (section.payload_type, String::new());
        let rule = Rule::TooManyProperties { most: 1 };
        let expected = SectionError::Broken { payload_type, pointer, rule };
        assert_eq!(answer(section, &Value::Object(both)), Err(expected));
        seen += 1;
    }
    assert_eq!(seen, 4, "views, reporter, risks, aid");
}

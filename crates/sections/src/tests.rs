//! The table, the schemas, what the check lets pass and what it refuses.

mod hostile;
mod refused;
mod samples;
mod schemas;
mod walked;

use std::collections::BTreeSet;
use std::path::Path;

use letopis_types::Class;
use serde_json::Value;

use crate::codes::PLACES;
use crate::{
    Code, CodeKind, SectionError, SectionType, check, counted_code, example, find, section_types,
};

fn schema(section: &SectionType) -> Value {
    serde_json::from_str(section.schema_text).unwrap()
}

fn files(folder: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn the_table_is_what_lies_in_the_folders() {
    let named = section_types().iter().map(|s| format!("{}-{}.json", s.name, s.version));
    let named: BTreeSet<String> = named.collect();
    assert_eq!(named, files("schemas"));
    assert_eq!(named, files("examples-of"));
    for section in section_types() {
        let schema = schema(section);
        let letter = match section.class {
            Class::Normal => "N",
            Class::Restricted => "R",
            Class::VeryRestricted => "V",
        };
        let name = section.payload_type;
        assert_eq!(schema["x-class"], letter, "{name}");
        assert_eq!(schema["x-bg"], section.term_bg, "{name}");
        let id = format!("urn:letopis:section:{}:{}", section.name, section.version);
        assert_eq!(schema["$id"], id.as_str(), "{name}");
        assert_eq!(name, format!("{}/{}", section.name, section.version));
    }
}

#[test]
fn every_type_is_found_by_its_exact_name_only() {
    assert!(section_types().is_sorted_by(|one, next| one.payload_type < next.payload_type));
    for section in section_types() {
        let found = find(section.payload_type).unwrap();
        assert!(std::ptr::eq(found, section), "{}", section.payload_type);
    }
    for other in
        ["", "note", "note/", "note/01", "note/2", "note/1/1", "Note/1", " note/1", "text/1"]
    {
        assert!(find(other).is_none(), "{other}");
        assert_eq!(example(other), None);
        assert_eq!(check(other, Class::VeryRestricted, b"{}"), Err(SectionError::UnknownType));
    }
}

#[test]
fn every_example_passes_in_its_class_and_above_and_not_below() {
    for section in section_types() {
        let name = section.payload_type;
        let content = example(name).unwrap().as_bytes();
        for class in Class::ALL {
            let right = if class >= section.class {
                Ok(())
            } else {
                let (least, given) = (section.class, class);
                Err(SectionError::ClassTooLow { payload_type: name, least, given })
            };
            assert_eq!(check(name, class, content).map(drop), right, "{name} in {class:?}");
        }
    }
}

#[test]
fn the_names_that_policies_use_are_guarded() {
    for name in ["reporter/1", "place/1", "child-words/1", "supervision/1"] {
        assert_eq!(find(name).unwrap().class, Class::VeryRestricted, "{name}");
    }
    for name in ["third-person/1", "danger/1"] {
        assert_eq!(find(name).unwrap().class, Class::Restricted, "{name}");
    }
}

#[test]
fn codes_are_told_with_their_days() {
    let code = |kind, code: &str, from: Option<&str>| Code {
        kind,
        code: code.into(),
        from: from.map(Into::into),
    };
    let told =
        |name, content: &str| check(name, Class::VeryRestricted, content.as_bytes()).unwrap();
    let of_example = |name| told(name, example(name).unwrap());
    let (measure, ground) = (CodeKind::Measure, CodeKind::Ground);
    assert_eq!(of_example("measure/1"), [code(measure, "4-1-2", Some("2026-11-21"))]);
    assert_eq!(of_example("ground/1"), [code(ground, "25-1-3", None)]);
    assert_eq!(of_example("court-decision/1"), [code(measure, "4-1-2", Some("2026-12-15"))]);
    assert_eq!(of_example("request/1"), [code(measure, "4-1-1", Some("2026-11-09"))]);
    assert_eq!(of_example("necessity/1"), [code(ground, "16-1", None)]);
    let without = r#"{"who":"A","role":"child","asks":"B","date":"2026-11-09"}"#;
    assert_eq!(told("request/1", without), []);
    assert_eq!(of_example("note/1"), []);
}

#[test]
fn every_code_in_a_schema_is_told() {
    let mut marked = Vec::new();
    for section in section_types() {
        let schema = schema(section);
        for (name, property) in schema["properties"].as_object().unwrap() {
            if let Some(kind) = property.get("x-code") {
                marked.push((
                    section.payload_type,
                    name.clone(),
                    kind.as_str().unwrap().to_owned(),
                ));
            }
        }
        // Deeper ones would not be told.
        let deep = section.schema_text.matches("\"x-code\"").count();
        let here = marked.iter().filter(|mark| mark.0 == section.payload_type).count();
        assert_eq!(deep, here, "{}", section.payload_type);
    }
    let kind = |kind| if kind == CodeKind::Measure { "measure" } else { "ground" };
    let told: Vec<_> = PLACES
        .iter()
        .map(|place| (place.payload_type, place.code.to_owned(), kind(place.kind).to_owned()))
        .collect();
    assert_eq!(marked, told);
    for place in &PLACES {
        let schema = schema(find(place.payload_type).unwrap());
        if let Some(day) = place.from {
            assert_eq!(schema["properties"][day]["format"], "date", "{}", place.payload_type);
        }
    }
}

#[test]
fn the_code_that_is_counted_is_read_from_anything() {
    let of_example = |name| counted_code(example(name).unwrap().as_bytes());
    assert_eq!(of_example("participation/1").as_deref(), Some("communication"));
    assert_eq!(of_example("abandonment/1").as_deref(), Some("alone"));
    for content in ["", "{}", "[]", "\"code\"", "{\"code\":1}", "{\"code\":[\"alone\"]}", "{"] {
        assert_eq!(counted_code(content.as_bytes()), None, "{content}");
    }
    assert_eq!(counted_code(&[0xff, 0xfe]), None);
}

//! Contents that nobody means well: nothing panics, nothing of them gets into an error.

use letopis_types::Class;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::{SectionError, SectionType, check, find, section_types};

const MARK: &str = "Тайна7391";

/// Every place in a value, as JSON pointers.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| places(value, &format!("{at}/{name}"), out));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| places(item, &format!("{at}/{n}"), out));
        }
        _ => (),
    }
}

/// Puts the mark into every text.
fn marked(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(format!("{MARK}{text}")),
        Value::Array(items) => items.iter().map(marked).collect(),
        Value::Object(members) => Value::Object(
            members.iter().map(|(name, value)| (name.clone(), marked(value))).collect(),
        ),
        other => other.clone(),
    }
}

fn bad() -> impl Strategy<Value = Value> {
    select(vec![
        json!(MARK),
        json!([MARK, { MARK: MARK }]),
        json!({ MARK: MARK }),
        json!({ "text": MARK, MARK: null }),
        json!(MARK.repeat(6_000)),
        json!(7_391),
        json!(-1e300),
        Value::Null,
    ])
}

fn section() -> impl Strategy<Value = &'static SectionType> {
    any::<Index>().prop_map(|at| at.get(section_types()))
}

fn says_nothing(error: &SectionError) {
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(!shown.contains("Тайна") && !shown.contains("7391"), "{shown}");
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    // Names that schemas know, so that it gets beyond the first level.
    let name =
        select(vec!["text", "code", "heard", "goals", "date", "who", "name", "measure", "нещо"]);
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..6).prop_map(|members| {
                Value::Object(
                    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
                )
            }),
        ]
    })
}

proptest! {
    #[test]
    fn an_error_never_repeats_what_it_was_given(
        section in section(), at in any::<Index>(), with in bad(), cut in any::<Index>(),
    ) {
        let mut content = marked(&serde_json::from_str(section.example_text).unwrap());
        let mut all = Vec::new();
        places(&content, "", &mut all);
        let at: &String = at.get(&all);
        *content.pointer_mut(at).unwrap() = with;
        let text = content.to_string();
        let text = text.as_bytes();
        let cut = &text[..cut.index(text.len())];
        let twice = format!("{{\"{MARK}\":\"{MARK}\",\"{MARK}\":{content}}}");
        for text in [text, cut, twice.as_bytes()] {
            let answers = [
                check(section.payload_type, Class::VeryRestricted, text),
                check(MARK, Class::VeryRestricted, text),
            ];
            answers.iter().filter_map(|answer| answer.as_ref().err()).for_each(says_nothing);
        }
    }

    #[test]
    fn an_unknown_name_is_refused_wherever_it_stands(section in section(), at in any::<Index>()) {
        let mut content: Value = serde_json::from_str(section.example_text).unwrap();
        let mut all = Vec::new();
        places(&content, "", &mut all);
        let objects: Vec<_> = all.iter().filter(|at| content.pointer(at).unwrap().is_object()).collect();
        let at = *at.get(&objects);
        content.pointer_mut(at).unwrap().as_object_mut().unwrap().insert(MARK.into(), json!(MARK));
        let text = content.to_string();
        let error = check(section.payload_type, Class::VeryRestricted, text.as_bytes()).unwrap_err();
        says_nothing(&error);
        let here = matches!(&error, SectionError::Broken { pointer, .. } if pointer == at);
        prop_assert!(here, "{error}");
    }

    #[test]
    fn no_json_panics(section in section(), content in json()) {
        let text = content.to_string();
        let _ = check(section.payload_type, Class::VeryRestricted, text.as_bytes());
    }

    #[test]
    fn no_bytes_panic(section in section(), content in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = check(section.payload_type, Class::VeryRestricted, &content);
    }
}

#[test]
fn json_is_read_in_one_way_only() {
    let broken = |content: &str| check("note/1", Class::Normal, content.as_bytes()).unwrap_err();
    for content in [
        "\u{feff}{\"text\":\"А\"}",
        "{\"text\":\"А\"} {}",
        "{\"text\":\"А\",}",
        "{'text':'А'}",
        "{\"text\":\"\\ud800\"}",
        "{\"text\":\"А\nБ\"}",
        "{\"text\":1e999}",
        "{\"text\":NaN}",
        "{\"text\":\"А\"} // край",
    ] {
        assert!(matches!(broken(content), SectionError::NotJson { .. }), "{content}");
    }
    for content in [
        r#"{"text":"А","text":"А"}"#,
        r#"{"text":"А","\u0074ext":"Б"}"#,
        r#"{"text":[{"а":{"б":1,"б":1}}]}"#,
    ] {
        assert!(matches!(broken(content), SectionError::NameTwice { .. }), "{content}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(broken(&deep), SectionError::NotJson { .. }));
    assert_eq!(
        check("note/1", Class::Normal, " {\"text\" : \"\\u0410\"}\n".as_bytes()),
        Ok(vec![])
    );
}

#[test]
fn a_content_of_a_mebibyte_is_judged_in_bounded_time() {
    let long = format!("{{\"text\":\"{}\"}}", "Ж".repeat(500_000));
    let many = format!("{{\"goals\":[{}{{}}]}}", "{},".repeat(300_000));
    for (payload_type, content) in [("note/1", long), ("goals/1", many)] {
        let error = check(payload_type, Class::VeryRestricted, content.as_bytes()).unwrap_err();
        assert!(matches!(error, SectionError::Broken { .. }), "{error}");
    }
    assert!(find("goals/1").is_some());
}

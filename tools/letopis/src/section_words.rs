//! What a section says, for people to read: its schema names each field in both languages.

use letopis_sections::SectionType;
use letopis_words::{Lang, say};
use serde_json::{Map, Value};

/// A section's content in words, in one text; `None`: its type is not known here, or it is not what
/// the type asks for.
#[must_use]
pub fn told(payload_type: &str, content: &[u8], lang: Lang) -> Option<String> {
    let known: &SectionType = letopis_sections::find(payload_type)?;
    let schema: Value = serde_json::from_str(known.schema_text).ok()?;
    match serde_json::from_slice(content).ok()? {
        content @ Value::Object(_) => Some(value(&schema, &content, lang)),
        _ => None,
    }
}

/// A member of a schema; null where there is none.
pub(crate) fn at<'a>(schema: &'a Value, name: &str) -> &'a Value {
    schema.get(name).unwrap_or(&Value::Null)
}

fn value(schema: &Value, content: &Value, lang: Lang) -> String {
    match content {
        Value::Object(members) => object(schema, members, lang),
        Value::Array(items) => {
            let items = items.iter().map(|item| value(at(schema, "items"), item, lang));
            items.collect::<Vec<_>>().join("; ")
        }
        Value::String(text) => code(schema, text, lang).unwrap_or(text).to_owned(),
        Value::Bool(yes) => {
            if *yes { say!(lang, "common-yes") } else { say!(lang, "common-no") }.to_owned()
        }
        other => other.to_string(),
    }
}

/// The Bulgarian word for a code.
fn code<'a>(schema: &'a Value, text: &str, lang: Lang) -> Option<&'a str> {
    match lang {
        Lang::Bg => at(at(schema, "x-bg-values"), text).as_str(),
        Lang::En => None,
    }
}

/// Each member after its name, what must be there first. One that is alone needs no name.
fn object(schema: &Value, members: &Map<String, Value>, lang: Lang) -> String {
    let required: Vec<_> =
        at(schema, "required").as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut names: Vec<_> = members.keys().map(String::as_str).collect();
    names.sort_by_key(|name| {
        required.iter().position(|needed| needed == name).unwrap_or(usize::MAX)
    });
    let one = |name: &str| {
        let (of_member, member) = (at(at(schema, "properties"), name), members.get(name)?);
        let told = value(of_member, member, lang);
        if members.len() == 1 {
            return Some(told);
        }
        // What comes after the first words explains how to fill it in.
        let word = at(of_member, lang.pick("x-bg", "description")).as_str().unwrap_or(name);
        let word = word.split([';', '(', ',']).next().unwrap_or(word).trim();
        Some(format!("{word}: {told}"))
    };
    let parts: Vec<_> = names.into_iter().filter_map(one).collect();
    parts.join(". ").replace("..", ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_told_by_its_schema() {
        let visit = br#"{"where": "X", "date": "2026-02-18", "who": ["A", "B"], "seen_alone": true,
            "observations": "Y."}"#;
        let told_bg = told("visit/1", visit, Lang::Bg).unwrap();
        assert!(told_bg.starts_with("Къде: X. На коя дата: 2026-02-18. Кой присъства: A; B."));
        assert!(told_bg.contains("насаме с детето: да. Наблюдения: Y."), "{told_bg}");
        assert_eq!(told("note/1", br#"{"text": "Z"}"#, Lang::En).unwrap(), "Z");
        let kind = told("case-kind/1", br#"{"kind": "risk", "risk": "medium"}"#, Lang::Bg).unwrap();
        assert!(!kind.is_ascii() && !kind.contains("medium"), "{kind}");
    }

    #[test]
    fn every_example_has_words_and_what_is_unknown_has_none() {
        for one in letopis_sections::section_types() {
            for lang in [Lang::Bg, Lang::En] {
                let said = told(one.payload_type, one.example_text.as_bytes(), lang).unwrap();
                assert!(!said.is_empty() && !said.contains('{'), "{}", one.payload_type);
            }
        }
        assert_eq!(told("text/plain", b"{}", Lang::Bg), None);
        assert_eq!(told("visit/1", b"no json", Lang::Bg), None);
    }
}

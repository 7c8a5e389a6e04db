//! A section's example as YAML, with what its schema says of each field beside it.

use letopis_words::{Lang, say};
use serde_json::{Map, Value};

use crate::section_words::at;

/// What stands before each line of a field that need not be there.
const LEFT_OUT: &str = "# ";

/// The content of a section as a mapping's lines, at this indentation.
pub(super) fn content(schema: &Value, example: &Value, indent: usize, lang: Lang) -> String {
    let mut out = String::new();
    value(&mut out, schema, example, &" ".repeat(indent), lang);
    out
}

/// A node below a key: what does not fit beside it.
fn value(out: &mut String, schema: &Value, example: &Value, indent: &str, lang: Lang) {
    match example {
        Value::Object(members) => object(out, schema, members, indent, lang),
        Value::Array(items) => {
            let of_item = at(schema, "items");
            for item in items {
                if is_nested(item) {
                    *out += &format!("{indent}-\n");
                    value(out, of_item, item, &format!("{indent}  "), lang);
                } else {
                    *out += &format!("{indent}- {item}\n");
                }
            }
        }
        other => *out += &format!("{indent}{other}\n"),
    }
}

fn object(
    out: &mut String,
    schema: &Value,
    members: &Map<String, Value>,
    indent: &str,
    lang: Lang,
) {
    let known = at(schema, "properties").as_object();
    let required: Vec<_> =
        at(schema, "required").as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut names: Vec<_> = known.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    names.sort_by_key(|name| {
        let place = required.iter().position(|needed| needed == name);
        (place.unwrap_or(usize::MAX), !members.contains_key(*name))
    });
    for name in names {
        let of_member = at(at(schema, "properties"), name);
        *out += &said(of_member, indent, !required.contains(&name), lang);
        match members.get(name) {
            Some(member) if is_nested(member) => {
                *out += &format!("{indent}{name}:\n");
                value(out, of_member, member, &format!("{indent}  "), lang);
            }
            Some(member) => *out += &format!("{indent}{name}: {member}\n"),
            None => *out += &format!("{indent}{LEFT_OUT}{name}:\n"),
        }
    }
}

fn is_nested(value: &Value) -> bool {
    match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}

/// What a schema says of a field: its words, its codes, whether it may be left out.
fn said(schema: &Value, indent: &str, optional: bool, lang: Lang) -> String {
    let word = lang.pick("x-bg", "description");
    let mut text = at(schema, word).as_str().unwrap_or_default().to_owned();
    if optional {
        text += &format!(" {}", say!(lang, "form-optional"));
    }
    let codes = |schema: &Value| {
        let codes = at(schema, "enum").as_array().into_iter().flatten().filter_map(Value::as_str);
        let told = codes.map(|code| match (lang, at(at(schema, "x-bg-values"), code).as_str()) {
            (Lang::Bg, Some(bg)) => format!("{code} ({bg})"),
            _ => code.to_owned(),
        });
        told.collect::<Vec<_>>().join(", ")
    };
    for codes in [codes(schema), codes(at(schema, "items"))].iter().filter(|one| !one.is_empty()) {
        text += &format!("; {}", say!(lang, "form-value-one-of", codes = codes));
    }
    if text.is_empty() { text } else { super::template::comment(&text, indent) }
}

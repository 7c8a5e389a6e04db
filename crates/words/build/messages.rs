//! What the files of a language hold, and whether two languages hold the same.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

/// What is wrong with a file.
pub(crate) type Fault = Box<dyn Error>;

/// Every message by its id, with the arguments that it takes.
pub(crate) type Messages = BTreeMap<String, BTreeSet<String>>;

/// Adds the messages of a file with this text.
pub(crate) fn read(text: &str, messages: &mut Messages) -> Result<(), Fault> {
    let parsed = fluent_syntax::parser::parse(text);
    let resource = parsed.map_err(|(_, faults)| {
        let line = |at| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
        let faults = faults.iter().map(|one| format!("line {}: {one}", line(one.pos.start)));
        faults.collect::<Vec<_>>().join("; ")
    })?;
    for entry in resource.body {
        let message = match entry {
            Entry::Message(message) => message,
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => continue,
            Entry::Term(_) | Entry::Junk { .. } => return Err("holds more than messages".into()),
        };
        let id = message.id.name.to_owned();
        let value = message.value.filter(|_| message.attributes.is_empty());
        let value = value.ok_or_else(|| format!("{id}: a text, and no attributes"))?;
        let mut arguments = BTreeSet::new();
        of_pattern(&value, &mut arguments).map_err(|fault| format!("{id}: {fault}"))?;
        if messages.insert(id.clone(), arguments).is_some() {
            return Err(format!("{id} is there twice").into());
        }
    }
    Ok(())
}

/// Collects the arguments that a text takes.
fn of_pattern(pattern: &Pattern<&str>, arguments: &mut BTreeSet<String>) -> Result<(), Fault> {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { .. } => {}
            PatternElement::Placeable { expression } => of_expression(expression, arguments)?,
        }
    }
    Ok(())
}

fn of_expression(
    expression: &Expression<&str>,
    arguments: &mut BTreeSet<String>,
) -> Result<(), Fault> {
    let inline = match expression {
        Expression::Inline(inline) => inline,
        Expression::Select { selector, variants } => {
            for variant in variants {
                of_pattern(&variant.value, arguments)?;
            }
            selector
        }
    };
    match inline {
        InlineExpression::VariableReference { id } => {
            arguments.insert(id.name.to_owned());
            Ok(())
        }
        InlineExpression::StringLiteral { .. } => Ok(()),
        _ => Err("only arguments, choices and literal texts are used here".into()),
    }
}

/// Fails with every message that the languages do not share.
pub(crate) fn same(bg: &Messages, en: &Messages) -> Result<(), Fault> {
    let ids: BTreeSet<_> = bg.keys().chain(en.keys()).collect();
    let told = |arguments: Option<&BTreeSet<String>>| match arguments {
        Some(arguments) => format!("takes {arguments:?}"),
        None => "is not there".to_owned(),
    };
    let differ = ids.into_iter().map(|id| (id, bg.get(id), en.get(id)));
    let differ = differ.filter(|(_, bg, en)| bg != en);
    let faults: Vec<_> = differ
        .map(|(id, bg, en)| format!("{id}: in bg/ it {}, in en/ it {}", told(bg), told(en)))
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n").into()) }
}

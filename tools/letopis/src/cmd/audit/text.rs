//! A report on a screen.

use std::fmt::Write as _;

use letopis_words::{Lang, say};

use super::document::{Document, Part, Row};
use crate::words::wrap;

/// Characters of a line.
const WIDTH: usize = 100;

pub(in crate::cmd) fn of(document: &Document, lang: Lang) -> String {
    let mut text = String::new();
    if !document.warning.is_empty() {
        line(&mut text, 0, &document.warning);
    }
    line(&mut text, 0, &document.title.to_uppercase());
    text.push('\n');
    rows(&mut text, 0, &document.facts);
    text.push('\n');
    let counts: Vec<Row> = (1..)
        .zip(&document.parts)
        .map(|(number, part)| {
            let count =
                counted(part, lang).unwrap_or_else(|| say!(lang, "common-see-below").to_owned());
            (format!("{number:>2}. {}", part.title), count)
        })
        .collect();
    rows(&mut text, 0, &counts);
    for (number, part) in (1..).zip(&document.parts) {
        of_part(&mut text, number, part, lang);
    }
    text.push('\n');
    line(&mut text, 0, &document.closing);
    text
}

/// How many findings there are; `None`: it lists none.
pub(super) fn counted(part: &Part, lang: Lang) -> Option<String> {
    Some(match part.count? {
        0 => say!(lang, "common-none").to_owned(),
        count => count.to_string(),
    })
}

/// How many more there are than are shown; `None`: all are.
pub(super) fn more(part: &Part, lang: Lang) -> Option<String> {
    let more = (part.more > 0).then_some(part.more)?;
    Some(say!(lang, "audit-more", n = more))
}

fn of_part(text: &mut String, number: usize, part: &Part, lang: Lang) {
    text.push('\n');
    let count = counted(part, lang).map(|count| format!(": {count}")).unwrap_or_default();
    line(text, 0, &format!("{number}. {}{count}", part.title.to_uppercase()));
    line(text, 3, &part.lead);
    rows(text, 3, &part.table);
    for (at, entry) in (1..).zip(&part.entries) {
        text.push('\n');
        let sign = if entry.urgent { "! " } else { "" };
        line(text, 3, &format!("{number}.{at}  {sign}{}", entry.head));
        rows(text, 7, &entry.rows);
    }
    if let Some(more) = more(part, lang) {
        text.push('\n');
        line(text, 3, &more);
    }
}

/// Rows in two columns, the second one broken where it is long.
fn rows(text: &mut String, indent: usize, rows: &[Row]) {
    let widest = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0) + 2;
    for (name, said) in rows {
        let width = WIDTH.saturating_sub(indent + widest).max(40);
        let lines = said.lines().flat_map(|line| wrap(line, width));
        for (at, part) in lines.enumerate() {
            let name = if at == 0 { name.as_str() } else { "" };
            let row = format!("{:indent$}{name:<widest$}{part}", "");
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}", row.trim_end());
        }
    }
}

fn line(text: &mut String, indent: usize, said: &str) {
    for part in wrap(said, WIDTH - indent) {
        let _ = writeln!(text, "{:indent$}{part}", "");
    }
}

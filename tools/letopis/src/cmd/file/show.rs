//! A case's file as its reader may see it.

use letopis_client::OpenedSection;
use letopis_client::confidentiality::{FileEntry, Withheld};
use letopis_domain::Fact;
use letopis_proto::statement::v1::{Precision, Purpose};
use letopis_types::{Class, StreamKind};
use letopis_words::{Lang, say};
use serde_json::{Value, json};

use crate::cli::{CaseArgs, ClassArg};
use crate::cmd::case::content;
use crate::cmd::status::as_json;
use crate::connect::connect_for;
use crate::failure::Failure;
use crate::{out, words};

/// Characters of a line of text.
const WIDTH: usize = 78;

pub(super) async fn run(args: &CaseArgs, classes: &[ClassArg]) -> Result<(), Failure> {
    let connected = connect_for(&args.server, Purpose::CaseWork).await?;
    let reader = connected.caller()?.signer().actor;
    let mut classes: Vec<Class> = classes.iter().map(|class| (*class).into()).collect();
    classes.sort_unstable();
    classes.dedup();
    let entries = connected.client.case_file(&args.case, &classes).await?;
    if args.server.json {
        return entries.iter().try_for_each(|entry| out::line(&entry_json(entry).to_string()));
    }
    let lang = args.lang;
    let purpose = words::purpose_words(connected.purpose, lang);
    let title = say!(lang, "file-title", id = args.case.to_string());
    let read_by = say!(lang, "common-read-by", reader = words::short(reader), purpose = purpose);
    let mut text = format!("{title}\n{read_by}\n");
    text += &format!("{}\n\n", counts(&entries, lang));
    for entry in &entries {
        text += &of_entry(entry, &signers(entry), lang);
    }
    out::text(&text)
}

fn counts(entries: &[FileEntry], lang: Lang) -> String {
    let withheld = || entries.iter().flat_map(|entry| &entry.withheld);
    let hidden = withheld().filter(|one| one.rule.is_some()).count();
    let given = entries.iter().flat_map(|entry| &entry.sections);
    let erased = withheld().filter(|one| one.rule.is_none()).count()
        + given.filter(|one| one.content.is_none()).count();
    say!(lang, "file-counts", events = entries.len(), withheld = hidden, erased = erased)
}

fn signers(entry: &FileEntry) -> String {
    let Ok(statement) = entry.event.statement() else { return String::new() };
    let who: Vec<_> = statement.signers.iter().map(|one| words::short(one.actor)).collect();
    who.join(", ")
}

/// One event: its number, when, what, by whom; what it says, and what of that is withheld.
#[must_use]
pub fn of_entry(entry: &FileEntry, who: &str, lang: Lang) -> String {
    let part = match entry.stream.kind {
        StreamKind::Protected => format!(" {}", say!(lang, "common-protected-part")),
        _ => String::new(),
    };
    let number = entry.version.0;
    let Ok(statement) = entry.event.statement() else {
        let words = say!(lang, "common-kind-not-known");
        return format!("{number:>3}{part}  {words}\n\n");
    };
    let when = match &statement.fact {
        // What matters is when it happened, not when it was brought along.
        Fact::HistoryImported(history) => words::date(&history.time, Precision::Minute, lang),
        _ => words::date(&statement.occurred_at.instant, statement.occurred_at.precision, lang),
    };
    let kind = words::kind(&statement.fact, lang);
    let mut text = format!("{number:>3}{part}  {}  ·  {kind}\n", when.trim_start());
    text += &format!("     {}\n", say!(lang, "common-signed-by", who = who));
    for mark in &entry.marks {
        text += &format!("     ! {}\n", words::mark(*mark, lang));
    }
    let mut sections: Vec<(u32, String)> = Vec::new();
    for section in &entry.sections {
        sections.push((section.index, given(section, number, lang)));
    }
    for section in &entry.withheld {
        sections.push((section.index, withheld(section, number, lang)));
    }
    sections.sort_unstable_by_key(|(index, _)| *index);
    text.extend(sections.into_iter().map(|(_, words)| words));
    text.push('\n');
    text
}

fn given(section: &OpenedSection, number: u64, lang: Lang) -> String {
    let mut text = String::new();
    for paragraph in content(section, lang).lines() {
        for line in words::wrap(paragraph, WIDTH) {
            text += &format!("     │ {line}\n");
        }
    }
    let (index, class) = (section.index, words::class(section.class, lang));
    text + &format!("     └ {number}:{index}  {class}\n")
}

fn withheld(section: &Withheld, number: u64, lang: Lang) -> String {
    let (index, class) = (section.index, words::class(section.class, lang));
    let Some(rule) = &section.rule else {
        let erased = say!(lang, "file-erased", class = class);
        return format!("     ░ {number}:{index}  {erased}\n");
    };
    let because = lang.pick(&rule.bg, &rule.en);
    let mut text = String::new();
    let hidden = say!(lang, "file-withheld", class = class, because = because);
    for line in words::wrap(&hidden, WIDTH - 6) {
        let head = if text.is_empty() { format!("{number}:{index}  ") } else { "     ".to_owned() };
        text += &format!("     ░ {head}{line}\n");
    }
    text
}

fn entry_json(entry: &FileEntry) -> Value {
    let mut value = as_json(&entry.event);
    let sections = entry.sections.iter().map(|section| {
        let text = section.content.as_ref().map(|content| String::from_utf8_lossy(content));
        json!({
            "index": section.index,
            "class": section.class as i32,
            "payload_type": section.payload_type,
            "content": text,
        })
    });
    let withheld = entry.withheld.iter().map(|section| {
        json!({
            "index": section.index,
            "class": section.class as i32,
            "erased": section.rule.is_none(),
            "rule": section.rule.as_ref().map(|rule| &rule.id),
            "because": section.rule.as_ref().map(|rule| &rule.en),
        })
    });
    if let Value::Object(fields) = &mut value {
        fields.insert("version".to_owned(), entry.version.0.into());
        fields.insert("given".to_owned(), sections.collect());
        fields.insert("withheld".to_owned(), withheld.collect());
        let marks = entry.marks.iter().map(|mark| Value::from(mark.as_str_name()));
        fields.insert("marks".to_owned(), marks.collect());
    }
    value
}

//! What happened in a case, day by day, and what became of it.

use letopis_client::accountability::TimelineEntry;
use letopis_client::words::code_name;
use letopis_proto::confidentiality::v1::Mark;
use letopis_proto::statement::v1::{Precision, Purpose, Relation};
use letopis_types::Sequence;
use letopis_words::{Lang, say};
use serde_json::Value;

use super::named::{Names, happened, kind, number, signers, stated};
use super::standing::heading;
use crate::cli::CaseArgs;
use crate::cmd::status::as_json;
use crate::connect::connect_for;
use crate::failure::Failure;
use crate::words::standing;
use crate::{message_json, out, words};

/// Whatever was recorded more than so many seconds after it happened is said to be: the next day is
/// soon enough.
const LATE: i64 = 2 * 86_400;

pub(super) async fn run(args: &CaseArgs) -> Result<(), Failure> {
    let connected = connect_for(&args.server, Purpose::CaseWork).await?;
    let mut text = heading(&args.case, &connected, args.lang)?;
    let (entries, _) = connected.client.timeline(&args.case, Sequence::ZERO).await?;
    if args.server.json {
        return entries.iter().try_for_each(|entry| out::line(&json(entry).to_string()));
    }
    let all: Vec<_> = entries.iter().map(|entry| (entry, None)).collect();
    text += &by_day(&all, &Names::of(&entries), args.lang);
    out::text(&text)
}

/// An entry for a program: the event as everywhere, with what became of it.
pub fn json(entry: &TimelineEntry) -> Value {
    let mut value = message_json::of("letopis.accountability.v1.TimelineEntry", &entry.told);
    if let Value::Object(fields) = &mut value {
        fields.insert("event".to_owned(), as_json(&entry.event));
    }
    value
}

/// Events under the days on which they happened, by what is known now; each with what else is to be
/// said of it.
pub(super) fn by_day(
    entries: &[(&TimelineEntry, Option<String>)],
    names: &Names<'_>,
    lang: Lang,
) -> String {
    let mut sorted: Vec<_> = entries.iter().collect();
    // Those of one moment stay in log order.
    sorted.sort_by_key(|(entry, _)| happened(entry).0.seconds);
    let (mut text, mut today) = (String::new(), String::new());
    for (entry, more) in sorted {
        let day = words::date(&happened(entry).0, Precision::Day, lang).trim_start().to_owned();
        if day != today {
            text += &format!("{}{day}\n", if today.is_empty() { "" } else { "\n" });
            today = day;
        }
        text += &of_entry(entry, names, lang);
        text.extend(more.iter().map(|more| format!("         {more}\n")));
    }
    text
}

fn of_entry(entry: &TimelineEntry, names: &Names<'_>, lang: Lang) -> String {
    let (time, number) = (time(entry, lang), number(&entry.stream, entry.version, lang));
    let mut text = format!("  {time:>5}  {number}  {}", kind(&entry.event, lang));
    if let Some(status) = standing::act(entry.told.status(), lang) {
        text += &format!(" · {status}");
    }
    let what = [about(entry, names, lang), late(entry, lang), marks(entry, lang)].concat();
    let became = became(entry, names, lang);
    let signed = say!(lang, "common-signed-by", who = signers(&entry.event));
    for line in std::iter::once(signed).chain(what).chain(became) {
        text += &format!("\n         {line}");
    }
    text + "\n"
}

/// The time of day, where it is known.
fn time(entry: &TimelineEntry, lang: Lang) -> String {
    let (instant, precision) = happened(entry);
    match precision {
        Precision::Second | Precision::Minute => {
            let at = words::date(&instant, Precision::Minute, lang);
            at.rsplit(' ').next().unwrap_or_default().to_owned()
        }
        Precision::Approximate => say!(lang, "timeline-roughly").to_owned(),
        _ => String::new(),
    }
}

/// The events that it names, and how it refers to others.
fn about(entry: &TimelineEntry, names: &Names<'_>, lang: Lang) -> Vec<String> {
    let Ok(statement) = entry.event.statement() else { return Vec::new() };
    let named = statement.fact.named();
    let mut lines = Vec::new();
    if !named.is_empty() {
        let numbers = names.numbers(named.iter().map(|hash| hash.0), lang);
        lines.push(say!(lang, "timeline-about-events", events = numbers));
    }
    for reference in &statement.references {
        let how = relation(reference.relation, lang);
        lines.push(format!("{how} {}", names.number(&reference.statement_hash.0, lang)));
    }
    lines
}

/// How one event refers to another.
pub(super) fn relation(relation: Relation, lang: Lang) -> String {
    code_name("RELATION_", relation.as_str_name(), lang)
}

fn late(entry: &TimelineEntry, lang: Lang) -> Vec<String> {
    let recorded = entry.event.link.recorded_at;
    let after = recorded.seconds().saturating_sub(happened(entry).0.seconds);
    let days = after / 86_400;
    let when = words::moment(recorded.seconds(), lang);
    let late = (after > LATE).then(|| say!(lang, "timeline-late", days = days, when = when));
    late.into_iter().collect()
}

fn marks(entry: &TimelineEntry, lang: Lang) -> Vec<String> {
    let marks = entry.told.marks.iter().filter_map(|mark| Mark::try_from(*mark).ok());
    marks.map(|mark| format!("! {}", words::mark(mark, lang))).collect()
}

/// Corrected, misfiled, endorsed: by what, and by whom.
fn became(entry: &TimelineEntry, names: &Names<'_>, lang: Lang) -> Vec<String> {
    let told = &entry.told;
    let mut lines = Vec::new();
    if !told.corrected_by.is_empty() {
        let by = names.numbers(&told.corrected_by, lang);
        let (instant, precision) = stated(&entry.event);
        let first = words::date(&instant, precision, lang);
        lines.push(match told.corrected_at {
            Some(_) => {
                say!(lang, "timeline-corrected-by-moved", by = by, first = first.trim_start())
            }
            None => say!(lang, "timeline-corrected-by", by = by),
        });
    }
    if !told.misfiled_by.is_empty() {
        let by = names.number(&told.misfiled_by, lang);
        lines.push(say!(lang, "timeline-misfiled", by = by));
    }
    if !told.endorsed_by.is_empty() {
        let who: Vec<_> = told.endorsed_by.iter().map(|id| words::short_bytes(id)).collect();
        lines.push(say!(lang, "timeline-endorsed-by", who = who.join(", ")));
    }
    lines
}

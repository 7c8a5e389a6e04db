//! A de-identified case in words.

use letopis_client::Instant;
use letopis_client::words::{code_name, field_name, kind_name};
use letopis_deidentified::{Clock, Code, Document, Grain, Label, Step, told};
use letopis_proto::accountability::v1::{ActStatus, ClockReading};
use letopis_proto::statement::v1::{Precision, Role};
use letopis_words::{Lang, say};

use crate::cmd::audit::document::{Document as Page, Entry, Part, Row};
use crate::words::{self, standing};

const DAY_SECONDS: i64 = 86_400;

/// With what its reviewer found; `None`: nobody has looked it through yet.
pub(super) fn of(document: &Document, found: Option<&str>, lang: Lang) -> Page {
    let notice = lang.pick(&document.notice.bg, &document.notice.en);
    let warning = match found {
        Some(_) => notice.to_owned(),
        None => format!("{} {notice}", say!(lang, "deidentified-not-reviewed")),
    };
    Page {
        title: say!(lang, "deidentified-title").to_owned(),
        warning,
        facts: facts(document, lang),
        parts: [steps(document, lang), risk(document, lang)]
            .into_iter()
            .chain(found.map(|found| review(found, lang)))
            .collect(),
        closing: say!(lang, "deidentified-closing").to_owned(),
    }
}

fn facts(document: &Document, lang: Lang) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut row = |name: &str, said: String| rows.push((name.to_owned(), said));
    if !document.introduction.is_empty() {
        row(say!(lang, "deidentified-discuss"), document.introduction.clone());
    }
    let grain = match document.grain {
        Grain::Day => say!(lang, "deidentified-grain-day"),
        Grain::Week => say!(lang, "deidentified-grain-week"),
        Grain::FourWeeks => say!(lang, "deidentified-grain-four-weeks"),
    };
    row(say!(lang, "deidentified-grain"), grain.to_owned());
    if !document.left_out.is_empty() {
        let kinds = document.left_out.iter().map(|kind| self::kind(kind, lang));
        row(say!(lang, "deidentified-left-out"), kinds.collect::<Vec<_>>().join("; "));
    }
    rows
}

fn steps(document: &Document, lang: Lang) -> Part {
    let title = say!(lang, "deidentified-steps");
    let mut part = Part::new(title, say!(lang, "deidentified-steps-lead"));
    part.count = Some(document.steps.len() as u64);
    part.entries = document.steps.iter().map(|one| step(one, document.grain, lang)).collect();
    part
}

fn step(step: &Step, grain: Grain, lang: Lang) -> Entry {
    let mut head = format!("{} · {}", day(step, grain, lang), kind(&step.kind, lang));
    let status = step.status.as_deref().and_then(ActStatus::from_str_name);
    if let Some(status) = status.and_then(|status| standing::act(status, lang)) {
        head += &format!(" · {status}");
    }
    let mut rows = Vec::new();
    let mut row = |name: &str, said: String| rows.push((name.to_owned(), said));
    if !step.by.is_empty() {
        let by: Vec<_> = step.by.iter().map(|label| self::label(label, lang)).collect();
        row(say!(lang, "deidentified-signed-by"), by.join(", "));
    }
    for code in &step.codes {
        row(&field_name(&step.kind, &code.field, lang), value(step, code, lang));
    }
    if !step.about.is_empty() {
        let about: Vec<_> = step.about.iter().map(u32::to_string).collect();
        row(&say!(lang, "deidentified-about", n = about.len()), about.join(", "));
    }
    for one in &step.clocks {
        row(say!(lang, "deidentified-term"), clock(one, lang));
    }
    Entry { head, urgent: false, rows }
}

fn day(step: &Step, grain: Grain, lang: Lang) -> String {
    let seconds = step.day_number().unwrap_or_default() * DAY_SECONDS;
    let instant = Instant { seconds, nanos: 0, offset_minutes: 0 };
    let day = words::date(&instant, Precision::Day, lang);
    let day = day.trim_start();
    match grain {
        Grain::Day => day.to_owned(),
        Grain::Week => say!(lang, "deidentified-week-of", day = day),
        Grain::FourWeeks => say!(lang, "deidentified-four-weeks-of", day = day),
    }
}

fn kind(name: &str, lang: Lang) -> String {
    kind_name(name, lang).unwrap_or_else(|| name.to_owned())
}

fn label(label: &Label, lang: Lang) -> String {
    let role = Role::from_str_name(&label.role).unwrap_or_default();
    format!("{} {}", words::role(role, lang), label.number)
}

fn value(step: &Step, code: &Code, lang: Lang) -> String {
    match code.value.as_str() {
        "yes" => say!(lang, "common-yes").to_owned(),
        "no" => say!(lang, "common-no").to_owned(),
        value => code_name(&told::prefix(&step.kind, &code.field), value, lang),
    }
}

fn clock(clock: &Clock, lang: Lang) -> String {
    let name = told::clock(&clock.name).map(|words| lang.pick(&words.bg, &words.en));
    let reading = ClockReading::from_str_name(&clock.reading).unwrap_or_default();
    let reading = standing::reading(reading, lang);
    let name = name.unwrap_or(&clock.name);
    match (clock.taken_days, clock.given_days) {
        (Some(taken), Some(given)) => say!(
            lang,
            "deidentified-clock-taken",
            name = name,
            reading = reading,
            taken = taken,
            given = given
        ),
        (Some(taken), None) => {
            say!(lang, "deidentified-clock-ended", name = name, reading = reading, taken = taken)
        }
        (None, Some(given)) => {
            say!(lang, "deidentified-clock", name = name, reading = reading, given = given)
        }
        (None, None) => format!("{name}: {reading}"),
    }
}

fn risk(document: &Document, lang: Lang) -> Part {
    let risk = &document.risk;
    let mut rows = Vec::new();
    let mut row = |name: &str, said: String| rows.push((name.to_owned(), said));
    let steps = say!(lang, "deidentified-steps-many", n = risk.steps);
    row(say!(lang, "deidentified-steps-count"), steps);
    row(say!(lang, "deidentified-length"), say!(lang, "deidentified-weeks", n = risk.weeks));
    row(say!(lang, "deidentified-people"), risk.people.to_string());
    let apart = match risk.exact_days {
        true => say!(lang, "deidentified-distances-exact"),
        false => say!(lang, "deidentified-distances-rough"),
    };
    row(say!(lang, "deidentified-distances"), apart.to_owned());
    if risk.age_changes {
        let said = say!(lang, "deidentified-age-changes");
        row(say!(lang, "deidentified-child"), said.to_owned());
    }
    if !risk.stands_out.is_empty() {
        let kinds: Vec<_> = risk.stands_out.iter().map(|one| kind(one, lang)).collect();
        row(say!(lang, "deidentified-known-to-others"), kinds.join("; "));
    }
    if !document.left_out.is_empty() {
        let tells = say!(lang, "deidentified-left-out-tells");
        row(say!(lang, "deidentified-left-out"), tells.to_owned());
    }
    let signed = say!(lang, "deidentified-signatures-tell");
    row(say!(lang, "deidentified-signatures"), signed.to_owned());
    let title = say!(lang, "deidentified-risk");
    let mut part = Part::new(title, say!(lang, "deidentified-risk-lead"));
    // How many they are says nothing of how large it is.
    part.count = None;
    part.table = rows;
    part
}

fn review(found: &str, lang: Lang) -> Part {
    let title = say!(lang, "deidentified-review");
    let mut part = Part::new(title, say!(lang, "deidentified-review-lead"));
    part.count = None;
    part.table = vec![(say!(lang, "deidentified-found").to_owned(), found.to_owned())];
    part
}

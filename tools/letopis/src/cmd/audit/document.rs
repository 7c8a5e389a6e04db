//! A report in words: titles, rows and entries, the same on a screen and on paper.

use jiff::civil::Date;
use letopis_audit::{Listed, Named, Report, Shown, SignerRef, Time};
use letopis_client::Instant;
use letopis_client::words::kind_name;
use letopis_domain::civil::{SOFIA, ZONE};
use letopis_proto::statement::v1::Precision;
use letopis_words::{Lang, say};

use super::parts;
use crate::words;

/// The most entries of a list that are shown; the others are counted.
pub(super) const SHOWN_MAX: usize = 200;

/// What something is called, and what it is, in a line or several.
pub(in crate::cmd) type Row = (String, String);

/// A report in words.
pub(in crate::cmd) struct Document {
    pub(in crate::cmd) title: String,
    /// What is to be known before anything else; empty: nothing.
    pub(in crate::cmd) warning: String,
    pub(in crate::cmd) facts: Vec<Row>,
    pub(in crate::cmd) parts: Vec<Part>,
    /// What it is and is not.
    pub(in crate::cmd) closing: String,
}

/// One of its parts.
pub(in crate::cmd) struct Part {
    pub(in crate::cmd) title: String,
    /// What is listed here.
    pub(in crate::cmd) lead: String,
    /// How many findings there are; `None`: it lists none, and says what it says in its table.
    pub(in crate::cmd) count: Option<u64>,
    /// Counts, where there are any to tell.
    pub(in crate::cmd) table: Vec<Row>,
    pub(in crate::cmd) entries: Vec<Entry>,
    /// How many findings are not shown.
    pub(in crate::cmd) more: u64,
}

/// A finding.
pub(in crate::cmd) struct Entry {
    pub(in crate::cmd) head: String,
    /// It stands out.
    pub(in crate::cmd) urgent: bool,
    pub(in crate::cmd) rows: Vec<Row>,
}

impl Part {
    pub(in crate::cmd) fn new(title: &str, lead: &str) -> Self {
        let (title, lead) = (title.to_owned(), lead.to_owned());
        Self { title, lead, count: Some(0), table: Vec::new(), entries: Vec::new(), more: 0 }
    }

    /// With these findings, as far as they are shown.
    pub(super) fn list<T>(mut self, list: &Listed<T>, told: impl Fn(&T) -> Entry) -> Self {
        let shown = list.items.len().min(SHOWN_MAX);
        self.count = self.count.map(|count| count + list.count);
        self.entries.extend(list.items.iter().take(shown).map(told));
        self.more += list.count.saturating_sub(shown as u64);
        self
    }

    /// With these counts.
    pub(super) fn table(mut self, rows: impl IntoIterator<Item = Row>) -> Self {
        self.table.extend(rows);
        self
    }
}

/// The report in a language.
pub(super) fn of(report: &Report, lang: Lang) -> Document {
    let warning = if report.ledger.trial { words::trial(lang) } else { "" };
    Document {
        title: say!(lang, "audit-title").to_owned(),
        warning: warning.to_owned(),
        facts: facts(report, lang),
        parts: parts::of(report, lang),
        closing: say!(lang, "audit-closing").to_owned(),
    }
}

fn facts(report: &Report, lang: Lang) -> Vec<Row> {
    let (ledger, record, scope) = (&report.ledger, &report.record, &report.scope);
    let day = |day: &Option<Shown<Date>>, none: &str| match day {
        Some(day) => day.to_string(),
        None => none.to_owned(),
    };
    let from = day(&scope.from, say!(lang, "audit-from-the-beginning"));
    let to = day(&scope.to, say!(lang, "audit-to-the-end"));
    let period = say!(lang, "audit-period-of", from = from, to = to);
    let agency = scope
        .agency
        .as_ref()
        .map_or_else(|| say!(lang, "audit-all-agencies").to_owned(), ToString::to_string);
    let continues = match record.continues {
        Some(size) => say!(lang, "audit-continues", n = size),
        None => say!(lang, "audit-continues-none").to_owned(),
    };
    [
        (say!(lang, "common-ledger"), format!("{}\n{}", ledger.name, ledger.id)),
        (say!(lang, "common-events"), record.events.to_string()),
        (say!(lang, "common-root"), record.root.to_string()),
        (say!(lang, "audit-last-recorded"), moment(record.ends_at, lang)),
        (say!(lang, "common-checkpoint"), continues),
        (say!(lang, "audit-period"), period),
        (say!(lang, "audit-scope"), agency),
        (say!(lang, "audit-times"), say!(lang, "audit-local-times", zone = ZONE)),
    ]
    .into_iter()
    .map(|(name, said)| (name.to_owned(), said))
    .collect()
}

/// A moment by the clocks of where the ledger's people live.
pub(super) fn moment(at: Time, lang: Lang) -> String {
    words::date(&here(at), Precision::Minute, lang).trim_start().to_owned()
}

fn here(Time(seconds): Time) -> Instant {
    let at = jiff::Timestamp::from_second(seconds);
    let offset_minutes = at.map_or(0, |at| SOFIA.to_offset(at).seconds() / 60);
    Instant { seconds, nanos: 0, offset_minutes }
}

/// The end of a term, by its first second that is too late: the last minute of it.
pub(super) fn by(Time(due): Time, lang: Lang) -> String {
    say!(lang, "common-by", when = moment(Time(due.saturating_sub(1)), lang))
}

/// What an event is.
pub(super) fn title(named: &Named, lang: Lang) -> String {
    let Some(event) = &named.event else {
        return say!(lang, "audit-not-on-the-record").to_owned();
    };
    let kind = kind_name(event.kind, lang).unwrap_or_else(|| event.kind.to_owned());
    format!("{} · {kind}", say!(lang, "common-number", number = event.sequence))
}

/// All that is told of an event that a finding is about.
pub(super) fn event(named: &Named, lang: Lang) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut row = |name: &str, said| rows.push((name.to_owned(), said));
    if let Some(event) = &named.event {
        row(say!(lang, "audit-stream"), event.stream.to_string());
        row(say!(lang, "audit-signed-by"), signers(&event.signers, lang));
        row(say!(lang, "audit-happened"), moment(event.happened_at, lang));
        row(say!(lang, "common-recorded"), moment(event.recorded_at, lang));
    }
    row(say!(lang, "audit-hash"), named.hash.to_string());
    rows
}

/// An event in short, where a finding is about something else.
pub(super) fn in_short(named: &Named, lang: Lang) -> String {
    let title = title(named, lang);
    let Some(event) = &named.event else { return format!("{title}\n{}", named.hash) };
    let (happened, recorded) = (moment(event.happened_at, lang), moment(event.recorded_at, lang));
    let times = match happened == recorded {
        true => happened,
        false => format!("{happened}; {}", say!(lang, "audit-recorded-at", when = recorded)),
    };
    format!("{title}; {times}\n{}\n{}", signers(&event.signers, lang), named.hash)
}

fn signers(signers: &[SignerRef], lang: Lang) -> String {
    let signer = |signer: &SignerRef| {
        let role = signer.role.map_or_else(
            || say!(lang, "common-no-role").to_owned(),
            |role| words::role(role, lang).to_owned(),
        );
        match signer.agency {
            Some(agency) => format!("{} ({role}, {})", signer.actor, words::short(agency)),
            None => format!("{} ({role})", signer.actor),
        }
    };
    let is_ledger = |one: &SignerRef| one.actor.0 == letopis_types::ActorId::LEDGER;
    match signers {
        [one] if is_ledger(one) => say!(lang, "common-ledger-itself").to_owned(),
        signers => signers.iter().map(signer).collect::<Vec<_>>().join("\n"),
    }
}

//! A report in words: titles, rows and entries, the same on a screen and on paper.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use letopis_audit::{Listed, Named, Report, Shown, SignerRef, Time, ZONE};
use letopis_client::Instant;
use letopis_client::words::kind_name;
use letopis_proto::statement::v1::Precision;

use super::parts;
use crate::cli::Lang;
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
    /// How many findings there are.
    pub(in crate::cmd) count: u64,
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
        Self { title, lead, count: 0, table: Vec::new(), entries: Vec::new(), more: 0 }
    }

    /// With these findings, as far as they are shown.
    pub(super) fn list<T>(mut self, list: &Listed<T>, told: impl Fn(&T) -> Entry) -> Self {
        let shown = list.items.len().min(SHOWN_MAX);
        self.count += list.count;
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
        title: lang.pick("Доклад за проверка", "Report for an inspection").to_owned(),
        warning: warning.to_owned(),
        facts: facts(report, lang),
        parts: parts::of(report, lang),
        closing: lang
            .pick(
                "Всичко е изчислено от самия запис, докато той се проверява: подписи, вериги, права, \
                 правила и всяко прочитане. Докладът съдържа само номера и факти, нищо от раздел. Дали \
                 посоченото е нечия вина, решава проверяващият.",
                "Everything was computed from the record itself while that was verified: signatures, \
                 chains, authority, rules and every reading. The report holds ids and facts only, nothing \
                 of a section. Whether what it lists is anybody's fault is for the inspector to say.",
            )
            .to_owned(),
    }
}

fn facts(report: &Report, lang: Lang) -> Vec<Row> {
    let (ledger, record, scope) = (&report.ledger, &report.record, &report.scope);
    let day = |day: &Option<Shown<Date>>, bg, en| match day {
        Some(day) => day.to_string(),
        None => lang.pick(bg, en).to_owned(),
    };
    let from = day(&scope.from, "началото", "the beginning");
    let to = day(&scope.to, "края", "the end");
    let period = match lang {
        Lang::Bg => format!("от {from} до {to}"),
        Lang::En => format!("from {from} to {to}"),
    };
    let agency = scope.agency.as_ref().map_or_else(
        || lang.pick("всички структури", "all agencies").to_owned(),
        ToString::to_string,
    );
    let continues = match (record.continues, lang) {
        (Some(size), Lang::Bg) => {
            format!("записът продължава тази на проверяващия, за {size} събития")
        }
        (Some(size), Lang::En) => {
            format!("the record continues the auditor's own, of {size} events")
        }
        (None, lang) => lang.pick("не е сравнен с никоя", "it was compared with none").to_owned(),
    };
    [
        (("летопис", "ledger"), format!("{}\n{}", ledger.name, ledger.id)),
        (("събития", "events"), record.events.to_string()),
        (("корен", "root"), record.root.to_string()),
        (("последно вписано", "last recorded"), moment(record.ends_at, lang)),
        (("контролна точка", "checkpoint"), continues),
        (("период", "period"), period),
        (("обхват", "scope"), agency),
        (("часове", "times"), format!("{}: {ZONE}", lang.pick("местни", "local"))),
    ]
    .into_iter()
    .map(|((bg, en), said)| (lang.pick(bg, en).to_owned(), said))
    .collect()
}

/// A moment by the clocks of where the ledger's people live.
pub(super) fn moment(at: Time, lang: Lang) -> String {
    words::date(&here(at), Precision::Minute, lang).trim_start().to_owned()
}

fn here(Time(seconds): Time) -> Instant {
    let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
    let at = jiff::Timestamp::from_second(seconds);
    let offset_minutes = at.map_or(0, |at| zone.to_offset(at).seconds() / 60);
    Instant { seconds, nanos: 0, offset_minutes }
}

/// The end of a term, by its first second that is too late: the last minute of it.
pub(super) fn by(Time(due): Time, lang: Lang) -> String {
    let by = lang.pick("до", "by");
    format!("{by} {}", moment(Time(due.saturating_sub(1)), lang))
}

/// What an event is.
pub(super) fn title(named: &Named, lang: Lang) -> String {
    let Some(event) = &named.event else {
        return lang.pick("събитие извън записа", "an event that is not on the record").to_owned();
    };
    let kind = kind_name(event.kind, lang.of_client()).unwrap_or_else(|| event.kind.to_owned());
    format!("{} {} · {kind}", lang.pick("№", "no."), event.sequence)
}

/// All that is told of an event that a finding is about.
pub(super) fn event(named: &Named, lang: Lang) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut row = |bg, en, said| rows.push((lang.pick(bg, en).to_owned(), said));
    if let Some(event) = &named.event {
        row("поток", "stream", event.stream.to_string());
        row("подписали", "signed by", signers(&event.signers, lang));
        row("станало", "happened", moment(event.happened_at, lang));
        row("вписано", "recorded", moment(event.recorded_at, lang));
    }
    row("отпечатък", "hash", named.hash.to_string());
    rows
}

/// An event in short, where a finding is about something else.
pub(super) fn in_short(named: &Named, lang: Lang) -> String {
    let title = title(named, lang);
    let Some(event) = &named.event else { return format!("{title}\n{}", named.hash) };
    let (happened, recorded) = (moment(event.happened_at, lang), moment(event.recorded_at, lang));
    let times = match happened == recorded {
        true => happened,
        false => format!("{happened}; {} {recorded}", lang.pick("вписано", "recorded")),
    };
    format!("{title}; {times}\n{}\n{}", signers(&event.signers, lang), named.hash)
}

fn signers(signers: &[SignerRef], lang: Lang) -> String {
    let signer = |signer: &SignerRef| {
        let role = signer.role.map_or_else(
            || lang.pick("без роля", "no role").to_owned(),
            |role| words::role(role, lang).to_owned(),
        );
        match signer.agency {
            Some(agency) => format!("{} ({role}, {})", signer.actor, words::short(agency)),
            None => format!("{} ({role})", signer.actor),
        }
    };
    let is_ledger = |one: &SignerRef| one.actor.0 == letopis_types::ActorId::LEDGER;
    match signers {
        [one] if is_ledger(one) => lang.pick("самият летопис", "the ledger itself").to_owned(),
        signers => signers.iter().map(signer).collect::<Vec<_>>().join("\n"),
    }
}

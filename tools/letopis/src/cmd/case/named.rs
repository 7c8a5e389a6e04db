//! Events by the numbers that people know them by, where messages name them by their hashes.

use std::collections::BTreeMap;

use letopis_client::accountability::TimelineEntry;
use letopis_client::{Event, Instant};
use letopis_domain::Fact;
use letopis_proto::statement::v1::Precision;
use letopis_types::{Digest, StreamKey, StreamKind, Version};
use letopis_words::{Lang, say};

use crate::words;

/// The events that are at hand, by the hashes of their statements.
#[derive(Debug, Default)]
pub(super) struct Names<'a>(BTreeMap<Digest, &'a TimelineEntry>);

impl<'a> Names<'a> {
    pub(super) fn of(entries: impl IntoIterator<Item = &'a TimelineEntry>) -> Self {
        let entries = entries.into_iter();
        Self(entries.map(|entry| (entry.event.link.statement_hash, entry)).collect())
    }

    pub(super) fn find(&self, hash: &[u8]) -> Option<&'a TimelineEntry> {
        self.0.get(&Digest::from_slice(hash)?).copied()
    }

    /// An event's number; of one that is not at hand, the beginning of its hash.
    pub(super) fn number(&self, hash: &[u8], lang: Lang) -> String {
        match (self.find(hash), Digest::from_slice(hash)) {
            (Some(entry), _) => number(&entry.stream, entry.version, lang),
            (None, Some(hash)) => format!("{}…", words::short(hash)),
            (None, None) => "?".to_owned(),
        }
    }

    /// The numbers of several.
    pub(super) fn numbers(
        &self,
        hashes: impl IntoIterator<Item = impl AsRef<[u8]>>,
        lang: Lang,
    ) -> String {
        let all: Vec<_> = hashes.into_iter().map(|hash| self.number(hash.as_ref(), lang)).collect();
        all.join(", ")
    }

    /// An event's number, kind and day.
    pub(super) fn title(&self, hash: &[u8], lang: Lang) -> String {
        let number = self.number(hash, lang);
        let Some(entry) = self.find(hash) else { return number };
        let (instant, precision) = happened(entry);
        let when = words::date(&instant, precision, lang);
        format!("{number} {}, {}", kind(&entry.event, lang), when.trim_start())
    }
}

/// What an event is called in its case.
pub(super) fn number(stream: &StreamKey, version: Version, lang: Lang) -> String {
    let number = say!(lang, "common-number", number = version.to_string());
    match stream.kind {
        StreamKind::Protected => {
            format!("{number} {}", say!(lang, "common-protected-part"))
        }
        StreamKind::Signal => {
            say!(lang, "case-of-signal", number = number, id = words::short(stream.id))
        }
        _ => number,
    }
}

/// What kind of event it is.
pub fn kind(event: &Event, lang: Lang) -> String {
    match event.statement() {
        Ok(statement) => words::kind(&statement.fact, lang),
        // Signed and chained all the same.
        Err(_) => say!(lang, "case-kind-not-known-here").to_owned(),
    }
}

/// Who signed an event.
pub fn signers(event: &Event) -> String {
    let Ok(statement) = event.statement() else { return "?".to_owned() };
    let who: Vec<_> = statement.signers.iter().map(|one| words::short(one.actor)).collect();
    who.join(", ")
}

/// When an event happened, as it says itself.
pub(super) fn stated(event: &Event) -> (Instant, Precision) {
    match event.statement() {
        Ok(statement) => match &statement.fact {
            // What matters is when it happened, not when it was brought along.
            Fact::HistoryImported(history) => (history.time, Precision::Minute),
            _ => (statement.occurred_at.instant, statement.occurred_at.precision),
        },
        Err(_) => (words::here(event.link.recorded_at.seconds()), Precision::Minute),
    }
}

/// When an event happened, by what is known now.
pub(super) fn happened(entry: &TimelineEntry) -> (Instant, Precision) {
    let (stated, precision) = stated(&entry.event);
    match entry.told.corrected_at {
        Some(seconds) => (Instant { seconds, nanos: 0, ..stated }, precision),
        None => (stated, precision),
    }
}

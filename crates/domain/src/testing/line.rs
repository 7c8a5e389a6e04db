//! A line of a story.

use std::collections::BTreeMap;

/// A line, taken apart.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// Seconds after the line before.
    pub later: i64,
    /// The kind's name.
    pub kind: String,
    /// What later lines call it; empty: nothing.
    pub label: String,
    pub(super) by: Option<Vec<String>>,
    pub(super) without: Vec<String>,
    pub(super) with: Vec<String>,
    pub(super) on: Option<String>,
    pub(super) stream: Option<String>,
    pub(super) happened: Option<String>,
    pub(super) fields: BTreeMap<String, String>,
}

impl Line {
    /// Takes a line apart.
    ///
    /// # Panics
    /// Where it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.split('#').next().unwrap_or_default();
        let mut words = text.split_whitespace();
        let mut line = Self::default();
        while let Some(word) = words.next() {
            let mut next = || {
                words.next().unwrap_or_else(|| panic!("`{word}` says nothing: {text}")).to_owned()
            };
            match word {
                "by" => line.by = Some(next().split(',').map(str::to_owned).collect()),
                "without" => line.without.push(next()),
                "with" => line.with.push(next()),
                "on" => line.on = Some(next()),
                "as" => line.label = next(),
                "in" => line.stream = Some(next()),
                "happened" => line.happened = Some(next()),
                _ if word.starts_with('+') => line.later = span(&word[1..]),
                _ if word.contains('=') => {
                    let (name, value) = word.split_once('=').unwrap_or_default();
                    line.fields.insert(name.to_owned(), value.to_owned());
                }
                _ if line.kind.is_empty() => word.clone_into(&mut line.kind),
                _ => panic!("`{word}` is not understood: {text}"),
            }
        }
        assert!(!line.kind.is_empty(), "no kind: {text}");
        line
    }

    /// A field's value.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// When it happened, if it is recorded now.
    pub(super) fn time(&self, now: i64) -> i64 {
        match self.happened.as_deref() {
            None => now,
            Some(text) if text.starts_with('-') => now - span(&text[1..]),
            Some(text) if text.starts_with('+') => now + span(&text[1..]),
            Some(text) => local(text),
        }
    }
}

/// `3d` in seconds.
fn span(text: &str) -> i64 {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: i64 = digits.parse().unwrap_or_else(|_| panic!("`{text}` is no span"));
    let unit = match &text[digits.len()..] {
        "s" => 1,
        "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => panic!("`{text}` is no span"),
    };
    number * unit
}

/// A local time in Sofia; seconds since 1970 UTC.
fn local(text: &str) -> i64 {
    let time: jiff::civil::DateTime =
        text.parse().unwrap_or_else(|_| panic!("`{text}` is no local time"));
    let zoned = time.in_tz("Europe/Sofia").unwrap_or_else(|error| panic!("{text}: {error}"));
    zoned.timestamp().as_second()
}

/// A civil day, or one so long after now (`+30d`): days since 1970-01-01.
pub(super) fn day_of(text: &str, now: i64) -> i32 {
    if let Some(later) = text.strip_prefix('+') {
        return i32::try_from((now + span(later)).div_euclid(86_400)).unwrap_or(i32::MAX);
    }
    let date: jiff::civil::Date = text.parse().unwrap_or_else(|_| panic!("`{text}` is no day"));
    let since = date - jiff::civil::date(1970, 1, 1);
    since.get_days()
}

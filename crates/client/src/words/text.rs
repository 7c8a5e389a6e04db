//! Texts and times, so that they can be read and can't deceive.

use jiff::civil::date;
use jiff::tz::Offset;
use jiff::{Span, Timestamp};
use letopis_proto::statement::v1::Precision;
use letopis_types::is_deceptive;
use letopis_words::say;
use sha2::{Digest as _, Sha256};

use super::Lang;

/// The most characters of one text that are shown.
const SHOWN_MAX: usize = 2000;

/// A text line by line, each marked as part of it; what is no text by its length and digest.
pub(super) fn quoted(content: &[u8], lang: Lang) -> Vec<String> {
    let Ok(text) = std::str::from_utf8(content) else {
        let digest: String = Sha256::digest(content).iter().map(|b| format!("{b:02x}")).collect();
        let told = say!(lang, "statement-no-text", n = content.len(), digest = digest);
        return vec![format!("  ({told})")];
    };
    let end = text.char_indices().nth(SHOWN_MAX).map_or(text.len(), |(at, _)| at);
    let (shown, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let mut out: Vec<_> = shown.lines().map(|line| format!("  │ {}", plain(line))).collect();
    if !rest.is_empty() {
        out.push(format!("  (… {})", say!(lang, "statement-cut", n = rest.chars().count())));
    }
    if text.is_empty() {
        out.push(format!("  ({})", say!(lang, "statement-empty")));
    }
    out
}

/// Without what moves the cursor, hides or turns around what is shown.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if is_deceptive(c) { '\u{fffd}' } else { c }).collect()
}

/// A time as a calendar and a clock show it there, as exactly as it is meant.
pub(super) fn civil(seconds: i64, offset_minutes: i32, precision: Precision) -> String {
    let offset = Offset::from_seconds(offset_minutes.saturating_mul(60)).ok();
    let Some((time, offset)) = Timestamp::from_second(seconds).ok().zip(offset) else {
        return format!("{seconds} s");
    };
    let format = match precision {
        Precision::Day => "%Y-%m-%d",
        Precision::Second => "%Y-%m-%d %H:%M:%S",
        _ => "%Y-%m-%d %H:%M",
    };
    let sign = if offset_minutes < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset_minutes.abs() / 60, offset_minutes.abs() % 60);
    format!("{} {sign}{hours:02}:{minutes:02}", offset.to_datetime(time).strftime(format))
}

/// A civil day, which facts count from 1970-01-01.
pub(super) fn day(days: i32) -> String {
    let day = Span::new().try_days(days).and_then(|span| date(1970, 1, 1).checked_add(span));
    day.map_or_else(|_| format!("{days} d"), |day| day.to_string())
}

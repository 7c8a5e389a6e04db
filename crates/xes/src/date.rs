//! `xs:dateTime`, the form of dates in XES: `2010-10-02T09:20:39.266+02:00`.

use jiff::civil::Date;

use crate::model::Instant;

/// The years 1 to 9999, in seconds since 1970 UTC.
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// The instant that an `xs:dateTime` means; one without an offset is UTC.
pub(crate) fn parse(text: &str) -> Option<Instant> {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    let (date, time) = text.split_once('T')?;
    let days = parse_days(date)?;
    let (clock, zone) = match time.find(['Z', '+', '-']) {
        Some(at) => time.split_at_checked(at)?,
        None => (time, ""),
    };
    let (second_of_day, nanos) = parse_clock(clock)?;
    let offset_minutes = parse_zone(zone)?;
    let seconds = days * 86_400 + second_of_day - i64::from(offset_minutes) * 60;
    SECONDS.contains(&seconds).then_some(Instant { seconds, nanos, offset_minutes })
}

/// Days since 1970-01-01.
fn parse_days(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let year = i16::try_from(digits(year, 4)?).ok().filter(|year| *year >= 1)?;
    let month = i8::try_from(digits(month, 2)?).ok()?;
    let day = i8::try_from(digits(day, 2)?).ok()?;
    let date = Date::new(year, month, day).ok()?;
    Some(date.duration_since(Date::constant(1970, 1, 1)).as_secs() / 86_400)
}

/// Seconds since midnight, and nanoseconds. 24:00:00 is the end of the day; there are no leap
/// seconds in `xs:dateTime`.
fn parse_clock(text: &str) -> Option<(i64, u32)> {
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, fraction)) => (clock, parse_fraction(fraction)?),
        None => (text, 0),
    };
    let mut parts = clock.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (hour, minute, second) = (digits(hour, 2)?, digits(minute, 2)?, digits(second, 2)?);
    let midnight = hour == 24 && minute == 0 && second == 0 && fraction == 0;
    if (hour > 23 && !midnight) || minute > 59 || second > 59 {
        return None;
    }
    Some((i64::from(hour * 3_600 + minute * 60 + second), fraction))
}

/// Nanoseconds; further digits are cut off.
fn parse_fraction(text: &str) -> Option<u32> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let padded = text.bytes().chain(std::iter::repeat(b'0')).take(9);
    Some(padded.fold(0, |nanos, digit| nanos * 10 + u32::from(digit - b'0')))
}

/// Minutes east of UTC, at most 14 hours.
fn parse_zone(text: &str) -> Option<i32> {
    if matches!(text, "" | "Z") {
        return Some(0);
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    let total = hours * 60 + minutes;
    (minutes <= 59 && total <= 14 * 60).then_some(sign * i32::try_from(total).ok()?)
}

/// A number of exactly that many ASCII digits (at most 9).
fn digits(text: &str, count: usize) -> Option<u32> {
    let ascii = text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    ascii.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<(i64, u32, i32)> {
        parse(text).map(|i| (i.seconds, i.nanos, i.offset_minutes))
    }

    #[test]
    fn means_the_instant_and_keeps_the_offset() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some((0, 0, 0)));
        assert_eq!(seconds("1970-01-01T00:00:00.000+01:00"), Some((-3_600, 0, 60)));
        assert_eq!(
            seconds("2010-10-02T09:20:39.266+02:00"),
            Some((1_286_004_039, 266_000_000, 120))
        );
        assert_eq!(seconds("1969-12-31T23:59:59.5-05:30"), Some((19_799, 500_000_000, -330)));
        assert_eq!(seconds("2024-02-29T24:00:00Z"), Some((1_709_251_200, 0, 0)));
        assert_eq!(
            seconds(" 2024-02-29T10:00:00\n"),
            Some((1_709_200_800, 0, 0)),
            "no offset: UTC"
        );
        assert_eq!(
            seconds("2024-02-29T10:00:00.1234567899Z"),
            Some((1_709_200_800, 123_456_789, 0))
        );
        assert_eq!(seconds("0001-01-01T00:00:00Z"), Some((-62_135_596_800, 0, 0)));
        assert_eq!(
            seconds("9999-12-31T23:59:59.999999999Z"),
            Some((253_402_300_799, 999_999_999, 0))
        );
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "T",
            "2024-02-29",
            "29.02.2024 10:00",
            "2024-02-29 10:00:00Z",
            "2024-02-30T10:00:00Z",
            "2023-02-29T10:00:00Z",
            "2024-13-01T10:00:00Z",
            "0000-01-01T10:00:00Z",
            "-0044-03-15T10:00:00Z",
            "12024-01-01T10:00:00Z",
            "2024-1-1T10:00:00Z",
            "2024-02-29T10:00Z",
            "2024-02-29T10:60:00Z",
            "2024-02-29T10:00:60Z",
            "2024-02-29T24:00:01Z",
            "2024-02-29T25:00:00Z",
            "2024-02-29T10:00:00.Z",
            "2024-02-29T10:00:00.1x",
            "2024-02-29T10:00:00+0200",
            "2024-02-29T10:00:00+15:00",
            "2024-02-29T10:00:00+02:60",
            "2024-02-29T10:00:00+02:00Z",
            "2024-02-29T10:00:00EET",
            "2024-02-29T١0:00:00Z",
            "0001-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

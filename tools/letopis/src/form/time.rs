//! Times as people write them: civil time in Sofia, or with an offset.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use letopis_domain::civil::SOFIA;
use letopis_domain::statement::Instant;
use letopis_proto::statement::v1::Precision;

use crate::cli::DayArg;

/// What may stand where a time is asked for.
pub(super) const FORMS: &str = "write a day (2026-12-31), a civil time in Europe/Sofia \
     (2026-12-31T17:00), one with its offset (2026-12-31T17:00+02:00), or now";

/// A time, and how exact it is by the way it is written. `None`: it is none, or the clock was set
/// back or forward over it, so that it takes an offset.
pub(super) fn parse(text: &str) -> Option<(Instant, Precision)> {
    if text == "now" {
        let now = crate::cmd::init::now();
        return Some((now.instant, now.precision));
    }
    if let Ok(day) = text.parse::<DayArg>() {
        let start = day.date()?.to_zoned(SOFIA.clone()).ok()?;
        return Some((instant(start.timestamp(), start.offset()), Precision::Day));
    }
    let (civil, offset) = parted(text)?;
    let precision = match civil.len() {
        16 => Precision::Minute,
        19 => Precision::Second,
        _ => return None,
    };
    let civil: DateTime = civil.parse().ok()?;
    let (timestamp, offset) = match offset {
        Some(offset) => (offset.to_timestamp(civil).ok()?, offset),
        None => {
            let zoned = SOFIA.to_ambiguous_zoned(civil).unambiguous().ok()?;
            (zoned.timestamp(), zoned.offset())
        }
    };
    Some((instant(timestamp, offset), precision))
}

/// Civil time and offset.
fn parted(text: &str) -> Option<(&str, Option<Offset>)> {
    if let Some(civil) = text.strip_suffix('Z') {
        return Some((civil, Some(Offset::UTC)));
    }
    let (civil, rest) = text.split_at_checked(text.len().checked_sub(6)?)?;
    let sign = match rest.chars().next() {
        Some('+') => 1,
        Some('-') if rest.get(3..4) == Some(":") => -1,
        _ => return Some((text, None)),
    };
    let (hours, minutes) = rest.get(1..)?.split_once(':')?;
    let two = |text: &str| text.parse::<i32>().ok().filter(|_| text.len() == 2);
    let (hours, minutes) = (two(hours)?, two(minutes).filter(|minutes| *minutes < 60)?);
    Some((civil, Some(Offset::from_seconds(sign * (hours * 60 + minutes) * 60).ok()?)))
}

fn instant(timestamp: jiff::Timestamp, offset: Offset) -> Instant {
    Instant { seconds: timestamp.as_second(), nanos: 0, offset_minutes: offset.seconds() / 60 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_of_sofia_unless_they_say_otherwise() {
        for (text, seconds, offset, precision) in [
            ("2026-12-31T17:00", 1_798_729_200, 120, Precision::Minute),
            ("2026-12-31 17:00:01", 1_798_729_201, 120, Precision::Second),
            ("2026-12-31T17:00+02:00", 1_798_729_200, 120, Precision::Minute),
            ("2026-12-31T15:00Z", 1_798_729_200, 0, Precision::Minute),
            ("2026-12-31T09:30-05:30", 1_798_729_200, -330, Precision::Minute),
            ("2026-07-01", 1_782_853_200, 180, Precision::Day),
        ] {
            let (instant, said) = parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (instant.seconds, instant.offset_minutes, said),
                (seconds, offset, precision)
            );
        }
    }

    #[test]
    fn what_is_no_time_or_two_is_refused() {
        for text in [
            "",
            "вчера",
            "31.12.2026",
            "2026-12-31T17",
            "2026-12-31T25:00",
            "2026-12-31T17:00+2:00",
            "2026-02-29",
            // The clock is set forward and back.
            "2026-03-29T03:30",
            "2026-10-25T03:30",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}

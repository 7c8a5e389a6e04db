//! When people work: days and hours in Sofia.

use jiff::civil::{Date, Weekday, date, time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::random::Random;

pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// The year's first day, a Monday: the first in which the ledger's own clocks (supervision, confirmation) are
/// in the Bulgarian profile.
const FIRST: Date = date(2026, 1, 5);

/// How long it lasts, in days.
pub(crate) const DAYS: i64 = 364;

/// Local time in Sofia.
#[derive(Debug, Clone)]
pub(crate) struct Calendar(TimeZone);

impl Calendar {
    pub(crate) fn new() -> Result<Self, jiff::Error> {
        TimeZone::get("Europe/Sofia").map(Self)
    }

    /// A time of that day of the year, from 0; seconds since 1970 UTC.
    pub(crate) fn at(&self, day: i64, hour: i8, minute: i8) -> i64 {
        let day = FIRST.saturating_add(jiff::Span::new().days(day.clamp(-DAYS, 20 * DAYS)));
        let local = day.to_datetime(time(hour, minute, 0, 0));
        // Where the clocks are put on, the time after it.
        self.0.to_ambiguous_timestamp(local).compatible().map_or(0, Timestamp::as_second)
    }

    /// When the year begins, before anybody is at work.
    pub(crate) fn begins(&self) -> i64 {
        self.at(0, 6, 0)
    }

    /// When it is over.
    pub(crate) fn ends(&self) -> i64 {
        self.at(DAYS, 0, 0)
    }

    fn local(&self, at: i64) -> Zoned {
        Timestamp::from_second(at).unwrap_or_default().to_zoned(self.0.clone())
    }

    /// What Sofia is ahead of UTC, in minutes.
    pub(crate) fn offset_minutes(&self, at: i64) -> i32 {
        self.local(at).offset().seconds() / 60
    }

    /// The civil day, `2025-03-09`.
    pub(crate) fn day(&self, at: i64) -> String {
        self.local(at).date().to_string()
    }

    /// Then, if people are at work then; else when they next begin, and some minutes.
    pub(crate) fn at_work(&self, at: i64, random: &mut Random) -> i64 {
        let local = self.local(at);
        let weekend = |day: Date| matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let (opens, closes) = (time(8, 30, 0, 0), time(17, 30, 0, 0));
        if !weekend(local.date()) && (opens..closes).contains(&local.time()) {
            return at;
        }
        let mut day = local.date();
        if local.time() >= opens {
            day = day.saturating_add(jiff::Span::new().days(1));
        }
        while weekend(day) {
            day = day.saturating_add(jiff::Span::new().days(1));
        }
        let opening = self.0.to_ambiguous_timestamp(day.to_datetime(opens)).compatible();
        opening.map_or(at, Timestamp::as_second) + random.between(0, HOUR)
    }

    /// Somewhen in the night after that time, or in the weekend after it.
    pub(crate) fn off_work(&self, at: i64, random: &mut Random) -> i64 {
        let at = self.at_work(at, random);
        let local = self.local(at);
        if random.per_mille(500) {
            let to_saturday = i64::from(6 - local.date().weekday().to_monday_one_offset());
            return at + to_saturday * DAY + random.between(0, DAY);
        }
        // From nine in the evening on.
        let evening = i64::from(21 - local.hour()) * HOUR;
        at + evening + random.between(0, 7 * HOUR)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may panic")]

    use super::*;

    #[test]
    fn the_year_begins_on_a_monday_in_sofia() {
        let calendar = Calendar::new().unwrap();
        // date -d 'TZ="Europe/Sofia" 2026-01-05 06:00' +%s
        assert_eq!(calendar.begins(), 1_767_585_600);
        assert_eq!(calendar.day(calendar.begins()), "2026-01-05");
        assert_eq!(calendar.day(calendar.ends()), "2027-01-04");
        assert_eq!(calendar.offset_minutes(calendar.begins()), 120);
        assert_eq!(calendar.offset_minutes(calendar.at(180, 12, 0)), 180);
    }

    #[test]
    fn work_waits_for_working_hours_and_nights_are_none() {
        let (calendar, mut random) = (Calendar::new().unwrap(), Random::of(1, "test", 0));
        let morning = calendar.at(0, 10, 0);
        assert_eq!(calendar.at_work(morning, &mut random), morning);
        for (day, hour, to) in [(0, 7, 0), (0, 20, 1), (4, 18, 7), (5, 12, 7), (6, 3, 7)] {
            let begun = calendar.at_work(calendar.at(day, hour, 0), &mut random);
            assert!((calendar.at(to, 8, 30)..calendar.at(to, 9, 30)).contains(&begun));
        }
        for day in 0..60 {
            let off = calendar.off_work(calendar.at(day, 11, 0), &mut random);
            assert_ne!(calendar.at_work(off, &mut random), off);
        }
    }
}

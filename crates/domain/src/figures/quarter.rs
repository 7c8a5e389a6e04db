//! Quarters of the civil year, in the time in which the ledger's people live.

use jiff::Timestamp;
use jiff::civil::date;

use crate::civil::SOFIA;

/// A quarter of a civil year in Europe/Sofia.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter {
    year: u16,
    quarter: u8,
}

impl Quarter {
    /// The years of which figures can be asked.
    pub const YEARS: std::ops::RangeInclusive<u16> = 1970..=9998;

    /// A quarter, 1 to 4, of one of [`Self::YEARS`].
    #[must_use]
    pub fn new(year: u16, quarter: u8) -> Option<Self> {
        let is = Self::YEARS.contains(&year) && (1..=4).contains(&quarter);
        is.then_some(Self { year, quarter })
    }

    /// The four quarters of a year.
    #[must_use]
    pub fn all_of(year: u16) -> Option<[Self; 4]> {
        let is = Self::YEARS.contains(&year);
        is.then(|| [1, 2, 3, 4].map(|quarter| Self { year, quarter }))
    }

    /// The quarter of a time; seconds since 1970 UTC. What no calendar holds counts in the first one.
    #[must_use]
    pub fn of(seconds: i64) -> Self {
        let day =
            Timestamp::from_second(seconds).unwrap_or_default().to_zoned(SOFIA.clone()).date();
        let year = u16::try_from(day.year()).unwrap_or(*Self::YEARS.start());
        let quarter = u8::try_from((day.month() - 1) / 3 + 1).unwrap_or(1);
        Self { year, quarter }
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// Which quarter of it: 1 to 4.
    #[must_use]
    pub const fn quarter(self) -> u8 {
        self.quarter
    }

    /// The first second after it, since 1970 UTC.
    #[must_use]
    pub fn end(self) -> i64 {
        // INVARIANT: a year has four digits.
        let year = i16::try_from(self.year).unwrap_or(i16::MAX);
        let (year, month) = match self.quarter {
            4 => (year + 1, 1),
            quarter => (year, i8::try_from(quarter).unwrap_or(1) * 3 + 1),
        };
        let midnight = date(year, month, 1).to_zoned(SOFIA.clone());
        midnight.map_or(i64::MAX, |midnight| midnight.timestamp().as_second())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    #[test]
    fn quarters_begin_at_midnight_in_sofia() {
        for (time, year, quarter) in [
            ("2025-12-31T21:59:59Z", 2025, 4),
            ("2025-12-31T22:00:00Z", 2026, 1),
            ("2026-03-31T20:59:59Z", 2026, 1),
            ("2026-03-31T21:00:00Z", 2026, 2),
            ("2026-09-30T20:59:59Z", 2026, 3),
        ] {
            assert_eq!(Some(Quarter::of(at(time))), Quarter::new(year, quarter), "{time}");
        }
    }

    #[test]
    fn a_quarter_ends_where_the_next_begins() {
        for quarter in Quarter::all_of(2026).unwrap() {
            assert_eq!(Quarter::of(quarter.end() - 1), quarter);
            assert!(Quarter::of(quarter.end()) > quarter);
        }
        assert_eq!(Quarter::new(2026, 4).unwrap().end(), at("2026-12-31T22:00:00Z"));
    }

    #[test]
    fn there_are_four_in_a_year_that_can_be_asked_for() {
        assert_eq!(Quarter::new(2026, 0), None);
        assert_eq!(Quarter::new(2026, 5), None);
        assert_eq!(Quarter::new(9999, 4), None);
        assert_eq!(Quarter::all_of(12), None);
    }
}

//! The calendar: which days are no working days, as data.

use jiff::civil::{Date, Weekday};

use super::{Article, LastDay};

/// Working days and holidays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// Which days of the week are no working days.
    pub weekend: Vec<Weekday>,
    /// The official holidays of the years covered, sorted.
    pub holidays: Vec<Date>,
    /// The years for which [`Self::holidays`] is complete: first and last.
    pub covers: (i16, i16),
    /// What is assumed to be a holiday in every other year: month and day.
    pub assumed_holidays: Vec<(i8, i8)>,
    /// How a term in days, weeks or months ends whose last day is no working day.
    pub last_day: LastDay,
    /// By which rule it ends so.
    pub last_day_article: Article,
}

impl Calendar {
    /// Is the calendar of this day known, not assumed?
    #[must_use]
    pub fn covers(&self, day: Date) -> bool {
        (self.covers.0..=self.covers.1).contains(&day.year())
    }

    /// Is it a working day?
    #[must_use]
    pub fn is_working(&self, day: Date) -> bool {
        let holiday = if self.covers(day) {
            self.holidays.binary_search(&day).is_ok()
        } else {
            self.assumed_holidays.contains(&(day.month(), day.day()))
        };
        !holiday && !self.weekend.contains(&day.weekday())
    }

    /// This day, or the first working day after it.
    ///
    /// INVARIANT: ends, because a profile is refused whose whole week is a weekend, and holidays
    /// are finite in number; the bound is for a calendar that was not parsed.
    #[must_use]
    pub fn working_from(&self, day: Date) -> Date {
        let mut found = day;
        for _ in 0..MOST_DAYS_OFF {
            if self.is_working(found) {
                return found;
            }
            let Ok(next) = found.tomorrow() else { return found };
            found = next;
        }
        found
    }

    /// The n-th working day after this day.
    #[must_use]
    pub fn working_after(&self, day: Date, n: u16) -> Date {
        let mut found = day;
        for _ in 0..n {
            found = self.working_from(found.tomorrow().unwrap_or(found));
        }
        found
    }
}

/// No calendar has more days off on end.
const MOST_DAYS_OFF: u16 = 400;

//! Civil days, as facts state them, in the profile's zone.

use jiff::civil::{Date, date};

use super::Profile;
use crate::fact::Day;

/// The date of a day; the last one that there is for what lies beyond it.
fn date_of(day: Day) -> Date {
    date(1970, 1, 1).saturating_add(jiff::Span::new().days(day))
}

impl Profile {
    /// The first second of a civil day.
    #[must_use]
    pub fn start_of_day(&self, day: Day) -> i64 {
        self.counting().start_of(date_of(day))
    }

    /// The first second after a civil day.
    #[must_use]
    pub fn end_of_day(&self, day: Day) -> i64 {
        self.counting().end_of(date_of(day))
    }
}

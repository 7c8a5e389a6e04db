//! Counting terms in a zone's civil time.
//!
//! A term in days, weeks or months starts the day after the civil day of what it runs from, and
//! ends with the end of its last civil day: the first second that is too late is the next local
//! midnight, however long the days were. A term in minutes or hours runs from the minute in which
//! it started (seconds are cut off), and knows no summer time.

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Span, Timestamp, ToSpan as _};

use super::{Calendar, LastDay, Length};
use crate::profile::Basis;

/// Zone and calendar: what a term is counted in.
#[derive(Debug, Clone)]
pub struct Counting {
    zone: TimeZone,
    calendar: Calendar,
}

/// When a term is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The first second that is too late, since 1970 UTC.
    pub at: i64,
    /// Its counting is not settled: it ends on a day beyond the calendar, or on a holiday while
    /// what follows from that is assumed.
    pub assumed: bool,
}

/// The end of a term while it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Just then; seconds since 1970 UTC.
    At(i64),
    /// With the end of this day.
    Day(Date),
}

/// A zone of the bundled tz database, never of the system's. `None`: there is none of that name.
pub(super) fn zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

impl Counting {
    pub(super) const fn new(zone: TimeZone, calendar: Calendar) -> Self {
        Self { zone, calendar }
    }

    /// The calendar.
    #[must_use]
    pub const fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The civil day of a second since 1970 UTC. What no calendar holds counts as its first or
    /// last day.
    #[must_use]
    pub fn day_of(&self, at: i64) -> Date {
        self.zone.to_datetime(timestamp(at)).date()
    }

    /// The first second of this day, since 1970 UTC.
    #[must_use]
    pub fn start_of(&self, day: Date) -> i64 {
        // Where no midnight is, because the clocks go forward then, the day starts after the gap.
        let midnight = day.at(0, 0, 0, 0);
        let found = self.zone.to_ambiguous_timestamp(midnight).compatible();
        found.unwrap_or(Timestamp::MAX).as_second()
    }

    /// The first second after this day, since 1970 UTC.
    #[must_use]
    pub fn end_of(&self, day: Date) -> i64 {
        day.tomorrow().map_or_else(|_| Timestamp::MAX.as_second(), |next| self.start_of(next))
    }

    /// When a term of this length is out that runs from `start`, seconds since 1970 UTC. A stated
    /// one has no length of its own, and is out at once.
    #[must_use]
    pub fn due(&self, length: Length, start: i64, last_day: LastDay) -> Due {
        self.close(self.open(length, start), length, last_day)
    }

    /// The end of a term, before a last day that is no working day is looked at.
    pub(crate) fn open(&self, length: Length, start: i64) -> End {
        match length {
            Length::Minutes(_) | Length::Hours(_) | Length::Stated => {
                self.later(End::At(minute_of(start)), length)
            }
            _ => self.later(End::Day(self.day_of(start)), length),
        }
    }

    /// The end moved on by a length.
    pub(crate) fn later(&self, end: End, by: Length) -> End {
        let day = |span: Span| match end {
            End::Day(day) => End::Day(day.saturating_add(span)),
            End::At(at) => {
                let moved = self.zone.to_datetime(timestamp(at)).saturating_add(span);
                let moved = self.zone.to_ambiguous_timestamp(moved).compatible();
                End::At(moved.unwrap_or(Timestamp::MAX).as_second())
            }
        };
        match by {
            Length::Stated => end,
            Length::Minutes(n) => self.moved(end, i64::from(n) * 60),
            Length::Hours(n) => self.moved(end, i64::from(n) * 3600),
            Length::Days(n) => day(i64::from(n).days()),
            Length::Weeks(n) => day(i64::from(n).weeks()),
            Length::Months(n) => day(i64::from(n).months()),
            Length::WorkingDays(n) => {
                let last = match end {
                    End::Day(day) => day,
                    // The day whose end it is, or within which.
                    End::At(at) => self.day_of(at.saturating_sub(1)),
                };
                End::Day(self.calendar.working_after(last, n))
            }
        }
    }

    fn moved(&self, end: End, seconds: i64) -> End {
        let at = match end {
            End::At(at) => at,
            End::Day(day) => self.end_of(day),
        };
        End::At(at.saturating_add(seconds))
    }

    /// The end moved on because the clock stood still from `since` to `until`: by as many civil
    /// days as lie between their days, or by as many whole minutes.
    pub(crate) fn stood_still(&self, end: End, since: i64, until: i64) -> End {
        match end {
            End::At(at) => {
                let seconds = minute_of(until).saturating_sub(minute_of(since)).max(0);
                End::At(at.saturating_add(seconds))
            }
            End::Day(day) => {
                let (since, until) = (self.day_of(since), self.day_of(until));
                let hours = since.duration_until(until).as_hours().max(0);
                // Bounded by what dates there are; a longer span saturates as dates do.
                let days = i32::try_from(hours / 24).unwrap_or(i32::MAX).min(3_000_000);
                End::Day(day.saturating_add(days.days()))
            }
        }
    }

    /// When it is out. A term in working days ends on one, whatever the rule for the others.
    pub(crate) fn close(&self, end: End, length: Length, last_day: LastDay) -> Due {
        let day = match end {
            End::At(at) => return Due { at, assumed: false },
            End::Day(day) => day,
        };
        let working = matches!(length, Length::WorkingDays(_));
        let rolls = working || last_day == LastDay::NextWorkingDay;
        let last = if rolls { self.calendar.working_from(day) } else { day };
        // Where the profile only assumes what a holiday does, so do the terms that end on one.
        let on_holiday = !working && !self.calendar.is_working(day);
        let unsettled = on_holiday
            && last_day == self.calendar.last_day
            && self.calendar.last_day_article.basis == Basis::Assumed;
        let by_calendar = rolls && !(self.calendar.covers(day) && self.calendar.covers(last));
        Due { at: self.end_of(last), assumed: unsettled || by_calendar }
    }
}

/// The minute in which this second lies, by its first second.
const fn minute_of(at: i64) -> i64 {
    at.saturating_sub(at.rem_euclid(60))
}

fn timestamp(at: i64) -> Timestamp {
    let bounded = at.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    Timestamp::from_second(bounded).unwrap_or(Timestamp::UNIX_EPOCH)
}

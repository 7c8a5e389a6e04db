//! Counting terms: across summer time, years, months, midnight and holidays.

use jiff::civil::date;

use super::{at, bulgarian, second};
use crate::profile::{LastDay, Length, Profile};

fn due(profile: &Profile, length: &str, start: &str, last_day: LastDay) -> (i64, bool) {
    let length = Length::from_text(length).unwrap();
    let due = profile.counting().due(length, at(profile, start), last_day);
    (due.at, due.assumed)
}

/// Length, local start, the first local second that is too late, in Sofia.
const IN_SOFIA: [(&str, &str, &str); 32] = [
    // Days start the day after, whatever the hour.
    ("10 days", "2026-03-02 00:00", "2026-03-13 00:00"),
    ("10 days", "2026-03-02 23:59:59", "2026-03-13 00:00"),
    ("10 days", "2026-03-03 00:00", "2026-03-14 00:00"),
    ("1 day", "2026-03-02 09:00", "2026-03-04 00:00"),
    // Into summer time (29 March 2026, 03:00), out of it (25 October 2026, 04:00).
    ("10 days", "2026-03-20 09:00", "2026-03-31 00:00"),
    ("1 day", "2026-03-28 09:00", "2026-03-30 00:00"),
    ("1 day", "2026-03-29 02:30", "2026-03-31 00:00"),
    ("2 weeks", "2026-10-20 09:00", "2026-11-04 00:00"),
    ("1 day", "2026-10-24 23:30", "2026-10-26 00:00"),
    ("24 hours", "2026-03-28 12:00", "2026-03-29 13:00"),
    ("24 hours", "2026-10-24 12:00", "2026-10-25 11:00"),
    ("48 hours", "2026-03-28 22:30", "2026-03-30 23:30"),
    ("2 hours", "2026-03-29 02:30", "2026-03-29 05:30"),
    ("3 hours", "2026-10-25 02:30", "2026-10-25 04:30"),
    // To the minute: seconds are cut off.
    ("24 hours", "2026-03-02 10:00:59", "2026-03-03 10:00"),
    ("10 minutes", "2026-03-02 23:55:59", "2026-03-03 00:05"),
    ("72 hours", "2026-12-30 08:15", "2027-01-02 08:15"),
    // A year's end.
    ("10 days", "2026-12-28 10:00", "2027-01-08 00:00"),
    ("1 month", "2026-12-31 10:00", "2027-02-01 00:00"),
    ("6 months", "2026-08-31 10:00", "2027-03-01 00:00"),
    ("12 months", "2026-12-31 23:59", "2028-01-01 00:00"),
    // Months of different length; a leap day.
    ("1 month", "2026-01-31 10:00", "2026-03-01 00:00"),
    ("1 month", "2028-01-31 10:00", "2028-03-01 00:00"),
    ("1 month", "2028-01-29 10:00", "2028-03-01 00:00"),
    ("1 month", "2026-01-29 10:00", "2026-03-01 00:00"),
    ("1 month", "2026-02-28 10:00", "2026-03-29 00:00"),
    ("12 months", "2028-02-29 10:00", "2029-03-01 00:00"),
    ("10 days", "2028-02-20 10:00", "2028-03-02 00:00"),
    ("10 days", "2027-02-20 10:00", "2027-03-03 00:00"),
    ("4 weeks", "2026-03-02 10:00", "2026-03-31 00:00"),
    // Working days: Easter 2026, and Christmas whose second day is a Saturday.
    ("next working day", "2026-04-09 16:00", "2026-04-15 00:00"),
    ("3 working days", "2026-12-23 16:00", "2027-01-01 00:00"),
];

#[test]
fn terms_end_as_the_calendar_says() {
    let profile = bulgarian();
    for (length, start, end) in IN_SOFIA {
        let found = due(&profile, length, start, LastDay::AsItFalls).0;
        assert_eq!(found, at(&profile, end), "{length} from {start}");
    }
}

#[test]
fn a_last_day_that_is_a_holiday_counts_both_ways() {
    let profile = bulgarian();
    // Length, start, as it falls, with the next working day.
    let table = [
        // A Saturday.
        ("10 days", "2026-03-04 10:00", "2026-03-15 00:00", "2026-03-17 00:00"),
        // The 3rd of March, a Tuesday.
        ("1 day", "2026-03-02 10:00", "2026-03-04 00:00", "2026-03-05 00:00"),
        // Good Friday, and the four days of Easter.
        ("2 weeks", "2026-03-27 10:00", "2026-04-11 00:00", "2026-04-15 00:00"),
        // The 6th of September, a Sunday: the Monday is free too.
        ("6 months", "2026-03-06 10:00", "2026-09-07 00:00", "2026-09-09 00:00"),
        // A working day.
        ("10 days", "2026-03-06 10:00", "2026-03-17 00:00", "2026-03-17 00:00"),
    ];
    for (length, start, falls, rolled) in table {
        let found = |last_day| due(&profile, length, start, last_day);
        // What the profile does is assumed, where it matters.
        let matters = falls != rolled;
        assert_eq!(found(LastDay::AsItFalls), (at(&profile, falls), matters), "{start}");
        assert_eq!(found(LastDay::NextWorkingDay), (at(&profile, rolled), false), "{start}");
    }
}

#[test]
fn beyond_the_calendar_is_assumed() {
    let profile = bulgarian();
    let calendar = profile.counting().calendar();
    assert!(calendar.covers(date(2028, 12, 31)) && !calendar.covers(date(2029, 1, 1)));
    // A Thursday; New Year of a year that is not covered is assumed to be a holiday.
    assert!(!calendar.is_working(date(2030, 1, 1)));
    let found = due(&profile, "1 day", "2029-03-05 10:00", LastDay::NextWorkingDay);
    assert_eq!(found, (at(&profile, "2029-03-07 00:00"), true));
    let found = due(&profile, "3 working days", "2028-12-28 10:00", LastDay::AsItFalls);
    // Friday 29th, Tuesday 2nd, Wednesday 3rd.
    assert_eq!(found, (at(&profile, "2029-01-04 00:00"), true));
    // Days need no calendar where a holiday changes nothing.
    let found = due(&profile, "1 day", "2029-03-05 10:00", LastDay::AsItFalls);
    assert_eq!(found, (at(&profile, "2029-03-07 00:00"), false));
    assert!(!due(&profile, "24 hours", "2029-03-05 10:00", LastDay::NextWorkingDay).1);
}

#[test]
fn another_zone_and_weekend_count_otherwise() {
    let profile = second();
    let table = [
        // Summer time began on the 6th of September 2026 at midnight: that day starts at 01:00.
        ("1 day", "2026-09-04 12:00", LastDay::AsItFalls, "2026-09-06 01:00"),
        // It ended on the 5th of April at midnight: the 4th had an hour twice.
        ("1 day", "2026-04-03 12:00", LastDay::AsItFalls, "2026-04-05 00:00"),
        ("24 hours", "2026-09-05 12:00", LastDay::AsItFalls, "2026-09-06 13:00"),
        // Friday and Saturday are free, Sunday is not; the 8th and 9th of March are holidays.
        ("5 days", "2026-03-01 12:00", LastDay::NextWorkingDay, "2026-03-11 00:00"),
        ("5 days", "2026-03-10 12:00", LastDay::NextWorkingDay, "2026-03-16 00:00"),
        ("8 working days", "2026-03-03 12:00", LastDay::AsItFalls, "2026-03-18 00:00"),
    ];
    for (length, start, last_day, end) in table {
        let found = due(&profile, length, start, last_day);
        assert_eq!(found, (at(&profile, end), false), "{length} from {start}");
    }
}

#[test]
fn days_begin_at_local_midnight() {
    let profile = bulgarian();
    let counting = profile.counting();
    let midnight = at(&profile, "2026-03-02 00:00");
    assert_eq!(counting.day_of(midnight), date(2026, 3, 2));
    assert_eq!(counting.day_of(midnight - 1), date(2026, 3, 1));
    assert_eq!(counting.start_of(date(2026, 3, 2)), midnight);
    assert_eq!(counting.end_of(date(2026, 3, 1)), midnight);
}

#[test]
fn no_time_is_too_far_away() {
    let profile = bulgarian();
    for at in [i64::MIN, -1, 0, i64::MAX - 1, i64::MAX] {
        for length in ["9999 hours", "9999 months", "9999 weeks", "99 working days", "stated"] {
            for last_day in [LastDay::AsItFalls, LastDay::NextWorkingDay] {
                let length = Length::from_text(length).unwrap();
                let _ = profile.counting().due(length, at, last_day);
            }
        }
    }
}

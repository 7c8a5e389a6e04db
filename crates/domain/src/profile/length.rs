//! Lengths of terms, in the units in which law states them.

use std::fmt;

/// How long a term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Minutes; runs to the minute.
    Minutes(u16),
    /// Hours; runs to the minute.
    Hours(u16),
    /// Civil days; ends with the last one.
    Days(u16),
    /// Weeks; ends with the same day of the week.
    Weeks(u16),
    /// Months; ends with the day of the same number, or the month's last.
    Months(u16),
    /// Working days; ends with the last one. `next working day` is one.
    WorkingDays(u16),
    /// As the event that starts it states.
    Stated,
}

impl Length {
    /// The most of any unit.
    pub const MAX: u16 = 9_999;

    /// Is it counted in minutes or hours, not in civil days?
    #[must_use]
    pub const fn to_the_minute(self) -> bool {
        matches!(self, Self::Minutes(_) | Self::Hours(_))
    }

    /// From the form in which profiles write it: `24 hours`, `10 days`, `1 month`,
    /// `3 working days`, `next working day`, `stated`.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "stated" => return Some(Self::Stated),
            "next working day" => return Some(Self::WorkingDays(1)),
            _ => {}
        }
        let (number, unit) = text.split_once(' ')?;
        let n: u16 = number.parse().ok().filter(|n| (1..=Self::MAX).contains(n))?;
        // Only as it is written here: no sign, no leading zero, singular for one.
        if n.to_string() != number {
            return None;
        }
        let unit = if n == 1 { unit.to_owned() + "s" } else { unit.to_owned() };
        Some(match unit.as_str() {
            "minutes" => Self::Minutes(n),
            "hours" => Self::Hours(n),
            "days" => Self::Days(n),
            "weeks" => Self::Weeks(n),
            "months" => Self::Months(n),
            "working days" => Self::WorkingDays(n),
            _ => return None,
        })
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, unit) = match self {
            Self::Minutes(n) => (n, "minute"),
            Self::Hours(n) => (n, "hour"),
            Self::Days(n) => (n, "day"),
            Self::Weeks(n) => (n, "week"),
            Self::Months(n) => (n, "month"),
            Self::WorkingDays(n) => (n, "working day"),
            Self::Stated => return f.write_str("stated"),
        };
        write!(f, "{n} {unit}{}", if *n == 1 { "" } else { "s" })
    }
}

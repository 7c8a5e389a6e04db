//! Why a text is no profile. Each names the place, and what to do.

use crate::clocks::occasion::Name;

/// Why a text is no profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// It has more bytes than the fact that adopts it can hold.
    #[error("the profile has {bytes} bytes: shorten it to at most {}", super::MAX_BYTES)]
    TooLong {
        /// How many it has.
        bytes: usize,
    },
    /// It is no TOML, or not of a profile's shape: a field missing, unknown or of another type.
    #[error("line {line}: {message}: mend it there")]
    Form {
        /// The line, from 1; 0 where the whole is meant.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// The tz database has no such zone.
    #[error("zone: {zone:?} is no zone of the tz database: write one, as \"Europe/Sofia\"")]
    Zone {
        /// What it says.
        zone: String,
    },
    /// Not a date.
    #[error("{place}: {text:?} is no date: write it as \"2026-03-02\"")]
    Date {
        /// Where.
        place: String,
        /// What it says.
        text: String,
    },
    /// Not a day of a year.
    #[error("{place}: {text:?} is no day of a year: write month and day, as \"03-02\"")]
    DayOfYear {
        /// Where.
        place: String,
        /// What it says.
        text: String,
    },
    /// Not a day of the week.
    #[error("{place}: {text:?} is no day of the week: write one, as \"saturday\"")]
    Weekday {
        /// Where.
        place: String,
        /// What it says.
        text: String,
    },
    /// Not a length.
    #[error(
        "{place}: {text:?} is no length: write one, as \"24 hours\", \"10 days\", \"1 month\", \
         \"3 working days\", \"next working day\" or, of a clock, \"stated\""
    )]
    Length {
        /// Where.
        place: String,
        /// What it says.
        text: String,
    },
    /// Not a code or an id.
    #[error("{place}: {text:?} is no {}: write lower-case words with hyphens{}",
        if *.dotted { "id" } else { "code" }, if *.dotted { ", parted by dots" } else { "" })]
    Code {
        /// Where.
        place: String,
        /// What it says.
        text: String,
        /// Dots are allowed there.
        dotted: bool,
    },
    /// Nothing is said where something must be.
    #[error("{place}: {what} is empty: fill it in")]
    Empty {
        /// Where.
        place: String,
        /// What.
        what: &'static str,
    },
    /// No occasion is called so.
    #[error("{place}: there is no occasion {text:?}: write one that the rules know")]
    Occasion {
        /// Where.
        place: String,
        /// What it says.
        text: String,
    },
    /// The occasion knows no such qualifier.
    #[error("{place}: {} has no qualifier {text:?}: write {}", name.text(), qualifiers(*name))]
    Qualifier {
        /// Where.
        place: String,
        /// The occasion.
        name: Name,
        /// What it says.
        text: String,
    },
    /// The same thing stands there twice.
    #[error("{place}: {what} is there twice: take one out")]
    Twice {
        /// Where.
        place: String,
        /// What.
        what: String,
    },
    /// It would end before it began.
    #[error("{place}: it ends on {until}, not after it begins on {from}: mend one of the dates")]
    Order {
        /// Where.
        place: String,
        /// The first day.
        from: String,
        /// The first day no more.
        until: String,
    },
    /// Two entries that follow one another in time apply on one day.
    #[error("{place}: two entries apply on {day}: end the one before the other begins")]
    Overlap {
        /// Where.
        place: String,
        /// The first such day.
        day: String,
    },
    /// Two things do not go together.
    #[error("{place}: {why}")]
    Unfit {
        /// Where.
        place: String,
        /// Which, and what to do.
        why: &'static str,
    },
}

fn qualifiers(name: Name) -> String {
    let known: Vec<_> = name.qualifiers().iter().map(|qualifier| qualifier.text()).collect();
    if known.is_empty() {
        return "the name alone".to_owned();
    }
    format!("one of {}, or the name alone", known.join(", "))
}

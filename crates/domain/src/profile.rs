//! A procedure profile: the law of a country, or of an authority, as data.
//!
//! The terms and whose duty each is, the rules' articles, the measures and grounds that the law
//! knows, the calendar; each with the article it stands in and the days between which it applies.
//! The full text is adopted on the record. Nothing in the code knows a length or an article.
//!
//! Out of scope: what starts and stops a clock in a given case ([`crate::clocks`]).

mod calendar;
mod counting;
mod days;
mod error;
mod length;
mod parse;
mod rule;
mod source;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use calendar::Calendar;
pub use counting::{Counting, Due};
pub use error::ProfileError;
pub use length::Length;
pub use rule::{ClockRule, Duty, Effect, Ends, Extension, Scope};

pub(crate) use counting::End;

use crate::clocks::occasion::Name;

/// The Bulgarian profile with which a ledger of procedure `bg` begins.
pub const BULGARIAN: &str = include_str!("../profiles/bg.toml");

/// The most bytes of a profile's text: what the fact that adopts it can hold.
pub const MAX_BYTES: usize = 48 * 1024;

/// On what a rule rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The law says so.
    Law,
    /// The law is silent; the authority set it for itself.
    Policy,
    /// The law can be read in more than one way; this is one of them.
    Assumed,
}

/// How a term in days, weeks or months ends whose last day is no working day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LastDay {
    /// On that day all the same.
    AsItFalls,
    /// With the next working day.
    NextWorkingDay,
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// In Bulgarian.
    pub bg: String,
    /// In English.
    pub en: String,
}

/// Where a rule stands, and when it applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// The article, or the paper in which a policy is set.
    pub article: String,
    /// On what it rests.
    pub basis: Basis,
    /// Its first day; `None`: as long as anybody asks.
    pub from: Option<Date>,
    /// The first day on which it applies no more.
    pub until: Option<Date>,
}

impl Article {
    /// Does it apply on this day?
    #[must_use]
    pub fn applies(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day < until)
    }
}

/// A named length that rules ask for: skew, deemed service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedTerm {
    /// How long.
    pub length: Length,
    /// Where it stands.
    pub article: Article,
}

/// A measure or a ground that the law knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its code.
    pub code: String,
    /// In words.
    pub words: Words,
    /// Where it stands, and when it applies.
    pub article: Article,
}

/// How a code stands to the law on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// The law knows it, and it applied on that day.
    InForce(&'a Known),
    /// The law knows it, and it did not apply on that day.
    NotInForce(&'a Known),
    /// The law does not know it.
    Unknown,
}

/// A procedure profile.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The procedure's code: `bg`.
    pub code: String,
    /// Its name.
    pub name: Words,
    /// Which version of the profile it is.
    pub version: u32,
    /// What it does not claim to be.
    pub disclaimer: Words,
    /// The zone's name in the tz database.
    pub zone: String,
    counting: Counting,
    terms: BTreeMap<String, NamedTerm>,
    rules: BTreeMap<String, Article>,
    measures: Vec<Known>,
    grounds: Vec<Known>,
    clocks: Vec<ClockRule>,
    /// By an occasion's name, in the order of [`Name::ALL`]: the places in `clocks` of the rules
    /// that it starts.
    starts: Vec<Vec<u16>>,
}

impl Profile {
    /// Zone and calendar: civil days, and when a term is out.
    #[must_use]
    pub const fn counting(&self) -> &Counting {
        &self.counting
    }

    /// A named term.
    #[must_use]
    pub fn term(&self, name: &str) -> Option<&NamedTerm> {
        self.terms.get(name)
    }

    /// When a named term is out that runs from `start`, seconds since 1970 UTC. `None`: the
    /// profile has no term of that name.
    #[must_use]
    pub fn term_due(&self, name: &str, start: i64) -> Option<Due> {
        let term = self.terms.get(name)?;
        Some(self.counting.due(term.length, start, self.counting.calendar().last_day))
    }

    /// Where the rule of this id stands.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Article> {
        self.rules.get(id)
    }

    /// The ids of all rules, sorted.
    pub fn rules(&self) -> impl Iterator<Item = (&str, &Article)> {
        self.rules.iter().map(|(id, article)| (id.as_str(), article))
    }

    /// How the measure of this code stands to the law on a day.
    #[must_use]
    pub fn measure(&self, code: &str, day: Date) -> Standing<'_> {
        standing(&self.measures, code, day)
    }

    /// How the ground for a placement of this code stands to the law on a day.
    #[must_use]
    pub fn ground(&self, code: &str, day: Date) -> Standing<'_> {
        standing(&self.grounds, code, day)
    }

    /// Every measure, in the profile's order.
    #[must_use]
    pub fn measures(&self) -> &[Known] {
        &self.measures
    }

    /// Every ground, in the profile's order.
    #[must_use]
    pub fn grounds(&self) -> &[Known] {
        &self.grounds
    }

    /// Every rule for a clock, in the profile's order.
    #[must_use]
    pub fn clocks(&self) -> &[ClockRule] {
        &self.clocks
    }

    /// The rule for a clock of this number that starts on this day, and its place.
    #[must_use]
    pub fn clock(&self, number: u32, day: Date) -> Option<(u16, &ClockRule)> {
        let mut places = (0_u16..).zip(&self.clocks);
        places.find(|(_, rule)| rule.number == number && rule.applies(day))
    }

    /// The rule at this place.
    #[must_use]
    pub fn clock_at(&self, place: u16) -> Option<&ClockRule> {
        self.clocks.get(usize::from(place))
    }

    /// The rules that may start by an occasion of this name, and their places.
    pub(crate) fn starting(&self, name: Name) -> impl Iterator<Item = (u16, &ClockRule)> {
        let places = self.starts.get(name as usize).into_iter().flatten();
        places.filter_map(|place| Some((*place, self.clock_at(*place)?)))
    }
}

fn standing<'a>(known: &'a [Known], code: &str, day: Date) -> Standing<'a> {
    let mut same = known.iter().filter(|known| known.code == code);
    let Some(first) = same.clone().next() else { return Standing::Unknown };
    match same.find(|known| known.article.applies(day)) {
        Some(known) => Standing::InForce(known),
        None => Standing::NotInForce(first),
    }
}

#[cfg(test)]
pub(crate) mod tests;

//! The document: what is told of the case, and nothing else can stand in it.

use std::collections::BTreeSet;

use jiff::Span;
use jiff::civil::Date;
use letopis_crypto::hash::{Purpose, hash};
use letopis_proto::accountability::v1::{ActStatus, ClockReading};
use letopis_proto::statement::v1::Role;
use letopis_types::Digest;
use serde::{Deserialize, Serialize};

use crate::error::DocumentError;
use crate::plain;
use crate::risk::Risk;
use crate::told::{clock, has_as_many_days_always, is_field_told, is_told, is_value};

/// The most steps of a document: as many events as one InformationShared can list.
pub const STEPS_MAX: usize = 256;

/// With what every document begins.
const FORMAT: &str = "letopis.deidentified.v1";

/// Day 0 of [`Step::day_number`], a Thursday.
const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// What every document says of itself first.
pub(crate) const NOTICE: (&str, &str) = (
    "Деидентифициран случай, не анонимен: който познава семейството, може да го разпознае. Само за \
     професионално обсъждане. Не го предавайте нататък и не търсете за кого се отнася.",
    "De-identified, not anonymous: whoever knows the family may recognise it. For professional discussion \
     only. Don't pass it on, and don't try to find out whom it is about.",
);

/// How exactly days and durations are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grain {
    /// To the day.
    Day,
    /// A day stands for its week, by that week's Monday; durations are rounded up to weeks.
    Week,
    /// The same in fours of weeks.
    FourWeeks,
}

impl Grain {
    /// How many days are told as one.
    #[must_use]
    pub const fn days(self) -> u32 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::FourWeeks => 28,
        }
    }

    /// The first day of those that are told as this one; days since 1970-01-01. Weeks begin on Monday.
    pub(crate) fn floor(self, day: i64) -> i64 {
        let monday = 3;
        let days = i64::from(self.days());
        (day + monday).div_euclid(days) * days - monday
    }

    /// A duration, rounded up.
    pub(crate) fn ceil(self, days: u32) -> u32 {
        days.div_ceil(self.days()).saturating_mul(self.days())
    }
}

/// A case, de-identified. Serialized as JSON without spaces, its fields in this order, what is empty left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// `letopis.deidentified.v1`.
    pub format: String,
    /// What it is and is not; always the same words.
    pub notice: Notice,
    /// What its author wrote for it. May be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub introduction: String,
    /// How exactly days and durations are told.
    pub grain: Grain,
    /// Kinds of steps that its author left out, ascending. Others may be missing too: those that are never
    /// told, and whether there are any is not told either.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// What happened, by day; 1 to [`STEPS_MAX`].
    pub steps: Vec<Step>,
    /// What it may be recognised by all the same.
    pub risk: Risk,
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// In Bulgarian.
    pub bg: String,
    /// In English.
    pub en: String,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its number in the document, from 1.
    pub number: u32,
    /// When it happened: a moved day, `2026-12-31`; with a coarser grain, the first of those it may be.
    pub day: String,
    /// What it is, as the protos name it.
    pub kind: String,
    /// How it stands, as the protos name it, where a signature is or was due under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Who signed it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Label>,
    /// What its fact says, as far as that is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<Code>,
    /// Other steps that it is about or rests on, by number, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<u32>,
    /// The terms that it began, and those that began before the case and it ended; none of which an end is not
    /// told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<Clock>,
}

/// Somebody, by the role in which they acted and a number among those.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The role, as the protos name it.
    pub role: String,
    /// Which of them, from 1, by first appearance.
    pub number: u32,
}

/// A field of a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Its name, as the protos have it.
    pub field: String,
    /// Its value: a code as the protos name it, or `yes` or `no`.
    pub value: String,
}

/// How a term was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// The rule's name in the profile.
    pub name: String,
    /// What it reads, as the protos name it.
    pub reading: String,
    /// How many civil days there were, from the day on which it began to its last; at least 1. Absent: the law
    /// counts it so that these days would tell when in the year it ran, in months or working days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_days: Option<u32>,
    /// How many it took; at least 1. Absent: it has not ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_days: Option<u32>,
}

impl Step {
    /// Its day, in days since 1970-01-01. `None`: it is no day.
    #[must_use]
    pub fn day_number(&self) -> Option<i64> {
        let day = self.day.parse::<Date>().ok().filter(|day| day.to_string() == self.day)?;
        EPOCH.until(day).ok().map(|span| i64::from(span.get_days()))
    }
}

/// A day as it is written. `None`: beyond the calendar.
pub(crate) fn day_text(days: i64) -> Option<String> {
    let span = Span::new().try_days(days).ok()?;
    EPOCH.checked_add(span).ok().filter(|day| day.year() > 0).map(|day| day.to_string())
}

impl Document {
    /// With what follows from the rest.
    pub(crate) fn new(
        introduction: String,
        grain: Grain,
        left_out: Vec<String>,
        steps: Vec<Step>,
    ) -> Self {
        let risk = Risk::of(&steps, grain);
        let (bg, en) = NOTICE;
        let notice = Notice { bg: bg.to_owned(), en: en.to_owned() };
        Self { format: FORMAT.to_owned(), notice, introduction, grain, left_out, steps, risk }
    }

    /// Reads what [`Self::to_line`] wrote, and nothing else.
    ///
    /// # Errors
    /// What of it can't stand in a document.
    pub fn parse(line: &str) -> Result<Self, DocumentError> {
        let document: Self = serde_json::from_str(line)
            .map_err(|error| DocumentError::Unreadable { what: error.to_string() })?;
        document.check()?;
        if document.to_line()? != line {
            return Err(DocumentError::OtherWriting);
        }
        Ok(document)
    }

    /// The document as one line, which is what is signed.
    ///
    /// # Errors
    /// Where it can't be written; it always can.
    pub fn to_line(&self) -> Result<String, DocumentError> {
        serde_json::to_string(self)
            .map_err(|error| DocumentError::Unreadable { what: error.to_string() })
    }

    /// What a line's document is called in a review and on the record.
    #[must_use]
    pub fn digest(line: &str) -> Digest {
        hash(Purpose::Deidentified, line.as_bytes())
    }

    fn check(&self) -> Result<(), DocumentError> {
        let wrong = |what| Err(DocumentError::NotTold { what });
        if self.format != FORMAT || (&*self.notice.bg, &*self.notice.en) != NOTICE {
            return wrong("another format or notice than those of version 1");
        }
        plain::check(&self.introduction, "introduction")?;
        if !is_ascending(&self.left_out) || !self.left_out.iter().all(|kind| is_told(kind)) {
            return wrong("what was left out is no list of kinds, ascending");
        }
        if !(1..=STEPS_MAX).contains(&self.steps.len()) {
            return wrong("no steps, or too many");
        }
        self.check_labels()?;
        let mut before = i64::MIN;
        for (number, step) in (1..).zip(&self.steps) {
            let day = step.day_number().filter(|day| self.grain.floor(*day) == *day);
            let day = day.filter(|day| *day >= before);
            before = day.ok_or(DocumentError::NotTold { what: "a day out of order or grain" })?;
            if step.number != number || self.left_out.contains(&step.kind) {
                return wrong("a step with another number, or of a kind that was left out");
            }
            self.check_step(step)?;
        }
        if self.risk != Risk::of(&self.steps, self.grain) {
            return wrong("another risk than that of its steps");
        }
        Ok(())
    }

    /// Kinds, codes, clocks: each one of those that are told.
    fn check_step(&self, step: &Step) -> Result<(), DocumentError> {
        let wrong = |what| Err(DocumentError::NotTold { what });
        let status = step.status.as_deref();
        let is_status = |name| ActStatus::from_str_name(name).is_some_and(|it| it as i32 != 0);
        if !is_told(&step.kind) || !status.is_none_or(is_status) {
            return wrong("a step of a kind, or in a state, that is not told");
        }
        let told = |code: &Code| {
            is_field_told(&step.kind, &code.field) && is_value(&step.kind, &code.field, &code.value)
        };
        let fields: BTreeSet<_> = step.codes.iter().map(|code| &code.field).collect();
        if fields.len() != step.codes.len() || !step.codes.iter().all(told) {
            return wrong("a field or value that is not told");
        }
        let is_other = |number: &u32| {
            *number != step.number && (1..=self.steps.len()).contains(&(*number as usize))
        };
        if !is_ascending(&step.about) || !step.about.iter().all(is_other) {
            return wrong("a step that is about one that is not there");
        }
        let days = |days: u32| self.grain.ceil(days) == days;
        let is_clock = |one: &Clock| {
            let reading = ClockReading::from_str_name(&one.reading);
            clock(&one.name).is_some()
                && reading.is_some_and(|reading| reading as i32 != 0)
                && one.given_days.is_some() == has_as_many_days_always(&one.name)
                && one.given_days.is_none_or(days)
                && one.taken_days.is_none_or(days)
        };
        if !step.clocks.iter().all(is_clock) {
            return wrong("a term that is not told");
        }
        Ok(())
    }

    /// Roles with numbers that say no more than who came first.
    fn check_labels(&self) -> Result<(), DocumentError> {
        let mut seen: BTreeSet<&Label> = BTreeSet::new();
        for label in self.steps.iter().flat_map(|step| &step.by) {
            let before = seen.iter().filter(|one| one.role == label.role).count();
            let is_next = label.number as usize == before + 1;
            if Role::from_str_name(&label.role).is_none() || !(seen.contains(label) || is_next) {
                return Err(DocumentError::NotTold { what: "somebody who is no role's next" });
            }
            seen.insert(label);
        }
        Ok(())
    }
}

fn is_ascending<T: PartialOrd>(list: &[T]) -> bool {
    list.is_sorted_by(|one, next| one < next)
}

//! The year as it is planned: from a seed alone, before any ledger is asked.

mod begin;
mod mistakes;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::sync::Arc;

use crate::calendar::Calendar;
use crate::cast::FamilyCast;
use crate::error::Error;
use crate::office::{self, Duty};
use crate::random::Random;
use crate::script::{Reading, Script, scripts};
use crate::staff::Staff;
use begin::Signal;
use mistakes::Mistake;

/// Something that somebody does in the course of the year.
#[derive(Debug, Clone)]
pub struct Act {
    /// When it is recorded; seconds since 1970 UTC.
    pub at: i64,
    /// In which story.
    pub story: usize,
    /// What it is.
    pub deed: Deed,
}

/// What somebody does.
#[derive(Debug, Clone)]
pub enum Deed {
    /// A story begins.
    Begins(Box<Begun>),
    /// A statement, as a line of `letopis_domain::testing`.
    Says(String),
    /// A statement that the rules refuse.
    Tries(String),
    /// Somebody reads the case's file.
    Reads(Reading),
    /// Lead and head explain each missed clock of the case that was not explained yet.
    Explains,
    /// From here on somebody else plays a part.
    Recasts(Arc<FamilyCast>),
    /// Nothing more is said in the story.
    Ends,
    /// Something is done in the registry.
    Office(Duty),
}

/// A story that begins.
#[derive(Debug, Clone)]
pub struct Begun {
    /// Who plays it.
    pub cast: Arc<FamilyCast>,
    /// The story of the signal's first child, from which it goes on; `None`: it is that.
    pub after: Option<usize>,
    /// The family, from 0; `None`: it is about none.
    pub family: Option<usize>,
    /// How many children its signal is about.
    pub children: u8,
    /// The track, as the stories name it.
    pub track: String,
    /// What the story is about.
    pub title: Arc<str>,
}

/// What there is in a year: an iterator over its acts, in order of time. Stories are planned when they begin,
/// so that a year of any size fits into memory.
#[derive(Debug)]
pub struct Plan {
    seed: u64,
    staff: Arc<Staff>,
    calendar: Calendar,
    scripts: Vec<Script>,
    duties: VecDeque<(i64, Duty)>,
    /// What has not begun yet, by its beginning.
    signals: VecDeque<Signal>,
    stories: BTreeMap<usize, Story>,
    /// The next act of each story, the earliest first.
    next: BinaryHeap<Reverse<(i64, usize)>>,
    ready: VecDeque<Act>,
    /// Stories begun so far; the office's is 0.
    begun: usize,
    /// Entries that got into the wrong file so far.
    mistakes: usize,
}

/// A story that has begun.
#[derive(Debug)]
struct Story {
    cast: Arc<FamilyCast>,
    acts: VecDeque<(i64, Planned)>,
    /// Between these times its case is open and in one hand.
    open: (i64, i64),
    /// An entry of this story that lies in another one's file.
    mistake: Option<Mistake>,
}

/// An act that is planned.
#[derive(Debug)]
enum Planned {
    Deed(Deed),
    /// The statement of this line gets into another family's file, if there is one at hand.
    Misfiles(String),
    /// It is done anew in the right one.
    Anew(String),
}

impl Plan {
    /// A year with so many children, at least 1. The same numbers give the same year.
    ///
    /// # Errors
    /// [`Error::Story`], [`Error::TimeZone`]: nothing that a caller could mend.
    pub fn new(seed: u64, children: usize) -> Result<Self, Error> {
        let (calendar, scripts) = (Calendar::new()?, scripts()?);
        let staff = Arc::new(Staff::new(seed, children, &calendar));
        let duties = office::year(seed, &staff, &calendar).into();
        let signals = begin::signals(seed, children, &scripts, &calendar).into();
        Ok(Self {
            seed,
            staff,
            calendar,
            scripts,
            duties,
            signals,
            stories: BTreeMap::new(),
            next: BinaryHeap::new(),
            ready: VecDeque::new(),
            begun: 0,
            mistakes: 0,
        })
    }

    /// The people.
    #[must_use]
    pub fn staff(&self) -> &Arc<Staff> {
        &self.staff
    }

    /// When the year begins; seconds since 1970 UTC.
    #[must_use]
    pub fn begins(&self) -> i64 {
        self.calendar.begins()
    }

    /// When it is over; seconds since 1970 UTC.
    #[must_use]
    pub fn ends(&self) -> i64 {
        self.calendar.ends()
    }

    pub(crate) const fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The next act: the office's first, then what begins, then what goes on.
    fn advance(&mut self) -> Option<()> {
        let goes_on = self.next.peek().map_or(i64::MAX, |Reverse((at, _))| *at);
        let office = self.duties.front().map_or(i64::MAX, |(at, _)| *at);
        let begins = self.signals.front().map_or(i64::MAX, |signal| signal.at);
        let at = goes_on.min(office).min(begins);
        if at >= self.ends() {
            return None;
        }
        if at == office {
            let (at, duty) = self.duties.pop_front()?;
            self.ready.push_back(Act { at, story: 0, deed: Deed::Office(duty) });
        } else if at == begins {
            let signal = self.signals.pop_front()?;
            self.begin(&signal);
        } else {
            let Reverse((at, number)) = self.next.pop()?;
            self.go_on(at, number);
        }
        Some(())
    }

    fn go_on(&mut self, at: i64, number: usize) -> Option<()> {
        let story = self.stories.get_mut(&number)?;
        let (_, planned) = story.acts.pop_front()?;
        if let Some((next, _)) = story.acts.front() {
            self.next.push(Reverse((*next, number)));
        }
        let is_over = story.acts.is_empty();
        match planned {
            Planned::Deed(deed) => {
                if let Deed::Recasts(cast) = &deed {
                    story.cast = Arc::clone(cast);
                }
                self.ready.push_back(Act { at, story: number, deed });
            }
            Planned::Misfiles(text) => self.misfile(at, number, &text),
            Planned::Anew(text) => self.do_anew(at, number, text),
        }
        if is_over {
            self.stories.remove(&number);
            self.ready.push_back(Act { at, story: number, deed: Deed::Ends });
        }
        Some(())
    }

    /// A source of chance for this purpose in this story.
    fn chance(&self, purpose: &str, number: usize) -> Random {
        Random::of(self.seed, purpose, number as u64)
    }
}

impl Iterator for Plan {
    type Item = Act;

    fn next(&mut self) -> Option<Act> {
        while self.ready.is_empty() {
            self.advance()?;
        }
        self.ready.pop_front()
    }
}

#[cfg(test)]
mod tests;

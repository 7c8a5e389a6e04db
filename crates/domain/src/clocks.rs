//! Clocks: what is due in a file, from the occasions of its events and a procedure profile.
//!
//! In scope: starting, stopping, standing still, getting longer; what is overdue; corrections of
//! the times that events stated, with both readings; the clocks of a signal that go on in the case
//! that came of it. Out of scope: what an act's effect is (the rules of the case emit the
//! [`Occasion`]s), and who signs that a deadline was missed.
//!
//! A stop counts by when the act happened, not by when it was recorded: an act in time that was
//! recorded after its clock had been recorded as missed is *kept, recorded late*.
//!
//! Invariants: nothing here fails, and the same occasions give the same clocks, live and in replay;
//! a clock's due date is that of the rule under which it started, for ever; every clock has just
//! one [`Reading`], which never says both kept and missed.

mod correct;
mod due;
pub mod occasion;
mod profiles;
mod reading;
mod settle;
mod take;

use letopis_types::Digest;
use serde::{Deserialize, Serialize};

pub use occasion::{Name, Occasion, Qualifier, Trigger};
pub use profiles::Profiles;
pub use reading::Reading;

/// A clock's place among the clocks of its file; it never changes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct ClockId(pub u32);

/// What a clock is known by outside its file's state: there is at most one of each key in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClockKey {
    /// The number of its rule.
    pub number: u32,
    /// The statement that started it.
    pub started_by: Digest,
    /// What it concerns.
    pub subject: Digest,
}

/// How a clock ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum How {
    /// What was due was done.
    Stopped,
    /// It fell away.
    Dropped,
    /// It goes on in another file.
    HandedOver,
}

/// The end of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub how: How,
    /// By which statement.
    pub by: Digest,
    /// When that happened; seconds since 1970 UTC.
    pub at: i64,
}

/// A clock as it stands. All times in seconds since 1970 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Its place.
    pub id: ClockId,
    /// The number of its rule.
    pub number: u32,
    /// Which of the adopted profiles it runs under: the place in [`Profiles`].
    pub profile: u16,
    /// What it concerns.
    pub subject: Digest,
    /// The statement that started it.
    pub started_by: Digest,
    /// When it started.
    pub started_at: i64,
    /// The first second that is too late. While it is suspended, without the time that it stands
    /// still.
    pub due: i64,
    /// Since when it stands still.
    pub suspended_since: Option<i64>,
    /// How often it was made longer.
    pub extended: u8,
    /// How it ended.
    pub ended: Option<Ended>,
    /// When it was recorded as missed, last.
    pub missed: Option<i64>,
    /// When it was due by the times that were stated first, where a correction moved that.
    pub first_due: Option<i64>,
    /// An event of a protected stream started it.
    pub protected: bool,
    /// That it runs out is no missed duty.
    pub term: bool,
    /// How it is counted is not settled in law.
    pub assumed: bool,
}

impl Clock {
    /// What it is known by.
    #[must_use]
    pub const fn key(&self) -> ClockKey {
        ClockKey { number: self.number, started_by: self.started_by, subject: self.subject }
    }
}

/// The clocks of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    /// Each digest that the clocks name, once: they name it by its place.
    digests: Vec<Digest>,
    /// Every clock that ever started, in the order of starting.
    instances: Vec<Instance>,
}

/// A time that an event stated, and what it had stated first if that was corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Stated {
    at: i64,
    first: Option<i64>,
}

/// An event's mark on a clock: which statement's, and when it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    by: u32,
    time: Stated,
    /// The time is the record's own.
    fixed: bool,
}

/// What moved a clock's due date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Change {
    Suspended(Mark),
    Resumed(Mark),
    Extended(Mark),
}

/// A clock as it is stored: what its events said, and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Instance {
    number: u32,
    profile: u16,
    /// Its rule's place in the profile.
    rule: u16,
    subject: u32,
    started: Mark,
    /// The due date that the event stated.
    stated: Option<Stated>,
    changes: Vec<Change>,
    ended: Option<(How, Mark)>,
    missed: Option<i64>,
    term: bool,
    protected: bool,
    // INVARIANT: the rest follows from the above and the rule; `settle` keeps it so.
    due: i64,
    first_due: Option<i64>,
    suspended_since: Option<i64>,
    extended: u8,
    assumed: bool,
}

impl Stated {
    const fn new(at: i64) -> Self {
        Self { at, first: None }
    }

    /// What was stated first.
    fn original(&self) -> i64 {
        self.first.unwrap_or(self.at)
    }

    fn correct(&mut self, at: i64) {
        let first = self.original();
        *self = Self { at, first: (first != at).then_some(first) };
    }
}

impl Mark {
    /// Moves it, if it is that statement's and not fixed; was it?
    fn correct(&mut self, of: u32, at: i64) -> bool {
        let concerned = self.by == of && !self.fixed;
        if concerned {
            self.time.correct(at);
        }
        concerned
    }
}

impl Change {
    const fn mark(&self) -> &Mark {
        match self {
            Self::Suspended(mark) | Self::Resumed(mark) | Self::Extended(mark) => mark,
        }
    }

    const fn mark_mut(&mut self) -> &mut Mark {
        match self {
            Self::Suspended(mark) | Self::Resumed(mark) | Self::Extended(mark) => mark,
        }
    }
}

impl Clocks {
    /// Every clock that ever started, in the order of starting.
    pub fn iter(&self) -> impl Iterator<Item = Clock> {
        (0_u32..).zip(&self.instances).map(|(id, instance)| self.shown(ClockId(id), instance))
    }

    /// The clock at this place.
    #[must_use]
    pub fn get(&self, id: ClockId) -> Option<Clock> {
        self.instance(id).map(|instance| self.shown(id, instance))
    }

    /// The clock of this key.
    #[must_use]
    pub fn find(&self, key: &ClockKey) -> Option<ClockId> {
        let (started_by, subject) = (self.place(&key.started_by)?, self.place(&key.subject)?);
        self.id_of(key.number, started_by, subject)
    }

    /// Those that have not ended, suspended and overdue ones too.
    pub fn open(&self) -> impl Iterator<Item = Clock> {
        self.iter().filter(|clock| clock.ended.is_none())
    }

    /// How many clocks ever started.
    #[must_use]
    pub fn len(&self) -> usize {
        self.instances.len()
    }

    /// Did none ever start?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.instances.is_empty()
    }

    fn instance(&self, id: ClockId) -> Option<&Instance> {
        self.instances.get(usize::try_from(id.0).ok()?)
    }

    fn instance_mut(&mut self, id: ClockId) -> Option<&mut Instance> {
        self.instances.get_mut(usize::try_from(id.0).ok()?)
    }

    fn id_of(&self, number: u32, started_by: u32, subject: u32) -> Option<ClockId> {
        let mut places = (0_u32..).zip(&self.instances);
        let found = places.find(|(_, instance)| {
            (instance.number, instance.started.by, instance.subject)
                == (number, started_by, subject)
        });
        found.map(|(id, _)| ClockId(id))
    }

    fn shown(&self, id: ClockId, instance: &Instance) -> Clock {
        Clock {
            id,
            number: instance.number,
            profile: instance.profile,
            subject: self.digest(instance.subject),
            started_by: self.digest(instance.started.by),
            started_at: instance.started.time.at,
            due: instance.due,
            suspended_since: instance.suspended_since,
            extended: instance.extended,
            ended: instance.ended.map(|(how, mark)| Ended {
                how,
                by: self.digest(mark.by),
                at: mark.time.at,
            }),
            missed: instance.missed,
            first_due: instance.first_due,
            protected: instance.protected,
            term: instance.term,
            assumed: instance.assumed,
        }
    }

    /// The digest at this place.
    fn digest(&self, place: u32) -> Digest {
        let found = usize::try_from(place).ok().and_then(|place| self.digests.get(place));
        // INVARIANT: every place that is stored was handed out by `name`.
        found.copied().unwrap_or(Digest::ZERO)
    }

    /// Where this digest stands. The last ones are asked for most.
    fn place(&self, digest: &Digest) -> Option<u32> {
        let found = self.digests.iter().rposition(|known| known == digest)?;
        u32::try_from(found).ok()
    }

    /// Where this digest stands, from now on.
    fn name(&mut self, digest: Digest) -> u32 {
        if let Some(place) = self.place(&digest) {
            return place;
        }
        self.digests.push(digest);
        u32::try_from(self.digests.len() - 1).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests;

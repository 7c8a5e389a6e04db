//! How a clock stands at a time.

use super::due::{first, present};
use super::{Clock, ClockId, Clocks, How, Instance, Stated};

/// How a clock stands. One of these, never two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reading {
    /// It runs, and is not yet due.
    Running,
    /// It stands still.
    Suspended,
    /// A duty ran out, and that is not recorded yet.
    Overdue,
    /// What was due was done in time.
    Kept,
    /// What was due was done in time, but recorded only after the clock was recorded as missed.
    KeptRecordedLate,
    /// What was due was done too late.
    Late,
    /// It is recorded as missed, or fell away after it had run out; what was due was not done.
    Missed,
    /// A term is over, and was not used while it ran.
    Expired,
    /// It fell away before it ran out.
    Dropped,
    /// It goes on in another file.
    HandedOver,
}

impl Reading {
    /// Does it say that what was due was done in time?
    #[must_use]
    pub const fn is_kept(self) -> bool {
        matches!(self, Self::Kept | Self::KeptRecordedLate)
    }

    /// Does it say that what was due was not done in time?
    #[must_use]
    pub const fn is_missed(self) -> bool {
        matches!(self, Self::Overdue | Self::Late | Self::Missed)
    }
}

impl Instance {
    fn reading(&self, due: i64, now: i64, reads: fn(&Stated) -> i64) -> Reading {
        let missed = self.missed.is_some_and(|at| due <= at);
        let suspended = self.suspended_since.is_some();
        match self.ended {
            Some((How::HandedOver, _)) => Reading::HandedOver,
            Some((how, end)) => {
                // While it stands still it can't run out.
                let in_time = suspended || reads(&end.time) < due;
                match (how, in_time) {
                    (How::Stopped, true) if missed => Reading::KeptRecordedLate,
                    (How::Stopped, true) => Reading::Kept,
                    (How::Stopped, false) if !self.term => Reading::Late,
                    (_, true) => Reading::Dropped,
                    (_, false) if self.term => Reading::Expired,
                    (_, false) => Reading::Missed,
                }
            }
            None if suspended => Reading::Suspended,
            None if self.term && due <= now => Reading::Expired,
            None if missed => Reading::Missed,
            None if due <= now => Reading::Overdue,
            None => Reading::Running,
        }
    }
}

impl Clocks {
    /// How a clock stands at this time; seconds since 1970 UTC. `None`: there is no such clock.
    #[must_use]
    pub fn reading(&self, id: ClockId, now: i64) -> Option<Reading> {
        self.instance(id).map(|instance| instance.reading(instance.due, now, present))
    }

    /// How it would stand by the times that events stated first, before any correction.
    #[must_use]
    pub fn first_reading(&self, id: ClockId, now: i64) -> Option<Reading> {
        self.instance(id).map(|instance| {
            instance.reading(instance.first_due.unwrap_or(instance.due), now, first)
        })
    }

    /// The duties that ran out by now and are not recorded as missed.
    pub fn overdue(&self, now: i64) -> impl Iterator<Item = Clock> {
        let places = (0_u32..).zip(&self.instances);
        let overdue = places.filter(move |(_, clock)| clock.is_awaited() && clock.due <= now);
        overdue.map(|(id, clock)| self.shown(ClockId(id), clock))
    }

    /// Is it a duty that ran out by now, and is not recorded as missed?
    #[must_use]
    pub fn is_overdue(&self, id: ClockId, now: i64) -> bool {
        self.instance(id).is_some_and(|clock| clock.is_awaited() && clock.due <= now)
    }

    /// When the next duty runs out, or ran out and is not recorded as missed.
    #[must_use]
    pub fn next_due(&self) -> Option<i64> {
        let awaited = self.instances.iter().filter(|clock| clock.is_awaited());
        awaited.map(|clock| clock.due).min()
    }

    /// A clock was recorded as missed at this time; seconds since 1970 UTC.
    pub fn miss(&mut self, id: ClockId, at: i64) {
        if let Some(instance) = self.instance_mut(id) {
            instance.missed = Some(at);
        }
    }
}

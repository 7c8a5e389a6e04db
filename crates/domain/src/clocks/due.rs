//! When a clock is due, from what its events said.

use super::{Change, Clocks, Instance, Profiles, Stated};
use crate::profile::{ClockRule, Counting, Due, Duty, End, Length, Profile};

/// What follows from a clock's marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Settled {
    pub(super) due: Due,
    pub(super) suspended_since: Option<i64>,
    pub(super) extended: u8,
}

/// Which of its readings a time is asked for.
pub(super) type Reads = fn(&Stated) -> i64;

/// By the times as they stand.
pub(super) fn present(time: &Stated) -> i64 {
    time.at
}

/// By the times as they were stated first.
pub(super) fn first(time: &Stated) -> i64 {
    time.original()
}

/// When a clock of this rule is due. Suspensions and extensions count in the order in which they
/// were recorded, each only if it happened before the clock, as it stood, ran out.
pub(super) fn settle(
    rule: &ClockRule,
    counting: &Counting,
    instance: &Instance,
    reads: Reads,
) -> Settled {
    let (mut end, assumed) = opening(rule, counting, instance, reads);
    let close = |end: End| counting.close(end, rule.length, rule.last_day);
    let mut due = close(end);
    let mut suspended_since = None;
    let mut extended = 0_u8;
    for change in &instance.changes {
        let at = reads(&change.mark().time);
        match (change, suspended_since) {
            (Change::Suspended(_), None) if at < due.at => suspended_since = Some(at),
            (Change::Resumed(_), Some(since)) => {
                end = counting.stood_still(end, since, at);
                suspended_since = None;
            }
            (Change::Extended(_), _) if at < due.at || suspended_since.is_some() => {
                let Some(extension) = rule.extend.as_ref().filter(|e| extended < e.times) else {
                    continue;
                };
                end = counting.later(end, extension.by);
                extended += 1;
            }
            _ => {}
        }
        due = close(end);
    }
    due.assumed |= assumed;
    Settled { due, suspended_since, extended }
}

/// The end of a clock before anything moved it, and whether that is assumed. Of a stated one: what
/// the event stated, or the most that the rule allows if that is earlier.
fn opening(
    rule: &ClockRule,
    counting: &Counting,
    instance: &Instance,
    reads: Reads,
) -> (End, bool) {
    let start = reads(&instance.started.time);
    if rule.length != Length::Stated {
        return (counting.open(rule.length, start), false);
    }
    let stated = instance.stated.as_ref().map(reads);
    let most = rule.at_most.map(|most| counting.due(most, start, rule.last_day));
    match (stated, most) {
        (Some(stated), Some(most)) if most.at <= stated => (End::At(most.at), most.assumed),
        (Some(stated), _) => (End::At(stated), false),
        (None, Some(most)) => (End::At(most.at), most.assumed),
        // INVARIANT: `take` starts no such clock.
        (None, None) => (End::At(start), false),
    }
}

/// Brings what follows from a clock's marks up to date with them.
pub(super) fn refresh(instance: &mut Instance, profile: &Profile, rule: &ClockRule) {
    let now = settle(rule, profile.counting(), instance, present);
    instance.due = now.due.at;
    instance.suspended_since = now.suspended_since;
    instance.extended = now.extended;
    instance.assumed =
        rule.counting_assumed || rule.basis == crate::profile::Basis::Assumed || now.due.assumed;
    instance.first_due = if instance.is_corrected() {
        let before = first_rule(instance, profile).unwrap_or(rule);
        let due = settle(before, profile.counting(), instance, first).due.at;
        (due != instance.due).then_some(due)
    } else {
        None
    };
}

/// The rule under which it started by the time stated first.
fn first_rule<'a>(instance: &Instance, profile: &'a Profile) -> Option<&'a ClockRule> {
    let day = profile.counting().day_of(instance.started.time.original());
    profile.clock(instance.number, day).map(|(_, rule)| rule)
}

impl Instance {
    /// Was any of the times that make its due date corrected?
    fn is_corrected(&self) -> bool {
        let mut times = std::iter::once(&self.started.time)
            .chain(&self.stated)
            .chain(self.changes.iter().map(|change| &change.mark().time));
        times.any(|time| time.first.is_some())
    }

    /// Does it stand as recorded missed? What was missed by an earlier reading of its due date is
    /// not missed by a later one.
    pub(super) fn is_missed(&self) -> bool {
        self.missed.is_some_and(|at| self.due <= at)
    }

    /// Is it a duty that may still run out?
    pub(super) fn is_awaited(&self) -> bool {
        !self.term && self.ended.is_none() && self.suspended_since.is_none() && !self.is_missed()
    }

    /// Is it open, and has it not run out as terms do, by this time?
    pub(super) fn is_running(&self, at: i64) -> bool {
        self.ended.is_none() && !(self.term && self.suspended_since.is_none() && self.due <= at)
    }
}

impl Clocks {
    /// Whose duty a clock is; `None` if its profile is not among these.
    #[must_use]
    pub fn duty(&self, id: super::ClockId, profiles: &Profiles) -> Option<Duty> {
        self.rule(id, profiles).map(|rule| rule.duty)
    }

    /// The rule under which a clock runs; `None` if its profile is not among these.
    #[must_use]
    pub fn rule<'a>(&self, id: super::ClockId, profiles: &'a Profiles) -> Option<&'a ClockRule> {
        let instance = self.instance(id)?;
        profiles.rule(instance.profile, instance.rule).map(|(_, rule)| rule)
    }
}

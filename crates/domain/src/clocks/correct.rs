//! Corrections: an event's stated time was wrong.

use letopis_types::Digest;

use super::due::refresh;
use super::{Clocks, Profiles};

impl Clocks {
    /// An event is corrected to have happened at another time: every start, stop, suspension and
    /// extension by it moves there, and due dates with them, save what happened by being recorded.
    /// What was stated first is kept beside.
    ///
    /// A clock whose start moves to a day of another of its profile's rules of the same number
    /// runs under that one; it stays in its profile, and where no rule applies, under its own.
    pub fn correct(&mut self, of: &Digest, new_at: i64, profiles: &Profiles) {
        let Some(of) = self.place(of) else { return };
        for instance in &mut self.instances {
            let Some(profile) = profiles.get(instance.profile) else { continue };
            let mut moved = instance.started.correct(of, new_at);
            if moved {
                let day = profile.counting().day_of(new_at);
                if let Some((rule, _)) = profile.clock(instance.number, day) {
                    instance.rule = rule;
                }
            }
            if let Some((_, end)) = &mut instance.ended {
                moved |= end.correct(of, new_at);
            }
            for change in &mut instance.changes {
                moved |= change.mark_mut().correct(of, new_at);
            }
            if moved && let Some(rule) = profile.clock_at(instance.rule) {
                refresh(instance, profile, rule);
            }
        }
    }

    /// The due date that an event stated for a subject is corrected; the first second that is too
    /// late, since 1970 UTC. What was stated first is kept beside.
    pub fn correct_due(
        &mut self,
        of: &Digest,
        subject: &Digest,
        new_due: i64,
        profiles: &Profiles,
    ) {
        let (Some(of), Some(subject)) = (self.place(of), self.place(subject)) else { return };
        for instance in &mut self.instances {
            if (instance.started.by, instance.subject) != (of, subject) {
                continue;
            }
            let Some(stated) = &mut instance.stated else { continue };
            stated.correct(new_due);
            if let Some((profile, rule)) = profiles.rule(instance.profile, instance.rule) {
                refresh(instance, profile, rule);
            }
        }
    }
}

//! What an occasion does to the clocks of its file.

use letopis_types::Digest;

use super::due::refresh;
use super::{Change, ClockId, ClockKey, Clocks, How, Instance, Mark, Occasion, Profiles, Stated};
use crate::profile::{ClockRule, Effect, Length, Profile, Scope};

/// A clock that starts.
#[derive(Clone, Copy)]
struct Start {
    profile: u16,
    rule: u16,
    subject: Digest,
    protected: bool,
}

impl Clocks {
    /// Takes an occasion in: it ends, suspends, resumes and extends clocks that run, then starts
    /// others, by the profile in force when it happened. A clock that runs keeps the rule under
    /// which it started.
    ///
    /// An occasion of an earlier civil day than a clock's start does nothing to it. One that was
    /// recorded after a clock was stopped, and shows that what was due was done earlier, moves the
    /// stop there. Taking the same start in twice starts one clock.
    ///
    /// True if any clock changed or started.
    pub fn take(&mut self, occasion: &Occasion, profiles: &Profiles) -> bool {
        let (mut changed, mut starts) = self.affect(occasion, profiles);
        if let Some((place, profile)) = profiles.in_force(occasion.at) {
            let day = profile.counting().day_of(occasion.at);
            let (subject, protected) = (occasion.subject, occasion.protected);
            starts.extend(
                profile
                    .starting(occasion.name)
                    .filter(|(_, rule)| rule.starts_by(occasion) && rule.applies(day))
                    .map(|(rule, _)| Start { profile: place, rule, subject, protected }),
            );
        }
        for start in starts {
            changed |= self.start(start, occasion, profiles).is_some();
        }
        changed
    }

    /// Lets the occasion work on the clocks there are. Whether it did anything, and what is to
    /// start anew.
    fn affect(&mut self, occasion: &Occasion, profiles: &Profiles) -> (bool, Vec<Start>) {
        let subjects: Vec<u32> =
            occasion.subjects().filter_map(|subject| self.place(subject)).collect();
        let mut by = None;
        let mut anew = Vec::new();
        for place in 0..self.instances.len() {
            let Some((instance, profile, rule, effect)) =
                self.affected(place, &subjects, occasion, profiles)
            else {
                continue;
            };
            let (number, protected) = (instance.number, instance.protected);
            let subject = match rule.scope {
                Scope::File => occasion.subject,
                Scope::Subject => self.digest(instance.subject),
            };
            let was_open = instance.ended.is_none();
            let mark = Mark {
                by: *by.get_or_insert_with(|| self.name(occasion.by)),
                time: Stated::new(occasion.at),
                fixed: occasion.recorded,
            };
            let Some(instance) = self.instances.get_mut(place) else { continue };
            match effect {
                Effect::Stop | Effect::Restart => instance.ended = Some((How::Stopped, mark)),
                Effect::Drop => instance.ended = Some((How::Dropped, mark)),
                Effect::Suspend => instance.changes.push(Change::Suspended(mark)),
                Effect::Resume => instance.changes.push(Change::Resumed(mark)),
                Effect::Extend => instance.changes.push(Change::Extended(mark)),
            }
            refresh(instance, profile, rule);
            if effect == Effect::Restart && was_open {
                let protected = protected || occasion.protected;
                anew.extend(restart(number, subject, protected, occasion, profiles));
            }
        }
        (by.is_some(), anew)
    }

    /// The clock at this place, if the occasion does anything to it, with its rule.
    fn affected<'a>(
        &self,
        place: usize,
        subjects: &[u32],
        occasion: &Occasion,
        profiles: &'a Profiles,
    ) -> Option<(&Instance, &'a Profile, &'a ClockRule, Effect)> {
        let instance = self.instances.get(place)?;
        // Most clocks of a long case ended long before.
        if instance.ended.is_some_and(|(_, end)| end.time.at <= occasion.at) {
            return None;
        }
        let (profile, rule) = profiles.rule(instance.profile, instance.rule)?;
        let concerned =
            occasion.of_whole || rule.scope == Scope::File || subjects.contains(&instance.subject);
        if !concerned {
            return None;
        }
        let effect = rule.effect(occasion)?;
        let stops = matches!(effect, Effect::Stop | Effect::Restart);
        match instance.ended {
            // It is done since; only that it was done earlier still matters.
            Some((how, _)) if how == How::HandedOver || !stops => return None,
            _ => {}
        }
        let start = instance.started.time.at;
        let day_of = |at| profile.counting().day_of(at);
        if occasion.at < start && day_of(occasion.at) < day_of(start) {
            return None;
        }
        Some((instance, profile, rule, effect))
    }

    fn start(&mut self, start: Start, occasion: &Occasion, profiles: &Profiles) -> Option<()> {
        let (profile, rule) = profiles.rule(start.profile, start.rule)?;
        let stated = occasion.due.filter(|_| rule.length == Length::Stated);
        if rule.length == Length::Stated && stated.is_none() && rule.at_most.is_none() {
            return None; // nothing was stated, so nothing is due
        }
        let (number, started_by, subject) = (rule.number, occasion.by, start.subject);
        let known = self.find(&ClockKey { number, started_by, subject }).is_some();
        let running = rule.scope == Scope::File
            && self
                .instances
                .iter()
                .any(|instance| instance.number == number && instance.is_running(occasion.at));
        if known || running {
            return None;
        }
        let (by, subject) = (self.name(started_by), self.name(subject));
        let mut instance = Instance {
            number,
            profile: start.profile,
            rule: start.rule,
            subject,
            started: Mark { by, time: Stated::new(occasion.at), fixed: occasion.recorded },
            stated: stated.map(Stated::new),
            changes: Vec::new(),
            ended: None,
            missed: None,
            term: rule.ends == crate::profile::Ends::Term,
            protected: start.protected,
            due: 0,
            first_due: None,
            suspended_since: None,
            extended: 0,
            assumed: false,
        };
        refresh(&mut instance, profile, rule);
        self.instances.push(instance);
        Some(())
    }

    /// Takes over what is open in another file, as far as it `goes`: the clocks of a signal go on in
    /// the case that came of it. Those that are here already are left as they are.
    pub fn take_over(&mut self, from: &Self, goes: impl Fn(ClockId) -> bool) {
        let open = (0_u32..).zip(&from.instances).filter(|(_, clock)| clock.ended.is_none());
        for (_, instance) in open.filter(|(id, _)| goes(ClockId(*id))) {
            let mut own = instance.clone();
            own.subject = self.name(from.digest(instance.subject));
            own.started.by = self.name(from.digest(instance.started.by));
            for change in &mut own.changes {
                let mark = change.mark_mut();
                mark.by = self.name(from.digest(mark.by));
            }
            if self.id_of(own.number, own.started.by, own.subject).is_none() {
                self.instances.push(own);
            }
        }
    }

    /// Ends what is open and `goes`, because it goes on in another file, which took it over.
    pub fn hand_over(&mut self, by: Digest, at: i64, goes: impl Fn(&Self, ClockId) -> bool) {
        let open: Vec<ClockId> = self.open().map(|clock| clock.id).collect();
        let going: Vec<ClockId> = open.into_iter().filter(|id| goes(self, *id)).collect();
        let by = self.name(by);
        for id in going {
            if let Some(instance) = self.instance_mut(id) {
                instance.ended =
                    Some((How::HandedOver, Mark { by, time: Stated::new(at), fixed: true }));
            }
        }
    }
}

/// The rule under which a clock of this number starts anew: the one in force by now.
fn restart(
    number: u32,
    subject: Digest,
    protected: bool,
    occasion: &Occasion,
    profiles: &Profiles,
) -> Option<Start> {
    let (place, profile) = profiles.in_force(occasion.at)?;
    let (rule, _) = profile.clock(number, profile.counting().day_of(occasion.at))?;
    Some(Start { profile: place, rule, subject, protected })
}

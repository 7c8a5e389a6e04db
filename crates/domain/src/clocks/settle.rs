//! What the procedure asks the clocks, and does to them, beside occasions.

use letopis_types::Digest;

use super::{Clock, ClockId, Clocks, How, Mark, Name, Profiles, Stated};

impl Clocks {
    /// What is still due: duties that have not ended. Without those that a protected event started: nothing
    /// outside of their stream names them.
    pub fn open_duties(&self) -> impl Iterator<Item = Clock> {
        self.open().filter(|clock| !clock.term && !clock.protected)
    }

    /// Did the term for the signatures under this act run out by now?
    #[must_use]
    pub fn confirmation_is_out(&self, act: &Digest, now: i64, profiles: &Profiles) -> bool {
        let for_signature = |id| {
            self.rule(id, profiles)
                .is_some_and(|rule| rule.start.iter().any(|on| on.name == Name::ConfirmationDue))
        };
        let mut open = self.open().filter(|clock| clock.subject == *act && clock.due <= now);
        open.any(|clock| for_signature(clock.id))
    }

    /// When the terms about this are out, used or not, save one that fell away and one whose end was stated:
    /// seconds since 1970 UTC. Of an act they are those of appeal, which the law sets for each party.
    pub fn terms_about(&self, subject: &Digest) -> impl Iterator<Item = i64> {
        let place = self.place(subject);
        let terms = self.instances.iter().filter(move |clock| {
            let stands = clock.ended.is_none_or(|(how, _)| how == How::Stopped);
            clock.term && stands && clock.stated.is_none() && Some(clock.subject) == place
        });
        terms.map(|clock| clock.due)
    }

    /// Did this statement start a clock, end it or move it?
    #[must_use]
    pub fn concerns(&self, statement: &Digest) -> bool {
        let Some(place) = self.place(statement) else { return false };
        self.instances.iter().any(|clock| {
            clock.started.by == place
                || clock.ended.is_some_and(|(_, mark)| mark.by == place)
                || clock.changes.iter().any(|change| change.mark().by == place)
        })
    }

    /// The due date that a statement stated for a subject; the first second that is too late.
    #[must_use]
    pub fn stated_due(&self, statement: &Digest, subject: &Digest) -> Option<i64> {
        let (by, about) = (self.place(statement)?, self.place(subject)?);
        let mut stated = self.instances.iter();
        let clock = stated.find(|clock| (clock.started.by, clock.subject) == (by, about))?;
        clock.stated.map(|stated| stated.at)
    }

    /// What was due for this subject falls away, by this statement.
    pub fn drop_duty(&mut self, subject: &Digest, at: i64, by: Digest) {
        let open: Vec<ClockId> = self
            .open()
            .filter(|clock| clock.subject == *subject && !clock.term)
            .map(|clock| clock.id)
            .collect();
        self.end_all(&open, How::Dropped, at, by);
    }

    /// This statement was entered in the wrong file: what it started falls away, what it ended goes
    /// on.
    pub fn misfiled(&mut self, statement: &Digest, at: i64, by: Digest) {
        let started: Vec<ClockId> = self
            .open()
            .filter(|clock| clock.started_by == *statement)
            .map(|clock| clock.id)
            .collect();
        self.end_all(&started, How::Dropped, at, by);
        let Some(place) = self.place(statement) else { return };
        for clock in self.instances.iter_mut().filter(|clock| clock.started.by != place) {
            clock.ended = clock.ended.filter(|(_, mark)| mark.by != place);
        }
    }

    fn end_all(&mut self, clocks: &[ClockId], how: How, at: i64, by: Digest) {
        let by = self.name(by);
        for id in clocks {
            if let Some(clock) = self.instance_mut(*id) {
                clock.ended = Some((how, Mark { by, time: Stated::new(at), fixed: true }));
            }
        }
    }
}

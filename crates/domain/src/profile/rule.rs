//! A rule for a clock.

use jiff::civil::Date;
use serde::Deserialize;

use super::{Basis, LastDay, Length, Words};
use crate::clocks::occasion::{Occasion, Trigger};

/// Whose duty it is that a clock is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duty {
    /// Whoever took the signal or the visit on.
    SocialWorker,
    /// The head of the child protection department.
    HeadOfDepartment,
    /// The director of the agency.
    Director,
    /// The agency that holds the case.
    Holder,
    /// The lead of the case.
    Lead,
    /// The provider of the service.
    Provider,
    /// The supervisor.
    Supervisor,
    /// The court.
    Court,
    /// A party: a parent, the child, who asked or appeals.
    Party,
    /// The data protection officer.
    DataProtectionOfficer,
    /// The superior body.
    Superior,
    /// Who took on the commitment.
    Owner,
}

/// What it means that a clock ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ends {
    /// A duty was missed.
    Duty,
    /// Nothing but that the term is over: of an appeal, of a measure.
    Term,
}

/// Which of its clocks in a file an occasion concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Those of the occasion's own subject. Each subject has a clock of its own.
    #[default]
    Subject,
    /// The file's one clock, whatever the occasion is about. While one is open, no other starts.
    File,
}

/// By what a clock gets longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// On which occasions.
    pub on: Vec<Trigger>,
    /// By how much.
    pub by: Length,
    /// How often at most.
    pub times: u8,
}

/// What an occasion does to a clock that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The duty is done.
    Stop,
    /// The duty is done, and begins anew.
    Restart,
    /// The duty fell away.
    Drop,
    /// It stands still from then on.
    Suspend,
    /// It goes on.
    Resume,
    /// It gets longer.
    Extend,
}

/// A rule for a clock, for those that start within its days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockRule {
    /// Its number, for ever. Rules of one number follow one another in time.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// In words.
    pub words: Words,
    /// Where it stands.
    pub article: String,
    /// On what it rests.
    pub basis: Basis,
    /// Whose duty it is.
    pub duty: Duty,
    /// What it means that it ran out.
    pub ends: Ends,
    /// How long it runs.
    pub length: Length,
    /// Of a stated length: how long at most.
    pub at_most: Option<Length>,
    /// How it ends when its last day is no working day.
    pub last_day: LastDay,
    /// Which clocks an occasion concerns.
    pub scope: Scope,
    /// What starts it.
    pub start: Vec<Trigger>,
    /// What stops it.
    pub stop: Vec<Trigger>,
    /// What stops it and starts it anew.
    pub restart: Vec<Trigger>,
    /// What makes it fall away.
    pub drop: Vec<Trigger>,
    /// What suspends it.
    pub suspend: Vec<Trigger>,
    /// What lets it go on.
    pub resume: Vec<Trigger>,
    /// What makes it longer.
    pub extend: Option<Extension>,
    /// The first civil day on which one may start.
    pub applies_from: Date,
    /// The first civil day on which none starts any more.
    pub applies_until: Option<Date>,
    /// How it is counted is not settled in law.
    pub counting_assumed: bool,
}

impl ClockRule {
    /// May a clock start by it on this day?
    #[must_use]
    pub fn applies(&self, day: Date) -> bool {
        self.applies_from <= day && self.applies_until.is_none_or(|until| day < until)
    }

    /// Does it start by this occasion?
    #[must_use]
    pub fn starts_by(&self, occasion: &Occasion) -> bool {
        hears(&self.start, occasion)
    }

    /// What the occasion does to a running clock of this rule. Where it could do more than one
    /// thing, what ends the clock comes first.
    #[must_use]
    pub fn effect(&self, occasion: &Occasion) -> Option<Effect> {
        let extending = self.extend.as_ref().map_or(&[][..], |extension| &extension.on);
        [
            (&self.restart[..], Effect::Restart),
            (&self.stop, Effect::Stop),
            (&self.drop, Effect::Drop),
            (&self.suspend, Effect::Suspend),
            (&self.resume, Effect::Resume),
            (extending, Effect::Extend),
        ]
        .into_iter()
        .find_map(|(triggers, effect)| hears(triggers, occasion).then_some(effect))
    }
}

fn hears(triggers: &[Trigger], occasion: &Occasion) -> bool {
    triggers.iter().any(|trigger| trigger.hears(occasion))
}

//! The action plan (чл. 16а ППЗЗДет): one in force, adopted on an assessment, amended by the next.

use letopis_proto::statement::v1::{Relation, Track};
use letopis_types::Digest;
use serde::{Deserialize, Serialize};

use super::asked::{Asked, Deed, Happened};
use super::coordination::{check_commitments, undertake};
use super::decide::check_after;
use super::rule::Verdict;
use super::signal::of_track;
use crate::clocks::occasion::Name;
use crate::fact::{self, Fact};
use crate::file::FileState;

super::rule::rules! {
    NOT_ASSESSED: "plan.not-assessed",
        "no assessment of the case is in force, and a plan rests on one: complete and confirm it first",
        "няма действаща оценка на случая, а планът се основава на нея: първо я завършете и потвърдете";
    IN_FORCE_ALREADY: "plan.in-force-already",
        "a plan is in force: amend it",
        "вече има действащ план: актуализирайте го";
    NOT_IN_FORCE: "plan.not-in-force",
        "refer to the plan in force (supersedes); without one, adopt a plan",
        "посочете действащия план, който се заменя; ако няма, приемете план";
}

/// The plan of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// The plan as adopted, and each amendment; the last one is in force.
    versions: Vec<InForce>,
    /// Those of the case before it was closed.
    past: Vec<InForce>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct InForce {
    hash: Digest,
    /// The number of its track.
    track: i32,
}

impl Plan {
    /// The plan in force.
    pub(crate) fn in_force(&self) -> Option<Digest> {
        self.versions.last().map(|plan| plan.hash)
    }

    /// The plan as it was adopted.
    pub(super) fn adopted(&self) -> Option<&Digest> {
        self.versions.first().map(|plan| &plan.hash)
    }

    /// The track of the plan in force.
    pub(super) fn track(&self) -> Option<Track> {
        self.versions.last().map(|plan| Track::try_from(plan.track).unwrap_or_default())
    }

    /// The track of the last plan, in force or not.
    pub(super) fn last_track(&self) -> Option<Track> {
        let last = self.versions.last().or(self.past.last())?;
        Some(Track::try_from(last.track).unwrap_or_default())
    }

    /// Is this a plan of the case, in that track?
    pub(super) fn is_in(&self, plan: &Digest, track: Track) -> bool {
        let track = i32::from(track);
        let mut all = self.versions.iter().chain(&self.past);
        all.any(|known| (known.hash, known.track) == (*plan, track))
    }

    /// This statement was entered in the wrong file: the plan before it is in force, with its track.
    pub(super) fn misfiled(&mut self, event: &Digest) {
        self.versions.retain(|plan| plan.hash != *event);
        self.past.retain(|plan| plan.hash != *event);
    }
}

pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    let procedure = asked.procedure();
    match asked.fact() {
        Fact::PlanAdopted(fact) => {
            let assessed = procedure.case.assessed.ok_or(NOT_ASSESSED)?;
            IN_FORCE_ALREADY.unless(procedure.plan.in_force().is_none())?;
            check_after(asked, &assessed)?;
            check_commitments(asked, &fact.0.commitments)
        }
        Fact::PlanAmended(fact) => {
            let plan = procedure.plan.versions.last().ok_or(NOT_IN_FORCE)?;
            NOT_IN_FORCE.unless(asked.referred(Relation::Supersedes) == Some(plan.hash))?;
            check_after(asked, &plan.hash)?;
            check_commitments(asked, &fact.0.commitments)
        }
        _ => Ok(()),
    }
}

pub(super) fn evolve(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    match deed.fact {
        Fact::PlanAdopted(fact) => {
            happened.push(deed.is(Name::PlanAdopted).qualified(of_track(fact.0.track())));
            take(file, &fact.0, deed, happened);
        }
        Fact::PlanAmended(fact) => {
            let track = fact.0.track();
            happened.push(deed.is(Name::PlanAmended).qualified(of_track(track)));
            // In another procedure other clocks run, as under a plan that is adopted there.
            if file.procedure.plan.track() != Some(track) {
                happened.push(deed.is(Name::PlanAdopted).qualified(of_track(track)));
            }
            take(file, &fact.0, deed, happened);
        }
        Fact::EventMisfiled(fact) => file.procedure.plan.misfiled(&fact.event),
        // A case that is opened again gets a plan of its own.
        Fact::CaseClosed(_) | Fact::CaseVoided(_) | Fact::CasesMerged(_) => {
            let plan = &mut file.procedure.plan;
            plan.past.append(&mut plan.versions);
        }
        _ => {}
    }
}

fn take(file: &mut FileState, plan: &fact::Plan, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    file.procedure.plan.versions.push(InForce { hash: deed.hash, track: plan.track().into() });
    undertake(file, &plan.commitments, deed, happened);
}

//! The procedure of a file: what was done in a case, a signal or another file, and what may follow
//! by law (../shared/domain/law-bg.md is where the rules were read).
//!
//! One module per part of the catalogue, each with a `decide` (may this be done now?) and an `evolve`
//! (what follows from it?). An act whose confirming signature is still due takes effect when it
//! comes ([`acts`]); what takes effect tells the clocks of its occasions. Articles, terms, measures
//! and which clocks there are come from the adopted profile.

mod access;
mod acts;
mod appeals;
mod asked;
mod closing;
mod coordination;
mod corrections;
mod court;
mod decide;
mod emergency;
mod events;
mod evolve;
mod execution;
mod inspections;
mod opening;
mod orders;
mod owing;
mod people;
mod placement;
mod plan;
mod requests;
mod required;
mod responsibility;
mod reviews;
mod rule;
mod services;
mod signal;
mod transfer;
mod voice;

use letopis_proto::statement::v1::Track;
use letopis_types::Digest;
use serde::{Deserialize, Serialize};

pub use acts::{Act, DueSignature, Status};
pub use asked::{Around, Taken};
pub use coordination::{Standing, Undertaken};
pub(crate) use corrections::correct_inherited;
pub(crate) use decide::decide;
pub use decide::governs;
pub use events::Known;
pub(crate) use evolve::{comes_of, evolve, opened_case};
pub use opening::Stage;
pub use orders::{OrderKind, OrderReading};
pub use owing::{Debtor, debtors};
pub use required::{Need, required};
pub use responsibility::lead_in_force;
pub use rule::{Rule, RuleError};

use crate::clocks::Clocks;

/// What the procedure of a file has come to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Procedure {
    pub(crate) events: events::Events,
    pub(crate) acts: acts::Acts,
    pub(crate) clocks: Clocks,
    pub(crate) signal: signal::Signal,
    pub(crate) case: opening::Case,
    pub(crate) emergency: emergency::Emergency,
    pub(crate) coordination: coordination::Coordination,
    pub(crate) plan: plan::Plan,
    pub(crate) services: services::Services,
    pub(crate) requests: requests::Requests,
    pub(crate) people: people::People,
    pub(crate) access: access::Access,
    pub(crate) placement: placement::Placement,
    pub(crate) court: court::Court,
    pub(crate) appeals: appeals::Appeals,
    pub(crate) voice: voice::Voice,
    pub(crate) inspections: inspections::Inspections,
}

impl Procedure {
    /// Was the team that there is convened by this statement?
    pub(crate) fn is_team_convened_by(&self, event: &Digest) -> bool {
        self.coordination.is_convened_by(event)
    }

    /// How far the case is.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        self.case.stage
    }

    /// By which procedure it is dealt with: that of its plan; before one, that of the signal's assessment.
    #[must_use]
    pub fn track(&self) -> Track {
        self.plan.last_track().unwrap_or_else(|| self.case.track())
    }

    /// Has the lead accepted?
    #[must_use]
    pub const fn has_lead(&self) -> bool {
        self.case.has_lead
    }

    /// Was a transfer rejected that the holder had proposed? Then nobody wants to hold the case.
    #[must_use]
    pub const fn is_disputed(&self) -> bool {
        self.case.disputed
    }

    /// Is the child observed after the case's end?
    #[must_use]
    pub const fn is_observed(&self) -> bool {
        self.case.observed
    }

    /// The plan in force.
    #[must_use]
    pub fn plan(&self) -> Option<Digest> {
        self.plan.in_force()
    }

    /// What is remembered of an event of the file.
    #[must_use]
    pub fn event(&self, hash: &Digest) -> Option<Known<'_>> {
        self.events.find(hash)
    }

    /// The clocks that run in the file, and those that ran.
    #[must_use]
    pub const fn clocks(&self) -> &Clocks {
        &self.clocks
    }

    /// The acts whose signature or review is or was due.
    #[must_use]
    pub fn acts(&self) -> &[Act] {
        self.acts.all()
    }

    /// What parties took upon themselves, in the order of the record.
    #[must_use]
    pub fn commitments(&self) -> &[Undertaken] {
        self.coordination.commitments()
    }
}

/// Every rule, by part.
#[must_use]
pub fn rules() -> Vec<&'static Rule> {
    [
        decide::RULES,
        acts::RULES,
        appeals::RULES,
        closing::RULES,
        coordination::RULES,
        corrections::RULES,
        court::RULES,
        emergency::RULES,
        execution::RULES,
        inspections::RULES,
        opening::RULES,
        people::RULES,
        placement::RULES,
        plan::RULES,
        requests::RULES,
        responsibility::RULES,
        reviews::RULES,
        services::RULES,
        signal::RULES,
        transfer::RULES,
        voice::RULES,
    ]
    .concat()
}

#[cfg(test)]
mod tests;

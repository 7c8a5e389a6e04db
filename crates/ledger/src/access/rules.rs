//! The rules in force: the adopted policy, and the inspections that were ordered.

use std::sync::Arc;

use letopis_domain::Fact;
use letopis_domain::clocks::Profiles;
use letopis_domain::fact::InspectionOpened;
use letopis_domain::procedure::governs;
use letopis_domain::registry::Placed;
use letopis_policy::{PolicySet, Verdicts};
use letopis_types::Sequence;

/// The rules in force, folded from the root stream.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    /// The adopted policy; `None` before the first one.
    pub(crate) policy: Option<Arc<Verdicts>>,
    /// A policy was adopted that this version can't read: nothing is given out.
    pub(crate) unreadable: bool,
    /// The adopted profiles of the procedure.
    pub(crate) profiles: Profiles,
    /// Where they were adopted, in their order.
    pub(crate) adoptions: Vec<Sequence>,
    /// The inspections that were opened.
    pub(crate) inspections: Vec<Arc<InspectionOpened>>,
}

impl Rules {
    pub(crate) const fn are_changed_by(fact: &Fact) -> bool {
        matches!(fact, Fact::PolicyAdopted(_) | Fact::ProfileAdopted(_) | Fact::InspectionOpened(_))
    }

    pub(crate) fn evolve(&mut self, placed: &Placed<'_>) {
        match &placed.statement.fact {
            Fact::PolicyAdopted(adopted) => {
                // Admitted ones parse; fail closed where a later version does not read them any more.
                let set = PolicySet::parse(&adopted.text).ok();
                self.unreadable = set.is_none();
                self.policy =
                    set.map(|set| Arc::new(Verdicts::new(Arc::new(set), Verdicts::CAPACITY)));
            }
            Fact::ProfileAdopted(adopted) => {
                // Admitted ones parse, and stay readable: their format only grows.
                let taken = self.profiles.take(adopted, placed.recorded_at.seconds());
                self.adoptions.extend(taken.is_ok().then_some(placed.sequence));
            }
            Fact::InspectionOpened(inspection) => {
                self.inspections.push(Arc::new(inspection.clone()));
            }
            _ => {}
        }
    }

    /// Is there a procedure to hold this to? A trial may go on without.
    pub(crate) fn has_profile(&self, trial: bool, fact: &Fact) -> bool {
        trial || !self.profiles.is_empty() || !governs(fact)
    }

    /// Does anything decide yet?
    pub(crate) fn is_adopted(&self) -> bool {
        self.policy.is_some() || self.unreadable
    }
}

//! The rules in force: the adopted policy, and the inspections that were ordered.

use std::sync::Arc;

use letopis_domain::Fact;
use letopis_domain::fact::InspectionOpened;
use letopis_policy::{PolicySet, Verdicts};

/// The rules in force, folded from the root stream.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    /// The adopted policy; `None` before the first one.
    pub(crate) policy: Option<Arc<Verdicts>>,
    /// A policy was adopted that this version can't read: nothing is given out.
    pub(crate) unreadable: bool,
    /// The inspections that were opened.
    pub(crate) inspections: Vec<Arc<InspectionOpened>>,
}

impl Rules {
    pub(crate) const fn are_changed_by(fact: &Fact) -> bool {
        matches!(fact, Fact::PolicyAdopted(_) | Fact::InspectionOpened(_))
    }

    pub(crate) fn evolve(&mut self, fact: &Fact) {
        match fact {
            Fact::PolicyAdopted(adopted) => {
                // Admitted ones parse; fail closed where a later version does not read them any more.
                let set = PolicySet::parse(&adopted.text).ok();
                self.unreadable = set.is_none();
                self.policy =
                    set.map(|set| Arc::new(Verdicts::new(Arc::new(set), Verdicts::CAPACITY)));
            }
            Fact::InspectionOpened(inspection) => {
                self.inspections.push(Arc::new(inspection.clone()));
            }
            _ => {}
        }
    }

    /// Does anything decide yet?
    pub(crate) fn is_adopted(&self) -> bool {
        self.policy.is_some() || self.unreadable
    }
}

//! What takes effect only when an act is confirmed, as the state keeps it meanwhile; and what may be in force
//! before.

use letopis_proto::statement::v1::SignalOutcome;
use letopis_types::Digest;
use serde::{Deserialize, Serialize};

use crate::fact::{
    CaseClosed, CourtDecisionRecorded, DelayExplained, EmergencyStudyCompleted, Fact, LeadAssigned,
    PlanAdopted, PlanAmended, SignalAssessed,
};

/// Facts that wait for a signature, as the state keeps them.
macro_rules! pended {
    ($($variant:ident($ty:ty)),* ; $($unit:ident),*) => {
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub(super) enum Pended { $($variant($ty),)* $($unit,)* }

        impl Pended {
            pub(super) fn of(fact: &Fact) -> Option<Self> {
                match fact {
                    $(Fact::$variant(fact) => Some(Self::$variant(fact.clone())),)*
                    $(Fact::$unit(_) => Some(Self::$unit),)*
                    _ => None,
                }
            }

            pub(super) fn fact(self) -> Fact {
                match self {
                    $(Self::$variant(fact) => Fact::$variant(fact),)*
                    $(Self::$unit => Fact::$unit(Default::default()),)*
                }
            }
        }
    };
}

pended!(
    SignalAssessed(SignalAssessed),
    LeadAssigned(LeadAssigned),
    EmergencyStudyCompleted(EmergencyStudyCompleted),
    PlanAdopted(PlanAdopted),
    PlanAmended(PlanAmended),
    CourtDecisionRecorded(CourtDecisionRecorded),
    CaseClosed(CaseClosed),
    DelayExplained(DelayExplained);
    SignalNotPursued,
    AssessmentCompleted
);

impl Pended {
    /// The request to the court on which it decides.
    pub(super) const fn request(&self) -> Option<&Digest> {
        match self {
            Self::CourtDecisionRecorded(fact) => fact.request.as_ref(),
            _ => None,
        }
    }
}

/// May delay endanger a child here? Not where protection ends.
pub(super) fn may_be_urgent(fact: &Fact) -> bool {
    match fact {
        Fact::CaseClosed(_) | Fact::SignalNotPursued(_) => false,
        Fact::SignalAssessed(fact) => {
            fact.outcomes.iter().all(|found| found.outcome() != SignalOutcome::NoCase)
        }
        _ => true,
    }
}

//! Facts about placement, courts and appeals.

use letopis_proto::statement::v1::{
    self as proto, AppealNotice, AppealOutcome, AppealRoute, CourtOutcome,
};
use letopis_types::Digest;
use serde::{Deserialize, Serialize};

use super::FromProto;
use super::plan::{Day, day};
use crate::form::{FormError, digest, optional_fixed};

/// Съобщаване на заповед.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderServed {
    /// The act that was served.
    pub order: Digest,
    /// What the act says of how to appeal it.
    pub notice: AppealNotice,
}

impl FromProto for OrderServed {
    type Message = proto::OrderServed;

    fn from_proto(message: &proto::OrderServed) -> Result<Self, FormError> {
        Ok(Self { order: digest(&message.order, "order")?, notice: message.notice() })
    }

    fn named(&self) -> Vec<Digest> {
        vec![self.order]
    }
}

/// Съдебно решение. The outcome is kept as its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourtDecisionRecorded {
    /// The request; `None`: another one asked the court.
    pub request: Option<Digest>,
    /// The number of a [`CourtOutcome`].
    outcome: i32,
    /// The last day of the term that the court states.
    pub term_day: Option<Day>,
}

impl CourtDecisionRecorded {
    /// What became of the request.
    #[must_use]
    pub fn outcome(&self) -> CourtOutcome {
        CourtOutcome::try_from(self.outcome).unwrap_or_default()
    }
}

impl FromProto for CourtDecisionRecorded {
    type Message = proto::CourtDecisionRecorded;

    fn from_proto(message: &proto::CourtDecisionRecorded) -> Result<Self, FormError> {
        Ok(Self {
            request: optional_fixed(&message.request, "request")?.map(Digest),
            outcome: message.outcome,
            term_day: message.term_day.map(|term| day(term, "term_day")).transpose()?,
        })
    }

    fn named(&self) -> Vec<Digest> {
        self.request.into_iter().collect()
    }
}

/// Изискан от съда доклад.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CourtReportRequested {
    /// By the end of this day, as the court says.
    pub due_day: Day,
}

impl FromProto for CourtReportRequested {
    type Message = proto::CourtReportRequested;

    fn from_proto(message: &proto::CourtReportRequested) -> Result<Self, FormError> {
        Ok(Self { due_day: day(message.due_day, "due_day")? })
    }
}

/// Обжалване.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppealFiled {
    /// The act complained of.
    pub act: Digest,
    /// Who decides on it.
    pub route: AppealRoute,
}

impl FromProto for AppealFiled {
    type Message = proto::AppealFiled;

    fn from_proto(message: &proto::AppealFiled) -> Result<Self, FormError> {
        Ok(Self { act: digest(&message.act, "act")?, route: message.route() })
    }

    fn named(&self) -> Vec<Digest> {
        vec![self.act]
    }
}

/// Решение по жалба.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppealDecided {
    /// The appeal.
    pub appeal: Digest,
    /// What becomes of the act.
    pub outcome: AppealOutcome,
}

impl FromProto for AppealDecided {
    type Message = proto::AppealDecided;

    fn from_proto(message: &proto::AppealDecided) -> Result<Self, FormError> {
        Ok(Self { appeal: digest(&message.appeal, "appeal")?, outcome: message.outcome() })
    }

    fn named(&self) -> Vec<Digest> {
        vec![self.appeal]
    }
}

/// Настаняване.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlacementStarted {
    /// The order, or the court's decision, that it executes.
    pub order: Digest,
}

impl FromProto for PlacementStarted {
    type Message = proto::PlacementStarted;

    fn from_proto(message: &proto::PlacementStarted) -> Result<Self, FormError> {
        Ok(Self { order: digest(&message.order, "order")? })
    }

    fn named(&self) -> Vec<Digest> {
        vec![self.order]
    }
}

/// Промяна на настаняването.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlacementChanged {
    /// The order, or the court's decision, that it executes.
    pub order: Digest,
}

impl FromProto for PlacementChanged {
    type Message = proto::PlacementChanged;

    fn from_proto(message: &proto::PlacementChanged) -> Result<Self, FormError> {
        Ok(Self { order: digest(&message.order, "order")? })
    }

    fn named(&self) -> Vec<Digest> {
        vec![self.order]
    }
}

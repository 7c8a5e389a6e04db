//! Facts about cases.

use letopis_proto::statement::v1 as proto;
use letopis_types::{ActorId, AgencyId, Class, StreamId};

use super::FromProto;
use crate::form::{
    FormError, actor, agency, ascending_ids, at_most, classes, fixed, in_range, optional_fixed,
    required,
};
use crate::statement::{Instant, instant};

/// Пренесена история: an event of an older system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryImported {
    /// The activity's number in that import, from 1.
    pub activity: u32,
    /// When the older system says that it happened.
    pub time: Instant,
}

impl FromProto for HistoryImported {
    type Message = proto::HistoryImported;

    fn from_proto(message: &proto::HistoryImported) -> Result<Self, FormError> {
        in_range(message.activity > 0, "activity", "at least 1")?;
        let time = required(message.time.as_ref(), "time")?;
        Ok(Self {
            activity: message.activity,
            time: instant(time.seconds, time.nanos, time.offset_minutes)?,
        })
    }
}

/// Откриване на случай: exactly one holder and one lead from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseOpened {
    /// The holding agency.
    pub holder: AgencyId,
    /// The lead social worker.
    pub lead: ActorId,
}

impl FromProto for CaseOpened {
    type Message = proto::CaseOpened;

    fn from_proto(message: &proto::CaseOpened) -> Result<Self, FormError> {
        Ok(Self { holder: agency(&message.holder, "holder")?, lead: actor(&message.lead, "lead")? })
    }
}

impl FromProto for proto::SignalReceived {
    type Message = Self;

    fn from_proto(message: &Self) -> Result<Self, FormError> {
        at_most(message.children.len(), 32, "children")?;
        if message.children.is_empty() {
            return Err(FormError::Missing { field: "children" });
        }
        for child in &message.children {
            fixed::<16>(child, "children")?;
        }
        Ok(message.clone())
    }
}

/// Водещ случая.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeadAssigned {
    /// The new lead.
    pub lead: ActorId,
}

impl FromProto for LeadAssigned {
    type Message = proto::LeadAssigned;

    fn from_proto(message: &proto::LeadAssigned) -> Result<Self, FormError> {
        Ok(Self { lead: actor(&message.lead, "lead")? })
    }
}

/// Свикване на екип.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamConvened {
    /// The members, ascending.
    pub members: Vec<ActorId>,
}

impl FromProto for TeamConvened {
    type Message = proto::TeamConvened;

    fn from_proto(message: &proto::TeamConvened) -> Result<Self, FormError> {
        Ok(Self { members: ascending_ids(&message.members, (1, 64), "members", ActorId)? })
    }
}

/// Предложено прехвърляне.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransferProposed {
    /// The agency that is to hold the case.
    pub to: AgencyId,
}

impl FromProto for TransferProposed {
    type Message = proto::TransferProposed;

    fn from_proto(message: &proto::TransferProposed) -> Result<Self, FormError> {
        Ok(Self { to: agency(&message.to, "to")? })
    }
}

/// Проверка от ДАЗД.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectionOpened {
    /// Who carries it out, ascending.
    pub auditors: Vec<ActorId>,
    /// The agency that is inspected.
    pub agency: Option<AgencyId>,
    /// The cases that are inspected, ascending, where no agency is named.
    pub cases: Vec<StreamId>,
    /// Which classes of sections the order opens, ascending.
    pub classes: Vec<Class>,
    /// Before this second since 1970 UTC.
    pub until_seconds: i64,
}

impl FromProto for InspectionOpened {
    type Message = proto::InspectionOpened;

    fn from_proto(message: &proto::InspectionOpened) -> Result<Self, FormError> {
        let agency = optional_fixed(&message.agency, "agency")?.map(AgencyId);
        let cases = ascending_ids(&message.cases, (0, 200), "cases", StreamId)?;
        in_range(agency.is_none() || cases.is_empty(), "cases", "none where an agency is named")?;
        Ok(Self {
            auditors: ascending_ids(&message.auditors, (1, 64), "auditors", ActorId)?,
            agency,
            cases,
            classes: classes(&message.classes, 0, "classes")?,
            until_seconds: message.until_seconds,
        })
    }
}

/// Определяне на проверяващ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandlerAssigned {
    /// The handler.
    pub handler: ActorId,
}

impl FromProto for HandlerAssigned {
    type Message = proto::HandlerAssigned;

    fn from_proto(message: &proto::HandlerAssigned) -> Result<Self, FormError> {
        Ok(Self { handler: actor(&message.handler, "handler")? })
    }
}

/// Kinds whose every canonical message is well-formed.
macro_rules! always_well_formed {
    ($($ty:ident),*) => {$(
        impl FromProto for proto::$ty {
            type Message = Self;

            fn from_proto(message: &Self) -> Result<Self, FormError> {
                Ok(message.clone())
            }
        }
    )*};
}

always_well_formed!(
    NoteAdded,
    SignalAssessed,
    AssessmentCompleted,
    ChildHeard,
    PlanAdopted,
    VisitRecorded,
    ReviewHeld,
    CaseClosed,
    PersonLinked,
    ConflictDeclared,
    Endorsed,
    EmergencyPlacementOrdered,
    EmergencyActRecorded,
    ConsentGiven,
    ConsentRefused,
    ComplaintLodged,
    DisclosureRefused,
    SubjectAccessAnswered,
    BreachRecorded,
    LegalHoldSet
);

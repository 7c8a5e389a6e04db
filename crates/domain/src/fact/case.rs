//! Facts about cases.

use letopis_proto::statement::v1 as proto;
use letopis_types::ActorId;

use super::FromProto;
use crate::form::{FormError, at_most, fixed, in_range, required};
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
    pub holder: [u8; 16],
    /// The lead social worker.
    pub lead: ActorId,
}

impl FromProto for CaseOpened {
    type Message = proto::CaseOpened;

    fn from_proto(message: &proto::CaseOpened) -> Result<Self, FormError> {
        Ok(Self {
            holder: fixed(&message.holder, "holder")?,
            lead: ActorId(fixed(&message.lead, "lead")?),
        })
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

impl FromProto for proto::LeadAssigned {
    type Message = Self;

    fn from_proto(message: &Self) -> Result<Self, FormError> {
        fixed::<16>(&message.lead, "lead")?;
        Ok(message.clone())
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
    CaseClosed
);

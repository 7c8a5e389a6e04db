//! Facts about cases.

use letopis_proto::statement::v1 as proto;
use letopis_types::{ActorId, AgencyId, Digest};
use serde::{Deserialize, Serialize};

use super::{Fact, FromProto};
use crate::form::{FormError, actor, agency, at_most, digest, in_range, optional_fixed, required};
use crate::statement::{Instant, SECTIONS_MAX, instant};

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

/// Водещ случая.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadAssigned {
    /// The new lead; `None`: the head acts as lead for now.
    pub lead: Option<ActorId>,
}

impl FromProto for LeadAssigned {
    type Message = proto::LeadAssigned;

    fn from_proto(message: &proto::LeadAssigned) -> Result<Self, FormError> {
        Ok(Self { lead: optional_fixed(&message.lead, "lead")?.map(ActorId) })
    }
}

/// Закриване.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseClosed {
    /// The child is observed for a while.
    pub observed: bool,
    /// What becomes of duties that are still open, ascending by subject.
    pub settled: Vec<DutySettled>,
}

impl CaseClosed {
    /// The most duties that are settled.
    pub const SETTLED_MAX: usize = 64;
}

/// What becomes of a duty when its case is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutySettled {
    /// What the duty is about.
    pub subject: Digest,
    /// Who takes it over; `None`: it is dropped.
    pub owner: Option<ActorId>,
}

impl FromProto for CaseClosed {
    type Message = proto::CaseClosed;

    fn from_proto(message: &proto::CaseClosed) -> Result<Self, FormError> {
        at_most(message.settled.len(), Self::SETTLED_MAX, "settled")?;
        let settled: Vec<DutySettled> = message
            .settled
            .iter()
            .map(|settled| {
                Ok(DutySettled {
                    subject: digest(&settled.subject, "settled.subject")?,
                    owner: optional_fixed(&settled.owner, "settled.owner")?.map(ActorId),
                })
            })
            .collect::<Result<_, FormError>>()?;
        let ascending = settled.is_sorted_by(|a, b| a.subject < b.subject);
        in_range(ascending, "settled", "strictly ascending by subject")?;
        Ok(Self { observed: message.observed, settled })
    }
}

/// Поправка.
#[derive(Debug, Clone, PartialEq)]
pub struct EventCorrected {
    /// The event that it corrects.
    pub event: Digest,
    /// The corrected fact, not itself a correction; `None`: it was right.
    pub fact: Option<Box<Fact>>,
    /// When it happened; `None`: that was right.
    pub occurred_at: Option<Instant>,
    /// Which of the event's sections this statement's last ones take the place of, ascending.
    pub sections: Vec<u32>,
}

impl FromProto for EventCorrected {
    type Message = Box<proto::EventCorrected>;

    fn from_proto(message: &Box<proto::EventCorrected>) -> Result<Self, FormError> {
        let fact = match message.fact.as_deref() {
            Some(proto::Fact { kind: Some(proto::fact::Kind::EventCorrected(_)) }) => {
                return Err(FormError::Range { field: "fact", allowed: "not a correction itself" });
            }
            Some(fact) => Some(Box::new(Fact::from_proto(fact)?)),
            None => None,
        };
        let occurred_at = message
            .occurred_at
            .as_ref()
            .map(|time| instant(time.seconds, time.nanos, time.offset_minutes))
            .transpose()?;
        let sections = message.sections.clone();
        let bounded = sections.iter().all(|index| (*index as usize) < SECTIONS_MAX);
        in_range(bounded, "sections", "0 to 31")?;
        in_range(sections.is_sorted_by(|a, b| a < b), "sections", "strictly ascending")?;
        if fact.is_none() && occurred_at.is_none() && sections.is_empty() {
            return Err(FormError::Missing { field: "fact" });
        }
        Ok(Self { event: digest(&message.event, "event")?, fact, occurred_at, sections })
    }

    fn named(&self) -> Vec<Digest> {
        vec![self.event]
    }
}

/// Kinds whose every canonical message is well-formed.
macro_rules! always_well_formed {
    ($($ty:ident),* $(,)?) => {$(
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
    PersonRecorded,
    PersonCorrected,
    PersonLinked,
    SignalForwarded,
    SignalNotPursued,
    SenderNotified,
    EmergencyActRecorded,
    EmergencyPlacementOrdered,
    ProsecutorNotified,
    AssessmentCompleted,
    ConflictDeclared,
    Endorsed,
    EndorsementRefused,
    EndorsementLapsed,
    SignatureAttested,
    InstructionIssued,
    CarerConsentRecorded,
    FileShownToParty,
    AccessPostponed,
    PlacementOrdered,
    CourtReportFiled,
    ProtectionOrderSought,
    CustodySuitFiled,
    MeasureRequestedByParty,
    ChildMissing,
    ChildFound,
    ChildDied,
    VisitRecorded,
    ReviewHeld,
    SupervisionHeld,
    EffectivenessChecked,
    ChildInformed,
    ChildHeard,
    ChildNotHeard,
    FamilyHeard,
    ConsentGiven,
    ConsentRefused,
    ProtectiveOpinionGiven,
    ObservationRecorded,
    CaseVoided,
    DocumentAdded,
    FeedbackGiven,
    ComplaintLodged,
    DisclosureRefused,
    SubjectAccessAnswered,
    BreachRecorded,
    LegalHoldSet,
);

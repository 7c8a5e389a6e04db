//! Which sections a kind of fact must have (../shared/domain/catalogue.md, column "must hold").

use letopis_proto::statement::v1::FileAccess;
use letopis_types::Class;

use crate::fact::Fact;

/// A section that must be there: one of these payload types, guarded at least so closely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// The names of the payload types, without their versions; one suffices.
    pub any_of: &'static [&'static str],
    /// The least class.
    pub class: Class,
}

impl Need {
    /// Does a section of this name and class do?
    #[must_use]
    pub fn is_met_by(&self, name: &str, class: Class) -> bool {
        self.any_of.contains(&name) && class >= self.class
    }
}

macro_rules! n { ($($name:literal)|+) => { Need { any_of: &[$($name),+], class: Class::Normal } }; }
macro_rules! r { ($($name:literal)|+) => { Need { any_of: &[$($name),+], class: Class::Restricted } }; }
macro_rules! v { ($($name:literal)|+) => { Need { any_of: &[$($name),+], class: Class::VeryRestricted } }; }

/// Best interests of the child, on all seven factors (§ 1 т. 5 ДР ЗЗДет).
const BEST_INTERESTS: Need = r!("best-interests");
/// The child's views, or why it was not heard (чл. 15 ЗЗДет).
const VIEWS: Need = r!("views");

/// The sections that a fact must have.
#[must_use]
#[expect(clippy::too_many_lines, reason = "a table: one line for each kind")]
pub const fn required(fact: &Fact) -> &'static [Need] {
    match fact {
        Fact::PersonRecorded(_) | Fact::PersonCorrected(_) => {
            &[r!("identity" | "protected-identity")]
        }
        Fact::PersonLinked(_) => &[r!("role-in-case")],
        Fact::PersonsMerged(_) | Fact::PersonsSeparated(_) => &[r!("same-person")],
        Fact::SignalReceived(_) => &[r!("story")],
        Fact::SignalForwarded(_) => &[n!("recipient"), n!("reason")],
        Fact::SignalAssessed(_) => &[r!("outcomes"), r!("sources"), r!("risks"), VIEWS],
        Fact::SignalNotPursued(_) => &[BEST_INTERESTS, r!("reasons")],
        Fact::SenderNotified(_) => &[n!("notice")],
        Fact::EmergencyActRecorded(_) => &[r!("scan")],
        Fact::PoliceProtectionRecorded(fact) if fact.ended.is_none() => {
            &[r!("ground"), v!("place")]
        }
        Fact::EmergencyPlacementOrdered(_) => {
            &[r!("danger"), BEST_INTERESTS, VIEWS, r!("appeal-notice"), v!("place")]
        }
        Fact::EmergencyStudyCompleted(_) => &[r!("findings")],
        Fact::ProsecutorNotified(_) => &[v!("prosecutor-notice")],
        Fact::CaseOpened(_) => &[n!("case-kind")],
        Fact::AssessmentCompleted(_) => {
            &[r!("needs"), r!("parenting"), r!("risks"), r!("strengths"), r!("sources"), VIEWS]
        }
        Fact::ConflictDeclared(_) => &[v!("relation")],
        Fact::EndorsementRefused(_)
        | Fact::CommitmentMissed(_)
        | Fact::ReferralDeclined(_)
        | Fact::TransferRejected(_)
        | Fact::CaseReopened(_) => &[n!("reason")],
        Fact::CompetenceDecided(_) => &[n!("competence")],
        Fact::LeadAssigned(fact) if fact.lead.is_some() => &[n!("conflict-check")],
        Fact::SignatureAttested(_) => &[r!("attestation")],
        Fact::TeamConvened(_) => &[n!("notice")],
        Fact::TeamMet(_) => &[r!("attendance"), r!("positions")],
        Fact::TeamPlanAdopted(_) => &[r!("services")],
        Fact::CommitmentFulfilled(_) => &[n!("proof")],
        Fact::PlanAdopted(_) => &[r!("goals"), r!("views" | "disagreement")],
        Fact::PlanAmended(_) => &[r!("change"), r!("views" | "disagreement")],
        Fact::InstructionIssued(_) => &[r!("refusal"), r!("duty"), r!("appeal-notice")],
        Fact::ServiceReferred(_) => &[r!("need"), r!("service")],
        Fact::ServiceReported(_) | Fact::ServiceEnded(_) => &[r!("result")],
        Fact::AidDecided(_) => &[r!("aid"), r!("appeal-notice")],
        Fact::CarerConsentRecorded(_) => &[r!("declaration")],
        Fact::FileShownToParty(_) => &[r!("shown")],
        Fact::PartyCommented(_) => &[r!("comment")],
        Fact::AccessPostponed(_) => &[r!("postponed")],
        Fact::PlacementOrdered(fact) if fact.file_access == FileAccess::Waived as i32 => &[
            r!("measure"),
            r!("ground"),
            r!("alternatives"),
            BEST_INTERESTS,
            VIEWS,
            r!("appeal-notice"),
            v!("place"),
            r!("waived"),
        ],
        Fact::PlacementOrdered(_) => &[
            r!("measure"),
            r!("ground"),
            r!("alternatives"),
            BEST_INTERESTS,
            VIEWS,
            r!("appeal-notice"),
            v!("place"),
        ],
        Fact::OrderServed(_) | Fact::OrderDeemedServed(_) => &[n!("service-of-order")],
        Fact::ExecutionOrdered(_) | Fact::ExecutionSuspended(_) => &[n!("execution")],
        Fact::CourtRequestFiled(_) => &[r!("annexes")],
        Fact::CourtDecisionRecorded(_) => &[r!("court-decision")],
        Fact::CourtReportRequested(_) => &[r!("document")],
        Fact::CourtReportFiled(_) => &[r!("court-report")],
        Fact::ProtectionOrderSought(_)
        | Fact::CustodySuitFiled(_)
        | Fact::MeasureRequestedByParty(_) => &[r!("request")],
        Fact::ChildMissing(_) => &[r!("missing")],
        Fact::ChildFound(_) => &[r!("found")],
        Fact::ChildDied(_) => &[r!("died")],
        Fact::AppealFiled(_) => &[r!("appeal")],
        Fact::AppealDecided(_) => &[r!("appeal-outcome")],
        Fact::PlacementStarted(_) => &[r!("contact-plan"), VIEWS],
        Fact::PlacementChanged(_) => &[r!("reasons"), r!("contact-plan"), VIEWS],
        Fact::PlacementEnded(_) => &[r!("reasons"), VIEWS],
        Fact::VisitRecorded(_) => &[r!("visit")],
        Fact::ReviewHeld(_) => &[r!("progress"), BEST_INTERESTS, VIEWS],
        Fact::SupervisionHeld(_) => &[r!("advice")],
        Fact::EffectivenessChecked(_) => &[n!("effectiveness")],
        Fact::DelayExplained(_) => &[n!("explanation")],
        Fact::ChildInformed(_) => &[r!("informing")],
        Fact::ChildHeard(_) => &[r!("hearing"), v!("child-words")],
        Fact::ChildNotHeard(_) => &[r!("reasons")],
        Fact::WeightOfViewsExplained(_) => &[r!("weight")],
        Fact::FamilyHeard(_) => &[r!("opinion")],
        Fact::ConsentGiven(_) | Fact::ConsentRefused(_) | Fact::ConsentWithdrawn(_) => {
            &[r!("consent")]
        }
        Fact::ProtectiveOpinionGiven(_) => &[n!("protective-opinion")],
        Fact::InformationShared(_) => &[n!("necessity")],
        Fact::CaseClosed(_) => &[r!("close-result"), BEST_INTERESTS, VIEWS],
        Fact::ObservationRecorded(_) => &[r!("observation")],
        Fact::CaseVoided(_) | Fact::CasesMerged(_) => &[n!("duplicate")],
        Fact::EventCorrected(_) => &[r!("correction")],
        Fact::EventMisfiled(_) => &[r!("mistake")],
        Fact::DisputeNoted(_) => &[r!("dispute")],
        Fact::DocumentAdded(_) => &[r!("document")],
        Fact::DocumentCertified(_) => &[r!("certification")],
        Fact::FeedbackGiven(_) => &[n!("feedback")],
        Fact::NoteAdded(_) => &[n!("note")],
        Fact::InspectionOpened(_) => &[n!("inspection")],
        Fact::InspectionFinding(_) => &[n!("inspection-finding")],
        Fact::InspectionInstruction(_) => &[n!("instruction")],
        Fact::InspectionComplied(_) => &[n!("compliance")],
        _ => &[],
    }
}

//! Where a kind of fact stands in the stories, who signs it, and which sections it has, where the line says
//! nothing else.

use letopis_proto::statement::v1::{self as proto, fact::Kind};
use letopis_types::Class;

use super::{Line, Person, person};
use crate::fact::Fact;
use crate::procedure::required;

/// Where such a thing stands.
pub(super) fn stream_of(line: &Line) -> &'static str {
    match line.kind.as_str() {
        kind if kind.starts_with("Signal") || kind == "SenderNotified" => match kind {
            "SignatureAttested" => "case",
            _ => "signal",
        },
        "ConflictDeclared" | "PoliceProtectionRecorded" | "ProsecutorNotified" => "protected",
        "PersonRecorded" | "PersonCorrected" | "PersonsMerged" | "PersonsSeparated" => "person",
        kind if kind.starts_with("Inspection") => "root",
        _ => "case",
    }
}

/// Who signs it.
pub(super) fn signers(line: &Line) -> Vec<&'static Person> {
    if let Some(names) = &line.by {
        return names.iter().map(|name| person(name)).collect();
    }
    let names: &[&str] = match line.kind.as_str() {
        "SignalAssigned" | "SignalJoined" | "SignalForwarded" | "LeadAssigned"
        | "TransferProposed" | "CaseReopened" | "NewCaseLinked" | "PersonsMerged"
        | "PersonsSeparated" => &["head"],
        "TransferAccepted" | "TransferRejected" => &["other-head"],
        "SignalAssessed"
        | "SignalNotPursued"
        | "EmergencyStudyCompleted"
        | "AssessmentCompleted"
        | "PlanAdopted"
        | "PlanAmended"
        | "CourtDecisionRecorded"
        | "DelayExplained" => &["worker", "head"],
        "CaseClosed" => &["worker", "head", "director"],
        "PlacementStarted" | "PlacementChanged" | "PlacementEnded" => &["worker", "director"],
        "CaseVoided" | "CasesMerged" => &["head", "director"],
        "SupervisionHeld" => &["supervisor", "worker"],
        "EmergencyPlacementOrdered"
        | "ProsecutorNotified"
        | "InstructionIssued"
        | "ServiceReferred"
        | "AidDecided"
        | "PlacementOrdered"
        | "CourtRequestFiled"
        | "AppealFiled"
        | "AppealForwarded"
        | "AppealDecided"
        | "EffectivenessChecked"
        | "ProtectiveOpinionGiven"
        | "ExecutionOrdered"
        | "ExecutionSuspended"
        | "DisclosureRefused"
        | "InspectionComplied" => &["director"],
        "ReferralAccepted" | "ReferralDeclined" | "ServiceReported" | "ServiceEnded" => {
            &["provider"]
        }
        "Endorsed" | "EndorsementRefused" | "EndorsementLapsed" => &["head"],
        "CompetenceDecided" => &["superior"],
        "AccessGranted" | "AccessRevoked" => &["head"],
        "BreakGlassReviewed" => &["head", "officer"],
        "SectionsErased" => &["officer", "director"],
        "BreachRecorded" | "SubjectAccessAnswered" | "LegalHoldSet" | "LegalHoldLifted" => {
            &["officer"]
        }
        "DisclosureReceived" => &["provider"],
        "InspectionOpened" | "InspectionFinding" | "InspectionInstruction" => &["auditor"],
        _ => &["worker"],
    };
    names.iter().map(|name| person(name)).collect()
}

/// The sections that it must have, but for those that the line leaves out, and those that it adds.
pub(super) fn sections(line: &Line, fact: &Kind) -> Vec<(String, Class)> {
    let fact = Fact::from_proto(&proto::Fact { kind: Some(fact.clone()) })
        .unwrap_or_else(|error| panic!("{}: {error}", line.kind));
    let needed = required(&fact).iter().filter_map(|need| {
        let name = need.any_of.first()?;
        (!line.without.iter().any(|left_out| left_out == name))
            .then(|| ((*name).to_owned(), need.class))
    });
    let added = line.with.iter().map(|name| (name.clone(), class_of(name)));
    // For each section that is corrected a new one.
    let corrected = match &fact {
        Fact::EventCorrected(fact) => fact.sections.len(),
        _ => 0,
    };
    let corrected = std::iter::repeat_n(("corrected".to_owned(), Class::Restricted), corrected);
    needed.chain(added).chain(corrected).map(|(name, class)| (format!("{name}/1"), class)).collect()
}

/// The class of a section that a line adds.
fn class_of(name: &str) -> Class {
    match name {
        "reporter" | "supervision" => Class::VeryRestricted,
        "erasure" => Class::Normal,
        _ => Class::Restricted,
    }
}

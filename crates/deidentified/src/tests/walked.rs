//! The lists of what is told, held against every kind and field that there is.

use letopis_proto::{FieldType, KINDS as ALL, SCHEMA};
use letopis_types::StreamKind;

use crate::told::{self, FIELDS, KINDS, STANDS_OUT};

/// Kinds of a case's stream that somebody has decided not to tell.
const UNTOLD: [(&str, &str); 24] = [
    ("AccessGranted", "how the file is guarded"),
    ("AccessRevoked", "how the file is guarded"),
    ("BreachRecorded", "how the file is guarded"),
    ("BreakGlassClosed", "how the file is guarded"),
    ("BreakGlassOpened", "how the file is guarded"),
    ("BreakGlassReviewed", "how the file is guarded"),
    ("CaseVoided", "puts the record in order"),
    ("CasesMerged", "ties the case to another"),
    ("DisclosureReceived", "who was given what"),
    ("DisclosureRefused", "who was given what"),
    ("DocumentAdded", "a file's papers"),
    ("DocumentCertified", "a file's papers"),
    ("EventCorrected", "is applied to what it corrects"),
    ("EventMisfiled", "is applied to what it names"),
    ("HistoryImported", "codes of another system"),
    ("InformationShared", "who was given what"),
    ("LegalHoldLifted", "how the file is guarded"),
    ("LegalHoldSet", "how the file is guarded"),
    ("NewCaseLinked", "ties the case to another"),
    ("NoteAdded", "its worth is in its sections"),
    ("PersonLinked", "how large the family is"),
    ("PersonUnlinked", "how large the family is"),
    ("SectionsErased", "how the file is guarded"),
    ("SubjectAccessAnswered", "who was given what"),
];

/// Fields of told kinds that somebody has decided not to tell: ids, hashes, days, numbers, and lists of them.
const UNTOLD_FIELDS: &[(&str, &str)] = &[
    ("AidDecided", "request"),
    ("AppealDecided", "appeal"),
    ("AppealFiled", "act"),
    ("AppealForwarded", "appeal"),
    ("CaseClosed", "settled"),
    ("CaseOpened", "holder"),
    ("CaseOpened", "lead"),
    ("CaseReopened", "lead"),
    ("CommitmentFulfilled", "commitment"),
    ("CommitmentMissed", "commitment"),
    ("CompetenceDecided", "holder"),
    ("ConsentWithdrawn", "given"),
    ("CourtDecisionRecorded", "request"),
    ("CourtDecisionRecorded", "term_day"),
    ("CourtReportRequested", "due_day"),
    ("CourtRequestFiled", "order"),
    ("DelayExplained", "clock"),
    ("DelayExplained", "started_by"),
    ("DisputeNoted", "event"),
    ("EmergencyStudyCompleted", "order"),
    ("ExecutionOrdered", "order"),
    ("ExecutionSuspended", "order"),
    ("LeadAssigned", "lead"),
    ("OrderDeemedServed", "order"),
    ("OrderServed", "order"),
    ("PartyCommented", "shown"),
    ("PlacementChanged", "order"),
    ("PlacementEnded", "decision"),
    ("PlacementStarted", "order"),
    ("PlanAdopted", "commitments"),
    ("PlanAmended", "commitments"),
    ("ReferralAccepted", "referral"),
    ("ReferralDeclined", "referral"),
    ("ServiceEnded", "referral"),
    ("ServiceReferred", "provider"),
    ("ServiceReferred", "shared"),
    ("ServiceReported", "referral"),
    ("TeamConvened", "members"),
    ("TeamMet", "attended"),
    ("TeamPlanAdopted", "commitments"),
    ("TransferAccepted", "proposed"),
    ("TransferProposed", "to"),
    ("TransferRejected", "proposed"),
    ("WeightOfViewsExplained", "decision"),
];

#[test]
fn of_every_kind_somebody_has_decided() {
    let of_case = ALL.iter().filter(|kind| kind.streams.contains(&(StreamKind::Case as u32)));
    let is_untold = |name| UNTOLD.iter().any(|(untold, _)| *untold == name);
    for kind in of_case.clone() {
        let decided = usize::from(told::is_told(kind.name)) + usize::from(is_untold(kind.name));
        assert_eq!(decided, 1, "{}: told.rs, or the list above", kind.name);
    }
    for name in KINDS.iter().copied().chain(UNTOLD.map(|(name, _)| name)) {
        assert!(of_case.clone().any(|kind| kind.name == name), "{name} is no kind of a case");
    }
    assert!(STANDS_OUT.iter().all(|kind| told::is_told(kind)));
    // A court knows of each of its steps, whichever of them are left out.
    let of_court =
        KINDS.iter().filter(|kind| kind.starts_with("Court") || kind.starts_with("Appeal"));
    for kind in of_court {
        assert!(STANDS_OUT.contains(kind), "{kind} does not stand out");
    }
    assert!(KINDS.is_sorted() && FIELDS.is_sorted() && STANDS_OUT.is_sorted());
}

#[test]
fn of_every_field_somebody_has_decided() {
    let mut walked = Vec::new();
    for kind in ALL {
        let message = SCHEMA.iter().find(|message| message.name == kind.name).unwrap();
        for field in message.fields {
            let place = (kind.name, field.name);
            walked.push(place);
            let is_told = told::is_field_told(kind.name, field.name);
            let is_code = matches!(field.ty, FieldType::Enum(_) | FieldType::Bool);
            assert!(!is_told || is_code, "{place:?} is no code");
            if !told::is_told(kind.name) {
                assert!(!is_told, "{place:?} is told, and its kind is not");
                continue;
            }
            let decided = usize::from(is_told) + usize::from(UNTOLD_FIELDS.contains(&place));
            assert_eq!(decided, 1, "{place:?}: told.rs, or the list above");
        }
    }
    for place in FIELDS.iter().chain(UNTOLD_FIELDS) {
        assert!(walked.contains(place), "{place:?} is no field");
    }
}

#[test]
fn the_law_s_clocks_have_names() {
    assert_eq!(told::clock("assessment").unwrap().en, "Assessment of the case");
    assert_eq!(told::clock("ab12cd34"), None);
}

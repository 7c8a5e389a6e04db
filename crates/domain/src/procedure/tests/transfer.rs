//! Who holds a case.

use super::*;
use crate::testing::{AGENCY, OTHER_AGENCY};

const OPENED: &str = "SignalReceived\n+1h SignalAssigned\n+5d SignalAssessed\n+1h CaseOpened";

fn opened() -> World {
    given(OPENED)
}

fn proposed() -> World {
    opened().and("+1d TransferProposed as proposal")
}

fn disputed() -> World {
    proposed().and("+1d TransferRejected")
}

#[test]
fn a_case_is_held_by_who_accepts_it_from_then_on() {
    let world = proposed();
    assert_eq!(world.of("case").holder, Some(AGENCY));
    assert_eq!(world.clock("case", "transfer-answer"), Some(Reading::Running));
    let late = world.clone().and("+6d TransferAccepted");
    assert_eq!(late.clock("case", "transfer-answer"), Some(Reading::Late));
    let world = world.and("+1d TransferAccepted");
    assert_eq!(world.clock("case", "transfer-answer"), Some(Reading::Kept));
    let file = world.of("case");
    assert_eq!(
        (file.holder, file.lead, &file.former[..]),
        (Some(OTHER_AGENCY), None, &[AGENCY][..])
    );
    assert!(!file.procedure.case.has_lead, "the receiving head acts as lead");
    let world = world.and("+1h LeadAssigned lead=other-worker by other-head,other-worker");
    assert!(world.of("case").procedure.case.has_lead);
}

#[test]
fn the_head_of_who_holds_it_proposes_and_once() {
    assert_eq!(opened().refuses("+1h TransferProposed by other-head"), "transfer.by-holder");
    // A worker of the holder beside another head is not the holder's head.
    let beside = opened().refuses("+1h TransferProposed by other-head,worker");
    assert_eq!(beside, "transfer.by-holder");
    assert_eq!(proposed().refuses("+1h TransferProposed"), "transfer.proposed-already");
    assert!(opened().refuses("+1h TransferProposed to=own").contains("to names"));
}

#[test]
fn the_head_of_who_is_asked_answers() {
    for kind in ["TransferAccepted", "TransferRejected"] {
        for by in ["head", "head,other-worker"] {
            let line = format!("+1h {kind} by {by}");
            assert_eq!(proposed().refuses(&line), "transfer.by-receiver", "{line}");
        }
        let early = format!("+1h {kind} happened -2h");
        assert_eq!(proposed().refuses(&early), "time.before-cause", "{kind}");
        let nothing = format!("+1h {kind} on nothing");
        assert!(proposed().refuses(&nothing).contains("proposed names"), "{kind}");
        let line = format!("+1h {kind} on proposal");
        assert!(disputed().refuses(&line).contains("proposed names"), "{kind}");
    }
    assert_eq!(proposed().refuses("+1h TransferRejected without reason"), "section.missing");
}

#[test]
fn where_nobody_wants_to_hold_it_the_superior_decides() {
    assert_eq!(opened().refuses("+1h CompetenceDecided"), "transfer.no-dispute");
    assert_eq!(proposed().refuses("+1h CompetenceDecided"), "transfer.no-dispute");
    let world = disputed();
    assert_eq!(world.of("case").holder, Some(AGENCY), "until it is decided");
    assert_eq!(world.clock("case", "competence"), Some(Reading::Running));
    let late = world.clone().and("+9d CompetenceDecided");
    assert_eq!(late.clock("case", "competence"), Some(Reading::Late));
    let other = world.clone().and("+1d CompetenceDecided");
    assert_eq!(other.clock("case", "competence"), Some(Reading::Kept));
    assert_eq!(other.of("case").holder, Some(OTHER_AGENCY));
    assert!(!other.of("case").procedure.case.has_lead);
    assert_eq!(other.refuses("+1h CompetenceDecided"), "transfer.no-dispute");
    let own = world.and("+1d CompetenceDecided holder=own");
    assert_eq!(own.of("case").holder, Some(AGENCY));
    assert!(own.of("case").procedure.case.has_lead);
}

#[test]
fn a_dispute_ends_when_somebody_takes_the_case() {
    let world = disputed().and("+1h TransferProposed\n+1h TransferAccepted");
    assert_eq!(world.clock("case", "competence"), Some(Reading::Dropped));
    assert_eq!(world.refuses("+1h CompetenceDecided"), "transfer.no-dispute");
}

#[test]
fn a_proposal_falls_when_the_superior_decides() {
    let world = disputed().and("+1h TransferProposed\n+1h CompetenceDecided holder=own");
    assert_eq!(world.clock("case", "transfer-answer"), Some(Reading::Dropped));
    assert!(world.of("case").proposed.is_empty());
}

#[test]
fn duties_stay_with_the_case_that_is_handed_over() {
    let world = proposed().and("+1d TransferAccepted");
    assert_eq!(world.clock("case", "assessment"), Some(Reading::Running));
    let world = world.and(
        "+1h LeadAssigned lead=other-worker by other-head,other-worker
         +1d AssessmentCompleted by other-worker,other-head",
    );
    assert_eq!(world.clock("case", "assessment"), Some(Reading::Kept));
}

#[test]
fn a_case_goes_to_an_agency_with_a_department_alone() {
    assert_eq!(opened().refuses("+1d TransferProposed to=service"), "transfer.directorate");
    let line = "+1d CompetenceDecided holder=service";
    assert_eq!(disputed().refuses(line), "transfer.directorate");
}

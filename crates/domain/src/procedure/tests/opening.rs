//! Opening, lead, assessment.

use super::*;

const ASSESSED: &str = "SignalReceived\n+1h SignalAssigned\n+5d SignalAssessed";

fn opened() -> World {
    given(ASSESSED).and("+1h CaseOpened")
}

#[test]
fn a_case_comes_of_an_assessed_signal() {
    assert_eq!(given("").refuses("CaseOpened"), "case.without-signal");
    let unassessed = given("SignalReceived");
    assert_eq!(unassessed.refuses("+1h CaseOpened on SignalReceived"), "case.without-signal");
    let none = given("SignalReceived\n+1h SignalAssigned\n+1d SignalAssessed outcome=no-case");
    assert_eq!(none.refuses("+1h CaseOpened"), "case.without-signal");
    let world = opened();
    assert_eq!(world.of("case").procedure.stage(), Stage::Open);
}

#[test]
fn the_assessment_s_term_runs_from_the_signal_and_goes_over_to_the_case() {
    let world = opened();
    assert_eq!(world.clock("case", "assessment"), Some(Reading::Running));
    assert_eq!(world.clock("signal", "assessment"), Some(Reading::HandedOver));
    let late = world.clone().and("+4w AssessmentCompleted");
    assert_eq!(late.clock("case", "assessment"), Some(Reading::Late));
    let kept = world.and("+22d AssessmentCompleted");
    assert_eq!(kept.clock("case", "assessment"), Some(Reading::Kept));
}

#[test]
fn each_child_gets_one_case() {
    let world = given("SignalReceived children=2\n+1h SignalAssigned");
    let world = world.and("+1d SignalAssessed children=2\n+1h CaseOpened");
    assert_eq!(world.clock("signal", "assessment"), Some(Reading::Running));
    let world = world.and("+1h CaseOpened in case2");
    assert_eq!(world.clock("signal", "assessment"), Some(Reading::HandedOver));
    assert_eq!(world.refuses("+1h CaseOpened in case3"), "case.signal-used");
}

#[test]
fn a_case_is_opened_once() {
    assert_eq!(opened().refuses("+1h CaseOpened"), "case.opened-already");
}

#[test]
fn the_holder_is_the_agency_of_who_opens_it_and_the_lead_works_there() {
    let world = given(ASSESSED);
    assert_eq!(world.refuses("+1h CaseOpened holder=other"), "case.holder");
    for somebody in ["other-worker", "head", "clerk"] {
        let line = format!("+1h CaseOpened lead={somebody}");
        assert_eq!(world.refuses(&line), "case.lead", "{somebody}");
    }
}

#[test]
fn nothing_but_what_is_urgent_comes_before_the_opening() {
    let world = given(ASSESSED);
    for line in [
        "AssessmentCompleted",
        "PlanAdopted",
        "VisitRecorded",
        "PlacementOrdered",
        "NoteAdded",
        "CaseClosed",
    ] {
        assert_eq!(world.refuses(&format!("+1h {line}")), "case.not-open", "{line}");
    }
    world.and("+1h EmergencyPlacementOrdered\n+1h CaseOpened");
}

#[test]
fn a_new_lead_leads_when_they_accept() {
    let world = opened().and("+1d LeadAssigned lead=worker2");
    let worker = |name| Some(crate::testing::person(name).actor());
    assert_eq!(world.of("case").lead, worker("worker"), "the lead before goes on");
    let world = world.and("+1h Endorsed on LeadAssigned by worker2");
    assert!(world.of("case").procedure.case.has_lead);
    assert_eq!(world.of("case").lead, worker("worker2"));
    let at_once = opened().and("+1d LeadAssigned lead=worker2 by head,worker2");
    assert!(at_once.of("case").procedure.case.has_lead);
}

#[test]
fn nobody_leads_who_has_a_conflict_or_does_not_work_there() {
    let world = opened().and("+1d ConflictDeclared by worker2");
    assert_eq!(world.refuses("+1h LeadAssigned lead=worker2"), "case.lead-conflicted");
    assert_eq!(opened().refuses("+1h LeadAssigned lead=other-worker"), "case.lead");
    assert_eq!(opened().refuses("+1h LeadAssigned lead=worker"), "case.lead-same");
}

#[test]
fn a_lead_who_is_away_leaves_the_head_as_acting_lead() {
    let world = opened().and("+1d LeadAssigned lead=nobody");
    assert!(!world.of("case").procedure.case.has_lead);
    assert_eq!(world.of("case").lead, None);
}

#[test]
fn an_assessment_shows_strengths_beside_risks() {
    for section in ["needs", "parenting", "risks", "strengths", "sources", "views"] {
        let line = format!("+1d AssessmentCompleted without {section}");
        assert_eq!(opened().refuses(&line), "section.missing", "{section}");
    }
}

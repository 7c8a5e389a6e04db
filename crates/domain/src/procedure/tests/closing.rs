//! The end of a case.

use super::*;
use crate::testing::person;

const DAY: i64 = 86_400;
const OPENED: &str = "SignalReceived as signal\n+1h SignalAssigned\n+5d SignalAssessed\n\
     SenderNotified\n+1h CaseOpened";

fn opened() -> World {
    given(OPENED)
}

/// Nothing is due any more but what ends with the case.
fn done() -> World {
    opened().and("+1d AssessmentCompleted\n+1h WeightOfViewsExplained on AssessmentCompleted")
}

fn closed() -> World {
    done().and("+1d CaseClosed")
}

fn observed() -> World {
    done().and("+1d CaseClosed observed=yes")
}

#[test]
fn a_case_is_closed_when_nothing_is_due() {
    let world = closed();
    assert_eq!(world.of("case").procedure.stage(), Stage::Closed);
    assert!(world.of("case").closed);
    assert_eq!(world.clock("case", "supervision"), Some(Reading::Dropped));
    assert_eq!(world.refuses("+1h PlanAdopted"), "case.closed");
    assert_eq!(world.refuses("+1h CaseClosed"), "case.closed");
    world.and("+1h DocumentAdded\n+1h DisputeNoted\n+1h FeedbackGiven\n+1h InformationShared");
    for section in ["close-result", "best-interests", "views"] {
        let line = format!("+1h CaseClosed without {section}");
        assert_eq!(done().refuses(&line), "section.missing", "{section}");
    }
}

#[test]
fn a_notice_to_the_sender_is_the_signal_s_and_keeps_no_case_open() {
    let world = given("SignalReceived\n+1h SignalAssigned\n+5d SignalAssessed\n+1h CaseOpened");
    assert_eq!(world.clock("case", "sender-notice"), None);
    let world = world.and("+1d SenderNotified");
    assert_eq!(world.clock("signal", "sender-notice"), Some(Reading::Kept));
    let world = world.and("+1d AssessmentCompleted\n+1h WeightOfViewsExplained");
    world.and("+1d CaseClosed");
}

#[test]
fn a_signature_under_a_signal_is_waited_for_there() {
    let world =
        given("SignalReceived\n+1h SignalAssigned\n+1h SignalAssessed by worker with danger");
    let world = world.and("+1h CaseOpened");
    assert_eq!(world.clock("case", "confirmation"), None);
    assert_eq!(world.clock("signal", "confirmation"), Some(Reading::Running));
    let world = world.and("+1h Endorsed on SignalAssessed in signal");
    assert_eq!(world.clock("signal", "confirmation"), Some(Reading::Kept));
}

#[test]
fn an_open_duty_is_done_handed_over_or_dropped() {
    let world = opened();
    assert_eq!(world.refuses("+1d CaseClosed"), "close.open-duty");
    let by_head = "by worker,head,director";
    let unreasoned = format!("+1d CaseClosed drop=signal {by_head}");
    assert_eq!(world.refuses(&unreasoned), "close.dropped");
    let not_head = "+1d CaseClosed drop=signal with handover by worker,director";
    assert_eq!(world.refuses(not_head), "close.dropped");
    let dropped = format!("+1d CaseClosed drop=signal with handover {by_head}");
    let dropped = world.clone().and(&dropped);
    assert_eq!(dropped.clock("case", "assessment"), Some(Reading::Dropped));
    let unsigned = format!("+1d CaseClosed hand=signal to=worker2 {by_head}");
    assert_eq!(world.refuses(&unsigned), "close.new-owner");
    let handed = format!("+1d CaseClosed hand=signal to=worker2 {by_head},worker2");
    let handed = world.and(&handed);
    assert_eq!(handed.clock("case", "assessment"), Some(Reading::Running));
    let unknown = format!("+1d CaseClosed drop=CaseOpened with handover {by_head}");
    // What supervision is about ends with the case, and may be named all the same.
    done().and(&unknown);
    let unknown = format!("+1d CaseClosed drop=signal with handover {by_head}");
    assert_eq!(done().refuses(&unknown), "close.no-such-duty");
}

#[test]
fn nothing_waits_for_a_signature_when_a_case_is_closed() {
    let world = done().and("+1h PlanAdopted by worker");
    assert_eq!(world.refuses("+1d CaseClosed"), "close.pending-act");
    let world = world.and("+1h EndorsementRefused on PlanAdopted\n+1h CaseClosed");
    assert_eq!(world.of("case").procedure.stage(), Stage::Closed);
}

#[test]
fn a_closing_waits_for_the_head_and_the_director() {
    let world = done().and("+1d CaseClosed by worker");
    assert_eq!(world.of("case").procedure.stage(), Stage::Open);
    let world = world.and("+1h Endorsed on CaseClosed");
    assert_eq!(world.of("case").procedure.stage(), Stage::Open, "the director is still to sign");
    let world = world.and("+1h Endorsed on CaseClosed by director");
    assert_eq!(world.of("case").procedure.stage(), Stage::Closed);
}

#[test]
fn a_closing_that_waits_is_superseded_by_another() {
    let world = done().and("+1d CaseClosed by worker as first\n+1d CaseClosed by worker");
    assert_eq!(world.refuses("+1h Endorsed on first"), "signature.act-ended");
    let world = world.and("+1h Endorsed on CaseClosed\n+1h Endorsed on CaseClosed by director");
    assert_eq!(world.of("case").procedure.stage(), Stage::Closed);
}

#[test]
fn what_came_up_since_it_was_signed_keeps_a_closing_from_taking_effect() {
    let world = done().and("+1d CaseClosed by worker as closing");
    let duty = world.clone().and("+1h MeasureRequestedByParty");
    assert_eq!(duty.refuses("+1h Endorsed on closing"), "close.open-duty");
    let act = world.and("+1h PlanAdopted by worker");
    assert_eq!(act.refuses("+1h Endorsed on closing"), "close.pending-act");
}

#[test]
fn a_proposal_ends_with_the_case() {
    let world = done().and("+1h TransferProposed as proposal");
    let line = "+1h CaseClosed drop=proposal with handover by worker,head,director";
    assert!(world.and(line).of("case").proposed.is_empty());
}

#[test]
fn after_its_end_a_child_is_observed_for_six_months() {
    let world = observed();
    assert_eq!(world.clock("case", "observation"), Some(Reading::Running));
    let world = world.and("+30d ObservationRecorded");
    let over = world.clone().later(180 * DAY);
    assert_eq!(over.clock("case", "observation"), Some(Reading::Expired));
    let reopened = world.and("+1d CaseReopened");
    assert_eq!(reopened.clock("case", "observation"), Some(Reading::Dropped));
    assert_eq!(closed().refuses("+1d ObservationRecorded"), "close.not-observed");
    assert_eq!(done().refuses("+1d ObservationRecorded"), "close.not-observed");
}

#[test]
fn a_closed_case_is_opened_again_with_a_lead() {
    assert_eq!(done().refuses("+1d CaseReopened"), "close.not-closed");
    assert_eq!(closed().refuses("+1d CaseReopened lead=other-worker"), "case.lead");
    let conflict = closed().and("+1h ConflictDeclared by worker2");
    assert_eq!(conflict.refuses("+1h CaseReopened lead=worker2"), "case.lead-conflicted");
    let world = closed().and("+1d CaseReopened lead=worker2");
    let file = world.of("case");
    assert_eq!(file.procedure.stage(), Stage::Open);
    assert_eq!(file.lead, Some(person("worker2").actor()));
    assert!(!file.closed && file.procedure.case.has_lead);
    assert_eq!(world.clock("case", "supervision"), Some(Reading::Running));
}

#[test]
fn a_case_that_is_opened_again_gets_another_plan() {
    let world = done().and("+1d PlanAdopted as plan\n+1h WeightOfViewsExplained on plan");
    let world = world.and("+1d CaseClosed\n+1d CaseReopened");
    assert_eq!(world.refuses("+1d ReviewHeld"), "review.no-plan");
    let world = world.and("+1d PlanAdopted");
    assert_eq!(world.clock("case", "plan-review"), Some(Reading::Running));
}

#[test]
fn a_case_that_should_not_be_is_voided() {
    let world = opened().and("+1d CaseVoided");
    assert_eq!(world.of("case").procedure.stage(), Stage::Voided);
    assert_eq!(world.clock("case", "assessment"), Some(Reading::Dropped));
    for line in ["PlanAdopted", "CaseReopened", "CaseVoided", "CasesMerged"] {
        let expected = if line == "CaseReopened" { "close.not-closed" } else { "case.ended" };
        assert_eq!(world.refuses(&format!("+1h {line}")), expected, "{line}");
    }
    assert_eq!(opened().refuses("+1d CaseVoided without duplicate"), "section.missing");
}

#[test]
fn a_duplicate_goes_on_in_another_open_case() {
    let two = given("SignalReceived children=2\n+1h SignalAssigned");
    let two = two.and("+1d SignalAssessed children=2\n+1h CaseOpened as here");
    let two = two.and("+1h CaseOpened in case2 as there");
    let world = two.clone().and("+1h CasesMerged on there");
    assert_eq!(world.of("case").procedure.stage(), Stage::Merged);
    assert_eq!(two.refuses("+1h CasesMerged on here"), "close.merged-into");
    let ended = two.and("+1h CaseVoided in case2");
    assert_eq!(ended.refuses("+1h CasesMerged on there"), "close.merged-into");
}

#[test]
fn a_case_is_linked_with_another_one() {
    closed().and("+1h NewCaseLinked");
    let own = "SignalReceived\n+1h SignalAssigned\n+5d SignalAssessed\n+1h CaseOpened in case2";
    assert_eq!(given(own).refuses("+1h NewCaseLinked in case2"), "close.linked");
}

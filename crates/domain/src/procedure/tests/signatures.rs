//! Signatures that are due.

use super::*;

fn opened() -> World {
    given(
        "SignalReceived\n+1h SignalAssigned\n+5d SignalAssessed\n+1h CaseOpened\n\
         +1d AssessmentCompleted",
    )
}

#[test]
fn a_plan_waits_for_the_head() {
    let world = opened().and("+1d PlanAdopted by worker");
    assert_eq!(world.act("case", "PlanAdopted"), Some(Status::Pending));
    assert_eq!(world.clock("case", "plan-review"), None);
    let world = world.and("+1d Endorsed on PlanAdopted");
    assert_eq!(world.act("case", "PlanAdopted"), Some(Status::InForce));
    assert_eq!(world.clock("case", "plan-review"), Some(Reading::Running));
}

#[test]
fn nobody_endorses_an_own_act() {
    let world = opened().and("+1d PlanAdopted by worker");
    assert_eq!(world.refuses("+1h Endorsed on PlanAdopted by worker"), "signature.own-act");
    let by_head = opened().and("+1h LeadAssigned lead=nobody\n+1d PlanAdopted by head");
    assert_eq!(by_head.refuses("+1h Endorsed on PlanAdopted"), "signature.own-act");
    let world = by_head.and("+1h Endorsed on PlanAdopted by director");
    assert_eq!(world.act("case", "PlanAdopted"), Some(Status::InForce));
}

#[test]
fn what_was_superseded_or_refused_is_not_endorsed() {
    let world = opened().and("+1d PlanAdopted by worker as first\n+1h PlanAdopted by worker");
    assert_eq!(world.refuses("+1h Endorsed on first"), "signature.act-ended");
    let world = world.and("+1h EndorsementRefused on PlanAdopted");
    assert_eq!(world.act("case", "PlanAdopted"), Some(Status::Refused));
    assert_eq!(world.refuses("+1h Endorsed on PlanAdopted"), "signature.act-ended");
}

#[test]
fn a_signature_lapses_only_after_its_term() {
    let world = opened().and("+1d PlanAdopted by worker");
    assert_eq!(world.refuses("+1h EndorsementLapsed on PlanAdopted"), "signature.not-lapsed");
    let world = world.and("+8d EndorsementLapsed on PlanAdopted");
    assert_eq!(world.act("case", "PlanAdopted"), Some(Status::Lapsed));
}

#[test]
fn a_signature_that_is_not_due_is_not_given_or_refused() {
    let world = opened().and("+1d PlanAdopted by worker");
    assert_eq!(world.refuses("+1h Endorsed on PlanAdopted by worker2"), "signature.not-due");
    assert_eq!(
        world.refuses("+1h EndorsementRefused on PlanAdopted by clerk"),
        "signature.not-due"
    );
    assert_eq!(world.refuses("+1h EndorsementRefused on nothing"), "signature.act-unknown");
    world.and("+1h Endorsed on PlanAdopted by provider");
}

#[test]
fn where_delay_endangers_a_child_it_is_in_force_at_once_and_reviewed() {
    let world = given("SignalReceived\n+1h SignalAssigned");
    let world = world.and("+1h SignalAssessed by worker with danger");
    assert_eq!(world.act("signal", "SignalAssessed"), Some(Status::Unconfirmed));
    assert_eq!(world.clock("signal", "signal-check"), Some(Reading::Kept));
    assert_eq!(world.clock("signal", "marked-act-review"), Some(Reading::Running));
    let world = world.and("+1h Endorsed on SignalAssessed in signal");
    assert_eq!(world.act("signal", "SignalAssessed"), Some(Status::InForce));
    assert_eq!(world.clock("signal", "marked-act-review"), Some(Reading::Kept));
}

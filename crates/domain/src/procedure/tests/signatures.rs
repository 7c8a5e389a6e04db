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

#[test]
fn who_refuses_what_is_in_force_has_looked_at_it_and_it_stays() {
    let world = given("SignalReceived\n+1h SignalAssigned");
    let world = world.and("+1h SignalAssessed by worker with danger");
    let world = world.and("+1h EndorsementRefused on SignalAssessed in signal");
    assert_eq!(world.act("signal", "SignalAssessed"), Some(Status::InForce), "nothing is due");
    assert_eq!(world.clock("signal", "confirmation"), Some(Reading::Kept));
    assert_eq!(world.clock("signal", "marked-act-review"), Some(Reading::Kept));
    let _ = world.and("+1h CaseOpened");
    let unconfirmed = opened().and("+1d PlanAdopted by worker with danger");
    let refused = unconfirmed.refuses("+8d EndorsementLapsed on PlanAdopted");
    assert_eq!(refused, "signature.not-due", "what is in force does not lapse");
}

#[test]
fn what_was_signed_under_a_delegation_and_never_took_effect_needs_no_review() {
    let mut world = opened();
    world.under_delegation = true;
    let mut waits = world.and("+1d PlanAdopted by worker as plan");
    waits.under_delegation = false;
    assert_eq!(waits.clock("case", "marked-act-review"), Some(Reading::Running));
    let confirmed = waits.clone().and("+1h Endorsed on plan");
    assert_eq!(confirmed.clock("case", "marked-act-review"), Some(Reading::Kept));
    for end in ["+1h EndorsementRefused on plan", "+1h PlanAdopted by worker,head"] {
        let ended = waits.clone().and(end);
        assert_eq!(ended.clock("case", "marked-act-review"), Some(Reading::Dropped), "{end}");
    }
}

#[test]
fn an_end_of_protection_is_never_in_force_for_danger() {
    let world = given("SignalReceived\n+1h SignalAssigned");
    for line in [
        "SignalNotPursued by worker with danger",
        "SignalAssessed outcome=no-case by worker with danger",
    ] {
        let world = world.clone().and(&format!("+1h {line}"));
        assert!(
            world.of("signal").procedure.acts().iter().all(|act| act.status == Status::Pending)
        );
    }
}

#[test]
fn what_waits_takes_no_place_of_what_is_in_force() {
    let world = opened().and("+1d PlanAdopted by worker with danger as urgent");
    let statuses = |world: &World| -> Vec<Status> {
        world.of("case").procedure.acts().iter().map(|act| act.status).collect()
    };
    let waits = world.and("+1h PlanAmended on urgent by worker as second");
    assert_eq!(statuses(&waits), [Status::Unconfirmed, Status::Pending]);
    let confirmed = waits.and("+1h Endorsed on second");
    assert_eq!(statuses(&confirmed), [Status::Superseded, Status::InForce]);
    assert_eq!(confirmed.refuses("+1h Endorsed on urgent"), "signature.act-ended");
    assert_eq!(confirmed.clock("case", "marked-act-review"), Some(Reading::Kept));
}

#[test]
fn what_ends_the_matter_ends_what_waits_there() {
    let waiting = opened().and("+1d PlanAdopted by worker");
    for line in ["TransferProposed\n+1h TransferAccepted", "CaseVoided"] {
        let ended = waiting.clone().and(&format!("+1h {line}"));
        assert_eq!(ended.act("case", "PlanAdopted"), Some(Status::Superseded), "{line}");
    }
    let world = given("SignalReceived\n+1h SignalAssigned\n+1h SignalAssessed by worker");
    let world = world.and("+1h SignalForwarded");
    assert_eq!(world.act("signal", "SignalAssessed"), Some(Status::Superseded));
    let both = given("SignalReceived\n+1h SignalAssigned\n+1h SignalAssessed by worker");
    let both = both.and("+1h SignalNotPursued by worker");
    assert_eq!(both.act("signal", "SignalAssessed"), Some(Status::Superseded));
}

#[test]
fn a_refusal_names_one_act_of_its_own_stream() {
    let world = opened().and("+1d PlanAdopted by worker as plan");
    let mut statement = world.ask("EndorsementRefused on plan").into_statement();
    let second = statement.references[0];
    statement.references.push(second);
    let mut world = world;
    assert_eq!(world.say(statement).unwrap_err(), "signature.act-unknown");
}

#[test]
fn what_a_misfiled_act_waited_for_stays_ended() {
    let world = opened().and("+1d PlanAdopted by worker as first\n+1h PlanAdopted by worker");
    let world = world.and("+1h EventMisfiled on first");
    let file = world.of("case");
    let open = file.procedure.clocks().open();
    assert_eq!(open.filter(|clock| clock.subject == world.story_hash("first").unwrap()).count(), 0);
}

#[test]
fn nobody_endorses_an_act_twice() {
    let closing = given("SignalReceived\n+1h SignalAssigned\n+1d SignalAssessed\n+1h CaseOpened");
    let waits = closing.and("+1d AssessmentCompleted by worker as act\n+1h Endorsed on act");
    assert_eq!(waits.refuses("+1h Endorsed on act"), "signature.given-already");
}

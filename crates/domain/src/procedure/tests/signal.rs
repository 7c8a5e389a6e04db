//! Signals and their check.

use super::*;

const RECEIVED: &str = "SignalReceived";
const ASSIGNED: &str = "SignalReceived\n+1h SignalAssigned";
const ASSESSED: &str = "SignalReceived\n+1h SignalAssigned\n+5d SignalAssessed";

#[test]
fn a_signal_is_received_assigned_assessed_and_its_sender_told() {
    let world = given(ASSIGNED);
    assert_eq!(world.clock("signal", "signal-check"), Some(Reading::Running));
    let world = world.and("+5d SignalAssessed\nSenderNotified");
    assert_eq!(world.clock("signal", "signal-check"), Some(Reading::Kept));
    assert_eq!(world.clock("signal", "assessment"), Some(Reading::Running));
}

#[test]
fn the_check_of_a_coordination_signal_takes_a_day() {
    let world = given("SignalReceived track=coordination\n+1h SignalAssigned");
    assert_eq!(world.clock("signal", "signal-check"), None);
    let late = world.clone().and("+24h SignalAssessed track=coordination");
    assert_eq!(late.clock("signal", "coordination-check"), Some(Reading::Late));
    let kept = world.and("+22h SignalAssessed track=coordination");
    assert_eq!(kept.clock("signal", "coordination-check"), Some(Reading::Kept));
}

#[test]
fn nothing_is_done_about_a_signal_that_was_not_received() {
    for line in [
        "SignalAssigned",
        "SignalAssessed",
        "SignalNotPursued",
        "SignalForwarded",
        "SenderNotified",
    ] {
        assert_eq!(given("").refuses(line), "signal.not-received", "{line}");
    }
}

#[test]
fn a_signal_is_received_once() {
    assert_eq!(given(RECEIVED).refuses(RECEIVED), "signal.received-already");
}

#[test]
fn a_check_is_assigned_before_it_is_done_and_done_by_who_was_told_to() {
    assert_eq!(given(RECEIVED).refuses("+1h SignalAssessed"), "signal.not-assigned");
    assert_eq!(given(RECEIVED).refuses("+1h SignalNotPursued"), "signal.not-assigned");
    let refused = given(ASSIGNED).refuses("+1h SignalAssessed by worker2,director");
    assert_eq!(refused, "signal.not-assigned");
    let refused = given(ASSIGNED).refuses("+1h SignalAssessed by worker2,head");
    assert_eq!(refused, "signal.not-assigned");
}

#[test]
fn a_check_is_assigned_to_a_social_worker_of_the_agency() {
    for somebody in ["duty", "other-worker", "clerk"] {
        let line = format!("+1h SignalAssigned worker={somebody}");
        assert_eq!(given(RECEIVED).refuses(&line), "signal.worker", "{somebody}");
    }
}

#[test]
fn there_is_an_outcome_for_each_child_and_no_other() {
    let two = given("SignalReceived children=2\n+1h SignalAssigned");
    assert_eq!(two.refuses("+1h SignalAssessed"), "signal.children");
    assert_eq!(two.refuses("+1h SignalAssessed children=3"), "signal.children");
    two.and("+1h SignalAssessed children=2");
}

#[test]
fn a_check_that_ended_is_not_gone_on_with() {
    for end in ["SignalAssessed", "SignalNotPursued", "SignalForwarded"] {
        let world = given(ASSIGNED).and(&format!("+1h {end}"));
        for line in ["SignalAssigned", "SignalAssessed", "SignalNotPursued", "SignalForwarded"] {
            assert_eq!(world.refuses(&format!("+1h {line}")), "signal.ended", "{end}, {line}");
        }
    }
}

#[test]
fn an_anonymous_signal_is_checked_if_the_director_lets_it_or_by_coordination() {
    let world = given("SignalReceived anonymous=yes");
    assert_eq!(world.refuses("+1h SignalAssigned"), "signal.anonymous");
    assert_eq!(world.refuses("+1h SenderNotified"), "signal.no-sender");
    world.and("+1h SignalAssigned by head,director");
    given("SignalReceived anonymous=yes track=coordination\n+1h SignalAssigned");
}

#[test]
fn a_repeated_signal_is_joined_to_the_prior_one() {
    let world = given("SignalReceived\n+1h SignalReceived in signal2 as second");
    assert_eq!(world.refuses("+1h SignalJoined on second in signal2"), "signal.joined-to");
    let world = given("SignalReceived as first\n+1h SignalReceived in signal2");
    let world = world.and("+1h SignalJoined on first in signal2");
    assert_eq!(world.clock("signal2", "signal-check"), Some(Reading::Dropped));
}

#[test]
fn a_signal_that_is_assessed_by_the_worker_alone_waits_for_the_head() {
    let world = given(ASSIGNED).and("+9d SignalAssessed by worker");
    assert_eq!(world.act("signal", "SignalAssessed"), Some(Status::Pending));
    assert_eq!(world.clock("signal", "signal-check"), Some(Reading::Running));
    assert_eq!(world.refuses("+1h CaseOpened"), "case.without-signal");

    let world = world.and("+3d Endorsed on SignalAssessed in signal");
    assert_eq!(world.act("signal", "SignalAssessed"), Some(Status::InForce));
    // The check was done in time; the signature came later.
    assert_eq!(world.clock("signal", "signal-check"), Some(Reading::Kept));
    world.and("+1h CaseOpened");
}

#[test]
fn the_sections_of_an_assessment_are_there_and_guarded() {
    for section in ["outcomes", "sources", "risks", "views"] {
        let line = format!("+1h SignalAssessed without {section}");
        assert_eq!(given(ASSIGNED).refuses(&line), "section.missing", "{section}");
    }
    for section in ["best-interests", "reasons"] {
        let line = format!("+1h SignalNotPursued without {section}");
        assert_eq!(given(ASSIGNED).refuses(&line), "section.missing", "{section}");
    }
}

#[test]
fn nothing_happens_in_the_future_or_before_its_signal() {
    let world = given(ASSIGNED);
    assert_eq!(world.refuses("+1h SignalAssessed happened +11min"), "time.future");
    world.clone().and("+1h SignalAssessed happened +9min");
    assert_eq!(world.refuses("+1h SignalAssessed happened -3h"), "time.before-beginning");
}

#[test]
fn what_is_assessed_stays_the_last_word() {
    let _ = given(ASSESSED);
}

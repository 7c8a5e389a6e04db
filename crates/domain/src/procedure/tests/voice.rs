//! Hearing, the weight of views, consent, sharing.

use super::*;

const OPENED: &str = "SignalReceived\n+1h SignalAssigned\n+5d SignalAssessed\n+1h CaseOpened";

fn opened() -> World {
    given(OPENED)
}

fn assessed() -> World {
    opened().and("+1d AssessmentCompleted as decision")
}

#[test]
fn a_child_is_informed_before_it_is_heard() {
    assert_eq!(opened().refuses("+1h ChildHeard"), "voice.not-informed");
    let world = opened().and("+1d ChildInformed");
    assert_eq!(world.refuses("+1h ChildHeard happened -2h"), "voice.not-informed");
    world.clone().and("+1h ChildHeard");
    // Informed, heard, and only then written down: it is what happened that counts.
    let later = opened().and("+1d ChildInformed happened -5h");
    later.clone().and("+1h ChildHeard happened -4h");
    let taken_back = world.and("+1h EventMisfiled on ChildInformed");
    assert_eq!(taken_back.refuses("+1h ChildHeard"), "voice.not-informed");
    let corrected = later.and("+1h EventCorrected on ChildInformed time=-3h");
    assert_eq!(corrected.refuses("+1h ChildHeard happened -5h"), "voice.not-informed");
}

#[test]
fn a_child_that_is_not_heard_has_its_ground() {
    opened().and("+1h ChildNotHeard\n+1h FamilyHeard");
    assert_eq!(opened().refuses("+1h ChildNotHeard without reasons"), "section.missing");
    assert_eq!(opened().refuses("+1h FamilyHeard without opinion"), "section.missing");
    let words = opened().and("+1h ChildInformed").refuses("+1h ChildHeard without child-words");
    assert_eq!(words, "section.missing");
}

#[test]
fn the_child_is_told_what_weight_its_views_had() {
    let world = assessed();
    assert_eq!(world.clock("case", "weight-explained"), Some(Reading::Running));
    let late = world.clone().and("+15d WeightOfViewsExplained on decision");
    assert_eq!(late.clock("case", "weight-explained"), Some(Reading::Late));
    let overdue = world.clone().later(15 * 86_400);
    assert_eq!(overdue.clock("case", "weight-explained"), Some(Reading::Overdue));
    let early = world.refuses("+1h WeightOfViewsExplained on decision happened -2h");
    assert_eq!(early, "time.before-cause");
    let kept = world.and("+13d WeightOfViewsExplained on decision");
    assert_eq!(kept.clock("case", "weight-explained"), Some(Reading::Kept));
}

#[test]
fn weight_is_explained_of_a_decision_in_force_that_had_views() {
    let world = opened().and("+1h VisitRecorded as visit");
    for what in ["visit", "nothing"] {
        let line = format!("+1h WeightOfViewsExplained on {what}");
        assert_eq!(world.refuses(&line), "voice.no-decision", "{what}");
    }
    let pending = opened().and("+1d AssessmentCompleted by worker as waits");
    assert_eq!(pending.clock("case", "weight-explained"), None);
    assert_eq!(pending.refuses("+1h WeightOfViewsExplained on waits"), "voice.no-decision");
    let world = pending.and("+1h Endorsed on waits");
    world.and("+1h WeightOfViewsExplained on waits");
}

#[test]
fn consent_is_withdrawn_once_by_whom_it_was_given() {
    let world = opened().and("+1h ConsentGiven\n+1h ConsentRefused\n+1h ConsentWithdrawn");
    assert_eq!(world.refuses("+1h ConsentWithdrawn"), "voice.no-consent");
    assert_eq!(opened().refuses("+1h ConsentWithdrawn on nothing"), "voice.no-consent");
    let given = opened().and("+1h ConsentGiven");
    assert_eq!(given.refuses("+1h ConsentWithdrawn happened -2h"), "time.before-cause");
}

#[test]
fn once_there_is_a_measure_sharing_takes_an_opinion_as_well() {
    opened().and("+1h InformationShared");
    let placed = opened().and("+1h EmergencyPlacementOrdered");
    assert_eq!(placed.refuses("+1h InformationShared"), "share.without-opinion");
    placed.clone().and("+1h InformationShared with danger");
    placed.clone().and("+1h ProtectiveOpinionGiven\n+1h InformationShared");
    // A consent alone is not enough any more (чл. 11а, ал. 2 ЗЗДет).
    let consent = placed.and("+1h ConsentGiven");
    assert_eq!(consent.refuses("+1h InformationShared"), "share.without-opinion");
}

#[test]
fn what_was_misfiled_was_not_said() {
    let world = assessed().and("+1h ChildInformed\n+1h ChildHeard as heard");
    let _ = world.clone().and("+1h PlacementOrdered age=10To13");
    let world = world.and("+1h EventMisfiled on heard");
    assert_eq!(world.refuses("+1h PlacementOrdered age=10To13"), "voice.not-heard");
    let withdrawn = opened().and("+1h ConsentGiven\n+1h ConsentWithdrawn as wrong");
    let _ = withdrawn.and("+1h EventMisfiled on wrong\n+1h ConsentWithdrawn");
    let ended = opened().and("+1h EmergencyPlacementOrdered\n+1h PlacementStarted");
    let ended = ended.and("+1h PlacementEnded as wrong");
    let world = ended.and("+1h EventMisfiled on wrong");
    assert_eq!(world.refuses("+1h InformationShared"), "share.without-opinion");
}

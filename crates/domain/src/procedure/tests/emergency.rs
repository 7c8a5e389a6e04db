//! Urgent protection, a missing child, a child that died.

use super::*;

const OPENED: &str = "SignalReceived\n+1h SignalAssigned\n+1d SignalAssessed\n+1h CaseOpened";

fn opened() -> World {
    given(OPENED)
}

fn placed() -> World {
    opened().and("+1h EmergencyPlacementOrdered as order")
}

#[test]
fn an_emergency_placement_starts_the_study_the_request_and_the_service() {
    let world = placed();
    for clock in ["emergency-study", "court-request", "order-service"] {
        assert_eq!(world.clock("case", clock), Some(Reading::Running), "{clock}");
    }
    assert!(world.of("case").procedure.emergency.is_open());
    let world = world.and("+1d OrderServed on order\n+8d EmergencyStudyCompleted");
    assert_eq!(world.clock("case", "order-service"), Some(Reading::Kept));
    assert_eq!(world.clock("case", "emergency-study"), Some(Reading::Kept));
    assert!(!world.of("case").procedure.emergency.is_open());
    let world = world.and("+1d CourtRequestFiled");
    assert_eq!(world.clock("case", "court-request"), Some(Reading::Kept));
}

#[test]
fn the_study_takes_ten_days_and_the_request_a_month() {
    let world = placed().and("+11d NoteAdded");
    assert_eq!(world.clock("case", "emergency-study"), Some(Reading::Overdue));
    assert_eq!(world.clock("case", "order-service"), Some(Reading::Overdue));
    assert_eq!(world.clock("case", "court-request"), Some(Reading::Running));
    let world = world.and("+1h EmergencyStudyCompleted\n+30d CourtRequestFiled");
    assert_eq!(world.clock("case", "emergency-study"), Some(Reading::Late));
    assert_eq!(world.clock("case", "court-request"), Some(Reading::Late));
}

#[test]
fn a_study_waits_for_the_head_and_counts_from_when_it_was_done() {
    let world = placed().and("+9d EmergencyStudyCompleted by worker\n+3d NoteAdded");
    assert_eq!(world.clock("case", "emergency-study"), Some(Reading::Overdue));
    let world = world.and("+1h Endorsed on EmergencyStudyCompleted");
    assert_eq!(world.clock("case", "emergency-study"), Some(Reading::Kept));
}

#[test]
fn a_study_names_an_emergency_placement_that_has_none() {
    assert_eq!(opened().refuses("+1h EmergencyStudyCompleted"), "emergency.study-of");
    let world = placed();
    assert_eq!(world.refuses("+1h EmergencyStudyCompleted on nothing"), "emergency.study-of");
    assert_eq!(world.refuses("+1h EmergencyStudyCompleted on CaseOpened"), "emergency.study-of");
    assert_eq!(
        world.refuses("+1h EmergencyStudyCompleted on order happened -2h"),
        "order.too-early"
    );
    let world = world.and("+1d EmergencyStudyCompleted");
    assert_eq!(world.refuses("+1h EmergencyStudyCompleted"), "emergency.study-of");
}

fn in_force(world: &World) -> Vec<Digest> {
    let file = world.of("case");
    let orders = file.procedure.orders(world.story.now()).filter(|order| order.in_force);
    orders.map(|order| order.hash).collect()
}

#[test]
fn a_newer_emergency_placement_replaces_the_earlier_and_both_are_studied() {
    for newer in ["EmergencyPlacementOrdered", "EmergencyActRecorded happened -1h"] {
        let world = placed().and(&format!("+1d {newer} as newer"));
        assert_eq!(in_force(&world), [world.story_hash("newer").unwrap()], "{newer}");
        let world = world.and("+1h EmergencyStudyCompleted on newer");
        assert!(world.of("case").procedure.emergency.is_open(), "{newer}");
        let world = world.and("+1h EmergencyStudyCompleted on order");
        assert!(!world.of("case").procedure.emergency.is_open(), "{newer}");
        assert_eq!(world.clock("case", "emergency-study"), Some(Reading::Kept));
        let _ = world.and("+1h CourtRequestFiled on newer\n+1h CourtRequestFiled on order");
    }
    // Each study waits for its own signature.
    let world = placed().and("+1d EmergencyPlacementOrdered as newer");
    let world = world.and("+1h EmergencyStudyCompleted on newer by worker as one");
    let world = world.and("+1h EmergencyStudyCompleted on order by worker as other");
    let world = world.and("+1h Endorsed on one\n+1h Endorsed on other");
    assert!(!world.of("case").procedure.emergency.is_open());
    // Also where one is in force for danger.
    let world = placed().and("+1d EmergencyPlacementOrdered as newer");
    let world = world.and("+1h EmergencyStudyCompleted on newer by worker with danger as one");
    let world = world.and("+1h EmergencyStudyCompleted on order");
    assert_eq!(world.act("case", "EmergencyStudyCompleted"), Some(Status::Unconfirmed));
    // After the court was asked as well.
    let asked = placed().and("+1d EmergencyStudyCompleted\n+1d CourtRequestFiled");
    let _ = asked.and("+1h EmergencyPlacementOrdered");
}

#[test]
fn an_earlier_act_on_paper_that_is_recorded_late_replaces_nothing() {
    let world = placed().and("+1h EmergencyActRecorded happened -3h as act");
    let order = world.story_hash("order").unwrap();
    assert_eq!(in_force(&world), [order]);
    // Of those that a newer one replaced, the newest is back when that was misfiled.
    let world = world.and("+1h EmergencyPlacementOrdered as newer");
    let world = world.and("+1h EventMisfiled on newer by director");
    assert_eq!(in_force(&world), [order]);
    let world = world.and("+1h EventMisfiled on order by director");
    assert_eq!(in_force(&world), [world.story_hash("act").unwrap()]);
}

#[test]
fn an_emergency_placement_says_danger_interests_views_appeal_and_place() {
    for section in ["danger", "best-interests", "views", "appeal-notice", "place"] {
        let line = format!("+1h EmergencyPlacementOrdered without {section}");
        assert_eq!(opened().refuses(&line), "section.missing", "{section}");
    }
}

#[test]
fn an_act_on_paper_is_entered_within_a_day_and_counts_from_when_it_was_done() {
    let kept = opened().and("+3d EmergencyActRecorded happened -23h");
    assert_eq!(kept.clock("case", "emergency-entry"), Some(Reading::Kept));
    assert_eq!(kept.clock("case", "marked-act-review"), Some(Reading::Running));
    let late = opened().and("+3d EmergencyActRecorded happened -25h");
    assert_eq!(late.clock("case", "emergency-entry"), Some(Reading::Late));
    // Ten days from the act are over, though not from its entry.
    let world = late.and("+9d NoteAdded\n+16h EmergencyStudyCompleted");
    assert_eq!(world.clock("case", "emergency-study"), Some(Reading::Late));
    assert_eq!(world.clock("case", "court-request"), Some(Reading::Running));
}

#[test]
fn an_act_on_paper_that_places_nobody_starts_no_study() {
    let world = opened().and("+3d EmergencyActRecorded act=other happened -1h");
    assert_eq!(world.clock("case", "emergency-entry"), Some(Reading::Kept));
    assert_eq!(world.clock("case", "emergency-study"), None);
    assert_eq!(
        world.refuses("+1h PlacementStarted on EmergencyActRecorded"),
        "placement.no-ground"
    );
    assert_eq!(world.refuses("+1h OrderServed on EmergencyActRecorded"), "order.unknown");
}

#[test]
fn police_protection_lasts_two_days() {
    let world = opened().and("+1h PoliceProtectionRecorded as begun");
    assert_eq!(world.clock("case", "police-protection"), Some(Reading::Running));
    assert!(world.of("case").procedure.emergency.is_open());
    let kept = world.clone().and("+47h PoliceProtectionRecorded ended=yes on begun");
    assert_eq!(kept.clock("case", "police-protection"), Some(Reading::Kept));
    assert!(!kept.of("case").procedure.emergency.is_open());
    let _ = kept.and("+1h PoliceProtectionRecorded");
    let late = world.and("+48h PoliceProtectionRecorded ended=yes on begun");
    assert_eq!(late.clock("case", "police-protection"), Some(Reading::Late));
}

#[test]
fn police_protection_ends_what_began() {
    let none = opened();
    assert_eq!(
        none.refuses("+1h PoliceProtectionRecorded ended=yes on nothing"),
        "emergency.not-protected"
    );
    let world = none.and("+1h PoliceProtectionRecorded as begun");
    let early = "+1h PoliceProtectionRecorded ended=yes on begun happened -2h";
    assert_eq!(world.refuses(early), "order.too-early");
    let world = world.and("+1h PoliceProtectionRecorded ended=yes on begun");
    let again = "+1h PoliceProtectionRecorded ended=yes on begun";
    assert_eq!(world.refuses(again), "emergency.not-protected");
    for section in ["ground", "place"] {
        let line = format!("+1h PoliceProtectionRecorded without {section}");
        assert_eq!(world.refuses(&line), "section.missing", "{section}");
    }
}

#[test]
fn a_new_police_protection_leaves_one_without_an_end_to_run_out() {
    let (running, kept) = (Reading::Running, Reading::Kept);
    let readings = |world: &World| world.clocks("case", "police-protection");
    let world = opened().and("+1h PoliceProtectionRecorded as first");
    let world = world.and("+20h PoliceProtectionRecorded as second");
    assert_eq!(readings(&world), [running, running]);
    assert_eq!(readings(&world.clone().later(30 * 3600)), [Reading::Overdue, running]);
    // Each ends by its name, also one whose end is recorded late.
    let second = world.clone().and("+1h PoliceProtectionRecorded ended=yes on second");
    assert_eq!(readings(&second), [running, kept]);
    assert!(second.of("case").procedure.emergency.is_open());
    let both = second.and("+3d PoliceProtectionRecorded ended=yes on first happened -3d");
    assert_eq!(readings(&both), [kept, kept]);
    assert!(!both.of("case").procedure.emergency.is_open());
    let one = world.and("+1h EventMisfiled on second in protected");
    assert_eq!(readings(&one), [running, Reading::Dropped]);
}

#[test]
fn a_misfiled_end_of_police_protection_is_recorded_anew() {
    let ends = "+1h PoliceProtectionRecorded ended=yes on begun";
    let world = opened().and("+1h PoliceProtectionRecorded as begun").and(ends);
    let world = world.and("+1h EventMisfiled on PoliceProtectionRecorded in protected");
    assert_eq!(world.clock("case", "police-protection"), Some(Reading::Running));
    assert!(world.of("case").procedure.emergency.is_open());
    let world = world.and(ends);
    assert_eq!(world.clock("case", "police-protection"), Some(Reading::Kept));
}

#[test]
fn a_misfiled_study_is_done_anew() {
    let world = placed().and("+1d EmergencyStudyCompleted as study");
    let world = world.and("+1h EventMisfiled on study");
    assert_eq!(world.clock("case", "emergency-study"), Some(Reading::Running));
    assert!(world.of("case").procedure.emergency.is_open());
    assert_eq!(world.refuses("+1h CourtRequestFiled on order"), "court.not-studied");
    let world = world.and("+1h EmergencyStudyCompleted on order");
    assert_eq!(world.clock("case", "emergency-study"), Some(Reading::Kept));
}

#[test]
fn a_child_whose_finding_or_death_was_misfiled_is_missing_still() {
    for end in ["ChildFound", "ChildDied"] {
        let world = opened().and(&format!("+1h ChildMissing\n+1h {end} as end"));
        let world = world.and("+1h EventMisfiled on end");
        assert!(world.of("case").procedure.emergency.is_missing(), "{end}");
        let _ = world.and("+1h ChildFound\n+1h EmergencyPlacementOrdered");
    }
}

#[test]
fn when_an_act_was_entered_no_correction_of_its_time_moves() {
    let world = opened().and("+3d EmergencyActRecorded happened -20h as act");
    assert_eq!(world.clock("case", "emergency-entry"), Some(Reading::Kept));
    let world = world.and("+1h EventCorrected on act time=-30h by head,director");
    assert_eq!(world.clock("case", "emergency-entry"), Some(Reading::Late));
}

#[test]
fn the_prosecutor_is_told_with_reasons() {
    let _ = opened().and("+1h ProsecutorNotified");
    assert_eq!(
        opened().refuses("+1h ProsecutorNotified without prosecutor-notice"),
        "section.missing"
    );
}

#[test]
fn only_who_is_missing_is_found() {
    let world = opened();
    assert_eq!(world.refuses("+1h ChildFound"), "emergency.not-missing");
    let world = world.and("+1h ChildMissing");
    assert!(world.of("case").procedure.emergency.is_missing());
    assert_eq!(world.refuses("+1h ChildMissing"), "emergency.missing-already");
    assert_eq!(world.refuses("+1h ChildFound happened -2h"), "order.too-early");
    let world = world.and("+1h ChildFound");
    assert!(!world.of("case").procedure.emergency.is_missing());
    let _ = world.and("+1h ChildMissing");
    for (line, section) in [("ChildMissing", "missing"), ("ChildDied", "died")] {
        let line = format!("+1h {line} without {section}");
        assert_eq!(opened().refuses(&line), "section.missing");
    }
}

#[test]
fn nothing_that_presumes_a_living_child_follows_its_death() {
    let world = placed().and("+1h ChildDied");
    for line in [
        "EmergencyPlacementOrdered",
        "EmergencyActRecorded act=other",
        "PoliceProtectionRecorded",
        "PlacementStarted",
        "PlacementOrdered",
        "PlanAdopted",
        "AssessmentCompleted",
        "ServiceReferred",
        "CarerConsentRecorded",
        "CourtRequestFiled on order",
        "CustodySuitFiled",
        "VisitRecorded",
        "ReviewHeld",
        "ChildInformed",
        "ChildHeard",
        "ChildNotHeard",
        "ChildMissing",
        "ChildDied",
    ] {
        assert_eq!(world.refuses(&format!("+1h {line}")), "emergency.child-died", "{line}");
    }
    assert_eq!(world.clock("case", "emergency-study"), Some(Reading::Dropped));
    assert_eq!(world.clock("case", "court-request"), Some(Reading::Dropped));
    assert!(!world.of("case").procedure.emergency.is_open());
    // What was done before may still be entered.
    let _ = world.and("+1h EmergencyActRecorded act=other happened -3h\n+1h NoteAdded");
}

#[test]
fn who_died_is_not_missing_and_protection_ends() {
    let world = opened().and("+1h PoliceProtectionRecorded as begun\n+1h ChildMissing");
    let world = world.and("+1h ChildDied");
    assert!(!world.of("case").procedure.emergency.is_missing());
    assert_eq!(world.refuses("+1h ChildFound"), "emergency.not-missing");
    assert!(world.of("case").procedure.emergency.is_open());
    let world = world.and("+1h PoliceProtectionRecorded ended=yes on begun");
    assert!(!world.of("case").procedure.emergency.is_open());
}

#[test]
fn what_was_entered_in_the_wrong_file_was_never_here() {
    let world = placed().and("+1h EventMisfiled on order by director");
    assert_eq!(world.of("case").procedure.orders(world.story.now()).count(), 0);
    assert!(!world.of("case").procedure.emergency.is_open());
    let _ = world.and("+1h EmergencyPlacementOrdered");
    let world = opened().and("+1h ChildMissing as gone\n+1h EventMisfiled on gone");
    assert!(!world.of("case").procedure.emergency.is_missing());
}

#[test]
fn an_act_on_paper_is_reviewed_and_served_like_an_order() {
    let world = opened().and("+1d EmergencyActRecorded happened -2h");
    let kept = world.clone().and("+20h Endorsed on EmergencyActRecorded");
    assert_eq!(kept.clock("case", "marked-act-review"), Some(Reading::Kept));
    let late = world.clone().and("+25h Endorsed on EmergencyActRecorded");
    assert_eq!(late.clock("case", "marked-act-review"), Some(Reading::Late));
    let served = world.and("+1h OrderServed\n+1h PlacementStarted happened -3h");
    assert_eq!(served.clock("case", "appeal-term"), Some(Reading::Running));
    assert!(served.of("case").procedure.placement.is_placed());
}

#[test]
fn a_case_is_not_closed_over_urgent_protection_or_a_missing_child() {
    let protected = opened().and("+1h PoliceProtectionRecorded");
    for world in [placed(), protected] {
        assert_eq!(world.refuses("+1h CaseClosed"), "close.emergency");
    }
    let missing = opened().and("+1h ChildMissing");
    assert_eq!(missing.refuses("+1h CaseClosed"), "close.missing-child");
}

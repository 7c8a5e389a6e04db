//! Appeals.

use super::*;

const SERVED: &str = "SignalReceived\n+1h SignalAssigned\n+1d SignalAssessed\n+1h CaseOpened\n\
                      +1d AssessmentCompleted\n+1d PlacementOrdered as order\n+1h OrderServed";

fn served() -> World {
    given(SERVED)
}

fn instructed() -> World {
    served().and("+1h InstructionIssued as act\n+1h OrderServed on act")
}

#[test]
fn an_appeal_of_a_placement_goes_to_the_court_on_the_next_working_day() {
    // Friday, 6 March 2026: the next working day is Monday.
    let world = served().and("+22h AppealFiled happened 2026-03-06T09:00");
    assert_eq!(world.clock("case", "appeal-term"), Some(Reading::Kept));
    assert_eq!(world.clock("case", "placement-appeal-forwarded"), Some(Reading::Running));
    assert!(world.of("case").procedure.appeals.is_open());
    assert_eq!(world.refuses("+1h CaseClosed"), "close.appeal");
    let kept = world.clone().and("+1h AppealForwarded happened 2026-03-06T10:00");
    assert_eq!(kept.clock("case", "placement-appeal-forwarded"), Some(Reading::Kept));
    let late = world.and("+5d AppealForwarded");
    assert_eq!(late.clock("case", "placement-appeal-forwarded"), Some(Reading::Late));
    let decided = late.and("+2w AppealDecided");
    assert!(!decided.of("case").procedure.appeals.is_open());
}

#[test]
fn what_is_appealed_was_served() {
    let unserved = given(SERVED.trim_end_matches("OrderServed").trim_end_matches("\n+1h "));
    assert_eq!(unserved.refuses("+1h AppealFiled"), "appeal.act");
    assert_eq!(served().refuses("+1h AppealFiled on nothing"), "appeal.act");
    assert_eq!(served().refuses("+1h AppealFiled on CaseOpened"), "appeal.act");
    assert_eq!(served().refuses("+1h AppealFiled happened -2h"), "order.too-early");
    assert_eq!(served().refuses("+1h AppealFiled without appeal"), "section.missing");
}

#[test]
fn each_act_has_its_own_way_of_appeal() {
    for route in ["superior", "court"] {
        let line = format!("+1h AppealFiled route={route}");
        assert_eq!(served().refuses(&line), "appeal.route", "{route}");
        let line = format!("+1h AppealFiled on act route={route}");
        let _ = instructed().and(&line);
    }
    assert_eq!(instructed().refuses("+1h AppealFiled on act route=placement"), "appeal.route");
    let decided = served().and("+1d CourtRequestFiled\n+1w CourtDecisionRecorded as decision");
    assert_eq!(decided.refuses("+1h AppealFiled on decision route=superior"), "appeal.route");
    let appealed = decided.and("+1d AppealFiled on decision route=court");
    assert_eq!(appealed.clock("case", "court-appeal-term"), Some(Reading::Kept));
}

#[test]
fn a_late_appeal_is_recorded_since_only_the_court_refuses_it() {
    let world = served().and("+20d AppealFiled");
    assert_eq!(world.clock("case", "appeal-term"), Some(Reading::Expired));
    assert!(world.of("case").procedure.appeals.is_open());
    assert_eq!(world.clock("case", "placement-appeal-forwarded"), Some(Reading::Running));
}

#[test]
fn each_party_may_appeal_and_the_act_waits_for_all() {
    let world = served().and("+1h AppealFiled as first\n+1h AppealFiled as second");
    let world = world.and("+1h AppealForwarded on first\n+1w AppealDecided on first");
    assert!(world.of("case").procedure.appeals.is_open());
    let world = world.and("+1h AppealForwarded on second\n+1w AppealDecided on second");
    assert!(!world.of("case").procedure.appeals.is_open());
}

#[test]
fn each_appeal_of_an_act_is_forwarded_and_decided_by_itself() {
    let (running, kept) = (Reading::Running, Reading::Kept);
    let forwarded = |world: &World| world.clocks("case", "placement-appeal-forwarded");
    // Friday, 6 March 2026: two parents appeal the placement.
    let two = "+22h AppealFiled happened 2026-03-06T09:00 as first\n\
               +1min AppealFiled happened 2026-03-06T09:01 as second";
    let world = served().and(two);
    assert_eq!(forwarded(&world), [running, running]);
    let world = world.and("+1h AppealForwarded on first happened 2026-03-06T10:00");
    assert_eq!(forwarded(&world), [kept, running], "the second one waits");
    let decided = world.clone().and("+1w AppealDecided on first");
    assert_eq!(forwarded(&decided), [kept, Reading::Overdue]);
    let world = world.and("+1min AppealForwarded on second happened 2026-03-06T10:01");
    assert_eq!(forwarded(&world), [kept, kept]);
    // Of an instruction, by the superior.
    let world = instructed().and(
        "+1d AppealFiled on act route=superior as first\n+1h AppealFiled on act route=superior as second",
    );
    let forwarded = |world: &World| world.clocks("case", "superior-appeal-forwarded");
    let superior = |world: &World| world.clocks("case", "superior-decision");
    let world = world.and("+1d AppealForwarded on first");
    assert_eq!((forwarded(&world), superior(&world)), (vec![kept, running], vec![running]));
    let world = world.and("+1d AppealForwarded on second\n+1d AppealDecided on first");
    assert_eq!((forwarded(&world), superior(&world)), (vec![kept, kept], vec![kept, running]));
}

#[test]
fn an_appeal_of_the_courts_decision_is_none_of_the_order() {
    let world = given(
        "SignalReceived\n+1h SignalAssigned\n+1d SignalAssessed\n+1h CaseOpened\n\
         +1d AssessmentCompleted\n+1d PlacementOrdered as order\n+1d CourtRequestFiled\n\
         +1w OrderServed on order\n+1d CourtDecisionRecorded as decision",
    );
    let world = world.and("+1d AppealFiled on decision route=court");
    assert_eq!(world.clock("case", "appeal-term"), Some(Reading::Running));
    assert_eq!(world.clock("case", "court-appeal-term"), Some(Reading::Kept));
    // Nor the other way.
    let world = world.and("+1d AppealFiled on order");
    assert_eq!(world.clock("case", "appeal-term"), Some(Reading::Kept));
}

#[test]
fn an_appeal_is_forwarded_once_and_decided_once() {
    assert_eq!(served().refuses("+1h AppealForwarded on order"), "appeal.unknown");
    assert_eq!(served().refuses("+1h AppealDecided on nothing"), "appeal.unknown");
    let world = served().and("+1h AppealFiled");
    assert_eq!(world.refuses("+1h AppealDecided"), "appeal.not-forwarded");
    assert_eq!(world.refuses("+1h AppealForwarded happened -2h"), "order.too-early");
    let world = world.and("+1h AppealForwarded");
    assert_eq!(world.refuses("+1h AppealForwarded"), "appeal.forwarded-already");
    assert_eq!(world.refuses("+1h AppealDecided happened -3h"), "order.too-early");
    assert_eq!(world.refuses("+1h AppealDecided without appeal-outcome"), "section.missing");
    let world = world.and("+1w AppealDecided");
    assert_eq!(world.refuses("+1h AppealDecided"), "appeal.unknown");
    assert_eq!(world.refuses("+1h AppealForwarded"), "appeal.unknown");
}

#[test]
fn the_director_reviews_or_forwards_in_a_week_and_the_superior_decides_in_two() {
    let world = instructed().and("+1d AppealFiled on act route=superior");
    assert_eq!(world.clock("case", "superior-appeal-forwarded"), Some(Reading::Running));
    // Taken back by who gave it.
    let reviewed = world.clone().and("+5d AppealDecided outcome=annulled");
    assert_eq!(reviewed.clock("case", "superior-appeal-forwarded"), Some(Reading::Kept));
    let late = world.clone().and("+9d AppealForwarded");
    assert_eq!(late.clock("case", "superior-appeal-forwarded"), Some(Reading::Late));
    let forwarded = world.and("+2d AppealForwarded");
    assert_eq!(forwarded.clock("case", "superior-decision"), Some(Reading::Running));
    let kept = forwarded.clone().and("+13d AppealDecided");
    assert_eq!(kept.clock("case", "superior-decision"), Some(Reading::Kept));
    let late = forwarded.and("+16d AppealDecided");
    assert_eq!(late.clock("case", "superior-decision"), Some(Reading::Late));
}

#[test]
fn what_is_annulled_or_returned_is_in_force_no_more() {
    for (outcome, in_force) in [("stands", true), ("annulled", false), ("returned", false)] {
        let line =
            format!("+1h AppealFiled\n+1h AppealForwarded\n+1w AppealDecided outcome={outcome}");
        let world = served().and(&line);
        let order = world.of("case").procedure.orders(world.story.now()).next().unwrap();
        assert_eq!((order.in_force, order.executable), (in_force, in_force), "{outcome}");
        if !in_force {
            assert_eq!(world.refuses("+1h PlacementStarted on order"), "placement.no-ground");
            assert_eq!(world.refuses("+1h CourtRequestFiled on order"), "court.order");
        }
    }
}

#[test]
fn a_decision_of_the_court_that_is_annulled_leaves_the_request_open() {
    let world = served().and(
        "+1d CourtRequestFiled as request\n\
                              +1w CourtDecisionRecorded term=2026-09-01 as decision\n\
                              +1d AppealFiled on decision route=court as appeal",
    );
    let world = world.and("+1w AppealDecided on appeal outcome=annulled");
    assert_eq!(world.refuses("+1h PlacementStarted on decision"), "placement.no-ground");
    let now = world.story.now();
    assert!(world.of("case").procedure.court.is_open(now));
    let _ = world.and("+1w CourtDecisionRecorded on request outcome=refused");
}

#[test]
fn a_misfiled_appeal_is_none() {
    let world = instructed().and("+1d AppealFiled on act route=court as appeal");
    let world = world.and("+1h EventMisfiled on appeal by director\n+15d NoteAdded");
    assert!(!world.of("case").procedure.appeals.is_open());
}

#[test]
fn what_a_misfiled_statement_forwarded_or_decided_is_due_anew() {
    let forwarded = "+1h AppealForwarded on appeal as forwarded";
    let decided = "+1h AppealDecided on appeal as decided";
    for (line, clock) in [
        ("AppealFiled as appeal", "placement-appeal-forwarded"),
        ("AppealFiled on act route=superior as appeal", "superior-appeal-forwarded"),
    ] {
        let world = instructed().and(&format!("+1h {line}")).and(forwarded);
        let world = world.and("+1h EventMisfiled on forwarded by director");
        assert_eq!(world.clock("case", clock), Some(Reading::Running), "{clock}");
        let again = world.and(forwarded);
        assert_eq!(again.clock("case", clock), Some(Reading::Kept), "{clock}");
        let world = again.and(decided).and("+1h EventMisfiled on decided by director");
        assert!(world.of("case").procedure.appeals.is_open());
        let world = world.and(decided);
        assert!(!world.of("case").procedure.appeals.is_open());
        // What is decided needs no forwarding, though it seemed to have been.
        let world = world.and("+1h EventMisfiled on forwarded by director");
        assert_ne!(world.clock("case", clock), Some(Reading::Running), "{clock}");
    }
    let world = instructed().and("+1h AppealFiled on act route=superior as appeal").and(forwarded);
    let world = world.and(decided).and("+1h EventMisfiled on decided by director");
    assert_eq!(world.clock("case", "superior-decision"), Some(Reading::Running));
    let world = world.and(decided);
    assert_eq!(world.clock("case", "superior-decision"), Some(Reading::Kept));
}

#[test]
fn an_act_is_as_its_remaining_appeals_leave_it() {
    let executable = |world: &World| {
        let act = world.story_hash("act");
        let file = world.of("case");
        let mut orders = file.procedure.orders(world.story.now());
        orders.any(|order| Some(order.hash) == act && order.executable)
    };
    let world = instructed().and("+1d AppealFiled on act route=court as first");
    let world = world.and("+1h AppealFiled on act route=court as second\n+20d NoteAdded");
    let world = world.and("+1h EventMisfiled on second by director");
    assert!(!executable(&world), "the first one waits");
    let world = world.and("+1h AppealDecided on first as decided");
    assert!(executable(&world));
    assert!(!executable(&world.and("+1h EventMisfiled on decided by director")));
}

#[test]
fn of_an_order_that_was_annulled_the_court_is_not_asked() {
    let world = served().and("+1h AppealFiled\n+1h AppealForwarded");
    let stands = world.clone().and("+1w AppealDecided outcome=stands");
    assert_eq!(stands.clock("case", "court-request"), Some(Reading::Running));
    for outcome in ["annulled", "returned"] {
        let line = format!("+1w AppealDecided outcome={outcome} as decided");
        let world = world.clone().and(&line);
        assert_eq!(world.clock("case", "court-request"), Some(Reading::Dropped), "{outcome}");
        let world = world.and("+1h EventMisfiled on decided by director");
        assert_eq!(world.clock("case", "court-request"), Some(Reading::Running), "{outcome}");
        let _ = world.and("+1h CourtRequestFiled on order");
    }
}

#[test]
fn a_decision_of_the_court_stands_where_its_annulment_was_misfiled() {
    let world = served().and(
        "+1d CourtRequestFiled as request\n\
                              +1w CourtDecisionRecorded term=2026-09-01 as decision\n\
                              +1d AppealFiled on decision route=court as appeal",
    );
    let world = world.and("+1w AppealDecided on appeal outcome=annulled as wrong");
    let world = world.and("+1h EventMisfiled on wrong by director");
    let refused = world.refuses("+1w CourtDecisionRecorded on request outcome=refused");
    assert_eq!(refused, "court.request");
    let _ = world.and("+1h PlacementStarted on decision");
}

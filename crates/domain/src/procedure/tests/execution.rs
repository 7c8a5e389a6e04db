//! Service and execution of orders.

use super::*;

const ORDERED: &str = "SignalReceived\n+1h SignalAssigned\n+1d SignalAssessed\n+1h CaseOpened\n\
                       +1d AssessmentCompleted\n+1d PlacementOrdered as order";

fn instructed() -> World {
    given(ORDERED).and("+1h InstructionIssued as act")
}

/// Is the last order in force, is it executable?
fn standing(world: &World) -> (bool, bool) {
    let last = world.of("case").procedure.orders(world.story.now()).last().unwrap();
    (last.in_force, last.executable)
}

#[test]
fn an_order_is_served_within_three_days() {
    let world = given(ORDERED).and("+3d OrderServed");
    assert_eq!(world.clock("case", "order-service"), Some(Reading::Kept));
    let served_at = world.of("case").procedure.orders(0).last().unwrap().served_at;
    assert_eq!(served_at, Some(world.story.now()));
    let world = given(ORDERED).and("+4d OrderServed");
    assert_eq!(world.clock("case", "order-service"), Some(Reading::Late));
}

#[test]
fn what_is_served_is_an_order_not_served_yet_and_after_it() {
    let world = given(ORDERED);
    for line in ["OrderServed", "OrderDeemedServed", "ExecutionOrdered", "ExecutionSuspended"] {
        for on in ["nothing", "CaseOpened"] {
            let line = format!("+8d {line} on {on}");
            assert_eq!(world.refuses(&line), "order.unknown", "{line}");
        }
    }
    assert_eq!(world.refuses("+1h OrderServed happened -2h"), "order.too-early");
    let served = world.and("+1h OrderServed");
    // The other party is told as well.
    let _ = served.clone().and("+8d OrderServed");
    assert_eq!(served.refuses("+8d OrderDeemedServed"), "order.served-already");
    assert_eq!(
        given(ORDERED).refuses("+1h OrderServed without service-of-order"),
        "section.missing"
    );
}

#[test]
fn a_court_announces_its_decision_itself() {
    let world = given(ORDERED).and("+1d CourtRequestFiled\n+1w CourtDecisionRecorded");
    assert_eq!(world.refuses("+1h OrderServed on CourtDecisionRecorded"), "order.unknown");
}

#[test]
fn of_a_decision_that_grants_nothing_there_is_nothing_to_execute() {
    for (outcome, executable) in [("granted", true), ("refused", false), ("discontinued", false)] {
        let line = format!("+1w CourtDecisionRecorded outcome={outcome} as decision");
        let world = given(ORDERED).and("+1d CourtRequestFiled").and(&line);
        assert_eq!(standing(&world), (true, executable), "{outcome}");
        if !executable {
            assert_eq!(world.refuses("+1h ExecutionOrdered on decision"), "order.unknown");
            assert_eq!(world.refuses("+1h ExecutionSuspended on decision"), "order.not-executable");
        }
    }
}

#[test]
fn it_counts_as_served_after_seven_days() {
    let world = given(ORDERED);
    assert_eq!(world.refuses("+7d OrderDeemedServed"), "order.deemed-too-early");
    let backdated = "+9d OrderDeemedServed happened -2d";
    assert_eq!(world.refuses(backdated), "order.deemed-too-early");
    let world = world.and("+8d OrderDeemedServed");
    assert_eq!(world.clock("case", "appeal-term"), Some(Reading::Running));
}

#[test]
fn the_term_of_appeal_depends_on_what_the_act_says_of_it() {
    for (notice, clock, days) in [
        ("complete", "appeal-term", 14),
        ("missing", "appeal-term-notice-missing", 61),
        ("wrong", "appeal-term-notice-wrong", 184),
    ] {
        let world = given(ORDERED).and(&format!("+1h OrderServed notice={notice}"));
        assert_eq!(world.clock("case", clock), Some(Reading::Running), "{notice}");
        let used = world.clone().and(&format!("+{days}d AppealFiled"));
        assert_eq!(used.clock("case", clock), Some(Reading::Kept), "{notice}");
        let over = world.and(&format!("+{}d NoteAdded", days + 7));
        assert_eq!(over.clock("case", clock), Some(Reading::Expired), "{notice}");
    }
}

#[test]
fn a_placement_is_executable_at_once() {
    let world = given(ORDERED);
    assert_eq!(standing(&world), (true, true));
    let appealed = world.and("+1h OrderServed\n+1h AppealFiled");
    assert_eq!(standing(&appealed), (true, true));
}

#[test]
fn another_act_waits_until_its_term_of_appeal_is_over() {
    let world = instructed();
    assert_eq!(standing(&world), (true, false));
    let served = world.and("+1h OrderServed on act");
    assert_eq!(standing(&served), (true, false));
    let over = served.clone().and("+16d NoteAdded");
    assert_eq!(standing(&over), (true, true));

    let appealed = served.and("+1d AppealFiled on act route=superior\n+16d NoteAdded");
    assert_eq!(standing(&appealed), (true, false));
    let stands = appealed.clone().and("+1h AppealForwarded\n+1w AppealDecided");
    assert_eq!(standing(&stands), (true, false), "the court may still be asked");
    assert_eq!(standing(&stands.clone().and("+15d NoteAdded")), (true, true));
    let in_court = stands.clone().and("+1w AppealFiled on act route=court\n+15d NoteAdded");
    assert_eq!(standing(&in_court), (true, false));
    let too_late = stands.and("+15d AppealFiled on act route=court");
    assert_eq!(standing(&too_late), (true, true));
    let by_court = in_court.and("+1h AppealDecided");
    assert_eq!(standing(&by_court), (true, true));
    let annulled = appealed.and("+1h AppealForwarded\n+1w AppealDecided outcome=annulled");
    assert_eq!(standing(&annulled), (false, false));
    // One that came too late keeps it from nothing.
    let late = over.and("+1d AppealFiled on act route=court");
    assert_eq!(standing(&late), (true, true));
}

#[test]
fn one_partys_appeal_leaves_the_term_of_the_other() {
    let served = instructed().and("+1h OrderServed on act");
    let first = served.and("+1d AppealFiled on act route=court as first");
    let decided = first.clone().and("+2d AppealDecided on first");
    assert_eq!(standing(&decided), (true, false), "another party may still appeal");
    assert_eq!(standing(&decided.and("+13d NoteAdded")), (true, true));
    // Whoever comes after the term came too late, though another came in time.
    let late = first.and("+20d AppealFiled on act route=court\n+1d AppealDecided on first");
    assert_eq!(standing(&late), (true, true));
}

#[test]
fn what_is_not_executable_is_ordered_to_be_executed() {
    let world = instructed();
    assert_eq!(world.refuses("+1h ExecutionOrdered on order"), "order.executable-already");
    assert_eq!(world.refuses("+1h ExecutionOrdered on act happened -2h"), "order.too-early");
    assert_eq!(world.refuses("+1h ExecutionSuspended on act"), "order.not-executable");
    let executed = world.and("+1h ExecutionOrdered on act");
    assert_eq!(standing(&executed), (true, true));
    assert_eq!(executed.refuses("+1h ExecutionOrdered on act"), "order.executable-already");
    let suspended = executed.and("+1h ExecutionSuspended on act");
    assert_eq!(standing(&suspended), (true, false));
    assert_eq!(suspended.refuses("+1h ExecutionSuspended on act"), "order.not-executable");
    for line in ["ExecutionOrdered on act", "ExecutionSuspended on order"] {
        let line = format!("+1h {line} without execution");
        assert_eq!(suspended.refuses(&line), "section.missing", "{line}");
    }
}

#[test]
fn what_is_in_force_no_more_is_not_executed() {
    let world =
        given(ORDERED).and("+1d CourtRequestFiled\n+1w CourtDecisionRecorded outcome=refused");
    for line in ["ExecutionOrdered on order", "ExecutionSuspended on order"] {
        assert_eq!(world.refuses(&format!("+1h {line}")), "order.not-in-force", "{line}");
    }
}

#[test]
fn what_was_said_of_an_act_in_the_wrong_file_leaves_what_was_said_before() {
    let executed = instructed().and("+1h ExecutionOrdered on act");
    let suspended = executed.and("+1h ExecutionSuspended on act as wrong");
    assert_eq!(standing(&suspended), (true, false));
    let back = suspended.and("+1h EventMisfiled on wrong by director");
    assert_eq!(standing(&back), (true, true));

    let served = given(ORDERED).and("+1h OrderServed as wrong\n+1h OrderServed");
    let back = served.and("+1h EventMisfiled on wrong");
    let served_at = back.of("case").procedure.orders(0).last().unwrap().served_at;
    assert_eq!(served_at, Some(back.story.now() - 3600), "the second party was told");
}

#[test]
fn an_order_is_served_since_the_first_party_was_told_whatever_was_entered_first() {
    let served = given(ORDERED).and("+3d OrderServed\n+1h OrderServed happened -2d");
    let served_at = served.of("case").procedure.orders(0).last().unwrap().served_at;
    assert_eq!(served_at, Some(served.story.now() - 2 * 86_400));
    let _ = served.and("+1h AppealFiled happened -1d");
}

#[test]
fn a_service_whose_time_was_corrected_counts_from_that_time() {
    let served = given(ORDERED).and("+3h OrderServed as served");
    let moved = served.and("+1h EventCorrected on served time=-3h by head,director");
    let served_at = moved.of("case").procedure.orders(0).last().unwrap().served_at;
    assert_eq!(served_at, Some(moved.story.now() - 3 * 3600));
}

#[test]
fn an_act_whose_time_was_corrected_is_served_after_that_time() {
    let world = given(ORDERED).and("+1h EventCorrected on order time=-3h by head,director");
    let _ = world.clone().and("+1min OrderServed happened -2h");
    assert_eq!(world.refuses("+1h OrderServed happened -5h"), "order.too-early");
}

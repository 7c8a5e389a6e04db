//! The parties' view of the file, the order of placement, the child's moves.

use super::*;

const ASSESSED: &str = "SignalReceived\n+1h SignalAssigned\n+1d SignalAssessed\n+1h CaseOpened\n\
                        +1d AssessmentCompleted";

fn assessed() -> World {
    given(ASSESSED)
}

fn ordered() -> World {
    assessed().and("+1d PlacementOrdered as order")
}

fn started() -> World {
    ordered().and("+1h PlacementStarted")
}

/// The court granted the order's placement, until the 1st of September.
const GRANTED: &str = "+1d CourtRequestFiled\n\
                       +2w CourtDecisionRecorded term=2026-09-01 as decision";

#[test]
fn a_placement_is_ordered_and_the_court_must_be_asked() {
    let world = ordered();
    assert_eq!(world.clock("case", "court-request"), Some(Reading::Running));
    assert_eq!(world.clock("case", "order-service"), Some(Reading::Running));
    assert!(!world.of("case").procedure.placement.is_placed());
    let late = world.clone().and("+32d CourtRequestFiled");
    assert_eq!(late.clock("case", "court-request"), Some(Reading::Late));
    let world = world.and("+30d CourtRequestFiled");
    assert_eq!(world.clock("case", "court-request"), Some(Reading::Kept));
}

#[test]
fn needs_are_assessed_before_a_placement_save_in_an_emergency() {
    let opened = given("SignalReceived\n+1h SignalAssigned\n+1d SignalAssessed\n+1h CaseOpened");
    assert_eq!(opened.refuses("+1d PlacementOrdered"), "placement.not-assessed");
    let pending = opened.clone().and("+1d AssessmentCompleted by worker");
    assert_eq!(pending.refuses("+1d PlacementOrdered"), "placement.not-assessed");
    let _ = pending.and("+1h Endorsed on AssessmentCompleted\n+1d PlacementOrdered");
    let urgent = opened.and("+1h EmergencyPlacementOrdered");
    assert_eq!(urgent.refuses("+1d PlacementOrdered happened -25h"), "order.too-early");
    let _ = urgent.and("+1d PlacementOrdered");
}

#[test]
fn an_order_of_placement_says_all_that_it_must() {
    for section in
        ["measure", "ground", "alternatives", "best-interests", "views", "appeal-notice", "place"]
    {
        let line = format!("+1d PlacementOrdered without {section}");
        assert_eq!(assessed().refuses(&line), "section.missing", "{section}");
    }
}

#[test]
fn a_party_that_saw_the_file_may_comment_for_a_week() {
    let shown = assessed().and("+1d FileShownToParty");
    assert_eq!(shown.clock("case", "file-comment"), Some(Reading::Running));
    assert_eq!(shown.refuses("+1d PlacementOrdered file=shown"), "placement.comment-term-runs");
    let commented = shown.clone().and("+1d PartyCommented");
    assert_eq!(commented.clock("case", "file-comment"), Some(Reading::Kept));
    let _ = commented.and("+1h PlacementOrdered file=shown");
    // The seventh day is the last one.
    let _ = shown.clone().and("+7d PartyCommented");
    assert_eq!(shown.refuses("+8d PartyCommented"), "placement.comment-late");
    let over = shown.and("+8d PlacementOrdered file=shown");
    assert_eq!(over.clock("case", "file-comment"), Some(Reading::Expired));
}

#[test]
fn each_party_that_saw_the_file_is_waited_for() {
    let world = assessed().and("+1d FileShownToParty as mother\n+1d FileShownToParty as father");
    let world = world.and("+1h PartyCommented on mother");
    assert_eq!(world.refuses("+1h PlacementOrdered file=shown"), "placement.comment-term-runs");
    let _ = world.and("+1h PartyCommented on father\n+1h PlacementOrdered file=shown");
}

#[test]
fn a_comment_is_on_what_was_shown_before() {
    assert_eq!(assessed().refuses("+1h PartyCommented"), "placement.comment-of");
    assert_eq!(assessed().refuses("+1h PartyCommented on CaseOpened"), "placement.comment-of");
    let shown = assessed().and("+1d FileShownToParty");
    assert_eq!(shown.refuses("+1h PartyCommented happened -2h"), "order.too-early");
    for (line, section) in [("PartyCommented", "comment"), ("FileShownToParty", "shown")] {
        let line = format!("+1h {line} without {section}");
        assert_eq!(shown.refuses(&line), "section.missing");
    }
}

#[test]
fn that_the_file_was_shown_postponed_or_waived_is_as_the_order_says() {
    let world = assessed();
    assert_eq!(world.refuses("+1d PlacementOrdered file=shown"), "placement.file-not-shown");
    let postponed = "+1d PlacementOrdered file=postponed";
    assert_eq!(world.refuses(postponed), "placement.access-not-postponed");
    let world = world.and("+1h AccessPostponed").and(postponed);
    // Each order anew.
    let world = world.and("+1h PlacementStarted\n+1d PlacementEnded");
    assert_eq!(world.refuses(postponed), "placement.access-not-postponed");
    assert_eq!(assessed().refuses("+1h AccessPostponed without postponed"), "section.missing");
}

#[test]
fn a_carer_declares_consent() {
    let _ = assessed().and("+1h CarerConsentRecorded");
    let line = "+1h CarerConsentRecorded without declaration";
    assert_eq!(assessed().refuses(line), "section.missing");
}

#[test]
fn one_order_is_in_force_until_the_court_decides() {
    let world = ordered();
    assert_eq!(world.refuses("+1d PlacementOrdered"), "placement.ordered-already");
    let _ = world.clone().and(GRANTED).and("+1d PlacementOrdered");
    let refused =
        world.clone().and("+1d CourtRequestFiled\n+1w CourtDecisionRecorded outcome=refused");
    let _ = refused.and("+1d PlacementOrdered");
    let world = world.and("+1d OrderServed\n+1d AppealFiled\n+1d AppealForwarded");
    let _ = world.and("+2w AppealDecided outcome=annulled\n+1d PlacementOrdered");
}

#[test]
fn an_order_after_the_emergency_takes_its_place() {
    let world = assessed().and("+1h EmergencyPlacementOrdered as first");
    let world = world.and("+1h PlacementStarted on first\n+2d PlacementOrdered as second");
    let procedure = &world.of("case").procedure;
    let in_force: Vec<_> =
        procedure.orders(world.story.now()).map(|order| (order.kind, order.in_force)).collect();
    assert_eq!(in_force, [(OrderKind::Emergency, false), (OrderKind::Placement, true)]);
    // The study and the request about the first are still due.
    assert!(procedure.emergency.is_open());
    let world = world.and("+1d PlacementChanged on second\n+1d EmergencyStudyCompleted");
    let _ = world.and("+1d CourtRequestFiled on first\n+1h CourtRequestFiled on second");
}

#[test]
fn a_child_is_placed_on_what_is_in_force() {
    let world = assessed();
    assert_eq!(world.refuses("+1h PlacementStarted"), "placement.no-ground");
    assert_eq!(world.refuses("+1h PlacementStarted on CaseOpened"), "placement.no-ground");
    let world = ordered();
    assert_eq!(world.refuses("+1h PlacementStarted happened -2h"), "order.too-early");
    let refused =
        world.clone().and("+1d CourtRequestFiled\n+1w CourtDecisionRecorded outcome=refused");
    assert_eq!(refused.refuses("+1h PlacementStarted on order"), "placement.no-ground");
    let on_refusal = "+1h PlacementStarted on CourtDecisionRecorded";
    assert_eq!(refused.refuses(on_refusal), "placement.no-ground");
    let granted = world.clone().and(GRANTED);
    assert_eq!(granted.refuses("+1h PlacementStarted on order"), "placement.no-ground");
    let granted = granted.and("+1h PlacementStarted on decision");
    assert!(granted.of("case").procedure.placement.is_placed());
    let suspended = world.and("+1h OrderServed\n+1h ExecutionSuspended");
    assert_eq!(suspended.refuses("+1h PlacementStarted"), "placement.not-executable");
    let _ = suspended.and("+1h ExecutionOrdered\n+1h PlacementStarted");
}

#[test]
fn a_decision_that_waits_for_the_head_is_no_ground() {
    let world =
        ordered().and("+1d CourtRequestFiled\n+1w CourtDecisionRecorded by worker as decision");
    assert_eq!(world.refuses("+1h PlacementStarted on decision"), "placement.no-ground");
    let _ = world.and("+1h Endorsed on decision\n+1h PlacementStarted on decision");
}

#[test]
fn a_child_is_placed_once_and_visited() {
    let world = started();
    assert!(world.of("case").procedure.placement.is_placed());
    assert_eq!(world.clock("case", "visit"), Some(Reading::Running));
    assert_eq!(world.refuses("+1h PlacementStarted"), "placement.placed-already");
    for section in ["contact-plan", "views"] {
        let line = format!("+1h PlacementStarted without {section}");
        assert_eq!(ordered().refuses(&line), "section.missing", "{section}");
    }
}

#[test]
fn a_placement_changes_on_a_new_ground() {
    assert_eq!(ordered().refuses("+1h PlacementChanged"), "placement.not-placed");
    let world = started();
    assert_eq!(world.refuses("+1h PlacementChanged"), "placement.same-ground");
    assert_eq!(world.refuses("+1h PlacementChanged on nothing"), "placement.no-ground");
    let world = world.and(GRANTED);
    // The child is there by the court's decision now.
    assert_eq!(world.refuses("+1h PlacementChanged on decision"), "placement.same-ground");
    assert_eq!(world.refuses("+1h PlacementChanged on order"), "placement.no-ground");
    let world = world.and("+1d PlacementOrdered as another\n+1h PlacementChanged on another");
    let placed_on = world.of("case").procedure.placed_on();
    assert_eq!(placed_on, world.of("case").procedure.orders(0).last().map(|order| order.hash));
    for section in ["reasons", "contact-plan", "views"] {
        let line = format!("+1h PlacementChanged without {section}");
        assert_eq!(world.refuses(&line), "section.missing", "{section}");
    }
}

#[test]
fn a_placement_ends_by_the_court_or_on_a_ground_that_lets_it() {
    assert_eq!(ordered().refuses("+1h PlacementEnded"), "placement.not-placed");
    let world = started();
    assert_eq!(world.refuses("+1h PlacementEnded happened -2h"), "order.too-early");
    let ended = world.clone().and("+1d PlacementEnded");
    assert!(!ended.of("case").procedure.placement.is_placed());
    assert_eq!(ended.clock("case", "court-request"), Some(Reading::Dropped));
    assert_eq!(ended.clock("case", "visit"), Some(Reading::Dropped));
    assert_eq!(ended.refuses("+1h PlacementStarted on order"), "placement.no-ground");

    let unknown = "+1d PlacementEnded court=yes on nothing";
    assert_eq!(world.refuses(unknown), "placement.ending");
    let world = world.and(GRANTED);
    assert_eq!(world.clock("case", "court-term"), Some(Reading::Running));
    assert_eq!(world.refuses("+1d PlacementEnded court=yes on decision"), "placement.ending");
    let asked = world.and("+9w CourtRequestFiled on none as ending");
    let open = asked.clone().and("+1w CourtDecisionRecorded on ending outcome=discontinued");
    assert_eq!(open.refuses("+1d PlacementEnded court=yes"), "placement.ending");
    let world = asked
        .and("+1w CourtDecisionRecorded on ending as end\n+1d PlacementEnded court=yes on end");
    assert!(!world.of("case").procedure.placement.is_placed());
    assert_eq!(world.clock("case", "court-term"), Some(Reading::Dropped));
    assert!(!world.of("case").procedure.court.is_open(world.story.now()));
    assert_eq!(world.refuses("+1d PlacementStarted on end"), "placement.no-ground");
    for section in ["reasons", "views"] {
        let line = format!("+1h PlacementEnded without {section}");
        assert_eq!(started().refuses(&line), "section.missing", "{section}");
    }
}

#[test]
fn what_a_misfiled_statement_ended_stands_again() {
    let world = started().and(GRANTED).and("+1h EventMisfiled on decision by worker");
    let orders: Vec<_> = world.of("case").procedure.orders(world.story.now()).collect();
    assert_eq!(orders.len(), 1);
    assert!(orders.first().is_some_and(|order| order.in_force && order.executable));
    assert!(world.of("case").procedure.court.is_open(world.story.now()));
}

#[test]
fn what_stands_again_makes_no_second_order() {
    let world =
        assessed().and("+1h EmergencyPlacementOrdered as first\n+1d PlacementOrdered as second");
    let world = world.and("+1h OrderServed on second\n+1h AppealFiled on second as appeal");
    let world = world.and("+1h AppealForwarded\n+1w AppealDecided outcome=annulled");
    let world = world.and("+1h PlacementOrdered\n+1h EventMisfiled on second by director");
    let in_force: Vec<_> =
        world.of("case").procedure.orders(world.story.now()).map(|order| order.in_force).collect();
    assert_eq!(in_force, [false, true]);
}

#[test]
fn a_child_is_where_it_was_before_what_was_misfiled() {
    let placed = given(
        "SignalReceived\n+1h SignalAssigned\n+1d SignalAssessed\n+1h CaseOpened\n\
         +1d AssessmentCompleted\n+1h EmergencyPlacementOrdered as first\n+1h PlacementStarted",
    );
    let moved = placed.clone().and("+1h PlacementOrdered as second");
    let moved = moved.and("+1h PlacementChanged on second as wrong");
    let ended = placed.clone().and("+1h PlacementEnded as wrong");
    let studied = placed.and("+1h EmergencyStudyCompleted\n+1h CourtRequestFiled on first");
    let decided = studied.and("+1h CourtDecisionRecorded as wrong");
    for (world, by) in [(moved, "worker"), (ended, "worker"), (decided, "head")] {
        let world = world.and(&format!("+1h EventMisfiled on wrong by {by}"));
        let on = world.of("case").procedure.placed_on();
        assert_eq!(on, world.story_hash("first"));
        let _ = world.and("+1h PlacementEnded");
    }
}

#[test]
fn an_order_that_was_misfiled_used_no_showing_up() {
    let shown = given(
        "SignalReceived\n+1h SignalAssigned\n+1d SignalAssessed\n+1h CaseOpened\n\
         +1d AssessmentCompleted\n+1h FileShownToParty\n+1h PartyCommented as comment",
    );
    let postponed = shown.clone().and("+1h AccessPostponed");
    for (world, how) in [(shown.clone(), "shown"), (postponed, "postponed")] {
        let order = format!("+1h PlacementOrdered file={how} as order");
        let _ = world.and(&order).and("+1h EventMisfiled on order by director").and(&order);
    }
    let world = shown.and("+1h EventMisfiled on comment");
    assert_eq!(world.refuses("+1h PlacementOrdered file=shown"), "placement.comment-term-runs");
}

#[test]
fn whoever_is_of_age_is_not_placed_anew() {
    let line = "+1d PlacementOrdered age=18to20inschool";
    assert_eq!(assessed().refuses(line), "placement.of-age");
}

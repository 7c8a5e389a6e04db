//! The court.

use super::*;

const ORDERED: &str = "SignalReceived\n+1h SignalAssigned\n+1d SignalAssessed\n+1h CaseOpened\n\
                       +1d AssessmentCompleted\n+1d PlacementOrdered as order";

fn ordered() -> World {
    given(ORDERED)
}

fn requested() -> World {
    ordered().and("+1d CourtRequestFiled as request")
}

fn is_open(world: &World) -> bool {
    world.of("case").procedure.court.is_open(world.story.now())
}

#[test]
fn the_court_is_asked_and_decides_within_a_month() {
    let world = requested();
    assert_eq!(world.clock("case", "court-request"), Some(Reading::Kept));
    assert_eq!(world.clock("case", "court-ruling"), Some(Reading::Running));
    assert!(is_open(&world));
    let late = world.clone().and("+35d CourtDecisionRecorded");
    assert_eq!(late.clock("case", "court-ruling"), Some(Reading::Late));
    let world = world.and("+3w CourtDecisionRecorded");
    assert_eq!(world.clock("case", "court-ruling"), Some(Reading::Kept));
    assert_eq!(world.clock("case", "court-appeal-term"), Some(Reading::Running));
    assert!(!is_open(&world));
    let world = world.and("+11d NoteAdded");
    assert_eq!(world.clock("case", "court-appeal-term"), Some(Reading::Expired));
}

#[test]
fn the_court_is_asked_once_about_an_order_on_which_it_may_decide() {
    let world = ordered();
    for on in ["nothing", "CaseOpened"] {
        assert_eq!(world.refuses(&format!("+1d CourtRequestFiled on {on}")), "court.order", "{on}");
    }
    assert_eq!(world.refuses("+1h CourtRequestFiled happened -2h"), "order.too-early");
    let instructed = world.and("+1h InstructionIssued");
    assert_eq!(instructed.refuses("+1d CourtRequestFiled on InstructionIssued"), "court.order");
    let world = requested();
    assert_eq!(world.refuses("+1d CourtRequestFiled"), "court.requested-already");
    let decided = world.clone().and("+1w CourtDecisionRecorded");
    assert_eq!(decided.refuses("+1d CourtRequestFiled on order"), "court.order");
    // One on which the court did not decide is asked anew.
    let open = world.and("+1w CourtDecisionRecorded outcome=discontinued");
    let _ = open.and("+1d CourtRequestFiled on order");
    assert_eq!(ordered().refuses("+1h CourtRequestFiled without annexes"), "section.missing");
}

#[test]
fn an_emergency_placement_is_studied_before_the_court_is_asked() {
    let world = given("SignalReceived\n+1h EmergencyPlacementOrdered as order\n+1h SignalAssigned");
    let world = world.and("+1h SignalAssessed\n+1h CaseOpened");
    assert_eq!(world.refuses("+1d CourtRequestFiled"), "court.not-studied");
    let waits = world.and("+1d EmergencyStudyCompleted by worker");
    assert_eq!(waits.refuses("+1d CourtRequestFiled"), "court.not-studied");
    let _ = waits.and("+1h Endorsed on EmergencyStudyCompleted\n+1h CourtRequestFiled");
}

#[test]
fn a_decision_names_a_request_that_is_not_decided() {
    assert_eq!(ordered().refuses("+1d CourtDecisionRecorded on order"), "court.request");
    let world = requested();
    assert_eq!(world.refuses("+1d CourtDecisionRecorded on nothing"), "court.request");
    assert_eq!(world.refuses("+1h CourtDecisionRecorded happened -2h"), "order.too-early");
    assert_eq!(
        world.refuses("+1h CourtDecisionRecorded without court-decision"),
        "section.missing"
    );
    let world = world.and("+1w CourtDecisionRecorded");
    assert_eq!(world.refuses("+1d CourtDecisionRecorded"), "court.request");
    let _ = world.and("+1d CourtDecisionRecorded on none");
}

#[test]
fn a_decision_waits_for_the_head_and_the_first_confirmed_is_the_courts() {
    let world = requested().and("+1w CourtDecisionRecorded by worker as first");
    assert_eq!(world.act("case", "CourtDecisionRecorded"), Some(Status::Pending));
    assert!(is_open(&world));
    let world = world.and("+1h CourtDecisionRecorded by worker outcome=refused as second");
    let world = world.and("+1h CourtDecisionRecorded on none by worker as other");
    let world = world.and("+1h Endorsed on second");
    let acts = world.of("case").procedure.acts().to_vec();
    let status = |name| {
        let hash = world.story_hash(name);
        acts.iter().find(|act| Some(act.hash) == hash).map(|act| (act.status, act.is_open()))
    };
    assert_eq!(status("second"), Some((Status::InForce, false)));
    assert_eq!(status("first"), Some((Status::Superseded, false)), "the court decided once");
    assert_eq!(status("other"), Some((Status::Pending, true)), "another one asked for that");
    assert_eq!(
        world.clocks("case", "confirmation"),
        [Reading::Kept, Reading::Kept, Reading::Running]
    );
    assert_eq!(world.refuses("+1h Endorsed on first"), "signature.act-ended");
    let orders: Vec<_> = world.of("case").procedure.orders(world.story.now()).collect();
    assert_eq!(orders.len(), 2, "the order and one decision");
    assert!(orders.first().is_some_and(|order| !order.in_force), "it was refused");
}

#[test]
fn what_the_court_decides_ends_the_order() {
    for (outcome, in_force) in [("granted", false), ("refused", false), ("discontinued", true)] {
        let line = format!("+1w CourtDecisionRecorded outcome={outcome}");
        let world = requested().and(&line);
        let order = world.of("case").procedure.orders(world.story.now()).next().unwrap();
        assert_eq!((order.in_force, order.executable), (in_force, in_force), "{outcome}");
    }
}

#[test]
fn the_term_that_the_court_states_runs_until_the_end_of_its_day() {
    let world = requested();
    let before = "+1w CourtDecisionRecorded term=2026-03-01";
    assert_eq!(world.refuses(before), "court.term");
    let refused = "+1w CourtDecisionRecorded outcome=refused term=2026-09-01";
    assert_eq!(world.refuses(refused), "court.term");
    let world = world.and("+1w CourtDecisionRecorded term=2026-04-30");
    assert_eq!(world.clock("case", "court-term"), Some(Reading::Running));
    let procedure = world.of("case").procedure.clone();
    let end = "2026-05-01T00:00[Europe/Sofia]".parse::<jiff::Zoned>().unwrap();
    let end = end.timestamp().as_second();
    assert!(procedure.court.is_open(end - 1));
    assert!(!procedure.court.is_open(end));
    let world = world.and("+9w NoteAdded");
    assert_eq!(world.clock("case", "court-term"), Some(Reading::Expired));
    let again = world.and("+1d CourtDecisionRecorded on none term=2026-12-01");
    assert_eq!(again.clock("case", "court-term"), Some(Reading::Running));
}

#[test]
fn nothing_is_decided_about_a_child_that_died() {
    let world = requested().and("+1d ChildDied");
    assert!(!is_open(&world));
    assert_eq!(world.clock("case", "court-ruling"), Some(Reading::Dropped));
    let _ = world.and("+1w CourtDecisionRecorded outcome=discontinued");
}

#[test]
fn a_report_is_shown_beforehand_unless_that_harms_the_child() {
    for line in ["CourtReportFiled", "CustodySuitFiled"] {
        let line = format!("+1h {line}");
        assert_eq!(ordered().refuses(&line), "court.report-not-shown", "{line}");
        let _ = ordered().and("+1h FileShownToParty").and(&line);
        let _ = ordered().and("+1h AccessPostponed").and(&line);
    }
    // It protects from whom it would be shown to.
    let _ = ordered().and("+1h ProtectionOrderSought");
    let shown = ordered().and("+1h FileShownToParty");
    for (line, section) in [
        ("CourtReportFiled", "court-report"),
        ("ProtectionOrderSought", "request"),
        ("CustodySuitFiled", "request"),
    ] {
        let line = format!("+1h {line} without {section}");
        assert_eq!(shown.refuses(&line), "section.missing", "{line}");
    }
}

#[test]
fn a_report_is_due_by_the_day_that_the_court_says() {
    let asked = ordered().and("+1h CourtReportRequested due=2026-12-01");
    assert_eq!(asked.clock("case", "court-report"), Some(Reading::Running));
    let missed = asked.clone().and("+52w NoteAdded");
    assert_eq!(missed.clock("case", "court-report"), Some(Reading::Overdue));
    let filed = asked.clone().and("+1d FileShownToParty\n+1h CourtReportFiled");
    assert_eq!(filed.clock("case", "court-report"), Some(Reading::Kept));
    assert_eq!(
        filed.and("+1h ChildDied").clock("case", "court-report"),
        Some(Reading::Kept),
        "what was done stays done"
    );
    let died = asked.and("+1h ChildDied");
    assert_eq!(died.clock("case", "court-report"), Some(Reading::Dropped));
    let two = ordered().and("+1h CourtReportRequested due=2026-06-01 as one");
    let two = two.and("+1h CourtReportRequested due=2026-12-01 as two\n+1h FileShownToParty");
    let one = two.clone().and("+1h CourtReportFiled answers=one");
    assert_eq!(one.clock("case", "court-report"), Some(Reading::Running), "the other court waits");
    assert_eq!(
        one.and("+1h CourtReportFiled answers=two").clock("case", "court-report"),
        Some(Reading::Kept)
    );
    let line = "+1h CourtReportRequested due=2020-12-01";
    assert_eq!(ordered().refuses(line), "court.report-term");
    let line = "+1h CourtReportRequested without document";
    assert_eq!(ordered().refuses(line), "section.missing");
}

#[test]
fn while_the_court_decides_the_case_is_not_closed() {
    assert_eq!(requested().refuses("+1d CaseClosed"), "close.court");
    let placed = requested().and("+1h PlacementStarted on order");
    assert_eq!(placed.refuses("+1d CaseClosed"), "close.placement");
}

#[test]
fn once_the_court_decided_at_anothers_request_none_is_due() {
    let granted = ordered().and("+1w CourtDecisionRecorded on none as decision");
    assert_eq!(granted.clock("case", "court-request"), Some(Reading::Dropped));
    assert_eq!(granted.clock("case", "court-appeal-term"), Some(Reading::Running));
    let appealed = granted.clone().and("+1d AppealFiled on decision route=court");
    assert_eq!(appealed.clocks("case", "court-appeal-term"), [Reading::Kept]);
    let back = granted.and("+1h EventMisfiled on decision by head");
    assert_eq!(back.clock("case", "court-request"), Some(Reading::Running));
    let _ = back.and("+1h CourtRequestFiled on order");
    // One that asked about no order.
    let asked = ordered().and("+1d CourtRequestFiled on none\n+1w CourtDecisionRecorded");
    assert_eq!(asked.clock("case", "court-request"), Some(Reading::Dropped));
    assert_eq!(asked.clock("case", "court-ruling"), Some(Reading::Kept));
    assert_eq!(
        asked.clocks("case", "court-appeal-term"),
        [Reading::Running],
        "one decision, one term"
    );
    // What leaves the order in force leaves it to be asked about.
    let refused = ordered().and("+1w CourtDecisionRecorded on none outcome=refused");
    assert_eq!(refused.clock("case", "court-request"), Some(Reading::Running));
}

#[test]
fn a_corrected_term_of_the_court_is_its_term() {
    let world = requested().and("+1w CourtDecisionRecorded term=2026-04-30 as decision");
    for (term, open) in [("2026-06-30", true), ("2026-03-31", false)] {
        let corrected = format!(
            "+1h EventCorrected on decision fact=CourtDecisionRecorded term={term} by head,director"
        );
        let world = world.clone().and(&corrected).and("+9w NoteAdded");
        assert_eq!(is_open(&world), open, "{term}");
        let reading = if open { Reading::Running } else { Reading::Expired };
        assert_eq!(world.clock("case", "court-term"), Some(reading), "{term}");
    }
    for other in ["term=2026-06-30 outcome=refused", ""] {
        let line = format!("+1h EventCorrected on decision fact=CourtDecisionRecorded {other}");
        assert_eq!(world.refuses(&line), "correction.effect", "{other}");
    }
    assert!(!is_open(&world.and("+9w NoteAdded")));
}

#[test]
fn a_term_goes_on_where_what_ended_it_was_misfiled() {
    let world = requested().and("+1w CourtDecisionRecorded term=2026-09-30");
    let world = world.and("+1d CourtDecisionRecorded on none term=2026-03-30 as wrong");
    let world = world.and("+1h EventMisfiled on wrong by head\n+4w NoteAdded");
    let file = world.of("case");
    let clocks = file.procedure.clocks();
    let mut terms = clocks.open().filter(|clock| clock.number == 512);
    let reading = terms.next().and_then(|clock| clocks.reading(clock.id, world.story.now()));
    assert_eq!(reading, Some(Reading::Running));
    assert!(is_open(&world));
}

//! Whatever is told, in whatever order: nothing is executable that is not in force, and no child is
//! placed without an order or decision in force.

use proptest::prelude::*;

use super::*;

const OPENED: &str = "SignalReceived\n+1h SignalAssigned\n+1d SignalAssessed\n+1h CaseOpened\n\
                      +1d AssessmentCompleted";

/// What may be tried. `on` is taken from what was taken before.
const LINES: &[(&str, &[&str])] = &[
    ("EmergencyActRecorded", &[]),
    ("EmergencyPlacementOrdered", &[]),
    ("EmergencyStudyCompleted", &["EmergencyPlacementOrdered", "EmergencyActRecorded"]),
    ("PlacementOrdered", &[]),
    ("InstructionIssued", &[]),
    ("OrderServed", ORDERS),
    ("OrderDeemedServed", ORDERS),
    ("ExecutionOrdered", ORDERS),
    ("ExecutionSuspended", ORDERS),
    ("CourtRequestFiled", ORDERS),
    ("CourtDecisionRecorded", &["CourtRequestFiled"]),
    ("CourtDecisionRecorded outcome=refused", &["CourtRequestFiled"]),
    ("CourtDecisionRecorded by worker", &["CourtRequestFiled"]),
    ("Endorsed", &["CourtDecisionRecorded"]),
    ("PlacementStarted", ORDERS),
    ("PlacementChanged", ORDERS),
    ("PlacementEnded", &[]),
    ("PlacementEnded court=yes", &["CourtDecisionRecorded"]),
    ("AppealFiled route=placement", ORDERS),
    ("AppealFiled route=court", ORDERS),
    ("AppealForwarded", &["AppealFiled"]),
    ("AppealDecided", &["AppealFiled"]),
    ("AppealDecided outcome=annulled", &["AppealFiled"]),
    ("EventMisfiled by director", ORDERS),
    ("ChildDied", &[]),
];

const ORDERS: &[&str] = &[
    "PlacementOrdered",
    "EmergencyPlacementOrdered",
    "EmergencyActRecorded",
    "InstructionIssued",
    "CourtDecisionRecorded",
];

/// A line to try: which one, on which, how many hours later.
fn attempts() -> impl Strategy<Value = Vec<(usize, usize, u16)>> {
    let attempt = (0..LINES.len(), 0..ORDERS.len(), prop_oneof![1_u16..48, 100_u16..500]);
    prop::collection::vec(attempt, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_is_executed_that_is_not_in_force(attempts in attempts()) {
        let mut world = given(OPENED);
        let mut told: Vec<&str> = Vec::new();
        for (line, on, hours) in attempts {
            let (line, names) = LINES[line];
            let on = names.iter().cycle().skip(on).take(names.len()).find(|on| told.contains(on));
            let line = match on {
                Some(on) => format!("+{hours}h {line} on {on}"),
                None => format!("+{hours}h {line}"),
            };
            let before: Vec<_> =
                world.of("case").procedure.orders(world.story.now() + i64::from(hours) * 3600).collect();
            let was_placed = world.of("case").procedure.placed_on();
            let Ok(_) = world.tell(&line) else { continue };
            told.push(line.split_whitespace().nth(1).and_then(|kind| {
                LINES.iter().find_map(|(line, _)| line.split(' ').next().filter(|known| *known == kind))
            }).unwrap());
            let procedure = &world.of("case").procedure;
            for order in procedure.orders(world.story.now()) {
                prop_assert!(order.in_force || !order.executable, "{line}: {order:?}");
            }
            if line.contains("PlacementStarted") || line.contains("PlacementChanged") {
                let ground = procedure.placed_on();
                let ground = before.iter().find(|order| Some(order.hash) == ground);
                prop_assert!(ground.is_some_and(|found| found.in_force && found.executable), "{line}");
            } else {
                prop_assert!(was_placed.is_some() || procedure.placed_on().is_none(), "{line}");
            }
            let placing = |kind| {
                let orders = procedure.orders(world.story.now());
                orders.filter(|order| order.kind == kind && order.in_force).count()
            };
            prop_assert!(placing(OrderKind::Emergency) + placing(OrderKind::Placement) <= 1);
        }
    }
}

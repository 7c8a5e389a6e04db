//! Inspections.

use super::*;

const DAY: i64 = 86_400;

fn opened() -> World {
    given("InspectionOpened")
}

fn instructed() -> World {
    opened().and("+1d InspectionFinding\n+1d InspectionInstruction due=2026-04-01")
}

#[test]
fn an_instruction_is_complied_with_by_its_day() {
    let world = instructed();
    assert_eq!(world.clock("root", "inspection-instruction"), Some(Reading::Running));
    let kept = world.clone().and("+5d InspectionComplied");
    assert_eq!(kept.clock("root", "inspection-instruction"), Some(Reading::Kept));
    let again = kept.refuses("+1h InspectionComplied");
    assert_eq!(again, "inspection.not-instructed");
    let late = world.clone().and("+40d InspectionComplied");
    assert_eq!(late.clock("root", "inspection-instruction"), Some(Reading::Late));
    let mut overdue = world.later(40 * DAY);
    assert_eq!(overdue.clock("root", "inspection-instruction"), Some(Reading::Overdue));
    let fact = Fact::DeadlineMissed(overdue.missed("root", "inspection-instruction"));
    overdue.by_ledger(overdue.story.stream("root"), fact).unwrap();
    assert_eq!(overdue.clock("root", "inspection-instruction"), Some(Reading::Missed));
}

#[test]
fn what_is_found_and_instructed_belongs_to_an_open_inspection() {
    for kind in ["InspectionFinding", "InspectionInstruction"] {
        let refuses = |world: World, line: &str| world.refuses(&format!("+1h {kind} {line}"));
        assert_eq!(refuses(opened(), "on nothing"), "inspection.unknown", "{kind}");
        assert_eq!(refuses(opened(), "happened -2h"), "time.before-cause", "{kind}");
        assert_eq!(refuses(opened().later(31 * DAY), ""), "inspection.term", "{kind}");
    }
    let over = opened().refuses("+2d InspectionInstruction due=2026-03-03");
    assert_eq!(over, "inspection.due");
    opened().and("+2d InspectionInstruction due=2026-03-04");
}

#[test]
fn an_inspection_names_what_is_inspected_by_whom_and_until_when() {
    let mut world = given("");
    let fact = crate::fact::InspectionOpened {
        auditors: vec![ActorId([0x30; 16])],
        agency: None,
        cases: vec![StreamId([0xca; 16])],
        classes: Vec::new(),
        until_seconds: world.story.now() + 30 * DAY,
    };
    let root = world.story.stream("root");
    let open = |world: &mut World, fact| {
        let mut statement =
            world.said(root, &[(0x2f, Digest([0x2f; 32]))], Fact::InspectionOpened(fact));
        statement.sections = vec![crate::statement::Section {
            class: letopis_types::Class::Normal,
            payload_type: "inspection/1".to_owned(),
            commitment: Digest([0xc0; 32]),
        }];
        world.say(statement)
    };
    let of_nothing = crate::fact::InspectionOpened { cases: Vec::new(), ..fact.clone() };
    assert_eq!(open(&mut world, of_nothing).unwrap_err(), "inspection.scope");
    let over = crate::fact::InspectionOpened { until_seconds: 0, ..fact.clone() };
    assert_eq!(open(&mut world, over).unwrap_err(), "inspection.term");
    let opened = open(&mut world, fact).unwrap();
    // The auditor who signs is not among those who carry it out.
    let finding = Fact::InspectionFinding(crate::fact::InspectionFinding { opened });
    let mut statement = world.said(root, &[(0x2f, Digest([0x2f; 32]))], finding);
    statement.sections = vec![crate::statement::Section {
        class: letopis_types::Class::Normal,
        payload_type: "inspection-finding/1".to_owned(),
        commitment: Digest([0xc0; 32]),
    }];
    assert_eq!(world.say(statement).unwrap_err(), "inspection.by-auditor");
}

#[test]
fn the_director_of_who_was_inspected_says_that_it_complied() {
    let world = instructed();
    let other = world.refuses("+1d InspectionComplied by other-director");
    assert_eq!(other, "inspection.by-inspected");
    let unknown = world.refuses("+1d InspectionComplied on nothing");
    assert_eq!(unknown, "inspection.not-instructed");
    assert_eq!(world.refuses("+1d InspectionComplied happened -2d"), "time.before-cause");
}

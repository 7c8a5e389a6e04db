//! Visits, reviews, supervision, missed deadlines and why.

use super::*;

const DAY: i64 = 86_400;
const OPENED: &str = "SignalReceived\n+1h SignalAssigned\n+5d SignalAssessed\n+1h CaseOpened";

fn opened() -> World {
    given(OPENED)
}

fn planned() -> World {
    opened().and("+1d AssessmentCompleted\n+1d PlanAdopted")
}

/// The check of the signal ran out, and that is on the record.
fn missed() -> World {
    let mut world = given("SignalReceived\n+1h SignalAssigned").later(11 * DAY);
    let fact = Fact::DeadlineMissed(world.missed("signal", "signal-check"));
    let clocks = StreamKey { kind: StreamKind::Clocks, id: world.story.stream("signal").id };
    world.by_ledger(clocks, fact).unwrap();
    world
}

#[test]
fn a_review_is_of_a_plan_and_begins_its_term_anew() {
    assert_eq!(opened().refuses("+1d ReviewHeld"), "review.no-plan");
    assert_eq!(planned().refuses("+1d ReviewHeld happened -2d"), "time.before-cause");
    let world = planned().later(180 * DAY).and("ReviewHeld").later(10 * DAY);
    assert_eq!(world.clock("case", "plan-review"), Some(Reading::Running));
    let late = planned().later(190 * DAY).and("ReviewHeld");
    let file = late.of("case");
    let clocks = file.procedure.clocks();
    let first = clocks.iter().find(|clock| clock.number == 401).unwrap();
    assert_eq!(clocks.reading(first.id, late.story.now()), Some(Reading::Late));
}

#[test]
fn supervision_is_held_every_thirty_days() {
    let world = opened();
    assert_eq!(world.clock("case", "supervision"), Some(Reading::Running));
    let overdue = world.clone().later(31 * DAY);
    assert_eq!(overdue.clock("case", "supervision"), Some(Reading::Overdue));
    let world = world.and("+29d SupervisionHeld").later(29 * DAY);
    assert_eq!(world.clock("case", "supervision"), Some(Reading::Running));
    world.and("+1h EffectivenessChecked\n+1h VisitRecorded");
    assert_eq!(opened().refuses("+1d SupervisionHeld without advice"), "section.missing");
    assert_eq!(opened().refuses("+1d VisitRecorded without visit"), "section.missing");
}

#[test]
fn after_an_adoption_the_child_is_visited_in_a_week_and_every_month() {
    let world = given("SignalReceived track=aftercare\n+1h SignalAssigned");
    let world = world.and("+1d SignalAssessed track=aftercare\n+1h CaseOpened");
    assert_eq!(world.clock("case", "aftercare-first-visit"), Some(Reading::Running));
    let late = world.clone().and("+8d VisitRecorded");
    assert_eq!(late.clock("case", "aftercare-first-visit"), Some(Reading::Late));
    let world = world.and("+5d VisitRecorded");
    assert_eq!(world.clock("case", "aftercare-first-visit"), Some(Reading::Kept));
    assert_eq!(world.clock("case", "aftercare-visit"), Some(Reading::Running));
    let world = world.and("+1d AssessmentCompleted\n+1d PlanAdopted track=aftercare");
    let world = world.and("+20d VisitRecorded\n+1d ReviewHeld");
    assert_eq!(world.clock("case", "aftercare-visit"), Some(Reading::Dropped));
    assert_eq!(world.clock("case", "aftercare-visit-later"), Some(Reading::Running));
}

#[test]
fn only_what_ran_out_is_recorded_as_missed_and_once() {
    let mut world = given("SignalReceived\n+1h SignalAssigned");
    let clocks = StreamKey { kind: StreamKind::Clocks, id: world.story.stream("signal").id };
    let fact = world.missed("signal", "signal-check");
    let tell = |world: &mut World, fact| world.by_ledger(clocks, Fact::DeadlineMissed(fact));
    assert_eq!(tell(&mut world, fact).unwrap_err(), "clock.not-overdue");
    let mut world = world.later(11 * DAY);
    let other_day = crate::fact::DeadlineMissed { due_seconds: fact.due_seconds + 1, ..fact };
    assert_eq!(tell(&mut world, other_day).unwrap_err(), "clock.not-overdue");
    let unknown = crate::fact::DeadlineMissed { clock: 999, ..fact };
    assert_eq!(tell(&mut world, unknown).unwrap_err(), "clock.not-overdue");
    let protected = world.story.stream("signal");
    let protected = StreamKey { kind: StreamKind::Protected, id: protected.id };
    let told = world.by_ledger(protected, Fact::DeadlineMissed(fact));
    assert_eq!(told.unwrap_err(), "clock.stream");
    tell(&mut world, fact).unwrap();
    assert_eq!(world.clock("signal", "signal-check"), Some(Reading::Missed));
    assert_eq!(tell(&mut world, fact).unwrap_err(), "clock.not-overdue");
}

#[test]
fn what_was_in_time_but_recorded_later_is_kept() {
    let world = missed().and("+1d SignalAssessed happened -5d");
    assert_eq!(world.clock("signal", "signal-check"), Some(Reading::KeptRecordedLate));
}

#[test]
fn a_missed_deadline_is_explained() {
    let world = missed();
    assert_eq!(world.clock("signal", "delay-explained"), Some(Reading::Running));
    let explained = world.clone().and("+1d DelayExplained clock=101 in signal");
    assert_eq!(explained.clock("signal", "delay-explained"), Some(Reading::Kept));
    let late = world.clone().and("+9d DelayExplained clock=101 in signal");
    assert_eq!(late.clock("signal", "delay-explained"), Some(Reading::Late));
    // By the worker alone it waits for the head.
    let waits = world.clone().and("+1d DelayExplained clock=101 in signal by worker");
    assert_eq!(waits.clock("signal", "delay-explained"), Some(Reading::Running));
    let waits = waits.and("+1h Endorsed on DelayExplained in signal");
    assert_eq!(waits.clock("signal", "delay-explained"), Some(Reading::Kept));
    // What was late is explained even if nobody recorded it as missed.
    let late = given("SignalReceived\n+1h SignalAssigned\n+11d SignalAssessed");
    late.and("+1h DelayExplained clock=101 in signal");
    assert_eq!(world.refuses("+1h DelayExplained clock=104 in signal"), "delay.not-late");
    assert_eq!(world.refuses("+1h DelayExplained clock=999 in signal"), "delay.no-clock");
    let nothing = world.refuses("+1h DelayExplained clock=101 on nothing in signal");
    assert_eq!(nothing, "delay.no-clock");
}

#[test]
fn that_an_explanation_is_late_is_not_explained_in_turn() {
    let mut world = missed().later(9 * DAY);
    assert_eq!(world.clock("signal", "delay-explained"), Some(Reading::Overdue));
    let clocks = StreamKey { kind: StreamKind::Clocks, id: world.story.stream("signal").id };
    let fact = Fact::DeadlineMissed(world.missed("signal", "delay-explained"));
    world.by_ledger(clocks, fact).unwrap();
    let file = world.of("signal");
    let explanations = file.procedure.clocks().iter().filter(|clock| clock.number == 412);
    assert_eq!(explanations.count(), 1);
}

#[test]
fn what_is_protected_is_explained_among_the_protected() {
    let world = opened().and("+1d PoliceProtectionRecorded").later(3 * DAY);
    let refused = world.refuses("DelayExplained clock=201 on PoliceProtectionRecorded");
    assert_eq!(refused, "delay.no-clock");
    assert_eq!(refused, world.refuses("DelayExplained clock=201 on nothing"));
}

//! The action plan.

use super::*;

const OPENED: &str = "SignalReceived\n+1h SignalAssigned\n+5d SignalAssessed\n+1h CaseOpened";

fn assessed() -> World {
    given(OPENED).and("+2d AssessmentCompleted")
}

fn planned() -> World {
    assessed().and("+1d PlanAdopted as plan")
}

#[test]
fn a_plan_rests_on_an_assessment_in_force() {
    assert_eq!(given(OPENED).refuses("+1d PlanAdopted"), "plan.not-assessed");
    let pending = given(OPENED).and("+1d AssessmentCompleted by worker");
    assert_eq!(pending.refuses("+1d PlanAdopted"), "plan.not-assessed");
    pending.and("+1h Endorsed on AssessmentCompleted\n+1h PlanAdopted");
    assert_eq!(assessed().refuses("+1h PlanAdopted happened -2h"), "time.before-cause");
    let taken_back = assessed().and("+1h EventMisfiled on AssessmentCompleted");
    assert_eq!(taken_back.refuses("+1h PlanAdopted"), "plan.not-assessed");
}

#[test]
fn there_is_one_plan_and_it_is_amended() {
    assert_eq!(planned().refuses("+1d PlanAdopted"), "plan.in-force-already");
    assert_eq!(assessed().refuses("+1d PlanAmended on none"), "plan.not-in-force");
    assert_eq!(planned().refuses("+1d PlanAmended on nothing"), "plan.not-in-force");
    assert_eq!(planned().refuses("+1d PlanAmended happened -2d"), "time.before-cause");
    let world = planned().and("+1d PlanAmended as second");
    assert_eq!(world.refuses("+1d PlanAmended on plan"), "plan.not-in-force");
    let world = world.and("+1d PlanAmended");
    assert_eq!(world.clock("case", "plan-review"), Some(Reading::Running));
}

#[test]
fn an_amendment_that_waits_leaves_the_plan_in_force() {
    let world = planned().and("+1d PlanAmended by worker as second");
    assert_eq!(world.of("case").procedure.plan.in_force(), world.story_hash("plan"));
    let world = world.and("+1h Endorsed on second");
    assert_eq!(world.of("case").procedure.plan.in_force(), world.story_hash("second"));
    let world = world.and("+1h EventMisfiled on second");
    assert_eq!(world.of("case").procedure.plan.in_force(), world.story_hash("plan"));
}

#[test]
fn the_track_says_how_often_a_plan_is_reviewed() {
    let general = planned();
    assert_eq!(general.clock("case", "plan-review"), Some(Reading::Running));
    assert_eq!(general.clock("case", "prevention-review"), None);
    let prevention = assessed().and("+1d PlanAdopted track=prevention");
    assert_eq!(prevention.clock("case", "plan-review"), None);
    assert_eq!(prevention.clock("case", "prevention-review"), Some(Reading::Running));
    assert_eq!(prevention.clock("case", "prevention-length"), Some(Reading::Running));
    let world = prevention.and("+1d PlanAmended track=reintegration");
    assert_eq!(world.clock("case", "prevention-review"), Some(Reading::Dropped));
    assert_eq!(world.clock("case", "reintegration-review"), Some(Reading::Running));
    assert_eq!(world.of("case").procedure.track(), Track::Reintegration);
}

#[test]
fn a_misfiled_plan_leaves_the_track_as_it_was_before() {
    let track = |world: &World| world.of("case").procedure.track();
    let world = planned().and("+1d PlanAmended track=prevention as wrong");
    assert_eq!(track(&world), Track::Prevention);
    let back = world.and("+1h EventMisfiled on wrong");
    assert_eq!(track(&back), Track::General);
    assert_eq!(back.clock("case", "plan-review"), Some(Reading::Running));
    assert_eq!(back.clock("case", "prevention-review"), Some(Reading::Dropped));
    // Of the first plan: as the signal's assessment found.
    let first = assessed().and("+1d PlanAdopted track=prevention as wrong");
    assert_eq!(track(&first.and("+1h EventMisfiled on wrong")), Track::General);
}

#[test]
fn a_plan_that_is_not_reviewed_in_its_term_is_overdue() {
    let general = planned().later(183 * 86_400);
    assert_eq!(general.clock("case", "plan-review"), Some(Reading::Running));
    let general = general.later(3 * 86_400);
    assert_eq!(general.clock("case", "plan-review"), Some(Reading::Overdue));
    let three = assessed().and("+1d PlanAdopted track=reintegration").later(95 * 86_400);
    assert_eq!(three.clock("case", "reintegration-review"), Some(Reading::Overdue));
}

#[test]
fn commitments_of_a_plan_bind_when_it_takes_effect() {
    let pending = assessed().and("+1d PlanAdopted by worker commitments=2");
    assert!(pending.of("case").procedure.commitments().is_empty());
    let world = pending.and("+1d Endorsed on PlanAdopted");
    assert_eq!(world.of("case").procedure.commitments().len(), 2);
    assert_eq!(world.clock("case", "commitment"), Some(Reading::Running));
    assert_eq!(world.refuses("+1d PlanAmended commitments=1"), "commitment.known");
    let over = assessed().refuses("+1d PlanAdopted commitments=1 due=2026-03-09");
    assert_eq!(over, "commitment.due");
}

#[test]
fn a_commitment_of_the_same_id_stays_as_it_was_made_first() {
    let world = given(OPENED).and("+1h TeamConvened\n+1h TeamMet\n+1h AssessmentCompleted");
    let world = world.and("+1h PlanAdopted by worker commitments=1 due=2026-05-01");
    let world = world.and("+1h TeamPlanAdopted commitments=1 due=2026-04-01");
    let world = world.and("+1h Endorsed on PlanAdopted");
    let file = world.of("case");
    assert_eq!(file.procedure.commitments().len(), 1);
    assert_eq!(Some(file.procedure.commitments()[0].plan), world.story_hash("TeamPlanAdopted"));
}

#[test]
fn a_plan_says_its_goals_and_what_the_child_says_or_who_disagrees() {
    assert_eq!(assessed().refuses("+1d PlanAdopted without goals"), "section.missing");
    assert_eq!(assessed().refuses("+1d PlanAdopted without views"), "section.missing");
    assessed().and("+1d PlanAdopted without views with disagreement");
    assert_eq!(planned().refuses("+1d PlanAmended without change"), "section.missing");
}

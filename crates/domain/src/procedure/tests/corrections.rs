//! Corrections, what is in the wrong file, objections, documents.

use super::*;

const DAY: i64 = 86_400;
const OPENED: &str = "SignalReceived\n+1h SignalAssigned\n+5d SignalAssessed\n+1h CaseOpened";

fn opened() -> World {
    given(OPENED)
}

fn visited() -> World {
    opened().and("+2d VisitRecorded as visit")
}

#[test]
fn an_event_is_corrected_by_its_author_or_by_lead_and_head() {
    visited().and("+1h EventCorrected on visit");
    visited().and("+1h EventCorrected on visit by worker,head");
    let by_other = visited().and("+1h LeadAssigned lead=worker2 by head,worker2");
    by_other.clone().and("+1h EventCorrected on visit by worker2,head");
    for by in ["worker2", "head", "director", "clerk,head"] {
        let line = format!("+1h EventCorrected on visit by {by}");
        assert_eq!(by_other.refuses(&line), "correction.by-whom", "{by}");
    }
    // Where nobody leads, the head acts as lead.
    let nobody = visited().and("+1h LeadAssigned lead=nobody");
    nobody.and("+1h EventCorrected on visit by head");
}

#[test]
fn what_is_corrected_is_an_event_of_the_stream_itself() {
    assert_eq!(visited().refuses("+1h EventCorrected on nothing"), "correction.event-unknown");
    let corrected = visited().and("+1h EventCorrected on visit as correction");
    let again = corrected.refuses("+1h EventCorrected on correction");
    assert_eq!(again, "correction.of-correction");
    corrected.and("+1h EventCorrected on visit");
    let protected = opened().and("+1h PoliceProtectionRecorded as hidden");
    let from_case = protected.refuses("+1h EventCorrected on hidden");
    assert_eq!(from_case, "correction.event-unknown");
    protected.and("+1h EventCorrected on hidden in protected");
}

#[test]
fn a_corrected_fact_is_of_the_same_kind() {
    visited().and("+1h EventCorrected on visit fact=VisitRecorded");
    let other = visited().refuses("+1h EventCorrected on visit fact=NoteAdded");
    assert_eq!(other, "correction.kind");
    let without = visited().refuses("+1h EventCorrected on visit without correction");
    assert_eq!(without, "section.missing");
}

#[test]
fn each_corrected_section_has_its_new_one() {
    let mut world = visited();
    let event = world.story_hash("visit").unwrap();
    let fact =
        crate::fact::EventCorrected { event, fact: None, occurred_at: None, sections: vec![0, 1] };
    let case = world.story.stream("case");
    let by = [(0x21, Digest([0x21; 32]))];
    let mut statement = world.said(case, &by, Fact::EventCorrected(fact));
    let section = |name: &str| crate::statement::Section {
        class: letopis_types::Class::Restricted,
        payload_type: name.to_owned(),
        commitment: Digest([0xc0; 32]),
    };
    statement.sections = vec![section("correction/1"), section("visit/1")];
    assert_eq!(world.say(statement.clone()).unwrap_err(), "correction.sections");
    statement.sections.push(section("visit/1"));
    world.say(statement).unwrap();
}

#[test]
fn an_act_is_corrected_by_who_issued_it() {
    let world = opened().and("+1h InstructionIssued as act");
    for by in ["worker,head", "head,worker", "other-director"] {
        let line = format!("+1h EventCorrected on act by {by}");
        assert_eq!(world.refuses(&line), "correction.by-issuer", "{by}");
    }
    world.clone().and("+1h EventCorrected on act by director");
    // Its day is also that of clocks.
    let alone = world.refuses("+2h EventCorrected on act time=-3h by director");
    assert_eq!(alone, "correction.moves-clock");
    world.and("+2h EventCorrected on act time=-3h by director,head");
}

#[test]
fn what_moves_a_clock_is_corrected_by_head_and_director() {
    let world = given("SignalReceived happened -1h\n+1h SignalAssigned\n+9d SignalAssessed");
    let line = "+1h EventCorrected on SignalReceived in signal time=2026-02-25T09:00";
    assert_eq!(world.refuses(&format!("{line} by worker")), "correction.moves-clock");
    assert_eq!(world.refuses(&format!("{line} by worker,head")), "correction.moves-clock");
    let world = world.and(&format!("{line} by head,director"));
    assert_eq!(world.clock("signal", "signal-check"), Some(Reading::Late));
    let file = world.of("signal");
    let clocks = file.procedure.clocks();
    let check = clocks.iter().find(|clock| clock.number == 101).unwrap();
    assert_eq!(clocks.first_reading(check.id, world.story.now()), Some(Reading::Kept));
    // Back to what it said first: that moves the clock as well.
    let back = "+1h EventCorrected on SignalReceived in signal time=2026-03-02T09:00";
    assert_eq!(world.refuses(&format!("{back} by worker")), "correction.moves-clock");
    let back = world.and(&format!("{back} by head,director"));
    assert_eq!(back.clock("signal", "signal-check"), Some(Reading::Kept));
    // The time of what no clock knows is its author's.
    let begun = visited().refuses("+1h EventCorrected on CaseOpened time=-48h by worker");
    assert_eq!(begun, "correction.moves-clock");
    opened().and("+1h NoteAdded as note\n+1h EventCorrected on note time=-2h");
}

#[test]
fn a_corrected_time_is_not_in_the_future_or_before_the_file() {
    for time in ["+1h", "2026-03-01T10:00"] {
        let line = format!("+1h EventCorrected on visit time={time} by head,director");
        assert_eq!(visited().refuses(&line), "correction.time", "{time}");
    }
}

#[test]
fn a_stated_day_is_corrected_with_its_clock() {
    let world = opened().and("+1h TeamConvened\n+1h TeamMet");
    let world = world.and("+1h TeamPlanAdopted commitments=1 due=2026-04-01 as plan");
    let line = "+1h EventCorrected on plan fact=TeamPlanAdopted commitments=1 due=2026-05-01";
    assert_eq!(world.refuses(&format!("{line} by worker")), "correction.moves-clock");
    let same = "+1h EventCorrected on plan fact=TeamPlanAdopted commitments=1 due=2026-04-01";
    world.clone().and(&format!("{same} by worker"));
    let world = world.and(&format!("{line} by head,director")).later(40 * DAY);
    assert_eq!(world.clock("case", "commitment"), Some(Reading::Running));
    assert_eq!(world.refuses("CommitmentMissed"), "commitment.not-due");
}

#[test]
fn a_signal_that_came_in_earlier_is_due_earlier_in_its_case_too() {
    let world = opened();
    let due = |world: &World| {
        let clocks = world.of("case").procedure.clocks().clone();
        let named = |id| clocks.rule(id, &world.profiles).is_some_and(|r| r.name == "assessment");
        clocks.iter().find(|clock| named(clock.id)).map(|clock| clock.due)
    };
    let before = due(&world).unwrap();
    let line = "+1h EventCorrected on SignalReceived in signal time=-9d by head,director";
    let moved = due(&world.and(line)).unwrap();
    assert!(moved < before - 2 * DAY, "{before} to {moved}");
}

#[test]
fn details_and_sections_of_what_is_in_force_are_corrected() {
    let signal = given("SignalReceived");
    let channel =
        "+1h EventCorrected on SignalReceived in signal fact=SignalReceived channel=phone";
    signal.and(channel);
    let world = opened();
    let ages = "+1h EventCorrected on SignalAssessed in signal fact=SignalAssessed by worker,head";
    world.clone().and(ages);
    let other =
        "+1h EventCorrected on SignalAssessed in signal fact=SignalAssessed outcome=no-case";
    assert_eq!(world.refuses(other), "correction.effect");
    let team = world.and("+1h TeamConvened\n+1h TeamMet");
    let plan = team.and("+1h TeamPlanAdopted commitments=1 due=2026-04-01 as plan");
    let early = "+1h EventCorrected on plan fact=TeamPlanAdopted commitments=1 due=2026-02-01";
    assert_eq!(plan.refuses(&format!("{early} by head,director")), "correction.day");
}

#[test]
fn an_act_that_waits_keeps_its_sections() {
    let waits = opened().and("+1d AssessmentCompleted by worker as waits");
    assert_eq!(waits.refuses("+1h EventCorrected on waits"), "correction.waits");
}

#[test]
fn a_plan_of_a_closed_case_is_corrected_too() {
    let planned = opened().and("+1d AssessmentCompleted\n+1h PlanAdopted as plan");
    let voided = planned.and("+1h CaseVoided");
    assert!(
        voided.of("case").procedure.plan.is_in(&voided.story_hash("plan").unwrap(), Track::General)
    );
}

#[test]
fn what_was_given_by_mistake_is_given_no_more() {
    let shared =
        opened().and("+1d AssessmentCompleted\n+1h PlanAdopted\n+1h ServiceReferred as wrong");
    assert_eq!(shared.of("case").shares.len(), 1);
    let back = shared.and("+1h EventMisfiled on wrong by director");
    assert!(back.of("case").shares.is_empty());
    let team = opened().and("+1h TeamConvened as wrong");
    assert!(!team.of("case").team.is_empty());
    let back = team.and("+1h EventMisfiled on wrong");
    assert!(back.of("case").team.is_empty());
    assert_eq!(back.refuses("+1h TeamMet"), "team.not-convened");
}

#[test]
fn a_corrected_assessment_of_a_signal_lets_a_team_be_convened_from_then_on() {
    let world =
        opened().and("+1h EventCorrected on SignalAssessed in signal time=-1d by head,director");
    let _ = world.and("+1min TeamConvened happened -20h");
}

#[test]
fn what_followed_from_an_event_is_not_corrected_away() {
    let signal = given("SignalReceived");
    let track =
        "+1h EventCorrected on SignalReceived in signal fact=SignalReceived track=coordination";
    assert_eq!(signal.refuses(track), "correction.effect");
    let met = opened().and("+1h TeamConvened\n+1h TeamMet");
    let plan = met.and("+1h TeamPlanAdopted commitments=1 due=2026-04-01 as plan");
    let more = "+1h EventCorrected on plan fact=TeamPlanAdopted commitments=2 due=2026-04-01";
    assert_eq!(plan.refuses(more), "correction.effect");
    let assessed = opened().and("+1d AssessmentCompleted\n+1h PlanAdopted as plan");
    let other = "+1h EventCorrected on plan fact=PlanAdopted track=prevention";
    assert_eq!(assessed.refuses(other), "correction.effect");
    assessed.and("+1h EventCorrected on plan fact=PlanAdopted age=14to17");
}

#[test]
fn an_act_that_waits_for_a_signature_gives_way_to_another() {
    let waits = opened().and("+1d AssessmentCompleted by worker as waits");
    let line = "+1h EventCorrected on waits fact=AssessmentCompleted age=14to17";
    assert_eq!(waits.refuses(line), "correction.waits");
    let other = waits.and("+1h AssessmentCompleted age=14to17 by worker,head");
    assert_eq!(other.refuses("+1h Endorsed on waits"), "signature.act-ended");
}

#[test]
fn an_act_that_waits_takes_effect_from_its_corrected_day() {
    let world = given("SignalReceived\n+1h SignalAssigned\n+11d SignalAssessed by worker");
    let corrected = "+1h EventCorrected on SignalAssessed in signal time=-3d by head,director";
    let world = world.and(corrected).and("+1h Endorsed on SignalAssessed in signal by director");
    assert_eq!(world.clock("signal", "signal-check"), Some(Reading::Kept));
}

#[test]
fn what_was_taken_back_is_not_corrected_or_taken_back_again() {
    let world = visited().and("+1h EventMisfiled on visit");
    for line in ["EventMisfiled on visit", "EventCorrected on visit fact=VisitRecorded"] {
        let line = format!("+1h {line}");
        assert_eq!(world.refuses(&line), "correction.misfiled-already", "{line}");
    }
}

#[test]
fn what_is_in_the_wrong_file_has_no_effect_there() {
    let world = opened().and("+1h AssessmentCompleted as wrong");
    assert_eq!(world.clock("case", "assessment"), Some(Reading::Kept));
    let world = world.and("+1h EventMisfiled on wrong");
    assert_eq!(world.clock("case", "assessment"), Some(Reading::Running));
    assert_eq!(world.clock("case", "weight-explained"), Some(Reading::Dropped));
    let refused = world.refuses("+1h WeightOfViewsExplained on wrong");
    assert_eq!(refused, "voice.no-decision");
    let pending = opened().and("+1h AssessmentCompleted by worker as waits");
    let pending = pending.and("+1h EventMisfiled on waits");
    assert_eq!(pending.act("case", "AssessmentCompleted"), Some(Status::Misfiled));
    assert_eq!(pending.refuses("+1h Endorsed on waits"), "signature.act-ended");
}

#[test]
fn it_is_said_by_its_author_or_by_lead_and_head() {
    let world = visited();
    assert_eq!(world.refuses("+1h EventMisfiled on nothing"), "correction.event-unknown");
    let by_other = world.refuses("+1h EventMisfiled on visit by worker2");
    assert_eq!(by_other, "correction.by-whom");
    assert_eq!(world.refuses("+1h EventMisfiled on visit without mistake"), "section.missing");
    world.and("+1h EventMisfiled on visit by worker,head");
}

#[test]
fn who_holds_a_case_and_how_far_it_is_does_not_hang_on_a_slip() {
    let transferred = opened().and("+1h TransferProposed\n+1h TransferAccepted");
    for event in ["CaseOpened", "TransferProposed", "TransferAccepted"] {
        let line = format!("+1h EventMisfiled on {event} by head");
        assert_eq!(transferred.refuses(&line), "correction.not-misfiled", "{event}");
    }
    let signed =
        opened().and("+1h AssessmentCompleted by worker\n+1h Endorsed on AssessmentCompleted");
    let line = "+1h EventMisfiled on Endorsed by head";
    assert_eq!(signed.refuses(line), "correction.not-misfiled");
}

#[test]
fn objections_and_copies_name_what_is_there() {
    let world = visited();
    world.clone().and("+1h DisputeNoted on visit\n+1h DisputeNoted on none");
    assert_eq!(world.refuses("+1h DisputeNoted on nothing"), "correction.event-unknown");
    let certified = world.refuses("+1h DocumentCertified on visit");
    assert_eq!(certified, "correction.event-unknown");
    let document = world.and("+1h DocumentAdded");
    assert_eq!(document.refuses("+1h DocumentCertified happened -2h"), "time.before-cause");
    document.and("+1h DocumentCertified");
}

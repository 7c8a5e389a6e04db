//! Teams and commitments.

use super::*;
use crate::testing::{SERVICE, person};

const OPENED: &str = "SignalReceived track=coordination\n+1h SignalAssigned\n\
     +20h SignalAssessed track=coordination\n+1h CaseOpened";

fn opened() -> World {
    given(OPENED)
}

fn met() -> World {
    opened().and("+1h TeamConvened\n+1d TeamMet")
}

fn planned() -> World {
    met().and("+1h TeamPlanAdopted commitments=2 due=2026-04-01 as plan")
}

fn standings(world: &World) -> Vec<Standing> {
    world.of("case").procedure.commitments().iter().map(|known| known.standing).collect()
}

#[test]
fn a_team_is_convened_within_a_day_of_the_assessment() {
    let world = opened();
    assert_eq!(world.clock("case", "team-convened"), Some(Reading::Running));
    let late = world.clone().and("+1d TeamConvened");
    assert_eq!(late.clock("case", "team-convened"), Some(Reading::Late));
    let kept = world.and("+1h TeamConvened");
    assert_eq!(kept.clock("case", "team-convened"), Some(Reading::Kept));
    assert_eq!(kept.of("case").team.len(), 2);
}

#[test]
fn the_mechanism_begins_with_the_assessment_of_the_signal() {
    let early = opened().refuses("+1h TeamConvened happened -3h");
    assert_eq!(early, "time.before-cause");
    opened().and("+1h TeamConvened mechanism=multidisciplinary happened -3h");
    assert_eq!(given("").refuses("TeamConvened"), "case.not-open");
}

#[test]
fn a_team_meets_when_it_was_convened_and_its_members_attend() {
    assert_eq!(opened().refuses("+1h TeamMet"), "team.not-convened");
    let convened = opened().and("+1h TeamConvened");
    assert_eq!(convened.refuses("+1h TeamMet attended=clerk"), "team.not-member");
    assert_eq!(convened.refuses("+3h TeamMet happened -4h"), "time.before-cause");
    convened.and("+1h TeamMet attended=worker");
}

#[test]
fn a_team_meets_before_it_adopts_a_plan() {
    assert_eq!(opened().refuses("+1h TeamPlanAdopted"), "team.not-convened");
    let convened = opened().and("+1h TeamConvened");
    assert_eq!(convened.refuses("+1h TeamPlanAdopted"), "team.not-met");
    assert_eq!(met().refuses("+2h TeamPlanAdopted happened -3h"), "time.before-cause");
    assert_eq!(met().and("+1h TeamConvened").refuses("+1h TeamPlanAdopted"), "team.not-met");
    met().and("+1h TeamPlanAdopted");
}

#[test]
fn who_holds_the_case_anew_convenes_a_team_anew() {
    let world = met().and("+1h TransferProposed\n+1h TransferAccepted");
    assert_eq!(world.refuses("+1h TeamMet by other-worker"), "team.not-convened");
    assert_eq!(world.refuses("+1h TeamPlanAdopted by other-worker"), "team.not-convened");
}

#[test]
fn a_commitment_has_an_id_of_its_own_and_a_day_that_is_not_over() {
    assert_eq!(planned().refuses("+1h TeamPlanAdopted commitments=1"), "commitment.known");
    let over = met().refuses("+1h TeamPlanAdopted commitments=1 due=2026-03-01");
    assert_eq!(over, "commitment.due");
    let day = met().and("+1h TeamPlanAdopted commitments=1 due=2026-03-04");
    assert_eq!(standings(&day), [Standing::Open]);
    let mut nobody = met();
    let nobodys = crate::fact::Commitment { id: [1; 16], owner: [0; 16], due_day: 30_000 };
    let plan = crate::fact::TeamPlanAdopted { commitments: vec![nobodys] };
    let case = nobody.story.stream("case");
    let mut statement =
        nobody.said(case, &[(0x21, Digest([0x21; 32]))], Fact::TeamPlanAdopted(plan));
    statement.sections = vec![crate::statement::Section {
        class: letopis_types::Class::Restricted,
        payload_type: "services/1".to_owned(),
        commitment: Digest([0xc0; 32]),
    }];
    assert_eq!(nobody.say(statement).unwrap_err(), "commitment.owner");
}

#[test]
fn a_commitment_is_fulfilled_by_its_owner_the_lead_or_the_head() {
    let world = planned();
    assert_eq!(world.of("case").procedure.commitments()[0].owner, SERVICE.0);
    assert_eq!(world.clock("case", "commitment"), Some(Reading::Running));
    for somebody in ["worker2", "clerk", "police", "other-worker"] {
        let line = format!("+1d CommitmentFulfilled by {somebody}");
        assert_eq!(world.refuses(&line), "commitment.by-whom", "{somebody}");
    }
    for somebody in ["provider", "worker", "head"] {
        let line = format!("+1d CommitmentFulfilled commitment=2 by {somebody}");
        let world = world.clone().and(&line);
        assert_eq!(standings(&world), [Standing::Open, Standing::Fulfilled]);
        assert_eq!(world.clock("case", "commitment"), Some(Reading::Kept));
    }
    let early = world.refuses("+1h CommitmentFulfilled happened -2h");
    assert_eq!(early, "time.before-cause");
    let late = world.and("+30d CommitmentFulfilled commitment=2");
    assert_eq!(late.clock("case", "commitment"), Some(Reading::Late));
}

#[test]
fn what_was_not_done_is_missed_once_its_day_is_over() {
    let world = planned();
    assert_eq!(world.refuses("+1d CommitmentMissed"), "commitment.not-due");
    let world = world.and("+30d CommitmentMissed commitment=2 by provider");
    assert_eq!(standings(&world), [Standing::Open, Standing::Missed]);
    assert_eq!(world.clock("case", "commitment"), Some(Reading::Missed));
    for kind in ["CommitmentFulfilled", "CommitmentMissed"] {
        for number in [2, 3] {
            let line = format!("+1h {kind} commitment={number}");
            assert_eq!(world.refuses(&line), "commitment.not-open", "{line}");
        }
    }
}

#[test]
fn the_plan_of_a_wrong_file_binds_nobody() {
    let world = planned().and("+1h CommitmentFulfilled as done\n+1h EventMisfiled on done");
    assert_eq!(standings(&world), [Standing::Open, Standing::Open]);
    let world = world.and("+1h EventMisfiled on plan");
    assert_eq!(standings(&world), []);
    assert_eq!(world.clock("case", "commitment"), Some(Reading::Dropped));
    assert!(world.of("case").team.contains(&person("police").actor()));
}

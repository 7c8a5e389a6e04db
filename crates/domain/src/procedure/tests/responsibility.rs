//! Who answers for what.

use super::*;

fn assessed() -> World {
    given(
        "SignalReceived\n+1h SignalAssigned\n+5d SignalAssessed\n+1h CaseOpened\n\
         +1d AssessmentCompleted",
    )
}

#[test]
fn whose_office_decides_has_the_office_at_the_holder() {
    for line in [
        "PlacementOrdered by clerk,other-director",
        "InstructionIssued by other-director",
        "LeadAssigned lead=worker2 by clerk,other-head",
        "ServiceReferred by other-director",
        "EffectivenessChecked by other-director",
        "CaseVoided by head,other-director",
    ] {
        assert_eq!(assessed().refuses(&format!("+1d {line}")), "responsibility.holder", "{line}");
    }
}

#[test]
fn the_lead_answers_and_the_head_where_there_is_none() {
    for by in ["worker2,head", "head,director"] {
        let line = format!("+1d PlanAdopted by {by}");
        assert_eq!(assessed().refuses(&line), "responsibility.lead", "{by}");
    }
    let line = "+1d PlanAdopted by worker,worker2,head";
    assert_eq!(assessed().refuses(line), "responsibility.role");
    let without = assessed().and("+1h LeadAssigned lead=nobody");
    let _ = without.clone().and("+1d PlanAdopted by head,director");
    assert_eq!(without.refuses("+1d PlanAdopted by worker,head"), "responsibility.role");
}

#[test]
fn only_what_came_of_a_signal_takes_its_clocks() {
    // A case that refers to another one leaves it as it is.
    let world = assessed().and("SignalReceived in signal2\n+1h SignalAssigned in signal2");
    let world = world.and("+1d SignalAssessed in signal2 as found");
    let mut statement = world.ask("CaseOpened on found in case2").into_statement();
    let case = world.story.stream("case");
    statement.references.push(crate::statement::Reference {
        relation: proto::Relation::BasedOn,
        stream: case,
        statement_hash: world.story_hash("CaseOpened").unwrap(),
    });
    let mut world = world;
    world.say(statement).unwrap();
    assert!(world.of("case").procedure.clocks().open().count() > 0);
}

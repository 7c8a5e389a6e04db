//! Who owes what.

use super::*;
use crate::procedure::Debtor;
use crate::testing::{AGENCY, OTHER_AGENCY, PEOPLE, SERVICE};

/// Who owes what in a file: the clock's name, and whose it is.
fn owed(world: &World, stream: &str) -> Vec<String> {
    let key = world.story.stream(stream);
    let file = world.of(stream);
    let clocks = &file.procedure.clocks;
    let owing = clocks.open().map(|clock| {
        let by = debtors(&key, &file, &clock, &world.profiles).into_iter().map(in_words);
        let name = &clocks.rule(clock.id, &world.profiles).unwrap().name;
        format!("{name}: {}", by.collect::<Vec<_>>().join(", "))
    });
    let mut owing: Vec<String> = owing.collect();
    owing.sort_unstable();
    owing.dedup();
    owing
}

fn in_words(debtor: Debtor) -> String {
    let agency = |id| match id {
        AGENCY => "own",
        OTHER_AGENCY => "other",
        SERVICE => "service",
        _ => "?",
    };
    match debtor {
        Debtor::Party(id) => {
            let person = PEOPLE.iter().find(|person| person.actor().0 == id);
            person.map_or(agency(letopis_types::AgencyId(id)), |person| person.name).to_owned()
        }
        Debtor::Office(None, role) => format!("any {role:?}"),
        Debtor::Office(Some(id), role) => format!("{role:?} of {}", agency(id)),
        Debtor::StandIn(id, role) => format!("({role:?} of {})", agency(id)),
    }
}

#[track_caller]
fn owes(world: &World, stream: &str, expected: &[&str]) {
    assert_eq!(owed(world, stream), expected);
}

const LEAD: &str = "worker, (HeadOfDepartment of own)";

#[test]
fn a_check_is_owed_by_who_took_it_on() {
    let taken = given("SignalReceived by duty");
    owes(&taken, "signal", &["assessment: duty", "signal-check: duty"]);
    let assigned = taken.and("+1h SignalAssigned worker=worker2");
    owes(&assigned, "signal", &["assessment: worker2", "signal-check: worker2"]);
}

#[test]
fn the_lead_owes_and_the_head_where_there_is_none() {
    let opened = given("SignalReceived\n+1h SignalAssigned\n+5d SignalAssessed\n+1h CaseOpened");
    let led = format!("assessment: {LEAD}");
    assert!(owed(&opened, "case").contains(&led), "{:?}", owed(&opened, "case"));
    let without = opened.and("+1h LeadAssigned lead=nobody");
    let head = "assessment: HeadOfDepartment of own".to_owned();
    assert!(owed(&without, "case").contains(&head), "{:?}", owed(&without, "case"));
}

#[test]
fn a_signature_is_owed_by_whoever_may_give_it() {
    let opened = "SignalReceived\n+1h SignalAssigned\n+5d SignalAssessed\n+1h CaseOpened";
    let waits = given(&format!("{opened}\n+1d AssessmentCompleted by worker"));
    let head = "confirmation: HeadOfDepartment of own, Director of own".to_owned();
    assert!(owed(&waits, "case").contains(&head), "{:?}", owed(&waits, "case"));
    let accepts = given(&format!("{opened}\n+1d LeadAssigned lead=worker2 by head"));
    let lead = "confirmation: worker2".to_owned();
    assert!(owed(&accepts, "case").contains(&lead), "{:?}", owed(&accepts, "case"));
}

#[test]
fn what_others_took_upon_themselves_is_theirs() {
    let world = given(
        "SignalReceived\n+1h SignalAssigned\n+5d SignalAssessed\n+1h CaseOpened\n\
         +1d AssessmentCompleted\n+1h PlanAdopted\n+1h TeamConvened\n+1h TeamMet\n\
         +1h TeamPlanAdopted commitments=1\n+1h ServiceReferred\n+1h TransferProposed",
    );
    let found = owed(&world, "case");
    for owes in [
        "referral-answer: service",
        "transfer-answer: HeadOfDepartment of other",
        "supervision: Supervisor of own",
    ] {
        assert!(found.contains(&owes.to_owned()), "{owes} in {found:?}");
    }
    assert!(found.iter().any(|it| it.starts_with("commitment: ")), "{found:?}");
}

#[test]
fn what_only_runs_and_what_a_court_owes_is_nobodys() {
    let world = given(
        "SignalReceived\n+1h SignalAssigned\n+5d SignalAssessed\n+1h CaseOpened\n\
         +1d AssessmentCompleted\n+1h PlanAdopted\n+1h PlacementOrdered\n+1h OrderServed",
    );
    let found = owed(&world, "case");
    assert!(found.contains(&"appeal-term: ".to_owned()), "{found:?}");
    assert!(found.contains(&"court-request: Director of own".to_owned()), "{found:?}");
}

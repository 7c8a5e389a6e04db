//! Persons.

use super::*;

const OPENED: &str = "SignalReceived\n+1h SignalAssigned\n+5d SignalAssessed\n+1h CaseOpened";

#[test]
fn a_person_is_recorded_once_and_then_corrected() {
    let world = given("PersonRecorded\n+1h PersonCorrected");
    assert_eq!(world.refuses("+1h PersonRecorded"), "person.recorded-already");
    world.and("+1h PersonRecorded in person2");
    for line in ["PersonCorrected", "PersonsMerged", "PersonsSeparated on nothing"] {
        assert_eq!(given("").refuses(line), "person.not-recorded", "{line}");
    }
    let early = given("PersonRecorded").refuses("+1h PersonCorrected happened -2h");
    assert_eq!(early, "time.before-cause");
    given("PersonRecorded without identity with protected-identity");
    assert_eq!(given("").refuses("PersonRecorded without identity"), "section.missing");
}

#[test]
fn records_are_merged_with_others_and_separated_again() {
    let world = given("PersonRecorded\n+1h PersonsMerged as merged");
    assert_eq!(world.refuses("+1h PersonsMerged"), "person.merged-with");
    let own = given("PersonRecorded in person2").refuses("+1h PersonsMerged in person2");
    assert_eq!(own, "person.merged-with");
    assert_eq!(world.refuses("+1h PersonsSeparated on nothing"), "person.not-merged");
    assert_eq!(world.refuses("+1h PersonsSeparated happened -2h"), "time.before-cause");
    let world = world.and("+1h PersonsSeparated");
    assert_eq!(world.refuses("+1h PersonsSeparated on merged"), "person.not-merged");
    world.and("+1h PersonsMerged");
}

#[test]
fn a_link_with_a_case_ends_once() {
    let world = given(OPENED).and("+1h PersonLinked as link");
    assert_eq!(world.refuses("+1h PersonUnlinked on nothing"), "person.not-linked");
    assert_eq!(world.refuses("+1h PersonUnlinked happened -2h"), "time.before-cause");
    let taken_back = world.clone().and("+1h EventMisfiled on link");
    assert_eq!(taken_back.refuses("+1h PersonUnlinked on link"), "person.not-linked");
    let world = world.and("+1h PersonUnlinked");
    assert_eq!(world.refuses("+1h PersonUnlinked on link"), "person.not-linked");
}

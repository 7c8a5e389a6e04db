//! What clocks hear of emergency access, breaches and keys.

use super::*;
use crate::fact::{KeyReinstated, KeyRevoked, KeySuspended};

const DAY: i64 = 86_400;
const OPENED: &str = "SignalReceived\n+1h SignalAssigned\n+5d SignalAssessed\n+1h CaseOpened";

#[test]
fn emergency_access_is_reviewed_in_a_day() {
    let world = given(OPENED).and("+1h BreakGlassOpened with danger");
    assert_eq!(world.clock("case", "break-glass-review"), Some(Reading::Running));
    let overdue = world.clone().later(DAY + 1);
    assert_eq!(overdue.clock("case", "break-glass-review"), Some(Reading::Overdue));
    let late = overdue.and("BreakGlassReviewed");
    assert_eq!(late.clock("case", "break-glass-review"), Some(Reading::Late));
    let kept = world.and("+2h BreakGlassReviewed");
    assert_eq!(kept.clock("case", "break-glass-review"), Some(Reading::Kept));
}

#[test]
fn a_breach_is_told_of_in_seventy_two_hours() {
    for stream in ["case", "root"] {
        let world = given(OPENED).and(&format!("+1h BreachRecorded in {stream} as breach"));
        assert_eq!(world.clock(stream, "breach-notice"), Some(Reading::Running));
        let another = format!("+1h BreachRecorded in {stream}");
        let another = world.clone().and(&another);
        assert_eq!(another.clock(stream, "breach-notice"), Some(Reading::Running));
        let told = format!("+70h BreachRecorded in {stream} answers=breach");
        let told = world.clone().and(&told);
        assert_eq!(told.clock(stream, "breach-notice"), Some(Reading::Kept));
        let late = format!("+73h BreachRecorded in {stream} answers=breach");
        let late = world.and(&late);
        assert_eq!(late.clock(stream, "breach-notice"), Some(Reading::Late));
    }
}

#[test]
fn a_suspended_key_is_settled_by_the_next_working_day() {
    let mut world = given("");
    let key = PublicKey([0x27; 32]);
    let stream = StreamKey { kind: StreamKind::Actor, id: StreamId([0x27; 16]) };
    let suspended = Fact::KeySuspended(KeySuspended { public_key: key });
    let by = |seeds: &[u8]| seeds.iter().map(|seed| (*seed, GENESIS)).collect::<Vec<_>>();
    let statement = world.said(stream, &by(&[1]), suspended);
    world.say(statement).unwrap();
    let reading = |world: &World| {
        let file = world.files.get(&stream).unwrap();
        let clock = file.procedure.clocks().iter().last().unwrap();
        file.procedure.clocks().reading(clock.id, world.story.now())
    };
    assert_eq!(reading(&world), Some(Reading::Running));
    // The 3rd of March is a holiday.
    assert_eq!(reading(&world.clone().later(2 * DAY)), Some(Reading::Running));
    assert_eq!(reading(&world.clone().later(3 * DAY)), Some(Reading::Overdue));
    let reinstated = Fact::KeyReinstated(KeyReinstated { public_key: key });
    let revoked = Fact::KeyRevoked(KeyRevoked { public_key: key });
    for (seeds, settled) in [(&[1, 2][..], reinstated), (&[1][..], revoked)] {
        // The registry of this world learns nothing after its beginning: what it has decided is not
        // asked here.
        let mut world = world.clone();
        let statement = world.said(stream, &by(seeds), settled);
        world.follow(statement);
        assert_eq!(reading(&world), Some(Reading::Kept));
    }
}

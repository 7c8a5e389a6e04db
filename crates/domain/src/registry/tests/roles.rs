//! Role grants and their terms.

use super::*;

const FROM: u64 = START + DAY;
const UNTIL: u64 = START + 2 * DAY;

fn given_a_term() -> Given {
    let term = grant_term(GALYA, Role::SocialWorker, Some(FROM as i64), Some(UNTIL as i64));
    given([genesis(), enrol_actor(GALYA), term])
}

#[test]
fn a_grant_is_in_force_within_its_term_to_the_second() {
    let given = given_a_term();
    let note = note().signed_by([granted(GALYA)]);
    let not_in_force = AuthorityError::GrantNotInForce { actor: GALYA, grant: grant_of(GALYA) };
    for (at, in_force) in [
        (Timestamp::from_seconds(START), false),
        (Timestamp(Timestamp::from_seconds(FROM).0 - 1), false),
        (Timestamp::from_seconds(FROM), true),
        (Timestamp::from_seconds(UNTIL - 1), true),
        (Timestamp(Timestamp::from_seconds(UNTIL).0 - 1), true),
        (Timestamp::from_seconds(UNTIL), false),
        (Timestamp::from_seconds(UNTIL + DAY), false),
    ] {
        let draft = Draft { at, ..note.clone() };
        if in_force {
            given.when(draft).accepted();
        } else {
            given.when(draft).refused(not_in_force.clone());
        }
        assert_eq!(given.0.has_role_in_force(&GALYA, at), in_force, "{at:?}");
    }
}

#[test]
fn a_grant_without_a_term_is_in_force_until_ended() {
    let given = given(office());
    given.when(note().signed_by([granted(GALYA)]).at(START + 10_000 * DAY)).accepted();
    let end = end_role(GALYA, grant_of(GALYA)).signed_by([granted(GALYA)]);
    let given = given.then_given(end.clone());
    let (actor, grant) = (GALYA, grant_of(GALYA));
    let ended = AuthorityError::GrantNotInForce { actor, grant };
    given.when(note().signed_by([granted(GALYA)])).refused(ended.clone());
    given.when(end.signed_by([registrar(ANNA)])).refused(ended);
    assert!(!given.0.has_role_in_force(&GALYA, Timestamp::from_seconds(START)));
}

#[test]
fn one_grant_ends_and_another_stays() {
    let second = Digest([0x5a; 32]);
    let given = given(office())
        .then_given(grant_role(GALYA, Role::Clerk).hashed(second))
        .then_given(end_role(GALYA, grant_of(GALYA)).signed_by([registrar(ANNA)]));
    given.when(note().signed_by([under(GALYA, second)])).accepted();
    given
        .when(note().signed_by([granted(GALYA)]))
        .refused(AuthorityError::GrantNotInForce { actor: GALYA, grant: grant_of(GALYA) });
}

#[test]
fn only_a_grant_of_the_actor_is_ended_in_its_stream() {
    let given = given(office());
    for grant in [grant_of(DIMO), GENESIS, Digest([0x5a; 32])] {
        given
            .when(end_role(GALYA, grant).signed_by([registrar(ANNA), registrar(BORIS)]))
            .refused(AuthorityError::GrantUnknown { actor: GALYA, grant });
    }
}

#[test]
fn a_registrar_of_the_genesis_ends() {
    let end = end_role(VERA, GENESIS).signed_by([registrar(ANNA), granted(DIMO)]);
    let given = given(office()).then_given(end);
    let (actor, grant) = (VERA, GENESIS);
    let ended = AuthorityError::GrantNotInForce { actor, grant };
    given.when(note().signed_by([registrar(VERA)])).refused(ended.clone());
    let draft = grant_role(GALYA, Role::Director).signed_by([registrar(ANNA), registrar(VERA)]);
    given.when(draft).refused(ended);
    given.when(note().signed_by([registrar(ANNA)])).accepted();
    given.when(reading().signed_by([ledger()])).accepted();
}

#[test]
fn the_ledger_is_no_reader_with_a_role() {
    let given = given(office());
    let now = Timestamp::from_seconds(START);
    assert!(!given.0.has_role_in_force(&ActorId::LEDGER, now));
    assert!(!given.0.has_role_in_force(&STRANGER, now));
    assert!(given.0.has_role_in_force(&ANNA, now));
}

/// Who had which role is told by the place in the log, also after it ended.
#[test]
fn roles_are_told_of_a_place_in_the_log() {
    let granted_at = grant_role(GALYA, Role::Clerk).hashed(Digest([0x5a; 32])).sequenced(200);
    let end = end_role(GALYA, grant_of(GALYA)).signed_by([registrar(ANNA)]).sequenced(300);
    let given = given(office()).then_given(granted_at).then_given(end);
    let now = Timestamp::from_seconds(START);
    let roles = |at| -> Vec<Role> {
        given.0.roles_at(&GALYA, Sequence(at), now).map(|role| role.role).collect()
    };
    assert_eq!(roles(200), [Role::SocialWorker]);
    assert_eq!(roles(201), [Role::SocialWorker, Role::Clerk]);
    assert_eq!(roles(300), [Role::SocialWorker, Role::Clerk]);
    assert_eq!(roles(301), [Role::Clerk]);
    assert_eq!(given.0.roles_in_force(&GALYA, now).count(), 1);
}

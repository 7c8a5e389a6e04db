//! A key takes the place of another.

use super::*;

const OLD: PublicKey = PublicKey([4; 32]);
const THIRD: PublicKey = PublicKey([0x45; 32]);

fn with(key: PublicKey) -> Signer {
    Signer { key, ..granted(GALYA) }
}

fn not_in_force(key: PublicKey) -> AuthorityError {
    AuthorityError::KeyNotInForce { actor: GALYA, key }
}

#[test]
fn with_the_holder_the_new_key_is_in_force_at_once() {
    let given = given(office()).then_given(rotate_key(GALYA, NEW_KEY, OLD).and(with(OLD)));
    given.when(note().signed_by([with(NEW_KEY)])).accepted();
    given.when(note().signed_by([with(OLD)])).refused(not_in_force(OLD));
    given.when(note().signed_by([with(OLD)]).at(START + 30 * DAY)).refused(not_in_force(OLD));
}

#[test]
fn the_holder_may_sign_with_another_key_than_the_one_that_is_replaced() {
    let given = given(office())
        .then_given(enrol_key(GALYA, THIRD, KeyUse::Statement).and(with(OLD)))
        .then_given(rotate_key(GALYA, NEW_KEY, OLD).and(with(THIRD)));
    given.when(note().signed_by([with(NEW_KEY)])).accepted();
    given.when(note().signed_by([with(THIRD)])).accepted();
    given.when(note().signed_by([with(OLD)])).refused(not_in_force(OLD));
}

#[test]
fn without_the_holder_it_waits_72_hours_to_the_nanosecond_and_the_old_one_ends_at_once() {
    for at in [Timestamp::from_seconds(START), Timestamp(START * 1_000_000_000 + 999)] {
        let rotation = Draft { at, ..rotate_key(GALYA, NEW_KEY, OLD) };
        let given = given(office()).then_given(rotation);
        let hours_72 = Timestamp::from_seconds(3 * DAY).0;
        let after =
            |nanos, key| Draft { at: Timestamp(at.0 + nanos), ..note().signed_by([with(key)]) };
        for too_soon in [0, hours_72 - 1] {
            given.when(after(too_soon, NEW_KEY)).refused(not_in_force(NEW_KEY));
            given.when(after(too_soon, OLD)).refused(not_in_force(OLD));
        }
        given.when(after(hours_72, NEW_KEY)).accepted();
        given.when(after(hours_72, OLD)).refused(not_in_force(OLD));
    }
}

#[test]
fn another_ones_signature_is_not_the_holders() {
    let rotation = rotate_key(GALYA, NEW_KEY, OLD).and(granted(DIMO));
    let given = given(office()).then_given(rotation);
    given.when(note().signed_by([with(NEW_KEY)])).refused(not_in_force(NEW_KEY));
}

#[test]
fn the_new_key_signs_and_was_never_enrolled() {
    let given = given(office());
    let alone =
        rotate_key(GALYA, NEW_KEY, OLD).signed_by([registrar(ANNA), registrar(BORIS), with(OLD)]);
    let missing = AuthorityError::HolderMissing { key: NEW_KEY };
    given.when(alone.clone()).refused(missing.clone());
    let with_grant = Signer { grant: Some(grant_of(GALYA)), ..own_enrolment(GALYA, NEW_KEY) };
    given.when(alone.clone().and(with_grant)).refused(missing.clone());
    given.when(alone.and(own_enrolment(DIMO, NEW_KEY))).refused(missing);
    for key in [key_of(DIMO), CHECKPOINT_KEY] {
        let again = rotate_key(GALYA, key, OLD);
        given.when(again).refused(AuthorityError::KeyAlreadyEnrolled { key });
    }
}

#[test]
fn what_was_replaced_is_never_enrolled_again() {
    let given = given(office()).then_given(rotate_key(GALYA, NEW_KEY, OLD).and(with(OLD)));
    for draft in [
        enrol_key(GALYA, OLD, KeyUse::Statement),
        rotate_key(GALYA, OLD, NEW_KEY).and(with(NEW_KEY)),
    ] {
        given.when(draft).refused(AuthorityError::KeyAlreadyEnrolled { key: OLD });
    }
}

#[test]
fn only_a_key_of_the_actor_is_replaced() {
    let given = given(office());
    for key in [key_of(DIMO), THIRD, STATEMENT_KEY] {
        let unknown = AuthorityError::KeyUnknown { actor: GALYA, key };
        given.when(rotate_key(GALYA, NEW_KEY, key)).refused(unknown);
    }
}

#[test]
fn the_new_key_is_of_the_old_ones_use() {
    let given = given(office());
    let rotate_as = |key_use, replaces| {
        let mut draft = rotate_key(GALYA, NEW_KEY, replaces).and(with(OLD));
        if let Fact::KeyRotated(fact) = &mut draft.statement.fact {
            fact.key.key_use = key_use;
        }
        draft
    };
    given.when(rotate_as(KeyUse::Token, OLD)).refused(not_in_force(OLD));
    let given = given.then_given(enrol_key(GALYA, THIRD, KeyUse::Token).and(with(OLD)));
    given.when(rotate_as(KeyUse::Statement, THIRD)).refused(not_in_force(THIRD));
    let given = given.then_given(rotate_as(KeyUse::Token, THIRD));
    let now = Timestamp::from_seconds(START);
    assert!(given.0.key_in_force(&NEW_KEY, &GALYA, KeyUse::Token, now));
    assert!(!given.0.key_in_force(&THIRD, &GALYA, KeyUse::Token, now));
    given.when(note().signed_by([with(OLD)])).accepted();
}

/// Registrars can't take the place of a token key, and be the reader at once.
#[test]
fn a_token_key_waits_too() {
    let given = given(office())
        .then_given(enrol_key(GALYA, THIRD, KeyUse::Token).and(with(OLD)))
        .then_given({
            let mut draft = rotate_key(GALYA, NEW_KEY, THIRD);
            if let Fact::KeyRotated(fact) = &mut draft.statement.fact {
                fact.key.key_use = KeyUse::Token;
            }
            draft
        });
    let at = |seconds| {
        let now = Timestamp::from_seconds(seconds);
        given.0.key_in_force(&NEW_KEY, &GALYA, KeyUse::Token, now)
    };
    assert!(!at(START) && !at(START + 3 * DAY - 1) && at(START + 3 * DAY));
}

/// The role is not the key's, and the grants that were made under it stay.
#[test]
fn what_the_actor_delegated_stays_in_force() {
    let hash = Digest([0x5a; 32]);
    let until = term(START, START + 30 * DAY);
    let as_head = Signer { key: NEW_KEY, ..granted(ELENA) };
    let given = department()
        .then_given(delegate(GALYA, until, &[], hash).signed_by([granted(ELENA)]))
        .then_given(rotate_key(ELENA, NEW_KEY, key_of(ELENA)).and(granted(ELENA)));
    let under_delegation = Marks { under_delegation: true, ..Marks::default() };
    given.when(note().signed_by([under(GALYA, hash)])).marked(under_delegation);
    given.when(note().signed_by([as_head])).accepted();
}

//! Keys: enrolled once, in force, revoked.

use super::*;

#[test]
fn an_enrolled_key_signs_its_own_enrolment() {
    let given = given(office());
    for (draft, actor, key) in [
        (enrol_actor(STRANGER), STRANGER, key_of(STRANGER)),
        (enrol_key(GALYA, NEW_KEY, KeyUse::Token), GALYA, NEW_KEY),
    ] {
        given.when(draft.clone()).accepted();
        let alone = draft.clone().signed_by([registrar(ANNA), registrar(BORIS)]);
        given.when(alone.clone()).refused(AuthorityError::HolderMissing { key });
        // As somebody else: an enrolment in another's stream.
        let as_another = alone.clone().and(own_enrolment(DIMO, key));
        given.when(as_another).refused(AuthorityError::HolderMissing { key });
        let with_grant = Signer { grant: Some(GENESIS), ..own_enrolment(actor, key) };
        given.when(alone.and(with_grant)).refused(AuthorityError::HolderMissing { key });
    }
}

#[test]
fn only_the_enrolled_key_comes_without_a_grant() {
    let draft = enrol_actor(STRANGER).and(own_enrolment(VERA, key_of(VERA)));
    given(office()).when(draft).refused(AuthorityError::GrantMissing { actor: VERA });
    // A second new key in the same statement is nobody's.
    let key = PublicKey([0x55; 32]);
    let draft = enrol_key(GALYA, NEW_KEY, KeyUse::Token).and(own_enrolment(GALYA, key));
    given(office()).when(draft).refused(AuthorityError::KeyUnknown { actor: GALYA, key });
}

#[test]
fn a_key_is_enrolled_once_for_one_actor_and_one_use() {
    let history = || given(office()).then_given(enrol_key(GALYA, NEW_KEY, KeyUse::Token));
    let again = |key| AuthorityError::KeyAlreadyEnrolled { key };
    // For the same actor, for another use, for another actor.
    for draft in [
        enrol_key(GALYA, NEW_KEY, KeyUse::Token),
        enrol_key(GALYA, NEW_KEY, KeyUse::Statement),
        enrol_key(DIMO, NEW_KEY, KeyUse::Token),
    ] {
        history().when(draft).refused(again(NEW_KEY));
    }
    // Also after it was revoked.
    let revoked = revoke_key(GALYA, NEW_KEY).signed_by([granted(GALYA)]);
    history()
        .then_given(revoked)
        .when(enrol_key(GALYA, NEW_KEY, KeyUse::Token))
        .refused(again(NEW_KEY));
    // As a new actor's first, and one that the genesis named.
    let key = EnrolledKey { public_key: NEW_KEY, key_use: KeyUse::Statement };
    let fact = ActorEnrolled { kind: proto::ActorKind::Service, key };
    let draft = Draft::of_actor(STRANGER, Fact::ActorEnrolled(fact)).signed_by([
        registrar(ANNA),
        registrar(BORIS),
        own_enrolment(STRANGER, NEW_KEY),
    ]);
    history().when(draft).refused(again(NEW_KEY));
    let draft = enrol_key(GALYA, CHECKPOINT_KEY, KeyUse::Statement);
    history().when(draft).refused(again(CHECKPOINT_KEY));
    let draft = enrol_key(GALYA, key_of(VERA), KeyUse::Statement);
    history().when(draft).refused(again(key_of(VERA)));
}

#[test]
fn an_actor_is_enrolled_once_and_first() {
    let given = given(office());
    let already = |actor| AuthorityError::ActorAlreadyEnrolled { actor };
    for actor in [GALYA, VERA] {
        let key = EnrolledKey { public_key: NEW_KEY, key_use: KeyUse::Statement };
        let fact = ActorEnrolled { kind: proto::ActorKind::Person, key };
        let draft = Draft::of_actor(actor, Fact::ActorEnrolled(fact)).signed_by([
            registrar(ANNA),
            registrar(BORIS),
            own_enrolment(actor, NEW_KEY),
        ]);
        given.when(draft).refused(already(actor));
    }
    let both = [registrar(ANNA), registrar(BORIS)];
    for draft in [
        grant_role(STRANGER, Role::Clerk),
        enrol_key(STRANGER, NEW_KEY, KeyUse::Token),
        revoke_key(STRANGER, NEW_KEY).signed_by(both),
        end_role(STRANGER, GENESIS).signed_by(both),
    ] {
        given.when(draft).refused(AuthorityError::ActorUnknown { actor: STRANGER });
    }
}

#[test]
fn a_key_enrolled_with_the_holder_is_in_force_at_once() {
    let draft = enrol_key(GALYA, NEW_KEY, KeyUse::Statement).and(granted(GALYA));
    let with_new = note().signed_by([Signer { key: NEW_KEY, ..granted(GALYA) }]);
    given(office()).then_given(draft).when(with_new).accepted();
}

#[test]
fn a_key_enrolled_without_the_holder_is_in_force_after_72_hours() {
    for enrolled_at in [Timestamp::from_seconds(START), Timestamp(START * 1_000_000_000 + 999)] {
        let mut draft = enrol_key(GALYA, NEW_KEY, KeyUse::Statement);
        draft.at = enrolled_at;
        let given = given(office()).then_given(draft);
        let with_new = note().signed_by([Signer { key: NEW_KEY, ..granted(GALYA) }]);
        let after = |nanos| Draft { at: Timestamp(enrolled_at.0 + nanos), ..with_new.clone() };
        let hours_72 = Timestamp::from_seconds(3 * DAY).0;
        let (actor, key) = (GALYA, NEW_KEY);
        for too_soon in [0, hours_72 - 1_000_000_000, hours_72 - 1] {
            given.when(after(too_soon)).refused(AuthorityError::KeyNotInForce { actor, key });
        }
        for later in [hours_72, 10 * hours_72] {
            given.when(after(later)).accepted();
        }
    }
}

#[test]
fn another_ones_signature_is_not_the_holders() {
    let draft = enrol_key(GALYA, NEW_KEY, KeyUse::Statement).and(granted(DIMO));
    let with_new = note().signed_by([Signer { key: NEW_KEY, ..granted(GALYA) }]);
    given(office())
        .then_given(draft)
        .when(with_new)
        .refused(AuthorityError::KeyNotInForce { actor: GALYA, key: NEW_KEY });
}

#[test]
fn a_key_that_is_not_in_force_yet_brings_no_further_key() {
    let further = PublicKey([0x45; 32]);
    let draft =
        enrol_key(GALYA, further, KeyUse::Statement).and(Signer { key: NEW_KEY, ..granted(GALYA) });
    given(office())
        .then_given(enrol_key(GALYA, NEW_KEY, KeyUse::Statement))
        .when(draft)
        .refused(AuthorityError::KeyNotInForce { actor: GALYA, key: NEW_KEY });
}

#[test]
fn a_first_key_is_in_force_at_once() {
    given(office()).when(note().signed_by([granted(GALYA)]).at(START)).accepted();
}

#[test]
fn a_revoked_key_signs_no_more() {
    let (actor, key) = (GALYA, key_of(GALYA));
    let given = given(office()).then_given(revoke_key(actor, key).signed_by([granted(GALYA)]));
    let revoked = AuthorityError::KeyNotInForce { actor, key };
    given.when(note().signed_by([granted(GALYA)])).refused(revoked.clone());
    let later = note().signed_by([granted(GALYA)]).at(START + 30 * DAY);
    given.when(later).refused(revoked.clone());
    let again = revoke_key(actor, key).signed_by([registrar(ANNA)]);
    given.when(again).refused(revoked);
    let now = Timestamp::from_seconds(START);
    assert!(!given.0.key_in_force(&key, &actor, KeyUse::Statement, now));
    // The role is not the key's: with another key the actor goes on.
    let with_new = note().signed_by([Signer { key: NEW_KEY, ..granted(GALYA) }]);
    given
        .then_given(enrol_key(actor, NEW_KEY, KeyUse::Statement))
        .when(with_new.at(START + 3 * DAY))
        .accepted();
}

#[test]
fn only_a_key_of_the_actor_is_revoked_in_its_stream() {
    let given = given(office());
    for key in [NEW_KEY, key_of(DIMO), STATEMENT_KEY] {
        given
            .when(revoke_key(GALYA, key).signed_by([registrar(ANNA)]))
            .refused(AuthorityError::KeyUnknown { actor: GALYA, key });
    }
}

//! An actor narrows its own power: with one signature, also where it has no role left.

use super::*;

const KEY: PublicKey = PublicKey([4; 32]);
const SECOND: PublicKey = PublicKey([0x45; 32]);
const VERIFIED: Digest = Digest([0x9a; 32]);

/// Galya herself, naming no grant.
fn owner(key: PublicKey) -> Signer {
    Signer { actor: GALYA, key, grant: None }
}

/// Every act by which Galya gives up power of her own.
fn own_acts() -> [Draft; 5] {
    [
        revoke_key(GALYA, KEY),
        suspend_key(GALYA, KEY),
        compromise_key(GALYA, KEY, 0),
        end_role(GALYA, grant_of(GALYA)),
        expire_qualification(GALYA, VERIFIED),
    ]
}

/// With a second key, and a qualification in force.
fn galya() -> Given {
    given(office())
        .then_given(enrol_key(GALYA, SECOND, KeyUse::Statement).and(granted(GALYA)))
        .then_given(verify_qualification(GALYA, Some(START + DAY), VERIFIED))
}

#[test]
fn a_stolen_key_is_suspended_by_its_owner_alone() {
    for key in [KEY, SECOND] {
        for draft in own_acts() {
            galya().when(draft.signed_by([owner(key)])).accepted();
        }
    }
}

#[test]
fn also_when_all_its_grants_have_ended() {
    let given = galya().then_given(end_role(GALYA, grant_of(GALYA)).signed_by([registrar(ANNA)]));
    for draft in [
        revoke_key(GALYA, KEY),
        suspend_key(GALYA, KEY),
        compromise_key(GALYA, KEY, 0),
        expire_qualification(GALYA, VERIFIED),
    ] {
        given.when(draft.clone().signed_by([owner(KEY)])).accepted();
        // A grant that is named must hold all the same.
        let (actor, grant) = (GALYA, grant_of(GALYA));
        let ended = AuthorityError::GrantNotInForce { actor, grant };
        given.when(draft.signed_by([granted(GALYA)])).refused(ended);
    }
}

#[test]
fn also_when_it_never_had_one_or_its_qualification_has_expired() {
    let given = given([genesis(), enrol_actor(GALYA)]);
    given.when(suspend_key(GALYA, KEY).signed_by([owner(KEY)])).accepted();
    for draft in own_acts() {
        let later = draft.at(START + 2 * DAY);
        galya().when(later.clone().signed_by([owner(KEY)])).accepted();
        // Under a grant that otherwise takes a qualification.
        galya().when(later.signed_by([granted(GALYA)])).accepted();
    }
}

#[test]
fn only_in_its_own_stream_and_only_to_narrow() {
    let given = galya();
    let missing = AuthorityError::GrantMissing { actor: GALYA };
    for draft in [
        revoke_key(DIMO, key_of(DIMO)),
        suspend_key(DIMO, key_of(DIMO)),
        compromise_key(DIMO, key_of(DIMO), 0),
        end_role(DIMO, grant_of(DIMO)),
        verify_qualification(GALYA, None, VERIFIED),
        reinstate_key(GALYA, KEY),
        grant_role(GALYA, Role::Director),
        enrol_key(GALYA, NEW_KEY, KeyUse::Token),
        rotate_key(GALYA, NEW_KEY, KEY),
        note(),
    ] {
        given.when(draft.and(owner(KEY))).refused(missing.clone());
    }
}

#[test]
fn the_key_must_be_in_force() {
    let suspended = galya().then_given(suspend_key(GALYA, KEY).signed_by([owner(KEY)]));
    let not_in_force = AuthorityError::KeyNotInForce { actor: GALYA, key: KEY };
    suspended.when(revoke_key(GALYA, KEY).signed_by([owner(KEY)])).refused(not_in_force);
    suspended.when(revoke_key(GALYA, KEY).signed_by([owner(SECOND)])).accepted();
    let unknown = AuthorityError::KeyUnknown { actor: GALYA, key: NEW_KEY };
    suspended.when(revoke_key(GALYA, KEY).signed_by([owner(NEW_KEY)])).refused(unknown);
}

/// Whoever gives up its own is not the registrar that it may be as well.
#[test]
fn a_registrar_without_its_grant_is_only_the_owner() {
    let given = given(office());
    let bare = |actor| Signer { grant: None, ..registrar(actor) };
    given.when(suspend_key(VERA, key_of(VERA)).signed_by([bare(VERA)])).accepted();
    let missing = AuthorityError::GrantMissing { actor: ANNA };
    given.when(suspend_key(GALYA, KEY).signed_by([bare(ANNA)])).refused(missing);
    // Its role ends by two others, with or without its own signature.
    let end = end_role(VERA, GENESIS).signed_by([bare(VERA), registrar(ANNA)]);
    given.when(end).refused(AuthorityError::RegistrarsMissing { kind: "RoleEnded", found: 1 });
}

/// The two others have ended Vera's role; she can still give up her key, and one registrar can.
#[test]
fn an_ended_registrar_is_an_actor_like_others() {
    let end = end_role(VERA, GENESIS).signed_by([registrar(ANNA), registrar(BORIS)]);
    let given = given(office()).then_given(end);
    let bare = Signer { grant: None, ..registrar(VERA) };
    for draft in [
        suspend_key(VERA, key_of(VERA)),
        revoke_key(VERA, key_of(VERA)),
        compromise_key(VERA, key_of(VERA), 0),
    ] {
        given.when(draft.clone().signed_by([bare])).accepted();
        given.when(draft.signed_by([registrar(ANNA)])).accepted();
    }
}

/// A term that is over is not an end: until then it takes two.
#[test]
fn a_registrar_whose_term_is_over_takes_two_others() {
    let grant = grant_term(GALYA, Role::Registrar, None, Some((START + DAY) as i64));
    let given = given([genesis(), enrol_actor(GALYA), grant]);
    for draft in [suspend_key(GALYA, KEY), revoke_key(GALYA, KEY), compromise_key(GALYA, KEY, 0)] {
        let kind = draft.statement.fact.name();
        let later = draft.at(START + 2 * DAY);
        let missing = AuthorityError::RegistrarsMissing { kind, found: 1 };
        given.when(later.clone().signed_by([registrar(ANNA)])).refused(missing);
        given.when(later.clone().signed_by([registrar(ANNA), registrar(BORIS)])).accepted();
        given.when(later.signed_by([owner(KEY)])).accepted();
    }
}

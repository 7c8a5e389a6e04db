//! Keys that are suspended, reinstated and compromised, and what is disputed then.

use super::*;

const KEY: PublicKey = PublicKey([4; 32]);
const SECOND: PublicKey = PublicKey([0x45; 32]);

fn not_in_force(key: PublicKey) -> AuthorityError {
    AuthorityError::KeyNotInForce { actor: GALYA, key }
}

#[test]
fn a_suspended_key_signs_nothing_until_it_is_reinstated() {
    let given = given(office()).then_given(suspend_key(GALYA, KEY).signed_by([registrar(ANNA)]));
    let now = Timestamp::from_seconds(START);
    given.when(note().signed_by([granted(GALYA)])).refused(not_in_force(KEY));
    given.when(note().signed_by([granted(GALYA)]).at(START + DAY)).refused(not_in_force(KEY));
    assert!(!given.0.key_in_force(&KEY, &GALYA, KeyUse::Statement, now));
    // It does not reinstate itself, nor bring a further key at once.
    let reinstated = reinstate_key(GALYA, KEY).and(granted(GALYA));
    given.when(reinstated).refused(not_in_force(KEY));
    let further = enrol_key(GALYA, NEW_KEY, KeyUse::Statement).and(granted(GALYA));
    given.when(further).refused(not_in_force(KEY));
    let given = given.then_given(reinstate_key(GALYA, KEY));
    given.when(note().signed_by([granted(GALYA)])).accepted();
    assert!(given.0.key_in_force(&KEY, &GALYA, KeyUse::Statement, now));
}

/// What a key is, and what may still be done to it.
#[test]
fn each_kind_takes_a_key_in_the_right_state() {
    let by_anna = |draft: Draft| draft.signed_by([registrar(ANNA)]);
    // A second key of Galya's, so that she can sign whatever becomes of the first.
    let enrolled = || {
        let second = enrol_key(GALYA, SECOND, KeyUse::Statement).and(granted(GALYA));
        given(office()).then_given(second)
    };
    let suspended = || enrolled().then_given(by_anna(suspend_key(GALYA, KEY)));
    let revoked = || enrolled().then_given(by_anna(revoke_key(GALYA, KEY)));
    let compromised = by_anna(compromise_key(GALYA, KEY, 0));
    let waiting = enrolled().then_given(enrol_key(GALYA, NEW_KEY, KeyUse::Statement));
    // Revoked, suspended, reinstated, compromised, rotated: which of them may follow.
    let states = [
        (enrolled(), KEY, [true, true, false, true, true]),
        (waiting, NEW_KEY, [true, true, false, true, true]),
        (suspended(), KEY, [true, false, true, true, true]),
        (suspended().then_given(reinstate_key(GALYA, KEY)), KEY, [true, true, false, true, true]),
        (revoked(), KEY, [false, false, false, true, false]),
        (
            suspended().then_given(by_anna(revoke_key(GALYA, KEY))),
            KEY,
            [false, false, false, true, false],
        ),
        (
            enrolled().then_given(rotate_key(GALYA, NEW_KEY, KEY)),
            KEY,
            [false, false, false, true, false],
        ),
        (enrolled().then_given(compromised.clone()), KEY, [false; 5]),
        (suspended().then_given(compromised.clone()), KEY, [false; 5]),
        (revoked().then_given(compromised), KEY, [false; 5]),
    ];
    for (number, (given, key, may)) in states.into_iter().enumerate() {
        let drafts = [
            by_anna(revoke_key(GALYA, key)),
            by_anna(suspend_key(GALYA, key)),
            reinstate_key(GALYA, key),
            by_anna(compromise_key(GALYA, key, 0)),
            rotate_key(GALYA, PublicKey([0x46; 32]), key),
        ];
        for (draft, may) in drafts.into_iter().zip(may) {
            let got = given.when(draft.clone()).0;
            let expected = match draft.statement.fact {
                _ if may => Ok(Marks::default()),
                Fact::KeyRevoked(_) | Fact::KeyRotated(_) => Err(not_in_force(key)),
                _ => Err(AuthorityError::NotInForce { field: "public_key" }),
            };
            assert_eq!(got, expected, "state {number}: {}", draft.statement.fact.name());
        }
    }
}

#[test]
fn each_kind_takes_a_key_of_the_streams_actor() {
    let given = given(office());
    for key in [NEW_KEY, key_of(DIMO), STATEMENT_KEY, CHECKPOINT_KEY] {
        for draft in [
            suspend_key(GALYA, key).signed_by([registrar(ANNA)]),
            reinstate_key(GALYA, key),
            compromise_key(GALYA, key, 0).signed_by([registrar(ANNA)]),
        ] {
            given.when(draft).refused(AuthorityError::KeyUnknown { actor: GALYA, key });
        }
    }
    for draft in [
        suspend_key(STRANGER, NEW_KEY).signed_by([registrar(ANNA)]),
        reinstate_key(STRANGER, NEW_KEY),
        compromise_key(STRANGER, NEW_KEY, 0).signed_by([registrar(ANNA)]),
    ] {
        given.when(draft).refused(AuthorityError::ActorUnknown { actor: STRANGER });
    }
}

/// Suspending and reinstating is no way around the 72 hours.
#[test]
fn a_waiting_key_goes_on_waiting() {
    let given = given(office())
        .then_given(enrol_key(GALYA, NEW_KEY, KeyUse::Statement))
        .then_given(suspend_key(GALYA, NEW_KEY).signed_by([registrar(ANNA)]))
        .then_given(reinstate_key(GALYA, NEW_KEY));
    let with_new = note().signed_by([Signer { key: NEW_KEY, ..granted(GALYA) }]);
    given.when(with_new.clone().at(START + 3 * DAY - 1)).refused(not_in_force(NEW_KEY));
    given.when(with_new.at(START + 3 * DAY)).accepted();
}

#[test]
fn a_compromised_key_is_no_longer_in_force() {
    let compromised = compromise_key(GALYA, KEY, 50).signed_by([granted(GALYA)]);
    let given = given(office()).then_given(compromised);
    given.when(note().signed_by([granted(GALYA)])).refused(not_in_force(KEY));
    let again = enrol_key(GALYA, KEY, KeyUse::Statement);
    given.when(again).refused(AuthorityError::KeyAlreadyEnrolled { key: KEY });
}

#[test]
fn what_is_disputed_begins_no_later_than_the_event_itself() {
    let given = given(office());
    let compromised = |since| {
        let draft = compromise_key(GALYA, KEY, since).signed_by([registrar(ANNA)]);
        given.when(draft.sequenced(50))
    };
    for since in [0, 49, 50] {
        compromised(since).accepted();
    }
    for since in [51, u64::MAX] {
        compromised(since).refused(AuthorityError::NotInForce { field: "since_sequence" });
    }
}

#[test]
fn what_a_compromised_key_signed_from_then_on_is_disputed() {
    let given = given(office());
    assert!(!given.0.has_compromised_keys());
    assert!(!given.0.is_disputed(&[granted(GALYA)], Sequence(50)));
    let compromised = compromise_key(GALYA, KEY, 40).signed_by([registrar(ANNA)]).sequenced(50);
    let given = given.then_given(compromised);
    assert!(given.0.has_compromised_keys());
    for (sequence, disputed) in [(39, false), (40, true), (49, true), (50, false), (51, false)] {
        let at = |signers: &[Signer]| given.0.is_disputed(signers, Sequence(sequence));
        assert_eq!(at(&[granted(GALYA)]), disputed, "{sequence}");
        // One of several is enough; a key that is not compromised is not.
        assert_eq!(at(&[granted(DIMO), granted(GALYA)]), disputed, "{sequence}");
        assert!(!at(&[granted(DIMO)]), "{sequence}");
        assert!(!at(&[Signer { key: NEW_KEY, ..granted(GALYA) }]), "{sequence}");
    }
}

#[test]
fn nothing_is_disputed_where_a_key_is_compromised_from_its_own_event_on() {
    let compromised = compromise_key(GALYA, KEY, 50).signed_by([granted(GALYA)]).sequenced(50);
    let given = given(office()).then_given(compromised);
    for sequence in [0, 49, 50, 51] {
        assert!(!given.0.is_disputed(&[granted(GALYA)], Sequence(sequence)));
    }
}

/// A key that was revoked first, and found to be compromised later.
#[test]
fn what_a_revoked_key_signed_before_is_disputed() {
    let given = given(office())
        .then_given(revoke_key(GALYA, KEY).signed_by([registrar(ANNA)]).sequenced(45))
        .then_given(compromise_key(GALYA, KEY, 40).signed_by([registrar(ANNA)]).sequenced(60));
    assert!(given.0.is_disputed(&[granted(GALYA)], Sequence(44)));
    assert!(!given.0.is_disputed(&[granted(GALYA)], Sequence(39)));
}

#[test]
fn what_was_disputed_at_a_place_is_what_was_known_by_then() {
    let compromised = compromise_key(GALYA, KEY, 40).signed_by([registrar(ANNA)]).sequenced(50);
    let given = given(office()).then_given(compromised);
    let was = |at| given.0.was_disputed(&[granted(GALYA)], Sequence(44), Sequence(at));
    assert_eq!([45, 50, 51, 60].map(was), [false, false, true, true]);
}

#[test]
fn who_could_sign_at_a_place_is_whose_key_was_in_force_there() {
    let by_anna = |draft: Draft, at| draft.signed_by([registrar(ANNA)]).sequenced(at);
    let given = given(office())
        .then_given(by_anna(suspend_key(GALYA, KEY), 1050))
        .then_given(reinstate_key(GALYA, KEY).sequenced(1060))
        .then_given(by_anna(revoke_key(GALYA, KEY), 1070));
    let now = Timestamp::from_seconds(START);
    let could = |at| given.0.may_sign_at(&GALYA, Sequence(at), now);
    assert_eq!(
        [1049, 1050, 1051, 1060, 1061, 1070, 1071].map(could),
        [true, true, false, false, true, true, false]
    );
    assert!(!given.0.may_sign_at(&GALYA, LATEST, now));
}

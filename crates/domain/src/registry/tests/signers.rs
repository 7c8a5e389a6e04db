//! Every signer holds key and grant.

use super::*;

/// What may be wrong with a signer who is not Galya, and what is then said.
fn bad_signers() -> Vec<(Signer, AuthorityError)> {
    let stranger = granted(STRANGER);
    let no_grant = Signer { grant: None, ..granted(DIMO) };
    let others_key = Signer { key: key_of(BORIS), ..granted(DIMO) };
    let no_ones_key = Signer { key: NEW_KEY, ..granted(DIMO) };
    let others_grant = under(DIMO, grant_of(GALYA));
    let genesis_without_being_in_it = under(DIMO, GENESIS);
    let unknown =
        |signer: Signer| AuthorityError::KeyUnknown { actor: signer.actor, key: signer.key };
    let grant_unknown = |signer: Signer| AuthorityError::GrantUnknown {
        actor: signer.actor,
        grant: signer.grant.unwrap(),
    };
    vec![
        (stranger, AuthorityError::ActorUnknown { actor: STRANGER }),
        (no_grant, AuthorityError::GrantMissing { actor: DIMO }),
        (others_key, unknown(others_key)),
        (no_ones_key, unknown(no_ones_key)),
        (others_grant, grant_unknown(others_grant)),
        (genesis_without_being_in_it, grant_unknown(genesis_without_being_in_it)),
    ]
}

#[test]
fn a_signer_holds_key_and_grant() {
    let given = given(office());
    given.when(note().signed_by([granted(GALYA)])).accepted();
    given.when(note().signed_by([registrar(ANNA)])).accepted();
    for (signer, why) in bad_signers() {
        given.when(note().signed_by([signer])).refused(why);
    }
}

#[test]
fn additional_signers_must_hold_as_well() {
    let given = given(office());
    for (signer, why) in bad_signers() {
        given.when(note().signed_by([granted(GALYA), signer])).refused(why.clone());
        let reading = reading().signed_by([ledger(), signer]);
        given.when(reading).refused(why.clone());
        // Three registrars would do without the fourth.
        let draft = enrol_actor(STRANGER).and(registrar(VERA)).and(signer);
        if signer.actor != STRANGER {
            given.when(draft).refused(why);
        }
    }
}

#[test]
fn an_enrolment_gives_no_role() {
    let given = given([genesis(), enrol_actor(GALYA)]);
    let grant = grant_of(GALYA);
    given
        .when(note().signed_by([granted(GALYA)]))
        .refused(AuthorityError::GrantUnknown { actor: GALYA, grant });
    assert!(!given.0.has_role_in_force(&GALYA, Timestamp::from_seconds(START)));
}

#[test]
fn a_key_of_another_use_signs_no_statement() {
    let given = given(office());
    let key = CHECKPOINT_KEY;
    let actor = ActorId::LEDGER;
    given
        .when(reading().signed_by([Signer { key, ..ledger() }]))
        .refused(AuthorityError::KeyUnknown { actor, key });
    for key_use in [KeyUse::Token, KeyUse::Checkpoint, KeyUse::Witness] {
        let history = office().into_iter().chain([
            // With the holder, so that it is in force at once.
            enrol_key(GALYA, NEW_KEY, key_use).and(granted(GALYA)),
        ]);
        let given = super::given(history);
        let (actor, key) = (GALYA, NEW_KEY);
        given
            .when(note().signed_by([Signer { key, ..granted(GALYA) }]))
            .refused(AuthorityError::KeyUnknown { actor, key });
        let now = Timestamp::from_seconds(START);
        assert!(given.0.key_in_force(&key, &actor, key_use, now));
        assert!(!given.0.key_in_force(&key, &actor, KeyUse::Statement, now));
        assert!(!given.0.key_in_force(&key, &DIMO, key_use, now));
    }
}

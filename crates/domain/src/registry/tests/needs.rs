//! Whose signatures each kind takes.

use super::*;

/// Everyone in the office who can sign.
const POOL: [ActorId; 6] = [ANNA, BORIS, VERA, GALYA, DIMO, ActorId::LEDGER];

fn signer(actor: ActorId) -> Signer {
    match actor {
        ActorId::LEDGER => ledger(),
        GALYA | DIMO => granted(actor),
        _ => registrar(actor),
    }
}

/// Tries every choice of signers, and compares with what the catalogue says.
#[track_caller]
fn signed_by_every_choice(draft: &Draft, allowed: impl Fn(&[ActorId]) -> bool) {
    let given = given(office());
    let (mut accepted, mut refused) = (0, 0);
    for choice in 1u32..1 << POOL.len() {
        let actors: Vec<_> = (0..).zip(POOL).filter(|(i, _)| choice >> i & 1 == 1).collect();
        let actors: Vec<_> = actors.into_iter().map(|(_, actor)| actor).collect();
        let draft = actors.iter().fold(draft.clone(), |d, actor| d.and(signer(*actor)));
        let got = given.when(draft).0;
        assert_eq!(got.is_ok(), allowed(&actors), "{actors:?}: {got:?}");
        if got.is_ok() { accepted += 1 } else { refused += 1 }
    }
    assert!(accepted > 0 && refused > 0);
}

fn registrars_other_than(concerned: ActorId) -> impl Fn(&[ActorId]) -> usize {
    move |actors| {
        let is_registrar = |actor: &&ActorId| [ANNA, BORIS, VERA, DIMO].contains(actor);
        actors.iter().filter(is_registrar).filter(|actor| **actor != concerned).count()
    }
}

#[test]
fn what_widens_power_takes_two_registrars_other_than_whom_it_concerns() {
    for concerned in [GALYA, VERA, DIMO] {
        let others = registrars_other_than(concerned);
        let mut draft = grant_role(concerned, Role::Director);
        draft.statement.signers.clear();
        signed_by_every_choice(&draft, |actors| others(actors) >= 2);

        for mut draft in [
            enrol_key(concerned, NEW_KEY, KeyUse::Token),
            rotate_key(concerned, NEW_KEY, key_of(concerned)),
        ] {
            draft.statement.signers = vec![own_enrolment(concerned, NEW_KEY)];
            signed_by_every_choice(&draft, |actors| others(actors) >= 2);
        }
    }
    let mut draft = enrol_actor(STRANGER);
    draft.statement.signers = vec![own_enrolment(STRANGER, key_of(STRANGER))];
    let others = registrars_other_than(STRANGER);
    signed_by_every_choice(&draft, |actors| others(actors) >= 2);
}

#[test]
fn what_narrows_it_takes_one_registrar_or_the_actor() {
    for draft in [
        revoke_key(GALYA, key_of(GALYA)),
        suspend_key(GALYA, key_of(GALYA)),
        compromise_key(GALYA, key_of(GALYA), 0),
        end_role(GALYA, grant_of(GALYA)),
    ] {
        let any = registrars_other_than(GALYA);
        signed_by_every_choice(&draft, |actors| any(actors) > 0 || actors.contains(&GALYA));
    }
}

/// Otherwise one registrar could revoke the others' keys, and nothing would be enrolled again.
#[test]
fn revoking_a_registrars_key_takes_two_others_or_the_registrar() {
    for concerned in [VERA, DIMO] {
        for draft in [
            revoke_key(concerned, key_of(concerned)),
            suspend_key(concerned, key_of(concerned)),
            compromise_key(concerned, key_of(concerned), 0),
        ] {
            let others = registrars_other_than(concerned);
            signed_by_every_choice(&draft, |actors| {
                others(actors) >= 2 || actors.contains(&concerned)
            });
        }
    }
}

#[test]
fn ending_a_registrar_takes_two_others() {
    for (concerned, grant) in [(VERA, GENESIS), (DIMO, grant_of(DIMO))] {
        let others = registrars_other_than(concerned);
        let draft = end_role(concerned, grant);
        signed_by_every_choice(&draft, |actors| others(actors) >= 2);
    }
}

#[test]
fn the_kinds_of_a_case() {
    let of_case = |fact| Draft::in_stream(StreamKind::Case, fact);
    let time = Instant { seconds: 0, nanos: 0, offset_minutes: 0 };
    let imported = Fact::HistoryImported(HistoryImported { activity: 1, time });
    let any_registrar = registrars_other_than(STRANGER);
    signed_by_every_choice(&of_case(imported), |actors| any_registrar(actors) > 0);

    let opened = Fact::CaseOpened(CaseOpened { holder: AgencyId([1; 16]), lead: GALYA });
    signed_by_every_choice(&of_case(opened), |actors| actors.contains(&GALYA));

    signed_by_every_choice(&note(), |actors| actors != [ActorId::LEDGER]);
    signed_by_every_choice(&reading(), |actors| actors == [ActorId::LEDGER]);
}

#[test]
fn a_case_is_opened_in_three_roles() {
    let opened = Fact::CaseOpened(CaseOpened { holder: AgencyId([1; 16]), lead: GALYA });
    let draft = Draft::in_stream(StreamKind::Case, opened).signed_by([granted(GALYA)]);
    for number in 1..=15 {
        let role = Role::try_from(number).unwrap();
        let given = given([genesis(), enrol_actor(GALYA), grant_role(GALYA, role)]);
        let may = [Role::SocialWorker, Role::DutyOfficer, Role::HeadOfDepartment];
        if may.contains(&role) {
            given.when(draft.clone()).accepted();
        } else {
            let needs = "ROLE_SOCIAL_WORKER or ROLE_DUTY_OFFICER or ROLE_HEAD_OF_DEPARTMENT".into();
            let kind = "CaseOpened";
            given.when(draft.clone()).refused(AuthorityError::RoleWrong { kind, needs });
        }
    }
}

#[test]
fn who_is_missing_is_said() {
    let given = given(office());
    let role = grant_role(GALYA, Role::Director);
    let kind = "RoleGranted";
    given
        .when(role.clone().signed_by([registrar(ANNA)]))
        .refused(AuthorityError::RegistrarsMissing { kind, found: 1 });
    given
        .when(role.signed_by([granted(GALYA)]))
        .refused(AuthorityError::RegistrarsMissing { kind, found: 0 });
    given
        .when(reading().signed_by([granted(GALYA)]))
        .refused(AuthorityError::LedgerKind { kind: "SectionsRead" });
    given.when(note().signed_by([ledger()])).refused(AuthorityError::RoleWrong {
        kind: "NoteAdded",
        needs: "anyone with a role".into(),
    });
    given
        .when(revoke_key(DIMO, key_of(DIMO)).signed_by([granted(GALYA)]))
        .refused(AuthorityError::RegistrarsMissing { kind: "KeyRevoked", found: 0 });
}

#[test]
fn two_keys_of_one_registrar_are_one_registrar() {
    let second = enrol_key(ANNA, NEW_KEY, KeyUse::Statement)
        .signed_by([registrar(BORIS), registrar(VERA), registrar(ANNA)])
        .and(own_enrolment(ANNA, NEW_KEY));
    let given = given(office()).then_given(second);
    let also_anna = Signer { key: NEW_KEY, ..registrar(ANNA) };
    let draft = grant_role(GALYA, Role::Director);
    let kind = "RoleGranted";
    given
        .when(draft.clone().signed_by([registrar(ANNA), also_anna]))
        .refused(AuthorityError::RegistrarsMissing { kind, found: 1 });
    given.when(draft.signed_by([registrar(BORIS), also_anna])).accepted();
}

#[test]
fn a_registrar_who_signs_in_another_role_is_none() {
    let second_role = grant_role(ANNA, Role::SocialWorker)
        .signed_by([registrar(BORIS), registrar(VERA)])
        .hashed(Digest([0x5a; 32]));
    let given = given(office()).then_given(second_role);
    let as_social_worker = under(ANNA, Digest([0x5a; 32]));
    let draft = grant_role(GALYA, Role::Director);
    given
        .when(draft.clone().signed_by([registrar(BORIS), as_social_worker]))
        .refused(AuthorityError::RegistrarsMissing { kind: "RoleGranted", found: 1 });
    given.when(draft.signed_by([registrar(BORIS), registrar(ANNA)])).accepted();
}

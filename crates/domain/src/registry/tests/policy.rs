//! Kinds that take two of different roles, and one of a certain role.

use letopis_types::Class;

use super::*;
use crate::fact::{
    AccessDenied, BreakGlassReviewed, ErasureCompleted, FactsRead, InspectionOpened,
    LegalHoldLifted, SectionsErased,
};

fn policy() -> Draft {
    let fact = PolicyAdopted { text: "forbid (principal, action, resource);".into() };
    Draft::new(StreamKey::ROOT, Fact::PolicyAdopted(fact))
}

fn erase() -> Draft {
    in_case(Fact::SectionsErased(SectionsErased::Class(Class::Restricted)))
}

fn review() -> Draft {
    let fact = BreakGlassReviewed { opened: Digest([0x0b; 32]), justified: true };
    in_case(Fact::BreakGlassReviewed(fact))
}

fn by(signers: &[Signer], draft: &Draft) -> Result<Marks, AuthorityError> {
    department().when(signers.iter().fold(draft.clone(), |draft, signer| draft.and(*signer))).0
}

fn is_role_wrong(got: &Result<Marks, AuthorityError>) -> bool {
    matches!(got, Err(AuthorityError::RoleWrong { .. }))
}

#[test]
fn a_policy_takes_the_officer_and_two_registrars() {
    let (anna, boris, zora) = (registrar(ANNA), registrar(BORIS), granted(ZORA));
    assert!(by(&[anna, boris, zora], &policy()).is_ok());
    assert!(by(&[anna, granted(DIMO), zora, granted(GALYA)], &policy()).is_ok());
    let missing = |found| Err(AuthorityError::RegistrarsMissing { kind: "PolicyAdopted", found });
    assert_eq!(by(&[zora], &policy()), missing(0));
    assert_eq!(by(&[zora, anna], &policy()), missing(1));
    for other in [granted(ELENA), granted(FILIP), granted(GALYA), registrar(VERA)] {
        assert!(is_role_wrong(&by(&[anna, boris, other], &policy())), "{other:?}");
    }
}

#[test]
fn two_of_different_roles() {
    let (elena, filip, zora) = (granted(ELENA), granted(FILIP), granted(ZORA));
    for (draft, other, wrong) in [(erase(), filip, elena), (review(), elena, filip)] {
        assert!(by(&[zora, other], &draft).is_ok());
        assert!(by(&[zora, other, wrong, registrar(ANNA)], &draft).is_ok());
        for signers in
            [&[zora][..], &[other], &[zora, wrong], &[other, wrong], &[zora, registrar(ANNA)]]
        {
            assert!(is_role_wrong(&by(signers, &draft)), "{signers:?}");
        }
    }
}

/// One actor in both roles, who signs with two keys, is one actor.
#[test]
fn both_roles_of_one_actor_are_not_two_actors() {
    let second = Digest([0x5a; 32]);
    for (draft, role) in [(erase(), Role::Director), (review(), Role::HeadOfDepartment)] {
        let given = department()
            .then_given(grant_role(ZORA, role).hashed(second))
            .then_given(enrol_key(ZORA, NEW_KEY, KeyUse::Statement).and(granted(ZORA)));
        let also_zora = Signer { actor: ZORA, key: NEW_KEY, grant: Some(second) };
        let both = draft.clone().signed_by([granted(ZORA), also_zora]);
        assert!(is_role_wrong(&given.when(both.clone()).0));
        let other = if role == Role::Director { FILIP } else { ELENA };
        given.when(both.and(granted(other))).accepted();
    }
}

/// The kinds that take one signer of a certain role, whoever else signs.
#[test]
fn one_of_a_certain_role() {
    let officer = Role::DataProtectionOfficer;
    let hold = LegalHoldLifted { set: Digest([1; 32]) };
    let inspection = InspectionOpened {
        auditors: vec![GALYA],
        agency: Some(AGENCY),
        cases: Vec::new(),
        classes: Vec::new(),
        until_seconds: 0,
    };
    let root = |fact| Draft::new(StreamKey::ROOT, fact);
    for (draft, needed) in [
        (in_case(Fact::DisclosureRefused(proto::DisclosureRefused {})), Role::Director),
        (in_case(Fact::SubjectAccessAnswered(proto::SubjectAccessAnswered {})), officer),
        (in_case(Fact::BreachRecorded(proto::BreachRecorded {})), officer),
        (root(Fact::BreachRecorded(proto::BreachRecorded {})), officer),
        (in_case(Fact::LegalHoldSet(proto::LegalHoldSet {})), officer),
        (in_case(Fact::LegalHoldLifted(hold)), officer),
        (root(Fact::InspectionOpened(inspection)), Role::Auditor),
        (verify_qualification(GALYA, None, Digest([1; 32])), Role::Registrar),
    ] {
        for number in 1..=15 {
            let role = Role::try_from(number).unwrap();
            let given = given([genesis(), enrol_actor(GALYA), grant_role(GALYA, role)]);
            let got = given.when(draft.clone().signed_by([granted(GALYA)])).0;
            assert_eq!(got.is_ok(), role == needed, "{role:?}: {}", draft.statement.fact.name());
            assert_eq!(is_role_wrong(&got), role != needed);
        }
    }
}

#[test]
fn the_ledger_alone_signs_what_it_says_of_readings() {
    let (reader, purpose, token) = (GALYA, proto::Purpose::CaseWork, b"invented".to_vec());
    let file = StreamKey { kind: StreamKind::Case, id: StreamId([0xca; 16]) };
    let read = FactsRead { reader, purpose, token: token.clone(), files: vec![file] };
    let reason = proto::Denial::NoRule;
    let denied = AccessDenied { reader, purpose, token, file, reason, count: 1 };
    for fact in [
        Fact::FactsRead(read),
        Fact::AccessDenied(denied),
        Fact::ErasureCompleted(ErasureCompleted { erased: Digest([1; 32]) }),
    ] {
        let kind = fact.name();
        let draft = Draft::in_stream(StreamKind::Access, fact);
        assert!(by(&[ledger()], &draft).is_ok());
        for signers in [&[registrar(ANNA)][..], &[granted(GALYA)], &[ledger(), registrar(ANNA)]] {
            assert_eq!(by(signers, &draft), Err(AuthorityError::LedgerKind { kind }));
        }
    }
}

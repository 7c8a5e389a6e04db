//! Qualifications: in force or not, and what is done all the same.

use super::*;

const FIRST: Digest = Digest([0x9a; 32]);
const SECOND: Digest = Digest([0x9b; 32]);
const UNTIL: u64 = START + DAY;

/// Galya in a role, qualified until a day later.
fn qualified(role: Role) -> Given {
    given([genesis(), enrol_actor(GALYA), grant_role(GALYA, role)])
        .then_given(verify_qualification(GALYA, Some(UNTIL), FIRST))
}

fn expired() -> AuthorityError {
    AuthorityError::QualificationExpired { actor: GALYA }
}

fn marked() -> Marks {
    Marks { expired_qualification: true, ..Marks::default() }
}

fn note_by_galya() -> Draft {
    note().signed_by([granted(GALYA)])
}

#[test]
fn four_roles_take_one_that_is_in_force() {
    let take = [Role::SocialWorker, Role::HeadOfDepartment, Role::DutyOfficer, Role::Supervisor];
    for number in 1..=15 {
        let role = Role::try_from(number).unwrap();
        let given = qualified(role);
        for (at, in_force) in [
            (Timestamp::from_seconds(START), true),
            (Timestamp(Timestamp::from_seconds(UNTIL).0 - 1), true),
            (Timestamp::from_seconds(UNTIL), false),
        ] {
            let draft = Draft { at, ..note_by_galya() };
            if in_force || !take.contains(&role) {
                given.when(draft).accepted();
            } else {
                given.when(draft).refused(expired());
            }
        }
    }
}

#[test]
fn where_none_was_ever_verified_none_expires() {
    let given = given(office());
    given.when(note_by_galya().at(START + 10_000 * DAY)).accepted();
}

#[test]
fn one_without_a_term_is_in_force_until_it_is_ended() {
    let given = given(office()).then_given(verify_qualification(GALYA, None, FIRST));
    given.when(note_by_galya().at(START + 10_000 * DAY)).accepted();
    let end = expire_qualification(GALYA, FIRST).signed_by([registrar(ANNA)]);
    given.then_given(end).when(note_by_galya()).refused(expired());
}

#[test]
fn one_of_several_is_enough() {
    let given = given(office())
        .then_given(verify_qualification(GALYA, Some(UNTIL), FIRST))
        .then_given(verify_qualification(GALYA, Some(UNTIL + DAY), SECOND));
    given.when(note_by_galya().at(UNTIL)).accepted();
    given.when(note_by_galya().at(UNTIL + DAY)).refused(expired());
    let given = given.then_given(expire_qualification(GALYA, SECOND).signed_by([registrar(ANNA)]));
    given.when(note_by_galya().at(UNTIL - 1)).accepted();
    given.when(note_by_galya().at(UNTIL)).refused(expired());
}

#[test]
fn it_is_verified_again() {
    let again = verify_qualification(GALYA, Some(UNTIL + 9 * DAY), SECOND).at(UNTIL + DAY);
    let given = qualified(Role::SocialWorker).then_given(again);
    given.when(note_by_galya().at(UNTIL + DAY)).accepted();
}

/// Delay endangers a child: what is urgent stands on the record, marked for what it is.
#[test]
fn urgent_kinds_are_taken_and_marked() {
    use proto::{ChildMissing, ConflictDeclared, EmergencyActRecorded};
    let given = qualified(Role::SocialWorker);
    let signal = SignalReceived {
        children: vec![StreamId([0xc1; 16])],
        channel: proto::SignalChannel::Written,
        track: proto::Track::General,
        anonymous: false,
    };
    let opened = crate::fact::BreakGlassOpened {
        classes: vec![letopis_types::Class::Normal],
        until_seconds: (UNTIL + DAY) as i64,
    };
    for draft in [
        in_case(Fact::ChildMissing(ChildMissing {})),
        in_case(Fact::EmergencyActRecorded(EmergencyActRecorded { act: 2, age_band: 5 })),
        in_case(Fact::BreakGlassOpened(opened)),
        Draft::in_stream(StreamKind::Signal, Fact::SignalReceived(signal)),
        Draft::in_stream(StreamKind::Protected, Fact::ConflictDeclared(ConflictDeclared {})),
    ] {
        let draft = draft.signed_by([granted(GALYA)]);
        given.when(draft.clone().at(UNTIL - 1)).accepted();
        given.when(draft.at(UNTIL)).marked(marked());
    }
    for draft in [
        note(),
        in_case(Fact::AssessmentCompleted(proto::AssessmentCompleted { age_band: 2 })),
        in_case(Fact::CaseClosed(CaseClosed { observed: false, settled: Vec::new() })),
        in_case(Fact::Endorsed(proto::Endorsed {})),
    ] {
        given.when(draft.signed_by([granted(GALYA)]).at(UNTIL)).refused(expired());
    }
}

/// All others named must hold as well.
#[test]
fn one_signer_who_is_not_qualified_refuses_the_whole() {
    let given = department().then_given(verify_qualification(GALYA, Some(UNTIL), FIRST));
    let both = note().signed_by([granted(GALYA), granted(ELENA)]);
    given.when(both.clone().at(UNTIL - 1)).accepted();
    given.when(both.at(UNTIL)).refused(expired());
    // And is no holder who brings a key.
    let further = enrol_key(GALYA, NEW_KEY, KeyUse::Statement).and(granted(GALYA)).at(UNTIL);
    given.when(further).refused(expired());
}

/// It is the actor's, whose-ever role it is.
#[test]
fn whoever_stands_in_is_qualified_too() {
    let hash = Digest([0x5a; 32]);
    let delegation =
        delegate(FILIP, term(START, UNTIL + DAY), &[], hash).signed_by([granted(ELENA)]);
    let given = department().then_given(delegation).then_given(verify_qualification(
        FILIP,
        Some(UNTIL),
        FIRST,
    ));
    let as_head = note().signed_by([under(FILIP, hash)]).at(UNTIL);
    given.when(as_head).refused(AuthorityError::QualificationExpired { actor: FILIP });
    // A director takes none.
    given.when(note().signed_by([granted(FILIP)]).at(UNTIL)).accepted();
}

#[test]
fn only_one_of_the_actors_that_has_not_ended_is_ended() {
    let given = given(office())
        .then_given(verify_qualification(GALYA, Some(UNTIL), FIRST))
        .then_given(verify_qualification(DIMO, None, SECOND));
    let missing = AuthorityError::NotInForce { field: "verified" };
    let by_anna = |actor, hash| expire_qualification(actor, hash).signed_by([registrar(ANNA)]);
    for hash in [SECOND, grant_of(GALYA), GENESIS] {
        given.when(by_anna(GALYA, hash)).refused(missing.clone());
    }
    // One whose term is over has not ended.
    given.when(by_anna(GALYA, FIRST).at(UNTIL + DAY)).accepted();
    given.then_given(by_anna(GALYA, FIRST)).when(by_anna(GALYA, FIRST)).refused(missing);
}

//! Standing in: RoleDelegated and DutyRosterSet.

use super::*;

const HASH: Digest = Digest([0x5a; 32]);
const OTHER: Digest = Digest([0x5b; 32]);
const FROM: u64 = START + DAY;
const UNTIL: u64 = START + 2 * DAY;
const NOTE_ADDED: u32 = 101;
const CASE_OPENED: u32 = 100;

const UNDER_DELEGATION: Marks = Marks { under_delegation: true, expired_qualification: false };

/// To Galya, for a day.
fn delegation() -> Draft {
    delegate(GALYA, term(FROM, UNTIL), &[], HASH)
}

/// For Galya, two shifts of an hour with an hour between.
fn roster() -> Draft {
    let shift = |hour: u64| term(FROM + hour * 3600, FROM + (hour + 1) * 3600);
    set_roster(GALYA, &[shift(0), shift(2)], &[], HASH)
}

fn as_deputy() -> Signer {
    under(GALYA, HASH)
}

fn open_case() -> Draft {
    in_case(Fact::CaseOpened(CaseOpened { holder: AGENCY, lead: GALYA }))
}

fn alone(draft: &Draft) -> AuthorityError {
    AuthorityError::HolderAlone { kind: draft.statement.fact.name() }
}

#[test]
fn it_is_signed_in_a_role_that_can_be_handed_on() {
    for (draft, may) in [
        (delegation(), &[Role::HeadOfDepartment, Role::Director, Role::Superior][..]),
        (roster(), &[Role::HeadOfDepartment, Role::Director][..]),
    ] {
        for number in 1..=15 {
            let role = Role::try_from(number).unwrap();
            let given =
                given([genesis(), enrol_actor(GALYA)].into_iter().chain(staff(ELENA, role)));
            let got = given.when(draft.clone().signed_by([granted(ELENA)])).0;
            let is_role_wrong = matches!(got, Err(AuthorityError::RoleWrong { .. }));
            assert_eq!(got.is_ok(), may.contains(&role), "{role:?}");
            assert_eq!(is_role_wrong, !may.contains(&role), "{role:?}");
        }
    }
}

#[test]
fn it_is_signed_alone_for_another_under_a_grant_of_ones_own() {
    let given = department();
    for draft in [delegation(), roster()] {
        given.when(draft.clone().signed_by([granted(ELENA)])).accepted();
        for other in [granted(FILIP), granted(GALYA), registrar(ANNA)] {
            let both = draft.clone().signed_by([granted(ELENA), other]);
            given.when(both).refused(alone(&draft));
        }
        let mut to_herself = draft.clone().signed_by([granted(ELENA)]);
        to_herself.statement.stream.id = StreamId(ELENA.0);
        given.when(to_herself).refused(alone(&draft));
    }
    let handed_on = department().then_given(delegation().signed_by([granted(ELENA)]));
    for mut draft in [
        delegate(FILIP, term(FROM, UNTIL), &[], OTHER),
        set_roster(FILIP, &[term(FROM, UNTIL)], &[], OTHER),
    ] {
        draft = draft.signed_by([as_deputy()]).at(FROM);
        handed_on.when(draft.clone()).refused(alone(&draft));
    }
}

/// Two keys of the head are two signers.
#[test]
fn alone_is_one_signature() {
    let second = Signer { key: NEW_KEY, ..granted(ELENA) };
    let given =
        department().then_given(enrol_key(ELENA, NEW_KEY, KeyUse::Statement).and(granted(ELENA)));
    let draft = delegation();
    given.when(draft.clone().signed_by([granted(ELENA), second])).refused(alone(&draft));
}

#[test]
fn whom_it_concerns_is_enrolled() {
    let given = department();
    for mut draft in [delegation(), roster()] {
        draft.statement.stream.id = StreamId(STRANGER.0);
        given
            .when(draft.signed_by([granted(ELENA)]))
            .refused(AuthorityError::ActorUnknown { actor: STRANGER });
    }
}

#[test]
fn it_is_in_force_within_its_term_to_the_second() {
    let given = department().then_given(delegation().signed_by([granted(ELENA)]));
    let not_in_force = AuthorityError::GrantNotInForce { actor: GALYA, grant: HASH };
    for (at, in_force) in [
        (Timestamp(Timestamp::from_seconds(FROM).0 - 1), false),
        (Timestamp::from_seconds(FROM), true),
        (Timestamp(Timestamp::from_seconds(UNTIL).0 - 1), true),
        (Timestamp::from_seconds(UNTIL), false),
    ] {
        let draft = Draft { at, ..note().signed_by([as_deputy()]) };
        if in_force {
            given.when(draft).marked(UNDER_DELEGATION);
        } else {
            given.when(draft).refused(not_in_force.clone());
        }
    }
}

#[test]
fn a_roster_is_in_force_during_its_shifts() {
    let given = department().then_given(roster().signed_by([granted(ELENA)]));
    let not_in_force = AuthorityError::GrantNotInForce { actor: GALYA, grant: HASH };
    for (seconds, on_duty) in [
        (FROM - 1, false),
        (FROM, true),
        (FROM + 3599, true),
        (FROM + 3600, false),
        (FROM + 7199, false),
        (FROM + 7200, true),
        (FROM + 3 * 3600 - 1, true),
        (FROM + 3 * 3600, false),
    ] {
        let draft = open_case().signed_by([as_deputy()]).at(seconds);
        if on_duty {
            given.when(draft).marked(UNDER_DELEGATION);
        } else {
            given.when(draft).refused(not_in_force.clone());
        }
    }
}

/// Agency and region of the grant under which it was signed; its role, but for a roster.
#[test]
fn what_is_handed_on() {
    let given = department().then_given(delegation().signed_by([granted(ELENA)])).then_given(
        set_roster(GALYA, &[term(FROM, UNTIL)], &[], OTHER).signed_by([granted(FILIP)]),
    );
    let own = RoleInForce {
        grant: grant_of(GALYA),
        role: Role::SocialWorker,
        agency: None,
        region: None,
        delegated: false,
    };
    let handed = |grant, role| RoleInForce {
        grant,
        role,
        agency: Some(AGENCY),
        region: Some(REGION),
        delegated: true,
    };
    let (head, duty) = (handed(HASH, Role::HeadOfDepartment), handed(OTHER, Role::DutyOfficer));
    let roles = |seconds| -> Vec<_> {
        given.0.roles_in_force(&GALYA, Timestamp::from_seconds(seconds)).collect()
    };
    assert_eq!(roles(START), [own]);
    assert_eq!(roles(FROM), [own, head, duty]);
    assert_eq!(roles(UNTIL), [own]);
    assert_eq!(given.0.role_of(&as_deputy()), Some(head));
    assert_eq!(given.0.role_of(&under(GALYA, OTHER)), Some(duty));
    assert_eq!(given.0.role_of(&granted(GALYA)), Some(own));
    assert_eq!(given.0.role_of(&under(ELENA, HASH)), None);
    assert_eq!(given.0.role_of(&own_enrolment(GALYA, key_of(GALYA))), None);
    assert_eq!(given.0.role_of(&ledger()), None);
    let registrar_of_genesis = given.0.role_of(&registrar(ANNA)).unwrap();
    assert_eq!((registrar_of_genesis.role, registrar_of_genesis.agency), (Role::Registrar, None));
    // What the role may, and no more.
    given.when(open_case().signed_by([as_deputy()]).at(FROM)).marked(UNDER_DELEGATION);
    let refused = given.when(note_imported().signed_by([as_deputy()]).at(FROM)).0;
    assert!(matches!(refused, Err(AuthorityError::RoleWrong { .. })), "{refused:?}");
}

fn note_imported() -> Draft {
    let time = Instant { seconds: 0, nanos: 0, offset_minutes: 0 };
    in_case(Fact::HistoryImported(HistoryImported { activity: 1, time }))
}

#[test]
fn it_covers_the_kinds_that_it_lists() {
    let not_for = |kind| AuthorityError::NotDelegated { actor: GALYA, grant: HASH, kind };
    for draft in [
        delegate(GALYA, term(FROM, UNTIL), &[NOTE_ADDED, 4_000_000], HASH),
        set_roster(GALYA, &[term(FROM, UNTIL)], &[NOTE_ADDED, 4_000_000], HASH),
    ] {
        let given = department().then_given(draft.signed_by([granted(ELENA)]));
        given.when(note().signed_by([as_deputy()]).at(FROM)).marked(UNDER_DELEGATION);
        given.when(open_case().signed_by([as_deputy()]).at(FROM)).refused(not_for("CaseOpened"));
        // Urgent or not.
        let placed =
            Fact::EmergencyPlacementOrdered(proto::EmergencyPlacementOrdered { age_band: 5 });
        given
            .when(in_case(placed).signed_by([as_deputy()]).at(FROM))
            .refused(not_for("EmergencyPlacementOrdered"));
    }
    let other = delegate(GALYA, term(FROM, UNTIL), &[CASE_OPENED], HASH);
    let given = department().then_given(other.signed_by([granted(ELENA)]));
    given.when(note().signed_by([as_deputy()]).at(FROM)).refused(not_for("NoteAdded"));
}

#[test]
fn it_ends_with_the_grant_that_it_was_signed_under() {
    let given = |end: Draft| {
        let given = department().then_given(delegation().signed_by([granted(ELENA)]));
        given.then_given(end)
    };
    let not_in_force = AuthorityError::GrantNotInForce { actor: GALYA, grant: HASH };
    let ended = given(end_role(ELENA, grant_of(ELENA)).signed_by([registrar(ANNA)]));
    ended.when(note().signed_by([as_deputy()]).at(FROM)).refused(not_in_force.clone());
    let now = Timestamp::from_seconds(FROM);
    assert_eq!(ended.0.roles_in_force(&GALYA, now).count(), 1);
    // Another grant of the same role does not bring it back.
    let again = grant_role(ELENA, Role::HeadOfDepartment).hashed(OTHER);
    let ended = ended.then_given(again);
    ended.when(note().signed_by([as_deputy()]).at(FROM)).refused(not_in_force);
    // Neither does the end of another grant take it away.
    let other = given(grant_role(ELENA, Role::Clerk).hashed(OTHER))
        .then_given(end_role(ELENA, OTHER).signed_by([registrar(ANNA)]));
    other.when(note().signed_by([as_deputy()]).at(FROM)).marked(UNDER_DELEGATION);
}

#[test]
fn it_ends_with_the_holders_own_term() {
    let until = FROM + 3600;
    let head = grant_term(ELENA, Role::HeadOfDepartment, None, Some(until as i64));
    let given = given(office())
        .then_given(enrol_actor(ELENA))
        .then_given(head)
        .then_given(delegation().signed_by([granted(ELENA)]));
    given.when(note().signed_by([as_deputy()]).at(until - 1)).marked(UNDER_DELEGATION);
    given
        .when(note().signed_by([as_deputy()]).at(until))
        .refused(AuthorityError::GrantNotInForce { actor: GALYA, grant: HASH });
}

/// A suspended key is not an ended role.
#[test]
fn it_stays_while_the_holders_key_is_suspended() {
    let suspended = suspend_key(ELENA, key_of(ELENA)).signed_by([registrar(ANNA)]);
    let given =
        department().then_given(delegation().signed_by([granted(ELENA)])).then_given(suspended);
    given.when(note().signed_by([as_deputy()]).at(FROM)).marked(UNDER_DELEGATION);
}

#[test]
fn it_is_ended_by_a_registrar_the_actor_or_who_delegated_it() {
    for draft in [delegation(), roster()] {
        let given = department().then_given(draft.signed_by([granted(ELENA)]));
        let end = end_role(GALYA, HASH);
        let wrong = AuthorityError::RoleWrong {
            kind: "RoleEnded",
            needs: "a registrar or the actor".into(),
        };
        for other in [granted(FILIP), granted(ZORA)] {
            given.when(end.clone().signed_by([other])).refused(wrong.clone());
        }
        for signer in [registrar(ANNA), granted(GALYA), granted(ELENA)] {
            let ended = department().then_given(roster().signed_by([granted(ELENA)]));
            let ended = ended.then_given(end.clone().signed_by([signer]));
            ended
                .when(note().signed_by([as_deputy()]).at(FROM))
                .refused(AuthorityError::GrantNotInForce { actor: GALYA, grant: HASH });
        }
        // Who delegated one grant does not end the others.
        let own = end_role(GALYA, grant_of(GALYA)).signed_by([granted(ELENA)]);
        given.when(own).refused(wrong);
    }
}

/// The owner gives up what was delegated without naming it, or any other grant.
#[test]
fn whoever_stands_in_gives_it_up_without_a_role() {
    let given = department().then_given(delegation().signed_by([granted(ELENA)]));
    let owner = own_enrolment(GALYA, key_of(GALYA));
    given.when(end_role(GALYA, HASH).signed_by([owner])).accepted();
}

/// A delegated grant among those of a statement that others sign as well.
#[test]
fn it_counts_among_others() {
    let given = department().then_given(delegation().signed_by([granted(ELENA)]));
    let both = note().signed_by([as_deputy(), granted(FILIP)]).at(FROM);
    given.when(both).marked(UNDER_DELEGATION);
}

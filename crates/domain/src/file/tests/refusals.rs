//! What a file does not take.

use super::*;

fn not_in_force(field: &'static str) -> FileError {
    FileError::NotInForce { field }
}

fn until(seconds: u64) -> Option<i64> {
    Some(seconds as i64)
}

#[test]
fn whoever_declared_a_conflict_signs_only_what_is_urgent() {
    let given = given([case_opened(), conflict_declared(GALYA)]);
    let conflict = FileError::Conflict { actor: GALYA };
    given.when(note()).refused(conflict.clone());
    given.when(note().by([DIMO])).accepted();
    // Among others, and in every stream of the file.
    given.when(note().by([DIMO, GALYA])).refused(conflict.clone());
    let hold = hold_set(PROTECTED).by([GALYA, OFFICER]);
    given.when(hold).refused(conflict);
    // In no other file.
    let elsewhere = Draft::new(OTHER_CASE, Fact::NoteAdded(proto::NoteAdded {})).by([GALYA]);
    given.when(elsewhere).accepted();
    given.when(signal_received()).accepted();

    let placed = Fact::EmergencyPlacementOrdered(proto::EmergencyPlacementOrdered { age_band: 5 });
    let acted = Fact::EmergencyActRecorded(proto::EmergencyActRecorded { act: 2, age_band: 5 });
    for draft in [
        Draft::new(CASE, placed).by([GALYA]),
        Draft::new(CASE, acted).by([GALYA, DIMO]),
        break_glass().by([GALYA]),
        conflict_declared(GALYA),
    ] {
        given.when(draft.clone()).under_recusal();
        given.when(draft.by([DIMO])).accepted();
    }
}

#[test]
fn access_is_granted_by_the_head_to_another_for_some_time() {
    let given = given([case_opened()]);
    given.when(access_granted()).accepted();
    given.when(access_granted().by([HEAD, GALYA, OFFICER])).accepted();
    let needs = "the head of department";
    let kind = "AccessGranted";
    for actor in [OFFICER, DIRECTOR, GALYA, SUPERIOR] {
        given.when(access_granted().by([actor])).refused(FileError::RoleWrong { kind, needs });
    }
    given
        .when(access_granted().by([OFFICER, SUPERIOR]))
        .refused(FileError::RoleWrong { kind, needs });
    // The reader is not among the signers.
    given.when(access_granted().by([HEAD, ELENA])).refused(FileError::OwnCause { kind });
    let over = FileError::Term { allowed: "later than now" };
    given.when(access_granted().at(START + DAY - 1)).accepted();
    let mut last = access_granted();
    last.at = Timestamp(Timestamp::from_seconds(START + DAY).0 - 1);
    given.when(last).accepted();
    given.when(access_granted().at(START + DAY)).refused(over);
}

#[test]
fn a_reporters_identity_takes_the_officer_and_a_superior() {
    let given = given([signal_received()]);
    given.when(reporter_granted()).accepted();
    given.when(reporter_granted().by([OFFICER, SUPERIOR, GALYA])).accepted();
    let kind = "AccessGranted";
    let needs = "the data protection officer and a superior";
    let wrong = FileError::RoleWrong { kind, needs };
    for draft in [
        reporter_granted().by([OFFICER]),
        reporter_granted().by([SUPERIOR]),
        reporter_granted().by([HEAD]),
        reporter_granted().by([OFFICER, HEAD]),
        reporter_granted().by([SUPERIOR, HEAD]),
    ] {
        given.when(draft).refused(wrong.clone());
    }
    let own = reporter_granted().by([OFFICER, SUPERIOR, HANDLER]);
    given.when(own).refused(FileError::OwnCause { kind });
    given
        .when(reporter_granted().at(START + DAY))
        .refused(FileError::Term { allowed: "later than now" });
}

/// One actor in both roles, who signs with two keys.
#[test]
fn a_reporters_identity_takes_two_actors() {
    let mut given = given([signal_received()]);
    let fact = RoleGranted {
        role: Role::Superior,
        agency: None,
        region: None,
        from_seconds: None,
        until_seconds: None,
    };
    let stream = StreamKey { kind: StreamKind::Actor, id: StreamId(OFFICER.0) };
    let granted = Draft::new(stream, Fact::RoleGranted(fact)).hashed(0x5a);
    given.registry.evolve(&granted.placed(), &ID);
    let mut draft = reporter_granted().by([OFFICER]);
    let second = Signer { actor: OFFICER, key: PublicKey([0x5a; 32]), grant: Some(hash(0x5a)) };
    draft.statement.signers.push(second);
    let wrong = given.decide(&draft);
    assert!(matches!(wrong, Err(FileError::RoleWrong { .. })), "{wrong:?}");
    draft.statement.signers.push(signer(SUPERIOR));
    given.when(draft).accepted();
}

#[test]
fn only_a_grant_in_force_is_revoked() {
    let given = given([case_opened(), access_granted()]);
    given.when(access_revoked(0x23)).accepted();
    // One whose term is over was not revoked yet.
    given.when(access_revoked(0x23).at(START + 9 * DAY)).accepted();
    // What is not there, and what is there and is no grant.
    for byte in [0x99, 0x20] {
        given.when(access_revoked(byte)).refused(not_in_force("granted"));
    }
    let elsewhere = Fact::AccessRevoked(AccessRevoked { granted: hash(0x23) });
    given.when(Draft::new(OTHER_CASE, elsewhere).by([GALYA])).refused(not_in_force("granted"));
    let revoked = given.then_given(access_revoked(0x23));
    revoked.when(access_revoked(0x23)).refused(not_in_force("granted"));
}

#[test]
fn an_emergency_states_its_danger() {
    let given = given([case_opened()]);
    given.when(break_glass()).accepted();
    let without = |types: &[&str]| {
        let mut draft = break_glass();
        draft.statement.sections.clear();
        types.iter().fold(draft, |draft, payload_type| draft.with_section(payload_type))
    };
    for types in [&[][..], &["text/plain"], &["danger"], &["dangerous/1"], &["a/danger/1"]] {
        given.when(without(types)).refused(FileError::DangerMissing);
    }
    given.when(without(&["text/plain", "danger/"])).accepted();
}

#[test]
fn an_emergency_is_opened_by_the_reader_alone_for_at_most_24_hours() {
    let given = given([case_opened()]);
    let kind = "BreakGlassOpened";
    let needs = "the reader alone";
    given.when(break_glass().by([ELENA, HEAD])).refused(FileError::RoleWrong { kind, needs });
    let term = FileError::Term { allowed: "later than now, at most 24 hours" };
    // It says until when; what is compared with are whole seconds.
    given.when(break_glass().at(START - 1)).refused(term.clone());
    let mut draft = break_glass();
    draft.at = Timestamp(Timestamp::from_seconds(START).0 - 1);
    given.when(draft).refused(term.clone());
    let mut draft = break_glass();
    draft.at = Timestamp(Timestamp::from_seconds(START).0 + 999_999_999);
    given.when(draft).accepted();
    given.when(break_glass().at(START + DAY - 1)).accepted();
    given.when(break_glass().at(START + DAY)).refused(term.clone());
    given.when(break_glass().at(START + 9 * DAY)).refused(term);
}

#[test]
fn an_emergency_is_closed_once_by_whom_it_concerns() {
    let given = given([case_opened(), break_glass()]);
    for actor in [ELENA, OFFICER, HEAD] {
        given.when(glass_closed(0x25).by([actor])).accepted();
    }
    let needs = "who opened it, the data protection officer or the head";
    for actor in [GALYA, DIRECTOR, SUPERIOR] {
        let wrong = FileError::RoleWrong { kind: "BreakGlassClosed", needs };
        given.when(glass_closed(0x25).by([actor])).refused(wrong);
    }
    for byte in [0x99, 0x20] {
        given.when(glass_closed(byte)).refused(not_in_force("opened"));
    }
    // Also after its term.
    given.when(glass_closed(0x25).at(START + 9 * DAY)).accepted();
    let closed = given.then_given(glass_closed(0x25));
    closed.when(glass_closed(0x25)).refused(not_in_force("opened"));
    closed.when(glass_reviewed(0x25)).accepted();
}

#[test]
fn an_emergency_is_reviewed_once_and_not_by_who_opened_it() {
    let given = given([case_opened(), break_glass(), break_glass().by([HEAD]).hashed(0x30)]);
    given.when(glass_reviewed(0x25)).accepted();
    let own = FileError::OwnCause { kind: "BreakGlassReviewed" };
    given.when(glass_reviewed(0x25).by([OFFICER, HEAD, ELENA])).refused(own.clone());
    given.when(glass_reviewed(0x30)).refused(own);
    for byte in [0x99, 0x20] {
        given.when(glass_reviewed(byte)).refused(not_in_force("opened"));
    }
    let reviewed = given.then_given(glass_reviewed(0x25));
    reviewed.when(glass_reviewed(0x25)).refused(not_in_force("opened"));
    reviewed.when(glass_closed(0x25)).accepted();
}

#[test]
fn only_events_that_the_stream_had_are_shared() {
    // Two events; the share itself would be the third.
    let given = given([case_opened(), note()]);
    let listed = |version| vec![Released { version: Version(version), sections: vec![0] }];
    let unknown = FileError::EventUnknown { field: "shared" };
    for (version, known) in [(1, true), (2, true), (3, false), (u64::MAX, false)] {
        let mut both = listed(1);
        both.extend((version > 1).then(|| listed(version)).into_iter().flatten());
        let mut information = shared(SERVICE.0, None);
        let mut referral = referred();
        if let Fact::InformationShared(fact) = &mut information.statement.fact {
            fact.shared.clone_from(&both);
        }
        if let Fact::ServiceReferred(fact) = &mut referral.statement.fact {
            fact.shared.clone_from(&both);
        }
        for draft in [information, referral] {
            if known {
                given.when(draft).accepted();
            } else {
                given.when(draft).refused(unknown.clone());
            }
        }
    }
    let mut nothing = referred();
    if let Fact::ServiceReferred(fact) = &mut nothing.statement.fact {
        fact.shared.clear();
    }
    super::given([]).when(nothing).accepted();
}

#[test]
fn what_is_shared_is_shared_for_some_time() {
    let given = given([case_opened()]);
    let over = FileError::Term { allowed: "later than now" };
    given.when(shared(SERVICE.0, until(START))).refused(over.clone());
    given.when(shared(SERVICE.0, until(START - 1))).refused(over);
    given.when(shared(SERVICE.0, until(START + 1))).accepted();
    given.when(shared(SERVICE.0, until(START + 100_000 * DAY))).accepted();
}

#[test]
fn who_received_it_says_so() {
    let given = given([
        case_opened(),
        shared(SERVICE.0, None),
        shared(ELENA.0, None).hashed(0x30),
        referred(),
    ]);
    given.when(received(0x26)).accepted();
    given.when(received(0x26).by([GALYA, PROVIDER])).accepted();
    given.when(received(0x30).by([ELENA])).accepted();
    let wrong = FileError::RoleWrong { kind: "DisclosureReceived", needs: "the receiver" };
    given.when(received(0x26).by([ELENA])).refused(wrong.clone());
    given.when(received(0x30)).refused(wrong.clone());
    given.when(received(0x30).by([HANDLER])).refused(wrong);
    // What is not there; what is there and shares nothing; a referral.
    for byte in [0x99, 0x20, 0x27] {
        given.when(received(byte)).refused(not_in_force("shared"));
    }
    // Again, by another of the agency: nothing was answered by the first.
    given.clone().then_given(received(0x26)).when(received(0x26)).accepted();
}

#[test]
fn a_hold_is_lifted_once() {
    let given = given([hold_set(CASE)]);
    given.when(hold_lifted(CASE, 0x28)).accepted();
    given.when(hold_lifted(CASE, 0x99)).refused(not_in_force("set"));
    given.when(hold_lifted(OTHER_CASE, 0x28)).refused(not_in_force("set"));
    let lifted = given.then_given(hold_lifted(CASE, 0x28));
    lifted.when(hold_lifted(CASE, 0x28)).refused(not_in_force("set"));
}

#[test]
fn a_hold_bars_every_erasure_in_the_file() {
    let class = SectionsErased::Class(Class::Normal);
    let section = SectionsErased::Section { version: Version(1), index: 0 };
    let given = given([case_opened(), hold_set(CASE), hold_set(CASE).hashed(0x30)]);
    for draft in [erased(CASE, class), erased(CASE, section), erased(PROTECTED, class)] {
        given.when(draft).refused(FileError::LegalHold);
    }
    given.when(erased(OTHER_CASE, class)).accepted();
    given.when(erased(SIGNAL, class)).accepted();
    // Each of them has to be lifted.
    let one = given.then_given(hold_lifted(CASE, 0x28));
    one.when(erased(CASE, class)).refused(FileError::LegalHold);
    one.then_given(hold_lifted(CASE, 0x30)).when(erased(CASE, class)).accepted();
}

#[test]
fn only_what_is_there_is_erased() {
    // Two events; the erasure itself would be the third.
    let given = given([case_opened(), note(), conflict_declared(DIMO)]);
    let section = |stream, version| {
        erased(stream, SectionsErased::Section { version: Version(version), index: 9 })
    };
    let unknown = FileError::EventUnknown { field: "section" };
    given.when(section(CASE, 1)).accepted();
    given.when(section(CASE, 2)).accepted();
    given.when(section(CASE, 3)).refused(unknown.clone());
    given.when(section(CASE, u64::MAX)).refused(unknown.clone());
    given.when(section(PROTECTED, 1)).accepted();
    given.when(section(PROTECTED, 2)).refused(unknown);
    // A class of which there is nothing is erased all the same.
    given.when(erased(OTHER_CASE, SectionsErased::Class(Class::Normal))).accepted();
}

#[test]
fn a_case_is_transferred_to_another_agency() {
    given([]).when(proposed(VARNA, 0x40)).refused(not_in_force("to"));
    given([note()]).when(proposed(VARNA, 0x40)).refused(not_in_force("to"));
    let given = given([case_opened()]);
    given.when(proposed(SOFIA, 0x40)).refused(not_in_force("to"));
    given.when(proposed(VARNA, 0x40)).accepted();
    // A second proposal, to the same or to another.
    let given = given.then_given(proposed(VARNA, 0x40));
    given.when(proposed(VARNA, 0x41)).accepted();
    given.when(proposed(SERVICE, 0x41)).accepted();
}

#[test]
fn a_transfer_is_answered_once() {
    let given = given([case_opened(), proposed(VARNA, 0x40), proposed(SERVICE, 0x41)]);
    for (accept, reject) in [(accepted(0x40), rejected(0x40)), (accepted(0x41), rejected(0x41))] {
        given.when(accept).accepted();
        given.when(reject).accepted();
    }
    for byte in [0x99, 0x20] {
        given.when(accepted(byte)).refused(not_in_force("proposed"));
        given.when(rejected(byte)).refused(not_in_force("proposed"));
    }
    let rejected_one = given.clone().then_given(rejected(0x40));
    rejected_one.when(accepted(0x40)).refused(not_in_force("proposed"));
    rejected_one.when(rejected(0x40)).refused(not_in_force("proposed"));
    rejected_one.when(accepted(0x41)).accepted();
    // Once one is accepted, none is open any more.
    let moved = given.then_given(accepted(0x40));
    for byte in [0x40, 0x41] {
        moved.when(accepted(byte)).refused(not_in_force("proposed"));
        moved.when(rejected(byte)).refused(not_in_force("proposed"));
    }
}

#[test]
fn an_endorsement_endorses_one_statement_of_its_stream() {
    let given = given([case_opened()]);
    given.when(endorsed(0x20)).accepted();
    given.when(endorsed(0x20).to(Relation::BasedOn, CASE, 0x21)).accepted();
    given.when(endorsed(0x20).to(Relation::Endorses, SIGNAL, 0x21)).accepted();
    given
        .when(endorsed(0x20).to(Relation::Endorses, CASE, 0x21))
        .refused(FileError::EndorsesNothing);
    let bare = || Draft::new(CASE, Fact::Endorsed(proto::Endorsed {})).by([DIMO]);
    for draft in [
        bare(),
        bare().to(Relation::BasedOn, CASE, 0x20),
        bare().to(Relation::Endorses, PROTECTED, 0x20),
        bare().to(Relation::Endorses, OTHER_CASE, 0x20),
    ] {
        given.when(draft).refused(FileError::EndorsesNothing);
    }
}

/// The file is asked only what it knows of: other kinds pass, as long as nobody is conflicted.
#[test]
fn other_kinds_are_taken() {
    let given = given([]);
    given.when(note()).accepted();
    given.when(closed()).accepted();
    given.when(case_opened()).accepted();
    given.when(complaint_lodged()).accepted();
}

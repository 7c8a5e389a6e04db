//! What each kind changes in a file.

use super::*;

#[test]
fn a_case_has_one_holder_and_one_lead_from_the_start() {
    let file = given([case_opened()]).file(CASE);
    assert_eq!((file.holder, file.lead), (Some(SOFIA), Some(GALYA)));
    assert_eq!(file.region, Some(SOFIA_REGION));
    // Of the first signer's grant that has a region; the holder is as the fact says.
    let file = given([case_opened().by([OFFICER, ELENA, SUPERIOR])]).file(CASE);
    assert_eq!((file.holder, file.region), (Some(SOFIA), Some(VARNA_REGION)));
    let file = given([case_opened().by([OFFICER])]).file(CASE);
    assert_eq!((file.holder, file.region), (Some(SOFIA), None));
}

#[test]
fn a_case_comes_of_what_it_references() {
    let opened =
        case_opened().to(Relation::BasedOn, SIGNAL, 0x21).to(Relation::BasedOn, SIGNAL, 0x30);
    let given = given([signal_received(), opened]);
    assert_eq!(given.file(SIGNAL).cases, [CASE.id]);
    assert_eq!(given.file(SIGNAL).holder, Some(SOFIA));
    assert_eq!(given.file(CASE).cases, []);
    // Otherwise the signal's file is as it was.
    let alone = super::given([signal_received()]);
    let procedure = alone.file(SIGNAL).procedure;
    let signal = FileState { cases: Vec::new(), procedure, ..given.file(SIGNAL) };
    assert_eq!(signal, alone.file(SIGNAL));
}

#[test]
fn a_signal_is_held_where_it_was_received() {
    let given = given([signal_received().by([OFFICER, GALYA, DIMO])]);
    let file = given.file(SIGNAL);
    assert_eq!((file.holder, file.region), (Some(SOFIA), Some(SOFIA_REGION)));
    assert_eq!(file.intake, [OFFICER, GALYA, DIMO]);
    assert_eq!(file.lead, None);
    // What came first stays; whoever receives more is added.
    let file = given.then_given(signal_received().by([ELENA]).hashed(0x30)).file(SIGNAL);
    assert_eq!((file.holder, file.region), (Some(SOFIA), Some(SOFIA_REGION)));
    assert_eq!(file.intake, [OFFICER, GALYA, DIMO, ELENA]);
}

/// Agency and region may come of different grants, and of different events.
#[test]
fn a_signals_agency_and_region_are_each_the_first_that_there_is() {
    let file = given([signal_received().by([SUPERIOR, PROVIDER])]).file(SIGNAL);
    assert_eq!((file.holder, file.region), (Some(SERVICE), Some(VARNA_REGION)));
    let without = signal_received().by([OFFICER]);
    let later = signal_received().by([SUPERIOR]).hashed(0x30);
    let last = signal_received().by([GALYA]).hashed(0x31);
    let file = given([without.clone()]).file(SIGNAL);
    assert_eq!((file.holder, file.region), (None, None));
    let file = given([without.clone(), later.clone()]).file(SIGNAL);
    assert_eq!((file.holder, file.region), (None, Some(VARNA_REGION)));
    let file = given([without, later, last]).file(SIGNAL);
    assert_eq!((file.holder, file.region), (Some(SOFIA), Some(VARNA_REGION)));
}

#[test]
fn a_complaint_is_about_the_cases_that_it_complains_of() {
    let lodged = complaint_lodged()
        .to(Relation::ComplainsOf, CASE, 0x20)
        .to(Relation::ComplainsOf, CASE, 0x30)
        .to(Relation::BasedOn, OTHER_CASE, 0x31)
        .to(Relation::ComplainsOf, SIGNAL, 0x21);
    let given = given([case_opened(), signal_received(), lodged]);
    let file = given.file(COMPLAINT);
    assert_eq!((file.holder, file.region), (Some(VARNA), None));
    assert_eq!(file.cases, [CASE.id]);
    assert_eq!(given.file(CASE).complaints, [COMPLAINT.id]);
    assert_eq!(given.file(OTHER_CASE).complaints, [COMPLAINT.id]);
    assert_eq!(given.file(SIGNAL).complaints, []);
    assert_eq!(given.file(CASE).holder, Some(SOFIA));
    // A further one adds cases, and the holder stays.
    let further =
        complaint_lodged().by([GALYA]).hashed(0x32).to(Relation::ComplainsOf, OTHER_CASE, 0x31);
    let given = given.then_given(further);
    assert_eq!(given.file(COMPLAINT).holder, Some(VARNA));
    assert_eq!(given.file(COMPLAINT).cases, [CASE.id, OTHER_CASE.id]);
    assert_eq!(given.file(OTHER_CASE).complaints, [COMPLAINT.id]);
}

#[test]
fn handler_lead_and_team_are_the_last_that_were_named() {
    let handler = |handler| {
        let fact = Fact::HandlerAssigned(HandlerAssigned { handler });
        Draft::new(COMPLAINT, fact).by([SUPERIOR])
    };
    let lead =
        |lead| Draft::new(CASE, Fact::LeadAssigned(LeadAssigned { lead: Some(lead) })).by([HEAD]);
    let team = |members: &[ActorId]| {
        let fact = Fact::TeamConvened(TeamConvened {
            mechanism: proto::Mechanism::Coordination,
            members: members.to_vec(),
        });
        Draft::new(CASE, fact).by([GALYA])
    };
    let given = given([complaint_lodged(), handler(DIMO), handler(HANDLER)]);
    assert_eq!(given.file(COMPLAINT).handler, Some(HANDLER));
    let given =
        super::given([case_opened(), lead(DIMO), team(&[GALYA, DIMO]), team(&[DIMO, ELENA])]);
    assert_eq!(given.file(CASE).lead, Some(DIMO));
    assert_eq!(given.file(CASE).team, [DIMO, ELENA]);
}

#[test]
fn a_transfer_moves_the_case() {
    let team = Fact::TeamConvened(TeamConvened {
        mechanism: proto::Mechanism::Coordination,
        members: vec![DIMO],
    });
    let given = given([
        case_opened(),
        Draft::new(CASE, team).by([GALYA]),
        proposed(VARNA, 0x40),
        proposed(SERVICE, 0x41),
    ]);
    let before = given.file(CASE);
    assert_eq!(before.proposed, [(hash(0x40), VARNA), (hash(0x41), SERVICE)]);
    assert_eq!((before.holder, before.former), (Some(SOFIA), vec![]));

    let stays = given.clone().then_given(rejected(0x41)).file(CASE);
    assert_eq!(stays.proposed, [(hash(0x40), VARNA)]);
    assert_eq!((stays.holder, stays.lead, stays.team), (Some(SOFIA), Some(GALYA), vec![DIMO]));

    let moved = given.then_given(accepted(0x40));
    let file = moved.file(CASE);
    assert_eq!((file.holder, file.region), (Some(VARNA), Some(VARNA_REGION)));
    assert_eq!((file.lead, file.team, file.proposed), (None, vec![], vec![]));
    assert_eq!(file.former, [SOFIA]);
    // And back, and away again: each former holder once.
    let back = moved.then_given(proposed(SOFIA, 0x42)).then_given(accepted(0x42).by([HEAD]));
    assert_eq!(back.file(CASE).holder, Some(SOFIA));
    assert_eq!(back.file(CASE).region, Some(SOFIA_REGION));
    let away = back.then_given(proposed(VARNA, 0x43)).then_given(accepted(0x43).by([OFFICER]));
    assert_eq!(away.file(CASE).former, [SOFIA, VARNA]);
    assert_eq!((away.file(CASE).holder, away.file(CASE).region), (Some(VARNA), None));
}

#[test]
fn a_case_is_closed() {
    assert!(!given([case_opened()]).file(CASE).closed);
    assert!(given([case_opened(), closed()]).file(CASE).closed);
}

#[test]
fn a_conflict_is_declared_in_the_protected_stream_and_counts_in_the_whole_file() {
    let given = given([
        case_opened(),
        conflict_declared(GALYA),
        conflict_declared(GALYA).by([GALYA, ELENA]),
    ]);
    assert_eq!(given.file(CASE).conflicts, [GALYA, ELENA]);
    assert_eq!(given.file(OTHER_CASE).conflicts, []);
}

#[test]
fn an_endorsement_is_of_its_own_stream() {
    let draft = endorsed(0x20).by([DIMO, ELENA]).to(Relation::Endorses, OTHER_CASE, 0x31).to(
        Relation::BasedOn,
        CASE,
        0x32,
    );
    let file = given([case_opened(), draft]).file(CASE);
    assert_eq!(file.endorsements, [(hash(0x20), DIMO), (hash(0x20), ELENA)]);
}

#[test]
fn access_is_granted_to_a_reader_for_a_purpose_and_revoked() {
    let given = given([access_granted()]);
    let file = given.file(CASE);
    let may = |reader, purpose, class, of_reporter, seconds| {
        let now = Timestamp::from_seconds(seconds);
        file.is_granted(&reader, purpose, class, of_reporter, now)
    };
    let normal = Some(Class::Normal);
    assert!(may(ELENA, Purpose::Court, normal, false, START));
    assert!(may(ELENA, Purpose::Court, Some(Class::Restricted), false, START));
    assert!(may(ELENA, Purpose::Court, None, false, START + DAY - 1));
    assert!(!may(ELENA, Purpose::Court, normal, false, START + DAY));
    assert!(!may(ELENA, Purpose::Court, Some(Class::VeryRestricted), false, START));
    assert!(!may(ELENA, Purpose::CaseWork, normal, false, START));
    assert!(!may(ELENA, Purpose::Court, normal, true, START));
    assert!(!may(GALYA, Purpose::Court, normal, false, START));
    let revoked = given.then_given(access_revoked(0x23)).file(CASE);
    assert!(!revoked.is_granted(&ELENA, Purpose::Court, normal, false, now()));
}

#[test]
fn a_reporters_identity_is_granted_by_itself() {
    let file = given([signal_received(), reporter_granted()]).file(SIGNAL);
    let review = Purpose::ComplaintReview;
    let class = Some(Class::VeryRestricted);
    assert!(file.is_granted(&HANDLER, review, class, true, now()));
    assert!(!file.is_granted(&HANDLER, review, class, false, now()));
    assert!(!file.is_granted(&ELENA, review, class, true, now()));
}

#[test]
fn emergency_access_lasts_until_its_term_or_until_it_is_closed() {
    let given = given([case_opened(), break_glass()]);
    let file = given.file(CASE);
    assert_eq!(file.emergencies[0].opened_at, now());
    let may = |file: &FileState, reader, class, seconds| {
        file.is_emergency(&reader, class, Timestamp::from_seconds(seconds))
    };
    assert!(may(&file, ELENA, Some(Class::Restricted), START));
    assert!(may(&file, ELENA, None, START + DAY - 1));
    assert!(!may(&file, ELENA, None, START + DAY));
    assert!(!may(&file, ELENA, Some(Class::Normal), START));
    assert!(!may(&file, GALYA, None, START));
    // A review does not close it.
    let reviewed = given.clone().then_given(glass_reviewed(0x25)).file(CASE);
    assert!(reviewed.emergencies[0].reviewed && may(&reviewed, ELENA, None, START));
    let closed = given.then_given(glass_closed(0x25)).file(CASE);
    assert!(!closed.emergencies[0].reviewed && !may(&closed, ELENA, None, START));
}

#[test]
fn what_is_shared_is_what_is_listed_until_its_term() {
    let until = (START + DAY) as i64;
    let agency = Some(SERVICE);
    let file = given([case_opened(), shared(SERVICE.0, Some(until))]).file(CASE);
    let at = |kind, version, index| Some((kind, Version(version), index));
    let case = StreamKind::Case;
    let may = |reader, agency, section, seconds| {
        file.is_shared(&reader, agency, section, Timestamp::from_seconds(seconds))
    };
    assert!(may(PROVIDER, agency, at(case, 1, 1), START));
    assert!(may(PROVIDER, agency, None, START + DAY - 1));
    assert!(!may(PROVIDER, agency, None, START + DAY));
    assert!(!may(PROVIDER, agency, at(case, 1, 0), START));
    assert!(!may(PROVIDER, agency, at(case, 2, 1), START));
    // The version counts in the stream that the share stands in.
    assert!(!may(PROVIDER, agency, at(StreamKind::Protected, 1, 1), START));
    assert!(!may(PROVIDER, None, None, START));
    assert!(!may(ELENA, Some(VARNA), None, START));

    let to_actor = given([case_opened(), shared(ELENA.0, Some(until))]).file(CASE);
    assert!(to_actor.is_shared(&ELENA, Some(VARNA), None, now()));
    assert!(!to_actor.is_shared(&DIMO, Some(VARNA), None, now()));
}

#[test]
fn what_has_no_term_is_shared_until_the_case_is_closed() {
    let later = Timestamp::from_seconds(START + 1000 * DAY);
    for draft in [shared(SERVICE.0, None), referred()] {
        let given = given([case_opened(), draft]);
        assert!(given.file(CASE).is_shared(&PROVIDER, Some(SERVICE), None, later));
        let closed = given.then_given(closed()).file(CASE);
        assert!(!closed.is_shared(&PROVIDER, Some(SERVICE), None, later));
    }
    let until = Some((START + DAY) as i64);
    let with_term = given([case_opened(), shared(SERVICE.0, until), closed()]).file(CASE);
    assert!(with_term.is_shared(&PROVIDER, Some(SERVICE), None, now()));
}

fn holds(file: FileState) -> Vec<Digest> {
    file.holds.into_iter().map(|(hold, _)| hold).collect()
}

#[test]
fn a_hold_is_set_and_lifted() {
    let given = given([hold_set(CASE), hold_set(PROTECTED).hashed(0x30)]);
    assert_eq!(holds(given.file(CASE)), [hash(0x28), hash(0x30)]);
    // In its own stream: nothing elsewhere names what stands in a protected one.
    given.when(hold_lifted(CASE, 0x30)).refused(FileError::NotInForce { field: "set" });
    assert_eq!(holds(given.then_given(hold_lifted(CASE, 0x28)).file(CASE)), [hash(0x30)]);
}

#[test]
fn an_erasure_is_of_what_came_before_it_in_its_stream() {
    // Versions 1 to 3 of the case; the erasure is version 4.
    let class = erased(CASE, SectionsErased::Class(Class::Restricted));
    let file = given([case_opened(), note(), note(), class]).file(CASE);
    let (case, restricted) = (StreamKind::Case, Class::Restricted);
    for (version, is_erased) in [(1, true), (3, true), (4, false), (5, false)] {
        assert_eq!(file.is_erased(case, Version(version), 0, restricted), is_erased);
        assert!(!file.is_erased(case, Version(version), 0, Class::Normal));
        assert!(!file.is_erased(StreamKind::Protected, Version(version), 0, restricted));
    }
    let section = SectionsErased::Section { version: Version(2), index: 5 };
    let file = given([case_opened(), note(), erased(CASE, section)]).file(CASE);
    for class in Class::ALL {
        assert!(file.is_erased(case, Version(2), 5, class));
        assert!(!file.is_erased(case, Version(2), 4, class));
        assert!(!file.is_erased(case, Version(1), 5, class));
    }
}

/// Versions of the protected stream are counted by themselves.
#[test]
fn an_erasure_in_the_protected_stream_leaves_the_case_alone() {
    let class = erased(PROTECTED, SectionsErased::Class(Class::Restricted));
    let file = given([case_opened(), note(), conflict_declared(DIMO), class]).file(CASE);
    let is_erased = |kind, version| file.is_erased(kind, Version(version), 0, Class::Restricted);
    assert!(is_erased(StreamKind::Protected, 1));
    assert!(!is_erased(StreamKind::Protected, 2));
    assert!(!is_erased(StreamKind::Case, 1));
}

#[test]
fn holds_and_erasures_are_of_any_file() {
    for stream in [STAFF, CASE, PROTECTED, SIGNAL, PERSON, COMPLAINT] {
        let erased = erased(stream, SectionsErased::Class(Class::Normal));
        let given = given([erased, hold_set(stream)]);
        let file = given.file(file_of(&stream).unwrap());
        assert_eq!((file.erasures.len(), file.holds.len()), (1, 1));
    }
}

/// Kinds that decide on no reading or writing: nothing but what the procedure remembers changes.
#[test]
fn other_kinds_change_nothing_about_access() {
    let of_case = [
        Fact::NoteAdded(proto::NoteAdded {}),
        Fact::ChildHeard(proto::ChildHeard { age_band: 1 }),
        Fact::PersonLinked(proto::PersonLinked {}),
        Fact::DisclosureRefused(proto::DisclosureRefused {}),
        Fact::SubjectAccessAnswered(proto::SubjectAccessAnswered {}),
        Fact::ConsentGiven(proto::ConsentGiven { age_band: 1 }),
        Fact::EmergencyPlacementOrdered(proto::EmergencyPlacementOrdered { age_band: 1 }),
    ];
    let mut given = given([case_opened(), shared(PROVIDER.0, None)]);
    let before = given.file(CASE);
    for fact in of_case {
        given.evolve(&Draft::new(CASE, fact).by([GALYA]));
    }
    given.evolve(&received(0x26));
    let procedure = before.procedure.clone();
    assert_eq!(FileState { procedure, ..given.file(CASE) }, before);
}

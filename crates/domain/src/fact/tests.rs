//! The table of kinds against the catalogue, and what each message refuses.

use letopis_proto::KINDS;
use letopis_types::{
    ActorId, AgencyId, Class, Digest, LedgerId, StreamId, StreamKey, StreamKind, Version,
};

use super::*;

mod refusals;

use StreamKind::{Access, Actor, Case, Complaint, Person, Protected, Root, Signal};

/// Additive and exclusive.
const A: bool = false;
const E: bool = true;

/// It may still change; delay endangers a child.
const RELIED_ON: (bool, bool) = (false, false);
const URGENT: (bool, bool) = (false, true);
const UNSTABLE: (bool, bool) = (true, false);
const UNSTABLE_URGENT: (bool, bool) = (true, true);

/// Where what is said of a file may stand.
const FILES: &[StreamKind] = &[Actor, Case, Protected, Signal, Person, Complaint];
/// Where access is given.
const ACCESSIBLE: &[StreamKind] = &[Case, Protected, Signal, Complaint];

/// A row: number, name, exclusive, streams, unstable and urgent.
type Row = (u32, &'static str, bool, &'static [StreamKind], (bool, bool));

/// The kinds as proto/README.md lists them. To be compared with it by eye; a released kind's row
/// never changes.
const CATALOGUE: [Row; 61] = [
    (1, "Genesis", A, &[Root], RELIED_ON),
    (2, "ActorEnrolled", A, &[Actor], RELIED_ON),
    (3, "KeyEnrolled", A, &[Actor], RELIED_ON),
    (4, "KeyRevoked", A, &[Actor], RELIED_ON),
    (5, "RoleGranted", E, &[Actor], RELIED_ON),
    (6, "RoleEnded", A, &[Actor], RELIED_ON),
    (7, "KeyRotated", A, &[Actor], RELIED_ON),
    (8, "KeySuspended", A, &[Actor], RELIED_ON),
    (9, "KeyReinstated", A, &[Actor], RELIED_ON),
    (10, "KeyCompromised", A, &[Actor], RELIED_ON),
    (11, "QualificationVerified", A, &[Actor], RELIED_ON),
    (12, "QualificationExpired", A, &[Actor], RELIED_ON),
    (13, "RoleDelegated", E, &[Actor], RELIED_ON),
    (14, "DutyRosterSet", A, &[Actor], RELIED_ON),
    (15, "PolicyAdopted", E, &[Root], RELIED_ON),
    (40, "HistoryImported", A, &[Case], RELIED_ON),
    (60, "SectionsRead", A, &[Access], RELIED_ON),
    (61, "FactsRead", A, &[Access], RELIED_ON),
    (62, "AccessDenied", A, &[Access], RELIED_ON),
    (63, "AccessGranted", E, ACCESSIBLE, RELIED_ON),
    (64, "AccessRevoked", A, ACCESSIBLE, RELIED_ON),
    (65, "BreakGlassOpened", A, &[Case, Signal], URGENT),
    (66, "BreakGlassClosed", A, &[Case, Signal], RELIED_ON),
    (67, "BreakGlassReviewed", A, &[Case, Signal], RELIED_ON),
    (68, "InformationShared", A, &[Case], RELIED_ON),
    (69, "DisclosureReceived", A, &[Case], RELIED_ON),
    (70, "DisclosureRefused", A, &[Case], RELIED_ON),
    (71, "SubjectAccessAnswered", A, &[Case], RELIED_ON),
    (72, "BreachRecorded", A, &[Root, Case], RELIED_ON),
    (73, "SectionsErased", E, FILES, RELIED_ON),
    (74, "ErasureCompleted", A, &[Access], RELIED_ON),
    (75, "LegalHoldSet", E, FILES, RELIED_ON),
    (76, "LegalHoldLifted", E, FILES, RELIED_ON),
    (100, "CaseOpened", E, &[Case], RELIED_ON),
    (101, "NoteAdded", A, &[Case], RELIED_ON),
    (110, "SignalReceived", A, &[Signal], UNSTABLE_URGENT),
    (111, "SignalAssessed", E, &[Signal], UNSTABLE),
    (112, "LeadAssigned", E, &[Case], UNSTABLE),
    (113, "AssessmentCompleted", E, &[Case], UNSTABLE),
    (114, "ChildHeard", A, &[Case], UNSTABLE),
    (115, "PlanAdopted", E, &[Case], UNSTABLE),
    (116, "VisitRecorded", A, &[Case], UNSTABLE),
    (117, "ReviewHeld", A, &[Case], UNSTABLE),
    (118, "CaseClosed", E, &[Case], UNSTABLE),
    (119, "PersonLinked", A, &[Case], UNSTABLE),
    (120, "PersonUnlinked", A, &[Case], UNSTABLE),
    (121, "TeamConvened", A, &[Case], UNSTABLE),
    (122, "ServiceReferred", A, &[Case], UNSTABLE),
    (123, "ConflictDeclared", A, &[Protected], UNSTABLE_URGENT),
    (124, "Endorsed", A, FILES, UNSTABLE),
    (125, "EmergencyPlacementOrdered", E, &[Case], UNSTABLE_URGENT),
    (126, "EmergencyActRecorded", A, &[Case], UNSTABLE_URGENT),
    (127, "TransferProposed", E, &[Case], UNSTABLE),
    (128, "TransferAccepted", E, &[Case], UNSTABLE),
    (129, "TransferRejected", E, &[Case], UNSTABLE),
    (130, "ConsentGiven", A, &[Case], UNSTABLE),
    (131, "ConsentRefused", A, &[Case], UNSTABLE),
    (132, "ConsentWithdrawn", A, &[Case], UNSTABLE),
    (133, "InspectionOpened", A, &[Root], UNSTABLE),
    (134, "ComplaintLodged", A, &[Complaint], UNSTABLE),
    (135, "HandlerAssigned", E, &[Complaint], UNSTABLE),
];

fn registrar(byte: u8) -> proto::Registrar {
    proto::Registrar { actor: vec![byte; 16], statement_key: vec![byte; 32] }
}

fn key(key_use: proto::KeyUse) -> Option<proto::EnrolledKey> {
    Some(proto::EnrolledKey { public_key: vec![1; 32], r#use: key_use.into() })
}

fn released(version: u64, sections: &[u32]) -> proto::ReleasedSections {
    proto::ReleasedSections { version, sections: sections.into() }
}

fn genesis() -> proto::Genesis {
    proto::Genesis {
        name: "n".into(),
        procedure: "bg".into(),
        trial: false,
        registrars: vec![registrar(1), registrar(2), registrar(3)],
        statement_key: vec![4; 32],
        checkpoint_key: vec![5; 32],
        previous_ledger: Vec::new(),
    }
}

fn sections_read() -> proto::SectionsRead {
    proto::SectionsRead {
        reader: vec![1; 16],
        purpose: 1,
        token: b"t".to_vec(),
        kind: 3,
        released: vec![released(1, &[0])],
    }
}

fn role_granted() -> proto::RoleGranted {
    proto::RoleGranted { role: 1, ..Default::default() }
}

fn history_imported() -> proto::HistoryImported {
    let time = Some(proto::Instant { seconds: 0, nanos: 0, offset_minutes: 0 });
    proto::HistoryImported { activity: 1, time }
}

fn case_opened() -> proto::CaseOpened {
    proto::CaseOpened { holder: vec![1; 16], lead: vec![2; 16] }
}

fn signal_received() -> proto::SignalReceived {
    proto::SignalReceived { channel: 1, children: vec![vec![1; 16]] }
}

fn facts_read() -> proto::FactsRead {
    let files = vec![stream(Case, 1)];
    proto::FactsRead { reader: vec![1; 16], purpose: 1, token: b"t".to_vec(), files }
}

fn access_denied() -> proto::AccessDenied {
    proto::AccessDenied {
        reader: vec![1; 16],
        purpose: 1,
        token: b"t".to_vec(),
        file: Some(stream(Case, 1)),
        reason: 1,
        count: 1,
    }
}

fn stream(kind: StreamKind, id: u8) -> proto::Stream {
    proto::Stream { kind: kind as i32, id: vec![id; 16] }
}

fn access_granted() -> proto::AccessGranted {
    proto::AccessGranted {
        reader: vec![1; 16],
        classes: vec![1],
        purpose: 1,
        until_seconds: 0,
        complaint: Vec::new(),
    }
}

fn break_glass_opened() -> proto::BreakGlassOpened {
    proto::BreakGlassOpened { classes: vec![1], until_seconds: 0 }
}

fn information_shared() -> proto::InformationShared {
    let shared = vec![released(1, &[0])];
    proto::InformationShared { receiver: vec![1; 16], shared, until_seconds: None }
}

fn sections_erased(version: u64, index: u32) -> proto::SectionsErased {
    let section = proto::ErasedSection { version, index };
    proto::SectionsErased { what: Some(proto::sections_erased::What::Section(section)) }
}

fn inspection_opened() -> proto::InspectionOpened {
    proto::InspectionOpened {
        auditors: vec![vec![1; 16]],
        agency: vec![1; 16],
        cases: Vec::new(),
        classes: Vec::new(),
        until_seconds: 0,
    }
}

fn key_rotated() -> proto::KeyRotated {
    proto::KeyRotated { key: key(proto::KeyUse::Token), replaces: vec![2; 32] }
}

fn role_delegated() -> proto::RoleDelegated {
    proto::RoleDelegated { from_seconds: 0, until_seconds: 1, kinds: Vec::new() }
}

fn duty_roster_set() -> proto::DutyRosterSet {
    let shifts = vec![proto::Shift { from_seconds: 0, until_seconds: 1 }];
    proto::DutyRosterSet { shifts, kinds: Vec::new() }
}

fn team_convened() -> proto::TeamConvened {
    proto::TeamConvened { mechanism: 1, members: vec![vec![1; 16]] }
}

/// The smallest valid message of each kind, by name.
fn smallest() -> Vec<(&'static str, Kind)> {
    let mut kinds = smallest_of_registry();
    kinds.push(("HistoryImported", Kind::HistoryImported(history_imported())));
    kinds.extend(smallest_of_access());
    kinds.extend(smallest_of_cases());
    kinds
}

fn smallest_of_registry() -> Vec<(&'static str, Kind)> {
    let statement = proto::KeyUse::Statement;
    vec![
        ("Genesis", Kind::Genesis(genesis())),
        (
            "ActorEnrolled",
            Kind::ActorEnrolled(proto::ActorEnrolled { kind: 1, key: key(statement) }),
        ),
        ("KeyEnrolled", Kind::KeyEnrolled(proto::KeyEnrolled { key: key(proto::KeyUse::Token) })),
        ("KeyRevoked", Kind::KeyRevoked(proto::KeyRevoked { public_key: vec![1; 32] })),
        ("RoleGranted", Kind::RoleGranted(role_granted())),
        ("RoleEnded", Kind::RoleEnded(proto::RoleEnded { grant: vec![1; 32] })),
        ("KeyRotated", Kind::KeyRotated(key_rotated())),
        ("KeySuspended", Kind::KeySuspended(proto::KeySuspended { public_key: vec![1; 32] })),
        ("KeyReinstated", Kind::KeyReinstated(proto::KeyReinstated { public_key: vec![1; 32] })),
        (
            "KeyCompromised",
            Kind::KeyCompromised(proto::KeyCompromised {
                public_key: vec![1; 32],
                since_sequence: 0,
            }),
        ),
        ("QualificationVerified", Kind::QualificationVerified(Default::default())),
        (
            "QualificationExpired",
            Kind::QualificationExpired(proto::QualificationExpired { verified: vec![1; 32] }),
        ),
        ("RoleDelegated", Kind::RoleDelegated(role_delegated())),
        ("DutyRosterSet", Kind::DutyRosterSet(duty_roster_set())),
        ("PolicyAdopted", Kind::PolicyAdopted(proto::PolicyAdopted { text: "x".into() })),
    ]
}

fn smallest_of_access() -> Vec<(&'static str, Kind)> {
    vec![
        ("SectionsRead", Kind::SectionsRead(sections_read())),
        ("FactsRead", Kind::FactsRead(facts_read())),
        ("AccessDenied", Kind::AccessDenied(access_denied())),
        ("AccessGranted", Kind::AccessGranted(access_granted())),
        ("AccessRevoked", Kind::AccessRevoked(proto::AccessRevoked { granted: vec![1; 32] })),
        ("BreakGlassOpened", Kind::BreakGlassOpened(break_glass_opened())),
        (
            "BreakGlassClosed",
            Kind::BreakGlassClosed(proto::BreakGlassClosed { opened: vec![1; 32] }),
        ),
        (
            "BreakGlassReviewed",
            Kind::BreakGlassReviewed(proto::BreakGlassReviewed {
                opened: vec![1; 32],
                justified: false,
            }),
        ),
        ("InformationShared", Kind::InformationShared(information_shared())),
        (
            "DisclosureReceived",
            Kind::DisclosureReceived(proto::DisclosureReceived { shared: vec![1; 32] }),
        ),
        ("DisclosureRefused", Kind::DisclosureRefused(Default::default())),
        ("SubjectAccessAnswered", Kind::SubjectAccessAnswered(Default::default())),
        ("BreachRecorded", Kind::BreachRecorded(Default::default())),
        ("SectionsErased", Kind::SectionsErased(sections_erased(1, 0))),
        (
            "ErasureCompleted",
            Kind::ErasureCompleted(proto::ErasureCompleted { erased: vec![1; 32] }),
        ),
        ("LegalHoldSet", Kind::LegalHoldSet(Default::default())),
        ("LegalHoldLifted", Kind::LegalHoldLifted(proto::LegalHoldLifted { set: vec![1; 32] })),
    ]
}

fn smallest_of_cases() -> Vec<(&'static str, Kind)> {
    vec![
        ("CaseOpened", Kind::CaseOpened(case_opened())),
        ("NoteAdded", Kind::NoteAdded(Default::default())),
        ("SignalReceived", Kind::SignalReceived(signal_received())),
        ("SignalAssessed", Kind::SignalAssessed(proto::SignalAssessed { outcome: 1 })),
        ("LeadAssigned", Kind::LeadAssigned(proto::LeadAssigned { lead: vec![1; 16] })),
        ("AssessmentCompleted", Kind::AssessmentCompleted(Default::default())),
        ("ChildHeard", Kind::ChildHeard(proto::ChildHeard { age_band: 1 })),
        ("PlanAdopted", Kind::PlanAdopted(Default::default())),
        ("VisitRecorded", Kind::VisitRecorded(Default::default())),
        ("ReviewHeld", Kind::ReviewHeld(Default::default())),
        ("CaseClosed", Kind::CaseClosed(Default::default())),
        ("PersonLinked", Kind::PersonLinked(Default::default())),
        ("PersonUnlinked", Kind::PersonUnlinked(proto::PersonUnlinked { linked: vec![1; 32] })),
        ("TeamConvened", Kind::TeamConvened(team_convened())),
        (
            "ServiceReferred",
            Kind::ServiceReferred(proto::ServiceReferred {
                provider: vec![1; 16],
                shared: Vec::new(),
            }),
        ),
        ("ConflictDeclared", Kind::ConflictDeclared(Default::default())),
        ("Endorsed", Kind::Endorsed(Default::default())),
        ("EmergencyPlacementOrdered", Kind::EmergencyPlacementOrdered(Default::default())),
        ("EmergencyActRecorded", Kind::EmergencyActRecorded(Default::default())),
        ("TransferProposed", Kind::TransferProposed(proto::TransferProposed { to: vec![1; 16] })),
        (
            "TransferAccepted",
            Kind::TransferAccepted(proto::TransferAccepted { proposed: vec![1; 32] }),
        ),
        (
            "TransferRejected",
            Kind::TransferRejected(proto::TransferRejected { proposed: vec![1; 32] }),
        ),
        ("ConsentGiven", Kind::ConsentGiven(proto::ConsentGiven { age_band: 1 })),
        ("ConsentRefused", Kind::ConsentRefused(proto::ConsentRefused { age_band: 1 })),
        (
            "ConsentWithdrawn",
            Kind::ConsentWithdrawn(proto::ConsentWithdrawn { given: vec![1; 32] }),
        ),
        ("InspectionOpened", Kind::InspectionOpened(inspection_opened())),
        ("ComplaintLodged", Kind::ComplaintLodged(Default::default())),
        ("HandlerAssigned", Kind::HandlerAssigned(proto::HandlerAssigned { handler: vec![1; 16] })),
    ]
}

fn fact(kind: Kind) -> Result<Fact, FormError> {
    Fact::from_proto(&proto::Fact { kind: Some(kind) })
}

#[test]
fn the_protos_and_the_table_have_the_same_kinds() {
    let mut protos: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
    let mut table = NAMES.to_vec();
    protos.sort_unstable();
    table.sort_unstable();
    assert_eq!(table, protos);
}

#[test]
fn the_protos_say_what_the_catalogue_says() {
    assert_eq!(KINDS.len(), CATALOGUE.len());
    for (kind, (number, name, exclusive, streams, (unstable, urgent))) in
        KINDS.iter().zip(CATALOGUE)
    {
        let streams: Vec<_> = streams.iter().map(|stream| stream.number()).collect();
        let expected =
            KindInfo { number, name, exclusive, streams: kind.streams, unstable, urgent };
        assert_eq!(*kind, expected);
        assert_eq!(kind.streams, streams, "{name}");
    }
}

#[test]
fn each_kind_is_accepted_from_its_smallest_message() {
    let smallest = smallest();
    let names: Vec<_> = smallest.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>());
    for (name, kind) in smallest {
        let fact = fact(kind).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(fact.name(), name);
        assert_eq!(fact.kind().name, name, "the kind is in the protos' table");
    }
}

/// The last column of the catalogue.
fn needs(name: &str) -> Needs {
    use Role::{
        Auditor, DataProtectionOfficer, Director, DutyOfficer, HeadOfDepartment, Registrar,
        SocialWorker, Superior,
    };
    const OFFICER: &[Role] = &[DataProtectionOfficer];
    match name {
        "Genesis" => Needs::GenesisKeys,
        "ActorEnrolled" | "KeyEnrolled" | "KeyRotated" => Needs::RegistrarsAndKey,
        "RoleGranted" | "KeyReinstated" => Needs::Registrars,
        "KeyRevoked" | "RoleEnded" | "KeySuspended" | "KeyCompromised" | "QualificationExpired" => {
            Needs::RegistrarOrSelf
        }
        "HistoryImported" | "QualificationVerified" => Needs::OneOf(&[Registrar]),
        "RoleDelegated" => Needs::RoleHolderAlone(&[HeadOfDepartment, Director, Superior]),
        "DutyRosterSet" => Needs::RoleHolderAlone(&[HeadOfDepartment, Director]),
        "PolicyAdopted" => Needs::RegistrarsAnd(DataProtectionOfficer),
        "SectionsRead" | "FactsRead" | "AccessDenied" | "ErasureCompleted" => Needs::Ledger,
        // Which of them it takes depends on the fact; the file sees to that.
        "AccessGranted" => Needs::OneOf(&[HeadOfDepartment, DataProtectionOfficer]),
        "BreakGlassReviewed" => Needs::BothOf(OFFICER, &[HeadOfDepartment]),
        "DisclosureRefused" => Needs::OneOf(&[Director]),
        "SubjectAccessAnswered" | "BreachRecorded" | "LegalHoldSet" | "LegalHoldLifted" => {
            Needs::OneOf(OFFICER)
        }
        "SectionsErased" => Needs::BothOf(OFFICER, &[Director]),
        "CaseOpened" => Needs::OneOf(&[SocialWorker, DutyOfficer, HeadOfDepartment]),
        "InspectionOpened" => Needs::OneOf(&[Auditor]),
        _ => Needs::AnyRole,
    }
}

#[test]
fn each_kind_needs_the_signers_of_the_catalogue() {
    for (name, kind) in smallest() {
        assert_eq!(fact(kind).unwrap().needs(), needs(name), "{name}");
    }
}

#[test]
fn enrolled_keys_are_those_to_be_checked_for_torsion() {
    for (name, kind) in smallest() {
        let keys: Vec<_> = fact(kind).unwrap().enrolled_keys().iter().map(|key| key.0[0]).collect();
        let expected: &[u8] = match name {
            "Genesis" => &[1, 2, 3, 4, 5],
            "ActorEnrolled" | "KeyEnrolled" | "KeyRotated" => &[1],
            _ => &[],
        };
        assert_eq!(keys, expected, "{name}");
    }
}

#[test]
fn a_fact_without_a_member_is_missing() {
    let error = Fact::from_proto(&proto::Fact { kind: None }).unwrap_err();
    assert_eq!(error, FormError::Missing { field: "fact" });
}

#[test]
fn values_are_taken_over() {
    let full = proto::RoleGranted {
        role: Role::Director.into(),
        agency: vec![7; 16],
        region: Some(0),
        from_seconds: Some(-1),
        until_seconds: Some(0),
    };
    let expected = RoleGranted {
        role: Role::Director,
        agency: Some(AgencyId([7; 16])),
        region: Some(0),
        from_seconds: Some(-1),
        until_seconds: Some(0),
    };
    assert_eq!(fact(Kind::RoleGranted(full)), Ok(Fact::RoleGranted(expected)));

    let later = proto::Genesis { trial: true, previous_ledger: vec![9; 32], ..genesis() };
    let Ok(Fact::Genesis(genesis)) = fact(Kind::Genesis(later)) else { panic!("no genesis") };
    assert!(genesis.trial);
    assert_eq!(genesis.previous_ledger, Some(LedgerId([9; 32])));
    assert_eq!(genesis.signers().last(), Some(&(PublicKey([5; 32]), ActorId::LEDGER)));

    let read = proto::SectionsRead {
        released: vec![released(1, &[0, 31]), released(9, &[5])],
        ..sections_read()
    };
    let Ok(Fact::SectionsRead(read)) = fact(Kind::SectionsRead(read)) else { panic!("no reading") };
    assert_eq!(read.released[1], Released { version: Version(9), sections: vec![5] });
    assert_eq!((read.kind, read.reader), (Case, ActorId([1; 16])));
}

//! The table of kinds against the catalogue, and what each message refuses.

use letopis_proto::KINDS;
use letopis_types::{
    ActorId, AgencyId, Class, Digest, LedgerId, StreamId, StreamKey, StreamKind, Version,
};

use super::*;

mod refusals;

use StreamKind::{Access, Actor, Case, Clocks, Complaint, Person, Protected, Root, Signal};

/// Additive and exclusive.
const A: bool = false;
const E: bool = true;

/// It may still change; delay endangers a child.
const RELIED_ON: (bool, bool) = (false, false);
const URGENT: (bool, bool) = (false, true);
const UNSTABLE: (bool, bool) = (true, false);

/// Where what is said of a file may stand.
const FILES: &[StreamKind] = &[Actor, Case, Protected, Signal, Person, Complaint];
/// Where access is given.
const ACCESSIBLE: &[StreamKind] = &[Case, Protected, Signal, Complaint];

/// A row: number, name, exclusive, streams, unstable and urgent.
type Row = (u32, &'static str, bool, &'static [StreamKind], (bool, bool));

/// The kinds as proto/README.md lists them. To be compared with it by eye; a released kind's row
/// never changes.
const CATALOGUE: [Row; 138] = [
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
    (16, "ProfileAdopted", E, &[Root], RELIED_ON),
    (17, "RefusalsCounted", A, &[Root], RELIED_ON),
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
    (102, "PersonRecorded", A, &[Person], RELIED_ON),
    (103, "PersonCorrected", A, &[Person], RELIED_ON),
    (104, "PersonsMerged", A, &[Person], RELIED_ON),
    (105, "PersonsSeparated", A, &[Person], RELIED_ON),
    (110, "SignalReceived", A, &[Signal], URGENT),
    (111, "SignalAssessed", E, &[Signal], RELIED_ON),
    (112, "LeadAssigned", E, &[Case], RELIED_ON),
    (113, "AssessmentCompleted", E, &[Case], RELIED_ON),
    (114, "ChildHeard", A, &[Case], RELIED_ON),
    (115, "PlanAdopted", E, &[Case], RELIED_ON),
    (116, "VisitRecorded", A, &[Case], RELIED_ON),
    (117, "ReviewHeld", A, &[Case], RELIED_ON),
    (118, "CaseClosed", E, &[Case], RELIED_ON),
    (119, "PersonLinked", A, &[Case], RELIED_ON),
    (120, "PersonUnlinked", A, &[Case], RELIED_ON),
    (121, "TeamConvened", A, &[Case], RELIED_ON),
    (122, "ServiceReferred", A, &[Case], RELIED_ON),
    (123, "ConflictDeclared", A, &[Protected], URGENT),
    (124, "Endorsed", A, FILES, RELIED_ON),
    (125, "EmergencyPlacementOrdered", E, &[Case], URGENT),
    (126, "EmergencyActRecorded", A, &[Case], URGENT),
    (127, "TransferProposed", E, &[Case], RELIED_ON),
    (128, "TransferAccepted", E, &[Case], RELIED_ON),
    (129, "TransferRejected", E, &[Case], RELIED_ON),
    (130, "ConsentGiven", A, &[Case], RELIED_ON),
    (131, "ConsentRefused", A, &[Case], RELIED_ON),
    (132, "ConsentWithdrawn", A, &[Case], RELIED_ON),
    (133, "InspectionOpened", A, &[Root], RELIED_ON),
    (134, "ComplaintLodged", A, &[Complaint], UNSTABLE),
    (135, "HandlerAssigned", E, &[Complaint], UNSTABLE),
    (136, "SignalAssigned", E, &[Signal], RELIED_ON),
    (137, "SignalJoined", E, &[Signal], RELIED_ON),
    (138, "SignalForwarded", A, &[Signal], RELIED_ON),
    (139, "SignalNotPursued", E, &[Signal], RELIED_ON),
    (140, "SenderNotified", A, &[Signal], RELIED_ON),
    (141, "PoliceProtectionRecorded", A, &[Protected], URGENT),
    (142, "EmergencyStudyCompleted", A, &[Case], RELIED_ON),
    (143, "ProsecutorNotified", A, &[Protected], URGENT),
    (144, "EndorsementRefused", A, &[Case, Protected, Signal], RELIED_ON),
    (145, "EndorsementLapsed", A, &[Case, Protected, Signal], RELIED_ON),
    (146, "SignatureAttested", A, &[Case], RELIED_ON),
    (147, "TeamMet", A, &[Case], RELIED_ON),
    (148, "TeamPlanAdopted", E, &[Case], RELIED_ON),
    (149, "CommitmentFulfilled", A, &[Case], RELIED_ON),
    (150, "CommitmentMissed", A, &[Case], RELIED_ON),
    (151, "PlanAmended", E, &[Case], RELIED_ON),
    (152, "InstructionIssued", E, &[Case], RELIED_ON),
    (153, "ReferralAccepted", A, &[Case], RELIED_ON),
    (154, "ReferralDeclined", A, &[Case], RELIED_ON),
    (155, "ServiceReported", A, &[Case], RELIED_ON),
    (156, "ServiceEnded", A, &[Case], RELIED_ON),
    (157, "AidDecided", E, &[Case], RELIED_ON),
    (158, "CarerConsentRecorded", A, &[Case], RELIED_ON),
    (159, "FileShownToParty", A, &[Case], RELIED_ON),
    (160, "PartyCommented", A, &[Case], RELIED_ON),
    (161, "AccessPostponed", A, &[Case], RELIED_ON),
    (162, "PlacementOrdered", E, &[Case], RELIED_ON),
    (163, "OrderServed", A, &[Case], RELIED_ON),
    (164, "OrderDeemedServed", A, &[Case], RELIED_ON),
    (165, "ExecutionOrdered", E, &[Case], RELIED_ON),
    (166, "ExecutionSuspended", E, &[Case], RELIED_ON),
    (167, "CourtRequestFiled", A, &[Case], RELIED_ON),
    (168, "CourtDecisionRecorded", A, &[Case], RELIED_ON),
    (169, "CourtReportFiled", A, &[Case], RELIED_ON),
    (170, "ProtectionOrderSought", A, &[Case], RELIED_ON),
    (171, "CustodySuitFiled", A, &[Case], RELIED_ON),
    (172, "MeasureRequestedByParty", A, &[Case], RELIED_ON),
    (173, "ChildMissing", A, &[Case], URGENT),
    (174, "ChildFound", A, &[Case], URGENT),
    (175, "ChildDied", A, &[Case], URGENT),
    (176, "AppealFiled", A, &[Case], RELIED_ON),
    (177, "AppealForwarded", A, &[Case], RELIED_ON),
    (178, "AppealDecided", A, &[Case], RELIED_ON),
    (179, "PlacementStarted", E, &[Case], RELIED_ON),
    (180, "PlacementChanged", E, &[Case], RELIED_ON),
    (181, "PlacementEnded", E, &[Case], RELIED_ON),
    (182, "SupervisionHeld", A, &[Case], RELIED_ON),
    (183, "EffectivenessChecked", A, &[Case], RELIED_ON),
    (184, "DeadlineMissed", A, &[Root, Protected, Clocks], RELIED_ON),
    (185, "DelayExplained", A, &[Case, Protected, Signal], RELIED_ON),
    (186, "ChildInformed", A, &[Case], RELIED_ON),
    (187, "ChildNotHeard", A, &[Case], RELIED_ON),
    (188, "WeightOfViewsExplained", A, &[Case], RELIED_ON),
    (189, "FamilyHeard", A, &[Case], RELIED_ON),
    (190, "ProtectiveOpinionGiven", A, &[Case], RELIED_ON),
    (191, "ObservationRecorded", A, &[Case], RELIED_ON),
    (192, "CaseVoided", E, &[Case], RELIED_ON),
    (193, "CasesMerged", E, &[Case], RELIED_ON),
    (194, "EventMisfiled", E, &[Case, Protected], RELIED_ON),
    (195, "CompetenceDecided", E, &[Case], RELIED_ON),
    (196, "CaseReopened", E, &[Case], RELIED_ON),
    (197, "NewCaseLinked", A, &[Case], RELIED_ON),
    (198, "EventCorrected", E, &[Case, Protected, Signal, Person], RELIED_ON),
    (199, "DisputeNoted", A, &[Case, Signal, Person], RELIED_ON),
    (200, "DocumentAdded", A, &[Case, Protected, Signal], RELIED_ON),
    (201, "DocumentCertified", A, &[Case, Protected, Signal], RELIED_ON),
    (202, "FeedbackGiven", A, &[Case, Complaint], RELIED_ON),
    (203, "InspectionFinding", A, &[Root], RELIED_ON),
    (204, "InspectionInstruction", A, &[Root], RELIED_ON),
    (205, "InspectionComplied", A, &[Root], RELIED_ON),
    (206, "CourtReportRequested", A, &[Case], RELIED_ON),
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
    proto::SignalReceived { channel: 1, children: vec![vec![1; 16]], track: 1, anonymous: false }
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
        (
            "ProfileAdopted",
            Kind::ProfileAdopted(proto::ProfileAdopted { text: "x".into(), effective_day: None }),
        ),
        (
            "RefusalsCounted",
            Kind::RefusalsCounted(proto::RefusalsCounted {
                day: 0,
                counts: vec![proto::RefusalCount { reason: 1, count: 1 }],
            }),
        ),
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

/// The kinds about cases, each as the stories tell it.
fn smallest_of_cases() -> Vec<(&'static str, Kind)> {
    let told = |name: &str| crate::testing::Story::new(1).tell(name).fact;
    let other = |name| match name {
        "DeadlineMissed" => Kind::DeadlineMissed(deadline_missed()),
        "DelayExplained" => {
            Kind::DelayExplained(proto::DelayExplained { clock: 1, started_by: vec![1; 32] })
        }
        "ComplaintLodged" => Kind::ComplaintLodged(Default::default()),
        "HandlerAssigned" => Kind::HandlerAssigned(proto::HandlerAssigned { handler: vec![1; 16] }),
        _ => told(name),
    };
    let cases = KINDS.iter().filter(|kind| kind.number >= 100);
    cases.map(|kind| (kind.name, other(kind.name))).collect()
}

fn deadline_missed() -> proto::DeadlineMissed {
    proto::DeadlineMissed {
        clock: 1,
        started_by: vec![1; 32],
        subject: vec![2; 32],
        due_seconds: 0,
        file: Case.number() as i32,
    }
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

/// The column "signer" of the catalogue. "SW" may be the head as well, who acts as lead where there is none.
fn needs(name: &str) -> Needs {
    use Role::{
        Auditor, Clerk, ComplaintHandler, DataProtectionOfficer, Director, DutyOfficer,
        HeadOfDepartment, Provider, Registrar, SocialWorker, Superior, Supervisor, TeamMember,
    };
    const DPO: &[Role] = &[DataProtectionOfficer];
    const SW: &[Role] = &[SocialWorker, HeadOfDepartment];
    const SW_DUT: &[Role] = &[SocialWorker, DutyOfficer, HeadOfDepartment];
    const SW_CLERK: &[Role] = &[SocialWorker, HeadOfDepartment, Clerk];
    const SW_DIR: &[Role] = &[SocialWorker, HeadOfDepartment, Director];
    const HD: &[Role] = &[HeadOfDepartment];
    const DIR: &[Role] = &[Director];
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
        "ProfileAdopted" => Needs::RegistrarsAnd(Director),
        "SectionsRead" | "FactsRead" | "AccessDenied" | "ErasureCompleted" | "DeadlineMissed"
        | "RefusalsCounted" => Needs::Ledger,
        // Which of them it takes depends on the fact; the file sees to that.
        "AccessGranted" => Needs::OneOf(&[HeadOfDepartment, DataProtectionOfficer]),
        "BreakGlassReviewed" => Needs::BothOf(DPO, HD),
        "SubjectAccessAnswered" | "BreachRecorded" | "LegalHoldSet" | "LegalHoldLifted" => {
            Needs::OneOf(DPO)
        }
        "SectionsErased" => Needs::BothOf(DPO, DIR),
        "CaseOpened"
        | "PersonRecorded"
        | "SignalReceived"
        | "SenderNotified"
        | "EmergencyActRecorded"
        | "ChildMissing"
        | "ChildDied" => Needs::OneOf(SW_DUT),
        "PoliceProtectionRecorded" => {
            Needs::OneOf(&[SocialWorker, HeadOfDepartment, DutyOfficer, TeamMember])
        }
        "PersonCorrected"
        | "PersonLinked"
        | "PersonUnlinked"
        | "SignalAssessed"
        | "SignalNotPursued"
        | "EmergencyStudyCompleted"
        | "AssessmentCompleted"
        | "TeamConvened"
        | "TeamMet"
        | "TeamPlanAdopted"
        | "PlanAdopted"
        | "PlanAmended"
        | "CarerConsentRecorded"
        | "AccessPostponed"
        | "CourtDecisionRecorded"
        | "ReviewHeld"
        | "DelayExplained"
        | "ChildInformed"
        | "ChildHeard"
        | "ChildNotHeard"
        | "WeightOfViewsExplained"
        | "FamilyHeard"
        | "ConsentGiven"
        | "ConsentRefused"
        | "ConsentWithdrawn"
        | "CaseClosed"
        | "ObservationRecorded" => Needs::OneOf(SW),
        "SignatureAttested"
        | "FileShownToParty"
        | "PartyCommented"
        | "OrderServed"
        | "OrderDeemedServed"
        | "MeasureRequestedByParty"
        | "DocumentCertified" => Needs::OneOf(SW_CLERK),
        "ExecutionOrdered"
        | "ExecutionSuspended"
        | "CourtReportRequested"
        | "CourtReportFiled"
        | "ProtectionOrderSought"
        | "CustodySuitFiled" => Needs::OneOf(SW_DIR),
        "SignalForwarded" => Needs::OneOf(&[HeadOfDepartment, Director]),
        "SignalAssigned" | "SignalJoined" | "LeadAssigned" | "PersonsMerged"
        | "PersonsSeparated" | "TransferProposed" | "TransferAccepted" | "TransferRejected"
        | "CaseReopened" | "NewCaseLinked" => Needs::OneOf(HD),
        "DisclosureRefused"
        | "EmergencyPlacementOrdered"
        | "ProsecutorNotified"
        | "InstructionIssued"
        | "ServiceReferred"
        | "AidDecided"
        | "PlacementOrdered"
        | "CourtRequestFiled"
        | "AppealFiled"
        | "AppealForwarded"
        | "AppealDecided"
        | "EffectivenessChecked"
        | "ProtectiveOpinionGiven"
        | "InspectionComplied" => Needs::OneOf(DIR),
        "PlacementStarted" | "PlacementChanged" | "PlacementEnded" => Needs::BothOf(SW, DIR),
        "CaseVoided" | "CasesMerged" => Needs::BothOf(HD, DIR),
        "SupervisionHeld" => Needs::BothOf(&[Supervisor], SW),
        "ReferralAccepted" | "ReferralDeclined" | "ServiceReported" | "ServiceEnded" => {
            Needs::OneOf(&[Provider])
        }
        "CompetenceDecided" => Needs::OneOf(&[Superior]),
        "VisitRecorded" => {
            Needs::OneOf(&[SocialWorker, HeadOfDepartment, DutyOfficer, TeamMember, Provider])
        }
        "DocumentAdded" => Needs::OneOf(&[
            SocialWorker,
            HeadOfDepartment,
            Director,
            DutyOfficer,
            TeamMember,
            Clerk,
        ]),
        "DisputeNoted" | "FeedbackGiven" => Needs::OneOf(&[
            SocialWorker,
            HeadOfDepartment,
            ComplaintHandler,
            DataProtectionOfficer,
            Clerk,
        ]),
        "InspectionOpened" | "InspectionFinding" | "InspectionInstruction" => {
            Needs::OneOf(&[Auditor])
        }
        _ => Needs::AnyRole,
    }
}

/// The "+" of the column "signer" that confirm.
fn confirmed_by(name: &str) -> Groups {
    use Role::{Director, HeadOfDepartment};
    match name {
        "SignalAssessed"
        | "SignalNotPursued"
        | "EmergencyStudyCompleted"
        | "AssessmentCompleted"
        | "PlanAdopted"
        | "PlanAmended"
        | "CourtDecisionRecorded"
        | "DelayExplained" => &[&[HeadOfDepartment, Director]],
        "CaseClosed" => &[&[HeadOfDepartment], &[Director]],
        _ => &[],
    }
}

#[test]
fn each_kind_is_confirmed_by_the_signers_of_the_catalogue() {
    for (name, kind) in smallest() {
        assert_eq!(fact(kind).unwrap().confirmed_by(), confirmed_by(name), "{name}");
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

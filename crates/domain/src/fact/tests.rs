//! The table of kinds against the catalogue, and what each message refuses.

use letopis_proto::KINDS;
use letopis_types::{ActorId, LedgerId, StreamKind, Version};

use super::*;

use StreamKind::{Access, Actor, Case, Root, Signal};

/// The kinds as proto/README.md lists them: number, name, exclusive, streams, unstable. To be
/// compared with it by eye; a released kind's row never changes.
const CATALOGUE: [(u32, &str, bool, StreamKind, bool); 19] = [
    (1, "Genesis", false, Root, false),
    (2, "ActorEnrolled", false, Actor, false),
    (3, "KeyEnrolled", false, Actor, false),
    (4, "KeyRevoked", false, Actor, false),
    (5, "RoleGranted", true, Actor, false),
    (6, "RoleEnded", false, Actor, false),
    (40, "HistoryImported", false, Case, false),
    (60, "SectionsRead", false, Access, false),
    (100, "CaseOpened", true, Case, false),
    (101, "NoteAdded", false, Case, false),
    (110, "SignalReceived", false, Signal, true),
    (111, "SignalAssessed", true, Signal, true),
    (112, "LeadAssigned", true, Case, true),
    (113, "AssessmentCompleted", true, Case, true),
    (114, "ChildHeard", false, Case, true),
    (115, "PlanAdopted", true, Case, true),
    (116, "VisitRecorded", false, Case, true),
    (117, "ReviewHeld", false, Case, true),
    (118, "CaseClosed", true, Case, true),
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

/// The smallest valid message of each kind, by name.
fn smallest() -> Vec<(&'static str, Kind)> {
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
        ("HistoryImported", Kind::HistoryImported(history_imported())),
        ("SectionsRead", Kind::SectionsRead(sections_read())),
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
    let protos: Vec<_> = KINDS
        .iter()
        .map(|kind| (kind.number, kind.name, kind.exclusive, kind.streams, kind.unstable))
        .collect();
    let numbers = CATALOGUE.map(|(.., stream, _)| [stream.number()]);
    let catalogue: Vec<_> = CATALOGUE
        .iter()
        .zip(&numbers)
        .map(|((number, name, exclusive, _, unstable), streams)| {
            (*number, *name, *exclusive, &streams[..], *unstable)
        })
        .collect();
    assert_eq!(protos, catalogue);
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
#[test]
fn each_kind_needs_the_signers_of_the_catalogue() {
    let opens = Needs::OneOf(&[Role::SocialWorker, Role::DutyOfficer, Role::HeadOfDepartment]);
    for (name, kind) in smallest() {
        let expected = match name {
            "Genesis" => Needs::GenesisKeys,
            "ActorEnrolled" | "KeyEnrolled" => Needs::RegistrarsAndKey,
            "RoleGranted" => Needs::Registrars,
            "KeyRevoked" | "RoleEnded" => Needs::RegistrarOrSelf,
            "HistoryImported" => Needs::OneOf(&[Role::Registrar]),
            "SectionsRead" => Needs::Ledger,
            "CaseOpened" => opens,
            _ => Needs::AnyRole,
        };
        assert_eq!(fact(kind).unwrap().needs(), expected, "{name}");
    }
}

#[test]
fn enrolled_keys_are_those_to_be_checked_for_torsion() {
    for (name, kind) in smallest() {
        let keys: Vec<_> = fact(kind).unwrap().enrolled_keys().iter().map(|key| key.0[0]).collect();
        let expected: &[u8] = match name {
            "Genesis" => &[1, 2, 3, 4, 5],
            "ActorEnrolled" | "KeyEnrolled" => &[1],
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
        agency: Some([7; 16]),
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

fn missing(field: &'static str) -> FormError {
    FormError::Missing { field }
}

fn length(field: &'static str, length: usize, expected: &'static str) -> FormError {
    FormError::Length { field, length, expected }
}

fn range(field: &'static str, allowed: &'static str) -> FormError {
    FormError::Range { field, allowed }
}

/// Bytes that are not there, and bytes of a wrong length.
#[track_caller]
fn refuses_lengths(make: impl Fn(Vec<u8>) -> Kind, field: &'static str, expected: &'static str) {
    assert_eq!(fact(make(Vec::new())), Err(missing(field)));
    let right: usize = expected.parse().unwrap();
    for wrong in [1, right - 1, right + 1] {
        assert_eq!(fact(make(vec![7; wrong])), Err(length(field, wrong, expected)));
    }
    assert!(fact(make(vec![7; right])).is_ok());
}

/// A change of a valid message, and what it is then refused with.
type Refusal<M> = (fn(&mut M), FormError);

#[track_caller]
fn refuses<M>(valid: impl Fn() -> M, make: impl Fn(M) -> Kind, changes: &[Refusal<M>]) {
    assert!(fact(make(valid())).is_ok());
    for (change, error) in changes {
        let mut message = valid();
        change(&mut message);
        assert_eq!(fact(make(message)), Err(error.clone()));
    }
}

#[test]
fn genesis_refusals() {
    let name = range("genesis.name", "1 to 200 of lower-case letters, digits, hyphens, dots");
    let procedure = range("genesis.procedure", "2 to 16 of [a-z0-9-]");
    let actors = range("genesis.registrars", "3 to 14 different actors");
    let keys = range("genesis.registrars.statement_key", "every key once");
    refuses(
        genesis,
        Kind::Genesis,
        &[
            (|m| m.name.clear(), name.clone()),
            (|m| m.name = "a".repeat(201), name.clone()),
            (|m| m.name = "Upper.example".into(), name.clone()),
            (|m| m.name = "with space".into(), name.clone()),
            (|m| m.name = "път.example".into(), name),
            (|m| m.procedure = "b".into(), procedure.clone()),
            (|m| m.procedure = "b".repeat(17), procedure.clone()),
            (|m| m.procedure = "BG".into(), procedure.clone()),
            (|m| m.procedure = "b.g".into(), procedure),
            (|m| m.registrars.truncate(2), actors.clone()),
            (
                |m| m.registrars = (10..25).map(registrar).collect(),
                FormError::TooMany { field: "genesis.registrars", count: 15, max: 14 },
            ),
            (|m| m.registrars[1].actor = vec![1; 16], actors.clone()),
            (|m| m.registrars[1].actor = vec![0; 16], actors),
            (|m| m.registrars[1].statement_key = vec![1; 32], keys.clone()),
            (|m| m.registrars[1].statement_key = vec![4; 32], keys.clone()),
            (|m| m.checkpoint_key = vec![4; 32], keys),
            (|m| m.registrars[0].actor.clear(), missing("genesis.registrars.actor")),
            (|m| m.registrars[0].actor = vec![1; 15], length("genesis.registrars.actor", 15, "16")),
            (|m| m.previous_ledger = vec![9; 31], length("genesis.previous_ledger", 31, "32")),
        ],
    );
    refuses_lengths(
        |statement_key| {
            let mut message = genesis();
            message.registrars[0].statement_key = statement_key;
            Kind::Genesis(message)
        },
        "genesis.registrars.statement_key",
        "32",
    );
    let with = |statement_key| Kind::Genesis(proto::Genesis { statement_key, ..genesis() });
    refuses_lengths(with, "genesis.statement_key", "32");
    let with = |checkpoint_key| Kind::Genesis(proto::Genesis { checkpoint_key, ..genesis() });
    refuses_lengths(with, "genesis.checkpoint_key", "32");
}

#[test]
fn genesis_bounds() {
    for message in [
        proto::Genesis { name: "a-1.".repeat(50), ..genesis() },
        proto::Genesis { procedure: "a-1z".repeat(4), ..genesis() },
        proto::Genesis { registrars: (10..24).map(registrar).collect(), ..genesis() },
    ] {
        assert!(fact(Kind::Genesis(message)).is_ok());
    }
}

#[test]
fn key_refusals() {
    let first = |key| Kind::ActorEnrolled(proto::ActorEnrolled { kind: 1, key });
    let further = |key| Kind::KeyEnrolled(proto::KeyEnrolled { key });
    let enrolled = |public_key| Some(proto::EnrolledKey { public_key, r#use: 1 });
    for make in [&first as &dyn Fn(_) -> Kind, &further] {
        assert_eq!(fact(make(None)), Err(missing("key")));
        refuses_lengths(|bytes| make(enrolled(bytes)), "key.public_key", "32");
        let unknown = Some(proto::EnrolledKey { public_key: vec![1; 32], r#use: 99 });
        assert_eq!(fact(make(unknown)), Err(range("key.use", "a known use")));
    }
    for other in [proto::KeyUse::Token, proto::KeyUse::Checkpoint, proto::KeyUse::Witness] {
        let error = range("key.use", "statement, for a first key");
        assert_eq!(fact(first(key(other))), Err(error));
        assert!(fact(further(key(other))).is_ok());
    }
    let unknown = proto::ActorEnrolled { kind: 99, key: key(proto::KeyUse::Statement) };
    assert_eq!(fact(Kind::ActorEnrolled(unknown)), Err(range("kind", "a known kind")));
    let revoked = |public_key| Kind::KeyRevoked(proto::KeyRevoked { public_key });
    refuses_lengths(revoked, "public_key", "32");
}

#[test]
fn role_refusals() {
    let until = range("until_seconds", "after from_seconds");
    refuses(
        role_granted,
        Kind::RoleGranted,
        &[
            (|m| m.role = 99, range("role", "a known role")),
            (|m| m.agency = vec![1; 15], length("agency", 15, "16")),
            (|m| (m.from_seconds, m.until_seconds) = (Some(5), Some(5)), until.clone()),
            (|m| (m.from_seconds, m.until_seconds) = (Some(5), Some(-5)), until),
        ],
    );
    refuses_lengths(|grant| Kind::RoleEnded(proto::RoleEnded { grant }), "grant", "32");
}

#[test]
fn reading_refusals() {
    let version = range("released.version", "from 1, ascending");
    let sections = range("released.sections", "0 to 31, ascending, at least one");
    let token = range("token", "1 to 2048 bytes");
    refuses(
        sections_read,
        Kind::SectionsRead,
        &[
            (|m| m.purpose = 99, range("purpose", "a known purpose")),
            (|m| m.token.clear(), token.clone()),
            (|m| m.token = vec![b't'; 2049], token),
            (|m| m.kind = 99, range("kind", "a known kind")),
            (|m| m.released.clear(), missing("released")),
            (
                |m| m.released = (1..=2049).map(|version| released(version, &[0])).collect(),
                FormError::TooMany { field: "released", count: 2049, max: 2048 },
            ),
            (|m| m.released[0].version = 0, version.clone()),
            (|m| m.released.push(released(1, &[1])), version.clone()),
            (|m| m.released.insert(0, released(2, &[1])), version),
            (|m| m.released[0].sections.clear(), sections.clone()),
            (|m| m.released[0].sections = vec![1, 1], sections.clone()),
            (|m| m.released[0].sections = vec![1, 0], sections.clone()),
            (|m| m.released[0].sections = vec![32], sections.clone()),
            (|m| m.released[0].sections = vec![0, 32], sections),
        ],
    );
    let with = |reader| Kind::SectionsRead(proto::SectionsRead { reader, ..sections_read() });
    refuses_lengths(with, "reader", "16");
    let many = proto::SectionsRead {
        token: vec![b't'; 2048],
        released: (1..=2048).map(|version| released(version, &[31])).collect(),
        ..sections_read()
    };
    assert!(fact(Kind::SectionsRead(many)).is_ok());
}

#[test]
fn case_refusals() {
    refuses(
        history_imported,
        Kind::HistoryImported,
        &[
            (|m| m.activity = 0, range("activity", "at least 1")),
            (|m| m.time = None, missing("time")),
            (
                |m| m.time.as_mut().unwrap().seconds = 253_402_300_800,
                range("seconds", "the years 1 to 9999"),
            ),
            (|m| m.time.as_mut().unwrap().nanos = 1_000_000_000, range("nanos", "0 to 999999999")),
            (
                |m| m.time.as_mut().unwrap().offset_minutes = 1081,
                range("offset_minutes", "-1080 to 1080"),
            ),
        ],
    );
    let with = |holder| Kind::CaseOpened(proto::CaseOpened { holder, ..case_opened() });
    refuses_lengths(with, "holder", "16");
    let with = |lead| Kind::CaseOpened(proto::CaseOpened { lead, ..case_opened() });
    refuses_lengths(with, "lead", "16");
    refuses_lengths(|lead| Kind::LeadAssigned(proto::LeadAssigned { lead }), "lead", "16");
    refuses(
        signal_received,
        Kind::SignalReceived,
        &[
            (|m| m.children.clear(), missing("children")),
            (
                |m| m.children = vec![vec![1; 16]; 33],
                FormError::TooMany { field: "children", count: 33, max: 32 },
            ),
            (|m| m.children[0] = vec![1; 17], length("children", 17, "16")),
            (|m| m.children[0].clear(), missing("children")),
        ],
    );
}

//! `canonical`: a valid statement of every kind about keys, roles, access and erasure, and of those
//! of the case that came with them.

use letopis_proto::statement::v1::{self as proto, fact::Kind};
use letopis_types::StreamKind;

use super::invented as i;

type Named = (&'static str, proto::Statement);

/// A statement hash that is named.
pub(super) fn named() -> Vec<u8> {
    vec![0x4e; 32]
}

/// A policy that gives out nothing.
pub(super) const POLICY: &str = "@id(\"nothing\")\nforbid (principal, action, resource);\n";

/// Some time after everything else.
pub(super) const UNTIL: i64 = 1_800_086_400;

fn statements(
    first: u8,
    stream: Option<proto::Stream>,
    signers: Vec<proto::Signer>,
    kinds: Vec<(&'static str, Kind)>,
) -> Vec<Named> {
    kinds
        .into_iter()
        .zip(first..)
        .map(|((name, kind), byte)| {
            (name, i::statement(byte, stream.clone(), signers.clone(), kind))
        })
        .collect()
}

pub(super) fn of_registry() -> Vec<Named> {
    let worker = i::stream(StreamKind::Actor, i::WORKER);
    let key = i::key_bytes(7);
    let rotated = proto::KeyRotated {
        key: i::enrolled_key(7, proto::KeyUse::Statement),
        replaces: i::key_bytes(i::WORKER),
    };
    let with_key = {
        let mut signers = i::registrars();
        signers.push(proto::Signer { actor: i::actor(i::WORKER), ..i::signer(7, &[]) });
        signers.extend(i::worker());
        signers
    };
    let compromised = proto::KeyCompromised { public_key: key.clone(), since_sequence: 0 };
    let verified = proto::QualificationVerified { until_seconds: Some(UNTIL) };
    let expired = proto::QualificationExpired { verified: named() };
    let delegated = proto::RoleDelegated {
        from_seconds: 1_800_000_000,
        until_seconds: UNTIL,
        kinds: vec![100, 101, 125],
    };
    let shift = |hour: i64| proto::Shift {
        from_seconds: 1_800_000_000 + hour * 3600,
        until_seconds: 1_800_000_000 + (hour + 12) * 3600,
    };
    let roster = proto::DutyRosterSet { shifts: vec![shift(0), shift(24)], kinds: Vec::new() };
    let policy = proto::PolicyAdopted { text: POLICY.into() };
    let owner = vec![i::signer(i::WORKER, &[])];
    let head = vec![i::signer(8, &i::GRANT)];
    let mut officer = i::registrars();
    officer.push(i::signer(9, &i::GRANT));
    let one = |byte, stream: &Option<proto::Stream>, signers: &[proto::Signer], name, kind| {
        (name, i::statement(byte, stream.clone(), signers.to_vec(), kind))
    };
    let registrars = i::registrars();
    let suspended = proto::KeySuspended { public_key: key.clone() };
    let reinstated = proto::KeyReinstated { public_key: key };
    let root = i::stream(StreamKind::Root, 0);
    vec![
        one(0x40, &worker, &with_key, "key-rotated", Kind::KeyRotated(rotated)),
        one(0x41, &worker, &owner, "key-suspended", Kind::KeySuspended(suspended)),
        one(0x42, &worker, &registrars, "key-reinstated", Kind::KeyReinstated(reinstated)),
        one(0x43, &worker, &owner, "key-compromised", Kind::KeyCompromised(compromised)),
        one(
            0x44,
            &worker,
            &registrars[..1],
            "qualification-verified",
            Kind::QualificationVerified(verified),
        ),
        one(0x45, &worker, &owner, "qualification-expired", Kind::QualificationExpired(expired)),
        one(0x46, &worker, &head, "role-delegated", Kind::RoleDelegated(delegated)),
        one(0x47, &worker, &head, "duty-roster-set", Kind::DutyRosterSet(roster)),
        one(0x48, &root, &officer, "policy-adopted", Kind::PolicyAdopted(policy)),
    ]
}

fn two() -> Vec<proto::Signer> {
    let mut signers = vec![i::signer(8, &i::GRANT), i::signer(9, &i::GRANT)];
    signers.sort_by(|a, b| a.public_key.cmp(&b.public_key));
    signers
}

pub(super) fn of_access() -> Vec<Named> {
    let token = b"invented.token.here".to_vec();
    let purpose = proto::Purpose::CaseWork.into();
    let (case, signal) = (i::stream(StreamKind::Case, 0xca), i::stream(StreamKind::Signal, 0x51));
    let files = vec![case.clone().unwrap(), signal.clone().unwrap()];
    let read =
        proto::FactsRead { reader: i::actor(i::WORKER), purpose, token: token.clone(), files };
    let denied = proto::AccessDenied {
        reader: i::actor(i::WORKER),
        purpose,
        token,
        file: case.clone(),
        reason: proto::Denial::NoRule.into(),
        count: 1,
    };
    let completed = proto::ErasureCompleted { erased: named() };
    let ledger = vec![i::signer(i::LEDGER, &i::GENESIS_HASH)];
    let by_ledger = vec![
        ("facts-read", Kind::FactsRead(read)),
        ("access-denied", Kind::AccessDenied(denied)),
        ("erasure-completed", Kind::ErasureCompleted(completed)),
    ];
    let opened = {
        let classes = vec![proto::Class::Normal.into(), proto::Class::Restricted.into()];
        let opened = proto::BreakGlassOpened { classes, until_seconds: UNTIL };
        let kind = Kind::BreakGlassOpened(opened);
        let mut statement = i::statement(0x4f, signal.clone(), i::worker(), kind);
        statement.sections = vec![i::section(2, "danger/1")];
        statement
    };
    let breach = Kind::BreachRecorded(proto::BreachRecorded {});
    let root = i::stream(StreamKind::Root, 0);
    let person = i::stream(StreamKind::Person, 0xbe);
    let section = proto::ErasedSection { version: 1, index: 0 };
    let erased_section = proto::sections_erased::What::Section(section);
    let erased_section = Kind::SectionsErased(proto::SectionsErased { what: Some(erased_section) });
    let mut statements = statements(0x50, i::stream(StreamKind::Access, 0xca), ledger, by_ledger);
    statements.push(("break-glass-opened", opened));
    statements.extend(self::statements(0x53, case, two(), access_in_case()));
    statements.push(("breach-recorded-in-root", i::statement(0x62, root, two(), breach)));
    statements
        .push(("sections-erased-one-section", i::statement(0x63, person, two(), erased_section)));
    statements
}

fn access_in_case() -> Vec<(&'static str, Kind)> {
    let granted = proto::AccessGranted {
        reader: i::actor(i::WORKER),
        classes: vec![proto::Class::Normal.into(), proto::Class::VeryRestricted.into()],
        purpose: proto::Purpose::ComplaintReview.into(),
        until_seconds: UNTIL,
        complaint: vec![0xc0; 16],
    };
    let shared = proto::InformationShared {
        receiver: vec![0xa2; 16],
        shared: vec![i::released(1, &[0, 31]), i::released(9, &[2])],
        until_seconds: Some(UNTIL),
    };
    let class = proto::sections_erased::What::Class(proto::Class::Restricted.into());
    let reviewed = proto::BreakGlassReviewed { opened: named(), justified: true };
    vec![
        ("access-granted", Kind::AccessGranted(granted)),
        ("access-revoked", Kind::AccessRevoked(proto::AccessRevoked { granted: named() })),
        ("break-glass-closed", Kind::BreakGlassClosed(proto::BreakGlassClosed { opened: named() })),
        ("break-glass-reviewed", Kind::BreakGlassReviewed(reviewed)),
        ("information-shared", Kind::InformationShared(shared)),
        (
            "disclosure-received",
            Kind::DisclosureReceived(proto::DisclosureReceived { shared: named() }),
        ),
        ("disclosure-refused", Kind::DisclosureRefused(proto::DisclosureRefused {})),
        ("subject-access-answered", Kind::SubjectAccessAnswered(proto::SubjectAccessAnswered {})),
        ("breach-recorded", Kind::BreachRecorded(proto::BreachRecorded {})),
        ("sections-erased", Kind::SectionsErased(proto::SectionsErased { what: Some(class) })),
        ("legal-hold-set", Kind::LegalHoldSet(proto::LegalHoldSet {})),
        ("legal-hold-lifted", Kind::LegalHoldLifted(proto::LegalHoldLifted { set: named() })),
    ]
}

/// What is as large as it may be, and what may be absent.
pub(super) fn bounds() -> Vec<Named> {
    let head = || vec![i::signer(8, &i::GRANT)];
    let of_worker =
        |byte, kind| i::statement(byte, i::stream(StreamKind::Actor, i::WORKER), head(), kind);
    let ever = proto::RoleDelegated {
        from_seconds: i64::MIN,
        until_seconds: i64::MAX,
        kinds: (u32::MAX - 63..=u32::MAX).collect(),
    };
    let shift = |at: i64| proto::Shift { from_seconds: at, until_seconds: at + 1 };
    let roster =
        proto::DutyRosterSet { shifts: (-32..32).map(shift).collect(), kinds: (1..=64).collect() };
    let policy = proto::PolicyAdopted { text: "\u{436}".repeat(24_576) };
    let root = i::stream(StreamKind::Root, 0);
    let of_nothing = proto::InspectionOpened {
        auditors: vec![vec![10; 16]],
        agency: Vec::new(),
        cases: Vec::new(),
        classes: Vec::new(),
        until_seconds: 0,
    };
    let files = (1..=200).map(|id| i::stream(StreamKind::Case, id).unwrap()).collect();
    let read = proto::FactsRead {
        reader: i::actor(i::WORKER),
        purpose: proto::Purpose::Migration.into(),
        token: vec![b'.'; 2048],
        files,
    };
    let ledger = vec![i::signer(i::LEDGER, &i::GENESIS_HASH)];
    let access = i::stream(StreamKind::Access, 0xca);
    let shared = proto::InformationShared {
        receiver: vec![0xa2; 16],
        shared: (1..=256).map(|version| i::released(version, &[31])).collect(),
        until_seconds: Some(0),
    };
    let case = i::stream(StreamKind::Case, 0xca);
    let verified = proto::QualificationVerified { until_seconds: None };
    let inspection = Kind::InspectionOpened(of_nothing);
    vec![
        ("valid-role-delegated-for-ever", of_worker(0x90, Kind::RoleDelegated(ever))),
        ("valid-duty-roster-set-64-shifts", of_worker(0x91, Kind::DutyRosterSet(roster))),
        (
            "valid-qualification-verified-without-a-term",
            of_worker(0x92, Kind::QualificationVerified(verified)),
        ),
        (
            "valid-policy-adopted-49152-bytes",
            i::statement(0x93, root.clone(), head(), Kind::PolicyAdopted(policy)),
        ),
        ("valid-inspection-opened-of-nothing", i::statement(0x94, root, head(), inspection)),
        ("valid-facts-read-200-files", i::statement(0x95, access, ledger, Kind::FactsRead(read))),
        (
            "valid-information-shared-256-events",
            i::statement(0x96, case, head(), Kind::InformationShared(shared)),
        ),
    ]
}

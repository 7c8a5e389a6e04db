//! `canonical`: canonical encodings of the kinds of `more_kinds` that have not their form.

use letopis_proto::statement::v1::{self as proto, fact::Kind};
use letopis_types::StreamKind;

use super::form::{Case, LENGTH, MISSING, RANGE, STREAM, cases, put};
use super::invented as i;
use super::more_kinds::named;
use crate::Vector;

const TOO_MANY: &str = "too_many";
const UNSPECIFIED: &str = "enum_unspecified";
const UNKNOWN: &str = "enum_unknown";

pub(super) fn vectors() -> Vec<Vector> {
    let registry = cases(i::role_granted(), &[keys(), terms(), policy()].concat());
    let access = [readings(), access(), shares(), erasures(), named_statements()].concat();
    let of_cases = [people(), inspections(), places()].concat();
    [registry, cases(i::note_alone(), &access), cases(i::note_alone(), &of_cases)].concat()
}

macro_rules! kind {
    ($stream:ident, $kind:ident { $($fields:tt)* }) => {
        |s| put(s, StreamKind::$stream, Kind::$kind(proto::$kind { $($fields)* }))
    };
}

fn key() -> Option<proto::EnrolledKey> {
    i::enrolled_key(7, proto::KeyUse::Statement)
}

fn keys() -> Vec<Case> {
    vec![
        (
            "key-rotated-without-key",
            MISSING,
            kind!(Actor, KeyRotated { key: None, replaces: vec![1; 32] }),
        ),
        (
            "key-rotated-without-replaced",
            MISSING,
            kind!(Actor, KeyRotated { key: key(), replaces: Vec::new() }),
        ),
        (
            "key-rotated-replaced-length",
            LENGTH,
            kind!(Actor, KeyRotated { key: key(), replaces: vec![1; 31] }),
        ),
        (
            "key-suspended-key-length",
            LENGTH,
            kind!(Actor, KeySuspended { public_key: vec![1; 33] }),
        ),
        (
            "key-reinstated-without-key",
            MISSING,
            kind!(Actor, KeyReinstated { public_key: Vec::new() }),
        ),
        (
            "key-compromised-key-length",
            LENGTH,
            kind!(Actor, KeyCompromised { public_key: vec![1; 31], since_sequence: 1 }),
        ),
        (
            "qualification-expired-without-verified",
            MISSING,
            kind!(Actor, QualificationExpired { verified: Vec::new() }),
        ),
    ]
}

fn shift(from_seconds: i64, until_seconds: i64) -> proto::Shift {
    proto::Shift { from_seconds, until_seconds }
}

fn terms() -> Vec<Case> {
    vec![
        (
            "role-delegated-until-not-after-from",
            RANGE,
            kind!(Actor, RoleDelegated { from_seconds: 5, until_seconds: 5, kinds: Vec::new() }),
        ),
        (
            "role-delegated-kinds-descending",
            RANGE,
            kind!(
                Actor,
                RoleDelegated { from_seconds: 5, until_seconds: 6, kinds: vec![101, 100] }
            ),
        ),
        (
            "role-delegated-kind-twice",
            RANGE,
            kind!(
                Actor,
                RoleDelegated { from_seconds: 5, until_seconds: 6, kinds: vec![101, 101] }
            ),
        ),
        (
            "role-delegated-kind-zero",
            RANGE,
            kind!(Actor, RoleDelegated { from_seconds: 5, until_seconds: 6, kinds: vec![0, 101] }),
        ),
        (
            "role-delegated-65-kinds",
            TOO_MANY,
            kind!(
                Actor,
                RoleDelegated { from_seconds: 5, until_seconds: 6, kinds: (1..=65).collect() }
            ),
        ),
        (
            "duty-roster-set-no-shift",
            MISSING,
            kind!(Actor, DutyRosterSet { shifts: Vec::new(), kinds: Vec::new() }),
        ),
        (
            "duty-roster-set-65-shifts",
            TOO_MANY,
            kind!(
                Actor,
                DutyRosterSet {
                    shifts: (1..=65).map(|at| shift(at, at + 1)).collect(),
                    kinds: Vec::new()
                }
            ),
        ),
        (
            "duty-roster-set-shift-without-length",
            RANGE,
            kind!(Actor, DutyRosterSet { shifts: vec![shift(5, 5)], kinds: Vec::new() }),
        ),
        (
            "duty-roster-set-shifts-descending",
            RANGE,
            kind!(
                Actor,
                DutyRosterSet { shifts: vec![shift(7, 8), shift(5, 6)], kinds: Vec::new() }
            ),
        ),
        (
            "duty-roster-set-shifts-overlap",
            RANGE,
            kind!(
                Actor,
                DutyRosterSet { shifts: vec![shift(5, 8), shift(7, 9)], kinds: Vec::new() }
            ),
        ),
        (
            "duty-roster-set-kinds-descending",
            RANGE,
            kind!(Actor, DutyRosterSet { shifts: vec![shift(5, 8)], kinds: vec![101, 100] }),
        ),
    ]
}

fn policy() -> Vec<Case> {
    fn adopted(s: &mut proto::Statement, text: String) {
        put(s, StreamKind::Root, Kind::PolicyAdopted(proto::PolicyAdopted { text }));
        s.stream = i::stream(StreamKind::Root, 0);
    }
    vec![
        ("policy-adopted-49153-bytes", RANGE, |s| adopted(s, "x".repeat(49_153))),
        ("policy-adopted-without-text", RANGE, |s| adopted(s, String::new())),
    ]
}

fn token() -> Vec<u8> {
    b"invented.token.here".to_vec()
}

fn file(kind: StreamKind, id: u8) -> proto::Stream {
    i::stream(kind, id).unwrap()
}

fn facts_read(s: &mut proto::Statement, files: Vec<proto::Stream>) {
    let fact = proto::FactsRead { reader: vec![1; 16], purpose: 1, token: token(), files };
    put(s, StreamKind::Access, Kind::FactsRead(fact));
}

fn denied(s: &mut proto::Statement, change: fn(&mut proto::AccessDenied)) {
    let mut fact = proto::AccessDenied {
        reader: vec![1; 16],
        purpose: 1,
        token: token(),
        file: Some(file(StreamKind::Case, 0xca)),
        reason: 1,
        count: 1,
    };
    change(&mut fact);
    put(s, StreamKind::Access, Kind::AccessDenied(fact));
}

fn readings() -> Vec<Case> {
    use StreamKind::{Case, Signal};
    vec![
        ("facts-read-no-file", MISSING, |s| facts_read(s, Vec::new())),
        ("facts-read-201-files", TOO_MANY, |s| {
            facts_read(s, (1..=201).map(|id| file(Case, id)).collect());
        }),
        ("facts-read-file-twice", RANGE, |s| facts_read(s, vec![file(Case, 1), file(Case, 1)])),
        ("facts-read-ids-descending", RANGE, |s| facts_read(s, vec![file(Case, 2), file(Case, 1)])),
        ("facts-read-kinds-descending", RANGE, |s| {
            facts_read(s, vec![file(Signal, 1), file(Case, 2)]);
        }),
        ("facts-read-file-without-id", MISSING, |s| {
            facts_read(s, vec![proto::Stream { kind: Case as i32, id: Vec::new() }]);
        }),
        ("facts-read-without-reader", MISSING, |s| {
            let fact = proto::FactsRead {
                reader: Vec::new(),
                purpose: 1,
                token: token(),
                files: vec![file(Case, 1)],
            };
            put(s, StreamKind::Access, Kind::FactsRead(fact));
        }),
        ("access-denied-without-file", MISSING, |s| denied(s, |d| d.file = None)),
        ("access-denied-reason-absent", UNSPECIFIED, |s| denied(s, |d| d.reason = 0)),
        ("access-denied-reason-unknown", UNKNOWN, |s| denied(s, |d| d.reason = 5)),
        ("access-denied-purpose-absent", UNSPECIFIED, |s| denied(s, |d| d.purpose = 0)),
        ("access-denied-count-zero", RANGE, |s| denied(s, |d| d.count = 0)),
        ("access-denied-token-2049-bytes", RANGE, |s| denied(s, |d| d.token = vec![b'.'; 2049])),
        ("access-denied-file-with-id-zero", STREAM, |s| {
            denied(s, |d| d.file = Some(file(Case, 0)));
        }),
    ]
}

fn granted(s: &mut proto::Statement, change: fn(&mut proto::AccessGranted)) {
    let mut fact = proto::AccessGranted {
        reader: vec![1; 16],
        classes: vec![1, 2],
        purpose: 1,
        until_seconds: 5,
        complaint: Vec::new(),
    };
    change(&mut fact);
    put(s, StreamKind::Case, Kind::AccessGranted(fact));
}

fn access() -> Vec<Case> {
    vec![
        ("access-granted-no-class", MISSING, |s| granted(s, |g| g.classes.clear())),
        ("access-granted-class-unspecified", UNSPECIFIED, |s| granted(s, |g| g.classes = vec![0])),
        ("access-granted-class-unknown", UNKNOWN, |s| granted(s, |g| g.classes = vec![1, 4])),
        ("access-granted-classes-descending", RANGE, |s| granted(s, |g| g.classes.reverse())),
        ("access-granted-class-twice", RANGE, |s| granted(s, |g| g.classes = vec![2, 2])),
        ("access-granted-purpose-absent", UNSPECIFIED, |s| granted(s, |g| g.purpose = 0)),
        ("access-granted-reader-length", LENGTH, |s| granted(s, |g| g.reader.truncate(15))),
        ("access-granted-complaint-length", LENGTH, |s| granted(s, |g| g.complaint = vec![1; 15])),
        (
            "break-glass-opened-no-class",
            MISSING,
            kind!(Case, BreakGlassOpened { classes: Vec::new(), until_seconds: 5 }),
        ),
        (
            "break-glass-opened-classes-descending",
            RANGE,
            kind!(Case, BreakGlassOpened { classes: vec![3, 1], until_seconds: 5 }),
        ),
        (
            "break-glass-reviewed-without-opened",
            MISSING,
            kind!(Case, BreakGlassReviewed { opened: Vec::new(), justified: true }),
        ),
    ]
}

fn shared(s: &mut proto::Statement, shared: Vec<proto::ReleasedSections>) {
    let fact = proto::InformationShared { receiver: vec![1; 16], shared, until_seconds: None };
    put(s, StreamKind::Case, Kind::InformationShared(fact));
}

fn shares() -> Vec<Case> {
    vec![
        ("information-shared-nothing", MISSING, |s| shared(s, Vec::new())),
        ("information-shared-257-events", TOO_MANY, |s| {
            shared(s, (1..=257).map(|version| i::released(version, &[0])).collect());
        }),
        ("information-shared-version-zero", RANGE, |s| shared(s, vec![i::released(0, &[0])])),
        ("information-shared-versions-descending", RANGE, |s| {
            shared(s, vec![i::released(2, &[0]), i::released(1, &[0])]);
        }),
        ("information-shared-index-32", RANGE, |s| shared(s, vec![i::released(1, &[32])])),
        ("information-shared-no-index", RANGE, |s| shared(s, vec![i::released(1, &[])])),
        (
            "information-shared-receiver-length",
            LENGTH,
            kind!(
                Case,
                InformationShared {
                    receiver: vec![1; 17],
                    shared: vec![i::released(1, &[0])],
                    until_seconds: None
                }
            ),
        ),
        (
            "service-referred-without-provider",
            MISSING,
            kind!(Case, ServiceReferred { provider: Vec::new(), shared: Vec::new() }),
        ),
        (
            "service-referred-257-events",
            TOO_MANY,
            kind!(
                Case,
                ServiceReferred {
                    provider: vec![1; 16],
                    shared: (1..=257).map(|version| i::released(version, &[0])).collect()
                }
            ),
        ),
    ]
}

fn erasures() -> Vec<Case> {
    use proto::sections_erased::What;
    fn erased(s: &mut proto::Statement, what: Option<What>) {
        let fact = proto::SectionsErased { what };
        put(s, StreamKind::Case, Kind::SectionsErased(fact));
    }
    fn section(version: u64, index: u32) -> Option<What> {
        Some(What::Section(proto::ErasedSection { version, index }))
    }
    vec![
        ("sections-erased-nothing", MISSING, |s| erased(s, None)),
        ("sections-erased-class-unknown", UNKNOWN, |s| erased(s, Some(What::Class(4)))),
        ("sections-erased-class-unspecified", UNSPECIFIED, |s| erased(s, Some(What::Class(0)))),
        ("sections-erased-version-zero", RANGE, |s| erased(s, section(0, 1))),
        ("sections-erased-index-32", RANGE, |s| erased(s, section(1, 32))),
    ]
}

/// Kinds that name one earlier statement.
fn named_statements() -> Vec<Case> {
    vec![
        (
            "access-revoked-without-granted",
            MISSING,
            kind!(Case, AccessRevoked { granted: Vec::new() }),
        ),
        (
            "break-glass-closed-opened-length",
            LENGTH,
            kind!(Case, BreakGlassClosed { opened: vec![1; 31] }),
        ),
        (
            "disclosure-received-without-shared",
            MISSING,
            kind!(Case, DisclosureReceived { shared: Vec::new() }),
        ),
        (
            "erasure-completed-erased-length",
            LENGTH,
            kind!(Access, ErasureCompleted { erased: vec![1; 33] }),
        ),
        (
            "legal-hold-lifted-without-set",
            MISSING,
            kind!(Case, LegalHoldLifted { set: Vec::new() }),
        ),
        (
            "person-unlinked-linked-length",
            LENGTH,
            kind!(Case, PersonUnlinked { linked: vec![1; 16] }),
        ),
        (
            "transfer-accepted-without-proposed",
            MISSING,
            kind!(Case, TransferAccepted { proposed: Vec::new() }),
        ),
        (
            "transfer-rejected-proposed-length",
            LENGTH,
            kind!(Case, TransferRejected { proposed: vec![1; 31] }),
        ),
        (
            "consent-withdrawn-without-given",
            MISSING,
            kind!(Case, ConsentWithdrawn { given: Vec::new() }),
        ),
    ]
}

fn team(s: &mut proto::Statement, members: Vec<Vec<u8>>) {
    let fact = proto::TeamConvened { mechanism: 1, members };
    put(s, StreamKind::Case, Kind::TeamConvened(fact));
}

fn people() -> Vec<Case> {
    vec![
        ("team-convened-no-member", MISSING, |s| team(s, Vec::new())),
        ("team-convened-65-members", TOO_MANY, |s| {
            team(s, (1..=65).map(|id| vec![id; 16]).collect());
        }),
        ("team-convened-members-descending", RANGE, |s| team(s, vec![vec![2; 16], vec![1; 16]])),
        ("team-convened-member-twice", RANGE, |s| team(s, vec![vec![1; 16]; 2])),
        ("team-convened-member-length", LENGTH, |s| team(s, vec![vec![1; 15]])),
        (
            "team-convened-mechanism-absent",
            UNSPECIFIED,
            kind!(Case, TeamConvened { mechanism: 0, members: vec![vec![1; 16]] }),
        ),
        ("consent-given-age-band-absent", UNSPECIFIED, kind!(Case, ConsentGiven { age_band: 0 })),
        ("consent-refused-age-band-unknown", UNKNOWN, kind!(Case, ConsentRefused { age_band: 6 })),
        ("transfer-proposed-to-length", LENGTH, kind!(Case, TransferProposed { to: vec![1; 15] })),
        (
            "handler-assigned-without-handler",
            MISSING,
            kind!(Complaint, HandlerAssigned { handler: Vec::new() }),
        ),
    ]
}

fn inspected(s: &mut proto::Statement, change: fn(&mut proto::InspectionOpened)) {
    let mut fact = proto::InspectionOpened {
        auditors: vec![vec![1; 16]],
        agency: Vec::new(),
        cases: vec![vec![0xca; 16]],
        classes: Vec::new(),
        until_seconds: 5,
    };
    change(&mut fact);
    put(s, StreamKind::Root, Kind::InspectionOpened(fact));
    s.stream = i::stream(StreamKind::Root, 0);
}

fn inspections() -> Vec<Case> {
    vec![
        ("inspection-opened-no-auditor", MISSING, |s| inspected(s, |o| o.auditors.clear())),
        ("inspection-opened-65-auditors", TOO_MANY, |s| {
            inspected(s, |o| o.auditors = (1..=65).map(|id| vec![id; 16]).collect());
        }),
        ("inspection-opened-auditor-twice", RANGE, |s| {
            inspected(s, |o| o.auditors = vec![vec![1; 16]; 2]);
        }),
        ("inspection-opened-201-cases", TOO_MANY, |s| {
            inspected(s, |o| o.cases = (1..=201).map(|id| vec![id; 16]).collect());
        }),
        ("inspection-opened-cases-descending", RANGE, |s| {
            inspected(s, |o| o.cases = vec![vec![2; 16], vec![1; 16]]);
        }),
        ("inspection-opened-agency-and-cases", RANGE, |s| {
            inspected(s, |o| o.agency = vec![0xa0; 16]);
        }),
        ("inspection-opened-classes-descending", RANGE, |s| {
            inspected(s, |o| o.classes = vec![2, 1]);
        }),
    ]
}

/// In a kind of stream in which they do not stand.
fn places() -> Vec<Case> {
    vec![
        ("stream-kind-wrong-conflict-in-case", STREAM, kind!(Case, ConflictDeclared {})),
        (
            "stream-kind-wrong-break-glass-in-protected",
            STREAM,
            kind!(Protected, BreakGlassOpened { classes: vec![1], until_seconds: 5 }),
        ),
        (
            "stream-kind-wrong-erasure-in-clocks",
            STREAM,
            kind!(Clocks, SectionsErased { what: Some(proto::sections_erased::What::Class(1)) }),
        ),
        ("stream-kind-wrong-hold-in-access", STREAM, kind!(Access, LegalHoldSet {})),
        ("stream-kind-wrong-breach-in-signal", STREAM, kind!(Signal, BreachRecorded {})),
        ("stream-kind-wrong-grant-in-person", STREAM, |s| {
            granted(s, |_| ());
            s.stream = i::stream(StreamKind::Person, 0xbe);
        }),
        ("stream-kind-wrong-endorsed-in-access", STREAM, kind!(Access, Endorsed {})),
        (
            "stream-kind-wrong-completed-in-case",
            STREAM,
            kind!(Case, ErasureCompleted { erased: named() }),
        ),
    ]
}

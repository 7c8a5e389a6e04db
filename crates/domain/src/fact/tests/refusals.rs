//! What each message refuses, and the bounds that are still within.

use super::*;

const SECTIONS: &str = "sections 0 to 31, ascending, at least one";

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
    let version = range("released", "versions from 1, ascending");
    let sections = range("released", SECTIONS);
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
    let led = fact(Kind::LeadAssigned(proto::LeadAssigned { lead: vec![1; 17] }));
    assert_eq!(led, Err(length("lead", 17, "16")));
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

#[test]
fn rotation_refusals() {
    refuses(
        key_rotated,
        Kind::KeyRotated,
        &[
            (|m| m.key = None, missing("key")),
            (|m| m.key.as_mut().unwrap().r#use = 99, range("key.use", "a known use")),
            (|m| m.replaces = vec![1; 32], range("replaces", "another key")),
        ],
    );
    let with = |public_key| {
        let key = Some(proto::EnrolledKey { public_key, r#use: 1 });
        Kind::KeyRotated(proto::KeyRotated { key, ..key_rotated() })
    };
    refuses_lengths(with, "key.public_key", "32");
    let with = |replaces| Kind::KeyRotated(proto::KeyRotated { replaces, ..key_rotated() });
    refuses_lengths(with, "replaces", "32");
}

#[test]
fn a_key_or_a_statement_that_is_named_has_32_bytes() {
    let suspended = |public_key| Kind::KeySuspended(proto::KeySuspended { public_key });
    refuses_lengths(suspended, "public_key", "32");
    let reinstated = |public_key| Kind::KeyReinstated(proto::KeyReinstated { public_key });
    refuses_lengths(reinstated, "public_key", "32");
    let compromised = |public_key| {
        Kind::KeyCompromised(proto::KeyCompromised { public_key, since_sequence: u64::MAX })
    };
    refuses_lengths(compromised, "public_key", "32");
    let opened =
        |opened| Kind::BreakGlassReviewed(proto::BreakGlassReviewed { opened, justified: true });
    refuses_lengths(opened, "opened", "32");
    macro_rules! names_one {
        ($($kind:ident { $field:ident })*) => {$(
            let make = |$field| Kind::$kind(proto::$kind { $field });
            refuses_lengths(make, stringify!($field), "32");
            let taken = fact(make(vec![7; 32]));
            assert_eq!(taken, Ok(Fact::$kind($kind { $field: Digest([7; 32]) })));
        )*};
    }
    names_one! {
        QualificationExpired { verified }
        AccessRevoked { granted }
        BreakGlassClosed { opened }
        DisclosureReceived { shared }
        ErasureCompleted { erased }
        LegalHoldLifted { set }
        PersonUnlinked { linked }
        TransferAccepted { proposed }
        TransferRejected { proposed }
        ConsentWithdrawn { given }
    }
}

#[test]
fn delegation_refusals() {
    let until = || range("until_seconds", "until after from");
    let kinds = || range("kinds", "from 1, strictly ascending");
    refuses(
        role_delegated,
        Kind::RoleDelegated,
        &[
            (|m| m.until_seconds = 0, until()),
            (|m| m.until_seconds = -1, until()),
            (|m| m.kinds = vec![0], kinds()),
            (|m| m.kinds = vec![101, 101], kinds()),
            (|m| m.kinds = vec![101, 100], kinds()),
            (
                |m| m.kinds = (1..=65).collect(),
                FormError::TooMany { field: "kinds", count: 65, max: 64 },
            ),
        ],
    );
    let shifts = || range("shifts", "ascending, without overlap");
    fn shift(from_seconds: i64, until_seconds: i64) -> proto::Shift {
        proto::Shift { from_seconds, until_seconds }
    }
    refuses(
        duty_roster_set,
        Kind::DutyRosterSet,
        &[
            (|m| m.shifts.clear(), missing("shifts")),
            (
                |m| m.shifts = (0..65).map(|at| shift(at, at + 1)).collect(),
                FormError::TooMany { field: "shifts", count: 65, max: 64 },
            ),
            (|m| m.shifts[0].until_seconds = 0, range("shifts", "until after from")),
            (|m| m.shifts.push(shift(0, 1)), shifts()),
            (|m| m.shifts = vec![shift(5, 6), shift(0, 1)], shifts()),
            (|m| m.shifts = vec![shift(0, 5), shift(4, 6)], shifts()),
            (|m| m.kinds = vec![101, 100], kinds()),
            (|m| m.kinds = vec![0, 1], kinds()),
            (
                |m| m.kinds = (1..=65).collect(),
                FormError::TooMany { field: "kinds", count: 65, max: 64 },
            ),
        ],
    );
}

#[test]
fn delegation_bounds() {
    // Shifts that follow each other without a pause, and a kind that this version does not know.
    let shifts: Vec<_> =
        (0..64).map(|at| proto::Shift { from_seconds: at, until_seconds: at + 1 }).collect();
    let roster = proto::DutyRosterSet { shifts, kinds: (1..=64).collect() };
    let Ok(Fact::DutyRosterSet(roster)) = fact(Kind::DutyRosterSet(roster)) else {
        panic!("no roster")
    };
    assert!(roster.shifts[63].holds(63) && !roster.shifts[63].holds(64));
    assert_eq!(roster.kinds.len(), 64);
    let delegated =
        proto::RoleDelegated { from_seconds: -5, until_seconds: -4, kinds: vec![u32::MAX] };
    let Ok(Fact::RoleDelegated(delegated)) = fact(Kind::RoleDelegated(delegated)) else {
        panic!("no delegation")
    };
    assert!(delegated.term.holds(-5) && !delegated.term.holds(-4) && !delegated.term.holds(-6));
    assert_eq!(delegated.kinds, [u32::MAX]);
    // A term has no other bounds than those of its numbers.
    let ever = proto::RoleDelegated {
        from_seconds: i64::MIN,
        until_seconds: i64::MAX,
        ..role_delegated()
    };
    assert!(fact(Kind::RoleDelegated(ever)).is_ok());
}

#[test]
fn a_policy_has_a_text_of_at_most_48_kib() {
    let policy = |text: String| fact(Kind::PolicyAdopted(proto::PolicyAdopted { text }));
    let wrong = || range("text", "1 to 49152 bytes");
    assert_eq!(policy(String::new()), Err(wrong()));
    assert_eq!(policy("x".repeat(49_153)), Err(wrong()));
    // Bytes, not letters.
    assert_eq!(policy("ж".repeat(24_577)), Err(wrong()));
    assert!(policy("ж".repeat(24_576)).is_ok());
}

#[test]
fn a_reading_of_facts_names_its_files_in_order() {
    let ascending = || range("files", "strictly ascending");
    refuses(
        facts_read,
        Kind::FactsRead,
        &[
            (|m| m.purpose = 99, range("purpose", "a known purpose")),
            (|m| m.token.clear(), range("token", "1 to 2048 bytes")),
            (|m| m.token = vec![b't'; 2049], range("token", "1 to 2048 bytes")),
            (|m| m.files.clear(), missing("files")),
            (
                |m| m.files = (1..=201).map(|id| stream(Case, id)).collect(),
                FormError::TooMany { field: "files", count: 201, max: 200 },
            ),
            (|m| m.files.push(stream(Case, 1)), ascending()),
            (|m| m.files.insert(0, stream(Case, 2)), ascending()),
            (|m| m.files.insert(0, stream(Signal, 1)), ascending()),
            (|m| m.files[0].kind = 99, range("files", "a known kind")),
            (|m| m.files[0].id.truncate(15), length("files", 15, "16")),
            (|m| m.files[0].id = vec![0; 16], FormError::StreamId { field: "files" }),
        ],
    );
    let with = |reader| Kind::FactsRead(proto::FactsRead { reader, ..facts_read() });
    refuses_lengths(with, "reader", "16");
    let mut most = facts_read();
    most.files = (1..=100).map(|id| stream(Case, id)).collect();
    most.files.extend((1..=100).map(|id| stream(Signal, id)));
    let Ok(Fact::FactsRead(most)) = fact(Kind::FactsRead(most)) else { panic!("no reading") };
    assert_eq!(most.files[199], StreamKey { kind: Signal, id: StreamId([100; 16]) });
}

#[test]
fn denial_refusals() {
    refuses(
        access_denied,
        Kind::AccessDenied,
        &[
            (|m| m.purpose = 99, range("purpose", "a known purpose")),
            (|m| m.token.clear(), range("token", "1 to 2048 bytes")),
            (|m| m.file = None, missing("file")),
            (|m| m.file = Some(stream(Root, 1)), FormError::StreamId { field: "file" }),
            (|m| m.reason = 99, range("reason", "a known one")),
            (|m| m.count = 0, range("count", "at least 1")),
        ],
    );
    let with = |reader| Kind::AccessDenied(proto::AccessDenied { reader, ..access_denied() });
    refuses_lengths(with, "reader", "16");
}

#[test]
fn access_refusals() {
    let ascending = || range("classes", "strictly ascending");
    let class = || range("sections.class", "a known class");
    refuses(
        access_granted,
        Kind::AccessGranted,
        &[
            (|m| m.classes.clear(), missing("classes")),
            (|m| m.classes = vec![0], class()),
            (|m| m.classes = vec![4], class()),
            (|m| m.classes = vec![1, 1], ascending()),
            (|m| m.classes = vec![2, 1], ascending()),
            (|m| m.purpose = 99, range("purpose", "a known purpose")),
            (|m| m.complaint = vec![1; 15], length("complaint", 15, "16")),
        ],
    );
    let with = |reader| Kind::AccessGranted(proto::AccessGranted { reader, ..access_granted() });
    refuses_lengths(with, "reader", "16");
    refuses(
        break_glass_opened,
        Kind::BreakGlassOpened,
        &[
            (|m| m.classes.clear(), missing("classes")),
            (|m| m.classes = vec![3, 2], ascending()),
            (|m| m.classes = vec![9], class()),
        ],
    );
    let full = proto::AccessGranted {
        classes: vec![1, 2, 3],
        complaint: vec![7; 16],
        until_seconds: 5,
        ..access_granted()
    };
    let Ok(Fact::AccessGranted(full)) = fact(Kind::AccessGranted(full)) else { panic!("none") };
    assert_eq!((full.classes, full.until_seconds), (Class::ALL.to_vec(), 5));
    assert_eq!(full.complaint, Some(StreamId([7; 16])));
}

#[test]
fn what_is_shared_is_a_list_in_order() {
    let version = || range("shared", "versions from 1, ascending");
    refuses(
        information_shared,
        Kind::InformationShared,
        &[
            (|m| m.shared.clear(), missing("shared")),
            (
                |m| m.shared = (1..=257).map(|version| released(version, &[0])).collect(),
                FormError::TooMany { field: "shared", count: 257, max: 256 },
            ),
            (|m| m.shared[0].version = 0, version()),
            (|m| m.shared.push(released(1, &[1])), version()),
            (|m| m.shared[0].sections.clear(), range("shared", SECTIONS)),
            (|m| m.shared[0].sections = vec![32], range("shared", SECTIONS)),
            (|m| m.shared[0].sections = vec![1, 0], range("shared", SECTIONS)),
        ],
    );
    let with = |receiver| {
        Kind::InformationShared(proto::InformationShared { receiver, ..information_shared() })
    };
    refuses_lengths(with, "receiver", "16");
    refuses(
        || proto::ServiceReferred { provider: vec![1; 16], shared: Vec::new() },
        Kind::ServiceReferred,
        &[
            (
                |m| m.shared = (1..=257).map(|version| released(version, &[0])).collect(),
                FormError::TooMany { field: "shared", count: 257, max: 256 },
            ),
            (|m| m.shared.push(released(0, &[1])), version()),
            (|m| m.shared.push(released(1, &[])), range("shared", SECTIONS)),
        ],
    );
    let with =
        |provider| Kind::ServiceReferred(proto::ServiceReferred { provider, shared: Vec::new() });
    refuses_lengths(with, "provider", "16");
}

#[test]
fn an_erasure_names_a_class_or_a_section() {
    use proto::sections_erased::What;
    let erased = |what| fact(Kind::SectionsErased(proto::SectionsErased { what }));
    assert_eq!(erased(None), Err(missing("what")));
    for class in [0, 4] {
        let error = range("sections.class", "a known class");
        assert_eq!(erased(Some(What::Class(class))), Err(error));
    }
    let whole = Fact::SectionsErased(SectionsErased::Class(Class::VeryRestricted));
    assert_eq!(erased(Some(What::Class(3))), Ok(whole));
    let section = |version, index| fact(Kind::SectionsErased(sections_erased(version, index)));
    assert_eq!(section(0, 0), Err(range("section.version", "at least 1")));
    assert_eq!(section(1, 32), Err(range("section.index", "0 to 31")));
    let one = SectionsErased::Section { version: Version(1), index: 31 };
    assert_eq!(section(1, 31), Ok(Fact::SectionsErased(one)));
}

#[test]
fn team_handler_and_transfer_refusals() {
    refuses(
        team_convened,
        Kind::TeamConvened,
        &[
            (|m| m.members.clear(), missing("members")),
            (
                |m| m.members = (1..=65).map(|id| vec![id; 16]).collect(),
                FormError::TooMany { field: "members", count: 65, max: 64 },
            ),
            (|m| m.members = vec![vec![1; 16]; 2], range("members", "strictly ascending")),
            (
                |m| m.members = vec![vec![2; 16], vec![1; 16]],
                range("members", "strictly ascending"),
            ),
            (|m| m.members[0] = vec![1; 15], length("members", 15, "16")),
            (|m| m.members[0].clear(), missing("members")),
        ],
    );
    let handler = |handler| Kind::HandlerAssigned(proto::HandlerAssigned { handler });
    refuses_lengths(handler, "handler", "16");
    refuses_lengths(|to| Kind::TransferProposed(proto::TransferProposed { to }), "to", "16");
}

#[test]
fn inspection_refusals() {
    let ascending = |field| range(field, "strictly ascending");
    refuses(
        inspection_opened,
        Kind::InspectionOpened,
        &[
            (|m| m.auditors.clear(), missing("auditors")),
            (
                |m| m.auditors = (1..=65).map(|id| vec![id; 16]).collect(),
                FormError::TooMany { field: "auditors", count: 65, max: 64 },
            ),
            (|m| m.auditors = vec![vec![1; 16]; 2], ascending("auditors")),
            (|m| m.agency = vec![1; 15], length("agency", 15, "16")),
            (|m| m.cases = vec![vec![1; 16]], range("cases", "none where an agency is named")),
            (|m| m.classes = vec![2, 1], ascending("classes")),
            (|m| m.classes = vec![0], range("sections.class", "a known class")),
        ],
    );
    let of_nothing = proto::InspectionOpened { agency: Vec::new(), ..inspection_opened() };
    assert!(fact(Kind::InspectionOpened(of_nothing)).is_ok());
    let by_case = || proto::InspectionOpened {
        agency: Vec::new(),
        cases: vec![vec![1; 16]],
        classes: vec![1, 2, 3],
        ..inspection_opened()
    };
    refuses(
        by_case,
        Kind::InspectionOpened,
        &[
            (
                |m| m.cases = (1..=201).map(|id| vec![id; 16]).collect(),
                FormError::TooMany { field: "cases", count: 201, max: 200 },
            ),
            (|m| m.cases = vec![vec![2; 16], vec![1; 16]], ascending("cases")),
            (|m| m.cases[0].push(1), length("cases", 17, "16")),
        ],
    );
}

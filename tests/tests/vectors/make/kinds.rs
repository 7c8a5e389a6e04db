//! `canonical`: a valid statement of every kind, and the bounds that are still within. `statement`,
//! `ledger_id`: their hashes.

use letopis_domain::testing::Story;
use letopis_proto::statement::v1::{self as proto, fact::Kind};
use letopis_types::StreamKind;
use prost::Message as _;
use serde_json::json;

use super::invented as i;
use super::{more_kinds, valid};
use crate::Vector;
use crate::check::hex;

pub(super) fn vectors() -> Vec<Vector> {
    let mut vectors: Vec<_> = kinds()
        .into_iter()
        .chain(more_kinds::of_registry())
        .chain(more_kinds::of_access())
        .map(|(kind, statement)| (kind.to_owned(), statement))
        .chain(told_kinds())
        .map(|(kind, statement)| canonical(&format!("valid-{kind}"), &statement))
        .collect();
    let bounds = bounds().into_iter().chain(more_kinds::bounds());
    vectors.extend(bounds.map(|(what, statement)| canonical(what, &statement)));
    for (what, statement) in [("genesis", i::genesis()), ("note-added", i::note_added())] {
        let input = json!({"statement": hex(statement.encode_to_vec())});
        vectors.push(valid("statement", &format!("valid-{what}"), input));
    }
    let input = json!({"genesis": hex(i::genesis().encode_to_vec())});
    vectors.push(valid("ledger_id", "valid-genesis", input));
    vectors
}

fn canonical(what: &str, statement: &proto::Statement) -> Vector {
    valid("canonical", what, json!({"statement": hex(statement.encode_to_vec())}))
}

/// With the keys of `i`, a further key of the social worker is of seed 7.
fn kinds() -> Vec<(&'static str, proto::Statement)> {
    let of_worker = |byte, signers, kind| {
        i::statement(byte, i::stream(StreamKind::Actor, i::WORKER), signers, kind)
    };
    let key_enrolled = {
        let mut signers = i::registrars();
        signers.push(proto::Signer { actor: i::actor(i::WORKER), ..i::signer(7, &[]) });
        signers.extend(i::worker());
        let fact = proto::KeyEnrolled { key: i::enrolled_key(7, proto::KeyUse::Token) };
        of_worker(7, signers, Kind::KeyEnrolled(fact))
    };
    let key_revoked = proto::KeyRevoked { public_key: i::key_bytes(7) };
    let role_ended = proto::RoleEnded { grant: i::GRANT.clone() };
    let imported = proto::HistoryImported {
        activity: 1,
        time: Some(proto::Instant { seconds: -1, nanos: 500_000_000, offset_minutes: 0 }),
    };
    let registrar = vec![i::signer(1, &i::GENESIS_HASH)];
    vec![
        ("genesis", i::genesis()),
        ("actor-enrolled", i::actor_enrolled()),
        ("key-enrolled", key_enrolled),
        ("key-revoked", of_worker(8, i::worker(), Kind::KeyRevoked(key_revoked))),
        ("role-granted", i::role_granted()),
        ("role-ended", of_worker(9, registrar.clone(), Kind::RoleEnded(role_ended))),
        (
            "history-imported",
            i::statement(
                10,
                i::stream(StreamKind::Case, 0xcb),
                registrar,
                Kind::HistoryImported(imported),
            ),
        ),
        ("sections-read", i::sections_read(vec![i::released(1, &[0, 1]), i::released(300, &[31])])),
        ("case-opened", i::case_opened()),
        ("note-added", i::note_added()),
    ]
}

/// The kinds about persons, signals and cases, each as the stories tell it, in the first kind of stream
/// where it may stand.
fn told_kinds() -> Vec<(String, proto::Statement)> {
    let told = letopis_proto::KINDS
        .iter()
        .filter(|kind| kind.number > 101 || [16, 17].contains(&kind.number));
    told.zip(0x70..).map(|(kind, byte)| told_kind(kind, byte)).collect()
}

fn told_kind(kind: &letopis_proto::KindInfo, byte: u8) -> (String, proto::Statement) {
    let fact = match kind.name {
        "ProfileAdopted" => Kind::ProfileAdopted(proto::ProfileAdopted {
            text: "code = \"измислен\"".to_owned(),
            effective_day: Some(-1),
        }),
        "RefusalsCounted" => Kind::RefusalsCounted(proto::RefusalsCounted {
            day: 20_000,
            counts: vec![
                proto::RefusalCount { reason: 1001, count: 3 },
                proto::RefusalCount { reason: 1004, count: 1 },
            ],
        }),
        "DeadlineMissed" => Kind::DeadlineMissed(proto::DeadlineMissed {
            clock: 101,
            started_by: vec![1; 32],
            subject: vec![2; 32],
            due_seconds: -1,
            file: proto::StreamKind::Signal.into(),
        }),
        "DelayExplained" => {
            Kind::DelayExplained(proto::DelayExplained { clock: 101, started_by: vec![1; 32] })
        }
        "ComplaintLodged" => Kind::ComplaintLodged(proto::ComplaintLodged {}),
        "HandlerAssigned" => {
            Kind::HandlerAssigned(proto::HandlerAssigned { handler: vec![10; 16] })
        }
        told => Story::new(1).tell(told).fact,
    };
    let stream =
        kind.streams.first().copied().and_then(|kind| StreamKind::from_number(kind.into()));
    let stream = stream.expect("every kind stands somewhere");
    let id = if stream == StreamKind::Root { 0 } else { 0xca };
    (kebab(kind.name), i::statement(byte, i::stream(stream, id), i::worker(), fact))
}

/// `SignalReceived` as `signal-received`.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for (at, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && at > 0 {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}

/// What is absent where it may be, and what is as large as it may be.
fn bounds() -> Vec<(&'static str, proto::Statement)> {
    let note = |change: fn(&mut proto::Statement)| {
        let mut statement = i::note_added();
        change(&mut statement);
        statement
    };
    let with_presence = {
        let mut statement = i::role_granted();
        let fact = proto::RoleGranted {
            role: proto::Role::Registrar.into(),
            agency: vec![0xa0; 16],
            region: Some(0),
            from_seconds: Some(-1),
            until_seconds: Some(0),
        };
        statement.fact = Some(proto::Fact { kind: Some(Kind::RoleGranted(fact)) });
        statement
    };
    let every_relation = |statement: &mut proto::Statement| {
        let relations = (1..=6).map(|number| proto::Relation::try_from(number).unwrap());
        statement.references = relations.map(i::reference).collect();
    };
    vec![
        ("valid-minimal", i::note_alone()),
        ("valid-fields-with-presence-at-zero", with_presence),
        ("valid-event-id-version-8", note(|s| s.event_id[6] = 0x80)),
        ("valid-every-relation", note(every_relation)),
        (
            "valid-payload-type-64-bytes",
            note(|s| s.sections[0].payload_type = "az09./+-".repeat(8)),
        ),
        ("valid-16-signers", note(|s| s.signers = signers(16))),
        ("valid-64-references", note(|s| s.references = vec![s.references[0].clone(); 64])),
        ("valid-32-sections", note(|s| s.sections = vec![s.sections[0].clone(); 32])),
        ("valid-seen-version-max", note(|s| s.seen.as_mut().unwrap().version = u64::MAX)),
        (
            "valid-occurred-at-first-second",
            note(|s| {
                let time = s.occurred_at.as_mut().unwrap();
                (time.seconds, time.nanos) = (-62_135_596_800, 0);
                time.offset_minutes = -1080;
            }),
        ),
        (
            "valid-occurred-at-last-nanosecond",
            note(|s| {
                let time = s.occurred_at.as_mut().unwrap();
                (time.seconds, time.nanos) = (253_402_300_799, 999_999_999);
                time.offset_minutes = 1080;
            }),
        ),
        ("valid-64-kib", of_length(letopis_crypto::canonical::STATEMENT_BYTES_MAX)),
    ]
}

/// Signers by the keys of as many seeds.
pub(super) fn signers(count: u8) -> Vec<proto::Signer> {
    let mut signers: Vec<_> = (1..=count)
        .map(|seed| proto::Signer { actor: vec![seed; 16], ..i::signer(seed, &i::GRANT) })
        .collect();
    signers.sort_by(|a, b| a.public_key.cmp(&b.public_key));
    signers
}

/// A statement of just this length, otherwise as it must be: a long reading.
pub(super) fn of_length(length: usize) -> proto::Statement {
    let every: Vec<u32> = (0..32).collect();
    let mut statement = i::sections_read((1..=1660).map(|v| i::released(v, &every)).collect());
    let missing = length - statement.encoded_len();
    let Some(Kind::SectionsRead(fact)) = statement.fact.as_mut().and_then(|f| f.kind.as_mut())
    else {
        unreachable!("it is a reading")
    };
    // The token's length takes one byte more once it is above 127.
    fact.token = vec![b'.'; fact.token.len() + missing - 1];
    assert_eq!(statement.encoded_len(), length);
    statement
}

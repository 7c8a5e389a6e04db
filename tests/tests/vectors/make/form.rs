//! `canonical`: canonical encodings that have not the form of a statement.

use letopis_proto::statement::v1::{self as proto, fact::Kind};
use letopis_types::StreamKind;
use prost::Message as _;
use serde_json::json;

use super::invented as i;
use super::{invalid, kinds};
use crate::Vector;
use crate::check::hex;

type Change = fn(&mut proto::Statement);

/// What, the fault, and the change of a valid statement that it is.
pub(super) type Case = (&'static str, &'static str, Change);

pub(super) const MISSING: &str = "field_missing";
pub(super) const LENGTH: &str = "length_wrong";
pub(super) const RANGE: &str = "value_out_of_range";
pub(super) const STREAM: &str = "stream_kind_wrong";

pub(super) fn vectors() -> Vec<Vector> {
    let note = cases(i::note_added(), &[missing(), lengths(), bounds(), places()].concat());
    let genesis = cases(i::genesis(), &genesis());
    let released = vec![i::released(1, &[0, 1]), i::released(2, &[0])];
    let reading = cases(i::sections_read(released), &reading());
    let enrolled = cases(i::actor_enrolled(), &enrolment());
    let facts = cases(i::role_granted(), &facts());
    [note, genesis, reading, enrolled, facts].concat()
}

/// What each change of a valid statement is refused for.
pub(super) fn cases(valid: proto::Statement, changes: &[Case]) -> Vec<Vector> {
    changes
        .iter()
        .map(|(what, fault, change)| {
            let mut statement = valid.clone();
            change(&mut statement);
            let input = json!({"statement": hex(statement.encode_to_vec())});
            invalid("canonical", what, fault, input)
        })
        .collect()
}

fn missing() -> Vec<Case> {
    vec![
        ("field-missing-ledger", MISSING, |s| s.ledger.clear()),
        ("field-missing-event-id", MISSING, |s| s.event_id.clear()),
        ("field-missing-stream", MISSING, |s| s.stream = None),
        ("field-missing-stream-id", MISSING, |s| stream(s).id.clear()),
        ("field-missing-signers", MISSING, |s| s.signers.clear()),
        ("field-missing-signer-actor", MISSING, |s| s.signers[0].actor.clear()),
        ("field-missing-signer-key", MISSING, |s| s.signers[0].public_key.clear()),
        ("field-missing-seen-head", MISSING, |s| s.seen.as_mut().unwrap().head.clear()),
        ("field-missing-occurred-at", MISSING, |s| s.occurred_at = None),
        ("field-missing-nonce", MISSING, |s| s.nonce.clear()),
        ("field-missing-reference-stream", MISSING, |s| s.references[0].stream = None),
        ("field-missing-reference-hash", MISSING, |s| s.references[0].statement_hash.clear()),
        ("field-missing-commitment", MISSING, |s| s.sections[0].commitment.clear()),
        ("field-missing-fact", MISSING, |s| s.fact = None),
        ("field-missing-member-of-fact", MISSING, |s| s.fact = Some(proto::Fact { kind: None })),
    ]
}

fn lengths() -> Vec<Case> {
    vec![
        ("length-wrong-ledger", LENGTH, |s| s.ledger.push(1)),
        ("length-wrong-event-id", LENGTH, |s| s.event_id.push(1)),
        ("length-wrong-stream-id", LENGTH, |s| stream(s).id.truncate(15)),
        ("length-wrong-signer-actor", LENGTH, |s| s.signers[0].actor.truncate(15)),
        ("length-wrong-signer-key", LENGTH, |s| s.signers[0].public_key.push(1)),
        ("length-wrong-signer-grant", LENGTH, |s| s.signers[0].grant.truncate(31)),
        ("length-wrong-seen-head", LENGTH, |s| s.seen.as_mut().unwrap().head.truncate(31)),
        ("length-wrong-nonce", LENGTH, |s| s.nonce.truncate(31)),
        ("length-wrong-reference-hash", LENGTH, |s| s.references[0].statement_hash.push(1)),
        ("length-wrong-commitment", LENGTH, |s| s.sections[0].commitment.truncate(31)),
    ]
}

fn bounds() -> Vec<Case> {
    vec![
        ("seen-version-zero", RANGE, |s| s.seen.as_mut().unwrap().version = 0),
        ("occurred-at-before-year-1", RANGE, |s| time(s).seconds = -62_135_596_801),
        ("occurred-at-after-year-9999", RANGE, |s| time(s).seconds = 253_402_300_800),
        ("occurred-at-nanos", RANGE, |s| time(s).nanos = 1_000_000_000),
        ("occurred-at-offset-east", RANGE, |s| time(s).offset_minutes = 1081),
        ("occurred-at-offset-west", RANGE, |s| time(s).offset_minutes = -1081),
        ("too-many-signers", "too_many", |s| s.signers = kinds::signers(17)),
        ("too-many-references", "too_many", |s| {
            s.references = vec![s.references[0].clone(); 65];
        }),
        ("too-many-sections", "too_many", |s| s.sections = vec![s.sections[0].clone(); 33]),
        ("signers-not-sorted", "signers_not_sorted", |s| {
            s.signers = kinds::signers(2);
            s.signers.reverse();
        }),
        ("signers-not-sorted-key-twice", "signers_not_sorted", |s| {
            s.signers.push(proto::Signer { actor: vec![9; 16], ..s.signers[0].clone() });
        }),
        ("payload-type-absent", "payload_type_invalid", |s| s.sections[0].payload_type.clear()),
        ("payload-type-65-bytes", "payload_type_invalid", |s| {
            s.sections[0].payload_type = "a".repeat(65);
        }),
        ("payload-type-upper-case", "payload_type_invalid", |s| {
            s.sections[0].payload_type = "Text/plain".into();
        }),
        ("payload-type-underscore", "payload_type_invalid", |s| {
            s.sections[0].payload_type = "text/plain_text".into();
        }),
        ("payload-type-not-ascii", "payload_type_invalid", |s| {
            s.sections[1].payload_type = "бележка".into();
        }),
        ("event-id-version-4", "event_id_invalid", |s| s.event_id[6] = 0x40),
        ("event-id-version-6", "event_id_invalid", |s| s.event_id[6] = 0x60),
        ("event-id-version-9", "event_id_invalid", |s| s.event_id[6] = 0x90),
        ("event-id-variant-ncs", "event_id_invalid", |s| s.event_id[8] = 0x7f),
        ("event-id-variant-microsoft", "event_id_invalid", |s| s.event_id[8] = 0xc0),
    ]
}

fn places() -> Vec<Case> {
    vec![
        ("stream-kind-wrong", STREAM, |s| stream(s).kind = StreamKind::Actor as i32),
        ("stream-kind-wrong-root", STREAM, |s| {
            s.stream = i::stream(StreamKind::Root, 0);
        }),
        ("stream-kind-wrong-case-with-id-zero", STREAM, |s| stream(s).id = vec![0; 16]),
        ("stream-kind-wrong-reference-to-case-with-id-zero", STREAM, |s| {
            s.references[0].stream = i::stream(StreamKind::Case, 0);
        }),
        ("stream-kind-wrong-reference-to-root-with-id", STREAM, |s| {
            s.references[0].stream = i::stream(StreamKind::Root, 1);
        }),
    ]
}

fn genesis() -> Vec<Case> {
    vec![
        ("genesis-with-ledger", RANGE, |s| s.ledger = vec![1; 32]),
        ("genesis-root-stream-with-id", STREAM, |s| stream(s).id = vec![1; 16]),
        ("genesis-name-upper-case", RANGE, |s| genesis_of(s).name = "Invented.example".into()),
        ("genesis-name-201-bytes", RANGE, |s| genesis_of(s).name = "a".repeat(201)),
        ("genesis-procedure-1-byte", RANGE, |s| genesis_of(s).procedure = "b".into()),
        ("genesis-procedure-17-bytes", RANGE, |s| genesis_of(s).procedure = "b".repeat(17)),
        ("genesis-procedure-dot", RANGE, |s| genesis_of(s).procedure = "b.g".into()),
        ("genesis-two-registrars", RANGE, |s| genesis_of(s).registrars.truncate(2)),
        ("genesis-15-registrars", "too_many", |s| {
            let registrar = |seed| proto::Registrar {
                actor: vec![seed; 16],
                statement_key: i::key_bytes(seed),
            };
            genesis_of(s).registrars = (6..21).map(registrar).collect();
        }),
        ("genesis-registrar-is-actor-zero", RANGE, |s| {
            genesis_of(s).registrars[0].actor = vec![0; 16];
        }),
        ("genesis-one-actor-twice", RANGE, |s| {
            genesis_of(s).registrars[1].actor = i::actor(1);
        }),
        ("genesis-one-key-twice", RANGE, |s| {
            genesis_of(s).checkpoint_key = i::key_bytes(i::LEDGER);
        }),
        ("genesis-checkpoint-key-missing", MISSING, |s| genesis_of(s).checkpoint_key.clear()),
        ("genesis-statement-key-length", LENGTH, |s| genesis_of(s).statement_key.push(1)),
        ("genesis-previous-ledger-length", LENGTH, |s| {
            genesis_of(s).previous_ledger = vec![9; 31];
        }),
    ]
}

fn enrolment() -> Vec<Case> {
    vec![
        ("actor-enrolled-without-key", MISSING, |s| {
            enrolled_of(s).key = None;
        }),
        ("actor-enrolled-key-length", LENGTH, |s| {
            enrolled_of(s).key.as_mut().unwrap().public_key.truncate(31);
        }),
        ("actor-enrolled-with-a-token-key", RANGE, |s| {
            enrolled_of(s).key.as_mut().unwrap().r#use = proto::KeyUse::Token.into();
        }),
    ]
}

fn reading() -> Vec<Case> {
    vec![
        ("sections-read-nothing-released", MISSING, |s| reading_of(s).released.clear()),
        ("sections-read-versions-descending", RANGE, |s| reading_of(s).released.reverse()),
        ("sections-read-version-twice", RANGE, |s| reading_of(s).released[1].version = 1),
        ("sections-read-version-zero", RANGE, |s| reading_of(s).released[0].version = 0),
        ("sections-read-indices-descending", RANGE, |s| {
            reading_of(s).released[0].sections = vec![1, 0];
        }),
        ("sections-read-index-twice", RANGE, |s| {
            reading_of(s).released[0].sections = vec![1, 1];
        }),
        ("sections-read-index-32", RANGE, |s| reading_of(s).released[0].sections = vec![32]),
        ("sections-read-no-index", RANGE, |s| reading_of(s).released[0].sections.clear()),
        ("sections-read-token-2049-bytes", RANGE, |s| reading_of(s).token = vec![b'.'; 2049]),
        ("sections-read-without-reader", MISSING, |s| reading_of(s).reader.clear()),
        ("sections-read-2049-released", "too_many", |s| {
            reading_of(s).released = (1..=2049).map(|v| i::released(v, &[0])).collect();
        }),
    ]
}

/// Of other kinds, in their streams.
fn facts() -> Vec<Case> {
    vec![
        ("role-granted-agency-length", LENGTH, |s| {
            let granted = proto::RoleGranted { role: 1, agency: vec![1; 15], ..Default::default() };
            put(s, StreamKind::Actor, Kind::RoleGranted(granted));
        }),
        ("role-granted-until-not-after-from", RANGE, |s| {
            let (from_seconds, until_seconds) = (Some(5), Some(5));
            let granted =
                proto::RoleGranted { role: 1, from_seconds, until_seconds, ..Default::default() };
            put(s, StreamKind::Actor, Kind::RoleGranted(granted));
        }),
        ("role-ended-without-grant", MISSING, |s| {
            put(s, StreamKind::Actor, Kind::RoleEnded(proto::RoleEnded { grant: Vec::new() }));
        }),
        ("key-revoked-key-length", LENGTH, |s| {
            let revoked = proto::KeyRevoked { public_key: vec![1; 33] };
            put(s, StreamKind::Actor, Kind::KeyRevoked(revoked));
        }),
        ("history-imported-activity-zero", RANGE, |s| {
            let imported = proto::HistoryImported { activity: 0, time: Some(Default::default()) };
            put(s, StreamKind::Case, Kind::HistoryImported(imported));
        }),
        ("history-imported-without-time", MISSING, |s| {
            let imported = proto::HistoryImported { activity: 1, time: None };
            put(s, StreamKind::Case, Kind::HistoryImported(imported));
        }),
        ("history-imported-offset", RANGE, |s| {
            let time = Some(proto::Instant { offset_minutes: 1081, ..Default::default() });
            let imported = proto::HistoryImported { activity: 1, time };
            put(s, StreamKind::Case, Kind::HistoryImported(imported));
        }),
        ("case-opened-without-lead", MISSING, |s| {
            let opened = proto::CaseOpened { holder: vec![1; 16], lead: Vec::new() };
            put(s, StreamKind::Case, Kind::CaseOpened(opened));
        }),
        ("case-opened-holder-length", LENGTH, |s| {
            let opened = proto::CaseOpened { holder: vec![1; 17], lead: vec![1; 16] };
            put(s, StreamKind::Case, Kind::CaseOpened(opened));
        }),
    ]
}

pub(super) fn put(statement: &mut proto::Statement, stream: StreamKind, kind: Kind) {
    statement.stream = i::stream(stream, 0xca);
    statement.fact = Some(proto::Fact { kind: Some(kind) });
}

fn stream(statement: &mut proto::Statement) -> &mut proto::Stream {
    statement.stream.as_mut().unwrap()
}

fn time(statement: &mut proto::Statement) -> &mut proto::OccurredAt {
    statement.occurred_at.as_mut().unwrap()
}

fn kind(statement: &mut proto::Statement) -> &mut Kind {
    statement.fact.as_mut().unwrap().kind.as_mut().unwrap()
}

fn genesis_of(statement: &mut proto::Statement) -> &mut proto::Genesis {
    let Kind::Genesis(genesis) = kind(statement) else { panic!("no genesis") };
    genesis
}

fn enrolled_of(statement: &mut proto::Statement) -> &mut proto::ActorEnrolled {
    let Kind::ActorEnrolled(enrolled) = kind(statement) else { panic!("no enrolment") };
    enrolled
}

fn reading_of(statement: &mut proto::Statement) -> &mut proto::SectionsRead {
    let Kind::SectionsRead(reading) = kind(statement) else { panic!("no reading") };
    reading
}

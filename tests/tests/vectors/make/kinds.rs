//! `canonical`: a valid statement of every kind, and the bounds that are still within. `statement`,
//! `ledger_id`: their hashes.

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
        .chain(unstable_kinds())
        .chain(more_kinds::of_registry())
        .chain(more_kinds::of_access())
        .chain(more_kinds::of_cases())
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

fn unstable_kinds() -> Vec<(&'static str, proto::Statement)> {
    let signal_received = proto::SignalReceived {
        channel: proto::SignalChannel::Hotline.into(),
        children: vec![vec![0xc1; 16], vec![0xc2; 16]],
    };
    let signal_assessed = proto::SignalAssessed { outcome: proto::SignalOutcome::Case.into() };
    let child_heard = proto::ChildHeard { age_band: proto::AgeBand::AgeBand10To13.into() };
    let in_case = [
        ("lead-assigned", Kind::LeadAssigned(proto::LeadAssigned { lead: i::actor(i::WORKER) })),
        ("assessment-completed", Kind::AssessmentCompleted(proto::AssessmentCompleted {})),
        ("child-heard", Kind::ChildHeard(child_heard)),
        ("plan-adopted", Kind::PlanAdopted(proto::PlanAdopted {})),
        ("visit-recorded", Kind::VisitRecorded(proto::VisitRecorded { child_seen_alone: true })),
        ("review-held", Kind::ReviewHeld(proto::ReviewHeld {})),
        ("case-closed", Kind::CaseClosed(proto::CaseClosed {})),
    ];
    let of_signal = [
        ("signal-received", Kind::SignalReceived(signal_received)),
        ("signal-assessed", Kind::SignalAssessed(signal_assessed)),
    ];
    let make = |stream: &Option<proto::Stream>, (name, kind), byte| {
        (name, i::statement(byte, stream.clone(), i::worker(), kind))
    };
    let (signal, case) = (i::stream(StreamKind::Signal, 0x51), i::stream(StreamKind::Case, 0xca));
    let of_signal = of_signal.into_iter().zip(20..).map(|(kind, byte)| make(&signal, kind, byte));
    let in_case = in_case.into_iter().zip(22..).map(|(kind, byte)| make(&case, kind, byte));
    of_signal.chain(in_case).collect()
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

//! A valid statement, and what each single change of it is refused with.

use letopis_proto::error::v1::Reason;
use letopis_types::{StreamId, StreamKind};

use super::*;
use crate::Refusal as _;

fn signer(byte: u8) -> proto::Signer {
    proto::Signer { actor: vec![1; 16], public_key: vec![byte; 32], grant: vec![2; 32] }
}

fn reference() -> proto::Reference {
    proto::Reference {
        relation: proto::Relation::BasedOn.into(),
        stream: Some(proto::Stream { kind: StreamKind::Signal as i32, id: vec![4; 16] }),
        statement_hash: vec![5; 32],
    }
}

fn section() -> proto::Section {
    proto::Section {
        class: Class::Restricted as i32,
        payload_type: "text/plain".into(),
        commitment: vec![6; 32],
    }
}

fn note() -> Option<proto::Fact> {
    Some(proto::Fact { kind: Some(proto::fact::Kind::NoteAdded(proto::NoteAdded {})) })
}

/// An id with these version and variant bytes.
fn event_id(version: u8, variant: u8) -> Vec<u8> {
    let mut id = vec![3; 16];
    (id[6], id[8]) = (version, variant);
    id
}

fn valid() -> proto::Statement {
    proto::Statement {
        ledger: vec![1; 32],
        event_id: event_id(0x70, 0x80),
        stream: Some(proto::Stream { kind: StreamKind::Case as i32, id: vec![2; 16] }),
        signers: vec![signer(1), signer(2)],
        seen: Some(proto::Seen { version: 1, head: vec![3; 32] }),
        occurred_at: Some(proto::OccurredAt {
            seconds: -1,
            nanos: 2,
            offset_minutes: 120,
            precision: proto::Precision::Minute.into(),
            knowledge: proto::Knowledge::Told.into(),
        }),
        nonce: vec![4; 32],
        references: vec![reference()],
        sections: vec![section()],
        fact: note(),
    }
}

fn genesis() -> proto::Statement {
    let registrar =
        |byte| proto::Registrar { actor: vec![byte; 16], statement_key: vec![byte; 32] };
    let fact = proto::Genesis {
        name: "invented.example".into(),
        procedure: "bg".into(),
        trial: true,
        registrars: vec![registrar(1), registrar(2), registrar(3)],
        statement_key: vec![4; 32],
        checkpoint_key: vec![5; 32],
        previous_ledger: Vec::new(),
    };
    proto::Statement {
        ledger: Vec::new(),
        stream: Some(proto::Stream { kind: StreamKind::Root as i32, id: vec![0; 16] }),
        seen: None,
        fact: Some(proto::Fact { kind: Some(proto::fact::Kind::Genesis(fact)) }),
        ..valid()
    }
}

#[test]
fn a_valid_statement_is_taken_over() {
    let statement = Statement::from_proto(&valid()).unwrap();
    let expected = Statement {
        ledger: Some(LedgerId([1; 32])),
        event_id: EventId(event_id(0x70, 0x80).try_into().unwrap()),
        stream: StreamKey { kind: StreamKind::Case, id: StreamId([2; 16]) },
        signers: [1, 2]
            .map(|byte| Signer {
                actor: ActorId([1; 16]),
                key: PublicKey([byte; 32]),
                grant: Some(Digest([2; 32])),
            })
            .into(),
        seen: Some(Seen { version: Version(1), head: Digest([3; 32]) }),
        occurred_at: OccurredAt {
            instant: Instant { seconds: -1, nanos: 2, offset_minutes: 120 },
            precision: proto::Precision::Minute,
            knowledge: proto::Knowledge::Told,
        },
        nonce: [4; 32],
        references: vec![Reference {
            relation: proto::Relation::BasedOn,
            stream: StreamKey { kind: StreamKind::Signal, id: StreamId([4; 16]) },
            statement_hash: Digest([5; 32]),
        }],
        sections: vec![Section {
            class: Class::Restricted,
            payload_type: "text/plain".into(),
            commitment: Digest([6; 32]),
        }],
        fact: Fact::NoteAdded(proto::NoteAdded {}),
    };
    assert_eq!(statement, expected);
    assert_eq!(statement.kind().number, 101);
}

#[test]
fn a_genesis_has_no_ledger() {
    let statement = Statement::from_proto(&genesis()).unwrap();
    assert_eq!((statement.ledger, statement.stream), (None, StreamKey::ROOT));
    let with = proto::Statement { ledger: vec![1; 32], ..genesis() };
    let error = FormError::Range { field: "ledger", allowed: "absent in a genesis" };
    assert_eq!(Statement::from_proto(&with), Err(error));
}

type Change = fn(&mut proto::Statement);

#[test]
fn what_is_optional_may_be_absent_and_bounds_are_within() {
    let changes: [Change; 12] = [
        |s| s.seen = None,
        |s| s.references.clear(),
        |s| s.sections.clear(),
        |s| s.signers[0].grant.clear(),
        |s| s.event_id = event_id(0x8f, 0xbf),
        |s| s.signers = (1..=16).map(signer).collect(),
        |s| s.references = vec![reference(); 64],
        |s| s.sections = vec![section(); 32],
        |s| s.sections[0].payload_type = "az09./+-".repeat(8),
        |s| {
            let time = s.occurred_at.as_mut().unwrap();
            (time.seconds, time.nanos, time.offset_minutes) = (-62_135_596_800, 999_999_999, -1080);
        },
        |s| {
            let time = s.occurred_at.as_mut().unwrap();
            (time.seconds, time.nanos, time.offset_minutes) = (253_402_300_799, 0, 1080);
        },
        |s| {
            s.references[0].stream =
                Some(proto::Stream { kind: StreamKind::Root as i32, id: vec![0; 16] });
        },
    ];
    for (i, change) in changes.into_iter().enumerate() {
        let mut statement = valid();
        change(&mut statement);
        let typed = Statement::from_proto(&statement);
        assert!(typed.is_ok(), "change {i}: {typed:?}");
    }
}

/// Every bytes field of a fixed length: absent where it must be there, one byte short, one long.
#[test]
fn lengths() {
    type Get = fn(&mut proto::Statement) -> &mut Vec<u8>;
    let fields: [(&'static str, Get, &'static str, bool); 11] = [
        ("ledger", |s| &mut s.ledger, "32", true),
        ("event_id", |s| &mut s.event_id, "16", true),
        ("stream", |s| &mut s.stream.as_mut().unwrap().id, "16", true),
        ("signers.actor", |s| &mut s.signers[0].actor, "16", true),
        ("signers.public_key", |s| &mut s.signers[0].public_key, "32", true),
        ("signers.grant", |s| &mut s.signers[0].grant, "32", false),
        ("seen.head", |s| &mut s.seen.as_mut().unwrap().head, "32", true),
        ("nonce", |s| &mut s.nonce, "32", true),
        ("references.stream", |s| &mut s.references[0].stream.as_mut().unwrap().id, "16", true),
        ("references.statement_hash", |s| &mut s.references[0].statement_hash, "32", true),
        ("sections.commitment", |s| &mut s.sections[0].commitment, "32", true),
    ];
    for (field, get, expected, required) in fields {
        let mut statement = valid();
        get(&mut statement).clear();
        let absent = Statement::from_proto(&statement);
        if required {
            assert_eq!(absent, Err(FormError::Missing { field }));
        } else {
            assert!(absent.is_ok(), "{field}");
        }
        let right: usize = expected.parse().unwrap();
        for length in [right - 1, right + 1] {
            let mut statement = valid();
            get(&mut statement).resize(length, 1);
            let error = FormError::Length { field, length, expected };
            assert_eq!(Statement::from_proto(&statement), Err(error));
        }
    }
}

#[test]
fn each_other_change_has_its_error() {
    let missing = |field| FormError::Missing { field };
    let range = |field, allowed| FormError::Range { field, allowed };
    let many = |field, count, max| FormError::TooMany { field, count, max };
    let years = range("seconds", "the years 1 to 9999");
    let offset = range("offset_minutes", "-1080 to 1080");
    let payload = FormError::PayloadType { index: 1 };
    let wrong_stream = FormError::Stream { kind: "NoteAdded" };
    let changes: [(Change, FormError); 39] = [
        (|s| s.fact = None, missing("fact")),
        (|s| s.fact = Some(proto::Fact { kind: None }), missing("fact")),
        (|s| s.stream = None, missing("stream")),
        (|s| s.occurred_at = None, missing("occurred_at")),
        (|s| s.signers.clear(), missing("signers")),
        (|s| s.references[0].stream = None, missing("references.stream")),
        // The event id: version 4, 6 and 9; the variants beside RFC 9562's.
        (|s| s.event_id = event_id(0x40, 0x80), FormError::EventId),
        (|s| s.event_id = event_id(0x60, 0x80), FormError::EventId),
        (|s| s.event_id = event_id(0x90, 0x80), FormError::EventId),
        (|s| s.event_id = event_id(0x70, 0x7f), FormError::EventId),
        (|s| s.event_id = event_id(0x70, 0xc0), FormError::EventId),
        // The stream: a kind that there is not, one that is not the fact's, a wrong id.
        (|s| stream(s).kind = 0, range("stream", "a known kind")),
        (|s| stream(s).kind = 10, range("stream", "a known kind")),
        (|s| stream(s).kind = StreamKind::Signal as i32, wrong_stream.clone()),
        (
            |s| *stream(s) = proto::Stream { kind: StreamKind::Root as i32, id: vec![0; 16] },
            wrong_stream,
        ),
        (|s| stream(s).id = vec![0; 16], FormError::StreamId { field: "stream" }),
        (|s| stream(s).kind = StreamKind::Root as i32, FormError::StreamId { field: "stream" }),
        (
            |s| s.references[0].stream.as_mut().unwrap().id = vec![0; 16],
            FormError::StreamId { field: "references.stream" },
        ),
        (
            |s| s.references[0].stream.as_mut().unwrap().kind = 1,
            FormError::StreamId { field: "references.stream" },
        ),
        // Signers.
        (|s| s.signers.swap(0, 1), FormError::SignersNotSorted),
        (|s| s.signers[0] = signer(2), FormError::SignersNotSorted),
        (|s| s.signers = (1..=17).map(signer).collect(), many("signers", 17, 16)),
        (|s| s.seen.as_mut().unwrap().version = 0, range("seen.version", "at least 1")),
        // When.
        (|s| time(s).seconds = -62_135_596_801, years.clone()),
        (|s| time(s).seconds = 253_402_300_800, years),
        (|s| time(s).nanos = 1_000_000_000, range("nanos", "0 to 999999999")),
        (|s| time(s).offset_minutes = -1081, offset.clone()),
        (|s| time(s).offset_minutes = 1081, offset),
        (|s| time(s).precision = 9, range("occurred_at.precision", "a known one")),
        (|s| time(s).knowledge = 9, range("occurred_at.knowledge", "a known one")),
        // References and sections.
        (|s| s.references = vec![reference(); 65], many("references", 65, 64)),
        (|s| s.references[0].relation = 9, range("references.relation", "a known one")),
        (
            |s| s.references[0].stream.as_mut().unwrap().kind = 10,
            range("references.stream", "a known kind"),
        ),
        (|s| s.sections = vec![section(); 33], many("sections", 33, 32)),
        (|s| s.sections[0].class = 4, range("sections.class", "a known class")),
        (|s| with_payload_type(s, ""), payload.clone()),
        (|s| with_payload_type(s, &"a".repeat(65)), payload.clone()),
        (|s| with_payload_type(s, "Text/plain"), payload.clone()),
        (|s| with_payload_type(s, "text/pláin"), payload),
    ];
    for (i, (change, error)) in changes.into_iter().enumerate() {
        let mut statement = valid();
        change(&mut statement);
        assert_eq!(Statement::from_proto(&statement), Err(error), "change {i}");
    }
}

fn stream(statement: &mut proto::Statement) -> &mut proto::Stream {
    statement.stream.as_mut().unwrap()
}

fn time(statement: &mut proto::Statement) -> &mut proto::OccurredAt {
    statement.occurred_at.as_mut().unwrap()
}

/// A second section with this payload type, so that the error names the right one.
fn with_payload_type(statement: &mut proto::Statement, payload_type: &str) {
    statement.sections.push(proto::Section { payload_type: payload_type.into(), ..section() });
}

/// In every kind of stream: accepted in the fact's alone.
#[test]
fn a_fact_stands_in_its_kind_of_stream() {
    for kind in StreamKind::ALL {
        let id = if kind == StreamKind::Root { vec![0; 16] } else { vec![2; 16] };
        let stream = Some(proto::Stream { kind: kind as i32, id });
        let note = proto::Statement { stream: stream.clone(), ..valid() };
        assert_eq!(Statement::from_proto(&note).is_ok(), kind == StreamKind::Case, "{kind:?}");
        let genesis = proto::Statement { stream, ..genesis() };
        assert_eq!(Statement::from_proto(&genesis).is_ok(), kind == StreamKind::Root, "{kind:?}");
    }
}

/// One that stands in several: accepted in all of them.
#[test]
fn a_fact_may_stand_in_several_kinds_of_stream() {
    use StreamKind::{Actor, Case, Complaint, Person, Protected, Root, Signal};
    let hold = proto::fact::Kind::LegalHoldSet(proto::LegalHoldSet {});
    let breach = proto::fact::Kind::BreachRecorded(proto::BreachRecorded {});
    let files = [Actor, Case, Protected, Signal, Person, Complaint];
    for (fact, streams) in [(hold, &files[..]), (breach, &[Root, Case])] {
        for kind in StreamKind::ALL {
            let id = if kind == Root { vec![0; 16] } else { vec![2; 16] };
            let stream = Some(proto::Stream { kind: kind as i32, id });
            let fact = Some(proto::Fact { kind: Some(fact.clone()) });
            let statement = proto::Statement { stream, fact, ..valid() };
            let got = Statement::from_proto(&statement);
            assert_eq!(got.is_ok(), streams.contains(&kind), "{kind:?}: {got:?}");
        }
    }
}

/// Each error's public reason, and the particulars that the reason's text promises.
#[test]
fn every_form_error_has_its_reason() {
    let field = "nonce";
    let cases = [
        (FormError::Missing { field }, Reason::FieldMissing, Some(("field", "nonce"))),
        (
            FormError::Length { field, length: 1, expected: "32" },
            Reason::LengthWrong,
            Some(("field", "nonce")),
        ),
        (
            FormError::Range { field, allowed: "" },
            Reason::ValueOutOfRange,
            Some(("field", "nonce")),
        ),
        (FormError::TooMany { field, count: 2, max: 1 }, Reason::TooMany, Some(("field", "nonce"))),
        (FormError::SignersNotSorted, Reason::SignersNotSorted, None),
        (FormError::PayloadType { index: 3 }, Reason::PayloadTypeInvalid, Some(("index", "3"))),
        (FormError::EventId, Reason::EventIdInvalid, None),
        (
            FormError::Stream { kind: "NoteAdded" },
            Reason::StreamKindWrong,
            Some(("kind", "NoteAdded")),
        ),
        (FormError::StreamId { field }, Reason::StreamKindWrong, Some(("field", "nonce"))),
    ];
    for (error, reason, particular) in cases {
        assert_eq!(error.reason(), reason, "{error}");
        let expected: Vec<_> =
            particular.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        assert_eq!(error.particulars(), expected, "{error}");
    }
}

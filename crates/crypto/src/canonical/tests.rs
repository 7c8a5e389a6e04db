use letopis_proto::statement::v1::{
    ActorEnrolled, EnrolledKey, Fact, OccurredAt, ReleasedSections, RoleGranted, Section,
    SectionsRead, Seen, Signer, Statement, Stream, fact::Kind,
};
use proptest::prelude::*;
use prost::Message as _;

use super::*;

fn statement(kind: Kind) -> Statement {
    Statement {
        ledger: vec![1; 32],
        event_id: vec![2; 16],
        stream: Some(Stream { kind: 3, id: vec![3; 16] }),
        signers: vec![
            Signer { actor: vec![4; 16], public_key: vec![5; 32], grant: vec![6; 32] },
            Signer { actor: vec![4; 16], public_key: vec![7; 32], grant: Vec::new() },
        ],
        seen: Some(Seen { version: 300, head: vec![8; 32] }),
        occurred_at: Some(OccurredAt {
            seconds: -1,
            nanos: 5,
            offset_minutes: 120,
            precision: 1,
            knowledge: 2,
        }),
        nonce: vec![9; 32],
        references: Vec::new(),
        sections: vec![Section {
            class: 1,
            payload_type: "text/plain".into(),
            commitment: vec![10; 32],
        }],
        fact: Some(Fact { kind: Some(kind) }),
    }
}

fn samples() -> Vec<Statement> {
    let released =
        |version, sections: &[u32]| ReleasedSections { version, sections: sections.into() };
    vec![
        statement(Kind::NoteAdded(Default::default())),
        statement(Kind::RoleGranted(RoleGranted {
            role: 2,
            agency: vec![1; 16],
            region: Some(0),
            from_seconds: None,
            until_seconds: Some(0),
        })),
        statement(Kind::ActorEnrolled(ActorEnrolled {
            kind: 1,
            key: Some(EnrolledKey { public_key: vec![1; 32], r#use: 1 }),
        })),
        statement(Kind::SectionsRead(SectionsRead {
            reader: vec![1; 16],
            purpose: 1,
            token: b"a.b.c".to_vec(),
            kind: 3,
            released: vec![released(1, &[0, 1, 300]), released(2, &[])],
        })),
    ]
}

fn breach(bytes: &[u8]) -> BreachKind {
    check(bytes).unwrap_err().kind
}

/// The bytes of a statement that holds one field only, so that a breach can be written by hand.
fn raw(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[test]
fn what_prost_writes_is_canonical() {
    for sample in samples() {
        assert_eq!(check(&sample.encode_to_vec()), Ok(()), "{sample:?}");
    }
}

#[test]
fn each_breach_has_its_kind() {
    let stream = |inner: &[u8]| raw(&[&[0x1a, inner.len() as u8], inner]);
    let read = |inner: &[u8]| {
        let fact = raw(&[&[0xe2, 0x03, inner.len() as u8], inner]);
        raw(&[&[0x52, fact.len() as u8], &fact])
    };
    let cases: [(BreachKind, Vec<u8>); 20] = [
        (BreachKind::TooLarge, vec![0; STATEMENT_BYTES_MAX + 1]),
        (BreachKind::Truncated, vec![0x0a, 5, 1]),
        (BreachKind::Truncated, vec![0x0a]),
        (BreachKind::Truncated, vec![0x8a]),
        (BreachKind::WireType, vec![0x08, 1]),
        (BreachKind::WireType, stream(&[0x0a, 1, 1])),
        (BreachKind::UnknownField, vec![0x5a, 0]),
        (BreachKind::UnknownField, vec![0x0b, 0x0c]),
        (BreachKind::UnknownField, vec![0x02, 0]),
        (BreachKind::Order, raw(&[&[0x12, 1, 1], &[0x0a, 1, 1]])),
        (BreachKind::Repeated, raw(&[&[0x12, 1, 1], &[0x12, 1, 1]])),
        (BreachKind::Repeated, vec![0x52, 6, 0xa2, 0x06, 0, 0xaa, 0x06, 0]),
        (BreachKind::NotMinimal, vec![0x0a, 0x81, 0, 1]),
        (BreachKind::NotMinimal, vec![0x8a, 0, 1, 1]),
        (
            BreachKind::OutOfRange,
            stream(&[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]),
        ),
        (BreachKind::DefaultWritten, vec![0x0a, 0]),
        (BreachKind::EnumUnknown, stream(&[0x08, 10])),
        (BreachKind::EnumUnspecified, stream(&[0x08, 0])),
        (BreachKind::EnumUnspecified, stream(&[0x12, 1, 1])),
        (BreachKind::Utf8, vec![0x4a, 5, 0x08, 1, 0x12, 1, 0xff]),
    ];
    for (kind, bytes) in cases {
        assert_eq!(breach(&bytes), kind, "{:02x?}", &bytes[..bytes.len().min(20)]);
    }
    // reader, purpose, kind, then released {version 1, sections}.
    let with = |sections: &[u8]| {
        let released = raw(&[&[0x08, 1], sections]);
        read(&raw(&[&[0x0a, 1, 1, 0x10, 1, 0x20, 3, 0x2a, released.len() as u8], &released]))
    };
    assert_eq!(check(&with(&[0x12, 2, 0, 1])), Ok(()));
    for unpacked in [&[0x10, 1][..], &[0x12, 0], &[0x12, 1, 1, 0x12, 1, 1]] {
        assert_eq!(breach(&with(unpacked)), BreachKind::NotPacked);
    }
    assert_eq!(breach(&with(&[0x12, 5, 0xff, 0xff, 0xff, 0xff, 0x1f])), BreachKind::OutOfRange);
}

#[test]
fn a_breach_says_where() {
    let bytes = statement(Kind::NoteAdded(Default::default())).encode_to_vec();
    let mut bytes = [bytes, vec![0x5a, 0]].concat();
    let at = bytes.len() - 2;
    let breach = check(&bytes).unwrap_err();
    assert_eq!((breach.offset, breach.message), (at, "Statement"));
    bytes.truncate(at - 1);
    assert_eq!(check(&bytes).unwrap_err().kind, BreachKind::Truncated);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    /// The walk accepts exactly what a second way accepts: parse, encode again, same bytes, and
    /// no enum at 0 (seen by removing every one and finding that something is missing).
    #[test]
    fn agrees_with_encoding_again(
        which in 0usize..4,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..4), 1..4),
    ) {
        let mut bytes = samples()[which].encode_to_vec();
        for (at, byte, how) in changes {
            if bytes.is_empty() { break }
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => { bytes.remove(at); }
                _ => bytes[at] ^= 1 << (byte % 8),
            }
        }
        let again = Statement::decode(&bytes[..]).map(|parsed| parsed.encode_to_vec());
        match check(&bytes) {
            Ok(()) => prop_assert_eq!(again.unwrap(), bytes),
            Err(Breach { kind: BreachKind::EnumUnknown | BreachKind::EnumUnspecified, .. }) => {}
            Err(_) => prop_assert_ne!(again.ok(), Some(bytes)),
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes: Vec<u8>) {
        let _ = check(&bytes);
    }
}

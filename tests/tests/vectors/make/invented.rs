//! An invented ledger: its people, keys and statements. Every seed is one byte repeated.

use std::sync::LazyLock;

use letopis_crypto::hash::{ledger_id, statement_hash};
use letopis_crypto::sign::SecretKey;
use letopis_proto::statement::v1::{self as proto, fact::Kind};
use letopis_types::{LedgerId, PublicKey, SignatureBytes, StreamKind};
use prost::Message as _;

/// The seeds of the registrars; each one's actor id repeats the same byte.
pub(super) const REGISTRARS: [u8; 3] = [1, 2, 3];
/// The seed of the ledger's statement key.
pub(super) const LEDGER: u8 = 4;
/// The seed of the ledger's checkpoint key.
pub(super) const CHECKPOINT: u8 = 5;
/// The seed, and the actor id, of a social worker.
pub(super) const WORKER: u8 = 6;

/// The ledger's name.
pub(super) const NAME: &str = "invented.example";

pub(super) fn secret(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

pub(super) fn public(seed: u8) -> PublicKey {
    secret(seed).public()
}

pub(super) fn key_bytes(seed: u8) -> Vec<u8> {
    public(seed).0.to_vec()
}

/// The actor that acts with the key of this seed.
pub(super) fn actor(seed: u8) -> Vec<u8> {
    let is_ledgers = seed == LEDGER || seed == CHECKPOINT;
    vec![if is_ledgers { 0 } else { seed }; 16]
}

/// A UUIDv7 of one byte repeated, but for version and variant.
pub(super) fn event_id(byte: u8) -> Vec<u8> {
    let mut id = vec![byte; 16];
    id[6] = 0x70 | byte & 0x0f;
    id[8] = 0x80 | byte & 0x3f;
    id
}

pub(super) fn stream(kind: StreamKind, byte: u8) -> Option<proto::Stream> {
    Some(proto::Stream { kind: kind as i32, id: vec![byte; 16] })
}

pub(super) fn signer(seed: u8, grant: &[u8]) -> proto::Signer {
    proto::Signer { actor: actor(seed), public_key: key_bytes(seed), grant: grant.to_vec() }
}

fn sorted(mut signers: Vec<proto::Signer>) -> Vec<proto::Signer> {
    signers.sort_by(|a, b| a.public_key.cmp(&b.public_key));
    signers
}

/// A statement without anything that may be absent; `byte` tells it apart.
pub(super) fn statement(
    byte: u8,
    stream: Option<proto::Stream>,
    signers: Vec<proto::Signer>,
    kind: Kind,
) -> proto::Statement {
    proto::Statement {
        ledger: LEDGER_ID.0.to_vec(),
        event_id: event_id(byte),
        stream,
        signers: sorted(signers),
        seen: None,
        occurred_at: Some(occurred_at()),
        nonce: vec![byte; 32],
        references: Vec::new(),
        sections: Vec::new(),
        fact: Some(proto::Fact { kind: Some(kind) }),
    }
}

pub(super) fn occurred_at() -> proto::OccurredAt {
    proto::OccurredAt {
        seconds: 1_800_000_000,
        nanos: 0,
        offset_minutes: 120,
        precision: proto::Precision::Minute.into(),
        knowledge: proto::Knowledge::Witnessed.into(),
    }
}

fn genesis_fact() -> proto::Genesis {
    let registrar = |seed| proto::Registrar { actor: actor(seed), statement_key: key_bytes(seed) };
    proto::Genesis {
        name: NAME.into(),
        procedure: "bg".into(),
        trial: true,
        registrars: REGISTRARS.map(registrar).into(),
        statement_key: key_bytes(LEDGER),
        checkpoint_key: key_bytes(CHECKPOINT),
        previous_ledger: Vec::new(),
    }
}

pub(super) fn genesis() -> proto::Statement {
    let [a, b, c] = REGISTRARS;
    let signers = [a, b, c, LEDGER, CHECKPOINT].map(|seed| signer(seed, &[])).into();
    proto::Statement {
        ledger: Vec::new(),
        event_id: event_id(1),
        stream: stream(StreamKind::Root, 0),
        signers: sorted(signers),
        seen: None,
        occurred_at: Some(occurred_at()),
        nonce: vec![1; 32],
        references: Vec::new(),
        sections: Vec::new(),
        fact: Some(proto::Fact { kind: Some(Kind::Genesis(genesis_fact())) }),
    }
}

static GENESIS: LazyLock<Vec<u8>> = LazyLock::new(|| genesis().encode_to_vec());
pub(super) static LEDGER_ID: LazyLock<LedgerId> = LazyLock::new(|| ledger_id(&GENESIS));
pub(super) static GENESIS_HASH: LazyLock<Vec<u8>> =
    LazyLock::new(|| statement_hash(&GENESIS).0.to_vec());
/// The social worker's grant.
pub(super) static GRANT: LazyLock<Vec<u8>> =
    LazyLock::new(|| statement_hash(&role_granted().encode_to_vec()).0.to_vec());

pub(super) fn registrars() -> Vec<proto::Signer> {
    REGISTRARS[..2].iter().map(|seed| signer(*seed, &GENESIS_HASH)).collect()
}

pub(super) fn worker() -> Vec<proto::Signer> {
    vec![signer(WORKER, &GRANT)]
}

pub(super) fn enrolled_key(seed: u8, key_use: proto::KeyUse) -> Option<proto::EnrolledKey> {
    Some(proto::EnrolledKey { public_key: key_bytes(seed), r#use: key_use.into() })
}

pub(super) fn actor_enrolled() -> proto::Statement {
    let fact = proto::ActorEnrolled {
        kind: proto::ActorKind::Person.into(),
        key: enrolled_key(WORKER, proto::KeyUse::Statement),
    };
    let mut signers = registrars();
    signers.push(signer(WORKER, &[]));
    statement(2, stream(StreamKind::Actor, WORKER), signers, Kind::ActorEnrolled(fact))
}

pub(super) fn role_granted() -> proto::Statement {
    let fact = proto::RoleGranted { role: proto::Role::SocialWorker.into(), ..Default::default() };
    let stream = stream(StreamKind::Actor, WORKER);
    statement(3, stream, registrars(), Kind::RoleGranted(fact))
}

pub(super) fn case_opened() -> proto::Statement {
    let fact = proto::CaseOpened { holder: vec![0xa0; 16], lead: actor(WORKER) };
    statement(4, stream(StreamKind::Case, 0xca), worker(), Kind::CaseOpened(fact))
}

/// With everything that a statement can have.
pub(super) fn note_added() -> proto::Statement {
    proto::Statement {
        seen: Some(proto::Seen { version: 1, head: vec![0x5e; 32] }),
        references: vec![reference(proto::Relation::BasedOn)],
        sections: vec![section(1, "text/plain"), section(3, "letopis/note+v1.0-x")],
        ..note_alone()
    }
}

/// Without anything that may be absent.
pub(super) fn note_alone() -> proto::Statement {
    statement(5, stream(StreamKind::Case, 0xca), worker(), Kind::NoteAdded(proto::NoteAdded {}))
}

pub(super) fn reference(relation: proto::Relation) -> proto::Reference {
    proto::Reference {
        relation: relation.into(),
        stream: stream(StreamKind::Case, 0xca),
        statement_hash: vec![0x4e; 32],
    }
}

pub(super) fn section(class: i32, payload_type: &str) -> proto::Section {
    proto::Section { class, payload_type: payload_type.into(), commitment: vec![0xc0; 32] }
}

/// Of the sections of one event, in the access stream of a case.
pub(super) fn sections_read(released: Vec<proto::ReleasedSections>) -> proto::Statement {
    let fact = proto::SectionsRead {
        reader: actor(WORKER),
        purpose: proto::Purpose::CaseWork.into(),
        token: b"invented.token.here".to_vec(),
        kind: StreamKind::Case as i32,
        released,
    };
    let signers = vec![signer(LEDGER, &GENESIS_HASH)];
    statement(6, stream(StreamKind::Access, 0xca), signers, Kind::SectionsRead(fact))
}

pub(super) fn released(version: u64, sections: &[u32]) -> proto::ReleasedSections {
    proto::ReleasedSections { version, sections: sections.into() }
}

/// The signatures that a statement names, in its order.
pub(super) fn sign(statement: &proto::Statement) -> Vec<SignatureBytes> {
    let bytes = statement.encode_to_vec();
    let seeds = 1..=32u8;
    let keys: Vec<_> = seeds.map(secret).collect();
    let by = |signer: &proto::Signer| {
        keys.iter()
            .find(|key| key.public().0[..] == signer.public_key[..])
            .expect("an invented key")
    };
    statement.signers.iter().map(|signer| by(signer).sign_statement(&bytes)).collect()
}

//! For tests: an invented ledger, its people and their statements. Every seed is one byte repeated,
//! so that every run makes the same bytes.

mod bearer;
mod draft;
mod gate;

use std::sync::LazyLock;

use letopis_crypto::hash::{ledger_id, statement_hash};
use letopis_crypto::sign::SecretKey;
use letopis_domain::fact::{Genesis, Registrar};
use letopis_proto::statement::v1 as proto;
use letopis_types::{
    ActorId, Digest, EventId, LedgerId, PublicKey, SignatureBytes, StreamId, StreamKey, StreamKind,
    Timestamp,
};

use crate::{LedgerKeys, genesis_statement};

pub use bearer::{token, token_claims, token_header};
pub use draft::{
    Draft, Signing, chief, end_role, enrol, enrol_key, enrol_with, grant, head_after, holder, note,
    open_case, plan, registrar, registrars, revoke_key, staff, stream_message, visit, worker,
};
pub use gate::Gated;

/// The seeds of the registrars; an actor's id repeats the seed of its first key.
pub const REGISTRARS: [u8; 3] = [1, 2, 3];
/// The seed of the ledger's statement key.
pub const LEDGER: u8 = 4;
/// The seed of the ledger's checkpoint key.
pub const CHECKPOINT: u8 = 5;
/// The seed of a social worker.
pub const WORKER: u8 = 6;
/// The seed of a head of department.
pub const CHIEF: u8 = 7;
/// The seed of the social worker's token key.
pub const TOKEN: u8 = 16;

/// When the ledger began, in nanoseconds since 1970.
pub const BEGAN: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// The key pair of a seed.
#[must_use]
pub fn secret(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

/// The actor whose first key has this seed.
#[must_use]
pub fn actor(seed: u8) -> ActorId {
    if seed == LEDGER || seed == CHECKPOINT { ActorId::LEDGER } else { ActorId([seed; 16]) }
}

/// The stream of an actor.
#[must_use]
pub fn actor_stream(seed: u8) -> StreamKey {
    StreamKey { kind: StreamKind::Actor, id: StreamId([seed; 16]) }
}

/// A case.
#[must_use]
pub fn case(number: u8) -> StreamKey {
    let mut id = [0xca; 16];
    if let Some(last) = id.last_mut() {
        *last = number;
    }
    StreamKey { kind: StreamKind::Case, id: StreamId(id) }
}

/// The ledger's own keys.
#[must_use]
pub fn keys() -> LedgerKeys {
    LedgerKeys { statement: secret(LEDGER), checkpoint: secret(CHECKPOINT) }
}

// Made once: tests make many thousands of drafts.
static GENESIS: LazyLock<(Vec<u8>, Vec<SignatureBytes>)> = LazyLock::new(make_genesis);
static ID: LazyLock<LedgerId> = LazyLock::new(|| ledger_id(&GENESIS.0));
static GENESIS_HASH: LazyLock<Digest> = LazyLock::new(|| statement_hash(&GENESIS.0));

/// The genesis, signed by all whom it names.
#[must_use]
pub fn genesis() -> (Vec<u8>, Vec<SignatureBytes>) {
    GENESIS.clone()
}

fn make_genesis() -> (Vec<u8>, Vec<SignatureBytes>) {
    let registrar = |seed| Registrar { actor: actor(seed), statement_key: secret(seed).public() };
    let genesis = Genesis {
        name: "invented.example".to_owned(),
        procedure: "bg".to_owned(),
        trial: true,
        registrars: REGISTRARS.map(registrar).to_vec(),
        statement_key: secret(LEDGER).public(),
        checkpoint_key: secret(CHECKPOINT).public(),
        previous_ledger: None,
    };
    let signers = genesis.signers();
    let message = proto::Genesis {
        name: genesis.name,
        procedure: genesis.procedure,
        trial: genesis.trial,
        registrars: genesis
            .registrars
            .iter()
            .map(|registrar| proto::Registrar {
                actor: registrar.actor.0.to_vec(),
                statement_key: registrar.statement_key.0.to_vec(),
            })
            .collect(),
        statement_key: genesis.statement_key.0.to_vec(),
        checkpoint_key: genesis.checkpoint_key.0.to_vec(),
        previous_ledger: Vec::new(),
    };
    let statement = genesis_statement(message, &signers, event_id(0), [0; 32], BEGAN);
    let signatures = sign_genesis(&statement, &signers);
    (statement, signatures)
}

/// Signatures of these signers of a genesis, in their order.
#[must_use]
pub fn sign_genesis(statement: &[u8], signers: &[(PublicKey, ActorId)]) -> Vec<SignatureBytes> {
    let secrets = [REGISTRARS.as_slice(), &[LEDGER, CHECKPOINT]].concat();
    let by =
        |key: &PublicKey| secrets.iter().map(|seed| secret(*seed)).find(|s| s.public() == *key);
    signers.iter().filter_map(|(key, _)| Some(by(key)?.sign_statement(statement))).collect()
}

/// The ledger's id.
#[must_use]
pub fn id() -> LedgerId {
    *ID
}

/// The grant of the genesis's registrars and of actor zero.
#[must_use]
pub fn genesis_hash() -> Digest {
    *GENESIS_HASH
}

/// A UUIDv7 with this number in it, below 2^56.
#[must_use]
pub fn event_id(number: u64) -> EventId {
    let marked = u128::from(number) | 7 << 76 | 2 << 62;
    EventId(marked.to_be_bytes())
}

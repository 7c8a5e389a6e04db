//! A ledger begins: its genesis, and the first event of its record.

use letopis_crypto::hash::{ledger_id, signatures_hash, statement_hash};
use letopis_domain::position::{self, PositionError, StreamHead};
use letopis_domain::registry::{AuthorityError, Placed, Registry};
use letopis_domain::{Fact, Statement, fact::Genesis};
use letopis_log::Link;
use letopis_log::checkpoint::{Origin, OriginError};
use letopis_log::merkle::{Frontier, leaf_hash};
use letopis_proto::statement::v1 as proto;
use letopis_record::{Record, RecordError, StoredEvent, Tip};
use letopis_types::{Digest, EventId, LedgerId, Sequence, SignatureBytes, Timestamp};
use prost::Message as _;

use crate::committer::sign_checkpoint;
use crate::error::Rejected;
use crate::ledger::LedgerKeys;
use crate::own::occurred;
use crate::submission::{check_signatures, parse};

/// Why a ledger could not be begun.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The statement is not one that may be recorded.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// Its signers do not carry it.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// It is not a genesis.
    #[error("the statement is not a genesis")]
    NotGenesis,
    /// The ledger's own keys are not those that the genesis names.
    #[error("the ledger's keys are not those that the genesis names")]
    OtherKeys,
    /// The record holds events already.
    #[error("the record is not empty")]
    NotEmpty,
    /// The record could not be written.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The ledger's name is not one that a checkpoint can carry.
    #[error(transparent)]
    Name(#[from] OriginError),
}

/// The bytes of a genesis statement, to be signed by each of its keys in their ascending order.
#[must_use]
pub fn genesis_statement(
    genesis: proto::Genesis,
    signers: &[(letopis_types::PublicKey, letopis_types::ActorId)],
    event_id: EventId,
    nonce: [u8; 32],
    now: Timestamp,
) -> Vec<u8> {
    let signers = signers.iter().map(|(key, actor)| proto::Signer {
        actor: actor.0.to_vec(),
        public_key: key.0.to_vec(),
        grant: Vec::new(),
    });
    proto::Statement {
        ledger: Vec::new(),
        event_id: event_id.0.to_vec(),
        stream: Some(proto::Stream { kind: proto::StreamKind::Root.into(), id: vec![0; 16] }),
        signers: signers.collect(),
        seen: None,
        occurred_at: Some(occurred(now)),
        nonce: nonce.to_vec(),
        references: Vec::new(),
        sections: Vec::new(),
        fact: Some(proto::Fact { kind: Some(proto::fact::Kind::Genesis(genesis)) }),
    }
    .encode_to_vec()
}

/// A genesis that holds: what [`create`] begins a record with.
#[derive(Debug)]
pub struct CheckedGenesis {
    /// The id of the ledger that it begins.
    pub ledger: LedgerId,
    /// What it says.
    pub genesis: Genesis,
    event: StoredEvent,
}

impl CheckedGenesis {
    /// Checks form, signatures and signers.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn new(
        statement: Vec<u8>,
        signatures: Vec<SignatureBytes>,
        recorded_at: Timestamp,
    ) -> Result<Self, CreateError> {
        let parsed = parse(&statement)?;
        check_signatures(&parsed, &statement, &signatures)?;
        check_first(&parsed)?;
        let ledger = ledger_id(&statement);
        let hash = statement_hash(&statement);
        let placed = Placed {
            statement: &parsed,
            statement_hash: hash,
            sequence: Sequence::ZERO,
            recorded_at,
        };
        Registry::default().decide(&placed, &ledger)?;
        let link = Link {
            sequence: Sequence::ZERO,
            recorded_at,
            previous: Digest::ZERO,
            statement_hash: hash,
            signatures_hash: signatures_hash(&signatures),
        };
        let Fact::Genesis(genesis) = parsed.fact else { return Err(CreateError::NotGenesis) };
        let event = StoredEvent { link, statement, signatures, sealed: Vec::new() };
        Ok(Self { ledger, genesis, event })
    }
}

/// Nothing comes before it: no head that was seen, nothing to refer to, and no vault to seal with.
fn check_first(statement: &Statement) -> Result<(), Rejected> {
    position::decide::<PositionError>(false, statement.seen, StreamHead::NONE, |_| Ok(None))?;
    if !statement.references.is_empty() {
        return Err(Rejected::ReferenceUnknown { index: 0 });
    }
    match statement.sections.len() {
        0 => Ok(()),
        expected => Err(Rejected::SectionCount { expected, found: 0 }),
    }
}

/// Writes the genesis and the first checkpoint to an empty record.
///
/// # Errors
/// Why not; the record is of no use then.
pub fn create(
    record: &dyn Record,
    genesis: &CheckedGenesis,
    keys: &LedgerKeys,
) -> Result<(), CreateError> {
    let named = (genesis.genesis.statement_key, genesis.genesis.checkpoint_key);
    if named != (keys.statement.public(), keys.checkpoint.public()) {
        return Err(CreateError::OtherKeys);
    }
    if record.tip() != Tip::EMPTY {
        return Err(CreateError::NotEmpty);
    }
    record.append(std::slice::from_ref(&genesis.event))?;
    let mut tree = Frontier::new();
    tree.append(leaf_hash(&genesis.event.link.to_bytes()));
    let origin = Origin::new(&genesis.genesis.name, genesis.ledger)?;
    record.write_head(&sign_checkpoint(&origin, Sequence(1), tree.root(), keys))?;
    Ok(())
}

//! The genesis: with it a client learns who a ledger is, and which key signs its checkpoints.

use letopis_crypto::hash::ledger_id;
use letopis_domain::Fact;
use letopis_domain::fact::Genesis;
use letopis_domain::registry::{AuthorityError, Placed, Registry};
use letopis_log::checkpoint::OriginError;
use letopis_log::{Origin, VerifierKey};
use letopis_types::{Digest, LedgerId, Sequence, StreamKey};

use crate::event::Event;
use crate::signed::StatementError;

/// What a ledger's genesis says, verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownGenesis {
    /// The ledger that it makes.
    pub ledger: LedgerId,
    /// Its statement hash: the grant that the first registrars act under.
    pub statement_hash: Digest,
    /// The key that signs the ledger's checkpoints.
    pub key: VerifierKey,
    /// What it says.
    pub genesis: Genesis,
}

impl KnownGenesis {
    /// The server made the registrars' keys itself: to be said first wherever the ledger is shown.
    #[must_use]
    pub const fn is_trial(&self) -> bool {
        self.genesis.trial
    }
}

/// Why an event is not the genesis of a ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenesisError {
    /// Its statement is not canonical or not well-formed.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// It is another kind of fact, or in another stream.
    #[error("the event is not a genesis")]
    NotAGenesis,
    /// Its link is not the first of a log.
    #[error("its link is not the first of a log")]
    NotFirst,
    /// Others than the keys that it names signed it.
    #[error(transparent)]
    Signers(#[from] AuthorityError),
    /// Its name can't be that of a log.
    #[error(transparent)]
    Name(#[from] OriginError),
    /// It names another key for checkpoints than the one that is known.
    #[error("it names another checkpoint key, or makes another ledger, than is known")]
    Key,
}

/// What the genesis says, if that is what the event is. That its signatures hold was verified.
pub(crate) fn check(event: &Event) -> Result<KnownGenesis, GenesisError> {
    let statement = event.statement()?;
    let statement_hash = event.link.statement_hash;
    let Fact::Genesis(genesis) = &statement.fact else { return Err(GenesisError::NotAGenesis) };
    if statement.stream != StreamKey::ROOT || statement.seen.is_some() {
        return Err(GenesisError::NotAGenesis);
    }
    if event.link.sequence != Sequence::ZERO || event.link.previous != Digest::ZERO {
        return Err(GenesisError::NotFirst);
    }
    let ledger = ledger_id(&event.bytes);
    let recorded_at = event.link.recorded_at;
    let placed =
        Placed { statement: &statement, statement_hash, sequence: Sequence::ZERO, recorded_at };
    Registry::default().decide(&placed, &ledger)?;
    let key = Origin::new(&genesis.name, ledger)?.verifier_key(genesis.checkpoint_key);
    Ok(KnownGenesis { ledger, statement_hash, key, genesis: genesis.clone() })
}

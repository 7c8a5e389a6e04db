//! Who acts: an actor, its keys, and the grant under which it acts.

use letopis_crypto::sign::SecretKey;
use letopis_domain::statement::Signer;
use letopis_types::{ActorId, Digest, LedgerId, PublicKey, SignatureBytes};

/// Whatever holds a statement key: a file, a token, another process.
pub trait StatementSigner {
    /// The public key.
    fn public_key(&self) -> PublicKey;

    /// Signs exactly these bytes of a statement, with the encoding that statements are signed in.
    ///
    /// # Errors
    /// Why it does not.
    fn sign_statement(&self, statement: &[u8]) -> Result<SignatureBytes, SignerError>;
}

/// Why a signer did not sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the signer did not sign: {reason}")]
pub struct SignerError {
    /// What it says.
    pub reason: String,
}

impl StatementSigner for SecretKey {
    fn public_key(&self) -> PublicKey {
        self.public()
    }

    fn sign_statement(&self, statement: &[u8]) -> Result<SignatureBytes, SignerError> {
        Ok(Self::sign_statement(self, statement))
    }
}

/// An actor with its keys, as software holds them. The keys are zeroed when it is dropped, and
/// its `Debug` form shows public keys only.
#[derive(Debug)]
pub struct Identity {
    /// The ledger for which it is meant; `None`: any.
    pub ledger: Option<LedgerId>,
    /// The actor.
    pub actor: ActorId,
    /// The statement hash of the grant under which it acts; `None` before there is one.
    pub grant: Option<Digest>,
    /// Signs statements.
    pub statement_key: SecretKey,
    /// Signs the tokens of calls, where it may read.
    pub token_key: Option<SecretKey>,
}

impl Identity {
    /// As a signer of statements.
    #[must_use]
    pub fn signer(&self) -> Signer {
        Signer { actor: self.actor, key: self.statement_key.public(), grant: self.grant }
    }
}

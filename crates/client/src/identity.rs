//! Who acts: an actor, its keys, and the grant under which it acts; and whatever holds such keys.

use letopis_crypto::sign::{Paper, SecretKey, SignatureError};
use letopis_domain::statement::Signer;
use letopis_types::{ActorId, Digest, LedgerId, PublicKey, SignatureBytes};

use crate::signed::Unsigned;

/// Whatever holds a statement key: a file, a token, another process.
pub trait StatementSigner {
    /// The public key.
    fn public_key(&self) -> PublicKey;

    /// Signs exactly these bytes of a statement, with the encoding that statements are signed in.
    /// May block, where somebody is asked.
    ///
    /// # Errors
    /// Why it does not.
    fn sign_statement(&self, statement: &[u8]) -> Result<SignatureBytes, SignerError>;

    /// Signs a statement whose contents are at hand, for signers that show what they sign.
    ///
    /// # Errors
    /// Why it does not.
    fn sign_with_contents(&self, unsigned: &Unsigned) -> Result<SignatureBytes, SignerError> {
        self.sign_statement(unsigned.statement_bytes())
    }

    /// Signs a paper that leaves the ledger. A signer that shows what it signs, and knows only statements,
    /// refuses.
    ///
    /// # Errors
    /// Why it does not.
    fn sign_paper(&self, paper: Paper, bytes: &[u8]) -> Result<SignatureBytes, SignerError> {
        let _ = (paper, bytes);
        let reason = "it signs statements only: sign this with the key file itself";
        Err(SignerError::Refused { reason: reason.to_owned() })
    }
}

/// Whatever holds the token key of an actor: with it each call says who makes it.
pub trait TokenSigner: Send + Sync {
    /// The actor.
    fn actor(&self) -> ActorId;

    /// The public key; `None`: it holds no token key.
    fn token_key(&self) -> Option<PublicKey>;

    /// Signs the signing input of a JWS (RFC 7515, section 5.1).
    ///
    /// # Errors
    /// Why it does not.
    fn sign_token(&self, signing_input: &[u8]) -> Result<SignatureBytes, SignerError>;

    /// Whether signing may wait: for another process, a device, a person. It then gets a thread of
    /// its own.
    fn may_block(&self) -> bool {
        true
    }
}

/// Why a signer did not sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignerError {
    /// The key is locked: unlock it and sign again.
    #[error("the key is locked: unlock it with its passphrase")]
    Locked,
    /// The passphrase opens nothing.
    #[error("the passphrase is wrong: give the one of this key")]
    Passphrase,
    /// Who was asked said no, or said nothing in time.
    #[error("whoever holds the key did not agree: the statement is not signed")]
    Declined,
    /// It does not hold the key, or not for this use.
    #[error("the signer does not hold the key {key} for this use")]
    NoSuchKey {
        /// Which key was asked for.
        key: PublicKey,
    },
    /// What it is asked to sign is nothing that it signs.
    #[error("the signer refuses: {reason}")]
    Refused {
        /// What is wrong with what it was given.
        reason: String,
    },
    /// It can't be reached, or it failed.
    #[error("the signer did not sign: {reason}")]
    Failed {
        /// What it says.
        reason: String,
    },
    /// What it made is no signature by the key over what was to be signed.
    #[error("the signer's signature does not hold: don't use this signer")]
    Signature(#[from] SignatureError),
}

impl StatementSigner for SecretKey {
    fn public_key(&self) -> PublicKey {
        self.public()
    }

    fn sign_statement(&self, statement: &[u8]) -> Result<SignatureBytes, SignerError> {
        Ok(Self::sign_statement(self, statement))
    }

    fn sign_paper(&self, paper: Paper, bytes: &[u8]) -> Result<SignatureBytes, SignerError> {
        Ok(Self::sign_paper(self, paper, bytes))
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

impl TokenSigner for Identity {
    fn actor(&self) -> ActorId {
        self.actor
    }

    fn token_key(&self) -> Option<PublicKey> {
        self.token_key.as_ref().map(SecretKey::public)
    }

    fn sign_token(&self, signing_input: &[u8]) -> Result<SignatureBytes, SignerError> {
        let none = SignerError::Refused { reason: "there is no token key".to_owned() };
        Ok(self.token_key.as_ref().ok_or(none)?.sign(signing_input))
    }

    fn may_block(&self) -> bool {
        false
    }
}

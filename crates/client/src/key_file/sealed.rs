//! Keys under a passphrase: Argon2id (RFC 9106) makes the key, XChaCha20-Poly1305 seals the seeds.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use letopis_crypto::sign::SecretKey;
use letopis_domain::statement::Signer;
use letopis_types::{ActorId, Digest, LedgerId, PublicKey};
use zeroize::Zeroizing;

use crate::identity::{Identity, SignerError};

/// What the sealed seeds are, and of whom; part of what is authenticated.
const CONTEXT: &[u8] = b"letopis 2026-11 key file v2";

/// The shortest passphrase, in characters (NIST SP 800-63B for a secret beside a possession: the
/// file).
const CHARACTERS_MIN: usize = 8;

const SEED_LEN: usize = 32;
const TAG_LEN: usize = 16;

/// A passphrase, or a PIN. Zeroed when dropped; has no text form.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// From what was typed, which is not copied.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text, for what takes a PIN.
    #[cfg(feature = "pkcs11")]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase")
    }
}

/// Why a passphrase did not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// It opens nothing: it is another one, or the file was changed.
    #[error("the passphrase is wrong, or the key file was changed")]
    Wrong,
    /// Too short to protect a key.
    #[error("a passphrase has at least 8 characters: choose a longer one")]
    TooShort,
    /// The memory that the derivation takes is not there.
    #[error("the key can't be derived: there is not enough memory")]
    Memory,
    /// The system gave no randomness.
    #[error("the system gave no randomness")]
    Randomness,
}

impl From<PassphraseError> for SignerError {
    fn from(error: PassphraseError) -> Self {
        match error {
            PassphraseError::Wrong | PassphraseError::TooShort => Self::Passphrase,
            other => Self::Failed { reason: other.to_string() },
        }
    }
}

/// What one derivation costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
}

impl Cost {
    /// RFC 9106, section 4, second recommended option.
    const RECOMMENDED: Self = Self { memory_kib: 1 << 16, passes: 3, lanes: 4 };

    /// More is not taken from a file: whoever wrote it could else stop who reads it.
    const MAX: Self = Self { memory_kib: 1 << 20, passes: 16, lanes: 16 };

    fn is_in_bounds(self) -> bool {
        (1..=Self::MAX.lanes).contains(&self.lanes)
            && (8 * self.lanes..=Self::MAX.memory_kib).contains(&self.memory_kib)
            && (1..=Self::MAX.passes).contains(&self.passes)
    }
}

/// An [`Identity`] whose keys are protected by a passphrase. All but the keys can be read.
///
/// Its actor and public keys are bound to the sealed seeds; its ledger and grant are notes, which
/// may be changed without the passphrase.
///
/// INVARIANT: the cost is within its bounds, and the sealed part is as long as the keys need.
#[derive(Clone)]
pub struct LockedIdentity {
    /// The ledger for which it is meant; `None`: any.
    pub ledger: Option<LedgerId>,
    /// The statement hash of the grant under which it acts; `None` before there is one.
    pub grant: Option<Digest>,
    pub(super) actor: ActorId,
    pub(super) statement_key: PublicKey,
    pub(super) token_key: Option<PublicKey>,
    pub(super) cost: Cost,
    pub(super) salt: [u8; 16],
    pub(super) nonce: [u8; 24],
    pub(super) sealed: Vec<u8>,
}

impl LockedIdentity {
    /// Protects an identity's keys, with the parameters that RFC 9106 recommends second (64 MiB, 3
    /// passes, 4 lanes) and fresh randomness. Takes some tenths of a second.
    ///
    /// # Errors
    /// [`PassphraseError`], except that it is wrong.
    pub fn seal(identity: &Identity, passphrase: &Passphrase) -> Result<Self, PassphraseError> {
        Self::seal_at(identity, passphrase, Cost::RECOMMENDED)
    }

    pub(super) fn seal_at(
        identity: &Identity,
        passphrase: &Passphrase,
        cost: Cost,
    ) -> Result<Self, PassphraseError> {
        if passphrase.0.chars().count() < CHARACTERS_MIN {
            return Err(PassphraseError::TooShort);
        }
        let (mut salt, mut nonce) = ([0; 16], [0; 24]);
        getrandom::fill(&mut salt)
            .and_then(|()| getrandom::fill(&mut nonce))
            .map_err(|_| PassphraseError::Randomness)?;
        let mut locked = Self {
            ledger: identity.ledger,
            grant: identity.grant,
            actor: identity.actor,
            statement_key: identity.statement_key.public(),
            token_key: identity.token_key.as_ref().map(SecretKey::public),
            cost,
            salt,
            nonce,
            sealed: Vec::new(),
        };
        let mut seeds = Zeroizing::new(Vec::with_capacity(2 * SEED_LEN));
        seeds.extend_from_slice(&*identity.statement_key.seed());
        if let Some(key) = &identity.token_key {
            seeds.extend_from_slice(&*key.seed());
        }
        let aad = locked.associated_data();
        let sealed = locked
            .cipher(passphrase)?
            .encrypt(&XNonce::from(nonce), Payload { msg: &seeds, aad: &aad });
        // Only a message of more than 256 GiB can't be encrypted.
        locked.sealed = sealed.map_err(|_| PassphraseError::Memory)?;
        Ok(locked)
    }

    /// For tests of other modules, which are not about the cost.
    #[cfg(test)]
    pub(crate) fn seal_cheaply(identity: &Identity, passphrase: &Passphrase) -> Self {
        Self::seal_at(identity, passphrase, Cost { memory_kib: 64, passes: 1, lanes: 1 }).unwrap()
    }

    /// Opens it. Takes as long as sealing.
    ///
    /// # Errors
    /// [`PassphraseError::Wrong`], [`PassphraseError::Memory`].
    pub fn unlock(&self, passphrase: &Passphrase) -> Result<Identity, PassphraseError> {
        let payload = Payload { msg: &self.sealed, aad: &self.associated_data() };
        let seeds = self
            .cipher(passphrase)?
            .decrypt(&XNonce::from(self.nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| PassphraseError::Wrong)?;
        let mut keys = seeds.as_chunks::<SEED_LEN>().0.iter().map(SecretKey::from_seed);
        let statement_key = keys.next().ok_or(PassphraseError::Wrong)?;
        let identity = Identity {
            ledger: self.ledger,
            actor: self.actor,
            grant: self.grant,
            statement_key,
            token_key: keys.next(),
        };
        let token_key = identity.token_key.as_ref().map(SecretKey::public);
        let is_same =
            identity.statement_key.public() == self.statement_key && token_key == self.token_key;
        if is_same { Ok(identity) } else { Err(PassphraseError::Wrong) }
    }

    /// The same keys under another passphrase, to be written into the file's place.
    ///
    /// # Errors
    /// [`PassphraseError`].
    pub fn change_passphrase(
        &self,
        old: &Passphrase,
        new: &Passphrase,
    ) -> Result<Self, PassphraseError> {
        Self::seal(&self.unlock(old)?, new)
    }

    /// The actor.
    #[must_use]
    pub const fn actor(&self) -> ActorId {
        self.actor
    }

    /// The public key that statements are signed with.
    #[must_use]
    pub const fn statement_key(&self) -> PublicKey {
        self.statement_key
    }

    /// The public key that tokens are signed with.
    #[must_use]
    pub const fn token_key(&self) -> Option<PublicKey> {
        self.token_key
    }

    /// As a signer of statements.
    #[must_use]
    pub const fn signer(&self) -> Signer {
        Signer { actor: self.actor, key: self.statement_key, grant: self.grant }
    }

    /// The invariant, of what was read.
    pub(super) fn checked(self) -> Result<Self, &'static str> {
        let keys = 1 + usize::from(self.token_key.is_some());
        if !self.cost.is_in_bounds() {
            return Err("a parameter of the derivation is out of bounds");
        }
        if self.sealed.len() != keys * SEED_LEN + TAG_LEN {
            return Err("what is sealed is not as long as the keys");
        }
        Ok(self)
    }

    fn associated_data(&self) -> Vec<u8> {
        let mut data = [CONTEXT, &self.actor.0, &self.statement_key.0].concat();
        data.extend(self.token_key.iter().flat_map(|key| key.0));
        data
    }

    fn cipher(&self, passphrase: &Passphrase) -> Result<XChaCha20Poly1305, PassphraseError> {
        let Cost { memory_kib, passes, lanes } = self.cost;
        let params = Params::new(memory_kib, passes, lanes, Some(SEED_LEN))
            .map_err(|_| PassphraseError::Memory)?;
        let mut blocks = Vec::new();
        blocks.try_reserve_exact(params.block_count()).map_err(|_| PassphraseError::Memory)?;
        blocks.resize(params.block_count(), Block::default());
        let mut blocks = Zeroizing::new(blocks);
        let mut key = Zeroizing::new([0; SEED_LEN]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(
                passphrase.0.as_bytes(),
                &self.salt,
                &mut *key,
                blocks.as_mut_slice(),
            )
            .map_err(|_| PassphraseError::Memory)?;
        Ok(XChaCha20Poly1305::new((&*key).into()))
    }
}

impl std::fmt::Debug for LockedIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LockedIdentity")
            .field("ledger", &self.ledger)
            .field("actor", &self.actor)
            .field("statement_key", &self.statement_key)
            .finish_non_exhaustive()
    }
}

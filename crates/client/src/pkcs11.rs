//! Keys that never leave a token: Ed25519 through PKCS#11 (CKM_EDDSA, version 3.0 of the standard).
//!
//! What the token signs is verified strictly before it is used. The session with the token is closed
//! 5 minutes after the PIN was given; PINs are in no error and in no `Debug` form.
//!
//! TRUST: the module is a library that runs in this process, with all its rights.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use letopis_crypto::sign::{Paper, STATEMENT_TYPE, pae, verify};
use letopis_types::{ActorId, PublicKey, SignatureBytes};

use crate::identity::{SignerError, StatementSigner, TokenSigner};
use crate::key_file::Passphrase;
use crate::locker::{BootClock, Clock};
use crate::timed::{Timed, lock};

/// Why a token can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Pkcs11Error {
    /// The module can't be loaded.
    #[error("{} can't be used as a PKCS#11 module: {reason}", module.display())]
    Module {
        /// The module's file.
        module: PathBuf,
        /// Why.
        reason: String,
    },
    /// No token of that label is there.
    #[error("there is no token with the label {label}: is it plugged in?")]
    NoToken {
        /// The label.
        label: String,
    },
    /// The token is none for Ed25519.
    #[error("the token {label} does not offer Ed25519 (CKM_EDDSA): use another, or a key file")]
    NoEd25519 {
        /// Its label.
        label: String,
    },
    /// The token holds no such key.
    #[error("the token {label} holds no Ed25519 key {key}")]
    NoKey {
        /// Its label.
        label: String,
        /// Which key.
        key: PublicKey,
    },
    /// The token failed.
    #[error("the token failed: {reason}")]
    Token {
        /// What it says.
        reason: String,
    },
}

fn token_error(error: Error) -> Pkcs11Error {
    Pkcs11Error::Token { reason: error.to_string() }
}

/// Asks a person for the PIN of a token.
pub trait AskPin: Send + Sync {
    /// The PIN of the token with this label; `None`: nobody gives one. Asked once for each time
    /// that something is to be signed: tokens lock themselves after a few wrong ones.
    fn ask(&self, token: &str) -> Option<Passphrase>;
}

/// A token, by its label. Cheap to clone; clones share the session.
#[derive(Clone)]
pub struct Pkcs11Token(Arc<Inner>);

struct Inner {
    context: Pkcs11,
    slot: Slot,
    label: String,
    ask: Arc<dyn AskPin>,
    /// Logged in.
    session: Timed<Session>,
    /// Held by whoever asks for the PIN, so that nobody is asked twice at once.
    asking: Mutex<()>,
}

impl Pkcs11Token {
    /// Finds a token that offers Ed25519.
    ///
    /// # Errors
    /// [`Pkcs11Error`].
    pub fn open(module: &Path, label: &str, ask: Arc<dyn AskPin>) -> Result<Self, Pkcs11Error> {
        Self::with_clock(module, label, ask, Arc::new(BootClock))
    }

    /// The same, by another clock.
    ///
    /// # Errors
    /// [`Pkcs11Error`].
    pub fn with_clock(
        module: &Path,
        label: &str,
        ask: Arc<dyn AskPin>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Pkcs11Error> {
        let unusable = |error: Error| Pkcs11Error::Module {
            module: module.to_owned(),
            reason: error.to_string(),
        };
        let context = Pkcs11::new(module).map_err(unusable)?;
        match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            // By another token of the same module, say.
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(error) => return Err(unusable(error)),
        }
        let slot = find_slot(&context, label)?;
        let offered = context.get_mechanism_list(slot).map_err(token_error)?;
        let label = label.to_owned();
        if !offered.contains(&MechanismType::EDDSA) {
            return Err(Pkcs11Error::NoEd25519 { label });
        }
        let (session, asking) = (Timed::new(clock), Mutex::default());
        Ok(Self(Arc::new(Inner { context, slot, label, ask, session, asking })))
    }

    /// The Ed25519 keys whose public half the token shows to everybody.
    ///
    /// # Errors
    /// [`Pkcs11Error::Token`].
    pub fn keys(&self) -> Result<Vec<Pkcs11Key>, Pkcs11Error> {
        let session = self.0.context.open_ro_session(self.0.slot).map_err(token_error)?;
        let public =
            [Attribute::Class(ObjectClass::PUBLIC_KEY), Attribute::KeyType(KeyType::EC_EDWARDS)];
        let mut keys = Vec::new();
        for object in session.find_objects(&public).map_err(token_error)? {
            let asked = [AttributeType::EcPoint, AttributeType::Id];
            let attributes = session.get_attributes(object, &asked).map_err(token_error)?;
            let (mut key, mut id) = (None, None);
            for attribute in attributes {
                match attribute {
                    Attribute::EcPoint(point) => key = ed25519_point(&point),
                    Attribute::Id(bytes) => id = Some(bytes),
                    _ => {}
                }
            }
            if let (Some(key), Some(id)) = (key, id) {
                keys.push(Pkcs11Key { token: self.clone(), key, id });
            }
        }
        Ok(keys)
    }

    /// One of the keys.
    ///
    /// # Errors
    /// [`Pkcs11Error::NoKey`], [`Pkcs11Error::Token`].
    pub fn key(&self, key: PublicKey) -> Result<Pkcs11Key, Pkcs11Error> {
        let found = self.keys()?.into_iter().find(|held| held.key == key);
        found.ok_or_else(|| Pkcs11Error::NoKey { label: self.0.label.clone(), key })
    }

    /// Closes the session now: the PIN is asked for again.
    pub fn lock(&self) {
        self.0.session.clear();
    }

    /// Signs, asking for the PIN where there is no session.
    fn sign(&self, id: &[u8], message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let _asking = if self.0.session.is_clear() { Some(lock(&self.0.asking)) } else { None };
        if let Some(signed) = self.0.session.with(|session| sign(session, id, message)) {
            match signed {
                // It was pulled out in between, say.
                Err(Error::Pkcs11(
                    RvError::SessionHandleInvalid
                    | RvError::SessionClosed
                    | RvError::UserNotLoggedIn
                    | RvError::DeviceRemoved,
                    _,
                )) => self.lock(),
                signed => return signed.map_err(signer_error),
            }
        }
        let pin = self.0.ask.ask(&self.0.label).ok_or(SignerError::Locked)?;
        let session = self.log_in(&pin).map_err(signer_error)?;
        let signed = sign(&session, id, message).map_err(signer_error);
        self.0.session.put(session);
        signed
    }

    fn log_in(&self, pin: &Passphrase) -> Result<Session, Error> {
        let session = self.0.context.open_ro_session(self.0.slot)?;
        let pin = AuthPin::new(pin.as_str().into());
        match session.login(UserType::User, Some(&pin)) {
            // By another session of this process.
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
            Err(error) => Err(error),
        }
    }
}

impl std::fmt::Debug for Pkcs11Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pkcs11Token").field("label", &self.0.label).finish_non_exhaustive()
    }
}

fn find_slot(context: &Pkcs11, label: &str) -> Result<Slot, Pkcs11Error> {
    for slot in context.get_slots_with_initialized_token().map_err(token_error)? {
        let info = context.get_token_info(slot).map_err(token_error)?;
        if info.label().trim_end() == label {
            return Ok(slot);
        }
    }
    Err(Pkcs11Error::NoToken { label: label.to_owned() })
}

/// A public key from CKA_EC_POINT: in a DER OCTET STRING (PKCS#11 3.0), in a BIT STRING (its
/// drafts), or as it is (3.1 for Montgomery and Edwards keys).
fn ed25519_point(point: &[u8]) -> Option<PublicKey> {
    let raw = match point {
        [0x04, 0x20, raw @ ..] | [0x03, 0x21, 0x00, raw @ ..] if raw.len() == 32 => raw,
        raw => raw,
    };
    PublicKey::from_slice(raw)
}

/// Signs with the private key that has this id.
fn sign(session: &Session, id: &[u8], message: &[u8]) -> Result<Vec<u8>, Error> {
    let private = [
        Attribute::Class(ObjectClass::PRIVATE_KEY),
        Attribute::KeyType(KeyType::EC_EDWARDS),
        Attribute::Id(id.to_vec()),
    ];
    let found = session.find_objects(&private)?;
    let key = found.first().ok_or(Error::Pkcs11(
        RvError::KeyHandleInvalid,
        cryptoki::context::Function::FindObjects,
    ))?;
    let mechanism = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519));
    session.sign(&mechanism, *key, message)
}

fn signer_error(error: Error) -> SignerError {
    match error {
        Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _) => {
            SignerError::Passphrase
        }
        Error::Pkcs11(RvError::PinLocked, _) => SignerError::Failed {
            reason: "too many wrong PINs: the token is blocked, have it unblocked".to_owned(),
        },
        other => SignerError::Failed { reason: other.to_string() },
    }
}

/// A key in a token. Signs statements; with an actor ([`Self::acting_as`]) also tokens of calls.
/// Which of the two a key is for is decided where it is enrolled: have one for each.
#[derive(Debug, Clone)]
pub struct Pkcs11Key {
    token: Pkcs11Token,
    key: PublicKey,
    id: Vec<u8>,
}

impl Pkcs11Key {
    /// As the token key of this actor.
    #[must_use]
    pub const fn acting_as(self, actor: ActorId) -> Pkcs11Caller {
        Pkcs11Caller { key: self, actor }
    }

    /// TRUST: whatever the token says, only what verifies strictly is a signature.
    fn sign(&self, message: &[u8]) -> Result<SignatureBytes, SignerError> {
        let signature = self.token.sign(&self.id, message)?;
        let wrong = || SignerError::Failed { reason: "the signature is not 64 bytes".to_owned() };
        let signature = SignatureBytes::from_slice(&signature).ok_or_else(wrong)?;
        verify(&self.key, message, &signature)?;
        Ok(signature)
    }
}

impl StatementSigner for Pkcs11Key {
    fn public_key(&self) -> PublicKey {
        self.key
    }

    fn sign_statement(&self, statement: &[u8]) -> Result<SignatureBytes, SignerError> {
        self.sign(&pae(STATEMENT_TYPE, statement))
    }

    fn sign_paper(&self, paper: Paper, bytes: &[u8]) -> Result<SignatureBytes, SignerError> {
        self.sign(&paper.message(bytes))
    }
}

/// A key in a token, as the token key of an actor.
#[derive(Debug, Clone)]
pub struct Pkcs11Caller {
    key: Pkcs11Key,
    actor: ActorId,
}

impl TokenSigner for Pkcs11Caller {
    fn actor(&self) -> ActorId {
        self.actor
    }

    fn token_key(&self) -> Option<PublicKey> {
        Some(self.key.key)
    }

    fn sign_token(&self, signing_input: &[u8]) -> Result<SignatureBytes, SignerError> {
        self.key.sign(signing_input)
    }
}

#[cfg(test)]
mod tests;

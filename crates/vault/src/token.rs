//! A key-encryption key that stays in a PKCS#11 token.
//!
//! An AES-256 key that was made in the token, sensitive and not extractable. It wraps the vault key
//! with AES-GCM: a token that can encrypt can do that, where few let a key be unwrapped to outside.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Function, Pkcs11};
use cryptoki::error::{Error as Pkcs11Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use zeroize::Zeroizing;

use crate::keys::{self, KEY_LEN, Secret, WRAPPED_LEN};
use crate::vault::lock;
use crate::{Pin, VaultError};

/// Length of the nonce of AES-GCM.
pub(crate) const TOKEN_NONCE_LEN: usize = 12;

/// Length of the tag of AES-GCM, in bits.
const TAG_BITS: u64 = 128;

/// Why a token does not do what was asked. No variant holds a PIN or a key.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The module could not be loaded or started.
    #[error(
        "the PKCS#11 module {} could not be started: {source}; name the library that came with the \
         token", path.display()
    )]
    Module {
        /// The module.
        path: PathBuf,
        /// What it, or the loader, says.
        source: Pkcs11Error,
    },
    /// No token of this label is there.
    #[error("no token is labelled {label:?}; connect it, or name another")]
    NoToken {
        /// The label.
        label: String,
    },
    /// More than one token has this label.
    #[error("{count} tokens are labelled {label:?}; disconnect the others, or label them apart")]
    ManyTokens {
        /// The label.
        label: String,
        /// How many.
        count: usize,
    },
    /// The token refused the PIN.
    #[error("the token {label:?} refused the PIN; after a few wrong ones it locks")]
    WrongPin {
        /// The token's label.
        label: String,
    },
    /// The PIN is locked, or was never set.
    #[error(
        "the PIN of the token {label:?} is locked or was never set; its security officer sets it"
    )]
    PinUnusable {
        /// The token's label.
        label: String,
    },
    /// No such key is in the token.
    #[error(
        "no AES key labelled {key_label:?} is in the token {label:?}; make it, or name another"
    )]
    NoKey {
        /// The token's label.
        label: String,
        /// The key's label.
        key_label: String,
    },
    /// More than one key has this label.
    #[error("{count} AES keys are labelled {key_label:?} in the token {label:?}; label them apart")]
    ManyKeys {
        /// The token's label.
        label: String,
        /// The key's label.
        key_label: String,
        /// How many.
        count: usize,
    },
    /// A key of this label is there already, and is left alone.
    #[error(
        "a key labelled {key_label:?} is in the token {label:?} already; use it, or name another"
    )]
    KeyThere {
        /// The token's label.
        label: String,
        /// The key's label.
        key_label: String,
    },
    /// The key is not one that stays in the token, or not of the right kind.
    #[error("the key {key_label:?} is not fit to be a key-encryption key: {what}; make another")]
    UnfitKey {
        /// The key's label.
        key_label: String,
        /// Why.
        what: &'static str,
    },
    /// The token refused something else.
    #[error("the token could not {doing}: {source}")]
    Refused {
        /// What it was asked to do.
        doing: &'static str,
        /// What it says.
        source: Pkcs11Error,
    },
}

fn refused(doing: &'static str) -> impl FnOnce(Pkcs11Error) -> TokenError {
    move |source| TokenError::Refused { doing, source }
}

/// A key-encryption key in a token, logged in to. It can't be read, by this program neither.
pub struct TokenKek {
    session: Session,
    key: ObjectHandle,
}

impl TokenKek {
    /// Finds the key of this label in the token of this label.
    ///
    /// # Errors
    /// [`TokenError`]; a wrong PIN counts towards its locking.
    pub fn open(
        module: &Path,
        label: &str,
        key_label: &str,
        pin: &Pin,
    ) -> Result<Self, TokenError> {
        let (context, slot) = find_token(module, label)?;
        let session = context.open_ro_session(slot).map_err(refused("open a session"))?;
        log_in(&session, label, pin)?;
        let keys = find_keys(&session, key_label)?;
        let (label, key_label) = (label.to_owned(), key_label.to_owned());
        match keys.as_slice() {
            [] => Err(TokenError::NoKey { label, key_label }),
            [key] => {
                check_key(&session, *key, key_label)?;
                Ok(Self { session, key: *key })
            }
            _ => Err(TokenError::ManyKeys { label, key_label, count: keys.len() }),
        }
    }

    /// Makes a key of this label in the token of this label: AES-256, sensitive, not extractable,
    /// for encrypting and decrypting only. There is no copy of it, but what the token itself can
    /// make; without it the vault can't be opened.
    ///
    /// # Errors
    /// [`TokenError`]; [`TokenError::KeyThere`] if there is one.
    pub fn create_key(
        module: &Path,
        label: &str,
        key_label: &str,
        pin: &Pin,
    ) -> Result<Self, TokenError> {
        let (context, slot) = find_token(module, label)?;
        let session = context.open_rw_session(slot).map_err(refused("open a session"))?;
        log_in(&session, label, pin)?;
        if !find_keys(&session, key_label)?.is_empty() {
            let (label, key_label) = (label.to_owned(), key_label.to_owned());
            return Err(TokenError::KeyThere { label, key_label });
        }
        let template = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::AES),
            Attribute::ValueLen(32.into()),
            Attribute::Label(key_label.into()),
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
            Attribute::Wrap(false),
            Attribute::Unwrap(false),
        ];
        let made = session.generate_key(&Mechanism::AesKeyGen, &template);
        let key = made.map_err(refused("make the key"))?;
        check_key(&session, key, key_label.to_owned())?;
        Ok(Self { session, key })
    }

    /// Wraps a key. The nonce is drawn here; a token that draws its own puts it in its place.
    pub(crate) fn wrap(
        &self,
        associated: &[u8],
        key: &Secret,
    ) -> Result<([u8; TOKEN_NONCE_LEN], [u8; WRAPPED_LEN]), VaultError> {
        let mut nonce = [0; TOKEN_NONCE_LEN];
        keys::fill(&mut nonce)?;
        let wrapped = {
            let params = GcmParams::new(&mut nonce, associated, TAG_BITS.into());
            let mechanism = Mechanism::AesGcm(params.map_err(refused("take the nonce"))?);
            let wrapped = self.session.encrypt(&mechanism, self.key, key.as_bytes());
            wrapped.map_err(refused("wrap the vault key"))?
        };
        let wrapped = wrapped.try_into().map_err(|_| TokenError::Refused {
            doing: "wrap the vault key in the form of AES-GCM",
            source: Pkcs11Error::InvalidValue,
        })?;
        Ok((nonce, wrapped))
    }

    /// The other way; `None` if it is not the right key, place or ciphertext.
    pub(crate) fn unwrap(
        &self,
        nonce: &[u8; TOKEN_NONCE_LEN],
        associated: &[u8],
        wrapped: &[u8; WRAPPED_LEN],
    ) -> Result<Option<Secret>, TokenError> {
        let mut nonce = *nonce;
        let params = GcmParams::new(&mut nonce, associated, TAG_BITS.into());
        let mechanism = Mechanism::AesGcm(params.map_err(refused("take the nonce"))?);
        match self.session.decrypt(&mechanism, self.key, wrapped).map(Zeroizing::new) {
            Ok(key) => Ok(key.first_chunk().filter(|_| key.len() == KEY_LEN).map(Secret::copied)),
            Err(Pkcs11Error::Pkcs11(why, Function::Decrypt)) if is_not_authentic(why) => Ok(None),
            Err(source) => Err(TokenError::Refused { doing: "unwrap the vault key", source }),
        }
    }
}

/// What tokens say of a ciphertext that does not open.
fn is_not_authentic(why: RvError) -> bool {
    matches!(
        why,
        RvError::EncryptedDataInvalid
            | RvError::EncryptedDataLenRange
            | RvError::DataInvalid
            // SoftHSM 2.6, and whatever else knows no better.
            | RvError::GeneralError
            | RvError::FunctionFailed
    )
}

fn find_token(module: &Path, label: &str) -> Result<(Pkcs11, Slot), TokenError> {
    let context = start(module)?;
    let mut found = Vec::new();
    for slot in context.get_slots_with_token().map_err(refused("list the tokens"))? {
        // A token that was taken out in between, or does not answer, is not the one.
        let Ok(info) = context.get_token_info(slot) else { continue };
        if info.token_initialized() && info.label() == label {
            found.push(slot);
        }
    }
    let label = label.to_owned();
    match found.as_slice() {
        [] => Err(TokenError::NoToken { label }),
        [slot] => Ok((context, *slot)),
        _ => Err(TokenError::ManyTokens { label, count: found.len() }),
    }
}

/// Modules that were started. They are neither stopped nor unloaded: others in this process may use
/// them too, and a module may have threads of its own.
static STARTED: Mutex<Vec<(PathBuf, Pkcs11)>> = Mutex::new(Vec::new());

fn start(module: &Path) -> Result<Pkcs11, TokenError> {
    let failed = |source| TokenError::Module { path: module.to_path_buf(), source };
    let mut started = lock(&STARTED);
    if let Some((_, context)) = started.iter().find(|(path, _)| path == module) {
        return Ok(context.clone());
    }
    let context = Pkcs11::new(module).map_err(failed)?;
    match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(())
        | Err(Pkcs11Error::Pkcs11(RvError::CryptokiAlreadyInitialized, Function::Initialize)) => {}
        Err(source) => return Err(failed(source)),
    }
    started.push((module.to_path_buf(), context.clone()));
    Ok(context)
}

fn log_in(session: &Session, label: &str, pin: &Pin) -> Result<(), TokenError> {
    let label = || label.to_owned();
    match session.login(UserType::User, Some(&AuthPin::new(pin.as_str().into()))) {
        Ok(()) => Ok(()),
        Err(Pkcs11Error::Pkcs11(why, Function::Login)) => match why {
            // Tokens log in a whole process.
            RvError::UserAlreadyLoggedIn => Ok(()),
            RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange => {
                Err(TokenError::WrongPin { label: label() })
            }
            RvError::PinLocked | RvError::PinExpired | RvError::UserPinNotInitialized => {
                Err(TokenError::PinUnusable { label: label() })
            }
            _ => Err(refused("log in")(Pkcs11Error::Pkcs11(why, Function::Login))),
        },
        Err(source) => Err(refused("log in")(source)),
    }
}

fn find_keys(session: &Session, key_label: &str) -> Result<Vec<ObjectHandle>, TokenError> {
    let template = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::Token(true),
        Attribute::Label(key_label.into()),
    ];
    session.find_objects(&template).map_err(refused("look for the key"))
}

/// Refuses a key that could leave the token: then it is no better than one in a file.
fn check_key(session: &Session, key: ObjectHandle, key_label: String) -> Result<(), TokenError> {
    let asked = [
        AttributeType::ValueLen,
        AttributeType::Sensitive,
        AttributeType::Extractable,
        AttributeType::Encrypt,
        AttributeType::Decrypt,
    ];
    let attributes = session.get_attributes(key, &asked).map_err(refused("describe the key"))?;
    let needed = [
        (Attribute::ValueLen((KEY_LEN as u64).into()), "it is not of 256 bits"),
        (Attribute::Sensitive(true), "it is not sensitive: it can be read"),
        (Attribute::Extractable(false), "it is extractable"),
        (Attribute::Encrypt(true), "it does not encrypt"),
        (Attribute::Decrypt(true), "it does not decrypt"),
    ];
    match needed.into_iter().find(|(attribute, _)| !attributes.contains(attribute)) {
        Some((_, what)) => Err(TokenError::UnfitKey { key_label, what }),
        None => Ok(()),
    }
}

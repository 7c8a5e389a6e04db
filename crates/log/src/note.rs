//! Signed notes, as C2SP `signed-note` has them: a text, a blank line, a line for each signature.
//!
//! Only Ed25519 (type 0x01) is verified here. Signatures by other keys are carried along unread.

use std::fmt;
use std::str::FromStr;

use letopis_crypto::sign::{self, SignatureError};
use letopis_types::{PublicKey, SignatureBytes};
use sha2::{Digest as _, Sha256};

use crate::text;

/// The longest note that is read, in bytes.
pub const NOTE_BYTES_MAX: usize = 256 * 1024;

/// The most signatures that a note may have.
pub const SIGNATURES_MAX: usize = 32;

/// Type byte of an Ed25519 key.
const ED25519: u8 = 1;

/// What a signature line begins with: an em dash and a space.
const LINE_START: &str = "\u{2014} ";

/// Why a text is not a note, or can't become one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is longer than [`NOTE_BYTES_MAX`].
    #[error("the note has {length} bytes, more than {NOTE_BYTES_MAX}")]
    TooLong {
        /// Its bytes.
        length: usize,
    },
    /// It contains a control character other than a newline.
    #[error("the note has a control character at byte {offset}")]
    ControlCharacter {
        /// Where.
        offset: usize,
    },
    /// No blank line parts text and signatures, or the text does not end in a newline.
    #[error("no blank line parts the note's text from its signatures")]
    NoBlankLine,
    /// It has more than [`SIGNATURES_MAX`] signatures.
    #[error("the note has more than {SIGNATURES_MAX} signatures")]
    TooManySignatures,
    /// A line after the blank one is not: em dash, space, key name, space, at least 5 bytes in
    /// strict base64, newline.
    #[error("line {line} after the note's blank line is not a signature")]
    SignatureLine {
        /// Which, from 1.
        line: usize,
    },
}

/// Why a note is not accepted as signed by a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerificationError {
    /// No signature is by this key.
    #[error("the note is not signed by the key {key_id}")]
    NotSigned {
        /// The key's id.
        key_id: KeyId,
    },
    /// The key signed more than once.
    #[error("the note has more than one signature by the key {key_id}")]
    SignedTwice {
        /// The key's id.
        key_id: KeyId,
    },
    /// The signature is not 64 bytes long.
    #[error("the note's signature by the key {key_id} is not 64 bytes long")]
    SignatureLength {
        /// The key's id.
        key_id: KeyId,
    },
    /// The signature does not verify.
    #[error("the note's signature by the key {key_id} does not verify")]
    Invalid {
        /// The key's id.
        key_id: KeyId,
        /// What is wrong with it.
        source: SignatureError,
    },
}

/// Why a text is not a verifier key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifierKeyError {
    /// It is not `<name>+<8 lower-case hex digits>+<strict base64>`.
    #[error("not of the form <name>+<8 hex digits>+<base64>")]
    Form,
    /// The name is empty, or has a space, a control character or a plus.
    #[error("the key's name is empty, or has a space, a control character or a plus")]
    Name,
    /// The key is not an Ed25519 key of 32 bytes.
    #[error("not an Ed25519 key (type 1, 32 bytes)")]
    NotEd25519,
    /// The id is not that of name and key.
    #[error("the key's id is {found}, and that of its name and key is {expected}")]
    KeyId {
        /// That of name and key.
        expected: KeyId,
        /// That in the text.
        found: KeyId,
    },
}

/// The first 4 bytes of a hash of name, type and key: tells a note's keys apart, proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 4]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// A public key with the name under which it signs notes. Its text form (a *vkey*) is handed to
/// whoever is to verify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: KeyId,
    key: PublicKey,
}

impl VerifierKey {
    /// A key and its name.
    ///
    /// # Errors
    /// [`VerifierKeyError::Name`].
    pub fn new(name: &str, key: PublicKey) -> Result<Self, VerifierKeyError> {
        if is_key_name(name) {
            Ok(Self::with_valid_name(name.to_owned(), key))
        } else {
            Err(VerifierKeyError::Name)
        }
    }

    /// INVARIANT: the name is one that [`Self::new`] accepts.
    pub(crate) fn with_valid_name(name: String, key: PublicKey) -> Self {
        let hash =
            Sha256::new().chain_update(&name).chain_update([b'\n', ED25519]).chain_update(key);
        let [a, b, c, d, ..]: [u8; 32] = hash.finalize().into();
        Self { name, id: KeyId([a, b, c, d]), key }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The key itself.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.key
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519], self.key.as_ref()].concat();
        write!(f, "{}+{}+{}", self.name, self.id, text::base64(&key))
    }
}

impl FromStr for VerifierKey {
    type Err = VerifierKeyError;

    fn from_str(text: &str) -> Result<Self, VerifierKeyError> {
        // Base64 may contain a plus; a name may not.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(VerifierKeyError::Form);
        };
        let key = text::from_base64(key).ok_or(VerifierKeyError::Form)?;
        let key = match key.split_first() {
            Some((&ED25519, key)) => PublicKey::from_slice(key),
            _ => None,
        };
        let this = Self::new(name, key.ok_or(VerifierKeyError::NotEd25519)?)?;
        let found = u32::from_str_radix(id, 16).map(|id| KeyId(id.to_be_bytes()));
        match found {
            Ok(found) if found.to_string() != id => Err(VerifierKeyError::Form),
            Ok(found) if found != this.id => {
                Err(VerifierKeyError::KeyId { expected: this.id, found })
            }
            Ok(_) => Ok(this),
            Err(_) => Err(VerifierKeyError::Form),
        }
    }
}

/// A signature of a note, by whatever kind of key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    key_id: KeyId,
    signature: Vec<u8>,
}

impl NoteSignature {
    /// The name of the key.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the key.
    #[must_use]
    pub const fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The signature, in the key's own format.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// From its line, without the newline.
    fn from_line(line: &str) -> Option<Self> {
        let (name, signature) = line.strip_prefix(LINE_START)?.split_once(' ')?;
        let bytes = text::from_base64(signature)?;
        let (key_id, signature) = bytes.split_first_chunk()?;
        (is_key_name(name) && !signature.is_empty()).then(|| Self {
            name: name.to_owned(),
            key_id: KeyId(*key_id),
            signature: signature.to_vec(),
        })
    }
}

/// A text and its signatures, none of them verified by being here.
///
/// INVARIANT: its text form parses to the same note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl Note {
    /// Signs a text, which ends in a newline. `sign` makes the signature over exactly the bytes
    /// that it is given.
    ///
    /// # Errors
    /// [`NoteError::TooLong`], [`NoteError::ControlCharacter`], [`NoteError::NoBlankLine`].
    pub fn sign(
        text: String,
        key: &VerifierKey,
        sign: impl FnOnce(&[u8]) -> SignatureBytes,
    ) -> Result<Self, NoteError> {
        check_characters(&text)?;
        if !text.ends_with('\n') {
            return Err(NoteError::NoBlankLine);
        }
        let note = Self::sign_valid(text, key, sign);
        let length = note.to_text().len();
        if length > NOTE_BYTES_MAX { Err(NoteError::TooLong { length }) } else { Ok(note) }
    }

    /// INVARIANT: the text is one that [`Self::sign`] accepts.
    pub(crate) fn sign_valid(
        text: String,
        key: &VerifierKey,
        sign: impl FnOnce(&[u8]) -> SignatureBytes,
    ) -> Self {
        let signature = sign(text.as_bytes()).0.to_vec();
        let signature = NoteSignature { name: key.name.clone(), key_id: key.id, signature };
        Self { text, signatures: vec![signature] }
    }

    /// Reads a note.
    ///
    /// # Errors
    /// What is wrong, see [`NoteError`].
    pub fn from_text(note: &str) -> Result<Self, NoteError> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLong { length: note.len() });
        }
        check_characters(note)?;
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::NoBlankLine)?;
        if lines.split_terminator('\n').count() > SIGNATURES_MAX {
            return Err(NoteError::TooManySignatures);
        }
        let mut signatures = Vec::new();
        for (line, number) in lines.split_inclusive('\n').zip(1..) {
            let signature = line.strip_suffix('\n').and_then(NoteSignature::from_line);
            signatures.push(signature.ok_or(NoteError::SignatureLine { line: number })?);
        }
        if signatures.is_empty() {
            return Err(NoteError::SignatureLine { line: 1 });
        }
        Ok(Self { text: format!("{text}\n"), signatures })
    }

    /// The text, if this key signed it, once; signatures by other keys are not looked at.
    ///
    /// # Errors
    /// What is wrong, see [`VerificationError`].
    pub fn verify(&self, key: &VerifierKey) -> Result<&str, VerificationError> {
        let key_id = key.id;
        let mut by_key =
            self.signatures.iter().filter(|s| s.name == key.name && s.key_id == key_id);
        let signature = by_key.next().ok_or(VerificationError::NotSigned { key_id })?;
        if by_key.next().is_some() {
            return Err(VerificationError::SignedTwice { key_id });
        }
        let signature = SignatureBytes::from_slice(&signature.signature)
            .ok_or(VerificationError::SignatureLength { key_id })?;
        sign::verify(&key.key, self.text.as_bytes(), &signature)
            .map_err(|source| VerificationError::Invalid { key_id, source })?;
        Ok(&self.text)
    }

    /// As it is written.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut note = format!("{}\n", self.text);
        for signature in &self.signatures {
            let bytes = [&signature.key_id.0, signature.signature.as_slice()].concat();
            note += &format!("{LINE_START}{} {}\n", signature.name, text::base64(&bytes));
        }
        note
    }

    /// Its signatures, none of them verified by being here.
    #[must_use]
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }
}

fn check_characters(note: &str) -> Result<(), NoteError> {
    match note.bytes().position(|byte| byte < 0x20 && byte != b'\n') {
        Some(offset) => Err(NoteError::ControlCharacter { offset }),
        None => Ok(()),
    }
}

fn is_key_name(name: &str) -> bool {
    let wrong = |c: char| c.is_whitespace() || c < ' ' || c == '+';
    !name.is_empty() && !name.contains(wrong)
}

#[cfg(test)]
mod tests;

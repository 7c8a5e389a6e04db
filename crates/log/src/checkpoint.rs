//! Checkpoints, as C2SP `tlog-checkpoint` has them: a log's size and root, signed.
//!
//! Narrower than that specification, as proto/README.md (Log) says: three lines and no more, and
//! the origin is the name of the key that signs.

use std::fmt;
use std::str::FromStr;

use letopis_types::{Digest, LedgerId, PublicKey, Sequence, SignatureBytes};

use crate::note::{Note, NoteError, VerificationError, VerifierKey};
use crate::text;

/// The longest name of a ledger, in bytes.
pub const NAME_BYTES_MAX: usize = 200;

/// A log's identity: the ledger's name and id. Written `<name>/<ledger id in hex>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    name: String,
    ledger: LedgerId,
}

/// A text that is not an origin, or a name that can't be part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// The name is not 1 to 200 lower-case letters, digits, hyphens and dots.
    #[error("a ledger's name is 1 to {NAME_BYTES_MAX} lower-case letters, digits, hyphens, dots")]
    Name,
    /// What follows the slash is not a ledger id.
    #[error("an origin is <name>/<ledger id in 64 lower-case hex digits>")]
    Ledger,
}

impl Origin {
    /// Of a ledger with this name (as in its genesis) and id.
    ///
    /// # Errors
    /// [`OriginError::Name`].
    pub fn new(name: &str, ledger: LedgerId) -> Result<Self, OriginError> {
        let is_allowed = |c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
        if !(1..=NAME_BYTES_MAX).contains(&name.len()) || !name.bytes().all(is_allowed) {
            return Err(OriginError::Name);
        }
        Ok(Self { name: name.to_owned(), ledger })
    }

    /// The ledger's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The ledger's id.
    #[must_use]
    pub const fn ledger(&self) -> &LedgerId {
        &self.ledger
    }

    /// The key that verifies this log's checkpoints: the origin is its name.
    #[must_use]
    pub fn verifier_key(&self, key: PublicKey) -> VerifierKey {
        VerifierKey::with_valid_name(self.to_string(), key)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.name, self.ledger)
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let (name, ledger) = text.split_once('/').ok_or(OriginError::Ledger)?;
        Self::new(name, ledger.parse().map_err(|_| OriginError::Ledger)?)
    }
}

/// What a log was at some size.
///
/// TRUST: one that came from [`Checkpoint::open`] was signed; one that was put together or parsed
/// says nothing by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: Origin,
    /// How many links it had.
    pub size: Sequence,
    /// The root of the Merkle tree over them.
    pub root: Digest,
}

/// Why a note is not accepted as a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// It is not a note.
    #[error("the checkpoint is not a signed note")]
    Note(#[from] NoteError),
    /// The key did not sign it.
    #[error("the checkpoint's signature is missing or wrong")]
    Signature(#[from] VerificationError),
    /// Its text is not three lines: origin, size in decimal, root in base64.
    #[error("a checkpoint's text is three lines: origin, size, root")]
    Lines,
    /// Its first line is not an origin.
    #[error("the checkpoint's first line is not an origin")]
    Origin(#[from] OriginError),
    /// The key signs for another log.
    #[error("the checkpoint is of {origin}, and the key of another log")]
    OtherLog {
        /// The checkpoint's origin.
        origin: Origin,
    },
}

impl Checkpoint {
    /// Reads a checkpoint's text, which nobody has signed yet.
    ///
    /// # Errors
    /// [`CheckpointError::Lines`] or [`CheckpointError::Origin`].
    pub fn from_text(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.split('\n');
        let parts = (lines.next(), lines.next(), lines.next(), lines.next(), lines.next());
        let (Some(origin), Some(size), Some(root), Some(""), None) = parts else {
            return Err(CheckpointError::Lines);
        };
        let size = text::from_decimal(size).ok_or(CheckpointError::Lines)?;
        let root = text::digest_from_base64(root).ok_or(CheckpointError::Lines)?;
        Ok(Self { origin: origin.parse()?, size: Sequence(size), root })
    }

    /// The text that is signed.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, text::base64(&self.root.0))
    }

    /// Reads a signed checkpoint, if this key signed it and is that of its log.
    ///
    /// # Errors
    /// What is wrong, see [`CheckpointError`].
    pub fn open(note: &str, key: &VerifierKey) -> Result<Self, CheckpointError> {
        let note = Note::from_text(note)?;
        let checkpoint = Self::from_text(note.verify(key)?)?;
        if checkpoint.origin.to_string() != key.name() {
            return Err(CheckpointError::OtherLog { origin: checkpoint.origin });
        }
        Ok(checkpoint)
    }

    /// Signs it with the log's key. `sign` makes the signature over exactly the bytes that it is
    /// given, with the secret key to `key`.
    ///
    /// TRUST: whoever calls this makes sure that everything the root covers is durable and that
    /// no other tree was ever signed; see proto/README.md, Log.
    #[must_use]
    pub fn sign(&self, key: PublicKey, sign: impl FnOnce(&[u8]) -> SignatureBytes) -> Note {
        Note::sign_valid(self.to_text(), &self.origin.verifier_key(key), sign)
    }
}

#[cfg(test)]
mod tests;

//! Proofs of inclusion as text, as C2SP `tlog-proof` has them.

use letopis_types::{Digest, Sequence};

use crate::note::NOTE_BYTES_MAX;
use crate::text;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1\n";

/// The longest extra data that is read, in bytes.
pub const EXTRA_BYTES_MAX: usize = 64 * 1024;

/// The most hashes that an inclusion proof can have.
pub const HASHES_MAX: usize = 64;

/// An entry's place in a log, with what shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// What the verifier needs besides, whatever that is; not authenticated by being here. Empty
    /// where there is none.
    pub extra: Vec<u8>,
    /// The entry's index.
    pub index: Sequence,
    /// The inclusion proof, from the leaf up.
    pub hashes: Vec<Digest>,
    /// The checkpoint, a signed note, as it was issued. Carried along unread.
    pub checkpoint: String,
}

/// Why a text is not a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofFormatError {
    /// It does not begin with the format's name.
    #[error("a proof begins with the line c2sp.org/tlog-proof@v1")]
    FirstLine,
    /// The line of extra data is not strict base64, or empty, or longer than [`EXTRA_BYTES_MAX`].
    #[error("the proof's extra data is not base64 of 1 to {EXTRA_BYTES_MAX} bytes")]
    Extra,
    /// The line of the index is missing, or not a decimal number.
    #[error("the proof has no index, or one that is not a plain decimal number")]
    Index,
    /// A line of the inclusion proof is not a hash in base64, or there are more than
    /// [`HASHES_MAX`].
    #[error("the proof's hashes are not at most {HASHES_MAX} lines of 32 bytes in base64")]
    Hashes,
    /// No blank line, or nothing after it, or more than [`NOTE_BYTES_MAX`] bytes.
    #[error("the proof has no checkpoint after a blank line, or too long a one")]
    Checkpoint,
}

impl TlogProof {
    /// Reads a proof.
    ///
    /// # Errors
    /// What is wrong, see [`ProofFormatError`].
    pub fn from_text(text: &str) -> Result<Self, ProofFormatError> {
        let rest = text.strip_prefix(FIRST_LINE).ok_or(ProofFormatError::FirstLine)?;
        let (head, checkpoint) = rest.split_once("\n\n").ok_or(ProofFormatError::Checkpoint)?;
        if !(1..=NOTE_BYTES_MAX).contains(&checkpoint.len()) {
            return Err(ProofFormatError::Checkpoint);
        }
        let mut lines = head.split('\n').peekable();
        let extra = match lines.next_if(|line| line.starts_with("extra")) {
            Some(line) => parse_extra(line).ok_or(ProofFormatError::Extra)?,
            None => Vec::new(),
        };
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = index.and_then(text::from_decimal).ok_or(ProofFormatError::Index)?;
        let hashes: Option<Vec<_>> = lines.map(text::digest_from_base64).collect();
        Ok(Self {
            extra,
            index: Sequence(index),
            hashes: hashes
                .filter(|hashes| hashes.len() <= HASHES_MAX)
                .ok_or(ProofFormatError::Hashes)?,
            checkpoint: checkpoint.to_owned(),
        })
    }

    /// As it is written.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = FIRST_LINE.to_owned();
        if !self.extra.is_empty() {
            text += &format!("extra {}\n", text::base64(&self.extra));
        }
        text += &format!("index {}\n", self.index);
        for hash in &self.hashes {
            text += &format!("{}\n", text::base64(&hash.0));
        }
        text + "\n" + &self.checkpoint
    }
}

fn parse_extra(line: &str) -> Option<Vec<u8>> {
    let extra = text::from_base64(line.strip_prefix("extra ")?)?;
    (1..=EXTRA_BYTES_MAX).contains(&extra.len()).then_some(extra)
}

#[cfg(test)]
mod tests;

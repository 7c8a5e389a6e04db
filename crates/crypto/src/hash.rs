//! `H(purpose, x)`: BLAKE3 in `derive_key` mode, one context per purpose.

use letopis_types::{Digest, LedgerId, SignatureBytes};

/// What a digest is for. Each has a context of its own, so that no bytes mean two things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A ledger's id, from its genesis.
    LedgerId,
    /// A section's commitment.
    Commitment,
    /// A statement.
    Statement,
    /// A statement's signatures.
    Signatures,
    /// A link.
    Link,
    /// A stream's rolling head.
    StreamHead,
    /// The manifest of an evidence file.
    Manifest,
    /// The digest of a projection.
    Projection,
    /// A de-identified case.
    Deidentified,
}

impl Purpose {
    /// The context that BLAKE3 derives its key from (proto/README.md).
    #[must_use]
    pub const fn context(self) -> &'static str {
        match self {
            Self::LedgerId => "letopis 2026-11 ledger id v1",
            Self::Commitment => "letopis 2026-11 section commitment v1",
            Self::Statement => "letopis 2026-11 statement v1",
            Self::Signatures => "letopis 2026-11 signatures v1",
            Self::Link => "letopis 2026-11 link v1",
            Self::StreamHead => "letopis 2026-11 stream head v1",
            Self::Manifest => "letopis 2026-11 evidence manifest v1",
            Self::Projection => "letopis 2026-11 projection v1",
            Self::Deidentified => "letopis 2026-11 deidentified case v1",
        }
    }
}

/// A digest in the making.
#[derive(Debug, Clone)]
pub struct Hasher(blake3::Hasher);

impl Hasher {
    /// Begins one.
    #[must_use]
    pub fn new(purpose: Purpose) -> Self {
        Self(blake3::Hasher::new_derive_key(purpose.context()))
    }

    /// Adds bytes as they are.
    pub fn update(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(bytes);
        self
    }

    /// Adds `LP(bytes)`: the length as u64, then the bytes.
    pub fn update_prefixed(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(&(bytes.len() as u64).to_be_bytes());
        self.update(bytes)
    }

    /// The digest of what was added.
    #[must_use]
    pub fn finish(&self) -> Digest {
        Digest(*self.0.finalize().as_bytes())
    }
}

/// `H(purpose, bytes)`.
#[must_use]
pub fn hash(purpose: Purpose, bytes: &[u8]) -> Digest {
    Hasher::new(purpose).update(bytes).finish()
}

/// `H(statement, statement bytes)`.
#[must_use]
pub fn statement_hash(statement: &[u8]) -> Digest {
    hash(Purpose::Statement, statement)
}

/// `H(signatures, the signatures in the signers' order)`.
#[must_use]
pub fn signatures_hash(signatures: &[SignatureBytes]) -> Digest {
    let mut hasher = Hasher::new(Purpose::Signatures);
    for signature in signatures {
        hasher.update(&signature.0);
    }
    hasher.finish()
}

/// The id of the ledger that this genesis begins.
#[must_use]
pub fn ledger_id(genesis: &[u8]) -> LedgerId {
    LedgerId(hash(Purpose::LedgerId, genesis).0)
}

/// `head(v) = H(stream head, head(v−1) ‖ statement hash)`; `head(0)` is [`Digest::ZERO`].
#[must_use]
pub fn next_head(head: &Digest, statement_hash: &Digest) -> Digest {
    Hasher::new(Purpose::StreamHead).update(&head.0).update(&statement_hash.0).finish()
}

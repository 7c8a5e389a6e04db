//! Statements on their way through the hands of their signers.

use bytes::Bytes;
use letopis_crypto::canonical::{self, Breach};
use letopis_crypto::hash::{signatures_hash, statement_hash};
use letopis_crypto::section::{CommitmentScope, SALT_LEN, commitment};
use letopis_crypto::sign::{STATEMENT_TYPE, SecretKey, pae, verify};
use letopis_domain::{Fact, FormError, Statement};
use letopis_proto::ledger::v1 as pb;
use letopis_proto::statement::v1 as proto;
use letopis_types::{Digest, EventId, LedgerId, PublicKey, SignatureBytes, StreamKey};
use prost::Message as _;

use crate::draft::{DraftError, check_enrolled};
use crate::identity::StatementSigner;

/// A statement that is ready to be signed, with what its sections hold.
///
/// INVARIANT: canonical and well-formed, and every content opens its commitment.
#[derive(Clone)]
pub struct Unsigned {
    bytes: Bytes,
    statement: Statement,
    contents: Vec<pb::SectionContent>,
}

/// One signer's signature, made wherever its key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CollectedSignature {
    /// By which key.
    pub key: PublicKey,
    /// The signature over the statement.
    pub signature: SignatureBytes,
}

impl Unsigned {
    /// INVARIANT: all three were checked, and belong together.
    pub(crate) const fn new(
        bytes: Bytes,
        statement: Statement,
        contents: Vec<pb::SectionContent>,
    ) -> Self {
        Self { bytes, statement, contents }
    }

    /// What is signed, for a signer to look at.
    #[must_use]
    pub const fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The statement's bytes.
    #[must_use]
    pub fn statement_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What the sections hold, in their order: what a signer signs as well.
    pub fn contents(&self) -> impl Iterator<Item = &[u8]> {
        self.contents.iter().map(|section| &*section.content)
    }

    /// Everything that another signer needs, to be carried there.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.submission(Vec::new()).encode_to_vec()
    }

    /// What [`Self::to_bytes`] made, with all of it checked again.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DraftError> {
        let (unsigned, signatures) = parse(bytes)?;
        if signatures.is_empty() { Ok(unsigned) } else { Err(DraftError::NotASubmission) }
    }

    /// One signer's part, with a key that may be anywhere.
    ///
    /// # Errors
    /// [`DraftError::SignerNotNamed`], or what the signer says.
    pub fn collect(&self, signer: &dyn StatementSigner) -> Result<CollectedSignature, DraftError> {
        let key = signer.public_key();
        if self.signers().all(|named| named != key) {
            return Err(DraftError::SignerNotNamed { key });
        }
        Ok(CollectedSignature { key, signature: signer.sign_with_contents(self)? })
    }

    /// Puts the signatures together that were made at different places, in whatever order. Every
    /// one of them is verified.
    ///
    /// # Errors
    /// [`DraftError::SignersMissing`], [`DraftError::SignerNotNamed`], [`DraftError::SignedTwice`],
    /// [`DraftError::Signature`].
    pub fn assemble(self, collected: &[CollectedSignature]) -> Result<SignedStatement, DraftError> {
        self.check_complete(collected.iter().map(|one| one.key))?;
        let message = pae(STATEMENT_TYPE, &self.bytes);
        for CollectedSignature { key, signature } in collected {
            verify(key, &message, signature)
                .map_err(|source| DraftError::Signature { key: *key, source })?;
        }
        let in_order = self.signers().filter_map(|key| collected.iter().find(|one| one.key == key));
        let signatures = in_order.map(|one| one.signature).collect();
        Ok(SignedStatement::new(self, signatures))
    }

    /// Signs with keys that are all here.
    ///
    /// # Errors
    /// [`DraftError::SignersMissing`], [`DraftError::SignerNotNamed`], [`DraftError::SignedTwice`].
    pub fn sign(self, keys: &[&SecretKey]) -> Result<SignedStatement, DraftError> {
        self.check_complete(keys.iter().map(|key| key.public()))?;
        let in_order =
            self.signers().filter_map(|named| keys.iter().find(|key| key.public() == named));
        let signatures = in_order.map(|key| key.sign_statement(&self.bytes)).collect();
        Ok(SignedStatement::new(self, signatures))
    }

    fn signers(&self) -> impl Iterator<Item = PublicKey> {
        self.statement.signers.iter().map(|signer| signer.key)
    }

    /// Exactly the keys that the statement names, each once.
    fn check_complete(
        &self,
        keys: impl Iterator<Item = PublicKey> + Clone,
    ) -> Result<(), DraftError> {
        for (at, key) in keys.clone().enumerate() {
            if self.signers().all(|named| named != key) {
                return Err(DraftError::SignerNotNamed { key });
            }
            if keys.clone().take(at).any(|before| before == key) {
                return Err(DraftError::SignedTwice { key });
            }
        }
        let has_signed = |named: &PublicKey| keys.clone().any(|key| key == *named);
        let missing: Vec<_> = self.signers().filter(|named| !has_signed(named)).collect();
        if missing.is_empty() { Ok(()) } else { Err(DraftError::SignersMissing { missing }) }
    }

    fn submission(&self, signatures: Vec<Bytes>) -> pb::Submission {
        pb::Submission {
            statement: self.bytes.clone(),
            signatures,
            sections: self.contents.clone(),
        }
    }
}

impl std::fmt::Debug for Unsigned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unsigned")
            .field("stream", &self.statement.stream)
            .field("event_id", &self.statement.event_id)
            .finish_non_exhaustive()
    }
}

/// A statement with every signature, ready to be sent, as often as it takes. Cheap to clone.
///
/// INVARIANT: the signatures are exactly those of its signers, in their order, and hold.
#[derive(Clone)]
pub struct SignedStatement {
    submission: pb::Submission,
    signatures: Vec<SignatureBytes>,
    statement_hash: Digest,
    signatures_hash: Digest,
    ledger: Option<LedgerId>,
    stream: StreamKey,
    event_id: EventId,
}

impl SignedStatement {
    /// INVARIANT: the signatures are those of the statement's signers, in their order, and hold.
    fn new(unsigned: Unsigned, signatures: Vec<SignatureBytes>) -> Self {
        let Unsigned { bytes, statement, contents } = unsigned;
        let flat: Vec<u8> = signatures.iter().flat_map(|signature| signature.0).collect();
        let mut flat = Bytes::from(flat);
        let wire = signatures.iter().map(|_| flat.split_to(SignatureBytes::LEN)).collect();
        Self {
            statement_hash: statement_hash(&bytes),
            signatures_hash: signatures_hash(&signatures),
            submission: pb::Submission { statement: bytes, signatures: wire, sections: contents },
            signatures,
            ledger: statement.ledger,
            stream: statement.stream,
            event_id: statement.event_id,
        }
    }

    /// The statement's bytes, exactly as signed.
    #[must_use]
    pub const fn statement_bytes(&self) -> &Bytes {
        &self.submission.statement
    }

    /// The signatures, in the signers' order.
    #[must_use]
    pub fn signatures(&self) -> &[SignatureBytes] {
        &self.signatures
    }

    /// The statement's hash, under which others refer to it.
    #[must_use]
    pub const fn statement_hash(&self) -> &Digest {
        &self.statement_hash
    }

    /// The signatures' hash.
    #[must_use]
    pub const fn signatures_hash(&self) -> &Digest {
        &self.signatures_hash
    }

    /// The ledger that it is for; `None`: a genesis.
    #[must_use]
    pub const fn ledger(&self) -> Option<LedgerId> {
        self.ledger
    }

    /// The stream that it is for.
    #[must_use]
    pub const fn stream(&self) -> StreamKey {
        self.stream
    }

    /// Its id in that stream.
    #[must_use]
    pub const fn event_id(&self) -> EventId {
        self.event_id
    }

    /// Everything that is sent, to be kept until there is a connection.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.submission.encode_to_vec()
    }

    /// What [`Self::to_bytes`] made, with all of it checked again, signatures included.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DraftError> {
        let (unsigned, signatures) = parse(bytes)?;
        let missing = || DraftError::SignersMissing { missing: unsigned.signers().collect() };
        let signatures: Option<Vec<_>> =
            signatures.iter().map(|bytes| SignatureBytes::from_slice(bytes)).collect();
        let signatures = signatures
            .filter(|signatures| signatures.len() == unsigned.statement.signers.len())
            .ok_or_else(missing)?;
        let collected: Vec<_> = unsigned
            .signers()
            .zip(signatures)
            .map(|(key, signature)| CollectedSignature { key, signature })
            .collect();
        unsigned.assemble(&collected)
    }

    pub(crate) fn fact(&self) -> Result<Fact, StatementError> {
        Ok(parse_statement(&self.submission.statement)?.fact)
    }

    pub(crate) fn submission(&self) -> pb::Submission {
        self.submission.clone()
    }

    /// Statement and signatures, for a receipt.
    pub(crate) fn into_parts(self) -> (Bytes, Vec<SignatureBytes>) {
        (self.submission.statement, self.signatures)
    }

    /// What it takes in memory, about.
    pub(crate) fn bytes(&self) -> usize {
        let sections = self.submission.sections.iter().map(|section| section.content.len());
        self.submission.statement.len() + sections.sum::<usize>()
    }
}

impl std::fmt::Debug for SignedStatement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedStatement")
            .field("stream", &self.stream)
            .field("event_id", &self.event_id)
            .field("statement_hash", &self.statement_hash)
            .finish_non_exhaustive()
    }
}

/// Why bytes are not a statement, as far as it is known here what one is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// They are not canonical, are too many, or have a field that is not known here.
    #[error("the statement is not canonical: {0}")]
    Breach(#[from] Breach),
    /// A field is not as it must be.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The library for messages does not read them.
    #[error("the statement can't be read")]
    Unreadable,
}

/// A typed statement from bytes that must be canonical and well-formed.
pub(crate) fn parse_statement(bytes: &[u8]) -> Result<Statement, StatementError> {
    canonical::check(bytes)?;
    let message = proto::Statement::decode(bytes).map_err(|_| StatementError::Unreadable)?;
    Ok(Statement::from_proto(&message)?)
}

/// A submission from its bytes; the signatures are not looked at.
fn parse(bytes: &[u8]) -> Result<(Unsigned, Vec<Bytes>), DraftError> {
    let pb::Submission { statement: bytes, signatures, sections: contents } =
        pb::Submission::decode(bytes).map_err(|_| DraftError::NotASubmission)?;
    let statement = parse_statement(&bytes)?;
    check_enrolled(&statement)?;
    let sections = statement.sections.len();
    if contents.len() != sections {
        return Err(DraftError::SectionCount { sections });
    }
    for (index, (section, content)) in statement.sections.iter().zip(&contents).enumerate() {
        let salt: &[u8; SALT_LEN] =
            (&*content.salt).try_into().map_err(|_| DraftError::SectionCount { sections })?;
        let scope = CommitmentScope {
            nonce: &statement.nonce,
            index: u32::try_from(index).unwrap_or(u32::MAX),
            class: section.class,
            payload_type: &section.payload_type,
        };
        if commitment(&scope, salt, &content.content) != section.commitment {
            return Err(DraftError::Commitment { index });
        }
    }
    Ok((Unsigned::new(bytes, statement, contents), signatures))
}

#[cfg(test)]
mod tests;

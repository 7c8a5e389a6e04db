//! Receipts: that a statement was recorded, where and, as the operator claims, when.
//!
//! What a receipt does not show is whether keys and grants were in force: that takes the record, or
//! evidence.

use letopis_crypto::hash::{signatures_hash, statement_hash};
use letopis_crypto::sign::{self, STATEMENT_TYPE, SignatureError, pae};
use letopis_types::{Digest, LedgerId, PublicKey, Sequence, SignatureBytes, Timestamp};

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::merkle::{InclusionError, leaf_hash, verify_inclusion};
use crate::note::VerifierKey;
use crate::proof::{ProofFormatError, TlogProof};
use crate::{Link, text};

const FIRST_LINE: &str = "letopis.receipt.v1\n";

/// The most bytes of a statement (proto/README.md, Statement).
pub const STATEMENT_BYTES_MAX: usize = letopis_crypto::canonical::STATEMENT_BYTES_MAX;

/// The most signers of a statement.
pub const SIGNERS_MAX: usize = 16;

/// A statement, its signatures, and the proof that they are in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The statement, exactly as signed.
    pub statement: Vec<u8>,
    /// The signatures, in the signers' order.
    pub signatures: Vec<SignatureBytes>,
    /// The link that the ledger made for them.
    pub link: Link,
    /// The proof that the link is in the checkpoint's tree, from the leaf up.
    pub inclusion: Vec<Digest>,
    /// The checkpoint, a signed note.
    pub checkpoint: String,
}

/// What the statement of a receipt says, as far as checking the receipt takes it.
///
/// TRUST: whoever fills this in has decoded the receipt's own statement, and found it canonical.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// The ledger that the statement is for; for a genesis the one that it makes.
    pub ledger: LedgerId,
    /// The public keys that it names as signers, in its order.
    pub signers: &'a [PublicKey],
}

/// What a verified receipt shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The statement's place in the log.
    pub sequence: Sequence,
    /// When the ledger recorded it, as its operator claims.
    pub recorded_at: Timestamp,
    /// In which ledger.
    pub ledger: LedgerId,
    /// The checkpoint that covers it.
    pub checkpoint: Checkpoint,
}

/// Why a receipt does not verify.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// The checkpoint is not one that the key signed for its log.
    #[error("the receipt's checkpoint is not accepted")]
    Checkpoint(#[from] CheckpointError),
    /// Statement and checkpoint are of different ledgers.
    #[error("the statement is for ledger {statement}, and the checkpoint of ledger {checkpoint}")]
    Ledger {
        /// The statement's.
        statement: LedgerId,
        /// The checkpoint's.
        checkpoint: LedgerId,
    },
    /// The link is of another statement.
    #[error("the link is not of this statement")]
    Statement,
    /// The link is of other signatures.
    #[error("the link is not of these signatures")]
    Signatures,
    /// There are not as many signatures as the statement names signers.
    #[error("the statement names {signers} signers, and there are {signatures} signatures")]
    SignatureCount {
        /// How many signers it names.
        signers: usize,
        /// How many signatures there are.
        signatures: usize,
    },
    /// A signature does not verify.
    #[error("the signature by {signer} is not accepted")]
    Signature {
        /// By which key it should be.
        signer: PublicKey,
        /// What is wrong with it.
        source: SignatureError,
    },
    /// The link is not in the checkpoint's tree, as far as the proof shows.
    #[error("the link is not shown to be in the log")]
    Inclusion(#[from] InclusionError),
}

impl Receipt {
    /// Checks everything that makes a receipt valid, but the statement's own form (see [`Signed`]).
    ///
    /// # Errors
    /// What is wrong, see [`ReceiptError`].
    pub fn verify(&self, key: &VerifierKey, signed: &Signed<'_>) -> Result<Verified, ReceiptError> {
        self.verify_against(&Checkpoint::open(&self.checkpoint, key)?, signed)
    }

    /// The same against a checkpoint that was opened before, for whoever has many receipts under
    /// one. The receipt's own checkpoint is not looked at.
    ///
    /// TRUST: the checkpoint came from [`Checkpoint::open`] with the key of the ledger asked about,
    /// or its root was computed from links that the caller has verified.
    ///
    /// # Errors
    /// As [`Self::verify`], without [`ReceiptError::Checkpoint`].
    pub fn verify_against(
        &self,
        checkpoint: &Checkpoint,
        signed: &Signed<'_>,
    ) -> Result<Verified, ReceiptError> {
        let ledger = *checkpoint.origin.ledger();
        if signed.ledger != ledger {
            return Err(ReceiptError::Ledger { statement: signed.ledger, checkpoint: ledger });
        }
        let Link { sequence, recorded_at, .. } = self.link;
        let leaf = leaf_hash(&self.link.to_bytes());
        verify_inclusion(&leaf, sequence.0, checkpoint.size.0, &self.inclusion, &checkpoint.root)?;
        if self.link.statement_hash != statement_hash(&self.statement) {
            return Err(ReceiptError::Statement);
        }
        if self.link.signatures_hash != signatures_hash(&self.signatures) {
            return Err(ReceiptError::Signatures);
        }
        self.verify_signatures(signed.signers)?;
        Ok(Verified { sequence, recorded_at, ledger, checkpoint: checkpoint.clone() })
    }

    /// Exactly one signature for each signer, in their order, and each of them valid.
    fn verify_signatures(&self, signers: &[PublicKey]) -> Result<(), ReceiptError> {
        let counts = (signers.len(), self.signatures.len());
        if counts.0 != counts.1 || counts.0 == 0 {
            return Err(ReceiptError::SignatureCount { signers: counts.0, signatures: counts.1 });
        }
        let message = pae(STATEMENT_TYPE, &self.statement);
        for (signer, signature) in signers.iter().zip(&self.signatures) {
            sign::verify(signer, &message, signature)
                .map_err(|source| ReceiptError::Signature { signer: *signer, source })?;
        }
        Ok(())
    }
}

/// Why a text is not a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptFormatError {
    /// It does not begin with the format's name.
    #[error("a receipt begins with the line letopis.receipt.v1")]
    FirstLine,
    /// The second line is not a statement in base64: 1 byte to 64 KiB.
    #[error("the receipt's statement is not base64 of 1 to {STATEMENT_BYTES_MAX} bytes")]
    Statement,
    /// The third line is not 1 to 16 signatures of 64 bytes in base64.
    #[error("the receipt's signatures are not base64 of 1 to {SIGNERS_MAX} times 64 bytes")]
    Signatures,
    /// No blank line parts the statement from the proof.
    #[error("no blank line follows the receipt's signatures")]
    BlankLine,
    /// What follows is not a proof.
    #[error("the receipt's proof can't be read")]
    Proof(#[from] ProofFormatError),
    /// The proof's extra data is not a link of 112 bytes.
    #[error("the proof's extra data is not a link of 112 bytes")]
    Link,
    /// The proof is of another place in the log than the link's.
    #[error("the proof is of index {index}, and the link of sequence {sequence}")]
    Index {
        /// The proof's.
        index: Sequence,
        /// The link's.
        sequence: Sequence,
    },
}

impl Receipt {
    /// Reads a receipt file.
    ///
    /// # Errors
    /// What is wrong, see [`ReceiptFormatError`].
    pub fn from_text(text: &str) -> Result<Self, ReceiptFormatError> {
        use ReceiptFormatError as Wrong;
        let rest = text.strip_prefix(FIRST_LINE).ok_or(Wrong::FirstLine)?;
        let (statement, rest) = rest.split_once('\n').ok_or(Wrong::Statement)?;
        let (signatures, rest) = rest.split_once('\n').ok_or(Wrong::Signatures)?;
        let proof = TlogProof::from_text(rest.strip_prefix('\n').ok_or(Wrong::BlankLine)?)?;

        let statement = text::from_base64(statement)
            .filter(|bytes| (1..=STATEMENT_BYTES_MAX).contains(&bytes.len()))
            .ok_or(Wrong::Statement)?;
        let signatures = text::from_base64(signatures).ok_or(Wrong::Signatures)?;
        let signatures: Vec<_> = signatures
            .chunks(SignatureBytes::LEN)
            .map(SignatureBytes::from_slice)
            .collect::<Option<_>>()
            .filter(|found: &Vec<_>| (1..=SIGNERS_MAX).contains(&found.len()))
            .ok_or(Wrong::Signatures)?;
        let link = Link::from_bytes(&proof.extra).ok_or(Wrong::Link)?;
        if link.sequence != proof.index {
            return Err(Wrong::Index { index: proof.index, sequence: link.sequence });
        }
        let TlogProof { hashes: inclusion, checkpoint, .. } = proof;
        Ok(Self { statement, signatures, link, inclusion, checkpoint })
    }

    /// The receipt file's text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let signatures: Vec<u8> =
            self.signatures.iter().flat_map(|signature| signature.0).collect();
        let proof = TlogProof {
            extra: self.link.to_bytes().to_vec(),
            index: self.link.sequence,
            hashes: self.inclusion.clone(),
            checkpoint: self.checkpoint.clone(),
        };
        let (statement, signatures) = (text::base64(&self.statement), text::base64(&signatures));
        format!("{FIRST_LINE}{statement}\n{signatures}\n\n{}", proof.to_text())
    }
}

#[cfg(test)]
mod tests;

//! Before the queue: what can be checked of a submission by itself, on any thread.

use letopis_crypto::canonical;
use letopis_crypto::hash::{signatures_hash, statement_hash};
use letopis_crypto::section::{CONTENT_BYTES_MAX, CommitmentScope, SALT_LEN, commitment};
use letopis_crypto::sign::{STATEMENT_TYPE, check_enrollable, pae, verify};
use letopis_domain::Statement;
use letopis_proto::statement::v1 as proto;
use letopis_types::{Digest, SignatureBytes};
use prost::Message as _;
use zeroize::Zeroizing;

use crate::contents::{self, Contents};
use crate::error::Rejected;

/// A signed statement and what its sections hold, as they came.
#[derive(Clone, Default)]
pub struct Submission {
    /// The statement's bytes.
    pub statement: Vec<u8>,
    /// One signature per signer.
    pub signatures: Vec<Vec<u8>>,
    /// One content per section.
    pub sections: Vec<SectionContent>,
}

/// What a commitment opens to.
#[derive(Clone, Default)]
pub struct SectionContent {
    /// The commitment's salt.
    pub salt: Vec<u8>,
    /// The content; zeroed when dropped.
    pub content: Zeroizing<Vec<u8>>,
}

impl Submission {
    /// How many bytes it holds in memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let sections = self.sections.iter().map(|section| section.content.len() + SALT_LEN);
        self.statement.len() + 64 * self.signatures.len() + sections.sum::<usize>()
    }
}

impl std::fmt::Debug for Submission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Submission").field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}

/// Salt and content of a section that opens its commitment.
pub type Opened = ([u8; SALT_LEN], Zeroizing<Vec<u8>>);

/// A submission that holds by itself: canonical, well-formed, signed by all its signers, with
/// contents that open its commitments.
pub struct Prepared {
    /// The statement.
    pub statement: Statement,
    /// Its bytes, exactly as signed.
    pub bytes: Vec<u8>,
    /// Their hash.
    pub statement_hash: Digest,
    /// The signatures.
    pub signatures: Vec<SignatureBytes>,
    /// Their hash.
    pub signatures_hash: Digest,
    /// Salt and content of each section.
    pub sections: Vec<Opened>,
    /// What the sections hold, as far as it can be told without the rules in force.
    pub(crate) contents: Contents,
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared")
            .field("statement_hash", &self.statement_hash)
            .finish_non_exhaustive()
    }
}

/// A statement's bytes as a typed statement: canonical and well-formed.
///
/// # Errors
/// [`Rejected::Breach`] or [`Rejected::Form`].
pub fn parse(bytes: &[u8]) -> Result<Statement, Rejected> {
    canonical::check(bytes)?;
    // Canonical bytes always parse; if the library should disagree, the statement is refused.
    let message = proto::Statement::decode(bytes).map_err(|_| {
        Rejected::Breach(canonical::Breach {
            kind: canonical::BreachKind::Truncated,
            offset: 0,
            message: "Statement",
            field: "",
        })
    })?;
    Ok(Statement::from_proto(&message)?)
}

/// Checks the signatures of a statement, one per signer in their order.
///
/// # Errors
/// The first one that is missing, too many, or does not hold.
pub fn check_signatures(
    statement: &Statement,
    bytes: &[u8],
    signatures: &[SignatureBytes],
) -> Result<(), Rejected> {
    let (expected, found) = (statement.signers.len(), signatures.len());
    if expected != found {
        return Err(Rejected::SignatureCount { expected, found });
    }
    let message = pae(STATEMENT_TYPE, bytes);
    for (index, (signer, signature)) in statement.signers.iter().zip(signatures).enumerate() {
        verify(&signer.key, &message, signature)
            .map_err(|source| Rejected::Signature { index, source })?;
    }
    for key in statement.fact.enrolled_keys() {
        check_enrollable(&key).map_err(|source| Rejected::EnrolledKey { source })?;
    }
    Ok(())
}

/// Checks all of a submission that can be checked without the ledger.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn prepare(submission: Submission) -> Result<Prepared, Rejected> {
    let statement = parse(&submission.statement)?;
    let signatures = submission
        .signatures
        .iter()
        .enumerate()
        .map(|(index, bytes)| {
            SignatureBytes::from_slice(bytes)
                .ok_or(Rejected::SignatureLength { index, length: bytes.len() })
        })
        .collect::<Result<Vec<_>, _>>()?;
    check_signatures(&statement, &submission.statement, &signatures)?;
    let sections = open_commitments(&statement, submission.sections)?;
    Ok(Prepared {
        statement_hash: statement_hash(&submission.statement),
        signatures_hash: signatures_hash(&signatures),
        contents: contents::read(&statement, &sections),
        statement,
        bytes: submission.statement,
        signatures,
        sections,
    })
}

fn open_commitments(
    statement: &Statement,
    contents: Vec<SectionContent>,
) -> Result<Vec<Opened>, Rejected> {
    let (expected, found) = (statement.sections.len(), contents.len());
    if expected != found {
        return Err(Rejected::SectionCount { expected, found });
    }
    let mut opened = Vec::with_capacity(contents.len());
    for (index, (section, SectionContent { salt, content })) in
        statement.sections.iter().zip(contents).enumerate()
    {
        let length = salt.len();
        let salt =
            <[u8; SALT_LEN]>::try_from(salt).map_err(|_| Rejected::SaltLength { index, length })?;
        if content.len() > CONTENT_BYTES_MAX {
            return Err(Rejected::SectionTooLarge { index });
        }
        // INVARIANT: at most 32 sections.
        let scope = CommitmentScope {
            nonce: &statement.nonce,
            index: index as u32,
            class: section.class,
            payload_type: &section.payload_type,
        };
        if commitment(&scope, &salt, &content) != section.commitment {
            return Err(Rejected::Commitment { index });
        }
        opened.push((salt, content));
    }
    Ok(opened)
}

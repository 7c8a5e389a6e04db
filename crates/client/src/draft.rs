//! From what an author wants to say to the bytes that are signed.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use letopis_crypto::canonical;
use letopis_crypto::section::{CONTENT_BYTES_MAX, CommitmentScope, commitment};
use letopis_crypto::sign::{SignatureError, check_enrollable};
use letopis_domain::Statement;
use letopis_domain::statement::{OccurredAt, Reference, Seen, Signer};
use letopis_proto::ledger::v1 as pb;
use letopis_proto::statement::v1 as proto;
use letopis_types::{Class, EventId, LedgerId, PublicKey, StreamKey};
use prost::Message as _;
use uuid::Builder;

use crate::convert::stream_message;
use crate::identity::SignerError;
use crate::signed::{StatementError, Unsigned};

/// Bytes of a statement's nonce, and of each section's salt.
const RANDOM_LEN: usize = 32;

/// Random bytes of an event id: those that a UUIDv7 has beyond the time.
const ID_RANDOM_LEN: usize = 10;

/// What an author wants to say, before anybody signs it.
///
/// Nothing is checked until [`Draft::seal`], which checks everything that can be checked without
/// the ledger.
#[derive(Clone)]
pub struct Draft {
    stream: StreamKey,
    fact: proto::fact::Kind,
    occurred_at: OccurredAt,
    event_id: Option<EventId>,
    seen: Option<Seen>,
    references: Vec<Reference>,
    sections: Vec<SectionDraft>,
}

#[derive(Clone)]
struct SectionDraft {
    class: Class,
    payload_type: String,
    content: Bytes,
}

/// What is wrong with a draft, or with what was made from one.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// The statement is not as it must be.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// A section's content is longer than 1 MiB.
    #[error("the content of section {index} is longer than 1 MiB: split it")]
    SectionTooLarge {
        /// Which section.
        index: usize,
    },
    /// A key that the fact enrols is none that may sign.
    #[error("a key that the fact enrols can't be enrolled: make a proper key pair")]
    EnrolledKey {
        /// What is wrong with it.
        source: SignatureError,
    },
    /// The system gave no randomness.
    #[error("the system gave no randomness")]
    Randomness(#[from] getrandom::Error),
    /// Not the bytes of a submission.
    #[error("these bytes are not a statement with its sections")]
    NotASubmission,
    /// Not one content, with a salt of 32 bytes, for each section.
    #[error("the statement has {sections} sections, and not one content and salt for each")]
    SectionCount {
        /// How many sections the statement commits to.
        sections: usize,
    },
    /// A content that the statement does not commit to.
    #[error("the content of section {index} is not what the statement commits to")]
    Commitment {
        /// Which section.
        index: usize,
    },
    /// Some of the signers have not signed.
    #[error("{} of the signers have not signed", missing.len())]
    SignersMissing {
        /// Their keys.
        missing: Vec<PublicKey>,
    },
    /// A key that the statement does not name signed.
    #[error("the statement does not name the key {key} among its signers")]
    SignerNotNamed {
        /// Which key.
        key: PublicKey,
    },
    /// A key signed twice.
    #[error("the key {key} was given twice")]
    SignedTwice {
        /// Which key.
        key: PublicKey,
    },
    /// A signature does not hold.
    #[error("the signature by {key} does not hold")]
    Signature {
        /// By which key it should be.
        key: PublicKey,
        /// What is wrong with it.
        source: SignatureError,
    },
    /// A signer did not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

impl Draft {
    /// A fact in a stream, with the time at which it happened as the author states it.
    #[must_use]
    pub const fn new(stream: StreamKey, fact: proto::fact::Kind, occurred_at: OccurredAt) -> Self {
        Self {
            stream,
            fact,
            occurred_at,
            event_id: None,
            seen: None,
            references: Vec::new(),
            sections: Vec::new(),
        }
    }

    /// Under this id; otherwise a UUIDv7 is made each time that the draft is sealed.
    #[must_use]
    pub const fn event_id(mut self, event_id: EventId) -> Self {
        self.event_id = Some(event_id);
        self
    }

    /// On this history: the author signs that they had it before them.
    ///
    /// TRUST: only whoever asked the author again gives another head than before.
    #[must_use]
    pub const fn seen(mut self, seen: Seen) -> Self {
        self.seen = Some(seen);
        self
    }

    /// Tied to a statement that the record holds already. At most 64.
    #[must_use]
    pub fn reference(mut self, reference: Reference) -> Self {
        self.references.push(reference);
        self
    }

    /// With a section: what it says about people. At most 32, of at most 1 MiB each.
    #[must_use]
    pub fn section(
        mut self,
        class: Class,
        payload_type: impl Into<String>,
        content: impl Into<Bytes>,
    ) -> Self {
        let (payload_type, content) = (payload_type.into(), content.into());
        self.sections.push(SectionDraft { class, payload_type, content });
        self
    }

    /// Makes the statement that these signers are to sign, for this ledger (`None`: a genesis),
    /// with a fresh nonce and a fresh salt for each section.
    ///
    /// # Errors
    /// What is wrong with the draft; the ledger would refuse it for the same.
    pub fn seal(
        &self,
        ledger: impl Into<Option<LedgerId>>,
        signers: &[Signer],
    ) -> Result<Unsigned, DraftError> {
        // One call to the system for all of it.
        let mut random = vec![0; ID_RANDOM_LEN + RANDOM_LEN * (1 + self.sections.len())];
        getrandom::fill(&mut random)?;
        let (id, random) = random.split_first_chunk().ok_or(DraftError::NotASubmission)?;
        let event_id = self.event_id.unwrap_or_else(|| new_event_id(SystemTime::now(), id));
        self.seal_with(ledger.into(), signers, event_id, random)
    }

    /// The same statement each time: id, nonce and salts are what `fill` gives instead of the system's
    /// randomness. For simulations, in which a seed is to decide everything.
    ///
    /// TRUST: whoever can guess what `fill` gives can guess what an erased section said. Never of real people.
    ///
    /// # Errors
    /// As [`Self::seal`].
    pub fn seal_simulated(
        &self,
        ledger: LedgerId,
        signers: &[Signer],
        mut fill: impl FnMut(&mut [u8]),
    ) -> Result<Unsigned, DraftError> {
        let mut random = vec![0; ID_RANDOM_LEN + RANDOM_LEN * (1 + self.sections.len())];
        fill(&mut random);
        let (id, random) = random.split_first_chunk().ok_or(DraftError::NotASubmission)?;
        let seconds = u64::try_from(self.occurred_at.instant.seconds).unwrap_or(0);
        let event_id = new_event_id(UNIX_EPOCH + Duration::from_secs(seconds), id);
        self.seal_with(Some(ledger), signers, self.event_id.unwrap_or(event_id), random)
    }

    /// INVARIANT: `random` holds 32 bytes for the nonce and for each section, never used before.
    fn seal_with(
        &self,
        ledger: Option<LedgerId>,
        signers: &[Signer],
        event_id: EventId,
        random: &[u8],
    ) -> Result<Unsigned, DraftError> {
        let (nonce, salts) = random.split_first_chunk().ok_or(DraftError::NotASubmission)?;
        let (sections, contents) = self.commit(nonce, salts)?;
        let mut signers = signers.to_vec();
        signers.sort_unstable_by_key(|signer| signer.key);
        let message = proto::Statement {
            ledger: ledger.map(|id| id.0.to_vec()).unwrap_or_default(),
            event_id: event_id.0.to_vec(),
            stream: Some(stream_message(&self.stream)),
            signers: signers.iter().map(signer_message).collect(),
            seen: self
                .seen
                .map(|seen| proto::Seen { version: seen.version.0, head: seen.head.0.to_vec() }),
            occurred_at: Some(occurred_at_message(&self.occurred_at)),
            nonce: nonce.to_vec(),
            references: self.references.iter().map(reference_message).collect(),
            sections,
            fact: Some(proto::Fact { kind: Some(self.fact.clone()) }),
        };
        let bytes = message.encode_to_vec();
        canonical::check(&bytes).map_err(StatementError::from)?;
        let statement = Statement::from_proto(&message).map_err(StatementError::from)?;
        check_enrolled(&statement)?;
        Ok(Unsigned::new(bytes.into(), statement, contents))
    }

    /// Commitments to the sections, and what they open to.
    fn commit(
        &self,
        nonce: &[u8; RANDOM_LEN],
        salts: &[u8],
    ) -> Result<(Vec<proto::Section>, Vec<pb::SectionContent>), DraftError> {
        let mut sections = Vec::with_capacity(self.sections.len());
        let mut contents = Vec::with_capacity(self.sections.len());
        for (index, (section, salt)) in
            self.sections.iter().zip(salts.as_chunks::<RANDOM_LEN>().0).enumerate()
        {
            let SectionDraft { class, payload_type, content } = section;
            if content.len() > CONTENT_BYTES_MAX {
                return Err(DraftError::SectionTooLarge { index });
            }
            // More sections than fit are refused by the statement's form, at 32.
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            let scope = CommitmentScope { nonce, index, class: *class, payload_type };
            sections.push(proto::Section {
                class: *class as i32,
                payload_type: payload_type.clone(),
                commitment: commitment(&scope, salt, content).0.to_vec(),
            });
            contents.push(pb::SectionContent {
                salt: Bytes::copy_from_slice(salt),
                content: content.clone(),
            });
        }
        Ok((sections, contents))
    }
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Draft")
            .field("stream", &self.stream)
            .field("sections", &self.sections.len())
            .finish_non_exhaustive()
    }
}

/// The keys that a fact enrols can be enrolled.
pub(crate) fn check_enrolled(statement: &Statement) -> Result<(), DraftError> {
    statement.fact.enrolled_keys().iter().try_for_each(|key| {
        check_enrollable(key).map_err(|source| DraftError::EnrolledKey { source })
    })
}

/// A UUIDv7 of this time.
fn new_event_id(now: SystemTime, random: &[u8; ID_RANDOM_LEN]) -> EventId {
    let millis = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let millis = u64::try_from(millis).unwrap_or(u64::MAX);
    EventId(Builder::from_unix_timestamp_millis(millis, random).into_uuid().into_bytes())
}

fn signer_message(signer: &Signer) -> proto::Signer {
    proto::Signer {
        actor: signer.actor.0.to_vec(),
        public_key: signer.key.0.to_vec(),
        grant: signer.grant.map(|grant| grant.0.to_vec()).unwrap_or_default(),
    }
}

fn occurred_at_message(occurred_at: &OccurredAt) -> proto::OccurredAt {
    proto::OccurredAt {
        seconds: occurred_at.instant.seconds,
        nanos: occurred_at.instant.nanos,
        offset_minutes: occurred_at.instant.offset_minutes,
        precision: occurred_at.precision.into(),
        knowledge: occurred_at.knowledge.into(),
    }
}

fn reference_message(reference: &Reference) -> proto::Reference {
    proto::Reference {
        relation: reference.relation.into(),
        stream: Some(stream_message(&reference.stream)),
        statement_hash: reference.statement_hash.0.to_vec(),
    }
}

#[cfg(test)]
mod tests;

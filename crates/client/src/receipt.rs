//! Receipts as they come back, verified.

use std::sync::Arc;

use bytes::Bytes;
use letopis_log::merkle::{leaf_hash, verify_inclusion};
use letopis_log::{Link, Receipt};
use letopis_proto::ledger::v1 as pb;
use letopis_types::{Digest, Sequence, SignatureBytes, Timestamp, Version};

use crate::convert::hashes;
use crate::error::Distrust;
use crate::event::check_link;
use crate::trust::{KnownLedger, SignedCheckpoint};

/// A statement that is in the record, with the proof.
///
/// INVARIANT: the link binds exactly this statement and these signatures, and is included in the
/// checkpoint, which the ledger's key signed.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The link that the ledger made.
    pub link: Link,
    /// The statement's place in its stream, as the ledger says; [`crate::LedgerClient::read_stream`]
    /// shows whether it is so.
    pub version: Version,
    /// It was in the record before it was sent this time.
    pub already_recorded: bool,
    /// The checkpoint that covers it.
    pub checkpoint: Arc<SignedCheckpoint>,
    /// That checkpoint was shown to go on from the last one that was believed; in a stream it will have
    /// been by its end. False only where the statement may have taken from the caller what it needs to
    /// ask for the proof: the receipt holds, and the next connection with another key demands the proof.
    pub believed: bool,
    inclusion: Vec<Digest>,
    statement: Bytes,
    signatures: Vec<SignatureBytes>,
}

impl Recorded {
    /// Its place in the log.
    #[must_use]
    pub const fn sequence(&self) -> Sequence {
        self.link.sequence
    }

    /// When the ledger recorded it, as its operator claims.
    #[must_use]
    pub const fn recorded_at(&self) -> Timestamp {
        self.link.recorded_at
    }

    /// The statement's hash, under which others refer to it.
    #[must_use]
    pub const fn statement_hash(&self) -> &Digest {
        &self.link.statement_hash
    }

    /// The receipt, to be kept as a file ([`Receipt::to_text`]) and shown to others.
    #[must_use]
    pub fn receipt(&self) -> Receipt {
        Receipt {
            statement: self.statement.to_vec(),
            signatures: self.signatures.clone(),
            link: self.link,
            inclusion: self.inclusion.clone(),
            checkpoint: self.checkpoint.note().to_owned(),
        }
    }
}

/// A receipt that was verified, before it is put together with its statement.
pub(crate) struct Proven {
    pub(crate) link: Link,
    pub(crate) already_recorded: bool,
    pub(crate) checkpoint: Arc<SignedCheckpoint>,
    version: Version,
    inclusion: Vec<Digest>,
}

impl Proven {
    /// Verifies that a receipt is for the statement and signatures with these hashes, under a
    /// checkpoint that the ledger signed.
    pub(crate) fn verify(
        message: pb::Receipt,
        statement_hash: &Digest,
        signatures_hash: &Digest,
        known: &KnownLedger,
    ) -> Result<Self, Distrust> {
        let malformed = |what| Distrust::Malformed { what };
        let link = Link::from_bytes(&message.link)
            .ok_or_else(|| malformed("a link is not 112 bytes long"))?;
        check_link(&link, statement_hash, signatures_hash)?;
        if message.version == 0 {
            return Err(malformed("a receipt has version 0"));
        }
        let inclusion = hashes(&message.inclusion_proof)?;
        let checkpoint = known.open_note(message.checkpoint)?;
        let (leaf, size) = (leaf_hash(&link.to_bytes()), checkpoint.size().0);
        verify_inclusion(&leaf, link.sequence.0, size, &inclusion, checkpoint.root())
            .map_err(|source| Distrust::Inclusion { sequence: link.sequence, source })?;
        let (version, already_recorded) = (Version(message.version), message.already_recorded);
        Ok(Self { link, already_recorded, checkpoint, version, inclusion })
    }

    /// INVARIANT: statement and signatures are those whose hashes it was verified with.
    pub(crate) fn with(self, statement: Bytes, signatures: Vec<SignatureBytes>) -> Recorded {
        let Self { link, already_recorded, checkpoint, version, inclusion } = self;
        let believed = true;
        Recorded {
            link,
            version,
            already_recorded,
            checkpoint,
            believed,
            inclusion,
            statement,
            signatures,
        }
    }
}

//! Events as the record holds them, verified as far as each can be by itself.

use bytes::Bytes;
use letopis_crypto::hash::{signatures_hash, statement_hash};
use letopis_crypto::sign::{STATEMENT_TYPE, pae, verify};
use letopis_domain::Statement;
use letopis_log::Link;
use letopis_proto::ledger::v1 as pb;
use letopis_proto::statement::v1 as proto;
use letopis_types::{Digest, EventId, LedgerId, PublicKey, SignatureBytes, StreamKey};
use prost::Message as _;

use crate::convert;
use crate::error::Distrust;
use crate::signed::{StatementError, parse_statement};

/// An event of the log.
///
/// INVARIANT: the link's hashes are those of the statement and the signatures. Whether the
/// signatures hold, and the link is in the log, is for whoever asked for it.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its link.
    pub link: Link,
    /// The statement's bytes, exactly as signed.
    pub bytes: Bytes,
    /// The signatures, in the signers' order.
    pub signatures: Vec<SignatureBytes>,
    /// The statement as a program reads it that may not know its kind of fact.
    message: proto::Statement,
}

impl Event {
    /// From an answer, with its hashes compared.
    pub(crate) fn from_message(message: Option<pb::Event>) -> Result<Self, Distrust> {
        let malformed = |what| Distrust::Malformed { what };
        let event = message.ok_or_else(|| malformed("there is no event"))?;
        let link = Link::from_bytes(&event.link)
            .ok_or_else(|| malformed("a link is not 112 bytes long"))?;
        let signatures: Option<Vec<_>> =
            event.signatures.iter().map(|bytes| SignatureBytes::from_slice(bytes)).collect();
        let signatures = signatures.ok_or_else(|| malformed("a signature is not 64 bytes long"))?;
        check_link(&link, &statement_hash(&event.statement), &signatures_hash(&signatures))?;
        let message = proto::Statement::decode(&*event.statement)
            .map_err(|_| malformed("a statement can't be read"))?;
        Ok(Self { link, bytes: event.statement, signatures, message })
    }

    /// The typed statement.
    ///
    /// # Errors
    /// [`StatementError`], also where its kind of fact is not known here: signed all the same.
    pub fn statement(&self) -> Result<Statement, StatementError> {
        parse_statement(&self.bytes)
    }

    /// Its stream; `None` where the kind of stream is not known here.
    #[must_use]
    pub fn stream(&self) -> Option<StreamKey> {
        convert::stream(self.message.stream.as_ref())
    }

    /// Its id in its stream.
    #[must_use]
    pub fn event_id(&self) -> Option<EventId> {
        EventId::from_slice(&self.message.event_id)
    }

    /// The ledger that it is for; `None`: a genesis.
    #[must_use]
    pub fn ledger(&self) -> Option<LedgerId> {
        LedgerId::from_slice(&self.message.ledger)
    }

    /// Verifies that every signer signed, and no one else.
    ///
    /// # Errors
    /// [`Distrust::Signature`].
    pub fn verify_signatures(&self) -> Result<(), Distrust> {
        let wrong =
            |index, source| Distrust::Signature { sequence: self.link.sequence, index, source };
        let signers = &self.message.signers;
        if signers.is_empty() || signers.len() != self.signatures.len() {
            return Err(wrong(signers.len().min(self.signatures.len()), None));
        }
        let message = pae(STATEMENT_TYPE, &self.bytes);
        for (index, (signer, signature)) in signers.iter().zip(&self.signatures).enumerate() {
            let key =
                PublicKey::from_slice(&signer.public_key).ok_or_else(|| wrong(index, None))?;
            verify(&key, &message, signature).map_err(|source| wrong(index, Some(source)))?;
        }
        Ok(())
    }

    /// Its stream, of which it is shown that it is one of these, of this ledger, and that whoever is named
    /// signed it.
    pub(crate) fn of_streams(
        &self,
        ledger: &LedgerId,
        one_of: impl Fn(&StreamKey) -> bool,
    ) -> Result<StreamKey, Distrust> {
        let stream = self.stream().filter(one_of);
        let stream = stream.ok_or(Distrust::OtherEvent { what: "stream" })?;
        if !self.is_for(ledger) {
            return Err(Distrust::OtherEvent { what: "ledger" });
        }
        self.verify_signatures()?;
        Ok(stream)
    }

    /// What the statement says of a section, with the nonce that its commitment takes.
    pub(crate) fn section(&self, index: usize) -> Option<(&[u8; 32], &proto::Section)> {
        Some(((&*self.message.nonce).try_into().ok()?, self.message.sections.get(index)?))
    }

    /// Is it for this ledger? The genesis is that of its own.
    pub(crate) fn is_for(&self, ledger: &LedgerId) -> bool {
        match self.ledger() {
            Some(named) => named == *ledger,
            None => letopis_crypto::hash::ledger_id(&self.bytes) == *ledger,
        }
    }
}

/// The link binds this statement and these signatures.
pub(crate) fn check_link(
    link: &Link,
    statement_hash: &Digest,
    signatures_hash: &Digest,
) -> Result<(), Distrust> {
    let other = |what| Err(Distrust::OtherLink { sequence: link.sequence, what });
    if link.statement_hash != *statement_hash {
        return other("statement");
    }
    if link.signatures_hash != *signatures_hash {
        return other("statement's signatures");
    }
    Ok(())
}

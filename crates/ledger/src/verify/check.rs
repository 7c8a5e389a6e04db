//! What of a frame stands by itself: checksum, canonical form, hashes, signatures, sections.

use letopis_crypto::canonical::{Breach, BreachKind};
use letopis_crypto::hash::{signatures_hash, statement_hash};
use letopis_crypto::section::{CommitmentScope, SealScope, commitment, open, sealed_key_id};
use letopis_domain::Statement;
use letopis_log::Link;
use letopis_log::merkle::leaf_hash;
use letopis_record::StoredEvent;
use letopis_record::scan::RawFrame;
use letopis_types::{Digest, LedgerId};
use letopis_vault::{KeyId, Vault};

use super::Fault;
use crate::error::Rejected;
use crate::submission::{check_signatures, parse};

pub(super) struct Checker {
    pub(super) ledger: LedgerId,
    pub(super) vault: Option<Vault>,
}

/// A frame whose events hold by themselves.
pub(super) struct CheckedFrame {
    pub(super) segment: String,
    pub(super) events: Vec<CheckedEvent>,
}

/// An event that holds by itself.
pub(super) struct CheckedEvent {
    pub(super) offset: u64,
    pub(super) link: Link,
    pub(super) leaf: Digest,
    pub(super) statement: Statement,
    /// Only of the genesis, whose bytes make the ledger's id.
    pub(super) genesis: Option<Vec<u8>>,
    pub(super) opened: u64,
    pub(super) closed: u64,
    /// The indices of the sections whose content is gone.
    pub(super) missing: Vec<u32>,
    /// The ids of the keys under which the others are sealed.
    pub(super) keys: Vec<[u8; 16]>,
}

/// What became of opening a section.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opening {
    /// It is what was signed.
    Opened,
    /// No vault was given.
    Closed,
    /// Its key or its bytes are gone.
    Gone,
}

/// Why a statement is not one; or that this verifier is too old for it.
fn unreadable(rejected: &Rejected) -> String {
    match rejected {
        Rejected::Breach(Breach { kind: BreachKind::UnknownField, message: "Fact", .. }) => {
            "a kind of fact that this version does not know: verify with a newer one".to_owned()
        }
        other => other.to_string(),
    }
}

impl Checker {
    pub(super) fn check(&self, frame: &RawFrame) -> Result<CheckedFrame, Fault> {
        let decoded = frame.decode()?;
        let segment = decoded.segment.to_string();
        let mut events = Vec::with_capacity(decoded.events.len());
        for located in decoded.events {
            let (offset, sequence) = (located.offset, located.event.link.sequence);
            let checked = self.check_event(located.event, offset);
            events.push(checked.map_err(|what| {
                let segment = segment.clone();
                Fault { segment, offset, sequence, what }
            })?);
        }
        Ok(CheckedFrame { segment, events })
    }

    /// An event without a record around it.
    #[cfg(test)]
    pub(super) fn check_alone(&self, event: StoredEvent) -> Result<CheckedFrame, Fault> {
        let (segment, offset, sequence) = (String::new(), 0, event.link.sequence);
        match self.check_event(event, offset) {
            Ok(event) => Ok(CheckedFrame { segment, events: vec![event] }),
            Err(what) => Err(Fault { segment, offset, sequence, what }),
        }
    }

    fn check_event(&self, event: StoredEvent, offset: u64) -> Result<CheckedEvent, String> {
        let link = event.link;
        if statement_hash(&event.statement) != link.statement_hash {
            return Err("the link does not hold the statement's hash".to_owned());
        }
        if signatures_hash(&event.signatures) != link.signatures_hash {
            return Err("the link does not hold the signatures' hash".to_owned());
        }
        let statement = parse(&event.statement).map_err(|rejected| unreadable(&rejected))?;
        check_signatures(&statement, &event.statement, &event.signatures)
            .map_err(|error| error.to_string())?;
        let (expected, found) = (statement.sections.len(), event.sealed.len());
        if expected != found {
            return Err(format!("{found} sealed sections where {expected} were signed"));
        }
        let (mut opened, mut missing) = (0, Vec::new());
        for (index, sealed) in (0..).zip(&event.sealed) {
            match self.open_section(&statement, &link, index, sealed)? {
                Opening::Opened => opened += 1,
                Opening::Closed => {}
                Opening::Gone => missing.push(index),
            }
        }
        let keys = event.sealed.iter().filter_map(|sealed| sealed_key_id(sealed)).collect();
        let is_genesis = link.sequence.0 == 0;
        Ok(CheckedEvent {
            offset,
            link,
            leaf: leaf_hash(&link.to_bytes()),
            closed: found as u64 - opened - missing.len() as u64,
            opened,
            missing,
            keys,
            statement,
            genesis: is_genesis.then_some(event.statement),
        })
    }

    /// Opens a section, where that is possible; it must then be what was signed.
    fn open_section(
        &self,
        statement: &Statement,
        link: &Link,
        index: u32,
        sealed: &[u8],
    ) -> Result<Opening, String> {
        if sealed.is_empty() {
            return Ok(Opening::Gone);
        }
        let Some(vault) = &self.vault else { return Ok(Opening::Closed) };
        let fault = |what: &dyn std::fmt::Display| format!("section {index}: {what}");
        let Some(section) = statement.sections.get(index as usize) else {
            return Ok(Opening::Closed);
        };
        let Some(key_id) = sealed_key_id(sealed) else {
            return Err(fault(&"sealed bytes without a key id"));
        };
        let key = vault.key(&KeyId(key_id)).map_err(|error| fault(&error))?;
        let Some(key) = key else { return Ok(Opening::Gone) };
        let scope = SealScope {
            ledger: &self.ledger,
            stream: &statement.stream,
            class: section.class,
            statement_hash: &link.statement_hash,
            index,
        };
        let opened = open(key.as_bytes(), &scope, sealed).map_err(|error| fault(&error))?;
        let scope = CommitmentScope {
            nonce: &statement.nonce,
            index,
            class: section.class,
            payload_type: &section.payload_type,
        };
        if commitment(&scope, &opened.salt, opened.content()) != section.commitment {
            return Err(fault(&"what was sealed is not what was signed"));
        }
        Ok(Opening::Opened)
    }
}

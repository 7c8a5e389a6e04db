//! Opening a sealed section.

use letopis_crypto::section::{
    CommitmentScope, Opened, SealScope, commitment, open, sealed_key_id,
};
use letopis_domain::Statement;
use letopis_log::Link;
use letopis_record::StoredEvent;
use letopis_types::LedgerId;
use letopis_vault::{KeyId, Vault, VaultError};

use crate::error::LedgerError;

/// Why a section was not opened.
pub(crate) enum Unopened {
    /// Its sealed bytes or the slot of its key were changed: nothing here ever opens it.
    Damaged(LedgerError),
    /// It may open another time.
    Unread(LedgerError),
}

impl Unopened {
    fn damaged(error: impl std::fmt::Display) -> Self {
        Self::Damaged(LedgerError::record(error))
    }
}

impl From<LedgerError> for Unopened {
    fn from(error: LedgerError) -> Self {
        Self::Unread(error)
    }
}

impl From<VaultError> for Unopened {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::SlotDamaged { .. } => Self::damaged(error),
            other => Self::Unread(other.into()),
        }
    }
}

impl From<Unopened> for LedgerError {
    fn from(unopened: Unopened) -> Self {
        match unopened {
            Unopened::Damaged(error) | Unopened::Unread(error) => error,
        }
    }
}

/// Opens a section, and compares it with its commitment. `None`: its key is not in the vault.
pub(crate) fn opened(
    vault: &Vault,
    ledger: &LedgerId,
    event: &StoredEvent,
    statement: &Statement,
    index: u32,
) -> Result<Option<Opened>, Unopened> {
    let at = index as usize;
    let (section, sealed) = statement
        .sections
        .get(at)
        .zip(event.sealed.get(at))
        .ok_or_else(|| LedgerError::record("a section has no sealed bytes"))?;
    let key_id =
        sealed_key_id(sealed).ok_or_else(|| Unopened::damaged("sealed bytes have no key id"))?;
    let Some(key) = vault.key(&KeyId(key_id))? else { return Ok(None) };
    let Link { statement_hash, .. } = event.link;
    let scope = SealScope {
        ledger,
        stream: &statement.stream,
        class: section.class,
        statement_hash: &statement_hash,
        index,
    };
    let opened = open(key.as_bytes(), &scope, sealed).map_err(Unopened::damaged)?;
    let scope = CommitmentScope {
        nonce: &statement.nonce,
        index,
        class: section.class,
        payload_type: &section.payload_type,
    };
    if commitment(&scope, &opened.salt, opened.content()) != section.commitment {
        return Err(Unopened::damaged("a section is not what was signed"));
    }
    Ok(Some(opened))
}

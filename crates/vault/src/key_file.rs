//! `vault/key`: the vault key, wrapped by the key-encryption key.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use letopis_types::LedgerId;

use crate::kek::Source;
use crate::keys::{self, NONCE_LEN, Secret, WRAPPED_LEN};
use crate::token::TOKEN_NONCE_LEN;
use crate::{Kek, VaultError};

/// Its name.
pub(crate) const NAME: &str = "key";

/// Wrapped by a key-encryption key that this process has.
const MAGIC: &[u8; 8] = b"LTPVKY1\n";
const CONTEXT: &[u8] = b"letopis 2026-11 vault key v1";
/// Wrapped by one in a token.
const TOKEN_MAGIC: &[u8; 8] = b"LTPVKT1\n";
const TOKEN_CONTEXT: &[u8] = b"letopis 2026-11 vault key in token v1";

pub(crate) fn path(dir: &Path) -> PathBuf {
    dir.join(NAME)
}

fn associated(context: &[u8], ledger: &LedgerId, id: &[u8; 16]) -> Vec<u8> {
    [context, &ledger.0, id].concat()
}

/// Draws a vault key, and wraps it into the content of the key file of this vault.
pub(crate) fn make(
    dir: &Path,
    ledger: &LedgerId,
    kek: &Kek,
) -> Result<(Secret, Vec<u8>), VaultError> {
    let key = Secret::random()?;
    let mut id = [0; 16];
    keys::fill(&mut id)?;
    let content = match &kek.0 {
        Source::Here(kek) => {
            let mut nonce = [0; NONCE_LEN];
            keys::fill(&mut nonce)?;
            let associated = associated(CONTEXT, ledger, &id);
            let wrapped = keys::wrap(kek, &nonce, &associated, key.as_bytes())
                .ok_or_else(|| VaultError::KeyFileDamaged { path: path(dir) })?;
            [MAGIC, ledger.0.as_slice(), &id, &nonce, &wrapped].concat()
        }
        Source::Token(token) => {
            let associated = associated(TOKEN_CONTEXT, ledger, &id);
            let (nonce, wrapped) = token.wrap(&associated, &key)?;
            [TOKEN_MAGIC, ledger.0.as_slice(), &id, &nonce, &wrapped].concat()
        }
    };
    Ok((key, content))
}

/// What follows the magic in a key file.
struct Wrapped<const NONCE: usize> {
    ledger: LedgerId,
    id: [u8; 16],
    nonce: [u8; NONCE],
    key: [u8; WRAPPED_LEN],
}

impl<const NONCE: usize> Wrapped<NONCE> {
    /// `None` unless the lengths add up.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (ledger, rest) = bytes.split_first_chunk()?;
        let (id, rest) = rest.split_first_chunk()?;
        let (nonce, key) = rest.split_first_chunk()?;
        let key = key.try_into().ok()?;
        Some(Self { ledger: LedgerId(*ledger), id: *id, nonce: *nonce, key })
    }
}

enum KeyFile {
    Here(Wrapped<NONCE_LEN>),
    Token(Wrapped<TOKEN_NONCE_LEN>),
}

impl KeyFile {
    fn parse(content: &[u8]) -> Option<Self> {
        if let Some(rest) = content.strip_prefix(MAGIC) {
            return Wrapped::parse(rest).map(Self::Here);
        }
        Wrapped::parse(content.strip_prefix(TOKEN_MAGIC)?).map(Self::Token)
    }

    fn ledger(&self) -> LedgerId {
        match self {
            Self::Here(file) => file.ledger,
            Self::Token(file) => file.ledger,
        }
    }
}

/// Reads and unwraps the vault key.
pub(crate) fn open(dir: &Path, ledger: &LedgerId, kek: &Kek) -> Result<Secret, VaultError> {
    let path = path(dir);
    let content = fs::read(&path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => VaultError::NoVault { path: path.clone() },
        _ => VaultError::Io { doing: "read", path: path.clone(), source },
    })?;
    let Some(file) = KeyFile::parse(&content) else {
        return Err(VaultError::KeyFileDamaged { path });
    };
    let found = file.ledger();
    if found != *ledger {
        return Err(VaultError::ForeignLedger { path, found, expected: *ledger });
    }
    let opened = match (&file, &kek.0) {
        (KeyFile::Here(file), Source::Here(kek)) => {
            keys::unwrap(kek, &file.nonce, &associated(CONTEXT, ledger, &file.id), &file.key)
        }
        (KeyFile::Token(file), Source::Token(token)) => {
            let associated = associated(TOKEN_CONTEXT, ledger, &file.id);
            token.unwrap(&file.nonce, &associated, &file.key)?
        }
        (KeyFile::Here(_), Source::Token(_)) => {
            return Err(VaultError::OtherKindOfKek { path, needs: "one in a file" });
        }
        (KeyFile::Token(_), Source::Here(_)) => {
            return Err(VaultError::OtherKindOfKek { path, needs: "one in a PKCS#11 token" });
        }
    };
    opened.ok_or(VaultError::WrongKek { path })
}

/// Whether the vault key opens under this key-encryption key.
pub(crate) fn opens(dir: &Path, ledger: &LedgerId, kek: &Kek) -> Result<bool, VaultError> {
    match open(dir, ledger, kek) {
        Err(VaultError::WrongKek { .. } | VaultError::OtherKindOfKek { .. }) => Ok(false),
        opened => opened.map(|_| true),
    }
}

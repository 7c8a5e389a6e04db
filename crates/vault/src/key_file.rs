//! `vault/key`: the vault key, wrapped by the key-encryption key.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use letopis_types::LedgerId;
use zeroize::Zeroizing;

use crate::files;
use crate::keys::{self, NONCE_LEN};
use crate::{Kek, VaultError};

const MAGIC: &[u8; 8] = b"LTPVKY1\n";
const CONTEXT: &[u8] = b"letopis 2026-11 vault key v1";
const LEN: usize = 128;

fn path(dir: &Path) -> PathBuf {
    dir.join("key")
}

fn associated(ledger: &LedgerId, id: &[u8; 16]) -> Vec<u8> {
    [CONTEXT, &ledger.0, id].concat()
}

/// Draws a vault key and writes it, wrapped, to a new file.
pub(crate) fn create(dir: &Path, ledger: &LedgerId, kek: &Kek) -> Result<(), VaultError> {
    let (mut id, mut nonce) = ([0; 16], [0; NONCE_LEN]);
    let mut key = Zeroizing::new([0; 32]);
    for bytes in [id.as_mut_slice(), &mut nonce, key.as_mut()] {
        getrandom::fill(bytes).map_err(|source| VaultError::Random { source })?;
    }
    let path = path(dir);
    let wrapped = keys::wrap(kek.as_bytes(), &nonce, &associated(ledger, &id), &key)
        .ok_or_else(|| VaultError::KeyFileDamaged { path: path.clone() })?;
    files::write_new(&path, &[MAGIC, ledger.0.as_slice(), &id, &nonce, &wrapped].concat())
}

/// Reads and unwraps the vault key.
pub(crate) fn open(
    dir: &Path,
    ledger: &LedgerId,
    kek: &Kek,
) -> Result<Zeroizing<[u8; 32]>, VaultError> {
    let path = path(dir);
    let content = fs::read(&path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => VaultError::NoVault { path: path.clone() },
        _ => VaultError::Io { doing: "read", path: path.clone(), source },
    })?;
    let damaged = || VaultError::KeyFileDamaged { path: path.clone() };
    let content: [u8; LEN] = content.try_into().map_err(|_| damaged())?;
    let rest = content.strip_prefix(MAGIC).ok_or_else(damaged)?;
    let (found, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let (id, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let (nonce, wrapped) = rest.split_first_chunk().ok_or_else(damaged)?;
    let found = LedgerId(*found);
    if found != *ledger {
        return Err(VaultError::ForeignLedger { path, found, expected: *ledger });
    }
    keys::unwrap(kek.as_bytes(), nonce, &associated(ledger, id), wrapped)
        .ok_or(VaultError::WrongKek { path })
}

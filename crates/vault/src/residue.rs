//! `vault/residue`: what the caller has to know of erased sections after they are gone, and names nobody. What it
//! is, is the caller's; here it is bytes, sealed under the vault key.

use std::fs;
use std::io;
use std::path::Path;

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use letopis_types::LedgerId;
use zeroize::Zeroizing;

use crate::keys::{self, NONCE_LEN, Secret};
use crate::vault::Vault;
use crate::{VaultError, files};

pub(crate) const RESIDUE: &str = "residue";

const MAGIC: &[u8; 8] = b"LTPVRS1\n";
const CONTEXT: &[u8] = b"letopis 2026-11 vault residue v1";
const HELP: &str = "restore it from a backup of the vault that was made after the last rotation and the last erasure; \
                    one from before an erasure lacks what that erased. If there is none, remove it: all that was \
                    erased is lacking then. What is lacking, indicators of quarters that are over tell as not stated";

impl Vault {
    /// What was kept last; `None` if nothing ever was. Zeroed when dropped.
    ///
    /// # Errors
    /// [`VaultError::MarkDamaged`], also where it is of another vault; [`VaultError::Io`].
    pub fn residue(&self) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        read(&self.shared.dir, &self.shared.ledger, &self.shared.vault_key)
    }

    /// Keeps this instead of what was kept before: durable, as a whole, when this returns. What must not be lost
    /// with a key is kept before the key is destroyed.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`], [`VaultError::Io`], [`VaultError::Random`].
    pub fn keep_residue(&self, content: &[u8]) -> Result<(), VaultError> {
        self.shared.check_writable()?;
        write(&self.shared.dir, &self.shared.ledger, &self.shared.vault_key, content)
    }
}

fn associated(ledger: &LedgerId) -> Vec<u8> {
    [CONTEXT, &ledger.0].concat()
}

pub(crate) fn write(
    dir: &Path,
    ledger: &LedgerId,
    vault_key: &Secret,
    content: &[u8],
) -> Result<(), VaultError> {
    let path = dir.join(RESIDUE);
    let mut nonce = [0; NONCE_LEN];
    keys::fill(&mut nonce)?;
    let payload = Payload { msg: content, aad: &associated(ledger) };
    let sealed = XChaCha20Poly1305::new(vault_key.as_bytes().into())
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| VaultError::io("seal", &path)(io::ErrorKind::InvalidInput.into()))?;
    files::replace(&path, &[MAGIC.as_slice(), &ledger.0, &nonce, &sealed].concat())
}

pub(crate) fn read(
    dir: &Path,
    ledger: &LedgerId,
    vault_key: &Secret,
) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
    let path = dir.join(RESIDUE);
    let bytes = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(VaultError::io("read", &path))?,
    };
    let opened = bytes.strip_prefix(MAGIC).and_then(|rest| {
        let sealed = rest.strip_prefix(&ledger.0)?;
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let payload = Payload { msg: sealed, aad: &associated(ledger) };
        let cipher = XChaCha20Poly1305::new(vault_key.as_bytes().into());
        cipher.decrypt(&XNonce::from(*nonce), payload).ok()
    });
    match opened {
        Some(content) => Ok(Some(Zeroizing::new(content))),
        None => Err(VaultError::MarkDamaged { path, help: HELP }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kek, rotate};

    const LEDGER: LedgerId = LedgerId([0x1e; 32]);

    fn kek(byte: u8) -> Kek {
        Kek::new(Zeroizing::new([byte; 32]))
    }

    fn kept(vault: &Vault) -> Option<Vec<u8>> {
        vault.residue().unwrap().map(|content| content.to_vec())
    }

    #[test]
    fn what_was_kept_last_is_there_after_opening_and_after_rotation() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("vault");
        let vault = Vault::create(&place, LEDGER, &kek(1)).ok().unwrap();
        assert_eq!(kept(&vault), None);
        vault.keep_residue(b"one").unwrap();
        vault.keep_residue(b"two, and longer").unwrap();
        drop(vault);
        let vault = Vault::open_read_only(&place, LEDGER, &kek(1)).ok().unwrap();
        assert_eq!(kept(&vault).as_deref(), Some(b"two, and longer".as_slice()));
        assert!(matches!(vault.keep_residue(b"no"), Err(VaultError::ReadOnly)));
        drop(vault);
        let before = fs::read(place.join(RESIDUE)).unwrap();
        assert!(!before.windows(3).any(|bytes| bytes == b"two"));

        rotate(&place, LEDGER, &kek(1), &kek(2), 9).unwrap();
        let vault = Vault::open(&place, LEDGER, &kek(2), 0).ok().unwrap();
        assert_eq!(kept(&vault).as_deref(), Some(b"two, and longer".as_slice()));
        // What the old vault key sealed is of no use any more.
        fs::write(place.join(RESIDUE), before).unwrap();
        assert!(matches!(vault.residue(), Err(VaultError::MarkDamaged { .. })));
    }

    #[test]
    fn a_damaged_one_is_an_error_that_tells_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("vault");
        let vault = Vault::create(&place, LEDGER, &kek(1)).ok().unwrap();
        vault.keep_residue(b"counts").unwrap();
        let path = place.join(RESIDUE);
        let good = fs::read(&path).unwrap();
        assert_eq!((good.len(), &good[..8], &good[8..40]), (86, MAGIC.as_slice(), &LEDGER.0[..]));
        let flipped = (0..good.len()).map(|at| {
            let mut bad = good.clone();
            bad[at] ^= 1;
            bad
        });
        for bad in flipped.chain([vec![], good[..good.len() - 1].to_vec()]) {
            fs::write(&path, &bad).unwrap();
            let error = vault.residue().unwrap_err();
            assert!(matches!(error, VaultError::MarkDamaged { .. }), "{error}");
            let error = error.to_string();
            assert!(error.contains("and the last erasure") && error.contains("remove"), "{error}");
        }
        fs::write(&path, &good).unwrap();
        assert_eq!(kept(&vault).as_deref(), Some(b"counts".as_slice()));
    }
}

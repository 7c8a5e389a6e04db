//! `vault/erased` and `vault/rotated`: what was last done to the vault as a whole.
//!
//! Both are magic ‖ ledger id ‖ content ‖ BLAKE3 of all before. The checksum is for accidents; that
//! a vault and its record belong together is asked of the record.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use letopis_types::{Digest, LedgerId, Sequence};

use crate::{VaultError, files, rotation};

pub(crate) const ERASED: &str = "erased";
pub(crate) const ROTATED: &str = "rotated";

const ERASED_MAGIC: &[u8; 8] = b"LTPVER1\n";
const ROTATED_MAGIC: &[u8; 8] = b"LTPVRT1\n";
const ERASED_HELP: &str = "restore it from a backup of the vault. If there is none, first verify \
                           the record against a checkpoint kept elsewhere, then remove the file: \
                           every erasure on the record is then applied again";
const ROTATED_HELP: &str = "restore it from a backup of the vault, or remove it: the vault then \
                            counts as never rotated until it is rotated again";

/// The last erasure applied.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Erased {
    pub(crate) sequence: Sequence,
    pub(crate) link_hash: Digest,
}

/// When the vault key was last exchanged, and what that made final.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// Seconds since 1970 UTC, as the operator's clock said.
    pub at_seconds: u64,
    /// The last erasure that was applied before: of it and of those before it no wrapped key is
    /// left under the present vault key. `None` if there was none.
    pub covers: Option<Sequence>,
}

fn sealed(magic: &[u8; 8], ledger: &LedgerId, content: &[&[u8]]) -> Vec<u8> {
    let mut bytes = [magic.as_slice(), &ledger.0, &content.concat()].concat();
    let hash = blake3::hash(&bytes);
    bytes.extend_from_slice(hash.as_bytes());
    bytes
}

/// The content of a mark; `None` if there is none.
fn read<const N: usize>(
    path: PathBuf,
    magic: &[u8; 8],
    ledger: &LedgerId,
    help: &'static str,
) -> Result<Option<[u8; N]>, VaultError> {
    let bytes = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(VaultError::io("read", &path))?,
    };
    let rest = bytes.strip_prefix(magic).and_then(|rest| rest.split_first_chunk());
    let content = rest.and_then(|(found, rest)| Some((LedgerId(*found), rest.first_chunk::<N>()?)));
    match content {
        Some((found, content)) if bytes == sealed(magic, &found, &[content]) => {
            if found == *ledger {
                Ok(Some(*content))
            } else {
                Err(VaultError::ForeignLedger { path, found, expected: *ledger })
            }
        }
        _ => Err(VaultError::MarkDamaged { path, help }),
    }
}

pub(crate) fn write_erased(
    dir: &Path,
    ledger: &LedgerId,
    erased: &Erased,
) -> Result<(), VaultError> {
    let content = [erased.sequence.0.to_be_bytes().as_slice(), &erased.link_hash.0].concat();
    files::replace(&dir.join(ERASED), &sealed(ERASED_MAGIC, ledger, &[&content]))
}

pub(crate) fn read_erased(dir: &Path, ledger: &LedgerId) -> Result<Option<Erased>, VaultError> {
    let content = read::<40>(dir.join(ERASED), ERASED_MAGIC, ledger, ERASED_HELP)?;
    Ok(content.as_ref().and_then(|content| {
        let (sequence, link_hash) = content.split_first_chunk()?;
        let sequence = Sequence(u64::from_be_bytes(*sequence));
        Some(Erased { sequence, link_hash: Digest::from_slice(link_hash)? })
    }))
}

/// The sequence of the last erasure that a vault applied, for whoever has no key to it; `None` if there was none.
///
/// # Errors
/// [`VaultError::ForeignLedger`], [`VaultError::MarkDamaged`], [`VaultError::RotationUnclear`],
/// [`VaultError::Io`].
pub fn last_erasure(dir: &Path, ledger: LedgerId) -> Result<Option<Sequence>, VaultError> {
    let erased = read_erased(&rotation::present(dir)?, &ledger)?;
    Ok(erased.map(|erased| erased.sequence))
}

pub(crate) fn write_rotated(
    dir: &Path,
    ledger: &LedgerId,
    rotation: &Rotation,
) -> Result<(), VaultError> {
    // A sequence is far below 2^64 − 1: one frame of the journal would not fit below that.
    let covers = rotation.covers.map_or(0, |sequence| sequence.0.saturating_add(1));
    let content = [rotation.at_seconds.to_be_bytes(), covers.to_be_bytes()].concat();
    files::replace(&dir.join(ROTATED), &sealed(ROTATED_MAGIC, ledger, &[&content]))
}

pub(crate) fn read_rotated(dir: &Path, ledger: &LedgerId) -> Result<Option<Rotation>, VaultError> {
    let content = read::<16>(dir.join(ROTATED), ROTATED_MAGIC, ledger, ROTATED_HELP)?;
    Ok(content.as_ref().and_then(|content| {
        let (at, covers) = content.split_first_chunk()?;
        let covers = u64::from_be_bytes(covers.try_into().ok()?);
        Some(Rotation {
            at_seconds: u64::from_be_bytes(*at),
            covers: covers.checked_sub(1).map(Sequence),
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEDGER: LedgerId = LedgerId([0x1e; 32]);
    const OTHER: LedgerId = LedgerId([0x2e; 32]);

    #[test]
    fn marks_are_laid_out_as_the_format_says() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read_erased(dir.path(), &LEDGER).ok().unwrap().is_none());
        assert!(read_rotated(dir.path(), &LEDGER).ok().unwrap().is_none());

        let erased = Erased { sequence: Sequence(0x0102), link_hash: Digest([7; 32]) };
        write_erased(dir.path(), &LEDGER, &erased).unwrap();
        let bytes = fs::read(dir.path().join("erased")).unwrap();
        assert_eq!(bytes.len(), 112);
        assert_eq!(&bytes[..8], b"LTPVER1\n");
        assert_eq!(&bytes[8..40], &LEDGER.0);
        assert_eq!(&bytes[40..48], &[0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(&bytes[48..80], &[7; 32]);
        assert_eq!(&bytes[80..], blake3::hash(&bytes[..80]).as_bytes());
        assert!(read_erased(dir.path(), &LEDGER).ok().unwrap() == Some(erased));

        for (covers, written) in [(None, 0u64), (Some(Sequence(0)), 1), (Some(Sequence(41)), 42)] {
            let rotation = Rotation { at_seconds: 1_790_000_000, covers };
            write_rotated(dir.path(), &LEDGER, &rotation).unwrap();
            let bytes = fs::read(dir.path().join("rotated")).unwrap();
            assert_eq!(bytes.len(), 88);
            assert_eq!(&bytes[..8], b"LTPVRT1\n");
            assert_eq!(&bytes[8..40], &LEDGER.0);
            assert_eq!(&bytes[40..48], &1_790_000_000u64.to_be_bytes());
            assert_eq!(&bytes[48..56], &written.to_be_bytes());
            assert_eq!(&bytes[56..], blake3::hash(&bytes[..56]).as_bytes());
            assert_eq!(read_rotated(dir.path(), &LEDGER).unwrap(), Some(rotation));
        }
    }

    #[test]
    fn a_damaged_mark_is_an_error_that_tells_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let erased = Erased { sequence: Sequence(5), link_hash: Digest([7; 32]) };
        write_erased(dir.path(), &LEDGER, &erased).unwrap();
        write_rotated(dir.path(), &LEDGER, &Rotation { at_seconds: 9, covers: None }).unwrap();
        for name in [ERASED, ROTATED] {
            let path = dir.path().join(name);
            let good = fs::read(&path).unwrap();
            let error = || match name {
                ERASED => read_erased(dir.path(), &LEDGER).err().unwrap(),
                _ => read_rotated(dir.path(), &LEDGER).err().unwrap(),
            };
            let flipped = (0..good.len()).map(|at| {
                let mut bad = good.clone();
                bad[at] ^= 1;
                bad
            });
            let longer = [good.clone(), vec![0]].concat();
            for bad in flipped.chain([vec![], good[..good.len() - 1].to_vec(), longer]) {
                fs::write(&path, &bad).unwrap();
                let error = error();
                assert!(matches!(error, VaultError::MarkDamaged { .. }), "{error}");
                assert!(error.to_string().contains("remove"), "{error}");
            }
            fs::write(&path, &good).unwrap();
        }
        let error = read_erased(dir.path(), &OTHER).err().unwrap();
        assert!(matches!(error, VaultError::ForeignLedger { found: LEDGER, .. }), "{error}");
    }
}

//! Blocks of 1,024 slots, each a wrapped data key.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use letopis_types::LedgerId;
use zeroize::Zeroizing;

use crate::files;
use crate::keys::{self, NONCE_LEN};
use crate::{DataKey, KeyId, VaultError};

/// Slots in a block.
pub(crate) const SLOTS: u64 = 1024;

const MAGIC: &[u8; 8] = b"LTPVBK1\n";
const CONTEXT: &[u8] = b"letopis 2026-11 data key v1";
const HEADER_LEN: usize = 64;
const CHECKED_LEN: usize = 48;
const SLOT_LEN: usize = 88;
const LEN: u64 = HEADER_LEN as u64 + SLOTS * SLOT_LEN as u64;

/// Where a block lies.
pub(crate) fn path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("block-{number:010}"))
}

fn number_of(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("block-")?;
    (digits.len() == 10 && digits.bytes().all(|c| c.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
}

/// How many blocks there are. They are 0, 1, 2, …: one left out is missing.
pub(crate) fn count(dir: &Path) -> Result<u64, VaultError> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(dir).map_err(VaultError::io("list", dir))? {
        let name = entry.map_err(VaultError::io("list", dir))?.file_name();
        numbers.extend(name.to_str().and_then(number_of));
    }
    numbers.sort_unstable();
    let count = numbers.len() as u64;
    match (0..count).zip(&numbers).find(|(expected, number)| expected != *number) {
        Some((missing, _)) => Err(VaultError::BlockMissing { path: path(dir, missing) }),
        None => Ok(count),
    }
}

fn checked_header(number: u64, ledger: &LedgerId) -> [u8; HEADER_LEN] {
    let mut header = [0; HEADER_LEN];
    let (checked, checksum) = header.split_at_mut(CHECKED_LEN);
    let number = number.to_be_bytes();
    for (to, from) in checked.iter_mut().zip([MAGIC.as_slice(), &number, &ledger.0].concat()) {
        *to = from;
    }
    let hash = blake3::hash(checked);
    for (to, from) in checksum.iter_mut().zip(hash.as_bytes()) {
        *to = *from;
    }
    header
}

/// Checks a block's header and length.
pub(crate) fn check(dir: &Path, number: u64, ledger: &LedgerId) -> Result<(), VaultError> {
    let path = path(dir, number);
    let damaged = |what| VaultError::BlockDamaged { path: path.clone(), what };
    let file = open(&path)?;
    if file.metadata().map_err(VaultError::io("look at", &path))?.len() != LEN {
        return Err(damaged("its length is wrong"));
    }
    let mut header = [0; HEADER_LEN];
    file.read_exact_at(&mut header, 0).map_err(VaultError::io("read", &path))?;
    let (_, rest) = header.split_first_chunk::<16>().ok_or_else(|| damaged("its header"))?;
    let (found, _) = rest.split_first_chunk().ok_or_else(|| damaged("its header"))?;
    let found = LedgerId(*found);
    if header == checked_header(number, ledger) {
        Ok(())
    } else if header == checked_header(number, &found) {
        Err(VaultError::ForeignLedger { path, found, expected: *ledger })
    } else {
        Err(damaged("its header is not that of this block"))
    }
}

/// Opens a block for reading.
pub(crate) fn open(path: &Path) -> Result<File, VaultError> {
    File::open(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => VaultError::BlockMissing { path: path.to_path_buf() },
        _ => VaultError::Io { doing: "open", path: path.to_path_buf(), source },
    })
}

/// Draws a block's keys and writes it, synced, to a new file.
pub(crate) fn make(
    dir: &Path,
    number: u64,
    ledger: &LedgerId,
    vault_key: &[u8; 32],
) -> Result<(), VaultError> {
    let path = path(dir, number);
    let mut content = checked_header(number, ledger).to_vec();
    content.reserve_exact(SLOTS as usize * SLOT_LEN);
    let mut key = Zeroizing::new([0; 32]);
    for slot in number * SLOTS..(number + 1) * SLOTS {
        let (mut random, mut nonce) = ([0; 8], [0; NONCE_LEN]);
        for bytes in [random.as_mut_slice(), &mut nonce, key.as_mut()] {
            getrandom::fill(bytes).map_err(|source| VaultError::Random { source })?;
        }
        let id = KeyId::new(slot, random);
        let wrapped = keys::wrap(vault_key, &nonce, &associated(ledger, &id), &key)
            .ok_or_else(|| VaultError::SlotDamaged { path: path.clone(), slot })?;
        for part in [id.0.as_slice(), &nonce, &wrapped] {
            content.extend_from_slice(part);
        }
    }
    files::write_new(&path, &content)
}

fn associated(ledger: &LedgerId, id: &KeyId) -> Vec<u8> {
    [CONTEXT, &ledger.0, &id.0].concat()
}

/// What stands in a slot.
pub(crate) enum Slot {
    /// Zeros.
    Destroyed,
    /// A wrapped key.
    Wrapped {
        /// The id beside it, not yet authenticated.
        id: KeyId,
        /// Its nonce.
        nonce: [u8; NONCE_LEN],
        /// The wrapped key.
        wrapped: [u8; keys::WRAPPED_LEN],
    },
}

fn offset(slot: u64) -> u64 {
    HEADER_LEN as u64 + slot % SLOTS * SLOT_LEN as u64
}

/// Reads a slot of an open block.
pub(crate) fn read_slot(file: &File, path: &Path, slot: u64) -> Result<Slot, VaultError> {
    let mut bytes = [0; SLOT_LEN];
    file.read_exact_at(&mut bytes, offset(slot)).map_err(|source| match source.kind() {
        io::ErrorKind::UnexpectedEof => {
            VaultError::BlockDamaged { path: path.to_path_buf(), what: "it ends too early" }
        }
        _ => VaultError::Io { doing: "read", path: path.to_path_buf(), source },
    })?;
    if bytes == [0; SLOT_LEN] {
        return Ok(Slot::Destroyed);
    }
    let damaged = || VaultError::SlotDamaged { path: path.to_path_buf(), slot };
    let (id, rest) = bytes.split_first_chunk().ok_or_else(damaged)?;
    let (nonce, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let wrapped = rest.try_into().map_err(|_| damaged())?;
    Ok(Slot::Wrapped { id: KeyId(*id), nonce: *nonce, wrapped })
}

impl Slot {
    /// Opens the key of a slot; `None` if it was destroyed.
    pub(crate) fn open(
        &self,
        path: &Path,
        slot: u64,
        ledger: &LedgerId,
        vault_key: &[u8; 32],
    ) -> Result<Option<(KeyId, DataKey)>, VaultError> {
        let Self::Wrapped { id, nonce, wrapped } = self else { return Ok(None) };
        let path = || path.to_path_buf();
        match keys::unwrap(vault_key, nonce, &associated(ledger, id), wrapped) {
            Some(_) if id.slot() != slot => {
                Err(VaultError::SlotMoved { path: path(), slot, found: id.slot() })
            }
            Some(key) => Ok(Some((*id, DataKey::new(key)))),
            None => Err(VaultError::SlotDamaged { path: path(), slot }),
        }
    }
}

/// Overwrites a slot with zeros and syncs it; also one that is zeros already, because zeros that were
/// read back after a crash may not be on the disk.
pub(crate) fn destroy_slot(path: &Path, slot: u64) -> Result<(), VaultError> {
    let file = File::options().write(true).open(path).map_err(VaultError::io("open", path))?;
    file.write_all_at(&[0; SLOT_LEN], offset(slot)).map_err(VaultError::io("write", path))?;
    file.sync_all().map_err(VaultError::io("sync", path))
}

//! Blocks of 1,024 slots, each a wrapped data key.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use letopis_types::LedgerId;
use zeroize::Zeroizing;

use crate::files;
use crate::keys::{self, KEY_LEN, NONCE_LEN, Secret};
use crate::{DataKey, KeyId, VaultError};

/// Slots in a block.
pub(crate) const SLOTS: u64 = 1024;

const MAGIC: &[u8; 8] = b"LTPVBK1\n";
const CONTEXT: &[u8] = b"letopis 2026-11 data key v1";
const HEADER_LEN: usize = 64;
const CHECKED_LEN: usize = 48;
const SLOT_LEN: usize = 88;
const LEN: usize = HEADER_LEN + SLOTS as usize * SLOT_LEN;

/// Where a block lies.
pub(crate) fn path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("block-{number:010}"))
}

/// The number in a block's name.
pub(crate) fn number_of(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("block-")?;
    (digits.len() == 10 && digits.bytes().all(|c| c.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
}

/// How many blocks there are. They are 0, 1, 2, …: one left out is missing.
pub(crate) fn count(dir: &Path) -> Result<u64, VaultError> {
    let mut numbers: Vec<u64> =
        files::names(dir)?.iter().filter_map(|name| number_of(name)).collect();
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
    if file.metadata().map_err(VaultError::io("look at", &path))?.len() != LEN as u64 {
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
fn open(path: &Path) -> Result<File, VaultError> {
    File::open(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => VaultError::BlockMissing { path: path.to_path_buf() },
        _ => VaultError::Io { doing: "open", path: path.to_path_buf(), source },
    })
}

fn associated(ledger: &LedgerId, id: &KeyId) -> Vec<u8> {
    [CONTEXT, &ledger.0, &id.0].concat()
}

/// Adds a slot to a block that is being written.
fn push_slot(
    content: &mut Vec<u8>,
    id: &KeyId,
    nonce: &[u8; NONCE_LEN],
    key: &[u8; KEY_LEN],
    ledger: &LedgerId,
    vault_key: &Secret,
) -> Option<()> {
    let wrapped = keys::wrap(vault_key, nonce, &associated(ledger, id), key)?;
    for part in [id.0.as_slice(), nonce, &wrapped] {
        content.extend_from_slice(part);
    }
    Some(())
}

/// Draws a block's keys and writes it, synced, to a new file.
pub(crate) fn make(
    dir: &Path,
    number: u64,
    ledger: &LedgerId,
    vault_key: &Secret,
) -> Result<(), VaultError> {
    const EACH: usize = 8 + NONCE_LEN + KEY_LEN;
    let path = path(dir, number);
    // Asked for once: a thousand small questions take longer than all the rest.
    let mut random = Zeroizing::new(vec![0; SLOTS as usize * EACH]);
    keys::fill(&mut random)?;
    let mut content = start(number, ledger);
    for (slot, random) in (number * SLOTS..).zip(random.chunks_exact(EACH)) {
        split(random)
            .and_then(|(in_id, nonce, key)| {
                let id = KeyId::new(slot, *in_id);
                push_slot(&mut content, &id, nonce, key, ledger, vault_key)
            })
            .ok_or_else(|| VaultError::SlotDamaged { path: path.clone(), slot })?;
    }
    files::write_new(&path, &content)
}

/// A block's header, and room for its slots. What is wrapped is zeroed in memory too: one day a slot
/// of it is erased, and the vault key is at hand for as long as the process runs.
fn start(number: u64, ledger: &LedgerId) -> Zeroizing<Vec<u8>> {
    let mut content = Zeroizing::new(Vec::with_capacity(LEN));
    content.extend_from_slice(&checked_header(number, ledger));
    content
}

/// The three parts of a slot, or of what a slot is made from.
fn split<const A: usize, const C: usize>(
    bytes: &[u8],
) -> Option<(&[u8; A], &[u8; NONCE_LEN], &[u8; C])> {
    let (first, rest) = bytes.split_first_chunk()?;
    let (nonce, rest) = rest.split_first_chunk()?;
    Some((first, nonce, rest.try_into().ok()?))
}

fn offset(slot: u64) -> usize {
    HEADER_LEN + (slot % SLOTS) as usize * SLOT_LEN
}

fn too_short(path: &Path) -> VaultError {
    VaultError::BlockDamaged { path: path.to_path_buf(), what: "it ends too early" }
}

/// A slot's bytes: zeros, or a wrapped key.
pub(crate) struct Slot<'a> {
    number: u64,
    bytes: &'a [u8; SLOT_LEN],
    path: &'a Path,
}

impl Slot<'_> {
    /// The id beside the key, not authenticated; `None` if it was destroyed.
    pub(crate) fn id(&self) -> Option<KeyId> {
        let (id, ..) = split::<{ KeyId::LEN }, { keys::WRAPPED_LEN }>(self.bytes)?;
        (self.bytes != &[0; SLOT_LEN]).then_some(KeyId(*id))
    }

    /// Opens its key; `None` if it was destroyed.
    pub(crate) fn open(
        &self,
        ledger: &LedgerId,
        vault_key: &Secret,
    ) -> Result<Option<(KeyId, DataKey)>, VaultError> {
        let Some(id) = self.id() else { return Ok(None) };
        let opened = split::<{ KeyId::LEN }, { keys::WRAPPED_LEN }>(self.bytes).and_then(
            |(_, nonce, wrapped)| keys::unwrap(vault_key, nonce, &associated(ledger, &id), wrapped),
        );
        let (path, slot) = (|| self.path.to_path_buf(), self.number);
        match opened {
            Some(_) if id.slot() != slot => {
                Err(VaultError::SlotMoved { path: path(), slot, found: id.slot() })
            }
            Some(key) => Ok(Some((id, DataKey(key)))),
            None => Err(VaultError::SlotDamaged { path: path(), slot }),
        }
    }
}

/// Reads one slot, and hands it to `use_it`.
pub(crate) fn with_slot<T>(
    dir: &Path,
    slot: u64,
    use_it: impl FnOnce(Slot<'_>) -> Result<T, VaultError>,
) -> Result<T, VaultError> {
    let path = path(dir, slot / SLOTS);
    let mut bytes = Zeroizing::new([0; SLOT_LEN]);
    let read = open(&path)?.read_exact_at(bytes.as_mut(), offset(slot) as u64);
    read.map_err(|source| match source.kind() {
        io::ErrorKind::UnexpectedEof => too_short(&path),
        _ => VaultError::Io { doing: "read", path: path.clone(), source },
    })?;
    use_it(Slot { number: slot, bytes: &bytes, path: &path })
}

/// A whole block in memory, as it is on the disk.
pub(crate) struct Block {
    pub(crate) number: u64,
    path: PathBuf,
    bytes: Zeroizing<Vec<u8>>,
}

impl Block {
    /// Reads a block whose header was checked.
    pub(crate) fn read(dir: &Path, number: u64) -> Result<Self, VaultError> {
        let path = path(dir, number);
        let mut bytes = Zeroizing::new(vec![0; LEN]);
        open(&path)?.read_exact_at(&mut bytes, 0).map_err(|source| match source.kind() {
            io::ErrorKind::UnexpectedEof => too_short(&path),
            _ => VaultError::Io { doing: "read", path: path.clone(), source },
        })?;
        Ok(Self { number, path, bytes })
    }

    /// The slot of this number, or of the same place in this block.
    pub(crate) fn slot(&self, slot: u64) -> Result<Slot<'_>, VaultError> {
        let rest = self.bytes.get(offset(slot)..).unwrap_or_default();
        let (bytes, _) = rest.split_first_chunk().ok_or_else(|| too_short(&self.path))?;
        Ok(Slot { number: self.number * SLOTS + slot % SLOTS, bytes, path: &self.path })
    }

    /// Writes a block of the same keys under another vault key, synced, to a new file in another
    /// directory; what was destroyed stays zeros.
    pub(crate) fn write_rewrapped(
        &self,
        to: &Path,
        ledger: &LedgerId,
        from_key: &Secret,
        to_key: &Secret,
    ) -> Result<(), VaultError> {
        let mut content = start(self.number, ledger);
        for place in 0..SLOTS {
            let slot = self.slot(place)?;
            let Some((id, key)) = slot.open(ledger, from_key)? else {
                content.extend_from_slice(&[0; SLOT_LEN]);
                continue;
            };
            let mut nonce = [0; NONCE_LEN];
            keys::fill(&mut nonce)?;
            push_slot(&mut content, &id, &nonce, key.as_bytes(), ledger, to_key).ok_or_else(
                || VaultError::SlotDamaged { path: self.path.clone(), slot: slot.number },
            )?;
        }
        files::write_synced(&path(to, self.number), &content)
    }

    /// Whether another block holds the same keys under another vault key.
    pub(crate) fn has_keys_of(
        &self,
        other: &Self,
        ledger: &LedgerId,
        key: &Secret,
        other_key: &Secret,
    ) -> Result<bool, VaultError> {
        for place in 0..SLOTS {
            let ours = self.slot(place)?.open(ledger, key)?;
            let theirs = other.slot(place)?.open(ledger, other_key)?;
            let same = match (&ours, &theirs) {
                (Some((id, key)), Some((other_id, other_key))) => {
                    id == other_id && key.as_bytes() == other_key.as_bytes()
                }
                (None, None) => true,
                _ => false,
            };
            if !same {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Overwrites slots of one block with zeros and syncs it, once; also what is zeros already, because
/// zeros that were read back after a crash may not be on the disk.
pub(crate) fn destroy_slots(
    dir: &Path,
    number: u64,
    slots: impl IntoIterator<Item = u64>,
) -> Result<(), VaultError> {
    let path = &path(dir, number);
    let file = fs::OpenOptions::new().write(true).open(path);
    let file = file.map_err(VaultError::io("open", path))?;
    for slot in slots {
        let written = file.write_all_at(&[0; SLOT_LEN], offset(slot) as u64);
        written.map_err(VaultError::io("write", path))?;
    }
    // The data alone: where the file lies and how long it is was synced when it was made.
    file.sync_data().map_err(VaultError::io("sync", path))
}

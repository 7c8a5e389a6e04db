//! Tests of the vault as a whole. Ledgers, keys and files are invented.

use std::collections::HashSet;
use std::fs::{self, File};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::sync::atomic::{AtomicBool, Ordering};

use std::thread;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::*;
use crate::rotate;

const LEDGER: LedgerId = LedgerId([0x1e; 32]);
const OTHER_LEDGER: LedgerId = LedgerId([0x2e; 32]);
const SLOT_LEN: u64 = 88;

fn kek(n: u8) -> Kek {
    Kek::new(Zeroizing::new([n; 32]))
}

struct Place {
    temp: TempDir,
}

impl Place {
    fn new() -> (Self, Vault) {
        let place = Self { temp: tempfile::tempdir().unwrap() };
        let vault = Vault::create(&place.dir(), LEDGER, &kek(1)).ok().unwrap();
        (place, vault)
    }

    fn dir(&self) -> PathBuf {
        self.temp.path().join("vault")
    }

    fn block(&self, number: u64) -> PathBuf {
        block::path(&self.dir(), number)
    }

    fn open(&self, first_unused: u64) -> Result<Vault, VaultError> {
        Vault::open(&self.dir(), LEDGER, &kek(1), first_unused)
    }

    fn error(&self, first_unused: u64) -> VaultError {
        self.open(first_unused).err().unwrap()
    }

    fn slot(&self, slot: u64) -> Vec<u8> {
        let content = fs::read(self.block(slot / SLOTS)).unwrap();
        let at = 64 + (slot % SLOTS * SLOT_LEN) as usize;
        content[at..at + SLOT_LEN as usize].to_vec()
    }

    fn write_slot(&self, slot: u64, bytes: &[u8]) {
        let file = File::options().write(true).open(self.block(slot / SLOTS)).unwrap();
        file.write_all_at(bytes, 64 + slot % SLOTS * SLOT_LEN).unwrap();
    }
}

fn fresh(vault: &Vault) -> (KeyId, [u8; 32]) {
    let (id, key) = vault.fresh().ok().unwrap();
    (id, *key.as_bytes())
}

fn find(vault: &Vault, id: &KeyId) -> Option<[u8; 32]> {
    vault.key(id).ok().unwrap().map(|key| *key.as_bytes())
}

#[test]
fn files_are_laid_out_as_the_format_says() {
    let (place, vault) = Place::new();
    let key_file = fs::read(place.dir().join("key")).unwrap();
    assert_eq!(key_file.len(), 128);
    assert_eq!(&key_file[..8], b"LTPVKY1\n");
    assert_eq!(&key_file[8..40], &LEDGER.0);
    let associated = [b"letopis 2026-11 vault key v1".as_slice(), &key_file[8..56]].concat();
    let nonce = key_file[56..80].try_into().unwrap();
    let kek = Secret::copied(&[1; 32]);
    let vault_key = crate::keys::unwrap(&kek, &nonce, &associated, &key_file[80..]).unwrap();

    let block = fs::read(place.block(0)).unwrap();
    assert_eq!(place.block(0).file_name().unwrap(), "block-0000000000");
    assert_eq!(block.len(), 64 + 1024 * 88);
    assert_eq!(&block[..8], b"LTPVBK1\n");
    assert_eq!(&block[8..16], &0u64.to_be_bytes());
    assert_eq!(&block[16..48], &LEDGER.0);
    assert_eq!(&block[48..64], &blake3::hash(&block[..48]).as_bytes()[..16]);

    for n in 0..3u64 {
        let (id, key) = fresh(&vault);
        let slot = place.slot(n);
        assert_eq!(&slot[..16], &id.0);
        assert_eq!(&slot[..8], &n.to_be_bytes());
        let associated = [b"letopis 2026-11 data key v1".as_slice(), &LEDGER.0, &id.0].concat();
        let nonce = slot[16..40].try_into().unwrap();
        let opened = crate::keys::unwrap(&vault_key, &nonce, &associated, &slot[40..]);
        assert_eq!(*opened.unwrap().as_bytes(), key);
    }
    for name in ["key", "block-0000000000"] {
        let mode = fs::metadata(place.dir().join(name)).unwrap().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert_eq!(fs::metadata(place.dir()).unwrap().mode() & 0o777, 0o700);
}

#[test]
fn keys_are_found_again_and_never_handed_out_twice() {
    let (place, vault) = Place::new();
    let handed_out: Vec<_> = (0..2500).map(|_| fresh(&vault)).collect();
    assert_eq!(vault.next_unused(), 2500);
    for (n, (id, _)) in (0..).zip(&handed_out) {
        assert_eq!(id.slot(), n);
    }
    let keys: HashSet<_> = handed_out.iter().map(|(_, key)| *key).collect();
    assert_eq!(keys.len(), 2500);
    drop(vault);
    let vault = place.open(2500).ok().unwrap();
    let reader = Vault::open_read_only(&place.dir(), LEDGER, &kek(1)).ok().unwrap();
    for (id, key) in &handed_out {
        assert_eq!(find(&vault, id), Some(*key));
        assert_eq!(find(&reader, id), Some(*key));
    }
    let (id, key) = fresh(&vault);
    assert_eq!(id.slot(), 2500);
    assert!(!keys.contains(&key));
}

/// Until the blocks that are made ahead are there.
fn wait_for_blocks(vault: &Vault, blocks: u64) {
    let began = Instant::now();
    while lock(&vault.shared.issue).ahead.as_ref().is_some_and(|ahead| !ahead.is_finished()) {
        thread::sleep(Duration::from_millis(1));
    }
    fresh(vault);
    if block::count(&vault.shared.dir).unwrap() < blocks {
        assert!(began.elapsed() < Duration::from_secs(20), "no block {blocks}");
        wait_for_blocks(vault, blocks);
    }
}

#[test]
fn two_blocks_are_made_ahead_and_no_more() {
    let (place, vault) = Place::new();
    assert!(!place.block(1).exists());
    wait_for_blocks(&vault, 3);
    assert_eq!(lock(&vault.shared.issue).blocks, 3);
    let used = vault.next_unused();
    for _ in used..1024 {
        fresh(&vault);
    }
    assert!(lock(&vault.shared.issue).ahead.is_none(), "2,048 are left");
    fresh(&vault);
    assert!(lock(&vault.shared.issue).ahead.is_some());
    drop(vault);
    assert!(place.block(3).exists(), "dropping the vault waits for the block");
    assert!(!place.block(4).exists());
    place.open(1025).ok().unwrap();
}

#[test]
fn recovery_marks_what_the_state_does_not_cover() {
    let (place, vault) = Place::new();
    let ids: Vec<_> = (0..20).map(|_| fresh(&vault).0).collect();
    drop(vault);
    let vault = place.open(5).ok().unwrap();
    vault.mark_used(&ids[12]).unwrap();
    vault.mark_used(&ids[7]).unwrap();
    assert_eq!(vault.next_unused(), 13);
    assert_eq!(fresh(&vault).0, ids[13]);
    let beyond = KeyId::new(3 * 1024, [0; 8]);
    let error = vault.mark_used(&beyond).unwrap_err();
    assert!(matches!(error, VaultError::BlockMissing { .. }), "{error}");
    assert!(vault.mark_used(&KeyId([0xff; 16])).is_err());
    assert_eq!(vault.next_unused(), 14);
}

#[test]
fn what_is_destroyed_is_zeros_and_found_by_nobody() {
    let (place, vault) = Place::new();
    let (id, _) = fresh(&vault);
    let (kept, kept_key) = fresh(&vault);
    assert!(find(&vault, &id).is_some());
    vault.destroy(&id).unwrap();
    assert_eq!(place.slot(0), [0; 88]);
    assert_eq!(find(&vault, &id), None);
    vault.destroy(&id).unwrap();
    assert_eq!(find(&vault, &kept), Some(kept_key));
    drop(vault);
    let vault = place.open(2).ok().unwrap();
    assert_eq!(find(&vault, &id), None);
    assert_eq!(find(&vault, &kept), Some(kept_key));
}

#[test]
fn many_are_destroyed_at_once_or_none() {
    let (place, vault) = Place::new();
    let keys: Vec<_> = (0..2100).map(|_| fresh(&vault)).collect();
    let doomed: Vec<KeyId> = keys.iter().step_by(7).map(|(id, _)| *id).collect();
    for id in &doomed {
        assert!(find(&vault, id).is_some());
    }

    let mut other = doomed[9];
    other.0[12] ^= 1;
    let beyond = KeyId::new(1 << 40, [0; 8]);
    for wrong in [other, beyond] {
        let error = vault.destroy_all(&[doomed.as_slice(), &[wrong]].concat()).unwrap_err();
        let right = matches!(error, VaultError::OtherKey { .. } | VaultError::BlockMissing { .. });
        assert!(right, "{error}");
    }
    for (id, key) in &keys {
        assert_eq!(find(&vault, id), Some(*key), "nothing was destroyed");
    }

    vault.destroy_all(&[]).unwrap();
    let twice = [doomed.as_slice(), &doomed].concat();
    vault.destroy_all(&twice).unwrap();
    vault.destroy_all(&doomed).unwrap();
    let check = |vault: &Vault| {
        for (n, (id, key)) in keys.iter().enumerate() {
            let expected = (n % 7 != 0).then_some(*key);
            assert_eq!(find(vault, id), expected, "slot {n}");
        }
    };
    check(&vault);
    for id in &doomed {
        assert_eq!(place.slot(id.slot()), [0; 88]);
    }
    drop(vault);
    check(&place.open(2100).ok().unwrap());
}

#[test]
fn a_block_that_was_read_ahead_forgets_too() {
    let (place, vault) = Place::new();
    fresh(&vault);
    assert!(lock(&vault.shared.issue).loaded.is_some());
    let next = KeyId::from_slice(&place.slot(1)[..16]).unwrap();
    vault.destroy(&next).unwrap();
    assert!(lock(&vault.shared.issue).loaded.is_none(), "it held the slot");
    assert_eq!(fresh(&vault).0.slot(), 2);
}

#[test]
fn what_is_half_way_destroyed_is_handed_out_to_nobody() {
    let (place, vault) = Place::new();
    let (id, key) = fresh(&vault);
    let unused = KeyId::from_slice(&place.slot(1)[..16]).unwrap();
    assert_eq!(find(&vault, &id), Some(key));
    // As between the moment that nobody may have them any more and the zeros on the disk, or after
    // an error there.
    vault.shared.dying.write().unwrap().extend([id, unused]);
    assert_eq!(find(&vault, &id), None);
    assert_eq!(fresh(&vault).0.slot(), 2);
    assert_ne!(place.slot(0), [0; 88]);
    vault.destroy_all(&[id, unused]).unwrap();
    assert_eq!((place.slot(0), place.slot(1)), (vec![0; 88], vec![0; 88]));
    assert!(vault.shared.dying.read().unwrap().is_empty());
}

#[test]
fn the_last_erasure_is_remembered_and_never_goes_back() {
    let (place, vault) = Place::new();
    assert_eq!(vault.last_erasure(), None);
    vault.check_erasure(|_| None).unwrap();
    let at = |n: u64| (Sequence(n), Digest([n as u8; 32]));
    for n in [3, 3, 40] {
        vault.remember_erasure(at(n).0, at(n).1).unwrap();
        assert_eq!(vault.last_erasure(), Some(at(n)));
    }
    for (sequence, hash) in [at(39), at(3), (Sequence(40), Digest([1; 32]))] {
        let error = vault.remember_erasure(sequence, hash).unwrap_err();
        let last = Sequence(40);
        let right = matches!(error, VaultError::ErasureGoesBack { last: l, given } if l == last && given == sequence);
        assert!(right, "{error}");
    }
    drop(vault);

    let vault = Vault::open_read_only(&place.dir(), LEDGER, &kek(1)).ok().unwrap();
    assert_eq!(vault.last_erasure(), Some(at(40)));
    assert!(matches!(vault.remember_erasure(at(41).0, at(41).1), Err(VaultError::ReadOnly)));
    vault.check_erasure(|sequence| (sequence == Sequence(40)).then_some(at(40).1)).unwrap();
    for found in [None, Some(Digest([41; 32]))] {
        let error = vault.check_erasure(|_| found).unwrap_err();
        let right = matches!(&error, VaultError::AheadOfRecord { sequence, found: f, .. } if *sequence == Sequence(40) && *f == found);
        assert!(right, "{error}");
        assert!(error.to_string().contains("sequence 40"), "{error}");
    }

    fs::write(place.dir().join("erased"), b"damaged").unwrap();
    assert!(matches!(place.error(0), VaultError::MarkDamaged { .. }));
    fs::remove_file(place.dir().join("erased")).unwrap();
    assert_eq!(place.open(0).ok().unwrap().last_erasure(), None);
}

#[test]
fn a_slot_destroyed_unused_is_passed_over() {
    let (place, vault) = Place::new();
    let id = KeyId::from_slice(&place.slot(0)[..16]).unwrap();
    vault.destroy(&id).unwrap();
    assert_eq!(fresh(&vault).0.slot(), 1);
}

#[test]
fn another_key_than_the_one_named_is_not_destroyed() {
    let (place, vault) = Place::new();
    let (id, key) = fresh(&vault);
    let mut other = id;
    other.0[15] ^= 1;
    let error = vault.destroy(&other).unwrap_err();
    assert!(matches!(error, VaultError::OtherKey { slot: 0, .. }), "{error}");
    assert_eq!(find(&vault, &id), Some(key));
    assert_eq!(find(&vault, &other), None, "not a key that was made here");
    assert_eq!(find(&vault, &KeyId::new(5000, [0; 8])), None, "not a key that was made here");
    let error = vault.destroy(&KeyId::new(5000, [0; 8])).unwrap_err();
    assert!(matches!(error, VaultError::BlockMissing { .. }), "{error}");
    assert_ne!(place.slot(0), [0; 88]);
}

/// Whatever of it is damaged, also the id beside the key.
#[test]
fn a_damaged_slot_is_destroyed() {
    let (place, vault) = Place::new();
    let ids = [fresh(&vault).0, fresh(&vault).0];
    drop(vault);
    let (good, next) = (place.slot(0), place.slot(1));
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        place.write_slot(0, &bad);
        let vault = place.open(2).ok().unwrap();
        assert!(matches!(vault.key(&ids[0]), Err(VaultError::SlotDamaged { slot: 0, .. })), "{at}");
        vault.destroy(&ids[0]).unwrap();
        assert_eq!((place.slot(0), place.slot(1)), (vec![0; 88], next.clone()), "{at}");
    }
}

#[test]
fn a_reader_writes_nothing() {
    let (place, vault) = Place::new();
    let (id, key) = fresh(&vault);
    drop(vault);
    let before: Vec<_> = fs::read_dir(place.dir()).unwrap().map(|e| e.unwrap().path()).collect();
    let reader = Vault::open_read_only(&place.dir(), LEDGER, &kek(1)).ok().unwrap();
    assert!(matches!(reader.fresh().err(), Some(VaultError::ReadOnly)));
    assert!(matches!(reader.destroy(&id), Err(VaultError::ReadOnly)));
    assert_eq!(find(&reader, &id), Some(key));
    let after: Vec<_> = fs::read_dir(place.dir()).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(before, after);
}

#[test]
fn the_wrong_key_or_ledger_opens_nothing() {
    let (place, vault) = Place::new();
    drop(vault);
    let error = Vault::open(&place.dir(), LEDGER, &kek(2), 0).err().unwrap();
    assert!(matches!(error, VaultError::WrongKek { .. }), "{error}");
    let error = Vault::open(&place.dir(), OTHER_LEDGER, &kek(1), 0).err().unwrap();
    assert!(
        matches!(error, VaultError::ForeignLedger { found: LEDGER, expected: OTHER_LEDGER, .. }),
        "{error}"
    );
    let again = Vault::create(&place.dir(), LEDGER, &kek(1)).err().unwrap();
    assert!(matches!(again, VaultError::AlreadyThere { .. }), "{again}");
    let nowhere = place.temp.path().join("nowhere");
    let error = Vault::open(&nowhere, LEDGER, &kek(1), 0).err().unwrap();
    assert!(matches!(error, VaultError::NoVault { .. }), "{error}");
    fs::remove_file(place.dir().join("key")).unwrap();
    let error = Vault::create(&place.dir(), LEDGER, &kek(1)).err().unwrap();
    assert!(matches!(error, VaultError::AlreadyThere { .. }), "blocks under a lost key: {error}");
}

#[test]
fn a_damaged_key_file_is_refused() {
    let (place, vault) = Place::new();
    drop(vault);
    let path = place.dir().join("key");
    let good = fs::read(&path).unwrap();
    for (bytes, at) in [(0, "magic"), (8, "ledger"), (40, "id"), (56, "nonce"), (127, "tag")] {
        let mut bad = good.clone();
        bad[bytes] ^= 1;
        fs::write(&path, bad).unwrap();
        let error = place.error(0);
        let right = match at {
            "magic" => matches!(error, VaultError::KeyFileDamaged { .. }),
            "ledger" => matches!(error, VaultError::ForeignLedger { .. }),
            _ => matches!(error, VaultError::WrongKek { .. }),
        };
        assert!(right, "{at}: {error}");
    }
    for bad in [&good[..127], &[good.as_slice(), &[0]].concat(), &[]] {
        fs::write(&path, bad).unwrap();
        assert!(matches!(place.error(0), VaultError::KeyFileDamaged { .. }));
    }
}

#[test]
fn a_damaged_block_is_refused() {
    let (place, vault) = Place::new();
    drop(vault);
    let good = fs::read(place.block(0)).unwrap();
    for at in 0..64 {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        fs::write(place.block(0), bad).unwrap();
        assert!(matches!(place.error(0), VaultError::BlockDamaged { .. }), "byte {at}");
    }
    for length in [0, 63, 64, good.len() - 1] {
        fs::write(place.block(0), &good[..length]).unwrap();
        assert!(matches!(place.error(0), VaultError::BlockDamaged { .. }), "length {length}");
    }
    fs::write(place.block(0), [good.as_slice(), &[0]].concat()).unwrap();
    assert!(matches!(place.error(0), VaultError::BlockDamaged { .. }));
    fs::write(place.block(0), &good).unwrap();
    fs::copy(place.block(0), place.block(1)).unwrap();
    assert!(
        matches!(place.error(0), VaultError::BlockDamaged { .. }),
        "a block under another name"
    );
}

#[test]
fn a_block_of_another_ledger_is_refused() {
    let (place, vault) = Place::new();
    drop(vault);
    let (other, vault) = Place::new();
    drop(vault);
    fs::remove_dir_all(other.dir()).unwrap();
    drop(Vault::create(&other.dir(), OTHER_LEDGER, &kek(1)).ok().unwrap());
    fs::copy(other.block(0), place.block(0)).unwrap();
    let error = place.error(0);
    assert!(matches!(error, VaultError::ForeignLedger { found: OTHER_LEDGER, .. }), "{error}");
}

#[test]
fn a_missing_block_is_named() {
    let (place, vault) = Place::new();
    let ids: Vec<_> = (0..2100).map(|_| fresh(&vault).0).collect();
    drop(vault);
    fs::rename(place.block(1), place.temp.path().join("kept")).unwrap();
    let error = place.error(2100);
    assert!(matches!(&error, VaultError::BlockMissing { path } if *path == place.block(1)));
    fs::rename(place.temp.path().join("kept"), place.block(1)).unwrap();

    // The last one: only the caller knows that it must be there.
    let last = block::count(&place.dir()).unwrap() - 1;
    for number in 2..=last {
        fs::remove_file(place.block(number)).unwrap();
    }
    let error = place.error(2100);
    assert!(matches!(&error, VaultError::BlockMissing { path } if *path == place.block(2)));
    let vault = place.open(2048).ok().unwrap();
    assert!(matches!(vault.mark_used(&ids[2099]), Err(VaultError::BlockMissing { .. })));

    // While it is open.
    fs::remove_file(place.block(1)).unwrap();
    assert!(matches!(vault.key(&ids[1500]).err(), Some(VaultError::BlockMissing { .. })));
    assert!(find(&vault, &ids[3]).is_some());
}

#[test]
fn swapped_slots_are_noticed() {
    let (place, vault) = Place::new();
    let ids: Vec<_> = (0..6).map(|_| fresh(&vault).0).collect();
    drop(vault);
    let (third, fifth) = (place.slot(3), place.slot(5));
    place.write_slot(3, &fifth);
    place.write_slot(5, &third);
    let vault = place.open(3).ok().unwrap();
    let error = vault.key(&ids[3]).err().unwrap();
    assert!(matches!(error, VaultError::SlotMoved { slot: 3, found: 5, .. }), "{error}");
    let error = vault.fresh().err().unwrap();
    assert!(matches!(error, VaultError::SlotMoved { slot: 3, found: 5, .. }), "{error}");
    assert!(matches!(vault.destroy(&ids[3]), Err(VaultError::OtherKey { slot: 3, .. })));
    assert!(find(&vault, &ids[4]).is_some());

    // With the ids put right, the associated data still tells.
    place.write_slot(3, &[&third[..16], &fifth[16..]].concat());
    let error = vault.key(&ids[3]).err().unwrap();
    assert!(matches!(error, VaultError::SlotDamaged { slot: 3, .. }), "{error}");
}

#[test]
fn a_changed_slot_is_an_error_and_not_a_destroyed_key() {
    let (place, vault) = Place::new();
    let (id, _) = fresh(&vault);
    drop(vault);
    let good = place.slot(0);
    for at in 0..88 {
        let mut bad = good.clone();
        bad[at] ^= 0x40;
        place.write_slot(0, &bad);
        let vault = place.open(0).ok().unwrap();
        let error = vault.key(&id).err().unwrap();
        assert!(matches!(error, VaultError::SlotDamaged { slot: 0, .. }), "byte {at}: {error}");
        assert!(matches!(vault.fresh().err(), Some(VaultError::SlotDamaged { slot: 0, .. })));
        vault.mark_used(&id).unwrap();
        assert_eq!(fresh(&vault).0.slot(), 1, "marking it as used passes over it");
    }
    // A damaged key can still be destroyed by its id.
    let mut bad = good;
    bad[80] ^= 1;
    place.write_slot(0, &bad);
    let vault = place.open(1).ok().unwrap();
    vault.destroy(&id).unwrap();
    assert_eq!(find(&vault, &id), None);
}

#[test]
fn a_block_that_can_not_be_made_is_an_error_until_it_can() {
    let (place, vault) = Place::new();
    // A directory where the file is written beside: neither the thread nor the caller can make it.
    let in_the_way = place.dir().join("block-0000000001.new");
    fs::create_dir(&in_the_way).unwrap();
    for _ in 0..1024 {
        fresh(&vault);
    }
    assert!(matches!(vault.fresh().err(), Some(VaultError::Io { .. })));
    assert_eq!(vault.next_unused(), 1024);
    fs::remove_dir(&in_the_way).unwrap();
    assert_eq!(fresh(&vault).0.slot(), 1024);
}

#[test]
fn a_crash_while_making_a_block_leaves_nothing_in_the_way() {
    let (place, vault) = Place::new();
    drop(vault);
    fs::write(place.dir().join("block-0000000001.new"), b"half a block").unwrap();
    let vault = place.open(1024).ok().unwrap();
    assert_eq!(fresh(&vault).0.slot(), 1024);
    drop(vault);
    place.open(1025).ok().unwrap();

    // Between key and first block.
    let (place, vault) = Place::new();
    drop(vault);
    fs::remove_file(place.block(0)).unwrap();
    let vault = place.open(0).ok().unwrap();
    assert_eq!(fresh(&vault).0.slot(), 0);
}

#[test]
fn many_threads_get_different_keys_and_see_what_is_destroyed() {
    let (_place, vault) = Place::new();
    let destroyed = AtomicBool::new(false);
    let (victim, _) = fresh(&vault);
    let ids: Vec<KeyId> = thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut ids = Vec::new();
                    for _ in 0..700 {
                        let gone = destroyed.load(Ordering::SeqCst);
                        assert!(!(gone && find(&vault, &victim).is_some()));
                        let (id, key) = fresh(&vault);
                        assert_eq!(find(&vault, &id), Some(key));
                        ids.push(id);
                    }
                    ids
                })
            })
            .collect();
        vault.destroy(&victim).unwrap();
        destroyed.store(true, Ordering::SeqCst);
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let slots: HashSet<_> = ids.iter().map(KeyId::slot).collect();
    assert_eq!(slots.len(), 2800);
    assert_eq!(slots.iter().max(), Some(&2800));
    assert_eq!(vault.next_unused(), 2801);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever is handed out, destroyed, reopened and rotated: what is not destroyed is found,
    /// nothing is handed out twice.
    #[test]
    fn keys_live_until_destroyed(steps in proptest::collection::vec(0u8..20, 1..60)) {
        let (place, mut vault) = Place::new();
        let mut known: Vec<(KeyId, Option<[u8; 32]>)> = Vec::new();
        for step in steps {
            match step {
                0 => {
                    let next = vault.next_unused();
                    drop(vault);
                    vault = place.open(next).ok().unwrap();
                }
                1 => {
                    let next = vault.next_unused();
                    drop(vault);
                    rotate(&place.dir(), LEDGER, &kek(1), &kek(1), 0).ok().unwrap();
                    vault = place.open(next).ok().unwrap();
                }
                2..6 if !known.is_empty() => {
                    let at = [7, 11].map(|n| usize::from(step) * n % known.len());
                    vault.destroy_all(&at.map(|at| known[at].0)).unwrap();
                    at.into_iter().for_each(|at| known[at].1 = None);
                }
                _ => {
                    let (id, key) = fresh(&vault);
                    prop_assert!(known.iter().all(|(other, _)| *other != id));
                    known.push((id, Some(key)));
                }
            }
        }
        for (id, key) in &known {
            prop_assert_eq!(find(&vault, id), *key);
        }
    }
}

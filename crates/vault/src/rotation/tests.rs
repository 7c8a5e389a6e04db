//! Rotations that run through, and rotations that are stopped after every step. Ledgers, keys and
//! files are invented.

use std::cell::Cell;
use std::collections::HashMap;
use std::os::unix::fs::symlink;

use letopis_types::{Digest, Sequence};
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::*;
use crate::KeyId;

const LEDGER: LedgerId = LedgerId([0x1e; 32]);
const ERASED_AT: Sequence = Sequence(17);
const KEPT: &[u8] = b"what is kept of what was erased";
const NOW: u64 = 1_790_000_000;

fn kek(n: u8) -> Kek {
    Kek::new(Zeroizing::new([n; 32]))
}

/// A vault with two blocks, some of whose keys are used and some of those destroyed.
struct World {
    temp: TempDir,
    keys: Vec<(KeyId, Option<[u8; 32]>)>,
    /// The key file, and what stands in the slots that are not destroyed.
    old_bytes: Vec<Vec<u8>>,
}

impl World {
    fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("vault");
        let vault = Vault::create(&dir, LEDGER, &kek(1)).ok().unwrap();
        let mut keys = Vec::new();
        for _ in 0..1030 {
            let (id, key) = vault.fresh().ok().unwrap();
            keys.push((id, Some(*key.as_bytes())));
        }
        let doomed: Vec<KeyId> = keys.iter().step_by(100).map(|(id, _)| *id).collect();
        vault.destroy_all(&doomed).unwrap();
        vault.keep_residue(KEPT).unwrap();
        vault.remember_erasure(ERASED_AT, Digest([8; 32])).unwrap();
        keys.iter_mut().step_by(100).for_each(|(_, key)| *key = None);
        drop(vault);
        let blocks = block::count(&dir).unwrap();
        for number in 2..blocks {
            fs::remove_file(block::path(&dir, number)).unwrap();
        }
        let slots = (0..2).flat_map(|number| {
            let block = fs::read(block::path(&dir, number)).unwrap();
            block[64..].chunks_exact(88).map(<[u8]>::to_vec).collect::<Vec<_>>()
        });
        // Without the id, which the new slot has too.
        let mut old_bytes: Vec<Vec<u8>> =
            slots.filter(|slot| *slot != [0; 88]).map(|slot| slot[16..].to_vec()).collect();
        assert_eq!(old_bytes.len(), 2048 - 11);
        old_bytes.push(fs::read(dir.join("key")).unwrap()[80..].to_vec());
        Self { temp, keys, old_bytes }
    }

    fn copy(&self) -> Self {
        let temp = tempfile::tempdir().unwrap();
        fs::create_dir(temp.path().join("vault")).unwrap();
        for name in files::names(&self.dir()).unwrap() {
            fs::copy(self.dir().join(&name), temp.path().join("vault").join(&name)).unwrap();
        }
        Self { temp, keys: self.keys.clone(), old_bytes: self.old_bytes.clone() }
    }

    fn dir(&self) -> PathBuf {
        self.temp.path().join("vault")
    }

    fn names(&self) -> Vec<String> {
        let mut names = files::names(self.temp.path()).unwrap();
        names.sort();
        names
    }

    fn open(&self, kek: &Kek) -> Result<Vault, VaultError> {
        Vault::open(&self.dir(), LEDGER, kek, 1030)
    }

    fn check_keys(&self, vault: &Vault) {
        // All that were destroyed, some of the others.
        for (id, key) in self.keys.iter().step_by(25) {
            let found = vault.key(id).ok().unwrap().map(|key| *key.as_bytes());
            assert_eq!(found, *key, "{id:?}");
        }
        assert_eq!(vault.last_erasure(), Some((ERASED_AT, Digest([8; 32]))));
        assert_eq!(vault.residue().unwrap().as_deref().map(Vec::as_slice), Some(KEPT));
        let told = crate::last_erasure(&self.dir(), LEDGER).unwrap();
        assert_eq!(told, Some(ERASED_AT), "whoever has no key is told too");
    }

    /// Whether an old slot, or the old wrapped vault key, is in any file.
    fn old_bytes_are_somewhere(&self) -> bool {
        let mut all = Vec::new();
        let mut dirs = vec![self.temp.path().to_path_buf()];
        while let Some(dir) = dirs.pop() {
            for entry in fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    dirs.push(path);
                } else {
                    all.extend(fs::read(path).unwrap());
                }
            }
        }
        // By their first bytes, so that each place is looked at once.
        let mut first: HashMap<u16, Vec<&[u8]>> = HashMap::new();
        let mut begins = vec![false; 1 << 16];
        for bytes in &self.old_bytes {
            let start = u16::from_be_bytes([bytes[0], bytes[1]]);
            first.entry(start).or_default().push(bytes);
            begins[usize::from(start)] = true;
        }
        all.windows(2).enumerate().any(|(at, pair)| {
            let start = u16::from_be_bytes([pair[0], pair[1]]);
            begins[usize::from(start)]
                && first[&start].iter().any(|bytes| all[at..].starts_with(bytes))
        })
    }
}

/// Lets `steps` steps happen, then stops as a crash would: nothing is tidied up.
fn stop_after(steps: u32) -> impl FnMut() -> Result<(), VaultError> {
    let left = Cell::new(steps);
    move || match left.get().checked_sub(1) {
        Some(fewer) => {
            left.set(fewer);
            Ok(())
        }
        None => Err(VaultError::ReadOnly),
    }
}

#[test]
fn every_slot_is_wrapped_anew_and_the_old_are_gone() {
    let world = World::new();
    assert!(world.old_bytes_are_somewhere(), "the search finds what is there");
    for (n, (old, new)) in (1u64..).zip([(1, 1), (1, 2), (2, 2)]) {
        let (old, new) = (kek(old), kek(new));
        let rotation = rotate(&world.dir(), LEDGER, &old, &new, NOW + n).ok().unwrap();
        assert_eq!(rotation, Rotation { at_seconds: NOW + n, covers: Some(ERASED_AT) });
        assert_eq!(world.names(), ["vault"]);
        assert!(!world.old_bytes_are_somewhere());
        let vault = world.open(&new).ok().unwrap();
        assert_eq!(vault.last_rotation(), Some(rotation));
        world.check_keys(&vault);
        let (id, _) = vault.fresh().ok().unwrap();
        assert_eq!(id.slot(), 1030);
        drop(vault);
    }
    let error = world.open(&kek(1)).err().unwrap();
    assert!(matches!(error, VaultError::WrongKek { .. }), "{error}");
}

#[test]
fn a_vault_without_erasures_rotates_too() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("vault");
    drop(Vault::create(&dir, LEDGER, &kek(1)).ok().unwrap());
    let rotation = rotate(&dir, LEDGER, &kek(1), &kek(1), NOW).ok().unwrap();
    assert_eq!(rotation.covers, None);
    let vault = Vault::open_read_only(&dir, LEDGER, &kek(1)).ok().unwrap();
    assert_eq!((vault.last_erasure(), vault.last_rotation()), (None, Some(rotation)));
}

/// What must hold wherever a rotation from key 1 to key 2 stopped, before anything else is done.
/// Returns whether it was committed.
fn one_vault_is_there(world: &World) -> bool {
    let opens = |n| Vault::opens_with(&world.dir(), LEDGER, &kek(n)).unwrap();
    let (old, new) = (opens(1), opens(2));
    assert!(old != new, "one key opens it: {:?}", world.names());
    let before = world.names();
    let reader = Vault::open_read_only(&world.dir(), LEDGER, &kek(if new { 2 } else { 1 }));
    world.check_keys(&reader.ok().unwrap());
    assert_eq!(world.names(), before, "a reader changes nothing");
    new
}

fn nothing_is_left(world: &World, committed: bool) {
    assert_eq!(world.names(), ["vault"]);
    let vault = Vault::open_read_only(&world.dir(), LEDGER, &kek(if committed { 2 } else { 1 }));
    let vault = vault.ok().unwrap();
    world.check_keys(&vault);
    assert_eq!(vault.last_rotation().is_some(), committed);
    assert_eq!(world.old_bytes_are_somewhere(), !committed);
}

/// Stops a rotation after every number of steps, and has `afterwards` bring order, told which of the
/// two keys is the right one.
fn stopped_everywhere(afterwards: impl Fn(&World, u8)) {
    let mut committed_at = None;
    let model = World::new();
    for steps in 0.. {
        let world = model.copy();
        let keks = (&kek(1), &kek(2));
        let done = rotate_in_steps(&world.dir(), LEDGER, keks, NOW, &mut stop_after(steps)).is_ok();
        let committed = one_vault_is_there(&world);
        assert!(committed || committed_at.is_none(), "committed for good");
        if committed && committed_at.is_none() {
            committed_at = Some(steps);
        }
        afterwards(&world, if committed { 2 } else { 1 });
        if done {
            assert!(steps > 10, "{steps} steps");
            assert!(committed_at.is_some_and(|at| at > 5 && at < steps));
            return;
        }
    }
}

#[test]
fn stopped_anywhere_opening_brings_order() {
    stopped_everywhere(|world, right| {
        let wrong = world.open(&kek(3 - right)).err().unwrap();
        assert!(matches!(wrong, VaultError::WrongKek { .. }), "{wrong}");
        world.check_keys(&world.open(&kek(right)).ok().unwrap());
        nothing_is_left(world, right == 2);
    });
}

#[test]
fn stopped_anywhere_and_again_while_order_is_brought() {
    stopped_everywhere(|world, right| {
        let (old, new) = (world.dir().with_extension("old"), world.dir().with_extension("next"));
        for steps in 0..3 {
            let mut step = stop_after(steps);
            let opened = Vault::open_in_steps(&world.dir(), LEDGER, &kek(right), 1030, &mut step);
            let left = old.exists() || new.exists();
            assert!(opened.is_ok() || left || steps > 0, "it says so only where work is left");
            drop(opened);
            assert_eq!(one_vault_is_there(world), right == 2, "it stays what it is");
        }
        drop(world.open(&kek(right)).ok().unwrap());
        nothing_is_left(world, right == 2);
    });
}

#[test]
fn stopped_anywhere_rotating_again_goes_through() {
    stopped_everywhere(|world, right| {
        let whole = world.names() == ["vault"] && right == 2;
        let old = if whole { kek(2) } else { kek(1) };
        rotate(&world.dir(), LEDGER, &old, &kek(2), NOW + 1).ok().unwrap();
        nothing_is_left(world, true);
    });
}

#[test]
fn a_rotation_to_another_key_than_the_stopped_one_goes_through_from_there() {
    let world = World::new();
    let mut stopped = None;
    for steps in 0.. {
        let keks = (&kek(1), &kek(2));
        let _ = rotate_in_steps(&world.dir(), LEDGER, keks, NOW, &mut stop_after(steps));
        if world.names().contains(&"vault.old".to_owned()) {
            stopped = Some(steps);
            break;
        }
    }
    assert!(stopped.is_some());
    let error = rotate(&world.dir(), LEDGER, &kek(1), &kek(3), NOW).err().unwrap();
    assert!(matches!(error, VaultError::WrongKek { .. }), "{error}");
    let rotation = rotate(&world.dir(), LEDGER, &kek(2), &kek(3), NOW + 5).ok().unwrap();
    assert_eq!(rotation.at_seconds, NOW + 5);
    assert_eq!(world.names(), ["vault"]);
    world.check_keys(&world.open(&kek(3)).ok().unwrap());
    assert!(!world.old_bytes_are_somewhere());
}

#[test]
fn what_cannot_be_taken_along_stops_it_before_anything_is_changed() {
    let world = World::new();
    let error = rotate(&world.dir(), LEDGER, &kek(2), &kek(2), NOW).err().unwrap();
    assert!(matches!(error, VaultError::WrongKek { .. }), "{error}");
    assert_eq!(world.names(), ["vault"]);

    fs::write(world.dir().join("block-copy.tar"), b"...").unwrap();
    let error = rotate(&world.dir(), LEDGER, &kek(1), &kek(2), NOW).err().unwrap();
    assert!(matches!(error, VaultError::NotOfTheVault { .. }), "{error}");
    assert_eq!(world.names(), ["vault"]);
    fs::remove_file(world.dir().join("block-copy.tar")).unwrap();

    let block = block::path(&world.dir(), 1);
    let good = fs::read(&block).unwrap();
    let mut bad = good.clone();
    bad[64 + 88 * 3 + 50] ^= 1;
    fs::write(&block, bad).unwrap();
    let error = rotate(&world.dir(), LEDGER, &kek(1), &kek(2), NOW).err().unwrap();
    assert!(matches!(error, VaultError::SlotDamaged { slot: 1027, .. }), "{error}");
    fs::write(&block, good).unwrap();
    world.check_keys(&world.open(&kek(1)).ok().unwrap());
    assert_eq!(world.names(), ["vault"], "opening undoes what was begun");
}

#[test]
fn names_that_no_rotation_leaves_are_refused() {
    let world = World::new();
    let (dir, old, next) =
        (world.dir(), world.dir().with_extension("old"), world.dir().with_extension("next"));
    let all_refuse = || {
        let errors = [
            world.open(&kek(1)).err(),
            Vault::open_read_only(&dir, LEDGER, &kek(1)).err(),
            rotate(&dir, LEDGER, &kek(1), &kek(1), NOW).err(),
        ];
        for error in errors {
            assert!(matches!(error, Some(VaultError::RotationUnclear { .. })), "{error:?}");
        }
    };
    fs::create_dir(&old).unwrap();
    fs::create_dir(&next).unwrap();
    all_refuse();
    fs::remove_dir(&next).unwrap();
    fs::remove_dir(&old).unwrap();
    fs::rename(&dir, &old).unwrap();
    all_refuse();
    let error = Vault::create(&dir, LEDGER, &kek(1)).err().unwrap();
    assert!(matches!(error, VaultError::AlreadyThere { .. }), "{error}");
    fs::rename(&old, &next).unwrap();
    all_refuse();
    fs::rename(&next, &dir).unwrap();
    world.check_keys(&world.open(&kek(1)).ok().unwrap());
}

#[test]
fn a_vault_behind_a_link_rotates_where_it_lies() {
    let world = World::new();
    let elsewhere = world.temp.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::rename(world.dir(), elsewhere.join("kept")).unwrap();
    symlink("elsewhere/kept", world.dir()).unwrap();
    for steps in 0.. {
        let (old, new) = if Vault::opens_with(&world.dir(), LEDGER, &kek(1)).unwrap() {
            (kek(1), kek(2))
        } else {
            (kek(2), kek(1))
        };
        let mut step = stop_after(steps);
        let done = rotate_in_steps(&world.dir(), LEDGER, (&old, &new), NOW, &mut step).is_ok();
        if done {
            break;
        }
    }
    assert_eq!(files::names(&elsewhere).unwrap(), ["kept"]);
    assert!(world.dir().is_symlink());
    assert!(!world.old_bytes_are_somewhere());
}

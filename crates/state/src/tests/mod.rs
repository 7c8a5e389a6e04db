//! Tests of the store as a whole, against a record and a fold that are invented.
//!
//! The fold is one that is wrong when an event is applied twice, or not at all: each stream's entry
//! holds a count and a rolling hash.

mod compare;
mod crash;
mod damage;
mod opening;
mod store;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use letopis_crypto::hash::{Hasher, Purpose, hash};
use letopis_types::{Digest, LedgerId, Sequence};
use tempfile::TempDir;

use crate::{Change, Mark, Options, Report, Store};

const LEDGER: LedgerId = LedgerId([0x1e; 32]);
const OTHER_LEDGER: LedgerId = LedgerId([0x2e; 32]);
const SCHEMA: u32 = 3;
const STREAMS: u64 = 13;

fn number(n: u64) -> Digest {
    hash(Purpose::Link, &n.to_be_bytes())
}

/// The mark of the invented record after its first `size` events.
fn mark(size: u64) -> Mark {
    let last_link = size.checked_sub(1).map_or(Digest::ZERO, number);
    let next_key_slot = size / 3;
    Mark { ledger: LEDGER, size: Sequence(size), last_link, schema: SCHEMA, next_key_slot }
}

/// Whether the invented record has that mark.
fn on_record(found: &Mark) -> bool {
    *found == mark(found.size.0)
}

/// What the invented events do to the entries; `get` sees the entries before.
fn fold(from: u64, to: u64, mut get: impl FnMut(&[u8]) -> Option<Vec<u8>>) -> Vec<Change> {
    let mut changed: BTreeMap<Vec<u8>, Option<Vec<u8>>> = BTreeMap::new();
    for event in from..to {
        let stream = [b"\x01".as_slice(), &number(event % STREAMS).0[..17]].concat();
        let before = changed.get(&stream).cloned().unwrap_or_else(|| get(&stream));
        let count =
            before.as_ref().map_or(0, |value| u64::from_be_bytes(value[..8].try_into().unwrap()));
        let rolled = [before.unwrap_or_default(), event.to_be_bytes().to_vec()].concat();
        let value =
            [&(count + 1).to_be_bytes()[..], &hash(Purpose::StreamHead, &rolled).0].concat();
        let position = [b"\x02".as_slice(), &stream, &count.to_be_bytes()].concat();
        changed.insert(stream, Some(value));
        changed.insert(position, Some(event.to_be_bytes().to_vec()));
        // What is due is removed again by a later event.
        let due = |event: u64| [b"\x03".as_slice(), &event.to_be_bytes()].concat();
        changed.insert(due(event), Some(vec![0; 40]));
        if let Some(done) = event.checked_sub(20) {
            changed.insert(due(done), None);
        }
    }
    changed.into_iter().collect()
}

/// Applies the invented record from the store's mark up to `to` events, in groups.
fn follow(store: &Store, to: u64, group: u64) {
    let mut size = store.mark().map_or(0, |mark| mark.size.0);
    while size < to {
        let next = to.min(size + group);
        let changes = fold(size, next, |key| store.get(key).unwrap());
        store.apply(&changes, &mark(next)).unwrap();
        size = next;
    }
}

/// The entries after so many events, without a store.
fn model(size: u64) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut entries = BTreeMap::new();
    for (key, value) in fold(0, size, |_| None) {
        if let Some(value) = value {
            entries.insert(key, value);
        }
    }
    entries
}

/// The digest after so many events, without a store.
fn expected_digest(name: &str, prefix: &[u8], size: u64) -> Digest {
    let mut hasher = Hasher::new(Purpose::Projection);
    hasher.update(&(name.len() as u64).to_be_bytes()).update(name.as_bytes());
    hasher.update(&(size - 1).to_be_bytes());
    for (key, value) in model(size).iter().filter(|(key, _)| key.starts_with(prefix)) {
        hasher.update(&(key.len() as u64).to_be_bytes()).update(key);
        hasher.update(&(value.len() as u64).to_be_bytes()).update(value);
    }
    hasher.finish()
}

fn assert_is(store: &Store, size: u64) {
    assert_eq!(store.mark(), Some(mark(size)));
    assert_eq!(store.digest("all", &[]).unwrap(), expected_digest("all", &[], size));
}

/// A state's directory, in a system whose boots are invented.
struct Place {
    temp: TempDir,
    options: Options,
}

impl Place {
    fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let mut options = Options::new(LEDGER, SCHEMA);
        options.boot_id_path = temp.path().join("boot_id");
        options.cache_bytes = 8 << 20;
        options.open_limit = Duration::from_secs(60);
        let place = Self { temp, options };
        place.boot(1);
        place
    }

    fn boot(&self, n: u32) {
        let id = format!("invented-boot-{n:08}\n");
        fs::write(&self.options.boot_id_path, id).unwrap();
    }

    fn root(&self) -> PathBuf {
        self.temp.path().join("state")
    }

    fn open(&self) -> (Store, Report) {
        Store::open(&self.root(), &self.options, on_record).unwrap()
    }

    /// The directory of the live store.
    fn live(&self) -> PathBuf {
        let mut live = names(&self.root(), "state-");
        assert_eq!(live.len(), 1, "one live store");
        live.remove(0)
    }

    fn asides(&self) -> Vec<PathBuf> {
        names(&self.root(), "state.aside-")
    }

    fn snapshots(&self) -> Vec<PathBuf> {
        names(&self.root(), "snapshot-")
    }
}

fn names(dir: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = entries
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(prefix))
        .collect();
    found.sort();
    found
}

fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_dir(&path, &to);
        } else {
            fs::copy(&path, &to).unwrap();
        }
    }
}

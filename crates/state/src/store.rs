//! The store: entries in order, and the mark of what they cover.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use letopis_crypto::hash::{Hasher, Purpose};
use letopis_types::{Digest, LedgerId, Sequence};

use crate::engine::{Engine, MARK};
use crate::opening::{Opening, Options};
use crate::sum::Sum;
use crate::{Mark, Report, StateError, place, room, snapshot};

/// The most entries that are written in one batch; more than that are written in several.
pub const BATCH_ENTRIES_MAX: usize = 400;

/// The longest key, in bytes.
pub const KEY_BYTES_MAX: usize = 1024;

/// The longest value, in bytes. Those that are written often should have some hundred at most.
pub const VALUE_BYTES_MAX: usize = 1 << 20;

/// The most bytes of keys and values that are written in one batch, but for a single entry.
const BATCH_BYTES_MAX: usize = 256 << 10;

/// A key, and its new value, or `None` to remove it.
pub type Change = (Vec<u8>, Option<Vec<u8>>);

/// What is written under keys, beside the mark that it belongs to.
type Changes<'a> = BTreeMap<&'a [u8], Option<&'a [u8]>>;

/// The state's entries in bytewise order of their keys. Used from many threads at once.
pub struct Store {
    engine: Engine,
    root: PathBuf,
    ledger: LedgerId,
    schema: u32,
    limit: Duration,
    room_bytes: u64,
    /// Room was asked for, and not found.
    cramped: AtomicBool,
    mark: RwLock<Option<Mark>>,
    /// The sum of all entries. Held while they are changed, and while all must stay as they are.
    sum: Mutex<Sum>,
}

impl Store {
    /// Opens the state in `dir` (`DATA/state`), or begins it anew if what is there can't be trusted:
    /// see [`Opening`], which this begins and finishes. `on_record` tells whether the record has the
    /// mark's link hash at its size.
    ///
    /// # Errors
    /// As [`Opening::begin`] and [`Opening::finish`].
    pub fn open(
        dir: &Path,
        options: &Options,
        on_record: impl FnMut(&Mark) -> bool,
    ) -> Result<(Self, Report), StateError> {
        Opening::begin(dir, options)?.finish(on_record)
    }

    pub(crate) fn new(
        engine: Engine,
        root: &Path,
        options: &Options,
        covers: Option<(Mark, Sum)>,
    ) -> Self {
        Self {
            engine,
            root: root.to_path_buf(),
            ledger: options.ledger,
            schema: options.schema,
            limit: options.open_limit,
            room_bytes: options.room_bytes,
            cramped: AtomicBool::new(false),
            mark: RwLock::new(covers.map(|(mark, _)| mark)),
            sum: Mutex::new(covers.map(|(_, sum)| sum).unwrap_or_default()),
        }
    }

    /// Sees to it that the disk has room for what the state grows by: to be called now and then.
    pub fn keep_room(&self) {
        if self.room_bytes == 0 {
            return;
        }
        let kept = room::keep(&place::sled_lock(self.engine.dir()), self.room_bytes);
        let cramped = self.cramped.swap(kept.is_err(), Ordering::Relaxed);
        if let Err(error) = kept
            && !cramped
        {
            tracing::warn!(%error, "the disk has no room to keep for the state");
        }
    }

    /// How far it has followed the record; `None` before the first event.
    #[must_use]
    pub fn mark(&self) -> Option<Mark> {
        *self.mark.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes changes, and marks how many events they complete. Later changes to the same key count.
    ///
    /// Up to [`BATCH_ENTRIES_MAX`] entries, and 256 KiB, are written in one batch with the mark: after
    /// a crash all of it is there or nothing. Larger ones are split, and mark and sum stand in the
    /// last part only. To go on from a store that was left in between would be wrong: a change is
    /// folded from the entry before it, so that an event applied again to entries that have it
    /// already gives something else. But there the entries have another sum than the one beside the
    /// mark, so the store is set aside and rebuilt. Better call this once for some hundred entries,
    /// at the boundary of an event.
    ///
    /// # Errors
    /// [`StateError::Key`], [`StateError::Value`], [`StateError::ForeignMark`],
    /// [`StateError::MarkBehind`]: nothing was changed. [`StateError::Damaged`].
    pub fn apply(&self, changes: &[Change], mark: &Mark) -> Result<(), StateError> {
        for (key, value) in changes {
            check_key(key)?;
            check_value(value.as_deref())?;
        }
        if mark.ledger != self.ledger || mark.schema != self.schema {
            return Err(StateError::ForeignMark);
        }
        let mut sum = self.lock();
        if let Some(have) = self.mark().map(|mark| mark.size).filter(|have| mark.size < *have) {
            return Err(StateError::MarkBehind { have, given: mark.size });
        }
        let changes: Changes<'_> =
            changes.iter().map(|(key, value)| (key.as_slice(), value.as_deref())).collect();
        *sum = write(&self.engine, &changes, *sum, mark)?;
        *self.mark.write().unwrap_or_else(PoisonError::into_inner) = Some(*mark);
        Ok(())
    }

    /// The value of a key.
    ///
    /// # Errors
    /// [`StateError::Damaged`].
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        if check_key(key).is_err() {
            return Ok(None);
        }
        let value = self.engine.call("read an entry", |db| db.get(key))?;
        Ok(value.map(|value| value.to_vec()))
    }

    /// The entries whose keys begin with `prefix`, in order; those after the key `after` only, where
    /// given. What is applied meanwhile may be seen or not.
    #[must_use]
    pub fn scan(&self, prefix: &[u8], after: Option<&[u8]>) -> Scan<'_> {
        // The store's own entries come before every key.
        let first = if prefix.is_empty() { &[1][..] } else { prefix };
        let start = match after {
            Some(after) if after >= first => Bound::Excluded(after.to_vec()),
            _ => Bound::Included(first.to_vec()),
        };
        Scan { store: self, place: Place::Before(start), prefix: prefix.to_vec() }
    }

    /// The digest of the entries whose keys begin with `prefix`, under their full keys
    /// (proto/README.md, Digest of a projection). Changes wait for it.
    ///
    /// # Errors
    /// [`StateError::NothingApplied`], [`StateError::Damaged`].
    pub fn digest(&self, name: &str, prefix: &[u8]) -> Result<Digest, StateError> {
        let _unchanged = self.lock();
        let last = self.mark().and_then(|mark| mark.size.0.checked_sub(1));
        let last = last.ok_or(StateError::NothingApplied)?;
        let mut hasher = Hasher::new(Purpose::Projection);
        hasher.update_prefixed(name.as_bytes()).update(&last.to_be_bytes());
        for entry in self.scan(prefix, None) {
            let (key, value) = entry?;
            hasher.update_prefixed(&key).update_prefixed(&value);
        }
        Ok(hasher.finish())
    }

    /// Writes everything to one synced file, from which the state can be begun anew, and removes
    /// older ones than the last two. Changes wait for it.
    ///
    /// # Errors
    /// [`StateError::NothingApplied`], [`StateError::Damaged`], [`StateError::Io`].
    pub fn snapshot(&self) -> Result<PathBuf, StateError> {
        let _unchanged = self.lock();
        let mark = self.mark().ok_or(StateError::NothingApplied)?;
        snapshot::write(&self.root, &mark, self.scan(&[], None))
    }

    /// How many events the newest snapshot covers; zero where there is none.
    #[must_use]
    pub fn snapshot_size(&self) -> Sequence {
        let place = place::Place::look(&self.root);
        let sizes = place.map(|place| place.snapshot_sizes(&self.ledger)).unwrap_or_default();
        sizes.into_iter().max().unwrap_or_default()
    }

    /// Stops in order: everything is synced, and the next opening trusts it.
    ///
    /// # Errors
    /// [`StateError::Damaged`], [`StateError::Hung`], [`StateError::InUse`], [`StateError::Io`]: the
    /// next opening finds it as after a crash.
    pub fn close(self) -> Result<(), StateError> {
        let mark = self.mark();
        self.engine.stop(mark.as_ref(), self.limit)
    }

    fn lock(&self) -> MutexGuard<'_, Sum> {
        self.sum.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }
}

fn check_key(key: &[u8]) -> Result<(), StateError> {
    match key.first() {
        Some(1..) if key.len() <= KEY_BYTES_MAX => Ok(()),
        first => Err(StateError::Key { length: key.len(), first: first.copied() }),
    }
}

fn check_value(value: Option<&[u8]>) -> Result<(), StateError> {
    match value.map_or(0, <[u8]>::len) {
        length if length > VALUE_BYTES_MAX => Err(StateError::Value { length }),
        _ => Ok(()),
    }
}

/// Writes changes and the mark, in as many batches as they need; returns the sum of all entries.
fn write(engine: &Engine, changes: &Changes<'_>, sum: Sum, mark: &Mark) -> Result<Sum, StateError> {
    let mut writer = Writer::new(engine, sum);
    for (key, value) in changes {
        let before = engine.call("read an entry", |db| db.get(key))?;
        // What was made and taken away again meanwhile was never there.
        if before.as_deref() != *value {
            writer.put(key, before.as_deref(), *value)?;
        }
    }
    writer.finish(mark)
}

/// Writes entries in batches of bounded size, the mark and the sum with the last.
pub(crate) struct Writer<'a> {
    engine: &'a Engine,
    sum: Sum,
    batch: sled::Batch,
    entries: usize,
    bytes: usize,
}

impl<'a> Writer<'a> {
    /// For entries whose sum was `sum`.
    pub(crate) fn new(engine: &'a Engine, sum: Sum) -> Self {
        let batch = sled::Batch::default();
        Self { engine, sum, batch, entries: 0, bytes: 0 }
    }

    /// Gives a key, whose value was `before`, another. Each key once.
    pub(crate) fn put(
        &mut self,
        key: &[u8],
        before: Option<&[u8]>,
        value: Option<&[u8]>,
    ) -> Result<(), StateError> {
        let bytes = key.len() + value.map_or(0, <[u8]>::len);
        let full = self.entries >= BATCH_ENTRIES_MAX || self.bytes + bytes > BATCH_BYTES_MAX;
        if full && self.entries > 0 {
            // CRASH: from here until `finish` the entries are ahead of the mark, which their sum tells.
            self.flush()?;
        }
        if let Some(before) = before {
            self.sum.subtract(key, before);
        }
        match value {
            Some(value) => {
                self.sum.add(key, value);
                self.batch.insert(key, value);
            }
            None => self.batch.remove(key),
        }
        self.entries += 1;
        self.bytes += bytes;
        Ok(())
    }

    /// Writes what is left, and what it all covers; returns the sum of all entries.
    pub(crate) fn finish(mut self, mark: &Mark) -> Result<Sum, StateError> {
        // CRASH: entries and mark are in one batch, which sled recovers as a whole or not at all.
        self.batch.insert(MARK, [mark.to_bytes().as_slice(), &self.sum.to_bytes()].concat());
        self.flush()?;
        Ok(self.sum)
    }

    fn flush(&mut self) -> Result<(), StateError> {
        let batch = std::mem::take(&mut self.batch);
        (self.entries, self.bytes) = (0, 0);
        self.engine.call("write entries", |db| db.apply_batch(batch))
    }
}

/// Entries in order; see [`Store::scan`]. Ends after an error.
pub struct Scan<'a> {
    store: &'a Store,
    place: Place,
    prefix: Vec<u8>,
}

enum Place {
    Before(Bound<Vec<u8>>),
    Within(Box<sled::Iter>),
    Ended,
}

impl Iterator for Scan<'_> {
    type Item = Result<(Vec<u8>, Vec<u8>), StateError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut iter = match std::mem::replace(&mut self.place, Place::Ended) {
            Place::Ended => return None,
            Place::Within(iter) => iter,
            Place::Before(start) => {
                let end = Bound::<Vec<u8>>::Unbounded;
                match self.store.engine.call("read entries", |db| Ok(db.range((start, end)))) {
                    Ok(iter) => Box::new(iter),
                    Err(error) => return Some(Err(error)),
                }
            }
        };
        match self.store.engine.call("read entries", |_| iter.next().transpose()) {
            Ok(Some((key, value))) if key.starts_with(&self.prefix) => {
                self.place = Place::Within(iter);
                Some(Ok((key.to_vec(), value.to_vec())))
            }
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

//! For this crate's tests: data directories whose record is a map of files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use letopis_types::{LedgerId, Sequence};

use crate::disk::trace::{self, SmallDisk};
use crate::scan::Scanner;
use crate::testing::events;
use crate::{
    DataDir, DataDirError, Fault, Journal, OpenError, Opened, Options, Record, StoredEvent,
};

pub(crate) const LEDGER: LedgerId = LedgerId([0x5a; 32]);

/// Small segments with little space written ahead, so that every case comes soon.
pub(crate) const SMALL: Options = Options { segment_bytes: 1_800, preallocate_bytes: 600 };

/// A record's files by name.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// A data directory of a test.
#[derive(Debug)]
pub(crate) struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    /// A new one, with an empty record. In memory where that is possible: crashes are made by
    /// hand here.
    pub(crate) fn new() -> Self {
        let place = Self::vacant();
        drop(Journal::create(&place.data(), SMALL).unwrap());
        place
    }

    /// One whose record is these files.
    pub(crate) fn of(files: &Files) -> Self {
        let place = Self::vacant();
        fs::create_dir(place.record()).unwrap();
        for (name, bytes) in files {
            place.put(name, bytes);
        }
        place
    }

    /// Puts a file there, instead of one of that name.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.record().join(name), bytes).unwrap();
    }

    fn vacant() -> Self {
        let memory = Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let place = Self { dir: dir.unwrap() };
        drop(DataDir::create(place.dir.path(), LEDGER).unwrap());
        place
    }

    pub(crate) fn root(&self) -> &Path {
        self.dir.path()
    }

    /// Waits a moment where it is in use: a process that another test starts has a copy of each lock, also
    /// of one that was let go of here, between fork and exec.
    pub(crate) fn data(&self) -> DataDir {
        for _ in 0..100 {
            match DataDir::open(self.root()) {
                Err(DataDirError::InUse { .. }) => thread::sleep(Duration::from_millis(10)),
                opened => return opened.unwrap(),
            }
        }
        DataDir::open(self.root()).unwrap()
    }

    pub(crate) fn record(&self) -> PathBuf {
        self.root().join("record")
    }

    pub(crate) fn files(&self) -> Files {
        let read = |entry: fs::DirEntry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        };
        fs::read_dir(self.record()).unwrap().map(|entry| read(entry.unwrap())).collect()
    }

    pub(crate) fn open(&self, known: u64) -> Result<(Journal, Opened), OpenError> {
        Journal::open(&self.data(), SMALL, Sequence(known))
    }

    /// Lets the record lie on a disk on which so many bytes are free, for this thread. Of what a
    /// file gives back, others take so many in a hundred.
    pub(crate) fn on_small_disk(&self, free: u64, taken: u64) -> OnSmallDisk {
        let used: u64 = self.files().values().map(|bytes| bytes.len() as u64).sum();
        trace::set_disk(Some(SmallDisk { dir: self.record(), bytes: used + free, taken }));
        OnSmallDisk
    }

    /// Scans the whole: the events of the frames that check, and every fault.
    pub(crate) fn scan(&self) -> (Vec<StoredEvent>, Vec<Fault>) {
        let (mut events, mut faults) = (Vec::new(), Vec::new());
        for frame in Scanner::open(&self.record(), LEDGER).unwrap() {
            match frame.and_then(|raw| raw.decode()) {
                Ok(frame) => events.extend(frame.events.into_iter().map(|event| event.event)),
                Err(fault) => faults.push(fault),
            }
        }
        (events, faults)
    }
}

/// For as long as this is there, the thread's files lie on a small disk.
pub(crate) struct OnSmallDisk;

impl Drop for OnSmallDisk {
    fn drop(&mut self) {
        trace::set_disk(None);
    }
}

/// Appends a group of events of these lengths.
pub(crate) fn append(journal: &Journal, lengths: &[usize]) -> Vec<StoredEvent> {
    let group = events(&journal.tip(), lengths);
    journal.append(&group).unwrap();
    group
}

pub(crate) fn read_all(journal: &Journal) -> Vec<StoredEvent> {
    journal.read(Sequence::ZERO, usize::MAX, usize::MAX).unwrap()
}

/// A record with two closed segments and a last one of three frames with zeros after them, as it
/// lies there after an orderly or an abrupt stop; and its events.
pub(crate) fn example(clean: bool) -> (Files, Vec<StoredEvent>) {
    let place = Place::new();
    let (journal, _) = place.open(0).unwrap();
    let mut events = Vec::new();
    let groups: [&[usize]; 7] = [&[9], &[80, 0], &[40], &[70, 20], &[60], &[5, 33], &[20]];
    for lengths in groups {
        events.extend(append(&journal, lengths));
    }
    if clean {
        journal.close().unwrap();
    }
    drop(journal);
    let files = place.files();
    let names: Vec<_> = files.keys().filter(|name| name.ends_with(".segment")).cloned().collect();
    assert_eq!(names.len(), 3);
    assert!(files[&names[2]].ends_with(&[0; 100]));
    (files, events)
}

/// The offsets of the frames in a segment's bytes.
pub(crate) fn frames(segment: &[u8]) -> Vec<usize> {
    let magic = crate::frame::FRAME_MAGIC;
    let is_frame = |at: &usize| segment[*at..].starts_with(&magic);
    (0..segment.len()).filter(is_frame).collect()
}

/// Where the last frame ends in a segment's bytes.
pub(crate) fn end(segment: &[u8]) -> usize {
    let last = *frames(segment).last().unwrap();
    let header = crate::frame::FrameHeader::from_bytes(&segment[last..]).unwrap();
    last + header.frame_len() as usize
}

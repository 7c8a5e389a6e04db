//! Crashes, as disks may be found after them: what was synced is there; of what was not, any
//! sectors of a file, and any number of the changes to names, in their order.

use std::collections::BTreeMap;

use super::*;
use crate::disk::trace::{self, Change, Failure, FileId};
use crate::fixture::{Files, end, example};
use crate::names::TEMPORARY;

/// Written whole or not at all, in bytes.
const SECTOR: u64 = 512;

#[derive(Debug, Clone)]
enum Content {
    Write(u64, Vec<u8>),
    SetLen(u64),
}

#[derive(Debug, Clone, Default)]
struct Inode {
    durable: Vec<u8>,
    pending: Vec<Content>,
}

#[derive(Debug, Clone)]
enum Naming {
    Link(String, usize),
    Rename(String, String),
    Unlink(String),
}

/// A directory on a disk, with what is durable and what is not yet.
#[derive(Debug, Clone)]
pub(super) struct Disk {
    dir: PathBuf,
    inodes: Vec<Inode>,
    by_id: BTreeMap<FileId, usize>,
    names: BTreeMap<String, usize>,
    pending: Vec<Naming>,
}

/// What of the pending changes is found after a crash.
#[derive(Debug, Clone, Copy)]
pub(super) enum Luck {
    All,
    None,
    Some(u64),
}

impl Luck {
    /// Whether the next one is found.
    fn next(&mut self) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Some(state) => {
                *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (*state >> 40).is_multiple_of(2)
            }
        }
    }
}

impl Content {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::SetLen(len) => bytes.resize(*len as usize, 0),
            Self::Write(offset, written) => {
                let (from, to) = (*offset as usize, *offset as usize + written.len());
                bytes.resize(bytes.len().max(to), 0);
                bytes[from..to].copy_from_slice(written);
            }
        }
    }

    /// As separate changes of which each is made or not.
    fn sectors(&self) -> Vec<Self> {
        let Self::Write(offset, bytes) = self else { return vec![self.clone()] };
        let (mut offset, mut left, mut sectors) = (*offset, &bytes[..], Vec::new());
        while !left.is_empty() {
            let until = (SECTOR - offset % SECTOR).min(left.len() as u64);
            let (now, later) = left.split_at(until as usize);
            sectors.push(Self::Write(offset, now.to_vec()));
            (offset, left) = (offset + until, later);
        }
        sectors
    }
}

impl Naming {
    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Link(name, inode) => {
                names.insert(name.clone(), *inode);
            }
            Self::Rename(from, to) => {
                let inode = names.remove(from).unwrap();
                names.insert(to.clone(), inode);
            }
            Self::Unlink(name) => {
                names.remove(name);
            }
        }
    }
}

impl Disk {
    /// With these files, all durable. Their inodes are those of the files in `place`.
    pub(super) fn of(place: &Place) -> Self {
        use std::os::unix::fs::MetadataExt;
        let mut disk = Self {
            dir: place.record(),
            inodes: Vec::new(),
            by_id: BTreeMap::new(),
            names: BTreeMap::new(),
            pending: Vec::new(),
        };
        for (name, bytes) in place.files() {
            let id = fs::metadata(place.record().join(&name)).unwrap().ino();
            disk.by_id.insert(id, disk.inodes.len());
            disk.names.insert(name, disk.inodes.len());
            disk.inodes.push(Inode { durable: bytes, pending: Vec::new() });
        }
        disk
    }

    fn inode(&mut self, id: FileId) -> &mut Inode {
        &mut self.inodes[self.by_id[&id]]
    }

    pub(super) fn apply(&mut self, change: &Change) {
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        match change {
            Change::Create { path, file } => {
                self.by_id.insert(file.unwrap(), self.inodes.len());
                self.pending.push(Naming::Link(name(path), self.inodes.len()));
                self.inodes.push(Inode::default());
            }
            Change::Write { file, offset, bytes } => {
                self.inode(*file).pending.push(Content::Write(*offset, bytes.clone()));
            }
            Change::SetLen { file, len } => {
                self.inode(*file).pending.push(Content::SetLen(*len));
            }
            Change::Sync { file } => {
                let inode = self.inode(*file);
                for content in std::mem::take(&mut inode.pending) {
                    content.apply(&mut inode.durable);
                }
            }
            Change::Rename { from, to } => {
                self.pending.push(Naming::Rename(name(from), name(to)));
            }
            Change::Remove { path } => self.pending.push(Naming::Unlink(name(path))),
            Change::SyncDir { dir } if *dir != self.dir => {}
            Change::SyncDir { .. } => {
                for naming in std::mem::take(&mut self.pending) {
                    naming.apply(&mut self.names);
                }
            }
        }
    }

    /// What is found after a crash now.
    pub(super) fn crash(&self, mut luck: Luck) -> Files {
        let mut names = self.names.clone();
        for naming in &self.pending {
            if !luck.next() {
                break;
            }
            naming.apply(&mut names);
        }
        let mut found = |inode: &Inode| {
            let mut bytes = inode.durable.clone();
            for content in inode.pending.iter().flat_map(Content::sectors) {
                if luck.next() {
                    content.apply(&mut bytes);
                }
            }
            bytes
        };
        names.into_iter().map(|(name, inode)| (name, found(&self.inodes[inode]))).collect()
    }
}

/// How many events were durable for whoever asked, after so many changes.
type Promises = Vec<(usize, usize)>;

/// Writes a record with everything that there is to write, noting each change.
fn write_all_sorts(place: &Place) -> (Vec<Change>, Promises, Vec<StoredEvent>) {
    let (mut events, mut promises) = (Vec::new(), vec![(0, 0)]);
    trace::begin(None);
    for round in 0..4_usize {
        let (journal, opened) = place.open(events.len() as u64).unwrap();
        assert_eq!(opened.torn, None);
        for group in 0..5_usize {
            let lengths = vec![40 + 300 * ((round + group) % 3); 1 + (round * 5 + group) % 3];
            events.extend(append(&journal, &lengths));
            promises.push((trace::len(), events.len()));
        }
        journal.write_head(&format!("invented head {round}")).unwrap();
        if round % 2 == 0 {
            journal.close().unwrap();
        }
    }
    (trace::end(), promises, events)
}

/// Each crash point, and what may be found there: at least what was promised, whole groups, and
/// nothing else.
#[test]
fn whatever_a_crash_leaves_is_put_in_order() {
    let place = Place::new();
    let mut disk = Disk::of(&place);
    let (changes, promises, events) = write_all_sorts(&place);
    assert!(changes.iter().filter(|change| matches!(change, Change::Rename { .. })).count() > 15);
    let (mut torn, mut footers, mut unfinished) = (0, 0, 0);
    for at in 0..=changes.len() {
        let promised = promises.iter().rfind(|(after, _)| *after <= at).unwrap().1;
        let begun = promises.iter().find(|(after, _)| *after > at).map_or(events.len(), |p| p.1);
        for luck in [Luck::All, Luck::None].into_iter().chain((0..5).map(Luck::Some)) {
            let files = disk.crash(luck);
            unfinished += files.keys().filter(|name| name.ends_with(TEMPORARY)).count();
            let place = Place::of(&files);
            let footer_at_end =
                place.scan().1.first().is_some_and(|fault| fault.what == What::FooterAtEnd);
            footers += usize::from(footer_at_end);
            let (journal, opened) = place
                .open(promised as u64)
                .unwrap_or_else(|error| panic!("change {at}, {luck:?}: {error}"));
            let found = read_all(&journal);
            assert!(found.len() == promised || found.len() == begun, "change {at}, {luck:?}");
            assert_eq!(found, events[..found.len()]);
            let mut expected = found;
            expected.extend(append(&journal, &[70, 80]));
            drop(journal);
            let (scanned, faults) = place.scan();
            assert_eq!(scanned, expected);
            let kinds: Vec<_> = faults.iter().map(|fault| &fault.what).collect();
            match opened.torn {
                None => assert!(kinds.is_empty(), "change {at}, {luck:?}: {kinds:?}"),
                Some(_) => assert_eq!(kinds, [&What::TornTail]),
            }
            torn += usize::from(opened.torn.is_some());
        }
        if let Some(change) = changes.get(at) {
            disk.apply(change);
        }
    }
    // The cases that this is about came up.
    assert!(torn > 20 && footers > 5 && unfinished > 20, "{torn} {footers} {unfinished}");
}

/// The same on a full disk, while the reserve gives what is written, and is filled up again.
#[test]
fn a_crash_on_a_full_disk_loses_nothing_either() {
    const KIB: u64 = 1 << 10;
    let place = Place::new();
    let mut disk = Disk::of(&place);
    let small = place.on_small_disk(260 * KIB, 10);
    let (mut events, mut promises) = (Vec::new(), vec![(0, 0)]);
    trace::begin(None);
    for round in 0..3 {
        let (journal, _) = place.open(events.len() as u64).unwrap();
        journal.keep_reserve(Reserve {
            in_flight_bytes: 20 * KIB,
            in_flight_reserved_bytes: 10 * KIB,
            bytes: 220 * KIB,
        });
        while journal.space() == Space::Plenty {
            events.extend(append(&journal, &[6_000]));
            promises.push((trace::len(), events.len()));
        }
        for _ in 0..4 {
            assert_eq!(journal.space(), Space::Reserved);
            events.extend(append(&journal, &[9_000, 10]));
            promises.push((trace::len(), events.len()));
            journal.write_head(&format!("invented head {round}")).unwrap();
        }
        trace::free(260 * KIB);
        assert_eq!(journal.restore_space(), Space::Plenty);
        if round == 1 {
            journal.close().unwrap();
        }
    }
    let changes = trace::end();
    drop(small);
    let given = changes.iter().filter(|change| matches!(change, Change::SetLen { .. })).count();
    assert!(given > 6, "{given}");
    for at in 0..=changes.len() {
        let promised = promises.iter().rfind(|(after, _)| *after <= at).unwrap().1;
        let plain = if at % 2 == 0 { Luck::All } else { Luck::None };
        for luck in [plain, Luck::Some(at as u64)] {
            let place = Place::of(&disk.crash(luck));
            let (journal, _) = place.open(promised as u64).unwrap();
            let found = read_all(&journal);
            assert!(found.len() >= promised && events.starts_with(&found), "change {at}, {luck:?}");
            append(&journal, &[70, 80]);
        }
        if let Some(change) = changes.get(at) {
            disk.apply(change);
        }
    }
}

/// After a failed sync the system reads back what is not on the disk, and believes it written.
/// What opening serves then has to be there after a crash all the same.
#[test]
fn what_a_failed_sync_left_is_written_again() {
    let run = |failure: Option<Failure>| {
        let place = Place::new();
        let disk = Disk::of(&place);
        trace::begin(failure);
        let (journal, _) = place.open(0).unwrap();
        let from = trace::len();
        for round in 0..8_usize {
            let group = events(&journal.tip(), &vec![300; 1 + round % 3]);
            if journal.append(&group).is_err() {
                break;
            }
        }
        let appending = from..trace::len();
        drop(journal);
        let served = place.open(0).map(|(journal, _)| read_all(&journal)).unwrap();
        (disk, trace::end(), appending, served)
    };
    let (_, undisturbed, appending, _) = run(None);
    let syncs = |at: &usize| matches!(undisturbed[*at], Change::Sync { .. });
    let mut failures = 0;
    for at in appending.filter(syncs) {
        let failure = Failure { at, times: 1, kind: io::ErrorKind::Other };
        let (mut disk, changes, _, served) = run(Some(failure));
        for (index, change) in changes.iter().enumerate() {
            match change {
                // Thrown away, and no later sync will say so.
                Change::Sync { file } if index == at => disk.inode(*file).pending.clear(),
                change => disk.apply(change),
            }
        }
        failures += usize::from(!served.is_empty());
        let place = Place::of(&disk.crash(Luck::None));
        assert_eq!(read_all(&place.open(served.len() as u64).unwrap().0), served, "change {at}");
    }
    assert!(failures > 5);
}

/// A crash while opening puts in order what an earlier one left.
#[test]
fn opening_can_be_cut_short_anywhere() {
    let (mut files, events) = example(false);
    let name = files.keys().rfind(|name| name.ends_with(".segment")).unwrap().clone();
    let segment = files.get_mut(&name).unwrap();
    let last = end(segment);
    segment.truncate(last);
    segment.extend_from_slice(b"LTPFRM1\nthe invented beginning of a group");
    let tail = segment[last..].to_vec();
    files.insert("head.tmp".into(), b"inv".to_vec());
    let place = Place::of(&files);
    let mut disk = Disk::of(&place);
    trace::begin(None);
    assert!(place.open(0).unwrap().1.torn.is_some());
    let changes = trace::end();
    assert!(changes.len() > 8);
    let kept = names::torn(Sequence(events.len() as u64));
    for change in &changes {
        disk.apply(change);
        for luck in [Luck::All, Luck::None].into_iter().chain((0..20).map(Luck::Some)) {
            let place = Place::of(&disk.crash(luck));
            let (journal, _) = place.open(events.len() as u64).unwrap();
            assert_eq!(read_all(&journal), events);
            assert_eq!(place.files()[&kept], tail);
            drop(journal);
            assert_eq!(place.scan().1.len(), 1);
        }
    }
}

/// A crash while a record is begun leaves one, or none, and then it can be begun again.
#[test]
fn beginning_a_record_can_be_cut_short_anywhere() {
    let place = Place::of(&Files::new());
    let mut disk = Disk::of(&place);
    trace::begin(None);
    drop(Journal::create(&place.data(), SMALL).unwrap());
    for change in trace::end() {
        for luck in [Luck::All, Luck::None].into_iter().chain((0..5).map(Luck::Some)) {
            let place = Place::of(&disk.crash(luck));
            let begun = Journal::create(&place.data(), SMALL);
            match begun {
                Ok(journal) => {
                    append(&journal, &[10]);
                }
                Err(OpenError::Exists { .. }) => {
                    append(&place.open(0).unwrap().0, &[10]);
                }
                Err(other) => panic!("{other}"),
            }
            assert_eq!(place.scan().1, []);
        }
        disk.apply(&change);
    }
}

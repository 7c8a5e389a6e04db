//! The journal on a disk that fills up for real: a small tmpfs, of which other files take the rest.
//!
//! What was admitted while there was space is written; readings go on until the reserve is used
//! up; the record is opened, and compacted, on the full disk; and once other files are removed,
//! everything goes on. The test runs itself again in a mount namespace of its own, so that nobody
//! else sees the disk; where the system does not allow that, it says that it left this out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

use std::collections::VecDeque;
use std::path::Path;

use letopis_record::scan::Scanner;
use letopis_record::{
    DataDir, Journal, Options, Record, Reserve, Space, StoredEvent, Tip, compact, testing,
};
use letopis_tests::small_disk::{self, Others};
use letopis_types::{LedgerId, Sequence};

const LEDGER: LedgerId = LedgerId([0x2b; 32]);
const MIB: u64 = 1 << 20;
const OPTIONS: Options = Options { segment_bytes: 4 * MIB, preallocate_bytes: MIB };
const RESERVE: Reserve =
    Reserve { in_flight_bytes: 9 * MIB, in_flight_reserved_bytes: MIB, bytes: 6 * MIB };
/// Statements of an ordinary group, at most: three groups are in flight.
const GROUP_BYTES: usize = 2_500_000;
const READING_BYTES: usize = 2_000;

#[test]
fn a_full_disk_stops_nothing_that_was_admitted() {
    small_disk::with("a_full_disk_stops_nothing_that_was_admitted", 64, on_small_disk);
}

/// Three groups are admitted and not yet written, as in the ledger.
struct Pipeline<'a> {
    journal: &'a Journal,
    tip: Tip,
    in_flight: VecDeque<Vec<StoredEvent>>,
    written: u64,
}

impl<'a> Pipeline<'a> {
    fn new(journal: &'a Journal) -> Self {
        Self { journal, tip: journal.tip(), in_flight: VecDeque::new(), written: 0 }
    }

    fn admit(&mut self, bytes: usize) {
        let group = testing::events(&self.tip, &[bytes / 5; 5]);
        self.tip = group.iter().fold(self.tip, |tip, event| tip.after(&event.link).unwrap());
        self.in_flight.push_back(group);
        if self.in_flight.len() == 3 {
            self.write();
        }
    }

    fn write(&mut self) {
        if let Some(group) = self.in_flight.pop_front() {
            self.journal.append(&group).expect("it was admitted");
            self.written += 1;
            if self.written.is_multiple_of(10) {
                self.journal.write_head(&format!("head {}\n", self.written)).unwrap();
            }
        }
    }

    /// Admits ordinary groups for as long as there is plenty of space. How many.
    fn ordinary(&mut self) -> usize {
        let sizes = [GROUP_BYTES, 70_000, 1_300_000, GROUP_BYTES, 400];
        let admitted = (0..).take_while(|round| {
            let plenty = self.journal.space() == Space::Plenty;
            if plenty {
                self.admit(sizes[round % sizes.len()]);
            }
            plenty
        });
        admitted.count()
    }

    /// Admits readings until there were so many, or nothing may be admitted. How many.
    fn readings(&mut self, most: usize, others: &Others) -> usize {
        let admitted = (0..most).take_while(|round| {
            let space = self.journal.space();
            if space == Space::Reserved {
                self.admit(READING_BYTES);
                if round % 20 == 0 {
                    // Whatever is free for a moment, others take.
                    others.take(4096);
                    assert_eq!(self.journal.restore_space(), self.journal.space());
                }
            }
            assert_ne!(space, Space::Plenty);
            space == Space::Reserved
        });
        admitted.count()
    }

    fn finish(mut self) {
        while !self.in_flight.is_empty() {
            self.write();
        }
    }
}

fn open(disk: &Path) -> Journal {
    let data = DataDir::open(&disk.join("data")).unwrap();
    let journal = Journal::open(&data, OPTIONS, Sequence::ZERO).unwrap().0;
    journal.keep_reserve(RESERVE);
    journal
}

/// Everything is there and right; how many events.
fn scanned(disk: &Path) -> u64 {
    let mut tip = Tip::EMPTY;
    for frame in Scanner::open(&disk.join("data").join("record"), LEDGER).unwrap() {
        for located in frame.unwrap().decode().unwrap().events {
            tip = tip.after(&located.event.link).unwrap();
        }
    }
    tip.size.0
}

fn on_small_disk(disk: &Path) {
    let others = Others::on(disk);
    let root = disk.join("data");
    drop(Journal::create(&DataDir::create(&root, LEDGER).unwrap(), OPTIONS).unwrap());
    let journal = open(disk);
    assert_eq!(journal.space(), Space::Plenty);
    // Some 10 MiB are left.
    others.take(40 << 20);

    let mut pipeline = Pipeline::new(&journal);
    let ordinary = pipeline.ordinary();
    let mut readings = pipeline.readings(100, &others);
    assert_eq!(readings, 100);
    pipeline.finish();
    let size = journal.tip().size.0;
    // As after a crash: the last segment is copied.
    drop(journal);
    assert_eq!(scanned(disk), size);

    let journal = open(disk);
    assert_eq!(journal.space(), Space::Reserved);
    let mut pipeline = Pipeline::new(&journal);
    readings += pipeline.readings(usize::MAX, &others);
    pipeline.finish();
    assert_eq!(journal.space(), Space::Gone);
    journal.close().unwrap();
    let size = journal.tip().size.0;
    drop(journal);
    assert_eq!(scanned(disk), size);
    assert!(readings > 500, "{readings}");

    // Not enough for plenty, but for a segment beside the one that it replaces.
    others.give_back(6 << 20);
    let report = compact(&DataDir::open(&root).unwrap(), &|_, index| index == 0).unwrap();
    assert!(report.rewritten > 0 && report.bytes > 0, "{report:?}");
    assert_eq!(scanned(disk), size);

    let journal = open(disk);
    assert_eq!(journal.space(), Space::Reserved);
    others.give_back(30 << 20);
    assert_eq!(journal.restore_space(), Space::Plenty);
    let mut pipeline = Pipeline::new(&journal);
    let again = pipeline.ordinary();
    assert!(again > ordinary);
    pipeline.finish();
    let size = journal.tip().size.0;
    journal.close().unwrap();
    drop(journal);
    assert_eq!(scanned(disk), size);
    println!(
        "full disk: {ordinary} ordinary groups until it was full, then {readings} readings; \
         {} KiB by compaction; {again} more groups once others gave their room back",
        report.bytes >> 10
    );
}

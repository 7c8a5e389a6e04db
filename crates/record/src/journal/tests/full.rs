//! A disk that is full: what was admitted is written, readings and erasures go on for as long as
//! the reserve lasts, and when there is room again everything does.

use std::collections::VecDeque;
use std::os::unix::fs::MetadataExt;

use super::*;
use crate::disk::trace;
use crate::fixture::OnSmallDisk;

const KIB: u64 = 1 << 10;
const OPTIONS: Options = Options { segment_bytes: 300 * KIB, preallocate_bytes: 32 * KIB };
const RESERVE: Reserve =
    Reserve { in_flight_bytes: 360 * KIB, in_flight_reserved_bytes: 160 * KIB, bytes: 640 * KIB };
/// What fits into a reserve.
const FULL: u64 = 1_000 * KIB;
/// A group has at most so many bytes, and three are in flight.
const GROUP: usize = 110_000;

fn open(place: &Place) -> Journal {
    let journal = Journal::open(&place.data(), OPTIONS, Sequence::ZERO).unwrap().0;
    journal.keep_reserve(RESERVE);
    journal
}

fn reserve_len(place: &Place) -> u64 {
    fs::metadata(place.record().join(names::RESERVE)).unwrap().len()
}

/// A pipeline as the ledger has it: up to three groups are admitted, and not yet written.
struct Pipeline<'a> {
    journal: &'a Journal,
    tip: Tip,
    in_flight: VecDeque<Vec<StoredEvent>>,
    written: Vec<StoredEvent>,
}

impl<'a> Pipeline<'a> {
    fn new(journal: &'a Journal) -> Self {
        let written = read_all(journal);
        Self { journal, tip: journal.tip(), in_flight: VecDeque::new(), written }
    }

    /// Admits a group of so many bytes, about; once there are three, the first is written.
    fn admit(&mut self, bytes: usize) {
        let group = events(&self.tip, &[bytes / 4; 3]);
        assert!(frame::body_len(&group).unwrap() as usize <= GROUP);
        self.tip = group.iter().fold(self.tip, |tip, event| tip.after(&event.link).unwrap());
        self.in_flight.push_back(group);
        if self.in_flight.len() == 3 {
            self.write();
        }
    }

    fn write(&mut self) {
        if let Some(group) = self.in_flight.pop_front() {
            self.journal.append(&group).unwrap();
            self.written.extend(group);
            if self.written.len().is_multiple_of(5) {
                self.journal.write_head(&format!("head {}\n", self.written.len())).unwrap();
            }
        }
    }

    fn finish(mut self) -> Vec<StoredEvent> {
        while !self.in_flight.is_empty() {
            self.write();
        }
        self.written
    }
}

/// Admits what may be admitted until nothing may: ordinary groups of these sizes, by turns, then
/// readings. How many bytes of readings there were.
fn fill_up(pipeline: &mut Pipeline<'_>, sizes: &[usize]) -> usize {
    let mut readings = 0;
    for round in 0..100_000 {
        match pipeline.journal.space() {
            Space::Plenty => {
                assert_eq!(readings, 0);
                pipeline.admit(sizes[round % sizes.len()]);
            }
            Space::Reserved => {
                readings += 2_000;
                pipeline.admit(2_000);
            }
            Space::Gone => return readings,
        }
    }
    panic!("the disk is never full");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is in flight when the disk is found full, and though others take some of what the
    /// reserve gives back: nothing that was admitted fails, readings go on for a while, and with
    /// room again everything does.
    #[test]
    fn what_was_admitted_is_written(
        sizes in prop::collection::vec(0_usize..GROUP, 1..6),
        free in FULL + 100 * KIB..FULL + 1_500 * KIB,
        taken in 0_u64..30,
    ) {
        let place = Place::new();
        let disk = place.on_small_disk(free, taken);
        let journal = open(&place);
        prop_assert_eq!(journal.space(), Space::Plenty);
        let mut pipeline = Pipeline::new(&journal);
        let readings = fill_up(&mut pipeline, &sizes);
        prop_assert_eq!(journal.restore_space(), Space::Gone);
        // What was in flight had its own share.
        prop_assert!(readings as u64 > RESERVE.bytes / 4, "{}", readings);
        trace::free(FULL + 100 * KIB);
        prop_assert_eq!(journal.restore_space(), Space::Plenty);
        pipeline.admit(5_000);
        fill_up(&mut pipeline, &sizes);
        let expected = pipeline.finish();
        journal.close().unwrap();
        drop(journal);
        prop_assert_eq!(&place.scan(), &(expected.clone(), vec![]));
        drop(disk);
        prop_assert_eq!(read_all(&open(&place)), expected);
    }
}

/// A journal on a full disk, with some of its reserve left; and its events.
fn on_full_disk(place: &Place) -> (OnSmallDisk, Journal, Vec<StoredEvent>) {
    let disk = place.on_small_disk(FULL + 400 * KIB, 0);
    let journal = open(place);
    let mut pipeline = Pipeline::new(&journal);
    while journal.space() == Space::Plenty {
        pipeline.admit(20_000);
    }
    assert_eq!(journal.space(), Space::Reserved);
    let events = pipeline.finish();
    (disk, journal, events)
}

#[test]
fn a_segment_is_rather_too_long_than_closed_on_a_full_disk() {
    let place = Place::new();
    let (_disk, journal, mut events) = on_full_disk(&place);
    let segments = || place.files().keys().filter(|name| name.ends_with(".segment")).count();
    let before = segments();
    for _ in 0..8 {
        events.extend(append(&journal, &[30_000]));
    }
    assert_eq!((segments(), journal.space()), (before, Space::Reserved));
    let longest = |place: &Place| {
        place.files().iter().filter(|(n, _)| n.ends_with(".segment")).map(|(_, b)| b.len()).max()
    };
    assert!(longest(&place).unwrap() as u64 > OPTIONS.segment_bytes);
    // Nothing comes back by itself.
    assert_eq!(journal.restore_space(), Space::Reserved);
    trace::free(FULL);
    assert_eq!(journal.restore_space(), Space::Plenty);
    assert_eq!(reserve_len(&place), FULL);
    events.extend(append(&journal, &[10]));
    assert_eq!(segments(), before + 1);
    assert_eq!(read_all(&journal), events);
    drop(journal);
    assert_eq!(place.scan(), (events, vec![]));
}

/// The last segment is copied after an abrupt stop, and a torn tail set aside: also on a full disk.
#[test]
fn a_record_is_opened_on_a_full_disk() {
    let place = Place::new();
    let (_disk, journal, mut events) = on_full_disk(&place);
    for round in 0..3 {
        events.extend(append(&journal, &[500]));
        if round == 2 {
            journal.close().unwrap();
        }
    }
    drop(journal);
    for clean in [true, false, false] {
        let (journal, opened) = Journal::open(&place.data(), OPTIONS, Sequence::ZERO).unwrap();
        assert_eq!(opened.clean, clean);
        assert!(journal.keep_reserve(RESERVE) >= Space::Reserved);
        assert_eq!(read_all(&journal), events);
        events.extend(append(&journal, &[500]));
        journal.write_head("head of an invented log\n").unwrap();
    }
    assert_eq!(place.scan(), (events, vec![]));
}

#[test]
fn without_a_reserve_a_full_disk_is_found_when_it_is_full() {
    let place = Place::new();
    let _disk = place.on_small_disk(200 * KIB, 0);
    let (journal, _) = Journal::open(&place.data(), OPTIONS, Sequence::ZERO).unwrap();
    assert_eq!(journal.space(), Space::Plenty);
    let error = loop {
        let group = events(&journal.tip(), &[3_000]);
        if let Err(error) = journal.append(&group) {
            break error;
        }
    };
    assert!(matches!(error, RecordError::NoRoom { .. }), "{error}");
    assert_eq!((journal.space(), journal.restore_space()), (Space::Gone, Space::Gone));
    trace::free(100 * KIB);
    assert_eq!(journal.restore_space(), Space::Plenty);
    append(&journal, &[3_000]);
}

#[test]
fn a_reserve_that_does_not_fit_is_no_plenty() {
    let place = Place::new();
    let _disk = place.on_small_disk(180 * KIB, 0);
    let journal = open(&place);
    assert_eq!(journal.space(), Space::Gone);
    // Some room is left to others.
    let left = || 180 * KIB - reserve_len(&place);
    assert!((OPTIONS.preallocate_bytes..150 * KIB).contains(&left()), "{}", left());
    trace::free(200 * KIB);
    assert_eq!(journal.restore_space(), Space::Reserved);
    append(&journal, &[10_000]);
    trace::free(FULL);
    assert_eq!(journal.restore_space(), Space::Plenty);
}

#[test]
fn a_reserve_has_blocks_of_its_own_and_the_length_asked_for() {
    let place = Place::new();
    let blocks = |place: &Place| {
        let found = fs::metadata(place.record().join(names::RESERVE)).unwrap();
        (found.len(), found.blocks() * 512)
    };
    drop(open(&place));
    let (len, allocated) = blocks(&place);
    assert!(len == FULL && allocated >= FULL);
    // As a copy may leave it.
    let file = disk::open(&place.record().join(names::RESERVE)).unwrap();
    file.set_len(0).unwrap();
    file.set_len(FULL).unwrap();
    assert_eq!(blocks(&place), (FULL, 0));
    let journal = open(&place);
    let (len, allocated) = blocks(&place);
    assert!(len == FULL && allocated >= FULL);
    journal.keep_reserve(Reserve { in_flight_bytes: 3_000, bytes: 5_000, ..RESERVE });
    assert_eq!((reserve_len(&place), journal.space()), (8_000, Space::Plenty));
    journal.keep_reserve(Reserve::NONE);
    assert_eq!((reserve_len(&place), journal.space()), (0, Space::Plenty));
    journal.keep_reserve(RESERVE);
    assert_eq!((reserve_len(&place), journal.space()), (FULL, Space::Plenty));
    assert_eq!(place.scan().1, []);
}

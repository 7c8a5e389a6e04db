//! What compaction takes out, what it leaves, and what a crash or a refusal in its midst leaves.

use super::crash::{Disk, Luck};
use super::*;
use crate::disk::trace::{self, Change, Failure};
use crate::fixture::{Files, example};
use crate::frame::{FrameHeader, event_len};

/// Both sections of some events, the second of others, and some in the last segment, which stay.
fn erased(sequence: Sequence, index: usize) -> bool {
    sequence.0 % 4 == 1 || index == 1
}

/// The events as they are once these segments were compacted.
fn compacted(events: &[StoredEvent], last: u64) -> Vec<StoredEvent> {
    let mut events = events.to_vec();
    for event in events.iter_mut().filter(|event| event.link.sequence.0 < last) {
        for (index, sealed) in event.sealed.iter_mut().enumerate() {
            if erased(event.link.sequence, index) {
                sealed.clear();
            }
        }
    }
    events
}

fn segments(files: &Files) -> Vec<&String> {
    files.keys().filter(|name| name.ends_with(".segment")).collect()
}

/// The sequence with which the last segment begins.
fn last(files: &Files) -> u64 {
    segments(files).last().unwrap()[..20].parse().unwrap()
}

/// Compacts again, and everything is as it should be in the end.
fn goes_on(place: &Place, events: &[StoredEvent]) {
    compact(&place.data(), &erased).unwrap();
    assert_eq!(compact(&place.data(), &erased).unwrap().rewritten, 0);
    let expected = compacted(events, last(&place.files()));
    assert_eq!(place.scan(), (expected.clone(), vec![]));
    assert_eq!(read_all(&place.open(events.len() as u64).unwrap().0), expected);
}

#[test]
fn sealed_bytes_of_erased_sections_are_gone_and_nothing_else_is() {
    for clean in [true, false] {
        let (files, events) = example(clean);
        let place = Place::of(&files);
        let report = compact(&place.data(), &erased).unwrap();
        let expected = compacted(&events, last(&files));
        let sections = |events: &[StoredEvent]| -> usize {
            events.iter().flat_map(|event| &event.sealed).filter(|sealed| sealed.is_empty()).count()
        };
        let stored = |events: &[StoredEvent]| -> u64 {
            events.iter().map(|event| event_len(event).unwrap()).sum()
        };
        let bytes = stored(&events) - stored(&expected);
        let sections = (sections(&expected) - sections(&events)) as u64;
        assert!(sections > 3);
        assert_eq!(report, CompactReport { segments: 2, rewritten: 2, sections, bytes });
        let after = place.files();
        assert_eq!(segments(&after), segments(&files));
        let len = |files: &Files| files.values().map(|bytes| bytes.len() as u64).sum::<u64>();
        assert_eq!(len(&files) - len(&after), bytes);
        let open = segments(&files)[2];
        assert_eq!(after[open], files[open]);
        for name in segments(&files) {
            for (old, new) in frames(&files[name]).iter().zip(frames(&after[name])) {
                assert_eq!(
                    (old.first, old.count, old.durable),
                    (new.first, new.count, new.durable)
                );
                assert_eq!(old.last_link, new.last_link);
            }
        }
        goes_on(&place, &events);
        // Written on, it is closed and compacted as any other.
        let (journal, _) = place.open(0).unwrap();
        let more = [append(&journal, &[900; 2]), append(&journal, &[900; 2])].concat();
        assert_eq!(read_all(&journal), [expected, more.clone()].concat());
        drop(journal);
        goes_on(&place, &[events, more].concat());
    }
}

fn frames(segment: &[u8]) -> Vec<FrameHeader> {
    let frames = crate::fixture::frames(segment).into_iter();
    frames.map(|at| FrameHeader::from_bytes(&segment[at..]).unwrap()).collect()
}

#[test]
fn what_holds_nothing_erased_is_not_touched() {
    let (files, _) = example(false);
    let place = Place::of(&files);
    trace::begin(None);
    let report = compact(&place.data(), &|_, _| false).unwrap();
    let only_last = last(&files);
    compact(&place.data(), &|sequence, _| sequence.0 >= only_last).unwrap();
    assert!(trace::end().is_empty());
    assert_eq!(report, CompactReport { segments: 2, ..CompactReport::default() });
    assert_eq!(place.files(), files);
}

#[test]
fn a_crash_leaves_each_segment_as_it_was_or_compacted() {
    for clean in [true, false] {
        let (files, events) = example(clean);
        let place = Place::of(&files);
        let mut disk = Disk::of(&place);
        trace::begin(None);
        compact(&place.data(), &erased).unwrap();
        let changes = trace::end();
        let renames = changes.iter().filter(|change| matches!(change, Change::Rename { .. }));
        assert_eq!(renames.count(), 2);
        let done = place.files();
        let mut kinds = [0; 3];
        for at in 0..=changes.len() {
            for luck in [Luck::All, Luck::None].into_iter().chain((0..5).map(Luck::Some)) {
                let found = disk.crash(luck);
                for name in segments(&files) {
                    let old = found[name] == files[name];
                    assert!(old || found[name] == done[name], "change {at}, {luck:?}, {name}");
                }
                let news = segments(&files).iter().filter(|n| found[**n] != files[**n]).count();
                kinds[news] += 1;
                let place = Place::of(&found);
                assert_eq!(place.scan().1, []);
                goes_on(&place, &events);
            }
            if let Some(change) = changes.get(at) {
                disk.apply(change);
            }
        }
        assert!(kinds.iter().all(|count| *count > 5), "{kinds:?}");
    }
}

#[test]
fn what_the_system_refuses_changes_nothing() {
    let (files, events) = example(true);
    for at in 0.. {
        let place = Place::of(&files);
        let kind = io::ErrorKind::Other;
        trace::begin(Some(Failure { at, times: 1, kind }));
        let result = compact(&place.data(), &erased);
        trace::end();
        match result {
            Ok(_) => {
                assert!(at > 10);
                break;
            }
            Err(CompactError::Io { .. }) => {}
            Err(other) => panic!("{other}"),
        }
        assert_eq!(place.scan().1, []);
        goes_on(&place, &events);
    }
}

#[test]
fn what_is_damaged_is_not_compacted() {
    let (files, _) = example(true);
    let names = segments(&files);
    for name in &names[..2] {
        for offset in 0..files[*name].len() {
            let mut bytes = files[*name].clone();
            bytes[offset] ^= 1;
            let place = Place::of(&files);
            place.put(name, &bytes);
            let Err(CompactError::Damaged(fault)) = compact(&place.data(), &erased) else {
                panic!("not refused")
            };
            assert_eq!(&&fault.segment, name);
            assert_eq!(place.files()[*name], bytes);
        }
    }
    let place = Place::of(&files);
    fs::remove_file(place.record().join(names[1])).unwrap();
    let Err(CompactError::Damaged(fault)) = compact(&place.data(), &erased) else {
        panic!("not refused")
    };
    assert_eq!((&fault.segment, fault.what), (names[1], What::SegmentMissing));
}

/// Whoever has a full disk may compact, to have room again.
#[test]
fn on_a_full_disk_the_reserve_gives_what_it_takes() {
    let (files, events) = example(true);
    let place = Place::of(&files);
    let small = place.on_small_disk(100 << 10, 0);
    let room = Room::open(&place.record(), 0).unwrap();
    room.keep(Reserve { bytes: 100 << 10, ..Reserve::NONE });
    assert_eq!(compact(&place.data(), &erased).unwrap().rewritten, 2);
    drop(small);
    goes_on(&place, &events);
}

//! What every record must do. A failed check panics.
//!
//! [`run`] is given how to make a place for a new record, and gets a closure that opens the record
//! at that place: empty the first time, and with what is durable every time after. The suite drops
//! a record before it opens it again.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "this is a test-suite: it panics where a record fails it"
)]

use std::sync::atomic::{AtomicBool, Ordering};

use letopis_types::{Digest, Sequence, SignatureBytes, Timestamp};

use super::events;
use crate::frame;
use crate::port::{GroupError, LinkError, Record, RecordError, Space, StoredEvent, Tip};

const ALL: usize = usize::MAX;

/// Runs the whole suite, each part with a record of its own.
///
/// # Panics
/// Where the record does not do what the port says.
pub fn run<R: Record, F: Fn() -> R>(make: impl Fn() -> F) {
    begins_empty(&make());
    keeps_events_in_order(&make());
    reads_from_everywhere(&make());
    keeps_within_limits(&make());
    scrubs_everything_in_steps(&make());
    has_space_where_there_is_room(&make());
    refuses_what_does_not_continue(&make());
    refuses_what_cannot_be_held(&make());
    keeps_events_of_any_shape(&make());
    replaces_the_head(&make());
    ends_in_order(&make());
    goes_on_after_an_abrupt_end(&make());
    shows_readers_only_what_is_durable(&make());
}

/// Appends a group of events of these lengths, and returns it.
fn append(record: &impl Record, lengths: &[usize]) -> Vec<StoredEvent> {
    let group = events(&record.tip(), lengths);
    record.append(&group).unwrap();
    group
}

fn read_all(record: &impl Record) -> Vec<StoredEvent> {
    record.read(Sequence::ZERO, ALL, ALL).unwrap()
}

fn begins_empty<R: Record>(open: &impl Fn() -> R) {
    for _ in 0..2 {
        let record = open();
        assert_eq!(record.tip(), Tip::EMPTY);
        assert_eq!(record.head().unwrap(), None);
        for from in [0, 1, u64::MAX] {
            assert!(record.read(Sequence(from), ALL, ALL).unwrap().is_empty());
        }
        record.close().unwrap();
    }
}

fn keeps_events_in_order<R: Record>(open: &impl Fn() -> R) {
    let record = open();
    let mut expected = Vec::new();
    for lengths in [&[100][..], &[0, 1, 2], &[700; 40], &[30_000]] {
        expected.extend(append(&record, lengths));
        let last = expected.last().unwrap().link;
        let tip = Tip {
            size: Sequence(expected.len() as u64),
            last_link: last.hash(),
            last_recorded_at: last.recorded_at,
        };
        assert_eq!(record.tip(), tip);
        assert_eq!(read_all(&record), expected);
    }
}

fn reads_from_everywhere<R: Record>(open: &impl Fn() -> R) {
    let record = open();
    let mut expected = Vec::new();
    for round in 0..30 {
        expected.extend(append(&record, &vec![200 + round; 1 + round % 4]));
    }
    let check = |record: &R| {
        for from in 0..=expected.len() {
            for events in [1, 2, 7, ALL] {
                let until = from.saturating_add(events).min(expected.len());
                let read = record.read(Sequence(from as u64), events, ALL).unwrap();
                assert_eq!(read, expected[from..until]);
            }
        }
        assert!(record.read(Sequence(u64::MAX), ALL, ALL).unwrap().is_empty());
    };
    check(&record);
    record.close().unwrap();
    drop(record);
    check(&open());
}

fn keeps_within_limits<R: Record>(open: &impl Fn() -> R) {
    let record = open();
    let all = append(&record, &[500, 10, 20, 3_000, 40]);
    let stored: Vec<_> = all.iter().map(|e| frame::event_len(e).unwrap() as usize).collect();
    // At least one, whatever the limits say.
    for (events, bytes) in [(0, 0), (0, ALL), (1, 0), (ALL, 0), (ALL, 1), (ALL, stored[0])] {
        assert_eq!(record.read(Sequence::ZERO, events, bytes).unwrap(), all[..1]);
    }
    // It stops with the event that reaches the bytes.
    let two = stored[0] + stored[1];
    assert_eq!(record.read(Sequence::ZERO, ALL, two - 1).unwrap(), all[..2]);
    assert_eq!(record.read(Sequence::ZERO, ALL, two).unwrap(), all[..2]);
    assert_eq!(record.read(Sequence::ZERO, ALL, two + 1).unwrap(), all[..3]);
    assert_eq!(record.read(Sequence(3), ALL, 1).unwrap(), all[3..4]);
}

fn scrubs_everything_in_steps<R: Record>(open: &impl Fn() -> R) {
    let record = open();
    assert_eq!(record.scrub(Sequence::ZERO, ALL).unwrap(), Sequence::ZERO);
    for round in 0..30 {
        append(&record, &vec![200 + round; 1 + round % 4]);
    }
    let check = |record: &R| {
        let size = record.tip().size;
        for max_bytes in [0, 1, 3_000, ALL] {
            let (mut next, mut steps) = (Sequence::ZERO, 0);
            while next < size {
                let after = record.scrub(next, max_bytes).unwrap();
                assert!(after > next && after <= size);
                (next, steps) = (after, steps + 1);
            }
            assert_eq!(steps == 1, max_bytes == ALL);
        }
        assert_eq!(record.scrub(size, ALL).unwrap(), size);
        // From within a group too.
        (0..size.0).for_each(|from| assert!(record.scrub(Sequence(from), 1).unwrap().0 > from));
    };
    check(&record);
    record.close().unwrap();
    assert!(matches!(record.scrub(Sequence::ZERO, ALL), Err(RecordError::Closed)));
    drop(record);
    check(&open());
}

fn has_space_where_there_is_room<R: Record>(open: &impl Fn() -> R) {
    let record = open();
    assert_eq!((record.space(), record.restore_space()), (Space::Plenty, Space::Plenty));
    for _ in 0..5 {
        append(&record, &[3_000; 4]);
        assert_eq!(record.space(), Space::Plenty);
    }
    assert_eq!(record.restore_space(), Space::Plenty);
    assert!(Space::Gone < Space::Reserved && Space::Reserved < Space::Plenty);
}

fn refuses_what_does_not_continue<R: Record>(open: &impl Fn() -> R) {
    let record = open();
    let refused = |group: &[StoredEvent], expected: GroupError| {
        let before = (record.tip(), read_all(&record));
        match record.append(group) {
            Err(RecordError::Refused(error)) => assert_eq!(error, expected),
            other => panic!("expected {expected:?}, got {other:?}"),
        }
        assert_eq!((record.tip(), read_all(&record)), before);
    };
    for _ in 0..2 {
        let tip = record.tip();
        let sequence = tip.size;
        refused(&[], GroupError::Empty);
        let good = events(&tip, &[10; 3]);
        let wrong = |index: usize, change: &dyn Fn(&mut StoredEvent)| {
            let mut group = good.clone();
            change(&mut group[index]);
            group
        };
        // Left out, twice, from elsewhere.
        for (group, found, expected) in [
            (&good[1..], sequence.next(), sequence),
            (&[good[0].clone(), good[0].clone()], sequence, sequence.next()),
            (&wrong(0, &|e| e.link.sequence = Sequence(u64::MAX)), Sequence(u64::MAX), sequence),
        ] {
            refused(group, LinkError::Sequence { expected, found }.into());
        }
        for (index, sequence) in [(0, sequence), (2, Sequence(sequence.0 + 2))] {
            let group = wrong(index, &|e| e.link.previous = Digest([1; 32]));
            refused(&group, LinkError::Previous { sequence }.into());
        }
        // A link changed afterwards is not what the next one holds the hash of.
        let group = wrong(1, &|e| e.link.statement_hash = Digest([1; 32]));
        let sequence = Sequence(sequence.0 + 2);
        refused(&group, LinkError::Previous { sequence }.into());
        append(&record, &[10; 4]);
    }
    let mut early = events(&record.tip(), &[10]);
    early[0].link.recorded_at = Timestamp(0);
    refused(&early, LinkError::Time { sequence: record.tip().size }.into());
    append(&record, &[10]);
}

fn refuses_what_cannot_be_held<R: Record>(open: &impl Fn() -> R) {
    let record = open();
    append(&record, &[10]);
    let sequence = record.tip().size;
    let with = |change: &dyn Fn(&mut StoredEvent)| {
        let mut group = events(&record.tip(), &[10]);
        change(&mut group[0]);
        group
    };
    let signatures = with(&|e| e.signatures = vec![SignatureBytes::ZERO; 256]);
    let sections = with(&|e| e.sealed = vec![Vec::new(); 256]);
    let bytes = with(&|e| e.sealed = vec![vec![0; frame::MAX_BODY as usize]]);
    let too_many = |part| GroupError::EventTooLarge { sequence, part };
    let refused = |group: &[StoredEvent]| match record.append(group) {
        Err(RecordError::Refused(error)) => error,
        other => panic!("expected a refusal, got {other:?}"),
    };
    assert_eq!(refused(&signatures), too_many("signatures"));
    assert_eq!(refused(&sections), too_many("sections"));
    assert!(matches!(refused(&bytes), GroupError::GroupTooLarge { .. }));
    assert_eq!(record.tip().size, sequence);
    append(&record, &[10]);
}

fn keeps_events_of_any_shape<R: Record>(open: &impl Fn() -> R) {
    let record = open();
    let mut expected = Vec::new();
    for (signatures, sealed) in [
        (0, vec![]),
        (255, vec![Vec::new(); 255]),
        (1, vec![Vec::new(), vec![0; 70_000], vec![0xff]]),
        (2, vec![vec![0; 1 << 20]; 3]),
    ] {
        let mut group = events(&record.tip(), &[65_536]);
        group[0].signatures = vec![SignatureBytes([0xee; 64]); signatures];
        group[0].sealed = sealed;
        record.append(&group).unwrap();
        expected.extend(group);
        // Smaller ones around it.
        expected.extend(append(&record, &[0, 0]));
    }
    assert_eq!(read_all(&record), expected);
    record.close().unwrap();
    drop(record);
    assert_eq!(read_all(&open()), expected);
}

fn replaces_the_head<R: Record>(open: &impl Fn() -> R) {
    let record = open();
    append(&record, &[10]);
    let heads = ["invented head\n1\n", "a longer invented head, with Ж\n2\n", "short"];
    for head in heads {
        record.write_head(head).unwrap();
        assert_eq!(record.head().unwrap().as_deref(), Some(head));
    }
    drop(record);
    let record = open();
    assert_eq!(record.head().unwrap().as_deref(), Some("short"));
    record.close().unwrap();
    drop(record);
    assert_eq!(open().head().unwrap().as_deref(), Some("short"));
}

fn ends_in_order<R: Record>(open: &impl Fn() -> R) {
    let mut expected = Vec::new();
    let ledger = open().ledger();
    for round in 0..3 {
        let record = open();
        assert_eq!(record.ledger(), ledger);
        assert_eq!(read_all(&record), expected);
        let group = append(&record, &vec![50; 1 + round]);
        expected.extend(group);
        record.close().unwrap();
        record.close().unwrap();
        let next = events(&record.tip(), &[5]);
        assert!(matches!(record.append(&next), Err(RecordError::Closed)));
        assert!(matches!(record.read(Sequence::ZERO, 1, 1), Err(RecordError::Closed)));
        assert!(matches!(record.head(), Err(RecordError::Closed)));
        assert!(matches!(record.write_head("late"), Err(RecordError::Closed)));
    }
    assert_eq!(read_all(&open()), expected);
}

fn goes_on_after_an_abrupt_end<R: Record>(open: &impl Fn() -> R) {
    let mut expected = Vec::new();
    for round in 0..4 {
        let record = open();
        assert_eq!(read_all(&record), expected);
        expected.extend(append(&record, &vec![60; 1 + round]));
        expected.extend(append(&record, &[60]));
    }
    let record = open();
    assert_eq!(read_all(&record), expected);
    assert_eq!(record.tip().last_recorded_at, expected.last().unwrap().link.recorded_at);
}

fn shows_readers_only_what_is_durable<R: Record>(open: &impl Fn() -> R) {
    const GROUPS: usize = 60;
    let record = open();
    let done = AtomicBool::new(false);
    let read = |start: u64| {
        let mut next = Sequence(start);
        let mut last: Option<StoredEvent> = None;
        loop {
            let ending = done.load(Ordering::Acquire);
            let read = record.read(next, 5, 2_000).unwrap();
            // Whatever was read is below a tip that was there by then.
            let size = record.tip().size;
            for event in read {
                assert_eq!(event.link.sequence, next);
                assert!(event.link.sequence < size);
                if let Some(last) = &last {
                    assert_eq!(event.link.previous, last.link.hash());
                }
                next = next.next();
                last = Some(event);
            }
            if ending && next >= record.tip().size {
                return next;
            }
        }
    };
    std::thread::scope(|scope| {
        let readers: Vec<_> = [0, 0, 17].map(|from| scope.spawn(move || read(from))).into();
        for round in 0..GROUPS {
            append(&record, &vec![150; 1 + round % 5]);
            record.write_head(&format!("invented head of group {round}")).unwrap();
        }
        done.store(true, Ordering::Release);
        for reader in readers {
            assert_eq!(reader.join().unwrap(), record.tip().size);
        }
    });
}

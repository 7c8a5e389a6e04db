use proptest::prelude::*;

use super::*;
use crate::fixture::{Files, LEDGER, Place, end, example, frames};
use crate::frame::encode;
use crate::testing::events;

const ZERO: Sequence = Sequence::ZERO;

fn segments(files: &Files) -> Vec<String> {
    files.keys().filter(|name| name.ends_with(".segment")).cloned().collect()
}

/// The first fault of these files.
fn first_fault(files: &Files) -> Option<Fault> {
    Place::of(files).scan().1.into_iter().next()
}

#[test]
fn a_good_record_is_handed_out_whole_and_with_places() {
    let (mut files, expected) = example(true);
    files.insert("head".into(), b"invented head\n".to_vec());
    files.insert("head.tmp".into(), b"inv".to_vec());
    files.insert("acknowledged-00000000000000000004".into(), b"seen".to_vec());
    let place = Place::of(&files);
    assert_eq!(place.scan(), (expected.clone(), vec![]));

    let mut next = ZERO;
    for raw in Scanner::open(&place.record(), LEDGER).unwrap() {
        let raw = raw.unwrap();
        let frame = raw.decode().unwrap();
        let file = &files[&*frame.segment];
        assert!(file[frame.offset as usize..].starts_with(&raw.bytes));
        assert_eq!((frame.first, frame.durable), (next, next));
        for LocatedEvent { offset, event } in &frame.events {
            assert!(file[*offset as usize..].starts_with(&event.link.to_bytes()));
            assert_eq!(event.link.sequence, next);
            next = next.next();
        }
    }
    assert_eq!(next.0, expected.len() as u64);
    // What the scan reads is not what it changes.
    assert_eq!(place.files(), files);
}

#[test]
fn a_record_without_events_is_good() {
    let (events, faults) = Place::new().scan();
    assert!(events.is_empty() && faults.is_empty());
}

#[test]
fn every_flipped_byte_is_found() {
    let (files, events) = example(true);
    let place = Place::of(&files);
    for name in segments(&files) {
        for offset in 0..files[&name].len() {
            for flip in [0x01, 0xff] {
                let mut bytes = files[&name].clone();
                bytes[offset] ^= flip;
                place.put(&name, &bytes);
                let (read, faults) = place.scan();
                let fault = faults.first().unwrap_or_else(|| panic!("{name}, offset {offset}"));
                // It is named by the structure in which it lies.
                assert_eq!(fault.segment, name, "offset {offset}: {fault}");
                assert!(fault.offset <= offset as u64, "offset {offset}: {fault}");
                assert!(events.len() as u64 >= fault.sequence.0, "offset {offset}: {fault}");
                let before = fault.sequence.0 as usize;
                assert_eq!(read[..before.min(read.len())], events[..before.min(read.len())]);
            }
        }
        place.put(&name, &files[&name]);
    }
}

#[test]
fn every_cut_is_found() {
    let (files, _) = example(true);
    let names = segments(&files);
    let place = Place::of(&files);
    for name in &names {
        let whole = &files[name];
        let last = name == &names[2];
        let used = if last { end(whole) } else { whole.len() };
        let places = frames(whole);
        for len in 0..used {
            // At the end of a frame of the last segment, only the head file knows.
            if last && places.contains(&len) {
                continue;
            }
            place.put(name, &whole[..len]);
            let (_, faults) = place.scan();
            let fault = faults.first().unwrap_or_else(|| panic!("{name} cut to {len}"));
            assert_eq!(&fault.segment, name);
        }
        place.put(name, whole);
        // Zeros at the end may be there or not, in the last segment only.
        let mut files = files.clone();
        files.get_mut(name).unwrap().truncate(used);
        assert_eq!(first_fault(&files), None);
        files.get_mut(name).unwrap().push(0);
        assert_eq!(first_fault(&files).is_some(), !last);
    }
}

#[test]
fn nothing_lies_between_or_after_frames() {
    let (files, _) = example(true);
    for name in segments(&files) {
        for at in frames(&files[&name]) {
            for bytes in [&[0_u8][..], &[1], &[0; 96], b"LTPFRM1\n"] {
                let mut files = files.clone();
                files.get_mut(&name).unwrap().splice(at..at, bytes.iter().copied());
                let fault = first_fault(&files).unwrap();
                assert_eq!(fault.segment, name);
            }
        }
    }
    let (mut files, events) = example(true);
    let last = segments(&files).pop().unwrap();
    files.get_mut(&last).unwrap().extend_from_slice(&[0, 0, 7]);
    let len = files[&last].len() as u64;
    let fault = first_fault(&files).unwrap();
    assert_eq!(fault.what, What::NotZeros { first: len - 1 });
    assert_eq!(fault.sequence.0, events.len() as u64);
}

#[test]
fn no_segment_is_missing_or_added() {
    let (files, _) = example(true);
    let names = segments(&files);
    for (index, name) in names.iter().enumerate() {
        let mut files = files.clone();
        files.remove(name);
        let fault = first_fault(&files).unwrap();
        if index == 2 {
            // The one before it ends with a footer, and so is not the last.
            assert_eq!((&fault.segment, fault.what), (&names[1], What::FooterAtEnd));
        } else {
            assert_eq!((&fault.segment, fault.what), (name, What::SegmentMissing));
        }
    }
    let mut none = files.clone();
    none.retain(|name, _| !names.contains(name));
    assert_eq!(first_fault(&none).unwrap().what, What::SegmentMissing);

    let mut added = files.clone();
    added.insert("00000000000000000002.segment".into(), files[&names[1]].clone());
    let fault = first_fault(&added).unwrap();
    assert_eq!(fault.segment, "00000000000000000002.segment");
    assert_eq!(fault.what, What::UnknownFile);

    let mut renamed = files.clone();
    let last = renamed.remove(&names[2]).unwrap();
    renamed.insert("00000000000000000099.segment".into(), last);
    let fault = first_fault(&renamed).unwrap();
    assert_eq!((fault.segment, fault.what), (names[2].clone(), What::SegmentMissing));
}

#[test]
fn files_that_should_not_be_there_come_after_the_frames() {
    let (mut files, expected) = example(true);
    for name in ["torn-00000000000000000007", "torn-", "notes.txt", "0.segment", "clean.bak"] {
        files.insert(name.into(), vec![]);
    }
    let (events, faults) = Place::of(&files).scan();
    assert_eq!(events, expected);
    let found: Vec<_> =
        faults.iter().map(|f| (f.segment.as_str(), f.sequence.0, &f.what)).collect();
    assert_eq!(
        found,
        [
            ("torn-", 0, &What::TornTail),
            ("torn-00000000000000000007", 7, &What::TornTail),
            ("0.segment", 0, &What::UnknownFile),
            ("clean.bak", 0, &What::UnknownFile),
            ("notes.txt", 0, &What::UnknownFile),
        ]
    );
}

#[test]
fn a_segment_of_another_ledger_is_refused() {
    let (files, _) = example(true);
    let place = Place::of(&files);
    let other = LedgerId([1; 32]);
    let fault = Scanner::open(&place.record(), other).unwrap().next().unwrap().unwrap_err();
    assert_eq!(fault.what, What::Ledger { found: LEDGER });
}

/// A segment that is right in itself: header, frames of these groups, footer.
fn segment(first: u64, previous: Digest, groups: &[(u64, &[StoredEvent])]) -> Vec<u8> {
    let header = SegmentHeader { first: Sequence(first), ledger: LEDGER, previous };
    let mut bytes = header.to_bytes();
    for (durable, group) in groups {
        let mut frame = Vec::new();
        let last = group.last().unwrap().link.hash();
        encode(&mut frame, group, Sequence(*durable), &last).unwrap();
        bytes.extend_from_slice(&frame);
    }
    bytes
}

fn only(bytes: Vec<u8>) -> Files {
    Files::from([("00000000000000000000.segment".to_owned(), bytes)])
}

/// Every checksum is right in these: what is wrong is how things follow one another.
#[test]
fn frames_and_events_follow_one_another() {
    let all = events(&Tip::EMPTY, &[10; 6]);
    let one = |groups: &[(u64, &[StoredEvent])]| only(segment(0, Digest::ZERO, groups));
    assert_eq!(first_fault(&one(&[(0, &all[..2]), (2, &all[2..3]), (2, &all[3..])])), None);

    let structure = Structure::Event;
    let sequence = |expected, found| What::Sequence {
        structure,
        expected: Sequence(expected),
        found: Sequence(found),
    };
    let fault = |files: &Files| {
        let fault = first_fault(files).unwrap();
        (fault.sequence.0, fault.what)
    };
    let gap = one(&[(0, &all[..2]), (0, &all[3..])]);
    assert_eq!(fault(&gap), (2, sequence(2, 3)));
    let again = one(&[(0, &all[..2]), (0, &all[..2])]);
    assert_eq!(fault(&again), (2, sequence(2, 0)));

    let mut forged = all.clone();
    forged[3].link.previous = Digest([9; 32]);
    let link_hash = What::LinkHash { structure };
    assert_eq!(fault(&one(&[(0, &forged)])), (3, link_hash.clone()));
    assert_eq!(fault(&one(&[(0, &forged[..3]), (0, &forged[3..])])), (3, link_hash.clone()));
    let mut forged = all.clone();
    forged[1].link.recorded_at.0 += 1_000;
    forged[2].link.previous = forged[1].link.hash();
    assert_eq!(fault(&one(&[(0, &forged[..3])])), (2, What::Time));
    // The first event of a segment, and what its header says of the one before.
    let begin = only(segment(0, Digest([9; 32]), &[(0, &all)]));
    let header = What::LinkHash { structure: Structure::Header };
    assert_eq!(fault(&begin), (0, header));
}

#[test]
fn footers_say_where_they_are_and_what_comes_next() {
    let all = events(&Tip::EMPTY, &[10; 6]);
    let (first, second) = all.split_at(4);
    let body = segment(0, Digest::ZERO, &[(0, first)]);
    let last_link = first[3].link.hash();
    let next = segment(4, last_link, &[(4, second)]);
    let good = Footer { offset: body.len() as u64, next: Sequence(4), last_link };
    let with = |footer: Footer| {
        let mut files = only([&body[..], &footer.to_bytes()].concat());
        files.insert("00000000000000000004.segment".into(), next.clone());
        first_fault(&files).map(|fault| {
            assert_eq!(
                (fault.segment.as_str(), fault.offset),
                ("00000000000000000000.segment", good.offset)
            );
            fault.what
        })
    };
    let structure = Structure::Footer;
    assert_eq!(with(good), None);
    assert_eq!(with(Footer { offset: 7, ..good }), Some(What::FooterOffset { found: 7 }));
    let sequence = What::Sequence { structure, expected: Sequence(4), found: Sequence(5) };
    assert_eq!(with(Footer { next: Sequence(5), ..good }), Some(sequence));
    let forged = Footer { last_link: Digest([9; 32]), ..good };
    assert_eq!(with(forged), Some(What::LinkHash { structure }));
}

proptest! {
    /// Whatever lies in a segment: faults, and no panic.
    #[test]
    fn no_bytes_panic(
        bytes in prop::collection::vec(prop_oneof![Just(0), any::<u8>()], 0..400),
        header in any::<bool>(),
        magic in any::<bool>(),
    ) {
        let mut segment = if header { segment(0, Digest::ZERO, &[]) } else { Vec::new() };
        if magic {
            segment.extend_from_slice(&frame::FRAME_MAGIC);
        }
        segment.extend_from_slice(&bytes);
        let mut files = only(segment.clone());
        let _ = Place::of(&files).scan();
        files.insert("00000000000000000001.segment".into(), segment);
        let _ = Place::of(&files).scan();
    }
}

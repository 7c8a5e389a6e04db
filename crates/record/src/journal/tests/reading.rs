//! Reading through the frames that are kept in memory, and scrubbing past them.

use super::*;
use crate::fixture::{Files, example};
use crate::frame::SegmentHeader;

/// Opens these files without what an abrupt stop would change.
fn open(files: &Files) -> (Place, Journal) {
    let place = Place::of(files);
    place.put("clean", b"");
    let journal = place.open(0).unwrap().0;
    (place, journal)
}

/// Scrubs in small steps; where it found something.
fn scrub(journal: &Journal) -> Result<Sequence, Fault> {
    let mut next = Sequence::ZERO;
    while next < journal.tip().size {
        next = match journal.scrub(next, 1) {
            Err(RecordError::Damaged(fault)) => return Err(fault),
            scrubbed => scrubbed.unwrap(),
        };
    }
    Ok(next)
}

/// Whatever goes bad while the record is open, in any segment, though everything was read before.
#[test]
fn a_scrub_finds_every_flipped_bit() {
    let (files, expected) = example(true);
    let (place, journal) = open(&files);
    // Single events, so that all frames are kept.
    for sequence in 0..expected.len() {
        journal.read(Sequence(sequence as u64), 1, 1).unwrap();
    }
    assert_eq!(scrub(&journal), Ok(Sequence(expected.len() as u64)));
    let names: Vec<_> = files.keys().filter(|name| name.ends_with(".segment")).collect();
    for (index, name) in names.iter().enumerate() {
        let whole = &files[*name];
        // Of the last one what is written ahead may be anything while it is open.
        let used = if index == 2 { crate::fixture::end(whole) } else { whole.len() };
        for offset in 0..used {
            let mut bytes = whole.clone();
            bytes[offset] ^= 1 << (offset % 8);
            place.put(name, &bytes);
            let fault = scrub(&journal).expect_err("nothing found");
            assert_eq!(&&fault.segment, name, "offset {offset}: {fault}");
            assert!(fault.offset <= offset as u64, "offset {offset}: {fault}");
            // Who asks for it gets what was read when it was good.
            assert_eq!(read_all(&journal), expected);
        }
        place.put(name, whole);
    }
    // A closed segment ends with its footer.
    let mut longer = files[names[0]].clone();
    longer.push(0);
    place.put(names[0], &longer);
    assert_eq!(scrub(&journal).unwrap_err().segment, *names[0]);
}

/// What was read or written is not read again, up to the bound; what passes by is not kept.
#[test]
fn frames_are_kept_for_who_comes_back() {
    let (files, expected) = example(true);
    let first = files.keys().find(|name| name.ends_with(".segment")).unwrap();
    let mut damaged = files[first].clone();
    damaged[SegmentHeader::LEN + 200] ^= 1;
    let read = |journal: &Journal, events| journal.read(Sequence::ZERO, events, ALL);
    for (bytes, events, kept) in [(1 << 20, 1, true), (1 << 20, ALL, false), (100, 1, false)] {
        let (place, journal) = open(&files);
        let journal = journal.with_cache(bytes);
        assert_eq!(read(&journal, events).unwrap(), expected[..events.min(expected.len())]);
        place.put(first, &damaged);
        assert_eq!(read(&journal, 1).is_ok(), kept, "{bytes} {events}");
    }
    // The rest of a frame, of which a page took only some.
    let (place, journal) = open(&files);
    assert_eq!(read(&journal, 2).unwrap(), expected[..2]);
    let second = crate::fixture::frames(&files[first])[1];
    let mut damaged = files[first].clone();
    damaged[second + 120] ^= 1;
    place.put(first, &damaged);
    assert_eq!(journal.read(Sequence(1), 2, ALL).unwrap(), expected[1..3]);
    // And what this process wrote.
    let place = Place::new();
    let (journal, _) = place.open(0).unwrap();
    let written = append(&journal, &[40, 50]);
    place.put("00000000000000000000.segment", b"");
    assert_eq!(read_all(&journal), written);
}

const ALL: usize = usize::MAX;

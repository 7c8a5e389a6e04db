//! What opening makes of what it finds: serve it, set a torn tail aside, or refuse and touch
//! nothing.

use std::os::unix::fs::MetadataExt;

use super::*;
use crate::fixture::{Files, end, example, frames};
use crate::frame::{Footer, FrameHeader, SegmentHeader, encode};

/// The last segment's name.
fn last(files: &Files) -> String {
    files.keys().rfind(|name| name.ends_with(".segment")).unwrap().clone()
}

fn size(events: &[StoredEvent]) -> u64 {
    events.len() as u64
}

/// That opening refuses and leaves every file as it was.
fn refused(place: &Place, known: u64) -> OpenError {
    let before = place.files();
    let error = place.open(known).expect_err("it was opened");
    assert_eq!(place.files(), before, "{error}");
    error
}

fn damaged(place: &Place, known: u64) -> Fault {
    match refused(place, known) {
        OpenError::Damaged(fault) => fault,
        other => panic!("{other}"),
    }
}

/// That opening serves these events, goes on with others, and that all of it verifies but for the
/// torn tail that was set aside, if there was one.
fn served(place: &Place, known: u64, events: &[StoredEvent]) -> Option<TornTail> {
    let (journal, opened) = place.open(known).unwrap();
    assert_eq!(read_all(&journal), events);
    let tip = events.iter().try_fold(Tip::EMPTY, |tip, event| tip.after(&event.link)).unwrap();
    assert_eq!(journal.tip(), tip);
    let mut expected = events.to_vec();
    expected.extend(append(&journal, &[30, 40]));
    journal.close().unwrap();
    drop(journal);
    let (scanned, faults) = place.scan();
    assert_eq!(scanned, expected);
    let faults: Vec<_> = faults.into_iter().map(|fault| (fault.segment, fault.what)).collect();
    match &opened.torn {
        None => assert_eq!(faults, []),
        Some(torn) => {
            assert_eq!(torn.sequence.0, size(events));
            assert_eq!(faults, [(names::torn(torn.sequence), What::TornTail)]);
            assert!(fs::read(&torn.path).unwrap().len() as u64 >= torn.bytes);
        }
    }
    opened.torn
}

/// How many events lie in the frames that end by `len` in this segment, and where those end.
fn whole_frames(name: &str, segment: &[u8], len: usize) -> (usize, usize) {
    let first: usize = name[..20].parse().unwrap();
    let mut found = (first, SegmentHeader::LEN);
    for at in frames(segment) {
        let header = FrameHeader::from_bytes(&segment[at..]).unwrap();
        let end = at + header.frame_len() as usize;
        if end <= len {
            found = (header.next().0 as usize, end);
        }
    }
    found
}

/// Bytes without the zeros they end with.
fn trimmed(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)]
}

#[test]
fn every_cut_of_the_last_segment_is_torn_or_rolled_back() {
    for clean in [true, false] {
        let (files, events) = example(clean);
        let name = last(&files);
        let whole = &files[&name];
        for len in 0..whole.len() {
            let mut files = files.clone();
            files.get_mut(&name).unwrap().truncate(len);
            let place = Place::of(&files);
            if len < SegmentHeader::LEN {
                assert_eq!(damaged(&place, 0).segment, name);
                continue;
            }
            let (count, end) = whole_frames(&name, whole, len);
            // A footer begins with the same three bytes as a frame, and holds no event.
            let left = match trimmed(&whole[end..len]) {
                b"L" | b"LT" | b"LTP" if !clean && end > SegmentHeader::LEN => &[],
                left => left,
            };
            if count < events.len() {
                match refused(&place, size(&events)) {
                    OpenError::Damaged(fault) => {
                        assert_eq!(fault.offset, end as u64);
                        assert_eq!(fault.sequence.0, count as u64);
                        assert!(!left.is_empty());
                    }
                    OpenError::RolledBack { size, known } => {
                        assert_eq!((size.0, known.0), (count as u64, events.len() as u64));
                        assert!(left.is_empty());
                    }
                    other => panic!("{other}"),
                }
            }
            let torn = served(&place, count as u64, &events[..count]);
            assert_eq!(torn.is_some(), !left.is_empty(), "cut to {len}");
            if let Some(torn) = torn {
                assert_eq!(fs::read(torn.path).unwrap(), left);
            }
        }
    }
}

/// Numbers that look random, the same ones every time.
fn noise(seed: u64) -> impl Iterator<Item = u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    })
}

#[test]
fn a_tail_of_noise_is_torn() {
    let (files, events) = example(false);
    let name = last(&files);
    let end = end(&files[&name]);
    for seed in 0..60 {
        let len = [1, 7, 8, 95, 96, 200, 1_000][seed as usize % 7];
        let mut tail: Vec<u8> = noise(seed).take(len).collect();
        *tail.last_mut().unwrap() |= 1;
        if seed % 3 == 0 {
            // As if a frame had begun.
            tail.splice(0..0, b"LTPFRM1\n".iter().copied());
        }
        let mut files = files.clone();
        let segment = files.get_mut(&name).unwrap();
        segment.truncate(end);
        segment.extend_from_slice(&tail);
        if seed % 2 == 0 {
            segment.extend_from_slice(&[0; 300]);
        }
        let place = Place::of(&files);
        assert_eq!(damaged(&place, size(&events) + 1).offset, end as u64);
        let torn = served(&place, size(&events), &events).unwrap();
        assert_eq!(fs::read(torn.path).unwrap(), tail);
    }
}

/// The rule, byte by byte: closed segments are looked at when they are read, the last one now.
#[test]
fn every_flipped_byte_is_refused_or_set_aside_or_not_served() {
    for clean in [true, false] {
        let (files, events) = example(clean);
        for (name, whole) in files.iter().filter(|(name, _)| name.ends_with(".segment")) {
            let place = Place::of(&files);
            for offset in 0..whole.len() {
                let mut bytes = whole.clone();
                bytes[offset] ^= 0xff;
                place.put(name, &bytes);
                if *name == last(&files) {
                    flipped_in_the_last(&files, &place, offset, &bytes, &events, clean);
                } else {
                    flipped_in_a_closed_one(name, whole, &place, offset, &events);
                }
            }
        }
    }
}

fn flipped_in_a_closed_one(
    name: &str,
    whole: &[u8],
    place: &Place,
    offset: usize,
    events: &[StoredEvent],
) {
    if offset < SegmentHeader::LEN || offset >= whole.len() - Footer::LEN {
        assert_eq!(damaged(place, size(events)).segment, name);
        return;
    }
    let frame = *frames(whole).iter().rfind(|at| **at <= offset).unwrap();
    let header = FrameHeader::from_bytes(&whole[frame..]).unwrap();
    let (journal, _) = place.open(size(events)).unwrap();
    let Err(RecordError::Damaged(fault)) = journal.read(header.first, 1, 1) else {
        panic!("{name}, offset {offset}: served");
    };
    assert_eq!((fault.segment.as_str(), fault.offset), (name, frame as u64));
    // What comes before is served, and what lies in other segments.
    if let Some(before) = header.first.0.checked_sub(1) {
        assert_eq!(journal.read(Sequence(before), 1, 1).unwrap(), events[before as usize..][..1]);
    }
    let last = events.len() - 1;
    assert_eq!(journal.read(Sequence(last as u64), 1, 1).unwrap(), events[last..]);
}

fn flipped_in_the_last(
    files: &Files,
    place: &Place,
    offset: usize,
    bytes: &[u8],
    events: &[StoredEvent],
    clean: bool,
) {
    let name = last(files);
    let whole = &files[&name];
    let torn_at = *frames(whole).last().unwrap();
    if offset < torn_at {
        // The header, or a frame that others follow.
        assert_eq!(damaged(place, 0).segment, name);
        return;
    }
    let (count, end) = if offset < end(whole) {
        whole_frames(&name, whole, offset)
    } else {
        (events.len(), end(whole))
    };
    if count < events.len() {
        assert_eq!(damaged(place, size(events)).offset, end as u64);
    }
    let place = Place::of(files);
    place.put(&name, bytes);
    let torn = served(&place, count as u64, &events[..count]);
    // A single byte that a footer would have there is taken for one that was being written.
    let last_link = events[count - 1].link.hash();
    let footer = Footer { offset: end as u64, next: Sequence(count as u64), last_link }.to_bytes();
    let of_footer = footer.get(offset - end) == Some(&bytes[offset]);
    if offset >= self::end(whole) && of_footer && !clean {
        assert_eq!(torn, None);
    } else {
        assert_eq!(fs::read(torn.unwrap().path).unwrap(), trimmed(&bytes[end..]));
    }
}

#[test]
fn a_bad_frame_before_a_valid_one_is_damage() {
    let (files, events) = example(false);
    let name = last(&files);
    let (last_frame, end) = (*frames(&files[&name]).last().unwrap(), end(&files[&name]));
    let valid = files[&name][last_frame..end].to_vec();
    // At any offset after it, and whatever it is of.
    for gap in [1, 8, 33, 500] {
        let mut files = files.clone();
        let segment = files.get_mut(&name).unwrap();
        segment.truncate(end);
        segment.extend(noise(gap as u64).take(gap));
        segment.extend_from_slice(&valid);
        let fault = damaged(&Place::of(&files), 0);
        assert_eq!((fault.offset, fault.sequence.0), (end as u64, size(&events)));
    }
}

#[test]
fn a_frame_that_checks_but_does_not_fit_is_damage() {
    let (files, events) = example(false);
    let name = last(&files);
    let end = end(&files[&name]);
    let tip = events.iter().try_fold(Tip::EMPTY, |tip, event| tip.after(&event.link)).unwrap();
    let mut other = crate::testing::events(&tip, &[20]);
    other[0].link.previous = letopis_types::Digest([9; 32]);
    for group in [other, crate::testing::events(&Tip::EMPTY, &[20])] {
        let mut frame = Vec::new();
        let first = group[0].link.sequence;
        encode(&mut frame, &group, first, &group[0].link.hash()).unwrap();
        let mut files = files.clone();
        let segment = files.get_mut(&name).unwrap();
        segment.truncate(end);
        segment.extend_from_slice(&frame);
        damaged(&Place::of(&files), 0);
    }
}

#[test]
fn a_footer_that_was_being_written_is_taken_away() {
    let (files, events) = example(false);
    let name = last(&files);
    let end = end(&files[&name]);
    let last_link = events.last().unwrap().link.hash();
    let next = Sequence(size(&events));
    let footer = Footer { offset: end as u64, next, last_link }.to_bytes();
    let with = |tail: &[u8], clean: bool| {
        let mut files = files.clone();
        let segment = files.get_mut(&name).unwrap();
        segment.truncate(end);
        segment.extend_from_slice(tail);
        if clean {
            files.insert("clean".into(), vec![]);
        }
        Place::of(&files)
    };
    for split in 0..=footer.len() {
        let front = [&footer[..split], &vec![0; 200 - split]].concat();
        let back = [&vec![0; split], &footer[split..], &[0; 99]].concat();
        for tail in [&footer[..split], &front, &back] {
            assert_eq!(served(&with(tail, false), next.0, &events), None);
        }
    }
    // The segment after it was there once.
    let error = refused(&with(&footer, false), next.0 + 1);
    assert!(matches!(error, OpenError::RolledBack { .. }));
    assert_eq!(damaged(&with(&footer, true), next.0).what, What::FooterAtEnd);
    // Not the footer that would be written here.
    let forged = Footer { offset: end as u64, next: Sequence(3), last_link }.to_bytes();
    assert_eq!(damaged(&with(&forged, false), 0).what, What::FooterAtEnd);
    assert!(served(&with(&forged[..40], false), 0, &events).is_some());
}

#[test]
fn torn_tails_at_one_place_are_all_kept() {
    let (files, events) = example(false);
    let name = last(&files);
    let torn = |tail: &[u8], before: Option<&[u8]>| {
        let mut files = files.clone();
        let segment = files.get_mut(&name).unwrap();
        segment.truncate(end(segment));
        segment.extend_from_slice(tail);
        let kept = names::torn(Sequence(size(&events)));
        files.extend(before.map(|bytes| (kept.clone(), bytes.to_vec())));
        let place = Place::of(&files);
        served(&place, 0, &events).unwrap();
        place.files().remove(&kept).unwrap()
    };
    assert_eq!(torn(b"one", None), b"one");
    assert_eq!(torn(b"two", Some(b"one")), b"onetwo");
    // The machine stopped between setting aside and copying.
    assert_eq!(torn(b"two", Some(b"onetwo")), b"onetwo");
}

#[test]
fn a_log_shorter_than_it_was_known_to_be_is_refused() {
    for clean in [true, false] {
        let (files, events) = example(clean);
        let place = Place::of(&files);
        match refused(&place, size(&events) + 1) {
            OpenError::RolledBack { size, known } => assert_eq!(known, size.next()),
            other => panic!("{other}"),
        }
        served(&place, size(&events), &events);
    }
}

#[test]
fn no_segment_may_be_missing() {
    for clean in [true, false] {
        let (files, events) = example(clean);
        let names: Vec<_> =
            files.keys().filter(|name| name.ends_with(".segment")).cloned().collect();
        for (index, name) in names.iter().enumerate() {
            let mut files = files.clone();
            files.remove(name);
            let place = Place::of(&files);
            if index < 2 {
                damaged(&place, 0);
            } else if clean {
                assert_eq!(damaged(&place, 0).what, What::FooterAtEnd);
            } else {
                // As after a crash while a segment was being closed: only who knows more notices.
                let error = refused(&place, size(&events));
                assert!(matches!(error, OpenError::RolledBack { .. }));
            }
        }
        assert_eq!(damaged(&Place::of(&Files::new()), 0).what, What::SegmentMissing);
        let mut other = files.clone();
        let segment = other.get_mut(&names[1]).unwrap();
        let header = SegmentHeader::from_bytes(&segment[..SegmentHeader::LEN]).unwrap();
        let foreign = SegmentHeader { ledger: LedgerId([1; 32]), ..header }.to_bytes();
        segment.splice(..SegmentHeader::LEN, foreign);
        let found = LedgerId([1; 32]);
        assert_eq!(damaged(&Place::of(&other), 0).what, What::Ledger { found });
    }
}

#[test]
fn the_mark_of_an_orderly_stop_goes_before_the_first_write() {
    let place = Place::new();
    let has_clean = || place.record().join("clean").exists();
    let inode = || fs::metadata(place.record().join(names::segment(Sequence::ZERO))).unwrap().ino();
    let (journal, opened) = place.open(0).unwrap();
    assert!(!opened.clean && !has_clean());
    journal.close().unwrap();
    drop(journal);
    let before = inode();
    // Opened and read, the mark stays, and the file is the same one.
    let (journal, opened) = place.open(0).unwrap();
    assert!(opened.clean && has_clean());
    journal.write_head("invented head").unwrap();
    drop(journal);
    let (journal, opened) = place.open(0).unwrap();
    assert!(opened.clean && inode() == before);
    append(&journal, &[10]);
    assert!(!has_clean());
    drop(journal);
    // Not stopped in order: the segment is copied.
    let (journal, opened) = place.open(0).unwrap();
    assert!(!opened.clean && !has_clean() && inode() != before);
    journal.close().unwrap();
    assert!(has_clean());
}

#[test]
fn what_was_being_made_is_removed_and_nothing_else() {
    let (mut files, events) = example(true);
    files.insert("head.tmp".into(), b"inv".to_vec());
    files.insert("00000000000000000099.segment.tmp".into(), b"LTP".to_vec());
    files.insert("notes.txt".into(), b"of the operator".to_vec());
    files.insert("acknowledged-00000000000000000003".into(), b"seen".to_vec());
    let place = Place::of(&files);
    drop(place.open(size(&events)).unwrap());
    files.retain(|name, _| !name.ends_with(".tmp"));
    assert_eq!(place.files(), files);
}

/// The time of the last event is known even if it lies in the segment before.
#[test]
fn time_goes_on_after_a_segment_without_events() {
    let (files, events) = example(false);
    let name = last(&files);
    let first: usize = name[..20].parse().unwrap();
    let mut files = files.clone();
    files.get_mut(&name).unwrap().truncate(SegmentHeader::LEN);
    let place = Place::of(&files);
    let (journal, _) = place.open(0).unwrap();
    let link = events[first - 1].link;
    assert!(link.recorded_at.0 > 0);
    assert_eq!(journal.tip().last_recorded_at, link.recorded_at);
    assert_eq!(journal.tip().last_link, link.hash());
}

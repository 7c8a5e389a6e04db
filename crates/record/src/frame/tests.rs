use letopis_types::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::port::Tip;
use crate::testing::events;

const PREVIOUS: Digest = Digest([0x11; 32]);

/// Two invented events, the second with two signatures and two sections.
fn group() -> Vec<StoredEvent> {
    let link = |sequence, previous, statement, signatures| Link {
        sequence: Sequence(sequence),
        recorded_at: Timestamp(993 + sequence),
        previous,
        statement_hash: Digest([statement; 32]),
        signatures_hash: Digest([signatures; 32]),
    };
    let seven = link(7, PREVIOUS, 0x22, 0x33);
    let eight = link(8, seven.hash(), 0x44, 0x55);
    vec![
        StoredEvent {
            link: seven,
            statement: b"seven".to_vec(),
            signatures: vec![SignatureBytes([0x66; 64])],
            sealed: vec![],
        },
        StoredEvent {
            link: eight,
            statement: vec![],
            signatures: vec![SignatureBytes([0x77; 64]), SignatureBytes([0x88; 64])],
            sealed: vec![b"abc".to_vec(), vec![]],
        },
    ]
}

fn encoded(group: &[StoredEvent]) -> Vec<u8> {
    let mut out = b"left from before".to_vec();
    let last = group.last().unwrap().link.hash();
    encode(&mut out, group, Sequence(7), &last).unwrap();
    out
}

/// Puts the right checksum on a frame that was changed.
fn resealed(mut frame: Vec<u8>) -> Vec<u8> {
    let hash = checksum(&frame);
    frame[64..96].copy_from_slice(&hash.0);
    frame
}

fn what(bytes: &[u8]) -> What {
    decode(bytes).unwrap_err().what
}

// The hashes were computed by a program of a few lines in another language, from the format's
// page.

#[test]
fn header_is_held_still() {
    let header =
        SegmentHeader { first: Sequence(7), ledger: LedgerId([0x5a; 32]), previous: PREVIOUS };
    let bytes = header.to_bytes();
    assert_eq!(bytes.len(), SegmentHeader::LEN);
    assert_eq!(&bytes[..17], b"LTPSEG1\n\0\0\0\0\0\0\0\x07\x5a");
    assert_eq!(
        blake3::hash(&bytes).to_hex().as_str(),
        "73a57ec5bf2c23bdea42da64d863419bad24945fcc4e5752cbf36effe42e9b4f"
    );
    assert_eq!(SegmentHeader::from_bytes(&bytes), Ok(header));
}

#[test]
fn frame_is_held_still() {
    let group = group();
    let bytes = encoded(&group);
    assert_eq!(bytes.len(), 96 + 187 + 257);
    assert_eq!(&bytes[..24], b"LTPFRM1\n\0\0\0\0\0\0\0\x07\0\0\0\x02\0\0\x01\xbc");
    assert_eq!(
        blake3::hash(&bytes).to_hex().as_str(),
        "984c997390569c71fb7b17733740b49e773c1a375d0aac80b664ac71627f4d4c"
    );
    let view = decode(&bytes).unwrap();
    assert_eq!(view.header.next(), Sequence(9));
    assert_eq!(view.header.durable, Sequence(7));
    let places: Vec<_> = view.events.iter().map(|event| (event.offset, event.len)).collect();
    assert_eq!(places, [(96, 187), (283, 257)]);
    let stored: Vec<_> = view.events.iter().map(EventView::to_stored).collect();
    assert_eq!(stored, group);
}

#[test]
fn footer_is_held_still() {
    let last_link = group()[1].link.hash();
    let footer = Footer { offset: 112 + 540, next: Sequence(9), last_link };
    let bytes = footer.to_bytes();
    assert_eq!(bytes.len(), Footer::LEN);
    assert_eq!(
        blake3::hash(&bytes).to_hex().as_str(),
        "ef7ef17dc547edd130e9523ee76b698fa6029b6b45a083a965d08a2f1b51c0ab"
    );
    assert_eq!(Footer::from_bytes(&bytes), Ok(footer));
}

#[test]
fn every_flipped_bit_and_every_other_length_is_refused() {
    let frame = encoded(&group());
    let footer = Footer { offset: 1, next: Sequence(2), last_link: PREVIOUS }.to_bytes();
    let ledger = LedgerId([0x5a; 32]);
    let header = SegmentHeader { first: Sequence(7), ledger, previous: PREVIOUS }.to_bytes();
    let refused = |bytes: &[u8], case: &str| {
        assert!(decode(bytes).is_err(), "{case}");
        assert!(Footer::from_bytes(bytes).is_err(), "{case}");
        assert!(SegmentHeader::from_bytes(bytes).is_err(), "{case}");
    };
    for good in [frame, footer, header] {
        for place in 0..good.len() * 8 {
            let mut bytes = good.clone();
            bytes[place / 8] ^= 1 << (place % 8);
            refused(&bytes, &format!("bit {place} of {}", good.len()));
            assert!(!starts_with_frame(&bytes));
        }
        for len in 0..good.len() {
            refused(&good[..len], &format!("{len} bytes of {}", good.len()));
            assert!(!starts_with_frame(&good[..len]));
        }
        refused(&[&good[..], &[0]].concat(), "a byte more");
    }
}

#[test]
fn a_frame_is_found_before_other_bytes() {
    let frame = encoded(&group());
    assert!(starts_with_frame(&frame));
    assert!(starts_with_frame(&[&frame[..], b"more"].concat()));
    assert!(!starts_with_frame(&frame[1..]));
}

/// A right checksum is not enough: what the header says has to be what is there.
#[test]
fn what_a_frame_says_is_compared_with_what_is_there() {
    let good = encoded(&group());
    let structure = Structure::Event;
    let with = |at: usize, bytes: &[u8]| {
        let mut frame = good.clone();
        frame[at..at + bytes.len()].copy_from_slice(bytes);
        resealed(frame)
    };
    assert_eq!(what(&with(16, &[0, 0, 0, 0])), What::Count { count: 0, length: 444 });
    assert_eq!(what(&with(16, &[0xff; 4])), What::Count { count: u32::MAX, length: 444 });
    assert_eq!(what(&with(16, &[0, 0, 0, 3])), What::Truncated { structure });
    assert_eq!(what(&with(16, &[0, 0, 0, 1])), What::BytesAfter { bytes: 257 });
    assert_eq!(what(&with(31, &[8])), What::Durable { durable: Sequence(8) });
    let link_hash = What::LinkHash { structure: Structure::Frame };
    assert_eq!(what(&with(32, &[0; 32])), link_hash);
    // The header says another first sequence, then an event does.
    let wrong = |expected, found| What::Sequence {
        structure,
        expected: Sequence(expected),
        found: Sequence(found),
    };
    assert_eq!(what(&with(15, &[8])), wrong(8, 7));
    assert_eq!(what(&with(283 + 7, &[7])), wrong(8, 7));
    assert_eq!(decode(&with(283 + 7, &[7])).unwrap_err().index, 1);
    assert_eq!(decode(&with(283 + 7, &[7])).unwrap_err().offset, 283);
    // Lengths inside an event that go beyond the body, or leave something.
    for at in [96 + 112, 96 + 112 + 4 + 5, 283 + 112, 283 + 116, 283 + 116 + 129, 283 + 116 + 130] {
        assert_eq!(what(&with(at, &[0xff])), What::Truncated { structure }, "at {at}");
    }
    let mut longer = with(20, &449_u32.to_be_bytes());
    longer.extend_from_slice(b"after");
    assert_eq!(what(&resealed(longer)), What::BytesAfter { bytes: 5 });
}

#[test]
fn only_what_the_layout_can_hold_is_written() {
    let mut out = Vec::new();
    let mut encode = |group: &[StoredEvent]| encode(&mut out, group, Sequence(0), &PREVIOUS);
    assert_eq!(encode(&[]), Err(GroupError::Empty));
    let mut group = events(&Tip::EMPTY, &[10]);
    group[0].sealed = vec![vec![0; (MAX_BODY - 1_000) as usize]];
    encode(&group).unwrap();
    group[0].sealed.push(vec![0; 1_000]);
    assert!(matches!(encode(&group), Err(GroupError::GroupTooLarge { .. })));
}

proptest! {
    #[test]
    fn groups_come_back_as_they_were(lengths in prop::collection::vec(0_usize..3_000, 1..20)) {
        let group = events(&Tip::EMPTY, &lengths);
        let mut bytes = Vec::new();
        encode(&mut bytes, &group, Sequence(0), &group.last().unwrap().link.hash()).unwrap();
        let view = decode(&bytes).unwrap();
        let stored: Vec<_> = view.events.iter().map(EventView::to_stored).collect();
        prop_assert_eq!(stored, group.clone());
        let sum: u64 = group.iter().map(|event| event_len(event).unwrap()).sum();
        prop_assert_eq!(bytes.len() as u64, FrameHeader::LEN as u64 + sum);
    }

    /// Any body under a header that says so, and a right checksum: refused or read, no panic.
    #[test]
    fn no_bytes_panic(
        count in any::<u32>(),
        few in any::<bool>(),
        body in prop::collection::vec(prop_oneof![Just(0), Just(1), any::<u8>()], 0..600),
    ) {
        let count = if few { count % 5 } else { count };
        let mut frame = FRAME_MAGIC.to_vec();
        frame.extend_from_slice(&[0; 8]);
        frame.extend_from_slice(&count.to_be_bytes());
        frame.extend_from_slice(&(body.len() as u32).to_be_bytes());
        frame.extend_from_slice(&[0; 72]);
        frame.extend_from_slice(&body);
        let _ = decode(&resealed(frame));
        let _ = decode(&body);
        let _ = SegmentHeader::from_bytes(&body);
        let _ = Footer::from_bytes(&body);
    }
}

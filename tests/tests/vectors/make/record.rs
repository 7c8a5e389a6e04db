//! `segment_header`, `frame`, `footer`: bytes of a record, and each way for them not to check.

use letopis_record::StoredEvent;
use letopis_record::frame::{self, Footer, FrameHeader, SegmentHeader};
use letopis_types::{Digest, Sequence};
use prost::Message as _;
use serde_json::json;

use super::invented as i;
use super::{invalid, log, valid};
use crate::Vector;
use crate::check::hex;

pub(super) fn vectors() -> Vec<Vector> {
    [headers(), footers(), frames()].concat()
}

fn ok(structure: &str, what: &str, bytes: &[u8]) -> Vector {
    valid(structure, what, json!({"bytes": hex(bytes)}))
}

fn no(structure: &str, what: &str, fault: &str, bytes: &[u8]) -> Vector {
    invalid(structure, what, fault, json!({"bytes": hex(bytes)}))
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}

/// Another number in the place of eight bytes, and the hash at the end right again.
fn hashed_again(bytes: &[u8], at: usize, new: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + new.len()].copy_from_slice(new);
    let end = bytes.len() - 32;
    let hash = blake3::hash(&bytes[..end]);
    bytes[end..].copy_from_slice(hash.as_bytes());
    bytes
}

fn headers() -> Vec<Vector> {
    let of = |first, previous| {
        SegmentHeader { first: Sequence(first), ledger: *i::LEDGER_ID, previous }.to_bytes()
    };
    let structure = "segment_header";
    let right = of(0, Digest::ZERO);
    vec![
        ok(structure, "valid-first", &right),
        ok(structure, "valid-later", &of(0x0102_0304_0506_0708, Digest([0x11; 32]))),
        no(structure, "magic-wrong", "magic", &hashed_again(&right, 0, b"LTPSEG2\n")),
        no(structure, "checksum-wrong", "checksum", &flipped(&right, 111)),
        no(structure, "sequence-changed", "checksum", &flipped(&right, 15)),
        no(structure, "ledger-changed", "checksum", &flipped(&right, 16)),
        no(structure, "cut", "length", &right[..111]),
        no(structure, "byte-after", "length", &[&right[..], &[0]].concat()),
    ]
}

fn footers() -> Vec<Vector> {
    let last_link = log::events()[4].2.hash();
    let of = |offset, next| Footer { offset, next: Sequence(next), last_link }.to_bytes();
    let structure = "footer";
    let right = of(4096, 5);
    vec![
        ok(structure, "valid", &right),
        ok(structure, "valid-large-numbers", &of(0x0102_0304_0506_0708, 0x1112_1314_1516_1718)),
        no(structure, "magic-wrong", "magic", &hashed_again(&right, 0, b"LTPEND2\n")),
        no(structure, "checksum-wrong", "checksum", &flipped(&right, 87)),
        no(structure, "offset-changed", "checksum", &flipped(&right, 15)),
        no(structure, "sequence-changed", "checksum", &flipped(&right, 23)),
        no(structure, "cut", "length", &right[..87]),
        no(structure, "byte-after", "length", &[&right[..], &[0]].concat()),
    ]
}

fn stored() -> Vec<StoredEvent> {
    log::events()
        .into_iter()
        .map(|(statement, signatures, link)| StoredEvent {
            link,
            sealed: statement.sections.iter().map(|_| vec![0x5e; 120]).collect(),
            statement: statement.encode_to_vec(),
            signatures,
        })
        .collect()
}

fn encode(group: &[StoredEvent], durable: u64) -> Vec<u8> {
    let mut out = Vec::new();
    let last_link = group.last().unwrap().link.hash();
    frame::encode(&mut out, group, Sequence(durable), &last_link).unwrap();
    out
}

/// The frame's checksum right again, after a change.
fn checked_again(mut frame: Vec<u8>, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    change(&mut frame);
    let mut hasher = blake3::Hasher::new();
    hasher.update(&frame[..64]).update(&frame[FrameHeader::LEN..]);
    frame[64..FrameHeader::LEN].copy_from_slice(hasher.finalize().as_bytes());
    frame
}

/// The length of the body as it is now.
fn length_again(frame: &mut [u8]) {
    let length = (frame.len() - FrameHeader::LEN) as u32;
    frame[20..24].copy_from_slice(&length.to_be_bytes());
}

fn frames() -> Vec<Vector> {
    let events = stored();
    let structure = "frame";
    let first = encode(&events[..1], 0);
    let group = encode(&events[1..], 1);
    let last = encode(&events[4..], 4);
    let changed = |change: fn(&mut Vec<u8>)| checked_again(last.clone(), change);
    let flipped = |at| flipped(&last, at);
    let no = |what, fault, bytes: &[u8]| no(structure, what, fault, bytes);
    // Where the statement's length lies in the only event.
    const STATEMENT: usize = FrameHeader::LEN + 112;
    vec![
        ok(structure, "valid-genesis", &first),
        ok(structure, "valid-four-events", &group),
        ok(structure, "valid-sealed-sections", &last),
        no("magic-wrong", "magic", &changed(|f| f[6] = b'2')),
        no("checksum-wrong", "checksum", &flipped(95)),
        no("first-sequence-changed", "checksum", &flipped(15)),
        no("durable-changed", "checksum", &flipped(31)),
        no("last-link-changed", "checksum", &flipped(63)),
        no("statement-changed", "checksum", &flipped(STATEMENT + 40)),
        no("sealed-section-changed", "checksum", &flipped(last.len() - 1)),
        no("cut", "length", &last[..last.len() - 1]),
        no("byte-after-the-frame", "length", &[&last[..], &[0]].concat()),
        no("no-events", "count", &changed(|f| f[16..20].copy_from_slice(&[0; 4]))),
        no("an-event-fewer", "bytes_after", &{ checked_again(group.clone(), |f| f[19] = 3) }),
        no("an-event-more", "length", &changed(|f| f[19] = 2)),
        no(
            "byte-after-the-last-event",
            "bytes_after",
            &changed(|f| {
                f.push(0);
                length_again(f);
            }),
        ),
        no(
            "event-cut",
            "length",
            &changed(|f| {
                f.pop();
                length_again(f);
            }),
        ),
        no("statement-length-beyond-the-body", "length", &changed(|f| f[STATEMENT + 1] = 1)),
        no("first-sequence-of-another-event", "sequence", &changed(|f| f[15] = 5)),
        no("sequence-left-out", "sequence", &{
            encode(&[events[1].clone(), events[3].clone()], 1)
        }),
        no("last-link-wrong", "last_link", &changed(|f| f[63] ^= 1)),
        no("durable-beyond-the-first", "durable", &changed(|f| f[31] = 5)),
    ]
}

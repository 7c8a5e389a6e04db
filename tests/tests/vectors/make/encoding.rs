//! `canonical`: every way not to be the canonical encoding.

use prost::Message as _;
use serde_json::json;

use super::invented as i;
use super::wire::{delimited, fields, number, replace, within};
use super::{invalid, kinds};
use crate::Vector;
use crate::check::hex;

// Fields of a Statement.
const LEDGER: u32 = 1;
const STREAM: u32 = 3;
const SIGNERS: u32 = 4;
const SEEN: u32 = 5;
const OCCURRED_AT: u32 = 6;
const NONCE: u32 = 7;
const SECTIONS: u32 = 9;
const FACT: u32 = 10;

type Case = (&'static str, &'static str, Vec<u8>);

pub(super) fn vectors() -> Vec<Vector> {
    let note = i::note_added().encode_to_vec();
    [ends(&note), tags(&note), order(&note), varints(&note), values(&note), packed(), enums(&note)]
        .concat()
        .into_iter()
        .map(|(what, fault, bytes)| {
            invalid("canonical", what, fault, json!({"statement": hex(bytes)}))
        })
        .collect()
}

/// Lengths beyond the end.
fn ends(note: &[u8]) -> Vec<Case> {
    let fault = "truncated";
    let too_large = kinds::of_length(letopis_crypto::canonical::STATEMENT_BYTES_MAX + 1);
    vec![
        ("statement-too-large", "statement_too_large", too_large.encode_to_vec()),
        ("truncated-last-byte", fault, note[..note.len() - 1].to_vec()),
        ("truncated-in-a-tag", fault, [note, &[0x80]].concat()),
        (
            "truncated-in-a-varint",
            fault,
            within(note, OCCURRED_AT, |time| {
                let (_, rest) = time.split_last().unwrap();
                [rest, &[0x81]].concat()
            }),
        ),
        // Within the statement, but beyond the message that it stands in.
        (
            "truncated-nested-length-beyond-message",
            fault,
            within(note, STREAM, |stream| {
                let mut stream = stream.to_vec();
                stream[3] = 17;
                stream
            }),
        ),
        ("truncated-length-of-64-bits", fault, {
            let length = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
            replace(note, NONCE, &[&[0x3a][..], &length].concat())
        }),
    ]
}

/// Tags that the schema does not have.
fn tags(note: &[u8]) -> Vec<Case> {
    let (wire_type, unknown) = ("wire_type_wrong", "field_unknown");
    vec![
        ("wire-type-varint-for-bytes", wire_type, replace(note, NONCE, &number(NONCE, 1))),
        (
            "wire-type-bytes-for-varint",
            wire_type,
            within(note, STREAM, |stream| replace(stream, 1, &delimited(1, &[3]))),
        ),
        ("wire-type-fixed64", wire_type, replace(note, NONCE, &[0x39, 1, 2, 3, 4, 5, 6, 7, 8])),
        ("wire-type-fixed32", wire_type, replace(note, NONCE, &[0x3d, 1, 2, 3, 4])),
        ("wire-type-varint-for-message", wire_type, replace(note, SEEN, &number(SEEN, 1))),
        ("field-unknown-at-the-end", unknown, [note, &delimited(11, &[1])].concat()),
        (
            "field-unknown-in-a-message",
            unknown,
            within(note, STREAM, |stream| [stream, &number(3, 1)].concat()),
        ),
        ("field-unknown-number-zero", unknown, [&[0x02, 0][..], note].concat()),
        ("field-unknown-group", unknown, [note, &[0x5b, 0x5c]].concat()),
        ("field-unknown-known-number-as-group", unknown, replace(note, NONCE, &[0x3b, 0x3c])),
        (
            "field-unknown-kind-of-fact",
            unknown,
            replace(note, FACT, &{ delimited(FACT, &delimited(5000, &[])) }),
        ),
        (
            "field-unknown-beside-the-fact",
            unknown,
            within(note, FACT, |fact| [fact, &number(5000, 1)].concat()),
        ),
    ]
}

/// Order, and what is written twice.
fn order(note: &[u8]) -> Vec<Case> {
    let (order, repeated) = ("field_order", "field_repeated");
    let swapped = |a: u32| {
        let mut fields = fields(note);
        let at = fields.iter().position(|field| field.number == a).unwrap();
        fields.swap(at, at + 1);
        fields.into_iter().flat_map(|field| field.bytes).collect()
    };
    let twice = |number: u32| {
        let field = fields(note).into_iter().find(|field| field.number == number).unwrap().bytes;
        replace(note, number, &field.repeat(2))
    };
    vec![
        ("field-order", order, swapped(OCCURRED_AT)),
        (
            "field-order-in-a-message",
            order,
            within(note, SEEN, |seen| {
                let fields = fields(seen);
                [&fields[1].bytes[..], &fields[0].bytes].concat()
            }),
        ),
        ("field-order-repeated-field-again-later", order, {
            let signer = fields(note).into_iter().find(|field| field.number == SIGNERS).unwrap();
            let seen = fields(note).into_iter().find(|field| field.number == SEEN).unwrap();
            replace(note, SEEN, &[seen.bytes, signer.bytes].concat())
        }),
        ("field-repeated-bytes", repeated, twice(NONCE)),
        ("field-repeated-message", repeated, twice(SEEN)),
        ("field-repeated-fact", repeated, twice(FACT)),
        (
            "field-repeated-number",
            repeated,
            within(note, OCCURRED_AT, |time| replace(time, 3, &number(3, 240).repeat(2))),
        ),
        (
            "field-repeated-two-members-of-the-oneof",
            repeated,
            within(note, FACT, |fact| [fact, &delimited(113, &[])].concat()),
        ),
        ("field-repeated-one-member-twice", repeated, within(note, FACT, |fact| fact.repeat(2))),
    ]
}

fn varints(note: &[u8]) -> Vec<Case> {
    let (minimal, range) = ("varint_not_minimal", "varint_out_of_range");
    let ledger = i::LEDGER_ID.0;
    let nanos = |bytes: &'static [u8]| {
        within(note, OCCURRED_AT, |time| {
            let seconds = &fields(time)[0].bytes;
            let rest = &time[seconds.len()..];
            [seconds, &[0x10][..], bytes, rest].concat()
        })
    };
    let version = |bytes: &'static [u8]| {
        within(note, SEEN, |seen| replace(seen, 1, &[&[0x08], bytes].concat()))
    };
    let offset = |bytes: &'static [u8]| {
        within(note, OCCURRED_AT, |time| replace(time, 3, &[&[0x18], bytes].concat()))
    };
    let visit = |value| within(note, FACT, |_| delimited(116, &number(1, value)));
    vec![
        ("varint-not-minimal", minimal, nanos(&[0x81, 0])),
        ("varint-not-minimal-tag", minimal, {
            replace(note, LEDGER, &[&[0x8a, 0, 32][..], &ledger].concat())
        }),
        ("varint-not-minimal-length", minimal, {
            replace(note, LEDGER, &[&[0x0a, 0xa0, 0][..], &ledger].concat())
        }),
        ("varint-out-of-range-uint32", range, nanos(&[0x80, 0x80, 0x80, 0x80, 0x10])),
        ("varint-out-of-range-sint32", range, offset(&[0x80, 0x80, 0x80, 0x80, 0x10])),
        ("varint-out-of-range-uint64", range, {
            version(&[0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 2])
        }),
        ("varint-out-of-range-eleven-bytes", range, {
            version(&[0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x81, 1])
        }),
        ("varint-out-of-range-bool", range, visit(2)),
    ]
}

/// Defaults that are written, text that is none.
fn values(note: &[u8]) -> Vec<Case> {
    let (default, utf8) = ("default_written", "utf8_invalid");
    let payload_type = |bytes: &'static [u8]| {
        within(note, SECTIONS, |section| replace(section, 2, &delimited(2, bytes)))
    };
    let time = |field, value| {
        within(note, OCCURRED_AT, |time| {
            let mut fields: Vec<_> =
                fields(time).into_iter().filter(|f| f.number != field).collect();
            let at = fields.iter().position(|f| f.number > field).unwrap();
            fields.insert(at, super::wire::Field { number: field, bytes: number(field, value) });
            fields.into_iter().flat_map(|field| field.bytes).collect()
        })
    };
    vec![
        ("default-written-number", default, time(2, 0)),
        ("default-written-signed-number", default, time(3, 0)),
        (
            "default-written-bytes",
            default,
            within(note, SIGNERS, |signer| replace(signer, 3, &delimited(3, &[]))),
        ),
        ("default-written-string", default, payload_type(b"")),
        ("default-written-bool", default, {
            within(note, FACT, |_| delimited(116, &number(1, 0)))
        }),
        ("utf8-invalid", utf8, payload_type(b"text/\xff")),
        ("utf8-invalid-surrogate", utf8, payload_type(b"text/\xed\xa0\x80")),
        ("utf8-invalid-overlong", utf8, payload_type(b"text/\xc0\xaf")),
    ]
}

/// Of a reading, whose `released` has packed numbers.
fn packed() -> Vec<Case> {
    let fault = "not_packed";
    let reading = i::sections_read(vec![i::released(1, &[0, 1])]).encode_to_vec();
    let released = |sections: &[u8]| {
        within(&reading, FACT, |fact| {
            within(fact, 60, |read| within(read, 5, |released| replace(released, 2, sections)))
        })
    };
    vec![
        ("not-packed", fault, released(&[number(2, 0), number(2, 1)].concat())),
        ("not-packed-empty", fault, released(&delimited(2, &[]))),
        ("not-packed-into-one", fault, {
            released(&[delimited(2, &[0]), delimited(2, &[1])].concat())
        }),
        ("varint-out-of-range-packed", "varint_out_of_range", {
            released(&delimited(2, &[0, 0x80, 0x80, 0x80, 0x80, 0x10]))
        }),
        ("varint-not-minimal-packed", "varint_not_minimal", {
            released(&delimited(2, &[0, 0x81, 0]))
        }),
        ("truncated-packed", "truncated", released(&delimited(2, &[0, 0x81]))),
    ]
}

fn enums(note: &[u8]) -> Vec<Case> {
    let (unknown, unspecified) = ("enum_unknown", "enum_unspecified");
    let class = |class: &[u8]| within(note, SECTIONS, |section| replace(section, 1, class));
    let time = |field, bytes: &[u8]| within(note, OCCURRED_AT, |time| replace(time, field, bytes));
    let role = i::role_granted().encode_to_vec();
    let role = |bytes: &[u8]| {
        within(&role, FACT, |fact| within(fact, 5, |granted| replace(granted, 1, bytes)))
    };
    vec![
        ("enum-unknown-class", unknown, class(&number(1, 4))),
        ("enum-unknown-precision", unknown, time(4, &number(4, 5))),
        (
            "enum-unknown-stream-kind",
            unknown,
            within(note, STREAM, |stream| replace(stream, 1, &number(1, 10))),
        ),
        ("enum-unknown-in-a-fact", unknown, role(&number(1, 16))),
        ("enum-unspecified-class-absent", unspecified, class(&[])),
        ("enum-unspecified-precision-absent", unspecified, time(4, &[])),
        ("enum-unspecified-knowledge-absent", unspecified, time(5, &[])),
        (
            "enum-unspecified-stream-kind-absent",
            unspecified,
            within(note, STREAM, |stream| replace(stream, 1, &[])),
        ),
        ("enum-unspecified-in-a-fact", unspecified, role(&[])),
        ("enum-unspecified-written", unspecified, class(&number(1, 0))),
    ]
}

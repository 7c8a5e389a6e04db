//! `commitment`, `sealed`.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde_json::{Map, Value, json};

use super::{invalid, valid};
use crate::Vector;
use crate::check::hex;

pub(super) fn vectors() -> Vec<Vector> {
    [commitments(), sealed()].concat()
}

fn commitments() -> Vec<Vector> {
    let commitment = |what, index: u32, class: u32, payload_type: &str, content: &[u8]| {
        let input = json!({
            "nonce": hex([5; 32]),
            "index": index,
            "class": class,
            "payload_type": payload_type,
            "salt": hex([0x5a; 32]),
            "content": hex(content),
        });
        valid("commitment", what, input)
    };
    vec![
        commitment("valid-text", 0, 1, "text/plain", "Измислено съдържание.".as_bytes()),
        commitment("valid-empty-content", 0, 1, "text/plain", b""),
        commitment("valid-last-index-very-restricted", 31, 3, "letopis/note+v1.0-x", &[7; 100]),
    ]
}

const KEY: [u8; 32] = [0xd0; 32];
const KEY_ID: [u8; 16] = [0xd1; 16];
const NONCE: [u8; 24] = [0xd2; 24];
const SALT: [u8; 32] = [0x5a; 32];

/// Where the sealed sections of these vectors belong.
fn place() -> Map<String, Value> {
    let place = json!({
        "key": hex(KEY),
        "ledger": hex([0x1d; 32]),
        "stream_kind": 3,
        "stream_id": hex([0xca; 16]),
        "class": 2,
        "statement_hash": hex([0x4e; 32]),
        "index": 1,
    });
    let Value::Object(place) = place else { unreachable!("it is an object") };
    place
}

fn with(mut place: Map<String, Value>, name: &str, value: impl Into<Value>) -> Map<String, Value> {
    place.insert(name.to_owned(), value.into());
    place
}

/// The associated data of [`place`].
fn associated_data() -> Vec<u8> {
    let (kind, class, index) = (3u32.to_be_bytes(), 2u32.to_be_bytes(), 1u32.to_be_bytes());
    [&[0x1d; 32][..], &kind, &[0xca; 16], &class, &[0x4e; 32], &index, &KEY_ID].concat()
}

/// Seals any plaintext, however it is padded.
fn seal(plaintext: &[u8]) -> Vec<u8> {
    let payload = Payload { msg: plaintext, aad: &associated_data() };
    let cipher = XChaCha20Poly1305::new(&KEY.into());
    let ciphertext = cipher.encrypt(&XNonce::from(NONCE), payload).unwrap();
    [&KEY_ID[..], &NONCE, &ciphertext].concat()
}

fn sealed() -> Vec<Vector> {
    let make = |what, content: &[u8]| {
        let input = with(place(), "key_id", hex(KEY_ID));
        let input = with(input, "nonce", hex(NONCE));
        let input = with(input, "salt", hex(SALT));
        valid("sealed", what, Value::Object(with(input, "content", hex(content))))
    };
    let right = seal(&[&SALT[..], &[0, 0, 0, 1, 9], &[0; 27]].concat());
    let open = |what, fault, place, sealed: &[u8]| {
        invalid("sealed", what, fault, Value::Object(with(place, "sealed", hex(sealed))))
    };
    let elsewhere =
        |what, name, value: Value| open(what, "not_authentic", with(place(), name, value), &right);
    let padding =
        |what, plaintext: &[&[u8]]| open(what, "padding", place(), &seal(&plaintext.concat()));
    let changed = |at: usize| {
        let mut sealed = right.clone();
        sealed[at] ^= 1;
        sealed
    };
    vec![
        make("valid-text", "Измислено съдържание.".as_bytes()),
        make("valid-empty", b""),
        make("valid-28-bytes-need-no-padding", &[7; 28]),
        make("valid-29-bytes-need-another-block", &[7; 29]),
        elsewhere("other-ledger", "ledger", json!(hex([0x2d; 32]))),
        elsewhere("other-stream-kind", "stream_kind", json!(4)),
        elsewhere("other-stream", "stream_id", json!(hex([0xcb; 16]))),
        elsewhere("other-class", "class", json!(3)),
        elsewhere("other-statement", "statement_hash", json!(hex([0x4f; 32]))),
        elsewhere("other-index", "index", json!(0)),
        elsewhere("other-key", "key", json!(hex([0xdf; 32]))),
        open("other-key-id", "not_authentic", place(), &changed(0)),
        open("other-nonce", "not_authentic", place(), &changed(16)),
        open("flipped-bit-of-ciphertext", "not_authentic", place(), &changed(40)),
        open("flipped-bit-of-tag", "not_authentic", place(), &changed(right.len() - 1)),
        open("too-short", "length", place(), &right[..39]),
        padding("padding-not-zero", &[&SALT, &[0, 0, 0, 1, 9, 1], &[0; 26]]),
        padding("padding-a-block-too-much", &[&SALT, &[0, 0, 0, 1, 9], &[0; 91]]),
        padding("padding-not-to-64", &[&SALT, &[0, 0, 0, 1, 9], &[0; 26]]),
        padding("padding-length-beyond-the-end", &[&SALT, &[0, 0, 0, 29], &[9; 28]]),
    ]
}

//! `signature`, `signatures`: the strict rule at its edges, each signature made so that nothing but
//! the named condition refuses it.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT as B, EIGHT_TORSION};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use letopis_crypto::sign::{REFUSAL_TYPE, STATEMENT_TYPE, pae};
use prost::Message as _;
use serde_json::json;
use sha2::{Digest as _, Sha512};

use super::invented as i;
use super::{invalid, valid};
use crate::Vector;
use crate::check::hex;

/// The group's order L, little-endian.
const L: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

const INVALID: &str = "signature_invalid";
const WEAK: &str = "key_weak";

/// A signature, and what it is to be verified with.
#[derive(Clone)]
struct Signed {
    key: [u8; 32],
    type_: &'static str,
    body: Vec<u8>,
    r: [u8; 32],
    s: [u8; 32],
}

impl Signed {
    fn input(&self) -> serde_json::Value {
        json!({
            "public_key": hex(self.key),
            "type": self.type_,
            "body": hex(&self.body),
            "signature": hex([self.r, self.s].concat()),
        })
    }

    fn valid(&self, what: &str) -> Vector {
        valid("signature", what, self.input())
    }

    fn invalid(&self, what: &str, fault: &str) -> Vector {
        invalid("signature", what, fault, self.input())
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }
}

pub(super) fn vectors() -> Vec<Vector> {
    let body = i::note_added().encode_to_vec();
    let (r, s) = split(&i::secret(i::WORKER).sign_statement(&body).0);
    let signed = Signed { key: i::public(i::WORKER).0, type_: STATEMENT_TYPE, body, r, s };
    let other_message = i::secret(i::WORKER).sign(&signed.body).0;
    let mut vectors = vec![
        signed.valid("valid-statement"),
        {
            let (r, s) = split(&i::secret(i::LEDGER).sign(&pae(REFUSAL_TYPE, b"")).0);
            let key = i::public(i::LEDGER).0;
            Signed { key, type_: REFUSAL_TYPE, body: Vec::new(), r, s }.valid("valid-empty-body")
        },
        signed.with(|v| v.r[3] ^= 4).invalid("flipped-bit-of-r", INVALID),
        signed.with(|v| v.s[3] ^= 4).invalid("flipped-bit-of-s", INVALID),
        signed.with(|v| v.body[40] ^= 4).invalid("flipped-bit-of-body", INVALID),
        signed.with(|v| v.s = plus_l(v.s)).invalid("s-plus-l", INVALID),
        signed.with(|v| v.key = i::public(1).0).invalid("other-key", INVALID),
        signed.with(|v| v.type_ = REFUSAL_TYPE).invalid("other-type", INVALID),
        signed
            .with(|v| (v.r, v.s) = split(&other_message))
            .invalid("over-the-body-without-pre-authentication-encoding", INVALID),
    ];
    vectors.extend(edges());
    let by = |seeds: std::ops::RangeInclusive<u8>| -> Vec<String> {
        seeds.map(|seed| hex(i::secret(seed).sign_statement(&signed.body).0)).collect()
    };
    for (what, seeds) in [("valid-one", 1..=1), ("valid-two", 1..=2), ("valid-sixteen", 1..=16)] {
        vectors.push(valid("signatures", what, json!({"signatures": by(seeds)})));
    }
    vectors
}

/// How the equation [S]B − [k]A = R stands, of points however they are encoded.
#[derive(Debug, PartialEq)]
enum Equation {
    Holds,
    OnlyWithCofactor,
    Fails,
}

/// Keys and Rs that only an attacker makes. Everywhere the secret scalar is 7 and the nonce 11.
fn edges() -> Vec<Vector> {
    use Equation::{Fails, Holds, OnlyWithCofactor};
    let (a, r, zero) = (Scalar::from(7u64), Scalar::from(11u64), Scalar::ZERO);
    let encode = |point: EdwardsPoint| point.compress().to_bytes();
    let torsion = EIGHT_TORSION[1];
    let (key, commitment, small) = (encode(B * a), encode(B * r), encode(torsion));
    let (key_torsion, commitment_torsion) = (encode(B * a + torsion), encode(B * r + torsion));
    let identity = encode(EIGHT_TORSION[0]);
    // y = 1 written as p + 1, and the identity with a sign bit.
    let mut above_p = [0xff; 32];
    (above_p[0], above_p[31]) = (0xee, 0x7f);
    let mut minus_zero = identity;
    minus_zero[31] = 0x80;
    let any = |_: u64| true;
    // The torsion of A drops out of [k]A; it does not; it becomes R.
    let vanishes = |k: u64| k.is_multiple_of(8);
    let remains = |k: u64| !k.is_multiple_of(8);
    let becomes_r = |k: u64| k % 8 == 7;
    let make = |key, r_bytes, r: Scalar, a: Scalar, k_is: &dyn Fn(u64) -> bool, expected| {
        let (signed, k) = search(key, r_bytes, k_is, |k| (r + k * a).to_bytes());
        assert_eq!(equation(&signed, k), expected);
        signed
    };
    vec![
        make(key, commitment, r, a, &any, Holds).valid("valid-small-secrets"),
        make(key_torsion, commitment, r, a, &vanishes, Holds)
            .valid("valid-key-with-torsion-that-drops-out"),
        make(key_torsion, commitment, r, a, &remains, OnlyWithCofactor)
            .invalid("only-with-cofactor-torsion-in-a", INVALID),
        make(key, commitment_torsion, r, a, &any, OnlyWithCofactor)
            .invalid("only-with-cofactor-torsion-in-r", INVALID),
        make(small, commitment, r, zero, &vanishes, Holds).invalid("a-of-small-order", WEAK),
        make(identity, commitment, r, zero, &any, Holds).invalid("a-is-the-identity", WEAK),
        make(above_p, commitment, r, zero, &any, Holds).invalid("a-not-canonical-y-above-p", WEAK),
        make(minus_zero, commitment, r, zero, &any, Holds)
            .invalid("a-not-canonical-minus-zero", WEAK),
        make(key, identity, zero, a, &any, Holds).invalid("r-is-the-identity", WEAK),
        make(key_torsion, small, zero, a, &becomes_r, Holds).invalid("r-of-small-order", WEAK),
        make(key, above_p, zero, a, &any, Holds).invalid("r-not-canonical-y-above-p", WEAK),
        make(key, minus_zero, zero, a, &any, Holds).invalid("r-not-canonical-minus-zero", WEAK),
        make(not_on_curve(), commitment, r, a, &any, Fails).invalid("a-not-on-the-curve", WEAK),
    ]
}

fn equation(signed: &Signed, k: Scalar) -> Equation {
    let (a, r) = (CompressedEdwardsY(signed.key), CompressedEdwardsY(signed.r));
    let (Some(a), Some(r)) = (a.decompress(), r.decompress()) else { return Equation::Fails };
    let s = Scalar::from_bytes_mod_order(signed.s);
    let difference = B * s - a * k - r;
    match (difference == EdwardsPoint::default(), difference.is_small_order()) {
        (true, _) => Equation::Holds,
        (false, true) => Equation::OnlyWithCofactor,
        (false, false) => Equation::Fails,
    }
}

/// Looks for a body for which k is as wanted, both as it is and reduced by L, modulo 2^64: whether
/// [k]A has torsion then does not depend on how a verifier computes it.
fn search(
    key: [u8; 32],
    r: [u8; 32],
    k_is: impl Fn(u64) -> bool,
    s: impl Fn(Scalar) -> [u8; 32],
) -> (Signed, Scalar) {
    for number in 0u32.. {
        let body = format!("invented {number}").into_bytes();
        let message = pae(STATEMENT_TYPE, &body);
        let hash = Sha512::new().chain_update(r).chain_update(key).chain_update(message);
        let full: [u8; 64] = hash.finalize().into();
        let k = Scalar::from_bytes_mod_order_wide(&full);
        if k_is(low(&full)) && k_is(low(k.as_bytes())) {
            return (Signed { key, type_: STATEMENT_TYPE, body, r, s: s(k) }, k);
        }
    }
    unreachable!("one in 64 does")
}

fn low(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes[..8].try_into().unwrap())
}

/// The smallest y that no point of the curve has.
fn not_on_curve() -> [u8; 32] {
    (2u8..)
        .map(|y| {
            let mut bytes = [0; 32];
            bytes[0] = y;
            bytes
        })
        .find(|y| CompressedEdwardsY(*y).decompress().is_none())
        .unwrap()
}

fn split(signature: &[u8; 64]) -> ([u8; 32], [u8; 32]) {
    let (r, s) = signature.split_at(32);
    (r.try_into().unwrap(), s.try_into().unwrap())
}

fn plus_l(s: [u8; 32]) -> [u8; 32] {
    let mut carry = 0;
    let mut out = [0; 32];
    for ((out, s), l) in out.iter_mut().zip(s).zip(L) {
        let sum = u16::from(s) + u16::from(l) + carry;
        (*out, carry) = (sum as u8, sum >> 8);
    }
    assert_eq!(carry, 0);
    out
}

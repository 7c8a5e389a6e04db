//! Keys and signatures that only an attacker makes. Everywhere the secret scalar is 7, the nonce 11.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT as B, EIGHT_TORSION};
use curve25519_dalek::{EdwardsPoint, Scalar};
use letopis_crypto::sign::{STATEMENT_TYPE, pae};
use letopis_types::PublicKey;
use sha2::{Digest as _, Sha512};

fn encode(point: EdwardsPoint) -> [u8; 32] {
    point.compress().to_bytes()
}

/// A key of small order: the identity, under which anything can be made to verify.
pub(crate) fn weak_key() -> PublicKey {
    PublicKey(encode(EIGHT_TORSION[0]))
}

/// For a lenient verifier a signature of the identity over whatever you like.
pub(crate) fn weak_signature() -> Vec<u8> {
    [encode(B * Scalar::from(11u64)), Scalar::from(11u64).to_bytes()].concat()
}

/// A key with a torsion component of order 2.
pub(crate) fn torsioned_key() -> PublicKey {
    PublicKey(encode(B * Scalar::from(7u64) + EIGHT_TORSION[4]))
}

/// The torsioned key's signature, valid without cofactor; `None` for the half of all statements for
/// which there is none with this nonce.
pub(crate) fn torsioned_signature(statement: &[u8]) -> Option<Vec<u8>> {
    let nonce = Scalar::from(11u64);
    let commitment = encode(B * nonce);
    let hash = Sha512::new()
        .chain_update(commitment)
        .chain_update(torsioned_key().0)
        .chain_update(pae(STATEMENT_TYPE, statement));
    let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
    let torsion_drops_out = k.as_bytes()[0].is_multiple_of(2);
    let signature = [commitment, (nonce + k * Scalar::from(7u64)).to_bytes()].concat();
    torsion_drops_out.then_some(signature)
}

/// S + L in the place of S, which a lenient verifier takes for the same.
pub(crate) fn malleated(signature: &[u8]) -> Vec<u8> {
    let mut out = signature.to_vec();
    let mut carry = 0;
    // −1 is L − 1.
    let mut l = (-Scalar::ONE).to_bytes();
    l[0] += 1;
    for (byte, l) in out[32..].iter_mut().zip(l) {
        let sum = u16::from(*byte) + u16::from(l) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    out
}

//! Ed25519 as Letopis accepts it: strict, without cofactor, over the DSSE encoding.
//!
//! A signature is valid if and only if S < L; A and R are canonical encodings of points that are
//! not of small order; and `encode([S]B − [k]A) = R` (proto/README.md, Signature). The byte
//! conditions are checked here, before the library is asked, so that no library's leniency counts.

use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier as _, VerifyingKey};
use letopis_types::{PublicKey, SignatureBytes};
use zeroize::Zeroizing;

/// DSSE type of a statement.
pub const STATEMENT_TYPE: &str = "application/vnd.letopis.statement.v1+protobuf";

/// DSSE type of a refusal that a rule decided.
pub const REFUSAL_TYPE: &str = "application/vnd.letopis.refusal.v1+protobuf";

/// What a statement key signs besides statements: papers that leave the ledger. Each has a DSSE type of
/// its own, so that no signature under one is one under another, or under a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// A de-identified case, by its author.
    Deidentified,
    /// That somebody else looked a de-identified case through, by them.
    DeidentifiedReview,
}

impl Paper {
    /// The DSSE type.
    #[must_use]
    pub const fn payload_type(self) -> &'static str {
        match self {
            Self::Deidentified => "application/vnd.letopis.deidentified.v1+json",
            Self::DeidentifiedReview => "application/vnd.letopis.deidentified-review.v1+json",
        }
    }

    /// What is signed of a paper's bytes.
    #[must_use]
    pub fn message(self, bytes: &[u8]) -> Vec<u8> {
        pae(self.payload_type(), bytes)
    }
}

/// Why a signature or a key is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The key is not a canonically encoded point, or is of small order.
    #[error("the public key is of small order or not canonically encoded")]
    WeakKey,
    /// R is not canonically encoded, or is of small order.
    #[error("the signature's R is of small order or not canonically encoded")]
    WeakR,
    /// S ≥ L, or the equation does not hold.
    #[error("the signature does not verify")]
    Invalid,
    /// The key has a torsion component. Only asked when a key is enrolled.
    #[error("the public key has a torsion component")]
    Torsioned,
}

/// DSSE v1's pre-authentication encoding.
#[must_use]
pub fn pae(payload_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), body.len());
    let mut out = Vec::with_capacity(head.len() + body.len());
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(body);
    out
}

/// A public key that passed the byte conditions, decompressed once.
#[derive(Debug, Clone)]
pub struct CheckedKey(VerifyingKey);

impl CheckedKey {
    /// Checks and decompresses a key.
    ///
    /// # Errors
    /// [`SignatureError::WeakKey`] where it is not one that may sign.
    pub fn new(key: &PublicKey) -> Result<Self, SignatureError> {
        if !is_acceptable_encoding(&key.0) {
            return Err(SignatureError::WeakKey);
        }
        VerifyingKey::from_bytes(&key.0).map(Self).map_err(|_| SignatureError::WeakKey)
    }

    /// Verifies a signature over a message.
    ///
    /// # Errors
    /// [`SignatureError::WeakR`] or [`SignatureError::Invalid`].
    pub fn verify(&self, message: &[u8], signature: &SignatureBytes) -> Result<(), SignatureError> {
        let signature = Signature::from_bytes(&signature.0);
        if !is_acceptable_encoding(signature.r_bytes()) {
            return Err(SignatureError::WeakR);
        }
        // Refuses S ≥ L, and compares encode([S]B − [k]A) with R byte by byte.
        self.0.verify(message, &signature).map_err(|_| SignatureError::Invalid)
    }
}

/// Verifies a signature over a message.
///
/// # Errors
/// What is wrong with key or signature.
pub fn verify(
    key: &PublicKey,
    message: &[u8],
    signature: &SignatureBytes,
) -> Result<(), SignatureError> {
    CheckedKey::new(key)?.verify(message, signature)
}

/// Checks what a key must be to be enrolled: acceptable and free of torsion.
///
/// # Errors
/// [`SignatureError::WeakKey`] or [`SignatureError::Torsioned`].
pub fn check_enrollable(key: &PublicKey) -> Result<(), SignatureError> {
    let checked = CheckedKey::new(key)?;
    if checked.0.to_edwards().is_torsion_free() { Ok(()) } else { Err(SignatureError::Torsioned) }
}

/// A secret key. Zeroed when dropped; has no text form.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// From its 32-byte seed (RFC 8032).
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The seed, for whoever writes it to a key file.
    #[must_use]
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs a message as it is.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> SignatureBytes {
        SignatureBytes(self.0.sign(message).to_bytes())
    }

    /// Signs a statement's bytes.
    #[must_use]
    pub fn sign_statement(&self, statement: &[u8]) -> SignatureBytes {
        self.sign(&pae(STATEMENT_TYPE, statement))
    }

    /// Signs a paper's bytes.
    #[must_use]
    pub fn sign_paper(&self, paper: Paper, bytes: &[u8]) -> SignatureBytes {
        self.sign(&paper.message(bytes))
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretKey(of {})", self.public())
    }
}

/// The field's prime 2^255 − 19, little-endian.
const P: [u8; 32] = {
    let mut p = [0xff; 32];
    p[0] = 0xed;
    p[31] = 0x7f;
    p
};

/// The y-coordinates of the 8 points of small order, little-endian, without the sign bit.
const SMALL_ORDER_Y: [[u8; 32]; 5] = {
    let mut one = [0; 32];
    one[0] = 1;
    let mut minus_one = P;
    minus_one[0] = 0xec;
    [
        [0; 32],
        one,
        minus_one,
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10,
            0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77,
            0x92, 0xac, 0x03, 0x7a,
        ],
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef,
            0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88,
            0x6d, 0x53, 0xfc, 0x05,
        ],
    ]
};

/// y < p and not of small order. x = 0 has y = ±1 only, so a sign bit there is refused with them.
fn is_acceptable_encoding(point: &[u8; 32]) -> bool {
    let mut y = *point;
    y[31] &= 0x7f;
    let below_p = y.iter().rev().lt(P.iter().rev());
    below_p && !SMALL_ORDER_Y.contains(&y)
}

#[cfg(test)]
mod tests;

//! A token that a shared secret would have signed.

use sha2::{Digest as _, Sha256};

/// HMAC with SHA-256 (RFC 2104) under a key of 32 bytes: what whoever takes a public key for a shared
/// secret would sign a token with.
#[must_use]
pub fn hmac(key: &[u8; 32], message: &[u8]) -> Vec<u8> {
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::digest([&pad(0x36)[..], message].concat());
    Sha256::digest([&pad(0x5c)[..], &inner].concat()).to_vec()
}

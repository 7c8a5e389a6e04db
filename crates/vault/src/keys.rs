//! Data keys and their ids, and how one key is wrapped by another.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

/// Length of a nonce.
pub(crate) const NONCE_LEN: usize = 24;

/// Length of a wrapped key: the key and a tag.
pub(crate) const WRAPPED_LEN: usize = 48;

/// A data key's id: u64 the number of its slot ‖ 8 random bytes. It stands in the sealed bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 16]);

impl KeyId {
    /// Its length in bytes.
    pub const LEN: usize = 16;

    pub(crate) fn new(slot: u64, random: [u8; 8]) -> Self {
        Self((u128::from(slot) << 64 | u128::from(u64::from_be_bytes(random))).to_be_bytes())
    }

    /// From a slice of just this length.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The number of its slot: block × 1,024 + place.
    #[must_use]
    pub fn slot(&self) -> u64 {
        (u128::from_be_bytes(self.0) >> 64) as u64
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({:032x})", u128::from_be_bytes(self.0))
    }
}

/// A key under which sections of one stream and class are sealed.
///
/// It can't be printed:
/// ```compile_fail
/// fn show(key: &letopis_vault::DataKey) -> String { format!("{key:?}") }
/// ```
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; 32]>);

impl DataKey {
    pub(crate) fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A key sealed by another. `None` never happens for 32 bytes.
pub(crate) fn wrap(
    with: &[u8; 32],
    nonce: &[u8; NONCE_LEN],
    associated: &[u8],
    key: &[u8; 32],
) -> Option<[u8; WRAPPED_LEN]> {
    XChaCha20Poly1305::new(with.into())
        .encrypt(&XNonce::from(*nonce), Payload { msg: key, aad: associated })
        .ok()?
        .try_into()
        .ok()
}

/// The other way; `None` if it is not the right key, place or ciphertext.
pub(crate) fn unwrap(
    with: &[u8; 32],
    nonce: &[u8; NONCE_LEN],
    associated: &[u8],
    wrapped: &[u8],
) -> Option<Zeroizing<[u8; 32]>> {
    let plaintext = XChaCha20Poly1305::new(with.into())
        .decrypt(&XNonce::from(*nonce), Payload { msg: wrapped, aad: associated })
        .map(Zeroizing::new)
        .ok()?;
    let mut key = Zeroizing::new([0; 32]);
    if plaintext.len() != key.len() {
        return None;
    }
    key.copy_from_slice(&plaintext);
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_slot_then_the_random_bytes() {
        let id = KeyId::new(0x0102_0304_0506_0708, [9; 8]);
        assert_eq!(id.0, [1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9, 9, 9, 9, 9]);
        assert_eq!(id.slot(), 0x0102_0304_0506_0708);
        assert_eq!(KeyId::from_slice(&id.0), Some(id));
        assert_eq!(KeyId::from_slice(&id.0[1..]), None);
        assert_eq!(format!("{id:?}"), "KeyId(01020304050607080909090909090909)");
    }

    #[test]
    fn wrapped_keys_open_only_as_they_were_wrapped() {
        let wrapped = wrap(&[1; 32], &[2; 24], b"here", &[3; 32]).unwrap();
        assert_eq!(*unwrap(&[1; 32], &[2; 24], b"here", &wrapped).unwrap(), [3; 32]);
        assert!(unwrap(&[0; 32], &[2; 24], b"here", &wrapped).is_none());
        assert!(unwrap(&[1; 32], &[0; 24], b"here", &wrapped).is_none());
        assert!(unwrap(&[1; 32], &[2; 24], b"there", &wrapped).is_none());
        assert!(unwrap(&[1; 32], &[2; 24], b"here", &wrapped[1..]).is_none());
        let other = XChaCha20Poly1305::new(&[1; 32].into())
            .encrypt(&XNonce::from([2; 24]), Payload { msg: &[3; 31], aad: b"here" })
            .unwrap();
        assert!(unwrap(&[1; 32], &[2; 24], b"here", &other).is_none(), "not 32 bytes");
    }
}

//! Keys and their ids, where they lie in memory, and how one is wrapped by another.

use std::fmt;

use chacha20poly1305::aead::inout::InOutBuf;
use chacha20poly1305::{AeadInOut as _, KeyInit as _, Tag, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::VaultError;

/// Length of a nonce.
pub(crate) const NONCE_LEN: usize = 24;

/// Length of a wrapped key: the key and a tag.
pub(crate) const WRAPPED_LEN: usize = 48;

/// Length of a key.
pub(crate) const KEY_LEN: usize = 32;

/// A key's bytes.
///
/// INVARIANT: they lie in one place on the heap, zeroed when it is let go. What is passed about is
/// a pointer: values that are moved leave their bytes behind.
pub(crate) struct Secret(Box<Zeroizing<[u8; KEY_LEN]>>);

impl Secret {
    fn zeros() -> Self {
        Self(Box::new(Zeroizing::new([0; KEY_LEN])))
    }

    /// A copy of these bytes.
    pub(crate) fn copied(bytes: &[u8; KEY_LEN]) -> Self {
        let mut secret = Self::zeros();
        secret.0.copy_from_slice(bytes);
        secret
    }

    /// 32 random bytes.
    pub(crate) fn random() -> Result<Self, VaultError> {
        let mut secret = Self::zeros();
        fill(secret.0.as_mut_slice())?;
        Ok(secret)
    }

    /// From the 32 bytes that `write` puts there; `None` if it does not.
    pub(crate) fn written(write: impl FnOnce(&mut [u8; KEY_LEN]) -> Option<()>) -> Option<Self> {
        let mut secret = Self::zeros();
        write(&mut secret.0)?;
        Some(secret)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; KEY_LEN] {
        &self.0
    }
}

impl Clone for Secret {
    fn clone(&self) -> Self {
        Self::copied(self.as_bytes())
    }
}

/// Fills with what the operating system gives.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), VaultError> {
    getrandom::fill(bytes).map_err(|source| VaultError::Random { source })
}

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

/// The key under which one section is sealed, and nothing else.
///
/// It can't be printed:
/// ```compile_fail
/// fn show(key: &letopis_vault::DataKey) -> String { format!("{key:?}") }
/// ```
#[derive(Clone)]
pub struct DataKey(pub(crate) Secret);

impl DataKey {
    /// The key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

/// A key sealed by another. `None` never happens for 32 bytes.
pub(crate) fn wrap(
    with: &Secret,
    nonce: &[u8; NONCE_LEN],
    associated: &[u8],
    key: &[u8; KEY_LEN],
) -> Option<[u8; WRAPPED_LEN]> {
    let mut wrapped = [0; WRAPPED_LEN];
    let (sealed, tag) = wrapped.split_at_mut(KEY_LEN);
    let made = XChaCha20Poly1305::new(with.as_bytes().into())
        .encrypt_inout_detached(&XNonce::from(*nonce), associated, InOutBuf::new(key, sealed).ok()?)
        .ok()?;
    tag.copy_from_slice(&made);
    Some(wrapped)
}

/// The other way; `None` if it is not the right key, place or ciphertext.
pub(crate) fn unwrap(
    with: &Secret,
    nonce: &[u8; NONCE_LEN],
    associated: &[u8],
    wrapped: &[u8],
) -> Option<Secret> {
    let (sealed, tag) = wrapped.split_at_checked(KEY_LEN)?;
    let tag = Tag::try_from(tag).ok()?;
    Secret::written(|key| {
        XChaCha20Poly1305::new(with.as_bytes().into())
            .decrypt_inout_detached(
                &XNonce::from(*nonce),
                associated,
                InOutBuf::new(sealed, key).ok()?,
                &tag,
            )
            .ok()
    })
}

#[cfg(test)]
mod tests {
    use chacha20poly1305::aead::{Aead as _, Payload};

    use super::*;

    fn secret(n: u8) -> Secret {
        Secret::copied(&[n; 32])
    }

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
        let wrapped = wrap(&secret(1), &[2; 24], b"here", &[3; 32]).unwrap();
        let opened = unwrap(&secret(1), &[2; 24], b"here", &wrapped).unwrap();
        assert_eq!(opened.as_bytes(), &[3; 32]);
        assert!(unwrap(&secret(0), &[2; 24], b"here", &wrapped).is_none());
        assert!(unwrap(&secret(1), &[0; 24], b"here", &wrapped).is_none());
        assert!(unwrap(&secret(1), &[2; 24], b"there", &wrapped).is_none());
        assert!(unwrap(&secret(1), &[2; 24], b"here", &wrapped[1..]).is_none());
        assert!(unwrap(&secret(1), &[2; 24], b"here", &[]).is_none());
        let cipher = XChaCha20Poly1305::new(&[1; 32].into());
        let sealed = |msg: &[u8]| {
            let payload = Payload { msg, aad: b"here" };
            cipher.encrypt(&XNonce::from([2; 24]), payload).unwrap()
        };
        assert_eq!(sealed(&[3; 32]), wrapped, "as the whole cipher does it");
        for length in [31, 33] {
            let other = sealed(&vec![3; length]);
            assert!(unwrap(&secret(1), &[2; 24], b"here", &other).is_none(), "{length} bytes");
        }
    }

    #[test]
    fn secrets_are_drawn_and_copied() {
        // To move one leaves nothing behind but a pointer.
        assert_eq!(size_of::<DataKey>(), size_of::<usize>());
        assert!(Secret::written(|_| None).is_none());
        let (one, other) = (Secret::random().ok().unwrap(), Secret::random().ok().unwrap());
        assert_ne!(one.as_bytes(), other.as_bytes());
        assert_eq!(one.clone().as_bytes(), one.as_bytes());
    }
}

//! Sections: the commitment that is signed, and the sealed bytes at rest.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use letopis_types::{Class, Digest, LedgerId, StreamKey};
use zeroize::{Zeroize as _, Zeroizing};

use crate::hash::{Hasher, Purpose};

/// The longest content, 1 MiB.
pub const CONTENT_BYTES_MAX: usize = 1 << 20;

/// Length of a salt.
pub const SALT_LEN: usize = 32;

const KEY_ID_LEN: usize = 16;
const NONCE_LEN: usize = 24;
const TAG_LEN: usize = 16;
const BLOCK: usize = 64;
const HEAD: usize = SALT_LEN + 4;

/// The longest sealed section, in bytes.
pub const SEALED_BYTES_MAX: usize =
    KEY_ID_LEN + NONCE_LEN + (HEAD + CONTENT_BYTES_MAX).next_multiple_of(BLOCK) + TAG_LEN;

/// What a commitment commits to, beside salt and content.
#[derive(Debug, Clone, Copy)]
pub struct CommitmentScope<'a> {
    /// The statement's nonce.
    pub nonce: &'a [u8; 32],
    /// The section's place in the statement, from 0.
    pub index: u32,
    /// Its class.
    pub class: Class,
    /// What is in it.
    pub payload_type: &'a str,
}

/// `H(commitment, u8 1 ‖ nonce ‖ u32 index ‖ u32 class ‖ LP(payload type) ‖ salt ‖ LP(content))`.
#[must_use]
pub fn commitment(scope: &CommitmentScope<'_>, salt: &[u8; SALT_LEN], content: &[u8]) -> Digest {
    let digest = hash_section(scope, salt, content);
    scrub_stack();
    digest
}

// On a frame of its own, which the scrubbing below then covers.
#[inline(never)]
fn hash_section(scope: &CommitmentScope<'_>, salt: &[u8; SALT_LEN], content: &[u8]) -> Digest {
    let mut hasher = Hasher::new(Purpose::Commitment);
    hasher
        .update(&[1])
        .update(scope.nonce)
        .update(&scope.index.to_be_bytes())
        .update(&scope.class.number().to_be_bytes())
        .update_prefixed(scope.payload_type.as_bytes())
        .update(salt)
        .update_prefixed(content);
    hasher.finish()
}

/// How deep the frames of a hash go, and some more; in words of 8 bytes.
const STACK_WORDS: usize = 2048;

/// Overwrites what the frames of a hash left on the stack: its last block holds the end of the
/// content, and no destructor reaches the copies that are made of it.
#[inline(never)]
fn scrub_stack() {
    let mut below = [0_u64; STACK_WORDS];
    // Written so that the compiler does not leave it out.
    below.zeroize();
}

/// Where a sealed section belongs: bound to it as associated data, so that it opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct SealScope<'a> {
    /// The ledger.
    pub ledger: &'a LedgerId,
    /// The statement's stream.
    pub stream: &'a StreamKey,
    /// The section's class.
    pub class: Class,
    /// The statement's hash.
    pub statement_hash: &'a Digest,
    /// The section's index.
    pub index: u32,
}

impl SealScope<'_> {
    fn associated_data(&self, key_id: &[u8; KEY_ID_LEN]) -> Vec<u8> {
        let mut out = Vec::with_capacity(124);
        out.extend_from_slice(&self.ledger.0);
        out.extend_from_slice(&self.stream.kind.number().to_be_bytes());
        out.extend_from_slice(&self.stream.id.0);
        out.extend_from_slice(&self.class.number().to_be_bytes());
        out.extend_from_slice(&self.statement_hash.0);
        out.extend_from_slice(&self.index.to_be_bytes());
        out.extend_from_slice(key_id);
        out
    }
}

/// A data key and its id, with which sections are sealed and opened.
#[derive(Clone, Copy)]
pub struct SealKey<'a> {
    /// Its id, which stands in the sealed bytes.
    pub id: &'a [u8; KEY_ID_LEN],
    /// The key.
    pub key: &'a [u8; 32],
}

impl std::fmt::Debug for SealKey<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why a section could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The content is longer than [`CONTENT_BYTES_MAX`].
    #[error("the content is longer than 1 MiB")]
    TooLong,
    /// Too short or too long to be a sealed section.
    #[error("not the length of a sealed section")]
    Length,
    /// The key is another one, or the bytes belong elsewhere or were changed.
    #[error("the sealed bytes do not open under this key at this place")]
    NotAuthentic,
    /// What was sealed is not padded as the format says.
    #[error("the sealed bytes are not padded as they must be")]
    Padding,
}

/// Seals salt and content. The nonce is 24 random bytes, fresh for each section.
///
/// # Errors
/// [`SealError::TooLong`].
pub fn seal(
    key: SealKey<'_>,
    nonce: &[u8; NONCE_LEN],
    scope: &SealScope<'_>,
    salt: &[u8; SALT_LEN],
    content: &[u8],
) -> Result<Vec<u8>, SealError> {
    if content.len() > CONTENT_BYTES_MAX {
        return Err(SealError::TooLong);
    }
    let length = u32::try_from(content.len()).map_err(|_| SealError::TooLong)?;
    let padded = (HEAD + content.len()).next_multiple_of(BLOCK);
    let mut plaintext = Zeroizing::new(Vec::with_capacity(padded));
    plaintext.extend_from_slice(salt);
    plaintext.extend_from_slice(&length.to_be_bytes());
    plaintext.extend_from_slice(content);
    plaintext.resize(padded, 0);

    let payload = Payload { msg: &plaintext, aad: &scope.associated_data(key.id) };
    let ciphertext = XChaCha20Poly1305::new(key.key.into())
        .encrypt(&XNonce::from(*nonce), payload)
        .map_err(|_| SealError::TooLong)?;
    let mut sealed = Vec::with_capacity(KEY_ID_LEN + NONCE_LEN + ciphertext.len());
    sealed.extend_from_slice(key.id);
    sealed.extend_from_slice(nonce);
    sealed.extend_from_slice(&ciphertext);
    Ok(sealed)
}

/// The id of the key under which sealed bytes lie.
#[must_use]
pub fn sealed_key_id(sealed: &[u8]) -> Option<[u8; KEY_ID_LEN]> {
    sealed.first_chunk().copied()
}

/// What a sealed section held. The content is zeroed when dropped.
pub struct Opened {
    /// The salt of the commitment.
    pub salt: [u8; SALT_LEN],
    plaintext: Zeroizing<Vec<u8>>,
    end: usize,
}

impl Opened {
    /// The content.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        self.plaintext.get(HEAD..self.end).unwrap_or_default()
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("bytes", &(self.end - HEAD)).finish_non_exhaustive()
    }
}

/// Opens sealed bytes with the key that [`sealed_key_id`] names. The caller compares the
/// commitment afterwards: the cipher does not commit to its key.
///
/// # Errors
/// Why they don't open.
pub fn open(key: &[u8; 32], scope: &SealScope<'_>, sealed: &[u8]) -> Result<Opened, SealError> {
    if sealed.len() > SEALED_BYTES_MAX {
        return Err(SealError::Length);
    }
    let (key_id, rest) = sealed.split_first_chunk::<KEY_ID_LEN>().ok_or(SealError::Length)?;
    let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_LEN>().ok_or(SealError::Length)?;
    let payload = Payload { msg: ciphertext, aad: &scope.associated_data(key_id) };
    let plaintext = XChaCha20Poly1305::new(key.into())
        .decrypt(&XNonce::from(*nonce), payload)
        .map(Zeroizing::new)
        .map_err(|_| SealError::NotAuthentic)?;

    let (salt, rest) = plaintext.split_first_chunk::<SALT_LEN>().ok_or(SealError::Padding)?;
    let (length, rest) = rest.split_first_chunk::<4>().ok_or(SealError::Padding)?;
    let length = u32::from_be_bytes(*length) as usize;
    let padding = rest.get(length..).ok_or(SealError::Padding)?;
    let whole = (HEAD + length).next_multiple_of(BLOCK);
    if plaintext.len() != whole || padding.iter().any(|byte| *byte != 0) {
        return Err(SealError::Padding);
    }
    Ok(Opened { salt: *salt, end: HEAD + length, plaintext })
}

#[cfg(test)]
mod tests {
    use letopis_types::{StreamId, StreamKind};
    use proptest::prelude::*;

    use super::*;

    const LEDGER: LedgerId = LedgerId([1; 32]);
    const STREAM: StreamKey = StreamKey { kind: StreamKind::Case, id: StreamId([2; 16]) };
    const HASH: Digest = Digest([3; 32]);
    const SCOPE: SealScope<'static> = SealScope {
        ledger: &LEDGER,
        stream: &STREAM,
        class: Class::Restricted,
        statement_hash: &HASH,
        index: 4,
    };
    const KEY: SealKey<'static> = SealKey { id: &[5; 16], key: &[6; 32] };

    proptest! {
        #[test]
        fn opens_to_what_was_sealed(content: Vec<u8>, salt: [u8; 32], nonce: [u8; 24]) {
            let sealed = seal(KEY, &nonce, &SCOPE, &salt, &content).unwrap();
            prop_assert_eq!((sealed.len() - 56) % 64, 0);
            prop_assert_eq!(sealed_key_id(&sealed), Some(*KEY.id));
            let opened = open(KEY.key, &SCOPE, &sealed).unwrap();
            prop_assert_eq!(opened.content(), &content[..]);
            prop_assert_eq!(opened.salt, salt);
        }

        #[test]
        fn a_changed_byte_does_not_open(at in 0usize..120, bit in 0u8..8) {
            let mut sealed = seal(KEY, &[7; 24], &SCOPE, &[8; 32], b"content").unwrap();
            let length = sealed.len();
            sealed[at % length] ^= 1 << bit;
            prop_assert!(open(KEY.key, &SCOPE, &sealed).is_err());
        }
    }

    #[test]
    fn opens_nowhere_else() {
        let sealed = seal(KEY, &[7; 24], &SCOPE, &[8; 32], b"content").unwrap();
        let other_stream = StreamKey { kind: StreamKind::Protected, ..STREAM };
        let elsewhere = [
            SealScope { ledger: &LedgerId([9; 32]), ..SCOPE },
            SealScope { stream: &other_stream, ..SCOPE },
            SealScope { class: Class::Normal, ..SCOPE },
            SealScope { statement_hash: &Digest([9; 32]), ..SCOPE },
            SealScope { index: 5, ..SCOPE },
        ];
        for scope in elsewhere {
            assert_eq!(open(KEY.key, &scope, &sealed).unwrap_err(), SealError::NotAuthentic);
        }
        assert_eq!(open(&[0; 32], &SCOPE, &sealed).unwrap_err(), SealError::NotAuthentic);
        assert_eq!(open(KEY.key, &SCOPE, &sealed[..20]).unwrap_err(), SealError::Length);
    }

    #[test]
    fn padding_is_checked() {
        for bad in [
            // One byte of content, then a byte that is not zero.
            [&[8; 32][..], &[0, 0, 0, 1, 9, 1], &[0; 26]].concat(),
            // A length beyond the end.
            [&[8; 32][..], &[0, 0, 1, 0], &[0; 28]].concat(),
            // More zeros than needed.
            [&[8; 32][..], &[0, 0, 0, 1, 9], &[0; 91]].concat(),
            vec![0; 8],
        ] {
            let payload = Payload { msg: &bad, aad: &SCOPE.associated_data(KEY.id) };
            let ciphertext =
                XChaCha20Poly1305::new(KEY.key.into()).encrypt(&XNonce::from([7; 24]), payload);
            let sealed = [&KEY.id[..], &[7; 24], &ciphertext.unwrap()].concat();
            assert_eq!(open(KEY.key, &SCOPE, &sealed).unwrap_err(), SealError::Padding);
        }
    }

    #[test]
    fn content_is_bounded() {
        let long = vec![0; CONTENT_BYTES_MAX + 1];
        assert_eq!(seal(KEY, &[7; 24], &SCOPE, &[8; 32], &long), Err(SealError::TooLong));
        let sealed = seal(KEY, &[7; 24], &SCOPE, &[8; 32], &long[1..]).unwrap();
        assert_eq!(sealed.len(), SEALED_BYTES_MAX);
        assert_eq!(open(KEY.key, &SCOPE, &sealed).unwrap().content().len(), CONTENT_BYTES_MAX);
    }
}

//! The link: what the ledger adds to a statement. One per event, 112 bytes, and an entry of the
//! transparency log.

use letopis_crypto::hash::{Purpose, hash};
use letopis_types::{Digest, Sequence, Timestamp};

/// What binds an event to its place in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Its place, from 0.
    pub sequence: Sequence,
    /// When the ledger recorded it: the operator's claim; never before the link before.
    pub recorded_at: Timestamp,
    /// The hash of the link before; zeros for sequence 0.
    pub previous: Digest,
    /// The hash of the statement's bytes.
    pub statement_hash: Digest,
    /// The hash of its signatures.
    pub signatures_hash: Digest,
}

impl Link {
    /// Length of its layout.
    pub const LEN: usize = 112;

    /// Its layout (proto/README.md, Link).
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut out = [0; Self::LEN];
        let parts: [&[u8]; 5] = [
            &self.sequence.0.to_be_bytes(),
            &self.recorded_at.0.to_be_bytes(),
            &self.previous.0,
            &self.statement_hash.0,
            &self.signatures_hash.0,
        ];
        for (to, from) in out.iter_mut().zip(parts.into_iter().flatten()) {
            *to = *from;
        }
        out
    }

    /// From its layout. Every 112 bytes are a link; whether it is the right one is another matter.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LEN] = bytes.try_into().ok()?;
        Some(Self {
            sequence: Sequence(u64::from_be_bytes(bytes.get(0..8)?.try_into().ok()?)),
            recorded_at: Timestamp(u64::from_be_bytes(bytes.get(8..16)?.try_into().ok()?)),
            previous: Digest::from_slice(bytes.get(16..48)?)?,
            statement_hash: Digest::from_slice(bytes.get(48..80)?)?,
            signatures_hash: Digest::from_slice(bytes.get(80..112)?)?,
        })
    }

    /// `H(link, the 112 bytes)`.
    #[must_use]
    pub fn hash(&self) -> Digest {
        hash(Purpose::Link, &self.to_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_is_the_specified_one() {
        let link = Link {
            sequence: Sequence(1),
            recorded_at: Timestamp(2),
            previous: Digest([3; 32]),
            statement_hash: Digest([4; 32]),
            signatures_hash: Digest([5; 32]),
        };
        let bytes = link.to_bytes();
        assert_eq!(Link::from_bytes(&bytes), Some(link));
        assert_eq!(&bytes[..17], &[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 3]);
        assert_eq!((bytes[48], bytes[80], bytes[111]), (4, 5, 5));
        assert_eq!(Link::from_bytes(&bytes[1..]), None);
    }
}

//! The mark: how far the state has followed which record.

use letopis_types::{Digest, LedgerId, Sequence};

/// Stands in the state, and in each snapshot, together with what it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The ledger.
    pub ledger: LedgerId,
    /// How many of its events were applied.
    pub size: Sequence,
    /// The link hash of the last of them; [`Digest::ZERO`] where there is none.
    pub last_link: Digest,
    /// The version of the entries' layout. Another one is not read but rebuilt.
    pub schema: u32,
    /// The vault's slots below this number are used by sections of these events.
    pub next_key_slot: u64,
}

impl Mark {
    /// Length of its layout, in bytes.
    pub(crate) const LEN: usize = 84;

    /// ledger ‖ u64 size ‖ last link ‖ u32 schema ‖ u64 next key slot.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        [
            self.ledger.0.as_slice(),
            &self.size.0.to_be_bytes(),
            &self.last_link.0,
            &self.schema.to_be_bytes(),
            &self.next_key_slot.to_be_bytes(),
        ]
        .concat()
    }

    /// The other way.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (ledger, rest) = bytes.split_first_chunk()?;
        let (size, rest) = rest.split_first_chunk()?;
        let (last_link, rest) = rest.split_first_chunk()?;
        let (schema, rest) = rest.split_first_chunk()?;
        Some(Self {
            ledger: LedgerId(*ledger),
            size: Sequence(u64::from_be_bytes(*size)),
            last_link: Digest(*last_link),
            schema: u32::from_be_bytes(*schema),
            next_key_slot: u64::from_be_bytes(rest.try_into().ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_round_trip() {
        let mark = Mark {
            ledger: LedgerId([1; 32]),
            size: Sequence(0x0203),
            last_link: Digest([4; 32]),
            schema: 5,
            next_key_slot: 0x0607,
        };
        let bytes = mark.to_bytes();
        assert_eq!(bytes.len(), Mark::LEN);
        assert_eq!(Mark::from_bytes(&bytes), Some(mark));
        assert_eq!(Mark::from_bytes(&bytes[1..]), None);
        assert_eq!(Mark::from_bytes(&[bytes.as_slice(), &[0]].concat()), None);
    }
}

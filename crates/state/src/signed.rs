//! What each actor signed, in log order.

use letopis_types::{ActorId, Sequence, StreamKey, Version};

use crate::streams::{damaged, key, split_u64};
use crate::{Change, StateError, Store};

const SIGNED: u8 = b'a';

/// A statement under its signer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedRow {
    /// Who signed it.
    pub actor: ActorId,
    /// Its place in the log.
    pub sequence: Sequence,
    /// Its stream.
    pub stream: StreamKey,
    /// Its version there.
    pub version: Version,
    /// The number of its kind.
    pub kind: u32,
}

impl SignedRow {
    /// The write that stores it.
    #[must_use]
    pub fn entry(&self) -> Change {
        let mut value = Vec::with_capacity(29);
        value.extend_from_slice(&self.stream.to_bytes());
        value.extend_from_slice(&self.version.0.to_be_bytes());
        value.extend_from_slice(&self.kind.to_be_bytes());
        (key(SIGNED, &[&self.actor.0, &self.sequence.0.to_be_bytes()]), Some(value))
    }

    fn read(actor: ActorId, sequence: &[u8], value: &[u8]) -> Option<Self> {
        let (sequence, []) = split_u64(sequence)? else { return None };
        let (rest, kind) = value.split_last_chunk::<4>()?;
        let (stream, version) = rest.split_last_chunk::<8>()?;
        Some(Self {
            actor,
            sequence: Sequence(sequence),
            stream: StreamKey::from_bytes(stream)?,
            version: Version(u64::from_be_bytes(*version)),
            kind: u32::from_be_bytes(*kind),
        })
    }
}

impl Store {
    /// What an actor signed, the first first: from a place in the log on.
    pub fn signed(
        &self,
        actor: ActorId,
        from: Sequence,
    ) -> impl Iterator<Item = Result<SignedRow, StateError>> {
        let prefix = key(SIGNED, &[&actor.0]);
        let before = from.0.checked_sub(1).map(|before| before.to_be_bytes());
        let after = before.map(|before| [&prefix[..], &before].concat());
        let skip = prefix.len();
        self.scan(&prefix, after.as_deref()).map(move |entry| {
            let (key, value) = entry?;
            let row = key.get(skip..).and_then(|at| SignedRow::read(actor, at, &value));
            row.ok_or_else(|| damaged("read what was signed"))
        })
    }
}

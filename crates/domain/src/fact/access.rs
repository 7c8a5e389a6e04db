//! Facts about who read what.

use letopis_proto::statement::v1::{self as proto, Purpose};
use letopis_types::{ActorId, StreamKind, Version};

use super::FromProto;
use crate::form::{FormError, at_most, fixed, in_range, stream_kind};
use crate::statement::SECTIONS_MAX;

/// The longest token, in bytes.
const TOKEN_BYTES_MAX: usize = 2048;

/// Прочитане: sections were given to a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionsRead {
    /// Who read.
    pub reader: ActorId,
    /// What for.
    pub purpose: Purpose,
    /// The reader's token: its own key proves the request.
    pub token: Vec<u8>,
    /// The kind of the stream that was read.
    pub kind: StreamKind,
    /// What was released, ascending by version.
    pub released: Vec<Released>,
}

/// Sections of one event that were released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// The event's version in its stream.
    pub version: Version,
    /// The sections' indices, ascending.
    pub sections: Vec<u32>,
}

impl SectionsRead {
    /// The most events of one reading; a longer one is several.
    pub const RELEASED_MAX: usize = 2048;
}

impl FromProto for SectionsRead {
    type Message = proto::SectionsRead;

    fn from_proto(message: &proto::SectionsRead) -> Result<Self, FormError> {
        let purpose = Purpose::try_from(message.purpose)
            .map_err(|_| FormError::Range { field: "purpose", allowed: "a known purpose" })?;
        in_range((1..=TOKEN_BYTES_MAX).contains(&message.token.len()), "token", "1 to 2048 bytes")?;
        at_most(message.released.len(), Self::RELEASED_MAX, "released")?;
        if message.released.is_empty() {
            return Err(FormError::Missing { field: "released" });
        }
        let released: Vec<_> = message
            .released
            .iter()
            .map(|released| Released {
                version: Version(released.version),
                sections: released.sections.clone(),
            })
            .collect();
        in_range(
            released.first().is_some_and(|first| first.version > Version::ZERO)
                && released.is_sorted_by(|a, b| a.version < b.version),
            "released.version",
            "from 1, ascending",
        )?;
        for Released { sections, .. } in &released {
            in_range(
                !sections.is_empty()
                    && sections.is_sorted_by(|a, b| a < b)
                    && sections.iter().all(|index| (*index as usize) < SECTIONS_MAX),
                "released.sections",
                "0 to 31, ascending, at least one",
            )?;
        }
        Ok(Self {
            reader: ActorId(fixed(&message.reader, "reader")?),
            purpose,
            token: message.token.clone(),
            kind: stream_kind(message.kind, "kind")?,
            released,
        })
    }
}

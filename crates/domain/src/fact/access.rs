//! Facts about who read what, and who was given nothing; signed by the ledger itself.

use letopis_proto::statement::v1::{self as proto, Denial, Purpose};
use letopis_types::{ActorId, StreamKey, StreamKind, Version};

use super::FromProto;
use crate::form::{FormError, actor, at_most, in_range, required, stream, stream_kind};
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
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
        Ok(Self {
            reader: actor(&message.reader, "reader")?,
            purpose: purpose(message.purpose)?,
            token: token(&message.token)?,
            kind: stream_kind(message.kind, "kind")?,
            released: released(&message.released, (1, Self::RELEASED_MAX), "released")?,
        })
    }
}

/// Справка: facts of files were given to a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactsRead {
    /// Who read.
    pub reader: ActorId,
    /// What for.
    pub purpose: Purpose,
    /// The reader's token.
    pub token: Vec<u8>,
    /// The files, ascending by kind and id. A case stands for all its streams.
    pub files: Vec<StreamKey>,
}

impl FactsRead {
    /// The most files of one answer.
    pub const FILES_MAX: usize = 200;
}

impl FromProto for FactsRead {
    type Message = proto::FactsRead;

    fn from_proto(message: &proto::FactsRead) -> Result<Self, FormError> {
        at_most(message.files.len(), Self::FILES_MAX, "files")?;
        if message.files.is_empty() {
            return Err(FormError::Missing { field: "files" });
        }
        let files: Vec<StreamKey> =
            message.files.iter().map(|file| stream(file, "files")).collect::<Result<_, _>>()?;
        in_range(files.is_sorted_by(|a, b| a < b), "files", "strictly ascending")?;
        Ok(Self {
            reader: actor(&message.reader, "reader")?,
            purpose: purpose(message.purpose)?,
            token: token(&message.token)?,
            files,
        })
    }
}

/// Отказан достъп: a reader was given nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessDenied {
    /// Who asked.
    pub reader: ActorId,
    /// What for.
    pub purpose: Purpose,
    /// The token with which it asked.
    pub token: Vec<u8>,
    /// What was asked for; it need not exist.
    pub file: StreamKey,
    /// Why it was denied.
    pub reason: Denial,
    /// Which denial of that reader and day it is, from 1.
    pub count: u32,
}

impl FromProto for AccessDenied {
    type Message = proto::AccessDenied;

    fn from_proto(message: &proto::AccessDenied) -> Result<Self, FormError> {
        let reason = Denial::try_from(message.reason)
            .map_err(|_| FormError::Range { field: "reason", allowed: "a known one" })?;
        in_range(message.count > 0, "count", "at least 1")?;
        Ok(Self {
            reader: actor(&message.reader, "reader")?,
            purpose: purpose(message.purpose)?,
            token: token(&message.token)?,
            file: stream(required(message.file.as_ref(), "file")?, "file")?,
            reason,
            count: message.count,
        })
    }
}

/// A known purpose.
pub(super) fn purpose(number: i32) -> Result<Purpose, FormError> {
    Purpose::try_from(number)
        .map_err(|_| FormError::Range { field: "purpose", allowed: "a known purpose" })
}

fn token(bytes: &[u8]) -> Result<Vec<u8>, FormError> {
    in_range((1..=TOKEN_BYTES_MAX).contains(&bytes.len()), "token", "1 to 2048 bytes")?;
    Ok(bytes.to_vec())
}

/// Sections by event, ascending by version and index.
pub(super) fn released(
    messages: &[proto::ReleasedSections],
    (min, max): (usize, usize),
    field: &'static str,
) -> Result<Vec<Released>, FormError> {
    at_most(messages.len(), max, field)?;
    if messages.len() < min {
        return Err(FormError::Missing { field });
    }
    let released: Vec<_> = messages
        .iter()
        .map(|released| Released {
            version: Version(released.version),
            sections: released.sections.clone(),
        })
        .collect();
    in_range(
        released.first().is_none_or(|first| first.version > Version::ZERO)
            && released.is_sorted_by(|a, b| a.version < b.version),
        field,
        "versions from 1, ascending",
    )?;
    for Released { sections, .. } in &released {
        in_range(
            !sections.is_empty()
                && sections.is_sorted_by(|a, b| a < b)
                && sections.iter().all(|index| (*index as usize) < SECTIONS_MAX),
            field,
            "sections 0 to 31, ascending, at least one",
        )?;
    }
    Ok(released)
}

//! Messages to and from the ledger's types, where several services have them.

use bytes::Bytes;
use letopis_ledger::{Mark, OpenedSection, StoredEvent};
use letopis_proto::confidentiality::v1 as confidentiality;
use letopis_proto::ledger::v1 as proto;
use letopis_proto::statement::v1 as statement;
use letopis_types::{StreamId, StreamKey, StreamKind};

use crate::status::Told;

/// An event as the record holds it, without its sections.
#[must_use]
pub fn event(event: StoredEvent) -> proto::Event {
    let signatures = event.signatures.iter();
    proto::Event {
        link: Bytes::copy_from_slice(&event.link.to_bytes()),
        statement: event.statement.into(),
        signatures: signatures.map(|signature| Bytes::copy_from_slice(&signature.0)).collect(),
    }
}

/// A stream as a message.
#[must_use]
pub fn stream_message(stream: &StreamKey) -> statement::Stream {
    statement::Stream { kind: stream.kind as i32, id: stream.id.0.to_vec() }
}

/// An opened section.
#[must_use]
pub fn section(section: &OpenedSection) -> proto::OpenedSection {
    proto::OpenedSection {
        stream: Some(stream_message(&section.stream)),
        version: section.version.0,
        index: section.index,
        class: section.class as i32,
        payload_type: section.payload_type.clone(),
        salt: Bytes::copy_from_slice(&section.salt),
        content: Some(Bytes::copy_from_slice(&section.content)),
    }
}

/// A stream by its message.
///
/// # Errors
/// A kind or id that is not one.
pub fn stream(message: Option<&statement::Stream>) -> Result<StreamKey, Told> {
    let message = message.ok_or_else(|| Told::request("stream", "the stream is missing"))?;
    Ok(StreamKey {
        kind: kind(message.kind)?,
        id: StreamId::from_slice(&message.id)
            .ok_or_else(|| Told::request("stream.id", "a stream's id has 16 bytes"))?,
    })
}

/// A kind of stream by its number.
///
/// # Errors
/// A number that is none.
pub fn kind(number: i32) -> Result<StreamKind, Told> {
    StreamKind::from_number(number.into())
        .ok_or_else(|| Told::request("kind", "not a kind of stream that the server knows"))
}

/// A case by its id.
///
/// # Errors
/// An id that has not 16 bytes.
pub fn case(id: &[u8]) -> Result<StreamKey, Told> {
    let id = StreamId::from_slice(id)
        .ok_or_else(|| Told::request("case_id", "a case's id has 16 bytes"))?;
    Ok(StreamKey { kind: StreamKind::Case, id })
}

/// What has to be known with an event.
#[must_use]
pub const fn mark(mark: Mark) -> confidentiality::Mark {
    match mark {
        Mark::OnExpiredQualification => confidentiality::Mark::OnExpiredQualification,
        Mark::UnderRecusal => confidentiality::Mark::UnderRecusal,
        Mark::UnderDelegation => confidentiality::Mark::UnderDelegation,
        Mark::Disputed => confidentiality::Mark::Disputed,
    }
}

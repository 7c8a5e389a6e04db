//! Ids to and from the messages of RPCs.

use bytes::Bytes;
use letopis_proto::ledger::v1 as pb;
use letopis_proto::statement::v1 as proto;
use letopis_types::{Digest, EventId, StreamId, StreamKey, StreamKind};

use crate::error::Distrust;

pub(crate) fn stream_message(stream: &StreamKey) -> proto::Stream {
    proto::Stream { kind: stream.kind as i32, id: stream.id.0.to_vec() }
}

pub(crate) fn stream(message: Option<&proto::Stream>) -> Option<StreamKey> {
    let message = message?;
    Some(StreamKey {
        kind: StreamKind::from_number(message.kind.into())?,
        id: StreamId::from_slice(&message.id)?,
    })
}

pub(crate) fn name_message(stream: &StreamKey, event_id: &EventId) -> pb::EventName {
    pb::EventName {
        stream: Some(stream_message(stream)),
        event_id: Bytes::copy_from_slice(&event_id.0),
    }
}

/// The hashes of a proof.
pub(crate) fn hashes(messages: &[Bytes]) -> Result<Vec<Digest>, Distrust> {
    messages
        .iter()
        .map(|hash| Digest::from_slice(hash))
        .collect::<Option<_>>()
        .ok_or(Distrust::Malformed { what: "a hash of a proof is not 32 bytes long" })
}

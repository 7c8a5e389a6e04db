//! Messages to and from the ledger's types.

use bytes::Bytes;
use letopis_ledger::submission::{SectionContent, Submission};
use letopis_ledger::{OpenedSection, Receipt, StreamSummary};
use letopis_proto::ledger::v1 as proto;
use letopis_proto::statement::v1 as statement;
use letopis_record::StoredEvent;
use letopis_types::{Digest, EventId, StreamId, StreamKey, StreamKind};
use zeroize::Zeroizing;

use crate::status::Told;

pub(crate) fn submission(message: Option<proto::Submission>) -> Result<Submission, Told> {
    let message =
        message.ok_or_else(|| Told::request("submission", "the submission is missing"))?;
    Ok(Submission {
        statement: message.statement.into(),
        signatures: message.signatures.into_iter().map(Vec::from).collect(),
        sections: message
            .sections
            .into_iter()
            .map(|section| SectionContent {
                salt: section.salt.into(),
                content: Zeroizing::new(section.content.into()),
            })
            .collect(),
    })
}

pub(crate) fn receipt(receipt: &Receipt) -> proto::Receipt {
    proto::Receipt {
        link: Bytes::copy_from_slice(&receipt.link.to_bytes()),
        version: receipt.version.0,
        inclusion_proof: proof(&receipt.inclusion_proof),
        checkpoint: receipt.checkpoint.to_string(),
        already_recorded: receipt.already_recorded,
    }
}

pub(crate) fn proof(hashes: &[Digest]) -> Vec<Bytes> {
    hashes.iter().map(|hash| Bytes::copy_from_slice(&hash.0)).collect()
}

pub(crate) fn event(event: StoredEvent) -> proto::Event {
    let signatures = event.signatures.iter();
    proto::Event {
        link: Bytes::copy_from_slice(&event.link.to_bytes()),
        statement: event.statement.into(),
        signatures: signatures.map(|signature| Bytes::copy_from_slice(&signature.0)).collect(),
    }
}

pub(crate) fn stream_message(stream: &StreamKey) -> statement::Stream {
    statement::Stream { kind: stream.kind as i32, id: stream.id.0.to_vec() }
}

pub(crate) fn summary(summary: &StreamSummary) -> proto::StreamSummary {
    proto::StreamSummary {
        stream: Some(stream_message(&summary.stream)),
        version: summary.row.version.0,
        first_sequence: summary.row.first.0,
        last_sequence: summary.row.last.0,
    }
}

pub(crate) fn section(section: &OpenedSection) -> proto::OpenedSection {
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

pub(crate) fn stream(message: Option<&statement::Stream>) -> Result<StreamKey, Told> {
    let message = message.ok_or_else(|| Told::request("stream", "the stream is missing"))?;
    Ok(StreamKey {
        kind: kind(message.kind)?,
        id: StreamId::from_slice(&message.id)
            .ok_or_else(|| Told::request("stream.id", "a stream's id has 16 bytes"))?,
    })
}

pub(crate) fn kind(number: i32) -> Result<StreamKind, Told> {
    StreamKind::from_number(number.into())
        .ok_or_else(|| Told::request("kind", "not a kind of stream that the server knows"))
}

pub(crate) fn name(message: Option<proto::EventName>) -> Result<(StreamKey, EventId), Told> {
    let message = message.ok_or_else(|| Told::request("name", "the event's name is missing"))?;
    let event_id = EventId::from_slice(&message.event_id)
        .ok_or_else(|| Told::request("event_id", "an event's id has 16 bytes"))?;
    Ok((stream(message.stream.as_ref())?, event_id))
}

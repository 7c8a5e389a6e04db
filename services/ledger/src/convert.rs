//! Messages to and from the ledger's types.

use bytes::Bytes;
use letopis_ledger::submission::{SectionContent, Submission};
use letopis_ledger::{Receipt, StreamSummary};
use letopis_proto::ledger::v1 as proto;
use letopis_service_rpc::Told;
use letopis_service_rpc::convert::{stream, stream_message};
use letopis_types::{Digest, EventId, StreamKey};
use zeroize::Zeroizing;

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

pub(crate) fn summary(summary: &StreamSummary) -> proto::StreamSummary {
    proto::StreamSummary {
        stream: Some(stream_message(&summary.stream)),
        version: summary.row.version.0,
        first_sequence: summary.row.first.0,
        last_sequence: summary.row.last.0,
    }
}

pub(crate) fn name(message: Option<proto::EventName>) -> Result<(StreamKey, EventId), Told> {
    let message = message.ok_or_else(|| Told::request("name", "the event's name is missing"))?;
    let event_id = EventId::from_slice(&message.event_id)
        .ok_or_else(|| Told::request("event_id", "an event's id has 16 bytes"))?;
    Ok((stream(message.stream.as_ref())?, event_id))
}

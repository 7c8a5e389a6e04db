//! The service: one method per RPC, each of them short.

use std::pin::Pin;

use bytes::Bytes;
use letopis_ledger::{EventRef, Ledger, LedgerError};
use letopis_proto::error::v1::Reason;
use letopis_proto::ledger::v1 as proto;
use letopis_proto::ledger::v1::ledger_service_server::{LedgerService, LedgerServiceServer};
use letopis_types::Sequence;
use tokio::sync::watch;
use tokio_stream::Stream;
use tonic::{Request, Response, Status, Streaming};

use crate::append::append_stream;
use crate::convert;
use crate::deadline::Deadline;
use crate::read::{read_log, read_sections};
use crate::status::Told;

/// The longest message taken: a statement with 32 sections of 1 MiB, and what is around them.
pub const MESSAGE_BYTES_MAX: usize = 34 << 20;

/// Entries of a page where the caller does not say.
const PAGE_DEFAULT: u32 = 100;

/// The most entries of a page.
const PAGE_MAX: u32 = 200;

/// What a streaming RPC answers.
pub(crate) type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// LedgerService for one ledger.
#[derive(Debug, Clone)]
pub struct LedgerApi {
    ledger: Ledger,
    /// Becomes true when the server is going down.
    stopping: watch::Receiver<bool>,
}

impl LedgerApi {
    /// For a ledger; streams end once `stopping` becomes true.
    #[must_use]
    pub fn new(ledger: Ledger, stopping: watch::Receiver<bool>) -> Self {
        Self { ledger, stopping }
    }

    /// As a tonic service, with its bounds.
    #[must_use]
    pub fn into_service(self) -> LedgerServiceServer<Self> {
        LedgerServiceServer::new(self)
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .max_encoding_message_size(MESSAGE_BYTES_MAX)
    }
}

/// Asks the ledger on a thread that may block, once the state knows of everything acknowledged.
async fn ask<T: Send + 'static>(
    ledger: &Ledger,
    question: impl FnOnce(&Ledger) -> Result<T, LedgerError> + Send + 'static,
) -> Result<T, Status> {
    ledger.caught_up().await.map_err(LedgerError::from).map_err(Told::from)?;
    let ledger = ledger.clone();
    let answer = tokio::task::spawn_blocking(move || question(&ledger)).await;
    let answer = answer.map_err(|_| Told::new(Reason::RecordUnavailable, "the answer was lost"))?;
    Ok(answer.map_err(Told::from)?)
}

fn page_size(asked: u32) -> Result<usize, Told> {
    match asked {
        0 => Ok(PAGE_DEFAULT as usize),
        1..=PAGE_MAX => Ok(asked as usize),
        _ => Err(Told::new(Reason::PageSizeTooLarge, "a page has at most 200 entries")),
    }
}

#[tonic::async_trait]
impl LedgerService for LedgerApi {
    type AppendStreamStream = Answers<proto::AppendStreamResponse>;
    type ReadLogStream = Answers<proto::ReadLogResponse>;
    type ReadSectionsStream = Answers<proto::ReadSectionsResponse>;

    async fn append(
        &self,
        request: Request<proto::AppendRequest>,
    ) -> Result<Response<proto::AppendResponse>, Status> {
        let deadline = Deadline::of(request.metadata());
        let submission = convert::submission(request.into_inner().submission)?;
        deadline
            .guard(async {
                let receipt = self.ledger.append(submission).await.map_err(Told::from)?;
                let receipt = Some(convert::receipt(&receipt));
                Ok(Response::new(proto::AppendResponse { receipt }))
            })
            .await
    }

    async fn append_stream(
        &self,
        request: Request<Streaming<proto::AppendStreamRequest>>,
    ) -> Result<Response<Self::AppendStreamStream>, Status> {
        let deadline = Deadline::of(request.metadata());
        let answers =
            append_stream(&self.ledger, request.into_inner(), deadline, self.stopping.clone());
        Ok(Response::new(answers))
    }

    async fn get_event(
        &self,
        request: Request<proto::GetEventRequest>,
    ) -> Result<Response<proto::GetEventResponse>, Status> {
        use proto::get_event_request::Event;
        let deadline = Deadline::of(request.metadata());
        let event = match request.into_inner().event {
            Some(Event::Sequence(sequence)) => EventRef::Sequence(Sequence(sequence)),
            Some(Event::Name(name)) => {
                let (stream, event_id) = convert::name(Some(name))?;
                EventRef::Name(stream, event_id)
            }
            None => return Err(Told::request("event", "name an event").into()),
        };
        let answer = ask(&self.ledger, move |ledger| ledger.event(event));
        let (event, _) = deadline.guard(answer).await?;
        Ok(Response::new(proto::GetEventResponse { event: Some(convert::event(event)) }))
    }

    async fn read_stream(
        &self,
        request: Request<proto::ReadStreamRequest>,
    ) -> Result<Response<proto::ReadStreamResponse>, Status> {
        let deadline = Deadline::of(request.metadata());
        let request = request.into_inner();
        let stream = convert::stream(request.stream.as_ref())?;
        let max = page_size(request.page_size)?;
        let answer =
            ask(&self.ledger, move |ledger| ledger.read_stream(stream, max, &request.page_token));
        let (page, as_of) = deadline.guard(answer).await?;
        Ok(Response::new(proto::ReadStreamResponse {
            events: page.entries.into_iter().map(convert::event).collect(),
            next_page_token: page.next,
            version: as_of.version.0,
            head: Bytes::copy_from_slice(&as_of.head.0),
        }))
    }

    async fn read_log(
        &self,
        request: Request<proto::ReadLogRequest>,
    ) -> Result<Response<Self::ReadLogStream>, Status> {
        let deadline = Deadline::of(request.metadata());
        let request = request.into_inner();
        let answers = read_log(&self.ledger, &request, deadline, self.stopping.clone())?;
        Ok(Response::new(answers))
    }

    async fn get_receipt(
        &self,
        request: Request<proto::GetReceiptRequest>,
    ) -> Result<Response<proto::GetReceiptResponse>, Status> {
        let deadline = Deadline::of(request.metadata());
        let (stream, event_id) = convert::name(request.into_inner().name)?;
        let answer = ask(&self.ledger, move |ledger| ledger.receipt(stream, event_id));
        let (event, receipt) = deadline.guard(answer).await?;
        Ok(Response::new(proto::GetReceiptResponse {
            event: Some(convert::event(event)),
            receipt: Some(convert::receipt(&receipt)),
        }))
    }

    async fn get_checkpoint(
        &self,
        _request: Request<proto::GetCheckpointRequest>,
    ) -> Result<Response<proto::GetCheckpointResponse>, Status> {
        Ok(Response::new(proto::GetCheckpointResponse {
            checkpoint: self.ledger.checkpoint().to_string(),
            genesis: Bytes::copy_from_slice(self.ledger.genesis()),
        }))
    }

    async fn get_inclusion_proof(
        &self,
        request: Request<proto::GetInclusionProofRequest>,
    ) -> Result<Response<proto::GetInclusionProofResponse>, Status> {
        let deadline = Deadline::of(request.metadata());
        let request = request.into_inner();
        let answer = ask(&self.ledger, move |ledger| {
            ledger.inclusion_proof(Sequence(request.sequence), Sequence(request.size))
        });
        let proof = convert::proof(&deadline.guard(answer).await?);
        Ok(Response::new(proto::GetInclusionProofResponse { proof }))
    }

    async fn get_consistency_proof(
        &self,
        request: Request<proto::GetConsistencyProofRequest>,
    ) -> Result<Response<proto::GetConsistencyProofResponse>, Status> {
        let deadline = Deadline::of(request.metadata());
        let request = request.into_inner();
        let answer = ask(&self.ledger, move |ledger| {
            ledger.consistency_proof(Sequence(request.from_size), Sequence(request.to_size))
        });
        let proof = convert::proof(&deadline.guard(answer).await?);
        Ok(Response::new(proto::GetConsistencyProofResponse { proof }))
    }

    async fn list_streams(
        &self,
        request: Request<proto::ListStreamsRequest>,
    ) -> Result<Response<proto::ListStreamsResponse>, Status> {
        let deadline = Deadline::of(request.metadata());
        let request = request.into_inner();
        let kind = convert::kind(request.kind)?;
        let max = page_size(request.page_size)?;
        let answer =
            ask(&self.ledger, move |ledger| ledger.list_streams(kind, max, &request.page_token));
        let (page, as_of) = deadline.guard(answer).await?;
        Ok(Response::new(proto::ListStreamsResponse {
            streams: page.entries.iter().map(convert::summary).collect(),
            next_page_token: page.next,
            as_of_size: as_of.0,
        }))
    }

    async fn read_sections(
        &self,
        request: Request<proto::ReadSectionsRequest>,
    ) -> Result<Response<Self::ReadSectionsStream>, Status> {
        let deadline = Deadline::of(request.metadata());
        let token = request
            .metadata()
            .get("authorization")
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer ").map(str::to_owned));
        let request = request.into_inner();
        let answers = read_sections(&self.ledger, token.as_deref(), &request, deadline);
        Ok(Response::new(deadline.guard(answers).await?))
    }
}

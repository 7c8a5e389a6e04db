//! The service: one method per RPC, each of them short.

use bytes::Bytes;
use letopis_ledger::{EventRef, Ledger};
use letopis_policy::Action;
use letopis_proto::ledger::v1 as proto;
use letopis_proto::ledger::v1::ledger_service_server::{LedgerService, LedgerServiceServer};
use letopis_service_rpc::convert::{event, kind, stream};
use letopis_service_rpc::{
    Answers, Authority, Deadline, Held, MESSAGE_BYTES_MAX, Settings, Told, ask, page_size,
};
use letopis_types::{Sequence, StreamKey};
use prost::Message;
use tonic::{Request, Response, Status, Streaming};

use crate::append::{AppendStream, append_stream};
use crate::convert;
use crate::read::{read_log, read_sections};

/// A method's full name, as tokens name it.
macro_rules! method {
    ($name:literal) => {
        concat!("letopis.ledger.v1.LedgerService/", $name)
    };
}

/// LedgerService for one ledger.
#[derive(Debug, Clone)]
pub struct LedgerApi {
    ledger: Ledger,
    settings: Settings,
}

impl LedgerApi {
    /// For a ledger.
    #[must_use]
    pub fn new(ledger: Ledger, settings: Settings) -> Self {
        Self { ledger, settings }
    }

    /// As a tonic service, with its bounds.
    #[must_use]
    pub fn into_service(self) -> LedgerServiceServer<Self> {
        LedgerServiceServer::new(self)
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .max_encoding_message_size(MESSAGE_BYTES_MAX)
    }
}

impl LedgerApi {
    /// Lets the caller read facts of a stream; its reading is on the record when this returns. A call
    /// that was admitted without a token, to an open trial, is let.
    async fn read_facts(&self, authority: &Authority, stream: StreamKey) -> Result<(), Told> {
        if let Some(caller) = authority.known() {
            self.ledger.caught_up().await?;
            self.ledger.read_facts(caller, Action::ReadFacts, &[stream]).await?;
        }
        Ok(())
    }

    /// The message of a call, and under whose authority it is answered. Asked first of all, so that
    /// whoever is not admitted learns nothing else.
    async fn admit<T: Message + 'static>(
        &self,
        method: &'static str,
        request: Request<T>,
    ) -> Result<(Authority, T), Status> {
        let (metadata, _, message) = request.into_parts();
        Ok(Authority::of_message(&self.ledger, &self.settings, &metadata, method, message).await?)
    }
}

/// The statement's bytes; none where there is no statement.
fn statement_of(request: &proto::AppendRequest) -> &[u8] {
    request.submission.as_ref().map_or(&[], |submission| &submission.statement)
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
        let (metadata, _, message) = request.into_parts();
        let method = method!("Append");
        let author = Authority::of_author(
            &self.ledger,
            &self.settings,
            &metadata,
            method,
            message,
            statement_of,
        );
        let (_, request) = author.await?;
        let submission = convert::submission(request.submission)?;
        let receipt = self.ledger.append(submission).await.map_err(Told::from)?;
        Ok(Response::new(proto::AppendResponse { receipt: Some(convert::receipt(&receipt)) }))
    }

    async fn append_stream(
        &self,
        request: Request<Streaming<proto::AppendStreamRequest>>,
    ) -> Result<Response<Self::AppendStreamStream>, Status> {
        let (metadata, extensions, requests) = request.into_parts();
        let method = method!("AppendStream");
        let authority = Authority::of_stream(&self.ledger, &self.settings, &metadata, method)?;
        let stream = AppendStream {
            requests,
            held: Held::one_by_one(&extensions),
            authority,
            deadline: Deadline::of(&extensions),
            stopping: self.settings.stopping.clone(),
        };
        Ok(Response::new(append_stream(&self.ledger, stream)))
    }

    async fn get_event(
        &self,
        request: Request<proto::GetEventRequest>,
    ) -> Result<Response<proto::GetEventResponse>, Status> {
        use proto::get_event_request::Event;
        let (authority, request) = self.admit(method!("GetEvent"), request).await?;
        let named = match request.event {
            Some(Event::Sequence(sequence)) => EventRef::Sequence(Sequence(sequence)),
            Some(Event::Name(name)) => {
                let (stream, event_id) = convert::name(Some(name))?;
                self.read_facts(&authority, stream).await?;
                EventRef::Name(stream, event_id)
            }
            None => return Err(Told::request("event", "name an event").into()),
        };
        let asked = ask(&self.ledger, move |ledger| {
            let (event, _) = ledger.event(named)?;
            let stream = letopis_ledger::submission::parse(&event.statement)?.stream;
            Ok((event, stream))
        });
        let (found, stream) = asked.await?;
        self.read_facts(&authority, stream).await?;
        Ok(Response::new(proto::GetEventResponse { event: Some(event(found)) }))
    }

    async fn read_stream(
        &self,
        request: Request<proto::ReadStreamRequest>,
    ) -> Result<Response<proto::ReadStreamResponse>, Status> {
        let (authority, request) = self.admit(method!("ReadStream"), request).await?;
        let stream = stream(request.stream.as_ref())?;
        self.read_facts(&authority, stream).await?;
        let max = page_size(request.page_size)?;
        let answer =
            ask(&self.ledger, move |ledger| ledger.read_stream(stream, max, &request.page_token));
        let (page, as_of) = answer.await?;
        Ok(Response::new(proto::ReadStreamResponse {
            events: page.entries.into_iter().map(event).collect(),
            next_page_token: page.next,
            version: as_of.version.0,
            head: Bytes::copy_from_slice(&as_of.head.0),
        }))
    }

    async fn read_log(
        &self,
        request: Request<proto::ReadLogRequest>,
    ) -> Result<Response<Self::ReadLogStream>, Status> {
        let deadline = Deadline::of(request.extensions());
        let (authority, request) = self.admit(method!("ReadLog"), request).await?;
        let settings = &self.settings;
        Ok(Response::new(read_log(&self.ledger, authority, &request, deadline, settings)?))
    }

    async fn get_receipt(
        &self,
        request: Request<proto::GetReceiptRequest>,
    ) -> Result<Response<proto::GetReceiptResponse>, Status> {
        let (authority, request) = self.admit(method!("GetReceipt"), request).await?;
        let (stream, event_id) = convert::name(request.name)?;
        self.read_facts(&authority, stream).await?;
        let answer = ask(&self.ledger, move |ledger| ledger.receipt(stream, event_id));
        let (found, receipt) = answer.await?;
        Ok(Response::new(proto::GetReceiptResponse {
            event: Some(event(found)),
            receipt: Some(convert::receipt(&receipt)),
        }))
    }

    /// Without a token: with it a client learns whom a token must be for.
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
        let (_, request) = self.admit(method!("GetInclusionProof"), request).await?;
        let answer = ask(&self.ledger, move |ledger| {
            ledger.inclusion_proof(Sequence(request.sequence), Sequence(request.size))
        });
        let proof = convert::proof(&answer.await?);
        Ok(Response::new(proto::GetInclusionProofResponse { proof }))
    }

    async fn get_consistency_proof(
        &self,
        request: Request<proto::GetConsistencyProofRequest>,
    ) -> Result<Response<proto::GetConsistencyProofResponse>, Status> {
        let (_, request) = self.admit(method!("GetConsistencyProof"), request).await?;
        let answer = ask(&self.ledger, move |ledger| {
            ledger.consistency_proof(Sequence(request.from_size), Sequence(request.to_size))
        });
        let proof = convert::proof(&answer.await?);
        Ok(Response::new(proto::GetConsistencyProofResponse { proof }))
    }

    async fn list_streams(
        &self,
        request: Request<proto::ListStreamsRequest>,
    ) -> Result<Response<proto::ListStreamsResponse>, Status> {
        let (authority, request) = self.admit(method!("ListStreams"), request).await?;
        let kind = kind(request.kind)?;
        let max = page_size(request.page_size)?;
        let answer =
            ask(&self.ledger, move |ledger| ledger.list_streams(kind, max, &request.page_token));
        let (mut page, as_of) = answer.await?;
        if let Some(caller) = authority.known() {
            // Only those that the caller may read of; a page may be short, even empty.
            let streams: Vec<StreamKey> = page.entries.iter().map(|entry| entry.stream).collect();
            let readable = self.ledger.readable(caller, &streams).map_err(Told::from)?;
            let mut readable = readable.into_iter();
            page.entries.retain(|_| readable.next().unwrap_or(false));
            let given: Vec<StreamKey> = page.entries.iter().map(|entry| entry.stream).collect();
            let read = self.ledger.read_facts(caller, Action::ReadFacts, &given);
            read.await.map_err(Told::from)?;
        }
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
        let deadline = Deadline::of(request.extensions());
        let (authority, request) = self.admit(method!("ReadSections"), request).await?;
        let answers = read_sections(&self.ledger, authority, &request, deadline).await?;
        Ok(Response::new(answers))
    }
}

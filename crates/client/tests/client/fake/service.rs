//! The RPCs of the ledger in memory.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::Bytes;
use letopis_log::merkle::{consistency_proof, inclusion_proof};
use letopis_proto::error::v1::{Error, Reason};
use letopis_proto::ledger::v1 as pb;
use letopis_proto::ledger::v1::append_stream_response::Result as Outcome;
use letopis_proto::ledger::v1::ledger_service_server::LedgerService;
use letopis_types::Digest;
use prost::Message as _;
use tokio::sync::mpsc;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::proxy::Proxy;
use super::state::{State, Trouble};
use super::{secret, stream_message};

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

pub struct Service {
    pub state: Arc<Mutex<State>>,
    pub proxy: Proxy,
}

pub(super) fn refusal(reason: Reason, retry: Option<Duration>) -> Status {
    let code = match reason {
        Reason::Overloaded => Code::ResourceExhausted,
        Reason::SeenStale => Code::Aborted,
        Reason::EventNotFound | Reason::StreamNotFound => Code::NotFound,
        Reason::SequenceOutOfRange => Code::OutOfRange,
        _ => Code::InvalidArgument,
    };
    let mut details = ErrorDetails::new();
    let name = reason.as_str_name().strip_prefix("REASON_").unwrap();
    details.set_error_info(name, "letopis", [("version".to_owned(), "7".to_owned())]);
    if retry.is_some() {
        details.set_retry_info(retry);
    }
    Status::with_error_details(code, "invented refusal", details)
}

fn refusal_value(reason: Reason, retry: Option<Duration>) -> Error {
    Error {
        code: Code::Aborted.into(),
        reason: reason.into(),
        message: "invented refusal".to_owned(),
        metadata: [("version".to_owned(), "7".to_owned())].into(),
        retry_after_ms: retry.map(|retry| retry.as_millis() as u32),
    }
}

/// What became of a statement that arrived.
enum Arrived {
    Recorded { at: usize, already: bool, trouble: Option<Trouble> },
    Refused(Reason, Option<Duration>),
    Bare,
    End,
}

fn arrive(state: &mut State, submission: pb::Submission) -> Arrived {
    let trouble = state.troubles.get(&state.arrived).copied();
    state.arrived += 1;
    match trouble {
        Some(Trouble::Overloaded(after)) => Arrived::Refused(Reason::Overloaded, Some(after)),
        Some(Trouble::Refuse(reason)) => Arrived::Refused(reason, None),
        Some(Trouble::BareUnavailable) => Arrived::Bare,
        Some(Trouble::EndStream) => Arrived::End,
        trouble => {
            let broken = matches!(trouble, Some(Trouble::BrokenChain));
            let (at, already) = state.record(submission, broken);
            Arrived::Recorded { at, already, trouble }
        }
    }
}

/// The receipt, spoiled as it should be.
fn receipt(state: &mut State, at: usize, already: bool, trouble: Option<Trouble>) -> pb::Receipt {
    let mut receipt = match trouble {
        Some(Trouble::OldCheckpoint(size)) => state.receipt_under(at, true, size),
        Some(Trouble::OtherKey) => {
            let own = state.exchange_key(secret(99));
            let receipt = state.receipt(at, already);
            state.exchange_key(own);
            receipt
        }
        _ => state.receipt(at, already),
    };
    match trouble {
        Some(Trouble::OtherStatement) => receipt.link = flipped(&receipt.link, 50),
        Some(Trouble::OtherSignatures) => receipt.link = flipped(&receipt.link, 90),
        Some(Trouble::WrongProof) => {
            let last = receipt.inclusion_proof.last_mut().unwrap();
            *last = flipped(last, 0);
        }
        _ => {}
    }
    receipt
}

fn flipped(bytes: &Bytes, at: usize) -> Bytes {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes.into()
}

fn messages(hashes: &[Digest]) -> Vec<Bytes> {
    hashes.iter().map(|hash| Bytes::copy_from_slice(&hash.0)).collect()
}

impl Service {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    async fn late(&self, trouble: Option<Trouble>) {
        match trouble {
            Some(Trouble::Slow(after)) => tokio::time::sleep(after).await,
            Some(Trouble::CutAfterRecording) => {
                self.proxy.cut();
                std::future::pending().await
            }
            _ => {}
        }
    }

    async fn answer_stream(
        self,
        mut requests: Streaming<pb::AppendStreamRequest>,
        answers: mpsc::Sender<Result<pb::AppendStreamResponse, Status>>,
    ) {
        loop {
            let batch = next_batch(&mut requests).await;
            if batch.is_empty() {
                return;
            }
            // One group: recorded first, then answered under one checkpoint.
            let arrived: Vec<_> = {
                let mut state = self.state();
                let requests = batch.into_iter().map(|request| request.submission.unwrap());
                requests.map(|submission| arrive(&mut state, submission)).collect()
            };
            for one in arrived {
                let result = match one {
                    Arrived::Recorded { at, already, trouble } => {
                        self.late(trouble).await;
                        Outcome::Receipt(receipt(&mut self.state(), at, already, trouble))
                    }
                    Arrived::Refused(reason, retry) => Outcome::Error(refusal_value(reason, retry)),
                    Arrived::Bare => {
                        let _ = answers.send(Err(Status::unavailable("gone"))).await;
                        return;
                    }
                    Arrived::End => return,
                };
                let answer = pb::AppendStreamResponse { result: Some(result) };
                if answers.send(Ok(answer)).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// What has come, at most 64.
async fn next_batch(
    requests: &mut Streaming<pb::AppendStreamRequest>,
) -> Vec<pb::AppendStreamRequest> {
    let mut batch = Vec::new();
    std::future::poll_fn(|context| {
        while batch.len() < 64 {
            match Pin::new(&mut *requests).poll_next(context) {
                Poll::Ready(Some(Ok(request))) => batch.push(request),
                Poll::Ready(_) => break,
                Poll::Pending if batch.is_empty() => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        Poll::Ready(std::mem::take(&mut batch))
    })
    .await
}

#[tonic::async_trait]
impl LedgerService for Service {
    type AppendStreamStream = Answers<pb::AppendStreamResponse>;
    type ReadLogStream = Answers<pb::ReadLogResponse>;
    type ReadSectionsStream = Answers<pb::ReadSectionsResponse>;

    async fn append(
        &self,
        request: Request<pb::AppendRequest>,
    ) -> Result<Response<pb::AppendResponse>, Status> {
        let bytes = request.get_ref().encode_to_vec();
        self.state().check_token(request.metadata(), "Append", &bytes)?;
        let arrived = arrive(&mut self.state(), request.into_inner().submission.unwrap());
        match arrived {
            Arrived::Recorded { at, already, trouble } => {
                self.late(trouble).await;
                let receipt = Some(receipt(&mut self.state(), at, already, trouble));
                Ok(Response::new(pb::AppendResponse { receipt }))
            }
            Arrived::Refused(reason, retry) => Err(refusal(reason, retry)),
            Arrived::Bare | Arrived::End => Err(Status::unavailable("gone")),
        }
    }

    async fn append_stream(
        &self,
        request: Request<Streaming<pb::AppendStreamRequest>>,
    ) -> Result<Response<Self::AppendStreamStream>, Status> {
        self.state().check_token(request.metadata(), "AppendStream", &[])?;
        let (sender, answers) = mpsc::channel(64);
        let this = Self { state: Arc::clone(&self.state), proxy: self.proxy.clone() };
        tokio::spawn(this.answer_stream(request.into_inner(), sender));
        Ok(Response::new(Box::pin(ReceiverStream::new(answers))))
    }

    async fn get_event(
        &self,
        request: Request<pb::GetEventRequest>,
    ) -> Result<Response<pb::GetEventResponse>, Status> {
        let bytes = request.get_ref().encode_to_vec();
        self.state().check_token(request.metadata(), "GetEvent", &bytes)?;
        use pb::get_event_request::Event as Wanted;
        let state = self.state();
        let at = match request.into_inner().event.unwrap() {
            Wanted::Sequence(sequence) => Some(sequence as usize),
            Wanted::Name(name) => state.find(&name),
        };
        let found = at.and_then(|at| state.events.get(at));
        let mut event = found.ok_or_else(|| refusal(Reason::EventNotFound, None))?.event.clone();
        if let (Some(0), Some(spoil)) = (at, state.spoil_genesis) {
            spoil(&mut event);
        }
        Ok(Response::new(pb::GetEventResponse { event: Some(event) }))
    }

    async fn read_stream(
        &self,
        request: Request<pb::ReadStreamRequest>,
    ) -> Result<Response<pb::ReadStreamResponse>, Status> {
        let bytes = request.get_ref().encode_to_vec();
        self.state().check_token(request.metadata(), "ReadStream", &bytes)?;
        let (state, request) = (self.state(), request.into_inner());
        let wanted = request.stream.unwrap();
        let found = state.streams.iter().find(|(stream, _)| stream_message(stream) == wanted);
        let (_, history) = found.ok_or_else(|| refusal(Reason::StreamNotFound, None))?;
        let from: usize = request.page_token.parse().unwrap_or(0);
        let to = history.len().min(from + state.page);
        let last = &state.events[*history.last().unwrap()];
        let mut page = pb::ReadStreamResponse {
            events: history[from..to].iter().map(|at| state.events[*at].event.clone()).collect(),
            next_page_token: if to < history.len() { to.to_string() } else { String::new() },
            version: last.version,
            head: Bytes::copy_from_slice(&last.head.0),
        };
        if let Some(spoil) = state.spoil_page {
            spoil(&mut page);
        }
        Ok(Response::new(page))
    }

    async fn read_log(
        &self,
        request: Request<pb::ReadLogRequest>,
    ) -> Result<Response<Self::ReadLogStream>, Status> {
        let bytes = request.get_ref().encode_to_vec();
        self.state().check_token(request.metadata(), "ReadLog", &bytes)?;
        let request = request.into_inner();
        let (sender, answers) = mpsc::channel(1);
        let state = Arc::clone(&self.state);
        let (mut next, follow) = (request.from_sequence as usize, request.follow);
        if next > self.state().events.len() {
            return Err(refusal(Reason::SequenceOutOfRange, None));
        }
        let breaks_after = self.state().log_breaks_after.take();
        let expires_at = self.state().log_expires_after.map(|after| Instant::now() + after);
        tokio::spawn(async move {
            let mut sent = 0;
            loop {
                let batch: Vec<_> = {
                    let state = state.lock().unwrap();
                    let mut batch: Vec<_> =
                        state.events[next..].iter().take(2).map(|e| e.event.clone()).collect();
                    if let Some(spoil) = state.spoil_log {
                        batch.iter_mut().for_each(spoil);
                    }
                    batch
                };
                if batch.is_empty() {
                    if !follow || sender.is_closed() {
                        return;
                    }
                    if expires_at.is_some_and(|at| Instant::now() >= at) {
                        let _ = sender.send(Err(refusal(Reason::StreamExpired, None))).await;
                        return;
                    }
                    tokio::time::sleep(Duration::from_millis(2)).await;
                    continue;
                }
                (next, sent) = (next + batch.len(), sent + batch.len());
                if sender.send(Ok(pb::ReadLogResponse { events: batch })).await.is_err() {
                    return;
                }
                if breaks_after.is_some_and(|after| sent >= after) {
                    let _ = sender.send(Err(Status::unavailable("gone"))).await;
                    return;
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(answers))))
    }

    async fn get_receipt(
        &self,
        request: Request<pb::GetReceiptRequest>,
    ) -> Result<Response<pb::GetReceiptResponse>, Status> {
        let bytes = request.get_ref().encode_to_vec();
        self.state().check_token(request.metadata(), "GetReceipt", &bytes)?;
        let mut state = self.state();
        let at = state.find(&request.into_inner().name.unwrap());
        let at = at.ok_or_else(|| refusal(Reason::EventNotFound, None))?;
        let event = Some(state.events[at].event.clone());
        let receipt = Some(state.receipt(at, true));
        Ok(Response::new(pb::GetReceiptResponse { event, receipt }))
    }

    async fn get_checkpoint(
        &self,
        request: Request<pb::GetCheckpointRequest>,
    ) -> Result<Response<pb::GetCheckpointResponse>, Status> {
        assert!(request.metadata().get("authorization").is_none(), "nobody asked for one");
        let mut state = self.state();
        Ok(Response::new(pb::GetCheckpointResponse {
            checkpoint: state.checkpoint(),
            genesis: state.events[0].event.statement.clone(),
        }))
    }

    async fn get_inclusion_proof(
        &self,
        request: Request<pb::GetInclusionProofRequest>,
    ) -> Result<Response<pb::GetInclusionProofResponse>, Status> {
        let bytes = request.get_ref().encode_to_vec();
        self.state().check_token(request.metadata(), "GetInclusionProof", &bytes)?;
        let request = request.into_inner();
        let proof = inclusion_proof(&self.state().tree, request.sequence, request.size).unwrap();
        Ok(Response::new(pb::GetInclusionProofResponse { proof: messages(&proof) }))
    }

    async fn get_consistency_proof(
        &self,
        request: Request<pb::GetConsistencyProofRequest>,
    ) -> Result<Response<pb::GetConsistencyProofResponse>, Status> {
        let bytes = request.get_ref().encode_to_vec();
        self.state().check_token(request.metadata(), "GetConsistencyProof", &bytes)?;
        let mut state = self.state();
        let request = request.into_inner();
        if request.to_size > state.size() {
            return Err(refusal(Reason::SequenceOutOfRange, None));
        }
        state.proofs_asked += 1;
        let proof = consistency_proof(&state.tree, request.from_size, request.to_size).unwrap();
        let mut proof = messages(&proof);
        if let (true, Some(last)) = (state.wrong_consistency, proof.last_mut()) {
            *last = flipped(last, 31);
        }
        Ok(Response::new(pb::GetConsistencyProofResponse { proof }))
    }

    async fn list_streams(
        &self,
        request: Request<pb::ListStreamsRequest>,
    ) -> Result<Response<pb::ListStreamsResponse>, Status> {
        let bytes = request.get_ref().encode_to_vec();
        self.state().check_token(request.metadata(), "ListStreams", &bytes)?;
        let (state, request) = (self.state(), request.into_inner());
        let from: usize = request.page_token.parse().unwrap_or(0);
        let all: Vec<_> =
            state.streams.iter().filter(|(stream, _)| stream.kind as i32 == request.kind).collect();
        let to = all.len().min(from + state.page);
        let summaries = all[from..to].iter().map(|(stream, history)| pb::StreamSummary {
            stream: Some(stream_message(stream)),
            version: history.len() as u64,
            first_sequence: history[0] as u64,
            last_sequence: history[history.len() - 1] as u64,
        });
        Ok(Response::new(pb::ListStreamsResponse {
            streams: summaries.collect(),
            next_page_token: if to < all.len() { to.to_string() } else { String::new() },
            as_of_size: state.size(),
        }))
    }

    async fn read_sections(
        &self,
        request: Request<pb::ReadSectionsRequest>,
    ) -> Result<Response<Self::ReadSectionsStream>, Status> {
        let bytes = request.get_ref().encode_to_vec();
        self.state().check_token(request.metadata(), "ReadSections", &bytes)?;
        let mut state = self.state();
        if state.overloaded_readings > 0 {
            state.overloaded_readings -= 1;
            return Err(refusal(Reason::Overloaded, Some(Duration::from_millis(1))));
        }
        let request = request.into_inner();
        let mut sections = Vec::new();
        for stream in &request.streams {
            let history =
                state.streams.iter().find(|(known, _)| stream_message(known) == *stream).unwrap().1;
            for stored in history.iter().map(|at| &state.events[*at]) {
                for (index, content) in stored.sections.iter().enumerate() {
                    let signed = &stored.message.sections[index];
                    if !request.classes.is_empty() && !request.classes.contains(&signed.class) {
                        continue;
                    }
                    let mut section = pb::OpenedSection {
                        stream: Some(stream.clone()),
                        version: stored.version,
                        index: index as u32,
                        class: signed.class,
                        payload_type: signed.payload_type.clone(),
                        salt: content.salt.clone(),
                        content: Some(content.content.clone()),
                    };
                    if let Some(spoil) = state.spoil_section {
                        spoil(&mut section);
                    }
                    sections.push(Ok(pb::ReadSectionsResponse { section: Some(section) }));
                }
            }
        }
        if state.readings_break {
            sections.truncate(1);
            sections.push(Err(Status::unavailable("gone")));
        }
        Ok(Response::new(Box::pin(tokio_stream::iter(sections))))
    }
}

//! Calls: within their time, with a token, and again where that may help.

use std::sync::Arc;
use std::time::{Duration, Instant};

use letopis_log::merkle::{leaf_hash, verify_inclusion};
use letopis_proto::error::v1::Reason;
use letopis_proto::ledger::v1 as pb;
use letopis_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use letopis_proto::statement::v1::Purpose;
use letopis_types::{LedgerId, Sequence};
use tokio::time::timeout;
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use crate::convert::hashes;
use crate::endpoint::endpoint;
use crate::error::{ClientError, Distrust, Usage};
use crate::event::Event;
use crate::fault::Fault;
use crate::identity::TokenSigner;
use crate::options::{Options, TokenClock};
use crate::retry::Backoff;
use crate::token::{self, Call, Ticket};
use crate::trust::SignedCheckpoint;

/// The longest answer that is taken, in bytes. The longest regular one is a page of 200 events.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// How much may be on its way unread, in bytes: of one stream, and of the connection.
const HTTP2_WINDOW: (u32, u32) = (1 << 20, 4 << 20);

/// A connection is found dead within these: the pause between pings, and the wait for an answer.
const KEEP_ALIVE: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(10));

/// A token that took longer to sign than this is made again.
const WAIT_MAX: Duration = Duration::from_secs(5);

pub(crate) type Grpc = LedgerServiceClient<Channel>;

/// The method that a request message is for. Each has a message of its own, so that a token can't
/// be made for another method than is called.
pub(crate) trait Rpc: prost::Message {
    const METHOD: &'static str;
    /// Answered to everybody: a token would be made for nothing.
    const IS_OPEN: bool = false;
}

macro_rules! rpcs {
    ($($message:ident: $name:literal;)*) => {
        $(impl Rpc for pb::$message {
            const METHOD: &'static str = concat!("letopis.ledger.v1.LedgerService/", $name);
        })*
    };
}

rpcs! {
    AppendRequest: "Append";
    AppendStreamRequest: "AppendStream";
    GetEventRequest: "GetEvent";
    ReadStreamRequest: "ReadStream";
    ReadLogRequest: "ReadLog";
    GetReceiptRequest: "GetReceipt";
    GetInclusionProofRequest: "GetInclusionProof";
    GetConsistencyProofRequest: "GetConsistencyProof";
    ListStreamsRequest: "ListStreams";
    ReadSectionsRequest: "ReadSections";
}

impl Rpc for pb::GetCheckpointRequest {
    const METHOD: &'static str = "letopis.ledger.v1.LedgerService/GetCheckpoint";
    const IS_OPEN: bool = true;
}

/// Makes calls, and makes them again.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) channel: Channel,
    pub(crate) grpc: Grpc,
    pub(crate) options: Options,
    /// Whom tokens are for. INVARIANT: known before any call but the open ones is made.
    pub(crate) ledger: Option<LedgerId>,
}

impl Caller {
    pub(crate) fn new(url: &str, options: Options) -> Result<Self, Usage> {
        let endpoint = endpoint(url, options.tls.as_deref())?
            .connect_timeout(options.timeout)
            .initial_stream_window_size(HTTP2_WINDOW.0)
            .initial_connection_window_size(HTTP2_WINDOW.1)
            .http2_keep_alive_interval(KEEP_ALIVE.0)
            .keep_alive_timeout(KEEP_ALIVE.1);
        // Connects with the first call, and again whenever the connection was lost.
        let channel = endpoint.connect_lazy();
        let grpc =
            LedgerServiceClient::new(channel.clone()).max_decoding_message_size(ANSWER_BYTES_MAX);
        Ok(Self { channel, grpc, options, ledger: None })
    }

    pub(crate) const fn backoff(&self) -> Backoff {
        Backoff::new(self.options.retry)
    }

    /// A call with one answer: within its time, and again where that may help.
    pub(crate) async fn call<Q: Rpc + Clone, A, F>(
        &self,
        message: &Q,
        make: impl Fn(Grpc, Request<Q>) -> F,
    ) -> Result<A, ClientError>
    where
        F: Future<Output = Result<Response<A>, Status>>,
    {
        let mut backoff = self.backoff();
        loop {
            // Each attempt has a token of its own: it is used once.
            let answer = make(self.grpc.clone(), self.request(message.clone()).await?);
            match self.in_time(answer).await {
                Ok(answer) => return Ok(answer),
                Err(fault) => backoff.after(fault).await?,
            }
        }
    }

    /// A call that is made again only where the server says that it did nothing: where it may have been
    /// answered, its reading is on the record.
    pub(crate) async fn once<Q: Rpc + Clone, A, F>(
        &self,
        message: &Q,
        make: impl Fn(Request<Q>) -> F,
    ) -> Result<A, ClientError>
    where
        F: Future<Output = Result<Response<A>, Status>>,
    {
        let mut backoff = self.backoff();
        loop {
            let answer = make(self.request(message.clone()).await?);
            match self.in_time(answer).await {
                Ok(answer) => return Ok(answer),
                Err(Fault::Again { reason, message, .. })
                    if !matches!(reason, Reason::Overloaded | Reason::ShuttingDown) =>
                {
                    return Err(ClientError::Unavailable { attempts: 1, reason, message });
                }
                Err(fault) => backoff.after(fault).await?,
            }
        }
    }

    /// What is answered within the time of a call.
    pub(crate) async fn in_time<A>(
        &self,
        answer: impl Future<Output = Result<Response<A>, Status>>,
    ) -> Result<A, Fault> {
        match timeout(self.options.timeout, answer).await {
            Ok(Ok(answer)) => Ok(answer.into_inner()),
            Ok(Err(status)) => Err(Fault::from(status)),
            Err(_) => Err(Fault::deadline()),
        }
    }

    /// A request that the server is to answer in time.
    pub(crate) async fn request<Q: Rpc>(&self, message: Q) -> Result<Request<Q>, Usage> {
        if Q::IS_OPEN {
            return Ok(self.timed(message));
        }
        self.request_of(Q::METHOD, message).await
    }

    pub(crate) async fn request_of<Q: prost::Message>(
        &self,
        method: &str,
        message: Q,
    ) -> Result<Request<Q>, Usage> {
        let token = self.token(method, || message.encode_to_vec()).await?;
        let mut request = self.timed(message);
        carry(&mut request, token.as_deref());
        Ok(request)
    }

    fn timed<Q>(&self, message: Q) -> Request<Q> {
        let mut request = Request::new(message);
        request.set_timeout(self.options.timeout);
        request
    }

    /// A request that lasts as long as there is something to answer.
    pub(crate) async fn following<Q: Rpc>(&self, message: Q) -> Result<Request<Q>, Usage> {
        let token = self.token(Q::METHOD, || message.encode_to_vec()).await?;
        let mut request = Request::new(message);
        carry(&mut request, token.as_deref());
        Ok(request)
    }

    /// A call whose requests, messages of this type, are streamed.
    pub(crate) async fn streaming<Q: Rpc, S>(&self, messages: S) -> Result<Request<S>, Usage> {
        let token = self.token(Q::METHOD, Vec::new).await?;
        let mut request = Request::new(messages);
        carry(&mut request, token.as_deref());
        Ok(request)
    }

    /// A token for one call; `None` where calls go without.
    async fn token(
        &self,
        method: &str,
        request: impl FnOnce() -> Vec<u8>,
    ) -> Result<Option<String>, Usage> {
        let (Some(acting_as), Some(ledger)) = (&self.options.acting_as, self.ledger) else {
            return Ok(None);
        };
        let call =
            Call { ledger: &ledger, method, purpose: acting_as.purpose, request: &request() };
        let (ticket, signer) = (call.ticket(), Arc::clone(&acting_as.signer));
        if !signer.may_block() {
            return ticket.sign(&*signer, self.options.clock.now()).map(Some);
        }
        let clock = self.options.clock.clone();
        let made =
            tokio::task::spawn_blocking(move || sign_in_time(&ticket, &*signer, &clock)).await;
        made.map_err(|_| Usage::ThreadLost)?.map(Some)
    }

    /// The request with a token by this signer, whoever makes the other calls.
    pub(crate) fn request_as<Q: Rpc>(
        &self,
        signer: &dyn TokenSigner,
        purpose: Purpose,
        ledger: &LedgerId,
        message: Q,
    ) -> Result<Request<Q>, Usage> {
        let bytes = message.encode_to_vec();
        let call = Call { ledger, method: Q::METHOD, purpose, request: &bytes };
        let token = token::make(signer, &call, self.options.clock.now())?;
        let mut request = self.timed(message);
        carry(&mut request, Some(&token));
        Ok(request)
    }

    pub(crate) async fn get_checkpoint(&self) -> Result<pb::GetCheckpointResponse, ClientError> {
        let request = pb::GetCheckpointRequest {};
        self.call(&request, |mut grpc, request| async move { grpc.get_checkpoint(request).await })
            .await
    }

    pub(crate) async fn event_at(&self, sequence: Sequence) -> Result<Event, ClientError> {
        let event = Some(pb::get_event_request::Event::Sequence(sequence.0));
        let event = self.event(&pb::GetEventRequest { event }).await?;
        if event.link.sequence != sequence {
            return Err(Distrust::OtherEvent { what: "sequence" }.into());
        }
        Ok(event)
    }

    /// An event with its signatures verified; whether it is the one asked for is for the caller.
    pub(crate) async fn event(&self, request: &pb::GetEventRequest) -> Result<Event, ClientError> {
        let answer = self
            .call(request, |mut grpc, request| async move { grpc.get_event(request).await })
            .await?;
        let event = Event::from_message(answer.event)?;
        event.verify_signatures()?;
        Ok(event)
    }

    /// The genesis is the first link under this checkpoint.
    pub(crate) async fn check_genesis_included(
        &self,
        event: &Event,
        checkpoint: &SignedCheckpoint,
    ) -> Result<(), ClientError> {
        let size = checkpoint.size().0;
        let request = pb::GetInclusionProofRequest { sequence: 0, size };
        let answer =
            self.call(&request, |mut grpc, request| async move {
                grpc.get_inclusion_proof(request).await
            })
            .await?;
        let (leaf, proof) = (leaf_hash(&event.link.to_bytes()), hashes(&answer.proof)?);
        verify_inclusion(&leaf, 0, size, &proof, checkpoint.root())
            .map_err(|source| Distrust::Inclusion { sequence: Sequence::ZERO, source }.into())
    }
}

/// A token with most of its time before it: where somebody had to be waited for, say for a
/// passphrase, it is made again.
fn sign_in_time(
    ticket: &Ticket,
    signer: &dyn TokenSigner,
    clock: &TokenClock,
) -> Result<String, Usage> {
    let began = Instant::now();
    let token = ticket.sign(signer, clock.now())?;
    if began.elapsed() < WAIT_MAX { Ok(token) } else { ticket.sign(signer, clock.now()) }
}

/// Puts a token where the server looks for it.
fn carry<Q>(request: &mut Request<Q>, token: Option<&str>) {
    let value = token.map(|token| format!("Bearer {token}").parse::<MetadataValue<_>>());
    // Base64url and dots are always a header's value.
    if let Some(Ok(mut value)) = value {
        value.set_sensitive(true);
        request.metadata_mut().insert("authorization", value);
    }
}

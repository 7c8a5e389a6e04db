//! The connection to one ledger.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use letopis_log::merkle::{leaf_hash, verify_inclusion};
use letopis_proto::ledger::v1 as pb;
use letopis_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use letopis_types::{LedgerId, Sequence};
use tokio::time::timeout;
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Request, Response, Status};

use crate::convert::hashes;
use crate::error::{ClientError, Distrust, Usage};
use crate::event::Event;
use crate::fault::Fault;
use crate::genesis::{self, GenesisError, KnownGenesis};
use crate::retry::{Backoff, Retry};
use crate::trust::{KnownLedger, KnownLedgers, SignedCheckpoint};

/// The longest answer that is taken, in bytes. The longest regular one is a page of 200 events.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// How much may be on its way unread, in bytes: of one stream, and of the connection.
const HTTP2_WINDOW: (u32, u32) = (1 << 20, 4 << 20);

/// A connection is found dead within these: the pause between pings, and the wait for an answer.
const KEEP_ALIVE: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(10));

/// How a client goes about its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How long one attempt of a call may take; in a stream, how long an answer may be waited for.
    pub timeout: Duration,
    /// When the same is sent again.
    pub retry: Retry,
    /// How often, while statements are streamed, the newest checkpoint is proven against the last
    /// one and remembered.
    pub check_interval: Duration,
}

impl Default for Options {
    /// 10 seconds for a call, a check each second.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            retry: Retry::default(),
            check_interval: Duration::from_secs(1),
        }
    }
}

/// Speaks to one ledger, whose key is known. Cheap to clone; clones share connection and memory.
#[derive(Debug, Clone)]
pub struct LedgerClient {
    pub(crate) caller: Caller,
    pub(crate) known: Arc<KnownLedger>,
}

impl LedgerClient {
    /// Connects to a ledger that is known, and verifies its present checkpoint against the last
    /// one. Plain `http` goes to loopback addresses only.
    ///
    /// # Errors
    /// [`Usage::Url`], [`Usage::PlainText`]; [`Distrust`] where the server is not that ledger, or
    /// no longer; [`ClientError::Unavailable`].
    pub async fn connect(
        url: &str,
        known: KnownLedger,
        options: Options,
    ) -> Result<Self, ClientError> {
        let client = Self { caller: Caller::new(url, options)?, known: Arc::new(known) };
        client.checkpoint().await?;
        Ok(client)
    }

    /// Connects to whatever ledger answers there, learns its key from its genesis, and remembers
    /// it in `directory`. A ledger that is remembered there is verified against what is known.
    ///
    /// TRUST: that it is the right ledger is taken on faith the first time; that its genesis,
    /// its id, its keys and its checkpoint belong together is verified. Show the caller of the
    /// program the ledger's id, and whether it is a trial.
    ///
    /// # Errors
    /// As [`Self::connect`]; [`Distrust::Genesis`].
    pub async fn trust_on_first_use(
        url: &str,
        directory: &KnownLedgers,
        options: Options,
    ) -> Result<(Self, KnownGenesis), ClientError> {
        let caller = Caller::new(url, options)?;
        let event = caller.event_at(Sequence::ZERO).await?;
        let genesis = genesis::check(&event).map_err(Distrust::from)?;
        let floor = directory.open(&genesis.ledger)?.map_or(Sequence::ZERO, |known| known.size());
        let answer = caller.get_checkpoint().await?;
        if answer.genesis != event.bytes {
            return Err(Distrust::OtherEvent { what: "genesis" }.into());
        }
        let checkpoint = SignedCheckpoint::open(answer.checkpoint, &genesis.key);
        let checkpoint = checkpoint.map_err(Distrust::from)?;
        caller.check_genesis_included(&event, &checkpoint).await?;
        let known = Arc::new(directory.with_key(&genesis.key)?);
        let client = Self { caller, known };
        client.believe(&Arc::new(checkpoint), floor).await?;
        Ok((client, genesis))
    }

    /// The ledger's genesis, verified to be the one that makes its id and names its key.
    ///
    /// # Errors
    /// [`Distrust::Genesis`]; otherwise as every call.
    pub async fn genesis(&self) -> Result<KnownGenesis, ClientError> {
        let event = self.caller.event_at(Sequence::ZERO).await?;
        let genesis = genesis::check(&event).map_err(Distrust::from)?;
        if genesis.key != *self.known.key() {
            return Err(Distrust::Genesis(GenesisError::Key).into());
        }
        Ok(genesis)
    }

    /// What is known of the ledger.
    #[must_use]
    pub fn known(&self) -> &KnownLedger {
        &self.known
    }

    /// The ledger's id.
    #[must_use]
    pub fn ledger(&self) -> &LedgerId {
        self.known.ledger()
    }
}

pub(crate) type Grpc = LedgerServiceClient<Channel>;

/// Makes calls, and makes them again.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) grpc: Grpc,
    pub(crate) options: Options,
}

impl Caller {
    fn new(url: &str, options: Options) -> Result<Self, Usage> {
        let endpoint = endpoint(url)?
            .connect_timeout(options.timeout)
            .initial_stream_window_size(HTTP2_WINDOW.0)
            .initial_connection_window_size(HTTP2_WINDOW.1)
            .http2_keep_alive_interval(KEEP_ALIVE.0)
            .keep_alive_timeout(KEEP_ALIVE.1);
        // Connects with the first call, and again whenever the connection was lost.
        let grpc = LedgerServiceClient::new(endpoint.connect_lazy())
            .max_decoding_message_size(ANSWER_BYTES_MAX);
        Ok(Self { grpc, options })
    }

    pub(crate) const fn backoff(&self) -> Backoff {
        Backoff::new(self.options.retry)
    }

    /// A call with one answer: within its time, and again where that may help.
    pub(crate) async fn call<Q: Clone, A, F>(
        &self,
        request: &Q,
        make: impl Fn(Grpc, Request<Q>) -> F,
    ) -> Result<A, ClientError>
    where
        F: Future<Output = Result<Response<A>, Status>>,
    {
        let mut backoff = self.backoff();
        loop {
            let answer = make(self.grpc.clone(), self.request(request.clone()));
            let fault = match timeout(self.options.timeout, answer).await {
                Ok(Ok(answer)) => return Ok(answer.into_inner()),
                Ok(Err(status)) => Fault::from(status),
                Err(_) => Fault::deadline(),
            };
            backoff.after(fault).await?;
        }
    }

    /// A request that the server is to answer in time.
    pub(crate) fn request<Q>(&self, message: Q) -> Request<Q> {
        let mut request = Request::new(message);
        request.set_timeout(self.options.timeout);
        request
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
    async fn check_genesis_included(
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

/// An address for plain text, on this machine.
fn endpoint(url: &str) -> Result<Endpoint, Usage> {
    let wrong = || Usage::Url { url: url.to_owned() };
    let uri: Uri = url.parse().map_err(|_| wrong())?;
    let host = uri.host().filter(|_| uri.scheme_str() == Some("http")).ok_or_else(wrong)?;
    let address = host.trim_start_matches('[').trim_end_matches(']');
    // TRUST: RFC 6761 gives the name localhost to loopback addresses, and to nothing else.
    let is_loopback = address.eq_ignore_ascii_case("localhost")
        || address.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    if !is_loopback {
        return Err(Usage::PlainText { host: host.to_owned() });
    }
    Ok(Endpoint::from(uri))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays_on_this_machine() {
        for good in
            ["http://127.0.0.1:1", "http://127.9.9.9:1/", "http://[::1]:1", "http://LocalHost:1"]
        {
            assert!(endpoint(good).is_ok(), "{good}");
        }
        for bad in [
            "http://10.0.0.1:1",
            "http://0.0.0.0:1",
            "http://[::]:1",
            "http://ledger.example:1",
            "http://localhost.example:1",
            "http://127.0.0.1@ledger.example:1",
            "http://127.0.0.1.example:1",
        ] {
            assert!(matches!(endpoint(bad), Err(Usage::PlainText { .. })), "{bad}");
        }
        for bad in ["", "127.0.0.1:1", "https://127.0.0.1:1", "file:///a", "http://"] {
            assert!(matches!(endpoint(bad), Err(Usage::Url { .. })), "{bad}");
        }
    }
}

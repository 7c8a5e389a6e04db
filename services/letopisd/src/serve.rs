//! Serving a ledger over gRPC until told to stop.

use std::net::SocketAddr;
use std::time::Duration;

use letopis_ledger::{Ledger, LedgerError};
use letopis_service_accountability::AccountabilityApi;
use letopis_service_confidentiality::ConfidentialityApi;
use letopis_service_ledger::LedgerApi;
use letopis_service_rpc::{
    Admission, Bounds, DeadlineLayer, IntakeLayer, OversizeLayer, STREAM_MAX,
    Settings as ApiSettings,
};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::transport::Server;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tower_layer::{Identity, Stack};

use crate::incoming::{self, ConnectionBounds, Tls};
use crate::tls::TlsError;

/// How long calls in flight may go on after the server was told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Calls that one connection may have in flight.
const CALLS_PER_CONNECTION: u32 = 128;

/// What may have come and not been taken yet, in bytes: of a call, and of a connection. Enough for a
/// pipelined import; with all connections open no more than what the messages' own bound comes to.
const STREAM_WINDOW_BYTES: u32 = 128 << 10;
const CONNECTION_WINDOW_BYTES: u32 = 512 << 10;

/// A call's headers: a token, and what every caller sends.
const HEADER_BYTES_MAX: u32 = 8 << 10;

/// A connection is found dead within these: the pause between pings, and the wait for an answer.
const KEEP_ALIVE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(10));

/// What the health is told of: the server as a whole, and its service.
const HEALTH_NAMES: [&str; 4] = [
    "",
    "letopis.ledger.v1.LedgerService",
    "letopis.confidentiality.v1.ConfidentialityService",
    "letopis.accountability.v1.AccountabilityService",
];

/// Why a ledger is not served, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address can't be listened on.
    #[error("could not listen on {address}: {source}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not a loopback address.
    #[error(
        "{address} is not a loopback address: without TLS (--tls-cert, --tls-key) only 127.0.0.1 or ::1 is served"
    )]
    NotLoopback {
        /// Which address.
        address: SocketAddr,
    },
    /// A real ledger, to be served without tokens.
    #[error("this is not a trial ledger: only a trial is served openly; leave out --open")]
    OpenNotTrial,
    /// The files for TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The transport failed.
    #[error("serving failed: {0}")]
    Transport(#[from] tonic::transport::Error),
    /// Reflection could not be set up.
    #[error("reflection could not be set up: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The ledger stopped by itself.
    #[error("the ledger has stopped: {0}; start again, so that what is durable is found out")]
    Failed(String),
    /// The ledger could not be ended in order.
    #[error("the ledger was not ended in order: {0}; the next start recovers")]
    Close(#[from] LedgerError),
}

/// How a ledger is served.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The present certificate. `None`: plain text, on loopback only.
    pub tls: Option<Tls>,
    /// Whose calls are answered; openly only those of a trial ledger.
    pub admission: Admission,
    /// Whether the services are told by reflection.
    pub reflection: bool,
    /// Bounds on connections.
    pub connections: ConnectionBounds,
    /// Bounds on calls and their messages.
    pub calls: Bounds,
    /// How long a token carries a stream.
    pub stream_max: Duration,
}

impl Settings {
    /// What a real ledger is served with, but for the certificate: calls with a token only, no
    /// reflection.
    #[must_use]
    pub fn closed() -> Self {
        Self {
            tls: None,
            admission: Admission::Token,
            reflection: false,
            connections: ConnectionBounds::default(),
            calls: Bounds::default(),
            stream_max: STREAM_MAX,
        }
    }

    /// For trying things out: calls without a token, with reflection.
    #[must_use]
    pub fn open() -> Self {
        Self { admission: Admission::Open, reflection: true, ..Self::closed() }
    }
}

/// Listens in plain text, where a server may.
///
/// # Errors
/// [`ServeError::NotLoopback`], [`ServeError::Listen`].
pub async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    if !address.ip().is_loopback() {
        return Err(ServeError::NotLoopback { address });
    }
    listen_anywhere(address).await
}

/// Listens for a server with TLS.
///
/// # Errors
/// [`ServeError::Listen`].
pub async fn listen_anywhere(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, source })
}

/// Serves a trial ledger openly, in plain text, until `stop` is done or the ledger fails, and ends
/// it in order: for tools that bring their own server.
///
/// # Errors
/// [`ServeError`]; of a real ledger [`ServeError::OpenNotTrial`].
pub async fn serve(
    ledger: Ledger,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    serve_with(ledger, listener, Settings::open(), stop).await
}

/// Serves a ledger until `stop` is done or the ledger fails, and ends it in order.
///
/// # Errors
/// [`ServeError`].
pub async fn serve_with(
    ledger: Ledger,
    listener: TcpListener,
    settings: Settings,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    check(&ledger, &listener, &settings)?;
    let (stopping_sender, stopping) = watch::channel(false);
    let (health, health_service) = tonic_health::server::health_reporter();
    for name in HEALTH_NAMES {
        health.set_service_status(name, ServingStatus::Serving).await;
    }
    let failure = tokio::spawn(wait_for_the_end(ledger.clone(), health, stop, stopping_sender));

    let api = ApiSettings {
        admission: settings.admission,
        stream_max: settings.stream_max,
        stopping: stopping.clone(),
    };
    let mut routes = builder(&settings)
        .add_service(LedgerApi::new(ledger.clone(), api.clone()).into_service())
        .add_service(ConfidentialityApi::new(ledger.clone(), api.clone()).into_service())
        .add_service(AccountabilityApi::new(ledger.clone(), api).into_service())
        .add_service(health_service);
    if settings.reflection {
        routes =
            routes.add_service(reflection().build_v1()?).add_service(reflection().build_v1alpha()?);
    }
    let (incoming, accepting) = incoming::accept(listener, settings.tls, settings.connections);
    let told = async |mut stopping: watch::Receiver<bool>| {
        // The sender goes only after it has told.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    };
    let server = routes.serve_with_incoming_shutdown(incoming, told(stopping.clone()));
    tokio::select! {
        served = server => served?,
        () = async {
            told(stopping).await;
            tokio::time::sleep(GRACE).await;
        } => tracing::warn!("calls in flight were cut off after {} s", GRACE.as_secs()),
    }
    let end = failure.await;
    if accepting.await.is_err() {
        return Err(ServeError::Failed("accepting panicked".to_owned()));
    }
    if let Ok(Some(why)) = end {
        return Err(ServeError::Failed(why));
    }
    tokio::task::spawn_blocking(move || ledger.close())
        .await
        .map_err(|_| ServeError::Failed("closing panicked".to_owned()))??;
    Ok(())
}

/// What is not served however it is asked for.
fn check(ledger: &Ledger, listener: &TcpListener, settings: &Settings) -> Result<(), ServeError> {
    if settings.admission == Admission::Open && !ledger.is_trial() {
        return Err(ServeError::OpenNotTrial);
    }
    match listener.local_addr() {
        Ok(address) if settings.tls.is_none() && !address.ip().is_loopback() => {
            Err(ServeError::NotLoopback { address })
        }
        _ => Ok(()),
    }
}

/// Waits until it is told to stop, or the ledger fails; tells everybody. Why it failed.
async fn wait_for_the_end(
    ledger: Ledger,
    mut health: HealthReporter,
    stop: impl Future<Output = ()>,
    stopping: watch::Sender<bool>,
) -> Option<String> {
    let failed = tokio::select! {
        () = stop => None,
        why = ledger.failed() => Some(why),
    };
    for name in HEALTH_NAMES {
        health.set_service_status(name, ServingStatus::NotServing).await;
        // Ends the streams of those who watch, which would keep the server from ending.
        health.clear_service_status(name).await;
    }
    stopping.send_replace(true);
    failed
}

type Layers = Stack<OversizeLayer, Stack<IntakeLayer, Stack<DeadlineLayer, Identity>>>;

/// Everything about the transport.
fn builder(settings: &Settings) -> Server<Layers> {
    Server::builder()
        .max_concurrent_streams(CALLS_PER_CONNECTION)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .http2_max_header_list_size(HEADER_BYTES_MAX)
        .http2_keepalive_interval(Some(KEEP_ALIVE.0))
        .http2_keepalive_timeout(Some(KEEP_ALIVE.1))
        .layer(DeadlineLayer)
        .layer(IntakeLayer::new(settings.calls))
        .layer(OversizeLayer)
}

fn reflection<'a>() -> tonic_reflection::server::Builder<'a> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(letopis_proto::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}

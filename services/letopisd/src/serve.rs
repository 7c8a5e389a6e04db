//! Serving a ledger over gRPC until told to stop.

use std::net::SocketAddr;
use std::time::Duration;

use letopis_ledger::{Ledger, LedgerError};
use letopis_service_ledger::{LedgerApi, OversizeLayer};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_health::ServingStatus;

/// How long calls in flight may go on after the server was told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Calls that one connection may have in flight.
const CALLS_PER_CONNECTION: u32 = 128;

/// Flow-control windows: enough for a pipelined import.
const WINDOW_BYTES: u32 = 4 << 20;

/// What the health is told of: the server as a whole, and its service.
const HEALTH_NAMES: [&str; 2] = ["", "letopis.ledger.v1.LedgerService"];

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
    #[error("{address} is not a loopback address: without TLS only 127.0.0.1 or ::1 is served")]
    NotLoopback {
        /// Which address.
        address: SocketAddr,
    },
    /// Not a trial ledger.
    #[error("this is not a trial ledger: before access control exists only a trial is served")]
    NotTrial,
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

/// Listens where a server may.
///
/// # Errors
/// [`ServeError::NotLoopback`], [`ServeError::Listen`].
pub async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    if !address.ip().is_loopback() {
        return Err(ServeError::NotLoopback { address });
    }
    TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, source })
}

/// Serves a ledger until `stop` is done or the ledger fails, and ends it in order.
///
/// # Errors
/// [`ServeError`].
pub async fn serve(
    ledger: Ledger,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    if !ledger.is_trial() {
        return Err(ServeError::NotTrial);
    }
    let (stopping_sender, stopping) = watch::channel(false);
    let (mut health, health_service) = tonic_health::server::health_reporter();
    let service = LedgerApi::new(ledger.clone(), stopping.clone()).into_service();
    for name in HEALTH_NAMES {
        health.set_service_status(name, ServingStatus::Serving).await;
    }

    let watched = ledger.clone();
    let failure = tokio::spawn(async move {
        let failed = tokio::select! {
            () = stop => None,
            why = watched.failed() => Some(why),
        };
        for name in HEALTH_NAMES {
            health.set_service_status(name, ServingStatus::NotServing).await;
            // Ends the streams of those who watch, which would keep the server from ending.
            health.clear_service_status(name).await;
        }
        stopping_sender.send_replace(true);
        failed
    });
    // The builder's own setting does not reach connections that it did not accept itself.
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let mut told = stopping.clone();
    let server = Server::builder()
        .layer(OversizeLayer)
        .max_concurrent_streams(CALLS_PER_CONNECTION)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(4 * WINDOW_BYTES)
        .add_service(service)
        .add_service(health_service)
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?)
        .serve_with_incoming_shutdown(incoming, async move {
            let _ = told.wait_for(|stopping| *stopping).await;
        });
    let mut told = stopping.clone();
    tokio::select! {
        served = server => served?,
        () = async {
            let _ = told.wait_for(|stopping| *stopping).await;
            tokio::time::sleep(GRACE).await;
        } => tracing::warn!("calls in flight were cut off after {} s", GRACE.as_secs()),
    }
    if let Ok(Some(why)) = failure.await {
        return Err(ServeError::Failed(why));
    }
    tokio::task::spawn_blocking(move || ledger.close())
        .await
        .map_err(|_| ServeError::Failed("closing panicked".to_owned()))??;
    Ok(())
}

fn reflection<'a>() -> tonic_reflection::server::Builder<'a> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(letopis_proto::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}

//! Connections: accepted within bounds, encrypted where that is configured, closed when nothing is
//! asked on them.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use letopis_service_rpc::Activity;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, Sleep, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;

/// Connections that are ready before the server takes them.
const READY: usize = 16;

/// After the system refused to accept, so that it is not asked in a circle.
const PAUSE: Duration = Duration::from_millis(100);

/// Bounds on connections.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionBounds {
    /// Open ones. Further ones are closed as soon as they are accepted.
    pub connections_max: usize,
    /// How long the TLS handshake may take.
    pub handshake: Duration,
    /// After this without a call a connection is closed.
    pub idle: Duration,
}

impl Default for ConnectionBounds {
    /// 1,024 connections, 10 s for the handshake, 2 minutes without a call.
    fn default() -> Self {
        Self {
            connections_max: 1024,
            handshake: Duration::from_secs(10),
            idle: Duration::from_secs(120),
        }
    }
}

/// The certificate that new connections are given: replaced while others go on.
pub type Tls = watch::Receiver<Arc<ServerConfig>>;

/// What the server takes its connections from.
pub(crate) type Incoming = ReceiverStream<Result<Connection, Infallible>>;

/// Accepts until nobody takes connections any more. The task ends then, and with it the listener.
pub(crate) fn accept(
    listener: TcpListener,
    tls: Option<Tls>,
    bounds: ConnectionBounds,
) -> (Incoming, JoinHandle<()>) {
    let (ready, incoming) = mpsc::channel(READY);
    let accepting = tokio::spawn(async move {
        let places = Arc::new(Semaphore::new(bounds.connections_max));
        let mut is_full = false;
        loop {
            let stream = tokio::select! {
                accepted = listener.accept() => accepted.map(|(stream, _)| stream),
                () = ready.closed() => return,
            };
            let stream = match stream {
                Ok(stream) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(PAUSE).await;
                    continue;
                }
            };
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                if !is_full {
                    tracing::warn!(connections = bounds.connections_max, "no more are taken");
                }
                is_full = true;
                continue;
            };
            is_full = false;
            let config = tls.as_ref().map(|tls| Arc::clone(&tls.borrow()));
            tokio::spawn(begin(stream, config, place, bounds, ready.clone()));
        }
    });
    (ReceiverStream::new(incoming), accepting)
}

/// The handshake, if there is one; then the connection is handed to the server.
async fn begin(
    stream: TcpStream,
    config: Option<Arc<ServerConfig>>,
    place: OwnedSemaphorePermit,
    bounds: ConnectionBounds,
    ready: mpsc::Sender<Result<Connection, Infallible>>,
) {
    // Without it answers are held back until the caller acknowledges what came before.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let transport = match config {
        None => Transport::Plain(stream),
        Some(config) => {
            let handshake = TlsAcceptor::from(config).accept(stream);
            match timeout(bounds.handshake, handshake).await {
                Ok(Ok(stream)) => Transport::Tls(Box::new(stream)),
                Ok(Err(error)) => return tracing::debug!(%error, "no TLS"),
                Err(_) => return tracing::debug!("no TLS in time"),
            }
        }
    };
    let connection = Connection {
        transport,
        activity: Activity::new(),
        idle: bounds.idle,
        look: Box::pin(sleep(bounds.idle)),
        _place: place,
    };
    // The server goes down.
    let _ = ready.send(Ok(connection)).await;
}

/// An accepted connection, with its place among those that may be open.
pub(crate) struct Connection {
    transport: Transport,
    activity: Arc<Activity>,
    idle: Duration,
    look: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
}

enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// What both kinds of transport are used as.
trait Bytes: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Bytes for T {}

impl Connection {
    fn bytes(&mut self) -> Pin<&mut dyn Bytes> {
        match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream),
            Transport::Tls(stream) => Pin::new(&mut **stream),
        }
    }

    /// Whether nothing was asked for too long; otherwise it looks again in time.
    fn is_idle(&mut self, context: &mut Context<'_>) -> bool {
        while self.look.as_mut().poll(context).is_ready() {
            let now = Instant::now();
            let since = self.activity.idle_since().unwrap_or(now);
            if now >= since + self.idle {
                return true;
            }
            self.look.as_mut().reset(since + self.idle);
        }
        false
    }
}

impl Connected for Connection {
    type ConnectInfo = Arc<Activity>;

    fn connect_info(&self) -> Arc<Activity> {
        Arc::clone(&self.activity)
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match this.bytes().poll_read(context, buffer) {
            // As if the caller had closed it.
            Poll::Pending if this.is_idle(context) => Poll::Ready(Ok(())),
            read => read,
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().bytes().poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().bytes().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().bytes().poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().bytes().poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        match &self.transport {
            Transport::Plain(stream) => stream.is_write_vectored(),
            Transport::Tls(stream) => stream.is_write_vectored(),
        }
    }
}

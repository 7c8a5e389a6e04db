//! How much is on its way to the server at once, over all connections: calls, and the bytes of
//! their messages.
//!
//! The ledger bounds what waits to be sequenced; this bounds what comes before: a message is
//! received only when there is room for all of it, and keeps that room until the call is answered
//! or, in a stream, the ledger has taken it over. Until there is room the transport's flow control
//! holds the caller back.

mod activity;
mod body;
mod room;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Service;
use tonic::codegen::http::{Request, Response};

pub use activity::Activity;
use activity::InFlight;
use body::Measured;
pub use room::Held;
use room::Room;

use crate::status::Told;

/// What may be on its way to the server at once, over all connections.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Calls in flight.
    pub calls_max: usize,
    /// Bytes of their messages; an eighth is for small ones, and the largest fits in only where
    /// [`crate::MESSAGE_BYTES_MAX`] is less than the rest.
    pub request_bytes_max: usize,
    /// How long a message waits for room before its call is told to come again.
    pub wait: Duration,
    /// How long a message may take to come, beside a second for each 64 KiB of it.
    pub receive: Duration,
}

impl Default for Bounds {
    /// 8,192 calls, 256 MiB of messages, 2 s until there is room, 10 s until a message is there.
    fn default() -> Self {
        Self {
            calls_max: 8192,
            request_bytes_max: 256 << 20,
            wait: Duration::from_secs(2),
            receive: Duration::from_secs(10),
        }
    }
}

/// Keeps [`Bounds`].
#[derive(Debug, Clone)]
pub struct IntakeLayer {
    calls: Arc<Semaphore>,
    room: Room,
}

impl IntakeLayer {
    /// For all connections of a server.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self { calls: Arc::new(Semaphore::new(bounds.calls_max)), room: Room::new(bounds) }
    }
}

impl<S> tower_layer::Layer<S> for IntakeLayer {
    type Service = Intake<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Intake { inner, layer: self.clone() }
    }
}

/// See [`IntakeLayer`].
#[derive(Debug, Clone)]
pub struct Intake<S> {
    inner: S,
    layer: IntakeLayer,
}

impl<S> Service<Request<Body>> for Intake<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let Ok(call) = Arc::clone(&self.layer.calls).try_acquire_owned() else {
            return Box::pin(async { Ok(Status::from(Told::overloaded()).into_http()) });
        };
        let activity = request.extensions().get::<Arc<Activity>>().map(Activity::begin);
        let held = Held::default();
        request.extensions_mut().insert(held.clone());
        let room = self.layer.room.clone();
        let request = request.map(|body| Body::new(Measured::new(body, room, held.clone())));
        let answer = self.inner.call(request);
        Box::pin(async move {
            let answer = answer.await?;
            // What a stream has not taken on yet is kept by its own handle.
            drop(held);
            Ok(answer.map(|body| Body::new(Occupied { body, _call: call, _activity: activity })))
        })
    }
}

/// An answer, and the call's place until all of it is out.
struct Occupied {
    body: Body,
    _call: OwnedSemaphorePermit,
    _activity: Option<InFlight>,
}

impl http_body::Body for Occupied {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

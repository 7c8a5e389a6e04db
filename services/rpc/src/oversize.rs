//! A message larger than the server takes, refused with its reason.
//!
//! The transport refuses it before any method sees it, with a status that says so in words only;
//! here it is given the reason that callers are promised.

use std::pin::Pin;
use std::task::{Context, Poll};

use letopis_proto::error::v1::Reason;
use tonic::body::Body;
use tonic::codegen::Service;
use tonic::codegen::http::{Request, Response};
use tonic::{Code, Status};

use crate::status::Told;

/// The words of the transport's status.
const WORDS: &str = "message length too large";

/// Gives the transport's refusal of a message that is too large its reason.
pub fn told(status: Status) -> Status {
    if status.code() == Code::OutOfRange && status.message().contains(WORDS) {
        return Told::new(
            Reason::MessageTooLarge,
            "the message is larger than the server takes: split the act into several events",
        )
        .into();
    }
    status
}

/// Does the same to the answers of unary calls.
#[derive(Debug, Clone, Copy, Default)]
pub struct OversizeLayer;

impl<S> tower_layer::Layer<S> for OversizeLayer {
    type Service = Oversize<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Oversize { inner }
    }
}

/// See [`OversizeLayer`].
#[derive(Debug, Clone)]
pub struct Oversize<S> {
    inner: S,
}

impl<S> Service<Request<Body>> for Oversize<S>
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

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let answer = self.inner.call(request);
        Box::pin(async move {
            let answer = answer.await?;
            match Status::from_header_map(answer.headers()) {
                Some(status) if status.message().contains(WORDS) => Ok(told(status).into_http()),
                _ => Ok(answer),
            }
        })
    }
}

//! A call whose message comes as a test wants it to: as large as there may be without being held
//! anywhere, or slowly, or not at all.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;
use prost::Message;
use tokio::time::{Instant, Sleep, sleep};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Service as _;
use tonic::codegen::http::{self, Request};
use tonic::transport::Channel;

/// Bytes sent at once.
const PIECE: usize = 16 << 10;

/// An AppendRequest whose statement is so many zeros: too large for a statement, so that it is refused
/// once all of it was received.
pub(crate) struct Upload {
    head: Option<Bytes>,
    zeros: usize,
    /// Before each piece.
    pause: Duration,
    next: Pin<Box<Sleep>>,
    /// The message stops here and does not go on.
    stop_after: usize,
}

impl Upload {
    pub(crate) fn of(zeros: usize) -> Self {
        let varint = |mut value: usize| {
            let mut bytes = Vec::new();
            while value > 0x7f {
                bytes.push((value & 0x7f) as u8 | 0x80);
                value >>= 7;
            }
            bytes.push(value as u8);
            bytes
        };
        // AppendRequest.submission and Submission.statement are both field 1.
        let statement = [vec![0x0a], varint(zeros)].concat();
        let submission = [vec![0x0a], varint(statement.len() + zeros), statement].concat();
        Self::beginning_with(&submission, zeros)
    }

    /// This message, in one piece after the pause.
    pub(crate) fn of_message(message: &impl Message) -> Self {
        Self::beginning_with(&message.encode_to_vec(), 0)
    }

    fn beginning_with(message: &[u8], zeros: usize) -> Self {
        let length = (message.len() + zeros) as u32;
        Self {
            head: Some([&[0][..], &length.to_be_bytes(), message].concat().into()),
            zeros,
            pause: Duration::ZERO,
            next: Box::pin(sleep(Duration::ZERO)),
            stop_after: usize::MAX,
        }
    }

    /// A piece of 16 KiB after each pause.
    pub(crate) fn slowly(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self.next = Box::pin(sleep(pause));
        self
    }

    /// Only so much of it, and no end.
    pub(crate) fn stopping_after(mut self, bytes: usize) -> Self {
        self.stop_after = bytes;
        self
    }

    /// Calls Append with it. The status that it is answered with.
    pub(crate) async fn send(self, mut channel: Channel, timeout: Option<&str>) -> Status {
        let mut request = Request::builder()
            .method(http::Method::POST)
            .version(http::Version::HTTP_2)
            .uri("/letopis.ledger.v1.LedgerService/Append")
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        if let Some(timeout) = timeout {
            request = request.header("grpc-timeout", timeout);
        }
        let request = request.body(Body::new(self)).unwrap();
        std::future::poll_fn(|context| channel.poll_ready(context)).await.unwrap();
        let answer = match channel.call(request).await {
            Ok(answer) => answer,
            Err(error) => return Status::from_error(Box::new(error)),
        };
        Status::from_header_map(answer.headers()).expect("refused before anything is answered")
    }
}

impl http_body::Body for Upload {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        static ZEROS: [u8; PIECE] = [0; PIECE];
        if self.stop_after == 0 {
            return Poll::Pending;
        }
        if self.head.is_none() && self.zeros == 0 {
            return Poll::Ready(None);
        }
        ready!(self.next.as_mut().poll(context));
        let next = Instant::now() + self.pause;
        self.next.as_mut().reset(next);
        if let Some(head) = self.head.take() {
            return Poll::Ready(Some(Ok(Frame::data(head))));
        }
        let piece = PIECE.min(self.zeros);
        self.zeros -= piece;
        self.stop_after = self.stop_after.saturating_sub(piece);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&ZEROS[..piece])))))
    }
}

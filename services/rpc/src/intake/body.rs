//! A request's body, of which each message is received only when there is room for it.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep, sleep};
use tonic::Status;
use tonic::body::Body;

use super::room::{Held, Room};
use crate::status::Told;

/// The slowest that a message may come after its first seconds, in bytes a second.
pub(super) const RATE_BYTES: u64 = 64 << 10;

/// Waits for room.
type Waiting = Pin<Box<dyn Future<Output = Option<Vec<OwnedSemaphorePermit>>> + Send>>;

pub(super) struct Measured {
    body: Body,
    framing: Framing,
    room: Room,
    held: Held,
    /// What has come and begins messages for which there is no room yet.
    waiting: Option<(Frame<Bytes>, Waiting)>,
    /// When more must be there. In a stream only for a message that has begun.
    due: Pin<Box<Sleep>>,
}

impl Measured {
    pub(super) fn new(body: Body, room: Room, held: Held) -> Self {
        let due = Box::pin(sleep(room.receive()));
        Self { body, framing: Framing::default(), room, held, waiting: None, due }
    }

    /// Takes note of what has come. The frame, or nothing where it has to wait.
    fn measure(&mut self, frame: Frame<Bytes>) -> Option<Frame<Bytes>> {
        let Some(data) = frame.data_ref() else { return Some(frame) };
        let begun = self.framing.advance(data);
        if !(begun.is_empty() && self.framing.is_within()) {
            let slowest = Duration::from_secs(self.framing.left as u64 / RATE_BYTES);
            self.due.as_mut().reset(Instant::now() + self.room.receive() + slowest);
        }
        if begun.is_empty() {
            return Some(frame);
        }
        if let Some(room) = self.room.try_take(&begun) {
            self.held.put(room);
            return Some(frame);
        }
        self.waiting = Some((frame, Box::pin(self.room.clone().take(begun))));
        None
    }

    /// Nothing has come by now: must it have?
    fn is_overdue(&mut self, context: &mut Context<'_>) -> bool {
        let awaited = self.framing.is_within() || !self.held.is_one_by_one();
        awaited && self.due.as_mut().poll(context).is_ready()
    }
}

impl http_body::Body for Measured {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        loop {
            if let Some((frame, mut waiting)) = this.waiting.take() {
                return match waiting.as_mut().poll(context) {
                    Poll::Ready(Some(room)) => {
                        this.held.put(room);
                        Poll::Ready(Some(Ok(frame)))
                    }
                    Poll::Ready(None) => Poll::Ready(Some(Err(Told::overloaded().into()))),
                    Poll::Pending => {
                        this.waiting = Some((frame, waiting));
                        Poll::Pending
                    }
                };
            }
            match Pin::new(&mut this.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Some(frame) = this.measure(frame) {
                        return Poll::Ready(Some(Ok(frame)));
                    }
                }
                Poll::Ready(end) => return Poll::Ready(end),
                Poll::Pending if this.is_overdue(context) => {
                    return Poll::Ready(Some(Err(Told::too_slow().into())));
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.waiting.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

/// Where one is in a stream of messages, each after a flag and its length: gRPC over HTTP/2,
/// Length-Prefixed-Message.
#[derive(Debug, Default)]
struct Framing {
    /// The length as far as it has come, and how many of the 5 bytes that is.
    length: u32,
    prefix: usize,
    /// What is still to come of the present message.
    left: usize,
}

const PREFIX_BYTES: usize = 5;

impl Framing {
    /// Goes on by what has come; the lengths of the messages that begin there.
    fn advance(&mut self, mut data: &[u8]) -> Vec<usize> {
        let mut begun = Vec::new();
        while let Some((first, rest)) = data.split_first() {
            if self.left > 0 {
                let skipped = self.left.min(data.len());
                self.left -= skipped;
                data = data.get(skipped..).unwrap_or_default();
                continue;
            }
            data = rest;
            self.prefix += 1;
            // The flag is shifted out by the four bytes of the length.
            self.length = self.length << 8 | u32::from(*first);
            if self.prefix == PREFIX_BYTES {
                self.prefix = 0;
                self.left = self.length as usize;
                begun.push(self.left);
            }
        }
        begun
    }

    /// Is there more to come of a message that has begun?
    const fn is_within(&self) -> bool {
        self.left > 0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests may panic")]

    use super::*;

    fn stream(lengths: &[usize]) -> Vec<u8> {
        let message = |length: &usize| {
            let mut bytes = vec![0];
            bytes.extend((*length as u32).to_be_bytes());
            bytes.extend(vec![0xff; *length]);
            bytes
        };
        lengths.iter().flat_map(message).collect()
    }

    /// However it is cut, the same messages begin, each with the last byte of its prefix.
    #[test]
    fn messages_are_found_however_they_are_cut() {
        let lengths = [3, 0, 300, 70_000, 1, 0];
        let bytes = stream(&lengths);
        for size in [1, 2, 3, 5, 7, 64, 1000, 16_384, bytes.len()] {
            let mut framing = Framing::default();
            let begun: Vec<_> =
                bytes.chunks(size).flat_map(|chunk| framing.advance(chunk)).collect();
            assert_eq!(begun, lengths, "in pieces of {size}");
            assert!(!framing.is_within());
        }
        let mut framing = Framing::default();
        assert!(framing.advance(&stream(&[9])[..4]).is_empty());
        assert_eq!(framing.advance(&[9]), [9]);
        assert!(framing.is_within());
    }
}

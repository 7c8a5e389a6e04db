//! Room for messages, and who takes it up.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tonic::codegen::http::Extensions;

use super::Bounds;
use crate::settings::MESSAGE_BYTES_MAX;

/// What a message takes up beside its bytes: what it is decoded into.
const OVERHEAD_BYTES: usize = 256;

/// Messages up to this have room of their own, so that questions never wait behind large appends.
const SMALL_BYTES: usize = 64 << 10;

/// The part of all room that is for small messages: one in so many.
const SMALL_PART: usize = 8;

/// Room for the messages of all connections.
#[derive(Debug, Clone)]
pub(super) struct Room {
    small: Arc<Semaphore>,
    large: Arc<Semaphore>,
    wait: Duration,
    receive: Duration,
}

impl Room {
    pub(super) fn new(bounds: Bounds) -> Self {
        let small = bounds.request_bytes_max / SMALL_PART;
        let pool = |bytes: usize| Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS)));
        Self {
            small: pool(small),
            large: pool(bounds.request_bytes_max - small),
            wait: bounds.wait,
            receive: bounds.receive,
        }
    }

    pub(super) const fn receive(&self) -> Duration {
        self.receive
    }

    /// The pool for a message of this length, and what it takes up there. One that is too large is
    /// refused by its length and never received.
    fn place(&self, length: usize) -> (&Arc<Semaphore>, u32) {
        let received = if length > MESSAGE_BYTES_MAX { 0 } else { length };
        let pool = if received > SMALL_BYTES { &self.large } else { &self.small };
        (pool, u32::try_from(received + OVERHEAD_BYTES).unwrap_or(u32::MAX))
    }

    /// Room for messages of these lengths if it is there.
    pub(super) fn try_take(&self, lengths: &[usize]) -> Option<Vec<OwnedSemaphorePermit>> {
        let take = |length: &usize| {
            let (pool, bytes) = self.place(*length);
            Arc::clone(pool).try_acquire_many_owned(bytes).ok()
        };
        lengths.iter().map(take).collect()
    }

    /// Waits for it, but not for long.
    pub(super) async fn take(self, lengths: Vec<usize>) -> Option<Vec<OwnedSemaphorePermit>> {
        let all = async {
            let mut taken = Vec::with_capacity(lengths.len());
            for length in lengths {
                let (pool, bytes) = self.place(length);
                taken.push(Arc::clone(pool).acquire_many_owned(bytes).await.ok()?);
            }
            Some(taken)
        };
        timeout(self.wait, all).await.ok().flatten()
    }
}

/// The room that the messages of one call take up.
#[derive(Debug, Clone, Default)]
pub struct Held(Arc<Mutex<Messages>>);

#[derive(Debug, Default)]
struct Messages {
    room: VecDeque<OwnedSemaphorePermit>,
    one_by_one: bool,
}

impl Held {
    /// Of a stream whose handler takes the room of each message over as it takes the message.
    /// Otherwise a message makes room when the next one begins.
    pub fn one_by_one(extensions: &Extensions) -> Self {
        let held = extensions.get::<Self>().cloned().unwrap_or_default();
        held.messages().one_by_one = true;
        held
    }

    /// The room of the message that was received next.
    pub fn take(&self) -> Option<OwnedSemaphorePermit> {
        self.messages().room.pop_front()
    }

    pub(super) fn is_one_by_one(&self) -> bool {
        self.messages().one_by_one
    }

    pub(super) fn put(&self, room: Vec<OwnedSemaphorePermit>) {
        let mut messages = self.messages();
        if !messages.one_by_one {
            messages.room.clear();
        }
        messages.room.extend(room);
    }

    fn messages(&self) -> MutexGuard<'_, Messages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
